"""Where texts go on a map so that none covers another.

Everything is in pixels of the finished picture, y upwards. A label is a block of lines, measured with the renderer
that will paint it. Labels are placed one after the other, the important ones first: of all candidate positions that
touch no text, no blocked box and no edge, the one with the least cost is taken (how much of a track it hides, how far
it is from its point, which side). A label that has no free position is not painted, and the caller is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import matplotlib.patheffects as effects
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.text import Text as Artist
from matplotlib.transforms import IdentityTransform

Points = npt.NDArray[np.float64]

PAD_PX: Final = 7.0
"""Free space kept round every text."""
LINE_STEP_PX: Final = 5.0
"""A blocked line is sampled this densely."""
RING_PX: Final = (4.0, 14.0, 30.0, 52.0, 80.0, 115.0, 155.0, 205.0, 260.0, 330.0)
"""Distances from a point at which its label is tried."""
DIRECTIONS: Final = 16
LEADER_FROM_PX: Final = 16.0
"""A label farther off is tied to its point by a line."""
COST_ON_TRACK, COST_PER_PX, COST_LEADER_ON_TRACK = 40.0, 0.6, 12.0
COST_LEADER_ON_MARK, COST_AMBIGUOUS = 60.0, 25.0
NEARER_PX: Final = 6.0
"""A label is taken for the marker that is nearest by at least this much."""
HALO_PX: Final = 3.0
DIRECTION_MARKS: Final = frozenset("\u200f\u2066\u2069")
"""The only invisible characters let through: they are ours, see map_words."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    def grown(self, by: float) -> Box:
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def overlaps(self, other: Box) -> bool:
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def inside(self, frame: Box) -> bool:
        return self.x0 >= frame.x0 and self.y0 >= frame.y0 and self.x1 <= frame.x1 and self.y1 <= frame.y1

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the box next to (x, y)."""
        return min(max(x, self.x0), self.x1), min(max(y, self.y0), self.y1)


@dataclass(frozen=True)
class Line:
    """One line of a label."""

    text: str
    size_pt: float
    colour: str = "#1c1c1c"
    weight: str = "normal"
    style: str = "normal"


@dataclass
class Block:
    """Measured lines, top one first. `artists` are painted at the placed position by `put`."""

    artists: list[Artist]
    width: float
    height: float
    line_tops: list[float]
    align: str

    def put(self, x0: float, y0: float) -> Box:
        """Move the block so that its lower left corner is at (x0, y0)."""
        for artist, top in zip(self.artists, self.line_tops, strict=True):
            x = {"left": x0, "center": x0 + self.width / 2, "right": x0 + self.width}[self.align]
            artist.set_position((x, y0 + self.height - top))
            artist.set_visible(True)
        return Box(x0, y0, x0 + self.width, y0 + self.height)

    def drop(self) -> None:
        for artist in self.artists:
            artist.remove()


@lru_cache(maxsize=1)
def _font() -> FT2Font:
    return get_font(findfont(FontProperties(family="DejaVu Sans")))


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """The text with whatever the font cannot print, control and direction characters included, as an escape."""
    return "".join(
        c if c in DIRECTION_MARKS or (c.isprintable() and _font().get_char_index(ord(c))) else f"\\u{ord(c):04x}"
        for c in text.replace("\u00a0", " ")
    )


class Lettering:
    """Makes and measures texts of one figure. All texts are plain: no mathematics, no automatic legend names."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.canvas = FigureCanvasAgg(figure)
        self.renderer: RendererAgg = self.canvas.get_renderer()  # type: ignore[no-untyped-call]
        self.px_per_pt = figure.dpi / 72.0
        self._blocks = 0

    def block(
        self,
        lines: Sequence[Line],
        *,
        align: str = "left",
        halo: bool = True,
        zorder: float = 30,
        leading: float = 1.22,
    ) -> Block:
        """Lines as hidden texts, measured; a line's height is that of its font, so that baselines stay even."""
        self._blocks += 1
        artists: list[Artist] = []
        tops: list[float] = []
        width, top = 0.0, 0.0
        for number, line in enumerate(lines):
            artist = Artist(
                0, 0, printable(line.text), fontsize=line.size_pt, color=line.colour, fontweight=line.weight,
                fontstyle=line.style, ha=align, va="baseline", transform=IdentityTransform(), zorder=zorder,
                parse_math=False, visible=False, gid=f"block-{self._blocks}",
            )  # fmt: skip
            if halo:
                artist.set_path_effects([effects.withStroke(linewidth=HALO_PX, foreground="white", alpha=0.85)])
            self.figure.add_artist(artist)
            artist.set_visible(True)
            width = max(width, artist.get_window_extent(self.renderer).width)
            artist.set_visible(False)
            size_px = line.size_pt * self.px_per_pt
            ascent = size_px * 0.98
            top += ascent if number == 0 else size_px * leading
            tops.append(top)
            artists.append(artist)
        descent = lines[-1].size_pt * self.px_per_pt * 0.28 if lines else 0.0
        return Block(artists, width, top + descent, tops, align)

    def width_of(self, text: str, size_pt: float, weight: str = "normal") -> float:
        """The width of one line in pixels."""
        block = self.block([Line(text, size_pt, weight=weight)], halo=False)
        block.drop()
        return block.width

    def wrapped(self, text: str, size_pt: float, width_px: float, weight: str = "normal") -> list[str]:
        """The text in lines no wider than `width_px`, broken between words; a longer word stands alone."""
        lines: list[str] = []
        for word in text.split(" "):
            if lines and self.width_of(f"{lines[-1]} {word}", size_pt, weight) <= width_px:
                lines[-1] = f"{lines[-1]} {word}"
            else:
                lines.append(word)
        return lines


@dataclass
class Placer:
    """Finds free positions inside `frame`. Boxes are hard: nothing overlaps them; tracks are soft: they cost."""

    lettering: Lettering
    frame: Box
    boxes: list[Box] = field(default_factory=list)
    marks: list[Box] = field(default_factory=list)
    """Markers among the boxes: no text covers them, but a leader may pass one where it must."""
    _track: list[Points] = field(default_factory=list)
    _leaders: list[Points] = field(default_factory=list)

    def block(self, box: Box) -> None:
        self.boxes.append(box)

    def block_mark(self, box: Box) -> None:
        """A marker: nothing is written on it, and a label next to it that means another point needs a leader."""
        self.boxes.append(box)
        self.marks.append(box)

    def _nearer_to_another(self, box: Box, x: float, y: float) -> bool:
        """True where a marker other than that at (x, y) is as near to the label as its own point."""
        own = float(np.hypot(*np.subtract(box.nearest(x, y), (x, y)))) + NEARER_PX
        for mark in self.marks:
            mx, my = (mark.x0 + mark.x1) / 2, (mark.y0 + mark.y1) / 2
            if np.hypot(mx - x, my - y) > 2 and np.hypot(*np.subtract(box.nearest(mx, my), (mx, my))) < own:
                return True
        return False

    def block_line(self, points_px: Points) -> None:
        """A polyline that labels should not hide."""
        self._track.append(sampled(points_px))

    def free(self, box: Box) -> bool:
        wide = box.grown(PAD_PX)
        if not wide.inside(self.frame) or any(wide.overlaps(other) for other in self.boxes):
            return False
        return not any(_inside(points, wide).any() for points in self._leaders)

    def on_track(self, box: Box) -> int:
        """How many sampled points of the tracks lie under the box."""
        return sum(int(_inside(points, box.grown(PAD_PX / 2)).sum()) for points in self._track)

    def place_at_point(
        self,
        label: Block,
        x: float,
        y: float,
        *,
        clear_px: float = 6.0,
        leader_colour: str = "#333333",
        leader_from_px: float = LEADER_FROM_PX,
    ) -> Box | None:
        """Put a label beside a point (`clear_px` is the radius of its marker), with a leader line if it must be far."""
        return self._best(label, self._round(label, x, y, clear_px), x, y, clear_px, leader_colour, leader_from_px)

    def place_in(
        self, label: Block, corners: Iterable[tuple[float, float, float]], *, may_hide_track: bool = False
    ) -> Box | None:
        """Put a label at the cheapest free (x0, y0, cost) of `corners`; never on a track unless allowed."""
        best: tuple[float, float, float] | None = None
        for x0, y0, cost in corners:
            box = Box(x0, y0, x0 + label.width, y0 + label.height)
            if (best is None or cost < best[2]) and self.free(box) and (may_hide_track or self.on_track(box) == 0):
                best = (x0, y0, cost)
        if best is None:
            label.drop()
            return None
        placed = label.put(best[0], best[1])
        self.block(placed)
        return placed

    def _round(self, label: Block, x: float, y: float, clear_px: float) -> list[tuple[float, float, float, float]]:
        """Candidate corners round a point: (x0, y0, distance, cost of the direction)."""
        found = []
        for ring in RING_PX:
            reach = clear_px + ring
            for step in range(DIRECTIONS):
                angle = 2 * np.pi * step / DIRECTIONS
                dx, dy = float(np.cos(angle)), float(np.sin(angle))
                x0 = x + dx * reach - (label.width if dx < -0.3 else label.width / 2 if dx < 0.3 else 0.0)
                y0 = y + dy * reach - (label.height if dy < -0.3 else label.height / 2 if dy < 0.3 else 0.0)
                found.append((x0, y0, ring, 2.0 * (dx < -0.3) + 1.0 * (abs(dx) <= 0.3)))
        return found

    def _best(
        self,
        label: Block,
        corners: Sequence[tuple[float, float, float, float]],
        x: float,
        y: float,
        clear_px: float,
        leader_colour: str,
        leader_from_px: float,
    ) -> Box | None:
        best_cost, best_box, best_leader = np.inf, None, None
        for x0, y0, ring, side in corners:
            cost = ring * COST_PER_PX + side
            if cost >= best_cost:
                continue
            box = Box(x0, y0, x0 + label.width, y0 + label.height)
            if not self.free(box):
                continue
            tied = ring >= leader_from_px or self._nearer_to_another(box, x, y)
            leader = _leader(box, x, y, clear_px) if tied else None
            if leader is not None:
                crossed = [other for other in self.boxes if _inside(leader, other).any()]
                if any(other not in self.marks for other in crossed):
                    continue
                cost += COST_LEADER_ON_MARK * len(crossed)
            elif tied and ring < leader_from_px:
                cost += COST_AMBIGUOUS
            cost += COST_ON_TRACK * min(self.on_track(box), 12)
            if leader is not None and self._crosses_track(leader):
                cost += COST_LEADER_ON_TRACK
            if cost < best_cost:
                best_cost, best_box, best_leader = cost, box, leader
        if best_box is None:
            label.drop()
            return None
        label.put(best_box.x0, best_box.y0)
        self.block(best_box)
        if best_leader is not None:
            self._leaders.append(best_leader)
            self._paint_leader(best_leader, leader_colour)
        return best_box

    def _crosses_track(self, leader: Points) -> bool:
        """True where the leader passes within a few pixels of a track, its own foot left out."""
        body = leader[: max(len(leader) - 4, 1)]
        return any(
            (np.abs(body[:, None, :] - points[None, ::2, :]).max(axis=2) < LINE_STEP_PX).any() for points in self._track
        )

    def _paint_leader(self, leader: Points, colour: str) -> None:
        line = Line2D(
            leader[[0, -1], 0], leader[[0, -1], 1], color=colour, linewidth=0.8, transform=IdentityTransform(),
            zorder=24, gid="leader", path_effects=[effects.withStroke(linewidth=2.2, foreground="white", alpha=0.8)],
        )  # fmt: skip
        self.lettering.figure.add_artist(line)


def sampled(points_px: Points) -> Points:
    """Points along a polyline at most LINE_STEP_PX apart."""
    points = np.asarray(points_px, dtype=np.float64)
    if len(points) < 2:
        return points
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.arange(0.0, length[-1] + LINE_STEP_PX, LINE_STEP_PX)
    return np.column_stack([np.interp(at, length, points[:, 0]), np.interp(at, length, points[:, 1])])


def _inside(points: Points, box: Box) -> npt.NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1))


def _leader(box: Box, x: float, y: float, clear_px: float) -> Points | None:
    """From the label's edge to the rim of the marker."""
    x0, y0 = box.nearest(x, y)
    length = float(np.hypot(x - x0, y - y0))
    if length < clear_px + 4:
        return None
    share = (length - clear_px * 0.8) / length
    away = min(2.0 / length, 0.2)
    start = np.array([x0 + (x - x0) * away, y0 + (y - y0) * away])
    return sampled(np.array([start, [x0 + (x - x0) * share, y0 + (y - y0) * share]]))
