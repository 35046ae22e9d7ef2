"""How one simulated jet transport flies an arrival, a departure or an overflight: paths on a plane, heights, speeds.

All on a plane in km about the field (x east, y north). A path is straight legs joined by circular turns. What is
assumed stands in `hard_case.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from flighttrace.geodesy import KM_PER_NM, Floats

STEP_KM: Final = 0.1
FT_PER_KM: Final = 3280.84
KT_PER_SOUND_SEA_LEVEL: Final = 661.5
"""Speed of sound in the standard atmosphere at sea level."""


@dataclass(frozen=True)
class Performance:
    """How a type is usually flown. Speeds: calibrated, kt; rates of climb at sea level and at `top_ft`."""

    name: str
    approach_kt: float
    below_10000_kt: float
    above_10000_kt: float
    mach: float
    climb_ft_min: float
    climb_at_top_ft_min: float
    top_ft: float
    cruise_ft: tuple[float, float]
    bank_deg: float


B737: Final = Performance("737-like", 140.0, 245.0, 285.0, 0.78, 2700.0, 900.0, 36_000.0, (31_000.0, 39_000.0), 25.0)
IL76: Final = Performance("Il-76-like", 127.0, 230.0, 270.0, 0.71, 1900.0, 450.0, 33_000.0, (27_000.0, 35_000.0), 20.0)


@dataclass(frozen=True)
class Wind:
    """Blowing towards, kt east and north, on the ground and at 35,000 ft; linear between."""

    ground_kt: tuple[float, float]
    aloft_kt: tuple[float, float]

    def along(self, track_rad: Floats, altitude_ft: Floats) -> Floats:
        """Tail wind in kt."""
        share = np.clip(altitude_ft / 35_000.0, 0.0, 1.0)
        east = self.ground_kt[0] * (1 - share) + self.aloft_kt[0] * share
        north = self.ground_kt[1] * (1 - share) + self.aloft_kt[1] * share
        return np.asarray(east * np.sin(track_rad) + north * np.cos(track_rad))


@dataclass(frozen=True)
class Flown:
    """A flight, second by second where it matters: arrays (n,) in time order. Heights are above the field."""

    seconds: Floats
    x_km: Floats
    y_km: Floats
    height_ft: Floats
    ground_speed_kt: Floats
    track_deg: Floats
    rate_ft_min: Floats
    ground: np.ndarray


def true_airspeed_kt(calibrated_kt: Floats, altitude_ft: Floats, mach: float) -> Floats:
    """Calibrated over the root of the density ratio, at most that Mach number (standard atmosphere to 36,000 ft)."""
    altitude = np.clip(altitude_ft, 0.0, 36_089.0)
    theta = 1.0 - 6.8756e-6 * altitude
    sound_kt = KT_PER_SOUND_SEA_LEVEL * np.sqrt(theta)
    return np.asarray(np.minimum(calibrated_kt / theta**2.128, mach * sound_kt))


def turn_radius_km(speed_kt: float, bank_deg: float) -> float:
    return float((speed_kt * 0.5144) ** 2 / (9.81 * math.tan(math.radians(bank_deg))) / 1000.0)


def unit(track_deg: float) -> Floats:
    """East and north of one km in that direction."""
    return np.array([math.sin(math.radians(track_deg)), math.cos(math.radians(track_deg))])


def path_along(waypoints: list[Floats], radius_km: float) -> Floats:
    """(n, 2): the way through the waypoints, corners cut by circles of that radius (smaller where legs are short)."""
    points = [waypoints[0][None, :]]
    for before, corner, after in zip(waypoints, waypoints[1:], waypoints[2:], strict=False):
        into, out = corner - before, after - corner
        reach_in, reach_out = float(np.hypot(*into)), float(np.hypot(*out))
        into, out = into / reach_in, out / reach_out
        turn = math.atan2(float(into[0] * out[1] - into[1] * out[0]), float(into @ out))
        half = math.tan(min(abs(turn), math.radians(170.0)) / 2)
        if half < 1e-6:
            continue
        cut = min(radius_km * half, 0.45 * reach_in, 0.45 * reach_out)
        radius, side = cut / half, math.copysign(1.0, turn)
        left = np.array([-into[1], into[0]])
        angles = np.linspace(0.0, turn, max(int(abs(turn) * radius / STEP_KM), 6))[:, None]
        centre = corner - cut * into + side * radius * left
        points.append(centre + radius * (np.sin(abs(angles)) * into - side * np.cos(angles) * left))
    points.append(waypoints[-1][None, :])
    return _evenly(np.concatenate(points))


def _evenly(points: Floats) -> Floats:
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.arange(0.0, along[-1], STEP_KM)
    return np.column_stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])])


def with_racetrack(path: Floats, at_km: float, radius_km: float, leg_km: float, turns: int, side: float) -> Floats:
    """The path with a holding racetrack flown `turns` times at that length from its start; `side` 1 turns right."""
    at = int(np.clip(at_km / STEP_KM, 1, len(path) - 2))
    forward = path[at + 1] - path[at - 1]
    forward = forward / np.hypot(*forward)
    right = side * np.array([forward[1], -forward[0]])
    half = np.linspace(0.0, math.pi, max(int(math.pi * radius_km / STEP_KM), 8))[:, None]
    bend = radius_km * (np.sin(half) * forward + (1.0 - np.cos(half)) * right)
    back = bend[-1] - leg_km * forward
    home = back - radius_km * (np.sin(half) * forward - (1.0 - np.cos(half)) * -right)
    once = np.concatenate([bend, back[None, :], home, np.zeros((1, 2))]) + path[at]
    return _evenly(np.concatenate([path[: at + 1], *([once] * turns), path[at + 1 :]]))


def tracks_rad(path: Floats) -> Floats:
    step = np.gradient(path, axis=0)
    return np.asarray(np.arctan2(step[:, 0], step[:, 1]))


def descent_ft(to_go_km: Floats, slopes: tuple[float, float, float], platform_ft: float, level: Floats) -> Floats:
    """Height above the runway by way to go (growing): glide path, then below and above 10,000 ft; `level` (n,) marks
    where no height is lost. `slopes` in degrees."""
    final, low, high = (math.tan(math.radians(deg)) * FT_PER_KM for deg in slopes)
    height = np.zeros(len(to_go_km))
    steps = np.diff(to_go_km, prepend=to_go_km[0])
    now = 0.0
    for i, step in enumerate(steps.tolist()):
        if not (level[i] and now >= platform_ft):
            now += step * (final if now < platform_ft else low if now < 10_000.0 else high)
        height[i] = now
    return height


def climb_ft(along_km: Floats, speed_kt: Floats, rates: Floats, level: Floats) -> Floats:
    """Height above the runway by way flown since lift-off. `rates` (k, 2): height in ft, ft/min."""
    height = np.zeros(len(along_km))
    steps = np.diff(along_km, prepend=along_km[0])
    now = 0.0
    for i, step in enumerate(steps.tolist()):
        if not level[i] or now < 3000.0:
            now += float(np.interp(now, rates[:, 0], rates[:, 1])) * step / KM_PER_NM / speed_kt[i] * 60.0
        height[i] = now
    return height


def calibrated_kt(made: Performance, runway_km: Floats, altitude_ft: Floats, slow_km: tuple[float, float]) -> Floats:
    """By height, and near the runway by way to go or flown: approach speed to slow_km[0], full beyond slow_km[1]."""
    fast = np.where(altitude_ft > 10_000.0, made.above_10000_kt, made.below_10000_kt)
    share = np.clip((runway_km - slow_km[0]) / (slow_km[1] - slow_km[0]), 0.0, 1.0)
    return np.asarray(made.approach_kt + share * (fast - made.approach_kt))


def flown_along(
    path: Floats, height_ft: Floats, calibrated: Floats, elevation_ft: float, mach: float, wind: Wind
) -> Flown:
    """The path flown at those heights and speeds through that wind."""
    track = tracks_rad(path)
    altitude = height_ft + elevation_ft
    speed = np.maximum(true_airspeed_kt(calibrated, altitude, mach) + wind.along(track, altitude), 60.0)
    steps = np.hypot(*np.diff(path, axis=0).T)
    seconds = np.concatenate([[0.0], np.cumsum(steps / (speed[:-1] * KM_PER_NM) * 3600.0)])
    rate = np.gradient(height_ft, np.maximum(seconds, np.arange(len(seconds)) * 1e-6)) * 60.0
    return Flown(
        seconds,
        path[:, 0],
        path[:, 1],
        height_ft,
        speed,
        np.degrees(track) % 360.0,
        rate,
        np.zeros(len(path), dtype=bool),
    )


def on_the_runway(heading_deg: float, at: Floats, fast_kt: float, *, landing: bool) -> Flown:
    """The roll, one row a second over 90 s, ending (beginning) with a stop, and the point where it begins (ends)."""
    seconds = np.arange(90.0)
    speed = fast_kt * np.clip(1.0 - seconds / 45.0, 0.0, 1.0) + 5.0
    gone = np.cumsum(speed * KM_PER_NM / 3600.0)
    if not landing:
        speed, gone = speed[::-1], gone[::-1]
    place = at[None, :] + (gone if landing else -gone)[:, None] * unit(heading_deg)[None, :]
    zero = np.zeros(len(seconds))
    return Flown(
        seconds,
        place[:, 0],
        place[:, 1],
        zero,
        speed,
        np.full(len(seconds), heading_deg),
        zero,
        np.ones(90, dtype=bool),
    )


def joined(first: Flown, second: Flown) -> Flown:
    """One after the other, a second apart."""
    later = second.seconds + first.seconds[-1] + 1.0
    columns = ("x_km", "y_km", "height_ft", "ground_speed_kt", "track_deg", "rate_ft_min", "ground")
    both = [np.concatenate([getattr(first, name), getattr(second, name)]) for name in columns]
    return Flown(np.concatenate([first.seconds, later]), *both)
