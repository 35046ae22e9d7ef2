"""Records of one range in the order of the archive, each exact duplicate once."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from flighttrace.ingest.archive.rows import NUMBERS, Ints, Recs, gathered

_BITS: Final = 63
_NOT_COMPARED: Final = ("source_row", "member")
"""Two records that differ in nothing else are one record written twice."""


def sorted_once(recs: Recs) -> tuple[Recs, int]:
    """(records by key, time, row and member; how many exact duplicates were left out).

    Of equal records the first in the order given stays.
    """
    if not len(recs):
        return recs, 0
    order = _order(recs)
    result = gathered(recs, order)
    tied = (result["key"][1:] == result["key"][:-1]) & (result["time_ms"][1:] == result["time_ms"][:-1])
    if not tied.any():
        return result, 0
    row = result["source_row"]
    if (tied & (row[1:] < row[:-1])).any():
        order = np.lexsort((recs["member"], recs["source_row"], recs["time_ms"], recs["key"]))
        result = gathered(recs, order)
    in_run = np.zeros(len(result), dtype=np.bool_)
    in_run[1:] = tied
    in_run[:-1] |= tied
    suspects = np.flatnonzero(in_run)
    again = suspects[_repeated(gathered(result, suspects), order[suspects])]
    if not len(again):
        return result, 0
    keep = np.ones(len(result), dtype=np.bool_)
    keep[again] = False
    return gathered(result, keep), len(again)


def _order(recs: Recs) -> npt.NDArray[np.intp]:
    """By key and time, then as given: one sort of whole numbers where key, time and place fit into one."""
    key, time = recs["key"], recs["time_ms"]
    low, first = int(key.min()), int(time.min())
    width = int(key.max()) - low + 1
    place_bits, time_bits = len(recs).bit_length(), (int(time.max()) - first).bit_length()
    if width <= 1 << 25:
        used = np.zeros(width, dtype=np.bool_)
        used[key - low] = True
        rank = np.cumsum(used, dtype=np.int64) - 1
        if int(rank[-1]).bit_length() + time_bits + place_bits <= _BITS:
            packed = rank[key - low] << time_bits
            packed |= time - first
            packed <<= place_bits
            packed |= np.arange(len(recs))
            packed.sort()
            return np.asarray(packed & ((1 << place_bits) - 1))
    return np.lexsort((np.arange(len(recs)), time, key))


def _repeated(recs: Recs, place: Ints) -> npt.NDArray[np.bool_]:
    """True for records equal to one with a lower `place`."""
    plain = recs.copy()
    for name in _NOT_COMPARED:
        plain[name] = 0
    for name in NUMBERS:
        value = plain[name] + 0.0  # -0.0 is 0.0
        plain[name] = np.where(np.isnan(value), np.nan, value)
    by_place = np.argsort(place, kind="stable")
    as_bytes = np.ascontiguousarray(plain[by_place]).view(f"V{plain.dtype.itemsize}").ravel()
    _, first = np.unique(as_bytes, return_index=True)
    repeated = np.ones(len(recs), dtype=np.bool_)
    repeated[by_place[first]] = False
    return repeated
