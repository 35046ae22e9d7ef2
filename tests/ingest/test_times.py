"""Every way to write a time, in whole milliseconds since 1970 UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.errors import InputError
from flighttrace.ingest.times import Times, read_times

NOON_MS = 1_647_345_600_000  # 2022-03-15 12:00 UTC


def read(values: list[object], form: str = "iso", zone: str | None = None) -> Times:
    return read_times(
        pd.Series(values),
        form,  # type: ignore[arg-type]
        zone=ZoneInfo(zone) if zone else None,
        locate=lambda at: ("x.csv", at + 1),
    )


@pytest.mark.parametrize(
    ("text", "offset_ms"),
    [
        ("2022-03-15T12:00:00Z", 0),
        ("2022-03-15T12:00:00z", 0),
        ("2022-03-15 12:00:00+00:00", 0),
        ("2022-03-15 12:00:00 +00:00", 0),
        ("2022-03-15 12:00:00 UTC", 0),
        (" 2022-03-15T12:00Z ", 0),
        ("2022-03-15T15:00:00+03:00", 0),
        ("2022-03-15T15:30:00+0330", 0),
        ("2022-03-15T08:00:00-04", 0),
        ("2022-03-15T12:00:00.130Z", 130),
        ("2022-03-15T12:00:00,1305Z", 131),
        ("2022-03-15T12:00:00.9996Z", 1000),
        ("2022-03-14T24:00:00Z", -12 * 3_600_000),
    ],
)
def test_iso(text: str, offset_ms: int) -> None:
    assert read([text]).ms.tolist() == [NOON_MS + offset_ms]


@pytest.mark.parametrize(
    "text",
    [
        "2022-02-29T12:00:00Z",
        "2022-13-01T12:00:00Z",
        "2022-00-10T12:00:00Z",
        "2022-03-15T24:00:01Z",
        "2022-03-15T23:59:60Z",
        "2022-03-15T12:60:00Z",
        "2022-03-15T12:00:00+19:00",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "2022-03-15",
        "15.03.2022 12:00",
    ],
)
def test_what_is_no_time_is_bad_and_not_mended(text: str) -> None:
    times = read(["2022-03-15T12:00:00Z", text, None, " "])
    assert times.bad.tolist() == [False, True, False, False]
    assert times.missing.tolist() == [False, False, True, True]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("aware", [True, False])
def test_datetime_columns_in_every_resolution(unit: str, aware: bool) -> None:
    values = pd.Series(pd.to_datetime([NOON_MS, None], unit="ms", utc=True).as_unit(unit))
    if not aware:
        values = values.dt.tz_localize(None)
    times = read_times(values, "datetime", zone=ZoneInfo("UTC"), locate=lambda at: ("x", at))
    assert times.ms.tolist() == [NOON_MS, 0]
    assert times.missing.tolist() == [False, True]


def test_naive_datetimes_need_a_zone() -> None:
    values = pd.Series(pd.to_datetime(["2022-03-15 12:00"]))
    with pytest.raises(InputError, match="no zone"):
        read_times(values, "datetime", zone=None, locate=lambda at: ("x.csv", 7))


@pytest.mark.parametrize(
    ("form", "value"), [("epoch_s", "1647345600.25"), ("epoch_s", 1647345600.25), ("epoch_ms", 1647345600250)]
)
def test_epochs(form: str, value: object) -> None:
    assert read([value], form).ms.tolist() == [NOON_MS + 250]


@settings(max_examples=200, deadline=None)
@given(
    moment=st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 (made aware below)
    offset_min=st.integers(-14 * 60, 14 * 60),
)
def test_agrees_with_the_standard_library(moment: datetime, offset_min: int) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    sign, minutes = "-" if offset_min < 0 else "+", abs(offset_min)
    local = pd.Timestamp(moment) + pd.Timedelta(minutes=offset_min)
    text = f"{local:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    assert read([text]).ms.tolist() == [round(moment.timestamp() * 1000)]
