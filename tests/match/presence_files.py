"""Presence files by the archive's schema, made of plain fixes, slowly and plainly: the reference for the sieve."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.ingest.archive.presence import SCHEMA

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
    fixes = list(fixes)
    groups: dict[tuple[int, int, int, str], list[Fix]] = {}
    for fix in fixes:
        groups.setdefault((*cell(fix), fix.time_ms // HOUR_MS, fix.track_key), []).append(fix)
    edges = _edges(fixes)
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
                "begins": int(any(fix is edges[key, hour // 24][0] for fix in group)),
                "stops": any(fix is edges[key, hour // 24][1] for fix in group),
                "cut_from_ms": 0,
                "cut_to_ms": 0,
                **_place(group, "first", edges[key, hour // 24][0]),
                **_place(group, "last", edges[key, hour // 24][1]),
                "reach_km": 300,
                "end_parts": -1,
                "ends_from_lat": 0,
                "ends_from_lon": 0,
                "ends_to_lat": 1000,
                "ends_to_lon": 1000,
            }
        )
    return rows


def _edges(fixes: list[Fix]) -> dict[tuple[str, int], tuple[Fix, Fix]]:
    """(track key, day) → its first and its last fix."""
    days: dict[tuple[str, int], list[Fix]] = {}
    for fix in fixes:
        days.setdefault((fix.track_key, fix.time_ms // HOUR_MS // 24), []).append(fix)
    return {
        day: (min(held, key=lambda fix: fix.time_ms), max(held, key=lambda fix: fix.time_ms))
        for day, held in days.items()
    }


def _place(group: list[Fix], name: str, edge: Fix) -> dict[str, object]:
    here = any(fix is edge for fix in group)
    lat, lon = (math.floor(deg * 1000) if here else 0 for deg in (edge.lat_deg, edge.lon_deg))
    return {f"{name}_lat_mdeg": lat, f"{name}_lon_mdeg": lon}


def write_presence(path: Path, fixes: Iterable[Fix]) -> Path:
    """`path`, written with one row group of at most 16,384 rows after the other and page checksums."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(presence_rows(fixes), schema=SCHEMA)
    pq.write_table(table, path, compression="zstd", row_group_size=16_384, write_page_checksum=True)
    return path
