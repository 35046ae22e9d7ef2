"""What an archive lacks is said with every answer; damage of one entry stays with its days; what is gone comes back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flighttrace.cli import main
from flighttrace.ingest.archive.intake import Settings
from flighttrace.ingest.archive.view import open_archive
from tests.ingest.archive.builders import SAMPLES, ingested, release, states, tree

NEXT_DAYS_S = 1_948_838_400 + 5 * 86_400
CASE = str(SAMPLES.parent / "case.yaml")


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def sbs() -> str:
    """Lines of a format whose times bear no zone, and that no network is known of."""
    day = "2031/10/04"
    return "".join(
        f"MSG,3,SIM,1,D5B001,1,{day},10:{i:02d}:00.000,{day},10:{i:02d}:00.000,,30000,,,{30 + i / 50},35.0,,,0,0,0,0\n"
        for i in range(20)
    )


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLIGHTTRACE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def two_days(tmp_path: Path) -> Path:
    write(tmp_path / "a.csv", states(60))
    write(tmp_path / "b.csv", states(60, start_s=NEXT_DAYS_S))
    done = run("ingest", tmp_path / "a.csv", tmp_path / "b.csv", "--archive", tmp_path / "archive")
    assert done.exit_code == 0, done.output
    return tmp_path / "archive"


def entry_of(root: Path, day: str) -> Path:
    (path,) = (root / "manifest").glob(f"{day}_*.json")
    return path


def test_a_map_of_an_archive_shows_the_flights_that_one_of_files_shows(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(
        "flighttrace.report.maps.draw_legs_map",
        lambda legs, out, *, one_ended, **_: drawn.append(
            (sorted(leg.leg_id for leg in legs), sorted(one.flight.flight_id for one in one_ended))
        ),
    )
    assert run("ingest", SAMPLES, "--archive", tmp_path / "archive").exit_code == 0
    days = ("--case", CASE, "--from", "2031-09-20", "--to", "2031-10-31", "--out", tmp_path / "m.png")
    assert run("map", SAMPLES, *days).exit_code == 0
    assert run("map", "--archive", tmp_path / "archive", *days).exit_code == 0
    assert drawn[0] == drawn[1]
    assert drawn[0][1]
    done = run("map", "--archive", tmp_path / "archive", *days, "--no-one-ended")
    assert drawn[2] == (drawn[0][0], [])
    assert "are not drawn" in done.stderr


@pytest.mark.parametrize("name", ["gone.csv", "gone-*.csv"])
def test_a_name_that_is_not_there_is_lacking_until_it_is(name: str, tmp_path: Path) -> None:
    root, good = tmp_path / "archive", write(tmp_path / "a.csv", states(60))
    assert run("ingest", good, tmp_path / name, "--archive", root).exit_code == 1
    done = run("flights", "--archive", root)
    assert f"the archive lacks: {name}: there is no such file" in done.stderr
    write(tmp_path / name.replace("*", "1"), states(30, seed=3))
    assert run("ingest", good, tmp_path / name, "--archive", root).exit_code == 0
    assert "lacks" not in run("flights", "--archive", root).stderr


def test_an_empty_archive_says_so(tmp_path: Path) -> None:
    run("ingest", tmp_path / "none.csv", "--archive", tmp_path / "archive")
    done = run("query", "--archive", tmp_path / "archive")
    assert done.exit_code == 1
    assert "the archive is empty" in done.stderr
    assert "none.csv" in done.stderr


def test_a_failure_is_withdrawn_by_its_label_or_a_glob_and_that_is_kept(two_days: Path, tmp_path: Path) -> None:
    for name in ("x1.csv", "x2.csv", "y.csv"):
        run("ingest", tmp_path / name, "--archive", two_days)
    assert len(open_archive(two_days).lacking()) == 3
    assert "no failed input" in run("archive", "forget", two_days, "z").stderr
    done = run("archive", "forget", two_days, "y.csv")
    assert (done.exit_code, done.stderr) == (0, "withdrawn: y.csv\n")
    assert run("archive", "forget", two_days, "x*").exit_code == 0
    assert open_archive(two_days).lacking() == []
    said = run("archive", "info", two_days).stdout
    assert said.count("lacked, withdrawn by hand: ") == 3
    assert "y.csv: there is no such file or folder (withdrawn 20" in said


def test_a_lost_entry_is_a_fault_and_a_lack(two_days: Path, tmp_path: Path) -> None:
    entry_of(two_days, "2031-10-04").unlink()
    done = run("archive", "verify", two_days)
    assert done.exit_code == 1
    assert "no entry of the manifest names it" in done.stderr
    assert "that no entry of the manifest names" in run("archive", "info", two_days).stdout
    done = run("flights", "--archive", two_days)
    assert "the archive lacks: positions/date=2031-10-04/" in done.stderr
    assert run("ingest", tmp_path / "a.csv", "--archive", two_days).exit_code == 0
    assert run("archive", "verify", two_days).exit_code == 0


def test_data_left_by_a_killed_run_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, file = tmp_path / "archive", write(tmp_path / "a.csv", states(60))
    true = sys.modules["os"].replace

    def killed(made: Any, place: Any) -> None:
        if Path(place).parent.name == "manifest":
            raise KeyboardInterrupt
        true(made, place)

    monkeypatch.setattr("os.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        ingested(root, file)
    monkeypatch.undo()
    done = run("archive", "verify", root)
    assert done.exit_code == 0
    assert "left by a run that was killed or is at work" in done.stderr
    ingested(root, file)
    assert "left by" not in run("archive", "verify", root).stderr
    assert list((root / "manifest" / "begun").iterdir()) == []


def test_what_is_declared_of_a_content_under_any_name_holds(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    a, z = write(tmp_path / "a.csv", sbs()), write(tmp_path / "z.csv", sbs())
    done = run("ingest", a, z, "--archive", root, "--input-tz", "UTC", "--network", f"{z}=ours")
    assert done.exit_code == 0, done.output
    (source,) = open_archive(root).read().sources
    assert (source.file, source.network, source.network_declared) == ("a.csv", "ours", True)
    run("ingest", a, "--archive", root, "--input-tz", "UTC", "--network", f"{a}=theirs")
    done = run("flights", "--archive", root)
    assert done.exit_code == 2
    assert "one content, declared as different things" in done.stderr


def test_one_content_has_one_zone(tmp_path: Path) -> None:
    root, text = tmp_path / "archive", sbs()
    a, b = write(tmp_path / "a.csv", text), write(tmp_path / "b.csv", text)
    first = run("ingest", a, "--archive", root, "--input-tz", "UTC")
    assert first.exit_code == 0, first.output
    done = run("ingest", b, "--archive", root, "--input-tz", "Asia/Baku")
    assert done.exit_code == 1
    assert "is in the archive as a.csv, read with other options (--input-tz UTC, here Asia/Baku" in done.stderr
    assert run("ingest", b, "--archive", root, "--input-tz", "Asia/Baku", "--replace").exit_code == 0
    assert [m.label for m in open_archive(root).members] == ["b.csv"]


def test_a_zone_that_changes_nothing_counts_nothing_twice(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    ingested(root, write(tmp_path / "a.csv", states(60)))
    report = ingested(root, write(tmp_path / "b.csv", states(60)), settings=Settings(input_tz="Asia/Baku"))
    assert not report.failures
    (member,) = open_archive(root).members
    assert member.other_names == ("b.csv",)


@pytest.mark.parametrize("ending", ["gz", "xz", "lz", "br"])
def test_a_packed_tar_is_no_part(ending: str) -> None:
    from flighttrace.ingest.archive.feed import parts_among

    assert parts_among([f"v1.tar.{ending}"]) == {}
    names = [f"v1.tar.{ending}", "v1.tar.aa", "v1.tar.ab"]
    assert parts_among(names) == {"v1.tar.aa": "aa", "v1.tar.ab": "ab"}


def test_a_tar_gz_is_read(tmp_path: Path) -> None:
    import gzip

    report = ingested(tmp_path / "archive", write(tmp_path / "day.tar.gz", gzip.compress(release(3), mtime=0)))
    assert not report.failures
    assert open_archive(tmp_path / "archive").members[0].label == "day.tar.gz"


def test_the_missing_parts_are_few_in_the_message(tmp_path: Path) -> None:
    parts = [write(tmp_path / "v1.tar.zy", b"x"), write(tmp_path / "v1.tar.zz", b"x")]
    (failure,) = ingested(tmp_path / "archive", *parts).failures
    assert "v1.tar.aa, v1.tar.ab, v1.tar.ac and 671 more" in str(failure)


def test_a_damaged_entry_stops_only_its_own_days(two_days: Path, tmp_path: Path) -> None:
    path = entry_of(two_days, "2031-10-04")
    good = path.read_bytes()
    path.write_bytes(b"{")
    done = run("flights", "--archive", two_days, "--from", "2031-10-09", "--to", "2031-10-09")
    assert done.exit_code == 0, done.stderr
    assert f"the archive lacks: manifest/{path.name}" in done.stderr
    done = run("flights", "--archive", two_days, "--from", "2031-10-04", "--to", "2031-10-04")
    assert done.exit_code == 1
    assert "it tells of 2031-10-04 to 2031-10-04" in done.stderr
    assert f"lacks: manifest/{path.name}" in run("archive", "info", two_days).stdout
    done = run("archive", "list", two_days)
    assert (done.exit_code, "b.csv" in done.stdout) == (1, True)
    assert run("archive", "verify", two_days).exit_code == 1
    assert run("ingest", tmp_path / "b.csv", tmp_path / "a.csv", "--archive", two_days).exit_code == 0
    assert path.read_bytes() == good


@pytest.mark.parametrize("folder", ["failed", "superseded"])
def test_a_damaged_record_is_told_of(folder: str, two_days: Path) -> None:
    record = write(two_days / "manifest" / folder / entry_of(two_days, "2031-10-04").name, b"{")
    for words in (("archive", "info", two_days), ("flights", "--archive", two_days)):
        done = run(*words)
        assert done.exit_code == 0, done.output
        assert f"lacks: manifest/{folder}/{record.name}" in done.output
    done = run("archive", "verify", two_days)
    assert done.exit_code == 1
    assert f"manifest/{folder}/{record.name}" in done.stderr


@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_missing_data_is_taken_in_again(harm: str, two_days: Path, tmp_path: Path) -> None:
    before = tree(two_days)
    file = sorted((two_days / "positions").rglob("*.parquet"))[0]
    file.unlink() if harm == "gone" else file.write_bytes(file.read_bytes()[:-9])
    done = run("ingest", tmp_path / "a.csv", tmp_path / "b.csv", "--archive", two_days)
    assert (done.exit_code, "1 inputs taken in" in done.stderr) == (0, True)
    assert tree(two_days) == before


@pytest.mark.parametrize("harm", ["data", "entry"])
def test_the_cache_heals_itself(harm: str, tmp_path: Path, cache: Path) -> None:
    file = write(tmp_path / "a.csv", states(60))
    expected = run("flights", file, "--json").stdout
    assert expected
    if harm == "data":
        sorted((cache / "positions").rglob("*.parquet"))[0].unlink()
    else:
        entry_of(cache, "2031-10-04").write_bytes(b"{")
        assert run("cache", "info").exit_code == 0
    done = run("flights", file, "--json")
    assert (done.exit_code, done.stdout) == (0, expected)


def test_damage_in_the_cache_speaks_of_the_cache(tmp_path: Path, cache: Path) -> None:
    file = write(tmp_path / "a.csv", states(60))
    run("flights", file)
    data = sorted((cache / "positions").rglob("*.parquet"))[0]
    data.write_bytes(data.read_bytes()[:-3] + b"xyz")
    done = run("flights", file)
    assert done.exit_code == 1
    assert "flighttrace cache clear" in done.stderr
    assert "--no-cache" in done.stderr
    entry_of(cache, "2031-10-04").write_bytes(b"{")
    assert run("cache", "clear").exit_code == 0
    assert not cache.exists()


def test_an_archive_in_a_folder_that_is_ingested_leaves_itself_out(tmp_path: Path) -> None:
    write(tmp_path / "data" / "a.csv", states(60))
    root = tmp_path / "data" / "archive"
    for _ in range(2):
        done = run("ingest", tmp_path / "data", "--archive", root)
        assert done.exit_code == 0, done.output
        assert [line for line in done.stderr.splitlines() if "archive" in line] in (
            [],
            ["skipped: archive: the archive itself"],
        )
    assert "skipped: archive: the archive itself" in done.stderr
    assert [m.label for m in open_archive(root).members] == ["data/a.csv"]


def test_an_archive_is_no_cache_and_a_cache_no_archive(
    two_days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(two_days)
    monkeypatch.setenv("FLIGHTTRACE_CACHE", str(two_days))
    monkeypatch.setenv("FLIGHTTRACE_CACHE_GB", "0")
    for words in (("cache", "clear"), ("flights", tmp_path / "a.csv")):
        done = run(*words)
        assert done.exit_code == 2, done.output
        assert "cache" in done.stderr
        assert tree(two_days) == before
    monkeypatch.setenv("FLIGHTTRACE_CACHE", str(tmp_path / "cache"))
    assert run("flights", tmp_path / "a.csv").exit_code == 0
    done = run("ingest", tmp_path / "a.csv", "--archive", tmp_path / "cache")
    assert done.exit_code == 2
    assert "is a cache" in done.stderr


def test_clear_tells_what_is_left(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("flights", write(tmp_path / "a.csv", states(60)))
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    done = run("cache", "clear")
    assert done.exit_code == 1
    assert "removed 0 inputs, 0.0 MB" in done.stderr
    assert "files are still there" in done.stderr


def test_a_cache_that_cannot_be_written_to_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "taken", b"a file") / "cache"
    monkeypatch.setenv("FLIGHTTRACE_CACHE", str(folder))
    done = run("flights", write(tmp_path / "a.csv", states(60)))
    assert done.exit_code == 1
    assert all(word in done.stderr for word in (str(folder), "FLIGHTTRACE_CACHE", "--no-cache"))


def test_a_less_complete_archive_takes_no_place(tmp_path: Path) -> None:
    root, data = tmp_path / "archive", release()
    part = write(tmp_path / "v1.tar.aa", data[:9000])
    assert not ingested(root, part).failures
    write(part, data[:5000])
    (failure,) = ingested(root, part).failures
    assert "and more of it than there is here" in str(failure)
    assert open_archive(root).members[0].entry.size_bytes == 9000
    write(part, data[:12_000])
    assert not ingested(root, part).failures
    assert open_archive(root).members[0].entry.size_bytes == 12_000
    assert not ingested(root, write(part, data[:5000]), replace=True).failures


def test_two_runs_at_once_under_one_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flighttrace.ingest.archive.store import Made

    root, file = tmp_path / "archive", write(tmp_path / "a.csv", states(60))
    commit, meddled = Made.commit, list[bool]()

    def then(self: Made, entry: Any, folder: Path) -> Path:
        if not meddled:
            meddled.append(True)
            ingested(root, write(file, states(40)))
        return commit(self, entry, folder)

    monkeypatch.setattr(Made, "commit", then)
    (failure,) = ingested(root, file).failures
    assert "another run has just taken another content in" in str(failure)
    assert [m.entry.accounting.records for m in open_archive(root).members] == [40]
    assert run("archive", "verify", root).exit_code == 0


def test_of_two_contents_under_one_label_none_goes_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, file = tmp_path / "archive", write(tmp_path / "a.csv", states(60))
    ingested(root, file)
    monkeypatch.setattr("flighttrace.ingest.archive.manifest.by_label", lambda _: {})
    monkeypatch.setattr("flighttrace.ingest.archive.runs.came_meanwhile", lambda *_: [], raising=False)
    ingested(root, write(file, states(40)))
    monkeypatch.undo()
    (failure,) = ingested(root, file).failures
    assert "is in the archive with another content" in str(failure)
    assert sorted(m.entry.accounting.records for m in open_archive(root).members) == [40, 60]


def test_spark_that_is_not_installed_is_told_of(two_days: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("py4j", "py4j.protocol", "pyspark", "pyspark.errors", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, None)
    done = run("query", "--archive", two_days, "--engine", "spark", "--master", "local[1]")
    assert done.exit_code == 2
    assert "needs flighttrace[spark]" in done.stderr
