"""The sample tracks: made again byte for byte, true to physics, marked, and as the truth file says."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from flighttrace.geodesy import KM_PER_NM, angle_between_deg, bearing_deg, distance_km
from flighttrace.ingest.read import read_positions
from flighttrace.match.flights import find_flights
from flighttrace.match.model import Flight
from flighttrace.match.places import load_airfields
from flighttrace.positions import Ingested
from flighttrace.weigh.case import load_case
from flighttrace.weigh.model import VERDICTS, Weighed
from flighttrace.weigh.query import named_fields
from flighttrace.weigh.verdicts import weigh_claims

FOLDER = Path(__file__).parent.parent / "sample_tracks"
Truth = dict[str, Any]


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    """The generator's modules, imported from their folder and forgotten afterwards."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        import make_samples

        yield make_samples
    finally:
        sys.path.remove(str(FOLDER))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(FOLDER)):
                del sys.modules[name]


@pytest.fixture(scope="module")
def samples(maker: ModuleType) -> Any:
    return maker.Samples()


@pytest.fixture(scope="module")
def made(maker: ModuleType, samples: Any) -> Mapping[str, bytes]:
    files: Mapping[str, bytes] = maker.make(samples)
    return files


@pytest.fixture(scope="module")
def truth() -> Truth:
    document: Truth = json.loads((FOLDER / "truth.json").read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def flights(truth: Truth) -> dict[str, Truth]:
    return {flight["id"]: flight for flight in truth["flights"]}


@pytest.fixture(scope="module")
def read() -> Ingested:
    return read_positions([FOLDER / "tracks"])


def content(name: str, data: bytes) -> Any:
    """What a file holds, whatever zlib or pyarrow wrote it."""
    if data[:2] == b"\x1f\x8b":
        return content(name, gzip.decompress(data))
    if data[:4] == b"PAR1":
        return pq.read_table(io.BytesIO(data)).to_pylist()
    if name.endswith(".tar"):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return {m.name: content(m.name, archive.extractfile(m).read()) for m in archive}  # type: ignore[union-attr]
    return data


# -- the generator --


def test_the_committed_files_are_what_the_generator_makes(made: Mapping[str, bytes]) -> None:
    for name, data in made.items():
        assert content(name, (FOLDER / name).read_bytes()) == content(name, data), name


def test_another_run_in_another_process_gives_the_same_bytes(made: Mapping[str, bytes], tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "make_samples.py"), str(tmp_path)]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PATH": ""}, timeout=120)
    again = {str(p.relative_to(tmp_path)): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert again == dict(made)


def test_nothing_else_lies_beside_the_generated_tracks(made: Mapping[str, bytes]) -> None:
    lying = {str(p.relative_to(FOLDER)) for part in ("tracks", "needs_options") for p in (FOLDER / part).rglob("*.*")}
    lying = {name for name in lying if (FOLDER / name).is_file()}
    assert lying - set(made) == {
        "needs_options/club_mapping.yaml",
        "needs_options/nameless_mapping.yaml",
    }


def test_the_folder_stays_small() -> None:
    assert sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file() and "cache" not in str(p)) < 3_000_000


# -- physics --


def test_speeds_climbs_and_turns_stay_within_what_a_heavy_aircraft_does(samples: Any) -> None:
    for name, flown in samples.flown.items():
        air = [state for state in flown.states if not state.on_ground]
        step_s = np.diff([s.time_s for s in air])
        speed = np.array([s.ground_speed_kt for s in air])
        assert speed.min() > 130, name
        assert speed.max() < 510, name
        assert np.abs(np.diff(speed) / step_s).max() < 1.2, name  # kt a second
        rate = np.array([s.vertical_rate_ft_min for s in air])
        assert -2750 < rate.min() < -600, name
        assert rate.max() < 2700, name
        assert air[0].altitude_ft > 30_000 or rate.max() > 1500, name
        track = np.array([s.track_deg for s in air])
        assert (angle_between_deg(track[1:], track[:-1]) / step_s).max() <= 3.01, name
        below = [s.ground_speed_kt for s in air if s.altitude_ft < 9_500]
        assert max(below) < 250 / 0.86 + 46, name  # 250 kt indicated is 291 kt true at 9,500 ft, and wind


def test_positions_follow_from_speed_and_track(samples: Any) -> None:
    for name, flown in samples.flown.items():
        moving = [s for s in flown.states if s.ground_speed_kt > 20]
        lat, lon, time_s, speed = (
            np.array([getattr(s, key) for s in moving]) for key in ("lat_deg", "lon_deg", "time_s", "ground_speed_kt")
        )
        step_s = np.diff(time_s)
        near = step_s < 3
        flown_kt = distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:]) / step_s * 3600 / KM_PER_NM
        assert np.abs(flown_kt - speed[1:])[near].max() < 4, name


def test_take_off_and_landing_are_on_the_runway_and_along_it(samples: Any, maker: ModuleType) -> None:
    runways = maker.RUNWAYS
    for name, flown in samples.flown.items():
        plan = samples.flights[name].plan
        for key, moment_s in ((plan.departure, flown.take_off_s), (plan.arrival, flown.landing_s)):
            if key is None:
                continue
            end = runways[key]
            states = [s for s in flown.states if abs(s.time_s - moment_s) < 5]
            along = bearing_deg(end.lat_deg, end.lon_deg, end.far_lat_deg, end.far_lon_deg)
            for state in states:
                from_threshold_km = float(distance_km(end.lat_deg, end.lon_deg, state.lat_deg, state.lon_deg))
                off_deg = angle_between_deg(along, bearing_deg(end.lat_deg, end.lon_deg, state.lat_deg, state.lon_deg))
                assert from_threshold_km < end.length_km, name
                assert from_threshold_km * np.sin(np.radians(off_deg)) < 0.03, name
                assert angle_between_deg(state.track_deg, along) < 2, name


def test_the_last_10_km_lie_on_the_glide_path(samples: Any, maker: ModuleType) -> None:
    for name, flown in samples.flown.items():
        end = maker.RUNWAYS[samples.flights[name].plan.arrival]
        final = [s for s in flown.states if not s.on_ground and 0 < flown.landing_s - s.time_s < 130]
        away_km = distance_km(end.lat_deg, end.lon_deg, [s.lat_deg for s in final], [s.lon_deg for s in final])
        before = np.array([flown.landing_s - s.time_s for s in final]) > 15
        path_ft = (away_km + 0.35) * 1000 / 0.3048 * np.tan(np.radians(3.0))
        height_ft = np.array([s.altitude_ft for s in final]) - end.elevation_ft
        assert np.abs(height_ft - path_ft)[before].max() < 75, name


def test_a_receiver_hears_only_what_stands_above_its_horizon(maker: ModuleType) -> None:
    from physics import State, travel  # type: ignore[import-not-found]
    from receivers import Site  # type: ignore[import-not-found]

    def heard_km(site: Any, altitude_ft: float, azimuth_deg: float = 0.0) -> int:
        def state(km: float) -> Any:
            return State(0, *travel((30.0, 35.0), azimuth_deg, km), altitude_ft, 400, 0, 0, False)

        return max((km for km in range(1, 420) if site.hears(state(km))), default=0)

    site = Site(30.0, 35.0, 0, mast_m=16)
    assert heard_km(site, 1000) == int(4.12 * (304.8**0.5 + 4))
    assert heard_km(site, 33_000) in (399, 400)
    hidden = Site(30.0, 35.0, 0, mast_m=16, hills=((90, 180, 1.5),))
    assert heard_km(hidden, 16_000, 135) < 150 < heard_km(hidden, 16_000, 45)


# -- what stands in the files --


def test_every_file_reads_without_an_option_and_every_record_is_accounted_for(
    read: Ingested, made: Mapping[str, bytes]
) -> None:
    assert read.failures == ()
    assert read.quarantined == ()
    assert {s.file for s in read.sources} == {name for name in made if name.startswith("tracks/")}
    for source in read.sources:
        source.accounting.check(source.file)
        assert source.accounting.records > 0
        assert not source.accounting.quarantined
        assert source.simulated, source.file
    assert read.positions["simulated"].all()
    assert read.listed_flights["simulated"].all()


def test_every_format_is_there(read: Ingested) -> None:
    from flighttrace.ingest.readers import READERS

    shown = {source.reader.split(" ")[0].removesuffix("-list") for source in read.sources}
    in_needs_options = {"mapped-csv", "sbs-basestation"}
    not_simulated = {"opensky-states-parquet", "kml-placemarks", "fr24-pyfr24-geojson"}  # second forms of others
    assert {reader.NAME for reader in READERS} - shown == in_needs_options | not_simulated


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SIM161_port30003.txt", {"input_tz": "Asia/Jerusalem"}),
        ("club_log.csv", {"mappings": [FOLDER / "needs_options" / "club_mapping.yaml"]}),
        ("naive_times.csv", {"input_tz": "UTC"}),
        (
            "no_identity.csv",
            {
                "mappings": [FOLDER / "needs_options" / "nameless_mapping.yaml"],
                "airframes": {"no_identity.csv": "d5a109"},
            },
        ),
    ],
)
def test_the_others_read_with_their_option_only(name: str, options: dict[str, Any], flights: dict[str, Truth]) -> None:
    path = FOLDER / "needs_options" / name
    without = read_positions([path])
    assert len(without.failures) == 1
    assert len(without.positions) == 0
    result = read_positions([path], **options)
    assert result.failures == ()
    assert result.positions["simulated"].all()
    (flight,) = (f for f in flights.values() if f"needs_options/{name}" in f["files"])
    assert len(result.positions) == flight["files"][f"needs_options/{name}"]
    first = result.positions["time_utc"].min()
    assert abs(first - pd.Timestamp(flight["departure_end"]["fix"]["time_utc"])) <= pd.Timedelta(seconds=1)


def test_every_file_bears_its_mark_in_itself(made: Mapping[str, bytes]) -> None:
    def marked(name: str, held: Any) -> bool:
        if isinstance(held, dict):
            return all(marked(member, part) for member, part in held.items())
        if isinstance(held, list):
            return all(row["simulated"] is True for row in held)
        return b"simulated" in held or held.startswith(b"MSG,1,SIM,")

    assert all(marked(name, content(name, data)) for name, data in made.items())


def test_aircraft_and_days_are_nobodys(read: Ingested) -> None:
    addresses = {a.removeprefix("~") for a in read.positions["icao24"].dropna()}
    assert addresses
    assert all(0xD00000 <= int(address, 16) <= 0xDFFFFF for address in addresses)
    assert read.positions["callsign"].dropna().str.startswith("SIM").all()
    assert read.positions["time_utc"].min() > pd.Timestamp("2029-01-01", tz="UTC")


def rows_of(read: Ingested, flight: Truth, file: str) -> pd.DataFrame:
    (source,) = (s for s in read.sources if s.file == file)
    rows = read.positions[read.positions["source_id"] == source.source_id]
    if rows["callsign"].isna().all():  # Flightradar24's archive and the like: one flight a file
        return rows.sort_values("time_utc")
    return rows[rows["callsign"] == flight["callsign"]].sort_values("time_utc")


def test_the_files_hold_the_flights_that_the_truth_names(read: Ingested, flights: dict[str, Truth]) -> None:
    for flight in flights.values():
        for file, count in flight["files"].items():
            if not file.startswith("tracks/") or "flights_d5a104" in file:
                continue
            rows = rows_of(read, flight, file)
            if "tracks_d5a104" in file:  # REST tracks are thinned
                assert 60 < len(rows) < count, file
            else:
                assert len(rows) == count, (flight["id"], file)
            if flight["icao24"] is not None:
                assert set(rows["icao24"]) == {flight["icao24"]}, file


def test_ends_called_seen_are_seen_and_the_others_are_not(read: Ingested, flights: dict[str, Truth]) -> None:
    fields = load_airfields()
    for flight in flights.values():
        rows = pd.concat([rows_of(read, flight, file) for file in flight["files"] if _holds(file)] or [pd.DataFrame()])
        if rows.empty:
            continue
        rows = rows.sort_values("time_utc")
        for side, airport, row in (
            ("departure", flight["departure"], rows.iloc[0]),
            ("arrival", flight["arrival"], rows.iloc[-1]),
        ):
            if airport is None:
                continue
            field = fields.get(airport)
            away_km = float(distance_km(field.lat_deg, field.lon_deg, row["lat_deg"], row["lon_deg"]))
            if flight[f"{side}_end"]["seen"] == "on the ground":
                assert away_km < 3, flight["id"]
            else:
                assert away_km > 25, flight["id"]
                assert row["baro_altitude_ft"] > field.elevation_ft + 4000, flight["id"]


def _holds(file: str) -> bool:
    return file.startswith("tracks/") and "flights_d5a104" not in file and "states_all" not in file


def test_steps_between_fixes_are_possible_but_for_the_spoofed_stretch(
    read: Ingested, flights: dict[str, Truth]
) -> None:
    for flight in flights.values():
        for file in filter(_holds, flight["files"]):
            rows = rows_of(read, flight, file)
            lat, lon = rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
            seconds = np.diff(rows["time_utc"].astype("int64").to_numpy()) / 1000
            step_km = distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:])
            # whole seconds in the file: a step may be one second shorter than flown
            jumps = np.flatnonzero(step_km > (seconds + 1.0) * 520 * KM_PER_NM / 3600 + 0.1)
            if flight["spoofed"] is None:
                assert len(jumps) == 0, (flight["id"], file)
            else:
                assert len(jumps) == 2, flight["id"]
                inside = rows.iloc[jumps[0] + 1 : jumps[1] + 1]
                assert len(inside) == flight["spoofed"]["positions"] >= 8
                assert (distance_km(33.8209, 35.4884, inside["lat_deg"], inside["lon_deg"]) < 1).all()


def test_three_addresses_and_more_stand_at_beirut_at_once(read: Ingested) -> None:
    at = read.positions[(distance_km(33.8209, 35.4884, read.positions["lat_deg"], read.positions["lon_deg"]) < 2)]
    five = at[
        (at["time_utc"] >= pd.Timestamp("2031-10-12T10:24Z")) & (at["time_utc"] < pd.Timestamp("2031-10-12T10:29Z"))
    ]
    assert five["icao24"].nunique() == 4
    assert sorted(rows["lat_deg"].eq(rows["lat_deg"].iloc[0]).all() for _, rows in five.groupby("icao24")) == [
        False,
        False,
        False,
        True,
    ]


# -- the story --


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_turn_rounds_last_two_to_three_hours(flights: dict[str, Truth]) -> None:
    pairs = [(f, flights[f"{name[:-3]}-out"]) for name, f in flights.items() if name.endswith("-in")]
    trips = [(a, b) for a, b in pairs if a["arrival"] == b["departure"] and a["icao24"]]
    assert len(trips) >= 18
    for there, back in trips:
        hours = (moment(back["take_off_utc"]) - moment(there["landing_utc"])) / timedelta(hours=1)
        assert 1.7 <= hours <= 3.05, there["id"]


def test_each_airframe_goes_on_from_where_it_came(flights: dict[str, Truth]) -> None:
    own: dict[str, list[Truth]] = {}
    for flight in flights.values():
        own.setdefault(flight["icao24"] or flight["id"], []).append(flight)
    for chain in own.values():
        chain.sort(key=lambda f: f["take_off_utc"] or "")
        for before, after in pairwise(chain):
            assert moment(before["landing_utc"]) < moment(after["take_off_utc"])
            if moment(after["take_off_utc"]) - moment(before["landing_utc"]) < timedelta(days=300):
                same = before["arrival"] == after["departure"]
                assert same or after["id"] in ("nevatim-in", "baku-1-in"), after["id"]


def test_the_leg_lost_over_the_arava_is_silent_for_two_hours(flights: dict[str, Truth]) -> None:
    lost, found = flights["arava-in"]["arrival_end"]["fix"], flights["arava-out"]["departure_end"]["fix"]
    assert distance_km(30.77, 35.24, lost["lat_deg"], lost["lon_deg"]) < 20  # Hatzeva
    assert 15_000 <= lost["altitude_ft"] <= 20_000
    assert timedelta(hours=1, minutes=50) < moment(found["time_utc"]) - moment(lost["time_utc"]) < timedelta(hours=2.3)


def test_the_landing_at_2230_utc_is_the_next_day_in_israel(flights: dict[str, Truth]) -> None:
    landing = moment(flights["thursday-a-first-in"]["landing_utc"])
    assert f"{landing:%Y-%m-%d %H:%M}" == "2031-09-24 22:30"
    assert landing.astimezone(ZoneInfo("Asia/Jerusalem")).date().isoformat() == "2031-09-25"


def test_the_leg_over_midnight_lies_in_both_day_files(read: Ingested, flights: dict[str, Truth]) -> None:
    files = sorted(flights["midnight-in"]["files"])
    days = [set(rows_of(read, flights["midnight-in"], file)["time_utc"].dt.date.astype(str)) for file in files]
    assert days == [{"2031-10-27"}, {"2031-10-28"}]


def test_the_flight_in_two_sources_is_one_flight_heard_twice(read: Ingested, flights: dict[str, Truth]) -> None:
    first, second = (rows_of(read, flights["baku-2-out"], file) for file in sorted(flights["baku-2-out"]["files"]))
    assert len(first) != len(second)
    seconds = first["time_utc"].astype("int64").to_numpy() / 1000
    lat = np.interp(seconds, second["time_utc"].astype("int64").to_numpy() / 1000, second["lat_deg"])
    lon = np.interp(seconds, second["time_utc"].astype("int64").to_numpy() / 1000, second["lon_deg"])
    assert np.median(distance_km(lat, lon, first["lat_deg"], first["lon_deg"])) < 0.5


def low_aircraft(read: Ingested, airport: str, day: str) -> set[str]:
    """Addresses heard below 5,000 ft above the field within 20 km of it on a UTC day, airframes of the case apart."""
    field = load_airfields().get(airport)
    rows = read.positions
    rows = rows[rows["time_utc"].dt.strftime("%Y-%m-%d") == day]
    rows = rows[~rows["icao24"].fillna("").str.startswith(("d5a", "d5e"))]
    near = distance_km(field.lat_deg, field.lon_deg, rows["lat_deg"], rows["lon_deg"]) < 20
    low = (rows["baro_altitude_ft"] - field.elevation_ft < 4800) | rows["on_ground"].fillna(False)
    return set(rows[near & low]["icao24"].dropna())


def test_covered_days_are_covered_and_the_others_are_not(read: Ingested) -> None:
    for day in ("2031-10-06", "2031-10-07", "2031-10-08", "2031-10-09"):
        assert low_aircraft(read, "LLOV", day), day
    for airport in ("UBBB", "UBTT", "UB12", "UB18"):
        for day in ("2031-10-08", "2031-10-09"):
            assert low_aircraft(read, airport, day), (airport, day)
    for day in ("10-13", "10-14", "10-15", "10-16", "10-20", "10-21", "10-22", "10-23", "11-03", "11-04"):
        assert not low_aircraft(read, "LLOV", f"2031-{day}"), day


# -- the case --


def test_the_case_is_the_shipped_one_moved_by_574_weeks(truth: Truth) -> None:
    case, shipped = load_case(FOLDER / "case.yaml"), load_case("ovda-karabakh")
    assert [claim.id for claim in case.claims] == [claim.id for claim in shipped.claims]
    shift = timedelta(weeks=truth["shift_weeks"])
    for article, readings in case.readings.items():
        for moved, original in zip(readings, shipped.readings[article], strict=True):
            assert moved.label == original.label
            assert moved.dates == {name: day + shift for name, day in original.dates.items()}


def test_the_invented_airframes_stand_in_the_case_and_say_so(maker: ModuleType) -> None:
    from story import AIRFRAMES  # type: ignore[import-not-found]

    shipped = {a.icao24 for a in load_case("ovda-karabakh").airframes}
    added = {a.icao24: a for a in load_case(FOLDER / "case.yaml").airframes if a.icao24 not in shipped}
    assert set(added) == {a.icao24 for a in AIRFRAMES}
    for frame in AIRFRAMES:
        told = added[frame.icao24]
        assert (told.registration, told.operator, told.kind) == (frame.registration, frame.operator, frame.kind)
        assert (told.typecode, told.state) == (frame.typecode, frame.state)
        assert "invented" in told.source
        assert "invented" in told.operator


def test_a_verdict_is_expected_for_every_testable_claim_and_reading(truth: Truth, flights: dict[str, Truth]) -> None:
    case = load_case(FOLDER / "case.yaml")
    testable = {claim.id: claim for claim in case.claims if claim.expects is not None}
    assert set(truth["verdicts"]) == set(testable)
    for claim_id, readings in truth["verdicts"].items():
        assert list(readings) == [r.label for r in case.readings[testable[claim_id].article]]
        for expected in readings.values():
            assert expected["verdict"] in VERDICTS
            assert set(expected["matches"]) <= set(flights)
    used = {e["verdict"] for readings in truth["verdicts"].values() for e in readings.values()}
    assert len(used) == 5


# -- the answers --


@pytest.fixture(scope="module")
def found(read: Ingested) -> tuple[Flight, ...]:
    return tuple(find_flights(read).flights)


def planted_of(flight: Flight, flights: dict[str, Truth]) -> Truth:
    """The planted flight that this one is: by its aircraft (or its file, where that is not named) and its time."""
    middle = flight.first_seen_utc + (flight.last_seen_utc - flight.first_seen_utc) / 2

    def fits(truth: Truth) -> bool:
        starts = moment(truth["departure_end"]["fix"]["time_utc"]) - timedelta(minutes=1)
        ends = moment(truth["arrival_end"]["fix"]["time_utc"]) + timedelta(minutes=1)
        return truth["icao24"] == flight.icao24 and starts <= middle <= ends

    (truth,) = (truth for truth in flights.values() if fits(truth))
    return truth


def test_a_list_without_times_is_held_by_the_call_sign_it_gives(found: tuple[Flight, ...]) -> None:
    out, back = (f for f in found if f.icao24 == "d5e001" and f.callsigns[:1] in (("SIM171",), ("SIM172",)))
    assert [(e.departure, e.arrival) for e in out.listed] == [("TLV", "GYD")]
    assert [(e.departure, e.arrival) for e in back.listed] == [("GYD", "TLV")]


def test_each_planted_flight_is_found_once_with_its_truth(found: tuple[Flight, ...], flights: dict[str, Truth]) -> None:
    names = [planted_of(flight, flights)["id"] for flight in found]
    assert sorted(names) == sorted(f["id"] for f in flights.values() if any(map(_holds, f["files"])))
    for flight in found:
        truth = planted_of(flight, flights)
        for kind in ("departure", "arrival"):
            end, airport = flight.end(kind), truth[kind]  # type: ignore[arg-type]
            if truth[f"{kind}_end"]["seen"] == "on the ground" and not truth["spoofed"]:
                assert (end.airport, end.grade in "AB") == (airport, True), (truth["id"], kind)
            elif end.grade in "ABC":
                assert end.airport == airport, (truth["id"], kind)


def test_the_flight_of_two_sources_counts_once(found: tuple[Flight, ...], flights: dict[str, Truth]) -> None:
    (flight,) = (f for f in found if planted_of(f, flights)["id"] == "baku-2-out")
    assert len(flight.source_ids) == 2
    assert "OpenSky" in flight.networks


@pytest.fixture(scope="module")
def weighed(found: tuple[Flight, ...], read: Ingested) -> Weighed:
    return weigh_claims(load_case(FOLDER / "case.yaml"), found, read, load_airfields())


def test_every_verdict_is_as_planted_under_each_reading(
    weighed: Weighed, truth: Truth, flights: dict[str, Truth]
) -> None:
    name_of = {leg.leg_id: leg.flight for leg in weighed.legs}
    name_of |= {sighting.flight.flight_id: sighting.flight for sighting in weighed.one_ended}
    for finding in weighed.findings:
        expected = truth["verdicts"].get(finding.claim.id)
        if expected is None:
            assert finding.verdict == "not testable"
            continue
        for result in finding.readings:
            wanted = expected[result.reading.label]
            assert result.verdict == wanted["verdict"], (finding.claim.id, result.reading.label)
            matched = {planted_of(name_of[name], flights)["id"] for name in result.legs if name in name_of}
            assert set(wanted["matches"]) <= matched, (finding.claim.id, result.reading.label)


def test_no_decoy_is_a_leg_of_the_route(weighed: Weighed, flights: dict[str, Truth]) -> None:
    for leg in weighed.legs:
        if leg.possible or leg.grade == "D":
            continue
        planted = planted_of(leg.flight, flights)
        assert leg.origin_place in planted["departure_places"] or "karabakh-radius" in leg.origin_place, planted["id"]
        places = planted["arrival_places"]
        assert leg.destination_place in places or "karabakh-radius" in leg.destination_place, planted["id"]
        assert not (planted["decoy"] and {"ovda", "south-israel-bases"} & {leg.origin_place, leg.destination_place})


def test_the_library_answers_as_the_command_line_does(read: Ingested) -> None:
    airfields = load_airfields()
    case = load_case(FOLDER / "case.yaml", airfields=airfields)
    found = find_flights(read, airfields=airfields, named=named_fields(case.places.values()))
    command = [sys.executable, "-m", "flighttrace", "flights", "tracks", "--case", "case.yaml", "--json", "--no-cache"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=300, check=True)
    told = {flight["flight_id"]: flight for flight in json.loads(done.stdout)["flights"]}
    assert told.keys() == {flight.flight_id for flight in found}
    for flight in found:
        for end, other in ((flight.departure, "departure"), (flight.arrival, "arrival")):
            said = told[flight.flight_id][other]
            assert (end.grade, end.airport) == (said["grade"], said["airport"])
    (vanished,) = (flight for flight in found if flight.callsigns == ("SIM111",))
    assert (vanished.arrival.grade, vanished.arrival.airport) == ("D", "LLOV")
