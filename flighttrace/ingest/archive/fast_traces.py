"""readsb traces, column by column: the same rows as `readers/readsb_trace.py` gives, several times faster.

As with `fast_states.py`, only for documents in which nothing is wrong or unusual; `read_trace` returns None for all
others, and the reader that can say what it is takes them.

The points are rows of numbers with now and then a word, a null or an object among them. Taken apart by Python each
costs dozens of small objects; here a large number stands in for whatever is none, and what is then one list of numbers
is read at once. That it was no number of the document is told by counting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from flighttrace.accounting import Accounting
from flighttrace.ingest.archive.json_columns import numbers_of, values_of
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

_JSON_BLANKS: Final = b" \t\n\r"
_WORD: Final = re.compile(rb',("[^",\x00-\x1f]*")')
_GROUND: Final = b'"ground"'
_STANDS: Final = 1e9
"""What stands in for anything is a multiple of it. The blank before keeps it apart from a digit in front, its E from
what any reader of these files writes; with a digit behind it is far larger."""
_NULL, _OBJECT, _FIRST_WORD = range(1, 4)
_MOST_WORDS: Final = 20
_COUNTED_AT_ONCE: Final = 120 * 1024
"""Bytes: so many stay in a processor's cache with what is worked out of them."""
_NAMES: Final = {9: ("flight", "alt_geom", "type"), 14: ("flight",)}
"""What is asked of the details, by the length of a point."""
_DEPTH: Final = 3
"""Lists and objects around the details: the document, the trace, the point."""
_SHORTEST: Final = len(b"[0,1,2,3,4,5,6,7,{}],")
"""No point with its comma is shorter; one with null is longer."""
_NUMBERS_14: Final = (0, 1, 2, 3, 4, 5, 7, 10, 11, 12, 13)
_NUMBERS_9: Final = (0, 1, 2, 3, 4, 5, 7)


@dataclass(frozen=True)
class _Points:
    """The points of a trace: `numbers` (columns, n) by their index in a point, NaN where null; `flags` (n,) whole.

    `at` are the points with details (m,), `details` what these say under a name. `on_ground`: whose altitude is the
    word "ground" (NaN among the numbers). `source` (n,) is an index into `words`, there None for null; None where the
    details have the source.
    """

    numbers: Floats
    flags: npt.NDArray[np.int64]
    on_ground: npt.NDArray[np.bool_]
    at: npt.NDArray[np.int64]
    details: dict[str, list[Any]]
    source: npt.NDArray[np.int64] | None
    words: list[str | None]

    def __len__(self) -> int:
        return len(self.flags)

    def told(self, name: str) -> list[Any]:
        """What each point's details have under the name; None where there are no details."""
        values: list[Any] = [None] * len(self)
        for i, value in zip(self.at.tolist(), self.details[name], strict=True):
            values[i] = value
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
    except UnicodeDecodeError:
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
    if text.count(b"{") * _SHORTEST > len(text) + 1:
        return None  # and would take many times its length in memory
    pieces = text.replace(b"}", b"{").split(b"{")
    if not _in_turn(pieces, text):
        return None
    table, words = _without_words(b"{".join(pieces[::2]))
    if table is None:
        return None
    plain, points, width = _one_list(table.replace(b"{", _stand_in(_OBJECT)).replace(b"null", _stand_in(_NULL)))
    if width not in _NAMES:
        return None
    numbers = numbers_of(plain)
    details = values_of(pieces[1::2], _NAMES[width], depth=_DEPTH)
    if numbers is None or len(numbers) != points * width or details is None:
        return None
    columns = np.ascontiguousarray(numbers.reshape(points, width).T)
    return _columns(columns, _count(plain, b"E"), dict(zip(_NAMES[width], details, strict=True)), words)


def _stand_in(number: int) -> bytes:
    return b" %dE9" % number


def _without_words(table: bytes) -> tuple[bytes | None, list[bytes]]:
    """(the same with a number for each word in quotes, the words: the first became _FIRST_WORD).

    None where there are more than a few, one is not right behind a comma, or a comma or an E makes it uncertain what is
    a word and what a stand-in.
    """
    words: list[bytes] = []
    if b"E" in table:
        return None, words
    while (begin := table.find(b'"')) >= 0:
        word = _WORD.match(table, begin - 1) if begin else None
        if word is None or len(words) == _MOST_WORDS:
            return None, words
        number = _stand_in(_FIRST_WORD + len(words))
        table = table.replace(word[0], b"," + number.ljust(len(word[1])))  # quicker where the length stays
        words.append(word[1])
    return table, words


def _one_list(lists: bytes) -> tuple[bytes, int, int]:
    """(the values of lists in one list, how many lists, how many values each has): of `[…],[…],…`, with or without a
    line end behind each comma. Three times nothing where the lists are not alike: if it is JSON at all, and as long.

    Lengths are counted modulo 256: whose sum is right has them right.
    """
    byte = np.frombuffer(bytearray(lists), np.uint8)
    opening = byte == ord("[")
    if int(np.count_nonzero(opening)) * _SHORTEST > len(byte) + 1:
        return b"", 0, 0
    opens = np.flatnonzero(opening)
    later = opens[1:]
    comma = later - 1 - (byte[later - 1] == ord("\n"))
    if not (
        lists.startswith(b"[")
        and lists.endswith(b"]")
        and (byte[comma] == ord(",")).all()
        and (byte[comma - 1] == ord("]")).all()
        and _count(lists, b"]") == len(opens)
    ):
        return b"", 0, 0
    values = np.add.reduceat((byte == ord(",")).view(np.uint8), opens, dtype=np.uint8)
    values[-1:] += np.uint8(1)  # no comma follows the last list; as an array it does not warn at 256
    byte[later] = byte[comma - 1] = ord(" ")
    return (byte.tobytes(), len(opens), int(values[0])) if (values == values[0]).all() else (b"", 0, 0)


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
    parts = range(0, len(byte), _COUNTED_AT_ONCE)
    return sum(int(np.count_nonzero(byte[at : at + _COUNTED_AT_ONCE] == ord(of))) for at in parts)


def _columns(columns: Floats, stand_ins: int, details: dict[str, list[Any]], words: list[bytes]) -> _Points | None:
    """Of all points' values (columns, n); `stand_ins`: how many of them are none of the document's."""
    width = len(columns)
    stands = columns >= _STANDS
    if int(np.count_nonzero(stands)) != stand_ins:
        return None  # a number of the document is as large
    ground = (_FIRST_WORD + words.index(_GROUND)) * _STANDS if _GROUND in words else np.nan
    on_ground = columns[3] == ground
    for i in _NUMBERS_14 if width == 14 else _NUMBERS_9:
        here = stands[i]
        if here.any():
            null = columns[i] == _NULL * _STANDS
            if i == 0 or not (here == (null | on_ground if i == 3 else null)).all():
                return None
            columns[i][here] = np.nan
    at = columns[8] == _OBJECT * _STANDS
    if not (at | (columns[8] == _NULL * _STANDS)).all() or int(np.count_nonzero(at)) != len(details["flight"]):
        return None
    flags = columns[6]
    if (np.abs(flags) >= _STANDS).any() or (flags != np.rint(flags)).any():
        return None
    source = None
    if width == 14:
        if not stands[9].all() or columns[9].max() >= (_FIRST_WORD + len(words)) * _STANDS:
            return None
        source = (columns[9] / _STANDS).astype(np.int64)
        if (source == _OBJECT).any():
            return None
    names = [*[None] * _FIRST_WORD, *(word.decode()[1:-1] for word in words)]
    return _Points(columns, flags.astype(np.int64), on_ground, np.flatnonzero(at), details, source, names)


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
    without = int(np.count_nonzero(gone))
    recs["time_ms"] = np.rint(np.where(gone, 0.0, in_ms) if without else in_ms).astype(np.int64)
    recs["lat_deg"], recs["lon_deg"] = lat, lon
    recs["source_row"] = np.arange(1, count + 1)
    recs["member"] = member
    recs["callsign"], marked = _callsigns(points, lexicon)
    recs["simulated"] = marked | document.get("simulated", False)
    _fill_sources(points, recs, lexicon)
    marks = np.zeros(count, dtype=np.int32)
    mark_unset(marks, lat, lon, lexicon)
    recs["rejected_because"] = marks
    if without:
        recs = gathered(recs, ~gone)
    accounting = Accounting(
        records=count, accepted=count - without, without_position={NO_POSITION: without} if without else {}
    )
    return recs, accounting


def _heights(points: _Points, recs: Recs) -> bool:
    """Fill in both altitudes and the ground flag. False where the details have no number for an altitude."""
    baro = points.numbers[3]
    if points.source is not None:
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


def _callsigns(points: _Points, lexicon: Lexicon) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """(word codes, marked as simulated): told now and then, carried on inside a leg and not over a long silence."""
    told = np.full(len(points), -1, dtype=np.int64)
    told[(points.flags & NEW_LEG) != 0] = 0
    told[1:][np.diff(points.numbers[0]) > LEG_GAP_S] = 0
    told[0] = 0
    texts = points.details["flight"]
    words = {text: _callsign(text) for text in dict.fromkeys(texts)}  # a set has no order, and codes follow it
    codes_of = {text: -1 if word is None else lexicon.code(word or None) for text, word in words.items()}
    codes_at = np.fromiter(map(codes_of.__getitem__, texts), np.int64, len(texts))
    told[points.at[codes_at >= 0]] = codes_at[codes_at >= 0]
    simulated = {codes_of[text] for text, word in words.items() if word and word.startswith("SIM")}
    at = np.flatnonzero(told >= 0)
    codes, lasts = told[at].astype(np.int32), np.diff(at, append=len(told))
    marked = np.logical_or.reduce([codes == code for code in simulated] or [np.zeros(len(codes), dtype=np.bool_)])
    return np.repeat(codes, lasts), np.repeat(marked, lasts)


def _callsign(text: object) -> str | None:
    """The call sign told; None where none is, an empty text where it is one of the words for "not set"."""
    if not isinstance(text, str) or not text.strip():
        return None
    word = text.strip().strip(" \t\0")
    return word if word.strip("@") else ""


def _fill_sources(points: _Points, recs: Recs, lexicon: Lexicon) -> None:
    """Fill in the position sources: of the points, or of their details; none where it is no word."""
    if points.source is not None:
        codes = np.zeros(len(points.words), dtype=np.int32)
        for number in np.flatnonzero(np.bincount(points.source)).tolist():
            codes[number] = lexicon.code(source_named(points.words[number]))
        recs["position_source"] = codes[points.source]
        return
    told = points.told("type")
    code = {word: lexicon.code(source_named(word)) for word in dict.fromkeys(told)}
    recs["position_source"] = [code[word] for word in told]
