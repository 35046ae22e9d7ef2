"""OpenSky's REST interface: flights of an airframe or airport, and the waypoints of an airframe's flights.

`/flights/aircraft`, `/flights/arrival` and `/flights/departure` answer two UTC days a call at most, 404 where they
list no flight; `/tracks/all` reaches back 30 days. What they state of airports are OpenSky's estimates.
Source: openskynetwork.github.io/opensky-api, REST API.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from flighttrace.errors import FlighttraceError, UsageError
from flighttrace.ingest.fetch.model import Missing, Plan, Wanted
from flighttrace.ingest.fetch.sources import Asker, Request, in_words, is_gone, needed, spans, two_at_most
from flighttrace.ingest.fetch.table import Table

FLIGHTS: Final = "opensky-flights"
TRACKS: Final = "opensky-tracks"
TRACK_DAYS: Final = 30
"""As far as `/tracks/all` reaches back."""
_MOST_BYTES: Final = 64 * 1024**2
_INTO_FLIGHT_S: Final = 60
"""A track is asked for by a moment within its flight."""


def plan_flights(request: Request, table: Table, asker: Asker) -> Plan:
    """A call for each airframe, or for the arrivals and for the departures of each airport, and two days."""
    needed(request.days, "days (--from, --to)")
    if not request.icao24 and not request.airports:
        raise UsageError("fetch opensky-flights needs --icao24 or --airport, or a case that names them (--case)")
    source = table[FLIGHTS]
    assert source.first_day is not None
    early = [day for day in request.days if day < source.first_day or day > request.today]
    missing = tuple(
        Missing(FLIGHTS, f"{FLIGHTS} {in_words(*span)}", "the source holds nothing of these days", never_held=True)
        for span in spans(early)
    )
    days = [day for day in request.days if day not in early]
    files = tuple(_flights_of(request, days, table))
    notes = (
        f"terms: {source.terms}",
        f"{len(files)} calls, each of one credit or more; an account has 4,000 credits a day, without one 400",
        "flights are listed with estimated airports: shown beside our own ends, never taken for an observation",
    )
    return Plan(files, missing, notes)


def _flights_of(request: Request, days: list[date], table: Table) -> Iterator[Wanted]:
    wanted = [("aircraft", "icao24", icao24) for icao24 in request.icao24]
    wanted += [(kind, "airport", code) for code in request.airports for kind in ("arrival", "departure")]
    for kind, parameter, value in wanted:
        for first, last in two_at_most(days):
            span = f"{first}" if first == last else f"{first}_{last}"
            yield Wanted(
                source=FLIGHTS,
                url=table.address(FLIGHTS, kind),
                name=f"flights_{kind}_{value}_{span}.json",
                day=first,
                until=last,
                form="json",
                params={parameter: value, "begin": str(_begin(first)), "end": str(_begin(last) + 86_399)},
                with_token=True,
                most_bytes=_MOST_BYTES,
            )


def plan_tracks(request: Request, table: Table, asker: Asker) -> Plan:
    """The track of each flight that OpenSky lists for the airframes; days it no longer keeps are never asked for."""
    needed(request.days, "days (--from, --to)")
    needed(request.icao24, "an airframe (--icao24)")
    oldest = request.today - timedelta(days=TRACK_DAYS)
    past = [day for day in request.days if not oldest <= day <= request.today]
    missing = tuple(
        Missing(TRACKS, f"{TRACKS} {in_words(*span)}", f"only {oldest} to {request.today} is kept", never_held=True)
        for span in spans(past)
    )
    days = [day for day in request.days if day not in past]
    files: dict[str, Wanted] = {}
    none: list[str] = []
    for icao24 in request.icao24:
        for first, last in two_at_most(days):
            flights = _first_seen(icao24, first, last, table, asker)
            if not flights:
                none.append(f"{icao24} {in_words(first, last)}")
            for seen in flights:
                name = f"track_{icao24}_{datetime.fromtimestamp(seen, UTC):%Y-%m-%dT%H%M%SZ}.json"
                files[name] = Wanted(
                    source=TRACKS,
                    url=table.address(TRACKS, "track"),
                    name=name,
                    day=datetime.fromtimestamp(seen, UTC).date(),
                    until=datetime.fromtimestamp(seen, UTC).date(),
                    form="json",
                    params={"icao24": icao24, "time": str(seen + _INTO_FLIGHT_S)},
                    with_token=True,
                    most_bytes=_MOST_BYTES,
                )
    notes = (
        f"terms: {table[TRACKS].terms}",
        f"tracks are kept for {TRACK_DAYS} days: older days are not asked for",
        "OpenSky thins these tracks: a waypoint every 15 minutes or on a turn; speeds between them are coarse",
        *(f"OpenSky lists no flight of {one}: no statement that it did not fly" for one in none),
    )
    return Plan(tuple(files.values()), missing, notes)


def _first_seen(icao24: str, first: date, last: date, table: Table, asker: Asker) -> list[int]:
    params = {"icao24": icao24, "begin": str(_begin(first)), "end": str(_begin(last) + 86_399)}
    answer = asker.ask(table.address(TRACKS, "aircraft"), params=params, with_token=True)
    if is_gone(answer):
        return []
    held: Any = answer.json()
    if not isinstance(held, list) or not all(isinstance(f, dict) and type(f.get("firstSeen")) is int for f in held):
        raise FlighttraceError(f"{TRACKS}: the answer for {icao24} is no list of flights (`fetch --self-test`)")
    return sorted({f["firstSeen"] for f in held if 0 < f["firstSeen"] < 2**32})


def _begin(day: date) -> int:
    return int(datetime.combine(day, time(0), UTC).timestamp())
