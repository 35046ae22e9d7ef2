"""Parquet files of positions: one strict reading for both layouts.

Which of the two a file is, and which columns are read, is decided by column names in `ingest/traffic_columns.py`;
folder names such as `icao24=ffffff` have no effect, as the bytes alone are read. Times are datetimes (a naive column
is for the time stage to refuse or to place), ISO text, or numbers: seconds in OpenSky's `time`, milliseconds in
`timestamp`. Page checksums are verified where the writer stored them; where it did not, a flipped bit inside a page
cannot be noticed. The index that pandas stores in the file's metadata is not used.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.errors import DamagedFileError, InputError, shown
from flighttrace.ingest import traffic_columns
from flighttrace.ingest.records import Content, ReadOptions, Records, TimeForm

MAGIC: Final = b"PAR1"
_TEXT: Final = ("icao24", "callsign", "flight", *traffic_columns.LIST_COLUMNS)
_TRUTH: Final = ("on_ground", "simulated")
_TIME: Final = ("time", traffic_columns.POSITION_TIME, traffic_columns.CONTACT_TIME)
_UNREADABLE: Final = (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError)
"""What pyarrow raises for damaged bytes; the last where they are those of a column's name."""


def is_parquet(content: Content) -> bool:
    """True for Parquet's magic bytes at the start."""
    return content.data.startswith(MAGIC)


def column_names(content: Content) -> list[str]:
    """The names of the columns; empty where the footer cannot be read."""
    try:
        return list(pq.read_schema(pa.BufferReader(content.data)).names)
    except _UNREADABLE:
        return []


def read(content: Content, options: ReadOptions) -> Records:
    """One record a row of either layout.

    A cut or damaged file raises DamagedFileError; unknown columns, and types that cannot stand for what a column is
    used for, raise InputError.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content.data), page_checksum_verification=True)
        layout = traffic_columns.layout_of(list(file.schema_arrow.names), content)
        table = file.read(columns=layout.wanted)
        rows_stated = file.metadata.num_rows
    except _UNREADABLE as error:
        raise DamagedFileError(
            f"the Parquet file cannot be read: {shown(error, 120)}", file=content.file, accepted="a whole Parquet file"
        ) from None
    if table.num_rows != rows_stated:
        raise DamagedFileError(
            f"the footer states {rows_stated} rows, the pages hold {table.num_rows}", file=content.file
        )
    columns = {}
    for ours, theirs in layout.columns.items():
        for name in theirs:
            columns[name] = _plain(table.column(name), ours, name, content)
    frame = traffic_columns.renamed(pd.DataFrame(columns), layout, content)
    form = _time_form(frame["time"], layout.kind)
    return traffic_columns.records(frame, layout, form, content, options)


def _plain(column: pa.ChunkedArray, ours: str, name: str, content: Content) -> pd.Series[Any]:
    """The column as pandas values, where its type can stand for what it is used for."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
        kind = column.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    fits = (
        pa.types.is_null(kind)
        or is_text
        or (is_number and ours not in _TEXT and ours not in _TRUTH)
        or (pa.types.is_boolean(kind) and ours in _TRUTH)
        or (pa.types.is_timestamp(kind) and ours in _TIME)
    )
    if not fits:
        raise InputError(
            f"column {name} is of type {shown(kind)}",
            file=content.file,
            column=name,
            accepted="text" if ours in _TEXT else "true or false" if ours in _TRUTH else "numbers, or times as such",
        )
    return pd.Series(column.to_pandas())


def _time_form(times: pd.Series[Any], kind: str) -> TimeForm:
    if times.dtype.kind == "M":
        return "datetime"
    if pd.api.types.is_numeric_dtype(times.dtype):
        return "epoch_s" if kind == "opensky" else "epoch_ms"
    return "iso"
