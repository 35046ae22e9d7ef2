"""The sentences on the maps, in English and Arabic: times, ends, gaps, the key, the footer.

Arabic lines begin with a right-to-left mark, and whatever is Latin in them (codes, UTC times, file names) stands in an
isolate, so that "07:02 UTC" keeps its order. matplotlib >= 3.11 shapes the letters itself. Text that comes from outside
is made safe by `errors.shown` before it gets here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flighttrace.errors import shown
from flighttrace.language import Language, Text
from flighttrace.match.model import EndKind, Grade
from flighttrace.positions import Source
from flighttrace.report.counts import AirframeCounts, LegCounts
from flighttrace.report.placenames import ZONE_LABELS

RIGHT_TO_LEFT_MARK, ISOLATE, END_ISOLATE = "\u200f", "\u2066", "\u2069"
MONTHS: Final = Text(
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
)
WIDE_SPAN_S: Final = 600.0
"""An estimated time whose bounds are farther apart than ten minutes is printed with them."""
LONGEST_UNBROKEN: Final = 26
"""Shorter Latin parts of an Arabic line are kept on one row: an isolate cut in two would lose its order."""
SOURCES_NAMED: Final = 4
"""More files than these are counted, not named; the report lists all of them."""
UNITS: Final[Mapping[str, Text]] = {
    "km": Text("km", "كم"),
    "ft": Text("ft", "قدم"),
    "s": Text("s", "ث"),
    "min": Text("min", "د"),
    "h": Text("h", "س"),
}

STAMP: Final = Text("SIMULATED, not evidence", "بيانات محاكاة، ليست دليلاً")
WATERMARK: Final = Text("SIMULATED", "محاكاة")
BORDERS_NOTE: Final = Text(
    "borders as drawn by Natural Earth, not a statement on sovereignty",
    "الحدود كما ترسمها Natural Earth، وليست موقفاً من السيادة",
)
END_TITLES: Final[Mapping[EndKind, Text]] = {
    "departure": Text("Departure", "المغادرة"),
    "arrival": Text("Arrival", "الوصول"),
}
NOT_SEEN: Final[Mapping[tuple[EndKind, ...], tuple[Text, Text]]] = {
    ("departure",): (
        Text("departure inferred", "المغادرة مستنتجة"),
        Text("departure field not told", "مطار المغادرة غير محدَّد"),
    ),
    ("arrival",): (Text("arrival inferred", "الوصول مستنتج"), Text("arrival field not told", "مطار الوصول غير محدَّد")),
    ("departure", "arrival"): (
        Text("both ends inferred", "الطرفان مستنتجان"),
        Text("both fields not told", "المطاران غير محدَّدين"),
    ),
}
"""What a headline adds where ends have grade C, and where they have D."""
BOTH_UNKNOWN: Final = Text("both fields unknown", "المطاران غير معروفين")
LIST_HEADING: Final = Text("Legs, and the grades of their ends", "الرحلات ودرجتا طرفيها")
UNKNOWN: Final = Text("unknown", "غير معروف")
UNKNOWN_FIELD: Final = Text("an unknown field", "مطار غير معروف")
NO_ADDRESS: Final = Text("no address", "بلا عنوان")
FIELD_NOT_TOLD: Final = Text("field not told", "المطار غير محدَّد")
QUESTION: Final = Text("?", "؟")
"""Behind the name of a field that the grade does not tell."""

GRADE_KEYS: Final[Mapping[Grade, Text]] = {
    "A": Text("heard on or just above the field", "سُمعت على أرض المطار أو فوقه مباشرة"),
    "B": Text("heard low and near, rivals far behind", "سُمعت منخفضة وقريبة، والبدائل أضعف كثيراً"),
    "C": Text("inferred from the last or first fix", "مستنتج من آخر موضع أو أوله"),
    "D": Text("within reach, field not told", "ضمن المدى، والمطار غير محدَّد"),
    "X": Text("out of reach", "خارج المدى"),
}
KEY: Final[Mapping[str, Text]] = {
    "grades": Text("Grade of an end", "درجة طرف الرحلة"),
    "unknown": Text("field unknown", "مطار غير معروف"),
    "received": Text("positions received", "مواضع مستقبَلة"),
    "gap": Text("no reception: shortest line drawn", "لا استقبال: رُسم أقصر خط"),
    "inferred": Text("inferred, not received", "مستنتج، غير مستقبَل"),
    "one_ended": Text("one end only: not a leg", "طرف واحد فقط: ليست رحلة كاملة"),
    "tint": Text("country of an end", "بلد أحد الطرفين"),
    "field": Text("airfield of a place asked for", "مطار من الأماكن المطلوبة"),
    "radius": Text("stated radius, not an outline of Nagorno-Karabakh", "نصف قطر معلن، وليس حدوداً لناغورنو كاراباخ"),
}


def fence_key(radius_km: float, lang: Language) -> str:
    return line(lang, f"{radius_km:g} km round the field", f"{radius_km:g} كم حول المطار")


def line(lang: Language, en: str, ar: str) -> str:
    """The line in that language; Arabic with its mark of direction in front."""
    return RIGHT_TO_LEFT_MARK + ar if lang == "ar" else en


def plain(lang: Language, en: str, ar: str) -> str:
    """A part of a line in that language, without the mark."""
    return ar if lang == "ar" else en


def latin(text: str, lang: Language) -> str:
    """Text that stays left to right inside an Arabic line."""
    if lang == "en":
        return text
    whole = text.replace(" ", "\u00a0") if len(text) <= LONGEST_UNBROKEN else text
    return f"{ISOLATE}{whole}{END_ISOLATE}"


def measure(value: float, unit: str, lang: Language) -> str:
    """A number with its unit: "316 km"."""
    return f"{value:,.0f} {UNITS[unit][lang]}"


def duration(seconds: float, lang: Language) -> str:
    """ "23 min", "3 h 10 min"."""
    minutes = round(seconds / 60)
    if minutes == 0:
        return f"{measure(seconds, 's', lang)}"
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return measure(rest, "min", lang)
    return f"{measure(hours, 'h', lang)} {measure(rest, 'min', lang)}" if rest else measure(hours, "h", lang)


def day(moment: datetime, lang: Language) -> str:
    """ "5 Oct 2031"."""
    return f"{moment.day} {MONTHS[lang].split()[moment.month - 1]} {moment.year}"


def days(first: datetime, last: datetime, lang: Language) -> str:
    """One day, or from the first to the last: "5-6 Oct 2031" with an en dash."""
    if first.date() == last.date():
        return day(first, lang)
    if (first.year, first.month) == (last.year, last.month):
        both = latin(f"{first.day}–{last.day}", lang)
        return f"{both} {MONTHS[lang].split()[first.month - 1]} {first.year}"
    return f"{day(first, lang)} – {day(last, lang)}"


def clock(moment: datetime, lang: Language) -> str:
    """ "07:02 UTC"."""
    return latin(f"{moment:%H:%M} UTC", lang)


def zone_label(label: str, lang: Language) -> str:
    """What the clock of a zone is called: "Israel"."""
    known = ZONE_LABELS.get(label)
    return known[lang] if known is not None else latin(shown(label, 24), lang)


def local_clocks(moment: datetime, zones: Mapping[str, str], lang: Language) -> str:
    """ "10:02 Israel, 11:02 Azerbaijan"; with the day where it is another than in UTC. Empty without zones."""
    parts = []
    for label, zone in zones.items():
        local = moment.astimezone(ZoneInfo(zone))
        other = f" {day(local, lang)}" if local.date() != moment.date() else ""
        parts.append(f"{latin(f'{local:%H:%M}', lang)}{other} {zone_label(label, lang)}")
    return ("، " if lang == "ar" else ", ").join(parts)


def local_spans(first: datetime, last: datetime, zones: Mapping[str, str], lang: Language) -> list[str]:
    """ "Israel 10:02-13:12" for each zone; with the days where they are others than in UTC."""
    spans = []
    for label, zone in zones.items():
        a, b = (moment.astimezone(ZoneInfo(zone)) for moment in (first, last))
        clocks = latin(f"{a:%H:%M}–{b:%H:%M}", lang)
        moved = (a.date(), b.date()) != (first.date(), last.date())
        spans.append(f"{zone_label(label, lang)} {clocks}" + (f" ({days(a, b, lang)})" if moved else ""))
    return spans


def gap_lines(seconds: float, km: float, lang: Language, *, short: bool = False) -> list[str]:
    """What stands beside a dashed stretch; `short` for maps of many legs, where the key says the rest."""
    long, far = duration(seconds, lang), measure(km, "km", lang)
    if short:
        return [line(lang, f"no reception {long}, {far}", f"لا استقبال {long}، {far}")]
    return [
        line(lang, f"no reception {long}, {far}:", f"لا استقبال {long}، {far}:"),
        line(lang, "shortest line drawn", "رُسم أقصر خط"),
    ]


def fix_line(
    kind: EndKind, moment: datetime, altitude_ft: float | None, km: float | None, name: str | None, lang: Language
) -> list[str]:
    """ "last heard 10:05 UTC at 12,300 ft", and how far short of the field."""
    high = "" if altitude_ft is None else measure(altitude_ft, "ft", lang)
    heard = clock(moment, lang)
    if kind == "arrival":
        first = line(lang, f"last heard {heard}" + (f" at {high}" if high else ""),
                     f"آخر سماع {heard}" + (f" على {high}" if high else ""))  # fmt: skip
        second = ("{far} short of {name}", "قبل {name} بـ{far}")
    else:
        first = line(lang, f"first heard {heard}" + (f" at {high}" if high else ""),
                     f"أول سماع {heard}" + (f" على {high}" if high else ""))  # fmt: skip
        second = ("{far} out of {name}", "بعد {name} بـ{far}")
    if km is None or name is None:
        return [first]
    far = measure(km, "km", lang)
    return [first, line(lang, second[0].format(far=far, name=name), second[1].format(far=far, name=name))]


def end_time(kind: EndKind, moment: datetime | None, early: datetime | None, late: datetime | None, lang: Language,
             *, sure: bool) -> str:  # fmt: skip
    """ "landed 10:12 UTC"; "landing about 10:31 UTC" where it was not seen; the span where only that is known."""
    if moment is None:
        if early is None or late is None:
            return ""
        span = latin(f"{early:%H:%M}–{late:%H:%M} UTC", lang)
        words = ("took off", "أقلعت") if kind == "departure" else ("landed", "هبطت")
        return f"{words[lang == 'ar']} {span}"
    words = {
        ("departure", True): ("took off", "أقلعت"),
        ("departure", False): ("take-off estimated", "إقلاع مقدَّر"),
        ("arrival", True): ("landed", "هبطت"),
        ("arrival", False): ("landing estimated", "هبوط مقدَّر"),
    }[kind, sure]
    text = f"{words[lang == 'ar']} {clock(moment, lang)}"
    if not sure and early is not None and late is not None and (late - early).total_seconds() > WIDE_SPAN_S:
        text += f" ({latin(f'{early:%H:%M}–{late:%H:%M}', lang)})"
    return text


def radius_lines(radii_km: Sequence[float], name: str, lang: Language) -> list[str]:
    """ "110 km around Khojaly (Stepanakert, UB13)"."""
    numbers = [f"{radius:g}" for radius in sorted(radii_km)]
    joined = (
        numbers[0]
        if len(numbers) == 1
        else ("، " if lang == "ar" else ", ").join(numbers[:-1]) + (" و" if lang == "ar" else " and ") + numbers[-1]
    )
    return [line(lang, f"{joined} km around", f"{joined} كم حول"), line(lang, name, name)]


def source_lines(sources: Sequence[Source], lang: Language) -> list[str]:
    """One sentence that names the files, their readers and the first digits of their hashes."""
    if not sources:
        return []
    named = [
        latin(f"{shown(s.file, 60)} ({shown(s.reader, 30)}, sha256 {s.sha256[:8]})", lang)
        for s in sources[:SOURCES_NAMED]
    ]
    more = len(sources) - len(named)
    text = ("؛ " if lang == "ar" else "; ").join(named)
    if more:
        text += line(lang, f"; and {more} more, listed in the report", f"؛ و{more} غيرها في التقرير").lstrip(
            RIGHT_TO_LEFT_MARK
        )
    return [line(lang, f"Tracks: {text}.", f"المسارات: {text}.")]


def legs_counted(counts: LegCounts, when: str, lang: Language, *, routes_known: bool) -> str:
    """ "4 legs and 1 possible leg, 5-6 Oct 2031": what is counted is named, what is only possible is not counted.

    With `routes_known` the legs that only claims ask for stand apart from those on the routes.
    """
    apart = routes_known and counts.for_claims > 0
    sure, more, possible = counts.on_routes if apart else counts.legs, counts.for_claims, counts.possible
    en = [f"{sure} leg{'s' if sure != 1 else ''}{' on the routes asked' if apart else ''}"]
    ar = [f"عدد الرحلات{' على الخطوط المطلوبة' if apart else ''}: {sure}"]
    if not counts.legs and possible:
        en, ar = [], []
    if apart:
        en.append(f"{more} more that only claims ask for")
        ar.append(f"وما تسأل عنه الادعاءات وحدها: {more}")
    if possible:
        en.append(f"{possible} possible leg{'s' if possible != 1 else ''}")
        ar.append(f"عدد الرحلات الممكنة: {possible}")
    joined = en[0] if len(en) == 1 else f"{', '.join(en[:-1])} and {en[-1]}"
    return plain(lang, f"{joined}, {when}", f"{'؛ '.join(ar)}؛ {when}")


def legs_detail(airframes: AirframeCounts, one_ended: int, lang: Language) -> str:
    """Which airframes flew the legs, by address; how many legs have none; and what is no leg."""

    def some(number: int, name: str) -> str:
        return f"{number} {name}{'' if number == 1 else 's'}"

    en, ar = [], []
    if airframes.by_address or airframes.declared or airframes.without_address:
        en.append(f"{some(airframes.by_address, 'airframe')} by address")
        ar.append(f"عدد الطائرات بحسب العنوان: {airframes.by_address}")
    if airframes.declared:
        en.append(f"{airframes.declared} more by declared address")
        ar.append(f"وبعنوان صرّح به المستخدم: {airframes.declared}")
    if airframes.without_address:
        en.append(f"{some(airframes.without_address, 'leg')} without an address")
        ar.append(f"عدد الرحلات بلا عنوان: {airframes.without_address}")
    if one_ended:
        en.append(f"{some(one_ended, 'one-ended sighting')}, not counted as legs")
        ar.append(f"عدد المشاهدات بطرف واحد، ولا تُعدّ رحلات: {one_ended}")
    return line(lang, " · ".join(en), " · ".join(ar))


def footer_note(scale: str, conic: bool, version: str, lang: Language) -> str:
    """The base map, its projection, and who drew it."""
    en = (
        f"Base map: Natural Earth {scale}, public domain; {BORDERS_NOTE.en}. "
        f"{'Lambert conformal conic' if conic else 'Lambert azimuthal equal-area'} projection. flighttrace {version}."
    )
    ar = (
        f"خريطة الأساس: {latin(f'Natural Earth {scale}', lang)}، ملك عام؛ {BORDERS_NOTE.ar}. "
        f"{'إسقاط لامبرت المخروطي المطابق' if conic else 'إسقاط لامبرت السمتي متساوي المساحة'}. "
        f"{latin(f'flighttrace {version}', lang)}."
    )
    return line(lang, en, ar)
