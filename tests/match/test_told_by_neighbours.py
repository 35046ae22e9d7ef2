"""Legs whose departure is told by another end of the airframe: the sieve by ends keeps them, however that end lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from flighttrace.geodesy import wgs84
from flighttrace.match.engines import candidates
from flighttrace.match.engines.on_duckdb import DuckDBEngine

from .test_sieve_ends import AIRFIELDS, ROUTES, _columns, asked, frame_of, legs_of, presence_table

HOUR = 3600.0
OVDA, BAKU = (AIRFIELDS.get(name) for name in ("LLOV", "UBBB"))
Point = tuple[float, float]
AT_OVDA: Point = (OVDA.lat_deg, OVDA.lon_deg)
AT_BAKU: Point = (BAKU.lat_deg, BAKU.lon_deg)
BEFORE_BAKU: Point = (38.8, 47.5)


def line(begin: float, end: float, a: Point, b: Point, from_ft: float, to_ft: float) -> np.ndarray:
    t = np.arange(begin, end, 10.0)
    share = (t - begin) / (end - begin)
    kt = wgs84().inv(a[1], a[0], b[1], b[0])[2] / 1852.0 / (end - begin) * HOUR
    lat, lon = (p + share * (q - p) for p, q in zip(a, b, strict=True))
    return _columns(t, lat, lon, from_ft + share * (to_ft - from_ft), kt, 0)


def off_ovda(km: float, azimuth: float) -> Point:
    lon, lat, _ = wgs84().fwd(AT_OVDA[1], AT_OVDA[0], azimuth, km * 1000.0)
    return float(lat), float(lon)


def on_to_baku(begin: float, start: Point, over: Point, low_ft: float, cruise_s: float) -> list[np.ndarray]:
    land = begin + 1500.0 + cruise_s + 1500.0
    return [
        line(begin, begin + 1500.0, start, over, low_ft, 33_000.0),
        line(begin + 1500.0, land - 1500.0, over, BEFORE_BAKU, 33_000.0, 33_000.0),
        line(land - 1500.0, land, BEFORE_BAKU, AT_BAKU, 33_000.0, BAKU.elevation_ft + 50.0),
        _columns(land + np.arange(0, 600, 30), *AT_BAKU, 0.0, 5.0, 1),
    ]


def landed_long_before() -> list[np.ndarray]:
    """On Ovda's runway the day before; heard again low and 244 km off, landing at Baku 30 h after it."""
    landed, lands = -22 * HOUR, 8 * HOUR
    return [
        line(landed - 1800, landed, (AT_OVDA[0] - 1.0, AT_OVDA[1] + 0.6), AT_OVDA, 20_000.0, OVDA.elevation_ft + 50.0),
        _columns(landed + np.arange(0, 300, 30), *AT_OVDA, 0.0, 5.0, 1),
        *on_to_baku(lands - 9000, off_ovda(244.0, 79.0), (33.5, 40.5), 2000.0, 6000.0),
    ]


def said_on_the_ground_elsewhere(km: float) -> list[np.ndarray]:
    """Down to 200 ft at Ovda; 11 minutes later said to be on the ground in the desert, then in the air to Baku."""
    down = 8.6 * HOUR
    there, stays = off_ovda(km, 110.0), np.arange(0, 600, 30)
    return [
        line(down - 1800, down, (AT_OVDA[0] - 1.0, AT_OVDA[1] + 0.6), AT_OVDA, 20_000.0, OVDA.elevation_ft + 200.0),
        _columns(down + 660 + stays, there[0], there[1] + np.arange(len(stays)) * 1e-4, 0.0, 5.0, 1),
        *on_to_baku(down + 1290, there, (33.5, 39.5), 900.0, 6000.0),
    ]


@pytest.mark.parametrize(
    "parts", [landed_long_before(), said_on_the_ground_elsewhere(150.0), said_on_the_ground_elsewhere(200.0)]
)
def test_a_departure_told_by_another_end_is_kept(parts: list[np.ndarray], tmp_path: Path) -> None:
    names = ("t", "lat", "lon", "alt", "kt", "ground")
    rows = dict(zip(names, np.concatenate(parts, axis=1), strict=True))
    path, engine = tmp_path / "presence.parquet", DuckDBEngine(memory="256MB", threads=1)
    pq.write_table(presence_table([rows]), path)
    found = legs_of(frame_of("000001", rows, np.zeros(len(rows["t"]))), between=ROUTES)
    assert len(found) == 1
    assert candidates(engine, asked(one_network=True), [path]) == ["000001"]
    engine.close()
