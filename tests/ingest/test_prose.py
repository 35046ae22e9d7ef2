"""What lies beside tracks in a folder: texts are passed over and named, a damaged track never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from flighttrace.ingest import read_positions
from flighttrace.ingest.prose import is_prose
from tests.ingest.track_samples import WRITERS, flight, opensky_states

FIXES = flight()
HEADLESS = b"\n".join(opensky_states(FIXES).splitlines()[1:])
CUT_JSON = WRITERS["readsb-trace-json"](FIXES)[:-40]
PAGE = b"<!DOCTYPE html><html><body>rate limit</body></html>"
TEXT = b"# About\n\nTracks of one day, as they were heard, with thanks.\n\nSee the list below.\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("README", TEXT),
        ("readme.md", TEXT),
        ("x/LICENSE", b"MIT License\n\nCopyright (c) 2031 somebody\n"),
        ("SOURCE.rst", b'<p align="center">logo</p>\n\n[![badge](x)](y)\n' + TEXT),
        ("NOTICE.txt", b"* `a/`: one, two, three, four and five files, all of them from the same place\n"),
        ("package.json", b'{"name": "x", "files": ["a", "b"]}'),
        ("index.html", PAGE),
        ("SHA256SUMS", b"0" * 64 + b"  states.csv\n"),
    ],
)
def test_texts_about_data_are_prose(name: str, data: bytes) -> None:
    assert is_prose(name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        *((name, HEADLESS) for name in ("notice.csv", "source.csv", "readme.txt", "citation.csv", "README", "x.md")),
        *((name, CUT_JSON) for name in ("readme.txt", "package.json", "LICENSE")),
        ("track.html", PAGE),
        ("index.html", b"<kml><Document>"),
        ("readme.txt", b"\x1f\x8b\x08\x00damaged"),
        ("readme.txt", TEXT + b"\0"),
        ("readme.txt", TEXT.replace(b"day", b"d\xe9y")),
        ("readme.txt", b"1931256000 31.0 41.0 20000\n" * 5),
        ("SHA256SUMS", HEADLESS),
        ("index.json", b'{"now": 1, "list": [{"hex": "f0a1b2", "lat": 31.0, "lon": 41.0}]}'),
        ("notes.md", TEXT),
        ("map.pdf", b"%PDF-1.4\n"),
    ],
)
def test_no_name_makes_a_text_of_what_is_none(name: str, data: bytes) -> None:
    assert not is_prose(name, data)


def test_a_folder_says_of_everything_in_it_what_became_of_it(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "tracks", tmp_path / "elsewhere"
    for made in (folder / ".cache", elsewhere):
        made.mkdir(parents=True)
    (folder / "link").symlink_to(elsewhere)
    files = {"good.csv": opensky_states(FIXES), "README.md": TEXT, "notice.csv": HEADLESS, ".hidden.csv": HEADLESS}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    for place in (folder / ".cache", elsewhere):
        (place / "other.csv").write_bytes(opensky_states(FIXES[:3]))
    result = read_positions([folder])
    assert [s.file for s in result.sources] == ["tracks/good.csv"]
    assert [e.file for e in result.failures] == ["tracks/notice.csv"]
    assert result.skipped == (
        "tracks/.cache: a hidden folder",
        "tracks/.hidden.csv: a hidden file",
        "tracks/README.md: not a track file",
        "tracks/link: a link to a folder",
    )


def test_an_empty_name_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good.csv").write_bytes(opensky_states(FIXES))
    monkeypatch.chdir(tmp_path)
    result = read_positions([""])
    assert not result.sources
    assert ["no such file or folder" in str(e) for e in result.failures] == [True]
