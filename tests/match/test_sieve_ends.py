"""The sieve by ends: no airframe that flew a leg is left out, whatever its track looks like.

Random days of flights, overflights, stops, silences, spoofed blocks and repeats go through the archive's own presence;
the careful work on all tracks says who flew a leg.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flighttrace import speed_chain
from flighttrace.geodesy import wgs84
from flighttrace.ingest.archive import presence, presence_ends
from flighttrace.ingest.archive.rows import Recs, address_text, empty
from flighttrace.ingest.archive.sorting import sorted_once
from flighttrace.language import Text
from flighttrace.match import sieve, sieve_ends, splitting
from flighttrace.match.engines import candidate_times, candidates
from flighttrace.match.engines.on_duckdb import DuckDBEngine
from flighttrace.match.flights import find_flights
from flighttrace.match.legs import find_legs
from flighttrace.match.model import Flight, Place
from flighttrace.match.places import load_airfields
from flighttrace.match.sieve import PRESENCE_TYPES, Question, milliseconds
from flighttrace.match.sieve_ends import EVER, CandidateTimes, lies_in
from flighttrace.match.spoofing import load_targets
from tests.match.builders import flight, ingested, positions

START = datetime(2031, 9, 25, tzinfo=UTC)
DAY_MS = 86_400_000
AIRFIELDS = load_airfields()


def place(*airports: str) -> Place:
    return Place(airports[0], Text(airports[0], airports[0]), airports)


OVDA, BAKU = place("LLOV"), place("UBBB", "UBTT")
ROUTES = [(OVDA, BAKU), (BAKU, OVDA)]
FIELDS = ("LLOV", "UBBB", "HECA", "OIII", "LTFM", "OEJN")
OVER = ((29.0, 37.0), (39.5, 51.5), (31.5, 33.0), (41.5, 47.5), (20.0, 60.0), (45.0, 25.0))
"""Points in both fences and out of them, flown over."""


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(memory="256MB", threads=1)
    yield engine
    engine.close()


def track(rng: np.random.Generator, most: int = 7, *, spoiled: bool = True, near: float = 0.3) -> dict[str, np.ndarray]:
    """Columns of one airframe's days: flown from point to point, with all that tracks suffer from."""
    t, parts = float(rng.uniform(-20, 20)) * 3600.0, []
    here = _point(rng, near)
    step = float(rng.choice([30.0, 90.0, 200.0]))
    for _ in range(int(rng.integers(2, most))):
        there = _point(rng, near)
        azimuth, _, metres = wgs84().inv(here[1], here[0], there[1], there[0])
        seconds = max(metres / 220.0, 60.0)
        at = np.arange(0.0, seconds, step)
        lon, lat, _ = wgs84().fwd(
            np.full(len(at), here[1]), np.full(len(at), here[0]), np.full(len(at), azimuth), at * metres / seconds
        )
        ends = [(at, here[2])] if here[2] else []
        ends += [(seconds - at, there[2])] if there[2] else []
        height = np.minimum.reduce([np.full(len(at), 33_000.0), *(left * 25.0 + 200.0 for left, _ in ends)])
        keep = height >= float(rng.choice([0.0, 0.0, 4000.0, 12_000.0]))
        if rng.random() < 0.4 and len(at):  # a silence
            begin = rng.uniform(0, seconds)
            keep &= (at < begin) | (at > begin + rng.choice([400.0, 700.0, 1500.0, 6000.0]))
        parts.append(_columns(t + at, lat, lon, height, 428.0, 0)[:, keep])
        t += seconds
        if there[2]:
            stay = float(rng.choice([200.0, 900.0, 2400.0, 9000.0, 30_000.0]))
            heard = np.arange(0.0, stay, 60.0)
            heard = heard[rng.random(len(heard)) < rng.choice([0.0, 0.1, 1.0])]
            parts.append(_columns(t + heard, np.full(len(heard), there[0]), there[1], 0.0, 5.0, 1))
            t += stay
        here = there
    rows = np.concatenate(parts, axis=1)
    made = dict(zip(("t", "lat", "lon", "alt", "kt", "ground"), rows, strict=True))
    return _spoiled(rng, made) if spoiled else made | {"t": np.round(made["t"], 3)}


def _point(rng: np.random.Generator, near: float) -> tuple[float, float, bool]:
    """(latitude, longitude, whether it is landed at). `near`: the share of landings at Ovda, and of those at Baku."""
    if rng.random() < 0.65:
        field = AIRFIELDS.get(str(rng.choice(FIELDS, p=[near, near, *[0.25 - near / 2] * 4])))
        return field.lat_deg, field.lon_deg, True
    lat, lon = OVER[int(rng.integers(len(OVER)))]
    return lat + float(rng.uniform(-1, 1)), lon + float(rng.uniform(-1, 1)), False


def _columns(*columns: object) -> np.ndarray:
    return np.stack(np.broadcast_arrays(*(np.asarray(c, dtype=float) for c in columns)))


def _spoiled(rng: np.random.Generator, rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    count = len(rows["t"])

    def block(longest: int) -> slice:
        begin = int(rng.integers(0, max(count, 1)))
        return slice(begin, begin + int(rng.integers(1, longest)))

    if count and rng.random() < 0.4:  # spoofed to another place, in a block that looks smooth
        here = block(150)
        lat, lon = OVER[int(rng.integers(len(OVER)))]
        rows["lat"][here] += lat - rows["lat"][here][0]
        rows["lon"][here] += lon - rows["lon"][here][0]
    if count and rng.random() < 0.3:  # spoofed to a known target at cruise height, or onto its runway
        here = block(150)
        target = load_targets()[int(rng.integers(len(load_targets())))]
        turn = np.arange(len(rows["t"][here]))
        rows["lat"][here], rows["lon"][here] = target.lat_deg + 0.01 * np.sin(turn), target.lon_deg
        if rng.random() < 0.5:
            rows["alt"][here], rows["ground"][here] = target.elevation_ft, 1
    if count and rng.random() < 0.5:  # strays: many or few, near or far, by themselves or some in a row
        for at in rng.integers(0, count, int(rng.choice([1, 2, 3, 8, 25]))).tolist():
            off = slice(at, at + int(rng.choice([1, 1, 2, 4])))
            rows["lat"][off] = np.clip(rows["lat"][off] + rng.choice([-0.2, 0.1, 0.5, 2.0, 9.0]), -90.0, 90.0)
            rows["lon"][off] = np.clip(rows["lon"][off] + rng.choice([-30.0, 0.0, 0.3, 2.0]), -180.0, 180.0)
    if count and rng.random() < 0.4:  # the last known place, repeated
        here = block(60)
        rows["lat"][here], rows["lon"][here] = rows["lat"][here][0], rows["lon"][here][0]
    said = rng.random()
    if said < 0.25:
        rows["ground"][:] = -1
    elif said < 0.4:
        rows["ground"][rng.random(count) < 0.5] = -1
    if rng.random() < 0.2:
        rows["kt"][rng.random(count) < rng.choice([0.3, 1.0])] = np.nan
    if rng.random() < 0.2:
        rows["alt"][:] = np.nan
    rows["t"] = np.round(rows["t"], 3)
    return rows


def frame_of(key: str, rows: dict[str, np.ndarray], file: np.ndarray) -> pd.DataFrame:
    made = positions(rows["t"], rows["lat"], rows["lon"], rows["alt"], speed=rows["kt"], icao24=key, start=START)
    said = pd.array(rows["ground"] == 1, dtype="boolean")
    said[rows["ground"] < 0] = pd.NA
    return made.assign(on_ground=said, source_id=[f"s{int(i):05d}" for i in file])


def records(tracks: list[dict[str, np.ndarray]]) -> Recs:
    """Of the nth track with n, from 1 on, for a key."""
    recs = empty(sum(len(rows["t"]) for rows in tracks))
    recs["key"] = np.concatenate([np.full(len(rows["t"]), i + 1) for i, rows in enumerate(tracks)])
    recs["time_ms"] = milliseconds(START) + np.round(np.concatenate([rows["t"] for rows in tracks]) * 1000)
    recs["source_row"] = np.arange(len(recs))
    names = {"lat_deg": "lat", "lon_deg": "lon", "baro_altitude_ft": "alt", "ground_speed_kt": "kt"}
    for name, own in names.items():
        recs[name] = np.concatenate([rows[own] for rows in tracks])
    for name in ("geo_altitude_ft", "true_track_deg", "vertical_rate_ft_min"):
        recs[name] = np.nan
    recs["on_ground"] = np.concatenate([rows["ground"] for rows in tracks])
    return sorted_once(recs)[0]


def presence_table(tracks: list[dict[str, np.ndarray]]) -> pa.Table:
    return presence.table_of(presence.presence_of(records(tracks)), address_text)


def by_day(table: pa.Table, stem: Path, *, first: int = -(10**6), last: int = 10**6) -> list[Path]:
    """Written as an archive does, a file a day; of days from START's on."""
    number, paths = table["hour"].to_numpy() // 24 - milliseconds(START) // DAY_MS, []
    for day in np.unique(number[(number >= first) & (number <= last)]).tolist():
        paths.append(stem.with_name(f"{stem.name}_{day}.parquet"))
        pq.write_table(table.filter(pa.array(number == day)), paths[-1])
    return paths


def world(
    seed: int, tmp_path: Path, *, most: int = 7, days: int = 1, spoiled: bool = True, near: float = 0.3
) -> tuple[pd.DataFrame, list[Path]]:
    """The rows of some airframes on the days that the question of START's and more days needs, and their presence."""
    rng = np.random.default_rng(seed)
    tracks = [track(rng, most, spoiled=spoiled, near=near) for _ in range(4)]
    if spoiled and rng.random() < 0.3:  # two aircraft under one address
        both = {name: np.concatenate([tracks[0][name], tracks[1][name]]) for name in tracks[0]}
        order = np.argsort(both["t"], kind="stable")
        tracks = [{name: column[order] for name, column in both.items()}, *tracks[2:]]
    span_s = float(rng.choice([3600.0, 6 * 3600.0, 1e7]))
    overlap = spoiled and rng.random() < 0.15  # files that are not disjoint in time
    files = [
        np.floor((rows["t"] + 1e6 + (rng.uniform(0, 900, len(rows["t"])) if overlap else 0)) / span_s)
        for rows in tracks
    ]
    frames = [frame_of(address_text(i + 1), *of) for i, of in enumerate(zip(tracks, files, strict=True))]
    together = pd.concat([f for f in frames if len(f)], ignore_index=True)
    here = (together["time_utc"] >= START - timedelta(days=1)) & (
        together["time_utc"] < START + timedelta(days=days + 1)
    )
    paths = []
    for file in np.unique(np.concatenate(files)).tolist():
        parts = [{n: c[f == file] for n, c in rows.items()} for rows, f in zip(tracks, files, strict=True)]
        paths += by_day(presence_table(parts), tmp_path / f"{int(file)}", first=-1, last=days)
    return together[here].reset_index(drop=True), paths


def asked(days: int = 1, **named: object) -> Question:
    return Question.between(ROUTES, AIRFIELDS, start_utc=START, end_utc=START + timedelta(days=days), **named)  # type: ignore[arg-type]


def legs_of(rows: pd.DataFrame, days: int = 1, **named: object) -> list[str]:
    return legs_among(find_flights(ingested(rows), airfields=AIRFIELDS, **named).flights, days)  # type: ignore[arg-type]


def legs_among(flights: Sequence[Flight], days: int) -> list[str]:
    end = START + timedelta(days=days)
    return sorted(
        repr((leg.flight.track_key, leg.leg_id, leg.grade, leg.flight.departure, leg.flight.arrival))
        for a, b in ROUTES
        for leg in find_legs(flights, a, b, AIRFIELDS, start_utc=START, end_utc=end)[0]
    )


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_leg_is_lost(engine: DuckDBEngine, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rows, paths = world(seed, tmp_path_factory.mktemp("world"))
    if not len(rows):
        return
    chosen = candidates(engine, asked(one_network=True), paths)
    assert set(chosen) <= set(candidates(engine, asked(), paths, form="seen"))
    mine = rows[rows["track_key"].isin(chosen)]
    needed = legs_of(rows)
    assert (legs_of(mine) if len(mine) else []) == needed
    assert legs_of(rows, between=ROUTES) == needed


@given(st.integers(0, 2**32), st.sampled_from([True, False, False]))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_days_of_the_spans_tell_as_much_as_all_days(
    engine: DuckDBEngine, tmp_path_factory: pytest.TempPathFactory, seed: int, spoiled: bool
) -> None:
    days = 9
    rows, paths = world(seed, tmp_path_factory.mktemp("world"), most=40, days=days, spoiled=spoiled, near=0.1)
    if not len(rows):
        return
    first, last = (START + timedelta(days=-1)).date(), (START + timedelta(days=days)).date()
    found: list[Flight] = []
    for key, times in candidate_times(engine, asked(days, one_network=True), paths).items():
        read = rows["time_utc"].dt.date.isin(times.days(first, last))
        mine = rows[read & (rows["track_key"] == key)].reset_index(drop=True)
        for one in find_flights(ingested(mine), airfields=AIRFIELDS, between=ROUTES).flights if len(mine) else ():
            if lies_in(times.legs, milliseconds(one.first_seen_utc), milliseconds(one.last_seen_utc)):
                found.append(one)
    assert legs_among(found, days) == legs_of(rows, days)


def test_of_a_leg_in_a_busy_week_the_days_around_it_are_read(engine: DuckDBEngine, tmp_path: Path) -> None:
    """Two flights a day, each heard from the ground to the ground, and on one day a leg: cuts are sure all about it."""
    parts = []
    stops = [name for day in range(9) for name in (("LLOV", "UBBB") if day == 4 else ("OIII", "LTFM"))]
    for number, (here, there) in enumerate(itertools.pairwise(stops)):
        t, share = 43_200.0 * number, np.linspace(0.01, 1.0, 150)
        lat, lon = (
            getattr(AIRFIELDS.get(here), name)
            + share * (getattr(AIRFIELDS.get(there), name) - getattr(AIRFIELDS.get(here), name))
            for name in ("lat_deg", "lon_deg")
        )
        height = np.minimum(33_000.0, 100.0 + 70 * 33_000.0 * np.minimum(share, 1 - share) / 10)
        parts.append(_columns(t + share * 12_000.0, lat, lon, height, 428.0, 0))
        parts.append(_columns(t + 12_030.0 + np.arange(0, 2400, 60), lat[-1], lon[-1], 0.0, 5.0, 1))
    rows = dict(zip(("t", "lat", "lon", "alt", "kt", "ground"), np.concatenate(parts, axis=1), strict=True))
    paths = by_day(presence_table([rows]), tmp_path / "presence")
    times = candidate_times(engine, asked(9, one_network=True), paths)
    assert list(times) == ["000001"]
    read = times["000001"].days(START.date(), (START + timedelta(days=9)).date())
    assert read == [(START + timedelta(days=day)).date() for day in range(2, 7)]
    whole = frame_of("000001", rows, np.zeros(len(rows["t"])))
    part = whole[whole["time_utc"].dt.date.isin(read)].reset_index(drop=True)
    assert legs_of(part, 9) == legs_of(whole, 9) != []


def test_of_a_lone_leg_the_days_are_read_on_which_the_airframe_was_heard(engine: DuckDBEngine, tmp_path: Path) -> None:
    """No cut is sure beside a lone flight, so its leg may lie at any time; but it was heard on two days of nine."""
    here, there = AIRFIELDS.get("LLOV"), AIRFIELDS.get("UBBB")
    share = np.linspace(0.01, 1.0, 150)
    t = 4.0 * 86_400 + 22 * 3600 + share * 12_000.0
    lat, lon = (
        getattr(here, name) + share * (getattr(there, name) - getattr(here, name)) for name in ("lat_deg", "lon_deg")
    )
    height = np.minimum(33_000.0, 100.0 + 70 * 33_000.0 * np.minimum(share, 1 - share) / 10)
    rows = dict(zip(("t", "lat", "lon", "alt", "kt", "ground"), _columns(t, lat, lon, height, 428.0, 0), strict=True))
    paths = by_day(presence_table([rows]), tmp_path / "presence")
    times = candidate_times(engine, asked(9, one_network=True), paths)["000001"]
    assert times.legs == EVER
    whole = frame_of("000001", rows, np.zeros(len(t)))
    heard = [milliseconds(at) for at in (whole["time_utc"].iloc[0], whole["time_utc"].iloc[-1])]
    assert (times.heard[0][0], times.heard[-1][1]) == tuple(heard)
    first, last = START.date(), (START + timedelta(days=9)).date()
    assert times.days(first, last) == sorted(set(whole["time_utc"].dt.date))
    assert len(times.days(first, last)) == 2
    assert len(CandidateTimes().days(first, last)) == 10


def test_the_ends_leave_out_an_overflight_and_what_landed_between(engine: DuckDBEngine, tmp_path: Path) -> None:
    def flown(*points: tuple[float, float], stop: int | None = None) -> dict[str, np.ndarray]:
        parts, t = [], 6 * 3600.0
        for i, (a, b) in enumerate(itertools.pairwise(points)):
            n = 200
            share = np.arange(1, n + 1) / n
            lat, lon = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
            parts.append(_columns(t + share * 9000.0, lat, lon, 33_000.0, 428.0, 0))
            t += 9000.0
            if stop == i:
                parts.append(_columns(t + np.arange(0, 2400, 60), b[0], b[1], 0.0, 0.0, 1))
                t += 2400.0
        names = ("t", "lat", "lon", "alt", "kt", "ground")
        return dict(zip(names, np.concatenate(parts, axis=1), strict=True))

    ovda, baku = ((AIRFIELDS.get(n).lat_deg, AIRFIELDS.get(n).lon_deg) for n in ("LLOV", "UBBB"))
    tracks = [
        flown((22.0, 28.0), ovda, baku, (48.0, 60.0)),  # passes over both
        flown(ovda, baku),
        flown(ovda, (38.0, 30.0), baku, stop=0),  # a stop in Turkey
        flown(ovda, (38.0, 30.0), baku),
    ]
    path = tmp_path / "presence.parquet"
    pq.write_table(presence_table(tracks), path)
    assert candidates(engine, asked(), [path]) == ["000001", "000002", "000003", "000004"]
    assert candidates(engine, asked(one_network=True), [path]) == ["000002", "000004"]
    linked = asked(one_network=True, aliases={"#0/SIM1": "000003", "000001": "00000a"})
    assert candidates(engine, linked, [path]) == ["000002", "000004", "00000a"]


def test_a_landing_that_was_heard_at_the_field_beside_is_no_candidate(engine: DuckDBEngine, tmp_path: Path) -> None:
    """Ramon lies 23 km from Ovda: who is heard to taxi there did not land at Ovda, unless something else is odd."""
    tracks = []
    for there in ("LLER", "LLOV"):
        rows = flight("UBBB", there, start=START + timedelta(hours=6))
        at = (rows["time_utc"] - START).dt.total_seconds().to_numpy()
        columns = [rows[name].to_numpy() for name in ("lat_deg", "lon_deg", "baro_altitude_ft", "ground_speed_kt")]
        made = _columns(at, *columns, rows["on_ground"].to_numpy(dtype=float))
        tracks.append(dict(zip(("t", "lat", "lon", "alt", "kt", "ground"), made, strict=True)))
    path = tmp_path / "presence.parquet"
    table = presence_table(tracks)
    pq.write_table(table, path)
    assert candidates(engine, asked(), [path]) == ["000001", "000002"]
    assert candidates(engine, asked(one_network=True), [path]) == ["000002"]
    odd = table.set_column(table.schema.get_field_index("odd"), "odd", pa.array([True] * table.num_rows))
    pq.write_table(odd, path)
    assert candidates(engine, asked(one_network=True), [path]) == ["000001", "000002"]


@pytest.mark.parametrize(
    ("lat", "lon", "around"),
    [(61.837377, -149.640197, (61.2, -149.9, 120.0)), (60.279409, -150.764262, (60.6, -150.9, 90.0))],
)
def test_many_fields_may_together_explain_an_end_on_the_ground_that_none_explains_alone(
    engine: DuckDBEngine, tmp_path: Path, lat: float, lon: float, around: tuple[float, float, float]
) -> None:
    """All of Alaska's fields about a point lie more than 20 km from where the aircraft stands, and have 0.1 in all."""
    names = tuple(field.airport for field in AIRFIELDS.within(*around) if field.country == "US")
    here, there = place("CYXY"), Place("wide", Text("wide", "wide"), names, around[:2], around[2])
    start, share = AIRFIELDS.get("CYXY"), np.linspace(0, 0.999, 200)
    flown = (start.lat_deg + share * (lat - start.lat_deg), start.lon_deg + share * (lon - start.lon_deg))
    height = np.minimum(9000.0, 100.0 + np.minimum(share, 1 - share) * 80_000.0)
    parts = [
        _columns(np.arange(5) * 30.0, start.lat_deg, start.lon_deg, 200.0, 0.0, 1),
        _columns(200.0 + share * 6000.0, *flown, height, 150.0, 0),
        _columns(6230.0 + np.arange(10) * 30.0, lat, lon, 0.0, 5.0, 1),
    ]
    rows = dict(zip(("t", "lat", "lon", "alt", "kt", "ground"), np.concatenate(parts, axis=1), strict=True))
    routes = [(here, there)]
    heard = ingested(frame_of("000001", rows, np.zeros(len(rows["t"]))))
    legs = [
        len(find_legs(find_flights(heard, airfields=AIRFIELDS, between=between).flights, here, there, AIRFIELDS)[0])
        for between in (None, routes)
    ]
    assert legs == [1, 1]
    path = tmp_path / "presence.parquet"
    pq.write_table(presence_table([rows]), path)
    question = Question.between(routes, AIRFIELDS, start_utc=START, end_utc=START + timedelta(days=1), one_network=True)
    assert candidates(engine, question, [path]) == ["000001"]


def test_the_schema_and_the_numbers_are_those_of_the_rooms_they_stand_for() -> None:
    assert list(PRESENCE_TYPES) == presence.SCHEMA.names
    assert speed_chain.STANDING_KT == splitting.SLOW_KT
    assert presence_ends.ROLLING_KT == splitting.ROLLING_KT
    assert presence_ends.SHORTEST_CUT_MS == sieve.SHORTEST_CUT_MS == splitting.SHORTEST_CUT_S * 1000
    assert presence_ends.GROUND_STAY_MS == splitting.GROUND_STAY_S * 1000
    assert presence_ends.SILENT_ON_GROUND_MS == splitting.SILENT_ON_GROUND_S * 1000
    for name in ("LOW_FT", "LOW_SLACK_S", "TURN_SLACK_S", "CRUISE_SLACK_S", "CRUISE_SLACK_SHARE", "UNSURE_SPEED_KT"):
        assert getattr(presence_ends, name) == getattr(splitting, name)


def test_what_cleaning_takes_away_may_end_a_flight(engine: DuckDBEngine, tmp_path: Path) -> None:
    """Heard down to Baku, then without a pause from a spoofed place far off: cleaning ends the track at Baku."""
    ovda, baku = (AIRFIELDS.get(name) for name in ("LLOV", "UBBB"))
    share = np.arange(400) / 400
    lat, lon = (a + share * (b - a) for a, b in ((ovda.lat_deg, baku.lat_deg), (ovda.lon_deg, baku.lon_deg)))
    height = np.minimum(33_000.0, 1500.0 + np.minimum(share, 1 - share) * 400_000.0)
    flown = _columns(36_000.0 + share * 9000.0, lat, lon, height, 400.0, 0)
    spoofed = _columns(45_000.0 + np.arange(1, 101) * 20.0, 10.0, 10.0 + np.arange(100) * 0.02, 33_000.0, 400.0, 0)
    names = ("t", "lat", "lon", "alt", "kt", "ground")
    rows = dict(zip(names, np.concatenate([flown, spoofed], axis=1), strict=True))
    assert legs_of(frame_of("000001", rows, np.zeros(500)))
    path = tmp_path / "presence.parquet"
    table = presence_table([rows])
    pq.write_table(table, path)
    assert candidates(engine, asked(one_network=True), [path]) == ["000001"]
    blind = table.set_column(table.schema.get_field_index("odd"), "odd", pa.array([False] * table.num_rows))
    pq.write_table(blind, path)
    assert candidates(engine, asked(one_network=True), [path]) == [], "only that something is odd keeps it"


@pytest.mark.parametrize("seed", range(20))
def test_every_group_that_may_hold_a_neighbours_end_is_looked_at(seed: int) -> None:
    """Against the plain way, with ties, groups that share their time, rows in any order, and far more keys and years
    than a question has."""
    rng = np.random.default_rng(seed)
    count, long_ms = 120, int(rng.choice([40, 20 * 365 * DAY_MS]))
    first = milliseconds(START) + rng.integers(0, long_ms, count)
    columns = {
        "key": rng.choice(np.array([0, 1, 2, 10_000_000]), count).astype(np.int32),
        "first_ms": first,
        "last_ms": first + rng.integers(0, max(long_ms // 10, 1), count),
        "lat_cell": rng.integers(-90, -88, count).astype(np.int16),
        "lon_cell": rng.integers(-180, -178, count).astype(np.int16),
    }
    may_end, near = rng.random(count) < 0.8, rng.random(count) < 0.1
    near &= may_end
    groups = np.flatnonzero(may_end)
    for backwards in (False, True):
        told = sieve_ends._Beside.of(columns, groups, backwards=backwards).told(near)
        begin, end = (-columns["last_ms"], -columns["first_ms"]) if backwards else (first, columns["last_ms"])
        for g in groups.tolist():
            mine = [h for h in groups.tolist() if columns["key"][h] == columns["key"][g]]
            before = [h for h in mine if end[h] < begin[g]]
            beside = [h for h in mine if begin[h] <= end[g] and end[h] >= begin[g]]
            beside += [h for h in before if end[h] == max(end[h] for h in before)]
            assert told[g] >= near[beside].any()
        assert not told[~may_end].any()
        if near.sum() == 0:
            assert not told.any()


def rows_of_one_time(speeds: tuple[float, float], *, frozen: bool) -> dict[str, np.ndarray]:
    """Ovda → Baku with two rows of one moment and place. frozen: 40 times half way, a minute apart; else the flight's
    last, by these speeds, and the next is heard far on hours later."""
    ovda, baku = (AIRFIELDS.get(name) for name in ("LLOV", "UBBB"))
    share = np.linspace(0.001, 0.999, 300)
    lat, lon = (a + share * (b - a) for a, b in ((ovda.lat_deg, baku.lat_deg), (ovda.lon_deg, baku.lon_deg)))
    highest = 14_000.0 if frozen else 33_000.0
    height = np.minimum(highest, 1500.0 + np.minimum(share, 1 - share) * 400_000.0)
    flown = _columns(36_000.0 + share * 9000.0, lat, lon, height, 300.0 if frozen else np.nan, 0)
    if frozen:
        stays, apart = (
            np.repeat(np.arange(1, 41) * 60.0, 2),
            np.tile([0.0, 25.0], 40),
        )  # rows that differ: no duplicates
        again = _columns(flown[0, 150] + stays, lat[150], lon[150], 14_000.0 - apart, 300.0, 0)
        later = flown[:, 151:].copy()
        later[0] += 2400.0
        parts = [flown[:, :151], again, later]
    else:
        flown[4, -1] = speeds[0]
        twin = flown[:, -1:].copy()
        twin[3] += 25.0
        twin[4] = speeds[1]
        on = np.linspace(0, 1, 200)
        away = _columns(
            flown[0, -1] + 12_000.0 + on * 6000.0, baku.lat_deg + on * 5, lon[-1] + 17.8 + on * 8, 33_000.0, np.nan, 0
        )
        parts = [flown, twin, away]
    return dict(zip(("t", "lat", "lon", "alt", "kt", "ground"), np.concatenate(parts, axis=1), strict=True))


@pytest.mark.parametrize(("speeds", "frozen"), [((300.0, 300.0), True), ((np.nan, 480.0), False)])
def test_a_row_of_the_time_of_the_one_before_is_no_repeat(
    engine: DuckDBEngine, tmp_path: Path, speeds: tuple[float, float], frozen: bool
) -> None:
    """Cleaning believes both, so that a silence or a cut is reckoned from either."""
    rows = rows_of_one_time(speeds, frozen=frozen)
    assert len(legs_of(frame_of("000001", rows, np.zeros(len(rows["t"]))))) == 1
    paths = by_day(presence_table([rows]), tmp_path / "presence")
    assert candidates(engine, asked(one_network=True), paths) == ["000001"]
