"""What lies on the base map: tracks, gaps, arrows, badges of the grades, fences, circles, fields and their labels.

What was received is a solid line. Everything inferred looks inferred: a gap is dashed along the geodesic, the way from
the last fix to a field that nobody saw the aircraft reach is dotted, and an end carries the badge of its grade. The
four badges differ in shape, colour and letter, so that they survive black-and-white print and colour blindness
(colours: after Okabe and Ito's set).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text as Artist
from matplotlib.transforms import IdentityTransform

from flighttrace.geodesy import Floats, circle, wgs84
from flighttrace.language import Language
from flighttrace.match.model import Airfield, EndKind, EndpointEstimate, Grade
from flighttrace.report.ends import NOT_TOLD
from flighttrace.report.labels import Box, Line, sampled
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_sheet import Dashes
from flighttrace.report.map_words import (
    FIELD_NOT_TOLD,
    QUESTION,
    UNKNOWN_FIELD,
    gap_lines,
    latin,
    radius_lines,
)
from flighttrace.report.placenames import field_name
from flighttrace.report.segments import Segment

TRACK_INK, FENCE_INK, CIRCLE_INK, FIELD_INK = "#b3201e", "#1f4fd1", "#7a5410", "#1c1c1c"
ONE_ENDED_INK, NOTE_INK = "#5b5b5b", "#333333"
GAP_LABELLED_KM: Final = 25.0
"""A shorter jump (waiting on the ground, a holding pattern) is dashed but not labelled."""
GAPS_LABELLED: Final = 4
"""The longest gaps carry a label; the key tells what the other dashes are."""
GAP_TIED_PX: Final = 10.0
"""A gap's label is tied to its dashes from this distance on: dashes have no marker of their own."""
STEP_KM: Final = 25.0
"""Geodesics are drawn through points at most this far apart."""
ARROW_EVERY_PX, ARROW_PX = 230.0, 11.0
BADGE_PX: Final = 13.0
"""Radius of a badge."""


@dataclass(frozen=True)
class BadgeStyle:
    """Shape, colours and letter of a grade's badge."""

    marker: str
    face: str
    edge: str
    letter_ink: str
    size: float
    lift: float = 0.0


BADGES: Final[dict[Grade | None, BadgeStyle]] = {
    "A": BadgeStyle("o", "#0072b2", "white", "white", 1.0),
    "B": BadgeStyle("s", "#00785a", "white", "white", 0.9),
    "C": BadgeStyle("D", "#e69f00", "white", "#1c1c1c", 0.86),
    "D": BadgeStyle("^", "white", "#c04a00", "#8a3500", 1.2, -0.16),
    "X": BadgeStyle("X", "white", "#6b6b6b", "#1c1c1c", 1.1),
    None: BadgeStyle("o", "white", "#5b5b5b", "#1c1c1c", 1.0),
}
"""None is an end whose field is unknown."""


@dataclass(frozen=True)
class EndMark:
    """One end as a map shows it: the field (None: unknown), the grade that is printed, and the estimate behind it."""

    estimate: EndpointEstimate
    grade: Grade
    field: Airfield | None
    place: str = ""
    """Title of the place of several fields that this grade is of; empty where it is the grade of the field alone."""

    @property
    def told(self) -> bool:
        """True where the grades let one field be named."""
        alone = not self.place or self.estimate.grade not in NOT_TOLD
        return self.field is not None and self.grade not in NOT_TOLD and alone

    @property
    def place_told(self) -> bool:
        """True where only the place is told, and not which of its fields."""
        return bool(self.place) and not self.told and self.field is not None and self.grade not in NOT_TOLD

    @property
    def kind(self) -> EndKind:
        return self.estimate.kind

    @property
    def badge(self) -> Grade | None:
        return self.grade if self.field is not None else None

    @property
    def at(self) -> tuple[float, float]:
        """Latitude and longitude of the badge: the field, or the fix where the field is unknown."""
        if self.field is None:
            return self.estimate.fix_lat_deg, self.estimate.fix_lon_deg
        return self.field.lat_deg, self.field.lon_deg


def geodesic_points(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """The two points of a gap with points of the shortest line between them."""
    _, _, metres = wgs84().inv(lon[0], lat[0], lon[1], lat[1])
    count = int(metres / 1000 / STEP_KM)
    if count < 1:
        return lat, lon
    between = np.array(wgs84().npts(lon[0], lat[0], lon[1], lat[1], count))
    return (
        np.concatenate([[lat[0]], between[:, 1], [lat[1]]]),
        np.concatenate([[lon[0]], between[:, 0], [lon[1]]]),
    )


def _line(
    panel: Panel,
    lat: Floats,
    lon: Floats,
    colour: str,
    width: float,
    zorder: float,
    dashes: Dashes | None,
    *,
    cased: bool = True,
) -> None:
    x, y = panel.view.project(lat, lon)
    shown = np.isfinite(x) & np.isfinite(y)
    casing = [effects.Stroke(linewidth=width + 2.4, foreground="white", alpha=0.9), effects.Normal()]
    style: Dashes | Literal["solid"] = "solid" if dashes is None else dashes
    panel.axes.add_line(
        Line2D(
            x[shown], y[shown], color=colour, linewidth=width, linestyle=style, zorder=zorder, solid_capstyle="round",
            solid_joinstyle="round", dash_capstyle="butt", path_effects=casing if dashes is None and cased else None,
        )
    )  # fmt: skip
    panel.placer.block_line(panel.pixels(lat, lon))


def draw_track(
    panel: Panel,
    segments: Sequence[Segment],
    *,
    colour: str = TRACK_INK,
    width: float = 2.4,
    arrows: bool = True,
    cased: bool = True,
) -> None:
    """Received stretches solid with arrows, gaps dashed along the geodesic."""
    for segment in segments:
        if segment.kind == "gap":
            lat, lon = geodesic_points(segment.lat_deg, segment.lon_deg)
            _line(panel, lat, lon, colour, width * 0.8, 12, (0, (2.6, 1.9)))
        elif len(segment.lat_deg) > 1:
            _line(panel, segment.lat_deg, segment.lon_deg, colour, width, 13, None, cased=cased)
    if arrows:
        _arrows(panel, segments, colour)


def _arrows(panel: Panel, segments: Sequence[Segment], colour: str) -> None:
    """Triangles along the received stretches, none near a stretch's ends."""
    since = ARROW_EVERY_PX * 0.55
    frame = panel.box.grown(-ARROW_PX)
    for segment in (s for s in segments if s.kind == "received" and len(s.lat_deg) > 1):
        points = sampled(panel.pixels(segment.lat_deg, segment.lon_deg))
        for i in range(4, len(points) - 4):
            since += float(np.hypot(*(points[i] - points[i - 1])))
            x, y = points[i]
            if since < ARROW_EVERY_PX or not (frame.x0 < x < frame.x1 and frame.y0 < y < frame.y1):
                continue
            since = 0.0
            along = points[i + 3] - points[i - 3]
            if not np.hypot(*along):
                continue
            along = along / np.hypot(*along)
            across = np.array([-along[1], along[0]])
            tip, base = points[i] + along * ARROW_PX, points[i] - along * ARROW_PX * 0.7
            corners = [tip, base + across * ARROW_PX * 0.72, base - across * ARROW_PX * 0.72]
            panel.figure.add_artist(
                Polygon(
                    corners, closed=True, facecolor=colour, edgecolor="white", linewidth=0.9, zorder=21,
                    transform=IdentityTransform(),
                )
            )  # fmt: skip


def label_gaps(
    panel: Panel, segments: Sequence[Segment], lang: Language, *, most: int = GAPS_LABELLED, short: bool = False
) -> None:
    """Minutes and kilometres beside the longest gaps, tied to the middle of the dashes."""
    gaps = [s for s in segments if s.kind == "gap" and s.km >= GAP_LABELLED_KM]
    for gap in sorted(gaps, key=lambda s: (-s.duration_s, s.from_utc))[:most]:
        lat, lon = geodesic_points(gap.lat_deg, gap.lon_deg)
        points = panel.pixels(lat, lon)
        frame = panel.box
        seen = points[
            (points[:, 0] > frame.x0)
            & (points[:, 0] < frame.x1)
            & (points[:, 1] > frame.y0)
            & (points[:, 1] < frame.y1)
        ]
        if len(seen) == 0:
            continue
        x, y = sampled(seen)[len(sampled(seen)) // 2]
        lines = [Line(text, 8.8, NOTE_INK) for text in gap_lines(gap.duration_s, gap.km, lang, short=short)]
        block = panel.lettering.block(lines, align="right" if lang == "ar" else "left")
        panel.placer.place_at_point(block, float(x), float(y), clear_px=4.0, leader_from_px=GAP_TIED_PX)


def draw_circle(
    panel: Panel, lat_deg: float, lon_deg: float, radius_km: float, *, ink: str, filled: bool, dashed: bool
) -> None:
    """A geodesic circle; labels keep off the dashed ones, which are read by their rim."""
    points = circle(lat_deg, lon_deg, radius_km)
    x, y = panel.view.project(points[:, 0], points[:, 1])
    if filled:
        panel.axes.add_artist(
            Polygon(np.column_stack([x, y]), closed=True, facecolor=ink, alpha=0.09, edgecolor="none", zorder=8)
        )
    style: Dashes | Literal["solid"] = (0, (5, 3)) if dashed else "solid"
    panel.axes.add_line(Line2D(x, y, color=ink, linewidth=1.1 if filled or dashed else 0.7, linestyle=style, zorder=9))
    if dashed:
        panel.placer.block_line(panel.pixels(points[:, 0], points[:, 1]))


def label_radius(
    panel: Panel, centre: tuple[float, float], radii_km: Sequence[float], name: str, lang: Language
) -> None:
    """The stated radius beside its circle, tied to the rim, and a small square at the centre."""
    x, y = panel.view.project(*centre)
    if panel.shows(*centre):
        panel.axes.add_line(
            Line2D(
                [float(x)], [float(y)], marker="s", markersize=5, color=CIRCLE_INK, markeredgecolor="white", zorder=15
            )
        )
        (px, py), half = panel.pixels(*centre)[0], 7.0
        panel.placer.block_mark(Box(px - half, py - half, px + half, py + half))
    rim = panel.pixels(*circle(*centre, max(radii_km), points=48).T)
    frame = panel.box.grown(-20)
    inside = [p for p in rim if frame.x0 < p[0] < frame.x1 and frame.y0 < p[1] < frame.y1]
    if not inside:
        return
    lines = [Line(text, 8.8, CIRCLE_INK) for text in radius_lines(radii_km, name, lang)]
    for foot in (min(inside, key=lambda p: p[1]), min(inside, key=lambda p: p[0]), max(inside, key=lambda p: p[0])):
        block = panel.lettering.block(lines, align="center")
        if panel.placer.place_at_point(block, float(foot[0]), float(foot[1]), clear_px=3.0, leader_colour=CIRCLE_INK):
            return


def draw_badge(figure: Figure, x: float, y: float, grade: Grade | None, *, scale: float = 1.0) -> Box:
    """A grade's badge centred at a pixel; returns the box that it covers."""
    style = BADGES[grade]
    px_per_pt = figure.dpi / 72.0
    edge_pt = 1.6 if style.face == "white" else 1.1
    letter_pt = (7.5 if grade == "D" else 9.0) * scale
    figure.add_artist(
        Line2D(
            [x], [y], marker=style.marker, markersize=2 * BADGE_PX * style.size * scale / px_per_pt,
            markerfacecolor=style.face, markeredgecolor=style.edge, markeredgewidth=edge_pt,
            linestyle="none", transform=IdentityTransform(), zorder=26,
        )
    )  # fmt: skip
    figure.add_artist(
        Artist(
            x, y + style.lift * BADGE_PX * scale * 2 * 0.9, grade or "?", fontsize=letter_pt,
            fontweight="bold", color=style.letter_ink, ha="center", va="center_baseline", transform=IdentityTransform(),
            zorder=27, parse_math=False, gid="badge",
        )
    )  # fmt: skip
    half = BADGE_PX * scale * 1.15
    return Box(x - half, y - half, x + half, y + half)


def draw_field(panel: Panel, field: Airfield, *, ink: str = FIELD_INK, size: float = 6.0) -> None:
    """A ring at the field's reference point, and its runways where their ends are known."""
    for runway in field.runways:
        if len(runway.ends) == 2:
            x, y = panel.view.project([e.lat_deg for e in runway.ends], [e.lon_deg for e in runway.ends])
            panel.axes.add_line(Line2D(x, y, color=ink, linewidth=2.6, solid_capstyle="butt", zorder=14))
    x, y = panel.view.project(field.lat_deg, field.lon_deg)
    panel.axes.add_line(
        Line2D(
            [float(x)], [float(y)], marker="o", markersize=size, markerfacecolor="white", markeredgecolor=ink,
            markeredgewidth=1.3, zorder=15,
        )
    )  # fmt: skip
    px, py = panel.pixels(field.lat_deg, field.lon_deg)[0]
    half = size * panel.lettering.px_per_pt / 2 + 2
    panel.placer.block_mark(Box(px - half, py - half, px + half, py + half))


def draw_way_inferred(panel: Panel, end: EndMark) -> None:
    """Dots from the last (first) fix to the field, and a ring at the fix."""
    e = end.estimate
    lat, lon = np.array([e.fix_lat_deg, end.at[0]]), np.array([e.fix_lon_deg, end.at[1]])
    lat, lon = geodesic_points(lat, lon)
    _line(panel, lat, lon, NOTE_INK, 1.7, 14, (0, (0.9, 1.8)))
    draw_fix(panel, e)


def draw_fix(panel: Panel, estimate: EndpointEstimate) -> None:
    """A ring at the last or first fix."""
    x, y = panel.view.project(estimate.fix_lat_deg, estimate.fix_lon_deg)
    panel.axes.add_line(
        Line2D(
            [float(x)], [float(y)], marker="o", markersize=6.5, markerfacecolor="white", markeredgecolor=TRACK_INK,
            markeredgewidth=1.6, zorder=16,
        )
    )  # fmt: skip
    px, py = panel.pixels(estimate.fix_lat_deg, estimate.fix_lon_deg)[0]
    panel.placer.block_mark(Box(px - 7, py - 7, px + 7, py + 7))


def with_code(name: str, code: str, lang: Language) -> str:
    """ "Baku (UBBB)", "Khojaly (Stepanakert, UB13)": never two brackets in a row."""
    if name.endswith(")"):
        return f"{name[:-1]}{'، ' if lang == 'ar' else ', '}{latin(code, lang)})"
    return f"{name} ({latin(code, lang)})"


def field_label(field: Airfield, lang: Language, *, extra: str = "") -> str:
    """ "Baku (UBBB)", with a probability behind it where one is asked for."""
    text = with_code(field_name(field, lang), field.airport, lang)
    return f"{text} {extra}" if extra else text


def end_name(end: EndMark, lang: Language) -> str:
    """ "Baku"; the place alone where its field is not told; "Ovda?" where the place is not told either."""
    if end.field is None:
        return UNKNOWN_FIELD[lang]
    if end.place_told:
        return end.place
    return field_name(end.field, lang) + ("" if end.told else QUESTION[lang])


def end_label(end: EndMark, lang: Language) -> str:
    """The same with the field's code, for a label beside the badge."""
    if end.field is None:
        return UNKNOWN_FIELD[lang]
    if end.place_told:
        return f"{end.place}{'، ' if lang == 'ar' else ', '}{FIELD_NOT_TOLD[lang]}"
    return field_label(end.field, lang) + ("" if end.told else QUESTION[lang])
