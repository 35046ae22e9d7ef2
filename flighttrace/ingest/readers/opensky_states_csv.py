"""OpenSky Network state vectors as CSV (`states_YYYY-MM-DD-HH.csv`, and raw extracts with tabs).

| column | meaning |
|---|---|
| time | epoch seconds of the state, one row an aircraft a second |
| icao24 | lower-case hex |
| lat, lon | degrees; both empty where no position is known |
| velocity, heading | ground speed in m/s, true track in degrees |
| vertrate | m/s |
| callsign | padded to 8 |
| onground | True or False |
| baroaltitude, geoaltitude | metres |
| lastposupdate, lastcontact | epoch seconds with fraction: when the position, anything at all, was last heard |

A state is repeated for up to 300 s after an aircraft falls silent (OpenSky's REST documentation, "own states"), so rows
more than 15 s after the last contact, or after the last position, are marked as stale. No field is ever quoted, and
quotes are not read. `serials` (a list with commas) and `hour` are not used.
Source: OpenSky's descriptions of the state vectors (Trino and sample data sets).
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.ingest.lines import header_of, read_lines, text_of
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.values import numbers

NAME: Final = "opensky-states-csv"
DESCRIPTION: Final = "OpenSky state vectors, CSV or tab-separated"
NETWORK: Final = "OpenSky"

STALE_AFTER_S: Final = 15.0
"""OpenSky calls a position valid for 15 s after it was heard."""
_MARKS: Final = ("lastposupdate", "lastcontact")
_NEEDED: Final = ("time", "icao24", "lat", "lon", *_MARKS)
_WANTED: Final = (
    "velocity",
    "heading",
    "vertrate",
    "callsign",
    "onground",
    "baroaltitude",
    "geoaltitude",
)
_LIST: Final = re.compile(r'"?\[[^\]\n]*\]"?')

_QUERY: Final = re.compile(r"\A([^\n]*\n)\s*\"?(?:select|with)\s[^\n]*", re.IGNORECASE)
"""The SQL query that made a raw extract stands below the header of some: emptied, it counts as a comment line."""


def _delimiter(content: Content) -> str:
    return "\t" if set(_MARKS) <= set(header_of(content, "\t")) else ","


def recognises(content: Content) -> bool:
    return set(_MARKS) <= set(header_of(content, _delimiter(content)))


def read(content: Content, options: ReadOptions) -> Records:
    delimiter = _delimiter(content)
    text = text_of(content)
    if "serials" in header_of(content, delimiter):
        text = _LIST.sub("", text)
    text = _QUERY.sub(r"\1", text, count=1)
    lines = read_lines(content, needed=_NEEDED, wanted=_WANTED, delimiter=delimiter, text=text)
    column = lines.column
    stale = _older(column("time"), column("lastcontact")) | _older(column("time"), column("lastposupdate"))
    frame = pd.DataFrame(
        {
            "time": column("time"),
            "icao24": column("icao24"),
            "callsign": column("callsign"),
            "lat": column("lat"),
            "lon": column("lon"),
            "baro_altitude": column("baroaltitude"),
            "geo_altitude": column("geoaltitude"),
            "ground_speed": column("velocity"),
            "true_track": column("heading"),
            "vertical_rate": column("vertrate"),
            "on_ground": column("onground"),
            "stale": stale,
        }
    )
    return lines.records(
        frame, "epoch_s", altitude_unit="m", speed_unit="m/s", vertical_rate_unit="m/s", icao24_required=True
    )


def _older(time: pd.Series[str], last: pd.Series[str]) -> pd.Series[bool]:
    """True where `last` lies more than STALE_AFTER_S before `time`; False where either is no finite number."""
    now, then = numbers(time)[0], numbers(last)[0]
    with np.errstate(invalid="ignore"):
        return pd.Series((now - then > STALE_AFTER_S) & np.isfinite(now) & np.isfinite(then), index=time.index)
