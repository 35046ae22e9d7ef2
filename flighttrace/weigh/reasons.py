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
from flighttrace.match.model import Coverage, Flight, OneEnded, at_least
from flighttrace.positions import NETWORK_UNKNOWN, Source
from flighttrace.weigh.elements import Question, time_on_ground_s
from flighttrace.weigh.identity import NOT_STATED, airframe_of, outside_every_block
from flighttrace.weigh.matching import Match
from flighttrace.weigh.model import Article, Case, Claim, Element, Network
from flighttrace.weigh.witnesses import has_independent_witness, is_disputed

BANNED: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("prove", "proof", "likel", "probabl", "confirm", "certain", "undoubted", "presumabl", "smuggl"),
    "ar": ("يثبت", "تثبت", "أثبت", "إثبات", "ثبوت", "على الأرجح", "من المرجح", "مرجّح", "يؤكد", "تؤكد", "مؤكد", "ربما"),
}
"""Beginnings of words that no text of a verdict may hold."""
MOST_LISTED: Final = 12
STATE_WORDS: Final = {
    "not met": Text("not met", "غير متحقق"),
    "unknowable": Text("unknowable", "لا سبيل إلى معرفته"),
}
ELEMENT_WORDS: Final = {
    "places": "المكان",
    "direction": "الاتجاه",
    "window": "المدة",
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
    heard = {source_id for m in matches for source_id in m.flight.source_ids}
    unknown = sorted({s.file for s in sources if s.source_id in heard and s.network in ("", NETWORK_UNKNOWN)})
    if unknown and len(independent) < len(good):
        files = ", ".join(unknown[:3]) + (" …" if len(unknown) > 3 else "")
        reasons.append(
            Text(
                f"The network of {files} is not known, so it is no independent witness and the verdict can be at most "
                "consistent by it; declare it with --network FILE=NAME.",
                f"شبكة {files} غير معروفة، فلا تصلح شاهداً مستقلاً ولا يتجاوز الحكم بها «متّسق»؛ "
                "صرّح بها عبر --network FILE=NAME.",
            )
        )
    same = {name.casefold(): name for name in networks.names}
    shared = sorted({same[n.casefold()] for m in matches for n in m.flight.networks if n.casefold() in same})
    if shared:
        names = ", ".join(shared)
        reasons.append(
            Text(
                f"Heard by {names}, on which the article's claims rest: that network is no independent witness.",
                f"سُمعت عبر {names} التي تقوم عليها أقوال المقال: هذه الشبكة ليست شاهداً مستقلاً.",
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
        "لا يمكن للمسارات أن تبلغ بهذا الادعاء أبعد من «متّسق».",
    )


def contradicted_reason(airframe: str) -> Text:
    return Text(
        f"The airframe {airframe} that the claim names was heard where no such flight in the window can fit.",
        f"سُمعت الطائرة {airframe} التي يسميها الادعاء حيث لا تتسع المدة لمثل هذه الرحلة.",
    )


def conflicting_reason(flights: Sequence[Flight]) -> Text:
    return Text(
        f"Positions of the same address disagree, and the verdict depends on which are believed: {listed(flights)}.",
        f"مواضع العنوان نفسه متعارضة، والحكم متوقف على أيها يُصدَّق: {listed(flights)}.",
    )


def null_reasons(
    coverage: Coverage,
    possible: Sequence[Match],
    failed_inputs: int,
    lossy: Sequence[Source],
    *,
    real_positions: int,
) -> list[Text]:
    """Why nothing was found means so much or so little."""
    reasons = [
        Text(
            "No flight in these files matches. No track is not no flight.",
            "لا رحلة مطابقة في هذه الملفات. غياب المسار ليس غياب الرحلة.",
        )
    ]
    if not real_positions:
        reasons.append(
            Text(
                "These files hold no real track: not covered is the right answer, and nothing follows from it.",
                "لا تحوي هذه الملفات مساراً حقيقياً: «لا تغطية» هو الجواب الصحيح، ولا يترتب عليه شيء.",
            )
        )
    heard, asked = sum(day.aircraft > 0 for day in coverage.days), len(coverage.days)
    if coverage.covered:
        reasons.append(
            Text(
                f"Other aircraft were heard low near every field on every day of the window ({heard} field-days).",
                f"سُمعت طائرات أخرى على ارتفاع منخفض قرب كل مطار في كل يوم من المدة (مطار×يوم: {heard}).",
            )
        )
    elif asked:
        reasons.append(
            Text(
                f"Other aircraft were heard below 5,000 ft within 20 km on {heard} of {asked} field-days only.",
                f"سُمعت طائرات أخرى دون 5000 قدم ضمن 20 كم في {heard} فقط من {asked} (مطار×يوم).",
            )
        )
    else:
        reasons.append(
            Text(
                "The files hold nothing, or not every day, of the window: not covered is the right answer for them.",
                "ليس في الملفات شيء من المدة، أو ليست أيامها كلها فيها: «لا تغطية» هو الجواب الصحيح لها.",
            )
        )
    if possible:
        reasons.append(
            Text(
                f'Possible, not counted, and so against "though covered": {listed([m.flight for m in possible])}.',
                f"ممكنة غير محتسبة، وتمنع القول «مع وجود تغطية»: {listed([m.flight for m in possible])}.",
            )
        )
    if failed_inputs:
        reasons.append(
            Text(
                f"Inputs that could not be read: {failed_inputs}; what they held is not known.",
                f"ملفات تعذرت قراءتها: {failed_inputs}؛ وما فيها غير معروف.",
            )
        )
    if lossy:
        files = ", ".join(source.file for source in lossy[:MOST_LISTED])
        reasons.append(
            Text(
                f"More than 0.1 % of the records went to quarantine in: {files}.",
                f"عُزل أكثر من 0.1 % من السجلات في: {files}.",
            )
        )
    return reasons


def article_notes(article: Article, case: Case) -> list[Text]:
    """What every reading of the article carries: how its dates are known, and whether the case was moved in time."""
    notes = [article.note]
    if case.shift_weeks:
        notes.append(
            Text(
                f"The dates of this case are those of the case it extends, moved by {case.shift_weeks} weeks.",
                f"تواريخ هذه القضية هي تواريخ القضية التي تمددها، منقولة بعدد من الأسابيع: {case.shift_weeks}.",
            )
        )
    return notes


def match_notes(question: Question, matches: Sequence[Match], flights: Sequence[Flight], case: Case) -> list[Text]:
    """What stands beside the matches: operators by table, airframes outside their block, departures after landings."""
    notes: list[Text] = []
    operators: Counter[str] = Counter()
    for match in matches:
        airframe = airframe_of(match.flight, case)
        operators[airframe.operator if airframe is not None else NOT_STATED] += 1
        if outside_every_block(match.flight, case):
            address = match.flight.icao24
            notes.append(
                Text(
                    f"The address {address} lies outside its state's block in every variant; the case names it.",
                    f"العنوان {address} خارج نطاق دولته بكل صيغه؛ ويرد اسمه في القضية.",
                )
            )
    if matches:
        tally = "; ".join(f"{name}: {number}" for name, number in sorted(operators.items()))
        notes.append(
            Text(
                f"Matches by operator, as tables without dates name it: {tally}.",
                f"المطابقات بحسب المشغّل كما تسميه جداول بلا تواريخ: {tally}.",
            )
        )
    notes += [_departure_note(m, flights) for m in matches if m.leg is None and m.ends[0][0] == "arrival"]
    disputed = [m.flight for m in matches if is_disputed(m.flight)]
    if disputed:
        notes.append(
            Text(
                f"Part of the positions is disputed, so these flights corroborate nothing: {listed(disputed)}.",
                f"جزء من المواضع متنازع عليه، فهذه الرحلات لا تؤيد شيئاً: {listed(disputed)}.",
            )
        )
    return list(dict.fromkeys(notes))


def _departure_note(match: Match, flights: Sequence[Flight]) -> Text:
    after = time_on_ground_s(match, flights)
    name = described(match.flight)
    if after is None:
        return Text(
            f"{name}: no later flight of this airframe in the files.", f"{name}: لا رحلة لاحقة لهذه الطائرة في الملفات."
        )
    following, seconds = after
    hours = f"{seconds / 3600:.1f}"
    return Text(
        f"{name}: next heard leaving {hours} h after the landing: {described(following)}.",
        f"{name}: سُمعت مغادرة بعد الهبوط بـ{hours} ساعة: {described(following)}.",
    )


def listed_beside(title: Text, matches: Sequence[Match], note: Text | None) -> Text:
    """Flights that are reported apart: never counted for the claim."""
    count = len(matches)
    names = f" ({listed([m.flight for m in matches])})" if matches else ""
    return Text(
        f"Beside the verdict: {title.en}: {count}{names}. {note.en if note else ''}".rstrip(),
        f"إلى جانب الحكم: {title.ar}: {count}{names}. {note.ar if note else ''}".rstrip(),
    )


def earlier_note(title: Text, matches: Sequence[Match]) -> Text:
    return Text(
        f"Before the window: {title.en}: {len(matches)} ({listed([m.flight for m in matches])}).",
        f"قبل المدة: {title.ar}: {len(matches)} ({listed([m.flight for m in matches])}).",
    )


def rivals_note(rivals: Sequence[OneEnded]) -> Text:
    return Text(
        f"At rival fields within 40 km: {len(rivals)} ({listed([s.flight for s in rivals])}).",
        f"في مطارات منافسة ضمن 40 كم: {len(rivals)} ({listed([s.flight for s in rivals])}).",
    )


def possible_note(possible: Sequence[Match]) -> Text:
    return Text(
        f"Possible, listed and never counted: {listed([m.flight for m in possible])}.",
        f"ممكنة، تُذكر ولا تُحتسب: {listed([m.flight for m in possible])}.",
    )


def readings_reason(number: int, *, agree: bool) -> Text:
    if number == 1:
        return Text("The article leaves nothing open: one reading.", "لا يترك المقال شيئاً مفتوحاً: قراءة واحدة.")
    tail = Text("they agree", "وهي متفقة") if agree else Text("they do not agree", "وهي غير متفقة")
    return Text(f"Readings tried: {number}; {tail.en}.", f"القراءات المجرَّبة: {number}؛ {tail.ar}.")
