"""The map of the page: all legs on a conic projection as shapes for an inline SVG, so that a leg can be picked out.

The same window and the same Natural Earth base as the PNG maps; coordinates are SVG units, y downwards. Lines are
thinned to what can be seen at this size: the exact tracks are in the GeoJSON.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from flighttrace.geodesy import Floats, circle
from flighttrace.language import Language
from flighttrace.match.model import Airfield, Flight, Place
from flighttrace.report.basemap import Base, base_of
from flighttrace.report.legbook import AirfieldBook
from flighttrace.report.placenames import country_name, field_name
from flighttrace.report.projection import View, fit_view
from flighttrace.report.segments import segments
from flighttrace.report.wording import Words

WIDTH: Final = 860.0
HEIGHT: Final = 560.0
THIN: Final = 0.35
"""SVG units; a third of a line's width is not seen."""
LETTER: Final = 7.2
"""Width of a letter of a label, SVG units: for keeping labels apart."""
LAST_RANK: Final = 6
"""Natural Earth's label rank; what ranks lower is too small for a name at this size."""
LONGEST_NAME: Final = 20
"""Characters; a longer name would cover its country. The PNG maps have the room for it."""
SMALLEST_NAMED: Final = 150.0
"""Square SVG units of a country on the sheet; a smaller one bears no name."""
LABEL_SHIFTS_X: Final = (0.0, -22.0, 22.0, -44.0, 44.0)
LABEL_SHIFTS_Y: Final = (0.0, -14.0, 14.0, -28.0, 28.0)
"""How far a country's name may stand from its label point, SVG units."""
SCALE_STEPS_KM: Final = (2000, 1000, 500, 200, 100, 50, 20, 10, 5)


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str
    anchor: str = "start"
    title: str = ""
    """The whole of what `text` shortens."""


@dataclass(frozen=True)
class Dot:
    """An airfield: where, and its label where one fits."""

    x: float
    y: float
    label: Label | None


@dataclass(frozen=True)
class LegLine:
    """A flight's path data: what was received, and the gaps."""

    number: int
    received: str
    gaps: str


@dataclass(frozen=True)
class RouteMap:
    """Everything the template draws, back to front."""

    land: str
    lakes: str
    coast: str
    borders: str
    countries: tuple[Label, ...]
    circles: tuple[tuple[str, Label], ...]
    lines: tuple[LegLine, ...]
    dots: tuple[Dot, ...]
    scale_km: int
    scale_width: float


def route_map(
    flights: Sequence[tuple[int, Flight]],
    airfields: AirfieldBook,
    *,
    airports: Sequence[str],
    places: Sequence[Place] = (),
    lang: Language = "en",
) -> RouteMap | None:
    """The map of the numbered flights and the fields named in `airports`; None where no flight has a position."""
    tracks = [(n, segments(f.track)) for n, f in flights]
    if not any(parts for _, parts in tracks):
        return None
    named = [airfields.get(a) for a in dict.fromkeys(airports) if a in airfields]
    fields = [field for field in named if field is not None]
    lat = np.concatenate([s.lat_deg for _, parts in tracks for s in parts] + [np.array([f.lat_deg]) for f in fields])
    lon = np.concatenate([s.lon_deg for _, parts in tracks for s in parts] + [np.array([f.lon_deg]) for f in fields])
    view = fit_view(lat, lon, aspect=WIDTH / HEIGHT)
    sheet = _Sheet(view)
    base = base_of(view)
    lines = tuple(
        LegLine(
            n,
            "".join(sheet.line(s.lat_deg, s.lon_deg) for s in parts if s.kind == "received"),
            "".join(sheet.line(s.lat_deg, s.lon_deg) for s in parts if s.kind == "gap"),
        )
        for n, parts in tracks
    )
    sheet.drawn = shapely.MultiLineString(
        [sheet.xy(s.lat_deg, s.lon_deg) for _, p in tracks for s in p if len(s.lat_deg) > 1]
    )
    dots = _dots(fields, sheet, lang)
    scale_km, scale_width = _scale(view)
    return RouteMap(
        land=sheet.shapes([c.shape for c in base.countries]),
        lakes=sheet.shapes(list(base.lakes)),
        coast=sheet.shapes([base.coast]),
        borders=sheet.shapes([base.borders]),
        countries=_country_labels(base, sheet, lang),
        circles=_circles(places, sheet, lang),
        lines=lines,
        dots=dots,
        scale_km=scale_km,
        scale_width=scale_width,
    )


class _Sheet:
    """Plane metres → SVG units, and the boxes that labels already take."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.scale = WIDTH / view.width_m
        self.taken: list[tuple[float, float, float, float]] = []
        self.drawn: BaseGeometry = shapely.MultiLineString()

    def xy(self, lat_deg: object, lon_deg: object) -> Floats:
        x, y = self.view.project(lat_deg, lon_deg)
        return self._flip(np.column_stack([np.atleast_1d(x), np.atleast_1d(y)]))

    def _flip(self, plane: Floats) -> Floats:
        return np.column_stack(
            [(plane[:, 0] - self.view.x_min_m) * self.scale, (self.view.y_max_m - plane[:, 1]) * self.scale]
        )

    def line(self, lat_deg: Floats, lon_deg: Floats) -> str:
        """Path data of a line; nothing for a single point."""
        if len(lat_deg) < 2:
            return ""
        points = self.xy(lat_deg, lon_deg)
        points = points[np.isfinite(points).all(axis=1)]
        return _path(shapely.LineString(points).simplify(THIN)) if len(points) > 1 else ""

    def shapes(self, plane: Sequence[BaseGeometry]) -> str:
        """Path data of shapes in the plane, clipped to the sheet and thinned."""
        found = []
        for shape in plane:
            drawn = shapely.clip_by_rect(shapely.transform(shape, self._flip), -5, -5, WIDTH + 5, HEIGHT + 5)
            found += [_path(part) for part in shapely.get_parts(drawn.simplify(THIN)) if not part.is_empty]
        return "".join(found)

    def free(self, box: tuple[float, float, float, float]) -> bool:
        x0, y0, x1, y1 = box
        inside = x0 >= 4 and y0 >= 4 and x1 <= WIDTH - 4 and y1 <= HEIGHT - 4
        return inside and all(x1 < a or x0 > c or y1 < b or y0 > d for a, b, c, d in self.taken)


def _path(shape: BaseGeometry) -> str:
    if isinstance(shape, shapely.Polygon):
        if shape.area < 1.5:
            return ""
        return "".join(_ring(shapely.get_coordinates(r)) + "Z" for r in (shape.exterior, *shape.interiors))
    if shape.geom_type == "LineString":
        return _ring(shapely.get_coordinates(shape))
    return "".join(_path(part) for part in getattr(shape, "geoms", ()))


def _ring(points: Floats) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())


def _dots(fields: Sequence[Airfield], sheet: _Sheet, lang: Language) -> tuple[Dot, ...]:
    points = [sheet.xy(f.lat_deg, f.lon_deg)[0].tolist() for f in fields]
    sheet.taken += [(x - 8, y - 8, x + 8, y + 8) for x, y in points]
    dots = []
    for field, (x, y) in zip(fields, points, strict=True):
        text = f"{field_name(field, lang)} ({field.airport})"
        dots.append(Dot(round(x, 1), round(y, 1), _placed(text, x, y, sheet)))
    return tuple(dots)


def _placed(text: str, x: float, y: float, sheet: _Sheet) -> Label | None:
    """A place beside the dot where the label hides nothing that is labelled already; None where there is none."""
    width = LETTER * len(text)
    tries = (
        (x + 11, y + 4, "start"),
        (x - 11, y + 4, "end"),
        (x, y - 13, "middle"),
        (x, y + 22, "middle"),
        (x + 11, y - 14, "start"),
        (x - 11, y + 24, "end"),
    )
    for at_x, at_y, anchor in tries:
        left = at_x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        box = (left, at_y - 12, left + width, at_y + 4)
        others = [t for t in sheet.taken if t != (x - 8, y - 8, x + 8, y + 8)]
        if sheet.free(box) or (box[0] >= 4 and all(not _overlap(box, t) for t in others) and box[2] <= WIDTH - 4):
            sheet.taken.append(box)
            return Label(round(at_x, 1), round(at_y, 1), text, anchor)
    return None


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return not (a[2] < b[0] or a[0] > b[2] or a[3] < b[1] or a[1] > b[3])


def _country_labels(base: Base, sheet: _Sheet, lang: Language) -> tuple[Label, ...]:
    """Names of countries near their label points, moved a little where a track or another label is in the way."""
    labels = []
    for country in sorted(base.countries, key=lambda c: (c.rank, c.name_en)):
        too_small = country.shape.area * sheet.scale**2 < SMALLEST_NAMED
        if (
            country.label_lat_lon is None
            or country.rank > LAST_RANK
            or too_small
            or len(country.name_en) > LONGEST_NAME
        ):
            continue
        x, y = sheet.xy(*country.label_lat_lon)[0].tolist()
        name = country_name(country.name_en, country.name_ar, lang)
        text = name if lang == "ar" else name.upper()
        half = LETTER * 1.15 * len(text) / 2
        tries = [(x + dx, y + dy) for dy in LABEL_SHIFTS_Y for dx in LABEL_SHIFTS_X] if math.isfinite(x + y) else []
        for at_x, at_y in sorted(tries, key=lambda at: math.hypot(at[0] - x, at[1] - y)):
            box = (at_x - half, at_y - 10, at_x + half, at_y + 4)
            if sheet.free(box) and not shapely.intersects(sheet.drawn, shapely.box(*box)):
                sheet.taken.append(box)
                labels.append(Label(round(at_x, 1), round(at_y, 1), text, "middle"))
                break
    return tuple(labels)


def _circles(places: Sequence[Place], sheet: _Sheet, lang: Language) -> tuple[tuple[str, Label], ...]:
    found = []
    for place in places:
        if place.centre is None or place.radius_km is None:
            continue
        ring = circle(*place.centre, place.radius_km)
        points = sheet.xy(ring[:, 0], ring[:, 1])
        bottom = points[points[:, 1].argmax()]
        text = f"{place.radius_km:g} {Words(lang).km}"
        label = Label(round(float(bottom[0]), 1), round(float(bottom[1]) + 12, 1), text, "middle", place.title[lang])
        half = LETTER * len(text) / 2
        sheet.taken.append((label.x - half, label.y - 12, label.x + half, label.y + 4))
        found.append((_ring(points) + "Z", label))
    return tuple(found)


def _scale(view: View) -> tuple[int, float]:
    km_per_unit = view.ground_km_per_m() * view.width_m / WIDTH
    km = next((step for step in SCALE_STEPS_KM if step / km_per_unit <= WIDTH / 5), SCALE_STEPS_KM[-1])
    return km, round(km / km_per_unit, 1)
