"""The readings of an article: every way to fix what it leaves open, in an order that is written before tracks are read.

The first reading has the first value on each axis; the rest follow in lexicographic order of the values' positions,
axes ordered base, place, day, window. All of an article's claims share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Final

from flighttrace.language import Text
from flighttrace.match.model import Place
from flighttrace.weigh.expects import AXES
from flighttrace.weigh.model import Reading

if TYPE_CHECKING:  # the schema is not loaded for a case that was validated when it was packed
    from flighttrace.weigh.schema import ArticleDoc

DAY_NAMES_AR: Final[Mapping[str, str]] = {
    "published": "النشر",
    "sunday": "الأحد",
    "monday": "الاثنين",
    "tuesday": "الثلاثاء",
    "wednesday": "الأربعاء",
    "thursday": "الخميس",
    "friday": "الجمعة",
    "saturday": "السبت",
}
"""Arabic for the names under which a reading usually dates its days; other names stand as the case writes them."""


def enumerate_readings(article_id: str, article: ArticleDoc, places: Mapping[str, Place]) -> tuple[Reading, ...]:
    """All readings of one article, the first one first; one with no values where nothing is open."""
    doc = article.readings
    values: dict[str, list[str]] = {axis: [] for axis in AXES}
    if doc is not None:
        values |= {"base": doc.base or [], "place": doc.place or [], "day": list(doc.day or {})}
        values["window"] = [f"{weeks} weeks" for weeks in doc.window or []]
    axes = [axis for axis in AXES if values[axis]]
    return tuple(
        _reading(article_id, article, dict(zip(axes, combination, strict=True)), places, first=number == 0)
        for number, combination in enumerate(product(*(values[axis] for axis in axes)))
    )


def _reading(
    article_id: str, article: ArticleDoc, values: dict[str, str], places: Mapping[str, Place], *, first: bool
) -> Reading:
    named = article.readings.day if article.readings is not None else None
    days = (named or {}).get(values.get("day", ""), {})
    weeks = int(values["window"].split()[0]) if "window" in values else None
    return Reading(
        article=article_id,
        label=", ".join(values.values()) or "only",
        values=values,
        title=_title(values, places, days),
        first=first,
        dates={**article.dates, **days},
        weeks=weeks,
    )


def _title(values: Mapping[str, str], places: Mapping[str, Place], days: Mapping[str, date]) -> Text:
    en: list[str] = []
    ar: list[str] = []
    for axis, word_en, word_ar in (("base", "base", "القاعدة"), ("place", "other end", "الطرف الآخر")):
        if axis in values:
            title = places[values[axis]].title
            en.append(f"{word_en}: {title.en}")
            ar.append(f"{word_ar}: {title.ar}")
    if "day" in values:
        listed = "; ".join(f"{name} {day}" for name, day in days.items())
        en.append(f"days as in {values['day']}: {listed}")
        listed_ar = "؛ ".join(f"{DAY_NAMES_AR.get(name, name)} {day}" for name, day in days.items())
        ar.append(f"الأيام بحسب {values['day']}: {listed_ar}")
    if "window" in values:
        weeks = values["window"].split()[0]
        en.append(f"window: {weeks} weeks")
        ar.append(f"الفترة، عدد الأسابيع: {weeks}")
    if not en:
        return Text("nothing is left open", "لا شيء متروك مفتوحاً")
    return Text("; ".join(en), "؛ ".join(ar))
