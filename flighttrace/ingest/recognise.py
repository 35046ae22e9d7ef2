"""Exactly one reader must recognise a content; else an error that says what was seen and what is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from flighttrace.errors import InputError, UnknownFormatError, shown
from flighttrace.ingest.records import Content, Reader

FAMILIES: Final = (
    "OpenSky CSV/JSON/Parquet, readsb traces, Flightradar24 CSV/JSON/KML, KML, SBS-1, traffic tables, "
    "or a CSV with --mapping"
)
"""The readers by family, for people."""


def reader_of(content: Content, readers: Sequence[Reader], declared: Sequence[Reader] = ()) -> Reader:
    """The one reader of the content. `declared` are the user's own mappings; one that fits wins over the others."""
    if not content.data.strip():
        raise InputError("the file is empty", file=content.file)
    for group in (declared, readers):
        fitting = [reader for reader in group if reader.recognises(content)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = ", ".join(sorted(reader.NAME for reader in fitting))
            raise UnknownFormatError(f"more than one reader recognises it: {names}", file=content.file)
    raise UnknownFormatError(
        f"unknown format; {what_is_seen(content)}",
        file=content.file,
        accepted=f"accepted: {FAMILIES}",
    )


def what_is_seen(content: Content) -> str:
    """The content in a few words: its columns, its JSON keys, or its first bytes."""
    head = content.data.removeprefix(b"\xef\xbb\xbf").lstrip()[:200]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text: save it as UTF-8"
    if head[:2] == b"PK":
        return "a zip archive: unpack it first"
    if head[:4] == b"PAR1":
        return "Parquet without the columns of a position table"
    if head[:1] in (b"{", b"["):
        return _json_seen(content.data)
    if head[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "a web page, perhaps an error message in place of the file"
    if head[:1] == b"<":
        return f"XML that begins {shown(head[:60].decode('utf-8', 'replace'))}"
    if b"\0" in head or sum(byte < 9 or 13 < byte < 32 for byte in head) > 2:
        return f"binary data that begins {head[:12].hex(' ')}"
    first = content.first_lines(1)
    return f"columns seen: {shown(first[0], 200)}" if first else "no text in it"


def _json_seen(data: bytes) -> str:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return f"JSON that cannot be read (cut or damaged?): {shown(error)}"
    kind = "JSON"
    if isinstance(value, list):
        kind, value = f"a JSON list of {len(value)}", next(iter(value), None)
    if isinstance(value, dict):
        return f"{kind} with the keys {shown(', '.join(map(str, list(value)[:20])), 200)}"
    return f"{kind} of {type(value).__name__}"
