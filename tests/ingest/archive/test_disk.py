"""Disks that are full, read-only or faulty, and inputs that change: an error that says so, and whole files or none."""

from __future__ import annotations

import builtins
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flighttrace.errors import DamagedFileError, FlighttraceError
from flighttrace.ingest.archive import intake, manifest
from flighttrace.ingest.archive.disk import ArchiveWriteError
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import ingested, release, states, tree

TMPFS_KB = 48
MOST_WRITES = 600


@contextmanager
def mounted(folder: Path, *words: str) -> Iterator[Path]:
    """A file system of its own at `folder`; the test is skipped with the reason where none may be mounted."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    try:
        made = subprocess.run(["mount", *words, str(folder)], capture_output=True, text=True, timeout=20, check=False)
    except OSError as error:
        pytest.skip(f"no file system can be mounted: {error}")
    if made.returncode:
        pytest.skip(f"no file system can be mounted: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], timeout=20, check=True)


@pytest.mark.parametrize("spooled", [False, True])
def test_a_full_disk_and_more_space(spooled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if spooled:
        monkeypatch.setattr("flighttrace.ingest.archive.spool.SPILL_ROWS", 1000)
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text(states(100))
    large.write_text(states(12_000, aircraft=40, seed=2))
    ingested(tmp_path / "expected", small, large)
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", f"size={TMPFS_KB}k", "tmpfs") as disk:
        root = disk / "archive"
        ingested(root, small)
        before = tree(root)
        with pytest.raises(ArchiveWriteError, match=r"No space left on device.*free some space"):
            ingested(root, small, large)
        assert tree(root) == before
        assert list((root / "incoming").iterdir()) == []
        assert not verify_archive(root)[0]
        assert len(open_archive(root).read().positions)
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True, timeout=20)
        assert not ingested(root, small, large).failures
        assert tree(root) == tree(tmp_path / "expected")


def test_a_read_only_archive_answers_and_refuses(tmp_path: Path) -> None:
    held, new, root = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "archive"
    held.write_text(states())
    new.write_text(states(100, seed=2))
    ingested(root, held)
    expected = open_archive(root).read().positions
    with mounted(tmp_path / "view", "--bind", str(root)) as view:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(view)], check=True, timeout=20)
        archive = open_archive(view)
        assert archive.presence_files()
        assert archive.read().positions.equals(expected)
        assert not verify_archive(view)[0]
        assert all(outcome.was_there for outcome in ingested(view, held).outcomes)
        with pytest.raises(ArchiveWriteError, match="Read-only file system"):
            ingested(view, new)
    assert not verify_archive(root)[0]


def test_no_archive_can_be_made_where_nothing_may_be_written(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(states(20))
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FlighttraceError, match="cannot be written to"):
        ingested(tmp_path / "taken" / "archive", file)


@pytest.mark.parametrize("kind", ["open", "write"])
def test_an_error_at_the_nth_opening_or_write(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files below the archive: data, spooled rows, manifest."""
    monkeypatch.setattr("flighttrace.ingest.archive.spool.SPILL_ROWS", 100)
    monkeypatch.setattr("flighttrace.ingest.archive.spool.RANGE_ROWS", 150)
    files = [tmp_path / "a.csv", tmp_path / "d.tar"]
    files[0].write_text(states())
    files[1].write_bytes(release(3))
    ingested(tmp_path / "expected", *files)
    expected, root, told = tree(tmp_path / "expected"), tmp_path / "archive", []
    for number in range(1, MOST_WRITES, 1 if kind == "open" else 13):
        left = failing_at(monkeypatch, root, kind, number)
        try:
            report = ingested(root, *files)
            told += [str(failure) for failure in report.failures]
        except (FlighttraceError, OSError) as error:
            told.append(str(error))
        monkeypatch.undo()
        monkeypatch.setattr("flighttrace.ingest.archive.spool.SPILL_ROWS", 100)
        monkeypatch.setattr("flighttrace.ingest.archive.spool.RANGE_ROWS", 150)
        if (root / "archive.json").exists():
            assert not verify_archive(root)[0]
            assert [t for t in told if "Input/output" not in t] == []
            assert open_archive(root).lacking() == []
        if left[0] > 0:
            break
    assert left[0] > 0
    assert len(told) > 5
    ingested(root, *files)
    assert tree(root) == expected


def failing_at(monkeypatch: pytest.MonkeyPatch, root: Path, kind: str, number: int) -> list[int]:
    left, true = [number], builtins.open

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(5, "Input/output error")

    def opened(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        ours = not isinstance(file, int) and root in Path(file).parents
        if ours and kind == "open":
            count()
        made = true(file, mode, *args, **options)
        return Failing(made, count) if ours and kind == "write" and "b" in mode and set(mode) & set("wxa") else made

    monkeypatch.setattr(builtins, "open", opened)
    return left


class Failing:
    """A file whose writes are counted."""

    def __init__(self, file: Any, count: Any) -> None:
        self._file, self._count = file, count

    def write(self, data: Any) -> Any:
        self._count()
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.mark.parametrize("change", ["grows", "shrinks", "is replaced", "is touched", "is removed"])
def test_an_input_that_changes_between_pieces(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, other = tmp_path / "a.csv", tmp_path / "b.csv"
    monkeypatch.setattr("flighttrace.ingest.archive.feed.PIECE_BYTES", 4096)
    file.write_text(states(4000))
    other.write_text(states(50, seed=4))
    whole = intake.Intake._take_piece

    def meddled(self: intake.Intake, piece: Any) -> str:
        if piece.file == "a.csv" and piece.line > 100 and not done:
            done.append(True)
            if change == "grows":
                with open(file, "a") as more:
                    more.write(states(10).partition("\n")[2])
            elif change == "shrinks":
                os.truncate(file, 200_000)
            elif change == "is replaced":
                (tmp_path / "new").write_text(states(4000, seed=8))
                os.replace(tmp_path / "new", file)
            elif change == "is touched":
                os.utime(file, ns=(1, 1))
            else:
                os.unlink(file)
        return whole(self, piece)

    done: list[bool] = []
    monkeypatch.setattr(intake.Intake, "_take_piece", meddled)
    root = tmp_path / "archive"
    report = ingested(root, file, other)
    assert done
    (failure,) = report.failures
    assert failure.file == "a.csv"
    assert "changed while it was read" in str(failure)
    assert [member.label for member in open_archive(root).members] == ["b.csv"]
    assert len(open_archive(root).lacking()) == 1


@pytest.mark.parametrize("folder", ["listed", "quarantine"])
def test_a_flipped_bit_in_the_small_tables_names_the_file(folder: str, tmp_path: Path) -> None:
    from tests.ingest.archive.builders import SAMPLES

    bad = tmp_path / "bad.csv"
    bad.write_text(states(50).replace("SIM003  ,False", "SIM003  ,maybe"))
    root = tmp_path / "archive"
    ingested(root, bad, SAMPLES / "opensky" / "flightlist_20310301_20310331.csv.gz")
    (file,) = (root / folder).rglob("*.parquet")
    good = file.read_bytes()
    for at in range(0, len(good), max(len(good) // 25, 1)):
        file.write_bytes(good[:at] + bytes([good[at] ^ 16]) + good[at + 1 :])
        with pytest.raises(DamagedFileError, match=file.name):
            open_archive(root).read()
        assert [fault.file for fault in verify_archive(root)[0]] == [file.relative_to(root).as_posix()]


def test_a_flipped_bit_in_the_manifest_is_an_error_or_changes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    (tmp_path / "a.csv").write_text(states(50))
    ingested(root, tmp_path / "a.csv")
    (item,) = manifest.listed(root)
    good = item.path.read_bytes()
    for at in range(0, len(good), 29):
        item.path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(DamagedFileError, match=r"manifest/"):
            open_archive(root).read()
        assert len(verify_archive(root)[0]) == 1
