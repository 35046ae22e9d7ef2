"""From a validated case document to the frozen Case: places resolved to airfields, readings enumerated."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flighttrace.language import Text
from flighttrace.match.model import Place
from flighttrace.weigh.expects import Expects, FlightSpec, WindowSpec
from flighttrace.weigh.model import AddressBlock, Airframe, Article, Case, Claim, Network
from flighttrace.weigh.readings import enumerate_readings

if TYPE_CHECKING:  # the schema is not loaded for a case that was validated when it was packed
    from flighttrace.match.places import Airfields
    from flighttrace.weigh.schema import (
        AirframeDoc,
        ArticleDoc,
        CaseDoc,
        ClaimDoc,
        ExpectsDoc,
        FlightDoc,
        PlaceDoc,
        WindowDoc,
        Words,
    )

NOTHING = Text("", "")


def build_case(document: CaseDoc, airfields: Airfields, *, digest: str, file: str) -> Case:
    """The Case of a document that has passed every check."""
    places = {name: _place(name, place, airfields) for name, place in document.places.items()}
    return Case(
        name=document.name,
        title=_text(document.title),
        digest=digest,
        places=places,
        routes=tuple((route[0], route[1]) for route in document.routes),
        airframes=tuple(_airframe(address, doc) for address, doc in document.airframes.items()),
        articles=tuple(_article(name, doc) for name, doc in document.articles.items()),
        claims=tuple(_claim(name, doc) for name, doc in document.claims.items()),
        readings={name: enumerate_readings(name, doc, places) for name, doc in document.articles.items()},
        local_timezones=dict(document.local_timezones),
        file=file,
        timezone=document.timezone,
        address_blocks=tuple(
            AddressBlock(state, block.first.lower(), block.last.lower(), block.source, block.wider)
            for state, blocks in document.address_blocks.items()
            for block in blocks
        ),
        shift_weeks=document.shift_weeks or 0,
    )


def _text(words: Words | None) -> Text:
    return NOTHING if words is None else Text(words.en, words.ar or words.en)


def _place(name: str, doc: PlaceDoc, airfields: Airfields) -> Place:
    if doc.airports is not None:
        fields = tuple(airfields.get(airport) for airport in doc.airports)
    elif doc.centre is not None and doc.radius_km is not None:
        near = airfields.within(doc.centre[0], doc.centre[1], doc.radius_km)
        fields = tuple(field for field in near if field.country == doc.country)
    else:
        assert doc.country is not None
        fields = airfields.in_country(doc.country)
    if doc.airports is None:  # closed, and nobody here knows since when: never a candidate
        fields = tuple(field for field in fields if field.closed != date.min)
    return Place(
        name=name,
        title=_text(doc.title),
        airports=tuple(dict.fromkeys(field.airport for field in fields)),
        centre=None if doc.centre is None else (doc.centre[0], doc.centre[1]),
        radius_km=doc.radius_km,
        note=None if doc.note is None else _text(doc.note),
    )


def _airframe(address: str, doc: AirframeDoc) -> Airframe:
    return Airframe(
        icao24=address.lower(),
        registration=doc.registration,
        operator=doc.operator,
        kind=doc.kind,
        typecode=doc.typecode,
        source=doc.source,
        as_of=doc.as_of,
        state=doc.state,
        note=doc.note,
        valid_from=doc.valid_from,
        valid_until=doc.valid_until,
    )


def _article(name: str, doc: ArticleDoc) -> Article:
    networks = Network(tuple(doc.networks.names), doc.networks.known, _text(doc.networks.note))
    return Article(name, _text(doc.title), doc.sha256, doc.language, networks, _text(doc.note))


def _claim(name: str, doc: ClaimDoc) -> Claim:
    return Claim(
        id=name,
        article=doc.article,
        paragraph=doc.paragraph,
        text=_text(doc.text),
        expects=None if doc.expects is None else _expects(doc.expects),
        ceiling=doc.ceiling,
        tracks_show=_text(doc.tracks_show),
        tracks_cannot=_text(doc.tracks_cannot),
        untestable=None if doc.untestable is None else _text(doc.untestable),
    )


def _expects(doc: ExpectsDoc) -> Expects:
    return Expects(
        flights=tuple(_flight(flight) for flight in doc.flights),
        window=None if doc.window is None else _window(doc.window),
        at_least=doc.at_least,
        count_note=None if doc.count_note is None else _text(doc.count_note),
        distinct_airframes=doc.distinct_airframes or 0,
        distinct_months=doc.distinct_months or 0,
        distinct_years=doc.distinct_years or 0,
        every_week=doc.every_week,
        round_trip=doc.round_trip,
        operator=tuple(doc.operator),
        state=tuple(doc.state),
        kind=tuple(doc.kind),
        no_stop=doc.no_stop,
        airframe=None if doc.airframe is None else doc.airframe.lower(),
        beside=tuple(_flight(flight) for flight in doc.beside),
        list_earlier=doc.list_earlier,
    )


def _flight(doc: FlightDoc) -> FlightSpec:
    return FlightSpec(
        event=doc.event,
        origin=doc.at if doc.event == "take-off" else doc.from_,
        destination=doc.at if doc.event == "landing" else doc.to,
        either_direction=doc.either_direction,
        note=None if doc.note is None else _text(doc.note),
    )


def _window(doc: WindowDoc) -> WindowSpec:
    first, until = doc.from_, doc.until
    if doc.year is not None:
        first, until = date(doc.year, 1, 1), date(doc.year + 1, 1, 1)
    elif doc.month is not None:
        first = date.fromisoformat(f"{doc.month}-01")
        until = first + timedelta(days=monthrange(first.year, first.month)[1])
    return WindowSpec(
        day=_day(doc.day),
        first=first,
        until=until,
        before=_day(doc.before),
        weeks=doc.weeks if isinstance(doc.weeks, int) else None,
        weeks_from_reading=doc.weeks == "window",
        months=doc.months,
        years=doc.years,
        by=doc.by,
    )


def _day(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value
