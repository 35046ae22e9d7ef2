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

from flighttrace.match.places import Airfields
from flighttrace.match.spoofing import DISPUTED_PREFIX, STALE, false_blocks, steps_of
from flighttrace.speed_chain import DISPUTED_FIXES, SLACK_KM, STANDING_KT, beyond_reach, longest_chain

JUMP: Final = "impossible jump: could not be reached at 1,000 kt"
DISPUTED: Final = DISPUTED_PREFIX + "a competing run of positions, out of reach of the rest"

BETWEEN_NETWORKS_SLACK_KM: Final = 15.0
"""Two networks' clocks and estimates differ; less than this is no disagreement."""
DISPUTED_S: Final = 300.0
"""A competing run of DISPUTED_FIXES, or this long, is a second story and not a stray fix."""


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
    beyond = beyond_reach(seconds[index], lat[index], lon[index], slack_km)
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
    jumped = beyond_reach(every_s[index], lat[index], lon[index], slack_km)
    if not jumped.any():
        return track
    blocks = false_blocks(steps_of(track, index, every_s, jumped), airfields)
    marks = [(index[members], reason) for members, reason in blocks]
    if marks:
        index = np.setdiff1d(index, np.concatenate([rows for rows, _ in marks]))
    if len(index) > 1:
        seconds, lat, lon = every_s[index], lat[index], lon[index]
        keep, runs, _ = longest_chain(seconds, lat, lon, slack_km=slack_km)
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
        chained, *_ = longest_chain(seconds[left], lat[left], lon[left], slack_km=slack_km)
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
