"""Where each key's day begins and stops, and what of it may be disbelieved, out of a presence file: no engine needed.

Of the file the row groups are read whose statistics allow such a group: the first ones. Page checksums are verified.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.ingest.archive.day_cleaning import AT_TARGET, FROM_BEFORE
from flighttrace.ingest.archive.presence import SCHEMA

_DOUBTS: Final = ("odd", "strays", "blocks")
_PLACES: Final = ("lat_mdeg", "lon_mdeg")
_COLUMNS: Final = (
    "track_key",
    "first_ms",
    "last_ms",
    "begins",
    "stops",
    *(f"{end}_{name}" for end in ("first", "last") for name in _PLACES),
)


@dataclass(frozen=True)
class Edges:
    """Of one file; arrays of shape (n,), one item a key, in no order."""

    keys: pa.Array
    """Track keys, each once."""
    first_ms: npt.NDArray[np.int64]
    last_ms: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int16]
    """As the column of presence: 2 where the first position may be a repeat."""
    first_mdeg: npt.NDArray[np.int64]
    """(2, n): latitude and longitude of the first position in thousandths of a degree, rounded down."""
    last_mdeg: npt.NDArray[np.int64]
    strays: Counter[str]
    """Track key → how many of its positions cleaning gives up; of those that have some."""
    odd: set[str]
    """Track keys of which anything is odd, or of which the file does not tell one beginning and one end."""
    at_target: list[tuple[str, int, int]]
    """(Track key, latitude cell, longitude cell) of groups that tell of AT_TARGET."""
    from_before: set[str]
    """Track keys of groups that tell of FROM_BEFORE."""


def edges_of(path: Path | str) -> Edges:
    """The edges of a presence file. Raises ArrowException, OSError or KeyError for one that is damaged or is none."""
    with open(path, "rb") as source:
        file = pq.ParquetFile(source, page_checksum_verification=True, pre_buffer=False, read_dictionary=["track_key"])
        if file.schema_arrow.names != SCHEMA.names:
            raise KeyError("its columns are not those of presence")
        edge_in, doubt_in = _groups_with(file.metadata, ("begins", "stops"), _DOUBTS)
        rows = file.read_row_groups(edge_in, columns=list(_COLUMNS), use_threads=False)
        doubts = _doubts(file, doubt_in)
    coded = rows["track_key"].unify_dictionaries().combine_chunks()
    columns: dict[str, Any] = {name: rows[name].to_numpy() for name in _COLUMNS[1:]}
    code, count = coded.indices.to_numpy(), len(coded.dictionary)
    begin, stop = np.flatnonzero(columns["begins"] > 0), np.flatnonzero(columns["stops"])
    begins, stops = np.bincount(code[begin], minlength=count), np.bincount(code[stop], minlength=count)
    own = np.flatnonzero((begins == 1) & (stops == 1))
    first, last = np.zeros((2, count), dtype=np.intp)
    first[code[begin]], last[code[stop]] = begin, stop
    first, last = first[own], last[own]
    apart = np.flatnonzero((begins + stops > 0) & ((begins != 1) | (stops != 1)))
    return Edges(
        coded.dictionary if len(own) == count else coded.dictionary.take(pa.array(own)),
        columns["first_ms"][first],
        columns["last_ms"][last],
        columns["begins"][first],
        np.stack([columns[f"first_{name}"][first] for name in _PLACES]).astype(np.int64),
        np.stack([columns[f"last_{name}"][last] for name in _PLACES]).astype(np.int64),
        _counted((row["track_key"], row["strays"]) for row in doubts if row["strays"]),
        {*coded.dictionary.take(pa.array(apart)).to_pylist(), *(row["track_key"] for row in doubts if row["odd"])},
        [(row["track_key"], row["lat_cell"], row["lon_cell"]) for row in doubts if row["blocks"] & AT_TARGET],
        {row["track_key"] for row in doubts if row["blocks"] & FROM_BEFORE},
    )


def _doubts(file: pq.ParquetFile, numbers: list[int]) -> list[dict[str, Any]]:
    """Of these row groups the rows that tell of a doubt, each by column."""
    if not numbers:
        return []
    columns = ["track_key", "lat_cell", "lon_cell", *_DOUBTS]
    rows = file.read_row_groups(numbers, columns=columns, use_threads=False)
    here = np.logical_or.reduce([rows[name].to_numpy() != 0 for name in _DOUBTS])
    found: list[dict[str, Any]] = rows.filter(pa.array(here)).to_pylist()
    return found


def _counted(items: Iterable[tuple[str, int]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for key, number in items:
        counted[key] += number
    return counted


def _groups_with(metadata: pq.FileMetaData, *asked: tuple[str, ...]) -> list[list[int]]:
    """For each that is asked the row groups in which one of these columns may be more than 0, or true, as far as the
    section of the rest: nothing of it lies there."""
    found: list[list[int]] = [[] for _ in asked]
    for number in range(metadata.num_row_groups):
        part = metadata.row_group(number)
        if not any(_may_be(part, name) for name in ("reach_km", "gone", "blocks")):
            break
        for each, names in zip(found, asked, strict=True):
            if any(_may_be(part, name) for name in names):
                each.append(number)
    return found


def _may_be(part: pq.RowGroupMetaData, name: str) -> bool:
    """Whether any row of the group may be more than 0, or true, in the column."""
    told = part.column(SCHEMA.get_field_index(name)).statistics
    return told is None or not told.has_min_max or told.max > 0
