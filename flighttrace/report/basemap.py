"""Land, water and borders of a map window, from the Natural Earth files that ship with the package.

Inside the region of the first case the coast is at 1:10m, elsewhere at 1:50m (`flighttrace/data/naturalearth`).
Everything is returned as shapely shapes in the plane of the window, so that labels can be placed by them.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

import numpy as np
import orjson
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path as MplPath
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from flighttrace.report.projection import View

Scale = Literal["1:10m", "1:50m"]
REGION: Final = (10.0, 10.0, 75.0, 55.0)
"""West, south, east, north of `region.geojson.gz`, degrees; see SOURCE.md beside it."""
LONGEST_EDGE_DEG: Final = 1.0
"""Longer edges of a shape are divided before projecting: a straight border on the globe is a curve on paper."""
EARTH_RADIUS_M: Final = 6_371_000.0
FAR_SIDE_DEG: Final = 4.0
"""Half the side of the hole cut round the antipode of an azimuthal map, where a shape would turn inside out."""

WATER, LAND, LAND_OF_ENDS, BORDER, COAST = "#d5e4ec", "#f4f1e9", "#e9e1cb", "#a59d8a", "#8aa3b0"


@dataclass(frozen=True)
class Country:
    """One country as seen in a window: names, rank for labelling (1 first), shape in metres of the plane."""

    name_en: str
    name_ar: str
    rank: int
    label_lat_lon: tuple[float, float] | None
    shape: BaseGeometry


@dataclass(frozen=True)
class Base:
    """What a window shows of the world."""

    scale: Scale
    countries: tuple[Country, ...]
    lakes: tuple[BaseGeometry, ...]
    borders: BaseGeometry
    coast: BaseGeometry


@lru_cache(maxsize=2)
def _features(file: str) -> tuple[tuple[dict[str, Any], BaseGeometry], ...]:
    data = (files("flighttrace") / "data" / "naturalearth" / file).read_bytes()
    collection = orjson.loads(gzip.decompress(data))
    return tuple((f["properties"], shape_of(f["geometry"])) for f in collection["features"])


def scale_of(view: View) -> Scale:
    """The scale of Natural Earth that a window is drawn from."""
    box = _box(view)
    if box is None or box[0] < REGION[0] or box[1] < REGION[1] or box[2] > REGION[2] or box[3] > REGION[3]:
        return "1:50m"
    return "1:10m"


def base_of(view: View) -> Base:
    """The countries, borders, coast and lakes of a window, projected; the finer scale where it covers the window."""
    box = _box(view)
    scale = scale_of(view)
    features = _features("region.geojson.gz" if scale == "1:10m" else "world.geojson.gz")
    layers: dict[str, list[tuple[dict[str, Any], BaseGeometry]]] = {}
    for properties, shape in features:
        seen = _projected(shape, view, box)
        if not seen.is_empty:
            layers.setdefault(properties["layer"], []).append((properties, seen))
    return Base(
        scale=scale,
        countries=tuple(_country(p, s) for p, s in layers.get("country", [])),
        lakes=tuple(s for _, s in layers.get("lake", [])),
        borders=shapely.union_all([s for _, s in layers.get("border", [])]),
        coast=shapely.union_all([s for _, s in layers.get("coast", [])]),
    )


def _country(properties: dict[str, Any], shape: BaseGeometry) -> Country:
    label = properties["label"]
    return Country(
        properties["name_en"],
        properties["name_ar"],
        int(properties["rank"]),
        (label[1], label[0]) if label else None,
        shape,
    )


def _box(view: View) -> tuple[float, float, float, float] | None:
    """The window's longitudes and latitudes where that is a box: not over the 180th meridian, not on a hemisphere."""
    if not view.conic and max(view.width_m, view.height_m) > 0.3 * EARTH_RADIUS_M:
        return None
    west, south, east, north = view.lon_lat_box
    if not np.isfinite([west, south, east, north]).all() or east - west > 170 or abs(south) > 85 or abs(north) > 85:
        return None
    return west, south, east, north


def _projected(shape: BaseGeometry, view: View, box: tuple[float, float, float, float] | None) -> BaseGeometry:
    if box is not None:
        shape = shapely.clip_by_rect(shape, *box)
        if shape.is_empty:
            return shape
    elif shape.geom_type.endswith("Polygon"):
        lat, lon = view.unproject(0.0, 0.0)
        far_lat, far_lon = -float(lat), (float(lon) + 360.0) % 360.0 - 180.0
        hole = shapely.box(
            far_lon - FAR_SIDE_DEG, far_lat - FAR_SIDE_DEG, far_lon + FAR_SIDE_DEG, far_lat + FAR_SIDE_DEG
        )
        shape = shapely.difference(shape, hole)
    shape = shapely.segmentize(shape, LONGEST_EDGE_DEG)
    seen = shapely.transform(shape, lambda lon_lat: np.column_stack(view.project(lon_lat[:, 1], lon_lat[:, 0])))
    return _in_window(seen, view)


def _in_window(shape: BaseGeometry, view: View) -> BaseGeometry:
    """The parts of a projected shape that reach into the window, made valid: far parts may fold over themselves."""
    parts = shapely.get_parts(shape)
    west, south, east, north = shapely.bounds(parts).T
    near = (west <= view.x_max_m) & (east >= view.x_min_m) & (south <= view.y_max_m) & (north >= view.y_min_m)
    kept = parts[near]
    if not shape.geom_type.endswith("Polygon"):
        return shapely.MultiLineString([p for p in kept if p.geom_type == "LineString"])
    whole = [p if p.is_valid else shapely.make_valid(p) for p in kept]
    return shapely.MultiPolygon([q for p in whole for q in shapely.get_parts(p) if q.geom_type == "Polygon"])


def path_of(shapes: Sequence[BaseGeometry]) -> MplPath:
    """One matplotlib path over all rings or lines of the shapes; holes run the other way round and stay open."""
    vertices: list[np.ndarray] = [np.empty((0, 2))]
    codes: list[np.ndarray] = [np.empty(0, dtype=np.uint8)]
    for part in (p for shape in shapes for p in shapely.get_parts(shape)):
        if part.geom_type == "Polygon":
            part = shapely.geometry.polygon.orient(part)
            rings = [part.exterior, *part.interiors]
        elif part.geom_type == "LineString":
            rings = [part]
        else:
            continue
        for ring in rings:
            xy = shapely.get_coordinates(ring)
            if len(xy) < 2 or not np.isfinite(xy).all():
                continue
            code = np.full(len(xy), MplPath.LINETO, dtype=np.uint8)
            code[0] = MplPath.MOVETO
            if part.geom_type == "Polygon":
                code[-1] = MplPath.CLOSEPOLY
            vertices.append(xy)
            codes.append(code)
    return MplPath(np.concatenate(vertices), np.concatenate(codes))


def draw_base(axes: Axes, view: View, base: Base, *, highlighted: frozenset[str] = frozenset()) -> None:
    """Paint the world into the axes; countries named in `highlighted` (English names) in a deeper tone."""
    axes.set_xlim(view.x_min_m, view.x_max_m)
    axes.set_ylim(view.y_min_m, view.y_max_m)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(WATER)
    if not view.conic and max(view.width_m, view.height_m) > 2 * EARTH_RADIUS_M:
        axes.set_facecolor("white")
        axes.add_artist(Circle((0, 0), 2 * EARTH_RADIUS_M, facecolor=WATER, edgecolor="none", zorder=0))
    for country in base.countries:
        colour = LAND_OF_ENDS if country.name_en in highlighted else LAND
        # The edge in the same colour closes the hairlines between neighbours.
        axes.add_artist(
            PathPatch(path_of([country.shape]), facecolor=colour, edgecolor=colour, linewidth=0.3, zorder=1)
        )
    lake = path_of(list(base.lakes))
    axes.add_artist(PathPatch(lake, facecolor=WATER, edgecolor=COAST, linewidth=0.5, zorder=2))
    axes.add_artist(PathPatch(path_of([base.coast]), facecolor="none", edgecolor=COAST, linewidth=0.7, zorder=3))
    axes.add_artist(PathPatch(path_of([base.borders]), facecolor="none", edgecolor=BORDER, linewidth=0.8, zorder=3))
    for spine in axes.spines.values():
        spine.set_edgecolor("#8c8c8c")
        spine.set_linewidth(0.8)
        spine.set_zorder(50)
