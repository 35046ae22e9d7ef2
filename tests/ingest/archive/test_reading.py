"""What is read of an archive: of these keys alone, from the files that matter, and no more of it kept in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from flighttrace.ingest.archive import checked, positions_table
from flighttrace.ingest.archive.manifest import DataFile
from flighttrace.ingest.archive.view import View, open_archive
from tests.ingest.archive.builders import START_S, ingested, states, stored_states

HOUR_MS = 3_600_000
START_MS = START_S * 1000
KEY = "d5b001"


@pytest.fixture
def hours(tmp_path: Path) -> View:
    """Six files, each of ten minutes from the full hour on, seven aircraft in every one."""
    files = []
    for hour in range(6):
        files.append(tmp_path / f"states_{hour}.csv")
        files[-1].write_text(states(400, start_s=START_S + 3600 * hour, seed=hour), encoding="utf-8")
    ingested(tmp_path / "a", *files)
    return open_archive(tmp_path / "a")


def hours_of(rows: pd.DataFrame) -> list[int]:
    since = rows["time_utc"] - pd.Timestamp(START_S, unit="s", tz="UTC")
    return sorted((since.dt.total_seconds() // 3600).astype(int).unique().tolist())


def test_a_track_is_read_from_the_files_of_the_times_that_matter(hours: View, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = checked.rows_of
    monkeypatch.setattr(
        "flighttrace.ingest.archive.view.rows_of",
        lambda root, file, keys: opened.append(file.path) or real(root, file, keys),
    )
    begin = START_MS + HOUR_MS + 60_000
    read = hours.read([KEY], within={KEY: [(begin, begin + HOUR_MS)]}).positions
    assert hours_of(read) == [1, 2]
    assert len(opened) == 2
    whole = hours.read([KEY]).positions
    assert hours_of(whole) == [0, 1, 2, 3, 4, 5]
    pd.testing.assert_frame_equal(
        read.reset_index(drop=True), whole[whole["time_utc"].isin(read["time_utc"])].reset_index(drop=True)
    )


def test_files_of_times_when_a_track_was_not_heard_are_passed_over(hours: View) -> None:
    begin = START_MS + HOUR_MS + 60_000
    known = {KEY: [(begin, begin + HOUR_MS)]}
    assert hours_of(hours.read([KEY], heard=known).positions) == [1, 2]
    assert hours_of(hours.read([KEY], heard=known, within={KEY: [(begin + HOUR_MS, float("inf"))]}).positions) == [2]
    both = hours.read([KEY, "d5b002"], heard=known).positions
    assert hours_of(both[both["track_key"] != KEY]) == [0, 1, 2, 3, 4, 5]


def test_open_times_and_keys_without_any_are_read_from_all_files(hours: View) -> None:
    inf = float("inf")
    assert hours_of(hours.read([KEY], within={KEY: [(START_MS + 4 * HOUR_MS, inf)]}).positions) == [4, 5]
    assert hours_of(hours.read([KEY], within={KEY: [(-inf, inf)]}).positions) == [0, 1, 2, 3, 4, 5]
    both = hours.read([KEY, "d5b002"], within={KEY: [(START_MS, START_MS)]}).positions
    assert hours_of(both[both["track_key"] == KEY]) == [0]
    assert hours_of(both[both["track_key"] == "d5b002"]) == [0, 1, 2, 3, 4, 5]


def _without_times(file: DataFile) -> DataFile:
    assert file.first_ms is not None
    return replace(file, first_ms=None, last_ms=None)


def test_an_archive_that_does_not_tell_the_times_of_its_files_is_read_by_days(hours: View) -> None:
    entries = [replace(m.entry, positions=tuple(map(_without_times, m.entry.positions))) for m in hours.members]
    hours = View(hours.root, [replace(m, entry=entry) for m, entry in zip(hours.members, entries, strict=True)])
    day = [(START_MS + HOUR_MS, START_MS + 2 * HOUR_MS)]
    assert hours_of(hours.read([KEY], within={KEY: day}).positions) == [0, 1, 2, 3, 4, 5]
    assert not len(hours.read([KEY], within={KEY: [(START_MS - 9 * HOUR_MS, START_MS - HOUR_MS)]}).positions)


def test_of_what_was_read_only_the_rows_asked_for_stay_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions_table, "ROW_GROUP_ROWS", 20_000)
    (stored,) = stored_states(tmp_path, 20_000, aircraft=100)
    whole, one = (checked.rows_of(tmp_path / "a", stored, keys) for keys in (None, [KEY]))
    assert 0 < len(one) < len(whole) / 50
    assert one.get_total_buffer_size() < whole.get_total_buffer_size() / 20
