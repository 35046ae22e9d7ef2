from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from flighttrace.match.flights import find_flights
from flighttrace.positions import Ingested

from .builders import START, flight, ingested, positions, source


def _ends(heard: Ingested) -> list[tuple[str | None, str | None]]:
    return [(f.departure.airport, f.arrival.airport) for f in find_flights(heard)]


def test_one_flight_with_both_ends_on_the_ground() -> None:
    (found,) = find_flights(ingested(flight("LLOV", "UBBB")))
    assert (found.departure.airport, found.departure.grade) == ("LLOV", "A")
    assert (found.arrival.airport, found.arrival.grade) == ("UBBB", "A")
    assert found.departure.not_before_utc < found.departure.time_utc <= found.departure.not_after_utc  # type: ignore[operator]
    assert found.position_count == len(found.track)


def test_turn_round_on_the_ground_cuts_and_call_signs_do_not() -> None:
    out = flight("LLOV", "UBBB")
    back = flight("UBBB", "LLOV", start=START + timedelta(hours=7))
    assert _ends(ingested(out, back)) == [("LLOV", "UBBB"), ("UBBB", "LLOV")]
    changed = out.assign(callsign=np.where(np.arange(len(out)) < len(out) // 2, "SIM101", "SIM102"))
    (found,) = find_flights(ingested(changed))
    assert found.callsigns == ("SIM101", "SIM102")
    assert "call sign changed in flight" in found.flags


@pytest.mark.parametrize("step_s", [20, 59, 60, 90])
def test_a_stay_that_is_heard_all_the_while_is_cut_in_its_middle(step_s: int) -> None:
    """Of equal steps none is the longest silence; the first would end the flight in the air."""
    out = flight("LLOV", "UBBB", step_s=step_s).iloc[:-6]
    landed, (lat, lon) = out["time_utc"].iloc[-1], flight("LLOV", "UBBB")[["lat_deg", "lon_deg"]].iloc[-1]
    count = 2400 // step_s
    times = [landed + timedelta(seconds=step_s * (i + 1)) for i in range(count)]
    stay = flight("LLOV", "UBBB").iloc[[-1] * count].assign(time_utc=times, lat_deg=lat, lon_deg=lon)
    back = flight("UBBB", "LLOV", step_s=step_s, start=times[-1] + timedelta(seconds=step_s)).iloc[6:]
    rows = pd.concat([out, stay.astype(out.dtypes), back], ignore_index=True)
    first, second = find_flights(ingested(rows))
    assert first.arrival.on_ground
    assert second.departure.on_ground
    assert (second.first_seen_utc - first.last_seen_utc) == timedelta(seconds=step_s)
    assert abs(first.last_seen_utc - (landed + timedelta(minutes=20))) < timedelta(seconds=150)


def test_a_stay_is_cut_at_its_longest_silence() -> None:
    out = flight("LLOV", "UBBB")
    back = flight("UBBB", "LLOV", start=out["time_utc"].iloc[-1] + timedelta(minutes=40))
    first, second = find_flights(ingested(out, back))
    assert first.last_seen_utc == out["time_utc"].iloc[-1]
    assert second.first_seen_utc == back["time_utc"].iloc[0]


def test_midnight_does_not_cut() -> None:
    (found,) = find_flights(ingested(flight("LLOV", "UBBB", start=datetime(2031, 9, 25, 23, 0, tzinfo=UTC))))
    assert found.first_seen_utc.date() < found.last_seen_utc.date()


def test_gap_at_cruise_height_that_the_distance_needs_is_kept_whole() -> None:
    rows = flight("LLOV", "UBBB")
    t = (rows["time_utc"] - rows["time_utc"].iloc[0]).dt.total_seconds()
    hidden = rows[(t < 3600) | (t > 3600 + 4500)]
    assert _ends(ingested(hidden)) == [("LLOV", "UBBB")]


def test_lost_descending_and_seen_climbing_out_two_hours_later_is_two_flights() -> None:
    inbound = flight("UBBB", "LLOV", hide_arrival_below_ft=15_000.0)
    start = inbound["time_utc"].iloc[-1].to_pydatetime() + timedelta(hours=2)
    outbound = flight("LLOV", "UBBB", start=start)
    outbound = outbound[outbound["baro_altitude_ft"] > 12_000.0]
    first, second = find_flights(ingested(inbound, outbound))
    assert first.arrival.grade not in "AB"
    assert "LLOV" in {c.airport for c in first.arrival.candidates}
    assert second.first_seen_utc > first.last_seen_utc


def test_seen_on_the_ground_next_time_is_continuity() -> None:
    inbound = flight("UBBB", "LLOV", hide_arrival_below_ft=15_000.0)
    start = inbound["time_utc"].iloc[-1].to_pydatetime() + timedelta(minutes=80)
    first, _ = find_flights(ingested(inbound, flight("LLOV", "UBBB", start=start)))
    assert (first.arrival.airport, first.arrival.grade) == ("LLOV", "C")
    assert first.arrival.continued_by == "LLOV"
    assert any("next takes off from LLOV" in reason.en for reason in first.arrival.reasons)


def test_continuity_is_not_used_where_a_flight_between_fits() -> None:
    inbound = flight("UBBB", "LLOV", hide_arrival_below_ft=15_000.0)
    start = inbound["time_utc"].iloc[-1].to_pydatetime() + timedelta(hours=9)
    first, _ = find_flights(ingested(inbound, flight("LLOV", "UBBB", start=start)))
    assert first.arrival.continued_by is None


def test_parked_aircraft_is_not_a_flight_but_is_counted() -> None:
    n = 40
    rows = positions(np.arange(n) * 60, np.full(n, 29.94), np.full(n, 34.93), 1492.0, speed=0.0, ground=[True] * n)
    found = find_flights(ingested(rows))
    assert len(found) == 0
    assert found.ground_only == (("f00001", n),)


def test_two_networks_of_one_flight_are_one_flight() -> None:
    one = flight("LLOV", "UBBB", source_id="a")
    two = flight("LLOV", "UBBB", source_id="b", step_s=33.0)
    heard = ingested(one, two, sources=[source("a", "OpenSky"), source("b", "Flightradar24")])
    (found,) = find_flights(heard)
    assert found.networks == ("Flightradar24", "OpenSky")
    assert found.rejected_count == 0


def test_networks_that_put_one_airframe_in_two_places_are_disputed() -> None:
    one = flight("LLOV", "UBBB", source_id="a")
    two = flight("LTAC", "LTFM", source_id="b", step_s=40.0)
    heard = ingested(one, two, sources=[source("a", "OpenSky"), source("b", "Flightradar24")])
    assert any("disputed positions" in f.flags for f in find_flights(heard))


def test_flight_list_row_stands_alone_or_joins_the_flight_heard() -> None:
    dense = flight("LLOV", "UBBB")
    pair = dense.iloc[[8, -8]].assign(source_id="list", listed_flight="list/1", on_ground=pd.NA)
    (alone,) = find_flights(ingested(pair))
    assert "two positions of a flight list" in alone.flags
    (joined,) = find_flights(ingested(dense, pair))
    assert set(joined.source_ids) == {"list", "s1"}


def test_every_position_is_in_a_flight_or_counted_on_the_ground() -> None:
    heard = ingested(
        flight("LLOV", "UBBB"),
        flight("UBBB", "LTAC", start=START + timedelta(hours=8)),
        flight("LLBG", "LTAC", icao24="f00002"),
    )
    found = find_flights(heard)
    counted = sum(f.position_count for f in found) + sum(n for _, n in found.ground_only)
    assert counted == len(heard.positions)


def test_order_of_rows_changes_nothing() -> None:
    heard = ingested(flight("LLOV", "UBBB"), flight("UBBB", "LLOV", start=START + timedelta(hours=7)))
    shuffled = Ingested(heard.positions.sample(frac=1.0, random_state=7), heard.listed_flights, heard.sources)
    assert list(find_flights(heard)) == list(find_flights(shuffled))


@pytest.mark.parametrize("hours", [0, 5, 12, 19])
def test_time_of_day_changes_nothing_but_the_times(hours: int) -> None:
    assert _ends(ingested(flight("LLOV", "UBBB", start=START + timedelta(hours=hours)))) == [("LLOV", "UBBB")]


def test_a_flight_list_beside_a_track_makes_no_end_worse() -> None:
    dense = flight("LLOV", "UBBB")
    pair = dense.iloc[[2, -1]].assign(source_id="list", listed_flight="list/1", on_ground=pd.NA)
    (alone,) = find_flights(ingested(dense))
    (joined,) = find_flights(ingested(dense, pair))
    for kind in ("departure", "arrival"):
        one, two = alone.end(kind), joined.end(kind)  # type: ignore[arg-type]
        assert (one.grade, one.time_utc, one.not_before_utc) == (two.grade, two.time_utc, two.not_before_utc)


def test_a_last_fix_at_field_height_may_already_have_landed() -> None:
    dense = flight("LLOV", "UBBB")
    airborne_end = dense[~dense["on_ground"].astype(bool)]["time_utc"].iloc[-1]
    pair = dense.iloc[[8, -2]].assign(listed_flight="list/1", on_ground=pd.NA, ground_speed_kt=np.nan)
    (listed,) = find_flights(ingested(pair))
    assert listed.arrival.not_before_utc is not None
    assert listed.arrival.not_before_utc < airborne_end


def _without_ground_flags(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(on_ground=pd.array([pd.NA] * len(rows), dtype="boolean"))


def test_a_stop_that_is_heard_cuts_even_without_ground_flags() -> None:
    out = flight("UBBB", "LLOV")
    wait = positions(
        np.arange(12) * 600.0,
        np.full(12, 29.9403),
        np.full(12, 34.9358),
        1500.0,
        speed=0.0,
        start=out["time_utc"].iloc[-1].to_pydatetime() + timedelta(minutes=1),
    )
    back = flight("LLOV", "UBBB", start=wait["time_utc"].iloc[-1].to_pydatetime() + timedelta(minutes=8))
    found = find_flights(ingested(*(_without_ground_flags(part) for part in (out, wait, back))))
    assert [(f.departure.airport, f.arrival.airport) for f in found] == [("UBBB", "LLOV"), ("LLOV", "UBBB")]
    assert all(f.departure.grade in "AB" and f.arrival.grade in "AB" for f in found)


def test_slow_flight_at_height_is_not_standing() -> None:
    seconds = np.arange(0, 3600, 30.0)
    lat = 43.7 + 0.05 * np.sin(seconds / 120.0)
    rows = positions(seconds, lat, np.full(len(seconds), 5.8), 8000.0 + 900 * np.sin(seconds / 300.0), speed=25.0)
    (found,) = find_flights(ingested(_without_ground_flags(rows)))
    assert not found.departure.on_ground


def test_two_aircraft_under_one_name_are_two_flights_where_the_name_is_no_address() -> None:
    named = {"icao24": None, "track_key": "#12345678/", "callsign": None}
    one = flight("LTAC", "LLBG", **named)
    two = flight("LLBG", "LLOV", cruise_ft=15_000.0, **named)
    found = list(find_flights(ingested(one, two)))
    assert {(f.departure.airport, f.arrival.airport) for f in found} == {("LTAC", "LLBG"), ("LLBG", "LLOV")}
    assert len({f.track_key for f in found}) == 2
    assert sum(f.position_count for f in found) == len(one) + len(two)
