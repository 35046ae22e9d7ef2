"""The part of a file that has come, and what is needed to go on with it after any end of the run.

    NAME.part         the bytes so far
    NAME.part.json    the address, the first answer, its validator, how many bytes are safely on the disk

The part is locked while it is worked on. Only bytes that were flushed before the state named them are gone on from, so
that neither a kill nor a power cut leaves a hole in the middle.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO, Final

from flighttrace.ingest.archive.disk import fsync
from flighttrace.ingest.fetch.custody import put_json
from flighttrace.ingest.fetch.faults import FetchError

SUFFIX: Final = ".part"
SYNC_BYTES: Final = 8 * 1024**2
"""Flushed so often: what a kill costs at most."""
_LARGEST_STATE: Final = 1 << 20


@dataclass
class State:
    """Of the first answer, which all further ones have to agree with."""

    asked: str = ""
    answered: str = ""
    redirects: tuple[str, ...] = ()
    utc: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    validator: str = ""
    """For If-Range: a strong ETag, or Last-Modified; empty: the part cannot be gone on with."""
    total: int | None = None
    """Bytes of the whole file, where the source told."""
    bytes: int = 0
    pieces: int = 0
    notes: tuple[str, ...] = ()
    utc_last: str = ""


class Part:
    """A file's part, held by this run alone."""

    def __init__(self, folder: Path, name: str, file: BinaryIO) -> None:
        self.path, self._file = folder / (name + SUFFIX), file
        self._state_path = folder / f"{name}{SUFFIX}.json"
        self._final = folder / name
        self._written = self._synced = 0
        self.state = State()
        self.of_another = False
        """What is there came from another address, and could be gone on with from there."""

    @classmethod
    @contextmanager
    def held(cls, folder: Path, name: str, url: str) -> Iterator[Part]:
        """The part, locked, made where it is not there. FetchError where another run or thread is at the same file."""
        path = folder / (name + SUFFIX)
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
            with open(descriptor, "r+b", buffering=0) as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise FetchError(f"another run is bringing {name} into this folder", url) from None
                if not _is_at(file, path):
                    continue  # renamed or removed by the run that held it, between opening and locking
                part = cls(folder, name, file)
                try:
                    yield part
                finally:
                    part._let_go()
                return

    def begun(self, asked: str) -> bool:
        """Read what is there. True where it can be gone on with: of this address, with a validator, bytes on disk."""
        try:
            with open(self._state_path, "rb") as file:
                value = json.loads(file.read(_LARGEST_STATE))
            state = State(**value)
            state.redirects, state.notes = tuple(state.redirects), tuple(state.notes)
            good = _sound(state) and bool(state.validator) and state.bytes <= self.size
            self.of_another = good and state.asked != asked
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            good = False
        if not good or self.of_another:
            return False
        self.state = state
        self._cut(state.bytes)
        return True

    @property
    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def anew(self, state: State) -> None:
        """Begin with nothing, for the answer that `state` tells of."""
        self._cut(0)
        self.state = state
        self.save()

    def forget(self) -> None:
        """The bytes so far are worth nothing: the next answer begins with none."""
        self._cut(0)
        self.state.validator = ""

    def further(self, at: int) -> None:
        """Go on at byte `at` with one more answer. The state never names bytes that are cut off already."""
        os.fsync(self._file.fileno())
        self.state.pieces += 1
        self.state.bytes = at
        put_json(self._state_path, asdict(self.state))
        self._cut(at)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._written += len(data)
        if self._written - self._synced >= SYNC_BYTES:
            self.save()

    @property
    def written(self) -> int:
        return self._written

    def save(self) -> None:
        """Flush the bytes, and then name them in the state."""
        os.fsync(self._file.fileno())
        self.state.bytes = self._synced = self._written
        put_json(self._state_path, asdict(self.state))

    def finish(self) -> None:
        """Give the file its name. Its record has to stand by then."""
        os.fsync(self._file.fileno())
        os.replace(self.path, self._final)
        fsync(self._final.parent)
        self._remove_state()

    def discard(self) -> None:
        """Remove the part and its state."""
        self.path.unlink(missing_ok=True)
        self._remove_state()

    def _remove_state(self) -> None:
        self._state_path.unlink(missing_ok=True)
        self._state_path.with_name(f"{self._state_path.name}.new").unlink(missing_ok=True)

    def _cut(self, at: int) -> None:
        self._file.truncate(at)
        self._file.seek(at)
        self._written = self._synced = at

    def _let_go(self) -> None:
        """What is worth nothing is not left lying about."""
        with contextlib.suppress(OSError):
            if self.size == 0 and _is_at(self._file, self.path):
                self.discard()


def _sound(state: State) -> bool:
    """Whether the fields are of the kinds that they are written as: anyone may have been at the file."""
    texts = [state.asked, state.answered, state.utc, state.utc_last, state.validator, *state.redirects, *state.notes]
    texts += [text for item in state.headers.items() for text in item]
    whole = [state.status, state.bytes, state.pieces, 0 if state.total is None else state.total]
    return all(isinstance(text, str) for text in texts) and all(isinstance(n, int) and n >= 0 for n in whole)


def validator_of(headers: dict[str, str]) -> str:
    """What If-Range may name: a strong ETag, else a Last-Modified older than the answer (RFC 9110, 8.8.2.2)."""
    tag = headers.get("ETag", "").strip()
    if tag.startswith('"') and tag.endswith('"') and len(tag) > 2:
        return tag
    told = headers.get("Last-Modified", "").strip()
    try:
        changed = parsedate_to_datetime(told)
        answered = parsedate_to_datetime(headers["Date"]) if "Date" in headers else None
        return told if answered is None or (answered - changed).total_seconds() >= 1 else ""
    except (ValueError, TypeError, OverflowError):
        return ""


def _is_at(file: BinaryIO, path: Path) -> bool:
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    mine = os.fstat(file.fileno())
    return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)
