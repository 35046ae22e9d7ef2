"""adsb.lol's daily release: a tar of `traces/xx/trace_full_<hex>.json`, gzipped, points of 14 entries.

Each file says `"simulated": true`. Positions come about every STEP_S seconds at odd moments; a quarter of the points
has the object of details. The base time is midnight UTC.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from isal import igzip

from generator.airports import Array
from generator.fleet import Flights
from generator.heard import STEP_S, _cell
from generator.paths import states_at

DETAILS_SHARE: Final = 0.25
AIRCRAFT_A_BLOCK: Final = 250
GZIP_LEVEL: Final = 1
STALE, NEW_LEG = 1, 2
TYPES: Final = ("B738", "A320", "A321", "B77W", "A333", "E190", "B744", "IL76", "A20N", "B789")


def _points(flights: Flights, rows: Array, cells: Array, begin_s: float, end_s: float, seed: int) -> pl.DataFrame:
    """Points of these flights on this day, by flight and time."""
    first, last = np.maximum(flights.first_s[rows], begin_s), np.minimum(flights.last_s[rows], end_s)
    counts = np.maximum(np.floor((last - first) / STEP_S), 0).astype(np.int64)
    flight = np.repeat(rows, counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rng = np.random.default_rng([seed, 401, int(begin_s), int(rows[0])])
    draw = rng.random((2, len(flight)), dtype=np.float32)
    time_s = np.repeat(first, counts) + (step + 0.9 * draw[0]) * STEP_S
    states = states_at(flights.paths, flight, time_s)
    kept = cells[_cell(states.lat_deg, 90, 179), _cell(states.lon_deg, 180, 359)]
    feet = np.round(states.altitude_ft / 25).astype(np.int64) * 25
    return pl.DataFrame(
        {
            "flight": flight,
            "offset": np.round(time_s - begin_s, 2),
            "lat": np.round(states.lat_deg, 6),
            "lon": np.round(states.lon_deg, 6),
            "feet": feet,
            "ground": states.on_ground,
            "knots": np.round(states.speed_kt, 1),
            "track": np.round(states.track_deg, 1),
            "flags": np.where(step == 0, STALE | NEW_LEG, 0),
            "rate": np.round(states.rate_ft_min / 64).astype(np.int64) * 64,
            "geometric": np.round(feet * 1.018 / 25).astype(np.int64) * 25,
            "told": draw[1] < DETAILS_SHARE,
            "kept": kept,
        }
    ).filter(pl.col("kept"))


_DETAILS: Final = pl.format(
    '{{"type":"adsb_icao","flight":"{}","squawk":"{}","category":"A3","nic":8,"rc":186,"nac_p":9,"sil":3,'
    '"sil_type":"perhour","version":2,"alt_geom":{},"track":{},"baro_rate":{}}}',
    "callsign", "squawk", "geometric", "track", "rate",
)  # fmt: skip


def _texts(points: pl.DataFrame, flights: Flights) -> pl.DataFrame:
    """The points as JSON text, joined a flight: columns flight, text."""
    number = pl.Series(points["flight"].cast(pl.UInt32))
    points = points.with_columns(
        pl.Series("callsign", np.char.ljust(flights.callsign, 8).astype(str)).gather(number),
        pl.Series("squawk", flights.squawk.astype(str)).gather(number),
    )
    null, air = pl.lit("null"), ~pl.col("ground")

    def in_air(value: pl.Expr) -> pl.Expr:
        return pl.when(air).then(value.cast(pl.String)).otherwise(null)

    altitude = pl.when(air).then(pl.col("feet").cast(pl.String)).otherwise(pl.lit('"ground"'))
    details = pl.when("told").then(_DETAILS).otherwise(null)
    text = pl.format(
        '[{},{},{},{},{},{},{},{},{},"adsb_icao",{},{},{},{}]',
        "offset", "lat", "lon", altitude, "knots", "track", "flags", in_air(pl.col("rate")), details,
        in_air(pl.col("geometric")), in_air(pl.col("rate")), in_air((pl.col("knots") * 0.62).round(0).cast(pl.Int64)),
        in_air(((pl.col("track") * 7.3) % 3.0 - 1.5).round(1)),
    )  # fmt: skip
    return (
        points.select("flight", text.alias("text"))
        .group_by("flight", maintain_order=True)
        .agg(pl.col("text").str.join(",\n"), pl.len().alias("points"))
    )


def trace_files(
    flights: Flights, cells: Array, begin_s: float, end_s: float, *, seed: int
) -> Iterator[tuple[str, bytes, int]]:
    """(member name, gzipped JSON, points) of every aircraft heard on the day, in the order of the folders 00 to ff."""
    seen = np.flatnonzero(~flights.no_position & (flights.first_s < end_s) & (flights.last_s > begin_s))
    folder = np.array([name[-2:] for name in flights.icao24[seen]])
    seen = seen[np.lexsort((flights.paths.begins_s[seen, 0], flights.icao24[seen], folder))]
    starts = np.flatnonzero(np.r_[True, flights.icao24[seen][1:] != flights.icao24[seen][:-1]])
    for low in range(0, len(starts), AIRCRAFT_A_BLOCK):
        high = starts[low + AIRCRAFT_A_BLOCK] if low + AIRCRAFT_A_BLOCK < len(starts) else len(seen)
        texts = _texts(_points(flights, seen[starts[low] : high], cells, begin_s, end_s, seed), flights)
        texts = texts.with_columns(pl.Series("icao24", flights.icao24.astype(str)).gather(texts["flight"]))
        for icao24, text, count in (
            texts.group_by("icao24", maintain_order=True)
            .agg(pl.col("text").str.join(",\n"), pl.col("points").sum())
            .iter_rows()
        ):
            name = f"traces/{icao24[-2:]}/trace_full_{icao24}.json"
            yield name, igzip.compress(_document(icao24, text, begin_s), GZIP_LEVEL, mtime=0), count


def _document(icao24: str, text: str, begin_s: float) -> bytes:
    kind = TYPES[int(icao24, 16) % len(TYPES)]
    head = (
        f'{{"icao":"{icao24}","simulated":true,"r":"SIM-{icao24.upper()}","t":"{kind}","desc":"SIMULATED",'
        f'"dbFlags":0,"timestamp":{begin_s:.3f},"trace":['
    )
    return (head + text + "]}\n").encode()


class TarWriter:
    """A plain tar, dated 1970; `close` cuts it into `.aa`, `.ab` … of `part_bytes` where that is given."""

    def __init__(self, path: Path, part_bytes: int | None = None) -> None:
        self._path, self._part_bytes = path, part_bytes
        self._tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115 (closed by `close`)
        self._folders: set[str] = set()

    def add(self, name: str, data: bytes) -> None:
        folder = name.rpartition("/")[0]
        if folder not in self._folders:
            self._folders.add(folder)
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            self._tar.addfile(entry)
        info = tarfile.TarInfo(name)
        info.size = len(data)
        self._tar.addfile(info, io.BytesIO(data))

    def close(self) -> list[Path]:
        self._tar.close()
        if self._part_bytes is None:
            return [self._path]
        parts: list[Path] = []
        with self._path.open("rb") as whole:
            while block := whole.read(self._part_bytes):
                n = len(parts)
                part = self._path.with_name(f"{self._path.name}.{chr(97 + n // 26)}{chr(97 + n % 26)}")
                part.write_bytes(block)
                parts.append(part)
        self._path.unlink()
        return parts
