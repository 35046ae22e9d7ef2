"""The whole command on Spark: the same bytes as on DuckDB, from an archive that the workers read by its path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.spark.standalone import SESSION, missing, standalone

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=f"no Spark here: {missing()}"),
]


def flighttrace(*words: str, conf: Path | None = None) -> str:
    command = [sys.executable, "-m", "flighttrace", *words]
    env = {**os.environ, **({} if conf is None else {"SPARK_CONF_DIR": str(conf)})}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def query(archive: Path, *words: str, conf: Path | None = None) -> str:
    days = ("--from", "2031-09-24", "--to", "2031-10-12")
    where = ("--archive", str(archive), "--case", "sample_tracks/case.yaml")
    return flighttrace("query", *where, *days, "--json", *words, conf=conf)


def test_a_query_on_spark_gives_the_bytes_of_duckdb(tmp_path: Path) -> None:
    archive = tmp_path / "shared archive"
    flighttrace("ingest", "sample_tracks/tracks", "--archive", str(archive))
    expected = query(archive)
    assert '"leg_id"' in expected
    conf = tmp_path / "conf"  # as a user says what the cluster's workers can give
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text("".join(f"{key} {value}\n" for key, value in SESSION.items()))
    with standalone(workers=2) as cluster:
        on_spark = ("--engine", "spark", "--master", cluster.master)
        assert query(archive, *on_spark, conf=conf) == expected
        sightings = query(archive, "--one-ended", *on_spark, conf=conf)
    assert sightings == query(archive, "--one-ended")
