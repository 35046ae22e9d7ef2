from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from flighttrace.report.labels import Lettering
from flighttrace.report.map_lists import LIST_ROW_PX, MOST_ROW_LINES, _row_lines
from flighttrace.report.map_sheet import DPI

NOTE = "2 Nov 2031 07:25–10:16 UTC"


@pytest.fixture
def ruler() -> Lettering:
    return Lettering(Figure(figsize=(1, 1), dpi=DPI))


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("SIM101  Baku to Ovda", NOTE),
        ("no address  Ovda to fields near Nagorno-Karabakh", NOTE),
        ("no address  air bases of southern Israel to fields near Nagorno-Karabakh", f"{NOTE} · possible, not counted"),
    ],
)
@pytest.mark.parametrize("width_px", [350.0, 390.0])  # the column less number and badges
def test_a_row_stays_within_its_width_and_height(ruler: Lettering, name: str, note: str, width_px: float) -> None:
    lines = _row_lines(ruler, name, note, width_px, "en")
    for line in lines:
        assert ruler.width_of(line.text, line.size_pt, line.weight) <= width_px, line
    assert " ".join(line.text for line in lines) == f"{name} {note}"
    block = ruler.block(lines, align="left", halo=False, leading=1.45)
    assert block.height <= LIST_ROW_PX
    assert len(lines) <= MOST_ROW_LINES or lines[0].size_pt < 8
