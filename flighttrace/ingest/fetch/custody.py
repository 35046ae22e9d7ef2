"""The record beside a file: where it came from, when, and what its bytes were.

Written, and flushed, before the file gets its name: a file under its final name always has its record.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flighttrace.errors import shown
from flighttrace.ingest.archive.disk import fsync
from flighttrace.ingest.fetch.faults import FetchError, Spoiled, told_address
from flighttrace.ingest.fetch.model import Custody, Wanted

SUFFIX: Final = ".custody.json"
KEPT_HEADERS: Final = (
    "Content-Encoding",
    "Content-Length",
    "Content-MD5",
    "Content-Type",
    "Date",
    "ETag",
    "Last-Modified",
    "Repr-Digest",
    "Server",
)
"""Of the first answer. None of them is a place where a secret goes."""
_BLOCK: Final = 1 << 20
_LARGEST_RECORD: Final = 1 << 20
_DIGESTS: Final = {"sha256": 64, "md5": 32, "sha1": 40, "sha512": 128}


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that the record holds, escaped and cut."""
    return {name: shown(headers[name], 200) for name in KEPT_HEADERS if name in headers}


class Digest:
    """sha256 of what passes, and the source's own kind beside it. FetchError for a digest that cannot be compared."""

    def __init__(self, wanted: Wanted) -> None:
        kind, _, told = wanted.digest.partition(":")
        if wanted.digest and not (len(told) == _DIGESTS.get(kind) and re.fullmatch(r"[0-9a-fA-F]+", told)):
            raise FetchError(f"its digest {shown(wanted.digest)!r} is none that can be compared", wanted.url)
        self._told = told.lower()
        self._own = hashlib.sha256()
        self._other = hashlib.new(kind, usedforsecurity=False) if kind not in ("", "sha256") else None

    def over(self, blocks: Iterable[bytes]) -> Digest:
        for block in blocks:
            self._own.update(block)
            if self._other is not None:
                self._other.update(block)
        return self

    @property
    def sha256(self) -> str:
        return self._own.hexdigest()

    @property
    def agrees(self) -> bool | None:
        """With the source's; None where it gives none."""
        return (self._other or self._own).hexdigest() == self._told if self._told else None


def blocks_of(path: Path) -> Iterable[bytes]:
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            yield block


def write_record(folder: Path, custody: Custody) -> None:
    """The record in its place, whole and flushed."""
    put_json(folder / (custody.name + SUFFIX), asdict(custody))


def put_json(path: Path, value: Any) -> None:
    """A JSON file replaced as a whole; flushed, as is the folder that names it."""
    aside = path.with_name(f"{path.name}.new")
    with open(aside, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, sort_keys=True, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    fsync(path.parent)


def read_record(folder: Path, name: str) -> Custody | None:
    """The record of that name; None where there is none that can be read."""
    try:
        with open(folder / (name + SUFFIX), "rb") as file:
            value = json.loads(file.read(_LARGEST_RECORD))
        known = {field.name for field in fields(Custody)}
        value = {key: tuple(v) if isinstance(v, list) else v for key, v in value.items() if key in known}
        record = Custody(**value)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return record if record.name == name else None


def whole(folder: Path, wanted: Wanted) -> Custody | None:
    """The record of the file that is there already; None where none is. All its bytes are read.

    FetchError, and nothing is touched, where what stands there is not known to be what is wanted: a file without a
    record, one that was changed since, or one that the source now lists with another size or digest.
    """
    path = folder / wanted.name
    if not os.path.lexists(path):
        return None
    record = read_record(folder, wanted.name)
    if record is None:
        raise FetchError(f"{wanted.name} is there without its record: move it away, and it is brought", wanted.url)
    digest = Digest(wanted).over(blocks_of(path))
    if digest.sha256 != record.sha256 or path.stat().st_size != record.size_bytes:
        problem = f"{wanted.name} is there and is not what its record says: move both away, and it is brought"
        raise FetchError(problem, wanted.url)
    if wanted.source != record.source:
        raise FetchError(f"{wanted.name} is there from {shown(record.source)}: name another folder", wanted.url)
    asked = {urlsplit(url)[:3] for url in (wanted.url, *wanted.elsewhere)}
    if urlsplit(record.url_asked)[:3] not in asked:
        problem = f"{wanted.name} is there from another address, {told_address(record.url_asked)}: name another folder"
        raise FetchError(problem, wanted.url)
    if digest.agrees is False or wanted.size_bytes not in (None, record.size_bytes):
        problem = f"the source has another {wanted.name} by now: move the one that is there away to bring it"
        raise FetchError(problem, wanted.url)
    return record


def compared(wanted: Wanted, digest: Digest, size_bytes: int) -> None:
    """Spoiled where the bytes are not those that the source tells of."""
    if wanted.size_bytes not in (None, size_bytes):
        raise Spoiled(f"{size_bytes} bytes came, and the source lists {wanted.size_bytes}", wanted.url)
    if digest.agrees is False:
        kind = wanted.digest.partition(":")[0]
        raise Spoiled(f"the {kind} of what came is not the source's own: nothing of it is kept", wanted.url)
