"""The beginning of a large file, taken apart as far as it goes: members of a tar, what a gzip holds, lines."""

from __future__ import annotations

import io
import tarfile
import zlib
from typing import Final

GZIP: Final = b"\x1f\x8b"
_MOST_BYTES: Final = 4 * 1024**2
"""Undone of a gzip: its beginning is looked at, and a bomb is as small as that."""


def tar_members(data: bytes) -> list[tuple[str, bytes, bool]]:
    """(name, bytes, whether these are all) of each file in the tar that these bytes begin; none where it is no tar."""
    found: list[tuple[str, bytes, bool]] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for member in tar:
                if member.isreg():
                    held = data[member.offset_data : member.offset_data + member.size]
                    found.append((member.name, held, len(held) == member.size))
    except (tarfile.TarError, ValueError, EOFError, OverflowError, RecursionError):
        return found
    return found


def gunzipped(data: bytes) -> bytes:
    """What the first member of a gzip holds, as far as these bytes and _MOST_BYTES go; empty where they are no gzip."""
    try:
        return zlib.decompressobj(31).decompress(data, _MOST_BYTES)
    except zlib.error:
        return b""


def whole_lines(data: bytes) -> bytes:
    """The lines that are whole."""
    return data[: data.rfind(b"\n") + 1]
