"""Two ends of one stop, weighed together."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from flighttrace.match.day import Stop, linked
from flighttrace.match.flights import find_flights
from flighttrace.match.model import Flight
from flighttrace.match.places import load_airfields

from .builders import flight, ingested

AIRFIELDS = load_airfields()


def after(rows: pd.DataFrame, hours: float) -> datetime:
    moment: datetime = rows["time_utc"].iloc[-1].to_pydatetime() + timedelta(hours=hours)
    return moment


def turn(hidden_ft: float | None, hours: float, *, back_from: str = "LLOV") -> list[Flight]:
    """Baku → Ovda, lost below that height, and a flight that begins on the ground so many hours later."""
    there = flight("UBBB", "LLOV", hide_arrival_below_ft=hidden_ft)
    return list(find_flights(ingested(there, flight(back_from, "LTAC", start=after(there, hours)))))


def test_the_next_beginning_raises_its_field_and_grades_it_where_nothing_fits_between() -> None:
    (alone,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=16_000.0)))
    near, _ = turn(16_000.0, 1.5)
    assert _flat(near, "LLOV") > _flat(alone, "LLOV")
    assert (near.arrival.airport, near.arrival.grade, near.arrival.continued_by) == ("LLOV", "C", "LLOV")


def test_with_time_for_a_flight_between_it_is_likelier_but_no_grade_rests_on_it() -> None:
    (alone,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=16_000.0)))
    long, _ = turn(16_000.0, 30.0)
    assert _flat(long, "LLOV") > _flat(alone, "LLOV")
    assert long.arrival.continued_by is None
    near, _ = turn(16_000.0, 1.5)
    assert _flat(long, "LLOV") < _flat(near, "LLOV")


def test_a_field_that_cannot_be_reached_in_time_is_no_answer() -> None:
    """Lost descending over the Arava, next heard on the ground at Ankara 45 minutes later: not the same stop."""
    there = flight("UBBB", "LLOV", hide_arrival_below_ft=16_000.0)
    ankara = flight("LTAC", "UBBB", start=after(there, 0.75 + 0.1))
    down, up = (f for f in find_flights(ingested(there, ankara)))
    assert down.arrival.continued_by is None
    assert up.departure.airport == "LTAC"
    assert all(c.airport != "LTAC" or c.probability_flat < 0.01 for c in down.arrival.candidates)


def test_an_end_at_a_or_b_stays_as_it_is_and_probabilities_sum_to_one() -> None:
    (alone,) = find_flights(ingested(flight("UBBB", "LLOV")))
    seen, _ = turn(None, 3.0, back_from="LLER")
    assert seen.arrival.candidates == alone.arrival.candidates
    for hours in (1.0, 6.0, 60.0):
        for found in turn(9_000.0, hours):
            for end in (found.departure, found.arrival):
                assert sum(c.probability for c in end.candidates) == pytest.approx(1.0)
                assert sum(c.probability_flat for c in end.candidates) == pytest.approx(1.0)


def test_two_ends_that_are_both_unsure_agree_on_one_field() -> None:
    there = flight("UBBB", "LLOV", hide_arrival_below_ft=9_000.0)
    back = flight("LLOV", "UBBB", start=after(there, 1.2))
    back = back[(back["baro_altitude_ft"] > 10_500.0) | (back["time_utc"] > back["time_utc"].iloc[len(back) // 2])]
    down, up = find_flights(ingested(there, back))
    (alone,) = find_flights(ingested(there))
    assert _flat(down, "LLOV") > _flat(alone, "LLOV")
    assert down.arrival.grade in "CD"
    assert up.departure.grade in "CD"


def test_a_stop_that_goes_back_in_time_is_left_alone() -> None:
    first, second = find_flights(
        ingested(flight("UBBB", "LLOV"), flight("LLOV", "UBBB", start=after(flight("UBBB", "LLOV"), 2.0)))
    )
    stop = Stop(second.arrival, first.departure)
    assert linked(stop, AIRFIELDS) is stop


def _flat(found: Flight, airport: str) -> float:
    return sum(c.probability_flat for c in found.arrival.candidates if c.airport == airport)
