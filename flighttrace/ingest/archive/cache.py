"""The archive behind files named on the command line: each is taken in once, and known by its hash from then on.

It holds the positions of every file that was named, and so tells what its owner looked at: `flighttrace cache clear`
removes it, `--no-cache` leaves nothing. Its folder: $FLIGHTTRACE_CACHE, else `flighttrace` in the user's cache folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flighttrace.errors import InputError, LocatedError, UsageError, shown
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.about import ABOUT, CACHE, is_cache, is_cache_of_another_format
from flighttrace.ingest.archive.disk import INCOMING
from flighttrace.ingest.archive.intake import Input, Settings
from flighttrace.ingest.archive.manifest import Entry, Listed
from flighttrace.ingest.archive.members import Member, once
from flighttrace.ingest.archive.runs import Outcome, Progress, create, inputs_of, take_in
from flighttrace.ingest.archive.view import View
from flighttrace.ingest.containers import MAX_CONTENT_BYTES
from flighttrace.ingest.declarations import check_named, checked_declarations, meant, names_of
from flighttrace.ingest.files import InputFile, find_files

FOLDER_VARIABLE: Final = "FLIGHTTRACE_CACHE"
LIMIT_VARIABLE: Final = "FLIGHTTRACE_CACHE_GB"
LIMIT_GB: Final = 20.0
"""A busy day of a whole network takes about 1.3 GB."""


def cache_folder() -> Path:
    """$FLIGHTTRACE_CACHE, else `flighttrace` in $XDG_CACHE_HOME, ~/Library/Caches (macOS) or ~/.cache."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "flighttrace"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "flighttrace"


def cache_limit_bytes() -> int:
    """$FLIGHTTRACE_CACHE_GB in bytes, else LIMIT_GB. UsageError where it is no number."""
    text = os.environ.get(LIMIT_VARIABLE, "")
    try:
        return int((float(text) if text else LIMIT_GB) * 1e9)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{LIMIT_VARIABLE}={shown(text)}: a number of gigabytes is wanted") from error


def cache_size(root: Path) -> tuple[int, int]:
    """(entries, bytes of their data files). Files that several entries share count once; damaged entries not at all."""
    entries = [entry for _, entry in manifest.loaded(root, damaged=[])]
    return len(entries), sum({f.path: f.size_bytes for entry in entries for f in entry.files}.values())


@dataclass(frozen=True)
class Cleared:
    """What was removed: files of the manifest (inputs), files of any kind, their bytes; and what could not be."""

    inputs: int
    files: int
    size_bytes: int
    left: tuple[str, ...]


def clear(root: Path) -> Cleared:
    """Remove the cache, and only what the cache made. Returns what is really gone.

    Raises UsageError where the folder does not say of itself that it is a cache.
    """
    if not root.exists():
        return Cleared(0, 0, 0, ())
    refuse_other(root)
    folders = ("positions", "presence", "listed", "quarantine", manifest.FOLDER, INCOMING)
    before = _files_in(root, folders)
    for name in folders:
        shutil.rmtree(root / name, ignore_errors=True)
    after = _files_in(root, folders)
    if not after:
        with contextlib.suppress(OSError):
            (root / ABOUT).unlink()
            root.rmdir()
    gone = {path: size for path, size in before.items() if path not in after}
    inputs = sum(path.parent == root / manifest.FOLDER for path in gone)
    left = tuple(sorted(path.relative_to(root).as_posix() for path in after))
    return Cleared(inputs, len(gone), sum(gone.values()), left)


def refuse_other(root: Path) -> None:
    """UsageError where the folder does not say of itself that it is a cache; an empty one may become one."""
    with contextlib.suppress(InputError):
        if is_cache_of_another_format(root) or is_cache(root):
            return
    if any(root.iterdir()):
        raise UsageError(f"{root} is not flighttrace's cache, or was made before 0.2.0: nothing of it was removed")


def _files_in(root: Path, folders: Sequence[str]) -> dict[Path, int]:
    return {p: p.lstat().st_size for name in folders for p in (root / name).rglob("*") if p.is_symlink() or p.is_file()}


def trim(root: Path, keep: set[str], limit_bytes: int) -> int:
    """Remove the entries that were not used for longest until the rest fits, but none of `keep`. Returns how many.

    A run that is reading one of them ends with an error that names the missing file. Damaged entries go first.
    UsageError where the folder is not a cache.
    """
    refuse_other(root)
    held: dict[str, list[tuple[Path, Entry]]] = {}
    damaged: list[tuple[Listed, LocatedError]] = []
    for path, entry in manifest.loaded(root, damaged=damaged):
        held.setdefault(entry.entry, []).append((path, entry))
    total = sum(_size(named) for named in held.values())
    removed = 0
    for item, _ in damaged:
        item.path.unlink(missing_ok=True)
    for name, named in sorted(held.items(), key=lambda one: (max(_used_ns(path) for path, _ in one[1]), one[0])):
        if total <= limit_bytes:
            break
        if name in keep:
            continue
        for path, _ in named:
            path.unlink(missing_ok=True)  # the manifest first: data files that it does not name are nothing
        for _, entry in named:
            for file in entry.files:
                (root / file.path).unlink(missing_ok=True)
        total -= _size(named)
        removed += 1
    return removed


def _size(named: Sequence[tuple[Path, Entry]]) -> int:
    """Bytes of the data files of one entry, which all its names share."""
    return sum({file.path: file.size_bytes for _, entry in named for file in entry.files}.values())


def _used_ns(path: Path) -> int:
    """When it was last used; 0 where another run has just removed it."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(path).st_mtime_ns
    return 0


@contextmanager
def view_of_paths(
    paths: Sequence[str | Path],
    *,
    root: Path,
    input_tz: str | None = None,
    mappings: Sequence[str | Path] = (),
    airframes: Mapping[str, str] | None = None,
    networks: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
    max_decompressed_bytes: int = MAX_CONTENT_BYTES,
) -> Iterator[View]:
    """The files and folders as a view; what of them `root`, a cache, does not hold is taken in first.

    The arguments are those of `read_positions`, and so are the rows. Raises UsageError as that does.
    """
    if not paths:
        raise UsageError("no file or folder is named")
    declared_icao24, declared_network = checked_declarations(airframes or {}, networks or {})
    found = find_files(paths)
    check_named(found.files, declared_icao24, declared_network)
    settings = Settings(
        input_tz,
        tuple(str(path) for path in mappings),
        None if max_decompressed_bytes == MAX_CONTENT_BYTES else max_decompressed_bytes,
    )
    create(root, kind=CACHE)
    report = take_in(root, inputs_of(found.files), settings, check_labels=False, processes=processes, progress=progress)
    members = []
    for outcome in report.outcomes:
        if outcome.entry is not None:
            names = _names(outcome.given, found.files)
            members.append(
                Member(
                    outcome.entry,
                    outcome.given.label,
                    icao24=meant(names, declared_icao24, "--airframe", outcome.given.label) or "",
                    network=meant(names, declared_network, "--network", outcome.given.label) or "",
                )
            )
    used = {member.entry.entry for member in members}
    _touch(root, used)
    failures = [*found.failures, *(failure for outcome in report.outcomes for failure in _failures(outcome))]
    skipped = [*found.skipped, *(o.skipped for o in report.outcomes if o.skipped)]
    yield View(root, once(members), failures=failures, skipped=skipped)
    trim(root, used, cache_limit_bytes())


def _failures(outcome: Outcome) -> tuple[LocatedError, ...]:
    """What of the input could not be read: as found now, or as kept with its entry."""
    if outcome.entry is None:
        return outcome.failures
    return tuple(f.as_error(outcome.entry.label, outcome.given.label) for f in outcome.entry.failures)


def _names(given: Input, files: Sequence[InputFile]) -> set[str]:
    """All names by which the user may mean an input."""
    paths = set(given.parts or (given.path,))
    return set().union(*(names_of(file) for file in files if file.path in paths)) | {given.label}


def _touch(root: Path, used: set[str]) -> None:
    for item in manifest.listed(root):
        if item.entry in used:
            with contextlib.suppress(OSError):
                os.utime(item.path)
