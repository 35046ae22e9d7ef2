"""Blocks of positions that a rule, and not their number, shows to be false: each with its reason.

All rules need an impossible step, the jump by which such a block comes or goes; a track without one is left alone (the
archive's sieve relies on that). The rows are masked before the longest chain is looked for, so that a long false block
cannot outvote a short true stretch. The flight stays disputed: it corroborates nothing.

* at a known spoof target (`data/spoofing`): the block stays within the target's radius for five minutes and more and is
  never low there. A spoofed receiver says where it is wrongly, but its pressure altitude is not spoofed: "at the
  airport, 38,000 ft, for ten minutes". Who truly lands there is low, who passes over is gone in less.
* hardly moving at cruise height: at 25,000 ft and more the block creeps, circles or stands for five minutes and more,
  in a track that otherwise flies up there as fast as a jet. The receiver of THY9BP, 17 September 2024, was at 50 kt and
  38,000 ft over one spot, after a silence in which it could have come there: no jump, and no rival, shows that part.
* at a runway without a descent: low or on the ground at an airfield straight after a fix at cruise height, by a jump
  too quick for any descent, and never seen to fly on. A block that flies on tells a story of its own; which of the two
  is true is then left to the chain.

A jump in height alone is no reason here; blocks without altitudes stay what the chain makes of them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.language import Text
from flighttrace.match.places import Airfields, load_airfields
from flighttrace.speed_chain import Steps

STALE: Final = "stale: the same position again while time goes on"
DISPUTED_PREFIX: Final = "disputed: "
"""How every reason begins that leaves open, or denies, what a whole block of positions says."""
AT_TARGET: Final = "disputed: sits at a known spoof target, "
"""Followed by the target's English name."""
HARDLY_MOVING: Final = "disputed: hardly moves at cruise height"
NO_DESCENT: Final = "disputed: appears at a runway without a descent"

SITS_S: Final = 300.0
"""Who flies 130 kt or more has crossed a circle of 10 km radius in this time (FAULTS, row 70, also says 5 min)."""
SAME_BLOCK_S: Final = 600.0
"""Visits to a target with no more than this between them are one block: a receiver may flip to and fro."""
LOW_FT: Final = 5000.0
"""Below this above the field an aircraft may be landing there: no block that goes lower is spoofed by this rule."""
HIGH_FT: Final = 25_000.0
"""No helicopter and no light aircraft is at home above this."""
CREEPS_KT: Final = 100.0
"""Along the block's own path. Up there the slowest jet makes 300 kt through the air, and no wind takes 200 of them."""
FLIES_KT: Final = 250.0
CREEPING_FIXES: Final = 10
"""One fix that is repeated is a silence, and may be true."""
RUNWAY_KM: Final = 5.0
"""From the field's reference point: no runway's end lies farther, and grade A asks for as much."""
STAYS_KM: Final = 10.0
AT_RUNWAY_FT: Final = 2000.0
CRUISE_FT: Final = 10_000.0
"""Above the field: no approach is that high 5 km out."""
FASTEST_DESCENT_FT_MIN: Final = 8000.0
"""An emergency descent takes 6,000 to 8,000 ft/min; none at all are flown to a runway."""


@dataclass(frozen=True)
class Target:
    """A point at which spoofed receivers are shown, and from which day to which that is known."""

    airport: str
    name: Text
    lat_deg: float
    lon_deg: float
    elevation_ft: float
    radius_km: float
    known_from: date | None
    known_to: date | None
    source: str

    @property
    def reason(self) -> str:
        return AT_TARGET + self.name.en


@lru_cache(maxsize=1)
def load_targets() -> tuple[Target, ...]:
    """The shipped list, read once a process."""
    text = (files("flighttrace") / "data" / "spoofing" / "targets.csv").read_text("utf-8")
    return tuple(
        Target(
            row["airport"],
            Text(row["name_en"], row["name_ar"]),
            float(row["lat_deg"]),
            float(row["lon_deg"]),
            float(row["elevation_ft"]),
            float(row["radius_km"]),
            date.fromisoformat(row["known_from"]) if row["known_from"] else None,
            date.fromisoformat(row["known_to"]) if row["known_to"] else None,
            row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def steps_of(track: pd.DataFrame, index: np.ndarray, seconds: Floats, jumped: np.ndarray) -> Steps:
    """Of the rows `index`; `seconds` of every row. Rows beside them that are stale repeat the fix before them."""
    reasons = track["rejected_because"]
    heard = np.flatnonzero(np.asarray(reasons.isna() | (reasons == STALE)))  # not what reading rejected
    last = heard[np.append(np.searchsorted(heard, index[1:]), len(heard)) - 1]
    rows = track.iloc[index]
    baro, geo = rows["baro_altitude_ft"].to_numpy(), rows["geo_altitude_ft"].to_numpy()
    return Steps(
        seconds[index],
        seconds[last],
        rows["lat_deg"].to_numpy(),
        rows["lon_deg"].to_numpy(),
        np.where(np.isnan(baro), geo, baro),
        rows["on_ground"].to_numpy(dtype=bool, na_value=False),
        jumped,
    )


def false_blocks(steps: Steps, airfields: Airfields | None = None) -> list[tuple[np.ndarray, str]]:
    """(indexes of fixes, reason) of each block that a rule shows to be false; nothing where no step is impossible."""
    if not steps.jumped.any():
        return []
    found = [*_hardly_moving(steps), *_at_targets(steps), *_without_descent(steps, airfields or load_airfields())]
    return [(members, reason) for members, reason in found if len(members)]


def _at_targets(s: Steps) -> Iterator[tuple[np.ndarray, str]]:
    for target in load_targets():
        at = _within(s, target.lat_deg, target.lon_deg, target.radius_km)
        if target.known_from is not None:
            at &= s.seconds >= _midnight(target.known_from)
        if target.known_to is not None:
            at &= s.seconds < _midnight(target.known_to) + 86_400.0
        for members in _visits(np.flatnonzero(at), s):
            if s.until[members[-1]] - s.seconds[members[0]] < SITS_S:
                continue
            height = s.altitude_ft[members] - target.elevation_ft
            known = height[~np.isnan(height)]
            low = not len(known) or bool((known < LOW_FT).any()) or bool(s.on_ground[members].any())
            if not low and _jumps_in_or_out(members, s.jumped):
                yield members, target.reason


def _visits(at: np.ndarray, s: Steps) -> list[np.ndarray]:
    """The indexes cut where the target is left for longer than SAME_BLOCK_S."""
    if not len(at):
        return []
    apart = s.seconds[at[1:]] - s.until[at[:-1]] > SAME_BLOCK_S
    return np.split(at, np.flatnonzero(apart) + 1)


def _jumps_in_or_out(members: np.ndarray, jumped: np.ndarray) -> bool:
    inside = np.zeros(len(jumped) + 1, dtype=bool)
    inside[members] = True
    return bool((jumped & (inside[1:] != inside[:-1])).any())


def _hardly_moving(s: Steps) -> Iterator[tuple[np.ndarray, str]]:
    high = s.altitude_ft >= HIGH_FT
    if not high.any():
        return
    km = distance_km(s.lat_deg[:-1], s.lon_deg[:-1], s.lat_deg[1:], s.lon_deg[1:])
    with np.errstate(divide="ignore", invalid="ignore"):  # two fixes of one moment
        speed_kt = km / KM_PER_NM * 3600.0 / np.diff(s.seconds)
    flies = ~s.jumped & high[:-1] & high[1:] & (speed_kt >= FLIES_KT)
    goes_on = high[:-1] & high[1:] & ~s.jumped & ~flies & (s.seconds[1:] - s.until[:-1] <= SAME_BLOCK_S)
    if not flies.any():
        return
    for run in np.split(np.arange(len(high)), np.flatnonzero(~goes_on) + 1):
        lasts_s = s.until[run[-1]] - s.seconds[run[0]]
        if len(run) < CREEPING_FIXES or lasts_s < SITS_S or not _jumps_in_or_out(run, s.jumped):
            continue
        if km[run[:-1]].sum() / KM_PER_NM * 3600.0 / lasts_s < CREEPS_KT:
            yield run, HARDLY_MOVING


def _without_descent(s: Steps, airfields: Airfields) -> Iterator[tuple[np.ndarray, str]]:
    for step in np.flatnonzero(s.jumped).tolist():
        before, first = step, step + 1
        if np.isnan(s.altitude_ft[before]) or s.on_ground[before]:
            continue
        field = next(iter(airfields.within(float(s.lat_deg[first]), float(s.lon_deg[first]), RUNWAY_KM)), None)
        if field is None:
            continue
        high_ft = s.altitude_ft[before] - field.elevation_ft
        needed_s = high_ft / FASTEST_DESCENT_FT_MIN * 60.0
        if high_ft < CRUISE_FT or s.seconds[first] - s.seconds[before] >= needed_s:
            continue
        after = np.flatnonzero(s.jumped[first:])
        last = first + (int(after[0]) if len(after) else len(s.jumped) - first)
        run = np.arange(first, last + 1)
        low = s.on_ground[run] | (s.altitude_ft[run] - field.elevation_ft < AT_RUNWAY_FT)
        away_km = distance_km(s.lat_deg[run], s.lon_deg[run], field.lat_deg, field.lon_deg)
        if low.all() and (away_km <= STAYS_KM).all():
            yield run, NO_DESCENT


def _within(s: Steps, lat_deg: float, lon_deg: float, radius_km: float) -> np.ndarray:
    """Whether each fix lies in the circle; only those in a box round it are measured."""
    inside = np.abs(s.lat_deg - lat_deg) <= radius_km / 110.0
    near = np.flatnonzero(inside)
    inside[near] = distance_km(s.lat_deg[near], s.lon_deg[near], lat_deg, lon_deg) <= radius_km
    return inside


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
