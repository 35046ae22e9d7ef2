"""Positions that are readable but not to be believed get their reason in `rejected_because`; nothing is deleted.

Three rules, applied to what one network says of one track (two networks are compared only afterwards):

* stale: the same place again while time goes on and the aircraft is said to fly. The first of equal fixes is kept.
  Receivers repeat the last known place for minutes; such repeats would also hide a jump from any speed test.
* a block that a rule shows to be false: at a known spoof target, hardly moving at cruise height, or at a runway without
  a descent (`spoofing.py`).
* impossible jump: the fixes are cut into runs wherever the next one could not have been reached, and the chain of runs
  that can follow one another and holds the most fixes is believed. A spoofed stretch comes in blocks that look smooth
  inside, which a test against the two neighbours lets through. A competing run that is itself long is marked as
  disputed rather than as a jump: which of the two is true is then not known from these positions.

Where two stories go on at the same time, `shared_address.py` asks whether they are of two aircraft.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import numpy as np
import pandas as pd

from flighttrace.geodesy import KM_PER_NM, distance_km
from flighttrace.match.places import Airfields
from flighttrace.match.spoofing import DISPUTED_PREFIX, Steps, false_blocks

STALE: Final = "stale: the same position again while time goes on"
JUMP: Final = "impossible jump: could not be reached at 1,000 kt"
DISPUTED: Final = DISPUTED_PREFIX + "a competing run of positions, out of reach of the rest"

FASTEST_KT: Final = 1000.0
"""No transport flies that fast over ground (a jet in a strong jet stream reaches about 700 kt)."""
SLACK_KM: Final = 3.0
"""Time stamps are cut to whole seconds and MLAT fixes scatter: a step this short is never a jump."""
KM_PER_DEG: Final = 111.7
"""No degree of latitude or longitude is longer on WGS 84: 111.694 km, at a pole."""
BETWEEN_NETWORKS_SLACK_KM: Final = 15.0
"""Two networks' clocks and estimates differ; less than this is no disagreement."""
STANDING_KT: Final = 30.0
"""At this speed and below, equal positions are what a parked or taxiing aircraft sends."""
DISPUTED_FIXES: Final = 20
DISPUTED_S: Final = 300.0
"""A competing run of this many fixes, or this long, is a second story and not a stray fix."""
MOST_RUNS: Final = 3000
"""Runs that the chain is searched over; a track broken into more pieces than that is searched with a short memory."""
MEMORY: Final = 400
LATE_ENTRY_MEMORY: Final = 10
LATE_ENTRY_KM: Final = 30.0
LATE_ENTRY_FIXES: Final = 300
"""A run that begins this near may be entered this late, its first fixes given up: two stretches that a receiver
network stitched a few kilometres apart are one flight, and not two competing ones. Of any other run only the very
first fix may be given up: it can be a stray one (what is left of a frozen, spoofed stretch) that time brought into
reach of the fixes after it."""


def mark_unbelievable(
    track: pd.DataFrame, *, airfields: Airfields | None = None, slack_km: float = SLACK_KM
) -> pd.DataFrame:
    """`track` with `rejected_because` filled in where a fix is stale or out of reach; rows and order unchanged.

    `track`: rows of `positions` of one track key and one network, sorted by time. Reasons already there stay.
    `airfields`: where a runway may be; the shipped ones by default.
    """
    return mark_out_of_reach(mark_stale(track), airfields=airfields, slack_km=slack_km)


def mark_stale(track: pd.DataFrame, number: np.ndarray | None = None) -> pd.DataFrame:
    """`track` with the stale repeats marked, the first of equal fixes kept; rows as `mark_unbelievable` takes them.

    number (n,): of several tracks, each by itself, that of each row's.
    """
    believed = missing(track["rejected_because"])
    lat, lon = track["lat_deg"].to_numpy(), track["lon_deg"].to_numpy()
    stale = _stale(track, seconds_of(track["time_utc"]), lat, lon, believed, number)
    return with_reasons(track, [(np.flatnonzero(stale), STALE)])


def tracks_that_jump(rows: pd.DataFrame, number: np.ndarray, *, slack_km: float = SLACK_KM) -> np.ndarray:
    """The numbers, ascending, of the tracks that `mark_out_of_reach` would look at: all others it leaves as they are.

    `rows`: of several tracks, sorted by track and time, stale repeats marked. number (n,): that of each row's track.
    """
    index = np.flatnonzero(missing(rows["rejected_because"]))
    seconds, lat, lon = seconds_of(rows["time_utc"]), rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
    beyond = _beyond_reach(seconds[index], lat[index], lon[index], slack_km)
    own = number[index]
    return np.unique(own[1:][beyond & (own[1:] == own[:-1])])


def mark_out_of_reach(
    track: pd.DataFrame, *, airfields: Airfields | None = None, slack_km: float = SLACK_KM
) -> pd.DataFrame:
    """`track`, its stale repeats marked, with false blocks, jumps and competing runs marked too."""
    index = np.flatnonzero(missing(track["rejected_because"]))
    if len(index) < 2:
        return track
    every_s = seconds_of(track["time_utc"])
    lat, lon = track["lat_deg"].to_numpy(), track["lon_deg"].to_numpy()
    jumped = _beyond_reach(every_s[index], lat[index], lon[index], slack_km)
    if not jumped.any():
        return track
    blocks = false_blocks(Steps.of(track, index, every_s, jumped), airfields)
    marks = [(index[members], reason) for members, reason in blocks]
    if marks:
        index = np.setdiff1d(index, np.concatenate([rows for rows, _ in marks]))
    if len(index) > 1:
        seconds, lat, lon = every_s[index], lat[index], lon[index]
        keep, runs = longest_chain(seconds, lat, lon, slack_km=slack_km)
        marks.append((index[~keep], JUMP))
        marks += [(index[story], DISPUTED) for story in _other_stories(seconds, lat, lon, keep, runs, slack_km)]
    return with_reasons(track, marks)


def disputed(reasons: pd.Series) -> np.ndarray:
    """Where a reason is one of a whole block: a competing run, a spoof target, a runway without a descent."""
    found = ~missing(reasons)
    if found.any():
        found[found] = [reason.startswith(DISPUTED_PREFIX) for reason in reasons.array[found]]
    return found


def with_reasons(track: pd.DataFrame, marks: Sequence[tuple[np.ndarray, str]]) -> pd.DataFrame:
    """`track` with each reason at its row numbers, later ones over earlier; `track` itself where nothing is marked."""
    if not any(len(rows) for rows, _ in marks):
        return track
    reasons = track["rejected_because"].array.copy()
    for rows, reason in marks:
        reasons[rows] = reason
    return track.assign(rejected_because=reasons)


def _other_stories(
    seconds: np.ndarray, lat: np.ndarray, lon: np.ndarray, keep: np.ndarray, runs: np.ndarray, slack_km: float
) -> list[np.ndarray]:
    """Indexes of what is left over and hangs together: long runs, and a chain of many short ones.

    Two aircraft under one name alternate, so that every run has one fix; together they are a second story all the same.
    """
    stories: list[np.ndarray] = []
    left = np.flatnonzero(~keep)
    if not len(left):
        return stories
    for run in np.unique(runs[left]):
        members = left[runs[left] == run]
        long = len(members) >= DISPUTED_FIXES or seconds[members[-1]] - seconds[members[0]] >= DISPUTED_S
        if long and not keep[runs == run].any():
            stories.append(members)
    if len(left) >= DISPUTED_FIXES:
        chained, _ = longest_chain(seconds[left], lat[left], lon[left], slack_km=slack_km)
        if chained.sum() >= DISPUTED_FIXES and not np.isin(runs[left[chained]], runs[keep]).all():
            stories.append(left[chained])
    return stories


def missing(texts: pd.Series) -> np.ndarray:
    """Where a text column says nothing. As `isna()`, without the cost of making a column of it."""
    return np.asarray(texts.array.isna(), dtype=bool)


def seconds_of(times: pd.Series) -> np.ndarray:
    """Aware times as seconds since 1970 (float64), whatever the unit of the column."""
    if cast(pd.DatetimeTZDtype, times.dtype).unit != "ms":
        times = times.dt.as_unit("ms")
    return np.asarray(times.to_numpy(dtype="datetime64[ms]").astype("int64"), dtype=np.float64) / 1000.0


def _stale(
    track: pd.DataFrame,
    time: np.ndarray,
    lat: np.ndarray,
    lon: np.ndarray,
    believed: np.ndarray,
    number: np.ndarray | None,
) -> np.ndarray:
    index = np.flatnonzero(believed)
    stale = np.zeros(len(track), dtype=bool)
    if len(index) > 1:
        a, b = index[:-1], index[1:]
        again = (lat[a] == lat[b]) & (lon[a] == lon[b]) & (time[b] > time[a])
        if number is not None:
            again &= number[a] == number[b]
        if again.any():
            on_ground = track["on_ground"].fillna(False).to_numpy(dtype=bool)
            moving = ~on_ground & ~(track["ground_speed_kt"].to_numpy() <= STANDING_KT)
            stale[b] = again & moving[b]
    return stale


def longest_chain(
    seconds: np.ndarray, lat_deg: np.ndarray, lon_deg: np.ndarray, *, slack_km: float = SLACK_KM
) -> tuple[np.ndarray, np.ndarray]:
    """Which fixes belong to the speed-consistent chain with the most fixes, and the number of each fix's run.

    Shapes: three arrays (n,) sorted by time; returns bool (n,) and int (n,). Ties go to the earlier chain.
    """
    n = len(seconds)
    cut = _beyond_reach(seconds, lat_deg, lon_deg, slack_km)
    runs = np.concatenate([[0], np.cumsum(cut)])
    count = int(runs[-1]) + 1
    if count == 1:
        return np.ones(n, dtype=bool), runs
    first = np.searchsorted(runs, np.arange(count), side="left")
    last = np.searchsorted(runs, np.arange(count), side="right") - 1
    size = (last - first + 1).astype(float)
    best = size.copy()
    before = np.full(count, -1)
    skipped = np.zeros(count, dtype=int)
    memory = count if count <= MOST_RUNS else MEMORY
    for i in range(1, count):
        earlier = np.arange(max(0, i - memory), i)
        gap_km = distance_km(lat_deg[last[earlier]], lon_deg[last[earlier]], lat_deg[first[i]], lon_deg[first[i]])
        fits = gap_km <= _reach_km(seconds[first[i]] - seconds[last[earlier]], slack_km)
        options = np.where(fits, best[earlier] + size[i], -1.0)
        late = np.zeros(len(earlier), dtype=int)
        for k in np.flatnonzero(~fits)[-LATE_ENTRY_MEMORY:] if size[i] > 1 else ():
            late[k] = _late_entry(
                seconds, lat_deg, lon_deg, int(last[earlier[k]]), int(first[i]), int(last[i]), slack_km
            )
            if late[k]:
                options[k] = best[earlier[k]] + size[i] - late[k]
        pick = int(np.argmax(options))
        if options[pick] > best[i]:
            best[i], before[i], skipped[i] = options[pick], earlier[pick], late[pick]
    keep = np.zeros(n, dtype=bool)
    at = int(np.argmax(best))
    while at >= 0:
        keep[first[at] + skipped[at] : last[at] + 1] = True
        at = int(before[at])
    return keep, runs


def _beyond_reach(seconds: np.ndarray, lat: np.ndarray, lon: np.ndarray, slack_km: float) -> np.ndarray:
    """For each step whether it is longer than the reach. Most are surely not, and need no geodesic."""
    reach_km = _reach_km(np.diff(seconds), slack_km)
    east = np.abs(np.diff(lon))
    most_km = (np.abs(np.diff(lat)) + np.minimum(east, 360.0 - east)) * KM_PER_DEG
    far = np.flatnonzero(~(most_km <= reach_km))
    beyond = np.zeros(len(reach_km), dtype=bool)
    beyond[far] = distance_km(lat[far], lon[far], lat[far + 1], lon[far + 1]) > reach_km[far]
    return beyond


def _late_entry(
    seconds: np.ndarray, lat: np.ndarray, lon: np.ndarray, here: int, first: int, last: int, slack_km: float
) -> int:
    """How many fixes of the run first..last to give up so that it can be reached from `here`; 0 if none will do."""
    near = float(distance_km(lat[here], lon[here], lat[first], lon[first])) <= LATE_ENTRY_KM
    run = slice(first, min(last, first + (LATE_ENTRY_FIXES if near else 1)) + 1)
    away_km = distance_km(lat[here], lon[here], lat[run], lon[run])
    reachable = away_km <= _reach_km(seconds[run] - seconds[here], slack_km)
    return int(np.argmax(reachable)) if reachable.any() else 0


def _reach_km(seconds: np.ndarray, slack_km: float) -> np.ndarray:
    return slack_km + FASTEST_KT * KM_PER_NM / 3600.0 * np.asarray(seconds, dtype=float)
