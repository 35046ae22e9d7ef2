"""Distances, alignment and Dubins paths about runways, against hand-computed values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flighttrace.match.places import load_airfields
from flighttrace.match.plane import plane_km
from flighttrace.match.runways import FINAL_KM, RunwaysAbout, runway_distance_km, runways_about

AIRFIELDS = load_airfields()


def one_end(east_km: float, north_km: float, heading_deg: float, length_km: float = 3.0) -> RunwaysAbout:
    """A single runway end whose threshold lies there."""
    heading = math.radians(heading_deg)
    far = (east_km + length_km * math.sin(heading), north_km + length_km * math.cos(heading))
    arrays = [np.array([v]) for v in (east_km, north_km, heading, *far)]
    return RunwaysAbout(np.zeros(1, dtype=int), *arrays)


def test_straight_in_is_the_straight_way() -> None:
    assert one_end(0.0, 40.0, 0.0).paths_km(0.0, 3.0, 1)[0] == pytest.approx(40.0)


def test_a_downwind_and_a_half_circle_of_each_side() -> None:
    """Flying south beside a northward runway, two radii off its line: straight, half a circle, final."""
    radius = 3.0
    about = one_end(2 * radius, 0.0, 0.0)  # the final approach is joined FINAL_KM south of the threshold
    assert about.paths_km(180.0, radius, 1)[0] == pytest.approx(FINAL_KM + math.pi * radius + FINAL_KM)


@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(0, 359), st.floats(0, 359), st.floats(0.5, 6.0))
def test_no_path_is_shorter_than_the_straight_line(
    e: float, n: float, heading: float, track: float, radius: float
) -> None:
    joins = (e - FINAL_KM * math.sin(math.radians(heading)), n - FINAL_KM * math.cos(math.radians(heading)))
    path = one_end(e, n, heading).paths_km(track, radius, 1)[0]
    assert path >= math.hypot(*joins) + FINAL_KM - 1e-6
    assert path <= math.hypot(*joins) + FINAL_KM + 4.5 * math.pi * radius


def test_lined_up_is_told_in_degrees_and_km() -> None:
    off, before, across = one_end(1.0, 10.0, 0.0).lined_up(350.0)
    assert (off[0], before[0], across[0]) == pytest.approx((10.0, 10.0, 1.0))


def test_the_nearest_runway_of_each_field_and_none_without_one() -> None:
    fields = np.concatenate([AIRFIELDS.indexes_of(["LLOV"]), AIRFIELDS.indexes_of(["UBTT"])])
    ovda = AIRFIELDS.get("LLOV")
    nearest = runways_about(AIRFIELDS, fields, ovda.lat_deg, ovda.lon_deg).nearest_km(2)
    assert nearest[0] < 1.0
    assert np.isinf(nearest[1]), "no table has Zabrat's runway"
    assert runway_distance_km(ovda.lat_deg, ovda.lon_deg, ovda) == pytest.approx(nearest[0], abs=1e-6)


def test_the_plane_goes_across_the_antimeridian() -> None:
    east, north = plane_km([0.0], [-179.9], 0.0, 179.9)
    assert east[0] == pytest.approx(0.2 * 111.32)
    assert north[0] == 0.0
