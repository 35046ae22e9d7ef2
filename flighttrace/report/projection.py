"""The window of a map: which projection, which rectangle of it.

A route within 60° of longitude, away from the poles and the equator, gets a Lambert conformal conic fitted to it:
circles on the ground stay circles on paper, and the scale bar holds over the whole sheet within a few per cent.
Anything wider, or over the 180th meridian, a pole or the equator, gets Lambert's azimuthal equal-area projection
centred on it, which breaks nowhere but at the far side of the globe. Formulas: J. P. Snyder, Map Projections: A
Working Manual, USGS Professional Paper 1395 (1987), chapters 15 and 24; computed by PROJ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from flighttrace.geodesy import Floats, distance_km

CONIC_WIDEST_DEG: Final = 60.0
"""Longitude span; a conic map that is wider bends its edges visibly."""
CONIC_LAT_DEG: Final = (8.0, 74.0)
"""Absolute latitudes between which a cone fits."""
PARALLEL_SHARE: Final = 1 / 6
"""Standard parallels lie this share of the latitude span inside its edges (Snyder, p. 99)."""
SMALLEST_HALF_HEIGHT_M: Final = 25_000.0
"""A flight round the field is still shown with its surroundings."""


@dataclass(frozen=True)
class View:
    """A rectangle of a projected plane, in metres. `conic` tells which of the two projections it is."""

    conic: bool
    crs: str
    x_min_m: float
    x_max_m: float
    y_min_m: float
    y_max_m: float

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def project(self, lat_deg: object, lon_deg: object) -> tuple[Floats, Floats]:
        """x and y in metres of the plane, element by element."""
        x, y = self._transformer.transform(np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64))
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def unproject(self, x_m: object, y_m: object) -> tuple[Floats, Floats]:
        """Latitude and longitude of points of the plane; infinite outside the globe's picture."""
        lon, lat = self._transformer.transform(
            np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64), direction="INVERSE"
        )
        return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)

    @property
    def width_m(self) -> float:
        return self.x_max_m - self.x_min_m

    @property
    def height_m(self) -> float:
        return self.y_max_m - self.y_min_m

    def contains(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        x, y = np.asarray(x_m), np.asarray(y_m)
        inside = (x >= self.x_min_m) & (x <= self.x_max_m) & (y >= self.y_min_m) & (y <= self.y_max_m)
        return np.asarray(inside)

    @cached_property
    def lon_lat_box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what the rectangle shows, a little more rather than less (conic views only)."""
        x = np.linspace(self.x_min_m, self.x_max_m, 41)
        y = np.linspace(self.y_min_m, self.y_max_m, 41)
        grid_x, grid_y = np.meshgrid(x, y)
        lat, lon = self.unproject(grid_x.ravel(), grid_y.ravel())
        margin = 0.02 * max(np.ptp(lat), np.ptp(lon)) + 0.05
        return (
            float(lon.min() - margin),
            float(lat.min() - margin),
            float(lon.max() + margin),
            float(lat.max() + margin),
        )

    def ground_km_per_m(self) -> float:
        """Kilometres on the ground for one metre of the plane, eastward at the middle of the map."""
        x, y = (self.x_min_m + self.x_max_m) / 2, (self.y_min_m + self.y_max_m) / 2
        half = self.width_m / 20
        lat, lon = self.unproject([x - half, x + half], [y, y])
        return float(distance_km(lat[0], lon[0], lat[1], lon[1])) / (2 * half)


def longitude_span(lon_deg: npt.ArrayLike) -> tuple[float, float]:
    """The middle and the width of the shortest arc of longitudes that holds all of them, degrees."""
    lon = np.sort(np.mod(np.asarray(lon_deg, dtype=np.float64), 360.0))
    gaps = np.diff(np.append(lon, lon[0] + 360.0))
    widest = int(np.argmax(gaps))
    span = 360.0 - float(gaps[widest])
    start = float(lon[(widest + 1) % len(lon)])
    middle = (start + span / 2 + 180.0) % 360.0 - 180.0
    return middle, span


def fit_view(lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike, *, aspect: float, margin: float = 0.09) -> View:
    """The window of `aspect` (width over height) that holds all points, with a margin as a share of its size."""
    lat = np.asarray(lat_deg, dtype=np.float64)
    lon = np.asarray(lon_deg, dtype=np.float64)
    middle, span = longitude_span(lon)
    south, north = float(lat.min()), float(lat.max())
    same_side = south > CONIC_LAT_DEG[0] or north < -CONIC_LAT_DEG[0]
    conic = (
        span <= CONIC_WIDEST_DEG
        and same_side
        and max(abs(south), abs(north)) < CONIC_LAT_DEG[1]
        and abs(middle) + span / 2 + 20 < 180
    )
    if conic:
        inset = max((north - south) * PARALLEL_SHARE, 0.0)
        low, high = south + inset, north - inset
        if high - low < 1.0:
            low, high = (south + north) / 2 - 0.5, (south + north) / 2 + 0.5
        crs = f"+proj=lcc +lat_1={low:.4f} +lat_2={high:.4f} +lat_0={(south + north) / 2:.4f} +lon_0={middle:.4f}"
    else:
        centre_lat, centre_lon = _middle_of(lat, lon)
        crs = f"+proj=laea +lat_0={centre_lat:.4f} +lon_0={centre_lon:.4f}"
    crs += " +datum=WGS84 +units=m +no_defs"
    view = View(conic, crs, 0, 0, 0, 0)
    x, y = view.project(lat, lon)
    return _around(view, x, y, aspect=aspect, margin=margin)


def _middle_of(lat_deg: Floats, lon_deg: Floats) -> tuple[float, float]:
    """Latitude and longitude of the middle of the points' extent on the sphere (box of their unit vectors)."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    xyz = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    x, y, z = (xyz.min(axis=0) + xyz.max(axis=0)) / 2
    return float(np.degrees(np.arctan2(z, np.hypot(x, y)))), float(np.degrees(np.arctan2(y, x)))


def _around(view: View, x: Floats, y: Floats, *, aspect: float, margin: float) -> View:
    half_width = max(float(np.ptp(x)) / 2, SMALLEST_HALF_HEIGHT_M * aspect)
    half_height = max(float(np.ptp(y)) / 2, SMALLEST_HALF_HEIGHT_M)
    half_width, half_height = half_width * (1 + 2 * margin), half_height * (1 + 2 * margin)
    half_width, half_height = max(half_width, half_height * aspect), max(half_height, half_width / aspect)
    x_mid, y_mid = (float(x.min()) + float(x.max())) / 2, (float(y.min()) + float(y.max())) / 2
    return View(view.conic, view.crs, x_mid - half_width, x_mid + half_width, y_mid - half_height, y_mid + half_height)


def view_around(lat_deg: float, lon_deg: float, radius_km: float, *, aspect: float) -> View:
    """The window of `aspect` that just holds a circle round a point: for the enlargements of a route's ends."""
    crs = f"+proj=laea +lat_0={lat_deg:.4f} +lon_0={lon_deg:.4f} +datum=WGS84 +units=m +no_defs"
    half_height = radius_km * 1000 / min(aspect, 1.0)
    half_width = half_height * aspect
    return View(False, crs, -half_width, half_width, -half_height, half_height)
