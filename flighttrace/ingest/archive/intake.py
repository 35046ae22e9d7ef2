"""One input → rows of the archive, in flat memory: read in pieces, spooled by key, named, sorted, checked, written.

    Feed → (fast_states | fast_traces | reader + convert) → Spool → Store → Made.commit

Nothing is in the archive before all of the input has been read, decompressed to its end and accounted for.
"""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pandas as pd

from flighttrace.accounting import Accounting, Quarantined
from flighttrace.errors import InputError, LocatedError, UnknownFormatError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.fast_states import read_states
from flighttrace.ingest.archive.fast_traces import read_trace
from flighttrace.ingest.archive.feed import Feed, Piece
from flighttrace.ingest.archive.lacks import few
from flighttrace.ingest.archive.manifest import Entry, OwnName
from flighttrace.ingest.archive.positions_table import Naming
from flighttrace.ingest.archive.rows import NAMELESS, Lexicon, Recs, empty, from_rows, gathered, to_frame, together
from flighttrace.ingest.archive.spool import Spool
from flighttrace.ingest.archive.store import Store
from flighttrace.ingest.checks import WholeFileCheck
from flighttrace.ingest.identity import Member, own_names
from flighttrace.ingest.lines import HEADER_ONLY
from flighttrace.ingest.linking import Linked
from flighttrace.ingest.prose import is_prose
from flighttrace.ingest.readers import READERS, mapped_csv, opensky_states_csv, readsb_trace
from flighttrace.ingest.reading import converted, folder_flags, member_of, pass_over, read_content
from flighttrace.ingest.recognise import reader_of
from flighttrace.ingest.records import Content, Reader, ReadOptions
from flighttrace.ingest.table import Part, Rows
from flighttrace.ingest.times import zone_of
from flighttrace.ingest.together import summed
from flighttrace.positions import LISTED_FLIGHT_DTYPES, NETWORK_UNKNOWN
from flighttrace.version import VERSION

MOST_NAMELESS_ROWS: Final = 4_000_000
"""Rows of one input that no address names; they are named together, in memory (about 2 GB at the limit)."""
_BATCH_MEMBERS: Final = 200
_BATCH_BYTES: Final = 48 * 1024**2
"""Members of a tar that need a reader are converted this many, or this much text, at a time."""
_DIGITS: Final = 16


@dataclass(frozen=True)
class Input:
    """What is to be taken in. `parts` are the files of a split archive, `path` then the first of them."""

    label: str
    path: Path
    in_folder: bool = False
    parts: tuple[Path, ...] = ()
    missing: tuple[str, ...] = ()
    """Names of parts that should be there and are not."""
    declared_icao24: str = ""
    declared_network: str = ""


@dataclass(frozen=True)
class Settings:
    """What shapes the rows of every input of a run, beyond the input itself."""

    input_tz: str | None = None
    mappings: tuple[str, ...] = ()
    max_content_bytes: int | None = None

    def fingerprint(self) -> dict[str, Any]:
        """The settings as plain data; mapping files by their hash."""
        hashes = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in self.mappings]
        return {"input_tz": self.input_tz, "mappings": sorted(hashes)}


def entry_id(sha256: str, fingerprint: Mapping[str, Any]) -> str:
    """The name of an input's data files: the same for the same bytes, settings, format and version of flighttrace."""
    about = orjson.dumps([manifest.FORMAT, VERSION, sha256, dict(fingerprint)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(about).hexdigest()[:_DIGITS]


@dataclass
class Taken:
    """What became of an input: its entry, ready to be committed, or nothing where it was passed over."""

    entry: Entry | None
    store: Store | None
    failures: list[LocatedError] = field(default_factory=list)
    """Members of a tar that could not be read; the rest of it is in the entry."""
    skipped: str = ""


@dataclass
class _Whole:
    """What is gathered over the pieces of one input."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    accounts: list[Accounting] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)
    networks: set[str] = field(default_factory=set)
    links: set[tuple[str, Linked]] = field(default_factory=set)
    quarantined: list[Quarantined] = field(default_factory=list)
    listed: list[pd.DataFrame] = field(default_factory=list)
    nameless: list[Recs] = field(default_factory=list)
    nameless_rows: int = 0
    labels: list[str] = field(default_factory=list)
    """Label of each member, for messages."""
    fast: bool = False

    def account(self, accounting: Accounting) -> None:
        """Keep a running sum, not a list of thousands."""
        self.accounts.append(accounting)
        if len(self.accounts) > 64:
            self.accounts = [summed(self.accounts, skipped={}, flags=())]


class Intake:
    """Takes one input in. `progress` is told of bytes read from it, and of rows made of them."""

    def __init__(
        self,
        root: Path,
        folder: Path,
        given: Input,
        settings: Settings,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._given, self._settings, self._folder = given, settings, folder
        self._options = ReadOptions(settings.input_tz, settings.mappings)
        self._zone: ZoneInfo | None = zone_of(settings.input_tz)
        self._declared: tuple[Reader, ...] = mapped_csv.readers_of(settings.mappings)
        self._progress = progress or (lambda read, rows: None)
        more: dict[str, Any] = {}
        if settings.max_content_bytes is not None:
            more["max_content_bytes"] = settings.max_content_bytes
        self._feed = Feed(
            given.path,
            given.label,
            cuttable=self._is_states,
            parts=given.parts,
            keep_cut=bool(given.parts),
            progress=lambda read: self._progress(read, 0),
            **more,
        )
        self._spool = Spool(folder)
        self._store = Store(root, folder)
        self._whole = _Whole()
        self._waiting: list[tuple[Reader, Part]] = []
        self._waiting_bytes = 0

    def take(self) -> Taken:
        """Read all of it. Raises LocatedError where the input as a whole cannot be taken in."""
        with _without_collector():
            return self._take()

    def _take(self) -> Taken:
        for piece in self._feed.pieces():
            skipped = self._take_piece(piece)
            if skipped:
                return Taken(None, None, skipped=skipped)
        self._convert_waiting()
        container = self._feed.container
        if self._feed.is_tar and not self._whole.members and not container.failures:
            raise UnknownFormatError("a tar without a track file in it", file=self._given.label)
        if not self._whole.members:
            return Taken(None, None, failures=container.failures)
        self._write()
        return Taken(self._entry(), self._store, failures=container.failures)

    # -- reading -------------------------------------------------------------------------------------------------------

    def _is_states(self, content: Content) -> bool:
        try:
            return reader_of(content, READERS, self._declared) is opensky_states_csv
        except InputError:
            return False

    def _take_piece(self, piece: Piece) -> str:
        if not piece.first:
            self._take_states(piece)
            return ""
        content = piece.content
        if self._feed.is_tar:
            self._take_member(content)
            return ""
        try:
            reader = reader_of(content, READERS, self._declared)
        except UnknownFormatError:
            if self._given.in_folder and is_prose(self._given.label, content.data):
                return f"{self._given.label}: not a track file"
            raise
        if reader is opensky_states_csv:
            self._take_states(piece)
        else:
            self._waiting.append(self._read(reader, content))
        return ""

    def _take_states(self, piece: Piece) -> None:
        head, body, line = piece.header, piece.body, piece.line
        if piece.first:
            end = body.find(b"\n") + 1
            head, body, line = body[:end], body[end:], 2
        made = read_states(head, body, self._whole.lexicon, first_line=line, with_header=piece.first)
        reader: Reader = opensky_states_csv
        if made is not None:
            if piece.first:
                self._as_member(reader, Member(""), piece.file)
            self._whole.fast = True
            self._add(*made)
            return
        part = self._read(reader, piece.content)[1]
        if piece.first:
            self._as_member(reader, Member(""), piece.file)
        (rows,) = converted([(reader, part)], zone=self._zone, is_tar=False, failures=[])
        self._add_rows(_moved(rows, piece), offset=0)

    def _read(self, reader: Reader, content: Content) -> tuple[Reader, Part]:
        return reader, read_content(reader, content, self._options)

    def _take_member(self, content: Content) -> None:
        container = self._feed.container
        number = len(self._whole.members) + len(self._waiting)
        if not self._waiting:
            made = read_trace(content, self._whole.lexicon, number)
            if made is not None:
                self._take_trace(content, *made)
                return
        try:
            reader = reader_of(content, READERS, self._declared)
            self._waiting.append(self._read(reader, content))
            self._waiting_bytes += len(content.data)
        except LocatedError as error:
            pass_over(error, content, container)
        if len(self._waiting) >= _BATCH_MEMBERS or self._waiting_bytes >= _BATCH_BYTES:
            self._convert_waiting()

    def _take_trace(self, content: Content, recs: Recs, accounting: Accounting) -> None:
        nameless = len(recs) and int(recs["key"][0]) == NAMELESS
        sha256 = hashlib.sha256(content.data).hexdigest() if nameless else ""
        self._as_member(readsb_trace, Member(sha256), content.file)
        self._whole.fast = True
        self._add(recs, accounting)

    def _convert_waiting(self) -> None:
        parts, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if not parts:
            return
        offset = len(self._whole.members)
        for reader, part in parts:
            self._as_member(reader, member_of(part), part.file, part)
        container = self._feed.container
        for rows in converted(parts, zone=self._zone, is_tar=self._feed.is_tar, failures=container.failures):
            self._add_rows(rows, offset=offset)

    def _as_member(self, reader: Reader, member: Member, label: str, part: Part | None = None) -> None:
        whole = self._whole
        whole.members.append(member)
        whole.labels.append(label)
        name, network = reader.NAME, reader.NETWORK
        if part is not None:
            name = f"{name} ({part.records.layout})" if part.records.layout else name
            network = part.records.network or network
            whole.links |= {(part.records.link_space, linked) for linked in part.records.links}
        whole.readers.add(name)
        whole.networks.add(network)

    def _add_rows(self, rows: Rows, *, offset: int) -> None:
        self._whole.quarantined += rows.quarantined
        if len(rows.listed):
            self._whole.listed.append(rows.listed)
        self._add(from_rows(rows, self._whole.lexicon, member_offset=offset), rows.accounting)

    def _add(self, recs: Recs, accounting: Accounting) -> None:
        whole = self._whole
        whole.account(accounting)
        self._progress(0, len(recs))
        nameless = recs["key"] == NAMELESS
        if nameless.any():
            whole.nameless.append(gathered(recs, nameless))
            whole.nameless_rows += int(nameless.sum())
            if whole.nameless_rows > MOST_NAMELESS_ROWS:
                raise InputError(
                    f"more than {MOST_NAMELESS_ROWS:,} rows bear no address",
                    file=self._given.label,
                    accepted="smaller files of it",
                )
            recs = gathered(recs, ~nameless)
        self._spool.add(recs, share_read=self._feed.share_read())

    # -- writing -------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        whole, store = self._whole, self._store
        nameless, names, self._own = self._named()
        naming = Naming(whole.lexicon.words(), names)
        check = WholeFileCheck(whole.labels) if whole.fast else None
        for recs in self._ranges(nameless):
            store.add(recs, naming, None if check is None else check.see)
        if check is not None:
            check.finish()
        store.finish_presence(naming)

    def _ranges(self, nameless: Recs) -> Iterator[Recs]:
        if len(nameless):
            yield nameless
        yield from self._spool.ranges()

    def _named(self) -> tuple[Recs, list[str], tuple[OwnName, ...]]:
        """Rows without an address with their keys, all such keys in order, and what may link them to addresses."""
        whole = self._whole
        if not whole.nameless:
            return empty(0), [], ()
        recs = together(whole.nameless)
        whole.nameless = []
        if not self._feed.is_tar:
            whole.members[0] = replace(whole.members[0], sha256=self._feed.content_sha256)
        frame = to_frame(recs, whole.lexicon.words())
        in_name = np.asarray([m.flight_in_name or "" for m in whole.members], dtype=object)[recs["member"]]
        flight = frame["flight"].where(frame["flight"].notna(), pd.Series(in_name, index=frame.index, dtype="str"))
        frame = frame.assign(flight=flight.where(flight != "").astype("str"))
        sha8 = [whole.members[member].sha256[:8] for member in recs["member"].tolist()]
        keys = pd.Series([f"#{sha}/{name}" for sha, name in zip(sha8, own_names(frame), strict=True)], dtype="object")
        names = sorted(set(keys))
        place = {name: number - len(names) for number, name in enumerate(names)}
        recs["key"] = keys.map(place).to_numpy(dtype=np.int64)
        about = pd.DataFrame({"key": keys, "flight": frame["flight"].fillna(""), "member": recs["member"]})
        about = about[recs["address"] < 0].drop_duplicates(ignore_index=True)
        own = set()
        for key, name, member in about.itertuples(index=False):
            m = whole.members[int(member)]
            own.add((key, name, m.link_space, m.flight_in_name is not None))
        return recs, names, tuple(OwnName(*one) for one in sorted(own))

    def _entry(self) -> Entry:
        whole, feed, store, given = self._whole, self._feed, self._store, self._given
        quarantine = store.put_quarantine(sorted(whole.quarantined, key=lambda q: (q.file, q.line)), given.label)
        listed = store.put_listed(pd.concat(whole.listed, ignore_index=True) if whole.listed else _nothing_listed())
        fingerprint = self._settings.fingerprint()
        entry = Entry(
            entry=entry_id(feed.sha256, fingerprint),
            label=given.label,
            sha256=feed.sha256,
            content_sha256=feed.content_sha256,
            size_bytes=feed.size_bytes,
            reader=" + ".join(sorted(whole.readers)),
            network=next(iter(whole.networks)) if len(whole.networks) == 1 else NETWORK_UNKNOWN,
            accounting=self._accounting(),
            positions=tuple(store.positions),
            presence=tuple(store.presence),
            listed=listed,
            quarantine=quarantine,
            first_ms=store.first_ms,
            last_ms=store.last_ms,
            simulated=store.simulated or any(bool(t["simulated"].any()) for t in whole.listed),
            links=tuple(sorted(whole.links)),
            own_names=self._own,
            incomplete=_incomplete(given, feed.cut),
            parts=tuple(zip((p.name for p in given.parts), feed.part_sha256, strict=False)),
            declared_icao24=given.declared_icao24,
            declared_network=given.declared_network,
            options=fingerprint,
            failures=tuple(manifest.failure_of(error) for error in feed.container.failures),
        )
        return store.placed(entry)

    def _accounting(self) -> Accounting:
        feed, store = self._feed, self._store
        flags = folder_flags(self._whole.labels) if feed.is_tar else ()
        total = summed(self._whole.accounts, skipped=Counter(feed.container.skipped), flags=flags)
        if not feed.is_tar and total.records and HEADER_ONLY in total.flags:
            total = replace(total, flags=tuple(flag for flag in total.flags if flag != HEADER_ONLY))
        again = store.duplicates
        total = replace(total, accepted=total.accepted - again, exact_duplicates=total.exact_duplicates + again)
        total.check(self._given.label)
        return total


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python's cycle collector off: it walks millions of small lists of numbers that hold no cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _moved(rows: Rows, piece: Piece) -> Rows:
    """The rows of a later piece with the line numbers of the file, and the piece's own header not counted."""
    if piece.first:
        return rows
    rows.frame["source_row"] += piece.row_offset
    rows.quarantined = [replace(q, line=q.line + piece.row_offset) for q in rows.quarantined]
    a = rows.accounting
    lines = None if a.physical_lines is None else a.physical_lines - a.header_lines
    rows.accounting = replace(a, physical_lines=lines, header_lines=0)
    return rows


def _nothing_listed() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=t) for name, t in LISTED_FLIGHT_DTYPES.items() if name != "source_id"})


def _incomplete(given: Input, cut: str) -> str:
    reasons = []
    if given.missing:
        reasons.append(f"part {few(given.missing)} of the split archive is missing")
    if cut:
        reasons.append(cut)
    return "; ".join(reasons)


__all__: Sequence[str] = ("Input", "Intake", "Settings", "Taken", "entry_id")
