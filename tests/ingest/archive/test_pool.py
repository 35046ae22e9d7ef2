"""Several processes side by side: what one of them says arrives, and none of them outlives the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from flighttrace.errors import DamagedFileError, UnknownFormatError
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import ingested, release, states, tree


def test_failures_are_told_from_process_to_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flighttrace.ingest.archive.runs.POOL_FROM_BYTES", 0)
    (tmp_path / "a.csv").write_text(states())
    (tmp_path / "b.csv").write_text("no,such,format\n1,2,3\n")
    (tmp_path / "c.tar").write_bytes(release()[:9000])
    files = [tmp_path / name for name in ("a.csv", "b.csv", "c.tar")]
    pool = ingested(tmp_path / "pool", *files, processes=2)
    one = ingested(tmp_path / "one", *files)
    assert [type(failure) for failure in pool.failures] == [UnknownFormatError, DamagedFileError]
    assert [str(failure) for failure in pool.failures] == [str(failure) for failure in one.failures]
    assert tree(tmp_path / "pool") == tree(tmp_path / "one")
    assert len(open_archive(tmp_path / "pool").read().positions)
