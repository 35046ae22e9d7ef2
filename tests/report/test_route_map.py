from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from flighttrace.report.route_map import HEIGHT, WIDTH, route_map
from flighttrace.report.segments import GAP_S, segments

from .builders import FIELDS, PLACES, flight, route, track


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?\d+\.\d) (-?\d+\.\d)", path)]


def test_a_gap_is_longer_than_the_limit() -> None:
    at_limit = segments(track(route(points=4), step_s=GAP_S))
    assert [s.kind for s in at_limit] == ["received"]
    beyond = segments(track(route(points=4), step_s=60, gap_after=1, gap_s=GAP_S))
    assert [s.kind for s in beyond] == ["received", "gap", "received"]
    assert beyond[1].duration_s == GAP_S + 60
    assert beyond[0].to_utc == beyond[1].from_utc
    assert beyond[1].to_utc == beyond[2].from_utc


def test_rejected_positions_are_no_part_of_a_segment() -> None:
    rows = track(route(points=5))
    rows.loc[2, "rejected_because"] = "impossible jump"
    (segment,) = segments(rows)
    assert len(segment.lat_deg) == 4
    assert segment.to_utc - segment.from_utc == timedelta(minutes=4)
    assert segments(rows.iloc[:0]) == ()


def test_tracks_and_fields_are_on_the_sheet_with_gaps_apart() -> None:
    drawn = route_map(
        [(1, flight("a")), (2, flight("b", departs="UBBB", arrives="LLOV", gap_after=60))],
        FIELDS,
        airports=["LLOV", "UBBB", "XXXX"],
        places=[PLACES["karabakh-radius"]],
    )
    assert drawn is not None
    assert [bool(line.gaps) for line in drawn.lines] == [False, True]
    for line in drawn.lines:
        for x, y in points(line.received + line.gaps):
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
    ovda, baku = drawn.dots
    assert ovda.x < baku.x
    assert ovda.y > baku.y, "Baku lies north of Ovda: higher on the sheet"
    first = points(drawn.lines[0].received)[0]
    assert abs(first[0] - ovda.x) < 2
    assert abs(first[1] - ovda.y) < 2
    assert [(label.text, label.title) for _, label in drawn.circles] == [("110 km", "within 110 km of Karabakh")]
    assert drawn.scale_km in (100, 200)


def test_names_are_in_the_language_and_do_not_collide() -> None:
    drawn = route_map([(1, flight())], FIELDS, airports=list(FIELDS), lang="ar")
    assert drawn is not None
    labels = [d.label for d in drawn.dots if d.label]
    assert any("باكو" in label.text for label in labels)
    boxes = []
    for label in [*labels, *drawn.countries]:
        width = 6.5 * len(label.text)
        left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
        boxes.append((left, label.y - 10, left + width, label.y + 3))
    for n, a in enumerate(boxes):
        for b in boxes[n + 1 :]:
            assert a[2] <= b[0] or a[0] >= b[2] or a[3] <= b[1] or a[1] >= b[3]


def test_no_track_no_map() -> None:
    assert route_map([], FIELDS, airports=["LLOV"]) is None
    unheard = replace(flight(), track=flight().track.iloc[:0])
    assert route_map([(1, unheard)], FIELDS, airports=["LLOV"]) is None
