"""Why an end is what it is, in words: last heard where, how high, moving how; which rivals remain and why; what the
next sighting adds. And why the grade is what it is, by its rule.

Said once the flights of an airframe have been held against each other, so that every number is that of the estimate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from flighttrace.geodesy import KM_PER_NM, distance_km
from flighttrace.language import Text
from flighttrace.match.endpoints import B_FT, B_KM, B_RATIO, C_RATIO, LEAST_SHARE, LOW_FT, LOW_KM, own_share
from flighttrace.match.model import Candidate, EndpointEstimate, Flight, Sighting
from flighttrace.match.rivals import (
    Fields,
    as_well_as,
    by_flat,
    direction,
    distance,
    percent,
    placed,
    remarks,
)

RIVALS_TOLD: Final = 3
LEAST_RIVAL: Final = 0.02
"""A rival with less by the flat prior is not told apart; the strongest one is always named."""
BESIDE_KM: Final = 10.0
"""A sighting this near to a candidate is said to be near it."""
SLOWER_SHARE: Final = 0.7
"""Head winds and turns make the straight way slower than the speed flown, but not by this much."""
FT_MIN_PER_KT: Final = KM_PER_NM * 1000 / 0.3048 / 60
LEVEL_FT_MIN: Final = 100.0
"""The step in which most transponders report vertical speed is 64 ft/min: less than this is level."""
NOT_TOLD: Final = ("D", "X")
_LANDS_FROM: Final = Text("a height and speed to land from, ", "وارتفاعاً وسرعة يسمحان بالهبوط، ")


def explained(flight: Flight, before: Sighting | None, after: Sighting | None, airfields: Fields) -> Flight:
    """The flight with the sightings beside it, and the reasons of both ends.

    `before` and `after`: the track's last believed position before the flight and the next one after it.
    """
    named = not flight.track_key.startswith("#")
    departure = replace(flight.departure, neighbour=before)
    arrival = replace(flight.arrival, neighbour=after)
    return replace(
        flight,
        departure=replace(departure, reasons=end_reasons(departure, airfields, identified=named)),
        arrival=replace(arrival, reasons=end_reasons(arrival, airfields, identified=named)),
    )


def end_reasons(end: EndpointEstimate, airfields: Fields, *, identified: bool = True) -> tuple[Text, ...]:
    """The sentences of one end, in English and Arabic, in a fixed order.

    `identified`: the track is known by an address, so that other files' positions of the airframe would have joined it.
    """
    ranked = by_flat(end.candidates)
    own = next((c for c in ranked if c.airport == end.airport), None) if end.grade not in NOT_TOLD else None
    sentences = [
        _heard(end),
        _movement(end),
        _counted_in(end),
        None if own is None else _joined(placed(end, own, airfields), remarks(end, own, airfields)),
        *_rivals(end, ranked, own, airfields),
        _unknown(end),
        _beside(end, airfields, identified=identified),
        None if end.continued_by is None else continuity_reason(end.continued_by, end.kind),
    ]
    return tuple(text for text in sentences if text is not None)


def continuity_reason(airport: str, kind: str) -> Text:
    """The sentence that the airframe's own next or previous flight adds."""
    if kind == "arrival":
        return Text(
            f"the same airframe next takes off from {airport}, and no flight between fits into the silence",
            f"الطائرة نفسها تقلع بعد ذلك من {airport}، ولا تتسع فترة الصمت لرحلة بينهما",
        )
    return Text(
        f"the same airframe last landed at {airport}, and no flight between fits into the silence",
        f"الطائرة نفسها هبطت قبل ذلك في {airport}، ولا تتسع فترة الصمت لرحلة بينهما",
    )


def grade_reason(end: EndpointEstimate) -> Text:
    """Why the end has its grade and no better one, by the rule that gives it (`endpoints.grade_of`)."""
    ranked = sorted(by_flat(end.candidates), key=lambda c: -c.log_likelihood)
    nobody = next((c for c in end.candidates if c.airport is None), None)
    unknown = nobody or Candidate(None, 0.0, 0.0, -math.inf, None, None)
    if end.grade == "X" or not ranked:
        return Text(f"{end.grade}: no listed field is within reach", f"{end.grade}: لا مطار مدرجاً ضمن المدى")
    if all(unknown.probability_flat > c.probability_flat for c in ranked):
        share = percent(unknown.probability_flat)
        return Text(
            f"D: by the flat prior UNKNOWN ({share.en}) outweighs every field",
            f"D: بلا تفضيل مسبق يفوق «غير معروف» ({share.ar}) كل مطار",
        )
    if end.airport is None:
        share = percent(unknown.probability)
        return Text(
            f"D: by the prior of the fields' features UNKNOWN ({share.en}) outweighs every field, so none is named",
            f"D: بالتفضيل بحسب خصائص المطارات يفوق «غير معروف» ({share.ar}) كل مطار، فلا يُسمّى مطار",
        )
    own = next((c for c in ranked if c.airport == end.airport), ranked[0])
    rival = next((c for c in ranked if c.airport != own.airport and c.suitable), None)
    heard, better = _how_near(end, own), _how_much_better(own, rival)
    wanted = _not_better(end, own, rival)
    if end.grade == "A":
        return Text(f"A: {heard.en}; {better.en}", f"A: {heard.ar}؛ {better.ar}")
    if end.grade == "C" and end.continued_by == own.airport:
        en = f"C: the same airframe's other flight is at {own.airport} (counted in: {better.en})"
        ar = f"C: الرحلة الأخرى للطائرة نفسها عند {own.airport} (وقد حُسبت: {better.ar})"
    else:
        en, ar = f"{end.grade}: {heard.en}; {better.en}", f"{end.grade}: {heard.ar}؛ {better.ar}"
    return Text(f"{en}; {wanted.en}", f"{ar}؛ {wanted.ar}")


def _how_near(end: EndpointEstimate, own: Candidate) -> Text:
    km = "" if own.distance_km is None else distance(own.distance_km)
    if end.on_ground:
        return Text(f"on the ground {km} km from {own.airport}", f"على الأرض على بعد {km} كم من {own.airport}")
    if own.height_ft is None:
        return Text(
            f"height above it not known, {km} km from {own.airport}",
            f"الارتفاع فوقه غير معروف، على بعد {km} كم من {own.airport}",
        )
    height = f"{own.height_ft:,.0f}"
    return Text(
        f"{height} ft above {own.airport} and {km} km from it",
        f"على ارتفاع {height} قدم فوق {own.airport} وعلى بعد {km} كم منه",
    )


def _how_much_better(own: Candidate, rival: Candidate | None) -> Text:
    if rival is None:
        return Text("no other listed field explains it", "لا مطار آخر مدرجاً يفسّره")
    return as_well_as(own, rival)


def _not_better(end: EndpointEstimate, own: Candidate, rival: Candidate | None) -> Text:
    """What the next better grade asks for."""
    if end.grade == "B":
        return Text(
            f"A asks for the ground, or for {end_word(end).en} below {LOW_FT:,.0f} ft, within {LOW_KM:g} km",
            f"الدرجة A تشترط الأرض، أو {end_word(end).ar} دون {LOW_FT:,.0f} قدم، ضمن {LOW_KM:g} كم",
        )
    if end.grade == "C":
        lands = Text("", "") if end.kind == "departure" else _LANDS_FROM
        return Text(
            f"B asks for less than {B_FT:,.0f} ft, {B_KM:g} km, {lands.en}and {B_RATIO:g} times all other listed "
            "fields together",
            f"الدرجة B تشترط أقل من {B_FT:,.0f} قدم و{B_KM:g} كم، {lands.ar}و{B_RATIO:g} مرة مقارنةً بكل المطارات "
            "الأخرى المدرجة مجتمعة",
        )
    return _not_c(end, own, rival)


def _not_c(end: EndpointEstimate, own: Candidate, rival: Candidate | None) -> Text:
    """What C asks for and the end has not: a ratio, a share, a descent."""
    asks: list[Text] = []
    if rival is not None and own.log_likelihood < rival.log_likelihood + math.log(C_RATIO):
        asks.append(Text(f"for {C_RATIO:g} times", f"{C_RATIO:g} مرات"))
    share = own_share(end, {own.airport} if own.airport else ())
    if share < LEAST_SHARE:
        has = percent(share)
        asks.append(
            Text(
                f"to outweigh all else together (it has {has.en} by this end alone)",
                f"أن يفوق كل ما عداه مجتمعاً (نصيبه {has.ar} بحسب هذا الطرف وحده)",
            )
        )
    if not (end.on_ground or end.came_down):
        asks.append(Text(f"for {end_word(end).en} that was heard", f"{end_word(end).ar} مرصوداً"))
    if not asks:
        return Text("C is not reached", "لم تُبلغ الدرجة C")
    return Text(f"C asks {' and '.join(a.en for a in asks)}", f"الدرجة C تشترط {'، و'.join(a.ar for a in asks)}")


def end_word(end: EndpointEstimate) -> Text:
    """The movement that belongs to the end."""
    return Text("a descent", "نزولاً") if end.kind == "arrival" else Text("a climb", "صعوداً")


def moment(time_utc: datetime) -> str:
    """ "2031-10-05 10:02:33 UTC"."""
    return time_utc.strftime("%Y-%m-%d %H:%M:%S UTC")


def _at(lat_deg: float, lon_deg: float, altitude_ft: float | None, *, on_ground: bool) -> Text:
    place = f"{lat_deg:.4f}, {lon_deg:.4f}"
    if on_ground:
        return Text(f"on the ground at {place}", f"على الأرض عند {place}")
    if altitude_ft is None:
        return Text(f"at {place}, height not heard", f"عند {place}، والارتفاع غير معروف")
    return Text(f"at {place} at {altitude_ft:,.0f} ft", f"عند {place} على ارتفاع {altitude_ft:,.0f} قدم")


def _counted_in(end: EndpointEstimate) -> Text | None:
    """That the probability has the neighbouring flight's end in it, and what the likeliest field has without. The prior
    is named: another one may be asked for beside it."""
    field = next((c for c in end.candidates if c.airport is not None), None)
    if field is None or end.probability_alone is None:
        return None
    both, alone = percent(field.probability), percent(end.probability_alone)
    if both == alone:
        return None
    heard = Text("is heard next", "الرصد التالي") if end.kind == "arrival" else Text("was heard before", "الرصد السابق")
    without = Text(f"without that {alone.en}", f"وبدونه {alone.ar}")
    if end.probability_alone == 0.0:
        without = Text("which this end alone does not list", "ولا يذكره هذا الطرف وحده")
    return Text(
        f"where the airframe {heard.en} is counted in: by the prior of the fields' features {field.airport} has "
        f"{both.en}, {without.en}",
        f"يُحسب معه {heard.ar} للطائرة نفسها: بالتفضيل بحسب خصائص المطارات {field.airport} {both.ar}، {without.ar}",
    )


def _heard(end: EndpointEstimate) -> Text:
    first = Text("last", "آخر") if end.kind == "arrival" else Text("first", "أول")
    where = _at(end.fix_lat_deg, end.fix_lon_deg, end.fix_altitude_ft, on_ground=end.on_ground)
    time = moment(end.fix_time_utc)
    return Text(f"{first.en} heard {time} {where.en}", f"{first.ar} رصد {time} {where.ar}")


def _movement(end: EndpointEstimate) -> Text | None:
    if end.on_ground:
        return None
    rate, speed, track = end.vertical_rate_ft_min, end.ground_speed_kt, end.true_track_deg
    parts = [_vertical(end, rate)]
    if rate is not None and speed is not None and speed > 30.0 and end.descending:
        steep = math.degrees(math.atan2(abs(rate), speed * FT_MIN_PER_KT))
        parts.append(Text(f"a path of {steep:.1f}°", f"أي بزاوية {steep:.1f}°"))
    if speed is not None:
        parts.append(Text(f"{speed:.0f} kt over the ground", f"{speed:.0f} عقدة بالنسبة إلى الأرض"))
    if track is not None:
        to = direction(track)
        parts.append(Text(f"heading {to.en}", f"بالاتجاه {to.ar}"))
    return _joined(parts[0], parts[1:], en=", ", ar="، ")


def _vertical(end: EndpointEstimate, rate: float | None) -> Text:
    if rate is None:
        return Text("climb or descent not heard", "الصعود أو النزول غير معروف")
    feet = f"{abs(rate):,.0f}"
    way = Text("descending", "في نزول") if rate < 0 else Text("climbing", "في صعود")
    if end.descending:
        return Text(f"{way.en} {feet} ft/min", f"{way.ar} {feet} قدم/د")
    if abs(rate) < LEVEL_FT_MIN:
        way, feet = Text("level within", "طيران أفقي ضمن"), f"{LEVEL_FT_MIN:.0f}"
    needed = Text("a landing", "الهبوط") if end.kind == "arrival" else Text("a take-off", "الإقلاع")
    if (rate < 0) == (end.kind == "arrival") and abs(rate) >= LEVEL_FT_MIN:
        return Text(
            f"{way.en} {feet} ft/min only, as good as level, where {needed.en} needs {end_word(end).en}",
            f"{way.ar} {feet} قدم/د فقط، أي شبه أفقي، حيث يقتضي {needed.ar} {end_word(end).ar}",
        )
    return Text(
        f"{way.en} {feet} ft/min, where {needed.en} needs {end_word(end).en}",
        f"{way.ar} {feet} قدم/د، حيث يقتضي {needed.ar} {end_word(end).ar}",
    )


def _joined(first: Text, rest: Sequence[Text], *, en: str = "; ", ar: str = "؛ ") -> Text:
    every = [first, *rest]
    return Text(en.join(t.en for t in every), ar.join(t.ar for t in every))


def _rivals(end: EndpointEstimate, ranked: Sequence[Candidate], own: Candidate | None, airfields: Fields) -> list[Text]:
    """The strongest other fields, each with what speaks for and against it, and how many more there are."""
    others = [c for c in ranked if c is not own]
    if not others:
        none = "no listed field is within reach" if own is None else "no other listed field is within reach"
        return [Text(none, "لا مطار مدرجاً ضمن المدى" if own is None else "لا مطار آخر مدرجاً ضمن المدى")]
    strong = [c for c in others if c.probability_flat >= LEAST_RIVAL]
    if not strong:
        weak, least = placed(end, others[0], airfields), f"{LEAST_RIVAL:.0%}"
        other = Text("other ", "آخر ") if own else Text("", "")
        return [
            Text(
                f"no {other.en}field reaches {least} by the flat prior; the strongest: {weak.en}",
                f"لا يبلغ أي مطار {other.ar}{least} بلا تفضيل مسبق؛ أقواها: {weak.ar}",
            )
        ]
    found = []
    for c in strong[:RIVALS_TOLD]:
        rest = list(remarks(end, c, airfields))
        if own is not None:
            rest.append(as_well_as(own, c))
        head = Text("rival: ", "منافس: ") if own is not None else Text("candidate: ", "مرشح: ")
        where = placed(end, c, airfields)
        found.append(_joined(Text(head.en + where.en, head.ar + where.ar), rest))
    more = len(strong) - RIVALS_TOLD
    if more > 0:
        found.append(
            Text(
                f"{more} more {'field has' if more == 1 else 'fields have'} {LEAST_RIVAL:.0%} or more",
                f"عدد المطارات الأخرى عند {LEAST_RIVAL:.0%} فأكثر: {more}",
            )
        )
    return found


def _unknown(end: EndpointEstimate) -> Text | None:
    share = next((c.probability_flat for c in end.candidates if c.airport is None), 0.0)
    if end.on_ground or share < 0.005:
        return None
    said = percent(share)
    if end.kind == "arrival":
        return Text(
            f"unknown {said.en}: a landing at a field that is not listed, or a flight that went on unheard",
            f"غير معروف {said.ar}: هبوط في مكان غير مدرج، أو رحلة استمرت دون أن تُسمع",
        )
    return Text(
        f"unknown {said.en}: a take-off from a field that is not listed, or a flight that came unheard from "
        "farther off",
        f"غير معروف {said.ar}: إقلاع من مكان غير مدرج، أو رحلة جاءت من أبعد دون أن تُسمع",
    )


def duration(seconds: float) -> Text:
    """ "1 h 38 min", "45 s"; days where there are more than two."""
    if seconds < 120:
        return Text(f"{seconds:.0f} s", f"{seconds:.0f} ث")
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours >= 48:
        days, hours = divmod(hours, 24)
        return Text(f"{days} d {hours} h", f"{days} يوم {hours} س")
    if not hours:
        return Text(f"{minutes} min", f"{minutes} د")
    return Text(f"{hours} h {minutes} min", f"{hours} س {minutes} د")


def silence(end: EndpointEstimate, beside: Sighting) -> tuple[float, float, float | None]:
    """Seconds, kilometres, and the speed in knots that the straight way between fix and sighting takes."""
    seconds = abs((beside.time_utc - end.fix_time_utc).total_seconds())
    km = float(distance_km(end.fix_lat_deg, end.fix_lon_deg, beside.lat_deg, beside.lon_deg))
    return seconds, km, km / KM_PER_NM / (seconds / 3600) if seconds > 0 else None


def _beside(end: EndpointEstimate, airfields: Fields, *, identified: bool) -> Text:
    """What the next sighting of the airframe (at a departure: the one before) adds."""
    arrival, beside = end.kind == "arrival", end.neighbour
    if beside is None:
        return _alone(arrival=arrival, identified=identified)
    seconds, km, kt = silence(end, beside)
    where, long = (
        _at(beside.lat_deg, beside.lon_deg, beside.altitude_ft, on_ground=beside.on_ground),
        duration(seconds),
    )
    en = f"{'next' if arrival else 'before that, last'} heard {moment(beside.time_utc)} {where.en}: {long.en} "
    en += f"{'later' if arrival else 'earlier'} and {distance(km)} km off"
    ar = f"{'الرصد التالي' if arrival else 'الرصد السابق'} {moment(beside.time_utc)} {where.ar}: "
    ar += f"{'بعد' if arrival else 'قبل'} {long.ar} وعلى بعد {distance(km)} كم"
    if kt is not None and km >= 1.0:
        en, ar = f"{en}, {kt:,.0f} kt in a straight line", f"{ar}، {kt:,.0f} عقدة بخط مستقيم"
        flown = end.ground_speed_kt
        if not end.on_ground and flown is not None and kt < SLOWER_SHARE * flown:
            en = f"{en} against {flown:.0f} kt flown: the time left holds more than the straight way"
            ar = f"{ar} مقابل {flown:.0f} عقدة سرعة الطيران: الوقت الباقي يتسع لأكثر من الطريق المستقيم"
    near = _nearest(end, beside, airfields)
    if near is not None:
        name, away = near
        en, ar = f"{en}; {distance(away)} km from {name}", f"{ar}؛ على بعد {distance(away)} كم من {name}"
        if end.continued_by is None and end.grade not in "AB":
            en += ", which does not raise the grade of this end"
            ar += "، ولا يرفع ذلك درجة هذا الطرف"
    return Text(en, ar)


def _alone(*, arrival: bool, identified: bool) -> Text:
    if not identified:
        return Text(
            "the file names no address, so no other sighting of this aircraft can be joined to it",
            "لا يذكر الملف عنواناً، فلا يمكن ربط أي رصد آخر لهذه الطائرة به",
        )
    if arrival:
        return Text(
            "in what was read, the airframe is not heard again: nothing bounds where it went",
            "لم تُسمع الطائرة ثانية في ما قُرئ: لا شيء يحدّ وجهتها بعد ذلك",
        )
    return Text(
        "in what was read, the airframe is not heard before: nothing bounds where it came from",
        "لم تُسمع الطائرة قبل ذلك في ما قُرئ: لا شيء يحدّ من أين أتت",
    )


def _nearest(end: EndpointEstimate, beside: Sighting, airfields: Fields) -> tuple[str, float] | None:
    """The candidate nearest to the sighting, and how far its reference point is from it; None beyond BESIDE_KM."""
    fields = [f for c in by_flat(end.candidates) if (f := airfields.get(c.airport or "")) is not None]
    if not fields:
        return None
    lat, lon = np.array([f.lat_deg for f in fields]), np.array([f.lon_deg for f in fields])
    away = distance_km(beside.lat_deg, beside.lon_deg, lat, lon)
    first = int(np.argmin(away))
    return (fields[first].airport, float(away[first])) if away[first] <= BESIDE_KM else None
