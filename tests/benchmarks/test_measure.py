"""What `measure` says of processes whose CPU and memory are known."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from measure import Command, CommandFailed, measure_together

PYTHON = sys.executable
HOLD = "import time; block = b'x' * 200_000_000; time.sleep(2.5)"
BURN = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"


def measured(code: str, runs: int = 1, **options: object) -> object:
    return measure_together({"it": Command((PYTHON, "-c", code), **options)}, runs)["it"]  # type: ignore[arg-type]


def test_memory_of_one_process() -> None:
    result = measured(HOLD)
    assert 200 < result.peak_mb[0] < 250
    assert 200 < result.largest_process_mb[0] < 250
    assert result.cpu_s[0] < result.wall_s[0]


def test_memory_and_cpu_of_children_are_added() -> None:
    code = (
        "import subprocess, sys\n"
        f"many = [subprocess.Popen([sys.executable, '-c', {HOLD + chr(10) + BURN!r}]) for _ in range(2)]\n"
        "for one in many: one.wait()"
    )
    result = measured(code)
    assert 400 < result.peak_mb[0] < 500
    assert result.largest_process_mb[0] < 250
    assert result.cpu_s[0] >= 1.0


def test_memory_is_not_that_of_the_process_that_measures() -> None:
    block = b"x" * 300_000_000
    assert measured("pass").peak_mb[0] < 100
    assert len(block)


def test_runs_take_turns_and_unmeasured_ones_do_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {name: Command((PYTHON, "-c", f"open({str(log)!r}, 'a').write({name!r})")) for name in ("a", "b")}
    results = measure_together(commands, 2, unmeasured=1)
    assert log.read_text() == "ababab"
    assert results["a"].runs == 2


def test_ready_is_run_before_each_run(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write = "open({!r}, 'a').write({!r})"
    ready = ((PYTHON, "-c", write.format(str(log), "r")),)
    measured(write.format(str(log), "m"), 2, ready=ready)
    assert log.read_text() == "rmrm"


def test_a_failing_command_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no such luck"):
        measured("raise SystemExit('no such luck')", output=tmp_path / "out.txt")
