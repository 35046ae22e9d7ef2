"""`flighttrace fetch` as a user types it, against the sources' layouts on a loopback server."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pytest

from flighttrace.cli import main
from flighttrace.ingest.archive.verify import verify_archive
from tests.fetch.fakes import a_day
from tests.fetch.server import Server, cut_at, drips, in_turn, page, redirect, status, token_for, whole
from tests.fetch.test_job import hashes
from tests.fetch.world import World, start_s
from tests.test_cli import example_of

DAY = date(2031, 10, 4)
FETCH = ("fetch", "adsblol", "--from", str(DAY), "--archive", "a")


@pytest.fixture
def world(server: Server, tmp_path: Path) -> World:
    return World(server, tmp_path)


class Here:
    """Commands in this process: sooner done, and no socket beyond loopback is opened unseen."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]) -> None:
        self._said = said
        patch.chdir(world.folder)
        for name, value in world.environment().items():
            patch.setenv(name, value)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        self._said.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = self._said.readouterr()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), out, err)


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(world, monkeypatch, capsys)


def test_a_plan_prints_and_brings_nothing(world: World, here: Here) -> None:
    data = a_day(start_s(DAY))
    world.adsblol(DAY, data, 100_000)
    done = here.run("fetch", "adsblol", "--from", "2023-02-10", "--to", "2023-02-11", "--plan")
    assert "adsblol 2023-02-10 to 2023-02-11: the source begins on 2023-02-16" in done.stdout
    assert world.server.seen == []
    done = here.run("fetch", "adsblol", "--from", str(DAY), "--to", str(DAY + timedelta(days=1)), "--plan")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["0.1", "MB", f"v{DAY:%Y.%m.%d}-planes-readsb-prod-0.tar.aa", lines[0].split()[-1]]
    assert lines[0].split()[-1].startswith(world.server.url("/adsblol/globe_history_2031/releases/download/"))
    assert f"not there   adsblol {DAY + timedelta(days=1)}: there is no release of this day (prod)" in lines
    assert f"2 files, {len(data) / 1e6:.1f} MB; 1 missing" in lines
    assert any("ODbL" in line for line in lines)
    assert not any("/download/" in asked.path for asked in world.server.seen)
    assert sorted(path.name for path in world.folder.iterdir()) == ["sources.yaml"]


def test_a_day_in_parts_is_fetched_taken_in_and_not_brought_again(world: World) -> None:
    world.adsblol(DAY, a_day(start_s(DAY)), 90_000)
    done = world.run(*FETCH)
    assert done.returncode == 0, done.stderr
    assert "2 files brought" in done.stderr
    assert "768 positions" in done.stderr
    listed = json.loads(world.run("archive", "list", "a", "--json").stdout)
    assert [one["name"][-2:] for one in listed[0]["custody"]] == ["aa", "ab"]
    assert all("ODbL" in one["terms"] for one in listed[0]["custody"])
    assert world.run("archive", "verify", "a").returncode == 0
    before = len(world.server.seen)
    again = world.run(*FETCH)
    assert again.returncode == 0, again.stderr
    assert "2 files are in the archive by their custody (sha256), and were not brought again" in again.stderr
    assert [asked.path.rpartition("/")[0][-13:] for asked in world.server.seen[before:]] == ["releases/tags"]


def test_a_cut_connection_is_gone_on_with(world: World) -> None:
    data = a_day(start_s(DAY))
    handler = in_turn(whole(data, sending=cut_at(70_000)), whole(data))
    (path,) = world.adsblol(DAY, data, handlers={"": handler})
    done = world.run(*FETCH)
    assert done.returncode == 0, done.stderr
    assert [asked.headers.get("Range") for asked in world.server.asked(path)] == [None, "bytes=70000-"]
    (custody,) = json.loads(world.run("archive", "list", "a", "--json").stdout)[0]["custody"]
    assert custody["pieces"] == 2


def test_a_page_in_place_of_the_tar_reaches_every_later_query(world: World, here: Here) -> None:
    world.adsblol(DAY, a_day(start_s(DAY)))
    assert here.run(*FETCH).returncode == 0
    other = DAY + timedelta(days=1)
    world.adsblol(other, a_day(start_s(other)), handlers={"": page()}, sizes=False)
    done = here.run("fetch", "adsblol", "--from", str(other), "--archive", "a")
    assert done.returncode == 1
    assert f"adsblol {other}: " in done.stderr
    assert "a page came where tar was expected" in done.stderr
    words = ("query", "--archive", "a", "--case", "ovda-karabakh", "--from", str(DAY), "--to", str(other))
    asked = here.run(*words)
    assert asked.returncode == 0, asked.stderr
    assert "the archive lacks: adsblol 2031-10-05: " in asked.stderr
    assert "a page came where tar was expected" in asked.stderr
    world.adsblol(other, a_day(start_s(other)))
    assert here.run("fetch", "adsblol", "--from", str(other), "--archive", "a").returncode == 0
    assert "the archive lacks" not in here.run(*words).stderr


def test_a_redirect_to_another_host_is_refused_before_a_connection_to_it(world: World, here: Here) -> None:
    another_source = "https://zenodo.org/x.tar"  # known, but not to a run for adsb.lol
    for to in (
        "https://elsewhere.example/x.tar",
        another_source,
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ):
        world.adsblol(DAY, b"x" * 1000, handlers={"": redirect(to)})
        done = here.run(*FETCH)
        assert done.returncode == 1
        assert f"adsblol {DAY}: " in done.stderr
        assert "BEYOND" not in done.stderr
        assert not list((world.folder / "a" / "incoming").rglob("*.tar"))


def test_a_host_that_nobody_named_is_not_asked(world: World) -> None:
    path = world.instance("600864", DAY)
    words = ("fetch", "readsb", "--base", world.server.url("/tar1090"), "--icao24", "600864", "--from", str(DAY))
    world.more["FLIGHTTRACE_SOURCES"] = ""
    refused = world.run(*words, "--archive", "a")
    assert refused.returncode == 1
    assert "--allow-host" in refused.stderr
    assert world.server.seen == []
    allowed = world.run(*words, "--archive", "a", "--allow-host", world.server.host())
    assert allowed.returncode == 0, allowed.stderr
    assert [asked.path for asked in world.server.seen] == [path]
    assert "60 positions" in allowed.stderr


def test_a_trace_that_is_not_there_is_said_and_no_lack(world: World, here: Here) -> None:
    day = "2023-09-14"  # over: what is brought of a day that is not is lacking
    world.instance("600864", date.fromisoformat(day))
    base = ("--base", world.server.url("/tar1090"), "--allow-host", world.server.host())
    done = here.run(
        "fetch", "readsb", *base, "--icao24", "600864", "--icao24", "600865", "--from", day, "--archive", "a"
    )
    assert done.returncode == 0, done.stderr
    assert "nothing there: localhost" in done.stderr
    assert "lacks" not in here.run("archive", "info", "a").stdout
    none = here.run("fetch", "readsb", *base, "--icao24", "600866", "--from", day, "--archive", "a")
    assert none.returncode == 1


def test_an_aggregator_is_refused_and_base_is_needed(world: World, here: Here) -> None:
    words = ("fetch", "readsb", "--icao24", "600864", "--from", str(DAY), "--archive", "a")
    for base in ((), ("--base", "https://globe.adsbexchange.com")):
        done = here.run(*words, *base)
        assert done.returncode == 2
        assert world.server.seen == []
        assert not (world.folder / "a").exists()


def test_states_flights_lists_and_tracks_are_read_as_they_are(world: World, here: Here) -> None:
    world.opensky()
    world.flightlists(["2020-09"])
    monday = date(2031, 10, 6)
    world.hour(monday, 6)
    today = datetime.now(UTC).date()
    for words, said in (
        (("flightlist", "--month", "2020-09"), "(2 positions)"),
        (("opensky-states-sample", "--date", str(monday), "--hours", "6"), "positions)"),
        (("opensky-flights", "--icao24", "d5b0aa", "--from", "2020-09-23", "--to", "2020-09-26"), "2 inputs"),
        (("opensky-flights", "--airport", "LLOV", "--from", "2020-09-23"), "2 inputs"),
        (("opensky-tracks", "--icao24", "d5b0aa", "--from", str(today - timedelta(days=2))), "(4 positions)"),
    ):
        done = here.run("fetch", *words, "--archive", "a", "--keep", "kept")
        assert done.returncode == 0, (words, done.stderr)
        assert said in done.stderr.splitlines()[-1], (words, done.stderr)
    again = here.run("ingest", "kept", "--archive", "b")
    assert again.returncode == 0, again.stderr
    assert "7 inputs taken in" in again.stderr
    assert again.stderr.count("the record of where the file beside it came from") == 7
    by_hand = json.loads(here.run("archive", "list", "b", "--json").stdout)
    fetched = json.loads(here.run("archive", "list", "a", "--json").stdout)
    assert all(len(one["custody"]) == 1 for one in by_hand)
    assert {one["sha256"]: one["custody"] for one in by_hand} == {one["sha256"]: one["custody"] for one in fetched}


def test_an_hour_that_is_not_there_reaches_every_later_query(world: World, here: Here) -> None:
    monday = date(2031, 10, 6)
    world.hour(monday, 6)
    done = here.run("fetch", "opensky-states-sample", "--date", str(monday), "--hours", "6-7", "--archive", "a")
    assert done.returncode == 1
    asked = here.run("query", "--archive", "a", "--case", "ovda-karabakh", "--from", str(monday), "--to", str(monday))
    assert f"the archive lacks: opensky-states-sample states_{monday}-07.csv.tar: " in asked.stderr


def test_the_quota_stops_and_says_when_to_go_on(world: World, here: Here) -> None:
    world.opensky()
    world.server.at("/api/flights/arrival", status(429, X_Rate_Limit_Retry_After_Seconds="7200"))
    done = here.run("fetch", "opensky-flights", "--airport", "LLOV", "--from", "2020-09-23", "--archive", "a")
    assert done.returncode == 1
    assert "flighttrace: stopped: " in done.stderr
    assert "run the same command again from " in done.stderr


def test_the_account_is_in_nothing_that_is_written_or_said(world: World) -> None:
    world.opensky()
    world.more |= {"OPENSKY_CLIENT_ID": "someone", "OPENSKY_CLIENT_SECRET": "FT_CANARY_9f3"}
    world.server.at("/token", token_for("someone", "FT_CANARY_9f3", "FT_CANARY_token"))
    done = world.run(
        "fetch", "opensky-flights", "--airport", "LLOV", "--from", "2020-09-23", "--archive", "a", "--keep", "k"
    )
    assert done.returncode == 0, done.stderr
    assert world.server.asked("/api/flights/arrival")[0].headers["Authorization"] == "Bearer FT_CANARY_token"
    said = world.run("archive", "list", "a", "--json").stdout + done.stdout + done.stderr
    written = b"".join(path.read_bytes() for path in world.folder.rglob("*") if path.is_file())
    assert b"FT_CANARY" not in written
    assert "FT_CANARY" not in said


def test_more_than_is_wanted_is_not_taken(world: World, here: Here) -> None:
    world.adsblol(DAY, a_day(start_s(DAY)))
    done = here.run(*FETCH, "--max-bytes", "50k")
    assert done.returncode == 1
    assert "50000" in done.stderr
    assert "adsblol" in here.run("archive", "info", "a").stdout


@pytest.mark.slow
def test_kills_at_any_moment_end_in_the_archive_of_an_undisturbed_run(world: World) -> None:
    data = a_day(start_s(DAY))
    world.adsblol(DAY, data, 150_000)
    calm = ("fetch", "adsblol", "--from", str(DAY), "--archive", "calm")
    assert world.run(*calm).returncode == 0
    slow = whole(data[:150_000], sending=drips(0.05, size=8_000))
    world.adsblol(DAY, data, 150_000, handlers={".aa": slow})
    for wait_s in (0.6, 0.9, 1.2, 1.5, 1.8, 2.2):
        process = world.start(*FETCH)
        time.sleep(wait_s)
        process.kill()
        process.communicate()
    done = world.run(*FETCH)
    assert done.returncode == 0, done.stderr
    assert hashes(world.folder / "a") == hashes(world.folder / "calm")
    assert verify_archive(world.folder / "a")[0] == []


def test_ctrl_c_leaves_a_valid_archive_and_the_next_run_goes_on(world: World) -> None:
    data = a_day(start_s(DAY))
    slow = in_turn(whole(data, sending=drips(0.2, size=9_000)), whole(data))
    (path,) = world.adsblol(DAY, data, handlers={"": slow})
    process = world.start(*FETCH)
    while not any(part.stat().st_size for part in world.folder.rglob("*.part")):  # what is gone on with has to be there
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in said
    assert world.run("archive", "verify", "a").returncode == 0
    assert world.run(*FETCH).returncode == 0
    assert world.server.asked(path)[-1].headers["Range"].startswith("bytes=")


def test_on_a_terminal_a_bar_is_shown_and_taken_away(world: World) -> None:
    world.adsblol(DAY, a_day(start_s(DAY)), 90_000)
    leader, follower = os.openpty()
    process = subprocess.Popen(
        world.words(*FETCH), cwd=world.folder, env=world.environment(), stdout=follower, stderr=follower
    )
    os.close(follower)
    shown = b""
    with contextlib.suppress(OSError):  # how a terminal ends
        while block := os.read(leader, 65_536):
            shown += block
    os.close(leader)
    assert process.wait() == 0
    assert b"tar.aa" in shown
    assert b"2 files brought" in shown


def test_the_self_test_says_ok_and_not_ok(world: World, here: Here) -> None:
    world.everything()
    base = ("--base", world.server.url("/tar1090"), "--allow-host", world.server.host())
    done = here.run("fetch", "--self-test", *base)
    states = {line[11:].split()[0]: line[:9].strip() for line in done.stdout.splitlines()}
    assert done.returncode == 0, done.stdout
    assert {source for source, state in states.items() if state == "ok"} == {
        "adsblol", "airframes", "flightlist", "opensky-flights", "opensky-states-sample", "readsb",
    }  # fmt: skip
    assert {source for source, state in states.items() if state == "not asked"} == {"opensky-tracks"}
    world.server.at("/api/records/3931948", page())
    done = here.run("fetch", "--self-test", *base)
    assert done.returncode == 1
    assert [line.split()[2] for line in done.stdout.splitlines() if line.startswith("not ok")] == ["flightlist"]


def test_a_case_fills_in_days_airframes_and_fields(world: World, here: Here) -> None:
    world.everything()
    done = here.run("fetch", "adsblol", "--case", "ovda-karabakh", "--plan")
    assert done.returncode == 0, done.stderr
    assert "82 files" in done.stdout
    assert "adsblol 2020-09-23 to 2020-09-24: the source begins on 2023-02-16" in done.stdout
    assert "arab48-2020.two-year-pattern" in done.stderr
    flights = here.run("fetch", "opensky-flights", "--case", "ovda-karabakh", "--from", "2020-09-23", "--plan").stdout
    assert "flights_aircraft_613133_2020-09-23.json" in flights
    assert "flights_arrival_LLOV_2020-09-23.json" in flights
    only = here.run(
        "fetch", "opensky-flights", "--case", "ovda-karabakh", "--icao24", "613133", "--from", "2020-09-23", "--plan"
    )
    assert "1 files" in only.stdout


def test_files_need_somewhere_to_go_and_bad_words_are_usage(world: World, here: Here) -> None:
    for words in (
        ("fetch", "adsblol", "--from", "2023-09-14"),
        ("fetch", "adsblol", "--to", "2023-09-14", "--plan"),
        ("fetch", "adsblol", "--plan"),
        ("fetch", "adsblol", "--from", "2023-09-14", "--to", "2023-09-13", "--plan"),
        ("fetch", "opensky-flights", "--airport", "Ovdaa", "--from", "2023-09-14", "--plan"),
        ("fetch", "opensky-flights", "--icao24", "xyz", "--from", "2023-09-14", "--plan"),
        ("fetch", "opensky-states-sample", "--date", "2020-09-28", "--hours", "7-6", "--plan"),
        ("fetch", "adsblol", "--from", "2023-09-14", "--max-bytes", "0", "--plan"),
        ("fetch", "flightlist", "--month", "2020-13", "--plan"),
        ("fetch", "--self-test", "airframes", "--plan"),
    ):
        assert here.run(*words).returncode == 2, words
    assert world.server.seen == []


def test_a_case_with_a_window_of_days_that_a_source_never_held_brings_nothing(world: World, here: Here) -> None:
    done = here.run("fetch", "adsblol", "--from", "2020-09-24", "--archive", "a")
    assert done.returncode == 0
    assert "not there: adsblol 2020-09-24: the source begins on 2023-02-16" in done.stderr
    assert "lacks" not in here.run("archive", "info", "a").stdout


def _commands() -> list[tuple[str, click.Command]]:
    fetch = main.commands["fetch"]
    assert isinstance(fetch, click.Group)
    return [("", fetch), *sorted(fetch.commands.items())]


def test_the_example_of_every_help_runs(world: World, here: Here) -> None:
    world.everything()
    for name, command in _commands():
        example = shlex.split(example_of(command))
        assert example[0] == "fetch"
        done = here.run(*example)
        assert done.returncode == 0, (name, done.stdout, done.stderr)


def test_no_command_but_fetch_loads_its_packages(world: World) -> None:
    code = "import sys, flighttrace.cli; print(sorted({'requests', 'urllib3', 'ssl', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
