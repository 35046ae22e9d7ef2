"""What stands beside the windows: the head of an enlargement, the list of the legs, the numbers on the tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.text import Text as Artist
from matplotlib.transforms import IdentityTransform

from flighttrace.errors import shown
from flighttrace.language import Language
from flighttrace.report import map_words as words
from flighttrace.report.labels import Box, Lettering, Line, Points, sampled
from flighttrace.report.map_layers import (
    BADGE_PX,
    FIELD_INK,
    NOTE_INK,
    ONE_ENDED_INK,
    EndMark,
    draw_badge,
    end_label,
    end_name,
)
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_scene import Route, Setting, candidates_line, end_time
from flighttrace.report.map_sheet import Sheet

HEAD_INDENT_PX: Final = 2 * BADGE_PX + 12
LIST_ROW_PX: Final = 82.0
MOST_ROW_LINES: Final = 3
LIST_HEAD_PX: Final = 56.0
NUMBER_PX: Final = 15.0
LISTED_APART: Final = 12
"""More flights than these are drawn and listed by direction: the column holds no more rows."""
LEG_INKS: Final = ("#b3201e", "#1f5fa8", "#00785a", "#8a4fa3", "#b36b00", "#3f3f3f")
"""Inks of the strands; they come round again from the seventh on, the numbers do not."""


def head_lines(ruler: Lettering, end: EndMark, setting: Setting, width_px: float) -> list[Line]:
    """Which end of the flight, the field, its grade, the times; and the candidates where it is not certain."""
    lang = setting.lang
    kind = words.END_TITLES[end.kind][lang]
    name = end_label(end, lang) if end.field is None or end.told else words.FIELD_NOT_TOLD[lang]
    comma = "، " if lang == "ar" else ", "
    grade = words.plain(lang, f"grade {end.grade}", f"الدرجة {words.latin(end.grade, lang)}")
    title = words.line(lang, *(f"{kind}: {name}{comma}{grade}",) * 2)
    room, size = width_px - HEAD_INDENT_PX, 9.6
    while size > 6.5 and ruler.width_of(title, size, "bold") > room:
        size -= 0.3
    rest = []
    if end.field is not None:
        moment = end.estimate.time_utc
        local = words.local_clocks(moment, setting.zones, lang) if moment is not None else ""
        both = [t for t in (end_time(end, lang), local) if t]
        one_row = " · ".join(both)
        rest += [one_row] if ruler.width_of(one_row, 8.2) <= room else both
    if not end.told or end.grade not in ("A", "B"):
        rest.append(candidates_line(end, setting))
    rows = [row for text in rest if text for row in ruler.wrapped(text, 8.2, room)]
    return [Line(title, size, FIELD_INK, "bold"), *(Line(words.line(lang, row, row), 8.2, NOTE_INK) for row in rows)]


def head_height(lines: Sequence[Line]) -> float:
    """Pixels that the head of an enlargement takes."""
    return 36.0 + 23.5 * (len(lines) - 1) + 10.0


def inset_head(sheet: Sheet, box: Box, end: EndMark, lines: Sequence[Line]) -> None:
    """The badge of an end and its head lines, at the top of `box`."""
    rtl = sheet.lang == "ar"
    block = sheet.lettering.block(lines, align="right" if rtl else "left", halo=False, leading=1.36)
    block.put(box.x1 - HEAD_INDENT_PX - block.width if rtl else box.x0 + HEAD_INDENT_PX, box.y1 - block.height)
    x = box.x1 - BADGE_PX - 2 if rtl else box.x0 + BADGE_PX + 2
    draw_badge(sheet.figure, x, box.y1 - BADGE_PX - 1, end.badge)


@dataclass(frozen=True)
class Strand:
    """What has one number and one ink: a flight, or on a crowded map all flights of one direction."""

    routes: tuple[Route, ...]
    ink: str
    one_ended: bool = False


def strands_of(routes: Sequence[Route], lone: Sequence[Route]) -> list[Strand]:
    """Each flight by itself; from LISTED_APART on one strand for each pair of fields, the most flown first."""
    if len(routes) + len(lone) <= LISTED_APART:
        legs = [Strand((route,), LEG_INKS[i % len(LEG_INKS)]) for i, route in enumerate(routes)]
        return [*legs, *(Strand((route,), ONE_ENDED_INK, True) for route in lone)]
    groups: dict[tuple[str, str, bool], list[Route]] = {}
    for route in routes:
        first, last = (end_name(e, "en") for e in route.ends)
        groups.setdefault((first, last, route.possible), []).append(route)
    ordered = sorted(groups.items(), key=lambda item: (item[0][2], -len(item[1]), item[0]))
    found = [Strand(tuple(group), LEG_INKS[i % len(LEG_INKS)]) for i, (_, group) in enumerate(ordered)]
    return [*found, Strand(tuple(lone), ONE_ENDED_INK, True)] if lone else found


def leg_list(sheet: Sheet, box: Box, strands: Sequence[Strand], setting: Setting) -> float:
    """Number, route, times and grades of every strand; as many as the column holds, the rest counted.

    Returns the lower edge of the list in pixels.
    """
    lang = setting.lang
    heading = words.LIST_HEADING
    block = sheet.lettering.block([Line(words.line(lang, heading.en, heading.ar), 9.6, FIELD_INK, "bold")], halo=False)
    sheet.put_beside(block, box.x0, box.x1, box.y1 - block.height)
    room = int((box.y1 - box.y0 - LIST_HEAD_PX - 30) // LIST_ROW_PX)
    y = box.y1 - LIST_HEAD_PX
    for number, strand in enumerate(strands, start=1):
        if number > room:
            more = sum(len(s.routes) for s in strands[room:])
            text = words.line(lang, f"and {more} more, listed in the report", f"و{more} غيرها في التقرير")
            rest = sheet.lettering.block([Line(text, 8.8, NOTE_INK)], halo=False)
            sheet.put_beside(rest, box.x0, box.x1, y - rest.height)
            return y - rest.height
        _list_row(sheet, box, y, number, strand, setting)
        y -= LIST_ROW_PX
    return y


def _said_of(strand: Strand, setting: Setting) -> tuple[str, str]:
    """The two lines of a strand: who and where, when and how sure."""
    lang = setting.lang
    route = strand.routes[0]
    names = [end_name(e, lang) for e in route.ends]
    where = words.plain(lang, f"{names[0]} to {names[1]}", f"من {names[0]} إلى {names[1]}")
    first = min(r.flight.first_seen_utc for r in strand.routes)
    last = max(r.flight.last_seen_utc for r in strand.routes)
    when = words.days(first, last, lang)
    maybe = words.plain(lang, " · possible, not counted", " · ممكنة، لا تُعدّ") if route.possible else ""
    count = len(strand.routes)
    if count == 1:
        name = "/".join(route.flight.callsigns[:1]) or route.flight.icao24
        who = words.NO_ADDRESS[lang] if name is None else words.latin(shown(name, 16), lang)
        return f"{who}  {where}", f"{when} {words.latin(f'{first:%H:%M}–{last:%H:%M} UTC', lang)}{maybe}"
    if strand.one_ended:
        return words.plain(lang, f"{count} one-ended sightings", f"عدد المشاهدات بطرف واحد: {count}"), when
    grades = [r.grade for r in strand.routes]
    sure = " ".join(f"{g}×{grades.count(g)}" for g in ("A", "B", "C", "D") if grades.count(g))
    legs = words.plain(lang, f"{where}: {count} legs", f"{where}؛ عدد الرحلات: {count}")
    return legs, f"{when} · {words.plain(lang, 'grades', 'الدرجات')} {words.latin(sure, lang)}{maybe}"


def _list_row(sheet: Sheet, box: Box, y: float, number: int, strand: Strand, setting: Setting) -> None:
    lang, rtl = setting.lang, setting.lang == "ar"
    middle = y - LIST_ROW_PX / 2 + 8
    draw_number(sheet, box.x1 - NUMBER_PX - 2 if rtl else box.x0 + NUMBER_PX + 2, middle, number, strand.ink)
    for place, end in enumerate(strand.routes[0].ends if len(strand.routes) == 1 else ()):
        from_edge = BADGE_PX + 4 + (1 - place) * (2 * BADGE_PX + 12)
        draw_badge(sheet.figure, box.x0 + from_edge if rtl else box.x1 - from_edge, middle, end.badge)
    text, when = _said_of(strand, setting)
    badges = 4 * BADGE_PX + 24 if len(strand.routes) == 1 else 0
    width = box.x1 - box.x0 - 2 * NUMBER_PX - badges - 30
    lines = _row_lines(sheet.lettering, text, when, width, lang)
    block = sheet.lettering.block(lines, align="right" if rtl else "left", halo=False, leading=1.45)
    left, right = box.x0 + 2 * NUMBER_PX + 14, box.x1 - 2 * NUMBER_PX - 14
    sheet.put_beside(block, left, right, middle - block.height / 2)
    sheet.figure.add_artist(
        Line2D(
            [box.x0, box.x1], [middle - LIST_ROW_PX / 2, middle - LIST_ROW_PX / 2], color="#d8d8d8", linewidth=0.7,
            transform=IdentityTransform(),
        )
    )  # fmt: skip


def _row_lines(ruler: Lettering, text: str, when: str, width_px: float, lang: Language) -> list[Line]:
    """The name in bold, the note below it, broken to the width; in smaller letters where that takes a fourth line."""
    for size, note_size in ((9.2, 8.2), (8.4, 7.8), (7.0, 6.6)):
        names = ruler.wrapped(text, size, width_px, "bold")
        notes = ruler.wrapped(when, note_size, width_px)
        if len(names) + len(notes) <= MOST_ROW_LINES:
            break
    return [
        *(Line(words.line(lang, row, row), size, FIELD_INK, "bold") for row in names),
        *(Line(words.line(lang, row, row), note_size, NOTE_INK) for row in notes),
    ]


def draw_number(sheet: Sheet, x: float, y: float, number: int, ink: str) -> None:
    """A leg's number on a disc of its ink."""
    size = 2 * NUMBER_PX / sheet.lettering.px_per_pt
    sheet.figure.add_artist(
        Line2D(
            [x], [y], marker="o", markersize=size, markerfacecolor=ink, markeredgecolor="white", markeredgewidth=1.2,
            linestyle="none", transform=IdentityTransform(), zorder=26,
        )
    )  # fmt: skip
    sheet.figure.add_artist(
        Artist(
            x, y, str(number), fontsize=9.0 if number < 10 else 7.6, fontweight="bold", color="white", ha="center",
            va="center_baseline", transform=IdentityTransform(), zorder=27, parse_math=False, gid="badge",
        )
    )  # fmt: skip


def number_tracks(sheet: Sheet, panel: Panel, strands: Sequence[Strand]) -> None:
    """A number on every strand's first track, where it is farthest from the other tracks and numbers."""
    lines: list[Points] = []
    for strand in strands:
        parts = [panel.pixels(p.lat_deg, p.lon_deg) for p in strand.routes[0].pieces]
        lines.append(sampled(np.concatenate(parts)) if parts else np.empty((0, 2)))
    taken: list[Points] = []
    frame = panel.box.grown(-2 * NUMBER_PX)
    for number, (own, strand) in enumerate(zip(lines, strands, strict=True), start=1):
        others = [*(line for i, line in enumerate(lines, start=1) if i != number and len(line)), *taken, *taken]
        picks = [own[int(share * (len(own) - 1))] for share in np.linspace(0.2, 0.8, 25)] if len(own) else []
        best, best_room = None, -1.0
        for pick in picks:
            box = Box(*(pick - NUMBER_PX), *(pick + NUMBER_PX))
            if not box.inside(frame) or any(box.overlaps(b) for b in panel.placer.boxes):
                continue
            room = min((float(np.hypot(*(line - pick).T).min()) for line in others), default=1e9)
            apart = min((float(np.hypot(*(t - pick).T).min()) for t in taken), default=1e9)
            score = min(room, 80.0) + min(apart, 120.0)
            if score > best_room:
                best, best_room = pick, score
        if best is not None:
            draw_number(sheet, float(best[0]), float(best[1]), number, strand.ink)
            panel.placer.block(Box(*(best - NUMBER_PX), *(best + NUMBER_PX)))
            taken.append(best[None, :])
