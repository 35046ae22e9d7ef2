"""Tables of the `traffic` library as pandas writes them to JSON, in two layouts.

    [{"timestamp": 1647338400000, "icao24": "600bff", "latitude": 31.2, "longitude": 35.1, "groundspeed": 450}, ...]
    {"timestamp": {"0": 1647338400000, ...}, "icao24": {"0": "600bff", ...}, "latitude": {"0": 31.2, ...}, ...}

`timestamp` is in milliseconds since 1970 UTC, or ISO text; feet, knots, ft/min. Which columns are read, and what
happens to others, is in `ingest/traffic_columns.py`. A row without both coordinates is a record without position, as
the library's tables hold one row a second. `last_position`, where there is one, tells stale positions.
The library reads several networks, and a file does not say which one it was: the network is unknown.
Recognised by `timestamp`, `latitude`, `longitude` and one of `groundspeed`, `vertical_rate`: a position log of another
kind has no knots.
"""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError
from flighttrace.ingest import json_text, traffic_columns
from flighttrace.ingest.records import Content, ReadOptions, Records, TimeForm
from flighttrace.positions import NETWORK_UNKNOWN

NAME: Final = "traffic-json"
DESCRIPTION: Final = "a table of the traffic library as pandas JSON (timestamp, latitude, longitude, groundspeed)"
NETWORK: Final = NETWORK_UNKNOWN

_NEEDED: Final = ("timestamp", "latitude", "longitude")
_TELLING: Final = ("groundspeed", "vertical_rate")
_COLUMN_FIRST: Final = re.compile(rb'\s*\{\s*"[^"]{1,80}"\s*:\s*\{\s*"\d{1,12}"\s*:')
"""An object whose first value is an object with a row number as its first key."""


def recognises(content: Content) -> bool:
    """True for either layout with the needed columns and one of the telling ones."""
    if json_text.starts_with(content, b"["):
        prefix: tuple[str, ...] = (json_text.ANY_INDEX,)
    elif _COLUMN_FIRST.match(content.head.removeprefix(json_text.BYTE_ORDER_MARK)):
        prefix = ()
    else:
        return False
    needed = [(*prefix, name) for name in _NEEDED]
    return any(json_text.has_keys(content, *needed, (*prefix, name), thorough=not prefix) for name in _TELLING)


def read(content: Content, options: ReadOptions) -> Records:
    """One record a row, numbered in the order of the file."""
    document = json_text.parse(content)
    refused: list[Quarantined] = []
    if isinstance(document, list):
        names = list(dict.fromkeys(name for row in document if isinstance(row, dict) for name in row))
        layout = traffic_columns.layout_of(names, content)
        table = _from_rows(document, layout.wanted, content, refused)
    else:
        layout = traffic_columns.layout_of(list(document), content)
        table = _from_columns(document, layout.wanted, content)
    frame = traffic_columns.renamed(table, layout, content)
    if "record" in table:
        frame["row"] = table["record"]
    frame, odd = json_text.settle(frame, content)
    return traffic_columns.records(
        frame, layout, _time_form(frame, content), content, options, refused=(*refused, *odd)
    )


def _from_rows(rows: list[Any], wanted: list[str], content: Content, refused: list[Quarantined]) -> pd.DataFrame:
    objects = [(number, row) for number, row in enumerate(rows, start=1) if isinstance(row, dict)]
    refused.extend(
        json_text.refuse(content, number, "", "a row is not an object", row)
        for number, row in enumerate(rows, start=1)
        if not isinstance(row, dict)
    )
    columns: dict[str, list[Any]] = {name: [row.get(name) for _, row in objects] for name in wanted}
    return pd.DataFrame({"record": [number for number, _ in objects], **columns})


def _from_columns(columns: dict[str, Any], wanted: list[str], content: Content) -> pd.DataFrame:
    index = columns["timestamp"]
    for name in wanted:
        if not isinstance(columns[name], dict) or columns[name].keys() != index.keys():
            raise InputError(
                f"column {name} has not the rows of the column timestamp",
                file=content.file,
                column=name,
                accepted="columns of equal rows",
            )
    return pd.DataFrame({name: [columns[name][row] for row in index] for name in wanted})


def _time_form(frame: pd.DataFrame, content: Content) -> TimeForm:
    times = frame["time"].dropna()
    is_text = times.map(lambda value: isinstance(value, str))
    if len(times) and bool(is_text.any()) != bool(is_text.all()):
        raise InputError("timestamp is a number in some rows and text in others", file=content.file, column="timestamp")
    return "iso" if len(times) and bool(is_text.all()) else "epoch_ms"
