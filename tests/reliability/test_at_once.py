"""Several runs on one archive at the same moment, and the memory of one run."""

from __future__ import annotations

import multiprocessing
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import HEADER, ingested, states, tree
from tests.reliability.child import ingest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BOUND_S = 120.0
ROWS = 1_500_000
MOST_MEMORY_MB = 600
"""Of one process that takes in 1.5 million rows: measured 340."""


def in_processes(*calls: tuple[Any, tuple[Any, ...]]) -> list[Any]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.reliability.child"])
    children = [context.Process(target=target, args=args) for target, args in calls]
    for child in children:
        child.start()
    return children


def test_different_files_at_once_are_those_of_one_run(tmp_path: Path) -> None:
    files = []
    for i in range(8):
        files.append(tmp_path / f"{i}.csv")
        files[-1].write_text(states(1500, seed=i, start_s=1_948_838_400 + 20_000 * i))
    ingested(tmp_path / "expected", *files)
    for turn in range(3):
        root = tmp_path / f"archive-{turn}"
        children = in_processes(*((ingest, (root, files[i::4])) for i in range(4)))
        for child in children:
            child.join(BOUND_S)
            assert child.exitcode == 0
        assert tree(root) == tree(tmp_path / "expected")
        assert list((root / "incoming").iterdir()) == []


def test_a_question_while_an_input_is_replaced_again_and_again(tmp_path: Path) -> None:
    root, file = tmp_path / "archive", tmp_path / "a.csv"
    counts = {}
    for rows in (400, 300):
        file.write_text(states(rows))
        ingested(tmp_path / f"of-{rows}", file)
        counts[rows] = len(open_archive(tmp_path / f"of-{rows}").read().positions)
    ingested(root, file)
    (child,) = in_processes((replace_again_and_again, (root, file)))
    seen: list[int] = []
    while child.is_alive():
        view = open_archive(root)
        view.presence_files()
        seen.append(len(view.read().positions))
    child.join(BOUND_S)
    assert child.exitcode == 0
    assert set(seen) == set(counts.values())
    assert not verify_archive(root)[0]


def replace_again_and_again(root: Path, file: Path) -> None:
    for turn in range(12):
        file.write_text(states(400 if turn % 2 == 0 else 300))
        assert [str(failure) for failure in ingested(root, file, replace=True).failures] == []


def test_two_replacements_at_once_leave_one(tmp_path: Path) -> None:
    for turn in range(4):
        root, file = tmp_path / f"archive-{turn}", tmp_path / "a.csv"
        file.write_text(states(400))
        ingested(root, file)
        file.write_text(states(300))
        children = in_processes((replace_once, (root, file)), (replace_once, (root, file)))
        for child in children:
            child.join(BOUND_S)
            assert child.exitcode == 0
        (member,) = open_archive(root).members
        assert member.entry.accounting.records == 300
        assert open_archive(root).lacking() == []
        assert len(list((root / manifest.FOLDER).glob("*.json"))) == 1


def replace_once(root: Path, file: Path) -> None:
    assert [str(failure) for failure in ingested(root, file, replace=True).failures] == []


def test_memory_of_a_million_and_a_half_rows(tmp_path: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc on this system")
    file = tmp_path / "states.csv"
    chance = random.Random(9)
    with open(file, "w") as out:
        out.write(HEADER + "\n")
        for step in range(ROWS // 500):
            time_s = 1_948_838_400 + 10 * step
            tail = f",False,False,False,1000,10000.5,10100.25,{time_s - 0.5},{time_s - 0.25}\n"
            for n in range(500):
                lat, lon = 20 + n / 20 + step / 1000, 30 + n / 25
                out.write(
                    f"{time_s},d5{n:04x},{lat:.5f},{lon:.5f},222.{chance.randrange(999)},0.0,0.0,SIM{n:03d}  {tail}"
                )
    watch = "import sys; from tests.reliability.child import main; code = main(sys.argv[1:]); "
    watch += "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))); sys.exit(code)"
    words = [sys.executable, "-c", watch, "-", "0", "1", str(tmp_path / "archive"), str(file)]
    started = time.monotonic()
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=BOUND_S, check=True)
    peak_mb = int(run.stdout.split()[1]) / 1024
    print(f"{ROWS:,} rows: peak {peak_mb:.0f} MB, {time.monotonic() - started:.1f} s")  # noqa: T201
    (entry,) = manifest.entries(tmp_path / "archive")
    assert entry.accounting.accepted == ROWS
    assert peak_mb < MOST_MEMORY_MB
