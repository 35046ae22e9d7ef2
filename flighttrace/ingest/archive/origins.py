"""Where an archive's inputs came from: the custody of each file that was fetched, by the sha256 of its bytes.

`manifest/custody/<sha256>.json` is written before the file is taken in. Entries do not name it: an entry is the same
whether its file was fetched, kept or given by hand, and an archive without such records reads as ever. The first
record of the same bytes stands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeGuard

import orjson

from flighttrace.errors import DamagedFileError, LocatedError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.disk import fsync, own_folder, put, told
from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.files import CUSTODY

FOLDER: Final = "custody"
_NAME: Final = re.compile(r"[0-9a-f]{64}\.json")
_TEXTS: Final = ("source", "name", "url_asked", "url_answered", "utc", "sha256", "terms")


def put_origin(root: Path, record: Mapping[str, Any]) -> None:
    """Write down where a file came from, unless its bytes have a record. `record` is a Custody as plain data."""
    place = f"{manifest.FOLDER}/{FOLDER}/{record['sha256']}.json"
    if (root / place).exists():
        return
    data = orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    with own_folder(root) as folder:
        aside = folder / "custody.json"
        with told(root, aside):
            aside.write_bytes(data)
            fsync(aside)
        put(root, aside, place)


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


def origin_of(root: Path, sha256: str) -> dict[str, Any] | None:
    """The record of these bytes, None where there is none. DamagedFileError where it is none of these bytes."""
    name = f"{manifest.FOLDER}/{FOLDER}/{sha256}.json"
    try:
        held = orjson.loads((root / name).read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise DamagedFileError("is no record of custody", file=name) from error
    if not _is_record(held) or held["sha256"] != sha256:
        raise DamagedFileError("is no record of custody of the bytes that it is named after", file=name)
    return dict(held)


def origins_of(root: Path, entry: Entry) -> list[dict[str, Any]]:
    """The records of an entry's file, or of the parts it was joined from; damaged ones are passed over."""
    found: list[dict[str, Any]] = []
    for sha256 in [sha256 for _, sha256 in entry.parts] or [entry.sha256]:
        try:
            record = origin_of(root, sha256)
        except LocatedError:
            continue
        if record is not None:
            found.append(record)
    return found


def origins_in(root: Path) -> list[dict[str, Any]]:
    """All records, by the names of their files; damaged ones are passed over."""
    return _all(root)[0]


def damaged_origins(root: Path) -> list[LocatedError]:
    """The records that are none any more."""
    return _all(root)[1]


def _is_record(held: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(held, dict) and all(isinstance(held.get(key), str) for key in _TEXTS)


def _all(root: Path) -> tuple[list[dict[str, Any]], list[LocatedError]]:
    found: list[dict[str, Any]] = []
    faults: list[LocatedError] = []
    try:
        names = sorted(os.listdir(root / manifest.FOLDER / FOLDER))
    except FileNotFoundError:
        names = []
    for name in names:
        if _NAME.fullmatch(name):
            try:
                record = origin_of(root, name.removesuffix(".json"))
            except LocatedError as error:
                faults.append(error)
                continue
            if record is not None:
                found.append(record)
    return found, faults
