"""Whether each live source still answers in the shape that is expected of it: its smallest document, asked once, and
of its large files the first bytes, which have to be recognised by the reader that will read the whole.

The sources could not be tried when this was written. A user runs `flighttrace fetch --self-test` once, and again when
something no longer comes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal, Protocol

from flighttrace.errors import FlighttraceError, InputError, shown
from flighttrace.ingest.fetch import adsblol, airframes, flightlist, opensky_rest, opensky_states, readsb
from flighttrace.ingest.fetch.beginnings import GZIP, gunzipped, tar_members, whole_lines
from flighttrace.ingest.fetch.faults import FetchError
from flighttrace.ingest.fetch.sources import Request
from flighttrace.ingest.fetch.table import Table
from flighttrace.ingest.readers import READERS
from flighttrace.ingest.recognise import reader_of
from flighttrace.ingest.records import Content

State = Literal["ok", "not ok", "not asked"]
A_DAY: Final = date(2023, 9, 14)
"""Of adsb.lol: a day that its pages name as held."""
A_MONDAY: Final = date(2020, 9, 28)
AN_HOUR: Final = 6
"""Of OpenSky's samples, in the window of the first case."""
A_MONTH: Final = "2020-09"
BUSY: Final = "EDDF"
"""An airport with flights on every day."""
_MOST_BYTES: Final = 16 * 1024**2
_FIRST_BYTES: Final = 1024**2
"""Of a large file: some members of a tar, or some thousand lines."""


class Answered(Protocol):
    """What the checks look at."""

    @property
    def status(self) -> int: ...

    @property
    def content(self) -> bytes: ...

    def json(self) -> Any: ...


Ask = Callable[..., Answered]


@dataclass(frozen=True)
class Checked:
    """One source's row."""

    source: str
    state: State
    detail: str


def self_test(table: Table, ask: Ask, *, today: date, base: str = "", account: bool = False) -> Iterator[Checked]:
    """One row a source, as it is answered. Never raises for a source that fails."""
    probes: list[tuple[str, Callable[[], tuple[State, str]]]] = [
        (adsblol.KEY, lambda: _adsblol(table, ask)),
        (flightlist.KEY, lambda: _flightlist(table, ask)),
        (opensky_rest.FLIGHTS, lambda: _flights(table, ask, today)),
        (opensky_rest.TRACKS, lambda: _tracks(table, ask, today, account)),
        (opensky_states.KEY, lambda: _states(table, ask)),
        (airframes.KEY, lambda: _airframes(table, ask, today)),
        (readsb.KEY, lambda: _readsb(ask, base)),
    ]
    for source, probe in probes:
        try:
            state, detail = probe()
        except FlighttraceError as error:
            state, detail = "not ok", str(error)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            state, detail = "not ok", f"not the shape expected: {shown(error, 200)}"
        yield Checked(source, state, detail)


def _adsblol(table: Table, ask: Ask) -> tuple[State, str]:
    plan = adsblol.plan(Request(days=(A_DAY,)), table, _Asks(ask))
    if plan.missing:
        return "not ok", plan.missing[0].reason
    if any(wanted.size_bytes is None for wanted in plan.files):
        return "not ok", "a release is listed without the sizes of its files"
    digests = sum(bool(wanted.digest) for wanted in plan.files)
    listed = f"the release of {A_DAY} lists {len(plan.files)} files of the tar with sizes, {digests} with digests"
    members = tar_members(_beginning(ask, plan.files[0].url))
    if not members:
        return "not ok", f"{listed}; the first of them does not begin as a tar"
    traces = [(name, data) for name, data, whole in members if whole and "trace_full_" in name]
    if not traces:
        return "ok", f"{listed}; among its first members, {shown(members[0][0], 80)} …, is no whole trace"
    name, data = traces[0]
    state, found = _recognised("readsb-trace-json", name, gunzipped(data) or data)
    return state, f"{listed}; the first trace {found}"


def _flightlist(table: Table, ask: Ask) -> tuple[State, str]:
    plan = flightlist.plan(Request(months=(A_MONTH,)), table, _Asks(ask))
    if plan.missing:
        return "not ok", plan.missing[0].reason
    wanted = plan.files[0]
    if wanted.size_bytes is None or not wanted.digest:
        return "not ok", f"{wanted.name} is listed without size or digest"
    text = whole_lines(gunzipped(_beginning(ask, wanted.url)))
    state, found = _recognised("opensky-flightlist-csv", wanted.name, text)
    return state, f"the record lists {wanted.name} with size and digest, which {found}"


def _flights(table: Table, ask: Ask, today: date) -> tuple[State, str]:
    begin = int(datetime.combine(today - timedelta(days=3), time(10), UTC).timestamp())
    params = {"airport": BUSY, "begin": str(begin), "end": str(begin + 3600)}
    url = table.address(opensky_rest.FLIGHTS, "arrival")
    answer = ask(url, params=params, with_token=True, most_bytes=_MOST_BYTES)
    if answer.status == 404:
        return "not ok", f"404: no flight is listed for an hour of {BUSY}"
    return _recognised_answer("opensky-flights-json", answer)


def _tracks(table: Table, ask: Ask, today: date, account: bool) -> tuple[State, str]:
    if not account:
        return "not asked", "needs an account (OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET)"
    begin = int(datetime.combine(today - timedelta(days=3), time(10), UTC).timestamp())
    params = {"airport": BUSY, "begin": str(begin), "end": str(begin + 3600)}
    url = table.address(opensky_rest.FLIGHTS, "arrival")
    flights = ask(url, params=params, with_token=True, most_bytes=_MOST_BYTES).json()
    seen = {"icao24": str(flights[0]["icao24"]), "time": str(flights[0]["firstSeen"] + 60)}
    answer = ask(table.address(opensky_rest.TRACKS, "track"), params=seen, with_token=True, most_bytes=_MOST_BYTES)
    if answer.status == 404:
        return "not ok", "404: a flight is listed, and its track is not there"
    return _recognised_answer("opensky-tracks-json", answer)


def _states(table: Table, ask: Ask) -> tuple[State, str]:
    answer = ask(table.address(opensky_states.KEY, "about"), most_bytes=_MOST_BYTES)
    if answer.status == 404:
        return "not ok", "404: its README is not there"
    text = answer.content.decode("utf-8", "replace").lower()
    named = [name for name in ("lastposupdate", "lastcontact", "icao24") if name not in text]
    if named:
        return "not ok", f"its README does not speak of {', '.join(named)}"
    plan = opensky_states.plan(Request(days=(A_MONDAY,), hours=(AN_HOUR,)), table, _Asks(ask))
    for url in (plan.files[0].url, *plan.files[0].elsewhere):
        begins = ask(url, first_bytes=_FIRST_BYTES)
        if begins.status != 404:
            break
    else:
        return "not ok", f"404: hour {AN_HOUR} of {A_MONDAY} is at none of its addresses"
    packed = [(name, data) for name, data, _ in tar_members(begins.content) if ".csv" in name]
    if not packed:
        return "not ok", f"{plan.files[0].name} does not begin as a tar with a CSV in it"
    name, data = packed[0]
    state, found = _recognised("opensky-states-csv", name, whole_lines(gunzipped(data)))
    return state, f"its README names the columns that are read; the beginning of an hour {found}"


def _airframes(table: Table, ask: Ask, today: date) -> tuple[State, str]:
    found = []
    for which in airframes.TABLES:
        wanted = airframes.plan(Request(variant=which, today=today), table, _Asks(ask)).files[0]
        data = _beginning(ask, wanted.url)
        text = whole_lines(gunzipped(data) if data[:2] == GZIP else data)
        try:
            count = sum(1 for _ in airframes.rows_in(io.StringIO(text.decode("utf-8", "replace")), wanted.name, which))
        except InputError as error:
            return "not ok", f"{which}: {error}"
        found.append(f"{which} begins with {count} airframes")
    return "ok", "; ".join(found)


def _readsb(ask: Ask, base: str) -> tuple[State, str]:
    if not base:
        return "not asked", "no instance is named (--base URL)"
    answer = ask(f"{base.rstrip('/')}/data/receiver.json", most_bytes=_MOST_BYTES)
    if answer.status == 404:
        return "not ok", "404: no data/receiver.json below the address, which an instance of readsb or tar1090 has"
    held = answer.json()
    if not isinstance(held, dict) or not {"version", "refresh"} & held.keys():
        return "not ok", "data/receiver.json has neither version nor refresh"
    return "ok", "an instance of readsb or tar1090; whether it keeps the days shows on bringing"


def _recognised_answer(reader: str, answer: Answered) -> tuple[State, str]:
    return _recognised(reader, "answer", answer.content)


def _recognised(reader: str, name: str, data: bytes) -> tuple[State, str]:
    try:
        found = reader_of(Content(name, data), READERS, ()).NAME
    except InputError as error:
        return "not ok", f"is not recognised: {error.problem}"
    if found != reader:
        return "not ok", f"is recognised as {found}, not as {reader}"
    return "ok", f"is recognised as {found}"


def _beginning(ask: Ask, url: str) -> bytes:
    answer = ask(url, first_bytes=_FIRST_BYTES)
    if answer.status in (404, 410):
        raise FetchError(f"is listed, and answered {answer.status}", url)
    return answer.content


class _Asks:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def ask(self, url: str, **options: Any) -> Answered:
        return self._ask(url, **options)
