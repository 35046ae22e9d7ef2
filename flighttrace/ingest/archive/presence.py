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
| odd | whether cleaning might disbelieve a position here or hereabouts, or a flight list speaks |
| begins, stops | whether the first (last) position of the key in this file and day is in the group (int16, boolean) |
| cut_from_ms, cut_to_ms | no flight goes on from before the first to after the second: the last such pair that begins
  in the group (int64); 0 where there is none |
| first_…, last_…_mdeg | where those two are, in thousandths of a degree rounded down; 0 in all other groups (int32) |
| reach_km | how far from a position of the group the airfield of a flight that begins or ends at that position may lie
  (`end_reach`, rounded up; on the ground: its runways), the farthest also where anything is odd; 0 where none of all
  this is told (int16) |
| end_parts | in which of the cell's 8 x 8 parts those lie: bit 8 · row + column, from the south-west (int64) |
| ends_from_lat, …_lon, ends_to_lat, …_lon | the box that holds them, in thousandths of a degree from the south-west
  corner of the cell (int16); 1000, 1000, 0, 0 where there are none |

One row a group and file, in three sections: first those with the first or the last position of a key's day, then the
others with a reach, then the rest. Each begins a row group, so that what asks of one alone reads no other, and is
sorted by cell, hour and key, so that a question about a few places reads a few row groups.

The last columns say where a flight could begin or end (`match/splitting.py`): where a track begins or ends, beside a
silence, beside the ground. What they cannot rule out they let pass. `begins` is 2 where the position may turn out to be
a stale repeat of the file before: the aircraft is not said to stand. The next place that it is heard at has a reach
then, too: with the repeats gone, a flight may begin there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flighttrace.end_reach import GROUND_PROBABLE_KM, MOST_DISTANT_KM, PARTS, reach_km
from flighttrace.geodesy import KM_PER_NM, distance_km
from flighttrace.ingest.archive.rows import Recs, gathered

MS_PER_HOUR: Final = 3_600_000
HOURS_PER_DAY: Final = 24
STANDING_KT: Final = 30.0
"""A repeated position at this speed and below is not stale, and a stop on the ground is looked for (cleaning.py and
splitting.py; a test holds these numbers together)."""
ROLLING_KT: Final = 160.0
SHORTEST_CUT_MS: Final = 600_000
GROUND_STAY_MS: Final = 300_000
SILENT_ON_GROUND_MS: Final = 60_000
LOW_FT: Final = 15_000.0
LOW_SLACK_S: Final = 1200.0
TURN_SLACK_S: Final = 600.0
CRUISE_SLACK_S: Final = 3600.0
CRUISE_SLACK_SHARE: Final = 0.15
FLYING_KT: Final = 60.0
UNSURE_SPEED_KT: Final = 250.0
"""How splitting.py cuts at a gap and at a stay on the ground."""
REACH_M: Final = 3000.0
REACH_M_PER_MS: Final = 1000.0 * 1852.0 / 3_600_000
"""Cleaning believes a step of 3 km, and 1,000 kt beyond that."""
M_PER_DEG: Final = 111_700.0
"""No degree of latitude, nor of longitude by the cosine of the latitude, is longer on WGS 84: 111,694 m, at a pole."""
ALMOST_90_DEG: Final = float(np.nextafter(90.0, 0.0))
"""The pole lies in the cell below it."""

BOX: Final = ("ends_from_lat", "ends_from_lon", "ends_to_lat", "ends_to_lon")
NO_BOX: Final = (1000, 1000, 0, 0)

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
    ]
)
Groups = npt.NDArray[np.void]
EDGES, REACHING, REST = SECTIONS = range(3)
"""Of a presence file: the groups in which a key's day begins or stops, the others with a reach, the rest."""


def section_of(groups: Groups) -> npt.NDArray[np.int8]:
    """(n,): the section of each group."""
    edge = (groups["begins"] > 0) | groups["stops"]
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
    lat, lon = cell_of(recs["lat_deg"], recs["lon_deg"])
    time, key = np.ascontiguousarray(recs["time_ms"]), np.ascontiguousarray(recs["key"])
    hour = (time // MS_PER_HOUR).astype(np.int32)
    new = np.ones(len(recs), dtype=np.bool_)
    new[1:] = (key[1:] != key[:-1]) | (hour[1:] != hour[:-1]) | (lat[1:] != lat[:-1]) | (lon[1:] != lon[:-1])
    start = np.flatnonzero(new)
    end = np.append(start[1:], len(recs))
    baro = np.ascontiguousarray(recs["baro_altitude_ft"])
    altitude = np.where(np.isnan(baro), recs["geo_altitude_ft"], baro)
    runs = np.zeros(len(start), dtype=GROUP)
    runs["lat_cell"], runs["lon_cell"], runs["hour"], runs["key"] = lat[start], lon[start], hour[start], key[start]
    runs["positions"] = end - start
    runs["on_ground"] = np.add.reduceat((recs["on_ground"] == 1).astype(np.int32), start)
    runs["first_ms"], runs["last_ms"] = time[start], time[end - 1]
    runs["lowest_altitude_ft"] = np.fmin.reduceat(altitude, start)
    runs["highest_altitude_ft"] = np.fmax.reduceat(altitude, start)
    runs["simulated"] = np.logical_or.reduceat(np.ascontiguousarray(recs["simulated"]), start)
    _put_ends(runs, recs, altitude, key, time, start)
    return merged([runs])


def _put_ends(runs: Groups, recs: Recs, altitude_ft: Any, key: Any, time: Any, start: Any) -> None:
    """Fill in where a flight could begin or end. `start`: each run's first record; positions are those believed."""
    lat, lon = np.ascontiguousarray(recs["lat_deg"]), np.ascontiguousarray(recs["lon_deg"])
    day = time // (MS_PER_HOUR * HOURS_PER_DAY)
    heads = np.ones(len(recs), dtype=np.bool_)  # the first record of a key's day
    heads[1:] = (key[1:] != key[:-1]) | (day[1:] != day[:-1])
    moved = heads.copy()
    moved[1:] |= (lat[1:] != lat[:-1]) | (lon[1:] != lon[:-1])
    changes = np.flatnonzero(moved)
    stay = np.cumsum(moved) - 1  # records of one place in a row are one stay; its first is never stale
    head_of = heads[changes]
    maybe = _maybe_on_ground(recs)
    gaps, slack_s = _gaps(recs, time, changes, head_of)
    # of a stay the first position alone is believed, unless a repeat may stand or bears the time of the one before:
    # cleaning then takes it for no repeat
    kept = (recs["on_ground"] == 1) | (recs["ground_speed_kt"] <= STANDING_KT)
    kept[1:] |= time[1:] == time[:-1]
    single = ~np.logical_or.reduceat(kept & ~moved, changes)[gaps]
    both = maybe[changes[gaps]] & maybe[changes[gaps + 1]]
    no_cut = gaps[single & ~both & (slack_s <= TURN_SLACK_S)]
    silences = _silences_ms(time, changes, head_of, no_cut)
    runs["silence_ms"] = np.maximum.reduceat(silences[stay], start)
    ground = np.logical_or.reduceat(maybe, changes)
    near = ground.copy()
    silent = ~head_of[1:] & (np.diff(time[changes]) >= SILENT_ON_GROUND_MS)
    near[1:] |= ground[:-1] & silent
    near[:-1] |= ground[1:] & silent
    runs["near_ground"] = np.logical_or.reduceat(near[stay], start)
    first = np.flatnonzero(heads)
    standing = (recs["on_ground"][first] == 1) | (recs["ground_speed_kt"][first] <= STANDING_KT)
    begins = np.zeros(len(changes), dtype=np.int16)
    begins[head_of] = np.where(standing, 1, 2)
    second = ~head_of & np.append(False, begins[:-1] == 2)  # the first one, if that before is a repeat
    may_end = near | head_of | np.append(head_of[1:], True) | (silences >= SHORTEST_CUT_MS) | second
    odd = recs["listed_flight"] != 0
    steps = changes[~head_of]
    odd[steps] |= _beyond_reach(lat, lon, time, steps)
    runs["odd"] = np.logical_or.reduceat(odd, start)
    at = np.flatnonzero(may_end[stay] | odd)
    reach, parts = np.zeros(len(recs), dtype=np.int16), np.zeros(len(recs), dtype=np.int64)
    own_km = reach_km(altitude_ft[at], np.asarray(recs["on_ground"][at] == 1), ground_km=GROUND_PROBABLE_KM)
    reach[at] = np.where(odd[at], MOST_DISTANT_KM, np.ceil(own_km))
    parts[at] = np.int64(1) << (PARTS * _part_of(np.minimum(lat[at], ALMOST_90_DEG)) + _part_of(lon[at]))
    runs["reach_km"] = np.maximum.reduceat(reach, start)
    runs["end_parts"] = np.bitwise_or.reduceat(parts, start)
    _put_box(runs, np.searchsorted(start, at, side="right") - 1, np.minimum(lat[at], ALMOST_90_DEG), lon[at])
    sure = gaps[single & (slack_s > _most_slack_needed_s(recs, time, changes, gaps))]
    for begin, end in ((changes[sure], changes[sure + 1]), _stays_on_ground(recs, time, heads, moved)):
        run = np.searchsorted(start, begin, side="right") - 1
        np.maximum.at(runs["cut_from_ms"], run, time[begin])
        np.maximum.at(runs["cut_to_ms"], run, time[end])
    last = np.append(first[1:], len(recs)) - 1
    for name, at in (("first", first), ("last", last)):
        run = np.searchsorted(start, at, side="right") - 1
        runs["begins" if name == "first" else "stops"][run] = begins[head_of] if name == "first" else True
        runs[f"{name}_lat_mdeg"][run] = np.floor(lat[at] * 1000.0)
        runs[f"{name}_lon_mdeg"][run] = np.floor(lon[at] * 1000.0)


def _put_box(runs: Groups, run: Any, lat: Any, lon: Any) -> None:
    """The box of the positions (lat, lon) of these runs, ascending: what has none keeps NO_BOX."""
    for name, none in zip(BOX, NO_BOX, strict=True):
        runs[name] = none
    if not len(run):
        return
    first = np.flatnonzero(np.append(True, run[1:] != run[:-1]))
    for axis, deg in (("lat", lat), ("lon", lon)):
        low = np.minimum((deg - np.floor(deg)) * 1000.0, 999.0).astype(np.int16)
        runs[f"ends_from_{axis}"][run[first]] = np.minimum.reduceat(low, first)
        runs[f"ends_to_{axis}"][run[first]] = np.maximum.reduceat(low, first) + 1


def _part_of(deg: Any) -> Any:
    """In which of a degree's PARTS, 0 to PARTS - 1."""
    return np.minimum((deg - np.floor(deg)) * PARTS, PARTS - 1).astype(np.int64)  # just below a degree it rounds up


def _gaps(recs: Recs, time: Any, changes: Any, head_of: Any) -> tuple[Any, Any]:
    """Stays that are followed by a silence in which a flight may be cut, and the time to spare in it, in s, as
    splitting.py reckons it."""
    gaps = np.flatnonzero((np.diff(time[changes]) >= SHORTEST_CUT_MS) & ~head_of[1:])
    one, two = changes[gaps], changes[gaps + 1]
    away_km = distance_km(*(recs[name][at] for at in (one, two) for name in ("lat_deg", "lon_deg")))
    speeds = np.stack([recs["ground_speed_kt"][one], recs["ground_speed_kt"][two]])
    flying = np.where(speeds > FLYING_KT, speeds, 0.0).max(axis=0)
    speed_kt = np.where(flying > 0.0, flying, UNSURE_SPEED_KT)
    return gaps, (time[two] - time[one]) / 1000.0 - away_km / (speed_kt * KM_PER_NM) * 3600.0


def _most_slack_needed_s(recs: Recs, time: Any, changes: Any, gaps: Any) -> Any:
    """More time to spare than this is surely a cut: infinite unless one side is said to be in the air."""
    sides = (changes[gaps], changes[gaps + 1])
    airborne = (recs["on_ground"][sides[0]] == 0) | (recs["on_ground"][sides[1]] == 0)
    low = np.ones(len(gaps), dtype=np.bool_)
    for at in sides:
        baro = recs["baro_altitude_ft"][at]
        low &= np.where(np.isnan(baro), recs["geo_altitude_ft"][at], baro) < LOW_FT
    cruise = CRUISE_SLACK_S + CRUISE_SLACK_SHARE * (time[sides[1]] - time[sides[0]]) / 1000.0
    return np.where(airborne, np.where(low, LOW_SLACK_S, cruise), np.inf)


def _stays_on_ground(recs: Recs, time: Any, heads: Any, moved: Any) -> tuple[Any, Any]:
    """First and last record of each stretch said to be on the ground, GROUND_STAY_MS and more, between two records of
    the same day said to be in the air, which cleaning keeps because they moved."""
    said = np.ascontiguousarray(recs["on_ground"])
    new = heads.copy()
    new[1:] |= said[1:] != said[:-1]
    first = np.flatnonzero(new)
    after = np.append(first[1:], len(recs))
    flies = (said == 0) & moved
    begins = flies[first - 1] & ~heads[first]
    ends = np.append(flies & ~heads, False)[after]
    stays = (said[first] == 1) & begins & ends & (time[after - 1] - time[first] >= GROUND_STAY_MS)
    return first[stays], after[stays] - 1


def _silences_ms(time: Any, changes: Any, head_of: Any, no_cut: Any) -> Any:
    """For each stay the longer of the times from the change before it, and to the change after it (the last record of
    the day where none comes). `no_cut`: stays after which no flight is cut, however long the silence."""
    ends = np.append(changes[1:], len(time))
    whole = np.append(~head_of[1:], False)
    until = np.where(whole, time[np.minimum(ends, len(time) - 1)], time[ends - 1]) - time[changes]
    until[no_cut] = 0
    silences = until.copy()
    silences[1:] = np.where(head_of[1:], until[1:], np.maximum(until[1:], until[:-1]))
    return silences


def _maybe_on_ground(recs: Recs) -> Any:
    """Said to be on the ground; where nothing is said: altitude 0 and not fast, or slow, or of unknown speed."""
    said = np.ascontiguousarray(recs["on_ground"])
    ground = said == 1
    silent = np.flatnonzero(said < 0)
    if len(silent):
        speed, baro = recs["ground_speed_kt"][silent], recs["baro_altitude_ft"][silent]
        ground[silent] = ~(speed > STANDING_KT) | ((baro == 0.0) & ~(speed > ROLLING_KT))
    return ground


def _beyond_reach(lat: Any, lon: Any, time: Any, steps: Any) -> Any:
    """Whether the step to each of these records may be longer than cleaning believes."""
    before = steps - 1
    north = np.abs(lat[steps] - lat[before]) * M_PER_DEG
    east = np.abs(lon[steps] - lon[before])
    east = np.minimum(east, 360.0 - east) * M_PER_DEG
    reach = REACH_M + REACH_M_PER_MS * (time[steps] - time[before])
    beyond = north + east > reach
    unsure = np.flatnonzero(beyond)
    if len(unsure):
        one, two = lat[steps[unsure]], lat[before[unsure]]
        nearest = np.where((one < 0) != (two < 0), 0.0, np.minimum(np.abs(one), np.abs(two)))
        shrunk = east[unsure] * np.cos(np.radians(nearest))
        beyond[unsure] = np.hypot(north[unsure], shrunk) > reach[unsure]
    return beyond


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
