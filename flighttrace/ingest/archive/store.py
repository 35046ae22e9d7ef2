"""Records of one input → its data files in the archive: sorted, each duplicate once, cut by UTC day, with presence.

All files are made in the run's own folder and flushed. `Made.commit` renames them into place, the manifest's file last.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.accounting import Quarantined
from flighttrace.ingest.archive import manifest, presence
from flighttrace.ingest.archive.disk import fsync, put, sha256_of, told
from flighttrace.ingest.archive.manifest import DataFile, Entry
from flighttrace.ingest.archive.positions_table import FILE_ROWS, Naming, bounds_by_key, write_positions, writer_of
from flighttrace.ingest.archive.presence_spool import PresenceSpool
from flighttrace.ingest.archive.rows import Recs, gathered
from flighttrace.ingest.archive.sorting import sorted_once
from flighttrace.positions import LISTED_FLIGHT_DTYPES

_ENTRY: Final = "@"
"""Stands in file names for the entry's name, which is known when all of the input has been read."""
MS_PER_DAY: Final = 86_400_000
PRESENCE_GROUP_ROWS: Final = 131_072
"""Each of a row group's columns has a cost of its own to read, and a dictionary of its own: large groups are quicker,
though more rows outside the places asked about come along."""
MOST_NAMED: Final = 500
"""So many keys that were never believed a file's entry names: a few thousand letters."""
_QUARANTINE: Final = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("reason", pa.string()),
        ("value", pa.string()),
    ]
)


@dataclass
class Made:
    """Data files that are written, whole and flushed, but not yet in the archive: (file made, its entry there)."""

    root: Path
    files: list[tuple[Path, DataFile]] = field(default_factory=list)

    def commit(self, entry: Entry, folder: Path) -> Path:
        """Rename all files into place and then write the manifest's file. Returns the latter."""
        for made, file in self.files:
            put(self.root, made, file.path)
        data = entry.to_json()
        aside = folder / "entry.json"
        with told(self.root, aside):
            aside.write_bytes(data)
            fsync(aside)
        place = f"{manifest.FOLDER}/{manifest.name_of(entry, data)}"
        put(self.root, aside, place)
        return self.root / place


class Store:
    """Takes an input's records range by range, in ascending order of their keys."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.made = Made(root)
        self.positions: list[DataFile] = []
        self.presence: list[DataFile] = []
        self.rows = self.duplicates = 0
        self.first_ms: int | None = None
        self.last_ms: int | None = None
        self.simulated = False
        self._folder = folder
        self._presence = PresenceSpool(folder)

    def add(self, recs: Recs, naming: Naming, check: Callable[[Recs], None] | None = None) -> None:
        """Write one range. `check` sees the sorted records, and raises InputError for a fault of the whole file."""
        recs, again = sorted_once(recs)
        self.duplicates += again
        self.rows += len(recs)
        if not len(recs):
            return
        if check is not None:
            check(recs)
        self.simulated |= bool(recs["simulated"].any())
        self._presence.add(presence.presence_of(recs))
        day = recs["time_ms"] // MS_PER_DAY
        days = np.unique(day)
        for number in days.tolist():
            today = recs if len(days) == 1 else gathered(recs, day == number)
            for start, end in pairwise(bounds_by_key(today["key"], FILE_ROWS)):
                self._write(today[start:end], int(number), naming)

    def _write(self, recs: Recs, day: int, naming: Naming) -> None:
        date = _date(day)
        place = f"positions/date={date}/{_ENTRY}-{len(self.positions):04d}.parquet"
        made = self._folder / f"positions-{len(self.positions):04d}.parquet"
        with told(self.made.root, made):
            write_positions(recs, naming, made)
        file = self._finished(made, place, len(recs), date)
        keys, times = recs["key"], recs["time_ms"]
        file = replace(file, first_key=naming.key(int(keys[0])), last_key=naming.key(int(keys[-1])))
        only_rejected = _only_rejected(recs, naming)
        file = replace(file, first_ms=int(times.min()), last_ms=int(times.max()), only_rejected=only_rejected)
        self.positions.append(file)
        self.made.files.append((made, file))

    def _finished(self, made: Path, place: str, rows: int, date: str = "") -> DataFile:
        with told(self.made.root, made):
            fsync(made)
            size = os.stat(made).st_size
            tail_bytes, tail_sha256 = tail_of(made)
            return DataFile(
                path=place,
                rows=rows,
                size_bytes=size,
                sha256=sha256_of(made),
                date=date,
                tail_bytes=tail_bytes,
                tail_sha256=tail_sha256,
            )

    def finish_presence(self, naming: Naming) -> None:
        """Write the presence of all ranges, one file a day."""
        for number, parts in self._presence.days():
            date = _date(number)
            place, made = f"presence/date={date}/{_ENTRY}.parquet", self._folder / f"presence-{date}.parquet"
            rows = of_head = 0
            with (
                told(self.made.root, made),
                open(made, "xb") as file,
                writer_of(file, presence.SCHEMA, dictionaries=True) as writer,
            ):
                for section, of_section in groupby(parts, key=itemgetter(0)):
                    for groups in _in_pieces(map(itemgetter(1), of_section), PRESENCE_GROUP_ROWS):
                        writer.write_table(presence.table_of(groups, naming.key), row_group_size=PRESENCE_GROUP_ROWS)
                        rows += len(groups)
                        of_head += section < presence.REST
                        self._span(groups)
            done = self._finished(made, place, rows, date)
            with told(self.made.root, made):
                head_bytes, head_sha256 = head_of(made, of_head, done.tail_bytes)
            done = replace(done, head_bytes=head_bytes, head_sha256=head_sha256)
            self.made.files.append((made, done))
            self.presence.append(done)

    def _span(self, groups: presence.Groups) -> None:
        first, last = int(groups["first_ms"].min()), int(groups["last_ms"].max())
        self.first_ms = first if self.first_ms is None else min(self.first_ms, first)
        self.last_ms = last if self.last_ms is None else max(self.last_ms, last)

    def _put_table(self, table: pa.Table, made: Path, place: str, date: str, group_rows: int) -> DataFile:
        with told(self.made.root, made), open(made, "xb") as file, writer_of(file, table.schema) as writer:
            writer.write_table(table, row_group_size=group_rows)
        done = self._finished(made, place, table.num_rows, date)
        self.made.files.append((made, done))
        return done

    def placed(self, entry: Entry) -> Entry:
        """The entry, and all files made, with their names in the archive: they carry the entry's own."""

        def named(file: DataFile) -> DataFile:
            return replace(file, path=file.path.replace(_ENTRY, entry.entry))

        self.made.files = [(made, named(file)) for made, file in self.made.files]
        return replace(
            entry,
            positions=tuple(map(named, entry.positions)),
            presence=tuple(map(named, entry.presence)),
            listed=None if entry.listed is None else named(entry.listed),
            quarantine=None if entry.quarantine is None else named(entry.quarantine),
        )

    def put_listed(self, listed: pd.DataFrame) -> DataFile | None:
        """Write the listed flights (columns of LISTED_FLIGHT_DTYPES without source_id); None where there are none."""
        if not len(listed):
            return None
        names = [name for name in LISTED_FLIGHT_DTYPES if name != "source_id"]
        table = pa.Table.from_pandas(listed[names], preserve_index=False).replace_schema_metadata(None)
        return self._put_table(table, self._folder / "listed.parquet", f"listed/{_ENTRY}.parquet", "", 65_536)

    def put_quarantine(self, quarantined: Sequence[Quarantined], label: str) -> DataFile | None:
        """Write the quarantined records; None where there are none. They bear the label, and so does the file's name:
        the same content under another label has the same entry."""
        if not quarantined:
            return None
        columns = {name: [getattr(q, name) for q in quarantined] for name in _QUARANTINE.names}
        table = pa.table(columns, schema=_QUARANTINE)
        place = f"quarantine/{_ENTRY}-{hashlib.sha256(label.encode()).hexdigest()[:8]}.parquet"
        return self._put_table(table, self._folder / "quarantine.parquet", place, "", 65_536)


def _only_rejected(recs: Recs, naming: Naming) -> tuple[str, ...] | None:
    """The keys of these sorted records of which none is believed; None where they are more than MOST_NAMED."""
    keys = recs["key"]
    start = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    believed = np.logical_or.reduceat(recs["rejected_because"] == 0, start)
    rejected = keys[start][~believed]
    return None if len(rejected) > MOST_NAMED else tuple(sorted({naming.key(int(key)) for key in rejected.tolist()}))


def _in_pieces(parts: Iterable[presence.Groups], rows: int) -> Iterator[presence.Groups]:
    """The same groups in the same order, `rows` at a time: what is written does not tell how it was held."""
    held: list[presence.Groups] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part)
        if count >= rows:
            together = np.concatenate(held)
            whole = count - count % rows
            for begin in range(0, whole, rows):
                yield together[begin : begin + rows]
            held, count = [together[whole:]], count - whole
    if count:
        yield np.concatenate(held)


def tail_of(path: Path) -> tuple[int, str]:
    """(bytes, sha256) of a Parquet file's end: the footer, its length and the closing magic."""
    size = os.stat(path).st_size
    with open(path, "rb") as file:
        file.seek(max(size - 8, 0))
        end = file.read(8)
        length = min(int.from_bytes(end[:4], "little") + 8, size)
        file.seek(size - length)
        return length, hashlib.sha256(file.read(length)).hexdigest()


def head_of(path: Path, row_groups: int, tail_bytes: int) -> tuple[int, str]:
    """(bytes, sha256) of a Parquet file's beginning with its first row groups."""
    metadata = pq.read_metadata(path)
    length = os.stat(path).st_size - tail_bytes
    if row_groups < metadata.num_row_groups:
        after = metadata.row_group(row_groups)
        columns = [after.column(i) for i in range(after.num_columns)]
        length = min(c.dictionary_page_offset if c.has_dictionary_page else c.data_page_offset for c in columns)
    with open(path, "rb") as file:
        return length, hashlib.sha256(file.read(length)).hexdigest()


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")
