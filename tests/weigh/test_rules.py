"""What keeps a verdict from saying too much: wrong aircraft, open ends, borrowed coverage, counts without a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from flighttrace.language import Text
from flighttrace.match.model import Flight
from flighttrace.weigh.case import load_case
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
    utc,
    weighed,
)

TUESDAY = "2020-09-29 10:00"
LANDING = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday } }"
CARGO = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, state: [Azerbaijan], kind: [cargo] }"
LEG = "{ flights: [{ event: leg, from: baku, to: ovda }], window: { day: tuesday } }"
COVERED, NOT_COVERED = "not observed, though covered", "not observed, not covered"


def states(result: ReadingResult) -> dict[str, str]:
    return {e.name: e.state for e in result.elements}


def detail(result: ReadingResult, name: str) -> Text:
    return next(e.detail for e in result.elements if e.name == name)


def english(result: ReadingResult) -> str:
    return " ".join(t.en for t in (*result.reasons, *result.notes))


def one(folder: Path, expects: str, flights: list[Flight], rows: list[pd.DataFrame] | None = None) -> ReadingResult:
    return first(weighed(small_case(folder, expects), flights, ingested(rows or [])), "art.it")


def low_everywhere() -> list[pd.DataFrame]:
    return [low_traffic(name, "2020-09-29", 1, icao24=f"4b000{n}") for n, name in enumerate(("LLOV", "UBBB", "UB18"))]


# ---- the aircraft


def test_an_aircraft_known_to_be_another_corroborates_nothing_even_in_part(tmp_path: Path) -> None:
    el_al = flight("LLBG", "LLOV", TUESDAY, icao24="738041")
    assert one(tmp_path, CARGO, [el_al]).verdict == "consistent"
    unknown = flight("UBBB", "LLOV", "2020-09-29 15:00", icao24="600999")  # in the block, of unknown kind
    assert one(tmp_path, CARGO, [el_al, unknown]).verdict == "partly corroborated"


def test_the_wider_block_alone_leaves_the_registry_unknowable(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, state: [Azerbaijan] }"
    result = one(tmp_path, expects, [flight("UBBB", "LLOV", TUESDAY, icao24="600d01")])
    assert states(result)["operator"] == "unknowable"
    assert "on which tables disagree" in detail(result, "operator").en
    assert result.verdict == "partly corroborated"


@pytest.mark.parametrize(
    ("icao24", "state"),
    [
        ("613133", "met"),  # the ministry's, of the state
        ("600865", "not met"),  # of the state, of another operator
        ("600999", "unknowable"),  # in the state's block, in no table: the operator is not known
        ("4b0001", "not met"),  # outside the block
    ],
)
def test_operator_and_state_have_to_hold_together(tmp_path: Path, icao24: str, state: str) -> None:
    expects = (
        "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, "
        "operator: [Ministry], state: [Azerbaijan] }"
    )
    result = one(tmp_path, expects, [flight("UBBB", "LLOV", TUESDAY, icao24=icao24)])
    assert states(result)["operator"] == state
    assert "operator: Ministry and registry: Azerbaijan" in detail(result, "operator").en


def test_without_a_block_of_the_state_the_registry_is_unknowable(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, state: [Turkey] }"
    result = one(tmp_path, expects, [flight("UBBB", "LLOV", TUESDAY, icao24="4b0001")])
    assert states(result)["operator"] == "unknowable"


def test_an_airframe_of_the_table_without_an_operator_is_told_from_one_in_no_table(tmp_path: Path) -> None:
    case = small_case(tmp_path, CARGO.replace("state: [Azerbaijan]", "operator: [Ministry]"))
    untold = tuple(replace(a, operator="not stated") if a.icao24 == "600865" else a for a in case.airframes)
    case = replace(case, airframes=untold)
    flights = [flight("UBBB", "LLOV", TUESDAY), flight("UBBB", "LLOV", "2020-09-29 16:00", icao24="600999")]
    result = first(weighed(case, flights), "art.it")
    assert "in the table, which does not state their operator: 600865 (a): 1" in english(result)
    assert "in no table: 1" in english(result)
    assert "the airframe is in the table, which does not state its operator" in detail(result, "operator").en
    assert "airframe in no table of the case" in detail(result, "operator").en


def test_an_end_whose_named_field_is_outside_the_place_is_never_strong(tmp_path: Path) -> None:
    plain = flight("UBBB", "LLOV", TUESDAY)
    assert one(tmp_path, LANDING, [plain]).verdict == "corroborated"
    named_elsewhere = replace(plain, arrival=replace(plain.arrival, airport="LLER"))
    result = one(tmp_path, LANDING, [named_elsewhere])
    assert result.verdict == "consistent"
    assert "the field named at that end is LLER, outside Ovda" in english(result)
    leg = replace(plain, departure=replace(plain.departure, airport="UBBI"))
    assert one(tmp_path, LEG, [leg]).verdict == "consistent"


# ---- no match


def test_an_unknown_other_end_takes_though_covered_away(tmp_path: Path) -> None:
    assert one(tmp_path, LEG, [], low_everywhere()).verdict == COVERED
    for half in (flight("UBBB", None, TUESDAY), flight(None, "LLOV", TUESDAY)):
        result = one(tmp_path, LEG, [half], low_everywhere())
        assert result.verdict == NOT_COVERED
        assert result.possible == (half.flight_id,)
        assert result.legs == ()
        assert "one end is in the place, the other is not known" in english(result)
    elsewhere = [
        flight("UBBB", "LLER", TUESDAY),
        flight(None, "LLER", TUESDAY),
        flight("UBBB", None, "2020-10-02 10:00"),
    ]
    assert one(tmp_path, LEG, elsewhere, low_everywhere()).verdict == COVERED


def test_a_lost_flight_of_the_evening_before_may_have_arrived_in_the_window(tmp_path: Path) -> None:
    expects = LEG.replace("day: tuesday", "day: tuesday, by: arrival")
    evening = flight("UBBB", None, "2020-09-28 20:00", hours=1.0)  # lost at 23:00 in Israel, on Monday
    assert one(tmp_path, expects, [evening], low_everywhere()).verdict == NOT_COVERED
    days_before = flight("UBBB", None, "2020-09-27 20:00", hours=1.0)
    assert one(tmp_path, expects, [days_before], low_everywhere()).verdict == COVERED


def test_bounds_that_reach_into_the_window_take_though_covered_away(tmp_path: Path) -> None:
    rows = [low_traffic("LLOV", "2020-09-29", 1)]
    before = flight(
        "UBBB", "LLOV", "2020-09-28 20:58"
    )  # two minutes before the day begins in Israel, give or take five
    result = one(tmp_path, LANDING, [before], rows)
    assert result.verdict == NOT_COVERED
    assert result.possible
    assert "its bounds reach into it" in english(result)
    after = flight("UBBB", "LLOV", "2020-09-29 21:02")
    assert one(tmp_path, LANDING, [after], rows).verdict == NOT_COVERED
    clear = flight("UBBB", "LLOV", "2020-09-28 20:50")
    assert one(tmp_path, LANDING, [clear], rows).verdict == COVERED


def test_in_a_null_only_the_count_is_not_met(tmp_path: Path) -> None:
    expects = (
        "{ flights: [{ event: leg, from: baku, to: ovda }], window: { day: tuesday }, distinct_airframes: 2, "
        "at_least: 2, state: [Azerbaijan], kind: [cargo], no_stop: true }"
    )
    result = one(tmp_path, expects, [], low_everywhere())
    assert result.verdict == COVERED
    assert {name for name, state in states(result).items() if state == "not met"} == {"count"}
    assert all("no flight to judge it by" in e.detail.en for e in result.elements if e.name != "count")
    assert detail(result, "window").en.startswith("on 2020-09-29")


@pytest.mark.parametrize("key", ["~60086a", "000000", "000001", "ffffff", "#12345678/ABC"])
def test_tracks_without_an_address_of_their_own_cover_nothing(tmp_path: Path, key: str) -> None:
    assert one(tmp_path, CARGO, [], [low_traffic("LLOV", "2020-09-29", 1, icao24=key)]).verdict == NOT_COVERED


def test_a_declared_track_covers_nothing(tmp_path: Path) -> None:
    heard = ingested([low_traffic("LLOV", "2020-09-29", 1)])
    assert first(weighed(small_case(tmp_path, CARGO), [], heard), "art.it").verdict == COVERED
    declared = replace(heard, identities={"4b1234": "declared by the user"})
    assert first(weighed(small_case(tmp_path, CARGO), [], declared), "art.it").verdict == NOT_COVERED


def test_an_aircraft_of_the_claimed_states_block_may_be_the_claims_own(tmp_path: Path) -> None:
    for icao24 in ("600812", "600d01"):
        assert one(tmp_path, CARGO, [], [low_traffic("LLOV", "2020-09-29", 1, icao24=icao24)]).verdict == NOT_COVERED
    ministry = CARGO.replace("state: [Azerbaijan]", "operator: [Ministry]")
    assert one(tmp_path, ministry, [], [low_traffic("LLOV", "2020-09-29", 1, icao24="600812")]).verdict == NOT_COVERED


def test_a_claim_that_says_nothing_of_the_aircraft_may_mean_any_of_the_case(tmp_path: Path) -> None:
    for icao24, verdict in (("738041", NOT_COVERED), ("613133", NOT_COVERED), ("4b1234", COVERED)):
        assert one(tmp_path, LANDING, [], [low_traffic("LLOV", "2020-09-29", 1, icao24=icao24)]).verdict == verdict


def test_simulated_traffic_covers_only_where_nothing_real_was_given(tmp_path: Path) -> None:
    made_up = low_traffic("LLOV", "2020-09-29", 1).assign(simulated=True)
    alone = one(tmp_path, LANDING, [], [made_up])
    assert alone.verdict == COVERED
    assert "not covered is the right answer" not in english(alone)
    real = positions([("2020-08-01 08:00", 50.0, 10.0, 30000.0)], icao24="3c0001")
    assert one(tmp_path, LANDING, [], [made_up, real]).verdict == NOT_COVERED


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [
        ("2020-09-28 21:00", "2020-09-29 21:00", COVERED),
        ("2020-09-28 22:20", "2020-09-29 19:40", COVERED),  # an hour and a half at either end
        ("2020-09-28 21:00", "2020-09-29 18:40", NOT_COVERED),
        ("2020-09-29 06:00", "2020-09-29 10:00", NOT_COVERED),  # the hours of one morning
    ],
)
def test_some_hours_of_a_day_are_no_covered_day(tmp_path: Path, first: str, last: str, verdict: str) -> None:
    rows = low_traffic("LLOV", "2020-09-29", 1)
    rows = rows[(rows["time_utc"] >= utc(first)) & (rows["time_utc"] < utc(last))]
    null = one(tmp_path, LANDING, [], [rows])
    assert null.verdict == verdict
    assert ("a flight may lie wholly in it" in english(null)) is (verdict == NOT_COVERED)


@pytest.mark.parametrize(("minutes", "verdict"), [(121, NOT_COVERED), (149, NOT_COVERED), (85, COVERED)])
def test_no_silence_of_two_hours_hides_between_quarters(tmp_path: Path, minutes: int, verdict: str) -> None:
    low = low_traffic("LLOV", "2020-09-29", 1)
    silent = utc("2020-09-29 12:00"), utc("2020-09-29 12:00") + timedelta(minutes=minutes)
    every = [utc("2020-09-28 21:00") + timedelta(minutes=n) for n in range(24 * 60)]
    far = positions(
        [(t.isoformat(), 50.0, 10.0, 36_000.0) for t in every if not silent[0] < t < silent[1]], icao24="3c0001"
    )
    rows = low[(low["time_utc"] <= silent[0]) | (low["time_utc"] >= silent[1])]
    assert one(tmp_path, LANDING, [], [rows, far]).verdict == verdict


def test_a_flight_list_fills_no_silence(tmp_path: Path) -> None:
    rows = low_traffic("LLOV", "2020-09-29", 1)
    far = rows["lat_deg"] > 45
    assert one(tmp_path, LANDING, [], [rows]).verdict == COVERED
    listed = rows[far].assign(listed_flight="list 1", icao24="3c0001", track_key="3c0001")
    null = one(tmp_path, LANDING, [], [rows[~far], listed])
    assert null.verdict == NOT_COVERED
    assert "on all of 1 field-days" in english(null)


def test_the_longest_silence_of_the_window_is_named(tmp_path: Path) -> None:
    rows = low_traffic("LLOV", "2020-09-29", 1)
    silent = (rows["time_utc"] > utc("2020-09-29 10:00")) & (rows["time_utc"] < utc("2020-09-29 15:00"))
    null = one(tmp_path, LANDING, [], [rows[~silent]])
    assert null.verdict == NOT_COVERED
    assert "nothing of any track from 2020-09-29 09:45Z to 2020-09-29 15:30Z" in english(null)


def test_each_null_says_what_the_files_could_have_held(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { from: 2020-09-01, until: 2020-12-31 } }"
    nothing = one(tmp_path, expects, [])
    assert "positions on 0 of 121 days of the window" in english(nothing)
    some = one(tmp_path, expects, [], [low_traffic("LLOV", "2020-09-29", 3), low_traffic("UBBB", "2021-02-01", 1)])
    assert "from 2020-09-28 21:30Z to 2021-02-01 20:30Z: positions on 3 of 121 days" in english(some)
    assert some.coverage is not None
    assert (some.coverage.days_heard, some.coverage.days_asked) == (3, 121)
    assert some.coverage.days == ()
    covered = one(tmp_path, LANDING, [], [low_traffic("LLOV", "2020-09-29", 1)])
    assert "positions on 1 of 1 days" in english(covered)


# ---- contradicted


def _far(*, listed: bool = False, simulated: bool = False) -> Flight:
    hours = [f"2020-09-{day} {hour:02d}:00" for day in (28, 29) for hour in range(24)]
    track = positions([(t, 40.0, 116.0, 30000.0) for t in [*hours, "2020-09-30 00:00"]]).assign(simulated=simulated)
    if listed:
        track = track.assign(listed_flight=pd.array(["x"] * len(track), dtype="str"))
    return flight("ZBAA", "ZBAA", TUESDAY, track=track, simulated=simulated)


def test_flight_lists_and_simulated_tracks_among_real_ones_contradict_nothing(tmp_path: Path) -> None:
    named = LANDING.replace("} }", '}, airframe: "600865" }')
    real = [low_traffic("UBBB", "2021-01-01", 1)]
    assert one(tmp_path, named, [_far()], real).verdict == "contradicted"
    assert one(tmp_path, named, [_far(listed=True)], real).verdict == NOT_COVERED
    assert one(tmp_path, named, [_far(simulated=True)]).verdict == "contradicted"
    assert one(tmp_path, named, [_far(simulated=True)], real).verdict == NOT_COVERED


# ---- what is counted


def test_landings_and_legs_are_named_apart(tmp_path: Path) -> None:
    expects = (
        "{ flights: [{ event: landing, at: ovda }, { event: leg, from: ovda, to: baku }], window: { day: tuesday } }"
    )
    result = one(tmp_path, expects, [flight("LTAC", "LLOV", TUESDAY), flight("LLOV", "UBBB", "2020-09-29 16:00")])
    assert result.counted.en == "1 landing at Ovda, 1 leg from Ovda to Baku by 1 airframe"
    assert "عدد عمليات الهبوط في Ovda: 1؛ عدد الرحلات من Ovda إلى Baku: 1" in result.counted.ar
    assert "2 of 1" not in detail(result, "count").en
    assert detail(result, "direction").en == "legs one way: 1, the other way: 0"
    assert detail(result, "places").en.startswith("landings at Ovda or legs from Ovda to Baku")


def test_grades_below_b_are_counted_apart(tmp_path: Path) -> None:
    flights = [flight("UBBB", "LLOV", f"2020-09-29 0{n}:00", grade="A" if n else "C", hours=0.5) for n in range(4)]
    result = one(tmp_path, LANDING, flights)
    assert result.counted.en == "4 landings at Ovda by 1 airframe: 3 at grade A or B, 1 at C"
    assert "at grade" not in one(tmp_path, LANDING, flights[1:]).counted.en


def test_the_count_that_the_verdict_rests_on_is_named(tmp_path: Path) -> None:
    expects = (
        "{ flights: [{ event: landing, at: ovda }], window: { from: 2020-09-01, until: 2021-03-01 }, "
        "at_least: 2, distinct_months: 2, operator: [Ministry] }"
    )
    flights = [
        flight("UBBB", "LLOV", "2020-09-10 10:00", icao24="613133"),
        flight("UBBB", "LLOV", "2020-10-10 10:00", icao24="613133"),
        flight("UBBB", "LLOV", "2020-11-10 10:00", icao24="613133", network="unknown"),
        flight("UBBB", "LLOV", "2020-11-11 10:00"),
        flight("UBBB", "LLOV", "2020-12-11 10:00", icao24="600866"),
    ]
    result = one(tmp_path, expects, flights)
    assert result.verdict == "corroborated"
    assert result.counted.en == (
        "5 landings at Ovda by 3 airframes; of these 3, in 3 different months, meet every element, "
        "and of those 2, in 2 different months, at grade A or B with an independent witness"
    )


def test_a_declared_address_is_no_airframe_in_the_count(tmp_path: Path) -> None:
    result = one(tmp_path, LANDING, [flight("UBBB", "LLOV", TUESDAY, identity="declared by the user")])
    assert result.counted.en == "1 landing at Ovda by 1 track whose address the user declared"
    assert "identity not in the file or declared by the user: 1" in english(result)


# ---- readings, notes


@pytest.fixture(scope="module")
def shipped() -> Case:
    return load_case("ovda-karabakh", airfields=AIRFIELDS)


def test_a_claim_that_uses_no_open_axis_is_one_question(shipped: Case) -> None:
    result = weighed(shipped, [])
    july = finding(result, "ap-2023.gallant-july-visit")
    assert "the article's 32 readings do not change this claim" in july.reasons[-1].en
    assert (len(july.readings), july.readings_agree) == (32, True)
    weeks = finding(result, "ap-2023.weeks-of-supply")
    assert "Readings tried: 32 of 8 different questions; they agree." in weeks.reasons[-1].en
    repeated = finding(result, "ap-2023.repeated-before-operation")
    assert "Readings tried: 32; they agree." in repeated.reasons[-1].en


def test_a_bare_landing_carries_what_the_case_says_of_the_place(shipped: Case) -> None:
    result = weighed(shipped, [flight("LTAC", "LLOV", "2016-05-05 10:00")])
    note = shipped.places["ovda"].note
    assert note is not None
    deliveries = finding(result, "ap-2023.first-deliveries-2016")
    assert any(note.en in reason.en for reason in deliveries.reasons)
    assert not any(note.en in r.en for r in finding(result, "arab48-2020.tuesday-landing").reasons)


def test_the_words_of_the_case_are_arabic_in_arabic_sentences(shipped: Case) -> None:
    result = first(weighed(shipped, [flight("UBBB", "LLOV", TUESDAY)]), "arab48-2020.tuesday-landing")
    assert detail(result, "kind").ar.startswith("نوع الطائرة: شحن، نقل عسكري: ")
    assert detail(result, "operator").ar.startswith("دولة التسجيل: أذربيجان: ")
