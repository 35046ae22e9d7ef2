"""Which of the sieve's airframes could have begun a flight at one place and ended that flight at the other.

A flight begins and ends (splitting.py) only where the track does, beside a silence in which a landing fits, or beside
the ground; an airframe that crosses a fence at cruise height, heard all the while, does neither. And no flight goes on
over a stay on the ground, or a silence that surely is cut. Presence says where that is (`ingest/archive/presence.py`).

Cleaning can take fixes away, and so open silences that presence does not show: of airframes that are doubted
(`sieve_edges.py`) more is asked than these rows tell. Too many, never too few.

Of an airframe of which nothing is disbelieved it is also known when the flight may have been, and which days tell all
of it: flights that lie between two sure cuts are cut out of the track by what was heard between these cuts alone, and
an end is judged with the neighbouring flights at most (`match/flights.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from flighttrace.end_reach import PARTS, ROUNDING_KM
from flighttrace.match.fences import SMALLEST_RADIUS_KM
from flighttrace.match.sieve import (
    END_SLACK,
    HOUR_MS,
    LONGEST_FLIGHT,
    SHORTEST_CUT_MS,
    Question,
    hours_needed,
)
from flighttrace.match.sieve_edges import Doubts
from flighttrace.speed_chain import KM_PER_DEG

if TYPE_CHECKING:
    import pyarrow as pa

HOURS_PER_DAY: Final = 24

CUTS_AROUND: Final = 2
"""Sure cuts on either side, from the visits on: one may lie between the flight and its neighbour, the other ends that
neighbour. Between two of them a position is believed, so that the neighbour lies there or nearer."""

Columns = dict[str, Any]
"""Arrays of shape (n,), by name."""
Spans = tuple[tuple[float, float], ...]
"""Times in ms since 1970 UTC between which a flight has to lie, both excluded, apart and ascending; infinite: open."""
EVER: Final[Spans] = ((-np.inf, np.inf),)


@dataclass(frozen=True)
class CandidateTimes:
    """Of one airframe: between which times its legs lie with all that they are judged by (`legs`), and the stretches
    that hold all that is believed of it at reading (`heard`)."""

    legs: Spans = EVER
    heard: Spans = EVER

    def days(self, first: date, last: date) -> list[date]:
        """Of the days `first` to `last` those that both touch, ascending."""
        both = ((max(h[0], w[0]), min(h[1], w[1])) for h in self.heard for w in self.legs)
        return days_of(tuple((begin, end) for begin, end in both if begin <= end), first, last)


def days_of(spans: Spans, first: date, last: date) -> list[date]:
    """Of the days `first` to `last` those that the spans touch, ascending."""
    found: set[date] = set()
    for begin, end in spans:
        low = first if begin == -np.inf else max(first, _day_of(begin))
        high = last if end == np.inf else min(last, _day_of(end))
        found.update(low + timedelta(days=i) for i in range((high - low).days + 1))
    return sorted(found)


def lies_in(spans: Spans, begin_ms: float, end_ms: float) -> bool:
    """Whether a flight first and last heard at these times lies in one of the spans: else it was not read whole."""
    return any(low < begin_ms and end_ms < high for low, high in spans)


def _day_of(time_ms: float) -> date:
    return datetime.fromtimestamp(time_ms / 1000.0, UTC).date()


def times_with_ends(rows: pa.Table, question: Question, doubts: Doubts) -> dict[str, CandidateTimes]:
    """Of the rows (END_ROWS) the keys, sorted, that may have flown a leg on one of the question's routes, and when: but
    those that are doubted anywhere, of which these rows tell too little. `legs` is EVER for those that may repeat."""
    if not rows.num_rows:
        return {}
    columns, names = _columns_of(rows)
    may_end = columns["near_ground"] | (columns["silence_ms"] >= SHORTEST_CUT_MS)
    edges = np.flatnonzero((columns["begins"] > 0) | columns["stops"])
    edges = edges[np.lexsort((columns["stops"][edges], columns["first_ms"][edges], columns["key"][edges]))]
    may_end[edges[_ends_at_edges({name: column[edges] for name, column in columns.items()})]] = True
    repeats = np.array([name in doubts.repeats for name in names])
    keys = [key for key, name in enumerate(names) if name not in doubts.anywhere]
    found = _with_a_way(columns, may_end, question, keys, repeats)
    heard = _heard(columns)
    return {names[key]: CandidateTimes(found[key], heard[key]) for key in sorted(found, key=names.__getitem__)}


def times_of_all(rows: pa.Table) -> dict[str, CandidateTimes]:
    """Of the rows (END_ROWS) all keys, sorted, with legs at any time, and when each was heard."""
    if not rows.num_rows:
        return {}
    columns, names = _columns_of(rows)
    heard = _heard(columns)
    return {names[key]: CandidateTimes(EVER, heard[key]) for key in sorted(heard, key=names.__getitem__)}


def _columns_of(rows: pa.Table) -> tuple[Columns, list[str]]:
    """The rows as arrays, `key` as a number and with the `hour`, and the names that the numbers stand for."""
    coded = rows["key"].combine_chunks().dictionary_encode()
    columns: Columns = {name: rows[name].to_numpy() for name in rows.column_names if name != "key"}
    columns["key"] = coded.indices.to_numpy()
    columns["hour"] = columns["first_ms"] // HOUR_MS
    return columns, coded.dictionary.to_pylist()


def _heard(columns: Columns) -> dict[int, Spans]:
    """By key the first and the last that its groups tell of each UTC day: of a day that it was heard on, the groups of
    its first and its last position are among those with a reach."""
    key, day = columns["key"], columns["hour"] // HOURS_PER_DAY
    order = np.lexsort((day, key))
    key, day = key[order], day[order]
    new = np.ones(len(key), dtype=bool)
    new[1:] = (key[1:] != key[:-1]) | (day[1:] != day[:-1])
    start = np.flatnonzero(new)
    first = np.minimum.reduceat(columns["first_ms"][order], start).astype(np.float64).tolist()
    last = np.maximum.reduceat(columns["last_ms"][order], start).astype(np.float64).tolist()
    found: dict[int, list[tuple[float, float]]] = {}
    for number, begin, end in zip(key[start].tolist(), first, last, strict=True):
        found.setdefault(number, []).append((begin, end))
    return {number: tuple(stretches) for number, stretches in found.items()}


def _ends_at_edges(edge: Columns) -> Any:
    """Whether a flight may begin or end there, of the first and last groups of each day of each file, in order of key
    and time.

    A file's first group is held against the last of the file before: where they are near in time, the track goes on.
    """
    first, last = edge["begins"] > 0, edge["stops"]
    follows = np.zeros(len(first), dtype=bool)
    follows[1:] = first[1:] & last[:-1] & (edge["key"][1:] == edge["key"][:-1])
    here = np.flatnonzero(follows)
    before = here - 1
    since_ms = edge["first_ms"][here] - edge["last_ms"][before]
    silence_ms = since_ms + edge["silence_ms"][here] + edge["silence_ms"][before]
    ground = edge["near_ground"][here] | edge["near_ground"][before]
    goes_on = (silence_ms < SHORTEST_CUT_MS) & ~ground
    begins, ends = first.copy(), last.copy()
    begins[here[goes_on]] = False
    ends[before[goes_on]] = False
    return begins | ends


def _with_a_way(
    columns: Columns, may_end: Any, question: Question, keys: list[int], repeats: Any
) -> Mapping[int, Spans]:
    """Those of the keys with a visit to an origin and a later one to its destination, at most LONGEST_FLIGHT apart,
    and no cut between them; and between which times. A visit is a group in the fence where a flight may end, and from
    where a field of the place is in reach, or was from where the airframe was heard just before (at an origin), or will
    be from where it is heard next: a neighbouring flight's end may tell the field, however long before or after.

    `repeats`: whether each key's flights may begin at the place after a repeat. Any of its groups may be a visit, no
    cut is sure, and its times are EVER."""
    hours = hours_needed(question)
    anyhow = repeats[columns["key"]]
    may_end = may_end | anyhow
    groups = np.flatnonzero(may_end)
    if not len(groups):
        return {}
    usable = may_end.copy()
    if hours[0] is not None:
        usable &= columns["hour"] >= hours[0]
    if hours[1] is not None:
        usable &= columns["hour"] <= hours[1]
    out, back = {}, {}
    before, after = (_Beside.of(columns, groups, backwards=backwards) for backwards in (False, True))
    for place in {row[0] for row in question.fences}:
        fenced = may_end & _in_fence(columns, question, place)
        near = _within_reach(columns, fenced, question, place)
        out[place] = usable & fenced & (before.told(near) | anyhow)
        back[place] = usable & fenced & (after.told(near) | anyhow)
    slack_ms = END_SLACK // timedelta(milliseconds=1) + HOUR_MS
    early = columns["first_ms"] < (np.inf if question.end_ms is None else question.end_ms + slack_ms)
    late = columns["last_ms"] >= (-np.inf if question.start_ms is None else question.start_ms - slack_ms)
    nowhere = np.zeros(len(may_end), dtype=bool)
    routes = [(out.get(origin, nowhere) & early, back.get(to, nowhere) & late) for origin, to in question.routes]
    at_both = {
        key
        for departs, arrives in routes
        for key in np.intersect1d(columns["key"][departs], columns["key"][arrives]).tolist()
    }
    order = np.argsort(columns["key"], kind="stable")
    found: dict[int, Spans] = {}
    for key in sorted(at_both.intersection(keys)):
        group = order[slice(*np.searchsorted(columns["key"], [key, key + 1], sorter=order))]
        cuts = group[columns["cut_to_ms"][group] > 0] if not repeats[key] else group[:0]
        cuts = cuts[np.argsort(columns["cut_to_ms"][cuts], kind="stable")]
        ways: list[tuple[int, int]] = []
        for departs, arrives in routes:
            left, came = group[departs[group]], group[arrives[group]]
            if len(left) and len(came):
                ways += _ways(columns, left, came, cuts)
        if ways:
            found[key] = _around(ways, columns["cut_from_ms"][cuts], columns["cut_to_ms"][cuts])
    return found


def _starts(breaks: Any) -> Any:
    """(n,): where the run begins that each of n things in a row is in. `breaks` (n - 1,): whether one begins between
    each two."""
    begins = np.flatnonzero(np.append(True, breaks))
    return np.repeat(begins, np.diff(np.append(begins, len(breaks) + 1)))


@dataclass(frozen=True)
class _Beside:
    """Which groups lie just before which others of their key, among those where a flight may end (m,); of a flight's
    arrival, with time running backwards, just after. In the order of their key and last time."""

    groups: Any
    """Their numbers among all."""
    first: Any
    """Key and time as one number, so that all keys are looked up at once: 10 years leave room for 29 million keys."""
    last: Any
    start: Any
    """Where the run of groups of one key and cell begins that each is in."""
    here: Any
    """Those that have one before them: their places in this order, and in `at` that of the one."""
    at: Any
    repeated: Any
    """Whether the two are of one cell, and another group of the key lies before their run."""
    of_all: int

    @classmethod
    def of(cls, columns: Columns, groups: Any, *, backwards: bool) -> _Beside:
        first, last = (columns[name][groups] for name in ("first_ms", "last_ms"))
        begin, end = first.min(), last.max()
        first, last = (end - last, end - first) if backwards else (first - begin, last - begin)
        own = columns["key"][groups].astype(np.int64) * (end - begin + 1)
        order = np.argsort(own + last, kind="stable")
        groups, first, last = groups[order], (own + first)[order], (own + last)[order]
        key, cell = columns["key"][groups], columns["lat_cell"][groups].astype(np.int64) * 360
        cell += columns["lon_cell"][groups]
        start = _starts((key[1:] != key[:-1]) | (cell[1:] != cell[:-1]))
        at = np.searchsorted(last, first, "left") - 1
        here = np.flatnonzero((at >= 0) & (key[at] == key))
        at = at[here]
        repeated = (cell[at] == cell[here]) & (start[at] > 0) & (key[np.maximum(start[at] - 1, 0)] == key[at])
        return cls(groups, first, last, start, here, at, repeated, len(columns["key"]))

    def told(self, near: Any) -> Any:
        """Of all groups those of which one that may hold the flight's own end, or the neighbour's before it, is `near`:
        itself, those that share its time, and the last before it.

        A position that is repeated is believed once: what lies just before it may stand some groups of that cell back.
        """
        near = near[self.groups]
        begins, ends = np.sort(self.first[near]), self.last[near]
        told = np.searchsorted(begins, self.last, "right") > np.searchsorted(ends, self.first, "left")
        so_far = np.cumsum(near) - near
        in_run = so_far + near > so_far[self.start]
        at = self.at
        together = np.searchsorted(ends, self.last[at], "right") > np.searchsorted(ends, self.last[at], "left")
        beyond = np.maximum(self.start[at] - 1, 0)
        told[self.here] |= together | in_run[at] | (self.repeated & in_run[beyond])
        every = np.zeros(self.of_all, dtype=bool)
        every[self.groups[told]] = True
        return every


def _ways(columns: Columns, out: Any, back: Any, cuts: Any) -> list[tuple[int, int]]:
    """(first_ms of the earliest visit of `out`, last_ms of the visit of `back`) that one flight may join.

    Of the visits that begin before the one of `back` ends, the one that ends last decides whether any may: it is the
    nearest in time, and the fewest cuts lie between.
    """
    first_ms, last_ms = columns["first_ms"], columns["last_ms"]
    out = out[np.argsort(first_ms[out], kind="stable")]
    left_ms = np.maximum.accumulate(last_ms[out])
    at = np.searchsorted(first_ms[out], last_ms[back], side="right")
    back, at = back[at > 0], at[at > 0]
    left = left_ms[at - 1]
    longest_ms = LONGEST_FLIGHT // timedelta(milliseconds=1) + SHORTEST_CUT_MS  # a group may lie beside the end's
    since = first_ms[back] - longest_ms
    if len(cuts):
        from_ms = np.append(np.maximum.accumulate(columns["cut_from_ms"][cuts]), 0)  # 0: none before
        over = np.searchsorted(columns["cut_to_ms"][cuts], first_ms[back], side="left")
        since = np.maximum(since, from_ms[over - 1])
    ways: list[tuple[int, int]] = []
    for i in np.flatnonzero(since <= left).tolist():
        before = out[: at[i]]
        ways.append((int(first_ms[before[last_ms[before] >= since[i]]].min()), int(last_ms[back[i]])))
    return ways


def _around(ways: list[tuple[int, int]], from_ms: Any, to_ms: Any) -> Spans:
    """The ways with CUTS_AROUND cuts before and behind each; open where there are not so many."""
    begins = np.sort(from_ms)
    wide: list[tuple[float, float]] = []
    for first, last in sorted(ways):
        before = int(np.searchsorted(to_ms, first, side="right"))
        behind = int(np.searchsorted(begins, last, side="left")) + CUTS_AROUND - 1
        low = from_ms[:before][before - CUTS_AROUND] if before >= CUTS_AROUND else -np.inf
        high = to_ms[np.argsort(from_ms, kind="stable")][behind] if behind < len(begins) else np.inf
        if wide and low <= wide[-1][1]:
            wide[-1] = (min(wide[-1][0], float(low)), max(wide[-1][1], float(high)))
        else:
            wide.append((float(low), float(high)))
    return tuple(wide)


def _in_fence(columns: Columns, question: Question, place: str) -> Any:
    fence = np.zeros((180, 360), dtype=bool)
    for name, lat_cell, west, east in question.fences:
        if name == place:
            fence[lat_cell + 90, west + 180 : east + 181] = True
    return fence[columns["lat_cell"] + 90, columns["lon_cell"] + 180]


def _within_reach(columns: Columns, fenced: Any, question: Question, place: str) -> Any:
    """Which of these groups in the place's fence lie so near to one of its fields that a flight which begins or ends
    there may do so at that field, by that end's own fix."""
    fields = np.array([field for name, *field in question.fields if name == place], dtype=np.float64)
    if not len(fields):
        return fenced
    slack_km = fields[:, 2]  # of ends on the ground; those in the air may have it as well
    fields = np.radians(fields[:, :2])
    here = np.flatnonzero(fenced)
    bits = columns["end_parts"][here].astype(np.int64).view(np.uint64)
    at, part = np.nonzero(bits[:, None] >> np.arange(PARTS**2, dtype=np.uint64) & np.uint64(1))
    south, north = _bounds(columns, here[at], "lat", part // PARTS)
    west, east = _bounds(columns, here[at], "lon", part % PARTS)
    lat, lon = np.radians((south + north) / 2), np.radians((west + east) / 2)
    nearest = np.where((south < 0) != (north < 0), 0.0, np.minimum(np.abs(south), np.abs(north)))
    corner_deg = np.hypot(north - south, (east - west) * np.cos(np.radians(nearest))) / 2
    corner_km = corner_deg * KM_PER_DEG
    # on the small sphere no way is longer than on the ellipsoid (sieve.py)
    ways = np.sin((lat[:, None] - fields[:, 0]) / 2) ** 2
    ways += np.cos(lat[:, None]) * np.cos(fields[:, 0]) * np.sin((lon[:, None] - fields[:, 1]) / 2) ** 2
    away_km = 2.0 * SMALLEST_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(ways, 1.0)))
    near = (away_km - slack_km).min(axis=1) - corner_km - ROUNDING_KM <= columns["reach_km"][here][at]
    within = np.zeros_like(fenced)
    within[here[at[near]]] = True
    return within


def _bounds(columns: Columns, groups: Any, axis: str, part: Any) -> tuple[Any, Any]:
    """(n,) each, in degrees: between which bounds the ends lie that these groups have in these parts of their cells."""
    low = np.maximum(columns[f"ends_from_{axis}"][groups] / 1000.0, part / PARTS)
    high = np.minimum(columns[f"ends_to_{axis}"][groups] / 1000.0, (part + 1) / PARTS)
    cell = columns[f"{axis}_cell"][groups]
    return cell + low, cell + np.maximum(high, low)
