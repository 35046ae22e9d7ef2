"""Columns of one value are told by the footer and not read: what comes of it is what a full read gives."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flighttrace.ingest.archive.checked import _alike, rows_of
from flighttrace.ingest.archive.manifest import DataFile
from flighttrace.ingest.archive.positions_table import SCHEMA, writer_of
from flighttrace.ingest.archive.store import tail_of

GROUP = 50
WORDS = [None, "", "a", "SIM101", "x" * 5000, "\0", "ü"]


def written(path: Path, seed: int) -> DataFile:
    """A positions file of three row groups in which many columns have one value, or none, in a group or in all."""
    rng = np.random.default_rng(seed)
    keys = np.sort(rng.choice([f"{k:06x}" for k in range(5)], 3 * GROUP))
    columns: list[pa.Array] = []
    for field in SCHEMA:
        groups = [_values(rng, field) for _ in range(3)] if rng.random() < 0.5 else [_values(rng, field)] * 3
        values = [str(key) for key in keys] if field.name == "track_key" else [v for group in groups for v in group]
        plain = pa.array(values, type=field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
        columns.append(plain.dictionary_encode() if pa.types.is_dictionary(field.type) else plain)
    table = pa.table(columns, schema=SCHEMA)
    with path.open("xb") as file, writer_of(file, SCHEMA) as writer:
        for start in range(0, len(table), GROUP):
            writer.write_table(table.slice(start, GROUP), row_group_size=GROUP)
    tail_bytes, tail_sha256 = tail_of(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return DataFile(path.name, len(table), path.stat().st_size, sha256, tail_bytes=tail_bytes, tail_sha256=tail_sha256)


def _values(rng: np.random.Generator, field: pa.Field) -> list[object]:
    if pa.types.is_dictionary(field.type) or pa.types.is_string(field.type):
        choices: list[object] = list(WORDS)
    elif pa.types.is_boolean(field.type):
        choices = [None, True, False]
    elif pa.types.is_floating(field.type):
        choices = [None, 0.0, -0.0, float("nan"), 3.5]
    else:
        choices = [0, 7, 2**31 - 1]
    of = [choices[i] for i in rng.choice(len(choices), int(rng.choice([1, 1, 2, 3])), replace=False)]
    return [of[i] for i in rng.integers(0, len(of), GROUP)]


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("keys", [None, ["000001"], ["000000", "000003", "00000f"], ["00000f"]])
def test_the_rows_are_those_of_a_full_read(tmp_path: Path, seed: int, keys: list[str] | None) -> None:
    file = written(tmp_path / "p.parquet", seed)
    whole = pq.read_table(tmp_path / file.path, partitioning=None)
    if keys is not None:
        whole = whole.filter(pa.compute.is_in(whole["track_key"].cast(pa.string()), pa.array(keys)))
    found = rows_of(tmp_path, file, keys)
    assert found.schema == whole.schema
    assert [texts(column) for column in found.columns] == [texts(column) for column in whole.columns]


def texts(column: pa.ChunkedArray) -> list[str]:
    """Values as text, by which NaN is NaN, and -0 is not 0."""
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    return [repr(value) for value in plain.to_pylist()]


def test_some_columns_are_not_read(tmp_path: Path) -> None:
    files = [pq.ParquetFile(tmp_path / written(tmp_path / f"{seed}.parquet", seed).path) for seed in range(5)]
    assert max(len(_alike(file.metadata, file.schema_arrow, [0, 1, 2])) for file in files) >= 3
