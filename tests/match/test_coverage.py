from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

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


def test_tracks_without_an_icao_address_are_no_other_aircraft() -> None:
    for key in ("~f0000a", "#12345678/SIM101", "000000", "000001", "ffffff"):
        rows = ingested(flight("LLOV", "LLBG", icao24="f0000a", track_key=key, cruise_ft=15_000.0)).positions
        entry = measure_coverage(rows, [FIELDS.get("LLOV")], [DAY]).days[0]
        assert (entry.aircraft, entry.positions, entry.lowest_ft) == (0, 0, None)


def test_simulated_rows_count_only_where_no_real_one_is_given() -> None:
    rows = ingested(flight("LLOV", "LLBG", icao24="f0000a", cruise_ft=15_000.0)).positions
    far = ingested(flight("LTAC", "LTBA", icao24="f0000b")).positions.assign(simulated=False)
    both = pd.concat([rows, far], ignore_index=True)
    assert measure_coverage(rows, [FIELDS.get("LLOV")], [DAY]).covered
    assert not measure_coverage(both, [FIELDS.get("LLOV")], [DAY]).covered


def test_the_lowest_height_is_of_aircraft_that_can_be_counted() -> None:
    own = flight("LLOV", "LLBG", icao24="f0000a", cruise_ft=15_000.0)
    high = flight("OJAQ", "LLBG", icao24="f0000b", hide_below_ft=12_000.0)
    rows = ingested(own, high).positions
    entry = measure_coverage(rows, [FIELDS.get("LLOV")], [DAY], without={"f0000a"}).days[0]
    assert entry.lowest_ft is not None
    assert entry.lowest_ft > 10_000
    assert measure_coverage(rows, [FIELDS.get("LLOV")], [DAY]).days[0].lowest_ft == 0.0
