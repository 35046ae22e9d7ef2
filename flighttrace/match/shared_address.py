"""One ICAO address heard in two places at once: which rows belong to the second aircraft, if there is one.

Two aircraft may send one address (a wrong setting, a test box, a clone). What tells them from one aircraft whose
positions are spoofed is what a false position cannot do:

* *at once*: both stories go on, each between fixes of the other within AT_ONCE_S, for five minutes and more, in what
  one network heard. A spoofed receiver has one position at a time: its false block stands where the true story is
  silent, and ends when that goes on. Such a block, however long, stays disputed.
* *two transmitters*: a receiver that flips to and fro also interleaves. But it changes positions alone: pressure
  altitude, call sign and the ground switch are the aircraft's own. So stories that agree in height stay one aircraft,
  disputed, where one of them goes nowhere (frozen or circling), where they climb or descend together, or where one is
  reckoned by the receivers (MLAT). With other call signs, other heights or another ground state they are two; and so
  are two that both fly their own way, for spoofed receivers are not known to be flown along a second route.

Networks are asked one by one, because a clock that is off makes one aircraft two. Where the rule says yes, each fix
goes to the story that it continues. All flights of both tracks are flagged with AT_ONCE and corroborate nothing, for
neither track shows by itself whose the address is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, inf, radians, sin, sqrt
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.match.cleaning import DISPUTED_S, JUMP, disputed, seconds_of
from flighttrace.match.spoofing import STALE
from flighttrace.speed_chain import DISPUTED_FIXES, FASTEST_KT

AT_ONCE: Final = "address heard in two places at once"
"""The flag of every flight of both tracks."""
AT_ONCE_S: Final = 90.0
"""Feeds thin a cruise to a point a minute; a story that is heard this often does not stop for the other."""
AT_ONCE_FIXES: Final = 10
"""Fixes of each story that stand between two of the other: fewer are strays."""
MOST_STORIES: Final = 50
"""A track in more pieces than that is noise; what comes later joins the first."""
SAME_HEIGHT_FT: Final = 500.0
"""Two fixes of one aircraft, the height between them interpolated over AT_ONCE_S at most, in a climb."""
COMPARED_FIXES: Final = 5
TOGETHER_FT: Final = 1500.0
"""Heights that change by this much and stay equal are of one aircraft, not of two on one level."""
NOWHERE_KM: Final = 20.0
"""From the story's median point. The real spoofed block of THY9BP keeps within 10 km of it; a transport that flies
its way for five minutes comes farther."""
EARTH_KM: Final = 6371.0
"""A sphere will do to say which of two stories is nearer."""


@dataclass(frozen=True)
class _Story:
    """Fixes of one story in time order, arrays of shape (n,)."""

    time: Floats
    lat: Floats
    lon: Floats
    baro_ft: Floats
    ground: np.ndarray
    """1 on the ground, 0 in the air, -1 not said."""
    mlat: np.ndarray
    callsigns: frozenset[str]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Story:
        ground = rows["on_ground"].astype("Int8").to_numpy(dtype=np.int8, na_value=-1)
        return cls(
            seconds_of(rows["time_utc"]),
            rows["lat_deg"].to_numpy(),
            rows["lon_deg"].to_numpy(),
            rows["baro_altitude_ft"].to_numpy(),
            ground,
            (rows["position_source"] == "mlat").to_numpy(dtype=bool, na_value=False),
            frozenset(rows["callsign"].dropna()),
        )


def second_aircraft(cleaned: pd.DataFrame, heard_by: pd.Series, *, slack_km: float) -> np.ndarray | None:
    """The number of the aircraft of each row (0 the one heard most), or None where one will do.

    `cleaned`: the rows of one address in time order, marked by `clean_track`. `heard_by`: for each row the network
    that it was cleaned with. `slack_km`: a step this short is never a jump.
    """
    if int(disputed(cleaned["rejected_because"]).sum()) < DISPUTED_FIXES:
        return None
    story = _continued(cleaned, slack_km)
    sizes = np.bincount(story)
    order = sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))
    main = cleaned[story == order[0]]
    others = [
        i
        for i in order[1:]
        if sizes[i] >= DISPUTED_FIXES
        and _are_two(main, cleaned[story == i], heard_by[story == order[0]], heard_by[story == i])
    ]
    if not others:
        return None
    number = np.zeros(len(cleaned), dtype=np.intp)
    for n, i in enumerate(others, start=1):
        number[story == i] = n
    return number


def _continued(cleaned: pd.DataFrame, slack_km: float) -> np.ndarray:
    """For each row the story that it continues: of those within reach one with no other call sign, then the nearest.

    A fix that none can have reached begins a story. What reading already rejected stays with the first.
    """
    reasons = cleaned["rejected_because"]
    usable = (reasons.isna() | reasons.isin([JUMP, STALE])).to_numpy() | disputed(reasons)
    time = seconds_of(cleaned["time_utc"]).tolist()
    lat, lon = cleaned["lat_deg"].tolist(), cleaned["lon_deg"].tolist()
    signs = cleaned["callsign"].astype(object).where(cleaned["callsign"].notna(), None).tolist()
    speed_km_s = FASTEST_KT * KM_PER_NM / 3600.0
    heads: list[tuple[float, float, float, str | None]] = []
    number = np.zeros(len(cleaned), dtype=np.intp)
    for row in np.flatnonzero(usable).tolist():
        best, found = (2, inf), -1
        for i, (then, at_lat, at_lon, sign) in enumerate(heads):
            km = _sphere_km(lat[row], lon[row], at_lat, at_lon)
            if km <= slack_km + speed_km_s * (time[row] - then):
                other = int(bool(sign and signs[row]) and sign != signs[row])
                if (other, km) < best:
                    best, found = (other, km), i
        if found < 0:
            if len(heads) == MOST_STORIES:
                continue
            found = len(heads)
            heads.append((0.0, 0.0, 0.0, None))
        heads[found] = (time[row], lat[row], lon[row], signs[row] or heads[found][3])
        number[row] = found
    return number


def _sphere_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    a, b = radians(lat1), radians(lat2)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(h, 1.0)))


def _are_two(main: pd.DataFrame, other: pd.DataFrame, main_by: pd.Series, other_by: pd.Series) -> bool:
    """Whether, in what one network heard, both stories go on at once and are of two transmitters."""
    for network in sorted(set(main_by) & set(other_by)):
        one, two = _Story.of(main[(main_by == network).to_numpy()]), _Story.of(other[(other_by == network).to_numpy()])
        a, b = _between(one.time, two.time), _between(two.time, one.time)
        if min(a.sum(), b.sum()) < AT_ONCE_FIXES or np.ptp(two.time[b]) < DISPUTED_S:
            continue
        if not _one_transmitter(one, two, a, b):
            return True
    return False


def _between(times: Floats, others: Floats) -> np.ndarray:
    """Which of the times have one of the others within AT_ONCE_S before and after them."""
    after = np.searchsorted(others, times, side="left")
    before = np.searchsorted(others, times, side="right") - 1
    inside = (before >= 0) & (after < len(others))
    at = np.flatnonzero(inside)
    inside[at] = (times[at] - others[before[at]] <= AT_ONCE_S) & (others[after[at]] - times[at] <= AT_ONCE_S)
    return inside


def _one_transmitter(one: _Story, two: _Story, a: np.ndarray, b: np.ndarray) -> bool:
    """Whether nothing but the position tells the stories apart. `a`, `b`: their fixes that lie between the other's."""
    if one.callsigns and two.callsigns and not one.callsigns & two.callsigns:
        return False
    before = one.ground[np.searchsorted(one.time, two.time[b], side="right") - 1]
    said = (two.ground[b] >= 0) & (before >= 0)
    if said.sum() >= COMPARED_FIXES and (two.ground[b] != before)[said].mean() > 0.5:
        return False
    stays = _goes_nowhere(one, a) or _goes_nowhere(two, b)
    known = ~np.isnan(one.baro_ft)
    heights = two.baro_ft[b]
    compared = ~np.isnan(heights)
    if known.sum() < 2 or compared.sum() < COMPARED_FIXES:
        return stays
    heights = heights[compared]
    expected = np.interp(two.time[b][compared], one.time[known], one.baro_ft[known])
    if float(np.quantile(np.abs(heights - expected), 0.9)) > SAME_HEIGHT_FT:
        return False
    reckoned = bool(one.mlat[a].mean() > 0.5) != bool(two.mlat[b].mean() > 0.5)
    return stays or reckoned or float(np.ptp(heights)) >= TOGETHER_FT


def _goes_nowhere(story: _Story, chosen: np.ndarray) -> bool:
    lat, lon = story.lat[chosen], story.lon[chosen]
    return bool(distance_km(lat, lon, float(np.median(lat)), float(np.median(lon))).max() <= NOWHERE_KM)
