"""One end of a flight as evidence: its believed fixes seen from the end backwards, and what the last minutes say.

A departure is an arrival seen backwards: time reversed, climb and heading turned round. So "descending" means the
movement that belongs to the end, and "direction" points to where the aircraft came from or went to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np

from flighttrace.geodesy import Floats, bearing_deg, from_point
from flighttrace.match.model import EndKind
from flighttrace.match.operations import Operation
from flighttrace.match.plane import full_turn, great_circle_km, plane_km

LEVEL_FT_MIN: Final = 300.0
"""Slower vertical movement than this is level flight."""
CAME_DOWN_S: Final = 900.0
CAME_DOWN_FT: Final = 1000.0
CAME_DOWN_SHARE: Final = 0.15
"""Of the altitude at the end: 4,500 ft at 30,000 ft, more than a change of cruise level."""
FLOWN_S: Final = 2700.0
"""How far back the way flown is followed along its fixes."""
COURSE_MIN: Final = 20.0
HARDLY_KM: Final = 5.0
"""Who came no farther in so many minutes gives no direction."""
TURN_S: Final = (45.0, 150.0)
"""The way of the last 45 s is held against that of the time before, back to 150 s."""
DIRECTION_FIXES: Final = 12
"""So many fixes are looked at in one go for the first that is far enough away to tell a direction."""
LEAST_TURN_S: Final = 15.0
TURN_KM: Final = 0.3
TURN_STEP_S: Final = 5.0
MOST_TURNED_DEG: Final = 200.0
"""Who turns farther circles: two directions do not tell to which side."""
JET_RUNWAY_FT: Final = 4500.0
TURBOPROP_RUNWAY_FT: Final = 2600.0


@dataclass(frozen=True)
class EndTrack:
    """The believed fixes of one flight, in time order for an arrival, reversed for a departure.

    Shapes (n,), n > 0. `vertical_rate_ft_min` and `true_track_deg` are already turned round for a departure. ValueError
    where `seconds` does not begin at 0 or falls: what lies how far back is looked up by halves.
    """

    kind: EndKind
    seconds: Floats
    """Seconds from the end fix backwards: 0 at the end fix, growing away from it."""
    lat_deg: Floats
    lon_deg: Floats
    altitude_ft: Floats
    ground_speed_kt: Floats
    true_track_deg: Floats
    vertical_rate_ft_min: Floats
    on_ground: np.ndarray
    ground_said: np.ndarray
    """Where the source itself says whether the aircraft was on the ground; elsewhere `on_ground` is a guess."""
    end_time_utc: datetime
    silence_s: float
    """Until the same airframe is next heard (before: was last heard); infinite where it is not."""
    shortest_runway_ft: float
    operation: Operation | None = None
    """Who flies, by the call sign; None where the track has none."""

    def __post_init__(self) -> None:
        if not len(self.seconds) or self.seconds[0] != 0.0 or (self.seconds[1:] < self.seconds[:-1]).any():
            raise ValueError("the seconds of an end begin at 0 and grow away from it")


def smallest_runway_ft(fastest_kt: float, highest_ft: float) -> float:
    """The shortest runway that suits an airframe that was seen to fly so fast and so high; 0 where nothing is known.

    Jet transports use 4,500 ft and more (London City has 4,948 ft), large turboprops 2,600 ft.
    """
    if fastest_kt > 330 or highest_ft > 28_000:
        return JET_RUNWAY_FT
    if fastest_kt > 220 or highest_ft > 18_000:
        return TURBOPROP_RUNWAY_FT
    return 0.0


class EndState:
    """What the last minutes say: movement, speed, direction, turn, the way flown."""

    def __init__(self, track: EndTrack) -> None:
        recent = _ago(track, 180.0)
        self.on_ground = bool(track.on_ground[0])
        self.altitude_ft = _first_known(track, track.altitude_ft, 120.0)
        rates = track.vertical_rate_ft_min[:recent][~track.on_ground[:recent]]
        trend = _altitude_trend_ft_min(track)
        known = rates[~np.isnan(rates)]
        self.vertical_rate_ft_min = (
            trend if not math.isnan(trend) else (float(np.median(known)) if len(known) else math.nan)
        )
        if len(known) and abs(float(known[0])) > 4000:
            self.vertical_rate_ft_min = trend
        self.descending = bool(self.vertical_rate_ft_min < -LEVEL_FT_MIN)
        self.came_down = _came_down(track, self.altitude_ft)
        self.climbing = bool(self.vertical_rate_ft_min > LEVEL_FT_MIN)
        self.level = not (self.descending or self.climbing) and not math.isnan(self.vertical_rate_ft_min)
        self.ground_speed_kt = _first_known(track, track.ground_speed_kt, 120.0)
        self.true_track_deg = _direction(track)
        self.flown_km = _flown_km(track)
        self.turn_deg = 0.0 if self.on_ground else _turn_deg(track)
        self.course_deg = math.nan if self.on_ground else self._course_deg(track)

    def before(self, track: EndTrack, seconds: float) -> int | None:
        """The fix nearest to so many seconds before the end, within a half of that; None without one."""
        first, past = _ago(track, seconds / 2, side="left"), _ago(track, seconds * 3 / 2)
        return first + int(np.abs(track.seconds[first:past] - seconds).argmin()) if past > first else None

    def _course_deg(self, track: EndTrack) -> float:
        """The direction at the end of the straight way from where the aircraft was COURSE_MIN before; NaN where it
        hardly moved or was not heard so far back."""
        at = self.before(track, COURSE_MIN * 60.0)
        if at is None:
            return math.nan
        ways = (track.lat_deg[0], track.lon_deg[0], track.lat_deg[at], track.lon_deg[at])
        if not float(great_circle_km(*ways)) >= HARDLY_KM:
            return math.nan
        return (float(bearing_deg(*ways)) + 180.0) % 360.0


def _ago(track: EndTrack, seconds: float, *, side: Literal["left", "right"] = "right") -> int:
    """How many fixes lie so many seconds before the end or less (side "left": less than so many)."""
    return int(track.seconds.searchsorted(seconds, side))


def _flown_km(track: EndTrack) -> Floats:
    """(n,): the way from each fix of the last FLOWN_S to the end, along the fixes between; NaN farther back."""
    n = _ago(track, FLOWN_S)
    east, north = plane_km(track.lat_deg[:n], track.lon_deg[:n], float(track.lat_deg[0]), float(track.lon_deg[0]))
    way = np.full(len(track.seconds), np.nan)
    way[0] = 0.0
    np.hypot(east[1:] - east[:-1], north[1:] - north[:-1]).cumsum(out=way[1:n])
    return way


def _turn_deg(track: EndTrack) -> float:
    """By how much the way of the last TURN_S bends to the right towards the end, negative to the left: the direction of
    its late part against that of its early one. 0 where too little was heard, and in an orbit (MOST_TURNED_DEG)."""
    n = _ago(track, TURN_S[1])
    seconds = track.seconds[:n]
    middle, begun = _ago(track, TURN_S[0]) - 1, _ago(track, TURN_S[0], side="left")
    if n - begun < 2 or seconds[middle] < LEAST_TURN_S or seconds[-1] - seconds[begun] < LEAST_TURN_S:
        return 0.0
    east, north = plane_km(track.lat_deg[:n], track.lon_deg[:n], float(track.lat_deg[0]), float(track.lon_deg[0]))
    late = float(east[0] - east[middle]), float(north[0] - north[middle])
    early = float(east[begun] - east[n - 1]), float(north[begun] - north[n - 1])
    if min(math.hypot(*late), math.hypot(*early)) < TURN_KM:
        return 0.0
    step = np.floor(seconds / TURN_STEP_S)
    steps = np.concatenate([[0], np.flatnonzero(step[1:] > step[:-1]) + 1])
    east, north = east[steps], north[steps]
    courses = np.arctan2(east[:-1] - east[1:], north[:-1] - north[1:])
    bends = full_turn(courses[:-1] - courses[1:] + np.pi) - np.pi
    if abs(float(bends.sum())) > math.radians(MOST_TURNED_DEG):
        return 0.0
    bend = math.degrees(math.atan2(*late) - math.atan2(*early))
    return (bend + 180.0) % 360.0 - 180.0


def _came_down(track: EndTrack, altitude_ft: float) -> bool:
    """Whether the aircraft came down to the end in its last quarter of an hour: by CAME_DOWN, and not a mere change of
    level. An overflight has not."""
    recent = track.altitude_ft[: _ago(track, CAME_DOWN_S)]
    recent = recent[~np.isnan(recent)]
    if math.isnan(altitude_ft) or not len(recent):
        return False
    return bool(recent.max() - altitude_ft >= max(CAME_DOWN_FT, CAME_DOWN_SHARE * altitude_ft))


def _first_known(track: EndTrack, values: Floats, within_s: float) -> float:
    if not math.isnan(values[0]):
        return float(values[0])
    values = values[: _ago(track, within_s)]
    known = np.flatnonzero(~np.isnan(values))
    return float(values[known[0]]) if len(known) else math.nan


def _altitude_trend_ft_min(track: EndTrack) -> float:
    """Slope of altitude over the last five minutes in the air; NaN with fewer than two altitudes 20 s apart."""
    s, a = _heights(track, 300.0)
    if len(s) < 2:
        s, a = (values[:2] for values in _heights(track, 900.0))
    if len(s) < 2 or s[-1] - s[0] < 20.0:
        return math.nan
    near = s <= max(120.0, s[1])
    if near.sum() >= 2 and s[near][-1] - s[near][0] >= 20.0:
        s, a = s[near], a[near]
    t = -s / 60.0
    t = t - t.mean()
    return float((t * (a - a.mean())).sum() / (t * t).sum())


def _heights(track: EndTrack, within_s: float) -> tuple[Floats, Floats]:
    """Seconds before the end and altitudes of the fixes in the air, where an altitude was heard."""
    n = _ago(track, within_s)
    use = ~(np.isnan(track.altitude_ft[:n]) | track.on_ground[:n])
    return track.seconds[:n][use], track.altitude_ft[:n][use]


def _direction(track: EndTrack) -> float:
    """True track towards the end: from the last two fixes at least 300 m apart, else as reported."""
    n = _ago(track, 120.0)
    for first in range(1, n, DIRECTION_FIXES):
        part = slice(first, min(first + DIRECTION_FIXES, n))
        here = float(track.lat_deg[0]), float(track.lon_deg[0])
        d, _, back_deg = from_point(*here, track.lat_deg[part], track.lon_deg[part])
        far = np.flatnonzero((d >= 0.3) & (d <= 8.0))
        if len(far):
            return float(back_deg[far[0]])
    return _first_known(track, track.true_track_deg, 120.0)
