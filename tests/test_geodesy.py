"""Distances and bearings against geopy's geodesic and published values."""

from __future__ import annotations

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.geodesy import (
    FT_MIN_PER_M_S,
    FT_PER_M,
    KT_PER_M_S,
    angle_between_deg,
    bearing_deg,
    circle,
    distance_km,
)

LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-180.0, 180.0)


@settings(max_examples=300, deadline=None)
@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_geopys(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    reference = geodesic((lat1, lon1), (lat2, lon2)).km
    assert float(distance_km(lat1, lon1, lat2, lon2)) == pytest.approx(reference, abs=1e-6)


def test_published_distance_flinders_peak_to_buninyong() -> None:
    # Vincenty's worked example as republished by Geoscience Australia: 54,972.271 m, azimuth 306° 52' 05.37"
    one, two = (-37.95103341666667, 144.42486788888888), (-37.65282113888889, 143.92649552777777)
    assert float(distance_km(*one, *two)) * 1000 == pytest.approx(54_972.271, abs=0.01)
    assert float(bearing_deg(*one, *two)) == pytest.approx(306 + 52 / 60 + 5.37 / 3600, abs=1e-5)


@pytest.mark.parametrize(
    ("one", "two", "km"),
    [((29.9403, 34.9358), (40.4675, 50.0467), 1800), ((29.9403, 34.9358), (29.7270, 35.0141), 24.9)],
)
def test_distances_of_the_case(one: tuple[float, float], two: tuple[float, float], km: float) -> None:
    assert float(distance_km(*one, *two)) == pytest.approx(km, rel=0.003)


def test_arrays_broadcast_and_may_be_empty() -> None:
    assert distance_km(0.0, 0.0, [0.0, 1.0], [1.0, 0.0]).shape == (2,)
    assert distance_km([], [], 1.0, 1.0).shape == (0,)


@pytest.mark.parametrize(
    ("a", "b", "angle"), [(350, 10, 20), (10, 350, 20), (0, 180, 180), (90, 90, 0), (-10, 370, 20)]
)
def test_angle_between(a: float, b: float, angle: float) -> None:
    assert float(angle_between_deg(a, b)) == pytest.approx(angle)


def test_circle_is_closed_and_every_point_lies_on_it() -> None:
    points = circle(39.9014, 46.787, 110.0)
    assert np.allclose(points[0], points[-1])
    assert np.allclose(distance_km(39.9014, 46.787, points[:, 0], points[:, 1]), 110.0, atol=1e-6)


def test_units() -> None:
    assert pytest.approx(3.280839895) == FT_PER_M
    assert pytest.approx(1.943844492) == KT_PER_M_S
    assert pytest.approx(196.8503937) == FT_MIN_PER_M_S
