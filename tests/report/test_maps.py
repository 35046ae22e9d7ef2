"""Maps: what they say, that no label covers another, that they are true to scale, and that bytes repeat."""

from __future__ import annotations

import gzip
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
import numpy as np
import orjson
import pandas as pd
import pytest
import shapely
from geopy.distance import geodesic
from matplotlib.lines import Line2D
from matplotlib.text import Text as Artist
from PIL import Image
from shapely.geometry import shape

from flighttrace.errors import UsageError
from flighttrace.geodesy import circle
from flighttrace.language import Text
from flighttrace.report import map_words as words
from flighttrace.report.basemap import base_of
from flighttrace.report.labels import Lettering, printable
from flighttrace.report.map_layers import geodesic_points
from flighttrace.report.map_sheet import Sheet
from flighttrace.report.maps import draw_flight_map, draw_leg_map, draw_legs_map
from flighttrace.report.projection import fit_view, longitude_span, view_around

from .builders_maps import (
    PLACES,
    ROUTE,
    ZONES,
    FewAirfields,
    end,
    flight,
    four_legs,
    leg,
    lost_over_the_arava,
    ovda_baku,
    source,
    track,
)

DATA = Path(__file__).resolve().parents[2] / "flighttrace" / "data" / "naturalearth"
GIVEN = {"airfields": FewAirfields(), "places": PLACES, "local_timezones": ZONES}


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


def texts_of(sheet: Sheet) -> list[Artist]:
    return [t for t in sheet.figure.findobj(Artist) if t.get_visible() and t.get_text()]


def words_of(sheet: Sheet) -> str:
    return "\n".join(t.get_text() for t in texts_of(sheet))


def draw(name: str, path: Path, lang: str = "en") -> Path:
    legs, lone = four_legs()
    drawings = {
        "leg": lambda: draw_leg_map(ovda_baku(), path, lang=lang, sources=[source()], **GIVEN),
        "lost": lambda: draw_leg_map(lost_over_the_arava(), path, lang=lang, sources=[source()], **GIVEN),
        "legs": lambda: draw_legs_map(legs, path, lang=lang, sources=[source()], one_ended=lone, **GIVEN),
        "nothing": lambda: draw_legs_map([], path, lang=lang, **GIVEN),
    }
    return drawings[name]()


# --- no text covers another ---------------------------------------------------------------------------------------


def boxes_of(sheet: Sheet) -> list[tuple[str, str, object]]:
    renderer = sheet.lettering.renderer
    return [(t.get_gid() or "", t.get_text(), t.get_window_extent(renderer)) for t in texts_of(sheet)]


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", ["leg", "lost", "legs", "nothing"])
def test_no_text_covers_another_and_none_leaves_the_sheet(
    name: str, lang: str, sheets: list[Sheet], tmp_path: Path
) -> None:
    draw(name, tmp_path / "map.png", lang)
    (sheet,) = sheets
    boxes = boxes_of(sheet)
    assert len(boxes) > 12
    for (gid_a, text_a, a), (gid_b, text_b, b) in itertools.combinations(boxes, 2):
        same_block = gid_a == gid_b and gid_a.startswith("block")
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        up = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert same_block or across <= 1 or up <= 1, f"{text_a!r} and {text_b!r} overlap"
    width, height = sheet.figure.get_size_inches() * sheet.figure.dpi
    for _, text, box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height, text


@pytest.mark.parametrize("name", ["leg", "lost", "legs"])
def test_no_leader_runs_through_a_text(name: str, sheets: list[Sheet], tmp_path: Path) -> None:
    draw(name, tmp_path / "map.png")
    (sheet,) = sheets
    boxes = boxes_of(sheet)
    for leader in (line for line in sheet.figure.findobj(Line2D) if line.get_gid() == "leader"):
        x, y = (np.linspace(*ends, 50) for ends in (leader.get_xdata(), leader.get_ydata()))
        for _, text, box in boxes:
            inside = (x > box.x0 + 2) & (x < box.x1 - 2) & (y > box.y0 + 2) & (y < box.y1 - 2)
            assert not inside.any(), text


def test_a_crowd_of_fields_still_has_no_overlap(sheets: list[Sheet], tmp_path: Path) -> None:
    fields = FewAirfields()
    home = fields.get("LLOV")
    for i in range(24):
        lat, lon = home.lat_deg + 0.05 * (i % 5 - 2), home.lon_deg + 0.05 * (i // 5 - 2)
        code, name = f"XX{i:02d}", f"Field no {i} Airport"
        fields.fields[code] = replace(home, airport=code, ident=code, name=name, lat_deg=lat, lon_deg=lon)
    lost = lost_over_the_arava()
    crowd = {f"XX{i:02d}": 0.01 for i in range(24)}
    arrival = end("arrival", lost.flight.track, "LLOV", "D", others={"": 0.3})
    first = arrival.candidates[0]
    more = [replace(first, airport=name, probability=p, probability_flat=p) for name, p in crowd.items()]
    arrival = replace(arrival, candidates=(*arrival.candidates, *more))
    draw_leg_map(replace(lost, flight=replace(lost.flight, arrival=arrival)), tmp_path / "crowd.png",
                 airfields=fields, places=PLACES)  # fmt: skip
    boxes = boxes_of(sheets[0])
    assert sum("Field no" in text for _, text, _ in boxes) >= 8
    assert sum(text == "Ovda (LLOV)" for _, text, _ in boxes) == 2, "the field itself is named on map and enlargement"
    for (gid_a, text_a, a), (gid_b, text_b, b) in itertools.combinations(boxes, 2):
        apart = min(a.x1, b.x1) - max(a.x0, b.x0) <= 1 or min(a.y1, b.y1) - max(a.y0, b.y0) <= 1
        assert apart or (gid_a == gid_b and gid_a.startswith("block")), f"{text_a!r} and {text_b!r} overlap"


# --- what the picture says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leg", "lost", "legs", "nothing"])
def test_every_picture_says_whose_borders_and_what_a_track_does_not_show(
    name: str, sheets: list[Sheet], tmp_path: Path
) -> None:
    draw(name, tmp_path / "map.png")
    said = words_of(sheets[0])
    assert "borders as drawn by Natural Earth, not a statement on sovereignty" in said
    assert "It shows no cargo, no owner and no intent." in said
    assert "flighttrace 0." in said


def test_the_key_explains_all_four_grades_and_what_else_is_drawn(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("lost", tmp_path / "map.png")
    said = words_of(sheets[0])
    for text in (
        *(words.GRADE_KEYS[g].en for g in ("A", "B", "C", "D")),
        "inferred, not received",
        "20 km round the field",
    ):
        assert text in said
    assert "no reception: shortest line drawn" not in said, "the key shows only what the map has"


def test_a_gap_says_its_minutes_and_kilometres(sheets: list[Sheet], tmp_path: Path) -> None:
    leg_ = ovda_baku()
    rows = leg_.flight.track
    at = int(rows["time_utc"].diff().dt.total_seconds().argmax())
    minutes = round((rows["time_utc"].iloc[at] - rows["time_utc"].iloc[at - 1]).total_seconds() / 60)
    km = geodesic(*(tuple(rows.loc[i, ["lat_deg", "lon_deg"]]) for i in (at - 1, at))).km
    draw_leg_map(leg_, tmp_path / "map.png", **GIVEN)
    assert f"no reception {minutes} min, {km:,.0f} km:\nshortest line drawn" in words_of(sheets[0])
    dashed = [line for line in sheets[0].figure.findobj(Line2D) if line.get_color() == "#b3201e" and line.is_dashed()]
    assert dashed, "the gap is dashed"


def test_a_solid_line_never_bridges_a_gap(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("leg", tmp_path / "map.png")
    panel = sheets[0].figure.axes[0]
    solid = [line for line in panel.get_lines() if line.get_color() == "#b3201e" and line.get_linestyle() == "-"]
    assert len(solid) >= 2
    for line in solid:
        steps = np.hypot(np.diff(line.get_xdata()), np.diff(line.get_ydata()))
        assert steps.max() < 60_000 if len(steps) else True


def test_an_inferred_arrival_is_dotted_and_called_so(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("lost", tmp_path / "map.png")
    said = words_of(sheets[0])
    assert "arrival inferred" in said
    assert "short of Ovda" in said
    assert "last heard 09:4" in said
    assert " ft" in said
    assert "Ovda 61%, Ramon air base 14%, unknown 9%" in said.replace("\n", " ")
    assert "landing estimated" in said
    assert "landed" not in said


def test_a_possible_leg_is_called_possible(sheets: list[Sheet], tmp_path: Path) -> None:
    lost = lost_over_the_arava()
    draw_leg_map(replace(lost, possible=True, arrival_place_grade="D"), tmp_path / "map.png", **GIVEN)
    assert "SIM202, possible leg Baku to Ovda?, 5 Oct 2031" in words_of(sheets[0])


def test_an_unknown_end_is_drawn_at_the_fix_and_named_unknown(sheets: list[Sheet], tmp_path: Path) -> None:
    rows = track(ROUTE[:6])
    made = flight(rows, end("departure", rows, "LLOV", "A"), end("arrival", rows, None, "D"))
    draw_flight_map(made, tmp_path / "map.png", airfields=FewAirfields())
    said = words_of(sheets[0])
    assert "SIM101, Ovda to an unknown field, 5 Oct 2031" in said
    assert "field unknown" in said


def test_a_leg_names_the_likeliest_field_inside_its_place(sheets: list[Sheet], tmp_path: Path) -> None:
    rows = track()
    arrival = end("arrival", rows, None, "D", others={"UBBI": 0.2, "UBBB": 0.15})
    made = leg(flight(rows, end("departure", rows, "LLOV", "A"), arrival), "ovda", "baku", ("A", "D"), possible=True)
    draw_leg_map(made, tmp_path / "map.png", **GIVEN)
    assert "possible leg Ovda to Nasosnaya?" in words_of(sheets[0])


def test_local_times_stand_beside_utc_with_the_day_where_it_differs(sheets: list[Sheet], tmp_path: Path) -> None:
    rows = track(start_utc=datetime(2031, 10, 5, 19, 40, tzinfo=UTC))
    made = leg(flight(rows, end("departure", rows, "LLOV", "A"), end("arrival", rows, "UBBB", "A")), "ovda", "baku",
               ("A", "A"))  # fmt: skip
    draw_leg_map(made, tmp_path / "map.png", **GIVEN)
    said = words_of(sheets[0]).replace("\n", " ")
    assert "19:40–22:40 UTC" in said
    assert "Azerbaijan 23:40–02:40 (5–6 Oct 2031)" in said


def test_karabakh_is_a_stated_radius(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("leg", tmp_path / "map.png")
    said = words_of(sheets[0])
    assert "110 km around\nKhojaly (Stepanakert, UB13)" in said
    assert "stated radius, not an outline of Nagorno-Karabakh" in said


def test_masked_positions_are_drawn_only_when_asked_for(sheets: list[Sheet], tmp_path: Path) -> None:
    leg_ = ovda_baku()
    rows = leg_.flight.track.copy()
    rows.loc[100:109, "rejected_because"] = "impossible jump"
    rows.loc[100:109, "lat_deg"] = 33.5
    rows.loc[100:109, "lon_deg"] = 44.0
    made = replace(leg_, flight=replace(leg_.flight, track=rows, rejected_count=10))

    def crosses(sheet: Sheet) -> int:
        axes = sheet.figure.axes[0]
        return sum(len(line.get_xdata()) for line in axes.get_lines() if line.get_marker() == "x")

    draw_leg_map(made, tmp_path / "a.png", **GIVEN)
    draw_leg_map(made, tmp_path / "b.png", show_masked=True, **GIVEN)
    assert [crosses(sheet) for sheet in sheets] == [0, 10]
    assert "masked: impossible jump: 10" in words_of(sheets[1])
    assert "10 not believed" in words_of(sheets[0])


def test_all_legs_are_counted_named_and_listed(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("legs", tmp_path / "map.png")
    said = words_of(sheets[0])
    assert "SIMULATED, not evidence: 4 legs, 5 Oct 2031" in said
    assert "2 airframes by address · 1 one-ended sighting, not counted as legs" in said
    for number in range(1, 6):
        assert sum(t.get_text() == str(number) for t in texts_of(sheets[0])) == 2, "in the list and on the track"


def test_legs_without_an_address_are_no_airframes(sheets: list[Sheet], tmp_path: Path) -> None:
    legs, _ = four_legs()
    nameless = [replace(x, flight=replace(x.flight, icao24=None, identity="not in the file")) for x in legs[2:]]
    draw_legs_map([*legs[:2], *nameless], tmp_path / "map.png", **GIVEN)
    assert "1 airframe by address · 2 legs without an address" in words_of(sheets[0])


def test_legs_that_only_claims_ask_for_stand_apart_and_no_flight_counts_twice(
    sheets: list[Sheet], tmp_path: Path
) -> None:
    legs, lone = four_legs()
    twice = [*legs, replace(legs[0], leg_id="again", destination_place="karabakh-radius")]
    other = replace(legs[3], origin_place="karabakh-radius")
    draw_legs_map([*twice[:3], other, twice[4]], tmp_path / "map.png", one_ended=lone * 2,
                  routes_asked=[("ovda", "baku")], **GIVEN)  # fmt: skip
    said = words_of(sheets[0])
    assert "3 legs on the routes asked and 1 more that only claims ask for, 5 Oct 2031" in said
    assert "1 one-ended sighting, not counted" in said


def test_an_end_of_grade_d_is_no_named_field(sheets: list[Sheet], tmp_path: Path) -> None:
    rows = track()
    arrival = end("arrival", rows, "UBBB", "D", others={"UBBI": 0.3})
    made = leg(flight(rows, end("departure", rows, "LLOV", "A"), arrival), "ovda", "baku", ("A", "C"))
    draw_leg_map(made, tmp_path / "map.png", **GIVEN)
    said = words_of(sheets[0])
    assert "Arrival: field not told, grade C" in said
    assert "Nasosnaya 30%" in said
    assert "Baku, field not told" in said
    assert not any(text == "Baku (UBBB)" for _, text, _ in boxes_of(sheets[0]))


def test_arabic_maps_speak_of_possible_legs_by_one_word(sheets: list[Sheet], tmp_path: Path) -> None:
    legs, lone = four_legs()
    draw_legs_map([*legs[:3], replace(legs[3], possible=True)], tmp_path / "map.png", lang="ar", one_ended=lone,
                  **GIVEN)  # fmt: skip
    said = words_of(sheets[0])
    assert "عدد الرحلات: 3؛ عدد الرحلات الممكنة: 1؛" in said
    assert "محتمل" not in said


def test_possible_legs_are_not_counted_among_the_legs(sheets: list[Sheet], tmp_path: Path) -> None:
    legs, _ = four_legs()
    draw_legs_map([*legs[:3], replace(legs[3], possible=True)], tmp_path / "map.png", **GIVEN)
    assert "3 legs and 1 possible leg, 5 Oct 2031" in words_of(sheets[0])
    assert "possible, not counted" in words_of(sheets[0]).replace("\n", " ")
    boxes = boxes_of(sheets[0])
    for (gid_a, text_a, a), (gid_b, text_b, b) in itertools.combinations(boxes, 2):
        apart = min(a.x1, b.x1) - max(a.x0, b.x0) <= 1 or min(a.y1, b.y1) - max(a.y0, b.y0) <= 1
        assert apart or (gid_a == gid_b and gid_a.startswith("block")), f"{text_a!r} and {text_b!r} overlap"


def test_many_legs_are_listed_by_direction_with_their_grades(sheets: list[Sheet], tmp_path: Path) -> None:
    legs, lone = four_legs()
    many = [replace(x, flight=replace(x.flight, flight_id=f"{x.flight.flight_id}-{n}")) for n in range(5) for x in legs]
    two = [replace(x, flight=replace(x.flight, flight_id=f"lone-{n}")) for n in range(2) for x in lone]
    draw_legs_map(many, tmp_path / "map.png", one_ended=two, **GIVEN)
    said = words_of(sheets[0])
    assert "Ovda to Baku: 10 legs" in said
    assert "grades A×10" in said
    assert "Baku to Ovda: 10 legs" in said
    assert "grades B×5 C×5" in said
    assert "2 one-ended sightings" in said


def test_more_routes_than_the_list_holds_are_counted(sheets: list[Sheet], tmp_path: Path) -> None:
    legs, _ = four_legs()
    fields = FewAirfields()
    many = []
    for i in range(18):
        name = f"XX{i:02d}"
        fields.fields[name] = replace(fields.get("UBBB"), airport=name, ident=name, name=f"No {i} Airport")
        far = replace(legs[0].flight.arrival, airport=name, candidates=())
        flown = replace(legs[0].flight, flight_id=f"f{i}", arrival=far)
        many.append(replace(legs[0], flight=flown, destination_place="elsewhere"))
    draw_legs_map(many, tmp_path / "map.png", airfields=fields, places=PLACES)
    assert "and 6 more, listed in the report" in words_of(sheets[0])


def test_nothing_found_says_that_it_proves_nothing(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("nothing", tmp_path / "map.png")
    said = words_of(sheets[0])
    assert "No leg found" in said
    assert "No track is not no flight." in said
    assert "Baku (UBBB)" in said


def test_sources_are_those_of_the_flight_with_the_start_of_their_hash(sheets: list[Sheet], tmp_path: Path) -> None:
    other = source("not_used.csv", source_id="s2")
    draw_leg_map(ovda_baku(), tmp_path / "map.png", sources=[source(), other], **GIVEN)
    said = words_of(sheets[0])
    assert "simulated_states.csv.gz (opensky-states-csv, sha256 0f3c9a7b)" in said
    assert "0f3c9a7be1d2" not in said
    assert "not_used" not in said


# --- simulated ----------------------------------------------------------------------------------------------------


def stamped(sheet: Sheet) -> bool:
    return bool(sheet.figure.findobj(lambda artist: artist.get_gid() == "watermark"))


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_simulated_picture_is_stamped_in_headline_watermark_and_file(
    lang: str, sheets: list[Sheet], tmp_path: Path
) -> None:
    path = draw("leg", tmp_path / "map.png", lang)
    title = sheets[0].texts.title.lstrip(words.RIGHT_TO_LEFT_MARK)
    assert title.startswith(words.STAMP[lang])  # type: ignore[index]
    watermarks = sheets[0].figure.findobj(lambda artist: artist.get_gid() == "watermark")
    assert len(watermarks) == len(sheets[0].figure.axes) == 3
    assert Image.open(path).info["Comment"] == "simulated: not evidence"


def test_a_given_title_does_not_take_the_stamp_away(sheets: list[Sheet], tmp_path: Path) -> None:
    legs, _ = four_legs()
    draw_legs_map(legs, tmp_path / "map.png", title=Text("All flights", "كل الرحلات"), **GIVEN)
    assert sheets[0].texts.title == "SIMULATED, not evidence: All flights"


def test_a_real_picture_bears_no_stamp(sheets: list[Sheet], tmp_path: Path) -> None:
    path = draw_leg_map(ovda_baku(simulated=False, callsign="ABC1"), tmp_path / "map.png", **GIVEN)
    assert not stamped(sheets[0])
    assert "SIMULATED" not in words_of(sheets[0])
    assert "Comment" not in Image.open(path).info


# --- text from outside --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("callsign", [r"$\frac{1", "_hidden", "A\x07\nB", "\u202egnorw", "長い名前", "X" * 300])
def test_any_call_sign_is_printed_as_plain_safe_text(callsign: str, sheets: list[Sheet], tmp_path: Path) -> None:
    draw_leg_map(ovda_baku(callsign=callsign), tmp_path / "map.png", **GIVEN)
    title = next(t.get_text() for t in texts_of(sheets[0]) if "SIMULATED" in t.get_text())
    assert all(c.isprintable() for c in title)
    assert callsign[:5] in title or "\\" in title
    assert len(title) < 120


def test_what_the_font_cannot_print_is_escaped() -> None:
    assert printable("Zürich باكو") == "Zürich باكو"
    assert printable("\u202e長") == "\\u202e\\u9577"


def test_arabic_is_not_reshaped_and_latin_keeps_its_order(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("lost", tmp_path / "map.png", "ar")
    said = words_of(sheets[0])
    assert not any("\ufb50" <= c <= "\ufeff" for c in said), "presentation forms would be shaped twice"
    assert "من باكو إلى عوفدا" in said
    assert "الحدود كما ترسمها" in said
    assert "\u206609:49 UTC\u2069" in said
    rows = [t.get_text() for t in texts_of(sheets[0]) if "؛" in t.get_text() or "،" in t.get_text()]
    assert rows
    assert all(row.startswith(words.RIGHT_TO_LEFT_MARK) for row in rows)


# --- true to scale ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "conic"),
    [
        (ROUTE, True),
        ([(47.46, 8.55), (60.0, -30.0), (21.04, -86.87)], False),
        ([(37.46, 126.4), (45.0, 180.0), (33.9, -118.4)], False),
        ([(-17.7, 177.4), (-13.8, -172.0)], False),
        ([(1.3, 103.9), (-6.1, 106.6)], False),
        ([(64.1, -21.9), (88.0, 10.0), (61.2, -149.9)], False),
        ([(-33.9, 151.2), (-37.7, 144.8)], True),
    ],
)
def test_a_view_holds_its_points_and_its_scale_bar_is_true_at_the_middle(
    points: list[tuple[float, float]], conic: bool
) -> None:
    lat, lon = np.array(points, dtype=float).T
    view = fit_view(lat, lon, aspect=1.3)
    assert view.conic is conic
    assert view.contains(*view.project(lat, lon)).all()
    back_lat, back_lon = view.unproject(*view.project(lat, lon))
    np.testing.assert_allclose(back_lat, lat, atol=1e-7)
    np.testing.assert_allclose((back_lon - lon + 180) % 360 - 180, 0, atol=1e-6)
    assert view.width_m / view.height_m == pytest.approx(1.3)
    x, y = (view.x_min_m + view.x_max_m) / 2, (view.y_min_m + view.y_max_m) / 2
    (lat_a, lat_b), (lon_a, lon_b) = view.unproject([x - 20_000, x + 20_000], [y, y])
    assert geodesic((lat_a, lon_a), (lat_b, lon_b)).km == pytest.approx(40 * 1000 * view.ground_km_per_m(), rel=0.004)


def test_a_circle_of_twenty_kilometres_is_round_on_paper() -> None:
    view = fit_view(*np.array(ROUTE).T, aspect=1.1)
    for lat, lon in ((29.94, 34.94), (40.47, 50.05), (39.90, 46.79)):
        x, y = view.project(*circle(lat, lon, 20.0).T)
        centre = view.project(lat, lon)
        radii = np.hypot(x - centre[0], y - centre[1])
        assert radii.max() / radii.min() < 1.01
        assert radii.mean() == pytest.approx(20_000, rel=0.03)


def test_longitudes_over_the_180th_meridian_are_taken_the_short_way() -> None:
    assert longitude_span([170.0, -170.0]) == (-180.0, pytest.approx(20.0))
    assert longitude_span([-10.0, 30.0]) == (pytest.approx(10.0), pytest.approx(40.0))


def test_a_gap_is_drawn_along_the_geodesic() -> None:
    lat, lon = geodesic_points(np.array([37.46, 33.94]), np.array([126.43, -118.41]))
    steps = [geodesic((a, b), (c, d)).km for (a, b), (c, d) in itertools.pairwise(zip(lat, lon, strict=True))]
    assert sum(steps) == pytest.approx(geodesic((37.46, 126.43), (33.94, -118.41)).km, rel=1e-6)
    assert max(steps) < 26
    assert lat.max() > 45, "the shortest line over the Pacific runs far north of both ends"


# --- the base map -------------------------------------------------------------------------------------------------


def features(file: str) -> list[dict]:  # type: ignore[type-arg]
    return orjson.loads(gzip.decompress((DATA / file).read_bytes()))["features"]


def test_the_base_map_is_small_and_names_its_origin() -> None:
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 6_000_000
    said = (DATA / "SOURCE.md").read_text("utf-8")
    assert "world-atlas" in said
    assert "public domain" in said
    assert "ISC" in said


@pytest.mark.parametrize("file", ["region.geojson.gz", "world.geojson.gz"])
def test_land_water_and_lakes_lie_where_they_should(file: str) -> None:
    layers: dict[str, list[tuple[dict, object]]] = {}  # type: ignore[type-arg]
    for f in features(file):
        layers.setdefault(f["properties"]["layer"], []).append((f["properties"], shape(f["geometry"])))

    def country_at(lat: float, lon: float) -> str | None:
        return next((p["name_en"] for p, s in layers["country"] if shapely.contains_xy(s, lon, lat)), None)

    assert country_at(40.40, 49.88) == "Azerbaijan"
    assert country_at(29.94, 34.94) == "Israel"
    assert country_at(29.61, 35.02) == "Jordan"
    assert country_at(41.5, 51.0) is None, "the Caspian"
    assert country_at(34.0, 30.0) is None, "the Mediterranean"
    lat, lon = (38.6, 42.9) if file.startswith("region") else (47.7, -87.5)
    assert any(shapely.contains_xy(s, lon, lat) for _, s in layers["lake"]), "Lake Van, Lake Superior"
    for layer in ("border", "coast"):
        ((_, lines),) = layers[layer]
        jumps = [np.abs(np.diff(shapely.get_coordinates(part)[:, 0])).max() for part in shapely.get_parts(lines)]
        assert max(jumps) < 15, "no line runs round the world"


def test_the_world_is_whole_at_the_180th_meridian() -> None:
    russia = next(
        shape(f["geometry"]) for f in features("world.geojson.gz") if f["properties"].get("name_en") == "Russia"
    )
    assert russia.is_valid
    assert shapely.contains_xy(russia, 179.0, 68.0)
    assert shapely.contains_xy(russia, -179.0, 67.5)
    assert not shapely.contains_xy(russia, 0.0, 68.0)


def test_the_finer_scale_is_used_where_it_covers_the_window() -> None:
    assert base_of(view_around(40.4, 50.0, 60, aspect=1.0)).scale == "1:10m"
    assert base_of(view_around(47.4, 8.5, 60, aspect=1.0)).scale == "1:50m"
    assert base_of(fit_view([55.0, 40.0], [37.0, 50.0], aspect=1.0)).scale == "1:50m", "Moscow lies outside the region"


# --- anywhere on the globe ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "points",
    [
        [(37.46, 126.43), (44.0, 160.0), (45.0, 200.0), (33.94, 241.59)],
        [(78.2, 15.5), (86.0, 40.0), (71.3, -156.8)],
        [(1.36, 103.99), (-6.13, 106.66)],
        [(-33.95, 151.18), (-33.96, 151.30), (-33.93, 151.17)],
    ],
    ids=["over the Pacific", "over the pole", "over the equator", "once round the field"],
)
def test_any_flight_can_be_drawn(points: list[tuple[float, float]], sheets: list[Sheet], tmp_path: Path) -> None:
    rows = track(points, simulated=False, callsign="REAL1")
    made = flight(rows, end("departure", rows, None, "D"), end("arrival", rows, None, "D"))
    path = draw_flight_map(made, tmp_path / "map.png", airfields=FewAirfields())
    picture = Image.open(path)
    assert picture.width == 1800
    assert 900 < picture.height < 2200
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
    red = (np.abs(pixels - [0xB3, 0x20, 0x1E]).sum(axis=1) < 12).sum()
    assert red > 300, "the track is on the picture"


def test_a_flight_of_two_positions_is_one_gap(sheets: list[Sheet], tmp_path: Path) -> None:
    rows = track().iloc[[0, -1]].reset_index(drop=True)
    made = flight(rows, end("departure", rows, "LLOV", "D"), end("arrival", rows, "UBBB", "D"))
    draw_flight_map(made, tmp_path / "map.png", airfields=FewAirfields())
    said = words_of(sheets[0])
    assert "no reception 3 h 0" in said or "no reception 3 h" in said
    assert "Ovda? to Baku?" in said
    assert "both fields not told" in said
    assert "Ovda to Baku" not in said


def test_a_flight_without_a_believed_position_is_an_error(tmp_path: Path) -> None:
    leg_ = ovda_baku()
    rows = leg_.flight.track.assign(rejected_because="(0,0)")
    with pytest.raises(UsageError, match="no believed position"):
        draw_leg_map(replace(leg_, flight=replace(leg_.flight, track=rows)), tmp_path / "map.png", **GIVEN)
    assert not (tmp_path / "map.png").exists()


# --- the same bytes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leg", "legs"])
def test_the_same_input_gives_the_same_bytes_whatever_the_users_settings(name: str, tmp_path: Path) -> None:
    first = draw(name, tmp_path / "a.png").read_bytes()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.dpi": 40, "text.parse_math": True}):
        second = draw(name, tmp_path / "b.png").read_bytes()
    assert first == second
    assert "Software" in Image.open(tmp_path / "a.png").info


def test_drawing_leaves_matplotlibs_settings_alone(tmp_path: Path) -> None:
    with mpl.rc_context({"font.size": 30, "text.parse_math": True}):
        draw("nothing", tmp_path / "map.png")
        assert mpl.rcParams["font.size"] == 30
        assert mpl.rcParams["text.parse_math"] is True


def test_drawing_does_not_change_the_flight(tmp_path: Path) -> None:
    leg_ = ovda_baku()
    before = leg_.flight.track.copy()
    draw_leg_map(leg_, tmp_path / "map.png", **GIVEN)
    pd.testing.assert_frame_equal(before, leg_.flight.track)


def test_wrapped_lines_are_no_wider_than_asked(sheets: list[Sheet], tmp_path: Path) -> None:
    draw("leg", tmp_path / "map.png")
    ruler: Lettering = sheets[0].lettering
    rows = ruler.wrapped("A track shows where an aircraft was heard and nothing else at all", 10, 300)
    assert len(rows) > 1
    assert all(ruler.width_of(row, 10) <= 300 for row in rows)
