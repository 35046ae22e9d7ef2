"""Tracks that no rule was made for: each has an answer that claims no more than was heard."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from flighttrace.match.flights import find_flights
from flighttrace.match.model import EndpointEstimate, Flight
from flighttrace.match.places import Airfields, load_airfields

from .builders import flight, ingested, positions

AIRFIELDS = load_airfields()
OVDA = AIRFIELDS.get("LLOV")


def ends(rows: pd.DataFrame) -> list[EndpointEstimate]:
    return [end for f in flights(rows) for end in (f.departure, f.arrival)]


def flights(*rows: pd.DataFrame) -> list[Flight]:
    return list(find_flights(ingested(*rows)))


def circling(n: int, altitude_ft: float, speed_kt: float, *, lat: float = 45.0, lon: float = 5.0) -> pd.DataFrame:
    """n fixes on a circle of 2 km about a point, 10 s apart."""
    angle = np.linspace(0.0, 6 * np.pi, n)
    km = 2.0 / 111.0
    return positions(
        np.arange(n) * 10.0, lat + km * np.sin(angle), lon + km * np.cos(angle), altitude_ft, speed=speed_kt
    )


def test_one_point_is_a_flight_without_a_told_end() -> None:
    assert {end.grade for end in ends(positions([0], [30.2], [35.0], 24_000.0))} == {"D"}


def test_two_points_twelve_hours_apart_tell_nothing() -> None:
    found = ends(positions([0, 43_200], [30.2, 41.0], [35.0, 49.0], 33_000.0))
    assert found
    assert {end.grade for end in found} == {"D"}


def test_all_on_the_ground_is_no_flight() -> None:
    rows = positions(
        np.arange(60) * 10.0, np.full(60, OVDA.lat_deg), np.full(60, OVDA.lon_deg), 0.0, speed=5.0, ground=[True] * 60
    )
    found = find_flights(ingested(rows))
    assert not found.flights
    assert found.ground_only == (("f00001", 60),)


@pytest.mark.parametrize("altitude_ft", [2_000.0, 8_000.0, 35_000.0])
def test_all_at_one_altitude_is_an_overflight_and_no_end(altitude_ft: float) -> None:
    rows = flight("LLOV", "UBBB").query("not on_ground").assign(baro_altitude_ft=altitude_ft)
    assert {end.grade for end in ends(rows)} <= {"D", "X"}


def test_without_any_altitude_the_ground_alone_tells_an_end() -> None:
    rows = flight("UBBB", "LLOV").assign(baro_altitude_ft=np.nan)
    assert {end.grade for end in ends(rows)} == {"A"}
    airborne = rows[~rows["on_ground"].astype(bool)].assign(on_ground=pd.NA)
    assert {end.grade for end in ends(airborne)} == {"D"}


@pytest.mark.parametrize("off_ft", [-1_000.0, 1_000.0])
def test_a_barometer_off_by_a_thousand_feet_names_no_other_field_at_a_or_b(off_ft: float) -> None:
    for hidden_ft in (1_500.0, 3_000.0, 8_000.0):
        rows = flight("UBBB", "LLOV", hide_arrival_below_ft=hidden_ft)
        (found,) = flights(rows.assign(baro_altitude_ft=rows["baro_altitude_ft"] + off_ft))
        assert found.arrival.airport == "LLOV" or found.arrival.grade not in "AB"


def test_the_order_of_rows_is_that_of_time_whatever_order_they_came_in() -> None:
    rows = flight("UBBB", "LLOV", hide_arrival_below_ft=2_000.0)
    (there,), (back,) = flights(rows), flights(rows.iloc[::-1])
    assert (there.arrival.candidates, there.arrival.grade) == (back.arrival.candidates, back.arrival.grade)


def test_a_helicopter_between_two_meadows_names_no_jet_airport() -> None:
    for end in ends(circling(90, 900.0, 60.0)):
        assert end.grade not in "AB"


def test_a_glider_is_no_flight_between_airports() -> None:
    for end in ends(circling(200, 5_500.0, 50.0)):
        assert end.grade == "D"


def test_a_balloon_at_60_000_ft_has_no_end() -> None:
    rows = positions(
        np.arange(300) * 60.0, np.linspace(30.0, 30.5, 300), np.linspace(35.0, 36.0, 300), 60_000.0, speed=12.0
    )
    assert {end.grade for end in ends(rows)} == {"D"}


def test_an_end_at_the_antimeridian_is_named_across_it() -> None:
    (found,) = flights(
        flight("NZAA", "NFFN", hide_arrival_below_ft=700.0),
    )
    assert found.arrival.airport == "NFFN"
    suva = AIRFIELDS.get("NFNA")
    lon = np.linspace(-179.2, suva.lon_deg - 360.0, 40)  # from the east, over 180
    lon = np.where(lon < -180.0, lon + 360.0, lon)
    km = np.linspace(0.3, 0.0, 40) * 400
    rows = positions(
        np.arange(40) * 20.0, np.full(40, suva.lat_deg), lon, suva.elevation_ft + km * 170.0 + 200.0, speed=170.0
    )
    (over,) = flights(rows)
    assert "NFNA" in {c.airport for c in over.arrival.candidates[:3]}


def test_an_end_at_a_pole_is_an_answer() -> None:
    rows = positions(
        np.arange(50) * 30.0, np.linspace(88.0, 90.0, 50), np.full(50, 20.0), np.linspace(20_000, 3_000, 50)
    )
    for end in ends(rows):
        assert sum(c.probability for c in end.candidates) == pytest.approx(1.0)
        assert end.grade in "CD"


def test_without_the_field_in_the_data_it_is_not_given_to_another_at_a_or_b() -> None:
    fields = Airfields([f for f in AIRFIELDS.within(OVDA.lat_deg, OVDA.lon_deg, 400.0) if f.airport != "LLOV"])
    for hidden_ft in (None, 1_000.0, 3_000.0):
        rows = flight("UBBB", "LLOV", hide_arrival_below_ft=hidden_ft)
        (found,) = find_flights(ingested(rows), airfields=fields)
        assert found.arrival.grade not in "AB"
    none = Airfields([])
    (found,) = find_flights(ingested(flight("UBBB", "LLOV")), airfields=none)
    assert [c.airport for c in found.arrival.candidates] == [None]


def test_a_stay_heard_on_the_ground_elsewhere_parts_two_flights() -> None:
    """Lands at Baku, is next heard standing at Nakhchivan, then in cruise: it did not leave Baku."""
    first = flight("LTAC", "UBBB")
    landed = first["time_utc"].iloc[-1].to_pydatetime()
    stands = AIRFIELDS.get("UBBN")
    stay = positions(
        np.arange(20) * 30.0,
        np.full(20, stands.lat_deg),
        np.full(20, stands.lon_deg),
        2_863.0,
        speed=0.0,
        ground=[True] * 20,
        start=landed + timedelta(minutes=60),
    )
    later = flight("UBBN", "LLOV", start=landed + timedelta(minutes=240))
    later = later[later["baro_altitude_ft"] > 30_000.0]
    found = flights(first, stay, later)
    assert found[-1].departure.airport != "UBBB"
    assert found[-1].departure.not_before_utc is not None
    assert found[-1].departure.not_before_utc >= landed + timedelta(minutes=69)
