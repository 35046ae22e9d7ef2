"""readsb traces, column by column: the same rows as `readers/readsb_trace.py` gives, several times faster.

As with `fast_states.py`, only for documents in which nothing is wrong or unusual; `read_trace` returns None for all
others, and the reader that can say what it is takes them.

The points are rows of numbers with now and then an object among them. Taken apart by Python each costs dozens of small
objects; here the objects are cut out, and what is left is a table of text that Arrow's CSV reader turns into columns.
CSV allows more than JSON does: what only the former lets pass is looked for before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from flighttrace.accounting import Accounting
from flighttrace.ingest.archive.rows import TILDE, Floats, Lexicon, Recs, empty, gathered, key_of_address, mark_unset
from flighttrace.ingest.json_text import is_number
from flighttrace.ingest.readers.readsb_trace import GEOMETRIC_ALTITUDE, LEG_GAP_S, NEW_LEG, source_named
from flighttrace.ingest.records import Content
from flighttrace.ingest.table import NO_POSITION
from flighttrace.ingest.times import EARLIEST_MS, LATEST_MS

_ICAO: Final = re.compile(r"~?[0-9a-f]{6}")
_START: Final = b'{"icao":"'
_TRACE: Final = b'"trace":'
_KEYS: Final = frozenset(
    ("icao", "r", "t", "desc", "dbFlags", "ownOp", "year", "noRegData", "timestamp", "trace", "simulated", "version")
)
"""With no key but these the document is of no other format: nobody else need be asked."""
_NUMBER_OR_NONE: Final = frozenset({int, float, type(None)})
_LATEST_BASE_S: Final = 1e11

_GROUND: Final = b",infinity,"
"""Stands for "ground" among the altitudes: as long, a number to CSV alone, and told from one by the missing quotes."""
_JSON_BLANKS: Final = b" \t\n\r"
_DETAILS: Final = b"{"
"""Stands for an object in the table, where no number can."""
_NULLS: Final = ("null", "null ", "null  ")
"""Last in a line the bracket, and the comma if a line follows, have become blanks."""
_OBJECTS: Final = frozenset({None, "{", "{ ", "{  "})
_NOT_HERE: Final = (b"\r", b"+", b"x", b"X")
"""A line end to CSV, and what begins a number there: signs, and hexadecimal ones."""
_LOOKED_AT_ONCE: Final = 120 * 1024
"""Bytes of a table: so many stay in a processor's cache with what is worked out of them, and below what the allocator
asks the system for each time; and a long table stays in memory."""
_WORD: Final = re.compile(r'"[^",\x00-\x1f]*"')
_NUMBERS_14: Final = (0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13)
_NUMBERS_9: Final = (0, 1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class _Points:
    """The points of a trace: `numbers` by their index in a point, NaN where null; `flags` (n,) whole.

    `at` are the points with details, `details` these (m,). `on_ground`: whose altitude is the word "ground" (NaN among
    the numbers). `words`, in their quotes, are each point's source; None where the details have it.
    """

    numbers: dict[int, Floats]
    flags: npt.NDArray[np.int64]
    on_ground: npt.NDArray[np.bool_]
    at: npt.NDArray[np.int64]
    details: list[dict[str, Any]]
    words: pa.DictionaryArray | None

    def __len__(self) -> int:
        return len(self.flags)

    def told(self, name: str) -> list[Any]:
        """What each point's details have under the name; None where there are no details."""
        values: list[Any] = [None] * len(self)
        for i, extra in zip(self.at.tolist(), self.details, strict=True):
            values[i] = extra.get(name)
        return values


def read_trace(content: Content, lexicon: Lexicon, member: int) -> tuple[Recs, Accounting] | None:
    """The rows of one trace document, or None where the reader has to look at it."""
    data = content.data
    if not data.startswith(_START) or b"\\" in data:
        return None
    begin = data.find(_TRACE) + len(_TRACE)
    end = data.rfind(b"]") + 1
    text = data[begin:end].strip(_JSON_BLANKS)
    if not (text.startswith(b"[") and text.endswith(b"]") and begin >= len(_TRACE)):
        return None
    try:
        document = orjson.loads(data[:begin] + b"[]" + data[end:])
    except orjson.JSONDecodeError:
        return None
    if not _usual(document, data[:begin] + data[end:]):
        return None
    try:
        points = _points(text[1:-1].strip(_JSON_BLANKS))
    except (orjson.JSONDecodeError, pa.ArrowInvalid):
        return None
    return None if points is None else _rows(document, points, lexicon, member)


def _usual(document: dict[str, Any], about: bytes) -> bool:
    base_s, icao = document.get("timestamp"), document["icao"]
    return (
        _KEYS.issuperset(document)
        and type(icao) is str
        and _ICAO.fullmatch(icao) is not None
        and is_number(base_s)
        and base_s <= _LATEST_BASE_S
        and type(document.get("simulated", False)) is bool
        and document.get("trace") == []
        and about.count(b":") == len(document)  # no key twice, and none in an object within
    )


def _points(text: bytes) -> _Points | None:
    """The points between the brackets of `trace`, where every one is a list of 9, or of 14, of the usual values."""
    pieces = text.replace(b"}", b"{").split(b"{")
    if not _in_turn(pieces, text):
        return None
    objects = b"[[[{" + b"},{".join(pieces[1::2]) + b"}]]]" if len(pieces) > 1 else b"[[[]]]"  # as deep as they were
    details: list[dict[str, Any]] = orjson.loads(objects)[0][0]
    if len(details) != len(pieces) // 2 or sum(map(len, details)) != _count(objects, b":"):
        return None  # a key twice, or a colon in a word
    table = _DETAILS.join(pieces[::2])
    if not table or any(odd in table for odd in _NOT_HERE):
        return None
    quotes = _count(table, b'"')
    table = table.replace(b',"ground",', _GROUND)
    lines = _as_csv(table)
    if lines is None and b"],[" in table:
        lines = _as_csv(table.replace(b"],[", b"],\n["))
    return None if lines is None else _columns(lines, details, quotes)


def _in_turn(pieces: list[bytes], text: bytes) -> bool:
    """Whether the text cut at its braces has those in turn: each closed before the next is opened."""
    count, odd = divmod(len(pieces), 2)
    if not odd:
        return False
    whole = [b""] * (4 * count + 1)
    whole[::2] = pieces
    whole[1::4], whole[3::4] = [b"{"] * count, [b"}"] * count
    return b"".join(whole) == text


def _count(text: bytes, of: bytes) -> int:
    byte = np.frombuffer(text, np.uint8)
    parts = range(0, len(byte), _LOOKED_AT_ONCE)
    return sum(int(np.count_nonzero(byte[at : at + _LOOKED_AT_ONCE] == ord(of))) for at in parts)


def _as_csv(table: bytes) -> npt.NDArray[np.uint8] | None:
    """The same bytes with blanks for each point's brackets and the comma behind; None where a point is not a line, or a
    number is not one of JSON's."""
    byte = np.frombuffer(b"],\n" + table + b",\n", np.uint8)
    plain = np.empty(len(table), np.uint8)
    for at in range(0, len(table), _LOOKED_AT_ONCE):
        made = _blanked(byte[at + 1 : at + _LOOKED_AT_ONCE + 5])
        if made is None:
            return None
        plain[at : at + len(made)] = made
    return plain


def _blanked(byte: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
    """All of these bytes but the first and the last two, as `_as_csv` has them.

    CSV does not ask that no number begins with a needless 0 and that every point stands between two digits. Of words in
    quotes the same is asked: none of readsb's has a digit or a point.
    """
    inner = byte[2:-2]
    opens, closes, ends = inner == ord("["), byte == ord("]"), byte == ord("\n")
    behind = closes[1:-3]
    digit = (byte - np.uint8(ord("0"))) < 10
    point, zero = byte[1:-2] == ord("."), inner == ord("0")
    wrong = (opens ^ ends[1:-3]) | (closes[2:-2] ^ ends[4:]) | (behind & (inner != ord(",")))
    wrong |= point[1:] & ~(digit[1:-3] & digit[3:-1])
    wrong |= zero & digit[3:-1] & ~(digit[1:-3] | point[:-1])
    if wrong.any():
        return None
    blank = -(opens | closes[2:-2] | behind).view(np.uint8)  # all bits where True
    return np.asarray(inner ^ ((inner ^ np.uint8(ord(" "))) & blank))


def _columns(lines: npt.NDArray[np.uint8], details: list[dict[str, Any]], quotes: int) -> _Points | None:
    """`quotes`: how many the words had, those for altitudes too."""
    first = lines[: int((lines == ord("\n")).argmax()) or len(lines)]
    width = int(np.count_nonzero(first == ord(","))) + 1
    if width not in (9, 14):
        return None
    numeric = _NUMBERS_14 if width == 14 else _NUMBERS_9
    types = {str(i): pa.float64() for i in numeric} | {"6": pa.int64(), "8": pa.string()}
    if width == 14:
        types["9"] = pa.dictionary(pa.int32(), pa.string())
    read = csv.read_csv(
        pa.BufferReader(lines),
        csv.ReadOptions(use_threads=False, block_size=len(lines) + 1, column_names=[str(i) for i in range(width)]),
        csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
        csv.ConvertOptions(column_types=types, null_values=_NULLS, strings_can_be_null=True),
    ).combine_chunks()
    if read["0"].null_count or read["6"].null_count:
        return None
    told = read["8"]
    if len(told) - told.null_count != len(details) or not _OBJECTS.issuperset(pc.unique(told).to_pylist()):
        return None
    numbers = {i: np.asarray(read[str(i)].to_numpy(), dtype=np.float64) for i in numeric if i != 6}
    on_ground = numbers[3] == np.inf
    numbers[3] = np.where(on_ground, np.nan, numbers[3])
    grounded = int(np.count_nonzero(on_ground))
    if any(not _written(numbers[i], read[str(i)].null_count + (i == 3) * grounded) for i in numbers):
        return None
    words = read["9"].combine_chunks() if width == 14 else None
    if words is not None and not all(map(_WORD.fullmatch, words.dictionary.to_pylist())):
        return None
    if quotes != 2 * (grounded + (0 if words is None else len(words) - words.null_count)):
        return None  # an altitude that is infinite, as CSV reads it, and not the word
    at = np.flatnonzero(pc.is_valid(told).to_numpy())
    return _Points(numbers, read["6"].to_numpy(), on_ground, at, details, words)


def _written(numbers: Floats, nulls: int) -> bool:
    """Whether the numbers were written as such: CSV reads words for what is none, and for infinity, too."""
    return len(numbers) - int(np.count_nonzero(np.isfinite(numbers))) == nulls


def _rows(document: dict[str, Any], points: _Points, lexicon: Lexicon, member: int) -> tuple[Recs, Accounting] | None:
    count = len(points)
    offset_s, lat, lon = points.numbers[0], points.numbers[1], points.numbers[2]
    with np.errstate(over="ignore"):
        in_ms = (float(document["timestamp"]) + offset_s) * 1000.0
    gone = np.isnan(lat)
    if (gone != np.isnan(lon)).any() or (np.abs(lat) > 90).any() or (np.abs(lon) > 180).any():
        return None
    if not (((in_ms >= EARLIEST_MS) & (in_ms < LATEST_MS)) | gone).all():
        return None
    recs = empty(count)
    if not _heights(points, recs):
        return None
    for name, i in (("ground_speed_kt", 4), ("true_track_deg", 5), ("vertical_rate_ft_min", 7)):
        recs[name] = points.numbers[i]
    icao = document["icao"]
    address = int(icao.removeprefix("~"), 16) + (TILDE if icao.startswith("~") else 0)
    recs["address"], recs["key"] = address, key_of_address(np.array([address], dtype=np.int64))[0]
    recs["time_ms"] = np.rint(np.where(gone, 0.0, in_ms)).astype(np.int64)
    recs["lat_deg"], recs["lon_deg"] = lat, lon
    recs["source_row"] = np.arange(1, count + 1)
    recs["member"] = member
    recs["listed_flight"] = recs["flight"] = 0
    told = _callsigns(points, lexicon)
    if told is None:
        return None
    recs["callsign"] = told[0]
    recs["simulated"] = told[1] | document.get("simulated", False)
    if not _sources(points, recs, lexicon):
        return None
    marks = np.zeros(count, dtype=np.int32)
    mark_unset(marks, lat, lon, lexicon)
    recs["rejected_because"] = marks
    without = int(gone.sum())
    if without:
        recs = gathered(recs, ~gone)
    accounting = Accounting(
        records=count, accepted=count - without, without_position={NO_POSITION: without} if without else {}
    )
    return recs, accounting


def _heights(points: _Points, recs: Recs) -> bool:
    """Fill in both altitudes and the ground flag. False where the details have no number for an altitude."""
    baro = points.numbers[3]
    if points.words is not None:
        geo = points.numbers[10]
    else:
        told = points.told("alt_geom")
        if not set(map(type, told)) <= _NUMBER_OR_NONE:
            return False
        geo = np.array(told, dtype=np.float64)
    recs["on_ground"] = np.where(points.on_ground, 1, np.where(np.isnan(baro), -1, 0))
    geometric = (points.flags & GEOMETRIC_ALTITUDE) != 0
    if geometric.any():
        geo = np.where(geometric & np.isnan(geo), baro, geo)
        baro = np.where(geometric, np.nan, baro)
    recs["baro_altitude_ft"], recs["geo_altitude_ft"] = baro, geo
    return True


def _callsigns(points: _Points, lexicon: Lexicon) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]] | None:
    """(word codes, marked as simulated): told now and then, carried on inside a leg and not over a long silence."""
    told = np.full(len(points), -1, dtype=np.int64)
    told[(points.flags & NEW_LEG) != 0] = 0
    told[1:][np.diff(points.numbers[0]) > LEG_GAP_S] = 0
    told[0] = 0
    try:
        texts = list(map(itemgetter("flight"), points.details))
    except KeyError:
        texts = [extra.get("flight") for extra in points.details]
    try:
        words = {text: _callsign(text) for text in dict.fromkeys(texts)}  # a set has no order, and codes follow it
    except TypeError:  # a list or an object where a call sign should be
        return None
    codes_of = {text: -1 if word is None else lexicon.code(word or None) for text, word in words.items()}
    codes_at = np.fromiter(map(codes_of.__getitem__, texts), np.int64, len(texts))
    told[points.at[codes_at >= 0]] = codes_at[codes_at >= 0]
    simulated = {codes_of[text] for text, word in words.items() if word and word.startswith("SIM")}
    last = np.maximum.accumulate(np.where(told >= 0, np.arange(len(told)), 0))
    codes = told[last].astype(np.int32)
    return codes, np.logical_or.reduce([codes == code for code in simulated] or [np.zeros(len(codes), dtype=np.bool_)])


def _callsign(text: object) -> str | None:
    """The call sign told; None where none is, an empty text where it is one of the words for "not set"."""
    if not isinstance(text, str) or not text.strip():
        return None
    word = text.strip().strip(" \t\0")
    return word if word.strip("@") else ""


def _sources(points: _Points, recs: Recs, lexicon: Lexicon) -> bool:
    """Fill in the position sources. False where the details have something else than a word for it."""
    if points.words is not None:
        words = [source_named(word.strip('"')) for word in points.words.dictionary.to_pylist()]
        recs["position_source"] = lexicon.codes_of_dictionary(points.words.indices, words)
        return True
    told = points.told("type")
    try:
        code = {word: lexicon.code(source_named(word)) for word in dict.fromkeys(told)}
    except TypeError:  # a list or an object where a word should be
        return False
    recs["position_source"] = [code[word] for word in told]
    return True
