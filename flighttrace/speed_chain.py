"""Which positions of a track can follow one another at FASTEST_KT: the longest chain of them.

A track is cut into runs wherever the next fix could not have been reached, and of the chains of runs that can follow
one another that with the most fixes is found. A spoofed stretch comes in blocks that look smooth inside, which a test
against the two neighbours lets through.

The match room cleans tracks by it (`match/cleaning.py`), and ingest a day of a track, to tell in the presence index
what cleaning will leave of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km

FASTEST_KT: Final = 1000.0
"""No transport flies that fast over ground (a jet in a strong jet stream reaches about 700 kt)."""
SLACK_KM: Final = 3.0
"""Time stamps are cut to whole seconds and MLAT fixes scatter: a step this short is never a jump."""
KM_PER_DEG: Final = 111.7
"""No degree of latitude or longitude is longer on WGS 84: 111.694 km, at a pole."""
STANDING_KT: Final = 30.0
"""At this speed and below, equal positions are what a parked or taxiing aircraft sends."""
DISPUTED_FIXES: Final = 20
"""As many that hang together, out of reach of the rest, are a second story and not stray fixes."""
MOST_RUNS: Final = 3000
"""Runs that the chain is searched over; a track broken into more pieces than that is searched with a short memory."""
MEMORY: Final = 400
"""How many runs back that goes."""
TRIMMED_MEMORY: Final = 10
"""Of the runs before one that it cannot follow as they stand, so many are looked at for what may be given up."""
LATE_ENTRY_KM: Final = 30.0
LATE_ENTRY_FIXES: Final = 300
"""A run that begins this near may be entered this late, its first fixes given up: two stretches that a receiver
network stitched a few kilometres apart are one flight, and not two competing ones. Of any other run only the very
first fix may be given up: it can be a stray one (what is left of a frozen, spoofed stretch) that time brought into
reach of the fixes after it."""
EARLY_EXIT_S: Final = 600.0
"""A run's very last fix may be given up, too, where it was heard so long after the one before: a stray one, which time
brought into reach of what was heard before it. More, or without the silence, may be the true part of two."""


@dataclass(frozen=True)
class Steps:
    """The fixes that a chain is looked for in, as arrays of shape (n,), and which of the n - 1 steps are impossible."""

    seconds: Floats
    until: Floats
    """When the last stale repeat of the fix was heard; its own time where there is none."""
    lat_deg: Floats
    lon_deg: Floats
    altitude_ft: Floats
    """Pressure altitude, which no spoofed position touches; the geometric one where that is all there is."""
    on_ground: np.ndarray
    jumped: np.ndarray


class Chain(NamedTuple):
    """The longest chain of n fixes."""

    keep: np.ndarray
    """bool (n,): which fixes belong to it."""
    runs: np.ndarray
    """int (n,): the number of each fix's run."""
    sole: bool
    """Whether it is sure that no other chain is as long."""


def longest_chain(
    seconds: np.ndarray, lat_deg: np.ndarray, lon_deg: np.ndarray, *, slack_km: float = SLACK_KM
) -> Chain:
    """The speed-consistent chain with the most fixes. Ties go to the earlier chain.

    Shapes: three arrays (n,), n > 0, sorted by time.
    """
    n = len(seconds)
    cut = beyond_reach(seconds, lat_deg, lon_deg, slack_km)
    runs = np.concatenate([[0], np.cumsum(cut)])
    count = int(runs[-1]) + 1
    if count == 1:
        return Chain(np.ones(n, dtype=bool), runs, True)
    first = np.searchsorted(runs, np.arange(count), side="left")
    last = np.searchsorted(runs, np.arange(count), side="right") - 1
    size = (last - first + 1).astype(float)
    best = size.copy()
    before = np.full(count, -1)
    entered_late, left_early = np.zeros((2, count), dtype=int)  # fixes given up: of the run, and of that before it
    several = np.zeros(count, dtype=bool)  # whether there is more than one best way to the run
    memory = count if count <= MOST_RUNS else MEMORY
    for i in range(1, count):
        earlier = np.arange(max(0, i - memory), i)
        gap_km = distance_km(lat_deg[last[earlier]], lon_deg[last[earlier]], lat_deg[first[i]], lon_deg[first[i]])
        fits = gap_km <= farthest_km(seconds[first[i]] - seconds[last[earlier]], slack_km)
        options = np.where(fits, best[earlier] + size[i], -1.0)
        late, early = np.zeros((2, len(earlier)), dtype=int)
        for j in np.flatnonzero(~fits)[-TRIMMED_MEMORY:] if size[i] > 1 else ():
            k = int(earlier[j])
            track = seconds, lat_deg, lon_deg, slack_km
            late[j] = _late_entry(*track, int(last[k]), int(first[i]), int(last[i]))
            if late[j] != 1 and size[k] - entered_late[k] > 1 and _early_exit(*track, int(last[k]), int(first[i])):
                late[j], early[j] = 0, 1
            if late[j] or early[j]:
                options[j] = best[k] + size[i] - late[j] - early[j]
        pick = int(np.argmax(options))
        if options[pick] > best[i]:
            best[i], before[i], entered_late[i], left_early[i] = options[pick], earlier[pick], late[pick], early[pick]
        ways = earlier[options == best[i]]
        several[i] = len(ways) + int(best[i] == size[i]) > 1 or bool(several[ways].any())
    keep = np.zeros(n, dtype=bool)
    at, end = int(np.argmax(best)), 0
    # whether a run with one fix left may be left early hangs on the way to it
    one_fix_left = (entered_late > 0) & (entered_late == size - 1)
    sole = bool((best == best[at]).sum() == 1 and not several[at] and not one_fix_left.any())
    while at >= 0:
        keep[first[at] + entered_late[at] : last[at] + 1 - end] = True
        at, end = int(before[at]), int(left_early[at])
    return Chain(keep, runs, sole)


def beyond_reach(
    seconds: np.ndarray, lat_deg: np.ndarray, lon_deg: np.ndarray, slack_km: float = SLACK_KM
) -> np.ndarray:
    """bool (n - 1,): for each step whether it is longer than the reach. Most are surely not, and need no geodesic."""
    reach_km = farthest_km(np.diff(seconds), slack_km)
    one, two = (lat_deg[:-1], lon_deg[:-1]), (lat_deg[1:], lon_deg[1:])
    far = np.flatnonzero(perhaps_farther(*one, *two, reach_km))
    beyond = np.zeros(len(reach_km), dtype=bool)
    beyond[far] = distance_km(lat_deg[far], lon_deg[far], lat_deg[far + 1], lon_deg[far + 1]) > reach_km[far]
    return beyond


def perhaps_farther(
    lat1: np.ndarray, lon1: np.ndarray, lat2: np.ndarray, lon2: np.ndarray, than_km: np.ndarray
) -> np.ndarray:
    """bool (n,): whether the points may be farther apart: by the sides of the triangle of their differences, and where
    these are too long together by its third. No geodesic is longer. NaN may be."""
    north = np.abs(lat2 - lat1) * KM_PER_DEG
    east = np.abs(lon2 - lon1)
    east = np.minimum(east, 360.0 - east) * KM_PER_DEG
    farther = ~(north + east <= than_km)
    unsure = np.flatnonzero(farther)
    if len(unsure):
        one, two = lat1[unsure], lat2[unsure]
        nearest = np.where((one < 0) != (two < 0), 0.0, np.minimum(np.abs(one), np.abs(two)))
        shrunk = east[unsure] * np.cos(np.radians(nearest))
        farther[unsure] = ~(np.hypot(north[unsure], shrunk) <= than_km[unsure])
    return np.asarray(farther)


def _late_entry(
    seconds: np.ndarray, lat: np.ndarray, lon: np.ndarray, slack_km: float, here: int, first: int, last: int
) -> int:
    """How many fixes of the run first..last to give up so that it can be reached from `here`; 0 if none will do."""
    near = float(distance_km(lat[here], lon[here], lat[first], lon[first])) <= LATE_ENTRY_KM
    run = slice(first, min(last, first + (LATE_ENTRY_FIXES if near else 1)) + 1)
    away_km = distance_km(lat[here], lon[here], lat[run], lon[run])
    reachable = away_km <= farthest_km(seconds[run] - seconds[here], slack_km)
    return int(np.argmax(reachable)) if reachable.any() else 0


def _early_exit(seconds: np.ndarray, lat: np.ndarray, lon: np.ndarray, slack_km: float, last: int, there: int) -> bool:
    """Whether `there` can be reached with the last fix of a run given up, which was heard after a silence."""
    if seconds[last] - seconds[last - 1] < EARLY_EXIT_S:
        return False
    away_km = float(distance_km(lat[last - 1], lon[last - 1], lat[there], lon[there]))
    return away_km <= float(farthest_km(seconds[there] - seconds[last - 1], slack_km))


def farthest_km(seconds: np.ndarray, slack_km: float = SLACK_KM) -> np.ndarray:
    """The longest step that is believed in such a time: an array of the same shape."""
    return slack_km + FASTEST_KT * KM_PER_NM / 3600.0 * np.asarray(seconds, dtype=float)
