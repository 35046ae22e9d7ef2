"""A plan carried out with a client without a network: custody, the archive, what is missing, going on after a stop."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest

from flighttrace.errors import UsageError
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.lacks import failed_inputs
from flighttrace.ingest.archive.origins import origins_in, records_of
from flighttrace.ingest.archive.verify import verify_archive
from flighttrace.ingest.archive.view import open_archive
from flighttrace.ingest.fetch.faults import FetchError, NotAccepted, NotReached, QuotaReached
from flighttrace.ingest.fetch.job import Done, carry_out
from flighttrace.ingest.fetch.model import Missing, Plan, Wanted
from tests.fetch.fakes import FakeClient, a_day
from tests.ingest.archive.builders import START_S, states, tar_of, trace

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.fromtimestamp(START_S, UTC).date()
TAR = f"v{DAY:%Y.%m.%d}-planes-readsb-prod-0.tar"
URL = "https://github.com/adsblol/x/"
HOUR = f"states_{DAY}-00.csv.tar"
HOUR_URL = f"https://s3.opensky-network.org/data-samples/states/.{DAY}/00/{HOUR}"


def day_of(*names: str) -> Plan:
    files = [
        Wanted("adsblol", URL + name, name, day=DAY, group=str(DAY), form="tar" if number == 0 else "")
        for number, name in enumerate(names)
    ]
    return Plan(tuple(files))


def an_hour(name: str = HOUR, url: str = HOUR_URL, elsewhere: tuple[str, ...] = ()) -> Plan:
    return Plan((Wanted("opensky-states-sample", url, name, day=DAY, form="tar", elsewhere=elsewhere),))


def hour_tar(text: str) -> bytes:
    inside = HOUR.removesuffix(".tar")
    return tar_of({f"{inside}.gz": gzip.compress(text.encode(), mtime=0), "README.txt": b"OpenSky Data Sample\n" * 9})


def query(archive: Path) -> subprocess.CompletedProcess[str]:
    words = [
        "query",
        "--archive",
        str(archive),
        "--case",
        "sample_tracks/case.yaml",
        "--from",
        str(DAY),
        "--to",
        str(DAY),
    ]
    return subprocess.run(
        [sys.executable, "-m", "flighttrace", *words], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def lacks(archive: Path) -> list[str]:
    return [str(lack) for lack in open_archive(archive).lacking()]


def hashes(archive: Path) -> dict[str, bytes]:
    """Everything but what knows the clock: the custody records and the work folder."""
    return {
        str(path.relative_to(archive)): path.read_bytes()
        for path in sorted(archive.rglob("*"))
        if path.is_file() and "custody" not in path.parts and "incoming" not in path.parts
    }


def test_a_day_goes_into_the_archive_with_its_custody_and_nothing_is_left_behind(tmp_path: Path) -> None:
    data = a_day(START_S)
    done = carry_out(day_of(TAR), FakeClient(files={URL + TAR: data}), archive=tmp_path / "a", keep=None)
    (entry,) = done.entries
    assert entry.label == TAR
    assert entry.accounting.accepted == 3 * 256
    assert entry.incomplete == ""
    (record,) = records_of(tmp_path / "a", entry.sha256)
    assert record["url_asked"] == URL + TAR
    assert lacks(tmp_path / "a") == []
    assert not (tmp_path / "a" / "incoming" / "fetch").exists()
    assert verify_archive(tmp_path / "a")[0] == []


def test_keeping_the_originals_changes_no_byte_of_the_archive(tmp_path: Path) -> None:
    data = a_day(START_S)
    parts = {
        f"{URL}{TAR}.a{letter}": data[at : at + 70_000]
        for letter, at in zip("abcdefghij", range(0, len(data), 70_000), strict=False)
    }
    names = [url.removeprefix(URL) for url in parts]
    assert len(names) > 1
    carry_out(day_of(*names), FakeClient(files=parts), archive=tmp_path / "a", keep=None)
    carry_out(day_of(*names), FakeClient(files=parts), archive=tmp_path / "b", keep=tmp_path / "kept")
    carry_out(day_of(*names), FakeClient(files=parts), archive=None, keep=tmp_path / "only")
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    again = carry_out(day_of(*names), FakeClient(files=parts), archive=tmp_path / "b", keep=tmp_path / "kept")
    assert ([c.name for c in again.whole], again.brought) == (names, [])
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    for name in names:
        assert (tmp_path / "kept" / name).read_bytes() == (tmp_path / "only" / name).read_bytes() == parts[URL + name]
        assert (tmp_path / "kept" / f"{name}.custody.json").exists()
    entry = next(iter(manifest.entries(tmp_path / "a")))
    assert [name for name, _ in entry.parts] == names
    assert {record["name"] for record in origins_in(tmp_path / "a")} == set(names)


def test_what_is_in_the_archive_is_not_brought_again(tmp_path: Path) -> None:
    client = FakeClient(files={URL + TAR: a_day(START_S)})
    carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    before = hashes(tmp_path / "a")
    again = carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    assert client.brought == [URL + TAR]
    assert [w.name for w in again.there] == [TAR]
    assert hashes(tmp_path / "a") == before


def test_another_size_or_digest_or_address_is_brought_again(tmp_path: Path) -> None:
    data = a_day(START_S)
    client = FakeClient(files={URL + TAR: data, "https://mirror.example/" + TAR: data})
    carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    wanted = day_of(TAR).files[0]
    for changed in (replace(wanted, size_bytes=1), replace(wanted, url="https://mirror.example/" + TAR)):
        client.brought.clear()
        carry_out(Plan((changed,)), client, archive=tmp_path / "a", keep=None, replace_changed=True)
        assert client.brought == [changed.url]


def test_a_changed_file_is_refused_without_replace_and_taken_with_it(tmp_path: Path) -> None:
    carry_out(day_of(TAR), FakeClient(files={URL + TAR: a_day(START_S)}), archive=tmp_path / "a", keep=None)
    plan = Plan((replace(day_of(TAR).files[0], size_bytes=7),))
    other = a_day(START_S + 600)
    changed = FakeClient(files={URL + TAR: other, URL + "moved": other})
    for known in (plan, Plan((replace(plan.files[0], size_bytes=None, url=URL + "moved"),))):
        refused = carry_out(known, changed, archive=tmp_path / "a", keep=None)
        assert len(refused.failures) == 1
        assert "--replace" in refused.failures[0]
    assert changed.brought == [URL + "moved"]
    taken = carry_out(plan, changed, archive=tmp_path / "a", keep=None, replace_changed=True)
    assert taken.failures == []
    assert len(list(manifest.entries(tmp_path / "a"))) == 1


# -- what is not whole


def test_fewer_than_256_trace_folders_reach_every_later_query(tmp_path: Path) -> None:
    client = FakeClient(files={URL + TAR: a_day(START_S, folders=122)})
    done = carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    said = f"adsblol {DAY}: holds traces of 122 of 256 address groups: tracks of the rest are missing"
    assert done.failures == [said]
    asked = query(tmp_path / "a")
    assert asked.returncode == 0, asked.stderr
    assert f"the archive lacks: {said}" in asked.stderr
    again = carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    assert again.failures == [said]
    assert len(client.brought) == 1
    whole = carry_out(
        Plan((replace(day_of(TAR).files[0], size_bytes=9),)),
        FakeClient(files={URL + TAR: a_day(START_S)}),
        archive=tmp_path / "a",
        keep=None,
        replace_changed=True,
    )
    assert whole.failures == []
    assert lacks(tmp_path / "a") == []


def test_a_missing_release_reaches_every_later_query(tmp_path: Path) -> None:
    other = date(2031, 10, 5)
    missing = Missing("adsblol", f"adsblol {other}", "there is no release of this day (prod)", other)
    plan = Plan(day_of(TAR).files, (missing,))
    carry_out(plan, FakeClient(files={URL + TAR: a_day(START_S)}), archive=tmp_path / "a", keep=None)
    assert (
        "the archive lacks: adsblol 2031-10-05: there is no release of this day (prod)" in query(tmp_path / "a").stderr
    )


def test_days_that_a_source_never_held_are_said_and_no_lack_of_the_archive(tmp_path: Path) -> None:
    missing = Missing("adsblol", "adsblol 2020-09-24", "the source begins on 2023-02-16", never_held=True)
    done = carry_out(Plan((), (missing,)), FakeClient(), archive=tmp_path / "a", keep=None)
    assert done.missing == [missing]
    assert failed_inputs(tmp_path / "a") == []


def test_a_part_that_is_listed_and_not_there_leaves_the_day_incomplete(tmp_path: Path) -> None:
    data = a_day(START_S)
    names = [f"{TAR}.aa", f"{TAR}.ab", f"{TAR}.ac"]
    third = len(data) // 3
    files = {URL + names[0]: data[:third], URL + names[2]: data[2 * third :]}
    done = carry_out(day_of(*names), FakeClient(files=files), archive=tmp_path / "a", keep=None)
    assert [m.reason for m in done.missing] == [f"{TAR}.ab: the source does not hold it"]
    said = "\n".join(lacks(tmp_path / "a"))
    assert f"adsblol {DAY}: {TAR}.ab: the source does not hold it; holds traces of" in said
    assert f"part {TAR}.ab of the split archive is missing" in said
    assert "the archive lacks: adsblol" in query(tmp_path / "a").stderr


def test_a_gap_that_the_plan_knows_stays_when_the_rest_is_taken_in(tmp_path: Path) -> None:
    data = a_day(START_S)
    missing = Missing("adsblol", f"adsblol {DAY}", "the release lacks part ab of the tar", DAY)
    plan = Plan(day_of(f"{TAR}.aa").files, (missing,))
    files = {f"{URL}{TAR}.aa": data[: len(data) // 2]}
    for _ in range(2):
        carry_out(plan, FakeClient(files=files), archive=tmp_path / "a", keep=None)
        said = "\n".join(lacks(tmp_path / "a"))
        assert f"adsblol {DAY}: the release lacks part ab of the tar; holds traces of" in said
        assert "is not whole: the tar has no end mark" in said


def test_a_gap_stays_said_where_all_trace_folders_came_before_it(tmp_path: Path) -> None:
    data = a_day(START_S)
    files = {f"{URL}{TAR}.aa": data[:-2048]}
    done = carry_out(day_of(f"{TAR}.aa", f"{TAR}.ab"), FakeClient(files=files), archive=tmp_path / "a", keep=None)
    assert done.entries[0].accounting.flags == ()
    assert f"adsblol {DAY}: {TAR}.ab: the source does not hold it" in lacks(tmp_path / "a")


def test_a_damaged_tar_is_a_lack_and_its_original_is_not_kept_for_the_next_run(tmp_path: Path) -> None:
    client = FakeClient(files={URL + TAR: b"\x1f\x8bnot gzip" * 40})
    done = carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    assert len(done.failures) == 1
    assert done.failures[0].startswith(TAR)
    assert any(str(lack).startswith(TAR) for lack in failed_inputs(tmp_path / "a"))
    carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    assert len(client.brought) == 2


def test_the_day_of_another_day_is_no_day(tmp_path: Path) -> None:
    client = FakeClient(files={URL + TAR: a_day(START_S + 86_400)})
    done = carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None)
    assert done.failures == [f"adsblol {DAY}: holds no position of {DAY}"]


def test_an_hour_with_rows_is_whole(tmp_path: Path) -> None:
    client = FakeClient(files={HOUR_URL: hour_tar(states())})
    done = carry_out(an_hour(), client, archive=tmp_path / "a", keep=None)
    assert done.failures == []
    assert done.entries[0].accounting.accepted > 300
    assert lacks(tmp_path / "a") == []


@pytest.mark.parametrize("text", [states(0), states(start_s=START_S + 7200)])
def test_an_hour_without_rows_reaches_every_later_query(tmp_path: Path, text: str) -> None:
    carry_out(day_of(TAR), FakeClient(files={URL + TAR: a_day(START_S)}), archive=tmp_path / "a", keep=None)
    done = carry_out(an_hour(), FakeClient(files={HOUR_URL: hour_tar(text)}), archive=tmp_path / "a", keep=None)
    said = f"opensky-states-sample {HOUR}: holds no position of the hour that it is named after"
    assert done.failures == [said]
    assert f"the archive lacks: {said}" in query(tmp_path / "a").stderr


def test_an_hour_is_looked_for_at_each_of_its_addresses(tmp_path: Path) -> None:
    other = "https://opensky-network.org/datasets/states/x"
    client = FakeClient(files={other: hour_tar(states())})
    plan = an_hour(elsewhere=("https://s3.example/none", other))
    done = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert client.brought == [HOUR_URL, "https://s3.example/none", other]
    assert done.missing == []
    again = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert len(again.there) == 1
    none = carry_out(an_hour(HOUR.replace("-00", "-01")), FakeClient(), archive=tmp_path / "a", keep=None)
    assert len(none.missing) == 1
    assert any("states_" in str(lack) for lack in failed_inputs(tmp_path / "a"))


# -- stops


def test_a_part_that_does_not_come_leaves_the_rest_to_be_taken_up_later(tmp_path: Path) -> None:
    data = a_day(START_S)
    names = [f"{TAR}.aa", f"{TAR}.ab"]
    files = {URL + names[0]: data[:90_000], URL + names[1]: data[90_000:]}
    client = FakeClient(files=files, errors={URL + names[1]: FetchError("the connection was cut", address="x")})
    done = carry_out(day_of(*names), client, archive=tmp_path / "a", keep=None)
    assert done.entries == []
    assert len(done.failures) == 1
    assert (tmp_path / "a" / "incoming" / "fetch" / names[0]).exists()
    assert any("the connection was cut" in lack for lack in lacks(tmp_path / "a"))
    done = carry_out(day_of(*names), client, archive=tmp_path / "a", keep=None)
    assert done.failures == []
    assert lacks(tmp_path / "a") == []
    assert not (tmp_path / "a" / "incoming" / "fetch").exists()


def flights(*names: str) -> tuple[Wanted, ...]:
    return tuple(Wanted("opensky-flights", f"https://opensky-network.org/{n}", n, form="json") for n in names)


LISTED = [{"icao24": "d5b000", "firstSeen": START_S, "lastSeen": START_S + 9000, "callsign": "SIM000  "}]


def listed(number: int) -> bytes:
    return orjson.dumps([{**LISTED[0], "firstSeen": START_S + number, "simulated": True}])


def test_a_quota_stops_the_run_and_what_came_before_is_taken_in(tmp_path: Path) -> None:
    plan = Plan(flights("a.json", "b.json", "c.json"))
    client = FakeClient(
        files={w.url: listed(n) for n, w in enumerate(plan.files)},
        errors={plan.files[1].url: QuotaReached("the quota is used up", "x", datetime(2031, 1, 1, tzinfo=UTC))},
    )
    done = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert "the quota is used up" in done.stopped
    assert [e.label for e in done.entries] == ["a.json"]
    assert plan.files[2].url not in client.brought
    unsaid = [str(lack) for lack in lacks(tmp_path / "a")]
    assert len(unsaid) == 2
    assert all("did not come so far" in lack for lack in unsaid)
    again = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert [w.name for w in again.there] == ["a.json"]
    assert sorted(e.label for e in again.entries) == ["b.json", "c.json"]
    assert lacks(tmp_path / "a") == []


def test_a_source_that_is_down_ends_the_run_early_and_one_that_stumbles_does_not(tmp_path: Path) -> None:
    names = [f"{n}.json" for n in range(7)]
    plan = Plan(flights(*names))
    urls = [w.url for w in plan.files]
    down = {url: NotReached("no connection could be made", "x") for url in urls}
    client = FakeClient(errors=down)
    done = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert client.brought == urls[:3]
    assert "3 files in a row did not come" in done.stopped
    assert len(done.failures) == 3
    assert len(lacks(tmp_path / "a")) == 7  # those not tried are lacking, too

    stumbling = FakeClient(
        files={url: listed(n) for n, url in enumerate(urls)},
        errors={urls[n]: NotReached("answered 500 (tried 6 times)", "x") for n in (0, 1, 3, 4)},
    )
    done = carry_out(plan, stumbling, archive=tmp_path / "b", keep=None)
    assert (done.stopped, len(done.failures), len(done.entries)) == ("", 4, 3)


def test_answers_that_refuse_some_files_do_not_keep_the_others_away(tmp_path: Path) -> None:
    plan = Plan(flights(*(f"{n}.json" for n in range(7))))
    urls = [w.url for w in plan.files]
    client = FakeClient(
        files={url: listed(n) for n, url in enumerate(urls)},
        errors={url: FetchError("answered 403", "x") for url in urls[:4]},
    )
    done = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert (done.stopped, len(done.failures), len(done.entries)) == ("", 4, 3)


def test_a_refused_account_ends_the_run_at_once(tmp_path: Path) -> None:
    plan = Plan(flights("a.json", "b.json"))
    client = FakeClient(errors={plan.files[0].url: NotAccepted("the account's id and secret are not accepted", "x")})
    done = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert client.brought == [plan.files[0].url]
    assert "are not accepted" in done.stopped
    assert len(lacks(tmp_path / "a")) == 2


def test_a_list_without_flights_is_no_lack_and_no_input(tmp_path: Path) -> None:
    plan = Plan(flights("a.json", "b.json"))
    client = FakeClient(files={plan.files[0].url: b"[]"})
    done = carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert [w.name for w in done.nothing] == ["a.json", "b.json"]
    assert (done.entries, done.failures, done.missing) == ([], [], [])
    assert lacks(tmp_path / "a") == []
    cut = FakeClient(errors={plan.files[0].url: FetchError("the connection was cut", "x")})
    carry_out(plan, cut, archive=tmp_path / "a", keep=None)
    assert len(lacks(tmp_path / "a")) == 1
    carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert lacks(tmp_path / "a") == []


def test_small_files_are_taken_in_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flighttrace.ingest.fetch import job

    calls: list[int] = []
    taking = job.take_in

    def counted(root: Path, inputs: Sequence[object], *more: object, **options: object) -> object:
        calls.append(len(inputs))
        return taking(root, inputs, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "take_in", counted)
    plan = Plan(flights(*(f"{n:03d}.json" for n in range(70))))
    files = {w.url: listed(n) for n, w in enumerate(plan.files)}
    done = carry_out(plan, FakeClient(files=files), archive=tmp_path / "a", keep=None)
    assert len(done.entries) == 70
    assert calls == [64, 6]


def test_one_folder_is_for_one_run_at_a_time(tmp_path: Path) -> None:
    class Nested(FakeClient):
        def bring(self, wanted: Wanted, folder: Path):  # type: ignore[no-untyped-def]
            with pytest.raises(UsageError, match="another fetch is at work"):
                carry_out(day_of(TAR), FakeClient(), archive=tmp_path / "a", keep=None)
            return super().bring(wanted, folder)

    client = Nested(files={URL + TAR: a_day(START_S)})
    assert carry_out(day_of(TAR), client, archive=tmp_path / "a", keep=None).failures == []


def test_files_have_to_go_somewhere() -> None:
    with pytest.raises(UsageError, match="name where the files go"):
        carry_out(Plan(), FakeClient(), archive=None, keep=None)


# -- custody


def made(tmp_path: Path) -> Done:
    return carry_out(day_of(TAR), FakeClient(files={URL + TAR: a_day(START_S)}), archive=tmp_path / "a", keep=None)


def test_the_list_of_an_archive_shows_where_its_inputs_came_from(tmp_path: Path) -> None:
    made(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "flighttrace", "archive", "list", str(tmp_path / "a"), "--json"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    (entry,) = json.loads(done.stdout)
    (custody,) = entry["custody"]
    assert custody["url_asked"] == URL + TAR
    assert custody["sha256"] == entry["sha256"]


def test_a_view_knows_the_origin_of_its_sources(tmp_path: Path) -> None:
    done = made(tmp_path)
    (source,) = open_archive(tmp_path / "a").read().sources
    assert source.origin == ((URL + TAR, "2031-10-07T00:00:00Z", done.entries[0].sha256),)


def test_a_changed_record_of_custody_is_a_fault_that_verify_names(tmp_path: Path) -> None:
    sha256 = made(tmp_path).entries[0].sha256
    path = tmp_path / "a" / "manifest" / "custody" / f"{sha256}.json"
    path.write_bytes(path.read_bytes().replace(sha256[:8].encode(), b"00000000"))
    faults, _, _ = verify_archive(tmp_path / "a")
    assert [fault.file for fault in faults] == [f"manifest/custody/{sha256}.json"]
    assert open_archive(tmp_path / "a").read().sources[0].origin == ()


TRACE = "https://t.example/tar1090/trace.json"


def a_trace(icao24: str = "d5c001", start_s: int = START_S, points: int = 60) -> bytes:
    return gzip.compress(trace(icao24, points, start_s=start_s), mtime=0)


def trace_of(day: date = DAY, url: str = TRACE) -> Plan:
    name = f"t.example-77a4a9_{day}_trace_full_d5c001.json"
    return Plan((Wanted("readsb", url, name, day=day, until=day),))


def test_the_trace_of_another_airframe_or_day_is_no_answer(tmp_path: Path) -> None:
    for name, data, said in (
        ("other", a_trace("d5c0ff"), "another airframe than d5c001"),
        ("later", a_trace(start_s=START_S + 40 * 86_400), f"holds no position of {DAY}"),
    ):
        done = carry_out(trace_of(), FakeClient(files={TRACE: data}), archive=tmp_path / name, keep=None)
        assert any(said in failure for failure in done.failures), name
        assert any(said in lack for lack in lacks(tmp_path / name)), name
    done = carry_out(trace_of(), FakeClient(files={TRACE: a_trace()}), archive=tmp_path / "good", keep=None)
    assert done.failures == lacks(tmp_path / "good") == []


def test_what_was_brought_before_its_day_was_over_is_lacking_and_brought_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "a"
    early = FakeClient(files={TRACE: a_trace(points=30)}, utc=f"{DAY}T12:00:00Z")
    carry_out(trace_of(), early, archive=archive, keep=None)
    (lack,) = lacks(archive)
    assert f"before {DAY} was over" in lack
    later = FakeClient(files={TRACE: a_trace(points=60)})
    done = carry_out(trace_of(), later, archive=archive, keep=None, replace_changed=True)
    assert later.brought == [TRACE]
    assert done.entries[0].accounting.records == 60
    assert lacks(archive) == []
    again = FakeClient(files={TRACE: a_trace(points=60)})
    assert carry_out(trace_of(), again, archive=archive, keep=None).there
    assert again.brought == []


def test_a_day_that_did_not_grow_is_brought_twice_and_no_more(tmp_path: Path) -> None:
    archive = tmp_path / "a"
    carry_out(trace_of(), FakeClient(files={TRACE: a_trace()}, utc=f"{DAY}T12:00:00Z"), archive=archive, keep=None)
    carry_out(trace_of(), FakeClient(files={TRACE: a_trace()}), archive=archive, keep=None)
    assert lacks(archive) == []
    third = FakeClient(files={TRACE: a_trace()})
    assert carry_out(trace_of(), third, archive=archive, keep=None).there
    assert third.brought == []


def test_the_same_bytes_under_two_names_have_a_record_each(tmp_path: Path) -> None:
    plan = Plan(flights("arrival.json", "departure.json"))
    client = FakeClient(files={w.url: listed(1) for w in plan.files})
    carry_out(plan, client, archive=tmp_path / "a", keep=None)
    assert sorted(one["name"] for one in origins_in(tmp_path / "a")) == ["arrival.json", "departure.json"]
    assert verify_archive(tmp_path / "a")[0] == []
    again = FakeClient()
    assert len(carry_out(plan, again, archive=tmp_path / "a", keep=None).there) == 2
    assert again.brought == []
