"""Paths → positions: every file found, recognised, read, converted, identified, and accounted for.

One bad file is reported in `failures` and the rest goes on. The order of the paths has no effect on the result.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import DamagedFileError, LocatedError, UnknownFormatError, UsageError, shown
from flighttrace.ingest.containers import MAX_CONTENT_BYTES, Container
from flighttrace.ingest.declarations import (
    WITHOUT_EFFECT,
    check_named,
    checked_declarations,
    meant,
    names_of,
    network_declared,
)
from flighttrace.ingest.files import InputFile, find_files
from flighttrace.ingest.identity import Member, identified, weakest
from flighttrace.ingest.linking import Linked, Links, linked_flights
from flighttrace.ingest.prose import is_prose
from flighttrace.ingest.readers import READERS, mapped_csv
from flighttrace.ingest.reading import converted, folder_flags, member_of, pass_over, read_content
from flighttrace.ingest.recognise import reader_of
from flighttrace.ingest.records import Content, Reader, ReadOptions
from flighttrace.ingest.table import Part, Rows
from flighttrace.ingest.times import zone_of
from flighttrace.ingest.together import listed_together, positions_together, summed
from flighttrace.positions import (
    NETWORK_UNKNOWN,
    Ingested,
    Source,
    source_id_of,
)

Progress = Callable[[str, int, int], None]
"""Called with a file's label, the number of files done, and their total."""


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
    declared = checked_declarations(airframes or {}, networks or {})
    options = ReadOptions(input_tz, tuple(str(path) for path in mappings), *declared)
    if not paths:
        raise UsageError("no file or folder is named")
    found = find_files(paths)
    check_named(found.files, options.airframes, options.networks)
    run = _Run(options, zone_of(input_tz), mapped_csv.readers_of(options.mappings), max_decompressed_bytes)
    run.failures, run.skipped = list(found.failures), list(found.skipped)
    for done, file in enumerate(found.files):
        if progress is not None:
            progress(file.label, done, len(found.files))
        run.take(file)
    if progress is not None:
        progress("", len(found.files), len(found.files))
    return run.result()


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
    links: list[tuple[str, Linked]]
    """(space of flight ids, what a list's row says)"""
    members: list[Member]
    """What column `member` of the rows counts in."""
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
        except LocatedError as error:
            self.failures.append(_of_split_archive(error, file))

    def _take(self, file: InputFile, container: Container) -> None:
        parts: list[tuple[Reader, Part]] = []
        digest = ""
        for content in container.contents():
            if not container.is_tar:
                digest = hashlib.sha256(content.data).hexdigest()
                if digest in self.taken:
                    continue
                try:
                    parts.append(self._read(content))
                except UnknownFormatError:
                    if not (file.in_folder and is_prose(file.label, content.data)):
                        raise
                    self.skipped.append(f"{file.label}: not a track file")
                    return
            else:
                self._read_member(content, container, parts)
        digest = digest or container.sha256
        if digest in self.taken:
            self.taken[digest].other_names.append(file.label)
            self.taken[digest].names |= names_of(file)
            return
        if container.is_tar and not parts and not container.failures:
            raise UnknownFormatError("a tar without a track file in it", file=file.label)
        rows = converted(parts, zone=self.zone, is_tar=container.is_tar, failures=container.failures)
        self.failures += container.failures
        if rows:
            self.taken[digest] = self._as_taken(file, container, parts, rows)

    def _read(self, content: Content) -> tuple[Reader, Part]:
        reader = reader_of(content, READERS, self.declared_readers)
        return reader, read_content(reader, content, self.options)

    def _read_member(self, content: Content, container: Container, parts: list[tuple[Reader, Part]]) -> None:
        try:
            parts.append(self._read(content))
        except LocatedError as error:
            pass_over(error, content, container)

    def _as_taken(
        self, file: InputFile, container: Container, parts: list[tuple[Reader, Part]], rows: list[Rows]
    ) -> _Taken:
        records = [part.records for _, part in parts]
        readers = {f"{reader.NAME} ({p.records.layout})" if p.records.layout else reader.NAME for reader, p in parts}
        networks = {part.records.network or reader.NETWORK for reader, part in parts}
        return _Taken(
            file,
            names_of(file),
            container.sha256,
            container.size_bytes,
            " + ".join(sorted(readers)),
            networks.pop() if len(networks) == 1 else NETWORK_UNKNOWN,
            rows,
            [(r.link_space, linked) for r in records for linked in r.links],
            [member_of(part) for _, part in parts],
            container.skipped,
            folder_flags(p.file for _, p in parts) if container.is_tar else (),
        )

    def result(self) -> Ingested:
        """Everything together, in an order that depends on content and labels alone."""
        links, disagreeing = linked_flights((taken.file.label, taken.links) for taken in self.taken.values())
        self.failures += disagreeing
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
        positions = positions_together(frames)
        listed_flights = listed_together(listed)
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

    def _source(self, taken: _Taken) -> Source:
        accounting = summed([rows.accounting for rows in taken.rows], skipped=taken.skipped, flags=taken.flags)
        accounting.check(taken.file.label)
        airframe = meant(taken.names, self.options.airframes, "--airframe", taken.file.label)
        if airframe is not None and not any(bool(rows.frame["icao24"].isna().any()) for rows in taken.rows):
            airframe = None
            accounting = replace(accounting, flags=tuple(sorted({*accounting.flags, WITHOUT_EFFECT})))
        said = meant(taken.names, self.options.networks, "--network", taken.file.label)
        declared = network_declared(said, network=taken.network, label=taken.file.label)
        return Source(
            source_id=source_id_of(taken.sha256),
            file=taken.file.label,
            sha256=taken.sha256,
            size_bytes=taken.size_bytes,
            reader=taken.reader,
            network=declared or taken.network,
            network_declared=declared is not None,
            accounting=accounting,
            other_names=tuple(sorted(taken.other_names)),
            declared_icao24=airframe,
        )

    def _identified(self, taken: _Taken, links: Links, source: Source) -> tuple[pd.DataFrame, dict[str, str]]:
        frame = pd.concat([rows.frame for rows in taken.rows], ignore_index=True)
        frame, known = identified(frame, members=taken.members, declared=source.declared_icao24, links=links)
        return frame.assign(source_id=source.source_id), known


def _of_split_archive(error: LocatedError, file: InputFile) -> LocatedError:
    """The error, or what to do where name and bytes are those of one part of a split archive."""
    found = re.search(r"\.(?:tar|tgz|gz|zst)(?:\.gz)?\.(?:([a-z]{2})|part-?(\d+)|(\d{2,3}))$", file.path.name)
    if found is None or not isinstance(error, UnknownFormatError | DamagedFileError):
        return error
    whole = file.path.name[: found.start(1) if found.group(1) else found.end()]
    accepted = f"all parts joined in order with cat, the first one first: cat {shown(whole)}?? > whole"
    if not found.group(1):
        accepted = "all parts joined in order with cat, the first one first"
    return DamagedFileError(
        f"{error.problem.split(';')[0]}: perhaps a part of a split archive", file=error.file, accepted=accepted
    )
