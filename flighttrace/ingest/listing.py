"""Times in lists of flights: the same rules as for positions, for columns that are not positions' times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from flighttrace.ingest.lines import Lines
from flighttrace.ingest.records import TimeForm
from flighttrace.ingest.times import read_times, zone_of
from flighttrace.ingest.values import is_given


def listed_times(
    lines: Lines, names: Sequence[str], form: TimeForm, *, zone_name: str | None, file: str
) -> pd.DataFrame:
    """The named columns as aware milliseconds, missing where blank. Rows with a text that is no time are refused."""
    for name in names:
        _, bad = _read(lines, name, form, zone_name, file)
        lines.refuse(bad, file=file, column=name, reason="not a time between 2000 and 2099")
    times = {name: _read(lines, name, form, zone_name, file)[0] for name in names}
    return pd.DataFrame({name: pd.Series(ms).dt.tz_localize("UTC") for name, ms in times.items()})


def _read(
    lines: Lines, name: str, form: TimeForm, zone_name: str | None, file: str
) -> tuple[np.ndarray[tuple[int], np.dtype[np.datetime64]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    column = lines.column(name)
    result = np.full(len(column), np.datetime64("NaT", "ms"), dtype="datetime64[ms]")
    bad = np.zeros(len(column), dtype=np.bool_)
    where = np.flatnonzero(is_given(column))
    if not len(where):
        return result, bad
    rows = lines.columns["row"].to_numpy()
    held, zone = column.iloc[where].reset_index(drop=True), zone_of(zone_name)
    times = read_times(held, form, zone=zone, locate=lambda i: (file, int(rows[where[i]])))
    result[where] = times.ms.astype("datetime64[ms]")
    bad[where] = times.bad | times.missing
    result[bad] = np.datetime64("NaT", "ms")
    return result, bad
