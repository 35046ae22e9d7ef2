"""The presence index against the plainest way to count the same."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.end_reach import PARTS
from flighttrace.ingest.archive.presence import merged, presence_of, table_of
from flighttrace.ingest.archive.presence_ends import _part_of
from flighttrace.ingest.archive.rows import Recs, empty
from flighttrace.ingest.archive.sorting import sorted_once

LAT = st.sampled_from([-90.0, -89.5, -1.0, -0.5, -0.0, 0.0, 0.25, 31.99999, 32.0, 89.0, 89.99, 90.0])
LON = st.sampled_from([-180.0, -179.5, -0.001, 0.0, 35.0, 35.5, 179.999, 180.0])
ALTITUDE = st.sampled_from([math.nan, -100.0, 0.0, 2500.0, 41_000.0])
HOUR_MS = 3_600_000
TIME_MS = st.sampled_from([n * HOUR_MS + d for n in (541_342, 541_343, 541_344) for d in (-1, 0, 1, 1_800_000)])
"""About a midnight of UTC."""
ROW = st.fixed_dictionaries(
    {
        "key": st.sampled_from([-1, 0xD5B001, 0xD5B002, (1 << 24) + 5]),
        "time_ms": TIME_MS,
        "lat_deg": LAT,
        "lon_deg": LON,
        "baro_altitude_ft": ALTITUDE,
        "geo_altitude_ft": ALTITUDE,
        "on_ground": st.sampled_from([-1, 0, 1]),
        "simulated": st.booleans(),
        "rejected_because": st.sampled_from([0, 0, 0, 3]),
    }
)


def records(rows: list[dict[str, Any]]) -> Recs:
    recs = empty(len(rows))
    for i, row in enumerate(rows):
        for name, value in row.items():
            recs[name][i] = value
        recs["source_row"][i] = i
        recs["ground_speed_kt"][i] = i  # no two are one record written twice
    return recs


def plainly(rows: list[dict[str, Any]]) -> dict[tuple[int, int, int, int], tuple[Any, ...]]:
    groups: dict[tuple[int, int, int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["rejected_because"]:
            continue
        lat, lon = min(math.floor(row["lat_deg"]), 89), math.floor(row["lon_deg"])
        groups[lat, -180 if lon == 180 else lon, row["time_ms"] // HOUR_MS, row["key"]].append(row)
    found = {}
    for group, held in groups.items():
        times = [row["time_ms"] for row in held]
        heights = [row["baro_altitude_ft"] for row in held if not math.isnan(row["baro_altitude_ft"])]
        heights += [
            row["geo_altitude_ft"]
            for row in held
            if math.isnan(row["baro_altitude_ft"]) and not math.isnan(row["geo_altitude_ft"])
        ]
        found[group] = (
            len(held),
            min(times),
            max(times),
            min(heights, default=None),
            max(heights, default=None),
            sum(row["on_ground"] == 1 for row in held),
            any(row["simulated"] for row in held),
        )
    return found


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, max_size=40), cuts=st.lists(st.integers(0, 40), max_size=3))
def test_groups_are_what_a_plain_count_gives(rows: list[dict[str, Any]], cuts: list[int]) -> None:
    recs, again = sorted_once(records(rows))
    assert not again
    parts = [presence_of(part) for part in np.split(recs, sorted(cut for cut in cuts if cut <= len(recs)))]
    table = table_of(merged(parts), str)
    held = table.to_pylist()
    found = {
        (row["lat_cell"], row["lon_cell"], row["hour"], int(row["track_key"])): (
            row["positions"],
            row["first_ms"],
            row["last_ms"],
            row["lowest_altitude_ft"],
            row["highest_altitude_ft"],
            row["on_ground"],
            row["simulated"],
        )
        for row in held
    }
    assert found == plainly(rows)
    assert len(held) == len(found)
    order = [(row["lat_cell"], row["lon_cell"], row["hour"], int(row["track_key"])) for row in held]
    assert order == sorted(order)


def test_no_position_lies_beyond_the_last_part_of_its_cell() -> None:
    degrees = np.array([-1e-17, -1e-300, 0.0, -1e-7, 0.125, 0.9999999, -0.125, -180.0, 89.99])
    assert _part_of(degrees).tolist() == [PARTS - 1, PARTS - 1, 0, PARTS - 1, 1, PARTS - 1, PARTS - 1, 0, PARTS - 1]


def test_the_box_holds_what_may_end_and_no_more() -> None:
    """A track of one position a key: each is an end. Two of one group make one box, also when they are merged."""
    places = [(32.0004, 35.9996), (32.4, 35.0), (90.0, 180.0), (-0.0001, -0.0001), (32.25, 35.5), (32.75, 35.125)]
    keys = [1, 2, 3, 4, 5, 5]
    rows = [
        {"key": key, "time_ms": 541_343 * HOUR_MS + i * 20_000, "lat_deg": lat, "lon_deg": lon, "on_ground": 1}
        for i, (key, (lat, lon)) in enumerate(zip(keys, places, strict=True))
    ]
    recs, _ = sorted_once(records(rows))
    names = ("ends_from_lat", "ends_from_lon", "ends_to_lat", "ends_to_lon")
    expected = {
        1: (0, 999, 1, 1000),
        2: (399, 0, 400, 1),
        3: (999, 0, 1000, 1),
        4: (999, 999, 1000, 1000),
        5: (250, 125, 751, 501),
    }
    parts = [presence_of(recs[recs["key"] == key][i : i + 1]) for key in range(1, 6) for i in range(2)]
    for groups in (presence_of(recs), merged([part for part in parts if len(part)])):
        found = {int(group["key"]): tuple(int(group[name]) for name in names) for group in groups}
        lat_2 = found[2][0]
        assert lat_2 in (399, 400)  # 0.4 of a degree is no binary fraction
        assert {**found, 2: (399, found[2][1], found[2][2] - lat_2 + 399, found[2][3])} == expected
