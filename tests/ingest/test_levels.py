"""Altitudes in metres under a name that promises feet: refused where a cruise tells, with both readings named."""

from __future__ import annotations

import pytest

from flighttrace.geodesy import FT_PER_M
from tests.ingest.track_samples import ADDRESS, TRAFFIC_HEADER, flight, spaced, text, traffic_json


def cruise(level: float, *, speed: str, steps: int = 60, after: float | None = None) -> bytes:
    """A table of the traffic library: half an hour at one level at 450 kt, `after` at the end for five more fixes."""
    lines = []
    for i, f in enumerate(flight(steps)):
        height = level if after is None or i < steps - 5 else after
        lines.append(
            f"{spaced(f.iso)},{ADDRESS},TST123,{f.lat_deg},{f.lon_deg},{height + i % 3 * 8},{speed},14.0,,False"
        )
    return text(TRAFFIC_HEADER, *lines)


@pytest.mark.parametrize("speed", ["450.0", ""])
def test_a_cruise_in_metres_under_a_name_for_feet_is_refused(speed: str, read_files) -> None:
    (error,) = read_files({"table.csv": cruise(10_058, speed=speed)}).failures
    assert f"(then {10_066 * FT_PER_M:.0f} ft)" in str(error)
    assert "metres under a name that promises feet" in str(error)
    assert "at 100" in str(error)


def test_a_json_table_is_judged_alike(read_files) -> None:
    data = traffic_json(flight(60))
    for f in flight(60):
        data = data.replace(f'"altitude": {f.altitude_ft}'.encode(), b'"altitude": 10058.0')
    (error,) = read_files({"table.json": data}).failures
    assert "metres under a name that promises feet" in str(error)


@pytest.mark.parametrize(
    "data",
    [
        cruise(33_000, speed="450.0"),
        cruise(10_058, speed="450.0", steps=18),  # nine minutes
        cruise(4_000, speed="450.0"),
        cruise(10_058, speed="450.0", after=20_000),  # climbs on: those were feet
    ],
)
def test_what_may_be_feet_is_read_as_feet(data: bytes, read_files) -> None:
    assert not read_files({"table.csv": data}).failures
