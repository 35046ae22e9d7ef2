from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.match.cleaning import DISPUTED, JUMP, mark_unbelievable
from flighttrace.match.spoofing import STALE, load_targets
from flighttrace.speed_chain import longest_chain

from .builders import positions


def _line(n: int, step_s: float = 10.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Due north at 440 kt, a fix every step."""
    seconds = np.arange(n) * step_s
    return seconds, 31.0 + seconds * 440 * 1.852 / 3600 / 111.1, np.full(n, 35.0)


def test_clean_track_keeps_every_fix() -> None:
    s, lat, lon = _line(100)
    assert mark_unbelievable(positions(s, lat, lon))["rejected_because"].isna().all()


def test_stale_keeps_the_first_of_equal_fixes() -> None:
    s, lat, lon = _line(60)
    lat[20:30] = lat[20]
    marked = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert marked[20:21].isna().all()
    assert (marked[21:30] == STALE).all()
    assert marked[30:].isna().all()


def test_a_parked_aircraft_is_not_stale() -> None:
    n = 30
    rows = positions(np.arange(n) * 10, np.full(n, 29.94), np.full(n, 34.93), 1492.0, speed=0.0, ground=[True] * n)
    assert mark_unbelievable(rows)["rejected_because"].isna().all()


def test_single_jump_is_marked_and_its_neighbours_stay() -> None:
    s, lat, lon = _line(50)
    lat[25] += 2.0
    marked = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert marked[25] == JUMP
    assert marked.drop(index=25).isna().all()


def test_spoofed_block_is_disputed_as_a_whole() -> None:
    s, lat, lon = _line(200)
    around = np.arange(60, 110)
    lat[around], lon[around] = 33.82 + 0.02 * around, 45.49
    marked = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert (marked[60:110] == DISPUTED).all()
    assert marked.drop(index=range(60, 110)).isna().all()


def test_stitched_halves_a_few_km_apart_are_one_flight() -> None:
    s, lat, lon = _line(300, 1.0)
    lon[150:] += 0.1
    marked = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert DISPUTED not in set(marked.dropna())
    assert marked.isna().sum() > 270


def test_reasons_given_before_stay_and_rows_are_never_dropped() -> None:
    s, lat, lon = _line(20)
    rows = positions(s, lat, lon)
    rows.loc[3, "rejected_because"] = "position 0,0"
    marked = mark_unbelievable(rows)
    assert marked.loc[3, "rejected_because"] == "position 0,0"
    assert len(marked) == 20


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3600), st.floats(-80, 80), st.floats(-180, 180)), min_size=1, max_size=25))
def test_the_chain_is_consistent(fixes: list[tuple[int, float, float]]) -> None:
    fixes.sort()
    s, lat, lon = (np.array(column, dtype=float) for column in zip(*fixes, strict=True))
    keep, *_ = longest_chain(s, lat, lon)
    kept = np.flatnonzero(keep)
    assert len(kept) >= 1
    again, runs, _ = longest_chain(s[kept], lat[kept], lon[kept])
    assert again.all()
    assert runs.max() == 0


def test_frozen_spoofed_stretch_does_not_take_the_first_half_with_it() -> None:
    s, lat, lon = _line(180)
    lat[80:152], lon[80:152] = 33.8209, 35.4884
    marked = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert marked[:80].isna().all()
    assert marked[80:152].notna().all()
    assert marked[153:].isna().all()


def test_a_stray_after_a_silence_does_not_cost_the_flight_that_follows() -> None:
    """Time brought it into reach of what was heard before it, and not of what is heard after it."""
    s, lat, lon = _line(600)
    s[300:] += 6 * 3600.0
    lat[300] += 3.0
    reasons = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert reasons[reasons.notna()].to_dict() == {300: JUMP}


def test_a_stray_before_a_silence_does_not_cost_the_flight_before() -> None:
    s, lat, lon = _line(600)
    s[300:] += 6 * 3600.0
    lat[299] += 3.0
    reasons = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert reasons[reasons.notna()].to_dict() == {299: JUMP}


@pytest.mark.parametrize(("silence_s", "strays"), [(500.0, 1), (6 * 3600.0, 2), (6 * 3600.0, 20)])
def test_more_than_one_stray_or_one_without_a_silence_may_be_the_true_part(silence_s: float, strays: int) -> None:
    s, lat, lon = _line(600)
    s[300:] += silence_s
    lat[300 + strays :] += 8.0
    reasons = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert reasons[299 + strays] is pd.NA or pd.isna(reasons[299 + strays])
    assert (reasons[300 + strays : 400] == DISPUTED).all()


@pytest.mark.parametrize("step_s", [5.0, 15.0, 30.0])
@pytest.mark.parametrize("off_deg", [0.4, 1.0, 2.0])
def test_a_block_off_the_way_is_disputed_as_a_whole(step_s: float, off_deg: float) -> None:
    """No fix of it is believed, and none of the flight is given up for it."""
    s, lat, lon = _line(400, step_s)
    lon[200:240] += off_deg
    reasons = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert np.flatnonzero(reasons.notna()).tolist() == list(range(200, 240))
    assert (reasons[200:240] == DISPUTED).all()


def test_a_run_of_one_fix_is_not_given_up_to_join_two_others() -> None:
    s = np.array([0.0, 36_000.0, 36_010.0, 36_020.0])
    lat = np.array([0.0, 50.0, 0.0, 0.0])
    chain = longest_chain(s, lat, np.zeros(4))
    assert chain.keep.tolist() == [True, False, True, True]
    assert chain.sole


def test_a_chain_that_hangs_on_how_a_run_was_entered_is_not_the_sole_one() -> None:
    """Of the second run one fix is left when the first is followed by it: it could not be left early then."""
    s = np.array([0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0])
    lat = np.array([0.0, 0.02, 0.04, 0.14, 0.155, 0.08, 0.1, 0.12])
    chain = longest_chain(s, lat, np.zeros(8))
    assert chain.keep.tolist() == [True, True, True, False, False, True, True, True]
    assert longest_chain(s[:5], lat[:5], np.zeros(5)).sole is False


def test_what_reading_rejected_does_not_lengthen_a_visit() -> None:
    """A fix beside a stray flies over a target; a row that reading rejected five minutes later is no repeat of it."""
    target = load_targets()[0]
    s, _, lon = _line(400)
    lat = target.lat_deg + (np.arange(400) - 200) * 0.05
    lon[:] = target.lon_deg
    s[201:] += 400.0
    lon[200:202] = [target.lon_deg, target.lon_deg + 8.0]
    rows = positions(s, lat, lon)
    extra = rows.iloc[[200]].assign(
        time_utc=rows["time_utc"][200] + pd.Timedelta(seconds=380), lat_deg=10.0, rejected_because="refused"
    )
    together = pd.concat([rows.iloc[:201], extra, rows.iloc[201:]], ignore_index=True)
    reasons = mark_unbelievable(together)["rejected_because"]
    assert pd.isna(reasons[200])
    assert reasons[202] == JUMP
