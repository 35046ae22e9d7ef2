"""What a fetch shows while it goes on: bytes and time left of the file that is brought, then of what is taken in."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from flighttrace.cli_say import SAID_EVERY_S, reading_progress, say
from flighttrace.errors import shown

if TYPE_CHECKING:
    from flighttrace.ingest.fetch.client import Progress

Told = Callable[["Progress"], None]
Reading = Callable[[int, int, int, int], None]


@contextmanager
def fetch_progress() -> Iterator[tuple[Told, Reading]]:
    """(told of bringing, told of taking in): one bar on stderr where that is a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        with ExitStack() as stack:
            yield lines_now_and_then(), begun_anew(lambda: stack.enter_context(reading_progress()))
        return
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TransferSpeedColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int | None) -> None:
            for other in [name for name in tasks if name != what]:
                bar.remove_task(tasks.pop(other))
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total, completed=done)
            bar.update(tasks[what], completed=done, total=total)

        def told(step: Progress) -> None:
            _note(step)
            show(shown(step.name, 60), step.bytes_done, step.bytes_all)

        def reading(read: int, total: int, rows: int, done: int) -> None:
            show("taking in", read, max(total, read))

        yield told, reading


def begun_anew(begin: Callable[[], Reading]) -> Reading:
    """Tells of taking in; the clock of the time left begins with the first bytes of each input, not with the fetch."""
    told: list[Reading] = []
    before = 0

    def reading(read: int, total: int, rows: int, done: int) -> None:
        nonlocal before
        if not told or read < before:
            told[:] = [begin()]
        before = read
        told[0](read, total, rows, done)

    return reading


def lines_now_and_then(clock: Callable[[], float] = time.monotonic) -> Told:
    """A line every half minute; what is worth saying (a wait, a new beginning) at once."""
    began: dict[str, tuple[float, int]] = {}
    said = clock()

    def told(step: Progress) -> None:
        nonlocal said
        now = clock()
        start, before = began.setdefault(step.name, (now, step.bytes_done))
        _note(step)
        if now - said < SAID_EVERY_S:
            return
        said = now
        text = f"{shown(step.name, 120)}: {step.bytes_done / 1e6:,.0f}"
        if step.bytes_all and step.bytes_done > before:
            left_s = (now - start) * (step.bytes_all - step.bytes_done) / (step.bytes_done - before)
            say(f"{text} of {step.bytes_all / 1e6:,.0f} MB; about {left_s:,.0f} s left")
        else:
            say(f"{text} MB")

    return told


def _note(step: Progress) -> None:
    if step.note:
        say(f"{shown(step.name, 120)}: {shown(step.note, 200)}")
