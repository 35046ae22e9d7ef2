"""readsb traces, column by column: the same rows as `readers/readsb_trace.py` gives, several times faster.

As with `fast_states.py`, only for documents in which nothing is wrong or unusual; `read_trace` returns None for all
others, and the reader that can say what it is takes them.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from flighttrace.accounting import Accounting
from flighttrace.ingest.archive.rows import TILDE, Floats, Lexicon, Recs, empty, gathered, key_of_address, mark_unset
from flighttrace.ingest.json_text import is_number
from flighttrace.ingest.readers.readsb_trace import GEOMETRIC_ALTITUDE, LEG_GAP_S, NEW_LEG, source_named
from flighttrace.ingest.records import Content
from flighttrace.ingest.table import NO_POSITION
from flighttrace.ingest.times import EARLIEST_MS, LATEST_MS

_ICAO: Final = re.compile(r"~?[0-9a-f]{6}")
_START: Final = b'{"icao":"'
_KEYS: Final = frozenset(
    ("icao", "r", "t", "desc", "dbFlags", "ownOp", "year", "noRegData", "timestamp", "trace", "simulated", "version")
)
"""With no key but these the document is of no other format: nobody else need be asked."""
_NUMBER_OR_NONE: Final = frozenset({int, float, type(None)})
_ALTITUDE: Final = frozenset({int, float, type(None), str})
_LATEST_BASE_S: Final = 1e11


def read_trace(content: Content, lexicon: Lexicon, member: int) -> tuple[Recs, Accounting] | None:
    """The rows of one trace document, or None where the reader has to look at it."""
    data = content.data
    if not data.startswith(_START):
        return None
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    columns = _columns(document, data)
    if columns is None:
        return None
    return _rows(document, columns, lexicon, member)


def _columns(document: dict[str, Any], data: bytes) -> list[tuple[Any, ...]] | None:
    """The trace turned on its side, where every point is a list of 9, or of 14, of the usual types."""
    if not _KEYS.issuperset(document):
        return None
    trace, base_s = document.get("trace"), document.get("timestamp")
    icao, mark = document["icao"], document.get("simulated", False)
    if type(trace) is not list or not trace or set(map(type, trace)) != {list}:
        return None
    if not is_number(base_s) or base_s > _LATEST_BASE_S or not _ICAO.fullmatch(icao) or type(mark) is not bool:
        return None
    if set(map(len, trace)) not in ({14}, {9}):
        return None
    columns = list(zip(*trace, strict=True))
    at = data.find(b'"trace":')
    if data.find(b"true", at) >= 0 or data.find(b"false", at) >= 0:  # Python takes them for numbers
        return None
    if not _numbers(columns[0], gaps=False) or not _numbers(columns[6], gaps=False, whole=True):
        return None
    numeric = (1, 2, 4, 5, 7, 10) if len(columns) == 14 else (1, 2, 4, 5, 7)
    if not all(_numbers(columns[i]) for i in numeric) or not _numbers(columns[3], texts=True):
        return None
    if not set(map(type, columns[8])) <= {dict, type(None)}:
        return None
    # a key that is followed by its colon at once, and stands once, counts once in both
    keys = len(document) + sum(map(len, filter(None, columns[8])))
    return columns if data.count(b'":') == keys else None


def _numbers(values: tuple[Any, ...], *, gaps: bool = True, texts: bool = False, whole: bool = False) -> bool:
    """True where all values are numbers (whole ones); None is let pass as one of `gaps`, text as one of `texts`.

    A sum goes through where all are numbers, and costs a fraction of asking each for its type.
    """
    try:
        total = sum(values)
    except TypeError:
        allowed = _ALTITUDE if texts else _NUMBER_OR_NONE
        return gaps and set(map(type, values)) <= allowed
    return not whole or type(total) is int


def _rows(
    document: dict[str, Any], columns: list[tuple[Any, ...]], lexicon: Lexicon, member: int
) -> tuple[Recs, Accounting] | None:
    count = len(columns[0])
    offset_s = np.fromiter(columns[0], np.float64, count)
    lat, lon = np.array(columns[1], dtype=np.float64), np.array(columns[2], dtype=np.float64)
    in_ms = (float(document["timestamp"]) + offset_s) * 1000.0
    gone = np.isnan(lat)
    if (gone != np.isnan(lon)).any() or (np.abs(lat) > 90).any() or (np.abs(lon) > 180).any():
        return None
    if not (((in_ms >= EARLIEST_MS) & (in_ms < LATEST_MS)) | gone).all():
        return None
    recs = empty(count)
    if not _heights(columns, recs):
        return None
    for name, i in (("ground_speed_kt", 4), ("true_track_deg", 5), ("vertical_rate_ft_min", 7)):
        recs[name] = np.array(columns[i], dtype=np.float64)
    icao = document["icao"]
    address = int(icao.removeprefix("~"), 16) + (TILDE if icao.startswith("~") else 0)
    recs["address"], recs["key"] = address, key_of_address(np.array([address], dtype=np.int64))[0]
    recs["time_ms"] = np.rint(np.where(gone, 0.0, in_ms)).astype(np.int64)
    recs["lat_deg"], recs["lon_deg"] = lat, lon
    recs["source_row"] = np.arange(1, count + 1)
    recs["member"] = member
    recs["listed_flight"] = recs["flight"] = 0
    flags = np.fromiter(columns[6], np.int64, count)
    told = _callsigns(columns[8], flags, offset_s, lexicon)
    if told is None:
        return None
    recs["callsign"] = told[0]
    recs["simulated"] = told[1] | document.get("simulated", False)
    if not _sources(columns, recs, lexicon):
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


def _heights(columns: list[tuple[Any, ...]], recs: Recs) -> bool:
    """Fill in both altitudes and the ground flag. False where a text other than "ground" stands for an altitude."""
    altitude = columns[3]
    words = {value for value in altitude if type(value) is str}
    if words - {"ground"}:
        return False
    if words:
        ground = np.array([value == "ground" for value in altitude])
        baro = np.array([None if value == "ground" else value for value in altitude], dtype=np.float64)
    else:
        ground, baro = np.zeros(len(altitude), dtype=np.bool_), np.array(altitude, dtype=np.float64)
    if len(columns) == 14:
        geo: Floats = np.array(columns[10], dtype=np.float64)
    else:
        told = [None if extra is None else extra.get("alt_geom") for extra in columns[8]]
        if not set(map(type, told)) <= _NUMBER_OR_NONE:
            return False
        geo = np.array(told, dtype=np.float64)
    recs["on_ground"] = np.where(ground, 1, np.where(np.isnan(baro), -1, 0))
    if any(flags & GEOMETRIC_ALTITUDE for flags in set(columns[6])):
        geometric = (np.array(columns[6], dtype=np.int64) & GEOMETRIC_ALTITUDE) != 0
        geo = np.where(geometric & np.isnan(geo), baro, geo)
        baro = np.where(geometric, np.nan, baro)
    recs["baro_altitude_ft"], recs["geo_altitude_ft"] = baro, geo
    return True


def _callsigns(
    details: tuple[Any, ...], flags: npt.NDArray[np.int64], offset_s: Floats, lexicon: Lexicon
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]] | None:
    """(word codes, marked as simulated): told now and then, carried on inside a leg and not over a long silence."""
    told = np.full(len(details), -1, dtype=np.int64)
    told[(flags & NEW_LEG) != 0] = 0
    told[1:][np.diff(offset_s) > LEG_GAP_S] = 0
    told[0] = 0
    at = [i for i, extra in enumerate(details) if extra]
    texts = [details[i].get("flight") for i in at]
    try:
        words = {text: _callsign(text) for text in set(texts)}
    except TypeError:  # a list or an object where a call sign should be
        return None
    codes_of = {text: -1 if word is None else lexicon.code(word or None) for text, word in words.items()}
    if at:
        codes_at = np.array([codes_of[text] for text in texts])
        places = np.array(at)[codes_at >= 0]
        told[places] = codes_at[codes_at >= 0]
    simulated = {codes_of[text] for text, word in words.items() if word and word.startswith("SIM")}
    last = np.maximum.accumulate(np.where(told >= 0, np.arange(len(told)), 0))
    codes = told[last].astype(np.int32)
    return codes, np.isin(codes, list(simulated)) if simulated else np.zeros(len(codes), dtype=np.bool_)


def _callsign(text: object) -> str | None:
    """The call sign told; None where none is, an empty text where it is one of the words for "not set"."""
    if not isinstance(text, str) or not text.strip():
        return None
    word = text.strip().strip(" \t\0")
    return word if word.strip("@") else ""


def _sources(columns: list[tuple[Any, ...]], recs: Recs, lexicon: Lexicon) -> bool:
    words: tuple[Any, ...] | list[Any]
    words = columns[9] if len(columns) == 14 else [None if e is None else e.get("type") for e in columns[8]]
    try:
        code = {word: lexicon.code(source_named(word)) for word in set(words)}
    except TypeError:  # a list or an object where a word should be
        return False
    if len(code) == 1:
        recs["position_source"] = next(iter(code.values()))
    else:
        recs["position_source"] = [code[word] for word in words]
    return True
