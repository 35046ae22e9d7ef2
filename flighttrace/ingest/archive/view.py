"""What a run asks an archive: its inputs, its presence, and the rows of some track keys on some days.

Nothing is believed unchecked: presence files are hashed against the manifest before they are asked, and of a positions
file the footer is held against its hash and every page against its checksum.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flighttrace.accounting import Quarantined
from flighttrace.errors import DamagedFileError, FlighttraceError, InputError, LocatedError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.about import check_format
from flighttrace.ingest.archive.checked import check, frame_of, rows_of
from flighttrace.ingest.archive.lacks import failed_inputs, lost_entries
from flighttrace.ingest.archive.manifest import DataFile, Entry, Listed, OwnName
from flighttrace.ingest.archive.members import Member, once
from flighttrace.ingest.archive.origins import origins_of
from flighttrace.ingest.declarations import WITHOUT_EFFECT
from flighttrace.ingest.identity import weakest
from flighttrace.ingest.linking import Links, linked_flights, with_signs
from flighttrace.ingest.together import listed_together, positions_together
from flighttrace.positions import (
    DECLARED,
    LINKED_BY_ID,
    LINKED_BY_NAME,
    NETWORK_UNKNOWN,
    NOT_IN_FILE,
    Heard,
    Ingested,
    Source,
    Times,
)

_QUARTER_MS: Final = 900_000
_DAY_MS: Final = 86_400_000

Stretches = Sequence[tuple[float, float]]
"""Times in ms since 1970 UTC, from and to; infinite where they are open."""


class TooManyRowsError(FlighttraceError):
    """A question needs more rows in memory than it may have."""


@dataclass
class View:
    """Entries to answer from. Days are UTC days, both included; None leaves that side open."""

    root: Path
    members: list[Member]
    failures: list[LocatedError] = field(default_factory=list)
    """What this run could not read."""
    skipped: list[str] = field(default_factory=list)
    standing: list[LocatedError] = field(default_factory=list)
    """What the archive is known to lack: inputs that failed when they were given, and those that are not whole."""
    beyond: int = 0
    """Entries of the archive that hold nothing of the days asked for."""
    damaged: list[tuple[Listed, LocatedError]] = field(default_factory=list)
    """Files of the manifest that cannot be read. A question of their days is refused; for others they are lacking."""
    _keys: dict[str, tuple[str, str]] = field(init=False)
    _signs: dict[str, str] = field(init=False)
    """Track key of a file's own → the call sign that a list gives it."""
    _whole: View | None = None
    """Of a view of some days: that of all, whose marks count for it, too."""

    def __post_init__(self) -> None:
        lists = [(m.label, m.entry.links) for m in self.members]
        links, disagreeing = linked_flights(lists)
        said = {(error.file, str(error)) for error in self.failures}
        self.failures = [*self.failures, *(d for d in disagreeing if (d.file, str(d)) not in said)]
        self._keys, self._signs = {}, {}
        for member in self.members:
            for own in member.entry.own_names:
                found = _address_of(own, member, links)
                if found is not None:
                    self._keys[own.key] = found[:2]
                    if found[2]:
                        self._signs[own.key] = found[2]

    @property
    def aliases(self) -> list[tuple[str, str]]:
        """(track key of a file's own, the address it goes by in this run), sorted."""
        return sorted((key, address) for key, (address, _) in self._keys.items())

    def presence_files(
        self, first: date | None = None, last: date | None = None, *, head_alone: bool = False
    ) -> list[Path]:
        """The presence files of these days in the order of their times, each one's bytes checked against the manifest:
        all, or those of the groups with a reach."""
        self._refuse_damaged(first, last)
        dated = [(f.date, m.entry.first_ms or 0, f) for m in self.members for f in m.entry.presence]
        files = [f for _, _, f in sorted(dated, key=itemgetter(0, 1)) if _on_days(f, first, last)]
        for file in files:
            check(self.root, file, head_alone=head_alone)
        return [self.root / file.path for file in files]

    def on_days(self, first: date | None, last: date | None) -> View:
        """The view of the inputs that hold rows of these days, or no rows at all, and of flight lists."""
        low, high = _span(first, last)
        held = [
            m
            for m in self.members
            if not m.entry.positions
            or m.entry.listed is not None
            or any(low <= file.date <= high for file in m.entry.positions)
        ]
        if len(held) == len(self.members):
            return self
        view = replace(self, members=held, beyond=self.beyond + len(self.members) - len(held), _whole=self)
        view._keys, view._signs = self._keys, self._signs
        return view

    def heard_by(self, first: date | None = None, last: date | None = None) -> set[str]:
        """Whose receivers heard these days: the networks, and for inputs of an unknown one their reader."""
        members = [m for m in self.members if any(_on_days(f, first, last) for f in m.entry.positions)]
        networks = [(m.declared_network or m.entry.network, m.entry.reader) for m in members]
        return {reader if network == NETWORK_UNKNOWN else network for network, reader in networks}

    def rows(self, first: date | None = None, last: date | None = None) -> int:
        """How many rows the days hold."""
        return sum(f.rows for m in self.members for f in m.entry.positions if _on_days(f, first, last))

    def days(self, first: date | None = None, last: date | None = None) -> list[str]:
        """The UTC days of the window that hold rows, as YYYY-MM-DD."""
        return sorted({f.date for m in self.members for f in m.entry.positions if _on_days(f, first, last)})

    def read(
        self,
        keys: Iterable[str] | None = None,
        *,
        first: date | None = None,
        last: date | None = None,
        with_times: bool = False,
        most_rows: int | None = None,
        within: Mapping[str, Stretches] | None = None,
        heard: Mapping[str, Stretches] | None = None,
    ) -> Ingested:
        """The rows of these track keys (of all where None) on these days, with all that is known of the inputs.

        within: track key → the times that matter of it: from files that hold none of them its rows are not read, though
        rows of other times may come along. A key that is not in it is read from all files of these days.
        heard: track key → times outside of which nothing of it is believed: from files of other times its rows are not
        read, unless such a file holds rejected ones or may hold some (`only_rejected`).
        with_times: say when anything at all was heard, whatever its key. most_rows: TooManyRowsError beyond it, before
        they are all in memory. Raises DamagedFileError, naming the file, for bytes that were changed.
        """
        self._refuse_damaged(first, last)
        wanted = None if keys is None else self._with_own_names(keys)
        tables: list[pa.Table] = []
        for member in self.members:
            for table in self._tables(member, wanted, within or {}, heard or {}, first, last):
                tables.append(table)
                if most_rows is not None and sum(map(len, tables)) > most_rows:
                    raise TooManyRowsError(f"this needs more than {most_rows:,} rows in memory")
        identities: dict[str, str] = {}
        pa.default_memory_pool().release_unused()  # what decoding took, before a frame comes on top of it
        frames = [self._named(frame_of(tables), identities)] if tables else []
        tables.clear()  # before the rows are put in order, which takes as much again
        positions = self._simulated_elsewhere(positions_together(frames))
        simulated = set(positions.loc[positions["simulated"], "source_id"].unique())
        return Ingested(
            positions,
            self._all_listed,
            tuple(replace(s, simulated=True) if s.source_id in simulated else s for s in self._sources),
            self._quarantined,
            tuple(sorted(self.failures, key=lambda e: (e.file, e.line or 0, str(e)))),
            dict(sorted(identities.items())),
            tuple(sorted(self.skipped)),
            standing=tuple(self.lacking()),
            times=self._times(first, last) if with_times else None,
            spans={
                m.source_id: Heard(m.entry.first_ms, m.entry.last_ms)
                for m in self.members
                if m.entry.first_ms is not None and m.entry.last_ms is not None
            },
        )

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _refuse_damaged(self, first: date | None, last: date | None) -> None:
        for item, error in self.damaged:
            if item.first_day is not None and item.touches(first, last):
                raise DamagedFileError(
                    f"{error.problem}; it tells of {item.first_day} to {item.last_day}",
                    file=error.file,
                    accepted="ingest its input again, or ask for other days",
                ) from error

    def _with_own_names(self, keys: Iterable[str]) -> list[str]:
        wanted = set(keys)
        wanted |= {own for own, (address, _) in self._keys.items() if address in wanted}
        return sorted(wanted)

    def _tables(
        self,
        member: Member,
        wanted: Sequence[str] | None,
        within: Mapping[str, Stretches],
        heard: Mapping[str, Stretches],
        first: date | None,
        last: date | None,
    ) -> Iterator[pa.Table]:
        low, high = _span(first, last)
        for file in member.entry.positions:
            if not low <= file.date <= high:
                continue
            here = wanted
            if wanted is not None:
                between = wanted[bisect_left(wanted, file.first_key) : bisect_right(wanted, file.last_key)]
                here = [key for key in between if self._matters(key, file, within) and self._held(key, file, heard)]
                if not here:
                    continue
            table = rows_of(self.root, file, here)
            if table.num_rows:
                source = pa.DictionaryArray.from_arrays(np.zeros(len(table), dtype=np.int32), [member.source_id])
                yield table.append_column("source_id", source)

    def _matters(self, key: str, file: DataFile, within: Mapping[str, Stretches]) -> bool:
        times = within.get(self._keys.get(key, (key,))[0])
        if times is None:
            return True
        low, high = file.first_ms, file.last_ms
        if low is None or high is None:
            low = round(datetime.fromisoformat(file.date).replace(tzinfo=UTC).timestamp() * 1000)
            high = low + _DAY_MS
        at = bisect_left(times, low, key=itemgetter(1))  # the first stretch that does not end before
        return at < len(times) and times[at][0] <= high

    def _held(self, key: str, file: DataFile, heard: Mapping[str, Stretches]) -> bool:
        """Whether the file may hold anything of the key, believed or rejected."""
        return file.only_rejected is None or key in file.only_rejected or self._matters(key, file, heard)

    def _named(self, frame: pd.DataFrame, identities: dict[str, str]) -> pd.DataFrame:
        """The rows under the keys they go by in this run."""
        own = frame["track_key"].str.startswith("#").to_numpy(dtype=bool)
        if not own.any():
            return frame
        linkable = own & frame["icao24"].isna().to_numpy()
        keys = frame["track_key"].astype(object).to_numpy().copy()
        icao24 = frame["icao24"].astype(object).to_numpy().copy()
        signs = np.full(len(frame), None, dtype=object)
        for key in sorted({keys[i] for i in linkable.nonzero()[0]}):
            if key in self._keys:
                address, how = self._keys[key]
                here = linkable & (keys == key)
                keys[here], icao24[here], signs[here] = address, address, self._signs.get(key)
                identities[address] = weakest(identities.get(address), how)
        for key in sorted({key for key in keys[own] if key.startswith("#")}):
            identities[key] = weakest(identities.get(key), NOT_IN_FILE)
        return with_signs(frame, pd.Series(signs, index=frame.index, dtype="str")).assign(
            track_key=pd.Series(keys, index=frame.index, dtype="str"),
            icao24=pd.Series(icao24, index=frame.index, dtype="str"),
        )

    def _simulated_elsewhere(self, positions: pd.DataFrame) -> pd.DataFrame:
        """A simulated mark spreads over a track from files and days that were not read, too."""
        if not len(positions) or positions["simulated"].all() or not self._marked:
            return positions
        marked = positions["track_key"].isin(self._marked)
        return positions.assign(simulated=positions["simulated"] | marked)

    @cached_property
    def _marked(self) -> frozenset[str]:
        """The track keys that any input marks as simulated, and the addresses they go by in this run."""
        if self._whole is not None:
            return self._whole._marked
        marked = {key for key, sign in self._signs.items() if sign.startswith("SIM")}
        for m in self.members:
            for file in m.entry.presence if m.entry.simulated else ():
                check(self.root, file)
                table = pq.read_table(self.root / file.path, columns=["track_key", "simulated"], partitioning=None)
                marked |= set(pc.unique(table.filter(table["simulated"])["track_key"]).to_pylist())
        return frozenset(marked | {address for key, (address, _) in self._keys.items() if key in marked})

    def _times(self, first: date | None, last: date | None) -> Times | None:
        columns = ["first_ms", "last_ms", "simulated", *(["track_key"] if self._marked else [])]
        tables = []
        for member in self.members:
            for f in member.entry.presence:
                if _on_days(f, first, last):
                    table = pq.read_table(self.root / f.path, columns=columns, partitioning=None)
                    tracked = np.full(len(table), member.entry.listed is None)
                    tables.append(table.append_column("tracked", pa.array(tracked)))
        if not tables:
            return None
        table = pa.concat_tables(tables)
        heard = pc.invert(table["simulated"])
        if self._marked:  # a mark spreads over the whole track
            marked = pa.array(sorted(self._marked | {key for key, (to, _) in self._keys.items() if to in self._marked}))
            heard = pc.and_(heard, pc.invert(pc.is_in(table["track_key"].cast(pa.string()), marked)))
        real = pc.any(heard).as_py()
        if real:
            table = table.filter(heard)
        span = pc.min_max(pa.concat_arrays([*table["first_ms"].chunks, *table["last_ms"].chunks]))
        return Times(
            _utc(span["min"].as_py()),
            _utc(span["max"].as_py()),
            _quarters(table),
            real,
            _quarters(table.filter(table["tracked"])),
        )

    # -- what is known of the inputs -----------------------------------------------------------------------------------

    @cached_property
    def _sources(self) -> tuple[Source, ...]:
        return tuple(self._source(m) for m in self.members)

    def _source(self, member: Member) -> Source:
        entry = member.entry
        accounting, airframe = entry.accounting, member.declared_icao24 or None
        if airframe is not None and not entry.own_names:
            airframe = None
            accounting = replace(accounting, flags=tuple(sorted({*accounting.flags, WITHOUT_EFFECT})))
        declared = member.declared_network
        return Source(
            source_id=member.source_id,
            file=member.label,
            sha256=entry.sha256,
            size_bytes=entry.size_bytes,
            reader=entry.reader,
            network=declared or entry.network,
            network_declared=declared is not None,
            accounting=accounting,
            other_names=member.other_names,
            simulated=entry.simulated,
            declared_icao24=airframe,
            origin=tuple((o["url_asked"], o["utc"], o["sha256"]) for o in origins_of(self.root, entry)),
        )

    @cached_property
    def _all_listed(self) -> pd.DataFrame:
        return listed_together([table for m in self.members if (table := self._listed(m)) is not None])

    def _listed(self, member: Member) -> pd.DataFrame | None:
        file = member.entry.listed
        if file is None:
            return None
        check(self.root, file)
        table = pq.read_table(self.root / file.path, partitioning=None)
        frame: pd.DataFrame = table.to_pandas()
        return frame.assign(source_id=member.source_id)

    @cached_property
    def _quarantined(self) -> tuple[Quarantined, ...]:
        found: list[Quarantined] = []
        for m in self.members:
            file = m.entry.quarantine
            if file is None:
                continue
            check(self.root, file)
            for row in pq.read_table(self.root / file.path, partitioning=None).to_pylist():
                found.append(Quarantined(**{**row, "file": _renamed(row["file"], m)}))
        return tuple(found)

    def lacking(self) -> list[LocatedError]:
        """What is known to be missing from the archive: inputs that failed, and those that are not whole."""
        lacking = [
            DamagedFileError(f"is not whole: {m.entry.incomplete}", file=f"{m.label} ({_days(m.entry)})")
            for m in self.members
            if m.entry.incomplete
        ]
        return [*self.standing, *(error for _, error in self.damaged), *lacking]


def open_archive(root: str | Path, *, first: date | None = None, last: date | None = None) -> View:
    """A view of the entries that may hold rows of these days. Raises InputError where there is no archive; a damaged
    entry is in the view as such."""
    path = Path(root)
    if not path.is_dir():
        raise InputError(
            "there is no such archive", file=str(path.name), accepted="a folder made by `flighttrace ingest`"
        )
    check_format(path)
    standing = lost_entries(path, first, last)
    damaged: list[tuple[Listed, LocatedError]] = []
    entries = [entry for _, entry in manifest.loaded(path, first=first, last=last, damaged=damaged)]
    members = once([Member(entry, entry.label) for entry in entries])
    standing += [*failed_inputs(path), *manifest.damaged_superseded(path)]
    standing += [f.as_error(e.label, e.label) for e in entries for f in e.failures]
    held_back = 0 if first is None and last is None else len(manifest.listed(path)) - len(entries) - len(damaged)
    return View(path, members, standing=standing, beyond=max(held_back, 0), damaged=damaged)


def _address_of(own: OwnName, member: Member, links: Links) -> tuple[str, str, str] | None:
    """(address, how it is known, call sign) of a key of the file's own, None where nothing gives it an address."""
    declared = member.declared_icao24
    if declared:
        return declared, DECLARED, ""
    linked = links.get(own.space, {}).get(own.flight) if own.space and own.flight else None
    return None if linked is None else (linked.icao24, LINKED_BY_NAME if own.in_name else LINKED_BY_ID, linked.callsign)


def _quarters(table: pa.Table) -> tuple[datetime, ...]:
    """Starts of the quarters of an hour in which the groups begin or end."""
    held = {at // _QUARTER_MS for name in ("first_ms", "last_ms") for at in pc.unique(table[name]).to_pylist()}
    return tuple(_utc(quarter * _QUARTER_MS) for quarter in sorted(held))


def _utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _renamed(file: str, member: Member) -> str:
    label = member.entry.label
    return member.label + file[len(label) :] if file.startswith(label) else file


def _days(entry: Entry) -> str:
    days = entry.days
    return "no day known" if not days else days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _on_days(file: DataFile, first: date | None, last: date | None) -> bool:
    low, high = _span(first, last)
    return low <= file.date <= high


def _span(first: date | None, last: date | None) -> tuple[str, str]:
    """Bounds of the days as data files are dated."""
    return "" if first is None else str(first), "9" if last is None else str(last)
