"""Masked positions on the maps: by reason, on request only, counted in the key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flighttrace.match.cleaning import DISPUTED, JUMP
from flighttrace.match.model import Leg
from flighttrace.match.spoofing import AT_TARGET, HARDLY_MOVING, NO_DESCENT, STALE
from flighttrace.report import map_words as words
from flighttrace.report.map_masked import KINDS, masked_by_kind
from flighttrace.report.map_sheet import Sheet
from flighttrace.report.maps import draw_flight_map, draw_leg_map, draw_legs_map

from .builders_maps import ovda_baku
from .test_maps import GIVEN, boxes_of, sheets, words_of

__all__ = ["sheets"]

REASONS = (
    AT_TARGET + "Beirut airport (OLBA)", HARDLY_MOVING, NO_DESCENT, DISPUTED, JUMP, STALE,
    "stale: the source marks the position as old", "position 0,0",
)  # fmt: skip


def masked(*reasons: str, each: int = 5, lat: float = 33.5, lon: float = 44.0) -> Leg:
    """A leg of whose positions some are masked, at that point."""
    leg = ovda_baku()
    rows = leg.flight.track.copy()
    for i, reason in enumerate(reasons):
        here = rows.index[60 + i * each : 60 + (i + 1) * each]
        rows.loc[here, "rejected_because"] = reason
        rows.loc[here, ["lat_deg", "lon_deg"]] = (lat, lon) if reason != "position 0,0" else (0.0, 0.0)
    return replace(leg, flight=replace(leg.flight, track=rows, rejected_count=each * len(reasons)))


def marks(sheet: Sheet) -> dict[object, int]:
    """Marker → how many points of the main window bear it."""
    lines = [line for line in sheet.figure.axes[0].get_lines() if line.get_gid() == "masked"]
    return {line.get_marker(): len(line.get_xdata()) for line in lines}


def test_nothing_is_drawn_unless_asked_for(sheets: list[Sheet], tmp_path: Path) -> None:
    leg = masked(*REASONS)
    draw_leg_map(leg, tmp_path / "a.png", **GIVEN)
    draw_legs_map([leg], tmp_path / "b.png", **GIVEN)
    assert [marks(sheet) for sheet in sheets] == [{}, {}]
    assert not any("masked" in words_of(sheet) for sheet in sheets)


def test_each_reason_has_its_mark_and_its_line_of_the_key(sheets: list[Sheet], tmp_path: Path) -> None:
    leg = masked(*REASONS)
    draw_leg_map(leg, tmp_path / "a.png", show_masked=True, **GIVEN)
    draw_flight_map(leg.flight, tmp_path / "b.png", show_masked=True, **GIVEN)
    draw_legs_map([leg], tmp_path / "c.png", show_masked=True, **GIVEN)
    for sheet in sheets:
        assert marks(sheet) == {"*": 5, "^": 5, "s": 5, "+": 5, "x": 5, ".": 10, "1": 0}
        said = words_of(sheet)
        assert "masked: at a known spoof target: 5" in said
        assert "masked: hardly moves at cruise height: 5" in said
        assert "masked: at a runway without a descent: 5" in said
        assert "masked: disputed, a competing run: 5" in said
        assert "masked: impossible jump: 5" in said
        assert "masked: stale, a repeat: 10" in said
        assert "masked: never set, or at a pole: 5, 5 outside" in said


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_no_line_of_the_key_covers_another(lang: str, sheets: list[Sheet], tmp_path: Path) -> None:
    draw_leg_map(masked(*REASONS), tmp_path / "a.png", lang=lang, show_masked=True, **GIVEN)
    boxes = [(text, box) for gid, text, box in boxes_of(sheets[0]) if gid != "stamp"]
    key = [(text, box) for text, box in boxes if words.plain(lang, "masked: ", "غير مصدَّق: ") in text]
    assert len(key) == len(KINDS)
    for text, box in key:
        assert box.x0 >= 0, text
        assert box.x1 <= 1800, text
        for other, second in boxes:
            apart = box.x1 <= second.x0 or second.x1 <= box.x0 or box.y1 <= second.y0 or second.y1 <= box.y0
            assert apart or other == text or "SIMULATED" in other or "محاكاة" in other, (text, other)


def test_the_window_holds_the_blocks_that_compete_and_not_the_strays(sheets: list[Sheet], tmp_path: Path) -> None:
    draw_leg_map(masked(DISPUTED, lat=20.0, lon=60.0), tmp_path / "a.png", show_masked=True, **GIVEN)
    draw_leg_map(masked(JUMP, lat=20.0, lon=60.0), tmp_path / "b.png", show_masked=True, **GIVEN)
    assert [marks(sheet) for sheet in sheets] == [{"+": 5}, {"x": 0}]
    assert "masked: disputed, a competing run: 5\n" in words_of(sheets[0]) + "\n"
    assert "masked: impossible jump: 5, 5 outside" in words_of(sheets[1])


def test_every_masked_position_is_of_one_kind() -> None:
    leg = masked(*REASONS, "something new")
    found = masked_by_kind([leg.flight])
    assert sum(len(lat) for _, lat, _ in found) == int(leg.flight.track["rejected_because"].notna().sum()) == 45
