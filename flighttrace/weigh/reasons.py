"""The sentences that stand under a verdict: reasons and notes, in English and Arabic.

They speak of flights, airframes, places and times. Nothing here says that something is proved, confirmed or likely:
a test holds every generated sentence against BANNED.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from flighttrace.language import Language, Text
from flighttrace.match.legs import end_time
from flighttrace.match.model import Flight, OneEnded, at_least
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.positions import NETWORK_UNKNOWN, Source
from flighttrace.weigh.caseterms import in_arabic
from flighttrace.weigh.elements import time_on_ground_s
from flighttrace.weigh.identity import NOT_STATED, address_is_known, airframe_of, outside_every_block
from flighttrace.weigh.matching import Match, Sought
from flighttrace.weigh.model import Article, Case, Claim, Element, Network
from flighttrace.weigh.question import Question
from flighttrace.weigh.witnesses import DISPUTED_FLAG, has_independent_witness

BANNED: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("prove", "proof", "likel", "probabl", "confirm", "certain", "undoubted", "presumabl", "smuggl", "surely"),
    "ar": (
        *("يثبت", "تثبت", "أثبت", "إثبات", "ثبوت", "يؤكد", "تؤكد", "مؤكد"),
        *("على الأرجح", "من المرجح", "مرجّح", "الأرجح", "ربما", "بلا شك", "بالتأكيد"),
    ),
}
"""Beginnings of words that no text of a verdict may hold."""
MOST_LISTED: Final = 12
STATE_WORDS: Final = {
    "not met": Text("not met", "غير متحقق"),
    "unknowable": Text("unknowable", "لا يمكن معرفته"),
}
ELEMENT_WORDS: Final = {
    "places": "المكان",
    "direction": "الاتجاه",
    "window": "الفترة",
    "count": "العدد",
    "airframes": "الطائرات",
    "operator": "المشغّل",
    "kind": "نوع الطائرة",
    "no stop": "بلا توقف",
}


def described(flight: Flight) -> str:
    """A flight in one phrase, the same in both languages: when it left and arrived, who it was."""
    name = " ".join(dict.fromkeys([*flight.callsigns[:1], flight.icao24 or flight.track_key]))
    ends = " - ".join(
        f"{end.airport or '?'} {end_time(end):%Y-%m-%d %H:%M}Z" for end in (flight.departure, flight.arrival)
    )
    return f"{name} ({ends})"


def listed(flights: Sequence[Flight]) -> str:
    """The flights in one line, the first dozen by name."""
    shown = "; ".join(described(flight) for flight in flights[:MOST_LISTED])
    return shown + (f"; + {len(flights) - MOST_LISTED}" if len(flights) > MOST_LISTED else "")


def cannot_show(claim: Claim) -> Text:
    """The part of the claim that no track can show: no verdict stands without it."""
    return Text(f"No track can show: {claim.tracks_cannot.en}", f"لا يمكن لأي مسار أن يُظهر: {claim.tracks_cannot.ar}")


def missing_place_or_time() -> Text:
    return Text(
        "The claim's place or time is missing, so no flight can be held against it.",
        "مكان الادعاء أو زمانه غير مذكور، فلا رحلة يمكن مقابلتها به.",
    )


def witness_reasons(matches: Sequence[Match], networks: Network, sources: Sequence[Source]) -> list[Text]:
    """How good the matches are and who heard them; how to declare a network that is not known."""
    good = [m for m in matches if at_least(m.grade, "B")]
    independent = [m for m in good if has_independent_witness(m, networks)]
    reasons = [
        Text(
            f"Matches: {len(matches)}; of grade A or B: {len(good)}; "
            f"of these with an independent witness: {len(independent)}.",
            f"المطابقات: {len(matches)}؛ منها بالدرجة A أو B: {len(good)}؛ "
            f"ومن هذه ما له شاهد مستقل: {len(independent)}.",
        )
    ]
    heard = {source_id for m in matches for flight in m.flights for source_id in flight.source_ids}
    unknown = sorted({s.file for s in sources if s.source_id in heard and s.network in ("", NETWORK_UNKNOWN)})
    if unknown and len(independent) < len(good):
        files = ", ".join(unknown[:3]) + (" …" if len(unknown) > 3 else "")
        reasons.append(
            Text(
                f"The network of {files} is not known, so it is no independent witness and the verdict can be at most "
                "consistent by it; declare it with --network FILE=NAME.",
                f"شبكة {files} غير معروفة، فلا تصلح شاهداً مستقلاً ولا يتجاوز الحكم بها «متّسق مع المسارات»؛ "
                "صرّح بها عبر --network FILE=NAME.",
            )
        )
    same = {name.casefold(): name for name in networks.names}
    heard_by = {name.casefold() for m in matches for flight in m.flights for name in flight.networks}
    shared = sorted(same[name] for name in heard_by if name in same)
    if shared:
        names = ", ".join(shared)
        reasons.append(
            Text(
                f"Heard by {names}, on which the article's claims rest: that network is no independent witness.",
                f"سُمعت عبر {names} التي تقوم عليها ادعاءات المقال: هذه الشبكة ليست شاهداً مستقلاً.",
            )
        )
    if not networks.known and independent:
        reasons.append(
            Text(
                f"{networks.note.en} A known network counts as independent here, but this was not checked.",
                f"{networks.note.ar} تُعدّ الشبكة المعروفة مستقلة هنا، لكن ذلك لم يُفحص.",
            )
        )
    return reasons


def element_reasons(elements: Sequence[Element]) -> list[Text]:
    """The elements that are missing, each with what was counted."""
    return [
        Text(
            f"{e.name}: {STATE_WORDS[e.state].en}: {e.detail.en}.",
            f"{ELEMENT_WORDS[e.name]}: {STATE_WORDS[e.state].ar}: {e.detail.ar}.",
        )
        for e in elements
        if e.state != "met"
    ]


def not_together() -> Text:
    return Text(
        "Each element is met, but not all of them by the same flights of grade A or B with an independent witness.",
        "كل عنصر متحقق، ولكن ليس كلها بالرحلات نفسها ذات الدرجة A أو B والشاهد المستقل.",
    )


def ceiling_reason() -> Text:
    return Text(
        "Tracks cannot take this claim further than consistent.",
        "لا يمكن للمسارات أن تبلغ بهذا الادعاء أبعد من «متّسق مع المسارات».",
    )


def another_aircraft() -> Text:
    return Text(
        "Every match of grade A or B with an independent witness is by an aircraft that is known not to be what the "
        "claim says, so the verdict is at most consistent.",
        "كل مطابقة بالدرجة A أو B مع شاهد مستقل هي لطائرة معروف أنها ليست كما يقول الادعاء، "
        "فلا يتجاوز الحكم «متّسق مع المسارات».",
    )


def named_outside(matches: Sequence[Match]) -> list[Text]:
    """Matches whose end has its first answer outside the place, which therefore corroborate nothing."""
    return [
        Text(
            f"{described(m.flight)}: the field named at that end is {airport}, outside {place.en}: "
            "such a match is at most consistent.",
            f"{described(m.flight)}: المطار المسمّى عند ذلك الطرف {airport} خارج {place.ar}: "
            "لا تتجاوز هذه المطابقة «متّسق مع المسارات».",
        )
        for m in matches
        for airport, place in m.outside
    ]


def bare_events(question: Question) -> list[Text]:
    """What the case says of a place at which the claim asks for a landing or take-off and nothing of the aircraft."""
    expects = question.expects
    if expects.operator or expects.state or expects.kind or expects.airframe:
        return []
    places = [s.destination or s.origin for s in question.sought if s.event != "leg"]
    return [
        Text(f"{place.title.en}: {place.note.en}", f"{place.title.ar}: {place.note.ar}")
        for place in places
        if place is not None and place.note is not None
    ]


def contradicted_reason(airframe: str) -> Text:
    return Text(
        f"The airframe {airframe} that the claim names was heard where no such flight in the window can fit.",
        f"سُمعت الطائرة {airframe} التي يسميها الادعاء حيث لا تتسع الفترة لمثل هذه الرحلة.",
    )


def conflicting_reason(flights: Sequence[Flight]) -> Text:
    return Text(
        f"Positions of the same address disagree, and the verdict depends on which are believed: {listed(flights)}.",
        f"المواضع المبثوثة بالعنوان نفسه متعارضة، والحكم متوقف على أيها يُصدَّق: {listed(flights)}.",
    )


def with_reasons(possible: Sequence[Match], lang: Language) -> str:
    """The possible flights in one line, each with why it is open; the first dozen by name."""
    shown = [
        described(m.flight) + (f": {m.why_possible[lang]}" if m.why_possible is not None else "")
        for m in possible[:MOST_LISTED]
    ]
    mark = "; " if lang == "en" else "؛ "
    return mark.join(shown) + (f"{mark}+ {len(possible) - MOST_LISTED}" if len(possible) > MOST_LISTED else "")


def article_notes(article: Article, case: Case) -> list[Text]:
    """What every reading of the article carries: how its dates are known, and whether the case was moved in time."""
    notes = [article.note]
    if case.shift_weeks:
        notes.append(
            Text(
                f"The dates of this case are those of the case it extends, moved by {case.shift_weeks} weeks.",
                "تواريخ هذه القضية هي تواريخ القضية الأصل التي بُنيت عليها، "
                f"منقولة بعدد من الأسابيع: {case.shift_weeks}.",
            )
        )
    return notes


def match_notes(question: Question, matches: Sequence[Match], flights: Sequence[Flight], case: Case) -> list[Text]:
    """What stands beside the matches: operators by table, airframes outside their block, departures after landings."""
    notes = _operator_notes(matches, case)
    notes += [_departure_note(m, flights) for m in matches if m.leg is None and m.ends[0][0] == "arrival"]
    notes += [
        Text(
            f"Counted once, because fields and hours do not tell them apart: {described(m.flight)}; without an address "
            f"of its own: {listed([f.flight for f in m.folded])}.",
            f"تُحتسب مرة واحدة لأن المطارات والأوقات لا تميّز بينها: {described(m.flight)}؛ وبلا عنوان خاص: "
            f"{listed([f.flight for f in m.folded])}.",
        )
        for m in matches
        if m.folded
    ]
    disputed = [m.flight for m in matches if DISPUTED_FLAG in m.flight.flags]
    if disputed:
        notes.append(
            Text(
                f"Part of the positions is disputed, so these flights corroborate nothing: {listed(disputed)}.",
                f"جزء من المواضع متنازع عليه، فهذه الرحلات لا تؤيد شيئاً: {listed(disputed)}.",
            )
        )
    shared = [m.flight for m in matches if AT_ONCE in m.flight.flags]
    if shared:
        notes.append(
            Text(
                f"The address was heard in two places at once, so whose these flights are is not known, and they "
                f"corroborate nothing: {listed(shared)}.",
                f"بُثّ العنوان من مكانين في آن واحد، فلا يُعرف لأي طائرة هذه الرحلات، وهي لا تؤيد شيئاً: {listed(shared)}.",
            )
        )
    return list(dict.fromkeys(notes))


def _operator_notes(matches: Sequence[Match], case: Case) -> list[Text]:
    notes: list[Text] = []
    operators: Counter[str] = Counter()
    untold: Counter[str] = Counter()
    bare = unnamed = 0
    for match in matches:
        airframe = airframe_of(match.flight, case)
        if not address_is_known(match.flight):
            unnamed += 1
        elif airframe is None:
            bare += 1
        elif airframe.operator == NOT_STATED:
            untold[f"{airframe.icao24} ({airframe.registration})"] += 1
        else:
            operators[airframe.operator] += 1
        if outside_every_block(match.flight, case):
            address = match.flight.icao24
            notes.append(
                Text(
                    f"The address {address} lies outside its state's block in every variant; the case names it.",
                    f"العنوان {address} خارج نطاق دولته بكل صيغه؛ وهو مذكور في ملف القضية.",
                )
            )
    tally = [f"{name}: {number}" for name, number in sorted(operators.items())]
    tally_ar = [f"{in_arabic(name)}: {number}" for name, number in sorted(operators.items())]
    if bare:
        tally.append(f"in no table: {bare}")
        tally_ar.append(f"ليست في أي جدول: {bare}")
    if unnamed:
        tally.append(f"identity not in the file or declared by the user: {unnamed}")
        tally_ar.append(f"الهوية ليست في الملف أو صرّح بها المستخدم: {unnamed}")
    if tally:
        notes.append(
            Text(
                f"Matches by operator, as tables without dates name it: {'; '.join(tally)}.",
                f"المطابقات بحسب المشغّل كما تسميه جداول بلا تواريخ: {'؛ '.join(tally_ar)}.",
            )
        )
    if untold:
        names = ", ".join(f"{name}: {number}" for name, number in sorted(untold.items()))
        notes.append(
            Text(
                f"Matches by airframes that are in the table, which does not state their operator: {names}.",
                f"مطابقات لطائرات في الجدول، ومشغّلها غير مذكور فيه: {names}.",
            )
        )
    return notes


def _departure_note(match: Match, flights: Sequence[Flight]) -> Text:
    after = time_on_ground_s(match, flights)
    name = described(match.flight)
    if after is None:
        return Text(
            f"{name}: no later flight of this airframe in the files.", f"{name}: لا رحلة لاحقة لهذه الطائرة في الملفات."
        )
    following, seconds = after
    hours, field = f"{seconds / 3600:.1f}", following.departure.airport
    return Text(
        f"{name}: the next flight of this airframe in the files begins {hours} h later, at "
        f"{field or 'a field that is not known'}: {described(following)}.",
        f"{name}: الرحلة التالية لهذه الطائرة في الملفات تبدأ بعد {hours} ساعة، من "
        f"{field or 'مطار غير معروف'}: {described(following)}.",
    )


def listed_beside(sought: Sought, matches: Sequence[Match]) -> Text:
    """Flights that are reported apart: never counted for the claim."""
    what, note = sought.title, sought.note
    names = f" ({listed([m.flight for m in matches])})" if matches else ""
    return Text(
        f"Beside the verdict: {what.en}: {len(matches)}{names}. {note.en if note else ''}".rstrip(),
        f"إلى جانب الحكم: {sought.numbered(len(matches)).ar}{names}. {note.ar if note else ''}".rstrip(),
    )


def earlier_note(sought: Sought, matches: Sequence[Match]) -> Text:
    names = listed([m.flight for m in matches])
    return Text(
        f"Before the window: {sought.title.en}: {len(matches)} ({names}).",
        f"قبل الفترة: {sought.numbered(len(matches)).ar} ({names}).",
    )


def rivals_note(rivals: Sequence[OneEnded]) -> Text:
    return Text(
        f"At rival fields within 40 km: {len(rivals)} ({listed([s.flight for s in rivals])}).",
        f"في مطارات منافسة ضمن 40 كم: {len(rivals)} ({listed([s.flight for s in rivals])}).",
    )


def possible_note(possible: Sequence[Match]) -> Text:
    return Text(
        f"Possible, listed and never counted: {with_reasons(possible, 'en')}.",
        f"ممكنة، تُذكر ولا تُحتسب: {with_reasons(possible, 'ar')}.",
    )


def readings_reason(number: int, *, questions: int, agree: bool) -> Text:
    """How many readings the article has, and how many different questions they make of this claim."""
    if number == 1:
        return Text("The article leaves nothing open: one reading.", "لا يترك المقال شيئاً مفتوحاً: قراءة واحدة.")
    if questions == 1:
        return Text(
            f"One question: the article's {number} readings do not change this claim.",
            f"سؤال واحد: قراءات المقال، وعددها {number}، لا تغيّر هذا الادعاء.",
        )
    tail = Text("they agree", "وهي متفقة") if agree else Text("they do not agree", "وهي غير متفقة")
    fewer = Text("", "")
    if questions < number:
        fewer = Text(f" of {questions} different questions", f"، وهي عن أسئلة مختلفة عددها {questions}")
    return Text(
        f"Readings tried: {number}{fewer.en}; {tail.en}.", f"عدد القراءات المجرَّبة: {number}{fewer.ar}؛ {tail.ar}."
    )
