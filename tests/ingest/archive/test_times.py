"""When an archive heard anything: not by flight lists, and not by what any input marks as simulated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from flighttrace.ingest.archive.view import open_archive
from flighttrace.positions import Times
from tests.fetch.world import FLIGHTLIST
from tests.ingest.archive.builders import START_S, ingested, states, trace

START = datetime.fromtimestamp(START_S, UTC)


def times(folder: Path, **files: bytes) -> Times:
    """`files`: name, its last dot as two underscores → content."""
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    ingested(folder / "a", *(folder / name.replace("__", ".") for name in files))
    found = open_archive(folder / "a").read(["ffffff"], with_times=True).times
    assert found is not None
    return found


def quarters(*hours: float) -> tuple[datetime, ...]:
    return tuple(START + timedelta(hours=hour) for hour in hours)


def at(hour: float, seed: int) -> bytes:
    """A few minutes of state vectors from that hour on."""
    return states(70, start_s=START_S + round(hour * 3600), seed=seed).replace("SIM", "TST").encode()


def test_a_quarter_is_heard_by_tracks_and_a_list_only_widens_the_span(tmp_path: Path) -> None:
    listed = (
        FLIGHTLIST.replace(",simulated\n", "\n")
        .replace(",true\n", "\n")
        .replace("SIM", "TST")
        .format(day=START.date(), n="77")
    )
    found = times(tmp_path, one__csv=at(1.0, 1), two__csv=at(3.5, 2), list__csv=listed.encode())
    assert found.tracked_utc == quarters(1.0, 3.5)
    assert found.quarters_utc == quarters(1.0, 3.5, 5.0, 8.0)  # 05:10 and 08:02, the list's
    assert found.last_utc == START + timedelta(hours=8, minutes=2, seconds=11)
    assert found.real


def test_of_a_list_alone_nothing_is_tracked(tmp_path: Path) -> None:
    found = times(tmp_path, list__csv=FLIGHTLIST.format(day=START.date(), n="77").encode())
    assert found.tracked_utc == ()
    assert found.quarters_utc == quarters(5.0, 8.0)


def test_a_simulated_mark_spreads_over_the_track_in_other_inputs(tmp_path: Path) -> None:
    simulated = trace("d5b000", start_s=START_S + 2 * 3600)  # the other file's first aircraft, marked here
    one = "\n".join(line for line in at(5.0, 3).decode().splitlines() if "d5b000" in line or line.startswith("time"))
    found = times(tmp_path, real__csv=at(1.0, 1), same__csv=one.encode(), trace_full_d5b000__json=simulated)
    assert found.tracked_utc == quarters(1.0)
    assert found.real


def test_where_nothing_is_real_the_simulated_counts(tmp_path: Path) -> None:
    found = times(tmp_path, trace_full_d5b000__json=trace("d5b000", start_s=START_S + 2 * 3600))
    assert not found.real
    assert found.tracked_utc == quarters(2.0)


def test_a_simulated_mark_of_another_day_counts_for_the_days_asked(tmp_path: Path) -> None:
    simulated = trace("d5b000", start_s=START_S + 48 * 3600)
    (tmp_path / "real.csv").write_bytes(at(1.0, 1))
    (tmp_path / "trace_full_d5b000.json").write_bytes(simulated)
    ingested(tmp_path / "a", tmp_path / "real.csv", tmp_path / "trace_full_d5b000.json")
    day = START.date()
    view = open_archive(tmp_path / "a").on_days(day, day)
    assert len(view.members) == 1
    assert view.beyond == 1
    marked = view.read(first=day, last=day).positions.groupby("track_key")["simulated"].all()
    assert marked["d5b000"]
    assert not marked.drop("d5b000").any()
