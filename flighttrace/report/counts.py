"""The numbers that every output names the same way: legs by who asked for them, airframes by address.

A leg is counted as a flight: one that joins two pairs of places is one. Airframes are counted by their address alone:
a track without one may be any aircraft, so such legs are counted beside the airframes and never as airframes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flighttrace.match.model import Flight, Leg
from flighttrace.positions import DECLARED
from flighttrace.weigh.identity import address_is_known

Routes = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class LegCounts:
    """Flights that are legs: on the routes asked, between places that only claims ask for, and merely possible."""

    on_routes: int
    for_claims: int
    possible: int

    @property
    def legs(self) -> int:
        """All that are more than possible."""
        return self.on_routes + self.for_claims


@dataclass(frozen=True)
class AirframeCounts:
    """Distinct addresses of aircraft, those that only the user declared, and the flights that have neither."""

    by_address: int
    declared: int
    without_address: int


def count_legs(legs: Iterable[Leg], routes: Routes | None = None) -> LegCounts:
    """The legs counted; without `routes` every pair of places counts as asked."""
    asked = None if routes is None else {frozenset(route) for route in routes}
    legs = list(legs)
    sure = {leg.flight.flight_id for leg in legs if not leg.possible}
    on_routes = {
        leg.flight.flight_id
        for leg in legs
        if not leg.possible and (asked is None or frozenset((leg.origin_place, leg.destination_place)) in asked)
    }
    possible = {leg.flight.flight_id for leg in legs} - sure
    return LegCounts(len(on_routes), len(sure - on_routes), len(possible))


def count_airframes(flights: Iterable[Flight]) -> AirframeCounts:
    """The airframes of the flights; a flight given twice counts once."""
    unique = {f.flight_id: f for f in flights}.values()
    known = {f.icao24 for f in unique if address_is_known(f)}
    declared = [f for f in unique if not address_is_known(f) and f.identity == DECLARED and f.icao24]
    without = sum(not address_is_known(f) for f in unique) - len(declared)
    return AirframeCounts(len(known), len({f.icao24 for f in declared} - known), without)
