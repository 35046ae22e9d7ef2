"""Writing so that a kill, a full disk or a second writer leaves whole files or none: aside, fsync, rename, fsync.

Every file is made in a folder of the run's own below `incoming/` and renamed into its place; the manifest's file is
last. What a killed run leaves there is removed by the next one that sees that its maker is gone: the maker holds a lock
on `incoming/<run>/.lock` for as long as it lives.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from flighttrace.errors import FlighttraceError, shown

INCOMING: Final = "incoming"
_LOCK: Final = ".lock"
_CHUNK: Final = 1 << 20


class ArchiveWriteError(FlighttraceError):
    """The archive could not be written to: the path below the archive, and the system's reason."""


@contextmanager
def own_folder(root: Path) -> Iterator[Path]:
    """A new folder below `incoming/` whose lock this process holds; removed at the end whatever happens."""
    lock, name = _locked_name(root)
    folder = root / INCOMING / name
    try:
        with told(root, folder):
            folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.unlink(root / INCOMING / f"{name}{_LOCK}")
        lock.close()


def _locked_name(root: Path) -> tuple[TextIO, str]:
    """A run's name, and its lock file, held: there before the folder is made and after it is gone."""
    while True:
        name = f"{_host()}{os.getpid()}-{uuid.uuid4().hex[:8]}"
        path = root / INCOMING / f"{name}{_LOCK}"
        with told(root, path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = open(path, "w")  # noqa: SIM115 (held to the end)
            with contextlib.suppress(BlockingIOError, FileNotFoundError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.stat(path).st_ino == os.fstat(lock.fileno()).st_ino:
                    return lock, name
            lock.close()  # another run took it for one left behind, between opening and locking


def _host() -> str:
    """This machine's name in the names of runs: a run of another machine is not known to be dead by its lock here."""
    return "".join(c if c.isalnum() else "_" for c in socket.gethostname()) + "-"


def remove_left_behind(root: Path) -> int:
    """Remove what this machine's killed runs left in `incoming/`. Returns how many runs that were."""
    try:
        names = sorted(name for name in os.listdir(root / INCOMING) if name.startswith(_host()))
    except FileNotFoundError:
        return 0
    removed = 0
    for name in names:
        path = root / INCOMING / name
        if name.endswith(_LOCK):
            with contextlib.suppress(OSError), open(path, "r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.with_name(name.removesuffix(_LOCK)), ignore_errors=True)
                os.unlink(path)
                removed += 1
        elif f"{name}{_LOCK}" not in names and not path.with_name(f"{name}{_LOCK}").exists():
            shutil.rmtree(path, ignore_errors=True)
            removed += 1
    return removed


def runs_in(root: Path) -> list[str]:
    """Names of the runs, of whatever machine, that have something in `incoming/`."""
    try:
        return sorted(n.removesuffix(_LOCK) for n in os.listdir(root / INCOMING) if n.endswith(_LOCK))
    except FileNotFoundError:
        return []


@contextmanager
def told(root: Path, path: Path) -> Iterator[None]:
    """OSError → ArchiveWriteError that names the path below the archive and, on a full disk, says so."""
    try:
        yield
    except OSError as error:
        where = shown(os.path.relpath(path, root), 200)
        reason = error.strerror or str(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            reason += "; nothing of this input was taken in; free some space and run the same command again"
        raise ArchiveWriteError(f"the archive cannot be written to: {where}: {reason}") from error


def make_archive_folder(root: Path, data: bytes, name: str) -> None:
    """The archive's folder with the file that says what it is; untouched where it is there."""
    if (root / name).exists():
        return
    with told(root, root):
        root.mkdir(parents=True, exist_ok=True)
    with own_folder(root) as folder:
        with told(root, folder / name):
            (folder / name).write_bytes(data)
            fsync(folder / name)
        put(root, folder / name, name)


def fsync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put(root: Path, made: Path, place: str) -> None:
    """Rename a finished, flushed file to `place` below the archive, and flush the folder that then names it."""
    target = root / place
    with told(root, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(made, target)
        fsync(target.parent)


def put_bytes(root: Path, data: bytes, place: str) -> None:
    """A small file at `place` below the archive, written and flushed aside: it is there whole or as it was."""
    with own_folder(root) as folder:
        aside = folder / "record"
        with told(root, aside):
            aside.write_bytes(data)
            fsync(aside)
        put(root, aside, place)


def remove_file(root: Path, path: Path) -> None:
    """Remove a file of the manifest where it is there; else nothing is written, as the disk may be read-only."""
    with told(root, path), contextlib.suppress(FileNotFoundError):
        if path.exists():
            os.unlink(path)
            fsync(path.parent)


def sha256_of(path: Path) -> str:
    """The file's sha256."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()
