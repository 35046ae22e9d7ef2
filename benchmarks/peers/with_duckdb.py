"""DuckDB, by hand: one query with a bounding-box filter; then the tracks of the aircraft that met both boxes.

python with_duckdb.py OUT.csv FILE...   (all CSV, all CSV.gz or all Parquet)
"""

from __future__ import annotations

import sys

import duckdb
from by_hand import COLUMNS, NORTH, SOUTH, legs, write


def main(out: str, paths: list[str]) -> None:
    con = duckdb.connect()
    if paths[0].endswith(".parquet"):
        rows = con.read_parquet(paths)
    else:
        rows = con.read_csv(paths, dtype={"icao24": "VARCHAR", "callsign": "VARCHAR", "squawk": "VARCHAR"})  # noqa: F841
    south, north = (
        f"(lat BETWEEN {box[0]} AND {box[1]} AND lon BETWEEN {box[2]} AND {box[3]})" for box in (SOUTH, NORTH)
    )
    found = con.sql(
        f"""
        WITH inside AS MATERIALIZED (SELECT {", ".join(COLUMNS)} FROM rows WHERE {south} OR {north})
        SELECT * FROM inside
        WHERE icao24 IN (SELECT icao24 FROM inside GROUP BY icao24 HAVING bool_or({south}) AND bool_or({north}))
        """
    )
    write(legs(found.df()), out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
