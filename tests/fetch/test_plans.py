"""A request becomes a plan: what is asked of a source, what is wanted of it, what is said to be missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from flighttrace.errors import FlighttraceError, UsageError
from flighttrace.ingest.fetch import adsblol, airframes, flightlist, opensky_rest, opensky_states, readsb
from flighttrace.ingest.fetch.faults import FetchError
from flighttrace.ingest.fetch.model import Plan
from flighttrace.ingest.fetch.sources import Request, days_of, spans, two_at_most
from flighttrace.ingest.fetch.table import Table
from tests.fetch.fakes import ADSBLOL, FakeClient, release, zenodo

TABLE = Table()
DAY = date(2023, 9, 14)
TAG = "v2023.09.14-planes-readsb-prod-0"


def adsblol_plan(client: FakeClient, *days: date, variant: str = "prod") -> Plan:
    return adsblol.plan(Request(days=days or (DAY,), variant=variant), TABLE, client)


# -- adsb.lol


def test_a_whole_tar_is_wanted_with_size_and_digest() -> None:
    digest = "sha256:" + "a" * 64
    client = FakeClient({f"{ADSBLOL}/tags/{TAG}": release(DAY, {"": 1_700_000_000}, digest=digest)})
    plan = adsblol_plan(client)
    (wanted,) = plan.files
    assert wanted.name == f"{TAG}.tar"
    assert wanted.url == f"https://github.com/adsblol/globe_history_2023/releases/download/{TAG}/{TAG}.tar"
    assert (wanted.size_bytes, wanted.digest, wanted.day, wanted.form) == (1_700_000_000, digest, DAY, "tar")
    assert plan.missing == ()
    assert "ODbL" in plan.notes[0]


def test_parts_come_in_order_and_only_the_first_begins_as_a_tar() -> None:
    client = FakeClient({f"{ADSBLOL}/tags/{TAG}": release(DAY, {".ab": 2, ".aa": 1, ".ac": 3})})
    plan = adsblol_plan(client)
    assert [w.name[-2:] for w in plan.files] == ["aa", "ab", "ac"]
    assert [w.form for w in plan.files] == ["tar", "", ""]
    assert {w.group for w in plan.files} == {"2023-09-14"}


def test_a_gap_in_the_parts_is_missing_and_what_comes_after_it_is_left() -> None:
    client = FakeClient({f"{ADSBLOL}/tags/{TAG}": release(DAY, {".aa": 1, ".ac": 3})})
    plan = adsblol_plan(client)
    assert [w.name[-2:] for w in plan.files] == ["aa"]
    (missing,) = plan.missing
    assert (missing.what, missing.day) == ("adsblol 2023-09-14", DAY)
    assert "lacks part ab" in missing.reason


def test_a_part_that_was_never_finished_is_missing() -> None:
    held = release(DAY, {".aa": 1, ".ab": 2})
    held["assets"][0]["state"] = "starter"
    plan = adsblol_plan(FakeClient({f"{ADSBLOL}/tags/{TAG}": held}))
    assert plan.files == ()
    assert "lacks part aa" in plan.missing[0].reason


def test_names_of_a_listing_are_looked_for_and_never_taken() -> None:
    held = release(DAY, {"": 5})
    held["assets"] += [{"name": "../../etc/passwd", "size": 1}, {"name": f"{TAG}.tar/../x", "size": 1}, {"size": 2}]
    plan = adsblol_plan(FakeClient({f"{ADSBLOL}/tags/{TAG}": held}))
    assert [w.name for w in plan.files] == [f"{TAG}.tar"]
    assert "elsewhere.example" not in plan.files[0].url


def test_a_day_without_a_release_or_without_a_tar_is_missing() -> None:
    other = DAY + timedelta(days=1)
    client = FakeClient({f"{ADSBLOL}/tags/v2023.09.15-planes-readsb-prod-0": release(other, {})})
    plan = adsblol_plan(client, DAY, other)
    assert plan.files == ()
    assert [m.reason for m in plan.missing] == [
        "there is no release of this day (prod)",
        "the release holds no tar",
    ]
    assert not any(m.never_held for m in plan.missing)


def test_days_before_the_source_began_are_said_and_never_asked_for() -> None:
    client = FakeClient()
    plan = adsblol.plan(Request(days=days_of(date(2020, 9, 1), date(2020, 9, 30))), TABLE, client)
    assert client.asked == []
    (missing,) = plan.missing
    assert missing.never_held
    assert (missing.what, missing.reason) == (
        "adsblol 2020-09-01 to 2020-09-30",
        "the source begins on 2023-02-16",
    )


def test_the_last_day_of_a_year_is_looked_for_in_the_next_ones_repository() -> None:
    day, tag = date(2023, 12, 31), "v2023.12.31-planes-readsb-prod-0"
    url = f"https://api.github.com/repos/adsblol/globe_history_2024/releases/tags/{tag}"
    plan = adsblol_plan(FakeClient({url: release(day, {"": 1})}), day)
    assert "/globe_history_2024/" in plan.files[0].url


def test_many_days_are_read_from_the_list_of_the_year() -> None:
    days = days_of(date(2023, 7, 1), date(2023, 9, 18))
    releases = [release(day, {"": 10}) for day in days if day != DAY]
    more = [release(day, {"": 10}, variant="staging") for day in days]
    both = [*releases, *more]
    # the first page holds fewer than were asked for, and is not the last
    pages = {
        f"{ADSBLOL}?per_page=100&page={n + 1}": both[a:b] for n, (a, b) in enumerate([(0, 99), (99, 199), (199, 199)])
    }
    client = FakeClient(dict(pages))
    plan = adsblol_plan(client, *days)
    assert client.asked == list(pages)
    assert [w.day for w in plan.files] == [day for day in days if day != DAY]
    assert [m.what for m in plan.missing] == ["adsblol 2023-09-14"]


def test_staging_is_called_a_replica() -> None:
    tag = "v2023.09.14-planes-readsb-staging-0"
    plan = adsblol_plan(
        FakeClient({f"{ADSBLOL}/tags/{tag}": release(DAY, {"": 1}, variant="staging")}), variant="staging"
    )
    assert plan.files[0].name == f"{tag}.tar"
    assert any("replica of prod" in note and "one witness" in note for note in plan.notes)


def test_the_hourly_limit_of_github_is_told_from_a_refusal() -> None:
    url = f"{ADSBLOL}/tags/{TAG}"
    with pytest.raises(FetchError, match="60 questions an hour; run the same command again in an hour"):
        adsblol_plan(FakeClient(errors={url: FetchError("answered 403", url)}))
    with pytest.raises(FetchError, match=r"answered 500$"):
        adsblol_plan(FakeClient(errors={url: FetchError("answered 500", url)}))


@pytest.mark.parametrize("held", [[], {}, {"assets": 3}, {"assets": [3]}, None])
def test_an_answer_of_another_shape_is_an_error_of_one_line(held: Any) -> None:
    with pytest.raises(FlighttraceError, match="is no release with assets"):
        adsblol_plan(FakeClient({f"{ADSBLOL}/tags/{TAG}": held}))


# -- readsb


def test_a_trace_for_each_airframe_and_day() -> None:
    request = Request(days=(DAY,), icao24=("613133", "600864"), base="https://t.example:8443/tar1090/")
    plan = readsb.plan(request, TABLE, FakeClient())
    assert [w.url for w in plan.files] == [
        "https://t.example:8443/tar1090/globe_history/2023/09/14/traces/33/trace_full_613133.json",
        "https://t.example:8443/tar1090/globe_history/2023/09/14/traces/64/trace_full_600864.json",
    ]
    assert plan.files[0].name == "t.example-8443-77a4a9_2023-09-14_trace_full_613133.json"
    other = readsb.plan(replace(request, base="https://t.example:8443/another/"), TABLE, FakeClient())
    assert not {w.name for w in other.files} & {w.name for w in plan.files}


def test_readsb_never_falls_back_to_another_instance() -> None:
    client = FakeClient()
    with pytest.raises(UsageError, match="needs --base URL"):
        readsb.plan(Request(days=(DAY,), icao24=("613133",)), TABLE, client)
    assert client.asked == []


# -- OpenSky


def test_flights_are_asked_for_two_days_a_call() -> None:
    days = days_of(date(2020, 9, 23), date(2020, 9, 27))
    plan = opensky_rest.plan_flights(Request(days=days, icao24=("613133",)), TABLE, FakeClient())
    assert [w.name for w in plan.files] == [
        "flights_aircraft_613133_2020-09-23_2020-09-24.json",
        "flights_aircraft_613133_2020-09-25_2020-09-26.json",
        "flights_aircraft_613133_2020-09-27.json",
    ]
    for wanted in plan.files:
        begin, end = int(wanted.params["begin"]), int(wanted.params["end"])
        assert begin % 86_400 == 0
        assert 0 < end - begin < 2 * 86_400
        assert wanted.with_token


def test_an_airport_has_arrivals_and_departures() -> None:
    plan = opensky_rest.plan_flights(Request(days=(DAY,), airports=("LLOV",)), TABLE, FakeClient())
    assert [w.url.rpartition("/")[2] for w in plan.files] == ["arrival", "departure"]
    assert all(w.params["airport"] == "LLOV" for w in plan.files)
    assert any("calls" in note for note in plan.notes)


def test_tracks_older_than_thirty_days_are_said_and_never_asked_for() -> None:
    today = date(2026, 11, 25)
    client = FakeClient()
    days = (date(2026, 10, 25), date(2026, 10, 26))
    plan = opensky_rest.plan_tracks(Request(days=days, icao24=("600864",), today=today), TABLE, client)
    assert [m.what for m in plan.missing] == ["opensky-tracks 2026-10-25"]
    assert plan.missing[0].never_held
    assert len(client.asked) == 1
    assert "OpenSky lists no flight of 600864 2026-10-26: no statement that it did not fly" in plan.notes
    old = opensky_rest.plan_tracks(Request(days=(DAY,), icao24=("600864",), today=today), TABLE, FakeClient())
    assert old.files == ()


def test_the_track_of_each_listed_flight_is_wanted_once() -> None:
    today = date(2026, 11, 25)
    day = date(2026, 11, 20)
    url = "https://opensky-network.org/api/flights/aircraft?icao24=600864&begin=1795132800&end=1795219199"
    listed = [{"icao24": "600864", "firstSeen": 1_795_140_000}, {"icao24": "600864", "firstSeen": 1_795_140_000}]
    client = FakeClient({url: listed})
    plan = opensky_rest.plan_tracks(Request(days=(day,), icao24=("600864",), today=today), TABLE, client)
    (wanted,) = plan.files
    assert wanted.name == "track_600864_2026-11-20T020000Z.json"
    assert wanted.params == {"icao24": "600864", "time": "1795140060"}
    assert not any("lists no flight" in note for note in plan.notes)


def test_states_are_of_mondays() -> None:
    monday = date(2020, 9, 28)
    plan = opensky_states.plan(Request(days=(monday,), hours=(6, 7)), TABLE, FakeClient())
    assert [w.name for w in plan.files] == ["states_2020-09-28-06.csv.tar", "states_2020-09-28-07.csv.tar"]
    assert plan.files[0].url.endswith("/.2020-09-28/06/states_2020-09-28-06.csv.tar")
    assert len(plan.files[0].elsewhere) == 2
    assert opensky_states.hour_of(plan.files[1].name) * 3600 == 1_601_276_400
    none = opensky_states.plan(Request(days=(date(2020, 9, 29),)), TABLE, FakeClient())
    assert none.files == ()
    assert "Mondays" in none.missing[0].reason
    assert none.missing[0].never_held


# -- flight lists, airframes


def test_a_month_of_the_flight_list() -> None:
    name = "flightlist_20200901_20200930.csv.gz"
    client = FakeClient({"https://zenodo.org/api/records/3931948": zenodo({name: 77, "README.md": 3})})
    plan = flightlist.plan(Request(months=("2020-09", "2020-10", "2023-09")), TABLE, client)
    (wanted,) = plan.files
    assert wanted.url == f"https://zenodo.org/api/records/7923702/files/{name}/content"
    assert (wanted.size_bytes, wanted.digest) == (77, "md5:" + "0" * 32)
    assert [(m.what, m.never_held) for m in plan.missing] == [
        ("flightlist 2023-09", True),
        ("flightlist 2020-10", False),
    ]


def test_months_outside_the_lists_are_never_asked_for() -> None:
    client = FakeClient()
    assert flightlist.plan(Request(months=("2023-09",)), TABLE, client).files == ()
    assert client.asked == []
    with pytest.raises(UsageError, match="accepted: YYYY-MM"):
        flightlist.plan(Request(months=("2020-13",)), TABLE, client)


def test_the_table_of_airframes_is_named_after_the_day() -> None:
    plan = airframes.plan(Request(today=date(2026, 11, 25), variant="tar1090-db"), TABLE, FakeClient())
    assert plan.files[0].name == "airframes_tar1090-db_2026-11-25.csv.gz"


# -- days


def test_spans_and_pairs_of_days() -> None:
    one = date(2023, 9, 1)
    days = (one, one + timedelta(days=1), one + timedelta(days=2), one + timedelta(days=9))
    assert spans(days) == [(days[0], days[2]), (days[3], days[3])]
    assert list(two_at_most(days)) == [(days[0], days[1]), (days[2], days[2]), (days[3], days[3])]
    with pytest.raises(UsageError, match="lies before"):
        days_of(days[3], days[0])


@pytest.mark.parametrize(
    ("planner", "request_"),
    [
        (adsblol.plan, Request()),
        (readsb.plan, Request(base="https://t.example", days=(DAY,))),
        (opensky_rest.plan_flights, Request(days=(DAY,))),
        (opensky_rest.plan_tracks, Request(days=(DAY,))),
        (opensky_states.plan, Request()),
        (flightlist.plan, Request()),
    ],
)
def test_what_a_source_needs_is_asked_of_the_user(planner: Any, request_: Request) -> None:
    client = FakeClient()
    with pytest.raises(UsageError, match="needs"):
        planner(request_, TABLE, client)
    assert client.asked == []
