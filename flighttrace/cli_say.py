"""What the verbs print and where: lines to stderr, results to stdout or a file, progress where someone looks on."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from flighttrace.errors import FlighttraceError, UsageError, shown


def say(line: str) -> None:
    """A line to stderr."""
    click.echo(line, err=True)


def put(text: str, output: str | None) -> None:
    """To stdout, or to a file: a regular one is written aside and renamed, a device or pipe is written to."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(output).resolve()
    aside = target if target.exists() and not target.is_file() else target.with_name(f".{target.name}.partial")
    try:
        aside.write_text(text, encoding="utf-8", newline="")
        if aside != target:
            aside.replace(target)
    except OSError as error:
        if aside != target:
            aside.unlink(missing_ok=True)
        raise FlighttraceError(f"{shown(output, 200)}: cannot be written: {error.strerror or error}") from error
    say(f"wrote {output}")


def print_table(table: Any, output: str | None) -> None:
    """A rich table, or several, to stdout or a file."""
    from io import StringIO

    from rich.console import Console

    text = StringIO()
    wide = None if (output is None and sys.stdout.isatty()) or "COLUMNS" in os.environ else 200
    console = Console(file=text if output else None, width=wide)
    for part in table if isinstance(table, list | tuple) else (table,):
        console.print(part)
    if output is not None:
        put(text.getvalue(), output)


def keep_inputs(inputs: Sequence[str], outputs: Sequence[str | None]) -> None:
    """UsageError where an output would replace an input file: evidence is never written to."""
    for output in outputs:
        if output is None or not Path(output).exists():
            continue
        for named in inputs:
            files = [Path(folder) / f for folder, _, names in os.walk(named) for f in names] or [Path(named)]
            if any(file.exists() and file.samefile(output) for file in files):
                raise UsageError(f"{shown(output, 200)} is one of the inputs, and would be overwritten")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr where that is a terminal; silent else."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


SAID_EVERY_S: Final = 30.0
"""Where stderr is no terminal, a line now and then for the log of a long run."""


@contextmanager
def reading_progress() -> Iterator[Callable[[int, int, int, int], None]]:
    """Bytes, rows and the time left: a bar where stderr is a terminal, else a line every half minute."""
    if not sys.stderr.isatty():
        yield _lines_now_and_then()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading files", total=None, rows=0)

        def told(read: int, total: int, rows: int, done: int) -> None:
            bar.update(task, completed=read, total=max(total, read), rows=rows)

        yield told


def _lines_now_and_then() -> Callable[[int, int, int, int], None]:
    started = said = time.monotonic()

    def told(read: int, total: int, rows: int, done: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= SAID_EVERY_S and read:
            said = now
            left = (now - started) * max(total - read, 0) / read
            say(f"read {read / 1e6:,.0f} of {total / 1e6:,.0f} MB, {rows:,} rows; about {left:,.0f} s left")

    return told
