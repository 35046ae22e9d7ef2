"""Tables of airframes: address to registration, type and operator.

| table | form |
|---|---|
| opensky | CSV with a header, quoted with " or '; icao24, registration, typecode, operator among the columns |
| tar1090-db | packed CSV without a header, cut at semicolons: address; registration; type; flags; description; … |

Their rows bear no dates: they speak for the day of bringing at best. They are printed beside a leg, and never make
or raise evidence. Source: OpenSky's metadata page; wiedehopf/tar1090-db, branch csv.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final, TextIO

from flighttrace.errors import InputError, UsageError, shown
from flighttrace.ingest.fetch.model import Plan, Wanted
from flighttrace.ingest.fetch.sources import Asker, Request
from flighttrace.ingest.fetch.table import Table

KEY: Final = "airframes"
TABLES: Final = ("opensky", "tar1090-db")
_NAMES: Final = {"opensky": "airframes_opensky_{day}.csv", "tar1090-db": "airframes_tar1090-db_{day}.csv.gz"}
_FORMS: Final = {"opensky": "csv", "tar1090-db": "gzip"}
_ADDRESS: Final = re.compile(r"[0-9a-f]{6}")
_COLUMNS: Final = ("icao24", "registration", "typecode", "operator")
_MOST_BYTES: Final = 512 * 1024**2
_MOST_ROWS: Final = 3_000_000
_LONGEST: Final = 80
_LONGEST_LINE: Final = 64 * 1024

Row = tuple[str, str, str, str]
"""icao24, registration, typecode, operator; empty where the table states none."""


def plan(request: Request, table: Table, asker: Asker) -> Plan:
    """The one file of the table that `variant` names."""
    which = request.variant or TABLES[0]
    if which not in TABLES:
        raise UsageError(f"--table {shown(which)} (accepted: {', '.join(TABLES)})")
    wanted = Wanted(
        source=KEY,
        url=table.address(KEY, which),
        name=_NAMES[which].format(day=request.today),
        day=request.today,
        group=which,
        form=_FORMS[which],
        most_bytes=_MOST_BYTES,
    )
    return Plan((wanted,), (), (f"terms: {table[KEY].terms}",))


def table_of(wanted: Wanted) -> tuple[str, date]:
    """Which table a file is, and of what day."""
    assert wanted.day is not None
    return wanted.group, wanted.day


def rows_of(path: Path, which: str) -> Iterator[Row]:
    """The rows that have an address and state something of it. InputError where the file is no such table."""
    with _opened(path) as text:
        yield from rows_in(text, path.name, which)


def rows_in(text: TextIO, file: str, which: str) -> Iterator[Row]:
    """The same of an open text; `file` is its name in errors."""
    try:
        yield from _opensky(text, file) if which == "opensky" else _tar1090(text, file)
    except (csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"breaks off or is damaged: {shown(error)}", file=file) from error


def _opened(path: Path) -> TextIO:
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="")
    return open(path, encoding="utf-8", errors="replace", newline="")


def _opensky(text: TextIO, file: str) -> Iterator[Row]:
    first = next(_lines(text, file), "")
    quote = "'" if first.lstrip("\ufeff").startswith("'") else '"'
    header = [name.strip().lower() for name in next(csv.reader([first.lstrip("\ufeff")], quotechar=quote), [])]
    if not {"icao24", "registration"} <= set(header):
        raise InputError("is no table of airframes", file=file, accepted="columns icao24, registration, typecode")
    at = [header.index(name) if name in header else -1 for name in _COLUMNS]
    found = False
    for number, row in enumerate(csv.reader(_lines(text, file), quotechar=quote)):
        _check_count(number, file)
        made = list(_row([row[i] if 0 <= i < len(row) else "" for i in at]))
        found = found or bool(made)
        yield from made
    if not found:
        raise InputError("is a table of airframes without an airframe", file=file)


def _tar1090(text: TextIO, file: str) -> Iterator[Row]:
    found = False
    for number, row in enumerate(csv.reader(_lines(text, file), delimiter=";", quoting=csv.QUOTE_NONE)):
        _check_count(number, file)
        made = list(_row([*row[:3], ""])) if len(row) > 2 else []
        found = found or bool(made)
        if number > 1000 and not found:
            break
        yield from made
    if not found:
        raise InputError("is no table of airframes", file=file, accepted="lines such as 613133;4K-78131;IL76;…")


def _lines(text: TextIO, file: str) -> Iterator[str]:
    """The lines, none of them held before it is known to be short: a packed one may be of any size."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise InputError(f"a line of {_LONGEST_LINE:,} characters or more", file=file)
        yield line


def _row(values: list[str]) -> Iterator[Row]:
    icao24, *about = (shown(value.strip(), _LONGEST) for value in values)
    if _ADDRESS.fullmatch(icao24.lower()) and any(about):
        yield (icao24.lower(), about[0], about[1], about[2])


def _check_count(number: int, file: str) -> None:
    if number > _MOST_ROWS:
        raise InputError(f"more than {_MOST_ROWS:,} rows", file=file)
