"""Flightradar24 API `flight-tracks` JSON.

    [{"fr24_id": "39aaaaaa", "tracks": [{"timestamp": "2022-03-15T10:00:00Z", "lat": 31.2, "lon": 35.1, "alt": 34000,
      "gspeed": 450, "vspeed": 0, "track": 14, "squawk": "1234", "callsign": "TST123", "source": "ADSB"}]}]

Feet, knots, ft/min. There is no address: `fr24_id` names the flight, and an identity has to be declared. A list has no
top-level keys, so the mark `"simulated": true` stands beside `fr24_id`, and holds for that flight's points.
Source: fr24api.flightradar24.com, "Flight tracks".
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.ingest import json_text
from flighttrace.ingest.fr24_words import position_source
from flighttrace.ingest.records import Content, ReadOptions, Records

NAME: Final = "fr24-api-json"
DESCRIPTION: Final = "Flightradar24 API flight-tracks JSON (a list of objects with fr24_id and tracks)"
NETWORK: Final = "Flightradar24"

FIELDS: Final = {
    "timestamp": "time",
    "lat": "lat",
    "lon": "lon",
    "alt": "baro_altitude",
    "gspeed": "ground_speed",
    "vspeed": "vertical_rate",
    "track": "true_track",
    "callsign": "callsign",
}


def recognises(content: Content) -> bool:
    """True for a list whose objects have the keys `fr24_id` and `tracks`."""
    return json_text.starts_with(content, b"[") and json_text.has_keys(
        content, (json_text.ANY_INDEX, "fr24_id"), (json_text.ANY_INDEX, "tracks")
    )


def read(content: Content, options: ReadOptions) -> Records:
    """One record a point, numbered through all flights of the file."""
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    row = 0
    for flight in json_text.parse(content):
        points = flight.get("tracks") if isinstance(flight, dict) else None
        if not isinstance(points, list) or not isinstance(flight.get("fr24_id"), str):
            row += 1
            reason = "a flight without fr24_id (text) and tracks (a list)"
            refused.append(json_text.refuse(content, row, "tracks", reason, flight))
            continue
        simulated = json_text.simulated_mark(flight, content)
        for point in points:
            row += 1
            if not isinstance(point, dict):
                refused.append(json_text.refuse(content, row, "tracks", "a track point is not an object", point))
                continue
            values = [point.get(name) for name in FIELDS]
            rows.append((row, flight["fr24_id"], simulated, position_source(point.get("source")), *values))
    columns = ["row", "flight", "simulated", "position_source", *FIELDS.values()]
    frame, odd = json_text.settle(pd.DataFrame(rows, columns=columns), content)
    return Records(frame=frame, time_form="iso", refused=(*refused, *odd), zero_altitude_means_ground=True)
