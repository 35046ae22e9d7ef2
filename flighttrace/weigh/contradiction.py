"""Whether an airframe that a claim names was heard where the claimed flight cannot fit. Never by absence.

Between two accepted positions an airframe can have been at a place only if there was time to fly there and back.
Where no such time is left anywhere in the window, the claimed landing, take-off or leg did not fit. Before the first
and after the last position everything fits; so does every gap that is long enough. What a flight list states of its
ends is no position that was heard; and simulated positions contradict nothing where real ones are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from flighttrace.geodesy import distance_km
from flighttrace.match.model import EndKind, Flight, Place
from flighttrace.match.places import Airfields
from flighttrace.weigh.identity import address_is_its_own
from flighttrace.weigh.matching import Sought
from flighttrace.weigh.windows import Window
from flighttrace.weigh.witnesses import is_disputed

FASTEST_KM_H: Final = 1300.0
"""Faster than any transport over ground, jet stream included: 700 kt. Errs towards "it fits"."""
AT_PLACE_KM: Final = 15.0
"""Nearer than this to a field counts as being there."""
LONGEST_LEG: Final = timedelta(hours=24)
"""The other end of a leg lies within this of the end that the window binds."""

Fix = tuple[datetime, float, float]


def cannot_fit(
    airframe: str,
    sought: Sought,
    window: Window,
    flights: Sequence[Flight],
    airfields: Airfields,
    *,
    simulated_count: bool = True,
) -> bool:
    """True where the airframe's own positions leave no room for any flight as sought in the window.

    `simulated_count` False: simulated positions are left out, because real ones are among the inputs.
    """
    fixes = _fixes(airframe, flights, simulated_count=simulated_count)
    if not any(window.holds(time) for time, _, _ in fixes):
        return False  # not heard in the window at all: that is absence
    for origin, destination in _directions(sought):
        ends: list[tuple[Place | None, EndKind]] = [(origin, "departure"), (destination, "arrival")]
        needed = [(place, *_span(sought, window, kind)) for place, kind in ends if place is not None]
        if all(_fits(place, start, end, fixes, airfields) for place, start, end in needed):
            return False
    return True


def _directions(sought: Sought) -> list[tuple[Place | None, Place | None]]:
    pairs = [(sought.origin, sought.destination)]
    if sought.either_direction:
        pairs.append((sought.destination, sought.origin))
    return pairs


def _span(sought: Sought, window: Window, kind: EndKind) -> tuple[datetime, datetime]:
    """When that end may have been: the window, widened by a leg's length where the window binds the other end."""
    by = window.by or ("either" if sought.event == "leg" else kind)
    start, end = window.from_utc, window.to_utc
    if sought.event == "leg" and by != kind:
        return (start - LONGEST_LEG, end) if kind == "departure" else (start, end + LONGEST_LEG)
    return start, end


def _fixes(airframe: str, flights: Iterable[Flight], *, simulated_count: bool) -> list[Fix]:
    """Accepted, undisputed positions of the airframe, in time order; none where only the user names the address."""
    found: list[Fix] = []
    for flight in flights:
        if flight.icao24 != airframe or not address_is_its_own(flight) or is_disputed(flight) or not len(flight.track):
            continue
        rows = flight.track[flight.track["rejected_because"].isna() & flight.track["listed_flight"].isna()]
        if not simulated_count:
            rows = rows[~rows["simulated"]]
        times = [time.to_pydatetime() for time in rows["time_utc"]]
        found += zip(times, rows["lat_deg"].tolist(), rows["lon_deg"].tolist(), strict=True)
    return sorted(set(found))


def _fits(place: Place, start: datetime, end: datetime, fixes: Sequence[Fix], airfields: Airfields) -> bool:
    """True where the airframe can have been at the place at some instant of [start, end)."""
    return _fits_outside(place, start, end, fixes, airfields) or _fits_between(place, start, end, fixes, airfields)


def _fits_outside(place: Place, start: datetime, end: datetime, fixes: Sequence[Fix], airfields: Airfields) -> bool:
    """Before the first or after the last position only the nearer fix sets a limit."""
    first_needs, last_needs = _time_away(place, [fixes[0], fixes[-1]], airfields)
    return start <= fixes[0][0] - first_needs or fixes[-1][0] + last_needs < end


def _fits_between(place: Place, start: datetime, end: datetime, fixes: Sequence[Fix], airfields: Airfields) -> bool:
    away = _time_away(place, fixes, airfields)
    for (one, before), (two, after) in pairwise(zip(fixes, away, strict=True)):
        earliest, latest = max(one[0] + before, start), min(two[0] - after, end)
        if earliest <= latest and earliest < end:
            return True
    return any(need == timedelta(0) and start <= fix[0] < end for fix, need in zip(fixes, away, strict=True))


def _time_away(place: Place, fixes: Sequence[Fix], airfields: Airfields) -> list[timedelta]:
    """The least time from each fix to the nearest field of the place, at FASTEST_KM_H."""
    lat, lon = np.array([fix[1] for fix in fixes]), np.array([fix[2] for fix in fixes])
    nearest = np.full(len(fixes), np.inf)
    for name in place.airports:
        field = airfields.get(name)
        nearest = np.minimum(nearest, distance_km(lat, lon, field.lat_deg, field.lon_deg))
    hours = np.clip(nearest - AT_PLACE_KM, 0.0, None) / FASTEST_KM_H
    return [timedelta(hours=float(hour)) for hour in hours]
