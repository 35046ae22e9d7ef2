"""Values as plain data, written so that the same content is always the same bytes.

Times are ISO 8601 in UTC with milliseconds and `Z`; a number that is not finite becomes null, never NaN; a path loses
its folders, so that no output tells whose machine it was made on.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath

from flighttrace.language import Text

Plain = dict[str, object]
"""An object of a JSON document."""

PROBABILITY_DECIMALS = 6
"""Far finer than any probability here is known, and coarse enough that two platforms print the same."""
SUM_TOLERANCE = 1e-4
"""A list of probabilities that misses 1 by more was cut or never normalised: a fault of ours, not a rounding."""


def iso_ms(moment: datetime | None) -> str | None:
    """`2020-09-24T08:15:30.000Z`, or None. A naive time raises ValueError."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def number(value: float | int | None, decimals: int) -> float | None:
    """The value rounded, None where it is missing or not finite; minus zero is zero."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), decimals) + 0.0


def rounded_to_one(values: Sequence[float], decimals: int = PROBABILITY_DECIMALS) -> list[float]:
    """The probabilities rounded by largest remainder, so that the printed list sums to 1 exactly as the true one does.

    Raises ValueError where a value is negative or not finite, or where they do not sum to 1 within SUM_TOLERANCE.
    """
    if not values or any(not math.isfinite(v) or v < 0 for v in values) or abs(sum(values) - 1) > SUM_TOLERANCE:
        raise ValueError(f"not a list of probabilities that sums to 1: {list(values)!r}")
    scale = 10**decimals
    exact = [v / sum(values) * scale for v in values]
    units = [math.floor(v) for v in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (units[i] - exact[i], i))
    for i in by_remainder[: scale - sum(units)]:
        units[i] += 1
    return [u / scale for u in units]


def bilingual(text: Text) -> dict[str, str]:
    """Both languages of a sentence."""
    return {"en": text.en, "ar": text.ar}


def label(name: str) -> str:
    """A file's name as outputs may show it: an absolute path, or one that climbs, is cut to its last part."""
    for flavour in (PurePosixPath(name), PureWindowsPath(name)):
        if flavour.is_absolute() or flavour.drive or ".." in flavour.parts or name.startswith("~/"):
            return flavour.name or "input"
    return name


def without_paths(sentence: str, path: str) -> str:
    """The sentence with `path`, and its folders alone, replaced by the label (an OSError's text repeats the path)."""
    shorter = label(path)
    return sentence if shorter == path else re.sub(re.escape(path), lambda _: shorter, sentence)


def plain(value: object) -> object:
    """Any setting as JSON data: times as text, sets sorted, paths as labels, numbers finite."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return number(value, 9)
    if isinstance(value, datetime):
        return iso_ms(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Text):
        return bilingual(value)
    if isinstance(value, Mapping):
        return {label(str(k)): plain(v) for k, v in sorted(value.items(), key=lambda item: str(item[0]))}
    if isinstance(value, set | frozenset):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(v) for v in value]
    return label(str(value))


def canonical_json(document: Mapping[str, object]) -> str:
    """The document as text: keys in the order given, two spaces, LF at the end, characters as they are; NaN raises."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
