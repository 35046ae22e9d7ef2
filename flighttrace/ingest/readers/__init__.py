"""The readers, one module a format. READERS is explicit: a new reader is added here and in no other place."""

from __future__ import annotations

from typing import Final

from flighttrace.ingest.readers import (
    fr24_api_csv,
    fr24_api_json,
    fr24_archive_csv,
    fr24_granular_csv,
    fr24_playback,
    fr24_web_csv,
    geojson_points,
    kml_fr24,
    kml_gxtrack,
    kml_placemarks,
    mapped_csv,
    opensky_flightlist_csv,
    opensky_flights_json,
    opensky_states_csv,
    opensky_states_json,
    opensky_states_parquet,
    opensky_tracks_json,
    readsb_trace,
    sbs_basestation,
    traffic_csv,
    traffic_json,
    traffic_parquet,
)
from flighttrace.ingest.records import Reader

READERS: Final[tuple[Reader, ...]] = (
    opensky_states_csv,
    opensky_states_parquet,
    opensky_states_json,
    opensky_flightlist_csv,
    opensky_tracks_json,
    opensky_flights_json,
    readsb_trace,
    fr24_web_csv,
    fr24_granular_csv,
    fr24_archive_csv,
    fr24_api_csv,
    fr24_api_json,
    fr24_playback,
    kml_fr24,
    kml_gxtrack,
    kml_placemarks,
    geojson_points,
    sbs_basestation,
    traffic_csv,
    traffic_json,
    traffic_parquet,
    mapped_csv,
)
