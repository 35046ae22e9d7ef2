"""Which tracks a case needs: the days of its claims' windows, its airframes, and the fields of its routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flighttrace.weigh.model import Case
from flighttrace.weigh.windows import Window, window_of

LONGEST_DAYS: Final = 92
"""A longer window ("two years", "since 2016") is not brought unasked: of a source with 2 GB a day it is a terabyte."""
_ICAO: Final = re.compile(r"[A-Z]{4}")


@dataclass(frozen=True)
class TracksWanted:
    """Plain values. `days` are UTC days, ascending; `left_out` names the claims whose windows are too long."""

    days: tuple[date, ...]
    icao24: tuple[str, ...]
    airports: tuple[str, ...]
    """ICAO codes: fields without one are asked of no source."""
    left_out: tuple[str, ...]
    fields_left_out: tuple[str, ...] = ()
    """Names of the routes' fields without an ICAO code."""
    places_left_out: tuple[str, ...] = ()
    """Places of the case that are on no route: their fields are not asked for."""


def tracks_wanted(case: Case) -> TracksWanted:
    """What the case's claims ask for under all their readings, windows of up to LONGEST_DAYS."""
    days: set[date] = set()
    left_out: dict[str, None] = {}
    for claim in case.claims:
        if claim.expects is None or claim.expects.window is None:
            continue
        for reading in case.readings.get(claim.article, ()):
            window = window_of(claim.expects.window, reading, case.timezone)
            if window is None:
                continue
            if (window.until - window.first).days > LONGEST_DAYS:
                left_out[claim.id] = None
            else:
                days |= set(_utc_days(window))
    places = dict.fromkeys(name for route in case.routes for name in route)
    fields = {airport for name in places for airport in case.places[name].airports if _ICAO.fullmatch(airport)}
    icao24 = tuple(sorted(airframe.icao24 for airframe in case.airframes))
    uncoded = {airport for name in places for airport in case.places[name].airports} - fields
    return TracksWanted(
        tuple(sorted(days)),
        icao24,
        tuple(sorted(fields)),
        tuple(left_out),
        tuple(sorted(uncoded)),
        tuple(sorted(set(case.places) - set(places))),
    )


def _utc_days(window: Window) -> list[date]:
    first, last = window.from_utc.date(), (window.to_utc - timedelta(microseconds=1)).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
