"""OpenSky REST `/tracks`: the waypoints of one aircraft's flight, thinned by the publisher.

    {"icao24": "600bff", "startTime": ..., "endTime": ..., "callsign": "TST123",
     "path": [[time, latitude, longitude, baro_altitude in m, true_track, on_ground], ...]}

Latitude stands before longitude here, unlike in `/states`. The documentation spells the key of the call sign with
three l; both spellings are read. Waypoints lie up to 15 min apart, and there is no speed.
Source: openskynetwork.github.io/opensky-api, REST API, "Track by Aircraft".
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest import json_text
from flighttrace.ingest.records import Content, ReadOptions, Records

NAME: Final = "opensky-tracks-json"
DESCRIPTION: Final = "OpenSky REST /tracks JSON (an object with path and startTime)"
NETWORK: Final = "OpenSky"

_WAYPOINT: Final = ("time", "lat", "lon", "baro_altitude", "true_track", "on_ground")
CALLSIGN_KEYS: Final = ("callsign", "calllsign")


def recognises(content: Content) -> bool:
    """True for an object with the keys `path` and `startTime`."""
    return json_text.starts_with(content, b"{") and json_text.has_keys(content, ("path",), ("startTime",))


def read(content: Content, options: ReadOptions) -> Records:
    """One record a waypoint. A `path` of null is a track without waypoints."""
    document = json_text.parse(content)
    path, icao24 = document["path"], document.get("icao24")
    if path is not None and not isinstance(path, list):
        raise InputError(f"the key path is {shown(path)}", file=content.file, column="path", accepted="a list")
    if not isinstance(icao24, str):
        raise InputError(
            f"the key icao24 is {shown(icao24)}", file=content.file, column="icao24", accepted="quoted text"
        )
    callsign = _callsign(document, content)
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    for row, waypoint in enumerate(path or (), start=1):
        if isinstance(waypoint, list) and len(waypoint) == len(_WAYPOINT):
            rows.append((row, icao24, callsign, *waypoint))
        else:
            refused.append(json_text.refuse(content, row, "path", "a waypoint is not a list of six", waypoint))
    columns = ["row", "icao24", "callsign", *_WAYPOINT]
    frame, odd = json_text.settle(pd.DataFrame(rows, columns=columns), content)
    return Records(
        frame=frame,
        time_form="epoch_s",
        altitude_unit="m",
        icao24_required=True,
        refused=(*refused, *odd),
        simulated=json_text.simulated_mark(document, content),
    )


def _callsign(document: dict[str, Any], content: Content) -> str | None:
    told = {document[key] for key in CALLSIGN_KEYS if isinstance(document.get(key), str)}
    if len(told) > 1:
        raise InputError(
            f"two call signs: {shown(' and '.join(sorted(told)))}", file=content.file, accepted="one call sign"
        )
    return next(iter(told), None)
