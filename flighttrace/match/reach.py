"""Where an airframe can have been beyond its last (before its first) fix: the set that an end has to lie in.

With another sighting of the track: every point from which both can be reached in the time between, at FASTEST_KT; on
the ellipsoid an ellipse with the two sightings as foci. Without one nothing bounds how far it flew; then the set is
where a descent that begins at the fix (a climb that led to it) can have ended (begun), at FLATTEST_DEG or steeper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from flighttrace.geodesy import KM_PER_NM, Floats, circle, distance_km, wgs84
from flighttrace.match.candidates import FASTEST_KT
from flighttrace.match.model import EndpointEstimate
from flighttrace.match.rivals import KM_PER_FT

FLATTEST_DEG: Final = 1.5
"""Half the usual 3°: a powered descent at 400 kt and 1,000 ft/min falls 1.4°."""
WIDEST_KM: Final = 6000.0
"""A set whose way over both sightings is longer holds half the globe and bounds nothing."""
RIM_POINTS: Final = 180
HALVINGS: Final = 40


@dataclass(frozen=True)
class Reach:
    """The set, as its rim, and what it is."""

    kind: Literal["both", "descent", "nowhere", "unbounded"]
    """"nowhere": the sightings are farther apart than FASTEST_KT allows. "unbounded": nothing is known that bounds it,
    or it is wider than WIDEST_KM."""
    km: float | None = None
    """both: the longest way fix - point - sighting; descent: the radius."""
    rim: Floats | None = None
    """Shape (n, 2): latitude, longitude; closed."""


def reachable(end: EndpointEstimate) -> Reach | None:
    """The reachable set of an end; None on the ground, where the end itself was heard."""
    if end.on_ground:
        return None
    if end.neighbour is not None:
        seconds = abs((end.neighbour.time_utc - end.fix_time_utc).total_seconds())
        way_km = FASTEST_KT * KM_PER_NM * seconds / 3600.0
        if way_km > WIDEST_KM:
            return Reach("unbounded", way_km)
        return _over_both(end, end.neighbour.lat_deg, end.neighbour.lon_deg, way_km)
    if end.fix_altitude_ft is None:
        return Reach("unbounded")
    radius_km = max(end.fix_altitude_ft, 0.0) * KM_PER_FT / math.tan(math.radians(FLATTEST_DEG))
    if radius_km < 1.0:
        return None
    return Reach("descent", radius_km, circle(end.fix_lat_deg, end.fix_lon_deg, radius_km, RIM_POINTS))


def _over_both(end: EndpointEstimate, lat_deg: float, lon_deg: float, way_km: float) -> Reach:
    """The rim, azimuth by azimuth from the fix, by halving: the way over a point grows with its distance."""
    here_lat, here_lon = end.fix_lat_deg, end.fix_lon_deg
    if float(distance_km(here_lat, here_lon, lat_deg, lon_deg)) > way_km:
        return Reach("nowhere", way_km)
    azimuths = np.linspace(0.0, 360.0, RIM_POINTS + 1)
    from_lat, from_lon = np.full(len(azimuths), here_lat), np.full(len(azimuths), here_lon)
    near, far = np.zeros(len(azimuths)), np.full(len(azimuths), way_km)
    lat, lon = from_lat, from_lon
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        lon, lat, _ = wgs84().fwd(from_lon, from_lat, azimuths, middle * 1000.0)
        within = middle + distance_km(lat, lon, lat_deg, lon_deg) <= way_km
        near, far = np.where(within, middle, near), np.where(within, far, middle)
    return Reach("both", way_km, np.column_stack([lat, lon]))
