"""What an archive is known to lack: inputs that failed, entries that are damaged, data whose entry is gone.

Every null has to say so. A recorded failure ends when its input is given whole, or when it is withdrawn by hand; what
was withdrawn, and when, stays in `manifest/forgotten/`.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from flighttrace.errors import DamagedFileError, LocatedError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.disk import fsync, put_bytes, remove_file, told
from flighttrace.ingest.archive.manifest import Failure

FORGOTTEN: Final = "forgotten"
_FEW: Final = 3


def failed_inputs(root: Path) -> list[LocatedError]:
    """What the archive was given and could not take in, and was not given whole since; in the order of labels.

    A record that is damaged is itself in the list: what it told of is not known any more.
    """
    found: list[tuple[str, LocatedError]] = []
    for path in _records(root, manifest.FAILED):
        try:
            held = _record(path)
            found.append((held["label"], Failure(**held["failure"]).as_error("", "")))
        except FileNotFoundError:
            continue
        except DamagedFileError as error:
            found.append((error.file, error))
        except (KeyError, TypeError):
            damaged = _damaged(path)
            found.append((damaged.file, damaged))
    return [error for _, error in sorted(found, key=lambda item: item[0])]


def keep_failure(root: Path, label: str, error: LocatedError) -> None:
    """Write down that the archive lacks an input that it was given."""
    _write(root, _place(label), {"label": label, "failure": vars(manifest.failure_of(error))})


def end_failure(root: Path, label: str) -> None:
    """The input has been given whole: nothing is said of its failure any more."""
    remove_file(root, root / _place(label))


def end_failures_of_names(root: Path, given: Collection[str], files: Collection[str], failed: Collection[str]) -> None:
    """End the failures of names and folders that could now be read: `given` as named, `files` found, `failed` again."""
    for path in _records(root, manifest.FAILED):
        try:
            label = str(_record(path).get("label", ""))
        except (FileNotFoundError, DamagedFileError):
            continue
        below = any(file.startswith(f"{label}/") for file in files)
        if label not in failed and (label in given or below):
            remove_file(root, path)


def forget(root: Path, wanted: str) -> list[str]:
    """Withdraw the recorded failures of this label, or of those that the pattern fits. Returns their labels.

    What was withdrawn is written down first, with the time.
    """
    held: list[tuple[str, Path, dict[str, Any]]] = []
    for path in _records(root, manifest.FAILED):
        try:
            record = _record(path)
            label = str(record["label"])
        except (DamagedFileError, KeyError):
            label = f"{manifest.FOLDER}/{manifest.FAILED}/{path.name}"
            record = {"label": label, "failure": vars(manifest.failure_of(_damaged(path)))}
        held.append((label, path, record))
    chosen = [one for one in held if one[0] == wanted] or [one for one in held if fnmatch.fnmatchcase(one[0], wanted)]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for _, path, record in chosen:
        place = f"{manifest.FOLDER}/{FORGOTTEN}/{path.stem}-{now.translate({45: None, 58: None})}.json"
        _write(root, place, {**record, "forgotten_utc": now})
        remove_file(root, path)
    return sorted(label for label, _, _ in chosen)


def forgotten(root: Path) -> list[str]:
    """What was withdrawn: failure and time, in the order of time."""
    found: list[tuple[str, str]] = []
    for path in _records(root, FORGOTTEN):
        try:
            held = _record(path)
            found.append((held["forgotten_utc"], str(Failure(**held["failure"]).as_error("", ""))))
        except (DamagedFileError, KeyError, TypeError):
            found.append(("", f"{manifest.FOLDER}/{FORGOTTEN}/{path.name}: {_damaged(path).problem}"))
    return [f"{text} (withdrawn {when})" if when else text for when, text in sorted(found)]


def damaged_records(root: Path) -> list[LocatedError]:
    """The records of failures, of superseded entries and of what was withdrawn whose bytes are not such a record."""
    faults: list[LocatedError] = []
    for folder in (manifest.FAILED, FORGOTTEN):
        for path in _records(root, folder):
            try:
                held = _record(path)
                Failure(**held["failure"]).as_error(str(held["label"]), "")
            except (DamagedFileError, KeyError, TypeError):
                faults.append(_damaged(path))
    return faults


def data_without_entry(
    root: Path, first: date | None = None, last: date | None = None
) -> dict[str, tuple[list[str], list[str]]]:
    """Entry → (positions files that no entry of the manifest names, their days), of these days.

    By names alone, so that a question can afford it. What a run that is going on, or one that was killed, has begun to
    put there is marked as such, and not in it.
    """
    found: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for day in _days_in(root, first, last):
        for name in sorted(_listing(f"{root}/positions/date={day}")):
            files, days = found[name[: manifest.ENTRY_DIGITS]]
            files.append(f"positions/date={day}/{name}")
            days += [] if day in days else [day]
    # the marks before the manifest: a commit ends with the entry there and its mark gone
    known = begun(root) | manifest.names_of_entries(root)
    return {entry: found[entry] for entry in sorted(found) if entry not in known}


def lost_entries(root: Path, first: date | None = None, last: date | None = None) -> list[LocatedError]:
    """A lack for every entry whose data is there on these days while the manifest does not name it."""
    return [
        DamagedFileError(
            f"{len(files)} data files of {days[0]} to {days[-1]} that no entry of the manifest names: it is gone",
            file=", ".join(files[:1]),
            accepted="ingest its input again",
        )
        for files, days in data_without_entry(root, first, last).values()
    ]


# -- marks of what is being put into the archive -----------------------------------------------------------------------


def mark_begun(root: Path, entry: str, label: str) -> Path:
    """Mark that this entry's files are about to be put into their places. Returns the mark, which the end removes."""
    path = root / _mark(entry, label)
    with told(root, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch()
            fsync(path.parent)
    return path


def end_begun(root: Path, entry: str, label: str) -> None:
    """The entry stands in the manifest: its files are no leftovers."""
    path = root / _mark(entry, label)
    if path.exists():
        with told(root, path):
            path.unlink(missing_ok=True)


def begun(root: Path) -> set[str]:
    """Entries whose files a run was putting into their places when it was killed, or puts there now."""
    return {name[: manifest.ENTRY_DIGITS] for name in _listing(root / manifest.FOLDER / manifest.BEGUN)}


def _mark(entry: str, label: str) -> str:
    return f"{manifest.FOLDER}/{manifest.BEGUN}/{entry}-{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")


# -- files -------------------------------------------------------------------------------------------------------------


def _days_in(root: Path, first: date | None, last: date | None) -> list[str]:
    days = sorted(name.removeprefix("date=") for name in _listing(root / "positions") if name.startswith("date="))
    low, high = first.isoformat() if first else "", last.isoformat() if last else "9"
    return [day for day in days if low <= day <= high]


def _listing(folder: Path | str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _records(root: Path, folder: str) -> list[Path]:
    where = root / manifest.FOLDER / folder
    return [where / name for name in sorted(_listing(where)) if name.endswith(".json")]


def _record(path: Path) -> dict[str, Any]:
    try:
        held = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise _damaged(path) from error
    if not isinstance(held, dict):
        raise _damaged(path)
    return held


def _damaged(path: Path) -> DamagedFileError:
    return DamagedFileError(
        "is damaged: what it told of is not known any more",
        file=f"{manifest.FOLDER}/{path.parent.name}/{path.name}",
        accepted="`flighttrace archive forget` with this name withdraws it" if path.parent.name == "failed" else None,
    )


def _place(label: str) -> str:
    return f"{manifest.FOLDER}/{manifest.FAILED}/{hashlib.sha256(label.encode()).hexdigest()[:16]}.json"


def _write(root: Path, place: str, record: dict[str, Any]) -> None:
    put_bytes(root, orjson.dumps(record, option=orjson.OPT_INDENT_2), place)
