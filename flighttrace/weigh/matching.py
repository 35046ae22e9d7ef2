"""Which flights match a claim: places, direction and window, and nothing else.

A claim of landings (or take-offs) needs that end only, so flights from anywhere match. Possible legs and ends never
match; they are listed. Flights at rival fields, within RIVAL_KM of a field of the place, are listed beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from flighttrace.language import Text
from flighttrace.match.legs import end_time, find_legs, grade_in, sighting_of
from flighttrace.match.model import EndKind, Flight, Grade, Leg, OneEnded, Place, Witness, worse
from flighttrace.match.places import Airfields
from flighttrace.weigh.expects import FlightSpec, WindowEnd
from flighttrace.weigh.windows import Window

RIVAL_KM: Final = 40.0
"""Fields this near are easily taken for each other where the low part of a track is missing (DESIGN: weighing)."""
LONGEST_FLIGHT: Final = timedelta(hours=12)
"""How long after (before) the end that was heard the unknown end of a leg may lie. Errs towards "possible"."""
OTHER_END_UNKNOWN: Final = Text(
    "one end is in the place, the other is not known", "أحد الطرفين في المكان والآخر غير معروف"
)
MAYBE_IN_WINDOW: Final = Text(
    "its estimated time lies outside the window, its bounds reach into it",
    "وقتها المقدّر خارج الفترة وحدود هذا الوقت تمتد إلى داخلها",
)
PLACE_OPEN: Final = Text("the place is not the first answer by the data", "المكان ليس الجواب الأول بحسب البيانات")


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
    """False where the end's earliest or latest time lies outside the window."""
    reverse: bool = False
    """A leg against the direction that the claim names first."""
    leg: Leg | None = None
    sighting: OneEnded | None = None
    sought: Sought | None = None
    """Which of the claim's alternatives it fits."""
    outside: tuple[tuple[str, Text], ...] = ()
    """Ends whose named field is not in the place that the claim needs there: that field, and the place's title."""
    why_possible: Text | None = None
    folded: tuple[Match, ...] = ()
    """Tracks without an address of their own that are taken for the same flight (`weigh.folding`)."""

    @property
    def flights(self) -> tuple[Flight, ...]:
        """The flight, and what was folded into it."""
        return (self.flight, *(match.flight for match in self.folded))

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
        return Text(f"{self._noun}s {self._where.en}", f"{self._nouns_ar} {self._where.ar}")

    def numbered(self, number: int) -> Text:
        """The number with its name: "1 landing at Ovda"."""
        noun = self._noun if number == 1 else f"{self._noun}s"
        first, _, rest = self._nouns_ar.partition(" ")
        definite = f"عدد {first} ال{rest}" if rest else f"عدد ال{first}"
        return Text(f"{number} {noun} {self._where.en}", f"{definite} {self._where.ar}: {number}")

    @property
    def _noun(self) -> str:
        return "landing" if self.origin is None else "take-off" if self.destination is None else "leg"

    @property
    def _nouns_ar(self) -> str:
        return {"landing": "عمليات هبوط", "take-off": "عمليات إقلاع", "leg": "رحلات"}[self._noun]

    @property
    def _where(self) -> Text:
        if self.origin is None:
            assert self.destination is not None
            return Text(f"at {self.destination.title.en}", f"في {self.destination.title.ar}")
        a = self.origin.title
        if self.destination is None:
            return Text(f"from {a.en}", f"من {a.ar}")
        b = self.destination.title
        if self.either_direction:
            return Text(f"between {a.en} and {b.en}", f"بين {a.ar} و{b.ar}")
        return Text(f"from {a.en} to {b.en}", f"من {a.ar} إلى {b.ar}")

    def directions(self, *, both: bool = False) -> list[tuple[Place, Place, bool]]:
        """The ways of a leg that count: origin, destination, whether against the way named first."""
        if self.origin is None or self.destination is None:
            return []
        ways = [(self.origin, self.destination, False)]
        if self.either_direction or both:
            ways.append((self.destination, self.origin, True))
        return ways


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
        self._grades: dict[tuple[str, EndKind, Place], tuple[Grade, bool] | None] = {}
        self._by_candidate: dict[tuple[EndKind, str], list[Flight]] = {}
        for flight in self.flights:
            kinds: tuple[EndKind, EndKind] = ("departure", "arrival")
            for kind in kinds:
                for name in {c.airport for c in flight.end(kind).candidates if c.airport is not None}:
                    self._by_candidate.setdefault((kind, name), []).append(flight)

    def at(self, place: Place, kind: EndKind) -> tuple[OneEnded, ...]:
        """Every flight that ends (begins) in the place or possibly does, wherever its other end is."""
        if (kind, place) not in self._at:
            graded = ((flight, self._graded(flight, kind, place)) for flight in self._near(place, kind))
            self._at[kind, place] = tuple(
                sighting_of(flight, place, kind, grade, self.airfields) for flight, grade in graded if grade is not None
            )
        return self._at[kind, place]

    def legs(self, origin: Place, destination: Place) -> tuple[Leg, ...]:
        """Every leg from one place to the other, at any time."""
        if (origin, destination) not in self._legs:
            leaving = {flight.flight_id for flight in self._near(origin, "departure")}
            both = [flight for flight in self._near(destination, "arrival") if flight.flight_id in leaving]
            found, _ = find_legs(both, origin, destination, self.airfields, graded=self._graded)
            self._legs[origin, destination] = tuple(found)
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

    def _graded(self, flight: Flight, kind: EndKind, place: Place) -> tuple[Grade, bool] | None:
        key = (flight.flight_id, kind, place)
        if key not in self._grades:
            self._grades[key] = grade_in(flight, kind, place, self.airfields)
        return self._grades[key]

    def _near(self, place: Place, kind: EndKind) -> list[Flight]:
        """Flights with any field of the place among that end's candidates, in the order of `flights`."""
        found = {f.flight_id: f for name in place.airports for f in self._by_candidate.get((kind, name), ())}
        return sorted(found.values(), key=lambda f: (f.first_seen_utc, f.track_key, f.flight_id))


@dataclass(frozen=True)
class _Held:
    """How a flight lies to a window: when, whether by its estimated time, whether by all of the time's bounds."""

    time_utc: datetime
    inside: bool
    surely: bool


def find_matches(
    sought: Sought, sightings: Sightings, window: Window | None, *, round_trip: bool = False
) -> tuple[list[Match], list[Match]]:
    """Matches and, apart, possible ones, both in time order. `window` None: at any time."""
    found: list[Match] = []
    if sought.origin is not None and sought.destination is not None:
        by: WindowEnd = "either" if window is None or window.by is None else window.by
        for origin, destination, reverse in sought.directions(both=round_trip):
            for leg in sightings.legs(origin, destination):
                match = _leg_match(leg, sought, window, by, reverse=reverse)
                if match is not None:
                    found.append(match)
            if window is not None:
                found += _half_heard(sought, origin, destination, sightings, window, by, reverse=reverse)
    else:
        kind: EndKind = "arrival" if sought.origin is None else "departure"
        place = sought.destination or sought.origin
        assert place is not None
        for sighting in sightings.at(place, kind):
            held = _held(sighting.flight, window, kind)
            if held is not None:
                found.append(_sighted(sighting, sought, place, held))
    found.sort(key=lambda m: (m.time_utc, m.flight.flight_id, m.id))
    return [m for m in found if m.why_possible is None], [m for m in found if m.why_possible is not None]


def _leg_match(leg: Leg, sought: Sought, window: Window | None, by: WindowEnd, *, reverse: bool) -> Match | None:
    held = _held(leg.flight, window, by)
    if held is None:
        return None
    places = (sought.destination, sought.origin) if reverse else (sought.origin, sought.destination)
    assert places[0] is not None
    assert places[1] is not None
    return Match(
        leg.flight,
        (("departure", leg.departure_place_grade), ("arrival", leg.arrival_place_grade)),
        leg.witnesses,
        held.time_utc,
        held.surely,
        reverse=reverse,
        leg=leg,
        sought=sought,
        outside=(*_outside(leg.flight, "departure", places[0]), *_outside(leg.flight, "arrival", places[1])),
        why_possible=_why_possible(held, possible=leg.possible),
    )


def _sighted(sighting: OneEnded, sought: Sought, place: Place, held: _Held) -> Match:
    return Match(
        sighting.flight,
        ((sighting.kind, sighting.place_grade),),
        sighting.witnesses,
        held.time_utc,
        held.surely,
        sighting=sighting,
        sought=sought,
        outside=_outside(sighting.flight, sighting.kind, place),
        why_possible=_why_possible(held, possible=sighting.possible),
    )


def _half_heard(
    sought: Sought,
    origin: Place,
    destination: Place,
    sightings: Sightings,
    window: Window,
    by: WindowEnd,
    *,
    reverse: bool,
) -> list[Match]:
    """Flights with one end of the leg in its place, the other unknown, that may have been such a leg in the window."""
    known_legs = {leg.flight.flight_id for leg in sightings.legs(origin, destination)}
    found = []
    ends: tuple[tuple[EndKind, Place, EndKind], ...] = (
        ("departure", origin, "arrival"),
        ("arrival", destination, "departure"),
    )
    for kind, place, other in ends:
        for sighting in sightings.at(place, kind):
            flight = sighting.flight
            if sighting.possible or flight.flight_id in known_legs or flight.end(other).airport is not None:
                continue
            heard = end_time(flight.end(kind))
            spans = {kind: _bounds(flight, kind)}
            spans[other] = (
                (flight.last_seen_utc, heard + LONGEST_FLIGHT)
                if other == "arrival"
                else (heard - LONGEST_FLIGHT, flight.first_seen_utc)
            )
            if any(_touches(*spans[k], window) for k in _kinds(by)):
                match = _sighted(sighting, sought, place, _Held(heard, inside=True, surely=False))
                found.append(replace(match, reverse=reverse, why_possible=OTHER_END_UNKNOWN))
    return found


def _why_possible(held: _Held, *, possible: bool) -> Text | None:
    if possible:
        return PLACE_OPEN
    return None if held.inside else MAYBE_IN_WINDOW


def _outside(flight: Flight, kind: EndKind, place: Place) -> tuple[tuple[str, Text], ...]:
    named = flight.end(kind).airport
    return () if named is None or named in place.airports else ((named, place.title),)


def _kinds(by: WindowEnd) -> list[EndKind]:
    return ["departure", "arrival"] if by == "either" else [by]


def _held(flight: Flight, window: Window | None, by: WindowEnd) -> _Held | None:
    """The end that lies in the window, else one whose bounds reach into it; None where neither is so."""
    kinds = _kinds(by)
    if window is None:
        return _Held(end_time(flight.end(kinds[0])), inside=True, surely=True)
    inside = [kind for kind in kinds if window.holds(end_time(flight.end(kind)))]
    if inside:
        sure = any(_range_inside(flight, kind, window) for kind in inside)
        return _Held(end_time(flight.end(inside[0])), inside=True, surely=sure)
    near = [kind for kind in kinds if _touches(*_bounds(flight, kind), window)]
    return _Held(end_time(flight.end(near[0])), inside=False, surely=False) if near else None


def _inside(flight: Flight, window: Window, by: WindowEnd) -> bool:
    held = _held(flight, window, by)
    return held is not None and held.inside


def _bounds(flight: Flight, kind: EndKind) -> tuple[datetime, datetime]:
    end = flight.end(kind)
    return end.not_before_utc or end_time(end), end.not_after_utc or end_time(end)


def _touches(earliest: datetime, latest: datetime, window: Window) -> bool:
    return earliest < window.to_utc and latest >= window.from_utc


def _range_inside(flight: Flight, kind: EndKind, window: Window) -> bool:
    if flight.end(kind).time_utc is None:
        return False
    earliest, latest = _bounds(flight, kind)
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
        found = [s for s in _sure(sightings, sightings.rivals_of(place), kind) if _inside(s.flight, window, kind)]
    else:
        found = [
            sighting
            for origin, destination, _ in sought.directions()
            for sighting in _rival_legs(origin, destination, sightings)
            if _inside(sighting.flight, window, window.by or "either")
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
