"""Tables of the traffic library as JSON and Parquet, and OpenSky's raw Parquet."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flighttrace.errors import DamagedFileError, InputError
from flighttrace.geodesy import FT_PER_M, KT_PER_M_S
from flighttrace.ingest.readers import opensky_states_parquet, traffic_json, traffic_parquet
from flighttrace.ingest.records import Content, Reader, ReadOptions, Records
from flighttrace.ingest.table import Rows

Read = Callable[[Reader, Content], Records]
Convert = Callable[[Reader, Content], Rows]
AsJson = Callable[[Any], Content]

MOMENT_MS = 1647338400000


def row(**keys: Any) -> dict[str, Any]:
    return {
        "timestamp": MOMENT_MS,
        "icao24": "600bff",
        "callsign": "TST123",
        "latitude": 31.2045,
        "longitude": 35.1177,
        "altitude": 34000.0,
        "groundspeed": 450.0,
        "track": 14.0,
        "vertical_rate": -64.0,
        **keys,
    }


def as_columns(rows_: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: {str(i + 7): made[name] for i, made in enumerate(rows_)} for name in rows_[0]}


def parquet(frame: pd.DataFrame, **options: Any) -> Content:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame), buffer, write_page_checksum=True, **options)
    return Content("made.parquet", buffer.getvalue())


def as_times(frame: pd.DataFrame, zone: str | None = "UTC") -> pd.DataFrame:
    times: Any = pd.to_datetime(frame["timestamp"], unit="ms", utc=True)
    return frame.assign(timestamp=times if zone else times.dt.tz_localize(None))


@pytest.mark.parametrize("layout", [list, as_columns])
def test_both_json_layouts_give_the_same_row(
    rows: Convert, as_json: AsJson, layout: Callable[[list[dict[str, Any]]], Any]
) -> None:
    frame = rows(traffic_json, as_json(layout([row(), row(timestamp=MOMENT_MS + 1500, callsign="NA")]))).frame
    assert frame["time_utc"].astype("int64").tolist() == [MOMENT_MS, MOMENT_MS + 1500]
    assert frame["callsign"].tolist() == ["TST123", "NA"]
    assert frame["source_row"].tolist() == [1, 2]
    columns = ["icao24", "lat_deg", "lon_deg", "baro_altitude_ft", "ground_speed_kt", "true_track_deg"]
    assert frame[[*columns, "vertical_rate_ft_min"]].iloc[0].tolist() == [
        "600bff",
        31.2045,
        35.1177,
        34000,
        450,
        14,
        -64,
    ]


def test_iso_times_are_read_and_mixed_ones_refused(rows: Convert, read: Read, as_json: AsJson) -> None:
    made = [row(timestamp="2022-03-15T10:00:00.250Z")]
    assert rows(traffic_json, as_json(made)).frame["time_utc"].astype("int64").tolist() == [MOMENT_MS + 250]
    with pytest.raises(InputError, match="timestamp"):
        read(traffic_json, as_json([*made, row()]))


def test_times_in_seconds_are_an_error_that_names_them(rows: Convert, as_json: AsJson) -> None:
    with pytest.raises(InputError, match="seconds"):
        rows(traffic_json, as_json([row(timestamp=MOMENT_MS // 1000)]))


def test_naive_text_times_need_a_zone(rows: Convert, as_json: AsJson) -> None:
    with pytest.raises(InputError, match="zone"):
        rows(traffic_json, as_json([row(timestamp="2022-03-15T10:00:00")]))


def test_rows_without_a_position_and_odd_rows(rows: Convert, as_json: AsJson) -> None:
    made = [
        row(),
        row(latitude=None, longitude=None),
        row(latitude=None),
        "x",
        row(latitude=True),
        row(icao24=600123),
        row(altitude={"ft": 1}),
        row(icao24=""),
    ]
    result = rows(traffic_json, as_json(made))
    assert result.accounting.accepted == 1
    assert dict(result.accounting.without_position) == {"a row without a position": 1}
    assert [fault.line for fault in result.quarantined] == [3, 4, 5, 6, 7, 8]


def test_columns_of_unequal_rows_are_an_error(read: Read, as_json: AsJson) -> None:
    made = as_columns([row(), row()])
    del made["altitude"]["8"]
    with pytest.raises(InputError, match="altitude"):
        read(traffic_json, as_json(made))


@pytest.mark.parametrize("raw", ["velocity", "baroaltitude", "baro_altitude", "vertrate"])
def test_a_value_under_a_raw_name_only_has_no_known_unit(read: Read, as_json: AsJson, raw: str) -> None:
    library = {"velocity": "groundspeed", "vertrate": "vertical_rate"}.get(raw, "altitude")
    made = row(**{raw: 1.0})
    del made[library]
    with pytest.raises(InputError, match=raw):
        read(traffic_json, as_json([made]))
    read(traffic_json, as_json([row(**{raw: 1.0})]))


def test_two_columns_for_one_thing_must_agree(rows: Convert, read: Read, as_json: AsJson) -> None:
    same = [row(ground_speed=450.0), row(groundspeed=None, ground_speed=None)]
    assert rows(traffic_json, as_json(same)).accounting.accepted == 2
    with pytest.raises(InputError, match=r"groundspeed and ground_speed differ in row 2"):
        read(traffic_json, as_json([row(ground_speed=450.0), row(ground_speed=451.0)]))


def test_magnetic_heading_is_no_track(rows: Convert, as_json: AsJson) -> None:
    made = row(heading=90.0)
    del made["track"]
    assert rows(traffic_json, as_json([made])).frame["true_track_deg"].isna().all()


def test_listed_airports_are_one_row_a_flight(rows: Convert, as_json: AsJson) -> None:
    made = [
        row(timestamp=MOMENT_MS, origin="LLOV", destination="UBBB"),
        row(timestamp=MOMENT_MS + 5000, origin="LLOV", destination="UBBB"),
        row(timestamp=MOMENT_MS + 9000, origin="UBBB", destination=None, callsign="TST124"),
        row(timestamp=MOMENT_MS + 9500, origin=None, destination=None, callsign="TST125"),
    ]
    listed = rows(traffic_json, as_json(made)).listed
    assert listed["listed_departure"].tolist() == ["LLOV", "UBBB"]
    assert listed["listed_arrival"].fillna("-").tolist() == ["UBBB", "-"]
    assert (listed["last_seen_utc"] - listed["first_seen_utc"]).dt.total_seconds().tolist() == [5, 0]


def test_a_quarantined_first_row_does_not_take_the_listing_along(rows: Convert, as_json: AsJson) -> None:
    made = [row(origin="LLOV", latitude=None), row(origin="LLOV", timestamp=MOMENT_MS + 1), row(origin=[1])]
    result = rows(traffic_json, as_json(made))
    assert result.accounting.quarantined_count == 1
    assert result.listed[["listed_departure", "source_row"]].values.tolist() == [["LLOV", 2]]


@pytest.mark.parametrize(("age_ms", "stale"), [(0, False), (15_000, False), (15_001, True)])
def test_an_old_last_position_is_stale(rows: Convert, as_json: AsJson, age_ms: int, stale: bool) -> None:
    made = [row(last_position=MOMENT_MS - age_ms), row(timestamp=MOMENT_MS + 1, last_position=None)]
    frame = rows(traffic_json, as_json(made)).frame
    assert frame["rejected_because"].notna().tolist() == [stale, False]


def test_marked_rows_are_simulated(rows: Convert, as_json: AsJson) -> None:
    made = [row(simulated=True, origin="LLOV"), row(timestamp=MOMENT_MS + 1, origin="UBBB")]
    result = rows(traffic_json, as_json(made))
    assert result.frame["simulated"].tolist() == [True, False]
    assert result.listed["simulated"].tolist() == [True, False]
    text = [row(simulated="True", origin="LLOV")]
    assert rows(traffic_json, as_json(text)).listed["simulated"].tolist() == [True]


@pytest.mark.parametrize(
    "made",
    [
        [{"timestamp": 1, "latitude": 1, "longitude": 2, "altitude": 3}],
        {"timestamp": 1, "latitude": 2, "longitude": 3, "groundspeed": 4},
        [{"a": row()}],
        {"icao": "600bff", "timestamp": 1.0, "trace": []},
    ],
)
def test_other_json_is_not_recognised(as_json: AsJson, made: object) -> None:
    assert not traffic_json.recognises(as_json(made))


def test_a_wide_table_by_columns_is_recognised(as_json: AsJson) -> None:
    content = as_json(as_columns([row() for _ in range(4000)]))
    assert len(content.data) > 200_000
    assert traffic_json.recognises(content)


REAL_GROUPS = [
    (("featured/*", "surveillance/*", "tv_relay/*"), 13, 49_021),
    (("noisy/*",), 5, 19_466),
    (
        ("calibration/*", "gliders/*", "military/*", "ambulances/*", "firefighting/*", "surveys/*", "onground/*"),
        12,
        59_756,
    ),
]


@pytest.mark.parametrize(("patterns", "files", "points"), REAL_GROUPS)
def test_real_samples_hold_the_points_that_their_readme_states(
    real: Callable[[str], Content],
    real_names: Callable[[str], list[str]],
    rows: Convert,
    patterns: tuple[str, ...],
    files: int,
    points: int,
) -> None:
    names = list(itertools.chain.from_iterable(real_names(f"traffic_samples/{pattern}") for pattern in patterns))
    accounts = [rows(traffic_json, real(name)).accounting for name in names]
    assert len(names) == files
    assert sum(account.accepted + account.exact_duplicates for account in accounts) == points
    assert sum(account.quarantined_count for account in accounts) == 0


def test_the_large_real_sample(real: Callable[[str], Content], rows: Convert) -> None:
    result = rows(traffic_json, real("traffic_samples/collections/quickstart.json.gz"))
    assert result.accounting.accepted == 284_505
    assert (result.frame["icao24"].nunique(), result.frame["callsign"].nunique()) == (213, 236)


def test_spoofed_sample_marks_repeats_as_stale(real: Callable[[str], Content], rows: Convert) -> None:
    result = rows(traffic_json, real("traffic_samples/noisy/noisy_spoofing.json.gz"))
    assert result.accounting.without_position_count == 11
    assert 2000 < int(result.frame["rejected_because"].notna().sum()) < 3987


def test_parquet_and_json_of_one_table_give_the_same_rows(rows: Convert, as_json: AsJson) -> None:
    made = [
        row(timestamp=MOMENT_MS + 1000 * i, altitude=None if i == 3 else 34000.0, onground=bool(i % 2), origin="LLOV")
        for i in range(5)
    ]
    frame = as_times(pd.DataFrame(made))
    from_parquet = rows(traffic_parquet, parquet(frame))
    from_json = rows(traffic_json, as_json(made))
    pd.testing.assert_frame_equal(from_parquet.frame, from_json.frame)
    pd.testing.assert_frame_equal(from_parquet.listed, from_json.listed)


def test_naive_parquet_times_need_a_zone(rows: Convert) -> None:
    with pytest.raises(InputError, match="zone"):
        rows(traffic_parquet, parquet(as_times(pd.DataFrame([row()]), zone=None)))


@pytest.mark.parametrize("cut", [4, 8, 100, 1000])
def test_parquet_without_its_end_is_damaged(read: Read, cut: int) -> None:
    whole = parquet(as_times(pd.DataFrame([row(timestamp=MOMENT_MS + i) for i in range(500)])))
    with pytest.raises(DamagedFileError):
        read(traffic_parquet, Content("cut.parquet", whole.data[:-cut]))


def test_a_flipped_bit_in_a_page_is_damage(read: Read) -> None:
    noise = np.random.default_rng(7).uniform(30, 32, 2000)
    frame = pd.DataFrame([row(timestamp=MOMENT_MS + i, latitude=noise[i]) for i in range(2000)])
    whole = parquet(as_times(frame), compression="none", use_dictionary=False)
    at = whole.data.find(noise[1000].tobytes())
    assert at > 0
    broken = bytearray(whole.data)
    broken[at] ^= 4
    with pytest.raises(DamagedFileError, match=r"(?i)crc|checksum"):
        read(traffic_parquet, Content("flipped.parquet", bytes(broken)))


def test_unknown_columns_are_named(read: Read) -> None:
    with pytest.raises(InputError, match="mintime, rawmsg, icao24"):
        read(traffic_parquet, parquet(pd.DataFrame({"mintime": [1.0], "rawmsg": ["8d"], "icao24": ["600bff"]})))


@pytest.mark.parametrize(
    ("column", "values"),
    [("icao24", [600123]), ("latitude", [True]), ("onground", [1.5]), ("altitude", [[1.0]]), ("timestamp", [[1]])],
)
def test_a_column_of_the_wrong_type_is_an_error(read: Read, column: str, values: list[Any]) -> None:
    frame = as_times(pd.DataFrame([row(onground=False)])).assign(**{column: values})
    with pytest.raises(InputError, match=column):
        read(traffic_parquet, parquet(frame))


def test_the_stored_index_and_dictionaries_change_nothing(rows: Convert) -> None:
    frame = as_times(pd.DataFrame([row(timestamp=MOMENT_MS + 1000 * i) for i in range(3)]))
    plain = rows(traffic_parquet, parquet(frame)).frame
    indexed = rows(traffic_parquet, parquet(frame.set_index("icao24", drop=True)))
    categorical = rows(traffic_parquet, parquet(frame.astype({"icao24": "category", "callsign": "category"})))
    pd.testing.assert_frame_equal(plain, indexed.frame)
    pd.testing.assert_frame_equal(plain, categorical.frame)


def raw(**keys: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time": pd.to_datetime([MOMENT_MS], unit="ms", utc=True).as_unit("ns"),
            "icao24": ["600bff"],
            "lat": [31.2045],
            "lon": [35.1177],
            "velocity": [231.5],
            "heading": [14.2],
            "vertrate": [-2.5],
            "callsign": ["TST123  "],
            "onground": [False],
            "baroaltitude": [10363.2],
            "geoaltitude": [10515.6],
            "lastposupdate": [MOMENT_MS / 1000 - 0.6],
            "lastcontact": [MOMENT_MS / 1000 - 0.1],
            "serials": [[1, 2]],
            **keys,
        }
    )


def test_raw_opensky_parquet_is_in_metres(rows: Convert) -> None:
    content = parquet(raw())
    assert not traffic_parquet.recognises(content)
    result = rows(opensky_states_parquet, content).frame.iloc[0]
    assert result["time_utc"].timestamp() * 1000 == MOMENT_MS
    assert result["ground_speed_kt"] == pytest.approx(231.5 * KT_PER_M_S, abs=0.01)
    assert result["baro_altitude_ft"] == pytest.approx(10363.2 * FT_PER_M, abs=0.01)
    assert result["true_track_deg"] == 14.2


@pytest.mark.parametrize(
    ("keys", "stale"),
    [
        ({}, False),
        ({"lastposupdate": [MOMENT_MS / 1000 - 15.5]}, True),
        ({"lastcontact": [MOMENT_MS / 1000 - 15.5]}, True),
        ({"lastposupdate": [None], "lastcontact": [None]}, False),
        ({"time": [MOMENT_MS // 1000], "lastcontact": [MOMENT_MS / 1000 - 20]}, True),
        ({"lastcontact": pd.to_datetime([MOMENT_MS - 20_000], unit="ms", utc=True)}, True),
    ],
)
def test_raw_rows_are_stale_15_s_after_the_last_word(rows: Convert, keys: dict[str, Any], stale: bool) -> None:
    frame = rows(opensky_states_parquet, parquet(raw(**keys))).frame
    assert frame["rejected_because"].notna().tolist() == [stale]


def test_an_empty_table_has_no_records(rows: Convert) -> None:
    empty = as_times(pd.DataFrame([row()])).iloc[:0]
    assert rows(traffic_parquet, parquet(empty)).accounting.records == 0


def test_the_declared_zone_reaches_listed_times(as_json: AsJson) -> None:
    content = as_json([row(timestamp="2022-03-15T12:00:00", origin="LLOV")])
    listed = traffic_json.read(content, ReadOptions(input_tz="Asia/Jerusalem")).listed_flights
    assert listed is not None
    assert listed["first_seen_utc"].astype("int64").tolist() == [MOMENT_MS]
