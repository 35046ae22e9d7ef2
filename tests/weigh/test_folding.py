"""One flight in two files counts once, and a track without an address never makes a claim look better supported."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flighttrace.match.model import Flight
from flighttrace.weigh.folding import folded
from flighttrace.weigh.model import ReadingResult

from .builders import finding, first, flight, positions, small_case, utc, weighed

LEGS = "{ flights: [{ event: leg, from: baku, to: ovda }], window: { day: tuesday }, at_least: 2 }"
TUESDAY = "2020-09-29 10:00"


def bare(one: Flight, key: str = "#12345678/AZQ101", *, icao24: str | None = None) -> Flight:
    """The flight as a file without its address holds it."""
    identity = "address in the file" if icao24 else "not in the file"
    flags = ("not an ICAO address",) if icao24 else ()
    return replace(one, icao24=icao24, track_key=key, identity=identity, flags=flags, flight_id=f"f-{key[-9:]}")


def reading(folder: Path, expects: str, flights: list[Flight]) -> ReadingResult:
    return first(weighed(small_case(folder, expects), flights), "art.it")


def states(result: ReadingResult) -> dict[str, str]:
    return {e.name: e.state for e in result.elements}


@pytest.mark.parametrize(("key", "icao24"), [("#12345678/AZQ101", None), ("~600865", "~600865")])
def test_one_flight_in_two_files_counts_once(tmp_path: Path, key: str, icao24: str | None) -> None:
    one = flight("UBBB", "LLOV", TUESDAY)
    result = reading(tmp_path, LEGS, [one, bare(one, key, icao24=icao24)])
    assert result.counted.en == "1 leg from Baku to Ovda by 1 airframe"
    assert states(result)["count"] == "not met"
    assert result.verdict == "partly corroborated"
    assert len(result.legs) == len(result.folded) == 1
    assert any("Counted once" in note.en for note in result.notes)


def test_two_tracks_without_an_address_of_one_flight_count_once(tmp_path: Path) -> None:
    one = flight("UBBB", "LLOV", TUESDAY)
    result = reading(tmp_path, LEGS, [bare(one), bare(one, "#abcdef01/J2101")])
    assert result.counted.en == "1 leg from Baku to Ovda by 1 track without an address"


def test_a_folded_flight_still_knows_its_claim(tmp_path: Path) -> None:
    one = flight("UBBB", "LLOV", TUESDAY)
    result = weighed(small_case(tmp_path, LEGS), [one, bare(one)])
    (name,) = finding(result, "art.it").readings[0].folded
    assert name in {leg.leg_id for leg in result.legs}
    assert result.claims_of[name] == ("art.it",)


def test_other_hours_other_fields_and_other_addresses_stay_apart(tmp_path: Path) -> None:
    one = flight("UBBB", "LLOV", TUESDAY)
    later = bare(flight("UBBB", "LLOV", "2020-09-29 18:00"))
    assert reading(tmp_path, LEGS, [one, later]).counted.en == (
        "2 legs from Baku to Ovda by 1 airframe and 1 track without an address"
    )
    assert states(reading(tmp_path, LEGS, [one, later]))["count"] == "met"
    same_hours = flight("UBBB", "LLOV", TUESDAY, icao24="600866")
    assert reading(tmp_path, LEGS, [one, same_hours]).counted.en == "2 legs from Baku to Ovda by 2 airframes"
    other_field = bare(flight("UB18", "LLOV", TUESDAY))
    apart = reading(tmp_path, LEGS, [one, other_field])
    assert apart.counted.en == "2 legs from Baku to Ovda by 1 airframe and 1 track without an address"
    assert states(apart)["count"] == "unknowable"  # it may be the same flight all the same
    assert apart.verdict == "partly corroborated"


def test_positions_far_apart_at_the_same_moments_are_two_flights(tmp_path: Path) -> None:
    def on_the_way(degrees_north: float) -> list[tuple[str, float, float, float]]:
        return [
            (f"2020-09-29 08:{minute:02d}", 36.0 + degrees_north - minute / 20, 42.0, 34000.0) for minute in range(30)
        ]

    one = flight("UBBB", "LLOV", TUESDAY, track=positions(on_the_way(0.0)))
    near = bare(replace(one, track=positions(on_the_way(0.05))))
    behind = bare(replace(one, track=positions(on_the_way(3.0))))
    assert reading(tmp_path, LEGS, [one, near]).counted.en == "1 leg from Baku to Ovda by 1 airframe"
    two = reading(tmp_path, LEGS, [one, behind])
    assert two.counted.en == "2 legs from Baku to Ovda by 1 airframe and 1 track without an address"
    assert states(two)["count"] == "met"


def test_a_folded_track_lends_its_network_only_at_grade_a_or_b(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, state: [Azerbaijan] }"
    rests_on = flight("UBBB", "LLOV", TUESDAY, network="Flightradar24")
    assert reading(tmp_path, expects, [rests_on]).verdict == "consistent"
    for grade, verdict in (("A", "corroborated"), ("B", "corroborated"), ("C", "consistent"), ("D", "consistent")):
        further = bare(flight("UBBB", "LLOV", TUESDAY, grade=grade))  # type: ignore[arg-type]
        assert reading(tmp_path, expects, [rests_on, further]).verdict == verdict


def test_a_poor_addressed_track_neither_weakens_a_good_one_nor_names_it(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, state: [Azerbaijan] }"
    good, poor = bare(flight("UBBB", "LLOV", TUESDAY)), flight("UBBB", "LLOV", TUESDAY, grade="D")
    assert reading(tmp_path, expects, [good]).verdict == "partly corroborated"
    both = reading(tmp_path, expects, [good, poor])
    assert both.verdict == "partly corroborated"
    assert states(both)["operator"] == "unknowable"


def test_a_track_without_an_address_fills_no_month_of_its_own(tmp_path: Path) -> None:
    window = "window: { from: 2020-09-01, until: 2020-12-01 }"
    expects = f"{{ flights: [{{ event: landing, at: ovda }}], {window}, at_least: 1, distinct_months: 2 }}"
    one = flight("UBBB", "LLOV", "2020-09-30 20:50")
    same = replace(bare(flight("UB18", "LLOV", "2020-09-30 21:10")), first_seen_utc=one.first_seen_utc)
    result = reading(tmp_path, expects, [one, same])
    (count,) = [e for e in result.elements if e.name == "count"]
    assert "different calendar months: 1 of 2" in count.detail.en
    assert count.state == "unknowable"
    month_later = bare(flight("UBBB", "LLOV", "2020-10-30 10:00"))
    assert states(reading(tmp_path, expects, [one, month_later]))["count"] == "met"


def test_one_long_track_does_not_swallow_two_that_follow_each_other() -> None:
    from flighttrace.weigh.matching import Match

    long = flight("UBBB", "LLOV", "2020-09-29 16:00", hours=9.0)
    halves = [
        bare(flight("UBBB", "LLOV", f"2020-09-29 {hour}:00"), f"#0000000{n}/A") for n, hour in enumerate((10, 15))
    ]
    matches = [Match(f, (("arrival", "A"),), (), utc(TUESDAY) + timedelta(0), True) for f in (long, *halves)]
    kept = folded(matches)
    assert len(kept) == 2
    assert folded(matches) == folded(list(reversed(matches)))


def test_a_clean_track_beside_a_disputed_one_of_the_same_flight_leaves_no_conflict(tmp_path: Path) -> None:
    expects = "{ flights: [{ event: landing, at: ovda }], window: { day: tuesday } }"
    disputed = flight("UBBB", "LLOV", TUESDAY, flags=("disputed positions",))
    assert reading(tmp_path, expects, [disputed]).verdict == "conflicting"
    assert reading(tmp_path, expects, [disputed, bare(flight("UBBB", "LLOV", TUESDAY))]).verdict == "corroborated"
