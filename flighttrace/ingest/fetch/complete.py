"""Whether what was taken in is all that the source's file should hold: a cut one otherwise reads as "no flights"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.fetch import adsblol, opensky_rest, opensky_states, readsb
from flighttrace.ingest.fetch.model import Wanted

_GROUPS: Final = f"of {adsblol.TRACE_FOLDERS} address groups"
"""In the flag that reading gives a tar with fewer trace folders (`ingest/reading.py`)."""
_ICAO24: Final = re.compile(r"(?:^track|_trace_full)_(~?[0-9a-f]{6})")
_MS_PER_HOUR: Final = 3_600_000


def faults(files: Sequence[Wanted], entry: Entry) -> list[str]:
    """What the entry made from these files lacks, in words; none where nothing is known to be missing."""
    first = files[0]
    if first.source == adsblol.KEY:
        return _of_day(first, entry)
    if first.source == opensky_states.KEY:
        return _of_hour(first, entry)
    if first.source in (readsb.KEY, opensky_rest.TRACKS):
        return _of_airframe(first, entry)
    return []


def _of_day(wanted: Wanted, entry: Entry) -> list[str]:
    found = [f"holds {flag}: tracks of the rest are missing" for flag in entry.accounting.flags if _GROUPS in flag]
    if str(wanted.day) not in entry.days:
        found.append(f"holds no position of {wanted.day}")
    return found


def _of_airframe(wanted: Wanted, entry: Entry) -> list[str]:
    """One airframe's track of one day: of another day, or another airframe, it answers nothing that was asked."""
    named = _ICAO24.search(wanted.name)
    found = [] if str(wanted.day) in entry.days else [f"holds no position of {wanted.day}"]
    if named is not None and any({file.first_key, file.last_key} != {named[1]} for file in entry.positions):
        found.append(f"holds positions of another airframe than {named[1]}")
    return found


def _of_hour(wanted: Wanted, entry: Entry) -> list[str]:
    start_ms = opensky_states.hour_of(wanted.name) * _MS_PER_HOUR
    heard = entry.first_ms is not None and entry.last_ms is not None
    if heard and entry.first_ms < start_ms + _MS_PER_HOUR and entry.last_ms >= start_ms:  # type: ignore[operator]
        return []
    return ["holds no position of the hour that it is named after"]
