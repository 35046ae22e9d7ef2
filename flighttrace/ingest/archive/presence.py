"""The presence index: who was heard where in which hour, and how low. A few per cent of the positions' size.

| column | meaning |
|---|---|
| track_key | as in `positions` |
| hour | hours since 1970 UTC (int32) |
| lat_cell, lon_cell | the 1° cell: latitude and longitude rounded down (int16); 180 counts as -180, 90 as 89 |
| positions | how many positions, those already rejected at reading left out (int32) |
| first_ms, last_ms | the first and the last of them, ms since 1970 UTC (int64) |
| lowest_altitude_ft, highest_altitude_ft | barometric, else geometric; missing where none was sent (float64) |
| on_ground | how many of them say that the aircraft was on the ground (int32) |
| simulated | whether any of them is marked as simulated |

One row a group and file; sorted by cell, hour and key, so that a question about a few places reads a few row groups.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flighttrace.ingest.archive.rows import Recs, gathered

MS_PER_HOUR: Final = 3_600_000
HOURS_PER_DAY: Final = 24

GROUP: Final = np.dtype(
    [
        ("lat_cell", "i2"),
        ("lon_cell", "i2"),
        ("hour", "i4"),
        ("key", "i8"),
        ("positions", "i4"),
        ("on_ground", "i4"),
        ("first_ms", "i8"),
        ("last_ms", "i8"),
        ("lowest_altitude_ft", "f8"),
        ("highest_altitude_ft", "f8"),
        ("simulated", "?"),
    ]
)
SCHEMA: Final = pa.schema(
    [
        ("track_key", pa.string()),
        ("hour", pa.int32()),
        ("lat_cell", pa.int16()),
        ("lon_cell", pa.int16()),
        ("positions", pa.int32()),
        ("first_ms", pa.int64()),
        ("last_ms", pa.int64()),
        ("lowest_altitude_ft", pa.float64()),
        ("highest_altitude_ft", pa.float64()),
        ("on_ground", pa.int32()),
        ("simulated", pa.bool_()),
    ]
)
Groups = npt.NDArray[np.void]


def cell_of(lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]) -> tuple[Any, Any]:
    """(lat_cell, lon_cell) as int16 arrays of the same shape."""
    lat = np.minimum(np.floor(lat_deg), 89).astype(np.int16)
    lon = np.floor(lon_deg).astype(np.int16)
    return lat, np.where(lon >= 180, np.int16(-180), lon)


def presence_of(recs: Recs) -> Groups:
    """The groups of records that are sorted by key and time; in the order of `GROUP`'s first four fields."""
    believed = recs["rejected_because"] == 0
    if not believed.all():
        recs = gathered(recs, believed)
    if not len(recs):
        return np.zeros(0, dtype=GROUP)
    lat, lon = cell_of(recs["lat_deg"], recs["lon_deg"])
    time, key = np.ascontiguousarray(recs["time_ms"]), np.ascontiguousarray(recs["key"])
    hour = (time // MS_PER_HOUR).astype(np.int32)
    new = np.ones(len(recs), dtype=np.bool_)
    new[1:] = (key[1:] != key[:-1]) | (hour[1:] != hour[:-1]) | (lat[1:] != lat[:-1]) | (lon[1:] != lon[:-1])
    start = np.flatnonzero(new)
    end = np.append(start[1:], len(recs))
    baro = np.ascontiguousarray(recs["baro_altitude_ft"])
    altitude = np.where(np.isnan(baro), recs["geo_altitude_ft"], baro)
    runs = np.empty(len(start), dtype=GROUP)
    runs["lat_cell"], runs["lon_cell"], runs["hour"], runs["key"] = lat[start], lon[start], hour[start], key[start]
    runs["positions"] = end - start
    runs["on_ground"] = np.add.reduceat((recs["on_ground"] == 1).astype(np.int32), start)
    runs["first_ms"], runs["last_ms"] = time[start], time[end - 1]
    runs["lowest_altitude_ft"] = np.fmin.reduceat(altitude, start)
    runs["highest_altitude_ft"] = np.fmax.reduceat(altitude, start)
    runs["simulated"] = np.logical_or.reduceat(np.ascontiguousarray(recs["simulated"]), start)
    return merged([runs])


def merged(parts: Sequence[Groups]) -> Groups:
    """All groups together, those of one cell, hour and key as one; sorted by cell, hour, key."""
    groups = np.concatenate(parts) if parts else np.zeros(0, dtype=GROUP)
    if not len(groups):
        return groups
    groups = groups[np.lexsort((groups["key"], groups["hour"], groups["lon_cell"], groups["lat_cell"]))]
    new = np.ones(len(groups), dtype=np.bool_)
    for name in ("lat_cell", "lon_cell", "hour", "key"):
        new[1:] &= groups[name][1:] == groups[name][:-1]
    new[1:] = ~new[1:]
    start = np.flatnonzero(new)
    if len(start) == len(groups):
        return groups
    result = groups[start].copy()
    reduce: tuple[tuple[str, Callable[..., Any]], ...] = (
        ("positions", np.add.reduceat),
        ("on_ground", np.add.reduceat),
        ("first_ms", np.minimum.reduceat),
        ("last_ms", np.maximum.reduceat),
        ("lowest_altitude_ft", np.fmin.reduceat),
        ("highest_altitude_ft", np.fmax.reduceat),
        ("simulated", np.logical_or.reduceat),
    )
    for name, reduced in reduce:
        result[name] = reduced(groups[name], start)
    return result


def table_of(groups: Groups, name_of_key: Callable[[int], str]) -> pa.Table:
    """Groups as an Arrow table of SCHEMA, in the same order."""
    keys, at = np.unique(groups["key"], return_inverse=True)
    names = pa.array([name_of_key(int(key)) for key in keys], type=pa.string())
    columns: dict[str, pa.Array] = {}
    for field in SCHEMA:
        if field.name == "track_key":
            columns[field.name] = names.take(pa.array(at))
        elif field.name.endswith("altitude_ft"):
            columns[field.name] = pa.array(groups[field.name], from_pandas=True, type=field.type)
        else:
            columns[field.name] = pa.array(np.ascontiguousarray(groups[field.name]), type=field.type)
    return pa.table(columns, schema=SCHEMA)
