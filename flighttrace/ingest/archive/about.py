"""What makes a folder an archive, or a cache: the little that asking it needs to know first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson

from flighttrace.errors import InputError
from flighttrace.ingest.archive import manifest

ABOUT: Final = "archive.json"
CACHE: Final = "cache"
"""The kind of an archive that may be trimmed and cleared."""


def about_text(kind: str) -> bytes:
    """The content of `archive.json`; `kind` is CACHE or empty."""
    about: dict[str, object] = {"flighttrace_archive": manifest.FORMAT}
    return orjson.dumps({**about, "kind": kind} if kind else about, option=orjson.OPT_INDENT_2) + b"\n"


def is_cache(root: Path) -> bool:
    """Whether the folder says of itself that it is a cache. InputError as by `check_format`."""
    return check_format(root).get("kind") == CACHE


def is_cache_of_another_format(root: Path) -> bool:
    """Whether another version of flighttrace made the folder as its cache. InputError where it made no such folder."""
    held = _held(root)
    return held.get("kind") == CACHE and held.get("flighttrace_archive") not in (None, manifest.FORMAT)


def check_format(root: Path) -> dict[str, object]:
    """What `archive.json` says. InputError where the folder is no archive of this format."""
    held = _held(root)
    version = held.get("flighttrace_archive")
    if version != manifest.FORMAT:
        raise InputError(f"is of archive format {version}", file=root.name, accepted=f"format {manifest.FORMAT}")
    return held


def _held(root: Path) -> dict[str, object]:
    try:
        held = orjson.loads((root / ABOUT).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(
            "is not an archive of flighttrace", file=root.name, accepted="a folder made by `flighttrace ingest`"
        ) from error
    return dict(held) if isinstance(held, dict) else {}
