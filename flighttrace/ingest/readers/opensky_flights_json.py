"""OpenSky REST `/flights/*`: flights with estimated airports, and no positions at all.

    [{"icao24": "600bff", "firstSeen": 1647336400, "estDepartureAirport": null, "lastSeen": 1647343400,
      "estArrivalAirport": "LCLK", "callsign": "TST123  ", ...}]

Every object is a record without position; what it states goes to `listed_flights`. The airports are OpenSky's
estimates and are shown beside ours, never taken as an observation. A list has no top-level keys, so the mark
`"simulated": true` stands in the object.
Source: openskynetwork.github.io/opensky-api, REST API, "Flights in Time Interval".
"""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError
from flighttrace.ingest import json_text
from flighttrace.ingest.listed_flights import listed_flights
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.times import EARLIEST_MS, LATEST_MS

NAME: Final = "opensky-flights-json"
DESCRIPTION: Final = "OpenSky REST /flights JSON (a list of objects with icao24 and firstSeen; no positions)"
NETWORK: Final = "OpenSky"

WITHOUT_POSITION: Final = "a listed flight: no positions in this format"

_ADDRESS: Final = re.compile(r"~?[0-9a-fA-F]{6}")
_COLUMNS: Final = ("row", "time", "icao24", "callsign", "lat", "lon", "simulated", "no_position")


def recognises(content: Content) -> bool:
    """True for a list whose objects have the keys `icao24` and `firstSeen`."""
    return json_text.starts_with(content, b"[") and json_text.has_keys(
        content, (json_text.ANY_INDEX, "icao24"), (json_text.ANY_INDEX, "firstSeen")
    )


def read(content: Content, options: ReadOptions) -> Records:
    """One record an object, none of them with a position; `listed_flights` holds what they state."""
    rows: list[tuple[Any, ...]] = []
    listed: list[dict[str, Any]] = []
    refused: list[Quarantined] = []
    flights = json_text.parse(content)
    _refuse_milliseconds(flights, content)
    for row, flight in enumerate(flights, start=1):
        fault = _fault(flight)
        if fault is not None:
            refused.append(json_text.refuse(content, row, *fault))
            continue
        simulated = json_text.simulated_mark(flight, content)
        rows.append(
            (
                row,
                flight["firstSeen"],
                flight["icao24"],
                flight.get("callsign"),
                None,
                None,
                simulated,
                WITHOUT_POSITION,
            )
        )
        listed.append(
            {
                "row": row,
                "icao24": flight["icao24"],
                "callsign": flight.get("callsign"),
                "first_seen_ms": _ms(flight["firstSeen"]),
                "last_seen_ms": _ms(flight.get("lastSeen")),
                "departure": flight.get("estDepartureAirport"),
                "arrival": flight.get("estArrivalAirport"),
                "simulated": simulated,
            }
        )
    return Records(
        frame=pd.DataFrame(rows, columns=list(_COLUMNS)),
        time_form="epoch_s",
        icao24_required=True,
        refused=refused,
        listed_flights=listed_flights(listed),
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000.0


def _refuse_milliseconds(flights: list[Any], content: Content) -> None:
    """Raise where every first time of the file would be a date only in milliseconds."""
    firsts = [flight.get("firstSeen") for flight in flights if isinstance(flight, dict)]
    if firsts and all(json_text.is_number(first) and first * 1000.0 >= LATEST_MS for first in firsts):
        raise InputError(
            f"firstSeen is {firsts[0]}: not seconds",
            file=content.file,
            column="firstSeen",
            accepted="seconds since 1970-01-01 UTC",
        )


def _fault(flight: Any) -> tuple[str, str, object] | None:
    """Column, reason and value where the object is no flight."""
    if not isinstance(flight, dict):
        return "", "a flight is not an object", flight
    icao24 = flight.get("icao24")
    if not isinstance(icao24, str) or not _ADDRESS.fullmatch(icao24.strip()):
        return "icao24", "address is not six hex digits", icao24
    for key, required in (("firstSeen", True), ("lastSeen", False)):
        value = flight.get(key)
        if not (json_text.is_number(value) or (value is None and not required)):
            return key, "not a time", value
        if value is not None and not EARLIEST_MS <= value * 1000.0 < LATEST_MS:
            return key, "time outside 2000-2099", value
    for key in ("callsign", "estDepartureAirport", "estArrivalAirport"):
        if not isinstance(flight.get(key), str | None):
            return key, "not text", flight[key]
    return None
