"""A presence file's sections: where a day begins and stops, what else has a reach, the rest; each read and checked by
itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from flighttrace.errors import DamagedFileError
from flighttrace.ingest.archive import presence_spool
from flighttrace.ingest.archive.presence import SECTIONS
from flighttrace.ingest.archive.presence_edges import edges_of
from flighttrace.ingest.archive.view import View, open_archive
from tests.ingest.archive.builders import START_S, ingested, states


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sections")
    (folder / "a.csv").write_text(with_a_stay(states(3000)))
    (folder / "b.csv").write_text(states(900, start_s=START_S + 86_400 + 7 * 3600, seed=2))
    ingested(folder / "archive", folder / "a.csv", folder / "b.csv")
    return folder / "archive"


def with_a_stay(text: str) -> str:
    """The state vectors with all aircraft on the ground for half an hour."""
    header, *lines = text.splitlines()
    stays = [900 <= int(line.partition(",")[0]) - START_S < 2700 for line in lines]
    told = [line.replace(",False,", ",True,", 1) if stay else line for line, stay in zip(lines, stays, strict=True)]
    return "\n".join([header, *told]) + "\n"


def sections_of(path: Path) -> list[int]:
    """The section of each row group, every row of it looked at."""
    file, found = pq.ParquetFile(path), []
    for number in range(file.num_row_groups):
        rows = file.read_row_group(number).to_pandas()
        edge = (rows["begins"] > 0) | rows["stops"]
        section = np.where(edge, 0, np.where(rows["reach_km"] > 0, 1, 2))
        assert len(set(section)) == 1, "a row group has one section"
        order = rows[["lat_cell", "lon_cell", "hour", "track_key"]]
        assert order.equals(order.sort_values(list(order.columns), ignore_index=True))
        found.append(int(section[0]))
    return found


def test_each_section_begins_a_row_group(archive: Path) -> None:
    found = [sections_of(path) for path in open_archive(archive).presence_files()]
    assert all(sections == sorted(sections) for sections in found)
    assert set().union(*found) == set(SECTIONS)


def test_what_is_written_does_not_tell_how_it_was_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text(states(3000))
    held = []
    for most in (presence_spool.SPILL_GROUPS, 5):
        monkeypatch.setattr(presence_spool, "SPILL_GROUPS", most)
        root = tmp_path / f"archive-{most}"
        ingested(root, tmp_path / "a.csv")
        held.append({path.name: path.read_bytes() for path in (root / "presence").rglob("*.parquet")})
    assert held[0] == held[1] != {}


def test_the_files_come_in_the_order_of_their_times(archive: Path) -> None:
    first = [pq.read_table(path, partitioning=None)["first_ms"].to_pylist() for path in presence_of(archive)]
    assert [min(times) for times in first] == sorted(min(times) for times in first)
    assert len(first) == 2


def presence_of(archive: Path) -> list[Path]:
    return open_archive(archive).presence_files()


def test_a_flip_is_found_by_whom_the_bytes_are_read(archive: Path) -> None:
    view = open_archive(archive)
    (item,) = (f for m in view.members for f in m.entry.presence if f.date == "2031-10-04")
    path, seen = archive / item.path, {"head": 0, "rest": 0, "tail": 0}
    good = path.read_bytes()
    assert 0 < item.head_bytes < len(good) - item.tail_bytes
    for at in [*range(0, len(good), 997), item.head_bytes - 1, item.head_bytes, len(good) - item.tail_bytes]:
        where = "head" if at < item.head_bytes else "tail" if at >= len(good) - item.tail_bytes else "rest"
        path.write_bytes(good[:at] + bytes([good[at] ^ 16]) + good[at + 1 :])
        try:
            refused(view, head_alone=False)
            if where == "rest":
                assert view.presence_files(head_alone=True)
            else:
                refused(view, head_alone=True)
        finally:
            path.write_bytes(good)
        seen[where] += 1
    assert min(seen.values()) > 0
    path.write_bytes(good[:-1])
    refused(view, head_alone=True)
    path.write_bytes(good + b"x")
    refused(view, head_alone=True)
    path.write_bytes(good)


def refused(view: View, *, head_alone: bool) -> None:
    with pytest.raises(DamagedFileError, match="2031-10-04"):
        view.presence_files(head_alone=head_alone)


def test_the_edges_are_the_first_and_the_last_positions(archive: Path) -> None:
    rows = open_archive(archive).read().positions
    rows = rows[rows["rejected_because"].isna()]
    rows = rows.assign(
        day=rows["time_utc"].dt.date,
        ms=rows["time_utc"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64),
        lat=np.floor(rows["lat_deg"] * 1000).astype(int),
        lon=np.floor(rows["lon_deg"] * 1000).astype(int),
    )
    for path, (_, of_day) in zip(presence_of(archive), rows.groupby("day"), strict=True):
        expected = {}
        for key, own in of_day.groupby("track_key"):
            own = own.sort_values("ms")
            places = own[["lat", "lon"]].to_numpy()
            expected[key] = (own["ms"].iloc[0], own["ms"].iloc[-1], *places[0], *places[-1])
        edges = edges_of(path)
        told = zip(edges.first_ms, edges.last_ms, *edges.first_mdeg, *edges.last_mdeg, strict=True)
        assert dict(zip(edges.keys.to_pylist(), told, strict=True)) == expected
        assert edges.odd == set()


def test_a_key_without_one_beginning_and_one_end_is_odd(archive: Path, tmp_path: Path) -> None:
    table = pq.read_table(presence_of(archive)[0], partitioning=None).to_pandas()
    edge = table.index[table["begins"] > 0]
    twice, lost = table["track_key"][edge[0]], table["track_key"][edge[1]]
    assert twice != lost
    more = table.loc[[edge[0]]].assign(hour=table["hour"][edge[0]] + 1)
    changed = pd.concat([table, more], ignore_index=True)
    changed.loc[(changed["track_key"] == lost) & (changed["begins"] > 0), "begins"] = 0
    path = tmp_path / "p.parquet"
    pq.write_table(pq.read_table(presence_of(archive)[0], partitioning=None).schema.empty_table(), path)
    assert len(edges_of(path).keys) == 0
    changed.to_parquet(path)
    edges = edges_of(path)
    assert edges.odd == {twice, lost}
    assert not edges.odd & set(edges.keys.to_pylist())
