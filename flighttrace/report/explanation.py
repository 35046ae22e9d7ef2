"""One flight's two ends explained: for the terminal, and as the document `flighttrace/explanation/1`.

The answer, its grade and why by the rule, every candidate with both probabilities and what speaks for and against it,
the reasons in words, what the next sighting adds, and what can be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text as Rich

from flighttrace.errors import UsageError, shown
from flighttrace.language import CARGO_NOTE, SIMULATED_STAMP, Language, Text
from flighttrace.match.candidates import FASTEST_KT
from flighttrace.match.model import Candidate, EndKind, EndpointEstimate, Flight
from flighttrace.match.reach import FLATTEST_DEG, reachable
from flighttrace.match.reasons import grade_reason, silence
from flighttrace.match.rivals import Fields, remarks, standing
from flighttrace.positions import Ingested
from flighttrace.report.canonical import Plain, bilingual, iso_ms, number
from flighttrace.report.end_words import reach_words
from flighttrace.report.ends import likeliest, told
from flighttrace.report.findings import SourceNames, flight_entry, head_entry
from flighttrace.report.map_words import END_TITLES, FIELD_NOT_TOLD, RIGHT_TO_LEFT_MARK, UNKNOWN
from flighttrace.report.placenames import field_name

EXPLANATION_SCHEMA: Final = "flighttrace/explanation/1"
ENDS: Final[tuple[EndKind, ...]] = ("departure", "arrival")
MOST_NAMED: Final = 4
HEADS: Final = (
    Text("candidate", "المرشح"),
    Text("probability", "الاحتمال"),
    Text("flat prior", "بلا تفضيل"),
    Text("km", "كم"),
    Text("ft above it", "قدم فوقه"),
    Text("what speaks for and against it", "ما له وما عليه"),
)
ANSWER: Final = Text("answer", "الجواب")
GRADE: Final = Text("grade", "الدرجة")
REACH: Final = Text("reachable", "النطاق الممكن")


def flight_of(flights: Sequence[Flight], wanted: str) -> Flight:
    """The flight of that id, or of an id that begins so if it is the only one. UsageError else."""
    found = [f for f in flights if f.flight_id == wanted] or [f for f in flights if f.flight_id.startswith(wanted)]
    if not wanted or not found:
        raise UsageError(f"no flight has the id {shown(wanted)!r} (`flighttrace flights --csv` lists them)")
    if len(found) > 1:
        some = ", ".join(f.flight_id for f in found[:MOST_NAMED]) + (", …" if len(found) > MOST_NAMED else "")
        raise UsageError(f"{len(found)} flights have an id that begins with {shown(wanted)!r}: {some}")
    return found[0]


def explanation_document(flight: Flight, ingested: Ingested, airfields: Fields) -> Plain:
    """`flighttrace/explanation/1`: the flight as in flights/1, and each end with what its answer rests on."""
    return {
        **head_entry(EXPLANATION_SCHEMA, ingested.simulated or flight.simulated, ingested),
        "flight": flight_entry(flight, SourceNames(ingested)),
        "ends": {kind: _end(flight.end(kind), airfields) for kind in ENDS},
    }


def _end(end: EndpointEstimate, airfields: Fields) -> Plain:
    reach = reachable(end)
    return {
        "field_told": told(end),
        "grade_reason": bilingual(grade_reason(end)),
        "vertical_rate_ft_min": number(end.vertical_rate_ft_min, 0),
        "ground_speed_kt": number(end.ground_speed_kt, 1),
        "true_track_deg": number(end.true_track_deg, 1),
        "course_deg": number(end.course_deg, 1),
        "neighbour": _neighbour(end),
        "reachable": None
        if reach is None
        else {
            "kind": reach.kind,
            "km": number(reach.km, 1),
            "fastest_kt": FASTEST_KT if reach.kind in ("both", "nowhere") else None,
            "flattest_deg": FLATTEST_DEG if reach.kind == "descent" else None,
        },
        "candidates": [_candidate(end, c, airfields) for c in end.candidates if c.airport is not None],
    }


def _neighbour(end: EndpointEstimate) -> Plain | None:
    beside = end.neighbour
    if beside is None:
        return None
    seconds, km, kt = silence(end, beside)
    return {
        "time_utc": iso_ms(beside.time_utc),
        "lat_deg": number(beside.lat_deg, 6),
        "lon_deg": number(beside.lon_deg, 6),
        "altitude_ft": number(beside.altitude_ft, 1),
        "on_ground": beside.on_ground,
        "silence_s": number(seconds, 3),
        "distance_km": number(km, 1),
        "straight_kt": number(kt, 1),
    }


def _candidate(end: EndpointEstimate, candidate: Candidate, airfields: Fields) -> Plain:
    stands = standing(end, candidate, airfields)
    return {
        "airport": candidate.airport,
        "bearing_deg": number(stands.bearing_deg, 1),
        "off_heading_deg": number(stands.off_deg, 1),
        "beside_course_km": number(stands.beside_km, 1),
        "slope_deg": number(stands.slope_deg, 2),
        "runway": stands.runway or None,
        "off_runway_deg": number(stands.runway_off_deg, 1),
        "remarks": [bilingual(text) for text in remarks(end, candidate, airfields)],
    }


def explanation(
    flight: Flight,
    ingested: Ingested,
    airfields: Fields,
    *,
    lang: Language = "en",
    zones: Mapping[str, str] | None = None,
) -> list[RenderableType]:
    """Both ends for a terminal. Every text is escaped: no call sign becomes markup."""
    head = Rich(_safe(" ".join([*flight.callsigns, flight.icao24 or flight.track_key, flight.flight_id])), "bold")
    parts: list[RenderableType] = [head]
    if flight.simulated or ingested.simulated:
        parts.insert(0, Rich(SIMULATED_STAMP[lang].upper(), "bold magenta"))
    for kind in ENDS:
        parts += _end_parts(flight.end(kind), airfields, lang, zones or {})
    return [*parts, Rich("\n" + CARGO_NOTE[lang], "dim")]


def _end_parts(
    end: EndpointEstimate, airfields: Fields, lang: Language, zones: Mapping[str, str]
) -> list[RenderableType]:
    answer = f"{FIELD_NOT_TOLD[lang]}: {', '.join(likeliest(end, UNKNOWN[lang]))}"
    if told(end):
        field = airfields.get(end.airport or "")
        answer = f"{end.airport} {field_name(field, lang) if field is not None else ''}".strip()
    if told(end) and end.time_utc is not None:
        clocks = [f"{end.time_utc.astimezone(ZoneInfo(zone)):%m-%d %H:%M} {name}" for name, zone in zones.items()]
        answer += f", {end.time_utc:%Y-%m-%d %H:%M}Z" + "".join(f", {clock}" for clock in clocks)
    lines = Rich("\n").append(END_TITLES[end.kind][lang], "bold").append(f"  {ANSWER[lang]}: ").append(_safe(answer))
    lines.append(f"\n{GRADE[lang]} {_safe(grade_reason(end)[lang])}")
    table = Table(header_style="bold")
    for number_of, name in enumerate(HEADS):
        table.add_column(name[lang], overflow="fold", justify="right" if 0 < number_of < 5 else "left")
    for c in end.candidates:
        table.add_row(*(Rich(_safe(cell)) for cell in _cells(end, c, airfields, lang)))
    said = Rich("\n".join(f"- {_safe(reason[lang])}" for reason in end.reasons))
    reach = reachable(end)
    if reach is not None:
        said.append(f"\n- {REACH[lang]}: {_safe(reach_words(reach, end, lang).lstrip(RIGHT_TO_LEFT_MARK))}")
    return [lines, table, said]


def _cells(end: EndpointEstimate, c: Candidate, airfields: Fields, lang: Language) -> list[str]:
    shares = [_share(c.probability), _share(c.probability_flat)]
    if c.airport is None:
        return [UNKNOWN[lang], *shares, "", "", ""]
    field = airfields.get(c.airport)
    name = c.airport if field is None else f"{c.airport} {field_name(field, lang)}"
    km = "" if c.distance_km is None else f"{c.distance_km:,.1f}"
    height = "" if c.height_ft is None or end.on_ground else f"{c.height_ft:,.0f}"
    return [name, *shares, km, height, "; ".join(text[lang] for text in remarks(end, c, airfields))]


def _share(chance: float) -> str:
    return "<0.1%" if chance < 0.001 else ">99.9%" if 0.9995 <= chance < 1.0 else f"{chance:.1%}"


def _safe(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\u200c\u200d" else c.encode("unicode_escape").decode() for c in text)
