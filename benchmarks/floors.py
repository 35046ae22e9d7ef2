"""Floors: the least that a job on these files can cost, and two yardsticks. Each is a process of its own.

python benchmarks/floors.py scan-pyarrow FILE.parquet...     lat and lon of our positions, summed
python benchmarks/floors.py scan-duckdb FILE.parquet...      the same by DuckDB
python benchmarks/floors.py scan-polars FILE.parquet...      the same by Polars
python benchmarks/floors.py igzip FILE.gz                    decompressed by ISA-L, CRC checked, thrown away
python benchmarks/floors.py imports                          ibis and pandas imported, one trivial query on DuckDB
python benchmarks/floors.py polars-to-parquet OUT.parquet FILE...   CSV or CSV.gz made into Parquet (zstd)
"""

from __future__ import annotations

import sys

COLUMNS = ["lat_deg", "lon_deg"]
BLOCK_BYTES = 1 << 20


def scan_pyarrow(*paths: str) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    total = 0.0
    for path in paths:
        for batch in pq.ParquetFile(path).iter_batches(1 << 20, columns=COLUMNS):
            total += sum(pc.sum(column).as_py() or 0.0 for column in batch.columns)
    print(total)


def scan_duckdb(*paths: str) -> None:
    import duckdb

    print(duckdb.read_parquet(list(paths)).aggregate("sum(lat_deg) + sum(lon_deg)").fetchall())


def scan_polars(*paths: str) -> None:
    import polars as pl

    scan = pl.scan_parquet(list(paths), hive_partitioning=False)
    print(scan.select(pl.col("lat_deg").sum() + pl.col("lon_deg").sum()).collect(engine="streaming").item())


def igzip(path: str) -> None:
    from isal import igzip as gz

    length = 0
    with gz.open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            length += len(block)
    print(length)


def imports() -> None:
    import ibis
    import pandas as pd

    con = ibis.duckdb.connect()
    print(con.execute(ibis.memtable(pd.DataFrame({"x": [1, 2]})).x.sum()))


def polars_to_parquet(out: str, *paths: str) -> None:
    """The CSV's own columns and types, in the CSV's own order; `icao24`, `callsign` and `squawk` are text."""
    import polars as pl

    text = {"icao24": pl.String, "callsign": pl.String, "squawk": pl.String}
    pl.scan_csv(list(paths), schema_overrides=text).sink_parquet(out, compression="zstd")


FLOORS = {
    "scan-pyarrow": scan_pyarrow,
    "scan-duckdb": scan_duckdb,
    "scan-polars": scan_polars,
    "igzip": igzip,
    "imports": imports,
    "polars-to-parquet": polars_to_parquet,
}

if __name__ == "__main__":
    FLOORS[sys.argv[1]](*sys.argv[2:])
