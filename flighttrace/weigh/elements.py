"""A claim's elements, each met, not met or unknowable by the matches found; what is counted is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from flighttrace.geodesy import distance_km
from flighttrace.language import Text
from flighttrace.match.legs import end_time
from flighttrace.match.model import Flight
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.weigh.caseterms import listed_in_arabic
from flighttrace.weigh.counting import Period, count_element, outward, round_trips_of, spread, tally, titles
from flighttrace.weigh.identity import Judged, address_is_known, judge_kind, judge_operator
from flighttrace.weigh.matching import Match
from flighttrace.weigh.model import Element, ElementName, ElementState, Network
from flighttrace.weigh.question import Question
from flighttrace.weigh.witnesses import is_strong

STOP_NEEDS_S: Final = 1800.0
"""Descent, a short stop and the climb back take a transport at least half an hour beyond the direct way."""
STOP_SPEED_KM_H: Final = 1000.0
"""Ground speed at which a gap's direct way is flown at the fastest, tail wind included: leaves the most time over."""


NO_FLIGHT: Final = Text("no flight to judge it by", "لا توجد رحلة يُحكم بها عليه")


def elements_of(question: Question, matches: Sequence[Match], *, nothing: ElementState) -> tuple[Element, ...]:
    """Every element that the claim states, over these matches.

    `nothing` is the state of the count with none at all. Of every other element nothing is known then: that it is
    "not met" would read as evidence of absence.
    """
    expects = question.expects
    names: list[tuple[ElementName, bool, Callable[[Question, Sequence[Match]], tuple[ElementState, Text]]]] = [
        ("places", True, _places),
        ("direction", question.is_leg, _direction),
        ("window", True, _window),
        ("count", True, count_element),
        ("airframes", expects.distinct_airframes > 0 or expects.airframe is not None, _airframes),
        ("operator", bool(expects.operator or expects.state), _operator),
        ("kind", bool(expects.kind), _kind),
        ("no stop", expects.no_stop, _no_stop),
    ]
    found = []
    for name, stated, judge in names:
        if stated:
            state, detail = judge(question, matches) if matches or name == "count" else ("unknowable", NO_FLIGHT)
            if not matches and name == "count":
                state = nothing
            elif not matches and name in ("places", "window"):
                asked = titles(question) if name == "places" else question.window.title
                detail = Text(f"{asked.en}; {NO_FLIGHT.en}", f"{asked.ar}؛ {NO_FLIGHT.ar}")
            found.append(Element(name, state, detail))
    return tuple(found)


def whole_matches(question: Question, matches: Sequence[Match]) -> list[Match]:
    """Those that by themselves meet every element that a single flight can meet."""
    return [m for m in matches if all(state == "met" for state in _own_states(question, m))]


def all_met_together(question: Question, matches: Sequence[Match]) -> bool:
    """True where enough of the matches meet every element of a single flight, and together meet the counts."""
    whole = whole_matches(question, matches)
    return bool(whole) and all(e.state == "met" for e in elements_of(question, whole, nothing="not met"))


def is_another_aircraft(question: Question, match: Match) -> bool:
    """True where the flight's airframe is known not to be what the claim says of it: address, operator or kind."""
    return "not met" in _identity_states(question, match)


def _identity_states(question: Question, match: Match) -> list[ElementState]:
    expects = question.expects
    states: list[ElementState] = []
    if expects.airframe is not None:
        states.append(_is_named(expects.airframe, match.flight))
    if expects.operator or expects.state:
        states.append(judge_operator(match.flight, expects, question.case).state)
    if expects.kind:
        states.append(judge_kind(match.flight, expects, question.case).state)
    return states


def _own_states(question: Question, match: Match) -> list[ElementState]:
    """The states of those elements that one flight meets or not by itself."""
    states: list[ElementState] = ["met" if match.in_window_surely else "unknowable"]
    states += _identity_states(question, match)
    if question.expects.no_stop:
        states.append("unknowable" if gap_could_hold_a_stop(match.flight) else "met")
    return states


def counted(question: Question, matches: Sequence[Match], networks: Network) -> Text:
    """The number with its name, and of these the number on which the verdict rests, where that is another one."""
    what, chosen = tally(question, matches), outward(question, matches)
    whole = whole_matches(question, chosen)
    if not chosen or (len(whole) == len(chosen) and not spread(question, chosen)):
        return what
    strong = [m for m in whole if is_strong(m, networks)]
    periods = _over(question, whole)
    verb = "meets" if len(whole) == 1 else "meet"
    en = f"; of these {len(whole)}{periods.en} {verb} every element"
    ar = f"؛ منها ما يحقق كل العناصر: {len(whole)}{periods.ar}"
    if len(strong) < len(whole):
        periods = _over(question, strong)
        en += f", and of those {len(strong)}{periods.en} at grade A or B with an independent witness"
        ar += f"، ومن هذه بالدرجة A أو B مع شاهد مستقل: {len(strong)}{periods.ar}"
    return Text(what.en + en, what.ar + ar)


def _over(question: Question, matches: Sequence[Match]) -> Text:
    """Over how many months, years or weeks the matches lie, where the claim asks for that."""
    if not matches:
        return Text("", "")
    forms: dict[Period, tuple[str, str]] = {
        "months": ("in {} different months", "أشهر مختلفة: {}"),
        "years": ("in {} different years", "سنوات مختلفة: {}"),
        "weeks": ("in {} of {} weeks", "أسابيع: {} من {}"),
    }
    en, ar = [], []
    for period, filled, needed in spread(question, matches):
        en.append(forms[period][0].format(filled, needed))
        ar.append(forms[period][1].format(filled, needed))
    return Text(f", {', '.join(en)},", f" ({'؛ '.join(ar)})") if en else Text("", "")


def gap_could_hold_a_stop(flight: Flight) -> bool:
    """True where some silence inside the flight is long enough for a descent, a stop and a climb."""
    if flight.longest_gap_s < STOP_NEEDS_S:
        return False
    if not len(flight.track):
        return True
    rows = flight.track[flight.track["rejected_because"].isna()]
    times, lats, lons = (rows[name].tolist() for name in ("time_utc", "lat_deg", "lon_deg"))
    for i, j in pairwise(range(len(times))):
        gap_s = (times[j] - times[i]).total_seconds()
        if gap_s >= STOP_NEEDS_S:
            direct_km = float(distance_km(lats[i], lons[i], lats[j], lons[j]))
            if gap_s - direct_km / STOP_SPEED_KM_H * 3600.0 >= STOP_NEEDS_S:
                return True
    return False


def _places(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    grades: Counter[str] = Counter(match.grade for match in matches)
    listed = ", ".join(f"{grade} {grades[grade]}" for grade in "ABCD" if grades[grade]) or "0"
    what = titles(question)
    return "met", Text(f"{what.en}; matches by grade: {listed}", f"{what.ar}؛ المطابقات بحسب الدرجة: {listed}")


def _direction(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    ways = [m.reverse for m in matches if m.leg is not None]
    out, back = ways.count(False), ways.count(True)
    detail = Text(
        f"legs one way: {out}, the other way: {back}",
        f"عدد الرحلات في الاتجاه الأول: {out}، وفي الاتجاه المعاكس: {back}",
    )
    if not question.expects.round_trip:
        return "met", detail
    pairs = round_trips_of(matches, from_origin=True)
    known = [pair for pair in pairs if address_is_known(pair[0].flight)]
    text = Text(
        f"{detail.en}; out and back by one airframe: {len(pairs)}",
        f"{detail.ar}؛ عدد رحلات الذهاب والعودة بالطائرة نفسها: {len(pairs)}",
    )
    return ("met" if known else "unknowable" if pairs else "not met"), text


def _window(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    title = question.window.title
    sure = sum(match.in_window_surely for match in matches)
    detail = Text(
        f"{title.en}; its bounds lie wholly inside the window: {sure} of {len(matches)}",
        f"{title.ar}؛ ما تقع حدوده كلها داخل الفترة: {sure} من {len(matches)}",
    )
    return _enough(sure, len(matches) - sure, _wanted(question, matches)), detail


def _wanted(question: Question, matches: Sequence[Match]) -> int:
    """How many of the flights found have to meet an element; that more were claimed is the count's affair."""
    return max(min(question.expects.at_least, len(matches)), 1)


def _enough(met: int, unknowable: int, needed: int) -> ElementState:
    if met >= needed:
        return "met"
    return "unknowable" if met + unknowable >= needed else "not met"


def _is_named(airframe: str, flight: Flight) -> ElementState:
    """Whether a flight is by the airframe that the claim names; an address that is not its own leaves it open."""
    if not address_is_known(flight) or AT_ONCE in flight.flags:
        return "unknowable"
    return "met" if flight.icao24 == airframe else "not met"


def _named_airframe(question: Question, matches: Sequence[Match], airframe: str) -> tuple[ElementState, Text]:
    states = Counter(_is_named(airframe, m.flight) for m in matches)
    detail = Text(
        f"by the airframe {airframe} that the claim names: {states['met']} of {len(matches)}",
        f"بالطائرة {airframe} التي يسميها الادعاء: {states['met']} من {len(matches)}",
    )
    return _enough(states["met"], states["unknowable"], _wanted(question, matches)), detail


def _airframes(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    if question.expects.airframe is not None:
        return _named_airframe(question, matches, question.expects.airframe)
    known = {m.flight.icao24 for m in matches if address_is_known(m.flight)}
    unknown = {m.flight.track_key for m in matches if not address_is_known(m.flight)}
    needed = question.expects.distinct_airframes
    en = f"different airframes: {len(known)} of {needed}"
    ar = f"طائرات مختلفة: {len(known)} من {needed}"
    if unknown:
        en += f"; tracks with no identity in the file, or one that the user declared: {len(unknown)}"
        ar += f"؛ عدد المسارات بلا هوية في الملف أو بهوية صرّح بها المستخدم: {len(unknown)}"
    elif len(known) == 1 and len(matches) > 1:
        en += f"; one airframe flew {len(matches)} times"
        ar += f"؛ طائرة واحدة، عدد رحلاتها: {len(matches)}"
    return _enough(len(known), len(unknown), needed), Text(en, ar)


def _operator(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    expects = question.expects
    judged = [judge_operator(m.flight, expects, question.case) for m in matches]
    parts = [
        (expects.operator, "operator", "المشغّل"),
        (expects.state, "registry", "دولة التسجيل"),
    ]
    en = " and ".join(f"{name}: {', '.join(wanted)}" for wanted, name, _ in parts if wanted)
    ar = " و".join(f"{name}: {listed_in_arabic(wanted)}" for wanted, _, name in parts if wanted)
    return _tally(question, matches, judged, Text(en, ar))


def _kind(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    judged = [judge_kind(m.flight, question.expects, question.case) for m in matches]
    wanted = question.expects.kind
    what = Text(f"kind of aircraft: {', '.join(wanted)}", f"نوع الطائرة: {listed_in_arabic(wanted)}")
    return _tally(question, matches, judged, what)


def _no_stop(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    gaps = sum(gap_could_hold_a_stop(m.flight) for m in matches)
    met = len(matches) - gaps
    detail = Text(
        f"legs without a silence that could hold a stop: {met} of {len(matches)}",
        f"رحلات بلا انقطاع في الرصد يتسع لتوقف: {met} من {len(matches)}",
    )
    return _enough(met, gaps, _wanted(question, matches)), detail


def _tally(
    question: Question, matches: Sequence[Match], judged: Sequence[Judged], what: Text
) -> tuple[ElementState, Text]:
    states = Counter(j.state for j in judged)
    bases = sorted({j.basis for j in judged})
    en = f"{what.en}: met {states['met']}, not met {states['not met']}, unknowable {states['unknowable']}"
    ar = f"{what.ar}: متحقق {states['met']}، غير متحقق {states['not met']}، لا يمكن معرفته {states['unknowable']}"
    if bases:
        en += f" ({'; '.join(basis.en for basis in bases)})"
        ar += f" ({'؛ '.join(basis.ar for basis in bases)})"
    return _enough(states["met"], states["unknowable"], _wanted(question, matches)), Text(en, ar)


def time_on_ground_s(landing: Match, flights: Sequence[Flight]) -> tuple[Flight, float] | None:
    """The same airframe's next flight after a landing, and the seconds from landing to take-off; None if unheard."""
    arrived = end_time(landing.flight.arrival)
    later = [f for f in flights if f.track_key == landing.flight.track_key and f.first_seen_utc > arrived]
    if not later:
        return None
    following = min(later, key=lambda f: (f.first_seen_utc, f.flight_id))
    return following, (end_time(following.departure) - arrived).total_seconds()
