from __future__ import annotations

from datetime import date, timedelta

from flighttrace.match.coverage import measure_coverage
from flighttrace.match.places import load_airfields

from .builders import START, flight, ingested

FIELDS = load_airfields()
DAY = date(2031, 9, 25)


def test_another_aircraft_low_over_the_field_covers_the_day() -> None:
    rows = ingested(flight("LLOV", "LLBG", icao24="f0000a", cruise_ft=15_000.0)).positions
    covered = measure_coverage(rows, [FIELDS.get("LLOV")], [DAY])
    assert covered.covered
    assert covered.days[0].aircraft == 1
    assert covered.days[0].positions > 0
    assert not measure_coverage(rows, [FIELDS.get("LLOV")], [DAY], without={"f0000a"}).covered


def test_every_field_and_every_day_is_asked() -> None:
    rows = ingested(flight("LLOV", "LLBG", icao24="f0000a", cruise_ft=15_000.0)).positions
    assert not measure_coverage(rows, [FIELDS.get("LLOV"), FIELDS.get("UBBB")], [DAY]).covered
    assert not measure_coverage(rows, [FIELDS.get("LLOV")], [DAY, DAY + timedelta(days=1)]).covered
    assert not measure_coverage(rows, [FIELDS.get("LLOV")], []).covered


def test_high_traffic_covers_nothing_but_its_height_is_said() -> None:
    rows = ingested(flight("OJAQ", "LLBG", icao24="f0000a", hide_below_ft=12_000.0)).positions
    entry = measure_coverage(rows, [FIELDS.get("LLOV")], [DAY]).days[0]
    assert entry.aircraft == 0


def test_rejected_positions_and_closed_fields_do_not_count() -> None:
    rows = ingested(flight("LLOV", "LLBG", icao24="f0000a")).positions
    rejected = rows.assign(rejected_because="disputed")
    assert not measure_coverage(rejected, [FIELDS.get("LLOV")], [DAY]).covered
    assert measure_coverage(rows, [FIELDS.get("LLET")], [DAY]).days == ()


def test_days_are_local() -> None:
    late = flight("LLOV", "LLBG", icao24="f0000a", start=START.replace(hour=22), cruise_ft=15_000.0)
    rows = ingested(late).positions
    field = [FIELDS.get("LLOV")]
    assert not measure_coverage(rows, field, [DAY], timezone="Asia/Jerusalem").covered
    assert measure_coverage(rows, field, [DAY + timedelta(days=1)], timezone="Asia/Jerusalem").covered
