"""JSON text → columns, without a Python object for each value.

simdjson reads strictly: what is not JSON, not UTF-8 or beyond a double is refused. Where it is not installed (it has no
wheel for the newest Python) orjson takes its place, to the same values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final

import numpy as np
import orjson

from flighttrace.ingest.archive.rows import Floats

simdjson: ModuleType | None
try:
    import simdjson
except ImportError:
    simdjson = None

_LARGE: Final = 4 * 1024**2
"""Bytes of text. A parser keeps the room that its longest text took, several times as much."""
_PARSER: Final = None if simdjson is None else simdjson.Parser()
_OF_NUMBERS: Final = b"0123456789.-"
_STRING: Final = re.compile(rb'("[^"]*")(\s*:)?')
_SINGLE: Final = frozenset({str, int, float, bool, type(None)})


def numbers_of(text: bytes) -> Floats | None:
    """The numbers (n,) of a JSON list that begins with the text's first byte and holds nothing else.

    None for any other text, and perhaps where a whole number takes more than 64 bits.
    """
    if not text.startswith(b"[") or text.find(b"[", 1) >= 0:
        return None
    if simdjson is None:
        made = _loaded(text)
        numbers = isinstance(made, list) and {int, float}.issuperset(map(type, made))
        return np.array(made, dtype=np.float64) if numbers else None
    held = None
    parser = _parser_for(text)
    try:
        held = parser.parse(text)
        return np.frombuffer(held.as_buffer(of_type="d"), np.float64) if isinstance(held, simdjson.Array) else None
    except (ValueError, TypeError, RuntimeError):  # no JSON, not numbers, too deep
        return None
    finally:
        del held  # the parser takes no other text while anything refers to this one


def values_of(objects: Sequence[bytes], names: Sequence[str], *, depth: int) -> list[list[Any]] | None:
    """For each name the value that each object (n,) has under it, None where it has none.

    An object is the text between its braces, without a backslash or a brace. `depth`: in how many lists and objects
    they stood, for the limit on that. None for the whole where a text is no JSON or has a colon, a key stands twice in
    an object, or a value asked for is a list; perhaps also where keys differ in their digits alone.
    """
    if not objects:
        return [[] for _ in names]
    text = b"[" * depth + b"{" + b"},{".join(objects) + b"}" + b"]" * depth
    if simdjson is None:
        return _by_orjson(text, len(objects), names, depth)
    held = None
    parser = _parser_for(text)
    try:
        held = parser.parse(text)
        for _ in range(depth - 1):
            held = held[0]
        if len(held) != len(objects):
            return None
        shapes = set(text[depth + 1 : -depth - 1].translate(None, _OF_NUMBERS).split(b"},{"))
        keys = [_keys_of(shape) for shape in shapes]
        if None in keys:
            return None
        wanted = {f'"{name}"'.encode() for name in names}
        if all(wanted.issubset(some or ()) for some in keys):
            return _single([[one.get(name) for one in held] for name in names])
    except (ValueError, TypeError, RuntimeError):
        return None
    finally:
        del held
    return _by_orjson(text, len(objects), names, depth)  # to simdjson a key that is not there is dear


def _by_orjson(text: bytes, count: int, names: Sequence[str], depth: int) -> list[list[Any]] | None:
    made = _loaded(text)
    for _ in range(depth - 1 if made is not None else 0):
        made = made[0]
    if made is None or len(made) != count or sum(map(len, made)) != text.count(b":"):
        return None
    return _single([[one.get(name) for one in made] for name in names])


def _keys_of(shape: bytes) -> set[bytes] | None:
    """The keys in their quotes; None where one stands twice, or a colon elsewhere. `shape`: the inside of an object
    without what numbers are made of. Most objects of a file share a few."""
    keys = [found[1] for found in _STRING.finditer(shape) if found[2]]
    return set(keys) if len(set(keys)) == len(keys) == shape.count(b":") else None


def _single(columns: list[list[Any]]) -> list[list[Any]] | None:
    return columns if all(_SINGLE.issuperset(map(type, column)) for column in columns) else None


def _loaded(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _parser_for(text: bytes) -> Any:
    assert simdjson is not None
    return simdjson.Parser() if len(text) > _LARGE else _PARSER
