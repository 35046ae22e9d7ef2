from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.match.cleaning import DISPUTED, JUMP, STALE, longest_chain, mark_unbelievable

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
    keep, _ = longest_chain(s, lat, lon)
    kept = np.flatnonzero(keep)
    assert len(kept) >= 1
    again, runs = longest_chain(s[kept], lat[kept], lon[kept])
    assert again.all()
    assert runs.max() == 0


def test_frozen_spoofed_stretch_does_not_take_the_first_half_with_it() -> None:
    s, lat, lon = _line(180)
    lat[80:152], lon[80:152] = 33.8209, 35.4884
    marked = mark_unbelievable(positions(s, lat, lon))["rejected_because"]
    assert marked[:80].isna().all()
    assert marked[80:152].notna().all()
    assert marked[153:].isna().all()
