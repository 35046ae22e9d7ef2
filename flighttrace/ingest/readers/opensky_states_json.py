"""OpenSky REST `/states/all`: what the network knew of every aircraft at one moment.

    {"time": 1647338400, "states": [["600bff", "TST123  ", "Azerbaijan", 1647338398, 1647338399, 35.11, 31.20, ...]]}

A state is an array: 0 icao24, 1 callsign, 3 time_position, 4 last_contact, **5 longitude, 6 latitude**,
7 baro_altitude (m), 8 on_ground, 9 velocity (m/s), 10 true_track, 11 vertical_rate (m/s), 13 geo_altitude (m),
16 position_source (0 ADS-B, 1 ASTERIX, 2 MLAT, 3 FLARM), 17 category where asked for.

The time of a row is that of its position (index 3), not of the answer. OpenSky reuses a position for up to 15 s by
its own description; one that is older is marked stale. A state without a position is no fault of the file.
Source: openskynetwork.github.io/opensky-api, REST API, "All State Vectors".
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest import json_text
from flighttrace.ingest.records import Content, ReadOptions, Records

NAME: Final = "opensky-states-json"
DESCRIPTION: Final = "OpenSky REST /states JSON (an object with time and states)"
NETWORK: Final = "OpenSky"

LENGTHS: Final = (17, 18)
LONGEST_REUSE_S: Final = 15
WITHOUT_POSITION: Final = "a state without a position"

_SOURCES: Final = {0: "adsb", 1: "asterix", 2: "mlat", 3: "flarm"}
_COLUMNS: Final = (
    "row",
    "time",
    "icao24",
    "callsign",
    "lat",
    "lon",
    "baro_altitude",
    "geo_altitude",
    "ground_speed",
    "true_track",
    "vertical_rate",
    "on_ground",
    "position_source",
    "stale",
    "no_position",
)


def recognises(content: Content) -> bool:
    """True for an object with the keys `time` and `states`."""
    return json_text.starts_with(content, b"{") and json_text.has_keys(content, ("time",), ("states",))


def read(content: Content, options: ReadOptions) -> Records:
    """One record a state. `states` may be null, which is the network's word for "none"."""
    document = json_text.parse(content)
    states = document["states"]
    if states is not None and not isinstance(states, list):
        raise InputError(
            f"the key states is {shown(states)}", file=content.file, column="states", accepted="a list or null"
        )
    moment_s = json_text.epoch_base_s(document, "time", content)
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    for row, state in enumerate(states or (), start=1):
        if not isinstance(state, list):
            refused.append(json_text.refuse(content, row, "states", "a state is not a list", state))
        elif len(state) not in LENGTHS:
            reason = f"a state has {len(state)} entries, not 17 or 18"
            refused.append(json_text.refuse(content, row, "states", reason, state))
        else:
            rows.append(_row(row, state, moment_s))
    frame, odd = json_text.settle(pd.DataFrame(rows, columns=list(_COLUMNS)), content)
    return Records(
        frame=frame,
        time_form="epoch_s",
        altitude_unit="m",
        speed_unit="m/s",
        vertical_rate_unit="m/s",
        icao24_required=True,
        refused=(*refused, *odd),
        simulated=json_text.simulated_mark(document, content),
    )


def _row(row: int, state: list[Any], moment_s: float) -> tuple[Any, ...]:
    position_s, source = state[3], state[16]
    return (
        row,
        position_s,
        state[0],
        state[1],
        state[6],
        state[5],
        state[7],
        state[13],
        state[9],
        state[10],
        state[11],
        state[8],
        None if source is None else _SOURCES.get(source if type(source) is int else -1, "other"),
        json_text.is_number(position_s) and moment_s - position_s > LONGEST_REUSE_S,
        WITHOUT_POSITION if state[5] is None and state[6] is None else None,
    )
