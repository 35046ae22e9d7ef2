from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flighttrace.report.timeline import LEFT, MOST_WINDOW_ROWS, RIGHT, WIDTH, Mark, Window, panels

START = datetime(2031, 9, 1, tzinfo=UTC)


def mark(day: float, lane: int = 0) -> Mark:
    return Mark(1, START + timedelta(days=day), lane, False, "x")


def window(day: float, days: float, title: str = "claim") -> Window:
    return Window(START + timedelta(days=day), START + timedelta(days=day + days), title)


def test_nothing_has_no_timeline() -> None:
    assert panels([], [], lang="en") == ()


def test_years_without_a_leg_are_left_out() -> None:
    found = panels([mark(0), mark(10), mark(1000)], [], lang="en")
    assert [p.title for p in found] == ["2031-09", "2034-05"]
    assert [len(p.marks) for p in found] == [2, 1]


def test_a_mark_stands_where_its_time_is() -> None:
    (panel,) = panels([mark(0), mark(20, lane=1)], [], lang="en")
    for shape in panel.marks:
        share = (shape.seconds - panel.from_s) / (panel.to_s - panel.from_s)
        assert abs(shape.x - (LEFT + share * (WIDTH - LEFT - RIGHT))) <= 0.1
        assert LEFT <= shape.x <= WIDTH - RIGHT


def test_a_long_window_does_not_set_the_scale() -> None:
    (panel,) = panels([mark(0), mark(10)], [window(-700, 705, "two years"), window(2, 1)], lang="en")
    assert panel.to_s - panel.from_s < 20 * 86_400
    assert [w.goes_on for w in panel.windows] == [True, False]


def test_only_long_windows_still_make_a_timeline() -> None:
    (panel,) = panels([], [window(0, 700)], lang="en")
    assert len(panel.windows) == 1


def test_labels_of_windows_do_not_overlap() -> None:
    many = [window(n * 0.5, 3, f"claim-number-{n}") for n in range(30)]
    (panel,) = panels([mark(0)], many, lang="en")
    assert panel.windows_left_out == 30 - len(panel.windows)
    assert len({w.y for w in panel.windows}) <= MOST_WINDOW_ROWS
    by_row: dict[float, list[tuple[float, float]]] = {}
    for shape in panel.windows:
        text = 6.0 * len(shape.window.title)
        left = min(shape.x, shape.text_x - (text if shape.anchor == "end" else 0))
        right = max(shape.x + shape.width, shape.text_x + (text if shape.anchor == "start" else 0))
        by_row.setdefault(shape.y, []).append((left, right))
    for spans in by_row.values():
        for (_, right), (left, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert right <= left


def test_ticks_are_few_and_inside() -> None:
    for span in (3, 40, 100, 400, 3000):
        found = panels([mark(0), *[mark(d) for d in range(0, span, 30)], mark(span)], [], lang="en")
        for panel in found:
            assert 1 <= len(panel.ticks) <= 16
            assert all(LEFT <= t.x <= WIDTH - RIGHT for t in panel.ticks)


def test_no_label_lies_over_a_bar() -> None:
    """Also where a bar leaves no room on either side of it: the label then has the row above."""
    windows = [window(n * 4, 40 - n * 4, f"a claim with a long name, number {n}") for n in range(5)]
    windows += [window(-300, 338, "goes on from long before"), window(1, 1, "short"), window(20, 1, "short")]
    (panel,) = panels([mark(0), mark(40)], windows, lang="en")
    assert any(shape.text_y != shape.y for shape in panel.windows)
    for shape in panel.windows:
        text = 6.0 * len(shape.window.title)
        left = shape.text_x - (text if shape.anchor == "end" else 0)
        for other in panel.windows:
            if other.y == shape.text_y:
                assert left + text <= other.x or left >= other.x + other.width
