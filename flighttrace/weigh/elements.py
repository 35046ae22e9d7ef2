"""A claim's elements, each met, not met or unknowable by the matches found; what is counted is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flighttrace.geodesy import distance_km
from flighttrace.language import Text
from flighttrace.match.legs import end_time
from flighttrace.match.model import Flight
from flighttrace.weigh.expects import Expects
from flighttrace.weigh.identity import Judged, address_is_known, judge_kind, judge_operator
from flighttrace.weigh.matching import Match, Sought
from flighttrace.weigh.model import Case, Element, ElementName, ElementState
from flighttrace.weigh.windows import Window, local_day

STOP_NEEDS_S: Final = 1800.0
"""Descent, a short stop and the climb back take a transport at least half an hour beyond the direct way."""
STOP_SPEED_KM_H: Final = 1000.0
"""Ground speed at which a gap's direct way is flown at the fastest, tail wind included: leaves the most time over."""


@dataclass(frozen=True)
class Question:
    """A claim under one reading, ready to be asked of flights: window and places are known."""

    expects: Expects
    sought: tuple[Sought, ...]
    window: Window
    case: Case

    @property
    def is_leg(self) -> bool:
        return any(s.event == "leg" for s in self.sought)


def elements_of(question: Question, matches: Sequence[Match], *, nothing: ElementState) -> tuple[Element, ...]:
    """Every element that the claim states, over these matches. `nothing` is the state of the count with none at all."""
    expects = question.expects
    names: list[tuple[ElementName, bool, Callable[[Question, Sequence[Match]], tuple[ElementState, Text]]]] = [
        ("places", True, _places),
        ("direction", question.is_leg, _direction),
        ("window", True, _window),
        ("count", True, _count),
        ("airframes", expects.distinct_airframes > 0 or expects.airframe is not None, _airframes),
        ("operator", bool(expects.operator or expects.state), _operator),
        ("kind", bool(expects.kind), _kind),
        ("no stop", expects.no_stop, _no_stop),
    ]
    found = []
    for name, stated, judge in names:
        if stated:
            state, detail = judge(question, matches)
            if not matches:
                state = nothing if name in ("places", "direction", "window", "count") else "unknowable"
            found.append(Element(name, state, detail))
    return tuple(found)


def all_met_together(question: Question, matches: Sequence[Match]) -> bool:
    """True where enough of the matches meet every element of a single flight, and together meet the counts."""
    whole = [m for m in matches if all(state == "met" for state in _own_states(question, m))]
    return bool(whole) and all(e.state == "met" for e in elements_of(question, whole, nothing="not met"))


def _own_states(question: Question, match: Match) -> list[ElementState]:
    """The states of those elements that one flight meets or not by itself."""
    expects, states = question.expects, ["met" if match.in_window_surely else "unknowable"]
    if expects.airframe is not None:
        states.append(_is_named(expects.airframe, match.flight))
    if expects.operator or expects.state:
        states.append(judge_operator(match.flight, expects, question.case).state)
    if expects.kind:
        states.append(judge_kind(match.flight, expects, question.case).state)
    if expects.no_stop:
        states.append("unknowable" if gap_could_hold_a_stop(match.flight) else "met")
    return states  # type: ignore[return-value]


def counted(question: Question, matches: Sequence[Match]) -> Text:
    """The number and its name: "2 landings at Ovda by 1 airframe"."""
    what = question.sought[0].title
    for further in question.sought[1:]:
        what = Text(f"{what.en} or {further.title.en}", f"{what.ar} أو {further.title.ar}")
    number = len(_outward(question, matches))
    keys = {m.flight.track_key for m in matches}
    declared = {m.flight.track_key for m in matches if not address_is_known(m.flight)}
    by = f" by {len(keys)} airframe{'' if len(keys) == 1 else 's'}" if number else ""
    by_ar = f"؛ الطائرات: {len(keys)}" if number else ""
    if declared:
        by += f" ({len(declared)} without an identity of its own)"
        by_ar += f" (منها بلا هوية خاصة بها: {len(declared)})"
    trips, trips_ar = "", ""
    if question.expects.round_trip or any(s.either_direction for s in question.sought):
        round_trips = len(round_trips_of(matches, from_origin=question.expects.round_trip))
        trips = f"; {round_trips} round trip{'' if round_trips == 1 else 's'} (out and back by one airframe)"
        trips_ar = f"؛ رحلات الذهاب والعودة بالطائرة نفسها: {round_trips}"
    one = Text(what.en.replace("landings", "landing").replace("legs", "leg").replace("take-offs", "take-off"), what.ar)
    return Text(f"{number} {one.en if number == 1 else what.en}{by}{trips}", f"{what.ar}: {number}{by_ar}{trips_ar}")


def round_trips_of(matches: Sequence[Match], *, from_origin: bool = False) -> list[tuple[Match, Match]]:
    """Pairs of legs of one airframe, the second the other way and after the first; a leg belongs to one pair.

    `from_origin`: only trips whose first leg goes the way that the claim names.
    """
    pairs: list[tuple[Match, Match]] = []
    waiting: dict[str, Match] = {}
    for match in sorted(matches, key=lambda m: (m.flight.first_seen_utc, m.flight.flight_id)):
        before = waiting.get(match.flight.track_key)
        if match.leg is None:
            continue
        if before is not None and before.reverse != match.reverse:
            pairs.append((before, match))
            del waiting[match.flight.track_key]
        elif not (from_origin and match.reverse):
            waiting[match.flight.track_key] = match
    return pairs


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


def _outward(question: Question, matches: Sequence[Match]) -> Sequence[Match]:
    """What the count counts: of a round trip the way out, else every match."""
    return [m for m in matches if not m.reverse] if question.expects.round_trip else matches


def _places(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    grades: Counter[str] = Counter(match.grade for match in matches)
    listed = ", ".join(f"{grade} {grades[grade]}" for grade in "ABCD" if grades[grade]) or "0"
    what = question.sought[0].title
    return "met", Text(f"{what.en}; matches by grade: {listed}", f"{what.ar}؛ المطابقات بحسب الدرجة: {listed}")


def _direction(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    out, back = sum(not m.reverse for m in matches), sum(m.reverse for m in matches)
    detail = Text(
        f"legs one way {out}, the other way {back}", f"سيقان في الاتجاه الأول {out} وفي الاتجاه المعاكس {back}"
    )
    if not question.expects.round_trip:
        return "met", detail
    pairs = round_trips_of(matches, from_origin=True)
    known = [pair for pair in pairs if address_is_known(pair[0].flight)]
    text = Text(
        f"{detail.en}; out and back by one airframe: {len(pairs)}",
        f"{detail.ar}؛ ذهاب وعودة بالطائرة نفسها: {len(pairs)}",
    )
    return ("met" if known else "unknowable" if pairs else "not met"), text


def _window(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    title = question.window.title
    sure = sum(match.in_window_surely for match in matches)
    detail = Text(
        f"{title.en}; surely inside: {sure} of {len(matches)}",
        f"{title.ar}؛ داخل المدة بلا شك: {sure} من {len(matches)}",
    )
    return _enough(sure, len(matches) - sure, _wanted(question, matches)), detail


def _wanted(question: Question, matches: Sequence[Match]) -> int:
    """How many of the flights found have to meet an element; that more were claimed is the count's affair."""
    return max(min(question.expects.at_least, len(matches)), 1)


def _enough(met: int, unknowable: int, needed: int) -> ElementState:
    if met >= needed:
        return "met"
    return "unknowable" if met + unknowable >= needed else "not met"


def _count(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    expects, zone = question.expects, question.window.zone
    number = len(_outward(question, matches))
    en = [f"{number} of {expects.at_least}"]
    ar = [f"{number} من {expects.at_least}"]
    held = [number >= expects.at_least]
    days = [local_day(match.time_utc, zone) for match in matches]
    periods = (
        (
            expects.distinct_months,
            {(d.year, d.month) for d in days},
            "different calendar months",
            "أشهر تقويمية مختلفة",
        ),
        (expects.distinct_years, {d.year for d in days}, "different calendar years", "سنوات تقويمية مختلفة"),
    )
    for needed, found, word, word_ar in periods:
        if needed:
            held.append(len(found) >= needed)
            en.append(f"{word}: {len(found)} of {needed}")
            ar.append(f"{word_ar}: {len(found)} من {needed}")
    if expects.every_week:
        weeks = question.window.weeks
        filled = sum(any(first <= day < until for day in days) for first, until in weeks)
        held.append(filled == len(weeks))
        en.append(f"weeks with a match: {filled} of {len(weeks)}")
        ar.append(f"أسابيع فيها مطابقة: {filled} من {len(weeks)}")
    what = counted(question, matches)
    if expects.count_note is not None:
        en.append(expects.count_note.en)
        ar.append(expects.count_note.ar)
    state: ElementState = "met" if all(held) else "not met"
    return state, Text(f"{what.en}: {'; '.join(en)}", f"{what.ar}: {'؛ '.join(ar)}")


def _is_named(airframe: str, flight: Flight) -> ElementState:
    """Whether a flight is by the airframe that the claim names; an address that is not its own leaves it open."""
    if not address_is_known(flight):
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
        en += f"; {len(unknown)} more with no identity in the file, or one that the user declared"
        ar += f"؛ ومعها {len(unknown)} بلا هوية في الملف أو بهوية صرّح بها المستخدم"
    elif len(known) == 1 and len(matches) > 1:
        en += f"; one airframe flew {len(matches)} times"
        ar += f"؛ طائرة واحدة طارت {len(matches)} مرات"
    return _enough(len(known), len(unknown), needed), Text(en, ar)


def _operator(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    expects = question.expects
    wanted = ", ".join((*expects.operator, *expects.state))
    judged = [judge_operator(m.flight, expects, question.case) for m in matches]
    return _tally(
        question, matches, judged, Text(f"operator or registry: {wanted}", f"المشغّل أو دولة التسجيل: {wanted}")
    )


def _kind(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    judged = [judge_kind(m.flight, question.expects, question.case) for m in matches]
    wanted = ", ".join(question.expects.kind)
    return _tally(question, matches, judged, Text(f"kind of aircraft: {wanted}", f"نوع الطائرة: {wanted}"))


def _no_stop(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    gaps = sum(gap_could_hold_a_stop(m.flight) for m in matches)
    met = len(matches) - gaps
    detail = Text(
        f"legs without a silence that could hold a stop: {met} of {len(matches)}",
        f"سيقان بلا انقطاع يتسع لتوقف: {met} من {len(matches)}",
    )
    return _enough(met, gaps, _wanted(question, matches)), detail


def _tally(
    question: Question, matches: Sequence[Match], judged: Sequence[Judged], what: Text
) -> tuple[ElementState, Text]:
    states = Counter(j.state for j in judged)
    bases = sorted({j.basis for j in judged})
    en = f"{what.en}: met {states['met']}, not met {states['not met']}, unknowable {states['unknowable']}"
    ar = f"{what.ar}: متحقق {states['met']}، غير متحقق {states['not met']}، لا سبيل إلى معرفته {states['unknowable']}"
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
