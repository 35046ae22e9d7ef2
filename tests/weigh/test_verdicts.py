"""The eight verdicts, each rule with an example that it takes and one that it leaves to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from flighttrace.errors import InputError
from flighttrace.match.cleaning import DISPUTED
from flighttrace.match.model import Witness
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.weigh.case import load_case
from flighttrace.weigh.elements import gap_could_hold_a_stop
from flighttrace.weigh.model import Case, ReadingResult

from .builders import (
    AIRFIELDS,
    finding,
    first,
    flight,
    ingested,
    low_traffic,
    positions,
    small_case,
    source,
    utc,
    verdicts,
    weighed,
)

LANDING = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, state: [Azerbaijan], kind: [cargo] }"
TWO_LEGS = (
    "{ flights: [{ event: leg, from: baku, to: ovda }], window: { day: tuesday, by: arrival }, at_least: 2, "
    "distinct_airframes: 2, state: [Azerbaijan], kind: [cargo], no_stop: true }"
)
TUESDAY = "2020-09-29 10:00"
B_TUESDAY = "2020-10-06 10:00"


@pytest.fixture
def landing(tmp_path: Path) -> Case:
    return small_case(tmp_path, LANDING)


@pytest.fixture
def two_legs(tmp_path: Path) -> Case:
    return small_case(tmp_path, TWO_LEGS)


def states(result: ReadingResult) -> dict[str, str]:
    return {e.name: e.state for e in result.elements}


def english(result: ReadingResult) -> str:
    return " ".join(t.en for t in (*result.reasons, *result.notes))


# ---- 1 not testable


@pytest.mark.parametrize(
    "expects",
    [
        "{ flights: [{ event: landing }], window: { day: tuesday } }",
        "{ flights: [{ event: landing, at: ovda }] }",
        "{ flights: [{ event: leg, from: baku }], window: { day: tuesday } }",
    ],
)
def test_without_place_or_time_a_claim_is_not_testable_whatever_flew(tmp_path: Path, expects: str) -> None:
    result = weighed(small_case(tmp_path, expects), [flight("UBBB", "LLOV", TUESDAY)])
    assert verdicts(result) == {"art.it": ("not testable", "not testable")}
    assert "missing" in english(first(result, "art.it"))


# ---- 2 contradicted

NAMED = '{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, airframe: "600865" }'


def _elsewhere(*times: str, rejected: str | None = None, icao24: str = "600865") -> pd.DataFrame:
    """Heard over Beijing, 7,000 km away."""
    return positions([(t, 40.0, 116.0, 30000.0) for t in times], icao24=icao24, rejected=rejected)


HOURLY = [f"2020-09-28 {h:02d}:00" for h in range(18, 24)] + [f"2020-09-29 {h:02d}:00" for h in range(24)]


def test_an_airframe_heard_far_away_all_day_contradicts_the_claim_that_names_it(tmp_path: Path) -> None:
    case = small_case(tmp_path, NAMED)
    far = flight("ZBAA", "ZBAA", TUESDAY, track=_elsewhere(*HOURLY))
    assert first(weighed(case, [far]), "art.it").verdict == "contradicted"
    other_day = finding(weighed(case, [far]), "art.it").readings[1]
    assert other_day.verdict == "not observed, not covered"


def test_absence_and_room_enough_never_contradict(tmp_path: Path) -> None:
    case = small_case(tmp_path, NAMED)
    gap = [t for t in HOURLY if not "2020-09-29 02" < t < "2020-09-29 17"]  # 14 h: there and back fits
    for track in (_elsewhere(*gap), _elsewhere("2020-09-27 10:00"), _elsewhere("2020-09-29 10:00"), pd.DataFrame()):
        flights = [flight("ZBAA", "ZBAA", TUESDAY, track=track)]
        assert first(weighed(case, flights), "art.it").verdict == "not observed, not covered"


@pytest.mark.parametrize(
    "changes",
    [
        {"track": _elsewhere(*HOURLY, rejected="impossible jump")},
        {"track": _elsewhere(*HOURLY), "identity": "declared by the user"},
        {"track": _elsewhere(*HOURLY), "flags": ("disputed positions",)},
        {"track": _elsewhere(*HOURLY), "icao24": "600866"},
    ],
)
def test_only_accepted_undisputed_positions_of_that_very_airframe_contradict(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    far = flight("ZBAA", "ZBAA", TUESDAY, **changes)  # type: ignore[arg-type]
    assert first(weighed(small_case(tmp_path, NAMED), [far]), "art.it").verdict == "not observed, not covered"


def test_a_leg_is_contradicted_where_one_of_its_ends_cannot_fit(tmp_path: Path) -> None:
    expects = '{ flights: [{ event: leg, from: baku, to: ovda }], window: { day: tuesday }, airframe: "600865" }'
    case = small_case(tmp_path, expects)
    long = [f"2020-09-{d} {h:02d}:00" for d in (27, 28, 29, 30) for h in range(24)]
    assert (
        first(weighed(case, [flight("ZBAA", "ZBAA", TUESDAY, track=_elsewhere(*long))]), "art.it").verdict
        == "contradicted"
    )
    at_baku = positions([(t, 40.4675, 50.0467, 0.0) for t in long])
    parked = flight("UBBB", "UBBB", TUESDAY, track=at_baku)
    assert first(weighed(case, [parked]), "art.it").verdict == "contradicted"  # at Baku all along, so never at Ovda


def test_a_leg_that_left_before_its_window_still_fits(tmp_path: Path) -> None:
    expects = (
        '{ flights: [{ event: leg, from: baku, to: ovda }], window: { day: tuesday, by: arrival }, airframe: "600865" }'
    )
    at_baku = [(f"2020-09-28 {h}:30", 40.4675, 50.0467, 0.0) for h in (17, 18, 19)]
    near_ovda = [
        (f"2020-09-{d} {t}", 30.2, 34.9, 9000.0) for d, t in (("28", "22:00"), ("29", "08:00"), ("30", "01:00"))
    ]
    hourly = [(f"2020-09-29 {h:02d}:00", 30.2, 34.9, 9000.0) for h in range(24)]
    track = positions([*at_baku, *sorted({*near_ovda, *hourly})])
    heard = flight(None, None, TUESDAY, track=track)
    assert first(weighed(small_case(tmp_path, expects), [heard]), "art.it").verdict == "not observed, not covered"


def test_a_landing_by_another_airframe_leaves_the_named_one_missing(tmp_path: Path) -> None:
    result = first(weighed(small_case(tmp_path, NAMED), [flight("UBBB", "LLOV", TUESDAY, icao24="600866")]), "art.it")
    assert result.verdict == "consistent"
    assert "known not to be what the claim says" in english(result)
    assert states(result)["airframes"] == "not met"


# ---- 3 conflicting


def test_a_disputed_landing_on_which_the_verdict_rests_is_conflicting(landing: Case) -> None:
    disputed = flight("UBBB", "LLOV", TUESDAY, flags=("disputed positions",))
    assert first(weighed(landing, [disputed]), "art.it").verdict == "conflicting"


def test_a_dispute_that_changes_nothing_is_no_conflict(landing: Case) -> None:
    disputed = flight("UBBB", "LLOV", TUESDAY, flags=("disputed positions",))
    clean = flight("UBBB", "LLOV", "2020-09-29 15:00", icao24="600866")
    assert first(weighed(landing, [disputed, clean]), "art.it").verdict == "corroborated"


def test_a_dispute_far_from_the_landing_is_no_conflict_but_corroborates_nothing(landing: Case) -> None:
    track = positions([("2020-09-29 08:00", 33.8, 35.5, 20000.0)], rejected=DISPUTED)
    midway = flight("UBBB", "LLOV", TUESDAY, flags=("disputed positions",), track=track)
    result = first(weighed(landing, [midway]), "art.it")
    assert result.verdict == "consistent"
    assert "disputed" in english(result)


def test_disputed_positions_at_the_place_conflict_with_a_null(landing: Case) -> None:
    track = positions([("2020-09-29 08:00", 29.94, 34.94, 1500.0)], rejected=DISPUTED)
    elsewhere = flight("UBBB", "LLBG", TUESDAY, flags=("disputed positions",), track=track)
    assert first(weighed(landing, [elsewhere]), "art.it").verdict == "conflicting"
    high = positions([("2020-09-29 08:00", 29.94, 34.94, 34000.0)], rejected=DISPUTED)
    over = replace(elsewhere, track=high)
    assert first(weighed(landing, [over]), "art.it").verdict == "not observed, not covered"


def test_an_address_heard_in_two_places_at_once_corroborates_nothing(landing: Case) -> None:
    flown = flight("UBBB", "LLOV", TUESDAY, flags=(AT_ONCE,))
    result = first(weighed(landing, [flown]), "art.it")
    assert result.verdict == "consistent"
    assert "The address was heard in two places at once" in english(result)


def test_it_is_conflicting_where_the_other_track_is_heard_at_that_end(landing: Case) -> None:
    flown = flight("UBBB", "LLOV", TUESDAY, flags=(AT_ONCE,))
    other = replace(flight("LEMD", "EGLL", TUESDAY, flags=(AT_ONCE,)), track_key="600865/2", flight_id="f-other")
    assert first(weighed(landing, [flown, other]), "art.it").verdict == "conflicting"
    later = flight("UBBB", "LLOV", "2020-09-29 15:00", icao24="600866")
    assert first(weighed(landing, [flown, other, later]), "art.it").verdict == "corroborated"


def test_whose_a_flight_is_stays_open_where_two_send_the_address(tmp_path: Path) -> None:
    flown = flight("UBBB", "LLOV", TUESDAY, flags=(AT_ONCE,))
    result = first(weighed(small_case(tmp_path, NAMED), [flown]), "art.it")
    assert states(result)["airframes"] == "unknowable"


# ---- 4 to 6


def test_all_elements_met_with_an_independent_witness_corroborates(landing: Case) -> None:
    result = first(weighed(landing, [flight("UBBB", "LLOV", TUESDAY)]), "art.it")
    assert result.verdict == "corroborated"
    assert set(states(result).values()) == {"met"}
    assert result.counted.en == "1 landing at Ovda by 1 airframe"


@pytest.mark.parametrize("origin", [None, "LCPH", "UBBB"])
def test_a_landing_matches_wherever_it_came_from(landing: Case, origin: str | None) -> None:
    assert first(weighed(landing, [flight(origin, "LLOV", TUESDAY)]), "art.it").verdict == "corroborated"


@pytest.mark.parametrize(
    ("changes", "verdict", "element"),
    [
        ({"grade": "B"}, "corroborated", None),
        ({"grade": "C"}, "consistent", None),
        ({"network": "Flightradar24"}, "consistent", None),  # the article rests on it
        ({"network": "FLIGHTRADAR24"}, "consistent", None),
        ({"network": "unknown"}, "consistent", None),
        ({"icao24": "738041"}, "consistent", "operator"),  # an Israeli airliner
        ({"icao24": "600999"}, "partly corroborated", "kind"),  # in the block, in no table
        ({"icao24": "600d00"}, "partly corroborated", "operator"),  # in the wider variant of the block
        ({"icao24": "4b0001"}, "consistent", "operator"),
        ({"identity": "declared by the user"}, "partly corroborated", "operator"),
        ({"icao24": "000000", "flags": ("special address: no identity",)}, "partly corroborated", "operator"),
    ],
)
def test_what_weakens_one_landing(landing: Case, changes: dict[str, object], verdict: str, element: str | None) -> None:
    result = first(weighed(landing, [flight("UBBB", "LLOV", TUESDAY, **changes)]), "art.it")  # type: ignore[arg-type]
    assert result.verdict == verdict
    missing = [name for name, state in states(result).items() if state != "met"]
    assert element is None or element in missing
    assert element is not None or not missing


def test_the_ministry_airframe_outside_the_block_is_met_by_the_table_and_marked(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, state: [Azerbaijan] }"
    result = first(weighed(small_case(tmp_path, expects), [flight("UBBB", "LLOV", TUESDAY, icao24="613133")]), "art.it")
    assert result.verdict == "corroborated"
    assert "outside its state's block" in english(result)
    assert "by an undated table" in result.elements[-1].detail.en


@pytest.mark.parametrize(
    ("icao24", "basis"),
    [
        ("600999", "by the state's address block"),
        ("600d00", "in the wider variant of the state's address block only"),
        ("4b0001", "address outside the block"),
        ("600865", "by an undated table"),
    ],
)
def test_the_operator_element_names_its_basis(landing: Case, icao24: str, basis: str) -> None:
    result = first(weighed(landing, [flight("UBBB", "LLOV", TUESDAY, icao24=icao24)]), "art.it")
    (operator,) = [e for e in result.elements if e.name == "operator"]
    assert f"({basis}" in operator.detail.en


def test_an_unknown_network_says_how_to_declare_it(landing: Case) -> None:
    heard = ingested(sources=[source("unknown", file="night.csv")])
    result = first(weighed(landing, [flight("UBBB", "LLOV", TUESDAY, network="unknown")], heard), "art.it")
    assert "--network FILE=NAME" in english(result)
    assert "night.csv" in english(result)


def test_a_ceiling_holds_the_verdict_at_consistent(tmp_path: Path) -> None:
    case = small_case(tmp_path, LANDING, ceiling=True)
    result = first(weighed(case, [flight("UBBB", "LLOV", TUESDAY)]), "art.it")
    assert result.verdict == "consistent"
    assert "further than consistent" in english(result)


def test_two_legs_by_two_airframes_corroborate(two_legs: Case) -> None:
    flights = [flight("UBBB", "LLOV", TUESDAY), flight("UB18", "LLOV", "2020-09-29 14:00", icao24="600866")]
    result = first(weighed(two_legs, flights), "art.it")
    assert result.verdict == "corroborated"
    assert result.counted.en == "2 legs from Baku to Ovda by 2 airframes"


@pytest.mark.parametrize(
    ("second", "missing"),
    [
        (None, {"count", "airframes"}),
        (flight("UBBB", "LLOV", "2020-09-29 18:00"), {"airframes"}),  # the same airframe again
        (flight("LLBG", "LLOV", "2020-09-29 14:00", icao24="600866"), {"count", "airframes"}),
        (flight("UBBB", "LLOV", "2020-09-29 14:00", icao24="600866", longest_gap_s=7200.0), {"no stop"}),
    ],
)
def test_one_of_two_is_partly_corroborated_and_says_what_is_missing(
    two_legs: Case, second: object, missing: set[str]
) -> None:
    flights = [flight("UBBB", "LLOV", TUESDAY), *([second] if second else [])]
    result = first(weighed(two_legs, flights), "art.it")  # type: ignore[arg-type]
    assert result.verdict == "partly corroborated"
    assert {name for name, state in states(result).items() if state != "met"} == missing
    if second is None:
        assert "1 of 2" in english(result)


def test_elements_met_by_different_flights_do_not_add_up(two_legs: Case) -> None:
    """Two good legs, of which one has no independent witness: 1 of 2 is corroborated, though all elements are met."""
    flights = [
        flight("UBBB", "LLOV", TUESDAY),
        flight("UBBB", "LLOV", "2020-09-29 14:00", icao24="600866", network="Flightradar24"),
    ]
    result = first(weighed(two_legs, flights), "art.it")
    assert result.verdict == "partly corroborated"
    assert set(states(result).values()) == {"met"}
    assert "not all of them by the same flights" in english(result)


def test_one_flight_has_to_meet_all_that_is_said_of_one_flight(landing: Case) -> None:
    """An Azerbaijani transport of another kind and a foreign cargo aircraft: each element met, by different flights."""
    foreign = replace(landing.airframes[0], icao24="4b0009", state="Turkey")
    case = replace(landing, airframes=(*landing.airframes, foreign))
    flights = [
        flight("UBBB", "LLOV", TUESDAY, icao24="613133"),
        flight("LTAC", "LLOV", "2020-09-29 14:00", icao24="4b0009"),
    ]
    result = first(weighed(case, flights), "art.it")
    assert set(states(result).values()) == {"met"}
    assert result.verdict == "consistent"
    assert result.counted.en == "2 landings at Ovda by 2 airframes; of these 0 meet every element"


def test_the_independent_witness_has_to_have_heard_each_end_itself(two_legs: Case) -> None:
    """Flightradar24 heard both ends, OpenSky the departure alone: no independent witness of the landing."""
    from flighttrace.weigh.matching import Match
    from flighttrace.weigh.model import Network
    from flighttrace.weigh.witnesses import has_independent_witness

    one = flight("UBBB", "LLOV", TUESDAY)
    ends = (("departure", "A"), ("arrival", "A"))
    networks = Network(("Flightradar24",), True, two_legs.title)
    rests_on = Witness("Flightradar24", ("b",), "A", "A")

    def heard(*witnesses: Witness) -> bool:
        return has_independent_witness(Match(one, ends, witnesses, utc(TUESDAY), True), networks)  # type: ignore[arg-type]

    assert not heard(rests_on)
    assert not heard(rests_on, Witness("OpenSky", ("a",), "A", "C"))
    assert not heard(rests_on, Witness("OpenSky", ("a",), "A", None))
    assert heard(Witness("OpenSky", ("a",), "A", "B"))
    assert heard(Witness("OpenSky", ("a",), "A", "D"), Witness("ADS-B Exchange", ("c",), "D", "A"))


# ---- 7 and 8


@pytest.fixture
def covered() -> list[pd.DataFrame]:
    return [low_traffic("LLOV", "2020-09-29", 1)]


def test_nothing_matches_though_other_traffic_was_heard_low(landing: Case, covered: list[pd.DataFrame]) -> None:
    result = weighed(landing, [], ingested(covered))
    assert verdicts(result) == {"art.it": ("not observed, though covered", "not observed, not covered")}
    assert not finding(result, "art.it").readings_agree
    assert states(first(result, "art.it"))["count"] == "not met"
    assert states(finding(result, "art.it").readings[1])["count"] == "unknowable"


def test_a_possible_landing_or_lost_records_or_a_failed_input_take_the_coverage_away(
    landing: Case, covered: list[pd.DataFrame]
) -> None:
    open_end = flight("UBBB", "LLOV", TUESDAY)
    shares = tuple(
        replace(c, probability_flat=0.3 if c.airport else 0.7, probability=0.3 if c.airport else 0.7)
        for c in open_end.arrival.candidates
    )
    possible = replace(open_end, arrival=replace(open_end.arrival, candidates=shares, grade="D", airport=None))
    result = first(weighed(landing, [possible], ingested(covered)), "art.it")
    assert result.verdict == "not observed, not covered"
    assert len(result.possible) == 1
    assert result.legs == ()
    lossy = ingested(covered, sources=[source(quarantined=2)])
    assert first(weighed(landing, [], lossy), "art.it").verdict == "not observed, not covered"
    at_the_limit = ingested(covered, sources=[source(quarantined=1)])
    assert first(weighed(landing, [], at_the_limit), "art.it").verdict == "not observed, though covered"
    failed = ingested(covered, failures=[InputError("broken", file="x.csv")])
    assert first(weighed(landing, [], failed), "art.it").verdict == "not observed, not covered"


def test_the_claims_own_kind_of_aircraft_covers_nothing(landing: Case) -> None:
    own = [low_traffic("LLOV", "2020-09-29", 1, icao24="600866")]
    assert first(weighed(landing, [], ingested(own)), "art.it").verdict == "not observed, not covered"


def test_every_day_and_every_field_of_every_place_has_to_be_covered(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: leg, from: baku, to: ovda }], window: { from: 2020-09-28, until: 2020-09-30 } }"
    case = small_case(tmp_path, expects)
    full = [low_traffic(name, "2020-09-28", 2, icao24=f"4b000{n}") for n, name in enumerate(("LLOV", "UBBB", "UB18"))]
    assert first(weighed(case, [], ingested(full)), "art.it").verdict == "not observed, though covered"
    one_day = [full[0], low_traffic("UBBB", "2020-09-29", 1, icao24="4b0009")]  # Kala is near enough to share it
    without_ovda = full[1:]
    for rows in (one_day, without_ovda):
        assert first(weighed(case, [], ingested(rows)), "art.it").verdict == "not observed, not covered"


def test_without_any_track_the_right_answer_is_said_to_be_right(landing: Case) -> None:
    result = first(weighed(landing, []), "art.it")
    assert result.verdict == "not observed, not covered"
    assert "right answer" in english(result)
    assert "No track is not no flight" in english(result)


# ---- windows, readings, lists


def test_a_landing_at_2230_utc_belongs_to_the_next_local_day(landing: Case) -> None:
    assert first(weighed(landing, [flight("UBBB", "LLOV", "2020-09-28 22:30")]), "art.it").verdict == "corroborated"
    late = weighed(landing, [flight("UBBB", "LLOV", "2020-09-29 22:30")])
    assert first(late, "art.it").verdict == "not observed, not covered"


def test_a_landing_that_may_have_been_the_day_before_leaves_the_window_unknowable(landing: Case) -> None:
    result = first(weighed(landing, [flight("UBBB", "LLOV", "2020-09-28 21:10", slack_min=30)]), "art.it")
    assert states(result)["window"] == "unknowable"
    assert result.verdict == "partly corroborated"


def test_each_reading_is_weighed_by_itself_and_the_first_gives_the_verdict(landing: Case) -> None:
    found = finding(weighed(landing, [flight("UBBB", "LLOV", B_TUESDAY)]), "art.it")
    assert found.verdict == "not observed, not covered"
    assert [r.verdict for r in found.readings] == ["not observed, not covered", "corroborated"]
    assert not found.readings_agree
    assert found.readings[0].legs == ()
    assert found.legs == found.readings[1].legs


def test_each_leg_lists_its_claims_and_each_claim_its_legs(landing: Case) -> None:
    result = weighed(
        landing, [flight("UBBB", "LLOV", TUESDAY), flight("LCPH", "LLOV", "2020-09-29 15:00", icao24="600866")]
    )
    names = finding(result, "art.it").legs
    known = {leg.leg_id for leg in result.legs} | {s.flight.flight_id for s in result.one_ended}
    assert len(names) == 2
    assert set(names) <= known
    assert all(result.claims_of[name] == ("art.it",) for name in names)
    assert names[0] == result.legs[0].leg_id  # the one from Baku is a leg, the one from Paphos a sighting
    assert names[1] == result.one_ended[0].flight.flight_id


def test_a_flight_is_listed_by_the_places_that_it_surely_joins() -> None:
    """Between Ovda and Nevatim undecided: possible for the route from Ovda, sure for the bases together."""
    case = load_case("ovda-karabakh", airfields=AIRFIELDS)
    one = flight("LLOV", "UBBG", "2023-09-02 10:00")
    own, unknown = one.departure.candidates
    shares = (replace(own, probability_flat=0.42), replace(own, airport="LLNV", probability_flat=0.5), unknown)
    departure = replace(one.departure, candidates=(*shares[:2], replace(unknown, probability_flat=0.08)))
    result = weighed(case, [replace(one, departure=departure)])
    found = finding(result, "ap-2023.repeated-before-operation")
    by_base = {
        (r.reading.values["base"], bool(r.legs), bool(r.possible)) for r in found.readings if r.reading.weeks == 4
    }
    assert ("ovda", False, True) in by_base
    assert ("south-israel-bases", True, False) in by_base
    (leg,) = result.legs
    assert (leg.origin_place, leg.possible) == ("south-israel-bases", False)


def test_landings_at_rival_fields_are_listed_beside_and_never_match(landing: Case) -> None:
    result = weighed(landing, [flight("UBBB", "LLER", TUESDAY), flight("UBBB", "LLBG", TUESDAY, icao24="600866")])
    reading = first(result, "art.it")
    assert reading.verdict == "not observed, not covered"
    assert len(reading.rivals) == 1  # Ramon is 25 km away; Ben Gurion is no rival
    assert "LLER" in english(reading)


def test_the_departure_after_a_landing_is_noted_with_the_time_on_the_ground(landing: Case) -> None:
    flights = [flight("UBBB", "LLOV", TUESDAY), flight("LLOV", "UBBB", "2020-09-29 15:00")]
    assert "the next flight of this airframe in the files begins 2.0 h later, at LLOV" in english(
        first(weighed(landing, flights), "art.it")
    )


def test_operators_of_the_matches_are_told_apart(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, operator: [Ministry] }"
    flights = [flight("UBBB", "LLOV", TUESDAY), flight("UBBB", "LLOV", "2020-09-29 15:00", icao24="613133")]
    result = first(weighed(small_case(tmp_path, expects), flights), "art.it")
    assert "Ministry: 1; Silk Way Airlines: 1" in english(result)
    assert result.verdict == "corroborated"


# ---- counts


def test_months_years_and_weeks_are_counted_by_local_days(tmp_path: Path) -> None:
    window = "window: { from: 2020-09-01, until: 2021-03-01 }"
    months = small_case(tmp_path, f"{{ flights: [{{ event: landing, at: ovda }}], {window}, distinct_months: 2 }}")
    apart = [flight("UBBB", "LLOV", "2020-09-30 20:30"), flight("UBBB", "LLOV", "2020-09-30 21:30", icao24="600866")]
    assert first(weighed(months, apart), "art.it").verdict == "corroborated"  # 30 September and 1 October in Israel
    assert first(weighed(months, apart[:1]), "art.it").verdict == "partly corroborated"
    years = small_case(tmp_path, f"{{ flights: [{{ event: landing, at: ovda }}], {window}, distinct_years: 2 }}")
    assert first(weighed(years, apart), "art.it").verdict == "partly corroborated"
    later = [*apart, flight("UBBB", "LLOV", "2021-01-02 10:00")]
    assert first(weighed(years, later), "art.it").verdict == "corroborated"


def test_every_week_of_the_window_needs_a_match(tmp_path: Path) -> None:
    expects = (
        "{ flights: [{ event: leg, from: ovda, to: baku }], every_week: true, "
        "window: { before: 2020-10-06, weeks: 2, by: departure } }"
    )
    case = small_case(tmp_path, expects)
    weeks = [flight("LLOV", "UBBB", "2020-09-24 10:00"), flight("LLOV", "UBBB", "2020-10-01 10:00")]
    assert first(weighed(case, weeks), "art.it").verdict == "corroborated"
    result = first(weighed(case, weeks[1:]), "art.it")
    assert result.verdict == "partly corroborated"
    assert "weeks with a match: 1 of 2" in english(result)


def test_a_round_trip_needs_the_way_back_by_the_same_airframe(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: leg, from: ovda, to: baku }], round_trip: true, window: { day: tuesday } }"
    case = small_case(tmp_path, expects)
    out, back = flight("LLOV", "UBBB", "2020-09-29 06:00"), flight("UBBB", "LLOV", "2020-09-29 15:00")
    result = first(weighed(case, [out, back]), "art.it")
    assert result.verdict == "corroborated"
    assert "1 round trip (" in result.counted.en
    again = flight("LLOV", "UBBB", "2020-09-29 18:00")
    for flights in ([out], [out, again], [out, replace(back, track_key="600866", icao24="600866")], [back, again]):
        alone = first(weighed(case, flights), "art.it")
        assert alone.verdict == "partly corroborated"
        assert states(alone)["direction"] == "not met"


def test_an_earlier_way_in_does_not_use_up_the_way_out(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: leg, from: ovda, to: baku }], round_trip: true, window: { day: tuesday } }"
    flights = [
        flight("UBBB", "LLOV", "2020-09-29 03:00"),
        flight("LLOV", "UBBB", "2020-09-29 08:00"),
        flight("UBBB", "LLOV", "2020-09-29 15:00"),
    ]
    result = first(weighed(small_case(tmp_path, expects), flights), "art.it")
    assert states(result)["direction"] == "met"
    assert "1 round trip (" in result.counted.en


def test_a_round_trip_under_a_declared_identity_is_unknowable(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: leg, from: ovda, to: baku }], round_trip: true, window: { day: tuesday } }"
    declared = "declared by the user"
    out = flight("LLOV", "UBBB", "2020-09-29 06:00", identity=declared)
    back = flight("UBBB", "LLOV", "2020-09-29 15:00", identity=declared)
    result = first(weighed(small_case(tmp_path, expects), [out, back]), "art.it")
    assert states(result)["direction"] == "unknowable"
    assert result.verdict == "partly corroborated"


def test_flights_beside_are_listed_and_never_counted(tmp_path: Path) -> None:
    expects = (
        "{ flights: [{ event: leg, from: ovda, to: baku }], window: { day: tuesday }, list_earlier: true, "
        'beside: [{ event: leg, from: baku, to: ovda, note: { en: "the way in" } }] }'
    )
    case = small_case(tmp_path, expects)
    flights = [flight("UBBB", "LLOV", TUESDAY), flight("LLOV", "UBBB", "2015-01-02 10:00", icao24="600866")]
    result = first(weighed(case, flights), "art.it")
    assert result.verdict == "not observed, not covered"
    assert "Beside the verdict: legs from Baku to Ovda: 1" in english(result)
    assert "Before the window" in english(result)
    assert result.legs == ()


def test_which_end_binds_a_leg_to_the_window(tmp_path: Path) -> None:
    over_midnight = flight("LLOV", "UBBB", "2020-09-29 22:00", hours=3.0)  # leaves on the 29th, lands on the 30th
    for by, verdict in (
        ("departure", "corroborated"),
        ("either", "corroborated"),
        ("arrival", "not observed, not covered"),
    ):
        expects = f"{{ flights: [{{ event: leg, from: ovda, to: baku }}], window: {{ day: tuesday, by: {by} }} }}"
        assert first(weighed(small_case(tmp_path, expects), [over_midnight]), "art.it").verdict == verdict


def test_a_long_silence_holds_a_stop_only_if_the_direct_way_leaves_time() -> None:
    fast = positions([("2020-09-29 08:00", 40.0, 50.0, 30000.0), ("2020-09-29 10:00", 29.94, 34.94, 30000.0)])
    slow = positions([("2020-09-29 06:00", 40.0, 50.0, 30000.0), ("2020-09-29 10:00", 29.94, 34.94, 30000.0)])
    assert not gap_could_hold_a_stop(flight("UBBB", "LLOV", TUESDAY, track=fast, longest_gap_s=7200.0))
    assert gap_could_hold_a_stop(flight("UBBB", "LLOV", TUESDAY, track=slow, longest_gap_s=14400.0))
    assert not gap_could_hold_a_stop(flight("UBBB", "LLOV", TUESDAY, longest_gap_s=1700.0))
    assert gap_could_hold_a_stop(flight("UBBB", "LLOV", TUESDAY, longest_gap_s=1800.0))


def test_a_table_with_dates_holds_for_its_dates_only(landing: Case) -> None:
    for valid_until, state in ((date(2020, 10, 1), "met"), (date(2020, 9, 1), "unknowable")):
        airframes = tuple(
            replace(a, valid_from=date(2014, 9, 1), valid_until=valid_until) if a.icao24 == "600865" else a
            for a in landing.airframes
        )
        result = first(weighed(replace(landing, airframes=airframes), [flight("UBBB", "LLOV", TUESDAY)]), "art.it")
        assert states(result)["kind"] == state


def test_simulated_tracks_stamp_what_they_touch(landing: Case) -> None:
    result = weighed(landing, [flight("UBBB", "LLOV", TUESDAY, simulated=True)])
    assert result.simulated
    assert "simulated: not evidence" in english(first(result, "art.it"))
    assert not weighed(landing, [flight("UBBB", "LLOV", TUESDAY)]).simulated
