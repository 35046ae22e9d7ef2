"""Tables of airframes: read, put into an archive, printed beside a leg, held against the case, never evidence."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from flighttrace.errors import DamagedFileError, InputError
from flighttrace.ingest.archive.airframe_tables import has_table, listed_airframes, put_table
from flighttrace.ingest.archive.runs import create
from flighttrace.ingest.fetch.airframes import rows_of
from flighttrace.ingest.fetch.job import carry_out
from flighttrace.ingest.fetch.model import Plan, Wanted
from flighttrace.weigh.case import load_case
from flighttrace.weigh.listed_airframes import disagreements
from tests.fetch.fakes import FakeClient
from tests.ingest.archive.builders import SAMPLES

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 25)
OPENSKY = (
    '"icao24","registration","manufacturericao","model","typecode","operator"\n'
    '"","","","","",""\n'
    '"600864","4K-AZ100","ILYUSHIN","Il-76TD-90, ""VD""","IL76","Silk Way"\n'
    '"600865","","","","",""\n'
    '"not hex","X-1","","","",""\n'
)
SINGLE = "'icao24','timestamp','registration','typecode'\n'600864','2026','4K-AZ100','IL76'\n"
TAR1090 = (
    "600864;4K-AZ100;IL76;00;ILYUSHIN Il-76;;\n613133;4K-78131;IL76;10;ILYUSHIN Il-76;;Somebody's own\n000001;;;00;;;\n"
)


@pytest.mark.parametrize(
    ("which", "data", "rows"),
    [
        ("opensky", OPENSKY.encode(), [("600864", "4K-AZ100", "IL76", "Silk Way")]),
        ("opensky", b"\xef\xbb\xbf" + OPENSKY.encode(), [("600864", "4K-AZ100", "IL76", "Silk Way")]),
        ("opensky", SINGLE.encode(), [("600864", "4K-AZ100", "IL76", "")]),
        (
            "tar1090-db",
            gzip.compress(TAR1090.encode(), mtime=0),
            [("600864", "4K-AZ100", "IL76", ""), ("613133", "4K-78131", "IL76", "")],
        ),
    ],
)
def test_each_form_is_read(tmp_path: Path, which: str, data: bytes, rows: list[tuple[str, ...]]) -> None:
    (tmp_path / "table").write_bytes(data)
    assert list(rows_of(tmp_path / "table", which)) == rows


def test_a_line_of_any_size_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "table").write_bytes(gzip.compress(OPENSKY.encode() + b"x" * 50_000_000, mtime=0))
    tracemalloc.start()
    with pytest.raises(InputError, match="a line of 65,536 characters or more"):
        list(rows_of(tmp_path / "table", "opensky"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("which", "data"),
    [
        ("opensky", b"<!doctype html><html>too many requests</html>\n"),
        ("opensky", b""),
        ("opensky", OPENSKY.splitlines(keepends=True)[0].encode()),
        ("tar1090-db", b"<!doctype html><html>too many requests</html>\n"),
        ("tar1090-db", gzip.compress(TAR1090.encode(), mtime=0)[:-9]),
        ("tar1090-db", b"a;b\n" * 5000),
    ],
)
def test_what_is_no_table_is_an_error(tmp_path: Path, which: str, data: bytes) -> None:
    (tmp_path / "table").write_bytes(data)
    with pytest.raises(InputError):
        list(rows_of(tmp_path / "table", which))


def wanted(day: date = DAY) -> Wanted:
    name = f"airframes_opensky_{day}.csv"
    return Wanted("airframes", "https://opensky-network.org/t.csv", name, day=day, group="opensky", form="csv")


def test_a_table_is_brought_once_a_day_and_the_newest_stands(tmp_path: Path) -> None:
    root = tmp_path / "a"
    client = FakeClient(files={wanted().url: OPENSKY.encode()})
    done = carry_out(Plan((wanted(),)), client, archive=root, keep=None)
    assert (done.listed, done.failures, done.entries) == (1, [], [])
    sha256 = done.brought[0].sha256
    assert has_table(root, sha256)
    (listed,) = listed_airframes(root, {"600864", "600000"})["600864"]
    assert listed.text == "4K-AZ100 IL76, by opensky of 2026-11-25"
    assert len(carry_out(Plan((wanted(),)), client, archive=root, keep=None).there) == 1
    assert len(client.brought) == 1
    later = date(2026, 12, 25)
    client.files[wanted().url] = OPENSKY.replace("AZ100", "AZ999").encode()
    carry_out(Plan((wanted(later),)), client, archive=root, keep=None)
    assert [row.registration for row in listed_airframes(root, {"600864"})["600864"]] == ["4K-AZ999"]


def test_a_page_in_place_of_a_table_is_a_failure_and_the_older_table_stays(tmp_path: Path) -> None:
    root = tmp_path / "a"
    carry_out(Plan((wanted(),)), FakeClient(files={wanted().url: OPENSKY.encode()}), archive=root, keep=None)
    page = FakeClient(files={wanted().url: b"<html>\n"})
    done = carry_out(Plan((wanted(date(2026, 12, 1)),)), page, archive=root, keep=None)
    assert len(done.failures) == 1
    assert listed_airframes(root, {"600864"})["600864"][0].day == DAY


def test_a_changed_table_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "a"
    create(root)
    put_table(root, "opensky", DAY, "a" * 64, [("600864", "4K-AZ100", "IL76", "")])
    (path,) = (root / "identity").iterdir()
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedFileError, match="cannot be read"):
        listed_airframes(root, {"600864"})


def test_a_case_that_says_otherwise_is_held_against_the_table(tmp_path: Path) -> None:
    root = tmp_path / "a"
    create(root)
    rows = [
        ("600864", "4KAZ100", "IL76", ""),
        ("600828", "4K-OTHER", "B744", ""),
        ("738a86", "4X-FBA", "C130", ""),
    ]
    put_table(root, "opensky", DAY, "a" * 64, rows)
    lines = disagreements(load_case("ovda-karabakh"), listed_airframes(root, {row[0] for row in rows}))
    assert len(lines) == 2
    assert all("600828" in line for line in lines)
    assert "the case states registration 4K-AZ40" in lines[0]
    assert "4K-OTHER" in lines[0]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flighttrace", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "COLUMNS": "400"},
    )


def test_a_query_prints_it_beside_the_leg_and_nothing_else_changes(tmp_path: Path) -> None:
    root = tmp_path / "a"
    made = run("ingest", str(SAMPLES / "readsb"), "--archive", str(root))
    assert made.returncode == 0, made.stderr
    words = ("query", "--archive", str(root), "--case", "sample_tracks/case.yaml")
    bare, before = run(*words), run(*words, "--json")
    legs = json.loads(before.stdout)["legs"]
    addresses = sorted({leg["icao24"] for leg in legs if leg["icao24"]})
    assert addresses
    put_table(root, "opensky", DAY, "a" * 64, [(a, "X-TEST", "TEST", "") for a in addresses])
    assert run(*words, "--json").stdout == before.stdout
    named = run(*words).stdout
    assert "X-TEST TEST, by opensky of 2026-11-25" in named
    assert "X-TEST" not in bare.stdout
