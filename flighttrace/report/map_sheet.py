"""The sheet round the windows: headline, lines below it, key, footer; and the bytes of the PNG.

The height follows from what has to be said, the width is fixed. In Arabic the sheet is mirrored: texts are set from the
right, and the key runs from right to left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.transforms import IdentityTransform

from flighttrace.language import SIMULATED_STAMP, Language
from flighttrace.report.labels import Block, Box, Lettering, Line
from flighttrace.report.map_words import RIGHT_TO_LEFT_MARK

DPI: Final = 150
WIDTH_PX: Final = 1800
MARGIN_PX: Final = 44
GUTTER_PX: Final = 26
TITLE_PT, SUBTITLE_PT, KEY_PT, FOOTER_PT = 20.0, 10.5, 8.8, 8.0
SMALLEST_TITLE_PT: Final = 14.0
TITLE_INK, SUBTITLE_INK, FOOTER_INK = "#1c1c1c", "#4a4a4a", "#5e5e5e"
KEY_ROW_PX: Final = 36
KEY_SYMBOL_PX: Final = 50
KEY_GAP_PX: Final = 22

Dashes = tuple[float, tuple[float, ...]]
Symbol = Callable[[Figure, float, float], None]
"""Paints a key's symbol centred at a pixel."""


@dataclass(frozen=True)
class KeyItem:
    """One entry of the key; `symbol` None makes a heading."""

    text: str
    symbol: Symbol | None


@dataclass(frozen=True)
class SheetTexts:
    """All that is said round the windows."""

    title: str
    subtitles: tuple[str, ...]
    key: tuple[tuple[KeyItem, ...], ...]
    """Rows; each begins on a line of its own."""
    footer: tuple[str, ...]
    lang: Language


@contextmanager
def own_settings() -> Iterator[None]:
    """matplotlib's own defaults, whatever the user's matplotlibrc says, so that the same input gives the same bytes."""
    with mpl.rc_context():
        mpl.rcParams.update({k: v for k, v in mpl.rcParamsDefault.items() if k not in ("backend", "backend_fallback")})
        mpl.rcParams.update({"text.parse_math": False, "font.family": ["DejaVu Sans"], "path.simplify": True})
        yield


class Sheet:
    """A figure with its header, key and footer laid out; `body` is the free rectangle for the windows."""

    def __init__(self, texts: SheetTexts, *, body_height_px: float) -> None:
        self.texts, self.lang = texts, texts.lang
        self.full = WIDTH_PX - 2 * MARGIN_PX
        ruler = Lettering(Figure(figsize=(1, 1), dpi=DPI))
        title_pt, title = self._title(ruler)
        subtitles = [row for text in texts.subtitles for row in self._wrap(ruler, text, SUBTITLE_PT)]
        footer = [row for text in texts.footer for row in self._wrap(ruler, text, FOOTER_PT)]
        key_rows = [row for group in texts.key for row in _key_rows(ruler, group, self.full)]
        header_px = 40 + len(title) * title_pt * 2.75 + len(subtitles) * SUBTITLE_PT * 3.0 + 22
        below_px = 20 + len(key_rows) * KEY_ROW_PX + 12 + len(footer) * FOOTER_PT * 3.0 + 30
        self.height = round(header_px + body_height_px + below_px)
        self.figure = Figure(figsize=(WIDTH_PX / DPI, self.height / DPI), dpi=DPI, facecolor="white")
        self.lettering = Lettering(self.figure)
        self.body = Box(MARGIN_PX, below_px, WIDTH_PX - MARGIN_PX, below_px + body_height_px)
        y = self.height - 40.0
        for row in title:
            y = self._row(row, title_pt, TITLE_INK, y, step=title_pt * 2.75, weight="bold")
        y -= 4
        for row in subtitles:
            y = self._row(row, SUBTITLE_PT, SUBTITLE_INK, y, step=SUBTITLE_PT * 3.0)
        y = below_px - 20
        for key_row in key_rows:
            self._key_row(key_row, y - KEY_ROW_PX / 2)
            y -= KEY_ROW_PX
        y -= 12
        for row in footer:
            y = self._row(row, FOOTER_PT, FOOTER_INK, y, step=FOOTER_PT * 3.0)

    def _title(self, ruler: Lettering) -> tuple[float, list[str]]:
        """The headline in one line if it fits by shrinking, else in as many as it takes."""
        width = ruler.width_of(self.texts.title, TITLE_PT, "bold")
        size = max(SMALLEST_TITLE_PT, min(TITLE_PT, TITLE_PT * self.full / width if width else TITLE_PT))
        if width * size / TITLE_PT <= self.full:
            return size, [self.texts.title]
        return SMALLEST_TITLE_PT + 2, self._wrap(ruler, self.texts.title, SMALLEST_TITLE_PT + 2, "bold")

    def _wrap(self, ruler: Lettering, text: str, size_pt: float, weight: str = "normal") -> list[str]:
        rows = ruler.wrapped(text, size_pt, self.full, weight)
        if self.lang == "ar":
            rows = [row if row.startswith(RIGHT_TO_LEFT_MARK) else RIGHT_TO_LEFT_MARK + row for row in rows]
        return rows

    def _row(self, text: str, size: float, ink: str, y: float, *, step: float, weight: str = "normal") -> float:
        """Set one line below `y`; returns the top of the next."""
        block = self.lettering.block([Line(text, size, ink, weight)], halo=False)
        self.put_beside(block, MARGIN_PX, WIDTH_PX - MARGIN_PX, y - block.height)
        return y - step

    def put_beside(self, block: Block, left: float, right: float, y0: float) -> Box:
        """Set a block at the side where the language begins."""
        return block.put(right - block.width if self.lang == "ar" else left, y0)

    def _key_row(self, items: Sequence[tuple[KeyItem, float]], y: float) -> None:
        x = float(MARGIN_PX)
        for item, width in items:
            left = WIDTH_PX - x - width if self.lang == "ar" else x
            text_left = left
            if item.symbol is not None:
                at = left + width - KEY_SYMBOL_PX / 2 if self.lang == "ar" else left + KEY_SYMBOL_PX / 2
                item.symbol(self.figure, at, y)
                text_left = left if self.lang == "ar" else left + KEY_SYMBOL_PX + 4
            weight = "bold" if item.symbol is None else "normal"
            block = self.lettering.block([Line(item.text, KEY_PT, SUBTITLE_INK, weight)], halo=False)
            block.put(text_left, y - block.height / 2 - 1)
            x += width + KEY_GAP_PX

    def beside(self, side_px: float) -> tuple[Box, Box]:
        """The body cut into the main window and a column of `side_px`, which stands where the lines end."""
        b = self.body
        if self.lang == "ar":
            return Box(b.x0 + side_px + GUTTER_PX, b.y0, b.x1, b.y1), Box(b.x0, b.y0, b.x0 + side_px, b.y1)
        return Box(b.x0, b.y0, b.x1 - side_px - GUTTER_PX, b.y1), Box(b.x1 - side_px, b.y0, b.x1, b.y1)

    def save(self, path: Path, *, version: str, simulated: bool) -> Path:
        """Write the PNG. Its text chunks name flighttrace and, for simulated data, carry the mark; no time, no host."""
        metadata: dict[str, str | None] = {"Software": f"flighttrace {version}"}
        if simulated:
            metadata["Comment"] = SIMULATED_STAMP.en
        path.parent.mkdir(parents=True, exist_ok=True)
        self.figure.savefig(path, format="png", dpi=DPI, metadata=metadata)
        return path


def _key_rows(ruler: Lettering, items: Sequence[KeyItem], full: float) -> list[list[tuple[KeyItem, float]]]:
    rows: list[list[tuple[KeyItem, float]]] = []
    used = 0.0
    for item in items:
        text = ruler.width_of(item.text, KEY_PT, "bold" if item.symbol is None else "normal")
        width = text + (KEY_SYMBOL_PX + 4 if item.symbol is not None else 0)
        if not rows or used + width > full:
            rows.append([])
            used = 0.0
        rows[-1].append((item, width))
        used += width + KEY_GAP_PX
    return rows


def line_symbol(colour: str, style: Dashes | Literal["solid"], width: float) -> Symbol:
    """A stroke as in the map."""

    def paint(figure: Figure, x: float, y: float) -> None:
        half = KEY_SYMBOL_PX / 2 - 4
        figure.add_artist(
            Line2D(
                [x - half, x + half], [y, y], color=colour, linestyle=style, linewidth=width,
                transform=IdentityTransform(),
            )
        )  # fmt: skip

    return paint


def circle_symbol(colour: str, *, filled: bool, dashed: bool) -> Symbol:
    """A circle as in the map."""

    def paint(figure: Figure, x: float, y: float) -> None:
        style: Dashes | Literal["solid"] = (0, (4, 2.4)) if dashed else "solid"
        if filled:
            figure.add_artist(
                Circle((x, y), 13, facecolor=colour, alpha=0.1, edgecolor="none", transform=IdentityTransform())
            )
        figure.add_artist(
            Circle(
                (x, y), 13, facecolor="none", edgecolor=colour, linewidth=1.1, linestyle=style,
                transform=IdentityTransform(),
            )
        )  # fmt: skip

    return paint


def marker_symbol(marker: str, face: str, edge: str, size: float) -> Symbol:
    """A marker as in the map."""

    def paint(figure: Figure, x: float, y: float) -> None:
        figure.add_artist(
            Line2D(
                [x], [y], marker=marker, markersize=size, markerfacecolor=face, markeredgecolor=edge,
                markeredgewidth=1.3, linestyle="none", transform=IdentityTransform(),
            )
        )  # fmt: skip

    return paint
