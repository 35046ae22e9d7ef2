"""What ingest tells by one day that cleaning gives up is what cleaning gives up of the whole track."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flighttrace.geodesy import wgs84
from flighttrace.ingest.archive.day_cleaning import told_of_days
from flighttrace.ingest.archive.rows import InOrder
from flighttrace.match.cleaning import DISPUTED, JUMP
from flighttrace.match.sieve import milliseconds
from flighttrace.match.sieve_edges import doubts_of
from flighttrace.match.spoofing import HARDLY_MOVING, NO_DESCENT, STALE, load_targets
from flighttrace.match.tracks import cleaned_tracks
from flighttrace.speed_chain import DISPUTED_FIXES
from tests.match.test_sieve_ends import AIRFIELDS, START, _columns, by_day, frame_of, presence_table, records, track

NAMES = ("t", "lat", "lon", "alt", "kt", "ground")
Rows = dict[str, np.ndarray]


def by_ingest(rows: Rows) -> np.ndarray:
    """Which of the rows, all in one file, are told to be strays."""
    return told_of_days(InOrder.of(records([rows]))).strays


def by_cleaning(rows: Rows) -> dict[int, str]:
    """The rows that are given up for another reason than that they repeat, and the reason."""
    frame = frame_of("000001", rows, np.zeros(len(rows["t"])))
    ((_, aircraft),) = cleaned_tracks(frame, networks={}, readers={}, airfields=AIRFIELDS)
    assert len(aircraft) == 1
    reasons = aircraft[0].rows["rejected_because"]
    return reasons[reasons.notna() & (reasons != STALE)].to_dict()


def in_order(rows: Rows) -> Rows:
    order = np.argsort(rows["t"], kind="stable")
    made = {name: column[order] for name, column in rows.items()}
    _, once = np.unique(np.round(made["t"], 3), return_index=True)
    return {name: column[once] for name, column in made.items()}


def doubted(rows: Rows, folder: pytest.TempPathFactory) -> bool:
    table = presence_table([rows])
    return bool(doubts_of(by_day(table, folder.mktemp("presence") / "file"), {}).anywhere)


def days_of_flying(seed: int, most: int = 30) -> Rows:
    return in_order(track(np.random.default_rng(seed), most))


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_days_that_are_not_doubted_are_cleaned_as_the_whole_track_is(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rows = days_of_flying(seed)
    if not len(rows["t"]) or doubted(rows, tmp_path_factory):
        return
    assert sorted(by_cleaning(rows)) == np.flatnonzero(by_ingest(rows)).tolist()


A_DAY = 1001


def cruise(days: int = 2, feet: float = 35_000.0) -> Rows:
    """To and fro over the sea at 430 kt and one height, A_DAY positions a day that ends near where the next begins."""
    at = np.arange(A_DAY) * 64.0
    there = np.abs((at + 4000.0) % 16_000.0 - 8000.0)
    lon, lat, _ = wgs84().fwd(np.full(A_DAY, 60.0), np.full(A_DAY, 10.0), np.full(A_DAY, 90.0), there * 221.0)
    parts = [_columns(86_400.0 * day + 3600.0 + at, lat + 0.01 * day, lon, feet, 430.0, 0) for day in range(days)]
    return dict(zip(NAMES, np.concatenate(parts, axis=1), strict=True))


def astray(rows: Rows, *at: int, by_deg: float = 2.0) -> Rows:
    made = {name: column.copy() for name, column in rows.items()}
    made["lat"][list(at)] += by_deg
    return made


def test_strays_are_told_and_the_airframe_is_not_doubted(tmp_path_factory: pytest.TempPathFactory) -> None:
    strays = [100, 500, 501, 1500]
    rows = astray(cruise(), *strays)
    assert np.flatnonzero(by_ingest(rows)).tolist() == strays
    assert not doubted(rows, tmp_path_factory)
    assert by_cleaning(rows) == dict.fromkeys(strays, JUMP)


def test_as_many_as_may_be_a_second_story_are_doubted_only_together(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each day has too few of them; what the days have is counted."""
    first, second = range(50, 1000, 100), range(1050, 1950, 100)
    assert len(first) + len(second) == DISPUTED_FIXES - 1
    assert not doubted(astray(cruise(), *first, *second), tmp_path_factory)
    assert doubted(astray(cruise(), *first, *second, 1990), tmp_path_factory)
    assert not doubted(astray(cruise(), *second, 1990), tmp_path_factory)


@pytest.mark.parametrize("at", [0, A_DAY - 1, A_DAY, 2 * A_DAY - 1])
def test_a_day_that_begins_or_ends_with_a_stray_is_doubted(at: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It may repeat the day before, or be repeated the day after."""
    rows = astray(cruise(), at)
    assert by_cleaning(rows) == {at: JUMP}
    assert not by_ingest(rows).any()
    assert doubted(rows, tmp_path_factory)


def test_where_either_of_two_may_be_the_stray_the_airframe_is_doubted(tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = cruise(days=1)
    rows["lat"][500:] += 40.0
    assert doubted(rows, tmp_path_factory), "of two stretches out of each other's reach the longer is a fix longer"
    two = astray(astray(cruise(days=1), 500), 501, by_deg=0.05)
    assert not doubted(two, tmp_path_factory)
    two["t"][501] = two["t"][502] - 1.0  # the chain may go on with either, with as many positions
    assert list(by_cleaning(two).values()) == [JUMP, JUMP]
    assert doubted(two, tmp_path_factory)


def test_a_repeat_of_a_stray_is_no_stray_and_goes_with_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    """And a position at the place before a stray is no repeat: it is believed, and no silence is about it."""
    rows = astray(cruise(days=1), 500, 501)
    for name in ("lat", "lon"):
        rows[name][501] = rows[name][500]
        rows[name][502] = rows[name][499]
    rows["t"][503:] += 3000.0
    table = presence_table([rows])
    assert np.flatnonzero(by_ingest(rows)).tolist() == [500]
    assert not doubted(rows, tmp_path_factory)
    lasts = table.filter(table["silence_ms"].to_numpy() > 600_000)
    cells = {int(np.floor(rows["lat"][i])) for i in (499, 502, 503)}
    assert set(lasts["lat_cell"].to_pylist()) <= cells
    gone = table.filter(table["gone"])
    assert int(gone["positions"].to_numpy().sum()) == 2
    assert not gone["reach_km"].to_numpy().any()
    assert int(table["strays"].to_numpy().sum()) == int(gone["strays"].to_numpy().sum()) == 1
    assert int(table["positions"].to_numpy().sum()) == len(rows["t"]), "all that were heard are counted"


@pytest.mark.parametrize("feet", [35_000.0, 900.0])
def test_near_a_spoof_target_a_stray_that_may_have_sat_there_is_doubted(
    feet: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    target = load_targets()[0]
    rows = cruise(days=1, feet=feet)
    rows["lat"][500:507], rows["lon"][500:507] = target.lat_deg + np.arange(7) * 0.001, target.lon_deg
    reasons = by_cleaning(rows)
    assert list(reasons) == list(range(500, 507))
    assert set(reasons.values()) == {target.reason if feet > 5000.0 else DISPUTED}
    assert doubted(rows, tmp_path_factory) == (feet > 5000.0)
    elsewhere = {**rows, "lon": rows["lon"].copy(), "lat": rows["lat"].copy()}
    elsewhere["lon"][500:507], elsewhere["lat"][500:507] = -30.0, -30.0 + np.arange(7) * 0.001
    assert not doubted(elsewhere, tmp_path_factory), "no target is there"


def test_what_may_creep_or_miss_its_descent_is_doubted(tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = cruise(days=1)
    rows["lat"][500:515], rows["lon"][500:515] = -30.0 + np.arange(15) * 0.001, -30.0
    assert set(by_cleaning(rows).values()) == {HARDLY_MOVING}
    assert doubted(rows, tmp_path_factory)
    field = AIRFIELDS.get("HECA")
    landed = cruise(days=1)
    landed["lat"][500:503], landed["lon"][500:503] = field.lat_deg + np.arange(3) * 0.001, field.lon_deg
    landed["alt"][500:503] = field.elevation_ft
    assert set(by_cleaning(landed).values()) == {NO_DESCENT}
    assert doubted(landed, tmp_path_factory)
    landed["alt"][500:503] = 35_000.0
    assert set(by_cleaning(landed).values()) == {JUMP}
    assert not doubted(landed, tmp_path_factory)


def test_a_day_whose_first_position_repeats_the_day_before_is_doubted_where_it_has_strays(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = cruise()
    for name in ("lat", "lon"):
        rows[name][A_DAY] = rows[name][A_DAY - 1]
    assert not doubted(rows, tmp_path_factory)
    assert doubted(astray(rows, 1500), tmp_path_factory)
    assert not doubted(astray(rows, 500), tmp_path_factory)


def in_files(rows: Rows, at: int, folder: pytest.TempPathFactory) -> list[Path]:
    """Two presence files, the second from the row `at` on."""
    stem, files = folder.mktemp("presence"), []
    for number, part in enumerate((slice(at), slice(at, None))):
        table = presence_table([{name: column[part] for name, column in rows.items()}])
        files += by_day(table, stem / str(number))
    return files


def test_a_creeping_run_may_have_begun_in_the_file_before(tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = cruise(days=1)
    rows["lat"][495:510], rows["lon"][495:510] = -30.0 + np.arange(15) * 0.001, -30.0
    assert set(by_cleaning(rows).values()) == {HARDLY_MOVING}
    for at in range(494, 512):
        assert doubts_of(in_files(rows, at, tmp_path_factory), {}).anywhere == {"000001"}, at
    creeps = cruise(days=1)
    creeps["lat"][495:510], creeps["lon"][495:510] = creeps["lat"][495] + np.arange(15) * 0.001, creeps["lon"][495]
    creeps = astray(creeps, 510)
    assert set(by_cleaning(creeps).values()) == {HARDLY_MOVING, JUMP}, "the true place, for all that is known"
    for at in range(494, 511):
        assert doubts_of(in_files(creeps, at, tmp_path_factory), {}).anywhere == {"000001"}, at


def test_no_target_is_wider_or_lower_than_ingest_holds_for_possible() -> None:
    from flighttrace.ingest.archive import day_cleaning as day
    from flighttrace.match import spoofing

    for target in load_targets():
        assert 2 * target.radius_km < day.TARGET_ACROSS_KM
        assert target.elevation_ft + spoofing.LOW_FT > day.SURELY_LOW_FT
    heights = np.array([field.elevation_ft for field in AIRFIELDS.all])
    assert heights.min() + spoofing.CRUISE_FT > day.PERHAPS_CRUISE_FT
    assert spoofing.CRUISE_FT - spoofing.AT_RUNWAY_FT > day.DROP_FT
    assert spoofing.RUNWAY_KM + spoofing.STAYS_KM < day.STAYS_WITHIN_KM
    assert spoofing.FLIES_KT < day.SURELY_FLIES_KT
    for name in ("SITS_S", "SAME_BLOCK_S", "HIGH_FT", "CREEPING_FIXES"):
        assert getattr(spoofing, name) == getattr(day, name)


def test_what_is_gone_stands_apart_and_stretches_no_other_group() -> None:
    """A late, old position, in the cell and hour of one that is believed; in the far past, too."""
    rows = cruise(days=1)
    rows["lat"][510], rows["lon"][510] = rows["lat"][508], rows["lon"][508]
    rows["t"] -= timedelta(days=30_000).total_seconds()
    rows["t"][510:] += 5.0 - 64.0
    table = presence_table([rows])
    assert np.flatnonzero(by_ingest(rows)).tolist() == [510]
    gone = table["gone"].to_numpy()
    late_ms = milliseconds(START) + round(rows["t"][510] * 1000)
    assert table["first_ms"].to_numpy()[gone].tolist() == table["last_ms"].to_numpy()[gone].tolist() == [late_ms]
    assert late_ms not in table["first_ms"].to_numpy()[~gone]
    assert late_ms not in table["last_ms"].to_numpy()[~gone]
    which = ("lat_cell", "lon_cell", "hour", "track_key")
    groups = list(zip(*(table[name].to_pylist() for name in which), strict=True))
    assert groups.count(groups[int(np.flatnonzero(gone)[0])]) == 2
