"""Masked positions on a map: a small mark each, by reason, and a line of the key for each kind.

They are drawn on request only, and never joined by a line: they are what was received and not believed. Blocks that
compete with the track are part of what the window shows; stray jumps and positions that were never set may lie outside
it, and the key says how many do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from flighttrace.geodesy import Floats
from flighttrace.language import Language, Text
from flighttrace.match.model import Flight
from flighttrace.match.spoofing import AT_TARGET, DISPUTED_PREFIX, HARDLY_MOVING, NO_DESCENT
from flighttrace.report import map_words as words
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_sheet import KeyItem, marker_symbol
from flighttrace.report.projection import View

GREY_INK, BLOCK_INK = "#6b6b6b", "#7a3db8"


@dataclass(frozen=True)
class MaskKind:
    """How the positions masked for one kind of reason look, and what the key calls them."""

    prefix: str
    """How the reasons of `rejected_because` begin."""
    marker: str
    size: float
    text: Text

    @property
    def is_block(self) -> bool:
        return self.prefix.startswith(DISPUTED_PREFIX)

    @property
    def ink(self) -> str:
        return BLOCK_INK if self.is_block else GREY_INK


KINDS: Final = (
    MaskKind(AT_TARGET, "*", 6.0, Text("masked: at a known spoof target", "محجوب: عند هدف معروف للتزييف")),
    MaskKind(HARDLY_MOVING, "^", 4.0, Text("masked: hardly moves at cruise height", "محجوب: تكاد لا تتحرك على ارتفاع")),
    MaskKind(NO_DESCENT, "s", 3.5, Text("masked: at a runway without a descent", "محجوب: على مدرج بلا نزول")),
    MaskKind(DISPUTED_PREFIX, "+", 5.0, Text("masked: disputed, a competing run", "محجوب: سلسلة منافسة متنازع فيها")),
    MaskKind("impossible jump", "x", 4.5, Text("masked: impossible jump", "محجوب: قفزة مستحيلة")),
    MaskKind("stale", ".", 1.5, Text("masked: stale, a repeat", "محجوب: تكرار قديم")),
    MaskKind("", "1", 5.0, Text("masked: never set, or at a pole", "محجوب: لم يُضبط، أو عند قطب")),
)
"""The first whose prefix fits; the last takes what reading rejected for any other reason."""


def masked_by_kind(flights: Iterable[Flight]) -> list[tuple[MaskKind, Floats, Floats]]:
    """(kind, latitudes, longitudes) of the masked positions of all these flights, in the order of KINDS."""
    parts = [f.track.loc[f.track["rejected_because"].notna()] for f in flights if len(f.track)]
    if not parts:
        return []
    rows = pd.concat(parts)
    reasons = rows["rejected_because"].tolist()
    number = np.array([next(i for i, k in enumerate(KINDS) if r.startswith(k.prefix)) for r in reasons], dtype=int)
    lat, lon = rows["lat_deg"].to_numpy(np.float64), rows["lon_deg"].to_numpy(np.float64)
    return [(k, lat[number == i], lon[number == i]) for i, k in enumerate(KINDS) if (number == i).any()]


def blocks_of(flights: Iterable[Flight]) -> list[tuple[Floats, Floats]]:
    """Latitudes and longitudes of the blocks that compete with the tracks: what the window has to show too."""
    return [(lat, lon) for kind, lat, lon in masked_by_kind(flights) if kind.is_block]


def draw_masked(panel: Panel, flights: Iterable[Flight]) -> None:
    """A small mark where a position was masked, above the track and below the badges."""
    for kind, lat, lon in masked_by_kind(flights):
        x, y = panel.view.project(lat, lon)
        inside = panel.view.contains(x, y)
        panel.axes.add_line(
            Line2D(
                x[inside], y[inside], linestyle="none", marker=kind.marker, markersize=kind.size,
                markerfacecolor="none" if kind.marker == "s" else kind.ink, markeredgecolor=kind.ink,
                markeredgewidth=0.0 if kind.marker == "." else 0.9, zorder=15, gid="masked",
            )
        )  # fmt: skip


def masked_key(flights: Iterable[Flight], view: View, lang: Language) -> list[KeyItem]:
    """A line of the key for each kind, with how many there are, and how many of them lie outside the window."""
    items = []
    for kind, lat, lon in masked_by_kind(flights):
        outside = int((~view.contains(*view.project(lat, lon))).sum())
        en, ar = f"{kind.text.en}: {len(lat):,}", f"{kind.text.ar}: {len(lat):,}"
        if outside:
            en, ar = f"{en}, {outside:,} outside", f"{ar}، خارج الخريطة: {outside:,}"
        face = "none" if kind.marker == "s" else kind.ink
        items.append(
            KeyItem(words.line(lang, en, ar), marker_symbol(kind.marker, face, kind.ink, max(kind.size + 1.0, 4.0)))
        )
    return items
