"""The verb that brings public data with its provenance: flighttrace fetch SOURCE."""

from __future__ import annotations

import re
from typing import Any, Final

import click

from flighttrace.cli_fetch_run import run, self_test_of
from flighttrace.cli_options import Day, stacked
from flighttrace.errors import UsageError, shown

_SIZES: Final = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


class Size(click.ParamType[int]):
    """Bytes as a number with or without k, M, G, T (powers of 1000)."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", str(value).strip().lower())
        if match is None or not float(match[1]):
            self.fail(f"{shown(value)!r} is no size (accepted: 500M, 8G)", param, ctx)
        return int(float(match[1]) * _SIZES.get(match[2], 1))


class Hours(click.ParamType[tuple[int, ...]]):
    """UTC hours such as 6-9,12."""

    name = "HOURS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        hours: set[int] = set()
        for part in str(value).split(","):
            match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", part.strip())
            if match is None or not 0 <= int(match[1]) <= int(match[2] or match[1]) <= 23:
                self.fail(f"{shown(value)!r} are no hours (accepted: 0 to 23, such as 6-9,12)", param, ctx)
            hours |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
        return tuple(sorted(hours))


_manners = stacked(
    click.option(
        "--allow-host",
        "allowed",
        multiple=True,
        metavar="HOST",
        help="Also ask this host (host or host:port), and let it be http or of a private network (repeatable).",
    ),
    click.option("--trust-env", is_flag=True, help="Heed proxies and the like that the environment names."),
    click.option(
        "--ca-file",
        type=click.Path(dir_okay=False),
        envvar="FLIGHTTRACE_CA_FILE",
        metavar="FILE",
        help="Certificates to trust besides the usual ones (PEM); also FLIGHTTRACE_CA_FILE.",
    ),
    click.option(
        "--sources",
        "sources_file",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Other addresses of the sources (YAML); also FLIGHTTRACE_SOURCES. Their hosts count as --allow-host.",
    ),
)
_goal = stacked(
    click.option("--archive", type=click.Path(file_okay=False), metavar="DIR", help="Take the files in here."),
    click.option("--keep", type=click.Path(file_okay=False), metavar="DIR", help="Keep the originals here."),
    click.option("--plan", "plan_only", is_flag=True, help="Print what would be brought, and bring nothing."),
    click.option("--max-bytes", type=Size(), metavar="SIZE", help="Most of one file, such as 4G (default: 8G)."),
    click.option(
        "--replace", "replace_changed", is_flag=True, help="Take a changed file in place of its older content."
    ),
    _manners,
)
_case = click.option(
    "--case", "case_name", metavar="NAME_OR_FILE", help="Days, airframes and fields, where none are given, are its own."
)
_days = stacked(
    click.option("--from", "first", type=Day(), help="First UTC day, included."),
    click.option("--to", "last", type=Day(), help="Last UTC day, included (default: the first)."),
)
_icao24 = click.option("--icao24", multiple=True, metavar="HEX", help="This address (repeatable).")


@click.group("fetch", invoke_without_command=True)
@click.option(
    "--self-test", "self_test", is_flag=True, help="Ask each source for its smallest document; check its form."
)
@click.option("--base", metavar="URL", default="", help="With --self-test: an instance of readsb to ask, too.")
@_manners
@click.pass_context
def fetch_group(context: click.Context, /, self_test: bool, base: str, **options: Any) -> int:
    """Bring public tracks, with the record of where each file came from, into an archive or a folder.

    One source a command. Run it again to go on after a stop: what is there is not brought again. Which days a source
    holds, its terms, and what to do without an account: docs/from-nothing-to-an-answer.md.

    Example: flighttrace fetch --self-test
    """
    if self_test:
        if context.invoked_subcommand is not None:
            raise UsageError("--self-test stands alone: flighttrace fetch --self-test")
        return self_test_of(base, options)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return 0


@fetch_group.command()
@_case
@_days
@click.option("--variant", type=click.Choice(["prod", "staging"]), default="prod", show_default=True)
@_goal
def adsblol(variant: str, **options: Any) -> int:
    """adsb.lol's history: all traces of a UTC day, 1.5 to 3 GB a day, from 16 Feb 2023 on.

    --variant staging is a replica of prod: the same receivers, never a second witness.

    Example: flighttrace fetch adsblol --from 2023-09-14 --plan
    """
    from flighttrace.ingest.fetch import adsblol as source

    return run(source.KEY, source.plan, {**options, "variant": variant}, days=True)


@fetch_group.command()
@click.option("--base", metavar="URL", help="The instance, such as https://tracks.example/tar1090. Always needed.")
@_case
@_icao24
@_days
@_goal
def readsb(base: str | None, **options: Any) -> int:
    """One airframe's days from a readsb or tar1090 instance with history: your own, or one whose owner agrees.

    No other instance is ever asked in its place, and the sites that gather from many feeders are refused.

    Example: flighttrace fetch readsb --base https://tracks.example/tar1090 --icao24 600864 --from 2023-09-14 --plan
    """
    from flighttrace.ingest.fetch import readsb as source

    allowed = frozenset(options["allowed"])
    return run(
        source.KEY,
        lambda request, table, asker: source.plan(request, table, asker, allowed),
        {**options, "base": base or ""},
        days=True,
        icao24=True,
    )


@fetch_group.command("opensky-flights")
@_case
@_icao24
@click.option("--airport", multiple=True, metavar="ICAO", help="Arrivals and departures here (repeatable).")
@_days
@_goal
def opensky_flights(**options: Any) -> int:
    """Flights of an airframe or an airport as OpenSky lists them: estimated airports, no positions.

    Example: flighttrace fetch opensky-flights --icao24 613133 --from 2020-09-23 --to 2020-10-01 --plan
    """
    from flighttrace.ingest.fetch import opensky_rest as source

    return run(source.FLIGHTS, source.plan_flights, options, days=True, icao24=True, airports=True)


@fetch_group.command("opensky-tracks")
@_case
@_icao24
@_days
@_goal
def opensky_tracks(**options: Any) -> int:
    """An airframe's tracks of the last 30 days from OpenSky; older days are not kept there, and not asked for.

    Example: flighttrace fetch opensky-tracks --icao24 600864 --from 2023-09-14 --plan
    """
    from flighttrace.ingest.fetch import opensky_rest as source

    return run(source.TRACKS, source.plan_tracks, options, days=True, icao24=True)


@fetch_group.command("opensky-states-sample")
@_case
@click.option("--date", "first", type=Day(), help="A Monday; or, with --to, the first of several days.")
@click.option("--to", "last", type=Day(), help="Last UTC day, included; its Mondays are brought.")
@click.option("--hours", type=Hours(), default=(), metavar="HOURS", help="UTC hours such as 6-9,12 (default: all).")
@_goal
def opensky_states_sample(hours: tuple[int, ...], **options: Any) -> int:
    """OpenSky's public samples of state vectors: Mondays, an hour a file.

    Example: flighttrace fetch opensky-states-sample --date 2020-09-28 --hours 6-9 --plan
    """
    from flighttrace.ingest.fetch import opensky_states as source

    return run(source.KEY, source.plan, {**options, "hours": hours}, days=True)


@fetch_group.command()
@_case
@click.option("--month", "months", multiple=True, metavar="YYYY-MM", help="This month (repeatable).")
@_goal
def flightlist(months: tuple[str, ...], **options: Any) -> int:
    """OpenSky's flight lists of 2019 to 2022: first and last position of every flight, a month a file.

    Example: flighttrace fetch flightlist --month 2020-09 --plan
    """
    from flighttrace.ingest.fetch import flightlist as source

    return run(source.KEY, source.plan, {**options, "months": months}, days=not months)


@fetch_group.command()
@click.option("--table", "variant", type=click.Choice(["opensky", "tar1090-db"]), default="opensky", show_default=True)
@_goal
def airframes(variant: str, **options: Any) -> int:
    """A table of airframes into the archive: registration and type, printed beside a leg, never evidence.

    Example: flighttrace fetch airframes --plan
    """
    from flighttrace.ingest.fetch import airframes as source

    return run(source.KEY, source.plan, {**options, "variant": variant})
