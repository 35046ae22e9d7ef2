"""Killed at any moment, a fetch of several parts ends byte-identical to one that nobody disturbed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from flighttrace.ingest.fetch.custody import read_record
from tests.fetch.server import Server, cut_at, gone_on_with, whole

ROOT = Path(__file__).resolve().parents[2]
PARTS = {f"v2023.09.14-planes.tar.a{letter}": random.Random(letter).randbytes(60_000) for letter in "abc"}
MOST_STEPS = 60


class Process:
    """The process of `dying.py`."""

    def __init__(self, server: Server, child: subprocess.Popen[str]) -> None:
        self._server, self._child = server, child

    def fetch(self, folder: Path, *, dies_at: int = 0, parts: int = len(PARTS)) -> int:
        """How the run ended: 0, or minus the signal. parts: the first so many."""
        files = [
            [n, self._server.url(f"/{n}"), f"sha256:{hashlib.sha256(data).hexdigest()}"]
            for n, data in list(PARTS.items())[:parts]
        ]
        job = {
            "files": files,
            "folder": str(folder),
            "ca_file": str(self._server.ca_file),
            "host": self._server.host(),
            "dies_at": dies_at,
        }
        to, back = _pipes(self._child)
        to.write(json.dumps(job) + "\n")
        to.flush()
        return int(back.readline())


def _pipes(child: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert child.stdin is not None
    assert child.stdout is not None
    return child.stdin, child.stdout


@pytest.fixture
def process(server: Server) -> Iterator[Process]:
    for name, data in PARTS.items():
        server.at(f"/{name}", whole(data))
    command = [sys.executable, "-m", "tests.fetch.dying"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        yield Process(server, child)
        _pipes(child)[0].close()
        child.wait(30)


def content(folder: Path) -> dict[str, Any]:
    """Every file of the folder; of the records all but times and the number of pieces."""
    found: dict[str, Any] = {}
    for name in sorted(os.listdir(folder)):
        data = (folder / name).read_bytes()
        found[name] = data
        if name.endswith(".custody.json"):
            record = json.loads(data)
            record["headers"].pop("Date")
            found[name] = {key: value for key, value in record.items() if key not in ("utc", "utc_last", "pieces")}
    return found


def holds(folder: Path) -> None:
    """What a kill leaves: whole files with their records, and parts that are beginnings."""
    for name, data in PARTS.items():
        if (folder / name).exists():
            record = read_record(folder, name)
            assert record is not None
            assert (folder / name).read_bytes() == data
            assert (record.sha256, record.digest_agrees) == (hashlib.sha256(data).hexdigest(), True)
        if (folder / f"{name}.part").exists():
            assert data.startswith((folder / f"{name}.part").read_bytes())


def interrupted(process: Process, tmp_path: Path, kills: int, seed: int) -> None:
    undisturbed = tmp_path / "undisturbed"
    assert process.fetch(undisturbed) == 0
    expected, chance = content(undisturbed), random.Random(seed)
    assert sorted(expected) == sorted([*PARTS, *(f"{name}.custody.json" for name in PARTS)])
    folder, done, folders = tmp_path / "0", 0, 1
    while done < kills:
        ending = process.fetch(folder, dies_at=chance.randint(1, MOST_STEPS))
        if ending == 0:  # fewer steps were left than that
            assert content(folder) == expected
            folder, folders = tmp_path / str(folders), folders + 1
            continue
        assert ending == -signal.SIGKILL
        holds(folder)
        done += 1
    assert process.fetch(folder) == 0
    assert content(folder) == expected


def test_a_few_kills(process: Process, tmp_path: Path) -> None:
    interrupted(process, tmp_path, kills=8, seed=1)


@pytest.mark.slow
def test_fifty_kills(process: Process, tmp_path: Path) -> None:
    interrupted(process, tmp_path, kills=50, seed=2)


@pytest.mark.slow
def test_killed_at_each_step_in_turn(process: Process, tmp_path: Path) -> None:
    """Every step of the bringing of one part, once."""
    undisturbed = tmp_path / "undisturbed"
    assert process.fetch(undisturbed, parts=1) == 0
    expected, nth = content(undisturbed), 0
    while True:
        nth += 1
        folder = tmp_path / str(nth)
        ending = process.fetch(folder, dies_at=nth, parts=1)
        if ending == 0:
            break
        assert ending == -signal.SIGKILL
        if folder.exists():
            holds(folder)
        assert process.fetch(folder, parts=1) == 0
        assert content(folder) == expected
    assert nth > 50


def test_kills_and_cuts_together(process: Process, server: Server, tmp_path: Path) -> None:
    """The source breaks off as well."""
    expected_folder = tmp_path / "undisturbed"
    assert process.fetch(expected_folder) == 0
    for name, data in PARTS.items():
        server.at(f"/{name}", gone_on_with(data, 20_000, 30_000, 600))
    folder = tmp_path / "disturbed"
    for dies_at in (9, 23, 31):
        assert process.fetch(folder, dies_at=dies_at) == -signal.SIGKILL
        holds(folder)
    assert process.fetch(folder) == 0
    assert content(folder) == content(expected_folder)


def test_the_tests_of_kills_do_go_on_with_parts(process: Process, server: Server, tmp_path: Path) -> None:
    """A kill in the middle of a part leads to a Range, not to a new beginning."""
    name, data = next(iter(PARTS.items()))
    server.at(f"/{name}", whole(data, sending=cut_at(50_000)))
    assert process.fetch(tmp_path, dies_at=25) == -signal.SIGKILL
    came = (tmp_path / f"{name}.part").stat().st_size
    assert 0 < came < len(data)
    server.at(f"/{name}", whole(data))
    assert process.fetch(tmp_path) == 0
    asked = [int(one.headers["Range"][6:-1]) for one in server.asked(f"/{name}") if one.headers["Range"]]
    assert 0 < asked[-1] <= came
