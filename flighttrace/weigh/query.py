"""A question by date, places, airframe and grade: which flights, which legs.

    query = Query(from_day=date(2023, 9, 1), to_day=date(2023, 9, 19), tz="Asia/Jerusalem")
    legs, one_ended = select_legs(flights, case, airfields, query)

Days are inclusive, in UTC unless `tz` names a zone. A flight appears as one leg at most: of the case's routes that it
fits, in both directions, the one with the best grade, then the first in the case's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flighttrace.errors import UsageError, shown
from flighttrace.language import Text
from flighttrace.match.legs import Window, find_legs, in_window, place_grade
from flighttrace.match.model import GRADES, EndKind, Flight, Grade, Leg, OneEnded, Place, at_least
from flighttrace.match.places import Airfields
from flighttrace.weigh.model import Case

MOST_NAMED: Final = 12
"""Fields of a place that names them one by one."""


@dataclass(frozen=True)
class Query:
    """What is asked. None means: not limited."""

    from_day: date | None = None
    to_day: date | None = None
    tz: str = "UTC"
    window: Window = "either"
    origin: str | None = None
    destination: str | None = None
    icao24: tuple[str, ...] = ()
    """Addresses as six hex digits, capitals and a leading 0x allowed; UsageError for anything else."""
    callsign: tuple[str, ...] = ()
    min_grade: Grade | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "icao24", tuple(address(text) for text in self.icao24))

    @property
    def start_utc(self) -> datetime | None:
        """Midnight at the start of `from_day` in `tz`, as UTC."""
        return None if self.from_day is None else midnight_utc(self.from_day, self.tz)

    @property
    def end_utc(self) -> datetime | None:
        """Midnight at the end of `to_day` in `tz`, as UTC; the moment itself is excluded."""
        return None if self.to_day is None else midnight_utc(self.to_day + timedelta(days=1), self.tz)

    def as_facts(self) -> dict[str, object]:
        """The query as plain data, echoed in outputs."""
        return {
            "from": None if self.from_day is None else self.from_day.isoformat(),
            "to": None if self.to_day is None else self.to_day.isoformat(),
            "tz": self.tz,
            "start_utc": self.start_utc,
            "end_utc": self.end_utc,
            "window": self.window,
            "origin": self.origin,
            "destination": self.destination,
            "icao24": list(self.icao24),
            "callsign": list(self.callsign),
            "min_grade": self.min_grade,
        }


def address(text: str) -> str:
    """Six lower-case hex digits, with or without a leading ~. UsageError for all else."""
    digits = text.strip().lower().removeprefix("0x")
    if not re.fullmatch(r"~?[0-9a-f]{6}", digits):
        raise UsageError(f"{shown(text)!r} is not an address (accepted: six hex digits, such as 600865)")
    return digits


def midnight_utc(day: date, tz: str) -> datetime:
    """The first moment of a local day, as UTC. UsageError for an unknown zone."""
    try:
        zone = ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"no time zone is called {shown(tz)!r} (accepted: IANA names such as Asia/Jerusalem)"
        ) from error
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def place_named(name: str, places: Mapping[str, Place], airfields: Airfields) -> Place:
    """A place of the case, else the single airfield of that code. UsageError, with the places, where it is neither."""
    if name in places:
        return places[name]
    if name in airfields:
        field = airfields.get(name)
        return Place(name=field.airport, title=Text(field.name, field.name), airports=(field.airport,))
    known = ", ".join(sorted(places)) or "none without --case"
    raise UsageError(f"no place or airfield is called {shown(name)!r} (places: {known}; or an ICAO code such as UBBB)")


def named_fields(places: Iterable[Place]) -> list[str]:
    """The fields that these places name one by one, sorted: `find_flights` weighs them at every end in reach of them.

    Places of many fields (a country, a radius) name none of them.
    """
    few = [place for place in places if place.radius_km is None and len(place.airports) <= MOST_NAMED]
    return sorted({airport for place in few for airport in place.airports})


def routes_of(case: Case, airfields: Airfields, query: Query) -> list[tuple[Place, Place]]:
    """Pairs of origin and destination: the named ones, or the case's routes in both directions."""
    if query.origin is not None and query.destination is not None:
        named = (place_named(name, case.places, airfields) for name in (query.origin, query.destination))
        return [(next(named), next(named))]
    pairs: list[tuple[Place, Place]] = []
    for a, b in case.routes:
        pairs += [(case.places[a], case.places[b]), (case.places[b], case.places[a])]
    if query.origin is not None:
        origin = place_named(query.origin, case.places, airfields)
        others = dict.fromkeys(p.name for pair in pairs for p in pair if p.name != origin.name)
        return [(origin, case.places[name]) for name in others]
    if query.destination is not None:
        destination = place_named(query.destination, case.places, airfields)
        others = dict.fromkeys(p.name for pair in pairs for p in pair if p.name != destination.name)
        return [(case.places[name], destination) for name in others]
    return pairs


def select_legs(
    flights: Sequence[Flight], case: Case, airfields: Airfields, query: Query
) -> tuple[list[Leg], list[OneEnded]]:
    """The legs of the query and the one-ended sightings, each flight once, in time order."""
    chosen = [f for f in flights if _airframe_asked(f, query)]
    legs: dict[str, Leg] = {}
    sightings: dict[str, OneEnded] = {}
    for origin, destination in routes_of(case, airfields, query):
        found, ended = find_legs(
            chosen,
            origin,
            destination,
            airfields,
            start_utc=query.start_utc,
            end_utc=query.end_utc,
            window=query.window,
        )
        for leg in found:
            held = legs.get(leg.flight.flight_id)
            if held is None or _rank(leg) < _rank(held):
                legs[leg.flight.flight_id] = leg
        for one in ended:
            seen = sightings.get(one.flight.flight_id)
            if seen is None or GRADES.index(one.place_grade) < GRADES.index(seen.place_grade):
                sightings[one.flight.flight_id] = one
    floor = query.min_grade or "D"
    kept = [leg for leg in legs.values() if at_least(leg.grade, floor)]
    ended = [s for key, s in sightings.items() if key not in legs and at_least(s.place_grade, floor)]
    return (
        sorted(kept, key=lambda leg: (leg.flight.first_seen_utc, leg.leg_id)),
        sorted(ended, key=lambda s: (s.flight.first_seen_utc, s.flight.flight_id)),
    )


def _rank(leg: Leg) -> tuple[bool, int]:
    return (leg.possible, GRADES.index(leg.grade))


def select_flights(
    flights: Sequence[Flight], airfields: Airfields, query: Query, *, places: Mapping[str, Place] | None = None
) -> list[Flight]:
    """The flights heard at any moment of the days asked for (with window departure or arrival: whose end of that kind
    lies in them) that meet every other condition of the query.

    `min_grade` asks for that grade at the end (or ends) named by origin and destination, at both where none is named.
    """
    ends: list[tuple[EndKind, Place]] = []
    if query.origin is not None:
        ends.append(("departure", place_named(query.origin, places or {}, airfields)))
    if query.destination is not None:
        ends.append(("arrival", place_named(query.destination, places or {}, airfields)))
    return [
        f
        for f in flights
        if _overlaps(f, query) and _airframe_asked(f, query) and _ends_asked(f, ends, airfields, query)
    ]


def _overlaps(flight: Flight, query: Query) -> bool:
    start, end = query.start_utc, query.end_utc
    if query.window != "either":
        return in_window(flight, start_utc=start, end_utc=end, window=query.window)
    return (start is None or flight.last_seen_utc >= start) and (end is None or flight.first_seen_utc < end)


def _airframe_asked(flight: Flight, query: Query) -> bool:
    addresses = set(query.icao24)
    signs = {c.upper() for c in query.callsign}
    return (not addresses or flight.icao24 in addresses) and (
        not signs or bool(signs & {c.upper() for c in flight.callsigns})
    )


def _ends_asked(flight: Flight, ends: Sequence[tuple[EndKind, Place]], airfields: Airfields, query: Query) -> bool:
    floor = query.min_grade
    if not ends:
        return floor is None or (at_least(flight.departure.grade, floor) and at_least(flight.arrival.grade, floor))
    for kind, place in ends:
        grade, probability, _ = place_grade(flight.end(kind), place, airfields)
        if probability < 0.05 or grade == "X" or not at_least(grade, floor or "D"):
            return False
    return True
