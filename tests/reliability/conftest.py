"""Inputs that are shared by all of these tests, and what an undisturbed ingest of them gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.archive.builders import START_S, ingested, release, states, tree

DAY_S = 86_400


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two days of state vectors over midnight, a release and its parts, a file that fails."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "a.csv").write_text(states(900, start_s=START_S + DAY_S - 600))
    (folder / "b.csv").write_text(states(300, seed=2))
    (folder / "bad.csv").write_text("no,such,format\n1,2,3\n")
    data = release()
    (folder / "v1.tar").write_bytes(data)
    (folder / "v2.tar.aa").write_bytes(release(7)[:9000])
    (folder / "v2.tar.ab").write_bytes(release(7)[9000:])
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def undisturbed(inputs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("undisturbed") / "archive"
    ingested(root, *inputs)
    return tree(root)
