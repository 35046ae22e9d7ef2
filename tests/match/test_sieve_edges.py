"""Of whom anything is doubted, by the steps between files alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flighttrace.errors import DamagedFileError
from flighttrace.match.sieve_edges import doubts_of
from flighttrace.speed_chain import STANDING_KT
from tests.match.test_sieve_ends import _columns, presence_table

NAMES = ("t", "lat", "lon", "alt", "kt", "ground")


@dataclass(frozen=True)
class Heard:
    """Straight on at 33,000 ft from a time and place, a position every 10 s."""

    start_s: float
    lat: float
    lon: float = 35.0
    count: int = 30
    kt: float = 400.0
    step_deg: float = 0.02


def doubted_keys(files: list[Path], aliases: dict[str, str]) -> set[str]:
    return set(doubts_of(files, aliases).anywhere)


def written(folder: Path, *files: list[Heard]) -> list[Path]:
    """One presence file each; the nth of a file's tracks has the nth key."""
    paths = []
    for tracks in files:
        made = []
        for own in tracks:
            at = np.arange(own.count)
            columns = _columns(own.start_s + 10.0 * at, own.lat + own.step_deg * at, own.lon, 33_000.0, own.kt, 0)
            made.append(dict(zip(NAMES, columns, strict=True)))
        paths.append(folder / f"{len(paths)}.parquet")
        pq.write_table(presence_table(made), paths[-1])
    return paths


def test_a_track_that_goes_on_is_not_doubted_and_one_that_jumps_is(tmp_path: Path) -> None:
    first = [Heard(0, 30), Heard(0, 30), Heard(0, 30, lon=179.99), Heard(0, 10)]
    goes_on = [Heard(300, 30.6), Heard(300, 38), Heard(300, 30.6, lon=-179.99), Heard(40_000, 50)]
    assert doubted_keys(written(tmp_path, first, goes_on), {}) == {"000002"}


def test_a_jump_over_a_file_that_does_not_hold_the_key_is_one(tmp_path: Path) -> None:
    lone = Heard(0, 0, count=0)
    files = written(
        tmp_path, [Heard(0, 30), Heard(0, 30)], [lone, Heard(300, 30.6)], [Heard(600, 60), Heard(600, 31.2)]
    )
    assert doubted_keys(files, {}) == {"000001"}


@pytest.mark.parametrize("start_s", [-3600.0, 0.0, 100.0, 290.0])
def test_files_of_one_time_are_doubted_whatever_their_order(tmp_path: Path, start_s: float) -> None:
    files = written(tmp_path, [Heard(0, 30)], [Heard(start_s, 30)])
    assert doubted_keys(files[:1], {}) == set()
    before = start_s < -300
    assert doubted_keys(files, {}) == {"000001"}
    assert doubted_keys(files[::-1], {}) == (set() if before else {"000001"})


def test_a_repeat_takes_itself_away_and_no_more(tmp_path: Path) -> None:
    """Cleaning finds no jump, and a flight may begin at the next place: that has a reach."""
    last = 30 + 0.02 * 29
    files = written(tmp_path, [Heard(0, 30)], [Heard(300, last, count=1)], [Heard(310, last), Heard(310, 30, kt=20.0)])
    doubts = doubts_of(files, {})
    assert doubts.anywhere == set()
    assert doubts.repeats == {"000001"}, "that stands in the third file again"
    rows = pq.read_table(files[2]).to_pandas()
    second = {key: own.sort_values("first_ms") for key, own in rows.groupby("track_key")}
    assert [own["begins"].iloc[0] for own in second.values()] == [2, 1]


def test_the_place_after_what_may_be_a_repeat_has_a_reach() -> None:
    """Five minutes at one place, then far on in another cell, all heard without a pause."""
    for kt, reaches in ((400.0, 3), (10.0, 2)):
        t = np.arange(200) * 10.0
        lat = np.where(t < 300, 30.995, 31.005 + (t - 300) * 0.0015)
        speed = np.where(t < 300, kt, 400.0)
        rows = dict(zip(NAMES, _columns(t, lat, 35.5, 33_000.0, speed, 0), strict=True))
        table = presence_table([rows]).to_pandas().sort_values("first_ms")
        assert table["lat_cell"].tolist() == [30, 31, 32, 33]
        assert table["begins"].tolist()[0] == (2 if kt > STANDING_KT else 1)
        assert int((table["reach_km"] > 0).sum()) == reaches, "the first and the last, and the second place"


def test_odd_names_and_aliases(tmp_path: Path) -> None:
    (path,) = written(tmp_path, [Heard(0, 30), Heard(0, 30), Heard(0, 30), Heard(0, 30)])
    table = pq.read_table(path)
    names = dict(zip(["000001", "000002", "000003", "000004"], ["000001", "000002", "#0/SIM1", "#0/SIM2"], strict=True))
    keys = pa.array([names[key] for key in table["track_key"].to_pylist()])
    odd = pa.array([key == "000002" for key in keys.to_pylist()])
    table = table.set_column(0, "track_key", keys).set_column(table.schema.get_field_index("odd"), "odd", odd)
    pq.write_table(table, path)
    assert doubted_keys([path], {}) == {"000002", "#0/SIM1", "#0/SIM2"}
    assert doubted_keys([path], {"#0/SIM1": "00000a", "000002": "00000b", "000001": "00000c"}) == {
        "00000a", "00000b", "00000c", "#0/SIM2",
    }  # fmt: skip
    assert doubted_keys([], {}) == set()


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(DamagedFileError, match=r"p\.parquet"):
        doubted_keys([path], {})
    presence = pq.read_table(written(tmp_path, [Heard(0, 30)])[0])
    for table in (pa.table({"another": [1]}), presence.drop_columns(["gone"]), presence.drop_columns(["first_ms"])):
        pq.write_table(table, path)
        with pytest.raises(DamagedFileError, match=r"p\.parquet"):
            doubted_keys([path], {})
