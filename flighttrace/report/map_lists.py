"""What stands beside the windows: the head of an enlargement, the list of the legs, the numbers on the tracks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.text import Text as Artist
from matplotlib.transforms import IdentityTransform

from flighttrace.errors import shown
from flighttrace.report import map_words as words
from flighttrace.report.labels import Box, Lettering, Line, Points, sampled
from flighttrace.report.map_layers import BADGE_PX, FIELD_INK, NOTE_INK, EndMark, draw_badge, field_label
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_scene import Route, Setting, candidates_line, end_time
from flighttrace.report.map_sheet import Sheet
from flighttrace.report.placenames import field_name

HEAD_INDENT_PX: Final = 2 * BADGE_PX + 12
LIST_ROW_PX: Final = 82.0
LIST_HEAD_PX: Final = 56.0
NUMBER_PX: Final = 15.0


def head_lines(ruler: Lettering, end: EndMark, setting: Setting, width_px: float) -> list[Line]:
    """Which end of the flight, the field, its grade, the times; and the candidates where it is not certain."""
    lang = setting.lang
    kind = words.END_TITLES[end.kind][lang]
    name = field_label(end.field, lang) if end.field is not None else words.UNKNOWN_FIELD[lang]
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
    if end.grade not in ("A", "B") or end.field is None:
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


def leg_list(
    sheet: Sheet, box: Box, routes: Sequence[Route], lone: Sequence[Route], inks: Sequence[str], setting: Setting
) -> float:
    """Number, name, route, times and both badges of every leg; as many as the column holds, the rest counted.

    Returns the lower edge of the list in pixels.
    """
    lang = setting.lang
    heading = words.LIST_HEADING
    block = sheet.lettering.block([Line(words.line(lang, heading.en, heading.ar), 9.6, FIELD_INK, "bold")], halo=False)
    sheet.put_beside(block, box.x0, box.x1, box.y1 - block.height)
    room = int((box.y1 - box.y0 - LIST_HEAD_PX - 30) // LIST_ROW_PX)
    everything = [*routes, *lone]
    y = box.y1 - LIST_HEAD_PX
    for number, (route, ink) in enumerate(zip(everything, inks, strict=True), start=1):
        if number > room:
            more = len(everything) - room
            text = words.line(lang, f"and {more} more, listed in the report", f"و{more} غيرها في التقرير")
            rest = sheet.lettering.block([Line(text, 8.8, NOTE_INK)], halo=False)
            sheet.put_beside(rest, box.x0, box.x1, y - rest.height)
            return y - rest.height
        _list_row(sheet, box, y, number, route, ink, setting)
        y -= LIST_ROW_PX
    return y


def _list_row(sheet: Sheet, box: Box, y: float, number: int, route: Route, ink: str, setting: Setting) -> None:
    lang, rtl = setting.lang, setting.lang == "ar"
    middle = y - LIST_ROW_PX / 2 + 8
    draw_number(sheet, box.x1 - NUMBER_PX - 2 if rtl else box.x0 + NUMBER_PX + 2, middle, number, ink)
    for place, end in enumerate(route.ends):
        from_edge = BADGE_PX + 4 + (1 - place) * (2 * BADGE_PX + 12)
        draw_badge(sheet.figure, box.x0 + from_edge if rtl else box.x1 - from_edge, middle, end.badge)
    names = [field_name(e.field, lang) if e.field else words.UNKNOWN_FIELD[lang] for e in route.ends]
    who = words.latin(shown("/".join(route.flight.callsigns[:1]) or route.flight.icao24 or "?", 16), lang)
    text = words.plain(lang, f"{who}  {names[0]} to {names[1]}", f"{who}  من {names[0]} إلى {names[1]}")
    first, last = route.flight.first_seen_utc, route.flight.last_seen_utc
    when = f"{words.days(first, last, lang)} {words.latin(f'{first:%H:%M}–{last:%H:%M} UTC', lang)}"
    if route.possible:
        when += words.plain(lang, " · possible, not counted", " · محتملة، لا تُعدّ")
    width = box.x1 - box.x0 - 2 * NUMBER_PX - 4 * BADGE_PX - 54
    size = 9.2
    while sheet.lettering.width_of(text, size, "bold") > width and size > 6.5:
        size -= 0.3
    lines = [
        Line(words.line(lang, text, text), size, FIELD_INK, "bold"),
        Line(words.line(lang, when, when), 8.2, NOTE_INK),
    ]
    block = sheet.lettering.block(lines, align="right" if rtl else "left", halo=False, leading=1.45)
    left, right = box.x0 + 2 * NUMBER_PX + 14, box.x1 - 2 * NUMBER_PX - 14
    sheet.put_beside(block, left, right, middle - block.height / 2)
    sheet.figure.add_artist(
        Line2D(
            [box.x0, box.x1], [middle - LIST_ROW_PX / 2, middle - LIST_ROW_PX / 2], color="#d8d8d8", linewidth=0.7,
            transform=IdentityTransform(),
        )
    )  # fmt: skip


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


def number_tracks(sheet: Sheet, panel: Panel, routes: Sequence[Route], inks: Sequence[str]) -> None:
    """A number on every track, where it is farthest from the other tracks and numbers."""
    lines: list[Points] = []
    for route in routes:
        parts = [panel.pixels(p.lat_deg, p.lon_deg) for p in route.pieces]
        lines.append(sampled(np.concatenate(parts)) if parts else np.empty((0, 2)))
    taken: list[Points] = []
    frame = panel.box.grown(-2 * NUMBER_PX)
    for number, (own, ink) in enumerate(zip(lines, inks, strict=True), start=1):
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
            draw_number(sheet, float(best[0]), float(best[1]), number, ink)
            panel.placer.block(Box(*(best - NUMBER_PX), *(best + NUMBER_PX)))
            taken.append(best[None, :])
