"""DuckDB reads exactly the files named, within its memory, and can be stopped; the SQL for Trino prunes every scan."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pytest
import sqlglot

from flighttrace.errors import UsageError
from flighttrace.ingest.archive.positions_table import writer_of
from flighttrace.ingest.archive.store import PRESENCE_GROUP_ROWS
from flighttrace.match.engines import EngineError, candidates
from flighttrace.match.engines.for_trino import STATES_TYPES, WANTED, states_of_candidates, trino_sql
from flighttrace.match.engines.on_duckdb import OUTSIDE_LIMIT_MB, DuckDBEngine, memory_bytes
from flighttrace.match.fences import fence
from flighttrace.match.model import Place
from flighttrace.match.places import load_airfields
from flighttrace.match.sieve import Question, leg_candidates, memory_tables, milliseconds
from tests.match.presence_files import SCHEMA, Fix, write_presence
from tests.match.test_sieve import BAKU, DAY_MS, HOUR_MS, OVDA, START, START_MS, at, question

ASKED = question([OVDA], [BAKU])


@pytest.fixture
def engine() -> Any:
    engine = DuckDBEngine(memory="256MB")
    yield engine
    engine.close()


# --- DuckDB ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"), [("1GB", 10**9), ("750 MB", 750 * 10**6), ("1.5GiB", 3 * 2**29), (" 64mb ", 64 * 10**6)]
)
def test_an_amount_of_memory(text: str, size: int) -> None:
    assert memory_bytes(text) == size


@pytest.mark.parametrize("text", ["", "1", "GB", "lots", "-1GB", "1GB; DROP", "80%", "1 PB", "63MB", "1e3MB"])
def test_nonsense_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(UsageError, match="accepted"):
        memory_bytes(text)


ODD_FOLDERS = ["we[i]rd", "st*r", "wh?t", "it's; DROP TABLE x", "track_key=zzz/date=2020-01-01/hour=5", "a b%20#{c,d}"]


@pytest.mark.parametrize("folder", ODD_FOLDERS)
def test_exactly_that_file_is_read(engine: DuckDBEngine, tmp_path: Path, folder: str) -> None:
    file = write_presence(tmp_path / folder / "p[1]*?';.parquet", [at(OVDA, 10), at(BAKU, 13)])
    for decoy in ("p1;';.parquet", "p1xx';.parquet", "p[1]xx';.parquet"):  # what the name would match as a glob
        write_presence(tmp_path / folder / decoy, [at(OVDA, 10, "f00666"), at(BAKU, 13, "f00666")])
    other = tmp_path / folder.replace("[i]", "i").replace("*", "a").replace("?", "a") / file.name
    if other != file:
        write_presence(other, [at(OVDA, 10, "f00666"), at(BAKU, 13, "f00666")])
    assert candidates(engine, ASKED, [file]) == ["f00001"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_parquet('{other}')",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '{other}.csv'",
        "ATTACH '{other}.db'",
        "INSTALL httpfs",
        "LOAD spatial",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SELECT * FROM secret",
    ],
)
def test_a_query_reaches_nothing_else(engine: DuckDBEngine, tmp_path: Path, statement: str) -> None:
    file, other = tmp_path / "p.parquet", tmp_path / "other.parquet"
    write_presence(file, [at(OVDA, 10)])
    write_presence(other, [at(OVDA, 10)])
    secret = pa.table({"x": [1]})  # noqa: F841 a replacement scan would find it by name
    refused = []

    def build(presence: Any) -> Any:
        try:
            presence.get_backend().con.execute(statement.format(other=other)).fetchall()
        except duckdb.Error as error:
            refused.append(error)
        return presence

    assert engine.rows(build, [file]).num_rows == 1
    assert refused


def test_settings_are_what_they_should_be(engine: DuckDBEngine, tmp_path: Path) -> None:
    seen: dict[str, str] = {}

    def build(presence: Any) -> Any:
        rows = presence.get_backend().con.execute("SELECT name, value FROM duckdb_settings()").fetchall()
        seen.update(rows)
        return presence

    engine.rows(build, [write_presence(tmp_path / "p.parquet", [at(OVDA, 1)])])
    for name in (
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "allow_community_extensions",
        "python_enable_replacements",
        "enable_external_access",
        "preserve_insertion_order",
    ):
        assert seen[name] == "false", name
    assert seen["lock_configuration"] == "true"
    assert (seen["TimeZone"], seen["memory_limit"]) == ("UTC", "244.1 MiB")
    assert "flighttrace-spill-" in seen["temp_directory"]


def test_a_damaged_or_missing_file_is_an_error_that_names_it(engine: DuckDBEngine, tmp_path: Path) -> None:
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1 not so PAR1")
    for file in (bad, tmp_path / "missing.parquet"):
        with pytest.raises(EngineError, match=file.name):
            candidates(engine, ASKED, [file])


def many_rows(path: Path, rows: int, *, keys: int, group_rows: int = PRESENCE_GROUP_ROWS) -> Path:
    """Presence as an archive has it, half of it with a reach, each half sorted by cell, hour and key; seeded."""
    random = np.random.default_rng(5)
    lat, lon = random.integers(-60, 70, rows), random.integers(-180, 180, rows)
    hour, key = START_MS // HOUR_MS + random.integers(0, 24, rows), random.integers(0, keys, rows)
    told = random.random(rows) < 0.5
    order = np.lexsort((key, hour, lon, lat, ~told))
    lat, lon, hour, key = lat[order], lon[order], hour[order], key[order]
    first = hour.astype(np.int64) * HOUR_MS + random.integers(0, HOUR_MS // 2, rows)
    names = pa.array([f"{k:06x}" for k in range(keys)]).take(pa.array(key))
    ones = np.ones(rows)
    columns = [names, hour, lat, lon, ones, first, first + 1000, ones * 9000.0, ones * 9000.0, ones * 0, ones > 2]
    ends = {"near_ground": ones > 0, "odd": ones > 2, "reach_km": told[order] * 300}
    begins, stops = np.zeros(rows, dtype=int), np.zeros(rows, dtype=bool)
    reach = np.flatnonzero(told[order])
    begins[reach[np.unique(key[reach], return_index=True)[1]]] = 1
    stops[reach[::-1][np.unique(key[reach[::-1]], return_index=True)[1]]] = True
    ends |= {"begins": begins, "stops": stops}
    columns += [ends.get(name, ones * 0) for name in SCHEMA.names[len(columns) :]]
    table = pa.table(dict(zip(SCHEMA.names, columns, strict=True))).cast(SCHEMA)
    with path.open("xb") as file, writer_of(file, SCHEMA, dictionaries=True) as writer:
        writer.write_table(table, row_group_size=group_rows)
    return path


def test_row_groups_outside_the_fences_are_not_read(engine: DuckDBEngine, tmp_path: Path) -> None:
    file = many_rows(tmp_path / "p.parquet", 400_000, keys=500, group_rows=16_384)
    tables, plans = memory_tables(ASKED), []

    def build(presence: Any) -> Any:
        expression = leg_candidates(presence, tables, ASKED)
        backend = presence.get_backend()
        backend._run_pre_execute_hooks(expression)
        plan = backend.con.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + backend.compile(expression)).fetchall()
        plans.append(json.loads(plan[0][1]))
        return expression

    engine.rows(build, [file])
    (scan,) = [node for node in nodes(plans[0]) if node.get("name") == "PARQUET_SCAN"]
    assert scan["total_row_groups_to_scan"] == 25
    assert scan["row_groups_scanned"] <= 8  # 27 of 130 bands of latitude, twice
    assert "lat_cell >=" in str(scan["extra_info"]["Filters"])


def nodes(plan: Any) -> Any:
    if isinstance(plan, dict):
        yield plan
        for value in plan.values():
            yield from nodes(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from nodes(value)


CHILD = """
import sys
import ibis
from flighttrace.match.engines.on_duckdb import DuckDBEngine

def sorted_by_hour(presence):
    window = ibis.cumulative_window(group_by="hour", order_by=["track_key", "first_ms"])
    return presence.mutate(last=presence.last_ms.max().over(window)).aggregate(n=ibis._["last"].max())

def grouped(presence):
    keys = ["track_key", "hour", "lat_cell", "lon_cell", "first_ms", "last_ms"]
    each = presence.group_by(keys).aggregate(n=presence.positions.sum())
    return each.aggregate(a=each.n.max(), b=each.count())

def endless(presence):
    two, three = presence.view(), presence.view()
    product = presence.cross_join(two.select(h2="hour")).cross_join(three.select(h3="hour"))
    return product.aggregate(n=((product.hour % 7) * (product.h2 % 5) + product.h3 % 3).sum())

def peak_mb():  # of this process alone: ru_maxrss would begin with the parent's
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))

what, memory, file = sys.argv[1:]
engine = DuckDBEngine(memory=memory, threads=2)
engine.rows(lambda presence: presence.aggregate(n=presence.count()), [file])
before = peak_mb()
try:
    engine.rows(globals()[what], [file], progress=lambda share: print(share, flush=True))
except KeyboardInterrupt:
    engine.close()
    sys.exit(130)
print(before, peak_mb())
"""


@pytest.mark.slow
def test_ctrl_c_ends_a_query_that_would_take_hours(tmp_path: Path) -> None:
    file = many_rows(tmp_path / "p.parquet", 30_000, keys=500)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, "endless", "256MB", str(file)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline()  # the first report of progress: the query runs
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=30) == 130  # a guard against hanging, no measure of speed
    finally:
        child.kill()
        child.stdout.close()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("what", ["sorted_by_hour", "grouped"])
def test_the_memory_limit_holds_as_seen_from_outside(tmp_path: Path, what: str) -> None:
    file = many_rows(tmp_path / "p.parquet", 6_000_000, keys=500_000)
    taken_mb = {}
    for memory in ("160MB", "4GB"):
        run = subprocess.run(
            [sys.executable, "-c", CHILD, what, memory, str(file)], capture_output=True, text=True, check=True
        )
        before, peak = map(int, run.stdout.splitlines()[-1].split())
        taken_mb[memory] = peak - before
        progress = [float(line) for line in run.stdout.splitlines()[:-1]]
        assert progress
        assert all(0.0 <= share <= 1.0 for share in progress)
    assert taken_mb["160MB"] <= 160 + OUTSIDE_LIMIT_MB
    assert taken_mb["4GB"] > 160 + OUTSIDE_LIMIT_MB, "without the limit it takes more: the limit is what holds"


# --- Trino -----------------------------------------------------------------------------------------------------------


def state(fix: Fix) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(STATES_TYPES)
    seconds = fix.time_ms // 1000
    row.update(icao24=fix.track_key, time=seconds, hour=seconds // 3600 * 3600, lat=fix.lat_deg, lon=fix.lon_deg)
    row.update(lastposupdate=float(seconds), lastcontact=float(seconds), onground=False)
    return row


def test_every_scan_of_the_states_names_its_hours() -> None:
    airfields = load_airfields()
    place = {code: Place(code, None, tuple(f.airport for f in airfields.in_country(code))) for code in ("IL", "AZ")}  # type: ignore[arg-type]
    asked = Question.between(
        [(place["IL"], place["AZ"])], airfields, start_utc=START, end_utc=START, aliases={"#x/y": "600bff"}
    )
    for form in ("legs", "seen"):
        tree = sqlglot.parse_one(trino_sql(asked, form=form), read="trino")  # type: ignore[arg-type]
        tables = list(tree.find_all(sqlglot.exp.Table))
        assert {table.name for table in tables} == {"state_vectors_data4"}
        assert len(tables) == 2
        for table in tables:
            where = table.parent_select.args["where"].sql(dialect="trino")
            start_s = START_MS // 1000
            assert f'"hour" >= {start_s - 86400}' in where
            assert f'"hour" <= {start_s + 86400 - 3600}' in where


def test_text_in_the_question_stays_text() -> None:
    asked = Question((("it's; DROP", 29, 34, 34),), (("it's; DROP", "it's; DROP"),), START_MS, START_MS + 1)
    sql = trino_sql(asked)
    assert len(sqlglot.parse(sql, read="trino")) == 1
    assert "'it''s; DROP'" in sql


@pytest.mark.parametrize("ends", [(None, START_MS), (START_MS, None)])
def test_an_open_window_is_refused(ends: tuple[int | None, int | None]) -> None:
    with pytest.raises(UsageError, match="both ends"):
        trino_sql(Question(ASKED.fences, ASKED.routes, *ends))


def test_the_statement_selects_the_right_airframes() -> None:
    """The same expression on DuckDB, over a small made-up table of states."""
    fixes = [at(OVDA, 10), at(BAKU, 13), at((0.0, 0.0), 11), at(BAKU, 40)]
    fixes += [at(OVDA, 10, "f00002"), at(BAKU, 5, "f00003"), at(OVDA, 6, "f00003")]
    fixes += [at(OVDA, 23, "f00004"), at(BAKU, 27, "f00004"), at(BAKU, 60, "f00004")]
    states = [state(fix) for fix in fixes] + [{**state(at(OVDA, 12)), "lat": None, "lon": None}]
    table = ibis.memtable(states, schema=ibis.schema(dict(STATES_TYPES)))
    connection = ibis.duckdb.connect()
    rows = connection.to_pyarrow(states_of_candidates(table, memory_tables(ASKED), ASKED))
    assert rows.column_names == list(WANTED)
    found = sorted((row["icao24"], row["time"]) for row in rows.to_pylist())
    expected = [fixes[i] for i in (0, 1, 2, 3, 7, 8)]
    assert found == sorted((fix.track_key, fix.time_ms // 1000) for fix in expected)


def test_states_at_the_pole_and_at_180_fall_into_their_cells() -> None:
    island, pole = (65.0, -179.99), (90.0, 0.0)
    cells = [("A", *row) for row in fence([island], 1.0) if row[1] == -180] + [
        ("B", *row) for row in fence([pole], 1.0)
    ]
    asked = Question(tuple(cells), (("A", "B"),), START_MS, START_MS + DAY_MS)
    fixes = [at((65.0, 180.0), 1), at((90.0, 12.0), 3)]
    table = ibis.memtable([state(fix) for fix in fixes], schema=ibis.schema(dict(STATES_TYPES)))
    rows = ibis.duckdb.connect().to_pyarrow(states_of_candidates(table, memory_tables(asked), asked))
    assert rows.num_rows == 2


def test_milliseconds_are_whole() -> None:
    assert milliseconds(START) == START_MS == 1_948_060_800_000
