"""What holds for any set of flights: order is nothing, fewer flights never say more, none say nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.match.model import Flight
from flighttrace.weigh.case import load_case
from flighttrace.weigh.model import Case, Weighed

from .builders import AIRFIELDS, flight, ingested, verdicts, weighed

FIELDS = ("LLOV", "LLER", "LLNV", "LLBG", "UBBB", "UBBG", "UBBI", "LTAC", None)
DAYS = ("2016-04-04", "2019-05-05", "2020-09-24", "2020-09-29", "2020-10-06", "2023-07-13", "2023-09-02", "2023-09-14")
STRONG = ("corroborated", "partly corroborated", "contradicted")


@lru_cache(maxsize=1)
def case() -> Case:
    return load_case("ovda-karabakh", airfields=AIRFIELDS)


@st.composite
def flights(draw: st.DrawFn) -> list[Flight]:
    found = draw(
        st.lists(
            st.builds(
                flight,
                st.sampled_from(FIELDS),
                st.sampled_from(FIELDS),
                st.builds(
                    "{} {:02d}:{:02d}".format, st.sampled_from(DAYS), st.integers(0, 23), st.sampled_from((0, 30))
                ),
                icao24=st.sampled_from(("600865", "600866", "613133", "738041", "4b0001", "~600865", "~60abcd")),
                grade=st.sampled_from("ABCD"),
                departure_grade=st.sampled_from("ABCD"),
                network=st.sampled_from(("OpenSky", "Flightradar24", "unknown")),
            ),
            max_size=6,
        )
    )
    return list({f.flight_id: f for f in found}.values())


def compared(result: Weighed) -> object:
    """All of the findings but the flights' own tables."""
    return (
        result.findings,
        [leg.leg_id for leg in result.legs],
        [(s.flight.flight_id, s.place, s.kind) for s in result.one_ended],
        result.claims_of,
    )


@settings(max_examples=25, deadline=None)
@given(flights(), st.randoms(use_true_random=False))
def test_the_order_of_flights_changes_no_finding(found: list[Flight], order: random.Random) -> None:
    shuffled = list(found)
    order.shuffle(shuffled)
    assert compared(weighed(case(), found)) == compared(weighed(case(), shuffled))


@settings(max_examples=25, deadline=None)
@given(flights(), st.data())
def test_removing_flights_never_creates_a_stronger_verdict(found: list[Flight], data: st.DataObject) -> None:
    rank = {"corroborated": 3, "partly corroborated": 2, "consistent": 1}
    kept = [f for f in found if data.draw(st.booleans())]
    before, after = verdicts(weighed(case(), found)), verdicts(weighed(case(), kept))
    for claim, readings in after.items():
        for was, now in zip(before[claim], readings, strict=True):
            assert rank.get(now, 0) <= rank.get(was, 0), (claim, was, now)
            assert now != "contradicted" or was == "contradicted"


@settings(max_examples=15, deadline=None)
@given(flights())
def test_the_order_of_claims_changes_no_verdict(found: list[Flight]) -> None:
    turned = replace(case(), claims=tuple(reversed(case().claims)))
    assert verdicts(weighed(turned, found)) == verdicts(weighed(case(), found))


def test_no_rows_give_only_not_observed_and_not_testable() -> None:
    result = weighed(case(), [], ingested())
    found = {verdict for readings in verdicts(result).values() for verdict in readings}
    assert found == {"not observed, not covered", "not testable"}
    assert all(f.readings_agree for f in result.findings)
    assert result.legs == ()
    assert result.one_ended == ()
    assert not result.simulated


@settings(max_examples=25, deadline=None)
@given(flights())
def test_every_name_in_a_finding_stands_in_the_lists_and_every_leg_knows_its_claims(found: list[Flight]) -> None:
    result = weighed(case(), found)
    known = {leg.leg_id for leg in result.legs} | {s.flight.flight_id for s in result.one_ended}
    for finding in result.findings:
        for reading in finding.readings:
            assert {*reading.legs, *reading.possible, *reading.rivals} <= known
            assert not set(reading.legs) & {*reading.possible, *reading.rivals}
        for name in finding.legs:
            assert finding.claim.id in result.claims_of[name]
    flown = [leg.flight.flight_id for leg in result.legs]
    assert len(flown) == len(set(flown))  # one flight is one leg


def test_possible_ends_never_match() -> None:
    sure = flight("UBBB", "LLOV", "2020-09-29 10:00")
    shares = [0.45, 0.55]
    candidates = tuple(
        replace(c, probability_flat=share) for c, share in zip(sure.arrival.candidates, shares, strict=True)
    )
    doubtful = replace(sure, arrival=replace(sure.arrival, candidates=candidates))
    assert "corroborated" in verdicts(weighed(case(), [sure]))["arab48-2020.tuesday-landing"]
    assert set(verdicts(weighed(case(), [doubtful]))["arab48-2020.tuesday-landing"]) == {"not observed, not covered"}
