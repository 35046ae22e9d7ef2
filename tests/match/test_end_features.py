"""What is told of the way flown: beside it, the detour, the turn; and the same of a departure, seen backwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pytest

from flighttrace.geodesy import bearing_deg, wgs84
from flighttrace.match.candidates import InReach, fields_in_reach
from flighttrace.match.end_features import BESIDE_KM, DETOUR_KM, EVIDENCE, evidence
from flighttrace.match.end_track import EndState, EndTrack
from flighttrace.match.places import Airfields, load_airfields
from flighttrace.match.splitting import Piece

from .builders import flight

AIRFIELDS = load_airfields()
KM_PER_DEG = 111.195
LAT, LON = 31.0, 35.0

Points = npt.NDArray[np.float64]


def track(east_km: Points, north_km: Points, seconds: Points) -> EndTrack:
    """A descent that ends where the first of these points lies, each so many seconds before; no heading is heard."""
    n = len(seconds)
    lat = LAT + north_km / KM_PER_DEG
    return EndTrack(
        kind="arrival",
        seconds=seconds,
        lat_deg=lat,
        lon_deg=LON + east_km / (KM_PER_DEG * np.cos(np.radians(LAT))),
        altitude_ft=9000.0 + 5.0 * seconds,
        ground_speed_kt=np.full(n, 250.0),
        true_track_deg=np.full(n, np.nan),
        vertical_rate_ft_min=np.full(n, np.nan),
        on_ground=np.zeros(n, dtype=bool),
        ground_said=np.ones(n, dtype=bool),
        end_time_utc=datetime(2031, 10, 6, 10, tzinfo=UTC),
        silence_s=np.inf,
        shortest_runway_ft=4500.0,
    )


def straight_north(minutes: float = 45.0) -> EndTrack:
    seconds = np.arange(0.0, minutes * 60.0, 10.0)
    return track(np.zeros(len(seconds)), -0.128 * seconds, seconds)


def turning(*, right: bool) -> EndTrack:
    """Northward, and in the last 40 s a quarter circle to one side."""
    seconds = np.arange(0.0, 600.0, 4.0)
    angle = np.radians(90.0) * np.clip(1.0 - seconds / 40.0, 0.0, 1.0)  # turned by so much at that time
    radius = 3.0
    east, north = radius * (1 - np.cos(angle)), radius * np.sin(angle) - 0.118 * np.clip(seconds - 40.0, 0.0, None)
    east, north = east - east[0], north - north[0]
    return track(east if right else -east, north, seconds)


def told(made: EndTrack, name: str) -> dict[str, float]:
    """The feature of each field in reach."""
    state = EndState(made)
    fields = in_reach(made)
    column = evidence(made, state, fields).matrix[:, EVIDENCE.index(name)]
    return {fields.made(i).airport: float(column[i]) for i in range(len(fields))}


def in_reach(made: EndTrack) -> InReach:
    return fields_in_reach(made, EndState(made), AIRFIELDS, made.end_time_utc.date())


def away_of(made: EndTrack) -> dict[str, tuple[float, float]]:
    """East and north of each field from the end, km."""
    fields = in_reach(made)
    angle = np.radians(fields.bearings_deg)
    return {
        fields.made(i).airport: (fields.away_km[i] * np.sin(angle[i]), fields.away_km[i] * np.cos(angle[i]))
        for i in range(len(fields))
    }


def test_beside_the_way_ahead_is_the_distance_from_the_line() -> None:
    made = straight_north()
    where, score = away_of(made), told(made, "beside the way ahead")
    ahead = [name for name, (_, north) in where.items() if north > 15.0]
    behind = [name for name, (_, north) in where.items() if north < -15.0]
    assert ahead
    assert behind
    for name in ahead:  # to a runway here, to the reference point there: a few km of difference
        assert BESIDE_KM * np.expm1(score[name]) == pytest.approx(abs(where[name][0]), abs=4.0)
    for name in behind:
        assert BESIDE_KM * np.expm1(score[name]) == pytest.approx(np.hypot(*where[name]), abs=4.0)


def test_the_course_of_twenty_minutes_is_not_misled_by_the_last_turn() -> None:
    seconds = np.arange(0.0, 2700.0, 10.0)
    east = np.where(seconds < 60.0, 0.12 * (60.0 - seconds), 0.0)
    made = track(east - east[0], -0.128 * np.clip(seconds - 60.0, 0.0, None), seconds)
    course, ahead = told(made, "beside the course of 20 min"), told(made, "beside the way ahead")
    where = away_of(made)
    north = [name for name, (e, n) in where.items() if n > 60.0 and abs(e) < 20.0]
    assert north
    for name in north:
        assert course[name] < ahead[name]


def test_what_is_heard_too_shortly_says_half_of_the_distance() -> None:
    made = straight_north(minutes=5.0)
    course, detour, where = (
        told(made, "beside the course of 20 min"),
        told(made, "detour since 40 min"),
        away_of(made),
    )
    for name, (e, n) in where.items():
        assert course[name] == pytest.approx(0.5 * np.log1p(np.hypot(e, n) / BESIDE_KM), abs=0.15)
        assert detour[name] == pytest.approx(0.5 * np.log1p(np.hypot(e, n) / DETOUR_KM), abs=0.1)


def test_a_field_straight_ahead_is_no_detour_and_one_behind_is_twice_its_distance() -> None:
    made = straight_north()
    detour, where = told(made, "detour since 40 min"), away_of(made)
    for name, (e, n) in where.items():
        km = DETOUR_KM * np.expm1(detour[name])
        if n > 40.0 and abs(e) < 0.2 * n:
            assert km < 0.1 * n
        if n < -40.0 and abs(e) < 0.2 * -n:
            assert km == pytest.approx(2 * np.hypot(e, n), rel=0.1)


@pytest.mark.parametrize("right", [True, False])
def test_a_turn_speaks_for_the_side_it_goes_to(right: bool) -> None:
    made = turning(right=right)
    state = EndState(made)
    assert state.turn_deg == pytest.approx(45.0 if right else -45.0, abs=12.0)
    heading = state.true_track_deg
    score, where = told(made, "turning towards it"), away_of(made)
    for name, (e, n) in where.items():
        off = (np.degrees(np.arctan2(e, n)) - heading + 180.0) % 360.0 - 180.0
        if 30.0 < abs(off) < 150.0:
            assert (score[name] > 0) == ((off > 0) == right)


def test_no_turn_is_told_of_a_straight_way_or_of_too_few_fixes() -> None:
    assert EndState(straight_north()).turn_deg == pytest.approx(0.0, abs=0.1)
    few = track(np.zeros(3), np.array([0.0, -6.0, -12.0]), np.array([0.0, 60.0, 120.0]))
    assert EndState(few).turn_deg == 0.0
    still = track(np.zeros(60), np.zeros(60), np.arange(60) * 10.0)
    assert EndState(still).turn_deg == 0.0


def test_an_orbit_is_a_turn_to_no_side_and_half_a_circle_is_one() -> None:
    seconds = np.arange(0.0, 600.0, 4.0)
    for turned, told_deg in ((360.0, 0.0), (270.0, 0.0), (170.0, None)):
        angle = np.radians(turned) * np.clip(1.0 - seconds / 140.0, 0.0, 1.0)
        straight = 0.1 * np.clip(seconds - 140.0, 0.0, None)
        turn = EndState(track(2.5 * (1 - np.cos(angle)), 2.5 * np.sin(angle) - straight, seconds)).turn_deg
        assert (turn == 0.0) if told_deg == 0.0 else (turn > 60.0)


def test_two_fixes_of_one_moment_are_no_way_flown() -> None:
    seconds = np.array([0.0, 0.5, 50.0, 100.0, 140.0])
    made = track(np.array([0.0, 0.4, 0.4, 0.4, 0.4]), np.array([0.0, 0.0, -4.0, -8.0, -12.0]), seconds)
    assert EndState(made).turn_deg == 0.0


def test_a_departure_is_told_as_the_arrival_that_flies_it_backwards() -> None:
    """The same rows forwards in time and backwards, headings turned round: what is told of the two ends is alike."""
    rows = flight("UBBB", "LLOV", hide_arrival_below_ft=9000.0).query("not on_ground")
    rows = rows.assign(true_track_deg=100.0, vertical_rate_ft_min=-1500.0)
    back = rows.iloc[::-1].assign(
        time_utc=rows["time_utc"].iloc[0] + (rows["time_utc"].iloc[-1] - rows["time_utc"].iloc[::-1]),
        true_track_deg=280.0, vertical_rate_ft_min=1500.0,
    )  # fmt: skip
    landed, left = Piece.of(rows), Piece.of(back)
    assert landed is not None
    assert left is not None
    one, other = landed.end("arrival", np.inf), left.end("departure", np.inf)
    assert one.true_track_deg == pytest.approx(other.true_track_deg)
    assert one.vertical_rate_ft_min == pytest.approx(other.vertical_rate_ft_min)
    other = replace(other, kind="arrival")  # the usual climb is steeper than the usual descent: not to be compared
    for name in EVIDENCE:
        assert told(one, name) == pytest.approx(told(other, name)), name


def test_at_the_end_of_a_great_circle_the_field_ahead_is_ahead_in_the_far_north() -> None:
    """Eastward at 78 north the course turns by some ten degrees in 20 minutes."""
    seconds = np.arange(0.0, 3000.0, 10.0)
    lon, lat, _ = wgs84().fwd(
        np.full(len(seconds), 15.0), np.full(len(seconds), 78.2), np.full(len(seconds), 270.0), 230.0 * seconds
    )
    made = replace(straight_north(50.0), lat_deg=lat, lon_deg=lon)
    state = EndState(made)
    back = float(bearing_deg(78.2, 15.0, lat[-1], lon[-1])) + 180.0
    ahead_lon, ahead_lat, _ = wgs84().fwd(15.0, 78.2, back, 200_000.0)
    field = replace(AIRFIELDS.get("ENSB"), lat_deg=float(ahead_lat), lon_deg=float(ahead_lon), runways=())
    fields = fields_in_reach(made, state, Airfields((field,)), made.end_time_utc.date())
    row = evidence(made, state, fields).matrix[0]
    assert BESIDE_KM * np.expm1(row[EVIDENCE.index("beside the course of 20 min")]) < 1.0
    assert DETOUR_KM * np.expm1(row[EVIDENCE.index("detour since 40 min")]) < 1.0


def test_across_the_antimeridian_and_near_the_poles_all_is_finite() -> None:
    for lat, lon in ((-17.5, 179.9), (82.6, -62.0), (-89.9, 0.0)):
        seconds = np.arange(0.0, 3000.0, 10.0)
        made = replace(
            straight_north(50.0), lat_deg=np.clip(lat - 0.001 * seconds, -90.0, 90.0),
            lon_deg=(lon + 0.002 * seconds + 180.0) % 360.0 - 180.0, shortest_runway_ft=0.0,
        )  # fmt: skip
        state, fields = EndState(made), in_reach(made)
        assert len(fields)
        assert np.isfinite(evidence(made, state, fields).matrix).all()


@pytest.mark.parametrize("seconds", [[], [10.0, 20.0], [0.0, 20.0, 10.0]])
def test_an_end_is_told_from_its_fix_backwards(seconds: list[float]) -> None:
    zeros = np.zeros(len(seconds))
    with pytest.raises(ValueError, match="begin at 0"):
        track(zeros, zeros, np.array(seconds))


def test_fixes_of_one_time_are_an_end_all_the_same() -> None:
    assert EndState(track(np.zeros(3), np.zeros(3), np.zeros(3))).altitude_ft == 9000.0
