"""The simulated ends: how they fly, what is hidden of them, and that they are marked and the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from leg_end_yardstick.hard_case import FIELDS, SimulatedEnd, nobody_could_tell, simulated_ends
from leg_end_yardstick.hard_paths import Wind, descent_ft, path_along, true_airspeed_kt, turn_radius_km, with_racetrack

from flighttrace.geodesy import distance_km
from flighttrace.match.places import load_airfields


@pytest.fixture(scope="module")
def made() -> list[SimulatedEnd]:
    return simulated_ends(load_airfields(), ends=33, others=6)


def test_they_are_marked_and_repeat(made: list[SimulatedEnd]) -> None:
    again = simulated_ends(load_airfields(), ends=33, others=6)
    assert all(end.name.startswith("SIM-") for end in made)
    assert all(end.track.end_time_utc.year == 2031 for end in made)
    assert [end.name for end in again] == [end.name for end in made]
    assert all(np.array_equal(a.track.lat_deg, b.track.lat_deg) for a, b in zip(made, again, strict=True))


def test_nothing_is_heard_below_the_floor(made: list[SimulatedEnd]) -> None:
    for end in made:
        if end.what == "end" and end.true is not None:
            height_ft = end.track.altitude_ft - load_airfields().get(end.true).elevation_ft
            assert height_ft.min() >= end.floor_ft - 315.0  # baro ± 300 ft, rounded to 25 ft


def test_strips_lie_far_from_every_field(made: list[SimulatedEnd]) -> None:
    strips = [end for end in made if end.what == "strip" and end.floor_ft == 0.0]
    assert strips
    for end in strips:
        fields = [load_airfields().get(name) for name in FIELDS]
        lat, lon = float(end.track.lat_deg[0]), float(end.track.lon_deg[0])
        assert end.true is None
        assert min(float(distance_km(lat, lon, f.lat_deg, f.lon_deg)) for f in fields) > 10.0


def test_overflights_stay_high_and_are_beyond_telling_only_if_far(made: list[SimulatedEnd]) -> None:
    over = [end for end in made if end.what == "overflight"]
    assert all(end.track.altitude_ft.min() > 22_000.0 for end in over)
    for end in over:
        away = [
            float(distance_km(end.track.lat_deg[0], end.track.lon_deg[0], f.lat_deg, f.lon_deg))
            for f in map(load_airfields().get, FIELDS)
        ]
        assert nobody_could_tell(end.track, load_airfields()) == (min(away) > 90.0)


def test_a_corner_is_a_circle() -> None:
    path = path_along([np.array([0.0, -50.0]), np.array([0.0, 0.0]), np.array([50.0, 0.0])], 4.0)
    from_centre = np.hypot(path[:, 0] - 4.0, path[:, 1] + 4.0)
    turning = (path[:, 0] < 4.0) & (path[:, 1] > -4.0)
    assert from_centre[turning] == pytest.approx(4.0, abs=0.01)
    assert len(path) * 0.1 == pytest.approx(46.0 + 2 * np.pi + 46.0, abs=0.2)


def test_a_racetrack_adds_its_length_and_comes_home() -> None:
    straight = path_along([np.array([0.0, -60.0]), np.array([0.0, -30.0]), np.array([0.0, 0.0])], 4.0)
    held = with_racetrack(straight, 30.0, 3.0, 7.0, 2, 1.0)
    assert (len(held) - len(straight)) * 0.1 == pytest.approx(2 * (2 * np.pi * 3.0 + 2 * 7.0), abs=0.3)
    assert held[:, 0].max() == pytest.approx(6.0, abs=0.01)
    assert held[-1] == pytest.approx(straight[-1], abs=0.2)


def test_speeds_of_the_standard_atmosphere() -> None:
    # 280 kt calibrated at 30,000 ft: density ratio 0.3741, so 458 kt; Mach 0.78 there: 459.6 kt
    said = np.array([280.0, 280.0, 280.0])
    assert true_airspeed_kt(said, np.array([0.0, 30_000.0, 36_000.0]), 0.78) == pytest.approx(
        [280, 457.8, 447.5], abs=1
    )
    # 200 kt at 25° of bank: v² / g tan b = 102.9² / (9.81 * 0.4663) m
    assert turn_radius_km(200.0, 25.0) == pytest.approx(2.314, abs=0.002)


def test_a_three_degree_descent_and_the_wind() -> None:
    to_go = np.arange(0.0, 40.0, 0.1)
    height = descent_ft(to_go, (3.0, 3.0, 3.0), 2000.0, np.zeros(len(to_go), dtype=bool))
    assert np.interp(18.52, to_go, height) == pytest.approx(3184, abs=10)  # 10 NM at 318 ft/NM
    assert Wind((0.0, 10.0), (0.0, 80.0)).along(np.array([0.0, np.pi]), np.array([0.0, 35_000.0])).tolist() == [10, -80]
