"""The legs as a page numbers them: one entry a flight, whichever pairs of places it joins.

A flight from Ovda to Ganja may be a leg of several routes of a case; it is still one flight, gets one number, and is
counted once. `#leg-<n>` in the page, "leg n" in the text and `maps/leg-<n>-<8 hex>.png` are the same n.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flighttrace.match.model import GRADES, Airfield, Flight, Grade, Leg
from flighttrace.report.findings import flight_order, leg_order
from flighttrace.weigh.model import Case


class AirfieldBook(Protocol):
    """Airfields by name: `match.places.Airfields`, or a mapping."""

    def __contains__(self, name: object, /) -> bool: ...

    def get(self, name: str, /) -> Airfield | None: ...


@dataclass(frozen=True)
class Entry:
    """One numbered flight and the legs that it is. `possible` where none of them is more than possible."""

    number: int
    flight: Flight
    legs: tuple[Leg, ...]
    claims: tuple[str, ...]

    @property
    def possible(self) -> bool:
        return all(leg.possible for leg in self.legs)

    @property
    def grade(self) -> Grade:
        """The best grade of its legs, the merely possible left out where there is another."""
        kept = [leg.grade for leg in self.legs if leg.possible == self.possible]
        return min(kept, key=GRADES.index)

    @property
    def main(self) -> Leg:
        """The leg that stands for it in lists: the first of its best grade."""
        return next(leg for leg in self.legs if leg.possible == self.possible and leg.grade == self.grade)

    @property
    def map_name(self) -> str:
        """`leg-<n>-<8 hex>`: of a digest, so that no text from an input comes into a path."""
        return f"leg-{self.number}-{hashlib.sha256(self.main.leg_id.encode()).hexdigest()[:8]}"


def number_legs(legs: Sequence[Leg], claims_of: Mapping[str, Sequence[str]], case: Case) -> tuple[Entry, ...]:
    """The flights in order of time, numbered from 1; the possible ones after all others."""
    by_flight: dict[str, list[Leg]] = {}
    for leg in sorted(legs, key=lambda leg: (*leg_order(leg), route_rank(leg, case))):
        by_flight.setdefault(leg.flight.flight_id, []).append(leg)
    groups = sorted(
        by_flight.values(), key=lambda group: (all(leg.possible for leg in group), flight_order(group[0].flight))
    )
    return tuple(
        Entry(
            number,
            group[0].flight,
            tuple(sorted(group, key=lambda leg: (route_rank(leg, case), leg.leg_id))),
            tuple(sorted({c for leg in group for c in claims_of.get(leg.leg_id, ())})),
        )
        for number, group in enumerate(groups, start=1)
    )


def route_rank(leg: Leg, case: Case) -> int:
    """Where the leg's pair stands among the case's routes: outward before return, unlisted pairs last."""
    pair = (leg.origin_place, leg.destination_place)
    for n, (origin, destination) in enumerate(case.routes):
        if pair == (origin, destination):
            return 2 * n
        if pair == (destination, origin):
            return 2 * n + 1
    return 2 * len(case.routes)


def outward(leg: Leg, case: Case) -> bool:
    """True where the leg flies a route as the case writes it, False on the way back.

    A pair that is no route goes by its ends: from where routes begin, or to where they end, is outward.
    """
    rank = route_rank(leg, case)
    if rank < 2 * len(case.routes):
        return rank % 2 == 0
    begins, ends = {a for a, _ in case.routes}, {b for _, b in case.routes}
    away = leg.origin_place in begins or leg.destination_place in ends
    return away or not (leg.origin_place in ends or leg.destination_place in begins)
