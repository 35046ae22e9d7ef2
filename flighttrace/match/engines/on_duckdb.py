"""The sieve in this process, by DuckDB: a memory limit, spilling to disk, progress, and Ctrl-C.

DuckDB takes every path for a glob, reads folder names as columns, looks Python variables up by name and fetches
extensions: all of that is off, and a connection may open the files it was given and its spill folder, nothing else.
The memory limit is that of DuckDB's buffers. Measured from outside, the process stays within that limit and what it
held before, plus OUTSIDE_LIMIT_MB.

DuckDB does not verify Parquet's page checksums. Who calls has held the files' hashes against the archive's manifest.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flighttrace.errors import UsageError, shown
from flighttrace.match.engines import Build, EngineError, Progress
from flighttrace.match.engines.asked import Asked
from flighttrace.match.engines.ready import PRESENCE, conformed, no_presence, sql_of, tables_of
from flighttrace.match.sieve import PRESENCE_TYPES

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

DEFAULT_MEMORY: Final = "1GB"
LEAST_MEMORY_BYTES: Final = 64_000_000
"""With less, DuckDB fails on reading Parquet with two threads."""
OUTSIDE_LIMIT_MB: Final = 100
"""What DuckDB, Arrow and the allocator take beside the limited buffers: 14 MB, measured on sorting 6 M rows."""
LOOK_EVERY_S: Final = 0.1
"""How often the waiting thread wakes: so soon Ctrl-C is heard, and so often progress is told."""

UNITS: Final = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SIZE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*")


def memory_bytes(text: str) -> int:
    """Bytes of a size such as `1GB`, `750 MB` or `1.5GiB`. UsageError for anything else, and for less than 64 MB."""
    found = _SIZE.fullmatch(text)
    unit = UNITS.get(found[2].upper()) if found else None
    if found is None or unit is None:
        raise UsageError(f"{shown(text)!r} is no amount of memory (accepted: a number with MB or GB, such as 1GB)")
    size = int(float(found[1]) * unit)
    if size < LEAST_MEMORY_BYTES:
        raise UsageError(f"{shown(text)!r} is too little memory (accepted: {LEAST_MEMORY_BYTES // 10**6}MB and more)")
    return size


class DuckDBEngine:
    """DuckDB within the process. `threads` None: one a core. `temp_folder`: where a private spill folder is made."""

    name = "duckdb"

    def __init__(
        self, *, memory: str = DEFAULT_MEMORY, threads: int | None = None, temp_folder: Path | None = None
    ) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"{threads} threads cannot work (accepted: 1 and more)")
        self._memory_bytes, self._threads = memory_bytes(memory), threads
        self._spill = tempfile.TemporaryDirectory(prefix="flighttrace-spill-", dir=temp_folder)

    def rows(self, build: Build, files: Sequence[Path | str], *, progress: Progress | None = None) -> pa.Table:
        """The rows of the built table over exactly these files; what is `Asked`, by SQL that is ready, without Ibis."""
        import duckdb

        connection = self._connect()
        try:
            if isinstance(build, Asked):
                return _waiting(_ready(connection, build, files), connection, progress)
            return _waiting(_built(connection, build, files), connection, progress)
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except duckdb.OutOfMemoryException as error:
            raise EngineError(
                f"DuckDB ran out of its memory limit of {self._memory_bytes // 10**6} MB, or of disk to spill to "
                f"(a larger --memory may do): {shown(error, 300)}"
            ) from error
        except duckdb.Error as error:
            raise EngineError(f"DuckDB could not read the presence files: {shown(error, 300)}") from error
        finally:
            connection.close()

    def close(self) -> None:
        """Removes the spill folder."""
        self._spill.cleanup()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        settings: dict[str, str | int | float | list[str]] = {
            "memory_limit": f"{self._memory_bytes}B",
            "temp_directory": self._spill.name,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
        threads = {} if self._threads is None else {"threads": self._threads}
        connection = duckdb.connect(":memory:", config={**settings, **threads})
        connection.execute("SET timezone = 'UTC'")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET parquet_metadata_cache = true")  # the sieve looks at each file twice
        return connection


def _ready(connection: duckdb.DuckDBPyConnection, asked: Asked, files: Sequence[Path | str]) -> Callable[[], pa.Table]:
    """What answers by the ready SQL, over views of the files and of the question's small tables."""
    tables = tables_of(asked)
    if files:
        _opened(connection, files).create_view(PRESENCE)
    else:
        tables[PRESENCE] = no_presence()
    for name, table in tables.items():
        connection.register(name, table)
    _lock(connection, files)
    sql = sql_of(asked)
    return lambda: conformed(connection.sql(sql).to_arrow_table(), asked.form)


def _built(connection: duckdb.DuckDBPyConnection, build: Build, files: Sequence[Path | str]) -> Callable[[], pa.Table]:
    """What answers by the expression, which Ibis makes into SQL; of an archive without files, over no row."""
    import ibis

    backend = ibis.duckdb.from_connection(connection)
    if files:
        _opened(connection, files).create_view(PRESENCE)
        presence = backend.table(PRESENCE)
    else:
        presence = ibis.memtable([], schema=ibis.schema(dict(PRESENCE_TYPES)))
    _lock(connection, files)
    table = build(presence)
    return lambda: backend.to_pyarrow(table)


def _opened(connection: duckdb.DuckDBPyConnection, files: Sequence[Path | str]) -> duckdb.DuckDBPyRelation:
    patterns = [as_pattern(path) for path in files]
    return connection.read_parquet(patterns, hive_partitioning=False, union_by_name=False)


def _lock(connection: Any, files: Sequence[Path | str]) -> None:
    """From here on: these files and the spill folder, and no setting changes. Progress is counted, not drawn."""
    paths = [str(path) for path in files]
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET allowed_paths = ?", [sorted({*paths, *map(as_pattern, paths)})])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def as_pattern(path: Path | str) -> str:
    """The glob that means exactly this path: each of `* ? [` in brackets."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _waiting(work: Any, connection: Any, progress: Progress | None) -> Any:
    """What `work()` returns or raises, done in a thread; Ctrl-C in this one stops the query there."""
    outcome: dict[str, Any] = {}
    finished = threading.Event()  # not Thread.join: Ctrl-C in it makes Python 3.11 take the thread for ended

    def run() -> None:
        try:
            outcome["result"] = work()
        except BaseException as error:
            outcome["error"] = error
        finally:
            finished.set()

    threading.Thread(target=run, name="flighttrace-sieve").start()
    try:
        while not finished.wait(LOOK_EVERY_S):
            done = connection.query_progress() if progress is not None else -1.0
            if progress is not None and done >= 0:
                progress(min(done / 100.0, 1.0))
    except BaseException:
        while not finished.is_set():
            connection.interrupt()
            finished.wait(LOOK_EVERY_S)
        raise
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]
