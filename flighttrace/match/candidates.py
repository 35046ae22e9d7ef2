"""Which airfields could be an end: those that suit the airframe, were in use that day, and lie within reach.

A field is asked for neither an IATA code nor scheduled service: Ovda has neither. A field without known
runways stays in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from flighttrace.end_reach import FT_TO_KM, descent_km, reach_km
from flighttrace.geodesy import KM_PER_NM, Floats, from_point
from flighttrace.match.end_track import EndState, EndTrack
from flighttrace.match.model import Airfield, EndKind
from flighttrace.match.places import Airfields

DEPARTURE_SLOPE_DEG: Final = (6.0, 4.0)
"""Climb gradient below and above 10,000 ft: 2,500 ft/min at 230 kt, then 2,500 ft/min at 350 kt."""
SLOPE_BREAK_FT: Final = 10_000.0
FASTEST_KT: Final = 520.0
"""For reach: a jet transport's ground speed with a tail wind."""


def expected_km(height_ft: Floats, kind: EndKind) -> Floats:
    """How far from the field an aircraft at that height above it is, on the usual slope."""
    if kind == "arrival":
        return descent_km(height_ft)
    height_km = np.maximum(height_ft, 0.0) * FT_TO_KM
    low, high = (math.tan(math.radians(deg)) for deg in DEPARTURE_SLOPE_DEG)
    break_km = SLOPE_BREAK_FT * FT_TO_KM
    return np.asarray(np.minimum(height_km, break_km) / low + np.maximum(height_km - break_km, 0.0) / high)


@dataclass(frozen=True)
class InReach:
    """The fields within reach of an end's fix: their indexes in `airfields`, growing; how far, in what direction, and
    where they lie."""

    airfields: Airfields
    indexes: np.ndarray
    away_km: Floats
    bearings_deg: Floats
    lat_deg: Floats
    lon_deg: Floats

    def __len__(self) -> int:
        return len(self.indexes)

    def made(self, i: int) -> Airfield:
        """The i-th of these fields."""
        return self.airfields.all[int(self.indexes[i])]


def among(indexes: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Which of these indexes are named; both grow."""
    if not len(named):
        return np.zeros(len(indexes), dtype=bool)
    at = np.minimum(named.searchsorted(indexes), len(named) - 1)
    return np.asarray(named[at] == indexes)


def fields_in_reach(
    track: EndTrack, state: EndState, airfields: Airfields, day: date, *, named: np.ndarray | None = None
) -> InReach:
    """The fields that suit the airframe, were in use on that day, and lie near enough to explain the end.

    `named`: indexes of fields that are asked about, growing; those stay in whatever their runways are.
    """
    altitude, on_ground = np.array([state.altitude_ft]), np.array([state.on_ground])
    radius = float(reach_km(altitude, on_ground, lambda height_ft: expected_km(height_ft, track.kind))[0])
    if math.isfinite(track.silence_s):
        radius = min(radius, 10.0 + FASTEST_KT * KM_PER_NM * track.silence_s / 3600.0)
    lat, lon = float(track.lat_deg[0]), float(track.lon_deg[0])
    chosen = airfields.indexes_near(lat, lon, radius)
    length = airfields.longest_hard_runway_ft[chosen]
    suits = np.isnan(length) | (length >= track.shortest_runway_ft)
    if named is not None:
        suits |= among(chosen, named)
    chosen = chosen[suits & airfields.open_on(day, chosen)]
    lat_deg, lon_deg = airfields.lat_deg[chosen], airfields.lon_deg[chosen]
    away_km, bearings, _ = from_point(lat, lon, lat_deg, lon_deg)
    near = away_km <= radius
    return InReach(airfields, chosen[near], away_km[near], bearings[near], lat_deg[near], lon_deg[near])
