"""Blocks that a rule shows to be false: what is one, what only looks like one, and that nothing is lost."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.geodesy import distance_km
from flighttrace.match.cleaning import DISPUTED, mark_unbelievable, seconds_of
from flighttrace.match.flights import find_flights
from flighttrace.match.places import load_airfields
from flighttrace.match.spoofing import HARDLY_MOVING, NO_DESCENT, STALE, load_targets
from flighttrace.positions import Ingested

from .builders import flight, ingested, positions

FIELDS = load_airfields()
BEIRUT = next(t for t in load_targets() if t.airport == "OLBA")


def cruise(n: int = 200, step_s: float = 10.0) -> pd.DataFrame:
    """Due north at 440 kt and 35,000 ft, from 300 km south of Beirut on, some 90 km to the east of it."""
    seconds = np.arange(n) * step_s
    return positions(seconds, 31.0 + seconds * 440 * 1.852 / 3600 / 111.1, np.full(n, 36.5))


def at(rows: pd.DataFrame, here: slice, lat: float, lon: float, *, circle_km: float = 0.7) -> pd.DataFrame:
    """The rows with those of `here` (row numbers) circling a point; all else as it was."""
    turn = np.arange(len(rows))[here]
    rows = rows.copy()
    rows.loc[turn, "lat_deg"] = lat + circle_km / 111.0 * np.sin(turn)
    rows.loc[turn, "lon_deg"] = lon + circle_km / 111.0 * np.cos(turn)
    return rows


def reasons(rows: pd.DataFrame) -> list[str | None]:
    marked = mark_unbelievable(rows)["rejected_because"]
    return [None if pd.isna(reason) else str(reason) for reason in marked]


def test_a_block_at_a_known_target_bears_its_name() -> None:
    found = reasons(at(cruise(), slice(60, 110), BEIRUT.lat_deg, BEIRUT.lon_deg))
    assert set(found[60:110]) == {"disputed: sits at a known spoof target, Beirut airport (OLBA)"}
    assert set(found[:60] + found[110:]) == {None}


def test_a_long_block_at_a_target_does_not_outvote_a_short_true_stretch() -> None:
    found = reasons(at(cruise(), slice(40, 200), BEIRUT.lat_deg, BEIRUT.lon_deg))
    assert found[:40] == [None] * 40
    assert set(found[40:]) == {BEIRUT.reason}


def test_visits_to_a_target_that_flip_to_and_fro_are_one_block() -> None:
    rows = cruise()
    for first in range(60, 120, 4):
        rows = at(rows, slice(first, first + 2), BEIRUT.lat_deg, BEIRUT.lon_deg)
    assert Counter(reasons(rows)) == {None: 170, BEIRUT.reason: 30}


def test_a_frozen_block_at_a_target_is_told_by_how_long_it_was_repeated() -> None:
    found = reasons(at(cruise(), slice(60, 110), BEIRUT.lat_deg, BEIRUT.lon_deg, circle_km=0.0))
    assert found[60] == BEIRUT.reason
    assert set(found[61:110]) == {STALE}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"lat_deg": 36.0}, "no target there"),
        ({"baro_altitude_ft": 4000.0}, "low: it may be landing"),
        ({"baro_altitude_ft": np.nan}, "no altitude: nothing says that it is not landing"),
        ({"time_utc": datetime(2019, 1, 1, tzinfo=UTC)}, "before anything is known of Beirut"),
    ],
)
def test_what_is_no_block_at_a_target_stays_a_competing_run(change: dict[str, object], why: str) -> None:
    rows = at(cruise(), slice(60, 110), BEIRUT.lat_deg, BEIRUT.lon_deg)
    if "time_utc" in change:
        rows["time_utc"] += pd.Timestamp(str(change["time_utc"])) - rows["time_utc"].iloc[0]
    elif "lat_deg" in change:
        rows.loc[60:109, "lat_deg"] += 3.0
    else:
        rows.loc[60:109, "baro_altitude_ft"] = change["baro_altitude_ft"]
    assert set(reasons(rows)[60:110]) == {DISPUTED}, why


def test_flying_over_a_target_or_landing_there_is_believed() -> None:
    n = 200
    over = positions(np.arange(n) * 10.0, np.linspace(31.5, 36.0, n), np.full(n, BEIRUT.lon_deg))
    assert set(reasons(over)) == {None}
    assert set(reasons(flight("LTFM", "OLBA"))) == {None}
    (landed,) = find_flights(ingested(flight("LTFM", "OLBA")))
    assert (landed.arrival.airport, landed.arrival.grade, landed.flags) == ("OLBA", "A", ())


def test_a_landing_at_a_target_after_a_jump_from_elsewhere_is_no_block() -> None:
    rows = flight("LTFM", "OLBA")
    n = len(rows)
    found = reasons(at(rows, slice(n // 3, n // 3 + 40), 36.0, 41.0))
    assert set(found[n // 3 + 40 :]) == {None}
    assert set(found[n // 3 : n // 3 + 40]) == {HARDLY_MOVING}


def circling(lat: float, lon: float, *, here: slice = slice(60, 130), circle_km: float = 0.3) -> pd.DataFrame:
    """`cruise` with a block that goes round a point: 36° a fix, so 36 kt for every 0.3 km of its radius."""
    rows, turn = cruise(), np.arange(200)[here]
    rows.loc[turn, "lat_deg"] = lat + circle_km / 111.0 * np.sin(np.radians(36.0 * turn))
    rows.loc[turn, "lon_deg"] = lon + circle_km / 111.0 / np.cos(np.radians(lat)) * np.cos(np.radians(36.0 * turn))
    return rows


def test_a_block_that_hardly_moves_at_cruise_height_is_false_wherever_it_is() -> None:
    found = reasons(circling(38.0, 41.0))
    assert set(found[60:130]) == {HARDLY_MOVING}
    assert set(found[:60] + found[130:]) == {None}


def test_also_where_it_could_have_been_reached_over_a_silence() -> None:
    """Without the rule the block's fixes, and not the silence, would be believed: only its end is a jump."""
    rows = circling(35.0, 39.0)
    rows["time_utc"] += pd.to_timedelta(np.where(np.arange(200) >= 60, 1200.0, 0.0), unit="s")
    found = reasons(rows)
    assert set(found[60:130]) == {HARDLY_MOVING}
    assert set(found[:60] + found[130:]) == {None}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (circling(38.0, 41.0, circle_km=2.0), "as fast as an aircraft in a holding pattern"),
        (circling(38.0, 41.0).assign(baro_altitude_ft=15_000.0), "a helicopter may hover there"),
        (circling(38.0, 41.0).assign(baro_altitude_ft=np.nan), "nobody knows how high"),
        (circling(38.0, 41.0, here=slice(60, 85)), "four minutes"),
    ],
)
def test_what_may_be_flown_so_is_a_competing_run(rows: pd.DataFrame, why: str) -> None:
    found = reasons(rows)
    assert HARDLY_MOVING not in found, why
    assert DISPUTED in found, why


def test_what_never_flies_fast_up_there_is_left_alone() -> None:
    """A balloon: slow at 60,000 ft from first to last, with one stray block."""
    n = 200
    rows = positions(np.arange(n) * 60.0, 31.0 + np.arange(n) * 0.005, np.full(n, 36.5), 60_000.0, speed=20.0)
    rows.loc[60:99, "lat_deg"] += 9.0
    assert HARDLY_MOVING not in reasons(rows)


def on_a_runway(rows: pd.DataFrame, here: slice, *, airport: str = "LCRA") -> pd.DataFrame:
    field = FIELDS.get(airport)
    rows = at(rows, here, field.lat_deg, field.lon_deg, circle_km=0.3)
    turn = np.arange(len(rows))[here]
    rows.loc[turn, "baro_altitude_ft"] = field.elevation_ft
    rows.loc[turn, "on_ground"] = True
    return rows


@pytest.mark.parametrize("block", [slice(60, 110), slice(40, 200)])
def test_a_block_at_a_runway_without_a_descent(block: slice) -> None:
    found = reasons(on_a_runway(cruise(), block))
    assert set(found[block]) == {NO_DESCENT}
    assert set(found[: block.start] + found[block.stop :]) == {None}


def test_a_block_that_flies_on_from_the_runway_is_left_to_the_chain() -> None:
    onward = flight("LCRA", "LTFM")
    first = onward["time_utc"].iloc[0]
    before = cruise(30)
    before["time_utc"] += first - pd.Timedelta(seconds=10) - before["time_utc"].iloc[-1]
    rows = pd.concat([before, onward], ignore_index=True)
    found = reasons(rows)
    assert NO_DESCENT not in found
    assert set(found[30:]) == {None}


def test_time_for_a_descent_makes_it_a_competing_run_only() -> None:
    rows = on_a_runway(cruise(), slice(100, 200), airport="OEJN")  # 1,200 km off
    rows["time_utc"] += pd.to_timedelta(np.where(np.arange(200) >= 100, 600.0, 0.0), unit="s")
    found = reasons(rows)
    assert NO_DESCENT not in found
    assert DISPUTED in found


def test_the_flags_say_which_rule_and_the_flight_stays_disputed() -> None:
    rows = flight("LTAC", "LLBG")
    middle = len(rows) // 2
    rows = at(rows, slice(middle, middle + 30), BEIRUT.lat_deg, BEIRUT.lon_deg)
    (found,) = find_flights(ingested(on_a_runway(rows, slice(middle - 40, middle - 20), airport="OJAI")))
    assert found.flags == (
        "disputed positions",
        "sits at a known spoof target, Beirut airport (OLBA)",
        "appears at a runway without a descent",
    )
    assert (found.departure.airport, found.arrival.airport) == ("LTAC", "LLBG")
    assert found.rejected_count == 50


def test_each_target_is_an_airfield_with_its_source() -> None:
    targets = load_targets()
    assert len({t.airport for t in targets}) == len(targets) >= 5
    for target in targets:
        field = FIELDS.get(target.airport)
        assert float(distance_km(field.lat_deg, field.lon_deg, target.lat_deg, target.lon_deg)) < 1.0
        assert abs(field.elevation_ft - target.elevation_ft) <= 50.0
        assert target.source
        assert target.name.ar != target.name.en
        assert target.known_from is None or target.known_to is None or target.known_from <= target.known_to


@st.composite
def spoiled(draw: st.DrawFn) -> pd.DataFrame:
    """A flight with frozen stretches, blocks at targets, at runways and elsewhere, jumps, and another aircraft."""
    rows = flight("LTAC", "LLBG", step_s=draw(st.sampled_from([15.0, 30.0])))
    n = len(rows)
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(0, n - 2))
        here = slice(first, min(first + draw(st.integers(1, 80)), n))
        what = draw(st.sampled_from(["target", "frozen", "runway", "elsewhere", "heights"]))
        if what == "target":
            target = draw(st.sampled_from(load_targets()))
            rows = at(rows, here, target.lat_deg, target.lon_deg)
        elif what == "runway":
            rows = on_a_runway(rows, here, airport=draw(st.sampled_from(["LCRA", "OLBA", "HECA"])))
        elif what == "heights":
            rows.loc[np.arange(n)[here], "baro_altitude_ft"] = np.nan
        else:
            rows = at(rows, here, draw(st.floats(20, 60)), draw(st.floats(0, 60)),
                      circle_km=0.0 if what == "frozen" else 3.0)  # fmt: skip
    if draw(st.booleans()):
        rows = pd.concat([rows, flight("OEJN", "OIII", step_s=20.0, source_id=draw(st.sampled_from(["s1", "s2"])))])
        rows["source_row"] = np.arange(1, len(rows) + 1)
    return rows.reset_index(drop=True)


@settings(max_examples=25, deadline=None)
@given(spoiled(), st.randoms(use_true_random=False))
def test_masking_deletes_nothing_counts_add_up_and_order_is_irrelevant(rows: pd.DataFrame, shuffle: object) -> None:
    heard = ingested(rows)
    found = find_flights(heard)
    kept = pd.concat([f.track for f in found]) if len(found) else rows.iloc[:0]
    on_ground = sum(n for _, n in found.ground_only)
    assert len(kept) + on_ground == len(rows)
    keys = ["source_id", "source_row"]
    assert not kept.duplicated(keys).any()
    heard_as = heard.positions.set_index(keys)
    for name in ("time_utc", "lat_deg", "lon_deg", "baro_altitude_ft", "icao24"):
        pd.testing.assert_series_equal(kept.set_index(keys)[name], heard_as[name].loc[kept.set_index(keys).index])
    for f in found:
        masked = f.track["rejected_because"].dropna()
        assert f.rejected_count == len(masked) == sum(n for _, n in f.rejected_by_reason)
        assert dict(f.rejected_by_reason) == Counter(masked)
    order = list(range(len(heard.positions)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    mixed = Ingested(heard.positions.iloc[order], heard.listed_flights, heard.sources)
    assert list(find_flights(mixed)) == list(found)


REAL_TRACKS = Path(__file__).parents[3] / "shared" / "real_tracks"


@pytest.mark.skipif(not REAL_TRACKS.is_dir(), reason="../shared/real_tracks is not there")
def test_of_the_really_spoofed_flight_the_true_positions_are_believed_and_no_others() -> None:
    """Held against the clean copy of the same flight by another network."""
    from flighttrace.ingest import read_positions

    (found,) = find_flights(read_positions([REAL_TRACKS / "traffic_samples/noisy/noisy_spoofing.json.gz"]))
    assert found.track_key == "4baac6"
    assert found.flags == ("disputed positions", "hardly moves at cruise height")
    old = "stale: the source marks the position as old"
    assert dict(found.rejected_by_reason) == {HARDLY_MOVING: 740, STALE: 1396, old: 2591}
    clean = read_positions([REAL_TRACKS / "traffic_samples/fr24/372355e5.json"]).positions.sort_values("time_utc")
    moment, true = (seconds_of(rows["time_utc"]) for rows in (found.track, clean))
    lat, lon = (np.interp(moment, true, clean[name]) for name in ("lat_deg", "lon_deg"))
    away_km = distance_km(found.track["lat_deg"].to_numpy(), found.track["lon_deg"].to_numpy(), lat, lon)
    reason = found.track["rejected_because"]
    assert away_km[reason.isna()].max() < 6.0
    assert away_km[reason == HARDLY_MOVING].min() > 200.0
