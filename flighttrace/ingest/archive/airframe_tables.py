"""Tables of airframes that an archive holds: address → registration, type, operator, each with its source and day.

`identity/<source>_<day>_<sha256, 12 digits>.parquet`, sorted by address; the sha256 is that of the file it was made
from, whose custody stands in the manifest. What they say is printed beside a leg and held against the case's own
table. It never makes or raises evidence: the rows bear no dates.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flighttrace.errors import DamagedFileError
from flighttrace.ingest.archive.disk import fsync, own_folder, put, told

FOLDER: Final = "identity"
_NAME: Final = re.compile(r"(?P<source>[a-z0-9-]+)_(?P<day>\d{4}-\d\d-\d\d)_(?P<sha>[0-9a-f]{12})\.parquet")
_COLUMNS: Final = ("icao24", "registration", "typecode", "operator")


@dataclass(frozen=True)
class Listed:
    """What one table says of one address; empty where it states nothing."""

    icao24: str
    registration: str
    typecode: str
    operator: str
    source: str
    day: date
    """On which the table was brought: it speaks for no earlier one."""

    @property
    def text(self) -> str:
        """In a line: "4K-AZ100 IL76, by opensky of 2026-11-25"."""
        about = " ".join(part for part in (self.registration, self.typecode) if part) or self.operator
        return f"{about}, by {self.source} of {self.day}"


def put_table(root: Path, source: str, day: date, sha256: str, rows: Iterable[tuple[str, str, str, str]]) -> int:
    """Put a table into the archive, in place of older ones of its source. Returns how many addresses it has.

    Of several rows with one address the first stands.
    """
    once: dict[str, tuple[str, str, str, str]] = {}
    for row in rows:
        once.setdefault(row[0], row)
    ordered = [once[icao24] for icao24 in sorted(once)]
    table = pa.table({name: pa.array([row[i] for row in ordered], pa.string()) for i, name in enumerate(_COLUMNS)})
    name = f"{source}_{day}_{sha256[:12]}.parquet"
    with own_folder(root) as folder:
        aside = folder / name
        with told(root, aside):
            pq.write_table(table, aside, compression="zstd", row_group_size=16_384, write_page_checksum=True)
            fsync(aside)
        put(root, aside, f"{FOLDER}/{name}")
    for older, match in _files(root):
        if match["source"] == source and older.name != name and match["day"] <= str(day):
            with told(root, older):
                older.unlink(missing_ok=True)
    return len(ordered)


def has_table(root: Path, sha256: str) -> bool:
    """Whether the table made from these bytes is there."""
    return any(match["sha"] == sha256[:12] for _, match in _files(root))


def listed_airframes(root: Path, addresses: Collection[str]) -> dict[str, list[Listed]]:
    """Address → what each table says of it, for those of `addresses` that any knows. DamagedFileError names a table
    that cannot be read."""
    found: dict[str, list[Listed]] = {}
    wanted = pa.array(sorted(addresses), pa.string())
    for path, match in _files(root) if len(wanted) else ():
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                table = file.read(columns=list(_COLUMNS))
        except (pa.ArrowException, OSError) as error:
            raise DamagedFileError(
                "cannot be read", file=f"{FOLDER}/{path.name}", accepted="remove it, and fetch airframes again"
            ) from error
        for row in table.filter(pc.is_in(table["icao24"], value_set=wanted)).to_pylist():
            listed = Listed(**row, source=match["source"], day=date.fromisoformat(match["day"]))
            found.setdefault(listed.icao24, []).append(listed)
    return found


def _files(root: Path) -> list[tuple[Path, re.Match[str]]]:
    try:
        names = sorted(os.listdir(root / FOLDER))
    except FileNotFoundError:
        return []
    return [(root / FOLDER / name, match) for name in names if (match := _NAME.fullmatch(name))]
