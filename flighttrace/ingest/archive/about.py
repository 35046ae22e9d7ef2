"""What makes a folder an archive, and what it was given and lacks: the little that asking it needs to know first."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from flighttrace.errors import InputError, LocatedError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.manifest import Failure

ABOUT: Final = "archive.json"


def check_format(root: Path) -> None:
    """InputError where the folder is no archive of this format."""
    try:
        held = orjson.loads((root / ABOUT).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(
            "is not an archive of flighttrace", file=root.name, accepted="a folder made by `flighttrace ingest`"
        ) from error
    version = held.get("flighttrace_archive") if isinstance(held, dict) else None
    if version != manifest.FORMAT:
        raise InputError(f"is of archive format {version}", file=root.name, accepted=f"format {manifest.FORMAT}")


def failed_inputs(root: Path) -> list[LocatedError]:
    """What the archive was given and could not take in, and was not given whole since; in the order of labels."""
    folder = root / manifest.FOLDER / manifest.FAILED
    found: list[tuple[str, LocatedError]] = []
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(folder)):
            if name.endswith(".json"):
                held: Mapping[str, Any] = orjson.loads((folder / name).read_bytes())
                found.append((held["label"], Failure(**held["failure"]).as_error("", "")))
    return [error for _, error in sorted(found, key=lambda item: item[0])]
