"""What an archive holds: one small JSON file an entry, written last, each named after the hash of its own content.

There is no list to keep in step and no lock: a file of the manifest is there, whole, or it is not. Entries of several
runs, and of several machines that share the folder, do not touch each other. The first and the last day stand in the
name, so that a question about one day opens the files of that day alone.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson

from flighttrace.accounting import Accounting
from flighttrace.errors import DamagedFileError, InputError, LocatedError, UnknownFormatError
from flighttrace.ingest.linking import Linked

FORMAT: Final = 6
FOLDER: Final = "manifest"
SUPERSEDED: Final = "superseded"
FAILED: Final = "failed"
BEGUN: Final = "begun"
ENTRY_DIGITS: Final = 16
"""Of an entry's name, which the names of its data files begin with."""
_NO_DAY: Final = "undated"
_NAME: Final = re.compile(r"^(?:(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)|undated)_([0-9a-f]{16})_([0-9a-f]{12})\.json$")


@dataclass(frozen=True)
class DataFile:
    """One Parquet file; `path` is relative to the archive. Keys and times are those of its rows, for positions alone;
    times are None in archives that did not tell them yet.

    `only_rejected`: track keys of which the file holds nothing but positions that were rejected at reading, and which
    presence therefore does not tell; None where that is not known, or where there are too many.

    `tail_bytes` and `tail_sha256` are of the end of the file (footer, its length, magic): what a reader trusts before
    it reads a page. `head_bytes` and `head_sha256`: of presence the row groups with a reach, which come first.
    """

    path: str
    rows: int
    size_bytes: int
    sha256: str
    date: str = ""
    first_key: str = ""
    last_key: str = ""
    first_ms: int | None = None
    last_ms: int | None = None
    only_rejected: tuple[str, ...] | None = None
    tail_bytes: int = 0
    tail_sha256: str = ""
    head_bytes: int = 0
    head_sha256: str = ""

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> DataFile:
        """From what `to_json` wrote. TypeError where it is no such thing."""
        keys = facts.get("only_rejected")
        return cls(**{**facts, "only_rejected": None if keys is None else tuple(keys)})


@dataclass(frozen=True)
class OwnName:
    """A track key of the file's own, and what may link it to an address: see `ingest/identity.py`."""

    key: str
    flight: str
    space: str
    in_name: bool


@dataclass(frozen=True)
class Failure:
    """A LocatedError kept: `kind` is its class, `file` begins with the label of the input it was found in."""

    kind: str
    problem: str
    file: str
    line: int | None = None
    column: int | str | None = None
    accepted: str | None = None

    def as_error(self, label: str, shown_as: str) -> LocatedError:
        """The error again, with the input called `shown_as` in place of `label`."""
        kind = _KINDS.get(self.kind, InputError)
        file = shown_as + self.file[len(label) :] if self.file.startswith(label) else self.file
        return kind(self.problem, file=file, line=self.line, column=self.column, accepted=self.accepted)


_KINDS: Final = {kind.__name__: kind for kind in (InputError, UnknownFormatError, DamagedFileError)}


def failure_of(error: LocatedError) -> Failure:
    """The error as a record of the manifest."""
    return Failure(type(error).__name__, error.problem, error.file, error.line, error.column, error.accepted)


@dataclass(frozen=True)
class Entry:
    """One input in the archive. `entry` names its data files; `label` is the input's name when it was taken in."""

    entry: str
    label: str
    sha256: str
    content_sha256: str
    size_bytes: int
    reader: str
    network: str
    accounting: Accounting
    positions: tuple[DataFile, ...] = ()
    presence: tuple[DataFile, ...] = ()
    listed: DataFile | None = None
    quarantine: DataFile | None = None
    first_ms: int | None = None
    last_ms: int | None = None
    """Of the positions not rejected at reading."""
    simulated: bool = False
    links: tuple[tuple[str, Linked], ...] = ()
    own_names: tuple[OwnName, ...] = ()
    incomplete: str = ""
    """Why the input is known to lack a part; empty where nothing is known to be missing."""
    parts: tuple[tuple[str, str], ...] = ()
    """(name, sha256) of the parts of a split archive."""
    declared_icao24: str = ""
    declared_network: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    """Members of a tar that could not be read."""
    superseded_by: str = ""
    """In the record kept of an entry that gave way: the name of the manifest's file that took its place."""

    @property
    def days(self) -> tuple[str, ...]:
        """UTC days with rows, ascending."""
        return tuple(sorted({file.date for file in self.positions}))

    @property
    def files(self) -> tuple[DataFile, ...]:
        """All data files."""
        more = (self.listed, self.quarantine)
        return (*self.positions, *self.presence, *(file for file in more if file is not None))

    def to_json(self) -> bytes:
        """Canonical: the same entry gives the same bytes."""
        return orjson.dumps(_plain(self), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"

    @classmethod
    def from_json(cls, data: bytes, name: str) -> Entry:
        """Raises DamagedFileError where it is no entry of this format."""
        try:
            held = orjson.loads(data)
            version = held.pop("format")
            if version != FORMAT:
                raise InputError(f"is of archive format {version}", file=name, accepted=f"format {FORMAT}")
            held["accounting"] = Accounting(**{**held["accounting"], "flags": tuple(held["accounting"]["flags"])})
            for key in ("positions", "presence"):
                held[key] = tuple(map(DataFile.of_facts, held[key]))
            for key in ("listed", "quarantine"):
                held[key] = None if held[key] is None else DataFile.of_facts(held[key])
            held["own_names"] = tuple(OwnName(**own) for own in held["own_names"])
            held["failures"] = tuple(Failure(**failure) for failure in held["failures"])
            held["parts"] = tuple((part[0], part[1]) for part in held["parts"])
            held["links"] = tuple((space, Linked(*linked)) for space, linked in held["links"])
            return cls(**held)
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise DamagedFileError("is not an entry of an archive's manifest", file=name) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Entry | DataFile | OwnName | Failure | Accounting):
        held = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {"format": FORMAT, **held} if isinstance(value, Entry) else held
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def name_of(entry: Entry, data: bytes) -> str:
    """The file name: first day, last day, entry, hash of the content."""
    days = entry.days
    span = f"{days[0]}_{days[-1]}" if days else _NO_DAY
    return f"{span}_{entry.entry}_{hashlib.sha256(data).hexdigest()[:12]}.json"


@dataclass(frozen=True)
class Listed:
    """A manifest file as its name tells of it. An entry without rows has no days."""

    path: Path
    entry: str
    first_day: date | None
    last_day: date | None

    def touches(self, first: date | None, last: date | None) -> bool:
        """True where it may hold rows of the days first to last, both included; True where it has no day."""
        if self.first_day is None or self.last_day is None:
            return True
        return (last is None or self.first_day <= last) and (first is None or self.last_day >= first)


def listed(root: Path) -> list[Listed]:
    """The manifest's files that hold, by name; sorted by it. What is no entry's (a file being written) is passed over,
    and so is an entry whose place another one has taken that is there."""
    names = _names(root / FOLDER)
    replaced = {name for name in _names(root / FOLDER / SUPERSEDED) if name in names and _gave_way(root, name, names)}
    folder = root / FOLDER
    found = []
    for name in sorted(names - replaced):
        match = _NAME.match(name)
        if match:
            first, last = (date.fromisoformat(day) if day else None for day in match.group(1, 2))
            found.append(Listed(folder / name, match.group(3), first, last))
    return found


def _names(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except FileNotFoundError:
        return set()


def _gave_way(root: Path, name: str, names: set[str]) -> bool:
    try:
        held = orjson.loads((root / FOLDER / SUPERSEDED / name).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):  # on its way back into its place; or a record that is damaged
        return False
    return isinstance(held, dict) and held.get("superseded_by") in names


def names_of_entries(root: Path) -> set[str]:
    """The names of all entries that the manifest knows, superseded ones too, damaged or not."""
    names = _names(root / FOLDER) | _names(root / FOLDER / SUPERSEDED)
    return {match.group(3) for name in names if (match := _NAME.match(name))}


def damaged_superseded(root: Path) -> list[LocatedError]:
    """Records of superseded entries whose bytes are no entry's."""
    faults: list[LocatedError] = []
    for name in sorted(_names(root / FOLDER / SUPERSEDED)):
        if name.endswith(".json"):
            try:
                Entry.from_json((root / FOLDER / SUPERSEDED / name).read_bytes(), f"{FOLDER}/{SUPERSEDED}/{name}")
            except FileNotFoundError:
                continue
            except LocatedError as error:
                faults.append(error)
    return faults


def gave_way(root: Path) -> list[Path]:
    """The manifest's files whose place another one has taken that is there: left by a replacement that was killed."""
    names, kept = _names(root / FOLDER), _names(root / FOLDER / SUPERSEDED)
    return [root / FOLDER / name for name in sorted(names & kept) if _gave_way(root, name, names)]


def load(file: Path) -> Entry:
    """The entry in a manifest file. DamagedFileError where its bytes are not those that its name was given for."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=f"{FOLDER}/{file.name}") from error
    match = _NAME.match(file.name)
    if match is None or hashlib.sha256(data).hexdigest()[:12] != match.group(4):
        raise DamagedFileError(
            "its content is not what its name was given for: changed since it was written",
            file=f"{FOLDER}/{file.name}",
            accepted="ingest its input again",
        )
    return Entry.from_json(data, f"{FOLDER}/{file.name}")


def load_if_there(file: Path) -> Entry | None:
    """As `load`; None where a replacement has taken the file away."""
    try:
        return load(file)
    except InputError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


_MOST_LISTINGS: Final = 5


def loaded(
    root: Path,
    *,
    first: date | None = None,
    last: date | None = None,
    entry: str = "",
    damaged: list[tuple[Listed, LocatedError]] | None = None,
) -> list[tuple[Path, Entry]]:
    """(file, entry) of those that may hold rows of these days, and all without rows, in the order of names; `entry`:
    of that name only. All of one moment: where a replacement takes a file away meanwhile, they are listed again.

    `damaged` takes those that cannot be read; without it the first of them is raised."""
    for _ in range(_MOST_LISTINGS):
        items = [i for i in listed(root) if i.touches(first, last) and entry in ("", i.entry)]
        bad: list[tuple[Listed, LocatedError]] = []
        found: list[tuple[Path, Entry]] = []
        for item in items:
            try:
                held = load_if_there(item.path)
            except LocatedError as error:
                if damaged is None:
                    raise
                bad.append((item, error))
                continue
            if held is not None:
                found.append((item.path, held))
        if len(found) + len(bad) == len(items):
            if damaged is not None:
                damaged += bad
            return found
    raise InputError("changes without end while it is read", file=FOLDER, accepted="ask again later")


def entries(root: Path, *, first: date | None = None, last: date | None = None) -> Iterator[Entry]:
    """The entries that may hold rows of these days (both included), and all without rows, in the order of names."""
    return iter([entry for _, entry in loaded(root, first=first, last=last)])


def by_label(root: Path) -> dict[str, list[Path]]:
    """Label → the manifest's files of that name: one, but for a replacement that was broken off. Damaged ones bear no
    name that could be told."""
    found: dict[str, list[Path]] = {}
    for path, entry in loaded(root, damaged=[]):
        found.setdefault(entry.label, []).append(path)
    return found
