"""Paths → decompressed contents: files, folders, gzip and tar, told apart by their bytes, never by their names.

Archives are read as streams and nothing is ever unpacked to disk. Gzip checksums and lengths are checked, a cut or
padded archive is an error, and what comes out is capped. The sha256 is of the file's bytes as they lie on disk.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, cast

from isal import isal_zlib

from flighttrace.errors import DamagedFileError, InputError, LocatedError
from flighttrace.ingest.records import Content

MAX_CONTENT_BYTES: Final = 2 * 1024**3
"""Decompressed bytes of one file or member. OpenSky's largest hourly file is about 0.3 GB."""
MAX_TAR_BYTES: Final = 64 * 1024**3
"""Decompressed bytes of one tar, all members together. A busy adsb.lol day is under 10 GB."""
MAX_TAR_MEMBERS: Final = 500_000
"""A day of adsb.lol has about 60,000."""
MAX_RATIO: Final = 400
"""Decompressed over compressed bytes; deflate ends at 1,032, track text at about 20."""
RATIO_FROM_BYTES: Final = 64 * 1024**2
"""Small files may compress by any ratio."""
_BLOCK: Final = 512
_CHUNK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
IGZIP_ERROR: Final = cast("type[Exception]", isal_zlib.error)
_MAX_GZIP_LAYERS: Final = 2
_JOINED: Final = "a complete archive; parts named .tar.aa, .tar.ab … are joined in order with cat first"
_NOT_TRACKS: Final = ("acas/", "heatmap/")
"""Folders of a readsb archive that hold no traces."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class FileBytes:
    """A regular file, or the parts of a split one as if joined, read once from start to end.

    Counted and hashed on the way (each part by itself too), checked for change at the end. `progress` is told of every
    read: how many bytes it gave.
    """

    def __init__(
        self, path: Path, label: str, *, parts: Sequence[Path] = (), progress: Callable[[int], None] | None = None
    ) -> None:
        self.label = label
        self.size_bytes = 0
        self.part_sha256: list[str] = []
        self._paths = list(parts) or [path]
        self._digest, self._part_digest = hashlib.sha256(), hashlib.sha256()
        self._progress = progress
        self._pushed = b""
        self._files: list[BinaryIO] = []
        for each in self._paths:
            self._files.append(_open_regular(each, label))
        self._before = [os.fstat(file.fileno()) for file in self._files]
        self.total_bytes = sum(before.st_size for before in self._before)
        self._at = 0

    def __enter__(self) -> FileBytes:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for file in self._files:
            file.close()

    def peek(self, size: int) -> bytes:
        """The next bytes without taking them."""
        if len(self._pushed) < size:
            self._pushed += self._take(size - len(self._pushed))
        return self._pushed[:size]

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        if size < 0:
            taken, self._pushed = self._pushed, b""
            return taken + self._take(-1)
        taken, self._pushed = self._pushed[:size], self._pushed[size:]
        return taken + self._take(size - len(taken)) if len(taken) < size else taken

    def _take(self, size: int) -> bytes:
        data = self._take_part(size)
        while (size < 0 or len(data) < size) and self._at + 1 < len(self._files):
            self._next_part()
            data += self._take_part(size - len(data) if size >= 0 else -1)
        return data

    def _take_part(self, size: int) -> bytes:
        try:
            data = self._files[self._at].read(size)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", file=self.label) from error
        self._digest.update(data)
        if len(self._files) > 1:
            self._part_digest.update(data)
        self.size_bytes += len(data)
        if self._progress is not None and data:
            self._progress(len(data))
        return data

    def _next_part(self) -> None:
        self.part_sha256.append(self._part_digest.hexdigest())
        self._part_digest = hashlib.sha256()
        self._at += 1

    def finish(self) -> str:
        """Read what is left, see that nothing changed meanwhile, and return the sha256 of the whole."""
        while self._take(_CHUNK):
            pass
        if len(self._files) > 1:
            self._next_part()
        for path, file, before in zip(self._paths, self._files, self._before, strict=True):
            try:
                now = (os.fstat(file.fileno()), path.stat())
            except OSError as error:
                raise InputError(_CHANGED, file=self.label, accepted=_AT_REST) from error
            for after in now:
                if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                    raise InputError(_CHANGED, file=self.label, accepted=_AT_REST)
        if self.size_bytes != self.total_bytes:
            raise InputError(_CHANGED, file=self.label, accepted=_AT_REST)
        return self._digest.hexdigest()


_CHANGED: Final = "changed while it was read"
_AT_REST: Final = "run again when it is at rest"


def _open_regular(path: Path, label: str) -> BinaryIO:
    """The file, opened without waiting on a pipe; anything but a regular file is an error."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError as error:
        raise InputError("there is no such file or folder", file=label) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be opened: {reason}", file=label) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError("is not a regular file", file=label, accepted="a file or a folder of files")
    return os.fdopen(descriptor, "rb")


class Gunzip:
    """Decompressed bytes of a gzip stream with one or more members; every checksum and length is checked (by
    igzip, which inflates at about twice zlib's speed)."""

    def __init__(self, source: _Readable, label: str, *, max_bytes: int) -> None:
        self._source, self._label, self.max_bytes = source, label, max_bytes
        self._engine = isal_zlib.decompressobj(31)
        self._waiting = b""
        self._ended = False
        self.taken_bytes = self.given_bytes = 0

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        wanted = self.max_bytes + 1 if size < 0 else size
        parts: list[bytes] = []
        while wanted > 0 and not self._ended:
            piece = self._step(min(wanted, _CHUNK))
            wanted -= len(piece)
            parts.append(piece)
        return b"".join(parts)

    def _step(self, most: int) -> bytes:
        if not self._waiting:
            self._waiting = self._source.read(_CHUNK)
            self.taken_bytes += len(self._waiting)
            if not self._waiting:
                raise DamagedFileError(
                    f"gzip data is cut after {self.taken_bytes} bytes ({self.given_bytes} decompressed)",
                    file=self._label,
                    accepted="a complete copy",
                )
        try:
            piece = self._engine.decompress(self._waiting, most)
        except IGZIP_ERROR as error:
            raise DamagedFileError(
                f"gzip data is damaged within the first {self.taken_bytes} bytes: {error}", file=self._label
            ) from error
        self._waiting = self._engine.unconsumed_tail
        self.given_bytes += len(piece)
        self._check_caps()
        if self._engine.eof:
            self._next_member(self._engine.unused_data)
        return piece

    def _next_member(self, rest: bytes) -> None:
        while len(rest) < 2:
            more = self._source.read(_CHUNK)
            self.taken_bytes += len(more)
            rest += more
            if not more:
                break
        if not rest:
            self._ended = True
        elif rest.startswith(_GZIP):
            self._engine, self._waiting = isal_zlib.decompressobj(31), rest
        else:
            at = self.taken_bytes - len(rest)
            raise DamagedFileError(f"there is something else after the gzip data, at byte {at}", file=self._label)

    def _check_caps(self) -> None:
        if self.given_bytes > self.max_bytes:
            raise InputError(f"decompresses to more than {self.max_bytes} bytes", file=self._label)
        if self.given_bytes > RATIO_FROM_BYTES and self.given_bytes > MAX_RATIO * max(self.taken_bytes, 1):
            raise InputError(
                f"{self.taken_bytes} bytes decompress to more than {self.given_bytes}: not a track file",
                file=self._label,
            )


class _Forward:
    """A stream that tarfile may only walk forward through; remembers what the last read gave."""

    def __init__(self, source: _Readable) -> None:
        self._source, self._position, self.last = source, 0, b""

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        self.last = self._source.read(size)
        self._position += len(self.last)
        return self.last

    def seek(self, position: int, whence: int = 0) -> int:
        if whence != 0 or position < self._position:
            raise OSError("an archive is read forward only")
        while self._position < position:
            if not self.read(min(position - self._position, _CHUNK)):
                break
        return self._position


@dataclass
class Container:
    """One input file. After `contents()` is exhausted the other fields hold.

    `failures` are members that could not be decompressed (the others go on); `skipped` counts what is no track file.
    """

    path: Path
    label: str
    max_content_bytes: int = MAX_CONTENT_BYTES
    sha256: str = ""
    size_bytes: int = 0
    is_tar: bool = False
    count: int = 0
    """Members of a tar seen so far."""
    skipped: Counter[str] = field(default_factory=Counter)
    failures: list[LocatedError] = field(default_factory=list)

    parts: Sequence[Path] = ()
    """The files of a split archive, in order; `path` is then not read."""

    def opened(self, progress: Callable[[int], None] | None = None) -> FileBytes:
        """The file's bytes, to be used with `with`."""
        return FileBytes(self.path, self.label, parts=self.parts, progress=progress)

    def contents(self) -> Iterator[Content]:
        """The file's content, or one content a member of a tar. Raises InputError where the file as a whole is bad."""
        with self.opened() as file:
            if file.peek(_BLOCK)[:2] == _GZIP:
                yield from self._unwrapped(Gunzip(file, self.label, max_bytes=MAX_TAR_BYTES))
            elif is_tar(file.peek(_BLOCK)):
                yield from self.members(b"", file)
            else:
                if file.total_bytes > self.max_content_bytes:
                    raise InputError(f"is larger than {self.max_content_bytes} bytes", file=self.label)
                yield Content(self.label, file.read())
            self.sha256 = file.finish()
            self.size_bytes = file.size_bytes

    def _unwrapped(self, stream: Gunzip) -> Iterator[Content]:
        head = stream.read(_BLOCK)
        if is_tar(head):
            yield from self.members(head, stream)
            return
        rest = stream.read(self.max_content_bytes)
        if len(head) + len(rest) > self.max_content_bytes or stream.read(1):
            raise InputError(f"decompresses to more than {self.max_content_bytes} bytes", file=self.label)
        yield Content(self.label, gunzip(head + rest, self.label, max_bytes=self.max_content_bytes, layers=1))

    def members(self, head: bytes, source: _Readable) -> Iterator[Content]:
        """One content a member of the tar that `source` goes on with after `head`."""
        stream = _Forward(_Prefixed(head, source) if head else source)
        self.is_tar = True
        self.count = 0
        try:
            with tarfile.open(fileobj=stream, mode="r:") as tar:  # type: ignore[call-overload]
                for member in tar:
                    self.count += 1
                    if self.count > MAX_TAR_MEMBERS:
                        raise InputError(f"holds more than {MAX_TAR_MEMBERS} members", file=self.label)
                    tar.members = []  # else every header stays in memory
                    content = self._member(tar, member)
                    if content is not None:
                        yield content
        except (tarfile.TarError, OSError, EOFError, ValueError, IGZIP_ERROR) as error:
            raise DamagedFileError(
                f"the tar breaks off after {self.count} members: {error}", file=self.label, accepted=_JOINED
            ) from error
        if stream.last != bytes(_BLOCK):
            raise DamagedFileError(
                f"the tar has no end mark after {self.count} members: cut or damaged", file=self.label, accepted=_JOINED
            )
        while padding := stream.read(_CHUNK):
            if padding.strip(b"\0"):
                raise DamagedFileError("there is something else after the end of the tar", file=self.label)

    def _member(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> Content | None:
        name = member.name.removeprefix("./")
        if member.isdir():
            return None
        if not member.isreg():
            self.skipped["links and devices"] += 1
            return None
        for folder in _NOT_TRACKS:
            if f"/{name}".find(f"/{folder}") >= 0:
                self.skipped[folder] += 1
                return None
        label = f"{self.label}!{name}"
        if member.size > self.max_content_bytes:
            self.failures.append(InputError(f"is larger than {self.max_content_bytes} bytes", file=label))
            return None
        opened = tar.extractfile(member)
        data = b"" if opened is None else opened.read()
        if len(data) != member.size:
            raise tarfile.ReadError("unexpected end of data")
        if is_tar(data):
            self.failures.append(InputError("a tar inside a tar is not read", file=label))
            return None
        try:
            data = gunzip(data, label, max_bytes=self.max_content_bytes)
        except InputError as error:
            self.failures.append(error)
            return None
        return Content(label, data, member=name)


class _Prefixed:
    """Bytes already taken from a stream, put back in front of it."""

    def __init__(self, head: bytes, stream: _Readable) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int = -1, /) -> bytes:
        if not self._head:
            return self._stream.read(size)
        if size < 0:
            size = len(self._head)
        taken, self._head = self._head[:size], self._head[size:]
        return taken + self._stream.read(size - len(taken)) if len(taken) < size else taken


def is_tar(head: bytes) -> bool:
    """True for POSIX and GNU tars, by their mark at byte 257."""
    return head[257:262] == b"ustar"


def gunzip(data: bytes, label: str, *, max_bytes: int = MAX_CONTENT_BYTES, layers: int = 0) -> bytes:
    """The bytes with all gzip layers taken off; `layers` were taken off before. Plain bytes come back as they are."""
    while data[:2] == _GZIP:
        if layers >= _MAX_GZIP_LAYERS:
            raise InputError(f"is compressed more than {_MAX_GZIP_LAYERS} times over", file=label)
        data = Gunzip(BytesIO(data), label, max_bytes=max_bytes).read()
        layers += 1
    return data
