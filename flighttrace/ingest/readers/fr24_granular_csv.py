"""Flightradar24's "granular" CSV: one row a message, as published for single flights of public interest.

    network_time,receiver_time,hex,callsign,latitude,longitude,no_position,altitude,squawk,speed,track,vspeed,...
    2022-03-15 10:00:01Z.515,2022-03-15 10:00:00Z.997,0x600bff,TST123,31.20450,35.11770,P,34000,234,450,14,0,...

- The fraction of a second stands after the Z. `receiver_time` is when a receiver heard the message, `network_time` when
  the network had it, a median 0.6 s later: the receiver's is taken, as positions follow each other more smoothly by it
  (half as many steps over 700 kt in the one real file). Where the two are over a minute apart (52 of 17,521 rows there,
  some receivers say 1970) the network's is taken.
- `no_position` is a letter: P with, N without a position. N stands beside 0,0, or beside the last position heard
  before; the first is no position, the second is marked as stale.
- `on_ground`: A airborne, N not known; G is read as on the ground, which no file seen has confirmed.
- Unnamed columns at the end hold `KEY:value`; GPSA is the altitude above the ellipsoid in ft.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from flighttrace.ingest.fr24_words import position_source
from flighttrace.ingest.lines import Lines, header_of, read_lines
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.times import read_times
from flighttrace.ingest.values import numbers

NAME: Final = "fr24-granular-csv"
DESCRIPTION: Final = "Flightradar24's granular CSV (network_time, receiver_time, hex, ...)"
NETWORK: Final = "Flightradar24"

WITHOUT_POSITION: Final = "message without a position"
CLOCKS_APART_MS: Final = 60_000
"""Between a receiver's clock and the network's: more is no delay but a wrong clock."""
_NEEDED: Final = ("network_time", "receiver_time", "hex", "latitude", "longitude", "no_position")
_WANTED: Final = ("callsign", "altitude", "speed", "track", "vspeed", "on_ground", "position_class")
_ON_GROUND: Final = {"A": "false", "G": "true"}


def recognises(content: Content) -> bool:
    return {"network_time", "receiver_time", "hex"} <= set(header_of(content))


def read(content: Content, options: ReadOptions) -> Records:
    lines = read_lines(content, needed=_NEEDED, wanted=_WANTED, unnamed=True)
    column = lines.column
    said_none = column("no_position").str.strip().eq("N")
    nowhere = said_none & (numbers(column("latitude"))[0] == 0) & (numbers(column("longitude"))[0] == 0)
    without = pd.Series([None] * len(said_none), dtype="str").mask(nowhere, WITHOUT_POSITION)
    words = {word: position_source(word) for word in column("position_class").unique()}
    frame = pd.DataFrame(
        {
            "time": _times(lines, content.file),
            "icao24": column("hex"),
            "callsign": column("callsign"),
            "lat": column("latitude"),
            "lon": column("longitude"),
            "baro_altitude": column("altitude"),
            "geo_altitude": lines.unnamed().str.extract(r"(?:^|,)GPSA:(-?\d+)", expand=False),
            "ground_speed": column("speed"),
            "true_track": column("track"),
            "vertical_rate": column("vspeed"),
            "on_ground": column("on_ground").str.strip().map(_ON_GROUND),
            "position_source": column("position_class").map(words),
            "stale": said_none & ~nowhere,
            "no_position": without,
        }
    )
    return lines.records(frame, "iso", icao24_required=True)


def _times(lines: Lines, file: str) -> pd.Series[Any]:
    """The receiver's time, or the network's where they do not fit; as ISO text."""
    names = ("receiver_time", "network_time")
    heard, had = (lines.column(name).str.strip().str.replace(r"Z(\.\d+)$", r"\1Z", regex=True) for name in names)
    if not len(heard):
        return heard
    rows = lines.columns["row"].to_numpy()
    first, second = (read_times(c, "iso", zone=None, locate=lambda i: (file, int(rows[i]))) for c in (heard, had))
    fits = ~first.bad & ~first.missing & ~second.bad & ~second.missing
    fits &= np.abs(first.ms - second.ms) <= CLOCKS_APART_MS
    return heard.where(fits, had)
