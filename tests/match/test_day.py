"""Two ends of one stop, weighed together."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import pytest

from flighttrace.match.day import Stop, linked
from flighttrace.match.endpoints import grade_of
from flighttrace.match.flights import find_flights
from flighttrace.match.model import Candidate, Flight
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


def stop_of(*candidates: Candidate) -> Stop:
    """Two ends of the same candidates, graded D, the second an hour after the first."""
    (alone,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=16_000.0)))
    down = replace(alone.arrival, candidates=candidates, grade="D")
    return Stop(down, replace(down, kind="departure", fix_time_utc=down.fix_time_utc + timedelta(hours=1)))


def test_the_feature_prior_of_one_field_counts_once_for_both_ends() -> None:
    """Nothing that was heard tells two fields apart, and the prior says 4 to 1: so it still does for the stop."""
    ends = [("LLOV", 0.2, 0.0), ("LLER", 0.8, math.log(4.0))]
    stop = stop_of(*(Candidate(name, p, 0.5, -1.0, 20.0, 4500.0, log_prior=prior) for name, p, prior in ends))
    for end in (linked(stop, AIRFIELDS).down, linked(stop, AIRFIELDS).up):
        assert {c.airport: c.probability for c in end.candidates} == pytest.approx({"LLER": 0.8, "LLOV": 0.2}, abs=1e-3)
        assert {c.airport: c.probability_flat for c in end.candidates} == pytest.approx(
            {"LLER": 0.5, "LLOV": 0.5}, abs=1e-3
        )


def test_what_was_heard_counts_at_both_ends() -> None:
    """Where the prior says nothing, 4 to 1 at either end is 16 to 1 for the stop."""
    ends = [("LLOV", 0.2, -1.0 - math.log(4.0)), ("LLER", 0.8, -1.0)]
    stop = stop_of(*(Candidate(name, p, p, heard, 20.0, 4500.0, log_prior=0.5) for name, p, heard in ends))
    told = linked(stop, AIRFIELDS).down
    assert {c.airport: c.probability for c in told.candidates} == pytest.approx(
        {"LLER": 16 / 17, "LLOV": 1 / 17}, abs=1e-3
    )
    assert told.probability == pytest.approx(told.probability_flat)


def test_only_what_the_prior_speaks_of_has_it_taken_out() -> None:
    """A field that came in from the other end has none (`log_prior` None): it keeps its weight, the others theirs."""
    ends = [("LLOV", math.log(3.0)), ("LLBG", 0.0), ("LLER", None)]
    stop = stop_of(*(Candidate(name, 1 / 3, 1 / 3, -1.0, 20.0, 4500.0, log_prior=prior) for name, prior in ends))
    told = linked(stop, AIRFIELDS).down
    expected = {"LLOV": 1 / 4 * 2 / 3, "LLBG": 3 / 4 * 2 / 3, "LLER": 1 / 3}
    assert {c.airport: c.probability for c in told.candidates} == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("prior", [-4.0, -800.0])
def test_fields_next_to_impossible_do_not_move_unknown(prior: float) -> None:
    """Whether they are on the list or not, and however little the prior makes of them."""
    two = (Candidate("LLOV", 0.5, 0.5, -1.0, 20.0, 4500.0, log_prior=1.0), Candidate(None, 0.5, 0.5, -1.0, None, None))
    more = [Candidate(name, 1e-9, 1e-9, -20.0, 90.0, 4500.0, log_prior=prior) for name in ("LLBG", "LLER", "LLHA")]
    few, many = (
        {c.airport: c.probability for c in linked(stop_of(*each), AIRFIELDS).down.candidates}
        for each in (two, [*two, *more])
    )
    assert many[None] == pytest.approx(few[None], rel=1e-6)
    assert sum(many.values()) == pytest.approx(1.0)


def test_a_neighbour_that_is_not_known_raises_no_grade() -> None:
    """By itself the end is named by the prior, at D; told, the field that its fixes speak for, still at D."""
    heard = Candidate("LLOV", 0.3, 0.9, -1.0, 4.0, 2000.0, log_prior=0.0)
    fits_the_prior = Candidate("LLBG", 0.7, 0.1, -5.0, 60.0, 2000.0, log_prior=5.0)
    stop = stop_of(heard, fits_the_prior)
    assert grade_of(stop.down, {"LLOV"}) in ("B", "C")
    for end in (linked(stop, AIRFIELDS).down, linked(stop, AIRFIELDS).up):
        assert (end.airport, end.grade, end.continued_by) == ("LLOV", "D", None)


def test_a_stop_that_goes_back_in_time_is_left_alone() -> None:
    first, second = find_flights(
        ingested(flight("UBBB", "LLOV"), flight("LLOV", "UBBB", start=after(flight("UBBB", "LLOV"), 2.0)))
    )
    stop = Stop(second.arrival, first.departure)
    assert linked(stop, AIRFIELDS) is stop


def _flat(found: Flight, airport: str) -> float:
    return sum(c.probability_flat for c in found.arrival.candidates if c.airport == airport)
