"""What the tests of ingest share: files made of bytes, read through the front door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flighttrace.ingest import read_positions
from flighttrace.positions import Ingested

ReadFiles = Callable[..., Ingested]


@pytest.fixture
def read_files(tmp_path: Path) -> ReadFiles:
    """`read_files({"a.csv": b"..."}, **options)`: writes the files and reads them, each named by itself."""

    def run(files: dict[str, bytes], **options: Any) -> Ingested:
        paths = []
        for name, data in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            paths.append(path)
        return read_positions(paths, **options)

    return run
