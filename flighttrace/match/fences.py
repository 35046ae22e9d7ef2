"""Where a place's fields may explain an end of a flight, in 1° cells: its fence, and how far an end's reach has to go.

Cells are called by their south-west corner. Some too many, never too few; poles and 180° are ordinary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from flighttrace.end_reach import MOST_DISTANT_KM, MOST_SLACK_KM, ROUNDING_KM
from flighttrace.geodesy import Floats

REACH_KM: Final = MOST_DISTANT_KM
"""No field farther than this from a flight's first or last fix is ever a candidate for that end (end_reach.py)."""
SMALLEST_RADIUS_KM: Final = 6335.439
"""Smallest radius of curvature of WGS 84, a (1 - e²), along the meridian at the equator. On a sphere of that radius no
two points are farther apart than on the ellipsoid, whose line elements are all at least as long."""


def fence(points: Iterable[tuple[float, float]], reach_km: float = REACH_KM) -> list[tuple[int, int, int]]:
    """Rows (latitude cell, first, last longitude cell) of all cells within `reach_km` of any of the points.

    A cell is in as soon as its nearest point may be: some too many (about 0.5 % of the reach), never too few; poles
    and 180° are ordinary. `points` are (latitude, longitude) in degrees.
    """
    inside = np.zeros((180, 360), dtype=bool)
    reach_rad = (reach_km + ROUNDING_KM) / SMALLEST_RADIUS_KM
    for lat_deg, lon_deg in sorted(set(points)):
        lat_index, lon_index = _cells_around(lat_deg, lon_deg, reach_rad)
        missing = ~inside[lat_index, lon_index]
        if not missing.any():
            continue
        lat_index, lon_index = lat_index[missing], lon_index[missing]
        near = _cells_distance_rad(lat_deg, lon_deg, lat_index - 90, lon_index - 180) <= reach_rad
        inside[lat_index[near], lon_index[near]] = True
    rows: list[tuple[int, int, int]] = []
    for band in np.flatnonzero(inside.any(axis=1)).tolist():
        edges = np.flatnonzero(np.diff(np.concatenate([[False], inside[band], [False]]).astype(np.int8)))
        rows += [(band - 90, first - 180, after - 181) for first, after in edges.reshape(-1, 2).tolist()]
    return rows


def least_reach_km(fields: Sequence[Sequence[float]]) -> Floats:
    """(180, 360), from the south-west corner of the world on: of each cell how many whole km an end in it has to reach
    at least, so that one of the fields is within its reach; infinite where none can be. 0 without a field.

    fields: latitude and longitude in degrees, and `Airfields.slack_km`: so much farther than its reach an end may lie.
    """
    nearest_km = np.full((180, 360), np.inf if fields else 0.0)
    reach_rad = (REACH_KM + MOST_SLACK_KM + ROUNDING_KM) / SMALLEST_RADIUS_KM
    for lat_deg, lon_deg, slack_km in fields:
        at = _cells_around(lat_deg, lon_deg, reach_rad)
        away_rad = _cells_distance_rad(lat_deg, lon_deg, at[0] - 90, at[1] - 180)
        nearest_km[at] = np.minimum(nearest_km[at], away_rad * SMALLEST_RADIUS_KM - slack_km - ROUNDING_KM)
    return np.asarray(np.floor(np.maximum(nearest_km, 0.0)))


def _cells_around(lat_deg: float, lon_deg: float, reach_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """Indexes (latitude cell + 90, longitude cell + 180) of a box that holds the circle, as flat arrays."""
    lat = np.radians(lat_deg)
    south = max(int(np.floor(lat_deg - np.degrees(reach_rad))), -90)
    north = min(int(np.floor(lat_deg + np.degrees(reach_rad))), 89)
    across = 180
    if abs(lat) + reach_rad < np.pi / 2:  # else the circle holds a pole, and with it every longitude
        across = int(np.degrees(np.arcsin(np.sin(reach_rad) / np.cos(lat)))) + 2
    middle = int(np.floor(lon_deg))
    columns = np.unique((np.arange(middle - across, middle + across + 1) + 180) % 360)
    rows = np.arange(south, north + 1) + 90
    return np.repeat(rows, len(columns)), np.tile(columns, len(rows))


def _cells_distance_rad(lat_deg: float, lon_deg: float, lat_cell: np.ndarray, lon_cell: np.ndarray) -> Floats:
    """Smallest angle on a sphere between the point and each cell; arrays of shape (n,).

    The nearest point of a cell lies on the point's own meridian if the cell holds it, else on its western or eastern
    edge: at the foot of the perpendicular, or at a corner.
    """
    holds_meridian = (lon_deg - lon_cell) % 360.0 <= 1.0
    lat, south, north = np.radians(lat_deg), np.radians(lat_cell), np.radians(lat_cell + 1)
    nearest = np.full(len(lat_cell), -1.0)
    for edge in (np.where(holds_meridian, lon_deg, lon_cell), np.where(holds_meridian, lon_deg, lon_cell + 1)):
        across = np.radians(edge - lon_deg)
        foot = np.clip(np.arctan2(np.sin(lat), np.cos(lat) * np.cos(across)), south, north)
        for edge_lat in (foot, south, north):
            cosine = np.sin(lat) * np.sin(edge_lat) + np.cos(lat) * np.cos(edge_lat) * np.cos(across)
            nearest = np.maximum(nearest, cosine)
    return np.asarray(np.arccos(np.clip(nearest, -1.0, 1.0)), dtype=np.float64)
