"""Flightradar24 playback JSON: one flight with its aircraft, airports and track.

`result.response.data.flight` holds `identification` (id, callsign), `aircraft.identification` (modes = the address in
capitals, registration), `airport.origin` and `airport.destination`, and `track`, a list of

    {"latitude": 31.2, "longitude": 35.1, "altitude": {"feet": 34000, ...}, "speed": {"kts": 450, ...},
     "verticalSpeed": {"fpm": 0, ...}, "heading": 14, "timestamp": 1647338400, ...}

Feet, knots and ft/min are read and the other units beside them are not. Estimated points are not marked by the
publisher. The airports are its statement: they go to `listed_flights`, and no leg end is taken from them.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest import json_text
from flighttrace.ingest.listed_flights import listed_flights
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.times import EARLIEST_MS, LATEST_MS

NAME: Final = "fr24-playback-json"
DESCRIPTION: Final = "Flightradar24 playback JSON (result.response.data.flight)"
NETWORK: Final = "Flightradar24"

_PATH: Final = ("result", "response", "data", "flight")
_COLUMNS: Final = ("row", "time", "lat", "lon", "baro_altitude", "ground_speed", "vertical_rate", "true_track")
_NESTED: Final = (("altitude", "feet"), ("speed", "kts"), ("verticalSpeed", "fpm"))


def recognises(content: Content) -> bool:
    """True for an object with the keys `result.response.data.flight`."""
    return json_text.starts_with(content, b"{") and json_text.has_keys(content, _PATH)


def read(content: Content, options: ReadOptions) -> Records:
    """One record a track point; one listed flight where an airport is named."""
    document = json_text.parse(content)
    flight = document
    for key in _PATH:
        flight = flight[key]
    if not isinstance(flight, dict) or not isinstance(flight.get("track"), list):
        raise InputError("the flight has no track", file=content.file, column="track", accepted="a list of points")
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    for row, point in enumerate(flight["track"], start=1):
        if not isinstance(point, dict):
            refused.append(json_text.refuse(content, row, "track", "a track point is not an object", point))
        else:
            nested = [_inside(point, outer, inner) for outer, inner in _NESTED]
            rows.append(
                (
                    row,
                    point.get("timestamp"),
                    point.get("latitude"),
                    point.get("longitude"),
                    *nested,
                    point.get("heading"),
                )
            )
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    identity = {
        "icao24": _text(flight, content, "aircraft", "identification", "modes"),
        "callsign": _text(flight, content, "identification", "callsign"),
        "flight": _flight_id(flight, content),
    }
    for name, value in identity.items():
        frame[name] = pd.Series([value] * len(frame), dtype="str")
    frame, odd = json_text.settle(frame, content)
    simulated = json_text.simulated_mark(document, content)
    return Records(
        frame=frame,
        time_form="epoch_s",
        refused=(*refused, *odd),
        simulated=simulated,
        zero_altitude_means_ground=True,
        listed_flights=_listed(flight, content, frame, {**identity, "simulated": simulated}),
    )


def _inside(point: dict[str, Any], outer: str, inner: str) -> Any:
    holder = point.get(outer)
    return holder.get(inner) if isinstance(holder, dict) else holder


def _text(flight: dict[str, Any], content: Content, *path: str) -> str | None:
    """The text at the path; None where a step is missing or null. A number there raises InputError."""
    value: Any = flight
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if value is not None and not isinstance(value, str):
        raise InputError(f"{'.'.join(path)} is {shown(value)}", file=content.file, accepted="quoted text")
    return value or None


def _flight_id(flight: dict[str, Any], content: Content) -> str | None:
    """The publisher's flight id. A number will do: it names a flight, and is no address that could lose its zeros."""
    value = _inside(flight, "identification", "id")
    return str(value) if type(value) is int else _text(flight, content, "identification", "id")


def _airport(flight: dict[str, Any], content: Content, end: str) -> str | None:
    """The ICAO code of the listed airport, else its IATA code."""
    code = ("airport", end, "code")
    return _text(flight, content, *code, "icao") or _text(flight, content, *code, "iata")


def _listed(
    flight: dict[str, Any], content: Content, frame: pd.DataFrame, identity: dict[str, Any]
) -> pd.DataFrame | None:
    departure, arrival = (_airport(flight, content, end) for end in ("origin", "destination"))
    if departure is None and arrival is None:
        return None
    times_ms = pd.to_numeric(frame["time"], errors="coerce") * 1000.0
    times_ms = times_ms[(times_ms >= EARLIEST_MS) & (times_ms < LATEST_MS)]
    sound = frame["row"][times_ms.index][frame["lat"].notna() & frame["lon"].notna()]
    row = {
        **identity,
        "row": int(sound.iloc[0]) if len(sound) else 1,  # a quarantined point would take the listing along
        "flight": None,  # set for flight-list rows with end positions only
        "registration": _text(flight, content, "aircraft", "identification", "registration"),
        "typecode": _text(flight, content, "aircraft", "model", "code"),
        "first_seen_ms": float(times_ms.min()) if len(times_ms) else None,
        "last_seen_ms": float(times_ms.max()) if len(times_ms) else None,
        "departure": departure,
        "arrival": arrival,
    }
    return listed_flights([row])
