"""SBS-1 BaseStation messages (port 30003 of many receivers): no header, 22 fields.

| field | | field | |
|---|---|---|---|
| 1 | MSG, SEL, ID, AIR, STA, CLK | 13, 14 | ground speed kt, track |
| 2 | transmission type 1 to 8 | 15, 16 | latitude, longitude |
| 3 | session (SIM marks simulated data) | 17 | vertical rate ft/min |
| 5 | address, capitals | 18 | squawk |
| 7, 8 | date and time generated, no zone | 19-21 | alert, emergency, SPI |
| 11 | call sign | 22 | on ground: -1 or 1, 0, or empty |
| 12 | altitude ft; readsb adds H where it is geometric | | |

Position, speed and call sign come in different lines. A position takes what its own line lacks from the same address's
line nearest in time. The clock is the logger's and bears no zone, so the user has to name it (`--input-tz`); a log
without times is refused. Every line is a record; lines that bear no position are counted as such.
Some loggers put a running number in front of every line: it is dropped where the file's first line has one.
Source: the BaseStation socket description (homepages.mcb.net/bones/SBS), readsb's net_io.c for the suffix H.
"""

from __future__ import annotations

import re
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest.lines import NO_LINE_END, Lines, text_of
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.times import read_times
from flighttrace.ingest.values import is_given
from flighttrace.positions import NETWORK_UNKNOWN

NAME: Final = "sbs-basestation"
DESCRIPTION: Final = "SBS-1 BaseStation messages (MSG,3,...)"
NETWORK: Final = NETWORK_UNKNOWN

FIELDS: Final = 22
JOIN_SPEED_S: Final = 5.0
"""Speed, track and vertical rate are sent twice a second; over five seconds they may have changed."""
JOIN_CALLSIGN_S: Final = 30.0
"""The call sign is sent every five seconds and rarely changes."""
_KINDS: Final = ("MSG", "SEL", "ID", "AIR", "STA", "CLK")
_NAMING: Final = ("MSG", "ID", "SEL")
"""Kinds whose field 11 is a call sign; in STA it is a status."""
_FEWEST_FIELDS: Final = 10
"""Lines of other kinds than MSG are shorter: ten fields or eleven."""
_NUMBER: Final = re.compile(r"^\d{1,12},(?=[A-Z]{2,3},)")
_NAMES: Final = {
    1: "type",
    2: "session",
    4: "icao24",
    6: "date",
    7: "clock",
    10: "callsign",
    11: "altitude",
    12: "ground_speed",
    13: "true_track",
    14: "lat",
    15: "lon",
    16: "vertical_rate",
    21: "on_ground",
}


def recognises(content: Content) -> bool:
    if content.data[:1] in (b"{", b"[", b"<"):
        return False
    for line in content.first_lines(5):
        if line.strip():
            line = _NUMBER.sub("", line, count=1)
            return line.split(",", 1)[0] in _KINDS and line.count(",") >= _FEWEST_FIELDS - 1
    return False


def read(content: Content, options: ReadOptions) -> Records:
    lines = _lines(content)
    held = lines.columns
    held["time"] = (held["date"].str.strip().str.replace("/", "-") + " " + held["clock"].str.strip()).str.strip()
    carries = is_given(held["lat"]) | is_given(held["lon"])
    if carries.any() and not bool(is_given(held["time"])[carries].any()):
        first = int(held["row"].iloc[int(np.argmax(carries))])
        raise InputError("no usable times: date and time are empty", file=content.file, line=first)
    geometric = held["altitude"].str.strip().str.upper().str.endswith("H").to_numpy(dtype=np.bool_)
    height = held["altitude"].str.strip().str.rstrip("Hh")
    frame = pd.DataFrame(
        {
            "row": held["row"],
            "time": held["time"],
            "icao24": held["icao24"],
            "callsign": held["callsign"].where(held["kind"].isin(_NAMING)),
            "lat": held["lat"],
            "lon": held["lon"],
            "baro_altitude": height.mask(geometric),
            "geo_altitude": height.where(geometric),
            "ground_speed": held["ground_speed"],
            "true_track": held["true_track"],
            "vertical_rate": held["vertical_rate"],
            "on_ground": held["on_ground"].where(is_given(held["on_ground"]) | (held["type"] != "2"), "1"),
            "simulated": held["session"].str.strip().eq("SIM"),
            "no_position": held["kind"].map(_reason).where(~carries),
        }
    )
    _join(frame, carries, content.file)
    return lines.records(frame, "iso", icao24_required=True)


def _reason(kind: str) -> str:
    return f"{kind} message without a position"


def _lines(content: Content) -> Lines:
    """Every line as a row with the named fields; MSG lines of another length and lines of no known kind are refused."""
    physical = text_of(content).split("\n")
    complete = physical[-1] == ""
    if complete:
        physical.pop()
    result = Lines(pd.DataFrame(), physical_lines=len(physical))
    rows: list[list[Any]] = []
    numbered = _NUMBER.match(next((line for line in physical if line.strip()), "")) is not None
    for number, line in enumerate(physical, 1):
        if not line or line.isspace():
            result.blank_lines += 1
            continue
        result.record_lines += 1
        plain = _NUMBER.sub("", line, count=1) if numbered else line
        fields = plain.split(",")
        reason = _misfit(fields) if plain != line or not numbered else "the leading number is missing"
        if not reason and not complete and number == len(physical):
            reason = NO_LINE_END  # the last field is a 0 or nothing: nobody can see whether it was cut
        if reason:
            result.refused.append(Quarantined(content.file, number, "", reason, shown(line)))
            continue
        fields += [""] * (FIELDS - len(fields))
        rows.append([number, fields[0], *(fields[i] for i in _NAMES)])
    if not complete:
        result.flags.append(NO_LINE_END)
    names = ["row", "kind", *_NAMES.values()]
    result.columns = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:], "str") | {"row": "int64"})
    return result


def _misfit(fields: list[str]) -> str:
    if fields[0] not in _KINDS:
        return "not a BaseStation message"
    if fields[0] == "MSG" and len(fields) != FIELDS:
        return f"wrong number of columns: expected {FIELDS}, found {len(fields)}"
    if fields[0] != "MSG" and not _FEWEST_FIELDS <= len(fields) <= FIELDS:
        return f"wrong number of columns: expected {_FEWEST_FIELDS} to {FIELDS}, found {len(fields)}"
    return ""


def _join(frame: pd.DataFrame, carries: np.ndarray[Any, np.dtype[np.bool_]], file: str) -> None:
    """Fill what position lines lack from the nearest line of the same address, in place."""
    rows = frame["row"].to_numpy()
    where = np.flatnonzero(is_given(frame["time"]))
    if not len(where) or not carries.any():
        return
    # Any zone serves here: only differences count, and a local time that does not exist must not stop the join.
    times = read_times(
        frame["time"].iloc[where], "iso", zone=ZoneInfo("UTC"), locate=lambda i: (file, int(rows[where[i]]))
    )
    good = where[~times.bad & ~times.missing]
    clock = pd.DataFrame(
        {"at": good, "ms": times.ms[~times.bad & ~times.missing], "icao24": frame["icao24"].iloc[good]}
    )
    clock = clock.sort_values("ms", kind="stable", ignore_index=True)
    wanting = clock[carries[clock["at"].to_numpy()]]
    for name, within_s in (
        ("ground_speed", JOIN_SPEED_S),
        ("true_track", JOIN_SPEED_S),
        ("vertical_rate", JOIN_SPEED_S),
        ("callsign", JOIN_CALLSIGN_S),
    ):
        given = is_given(frame[name])
        sources = clock[given[clock["at"].to_numpy()]].rename(columns={"at": "from"})
        needy = wanting[~given[wanting["at"].to_numpy()]]
        if not len(sources) or not len(needy):
            continue
        found = pd.merge_asof(
            needy, sources, on="ms", by="icao24", direction="nearest", tolerance=int(within_s * 1000)
        ).dropna(subset="from")
        column = frame[name].to_numpy(dtype=object).copy()
        column[found["at"].to_numpy()] = column[found["from"].to_numpy(dtype=np.int64)]
        frame[name] = pd.Series(column, dtype="str")
