"""One simulated flight as one state a second: taxi, take-off roll, climb, great-circle legs, descent, landing, taxi.

A point-mass model on a sphere: turns are limited by bank and by the standard rate, speed by an indicated-airspeed
schedule, descent by a 3 degree path with level segments. It is meant to move like a heavy freighter, not to be one:
the tests hold its speeds, climb rates and turn rates to bounds, and nothing more is claimed.

Runway ends and elevations: OurAirports (public domain). Angles in degrees, heights in feet above mean sea level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

EARTH_KM: Final = 6371.0088
"""Mean radius (IUGG)."""
KM_PER_NM: Final = 1.852
FT_PER_M: Final = 1 / 0.3048
KT_PER_M_S: Final = 3600 / 1852
FT_MIN_PER_M_S: Final = 60 / 0.3048
GRAVITY_M_S2: Final = 9.80665

BANK_DEG: Final = 25.0
"""The bank that airliners and freighters use in turns."""
STANDARD_RATE_DEG_S: Final = 3.0
ROTATION_KT: Final = 145.0
FINAL_KT: Final = 142.0
TAKE_OFF_ACCELERATION_M_S2: Final = 1.9
BRAKING_M_S2: Final = 1.7
AIR_ACCELERATION_M_S2: Final = 0.55
TAXI_KT: Final = 14.0
GLIDE_FT_PER_KM: Final = math.tan(math.radians(3.0)) * 1000 * FT_PER_M
AIMING_POINT_KM: Final = 0.35
"""Touch-down lies this far behind the threshold."""

Point = tuple[float, float]


@dataclass(frozen=True)
class RunwayEnd:
    """A threshold, and the far end of the same runway."""

    lat_deg: float
    lon_deg: float
    far_lat_deg: float
    far_lon_deg: float
    elevation_ft: float

    @property
    def heading_deg(self) -> float:
        return bearing_deg((self.lat_deg, self.lon_deg), (self.far_lat_deg, self.far_lon_deg))

    @property
    def length_km(self) -> float:
        return distance_km((self.lat_deg, self.lon_deg), (self.far_lat_deg, self.far_lon_deg))


def _pair(
    airport: str, one: str, first: Point, other: str, second: Point, elevation_ft: float
) -> dict[tuple[str, str], RunwayEnd]:
    return {
        (airport, one): RunwayEnd(*first, *second, elevation_ft),
        (airport, other): RunwayEnd(*second, *first, elevation_ft),
    }


RUNWAYS: Final[dict[tuple[str, str], RunwayEnd]] = {
    **_pair("LLOV", "02L", (29.930000, 34.929100), "20R", (29.951700, 34.939201), 1460),
    **_pair("LLOV", "02R", (29.927200, 34.931702), "20L", (29.952200, 34.943298), 1458),
    **_pair("LLER", "01", (29.711388, 35.009640), "19", (29.742928, 35.018459), 288),
    **_pair("LLBG", "12", (32.014702, 34.865799), "30", (31.999901, 34.894199), 121),
    **_pair("LLBG", "08", (32.013000, 34.860401), "26", (32.018902, 34.898602), 110),
    **_pair("LLNV", "08C", (31.204399, 34.995098), "26C", (31.211300, 35.029300), 1328),
    **_pair("OJAQ", "01", (29.598000, 35.013302), "19", (29.624000, 35.022400), 144),
    **_pair("UBBB", "16", (40.490929, 50.030434), "34", (40.455917, 50.041431), -18),
    **_pair("UBBB", "17", (40.486698, 50.063301), "35", (40.456699, 50.063301), -2),
    **_pair("UBBG", "12", (40.748016, 46.304798), "30", (40.729794, 46.335472), 1080),
    **_pair("LTAC", "03R", (40.114101, 32.983200), "21L", (40.141300, 33.009102), 3111),
    **_pair("LCLK", "04", (34.864185, 33.612255), "22", (34.883202, 33.635498), 8),
}
STANDS: Final[dict[str, Point]] = {
    "LLOV": (29.9425, 34.9305),
    "LLER": (29.7255, 35.0080),
    "LLBG": (31.9985, 34.8800),
    "LLNV": (31.2040, 35.0120),
    "OJAQ": (29.6110, 35.0240),
    "UBBB": (40.4660, 50.0500),
    "UBBG": (40.7365, 46.3150),
    "LTAC": (40.1240, 32.9990),
    "LCLK": (34.8720, 33.6300),
}
"""Where an aircraft parks: invented points beside the runways."""


def distance_km(one: Point, two: Point) -> float:
    """Great-circle distance on the sphere."""
    lat1, lat2 = math.radians(one[0]), math.radians(two[0])
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(two[1] - one[1]) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def bearing_deg(one: Point, two: Point) -> float:
    """Initial great-circle bearing, 0 to 360."""
    lat1, lat2, step = math.radians(one[0]), math.radians(two[0]), math.radians(two[1] - one[1])
    east = math.sin(step) * math.cos(lat2)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(step)
    return math.degrees(math.atan2(east, north)) % 360.0


def travel(start: Point, heading_deg: float, length_km: float) -> Point:
    """The point that lies `length_km` away along the great circle that leaves with that heading."""
    lat, heading, angle = math.radians(start[0]), math.radians(heading_deg), length_km / EARTH_KM
    sin_lat = math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(heading)
    east = math.sin(heading) * math.sin(angle) * math.cos(lat)
    north = math.cos(angle) - math.sin(lat) * sin_lat
    return math.degrees(math.asin(sin_lat)), start[1] + math.degrees(math.atan2(east, north))


def turn_deg(from_deg: float, to_deg: float) -> float:
    """Signed turn from one heading to another, -180 to 180."""
    return (to_deg - from_deg + 180.0) % 360.0 - 180.0


def density_ratio(height_ft: float) -> float:
    """Air density over that at sea level in the ICAO standard atmosphere (Doc 7488), up to 20 km."""
    height_m = height_ft / FT_PER_M
    if height_m <= 11_000:
        return float((1 - 2.25577e-5 * max(height_m, -500.0)) ** 4.2559)
    return 0.29707 * math.exp(-(height_m - 11_000) / 6341.6)


@dataclass(frozen=True)
class Kind:
    """What sets one kind of aircraft apart: indicated speed above 10,000 ft, true speed in cruise, climb."""

    climb_ias_kt: float
    cruise_tas_kt: float
    climb_ft_min: float


FREIGHTER: Final = Kind(climb_ias_kt=285, cruise_tas_kt=432, climb_ft_min=2150)
AIRLINER: Final = Kind(climb_ias_kt=295, cruise_tas_kt=448, climb_ft_min=2400)


@dataclass(frozen=True)
class Plan:
    """A flight to simulate. `via` are points between the departure and the final approach.

    Without `departure` the aircraft starts in cruise at `via[0]`; without `arrival` it ends in cruise at `via[-1]`.
    """

    departure: tuple[str, str] | None
    via: tuple[Point, ...]
    arrival: tuple[str, str] | None
    cruise_ft: float
    kind: Kind = FREIGHTER
    wind_from_deg: float = 275.0
    wind_kt: float = 25.0
    pace: float = 1.0
    """Scales climb rate: 1 is the kind's own."""
    platform_ft: float = 3000.0
    """Height above the field of the level segment before the final descent."""
    platform_km: float = 8.0
    stand_before_s: int = 600
    stand_after_s: int = 900


@dataclass(frozen=True)
class State:
    """The true state at one moment. `time_s` counts from the first state."""

    time_s: float
    lat_deg: float
    lon_deg: float
    altitude_ft: float
    ground_speed_kt: float
    track_deg: float
    vertical_rate_ft_min: float
    on_ground: bool


@dataclass(frozen=True)
class Flown:
    """The states, with the moments of lift-off and touch-down (None where the plan has no such end)."""

    states: tuple[State, ...]
    take_off_s: float | None
    landing_s: float | None


class _Pilot:
    """Carries the state through the phases of one flight."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.states: list[State] = []
        self.time_s = 0.0
        self.speed_m_s = 0.0
        self.vertical_ft_min = 0.0
        self.descending = False
        self.arrival = RUNWAYS[plan.arrival] if plan.arrival else None
        self.departure = RUNWAYS[plan.departure] if plan.departure else None
        if plan.departure is not None and self.departure is not None:
            self.here: Point = STANDS[plan.departure[0]]
            self.heading = self.departure.heading_deg
            self.altitude_ft = self.departure.elevation_ft
        else:
            self.here, self.altitude_ft = plan.via[0], plan.cruise_ft
            self.heading = bearing_deg(plan.via[0], plan.via[1])
            self.speed_m_s = plan.kind.cruise_tas_kt / KT_PER_M_S

    def note(self, *, on_ground: bool) -> None:
        self.states.append(
            State(
                self.time_s,
                *self.here,
                self.altitude_ft,
                self.speed_m_s * KT_PER_M_S,
                self.heading % 360.0,
                0.0 if on_ground else self.vertical_ft_min,
                on_ground,
            )
        )

    def stand(self, seconds: int) -> None:
        """Parked: one state every 30 s, since nothing happens."""
        self.speed_m_s = 0.0
        for _ in range(seconds // 30):
            self.note(on_ground=True)
            self.time_s += 30.0

    def roll(self, target: Point, *, limit_kt: float, acceleration_m_s2: float) -> None:
        """Along the ground to a point, changing speed towards the limit. The heading is that of the way."""
        while (left_km := distance_km(self.here, target)) > max(0.004, self.speed_m_s / 1000):
            self.heading = bearing_deg(self.here, target)
            wanted = limit_kt / KT_PER_M_S
            change = max(-acceleration_m_s2, min(acceleration_m_s2, wanted - self.speed_m_s))
            self.speed_m_s = max(1.5, self.speed_m_s + change)
            self.here = travel(self.here, self.heading, min(left_km, self.speed_m_s / 1000))
            self.time_s += 1.0
            self.note(on_ground=True)

    def take_off(self) -> float:
        runway = self.departure
        assert runway is not None
        self.stand(self.plan.stand_before_s)
        threshold = travel((runway.lat_deg, runway.lon_deg), runway.heading_deg, 0.05)
        self.roll(threshold, limit_kt=TAXI_KT, acceleration_m_s2=0.4)
        self.speed_m_s = 0.0
        while self.speed_m_s * KT_PER_M_S < ROTATION_KT:
            self.heading = runway.heading_deg
            self.speed_m_s += TAKE_OFF_ACCELERATION_M_S2
            self.here = travel(self.here, self.heading, self.speed_m_s / 1000)
            self.time_s += 1.0
            self.note(on_ground=True)
        return self.time_s

    def land(self) -> float:
        runway = self.arrival
        assert runway is not None
        touched = self.time_s
        self.altitude_ft, self.vertical_ft_min = runway.elevation_ft, 0.0
        while self.speed_m_s * KT_PER_M_S > 22.0:
            self.heading = runway.heading_deg
            self.speed_m_s -= BRAKING_M_S2
            self.here = travel(self.here, self.heading, self.speed_m_s / 1000)
            self.time_s += 1.0
            self.note(on_ground=True)
        assert self.plan.arrival is not None
        self.roll(travel(self.here, runway.heading_deg, 0.25), limit_kt=TAXI_KT, acceleration_m_s2=0.4)
        self.roll(STANDS[self.plan.arrival[0]], limit_kt=TAXI_KT, acceleration_m_s2=0.4)
        self.stand(self.plan.stand_after_s)
        return touched

    # -- in the air --

    def path(self) -> list[Point]:
        """The points to fly: out along the runway, the route, in along the extended centre line."""
        points: list[Point] = []
        if self.departure is not None:
            start = (self.departure.lat_deg, self.departure.lon_deg)
            points += [start, travel(start, self.departure.heading_deg, 11.0)]
        points += list(self.plan.via)
        if self.arrival is not None:
            threshold, back = (self.arrival.lat_deg, self.arrival.lon_deg), self.arrival.heading_deg + 180.0
            points += [travel(threshold, back, 26.0), travel(threshold, back, 14.0)]
            points.append((self.arrival.far_lat_deg, self.arrival.far_lon_deg))
        return points

    def profile_ft(self, to_go_km: float) -> float:
        """The height that the descent wants with that much way to the touch-down point."""
        runway = self.arrival
        if runway is None:
            return self.plan.cruise_ft
        platform_km = self.plan.platform_ft / GLIDE_FT_PER_KM
        if to_go_km <= platform_km:
            return runway.elevation_ft + to_go_km * GLIDE_FT_PER_KM
        after_level = max(0.0, to_go_km - platform_km - self.plan.platform_km)
        height = runway.elevation_ft + self.plan.platform_ft + after_level * GLIDE_FT_PER_KM
        slow_down_km = 9.0  # level at 10,000 ft while slowing to 250 kt
        if height > 10_000:
            height = max(10_000.0, height - slow_down_km * GLIDE_FT_PER_KM)
        return min(self.plan.cruise_ft, height)

    def wanted_speed_m_s(self, to_go_km: float) -> float:
        kind, plan = self.plan.kind, self.plan
        ias = 250.0 if self.altitude_ft < 10_300 else kind.climb_ias_kt
        if self.departure is not None and self.altitude_ft < self.departure.elevation_ft + 1500 and to_go_km > 60:
            ias = 175.0
        if self.arrival is not None:
            for within_km, slower in ((38.0, 220.0), (24.0, 185.0), (13.0, FINAL_KT)):
                ias = min(ias, slower) if to_go_km < within_km else ias
        tas = min(kind.cruise_tas_kt, ias / math.sqrt(density_ratio(self.altitude_ft)))
        fade = min(1.0, max(0.0, self.altitude_ft / 20_000))
        along = -math.cos(math.radians(plan.wind_from_deg - self.heading)) * plan.wind_kt * fade
        return (tas + along) / KT_PER_M_S

    def step(self, wanted_heading: float, to_go_km: float, seconds: float) -> None:
        plan = self.plan
        rate = min(STANDARD_RATE_DEG_S, math.degrees(GRAVITY_M_S2 * math.tan(math.radians(BANK_DEG)) / self.speed_m_s))
        turn = turn_deg(self.heading, wanted_heading)
        self.heading += max(-rate * seconds, min(rate * seconds, turn * 0.35))
        change = self.wanted_speed_m_s(to_go_km) - self.speed_m_s
        limit = AIR_ACCELERATION_M_S2 * seconds
        self.speed_m_s += max(-limit, min(limit, change))
        target_ft = self.profile_ft(to_go_km)
        climb = plan.kind.climb_ft_min * plan.pace * max(0.2, 1 - 0.021 * self.altitude_ft / 1000)
        settle_s = 3.0 if to_go_km < 25 else 12.0
        wanted = max(-2700.0, min(climb, (target_ft - self.altitude_ft) * 60 / settle_s))
        self.descending = self.descending or target_ft < self.altitude_ft - 50
        if self.descending:
            wanted = min(0.0, wanted)
        gentle = (160.0 if to_go_km < 25 or self.altitude_ft < 3000 else 70.0) * seconds
        self.vertical_ft_min += max(-gentle, min(gentle, wanted - self.vertical_ft_min))
        self.altitude_ft += self.vertical_ft_min * seconds / 60
        self.here = travel(self.here, self.heading, self.speed_m_s * seconds / 1000)
        self.time_s += seconds

    def fly(self) -> None:
        points = self.path()
        lengths = [distance_km(a, b) for a, b in pairwise(points)]
        past_touch_down = (self.arrival.length_km - AIMING_POINT_KM) if self.arrival else 0.0
        for leg in range(len(points) - 1):
            start, end = points[leg], points[leg + 1]
            last = leg == len(points) - 2
            following = bearing_deg(end, points[leg + 2]) if not last else 0.0
            after_km = sum(lengths[leg + 1 :]) - past_touch_down
            course, start_to_end = bearing_deg(start, end), distance_km(start, end)
            while True:
                away_km = distance_km(start, self.here)
                off = math.radians(turn_deg(course, bearing_deg(start, self.here)))
                cross_km = math.asin(math.sin(away_km / EARTH_KM) * math.sin(off)) * EARTH_KM
                left_km = start_to_end - away_km * math.cos(off)
                to_go_km = max(0.0, left_km) + after_km
                if last and self.arrival is not None:
                    if to_go_km <= 0.02 or self.altitude_ft <= self.arrival.elevation_ft:
                        return
                elif left_km <= self.turn_lead_km(course, following, last=last):
                    break
                along = bearing_deg(end, start) + 180.0 if left_km < 15 else bearing_deg(self.here, end)
                catch_km = max(0.9, self.speed_m_s * 0.02)
                wanted = along - math.degrees(math.atan2(cross_km, catch_km)) * 0.8
                busy = self.altitude_ft < 12_000 or abs(turn_deg(self.heading, wanted)) > 1.5
                self.step(wanted, to_go_km, 1.0 if busy else 2.0)
                self.note(on_ground=False)

    def turn_lead_km(self, course: float, following: float, *, last: bool) -> float:
        """How long before a point the turn to the next leg begins."""
        if last:
            return 0.0
        angle = abs(turn_deg(course, following))
        rate = min(STANDARD_RATE_DEG_S, math.degrees(GRAVITY_M_S2 * math.tan(math.radians(BANK_DEG)) / self.speed_m_s))
        radius_km = self.speed_m_s / math.radians(rate) / 1000
        return min(25.0, radius_km * math.tan(math.radians(min(angle, 150.0) / 2)))


def fly(plan: Plan) -> Flown:
    """The plan flown: states at 1 s (2 s in steady cruise, 30 s when parked)."""
    pilot = _Pilot(plan)
    take_off_s = pilot.take_off() if plan.departure else None
    pilot.fly()
    landing_s = pilot.land() if plan.arrival else None
    return Flown(tuple(pilot.states), take_off_s, landing_s)
