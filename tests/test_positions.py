"""The table that travels between the rooms."""

from __future__ import annotations

import gc

import pandas as pd
import pyarrow as pa

from flighttrace.positions import POSITION_DTYPES, apart, empty_positions

ROWS = 50_000


def rows(count: int) -> pd.DataFrame:
    columns: dict[str, object] = {name: pd.Series([None] * count, dtype=dtype) for name, dtype in TEXTS.items()}
    columns |= {"lat_deg": [float(i) for i in range(count)], "callsign": [f"SIM{i:07d}" for i in range(count)]}
    return pd.DataFrame(columns).astype({"callsign": "str"})


TEXTS = {name: dtype for name, dtype in POSITION_DTYPES.items() if dtype == "str"}


def test_parts_set_apart_are_the_same_rows() -> None:
    table = rows(100)
    parts = [table.iloc[3:10], table.iloc[40:41], table.iloc[90:]]
    for part, made in zip(parts, apart(parts), strict=True):
        pd.testing.assert_frame_equal(part, made)
    assert apart([]) == []


def test_parts_set_apart_do_not_keep_the_text_of_all_the_rows() -> None:
    gc.collect()
    before = pa.total_allocated_bytes()
    table = rows(ROWS)
    kept = apart([table.iloc[10:20], table.iloc[500:600]])
    whole = pa.total_allocated_bytes() - before
    del table
    gc.collect()
    assert pa.total_allocated_bytes() - before < whole / 100
    assert [len(part) for part in kept] == [10, 100]


def test_an_empty_table_has_the_columns_and_types_of_all() -> None:
    assert {name: str(dtype) for name, dtype in empty_positions().dtypes.items()} == {
        name: str(pd.Series(dtype=dtype).dtype) for name, dtype in POSITION_DTYPES.items()
    }
