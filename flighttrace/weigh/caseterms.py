"""Arabic for words that cases state in English alone: kinds of aircraft, states of registry, forces, "not stated".

Names of companies, and whatever is not here, stand as the case writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

ARABIC: Final[Mapping[str, str]] = {
    "cargo": "شحن",
    "military transport": "نقل عسكري",
    "government": "حكومية",
    "executive": "طائرة أعمال",
    "airliner": "طائرة ركاب",
    "not stated": "غير مذكور",
    "not listed": "غير مدرج",
    "Azerbaijan Ministry of Defence / Air Force": "وزارة الدفاع الأذربيجانية / القوات الجوية",
    "Israeli Air Force": "سلاح الجو الإسرائيلي",
    "Armenia": "أرمينيا",
    "Azerbaijan": "أذربيجان",
    "Bermuda": "برمودا",
    "Georgia": "جورجيا",
    "Israel": "إسرائيل",
    "Turkey": "تركيا",
}


def in_arabic(word: str) -> str:
    """The Arabic of a case's word; the word itself where none is known."""
    return ARABIC.get(word, word)


def listed_in_arabic(words: Iterable[str]) -> str:
    """The words in Arabic, with Arabic commas."""
    return "، ".join(in_arabic(word) for word in words)
