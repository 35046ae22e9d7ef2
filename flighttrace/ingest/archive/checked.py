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


def check(root: Path, file: DataFile) -> None:
    """DamagedFileError where the file's bytes are not those that the manifest was written for."""
    try:
        good = sha256_of(root / file.path) == file.sha256
    except OSError as error:
        raise DamagedFileError(f"cannot be read: {error.strerror}", file=file.path, accepted=_HEALS) from error
    if not good:
        raise DamagedFileError(_DAMAGED, file=file.path, accepted=_AGAIN)


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
            parquet = pq.ParquetFile(source, page_checksum_verification=True)
            groups = _groups(parquet, keys)
            table = parquet.read_row_groups(groups, use_threads=False) if groups else parquet.schema_arrow.empty_table()
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise DamagedFileError("is not there", file=file.path, accepted=_HEALS) from error
        raise DamagedFileError(f"{_DAMAGED} ({shown(error)})", file=file.path, accepted=_AGAIN) from error
    return table if keys is None or not table.num_rows else _of_keys(table, keys)


def _of_keys(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The rows of these sorted keys, copied: a slice would keep all that was read in memory. Text is coded apart in
    every chunk."""
    wanted, at = pa.array(keys, pa.string()), 0
    kept: list[np.ndarray] = []
    for chunk in table["track_key"].chunks:
        codes = chunk.indices.to_numpy()
        here = pc.is_in(chunk.dictionary, wanted).to_numpy(zero_copy_only=False)[codes]
        kept.append(np.flatnonzero(here) + at)
        at += len(chunk)
    return table.take(pa.array(np.concatenate(kept))) if kept else table.slice(0, 0)


def frame_of(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """Tables of one schema as one frame: text as `str`, `on_ground` with missing values."""
    table = pa.concat_tables(tables)
    columns = [c.cast(pa.large_string()) if pa.types.is_dictionary(c.type) else c for c in table.columns]
    plain = pa.table(columns, names=table.column_names)
    frame: pd.DataFrame = plain.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    return frame.assign(simulated=frame["simulated"].to_numpy(dtype=bool))


def _groups(parquet: pq.ParquetFile, keys: Sequence[str] | None) -> list[int]:
    metadata = parquet.metadata
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
