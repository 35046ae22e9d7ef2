"""OpenSky flight lists (`flightlist_YYYYMMDD_YYYYMMDD.csv`): one row a flight, with its first and last position.

| column | meaning |
|---|---|
| callsign, icao24, registration, typecode | identity; the CC-BY variant has `aircraft_uid` in place of the address |
| origin, destination | airports as OpenSky estimates them: listed, never taken as truth |
| firstseen, lastseen | ISO with offset: when the first and the last message was heard |
| latitude_1, longitude_1, altitude_1 | first position; altitude in metres |
| latitude_2, longitude_2, altitude_2 | last position |

A row becomes two positions that share `listed_flight`: a flight of its own, never split. Its id is made from the row's
content, so that a repeated row is an exact duplicate. The altitudes come in steps of 25 ft and go below zero on the
ground: barometric. The first releases have no positions: their rows are listed flights only.
Source: Strohmeier et al., "Crowdsourced air traffic data from the OpenSky Network 2019-20", and its Zenodo records.
"""

from __future__ import annotations

import hashlib
from typing import Final

import pandas as pd

from flighttrace.ingest.lines import Lines, header_of, read_lines
from flighttrace.ingest.listing import listed_times
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.ingest.values import addresses, is_given, texts

NAME: Final = "opensky-flightlist-csv"
DESCRIPTION: Final = "OpenSky flight list, with or without end positions"
NETWORK: Final = "OpenSky"

WITHOUT_ENDS: Final = "a listed flight without end positions"
_LIST: Final = ("callsign", "typecode", "origin", "destination", "firstseen", "lastseen", "day")
_ENDS: Final = ("latitude_1", "longitude_1", "altitude_1", "latitude_2", "longitude_2", "altitude_2")


def recognises(content: Content) -> bool:
    header = set(header_of(content))
    return set(_LIST) <= header and bool({"icao24", "aircraft_uid"} & header)


def read(content: Content, options: ReadOptions) -> Records:
    has_ends = "latitude_1" in header_of(content)
    lines = read_lines(
        content, needed=(*_LIST, *(_ENDS if has_ends else ())), wanted=("icao24", "aircraft_uid", "registration")
    )
    seen = listed_times(lines, ("firstseen", "lastseen"), "iso", zone_name=options.input_tz, file=content.file)
    ids = _ids(lines)
    frame = _positions(lines, ids) if has_ends else _without_ends(lines)
    return lines.records(
        frame,
        "iso",
        altitude_unit="m",
        icao24_required=lines.has("icao24"),
        listed_flights=_listed(lines, seen, ids),
        record_count=len(lines.columns) + len(lines.refused),
    )


def _ids(lines: Lines) -> list[str]:
    """One id a row, from its content."""
    columns = lines.columns.drop(columns="row").to_dict("list").values()
    return [hashlib.sha256("\x1f".join(row).encode()).hexdigest()[:12] for row in zip(*columns, strict=True)]


def _identity(lines: Lines) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": lines.columns["row"],
            "icao24": lines.column("icao24"),
            "callsign": lines.column("callsign"),
            "flight": lines.column("aircraft_uid"),
            "simulated": lines.column("simulated"),
        }
    )


def _without_ends(lines: Lines) -> pd.DataFrame:
    return _identity(lines).assign(no_position=WITHOUT_ENDS)


def _positions(lines: Lines, ids: list[str]) -> pd.DataFrame:
    """Two rows a flight; an end without coordinates is left out, and a flight without both is one row without any."""
    ends: list[pd.DataFrame] = []
    given = pd.DataFrame(
        {n: is_given(lines.column(f"latitude_{n}")) | is_given(lines.column(f"longitude_{n}")) for n in "12"}
    )
    for number, time in (("1", "firstseen"), ("2", "lastseen")):
        end = _identity(lines).assign(
            time=lines.column(time),
            lat=lines.column(f"latitude_{number}"),
            lon=lines.column(f"longitude_{number}"),
            baro_altitude=lines.column(f"altitude_{number}"),
            listed_flight=pd.Series(ids, dtype="str"),
            no_position=pd.Series([None] * len(ids), dtype="str"),
        )
        if number == "1":
            end["no_position"] = end["no_position"].mask(~given.any(axis=1), WITHOUT_ENDS)
            keep = given["1"] | ~given.any(axis=1)
        else:
            keep = given["2"]
        ends.append(end[keep])
    return pd.concat(ends, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)


def _listed(lines: Lines, seen: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "icao24": addresses(lines.column("icao24"))[0],
            "callsign": texts(lines.column("callsign")),
            "registration": texts(lines.column("registration")),
            "typecode": texts(lines.column("typecode")),
            "first_seen_utc": seen["firstseen"],
            "last_seen_utc": seen["lastseen"],
            "listed_departure": texts(lines.column("origin")),
            "listed_arrival": texts(lines.column("destination")),
            "listed_flight": pd.Series(ids, dtype="str"),
            "simulated": lines.column("simulated").str.lower().isin(["true", "1", "yes"]),
            "source_row": lines.columns["row"],
        }
    )
