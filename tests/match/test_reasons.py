"""Reasons in words: every number is the estimate's, nothing is overstated, both languages say it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flighttrace.match.endpoints import grade_of
from flighttrace.match.flights import find_flights
from flighttrace.match.model import Candidate, EndpointEstimate, Flight, Grade, Sighting
from flighttrace.match.places import load_airfields
from flighttrace.match.reasons import duration, end_reasons, grade_reason
from flighttrace.match.rivals import compass, percent, remarks, standing
from flighttrace.weigh.reasons import BANNED

from .builders import START, flight, ingested, positions

AIRFIELDS = load_airfields()


def flights(*frames: object) -> tuple[Flight, ...]:
    return find_flights(ingested(*frames)).flights  # type: ignore[arg-type]


def said(end: EndpointEstimate, lang: str = "en") -> str:
    return "\n".join(text[lang] for text in end.reasons)  # type: ignore[index]


def end(**changes: object) -> EndpointEstimate:
    """Lost descending at 6,000 ft, 20 km north of Ovda, flying 190°; LLOV, LLER and UNKNOWN compete."""
    made = EndpointEstimate(
        kind="arrival",
        airport="LLOV",
        probability=0.7,
        probability_flat=0.7,
        grade="C",
        time_utc=None,
        not_before_utc=None,
        not_after_utc=None,
        candidates=(
            Candidate("LLOV", 0.7, 0.7, 0.0, 20.0, 4508.0),
            Candidate("LLER", 0.2, 0.2, -2.0, 44.0, 5712.0),
            Candidate(None, 0.1, 0.1, -3.0, None, None),
        ),
        fix_time_utc=START,
        fix_lat_deg=30.12,
        fix_lon_deg=34.95,
        fix_altitude_ft=6000.0,
        on_ground=False,
        descending=True,
        vertical_rate_ft_min=-1500.0,
        ground_speed_kt=250.0,
        true_track_deg=190.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def sentences(of: EndpointEstimate, *, identified: bool = True) -> str:
    return "\n".join(text.en for text in end_reasons(of, AIRFIELDS, identified=identified))


def test_last_heard_when_where_how_high_how_fast_and_heading_where() -> None:
    words = sentences(end())
    assert "last heard 2031-09-25 06:00:00 UTC at 30.1200, 34.9500 at 6,000 ft" in words
    assert "descending 1,500 ft/min, a path of 3.4°, 250 kt over the ground, heading 190° true (south)" in words


def test_the_movement_is_said_as_flown_at_a_departure_too() -> None:
    (found,) = flights(flight("LLOV", "UBBB", hide_below_ft=3000.0))
    assert found.departure.vertical_rate_ft_min is not None
    assert found.departure.vertical_rate_ft_min > 300.0
    assert found.departure.true_track_deg == pytest.approx(45.5, abs=2.0)
    assert "climbing " in said(found.departure)
    assert "heading 04" in said(found.departure)
    assert found.arrival.vertical_rate_ft_min is not None
    assert found.arrival.vertical_rate_ft_min < -300.0


def test_what_was_not_heard_is_said_to_be_not_heard() -> None:
    words = sentences(end(vertical_rate_ft_min=None, ground_speed_kt=None, true_track_deg=None, fix_altitude_ft=None))
    assert "height not heard" in words
    assert "climb or descent not heard" in words
    assert "kt over" not in words
    assert "heading" not in words


def test_a_movement_that_does_not_belong_to_the_end_is_told() -> None:
    assert "climbing 900 ft/min, where a landing needs a descent" in sentences(
        end(descending=False, vertical_rate_ft_min=900.0)
    )
    assert "descending 120 ft/min only, as good as level" in sentences(
        end(descending=False, vertical_rate_ft_min=-120.0)
    )
    assert "a path of" not in sentences(end(descending=False, vertical_rate_ft_min=-120.0))


def test_rivals_bear_their_distance_probability_and_what_speaks_against_them() -> None:
    words = sentences(end())
    assert "LLOV 70%, 20 km off" in words
    assert "rival: LLER 20%, 44 km off" in words
    assert "5,712 ft below it" in words
    assert "LLOV explains it 7.3 times as well as LLER" in words


def test_without_a_told_field_there_are_candidates_and_no_rivals() -> None:
    words = sentences(end(grade="D"))
    assert "candidate: LLOV 70%" in words
    assert "rival" not in words


@pytest.mark.parametrize(
    ("km", "height_ft", "words"),
    [
        (5.5, 9000.0, "at 3° the height takes 52 km, a longer path"),
        (40.0, 7000.0, "its height fits: a straight line down to it is 3.1°"),
        (150.0, 3000.0, "part of the way would be level"),
        (40.0, -200.0, "the field lies higher than the fix"),
        (40.0, None, "the height of the field is not known"),
    ],
)
def test_height_against_distance(km: float, height_ft: float | None, words: str) -> None:
    told = remarks(end(), Candidate("LLOV", 0.5, 0.5, 0.0, km, height_ft), AIRFIELDS)
    assert any(words in text.en for text in told), told


@pytest.mark.parametrize(
    ("track", "words"),
    [(185.0, "heading towards it"), (240.0, "off the way to it"), (10.0, "heading away from it")],
)
def test_direction_against_the_way_to_the_field(track: float, words: str) -> None:
    told = remarks(end(true_track_deg=track), Candidate("LLOV", 0.5, 0.5, 0.0, 20.0, 4508.0), AIRFIELDS)
    assert any(words in text.en for text in told)


def test_a_height_that_was_not_heard_is_not_blamed_on_the_field() -> None:
    told = remarks(end(fix_altitude_ft=None), Candidate("LLOV", 0.5, 0.5, 0.0, 40.0, None), AIRFIELDS)
    assert any("no height was heard" in text.en for text in told)


def test_direction_at_a_departure_is_the_way_out_of_the_field() -> None:
    own = Candidate("LLOV", 0.5, 0.5, 0.0, 20.0, 4508.0)
    north = remarks(end(kind="departure", true_track_deg=3.0), own, AIRFIELDS)
    south = remarks(end(kind="departure", true_track_deg=183.0), own, AIRFIELDS)
    assert any("flying away from it" in text.en for text in north)
    assert any("flying back towards its side" in text.en for text in south)


def test_runways_count_when_low_and_near_and_unknown_ones_exclude_nothing() -> None:
    low = Candidate("LLOV", 0.5, 0.5, 0.0, 12.0, 2500.0)
    along = standing(end(true_track_deg=201.0), low, AIRFIELDS)
    assert along.runway_off_deg is not None
    assert along.runway_off_deg < 10.0
    assert any("off the direction of its runway" in t.en for t in remarks(end(true_track_deg=110.0), low, AIRFIELDS))
    assert standing(end(), replace(low, height_ft=8000.0), AIRFIELDS).runway_off_deg is None
    bare = next(f.airport for f in AIRFIELDS if f.country == "IL" and not any(r.ends for r in f.runways))
    told = remarks(end(), replace(low, airport=bare), AIRFIELDS)
    assert any("direction of its runway is not known, so it is not excluded" in text.en for text in told)


def test_a_field_beside_the_fix_gets_no_direction() -> None:
    assert standing(end(), Candidate("LLOV", 0.5, 0.5, 0.0, 4.0, 900.0), AIRFIELDS).bearing_deg is None


def test_the_next_sighting_says_when_where_how_far_and_how_fast() -> None:
    beside = Sighting(START + timedelta(minutes=98), 29.94, 34.94, 1500.0, on_ground=True)
    words = sentences(end(neighbour=beside))
    assert (
        "next heard 2031-09-25 07:38:00 UTC on the ground at 29.9400, 34.9400: 1 h 38 min later and 20 km off" in words
    )
    assert "7 kt in a straight line against 250 kt flown: the time left holds more than the straight way" in words
    assert "0.4 km from LLOV, which does not raise the grade of this end" in words
    near = sentences(end(neighbour=replace(beside, time_utc=START + timedelta(minutes=3))))
    assert "216 kt in a straight line" in near
    assert "the time left" not in near


def test_a_later_take_off_that_counts_is_said_to_count() -> None:
    (first, _) = flights(
        flight("UBBB", "LLOV", hide_arrival_below_ft=9000.0), flight("LLOV", "UBBB", start=START + timedelta(hours=4))
    )
    assert first.arrival.continued_by == "LLOV"
    assert "next takes off from LLOV" in said(first.arrival)
    assert "does not raise the grade" not in said(first.arrival)
    own = next(c for c in first.arrival.candidates if c.airport == "LLOV")
    assert f"LLOV {percent(own.probability_flat).en}," in said(first.arrival), "the numbers after continuity"


def test_what_the_next_beginning_adds_to_the_probabilities_is_said_with_what_there_was_without_it() -> None:
    there = flight("UBBB", "LLOV", hide_arrival_below_ft=16_000.0)
    (alone,) = flights(there)
    long, _ = flights(there, flight("LLOV", "LTAC", start=START + timedelta(hours=34)))
    first = next(c for c in long.arrival.candidates if c.airport is not None)
    own = next(c.probability for c in alone.arrival.candidates if c.airport == first.airport)
    with_it, without = percent(first.probability).en, percent(own).en
    assert with_it != without, "the case has nothing to tell"
    said_so = f"by the prior of the fields' features {first.airport} has {with_it}, without that {without}"
    assert f"where the airframe is heard next is counted in: {said_so}" in said(long.arrival)
    assert any(f"{first.airport} {with_it}، وبدونه {without}" in reason.ar for reason in long.arrival.reasons)
    assert "counted in:" not in said(alone.arrival), "nothing was heard after it"
    assert "counted in:" not in said(long.departure), "it is graded A by its own fixes"


def test_of_a_field_that_the_end_alone_does_not_list_no_figure_is_made_up() -> None:
    """Lost at cruise height half way, and next heard on the ground at Baku: the end's own list does not have it."""
    there = flight("LLOV", "UBBB")
    whole = there[there["time_utc"] < there["time_utc"].iloc[-1] - timedelta(seconds=4200)].reset_index(drop=True)
    later = there["time_utc"].iloc[-1].to_pydatetime() + timedelta(seconds=2400)
    first, _ = flights(whole, flight("UBBB", "OIII", start=later))
    (alone,) = flights(whole)
    assert first.arrival.airport == "UBBB"
    assert all(c.airport != "UBBB" for c in alone.arrival.candidates)
    assert first.arrival.probability_alone == 0.0
    assert "which this end alone does not list" in said(first.arrival)
    assert "without that" not in said(first.arrival)


def test_not_heard_again_is_no_more_than_that() -> None:
    (found,) = flights(flight("UBBB", "LLOV", hide_arrival_below_ft=9000.0))
    assert "in what was read, the airframe is not heard again" in said(found.arrival)
    assert "in what was read, the airframe is not heard before" in said(found.departure)
    (lone,) = flights(flight("UBBB", "LLOV", icao24=None, track_key="#abcdef01/SIM101"))
    assert "the file names no address" in said(lone.arrival)


def test_a_stretch_on_the_ground_is_the_next_sighting_before_the_next_flight_is() -> None:
    inbound = flight("UBBB", "LLOV", hide_arrival_below_ft=9000.0)
    lost = inbound["time_utc"].iloc[-1].to_pydatetime()
    field = AIRFIELDS.get("LLOV")
    stand = positions(
        [0, 60, 120], [field.lat_deg] * 3, [field.lon_deg] * 3, 1490.0, speed=0.0, ground=[True] * 3,
        start=lost + timedelta(hours=2),
    )  # fmt: skip
    first, _ = flights(inbound, stand, flight("LLBG", "UBBB", start=lost + timedelta(hours=9)))
    assert first.arrival.neighbour is not None
    assert first.arrival.neighbour.on_ground
    assert first.arrival.neighbour.time_utc == lost + timedelta(hours=2)


def test_the_course_of_twenty_minutes_is_drawn_on_to_the_field_and_back_to_it() -> None:
    own = Candidate("LLOV", 0.5, 0.5, 0.0, 20.0, 4508.0)
    towards = standing(end(), own, AIRFIELDS).bearing_deg
    assert towards is not None
    on = remarks(end(course_deg=towards + 30.0), own, AIRFIELDS)
    assert "the course of the last 20 minutes or so, drawn on, passes 10.0 km beside it" in [text.en for text in on]
    back = remarks(end(kind="departure", course_deg=towards + 150.0), own, AIRFIELDS)
    assert "the course of the first 20 minutes or so, drawn back, passes 10.0 km beside it" in [
        text.en for text in back
    ]
    behind = remarks(end(course_deg=towards + 180.0), own, AIRFIELDS)
    assert not [text for text in behind if "course" in text.en]


def test_the_course_is_told_as_flown_at_both_ends() -> None:
    (found,) = flights(flight("LLOV", "UBBB", hide_below_ft=3000.0))
    for one in (found.departure, found.arrival):
        assert one.course_deg is not None
        assert one.true_track_deg is not None
        assert abs((one.course_deg - one.true_track_deg + 180.0) % 360.0 - 180.0) < 5.0


def test_unknown_is_explained_where_it_is_left() -> None:
    assert "unknown 10%: a landing at a field that is not listed, or a flight that went on unheard" in sentences(end())
    assert "unknown" not in sentences(end(on_ground=True))


def test_every_grade_has_the_reason_of_its_rule() -> None:
    on_ground = end(grade="A", on_ground=True, candidates=(Candidate("LLOV", 1.0, 0.99, 0.0, 0.4, 0.0),
                                                          Candidate(None, 0.0, 0.01, -9.0, None, None)))  # fmt: skip
    assert grade_reason(on_ground).en.startswith("A: on the ground 0.4 km from LLOV")
    far = grade_reason(end()).en
    assert "7.3 times as well as LLER; B asks for less than 4,000 ft, 8 km, a height and speed to land from, and" in far
    assert "a height and speed to land from" not in grade_reason(end(kind="departure")).en
    unsure = end(
        grade="D",
        candidates=(Candidate("LLOV", 0.3, 0.3, 0.0, 20.0, 4508.0), Candidate(None, 0.7, 0.7, 1.0, None, None)),
    )
    assert "UNKNOWN (70%) outweighs every field" in grade_reason(unsure).en
    close = end(grade="D", candidates=(*end().candidates[:1], Candidate("LLER", 0.2, 0.2, -1.6, 44.0, 5712.0),
                                       end().candidates[2]))  # fmt: skip
    assert "4.9 times as well as LLER; C asks for 5 times" in grade_reason(close).en, "4.953 is not printed as 5"
    level = end(grade="D", came_down=False, descending=False)
    assert "7.3 times as well as LLER; C asks for a descent that was heard" in grade_reason(level).en
    shared = end(grade="D", candidates=(*end().candidates[:2], replace(end().candidates[2], log_likelihood=-0.1)))
    assert "C asks to outweigh all else together (it has 49% by this end alone)" in grade_reason(shared).en
    by_prior = end(
        grade="D", airport=None,
        candidates=(Candidate(None, 0.6, 0.3, -0.5, None, None), Candidate("LLOV", 0.4, 0.7, 0.0, 20.0, 4508.0)),
    )  # fmt: skip
    assert "by the prior of the fields' features UNKNOWN (60%) outweighs every field" in grade_reason(by_prior).en
    continued = grade_reason(end(continued_by="LLOV")).en
    assert continued.startswith("C: the same airframe's other flight is at LLOV")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-12, 4), min_size=1, max_size=4), st.floats(-9, 4), st.floats(0.1, 60), st.floats(-100, 20_000),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_the_reason_begins_with_the_grade_of_the_rule(
    likelihoods: list[float], unknown: float, km: float, height_ft: float, on_ground: bool, descending: bool
) -> None:
    import numpy as np

    weights = np.exp([*likelihoods, unknown])
    shares = (weights / weights.sum()).tolist()
    names = ["LLOV", "LLER", "OJAQ", "LLRM"]
    fields = [
        Candidate(n, p, p, ll, km + 9 * i, height_ft)
        for i, (n, p, ll) in enumerate(zip(names, shares, likelihoods, strict=False))
    ]
    every = sorted(
        [*fields, Candidate(None, shares[-1], shares[-1], unknown, None, None)], key=lambda c: -c.probability
    )
    made = end(candidates=tuple(every), airport=every[0].airport, on_ground=on_ground, descending=descending)
    grade: Grade = grade_of(made, {made.airport} if made.airport else set())
    graded = replace(made, grade=grade)
    assert grade_reason(graded).en.startswith(f"{grade}: ")
    assert grade_reason(graded).ar.startswith(f"{grade}: ")
    assert ("UNKNOWN" in grade_reason(graded).en) == (made.airport is None)


def test_no_sentence_holds_a_banned_word_and_each_has_its_arabic() -> None:
    texts = set()
    for hidden in (None, 700.0, 3500.0, 9000.0, 30_000.0):
        for found in flights(
            flight("UBBB", "LLOV", hide_below_ft=hidden), flight("LLOV", "UBBB", start=START + timedelta(hours=5))
        ):
            for one in (found.departure, found.arrival):
                texts |= {*one.reasons, grade_reason(one)}
    made = [end(), end(grade="D"), end(descending=False), end(on_ground=True, grade="A"), end(kind="departure")]
    texts |= {t for e in made for t in (*end_reasons(e, AIRFIELDS), grade_reason(e))}
    assert len(texts) > 40
    for text in texts:
        for lang in ("en", "ar"):
            assert not [word for word in BANNED[lang] if word in text[lang].casefold()], text
        assert re.search("[؀-ۿ]", text.ar), text
        assert not re.search("[؀-ۿ]", text.en), text


@pytest.mark.parametrize(
    ("degrees", "word"),
    [(0, "north"), (11.2, "north"), (11.3, "north-northeast"), (200, "south-southwest"), (359, "north")],
)
def test_compass_words(degrees: float, word: str) -> None:
    assert compass(degrees).en == word


def test_probabilities_are_never_rounded_to_none_or_all() -> None:
    assert [percent(p).en for p in (0.0004, 0.02, 0.41, 0.9971, 1.0)] == [
        "less than 1%", "2%", "41%", "more than 99%", "100%",
    ]  # fmt: skip


def test_durations() -> None:
    assert [duration(s).en for s in (45, 600, 5880, 222_000)] == ["45 s", "10 min", "1 h 38 min", "2 d 13 h"]
