"""The readers, one module a format. READERS is explicit: a new reader is added here and in no other place."""

from __future__ import annotations

from typing import Final

from flighttrace.ingest.readers import (
    fr24_api_json,
    fr24_playback,
    geojson_points,
    kml_fr24,
    kml_gxtrack,
    kml_placemarks,
    mapped_csv,
    opensky_flights_json,
    opensky_states_csv,
    opensky_states_json,
    opensky_states_parquet,
    opensky_tracks_json,
    readsb_trace,
    traffic_json,
    traffic_parquet,
)
from flighttrace.ingest.records import Reader

READERS: Final[tuple[Reader, ...]] = (
    fr24_api_json,
    fr24_playback,
    geojson_points,
    kml_fr24,
    kml_gxtrack,
    kml_placemarks,
    opensky_flights_json,
    opensky_states_csv,
    opensky_states_parquet,
    opensky_states_json,
    opensky_states_parquet,
    opensky_tracks_json,
    readsb_trace,
    traffic_json,
    traffic_parquet,
    mapped_csv,
)
