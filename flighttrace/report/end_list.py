"""What stands beside the map of an end: its candidates with both probabilities, and the reasons in words."""

from __future__ import annotations

from typing import Final

from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from flighttrace.errors import shown
from flighttrace.language import Language, Text
from flighttrace.match.model import Candidate
from flighttrace.report import map_words as words
from flighttrace.report.labels import Box, Line
from flighttrace.report.map_layers import FIELD_INK, NOTE_INK, EndMark
from flighttrace.report.map_scene import Setting
from flighttrace.report.map_scene import percent as rounded
from flighttrace.report.map_sheet import Sheet
from flighttrace.report.placenames import field_name
from flighttrace.report.terms import isolated

ROW_PX: Final = 29.0
TEXT_PX: Final = 24.0
APART_PX: Final = 8.0
REASON_PTS: Final = (8.2, 7.6, 7.0, 6.4)
"""The reasons are set in the largest of these letters in which the column holds all of them."""
COLUMN_SHARES: Final = (0.54, 0.73, 0.91, 1.0)
"""Where the columns end, as shares of the width: the field, probability, flat, distance."""
MOST_ROWS: Final = 13
HEADS: Final = (
    Text("candidate", "المرشح"),
    Text("probability", "الاحتمال"),
    Text("flat prior", "بلا تفضيل"),
    Text("km", "كم"),
)
WHY: Final = Text("Why", "لماذا")
MORE: Final = Text("… all of it: flighttrace explain", "… كل ذلك: flighttrace explain")


def list_of_end(sheet: Sheet, box: Box, mark: EndMark, setting: Setting) -> None:
    """The table of candidates, then the reasons, as many as the column holds; what is left out is said."""
    lang = setting.lang
    y = box.y1 - 4
    y = _row(sheet, box, y, [head[lang] for head in HEADS], "bold")
    ranked = sorted(mark.estimate.candidates, key=lambda c: (-c.probability, c.airport or "~"))
    for c in ranked[:MOST_ROWS]:
        bold = mark.told and c.airport == mark.estimate.airport
        y = _row(sheet, box, y, _cells(c, setting), "bold" if bold else "normal")
    if len(ranked) > MOST_ROWS:
        rest = len(ranked) - MOST_ROWS
        text = words.line(lang, f"and {rest} more, each less", f"و{rest} غيرها، كل منها أقل")
        y = _text(sheet, box, y, Line(text, 8.0, NOTE_INK))
    y = _text(sheet, box, y - 16, Line(words.line(lang, WHY.en, WHY.ar), 9.6, FIELD_INK, "bold")) - 4
    for size in REASON_PTS:
        parts = [
            sheet.lettering.wrapped(_begun(r[lang], lang), size, box.x1 - box.x0 - 6) for r in mark.estimate.reasons
        ]
        step = TEXT_PX * size / REASON_PTS[0]
        if y - sum(len(rows) * step + APART_PX for rows in parts) > box.y0:
            break
    for rows in parts:
        if y - (len(rows) + 1) * step < box.y0:
            _text(sheet, box, y, Line(words.line(lang, MORE.en, MORE.ar), size, NOTE_INK), step)
            return
        for row in rows:
            y = _text(sheet, box, y, Line(words.line(lang, row, row), size, NOTE_INK), step)
        y -= APART_PX


def percent(chance: float, lang: Language) -> str:
    """ "14%", "<1%", and ">99%" for what would round to all."""
    return words.latin(">99%", lang) if 0.995 <= chance < 1.0 else rounded(chance, lang)


def _begun(text: str, lang: Language) -> str:
    """The sentence with a capital, its dates and fields kept left to right in an Arabic line."""
    return isolated(text, lang) if lang == "ar" else text[:1].upper() + text[1:]


def _cells(c: Candidate, setting: Setting) -> list[str]:
    lang = setting.lang
    field = setting.field(c.airport)
    if c.airport is None:
        name = words.UNKNOWN[lang]
    elif field is None:
        name = shown(c.airport, 12)
    else:
        name = f"{shown(c.airport, 8)}  {field_name(field, lang)}"
    km = "" if c.distance_km is None else f"{c.distance_km:.1f}" if c.distance_km < 10 else f"{c.distance_km:.0f}"
    return [name, percent(c.probability, lang), percent(c.probability_flat, lang), km]


def _row(sheet: Sheet, box: Box, y: float, cells: list[str], weight: str) -> float:
    """One row of the table: the name where the language begins, numbers flush with the ends of their columns."""
    rtl, width = sheet.lang == "ar", box.x1 - box.x0
    for number, (cell, share) in enumerate(zip(cells, COLUMN_SHARES, strict=True)):
        size = 8.6
        room = width * COLUMN_SHARES[0] - 8 if number == 0 else width
        while size > 6.0 and sheet.lettering.width_of(cell, size, weight) > room:
            size -= 0.3
        block = sheet.lettering.block([Line(words.line(sheet.lang, cell, cell), size, FIELD_INK, weight)], halo=False)
        left = box.x0 if number == 0 else box.x0 + width * share - block.width
        if rtl:
            left = box.x1 - block.width if number == 0 else box.x1 - width * share
        block.put(left, y - block.height)
    sheet.figure.add_artist(
        Line2D([box.x0, box.x1], [y - ROW_PX + 3] * 2, color="#d8d8d8", linewidth=0.6, transform=IdentityTransform())
    )
    return y - ROW_PX


def _text(sheet: Sheet, box: Box, y: float, line: Line, step: float = TEXT_PX) -> float:
    block = sheet.lettering.block([line], halo=False)
    sheet.put_beside(block, box.x0, box.x1, y - block.height)
    return y - step
