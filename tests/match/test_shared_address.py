"""An address heard in two places at once is two tracks; a spoofed stretch is not a second aircraft."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flighttrace.match.flights import find_flights
from flighttrace.match.model import Flight
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.positions import Ingested

from .builders import START, flight, ingested, positions, source


def ways(*frames: pd.DataFrame, **named: object) -> list[tuple[str, str | None, str | None]]:
    return sorted((f.track_key, f.departure.airport, f.arrival.airport) for f in found(*frames, **named))


def found(*frames: pd.DataFrame, **named: object) -> list[Flight]:
    return list(find_flights(ingested(*frames, **named)))  # type: ignore[arg-type]


def moving(n: int = 90, *, lat: float = 31.0, lon: float = 35.0, north: float = 1.0, step_s: float = 20.0,
           late_s: float = 0.0, **named: object) -> pd.DataFrame:  # fmt: skip
    """440 kt due north (`north` 1) or south (-1)."""
    seconds = np.arange(n) * step_s
    flown = north * seconds * 440 * 1.852 / 3600 / 111.1
    return positions(seconds + late_s, lat + flown, np.full(n, lon), **named)  # type: ignore[arg-type]


def standing(n: int = 90, *, lat: float = 44.0, lon: float = 45.0, **named: object) -> pd.DataFrame:
    """Circling a point, 5 km across, seven seconds after the fixes of `moving`."""
    turn = np.arange(n)
    return positions(turn * 20.0 + 7.0, lat + 0.02 * np.sin(turn), lon + 0.02 * np.cos(turn), **named)  # type: ignore[arg-type]


def test_two_flights_under_one_address_are_two_tracks_both_flagged() -> None:
    one, two = flight("LTAC", "LLBG"), flight("LLBG", "LLOV", cruise_ft=15_000.0)
    flights = found(one, two)
    assert sorted((f.track_key, f.departure.airport, f.arrival.airport) for f in flights) == [
        ("f00001", "LTAC", "LLBG"),
        ("f00001/2", "LLBG", "LLOV"),
    ]
    assert all(f.icao24 == "f00001" and f.flags == (AT_ONCE,) for f in flights)
    assert {f.track_key: f.position_count for f in flights} == {"f00001": len(one), "f00001/2": len(two)}


def test_each_flight_keeps_its_own_head_and_tail() -> None:
    """One is heard before the other begins and goes on after it has landed, when a jump would be within reach."""
    one, two = flight("LTAC", "LLBG", step_s=10.0), flight("OEJN", "UBBB", start=START - timedelta(minutes=40))
    assert ways(one, two) == [("f00001", "OEJN", "UBBB"), ("f00001/2", "LTAC", "LLBG")]


def test_every_flight_of_the_address_is_flagged_and_no_other_address() -> None:
    later = flight("LLBG", "LTAC", start=START + timedelta(hours=9))
    flights = found(flight("LTAC", "LLBG"), flight("OEJN", "OIII"), later, flight("LTAC", "LLBG", icao24="f00002"))
    assert len(flights) == 4
    assert {f.track_key for f in flights if AT_ONCE in f.flags} == {"f00001", "f00001/2"}
    assert [f.flags for f in flights if f.track_key == "f00002"] == [()]


def test_three_aircraft_are_three_tracks() -> None:
    three = [flight("LTAC", "LLBG"), flight("OEJN", "OIII"), flight("LEMD", "EGLL")]
    assert ways(*three) == [("f00001", "OEJN", "OIII"), ("f00001/2", "LEMD", "EGLL"), ("f00001/3", "LTAC", "LLBG")]


def test_a_declared_address_stays_declared_on_both_tracks() -> None:
    heard = ingested(flight("LTAC", "LLBG"), flight("OEJN", "OIII"))
    heard = Ingested(
        heard.positions, heard.listed_flights, heard.sources, identities={"f00001": "declared by the user"}
    )
    flights = list(find_flights(heard))
    assert {f.track_key for f in flights} == {"f00001", "f00001/2"}
    assert {f.identity for f in flights} == {"declared by the user"}


@pytest.mark.parametrize(
    ("one", "two", "aircraft", "why"),
    [
        (moving(), standing(), 1, "a receiver that flips to a spoofed place and back: height and call sign go on"),
        (moving(), standing(altitude=20_000.0), 2, "another pressure altitude is another transmitter"),
        (moving(), standing(callsign="SIM999"), 2, "another call sign is another transmitter"),
        (moving(), standing(altitude=np.nan), 1, "no height, goes nowhere: not enough for two"),
        (moving(), moving(lat=45.0, lon=50.0, north=-1.0, late_s=7.0), 2, "both fly their own way"),
        (moving(altitude=np.nan), moving(lat=45.0, lon=50.0, north=-1.0, late_s=7.0), 2, "the same without heights"),
        (moving(altitude=np.linspace(5000, 30_000, 90)),
         moving(lat=45.0, lon=50.0, late_s=7.0, altitude=np.linspace(5000, 30_000, 90)), 1, "they climb together"),
        (moving(), moving(60, lat=45.0, lon=50.0, late_s=90 * 20.0), 1, "a block after the other story ended"),
        (moving(), moving(12, lat=45.0, lon=50.0, late_s=7.0), 1, "too few fixes for a story"),
    ],
)  # fmt: skip
def test_what_tells_two_aircraft_from_one_that_is_spoofed(
    one: pd.DataFrame, two: pd.DataFrame, aircraft: int, why: str
) -> None:
    flights = found(one, two)
    assert len({f.track_key for f in flights}) == aircraft, why
    assert all((AT_ONCE in f.flags) == (aircraft == 2) for f in flights), why
    assert aircraft == 2 or any("disputed positions" in f.flags or f.rejected_count for f in flights), why


def test_a_spoofed_block_and_the_jump_back_stay_disputed() -> None:
    rows = moving(200, step_s=10.0)
    rows.loc[60:139, "lat_deg"] = 44.0 + np.arange(80) * 0.02
    (flown,) = found(rows)
    assert flown.track_key == "f00001"
    assert flown.flags == ("disputed positions",)
    assert flown.rejected_count == 80


def test_many_spoofed_blocks_are_no_second_aircraft() -> None:
    rows = moving(400, step_s=10.0)
    for first in range(20, 380, 40):
        rows.loc[first : first + 19, "lat_deg"] = 44.0 + np.arange(first, first + 20) * 0.02
        rows.loc[first : first + 19, "baro_altitude_ft"] = 20_000.0
    assert {f.track_key for f in found(rows)} == {"f00001"}


def test_mlat_beside_a_spoofed_receiver_is_one_aircraft() -> None:
    true, false = moving().assign(position_source="mlat"), moving(lat=45.0, lon=50.0, north=-1.0, late_s=7.0)
    flights = found(true, false.assign(position_source="adsb"))
    assert {f.track_key for f in flights} == {"f00001"}
    assert any("disputed positions" in f.flags for f in flights)


def test_two_networks_whose_clocks_differ_are_no_two_aircraft() -> None:
    one = flight("LLOV", "UBBB", source_id="a")
    two = flight("LLOV", "UBBB", source_id="b", start=START + timedelta(hours=1))
    flights = found(one, two, sources=[source("a", "OpenSky"), source("b", "Flightradar24")])
    assert {f.track_key for f in flights} == {"f00001"}
    assert any("disputed positions" in f.flags for f in flights)


def test_networks_that_both_hear_both_aircraft_make_two_tracks_not_more() -> None:
    """One network hears more of the first aircraft, the other more of the second."""
    a1, a2 = flight("LTAC", "LLBG", source_id="a"), flight("OEJN", "OIII", source_id="a", step_s=60.0)
    b1, b2 = flight("LTAC", "LLBG", source_id="b", step_s=60.0), flight("OEJN", "OIII", source_id="b")
    flights = found(a1, a2, b1, b2, sources=[source("a", "OpenSky"), source("b", "Flightradar24")])
    assert sorted((f.departure.airport, f.arrival.airport) for f in flights) == [("LTAC", "LLBG"), ("OEJN", "OIII")]
    assert all(f.networks == ("Flightradar24", "OpenSky") for f in flights)


REAL_TRACKS = Path(__file__).parents[3] / "shared" / "real_tracks"


@pytest.mark.skipif(not REAL_TRACKS.is_dir(), reason="../shared/real_tracks is not there")
def test_two_real_flights_under_one_address_come_out_as_each_does_alone() -> None:
    from flighttrace.ingest import read_positions

    folder = REAL_TRACKS / "traffic_samples/fr24"
    first, second = (read_positions([folder / name]).positions for name in ("372355e5.json", "34a8254b.json"))
    second = second.assign(icao24=first["icao24"].iloc[0], track_key=first["track_key"].iloc[0])
    second["time_utc"] += first["time_utc"].iloc[0] - second["time_utc"].iloc[0]
    second["source_row"] += len(first)
    second["source_id"] = first["source_id"].iloc[0]
    alone = [f for rows in (first, second) for f in found(rows)]
    both = found(first, second)
    assert {(f.departure.airport, f.arrival.airport) for f in both} == {
        (f.departure.airport, f.arrival.airport) for f in alone
    }
    assert len({f.track_key for f in both}) == 2
    assert all(AT_ONCE in f.flags for f in both)


@pytest.mark.parametrize(("identity", "tracks"), [({}, 2), ({"f00001": "linked by file name"}, 1)])
def test_call_signs_that_a_list_wrote_tell_no_two_aircraft_apart(identity: dict[str, str], tracks: int) -> None:
    heard = ingested(moving(callsign="AAA1"), standing(callsign="BBB2"))
    flights = list(find_flights(Ingested(heard.positions, heard.listed_flights, heard.sources, identities=identity)))
    assert len({f.track_key for f in flights}) == tracks
    assert all("call sign changed in flight" not in f.flags for f in flights)
