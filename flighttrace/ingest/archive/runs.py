"""Many inputs into one archive: files side by side over a pool of processes, each whole or not at all.

Running it again is how to go on after a stop: what is in the archive is known by its hash and not read again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from flighttrace.errors import FlighttraceError, InputError, LocatedError, UsageError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.about import ABOUT, CACHE, about_text, is_cache, is_cache_of_another_format
from flighttrace.ingest.archive.disk import (
    INCOMING,
    make_archive_folder,
    own_folder,
    remove_file,
    remove_left_behind,
)
from flighttrace.ingest.archive.feed import finished, missing_parts, parts_among
from flighttrace.ingest.archive.intake import Input, Intake, Settings, entry_id
from flighttrace.ingest.archive.lacks import end_begun, end_failure, few, keep_failure, mark_begun
from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.archive.replacing import (
    came_meanwhile,
    find,
    give_way,
    read_otherwise,
    refuse_changed,
    refuse_read_otherwise,
)
from flighttrace.ingest.containers import FileBytes
from flighttrace.ingest.files import InputFile

MOST_PROCESSES: Final = 4
"""By default; each may take some 400 MB."""
POOL_FROM_BYTES: Final = 32 * 1024**2
"""Less than this in all is read sooner than a second process starts."""
_POLL_S: Final = 0.2
_CHUNK: Final = 1 << 20

Progress = Callable[[int, int, int, int], None]
"""(bytes read, bytes in all, rows, inputs done)"""


@dataclass(frozen=True)
class Outcome:
    """What became of one input. `entry` is None where it failed or was passed over."""

    given: Input
    entry: Entry | None = None
    was_there: bool = False
    failures: tuple[LocatedError, ...] = ()
    skipped: str = ""
    superseded: tuple[str, ...] = ()
    """The manifest's files whose place it took."""


@dataclass
class Report:
    """All outcomes, in the order of labels."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def failures(self) -> list[LocatedError]:
        return [failure for outcome in self.outcomes for failure in outcome.failures]


def create(root: Path, *, kind: str = "") -> None:
    """Make the archive's folder where it is not there, and remove what killed runs left. `kind`: CACHE makes a cache.

    Raises InputError for a folder of something else or of another format, UsageError for one of the other kind: a cache
    is trimmed and cleared, and an archive never.
    """
    if root.is_dir() and not (root / ABOUT).exists() and _others(root):
        raise InputError("is a folder of something else", file=root.name, accepted="a new or an empty folder")
    make_archive_folder(root, about_text(kind), ABOUT)
    if kind == CACHE and is_cache_of_another_format(root):
        raise UsageError(
            f"the cache {root} was made by another version of flighttrace (`flighttrace cache clear` removes it; "
            "--no-cache does without)"
        )
    if is_cache(root) != (kind == CACHE):
        raise UsageError(
            f"{root} is an archive and no cache, which may be trimmed and cleared: let FLIGHTTRACE_CACHE name another "
            "folder, or use --no-cache (a cache made before 0.2.0 bears no mark: remove its folder)"
            if kind == CACHE
            else f"{root} is a cache, which may be trimmed and cleared at any time: name another folder with --archive"
        )
    remove_left_behind(root)
    for path in manifest.gave_way(root):
        remove_file(root, path)


def _others(root: Path) -> list[str]:
    """What in a folder is neither hidden nor left by an ingest that was killed while it made the archive."""
    return [name for name in os.listdir(root) if name != INCOMING and not name.startswith(".")]


def inputs_of(files: Sequence[InputFile]) -> list[Input]:
    """The files as inputs; parts of a split archive in one folder are one, as far as they follow one another."""
    inputs: list[Input] = []
    folders: dict[Path, list[InputFile]] = {}
    for file in files:
        folders.setdefault(file.path.parent, []).append(file)
    for here in folders.values():
        named = parts_among([file.path.name for file in here])
        split: dict[str, list[tuple[str, InputFile]]] = {}
        for file in here:
            part = named.get(file.path.name)
            if part is None:
                inputs.append(Input(file.label, file.path, file.in_folder))
            else:
                split.setdefault(file.label[: len(file.label) - len(part) - 1], []).append((part, file))
        inputs += [_joined(whole, parts) for whole, parts in split.items()]
    return sorted(inputs, key=lambda one: (one.label, str(one.path)))


def _joined(whole: str, parts: list[tuple[str, InputFile]]) -> Input:
    parts.sort(key=lambda one: one[0])
    gone = missing_parts([name for name, _ in parts])
    usable = tuple(file.path for name, file in parts if not gone or name < gone[0])
    missing = tuple(f"{Path(whole).name}.{name}" for name in gone)
    first = parts[0][1]
    return Input(whole, usable[0] if usable else first.path, first.in_folder, usable, missing)


def take_in(
    root: Path,
    inputs: Sequence[Input],
    settings: Settings,
    *,
    replace_changed: bool = False,
    check_labels: bool = True,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """All inputs into the archive at `root`, which exists. What fails is in the report, the rest goes on.

    check_labels: an input whose label is in the archive with another content is a failure, unless `replace_changed`.
    Raises ArchiveWriteError where the archive cannot be written to, FlighttraceError where a process was killed.
    """
    held = manifest.by_label(root) if check_labels else {}
    jobs = [
        _Job(str(root), given, settings, tuple(held.get(given.label, ())), replace_changed, check_labels)
        for given in inputs
    ]
    sizes = [_size(given) for given in inputs]
    count = processes or min(os.cpu_count() or 1, MOST_PROCESSES)
    counter = _Counter(sum(sizes), progress)
    if count > 1 and len(jobs) > 1 and sum(sizes) >= POOL_FROM_BYTES:
        order = sorted(range(len(jobs)), key=lambda i: -sizes[i])  # the largest first, so that none is left alone
        outcomes = _side_by_side(root, [jobs[i] for i in order], min(count, len(jobs)), counter)
    else:
        outcomes = []
        for job in jobs:
            outcomes.append(_work(job, counter.add))
            counter.done += 1
            counter.tell()
    return Report(sorted(outcomes, key=lambda o: (o.given.label, str(o.given.path))))


@dataclass(frozen=True)
class _Job:
    root: str
    given: Input
    settings: Settings
    held: tuple[Path, ...]
    """The manifest's files of that label."""
    replace_changed: bool
    keep_failures: bool


class _Counter:
    """Sums what is read, and tells of it."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.read = self.rows = self.done = 0
        self._total, self._progress = total, progress

    def add(self, read: int, rows: int) -> None:
        self.read += read
        self.rows += rows
        self.tell()

    def tell(self) -> None:
        if self._progress is not None:
            self._progress(self.read, self._total, self.rows, self.done)


_shared: Any = None


def _start_worker(shared: Any) -> None:
    global _shared
    _shared = shared
    threading.Thread(target=_end_with_parent, daemon=True).start()


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are started here never hear Ctrl-C: this one does, afterwards, and ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """A worker whose run was killed would wait for work for ever: nobody else ends it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


_Carried = tuple[Outcome, tuple[manifest.Failure, ...]]
"""An outcome on its way between processes: its failures apart, as an error with keywords cannot be pickled."""


def _work_in_pool(job: _Job) -> _Carried:
    def add(read: int, rows: int) -> None:
        with _shared.get_lock():
            _shared[0] += read
            _shared[1] += rows

    outcome = _work(job, add)
    return replace(outcome, failures=()), tuple(map(manifest.failure_of, outcome.failures))


def _arrived(carried: _Carried) -> Outcome:
    outcome, failures = carried
    return replace(outcome, failures=tuple(failure.as_error("", "") for failure in failures))


def _side_by_side(root: Path, jobs: Sequence[_Job], count: int, counter: _Counter) -> list[Outcome]:
    context = multiprocessing.get_context("spawn")
    shared = context.Array("q", 2)
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_start_worker, initargs=(shared,))
    outcomes: list[Outcome] = []
    try:
        with _without_ctrl_c():
            waiting: set[Future[_Carried]] = {pool.submit(_work_in_pool, job) for job in jobs}
        while waiting:
            done, waiting = wait(waiting, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            outcomes += [_arrived(future.result()) for future in done]
            sums = shared.get_obj()  # without the lock: a killed worker may hold it
            counter.read, counter.rows, counter.done = int(sums[0]), int(sums[1]), len(outcomes)
            counter.tell()
    except BrokenProcessPool as error:
        raise FlighttraceError(
            "a process of the ingest was killed (out of memory?): what was finished is in the archive, run it again"
        ) from error
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        remove_left_behind(root)
    return outcomes


def _work(job: _Job, progress: Callable[[int, int], None]) -> Outcome:
    """Take one input in and commit it."""
    root, given = Path(job.root), job.given
    try:
        sha256 = _hash(given)
        name = entry_id(sha256, job.settings.fingerprint())
        there = find(root, name, given, any_label=not job.keep_failures)
        held = [path for path in job.held if path != there]
        if there is not None:
            progress(_size(given), 0)
            return _was_there(job, there, held)
        if not job.replace_changed:
            refuse_changed(held, given.label, sha256)
        return _taken(job, sha256, held, progress)
    except LocatedError as error:
        error = told_of_split(error, given)
        if job.keep_failures:
            keep_failure(root, given.label, error)
        return Outcome(given, None, failures=(error,))


def _was_there(job: _Job, there: Path, held: Sequence[Path]) -> Outcome:
    root, given, entry = Path(job.root), job.given, manifest.load(there)
    superseded: tuple[Path, ...] = ()
    if job.keep_failures:
        if not job.replace_changed:
            refuse_changed(held, given.label, entry.sha256, new=entry)
        superseded = give_way(root, held, there.name)
        _unlink(root, superseded)
        end_failure(root, given.label)
    end_begun(root, entry.entry, given.label)
    return Outcome(given, entry, was_there=True, superseded=tuple(path.name for path in superseded))


def _taken(job: _Job, sha256: str, held: list[Path], progress: Callable[[int, int], None]) -> Outcome:
    root, given = Path(job.root), job.given
    with own_folder(root) as folder:
        taken = Intake(root, folder, given, job.settings, progress=progress).take()
        entry = taken.entry
        if entry is None or taken.store is None:
            return Outcome(given, None, failures=tuple(taken.failures), skipped=taken.skipped)
        if job.keep_failures and job.replace_changed:
            held += [path for path in read_otherwise(root, entry) if path not in held]
        elif job.keep_failures:
            refuse_changed(held, given.label, sha256, new=entry)
            refuse_read_otherwise(root, entry)
        mark_begun(root, entry.entry, given.label)
        name = manifest.name_of(entry, entry.to_json())  # there already, where only its data was gone
        superseded = give_way(root, [path for path in held if path.name != name], name)
        own = taken.store.made.commit(entry, folder)
    if job.keep_failures:
        superseded += _others_meanwhile(job, own, sha256, superseded)
    end_begun(root, entry.entry, given.label)
    _unlink(root, superseded)
    end_failure(root, given.label)
    return Outcome(given, entry, failures=tuple(taken.failures), superseded=tuple(path.name for path in superseded))


def _others_meanwhile(job: _Job, own: Path, sha256: str, known: Sequence[Path]) -> tuple[Path, ...]:
    """What another run has put under the label meanwhile gives way with --replace. Without it the own entry goes again:
    InputError; its data files stay, marked as left behind, since that other run may have the same ones."""
    root = Path(job.root)
    others = came_meanwhile(root, own, job.given.label, sha256, known)
    if job.replace_changed or not others:
        return give_way(root, others, own.name)
    for path in known:  # they hold again
        remove_file(root, root / manifest.FOLDER / manifest.SUPERSEDED / path.name)
    remove_file(root, own)
    raise InputError(
        f"another run has just taken another content in under this name (here sha256 {sha256[:12]}…)",
        file=job.given.label,
        accepted="--replace to take this one in its place; another name, or its folder, if it is another file",
    )


def told_of_split(error: LocatedError, given: Input) -> LocatedError:
    """The error, saying which parts of a split archive are missing."""
    if not given.missing:
        return error
    return InputError(f"{error.problem}; missing: {few(given.missing)}", file=error.file, accepted=error.accepted)


def _hash(given: Input) -> str:
    if given.missing and not given.parts:
        raise InputError(f"the first part is missing: {given.missing[0]}", file=given.label)
    with FileBytes(given.path, given.label, parts=given.parts) as source:
        while source.read(_CHUNK):
            pass
        return finished(source)


def _unlink(root: Path, superseded: Sequence[Path]) -> None:
    for path in superseded:
        remove_file(root, path)


def _size(given: Input) -> int:
    total = 0
    for path in given.parts or (given.path,):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total
