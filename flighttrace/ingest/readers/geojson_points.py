"""GeoJSON points as the pyfr24 library writes them from Flightradar24's API.

    {"type": "FeatureCollection", "features": [{"type": "Feature",
      "geometry": {"type": "Point", "coordinates": [35.1177, 31.2045]},
      "properties": {"timestamp": "2022-03-15T10:00:00Z", "lat": 31.2045, "lon": 35.1177, "alt": 34000, "gspeed": 450,
                     "vspeed": 0, "track": 14, "squawk": "1234", "callsign": "TST123", "source": "ADSB"}}]}

GeoJSON has longitude first. Where the properties repeat the position and disagree with the geometry, nobody can say
which one is meant: the record is refused. There is no address and no flight id; feet, knots, ft/min. Only this set of
properties is recognised: another GeoJSON with times may be in any unit.
Source: stiles/pyfr24; RFC 7946, section 3.1.1 (order of coordinates).
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest import json_text
from flighttrace.ingest.fr24_words import position_source
from flighttrace.ingest.records import Content, ReadOptions, Records

NAME: Final = "fr24-pyfr24-geojson"
DESCRIPTION: Final = "GeoJSON points with pyfr24's properties (timestamp, gspeed, vspeed, callsign, source)"
NETWORK: Final = "Flightradar24"

FIELDS: Final = {
    "timestamp": "time",
    "alt": "baro_altitude",
    "gspeed": "ground_speed",
    "vspeed": "vertical_rate",
    "track": "true_track",
    "callsign": "callsign",
}
SAME_POSITION_DEG: Final = 1e-6
"""Two writings of one position agree to 0.1 m; the library copies the same number."""

_PROPERTIES: Final = ("features", json_text.ANY_INDEX, "properties")
_MARKS: Final = tuple((*_PROPERTIES, name) for name in ("timestamp", "gspeed", "vspeed", "callsign", "source"))


def recognises(content: Content) -> bool:
    """True for an object with `features` whose properties have pyfr24's names."""
    return json_text.starts_with(content, b"{") and json_text.has_keys(content, *_MARKS)


def read(content: Content, options: ReadOptions) -> Records:
    """One record a feature."""
    document = json_text.parse(content)
    features = document["features"]
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise InputError(
            f"type is {shown(document.get('type'))}", file=content.file, column="type", accepted="a FeatureCollection"
        )
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    for row, feature in enumerate(features, start=1):
        fault = _fault(feature)
        if fault is not None:
            refused.append(json_text.refuse(content, row, *fault))
            continue
        longitude, latitude = feature["geometry"]["coordinates"][:2]
        properties = feature["properties"]
        values = [properties.get(name) for name in FIELDS]
        rows.append((row, latitude, longitude, position_source(properties.get("source")), *values))
    columns = ["row", "lat", "lon", "position_source", *FIELDS.values()]
    frame, odd = json_text.settle(pd.DataFrame(rows, columns=columns), content)
    return Records(
        frame=frame,
        time_form="iso",
        refused=(*refused, *odd),
        simulated=json_text.simulated_mark(document, content),
        zero_altitude_means_ground=True,
    )


def _fault(feature: Any) -> tuple[str, str, object] | None:
    """Column, reason and value where the feature is no point with one position."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return "properties", "a feature without properties", feature
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return "geometry", "the geometry is not a Point", geometry
    coordinates = geometry.get("coordinates")
    if (
        not isinstance(coordinates, list)
        or len(coordinates) not in (2, 3)
        or not all(json_text.is_number(value) for value in coordinates[:2])
    ):
        return "coordinates", "the coordinates are not two or three numbers", coordinates
    for name, index in (("lon", 0), ("lat", 1)):
        stated = feature["properties"].get(name)
        if stated is None:
            continue
        if not json_text.is_number(stated) or abs(stated - coordinates[index]) > SAME_POSITION_DEG:
            return name, f"the property {name} disagrees with the geometry ({coordinates[index]})", stated
    return None
