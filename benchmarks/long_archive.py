"""A long archive from one ingested day, for the cost of a query against the days held.

Presence is copied whole to every day, dates shifted. Positions are copied only of the aircraft named, the planted
ones: a year of everybody's would take more room than the question is worth. So the sieve works as in a real archive of
that length, and the careful work after it has the planted aircraft alone. Files and manifest entries are made by the
archive's own functions, so that what a query verifies is there. The rows that an entry accounts for are those of the
base day: `archive verify` would rightly find positions missing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.disk import sha256_of
from flighttrace.ingest.archive.manifest import DataFile, Entry
from flighttrace.ingest.archive.positions_table import ROW_GROUP_ROWS, writer_of
from flighttrace.ingest.archive.store import PRESENCE_GROUP_ROWS, tail_of

MS_PER_DAY: Final = 86_400_000
TIMES: Final = ("first_ms", "last_ms", "cut_from_ms", "cut_to_ms")
"""Of a group of presence."""
MARKER: Final = "archive.json"


@dataclass(frozen=True)
class _Base:
    """The one day: its entry, and its tables with columns as they are to be written."""

    entry: Entry
    presence: list[tuple[DataFile, pa.Table]]
    positions: list[tuple[DataFile, pa.Table]]


def day_after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def replicate(base: Path, archive: Path, days: int, keys: Collection[str]) -> int:
    """Make `archive` of `days` days from `base`; returns how many positions of the aircraft `keys` each day has."""
    for folder in ("manifest", "positions", "presence"):
        (archive / folder).mkdir(parents=True, exist_ok=True)
    copied = 0
    for source in _bases(base, pa.array(sorted(keys))):
        copied += sum(t.num_rows for _, t in source.positions)
        for shift in range(days):
            _put_day(source, archive, shift)
    (archive / MARKER).write_bytes((base / MARKER).read_bytes())
    return copied


def first_days(longer: Path, archive: Path, days: int) -> None:
    """Make `archive` of the first days of a longer one, its files as hard links."""
    wanted = sorted(manifest.listed(longer), key=lambda item: item.first_day or date.min)
    chosen = {item.first_day for item in wanted}
    keep = set(sorted(day for day in chosen if day is not None)[:days])
    for item in (item for item in wanted if item.first_day in keep):
        for path in (item.path, *(longer / file.path for file in manifest.load(item.path).files)):
            link = archive / path.relative_to(longer)
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, link)
    (archive / MARKER).write_bytes((longer / MARKER).read_bytes())


def _bases(base: Path, keys: pa.Array) -> Iterator[_Base]:
    for entry in manifest.entries(base):
        presence = [(file, pq.read_table(base / file.path, partitioning=None)) for file in entry.presence]
        if presence:
            yield _Base(entry, presence, [(f, t) for f in entry.positions if (t := _only(base, f, keys)).num_rows])


def _only(base: Path, file: DataFile, keys: pa.Array) -> pa.Table:
    table = pq.read_table(base / file.path, partitioning=None, page_checksum_verification=True)
    return table.filter(pc.is_in(table["track_key"].cast(pa.string()), keys))


def _put_day(source: _Base, archive: Path, shift: int) -> None:
    name = hashlib.sha256(f"{source.entry.entry} {shift}".encode()).hexdigest()
    label = f"{source.entry.label} + {shift} days"
    presence, positions = [], []
    for file, table in source.presence:
        moved = _moved(table, {"hour": 24 * shift, **dict.fromkeys(TIMES, MS_PER_DAY * shift)})
        place = f"presence/date={day_after(file.date, shift)}/{name[:16]}.parquet"
        presence.append(_write(archive, file, moved, place, PRESENCE_GROUP_ROWS, shift))
    for i, (file, table) in enumerate(source.positions):
        time = pc.add(table["time_utc"], pa.scalar(MS_PER_DAY * shift, pa.duration("ms")))
        moved = table.set_column(table.schema.get_field_index("time_utc"), "time_utc", time)
        place = f"positions/date={day_after(file.date, shift)}/{name[:16]}-{i:04d}.parquet"
        written = _write(archive, file, moved, place, ROW_GROUP_ROWS, shift)
        first, last = (str(table["track_key"][row].as_py()) for row in (0, table.num_rows - 1))
        times = pc.min_max(moved["time_utc"].cast(pa.int64()))
        span = {"first_ms": times["min"].as_py(), "last_ms": times["max"].as_py()}
        positions.append(replace(written, first_key=first, last_key=last, **span))
    first_ms, last_ms = (
        None if t is None else t + MS_PER_DAY * shift for t in (source.entry.first_ms, source.entry.last_ms)
    )
    entry = replace(
        source.entry,
        entry=name[:16],
        label=label,
        sha256=hashlib.sha256(label.encode()).hexdigest(),
        content_sha256=hashlib.sha256(label.encode()).hexdigest(),
        presence=tuple(presence),
        positions=tuple(positions),
        first_ms=first_ms,
        last_ms=last_ms,
    )
    data = entry.to_json()
    (archive / manifest.FOLDER / manifest.name_of(entry, data)).write_bytes(data)


def _moved(table: pa.Table, by: dict[str, int]) -> pa.Table:
    for name, amount in by.items():
        at = table.schema.get_field_index(name)
        moved = pc.add(table[name], pa.scalar(amount, table.schema.field(at).type))
        none = pc.equal(table[name], 0) if name.startswith("cut_") else pa.scalar(False)  # a cut at 0 is none
        table = table.set_column(at, name, pc.if_else(none, table[name], moved))
    return table


def _write(archive: Path, file: DataFile, table: pa.Table, place: str, group_rows: int, shift: int) -> DataFile:
    path = archive / place
    path.parent.mkdir(parents=True, exist_ok=True)
    presence = place.startswith("presence/")
    with path.open("xb") as stream, writer_of(stream, table.schema, dictionaries=presence) as writer:
        for start in range(0, table.num_rows, group_rows):
            writer.write_table(_own_words(table.slice(start, group_rows)), row_group_size=group_rows)
    tail_bytes, tail_sha256 = tail_of(path)
    return replace(
        file,
        path=place,
        rows=table.num_rows,
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
        date=day_after(file.date, shift),
        tail_bytes=tail_bytes,
        tail_sha256=tail_sha256,
    )


def _own_words(table: pa.Table) -> pa.Table:
    """Texts coded by the words that occur in these rows alone, as the archive writes them."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            words = table.column(at).cast(pa.string()).combine_chunks()
            table = table.set_column(at, field, words.dictionary_encode())
    return table
