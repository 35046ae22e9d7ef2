"""The geometry of runways about a point: how near they are, how well a fix is lined up with them, how far to land.

All on a local plane about the point (`plane_km`), exact to about 0.1 % within 60 km and good enough for a path of some
hundred. A runway end is the threshold that an aircraft lands over, with the direction of that landing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from flighttrace.geodesy import Floats, distance_km
from flighttrace.match.model import Airfield
from flighttrace.match.places import Airfields
from flighttrace.match.plane import clipped, full_turn, plane_km

BOTH_SIDES: Final = np.array([[1.0], [-1.0]])
"""Right and left."""
FINAL_KM: Final = 6.0
"""Where a path joins the final approach: some 1,000 ft above the threshold on a 3° slope."""


@dataclass(frozen=True)
class RunwaysAbout:
    """The runway ends of some fields, seen from one point. All arrays (m,), one row a runway end with a position.

    `field` numbers the fields as they were asked for; a field without known runway ends has no row. `heading` in
    radians clockwise from north; `length_km` of the runway.
    """

    field: np.ndarray
    east_km: Floats
    north_km: Floats
    heading: Floats
    far_east_km: Floats
    far_north_km: Floats

    def __len__(self) -> int:
        return len(self.field)

    def nearest_km(self, count: int) -> Floats:
        """(count,): the distance of the point to each field's nearest runway as a segment; infinite without one."""
        ax, ay = self.east_km, self.north_km
        bx, by = self.far_east_km - ax, self.far_north_km - ay
        length2 = bx * bx + by * by
        share = clipped(np.divide(-(ax * bx + ay * by), length2, out=np.zeros_like(ax), where=length2 > 0), 0.0, 1.0)
        nearest = np.full(count, np.inf)
        np.minimum.at(nearest, self.field, np.hypot(ax + share * bx, ay + share * by))
        return nearest

    def lined_up(self, track_deg: float) -> tuple[Floats, Floats, Floats]:
        """(m,) each: degrees off the landing direction, km before the threshold, km beside the centre line."""
        off = np.abs(full_turn(math.radians(track_deg) - self.heading + math.pi) - math.pi)
        sine, cosine = self._direction
        before = self.east_km * sine + self.north_km * cosine
        across = self.north_km * sine - self.east_km * cosine
        return np.degrees(off), before, np.abs(across)

    def paths_km(self, track_deg: float, radius_km: float, count: int) -> Floats:
        """(count,): the shortest way to each field's runways, flying on, turning with that radius and landing.

        Two circles and the tangent between them (L. E. Dubins, 1957: left-straight-left and so on, the two outer and
        two inner ones), ending FINAL_KM before the threshold in its direction. Infinite for a field without a row.
        """
        sine, cosine = self._direction
        x, y = self.east_km - FINAL_KM * sine, self.north_km - FINAL_KM * cosine
        ex, ey = x + BOTH_SIDES * (radius_km * cosine), y - BOTH_SIDES * (radius_km * sine)
        ways = [
            _turn_straight_turn(ex, ey, self.heading, math.radians(track_deg), radius_km, same_side=same)
            for same in (True, False)
        ]
        shortest = np.full(count, np.inf)
        np.minimum.at(shortest, self.field, np.minimum(*ways).min(axis=0) + FINAL_KM)
        return shortest

    @cached_property
    def _direction(self) -> tuple[Floats, Floats]:
        """Sine and cosine of the headings."""
        return np.sin(self.heading), np.cos(self.heading)


def _turn_straight_turn(
    ex: Floats, ey: Floats, heading: Floats, track: float, radius: float, *, same_side: bool
) -> Floats:
    """(2, m): turn, straight, turn from the origin, km, the last turn to the right and to the left (BOTH_SIDES), the
    first one to the same side or to the other. Infinite where none fits.

    `ex`, `ey`: the centres of the last circle, (2, m).
    """
    last = BOTH_SIDES
    first = last if same_side else -last
    cx, cy = first * radius * math.cos(track), -first * radius * math.sin(track)
    dx, dy = ex - cx, ey - cy
    apart = np.hypot(dx, dy)
    line = np.arctan2(dx, dy)
    if same_side:
        straight = apart
        along = line
    else:
        fits = apart >= 2 * radius
        straight = np.sqrt(np.where(fits, apart**2 - 4 * radius**2, np.inf))
        tilt = np.arcsin(clipped(np.divide(2 * radius, apart, out=np.ones_like(apart), where=apart > 0), -1.0, 1.0))
        along = line + first * tilt
    turn_in = full_turn(first * (along - track))
    turn_out = full_turn(last * (heading - along))
    return np.asarray(straight + radius * (turn_in + turn_out))


def runways_about(airfields: Airfields, indexes: np.ndarray, lat_deg: float, lon_deg: float) -> RunwaysAbout:
    """The runway ends of the fields with these indexes in `airfields`, seen from a point."""
    places, owner = airfields.runway_ends(indexes)
    east, north = plane_km(places[:, :, 0], places[:, :, 1], lat_deg, lon_deg)
    return RunwaysAbout(
        owner.repeat(2),
        east.ravel(),
        north.ravel(),
        np.radians(places[:, :, 3]).ravel(),
        east[:, ::-1].ravel(),
        north[:, ::-1].ravel(),
    )


def runway_distance_km(lat_deg: float, lon_deg: float, field: Airfield) -> float:
    """To the nearest runway as a segment; to the reference point where no runway's ends are known."""
    best = math.inf
    for runway in field.runways:
        if len(runway.ends) == 2:
            east, north = plane_km(
                np.array([e.lat_deg for e in runway.ends]), np.array([e.lon_deg for e in runway.ends]), lat_deg, lon_deg
            )
            one = RunwaysAbout(np.zeros(1, dtype=int), east[:1], north[:1], np.zeros(1), east[1:], north[1:])
            best = min(best, float(one.nearest_km(1)[0]))
    return best if best < math.inf else float(distance_km(lat_deg, lon_deg, field.lat_deg, field.lon_deg))
