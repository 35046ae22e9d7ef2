"""Flightradar24's API tracks as CSV: what the tool pyfr24 writes, and a second export with flight ids.

    timestamp,lat,lon,alt,gspeed,vspeed,track,squawk,callsign,source
    2022-03-15T10:00:00Z,31.20450,35.11770,34000,450,0,14,1234,TST123,ADSB

    flight_id,timestamp,lat,lon,alt,gspeed,vspeed,track,squawk,callsign,source,heading        (epoch times)

Altitude in ft, speed in kt, ft/min. Altitude 0 stands for "on the ground" and for "not known" alike: one real file has
it at 260 kt in the air (see `zero_altitude_means_ground` in `ingest/records.py`). There is no address.
`source` OTHER_DATA_SOURCE may be a satellite or an estimate: other.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from flighttrace.ingest.fr24_words import position_source
from flighttrace.ingest.lines import header_of, read_lines
from flighttrace.ingest.records import Content, ReadOptions, Records, TimeForm
from flighttrace.ingest.values import is_given, numbers

NAME: Final = "fr24-api-csv"
DESCRIPTION: Final = "Flightradar24's API tracks as CSV (timestamp, lat, lon, alt, gspeed, ...)"
NETWORK: Final = "Flightradar24"

_NEEDED: Final = ("timestamp", "lat", "lon", "alt", "gspeed")
_WANTED: Final = ("flight_id", "vspeed", "track", "callsign", "source")


def recognises(content: Content) -> bool:
    return set(_NEEDED) <= set(header_of(content))


def read(content: Content, options: ReadOptions) -> Records:
    lines = read_lines(content, needed=_NEEDED, wanted=_WANTED, quoting=True)
    words = {word: position_source(word) for word in lines.column("source").dropna().unique()}
    frame = pd.DataFrame(
        {
            "time": lines.column("timestamp"),
            "callsign": lines.column("callsign"),
            "lat": lines.column("lat"),
            "lon": lines.column("lon"),
            "baro_altitude": lines.column("alt"),
            "ground_speed": lines.column("gspeed"),
            "true_track": lines.column("track"),
            "vertical_rate": lines.column("vspeed"),
            "position_source": lines.column("source").map(words),
            "flight": lines.column("flight_id"),
        }
    )
    return lines.records(
        frame, time_form_of(frame["time"]), zero_altitude_means_ground=True, link_space="flightradar24"
    )


def time_form_of(times: pd.Series[Any]) -> TimeForm:
    """Epoch seconds where every time is a number, else ISO text."""
    given = is_given(times)
    found, bad = numbers(times)
    return "epoch_s" if given.any() and not bool((bad & given).any()) and len(found) else "iso"
