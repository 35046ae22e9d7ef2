"""Flights between given places only: the legs are those of all flights, and the rest is left out."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from flighttrace.end_reach import GROUND_PROBABLE_KM, MOST_SLACK_KM
from flighttrace.ingest.read import read_positions
from flighttrace.language import Text
from flighttrace.match.between import LEAST_PROBABILITY
from flighttrace.match.day import FIELDS_ABOUT
from flighttrace.match.flights import find_flights
from flighttrace.match.legs import find_legs
from flighttrace.match.likelihood import GROUND_KM, GROUND_UNKNOWN, LINED_UP_BONUS
from flighttrace.match.model import Place
from flighttrace.match.places import load_airfields
from flighttrace.positions import Ingested

from .builders import flight, ingested

AIRFIELDS = load_airfields()
SAMPLE = Path(__file__).parents[2] / "sample_tracks" / "tracks"


def place(*airports: str) -> Place:
    return Place(airports[0], Text(airports[0], airports[0]), airports)


def legs(heard: Ingested, routes: list[tuple[Place, Place]], between: list[tuple[Place, Place]] | None) -> list[str]:
    flights = find_flights(heard, airfields=AIRFIELDS, between=between).flights
    return sorted(repr(leg) for a, b in routes for leg in find_legs(flights, a, b, AIRFIELDS)[0])


def test_the_sample_has_the_same_legs() -> None:
    heard = read_positions([SAMPLE], input_tz="UTC")
    ovda, baku = place("LLOV", "LLNV", "LLRM"), place("UBBB", "UBBG", "UBEE")
    routes = [(ovda, baku), (baku, ovda)]
    found = legs(heard, routes, routes)
    assert found
    assert found == legs(heard, routes, None)
    assert len(find_flights(heard, airfields=AIRFIELDS, between=routes)) < len(find_flights(heard, airfields=AIRFIELDS))


def test_an_end_known_by_the_next_flight_alone_is_kept() -> None:
    out = flight("UBBB", "LLOV")
    out = out[
        out["time_utc"] < out["time_utc"].iloc[-1] - timedelta(minutes=75)
    ]  # lost far beyond every field in reach
    lost = out["time_utc"].iloc[-1].to_pydatetime()
    back = flight("LLOV", "LTAC", start=lost + timedelta(minutes=160))
    heard = ingested(pd.concat([out, back], ignore_index=True))
    routes = [(place("UBBB"), place("LLOV"))]
    found = legs(heard, routes, None)
    assert len(found) == 1
    assert legs(heard, routes, routes) == found
    assert find_flights(heard, airfields=AIRFIELDS, between=[(place("EGLL"), place("KJFK"))]).flights == ()


def test_an_end_known_by_a_stretch_on_the_ground_alone_is_kept() -> None:
    out = flight("UBBB", "LLOV")
    out = out[out["time_utc"] < out["time_utc"].iloc[-1] - timedelta(minutes=75)]
    lost, ovda = out["time_utc"].iloc[-1].to_pydatetime(), AIRFIELDS.get("LLOV")
    parked = out.iloc[:20].assign(
        time_utc=[lost + timedelta(minutes=190, seconds=30 * i) for i in range(20)],
        lat_deg=ovda.lat_deg,
        lon_deg=ovda.lon_deg,
        baro_altitude_ft=ovda.elevation_ft,
        ground_speed_kt=0.0,
        on_ground=pd.array([True] * 20, dtype="boolean"),
    )
    parked["time_utc"] = parked["time_utc"].astype(out["time_utc"].dtype)
    heard = ingested(pd.concat([out, parked], ignore_index=True))
    routes = [(place("UBBB"), place("LLOV"))]
    found = legs(heard, routes, None)
    assert len(found) == 1
    assert legs(heard, routes, routes) == found


def test_on_the_ground_a_place_of_one_field_is_improbable_so_far_off() -> None:
    """All that may speak for it: it is lined up, and a neighbour's end as far off lists it as well, which counts it
    FIELDS_ABOUT times over (day.py); against it UNKNOWN alone, at both ends."""
    far = math.exp(-0.5 * (GROUND_PROBABLE_KM / GROUND_KM) ** 2) + 1e-3 * math.exp(-GROUND_PROBABLE_KM / 10.0)
    odds = math.exp(LINED_UP_BONUS - GROUND_UNKNOWN) * far
    together = max(odds, FIELDS_ABOUT * odds**2)
    assert together / (1.0 + together) < 0.034 < LEAST_PROBABILITY


def test_what_a_place_allows_on_the_ground() -> None:
    assert AIRFIELDS.slack_km(["LLOV"]).tolist() == pytest.approx([1.6], abs=0.5)
    assert 5.0 < AIRFIELDS.slack_km(["KDEN"])[0] < 9.0
    assert AIRFIELDS.slack_km(["UUMU"])[0] == MOST_SLACK_KM  # a runway of it is written down 591 km away
    assert AIRFIELDS.slack_km(["LLOV", "LLER"]).tolist() == [MOST_SLACK_KM] * 2
    assert AIRFIELDS.slack_km([]).shape == (0,)
    nowhere = next(f.airport for f in AIRFIELDS if not any(r.ends for r in f.runways))
    assert AIRFIELDS.slack_km([nowhere]).tolist() == [0.0]
