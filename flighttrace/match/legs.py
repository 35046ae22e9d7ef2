"""Flights + places + window → legs, and the sightings of one end.

A flight is a leg of a query when at both ends the place, all its open fields together, has `probability_flat` of at
least 0.05. Each end has a place grade; where the place is not the likeliest answer at an end, the leg is at most D
and called possible. Which field inside the place it was is reported apart, by the end's own estimate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Literal

from flighttrace.match.between import probable
from flighttrace.match.endpoints import estimate_end, grade_of
from flighttrace.match.flights import track_end
from flighttrace.match.model import (
    EndKind,
    EndpointEstimate,
    Flight,
    Grade,
    Leg,
    OneEnded,
    Place,
    Witness,
)
from flighttrace.match.places import Airfields

Window = Literal["departure", "arrival", "either"]
Graded = Callable[[Flight, EndKind, Place], tuple[Grade, bool] | None]
"""What `grade_in` says of a flight's end of that kind."""


def open_fields(place: Place, airfields: Airfields, day: date) -> frozenset[str]:
    """Names of the place's fields that were in use on that day."""
    return airfields.open_among(place.airports, day)


def place_grade(
    estimate: EndpointEstimate, place: Place, airfields: Airfields, day: date | None = None
) -> tuple[Grade, float, bool]:
    """The grade of "this end is in the place", the place's `probability_flat`, and whether it is only possible.

    `day` is the UTC day of the end's fix unless given. Possible: another single field, or UNKNOWN, is likelier by
    `probability_flat` than the place with all its fields; the grade is then D, and X where no field is within reach.
    """
    fields = open_fields(place, airfields, day or estimate.fix_time_utc.date())
    inside = sum(c.probability_flat for c in estimate.candidates if c.airport in fields)
    rival = max((c.probability_flat for c in estimate.candidates if c.airport not in fields), default=0.0)
    grade = grade_of(estimate, set(fields), continued=estimate.continued_by is not None) if fields else "X"
    possible = inside < rival
    if possible and grade != "X":
        grade = "D"
    return grade, min(float(inside), 1.0), possible


def grade_in(flight: Flight, kind: EndKind, place: Place, airfields: Airfields) -> tuple[Grade, bool] | None:
    """The grade of "this end is in the place" and whether it is only possible; None where the end is in no leg as one
    of the place: by LEAST_PROBABILITY, or as no field is within reach."""
    estimate = flight.end(kind)
    fields = open_fields(place, airfields, estimate.fix_time_utc.date())
    if not probable(estimate, fields):
        return None
    grade, _, possible = place_grade(estimate, place, airfields)
    return None if grade == "X" else (grade, possible)


def in_window(flight: Flight, *, start_utc: datetime | None, end_utc: datetime | None, window: Window) -> bool:
    """True where the departure or the arrival (or either) lies in [start, end). Where no time is estimated: the fix."""
    times = {
        "departure": [end_time(flight.departure)],
        "arrival": [end_time(flight.arrival)],
        "either": [end_time(flight.departure), end_time(flight.arrival)],
    }[window]
    return any((start_utc is None or start_utc <= t) and (end_utc is None or t < end_utc) for t in times)


def end_time(end: EndpointEstimate) -> datetime:
    """The estimated take-off or landing; the first or last fix where none could be estimated."""
    return end.time_utc or end.fix_time_utc


def find_legs(
    flights: Sequence[Flight],
    origin: Place,
    destination: Place,
    airfields: Airfields,
    *,
    start_utc: datetime | None = None,
    end_utc: datetime | None = None,
    window: Window = "either",
    graded: Graded | None = None,
) -> tuple[list[Leg], list[OneEnded]]:
    """Legs from `origin` to `destination` in the window (end excluded), and flights with one end in either place.

    A one-ended sighting is a departure from the origin or an arrival at the destination whose other end is elsewhere
    or unknown. `graded`: in place of `grade_in`, for who asks again and again.
    """
    graded = graded or partial(grade_in, airfields=airfields)
    legs: list[Leg] = []
    one_ended: list[OneEnded] = []
    for flight in flights:
        if not in_window(flight, start_utc=start_utc, end_utc=end_utc, window=window):
            continue
        out, into = graded(flight, "departure", origin), graded(flight, "arrival", destination)
        if out is not None and into is not None:
            legs.append(
                Leg(
                    leg_id=leg_id(flight, origin.name, destination.name),
                    flight=flight,
                    origin_place=origin.name,
                    destination_place=destination.name,
                    departure_place_grade=out[0],
                    arrival_place_grade=into[0],
                    possible=out[1] or into[1],
                    witnesses=witnesses_of(flight, (origin, out[0]), (destination, into[0]), airfields),
                )
            )
        elif out is not None:
            one_ended.append(sighting_of(flight, origin, "departure", out, airfields))
        elif into is not None:
            one_ended.append(sighting_of(flight, destination, "arrival", into, airfields))
    return legs, one_ended


def sighting_of(
    flight: Flight, place: Place, kind: EndKind, graded: tuple[Grade, bool], airfields: Airfields
) -> OneEnded:
    """The flight's end of that kind in the place, wherever its other end is. `graded`: what `grade_in` says of it."""
    at = (place, graded[0])
    origin, destination = (at, None) if kind == "departure" else (None, at)
    return OneEnded(flight, place.name, kind, *graded, witnesses_of(flight, origin, destination, airfields))


def leg_id(flight: Flight, origin: str, destination: str) -> str:
    """`l-` and ten digits of the sha256 of flight, origin and destination place."""
    return "l-" + hashlib.sha256(f"{flight.flight_id}|{origin}|{destination}".encode()).hexdigest()[:10]


def witnesses_of(
    flight: Flight,
    origin: tuple[Place, Grade] | None,
    destination: tuple[Place, Grade] | None,
    airfields: Airfields,
) -> tuple[Witness, ...]:
    """What each network alone says of the flight's ends: place grades by its own positions only.

    The places with the grades that the flight has there by all its positions: those of its network where there is one.
    An end that a network did not hear within the flight's own last (first) hour still gets the grade of that network's
    last (first) fix, which is then a poor one.
    """
    by_source = dict(flight.network_of_source)
    found = []
    for network in flight.networks:
        sources = tuple(s for s in flight.source_ids if by_source.get(s) == network)
        kinds: tuple[EndKind, EndKind] = ("departure", "arrival")
        grades = [None if at is None else at[1] for at in (origin, destination)]
        if len(flight.networks) > 1:
            rows = flight.track[flight.track["source_id"].isin(sources)]
            if not rows["rejected_because"].isna().any():
                found.append(Witness(network, sources, None, None))
                continue
            ends = [estimate_end(track_end(rows, kind), airfields) for kind in kinds]
            grades = [
                None if at is None else place_grade(end, at[0], airfields)[0]
                for end, at in zip(ends, (origin, destination), strict=True)
            ]
        found.append(Witness(network, sources, *grades))
    return tuple(found)
