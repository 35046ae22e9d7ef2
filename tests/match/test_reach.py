"""The reachable set: its rim holds what it says, and where nothing bounds an end none is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from flighttrace.geodesy import distance_km
from flighttrace.match.candidates import FASTEST_KT
from flighttrace.match.model import Sighting
from flighttrace.match.reach import reachable

from .test_reasons import end


def beside(minutes: float, lat: float = 29.94, lon: float = 34.94) -> Sighting:
    return Sighting(end().fix_time_utc + timedelta(minutes=minutes), lat, lon, 5000.0, on_ground=False)


@pytest.mark.parametrize(("lat", "lon"), [(29.94, 34.94), (30.12, 34.95), (31.4, 36.0)])
def test_every_point_of_the_rim_takes_exactly_the_time_between_both_sightings(lat: float, lon: float) -> None:
    made = end(neighbour=beside(20.0, lat, lon))
    reach = reachable(made)
    assert reach is not None
    assert reach.kind == "both"
    assert reach.rim is not None
    there = distance_km(made.fix_lat_deg, made.fix_lon_deg, reach.rim[:, 0], reach.rim[:, 1])
    back = distance_km(reach.rim[:, 0], reach.rim[:, 1], lat, lon)
    assert there + back == pytest.approx(FASTEST_KT * 1.852 / 3.0, abs=0.01)
    assert np.allclose(reach.rim[0], reach.rim[-1])


def test_over_the_antimeridian_it_is_the_same_set() -> None:
    made = replace(end(neighbour=beside(20.0, 30.0, -179.9)), fix_lat_deg=30.0, fix_lon_deg=179.9)
    moved = replace(end(neighbour=beside(20.0, 30.0, 10.1)), fix_lat_deg=30.0, fix_lon_deg=9.9)
    one, two = reachable(made), reachable(moved)
    assert one is not None
    assert two is not None
    assert one.rim is not None
    assert two.rim is not None
    assert one.rim[:, 0] == pytest.approx(two.rim[:, 0])
    assert (one.rim[:, 1] - 170.0) % 360.0 == pytest.approx(two.rim[:, 1])


def test_a_departure_looks_back_to_the_sighting_before() -> None:
    reach = reachable(end(kind="departure", neighbour=beside(-20.0)))
    assert reach is not None
    assert reach.kind == "both"
    assert reach.km == pytest.approx(FASTEST_KT * 1.852 / 3.0)


def test_without_a_next_sighting_a_descent_bounds_it() -> None:
    reach = reachable(end())
    assert reach is not None
    assert reach.kind == "descent"
    assert reach.km == pytest.approx(6000 * 0.0003048 / np.tan(np.radians(1.5)))


def test_sightings_too_far_apart_share_no_place() -> None:
    reach = reachable(end(neighbour=beside(5.0, 33.0, 36.0)))
    assert reach is not None
    assert reach.kind == "nowhere"
    assert reach.rim is None


def test_where_nothing_bounds_it_nothing_is_drawn() -> None:
    for made in (end(fix_altitude_ft=None), end(neighbour=beside(60.0 * 24))):
        reach = reachable(made)
        assert reach is not None
        assert reach.kind == "unbounded"
        assert reach.rim is None
    assert reachable(end(on_ground=True)) is None
