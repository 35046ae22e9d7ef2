from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flighttrace.language import Text
from flighttrace.match.flights import find_flights
from flighttrace.match.legs import find_legs, place_grade
from flighttrace.match.model import Flight, Place
from flighttrace.match.places import load_airfields

from .builders import START, flight, ingested, source

FIELDS = load_airfields()


def _place(name: str, *airports: str) -> Place:
    return Place(name, Text(name, name), tuple(FIELDS.get(a).airport for a in airports))


OVDA = _place("ovda", "LLOV")
SOUTH = _place("south-israel-bases", "LLOV", "LLNV", "LLRM")
BAKU = _place("baku", "UBBB", "UBTT", "UB12", "UB18")
KARABAKH = _place("near-karabakh", "UBBG", "UBEE", "UBBF", "UBBZ", "UG11", "UB13")


def _flights(*frames: object) -> list[Flight]:
    return list(find_flights(ingested(*frames)))  # type: ignore[arg-type]


def test_a_leg_with_its_grades() -> None:
    legs, ended = find_legs(_flights(flight("UBBB", "LLOV")), BAKU, OVDA, FIELDS)
    assert [(leg.grade, leg.possible, leg.origin_place, leg.destination_place) for leg in legs] == [
        ("A", False, "baku", "ovda")
    ]
    assert ended == []


def test_decoys_are_not_legs() -> None:
    for decoy in ("LLER", "OJAQ", "LLBG"):
        legs, ended = find_legs(_flights(flight("UBBB", decoy)), BAKU, OVDA, FIELDS)
        assert legs == [], decoy
        assert [(one.place, one.kind) for one in ended] == [("baku", "departure")]


def test_the_other_direction_is_another_leg() -> None:
    legs, _ = find_legs(_flights(flight("LLOV", "UBBB")), BAKU, OVDA, FIELDS)
    assert legs == []


def test_a_place_of_three_fields_may_be_sure_where_the_field_is_not() -> None:
    inbound = flight("UBBG", "LLOV", hide_arrival_below_ft=9000.0)
    (found,) = _flights(inbound)
    grade_one, p_one, _ = place_grade(found.arrival, OVDA, FIELDS)
    _, p_three, _ = place_grade(found.arrival, SOUTH, FIELDS)
    assert p_three >= p_one
    assert grade_one in ("C", "D")


def test_not_the_likeliest_place_is_only_possible_and_at_most_d() -> None:
    (found,) = _flights(flight("UBBB", "LLER", hide_arrival_below_ft=12_000.0))
    grade, probability, possible = place_grade(found.arrival, OVDA, FIELDS)
    if probability >= 0.05:
        assert possible
        assert grade == "D"
    legs, _ = find_legs([found], BAKU, OVDA, FIELDS)
    assert all(leg.possible and leg.grade == "D" for leg in legs)


def test_window_by_departure_arrival_or_either() -> None:
    late = _flights(flight("UBBB", "LLOV", start=datetime(2031, 9, 25, 22, 30, tzinfo=UTC)))
    day = {"start_utc": datetime(2031, 9, 26, tzinfo=UTC), "end_utc": datetime(2031, 9, 27, tzinfo=UTC)}
    counts = {
        window: len(find_legs(late, BAKU, OVDA, FIELDS, window=window, **day)[0])  # type: ignore[arg-type]
        for window in ("departure", "arrival", "either")
    }
    assert counts == {"departure": 0, "arrival": 1, "either": 1}


def test_the_end_of_the_window_is_excluded() -> None:
    (found,) = _flights(flight("UBBB", "LLOV"))
    assert found.arrival.time_utc is not None
    args = {"origin": BAKU, "destination": OVDA, "airfields": FIELDS, "window": "arrival"}
    assert find_legs([found], **args, end_utc=found.arrival.time_utc)[0] == []  # type: ignore[arg-type]
    assert find_legs([found], **args, start_utc=found.arrival.time_utc)[0] != []  # type: ignore[arg-type]


def test_fields_open_in_that_year_only() -> None:
    fuzuli = _place("fuzuli", "UBBF")
    (found,) = _flights(flight("LLOV", "UBBF", start=START.replace(year=2020)))
    assert find_legs([found], OVDA, fuzuli, FIELDS)[0] == []
    (later,) = _flights(flight("LLOV", "UBBF"))
    assert len(find_legs([later], OVDA, fuzuli, FIELDS)[0]) == 1


def test_each_network_is_a_witness_of_what_it_heard_itself() -> None:
    low = flight("UBBB", "LLOV", source_id="a")
    high = flight("UBBB", "LLOV", source_id="b", hide_below_ft=20_000.0, step_s=37.0)
    heard = ingested(low, high, sources=[source("a", "OpenSky"), source("b", "Flightradar24")])
    (leg,), _ = find_legs(list(find_flights(heard)), BAKU, OVDA, FIELDS)
    grades = {w.network: (w.departure_place_grade, w.arrival_place_grade) for w in leg.witnesses}
    assert grades["OpenSky"] == ("A", "A")
    assert set(grades["Flightradar24"]) <= {"C", "D", "X"}


def test_leg_ids_do_not_depend_on_order() -> None:
    flights = _flights(flight("UBBB", "LLOV"), flight("LLOV", "UBBB", start=START + timedelta(hours=8)))
    one = find_legs(flights, BAKU, OVDA, FIELDS)[0]
    two = find_legs(flights[::-1], BAKU, OVDA, FIELDS)[0]
    assert [leg.leg_id for leg in one] == [leg.leg_id for leg in two]
