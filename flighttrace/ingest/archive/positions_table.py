"""Sorted records → the Parquet files of `positions`, and back to the table of `positions.py`.

Row groups are small and end where an airframe's rows do, so that one airframe's cost little; text columns carry the
words of their own group alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.ingest.archive.rows import NUMBERS, WORDS, Recs, address_text

ROW_GROUP_ROWS: Final = 8_192
FILE_ROWS: Final = 200_000
"""Aimed at: who reads one airframe's rows of a file reads what its footer tells of all row groups."""
_TEXT: Final = pa.dictionary(pa.int32(), pa.string())

SCHEMA: Final = pa.schema(
    [
        ("track_key", _TEXT),
        ("time_utc", pa.timestamp("ms", tz="UTC")),
        ("icao24", _TEXT),
        ("callsign", _TEXT),
        *((name, pa.float64()) for name in NUMBERS),
        ("on_ground", pa.bool_()),
        ("position_source", _TEXT),
        ("simulated", pa.bool_()),
        ("listed_flight", _TEXT),
        ("flight", _TEXT),
        ("member", pa.int32()),
        ("source_row", pa.int64()),
        ("rejected_because", _TEXT),
    ]
)
"""Columns of a positions file: those of `positions` but `source_id` (one a file), the file's own flight id, and the
number of the tar member."""


_NO_STATISTICS: Final = ("callsign", "position_source", "listed_flight", "flight", "rejected_because")
"""Words in no order: their least and greatest exclude no row, and finding them costs more than it saves who reads."""
_ENCODING: Final = {"float": "BYTE_STREAM_SPLIT", "whole": "DELTA_BINARY_PACKED"}
"""Measured on 0.9 M state vectors against plain values: 16.4 for 21.0 bytes a row, written as fast, read faster."""


def _kind(of: pa.DataType) -> str | None:
    if pa.types.is_floating(of):
        return "float"
    whole = pa.types.is_timestamp(of) or of in (pa.int32(), pa.int64())
    return "whole" if whole else None


class Naming:
    """What the numbers in records stand for: `words` by code, `names` by negative key."""

    def __init__(self, words: Sequence[str | None], names: Sequence[str]) -> None:
        self.words = np.array(words, dtype=object)
        self._names = names

    def key(self, key: int) -> str:
        """The track key: an address, or for -n the nth last of the file's own names, which are sorted."""
        return self._names[key] if key < 0 else address_text(key)


def write_positions(recs: Recs, naming: Naming, path: Path) -> None:
    """Write sorted records to a new Parquet file with page checksums."""
    with open(path, "xb") as file, writer_of(file, SCHEMA) as writer:
        for start, end in pairwise(bounds_by_key(recs["key"], ROW_GROUP_ROWS)):
            writer.write_table(_table(recs[start:end], naming), row_group_size=end - start)


def bounds_by_key(keys: npt.NDArray[np.int64], aim: int) -> list[int]:
    """Where the parts of sorted keys (n,) begin, and n: parts alike, of about `aim` keys, each beginning at another
    key's first if there is one that makes the part before it neither half as long nor half as long again."""
    edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    bounds, near = [0], aim // 2
    while bounds[-1] < len(keys):
        begin, left = bounds[-1], len(keys) - bounds[-1]
        parts = max(round(left / aim), 1)
        at = begin + -(-left // parts)
        low, high = np.searchsorted(edges, (begin + aim - near, begin + aim + near + 1))
        here = edges[low:high] if parts > 1 else edges[:0]
        bounds.append(int(here[np.abs(here - at).argmin()]) if len(here) else at)
    return bounds


def writer_of(file: Any, schema: pa.Schema, *, dictionaries: bool = False) -> pq.ParquetWriter:
    """A Parquet writer as all files of the archive are written: zstd, page checksums, statistics.

    dictionaries: for every column, in place of what suits its type: smaller and quicker to read where values come again
    and again, as those of presence do.
    """
    coded = [field.name for field in schema if pa.types.is_dictionary(field.type)] or False
    by_kind = {field.name: _ENCODING[kind] for field in schema if (kind := _kind(field.type))}
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=True if dictionaries else coded,
        column_encoding=None if dictionaries else by_kind,
        write_statistics=[field.name for field in schema if field.name not in _NO_STATISTICS],
        write_page_checksum=True,
        store_schema=True,
    )


def _table(recs: Recs, naming: Naming) -> pa.Table:
    columns: list[pa.Array] = []
    by_address = ((recs["key"] == recs["address"]) & (recs["address"] >= 0)).all()
    for field in SCHEMA:
        if field.name == "track_key":
            columns.append(_coded(recs["key"], naming.key))
        elif field.name == "icao24" and by_address:
            columns.append(columns[SCHEMA.get_field_index("track_key")])
        elif field.name == "time_utc":
            columns.append(pa.array(np.ascontiguousarray(recs["time_ms"])).view(field.type))
        elif field.name == "icao24":
            columns.append(_coded(recs["address"], lambda a: None if a < 0 else address_text(a)))
        elif field.name in NUMBERS:
            columns.append(pa.array(np.ascontiguousarray(recs[field.name]), from_pandas=True))
        elif field.name in WORDS:
            columns.append(_coded(recs[field.name], lambda code: naming.words[code]))
        elif field.name == "on_ground":
            columns.append(pa.array(recs["on_ground"] == 1, mask=recs["on_ground"] < 0))
        else:
            columns.append(pa.array(np.ascontiguousarray(recs[field.name]), type=field.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _coded(codes: npt.NDArray[Any], text_of: Any) -> pa.DictionaryArray:
    """The codes as text with a dictionary of the codes that occur; missing where `text_of` gives None."""
    codes = np.ascontiguousarray(codes)
    if (codes == codes[:1]).all():  # as most are, of some thousand rows
        words = [text_of(int(code)) for code in codes[:1]]
        if None in words:
            return pa.nulls(len(codes), _TEXT)
        return pa.DictionaryArray.from_arrays(np.zeros(len(codes), np.int32), pa.array(words, type=pa.string()))
    starts = np.append(0, np.flatnonzero(codes[1:] != codes[:-1]) + 1)  # of runs of one code
    used, at = np.unique(codes[starts], return_inverse=True)
    at = np.repeat(at, np.diff(starts, append=len(codes)))
    words = [text_of(int(code)) for code in used]
    mask = None
    if None in words:
        gone = words.index(None)
        mask = at == gone
        words = words[:gone] + words[gone + 1 :]
        at = np.where(at > gone, at - 1, at)
        at[mask] = 0
    return pa.DictionaryArray.from_arrays(pa.array(at.astype(np.int32), mask=mask), pa.array(words, type=pa.string()))
