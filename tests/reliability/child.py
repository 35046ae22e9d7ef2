"""An ingest in a process of its own, to be killed: at the nth flush, rename or opening, or from outside.

    python -m tests.reliability.child STEP NUMBER PROCESSES ARCHIVE PATH...

STEP is `fsync`, `replace`, `open`, `unlink` or `-`: what counts. The product knows nothing of it.
"""

from __future__ import annotations

import builtins
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flighttrace.errors import FlighttraceError
from flighttrace.ingest.archive import runs
from flighttrace.ingest.archive.intake import Settings
from flighttrace.ingest.files import find_files


def ingest(root: Path, paths: Sequence[Path], *, processes: int = 1) -> runs.Report:
    """The same steps as the command line's `ingest`, with a pool for inputs of any size where there are processes."""
    runs.POOL_FROM_BYTES = 0  # type: ignore[misc]
    runs.create(root)
    return runs.take_in(root, runs.inputs_of(find_files(paths).files), Settings(), processes=processes)


def _where_it_writes(step: str) -> tuple[Any, str]:
    return (builtins, "open") if step == "open" else (os, step)


def killed_at(step: str, number: int, *, before: bool) -> None:
    """From now on the process kills itself at the numberth call of the step, before or after that has its effect."""
    module, name = _where_it_writes(step)
    true: Callable[..., Any] = getattr(module, name)
    left = number

    def counted(*args: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and before:
            os.kill(os.getpid(), signal.SIGKILL)
        made = true(*args, **options)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    setattr(module, name, counted)


def ingest_and_die(step: str, number: int, before: bool, root: Path, paths: Sequence[Path]) -> None:
    """For a forked process."""
    killed_at(step, number, before=before)
    ingest(root, paths)


def main(words: list[str]) -> int:
    step, number, processes, root, *paths = words
    if step != "-":
        killed_at(step, int(number), before=False)
    try:
        report = ingest(Path(root), [Path(path) for path in paths], processes=int(processes))
    except FlighttraceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
