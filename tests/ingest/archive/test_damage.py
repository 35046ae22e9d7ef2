"""A flipped bit is an error that names the file, never a wrong answer; bombs and absurd tars meet a stated limit."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from pathlib import Path

import pandas as pd
import pytest

from flighttrace.errors import DamagedFileError, LocatedError
from flighttrace.ingest.archive import positions_table
from flighttrace.ingest.archive.intake import Settings
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import ingested, release, states, tar_of, trace, tree

KEYS = ["d5b002", "d5c003"]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(positions_table, "ROW_GROUP_ROWS", 64)
    (tmp_path / "a.csv").write_text(states(900))
    (tmp_path / "d.tar").write_bytes(release())
    ingested(tmp_path / "archive", tmp_path / "a.csv", tmp_path / "d.tar")
    return tmp_path / "archive"


def answer(root: Path) -> pd.DataFrame:
    view = open_archive(root)
    view.presence_files()
    return view.read(KEYS).positions


def test_a_hundred_flipped_bits(archive: Path) -> None:
    chance, expected = random.Random(100), answer(archive)
    files = sorted([*(archive / "positions").rglob("*.parquet"), *(archive / "presence").rglob("*.parquet")])
    named = []
    for _ in range(100):
        file = chance.choice(files)
        good = file.read_bytes()
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        file.write_bytes(bad)
        try:
            pd.testing.assert_frame_equal(answer(archive), expected)  # the flip lies in what was not read
        except DamagedFileError as error:
            named.append((error.file, file.relative_to(archive).as_posix()))
        faults, _, _ = verify_archive(archive)
        assert [fault.file for fault in faults] == [file.relative_to(archive).as_posix()]
        file.write_bytes(good)
    assert len(named) > 50
    assert all(told == true for told, true in named)
    pd.testing.assert_frame_equal(answer(archive), expected)


def test_a_missing_or_cut_data_file_is_an_error_that_names_it(archive: Path) -> None:
    file = sorted((archive / "positions").rglob("*.parquet"))[0]
    good = file.read_bytes()
    for bad in (good[:-20], good[:50], b""):
        file.write_bytes(bad)
        with pytest.raises(DamagedFileError, match=file.name):
            open_archive(archive).read()
    file.unlink()
    with pytest.raises(DamagedFileError, match="is not there"):
        open_archive(archive).read()


def failure(folder: Path, data: bytes, settings: Settings | None = None) -> LocatedError:
    file = folder / "input"
    file.write_bytes(data)
    report = ingested(folder / "archive", file, settings=settings)
    (found,) = report.failures
    assert set(tree(folder / "archive", without=("incoming", "manifest"))) == {"archive.json"}
    return found


def test_a_gzip_bomb_meets_the_ratio(tmp_path: Path) -> None:
    data = gzip.compress(bytes(80 * 1024**2), mtime=0)
    assert "decompress to more than" in str(failure(tmp_path, data))


def test_gzip_in_gzip_in_gzip(tmp_path: Path) -> None:
    data = states().encode()
    for _ in range(3):
        data = gzip.compress(data, mtime=0)
    assert "compressed more than 2 times" in str(failure(tmp_path, data))


def test_the_limit_of_one_content(tmp_path: Path) -> None:
    settings = Settings(max_content_bytes=5000)
    data = gzip.compress(trace("d5c001", 400), mtime=0)
    assert "decompresses to more than 5000 bytes" in str(failure(tmp_path, data, settings))


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flighttrace.ingest.containers.MAX_TAR_MEMBERS", 5)
    assert "holds more than 5 members" in str(failure(tmp_path, release()))


def test_a_member_that_claims_to_be_huge(tmp_path: Path) -> None:
    data = io.BytesIO()
    info = tarfile.TarInfo("traces/01/trace_full_d5c001.json")
    info.size = 1 << 40
    data.write(info.tobuf() + bytes(1024))
    assert "breaks off after 1 members" in str(failure(tmp_path, data.getvalue()))


def test_names_of_members_are_never_paths(tmp_path: Path) -> None:
    body = trace("d5c001")
    data = io.BytesIO(
        tar_of({"../../evil.json": body, "/etc/evil.json": body, "traces/01/trace_full_d5c001.json": body})
    )
    data.seek(0, io.SEEK_END)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    file = tmp_path / "deep" / "er" / "d.tar"
    with tarfile.open(fileobj=(made := io.BytesIO()), mode="w") as tar:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "../../evil.json"
            tar.addfile(info)
        with tarfile.open(fileobj=io.BytesIO(data.getvalue())) as given:
            for member in given:
                tar.addfile(member, given.extractfile(member))
    file.write_bytes(made.getvalue())
    root = tmp_path / "deep" / "archive"
    assert not ingested(root, file).failures
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and root not in path.parents and path != file]
    assert outside == []
    assert open_archive(root).read().sources[0].accounting.skipped == {"links and devices": 3}
