"""How flights move, in closed form, so that any moment of any flight costs a few array operations.

A flight is a line of eight points (stand, threshold, lift-off, end of the straight climb, start of the straight final
approach, touch-down, end of roll-out, stand), great circles between them, and seven phases of time in which distance
and height are quadratic. The earth is a sphere here, and there are no turns, holdings, wind or terrain: enough for
size and shape.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from flighttrace.geodesy import bearing_deg
from generator.airports import EARTH_KM, Airports, Array, unit_vectors

KM_S_PER_KT: Final = 1.852 / 3600
FT_MIN: Final = 60.0
STRAIGHT_OUT_KM: Final = 14.0
FINAL_KM: Final = 18.0
LIFT_OFF_KT: Final = 150.0
TOUCH_DOWN_KT: Final = 138.0
ROLL_S: Final = 36.0
ROLL_OUT_S: Final = 42.0
TAXI_OFF_KT: Final = 25.0
CLIMB_FT_MIN: Final = 1_750.0
DESCENT_FT_MIN: Final = 1_450.0
"""Means over the whole climb and descent; each begins half as fast again, or ends half as fast."""
STEEP: Final = 1.5
LAND_BEYOND_KM: Final = 0.45

TAXI_OUT, ROLL, CLIMB, CRUISE, DESCENT, ROLL_OUT, TAXI_IN = range(7)
ALONG, SPEED, GAIN, HEIGHT, RATE, BEND = range(6)
"""Columns of `Paths.motion`: km, km/s, km/s2, ft, ft/s, ft/s2."""


@dataclass(frozen=True)
class Paths:
    """Flights as tables; first axis: flights. Times are epoch seconds, distances km along the line."""

    begins_s: Array
    """(n, 8): start of each phase, and the end of the last."""
    motion: Array
    """(n, 7, 6): distance, speed and half of its change, height above sea and its changes, as each phase starts."""
    line: Array
    """(n, 7, 7): of each segment where it begins (km along the line; unit vector) and whereto (unit tangent)."""

    def __len__(self) -> int:
        return len(self.begins_s)

    def take(self, rows: Array) -> Paths:
        return Paths(*(getattr(self, f.name)[rows] for f in fields(self)))

    @staticmethod
    def joined(parts: list[Paths]) -> Paths:
        return Paths(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Paths)))


@dataclass(frozen=True)
class States:
    """Where each aircraft was at each moment asked for."""

    lat_deg: Array
    lon_deg: Array
    altitude_ft: Array
    """Above the sea."""
    speed_kt: Array
    track_deg: Array
    rate_ft_min: Array
    on_ground: Array


def plan(
    airports: Airports,
    origin: Array,
    destination: Array,
    off_block_s: Array,
    knots: Array,
    level_ft: Array,
    taxi_s: Array,
) -> Paths:
    """One path a flight: off block at that time, with these cruise speeds and levels (lowered on short ways)."""
    where, distances = _points(airports, origin, destination)
    start, tangent = _segments(where, distances)
    leaves = np.concatenate([np.zeros((len(origin), 1)), np.cumsum(distances, axis=1)[:, :-1]], axis=1)
    low, high = airports.elevation_ft[origin], airports.elevation_ft[destination]
    cruise_ft, cruise_km_s, climb_s, descent_s, cruise_s = _profile(
        distances[:, 2:5].sum(axis=1), knots, level_ft, low, high
    )
    n = len(origin)
    up, down = LIFT_OFF_KT * KM_S_PER_KT, TOUCH_DOWN_KT * KM_S_PER_KT
    taxi_in_s = 0.7 * taxi_s
    durations = np.stack([taxi_s, np.full(n, ROLL_S), climb_s, cruise_s, descent_s, np.full(n, ROLL_OUT_S), taxi_in_s])
    begins = off_block_s[:, None] + np.concatenate([np.zeros((n, 1)), np.cumsum(durations.T, axis=1)], axis=1)
    along = leaves[:, [0, 1, 2, 2, 2, 5, 6]].copy()
    along[:, CRUISE] += (up + cruise_km_s) / 2 * climb_s
    along[:, DESCENT] = along[:, CRUISE] + cruise_km_s * cruise_s
    off = TAXI_OFF_KT * KM_S_PER_KT
    zero = np.zeros(n)
    speed = np.stack(
        [distances[:, 0] / taxi_s, zero, zero + up, cruise_km_s, cruise_km_s, zero + down, distances[:, 6] / taxi_in_s],
        axis=1,
    )
    gain = np.stack(
        [
            zero,
            zero + up / ROLL_S / 2,
            (cruise_km_s - up) / climb_s / 2,
            zero,
            (down - cruise_km_s) / descent_s / 2,
            zero + (off - down) / ROLL_OUT_S / 2,
            zero,
        ],
        axis=1,
    )
    rise, fall = (cruise_ft - low) / climb_s, (cruise_ft - high) / descent_s
    height = np.stack([low, low, low, cruise_ft, cruise_ft, high, high], axis=1)
    rate = np.stack([zero, zero, STEEP * rise, zero, -STEEP * fall, zero, zero], axis=1)
    bend = np.stack(
        [zero, zero, (1 - STEEP) * rise / climb_s, zero, (STEEP - 1) * fall / descent_s, zero, zero], axis=1
    )
    line = np.concatenate([leaves[:, :, None], start, tangent], axis=2)
    return Paths(begins, np.stack([along, speed, gain, height, rate, bend], axis=2), line)


def states_at(paths: Paths, flight: Array, time_s: Array) -> States:
    """The state of flight `flight[i]` at `time_s[i]`, held at the stands before and after."""
    row = flight.astype(np.int64)
    begins = paths.begins_s[row]
    time_s = np.clip(time_s, begins[:, 0], begins[:, 7])
    phase = (time_s[:, None] >= begins[:, 1:7]).sum(axis=1)
    since = time_s - paths.begins_s.reshape(-1)[row * 8 + phase]
    along, speed, gain, height, rate, bend = paths.motion.reshape(-1, 6)[row * 7 + phase].T
    along = along + since * (speed + since * gain)
    segment = (along[:, None] >= paths.line[:, 1:, 0][row]).sum(axis=1)
    of_line = paths.line.reshape(-1, 7)[row * 7 + segment]
    angle = (along - of_line[:, 0]) / EARTH_KM
    start, tangent = of_line[:, 1:4], of_line[:, 4:]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    at, to = start * cos + tangent * sin, tangent * cos - start * sin
    track = np.degrees(np.arctan2(at[:, 0] * to[:, 1] - at[:, 1] * to[:, 0], to[:, 2]))
    return States(
        lat_deg=np.degrees(np.arcsin(at[:, 2])),
        lon_deg=np.degrees(np.arctan2(at[:, 1], at[:, 0])),
        altitude_ft=height + since * (rate + since * bend),
        speed_kt=(speed + 2 * since * gain) / KM_S_PER_KT,
        track_deg=track % 360.0,
        rate_ft_min=(rate + 2 * since * bend) * FT_MIN,
        on_ground=(phase <= ROLL) | (phase >= ROLL_OUT),
    )


def moment_above(paths: Paths, phase: int, above_ft: Array) -> Array:
    """When each flight passes that height above sea in its climb or descent; the phase's ends where it does not."""
    h, r, q = paths.motion[:, phase, HEIGHT:].T
    root = np.sqrt(np.maximum(r * r - 4 * q * (h - above_ft), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        since = np.where(np.abs(q) < 1e-12, 0.0, 2 * (above_ft - h) / (r + np.where(r >= 0, root, -root)))
    length = paths.begins_s[:, phase + 1] - paths.begins_s[:, phase]
    return np.asarray(paths.begins_s[:, phase] + np.clip(np.nan_to_num(since), 0.0, length))


def travel(lat_deg: Array, lon_deg: Array, heading_deg: Array, km: Array | float) -> tuple[Array, Array]:
    """The points that far along great circles."""
    lat, lon, heading = np.radians(lat_deg), np.radians(lon_deg), np.radians(heading_deg)
    d = np.asarray(km) / EARTH_KM
    out_lat = np.arcsin(np.sin(lat) * np.cos(d) + np.cos(lat) * np.sin(d) * np.cos(heading))
    out_lon = lon + np.arctan2(np.sin(heading) * np.sin(d) * np.cos(lat), np.cos(d) - np.sin(lat) * np.sin(out_lat))
    return np.degrees(out_lat), (np.degrees(out_lon) + 180.0) % 360.0 - 180.0


def _points(airports: Airports, origin: Array, destination: Array) -> tuple[Array, Array]:
    """Unit vectors (n, 8, 3) of the eight points, and the seven distances between them in km."""
    there = np.asarray(
        bearing_deg(
            airports.lat_deg[origin],
            airports.lon_deg[origin],
            airports.lat_deg[destination],
            airports.lon_deg[destination],
        )
    )
    back = np.asarray(
        bearing_deg(
            airports.lat_deg[destination],
            airports.lon_deg[destination],
            airports.lat_deg[origin],
            airports.lon_deg[origin],
        )
    )
    points: list[tuple[Array, Array]] = []
    for field, wanted, leaving in ((origin, there, True), (destination, back + 180.0, False)):
        heading = airports.heading_deg[field]
        end = (np.cos(np.radians(heading - wanted[:, None]))).argmax(axis=1)
        lat, lon = airports.threshold_lat_deg[field, end], airports.threshold_lon_deg[field, end]
        way, length = heading[np.arange(len(field)), end], airports.length_km[field]
        stand = travel(*travel(lat, lon, way, length / 2), way + 90.0, 0.7)
        if leaving:
            lift_off = LIFT_OFF_KT * KM_S_PER_KT * ROLL_S / 2
            points += [stand, (lat, lon), travel(lat, lon, way, lift_off), travel(lat, lon, way, STRAIGHT_OUT_KM)]
        else:
            roll_out = (TOUCH_DOWN_KT + TAXI_OFF_KT) / 2 * KM_S_PER_KT * ROLL_OUT_S
            points += [
                travel(lat, lon, way + 180.0, FINAL_KM),
                travel(lat, lon, way, LAND_BEYOND_KM),
                travel(lat, lon, way, LAND_BEYOND_KM + roll_out),
                stand,
            ]
    lats, lons = np.stack([p[0] for p in points], axis=1), np.stack([p[1] for p in points], axis=1)
    where = unit_vectors(lats, lons)
    across = np.linalg.norm(np.cross(where[:, :-1], where[:, 1:]), axis=2)
    return where, EARTH_KM * np.arctan2(across, (where[:, :-1] * where[:, 1:]).sum(axis=2))


def _segments(where: Array, distances: Array) -> tuple[Array, Array]:
    """Start and unit tangent of each of the seven segments."""
    start, end = where[:, :-1], where[:, 1:]
    across = end - start * (start * end).sum(axis=2, keepdims=True)
    return start, across / np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-12)


def _profile(way_km: Array, knots: Array, level_ft: Array, low_ft: Array, high_ft: Array) -> tuple[Array, ...]:
    """Cruise level and speed, and the seconds of climb, descent and cruise that fill the way exactly.

    A level that climb and descent alone would overrun is lowered to what fits into 80 % of the way.
    """
    up, down = LIFT_OFF_KT * KM_S_PER_KT, TOUCH_DOWN_KT * KM_S_PER_KT
    ground_ft = np.maximum(low_ft, high_ft)
    speed = knots * KM_S_PER_KT

    def needs(cruise_ft: Array, speed: Array) -> tuple[Array, Array, Array]:
        climb_s, descent_s = (cruise_ft - low_ft) / CLIMB_FT_MIN * 60, (cruise_ft - high_ft) / DESCENT_FT_MIN * 60
        return climb_s, descent_s, (up + speed) / 2 * climb_s + (down + speed) / 2 * descent_s

    share = np.minimum(1.0, 0.8 * way_km / needs(level_ft, speed)[2])
    cruise_ft = np.maximum(np.round((ground_ft + (level_ft - ground_ft) * share) / 1_000) * 1_000, ground_ft + 2_000)
    speed = np.where(share < 1.0, up + (speed - up) * np.sqrt(share), speed)
    climb_s, descent_s, used_km = needs(cruise_ft, speed)
    cruise_s = (way_km - used_km) / speed
    return cruise_ft, speed, climb_s, descent_s, cruise_s
