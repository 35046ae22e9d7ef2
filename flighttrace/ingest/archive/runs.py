"""Many inputs into one archive: files side by side over a pool of processes, each whole or not at all.

Running it again is how to go on after a stop: what is in the archive is known by its hash and not read again.
"""

from __future__ import annotations

import contextlib
import hashlib
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

import orjson

from flighttrace.errors import FlighttraceError, InputError, LocatedError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.about import ABOUT, check_format
from flighttrace.ingest.archive.disk import (
    INCOMING,
    fsync,
    make_archive_folder,
    own_folder,
    put,
    remove_left_behind,
    told,
)
from flighttrace.ingest.archive.feed import finished, missing_parts, split_archive
from flighttrace.ingest.archive.intake import Input, Intake, Settings, entry_id
from flighttrace.ingest.archive.manifest import Entry
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


def create(root: Path) -> None:
    """Make the archive's folder where it is not there, and remove what killed runs left. Raises for a folder of
    something else, or of another format."""
    about = orjson.dumps({"flighttrace_archive": manifest.FORMAT}, option=orjson.OPT_INDENT_2) + b"\n"
    if root.is_dir() and not (root / ABOUT).exists() and _others(root):
        raise InputError("is a folder of something else", file=root.name, accepted="a new or an empty folder")
    make_archive_folder(root, about, ABOUT)
    check_format(root)
    remove_left_behind(root)
    for path in manifest.gave_way(root):
        _remove(root, path)


def _others(root: Path) -> list[str]:
    """What in a folder is neither hidden nor left by an ingest that was killed while it made the archive."""
    return [name for name in os.listdir(root) if name != INCOMING and not name.startswith(".")]


def inputs_of(files: Sequence[InputFile]) -> list[Input]:
    """The files as inputs; parts of a split archive in one folder are one, as far as they follow one another."""
    inputs: list[Input] = []
    split: dict[tuple[str, str], list[tuple[str, InputFile]]] = {}
    for file in files:
        part = split_archive(file.path.name)
        if part is None:
            inputs.append(Input(file.label, file.path, file.in_folder))
        else:
            whole = file.label[: len(file.label) - len(part[1]) - 1]
            split.setdefault((whole, str(file.path.parent)), []).append((part[1], file))
    for (whole, _), parts in split.items():
        parts.sort(key=lambda one: one[0])
        gone = missing_parts([name for name, _ in parts])
        usable = tuple(file.path for name, file in parts if not gone or name < gone[0])
        missing = tuple(f"{Path(whole).name}.{name}" for name in gone)
        first = parts[0][1]
        inputs.append(Input(whole, usable[0] if usable else first.path, first.in_folder, usable, missing))
    return sorted(inputs, key=lambda one: (one.label, str(one.path)))


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
        there = _find(root, entry_id(sha256, job.settings.fingerprint()), given, any_label=not job.keep_failures)
        held = [path for path in job.held if path != there]
        if there is not None:
            progress(_size(given), 0)
            superseded = _give_way(root, held, there.name) if job.keep_failures else ()
            _unlink(root, superseded)
            if job.keep_failures:
                _forget_failure(root, given.label)
            return Outcome(given, manifest.load(there), was_there=True, superseded=tuple(p.name for p in superseded))
        _refuse_changed(job, sha256)
        with own_folder(root) as folder:
            taken = Intake(root, folder, given, job.settings, progress=progress).take()
            if taken.entry is None or taken.store is None:
                return Outcome(given, None, failures=tuple(taken.failures), skipped=taken.skipped)
            superseded = _give_way(root, held, manifest.name_of(taken.entry, taken.entry.to_json()))
            taken.store.made.commit(taken.entry, folder)
        _unlink(root, superseded)
        _forget_failure(root, given.label)
        names = tuple(path.name for path in superseded)
        return Outcome(given, taken.entry, failures=tuple(taken.failures), superseded=names)
    except LocatedError as error:
        error = told_of_split(error, given)
        if job.keep_failures:
            _keep_failure(root, given.label, error)
        return Outcome(given, None, failures=(error,))


def told_of_split(error: LocatedError, given: Input) -> LocatedError:
    """The error, saying which parts of a split archive are missing."""
    if not given.missing:
        return error
    return InputError(f"{error.problem}; missing: {', '.join(given.missing)}", file=error.file, accepted=error.accepted)


def _hash(given: Input) -> str:
    if given.missing and not given.parts:
        raise InputError(f"the first part is missing: {given.missing[0]}", file=given.label)
    with FileBytes(given.path, given.label, parts=given.parts) as source:
        while source.read(_CHUNK):
            pass
        return finished(source)


def _find(root: Path, entry: str, given: Input, *, any_label: bool) -> Path | None:
    """The manifest's file of that entry, where it says of the input what this run declares of it.

    A second name of a content has an entry of its own (over the same data files), unless `any_label` will do: it stays
    when the content of the first name is replaced.
    """
    for path, held in manifest.loaded(root, entry=entry):
        same = (held.declared_icao24, held.declared_network) == (given.declared_icao24, given.declared_network)
        if same and (any_label or held.label == given.label):
            return path
    return None


def _refuse_changed(job: _Job, sha256: str) -> None:
    for path in job.held:
        held = manifest.load_if_there(path)
        if held is None or held.sha256 == sha256 or job.replace_changed or held.incomplete:
            continue
        raise InputError(
            f"is in the archive with another content (sha256 {held.sha256[:12]}…, here {sha256[:12]}…)",
            file=job.given.label,
            accepted="--replace to take this one in its place; another name, or its folder, if it is another file",
        )


def _give_way(root: Path, held: Sequence[Path], name: str) -> tuple[Path, ...]:
    """Write down of the older entries that the one called `name` takes their place: they do as soon as it is there."""
    for path in held:
        entry = manifest.load_if_there(path)
        if entry is None:  # another run has done it
            continue
        data = replace(entry, superseded_by=name).to_json()
        with own_folder(root) as folder:
            aside = folder / "superseded.json"
            with told(root, aside):
                aside.write_bytes(data)
                fsync(aside)
            put(root, aside, f"{manifest.FOLDER}/{manifest.SUPERSEDED}/{path.name}")
    if held:  # an older content that comes back is superseded no longer
        _remove(root, root / manifest.FOLDER / manifest.SUPERSEDED / name)
    return tuple(held)


def _unlink(root: Path, superseded: Sequence[Path]) -> None:
    for path in superseded:
        _remove(root, path)


def _remove(root: Path, path: Path) -> None:
    """Remove a file of the manifest where it is there; else nothing is written, as the disk may be read-only."""
    with told(root, path), contextlib.suppress(FileNotFoundError):
        if path.exists():
            os.unlink(path)
            fsync(path.parent)


def _failure_place(label: str) -> str:
    return f"{manifest.FOLDER}/{manifest.FAILED}/{hashlib.sha256(label.encode()).hexdigest()[:16]}.json"


def _keep_failure(root: Path, label: str, error: LocatedError) -> None:
    """Write down that the archive lacks an input that it was given: a null has to say so."""
    data = orjson.dumps({"label": label, "failure": vars(manifest.failure_of(error))}, option=orjson.OPT_INDENT_2)
    with own_folder(root) as folder:
        aside = folder / "failed.json"
        with told(root, aside):
            aside.write_bytes(data)
            fsync(aside)
        put(root, aside, _failure_place(label))


def _forget_failure(root: Path, label: str) -> None:
    _remove(root, root / _failure_place(label))


def _size(given: Input) -> int:
    total = 0
    for path in given.parts or (given.path,):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total
