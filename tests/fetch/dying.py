"""A process that fetches for the tests and dies where it is told to; started once, it forks for each run.

Reads a JSON object a line from stdin, with `files` (name, address and digest of each), `folder`, `ca_file`, `host` and
`dies_at`, and writes the ending of the run as one line: 0, 1, or minus the signal. `dies_at` counts the steps at which
a kill matters, from 1: before each flush, rename, removal and cut of a file, and in the middle of each write; 0: never.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flighttrace.ingest.fetch import resume
from flighttrace.ingest.fetch.client import Client
from flighttrace.ingest.fetch.model import Wanted
from flighttrace.ingest.fetch.pace import Clock
from flighttrace.ingest.fetch.rules import Rules


def die_at(nth: int) -> None:
    """From now on this process dies at the nth step."""
    left = nth

    def at_a_step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(true: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            at_a_step()
            return true(*args, **kwargs)

        return stepped

    for name in ("fsync", "replace", "unlink"):
        setattr(os, name, before(getattr(os, name)))
    resume.Part._cut = before(resume.Part._cut)  # type: ignore[method-assign]
    write = resume.Part.write

    def half(self: resume.Part, data: bytes) -> None:
        middle = len(data) // 2
        write(self, data[:middle])
        at_a_step()
        write(self, data[middle:])

    resume.Part.write = half  # type: ignore[method-assign]


def fetch(job: dict[str, Any]) -> None:
    resume.SYNC_BYTES = 4096  # type: ignore[misc]
    host = frozenset({job["host"]})
    rules = Rules(hosts=host, allowed=host, ca_file=Path(job["ca_file"]), rate_per_s={job["host"]: 1e6})
    with Client(rules, clock=Clock(sleep=lambda seconds: None), terms={"test": "ODbL"}) as client:
        die_at(job["dies_at"])
        for name, url, digest in job["files"]:
            client.bring(Wanted("test", url, name, digest=digest, group="day"), Path(job["folder"]))


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            ending = 1
            try:
                fetch(json.loads(line))
                ending = 0
            finally:
                os._exit(ending)
        ending = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{ending}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
