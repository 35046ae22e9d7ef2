"""Sentences in the two languages of the outputs, and the marks that every output shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["en", "ar"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ar")


@dataclass(frozen=True, order=True)
class Text:
    """One sentence in English and in Arabic."""

    en: str
    ar: str

    def __getitem__(self, lang: Language) -> str:
        return self.ar if lang == "ar" else self.en


SIMULATED_STAMP: Final = Text("simulated: not evidence", "بيانات محاكاة: ليست دليلاً")
"""Stamped on every output that simulated data touch (rule of truth 5)."""

CARGO_NOTE: Final = Text(
    "A track shows where an aircraft was heard. It shows no cargo, no owner and no intent.",
    "يُظهر المسار أين سُمعت الطائرة. لا يُظهر حمولة ولا مالكاً ولا قصداً.",
)

NULL_NOTE: Final = Text(
    "No track is not no flight.",
    "غياب المسار لا يعني غياب الرحلة.",
)
