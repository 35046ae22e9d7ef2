"""What the fetch commands share: request, client, plan, job, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flighttrace.cli_fetch_progress import fetch_progress
from flighttrace.cli_say import put, say
from flighttrace.errors import UsageError, shown

if TYPE_CHECKING:
    from flighttrace.ingest.fetch.client import Client
    from flighttrace.ingest.fetch.job import Done
    from flighttrace.ingest.fetch.model import Plan, Wanted
    from flighttrace.ingest.fetch.sources import Request
    from flighttrace.ingest.fetch.table import Table

Options = Mapping[str, Any]
Planner = Callable[["Request", "Table", Any], "Plan"]
_MOST_LISTED: Final = 20
_ACCOUNT: Final = "opensky-account"
_WITH_ACCOUNT: Final = ("opensky-flights", "opensky-tracks")


def run(
    source: str,
    planner: Planner,
    options: Options,
    *,
    days: bool = False,
    icao24: bool = False,
    airports: bool = False,
) -> int:
    """Plan, and with it bring and take in, unless it is only to be printed. The flags: what a case may fill in.

    source: key in the table; no other source's host is asked, not by a redirect either.
    """
    from flighttrace.ingest.fetch.table import load_table

    if not (options["plan_only"] or options["archive"] or options["keep"]):
        raise UsageError("name where the files go: --archive DIR, --keep DIR, or both; --plan brings nothing")
    table = load_table(options["sources_file"])
    request = _request(options, days=days, icao24=icao24, airports=airports)
    with fetch_progress() as (told, reading), _client(table, source, options, told, request.base) as client:
        plan = planner(request, table, client)
        if options["plan_only"]:
            put(_planned(plan), None)
            return 0
        _say_plan(plan)
        from flighttrace.ingest.fetch.job import carry_out

        done = carry_out(
            _within(plan, options["max_bytes"]),
            client,
            archive=Path(options["archive"]) if options["archive"] else None,
            keep=Path(options["keep"]) if options["keep"] else None,
            replace_changed=options["replace_changed"],
            reading=reading,
        )
    return _say_done(plan, done)


def _request(options: Options, *, days: bool, icao24: bool, airports: bool) -> Request:
    """The request that the options state; what they leave open is the case's, where one is named."""
    from flighttrace.ingest.fetch.sources import Request, days_of
    from flighttrace.weigh.query import address

    today = datetime.now(UTC).date()
    first, last = options.get("first"), options.get("last")
    if last is not None and first is None:
        raise UsageError("--to needs a first day, too")
    asked_days = days_of(first, last or first) if first is not None else ()
    asked_icao24 = tuple(dict.fromkeys(address(text) for text in options.get("icao24", ())))
    asked_airports = tuple(dict.fromkeys(_airport(text) for text in options.get("airport", ())))
    if options.get("case_name"):
        from flighttrace.match.places import load_airfields
        from flighttrace.weigh.case import load_case
        from flighttrace.weigh.tracks_wanted import LONGEST_DAYS, tracks_wanted

        wanted = tracks_wanted(load_case(options["case_name"], airfields=load_airfields()))
        if days and not asked_days:
            asked_days = wanted.days
            if wanted.left_out:
                claims = ", ".join(wanted.left_out)
                say(f"windows of more than {LONGEST_DAYS} days are left out ({claims}): name their days yourself")
            say("the days are those of the windows: a leg over midnight at their edges needs the day beside, too")
        named = bool(asked_icao24 or asked_airports)
        if airports and not named:
            _say_left_out("fields without an ICAO code", wanted.fields_left_out)
            _say_left_out("places on none of the case's routes", wanted.places_left_out)
        asked_icao24 = wanted.icao24 if icao24 and not named else asked_icao24
        asked_airports = wanted.airports if airports and not named else asked_airports
    return Request(
        days=asked_days,
        icao24=asked_icao24,
        airports=asked_airports,
        months=options.get("months", ()),
        hours=options.get("hours", ()),
        variant=options.get("variant", ""),
        base=options.get("base", ""),
        today=today,
    )


def _say_left_out(what: str, names: tuple[str, ...]) -> None:
    if names:
        say(f"{what} are not asked for ({', '.join(names)}): name their fields with --airport")


def _airport(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{4}", code):
        raise UsageError(f"--airport {shown(text)!r} is no ICAO code (accepted: four letters, such as LLOV)")
    return code


def _within(plan: Plan, most: int | None) -> Plan:
    """The plan with no file above `most` bytes."""
    from dataclasses import replace

    if most is None:
        return plan
    return replace(plan, files=tuple(replace(w, most_bytes=min(w.most_bytes or most, most)) for w in plan.files))


@contextmanager
def _client(table: Table, source: str, options: Options, told: Any, base: str = "") -> Iterator[Client]:
    """For one source, or with "" for all."""
    from flighttrace.ingest.fetch.client import Client
    from flighttrace.ingest.fetch.rules import Rules
    from flighttrace.ingest.fetch.table import host_of
    from flighttrace.ingest.fetch.tokens import Tokens

    more: dict[str, Any] = {} if options.get("max_bytes") is None else {"most_bytes": options["max_bytes"]}
    rules = Rules(
        hosts=table.hosts(*_asked(source)) | ({host_of(base)} - {""}),
        allowed=frozenset(options["allowed"]) | table.named(*_asked(source)),
        trust_env=options["trust_env"],
        ca_file=Path(options["ca_file"]) if options["ca_file"] else None,
        rate_per_s=table.rates | ({host_of(base): table["readsb"].rate_per_s} if base else {}),
        **more,
    )
    tokens = Tokens(table.address(_ACCOUNT, "token"))
    elsewhere = table.named(_ACCOUNT, *_WITH_ACCOUNT) & table.named(*_asked(source))
    if tokens.given and elsewhere and source in ("", *_WITH_ACCOUNT):
        hosts = ", ".join(sorted(elsewhere))
        say(f"the file of sources names {hosts}: the account's id and secret, or the token made from them, go there")
    terms = {source.key: source.terms for source in table.sources.values()}
    with Client(rules, tokens=tokens, told=told, terms=terms) as client:
        yield client


def _asked(source: str) -> tuple[str, ...]:
    """The sources whose hosts a run for one may ask: itself, and the account's. None, which means all, for ""."""
    if not source:
        return ()
    return (source, _ACCOUNT) if source in _WITH_ACCOUNT else (source,)


def self_test_of(base: str, options: Options) -> int:
    """A row a source on stdout; 1 where one is not ok."""
    from flighttrace.ingest.fetch.selftest import self_test
    from flighttrace.ingest.fetch.table import checked_base, load_table
    from flighttrace.ingest.fetch.tokens import Tokens

    base = checked_base(base, frozenset(options["allowed"])) if base else ""
    table = load_table(options["sources_file"])
    tokens = Tokens(table.address(_ACCOUNT, "token"))
    bad = 0
    with _client(table, "", options, None, base) as client:
        today = datetime.now(UTC).date()
        for row in self_test(table, client.ask, today=today, base=base, account=tokens.given):
            bad += row.state == "not ok"
            put(f"{row.state:9}  {row.source:21}  {shown(row.detail, 300)}\n", None)
    return 1 if bad else 0


# -- what is said ------------------------------------------------------------------------------------------------------


def _planned(plan: Plan) -> str:
    """The plan on stdout: a file a line with its size and address, what is missing, sums and notes."""
    lines = [f"{_size(w):>10}  {shown(w.name, 120)}  {shown(_whole(w), 300)}" for w in plan.files]
    lines += [f"not there   {missing.what}: {missing.reason}" for missing in plan.missing]
    lines.append(_sum(plan))
    lines += list(plan.notes)
    return "\n".join(lines) + "\n"


def _whole(wanted: Wanted) -> str:
    from urllib.parse import urlencode

    return wanted.url + (f"?{urlencode(wanted.params)}" if wanted.params else "")


def _size(wanted: Wanted) -> str:
    return "size ?" if wanted.size_bytes is None else f"{wanted.size_bytes / 1e6:,.1f} MB"


def _sum(plan: Plan) -> str:
    known = [w.size_bytes for w in plan.files if w.size_bytes is not None]
    untold = len(plan.files) - len(known)
    text = f"{len(plan.files)} files, {sum(known) / 1e6:,.1f} MB"
    text += f" and {untold} whose size the source does not tell before" if untold else ""
    return text + f"; {len(plan.missing)} missing"


def _say_plan(plan: Plan) -> None:
    for missing in plan.missing:
        say(f"not there: {missing.what}: {missing.reason}")
    say(_sum(plan))
    for note in plan.notes:
        say(note)


def _say_done(plan: Plan, done: Done) -> int:
    for wanted in done.nothing[:_MOST_LISTED]:
        say(f"nothing there: {shown(wanted.name, 200)}")
    if done.nothing:
        say(f"{len(done.nothing)} files asked for hold nothing at the source: no statement that nothing flew")
    for missing in done.missing[len(plan.missing) :]:
        say(f"not there: {missing.what}: {missing.reason}")
    for failure in done.failures:
        say(f"flighttrace: {failure}")
    if done.there:
        say(f"{len(done.there)} files are in the archive by their custody (sha256), and were not brought again")
    if done.whole:
        say(f"{len(done.whole)} files were in the folder, whole and with their records")
    rows = sum(file.rows for entry in done.entries for file in entry.positions)
    size = sum(custody.size_bytes for custody in done.brought)
    tables = f", {done.listed:,} airframes of a table" if done.listed else ""
    say(
        f"{len(done.brought)} files brought ({size / 1e6:,.1f} MB); {len(done.entries)} inputs taken in from them "
        f"({rows:,} positions){tables}; {len(done.missing)} missing, {len(done.failures)} failures"
    )
    if done.stopped:
        say(f"flighttrace: stopped: {done.stopped}; the same command goes on from here")
    gaps = [missing for missing in done.missing if not missing.never_held]
    nothing_at_all = plan.files and not (done.brought or done.whole or done.there)
    return 1 if done.failures or done.stopped or gaps or nothing_at_all else 0
