"""Killed at any moment, run twice at once, asked meanwhile: an archive holds whole inputs, and ends undisturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flighttrace.ingest.archive import disk
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import ingested, release, states, tree

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STEPS = ("fsync", "replace", "unlink", "mkdir")
"""The calls at which a run is killed: just before the nth of them takes effect."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("inputs")
    for i in range(3):
        (folder / f"{i}.csv").write_text(states(3000, seed=i, start_s=1_948_838_400 + 40_000 * i))
    (folder / "day.tar").write_bytes(release())
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def undisturbed(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("undisturbed") / "archive"
    ingested(root, *files)
    return tree(root)


def in_a_child(work: Callable[[], Any]) -> int:
    """The process that does the work and ends; nothing of the tests' own runs in it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def killing_at(nth: int) -> None:
    """From now on this process dies at the nth step."""
    left = nth

    def counted(true: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return true(*args, **options)

        return step

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


def assert_whole(root: Path, expected: dict[str, bytes]) -> None:
    """What is there verifies, and is of the undisturbed archive, byte by byte."""
    if (root / "archive.json").exists():
        assert verify_archive(root)[0] == []
    for name, data in (tree(root) if root.exists() else {}).items():
        assert expected[name] == data, name


def test_killed_at_fifty_points(files: list[Path], undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    chance = random.Random(50)
    points = sorted(chance.sample(range(1, 73), 35))
    begun = time.monotonic()
    os.waitpid(in_a_child(lambda: ingested(tmp_path / "whole", *files)), 0)
    whole_s = time.monotonic() - begun  # as long as it takes on this machine: a kill after the end kills nothing
    killed = 0
    for number in range(50):
        root = tmp_path / f"archive-{number}"
        if number < 35:
            child = in_a_child(lambda at=points[number]: (killing_at(at), ingested(root, *files)))  # noqa: B023
        else:
            child = in_a_child(lambda: ingested(root, *files))  # noqa: B023
            time.sleep(chance.uniform(0.0, 0.8 * whole_s))
            os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        assert_whole(root, undisturbed)
        assert not ingested(root, *files).failures
        assert tree(root) == undisturbed
        assert disk.runs_in(root) == []
    assert killed >= 40


def test_two_ingests_at_once_and_a_query_meanwhile(
    files: list[Path], undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    for _ in range(5):
        root = tmp_path / f"archive-{_}"
        children = [in_a_child(lambda: ingested(root, *files)) for _ in range(2)]  # noqa: B023
        sizes = set()
        while children:
            if (root / "archive.json").exists():
                view = open_archive(root)
                view.presence_files()
                sizes.add(len(view.read().positions))
            children = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]
        assert tree(root) == undisturbed
        assert verify_archive(root)[0] == []
        whole = [m.entry.accounting.accepted for m in open_archive(root).members]
        sums = {0}
        for accepted in whole:
            sums |= {known + accepted for known in sums}
        assert sizes <= sums


def start(archive: Path, *files: Path) -> subprocess.Popen[bytes]:
    words = ["ingest", *map(str, files), "--archive", str(archive), "--processes", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "flighttrace", *words], cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True
    )


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two inputs that are large enough for a pool of processes."""
    folder = tmp_path_factory.mktemp("larger")
    for i in range(2):
        (folder / f"{i}.csv").write_text(states(190_000, aircraft=500, seed=i, start_s=1_948_838_400 + 60_000 * i))
    return sorted(folder.iterdir())


def at_work(root: Path) -> bool:
    """True as soon as an input is being written; before it the archive itself is made the same way."""
    return (root / "archive.json").exists() and bool(list(root.glob("incoming/*/*")))


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc on this system")
def test_a_killed_worker_is_told_and_made_good(larger: list[Path], tmp_path: Path) -> None:
    run = start(tmp_path / "archive", *larger)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not at_work(tmp_path / "archive"):
        time.sleep(0.01)
    for worker in children_of(run.pid)[-2:]:
        os.kill(worker, signal.SIGKILL)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 1
    assert b"a process of the ingest was killed" in said
    assert disk.runs_in(tmp_path / "archive") == []
    again = start(tmp_path / "archive", *larger)
    again.communicate(timeout=300)
    assert again.returncode == 0
    assert verify_archive(tmp_path / "archive")[0] == []


def test_ctrl_c_ends_it_and_leaves_nothing_behind(larger: list[Path], tmp_path: Path) -> None:
    run = start(tmp_path / "archive", *larger)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not at_work(tmp_path / "archive"):
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130, said
    assert b"Traceback" not in said
    assert disk.runs_in(tmp_path / "archive") == []
    assert verify_archive(tmp_path / "archive")[0] == []
