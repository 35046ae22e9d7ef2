"""Whether what was taken in is all that the source's file should hold: a cut one otherwise reads as "no flights"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.fetch import adsblol, opensky_states
from flighttrace.ingest.fetch.model import Wanted

_GROUPS: Final = f"of {adsblol.TRACE_FOLDERS} address groups"
"""In the flag that reading gives a tar with fewer trace folders (`ingest/reading.py`)."""
_MS_PER_HOUR: Final = 3_600_000


def faults(files: Sequence[Wanted], entry: Entry) -> list[str]:
    """What the entry made from these files lacks, in words; none where nothing is known to be missing."""
    first = files[0]
    if first.source == adsblol.KEY:
        return _of_day(first, entry)
    if first.source == opensky_states.KEY:
        return _of_hour(first, entry)
    return []


def _of_day(wanted: Wanted, entry: Entry) -> list[str]:
    found = [f"holds {flag}: tracks of the rest are missing" for flag in entry.accounting.flags if _GROUPS in flag]
    if str(wanted.day) not in entry.days:
        found.append(f"holds no position of {wanted.day}")
    return found


def _of_hour(wanted: Wanted, entry: Entry) -> list[str]:
    start_ms = opensky_states.hour_of(wanted.name) * _MS_PER_HOUR
    heard = entry.first_ms is not None and entry.last_ms is not None
    if heard and entry.first_ms < start_ms + _MS_PER_HOUR and entry.last_ms >= start_ms:  # type: ignore[operator]
        return []
    return ["holds no position of the hour that it is named after"]
