"""OpenSky's state vectors: CSV, CSV.gz and Parquet files of an hour or a day, sorted by time.

The header is that of OpenSky's state-vector files, with a last column `simulated`. Numbers have the decimals of the
published files: latitudes on the grid of the position encoding, heights in steps of 25 ft as metres, vertical rates in
steps of 64 ft/min as m/s, speed and heading as full doubles, call signs padded to eight.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from isal import isal_zlib

from generator.airports import Array
from generator.fleet import Flights
from generator.heard import Rows

COLUMNS: Final = [
    "time",
    "icao24",
    "lat",
    "lon",
    "velocity",
    "heading",
    "vertrate",
    "callsign",
    "onground",
    "alert",
    "spi",
    "squawk",
    "baroaltitude",
    "geoaltitude",
    "lastposupdate",
    "lastcontact",
    "simulated",
]
LAT_STEP_DEG: Final = 6 / 2**17
LON_STEP_DEG: Final = 360 / 59 / 2**17
"""Compact position reporting: a latitude zone of 6 degrees, a longitude zone of 360/59, in 2**17 steps each."""
M_PER_25_FT: Final = 7.62
M_S_PER_64_FT_MIN: Final = 0.32512
M_S_PER_KT: Final = 1852 / 3600
GEOMETRIC_OVER_BAROMETRIC: Final = 1.018
"""A warm day: geometric height stands above pressure altitude."""
GZIP_LEVEL: Final = 1
GZIP_HEADER: Final = 31
"""zlib's number for a gzip wrapper with the largest window; the wrapper has time 0 and no name."""


def table_of(flights: Flights, rows: Rows) -> pl.DataFrame:
    """The rows as OpenSky's columns with natural types; missing values are null."""
    states, flight = rows.states, pl.Series(rows.flight.astype(np.uint32))
    where, air = rows.has_position, ~states.on_ground
    steps = np.round(states.altitude_ft / 25)
    rate = np.round(states.rate_ft_min / 64)

    def text(values: Array) -> pl.Series:
        return pl.Series(values.astype(str)).gather(flight)

    def known(values: Array, mask: Array) -> pl.Series:
        return pl.Series(np.where(mask, values, np.nan)).fill_nan(None)

    no, yes = np.zeros(len(rows), dtype=bool), np.ones(len(rows), dtype=bool)
    return pl.DataFrame(
        {
            "time": rows.time_s.astype(np.int64),
            "icao24": text(flights.icao24),
            "lat": known(np.round(states.lat_deg / LAT_STEP_DEG) * LAT_STEP_DEG, where),
            "lon": known(np.round(states.lon_deg / LON_STEP_DEG) * LON_STEP_DEG, where),
            "velocity": known(states.speed_kt * M_S_PER_KT, where),
            "heading": known(states.track_deg, where),
            "vertrate": known(np.round(rate * M_S_PER_64_FT_MIN, 5), where & air),
            "callsign": text(np.char.ljust(flights.callsign, 8)),
            "onground": states.on_ground,
            "alert": no,
            "spi": no,
            "squawk": text(flights.squawk),
            "baroaltitude": known(np.round(steps * M_PER_25_FT, 2), air),
            "geoaltitude": known(np.round(np.round(steps * GEOMETRIC_OVER_BAROMETRIC) * M_PER_25_FT, 2), where & air),
            "lastposupdate": known(rows.position_s, where),
            "lastcontact": rows.contact_s,
            "simulated": yes,
        }
    )


_WORDS: Final = [
    pl.when(pl.col(name)).then(pl.lit("True")).otherwise(pl.lit("False")).alias(name)
    for name in ("onground", "alert", "spi", "simulated")
]
"""OpenSky writes Python's True and False."""


class Writer(Protocol):
    """Takes tables in order; `close` ends the file."""

    def write(self, table: pl.DataFrame, text: bytes) -> None: ...
    def close(self) -> None: ...


def text_of(table: pl.DataFrame) -> bytes:
    """The rows as CSV lines without a header."""
    stream = io.BytesIO()
    table.with_columns(_WORDS).write_csv(stream, include_header=False, quote_style="never")
    return stream.getvalue()


class PlainWriter:
    """CSV."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._put(",".join(COLUMNS).encode() + b"\n")

    def _put(self, data: bytes) -> None:
        self._file.write(data)

    def write(self, table: pl.DataFrame, text: bytes) -> None:
        self._put(text)

    def close(self) -> None:
        self._file.close()


class GzipWriter(PlainWriter):
    """CSV in one gzip member."""

    def __init__(self, path: Path) -> None:
        self._gzip: Any = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, GZIP_HEADER)
        super().__init__(path)

    def _put(self, data: bytes) -> None:
        self._file.write(self._gzip.compress(data))

    def close(self) -> None:
        self._file.write(self._gzip.flush())
        super().close()


class ParquetWriter:
    """Plain Parquet as a user would make it of the CSV: same rows, same order, zstd."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None

    def write(self, table: pl.DataFrame, text: bytes) -> None:
        arrow = table.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, arrow.schema, compression="zstd")
        self._file.write_table(arrow)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


WRITERS: Final[dict[str, Any]] = {"csv": PlainWriter, "csv.gz": GzipWriter, "parquet": ParquetWriter}
