"""What a case asks of the sources: days of its windows, airframes, fields."""

from __future__ import annotations

from datetime import date

from flighttrace.weigh.case import load_case
from flighttrace.weigh.tracks_wanted import LONGEST_DAYS, tracks_wanted

WANTED = tracks_wanted(load_case("ovda-karabakh"))


def test_the_days_are_the_utc_days_of_every_reading() -> None:
    # local days in Israel: Tuesday 29 Sep 2020 began at 21:00 UTC of the 28th
    for day in (date(2020, 9, 23), date(2020, 9, 24), date(2020, 9, 28), date(2020, 9, 29), date(2020, 11, 3)):
        assert day in WANTED.days
    assert date(2020, 9, 25) not in WANTED.days
    # eight weeks before 19 Sep 2023, and July 2023
    assert {date(2023, 6, 30), date(2023, 7, 31), date(2023, 9, 18)} <= set(WANTED.days)
    assert date(2023, 9, 19) not in WANTED.days
    assert list(WANTED.days) == sorted(set(WANTED.days))


def test_long_windows_are_left_out_and_named() -> None:
    assert "arab48-2020.two-year-pattern" in WANTED.left_out
    assert len(WANTED.days) < 2 * LONGEST_DAYS
    assert not any(day.year in (2016, 2019) for day in WANTED.days)


def test_airframes_and_fields_are_those_of_the_case_and_its_routes() -> None:
    assert {"613133", "600864"} <= set(WANTED.icao24)
    assert {"LLOV", "UBBB", "UBBG"} <= set(WANTED.airports)
    assert "LLBG" not in WANTED.airports
    assert all(len(code) == 4 and code.isalpha() for code in WANTED.airports)
