"""One map window on a sheet: the base map in it, a placer for its labels, and what is common to all windows.

Lines and areas are painted in the window's axes (and cut at its frame); labels, badges and leaders stand above them in
pixels of the sheet.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

from flighttrace.language import Language
from flighttrace.report.basemap import Country, base_of, draw_base
from flighttrace.report.labels import Block, Box, Lettering, Line, Placer, Points
from flighttrace.report.map_words import WATERMARK, line, measure
from flighttrace.report.placenames import SEAS, UNLABELLED, Sea, country_name
from flighttrace.report.projection import View

SEA_INK, COUNTRY_INK, SCALE_INK, STAMP_INK = "#4f7d97", "#857f70", "#222222", "#b3201e"
SEA_SEEN_BELOW_KM: Final = {1: 40_000.0, 2: 9_000.0, 3: 4_500.0, 4: 1_600.0}
"""A sea of that rank is named only in windows narrower than this."""
COUNTRY_PT: Final = (6.5, 12.5)
SEA_PT: Final = {1: 13.0, 2: 11.0, 3: 9.5, 4: 8.0}
SCALE_SHARE: Final = 0.22
"""The scale bar is the longest round number below this share of the window's width."""
SCALE_HOLDS_BELOW_KM: Final = 4_000.0
"""In a window up to this wide either projection keeps its scale within a few per cent."""
INSIDE_SHARE: Final = 0.55
"""This much of a country's label has to lie on the country."""
WATERMARK_SHARE: Final = 0.72
"""The watermark's length as a share of the window's diagonal."""
SEA_REACH_PX: Final = (200.0, 170.0)
"""A sea's name is tried this far to the sides of its anchor, and up and down."""


class Panel:
    """A window of the sheet at `box` (pixels), showing `view`."""

    def __init__(
        self,
        figure: Figure,
        lettering: Lettering,
        box: Box,
        view: View,
        *,
        highlight: tuple[tuple[float, float], ...] = (),
    ) -> None:
        width, height = figure.get_size_inches() * figure.dpi
        self.figure, self.lettering, self.box, self.view = figure, lettering, box, view
        self.axes = figure.add_axes(
            (box.x0 / width, box.y0 / height, (box.x1 - box.x0) / width, (box.y1 - box.y0) / height)
        )
        self.base = base_of(view)
        self.placer = Placer(lettering, box.grown(-3.0))
        draw_base(self.axes, view, self.base, highlighted=self._countries_at(highlight))

    @property
    def px_per_km(self) -> float:
        """Pixels for one kilometre at the middle of the window."""
        return (self.box.x1 - self.box.x0) / (self.view.width_m * self.view.ground_km_per_m())

    def pixels(self, lat_deg: object, lon_deg: object) -> Points:
        """Positions as an array of shape (n, 2) in pixels of the sheet."""
        x, y = self.view.project(np.atleast_1d(np.asarray(lat_deg)), np.atleast_1d(np.asarray(lon_deg)))
        return self.pixels_of_plane(x, y)

    def pixels_of_plane(self, x: object, y: object) -> Points:
        scale = (self.box.x1 - self.box.x0) / self.view.width_m
        left = self.box.x0 + (np.asarray(x, dtype=np.float64) - self.view.x_min_m) * scale
        up = self.box.y0 + (np.asarray(y, dtype=np.float64) - self.view.y_min_m) * scale
        return np.column_stack([np.atleast_1d(left), np.atleast_1d(up)])

    def shows(self, lat_deg: float, lon_deg: float, *, margin_px: float = 0.0) -> bool:
        """True where the point lies inside the window, at least `margin_px` from its frame."""
        (x, y), frame = self.pixels(lat_deg, lon_deg)[0], self.box.grown(-margin_px)
        return bool(frame.x0 <= x <= frame.x1 and frame.y0 <= y <= frame.y1)

    def _countries_at(self, points: tuple[tuple[float, float], ...]) -> frozenset[str]:
        names: set[str] = set()
        for lat, lon in points:
            x, y = self.view.project(lat, lon)
            names.update(c.name_en for c in self.base.countries if shapely.contains_xy(c.shape, float(x), float(y)))
        return frozenset(names)

    def stamp(self, lang: Language) -> None:
        """The watermark of simulated data across the window, under tracks and labels."""
        width, height = self.box.x1 - self.box.x0, self.box.y1 - self.box.y0
        angle = float(np.degrees(np.arctan2(height, width))) * 0.85
        # One outline, not letters one by one: joined Arabic letters would show their overlaps.
        path = TextPath((0, 0), WATERMARK[lang], size=100, prop=FontProperties(family="DejaVu Sans", weight="bold"))
        extents = path.get_extents()
        scale = WATERMARK_SHARE * float(np.hypot(width, height)) / extents.width
        place = (
            Affine2D()
            .translate(-(extents.x0 + extents.x1) / 2, -(extents.y0 + extents.y1) / 2)
            .scale(scale)
            .rotate_deg(angle)
            .translate((self.box.x0 + self.box.x1) / 2, (self.box.y0 + self.box.y1) / 2)
        )
        self.axes.add_artist(
            PathPatch(
                path, transform=place, facecolor=STAMP_INK, alpha=0.10, edgecolor="none", zorder=5, gid="watermark"
            )
        )

    def scale_bar(self, lang: Language, *, size_pt: float = 8.5) -> None:
        """A bar that is true at the middle of the window, in the corner where it hides least.

        Where the scale changes over the window, the bar says where it holds.
        """
        longest = SCALE_SHARE * (self.box.x1 - self.box.x0) / self.px_per_km
        power = 10.0 ** np.floor(np.log10(longest))
        length_km = float(max(step for step in (power, 2 * power, 3 * power, 5 * power) if step <= longest))
        bar = length_km * self.px_per_km
        text = measure(length_km, "km", lang)
        if self.view.width_m > SCALE_HOLDS_BELOW_KM * 1000:
            text = line(lang, f"{text} at the centre", f"{text} في الوسط")
        label = self.lettering.block([Line(text, size_pt, SCALE_INK)], align="center")
        width, height, gap = max(bar, label.width) + 16, label.height + 20, 10.0
        x_left, x_right = self.box.x0 + gap, self.box.x1 - gap - width
        y_low, y_high = self.box.y0 + gap, self.box.y1 - gap - height
        boxes = [Box(x, y, x + width, y + height) for y in (y_low, y_high) for x in (x_left, x_right)]
        costs = [
            100.0 * sum(b.overlaps(o) for o in self.placer.boxes) + self.placer.on_track(b.grown(8)) for b in boxes
        ]
        box = boxes[int(np.argmin(costs))]
        self.figure.add_artist(
            Rectangle(
                (box.x0, box.y0), width, height, facecolor="white", alpha=0.72, edgecolor="none", zorder=20,
                transform=IdentityTransform(),
            )
        )  # fmt: skip
        middle, foot = (box.x0 + box.x1) / 2, box.y0 + 9
        xs, ys = [middle - bar / 2] * 2 + [middle + bar / 2] * 2, [foot + 6, foot, foot, foot + 6]
        self.figure.add_artist(Line2D(xs, ys, color=SCALE_INK, linewidth=1.4, transform=IdentityTransform(), zorder=31))
        label.put(middle - label.width / 2, foot + 7)
        self.placer.block(box)

    def label_ground(self, lang: Language, *, scale: float = 1.0) -> None:
        """Countries, the largest first, then the seas; what has no free place stays unnamed."""
        frame = shapely.box(self.view.x_min_m, self.view.y_min_m, self.view.x_max_m, self.view.y_max_m)
        seen = []
        for country in self.base.countries:
            # part by part: where a shape was cut at the 180th meridian, its parts may share an edge
            part = _largest(shapely.intersection(shapely.get_parts(country.shape), frame))
            if part is not None and country.name_en not in UNLABELLED:
                seen.append((part.area, country, part))
        for _, country, part in sorted(seen, key=lambda item: (-item[0], item[1].name_en)):
            self._label_country(country, part, lang, scale)
        done: set[str] = set()
        for sea in SEAS:
            km = self.view.width_m / 1000
            fits = km < SEA_SEEN_BELOW_KM[sea.rank] and self.shows(sea.lat_deg, sea.lon_deg)
            if fits and sea.name.en not in done and self._label_sea(sea, lang, scale):
                done.add(sea.name.en)

    def _label_country(self, country: Country, part: shapely.Polygon, lang: Language, scale: float) -> None:
        per_px = self.view.width_m / (self.box.x1 - self.box.x0)
        core = shapely.maximum_inscribed_circle(part, tolerance=6 * per_px)
        middle, radius_px = np.array(core.coords[0]), core.length / per_px
        name = country_name(country.name_en, country.name_ar, lang)
        text = name.upper() if lang == "en" else name
        size = float(np.clip(radius_px * 0.11, *COUNTRY_PT))
        x0, y0, x1, y1 = part.bounds
        grid_x, grid_y = np.meshgrid(np.linspace(x0, x1, 15)[1:-1], np.linspace(y0, y1, 13)[1:-1])
        points = np.column_stack([grid_x.ravel(), grid_y.ravel()])
        points = np.concatenate([[middle], points[shapely.contains_xy(part, points[:, 0], points[:, 1])]])
        for size_pt in dict.fromkeys((size, max(size * 0.8, COUNTRY_PT[0]), COUNTRY_PT[0])):
            label = self.lettering.block([Line(text, size_pt * scale, COUNTRY_INK)], align="center")
            if label.width > 6.0 * radius_px + 30:
                label.drop()
                continue
            corners = []
            for x, y in points:
                share = self._share_inside(part, x, y, label, per_px)
                if share >= INSIDE_SHARE:
                    px, py = self.pixels_of_plane(x, y)[0]
                    off = float(np.hypot(*(np.array([x, y]) - middle))) / per_px
                    corners.append((px - label.width / 2, py - label.height / 2, off + 400 * (1 - share)))
            if self.placer.place_in(label, corners) is not None:
                return

    @staticmethod
    def _share_inside(part: shapely.Polygon, x: float, y: float, label: Block, per_px: float) -> float:
        """The share of the label's box, centred at (x, y) of the plane, that lies on the shape."""
        dx, dy = np.meshgrid(np.linspace(-0.5, 0.5, 7), np.linspace(-0.5, 0.5, 3))
        inside = shapely.contains_xy(
            part, x + dx.ravel() * label.width * per_px, y + dy.ravel() * label.height * per_px
        )
        return float(np.mean(inside))

    def _label_sea(self, sea: Sea, lang: Language, scale: float) -> bool:
        """Write a sea's name near its anchor, on open water only: in one line if that fits, else word by word."""
        land = shapely.union_all([part for c in self._countries_near(sea) for part in shapely.get_parts(c.shape)])
        shapely.prepare(land)
        px, py = self.pixels(sea.lat_deg, sea.lon_deg)[0]
        per_px = self.view.width_m / (self.box.x1 - self.box.x0)
        words = sea.name[lang].split(" ")
        for lines in dict.fromkeys(((" ".join(words),), tuple(words))):
            label = self.lettering.block(
                [
                    Line(w, SEA_PT[sea.rank] * scale, SEA_INK, style="italic" if lang == "en" else "normal")
                    for w in lines
                ],
                align="center",
            )
            corners = []
            for dx in np.arange(-SEA_REACH_PX[0], SEA_REACH_PX[0] + 1, 20.0):
                for dy in np.arange(-SEA_REACH_PX[1], SEA_REACH_PX[1] + 1, 17.0):
                    x0, y0 = px + dx - label.width / 2, py + dy - label.height / 2
                    left = self.view.x_min_m + (x0 - self.box.x0) * per_px
                    low = self.view.y_min_m + (y0 - self.box.y0) * per_px
                    written = shapely.box(left, low, left + label.width * per_px, low + label.height * per_px)
                    if not shapely.intersects(land, written):
                        corners.append((x0, y0, float(np.hypot(dx, dy))))
            if self.placer.place_in(label, corners) is not None:
                return True
        return False

    def _countries_near(self, sea: Sea) -> list[Country]:
        x, y = self.view.project(sea.lat_deg, sea.lon_deg)
        reach = 450 * self.view.width_m / (self.box.x1 - self.box.x0)
        around = shapely.box(float(x) - reach, float(y) - reach, float(x) + reach, float(y) + reach)
        return [c for c in self.base.countries if shapely.intersects(c.shape, around)]


def _largest(shapes: npt.NDArray[np.object_]) -> shapely.Polygon | None:
    """The largest polygon of the shapes."""
    parts = [p for p in shapely.get_parts(shapes) if p.geom_type == "Polygon" and p.area > 0]
    return max(parts, key=lambda p: p.area) if parts else None
