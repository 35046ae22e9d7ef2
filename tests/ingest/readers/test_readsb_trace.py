"""readsb traces: both point lengths, flags, call signs inside legs, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flighttrace.errors import DamagedFileError, InputError
from flighttrace.ingest.readers import readsb_trace
from flighttrace.ingest.records import Content, Reader, Records
from flighttrace.ingest.table import Rows

Read = Callable[[Reader, Content], Records]
AsJson = Callable[[Any], Content]


def point(offset_s: float, **entries: Any) -> list[Any]:
    """A point of 14 entries."""
    made: list[Any] = [offset_s, 29.94, 34.936, 2100, 165.3, 21.0, 0, 1856, None, "adsb_icao", 2175, 1850, 160, 0.4]
    for index, value in entries.items():
        made[int(index[1:])] = value
    return made


def trace(*points: Any, **keys: Any) -> dict[str, Any]:
    return {"icao": "600bff", "r": "X-TEST", "timestamp": 1647302400.0, "trace": list(points), **keys}


def test_a_point_of_fourteen_entries(read: Read, as_json: AsJson) -> None:
    records = read(readsb_trace, as_json(trace(point(95.1))))
    assert records.time_form == "epoch_s"
    assert records.icao24_required
    assert records.frame.iloc[0].dropna().to_dict() == {
        "row": 1,
        "time": 1647302495.1,
        "lat": 29.94,
        "lon": 34.936,
        "baro_altitude": 2100,
        "geo_altitude": 2175,
        "ground_speed": 165.3,
        "true_track": 21.0,
        "vertical_rate": 1856,
        "on_ground": False,
        "position_source": "adsb",
        "icao24": "600bff",
    }


def test_a_point_of_nine_entries_takes_source_and_height_from_its_details(read: Read, as_json: AsJson) -> None:
    nine = point(0.0, _8={"type": "mlat", "flight": "TST123  ", "alt_geom": 2300})[:9]
    frame = read(readsb_trace, as_json(trace(nine, point(5.0)[:9]))).frame
    assert frame["position_source"].tolist()[0] == "mlat"
    assert frame["geo_altitude"].tolist()[0] == 2300
    assert frame["position_source"].isna().tolist() == [False, True]
    assert frame["callsign"].tolist() == ["TST123  ", "TST123  "]


@pytest.mark.parametrize("length", [0, 8, 10, 13, 15])
def test_any_other_length_is_refused(read: Read, as_json: AsJson, length: int) -> None:
    odd = [*point(5.0), None][:length]
    records = read(readsb_trace, as_json(trace(point(0.0), odd, point(10.0))))
    assert records.frame["row"].tolist() == [1, 3]
    assert [(fault.line, fault.column) for fault in records.refused] == [(2, "trace")]
    assert f"{length} entries" in records.refused[0].reason


def test_ground_is_a_flag_and_null_is_unknown(read: Read, as_json: AsJson) -> None:
    frame = read(readsb_trace, as_json(trace(point(0, _3="ground"), point(5, _3=None), point(9, _3=0)))).frame
    assert frame["on_ground"].tolist() == [True, None, False]
    assert frame["baro_altitude"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("entries", "column"),
    [
        ({"_0": None}, "0"),
        ({"_0": "21.5"}, "0"),
        ({"_3": "grounded"}, "3"),
        ({"_6": "1"}, "6"),
        ({"_6": True}, "6"),
        ({"_6": 2.5}, "6"),
        ({"_8": [1]}, "8"),
        ({"_1": True}, "lat"),
        ({"_2": {"deg": 3}}, "lon"),
    ],
)
def test_a_point_with_an_odd_value_is_refused(
    read: Read, as_json: AsJson, entries: dict[str, Any], column: str
) -> None:
    records = read(readsb_trace, as_json(trace(point(1.0), point(2.0, **entries))))
    assert records.frame["row"].tolist() == [1]
    assert [(fault.line, fault.column) for fault in records.refused] == [(2, column)]


def test_a_geometric_altitude_is_not_given_out_as_barometric(read: Read, as_json: AsJson) -> None:
    points = trace(point(0, _6=8, _10=None), point(5, _6=8), point(9, _6=4), point(12, _6=8.0))
    frame = read(readsb_trace, as_json(points)).frame
    assert frame["baro_altitude"].isna().tolist() == [True, True, False, True]
    assert frame["geo_altitude"].tolist() == [2100, 2175, 2175, 2175]


def test_the_point_after_a_silence_is_not_stale(rows: Callable[[Reader, Content], Rows], as_json: AsJson) -> None:
    result = rows(readsb_trace, as_json(trace(point(0, _6=1), point(600, _6=1, _1=30.5))))
    assert result.frame["rejected_because"].isna().all()


def test_a_call_sign_is_filled_forward_inside_a_leg_only(read: Read, as_json: AsJson) -> None:
    named = {"flight": "TST123  "}
    made = trace(
        point(0),
        point(10, _8=named),
        point(20, _8={"squawk": "1234"}),
        point(30, _6=2),
        point(40, _8={"flight": "TST456  "}),
        point(40 + 45 * 60),
        point(40 + 90 * 60 + 1),
        point(40 + 90 * 60 + 9, _8=named),
        [1, 2, 3],
        point(40 + 90 * 60 + 20),
    )
    callsigns = read(readsb_trace, as_json(made)).frame["callsign"]
    assert [None if value != value else value for value in callsigns.tolist()] == [
        None,
        "TST123  ",
        "TST123  ",
        None,
        "TST456  ",
        "TST456  ",
        None,
        "TST123  ",
        None,
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("adsb_icao", "adsb"),
        ("adsb_icao_nt", "adsb"),
        ("adsb_other", "adsb"),
        ("adsr_icao", "adsr"),
        ("adsr_other", "adsr"),
        ("tisb_icao", "tisb"),
        ("tisb_trackfile", "tisb"),
        ("adsc", "adsc"),
        ("mlat", "mlat"),
        ("mode_s", "other"),
        ("other", "other"),
        ("something_new", "other"),
    ],
)
def test_source_words(read: Read, as_json: AsJson, word: str, expected: str) -> None:
    assert read(readsb_trace, as_json(trace(point(0, _9=word)))).frame["position_source"].tolist() == [expected]


@pytest.mark.parametrize("icao", ["~2a01b3", "6008e4", "4e1234", "000123"])
def test_addresses_stay_text(rows: Callable[[Reader, Content], Rows], as_json: AsJson, icao: str) -> None:
    result = rows(readsb_trace, as_json(trace(point(0), icao=icao)))
    assert result.frame["icao24"].tolist() == [icao]


@pytest.mark.parametrize("base", [None, 1647302400000, "1647302400", True])
def test_a_base_that_is_not_seconds_is_an_error(read: Read, as_json: AsJson, base: object) -> None:
    with pytest.raises(InputError, match="timestamp"):
        read(readsb_trace, as_json(trace(point(0), timestamp=base)))


def test_a_missing_base_is_an_error(read: Read, as_json: AsJson) -> None:
    made = trace(point(0))
    del made["timestamp"]
    with pytest.raises(InputError, match="timestamp"):
        read(readsb_trace, as_json(made))


@pytest.mark.parametrize("icao", [None, 600123, ["600bff"]])
def test_an_address_that_is_no_text_is_an_error(read: Read, as_json: AsJson, icao: object) -> None:
    with pytest.raises(InputError, match="icao"):
        read(readsb_trace, as_json(trace(point(0), icao=icao)))


def test_a_cut_trace_is_recognised_and_damaged(read: Read, as_json: AsJson) -> None:
    whole = as_json(trace(*[point(i) for i in range(50)]))
    with pytest.raises(DamagedFileError):
        read(readsb_trace, Content("cut.json", whole.data[: len(whole.data) // 2]))


def test_no_points_are_no_records(rows: Callable[[Reader, Content], Rows], as_json: AsJson) -> None:
    assert rows(readsb_trace, as_json(trace())).accounting.records == 0


def test_the_mark_of_a_simulated_trace(read: Read, as_json: AsJson) -> None:
    assert read(readsb_trace, as_json(trace(point(0), simulated=True))).simulated
    assert not read(readsb_trace, as_json(trace(point(0)))).simulated


def test_the_large_real_trace(real: Callable[[str], Content], rows: Callable[[Reader, Content], Rows]) -> None:
    result = rows(readsb_trace, real("traffic_samples/readsb/trace_full_ac671b.json"))
    assert result.accounting.accepted == result.accounting.records == 2500
    assert int(result.frame["on_ground"].fillna(False).sum()) == 394
    assert result.frame["rejected_because"].isna().all()
    assert result.frame["callsign"].nunique() >= 2
    assert result.frame["icao24"].unique().tolist() == ["ac671b"]


def test_all_real_traces(
    real: Callable[[str], Content],
    real_names: Callable[[str], list[str]],
    rows: Callable[[Reader, Content], Rows],
) -> None:
    names = real_names("adsb_actions/**/trace_full_*.json")
    accepted = [rows(readsb_trace, real(name)).accounting.accepted for name in names]
    assert (len(names), sum(accepted)) == (22, 3930)


def test_times_of_a_real_trace_lie_in_its_day(
    real: Callable[[str], Content], rows: Callable[[Reader, Content], Rows]
) -> None:
    name = "adsb_actions/tests/sample_readsb_data/2023/08/20/traces/8a/trace_full_4d208a.json"
    times = rows(readsb_trace, real(name)).frame["time_utc"]
    assert times.dt.date.astype("str").unique().tolist() == ["2023-08-30"]
    assert np.all(np.diff(times.astype("int64")) >= 0)
