"""A changed file in the place of its older content, broken off at every step: one of the two answers, never none."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flighttrace.errors import FlighttraceError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import ingested, release, states, tree

STEPS = ("fsync", "replace", "unlink", "mkdir")
MOST_STEPS = 60


class Broken(BaseException):
    """Stands for a kill: nothing that catches errors catches it."""


def breaking_off(monkeypatch: pytest.MonkeyPatch, number: int, error: type[BaseException] | OSError) -> list[int]:
    """The numberth call that changes the disk raises, and every one after it. Returns how many are left, in a list."""
    left = [number]

    def counted(true: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0 or (left[0] < 0 and error is Broken):
                raise error
            return true(*args, **options)

        return step

    for name in STEPS:
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    return left


def records(root: Path) -> list[int]:
    return [member.entry.accounting.records for member in open_archive(root).members]


@pytest.mark.parametrize("error", [Broken, OSError(5, "Input/output error")], ids=["killed", "refused"])
def test_broken_off_at_every_step(error: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, expected = tmp_path / "a.csv", tmp_path / "expected"
    file.write_text(states(400))
    ingested(tmp_path / "archive", file)
    shutil.copytree(tmp_path / "archive", expected)
    file.write_text(states(300))
    ingested(expected, file, replace=True)
    seen = set()
    for number in range(1, MOST_STEPS):
        root = tmp_path / f"archive-{number}"
        shutil.copytree(tmp_path / "archive", root)
        left = breaking_off(monkeypatch, number, error)
        with contextlib.suppress(Broken, OSError, FlighttraceError):
            ingested(root, file, replace=True)
        monkeypatch.undo()
        (live,) = records(root)
        seen.add(live)
        assert not verify_archive(root)[0]
        assert not ingested(root, file, replace=True).failures
        assert tree(root) == tree(expected)
        if left[0] > 0:
            break
    assert left[0] > 0
    assert seen == {400, 300}


def test_an_older_content_that_comes_back_answers_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    for rows in (400, 300):
        file.write_text(states(rows))
        ingested(tmp_path / "archive", file, replace=True)
    file.write_text(states(400))
    for number in range(1, MOST_STEPS):
        root = tmp_path / f"archive-{number}"
        shutil.copytree(tmp_path / "archive", root)
        left = breaking_off(monkeypatch, number, Broken)
        with contextlib.suppress(Broken):
            ingested(root, file, replace=True)
        monkeypatch.undo()
        (live,) = records(root)
        assert live in (400, 300)
        assert not ingested(root, file, replace=True).failures
        assert records(root) == [400]
        assert len(list((root / "manifest").glob("*.json"))) == 1
        assert not verify_archive(root)[0]
        if left[0] > 0:
            break
    assert left[0] > 0


def test_a_completed_archive_takes_the_place_of_its_part_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = release(3)
    parts = [tmp_path / "v1.tar.aa", tmp_path / "v1.tar.ab"]
    parts[0].write_bytes(data[:2000])
    parts[1].write_bytes(data[2000:])
    ingested(tmp_path / "archive", parts[0])
    assert open_archive(tmp_path / "archive").lacking()
    for number in range(1, MOST_STEPS):
        root = tmp_path / f"archive-{number}"
        shutil.copytree(tmp_path / "archive", root)
        left = breaking_off(monkeypatch, number, Broken)
        with contextlib.suppress(Broken):
            ingested(root, *parts)
        monkeypatch.undo()
        assert len(records(root)) == 1
        assert not ingested(root, *parts).failures
        assert not open_archive(root).lacking()
        assert len(list((root / "manifest").glob("*.json"))) == 1
        if left[0] > 0:
            break
    assert left[0] > 0


def test_a_content_that_is_there_after_all_is_lacking_no_longer(tmp_path: Path) -> None:
    root, file = tmp_path / "archive", tmp_path / "a.csv"
    file.write_text(states(400))
    ingested(root, file)
    before = tree(root)
    file.write_text(states(300))
    assert ingested(root, file).failures
    assert open_archive(root).lacking()
    file.write_text(states(400))
    assert not ingested(root, file).failures
    assert open_archive(root).lacking() == []
    assert tree(root) == before


def test_a_manifest_that_changes_while_it_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, file = tmp_path / "archive", tmp_path / "a.csv"
    file.write_text(states(400))
    ingested(root, file)
    listed, meddled = manifest.listed, []

    def then_replaced(where: Path) -> list[manifest.Listed]:
        found = listed(where)
        if not meddled:
            meddled.append(True)
            file.write_text(states(300))
            ingested(root, file, replace=True)
        return found

    monkeypatch.setattr(manifest, "listed", then_replaced)
    assert [entry.accounting.records for entry in manifest.entries(root)] == [300]


def test_a_second_name_keeps_a_content_that_the_first_gives_up(tmp_path: Path) -> None:
    root, first, second = tmp_path / "archive", tmp_path / "z.csv", tmp_path / "a.csv"
    text = states(400).replace("SIM003  ,False", "SIM003  ,maybe")  # some rows are quarantined, under the file's name
    for file in (first, second):
        file.write_text(text)
        ingested(root, file)
    assert not verify_archive(root)[0]
    (member,) = open_archive(root).members
    assert (member.label, member.other_names) == ("a.csv", ("z.csv",))
    whole = open_archive(root).read()
    assert {row.file for row in whole.quarantined} == {"a.csv"}
    first.write_text(states(100))
    ingested(root, second, first, replace=True)
    view = open_archive(root)
    assert [m.entry.accounting.records for m in view.members] == [400, 100]
    assert view.read().quarantined == whole.quarantined
    assert not verify_archive(root)[0]


def test_two_names_of_one_content_in_any_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / f"{name}.csv" for name in "abc"]
    for file in files:
        file.write_text(states(100).replace("SIM003  ,False", "SIM003  ,maybe"))
    ingested(tmp_path / "one", *files)
    monkeypatch.setattr("flighttrace.ingest.archive.runs.POOL_FROM_BYTES", 0)
    ingested(tmp_path / "pool", *reversed(files), processes=2)
    assert tree(tmp_path / "pool") == tree(tmp_path / "one")
    assert not verify_archive(tmp_path / "pool")[0]
