"""One flight in two files counts once, where an address cannot tell whether they are one or two.

Tracks of one address are one track already. A track without an address of its own (none, `~`, a special one, one that
the user declared) beside another of the same ends and the same hours is taken for the same flight, unless their own
positions stand far apart at the same moments. This errs towards too few flights, never towards too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from flighttrace.geodesy import distance_km
from flighttrace.match.legs import end_time
from flighttrace.match.model import GRADES, Flight, at_least
from flighttrace.weigh.identity import address_is_known
from flighttrace.weigh.matching import Match
from flighttrace.weigh.witnesses import is_disputed

SAME_MOMENT_S: Final = 60.0
"""Fixes of two tracks this near in time are held against each other."""
APART_KM: Final = 50.0
"""Three minutes of cruise: beyond what clocks that differ and SAME_MOMENT_S make of one aircraft."""
LEAST_MOMENTS: Final = 3
"""With fewer common moments the positions do not tell two aircraft apart."""


def folded(matches: Sequence[Match]) -> list[Match]:
    """The matches with each flight once; what was folded into a match stands in its `folded`. Same order."""
    groups: list[list[Match]] = []
    for match in sorted(matches, key=_rank_to_lead):
        known = address_is_known(match.flight)
        home = next((g for g in groups if all(_one_flight(match, m) for m in g)), None)
        if home is None or (known and any(address_is_known(m.flight) for m in home)):
            groups.append([match])
        else:
            home.append(match)
    return sorted((_led(group) for group in groups), key=lambda m: (m.time_utc, m.flight.flight_id, m.id))


def told_apart(matches: Sequence[Match]) -> list[Match]:
    """Those that no other of them can be: every one with an address, and further ones that overlap none of these."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: not address_is_known(m.flight)):
        if address_is_known(match.flight) or not any(may_be_one(match.flight, k.flight) for k in kept):
            kept.append(match)
    return kept


def may_be_one(one: Flight, two: Flight) -> bool:
    """True where the flights share some time and no positions that tell them apart; addresses are not asked."""
    (a_from, a_to), (b_from, b_to) = _hours(one), _hours(two)
    return a_from <= b_to and b_from <= a_to and not heard_apart(one, two)


def heard_apart(one: Flight, two: Flight) -> bool:
    """True where at the same moments the two tracks stand mostly more than APART_KM from each other."""
    if not len(one.track) or not len(two.track):
        return False
    (t1, lat1, lon1), (t2, lat2, lon2) = _fixes(one), _fixes(two)
    if not len(t1) or not len(t2):
        return False
    after = np.clip(np.searchsorted(t1, t2), 0, len(t1) - 1)
    before = np.clip(after - 1, 0, None)
    nearest = np.where(np.abs(t1[before] - t2) <= np.abs(t1[after] - t2), before, after)
    common = np.abs(t1[nearest] - t2) <= SAME_MOMENT_S
    if int(common.sum()) < LEAST_MOMENTS:
        return False
    at = nearest[common]
    return float(np.median(distance_km(lat1[at], lon1[at], lat2[common], lon2[common]))) > APART_KM


def _fixes(flight: Flight) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds, latitude and longitude of the believed positions, those of flight lists left out; in time order."""
    rows = flight.track
    rows = rows[rows["rejected_because"].isna() & rows["listed_flight"].isna()].sort_values("time_utc", kind="stable")
    seconds = rows["time_utc"].astype("int64").to_numpy() / 1000.0
    return seconds, rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()


def _hours(flight: Flight) -> tuple[datetime, datetime]:
    return (
        min(flight.first_seen_utc, end_time(flight.departure)),
        max(flight.last_seen_utc, end_time(flight.arrival)),
    )


def _one_flight(one: Match, two: Match) -> bool:
    """The same named fields (an end whose field is unknown fits any), the same way, the same hours."""
    a, b = one.flight, two.flight
    for kind in ("departure", "arrival"):
        fields = {end.airport for end in (a.end(kind), b.end(kind)) if end.airport is not None}
        if len(fields) > 1:
            return False
    return may_be_one(a, b)


def _rank_to_lead(match: Match) -> tuple[object, ...]:
    """Who speaks for a group: a match that can be strong, then one with an address, then the better grade.

    So a poor track with an address does not weaken a good one without, nor lend it its name.
    """
    good = at_least(match.grade, "B") and not is_disputed(match.flight) and not match.outside
    known = address_is_known(match.flight)
    return (not good, not known, GRADES.index(match.grade), match.time_utc, match.flight.flight_id, match.id)


def _led(group: Sequence[Match]) -> Match:
    """The first of the group with the others folded in; a good one's witnesses stand beside its own."""
    first, *rest = group
    if not rest:
        return first
    lent = [
        witness
        for match in rest
        if at_least(match.grade, "B") and not is_disputed(match.flight) and not match.outside
        for witness in match.witnesses
    ]
    return replace(first, witnesses=(*first.witnesses, *lent), folded=tuple(rest))
