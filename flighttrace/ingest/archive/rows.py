"""Rows between reading and writing: one fixed-width record a position, and the file's words beside them as numbers.

A day of a network is tens of millions of rows; as records of one numpy type they are cut, spilled to disk, sorted and
gathered at a few nanoseconds each, whatever reader they came from. `key` orders rows as their track keys are ordered:

    -n          the nth last of the keys that begin with `#`   (a file's own names, given when the whole file is read)
    0 … 2**24   the address
    2**24 + …   the address behind a `~`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from flighttrace.ingest.table import ROW_COLUMNS, Rows, unset_positions
from flighttrace.ingest.values import NO_IDENTITY
from flighttrace.speed_chain import STANDING_KT

Recs = npt.NDArray[np.void]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MS_PER_HOUR: Final = 3_600_000
HOURS_PER_DAY: Final = 24

NUMBERS: Final = (
    "lat_deg",
    "lon_deg",
    "baro_altitude_ft",
    "geo_altitude_ft",
    "ground_speed_kt",
    "true_track_deg",
    "vertical_rate_ft_min",
)
WORDS: Final = ("callsign", "position_source", "listed_flight", "flight", "rejected_because")
"""Text columns: held as codes into one `Lexicon` a file, 0 where missing. Addresses are in `key`."""

ROW: Final = np.dtype(
    [
        ("key", "i8"),
        ("time_ms", "i8"),
        ("source_row", "i8"),
        *((name, "f8") for name in NUMBERS),
        *((name, "i4") for name in WORDS),
        ("address", "i4"),
        ("member", "i4"),
        ("on_ground", "i1"),
        ("simulated", "?"),
        ("_", "V2"),
    ]
)
"""`address`: the address's number, -1 where the row has none. `on_ground`: 1, 0, or -1 where nothing is said.
The last two bytes fill the record up to whole words of 8."""

_WHOLE: Final = np.dtype(f"V{ROW.itemsize}")
"""The record as plain bytes: numpy moves those several times faster than records with fields."""


def empty(count: int) -> Recs:
    """Records to be filled in, all bytes 0: what fills them up is the same in equal records."""
    return np.zeros(count, dtype=ROW)


def gathered(recs: Recs, at: npt.NDArray[Any]) -> Recs:
    """The records at those places (indexes, or a mask), in that order."""
    if at.dtype == np.bool_:
        at = np.flatnonzero(at)
    return recs.view(_WHOLE).take(at).view(ROW)


def together(parts: Sequence[Recs]) -> Recs:
    """All records, part after part."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part.view(_WHOLE) for part in parts]).view(ROW) if parts else empty(0)


@dataclass(frozen=True)
class InOrder:
    """Records in the order of their keys and times, none rejected at reading, and what is often asked of them."""

    recs: Recs
    key: Ints
    time_ms: Ints
    lat_deg: Floats
    lon_deg: Floats
    heads: Mask
    """The first record of a key's day."""
    moved: Mask
    """Those, and the records in another place than the one before."""

    @classmethod
    def of(cls, recs: Recs) -> InOrder:
        """Of records, at least one."""
        key, time, lat, lon = (np.ascontiguousarray(recs[name]) for name in ("key", "time_ms", "lat_deg", "lon_deg"))
        day = time // (MS_PER_HOUR * HOURS_PER_DAY)
        heads = np.ones(len(recs), dtype=np.bool_)
        heads[1:] = (key[1:] != key[:-1]) | (day[1:] != day[:-1])
        moved = heads.copy()
        moved[1:] |= (lat[1:] != lat[:-1]) | (lon[1:] != lon[:-1])
        return cls(recs, key, time, lat, lon, heads, moved)

    def kept_in_place(self) -> Mask:
        """(n,): which records cleaning does not take for stale repeats although they have not moved: those that may
        stand, or bear the time of the one before."""
        kept = (self.recs["on_ground"] == 1) | (self.recs["ground_speed_kt"] <= STANDING_KT)
        kept[1:] |= self.time_ms[1:] == self.time_ms[:-1]
        return np.asarray(kept)


NAMELESS: Final = -1
"""The key of rows that no address names, until the file's own names are known (`identity.own_names`)."""
TILDE: Final = 1 << 24
_ABSENT: Final = -1
SPECIAL: Final = frozenset(int(address, 16) for address in NO_IDENTITY)

_HEX_VALUE: Final = np.full(256, 255, dtype=np.uint8)
_HEX_VALUE[np.frombuffer(b"0123456789", np.uint8)] = np.arange(10)
_HEX_VALUE[np.frombuffer(b"abcdef", np.uint8)] = np.arange(10, 16)
_HEX_VALUE[np.frombuffer(b"ABCDEF", np.uint8)] = np.arange(10, 16)


class Lexicon:
    """The words of one file in order of appearance; code 0 is "missing"."""

    def __init__(self) -> None:
        self._code: dict[str | None, int] = {None: 0}

    def code(self, word: str | None) -> int:
        """The word's number; a new word gets the next one."""
        return self._code.setdefault(word, len(self._code))

    def codes_of(self, column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int32]:
        """One code a value of an Arrow text column (n,)."""
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        coded = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
        return self.codes_of_dictionary(coded.indices, coded.dictionary.to_pylist())

    def codes_of_dictionary(self, indices: pa.Array, words: list[str | None]) -> npt.NDArray[np.int32]:
        """One code an index into `words`; a missing index is missing."""
        table = np.array([*(self.code(word) for word in words), 0], dtype=np.int32)
        at = np.asarray(indices.fill_null(len(words)).to_numpy(zero_copy_only=False))
        return np.asarray(table[at])

    def words(self) -> list[str | None]:
        """Code → word; the first is None."""
        return list(self._code)


def address_numbers(column: pa.Array) -> Ints | None:
    """Addresses as numbers where every one is exactly six hex digits (capitals allowed); None where any is not."""
    if column.null_count or not len(column):
        return None if len(column) else np.zeros(0, dtype=np.int64)
    wide = pa.types.is_large_string(column.type)
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64 if wide else np.int32)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    if offsets[-1] - offsets[0] != 6 * len(column) or (np.diff(offsets) != 6).any():
        return None
    text = np.frombuffer(column.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    digits = _HEX_VALUE[text].reshape(-1, 6)
    if (digits == 255).any():
        return None
    number = digits[:, 0].astype(np.int64)
    for i in range(1, 6):
        number <<= 4
        number |= digits[:, i]
    return number


def address_text(number: int) -> str:
    """The address of that number, `~` in front where it has one."""
    return f"~{number - TILDE:06x}" if number >= TILDE else f"{number:06x}"


def key_of_address(address: Ints) -> Ints:
    """Sort keys of address numbers: themselves, NAMELESS where there is none or one that many aircraft send."""
    nameless = address < 0
    for number in SPECIAL:
        nameless |= address == number
    return np.where(nameless, NAMELESS, address)


def mark_unset(marks: npt.NDArray[np.int32], lat_deg: Floats, lon_deg: Floats, lexicon: Lexicon) -> None:
    """Put the reason's code where a position was never set or lies at a pole: the marks of `ingest/table.py`."""
    for mask, reason in unset_positions(lat_deg, lon_deg):
        if mask.any():
            marks[mask] = lexicon.code(reason)


def from_rows(rows: Rows, lexicon: Lexicon, *, member_offset: int = 0) -> Recs:
    """`Rows.frame` (columns ROW_COLUMNS of `ingest/table.py`) as records, in the same order."""
    frame = rows.frame
    recs = empty(len(frame))
    recs["time_ms"] = frame["time_utc"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    recs["source_row"] = frame["source_row"].to_numpy()
    for name in NUMBERS:
        recs[name] = frame[name].to_numpy(dtype=np.float64)
    for name in WORDS:
        recs[name] = lexicon.codes_of(_text(frame[name]))
    recs["address"] = _address_of(frame["icao24"])
    recs["key"] = key_of_address(recs["address"].astype(np.int64))
    recs["member"] = frame["member"].to_numpy() + member_offset
    said = frame["on_ground"]
    recs["on_ground"] = np.where(said.isna(), -1, said.fillna(False).to_numpy(dtype=np.int8))
    recs["simulated"] = frame["simulated"].to_numpy(dtype=np.bool_)
    return recs


def _text(column: pd.Series[Any]) -> pa.Array:
    array = pa.array(column, type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _address_of(column: pd.Series[Any]) -> npt.NDArray[np.int32]:
    coded = _text(column).dictionary_encode()
    numbers = [
        _ABSENT if text is None else int(text.removeprefix("~"), 16) + (TILDE if text.startswith("~") else 0)
        for text in coded.dictionary.to_pylist()
    ]
    table = np.array([*numbers, _ABSENT], dtype=np.int32)
    return np.asarray(table[np.asarray(coded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False))])


def to_frame(recs: Recs, words: list[str | None], *, with_member: bool = True) -> pd.DataFrame:
    """Records as a frame of ROW_COLUMNS, for the checks and names that look at few rows."""
    word = np.array(words, dtype=object)
    address = np.array([None if a < 0 else address_text(a) for a in recs["address"].tolist()], dtype=object)
    columns: dict[str, Any] = {
        "time_utc": pd.Series(recs["time_ms"].astype("datetime64[ms]")).dt.tz_localize("UTC"),
        "icao24": pd.Series(address, dtype="str"),
        **{name: recs[name] for name in NUMBERS},
        **{name: pd.Series(word[recs[name]], dtype="str") for name in WORDS},
        "on_ground": pd.arrays.BooleanArray(recs["on_ground"] == 1, recs["on_ground"] < 0),
        "simulated": recs["simulated"],
        "source_row": recs["source_row"],
        "member": recs["member"].astype(np.int64),
    }
    names = [name for name in ROW_COLUMNS if with_member or name != "member"]
    return pd.DataFrame({name: columns[name] for name in names})
