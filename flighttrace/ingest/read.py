"""Paths → positions: every file found, recognised, read, converted, identified, and accounted for.

One bad file is reported in `failures` and the rest goes on. The order of the paths has no effect on the result.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from flighttrace.accounting import Accounting, Quarantined
from flighttrace.errors import InputError, LocatedError, UnknownFormatError, UsageError, shown
from flighttrace.ingest.containers import MAX_CONTENT_BYTES, Container
from flighttrace.ingest.files import InputFile, find_files, looks_like_prose
from flighttrace.ingest.identity import LINKED_BY_ID, LINKED_BY_NAME, identified, weakest
from flighttrace.ingest.readers import READERS, mapped_csv
from flighttrace.ingest.recognise import reader_of
from flighttrace.ingest.records import Content, Reader, ReadOptions
from flighttrace.ingest.table import Part, Rows, alike, convert
from flighttrace.ingest.times import zone_of
from flighttrace.ingest.values import ADDRESS
from flighttrace.positions import (
    LISTED_FLIGHT_DTYPES,
    NETWORK_UNKNOWN,
    Ingested,
    Source,
    conform,
    empty_listed_flights,
    empty_positions,
    network_named,
)

Progress = Callable[[str, int, int], None]
"""Called with a file's label, the number of files done, and their total."""

_SOURCE_ID_DIGITS: Final = 12
"""Hex digits of the sha256 that name a source: 48 bits, no collision among any number of files a person holds."""
_READER_FAULTS: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError, RecursionError)


def read_positions(
    paths: Sequence[str | Path],
    *,
    input_tz: str | None = None,
    mappings: Sequence[str | Path] = (),
    airframes: Mapping[str, str] | None = None,
    networks: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    max_decompressed_bytes: int = MAX_CONTENT_BYTES,
) -> Ingested:
    """All positions of the files and folders, with their sources, what was refused, and how identities are known.

    paths: files, folders (read with all below them), gzip and tar of any name.
    input_tz: IANA zone of times that bear none; without it such a file is refused.
    mappings: mapping files for CSV layouts of your own (see `readers/mapped_csv.py`).
    airframes: FILE → address, for rows of that file that have none; shown as declared by the user.
    networks: FILE → name of the receiver network that heard it.
    Raises UsageError where an option names nothing or contradicts itself; faults of files are in `failures`.
    """
    options = _options(input_tz, mappings, airframes or {}, networks or {})
    if not paths:
        raise UsageError("no file or folder is named")
    found = find_files(paths)
    _check_named(found.files, options)
    run = _Run(options, zone_of(input_tz), mapped_csv.readers_of(options.mappings), max_decompressed_bytes)
    run.failures, run.skipped = list(found.failures), list(found.skipped)
    for done, file in enumerate(found.files):
        if progress is not None:
            progress(file.label, done, len(found.files))
        run.take(file)
    if progress is not None:
        progress("", len(found.files), len(found.files))
    return run.result()


def _options(
    input_tz: str | None, mappings: Sequence[str | Path], airframes: Mapping[str, str], networks: Mapping[str, str]
) -> ReadOptions:
    declared = {}
    for file, address in airframes.items():
        declared[str(file)] = address.strip().lower().removeprefix("0x")
        if not re.fullmatch(ADDRESS, declared[str(file)]):
            raise UsageError(f"--airframe {shown(file)}={shown(address)}: an address is six hex digits, such as 4b1804")
    for file, network in networks.items():
        if not network.strip():
            raise UsageError(f"--network {shown(file)}=: the network's name is missing")
    named = {str(file): name.strip() for file, name in networks.items()}
    return ReadOptions(input_tz, tuple(str(path) for path in mappings), declared, named)


def _names(file: InputFile) -> set[str]:
    """All names by which the user may mean a file."""
    return {file.label, str(file.path), os.path.abspath(file.path)}


def _meant(names: set[str], declared: Mapping[str, str]) -> str | None:
    """What is declared for a file under any of its names."""
    for key in sorted(declared):
        if key in names or os.path.abspath(key) in names:
            return declared[key]
    return None


def _check_named(files: Sequence[InputFile], options: ReadOptions) -> None:
    known = set().union(*(_names(file) for file in files)) if files else set()
    for option, declared in (("--airframe", options.airframes), ("--network", options.networks)):
        for key in declared:
            if key not in known and os.path.abspath(key) not in known:
                raise UsageError(f"{option} {shown(key, 200)}: no such file among the inputs")


@dataclass
class _Taken:
    """One file, read and converted; identity is still to come."""

    file: InputFile
    names: set[str]
    sha256: str
    size_bytes: int
    reader: str
    network: str
    rows: list[Rows]
    links: list[tuple[str, str, str]]
    """(space, flight id, address)"""
    space: str
    flight_in_name: bool
    skipped: Counter[str]
    flags: tuple[str, ...]
    other_names: list[str] = field(default_factory=list)


@dataclass
class _Run:
    """The state of one `read_positions`."""

    options: ReadOptions
    zone: ZoneInfo | None
    declared_readers: tuple[Reader, ...]
    max_bytes: int
    failures: list[LocatedError] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    taken: dict[str, _Taken] = field(default_factory=dict)
    """By the sha256 of the decompressed content (of the archive, where it is a tar)."""

    def take(self, file: InputFile) -> None:
        """Read one file; what is wrong with it goes to `failures`."""
        container = Container(file.path, file.label, max_content_bytes=self.max_bytes)
        try:
            self._take(file, container)
        except UnknownFormatError as error:
            if file.in_folder and looks_like_prose(file.label) and not container.is_tar:
                self.skipped.append(f"{file.label}: not a track file")
            else:
                self.failures.append(error)
        except LocatedError as error:
            self.failures.append(error)

    def _take(self, file: InputFile, container: Container) -> None:
        parts: list[tuple[Reader, Part]] = []
        digest = ""
        for content in container.contents():
            if not container.is_tar:
                digest = hashlib.sha256(content.data).hexdigest()
                if digest in self.taken:
                    continue
                parts.append(self._read(content))
            else:
                self._read_member(content, container, parts)
        digest = digest or container.sha256
        if digest in self.taken:
            self.taken[digest].other_names.append(file.label)
            self.taken[digest].names |= _names(file)
            return
        if container.is_tar and not parts and not container.failures:
            raise UnknownFormatError("a tar without a track file in it", file=file.label)
        rows = self._converted(parts, container)
        self.failures += container.failures
        if rows:
            self.taken[digest] = self._as_taken(file, container, parts, rows)

    def _read(self, content: Content) -> tuple[Reader, Part]:
        reader = reader_of(content, READERS, self.declared_readers)
        try:
            return reader, Part(content.file, reader.read(content, self.options))
        except _READER_FAULTS as error:
            raise InputError(
                f"reader {reader.NAME} cannot make sense of it: {type(error).__name__}: {shown(error)}",
                file=content.file,
            ) from error

    def _read_member(self, content: Content, container: Container, parts: list[tuple[Reader, Part]]) -> None:
        try:
            parts.append(self._read(content))
        except UnknownFormatError as error:
            if looks_like_prose(content.member):
                container.skipped[content.member] += 1
            else:
                container.failures.append(error)
        except LocatedError as error:
            container.failures.append(error)

    def _converted(self, parts: list[tuple[Reader, Part]], container: Container) -> list[Rows]:
        """Parts that agree are converted together; where that fails, one by one: a bad member is one failure."""
        groups: list[list[Part]] = []
        for _, part in parts:
            for group in groups:
                if alike(group[0].records, part.records):
                    group.append(part)
                    break
            else:
                groups.append([part])
        rows: list[Rows] = []
        for group in groups:
            try:
                rows.append(convert(group, zone=self.zone))
            except InputError:
                if not container.is_tar:
                    raise
                for part in group:
                    try:
                        rows.append(convert([part], zone=self.zone))
                    except InputError as error:
                        container.failures.append(error)
        return rows

    def _as_taken(
        self, file: InputFile, container: Container, parts: list[tuple[Reader, Part]], rows: list[Rows]
    ) -> _Taken:
        records = [part.records for _, part in parts]
        readers = {f"{reader.NAME} ({p.records.layout})" if p.records.layout else reader.NAME for reader, p in parts}
        networks = {part.records.network or reader.NETWORK for reader, part in parts}
        return _Taken(
            file,
            _names(file),
            container.sha256,
            container.size_bytes,
            " + ".join(sorted(readers)),
            networks.pop() if len(networks) == 1 else NETWORK_UNKNOWN,
            rows,
            [(r.link_space, flight, address) for r in records for flight, address in r.links.items()],
            next((r.link_space for r in records if r.link_space), ""),
            any(r.flight_in_file_name for r in records),
            container.skipped,
            _folder_flags(parts) if container.is_tar else (),
        )

    def result(self) -> Ingested:
        """Everything together, in an order that depends on content and labels alone."""
        links = self._links()
        frames: list[pd.DataFrame] = []
        listed: list[pd.DataFrame] = []
        sources: list[Source] = []
        quarantined: list[Quarantined] = []
        identities: dict[str, str] = {}
        for taken in sorted(self.taken.values(), key=lambda taken: (taken.file.label, taken.sha256)):
            source = self._source(taken)
            frame, known = self._identified(taken, links, source)
            frames.append(frame)
            for rows in taken.rows:
                quarantined += rows.quarantined
                listed.append(rows.listed.assign(source_id=source.source_id))
            for key, how in known.items():
                identities[key] = weakest(identities.get(key), how)
            sources.append(source)
        positions = _together(frames)
        listed_flights = _listed_together(listed)
        simulated = set(positions.loc[positions["simulated"], "source_id"])
        simulated |= set(listed_flights.loc[listed_flights["simulated"], "source_id"])
        return Ingested(
            positions,
            listed_flights,
            tuple(replace(s, simulated=True) if s.source_id in simulated else s for s in sources),
            tuple(quarantined),
            tuple(sorted(self.failures, key=lambda e: (e.file, e.line or 0, str(e)))),
            dict(sorted(identities.items())),
            tuple(sorted(self.skipped)),
        )

    def _links(self) -> dict[str, dict[str, str]]:
        """Space → flight id → address. An id that lists give two addresses links nothing and is reported."""
        links: dict[str, dict[str, str]] = {}
        disputed: set[tuple[str, str]] = set()
        for taken in sorted(self.taken.values(), key=lambda taken: taken.file.label):
            for space, flight, address in taken.links:
                known = links.setdefault(space, {}).setdefault(flight, address)
                if known != address and (space, flight) not in disputed:
                    disputed.add((space, flight))
                    problem = (
                        f"flight id {shown(flight)} is {address} here and {known} in another list: linked to neither"
                    )
                    self.failures.append(InputError(problem, file=taken.file.label))
        for space, flight in disputed:
            del links[space][flight]
        return links

    def _source(self, taken: _Taken) -> Source:
        accounting = _summed([rows.accounting for rows in taken.rows], taken)
        accounting.check(taken.file.label)
        declared = _network_declared(taken, self.options.networks)
        return Source(
            source_id=taken.sha256[:_SOURCE_ID_DIGITS],
            file=taken.file.label,
            sha256=taken.sha256,
            size_bytes=taken.size_bytes,
            reader=taken.reader,
            network=declared or taken.network,
            network_declared=declared is not None,
            accounting=accounting,
            other_names=tuple(sorted(taken.other_names)),
            declared_icao24=_meant(taken.names, self.options.airframes),
        )

    def _identified(
        self, taken: _Taken, links: Mapping[str, Mapping[str, str]], source: Source
    ) -> tuple[pd.DataFrame, dict[str, str]]:
        frame = pd.concat([rows.frame for rows in taken.rows], ignore_index=True)
        how = LINKED_BY_ID
        if taken.flight_in_name:
            how = LINKED_BY_NAME
            frame["flight"] = frame["flight"].fillna(_digits_at_end(taken.file.label) or "")
            frame["flight"] = frame["flight"].where(frame["flight"] != "")
        frame, known = identified(
            frame,
            sha256=taken.sha256,
            declared=source.declared_icao24,
            links=links.get(taken.space, {}) if taken.space else {},
            linked_how=how,
        )
        return frame.assign(source_id=source.source_id), known


def _network_declared(taken: _Taken, networks: Mapping[str, str]) -> str | None:
    """The network that the user declares for a file, None if none; UsageError where the format itself names another.

    A Flightradar24 export stays one whatever its owner calls it: otherwise a claim's own source could be declared
    into an independent witness of that claim.
    """
    text = _meant(taken.names, networks)
    if text is None:
        return None
    declared = network_named(text)
    if taken.network not in (NETWORK_UNKNOWN, declared):
        raise UsageError(
            f"--network {taken.file.label}={shown(text)}: the file's format is of {taken.network} "
            "(accepted: a network for files whose format names none)"
        )
    return None if declared == NETWORK_UNKNOWN else declared


def _digits_at_end(label: str) -> str | None:
    """The flight id in `20170205_207507520.csv` or `….csv.gz`: the name's digits after the last underscore."""
    found = re.search(r"(?:^|[_/!])(\d+)(?:\.[A-Za-z]+)*$", label)
    return found.group(1) if found else None


def _folder_flags(parts: Sequence[tuple[Reader, Part]]) -> tuple[str, ...]:
    """How many of a readsb archive's 256 trace folders are there: a cut archive otherwise reads as "no flights"."""
    folders = {m.group(1) for _, part in parts if (m := re.search(r"traces/([0-9a-f]{2})/", part.file))}
    return (f"traces of {len(folders)} of 256 address groups",) if 0 < len(folders) < 256 else ()


def _summed(accounts: Sequence[Accounting], taken: _Taken) -> Accounting:
    """One accounting of a file's groups of members."""
    without: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    skipped: Counter[str] = Counter(taken.skipped)
    for account in accounts:
        without.update(account.without_position)
        quarantined.update(account.quarantined)
        skipped.update(account.skipped)
    lined = [account for account in accounts if account.physical_lines is not None]
    return Accounting(
        records=sum(account.records for account in accounts),
        accepted=sum(account.accepted for account in accounts),
        without_position=dict(sorted(without.items())),
        quarantined=dict(sorted(quarantined.items())),
        exact_duplicates=sum(account.exact_duplicates for account in accounts),
        physical_lines=sum(account.physical_lines or 0 for account in lined) if lined else None,
        header_lines=sum(account.header_lines for account in lined),
        record_lines=sum(account.record_lines or 0 for account in lined) if lined else None,
        blank_or_comment_lines=sum(account.blank_or_comment_lines for account in lined),
        skipped=dict(sorted(skipped.items())),
        flags=tuple(sorted({flag for account in accounts for flag in account.flags} | set(taken.flags))),
    )


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows in canonical order; a simulated mark spreads over the record's whole track."""
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return empty_positions()
    table = pd.concat(frames, ignore_index=True)
    if table["simulated"].any():
        table["simulated"] = table["track_key"].isin(set(table.loc[table["simulated"], "track_key"]))
    order = ["track_key", "time_utc", "source_id", "source_row", "member"]
    return conform(table.sort_values(order, kind="stable", ignore_index=True))


def _listed_together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    tables = [table for table in tables if len(table)]
    if not tables:
        return empty_listed_flights()
    table = pd.concat(tables, ignore_index=True)
    order = ["source_id", "source_row"]
    names = list(LISTED_FLIGHT_DTYPES)
    return table.sort_values(order, kind="stable", ignore_index=True)[names].astype(dict(LISTED_FLIGHT_DTYPES))
