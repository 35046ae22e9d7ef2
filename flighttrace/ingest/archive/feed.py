"""One input → the contents to read, a piece at a time, with what is known of the whole when all has been read.

A large file of lines comes in pieces that end with a line, each under the file's own header; a tar comes member by
member; all else comes whole, as it must be looked at whole. Parts of a split archive are joined as they stream.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flighttrace.errors import DamagedFileError, InputError
from flighttrace.ingest.archive.fast_states import line_ends
from flighttrace.ingest.containers import (
    MAX_CONTENT_BYTES,
    MAX_TAR_BYTES,
    Container,
    FileBytes,
    Gunzip,
    gunzip,
    is_tar,
)
from flighttrace.ingest.records import Content

PIECE_BYTES: Final = 8 * 1024**2
"""Of decompressed lines: some 70,000 state vectors."""
MAX_LINES_BYTES: Final = 512 * 1024**3
"""Decompressed bytes of one file that is read in pieces; nothing of it is held."""
_BLOCK: Final = 512
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True)
class Piece:
    """A whole content, or lines of one: `body` with the file's `header` line apart, from the file's line `line` on."""

    file: str
    body: bytes
    member: str = ""
    header: bytes = b""
    line: int = 1

    @property
    def first(self) -> bool:
        """False for the second and later pieces of a file of lines."""
        return not self.header

    @property
    def content(self) -> Content:
        """For a reader; its line numbers are those of the file after `row_offset` is added."""
        return Content(self.file, self.header + self.body, self.member)

    @property
    def row_offset(self) -> int:
        return 0 if self.first else self.line - 2


class Feed:
    """After `pieces()` is exhausted `sha256`, `content_sha256`, `size_bytes` and, of a tar, `container` hold.

    `cuttable(content)` says of the first piece whether its lines can be read one piece after the other. `keep_cut`: a
    tar that breaks off gives the members before that, and `cut` then says where.
    """

    def __init__(
        self,
        path: Path,
        label: str,
        *,
        cuttable: Callable[[Content], bool],
        max_content_bytes: int = MAX_CONTENT_BYTES,
        parts: Sequence[Path] = (),
        keep_cut: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.container = Container(path, label, max_content_bytes=max_content_bytes, parts=parts)
        self.sha256 = self.content_sha256 = ""
        self.size_bytes = 0
        self.cut = ""
        self._cuttable, self._progress, self._keep_cut = cuttable, progress, keep_cut
        self._digest = hashlib.sha256()
        self._source: FileBytes | None = None

    @property
    def label(self) -> str:
        return self.container.label

    @property
    def is_tar(self) -> bool:
        return self.container.is_tar

    @property
    def part_sha256(self) -> tuple[str, ...]:
        """Of the parts of a split archive."""
        return () if self._source is None else tuple(self._source.part_sha256)

    def share_read(self) -> float:
        """How much of the file, as it lies on disk, has been read: between 0 and 1."""
        if self._source is None or not self._source.total_bytes:
            return 1.0
        return self._source.size_bytes / self._source.total_bytes

    def pieces(self) -> Iterator[Piece]:
        """Raises InputError where the file as a whole is bad; bad members of a tar are in `container.failures`."""
        with self.container.opened(self._progress) as source:
            self._source = source
            if source.peek(_BLOCK)[:2] == _GZIP:
                yield from self._of_stream(Gunzip(source, self.label, max_bytes=MAX_LINES_BYTES), packed=True)
            else:
                yield from self._of_stream(source, packed=False)
            self.sha256 = finished(source)
            self.size_bytes = source.size_bytes
            self.content_sha256 = self.sha256 if self.is_tar else self._digest.hexdigest()

    def _of_stream(self, stream: FileBytes | Gunzip, *, packed: bool) -> Iterator[Piece]:
        head = stream.read(_BLOCK)
        if is_tar(head):
            if isinstance(stream, Gunzip):
                stream.max_bytes = MAX_TAR_BYTES
            yield from self._members(head, stream)
            return
        head += stream.read(PIECE_BYTES - len(head))
        whole = len(head) < PIECE_BYTES or head[:2] == _GZIP or _lone_returns(head)
        if whole or not self._cuttable(Content(self.label, head)):
            yield Piece(self.label, self._rest(head, stream, packed=packed))
            return
        yield from self._cut(head, stream)

    def _members(self, head: bytes, stream: FileBytes | Gunzip) -> Iterator[Piece]:
        try:
            for content in self.container.members(head, stream):
                yield Piece(content.file, content.data, content.member)
        except DamagedFileError as error:
            if not (self._keep_cut and self.container.count):
                raise
            self.cut = error.problem

    def _rest(self, head: bytes, stream: FileBytes | Gunzip, *, packed: bool) -> bytes:
        most = self.container.max_content_bytes
        data = head if len(head) < PIECE_BYTES else head + stream.read(max(most - len(head), 0) + 1)
        if len(data) > most:
            problem = f"decompresses to more than {most} bytes" if packed else f"is larger than {most} bytes"
            raise InputError(problem, file=self.label)
        if packed:
            data = gunzip(data, self.label, max_bytes=most, layers=1)
        self._digest.update(data)
        return data

    def _cut(self, head: bytes, stream: FileBytes | Gunzip) -> Iterator[Piece]:
        header, waiting, lines = b"", head, 0
        self._digest.update(head)
        while True:
            more = stream.read(PIECE_BYTES)
            self._digest.update(more)
            last = len(more) < PIECE_BYTES
            end = waiting.rfind(b"\n") + 1
            if not end:
                raise DamagedFileError(f"a line of more than {PIECE_BYTES} bytes", file=self.label, line=lines + 1)
            body, waiting = (waiting + more, b"") if last else (waiting[:end], waiting[end:] + more)
            yield Piece(self.label, body, header=header, line=lines + 1)
            header = header or _header_of(body)
            if last:
                return
            lines += line_ends(body) + _lone_returns(body)


def _lone_returns(data: bytes) -> int:
    """How many lines end with a carriage return alone. Where the first do, a file is not cut: its header may."""
    return data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0


def _header_of(body: bytes) -> bytes:
    """The first line that is not blank, with its line end; without a byte order mark."""
    for line in body.removeprefix(b"\xef\xbb\xbf").split(b"\n", 64)[:64]:
        if line.strip():
            return line + b"\n"
    return b"\n"


def finished(source: FileBytes) -> str:
    """The sha256 of all of it. A file that is gone when all has been read has changed, too."""
    try:
        return source.finish()
    except OSError as error:
        raise InputError(
            f"changed while it was read: {error.strerror}", file=source.label, accepted="run again when it is at rest"
        ) from error


_PART: Final = re.compile(r"^(?P<whole>.+\.(?:tar|tgz|tar\.gz))\.(?P<part>[a-z]{2})$")
_COMPRESSIONS: Final = frozenset({"gz", "xz", "lz", "br"})
"""Endings of two letters that say how a whole tar is packed (bz2, zst and the like have more)."""


def parts_among(names: Sequence[str]) -> dict[str, str]:
    """Name → part (`aa`, `ab` …) of those files of one folder that are parts of split archives: `x.tar.aa` and so on.

    A sequence has `aa` in it, or two that follow one another; one alone is a part if it is one of the first 26. The
    usual endings of packed tars are never parts.
    """
    sequences: dict[str, dict[str, str]] = {}
    for name in names:
        match = _PART.match(name)
        if match and match["part"] not in _COMPRESSIONS:
            sequences.setdefault(match["whole"], {})[name] = match["part"]
    found: dict[str, str] = {}
    for parts in sequences.values():
        numbers = {_number(part) for part in parts.values()}
        if min(numbers) < 26 or any(number + 1 in numbers for number in numbers):
            found |= parts
    return found


def _number(part: str) -> int:
    return (ord(part[0]) - 97) * 26 + ord(part[1]) - 97


def missing_parts(parts: Sequence[str]) -> list[str]:
    """The parts before the last one given that are not among `parts` (two letters each, counted from `aa`)."""
    numbers = {_number(part) for part in parts}
    gone = sorted(set(range(max(numbers) + 1)) - numbers)
    return [chr(97 + number // 26) + chr(97 + number % 26) for number in gone]
