"""How far from a flight's first or last fix the airfield of that end may lie at most, by the fix alone.

Ingest tells it in the presence index, so that the sieve asks of no airframe more than the match room would find.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from flighttrace.geodesy import Floats

FT_TO_KM: Final = 0.0003048
ARRIVAL_SLOPE_DEG: Final = 3.0
MOST_DISTANT_KM: Final = 300.0
"""Farther out no field is a candidate: an aircraft at cruise height there has not begun its descent. On the real tracks
no named field and no grade hangs on what lies beyond."""
GROUND_REACH_KM: Final = 40.0
GROUND_PROBABLE_KM: Final = 20.0
"""Where a place is one field, no leg has an end on the ground there that is this far beyond its runways: by the
likelihoods of `match/likelihood.py`, its neighbour's end included, the field has a probability of 0.034 at most, less
than a leg asks for. Fields together may have more: for a place of several GROUND_REACH_KM holds."""
MOST_SLACK_KM: Final = GROUND_REACH_KM - GROUND_PROBABLE_KM
AT_LEAST_KM: Final = 60.0
SLOPES: Final = 2.5
"""So many times the way that the height implies on the usual slope, above AT_LEAST_KM."""
ROUNDING_KM: Final = 0.001
"""What rounding may do to a distance."""
PARTS: Final = 8
"""Parts of a 1° cell of presence in latitude and in longitude: which of them hold an end's fix (`end_parts`)."""
HEIGHT_MARGIN_FT: Final = 1500.0
"""Barometric heights are off by some hundred feet, and fields lie below sea level."""


def descent_km(height_ft: Floats) -> Floats:
    """The way down from these heights on the usual slope of an arrival; 0 below the field."""
    return np.asarray(np.maximum(height_ft, 0.0) * FT_TO_KM / math.tan(math.radians(ARRIVAL_SLOPE_DEG)))


def reach_km(
    altitude_ft: Floats,
    on_ground: np.ndarray,
    way_km: Callable[[Floats], Floats] = descent_km,
    ground_km: float = GROUND_REACH_KM,
) -> Floats:
    """(n,): the reach of fixes of these altitudes (NaN: not known). `way_km`: the usual way between the ground and a
    height; unless given that of an arrival, which is the longer one. `ground_km`: the reach of a fix on the ground."""
    air = AT_LEAST_KM + SLOPES * way_km(altitude_ft + HEIGHT_MARGIN_FT)
    return np.where(on_ground, ground_km, np.fmin(air, MOST_DISTANT_KM))
