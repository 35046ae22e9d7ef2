from __future__ import annotations

import csv
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flighttrace.errors import InputError, UsageError
from flighttrace.language import SIMULATED_STAMP
from flighttrace.report import write
from flighttrace.report.legbook import number_legs
from flighttrace.report.write import write_report

from .builders import FIELDS, claim, finding, flight, full_case, ingested, leg, result, source, weighed
from .conftest import Case

FILES = {"findings.json", "legs.csv", "legs.geojson", "quarantine.csv", "report.html", "report.md", "run.json"}
NAMES = ["../../etc/x", "..\\x", "CON", "a/b", "a\0b", "x" * 300, "\u202egnp.exe", "-rf"]


def small(folder: Path, **changes: object) -> list[Path]:
    values: dict[str, object] = {
        "weighed": weighed(),
        "flights": [flight()],
        "ingested": ingested(),
        "airfields": FIELDS,
        "draw_maps": False,
    }
    return write_report(folder, **{**values, **changes})  # type: ignore[arg-type]


def test_all_files_are_written_and_named(tmp_path: Path) -> None:
    written = small(tmp_path / "out")
    assert {p.name for p in written} == FILES == {p.name for p in (tmp_path / "out").iterdir()}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_of_a_simulated_case_is_stamped(simulated: Case, real: Case, arabic: Case, name: str) -> None:
    assert SIMULATED_STAMP.en in simulated.text(name)
    assert SIMULATED_STAMP["ar" if name in {"report.html", "report.md"} else "en"] in arabic.text(name)
    visible = re.sub(r"<style>.*?</style>", "", real.text(name), flags=re.DOTALL)
    assert SIMULATED_STAMP.en not in visible


def test_a_simulated_flight_alone_stamps_the_report_of_an_empty_query(tmp_path: Path) -> None:
    small(tmp_path / "out", weighed=weighed(legs=()), ingested=ingested([source(simulated=True)]))
    for name in FILES:
        assert SIMULATED_STAMP.en in (tmp_path / "out" / name).read_text("utf-8"), name


def test_the_same_inputs_in_another_order_give_the_same_bytes(simulated: Case, tmp_path: Path) -> None:
    w, flights, read = full_case()
    write_report(
        tmp_path / "again",
        weighed=replace(w, legs=w.legs[::-1], one_ended=w.one_ended[::-1]),
        flights=flights[::-1],
        ingested=replace(read, sources=read.sources[::-1], quarantined=read.quarantined[::-1]),
        airfields=FIELDS,
        settings={"tz": "UTC", "to": "2031-11-30", "from": "2031-08-01"},
        draw_maps=False,
    )
    for name in FILES - {"run.json"}:
        assert (tmp_path / "again" / name).read_bytes() == (simulated.folder / name).read_bytes(), name


def test_no_output_tells_the_machine_the_user_or_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "canaryuser")
    monkeypatch.setenv("HOSTNAME", "canaryhost")
    home = tmp_path / "canaryuser" / "Sources" / "CANARYNAME"
    home.mkdir(parents=True)
    secret = str(home / "tracks.csv")
    read = ingested(
        [source(secret, source_id="s:tracks.csv")], failures=[InputError(f"cannot read {secret}", file=secret)]
    )
    small(home / "out", ingested=read, settings={"paths": [secret], "case": str(home / "case.yaml")})
    for path in (home / "out").rglob("*"):
        found = path.read_bytes()
        for canary in (b"canaryuser", b"canaryhost", b"CANARYNAME"):
            assert canary not in found, path.name


def test_the_maps_drawn_are_those_of_the_strongest_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MOST_LEG_MAPS", 3)
    case, _, _ = full_case()
    entries = number_legs(case.legs, {}, case.case)
    strong, weak = entries[20], entries[10]
    bears = {strong.main.leg_id: ("strong",), weak.main.leg_id: ("weak",)}
    entries = number_legs(case.legs, bears, case.case)
    found = [
        finding(claim("weak"), [result(verdict="consistent")]),
        finding(claim("strong"), [result(verdict="corroborated")]),
    ]
    drawn = write.entries_to_draw(entries, replace(case, findings=tuple(found)))
    assert [e.number for e in drawn] == sorted(e.number for e in drawn)
    assert {strong.number, weak.number} < {e.number for e in drawn}
    assert len(drawn) == 3
    monkeypatch.setattr(write, "MOST_LEG_MAPS", 1)
    assert [e.number for e in write.entries_to_draw(entries, replace(case, findings=tuple(found)))] == [strong.number]


def test_run_json_names_inputs_and_outputs_by_hash(simulated: Case) -> None:
    record = json.loads(simulated.text("run.json"))
    for name in FILES - {"run.json"}:
        data = (simulated.folder / name).read_bytes()
        assert record["entity"][f"report:{name}"]["ft:sha256"] == hashlib.sha256(data).hexdigest()
    inputs = {f"input:{s.sha256}" for s in simulated.ingested.sources}
    used = {u["prov:entity"] for u in record["used"].values()}
    assert used == inputs | {f"case:{simulated.weighed.case.digest}"}
    assert {g["prov:entity"] for g in record["wasGeneratedBy"].values()} | used == set(record["entity"])
    activity = record["activity"]["ft:run"]
    assert activity["prov:startTime"] <= activity["prov:endTime"]
    assert activity["ft:settings"]["tz"] == "UTC"


def test_only_run_json_knows_the_clock(tmp_path: Path) -> None:
    small(tmp_path / "out", started_utc=datetime(1999, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert "1999-01-02T03:04:05.000Z" in (tmp_path / "out" / "run.json").read_text()
    for name in FILES - {"run.json"}:
        assert "1999" not in (tmp_path / "out" / name).read_text("utf-8")


@pytest.mark.parametrize("nasty", NAMES)
def test_no_text_from_an_input_comes_into_a_path(nasty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flown = replace(flight(nasty, callsign=nasty, source_ids=[f"s:{nasty}"]), icao24=nasty, track_key=nasty)
    case = weighed(legs=[leg(flown)])
    (entry,) = number_legs(case.legs, {}, case.case)
    assert re.fullmatch(r"leg-1-[0-9a-f]{8}", entry.map_name)
    small(tmp_path / "out", weighed=case, flights=[flown], ingested=ingested([source(nasty)]))
    assert {p.name for p in (tmp_path / "out").iterdir()} == FILES
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_former_report_is_replaced_whole(tmp_path: Path) -> None:
    small(tmp_path / "out")
    first = (tmp_path / "out" / "findings.json").read_bytes()
    small(tmp_path / "out", weighed=weighed(legs=()))
    assert (tmp_path / "out" / "findings.json").read_bytes() != first
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    small(tmp_path / "out")
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize("before", [False, True])
def test_a_folder_with_anything_else_is_refused_and_left_alone(tmp_path: Path, before: bool) -> None:
    if before:
        small(tmp_path / "out")
    (tmp_path / "out" / "notes").mkdir(parents=True)
    mine = tmp_path / "out" / "notes" / "interview.txt"
    mine.write_text("mine")
    with pytest.raises(UsageError, match=r"holds notes/interview\.txt, which no report wrote"):
        small(tmp_path / "out")
    assert mine.read_text() == "mine"
    assert (tmp_path / "out" / "report.html").exists() is before


def test_a_file_and_the_current_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        small(tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="current folder"):
        small(Path("."))


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_fails_half_way_leaves_the_former_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    small(tmp_path / "out")
    before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}

    def fails(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(write, "page_html", fails)
    with pytest.raises(error):
        small(tmp_path / "out", weighed=weighed(legs=()))
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_quarantine_is_listed_record_by_record(simulated: Case) -> None:
    rows = list(csv.DictReader(simulated.text("quarantine.csv").splitlines()))
    assert {(r["file"], r["line"], r["reason"]) for r in rows} == {
        ("opensky/day-1.csv.gz", "17", "latitude out of range")
    }


@pytest.mark.slow
def test_maps_are_drawn_and_embedded(tmp_path: Path) -> None:
    written = small(tmp_path / "out", draw_maps=True)
    maps = [p for p in written if p.suffix == ".png"]
    assert [re.sub(r"[0-9a-f]{8}", "#", p.name) for p in maps] == ["leg-1-#.png", "legs-all.png"]
    assert (tmp_path / "out" / "report.html").read_text("utf-8").count("data:image/png;base64,") == 2


def test_a_file_that_was_passed_over_is_named_in_every_account(tmp_path: Path) -> None:
    passed = replace(ingested(), skipped=("README.txt: no track format",))
    small(tmp_path / "out", ingested=passed)
    for name in ("findings.json", "report.html", "report.md"):
        assert "README.txt: no track format" in (tmp_path / "out" / name).read_text("utf-8"), name
