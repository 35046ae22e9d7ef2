"""The self-test says of each source whether it answers in the shape that is expected."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flighttrace.ingest.fetch.faults import FetchError
from flighttrace.ingest.fetch.selftest import A_DAY, BUSY, self_test
from flighttrace.ingest.fetch.table import Table
from tests.fetch.fakes import ADSBLOL, FakeClient, release, zenodo

TODAY = date(2026, 11, 25)
TABLE = Table()
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
        **changed,
    }
    urls = {
        "release": f"{ADSBLOL}/tags/v2023.09.14-planes-readsb-prod-0",
        "record": "https://zenodo.org/api/records/3931948",
        "arrivals": f"https://opensky-network.org/api/flights/arrival?airport={BUSY}&begin={begin}&end={begin + 3600}",
        "track": "https://opensky-network.org/api/tracks/all?icao24=3c6444&time=1795000060",
        "about": "https://s3.opensky-network.org/data-samples/states/README.txt",
        "receiver": "https://t.example/data/receiver.json",
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
        "airframes": "not asked",
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
    }
    for document, (source, changed) in changes.items():
        found = states_of(FakeClient(documents(**{document: changed})))
        assert found[source] == "not ok"
        others = {name for name, state in found.items() if state == "not ok"} - {source, "opensky-tracks"}
        assert not others, document
    for document, (source, _) in changes.items():
        assert states_of(FakeClient(documents(**{document: None})))[source] == "not ok"


def test_a_source_that_fails_is_a_row_and_no_end() -> None:
    client = FakeClient(
        documents(), errors={"https://zenodo.org/api/records/3931948": FetchError("no route", address="x")}
    )
    found = states_of(client)
    assert found["flightlist"] == "not ok"
    assert found["readsb"] == "ok"
