"""Times in lists of flights: the same rules as for positions, for columns that are not positions' times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from flighttrace.ingest.records import TimeForm
from flighttrace.ingest.times import read_times, zone_of
from flighttrace.ingest.values import Bools, is_given


def listed_times(
    column: pd.Series[Any], form: TimeForm, zone_name: str | None, file: str
) -> tuple[pd.Series[Any], Bools]:
    """(times, bad): aware milliseconds, missing where blank; `bad` where a text is no time of 2000 to 2099."""
    given = is_given(column)
    result = np.full(len(column), np.datetime64("NaT", "ms"), dtype="datetime64[ms]")
    bad = np.zeros(len(column), dtype=np.bool_)
    where = np.flatnonzero(given)
    if len(where):
        times = read_times(
            column.iloc[where].reset_index(drop=True),
            form,
            zone=zone_of(zone_name),
            locate=lambda i: (file, int(where[i]) + 2),
        )
        result[where] = times.ms.astype("datetime64[ms]")
        bad[where] = times.bad | times.missing
        result[bad] = np.datetime64("NaT", "ms")
    return pd.Series(result, index=column.index).dt.tz_localize("UTC"), bad
