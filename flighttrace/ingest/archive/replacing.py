"""Which entry may stand under a label, and how one takes the place of others: a content never goes unasked."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flighttrace.errors import InputError, LocatedError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.disk import fsync, own_folder, put, remove_file, told
from flighttrace.ingest.archive.manifest import Entry

if TYPE_CHECKING:
    from flighttrace.ingest.archive.intake import Input

_seen: dict[Path, tuple[str, str, str]] = {}
"""Of manifest files that this process has looked at: label, sha256 and that of the content. A file's name is given for
its content, so that it need not be read again for every input of a run."""


def find(root: Path, entry: str, given: Input, *, any_label: bool) -> Path | None:
    """The manifest's file of that entry, where it says of the input what this run declares of it; its data is there.

    A second name of a content has an entry of its own (over the same data files), unless `any_label` will do: it stays
    when the content of the first name is replaced. A damaged entry, or one whose files are gone or cut, is as none.
    """
    for path, held in manifest.loaded(root, entry=entry, damaged=[]):
        same = (held.declared_icao24, held.declared_network) == (given.declared_icao24, given.declared_network)
        if same and (any_label or held.label == given.label) and _data_is_there(root, held):
            return path
    return None


def _data_is_there(root: Path, entry: Entry) -> bool:
    with contextlib.suppress(OSError):
        return all(os.stat(root / file.path).st_size == file.size_bytes for file in entry.files)
    return False


def refuse_changed(held: Sequence[Path], label: str, sha256: str, *, new: Entry | None = None) -> None:
    """InputError where one of the entries `held` under the label has another content that may not go unasked.

    An incomplete one gives way to what is complete, or has more bytes; whether that is so is seen of `new`, the entry
    that was made, and passes while there is none yet.
    """
    for path in held:
        entry = _loaded(path)
        if entry is None or entry.sha256 == sha256:
            continue
        if entry.incomplete and (new is None or not new.incomplete or new.size_bytes > entry.size_bytes):
            continue
        less = ", and more of it than there is here" if entry.incomplete else ""
        raise InputError(
            f"is in the archive with another content (sha256 {entry.sha256[:12]}…, here {sha256[:12]}…){less}",
            file=label,
            accepted="--replace to take this one in its place; another name, or its folder, if it is another file",
        )


def read_otherwise(root: Path, new: Entry) -> list[Path]:
    """The manifest's files of the same content, read with other options to other rows: --input-tz, --mapping."""
    found = []
    for item in manifest.listed(root):
        if _about(item.path)[2] == new.content_sha256:
            held = _loaded(item.path)
            if held is not None and differs(held, new):
                found.append(item.path)
    return found


def differs(one: Entry, other: Entry) -> bool:
    """Whether options made other rows of the content."""
    return dict(one.options) != dict(other.options) and _rows(one) != _rows(other)


def _rows(entry: Entry) -> tuple[object, ...]:
    listed = None if entry.listed is None else entry.listed.sha256
    return tuple(file.sha256 for file in entry.positions), listed, entry.accounting


def refuse_read_otherwise(root: Path, new: Entry) -> None:
    """InputError where the archive holds the same content, read with other options to other rows."""
    for path in read_otherwise(root, new):
        held = _loaded(path)
        if held is not None:
            raise InputError(
                f"is in the archive as {held.label}, read with other options (--input-tz {_zone(held)}, here "
                f"{_zone(new)}; or another --mapping): its times cannot be both",
                file=new.label,
                accepted="the same options, or --replace to take this one in its place",
            )


def _zone(entry: Entry) -> str:
    return str(entry.options.get("input_tz") or "not given")


def came_meanwhile(root: Path, own: Path, label: str, sha256: str, known: Sequence[Path]) -> list[Path]:
    """Other contents that another run has put under the label since this run looked."""
    passed = {own, *known}
    paths = [item.path for item in manifest.listed(root) if item.path not in passed]
    return [path for path in paths if _about(path)[0] == label and _about(path)[1] != sha256]


def _about(path: Path) -> tuple[str, str, str]:
    if path not in _seen:
        entry = _loaded(path)
        if entry is None:
            return "", "", ""
        _seen[path] = (entry.label, entry.sha256, entry.content_sha256)
    return _seen[path]


def _loaded(path: Path) -> Entry | None:
    """The entry; None where it is gone or damaged."""
    with contextlib.suppress(LocatedError):
        return manifest.load_if_there(path)
    return None


def give_way(root: Path, held: Sequence[Path], name: str) -> tuple[Path, ...]:
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
        remove_file(root, root / manifest.FOLDER / manifest.SUPERSEDED / name)
    return tuple(held)
