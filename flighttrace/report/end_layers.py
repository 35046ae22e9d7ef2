"""What the map of an end draws besides fields and track: reachable set, rings, fixes, the next sighting."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from flighttrace.errors import shown
from flighttrace.geodesy import Floats, circle
from flighttrace.language import Language
from flighttrace.match.model import Airfield, EndpointEstimate, Sighting
from flighttrace.report import map_words as words
from flighttrace.report.labels import Box, Line
from flighttrace.report.map_layers import BADGE_PX, FIELD_INK, NOTE_INK, TRACK_INK
from flighttrace.report.map_panel import Panel

REACH_INK, RING_INK, BESIDE_INK = "#1f4fd1", "#8c8c8c", "#6a3d9a"
RING_STEPS_KM: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 500.0)
RING_APART_PX: Final = 130.0
MOST_RINGS: Final = 6
HEIGHT_APART_PX: Final = 80.0
HEIGHTS_TOLD: Final = 6
RUNWAY_KEPT_PX: Final = 12.0
RUNWAY_NAMED_PX: Final = 120.0


def draw_reach(panel: Panel, rim: Floats) -> None:
    """The set as a pale area with a dash-dotted rim."""
    x, y = panel.view.project(rim[:, 0], rim[:, 1])
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return
    panel.axes.add_artist(
        Polygon(np.column_stack([x, y]), closed=True, facecolor=REACH_INK, alpha=0.08, edgecolor="none", zorder=6)
    )
    panel.axes.add_line(Line2D(x, y, color=REACH_INK, linewidth=1.5, linestyle=(0, (7, 2.5, 1.5, 2.5)), zorder=9))
    panel.placer.block_line(panel.pixels(rim[:, 0], rim[:, 1]))


def draw_rings(panel: Panel, end: EndpointEstimate) -> list[float]:
    """Thin circles round the fix at round distances; their radii in km."""
    step = next((s for s in RING_STEPS_KM if s * panel.px_per_km >= RING_APART_PX), RING_STEPS_KM[-1])
    x, y = panel.pixels(end.fix_lat_deg, end.fix_lon_deg)[0]
    b = panel.box
    reach_px = max(float(np.hypot(cx - x, cy - y)) for cx in (b.x0, b.x1) for cy in (b.y0, b.y1))
    radii = [n * step for n in range(1, MOST_RINGS + 1) if n * step * panel.px_per_km < reach_px]
    for km in radii:
        rim = circle(end.fix_lat_deg, end.fix_lon_deg, km)
        rx, ry = panel.view.project(rim[:, 0], rim[:, 1])
        panel.axes.add_line(Line2D(rx, ry, color=RING_INK, linewidth=0.7, zorder=7))
    return radii


def label_rings(panel: Panel, end: EndpointEstimate, radii: list[float], lang: Language) -> None:
    """ "50 km" on each ring, where it covers nothing."""
    for km in radii:
        text = f"{km:g} {words.UNITS['km'][lang]}"
        label = panel.lettering.block([Line(words.line(lang, text, text), 7.4, "#6b6b6b")], align="center")
        points = panel.pixels(*circle(end.fix_lat_deg, end.fix_lon_deg, km, points=48)[:-1].T)
        # from the north-east round: the same side for all rings where there is room
        order = [(i - 6) % 48 for i in range(len(points))]
        corners = [
            (float(px) - label.width / 2, float(py) - label.height / 2, float(min(turn, 48 - turn)))
            for (px, py), turn in zip(points, order, strict=True)
        ]
        panel.placer.place_in(label, corners)


def draw_runways(panel: Panel, field: Airfield) -> None:
    """Labels keep off the runways, and where these are drawn long each end bears its name."""
    for runway in (r for r in field.runways if len(r.ends) == 2):
        ends = panel.pixels([e.lat_deg for e in runway.ends], [e.lon_deg for e in runway.ends])
        long_px = float(np.hypot(*(ends[1] - ends[0])))
        if long_px < RUNWAY_KEPT_PX:
            continue
        panel.placer.block_line(ends)
        for end, (x, y) in zip(runway.ends, ends, strict=True):
            if long_px >= RUNWAY_NAMED_PX and panel.shows(end.lat_deg, end.lon_deg, margin_px=30):
                block = panel.lettering.block([Line(shown(end.ident, 4), 8.6, FIELD_INK, "bold")], align="center")
                panel.placer.place_at_point(block, float(x), float(y), clear_px=3.0)


def draw_fixes(panel: Panel, lat_deg: Floats, lon_deg: Floats) -> None:
    """Small dots at the received positions."""
    x, y = panel.view.project(lat_deg, lon_deg)
    panel.axes.add_line(
        Line2D(
            x, y, linestyle="none", marker="o", markersize=3.6, markerfacecolor="white", markeredgecolor=TRACK_INK,
            markeredgewidth=0.9, zorder=15,
        )
    )  # fmt: skip


def draw_beside(panel: Panel, beside: Sighting) -> None:
    """A diamond where the track is heard next (was heard before)."""
    x, y = panel.view.project(beside.lat_deg, beside.lon_deg)
    panel.axes.add_line(
        Line2D(
            [float(x)], [float(y)], marker="D", markersize=7.0, markerfacecolor="white", markeredgecolor=BESIDE_INK,
            markeredgewidth=1.7, zorder=17,
        )
    )  # fmt: skip
    px, py = panel.pixels(beside.lat_deg, beside.lon_deg)[0]
    panel.placer.block_mark(Box(px - 9, py - 9, px + 9, py + 9))


def label_fix(panel: Panel, end: EndpointEstimate, lang: Language) -> None:
    """When and how high the end fix was heard, beside its badge."""
    rows = words.fix_line(end.kind, end.fix_time_utc, end.fix_altitude_ft, None, None, lang)
    if end.on_ground:
        rows.append(words.line(lang, "on the ground", "على الأرض"))
    block = panel.lettering.block(
        [Line(row, 9.4, FIELD_INK, "bold") for row in rows], align="right" if lang == "ar" else "left"
    )
    x, y = panel.pixels(end.fix_lat_deg, end.fix_lon_deg)[0]
    panel.placer.place_at_point(block, float(x), float(y), clear_px=BADGE_PX + 3)


def label_heights(panel: Panel, rows: tuple[Floats, Floats, Floats, Floats], lang: Language) -> None:
    """Heights at some of the fixes, from the end fix outwards, each far enough from the last one that has one."""
    lat, lon, altitude, seconds = rows
    if not len(lat):
        return
    points = panel.pixels(lat, lon)
    last = points[int(np.argmin(seconds))]
    told, before = 0, ""
    for i in np.argsort(seconds, kind="stable").tolist():
        x, y = points[i]
        far = float(np.hypot(*(points[i] - last))) >= HEIGHT_APART_PX
        if told >= HEIGHTS_TOLD or not far or np.isnan(altitude[i]) or not panel.shows(lat[i], lon[i], margin_px=12):
            continue
        text = words.measure(float(altitude[i]), "ft", lang)
        if text == before:
            continue
        block = panel.lettering.block([Line(words.line(lang, text, text), 8.2, NOTE_INK)])
        if panel.placer.place_at_point(block, float(x), float(y), clear_px=4.0, leader_from_px=20.0) is not None:
            last, told, before = points[i], told + 1, text
