"""Line formats whose rows are all refused, or that have none: the real reasons are kept, no reader trips."""

from __future__ import annotations

import pytest

from tests.ingest.track_samples import LINE_FORMATS, WRITERS, flight, fr24_web

FIXES = flight()
WITH_HEADER = sorted(LINE_FORMATS - {"sbs-basestation"})


@pytest.mark.parametrize("name", WITH_HEADER)
def test_header_only(name: str, read_files) -> None:
    header = WRITERS[name](FIXES).splitlines()[0]
    for end in (b"\n", b"", b"\n\n"):
        result = read_files({"x.csv": header + end}, input_tz="UTC")
        assert not result.failures
        (source,) = result.sources
        assert "header only: the file holds no records" in source.accounting.flags
        assert source.accounting.records == 0


@pytest.mark.parametrize("name", sorted(LINE_FORMATS))
@pytest.mark.parametrize("change", [lambda row: row + b",x,x,x,x", lambda row: row.split(b",")[0]])
def test_every_row_of_a_wrong_length(name: str, change, read_files) -> None:
    lines = WRITERS[name](FIXES).splitlines()
    head = [] if name == "sbs-basestation" else [lines.pop(0)]
    if not head:
        lines[0] = lines[0] + b",x"  # still an SBS line to the eye
    rows = [change(row) for row in lines[1:]] if not head else [change(row) for row in lines]
    rows = lines[:1] + rows if not head else rows
    result = read_files({"x.csv": b"\n".join([*head, *rows, b""])}, input_tz="UTC")
    assert not result.failures
    (source,) = result.sources
    assert source.accounting.records == source.accounting.quarantined_count == len(result.quarantined) == len(rows)
    assert len(result.positions) == 0


@pytest.mark.parametrize("name", sorted(LINE_FORMATS))
def test_every_position_unreadable(name: str, read_files) -> None:
    data = WRITERS[name](FIXES)
    for f in FIXES:
        data = data.replace(str(f.lat_deg).encode(), b"north")
    result = read_files({"x.csv": data}, input_tz="UTC")
    assert not result.failures
    assert {q.reason for q in result.quarantined} == {"not a finite number"}
    assert len(result.positions) == 0


def test_the_two_clocks_of_every_row_differ(read_files) -> None:
    result = read_files({"web.csv": fr24_web(FIXES).replace(b"2031-03-14T12", b"2031-03-14T15")})
    assert not result.failures
    assert result.sources[0].accounting.quarantined == {"Timestamp and UTC differ": len(FIXES)}
