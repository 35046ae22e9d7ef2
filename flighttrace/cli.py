"""The command line: a skin over the library, and the only module that prints.

Data go to stdout (or to -o FILE), everything else to stderr. Exit codes: 0 done, also when nothing was found; 1 bad
input, or failed; 2 usage; 130 Ctrl-C. One bad file is reported and the rest goes on; the exit code is then 1.
Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from flighttrace import __version__
from flighttrace.cli_archive import archive_group, cache_group, ingest
from flighttrace.cli_asked import asked, engine_of_trino
from flighttrace.cli_explain import explain
from flighttrace.cli_fetch import fetch_group
from flighttrace.cli_options import (
    archive_option,
    case_option,
    ingest_options,
    lang_option,
    one_ended_option,
    output_options,
    paths_argument,
    selection_options,
    show_masked_option,
    sieve_options,
)
from flighttrace.cli_run import Run, Scope, write_the_report
from flighttrace.cli_say import print_table, put, say
from flighttrace.errors import FlighttraceError, UsageError, shown

if TYPE_CHECKING:
    from flighttrace.language import Language


GC_AFTER: Final = 200_000
"""Objects between two looks for garbage in cycles. Python's 700 costs a tenth of a query's time in looking through
imported modules that stay; memory is given back by counting references as ever."""


class Verbs(click.Group):
    """Turns this project's errors into one line and an exit code; a traceback only with --debug."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        kwargs["standalone_mode"] = False
        gc.set_threshold(GC_AFTER, 20, 20)
        debug = "--debug" in sys.argv[1:]
        try:
            result = super().main(*args, **kwargs)
        except click.exceptions.Abort:
            say("interrupted")
            sys.exit(130)
        except KeyboardInterrupt:
            say("interrupted")
            sys.exit(130)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except UsageError as error:
            say(f"flighttrace: {error}")
            sys.exit(2)
        except FlighttraceError as error:
            if debug:
                raise
            say(f"flighttrace: {error}")
            sys.exit(1)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(1)
        except OSError as error:
            if debug:
                raise
            say(f"flighttrace: {shown(error.filename or '')}: {error.strerror or error}")
            sys.exit(1)
        except Exception as error:
            if debug:
                raise
            say(f"flighttrace: a fault of ours: {type(error).__name__}: {shown(error, 200)} (--debug shows where)")
            sys.exit(1)
        sys.exit(result if isinstance(result, int) else 0)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flighttrace")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def main(debug: bool) -> None:
    """Find flights between places in public track files, and hold an article's claims against them.

    A track shows where an aircraft was heard: no cargo, no owner, no intent. No track is not no flight.

    Example: flighttrace demo --out demo-out
    """


@main.command()
@paths_argument
@archive_option
@selection_options
@ingest_options
@output_options
@lang_option
@click.option(
    "--case", "case_name", metavar="NAME_OR_FILE", help="Where places named by --origin/--destination come from."
)
def flights(
    paths: tuple[str, ...], form: str | None, output: str | None, lang: Language, case_name: str | None, **options: Any
) -> int:
    """Every flight in the files, with the airfield, grade and probability of each end.

    Days choose flights heard at any moment of them; --window departure or arrival, those with that end in them.

    Example: flighttrace flights sample_tracks/tracks --from 2031-09-25 --to 2031-09-25
    """
    from flighttrace.report import exports, findings
    from flighttrace.report.canonical import canonical_json
    from flighttrace.weigh.query import select_flights

    named = bool(options.get("origin") or options.get("destination"))
    run = Run(paths, {**options, "output": output}, case_name, scope="seen" if named else "all")
    chosen = select_flights(run.flights.flights, run.airfields, run.query, places=run.case.places if run.case else None)
    say(asked(run.query))
    ground = sum(count for _, count in run.flights.ground_only)
    if ground:
        say(f"{ground} positions on the ground alone belong to no flight ({len(run.flights.ground_only)} stretches)")
    if form == "json":
        put(canonical_json(findings.flights_document(chosen, run.heard)), output)
    elif form == "csv":
        put(exports.flights_csv(chosen, run.heard, run.zones), output)
    elif form == "geojson":
        put(canonical_json(exports.flights_geojson(chosen, run.heard)), output)
    else:
        from flighttrace.report import tables

        print_table(tables.flights_table(chosen, run.heard, lang=lang, zones=run.zones), output)
    return run.exit_code


@main.command()
@paths_argument
@archive_option
@case_option
@selection_options
@ingest_options
@sieve_options
@one_ended_option
@output_options
@lang_option
def query(
    paths: tuple[str, ...],
    case_name: str,
    form: str | None,
    output: str | None,
    lang: Language,
    sql_only: bool,
    one_ended: bool | None,
    **options: Any,
) -> int:
    """Legs between the case's places (or --origin and --destination) in the days asked for.

    Example: flighttrace query sample_tracks/tracks --case sample_tracks/case.yaml --from 2031-09-25 --to 2031-09-30
    """
    from flighttrace.report import exports, findings
    from flighttrace.report.canonical import canonical_json
    from flighttrace.weigh.asked import claims_of_legs
    from flighttrace.weigh.query import select_legs

    if sql_only or options["engine"] == "trino":
        return _print_sql(paths, case_name, sql_only, one_ended, options)
    listed = not options.get("archive") if one_ended is None else one_ended
    run = Run(paths, {**options, "output": output}, case_name, scope="seen" if listed else "legs")
    assert run.case is not None
    legs, sightings = select_legs(run.flights.flights, run.case, run.airfields, run.query)
    sightings = sightings if listed else []
    claims_of = claims_of_legs(run.case, run.flights.flights, run.airfields)
    say(asked(run.query))
    if not listed:
        say("flights with one end alone in a place were not looked for (--one-ended lists them)")
    if form == "json":
        document = findings.legs_document(
            legs,
            sightings,
            run.heard,
            run.case,
            {**run.query.as_facts(), "one_ended_listed": listed},
            claims_of=claims_of,
        )
        put(canonical_json(document), output)
    elif form == "csv":
        put(exports.legs_csv(legs, run.heard, run.zones, claims_of=claims_of, one_ended=sightings), output)
    elif form == "geojson":
        put(canonical_json(exports.legs_geojson(legs, sightings, run.heard, claims_of=claims_of)), output)
    else:
        from flighttrace.report import tables
        from flighttrace.weigh.listed_airframes import beside_the_case

        flown = [leg.flight for leg in legs] + [one.flight for one in sightings]
        named, disputed = beside_the_case(options.get("archive"), run.case, flown)
        for line in disputed:
            say(line)
        table = tables.legs_table(
            legs, sightings, run.heard, lang=lang, zones=run.zones, claims_of=claims_of, airframes=named
        )
        print_table(table, output)
    return run.exit_code


@main.command()
@paths_argument
@archive_option
@case_option
@click.option("--out", type=click.Path(file_okay=False), required=True, metavar="DIR", help="Folder for the report.")
@click.option("--maps/--no-maps", "draw_maps", default=True, show_default=True)
@show_masked_option
@ingest_options
@lang_option
def report(
    paths: tuple[str, ...],
    case_name: str,
    out: str,
    draw_maps: bool,
    show_masked: bool,
    lang: Language,
    **options: Any,
) -> int:
    """Every claim of the case weighed: findings.json, report.html, report.md, legs.csv, legs.geojson, maps.

    Example: flighttrace report sample_tracks/tracks --case sample_tracks/case.yaml --out report-out --no-maps
    """
    run = Run(paths, options, case_name, scope="seen", whole_case=True)
    return write_the_report(run, out, lang, draw_maps=draw_maps, show_masked=show_masked)


@main.command()
@paths_argument
@archive_option
@case_option
@ingest_options
@lang_option
@click.option("--json", "form", flag_value="json", help="findings as JSON on stdout.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there instead of stdout.")
def claims(
    paths: tuple[str, ...], case_name: str, form: str | None, output: str | None, lang: Language, **options: Any
) -> int:
    """The case's claims; with tracks, the verdict of each under every reading.

    Example: flighttrace claims sample_tracks/tracks --case sample_tracks/case.yaml
    """
    from flighttrace.report import findings, tables
    from flighttrace.report.canonical import canonical_json
    from flighttrace.weigh.case import load_case

    if not paths and not options.get("archive"):
        if form == "json":
            raise UsageError("--json gives findings: name the track files to weigh the claims against")
        print_table(tables.case_claims_table(load_case(case_name), lang=lang), output)
        return 0
    run = Run(paths, {**options, "output": output}, case_name, scope="seen", whole_case=True)
    weighed = run.weighed()
    if form == "json":
        put(canonical_json(findings.findings_document(weighed, run.heard)), output)
    else:
        print_table(tables.claims_table(weighed, lang=lang), output)
    return run.exit_code


@main.command("map")
@paths_argument
@archive_option
@case_option
@selection_options
@ingest_options
@lang_option
@click.option("--out", type=click.Path(dir_okay=False), required=True, metavar="FILE.png", help="The picture to write.")
@click.option("--id", "chosen_id", metavar="ID", help="One leg (leg_id) or flight (flight_id), instead of all legs.")
@show_masked_option
@click.option(
    "--one-ended/--no-one-ended",
    default=True,
    show_default=True,
    help="Draw flights with one end alone in a place; of an archive that reads far more.",
)
def draw(
    paths: tuple[str, ...],
    case_name: str,
    out: str,
    lang: Language,
    chosen_id: str | None,
    show_masked: bool,
    one_ended: bool,
    **options: Any,
) -> int:
    """A PNG map of the legs of a query, or of one leg or flight.

    Example: flighttrace map sample_tracks/tracks --case sample_tracks/case.yaml
    --from 2031-09-25 --to 2031-09-25 --out map.png
    """
    from flighttrace.report import maps
    from flighttrace.weigh.query import select_legs

    scope: Scope = "seen" if one_ended or chosen_id is not None else "legs"
    run = Run(paths, {**options, "picture": out}, case_name, scope=scope)
    assert run.case is not None
    legs, sightings = select_legs(run.flights.flights, run.case, run.airfields, run.query)
    if not one_ended and chosen_id is None:
        sightings = []
        say("flights with one end alone in a place are not drawn (--one-ended draws them)")
    common: dict[str, Any] = {
        "airfields": run.airfields,
        "lang": lang,
        "sources": run.heard.sources,
        "show_masked": show_masked,
    }
    leg = next((leg for leg in legs if chosen_id in (leg.leg_id, leg.flight.flight_id)), None)
    flight = next((f for f in run.flights if f.flight_id == chosen_id), None)
    if leg is not None:
        maps.draw_leg_map(leg, out, places=run.case.places, local_timezones=run.zones, **common)
    elif flight is not None:
        maps.draw_flight_map(flight, out, local_timezones=run.zones, **common)
    elif chosen_id is not None:
        raise UsageError(f"no leg or flight has the id {shown(chosen_id)!r} (see `flighttrace flights --json`)")
    elif legs:
        maps.draw_legs_map(legs, out, places=run.case.places, one_ended=sightings, title=None, **common)
    else:
        say(f"no legs: no map written. {asked(run.query)}")
        return run.exit_code
    say(f"wrote {out}")
    return run.exit_code


@main.group("case")
def case_group() -> None:
    """Case files: check one, print the schema, start a new one.

    Example: flighttrace case check sample_tracks/case.yaml
    """


@case_group.command("check")
@click.argument("file", type=click.Path())
def case_check(file: str) -> int:
    """Every fault of a case file, with line, column, key and what would be accepted.

    Example: flighttrace case check sample_tracks/case.yaml
    """
    from flighttrace.weigh.case import check_case

    faults = check_case(file)
    for fault in faults:
        say(str(fault))
    say(f"{file}: {len(faults)} faults" if faults else f"{file}: holds")
    return 1 if faults else 0


@case_group.command("schema")
def case_schema_command() -> int:
    """The JSON Schema of case files.

    Example: flighttrace case schema
    """
    from flighttrace.report.canonical import canonical_json
    from flighttrace.weigh.case import case_schema

    put(canonical_json(case_schema()), None)
    return 0


@case_group.command("new")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there instead of stdout.")
def case_new(output: str | None) -> int:
    """A commented start for a case of your own.

    Example: flighttrace case new -o my-case.yaml
    """
    from flighttrace.weigh.case import new_case_text

    if output is not None and Path(output).exists():
        raise UsageError(f"{output} exists: name a new file")
    put(new_case_text(), output)
    return 0


@main.command()
@click.option("--out", type=click.Path(file_okay=False), default="demo-out", show_default=True, metavar="DIR")
@click.option(
    "--samples", type=click.Path(file_okay=False), metavar="DIR", help="The folder sample_tracks of the source tree."
)
@show_masked_option
@lang_option
def demo(out: str, samples: str | None, show_masked: bool, lang: Language) -> int:
    """The whole job on the simulated sample tracks: report and maps, stamped "simulated: not evidence".

    Example: flighttrace demo --out demo-out
    """
    folder = _samples_folder(samples)
    run = Run((str(folder / "tracks"),), {}, str(folder / "case.yaml"))
    return write_the_report(run, out, lang, draw_maps=True, show_masked=show_masked)


def _print_sql(
    paths: Sequence[str], case_name: str, sql_only: bool, one_ended: bool | None, options: Mapping[str, Any]
) -> int:
    """The SQL that a user with access to OpenSky's archive runs there (docs/engines.md)."""
    if options["engine"] != "trino" or not sql_only:
        raise UsageError("--sql-only goes with --engine trino, and --engine trino with it: Trino is not run from here")
    if paths or options.get("archive"):
        raise UsageError("--engine trino asks OpenSky's own archive: name no files and no archive")
    put(engine_of_trino(case_name, options, one_ended=bool(one_ended)), None)
    return 0


def _samples_folder(named: str | None) -> Path:
    places = (
        [Path(named)] if named else [Path("sample_tracks"), Path(__file__).resolve().parent.parent / "sample_tracks"]
    )
    for place in places:
        if (place / "case.yaml").is_file():
            return place
    raise UsageError("the sample tracks are not here: run in the source tree, or name its folder with --samples")


for command in (explain, ingest, fetch_group, archive_group, cache_group):
    main.add_command(command)


if __name__ == "__main__":
    main()
