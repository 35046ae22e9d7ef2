"""A local plane about a point, for what needs many short distances: within 0.1 % at 60 km, 1 % at 300 km."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from flighttrace.geodesy import Floats

KM_PER_DEG_LAT: Final = 111.13
KM_PER_DEG_LON: Final = 111.32
"""Of latitude at 45°, and of longitude at the equator, on WGS 84."""


def plane_km(lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike, lat0_deg: float, lon0_deg: float) -> tuple[Floats, Floats]:
    """East and north of points about (lat0, lon0), km."""
    lat, lon = np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64)
    across = np.mod(lon - lon0_deg + 180.0, 360.0) - 180.0
    east = across * KM_PER_DEG_LON * np.cos(np.radians((lat + lat0_deg) / 2))
    return east, (lat - lat0_deg) * KM_PER_DEG_LAT
