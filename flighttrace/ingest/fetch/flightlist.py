"""OpenSky's flight lists of 2019 to 2022 ("COVID-19 data set"): a month a file, in a Zenodo record with versions.

    flightlist_20200901_20200930.csv.gz

The record's own list names each file with its size and md5. A version of it need not hold every month.
Source: Zenodo record 3931948; Zenodo's REST API, "Records".
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any, Final

from flighttrace.errors import FlighttraceError, UsageError, shown
from flighttrace.ingest.fetch.model import Missing, Plan, Wanted
from flighttrace.ingest.fetch.sources import Asker, Request, is_gone, months_of, needed
from flighttrace.ingest.fetch.table import Table

KEY: Final = "flightlist"
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_DIGEST: Final = re.compile(r"(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})")
_MOST_BYTES: Final = 2 * 1024**3


def plan(request: Request, table: Table, asker: Asker) -> Plan:
    """A file a month; months that the record does not list as missing."""
    months = request.months or months_of(request.days)
    needed(months, "a month (--month YYYY-MM)")
    source = table[KEY]
    assert source.first_day is not None
    assert source.last_day is not None
    files: list[Wanted] = []
    missing: list[Missing] = []
    within: list[tuple[str, date]] = []
    for month in months:
        first = _first_day(month)
        if source.first_day <= first <= source.last_day:
            within.append((month, first))
        else:
            missing.append(Missing(KEY, f"{KEY} {month}", f"the lists are of {source.holds}", first, never_held=True))
    record, listed = _record(table, asker) if within else (0, {})
    for month, first in within:
        name = f"flightlist_{first:%Y%m}01_{first:%Y%m}{calendar.monthrange(first.year, first.month)[1]:02d}.csv.gz"
        if name not in listed:
            missing.append(Missing(KEY, f"{KEY} {month}", f"record {record} lists no {name}", first))
            continue
        size, digest = listed[name]
        files.append(
            Wanted(
                source=KEY,
                url=table.address(KEY, "file", record=record, name=name),
                name=name,
                size_bytes=size,
                digest=digest,
                day=first,
                group=month,
                form="gzip",
                most_bytes=_MOST_BYTES,
            )
        )
    return Plan(tuple(files), tuple(missing), (f"terms: {source.terms}",))


def _first_day(month: str) -> date:
    match = _MONTH.fullmatch(month)
    if match is None:
        raise UsageError(f"--month {shown(month)} (accepted: YYYY-MM)")
    return date(int(match[1]), int(match[2]), 1)


def _record(table: Table, asker: Asker) -> tuple[int, dict[str, tuple[int | None, str]]]:
    """The record's number, which the address redirects to where there is a newer version, and name → (size, digest)."""
    answer = asker.ask(table.address(KEY, "record"))
    held: Any = None if is_gone(answer) else answer.json()
    files = held.get("files") if isinstance(held, dict) else None
    number = held.get("id") if isinstance(held, dict) else None
    if isinstance(number, str) and number.isdecimal():
        number = int(number)
    if not isinstance(files, list) or type(number) is not int:
        raise FlighttraceError(f"{KEY}: the answer is no record with files (`fetch --self-test`)")
    listed: dict[str, tuple[int | None, str]] = {}
    for one in files:
        name = one.get("key") if isinstance(one, dict) else None
        if isinstance(name, str):
            size, digest = one.get("size"), one.get("checksum")
            listed[name] = (
                size if type(size) is int and size >= 0 else None,
                digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else "",
            )
    return number, listed
