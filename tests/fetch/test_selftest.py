"""The self-test says of each source whether it answers in the shape that is expected."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flighttrace.ingest.fetch.beginnings import gunzipped
from flighttrace.ingest.fetch.faults import FetchError
from flighttrace.ingest.fetch.selftest import A_DAY, BUSY, self_test
from flighttrace.ingest.fetch.table import Table
from tests.fetch.fakes import ADSBLOL, FakeClient, a_day, release, zenodo
from tests.fetch.world import AIRFRAMES, FLIGHTLIST
from tests.ingest.archive.builders import states, tar_of

TODAY = date(2026, 11, 25)
TABLE = Table()
DAY_S = int(datetime(2023, 9, 14, tzinfo=UTC).timestamp())
FLIGHT = {"icao24": "3c6444", "firstSeen": 1_795_000_000, "lastSeen": 1_795_009_000, "callsign": "TST1    "}
TRACK = {"icao24": "3c6444", "startTime": 1, "endTime": 2, "callsign": "TST1", "path": [[1, 50.0, 8.0, 300, 0, False]]}


def documents(**changed: Any) -> dict[str, Any]:
    begin = int(datetime(2026, 11, 22, 10, tzinfo=UTC).timestamp())
    held = {
        "release": release(A_DAY, {".aa": 1, ".ab": 2}),
        "record": zenodo({"flightlist_20200901_20200930.csv.gz": 5}),
        "arrivals": [FLIGHT],
        "track": TRACK,
        "about": b"time, icao24, lat, lon, lastposupdate, lastcontact",
        "receiver": {"version": "3", "refresh": 1000},
        "tar": a_day(DAY_S, 40),
        "list": gzip.compress(FLIGHTLIST.format(day="2020-09-03", n="01").encode() * 3, mtime=0),
        "hour": tar_of({"states_2020-09-28-06.csv.gz": gzip.compress(states().encode() * 50, mtime=0)}),
        "opensky": AIRFRAMES.encode() + b'"d5b001","X-CU',
        "tar1090-db": gzip.compress(b"d5b000;X-TEST;A320;00;;;\n" * 400_000, mtime=0),
        **changed,
    }
    urls = {
        "release": f"{ADSBLOL}/tags/v2023.09.14-planes-readsb-prod-0",
        "record": "https://zenodo.org/api/records/3931948",
        "arrivals": f"https://opensky-network.org/api/flights/arrival?airport={BUSY}&begin={begin}&end={begin + 3600}",
        "track": "https://opensky-network.org/api/tracks/all?icao24=3c6444&time=1795000060",
        "about": "https://s3.opensky-network.org/data-samples/states/README.txt",
        "receiver": "https://t.example/data/receiver.json",
        "tar": "https://github.com/adsblol/globe_history_2023/releases/download/"
        "v2023.09.14-planes-readsb-prod-0/v2023.09.14-planes-readsb-prod-0.tar.aa",
        "list": "https://zenodo.org/api/records/7923702/files/flightlist_20200901_20200930.csv.gz/content",
        "hour": "https://s3.opensky-network.org/data-samples/states/.2020-09-28/06/states_2020-09-28-06.csv.tar",
        "opensky": "https://opensky-network.org/datasets/metadata/aircraftDatabase.csv",
        "tar1090-db": "https://raw.githubusercontent.com/wiedehopf/tar1090-db/csv/aircraft.csv.gz",
    }
    return {urls[name]: document for name, document in held.items() if document is not None}


def states_of(client: FakeClient, *, account: bool = True) -> dict[str, str]:
    rows = self_test(TABLE, client.ask, today=TODAY, base="https://t.example/", account=account)
    return {row.source: row.state for row in rows}


def test_all_that_answer_as_expected_are_ok() -> None:
    found = states_of(FakeClient(documents()))
    assert found == {
        "adsblol": "ok",
        "flightlist": "ok",
        "opensky-flights": "ok",
        "opensky-tracks": "ok",
        "opensky-states-sample": "ok",
        "airframes": "ok",
        "readsb": "ok",
    }


def test_without_an_account_tracks_are_not_asked_for() -> None:
    client = FakeClient(documents())
    assert states_of(client, account=False)["opensky-tracks"] == "not asked"
    assert not any("/tracks/" in url for url in client.asked)


def test_each_source_that_changed_its_shape_is_not_ok_and_the_others_are_still_asked() -> None:
    changes: dict[str, tuple[str, Any]] = {
        "release": ("adsblol", {"assets": "none"}),
        "record": ("flightlist", {"id": 1, "files": {}}),
        "arrivals": ("opensky-flights", [{"icao24": "3c6444"}]),
        "track": ("opensky-tracks", {"icao24": "3c6444"}),
        "about": ("opensky-states-sample", b"<html>moved</html>"),
        "receiver": ("readsb", {"status": "ok"}),
        "tar": ("adsblol", b"<html>moved</html>"),
        "list": ("flightlist", b"<html>moved</html>"),
        "hour": ("opensky-states-sample", tar_of({"states.csv.gz": gzip.compress(b"time,place\n1,2\n", mtime=0)})),
        "opensky": ("airframes", b"address,tail\nd5b000,X-TEST\n"),
        "tar1090-db": ("airframes", b"<html>moved</html>"),
    }
    for document, (source, changed) in changes.items():
        found = states_of(FakeClient(documents(**{document: changed})))
        assert found[source] == "not ok"
        others = {name for name, state in found.items() if state == "not ok"} - {source, "opensky-tracks"}
        assert not others, document
    for document, (source, _) in changes.items():
        assert states_of(FakeClient(documents(**{document: None})))[source] == "not ok"


def test_of_large_files_the_first_bytes_are_recognised_by_their_readers() -> None:
    rows = self_test(TABLE, FakeClient(documents()).ask, today=TODAY, base="https://t.example/", account=True)
    details = {row.source: row.detail for row in rows}
    assert "the first trace is recognised as readsb-trace-json" in details["adsblol"]
    assert "is recognised as opensky-flightlist-csv" in details["flightlist"]
    assert "the beginning of an hour is recognised as opensky-states-csv" in details["opensky-states-sample"]
    assert "opensky begins with 1 airframes" in details["airframes"]  # the cut line is none
    assert "tar1090-db begins with " in details["airframes"]


def test_a_trace_of_another_shape_and_a_tar_without_one() -> None:
    other = tar_of({"./traces/00/trace_full_d5b000.json": gzip.compress(b'{"aircraft": []}', mtime=0)})
    assert states_of(FakeClient(documents(tar=other)))["adsblol"] == "not ok"
    none = tar_of({"./acas/acas.csv.gz": b"x" * 2000})
    assert states_of(FakeClient(documents(tar=none)))["adsblol"] == "ok"


@pytest.mark.parametrize(
    "tar",
    [
        b"a".ljust(124, b"\0") + b"\x80" + b"\0" * 2 + b"\xff" * 9 + b"0" * 12 + b" " * 8 + b"0" + b"\0" * 355,
        tar_of({"x" * 200: b"y"}) * 3000,
    ],
)
def test_a_hostile_tar_is_a_row_and_no_end(tar: bytes) -> None:
    found = states_of(FakeClient(documents(hour=tar)))
    assert found["opensky-states-sample"] == "not ok"
    assert found["readsb"] == "ok"


def test_a_bomb_is_a_row_and_undone_by_its_beginning_alone() -> None:
    bomb = gzip.compress(b"0" * 64 * 1024**2, mtime=0)
    assert len(gunzipped(bomb)) == 4 * 1024**2
    assert states_of(FakeClient(documents(**{"tar1090-db": bomb})))["airframes"] == "not ok"


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", b"\x1f\x8b" + b"x" * 100, b"\n", b"\0" * 2048])
def test_empty_and_cut_beginnings_are_rows_and_no_end(data: bytes) -> None:
    changed = dict.fromkeys(("tar", "list", "hour", "opensky", "tar1090-db"), data)
    found = states_of(FakeClient(documents(**changed)))
    assert {source for source, state in found.items() if state == "not ok"} == {
        "adsblol",
        "flightlist",
        "opensky-states-sample",
        "airframes",
    }


def test_an_airport_without_a_flight_is_a_row_and_no_end() -> None:
    found = states_of(FakeClient(documents(arrivals=[])))
    assert found["opensky-tracks"] == "not ok"
    assert found["readsb"] == "ok"


def test_a_source_that_fails_is_a_row_and_no_end() -> None:
    client = FakeClient(
        documents(), errors={"https://zenodo.org/api/records/3931948": FetchError("no route", address="x")}
    )
    found = states_of(client)
    assert found["flightlist"] == "not ok"
    assert found["readsb"] == "ok"
