"""Tables for a terminal, as rich renderables; the command line prints them.

Every cell is a `rich.text.Text` of escaped text: no call sign becomes markup, and no control character reaches the
terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text as Rich

from flighttrace.language import SIMULATED_STAMP, Language
from flighttrace.match.model import EndpointEstimate, Flight, Grade, Leg, OneEnded, Place
from flighttrace.positions import Ingested
from flighttrace.report.canonical import label
from flighttrace.report.cards import unchanged_by_readings
from flighttrace.report.counts import count_legs
from flighttrace.report.ends import NOT_TOLD, likeliest
from flighttrace.report.findings import flight_order, leg_order, one_ended_order, source_names
from flighttrace.report.spans import position_spans
from flighttrace.report.terms import term
from flighttrace.report.wording import Words
from flighttrace.weigh.model import VERDICT_TEXTS, Case, Claim, Verdict, Weighed

GRADE_STYLES: Mapping[Grade, str] = {"A": "bold", "B": "", "C": "", "D": "dim", "X": "dim"}
VERDICT_STYLES: Mapping[Verdict, str] = {
    "corroborated": "bold green",
    "partly corroborated": "green",
    "consistent": "blue",
    "contradicted": "bold red",
    "conflicting": "yellow",
    "not observed, though covered": "yellow",
    "not observed, not covered": "",
    "not testable": "dim",
}


def flights_table(
    flights: Sequence[Flight], ingested: Ingested, *, lang: Language = "en", zones: Mapping[str, str] | None = None
) -> Table:
    """A flight a row, by time. `zones` is label → zone of the local times below the UTC times."""
    w = Words(lang)
    table = _table(
        [w.callsign, w.address, w.departure, w.arrival], _simulated(flights, ingested), lang, right=[w.positions]
    )
    for f in sorted(flights, key=flight_order):
        ends = [_end(e, zones or {}, w) for e in (f.departure, f.arrival)]
        table.add_row(_cell(" ".join(f.callsigns) or "–"), _cell(f.icao24 or f.track_key), *ends, _count(f))
    return table


def legs_table(
    legs: Sequence[Leg],
    one_ended: Sequence[OneEnded],
    ingested: Ingested,
    *,
    lang: Language = "en",
    zones: Mapping[str, str] | None = None,
    claims_of: Mapping[str, Sequence[str]] | None = None,
    places: Mapping[str, Place] | None = None,
    airframes: Mapping[str, str] | None = None,
) -> list[Table]:
    """The legs, a leg a row, by time; then, where there are any, the one-ended sightings as a table of their own.

    `airframes`: address → what a table of airframes says of it, printed below the address.
    """
    w, claims, local = Words(lang), claims_of or {}, zones or {}
    names = [w.route, w.grade, w.callsign, w.address, w.departure, w.arrival, w.bears_on]
    table = _table(names, _simulated([x.flight for x in legs], ingested), lang, right=[w.positions])
    for leg in sorted(legs, key=leg_order):
        way = f"{_place(leg.origin_place, places, lang)} → {_place(leg.destination_place, places, lang)}"
        table.add_row(
            _cell(way + (f" ({w.possible_leg})" if leg.possible else "")),
            _grade(leg.grade),
            *_flight_cells(leg.flight, local, w, airframes),
            _lines(sorted(claims.get(leg.leg_id, ()))),
            _count(leg.flight),
        )
    counts = count_legs(legs)
    said = counted_legs(counts.legs, counts.possible, lang)
    if len(legs) > counts.legs + counts.possible:
        said += f" ({len(legs):,} {w.rows_note})"
    table.caption = Rich(said)
    return [table, _sightings(one_ended, ingested, lang, local, claims, places, airframes)] if one_ended else [table]


def _sightings(
    one_ended: Sequence[OneEnded],
    ingested: Ingested,
    lang: Language,
    zones: Mapping[str, str],
    claims: Mapping[str, Sequence[str]],
    places: Mapping[str, Place] | None,
    airframes: Mapping[str, str] | None,
) -> Table:
    w = Words(lang)
    names = [w.sightings_title, w.grade, w.callsign, w.address, w.departure, w.arrival, w.bears_on]
    table = _table(names, _simulated([x.flight for x in one_ended], ingested), lang, right=[w.positions])
    for s in sorted(one_ended, key=one_ended_order):
        where = _place(s.place, places, lang)
        table.add_row(
            _cell(f"{where} → …" if s.kind == "departure" else f"… → {where}"),
            _grade(s.place_grade),
            *_flight_cells(s.flight, zones, w, airframes),
            _lines(sorted(claims.get(s.flight.flight_id, ()))),
            _count(s.flight),
        )
    number = len({s.flight.flight_id for s in one_ended})
    named = w.one_sighting if number == 1 else w.sightings
    table.caption = Rich(f"{named}: {number:,}" if lang == "ar" else f"{number:,} {named}")
    return table


def counted_legs(legs: int, possible: int, lang: Language) -> str:
    """ "40 legs and 1 possible leg": what is only possible is named, and not counted among the legs."""
    if lang == "ar":
        return f"عدد الرحلات: {legs:,}" + (f"؛ عدد الرحلات الممكنة: {possible:,}" if possible else "")
    text = f"{legs:,} leg{'' if legs == 1 else 's'}"
    return text + (f" and {possible:,} possible leg{'' if possible == 1 else 's'}" if possible else "")


def _flight_cells(
    flight: Flight, zones: Mapping[str, str], w: Words, airframes: Mapping[str, str] | None
) -> tuple[Rich, Rich, Rich, Rich]:
    address = [flight.icao24 or flight.track_key, *filter(None, [(airframes or {}).get(flight.icao24 or "")])]
    return (
        _cell(" ".join(flight.callsigns) or "–"),
        _lines(address),
        _end(flight.departure, zones, w),
        _end(flight.arrival, zones, w),
    )


def _simulated(flights: Sequence[Flight], ingested: Ingested) -> bool:
    return ingested.simulated or any(f.simulated for f in flights)


def case_claims_table(case: Case, *, lang: Language = "en") -> Table:
    """The claims of a case before any track is read: what tracks could show, or why they cannot."""
    w = Words(lang)
    table = _table([w.claim, w.paragraph, w.tracks_show], simulated=False, lang=lang)
    for claim in case.claims:
        can = claim.tracks_show if claim.untestable is None else claim.untestable
        style = "" if claim.untestable is None else "dim"
        table.add_row(_claim_cell(claim, lang), _cell(claim.paragraph), _cell(can[lang], style))
    return table


def claims_table(weighed: Weighed, *, lang: Language = "en") -> Table:
    """A claim a row; where the readings do not agree, every verdict with the number of readings that gave it."""
    w = Words(lang)
    table = _table([w.claim, w.verdict, w.readings, w.counted], weighed.simulated, lang)
    for f in weighed.findings:
        verdicts = Rich()
        for verdict in dict.fromkeys(r.verdict for r in f.readings) or (f.verdict,):
            verdicts.append("\n" if verdicts else "").append(VERDICT_TEXTS[verdict][lang], VERDICT_STYLES[verdict])
            if not f.readings_agree:
                verdicts.append(f" × {sum(r.verdict == verdict for r in f.readings)}")
        agree = w.readings_agree if f.readings_agree and len(f.readings) > 1 else ""
        readings = f"{len(f.readings) or '–'} {agree}".strip()
        if unchanged_by_readings(f):
            readings = w.readings_same.format(n=len(f.readings))
        counted = _safe(f.readings[0].counted[lang]) if f.readings else ""
        table.add_row(_claim_cell(f.claim, lang), verdicts, _cell(readings), Rich(counted))
    return table


def _claim_cell(claim: Claim, lang: Language) -> Rich:
    return Rich().append(_safe(claim.id), "dim").append("\n" + _safe(claim.text[lang]))


def inputs_table(ingested: Ingested, *, lang: Language = "en") -> Table:
    """An input a row with its accounting, then the inputs that failed."""
    w = Words(lang)
    spans = position_spans(ingested)
    numbers = [w.records, w.accepted, w.without_position, w.quarantined, w.duplicates]
    table = _table(
        [w.file, w.reader, w.network, w.first_position, w.last_position], ingested.simulated, lang, right=numbers
    )
    for s in sorted(ingested.sources, key=lambda s: (source_names(s), s.sha256)):
        a = s.accounting
        counts = (a.records, a.accepted, a.without_position_count, a.quarantined_count, a.exact_duplicates)
        times = [f"{at:%Y-%m-%d %H:%M}" for at in spans.get(s.source_id, ())] or ["–", "–"]
        named = (_cell(source_names(s)[0]), _cell(s.reader), _cell(term(s.network, lang)))
        table.add_row(*named, *times, *(f"{n:,}" for n in counts))
    for failure in ingested.lacking:
        table.add_row(_cell(label(failure.file), "bold red"), _cell(w.failures, "red"), *([""] * 8))
    return table


def _table(columns: Sequence[str], simulated: bool, lang: Language, *, right: Sequence[str] = ()) -> Table:
    stamp = Rich(SIMULATED_STAMP[lang].upper(), "bold magenta") if simulated else None
    table = Table(title=stamp, header_style="bold", show_lines=False, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _safe(text: str) -> str:
    """The text without control characters; what only joins or directs letters stays, for Arabic needs it."""
    return "".join(c if c.isprintable() or c in "\u200c\u200d" else c.encode("unicode_escape").decode() for c in text)


def _cell(text: str, style: str = "") -> Rich:
    return Rich(_safe(text), style)


def _lines(texts: Sequence[str]) -> Rich:
    return Rich("\n".join(_safe(text) for text in texts))


def _grade(grade: Grade) -> Rich:
    return Rich(grade, GRADE_STYLES[grade])


def _count(flight: Flight) -> Rich:
    return Rich(f"{flight.position_count:,}" + (f" (−{flight.rejected_count:,})" if flight.rejected_count else ""))


def _place(name: str, places: Mapping[str, Place] | None, lang: Language) -> str:
    place = (places or {}).get(name)
    return place.title[lang] if place else name


def _end(end: EndpointEstimate, zones: Mapping[str, str], w: Words) -> Rich:
    """`LLOV A 2031-09-25 12:00Z`, at grade D the likeliest fields instead of one; below it, local days and times."""
    text = Rich("" if end.grade in NOT_TOLD else f"{_safe(end.airport or w.unknown_field)} ")
    text.append(end.grade, GRADE_STYLES[end.grade])
    if end.grade in NOT_TOLD:
        text.append(_safe(f" {', '.join(likeliest(end, w.unknown_field))}"))
    if end.time_utc is not None:
        text.append(f" {end.time_utc:%Y-%m-%d %H:%M}Z")
        for name, zone in zones.items():
            text.append(f"\n{_local(end.time_utc, zone)} {_safe(name)}", "dim")
    return text


def _local(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
