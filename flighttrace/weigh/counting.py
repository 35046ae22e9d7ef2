"""What is counted, by its name: landings, take-offs or legs, the round trips among them, the airframes behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from flighttrace.language import Text
from flighttrace.positions import DECLARED
from flighttrace.weigh.folding import told_apart
from flighttrace.weigh.identity import address_is_known
from flighttrace.weigh.matching import Match
from flighttrace.weigh.model import ElementState
from flighttrace.weigh.question import Question
from flighttrace.weigh.windows import local_day

Period = Literal["months", "years", "weeks"]
PERIODS: Final[dict[Period, Text]] = {
    "months": Text("different calendar months", "أشهر تقويمية مختلفة"),
    "years": Text("different calendar years", "سنوات تقويمية مختلفة"),
    "weeks": Text("weeks with a match", "أسابيع فيها مطابقة"),
}


def outward(question: Question, matches: Sequence[Match]) -> Sequence[Match]:
    """What the count counts: of a round trip the way out, else every match."""
    return [m for m in matches if not m.reverse] if question.expects.round_trip else matches


def titles(question: Question) -> Text:
    """All that the claim seeks: "landings at Ovda or legs from Ovda to Azerbaijan"."""
    found = [s.title for s in question.sought]
    return Text(" or ".join(t.en for t in found), " أو ".join(t.ar for t in found))


def tally(question: Question, matches: Sequence[Match]) -> Text:
    """The numbers and their names: "2 landings at Ovda by 1 airframe". Landings and legs are not added up."""
    chosen = outward(question, matches)
    parts = [
        sought.numbered(sum(1 for m in chosen if (m.sought or question.sought[0]) == sought))
        for sought in question.sought
    ]
    en, ar = ", ".join(p.en for p in parts), "؛ ".join(p.ar for p in parts)
    grades, by, trips = _grades(chosen), _by(matches) if chosen else Text("", ""), _trips(question, matches)
    return Text(f"{en}{by.en}{grades.en}{trips.en}", f"{ar}{by.ar}{grades.ar}{trips.ar}")


def _grades(matches: Sequence[Match]) -> Text:
    """How many are at which grade, where not all are at A or B."""
    grades = Counter(m.grade for m in matches)
    good = grades["A"] + grades["B"]
    if good == len(matches):
        return Text("", "")
    rest = [(name, grades[name]) for name in ("C", "D") if grades[name]]
    en = ", ".join([f"{good} at grade A or B", *(f"{number} at {name}" for name, number in rest)])
    ar = "، ".join([f"بالدرجة A أو B: {good}", *(f"بالدرجة {name}: {number}" for name, number in rest)])
    return Text(f": {en}", f"؛ {ar}")


def _by(matches: Sequence[Match]) -> Text:
    known = {m.flight.icao24 for m in matches if address_is_known(m.flight)}
    others = {m.flight.track_key: m.flight.identity for m in matches if not address_is_known(m.flight)}
    declared = sum(identity == DECLARED for identity in others.values())
    bare = len(others) - declared
    parts = [
        (len(known), "airframe", "", "عدد الطائرات"),
        (bare, "track", " without an address", "عدد المسارات بلا عنوان"),
        (declared, "track", " whose address the user declared", "عدد المسارات التي صرّح المستخدم بعناوينها"),
    ]
    en = [f"{n} {noun}{'' if n == 1 else 's'}{tail}" for n, noun, tail, _ in parts if n]
    return Text(f" by {' and '.join(en)}", "".join(f"؛ {ar}: {n}" for n, _, _, ar in parts if n))


def _trips(question: Question, matches: Sequence[Match]) -> Text:
    if not (question.expects.round_trip or any(s.either_direction for s in question.sought)):
        return Text("", "")
    number = len(round_trips_of(matches, from_origin=question.expects.round_trip))
    return Text(
        f"; {number} round trip{'' if number == 1 else 's'} (out and back by one airframe)",
        f"؛ عدد رحلات الذهاب والعودة بالطائرة نفسها: {number}",
    )


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


def spread(question: Question, matches: Sequence[Match]) -> list[tuple[Period, int, int]]:
    """Of each period that the claim asks for: how many are filled, and how many are needed.

    A track that may be the same flight as another fills no period of its own.
    """
    expects, zone = question.expects, question.window.zone
    days = [local_day(match.time_utc, zone) for match in told_apart(matches)]
    found: list[tuple[Period, int, int]] = []
    if expects.distinct_months:
        found.append(("months", len({(day.year, day.month) for day in days}), expects.distinct_months))
    if expects.distinct_years:
        found.append(("years", len({day.year for day in days}), expects.distinct_years))
    if expects.every_week:
        weeks = question.window.weeks
        found.append(("weeks", _filled(weeks, days), len(weeks)))
    return found


def _filled(weeks: Sequence[tuple[date, date]], days: Sequence[date]) -> int:
    return sum(any(first <= day < until for day in days) for first, until in weeks)


def count_element(question: Question, matches: Sequence[Match]) -> tuple[ElementState, Text]:
    """The claim's number, months, years and weeks; unknowable where it rests on tracks that may be one flight."""
    expects = question.expects
    chosen = outward(question, matches)
    apart = told_apart(chosen)
    what = tally(question, matches)
    if len(question.sought) == 1:
        en, ar = [f"{len(chosen)} of {expects.at_least}"], [f"{len(chosen)} من {expects.at_least}"]
    else:
        en = [f"at least {expects.at_least} of either is asked"]
        ar = [f"المطلوب من أي منها على الأقل: {expects.at_least}"]
    enough = len(apart) >= expects.at_least
    could = len(chosen) >= expects.at_least
    for period, filled, needed in spread(question, chosen):
        name = PERIODS[period]
        enough &= filled >= needed
        could &= filled + len(chosen) - len(apart) >= needed
        en.append(f"{name.en}: {filled} of {needed}")
        ar.append(f"{name.ar}: {filled} من {needed}")
    if len(apart) < len(chosen):
        en.append(f"{len(chosen) - len(apart)} of them may be the same flight as another, heard without an address")
        ar.append(f"منها ما قد يكون رحلة أخرى نفسها سُمعت بلا عنوان: {len(chosen) - len(apart)}")
    if expects.count_note is not None:
        en.append(expects.count_note.en)
        ar.append(expects.count_note.ar)
    state: ElementState = "met" if enough else "unknowable" if could else "not met"
    return state, Text(f"{what.en}: {'; '.join(en)}", f"{what.ar}: {'؛ '.join(ar)}")
