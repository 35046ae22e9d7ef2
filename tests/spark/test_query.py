"""The whole command on Spark: the same bytes as on DuckDB, from an archive that the workers read by its path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.spark.standalone import missing, standalone

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=f"no Spark here: {missing()}"),
]


def flighttrace(*words: str) -> str:
    command = [sys.executable, "-m", "flighttrace", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def query(archive: Path, *words: str) -> str:
    days = ("--from", "2031-09-24", "--to", "2031-10-12")
    return flighttrace("query", "--archive", str(archive), "--case", "sample_tracks/case.yaml", *days, "--json", *words)


def test_a_query_on_spark_gives_the_bytes_of_duckdb(tmp_path: Path) -> None:
    archive = tmp_path / "shared archive"
    flighttrace("ingest", "sample_tracks/tracks", "--archive", str(archive))
    expected = query(archive)
    assert '"leg_id"' in expected
    with standalone(workers=2) as cluster:
        assert query(archive, "--engine", "spark", "--master", cluster.master) == expected
        sightings = query(archive, "--one-ended", "--engine", "spark", "--master", cluster.master)
    assert sightings == query(archive, "--one-ended")
