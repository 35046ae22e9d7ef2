"""What the user named → the files to read, each with the label it bears in every output.

A label is the path relative to the parent of the argument that named it: never absolute, so that no output tells
where the user keeps things. Names are names: `*`, `[`, quotes and a leading `-` mean nothing here.
"""

from __future__ import annotations

import glob
import os
import stat
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from flighttrace.errors import InputError, LocatedError

CUSTODY: Final = ".custody.json"
"""Ends the name of the record that `flighttrace fetch` puts beside each file it keeps."""


@dataclass(frozen=True)
class InputFile:
    """`in_folder`: found in a folder that the user named, not named itself."""

    label: str
    path: Path
    given: str
    in_folder: bool


@dataclass
class Found:
    """`skipped` are entries of named folders that are not files to read: "label: why"."""

    files: list[InputFile] = field(default_factory=list)
    failures: list[LocatedError] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def find_files(paths: Sequence[str | Path], *, globs: bool = False) -> Found:
    """Every file that the paths name, sorted by label. A path that does not exist is a failure that names it.

    globs: what names nothing by itself may be a pattern (`**` crosses folders); one that fits nothing is a failure.
    """
    found = Found()
    for given in paths:
        fitting = sorted(glob.glob(str(given), recursive=True)) if globs and not os.path.lexists(given) else None
        for path in fitting or (given,):
            _find(path, found)
    unique: dict[tuple[str, str], InputFile] = {}
    for file in found.files:
        unique.setdefault((file.label, os.path.realpath(file.path)), file)
    found.files = sorted(_told_apart(list(unique.values())), key=lambda file: (file.label, str(file.path)))
    found.skipped = sorted(set(found.skipped))
    return found


def _find(given: str | Path, found: Found) -> None:
    if str(given) == "":  # Path("") is the current folder
        problem = "there is no such file or folder: the name is empty (a shell variable that is not set?)"
        found.failures.append(InputError(problem, file='""'))
        return
    path = Path(given)
    base = path.name if path.name not in ("", ".", "..") else ""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        problem = "there is no such file or folder" if missing else f"cannot be opened: {type(error).__name__}"
        found.failures.append(InputError(problem, file=path.name if path.is_absolute() else str(given)))
        return
    if not stat.S_ISDIR(mode):
        found.files.append(InputFile(base, path, str(given), in_folder=False))
        return
    before = len(found.files)

    def unreadable(error: OSError) -> None:
        found.failures.append(
            InputError(f"cannot be listed: {error.strerror}", file=_below(path, base, error.filename))
        )

    for folder, subfolders, names in os.walk(path, onerror=unreadable):
        for name in list(subfolders):
            reason = "a link to a folder" if os.path.islink(os.path.join(folder, name)) else ""
            reason = reason or ("a hidden folder" if name.startswith(".") else "")
            if reason:
                found.skipped.append(f"{_below(path, base, os.path.join(folder, name))}: {reason}")
                subfolders.remove(name)
        for name in names:
            full = Path(folder, name)
            label = _below(path, base, str(full))
            if name.startswith("."):
                found.skipped.append(f"{label}: a hidden file")
            elif name.endswith(CUSTODY) and name.removesuffix(CUSTODY) in names:
                found.skipped.append(f"{label}: the record of where the file beside it came from")
            else:
                found.files.append(InputFile(label, full, str(given), in_folder=True))
    if len(found.files) == before:
        found.failures.append(InputError("the folder holds no file", file=base or "."))


def _below(top: Path, base: str, full: str) -> str:
    inside = os.path.relpath(full, top).replace(os.sep, "/")
    return f"{base}/{inside}" if base else inside


def _told_apart(files: list[InputFile]) -> list[InputFile]:
    """Files with one label get as many parent folders in front as tell them apart."""
    by_label: dict[str, list[InputFile]] = defaultdict(list)
    for file in files:
        by_label[file.label].append(file)
    result: list[InputFile] = []
    for label, same in by_label.items():
        if len(same) == 1:
            result += same
            continue
        inside = label.count("/") + 1
        parts = [Path(os.path.abspath(file.path)).parts for file in same]
        more = 1
        while len({tuple(p[-inside - more :]) for p in parts}) < len(same):
            more += 1
        result += [replace(file, label="/".join(p[-inside - more :])) for file, p in zip(same, parts, strict=True)]
    return result
