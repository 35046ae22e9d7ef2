"""Files of a plan by name, and what an archive holds of them by the custody of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.archive.origins import origins_in
from flighttrace.ingest.archive.runs import inputs_of
from flighttrace.ingest.fetch.model import Wanted
from flighttrace.ingest.files import InputFile


def groups_of(files: Sequence[Wanted]) -> list[list[Wanted]]:
    """Files that are only whole together, in the order of the plan; any other alone."""
    found: dict[tuple[str, str], list[Wanted]] = {}
    for wanted in files:
        found.setdefault((wanted.source, wanted.group or wanted.name), []).append(wanted)
    return list(found.values())


def label_of(wanted: Wanted) -> str:
    """What the archive says it lacks where a file does not come."""
    return f"{wanted.source} {wanted.group or wanted.name}"


def entry_label(group: Sequence[Wanted]) -> str:
    """The label of the entry that a group becomes: the file's name, or what the parts' names begin with."""
    return inputs_of([InputFile(w.name, Path(w.name), w.name, in_folder=False) for w in group])[0].label


def key(wanted: Wanted) -> tuple[str, str]:
    """Source and name: what a file is known by."""
    return wanted.source, wanted.name


def key_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """The same, of a record of custody."""
    return record["source"], record["name"]


def same(record: Mapping[str, Any], wanted: Wanted) -> bool:
    """False where the source now tells another size or digest, another address is asked, or its days were not over."""
    asked = {urlsplit(url)[:3] for url in (wanted.url, *wanted.elsewhere)}
    if urlsplit(record["url_asked"])[:3] not in asked:
        return False
    if wanted.until is not None and str(record["utc"])[:10] <= str(wanted.until):
        return False  # brought before its last day was over: it may hold more by now
    if wanted.size_bytes is not None and record.get("size_bytes") != wanted.size_bytes:
        return False
    return not (wanted.digest and record.get("source_digest") and record["source_digest"] != wanted.digest)


def held(archive: Path, entries: Sequence[Entry]) -> dict[tuple[str, str], tuple[dict[str, Any], Entry]]:
    """(source, name) → custody and entry of the files that are in the archive."""
    made: dict[str, Entry] = {}
    for entry in entries:
        for sha256 in [sha256 for _, sha256 in entry.parts] or [entry.sha256]:
            made.setdefault(sha256, entry)
    records = sorted(origins_in(archive), key=lambda one: str(one["utc"]))  # the latest of a name stands
    return {key_of(one): (one, made[one["sha256"]]) for one in records if one["sha256"] in made}
