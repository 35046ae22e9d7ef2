"""flighttrace: who flew between these places, how sure is that, and what does it say of a claim?

    import flighttrace as ft

    heard = ft.read_positions(["sample_tracks/tracks"])           # files → positions, every record accounted for
    case = ft.load_case("sample_tracks/case.yaml")                # articles, claims, places
    airfields = ft.load_airfields()
    named = ft.named_fields(case.places.values())                 # weighed at every end in reach, as the commands do
    flights = ft.find_flights(heard, airfields=airfields, named=named)   # positions → flights with graded ends
    legs, one_ended = ft.select_legs(flights.flights, case, airfields, ft.Query())
    weighed = ft.weigh_claims(case, flights.flights, heard, airfields)   # legs → claims with verdicts
    ft.write_report("report-out", weighed=weighed, flights=flights.flights, ingested=heard, airfields=airfields)

A track shows where an aircraft was heard. It shows no cargo, no owner and no intent; and no track is not no flight.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from flighttrace.version import VERSION as __version__

_HOME: Final = {
    "read_positions": "flighttrace.ingest.read",
    "find_flights": "flighttrace.match.flights",
    "load_airfields": "flighttrace.match.places",
    "find_legs": "flighttrace.match.legs",
    "measure_coverage": "flighttrace.match.coverage",
    "load_case": "flighttrace.weigh.case",
    "Query": "flighttrace.weigh.query",
    "named_fields": "flighttrace.weigh.query",
    "select_flights": "flighttrace.weigh.query",
    "select_legs": "flighttrace.weigh.query",
    "weigh_claims": "flighttrace.weigh.verdicts",
    "write_report": "flighttrace.report.write",
    "draw_flight_map": "flighttrace.report.maps",
    "draw_leg_map": "flighttrace.report.maps",
    "draw_legs_map": "flighttrace.report.maps",
}
"""Public name → module; imported when first used, so that `flighttrace --version` loads nothing heavy."""

if TYPE_CHECKING:
    from flighttrace.ingest.read import read_positions
    from flighttrace.match.coverage import measure_coverage
    from flighttrace.match.flights import find_flights
    from flighttrace.match.legs import find_legs
    from flighttrace.match.places import load_airfields
    from flighttrace.report.maps import draw_flight_map, draw_leg_map, draw_legs_map
    from flighttrace.report.write import write_report
    from flighttrace.weigh.case import load_case
    from flighttrace.weigh.query import Query, named_fields, select_flights, select_legs
    from flighttrace.weigh.verdicts import weigh_claims

__all__ = [
    "Query",
    "__version__",
    "draw_flight_map",
    "draw_leg_map",
    "draw_legs_map",
    "find_flights",
    "find_legs",
    "load_airfields",
    "load_case",
    "measure_coverage",
    "named_fields",
    "read_positions",
    "select_flights",
    "select_legs",
    "weigh_claims",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'flighttrace' has no attribute {name!r}")
