"""The command line: a skin over the library, and the only module that prints.

Data go to stdout (or to -o FILE), everything else to stderr. Exit codes: 0 done, also when nothing was found; 1 bad
input, or failed; 2 usage; 130 Ctrl-C. One bad file is reported and the rest goes on; the exit code is then 1.
Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from flighttrace import __version__
from flighttrace.cli_options import (
    FIRST_DAY,
    case_option,
    ingest_options,
    lang_option,
    output_options,
    paths_argument,
    selection_options,
)
from flighttrace.errors import FlighttraceError, UsageError, shown

if TYPE_CHECKING:
    from flighttrace.language import Language
    from flighttrace.match.flights import FlightSet
    from flighttrace.match.places import Airfields
    from flighttrace.positions import Ingested
    from flighttrace.weigh.model import Case
    from flighttrace.weigh.query import Query


class Verbs(click.Group):
    """Turns this project's errors into one line and an exit code; a traceback only with --debug."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        kwargs["standalone_mode"] = False
        debug = "--debug" in sys.argv[1:]
        try:
            result = super().main(*args, **kwargs)
        except click.exceptions.Abort:
            _say("interrupted")
            sys.exit(130)
        except KeyboardInterrupt:
            _say("interrupted")
            sys.exit(130)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except UsageError as error:
            _say(f"flighttrace: {error}")
            sys.exit(2)
        except FlighttraceError as error:
            if debug:
                raise
            _say(f"flighttrace: {error}")
            sys.exit(1)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(1)
        except OSError as error:
            if debug:
                raise
            _say(f"flighttrace: {shown(error.filename or '')}: {error.strerror or error}")
            sys.exit(1)
        except Exception as error:
            if debug:
                raise
            _say(f"flighttrace: a fault of ours: {type(error).__name__}: {shown(error, 200)} (--debug shows where)")
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
    from flighttrace.report import exports, findings, tables
    from flighttrace.report.canonical import canonical_json
    from flighttrace.weigh.query import select_flights

    run = _Run(paths, {**options, "output": output}, case_name)
    chosen = select_flights(run.flights.flights, run.airfields, run.query, places=run.case.places if run.case else None)
    _say(_asked(run.query))
    ground = sum(count for _, count in run.flights.ground_only)
    if ground:
        _say(f"{ground} positions on the ground alone belong to no flight ({len(run.flights.ground_only)} stretches)")
    if form == "json":
        _put(canonical_json(findings.flights_document(chosen, run.heard)), output)
    elif form == "csv":
        _put(exports.flights_csv(chosen, run.heard, run.zones), output)
    elif form == "geojson":
        _put(canonical_json(exports.flights_geojson(chosen, run.heard)), output)
    else:
        _print_table(tables.flights_table(chosen, run.heard, lang=lang, zones=run.zones), output)
    return run.exit_code


@main.command()
@paths_argument
@case_option
@selection_options
@ingest_options
@output_options
@lang_option
def query(
    paths: tuple[str, ...], case_name: str, form: str | None, output: str | None, lang: Language, **options: Any
) -> int:
    """Legs between the case's places (or --origin and --destination) in the days asked for.

    Example: flighttrace query sample_tracks/tracks --case sample_tracks/case.yaml --from 2031-09-25 --to 2031-09-30
    """
    from flighttrace.report import exports, findings, tables
    from flighttrace.report.canonical import canonical_json
    from flighttrace.weigh.query import select_legs
    from flighttrace.weigh.verdicts import weigh_claims

    run = _Run(paths, {**options, "output": output}, case_name)
    assert run.case is not None
    legs, one_ended = select_legs(run.flights.flights, run.case, run.airfields, run.query)
    claims_of = weigh_claims(run.case, run.flights.flights, run.heard, run.airfields).claims_of
    _say(_asked(run.query))
    if form == "json":
        document = findings.legs_document(
            legs, one_ended, run.heard, run.case, run.query.as_facts(), claims_of=claims_of
        )
        _put(canonical_json(document), output)
    elif form == "csv":
        _put(exports.legs_csv(legs, run.heard, run.zones, claims_of=claims_of, one_ended=one_ended), output)
    elif form == "geojson":
        _put(canonical_json(exports.legs_geojson(legs, one_ended, run.heard, claims_of=claims_of)), output)
    else:
        table = tables.legs_table(legs, one_ended, run.heard, lang=lang, zones=run.zones, claims_of=claims_of)
        _print_table(table, output)
    return run.exit_code


@main.command()
@paths_argument
@case_option
@click.option("--out", type=click.Path(file_okay=False), required=True, metavar="DIR", help="Folder for the report.")
@click.option("--maps/--no-maps", "draw_maps", default=True, show_default=True)
@ingest_options
@lang_option
def report(paths: tuple[str, ...], case_name: str, out: str, draw_maps: bool, lang: Language, **options: Any) -> int:
    """Every claim of the case weighed: findings.json, report.html, report.md, legs.csv, legs.geojson, maps.

    Example: flighttrace report sample_tracks/tracks --case sample_tracks/case.yaml --out report-out --no-maps
    """
    run = _Run(paths, options, case_name)
    return _write_report(run, out, lang, draw_maps=draw_maps)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH...]")
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

    if not paths:
        if form == "json":
            raise UsageError("--json gives findings: name the track files to weigh the claims against")
        _print_table(tables.case_claims_table(load_case(case_name), lang=lang), output)
        return 0
    run = _Run(paths, {**options, "output": output}, case_name)
    weighed = run.weighed()
    if form == "json":
        _put(canonical_json(findings.findings_document(weighed, run.heard)), output)
    else:
        _print_table(tables.claims_table(weighed, lang=lang), output)
    return run.exit_code


@main.command("map")
@paths_argument
@case_option
@selection_options
@ingest_options
@lang_option
@click.option("--out", type=click.Path(dir_okay=False), required=True, metavar="FILE.png", help="The picture to write.")
@click.option("--id", "chosen_id", metavar="ID", help="One leg (leg_id) or flight (flight_id), instead of all legs.")
@click.option("--rejected", is_flag=True, help="Also show the positions that were not believed.")
def draw(
    paths: tuple[str, ...],
    case_name: str,
    out: str,
    lang: Language,
    chosen_id: str | None,
    rejected: bool,
    **options: Any,
) -> int:
    """A PNG map of the legs of a query, or of one leg or flight.

    Example: flighttrace map sample_tracks/tracks --case sample_tracks/case.yaml
    --from 2031-09-25 --to 2031-09-25 --out map.png
    """
    from flighttrace.report import maps
    from flighttrace.weigh.query import select_legs

    run = _Run(paths, {**options, "picture": out}, case_name)
    assert run.case is not None
    legs, one_ended = select_legs(run.flights.flights, run.case, run.airfields, run.query)
    common: dict[str, Any] = {"airfields": run.airfields, "lang": lang, "sources": run.heard.sources}
    leg = next((leg for leg in legs if chosen_id in (leg.leg_id, leg.flight.flight_id)), None)
    flight = next((f for f in run.flights if f.flight_id == chosen_id), None)
    if leg is not None:
        maps.draw_leg_map(leg, out, places=run.case.places, local_timezones=run.zones, show_rejected=rejected, **common)
    elif flight is not None:
        maps.draw_flight_map(flight, out, local_timezones=run.zones, show_rejected=rejected, **common)
    elif chosen_id is not None:
        raise UsageError(f"no leg or flight has the id {shown(chosen_id)!r} (see `flighttrace flights --json`)")
    elif legs:
        maps.draw_legs_map(legs, out, places=run.case.places, one_ended=one_ended, title=None, **common)
    else:
        _say(f"no legs: no map written. {_asked(run.query)}")
        return run.exit_code
    _say(f"wrote {out}")
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
        _say(str(fault))
    _say(f"{file}: {len(faults)} faults" if faults else f"{file}: holds")
    return 1 if faults else 0


@case_group.command("schema")
def case_schema_command() -> int:
    """The JSON Schema of case files.

    Example: flighttrace case schema
    """
    from flighttrace.report.canonical import canonical_json
    from flighttrace.weigh.case import case_schema

    _put(canonical_json(case_schema()), None)
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
    _put(new_case_text(), output)
    return 0


@main.command()
@click.option("--out", type=click.Path(file_okay=False), default="demo-out", show_default=True, metavar="DIR")
@click.option(
    "--samples", type=click.Path(file_okay=False), metavar="DIR", help="The folder sample_tracks of the source tree."
)
@lang_option
def demo(out: str, samples: str | None, lang: Language) -> int:
    """The whole job on the simulated sample tracks: report and maps, stamped "simulated: not evidence".

    Example: flighttrace demo --out demo-out
    """
    folder = _samples_folder(samples)
    run = _Run((str(folder / "tracks"),), {}, str(folder / "case.yaml"))
    return _write_report(run, out, lang, draw_maps=True)


# -- what the verbs share ----------------------------------------------------------------------------------------------


class _Run:
    """Files read, flights found, the case loaded: what every verb starts from. Faults of files are said at once."""

    def __init__(self, paths: Sequence[str], options: Mapping[str, Any], case_name: str | None) -> None:
        from flighttrace.ingest.read import read_positions
        from flighttrace.match.flights import find_flights
        from flighttrace.match.places import load_airfields
        from flighttrace.weigh.case import load_case
        from flighttrace.weigh.query import Query, midnight_utc

        fields = ("from_day", "to_day", "tz", "window", "origin", "destination", "icao24", "callsign", "min_grade")
        self.query: Query = Query(**{name: options[name] for name in fields if options.get(name) is not None})
        midnight_utc(FIRST_DAY, self.query.tz)
        if self.query.from_day and self.query.to_day and self.query.to_day < self.query.from_day:
            raise UsageError(f"--to {self.query.to_day} lies before --from {self.query.from_day}")
        self.airfields: Airfields = load_airfields()
        self.case: Case | None = load_case(case_name, airfields=self.airfields) if case_name else None
        self.zones: dict[str, str] = dict(self.case.local_timezones) if self.case else {}
        if self.query.tz not in ("UTC", *self.zones.values()):
            self.zones[self.query.tz] = self.query.tz
        written = [options.get(name) for name in ("output", "quarantine", "picture")]
        _keep_inputs([*paths, *options.get("mappings", ()), *([case_name] if case_name else [])], written)
        with _progress("reading files") as step:
            self.heard: Ingested = read_positions(
                paths,
                input_tz=options.get("input_tz"),
                mappings=options.get("mappings", ()),
                airframes=dict(options.get("airframes", ())),
                networks=dict(options.get("networks", ())),
                progress=lambda label, done, total: step(done, total),
            )
        self._say_inputs(options.get("quarantine"))
        if self.heard.failures and not self.heard.sources:
            raise FlighttraceError("none of the inputs could be read: there is nothing to answer from")
        with _progress("finding flights") as step:
            self.flights: FlightSet = find_flights(self.heard, airfields=self.airfields, progress=step)

    @property
    def exit_code(self) -> int:
        return 1 if self.heard.failures else 0

    def weighed(self) -> Any:
        from flighttrace.weigh.verdicts import weigh_claims

        assert self.case is not None
        with _progress("weighing claims"):
            return weigh_claims(self.case, self.flights.flights, self.heard, self.airfields)

    def _say_inputs(self, quarantine: str | None) -> None:
        for failure in self.heard.failures:
            _say(f"flighttrace: {failure}")
            if failure.__cause__ is not None and "--debug" in sys.argv:
                traceback.print_exception(failure.__cause__)
        for name in self.heard.skipped:
            _say(f"skipped: {shown(name, 200)}")
        accounts = [source.accounting for source in self.heard.sources]
        quarantined = sum(a.quarantined_count for a in accounts)
        _say(
            f"{len(accounts)} files, {sum(a.records for a in accounts):,} records: "
            f"{sum(a.accepted for a in accounts):,} accepted, "
            f"{sum(a.without_position_count for a in accounts):,} without position, "
            f"{quarantined:,} quarantined, {sum(a.exact_duplicates for a in accounts):,} exact duplicates"
        )
        if quarantine is not None:
            from flighttrace.report.exports import quarantine_csv

            _put(quarantine_csv(self.heard.quarantined, simulated=self.heard.simulated), quarantine)
        elif quarantined:
            first = self.heard.quarantined[0]
            _say(
                f"quarantined, the first: {shown(first.file)}:{first.line}:{first.column}: {first.reason} "
                "(all: --quarantine FILE)"
            )


def _write_report(run: _Run, out: str, lang: Language, *, draw_maps: bool) -> int:
    from flighttrace.report.write import write_report

    weighed = run.weighed()
    with _progress("writing the report"):
        written = write_report(
            out,
            weighed=weighed,
            flights=run.flights.flights,
            ingested=run.heard,
            airfields=run.airfields,
            lang=lang,
            settings={"command": "report", "lang": lang},
            draw_maps=draw_maps,
        )
    for path in written:
        click.echo(path)
    return run.exit_code


def _samples_folder(named: str | None) -> Path:
    places = (
        [Path(named)] if named else [Path("sample_tracks"), Path(__file__).resolve().parent.parent / "sample_tracks"]
    )
    for place in places:
        if (place / "case.yaml").is_file():
            return place
    raise UsageError("the sample tracks are not here: run in the source tree, or name its folder with --samples")


def _asked(query: Query) -> str:
    days = f"{query.from_day or 'the first day'} to {query.to_day or 'the last day'}, both included, days of {query.tz}"
    return f"asked: {days}; window by {query.window}"


def _say(line: str) -> None:
    click.echo(line, err=True)


def _put(text: str, output: str | None) -> None:
    """To stdout, or to a file: a regular one is written aside and renamed, a device or pipe is written to."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(output).resolve()
    aside = target if target.exists() and not target.is_file() else target.with_name(f".{target.name}.partial")
    try:
        aside.write_text(text, encoding="utf-8", newline="")
        if aside != target:
            aside.replace(target)
    except OSError as error:
        if aside != target:
            aside.unlink(missing_ok=True)
        raise FlighttraceError(f"{shown(output, 200)}: cannot be written: {error.strerror or error}") from error
    _say(f"wrote {output}")


def _print_table(table: Any, output: str | None) -> None:
    from io import StringIO

    from rich.console import Console

    text = StringIO()
    wide = None if (output is None and sys.stdout.isatty()) or "COLUMNS" in os.environ else 200
    console = Console(file=text if output else None, width=wide)
    for part in table if isinstance(table, list | tuple) else (table,):
        console.print(part)
    if output is not None:
        _put(text.getvalue(), output)


def _keep_inputs(inputs: Sequence[str], outputs: Sequence[str | None]) -> None:
    """UsageError where an output would replace an input file: evidence is never written to."""
    for output in outputs:
        if output is None or not Path(output).exists():
            continue
        for named in inputs:
            files = [Path(folder) / f for folder, _, names in os.walk(named) for f in names] or [Path(named)]
            if any(file.exists() and file.samefile(output) for file in files):
                raise UsageError(f"{shown(output, 200)} is one of the inputs, and would be overwritten")


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr where that is a terminal; silent else."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


if __name__ == "__main__":
    main()
