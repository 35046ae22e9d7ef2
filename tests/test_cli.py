"""The command line as a user types it: examples of every help, fixed forms, exit codes, bad input."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import jsonschema
import pytest

from flighttrace.cli import main
from flighttrace.report.findings import schema

ROOT = Path(__file__).resolve().parent.parent
TRACKS = "sample_tracks/tracks"
CASE = "sample_tracks/case.yaml"
SOME = "sample_tracks/tracks/opensky"


def run(*words: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flighttrace", *words], cwd=cwd, capture_output=True, text=True, env=env, timeout=300
    )


def _commands(group: click.Group, before: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = [(before, group)]
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += _commands(command, (*before, name))
        else:
            found.append(((*before, name), command))
    return found


def example_of(command: click.Command) -> str:
    text = " ".join((command.help or "").split())
    match = re.search(r"Example: flighttrace (.*)$", text)
    assert match, f"the help of {command.name} does not end with an example"
    return match.group(1)


@pytest.mark.parametrize(
    ("words", "command"), _commands(main), ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_the_example_of_every_help_runs(words: tuple[str, ...], command: click.Command, tmp_path: Path) -> None:
    (tmp_path / "sample_tracks").symlink_to(ROOT / "sample_tracks")
    if command.name == "main" or words[:1] == ("fetch",):
        example_of(command)
        return  # the example of the whole is that of `demo`; tests/fetch runs those of `fetch`, against its server
    example = shlex.split(example_of(command))
    if "my-archive" in example and example[0] != "ingest":
        made = run("ingest", "sample_tracks/tracks/kml", "--archive", "my-archive", cwd=tmp_path)
        assert made.returncode == 0, made.stderr
    done = run(*example, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def flights() -> dict[str, object]:
    done = run("flights", TRACKS, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def legs() -> dict[str, object]:
    done = run("query", TRACKS, "--case", CASE, "--from", "2031-09-20", "--to", "2031-10-31", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_flights_json_keeps_its_form(flights: dict[str, object]) -> None:
    assert flights["schema"] == "flighttrace/flights/1"
    jsonschema.validate(flights, schema("flights"))
    fixed = {
        "flight_id", "track_key", "icao24", "callsigns", "first_seen_utc", "last_seen_utc", "departure", "arrival",
        "position_count", "rejected_count", "simulated", "sources",
    }  # fmt: skip
    end = {
        "airport", "probability", "probability_flat", "grade", "time_utc", "not_before_utc", "not_after_utc",
        "candidates",
    }  # fmt: skip
    for flight in flights["flights"]:  # type: ignore[attr-defined]
        assert fixed <= flight.keys()
        for source in flight["sources"]:
            assert {"file", "sha256"} <= source.keys()
            assert not source["file"].startswith("/")
        for kind in ("departure", "arrival"):
            assert end <= flight[kind].keys()
            for key in ("probability", "probability_flat"):
                assert sum(c[key] for c in flight[kind]["candidates"]) == pytest.approx(1.0, abs=1e-6)
            assert [c["airport"] for c in flight[kind]["candidates"]].count(None) == 1


def test_query_json_keeps_its_form(legs: dict[str, object]) -> None:
    assert legs["schema"] == "flighttrace/legs/1"
    jsonschema.validate(legs, schema("legs"))
    added = {
        "leg_id", "origin_place", "destination_place", "departure_place_grade", "arrival_place_grade", "grade",
        "possible", "claims",
    }  # fmt: skip
    assert legs["legs"]
    assert all(added <= leg.keys() for leg in legs["legs"])  # type: ignore[attr-defined]
    assert "one_ended" in legs


def test_days_are_inclusive_and_local_with_tz(legs: dict[str, object]) -> None:
    one = run(
        "query", TRACKS, "--case", CASE, "--from", "2031-09-25", "--to", "2031-09-25", "--window", "arrival", "--json"
    )
    local = run(
        "query", TRACKS, "--case", CASE, "--from", "2031-09-25", "--to", "2031-09-25", "--window", "arrival",
        "--tz", "Asia/Jerusalem", "--json",
    )  # fmt: skip
    arrived = [leg["arrival"]["time_utc"] for leg in json.loads(one.stdout)["legs"]]
    arrived_local = [leg["arrival"]["time_utc"] for leg in json.loads(local.stdout)["legs"]]
    assert all(time.startswith("2031-09-25") for time in arrived)
    assert any(time.startswith("2031-09-24T2") for time in arrived_local), "22:30 UTC is the next day in Israel"
    assert json.loads(local.stdout)["query"]["tz"] == "Asia/Jerusalem"
    assert "Asia/Jerusalem" in local.stderr


def test_origin_destination_icao24_callsign_and_min_grade() -> None:
    def count(*words: str) -> int:
        done = run("query", SOME, "--case", CASE, "--json", *words)
        assert done.returncode == 0, done.stderr
        return len(json.loads(done.stdout)["legs"])

    everything = count()
    assert 0 < count("--origin", "UBBB", "--destination", "LLOV") < everything
    assert count("--origin", "baku", "--destination", "ovda") >= count("--origin", "UBBB", "--destination", "LLOV")
    assert 0 < count("--callsign", "SIM101") < everything
    assert count("--icao24", "abcdef") == 0
    assert 0 < count("--min-grade", "A") < everything


def test_csv_and_geojson_go_to_stdout_and_words_to_stderr(tmp_path: Path) -> None:
    done = run("flights", TRACKS, "--csv")
    assert done.stdout.splitlines()[0].count(",") > 10
    assert "records" in done.stderr
    assert "records:" not in done.stdout
    target = tmp_path / "legs.geojson"
    done = run("query", TRACKS, "--case", CASE, "--geojson", "-o", str(target))
    assert done.stdout == ""
    document = json.loads(target.read_text())
    assert document["type"] == "FeatureCollection"


def test_order_of_files_changes_no_byte() -> None:
    files = sorted(str(p.relative_to(ROOT)) for p in (ROOT / TRACKS).rglob("*") if p.is_file())
    one = run("claims", *files, "--case", CASE, "--json")
    two = run("claims", *files[::-1], "--case", CASE, "--json")
    assert one.returncode == 0, one.stderr
    assert one.stdout == two.stdout


def test_the_simulated_stamp_is_on_every_form() -> None:
    for words in (["--json"], ["--csv"], ["--geojson"], []):
        assert "simulated: not evidence" in run("flights", SOME, *words).stdout.lower(), words


def test_arabic_tables() -> None:
    assert re.search("[\u0600-\u06ff]", run("claims", TRACKS, "--case", CASE, "--lang", "ar").stdout)


def test_no_color_is_respected() -> None:
    import os

    done = run("claims", TRACKS, "--case", CASE, env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": ""})
    assert "\x1b[" not in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["flights", "no/such/file.csv"], 1, "no/such/file.csv"),
        (["flights"], 2, "PATH"),
        (["flights", TRACKS, "--from", "25.9.2031"], 2, "YYYY-MM-DD"),
        (["flights", TRACKS, "--from", "2031-09-26", "--to", "2031-09-25"], 2, "lies before"),
        (["flights", TRACKS, "--tz", "Mars/Olympus", "--from", "2031-09-25"], 2, "no time zone"),
        (["query", TRACKS, "--case", "no-such-case"], 1, "no-such-case"),
        (["query", TRACKS, "--case", CASE, "--origin", "QQQQ"], 2, "no place or airfield"),
        (["flights", TRACKS, "--airframe", "nothing"], 2, "FILE=HEX"),
        (["report", TRACKS, "--case", CASE], 2, "--out"),
        (["nonsense"], 2, "No such command"),
        (["flights", TRACKS, "--to", "9999-12-31"], 2, "out of range"),
        (["flights", TRACKS, "--tz", "Mars/Olympus"], 2, "no time zone"),
        (["flights", TRACKS, "--icao24", "zzz"], 2, "six hex digits"),
        (["flights", ""], 1, "could be read"),
        (["explain", "f-0000000000", "sample_tracks/tracks/kml"], 2, "no flight has the id 'f-0000000000'"),
        (["explain", "f-", "sample_tracks/tracks/kml"], 2, "flights have an id that begins with 'f-'"),
        (["explain", "f-de150043b7"], 2, "PATH"),
    ],
)
def test_exit_codes_and_one_line_each(words: list[str], code: int, said: str) -> None:
    done = run(*words)
    assert done.returncode == code, (done.returncode, done.stderr)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_one_bad_file_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = next(p for p in sorted((ROOT / TRACKS).rglob("*")) if p.suffix == ".csv" and "opensky" in str(p))
    (tmp_path / "good.csv").write_bytes(good.read_bytes())
    damaged = bytearray(gzip.compress(good.read_bytes(), mtime=0))
    damaged[len(damaged) // 2] ^= 0x10
    (tmp_path / "bad.csv.gz").write_bytes(damaged)
    done = run("flights", str(tmp_path), "--json")
    assert done.returncode == 1
    assert "bad.csv.gz" in done.stderr
    document = json.loads(done.stdout)
    assert document["flights"]
    assert str(tmp_path.parent) not in done.stdout


def test_nothing_found_is_exit_0() -> None:
    done = run("query", TRACKS, "--case", CASE, "--from", "2019-01-01", "--to", "2019-01-02", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["legs"] == []


def test_version_and_help_import_nothing_heavy() -> None:
    probe = (
        "import sys\nfrom flighttrace.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'pandas', 'matplotlib', 'pydantic', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_output_never_replaces_an_input(tmp_path: Path) -> None:
    good = next(p for p in sorted((ROOT / SOME).rglob("*.csv")))
    copy = tmp_path / "w.csv"
    copy.write_bytes(good.read_bytes())
    for words in (["-o", "w.csv"], ["--quarantine", "w.csv"], ["--json", "-o", "./w.csv"]):
        done = run("flights", "w.csv", *words, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert "would be overwritten" in done.stderr
    done = run("flights", ".", "--csv", "-o", "w.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert copy.read_bytes() == good.read_bytes()


def test_an_address_may_be_written_with_capitals_and_0x() -> None:
    plain = run("flights", SOME, "--icao24", "d5a101", "--json")
    other = run("flights", SOME, "--icao24", "0xD5A101", "--json")
    assert json.loads(plain.stdout)["flights"]
    assert plain.stdout == other.stdout


def test_window_of_flights_is_heard_then_or_that_end_then() -> None:
    def count(window: str) -> int:
        done = run("flights", SOME, "--from", "2031-10-28", "--to", "2031-10-28", "--window", window, "--json")
        return len(json.loads(done.stdout)["flights"])

    assert count("either") >= max(count("departure"), count("arrival"))


def test_an_archive_answers_as_its_files_do(tmp_path: Path) -> None:
    archive = str(tmp_path / "archive")
    assert run("ingest", TRACKS, "--archive", archive).returncode == 0
    for words in (
        ["claims", "--case", CASE, "--json"],
        ["query", "--case", CASE, "--from", "2031-09-01", "--to", "2031-10-31", "--one-ended", "--csv"],
        ["flights", "--json"],
        ["flights", "--icao24", "d5a102", "--geojson"],
    ):
        of_files, of_archive = run(*words[:1], TRACKS, *words[1:]), run(*words, "--archive", archive)
        assert of_archive.returncode == 0, of_archive.stderr
        assert of_archive.stdout == of_files.stdout
    asked = ("--case", CASE, "--csv", "--no-one-ended")
    legs = [run("query", *where, *asked).stdout for where in ((TRACKS,), ("--archive", archive))]
    assert legs[0] == legs[1]
    assert len(legs[0].splitlines()) > 10


def test_what_an_archive_lacks_stands_with_every_null(tmp_path: Path) -> None:
    bad = tmp_path / "states.csv"
    bad.write_text("no,such,format\n1,2,3\n")
    archive = str(tmp_path / "archive")
    made = run("ingest", str(bad), f"{TRACKS}/kml", "--archive", archive)
    assert made.returncode == 1
    assert "states.csv" in made.stderr
    done = run("claims", "--archive", archive, "--case", CASE, "--json")
    assert done.returncode == 0, done.stderr
    assert "the archive lacks: states.csv" in done.stderr
    assert "Inputs that could not be read: 1" in done.stdout
    assert "not observed, though covered" not in done.stdout
    assert "states.csv" in run("archive", "info", archive).stdout


def test_the_cache_is_told_of_cleared_and_not_needed(tmp_path: Path) -> None:
    import os

    env = {**os.environ, "FLIGHTTRACE_CACHE": str(tmp_path / "cache")}
    words = ("flights", f"{TRACKS}/kml", "--csv")
    first = run(*words, "--no-cache", env=env)
    assert not (tmp_path / "cache").exists()
    assert run(*words, env=env).stdout == first.stdout == run(*words, env=env).stdout
    assert "2 inputs" in run("cache", "info", env=env).stdout
    assert run(*words, env={**env, "FLIGHTTRACE_CACHE_GB": "0.000001"}).stdout == first.stdout
    assert "removed 2 inputs" in run("cache", "clear", env=env).stderr
    assert not (tmp_path / "cache").exists()


def test_a_cache_of_another_version_is_told_of_and_cleared(tmp_path: Path) -> None:
    import os

    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "archive.json").write_text('{"flighttrace_archive": 1, "kind": "cache"}', encoding="utf-8")
    words, env = ("query", str(TRACKS), "--csv"), {**os.environ, "FLIGHTTRACE_CACHE": str(cache)}
    refused = run(*words, env=env)
    assert refused.returncode == 2
    assert "another version" in refused.stderr
    assert "cache clear" in refused.stderr
    run("cache", "clear", env=env)
    assert not cache.exists()
    assert run(*words, env=env).returncode == 0


def test_sql_for_trino_asks_for_days_and_names_no_files() -> None:
    days = ("--from", "2023-09-05", "--to", "2023-09-05", "--engine", "trino")
    assert "state_vectors_data4" in run("query", *days, "--sql-only").stdout
    assert run("query", *days).returncode == 2
    assert run("query", TRACKS, *days, "--sql-only").returncode == 2
    assert run("query", "--engine", "trino", "--sql-only").returncode == 2


def test_masked_positions_are_on_the_maps_of_every_command_that_draws_them(tmp_path: Path) -> None:
    drawing = {name for name, command in main.commands.items() if any(p.name == "show_masked" for p in command.params)}
    assert drawing == {"map", "report", "demo"}
    options: list[list[str]] = [[], ["--show-masked"], ["--rejected"]]
    for number, option in enumerate(options):
        days = ["--from", "2031-10-12", "--to", "2031-10-12"]
        done = run("map", SOME, "--case", CASE, *days, "--out", str(tmp_path / f"{number}.png"), *option)
        assert done.returncode == 0, done.stderr
    plain, masked, old_name = ((tmp_path / f"{number}.png").read_bytes() for number in range(len(options)))
    assert plain != masked == old_name


def test_flights_count_what_is_masked_by_reason(flights: dict[str, object]) -> None:
    entries = flights["flights"]
    assert all(f["rejected_count"] == sum(f["rejected_by_reason"].values()) for f in entries)  # type: ignore[attr-defined]
    reasons = {reason for f in entries for reason in f["rejected_by_reason"]}  # type: ignore[attr-defined]
    assert "disputed: sits at a known spoof target, Beirut airport (OLBA)" in reasons


def test_explain_says_and_draws_both_ends(tmp_path: Path) -> None:
    archive, out = str(tmp_path / "archive"), tmp_path / "maps"
    assert run("ingest", "sample_tracks/tracks/kml", "--archive", archive).returncode == 0
    listed = json.loads(run("flights", "sample_tracks/tracks/kml", "--json").stdout)["flights"]
    wanted = listed[0]["flight_id"]
    done = run("explain", wanted[:9], "sample_tracks/tracks/kml", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "simulated: not evidence" in done.stdout.lower()
    assert f"grade {listed[0]['arrival']['grade']}: " in done.stdout
    for reason in listed[0]["arrival"]["reasons"]:
        assert reason["en"][:60] in " ".join(done.stdout.split())
    assert sorted(p.name for p in out.iterdir()) == [f"{wanted}-arrival.png", f"{wanted}-departure.png"]
    arabic = run("explain", wanted, "sample_tracks/tracks/kml", "--lang", "ar", "--no-maps", cwd=ROOT)
    assert re.search("[\u0600-\u06ff]", arabic.stdout)
    assert not list(ROOT.glob("f-*.png")), "no map is drawn with --no-maps"
    of_files = run("explain", wanted, "sample_tracks/tracks/kml", "--json", "--no-maps")
    of_archive = run("explain", wanted, "--archive", archive, "--json", "--no-maps")
    assert of_archive.stdout == of_files.stdout
    jsonschema.validate(json.loads(of_files.stdout), schema("explanation"))
