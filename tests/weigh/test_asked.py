"""Which claims a leg bears on, without weighing: the same as weighing says, on samples and on made-up flights."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from flighttrace.ingest.read import read_positions
from flighttrace.match.flights import find_flights
from flighttrace.match.model import Flight
from flighttrace.weigh.asked import claims_of_legs
from flighttrace.weigh.case import load_case
from flighttrace.weigh.verdicts import weigh_claims

from .builders import AIRFIELDS, flight, small_case, weighed
from .test_folding import LEGS, TUESDAY, bare
from .test_properties import case, flights

SAMPLES = Path(__file__).resolve().parent.parent.parent / "sample_tracks"


def test_on_the_sample_tracks_labels_are_those_of_weighing() -> None:
    heard = read_positions([SAMPLES / "tracks"])
    found = find_flights(heard, airfields=AIRFIELDS).flights
    sample_case = load_case(SAMPLES / "case.yaml", airfields=AIRFIELDS)
    labels = claims_of_legs(sample_case, found, AIRFIELDS)
    assert len(labels) > 50
    assert labels == weigh_claims(sample_case, found, heard, AIRFIELDS).claims_of


@settings(max_examples=60, deadline=None)
@given(flights())
def test_on_any_flights_labels_are_those_of_weighing(found: list[Flight]) -> None:
    assert claims_of_legs(case(), found, AIRFIELDS) == weighed(case(), found).claims_of


@pytest.mark.parametrize("second", [bare, lambda one: bare(one, "#abcdef01/J2101")])
def test_a_folded_flight_has_the_label_too(tmp_path: Path, second: object) -> None:
    assert callable(second)
    one = flight("UBBB", "LLOV", TUESDAY)
    both = [one, second(one)]
    claim = small_case(tmp_path, LEGS)
    labels = claims_of_legs(claim, both, AIRFIELDS)
    assert labels == weighed(claim, both).claims_of
    assert {f.flight_id for f in both} <= set(labels)


def test_without_flights_there_are_no_labels() -> None:
    assert claims_of_legs(case(), [], AIRFIELDS) == {}
