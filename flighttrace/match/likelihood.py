"""How well each airfield explains an end: what was heard in the last minutes, against each field within reach.

The airfield nearest to the last position is the wrong answer wherever the low part of a track is missing. Each field
is instead asked for:

* height against distance: a 3° slope for arrivals; a departure climbs steeper low down. Too shallow and too steep are
  judged apart, and a turn back towards the field lengthens the path;
* closing in on the field over the last minutes, and heading towards it (not asked close to the field);
* below 3,000 ft: in line with a runway, by direction and by lateral offset;
* climbing or descending as this end needs it, or level, as an overflight is;
* on the ground: the distance alone;
* reach: the field has to be reached before the airframe is next heard.

The weights are set by hand from those physics and from the field's published rules; they are not fitted.
A departure is an arrival seen backwards: time reversed, climb and heading turned round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np

from flighttrace.geodesy import KM_PER_NM, Floats, angle_between_deg, bearing_deg, distance_km, wgs84
from flighttrace.match.model import Airfield, EndKind
from flighttrace.match.places import Airfields

FT_TO_KM: Final = 0.0003048

ARRIVAL_SLOPE_DEG: Final = 3.0
DEPARTURE_SLOPE_DEG: Final = (6.0, 3.0)
"""Climb gradient below and above 10,000 ft: 2,500 ft/min at 230 kt, then 1,800 ft/min at 350 kt."""
SLOPE_BREAK_FT: Final = 10_000.0
MOST_DISTANT_KM: Final = 300.0
"""Farther out no field is a candidate: an aircraft at cruise height there has not begun its descent. On the real tracks
no named field and no grade hangs on what lies beyond."""
ALIGNED_FT: Final = 3000.0
ALIGNED_KM: Final = 30.0
LEVEL_FT_MIN: Final = 300.0
"""Slower vertical movement than this is level flight."""
FASTEST_KT: Final = 520.0
"""For reach: a jet transport's ground speed with a tail wind."""
KIND_LOG_PRIOR: Final = {"large_airport": 0.3, "medium_airport": 0.2, "seaplane_base": -1.0}
RUNWAYS_MATTER_KM: Final = 60.0
"""Nearer than this the distance is that to the nearest runway; farther out the reference point will do."""
GROUND_KM: Final = 1.5
"""Spread of ground positions about a field's runways (aprons, taxiways; its reference point where ends are unknown)."""


@dataclass(frozen=True)
class EndTrack:
    """The believed fixes of one flight, in time order for an arrival, reversed for a departure.

    Shapes (n,). `vertical_rate_ft_min` and `true_track_deg` are already turned round for a departure.
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


def smallest_runway_ft(fastest_kt: float, highest_ft: float) -> float:
    """The shortest runway that suits an airframe that was seen to fly so fast and so high; 0 where nothing is known.

    Jet transports use 4,500 ft and more (London City has 4,948 ft), large turboprops 2,600 ft.
    """
    if fastest_kt > 330 or highest_ft > 28_000:
        return 4500.0
    if fastest_kt > 220 or highest_ft > 18_000:
        return 2600.0
    return 0.0


class EndState:
    """What the last minutes say: movement, speed, direction, mean closing path."""

    def __init__(self, track: EndTrack) -> None:
        recent = track.seconds <= 180.0
        self.on_ground = bool(track.on_ground[0])
        self.altitude_ft = _first_known(track.altitude_ft, track.seconds, 120.0)
        rates = track.vertical_rate_ft_min[recent & ~track.on_ground]
        trend = _altitude_trend_ft_min(track)
        known = rates[~np.isnan(rates)]
        self.vertical_rate_ft_min = (
            trend if not math.isnan(trend) else (float(np.median(known)) if len(known) else math.nan)
        )
        if len(known) and abs(float(known[0])) > 4000:
            self.vertical_rate_ft_min = trend
        self.descending = bool(self.vertical_rate_ft_min < -LEVEL_FT_MIN)
        self.climbing = bool(self.vertical_rate_ft_min > LEVEL_FT_MIN)
        self.ground_speed_kt = _first_known(track.ground_speed_kt, track.seconds, 120.0)
        self.true_track_deg = _direction(track)
        earlier = np.flatnonzero((track.seconds >= 120.0) & (track.seconds <= 900.0))
        self.earlier = int(earlier[np.argmin(np.abs(track.seconds[earlier] - 300.0))]) if len(earlier) else None


def _first_known(values: Floats, seconds: Floats, within_s: float) -> float:
    known = np.flatnonzero(~np.isnan(values) & (seconds <= within_s))
    return float(values[known[0]]) if len(known) else math.nan


def _altitude_trend_ft_min(track: EndTrack) -> float:
    """Slope of altitude over the last five minutes in the air; NaN with fewer than two altitudes 20 s apart."""
    use = (track.seconds <= 300.0) & ~np.isnan(track.altitude_ft) & ~track.on_ground
    s, a = track.seconds[use], track.altitude_ft[use]
    if len(s) < 2:
        use = ~np.isnan(track.altitude_ft) & ~track.on_ground & (track.seconds <= 900.0)
        s, a = track.seconds[use][:2], track.altitude_ft[use][:2]
    if len(s) < 2 or s[-1] - s[0] < 20.0:
        return math.nan
    near = s <= max(120.0, s[1])
    if near.sum() >= 2 and s[near][-1] - s[near][0] >= 20.0:
        s, a = s[near], a[near]
    return float(np.polyfit(-s / 60.0, a, 1)[0])


def _direction(track: EndTrack) -> float:
    """True track towards the end: from the last two fixes at least 300 m apart, else as reported."""
    recent = np.flatnonzero(track.seconds <= 120.0)
    if len(recent) > 1:
        d = distance_km(track.lat_deg[0], track.lon_deg[0], track.lat_deg[recent], track.lon_deg[recent])
        far = np.flatnonzero((d >= 0.3) & (d <= 8.0))
        if len(far):
            k = recent[far[0]]
            return float(bearing_deg(track.lat_deg[k], track.lon_deg[k], track.lat_deg[0], track.lon_deg[0]))
    return _first_known(track.true_track_deg, track.seconds, 120.0)


def expected_km(height_ft: Floats, kind: EndKind) -> Floats:
    """How far from the field an aircraft at that height above it is, on the usual slope."""
    height_km = np.clip(height_ft, 0.0, None) * FT_TO_KM
    if kind == "arrival":
        return np.asarray(height_km / math.tan(math.radians(ARRIVAL_SLOPE_DEG)))
    low, high = (math.tan(math.radians(deg)) for deg in DEPARTURE_SLOPE_DEG)
    break_km = SLOPE_BREAK_FT * FT_TO_KM
    return np.asarray(np.minimum(height_km, break_km) / low + np.clip(height_km - break_km, 0.0, None) / high)


@dataclass(frozen=True)
class InReach:
    """The fields within reach of an end's fix: their indexes in `airfields`, how far and in what direction they lie."""

    airfields: Airfields
    indexes: np.ndarray
    away_km: Floats
    bearings_deg: Floats

    def __len__(self) -> int:
        return len(self.indexes)

    def made(self, i: int) -> Airfield:
        """The i-th of these fields."""
        return self.airfields.all[int(self.indexes[i])]


def fields_in_reach(track: EndTrack, state: EndState, airfields: Airfields, day: date) -> InReach:
    """The fields that suit the airframe, were in use on that day, and lie near enough to explain the end."""
    altitude = 0.0 if math.isnan(state.altitude_ft) else state.altitude_ft
    expected = float(expected_km(np.array([altitude + 1500.0]), track.kind)[0])
    radius = 40.0 if state.on_ground else min(60.0 + 2.5 * expected, MOST_DISTANT_KM)
    if math.isnan(state.altitude_ft) and not state.on_ground:
        radius = 300.0
    if math.isfinite(track.silence_s):
        radius = min(radius, 10.0 + FASTEST_KT * KM_PER_NM * track.silence_s / 3600.0)
    lat, lon = float(track.lat_deg[0]), float(track.lon_deg[0])
    chosen = airfields.indexes_near(lat, lon, radius)
    length = airfields.longest_hard_runway_ft[chosen]
    chosen = chosen[(np.isnan(length) | (length >= track.shortest_runway_ft)) & airfields.open_on(day, chosen)]
    away_km, bearings = _away(lat, lon, airfields.lat_deg[chosen], airfields.lon_deg[chosen])
    near = away_km <= radius
    return InReach(airfields, chosen[near], away_km[near], bearings[near])


def _away(lat: float, lon: float, lat_deg: Floats, lon_deg: Floats) -> tuple[Floats, Floats]:
    """`distance_km` and `bearing_deg` from one point to many, in one go."""
    here_lat, here_lon = np.full(len(lat_deg), lat), np.full(len(lat_deg), lon)
    forward, _, metres = wgs84().inv(here_lon, here_lat, lon_deg, lat_deg)
    return np.asarray(metres, dtype=np.float64) / 1000, np.mod(np.asarray(forward, dtype=np.float64), 360.0)


def log_likelihoods(track: EndTrack, state: EndState, fields: InReach) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood, distance to the nearest runway in km, and height above it in ft of each field in reach."""
    lat, lon = float(track.lat_deg[0]), float(track.lon_deg[0])
    distances = fields.away_km.copy()
    for i in np.flatnonzero(fields.away_km < RUNWAYS_MATTER_KM).tolist():
        distances[i] = _runway_distance_km(lat, lon, fields.made(i))
    heights = state.altitude_ft - fields.airfields.elevation_ft[fields.indexes]
    if not len(fields):
        return np.zeros(0), distances, heights
    if state.on_ground:
        ll = np.log(np.exp(-0.5 * (distances / GROUND_KM) ** 2) + 1e-3 * np.exp(-distances / 10.0))
        return ll + _aligned_before_ground(track, fields), distances, np.zeros(len(fields))
    ll = np.zeros(len(fields))
    off_deg = (
        np.full(len(fields), 60.0)
        if math.isnan(state.true_track_deg)
        else angle_between_deg(fields.bearings_deg, state.true_track_deg)
    )
    if not math.isnan(state.altitude_ft):
        ll += _slope_term(track, state, distances, heights, off_deg)
        ll += _movement_term(state, heights)
    far = np.clip((distances - 5.0) / 20.0, 0.0, 1.0)
    ll += 2.0 * far * (np.cos(np.radians(off_deg)) - 1.0)
    if state.earlier is not None:
        ll += 1.2 * far * (_closing(track, state.earlier, distances, fields) - 1.0)
    low = ~(heights > ALIGNED_FT) & (distances < ALIGNED_KM)
    for i in np.flatnonzero(low).tolist():
        ll[i] += _alignment_bonus(lat, lon, state.true_track_deg, fields.made(i))
    if state.ground_speed_kt > 260.0:
        ll -= np.where((heights < 2500.0) & (distances < 15.0), 1.0, 0.0)
    # the higher the fix, the less can be told between fields: all differences shrink
    temper = np.clip(1.0 - (np.nan_to_num(heights, nan=10_000.0) - 4000.0) / 40_000.0, 0.4, 1.0)
    return ll * temper, distances, heights


def _slope_term(track: EndTrack, state: EndState, distances: Floats, heights: Floats, off_deg: Floats) -> Floats:
    speed_kt = 180.0 if math.isnan(state.ground_speed_kt) else min(max(state.ground_speed_kt, 90.0), 300.0)
    radius_km = (speed_kt * 0.5144) ** 2 / (9.81 * math.tan(math.radians(25.0))) / 1000.0
    turn_km = radius_km * np.radians(off_deg) * np.clip(distances / 3.0, 0.0, 1.0)
    path = distances + np.where(off_deg > 30.0, turn_km, 0.0)
    expected = expected_km(heights, track.kind)
    # barometric height is a few hundred feet off: 2 km of path either way means nothing
    ratio = np.log((path + 2.0) / (expected + 2.0))
    steep_width = np.where(off_deg > 75.0, 0.9, 0.5)
    width = np.where(ratio > 0, 0.4, steep_width)
    return np.maximum(-0.5 * (ratio / width) ** 2, -12.0)


def _movement_term(state: EndState, heights: Floats) -> Floats:
    steepness = np.clip(heights / 10_000.0, 0.3, 2.0)
    if math.isnan(state.vertical_rate_ft_min) or state.descending:
        return np.zeros(len(heights))
    if state.climbing:
        return np.asarray(-3.0 * steepness)
    return np.asarray(-1.5 * steepness)


def _closing(track: EndTrack, earlier: int, distances: Floats, fields: InReach) -> Floats:
    """Distance won towards each field since the earlier fix, over the distance flown: -1 to 1."""
    lat, lon = fields.airfields.lat_deg[fields.indexes], fields.airfields.lon_deg[fields.indexes]
    before = distance_km(track.lat_deg[earlier], track.lon_deg[earlier], lat, lon)
    span = slice(0, earlier + 1)
    steps = distance_km(
        track.lat_deg[span][:-1], track.lon_deg[span][:-1], track.lat_deg[span][1:], track.lon_deg[span][1:]
    )
    flown = max(float(np.sum(steps)), 1.0)
    return np.clip((before - distances) / flown, -1.0, 1.0)


def _runway_distance_km(lat: float, lon: float, field: Airfield) -> float:
    """To the nearest runway as a segment; to the reference point where no runway's ends are known."""
    segments = [runway.ends for runway in field.runways if len(runway.ends) == 2]
    if not segments:
        return float(distance_km(lat, lon, field.lat_deg, field.lon_deg))
    return min(_segment_km(lat, lon, a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg) for a, b in segments)


def _local_km(lat: float, lon: float, lat0: float, lon0: float) -> tuple[float, float]:
    """East and north of a point near (lat0, lon0) in km, on a local plane: exact to 0.1 % within 60 km."""
    east = ((lon - lon0 + 180.0) % 360.0 - 180.0) * 111.32 * math.cos(math.radians((lat + lat0) / 2))
    return east, (lat - lat0) * 111.13


def _segment_km(lat: float, lon: float, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    px, py = _local_km(lat, lon, lat_a, lon_a)
    bx, by = _local_km(lat_b, lon_b, lat_a, lon_a)
    length2 = bx * bx + by * by
    share = 0.0 if length2 == 0 else min(max((px * bx + py * by) / length2, 0.0), 1.0)
    return math.hypot(px - share * bx, py - share * by)


def _alignment_bonus(lat: float, lon: float, track_deg: float, field: Airfield) -> float:
    """Up to 2.5 for a fix on the extended centre line of a runway and flying along it; 0 else."""
    best = 0.0
    if math.isnan(track_deg):
        return best
    for runway in field.runways:
        for end in runway.ends:
            off = abs(track_deg - end.heading_deg) % 360.0
            off = min(off, 360.0 - off)
            if off > 20.0:
                continue
            east, north = _local_km(lat, lon, end.lat_deg, end.lon_deg)
            heading = math.radians(end.heading_deg)
            before_km = -(east * math.sin(heading) + north * math.cos(heading))
            across_km = east * math.cos(heading) - north * math.sin(heading)
            if -4.0 < before_km < ALIGNED_KM:
                width = 0.4 + 0.03 * max(before_km, 0.0)
                best = max(best, 2.5 * math.exp(-0.5 * (off / 8.0) ** 2 - 0.5 * (across_km / width) ** 2))
    return best


def _aligned_before_ground(track: EndTrack, fields: InReach) -> Floats:
    """Half the alignment bonus of the fix next to the ground, to tell neighbouring fields apart."""
    airborne = np.flatnonzero(~track.on_ground & (track.seconds < 1800.0))
    if not len(airborne):
        return np.zeros(len(fields))
    k = int(airborne[0])
    lat, lon, heading = (float(column[k]) for column in (track.lat_deg, track.lon_deg, track.true_track_deg))
    return np.array([0.5 * _alignment_bonus(lat, lon, heading, fields.made(i)) for i in range(len(fields))])


def unknown_log_likelihood(track: EndTrack, state: EndState) -> float:
    """How well "none of the listed fields" explains the end: poorly low down and descending, well in level cruise."""
    if state.on_ground:
        return -4.0
    if math.isnan(state.altitude_ft):
        return 0.0
    height_kft = max(state.altitude_ft, 0.0) / 1000.0
    if state.descending:
        return min(-5.0 + 0.3 * height_kft, 1.5)
    if math.isnan(state.vertical_rate_ft_min):
        return min(-3.5 + 0.35 * height_kft, 3.0)
    return min(-2.5 + 0.4 * height_kft, 3.0)


def log_priors(track: EndTrack, fields: InReach) -> Floats:
    """The mild prior of `probability`: a factor of 2.5 at most between fields of the same runway class.

    Kind and scheduled service say little of an air base: Ovda is a "small airport" without service in OurAirports.
    """
    known = fields.airfields
    of_kind = np.array([KIND_LOG_PRIOR.get(kind, 0.0) for kind in known.kinds])
    prior: Floats = of_kind[known.kind[fields.indexes]]
    prior += np.where(known.scheduled_service[fields.indexes], 0.3, 0.0)
    if track.shortest_runway_ft >= 4500.0:
        prior += np.where(known.longest_runway_ft[fields.indexes] >= 6000.0, 0.3, 0.0)
    return prior
