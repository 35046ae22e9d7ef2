"""Fields that had scheduled service once: the feature prior goes by the day of the flight."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from importlib.resources import files

import numpy as np
import pytest

from flighttrace.match.candidates import fields_in_reach
from flighttrace.match.end_features import KIND_OF_FIELD, kind_of_field
from flighttrace.match.end_track import EndState, EndTrack
from flighttrace.match.places import load_airfields
from flighttrace.match.service import served_then

AIRFIELDS = load_airfields()


def end_near(lat_deg: float, lon_deg: float, at: datetime) -> EndTrack:
    n = 5
    return EndTrack(
        kind="arrival",
        seconds=np.arange(n) * 10.0,
        lat_deg=np.full(n, lat_deg + 0.3) + np.arange(n) * 0.01,
        lon_deg=np.full(n, lon_deg),
        altitude_ft=10_000.0 + np.arange(n) * 200.0,
        ground_speed_kt=np.full(n, 300.0),
        true_track_deg=np.full(n, 180.0),
        vertical_rate_ft_min=np.full(n, -1500.0),
        on_ground=np.zeros(n, dtype=bool),
        ground_said=np.zeros(n, dtype=bool),
        end_time_utc=at,
        silence_s=3600.0,
        shortest_runway_ft=5000.0,
        operation="airline",
    )


def kinds_at(code: str, day: date) -> dict[str, float]:
    field = AIRFIELDS.get(code)
    track = end_near(field.lat_deg, field.lon_deg, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    state = EndState(track)
    fields = fields_in_reach(track, state, AIRFIELDS, day)
    row = [AIRFIELDS.airport(i) for i in fields.indexes.tolist()].index(field.airport)
    return dict(zip(KIND_OF_FIELD, kind_of_field(track, state, fields)[row].tolist(), strict=True))


@pytest.mark.parametrize(("code", "last", "large"), [("LTBA", date(2019, 4, 5), 1.0), ("LLOV", date(2019, 3, 30), 0.0)])
def test_a_field_is_what_it_was_on_the_day_of_the_flight(code: str, last: date, large: float) -> None:
    then, after = kinds_at(code, last), kinds_at(code, date(2019, 4, 6))
    named = [("scheduled service, jet", 1.0), ("large or medium airport, jet", 1.0), ("large airport, jet", large)]
    assert all(then[name] == pytest.approx(value) for name, value in named)
    assert then["served, airline"] == pytest.approx(1.0)
    assert after["scheduled service, jet"] == after["served, airline"] == after["large airport, jet"] == 0.0


def test_a_closed_airport_counts_in_full_while_it_was_open() -> None:
    assert next(
        row.until for row in served_then(AIRFIELDS, date(2017, 2, 6)) if AIRFIELDS.airport(row.field) == "EDDT"
    ) == (AIRFIELDS.get("EDDT").closed)
    assert kinds_at("EDDT", date(2017, 2, 6))["large airport, jet"] == pytest.approx(1.0)


def test_the_table_tells_what_the_airfields_do_not_know() -> None:
    text = (files("flighttrace") / "data" / "airfields" / "service.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["ident"] for row in rows}) == len(rows) == len(served_then(AIRFIELDS, date(2000, 1, 1)))
    for row in rows:
        field = AIRFIELDS.get(row["ident"])
        assert field.airport in (row["code"], row["ident"])
        assert not field.scheduled_service or field.kind == "closed"
        assert row["kind"] in ("large_airport", "medium_airport")
        assert bool(row["source"]) == bool(row["served_until"])
        until = date.fromisoformat(row["served_until"]) if row["served_until"] else field.closed
        assert until is not None
        assert field.closed is None or until <= field.closed
    assert served_then(AIRFIELDS, date(2025, 1, 1)) == ()
