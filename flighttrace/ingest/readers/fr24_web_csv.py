"""Flightradar24's "Download CSV" of one flight.

    Timestamp,UTC,Callsign,Position,Altitude,Speed,Direction
    1647338400,2022-03-15T10:00:00Z,TST123,"31.204500,35.117700",34000,450,14

`Position` is one quoted column, latitude first; altitude in ft (0 on the ground), speed in kt. There is no address and
no registration: the track is the file's own unless the user declares an airframe. Estimated points may be among them
and are not marked. An older layout has no `UTC`; where both times are given and differ, the row is quarantined.
Source: files seen; Flightradar24's help pages.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from flighttrace.ingest.lines import Lines, header_of, read_lines
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.times import read_times
from flighttrace.ingest.values import is_given, numbers

NAME: Final = "fr24-web-csv"
DESCRIPTION: Final = "Flightradar24's CSV download of a flight (Timestamp, UTC, Callsign, Position, ...)"
NETWORK: Final = "Flightradar24"

_NEEDED: Final = ("Timestamp", "Callsign", "Position", "Altitude", "Speed", "Direction")
_CLOCKS_DIFFER_S: Final = 1.0


def recognises(content: Content) -> bool:
    return {"Timestamp", "Position", "Direction"} <= set(header_of(content))


def read(content: Content, options: ReadOptions) -> Records:
    lines = read_lines(content, needed=_NEEDED, wanted=("UTC",), quoting=True)
    lines.refuse(_clocks_differ(lines), file=content.file, column="UTC", reason="Timestamp and UTC differ")
    position = lines.column("Position").str.extract(r"(?s)^([^,]*),?(.*)$")
    frame = pd.DataFrame(
        {
            "time": lines.column("Timestamp"),
            "callsign": lines.column("Callsign"),
            "lat": position[0],
            "lon": position[1],
            "baro_altitude": lines.column("Altitude"),
            "ground_speed": lines.column("Speed"),
            "true_track": lines.column("Direction"),
        }
    )
    return lines.records(frame, "epoch_s", zero_altitude_means_ground=True)


def _clocks_differ(lines: Lines) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """True where the two times of a row are both readable and are not the same."""
    differ = np.zeros(len(lines.columns), dtype=np.bool_)
    utc = lines.column("UTC")
    where = np.flatnonzero(is_given(utc) & utc.str.strip().str.endswith("Z").eq(True).to_numpy(dtype=np.bool_))
    if not len(where):
        return differ
    epoch, _ = numbers(lines.column("Timestamp"))
    rows = lines.columns["row"].to_numpy()
    times = read_times(utc.iloc[where], "iso", zone=None, locate=lambda i: ("", int(rows[where[i]])))
    with np.errstate(invalid="ignore"):
        apart = np.abs(epoch[where] - times.ms / 1000.0) > _CLOCKS_DIFFER_S
    differ[where] = apart & ~times.bad & ~times.missing
    return differ
