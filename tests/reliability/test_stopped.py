"""An ingest that is killed leaves whole files and whole entries, and running it again ends as if nothing had been."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.disk import runs_in
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import ingested, states, tree
from tests.reliability.child import ingest, ingest_and_die

pytestmark = pytest.mark.slow

POINTS_BY_COUNT, POINTS_BY_TIME = 40, 10
STEPS = ("fsync", "replace", "open", "unlink", "mkdir")
COUNTS = {"fsync": 32, "replace": 16, "open": 37, "unlink": 11, "mkdir": 35}
"""So many calls does the ingest make in all: the points are spread over all of it."""
BOUND_S = 60.0
WORKER_GONE_S = 20.0


def holds_whole_files_only(root: Path, undisturbed: dict[str, bytes]) -> int:
    """Every file outside `incoming/` is one of the undisturbed archive's, byte for byte. Returns how many there are."""
    held = tree(root) if root.exists() else {}
    assert set(held) <= set(undisturbed)
    assert [name for name, data in held.items() if data != undisturbed[name]] == []
    if "archive.json" in held:
        faults, _, orphans = verify_archive(root)
        assert not faults
        named = {file.path for entry in manifest.entries(root) for file in entry.files}
        assert not named & set(orphans)
        open_archive(root).read()
    return len(held)


def test_killed_at_forty_steps(inputs: list[Path], undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.reliability.child"])
    chance, killed, held = random.Random(3), 0, set[int]()
    for point in range(POINTS_BY_COUNT):
        step = STEPS[point % len(STEPS)]
        number, before = chance.randint(1, COUNTS[step]), chance.random() < 0.5
        root = tmp_path / f"archive-{point}"
        child = context.Process(target=ingest_and_die, args=(step, number, before, root, inputs))
        child.start()
        child.join(BOUND_S)
        assert child.exitcode in (-signal.SIGKILL, 0), (step, number)
        killed += child.exitcode == -signal.SIGKILL
        held.add(holds_whole_files_only(root, undisturbed))
        ingested(root, *inputs)
        assert tree(root) == undisturbed, (step, number)
        assert runs_in(root) == []
        assert list((root / "incoming").iterdir()) == []
    assert killed >= 0.8 * POINTS_BY_COUNT
    assert len(held) > 8  # they were not all killed at one place


def test_killed_after_ten_delays(inputs: list[Path], undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.reliability.child"])
    started = time.monotonic()
    whole = context.Process(target=ingest, args=(tmp_path / "whole", inputs))
    whole.start()
    whole.join(BOUND_S)
    lasts_s = time.monotonic() - started
    chance = random.Random(4)
    for point in range(POINTS_BY_TIME):
        root = tmp_path / f"archive-{point}"
        child = context.Process(target=ingest, args=(root, inputs))
        child.start()
        child.join(lasts_s * chance.uniform(0.05, 1.0))
        child.kill()
        child.join(BOUND_S)
        holds_whole_files_only(root, undisturbed)
        ingested(root, *inputs)
        assert tree(root) == undisturbed
        assert list((root / "incoming").iterdir()) == []


def started(*words: object, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        **options,  # type: ignore[call-overload]
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Inputs that keep two processes busy for some seconds."""
    folder = tmp_path_factory.mktemp("large")
    for i in range(4):
        (folder / f"{i}.csv").write_text(states(75_000, aircraft=40, seed=i, start_s=1_948_838_400 + 90_000 * i))
    return sorted(folder.iterdir())


def workers_of(pid: int) -> list[int]:
    """Pool workers of the process: its children, but for the one that keeps track of semaphores."""
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    lines = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return [child for child, line in lines.items() if b"spawn_main" in line]


def wait_for_work(run: subprocess.Popen[str], root: Path) -> list[int]:
    """The pool's workers, as soon as one of them has begun with an input."""
    deadline = time.monotonic() + BOUND_S
    while time.monotonic() < deadline and run.poll() is None:
        workers = workers_of(run.pid)
        if len(workers) == 2 and runs_in(root):
            return workers
        time.sleep(0.05)
    raise AssertionError(f"the run did not begin: {run.stderr and run.stderr.read()}")


def all_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + WORKER_GONE_S
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids):
            return True
        time.sleep(0.1)
    return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc: processes cannot be told apart")


@needs_proc
def test_a_killed_worker_is_told_and_a_second_run_goes_on(large: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "archive"
    run = started("-m", "tests.reliability.child", "-", 0, 2, root, *large)
    workers = wait_for_work(run, root)
    os.kill(workers[0], signal.SIGKILL)
    _, said = run.communicate(timeout=BOUND_S)
    assert run.returncode == 1
    assert "a process of the ingest was killed" in said
    assert "run it again" in said
    assert "Traceback" not in said
    assert all_gone(workers)
    assert list((root / "incoming").iterdir()) == []
    assert not verify_archive(root)[0]
    again_and_compare(root, large, tmp_path)


@needs_proc
def test_workers_end_with_a_run_that_is_killed(large: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "archive"
    run = started("-m", "tests.reliability.child", "-", 0, 2, root, *large)
    workers = wait_for_work(run, root)
    run.kill()
    run.communicate(timeout=BOUND_S)
    assert all_gone(workers)
    assert not verify_archive(root)[0]
    again_and_compare(root, large, tmp_path)


@needs_proc
def test_ctrl_c_ends_with_130_and_leaves_nothing(large: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "archive"
    words = ["-m", "flighttrace", "ingest", *large, "--archive", root, "--processes", 2]
    run = started(*words, start_new_session=True)
    workers = wait_for_work(run, root)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: all of its processes
    _, said = run.communicate(timeout=BOUND_S)
    assert run.returncode == 130
    assert said.strip() == "interrupted"
    assert all_gone(workers)
    assert list((root / "incoming").iterdir()) == []
    assert not verify_archive(root)[0]
    again_and_compare(root, large, tmp_path)


def again_and_compare(root: Path, inputs: list[Path], folder: Path) -> None:
    assert not ingested(root, *inputs).failures
    expected = folder.parent / "large-undisturbed"
    if not expected.exists():
        ingested(expected, *inputs)
    assert tree(root) == tree(expected)
    assert list((root / "incoming").iterdir()) == []
