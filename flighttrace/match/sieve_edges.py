"""Of which airframes a flight may begin or end anywhere: those whose files tell of odd positions, and those whose track
may not go on as it stands from one file, or day, to the next.

Cleaning takes whole stretches away at such a step, and part of them. A repeat of a position takes away itself alone:
where a flight may begin after it, presence tells. Strays that a file's day by itself shows to be given up are told, and
left out of presence's ends; they count here where they may be a second story together, or where a block of positions
may have sat at a spoof target.

Only what presence files tell of each key's first and last position is read, file by file, so that memory grows with
the keys and not with the days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flighttrace.errors import DamagedFileError, shown
from flighttrace.ingest.archive.presence_edges import edges_of
from flighttrace.match.fences import fence
from flighttrace.match.spoofing import SAME_BLOCK_S, load_targets
from flighttrace.speed_chain import DISPUTED_FIXES, farthest_km, perhaps_farther

ROUNDED_KM: Final = 0.5
"""More than rounding both places down to thousandths of a degree can hide of the way between them: 0.16 km, and by the
shorter degrees of longitude of the rounded latitude 0.35 km half round the earth."""


@dataclass(frozen=True)
class Doubts:
    """Keys (an alias counts as what it stands for) of airframes whose tracks may not be cleaned as they stand."""

    anywhere: frozenset[str]
    """A flight may begin or end at any position: cleaning may disbelieve more than repeats, or the track may hold
    several stories: a file's own name, or one that other rows were joined to."""
    repeats: frozenset[str]
    """The first position of a file may be a repeat, and a flight begin at the next place."""


def doubts_of(files: Sequence[Path | str], aliases: Mapping[str, str]) -> Doubts:
    """What these presence files let doubt.

    `files`: in the order of their times. One that is earlier than one before it makes all keys doubted that both have.
    """
    known = pa.array([], pa.string())
    last_ms, last_mdeg = np.zeros(0, dtype=np.int64), np.zeros((2, 0), dtype=np.int64)
    doubted, repeats, strays = set[str](), set[str](), Counter[str]()
    for path in files:
        try:
            edges = edges_of(path)
        except (pa.ArrowException, OSError, KeyError) as error:
            raise DamagedFileError(f"cannot be read: {shown(error)}", file=Path(path).name) from error
        at = pc.fill_null(pc.index_in(edges.keys, known), -1).to_numpy()
        seen, new = np.flatnonzero(at >= 0), np.flatnonzero(at < 0)
        before = at[seen]
        since_ms = edges.first_ms[seen] - last_ms[before]
        places = edges.first_mdeg[:, seen], last_mdeg[:, before]
        again = (edges.begins[seen] == 2) & (places[0] == places[1]).all(axis=0)
        broken, repeated = (
            edges.keys.take(pa.array(seen[here])).to_pylist() for here in (_may_break(since_ms, *places), again)
        )
        doubted |= edges.odd.union(broken)
        repeats.update(repeated)
        if edges.strays:
            strays.update(edges.strays)
            doubted.update(edges.strays.keys() & repeated)  # without its first position a day's strays may be others
            soon = edges.keys.take(pa.array(seen[since_ms <= SAME_BLOCK_S * 1000.0])).to_pylist()
            doubted |= edges.from_before.intersection(soon)
            doubted.update(key for key, lat, lon in edges.at_target if _cells_of_targets()[lat + 90, lon + 180])
        last_ms[before], last_mdeg[:, before] = edges.last_ms[seen], edges.last_mdeg[:, seen]
        if not len(new):
            continue
        known = pa.concat_arrays([known, edges.keys.take(pa.array(new))])
        last_ms = np.append(last_ms, edges.last_ms[new])
        last_mdeg = np.concatenate([last_mdeg, edges.last_mdeg[:, new]], axis=1)
    doubted.update(key for key, count in strays.items() if count >= DISPUTED_FIXES)
    linked = pc.or_(pc.starts_with(known, "#"), pc.is_in(known, pa.array(list(aliases), pa.string())))
    doubted.update(known.filter(linked).to_pylist())
    anywhere, again = (frozenset(aliases.get(key, key) for key in found) for found in (doubted, repeats))
    return Doubts(anywhere, again - anywhere)


@cache
def _cells_of_targets() -> Any:
    """bool (180, 360), from the south-west corner of the world on: the cells that a spoof target's circle touches."""
    cells = np.zeros((180, 360), dtype=bool)
    for target in load_targets():
        for lat, west, east in fence([(target.lat_deg, target.lon_deg)], target.radius_km):
            cells[lat + 90, west + 180 : east + 181] = True
    return cells


def _may_break(since_ms: Any, first_mdeg: Any, last_mdeg: Any) -> Any:
    """(n,): whether cleaning may find a jump at a step from the last position of one file to the first of another, or
    the two files tell of the same time.

    since_ms (n,): the time between. The two places (2, n): latitude and longitude in thousandths of a degree.
    """
    (lat1, lon1), (lat2, lon2) = last_mdeg / 1000.0, first_mdeg / 1000.0
    return perhaps_farther(lat1, lon1, lat2, lon2, farthest_km(since_ms / 1000.0) - ROUNDED_KM) | (since_ms <= 0)
