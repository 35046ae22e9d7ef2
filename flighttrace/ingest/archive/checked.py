"""What is read of an archive's files, every byte that is used checked against the manifest or a page checksum."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flighttrace.errors import DamagedFileError, shown
from flighttrace.ingest.archive.disk import sha256_of
from flighttrace.ingest.archive.manifest import DataFile

_DAMAGED: Final = "is damaged: its bytes are not those that were written"
_AGAIN: Final = "ingest its input again into a new archive"
_HEALS: Final = "ingest its input again"
"""What is missing or cut is noticed by ingest, which then takes the input in anew."""


_KEY: Final = "track_key"
_SLICED_FROM: Final = 4
"""From one in so many of the rows read on, those wanted are not copied."""
_VARIES: Final = object()


def check(root: Path, file: DataFile, *, head_alone: bool = False) -> None:
    """DamagedFileError where the file's bytes are not those that the manifest was written for. head_alone: those of its
    head and its tail; of presence, what has a reach is read by no more."""
    try:
        good = _head_and_tail(root / file.path, file) if head_alone else sha256_of(root / file.path) == file.sha256
    except OSError as error:
        raise DamagedFileError(f"cannot be read: {error.strerror}", file=file.path, accepted=_HEALS) from error
    if not good:
        raise DamagedFileError(_DAMAGED, file=file.path, accepted=_AGAIN)


def _head_and_tail(path: Path, file: DataFile) -> bool:
    with open(path, "rb") as source:
        head = source.read(file.head_bytes)
        source.seek(file.size_bytes - file.tail_bytes)
        tail = source.read()
    return all(
        hashlib.sha256(part).hexdigest() == told for part, told in ((head, file.head_sha256), (tail, file.tail_sha256))
    )


def rows_of(root: Path, file: DataFile, keys: Sequence[str] | None) -> pa.Table:
    """The rows of these sorted keys, or all, of one positions file. DamagedFileError for bytes that were changed."""
    path = root / file.path
    try:
        with open(path, "rb") as source:
            source.seek(-file.tail_bytes, 2)
            if source.tell() + file.tail_bytes != file.size_bytes:
                raise DamagedFileError(_DAMAGED, file=file.path, accepted=_AGAIN)
            if hashlib.sha256(source.read()).hexdigest() != file.tail_sha256:
                raise DamagedFileError(_DAMAGED, file=file.path, accepted=_AGAIN)
            parquet = pq.ParquetFile(source, page_checksum_verification=True, pre_buffer=False)
            groups, schema = _groups(parquet.metadata, keys), parquet.schema_arrow
            if not groups:
                return schema.empty_table()
            alike = _alike(parquet.metadata, schema, groups)
            varying = [name for name in schema.names if name not in alike]
            table = parquet.read_row_groups(groups, columns=varying, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise DamagedFileError("is not there", file=file.path, accepted=_HEALS) from error
        raise DamagedFileError(f"{_DAMAGED} ({shown(error)})", file=file.path, accepted=_AGAIN) from error
    table = table if keys is None else _of_keys(table, keys)
    columns = [_repeated(alike[f.name], f.type, len(table)) if f.name in alike else table[f.name] for f in schema]
    return pa.table(columns, schema=schema)


def _alike(metadata: pq.FileMetaData, schema: pa.Schema, groups: Sequence[int]) -> dict[str, object]:
    """The columns beside the key that have one value, or none, in all of these row groups, by what the footer says of
    them, which was held against its hash. Not of numbers with a fraction: a footer says nothing of NaN, and takes -0
    for 0."""
    found: dict[str, object] = {}
    parts = [metadata.row_group(group) for group in groups]
    for i, field in enumerate(schema):
        if field.name == _KEY:
            continue
        values = {_only_value(part, i, field) for part in parts}
        if len(values) == 1 and _VARIES not in values:
            (found[field.name],) = values
    return found


def _only_value(part: pq.RowGroupMetaData, column: int, field: pa.Field) -> object:
    """The value that all rows of the group have in the column: None where all are missing, else _VARIES."""
    statistics = part.column(column).statistics
    if statistics is None or not statistics.has_null_count:
        return _VARIES
    if statistics.null_count == part.num_rows:
        return None
    plain = statistics.null_count == 0 and statistics.has_min_max and not pa.types.is_floating(field.type)
    return statistics.min if plain and statistics.min == statistics.max else _VARIES


def _repeated(value: object, of: pa.DataType, count: int) -> pa.Array:
    if pa.types.is_dictionary(of):
        word = pa.array([value], type=of.value_type)
        at = pa.nulls(count, of.index_type) if value is None else pa.array(np.zeros(count, dtype=np.int32))
        return pa.DictionaryArray.from_arrays(at, word.slice(0, 0) if value is None else word)
    return pa.nulls(count, of) if value is None else pa.repeat(pa.scalar(value, of), count)


def _of_keys(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The rows of these sorted keys: copied where they are few, for slices keep all that was read in memory. Text is
    coded apart in every chunk."""
    wanted = pa.array(keys, pa.string())
    here = np.concatenate(
        [
            pc.is_in(chunk.dictionary, wanted).to_numpy(zero_copy_only=False)[chunk.indices.to_numpy()]
            for chunk in table[_KEY].chunks
        ]
        or [np.zeros(0, dtype=np.bool_)]
    )
    if np.count_nonzero(here) * _SLICED_FROM < len(here):
        return table.take(pa.array(np.flatnonzero(here)))
    edges = np.flatnonzero(np.diff(here, prepend=False, append=False)).tolist()
    slices = [table.slice(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return pa.concat_tables(slices) if slices else table.slice(0, 0)


def frame_of(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """Tables of one schema as one frame: text as `str`, `on_ground` with missing values.

    By one thread: what others took of Arrow's memory would not come back before they end.
    """
    table = pa.concat_tables(tables)
    plain = pa.table([_plain(column) for column in table.columns], names=table.column_names)
    frame: pd.DataFrame = plain.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get, use_threads=False)
    return frame.assign(simulated=frame["simulated"].to_numpy(dtype=bool))


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """As one array, for a slice over many chunks is slow; dictionaries as text, made one before."""
    if not pa.types.is_dictionary(column.type):
        return column.combine_chunks()
    return column.unify_dictionaries().combine_chunks().cast(pa.large_string())


def _groups(metadata: pq.FileMetaData, keys: Sequence[str] | None) -> list[int]:
    if keys is None:
        return list(range(metadata.num_row_groups))
    chosen: list[int] = []
    for key in keys:
        at = bisect_left(range(metadata.num_row_groups), key, chosen[-1] if chosen else 0, key=_last_key(metadata))
        while at < metadata.num_row_groups and metadata.row_group(at).column(0).statistics.min <= key:
            if not chosen or at > chosen[-1]:
                chosen.append(at)
            at += 1
    return chosen


def _last_key(metadata: pq.FileMetaData) -> Callable[[int], str]:
    """The last track key of each row group."""
    return lambda group: metadata.row_group(group).column(0).statistics.max
