"""Any number of records, in flat memory, cut into ranges of key and time that are small enough to sort.

Records stay in memory until there are more than SPILL_ROWS; from then on they lie on disk, one file a range of keys, in
the order in which they came. A range that grows too large all the same (one aircraft with half of all rows) is cut
again by key and time when it is read. The cuts depend on the records alone, so the same input gives the same ranges.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from flighttrace.ingest.archive.disk import told
from flighttrace.ingest.archive.rows import ROW, Ints, Recs, gathered, together

SPILL_ROWS: Final = 500_000
"""56 MB of records."""
RANGE_ROWS: Final = 400_000
"""Aimed at: sorting, checking and writing a range takes some three times its own size in memory."""
LARGEST_RANGE_ROWS: Final = 2 * RANGE_ROWS
MOST_RANGES: Final = 256
"""Files open at once."""


class Spool:
    """`add` in the order of the file, then `ranges` once. `folder` must exist; what is in it is the caller's to remove.

    `expected_share` of the whole input had been read when the first cut was made: the number of ranges follows it.
    """

    def __init__(self, folder: Path) -> None:
        self.rows = 0
        self._folder = folder
        self._held: list[Recs] = []
        self._bounds: Ints | None = None
        self._files: list[Path] = []
        self._counts: list[int] = []

    def add(self, recs: Recs, *, share_read: float) -> None:
        """Take the next records; `share_read`: how much of the input has been read by now, between 0 and 1."""
        if not len(recs):
            return
        self.rows += len(recs)
        if self._bounds is not None:
            self._spill(recs)
            return
        self._held.append(recs)
        if self.rows > SPILL_ROWS:
            held = together(self._held)
            self._held = []
            self._cut(held["key"], share_read)
            self._spill(held)

    def _cut(self, keys: Ints, share_read: float) -> None:
        expected = self.rows / min(max(share_read, 1e-3), 1.0)
        count = int(min(max(np.ceil(expected / RANGE_ROWS), 2), MOST_RANGES))
        cuts = np.quantile(keys, np.arange(1, count) / count, method="lower")
        self._bounds = np.unique(cuts.astype(np.int64))
        self._files = [self._folder / f"range-{i:03d}.rows" for i in range(len(self._bounds) + 1)]
        self._counts = [0] * len(self._files)

    def _spill(self, recs: Recs) -> None:
        assert self._bounds is not None
        key = recs["key"]
        if (key == key[0]).all():  # one aircraft's, as those of a trace are
            self._append(int(np.searchsorted(self._bounds, key[0], side="right")), recs)
            return
        where = np.searchsorted(self._bounds, key, side="right").astype(np.uint16)
        order = np.argsort(where, kind="stable")
        recs = gathered(recs, order)
        edges = np.searchsorted(where[order], np.arange(len(self._files) + 1))
        for i in range(len(self._files)):
            self._append(i, recs[edges[i] : edges[i + 1]])

    def _append(self, number: int, recs: Recs) -> None:
        if len(recs):
            with told(self._folder, self._files[number]), open(self._files[number], "ab") as out:
                out.write(recs.view(np.uint8).data)
            self._counts[number] += len(recs)

    def ranges(self) -> Iterator[Recs]:
        """The records in ranges of ascending key (and time), each in the order in which they came."""
        if self._bounds is None:
            held = together(self._held)
            self._held = []
            if len(held):
                yield held
            return
        for file, count in zip(self._files, self._counts, strict=True):
            if not count:
                continue
            if count <= LARGEST_RANGE_ROWS:
                yield np.fromfile(file, dtype=ROW)
            else:
                yield from _cut_again(file, count)
            os.unlink(file)


def _cut_again(file: Path, count: int) -> Iterator[Recs]:
    """A range that is too large to hold, by (key, time): only these two columns are ever in memory whole."""
    order = np.empty(count, dtype=[("key", "i8"), ("time_ms", "i8")])
    at = 0
    for recs in _blocks(file):
        order["key"][at : at + len(recs)] = recs["key"]
        order["time_ms"][at : at + len(recs)] = recs["time_ms"]
        at += len(recs)
    by = np.lexsort((order["time_ms"], order["key"]))
    places = by[np.arange(1, -(-count // RANGE_ROWS)) * RANGE_ROWS]
    cuts = order[places]
    del order, by
    below = np.zeros(0, dtype=cuts.dtype)
    for cut in [*cuts, None]:
        parts = []
        for recs in _blocks(file):
            inside = np.ones(len(recs), dtype=np.bool_)
            if len(below):
                inside &= ~_before(recs, below[0])
            if cut is not None:
                inside &= _before(recs, cut)
            parts.append(gathered(recs, inside))
        found = together(parts)
        if len(found):
            yield found
        if cut is not None:
            below = np.array([cut], dtype=cuts.dtype)


def _before(recs: Recs, cut: np.void) -> np.ndarray:
    """True for records whose (key, time) lies before the cut: equal ones are never torn apart."""
    key, time = int(cut["key"]), int(cut["time_ms"])
    return np.asarray((recs["key"] < key) | ((recs["key"] == key) & (recs["time_ms"] < time)))


def _blocks(file: Path, rows: int = 250_000) -> Iterator[Recs]:
    with open(file, "rb") as source:
        while data := source.read(rows * ROW.itemsize):
            yield np.frombuffer(data, dtype=ROW)
