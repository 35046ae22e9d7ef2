"""Positions files and their row groups end where an airframe's rows do, as far as their size allows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flighttrace.ingest.archive import positions_table, store
from flighttrace.ingest.archive.positions_table import ROW_GROUP_ROWS, bounds_by_key
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import stored_states

HALF = ROW_GROUP_ROWS // 2


@given(st.lists(st.integers(1, 4 * ROW_GROUP_ROWS), min_size=1, max_size=30))
def test_bounds_hold_all_rows_and_no_group_is_much_larger_or_smaller_than_aimed_at(counts: list[int]) -> None:
    keys = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    bounds = bounds_by_key(keys, ROW_GROUP_ROWS)
    sizes = np.diff(bounds)
    assert (bounds[0], bounds[-1]) == (0, len(keys))
    assert (sizes > 0).all()
    assert (sizes <= ROW_GROUP_ROWS + HALF).all()
    assert (sizes[:-1] >= HALF).all(), "only the last may be small"


@given(st.integers(80, 600), st.integers(0, 2**32 - 1))
def test_where_no_airframe_has_many_rows_all_parts_are_alike(airframes: int, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(1, HALF // 8, airframes)
    keys = np.repeat(np.arange(airframes, dtype=np.int64), counts)
    sizes = np.diff(bounds_by_key(keys, ROW_GROUP_ROWS))
    assert len(sizes) == round(len(keys) / ROW_GROUP_ROWS)
    assert np.ptp(sizes) <= HALF // 4
    assert ROW_GROUP_ROWS - HALF < sizes.min() <= sizes.max() < ROW_GROUP_ROWS + HALF


@given(st.lists(st.integers(1, ROW_GROUP_ROWS), min_size=1, max_size=60))
def test_airframes_of_no_more_rows_than_a_group_are_never_torn_apart(counts: list[int]) -> None:
    keys = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    inner = bounds_by_key(keys, ROW_GROUP_ROWS)[1:-1]
    assert (keys[np.array(inner, dtype=int)] != keys[np.array(inner, dtype=int) - 1]).all()


def test_an_archive_s_file_has_one_row_group_for_one_airframe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions_table, "ROW_GROUP_ROWS", 16)
    (stored,) = stored_states(tmp_path, 100, aircraft=10)
    parquet = pq.ParquetFile(tmp_path / "a" / stored.path)
    groups = [parquet.read_row_group(i)["track_key"].cast("string") for i in range(parquet.num_row_groups)]
    assert len(groups) > 3
    assert all(before[-1] != after[0] for before, after in pairwise(groups))


def test_a_range_of_many_rows_is_several_files_and_no_airframe_is_in_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FILE_ROWS", 25)
    files = stored_states(tmp_path, 100, aircraft=10)
    assert len(files) >= 4
    assert sum(stored.rows for stored in files) == open_archive(tmp_path / "a").rows() > 90
    assert all(before.last_key < after.first_key for before, after in pairwise(files))
