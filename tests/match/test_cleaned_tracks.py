"""Tracks cleaned all at once are what each is by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.match import tracks
from flighttrace.match.places import load_airfields
from flighttrace.match.splitting import Fixes
from flighttrace.match.tracks import Track, aircraft_apart, cleaned_tracks
from tests.match.test_sieve_ends import _columns, frame_of, track

AIRFIELDS = load_airfields()
ONE = {"s00000": "OpenSky", "s00001": "OpenSky"}
TWO = {"s00000": "OpenSky", "s00001": "adsb.lol"}
READERS = dict.fromkeys(ONE, "reader")


def heard(seed: int, *, tied: bool = False) -> pd.DataFrame:
    """The rows of some keys in canonical order, spoiled in many ways; one is a file's own name."""
    rng = np.random.default_rng(seed)
    frames = []
    for key in ("00000a", "#0/SIM1", "0000b0"):
        rows = track(rng, 4)
        if tied and len(rows["t"]):  # another row of some moments
            rows = {name: np.concatenate([column, column[::7]]) for name, column in rows.items()}
        frames.append(frame_of(key, rows, rng.integers(0, 2, len(rows["t"]))))
    table = pd.concat([f for f in frames if len(f)], ignore_index=True)
    table["source_row"] = rng.permutation(len(table))
    rejected = np.where(rng.random(len(table)) < 0.02, "said to be wrong at reading", None)
    table["rejected_because"] = pd.array(rejected, dtype="str")
    return table.sort_values(["track_key", "time_utc", "source_id", "source_row"], ignore_index=True)


def assert_alike(table: pd.DataFrame, networks: dict[str, str], *, any_order: bool = False) -> None:
    expected: list[tuple[str, str, pd.DataFrame]] = []
    for key, rows in table.groupby("track_key", sort=True):
        for name, own in aircraft_apart(str(key), rows, networks=networks, readers=READERS, airfields=AIRFIELDS):
            expected.append((str(key), name, own))
    given_rows = table.sample(frac=1.0, random_state=3) if any_order else table
    if any_order:
        given_rows = given_rows.sort_values("time_utc", kind="stable")
    found = [
        (key, made)
        for key, aircraft in cleaned_tracks(given_rows, networks=networks, readers=READERS, airfields=AIRFIELDS)
        for made in aircraft
    ]
    assert [(key, made.name) for key, made in found] == [(key, name) for key, name, _ in expected]
    for (_, made), (_, _, own) in zip(found, expected, strict=True):
        rows = made.rows
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), own.reset_index(drop=True))
        again = Fixes.of(rows)
        for name in vars(again):
            np.testing.assert_array_equal(getattr(made.fixes, name), getattr(again, name))


@pytest.mark.parametrize("networks", [ONE, TWO], ids=["one network", "two networks"])
@given(seed=st.integers(0, 2**32), tied=st.booleans())
@settings(max_examples=25, deadline=None)
def test_all_at_once_is_as_each_by_itself(networks: dict[str, str], seed: int, tied: bool) -> None:
    assert_alike(heard(seed, tied=tied), networks)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_rows_in_any_order_of_keys(seed: int) -> None:
    assert_alike(heard(seed), ONE, any_order=True)


def test_without_a_row_there_is_no_track() -> None:
    assert list(cleaned_tracks(heard(1)[:0], networks=ONE, readers=READERS, airfields=AIRFIELDS)) == []


def test_of_one_network_only_what_jumps_is_looked_at_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    apart = tracks.aircraft_apart

    def told(key: str, rows: pd.DataFrame, **named: object) -> object:
        asked.append(key)
        return apart(key, rows, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(tracks, "aircraft_apart", told)
    rng = np.random.default_rng(5)
    smooth = track(rng, 4, spoiled=False)
    jumps = {name: column.copy() for name, column in track(rng, 4, spoiled=False).items()}
    jumps["lat"][len(jumps["lat"]) // 2] += 5.0
    frames = [frame_of(key, rows, np.zeros(len(rows["t"]))) for key, rows in (("00000a", smooth), ("00000b", jumps))]
    table = pd.concat(frames, ignore_index=True)
    found = dict(cleaned_tracks(table, networks=ONE, readers=READERS, airfields=AIRFIELDS))
    assert asked == ["00000b"]
    (own,) = found["00000a"]
    assert isinstance(own, Track)
    assert own.rows.index.tolist() == list(range(len(smooth["t"])))


def test_where_one_track_ends_and_the_next_begins_is_no_repeat() -> None:
    """The second aircraft is first heard where the first was last, ten seconds later."""
    names = ("t", "lat", "lon", "alt", "kt", "ground")
    one = dict(
        zip(names, _columns(np.arange(10) * 10.0, 30.0 + np.arange(10) * 0.01, 35.0, 9000.0, 200.0, 0), strict=True)
    )
    two = one | {"t": one["t"] + 100.0, "lat": one["lat"] + 0.09}
    table = pd.concat([frame_of("00000a", one, np.zeros(10)), frame_of("00000b", two, np.zeros(10))], ignore_index=True)
    assert table["lat_deg"][9] == table["lat_deg"][10]
    found = cleaned_tracks(table, networks=ONE, readers=READERS, airfields=AIRFIELDS)
    assert all(made.rows["rejected_because"].isna().all() for _, aircraft in found for made in aircraft)
    still = table.assign(track_key="00000a")
    ((_, (made,)),) = cleaned_tracks(still, networks=ONE, readers=READERS, airfields=AIRFIELDS)
    assert made.rows["rejected_because"].notna().tolist() == [False] * 10 + [True] + [False] * 9
