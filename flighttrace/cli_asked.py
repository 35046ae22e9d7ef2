"""What the options ask for: the question, its days, the engine that sieves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from flighttrace.cli_options import FIRST_DAY
from flighttrace.errors import UsageError

if TYPE_CHECKING:
    from flighttrace.match.engines import Engine
    from flighttrace.weigh.query import Query


def query_of(options: Mapping[str, Any]) -> Query:
    """The query that the options state. UsageError where they contradict each other."""
    from flighttrace.weigh.query import Query, midnight_utc

    fields = ("from_day", "to_day", "tz", "window", "origin", "destination", "icao24", "callsign", "min_grade")
    query = Query(**{name: options[name] for name in fields if options.get(name) is not None})
    midnight_utc(FIRST_DAY, query.tz)
    if query.from_day and query.to_day and query.to_day < query.from_day:
        raise UsageError(f"--to {query.to_day} lies before --from {query.from_day}")
    return query


def days_needed(query: Query) -> tuple[date | None, date | None]:
    """First and last UTC day that the query reads."""
    from flighttrace.match import sieve

    start, end = query.start_utc, query.end_utc
    return sieve.days_needed(
        None if start is None else sieve.milliseconds(start), None if end is None else sieve.milliseconds(end)
    )


def refuse_with_archive(options: Mapping[str, Any]) -> None:
    """UsageError for what is declared of files when they are ingested, not when an archive is asked."""
    for name, flag in (
        ("input_tz", "--input-tz"),
        ("mappings", "--mapping"),
        ("airframes", "--airframe"),
        ("networks", "--network"),
    ):
        if options.get(name):
            raise UsageError(f"{flag} goes with files: with an archive it is said to `flighttrace ingest`")


def engine_of(options: Mapping[str, Any]) -> Engine:
    """The engine that the options name."""
    if options.get("engine") == "spark":
        from flighttrace.match.engines.on_spark import SparkEngine

        master = options.get("master")
        if not master:
            raise UsageError("--engine spark needs --master URL, such as spark://host:7077")
        return SparkEngine(master)
    from flighttrace.match.engines.on_duckdb import DuckDBEngine

    memory = options.get("memory")
    return DuckDBEngine(memory=memory) if memory else DuckDBEngine()


def engine_of_trino(case_name: str, options: Mapping[str, Any], *, one_ended: bool) -> str:
    """The question as SQL for Trino."""
    from flighttrace.match.engines.for_trino import trino_sql
    from flighttrace.match.places import load_airfields
    from flighttrace.match.sieve import Question
    from flighttrace.weigh.case import load_case
    from flighttrace.weigh.query import routes_of

    query, airfields = query_of(options), load_airfields()
    if query.start_utc is None or query.end_utc is None:
        raise UsageError("--engine trino needs --from and --to: without them the whole archive would be scanned")
    routes = routes_of(load_case(case_name, airfields=airfields), airfields, query)
    question = Question.between(routes, airfields, start_utc=query.start_utc, end_utc=query.end_utc)
    return trino_sql(question, form="seen" if one_ended else "legs").rstrip() + "\n"


def asked(query: Query) -> str:
    """The question's days in words."""
    days = f"{query.from_day or 'the first day'} to {query.to_day or 'the last day'}, both included, days of {query.tz}"
    return f"asked: {days}; window by {query.window}"
