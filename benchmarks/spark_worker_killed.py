"""A worker of a real standalone Spark is killed (SIGKILL) in mid-query: does the query end, with the same rows?

    python benchmarks/spark_worker_killed.py [FILES]

A master and two workers on loopback; FILES (default 40) presence files of 250,000 made-up rows each. Prints the time
to the end and the number of candidates without and with the kill, and whether they are equal. Needs flighttrace[spark]
and Java 17 or 21.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flighttrace.match.engines import candidates
from flighttrace.match.engines.on_spark import SparkEngine
from tests.match.test_engines import many_rows
from tests.match.test_sieve import BAKU, OVDA, question
from tests.spark.standalone import SESSION, missing, standalone

KILL_AFTER_SHARE = 0.3


def executors_of(worker: subprocess.Popen[bytes]) -> list[int]:
    """Process ids of a worker's children, its executor JVMs."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    tasks = Path(f"/proc/{worker.pid}/task").glob("*/children")
    return sorted({int(pid) for task in [children, *tasks] for pid in task.read_text().split()})


def main(files: int) -> None:
    asked = question([OVDA], [BAKU], days=None)
    with tempfile.TemporaryDirectory() as folder, standalone(workers=2) as cluster:
        paths = [many_rows(Path(folder) / f"{i}.parquet", 250_000, keys=60_000 + i) for i in range(files)]
        engine = SparkEngine(cluster.master, settings=SESSION)
        candidates(engine, asked, paths[:1])  # warm
        start = time.monotonic()
        expected = candidates(engine, asked, paths)
        print(f"undisturbed: {len(expected)} candidates in {time.monotonic() - start:.1f} s")
        killed = threading.Event()
        start = time.monotonic()

        def kill_once(share: float) -> None:
            if share >= KILL_AFTER_SHARE and not killed.is_set():
                killed.set()
                victim = cluster.workers[0]
                for pid in [*executors_of(victim), victim.pid]:
                    os.kill(pid, signal.SIGKILL)
                print(
                    f"worker and its executor killed after {time.monotonic() - start:.1f} s, {share:.0%} of the tasks"
                )

        found = candidates(engine, asked, paths, progress=kill_once)
        print(f"with the kill: {len(found)} candidates in {time.monotonic() - start:.1f} s")
        print("equal" if found == expected and killed.is_set() else "NOT EQUAL, or nothing was killed")
        engine.close()


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
