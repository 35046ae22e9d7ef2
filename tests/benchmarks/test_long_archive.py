"""A long archive made from one day holds that day again and again, and passes what a query verifies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

pytest.importorskip("polars", reason="polars is for the benchmarks only and not installed")
pytest.importorskip("isal", reason="isal is not installed")

import generate
import long_archive

from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.intake import Input, Settings
from flighttrace.ingest.archive.runs import create, take_in
from flighttrace.ingest.archive.view import open_archive


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `base`, one day, and `long`, three."""
    root = tmp_path_factory.mktemp("long")
    assert generate.main(["states", "--rows", "60k", "--days", "1", "--planted", "4", "--out", str(root)]) == 0
    (file,) = root.glob("*.csv.gz")
    create(root / "base")
    assert not take_in(root / "base", [Input(file.name, file)], Settings()).failures
    long_archive.replicate(root / "base", root / "long", 3, planted(root))
    return root


def planted(root: Path) -> list[str]:
    return list(pd.read_csv(root / "TRUTH.csv")["icao24"])


def presence(archive: Path, day: str) -> pd.DataFrame:
    files = archive.glob(f"presence/date={day}/*.parquet")
    return pd.concat([pq.read_table(path, partitioning=None).to_pandas() for path in files], ignore_index=True)


def test_presence_is_whole_on_every_day_and_shifted(long: Path) -> None:
    base = presence(long / "base", "2031-10-06")
    for shift, day in enumerate(("2031-10-06", "2031-10-07", "2031-10-08")):
        moved = presence(long / "long", day)
        moved["hour"] -= 24 * shift
        moved[["first_ms", "last_ms"]] -= 86_400_000 * shift
        for cut in ("cut_from_ms", "cut_to_ms"):
            moved.loc[moved[cut] != 0, cut] -= 86_400_000 * shift
        pd.testing.assert_frame_equal(moved, base, check_dtype=True)


def test_planted_aircraft_are_read_back_on_the_third_day(long: Path) -> None:
    keys = planted(long)
    day, base_day = date(2031, 10, 8), date(2031, 10, 6)
    moved = open_archive(long / "long").read(keys, first=day, last=day).positions
    base = open_archive(long / "base").read(keys, first=base_day, last=base_day).positions
    assert len(base) > 500
    assert list(moved["time_utc"] - pd.Timedelta(days=2)) == list(base["time_utc"])
    for column in ("track_key", "callsign", "lat_deg", "on_ground", "rejected_because"):
        pd.testing.assert_series_equal(moved[column], base[column])


def test_the_manifest_tells_the_times_of_the_moved_rows(long: Path) -> None:
    """A query passes over files whose times it does not need."""
    files = [file for entry in manifest.entries(long / "long") for file in entry.positions]
    assert {file.date for file in files} == {"2031-10-06", "2031-10-07", "2031-10-08"}
    for file in files:
        times = pq.read_table(long / "long" / file.path, partitioning=None)["time_utc"].cast("int64").to_pylist()
        assert (file.first_ms, file.last_ms) == (min(times), max(times))


def test_the_first_days_are_links(long: Path) -> None:
    long_archive.first_days(long / "long", long / "short", 2)
    assert sorted(p.name for p in (long / "short" / "presence").iterdir()) == ["date=2031-10-06", "date=2031-10-07"]
    (first,) = (long / "short").glob("presence/date=2031-10-06/*.parquet")
    assert first.stat().st_nlink == 2
    pd.testing.assert_frame_equal(presence(long / "short", "2031-10-07"), presence(long / "long", "2031-10-07"))
    assert len(open_archive(long / "short").presence_files()) == 2
