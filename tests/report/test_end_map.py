"""The map of an end: what it says and draws, that no text covers another, that bytes repeat."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from matplotlib.patches import Polygon
from matplotlib.text import Text as Artist
from PIL import Image
from rich.console import Console

from flighttrace.errors import UsageError
from flighttrace.match.model import Candidate, EndKind, Flight, Sighting
from flighttrace.match.reasons import explained
from flighttrace.report import map_words
from flighttrace.report.end_layers import BESIDE_INK
from flighttrace.report.end_map import draw_end_map
from flighttrace.report.explanation import explanation, explanation_document, flight_of
from flighttrace.report.findings import schema
from flighttrace.report.map_sheet import Sheet

from .builders_maps import ROUTE, ZONES, FewAirfields, end, flight, lost_over_the_arava, ovda_baku, source, track

FIELDS = FewAirfields()


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> list[Sheet]:
    """Every sheet that is saved while the test runs."""
    kept: list[Sheet] = []
    save = Sheet.save

    def keep(self: Sheet, path: Path, *, version: str, simulated: bool) -> Path:
        kept.append(self)
        return save(self, path, version=version, simulated=simulated)

    monkeypatch.setattr(Sheet, "save", keep)
    return kept


def lost(minutes: float | None = None, **changes: object) -> Flight:
    """Lost over the Arava; heard again after so many minutes, if at all."""
    made = lost_over_the_arava().flight
    arrival = replace(made.arrival, on_ground=False, true_track_deg=195.0, vertical_rate_ft_min=-1500.0,
                      ground_speed_kt=300.0, **changes)  # fmt: skip
    beside = None
    if minutes is not None:
        again = arrival.fix_time_utc + timedelta(minutes=minutes)
        beside = Sighting(again, 30.55, 34.95, 9000.0, on_ground=False)
    return explained(replace(made, arrival=arrival), None, beside, FIELDS)


def draw(made: Flight, path: Path, kind: EndKind = "arrival", lang: str = "en") -> Path:
    return draw_end_map(made, kind, path, airfields=FIELDS, lang=lang, sources=[source()], local_timezones=ZONES)  # type: ignore[arg-type]


def texts_of(sheet: Sheet) -> list[Artist]:
    return [t for t in sheet.figure.findobj(Artist) if t.get_visible() and t.get_text()]


def words_of(sheet: Sheet) -> str:
    return "\n".join(t.get_text() for t in texts_of(sheet))


def many(of: Flight) -> Flight:
    """The flight with all fields as candidates, of few per cent each."""
    arrival = of.arrival
    km = {c.airport: c for c in arrival.candidates}
    named = [Candidate(n, 0.07, 0.07, -1.0, km[n].distance_km if n in km else 90.0, 9000.0) for n in FIELDS.fields]
    every = (*named, Candidate(None, 1 - 0.07 * len(named), 1 - 0.07 * len(named), -1.0, None, None))
    return explained(replace(of, arrival=replace(arrival, candidates=every, grade="D")), None, None, FIELDS)


def far_side() -> Flight:
    """A flight that is lost just before the 180th meridian and heard again behind it."""
    rows = track([(-17.0, 176.5), (-17.2, 178.0), (-17.1, 179.8)], fields_ft=(60.0, 20_000.0))
    arrival = replace(end("arrival", rows, None, "D", others={"LLOV": 0.2}), on_ground=False)
    made = flight(rows, end("departure", rows, None, "D"), arrival)
    lone = (Candidate(None, 1.0, 1.0, 0.0, None, None),)
    made = replace(made, arrival=replace(arrival, candidates=lone), departure=replace(made.departure, candidates=lone))
    again = Sighting(arrival.fix_time_utc + timedelta(minutes=9), -17.3, -179.9, 9000.0, on_ground=False)
    return explained(made, None, again, FIELDS)


CASES = {
    "lost": lambda: (lost(), "arrival"),
    "heard again": lambda: (lost(14.0), "arrival"),
    "many": lambda: (many(lost()), "arrival"),
    "ground": lambda: (ovda_baku().flight, "departure"),
    "antimeridian": lambda: (far_side(), "arrival"),
}


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", list(CASES))
def test_no_text_covers_another_and_none_leaves_the_sheet(
    name: str, lang: str, sheets: list[Sheet], tmp_path: Path
) -> None:
    made, kind = CASES[name]()
    draw(made, tmp_path / "end.png", kind, lang)
    (sheet,) = sheets
    renderer = sheet.lettering.renderer
    boxes = [(t.get_gid() or "", t.get_text(), t.get_window_extent(renderer)) for t in texts_of(sheet)]
    assert len(boxes) > 12
    for (gid_a, text_a, a), (gid_b, text_b, b) in itertools.combinations(boxes, 2):
        same_block = gid_a == gid_b and gid_a.startswith("block")
        across, up = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert same_block or across <= 1 or up <= 1, f"{text_a!r} and {text_b!r} overlap"
    width, height = sheet.figure.get_size_inches() * sheet.figure.dpi
    for _, text, box in boxes:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text


def test_it_says_the_end_the_candidates_and_why(sheets: list[Sheet], tmp_path: Path) -> None:
    draw(lost(), tmp_path / "end.png")
    said = words_of(sheets[0])
    for words in ("SIM202, arrival: Ovda, inferred, grade C", "last heard 09:4", "Ovda (LLOV) 61%", "unknown", "9%",
                  "Ramon air base (LLRM) 14%", "Why", "Descending 1,500 ft/min", "B asks for less than 4,000 ft",
                  "It shows no cargo"):  # fmt: skip
        assert words in said, words
    assert " ft" in said.replace("4,000 ft", "")


def test_a_simulated_end_bears_the_stamp_and_a_real_one_does_not(sheets: list[Sheet], tmp_path: Path) -> None:
    path = draw(lost(), tmp_path / "end.png")
    assert words_of(sheets[0]).startswith(map_words.STAMP.en) or map_words.STAMP.en in words_of(sheets[0])
    assert any(artist.get_gid() == "watermark" for artist in sheets[0].figure.findobj())
    assert Image.open(path).text["Comment"] == "simulated: not evidence"
    draw_end_map(replace(lost(), simulated=False), "arrival", path, airfields=FIELDS)
    assert map_words.STAMP.en not in words_of(sheets[1])
    assert not any(artist.get_gid() == "watermark" for artist in sheets[1].figure.findobj())


def test_the_key_says_what_the_reachable_set_is(sheets: list[Sheet], tmp_path: Path) -> None:
    def said(made: Flight) -> str:
        draw(made, tmp_path / "end.png")
        return words_of(sheets[-1])

    assert "can be reached between this fix and the next sighting at up to 520 kt" in said(lost(14.0))
    assert "not drawn" in said(lost(60.0))
    assert "not drawn" not in said(lost(8.0))
    assert "where a descent from " in said(lost())
    assert "flying level it can have gone farther" in said(lost())
    assert "no place can be reached between the two sightings" in said(lost(0.5))
    assert "no reachable set is drawn" in said(lost(fix_altitude_ft=None))
    assert "reach" not in said(replace(lost(), arrival=replace(lost().arrival, on_ground=True, grade="A"))).casefold()


def test_the_set_is_an_area_on_the_map_only_where_its_rim_is_in_sight(sheets: list[Sheet], tmp_path: Path) -> None:
    def areas(made: Flight) -> int:
        draw(made, tmp_path / "end.png")
        return sum(p.get_facecolor()[:3] == pytest.approx((0.122, 0.31, 0.82), abs=0.01) for p in
                   sheets[-1].figure.findobj(Polygon))  # fmt: skip

    assert areas(lost(8.0)) == 1
    assert areas(lost(60.0)) == 0
    assert areas(lost(0.5)) == 0


def test_the_next_sighting_is_a_diamond_with_its_time(sheets: list[Sheet], tmp_path: Path) -> None:
    draw(lost(14.0), tmp_path / "end.png")
    assert "next heard 1" in words_of(sheets[0]) or "next heard 0" in words_of(sheets[0])
    assert any(t.get_color() == BESIDE_INK for t in texts_of(sheets[0]))
    draw(lost(), tmp_path / "end.png")
    assert not any(t.get_color() == BESIDE_INK for t in texts_of(sheets[1]))


def test_at_grade_d_no_field_stands_out(sheets: list[Sheet], tmp_path: Path) -> None:
    made = lost()
    draw(replace(made, arrival=replace(made.arrival, grade="D")), tmp_path / "end.png")
    assert "arrival: field not told, grade D" in words_of(sheets[0])
    assert not [t for t in texts_of(sheets[0]) if "LLOV" in t.get_text() and t.get_fontweight() == "bold"]
    draw(made, tmp_path / "end.png")
    assert [t for t in texts_of(sheets[1]) if "LLOV" in t.get_text() and t.get_fontweight() == "bold"]


def test_the_same_end_gives_the_same_bytes(tmp_path: Path) -> None:
    assert draw(lost(), tmp_path / "a.png").read_bytes() == draw(lost(), tmp_path / "b.png").read_bytes()


def test_without_a_believed_position_there_is_nothing_to_draw(tmp_path: Path) -> None:
    made = lost()
    rows = made.track.assign(rejected_because="impossible jump")
    with pytest.raises(UsageError, match="no believed position"):
        draw(replace(made, track=rows), tmp_path / "end.png")


def test_a_hostile_call_sign_is_plain_text(sheets: list[Sheet], tmp_path: Path) -> None:
    made = replace(lost(), callsigns=("$\\frac{1}{2}$\x1b[31m[bold]",))
    draw(made, tmp_path / "end.png")
    assert "\x1b" not in words_of(sheets[0])
    console = Console(record=True, width=120, file=open("/dev/null", "w"))  # noqa: SIM115
    for part in explanation(made, given(), FIELDS):
        console.print(part)
    text = console.export_text()
    assert "[bold]" in text
    assert "\x1b" not in text


def given():  # type: ignore[no-untyped-def]
    import pandas as pd

    from flighttrace.positions import Ingested, empty_listed_flights

    return Ingested(pd.DataFrame(track(ROUTE)), empty_listed_flights(), (replace(source(), sha256="0" * 64),))


@pytest.mark.parametrize("minutes", [None, 14.0])
def test_the_document_holds_to_its_schema(minutes: float | None) -> None:
    document = explanation_document(lost(minutes), given(), FIELDS)
    jsonschema.validate(json.loads(json.dumps(document)), schema("explanation"))
    arrival = document["ends"]["arrival"]  # type: ignore[index]
    assert arrival["grade_reason"]["en"].startswith("C: ")
    assert arrival["candidates"][0]["airport"] == "LLOV"
    assert (arrival["neighbour"] is None) == (minutes is None)
    assert arrival["reachable"]["kind"] == ("descent" if minutes is None else "both")


def test_the_flight_of_an_explanation_is_that_of_the_flights_document() -> None:
    flights, explained_ones = schema("flights")["$defs"], schema("explanation")["$defs"]
    assert flights.items() <= explained_ones.items()  # type: ignore[attr-defined]


def test_an_id_or_an_only_beginning_of_it_names_a_flight() -> None:
    flights = [replace(lost(), flight_id=name) for name in ("f-12ab", "f-12cd", "f-9")]
    assert flight_of(flights, "f-12a").flight_id == "f-12ab"
    assert flight_of([*flights, replace(lost(), flight_id="f-9e")], "f-9").flight_id == "f-9"
    with pytest.raises(UsageError, match="2 flights have an id that begins with 'f-12': f-12ab, f-12cd"):
        flight_of(flights, "f-12")
    for wrong in ("f-7", "", "9"):
        with pytest.raises(UsageError, match="no flight has the id"):
            flight_of(flights, wrong)
