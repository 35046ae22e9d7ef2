"""Folders, gzip and tar: by content, checked, never unpacked."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from pathlib import Path

import pytest

from flighttrace.errors import DamagedFileError, InputError
from flighttrace.ingest import containers, read_positions
from flighttrace.ingest.containers import gunzip
from tests.ingest.track_samples import flight, opensky_states, readsb

FIXES = flight()
CSV = opensky_states(FIXES)


def tar_of(members: dict[str, bytes], fmt: int = tarfile.GNU_FORMAT) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=fmt) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain.gz", CSV),
        ("packed.csv", gzip.compress(CSV, mtime=0)),
        ("two_members.csv.gz", gzip.compress(CSV[:300], mtime=0) + gzip.compress(CSV[300:], mtime=0)),
        ("twice.gz", gzip.compress(gzip.compress(CSV), mtime=0)),
        ("day.tar", tar_of({"states.csv": CSV})),
        ("day.csv.tar", tar_of({"states.csv.gz": gzip.compress(CSV, mtime=0)})),
        ("day.tgz", gzip.compress(tar_of({"states.csv.gz": gzip.compress(CSV)}, tarfile.PAX_FORMAT), mtime=0)),
    ],
)
def test_every_wrapping_gives_the_same_positions(name: str, data: bytes, read_files) -> None:
    columns = ["time_utc", "icao24", "lat_deg", "lon_deg", "baro_altitude_ft", "source_row"]
    plain = read_files({"states.csv": CSV})
    wrapped = read_files({name: data})
    assert not wrapped.failures
    assert wrapped.positions[columns].equals(plain.positions[columns])
    (source,) = wrapped.sources
    assert (source.file, source.size_bytes) == (name, len(data))
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def test_a_cut_gzip_is_an_error_that_says_where(read_files) -> None:
    packed = gzip.compress(CSV, mtime=0)
    for cut in (12, len(packed) // 2, len(packed) - 1):
        (error,) = read_files({"cut.csv.gz": packed[:cut]}).failures
        assert isinstance(error, DamagedFileError)
        assert f"cut after {cut} bytes" in str(error)


def test_every_flipped_bit_of_a_gzip_body_is_noticed() -> None:
    packed = gzip.compress(CSV, mtime=0)
    unnoticed = []
    for at in range(10, len(packed)):
        flipped = packed[:at] + bytes([packed[at] ^ 4]) + packed[at + 1 :]
        try:
            if gunzip(flipped, "x") != CSV:
                unnoticed.append(at)
        except InputError:
            continue
    assert unnoticed == []


def test_garbage_after_a_gzip_is_an_error(read_files) -> None:
    packed = gzip.compress(CSV, mtime=0)
    (error,) = read_files({"more.csv.gz": packed + b"more"}).failures
    assert f"at byte {len(packed)}" in str(error)


def test_a_bomb_stops_at_the_cap(read_files) -> None:
    (error,) = read_files(
        {"bomb.gz": gzip.compress(bytes(3_000_000), mtime=0)}, max_decompressed_bytes=1_000_000
    ).failures
    assert "1000000 bytes" in str(error)


def test_a_bomb_stops_at_the_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "RATIO_FROM_BYTES", 1_000_000)
    with pytest.raises(InputError, match="not a track file"):
        gunzip(gzip.compress(bytes(5_000_000), mtime=0), "bomb")


def test_a_cut_tar_is_an_error_at_every_block(read_files) -> None:
    whole = tar_of({"traces/b2/trace_full_f0a1b2.json": readsb(FIXES), "states.csv": CSV})
    end = 512 * 2 + -(-len(readsb(FIXES)) // 512) * 512 + -(-len(CSV) // 512) * 512
    for cut in range(512, end + 1, 512):
        result = read_files({"cut.tar": whole[:cut]})
        assert result.failures, cut
        assert len(result.positions) == 0


def test_a_damaged_header_in_the_middle_does_not_end_the_tar_quietly(read_files) -> None:
    whole = bytearray(tar_of({"a.csv": CSV, "b.csv": opensky_states(FIXES[:5])}))
    second = 512 + -(-len(CSV) // 512) * 512
    whole[second + 3] ^= 1
    (error,) = read_files({"day.tar": bytes(whole)}).failures
    assert isinstance(error, DamagedFileError)


def test_two_tars_in_one_file_are_an_error(read_files) -> None:
    one = tar_of({"a.csv": CSV})
    assert read_files({"two.tar": one + one}).failures


def test_a_readsb_tar_is_one_source_and_skips_what_holds_no_traces(read_files) -> None:
    packed = gzip.compress(readsb(FIXES), mtime=0)
    members = {
        "./README.md": b"about",
        "./acas/2031.csv": b"x",
        "./heatmap/00.bin.ttf": b"\1\2",
        "./heatmap/01.bin.ttf": b"\1\2",
        "./traces/b2/trace_full_f0a1b2.json": packed,
    }
    result = read_files({"day.tar": tar_of(members)})
    assert not result.failures
    (source,) = result.sources
    assert source.accounting.skipped == {"README.md": 1, "acas/": 1, "heatmap/": 2}
    assert source.accounting.flags == ("traces of 1 of 256 address groups",)
    assert source.accounting.accepted == len(FIXES)


def test_a_damaged_member_is_one_failure_and_the_rest_goes_on(read_files) -> None:
    good, bad = readsb(FIXES), gzip.compress(readsb(FIXES), mtime=0)[:-9]
    members = {"traces/b2/trace_full_f0a1b2.json": good, "traces/b3/trace_full_f0a1b3.json": bad}
    result = read_files({"day.tar": tar_of(members | {"traces/b4/trace_full_f0a1b4.json": good[:-30]})})
    assert [e.file for e in result.failures] == [
        "day.tar!traces/b3/trace_full_f0a1b3.json",
        "day.tar!traces/b4/trace_full_f0a1b4.json",
    ]
    assert len(result.positions) == len(FIXES)


def test_quarantine_of_a_member_names_it(read_files) -> None:
    spoiled = CSV.replace(b",31.0,", b",north,")
    result = read_files({"day.tar": tar_of({"x/states.csv": spoiled})})
    assert [(q.file, q.line) for q in result.quarantined] == [("day.tar!x/states.csv", 2)]


def test_links_and_devices_in_a_tar_are_skipped_and_members_never_leave_it(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("null", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        for name in ("../../outside.csv", "/absolute.csv"):
            info = tarfile.TarInfo(name)
            info.size = len(CSV)
            tar.addfile(info, io.BytesIO(CSV))
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "day.tar").write_bytes(sink.getvalue())
    result = read_positions([inner / "day.tar"])
    assert result.sources[0].accounting.skipped == {"links and devices": 3}
    assert [p.name for p in tmp_path.rglob("*.csv")] == []
    assert not Path("/absolute.csv").exists()


def test_a_folder_goes_on_past_a_bad_file_and_skips_prose(tmp_path: Path) -> None:
    folder = tmp_path / "tracks"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "good.csv").write_bytes(CSV)
    (folder / "bad.csv").write_bytes(b"a,b\n1,2\n")
    (folder / "README.md").write_text("about these files")
    (folder / "LICENSE").write_text("MIT")
    (folder / ".hidden").write_bytes(CSV)
    result = read_positions([folder])
    assert [source.file for source in result.sources] == ["tracks/sub/good.csv"]
    assert [(e.file, "columns seen: a,b" in str(e)) for e in result.failures] == [("tracks/bad.csv", True)]
    assert result.skipped == (
        "tracks/.hidden: a hidden file",
        "tracks/LICENSE: not a track file",
        "tracks/README.md: not a track file",
    )


def test_prose_that_the_user_names_is_an_error(read_files) -> None:
    (error,) = read_files({"README.md": b"about these files\n"}).failures
    assert "unknown format" in str(error)


@pytest.mark.parametrize("name", ["a[1].csv", "star*.csv", "q'uo\"te.csv", "-rf.csv", "~home.csv", "new\nline.csv"])
def test_names_are_only_names(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a1.csv").write_bytes(opensky_states(FIXES[:1]))
    (tmp_path / name).write_bytes(CSV)
    monkeypatch.chdir(tmp_path)
    result = read_positions([name])
    assert [source.file for source in result.sources] == [name]
    assert len(result.positions) == len(FIXES)


def test_a_folder_name_overrides_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "icao24=ffffff"
    folder.mkdir()
    (folder / "states.csv").write_bytes(CSV)
    assert set(read_positions([folder]).positions["icao24"]) == {"f0a1b2"}


def test_a_missing_path_is_named_without_telling_where_the_user_keeps_things(tmp_path: Path) -> None:
    (error,) = read_positions([tmp_path / "nowhere.csv"]).failures
    assert error.file == "nowhere.csv"
    assert "no such file" in str(error)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (error,) = read_positions([tmp_path / "pipe"]).failures
    assert "not a regular file" in str(error)


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing.csv"
    path.write_bytes(CSV)
    read = containers.FileBytes.read

    def read_and_append(self: containers.FileBytes, size: int = -1, /) -> bytes:
        data = read(self, size)
        with path.open("ab") as file:
            file.write(b"more\n")
        return data

    monkeypatch.setattr(containers.FileBytes, "read", read_and_append)
    (error,) = read_positions([path]).failures
    assert "changed while it was read" in str(error)


def test_the_same_content_counts_once_under_all_its_names(tmp_path: Path) -> None:
    for name, data in (("b.csv", CSV), ("a.csv", CSV), ("c.csv.gz", gzip.compress(CSV, mtime=0))):
        (tmp_path / name).write_bytes(data)
    result = read_positions([tmp_path])
    (source,) = result.sources
    assert source.file == f"{tmp_path.name}/a.csv"
    assert source.other_names == (f"{tmp_path.name}/b.csv", f"{tmp_path.name}/c.csv.gz")
    assert len(result.positions) == len(FIXES)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder, fixes in (("one", FIXES), ("two", FIXES[:4])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_bytes(opensky_states(fixes))
    result = read_positions([tmp_path / "two" / "x.csv", tmp_path / "one" / "x.csv"])
    assert [source.file for source in result.sources] == ["one/x.csv", "two/x.csv"]


def test_no_output_tells_the_folder_it_was_run_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_bytes(CSV)
    monkeypatch.chdir(tmp_path)
    assert [source.file for source in read_positions(["."]).sources] == ["x.csv"]


def test_raw_deflate_is_not_taken_for_gzip() -> None:
    data = zlib.compress(CSV)
    assert gunzip(data, "x") == data


@pytest.mark.parametrize("name", ["day.tar.ab", "day.tar.gz.ac", "day.tar.part2", "day.tgz.002"])
def test_a_later_part_of_a_split_archive_says_what_to_do(name: str, read_files) -> None:
    whole = tar_of({"states.csv": CSV})
    (error,) = read_files({name: whole[700:]}).failures
    assert "perhaps a part of a split archive" in str(error)
    assert "joined in order with cat, the first one first" in str(error)
