"""Which flights match a claim: places, direction and window, and nothing else.

A claim of landings (or take-offs) needs that end only, so flights from anywhere match. Possible legs and ends never
match; they are listed. Flights at rival fields, within RIVAL_KM of a field of the place, are listed beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flighttrace.language import Text
from flighttrace.match.legs import LEAST_PROBABILITY, end_time, find_legs, place_grade, witnesses_of
from flighttrace.match.model import EndKind, Flight, Grade, Leg, OneEnded, Place, Witness, worse
from flighttrace.match.places import Airfields
from flighttrace.weigh.expects import FlightSpec, WindowEnd
from flighttrace.weigh.windows import Window

RIVAL_KM: Final = 40.0
"""Fields this near are easily taken for each other where the low part of a track is missing (DESIGN: weighing)."""


@dataclass(frozen=True)
class Match:
    """One flight that fits a claim's places, direction and window; or, in another list, that only possibly does."""

    flight: Flight
    ends: tuple[tuple[EndKind, Grade], ...]
    """The ends that the claim needs, each with its place grade."""
    witnesses: tuple[Witness, ...]
    time_utc: datetime
    """The end that lies in the window: the departure where both do."""
    in_window_surely: bool
    """False where the end's estimated time lies in the window but its earliest or latest time does not."""
    reverse: bool = False
    """A leg against the direction that the claim names first."""
    leg: Leg | None = None
    sighting: OneEnded | None = None

    @property
    def grade(self) -> Grade:
        grades = [grade for _, grade in self.ends]
        return grades[0] if len(grades) == 1 else worse(grades[0], grades[1])

    @property
    def id(self) -> str:
        return self.leg.leg_id if self.leg is not None else self.flight.flight_id


@dataclass(frozen=True)
class Sought:
    """A claim's flights under one reading, the places resolved."""

    event: str
    origin: Place | None
    destination: Place | None
    either_direction: bool
    note: Text | None

    @property
    def title(self) -> Text:
        """What is counted, in words: "landings at Ovda"."""
        if self.origin is None:
            assert self.destination is not None
            name = self.destination.title
            return Text(f"landings at {name.en}", f"عمليات هبوط في {name.ar}")
        if self.destination is None:
            return Text(f"take-offs from {self.origin.title.en}", f"عمليات إقلاع من {self.origin.title.ar}")
        a, b = self.origin.title, self.destination.title
        if self.either_direction:
            return Text(f"legs between {a.en} and {b.en}", f"سيقان بين {a.ar} و{b.ar}")
        return Text(f"legs from {a.en} to {b.en}", f"سيقان من {a.ar} إلى {b.ar}")


def resolve(spec: FlightSpec, values: Mapping[str, str], places: Mapping[str, Place]) -> Sought:
    """The flights meant under a reading's values: an axis name stands for the reading's place."""

    def place(name: str | None) -> Place | None:
        return None if name is None else places[values.get(name, name)]

    return Sought(spec.event, place(spec.origin), place(spec.destination), spec.either_direction, spec.note)


class Sightings:
    """The flights, asked for legs and ends by place; every answer is worked out once."""

    def __init__(self, flights: Sequence[Flight], airfields: Airfields) -> None:
        self.flights = tuple(sorted(flights, key=lambda f: (f.first_seen_utc, f.track_key, f.flight_id)))
        self.airfields = airfields
        self._at: dict[tuple[EndKind, Place], tuple[OneEnded, ...]] = {}
        self._legs: dict[tuple[Place, Place], tuple[Leg, ...]] = {}
        self._rivals: dict[Place, Place] = {}
        self._by_candidate: dict[tuple[EndKind, str], list[Flight]] = {}
        for flight in self.flights:
            kinds: tuple[EndKind, EndKind] = ("departure", "arrival")
            for kind in kinds:
                for name in {c.airport for c in flight.end(kind).candidates if c.airport is not None}:
                    self._by_candidate.setdefault((kind, name), []).append(flight)

    def at(self, place: Place, kind: EndKind) -> tuple[OneEnded, ...]:
        """Every flight that ends (begins) in the place or possibly does, wherever its other end is."""
        if (kind, place) not in self._at:
            found = []
            for flight in self._near(place, kind):
                grade, probability, possible = place_grade(flight.end(kind), place, self.airfields)
                if probability >= LEAST_PROBABILITY and grade != "X":
                    origin, destination = (place, None) if kind == "departure" else (None, place)
                    witnesses = witnesses_of(flight, origin, destination, self.airfields)
                    found.append(OneEnded(flight, place.name, kind, grade, possible, witnesses))
            self._at[kind, place] = tuple(found)
        return self._at[kind, place]

    def legs(self, origin: Place, destination: Place) -> tuple[Leg, ...]:
        """Every leg from one place to the other, at any time."""
        if (origin, destination) not in self._legs:
            leaving = {flight.flight_id for flight in self._near(origin, "departure")}
            both = [flight for flight in self._near(destination, "arrival") if flight.flight_id in leaving]
            self._legs[origin, destination] = tuple(find_legs(both, origin, destination, self.airfields)[0])
        return self._legs[origin, destination]

    def rivals_of(self, place: Place) -> Place:
        """The fields within RIVAL_KM of a field of the place that are not in it."""
        if place not in self._rivals:
            own = set(place.airports)
            near = {
                field.airport
                for name in place.airports
                for field in self.airfields.within(
                    self.airfields.get(name).lat_deg, self.airfields.get(name).lon_deg, RIVAL_KM
                )
            }
            title = Text(f"fields near {place.title.en}", f"مطارات قرب {place.title.ar}")
            self._rivals[place] = Place(f"{place.name}:rivals", title, tuple(sorted(near - own)))
        return self._rivals[place]

    def _near(self, place: Place, kind: EndKind) -> list[Flight]:
        """Flights with any field of the place among that end's candidates, in the order of `flights`."""
        found = {f.flight_id: f for name in place.airports for f in self._by_candidate.get((kind, name), ())}
        return sorted(found.values(), key=lambda f: (f.first_seen_utc, f.track_key, f.flight_id))


def find_matches(
    sought: Sought, sightings: Sightings, window: Window | None, *, round_trip: bool = False
) -> tuple[list[Match], list[Match]]:
    """Matches and, apart, possible ones, both in time order. `window` None: at any time."""
    found: list[tuple[Match, bool]] = []
    if sought.origin is not None and sought.destination is not None:
        by: WindowEnd = "either" if window is None or window.by is None else window.by
        directions = [(sought.origin, sought.destination, False)]
        if sought.either_direction or round_trip:
            directions.append((sought.destination, sought.origin, True))
        for origin, destination, reverse in directions:
            for leg in sightings.legs(origin, destination):
                match = _leg_match(leg, window, by, reverse=reverse)
                if match is not None:
                    found.append((match, leg.possible))
    else:
        kind: EndKind = "arrival" if sought.origin is None else "departure"
        place = sought.destination or sought.origin
        assert place is not None
        for sighting in sightings.at(place, kind):
            held = _held(sighting.flight, window, kind)
            if held is not None:
                ends = ((kind, sighting.place_grade),)
                match = Match(sighting.flight, ends, sighting.witnesses, held[0], held[1], sighting=sighting)
                found.append((match, sighting.possible))
    found.sort(key=lambda pair: (pair[0].time_utc, pair[0].flight.flight_id, pair[0].id))
    return [m for m, possible in found if not possible], [m for m, possible in found if possible]


def _leg_match(leg: Leg, window: Window | None, by: WindowEnd, *, reverse: bool) -> Match | None:
    held = _held(leg.flight, window, by)
    if held is None:
        return None
    ends: tuple[tuple[EndKind, Grade], ...] = (
        ("departure", leg.departure_place_grade),
        ("arrival", leg.arrival_place_grade),
    )
    return Match(leg.flight, ends, leg.witnesses, held[0], held[1], reverse=reverse, leg=leg)


def _held(flight: Flight, window: Window | None, by: WindowEnd) -> tuple[datetime, bool] | None:
    """The time of the end that lies in the window, and whether all of its range does; None where no end does."""
    kinds: list[EndKind] = ["departure", "arrival"] if by == "either" else [by]
    if window is None:
        return end_time(flight.end(kinds[0])), True
    inside = [kind for kind in kinds if window.holds(end_time(flight.end(kind)))]
    if not inside:
        return None
    sure = any(_range_inside(flight, kind, window) for kind in inside)
    return end_time(flight.end(inside[0])), sure


def _range_inside(flight: Flight, kind: EndKind, window: Window) -> bool:
    end = flight.end(kind)
    if end.time_utc is None:
        return False
    earliest, latest = end.not_before_utc or end.time_utc, end.not_after_utc or end.time_utc
    return window.from_utc <= earliest and latest < window.to_utc


def find_rivals(sought: Sought, sightings: Sightings, window: Window) -> list[OneEnded]:
    """Flights in the window with an end at a rival field that a claim could be confused with, in time order.

    For a landing: landings at rival fields. For a leg: flights whose ends are each in the place, at a rival field or
    unknown, one of them at least at a rival field.
    """
    if sought.origin is None or sought.destination is None:
        kind: EndKind = "arrival" if sought.origin is None else "departure"
        place = sought.destination or sought.origin
        assert place is not None
        found = [s for s in _sure(sightings, sightings.rivals_of(place), kind) if _held(s.flight, window, kind)]
    else:
        pairs = [(sought.origin, sought.destination)]
        if sought.either_direction:
            pairs.append((sought.destination, sought.origin))
        found = [
            sighting
            for origin, destination in pairs
            for sighting in _rival_legs(origin, destination, sightings)
            if _held(sighting.flight, window, window.by or "either")
        ]
    unique = {s.flight.flight_id: s for s in reversed(found)}
    return sorted(unique.values(), key=lambda s: (end_time(s.flight.end(s.kind)), s.flight.flight_id))


def _sure(sightings: Sightings, place: Place, kind: EndKind) -> list[OneEnded]:
    return [s for s in sightings.at(place, kind) if not s.possible]


def _rival_legs(origin: Place, destination: Place, sightings: Sightings) -> list[OneEnded]:
    leaving = _sure(sightings, sightings.rivals_of(origin), "departure")
    landing = _sure(sightings, sightings.rivals_of(destination), "arrival")
    out = {s.flight.flight_id for s in (*leaving, *_sure(sightings, origin, "departure"))}
    into = {s.flight.flight_id for s in (*landing, *_sure(sightings, destination, "arrival"))}

    def fits(end: EndKind, ids: set[str]) -> Callable[[OneEnded], bool]:
        return lambda s: s.flight.flight_id in ids or s.flight.end(end).airport is None

    return [s for s in leaving if fits("arrival", into)(s)] + [s for s in landing if fits("departure", out)(s)]
