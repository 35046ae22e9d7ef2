"""The verb that explains one flight's ends: `flighttrace explain FLIGHT_ID`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flighttrace.cli_options import (
    archive_option,
    days_options,
    icao24_option,
    ingest_options,
    lang_option,
    paths_argument,
)
from flighttrace.cli_run import Run
from flighttrace.cli_say import print_table, put, say

if TYPE_CHECKING:
    from flighttrace.language import Language


@click.command()
@click.argument("flight_id", metavar="FLIGHT_ID")
@paths_argument
@archive_option
@days_options
@icao24_option
@ingest_options
@lang_option
@click.option("--case", "case_name", metavar="NAME_OR_FILE", help="Where the zones of local times come from.")
@click.option("--json", "form", flag_value="json", help="JSON on stdout.")
@click.option("--maps/--no-maps", "draw_maps", default=True, show_default=True)
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False),
    default=".",
    metavar="DIR",
    help="Folder for the maps.  [default: .]",
)
def explain(
    flight_id: str,
    paths: tuple[str, ...],
    case_name: str | None,
    form: str | None,
    draw_maps: bool,
    out: str,
    lang: Language,
    **options: Any,
) -> int:
    """Why a flight's two ends are what they are: candidates, grades, reasons in words, and a PNG map of each end.

    FLIGHT_ID is that of `flighttrace flights --csv` or `query --csv`, or a beginning of it that no other flight has.

    Example: flighttrace explain f-de150043b7 sample_tracks/tracks/opensky --out end-maps
    """
    from flighttrace.report import explanation
    from flighttrace.report.canonical import canonical_json

    run = Run(paths, options, case_name)
    flight = explanation.flight_of(run.flights.flights, flight_id)
    if form == "json":
        put(canonical_json(explanation.explanation_document(flight, run.heard, run.airfields)), None)
    else:
        print_table(explanation.explanation(flight, run.heard, run.airfields, lang=lang, zones=run.zones), None)
    for kind in explanation.ENDS if draw_maps else ():
        from flighttrace.report.end_map import draw_end_map

        picture = Path(out) / f"{flight.flight_id}-{kind}.png"
        draw_end_map(
            flight, kind, picture, airfields=run.airfields, lang=lang, sources=run.heard.sources,
            local_timezones=run.zones,
        )  # fmt: skip
        say(f"wrote {picture}")
    return run.exit_code
