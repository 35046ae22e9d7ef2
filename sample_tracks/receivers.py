"""What receivers on the ground hear of a flown track, and with which errors.

A site hears an aircraft that stands above its radio horizon (4.12 km per square root of a metre of height, the usual
4/3-earth rule), above the hills around it, and within its range. Nothing is heard where no site hears: low positions
in the Negev or at Ganja exist only while a receiver stands near.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from physics import FT_PER_M, KT_PER_M_S, Flown, Point, State, bearing_deg, distance_km, travel

HORIZON_KM_PER_SQRT_M: Final = 4.12
"""Radio line of sight over a 4/3 earth: sqrt(2 * 4/3 * 6371 km * 1 m) (ITU-R P.310)."""
ALTITUDE_STEP_FT: Final = 25
RATE_STEP_FT_MIN: Final = 64
"""Steps of the altitude and vertical rate that Mode S transponders send."""
AIR_ERROR_M: Final = 11.0
GROUND_ERROR_M: Final = 4.0
"""Standard deviation north and east: with both, 95 % of the positions lie within 27 m in the air."""
DROPOUTS_PER_HOUR: Final = 3.0
DROPOUT_S: Final = 45.0
LONGEST_DROPOUT_S: Final = 200.0
HEARD_SHARE: Final = 0.94


@dataclass(frozen=True)
class Site:
    """A receiver: where, how high its aerial, the hills around it as (from, to azimuth, angle), ranges."""

    lat_deg: float
    lon_deg: float
    elevation_m: float
    mast_m: float = 15.0
    hills: tuple[tuple[float, float, float], ...] = ()
    range_km: float = 400.0
    ground_km: float = 6.0

    def hears(self, state: State) -> bool:
        here = (self.lat_deg, self.lon_deg)
        away_km = distance_km(here, (state.lat_deg, state.lon_deg))
        if state.on_ground:
            return away_km <= self.ground_km
        above_m = state.altitude_ft / FT_PER_M - self.elevation_m
        if above_m <= 0:
            return away_km <= self.ground_km
        if away_km > min(self.range_km, HORIZON_KM_PER_SQRT_M * (math.sqrt(above_m) + math.sqrt(self.mast_m))):
            return False
        azimuth = bearing_deg(here, (state.lat_deg, state.lon_deg))
        hidden_deg = max((angle for low, high, angle in self.hills if low <= azimuth <= high), default=None)
        if hidden_deg is None:
            return True
        fall_m = (away_km / HORIZON_KM_PER_SQRT_M) ** 2
        return above_m - self.mast_m >= away_km * 1000 * math.tan(math.radians(hidden_deg)) + fall_m


SITES: Final[dict[str, Site]] = {
    "ovda": Site(29.945, 34.945, 450),
    "ramon": Site(29.722, 35.003, 90, hills=((215, 345, 4.0),)),
    "aqaba": Site(29.612, 35.012, 55, hills=((40, 150, 5.0), (220, 330, 4.0))),
    "nevatim": Site(31.206, 35.012, 400),
    "tel aviv": Site(32.000, 34.870, 40, mast_m=30, hills=((70, 210, 1.5),)),
    "larnaca": Site(34.874, 33.625, 10, mast_m=20, hills=((270, 350, 1.5),)),
    "adana": Site(37.0, 35.4, 40, mast_m=30),
    "malatya": Site(38.43, 38.08, 880, mast_m=20),
    "erzurum": Site(39.95, 41.17, 1770),
    "ankara": Site(40.126, 32.996, 950, mast_m=20),
    "tbilisi": Site(41.68, 44.94, 500, mast_m=20, hills=((90, 200, 0.9),)),
    "ganja": Site(40.738, 46.316, 330),
    "kurdamir": Site(40.34, 48.16, 5, mast_m=25),
    "baku": Site(40.468, 50.048, 10, mast_m=25),
    "krasnovodsk": Site(40.05, 53.0, 90, mast_m=20),
}
"""Invented receivers in real towns."""
NORTH: Final = ("larnaca", "adana", "malatya", "erzurum", "tbilisi", "kurdamir", "baku")
"""Sites of the way from Cyprus to Baku."""


@dataclass(frozen=True)
class Fix:
    """One position as a receiver passed it on. Altitudes None where the format would not carry them."""

    time_s: float
    lat_deg: float
    lon_deg: float
    baro_ft: int
    geo_ft: int
    ground_speed_kt: float
    track_deg: float
    vertical_rate_ft_min: int
    on_ground: bool


FT_PER_HPA: Final = 27.3
"""Height of one hectopascal near sea level in the standard atmosphere."""


@dataclass(frozen=True)
class Air:
    """The day's pressure and temperature: barometric altitude is not height above the sea."""

    qnh_hpa: float
    warmth: float

    def baro_ft(self, altitude_ft: float) -> float:
        return (altitude_ft + (1013.25 - self.qnh_hpa) * FT_PER_HPA) / (
            1 + self.warmth * min(1.0, altitude_ft / 36_000)
        )

    def altitude_ft(self, baro_ft: float) -> float:
        """The height above the sea at which an aircraft flies that holds this flight level."""
        height = baro_ft
        for _ in range(20):
            height += baro_ft - self.baro_ft(height)
        return height


GEOID_FT: Final = 65.0
"""Geometric altitude stands above the ellipsoid. One round figure for the geoid over it, as in southern Israel."""


def interval_s(state: State) -> float:
    """How often a position is kept: often when low, seldom in cruise, once in five minutes when parked."""
    if state.on_ground:
        return 300.0 if state.ground_speed_kt < 1 else 9.0
    if state.altitude_ft < 5_000:
        return 10.0
    if state.altitude_ft < 13_000:
        return 15.0
    return 25.0 if abs(state.vertical_rate_ft_min) > 300 else 70.0


def listen(
    flown: Flown, sites: Sequence[str], rng: np.random.Generator, *, begin_s: float, air: Air, density: float = 1.0
) -> list[Fix]:
    """The fixes that these sites hear; `begin_s` is the epoch of the first state. `density` > 1 keeps more."""
    heard: list[Fix] = []
    next_s = flown.states[0].time_s + rng.uniform(0, 5)
    silent_until_s = -1.0
    for state in flown.states:
        if state.time_s < next_s:
            continue
        step_s = interval_s(state) / density
        next_s = state.time_s + step_s * rng.uniform(0.85, 1.15)
        if not state.on_ground and rng.random() < DROPOUTS_PER_HOUR * step_s / 3600:
            silent_until_s = state.time_s + min(LONGEST_DROPOUT_S, rng.exponential(DROPOUT_S))
        kept = rng.random() < HEARD_SHARE
        moved = state.time_s < silent_until_s
        if not kept or moved or not any(SITES[name].hears(state) for name in sites):
            continue
        heard.append(_fix(state, rng, begin_s=begin_s, air=air))
    return heard


def _fix(state: State, rng: np.random.Generator, *, begin_s: float, air: Air) -> Fix:
    error_m = GROUND_ERROR_M if state.on_ground else AIR_ERROR_M
    north_m, east_m = rng.normal(0, error_m, 2)
    later_s = float(rng.uniform(0, 1))  # messages come at any fraction of a second
    moved_km = state.ground_speed_kt / KT_PER_M_S * later_s / 1000
    lat, lon = travel((state.lat_deg, state.lon_deg), state.track_deg, moved_km)
    lat, lon = lat + north_m / 111_195, lon + east_m / (111_195 * math.cos(math.radians(lat)))
    baro = round(air.baro_ft(state.altitude_ft) / ALTITUDE_STEP_FT) * ALTITUDE_STEP_FT
    geo = round((state.altitude_ft + GEOID_FT) / ALTITUDE_STEP_FT) * ALTITUDE_STEP_FT
    rate = round(state.vertical_rate_ft_min / RATE_STEP_FT_MIN) * RATE_STEP_FT_MIN
    speed = max(0.0, state.ground_speed_kt + (rng.normal(0, 0.8) if state.ground_speed_kt > 1 else 0.0))
    track = (state.track_deg + rng.normal(0, 0.3)) % 360.0
    return Fix(
        round(begin_s + state.time_s + later_s, 3),
        round(lat, 6),
        round(lon, 6),
        baro,
        geo,
        float(round(speed)),
        round(track, 1) % 360.0,
        rate,
        state.on_ground,
    )


def spoofed(fixes: Sequence[Fix], centre: Point, *, from_s: float, to_s: float, radius_km: float) -> list[Fix]:
    """The same fixes, with those between the two times moved onto a circle round a point (radius 0: frozen there)."""
    moved: list[Fix] = []
    for fix in fixes:
        if not from_s <= fix.time_s < to_s:
            moved.append(fix)
            continue
        azimuth = (fix.time_s - from_s) / 240 * 360 % 360
        lat, lon = travel(centre, azimuth, radius_km) if radius_km else centre
        moved.append(
            Fix(
                fix.time_s,
                round(lat, 6),
                round(lon, 6),
                fix.baro_ft,
                fix.geo_ft,
                fix.ground_speed_kt,
                round((azimuth + 90) % 360, 1) if radius_km else fix.track_deg,
                fix.vertical_rate_ft_min,
                fix.on_ground,
            )
        )
    return moved
