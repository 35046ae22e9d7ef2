"""Where an archive's inputs came from: the custody of each file that was fetched, by the sha256 of its bytes.

`manifest/custody/<sha256>.json` is written before the file is taken in; where the same bytes came under another name,
from another source or on another day, that record stands beside it, with eight more digits in its name. Entries do not
name them: an entry is the same whether its file was fetched, kept or given by hand, and an archive without such records
reads as ever.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeGuard

import orjson

from flighttrace.errors import DamagedFileError, LocatedError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.disk import put_bytes
from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.files import CUSTODY

FOLDER: Final = "custody"
_NAME: Final = re.compile(r"([0-9a-f]{64})(?:-[0-9a-f]{8})?\.json")
_TEXTS: Final = ("source", "name", "url_asked", "url_answered", "utc", "sha256", "terms")


def put_origin(root: Path, record: Mapping[str, Any]) -> None:
    """Write down where a file came from, unless that is written down. `record` is a Custody as plain data."""
    place = f"{manifest.FOLDER}/{FOLDER}/{record['sha256']}.json"
    if (root / place).exists():
        if any(_asked(one) == _asked(record) for one in records_of(root, record["sha256"])):
            return
        digits = hashlib.sha256("\n".join(_asked(record)).encode()).hexdigest()[:8]
        place = f"{manifest.FOLDER}/{FOLDER}/{record['sha256']}-{digits}.json"
    put_bytes(root, orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n", place)


def put_origins_beside(root: Path, paths: Iterable[Path], entries: Iterable[Entry]) -> None:
    """Take up the records of custody that lie beside files which were taken in, where their bytes are those told of."""
    taken = {sha256 for e in entries for sha256 in [sha256 for _, sha256 in e.parts] or [e.sha256]}
    for path in paths:
        beside = path.with_name(path.name + CUSTODY)
        try:
            held = orjson.loads(beside.read_bytes()) if beside.is_file() else None
        except (OSError, orjson.JSONDecodeError):
            continue
        if _is_record(held) and held["sha256"] in taken:
            put_origin(root, held)


def _asked(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """What tells two ways of the same bytes apart: source, name and UTC day."""
    return record["source"], record["name"], record["utc"][:10]


def records_of(root: Path, sha256: str) -> list[dict[str, Any]]:
    """The records of these bytes, the earliest first; damaged ones are passed over."""
    return sorted((one for one in origins_in(root, sha256) if one["sha256"] == sha256), key=lambda one: str(one["utc"]))


def _read(root: Path, name: str) -> dict[str, Any] | None:
    """The record in that file; None where it is gone. DamagedFileError where it is not of the bytes in its name."""
    place = f"{manifest.FOLDER}/{FOLDER}/{name}"
    try:
        held = orjson.loads((root / place).read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise DamagedFileError("is no record of custody", file=place) from error
    if not _is_record(held) or held["sha256"] != name[:64]:
        raise DamagedFileError("is no record of custody of the bytes that it is named after", file=place)
    return dict(held)


def origins_of(root: Path, entry: Entry) -> list[dict[str, Any]]:
    """A record of the entry's file, or of each part it was joined from: the one that bears its name, else the earliest
    of its bytes. Damaged ones are passed over."""
    found: list[dict[str, Any]] = []
    for name, sha256 in entry.parts or [(entry.label, entry.sha256)]:
        records = records_of(root, sha256)
        found += [one for one in records if one["name"] == name.rpartition("/")[2]][:1] or records[:1]
    return found


def origins_in(root: Path, sha256: str = "") -> list[dict[str, Any]]:
    """All records, or those of these bytes, by the names of their files; damaged ones are passed over."""
    return _all(root, sha256)[0]


def damaged_origins(root: Path) -> list[LocatedError]:
    """The records that are none any more."""
    return _all(root)[1]


def _is_record(held: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(held, dict) and all(isinstance(held.get(key), str) for key in _TEXTS)


def _all(root: Path, sha256: str = "") -> tuple[list[dict[str, Any]], list[LocatedError]]:
    found: list[dict[str, Any]] = []
    faults: list[LocatedError] = []
    try:
        names = sorted(os.listdir(root / manifest.FOLDER / FOLDER))
    except FileNotFoundError:
        names = []
    for name in names:
        if name.startswith(sha256) and _NAME.fullmatch(name):
            try:
                record = _read(root, name)
            except LocatedError as error:
                faults.append(error)
                continue
            if record is not None:
                found.append(record)
    return found, faults
