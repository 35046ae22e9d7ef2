"""Inputs go in whole or not at all, once, under one name, in any order, from any number of runs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest

from flighttrace.errors import DamagedFileError, FlighttraceError, InputError
from flighttrace.ingest.archive import disk, manifest
from flighttrace.ingest.archive.about import CACHE, about_text
from flighttrace.ingest.archive.presence import SCHEMA, cell_of
from flighttrace.ingest.archive.runs import create
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import ingested, release, states, tar_of, tree


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_running_again_changes_no_byte(tmp_path: Path) -> None:
    files = [write(tmp_path, "a.csv", states()), write(tmp_path, "day.tar", release())]
    ingested(tmp_path / "archive", *files)
    before = tree(tmp_path / "archive")
    report = ingested(tmp_path / "archive", *files)
    assert all(outcome.was_there for outcome in report.outcomes)
    assert tree(tmp_path / "archive") == before


def test_order_and_processes_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [write(tmp_path, f"{i}.csv", states(200, seed=i, start_s=1_948_838_400 + 7000 * i)) for i in range(4)]
    ingested(tmp_path / "one", *files)
    ingested(tmp_path / "other", *reversed(files))
    monkeypatch.setattr("flighttrace.ingest.archive.runs.POOL_FROM_BYTES", 0)
    ingested(tmp_path / "pool", *files, processes=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "other") == tree(tmp_path / "pool")


def test_the_seed_of_hashes_changes_no_byte(tmp_path: Path) -> None:
    """Python orders sets of text otherwise in every process: nothing that is written may follow that."""
    words = [f"SIM{sign}" for sign in ("A", "QX", "7", "ZZ9", "KLM", "B2", "C33")]
    points = [
        [60.0 * i, 30 + 0.1 * i, 35.0, 30_000, 430.0, 0.0, 2, 0, {"flight": w}, "adsb_icao", 0, 0, 0, 0.0]
        for i, w in enumerate(words)
    ]
    document = {"icao": "d5c001", "timestamp": 1_948_838_400, "trace": points}
    write(tmp_path, "day.tar", tar_of({"traces/01/trace_full_d5c001.json": orjson.dumps(document)}))
    trees = []
    for seed in ("1", "2", "3"):
        root = tmp_path / seed
        command = [sys.executable, "-m", "flighttrace", "ingest", str(tmp_path / "day.tar"), "--archive", str(root)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
        trees.append(tree(root))
    assert trees[0] == trees[1] == trees[2]


@pytest.mark.parametrize("groups_a_row_group", [7, 10_000])
def test_presence_on_disk_and_in_memory_is_the_same(
    groups_a_row_group: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many ranges of keys, over midnight, from 89° south to 89° north."""
    lines = states(3000, aircraft=60, start_s=1_948_838_400 + 86_100).splitlines()
    for i, line in enumerate(lines[1:], start=1):
        cells = line.split(",")
        cells[2] = cells[2] and str((int(cells[1], 16) * 7 + i // 900) % 178 - 89 + 0.3)
        lines[i] = ",".join(cells)
    file = write(tmp_path, "a.csv", "\n".join([*lines, ""]))
    monkeypatch.setattr("flighttrace.ingest.archive.spool.SPILL_ROWS", 200)
    monkeypatch.setattr("flighttrace.ingest.archive.spool.RANGE_ROWS", 150)
    monkeypatch.setattr("flighttrace.ingest.archive.store.PRESENCE_GROUP_ROWS", groups_a_row_group)
    ingested(tmp_path / "memory", file)
    monkeypatch.setattr("flighttrace.ingest.archive.presence_spool.SPILL_GROUPS", 40)
    ingested(tmp_path / "disk", file)
    memory, on_disk = tree(tmp_path / "memory"), tree(tmp_path / "disk")
    assert sum(name.startswith("presence/") for name in memory) == 2
    assert memory == on_disk
    assert not verify_archive(tmp_path / "disk")[0]


def test_a_changed_file_is_an_error_until_it_is_to_replace(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    file = write(tmp_path, "a.csv", states())
    ingested(root, file)
    first = open_archive(root).read()
    write(tmp_path, "a.csv", states(300))
    (failure,) = ingested(root, file).failures
    assert "is in the archive with another content" in str(failure)
    assert "--replace" in str(failure)
    assert len(open_archive(root).read().positions) == len(first.positions)
    assert not ingested(root, file, replace=True).failures
    assert len(open_archive(root).read().positions) < len(first.positions)
    (kept,) = (root / "manifest" / "superseded").glob("*.json")
    assert first.sources[0].sha256.encode() in kept.read_bytes()
    faults, _, orphans = verify_archive(root)
    assert not faults
    assert not orphans


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_replacement_that_breaks_off_leaves_one(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "archive"
    file = write(tmp_path, "a.csv", states())
    ingested(root, file)
    write(tmp_path, "a.csv", states(300))
    if step == "before":
        monkeypatch.setattr("flighttrace.ingest.archive.store.Made.commit", _broken_off)
    else:
        monkeypatch.setattr("flighttrace.ingest.archive.runs._unlink", _broken_off)
    with pytest.raises(RuntimeError):
        ingested(root, file, replace=True)
    monkeypatch.undo()
    (member,) = open_archive(root).members
    assert member.entry.accounting.records == (400 if step == "before" else 300)
    assert not ingested(root, file, replace=True).failures
    (member,) = open_archive(root).members
    assert member.entry.accounting.records == 300


def _broken_off(*_: object) -> None:
    raise RuntimeError("killed here")


def test_split_parts_are_one_input(tmp_path: Path) -> None:
    data = release()
    whole = write(tmp_path, "whole/v1.tar", data)
    parts = [write(tmp_path, f"parts/v1.tar.a{c}", data[i * 9000 : (i + 1) * 9000]) for i, c in enumerate("abc")]
    parts[-1].write_bytes(data[18_000:])
    ingested(tmp_path / "one", whole)
    ingested(tmp_path / "many", *parts)
    one, many = open_archive(tmp_path / "one").read(), open_archive(tmp_path / "many").read()
    assert many.positions.equals(one.positions)
    (member,) = open_archive(tmp_path / "many").members
    assert [name for name, _ in member.entry.parts] == ["v1.tar.aa", "v1.tar.ab", "v1.tar.ac"]
    assert not member.entry.incomplete


@pytest.mark.parametrize("gone", [1, 2])
def test_a_missing_part_marks_its_days_and_comes_later(gone: int, tmp_path: Path) -> None:
    root, data = tmp_path / "archive", release()
    cuts = [0, 5000, 10_000, len(data)]
    parts = [write(tmp_path, f"v1.tar.a{c}", data[cuts[i] : cuts[i + 1]]) for i, c in enumerate("abc")]
    given = [part for i, part in enumerate(parts) if i != gone]
    ingested(root, *given)
    view = open_archive(root)
    lack = str(view.lacking()[-1])
    assert "is not whole" in lack
    assert "2031-10-04" in lack
    assert ("v1.tar.ab" in lack) == (gone == 1)
    assert view.read().standing
    assert not ingested(root, *parts).failures
    assert not open_archive(root).lacking()
    assert not verify_archive(root)[0]


def test_without_its_first_part_an_archive_is_a_failure_that_stands(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    part = write(tmp_path, "v1.tar.ab", release()[9000:])
    report = ingested(root, part)
    assert "v1.tar.aa" in str(report.failures[0])
    assert "v1.tar.aa" in str(open_archive(root).read().standing[0])


def test_a_failed_input_stands_until_it_is_given_whole(tmp_path: Path) -> None:
    root, good = tmp_path / "archive", tmp_path / "a.csv"
    write(tmp_path, "a.csv", "no,such,format\n1,2,3\n")
    assert ingested(root, good).failures
    assert open_archive(root).lacking()
    write(tmp_path, "a.csv", states())
    ingested(root, good)
    assert not open_archive(root).lacking()


def test_presence_is_what_the_rows_say(tmp_path: Path) -> None:
    ingested(tmp_path / "archive", write(tmp_path, "a.csv", states(700)), write(tmp_path, "d.tar", release()))
    view = open_archive(tmp_path / "archive")
    rows = view.read().positions
    rows = rows[rows["rejected_because"].isna()]
    lat, lon = cell_of(rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy())
    ms = rows["time_utc"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    rows = rows.assign(lat=lat, lon=lon, hour=ms // 3_600_000, ms=ms)
    expected = {
        key: (len(g), g["ms"].min(), g["ms"].max(), g["baro_altitude_ft"].min(), g["baro_altitude_ft"].max())
        for key, g in rows.groupby(["track_key", "hour", "lat", "lon"])
    }
    found = {}
    for file in view.presence_files(date(2031, 10, 4), date(2031, 10, 4)):
        table = pq.read_table(file, partitioning=None)
        assert table.schema.names == SCHEMA.names
        held = table.to_pandas()
        order = held[["lat_cell", "lon_cell", "hour", "track_key"]]
        assert order.equals(order.sort_values(list(order.columns), ignore_index=True))
        for r in held.itertuples():
            key = (r.track_key, r.hour, r.lat_cell, r.lon_cell)
            found[key] = (r.positions, r.first_ms, r.last_ms, r.lowest_altitude_ft, r.highest_altitude_ft)
    assert found == expected


def test_cells_at_the_edges_of_the_world() -> None:
    lat, lon = cell_of(np.array([90.0, -90.0, -0.5, 0.0]), np.array([180.0, -180.0, -0.5, 179.9]))
    assert lat.tolist() == [89, -90, -1, 0]
    assert lon.tolist() == [-180, -180, -1, 179]


@pytest.mark.parametrize("where", ["icao24=ffffff", "track_key=x;y", "it's [a] *?", "a\nb"])
def test_folder_and_file_names_mean_nothing(where: str, tmp_path: Path) -> None:
    root = tmp_path / where / "archive"
    file = write(tmp_path, f"{where}/time=0/states [1]*.csv", states())
    write(tmp_path, f"{where}/time=0/states 1x.csv", states(10))
    ingested(root, file)
    from flighttrace.match.engines.on_duckdb import DuckDBEngine

    held = open_archive(root)
    assert set(held.read().positions["icao24"]) == {f"d5b{n:03x}" for n in range(7)}
    engine = DuckDBEngine()
    keys = engine.rows(lambda presence: presence.select("track_key").distinct(), held.presence_files())
    engine.close()
    assert set(keys["track_key"].to_pylist()) == {f"d5b{n:03x}" for n in range(7)}


def test_no_other_folder_becomes_an_archive(tmp_path: Path) -> None:
    write(tmp_path, "photos/cat.png", b"x")
    with pytest.raises(InputError, match="folder of something else"):
        create(tmp_path / "photos")
    with pytest.raises(InputError, match="no such archive"):
        open_archive(tmp_path / "nothing")


def test_a_changed_manifest_is_noticed(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    ingested(root, write(tmp_path, "a.csv", states()))
    (item,) = manifest.listed(root)
    item.path.write_bytes(item.path.read_bytes().replace(b'"records": 400', b'"records": 401'))
    with pytest.raises(DamagedFileError, match="manifest"):
        open_archive(root).read()
    assert verify_archive(root)[0]


def test_an_input_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flighttrace.ingest.archive import intake

    file = write(tmp_path, "a.csv", states())
    whole = intake.Intake._take_piece

    def meddled(self: intake.Intake, piece: Any) -> str:
        with open(file, "ab") as more:
            more.write(b"x")
        return whole(self, piece)

    monkeypatch.setattr(intake.Intake, "_take_piece", meddled)
    (failure,) = ingested(tmp_path / "archive", file).failures
    assert "changed while it was read" in str(failure)
    assert not open_archive(tmp_path / "archive").members


@pytest.mark.parametrize("name", ["fsync", "replace", "mkdir"])
def test_an_error_at_the_nth_step_leaves_whole_files_or_none(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(tmp_path, "a.csv", states()), write(tmp_path, "d.tar", release(3))]
    ingested(tmp_path / "undisturbed", *files)
    expected, root = tree(tmp_path / "undisturbed"), tmp_path / "archive"
    true, told = getattr(os, name), list[str]()
    for n in range(1, 60):
        left = n

        def failing(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(5, "Input/output error")
            return true(*args, **options)

        monkeypatch.setattr(os, name, failing)
        try:
            ingested(root, *files)
        except (FlighttraceError, OSError) as error:
            told.append(str(error))
        monkeypatch.undo()
        if (root / "archive.json").exists():
            assert not verify_archive(root)[0]
        if left > 0:
            break
    assert left > 0
    assert [text for text in told if "Input/output error" not in text] == []
    ingested(root, *files)
    assert tree(root) == expected


def test_a_full_disk_takes_nothing_in(tmp_path: Path) -> None:
    import resource
    import signal

    root, file = tmp_path / "archive", write(tmp_path, "a.csv", states(4000))
    create(root)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        try:
            ingested(root, file)
        except disk.ArchiveWriteError as error:
            os._exit(7 if "free some space" in str(error) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert not manifest.listed(root)
    assert not ingested(root, file).failures
    assert not verify_archive(root)[0]


def test_trimming_removes_an_entry_with_all_its_names_and_no_other(tmp_path: Path) -> None:
    from flighttrace.ingest.archive.cache import trim

    root = tmp_path / "archive"
    ingested(root, write(tmp_path, "a.csv", states()), write(tmp_path, "b.csv", states()))
    (root / "archive.json").write_bytes(about_text(CACHE))
    kept = ingested(root, write(tmp_path, "c.csv", states(50)), kind=CACHE).outcomes[0].entry
    assert kept is not None
    fits = sum(path.stat().st_size for path in root.rglob("*.parquet"))
    trim(root, {kept.entry}, fits)
    assert verify_archive(root)[0] == []
    trim(root, {kept.entry}, 0)
    assert [member.label for member in open_archive(root).members] == ["c.csv"]
    faults, _, orphans = verify_archive(root)
    assert (faults, orphans) == ([], [])


def test_an_input_that_is_gone_when_it_was_read_is_refused_in_memory_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flighttrace.ingest import read
    from flighttrace.ingest.records import Content

    file, true = write(tmp_path, "a.csv", states()), read.reader_of

    def meddled(content: Content, *readers: Any) -> Any:
        file.unlink()
        return true(content, *readers)

    monkeypatch.setattr(read, "reader_of", meddled)
    (failure,) = read.read_positions([file]).failures
    assert "changed while it was read" in str(failure)
