"""Parquet tables of the `traffic` library: timestamp, latitude, longitude, altitude (ft), groundspeed (kt), ...

Takes every Parquet file that is not OpenSky's raw layout, so that a damaged footer, or columns that nobody knows, end
in an error that says so. The library reads several networks, and a file does not say which one it was.
"""

from __future__ import annotations

from typing import Final

from flighttrace.ingest import parquet
from flighttrace.ingest.readers import opensky_states_parquet
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.positions import NETWORK_UNKNOWN

NAME: Final = "traffic-parquet"
DESCRIPTION: Final = "Parquet of the traffic library (timestamp, latitude, longitude, altitude, groundspeed, ...)"
NETWORK: Final = NETWORK_UNKNOWN


def recognises(content: Content) -> bool:
    """True for Parquet in any layout but OpenSky's raw one."""
    return parquet.is_parquet(content) and not opensky_states_parquet.recognises(content)


def read(content: Content, options: ReadOptions) -> Records:
    """One record a row; see `parquet.read` for what is refused."""
    return parquet.read(content, options)
