"""The options that the commands share, and the two kinds of value that click does not have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, TypeVar

import click

from flighttrace.errors import shown

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_CASE: Final = "ovda-karabakh"
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""Positions outside these days are quarantined, so no question about them has an answer."""


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = value if isinstance(value, date) else datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError:
            self.fail(f"{shown(value)!r} is not a day (accepted: YYYY-MM-DD)", param, ctx)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail(f"{day} is out of range (accepted: {FIRST_DAY} to {LAST_DAY})", param, ctx)
        return day


class Pair(click.ParamType[tuple[str, str]]):
    """FILE=VALUE, cut at the last '='."""

    def __init__(self, value_name: str) -> None:
        self.name = f"FILE={value_name}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        file, equals, given = str(value).rpartition("=")
        if not (file and equals and given):
            self.fail(f"{shown(value)!r} is not {self.name}", param, ctx)
        return file, given


def stacked(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, in their order."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


declaration_options = stacked(
    click.option("--input-tz", metavar="ZONE", help="Zone of times that bear none (without it they are an error)."),
    click.option("--mapping", "mappings", multiple=True, metavar="FILE", help="Describes the columns of your own CSV."),
    click.option(
        "--airframe", "airframes", multiple=True, type=Pair("HEX"), help="Declare the address of a file's aircraft."
    ),
    click.option(
        "--network", "networks", multiple=True, type=Pair("NAME"), help="Declare whose receivers heard a file."
    ),
)
ingest_options = stacked(
    declaration_options,
    click.option("--no-cache", is_flag=True, help="Leave nothing of the files in the cache."),
    click.option(
        "--quarantine", type=click.Path(dir_okay=False), metavar="FILE", help="Write quarantined records here (CSV)."
    ),
)
days_options = stacked(
    click.option("--from", "from_day", type=Day(), help="First day, included (UTC, or of --tz)."),
    click.option("--to", "to_day", type=Day(), help="Last day, included."),
    click.option(
        "--tz", default="UTC", show_default=True, metavar="ZONE", help="Read --from and --to as days of this zone."
    ),
)
icao24_option = click.option("--icao24", multiple=True, metavar="HEX", help="Only this address (repeatable).")
selection_options = stacked(
    days_options,
    click.option(
        "--window",
        type=click.Choice(["departure", "arrival", "either"]),
        default="either",
        show_default=True,
        help="Which end has to lie in the days asked for.",
    ),
    click.option("--origin", metavar="PLACE", help="A place of the case, or an airfield's code."),
    click.option("--destination", metavar="PLACE", help="A place of the case, or an airfield's code."),
    icao24_option,
    click.option("--callsign", multiple=True, metavar="SIGN", help="Only this call sign (repeatable)."),
    click.option(
        "--min-grade", type=click.Choice(["A", "B", "C", "D"]), help="Only ends (legs) of this grade or better."
    ),
    click.option(
        "--prior",
        type=click.Choice(["feature", "flat", "learned"]),
        default="feature",
        show_default=True,
        help="By which prior a field is named. learned: of what other airframes of the inputs did (reads them all).",
    ),
)
output_options = stacked(
    click.option("--json", "form", flag_value="json", help="JSON on stdout."),
    click.option("--csv", "form", flag_value="csv", help="CSV on stdout."),
    click.option("--geojson", "form", flag_value="geojson", help="GeoJSON on stdout."),
    click.option(
        "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there instead of stdout."
    ),
)
lang_option = click.option("--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True)
show_masked_option = click.option(
    "--show-masked", "--rejected", "show_masked", is_flag=True, help="Mark positions that were not believed, by reason."
)
case_option = click.option("--case", "case_name", metavar="NAME_OR_FILE", default=DEFAULT_CASE, show_default=True)
paths_argument = click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH...]")
archive_option = click.option(
    "--archive", type=click.Path(file_okay=False), metavar="DIR", help="Answer from an archive in place of files."
)
sieve_options = stacked(
    click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark", "trino"]),
        default="duckdb",
        show_default=True,
        help="What runs the sieve. trino: with --sql-only.",
    ),
    click.option("--master", metavar="URL", help="Of the Spark cluster, such as spark://host:7077."),
    click.option("--memory", metavar="SIZE", help="Most that DuckDB takes, such as 1GB; beyond it spills to disk."),
    click.option("--sql-only", is_flag=True, help="With --engine trino: print the SQL for OpenSky's own archive."),
)
one_ended_option = click.option(
    "--one-ended/--no-one-ended",
    default=None,
    help="List flights with one end alone in a place. Default: of files yes, of an archive no (it reads far more).",
)
