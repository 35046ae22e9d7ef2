"""OpenSky's raw state vectors as Parquet: time, icao24, lat, lon, velocity (m/s), baroaltitude (m), ...

The columns are those of the CSV, see `opensky_states_csv.py`; `time` is a datetime or epoch seconds. Files of the same
archive that hold messages and no positions (mintime, rawmsg, icao24) are not recognised here.
"""

from __future__ import annotations

from typing import Final

from flighttrace.ingest import parquet, traffic_columns
from flighttrace.ingest.records import Content, ReadOptions, Records

NAME: Final = "opensky-states-parquet"
DESCRIPTION: Final = "OpenSky state vectors, Parquet (time, icao24, lat, lon, velocity, ...)"
NETWORK: Final = "OpenSky"


def recognises(content: Content) -> bool:
    """True for Parquet with OpenSky's raw column names."""
    return parquet.is_parquet(content) and traffic_columns.is_opensky_raw(parquet.column_names(content))


def read(content: Content, options: ReadOptions) -> Records:
    """One record a row; see `parquet.read` for what is refused."""
    return parquet.read(content, options)
