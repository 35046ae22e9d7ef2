"""Tables of the `traffic` library as CSV.

    timestamp,icao24,callsign,latitude,longitude,altitude,groundspeed,track,vertical_rate,onground
    2022-03-15 10:00:00+00:00,600bff,TST123,31.2045,35.1177,34000.0,450.0,14.0,0.0,False

Feet, knots, ft/min. Which columns are read, and where units would be a guess, is in `ingest/traffic_columns.py`. Times
without a zone need --input-tz: the library takes them for UTC, a file does not say so.
"""

from __future__ import annotations

from typing import Final

from flighttrace.ingest import traffic_columns
from flighttrace.ingest.lines import header_of, read_lines
from flighttrace.ingest.readers.fr24_api_csv import time_form_of
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.positions import NETWORK_UNKNOWN

NAME: Final = "traffic-csv"
DESCRIPTION: Final = "a table of the traffic library as CSV (timestamp, latitude, longitude, groundspeed, ...)"
NETWORK: Final = NETWORK_UNKNOWN

_NEEDED: Final = ("timestamp", "latitude", "longitude")
_TELLING: Final = {"groundspeed", "vertical_rate"}


def recognises(content: Content) -> bool:
    header = set(header_of(content))
    return set(_NEEDED) <= header and bool(_TELLING & header)


def read(content: Content, options: ReadOptions) -> Records:
    header = header_of(content)
    layout = traffic_columns.layout_of([name for name in header if name], content)
    lines = read_lines(content, needed=_NEEDED, wanted=layout.wanted, quoting=True)
    table = lines.columns.drop(columns="row")
    table = table.mask(table.apply(lambda column: column.str.strip() == ""))
    frame = traffic_columns.renamed(table, layout, content)
    frame["row"] = lines.columns["row"].to_numpy()
    time_form = time_form_of(frame["time"])
    made = traffic_columns.records(frame, layout, time_form, content, options)
    return lines.records(
        made.frame,
        time_form,
        altitude_unit=made.altitude_unit,
        speed_unit=made.speed_unit,
        vertical_rate_unit=made.vertical_rate_unit,
        icao24_required=made.icao24_required,
        listed_flights=made.listed_flights,
        feet_by_name_only=made.feet_by_name_only,
    )
