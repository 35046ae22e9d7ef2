"""Columns of text or numbers from a source → arrays of one kind, with a mask of what could not be read.

Nothing here drops or mends a value: what is missing comes back as missing, what is unreadable is marked in `bad`.
Text is parsed by Arrow (correctly rounded, and no `1_0`, no `0x10`, no locale), never by guessing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MISSING_NUMBERS: Final = ("", "nan", "null", "none", "na", "n/a")
"""Lower-case texts that stand for "no number". `NA` is what R and Flightradar24's archive write."""
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$"
_TRUE: Final = ("true", "t", "1", "1.0", "-1", "yes")
"""SBS-1 writes -1 for true."""
_FALSE: Final = ("false", "f", "0", "0.0", "no")
ADDRESS: Final = r"^~?[0-9a-f]{6}$"
NO_IDENTITY: Final = frozenset({"000000", "000001", "ffffff"})
"""Addresses that transponders and decoders send when theirs is not set: many aircraft, never one."""


def text_array(values: pd.Series[Any]) -> pa.Array:
    """The column as trimmed Arrow text, missing where it is None or NaN."""
    array = pa.array(values.astype("str"), type=pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):  # a column put together from several
        array = array.combine_chunks()
    return pc.utf8_trim_whitespace(array)


def _mask(array: pa.Array) -> Bools:
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def is_given(values: pd.Series[Any]) -> Bools:
    """True where the value is neither None, NaN nor blank text."""
    if values.dtype.kind in "biufM":
        return values.notna().to_numpy(dtype=np.bool_)
    return _mask(pc.not_equal(text_array(values), ""))


def numbers(values: pd.Series[Any]) -> tuple[Floats, Bools]:
    """(numbers, bad): NaN where missing; `bad` where there is a text or an infinity that is no number."""
    if values.dtype.kind in "iuf":
        found: Floats = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return found, np.isinf(found)
    if values.dtype == object and pd.api.types.infer_dtype(values, skipna=True) in (
        "floating",
        "integer",
        "mixed-integer-float",
        "empty",
    ):
        held = np.asarray(values.astype("float64"), dtype=np.float64)
        return held, np.isinf(held)
    text = text_array(values)
    missing = _mask(pc.or_kleene(pc.is_null(text), pc.is_in(pc.utf8_lower(text), pa.array(MISSING_NUMBERS))))
    readable = pc.fill_null(pc.match_substring_regex(text, _NUMBER), False)
    parsed = pc.if_else(readable, text, pa.scalar(None, pa.large_string())).cast(pa.float64())
    found = np.array(parsed.to_numpy(zero_copy_only=False), dtype=np.float64)
    bad = (~missing & ~_mask(readable)) | np.isinf(found)
    return found, bad


def truths(values: pd.Series[Any]) -> tuple[pd.arrays.BooleanArray, Bools]:
    """(booleans, bad): missing where nothing is said."""
    if values.dtype.kind == "b":
        held = values.to_numpy(dtype=np.bool_, na_value=False)
        return pd.arrays.BooleanArray(held, values.isna().to_numpy(dtype=np.bool_)), np.zeros(len(held), dtype=np.bool_)
    text = pc.utf8_lower(text_array(values))
    true, false = _mask(pc.is_in(text, pa.array(_TRUE))), _mask(pc.is_in(text, pa.array(_FALSE)))
    missing = _mask(pc.or_kleene(pc.is_null(text), pc.is_in(text, pa.array(MISSING_NUMBERS))))
    return pd.arrays.BooleanArray(true, ~(true | false)), ~(true | false | missing)


def _as_text(array: pa.Array) -> pd.Series[str]:
    return pd.Series(array.to_pandas(), dtype="str")


def texts(values: pd.Series[Any]) -> pd.Series[str]:
    """Trimmed text; blanks are missing."""
    text = text_array(values)
    return _as_text(pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.large_string()), text))


def callsigns(values: pd.Series[Any]) -> pd.Series[str]:
    """Trimmed call signs; blanks and `@@@…` (all bits zero) are missing. `NA` and `NULL` are text."""
    text = pc.utf8_trim(text_array(values), " \t\0")
    unset = pc.match_substring_regex(text, "^@*$")
    return _as_text(pc.if_else(unset, pa.scalar(None, pa.large_string()), text))


def addresses(values: pd.Series[Any]) -> tuple[pd.Series[str], Bools]:
    """(addresses, bad): lower-case six hex digits, a `0x` prefix taken off, a leading `~` kept; missing where blank."""
    text = pc.utf8_lower(text_array(values))
    text = pc.replace_substring_regex(text, r"^(~?)0x", r"\1")
    empty = _mask(pc.or_kleene(pc.is_null(text), pc.equal(text, "")))
    good = pc.fill_null(pc.match_substring_regex(text, ADDRESS), False)
    return _as_text(pc.if_else(good, text, pa.scalar(None, pa.large_string()))), ~empty & ~_mask(good)
