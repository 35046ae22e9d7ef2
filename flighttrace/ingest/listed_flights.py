"""Rows of the small `listed_flights` table: what a file states of departures and arrivals, gathered by its reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from flighttrace.positions import LISTED_FLIGHT_DTYPES


def listed_flights(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows with the columns and dtypes of LISTED_FLIGHT_DTYPES but `source_id`.

    `first_seen_ms` and `last_seen_ms` are milliseconds since 1970 UTC, or None. Addresses and call signs are
    normalised as in positions: lower case, trimmed, blanks missing. `row` is the record's number.
    """
    frame = pd.DataFrame(
        {
            "icao24": [_text(row.get("icao24"), lower=True) for row in rows],
            "callsign": [_text(row.get("callsign")) for row in rows],
            "registration": [_text(row.get("registration")) for row in rows],
            "typecode": [_text(row.get("typecode")) for row in rows],
            "first_seen_utc": _moments([row.get("first_seen_ms") for row in rows]),
            "last_seen_utc": _moments([row.get("last_seen_ms") for row in rows]),
            "listed_departure": [_text(row.get("departure")) for row in rows],
            "listed_arrival": [_text(row.get("arrival")) for row in rows],
            "listed_flight": [_text(row.get("flight")) for row in rows],
            "simulated": [bool(row.get("simulated", False)) for row in rows],
            "source_row": [int(row["row"]) for row in rows],
        }
    )
    return frame.astype({name: dtype for name, dtype in LISTED_FLIGHT_DTYPES.items() if name != "source_id"})


def _text(value: object, *, lower: bool = False) -> str | None:
    """Trimmed text, None where there is none or only placeholders (`@` is a character not set)."""
    if not isinstance(value, str) or not value.strip().strip("@"):
        return None
    return value.strip().lower() if lower else value.strip()


def _moments(values: Sequence[float | None]) -> pd.Series[Any]:
    return pd.to_datetime(pd.Series(list(values), dtype="Float64"), unit="ms", utc=True).astype("datetime64[ms, UTC]")
