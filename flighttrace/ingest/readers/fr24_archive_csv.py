"""Flightradar24's archive for researchers: one file of positions a flight, and a list of each day's flights.

    snapshot_id,altitude,heading,latitude,longitude,radar_id,speed,squawk          <day>_<flight id>.csv
    1647338400,34000,14,31.20450,35.11770,9999,450,1234

    flight_id,aircraft_id,reg,equip,callsign,flight,schd_from,schd_to,real_to,reserved     <day>_flights.csv
    299999999,6294527,XTEST,TEST,TST123,,TLV,ATH,NA,NA

`snapshot_id` is the epoch in seconds; altitude in ft, speed in kt; some issues add `vert_speed` (ft/min), `on_ground`.
A position file holds no identity. Its flight's id stands in its name alone: where a list of the same run names that
id, address and call sign come from the list ("linked by file name"), else from nowhere. The list writes addresses as
decimal numbers, NA where something is missing. Airports are IATA codes of the flight's day, kept as written; `real_to`
is a statement, no observation. Call signs of the list may be padded with NUL bytes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from flighttrace.ingest.lines import header_of, read_lines
from flighttrace.ingest.linking import links_of
from flighttrace.ingest.readers.mapped_csv import LIST_ROW, from_decimal
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.values import addresses, callsigns, texts

NAME: Final = "fr24-archive-csv"
DESCRIPTION: Final = "Flightradar24's archive: positions (snapshot_id, ...) and the list that names their flights"
NETWORK: Final = "Flightradar24"
LINK_SPACE: Final = "flightradar24"

_POSITIONS: Final = ("snapshot_id", "latitude", "longitude", "altitude", "heading", "speed")
_LIST: Final = ("flight_id", "aircraft_id", "reg", "equip", "callsign", "schd_from", "schd_to", "real_to")


def recognises(content: Content) -> bool:
    header = set(header_of(content))
    return {"snapshot_id", "latitude", "longitude"} <= header or set(_LIST) <= header


def read(content: Content, options: ReadOptions) -> Records:
    return _positions(content) if "snapshot_id" in header_of(content) else _list(content)


def _positions(content: Content) -> Records:
    lines = read_lines(content, needed=_POSITIONS, wanted=("vert_speed", "on_ground", "flight_id"))
    frame = pd.DataFrame(
        {
            "time": lines.column("snapshot_id"),
            "lat": lines.column("latitude"),
            "lon": lines.column("longitude"),
            "baro_altitude": lines.column("altitude"),
            "ground_speed": lines.column("speed"),
            "true_track": lines.column("heading"),
            "vertical_rate": lines.column("vert_speed"),
            "on_ground": lines.column("on_ground"),
            "flight": lines.column("flight_id"),
        }
    )
    return lines.records(
        frame,
        "epoch_s",
        zero_altitude_means_ground=True,
        link_space=LINK_SPACE,
        flight_in_file_name=not lines.has("flight_id"),
        layout="positions",
    )


def _list(content: Content) -> Records:
    lines = read_lines(content, needed=_LIST, quoting=True, nul_padding=True)
    for name in _LIST:
        lines.columns[name] = lines.columns[name].str.rstrip("\0")
        inside = lines.columns[name].str.contains("\0", regex=False).to_numpy(dtype=np.bool_)
        lines.refuse(inside, file=content.file, column=name, reason="a NUL byte inside the text")
    held = lines.columns.mask(lines.columns.isin(["NA"]))
    frame = pd.DataFrame(
        {"icao24": from_decimal(held["aircraft_id"]), "callsign": lines.columns["callsign"], "no_position": LIST_ROW}
    )
    icao24, _ = addresses(frame["icao24"])
    arrival, signs = texts(held["real_to"]), callsigns(lines.columns["callsign"])
    listed = pd.DataFrame(
        {
            "icao24": icao24,
            "callsign": signs.where(signs != "NA"),
            "registration": texts(held["reg"]),
            "typecode": texts(held["equip"]),
            "listed_departure": texts(held["schd_from"]),
            "listed_arrival": arrival.where(arrival.notna(), texts(held["schd_to"])),
            "source_row": lines.columns["row"],
        }
    )
    ids = texts(lines.columns["flight_id"])
    return lines.records(
        frame,
        "epoch_s",
        listed_flights=listed,
        links=links_of(ids, icao24, listed["callsign"]),
        link_space=LINK_SPACE,
        layout="list",
    )
