"""A readsb or tar1090 instance with history: one airframe, one UTC day a file, gzip although it is named .json.

    BASE/globe_history/2023/09/14/traces/33/trace_full_613133.json

The instance is the one that `--base` names; no other is ever asked in its place. Where it answers 404 the airframe
was not heard that day, or the day is not kept: the answer does not tell which.
Source: wiedehopf/readsb, README-json.md, "trace jsons".
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from flighttrace.errors import UsageError
from flighttrace.ingest.fetch.model import Plan, Wanted
from flighttrace.ingest.fetch.sources import Asker, Request, needed
from flighttrace.ingest.fetch.table import Table, checked_base, host_of

KEY: Final = "readsb"
_MOST_BYTES: Final = 256 * 1024**2


def plan(request: Request, table: Table, asker: Asker, allowed: frozenset[str] = frozenset()) -> Plan:
    """A file for each airframe and day. The instance is not asked before: it has no list."""
    if not request.base:
        raise UsageError("fetch readsb needs --base URL, the instance to ask; no other is asked in its place")
    needed(request.days, "days (--from, --to)")
    needed(request.icao24, "an airframe (--icao24)")
    base = checked_base(request.base, allowed)
    host = re.sub(r"[^0-9A-Za-z.-]", "-", host_of(base))
    instance = hashlib.sha256(base.encode()).hexdigest()[:6]  # a host may have several
    files = tuple(
        Wanted(
            source=KEY,
            url=table.address(
                KEY,
                "trace",
                base=base,
                year=f"{day:%Y}",
                month=f"{day:%m}",
                dom=f"{day:%d}",
                last_two=icao24[-2:],
                icao24=icao24,
            ),
            name=f"{host}-{instance}_{day}_trace_full_{icao24}.json",
            day=day,
            until=day,
            most_bytes=_MOST_BYTES,
        )
        for icao24 in request.icao24
        for day in request.days
    )
    return Plan(files, (), (f"terms: {table[KEY].terms}",))
