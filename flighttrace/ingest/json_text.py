"""JSON as input: which keys a file has, one strict parse, and values of the wrong kind.

Recognition reads keys with a small scanner that needs no valid document, so that a damaged file is still known by its
format and the error can say where it breaks. Reading uses orjson, which refuses NaN, Infinity, numbers beyond a
double and deep nesting by itself, but keeps the last of two equal keys without a word. That is found at little cost:
every key is followed by a colon, so where the text holds no more `":` than the parsed document has keys, no key was
lost. Only where it holds more is the file parsed again, slowly, to see whether a key really stands twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeGuard

import orjson
import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import DamagedFileError, InputError, shown
from flighttrace.ingest.records import Content

HEAD_BYTES: Final = 65536
"""Metadata stand before the points in every known format, and take a few kilobytes."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
ANY_INDEX: Final = "[]"
"""The step into a list, in a path of keys."""

LONGEST_PATH: Final = 8
"""Keys deeper than this are not looked at when recognising, nor shown in a path."""

_TOKEN: Final = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*+:)?|[{}\[\],]', re.DOTALL)
_SPACED_COLON: Final = re.compile(rb'"\s+:')
_NUMBER_COLUMNS: Final = (
    "lat",
    "lon",
    "baro_altitude",
    "geo_altitude",
    "ground_speed",
    "true_track",
    "vertical_rate",
)
_TEXT_COLUMNS: Final = ("icao24", "callsign", "flight", "position_source")


def starts_with(content: Content, opening: bytes) -> bool:
    """True where the first character that is not blank is `opening` (a byte order mark is passed over)."""
    return content.data[:HEAD_BYTES].removeprefix(BYTE_ORDER_MARK).lstrip()[:1] == opening


def has_keys(content: Content, *paths: tuple[str, ...], thorough: bool = False) -> bool:
    """True where the document holds every one of the paths of keys.

    The head is looked at first. The rest is scanned only for top-level keys, of which the head holds some and not all:
    they may stand behind a long list. So a file of another format costs next to nothing. `thorough` scans all of it.
    """
    head = content.data if thorough else content.data[:HEAD_BYTES]
    if not any(f'"{path[-1]}"'.encode() in head for path in paths):
        return False
    missing = set(paths)
    for path in _paths(head):
        missing.discard(path)
        if not missing:
            return True
    top_level = all(len(path) == 1 for path in paths)
    if not top_level or len(missing) == len(paths) or len(content.data) <= len(head):
        return False
    for path in _paths(content.data):
        missing.discard(path)
        if not missing:
            return True
    return False


def parse(content: Content) -> Any:
    """The document as Python values.

    Raises DamagedFileError where the text ends early or is not UTF-8, InputError (line, column, path) where it is not
    strict JSON, holds a number that no double can take, nests too deep, or states one key of an object twice.
    """
    data = content.data.removeprefix(BYTE_ORDER_MARK)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _explained(content, data, error) from None
    if data.count(b'":') + len(_SPACED_COLON.findall(data)) > _count_keys(document):
        _refuse_repeated_keys(content, data)
    return document


def simulated_mark(holder: dict[str, Any], content: Content) -> bool:
    """The value of the key `simulated`; absent is False. Anything but true or false raises InputError."""
    mark = holder.get("simulated", False)
    if not isinstance(mark, bool):
        raise InputError(
            f"the key simulated is {shown(mark)}", file=content.file, column="simulated", accepted="true or false"
        )
    return mark


def epoch_base_s(holder: dict[str, Any], key: str, content: Content) -> float:
    """The time under `key` in seconds since 1970. Missing, not a number, or not seconds of this age: InputError."""
    value = holder.get(key)
    accepted = "seconds since 1970-01-01 UTC"
    if not is_number(value):
        raise InputError(f"the key {key} is {shown(value)}", file=content.file, column=key, accepted=accepted)
    if value > 1e11:
        raise InputError(
            f"the key {key} is {shown(value)}: these look like milliseconds",
            file=content.file,
            column=key,
            accepted=accepted,
        )
    return float(value)


def is_number(value: object) -> TypeGuard[int | float]:
    """True for an int or a float; JSON's true and false are not numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def refuse(content: Content, row: int, column: str, reason: str, value: object) -> Quarantined:
    """One record that cannot become a row."""
    return Quarantined(file=content.file, line=row, column=column, reason=reason, value=shown(value))


def settle(frame: pd.DataFrame, content: Content) -> tuple[pd.DataFrame, list[Quarantined]]:
    """The frame without the records in which a number is true, false, a list or an object, or a text is no text.

    JSON has types, so `"lat": true` is a fault and not 1.0, and an address that is a number has lost its zeros.
    Numbers written as text are let through: the table stage reads those. Needs the column `row`.
    """
    refused: list[Quarantined] = []
    for column, allowed, reason in (
        *((name, (int, float, str), "not a number") for name in (*_NUMBER_COLUMNS, "time")),
        *((name, (str,), "not text") for name in _TEXT_COLUMNS),
        *((name, (bool, str), "not true or false") for name in ("on_ground", "simulated")),
    ):
        if column not in frame or not len(frame) or _is_of_kind(frame[column], allowed):
            continue
        values = frame[column]
        fine = [_is_missing(value) or _is_one_of(value, allowed) for value in values]
        for row, value, is_fine in zip(frame["row"], values, fine, strict=True):
            if not is_fine:
                refused.append(refuse(content, int(row), column, reason, value))
        frame = frame[fine]
    return frame.reset_index(drop=True), sorted(refused, key=lambda fault: fault.line)


def _is_of_kind(values: pd.Series[Any], allowed: tuple[type, ...]) -> bool:
    """True where the dtype alone says that every value is of an allowed type."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return bool in allowed
    if pd.api.types.is_numeric_dtype(values.dtype):
        return float in allowed or bool(values.isna().all())
    return isinstance(values.dtype, pd.StringDtype) and str in allowed


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _is_one_of(value: object, allowed: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in allowed
    return isinstance(value, allowed)


def _paths(data: bytes) -> Iterator[tuple[str, ...]]:
    """Every path of keys in the order of the text, as far as `LONGEST_PATH`; no check that the JSON is valid."""
    path: list[str] = []
    for token in _TOKEN.finditer(data):
        text = token.group()
        if token.group(2) is not None:
            key = token.group(1)[1:-1].decode("utf-8", errors="replace")
            if path:
                path[-1] = key
            if len(path) <= LONGEST_PATH:
                yield tuple(path)
        elif text == b"{":
            path.append("")
        elif text == b"[":
            path.append(ANY_INDEX)
        elif text in (b"}", b"]") and path:
            path.pop()


def _path_at(data: bytes, position: int) -> str:
    """Where in the document a byte stands, such as `$.trace[3][4]`."""
    steps: list[str | int] = []
    for token in _TOKEN.finditer(data, 0, position):
        text = token.group()
        if token.group(2) is not None and steps:
            steps[-1] = token.group(1)[1:-1].decode("utf-8", errors="replace")
        elif text == b"{":
            steps.append("")
        elif text == b"[":
            steps.append(0)
        elif text in (b"}", b"]") and steps:
            steps.pop()
        elif text == b"," and steps and isinstance(steps[-1], int):
            steps[-1] += 1
    return _written(steps)


def _written(steps: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps[:LONGEST_PATH])
    return shown(f"${text}{'…' if len(steps) > LONGEST_PATH else ''}")


def _explained(content: Content, data: bytes, error: orjson.JSONDecodeError) -> InputError:
    """What orjson found, as our error: a file cut short and bytes that are not UTF-8 are damage, the rest is not."""
    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        column = fault.start - (data.rfind(b"\n", 0, fault.start) + 1) + 1
        return DamagedFileError(
            f"byte {fault.start + 1} is not UTF-8", file=content.file, line=line, column=column, accepted="UTF-8 text"
        )
    path = _path_at(data, len(text[: error.pos].encode()))
    kind = DamagedFileError if error.msg == "unexpected end of data" else InputError
    problem = "the JSON ends too early, the file may be cut" if kind is DamagedFileError else f"not JSON: {error.msg}"
    return kind(
        f"{problem}, at {path}",
        file=content.file,
        line=error.lineno,
        column=error.colno,
        accepted="strict JSON: no NaN, no Infinity, numbers a double can hold, nesting below 1024",
    )


def _count_keys(document: Any) -> int:
    count = 0
    waiting: list[Any] = [document]
    while waiting:
        item = waiting.pop()
        inside: Iterable[Any] = item
        if type(item) is dict:
            count += len(item)
            inside = item.values()
        elif type(item) is not list:
            continue
        waiting.extend(value for value in inside if type(value) is dict or type(value) is list)
    return count


class _Repeating(dict[str, Any]):
    """An object that states a key twice."""

    repeated: str = ""


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    marked, seen = _Repeating(plain), set[str]()
    for key, _ in pairs:
        if key in seen:
            marked.repeated = key
            break
        seen.add(key)
    return marked


def _refuse_repeated_keys(content: Content, data: bytes) -> None:
    try:
        document = json.loads(data, object_pairs_hook=_marked)
    except RecursionError:
        raise InputError("the JSON nests too deep", file=content.file, accepted="nesting below 1024") from None
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        steps, item = waiting.pop()
        if isinstance(item, _Repeating):
            raise InputError(
                f"the key {shown(item.repeated)} stands twice in one object, at {_written(steps)}",
                file=content.file,
                accepted="each key once",
            )
        if isinstance(item, dict):
            waiting.extend(((*steps, key), value) for key, value in item.items())
        elif isinstance(item, list):
            waiting.extend(((*steps, index), value) for index, value in enumerate(item))
