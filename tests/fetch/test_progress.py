"""What is said while a file is brought: bytes, the time left, and notes at once."""

from __future__ import annotations

import pytest

from flighttrace.cli_fetch_progress import Reading, begun_anew, lines_now_and_then
from flighttrace.ingest.fetch.client import Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_every_half_minute_with_bytes_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    told = lines_now_and_then(clock)
    told(Progress("a.tar", 100_000_000, 1_000_000_000, 100_000_000, ""))
    for _ in range(60):
        clock.now += 1.0
        told(Progress("a.tar", 100_000_000 + int(clock.now) * 5_000_000, 1_000_000_000, 100_000_000, ""))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "a.tar: 250 of 1,000 MB; about 150 s left",
        "a.tar: 400 of 1,000 MB; about 120 s left",
    ]


def test_the_time_left_of_taking_in_begins_with_each_input() -> None:
    begun: list[list[int]] = []

    def begin() -> Reading:
        begun.append([])
        return lambda read, total, rows, done: begun[-1].append(read)

    reading = begun_anew(begin)
    assert begun == []
    for read in (5, 9, 9, 2, 4):
        reading(read, 10, 0, 0)
    assert begun == [[5, 9, 9], [2, 4]]


def test_a_note_is_said_at_once_and_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    lines_now_and_then(Clock())(Progress("a.tar", 0, None, 0, "answered 503: asked again in 2 s\x1b[2J"))
    assert capsys.readouterr().err == "a.tar: answered 503: asked again in 2 s\\x1b[2J\n"
