"""A real standalone Spark on loopback: one master and worker processes, each a JVM of its own, on free ports."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
START_S = 120.0
SESSION = {
    "spark.driver.host": HOST,
    "spark.driver.bindAddress": HOST,
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.sql.shuffle.partitions": "4",
}
"""Settings of a session that two workers with a core each can serve."""


def missing() -> str | None:
    """Why no Spark can be started here; None where one can."""
    if shutil.which("java") is None:
        return "no Java runtime (java) on the path"
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "pyspark is not installed (extra flighttrace[spark])"
    return None


@dataclass
class Cluster:
    master: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)


def _start(name: str, log: Path, *args: str) -> subprocess.Popen[bytes]:
    import pyspark

    jars = str(Path(pyspark.__file__).parent / "jars" / "*")
    environment = {**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_NO_DAEMONIZE": "1", "PYSPARK_PYTHON": sys.executable}
    home = str(Path(pyspark.__file__).parent)
    environment |= {"SPARK_HOME": home, "SPARK_SCALA_VERSION": "2.13"}  # as Spark's own scripts set them
    command = ["java", "-Xmx512m", "-cp", jars, f"org.apache.spark.deploy.{name}", "--host", HOST, *args]
    with log.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=log.parent)


def _wait_for(pattern: str, log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        found = re.search(pattern, log.read_text("utf-8", errors="replace"))
        if found:
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"Spark did not start:\n{log.read_text('utf-8', errors='replace')[-2000:]}")


@contextmanager
def standalone(workers: int = 2) -> Iterator[Cluster]:
    """A master and its workers, all stopped at the end, also those that were started last."""
    started: list[subprocess.Popen[bytes]] = []
    folder = Path(tempfile.mkdtemp(prefix="flighttrace-spark-"))
    try:
        log = folder / "master.log"
        started.append(_start("master.Master", log, "--port", "0", "--webui-port", "0"))
        cluster = Cluster(_wait_for(rf"spark://{re.escape(HOST)}:\d+", log, started[0]))
        for number in range(workers):
            log = folder / f"worker-{number}.log"
            args = ("--cores", "1", "--memory", "600m", "--port", "0", "--webui-port", "0", cluster.master)
            started.append(_start("worker.Worker", log, "--work-dir", str(folder / f"work-{number}"), *args))
            _wait_for("Successfully registered with master", log, started[-1])
            cluster.workers.append(started[-1])
        yield cluster
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)
