"""The generator of simulated archives: same bytes, true to its options, readable, and marked as simulated."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import tarfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pl = pytest.importorskip("polars", reason="polars is for the benchmarks only and not installed")
pytest.importorskip("isal", reason="isal is not installed")

import generate  # noqa: E402
from generator.airports import choose_airports  # noqa: E402
from generator.paths import CLIMB, DESCENT, moment_above, plan, states_at  # noqa: E402

from flighttrace.geodesy import distance_km  # noqa: E402

AIRPORTS = choose_airports(3)


def made(folder: Path, *options: str) -> Path:
    assert generate.main([*options, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(
        tmp_path_factory.mktemp("states"),
        *("states", "--rows", "60k", "--days", "2", "--planted", "4", "--form", "csv.gz", "--form", "parquet"),
    )


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("traces"), "traces", "--rows", "30k", "--days", "1", "--planted", "4")


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def truth(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "TRUTH.csv").open(encoding="utf-8")))


def frame(folder: Path) -> pd.DataFrame:
    columns = {"icao24": str, "callsign": str, "squawk": str}
    return pd.concat([pd.read_csv(p, dtype=columns) for p in sorted(folder.glob("*.csv.gz"))])


def fly(origin: str, destination: str) -> object:
    one = np.array
    a, b = AIRPORTS.index(origin), AIRPORTS.index(destination)
    return plan(AIRPORTS, one([a]), one([b]), one([1e9]), one([450.0]), one([36_000.0]), one([300.0]))


def test_same_options_same_bytes(states: Path, tmp_path: Path) -> None:
    again = made(
        tmp_path, *("states", "--rows", "60k", "--days", "2", "--planted", "4", "--form", "csv.gz", "--form", "parquet")
    )
    assert hashes(again) == hashes(states)


def test_another_seed_other_bytes(states: Path, tmp_path: Path) -> None:
    other = made(tmp_path, *("states", "--rows", "60k", "--days", "2", "--planted", "4", "--seed", "4"))
    assert hashes(other)["states_2031-10-06.csv.gz"] != hashes(states)["states_2031-10-06.csv.gz"]


def test_traces_same_bytes(traces: Path, tmp_path: Path) -> None:
    again = made(tmp_path, "traces", "--rows", "30k", "--days", "1", "--planted", "4")
    assert hashes(again) == hashes(traces)


def test_header_and_marks(states: Path) -> None:
    path = sorted(states.glob("*.csv.gz"))[0]
    header = gzip.decompress(path.read_bytes()).split(b"\n", 1)[0].decode()
    assert header == (
        "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,"
        "baroaltitude,geoaltitude,lastposupdate,lastcontact,simulated"
    )
    assert path.read_bytes()[4:8] == b"\0\0\0\0"  # gzip time
    rows = frame(states)
    assert rows["simulated"].all()
    assert rows["callsign"].str.fullmatch(r"SIM[0-9A-Z]{5}").all()
    assert rows["icao24"].str.fullmatch(r"d[0-7][0-9a-f]{4}").all()
    assert not rows["icao24"].str.match(r"d5[a-f]").any()


def test_rows_are_as_asked_for_and_sorted_by_time(states: Path) -> None:
    rows = frame(states)
    assert 45_000 < len(rows) < 75_000
    assert rows["time"].is_monotonic_increasing
    assert (rows["time"] % 10 == 0).all()
    assert not rows.duplicated(["time", "icao24"]).any()
    days = pd.to_datetime(rows["time"], unit="s", utc=True).dt.date
    assert set(days) == {date(2031, 10, 6), date(2031, 10, 7)}
    assert 0.005 < rows["lat"].isna().mean() < 0.08
    assert rows["onground"].any()
    assert (rows["lastcontact"] <= rows["time"]).all()
    assert not (rows["lastposupdate"] > rows["lastcontact"]).any()
    assert (rows["time"] - rows["lastcontact"]).max() <= 330


def test_parquet_holds_the_same_rows(states: Path) -> None:
    text = frame(states).reset_index(drop=True)
    table = pd.concat([pd.read_parquet(p) for p in sorted(states.glob("*.parquet"))], ignore_index=True)
    numbers = ["time", "lat", "lon", "velocity", "heading", "vertrate", "baroaltitude", "lastposupdate", "lastcontact"]
    pd.testing.assert_frame_equal(text[numbers], table[numbers])
    assert list(text["icao24"]) == list(table["icao24"])


def test_planted_legs_are_in_the_rows(states: Path) -> None:
    rows = frame(states)
    legs = truth(states)
    assert len(legs) == 8
    assert [leg["crosses_midnight"] for leg in legs].count("True") == 1
    for leg in legs:
        own = rows[rows["icao24"] == leg["icao24"]].dropna(subset="lat")
        fresh = own[own["time"] - own["lastcontact"] < 15]
        first, last = (datetime.fromisoformat(leg[f"{end}_heard_utc"]).timestamp() for end in ("first", "last"))
        assert abs(fresh["lastposupdate"].min() - first) < 40
        assert abs(fresh["lastposupdate"].max() - last) < 40
        for end, row in (("departure", own.iloc[0]), ("arrival", own.iloc[-1])):
            field = AIRPORTS.index(leg[end])
            away = distance_km(row["lat"], row["lon"], AIRPORTS.lat_deg[field], AIRPORTS.lon_deg[field])
            assert float(away) < 45
        hidden_ft = float(leg["arrival_hidden_below_ft"])
        if hidden_ft > 0:
            above_ft = own["baroaltitude"].iloc[-1] / 0.3048 - AIRPORTS.elevation_ft[AIRPORTS.index(leg["arrival"])]
            assert above_ft > hidden_ft - 50


def test_traces_are_adsb_lols_layout(traces: Path) -> None:
    (path,) = traces.glob("*.tar")
    points = 0
    with tarfile.open(path) as tar:
        names = [m.name for m in tar if m.isfile()]
        assert names == sorted(names)
        for name in names[:20]:
            stream = tar.extractfile(name)
            assert stream is not None
            document = json.loads(gzip.decompress(stream.read()))
            assert document["simulated"] is True
            assert name == f"traces/{document['icao'][-2:]}/trace_full_{document['icao']}.json"
            assert document["timestamp"] == datetime(2031, 10, 6, tzinfo=UTC).timestamp()
            trace = document["trace"]
            assert {len(point) for point in trace} == {14}
            offsets = [point[0] for point in trace]
            assert offsets == sorted(offsets)
            assert offsets[0] >= 0
            assert offsets[-1] < 86_400
            told = [point[8] for point in trace if point[8]]
            assert all(details["flight"].startswith("SIM") for details in told)
            points += len(trace)
    assert points > 1_000


def test_split_parts_join_to_the_whole(traces: Path, tmp_path: Path) -> None:
    parts = made(tmp_path, *("traces", "--rows", "30k", "--days", "1", "--planted", "4", "--split-mb", "0.2"))
    names = sorted(p.name for p in parts.glob("*.tar.*"))
    assert names[:2] == ["v2031.10.06-planes-readsb-prod-0.tar.aa", "v2031.10.06-planes-readsb-prod-0.tar.ab"]
    (whole,) = traces.glob("*.tar")
    assert b"".join((parts / name).read_bytes() for name in names) == whole.read_bytes()


@pytest.mark.parametrize(("origin", "destination"), [("LLOV", "UBBB"), ("EGLL", "EHAM"), ("RJTT", "KSFO")])
def test_a_flight_is_continuous_and_ends_where_it_should(origin: str, destination: str) -> None:
    paths = fly(origin, destination)
    time_s = np.arange(paths.begins_s[0, 0], paths.begins_s[0, 7] + 1.0)
    states = states_at(paths, np.zeros(len(time_s), dtype=int), time_s)
    step_km = np.asarray(distance_km(states.lat_deg[:-1], states.lon_deg[:-1], states.lat_deg[1:], states.lon_deg[1:]))
    assert step_km.max() < 0.26
    between = (states.speed_kt[:-1] + states.speed_kt[1:]) / 2 * 1.852 / 3600
    assert np.quantile(np.abs(step_km - between), 0.99) < 0.003
    assert np.abs(np.diff(states.altitude_ft)).max() < 60
    air = ~states.on_ground
    assert air.sum() > 1_200
    for name, row in ((origin, 0), (destination, -1)):
        field = AIRPORTS.index(name)
        assert float(distance_km(states.lat_deg[row], states.lon_deg[row], *_at(field))) < 7
        assert states.altitude_ft[row] == AIRPORTS.elevation_ft[field]


def _at(field: int) -> tuple[float, float]:
    return float(AIRPORTS.lat_deg[field]), float(AIRPORTS.lon_deg[field])


@pytest.mark.parametrize("phase", [CLIMB, DESCENT])
@pytest.mark.parametrize("above_ft", [2_000.0, 9_000.0, 30_000.0])
def test_moment_above_is_when_the_height_is_passed(phase: int, above_ft: float) -> None:
    paths = fly("LLOV", "UBBB")
    moment = moment_above(paths, phase, np.array([above_ft]))
    assert states_at(paths, np.array([0]), moment).altitude_ft[0] == pytest.approx(above_ft, abs=1.0)


def test_hourly_files_hold_their_hour(tmp_path: Path) -> None:
    made(tmp_path, *("states", "--rows", "40k", "--days", "1", "--hourly"))
    paths = sorted(tmp_path.glob("*.csv.gz"))
    assert len(paths) == 24
    assert paths[5].name == "states_2031-10-06-05.csv.gz"
    times = pd.to_datetime(pd.read_csv(paths[5])["time"], unit="s", utc=True)
    assert times.min() >= pd.Timestamp("2031-10-06 05:00Z")
    assert times.max() < pd.Timestamp("2031-10-06 06:00Z")
    assert timedelta(minutes=59) < times.max() - times.min()


def test_of_some_flights_one_position_is_far_off(states: Path, tmp_path: Path) -> None:
    same = frame(states)
    order = ("states", "--rows", "60k", "--days", "2", "--planted", "4")
    jumped = frame(made(tmp_path / "jumped", *order, "--jump-share", "0.3"))
    assert len(same) == len(jumped)
    apart = (same["lat"] - jumped["lat"]).abs()
    assert set(apart[apart > 0].round(2)) == {2.0}
    off = jumped[apart > 0]
    assert 0 < len(off) <= len(same.drop_duplicates(["icao24", "callsign"]))
    others = [column for column in same if column != "lat"]
    pd.testing.assert_frame_equal(same[others], jumped[others])
