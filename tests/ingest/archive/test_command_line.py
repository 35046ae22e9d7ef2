"""`ingest` and `archive info | list | verify` as a person sees them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flighttrace.cli import main
from tests.ingest.archive.builders import release, states, tree

ODD_NAMES = ("a[1]*?.csv", "it's.csv", "x;y.csv", "two\nlines.csv", "-n.csv", "~.csv", '"q".csv', "icao24=ffffff.csv")


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(states())
    (tmp_path / "copy.csv").write_text(states())
    data = release()
    (tmp_path / "v1.tar.aa").write_bytes(data[:9000])
    root = tmp_path / "archive"
    done = run("ingest", tmp_path / "a.csv", tmp_path / "copy.csv", tmp_path / "v1.tar.aa", "--archive", root)
    assert done.exit_code == 0, done.output
    assert "a.csv: 400 records: 390 accepted, 10 without position, 0 quarantined, 0 exact duplicates" in done.stderr
    assert "INCOMPLETE: the tar breaks off after" in done.stderr
    assert "0 failures" in done.stderr
    return root


def test_info(archive: Path) -> None:
    done = run("archive", "info", archive)
    assert done.exit_code == 0
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert said["inputs"] == "3 (2 different contents)"
    assert said["days"] == "1, 2031-10-04 to 2031-10-04 (UTC)"
    assert said["superseded"] == "0"
    assert said["runs at work or left behind"] == "0"
    assert "v1.tar (2031-10-04)" in said["lacks"]
    assert "is not whole" in said["lacks"]


def test_list(archive: Path) -> None:
    lines = run("archive", "list", archive).stdout.splitlines()
    assert [line.split()[-1] for line in lines if "INCOMPLETE" not in line] == ["SIMULATED", "SIMULATED"]
    assert "opensky-states-csv" in lines[0]
    assert "a.csv" in lines[0]
    assert "INCOMPLETE" in lines[2]
    held: list[dict[str, Any]] = json.loads(run("archive", "list", archive, "--json").stdout)
    assert [entry["label"] for entry in held] == ["a.csv", "copy.csv", "v1.tar"]
    assert held[0]["sha256"] == held[1]["sha256"]
    assert held[0]["accounting"]["accepted"] == 390
    assert held[2]["incomplete"]


def test_verify(archive: Path) -> None:
    done = run("archive", "verify", archive)
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-1].endswith(" data files checked, 0 faults")
    stray = archive / "positions" / "date=2031-10-04" / "stray.parquet"
    stray.write_bytes(b"x")
    done = run("archive", "verify", archive)
    assert done.exit_code == 1
    assert "positions/date=2031-10-04/stray.parquet: no entry of the manifest names it" in done.stderr
    stray.unlink()
    file = sorted((archive / "presence").rglob("*.parquet"))[0]
    file.write_bytes(file.read_bytes()[:-1] + b"X")
    done = run("archive", "verify", archive)
    assert done.exit_code == 1
    assert f"flighttrace: {file.relative_to(archive).as_posix()}: its bytes are not those" in done.stderr


@pytest.mark.parametrize("verb", [("info",), ("list",), ("verify",)])
def test_what_is_no_archive(verb: tuple[str, ...], tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        done = run("archive", *verb, folder)
        assert done.exit_code == 1
        assert "archive" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_changed_file_replace_and_a_completed_release(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(states(300))
    done = run("ingest", tmp_path / "a.csv", "--archive", archive)
    assert done.exit_code == 1
    assert "a.csv: is in the archive with another content" in done.stderr
    assert "--replace" in done.stderr
    done = run("ingest", tmp_path / "a.csv", "--archive", archive, "--replace")
    assert done.exit_code == 0
    assert "a.csv: took the place of an older content" in done.stderr
    assert "superseded: 1" in run("archive", "info", archive).stdout
    (tmp_path / "v1.tar.ab").write_bytes(release()[9000:])
    done = run("ingest", tmp_path / "v1.tar.aa", tmp_path / "v1.tar.ab", "--archive", archive)
    assert done.exit_code == 0
    assert "lacks" not in run("archive", "info", archive).stdout
    before = tree(archive)
    done = run("ingest", tmp_path / "v1.tar.aa", tmp_path / "v1.tar.ab", tmp_path / "a.csv", "--archive", archive)
    assert "0 inputs taken in (0 positions), 2 were there, 0 failures" in done.stderr
    assert tree(archive) == before


def test_odd_names_name_one_file_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in [*] 'n;"
    folder.mkdir()
    for i, name in enumerate(ODD_NAMES):
        (folder / name).write_text(states(20 + i, seed=i))
    (folder / "a1xx.csv").write_text("what the pattern would fit, and is not to be read\n")
    root = tmp_path / "icao24=ffffff" / "date=1999-01-01" / "ar[c]h;i'v*e"
    files = [folder / name for name in ODD_NAMES]
    done = run("ingest", *files, "--archive", root)
    assert done.exit_code == 0, done.stderr
    held = json.loads(run("archive", "list", root, "--json").stdout)
    assert sorted(entry["label"] for entry in held) == sorted(ODD_NAMES)
    assert sorted(entry["accounting"]["records"] for entry in held) == list(range(20, 28))
    assert run("archive", "verify", root).exit_code == 0
    monkeypatch.chdir(folder)
    done = run("ingest", "--archive", root, "--", "-n.csv", "~.csv")
    assert "2 were there" in done.stderr


def test_globs_are_the_users(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"v{i}.csv").write_text(states(20 + i, seed=i))
    done = run("ingest", tmp_path / "v[01].csv", "--archive", tmp_path / "archive")
    assert "2 inputs taken in" in done.stderr
    done = run("ingest", tmp_path / "w*.csv", "--archive", tmp_path / "archive")
    assert done.exit_code == 1
    assert "w*.csv: there is no such file or folder" in done.stderr


def test_an_answer_holds_no_row_that_folder_names_made_up(tmp_path: Path) -> None:
    """`track_key=ffffff/` and `icao24=` in the archive's path, and inside it, override no column."""
    root = tmp_path / "track_key=ffffff" / "icao24=ffffff" / "hour=0" / "archive"
    (tmp_path / "a.csv").write_text(states())
    assert run("ingest", tmp_path / "a.csv", "--archive", root).exit_code == 0
    done = run("flights", "--archive", root, "--json")
    assert done.exit_code == 0, done.stderr
    assert "d5b001" in done.stdout
    assert "ffffff" not in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="needs /dev/full")
def test_a_full_device_is_told_of(archive: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    done = run("flights", "--archive", archive, "--json", "-o", "/dev/full")
    assert done.exit_code == 1
    assert "No space left on device" in done.stderr
