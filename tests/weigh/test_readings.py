"""Readings: their order and number; windows: local days with the end excluded, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from flighttrace.language import Text
from flighttrace.weigh.case import load_case
from flighttrace.weigh.expects import WindowSpec
from flighttrace.weigh.model import Reading
from flighttrace.weigh.windows import Window, local_day, months_before, window_of

from .builders import AIRFIELDS, utc

ZONE = "Asia/Jerusalem"


def reading(**dates: date) -> Reading:
    return Reading("art", "A", {}, Text("", ""), True, dates, None)


def test_readings_come_first_value_first_then_in_lexicographic_order_of_the_axes() -> None:
    readings = load_case("ovda-karabakh", airfields=AIRFIELDS).readings
    assert [r.label for r in readings["arab48-2020"]] == list("ABCDEF")
    expected = product(
        ("ovda", "south-israel-bases"),
        ("near-karabakh", "karabakh-radius-110", "karabakh-radius-75", "karabakh-radius-150"),
        (4, 3, 6, 8),
    )
    found = [(r.values["base"], r.values["place"], r.weeks) for r in readings["ap-2023"]]
    assert found == list(expected)
    for of_article in readings.values():
        assert [r.first for r in of_article] == [True] + [False] * (len(of_article) - 1)
        assert [list(r.values) for r in of_article] == [list(of_article[0].values)] * len(of_article)


def test_the_inferred_days_are_the_weekdays_that_the_article_names() -> None:
    for r in load_case("ovda-karabakh", airfields=AIRFIELDS).readings["arab48-2020"]:
        assert r.dates["published"] - r.dates["tuesday"] == timedelta(days=1)
        assert r.dates["tuesday"].weekday() == 1
        assert r.dates["thursday"].weekday() == 3
        assert timedelta(0) < r.dates["tuesday"] - r.dates["thursday"] < timedelta(days=7)


def test_a_day_in_summer_time_begins_at_21_utc() -> None:
    window = window_of(WindowSpec(day="tuesday"), reading(tuesday=date(2020, 9, 29)), ZONE)
    assert window is not None
    assert (window.from_utc, window.to_utc) == (utc("2020-09-28 21:00"), utc("2020-09-29 21:00"))
    assert window.holds(utc("2020-09-28 22:30"))  # 01:30 on the 29th in Israel
    assert not window.holds(utc("2020-09-29 22:30"))
    assert not window.holds(window.to_utc)
    assert window.holds(window.from_utc)


def test_the_day_on_which_summer_time_ends_has_25_hours() -> None:
    window = Window(date(2020, 10, 25), date(2020, 10, 26), ZONE)
    assert window.to_utc - window.from_utc == timedelta(hours=25)
    assert local_day(utc("2020-10-25 21:30"), ZONE) == date(2020, 10, 25)
    assert local_day(utc("2020-10-25 22:30"), ZONE) == date(2020, 10, 26)


def test_midnight_that_the_clocks_skip_begins_at_the_skip() -> None:
    window = Window(date(2022, 3, 27), date(2022, 3, 28), "Asia/Beirut")  # 00:00 became 01:00
    assert window.from_utc == utc("2022-03-26 22:00")
    assert window.to_utc - window.from_utc == timedelta(hours=23)


@pytest.mark.parametrize(
    ("spec", "first", "until"),
    [
        (WindowSpec(before="operation", weeks=4), date(2023, 8, 22), date(2023, 9, 19)),
        (WindowSpec(before="operation", months=24), date(2021, 9, 19), date(2023, 9, 19)),
        (WindowSpec(before="operation", years=5), date(2018, 9, 19), date(2023, 9, 19)),
        (WindowSpec(before="2024-03-31", months=1), date(2024, 2, 29), date(2024, 3, 31)),
        (WindowSpec(first=date(2023, 7, 1), until=date(2023, 8, 1)), date(2023, 7, 1), date(2023, 8, 1)),
        (WindowSpec(day="2020-02-29"), date(2020, 2, 29), date(2020, 3, 1)),
    ],
)
def test_window_forms(spec: WindowSpec, first: date, until: date) -> None:
    window = window_of(spec, reading(operation=date(2023, 9, 19)), ZONE)
    assert window is not None
    assert (window.first, window.until) == (first, until)


def test_a_window_whose_length_the_reading_leaves_open_is_none() -> None:
    assert (
        window_of(WindowSpec(before="operation", weeks_from_reading=True), reading(operation=date(2023, 9, 19)), ZONE)
        is None
    )
    assert window_of(WindowSpec(day="friday"), reading(), ZONE) is None


def test_weeks_are_counted_back_from_the_end() -> None:
    window = Window(date(2023, 9, 3), date(2023, 9, 19), ZONE)
    assert [(a.day, b.day) for a, b in window.weeks] == [(3, 5), (5, 12), (12, 19)]


def test_months_before_keeps_the_day_where_there_is_one() -> None:
    assert months_before(date(2020, 9, 30), 24) == date(2018, 9, 30)
    assert months_before(date(2020, 3, 31), 1) == date(2020, 2, 29)
    assert months_before(date(2020, 1, 15), 1) == date(2019, 12, 15)
    assert datetime(2020, 1, 1, tzinfo=UTC) == utc("2020-01-01 00:00")
