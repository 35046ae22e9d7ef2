"""Which of the sieve's airframes could have begun a flight at one place and ended that flight at the other.

A flight begins and ends (splitting.py) only where the track does, beside a silence in which a landing fits, or beside
the ground; an airframe that crosses a fence at cruise height, heard all the while, does neither. And no flight goes on
over a stay on the ground, or a silence that surely is cut. Presence says where that is (`ingest/archive/presence.py`).

Cleaning can take fixes away, and so open silences that presence does not show: an airframe of which anything may be
disbelieved is never left out. Too many, never too few.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from flighttrace.match.sieve import END_SLACK, HOUR_MS, LONGEST_FLIGHT, SHORTEST_CUT_MS, Question, hours_needed

if TYPE_CHECKING:
    import pyarrow as pa

REACH_M: Final = 3000.0
REACH_M_PER_MS: Final = 1000.0 * 1852.0 / 3_600_000
"""Cleaning believes a step of 3 km, and 1,000 kt beyond that."""
M_PER_MDEG: Final = 111.7
"""No thousandth of a degree of latitude or longitude is longer on WGS 84."""
ROUNDED_MDEG: Final = 2
"""What rounding down may hide of the difference in latitude and that in longitude together."""

Columns = dict[str, Any]
"""Arrays of shape (n,), by name."""


def keys_with_ends(rows: pa.Table, question: Question) -> list[str]:
    """Sorted keys of the rows (END_ROWS) that may have flown a leg on one of the question's routes."""
    if not rows.num_rows:
        return []
    coded = rows["key"].combine_chunks().dictionary_encode()
    names = coded.dictionary.to_pylist()
    columns: Columns = {name: rows[name].to_numpy() for name in rows.column_names if name != "key"}
    columns["key"] = coded.indices.to_numpy()
    doubted = np.zeros(len(names), dtype=bool)
    doubted[columns["key"][columns["odd"] | columns["mixed"]]] = True
    may_end = columns["near_ground"] | (columns["silence_ms"] >= SHORTEST_CUT_MS)
    edges = np.flatnonzero((columns["begins"] > 0) | columns["stops"])
    edges = edges[np.lexsort((columns["stops"][edges], columns["first_ms"][edges], columns["key"][edges]))]
    ends, doubts = _at_the_edges({name: column[edges] for name, column in columns.items()})
    may_end[edges[ends]] = True
    doubted[columns["key"][edges[doubts]]] = True
    found = doubted | _with_a_way(columns, may_end, question, len(names))
    return sorted(names[i] for i in np.flatnonzero(found).tolist())


def _at_the_edges(edge: Columns) -> tuple[Any, Any]:
    """(a flight may begin or end there; the track may not be cleaned as it stands) of the first and last groups of each
    day of each file, in order of key and time.

    A file's first group is held against the last of the file before: where they are near in time, the track goes on.
    """
    first, last = edge["begins"] > 0, edge["stops"]
    opened = np.cumsum(first.astype(np.int64) - last)
    follows = np.zeros(len(first), dtype=bool)
    follows[1:] = first[1:] & (edge["key"][1:] == edge["key"][:-1])
    here = np.flatnonzero(follows)
    before = here - 1
    since_ms = edge["first_ms"][here] - edge["last_ms"][before]
    north = np.abs(edge["first_lat_mdeg"][here] - edge["last_lat_mdeg"][before])
    east = np.abs(edge["first_lon_mdeg"][here] - edge["last_lon_mdeg"][before])
    step_m = (north + np.minimum(east, 360_000 - east) + ROUNDED_MDEG) * M_PER_MDEG
    jumps = step_m > REACH_M + REACH_M_PER_MS * since_ms
    repeats = (north == 0) & (east == 0) & (edge["begins"][here] == 2)  # may be stale, and the next one the first
    overlaps = (opened[before] != 0) | ~last[before] | (since_ms <= 0)
    doubts = np.zeros(len(first), dtype=bool)
    doubts[here] = jumps | repeats | overlaps
    silence_ms = since_ms + edge["silence_ms"][here] + edge["silence_ms"][before]
    ground = edge["near_ground"][here] | edge["near_ground"][before]
    goes_on = (silence_ms < SHORTEST_CUT_MS) & ~ground
    begins, ends = first.copy(), last.copy()
    begins[here[goes_on]] = False
    ends[before[goes_on]] = False
    return begins | ends, doubts


def _with_a_way(columns: Columns, may_end: Any, question: Question, count: int) -> Any:
    """For each of `count` keys whether a visit to an origin and a later one to its destination, at most LONGEST_FLIGHT
    apart, have no cut between them. A visit is a group in the fence where a flight may end."""
    hours = hours_needed(question)
    usable = may_end.copy()
    if hours[0] is not None:
        usable &= columns["hour"] >= hours[0]
    if hours[1] is not None:
        usable &= columns["hour"] <= hours[1]
    inside = {place: usable & _in_fence(columns, question, place) for place in {row[0] for row in question.fences}}
    slack_ms = END_SLACK // timedelta(milliseconds=1) + HOUR_MS
    early = columns["first_ms"] < (np.inf if question.end_ms is None else question.end_ms + slack_ms)
    late = columns["last_ms"] >= (-np.inf if question.start_ms is None else question.start_ms - slack_ms)
    found = np.zeros(count, dtype=bool)
    order = np.argsort(columns["key"], kind="stable")
    bounds = np.searchsorted(columns["key"][order], np.arange(count + 1))
    nowhere = np.zeros(len(may_end), dtype=bool)
    for origin, destination in question.routes:
        departs, arrives = inside.get(origin, nowhere) & early, inside.get(destination, nowhere) & late
        for key in np.flatnonzero(~found).tolist():
            group = order[bounds[key] : bounds[key + 1]]
            out, back = group[departs[group]], group[arrives[group]]
            if len(out) and len(back):
                found[key] = _one_way(columns, out, back, group[columns["cut_to_ms"][group] > 0])
    return found


def _one_way(columns: Columns, out: Any, back: Any, cuts: Any) -> bool:
    """Whether one of the visits `back` can follow one of `out` in one flight. Of those that begin before it ends, the
    one that ends last decides: it is the nearest in time, and the fewest cuts lie between."""
    first_ms, last_ms = columns["first_ms"], columns["last_ms"]
    out = out[np.argsort(first_ms[out], kind="stable")]
    left_ms = np.maximum.accumulate(last_ms[out])
    at = np.searchsorted(first_ms[out], last_ms[back], side="right")
    back, at = back[at > 0], at[at > 0]
    left = left_ms[at - 1]
    longest_ms = LONGEST_FLIGHT // timedelta(milliseconds=1) + SHORTEST_CUT_MS  # a group may lie beside the end's
    uncut = first_ms[back] - left <= longest_ms
    if len(cuts):
        cuts = cuts[np.argsort(columns["cut_to_ms"][cuts], kind="stable")]
        from_ms = np.append(np.maximum.accumulate(columns["cut_from_ms"][cuts]), 0)  # 0: none before
        over = np.searchsorted(columns["cut_to_ms"][cuts], first_ms[back], side="left")
        uncut &= from_ms[over - 1] <= left
    return bool(uncut.any())


def _in_fence(columns: Columns, question: Question, place: str) -> Any:
    grid = np.zeros((180, 360), dtype=bool)
    for name, lat_cell, west, east in question.fences:
        if name == place:
            grid[lat_cell + 90, west + 180 : east + 181] = True
    return grid[columns["lat_cell"] + 90, columns["lon_cell"] + 180]
