"""Polars, by hand: lazy scan, streaming, a bounding-box filter; then the tracks of the aircraft that met both boxes.

python with_polars.py OUT.csv FILE...   (all CSV, all CSV.gz or all Parquet)
"""

from __future__ import annotations

import sys

import polars as pl
from by_hand import COLUMNS, NORTH, SOUTH, in_box, legs, write


def main(out: str, paths: list[str]) -> None:
    if paths[0].endswith(".parquet"):
        scan = pl.scan_parquet(paths)
    else:
        scan = pl.scan_csv(paths, schema_overrides={"icao24": pl.String, "callsign": pl.String, "squawk": pl.String})
    south, north = (in_box(pl.col("lat"), pl.col("lon"), box) for box in (SOUTH, NORTH))
    inside = scan.select(COLUMNS).filter(south | north)  # type: ignore[operator]
    rows = inside.collect(engine="streaming")
    both = rows.group_by("icao24").agg(south.any().alias("south"), north.any().alias("north"))  # type: ignore[attr-defined]
    wanted = both.filter(pl.col("south") & pl.col("north")).select("icao24")
    write(legs(rows.join(wanted, on="icao24", how="semi").to_pandas()), out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
