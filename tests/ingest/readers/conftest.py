"""What the tests of the JSON, KML and Parquet readers share."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flighttrace.ingest.records import Content, Reader, ReadOptions, Records
from flighttrace.ingest.table import Part, Rows, convert

REAL_TRACKS = Path(__file__).parents[4] / "shared" / "real_tracks"


@pytest.fixture
def real() -> Callable[[str], Content]:
    """A real file as content, gunzipped by its magic bytes; the test is skipped where the folder is not there."""

    def load(name: str) -> Content:
        if not REAL_TRACKS.is_dir():
            pytest.skip("../shared/real_tracks is not there")
        data = (REAL_TRACKS / name).read_bytes()
        return Content(name, gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)

    return load


@pytest.fixture
def real_names() -> Callable[[str], list[str]]:
    """The names under real_tracks that a pattern finds."""

    def find(pattern: str) -> list[str]:
        if not REAL_TRACKS.is_dir():
            pytest.skip("../shared/real_tracks is not there")
        return sorted(str(path.relative_to(REAL_TRACKS)) for path in REAL_TRACKS.glob(pattern))

    return find


@pytest.fixture
def as_json() -> Callable[[Any], Content]:
    """A value as JSON content."""
    return lambda value: Content("made.json", json.dumps(value).encode())


@pytest.fixture
def as_text() -> Callable[[str], Content]:
    """A text as content."""
    return lambda text: Content("made.txt", text.encode())


@pytest.fixture
def read() -> Callable[[Reader, Content], Records]:
    """The records of a content that the reader recognises."""

    def read_recognised(reader: Reader, content: Content) -> Records:
        assert reader.recognises(content)
        return reader.read(content, ReadOptions())

    return read_recognised


@pytest.fixture
def rows(read: Callable[[Reader, Content], Records]) -> Callable[[Reader, Content], Rows]:
    """The canonical rows of a content, its accounting checked."""

    def converted(reader: Reader, content: Content) -> Rows:
        result = convert([Part(content.file, read(reader, content))], zone=None)
        result.accounting.check(content.file)
        return result

    return converted
