"""pandas, by hand: the file in chunks, a bounding-box pre-filter, then the tracks of the aircraft that met both boxes.

python with_pandas.py OUT.csv FILE...   (CSV or CSV.gz in chunks; Parquet by row group)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pandas as pd
import pyarrow.parquet as pq
from by_hand import COLUMNS, NORTH, SOUTH, in_box, legs, write

CHUNK_ROWS = 1_000_000


def chunks(path: str) -> Iterator[pd.DataFrame]:
    if path.endswith(".parquet"):
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=COLUMNS).to_pandas()
    else:
        with pd.read_csv(path, usecols=COLUMNS, dtype={"icao24": str}, chunksize=CHUNK_ROWS) as reader:
            yield from reader


def main(out: str, paths: list[str]) -> None:
    kept = []
    for path in paths:
        for chunk in chunks(path):
            inside = in_box(chunk["lat"], chunk["lon"], SOUTH) | in_box(chunk["lat"], chunk["lon"], NORTH)
            kept.append(chunk[inside])
    rows = pd.concat(kept, ignore_index=True)
    south = set(rows.loc[in_box(rows["lat"], rows["lon"], SOUTH), "icao24"])
    north = set(rows.loc[in_box(rows["lat"], rows["lon"], NORTH), "icao24"])
    write(legs(rows[rows["icao24"].isin(south & north)]), out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
