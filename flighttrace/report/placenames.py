"""What maps call fields, countries and seas, in English and Arabic.

Natural Earth's names are used where this table has none; a field without an entry keeps OurAirports' name, shortened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flighttrace.errors import shown
from flighttrace.language import Language, Text
from flighttrace.match.model import Airfield

LONGEST_FIELD_NAME: Final = 24
"""Characters; a longer name is cut on maps, the code behind it stays whole."""

FIELD_NAMES: Final[Mapping[str, Text]] = {
    "LLOV": Text("Ovda", "عوفدا"),
    "LLER": Text("Ramon Intl", "رامون الدولي"),
    "LLRM": Text("Ramon air base", "قاعدة رامون الجوية"),
    "LLNV": Text("Nevatim", "نيفاتيم"),
    "LLBG": Text("Ben Gurion", "بن غوريون"),
    "LLEY": Text("Ein Yahav", "عين ياهف"),
    "LLYT": Text("Yotvata", "يطفاتا"),
    "LLET": Text("Eilat (closed 2019)", "إيلات (أُغلق 2019)"),
    "LLMR": Text("Mitzpe Ramon", "متسبيه رامون"),
    "OJAQ": Text("Aqaba", "العقبة"),
    "HETB": Text("Taba", "طابا"),
    "HEAR": Text("El Arish", "العريش"),
    "UBBB": Text("Baku", "باكو"),
    "UBTT": Text("Zabrat", "زابرات"),
    "UBBI": Text("Nasosnaya", "ناسوسنايا"),
    "UB12": Text("Nasosnaya", "ناسوسنايا"),
    "UB18": Text("Kala", "قالا"),
    "UBBG": Text("Ganja", "غنجة"),
    "UBEE": Text("Yevlakh", "يفلاخ"),
    "UBBF": Text("Fuzuli", "فضولي"),
    "UBBZ": Text("Zangilan", "زنغيلان"),
    "UBBQ": Text("Gabala", "قبلة"),
    "UBBL": Text("Lankaran", "لنكران"),
    "UBBN": Text("Nakhchivan", "نخجوان"),
    "UG11": Text("Dollyar", "دوليار"),
    "UB14": Text("Kurdamir", "كردمير"),
    "UB13": Text("Khojaly (Stepanakert)", "خوجالي (ستيباناكيرت)"),
    "UBBS": Text("Khojaly (Stepanakert)", "خوجالي (ستيباناكيرت)"),
    "UBEY": Text("Agjabedi", "أغجابدي"),
    "UBEN": Text("Naftalan", "نفتالان"),
    "UBLL": Text("Güzdək", "غوزدك"),
    "AZ-0005": Text("Tanrykulular", "تانريكولولار"),
    "AZ-0008": Text("Bygyr", "بيغير"),
    "LLKZ": Text("Kzeiot", "كتسيعوت"),
    "JO-0008": Text("Quwayrah highway strip", "مدرج طريق القويرة"),
    "LTAC": Text("Ankara", "أنقرة"),
}

COUNTRY_NAMES: Final[Mapping[str, Text]] = {
    "People's Republic of China": Text("China", "الصين"),
    "United States of America": Text("United States", "الولايات المتحدة"),
    "United Arab Emirates": Text("U.A.E.", "الإمارات"),
    "Oman": Text("Oman", "عُمان"),
    "Bosnia and Herzegovina": Text("Bosnia and Herz.", "البوسنة والهرسك"),
    "Democratic Republic of the Congo": Text("D.R. Congo", "الكونغو الديمقراطية"),
    "Central African Republic": Text("Central African Rep.", "أفريقيا الوسطى"),
    "Israel": Text("Israel", "إسرائيل"),
    "Palestine": Text("Palestine", "فلسطين"),
    "Syria": Text("Syria", "سوريا"),
    "Turkey": Text("Turkey", "تركيا"),
}

ZONE_LABELS: Final[Mapping[str, Text]] = {
    "Israel": Text("Israel", "إسرائيل"),
    "Azerbaijan": Text("Azerbaijan", "أذربيجان"),
}
"""Labels of local times that the first case uses; others are printed as the case has them."""

UNLABELLED: Final = frozenset(
    {
        "Akrotiri Sovereign Base Area",
        "Dhekelia Cantonment",
        "Baikonur",
        "Siachen Glacier",
        "Turkish Republic of Northern Cyprus",
        "United Nations Buffer Zone in Cyprus",
        "Somaliland",
        "Antarctica",
    }
)
"""Shapes that Natural Earth draws and that a route map need not name."""


@dataclass(frozen=True)
class Sea:
    """A name on the water, where it is best written, and how large the water is (1 an ocean, 4 a gulf)."""

    name: Text
    lat_deg: float
    lon_deg: float
    rank: int


SEAS: Final[tuple[Sea, ...]] = (
    Sea(Text("Mediterranean Sea", "البحر المتوسط"), 33.9, 29.2, 2),
    Sea(Text("Mediterranean Sea", "البحر المتوسط"), 33.2, 33.4, 2),
    Sea(Text("Mediterranean Sea", "البحر المتوسط"), 38.6, 5.5, 2),
    Sea(Text("Black Sea", "البحر الأسود"), 43.2, 34.0, 2),
    Sea(Text("Black Sea", "البحر الأسود"), 42.2, 38.3, 2),
    Sea(Text("Caspian Sea", "بحر قزوين"), 41.6, 51.0, 2),
    Sea(Text("Caspian Sea", "بحر قزوين"), 39.2, 51.3, 2),
    Sea(Text("Caspian Sea", "بحر قزوين"), 40.1, 50.4, 2),
    Sea(Text("Red Sea", "البحر الأحمر"), 24.5, 36.4, 3),
    Sea(Text("Red Sea", "البحر الأحمر"), 20.2, 38.4, 3),
    Sea(Text("Persian Gulf", "الخليج"), 27.0, 51.4, 3),
    Sea(Text("Persian Gulf", "الخليج"), 29.2, 49.6, 3),
    Sea(Text("Gulf of Aqaba", "خليج العقبة"), 29.2, 34.8, 4),
    Sea(Text("Gulf of Suez", "خليج السويس"), 28.6, 33.1, 4),
    Sea(Text("Dead Sea", "البحر الميت"), 31.5, 35.48, 4),
    Sea(Text("Sea of Azov", "بحر آزوف"), 46.1, 36.6, 4),
    Sea(Text("Aegean Sea", "بحر إيجة"), 38.6, 25.2, 3),
    Sea(Text("Arabian Sea", "بحر العرب"), 15.5, 63.5, 2),
    Sea(Text("Gulf of Aden", "خليج عدن"), 12.4, 48.2, 3),
    Sea(Text("Gulf of Oman", "خليج عُمان"), 24.9, 58.6, 4),
    Sea(Text("Adriatic Sea", "البحر الأدرياتيكي"), 42.8, 15.6, 3),
    Sea(Text("Tyrrhenian Sea", "البحر التيراني"), 39.9, 12.2, 4),
    Sea(Text("Ionian Sea", "البحر الأيوني"), 37.9, 18.6, 4),
    Sea(Text("Baltic Sea", "بحر البلطيق"), 57.5, 19.8, 3),
    Sea(Text("North Sea", "بحر الشمال"), 56.3, 3.3, 3),
    Sea(Text("English Channel", "القناة الإنجليزية"), 50.1, -1.8, 4),
    Sea(Text("Bay of Biscay", "خليج بسكاي"), 45.3, -4.4, 3),
    Sea(Text("Norwegian Sea", "بحر النرويج"), 67.5, 2.5, 3),
    Sea(Text("Barents Sea", "بحر بارنتس"), 74.5, 38.0, 3),
    Sea(Text("Atlantic Ocean", "المحيط الأطلسي"), 36.0, -42.0, 1),
    Sea(Text("Atlantic Ocean", "المحيط الأطلسي"), 49.0, -28.0, 1),
    Sea(Text("Atlantic Ocean", "المحيط الأطلسي"), -18.0, -18.0, 1),
    Sea(Text("Caribbean Sea", "البحر الكاريبي"), 15.2, -74.0, 2),
    Sea(Text("Gulf of Mexico", "خليج المكسيك"), 25.2, -90.3, 2),
    Sea(Text("Hudson Bay", "خليج هدسون"), 60.0, -86.0, 3),
    Sea(Text("Pacific Ocean", "المحيط الهادئ"), 36.0, -150.0, 1),
    Sea(Text("Pacific Ocean", "المحيط الهادئ"), 25.0, 165.0, 1),
    Sea(Text("Pacific Ocean", "المحيط الهادئ"), -25.0, -125.0, 1),
    Sea(Text("Bering Sea", "بحر بيرنغ"), 58.0, -178.0, 2),
    Sea(Text("Gulf of Alaska", "خليج ألاسكا"), 56.5, -146.0, 3),
    Sea(Text("Sea of Okhotsk", "بحر أوخوتسك"), 54.0, 149.0, 2),
    Sea(Text("Sea of Japan", "بحر اليابان"), 40.0, 134.5, 3),
    Sea(Text("East China Sea", "بحر الصين الشرقي"), 29.0, 125.0, 3),
    Sea(Text("South China Sea", "بحر الصين الجنوبي"), 14.5, 114.5, 2),
    Sea(Text("Bay of Bengal", "خليج البنغال"), 14.5, 88.0, 2),
    Sea(Text("Indian Ocean", "المحيط الهندي"), -18.0, 80.0, 1),
    Sea(Text("Tasman Sea", "بحر تسمان"), -38.5, 160.5, 2),
    Sea(Text("Coral Sea", "بحر المرجان"), -17.5, 154.5, 2),
)

_TAIL = re.compile(
    r"\s+(international|intl\.?|regional|municipal|civil|military)?\s*(airport|aerodrome|airfield|airbase|air base)$",
    re.I,
)


def field_name(field: Airfield, lang: Language) -> str:
    """The short name of a field: from the table, else that of OurAirports, shortened, made safe, cut."""
    known = FIELD_NAMES.get(field.airport) or FIELD_NAMES.get(field.ident)
    if known is not None:
        return known[lang]
    name = shown(_TAIL.sub("", re.sub(r"\s*\(.*?\)", "", field.name)) or field.name, 200)
    if len(name) <= LONGEST_FIELD_NAME:
        return name
    whole_words = name[:LONGEST_FIELD_NAME].rsplit(" ", 1)[0]
    return f"{whole_words}…"


def country_name(name_en: str, name_ar: str, lang: Language) -> str:
    """The name that a map prints for a country, by Natural Earth's names."""
    known = COUNTRY_NAMES.get(name_en)
    return known[lang] if known is not None else (name_ar if lang == "ar" and name_ar else name_en)
