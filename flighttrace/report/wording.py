"""The words of the report in English and in Arabic: headings, labels, legends, the notes that every page carries.

A template names a word by its key; a key that is missing here raises, in either language.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flighttrace.language import Language, Text
from flighttrace.match.endpoints import B_FT, B_KM, B_RATIO, C_RATIO, LOW_FT, LOW_KM
from flighttrace.match.model import Grade
from flighttrace.positions import DECLARED, IN_FILE, LINKED_BY_ID, LINKED_BY_NAME, NOT_IN_FILE

_TIMES_AR: Final[Mapping[float, str]] = {5.0: "بخمسة أضعاف", 20.0: "بعشرين ضعفاً"}
"""The likelihood ratios of the grades in Arabic; another ratio has to be written here too."""

GRADE_MEANINGS: Final[Mapping[Grade, Text]] = {
    "A": Text(
        f"on the ground, or climbing or descending below {LOW_FT:,.0f} ft above the field, within {LOW_KM:g} km of the "
        "runway, an arrival in the air no faster than who lands, and no other field explains the track as well",
        f"على الأرض، أو في صعود أو نزول دون {LOW_FT:.0f} قدم فوق مستوى المطار، ضمن {LOW_KM:g} كم من المدرج، "
        "وعند الوصول جواً بسرعة تسمح بالهبوط، ولا يفسّر مطار آخر المسار بالقدر نفسه",
    ),
    "B": Text(
        f"below {B_FT:,.0f} ft above the field and within {B_KM:g} km of the runway, and it explains the track at "
        f"least {B_RATIO:g} times as well as all other listed fields together; an arrival could land from there",
        f"دون {B_FT:.0f} قدم فوق مستوى المطار وضمن {B_KM:g} كم من المدرج، ويفسّر المسار {_TIMES_AR[B_RATIO]} على الأقل "
        "مما تفسّره المطارات الأخرى المدرجة مجتمعة؛ وعند الوصول: كان الهبوط من هناك ممكناً",
    ),
    "C": Text(
        f"at any height, it explains the track at least {C_RATIO:g} times as well as the next field and outweighs "
        "all else together; or the same airframe's next flight begins (its last one ended) there, and no flight "
        "between fits",
        f"على أي ارتفاع، ويفسّر المسار {_TIMES_AR[C_RATIO]} على الأقل مما يفسّره المطار التالي وهو أرجح من كل ما عداه "
        "مجتمعاً؛ أو تبدأ منه الرحلة التالية للطائرة نفسها (أو انتهت فيه السابقة) ولا تتسع المدة لرحلة بينهما",
    ),
    "D": Text(
        "within reach, less than that: the field is not told, the likeliest few stand in its place",
        "ضمن المدى، ودون ذلك: المطار غير محدَّد، وتُذكر بدلاً منه أرجح المطارات",
    ),
    "X": Text("out of reach", "خارج المدى"),
}

STATE_TEXTS: Final[Mapping[str, Text]] = {
    "met": Text("met", "متحقق"),
    "not met": Text("not met", "غير متحقق"),
    "unknowable": Text("cannot be known", "لا يمكن معرفته"),
}

ELEMENT_TEXTS: Final[Mapping[str, Text]] = {
    "places": Text("places", "الأماكن"),
    "direction": Text("direction", "الاتجاه"),
    "window": Text("time window", "الفترة"),
    "count": Text("count", "العدد"),
    "airframes": Text("distinct airframes", "طائرات مختلفة"),
    "operator": Text("operator or registry", "المشغّل أو التسجيل"),
    "kind": Text("kind of aircraft", "نوع الطائرة"),
    "no stop": Text("no stop on the way", "بلا توقف"),
}

IDENTITY_TEXTS: Final[Mapping[str, Text]] = {
    IN_FILE: Text("address in the file", "العنوان مذكور في الملف"),
    DECLARED: Text("declared by the user", "صرّح به المستخدم"),
    LINKED_BY_NAME: Text(
        "address, and call sign where positions have none, from a list: linked by file name",
        "العنوان، ورمز النداء حيث تخلو المواضع منه، من قائمة: مربوط باسم الملف",
    ),
    LINKED_BY_ID: Text(
        "address, and call sign where positions have none, from a list: linked by flight id",
        "العنوان، ورمز النداء حيث تخلو المواضع منه، من قائمة: مربوط برقم الرحلة",
    ),
    NOT_IN_FILE: Text("not in the file", "غير مذكور في الملف"),
}

_WORDS: Final[Mapping[str, Text]] = {
    "legs": Text("legs", "عدد الرحلات"),
    "leg": Text("leg", "رحلة"),
    "one_leg": Text("leg", "عدد الرحلات"),
    "legs_on_routes": Text("legs on the routes asked", "عدد الرحلات على الخطوط المطلوبة"),
    "one_leg_on_routes": Text("leg on the routes asked", "عدد الرحلات على الخطوط المطلوبة"),
    "legs_for_claims": Text("more that only claims ask for", "عدد الرحلات الأخرى التي تسأل عنها الادعاءات وحدها"),
    "possible_legs": Text("possible legs, in no count", "عدد الرحلات الممكنة، ولا تدخل في أي عدد"),
    "possible_mark": Text("marked ?", "عليها علامة ؟"),
    "one_possible_leg": Text("possible leg, in no count", "عدد الرحلات الممكنة، ولا تدخل في أي عدد"),
    "possible_leg": Text("possible leg", "رحلة ممكنة"),
    "sightings": Text("one-ended sightings", "عدد المشاهدات بطرف واحد"),
    "one_sighting": Text("one-ended sighting", "عدد المشاهدات بطرف واحد"),
    "airframes": Text("airframes by address on these legs", "عدد الطائرات في هذه الرحلات بحسب العنوان"),
    "one_airframe": Text("airframe by address on these legs", "عدد الطائرات في هذه الرحلات بحسب العنوان"),
    "airframes_declared": Text(
        "more by an address that the user declared", "عدد الطائرات الأخرى بعنوان صرّح به المستخدم"
    ),
    "legs_without_address": Text("of these legs without an address", "عدد ما لا عنوان له من هذه الرحلات"),
    "input_files": Text("input files read", "عدد الملفات المقروءة"),
    "one_input_file": Text("input file read", "عدد الملفات المقروءة"),
    "rows_note": Text(
        "rows: a leg that joins several pairs of places has a row for each",
        "عدد الصفوف، فللرحلة صف لكل زوج من الأماكن تصل بينه",
    ),
    "files_span": Text("Positions in these files", "المواضع في هذه الملفات"),
    "first_position": Text("first position, UTC", "أول موضع (UTC)"),
    "last_position": Text("last position, UTC", "آخر موضع (UTC)"),
    "no_positions": Text("no position", "لا مواضع"),
    "field_not_told": Text("field not told", "المطار غير محدَّد"),
    "likeliest": Text("the likeliest", "الأرجح"),
    "readings_same": Text(
        "the article's {n} readings do not change this claim",
        "قراءات المقال ({n}) لا تغيّر هذا الادعاء",
    ),
    "maps_drawn": Text(
        "{drawn} of {all} leg maps are drawn, those of legs that bear on claims first; "
        "`flighttrace map --id` with the leg_id of legs.csv draws any other.",
        "رُسمت {drawn} من {all} من خرائط الرحلات، وأولها ما يتصل بالادعاءات؛ "
        "ويرسم الأمر ⁨flighttrace map --id⁩ مع leg_id من legs.csv أي رحلة أخرى.",
    ),
    "asked": Text("Asked", "المطلوب"),
    "routes_between": Text("flights in both directions between", "الرحلات في الاتجاهين بين"),
    "found": Text("Found", "الموجود"),
    "nothing_found": Text(
        "No leg was found in these files. No track is not no flight.",
        "لم توجد أي رحلة في هذه الملفات. غياب المسار ليس غياب الرحلة.",
    ),
    "verdicts": Text("Verdicts", "الأحكام"),
    "verdicts_count": Text("claims by verdict of the first reading", "الادعاءات بحسب حكم القراءة الأولى"),
    "claims": Text("Claims", "الادعاءات"),
    "claims_testable": Text("Claims that tracks can speak to", "الادعاءات التي يمكن للمسارات أن تقول فيها شيئاً"),
    "claims_untestable": Text("Claims that no track can test", "الادعاءات التي لا يمكن لأي مسار اختبارها"),
    "claims_untestable_note": Text(
        "They stay in the report, so that nobody takes silence for a check.",
        "تبقى في التقرير كي لا يُظن أن السكوت عنها تحقق منها.",
    ),
    "claim": Text("claim", "الادعاء"),
    "article": Text("article", "المقال"),
    "paragraph": Text("paragraph", "الفقرة"),
    "why": Text("why", "السبب"),
    "reasons": Text("Reasons", "الأسباب"),
    "notes": Text("Notes", "ملاحظات"),
    "verdict": Text("verdict", "الحكم"),
    "reading": Text("reading", "القراءة"),
    "readings": Text("readings", "القراءات"),
    "readings_agree": Text("all readings agree", "كل القراءات متفقة"),
    "readings_tried": Text("readings tried", "عدد القراءات المجرَّبة"),
    "one_reading": Text("one reading", "قراءة واحدة"),
    "readings_differ": Text(
        "The readings do not agree; each stands at equal size",
        "القراءات غير متفقة؛ كل منها بالحجم نفسه",
    ),
    "first_reading": Text("first", "الأولى"),
    "counted": Text("counted", "ما عُدّ"),
    "elements": Text("elements", "العناصر"),
    "window": Text("window", "الفترة"),
    "legs_it_rests_on": Text("rests on", "يستند إلى"),
    "possible": Text("possible, never counted", "رحلات ممكنة، لا تُعدّ أبداً"),
    "rivals": Text("at rival fields within 40 km", "في مطارات منافسة ضمن 40 كم"),
    "coverage": Text("what could have been heard", "ما كان يمكن سماعه"),
    "field_days": Text(
        "field-days with other aircraft heard low", "عدد (مطار × يوم) سُمعت فيه طائرات أخرى على ارتفاع منخفض"
    ),
    "of": Text("of", "من"),
    "tracks_show": Text("Tracks can show", "ما قد تُظهره المسارات"),
    "tracks_cannot": Text("No track can show", "ما لا يُظهره أي مسار"),
    "ceiling": Text("At most", "أعلى حكم ممكن"),
    "bears_on": Text("bears on", "يتصل بـ"),
    "rests_on_tracks_of": Text("Its claims rest on tracks of", "تستند ادعاءاته إلى مسارات"),
    "networks_unknown": Text("not known", "غير معروف"),
    "map_and_time": Text("Where and when", "أين ومتى"),
    "map_hint": Text(
        "Drag on the timeline to choose dates; Esc clears. Dashed: no reception.",
        "اسحب على الخط الزمني لاختيار التواريخ؛ Esc يلغي. المتقطع: لا استقبال.",
    ),
    "map_hint_no_script": Text("Dashed: no reception.", "المتقطع: لا استقبال."),
    "map_alt": Text("Map of the tracks of all legs", "خريطة مسارات كل الرحلات"),
    "timeline_alt": Text("Legs by day of departure and by direction", "الرحلات بحسب يوم المغادرة والاتجاه"),
    "windows_of_claims": Text("claims' windows", "فترات الادعاءات"),
    "shown_of": Text("of", "من"),
    "clear": Text("Clear", "إلغاء"),
    "since": Text("From", "من"),
    "to": Text("to", "إلى"),
    "leg_list": Text("The legs", "الرحلات"),
    "number": Text("no.", "رقم"),
    "flight": Text("flight", "الرحلة"),
    "callsign": Text("call sign", "رمز النداء"),
    "address": Text("ICAO address", "عنوان إيكاو"),
    "identity": Text("identity", "الهوية"),
    "route": Text("from, to", "من، إلى"),
    "departure": Text("departure", "المغادرة"),
    "arrival": Text("arrival", "الوصول"),
    "end": Text("end", "الطرف"),
    "place": Text("place", "المكان"),
    "place_grade": Text("grade of the places", "درجة المكانين"),
    "field": Text("field", "المطار"),
    "grade": Text("grade", "الدرجة"),
    "unknown_field": Text("unknown", "غير معروف"),
    "candidates": Text("other candidates", "مطارات أخرى ممكنة"),
    "between": Text("between", "بين"),
    "listed_as": Text("listed as", "مدرجة على أنها"),
    "distance": Text("first to last fix", "من أول موضع إلى آخره"),
    "positions": Text("positions", "المواضع"),
    "rejected": Text("not believed", "غير مصدَّق"),
    "longest_gap": Text("longest gap", "أطول انقطاع"),
    "sources": Text("sources", "المصادر"),
    "witnesses": Text("witnesses", "الشهود"),
    "network": Text("network", "الشبكة"),
    "flags": Text("flags", "تنبيهات"),
    "grades_legend": Text("Grades of a leg's ends", "درجات طرفي الرحلة"),
    "grade_note": Text(
        "A leg has the worse grade of its two ends.",
        "درجة الرحلة هي الأسوأ من درجتي طرفيها.",
    ),
    "times_note": Text(
        "Times of take-off and landing are estimates between the bounds given; first and last fixes are in legs.csv.",
        "أوقات الإقلاع والهبوط تقديرات بين الحدين المذكورين؛ أول وآخر موضع في legs.csv.",
    ),
    "possible_title": Text("Possible legs", "الرحلات الممكنة"),
    "possible_note": Text(
        "The place is not the likeliest answer at one end at least. They match no claim and are in no count.",
        "المكان ليس الجواب الأرجح عند طرف واحد على الأقل. لا تطابق أي ادعاء ولا تدخل في أي عدد.",
    ),
    "sightings_title": Text("One-ended sightings", "المشاهدات بطرف واحد"),
    "sightings_note": Text(
        "One end lies in a place, the other is unknown or elsewhere. Listed, not legs.",
        "أحد الطرفين في مكان من الأماكن المطلوبة، والآخر غير معروف أو في غيرها. تُذكر ولا تُعدّ رحلات.",
    ),
    "maps": Text("Maps", "الخرائط"),
    "map_of_all": Text("All legs", "كل الرحلات"),
    "map_file": Text("picture in the report's folder", "الصورة في مجلد التقرير"),
    "inputs": Text("Inputs, record by record", "المدخلات سجلاً سجلاً"),
    "inputs_note": Text(
        "records = accepted + without position + quarantined + exact duplicates; a file for which this "
        "does not hold gives no result.",
        "السجلات = المقبولة + بلا موضع + المعزولة + المكررة تماماً؛ ولا نتيجة لملف لا يتحقق فيه ذلك.",
    ),
    "file": Text("file", "الملف"),
    "reader": Text("format", "الصيغة"),
    "records": Text("records", "السجلات"),
    "accepted": Text("accepted", "المقبولة"),
    "without_position": Text("without position", "بلا موضع"),
    "quarantined": Text("quarantined", "المعزولة"),
    "duplicates": Text("exact duplicates", "المكررة تماماً"),
    "total": Text("total", "المجموع"),
    "declared": Text("declared by the user", "صرّح به المستخدم"),
    "same_content": Text("same content", "المحتوى نفسه"),
    "failures": Text("Files that could not be read", "ملفات تعذرت قراءتها"),
    "failures_note": Text(
        "Nothing of these files is in the results. A verdict of “covered” is not given while an input is missing.",
        "لا شيء من هذه الملفات في النتائج. ولا يُعطى حكم «مع وجود تغطية» ما دام ملف ناقصاً.",
    ),
    "skipped_files": Text(
        "Files in the folders named that hold no tracks and were not read",
        "ملفات في المجلدات المسماة بلا مسارات ولم تُقرأ",
    ),
    "settings": Text("Settings", "الإعدادات"),
    "case": Text("case", "القضية"),
    "not_shown": Text("What is not shown", "ما لا يظهر هنا"),
    "not_shown_absent": Text(
        "Flights that no receiver of these files heard, and aircraft that hide their address or change it.",
        "الرحلات التي لم تسمعها مستقبِلات هذه الملفات، والطائرات التي تخفي عنوانها أو تبدله.",
    ),
    "not_shown_trust": Text(
        "Whether a broadcast was true. ADS-B carries no signature; a hash shows that a file is "
        "unchanged, not that it is right.",
        "صدق البث نفسه. لا توقيع في ADS-B؛ والبصمة تُظهر أن الملف لم يتغير، لا أنه صحيح.",
    ),
    "not_shown_maps": Text(
        "Borders on the maps are as drawn by Natural Earth, not a statement on sovereignty.",
        "الحدود على الخرائط كما يرسمها Natural Earth، وليست موقفاً من السيادة.",
    ),
    "not_shown_split": Text(
        "A verdict is of the flights alone; what the claim says of cargo, owner or purpose stands untested beside it.",
        "الحكم على الرحلات وحدها؛ أما ما يقوله الادعاء عن الحمولة أو المالك أو الغرض فيبقى بلا اختبار.",
    ),
    "run_note": Text(
        "When and with which version this was made is in run.json; the rest is in findings.json, "
        "legs.csv, legs.geojson and quarantine.csv.",
        "وقت الإعداد والإصدار في run.json؛ والباقي في findings.json وlegs.csv وlegs.geojson وquarantine.csv.",
    ),
    "claim_note": Text(
        "Claims are in our own words. A paragraph number is that of the article's non-empty lines; the "
        "hash says which text was read.",
        "الادعاءات بصياغتنا. رقم الفقرة هو رقم السطر غير الفارغ في المقال؛ والبصمة تحدد النص المقروء.",
    ),
    "simulated_banner": Text(
        "Every track here is simulated. Nothing on this page is evidence of any flight.",
        "كل مسار هنا مولَّد بالمحاكاة. لا شيء في هذه الصفحة دليل على أي رحلة.",
    ),
    "contents": Text("Contents", "المحتويات"),
    "see_findings": Text("and more, all in findings.json", "والمزيد، كله في findings.json"),
    "none": Text("none", "لا يوجد"),
    "left_out": Text(
        "Flights counted above that are not listed on this page, but in legs.csv and findings.json",
        "عدد ما عُدّ أعلاه من رحلات ولم يُدرج في هذه الصفحة، وكلها في legs.csv وfindings.json",
    ),
    "reading_by_reading": Text("Elements and reasons, reading by reading", "العناصر والأسباب قراءةً قراءة"),
    "all_inside": Text("all of this lies inside", "كل هذا داخل"),
    "days": Text("d", "يوم"),
    "min": Text("min", "د"),
    "km": Text("km", "كم"),
}
WORDS: Final[Mapping[str, Text]] = MappingProxyType(dict(_WORDS))


class Words:
    """The words in one language, by attribute: `words.legs`."""

    def __init__(self, lang: Language) -> None:
        self.lang: Language = lang

    def __getattr__(self, key: str) -> str:
        if key not in WORDS:
            raise AttributeError(f"no wording for {key!r}")
        return WORDS[key][self.lang]
