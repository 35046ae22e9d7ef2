"""Runs commands as child processes and measures them: CPU, wall time, memory of all their processes together.

- CPU: user and system seconds of the command and of every descendant that it waited for (`wait4`; pool workers are
  such descendants).
- Wall: from just before the start until the command has ended.
- Memory: the highest sum of PSS (`/proc/PID/smaps_rollup`: a shared page counts once) over the whole tree of
  processes, sampled every SAMPLE_S, or less often where a sample itself takes long. PSS of a library that a process
  outside the tree has loaded too is counted in part, and a short peak may fall between samples: so the figure is never
  less than `ru_maxrss`, the largest resident size of any single process of the tree, which stands beside it.

Each run is started and watched by a small process of its own (this file as a script): on Linux `ru_maxrss` of a child
begins at the size of the process that started it.

Nothing is thrown out of the page cache: the files measured are warm, for every command alike. Byte-code may be written,
whatever the environment says: an installed package has it, and without it each run compiles anew what it imports.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

SAMPLE_S: Final = 0.05
REST_PER_SAMPLE: Final = 9.0
"""A sample that took t seconds is followed by at least this many t of rest, since it holds the process's memory map."""
KIB_PER_MB: Final = 1e6 / 1024


class CommandFailed(RuntimeError):
    """A measured command ended with another status than expected; its last words are in the message."""


@dataclass(frozen=True)
class Command:
    """What to run. `ready` is run before each run and not measured (an empty cache, for instance)."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: tuple[tuple[str, ...], ...] = ()
    output: Path | None = None
    """Where standard output goes; nowhere if None."""

    @property
    def text(self) -> str:
        return " ".join([*(f"{k}={v}" for k, v in self.environment.items()), *self.words])


@dataclass
class Measured:
    """The runs of one command, in order."""

    command: Command
    cpu_s: list[float] = field(default_factory=list)
    wall_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    largest_process_mb: list[float] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)

    @property
    def runs(self) -> int:
        return len(self.cpu_s)

    def median(self, what: str) -> float:
        return float(statistics.median(getattr(self, what)))


def measure_together(commands: Mapping[str, Command], runs: int, *, unmeasured: int = 0) -> dict[str, Measured]:
    """Every command `runs` times, in turn, so that a slow minute of the machine falls on all of them.

    `unmeasured` rounds come first: they fill the page cache and write byte-code.
    """
    measured = {name: Measured(command) for name, command in commands.items()}
    for turn in range(unmeasured + runs):
        for result in measured.values():
            once = _run(result.command)
            if turn >= unmeasured:
                for name, value in once.items():
                    getattr(result, name).append(value)
    return measured


def _run(command: Command) -> dict[str, float]:
    for words in command.ready:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    asked = {"words": command.words, "environment": dict(command.environment), "output": str(command.output or "")}
    watcher = [sys.executable, "-S", "-E", __file__]
    told = subprocess.run(watcher, input=json.dumps(asked), check=True, capture_output=True, text=True).stdout
    answer: dict[str, Any] = json.loads(told)
    if "failed" in answer:
        raise CommandFailed(answer["failed"])
    return answer


def _watched(command: Command) -> dict[str, Any]:
    """One run, in this process."""
    environment = {**os.environ, **command.environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    errors = Path(os.devnull) if command.output is None else command.output.with_suffix(".err")
    output = Path(os.devnull) if command.output is None else command.output
    with output.open("wb") as out, errors.open("wb") as err:
        start = time.perf_counter()
        process = subprocess.Popen(command.words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        sampler = _Sampler(process.pid)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.stop()
    if process.returncode != 0:
        said = "" if command.output is None else errors.read_text(errors="replace")[-2000:]
        return {"failed": f"status {process.returncode}: {command.text}\n{said}"}
    largest_mb = usage.ru_maxrss / KIB_PER_MB
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": wall_s,
        "peak_mb": max(sampler.peak_kib / KIB_PER_MB, largest_mb),
        "largest_process_mb": largest_mb,
        "samples": sampler.samples,
    }


class _Sampler(threading.Thread):
    """Follows the sum of PSS of a process and all its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_kib, self.samples = 0, 0
        self._pid, self._done = pid, threading.Event()

    def run(self) -> None:
        rest_s = 0.0
        while not self._done.wait(rest_s):
            began = time.perf_counter()
            self.peak_kib = max(self.peak_kib, sum(pss_kib(pid) for pid in tree_of(self._pid)))
            self.samples += 1
            rest_s = max(SAMPLE_S, REST_PER_SAMPLE * (time.perf_counter() - began))

    def stop(self) -> None:
        self._done.set()
        self.join()


def tree_of(pid: int) -> list[int]:
    """The process and its living descendants. A process that ended meanwhile has none."""
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        for tasks in _read(f"/proc/{parent}/task", folder=True):
            for children in _read(f"/proc/{parent}/task/{tasks}/children"):
                waiting += [int(child) for child in children.split()]
    return found


def _read(path: str, *, folder: bool = False) -> Sequence[str]:
    """Names in a folder, or the text of a file as one item; nothing where the process has gone."""
    try:
        return os.listdir(path) if folder else [Path(path).read_text()]
    except OSError:
        return []


def pss_kib(pid: int) -> int:
    """Proportional set size; 0 for a process that has gone."""
    for text in _read(f"/proc/{pid}/smaps_rollup"):
        for line in text.splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    given = json.load(sys.stdin)
    place = Path(given["output"]) if given["output"] else None
    print(json.dumps(_watched(Command(tuple(given["words"]), given["environment"], output=place))))
