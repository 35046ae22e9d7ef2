"""readsb, tar1090, ADS-B Exchange and adsb.lol `trace_full_<hex>.json`: one aircraft, one UTC day.

    {"icao": "600bff", "timestamp": 1647302400.0, "trace": [[21.5, 29.94, 34.936, "ground", 14.0, ...], ...]}

| index | meaning | here |
|---|---|---|
| 0 | seconds after the top-level `timestamp` | time |
| 1, 2 | latitude, longitude | lat, lon |
| 3 | altitude in ft, the text "ground", or null | baro_altitude, or geo_altitude where flag 8 is set; on_ground |
| 4, 5 | ground speed in kt, track (on the ground: heading) | ground_speed, true_track |
| 6 | flags: 1 silence before, 2 new leg, 4 geometric rate, 8 geometric altitude | see below |
| 7 | vertical rate in ft/min | vertical_rate |
| 8 | null or an object: flight, type, alt_geom, ... | callsign |
| 9 | source word (14 entries only) | position_source |
| 10 | geometric altitude in ft (14 entries only) | geo_altitude |

Points have 9 entries before 2022 and 14 after; any other length is refused. The call sign comes with a point now and
then: it is filled forward inside a leg and never over the start of the next.

Flag 1 is not passed on as `stale`. It says that no position came in the 20 s *before* this point; the point itself is
fresh. Of 287 flagged points in 23 real traces every first point of a trace is one, and 285 lie where the reported
speed puts them; to mark them would drop the first fix of each flight and after each gap.

A `trace_recent` file has the same form and holds the last points only: content cannot tell them apart.
Source: wiedehopf/readsb, README-json.md, section "trace jsons".
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest import json_text
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.positions import NETWORK_UNKNOWN

NAME: Final = "readsb-trace-json"
DESCRIPTION: Final = "readsb, tar1090, adsb.lol or ADS-B Exchange trace_full JSON (an object with icao and trace)"
NETWORK: Final = NETWORK_UNKNOWN

LENGTHS: Final = (9, 14)
NEW_LEG: Final = 2
GEOMETRIC_ALTITUDE: Final = 8

LEG_GAP_S: Final = 45 * 60
"""A silence after which a call sign is not carried on: it can hold a landing and the next flight's take-off."""

_COLUMNS: Final = (
    "row",
    "time",
    "lat",
    "lon",
    "baro_altitude",
    "geo_altitude",
    "ground_speed",
    "true_track",
    "vertical_rate",
    "on_ground",
    "callsign",
    "position_source",
)
_SOURCES: Final = {
    "adsb": "adsb",
    "adsr": "adsr",
    "tisb": "tisb",
    "adsc": "adsc",
    "mlat": "mlat",
    "other": "other",
    "mode": "other",
}
"""By the word before the first underscore: adsb_icao_nt is adsb, mode_s is other."""


def recognises(content: Content) -> bool:
    """True for an object with the keys `icao` and `trace`."""
    return json_text.starts_with(content, b"{") and json_text.has_keys(content, ("icao",), ("trace",))


def read(content: Content, options: ReadOptions) -> Records:
    """One record a point of `trace`. A base time that is missing or in milliseconds raises InputError."""
    document = json_text.parse(content)
    icao, trace = document["icao"], document["trace"]
    if not isinstance(icao, str):
        raise InputError(
            f"the key icao is {shown(icao)}", file=content.file, column="icao", accepted="an address as quoted text"
        )
    if not isinstance(trace, list):
        raise InputError(f"the key trace is {shown(trace)}", file=content.file, column="trace", accepted="a list")
    base_s = json_text.epoch_base_s(document, "timestamp", content)
    rows, refused = _rows(trace, base_s, content)
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame["icao24"] = pd.Series([icao] * len(frame), dtype="str")
    frame, odd = json_text.settle(frame, content)
    return Records(
        frame=frame,
        time_form="epoch_s",
        icao24_required=True,
        refused=(*refused, *odd),
        simulated=json_text.simulated_mark(document, content),
    )


def _rows(trace: list[Any], base_s: float, content: Content) -> tuple[list[tuple[Any, ...]], list[Quarantined]]:
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    callsign: str | None = None
    before_s: float | None = None
    for row, point in enumerate(trace, start=1):
        fault = _fault(point)
        if fault is not None:
            refused.append(json_text.refuse(content, row, *fault))
            callsign = None  # what the point said of a new leg is lost with it
            continue
        offset_s, flags, extra = point[0], int(point[6] or 0), point[8] or {}
        if flags & NEW_LEG or (before_s is not None and offset_s - before_s > LEG_GAP_S):
            callsign = None
        before_s = offset_s
        told = extra.get("flight")
        if isinstance(told, str) and told.strip():
            callsign = told
        rows.append((row, base_s + offset_s, *_values(point, flags, extra), callsign, _source(point, extra)))
    return rows, refused


def _values(point: list[Any], flags: int, extra: dict[str, Any]) -> tuple[Any, ...]:
    """lat, lon, baro_altitude, geo_altitude, ground_speed, true_track, vertical_rate, on_ground."""
    altitude = point[3]
    on_ground = None if altitude is None else altitude == "ground"
    baro_ft = None if on_ground else altitude
    geo_ft = point[10] if len(point) > 10 else extra.get("alt_geom")
    if flags & GEOMETRIC_ALTITUDE:
        geo_ft = baro_ft if geo_ft is None else geo_ft
        baro_ft = None
    return point[1], point[2], baro_ft, geo_ft, point[4], point[5], point[7], on_ground


def _source(point: list[Any], extra: dict[str, Any]) -> str | None:
    return source_named(point[9] if len(point) > 9 else extra.get("type"))


def source_named(word: object) -> str | None:
    """The word of `positions.position_source` for one of readsb's; None where there is none."""
    return _SOURCES.get(word.partition("_")[0], "other") if isinstance(word, str) else None


def _fault(point: Any) -> tuple[str, str, object] | None:
    """Column, reason and value where the point cannot become a row."""
    if not isinstance(point, list):
        return "trace", "a trace point is not a list", point
    if len(point) not in LENGTHS:
        return "trace", f"a trace point has {len(point)} entries, not 9 or 14", point
    if not json_text.is_number(point[0]):
        return "0", "the seconds after the base time are not a number", point[0]
    if point[3] is not None and point[3] != "ground" and not json_text.is_number(point[3]):
        return "3", 'the altitude is neither a number nor "ground"', point[3]
    if point[6] is not None and not (json_text.is_number(point[6]) and point[6] == int(point[6])):
        return "6", "the flags are not a whole number", point[6]
    if point[8] is not None and not isinstance(point[8], dict):
        return "8", "the details are not an object", point[8]
    return None
