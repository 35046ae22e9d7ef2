"""A file of lines that is read in pieces gives what it gives when it is read whole, wherever the cuts fall."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flighttrace.ingest.archive import feed, intake, spool
from flighttrace.ingest.archive.cache import view_of_paths
from flighttrace.ingest.read import read_positions
from tests.ingest.archive.builders import HEADER, states
from tests.ingest.archive.test_same_as_memory import assert_same


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PIECE_BYTES", 1500)  # ten lines
    monkeypatch.setattr(spool, "SPILL_ROWS", 20)
    monkeypatch.setattr(spool, "RANGE_ROWS", 15)
    monkeypatch.setattr(spool, "LARGEST_RANGE_ROWS", 25)


def same(folder: Path, data: bytes, **options: Any) -> Any:
    file = folder / "states"
    file.write_bytes(data)
    with view_of_paths([file], root=folder / "cache", **options) as view:
        archive = view.read()
    assert_same(archive, read_positions([file], **options))
    return archive


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    "ends",
    [("\n", "\n"), ("\r\n", "\r\n"), ("\r", "\r"), ("\r", "\n"), ("\n", "\r"), ("\r\n", "\n"), ("\n", "\r\n")],
    ids=lambda ends: "+".join(end.replace("\r", "CR").replace("\n", "LF") for end in ends),
)
def test_line_ends(ends: tuple[str, str], tmp_path: Path) -> None:
    """The header's end, and that of all other lines."""
    header, *rows = states(100).splitlines()
    archive = same(tmp_path, (header + ends[0] + "".join(row + ends[1] for row in rows)).encode())
    assert archive.sources[0].accounting.records == 100
    assert archive.sources[0].accounting.physical_lines == 101


@pytest.mark.usefixtures("tiny")
def test_line_ends_of_every_kind_in_one_file(tmp_path: Path) -> None:
    lines = states(120).splitlines()
    ends = dict.fromkeys(range(40, 90, 3), "\r") | dict.fromkeys(range(60, 120, 4), "\r\n")
    same(tmp_path, "".join(line + ends.get(i, "\n") for i, line in enumerate(lines)).encode())


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("start", ["\ufeff", "\n", "\n\n", "  \n"], ids=["BOM", "blank", "blanks", "spaces"])
def test_what_stands_before_the_header(start: str, tmp_path: Path) -> None:
    same(tmp_path, (start + states(100)).encode())


@pytest.mark.usefixtures("tiny")
def test_the_query_that_made_an_extract(tmp_path: Path) -> None:
    header, _, rows = states(100).partition("\n")
    same(tmp_path, f"{header}\nselect * from state_vectors_data4\n{rows}".encode())


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("columns", ["serials", "tabs", "few", "turned"])
def test_other_columns(columns: str, tmp_path: Path) -> None:
    header, *rows = states(100).splitlines()
    if columns == "serials":
        lines = [f"{header},serials", *(f'{row},"[1,2,{i}]"' for i, row in enumerate(rows))]
    elif columns == "tabs":
        lines = [line.replace(",", "\t") for line in (header, *rows)]
    elif columns == "few":
        keep = [0, 1, 2, 3, 14, 15]
        lines = [",".join(line.split(",")[i] for i in keep) for line in (header, *rows)]
    else:
        lines = [",".join(reversed(line.split(","))) for line in (header, *rows)]
    archive = same(tmp_path, "\n".join([*lines, ""]).encode())
    assert archive.sources[0].accounting.records == 100


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", ["time", "icao24", "lat", "lastcontact"])
def test_a_file_without_a_column(name: str, tmp_path: Path) -> None:
    lines = [line.split(",") for line in states(100).splitlines()]
    at = lines[0].index(name)
    same(tmp_path, "\n".join([*(",".join(cells[:at] + cells[at + 1 :]) for cells in lines), ""]).encode())


@pytest.mark.usefixtures("tiny")
def test_a_gzip_that_is_cut_or_damaged_after_many_pieces(tmp_path: Path) -> None:
    data = gzip.compress(states(2000).encode(), mtime=0)
    for bad in (data[:-4], data[: len(data) // 2], data[:-8] + b"\0" * 8, data + b"more"):
        file = tmp_path / "states"
        file.write_bytes(bad)
        with view_of_paths([file], root=tmp_path / "cache") as view:
            archive = view.read()
        (failure,), (expected,) = archive.failures, read_positions([file]).failures
        assert str(failure).split(" (")[0] == str(expected).split(" (")[0]
        assert not archive.sources


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_sizes_about_a_piece(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = states(rows).encode()
    for piece in (len(text) - 1, len(text), len(text) + 1, max(len(text) // 2, 1)):
        monkeypatch.setattr(feed, "PIECE_BYTES", max(piece, len(HEADER) + 2))
        folder = tmp_path / str(piece)
        folder.mkdir()
        same(folder, text)


ODD = 'nan|NaN|null|NA|inf|-inf|1e400|0|-0.0|90|-90|91|180|181| 7.25 |+3|1_0|0x10|abc|"8"|٣|1e5|True|~d5b005|000000|'
VALUE = st.sampled_from([*ODD.split("|"), "D5B002", "@@@@@@@@", "SIM1", "é", "ffffff"])
LINE = st.sampled_from(["", "  ", "a,b", HEADER, "x" * 400, '"', "again", "longer"])


@pytest.mark.usefixtures("tiny")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 15), VALUE), max_size=5),
    lines=st.lists(st.tuples(st.integers(1, 60), LINE), max_size=3),
    ends=st.lists(st.integers(1, 60), max_size=3),
    last=st.sampled_from(["\n", ""]),
    piece=st.integers(1200, 4000),
)
def test_odd_cells_lines_and_ends(
    cells: list[tuple[int, int, str]],
    lines: list[tuple[int, str]],
    ends: list[int],
    last: str,
    piece: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    feed.PIECE_BYTES = piece  # type: ignore[misc]  # the fixture puts it back
    text = states(60, seed=5).splitlines()
    for row, column, value in cells:
        fields = text[row].split(",")
        fields[column] = value
        text[row] = ",".join(fields)
    for row, line in lines:
        text.insert(row, {"again": text[1], "longer": f"{text[1]},x"}.get(line, line))
    written = "".join(line + ("\r\n" if i in ends else "\n") for i, line in enumerate(text))
    same(tmp_path_factory.mktemp("odd"), (written.removesuffix("\n") + last).encode())


def test_a_tar_and_its_folder_hold_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.ingest.archive.builders import tar_of, trace

    monkeypatch.setattr(intake, "_BATCH_MEMBERS", 2)
    members = {f"traces/{i:02x}/trace_full_d5c0{i:02x}.json": trace(f"d5c0{i:02x}") for i in range(6)}
    members["traces/06/trace_full_~d5c006.json"] = trace("~d5c006")
    members["readme.txt"] = b"Not a track file, but words about the tracks beside it, as a release has them.\n"
    for name, data in members.items():
        path = tmp_path / "day" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "day.tar").write_bytes(tar_of(members))
    found = []
    for given_path in (tmp_path / "day", tmp_path / "day.tar"):
        with view_of_paths([given_path], root=tmp_path / "cache") as view:
            found.append(view.read())
        assert_same(found[-1], read_positions([given_path]))
    columns = [name for name in found[0].positions if name not in ("source_id", "member")]
    assert found[0].positions[columns].equals(found[1].positions[columns])
