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
| silence_ms | the longest time between two changes of position that touches the group, within the file's day (int32);
  a silence that can hold no landing is left out |
| near_ground | whether one of them may be on the ground, or is beside a silence on the ground |
| odd | whether cleaning might disbelieve positions here or hereabouts, the day alone not telling which, or a flight
  list speaks |
| begins, stops | whether the first (last) position of the key in this file and day is in the group (int16, boolean) |
| cut_from_ms, cut_to_ms | no flight goes on from before the first to after the second: the last such pair that begins
  in the group (int64); 0 where there is none |
| first_…, last_…_mdeg | where the positions of `begins` and of `stops` are, in thousandths of a degree rounded down; 0
  in all other groups (int32) |
| reach_km | how far from a position of the group the airfield of a flight that begins or ends at that position may lie
  (`end_reach`, rounded up; on the ground: its runways), the farthest also where anything is odd; 0 where none of all
  this is told (int16) |
| end_parts | in which of the cell's 8 x 8 parts those lie: bit 8 · row + column, from the south-west (int64) |
| ends_from_lat, …_lon, ends_to_lat, …_lon | the box that holds them, in thousandths of a degree from the south-west
  corner of the cell (int16); 1000, 1000, 0, 0 where there are none |
| gone | whether these are positions that cleaning gives up, by the key's day in the file alone (`day_cleaning.py`), and
  stale repeats of such: they are a group of their own beside the others of the cell, hour and key |
| strays | how many of them are no repeats (int16) |
| blocks | what a false block that begins or ends with a stray hangs on (bits, int16): 1 on a spoof target being where
  one of them is, 2 on where and when the file before ends |

One row a group and file, in three sections: first those with the first or the last position of a key's day, and those
that are gone or have `blocks`, then the others with a reach, then the rest. Each begins a row group, so that what asks
of one alone reads no other, and is sorted by cell, hour and key, so that a question about a few places reads a few row
groups.

Where a flight could begin or end (`match/splitting.py`) the columns from `silence_ms` to the box say, by all positions
that are not gone: where a track begins or ends, beside a silence, beside the ground. What they cannot rule out they let
pass. `begins` is 2 where the position may turn out to be a stale repeat of the file before: the aircraft is not said to
stand. The next place that it is heard at has a reach then, too: with the repeats gone, a flight may begin there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flighttrace.ingest.archive.day_cleaning import told_of_days
from flighttrace.ingest.archive.presence_ends import BOX, NO_BOX, put_ends
from flighttrace.ingest.archive.rows import MS_PER_HOUR, InOrder, Mask, Recs, gathered

WHICH: Final = ("lat_cell", "lon_cell", "hour", "key", "gone")
"""What tells one group from another."""
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
        ("silence_ms", "i4"),
        ("near_ground", "?"),
        ("odd", "?"),
        ("begins", "i2"),
        ("stops", "?"),
        ("cut_from_ms", "i8"),
        ("cut_to_ms", "i8"),
        ("first_lat_mdeg", "i4"),
        ("first_lon_mdeg", "i4"),
        ("last_lat_mdeg", "i4"),
        ("last_lon_mdeg", "i4"),
        ("reach_km", "i2"),
        ("end_parts", "i8"),
        *((name, "i2") for name in BOX),
        ("gone", "?"),
        ("strays", "i2"),
        ("blocks", "i2"),
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
        ("silence_ms", pa.int32()),
        ("near_ground", pa.bool_()),
        ("odd", pa.bool_()),
        ("begins", pa.int16()),
        ("stops", pa.bool_()),
        ("cut_from_ms", pa.int64()),
        ("cut_to_ms", pa.int64()),
        ("first_lat_mdeg", pa.int32()),
        ("first_lon_mdeg", pa.int32()),
        ("last_lat_mdeg", pa.int32()),
        ("last_lon_mdeg", pa.int32()),
        ("reach_km", pa.int16()),
        ("end_parts", pa.int64()),
        *((name, pa.int16()) for name in BOX),
        ("gone", pa.bool_()),
        ("strays", pa.int16()),
        ("blocks", pa.int16()),
    ]
)
Groups = npt.NDArray[np.void]
EDGES, REACHING, REST = SECTIONS = range(3)
"""Of a presence file: the groups in which a key's day begins or stops, or that are gone or have `blocks`;
the others with a reach; the rest."""


def section_of(groups: Groups) -> npt.NDArray[np.int8]:
    """(n,): the section of each group."""
    edge = (groups["begins"] > 0) | groups["stops"] | groups["gone"] | (groups["blocks"] > 0)
    return np.where(edge, EDGES, np.where(groups["reach_km"] > 0, REACHING, REST)).astype(np.int8)


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
    rows = InOrder.of(recs)
    told = told_of_days(rows)
    groups, start = _groups_of(rows, told.gone)
    baro = np.ascontiguousarray(recs["baro_altitude_ft"])
    altitude_ft = np.where(np.isnan(baro), recs["geo_altitude_ft"], baro)
    groups["positions"] = np.diff(np.append(start, len(recs)))
    groups["on_ground"] = np.add.reduceat((recs["on_ground"] == 1).astype(np.int32), start)
    groups["first_ms"], groups["last_ms"] = rows.time_ms[start], rows.time_ms[np.append(start[1:], len(recs)) - 1]
    groups["lowest_altitude_ft"] = np.fmin.reduceat(altitude_ft, start)
    groups["highest_altitude_ft"] = np.fmax.reduceat(altitude_ft, start)
    groups["simulated"] = np.logical_or.reduceat(np.ascontiguousarray(recs["simulated"]), start)
    groups["strays"] = np.add.reduceat(told.strays.astype(np.int16), start)
    groups["blocks"] = np.bitwise_or.reduceat(told.blocks, start)
    kept = rows.kept_in_place()
    if not told.gone.any():
        put_ends(groups, start, rows, altitude_ft, told.odd, kept)
        return merged([groups])
    kept[1:] |= told.gone[:-1]  # what one of them stands between is no repeat
    left, of_left = np.flatnonzero(~told.gone), np.flatnonzero(~groups["gone"])
    ends, start = groups[of_left], np.searchsorted(left, start[of_left])
    put_ends(ends, start, InOrder.of(gathered(recs, left)), altitude_ft[left], told.odd[left], kept[left])
    groups[of_left] = ends
    return merged([groups])


def _groups_of(rows: InOrder, gone: Mask) -> tuple[Groups, npt.NDArray[np.intp]]:
    """Groups of which nothing but which they are is said, and the first record of each; a group may come in parts."""
    lat, lon = cell_of(rows.lat_deg, rows.lon_deg)
    hour = (rows.time_ms // MS_PER_HOUR).astype(np.int32)
    which = {"lat_cell": lat, "lon_cell": lon, "hour": hour, "key": rows.key, "gone": gone}
    new = np.ones(len(hour), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in which.values()])
    start = np.flatnonzero(new)
    groups = np.zeros(len(start), dtype=GROUP)
    for name, column in which.items():
        groups[name] = column[start]
    for name, none in zip(BOX, NO_BOX, strict=True):
        groups[name] = none
    return groups, start


def merged(parts: Sequence[Groups]) -> Groups:
    """All groups together, those that are one as one; sorted by cell, hour, key and whether they are gone."""
    groups = np.concatenate(parts) if parts else np.zeros(0, dtype=GROUP)
    if not len(groups):
        return groups
    groups = groups[np.lexsort([groups[name] for name in reversed(WHICH)])]
    new = np.ones(len(groups), dtype=np.bool_)
    for name in WHICH:
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
        ("silence_ms", np.maximum.reduceat),
        ("near_ground", np.logical_or.reduceat),
        ("odd", np.logical_or.reduceat),
        ("begins", np.maximum.reduceat),
        ("stops", np.logical_or.reduceat),
        ("cut_from_ms", np.maximum.reduceat),  # cuts do not overlap: the later one of both
        ("cut_to_ms", np.maximum.reduceat),
        ("first_lat_mdeg", np.add.reduceat),  # 0 in all but one
        ("first_lon_mdeg", np.add.reduceat),
        ("last_lat_mdeg", np.add.reduceat),
        ("last_lon_mdeg", np.add.reduceat),
        ("reach_km", np.maximum.reduceat),
        ("end_parts", np.bitwise_or.reduceat),
        *((name, np.minimum.reduceat if "from" in name else np.maximum.reduceat) for name in BOX),
        ("strays", np.add.reduceat),
        ("blocks", np.bitwise_or.reduceat),
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
