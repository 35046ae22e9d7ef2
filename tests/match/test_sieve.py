"""The sieve: never too few airframes. Held against every pair of raw positions, one by one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flighttrace.geodesy import distance_km, wgs84
from flighttrace.match.engines import Form, candidates, heard
from flighttrace.match.engines.on_duckdb import DuckDBEngine
from flighttrace.match.fences import fence
from flighttrace.match.model import Place
from flighttrace.match.places import load_airfields
from flighttrace.match.sieve import LONGEST_FLIGHT, Question, days_needed, milliseconds, near_rows
from tests.match.presence_files import HOUR_MS, Fix, cell, write_presence

START = datetime(2031, 9, 25, tzinfo=UTC)
START_MS = milliseconds(START)
DAY_MS = 24 * HOUR_MS
LONGEST_MS = LONGEST_FLIGHT // timedelta(milliseconds=1)
Point = tuple[float, float]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(memory="256MB", threads=1)
    yield engine
    engine.close()


def question(
    a: list[Point], b: list[Point], *, days: tuple[int, int] | None = (0, 1), reach_km: float = 300.0, **named: object
) -> Question:
    """The route A to B, its fields at these points, for the days [first, last) after START."""
    fences = [("A", *row) for row in fence(a, reach_km)] + [("B", *row) for row in fence(b, reach_km)]
    start, end = (None, None) if days is None else (START_MS + days[0] * DAY_MS, START_MS + days[1] * DAY_MS)
    return Question(tuple(fences), (("A", "B"),), start, end, **named)  # type: ignore[arg-type]


OVDA, BAKU = (29.94, 34.94), (40.47, 50.05)


def at(place: Point, hours: float, key: str = "f00001", altitude_ft: float | None = None) -> Fix:
    return Fix(key, START_MS + round(hours * HOUR_MS), *place, altitude_ft)


def sieve(engine: DuckDBEngine, tmp_path: Path, fixes: list[Fix], asked: Question, form: Form = "legs") -> list[str]:
    return candidates(engine, asked, [write_presence(tmp_path / "presence.parquet", fixes)], form=form)


@pytest.mark.parametrize(
    ("fixes", "found"),
    [
        ([at(OVDA, 10), at(BAKU, 13)], True),
        ([at(BAKU, 10), at(OVDA, 13)], False),
        ([at(OVDA, 10)], False),
        ([at(OVDA, 23), at(BAKU, 26)], True),  # over midnight, out of the window
        ([at(OVDA, -2), at(BAKU, 1)], True),  # over midnight, into the window
        ([at(OVDA, 0), at(BAKU, 24)], True),
        ([at(OVDA, 0), at(BAKU, 26)], False),  # longer than any flight
        ([at(OVDA, -20), at(BAKU, -12)], False),  # landed half a day before the window
        ([at(OVDA, -9), at(BAKU, -5)], True),  # last heard before the window, may land in it
        ([at(OVDA, 40), at(BAKU, 43)], False),
        ([at(OVDA, 1), at(OVDA, 20), at(BAKU, 30)], True),  # the last visit counts
        ([at(OVDA, 1), at(BAKU, 2), at(OVDA, 20)], True),
        ([at(OVDA, 10), at(BAKU, 13, "f00002")], False),
    ],
)
def test_a_gap_counts_and_midnight_does_not(
    engine: DuckDBEngine, tmp_path: Path, fixes: list[Fix], found: bool
) -> None:
    assert bool(sieve(engine, tmp_path, fixes, question([OVDA], [BAKU]))) is found


def test_an_open_window_takes_all(engine: DuckDBEngine, tmp_path: Path) -> None:
    fixes = [at(OVDA, -9000), at(BAKU, -8997), at(OVDA, 9000, "f00002"), at(BAKU, 9003, "f00002")]
    assert sieve(engine, tmp_path, fixes, question([OVDA], [BAKU], days=None)) == ["f00001", "f00002"]


def test_one_hour_in_one_cell_may_lie_in_both_fences(engine: DuckDBEngine, tmp_path: Path) -> None:
    ramon = (29.72, 35.01)
    fixes = [at(OVDA, 10.0), at(ramon, 10.3)]
    assert sieve(engine, tmp_path, fixes, question([OVDA], [ramon])) == ["f00001"]
    assert sieve(engine, tmp_path, [at(OVDA, 10.0)], question([OVDA], [ramon])) == ["f00001"]  # too many, by design


def test_aliases_join_the_halves_of_a_flight(engine: DuckDBEngine, tmp_path: Path) -> None:
    fixes = [at(OVDA, 10, "#aabbccdd/SIM101"), at(BAKU, 13, "f00009")]
    assert sieve(engine, tmp_path, fixes, question([OVDA], [BAKU])) == []
    asked = question([OVDA], [BAKU], aliases={"#aabbccdd/SIM101": "f00009"})
    assert sieve(engine, tmp_path, fixes, asked) == ["f00009"]


def test_seen_at_any_place_is_enough_for_one_ended_sightings(engine: DuckDBEngine, tmp_path: Path) -> None:
    fixes = [at(BAKU, 10, "f00003"), at(OVDA, 30, "f00001"), at((0.0, 0.0), 10, "f00002"), at(OVDA, 60, "f00004")]
    assert sieve(engine, tmp_path, fixes, question([OVDA], [BAKU]), "seen") == ["f00001", "f00003"]


def test_one_presence_group_may_be_spread_over_files(engine: DuckDBEngine, tmp_path: Path) -> None:
    files = [
        write_presence(tmp_path / "one.parquet", [at(OVDA, 10.1)]),
        write_presence(tmp_path / "two.parquet", [at(OVDA, 10.2), at(BAKU, 13)]),
    ]
    assert candidates(engine, question([OVDA], [BAKU]), files) == ["f00001"]


def test_without_files_or_airfields_there_is_nobody(engine: DuckDBEngine, tmp_path: Path) -> None:
    assert candidates(engine, question([OVDA], [BAKU]), []) == []
    assert sieve(engine, tmp_path, [at(OVDA, 1)], question([], [])) == []


def test_heard_near_counts_aircraft_positions_and_the_lowest(engine: DuckDBEngine, tmp_path: Path) -> None:
    fixes = [
        at(OVDA, 10, altitude_ft=9000.0),
        at(OVDA, 10.5, "f00002", altitude_ft=3000.0),
        at(OVDA, 11, "f00002"),
        at(OVDA, 25, "f00002"),  # after the window
        at((10.0, 10.0), 10),  # elsewhere
    ]
    file = write_presence(tmp_path / "p.parquet", fixes)
    asked = question([OVDA], [BAKU], reach_km=20.0)
    hours = heard(engine, asked, [file])
    assert hours is not None
    first = START_MS // HOUR_MS
    assert [tuple(row.values()) for row in hours.to_pylist()] == [
        (29, 34, first + 10, 2, 2, 3000.0),
        (29, 34, first + 11, 1, 1, None),
    ]
    days = heard(engine, asked, [file], by_day=True)
    assert days is not None
    assert [tuple(row.values()) for row in days.to_pylist()] == [(29, 34, first // 24, 2, 3, 3000.0)]


def test_days_are_a_flight_wider_than_the_window() -> None:
    midnight = START_MS + DAY_MS
    assert days_needed(START_MS, midnight) == (date(2031, 9, 24), date(2031, 9, 26))
    assert days_needed(START_MS - 1, midnight + 1) == (date(2031, 9, 23), date(2031, 9, 27))
    assert days_needed(None, midnight) == (None, date(2031, 9, 26))
    assert days_needed(START_MS, None) == (date(2031, 9, 24), None)


def test_a_case_place_is_fenced_by_all_its_fields() -> None:
    airfields = load_airfields()
    baku = Place("baku", {"en": "Baku"}, ("UBBB", "UBTT"))  # type: ignore[arg-type]
    ovda = Place("ovda", {"en": "Ovda"}, ("LLOV",))  # type: ignore[arg-type]
    asked = Question.between([(ovda, baku), (baku, ovda)], airfields, start_utc=START, end_utc=START)
    assert asked.routes == (("ovda", "baku"), ("baku", "ovda"))
    assert asked.start_ms == START_MS
    both = {row[1:] for row in asked.fences if row[0] == "baku"}
    points = [(f.lat_deg, f.lon_deg) for f in map(airfields.get, baku.airports)]
    assert both == set(fence(points))


# --- never too few ---------------------------------------------------------------------------------------------------

latitudes = st.one_of(st.sampled_from([-90.0, -89.7, -0.5, 0.0, 29.94, 65.0, 88.6, 90.0]), st.floats(-90.0, 90.0))
longitudes = st.one_of(st.sampled_from([-180.0, -179.9, 0.0, 34.94, 179.5, 180.0]), st.floats(-180.0, 180.0))
points = st.tuples(latitudes, longitudes)
shares = st.one_of(st.sampled_from([0.0, 0.5, 0.98, 0.9999, 1.0]), st.floats(0.0, 1.3))
azimuths = st.one_of(st.sampled_from([0.0, 90.0, 180.0, 270.0]), st.floats(0.0, 360.0))


def moved(point: Point, azimuth_deg: float, km: float) -> Point:
    lon, lat, _ = wgs84().fwd(point[1], point[0], azimuth_deg, km * 1000)
    return float(lat), float(lon)


def to_the_grid(point: Point, azimuth_deg: float) -> Point:
    """The point moved on to where the cells of its heading begin: as near to where it came from as they get."""
    lat, lon = point
    north, east = azimuth_deg % 360 < 90 or azimuth_deg % 360 > 270, 0 < azimuth_deg % 360 < 180
    return float(math.ceil(lat) if north else lat), float(math.ceil(lon) if east else lon)


@given(points, st.sampled_from([20.0, 300.0, 600.0, 2500.0]), azimuths, st.booleans())
@settings(max_examples=500, deadline=None)
def test_a_fence_holds_the_cell_of_every_point_just_in_reach(
    field: Point, reach_km: float, azimuth_deg: float, grid: bool
) -> None:
    point = moved(field, azimuth_deg, reach_km)
    point = to_the_grid(point, azimuth_deg) if grid else point
    inside = {(lat, lon) for lat, a, b in fence([field], float(distance_km(*field, *point))) for lon in range(a, b + 1)}
    assert cell(Fix("", 0, *point)) in inside


def test_a_fence_is_not_much_too_large() -> None:
    field, reach_km = OVDA, 600.0
    for lat, a, b in fence([field], reach_km):
        for lon in range(a, b + 1):
            grid = np.linspace(0.0, 1.0, 21)
            lats, lons = np.meshgrid(lat + grid, lon + grid)
            assert distance_km(*field, lats, lons).min() <= reach_km * 1.006


times = st.builds(
    lambda anchor, shift, jitter: START_MS + anchor * HOUR_MS + shift * DAY_MS + jitter,
    st.sampled_from([-24, -1, 0, 1, 6, 23, 24, 25]),
    st.integers(-1, 1),
    st.one_of(st.sampled_from([-1, 0, 1]), st.integers(-HOUR_MS, HOUR_MS)),
)
fixes = st.tuples(times, st.sampled_from(["A", "edge", "B", "B", "elsewhere"]), azimuths, shares, points)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Point], list[Point], float, list[Fix]]:
    """Fields of A and of B, the reach, and the fixes of some airframes, most of them about as far off as the reach.

    The reach is the distance to where a cell begins, so that this cell is only just in the fence.
    """
    a, b = draw(st.lists(points, min_size=1, max_size=2)), draw(st.lists(points, min_size=1, max_size=2))
    heading_deg = draw(azimuths)
    edge = to_the_grid(moved(a[0], heading_deg, draw(st.sampled_from([50.0, 300.0, 600.0]))), heading_deg)
    reach_km = float(distance_km(*a[0], *edge))
    found = []
    for number in range(draw(st.integers(1, 15))):
        for time_ms, near, azimuth_deg, share, point in draw(st.lists(fixes, min_size=1, max_size=5)):
            if near == "edge":
                point = edge
            elif near != "elsewhere":
                point = moved((a if near == "A" else b)[0], azimuth_deg, share * reach_km)
            found.append(Fix(f"f{number:05d}", time_ms, *point))
    return a, b, reach_km, found


def by_brute_force(a: list[Point], b: list[Point], reach_km: float, fixes: list[Fix], asked: Question) -> set[str]:
    """Airframes with a fix in reach of A, one in reach of B at most LONGEST_FLIGHT later, either in the window."""

    def near(fix: Fix, fields: list[Point]) -> bool:
        return any(float(distance_km(fix.lat_deg, fix.lon_deg, *field)) <= reach_km for field in fields)

    assert asked.start_ms is not None
    assert asked.end_ms is not None
    at_a, at_b = [f for f in fixes if near(f, a)], [f for f in fixes if near(f, b)]
    return {
        one.track_key
        for one, two in itertools.product(at_a, at_b)
        if one.track_key == two.track_key
        and 0 <= two.time_ms - one.time_ms <= LONGEST_MS
        and (asked.start_ms <= one.time_ms < asked.end_ms or asked.start_ms <= two.time_ms < asked.end_ms)
    }


@given(worlds())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_never_too_few(
    engine: DuckDBEngine,
    tmp_path_factory: pytest.TempPathFactory,
    world: tuple[list[Point], list[Point], float, list[Fix]],
) -> None:
    a, b, reach_km, found = world
    asked = question(a, b, reach_km=reach_km)
    tmp_path = tmp_path_factory.mktemp("world")
    needed = by_brute_force(a, b, reach_km, found, asked)
    first, last = asked.days
    in_days = [f for f in found if first <= datetime.fromtimestamp(f.time_ms / 1000, UTC).date() <= last]  # type: ignore[operator]
    assert needed <= set(sieve(engine, tmp_path, in_days, asked)), "by the partitions of the question's days alone"
    assert needed <= set(sieve(engine, tmp_path, found, asked, "seen"))


@given(
    st.lists(st.tuples(st.floats(-89.9, 89.9), st.floats(-180, 179.99), st.floats(0, 20)), max_size=3),
    st.sampled_from([60.0, 300.0]),
)
@settings(max_examples=60, deadline=None)
def test_no_end_within_reach_of_a_field_lies_in_a_cell_that_asks_for_more(
    fields: list[tuple[float, float, float]], reach_km: float
) -> None:
    """Against geodesics from the field to points of the cell, those nearest to it among them."""
    points = [(lat, lon) for lat, lon, _ in fields] or [(10.0, 20.0)]
    fences = tuple(("A", *row) for row in fence(points, reach_km))
    asked = Question(fences, (("A", "A"),), fields=tuple(("A", *field) for field in fields))
    from_km = {(lat, lon): km for _, lat, lon, km in near_rows(asked)}
    cells = [(lat, lon) for _, lat, west, east in fences for lon in range(west, east + 1)]
    if not fields:
        assert from_km == dict.fromkeys(cells, 0)
        return
    share = np.linspace(0, 1, 7)
    for lat, lon in cells[:: max(1, len(cells) // 40)]:
        at_lat, at_lon = (grid.ravel() for grid in np.meshgrid(lat + share, lon + share))
        away = min(float(distance_km(y, x, at_lat, at_lon).min()) - slack for y, x, slack in fields)
        assert from_km.get((lat, lon), 301) <= max(away, 0.0) or away > 300.0
        assert from_km.get((lat, lon), 301) >= away - 45.0, "nor is it far less than that"
