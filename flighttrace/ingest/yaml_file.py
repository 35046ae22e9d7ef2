"""A user's YAML 1.2 file as plain values, with the line of every key; no tag makes an object of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from flighttrace.errors import InputError, shown

_LARGEST_BYTES: Final = 100_000


def bytes_of(path: Path, what: str) -> bytes:
    """The file's bytes. InputError, which calls the file `what`, where it cannot be read or is too large for one."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"too large for a {what}", file=path.name)
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"the {what} cannot be read: {error.strerror}", file=path.name) from error


def read_yaml(data: bytes, file: str) -> Any:
    """ruamel's containers, which know their lines. Raises InputError with the line of what is no YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt").load(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", file=file) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        raise InputError(f"is not YAML: {shown(error.problem)}", file=file, line=line) from error
    except YAMLError as error:
        raise InputError(f"is not YAML: {shown(error)}", file=file) from error


def plain(value: Any) -> Any:
    """ruamel's containers and scalars as plain ones: strict validation wants exact types."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool):
        return bool(value)
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


def place_of(value: Any, loc: tuple[int | str, ...]) -> tuple[int, str]:
    """(line, dotted key) of the deepest part of `loc` that the file has."""
    line, names = 1, []
    for step in loc:
        try:
            mark = value.lc.data[step]
            line, value = mark[0] + 1, value[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            if isinstance(step, str) and step.isidentifier():
                names.append(step)
            break
        names.append(str(step))
    return line, ".".join(names)
