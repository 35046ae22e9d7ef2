"""The sieve on a real Spark master with two workers gives what DuckDB gives, and notices a flipped bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from flighttrace.match.engines import EngineError, candidates, heard
from flighttrace.match.engines.asked import Asked
from flighttrace.match.engines.on_duckdb import DuckDBEngine
from flighttrace.match.engines.on_spark import SparkEngine
from tests.match.presence_files import Fix, write_presence
from tests.match.test_sieve import BAKU, HOUR_MS, OVDA, START_MS, moved, question
from tests.spark.standalone import SESSION, missing, standalone

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=f"no Spark here: {missing()}"),
]

ASKED = question([OVDA], [BAKU], aliases={"#aabbccdd/SIM1": "f00001"})


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkEngine]:
    with standalone(workers=2) as cluster:
        engine = SparkEngine(cluster.master, settings=SESSION)
        yield engine
        engine.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three days of seeded fixes round both places, in files whose folders look like columns and globs."""
    random = np.random.default_rng(11)
    folder = tmp_path_factory.mktemp("shared [a]rchive")
    found = []
    for day in (-1, 0, 1):
        fixes = [Fix("#aabbccdd/SIM1", START_MS + 12 * HOUR_MS, *OVDA), Fix("f00001", START_MS + 15 * HOUR_MS, *BAKU)]
        for _ in range(3000):
            place = (OVDA, BAKU)[int(random.integers(2))]
            point = moved(place, float(random.uniform(0, 360)), float(random.uniform(0, 800)))
            time_ms = START_MS + day * 24 * HOUR_MS + int(random.integers(24 * HOUR_MS))
            altitude_ft = None if random.random() < 0.1 else float(random.integers(0, 40_000))
            fixes.append(Fix(f"f{int(random.integers(4000)):05d}", time_ms, *point, altitude_ft))
        path = folder / f"track_key=zzz/date=2031-09-{25 + day}" / f"it's; {day} *?[1]{{x}}.parquet"
        found.append(write_presence(path, fixes))
        write_presence(path.with_name(path.name.replace("[1]", "1")), [Fix("f99999", time_ms, *OVDA)])
    return found


@pytest.mark.parametrize("form", ["legs", "seen"])
def test_spark_and_duckdb_name_the_same_airframes(spark: SparkEngine, files: list[Path], form: Any) -> None:
    duckdb = DuckDBEngine(memory="256MB")
    expected = candidates(duckdb, ASKED, files, form=form)
    duckdb.close()
    assert 100 < len(expected) < 4000
    assert "f00001" in expected
    shares: list[float] = []
    assert candidates(spark, ASKED, files, form=form, progress=shares.append) == expected
    assert all(0.0 <= share <= 1.0 for share in shares)


@pytest.mark.parametrize("form", ["ends", "doubted"])
def test_spark_and_duckdb_give_the_same_rows(spark: SparkEngine, files: list[Path], form: Any) -> None:
    """Of the airframes of which nothing is doubted, and of some that are."""
    asked = Asked(form, ASKED, only=tuple(f"f{k:05d}" for k in range(0, 4000, 2)))
    duckdb = DuckDBEngine(memory="256MB")
    expected = duckdb.rows(asked, files)
    duckdb.close()
    found = spark.rows(asked, files)
    order = [(name, "ascending") for name in expected.column_names]
    assert len(set(expected["key"].to_pylist())) > 50
    assert found.cast(expected.schema).sort_by(order).equals(expected.sort_by(order))


@pytest.mark.parametrize("by_day", [False, True])
def test_spark_and_duckdb_heard_the_same(spark: SparkEngine, files: list[Path], by_day: bool) -> None:
    duckdb = DuckDBEngine(memory="256MB")
    expected = heard(duckdb, ASKED, files, by_day=by_day)
    duckdb.close()
    found = heard(spark, ASKED, files, by_day=by_day)
    assert expected is not None
    assert found is not None
    assert expected.num_rows > 50
    assert found.equals(expected)


def test_both_workers_are_there(spark: SparkEngine, files: list[Path]) -> None:
    candidates(spark, ASKED, files)
    executors = spark._session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()
    assert executors == 3  # the driver and one executor on each worker


def test_a_flipped_bit_in_a_page_is_an_error_that_names_the_file(
    spark: SparkEngine, files: list[Path], tmp_path: Path
) -> None:
    data = bytearray(files[1].read_bytes())
    column = pq.read_metadata(files[1]).row_group(0).column(0)
    data[column.data_page_offset + column.total_compressed_size // 3] ^= 4
    bad = tmp_path / "flipped.parquet"
    bad.write_bytes(data)
    with pytest.raises(EngineError, match=r"flipped\.parquet.*(CRC|integrity)"):
        candidates(spark, ASKED, [bad])
