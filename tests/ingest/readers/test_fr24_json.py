"""Flightradar24: playback JSON, API flight-tracks, and pyfr24's GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from flighttrace.errors import InputError
from flighttrace.ingest.readers import fr24_api_json, fr24_playback, geojson_points
from flighttrace.ingest.records import Content, Reader, Records
from flighttrace.ingest.table import Rows

Read = Callable[[Reader, Content], Records]
Convert = Callable[[Reader, Content], Rows]
AsJson = Callable[[Any], Content]


def playback_point(**keys: Any) -> dict[str, Any]:
    return {
        "latitude": 31.2045,
        "longitude": 35.1177,
        "altitude": {"feet": 34000, "meters": 10363},
        "speed": {"kmh": 833, "kts": 450, "mph": 518},
        "verticalSpeed": {"fpm": -64, "ms": 0},
        "heading": 14,
        "squawk": "1234",
        "timestamp": 1647338400,
        "ems": None,
        **keys,
    }


def playback(*track: Any, modes: Any = "600BFF", origin: Any = "LLOV", **keys: Any) -> dict[str, Any]:
    flight = {
        "identification": {"id": "299999aa", "callsign": "TST123"},
        "aircraft": {"model": {"code": "TEST"}, "identification": {"modes": modes, "registration": "X-TEST"}},
        "airport": {
            "origin": {"code": {"iata": "VDA", "icao": origin}} if origin else None,
            "destination": {"code": {"iata": "GYD", "icao": None}},
        },
        "track": list(track),
    }
    return {"result": {"request": {}, "response": {"data": {"flight": flight}}}, **keys}


def test_a_playback_point(rows: Convert, as_json: AsJson) -> None:
    result = rows(fr24_playback, as_json(playback(playback_point())))
    row = result.frame.iloc[0]
    assert (row["icao24"], row["callsign"], row["flight"]) == ("600bff", "TST123", "299999aa")
    assert (row["baro_altitude_ft"], row["ground_speed_kt"], row["vertical_rate_ft_min"]) == (34000, 450, -64)
    assert (row["lat_deg"], row["lon_deg"], row["true_track_deg"]) == (31.2045, 35.1177, 14)
    listed = result.listed.iloc[0]
    assert (listed["listed_departure"], listed["listed_arrival"]) == ("LLOV", "GYD")
    assert (listed["icao24"], listed["registration"], listed["typecode"]) == ("600bff", "X-TEST", "TEST")


def test_a_quarantined_first_point_does_not_take_the_listing_along(rows: Convert, as_json: AsJson) -> None:
    bad, good = playback_point(latitude=None), playback_point(timestamp=1647338460)
    result = rows(fr24_playback, as_json(playback(bad, good)))
    assert (result.accounting.quarantined_count, len(result.listed)) == (1, 1)


def test_a_playback_without_address_keeps_its_flight_id(rows: Convert, as_json: AsJson) -> None:
    frame = rows(fr24_playback, as_json(playback(playback_point(), modes=""))).frame
    assert frame["icao24"].isna().all()
    assert frame["flight"].tolist() == ["299999aa"]


def test_a_flight_id_may_be_a_number(read: Read, as_json: AsJson) -> None:
    made = playback(playback_point())
    made["result"]["response"]["data"]["flight"]["identification"]["id"] = 299999
    assert read(fr24_playback, as_json(made)).frame["flight"].tolist() == ["299999"]


def test_null_speeds_are_missing_and_odd_points_are_refused(read: Read, as_json: AsJson) -> None:
    points = [
        playback_point(verticalSpeed={"fpm": None, "ms": None}, speed=None),
        "x",
        playback_point(altitude={"feet": [1]}),
        playback_point(longitude=True),
    ]
    records = read(fr24_playback, as_json(playback(*points)))
    assert records.frame["row"].tolist() == [1]
    assert records.frame["vertical_rate"].isna().all()
    assert sorted((fault.line, fault.column) for fault in records.refused) == [
        (2, "track"),
        (3, "baro_altitude"),
        (4, "lon"),
    ]


@pytest.mark.parametrize("flight", [None, {}, {"track": None}])
def test_a_playback_without_a_track_is_an_error(read: Read, as_json: AsJson, flight: object) -> None:
    with pytest.raises(InputError, match="track"):
        read(fr24_playback, as_json({"result": {"response": {"data": {"flight": flight}}}}))


def test_an_address_that_is_a_number_is_an_error(read: Read, as_json: AsJson) -> None:
    with pytest.raises(InputError, match="modes"):
        read(fr24_playback, as_json(playback(playback_point(), modes=600123)))


@pytest.mark.parametrize(
    ("name", "points", "icao24", "departure", "arrival"),
    [
        ("372355e5", 634, "4baac6", "LTFM", "ENGM"),
        ("2ce4f83f", 871, "ae503d", "WMSA", "RCSS"),
        ("3376ab31", 305, "8467d8", "RJCC", "RJTT"),
        ("34a8254b", 1249, "4b1901", "LSZH", "MMUN"),
    ],
)
def test_real_playbacks(
    real: Callable[[str], Content], rows: Convert, name: str, points: int, icao24: str, departure: str, arrival: str
) -> None:
    result = rows(fr24_playback, real(f"traffic_samples/fr24/{name}.json"))
    assert result.accounting.accepted == points
    assert result.frame["icao24"].unique().tolist() == [icao24]
    assert result.listed[["listed_departure", "listed_arrival"]].values.tolist() == [[departure, arrival]]


def api_point(**keys: Any) -> dict[str, Any]:
    return {
        "timestamp": "2022-03-15T10:00:00Z",
        "lat": 31.2045,
        "lon": 35.1177,
        "alt": 34000,
        "gspeed": 450,
        "vspeed": 0,
        "track": 14,
        "squawk": "1234",
        "callsign": "TST123",
        "source": "ADSB",
        **keys,
    }


def test_api_flights_are_numbered_through(read: Read, as_json: AsJson) -> None:
    made = [
        {"fr24_id": "39aaaaaa", "tracks": [api_point(), "x"]},
        {"fr24_id": None, "tracks": []},
        {"fr24_id": "39bbbbbb", "simulated": True, "tracks": [api_point()]},
    ]
    records = read(fr24_api_json, as_json(made))
    assert records.frame[["row", "flight", "simulated"]].values.tolist() == [
        [1, "39aaaaaa", False],
        [4, "39bbbbbb", True],
    ]
    assert [fault.line for fault in records.refused] == [2, 3]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("ADSB", "adsb"), ("MLAT", "mlat"), ("FAA", "other"), ("OTHER_DATA_SOURCE", "other"), ("ESTIMATED", "estimated")],
)
def test_api_source_words(read: Read, as_json: AsJson, word: str, expected: str) -> None:
    made = [{"fr24_id": "39aaaaaa", "tracks": [api_point(source=word)]}]
    assert read(fr24_api_json, as_json(made)).frame["position_source"].tolist() == [expected]


def test_an_api_point_in_canonical_units(rows: Convert, as_json: AsJson) -> None:
    row = rows(fr24_api_json, as_json([{"fr24_id": "39aaaaaa", "tracks": [api_point()]}])).frame.iloc[0]
    assert (row["lat_deg"], row["lon_deg"], row["baro_altitude_ft"]) == (31.2045, 35.1177, 34000)
    assert row["time_utc"].isoformat() == "2022-03-15T10:00:00+00:00"


def feature(coordinates: Any = (35.1177, 31.2045), kind: str = "Point", **keys: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": list(coordinates)},
        "properties": api_point(**keys),
    }


def collection(*features: Any, **keys: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **keys}


def test_a_geojson_point_has_longitude_first(rows: Convert, as_json: AsJson) -> None:
    row = rows(geojson_points, as_json(collection(feature()))).frame.iloc[0]
    assert (row["lat_deg"], row["lon_deg"], row["callsign"]) == (31.2045, 35.1177, "TST123")


@pytest.mark.parametrize(
    ("made", "column"),
    [
        (feature(lat=31.2046), "lat"),
        (feature(lon=35.0), "lon"),
        (feature(lat="31.2045"), "lat"),
        (feature(coordinates=(31.2045, 35.1177)), "lon"),
        (feature(coordinates=(35.1177,)), "coordinates"),
        (feature(coordinates=("35.1177", "31.2045")), "coordinates"),
        (feature(kind="MultiPoint"), "geometry"),
        ({"type": "Feature", "geometry": None, "properties": {}}, "geometry"),
        ("x", "properties"),
    ],
)
def test_a_feature_that_is_no_single_position_is_refused(
    rows: Convert, as_json: AsJson, made: object, column: str
) -> None:
    result = rows(geojson_points, as_json(collection(feature(), made)))
    assert result.accounting.accepted == 1
    assert [(fault.line, fault.column) for fault in result.quarantined] == [(2, column)]


def test_a_geojson_with_other_properties_is_not_recognised(as_json: AsJson) -> None:
    other = feature()
    del other["properties"]["gspeed"]
    assert not geojson_points.recognises(as_json(collection(other)))


def test_the_mark_of_a_simulated_collection(read: Read, as_json: AsJson) -> None:
    assert read(geojson_points, as_json(collection(feature(), simulated=True))).simulated
    assert read(fr24_playback, as_json(playback(playback_point(), simulated=True))).simulated


def test_real_geojson(real: Callable[[str], Content], real_names: Callable[[str], list[str]], rows: Convert) -> None:
    names = real_names("stiles_pyfr24/**/points.geojson")
    results = [rows(geojson_points, real(name)) for name in names]
    assert (len(results), sum(result.accounting.accepted for result in results)) == (7, 5402)
    csv_rows = sum(real(name).data.count(b"\n") - 1 for name in real_names("stiles_pyfr24/**/data.csv"))
    assert csv_rows == 5402
    words = set().union(*(result.frame["position_source"].dropna() for result in results))
    assert words == {"adsb", "other"}


def test_a_cut_playback_names_the_place(read: Read) -> None:
    text = json.dumps(playback(playback_point(), playback_point()), indent=1)
    with pytest.raises(InputError) as caught:
        read(fr24_playback, Content("cut.json", text[: text.rindex('"ems"')].encode()))
    assert caught.value.line == text[: text.rindex('"ems"')].count("\n") + 1
