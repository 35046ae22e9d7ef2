"""A plan carried out: files brought one after another, taken into the archive, what is missing written down.

    client.bring → custody into the archive → take_in → the original removed, unless it is to be kept

Each step can be killed and is then found done, or is done again. Without a folder to keep them in, the originals lie in
the archive's `incoming/fetch` until they are taken in. Of a day in parts all are brought before any is taken in.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from flighttrace.errors import DamagedFileError, InputError, UsageError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.airframe_tables import has_table, put_table
from flighttrace.ingest.archive.disk import INCOMING
from flighttrace.ingest.archive.intake import Settings
from flighttrace.ingest.archive.lacks import end_failure, keep_failure
from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.archive.origins import origins_in, put_origin
from flighttrace.ingest.archive.runs import Progress as Reading
from flighttrace.ingest.archive.runs import create, inputs_of, take_in
from flighttrace.ingest.fetch import airframes, complete, opensky_rest, readsb
from flighttrace.ingest.fetch.custody import SUFFIX, read_record
from flighttrace.ingest.fetch.faults import FetchError, NotAccepted, NotReached, NotThere, QuotaReached
from flighttrace.ingest.fetch.held import entry_label, groups_of, held, key, key_of, label_of, same
from flighttrace.ingest.fetch.model import Custody, Missing, Plan, Wanted
from flighttrace.ingest.files import InputFile

WORK: Final = "fetch"
"""Below `incoming/`: a name that no run of an ingest has, so that no other run clears it away."""
_LOCK: Final = ".flighttrace-fetch.lock"
_MOST_TOGETHER: Final = 64
_TOGETHER_BYTES: Final = 64 * 1024**2
"""Small files are taken in so many, or so much, at a time."""
MOST_FAILED: Final = 3
"""So many files in a row for which no answer came that can be used, after all tries, end a run: the source is down, and
each further file would wait through all its tries."""


class Brings(Protocol):
    """The client, or what stands for it in tests."""

    def bring(self, wanted: Wanted, folder: Path) -> Custody: ...


@dataclass
class Done:
    """What became of a plan. `failures` are one line each; `stopped` says why the rest was not tried."""

    brought: list[Custody] = field(default_factory=list)
    whole: list[Custody] = field(default_factory=list)
    """In the folder already, whole and with their records."""
    there: list[Wanted] = field(default_factory=list)
    """In the archive by their custody: not brought again."""
    entries: list[Entry] = field(default_factory=list)
    listed: int = 0
    """Addresses of a table of airframes that was put into the archive."""
    nothing: list[Wanted] = field(default_factory=list)
    """Asked, and the source has nothing: no flight listed, no trace of the airframe that day. It says nothing of how
    whole the archive is, and it is no statement that none flew."""
    missing: list[Missing] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopped: str = ""


def carry_out(
    plan: Plan,
    client: Brings,
    *,
    archive: Path | None,
    keep: Path | None,
    replace_changed: bool = False,
    reading: Reading | None = None,
) -> Done:
    """Bring the plan's files, and take them into `archive`. UsageError where they would be neither kept nor taken in.

    Raises ArchiveWriteError where the archive cannot be written to. What a source does not hold, or gave damaged, is in
    the result and among what the archive lacks; the rest goes on.
    """
    if archive is None and keep is None:
        raise UsageError("name where the files go: --archive DIR, --keep DIR, or both (--plan brings nothing)")
    if archive is not None:
        create(archive)
    folder = keep if keep is not None else _work(archive)
    with _locked(folder):
        job = _Job(client, folder, archive, keep is not None, replace_changed, reading)
        job.run(plan)
        job.clear()
    return job.done


def _work(archive: Path | None) -> Path:
    assert archive is not None
    return archive / INCOMING / WORK


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The folder, made where it is not there, for one run alone. UsageError where another one is at it."""
    at_work = f"another fetch is at work in {folder.name}: wait for it, or name another folder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / _LOCK, "a")  # noqa: SIM115 (held to the end)
    except OSError as error:
        raise UsageError(f"{folder.name}: cannot be written to: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = os.stat(folder / _LOCK).st_ino == os.fstat(lock.fileno()).st_ino
        except (BlockingIOError, FileNotFoundError) as error:
            raise UsageError(at_work) from error
        if not ours:  # another run ended, and a third began, between opening and locking
            raise UsageError(at_work)
        yield
        with contextlib.suppress(OSError):
            os.unlink(folder / _LOCK)


class _Down(Exception):
    """The source does not answer: the rest is not tried."""


class _Job:
    def __init__(
        self,
        client: Brings,
        folder: Path,
        archive: Path | None,
        keep: bool,
        replace_changed: bool,
        reading: Reading | None,
    ) -> None:
        self._client, self._folder, self._archive, self._keep = client, folder, archive, keep
        self._replace, self._reading = replace_changed, reading
        entries = [] if archive is None else [entry for _, entry in manifest.loaded(archive, damaged=[])]
        self._held = {} if archive is None else held(archive, entries)
        self._labelled = {entry.label: entry for entry in entries}
        self._waiting: list[list[Wanted]] = []
        self._waiting_bytes = 0
        self._gaps: dict[str, list[str]] = {}
        """Label → what the source does not hold of it."""
        self._in_a_row = 0
        """Files that failed since the source last answered."""
        self.done = Done()

    def run(self, plan: Plan) -> None:
        for missing in plan.missing:
            self.done.missing.append(missing)
            if not missing.never_held:
                self._gap(missing)
        groups = groups_of(plan.files)
        for group in groups:  # before any comes: a run that is stopped or killed leaves no partial day unsaid
            if label_of(group[0]) not in self._gaps and not self._is_there(group) and not self._is_changed(group):
                self._lacks(label_of(group[0]), "was asked for, and did not come so far")
        try:
            for group in groups:
                self._group(group)
        except (QuotaReached, NotAccepted, _Down) as error:
            self.done.stopped = str(error)
        self._take_in()

    def clear(self) -> None:
        """Remove the work folder where nothing waits in it."""
        if not self._keep:
            with contextlib.suppress(OSError):
                if [name for name in os.listdir(self._folder) if name != _LOCK]:
                    return
                os.unlink(self._folder / _LOCK)
                self._folder.rmdir()

    # -- bringing ------------------------------------------------------------------------------------------------------

    def _group(self, group: list[Wanted]) -> None:
        entry = None if self._keep else self._in_archive(group)
        if entry is not None or (not self._keep and self._listed(group)):
            self.done.there += group
            for wanted in group:
                self._remove(wanted)
            if entry is not None:
                self._settle(group, entry)
            return
        if self._is_changed(group):
            self.done.failures.append(
                f"{label_of(group[0])}: is in the archive with another content than the source now lists; --replace "
                "brings the new one and takes it in its place"
            )
            return
        came: list[Wanted] = []
        for wanted in group:
            self._clear_older(wanted)
            was_there = (self._folder / wanted.name).exists()
            try:
                custody = self._bring(wanted)
            except NotThere:
                self._in_a_row = 0
                self._not_there(wanted)
                continue
            except (QuotaReached, NotAccepted):
                raise
            except FetchError as error:  # may come yet: the day's other files wait for it
                self._failed(label_of(wanted), str(error))
                self._in_a_row = self._in_a_row + 1 if isinstance(error, NotReached) else 0
                if self._in_a_row >= MOST_FAILED:
                    raise _Down(f"{MOST_FAILED} files in a row did not come, the last for: {error}") from error
                return
            self._in_a_row = 0
            (self.done.whole if was_there else self.done.brought).append(custody)
            if wanted.source == opensky_rest.FLIGHTS and _is_empty_list(self._folder / wanted.name):
                self._nothing(wanted)
                self._remove(wanted)
                continue
            if wanted.until is not None and custody.utc[:10] <= str(wanted.until):
                self._gaps.setdefault(label_of(wanted), []).append(
                    f"was brought on {custody.utc[:10]}, before {wanted.until} was over: fetch it again"
                )
            if self._archive is not None:
                put_origin(self._archive, asdict(custody))
            came.append(wanted)
        if came and self._archive is not None:
            self._later(came)

    def _bring(self, wanted: Wanted) -> Custody:
        for url in (wanted.url, *wanted.elsewhere):
            try:
                return self._client.bring(replace(wanted, url=url), self._folder)
            except NotThere:
                if url == (wanted.url, *wanted.elsewhere)[-1]:
                    raise
        raise AssertionError("a file has an address")

    def _clear_older(self, wanted: Wanted) -> None:
        """What a killed run left in the work folder, where the source has another file by now."""
        record = None if self._keep else read_record(self._folder, wanted.name)
        if record is not None and not same(asdict(record), wanted):
            self._remove(wanted)

    def _not_there(self, wanted: Wanted) -> None:
        if wanted.source in (opensky_rest.FLIGHTS, readsb.KEY):
            self._nothing(wanted)
            return
        missing = Missing(wanted.source, label_of(wanted), f"{wanted.name}: the source does not hold it", wanted.day)
        self.done.missing.append(missing)
        self._gap(missing)

    def _nothing(self, wanted: Wanted) -> None:
        self.done.nothing.append(wanted)
        if self._archive is not None:
            end_failure(self._archive, label_of(wanted))

    # -- into the archive ----------------------------------------------------------------------------------------------

    def _later(self, came: list[Wanted]) -> None:
        self._waiting.append(came)
        self._waiting_bytes += sum((self._folder / wanted.name).stat().st_size for wanted in came)
        if len(self._waiting) >= _MOST_TOGETHER or self._waiting_bytes >= _TOGETHER_BYTES:
            self._take_in()

    def _take_in(self) -> None:
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if not waiting or self._archive is None:
            return
        tables = [group for group in waiting if group[0].source == airframes.KEY]
        for group in tables:
            self._put_table(group[0])
        tracks = [group for group in waiting if group not in tables]
        files = [InputFile(w.name, self._folder / w.name, w.name, in_folder=False) for group in tracks for w in group]
        report = take_in(
            self._archive,
            inputs_of(files),
            Settings(),
            replace_changed=self._replace,
            processes=1,  # one day streams through some 400 MB; a second process would double that
            progress=self._reading,
        )
        entries = {outcome.entry.label: outcome.entry for outcome in report.outcomes if outcome.entry is not None}
        self.done.failures += [str(failure) for failure in report.failures]
        for group in tracks:
            entry = entries.get(entry_label(group))
            if entry is not None:
                self.done.entries.append(entry)
                self._settle(group, entry)
            for wanted in group:
                self._remove(wanted)

    def _put_table(self, wanted: Wanted) -> None:
        assert self._archive is not None
        which, day = airframes.table_of(wanted)
        path = self._folder / wanted.name
        sha256 = next(c.sha256 for c in (*self.done.brought, *self.done.whole) if c.name == wanted.name)
        try:
            self.done.listed += put_table(self._archive, which, day, sha256, airframes.rows_of(path, which))
            end_failure(self._archive, label_of(wanted))
        except InputError as error:
            self.done.failures.append(str(error))
        self._remove(wanted)

    def _settle(self, group: Sequence[Wanted], entry: Entry) -> None:
        """Write down what the entry is known to lack, or that it lacks nothing any more."""
        assert self._archive is not None
        label = label_of(group[0])
        found = complete.faults(group, entry)
        self.done.failures += [f"{label}: {fault}" for fault in found]
        if found or label in self._gaps:
            self._lacks(label, "; ".join([*self._gaps.get(label, ()), *found]), kind=DamagedFileError)
        else:
            end_failure(self._archive, label)

    # -- what is not there ---------------------------------------------------------------------------------------------

    def _gap(self, missing: Missing) -> None:
        reasons = self._gaps.setdefault(missing.what, [])
        reasons.append(missing.reason)
        self._lacks(missing.what, "; ".join(reasons))

    def _failed(self, label: str, reason: str) -> None:
        self.done.failures.append(f"{label}: {reason}")
        self._lacks(label, reason)

    def _lacks(self, label: str, reason: str, *, kind: type[InputError] = InputError) -> None:
        if self._archive is not None:
            keep_failure(self._archive, label, kind(reason, file=label))

    # -- what is there -------------------------------------------------------------------------------------------------

    def _in_archive(self, group: Sequence[Wanted]) -> Entry | None:
        """The entry that was made from exactly these files, by the custody of each."""
        found = [self._held.get(key(wanted)) for wanted in group]
        if not found or any(one is None for one in found):
            return None
        alike = all(same(one[0], wanted) for one, wanted in zip(found, group, strict=True) if one is not None)
        entries = {one[1].entry: one[1] for one in found if one is not None}
        entry = next(iter(entries.values()))
        whole = len(entries) == 1 and len(entry.parts or ("",)) == len(group)
        return entry if alike and whole else None

    def _is_there(self, group: Sequence[Wanted]) -> bool:
        return self._listed(group) or self._in_archive(group) is not None

    def _is_changed(self, group: Sequence[Wanted]) -> bool:
        """Whether it is known, before it is brought, that it would be refused: other bytes bear its name."""
        entry = self._labelled.get(entry_label(group))
        sizes = [wanted.size_bytes for wanted in group]
        if entry is None or self._replace or None in sizes:
            return False
        return sum(size or 0 for size in sizes) != entry.size_bytes

    def _listed(self, group: Sequence[Wanted]) -> bool:
        """Whether the group is a table of airframes that is in the archive."""
        if self._archive is None or group[0].source != airframes.KEY:
            return False
        records = [record for record in origins_in(self._archive) if key_of(record) == key(group[0])]
        return any(has_table(self._archive, record["sha256"]) for record in records)

    def _remove(self, wanted: Wanted) -> None:
        if not self._keep:
            for name in (wanted.name, wanted.name + SUFFIX):
                (self._folder / name).unlink(missing_ok=True)


def _is_empty_list(path: Path) -> bool:
    return path.stat().st_size < 16 and path.read_bytes().split() in ([b"[]"], [b"[", b"]"])
