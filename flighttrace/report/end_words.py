"""The words of the map of an end, in English and Arabic: headline, times, key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from flighttrace.language import Language, Text
from flighttrace.match.candidates import FASTEST_KT
from flighttrace.match.model import EndpointEstimate
from flighttrace.match.reach import FLATTEST_DEG, Reach
from flighttrace.report import map_words as words
from flighttrace.report.end_layers import BESIDE_INK, REACH_INK, RING_INK
from flighttrace.report.labels import Line
from flighttrace.report.map_layers import NOTE_INK, TRACK_INK, EndMark, draw_badge
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_scene import INFERRED_KM, fix_to_field_km
from flighttrace.report.map_sheet import KeyItem, circle_symbol, line_symbol, marker_symbol
from flighttrace.report.placenames import field_name

OnMap = Literal["whole", "part", "all"]
"""How much of the reachable set the window shows; "all": the window lies inside it."""
KEY: Final[Mapping[str, Text]] = {
    "fixes": Text("position received, with heights", "موضع مستقبَل، مع الارتفاعات"),
    "rings": Text("distance from the last fix", "المسافة من آخر موضع"),
    "rings_first": Text("distance from the first fix", "المسافة من أول موضع"),
    "candidate": Text(
        "airfield that competes for the end, with its probability", "مطار منافس على هذا الطرف، مع احتماله"
    ),
    "next": Text("next heard", "الرصد التالي"),
    "previous": Text("last heard before", "الرصد السابق"),
}


def title(name: str, mark: EndMark, lang: Language) -> str:
    """ "SIM103, arrival: Ovda, grade A, 25 Sep 2031"; at D no field is named."""
    kind = words.END_TITLES[mark.kind][lang]
    field = words.FIELD_NOT_TOLD[lang]
    if mark.told and mark.field is not None:
        field = field_name(mark.field, lang)
        if mark.grade == "C":
            field += words.plain(lang, ", inferred", "، مستنتج")
    day = words.day(mark.estimate.fix_time_utc, lang)
    grade = words.latin(mark.grade, lang)
    return words.plain(
        lang, f"{name}, {kind.lower()}: {field}, grade {grade}, {day}",
        f"{words.latin(name, lang)}، {kind}: {field}، الدرجة {grade}، {day}",
    )  # fmt: skip


def when(end: EndpointEstimate, zones: Mapping[str, str], lang: Language) -> str:
    """When the end fix was heard, in UTC and in local time, and the time that is estimated for the end."""
    fix = words.fix_line(end.kind, end.fix_time_utc, None, None, None, lang)[0].lstrip(words.RIGHT_TO_LEFT_MARK)
    local = words.local_clocks(end.fix_time_utc, zones, lang)
    told = words.end_time(
        end.kind, end.time_utc, end.not_before_utc, end.not_after_utc, lang, sure=end.grade in ("A", "B")
    )
    parts = [fix + (f" ({local})" if local else ""), told if end.grade not in ("D", "X") else ""]
    text = " · ".join(part for part in parts if part)
    return text[:1].upper() + text[1:]


def reach_words(reach: Reach, end: EndpointEstimate, lang: Language, *, on_map: OnMap = "whole") -> str:
    """What the set is: never more than its rule says."""
    arrival = end.kind == "arrival"
    height = words.measure(end.fix_altitude_ft or 0.0, "ft", lang)
    if reach.kind == "both":
        other = Text("the next sighting", "الرصد التالي") if arrival else Text("the sighting before", "الرصد السابق")
        text = Text(
            f"can be reached between this fix and {other.en} at up to {FASTEST_KT:.0f} kt",
            f"يمكن بلوغه بين هذا الموضع و{other.ar} بسرعة لا تتجاوز {FASTEST_KT:.0f} عقدة",
        )
    elif reach.kind == "descent":
        km = words.measure(reach.km or 0.0, "km", lang)
        level = Text("gone", "تكون ذهبت") if arrival else Text("come from", "تكون أتت من")
        text = Text(
            f"where a {'descent from' if arrival else 'climb to'} {height} at {FLATTEST_DEG:g}° or steeper can "
            f"{'end' if arrival else 'begin'} ({km}); flying level it can have {level.en} farther",
            f"حيث يمكن أن {'ينتهي نزول من' if arrival else 'يبدأ صعود إلى'} {height} بزاوية {FLATTEST_DEG:g}° أو أكثر "
            f"({km})؛ وبالطيران الأفقي يمكن أن {level.ar} أبعد",
        )
    elif reach.kind == "nowhere":
        text = Text(
            f"no place can be reached between the two sightings at {FASTEST_KT:.0f} kt",
            f"لا مكان يمكن بلوغه بين الرصدين بسرعة {FASTEST_KT:.0f} عقدة",
        )
    else:
        text = Text(
            "what was heard does not bound where the end lies: no reachable set is drawn",
            "ما سُمع لا يحدّ مكان هذا الطرف: لم يُرسم نطاق ممكن",
        )
    more = {
        "whole": Text("", ""),
        "part": Text("; reaches beyond this map", "؛ يمتد خارج هذه الخريطة"),
        "all": Text(": all of this map and beyond, not drawn", ": كل هذه الخريطة وما وراءها، لم يُرسم"),
    }[on_map]
    return words.line(lang, text.en + more.en, text.ar + more.ar)


def key(
    mark: EndMark, reach: Reach | None, lang: Language, *, beside: bool, gaps: bool, on_map: OnMap
) -> tuple[tuple[KeyItem, ...], ...]:
    """The key: the end's own grade, the signs, the set in a row of its own."""
    end = mark.estimate

    def item(text: Text, symbol: object) -> KeyItem:
        return KeyItem(words.line(lang, text.en, text.ar), symbol)  # type: ignore[arg-type]

    badge = lambda figure, x, y: draw_badge(figure, x, y, end.grade, scale=0.92)  # noqa: E731
    arrival = end.kind == "arrival"
    first = [
        item(words.GRADE_KEYS[end.grade], badge),
        item(words.KEY["received"], line_symbol(TRACK_INK, "solid", 2.0)),
        item(KEY["fixes"], marker_symbol("o", "white", TRACK_INK, 4.5)),
    ]
    if gaps:
        first.append(item(words.KEY["gap"], line_symbol(TRACK_INK, (0, (2.6, 1.9)), 2.0)))
    if mark.told and fix_to_field_km(mark) > INFERRED_KM:
        first.append(item(words.KEY["inferred"], line_symbol(NOTE_INK, (0, (0.9, 1.8)), 1.7)))
    second = [
        item(KEY["candidate"], marker_symbol("o", "white", "#1c1c1c", 6)),
        item(KEY["rings" if arrival else "rings_first"], circle_symbol(RING_INK, filled=False, dashed=False)),
    ]
    if beside:
        second.append(item(KEY["next" if arrival else "previous"], marker_symbol("D", "white", BESIDE_INK, 7)))
    if reach is None:
        return tuple(first), tuple(second)
    symbol = line_symbol(REACH_INK, (0, (7, 2.5, 1.5, 2.5)), 1.5)
    drawn = reach.rim is not None and on_map != "all"
    text = reach_words(reach, end, lang, on_map=on_map)
    return tuple(first), tuple(second), (KeyItem(text, symbol if drawn else None),)


def label_beside(panel: Panel, end: EndpointEstimate, lang: Language) -> None:
    """When and how high the next sighting was, beside its diamond."""
    beside = end.neighbour
    if beside is None:
        return
    name = KEY["next" if end.kind == "arrival" else "previous"]
    high = words.plain(lang, "on the ground", "على الأرض")
    if not beside.on_ground:
        high = "" if beside.altitude_ft is None else words.measure(beside.altitude_ft, "ft", lang)
    clock = words.clock(beside.time_utc, lang)
    if beside.time_utc.date() != end.fix_time_utc.date():
        clock = f"{words.day(beside.time_utc, lang)} {clock}"
    text = ("، " if lang == "ar" else ", ").join(part for part in (f"{name[lang]} {clock}", high) if part)
    block = panel.lettering.block([Line(words.line(lang, text, text), 8.6, BESIDE_INK)])
    x, y = panel.pixels(beside.lat_deg, beside.lon_deg)[0]
    panel.placer.place_at_point(block, float(x), float(y), clear_px=9.0, leader_colour=BESIDE_INK)
