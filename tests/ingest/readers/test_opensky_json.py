"""OpenSky REST answers: states, tracks, flights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flighttrace.errors import InputError
from flighttrace.geodesy import FT_PER_M, KT_PER_M_S
from flighttrace.ingest.readers import opensky_flights_json, opensky_states_json, opensky_tracks_json
from flighttrace.ingest.records import Content, Reader, Records
from flighttrace.ingest.table import Rows

Read = Callable[[Reader, Content], Records]
Convert = Callable[[Reader, Content], Rows]
AsJson = Callable[[Any], Content]

MOMENT_S = 1647338400


def state(**entries: Any) -> list[Any]:
    made: list[Any] = ["600bff", "TST123  ", "X", MOMENT_S - 2, MOMENT_S - 1, 35.1177, 31.2045, 10363.2, False, 231.5]
    made += [14.2, -2.5, None, 10515.6, "1234", False, 0]
    for index, value in entries.items():
        made[int(index[1:])] = value
    return made


def states(*made: Any, **keys: Any) -> dict[str, Any]:
    return {"time": MOMENT_S, "states": list(made), **keys}


def flight(**keys: Any) -> dict[str, Any]:
    return {
        "icao24": "600BFF",
        "firstSeen": MOMENT_S,
        "estDepartureAirport": None,
        "lastSeen": MOMENT_S + 7000,
        "estArrivalAirport": "LCLK",
        "callsign": "TST123  ",
        **keys,
    }


def test_a_state_has_longitude_first_and_metres(rows: Convert, as_json: AsJson) -> None:
    row = rows(opensky_states_json, as_json(states(state()))).frame.iloc[0]
    assert (row["lat_deg"], row["lon_deg"]) == (31.2045, 35.1177)
    assert row["time_utc"].timestamp() == MOMENT_S - 2
    assert row["callsign"] == "TST123"
    assert row["baro_altitude_ft"] == pytest.approx(10363.2 * FT_PER_M, abs=0.01)
    assert row["geo_altitude_ft"] == pytest.approx(10515.6 * FT_PER_M, abs=0.01)
    assert row["ground_speed_kt"] == pytest.approx(231.5 * KT_PER_M_S, abs=0.01)
    assert row["vertical_rate_ft_min"] == pytest.approx(-2.5 * 60 * FT_PER_M, abs=0.01)
    assert not row["on_ground"]


@pytest.mark.parametrize(
    ("code", "word"), [(0, "adsb"), (1, "asterix"), (2, "mlat"), (3, "flarm"), (4, "other"), (True, "other")]
)
def test_position_sources(read: Read, as_json: AsJson, code: object, word: str) -> None:
    assert read(opensky_states_json, as_json(states(state(_16=code)))).frame["position_source"].tolist() == [word]


@pytest.mark.parametrize(("age_s", "stale"), [(0, False), (15, False), (16, True), (299, True)])
def test_a_position_older_than_15_s_is_marked(rows: Convert, as_json: AsJson, age_s: int, stale: bool) -> None:
    frame = rows(opensky_states_json, as_json(states(state(_3=MOMENT_S - age_s)))).frame
    assert frame["rejected_because"].notna().tolist() == [stale]


def test_a_state_without_position_is_no_fault(rows: Convert, as_json: AsJson) -> None:
    made = states(state(), state(_3=None, _5=None, _6=None), state(_5=None), state(_3=None))
    accounting = rows(opensky_states_json, as_json(made)).accounting
    assert accounting.accepted == 1
    assert dict(accounting.without_position) == {opensky_states_json.WITHOUT_POSITION: 1}
    assert accounting.quarantined_count == 2


def test_states_of_another_length_and_kind_are_refused(read: Read, as_json: AsJson) -> None:
    records = read(opensky_states_json, as_json(states(state()[:16], {"a": 1}, [*state(), 1], state(_6=True))))
    assert records.frame["row"].tolist() == [3]
    assert sorted(fault.line for fault in records.refused) == [1, 2, 4]


def test_states_null_is_an_answer_without_aircraft(rows: Convert, as_json: AsJson) -> None:
    assert rows(opensky_states_json, as_json({"time": MOMENT_S, "states": None})).accounting.records == 0


@pytest.mark.parametrize("time", [None, MOMENT_S * 1000, "now"])
def test_a_moment_that_is_not_seconds_is_an_error(read: Read, as_json: AsJson, time: object) -> None:
    with pytest.raises(InputError, match="time"):
        read(opensky_states_json, as_json({"time": time, "states": [state()]}))


def track(*path: Any, **keys: Any) -> dict[str, Any]:
    return {"icao24": "600bff", "startTime": MOMENT_S, "endTime": MOMENT_S + 9, "path": list(path), **keys}


WAYPOINT = [MOMENT_S, 31.2045, 35.1177, 1200, 14, False]


@pytest.mark.parametrize("key", ["callsign", "calllsign"])
def test_a_waypoint_has_latitude_first(rows: Convert, as_json: AsJson, key: str) -> None:
    row = rows(opensky_tracks_json, as_json(track(WAYPOINT, **{key: "TST123 "}))).frame.iloc[0]
    assert (row["lat_deg"], row["lon_deg"], row["callsign"]) == (31.2045, 35.1177, "TST123")
    assert row["baro_altitude_ft"] == pytest.approx(1200 * FT_PER_M, abs=0.01)


def test_two_different_call_signs_are_an_error(read: Read, as_json: AsJson) -> None:
    with pytest.raises(InputError, match="two call signs"):
        read(opensky_tracks_json, as_json(track(WAYPOINT, callsign="A", calllsign="B")))


def test_a_waypoint_of_another_length_is_refused(read: Read, as_json: AsJson) -> None:
    records = read(opensky_tracks_json, as_json(track(WAYPOINT, WAYPOINT[:5], None)))
    assert (len(records.frame), [fault.line for fault in records.refused]) == (1, [2, 3])


def test_a_listed_flight_has_no_position_and_states_its_airports(rows: Convert, as_json: AsJson) -> None:
    result = rows(opensky_flights_json, as_json([flight(), flight(callsign=None, lastSeen=None, simulated=True)]))
    assert len(result.frame) == 0
    assert dict(result.accounting.without_position) == {opensky_flights_json.WITHOUT_POSITION: 2}
    first, second = result.listed.to_dict("records")
    assert (first["icao24"], first["callsign"], first["listed_arrival"]) == ("600bff", "TST123", "LCLK")
    assert first["first_seen_utc"].timestamp() == MOMENT_S
    assert first["last_seen_utc"].timestamp() == MOMENT_S + 7000
    assert (first["simulated"], second["simulated"]) == (False, True)


@pytest.mark.parametrize(
    ("keys", "column"),
    [
        ({"icao24": "60bff"}, "icao24"),
        ({"icao24": 600123}, "icao24"),
        ({"firstSeen": None}, "firstSeen"),
        ({"lastSeen": "later"}, "lastSeen"),
        ({"firstSeen": 5}, "firstSeen"),
        ({"callsign": 5}, "callsign"),
    ],
)
def test_a_flight_with_an_odd_value_is_refused(
    rows: Convert, as_json: AsJson, keys: dict[str, Any], column: str
) -> None:
    result = rows(opensky_flights_json, as_json([flight(), flight(**keys)]))
    assert [(fault.line, fault.column) for fault in result.quarantined] == [(2, column)]
    assert len(result.listed) == 1


def test_flights_in_milliseconds_are_an_error(read: Read, as_json: AsJson) -> None:
    with pytest.raises(InputError, match="not seconds"):
        read(opensky_flights_json, as_json([flight(firstSeen=MOMENT_S * 1000, lastSeen=None)]))


@pytest.mark.parametrize(
    ("reader", "document"),
    [(opensky_states_json, states(state(), simulated=True)), (opensky_tracks_json, track(WAYPOINT, simulated=True))],
)
def test_the_mark_of_simulated_answers(read: Read, as_json: AsJson, reader: Reader, document: object) -> None:
    assert read(reader, as_json(document)).simulated
