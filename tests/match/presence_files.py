"""Presence files by the archive's schema, made of plain fixes, slowly and plainly: the reference for the sieve."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from flighttrace.ingest.archive.positions_table import writer_of
from flighttrace.ingest.archive.presence import SCHEMA
from flighttrace.ingest.archive.store import PRESENCE_GROUP_ROWS

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Fix:
    track_key: str
    time_ms: int
    lat_deg: float
    lon_deg: float
    altitude_ft: float | None = None


def cell(fix: Fix) -> tuple[int, int]:
    lat, lon = math.floor(fix.lat_deg), math.floor(fix.lon_deg)
    return min(lat, 89), -180 if lon == 180 else lon


def presence_rows(fixes: Iterable[Fix]) -> list[dict[str, object]]:
    groups: dict[tuple[int, int, int, str], list[Fix]] = {}
    for fix in fixes:
        groups.setdefault((*cell(fix), fix.time_ms // HOUR_MS, fix.track_key), []).append(fix)
    rows = []
    for (lat_cell, lon_cell, hour, key), group in sorted(groups.items()):
        times = [fix.time_ms for fix in group]
        heights = [fix.altitude_ft for fix in group if fix.altitude_ft is not None]
        rows.append(
            {
                "track_key": key,
                "hour": hour,
                "lat_cell": lat_cell,
                "lon_cell": lon_cell,
                "positions": len(group),
                "first_ms": min(times),
                "last_ms": max(times),
                "lowest_altitude_ft": min(heights, default=None),
                "highest_altitude_ft": max(heights, default=None),
                "on_ground": 0,
                "simulated": True,
                "silence_ms": 0,
                "near_ground": True,  # plain fixes say nothing of where a flight could not end
                "odd": False,
                "begins": 0,
                "stops": False,
                "cut_from_ms": 0,
                "cut_to_ms": 0,
                "first_lat_mdeg": 0,
                "first_lon_mdeg": 0,
                "last_lat_mdeg": 0,
                "last_lon_mdeg": 0,
                "reach_km": 300,
                "end_parts": -1,
                "ends_from_lat": 0,
                "ends_from_lon": 0,
                "ends_to_lat": 1000,
                "ends_to_lon": 1000,
                "gone": False,
                "strays": 0,
                "blocks": 0,
            }
        )
    return rows


def write_presence(path: Path, fixes: Iterable[Fix]) -> Path:
    """`path`, written as an archive's presence is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(presence_rows(fixes), schema=SCHEMA)
    path.unlink(missing_ok=True)
    with path.open("xb") as file, writer_of(file, SCHEMA, dictionaries=True) as writer:
        writer.write_table(table, row_group_size=PRESENCE_GROUP_ROWS)
    return path
