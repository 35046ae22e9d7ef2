"""Floors: the least that a job on these files can cost, and two yardsticks. Each is a process of its own.

python benchmarks/floors.py scan-pyarrow FILE.parquet...     lat and lon of our positions, summed
python benchmarks/floors.py scan-duckdb FILE.parquet...      the same by DuckDB
python benchmarks/floors.py scan-polars FILE.parquet...      the same by Polars
python benchmarks/floors.py igzip FILE.gz                    decompressed by ISA-L, CRC checked, thrown away
python benchmarks/floors.py imports                          ibis and pandas imported, one trivial query on DuckDB
python benchmarks/floors.py polars-to-parquet OUT.parquet FILE...   CSV or CSV.gz made into Parquet (zstd)
python benchmarks/floors.py traces-to-parquet OUT.parquet FILE.tar    readsb traces made into sorted Parquet (zstd)
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


def traces_to_parquet(out: str, path: str) -> None:
    """A tar of gzipped traces by isal, orjson, numpy and pyarrow: ten columns, sorted by address and time, nothing
    checked, counted or hashed, all of it in memory."""
    import tarfile

    import numpy as np
    import orjson
    import pyarrow as pa
    import pyarrow.parquet as pq
    from isal import igzip as gz

    at = (1, 2, 4, 5, 7, 10, 12)
    pieces = []
    with tarfile.open(path, "r|") as tar:
        for member in tar:
            file = tar.extractfile(member) if "/trace_full_" in member.name else None
            if file is None:
                continue
            held = orjson.loads(gz.decompress(file.read()))
            points = held["trace"]
            time_ms = (held["timestamp"] + np.array([p[0] for p in points])) * 1000
            ground = np.array([p[3] == "ground" for p in points])
            altitude = np.array([None if p[3] == "ground" else p[3] for p in points], dtype=np.float64)
            columns = [np.array([p[i] for p in points], dtype=np.float64) for i in at]
            pieces.append((held["icao"], time_ms.astype(np.int64), altitude, ground, *columns))
    pieces.sort(key=lambda one: one[0])
    names = ("time", "altitude", "ground", "lat", "lon", "speed", "track", "rate", "geo", "ias")
    parts = [np.concatenate(one) for one in list(zip(*pieces, strict=True))[1:]]
    of = np.repeat(np.arange(len(pieces)), [len(one[1]) for one in pieces])
    order = np.lexsort((parts[0], of))
    key = pa.DictionaryArray.from_arrays(of[order].astype(np.int32), [one[0] for one in pieces])
    table = pa.table({"key": key, **{name: part[order] for name, part in zip(names, parts, strict=True)}})
    pq.write_table(table, out, compression="zstd")


FLOORS = {
    "scan-pyarrow": scan_pyarrow,
    "scan-duckdb": scan_duckdb,
    "scan-polars": scan_polars,
    "igzip": igzip,
    "imports": imports,
    "polars-to-parquet": polars_to_parquet,
    "traces-to-parquet": traces_to_parquet,
}

if __name__ == "__main__":
    FLOORS[sys.argv[1]](*sys.argv[2:])
