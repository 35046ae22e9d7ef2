"""Whatever stands in a JSON file of a known format: every record is accounted for, or the file is refused as input."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flighttrace.errors import InputError
from flighttrace.ingest.readers import (
    fr24_api_json,
    fr24_playback,
    geojson_points,
    opensky_flights_json,
    opensky_states_json,
    opensky_tracks_json,
    readsb_trace,
    traffic_json,
)
from flighttrace.ingest.records import Content, Reader, ReadOptions
from flighttrace.ingest.table import Part, convert

POINT = {"timestamp": "2022-03-15T10:00:00Z", "lat": 31.2, "lon": 35.1, "alt": 34000, "gspeed": 450, "vspeed": 0}
POINT |= {"track": 14, "callsign": "TST123", "source": "ADSB"}
TABLE_ROW = {"timestamp": 1647338400000, "icao24": "600bff", "latitude": 31.2, "longitude": 35.1, "groundspeed": 450}
TABLE_ROW |= {"origin": "LLOV", "destination": None, "onground": False, "last_position": 1647338399000}
STATE = ["600bff", "TST123  ", "X", 1647338398, 1647338399, 35.1, 31.2, 10363.2, False, 231.5, 14.2, 0.0, None, 10515.6]
STATE += ["1234", False, 0]
PLAYED = {"latitude": 31.2, "longitude": 35.1, "altitude": {"feet": 34000}, "speed": {"kts": 450}, "heading": 14}
PLAYED |= {"verticalSpeed": {"fpm": 0}, "timestamp": 1647338400}
TRACED = [21.5, 29.9, 34.9, "ground", 14.0, 20.0, 0, None, {"flight": "TST123  "}, "adsb_icao", None, None, None, None]
LISTED = {
    "icao24": "600bff",
    "firstSeen": 1647336400,
    "lastSeen": 1647343400,
    "callsign": "T",
    "estArrivalAirport": "X",
}
PLAYBACK_FLIGHT = {
    "identification": {"id": "2999", "callsign": "TST123"},
    "aircraft": {"identification": {"modes": "600BFF"}},
    "airport": {"origin": {"code": {"icao": "LLOV"}}},
    "track": [PLAYED, PLAYED],
}
SAMPLES: list[tuple[Reader, Any]] = [
    (readsb_trace, {"icao": "600bff", "timestamp": 1647302400.0, "trace": [TRACED, TRACED, TRACED[:9]]}),
    (opensky_states_json, {"time": 1647338400, "states": [STATE, STATE]}),
    (
        opensky_tracks_json,
        {"icao24": "600bff", "startTime": 1, "path": [[1647336400, 31.2, 35.1, 1200, 14, False]] * 2},
    ),
    (opensky_flights_json, [LISTED, LISTED]),
    (fr24_playback, {"result": {"response": {"data": {"flight": PLAYBACK_FLIGHT}}}}),
    (fr24_api_json, [{"fr24_id": "39aaaaaa", "tracks": [POINT, POINT]}]),
    (
        geojson_points,
        {
            "type": "FeatureCollection",
            "features": [{"geometry": {"type": "Point", "coordinates": [35.1, 31.2]}, "properties": POINT}] * 2,
        },
    ),
    (traffic_json, [TABLE_ROW, TABLE_ROW]),
    (traffic_json, {name: {"0": value, "1": value} for name, value in TABLE_ROW.items()}),
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.just([]),
    st.just([1, [2]]),
    st.just({}),
    st.just({"a": {"b": 1}}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from places(inner, (*path, step))


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set the value at the path, where the path still leads somewhere."""
    try:
        for step in path[:-1]:
            document = document[step]
        if isinstance(document, list) or path[-1] in document:
            document[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        return


@pytest.mark.parametrize(("reader", "sample"), SAMPLES, ids=[f"{i}-{made[0].NAME}" for i, made in enumerate(SAMPLES)])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_odd_values_are_refused_or_accounted_for(reader: Reader, sample: Any, data: st.DataObject) -> None:
    document = json.loads(json.dumps(copy.deepcopy(sample)))
    for path in data.draw(st.lists(st.sampled_from(list(places(document))), min_size=1, max_size=3)):
        put(document, path, copy.deepcopy(data.draw(ODD)))
    content = Content("odd.json", json.dumps(document).encode())
    if not reader.recognises(content):
        return
    try:
        records = reader.read(content, ReadOptions())
        result = convert([Part(content.file, records)], zone=None)
    except InputError:
        return
    result.accounting.check(content.file)
    assert set(result.frame["icao24"].dropna()) <= {"600bff"} | {
        value.strip().lower() for value in _texts(document) if len(value.strip().lower().removeprefix("0x")) in (6, 7)
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


@pytest.mark.parametrize(("reader", "sample"), SAMPLES, ids=[f"{i}-{made[0].NAME}" for i, made in enumerate(SAMPLES)])
@settings(max_examples=40, deadline=None)
@given(share=st.floats(0.0, 1.0), at=st.floats(0.0, 1.0), byte=st.integers(0, 255))
def test_cut_and_changed_bytes_never_crash(reader: Reader, sample: Any, share: float, at: float, byte: int) -> None:
    whole = json.dumps(sample).encode()
    cut = whole[: int(len(whole) * share)]
    changed = bytearray(whole)
    changed[int((len(whole) - 1) * at)] = byte
    for data in (cut, bytes(changed)):
        content = Content("odd.json", data)
        if not reader.recognises(content):
            continue
        with contextlib.suppress(InputError):
            result = convert([Part(content.file, reader.read(content, ReadOptions()))], zone=None)
            result.accounting.check(content.file)
