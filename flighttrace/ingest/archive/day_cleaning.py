"""What the match room will not believe of a track's day, told by that day alone.

Cleaning (`match/cleaning.py`) takes the longest chain of a whole track. Where each day has one longest chain, which
begins and ends with the day, and the days follow one another in reach, these chains joined are the longest of the
track: every day gives as much as it can. Its stray positions are then known at ingest, and the presence index
can say where flights may end with them gone.

That is not told of a day whose positions compete: where chains may be as long as one another, the day's first or last
position is given up (which may be a repeat of the day before, or be repeated the day after), there are so many strays
that they may be a second story, or a rule of `match/spoofing.py` may mark a block that comes or goes by one of the
day's jumps. Such a day stays odd. The rules themselves ask for airfields and known spoof targets, which change;
here stands what no block of theirs lacks, wherever those are. Where that hangs on targets or on the file before,
what it hangs on is told, and the query looks whether it is so (`match/sieve_edges.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.ingest.archive.rows import InOrder, Mask, Recs
from flighttrace.speed_chain import (
    DISPUTED_FIXES,
    Steps,
    beyond_reach,
    farthest_km,
    longest_chain,
    perhaps_farther,
)

Bits = npt.NDArray[np.int16]

MOST_JUMPS: Final = 2 * (DISPUTED_FIXES - 1)
"""Of fewer given up than make a second story each has two at most."""
AT_TARGET: Final = 1
"""A false block may sit at a spoof target there."""
FROM_BEFORE: Final = 2
"""A false block may go on there from the file before, where that ends SAME_BLOCK_S before or later."""
TARGET_ACROSS_KM: Final = 21.0
"""No spoof target's circle is wider, with a km to spare."""
SITS_S: Final = 300.0
SURELY_LOW_FT: Final = 3000.0
"""Low at any target: 5,000 ft above it, and none lies 2,000 ft below the sea."""
SAME_BLOCK_S: Final = 600.0
HIGH_FT: Final = 25_000.0
CREEPING_FIXES: Final = 10
SURELY_FLIES_KT: Final = 251.0
PERHAPS_CRUISE_FT: Final = 8000.0
"""At 10,000 ft above the lowest airfield, 1,266 ft below the sea, one is higher."""
DROP_FT: Final = 7999.0
"""From 10,000 ft above a field to 2,000 ft above it is more."""
STAYS_WITHIN_KM: Final = 16.0
"""A block at a runway begins within 5 km of the field and stays within 10 km: no fix is farther from its first."""


@dataclass(frozen=True)
class Told:
    """What the days of a file's records tell of each record, in arrays of shape (n,)."""

    odd: Mask
    """A jump leads to it that the day does not explain; or a flight list speaks."""
    strays: Mask
    """Cleaning gives it up."""
    gone: Mask
    """The strays, and stale repeats of one."""
    blocks: Bits
    """AT_TARGET or FROM_BEFORE, where it is beside a jump."""


def told_of_days(rows: InOrder) -> Told:
    """Of each day of each key, by itself."""
    recs, heads, moved = rows.recs, rows.heads, rows.moved
    odd = recs["listed_flight"] != 0
    strays, gone = np.zeros((2, len(recs)), dtype=np.bool_)
    blocks = np.zeros(len(recs), dtype=np.int16)
    steps = np.flatnonzero(moved & ~heads)
    one, two = ((rows.lat_deg[at], rows.lon_deg[at]) for at in (steps - 1, steps))
    in_s = (rows.time_ms[steps] - rows.time_ms[steps - 1]) / 1000.0
    beyond = steps[perhaps_farther(*one, *two, farthest_km(in_s))]
    if not len(beyond):
        return Told(odd, strays, gone, blocks)
    fresh = moved | rows.kept_in_place()
    bounds = np.append(np.flatnonzero(heads), len(recs))
    in_day = np.searchsorted(bounds, beyond, side="right") - 1
    for day in np.unique(in_day).tolist():
        begin, end = bounds[day : day + 2].tolist()
        cleaned = None
        if not odd[begin:end].any():
            index = np.flatnonzero(fresh[begin:end])
            cleaned = given_up(_steps_of(recs[begin:end], index))
        if cleaned is None:
            odd[beyond[in_day == day]] = True
            continue
        strays[begin + index], blocks[begin + index] = cleaned
        gone[begin:end] = np.repeat(cleaned[0], np.diff(np.append(index, end - begin)))
    return Told(odd, strays, gone, blocks)


def _steps_of(recs: Recs, index: npt.NDArray[np.intp]) -> Steps:
    """Of the records `index` of a key's day; those beside them are stale repeats."""
    own = recs[index]
    seconds, baro = recs["time_ms"] / 1000.0, own["baro_altitude_ft"]
    lat, lon = np.ascontiguousarray(own["lat_deg"]), np.ascontiguousarray(own["lon_deg"])
    return Steps(
        seconds[index],
        seconds[np.append(index[1:], len(recs)) - 1],
        lat,
        lon,
        np.where(np.isnan(baro), own["geo_altitude_ft"], baro),
        own["on_ground"] == 1,
        beyond_reach(seconds[index], lat, lon),
    )


def given_up(day: Steps) -> tuple[Mask, Bits] | None:
    """(n,) each: which fixes cleaning takes out of the whole track, wherever the day before ends in reach of the first
    fix, and the day after begins in reach of the last; and what that hangs on besides. None where the day alone does
    not tell."""
    blocks = np.zeros(len(day.seconds), dtype=np.int16)
    jumps = np.flatnonzero(day.jumped)
    if not len(jumps):
        return np.zeros(len(blocks), dtype=np.bool_), blocks
    if len(jumps) > MOST_JUMPS:
        return None
    chain = longest_chain(day.seconds, day.lat_deg, day.lon_deg)
    strays = ~chain.keep
    if not chain.sole or strays[0] or strays[-1] or strays.sum() >= DISPUTED_FIXES:
        return None
    beside = np.unique(np.concatenate([jumps, jumps + 1]))
    run = _slow_runs(day)
    if _may_creep(run, beside) or any(_may_miss_its_descent(day, jumps, at) for at in jumps.tolist()):
        return None
    sits = np.array([_may_sit(day, at) for at in beside.tolist()])
    blocks[beside] = AT_TARGET * sits + FROM_BEFORE * (run[beside] == 0)
    return strays, blocks


def _away_km(day: Steps, fixes: slice | npt.NDArray[np.intp], at: int) -> Floats:
    return np.asarray(distance_km(day.lat_deg[fixes], day.lon_deg[fixes], day.lat_deg[at], day.lon_deg[at]))


def _may_sit(day: Steps, at: int) -> bool:
    """Whether the fix may be one of those that a target's circle holds for SITS_S, none of them low."""
    if day.on_ground[at] or day.altitude_ft[at] < SURELY_LOW_FT:
        return False
    near = np.flatnonzero(np.abs(day.lat_deg - day.lat_deg[at]) <= TARGET_ACROSS_KM / 110.0)
    near = near[_away_km(day, near, at) <= TARGET_ACROSS_KM]
    apart = np.flatnonzero(day.seconds[near[1:]] - day.until[near[:-1]] > SAME_BLOCK_S)
    visit = next(part for part in np.split(near, apart + 1) if part[-1] >= at)
    first_s, last_s = day.seconds[visit[0]], day.until[visit[-1]]
    if min(first_s - day.seconds[0], day.until[-1] - last_s) <= SAME_BLOCK_S:
        return True  # and may go on in the day before or after
    return bool(last_s - first_s >= SITS_S)


def _slow_runs(day: Steps) -> npt.NDArray[np.intp]:
    """(n,): the number of the run of slow steps at cruise height that each fix is in, from 0; -1 of those not so high,
    of which no such run is."""
    high = day.altitude_ft >= HIGH_FT
    away_km = distance_km(day.lat_deg[:-1], day.lon_deg[:-1], day.lat_deg[1:], day.lon_deg[1:])
    slow = away_km <= SURELY_FLIES_KT * KM_PER_NM / 3600.0 * np.diff(day.seconds)
    goes_on = high[:-1] & high[1:] & ~day.jumped & slow
    return np.where(high, np.append(0, np.cumsum(~goes_on)), -1)


def _may_creep(run: npt.NDArray[np.intp], beside: npt.NDArray[np.intp]) -> bool:
    """Whether one of these fixes may be of a run that hardly moves at cruise height, begun in this day."""
    size = np.bincount(run[run >= 0], minlength=1)
    inside = run[beside][run[beside] >= 0]
    goes_on = run[-1] >= 0 and (inside == run[-1]).any()  # perhaps, in the day after
    return bool((size[inside] >= CREEPING_FIXES).any() or goes_on)


def _may_miss_its_descent(day: Steps, jumps: npt.NDArray[np.intp], before: int) -> bool:
    """Whether the run that the jump leads to may be low at an airfield, straight after a fix at cruise height."""
    if day.on_ground[before] or not day.altitude_ft[before] >= PERHAPS_CRUISE_FT:
        return False
    after = jumps[jumps > before]
    run = slice(before + 1, int(after[0]) + 1 if len(after) else None)
    low = day.on_ground[run] | (day.altitude_ft[run] < day.altitude_ft[before] - DROP_FT)
    return bool(low.all() and (_away_km(day, run, before + 1) <= STAYS_WITHIN_KM).all())
