"""OpenSky state vectors, column by column: the rows that `readers/opensky_states_csv.py` gives, several times faster.

Only for text in which nothing is wrong. Whatever is out of the ordinary (a number that is none, half a position, a line
too long, a quote, a byte that is not ASCII) makes `read_states` return None, and the piece is read by the reader that
can say what it is. So this module refuses nothing, quarantines nothing, and has no words of its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from flighttrace.accounting import Accounting
from flighttrace.geodesy import FT_MIN_PER_M_S, FT_PER_M, KT_PER_M_S
from flighttrace.ingest.archive.rows import Floats, Lexicon, Recs, address_numbers, empty, key_of_address, mark_unset
from flighttrace.ingest.lines import header_of
from flighttrace.ingest.readers.opensky_states_csv import STALE_AFTER_S
from flighttrace.ingest.records import Content
from flighttrace.ingest.table import NO_POSITION, STALE
from flighttrace.ingest.times import EARLIEST_MS, LATEST_MS
from flighttrace.ingest.values import MISSING_NUMBERS

LONG_LINE_BYTES: Final = 50_000
"""A line may be twice as long before the reader refuses it; here it is left to the reader."""
_PARSED_BYTES: Final = 1 << 18
"""At a time: text and numbers stay in the processor's cache. More than the longest line that gets here."""
_NUMBERS: Final = (
    "time",
    "lat",
    "lon",
    "velocity",
    "heading",
    "vertrate",
    "baroaltitude",
    "geoaltitude",
    "lastposupdate",
    "lastcontact",
)
_NEEDED: Final = ("time", "icao24", "lat", "lon", "lastposupdate", "lastcontact")
_TRUTHS: Final = ("onground", "simulated")
_TEXTS: Final = ("icao24", "callsign")
_MISSING: Final = sorted({form for word in MISSING_NUMBERS for form in (word, word.upper(), word.title(), "NaN")})
_TRUE: Final = ["True", "true", "TRUE", "t", "T", "1"]
_FALSE: Final = ["False", "false", "FALSE", "f", "F", "0"]


def read_states(
    header: bytes, body: bytes, lexicon: Lexicon, *, first_line: int = 2, with_header: bool = True
) -> tuple[Recs, Accounting] | None:
    """The rows of lines of comma-separated state vectors, or None where a reader has to look at them.

    header: the file's first line, which is counted here `with_header`. first_line: of the body, in the file.
    """
    if not _is_plain(header) or not _is_plain(body):
        return None
    names = header_of(Content("", header))
    if not set(_NEEDED) <= set(names) or "serials" in names or len(set(names)) != len(names) or "" in names:
        return None
    table = _parsed(body, names)
    if table is None:
        return None
    return _rows(table, lexicon, first_line, with_header)


def _is_plain(data: bytes) -> bool:
    """ASCII lines with ends, none of them long, without quotes, carriage returns or NUL bytes."""
    if not data.endswith(b"\n") or not data.isascii() or any(byte in data for byte in (b'"', b"\r", b"\0")):
        return False
    windows = range(0, len(data) - LONG_LINE_BYTES, LONG_LINE_BYTES)
    return all(data.find(b"\n", start, start + LONG_LINE_BYTES) >= 0 for start in windows)


def _parsed(body: bytes, names: list[str]) -> pa.Table | None:
    lines = line_ends(body)
    if not lines:
        return None
    types: dict[str, pa.DataType] = {name: pa.float64() for name in _NUMBERS if name in names}
    types |= {name: pa.bool_() for name in _TRUTHS if name in names}
    types |= {name: pa.string() for name in _TEXTS if name in names}
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(body),
            read_options=pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=_PARSED_BYTES),
            parse_options=pa_csv.ParseOptions(quote_char=False, escape_char=False, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=_MISSING,
                strings_can_be_null=False,
                true_values=_TRUE,
                false_values=_FALSE,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    return table.combine_chunks() if table.num_rows == lines else None


def _rows(table: pa.Table, lexicon: Lexicon, first_line: int, with_header: bool) -> tuple[Recs, Accounting] | None:
    records = table.num_rows
    address = address_numbers(_column(table, "icao24"))
    if address is None:
        return None
    lat, lon = _numbers(table, "lat"), _numbers(table, "lon")
    missing = np.isnan(lat)
    if (missing != np.isnan(lon)).any():
        return None
    kept = np.flatnonzero(~missing)
    without = records - len(kept)
    if without:
        table, lat, lon, address = table.take(pa.array(kept)), lat[kept], lon[kept], address[kept]
    if (np.abs(lat) > 90).any() or (np.abs(lon) > 180).any():
        return None
    in_ms = _numbers(table, "time") * 1000.0
    if not ((in_ms >= EARLIEST_MS) & (in_ms < LATEST_MS)).all():
        return None
    recs = empty(len(kept))
    for target, name, factor in (
        ("baro_altitude_ft", "baroaltitude", FT_PER_M),
        ("geo_altitude_ft", "geoaltitude", FT_PER_M),
        ("ground_speed_kt", "velocity", KT_PER_M_S),
        ("true_track_deg", "heading", 1.0),
        ("vertical_rate_ft_min", "vertrate", FT_MIN_PER_M_S),
    ):
        value = _numbers(table, name)
        if np.isinf(value).any():
            return None
        recs[target] = value if factor == 1.0 else np.round(value * factor, 4)
    recs["time_ms"] = np.rint(in_ms).astype(np.int64)
    recs["lat_deg"], recs["lon_deg"] = lat, lon
    recs["address"], recs["key"] = address, key_of_address(address)
    recs["source_row"] = kept + first_line
    recs["member"] = 0
    for name in ("position_source", "listed_flight", "flight"):
        recs[name] = 0
    recs["rejected_because"] = _marks(table, lat, lon, lexicon)
    recs["on_ground"] = _truths(table, "onground")
    recs["callsign"], marked = _callsigns(table, lexicon)
    recs["simulated"] = marked | (_truths(table, "simulated") == 1)
    accounting = Accounting(
        records=records,
        accepted=len(kept),
        without_position={NO_POSITION: without} if without else {},
        physical_lines=records + (1 if with_header else 0),
        header_lines=1 if with_header else 0,
        record_lines=records,
    )
    return recs, accounting


def line_ends(data: bytes) -> int:
    """How many line feeds there are; `bytes.count` takes several times as long where they are many."""
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == 10))


def _column(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _numbers(table: pa.Table, name: str) -> Floats:
    """The column as floats, NaN where missing, all NaN where the file has none of that name.

    A text `nan` or `inf` never gets here as a finite number; infinities are for the caller to refuse.
    """
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return np.asarray(_column(table, name).to_numpy(zero_copy_only=False), dtype=np.float64)


def _truths(table: pa.Table, name: str) -> npt.NDArray[np.int8]:
    """1 true, 0 false, -1 missing."""
    if name not in table.column_names:
        return np.full(table.num_rows, -1, dtype=np.int8)
    column = _column(table, name)
    return np.asarray(pc.fill_null(column.cast(pa.int8()), -1).to_numpy(zero_copy_only=False))


def _callsigns(table: pa.Table, lexicon: Lexicon) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """(word codes, whether the call sign marks the row as simulated)."""
    if "callsign" not in table.column_names:
        return np.zeros(table.num_rows, dtype=np.int32), np.zeros(table.num_rows, dtype=np.bool_)
    coded = _column(table, "callsign").dictionary_encode()
    words = [_callsign(text) for text in coded.dictionary.to_pylist()]
    codes = lexicon.codes_of_dictionary(coded.indices, words)
    marks = np.array([word is not None and word.startswith("SIM") for word in words] or [False])
    return codes, marks[np.asarray(coded.indices)]


def _callsign(text: str) -> str | None:
    """As `values.callsigns`: trimmed; blanks and `@@@…` are missing."""
    word = text.strip().strip(" \t\0")
    return word if word.strip("@") else None


def _marks(table: pa.Table, lat: Floats, lon: Floats, lexicon: Lexicon) -> npt.NDArray[np.int32]:
    """Codes of the reasons of `table._marks`, in the same order of precedence."""
    marks = np.zeros(len(lat), dtype=np.int32)
    time = _numbers(table, "time")
    with np.errstate(invalid="ignore"):
        heard = [_numbers(table, name) for name in ("lastcontact", "lastposupdate")]
        contact, position = ((time - last > STALE_AFTER_S) & np.isfinite(time) & np.isfinite(last) for last in heard)
        stale = contact | position
    if stale.any():
        marks[stale] = lexicon.code(STALE)
    mark_unset(marks, lat, lon, lexicon)
    return marks
