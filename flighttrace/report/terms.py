"""Words that come out of the data in English and that an Arabic page prints in Arabic: kinds, states, flags, zones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flighttrace.ingest.table import STALE as SOURCE_STALE
from flighttrace.language import Language, Text
from flighttrace.match.cleaning import DISPUTED, JUMP
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.match.spoofing import DISPUTED_PREFIX, HARDLY_MOVING, NO_DESCENT, STALE, load_targets
from flighttrace.report.placenames import ZONE_LABELS

TERMS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        english: Text(english, arabic)
        for english, arabic in {
            "not stated": "غير مذكور",
            "not listed": "غير مذكور",
            "cargo": "شحن",
            "military transport": "نقل عسكري",
            "government": "حكومية",
            "executive": "طائرة أعمال",
            "airliner": "طائرة ركاب",
            "Bermuda": "برمودا",
            "unknown": "غير معروفة",
            "Azerbaijan Ministry of Defence / Air Force": "وزارة الدفاع الأذربيجانية / القوات الجوية",
            "Israeli Air Force": "سلاح الجو الإسرائيلي",
            "Silk Way": "سيلك واي",
            "Silk Way Airlines": "خطوط سيلك واي",
            "El Al": "إل عال",
            "Challenge Airlines": "تشالنج إيرلاينز",
            "disputed positions": "مواضع متنازع فيها",
            "impossible jumps marked": "قفزات مستحيلة معلَّمة",
            "not an ICAO address": "ليس عنوان إيكاو",
            "special address: no identity": "عنوان خاص لا يحدد هوية",
            "call sign changed in flight": "تغيّر رمز النداء أثناء الرحلة",
            "two positions of a flight list": "موضعان من قائمة رحلات",
            AT_ONCE: "بُثّ العنوان من مكانين في آن واحد",
            NO_DESCENT.removeprefix(DISPUTED_PREFIX): "ظهور على مدرج بلا نزول",
            NO_DESCENT: "متنازع فيه: ظهور على مدرج بلا نزول",
            HARDLY_MOVING.removeprefix(DISPUTED_PREFIX): "تكاد لا تتحرك على ارتفاع الطيران",
            HARDLY_MOVING: "متنازع فيه: تكاد لا تتحرك على ارتفاع الطيران",
            DISPUTED: "متنازع فيه: سلسلة مواضع منافسة خارج متناول البقية",
            JUMP: "قفزة مستحيلة: لا يُبلغ الموضع بسرعة 1000 عقدة",
            STALE: "قديم: تكرار الموضع نفسه مع مرور الوقت",
            SOURCE_STALE: "قديم: المصدر يعدّ الموضع قديماً",
            "position 0,0": "الموضع 0,0",
            "position 0,90": "الموضع 0,90",
            "position at a pole": "الموضع عند قطب",
        }.items()
    }
)


_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?Z?(?: UTC)?)?")


def isolated(text: str, lang: Language) -> str:
    """The sentence with every date in an isolate: after an Arabic word a bare 2031-09-30 is shown as 30-09-2031."""
    return _DATE.sub(lambda m: f"\u2066{m.group(0)}\u2069", text) if lang == "ar" else text


def term(value: str, lang: Language) -> str:
    """The value in the language where its word is known, else as it stands."""
    known = TERMS.get(value) or ZONE_LABELS.get(value) or _at_target(value)
    return known[lang] if known is not None else value


def _at_target(value: str) -> Text | None:
    """The reason, or the flag, of a block at a known spoof target; None for any other text."""
    for target in load_targets():
        if value in (target.reason, target.reason.removeprefix(DISPUTED_PREFIX)):
            head = "متنازع فيه: " if value == target.reason else ""
            return Text(value, f"{head}ثابت عند هدف معروف للتزييف، {target.name.ar}")
    return None
