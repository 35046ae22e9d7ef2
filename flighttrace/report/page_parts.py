"""What the page says, as plain rows: the headline, the timeline, the legs, the inputs. Markup is the template's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flighttrace.language import Language
from flighttrace.match.model import Candidate, EndpointEstimate, Flight, Grade
from flighttrace.positions import Ingested
from flighttrace.report.canonical import plain
from flighttrace.report.counts import count_airframes, count_legs
from flighttrace.report.ends import NOT_TOLD, likeliest, told
from flighttrace.report.findings import (
    SourceNames,
    leg_distance_km,
    one_ended_order,
    source_entry,
    source_names,
)
from flighttrace.report.legbook import AirfieldBook, Entry, outward, route_rank
from flighttrace.report.placenames import field_name
from flighttrace.report.spans import position_spans, whole_span
from flighttrace.report.terms import term
from flighttrace.report.timeline import Mark, Panel, Window, panels
from flighttrace.report.wording import IDENTITY_TEXTS, Words
from flighttrace.weigh.model import (
    VERDICTS,
    Verdict,
    Weighed,
)


@dataclass(frozen=True)
class Headline:
    """What was asked, and the answer in numbers that are named."""

    routes: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[int, str], ...]
    verdicts: tuple[tuple[Verdict, int], ...]
    nothing: bool
    apart: bool
    """True where the second number is of legs that only claims ask for."""
    span: str
    """From when to when the files hold positions; empty where they hold none."""


@dataclass(frozen=True)
class Moment:
    """A time as the page prints it: UTC, and each local zone with its label."""

    utc: str
    local: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EndRow:
    """One end of a flight on the page."""

    airport: str | None
    name: str
    """Of the field; that it is not told where the grade is D or X, and then `likeliest` stands in its place."""
    grade: Grade
    likeliest: tuple[str, ...]
    time: Moment | None
    bounds: str
    reasons: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class EntryRow:
    """A numbered leg, or a sighting (number 0), with all that its table row and its details say."""

    number: int
    possible: bool
    outward: bool
    depart_s: int
    callsigns: str
    icao24: str
    identity: str
    known_as: tuple[tuple[str, str], ...]
    routes: tuple[tuple[str, str, Grade, Grade], ...]
    departure: EndRow
    arrival: EndRow
    grade: Grade
    day: str
    listed: tuple[str, ...]
    distance_km: float
    positions: int
    rejected: int
    rejected_because: tuple[tuple[str, int], ...]
    """Reason in the page's language, and how many positions."""
    gap_min: int
    sources: tuple[str, ...]
    witnesses: tuple[str, ...]
    flags: tuple[str, ...]
    claims: tuple[str, ...]
    simulated: bool


def counted(number: int, one: str, many: str) -> tuple[int, str]:
    """The number and its name in the right form."""
    return number, one if number == 1 else many


def answer(weighed: Weighed, entries: Sequence[Entry], ingested: Ingested, lang: Language) -> Headline:
    """The headline's numbers. Legs are flights: one that joins two pairs of places is counted once."""
    w, case = Words(lang), weighed.case
    sightings = len({s.flight.flight_id for s in weighed.one_ended})
    tally = Counter(f.verdict for f in weighed.findings)
    return Headline(
        routes=tuple((place_title(a, weighed, lang), place_title(b, weighed, lang)) for a, b in case.routes),
        numbers=(
            *leg_numbers(weighed, entries, w),
            counted(sightings, w.one_sighting, w.sightings),
            counted(len(ingested.sources), w.one_input_file, w.input_files),
        ),
        verdicts=tuple((v, tally[v]) for v in VERDICTS if tally[v]),
        nothing=not entries,
        apart=bool(count_legs((leg for e in entries for leg in e.legs), case.routes).for_claims),
        span=_span_text(ingested),
    )


def leg_numbers(weighed: Weighed, entries: Sequence[Entry], w: Words) -> tuple[tuple[int, str], ...]:
    """The legs by who asked for them, the airframes by address; what is nought beyond the first of each is left out."""
    counts = count_legs((leg for e in entries for leg in e.legs), weighed.case.routes)
    airframes = count_airframes(e.flight for e in entries if not e.possible)
    further = (
        (airframes.declared, w.airframes_declared),
        (airframes.without_address, w.legs_without_address),
    )
    return (
        counted(counts.on_routes, w.one_leg_on_routes, w.legs_on_routes),
        *([(counts.for_claims, w.legs_for_claims)] if counts.for_claims else []),
        counted(airframes.by_address, w.one_airframe, w.airframes),
        *((n, name) for n, name in further if n),
        counted(counts.possible, w.one_possible_leg, w.possible_legs),
    )


def _span_text(ingested: Ingested) -> str:
    span = whole_span(ingested)
    return f"{span[0]:%Y-%m-%d %H:%M} – {span[1]:%Y-%m-%d %H:%M} UTC" if span else ""


def place_title(name: str, weighed: Weighed, lang: Language) -> str:
    """A place's title in the language, its name where the case has no such place."""
    place = weighed.case.places.get(name)
    return place.title[lang] if place else name


def moment(at: datetime, zones: Mapping[str, str], lang: Language = "en") -> Moment:
    """`2031-09-25 12:00` in UTC and in each zone; the date is repeated where it differs."""
    local = tuple(
        (term(label, lang), f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}") for label, zone in zones.items()
    )
    return Moment(f"{at:%Y-%m-%d %H:%M}", local)


def lanes_of(weighed: Weighed, entries: Sequence[Entry], lang: Language) -> list[tuple[str, str, bool]]:
    """The timeline's lanes: from, to, and whether it is the outward direction."""
    return [
        (place_title(o, weighed, lang), place_title(d, weighed, lang), out) for _, o, d, out in _pairs(weighed, entries)
    ]


def _pairs(weighed: Weighed, entries: Sequence[Entry]) -> list[tuple[int, str, str, bool]]:
    mains = [e.main for e in entries]
    case = weighed.case
    return sorted({(route_rank(x, case), x.origin_place, x.destination_place, outward(x, case)) for x in mains})


def timeline_of(weighed: Weighed, entries: Sequence[Entry], lang: Language) -> tuple[Panel, ...]:
    """The timeline's panels."""
    lanes = [(o, d) for _, o, d, _ in _pairs(weighed, entries)]
    marks = [
        Mark(
            e.number,
            departs(e.flight),
            lanes.index((e.main.origin_place, e.main.destination_place)),
            e.possible,
            f"{e.number} · {departs(e.flight):%Y-%m-%d %H:%M}Z {' '.join(e.flight.callsigns)}",
        )
        for e in entries
    ]
    named: dict[tuple[datetime, datetime], list[str]] = {}
    for finding in weighed.findings:
        for result in finding.readings:
            if result.window_from_utc and result.window_to_utc:
                span = (result.window_from_utc, result.window_to_utc)
                short = finding.claim.id.rpartition(".")[2]
                named.setdefault(span, []).append(short)
    w, comma = Words(lang), "،" if lang == "ar" else ","
    windows = [
        Window(
            a, b, f"{_joined(list(dict.fromkeys(names)))}{comma} {max(round((b - a) / timedelta(days=1)), 1)} {w.days}"
        )
        for (a, b), names in named.items()
    ]
    return panels(marks, windows, lang=lang)


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")


def departs(flight: Flight) -> datetime:
    """When the flight left: the estimate, else the first position heard."""
    return flight.departure.time_utc or flight.first_seen_utc


def entry_rows(
    weighed: Weighed, entries: Sequence[Entry], ingested: Ingested, airfields: AirfieldBook, lang: Language
) -> list[EntryRow]:
    """The legs' rows, the possible ones last."""
    rows = []
    for e in entries:
        routes = tuple(
            (
                _placed(place_title(x.origin_place, weighed, lang), x.departure_place_grade, lang),
                _placed(place_title(x.destination_place, weighed, lang), x.arrival_place_grade, lang),
                x.departure_place_grade,
                x.arrival_place_grade,
            )
            for x in e.legs
        )
        witnesses = {w.network: (w.departure_place_grade, w.arrival_place_grade) for w in e.main.witnesses}
        seen = tuple(f"{n}: {a or '–'}/{b or '–'}" for n, (a, b) in sorted(witnesses.items()))
        rows.append(
            _row(
                e.flight,
                weighed,
                ingested,
                airfields,
                lang,
                number=e.number,
                possible=e.possible,
                outward=outward(e.main, weighed.case),
                routes=routes,
                grade=e.grade,
                witnesses=seen,
                claims=e.claims,
            )
        )
    return rows


def sighting_rows(weighed: Weighed, ingested: Ingested, airfields: AirfieldBook, lang: Language) -> list[EntryRow]:
    """The one-ended sightings, one row a flight, numbered S1, S2 … ."""
    ordered = sorted(weighed.one_ended, key=one_ended_order)
    rows = []
    for n, flight_id in enumerate(dict.fromkeys(s.flight.flight_id for s in ordered), start=1):
        of_flight = [s for s in ordered if s.flight.flight_id == flight_id]
        routes = tuple(
            (
                _placed(place_title(s.place, weighed, lang), s.place_grade, lang) if s.kind == "departure" else "",
                _placed(place_title(s.place, weighed, lang), s.place_grade, lang) if s.kind == "arrival" else "",
                s.place_grade,
                s.place_grade,
            )
            for s in of_flight
        )
        s = of_flight[0]
        rows.append(
            _row(
                s.flight,
                weighed,
                ingested,
                airfields,
                lang,
                number=n,
                possible=s.possible,
                outward=s.kind == "departure",
                routes=routes,
                grade=s.place_grade,
                witnesses=(),
                claims=tuple(sorted(weighed.claims_of.get(flight_id, ()))),
            )
        )
    return rows


def _placed(title: str, grade: Grade, lang: Language) -> str:
    """The place's title; with a question mark where its grade does not tell that the end lies there."""
    return title + ("؟" if lang == "ar" else "?") if grade in NOT_TOLD else title


def _row(
    flight: Flight,
    weighed: Weighed,
    ingested: Ingested,
    airfields: AirfieldBook,
    lang: Language,
    *,
    number: int,
    possible: bool,
    outward: bool,
    routes: tuple[tuple[str, str, Grade, Grade], ...],
    grade: Grade,
    witnesses: tuple[str, ...],
    claims: tuple[str, ...],
) -> EntryRow:
    names = SourceNames(ingested)
    known = [a for a in weighed.case.airframes if flight.icao24 and a.icao24 == flight.icao24]
    identity = IDENTITY_TEXTS[flight.identity][lang] if flight.identity in IDENTITY_TEXTS else flight.identity
    return EntryRow(
        number=number,
        possible=possible,
        outward=outward,
        depart_s=int(departs(flight).timestamp()),
        callsigns=" ".join(flight.callsigns),
        icao24=flight.icao24 or "",
        identity=identity,
        known_as=tuple(
            (
                ("، " if lang == "ar" else ", ").join(
                    term(value, lang) for value in (a.registration, a.operator, a.kind, a.typecode) if value
                )
                + (f" ({a.as_of.isoformat()})" if a.as_of else ""),
                a.source,
            )
            for a in known
        ),
        routes=routes,
        departure=_end_row(flight.departure, weighed, airfields, lang),
        arrival=_end_row(flight.arrival, weighed, airfields, lang),
        grade=grade,
        day=f"{departs(flight):%Y-%m-%d}",
        listed=tuple(f"{x.departure or '?'} → {x.arrival or '?'}" for x in flight.listed),
        distance_km=round(leg_distance_km(flight)),
        positions=flight.position_count,
        rejected=flight.rejected_count,
        rejected_because=tuple((term(reason, lang), count) for reason, count in flight.rejected_by_reason),
        gap_min=round(flight.longest_gap_s / 60),
        sources=tuple(str(s["file"]) for s in names.of(flight.source_ids)),
        witnesses=witnesses,
        flags=tuple(term(flag, lang) for flag in flight.flags),
        claims=claims,
        simulated=flight.simulated,
    )


def _end_row(end: EndpointEstimate, weighed: Weighed, airfields: AirfieldBook, lang: Language) -> EndRow:
    w, zones = Words(lang), weighed.case.local_timezones
    field = airfields.get(end.airport) if end.airport and end.airport in airfields else None
    bounds = ""
    if end.not_before_utc and end.not_after_utc:
        bounds = f"{end.not_before_utc:%H:%M} – {end.not_after_utc:%H:%M}Z"
    named = told(end)
    others = [c for c in end.candidates if named and c.airport != end.airport and c.probability >= 0.005]
    return EndRow(
        airport=end.airport if named else None,
        name=(field_name(field, lang) if field else str(end.airport)) if named else w.field_not_told,
        grade=end.grade,
        likeliest=() if named else likeliest(end, w.unknown_field),
        time=moment(end.time_utc, zones, lang) if end.time_utc else None,
        bounds=bounds,
        reasons=tuple(r[lang] for r in end.reasons),
        others=tuple(_candidate_text(c, w) for c in others[:4]),
    )


def _candidate_text(candidate: Candidate, w: Words) -> str:
    return f"{candidate.airport or w.unknown_field} {candidate.probability:.0%}"


def input_rows(ingested: Ingested) -> list[dict[str, object]]:
    """The inputs in the order of the documents."""
    spans = position_spans(ingested)
    ordered = sorted(ingested.sources, key=lambda s: (source_names(s), s.sha256))
    return [source_entry(s, spans.get(s.source_id)) for s in ordered]


def minute(iso_utc: str | None) -> str:
    """`2031-09-25 12:00` of a document's time; a dash where there is none."""
    return "–" if iso_utc is None else iso_utc[:16].replace("T", " ")


def plain_settings(settings: Mapping[str, object]) -> list[tuple[str, str]]:
    """The settings as name and value, paths as labels."""
    data = plain(settings)
    assert isinstance(data, dict)
    return [(name, _setting_text(value)) for name, value in data.items()]


def _setting_text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_setting_text(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_setting_text(v) for v in value)
    return "–" if value is None else str(value)
