"""The sieve on Apache Spark: the very same expression, over presence files that every worker can open.

The session verifies Parquet's page checksums, reads exactly the files named (no globs, no columns out of folder names)
and thinks in UTC. Needs the extra `flighttrace[spark]` and a Java runtime, 17 or 21, where this process runs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flighttrace.errors import UsageError, shown
from flighttrace.match.engines import Build, EngineError, Progress
from flighttrace.match.sieve import PRESENCE_TYPES

if TYPE_CHECKING:
    import pyarrow as pa

SETTINGS: Final[Mapping[str, str]] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.hadoop.parquet.page.verify-checksum.enabled": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""Set on every session. The checksum key is parquet-hadoop's (ParquetInputFormat), off by default there."""
PRESENCE_VIEW: Final = "flighttrace_presence"
LOOK_EVERY_S: Final = 0.2
_NEEDS: Final = "--engine spark needs flighttrace[spark] to be installed: pip install 'flighttrace[spark]'"


class SparkEngine:
    """A Spark application on `master` (such as spark://HOST:7077, or local[2]). `settings` are added to the session's.

    The session starts at the first question and ends with `close`.
    """

    name = "spark"

    def __init__(self, master: str, *, settings: Mapping[str, str] | None = None) -> None:
        if not master.startswith(("spark://", "local", "yarn", "k8s://")):
            raise UsageError(f"{shown(master)!r} is no Spark master (accepted: such as spark://HOST:7077)")
        self._master, self._settings = master, {**(settings or {}), **SETTINGS}
        self._session: Any = None

    def rows(self, build: Build, files: Sequence[Path | str], *, progress: Progress | None = None) -> pa.Table:
        """The rows of the built table over exactly these files, which all workers must reach by the same path."""
        try:
            from py4j.protocol import Py4JError
            from pyspark.errors import PySparkException
        except ImportError as error:
            raise UsageError(_NEEDS) from error
        try:
            session = self._started()
            return _waiting(session, build, [as_uri(path) for path in files], progress)
        except (PySparkException, Py4JError) as error:
            raise EngineError(f"Spark could not answer: {shown(_told(error), 400)}") from error

    def close(self) -> None:
        """Ends the Spark application, if one was started."""
        if self._session is not None:
            self._session.stop()
            self._session = None

    def _started(self) -> Any:
        if self._session is None:
            from pyspark.sql import SparkSession

            builder = SparkSession.builder.master(self._master).appName("flighttrace")
            for key, value in self._settings.items():
                builder = builder.config(key, value)
            self._session = builder.getOrCreate()
            self._session.sparkContext.setLogLevel("FATAL")  # what goes wrong is told once, by EngineError
        return self._session


def as_uri(path: Path | str) -> str:
    """What Spark takes for this very file: a local path as `file:`, absolute; a URI as it is."""
    text = str(path)
    return text if "://" in text else "file://" + os.path.abspath(text)


def _rows(session: Any, build: Build, uris: list[str]) -> pa.Table:
    import ibis
    from ibis.backends.pyspark.datatypes import PySparkSchema

    connection = ibis.pyspark.connect(session)
    schema = PySparkSchema.from_ibis(ibis.schema(dict(PRESENCE_TYPES)))
    # Without these two Spark takes a path for a glob, and reads date=... in it as a column.
    reader = session.read.schema(schema).option("__globPaths__", "false").option("recursiveFileLookup", "true")
    reader.parquet(*uris).createOrReplaceTempView(PRESENCE_VIEW)
    return connection.to_pyarrow(build(connection.table(PRESENCE_VIEW)))


def _waiting(session: Any, build: Build, uris: list[str], progress: Progress | None) -> pa.Table:
    """The rows, waited for in small steps, so that Ctrl-C cancels the jobs at once."""
    outcome: dict[str, Any] = {}
    finished = threading.Event()  # not Thread.join: Ctrl-C in it makes Python 3.11 take the thread for ended

    def run() -> None:
        try:
            outcome["result"] = _rows(session, build, uris)
        except BaseException as error:
            outcome["error"] = error
        finally:
            finished.set()

    threading.Thread(target=run, name="flighttrace-sieve", daemon=True).start()
    try:
        while not finished.wait(LOOK_EVERY_S):
            if progress is not None:
                progress(_share_done(session))
    except BaseException:
        session.sparkContext.cancelAllJobs()
        raise
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def _share_done(session: Any) -> float:
    """Tasks done of the tasks of the stages that run now; 0 where none does."""
    tracker = session.sparkContext.statusTracker()
    stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    tasks = sum(stage.numTasks for stage in stages if stage)
    return sum(stage.numCompletedTasks for stage in stages if stage) / tasks if tasks else 0.0


def _told(error: BaseException) -> str:
    """Of a Java stack trace the lines that say which file, and the first cause; else the first line."""
    lines = [line.removeprefix("Caused by: ").strip(": ") for line in str(error).splitlines()]
    causes = [line for line in lines if "while reading file" in line][:1]
    causes += [line.removeprefix("Caused by: ") for line in str(error).splitlines() if line.startswith("Caused by")][
        -1:
    ]
    return "; ".join(dict.fromkeys(causes)) or next((line for line in lines if line), type(error).__name__)
