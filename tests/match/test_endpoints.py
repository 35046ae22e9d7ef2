from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.match.endpoints import grade_of
from flighttrace.match.flights import find_flights
from flighttrace.match.model import Candidate, EndKind, EndpointEstimate

from .builders import START, flight, ingested, positions


def _arrival(destination: str, hidden_ft: float | None) -> EndpointEstimate:
    (found,) = find_flights(ingested(flight("UBBB", destination, hide_arrival_below_ft=hidden_ft)))
    return found.arrival


def test_probabilities_sum_to_one_with_unknown_among_them() -> None:
    for hidden in (None, 2000.0, 15_000.0, 30_000.0):
        end = _arrival("LLOV", hidden)
        assert sum(c.probability for c in end.candidates) == pytest.approx(1.0)
        assert sum(c.probability_flat for c in end.candidates) == pytest.approx(1.0)
        assert sum(c.airport is None for c in end.candidates) == 1


@pytest.mark.parametrize("field", ["LLOV", "LLER", "OJAQ", "LLBG", "LLNV", "LLRM", "UBBG"])
def test_the_low_part_names_the_right_one_of_close_neighbours(field: str) -> None:
    start = "UBBB" if field != "UBBG" else "LLOV"
    # the made-up flight comes straight at the field, not along its runway: so high up it would not be sure of it
    (found,) = find_flights(ingested(flight(start, field, hide_arrival_below_ft=400.0)))
    assert found.arrival.airport == field
    assert found.arrival.grade in "AB"


def test_lost_high_over_the_arava_is_no_certain_field() -> None:
    end = _arrival("LLOV", 16_000.0)
    assert end.grade in ("C", "D")
    names = [c.airport for c in end.candidates]
    assert {"LLOV", "LLER", "OJAQ"} <= set(names), "the rivals are named, not the nearest strip alone"
    assert end.airport != "LLEY", "the nearest field to the last fix is too short for a jet"


def test_overflight_gets_no_end() -> None:
    seconds = np.arange(0, 2400, 15.0)
    lon = 47.5 + seconds * 440 * 1.852 / 3600 / 85.0
    rows = positions(seconds, np.full(len(seconds), 40.47), lon, 34_000.0)
    (found,) = find_flights(ingested(rows))
    assert found.arrival.airport is None
    assert found.arrival.grade == "D"
    assert found.departure.grade == "D"


def test_level_low_overflight_is_not_graded_a() -> None:
    seconds = np.arange(0, 900, 10.0)
    lat = 29.3 + seconds * 200 * 1.852 / 3600 / 111.0
    keep = lat < 29.95
    rows = positions(seconds[keep], lat[keep], np.full(keep.sum(), 34.94), 2400.0, speed=200.0)
    (found,) = find_flights(ingested(rows))
    assert found.arrival.grade != "A"


def test_out_of_reach_before_the_next_sighting_is_no_candidate() -> None:
    inbound = flight("UBBB", "LLOV", hide_arrival_below_ft=30_000.0)
    again = inbound["time_utc"].iloc[-1].to_pydatetime() + timedelta(minutes=18)
    outbound = flight("LLBG", "UBBB", start=again)
    first, second = find_flights(ingested(inbound, outbound))
    hours = (second.first_seen_utc - first.last_seen_utc).total_seconds() / 3600.0
    away = [c.distance_km for c in first.arrival.candidates if c.distance_km is not None]
    assert max(away) <= 10.0 + 520 * 1.852 * hours
    alone = find_flights(ingested(inbound)).flights[0].arrival
    assert max(c.distance_km or 0.0 for c in alone.candidates) > max(away), "without the next sighting more is in reach"


def test_a_closed_field_is_no_candidate() -> None:
    (found,) = find_flights(ingested(flight("UBBB", "LLER", start=START.replace(year=2018))))
    assert "LLER" not in {c.airport for c in found.arrival.candidates}


def test_flat_prior_decides_the_grade() -> None:
    end = _arrival("LLOV", None)
    assert grade_of(end, {"LLOV"}) == "A"
    assert grade_of(end, {"LLER"}) in ("X", "D")
    assert grade_of(end, set()) == "D"


def _heard(
    *fields: tuple[str, float, float, float], unknown: float = -6.0, speed_kt: float = 170.0, kind: EndKind = "arrival"
) -> EndpointEstimate:
    """An end among fields (name, log-likelihood, km, height in ft), LLER far behind, and UNKNOWN."""
    candidates = [Candidate(name, 0.1, 0.1, ll, km, height) for name, ll, km, height in fields]
    return replace(
        _arrival("LLOV", 2000.0), kind=kind, came_down=True, descending=True, on_ground=False, ground_speed_kt=speed_kt,
        candidates=(*candidates, Candidate("OJAQ", 0.01, 0.01, -6.0, 30.0, 3000.0),
                    Candidate(None, 0.01, 0.01, unknown, None, None)),
    )  # fmt: skip


def _over(km: float, height_ft: float, *, speed_kt: float, unknown: float = -6.0, kind: EndKind = "arrival") -> str:
    made = _heard(("LLOV", 0.0, km, height_ft), unknown=unknown, speed_kt=speed_kt, kind=kind)
    return grade_of(made, {"LLOV"})


def test_b_asks_that_an_arrival_could_land_from_there() -> None:
    assert _over(6.0, 2000.0, speed_kt=170.0) == "B"
    assert _over(6.0, 2600.0, speed_kt=170.0) == "C", "7.5 degrees down"
    assert _over(6.0, 2000.0, speed_kt=195.0) == "C", "far faster than anyone lands"
    assert _over(6.0, 2600.0, speed_kt=240.0, kind="departure") == "B", "a climb may be steep and fast"
    on_ground = replace(_heard(("LLOV", 0.0, 7.0, 0.0), speed_kt=240.0), on_ground=True)
    assert grade_of(on_ground, {"LLOV"}) == "B", "on the ground nothing is left to land from"


def test_nobody_lands_at_320_knots() -> None:
    assert _over(0.2, 900.0, speed_kt=150.0) == "A"
    assert _over(0.2, 900.0, speed_kt=320.0) == "C"
    assert _over(0.2, 900.0, speed_kt=250.0, kind="departure") == "A"


@pytest.mark.parametrize(("km", "height_ft"), [(60.0, 9000.0), (6.0, 2000.0)])
def test_b_and_c_ask_for_more_than_all_else_together(km: float, height_ft: float) -> None:
    assert _over(km, height_ft, speed_kt=170.0, unknown=-0.05) in ("B", "C")
    assert _over(km, height_ft, speed_kt=170.0, unknown=0.05) == "D"


def test_the_share_is_of_the_end_alone() -> None:
    """What an airframe's next flight says moves `probability_flat`; without continuity it raises no grade."""
    made = _heard(("LLOV", 0.0, 60.0, 9000.0), unknown=0.05)
    told = [replace(c, probability_flat=0.97 if c.airport == "LLOV" else 0.015) for c in made.candidates]
    assert grade_of(replace(made, candidates=tuple(told)), {"LLOV"}) == "D"


def test_a_field_that_does_not_suit_is_no_rival_and_takes_no_share() -> None:
    made = _heard(("LLOV", 0.0, 60.0, 9000.0), ("LLEY", 1.0, 3.0, 9000.0))
    unsuited = [replace(c, suitable=c.airport != "LLEY") for c in made.candidates]
    assert grade_of(made, {"LLOV"}) == "D"
    assert grade_of(replace(made, candidates=tuple(unsuited)), {"LLOV"}) == "C"


def test_a_place_of_two_fields_is_b_where_one_of_them_could_be_landed_at() -> None:
    both = {"LLOV", "LLER"}
    for ahead in (0.1, -0.1):
        made = _heard(("LLOV", ahead, 1.5, 2500.0), ("LLER", 0.0, 7.5, 2300.0))
        assert grade_of(made, both) == "B", "which of the two is likelier does not matter"
        assert grade_of(made, {"LLOV"}) == "D"
    steep = _heard(("LLOV", 0.0, 1.5, 2500.0), ("LLER", 0.0, 7.5, 3900.0))
    assert grade_of(steep, both) == "C"


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 359.9), st.floats(2, 60), st.floats(200, 39_000), st.floats(-3000, 3000), st.floats(60, 480))
def test_any_last_fix_gives_a_sound_estimate(
    bearing: float, away_km: float, altitude: float, rate: float, speed: float
) -> None:
    seconds = np.arange(0, 120, 10.0)
    lat = 29.94 + away_km / 111.0 * np.cos(np.radians(bearing)) + seconds * 1e-4
    lon = 34.93 + away_km / 96.0 * np.sin(np.radians(bearing)) + np.zeros(len(seconds))
    height = altitude + rate * (seconds - seconds[-1]) / 60.0
    (found,) = find_flights(ingested(positions(seconds, lat, lon, height, speed=speed)))
    for end in (found.departure, found.arrival):
        assert sum(c.probability_flat for c in end.candidates) == pytest.approx(1.0)
        assert end.grade in "ABCD"
        unknown = next(c.probability_flat for c in end.candidates if c.airport is None)
        if unknown == max(c.probability_flat for c in end.candidates):
            assert end.grade == "D"
        if end.grade == "A":
            best = next(c for c in end.candidates if c.airport == end.airport)
            assert best.distance_km is not None
            assert best.distance_km <= 5.0
