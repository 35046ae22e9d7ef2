"""Contents → rows: what reading into memory and taking into an archive have in common."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from flighttrace.errors import InputError, LocatedError, UnknownFormatError, shown
from flighttrace.ingest.containers import Container
from flighttrace.ingest.identity import Member
from flighttrace.ingest.prose import is_prose
from flighttrace.ingest.records import Content, Reader, ReadOptions
from flighttrace.ingest.table import Part, Rows, alike, convert

_READER_FAULTS: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError, RecursionError)


def read_content(reader: Reader, content: Content, options: ReadOptions) -> Part:
    """The records that the reader finds. A fault of the reader itself is an InputError that says so."""
    try:
        records = reader.read(content, options)
    except _READER_FAULTS as error:
        raise InputError(
            f"a fault of flighttrace in reader {reader.NAME} ({type(error).__name__}: {shown(error)}); "
            "run with --debug and report it",
            file=content.file,
        ) from error
    return Part(content.file, records, hashlib.sha256(content.data).hexdigest())


def pass_over(error: LocatedError, content: Content, container: Container) -> None:
    """A member of a tar that gave an error: a text about the data is counted, all else is a failure."""
    if isinstance(error, UnknownFormatError) and is_prose(content.member, content.data):
        container.skipped[content.member] += 1
    else:
        container.failures.append(error)


def converted(
    parts: Sequence[tuple[Reader, Part]], *, zone: ZoneInfo | None, is_tar: bool, failures: list[LocatedError]
) -> list[Rows]:
    """Parts that agree are converted together; where that fails, one by one: a bad member is one failure.

    Column `member` of the rows counts in `parts`, whatever groups they came in. Outside a tar a failure is raised.
    """
    groups: list[list[int]] = []
    for at, (_, part) in enumerate(parts):
        for group in groups:
            if alike(parts[group[0]][1].records, part.records):
                group.append(at)
                break
        else:
            groups.append([at])
    rows: list[Rows] = []
    for group in groups:
        try:
            rows.append(_convert([parts[at][1] for at in group], group, zone))
        except InputError:
            if not is_tar:
                raise
            for at in group:
                try:
                    rows.append(_convert([parts[at][1]], [at], zone))
                except InputError as error:
                    failures.append(error)
    return rows


def _convert(parts: list[Part], numbers: list[int], zone: ZoneInfo | None) -> Rows:
    rows = convert(parts, zone=zone)
    rows.frame["member"] = np.asarray(numbers, dtype=np.int64)[rows.frame["member"].to_numpy()]
    return rows


def member_of(part: Part) -> Member:
    """What the keys and links of a part's rows hang on. Its own name counts, never the archive's."""
    r = part.records
    return Member(part.sha256, r.link_space, (_digits_at_end(part.file) or "") if r.flight_in_file_name else None)


def _digits_at_end(label: str) -> str | None:
    """The flight id in `20170205_207507520.csv` or `….csv.gz`: the name's digits after the last underscore."""
    found = re.search(r"(?:^|[_/!])(\d+)(?:\.[A-Za-z]+)*$", label)
    return found.group(1) if found else None


def folder_flags(labels: Iterable[str]) -> tuple[str, ...]:
    """How many of a readsb archive's 256 trace folders are there: a cut archive otherwise reads as "no flights"."""
    folders = {m.group(1) for label in labels if (m := re.search(r"traces/([0-9a-f]{2})/", label))}
    return (f"traces of {len(folders)} of 256 address groups",) if 0 < len(folders) < 256 else ()
