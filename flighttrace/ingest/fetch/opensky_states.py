"""OpenSky's public samples of state vectors: every Monday, an hour a tar with one packed CSV.

    states/.2020-09-21/07/states_2020-09-21-07.csv.tar

The folder of a day has been written with and without a dot, and the site has an address of its own: they are asked in
turn. Source: the samples' README; "extracted every Tuesday night for the preceding day".
"""

from __future__ import annotations

from datetime import date
from typing import Final

from flighttrace.errors import UsageError
from flighttrace.ingest.fetch.model import Missing, Plan, Wanted
from flighttrace.ingest.fetch.sources import Asker, Request, needed
from flighttrace.ingest.fetch.table import Table

KEY: Final = "opensky-states-sample"
_ADDRESSES: Final = ("hour", "hour_undotted", "hour_at_site")
_MONDAY: Final = 0
_MOST_BYTES: Final = 2 * 1024**3


def plan(request: Request, table: Table, asker: Asker) -> Plan:
    """The hours' files of those days that are Mondays. The source has no list: what is not there shows on bringing."""
    needed(request.days, "a day (--date, or --from and --to)")
    hours = request.hours or tuple(range(24))
    if not set(hours) <= set(range(24)):
        raise UsageError("--hours: accepted are 0 to 23, such as 6-9,12")
    other = [day for day in request.days if day.weekday() != _MONDAY]
    mondays = [day for day in request.days if day.weekday() == _MONDAY]
    reason = "the samples are of Mondays, and no day asked for is one"
    missing = () if mondays else tuple(Missing(KEY, f"{KEY} {day}", reason, day, never_held=True) for day in other)
    passed = (f"{len(other)} of the days are no Mondays and not among the samples",) if mondays and other else ()
    files = tuple(_wanted(day, hour, table) for day in mondays for hour in sorted(set(hours)))
    return Plan(files, missing, (f"terms: {table[KEY].terms}", *passed))


def hour_of(name: str) -> int:
    """Hours since 1970 UTC of a file that is named as `plan` names it."""
    day, hour = date.fromisoformat(name[7:17]), int(name[18:20])
    return (day - date(1970, 1, 1)).days * 24 + hour


def _wanted(day: date, hour: int, table: Table) -> Wanted:
    urls = [table.address(KEY, address, day=day, hour=f"{hour:02d}") for address in _ADDRESSES]
    return Wanted(
        source=KEY,
        url=urls[0],
        name=f"states_{day}-{hour:02d}.csv.tar",
        day=day,
        form="tar",
        most_bytes=_MOST_BYTES,
        elsewhere=tuple(dict.fromkeys(url for url in urls[1:] if url != urls[0])),
    )
