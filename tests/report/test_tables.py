from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from flighttrace.errors import InputError
from flighttrace.report.tables import case_claims_table, claims_table, flights_table, inputs_table, legs_table

from .builders import flight, full_case, ingested, leg, one_ended, route, source, track, weighed

ZONES = {"Israel": "Asia/Jerusalem"}


def printed(*parts: object) -> str:
    out = io.StringIO()
    console = Console(file=out, width=220, force_terminal=True, color_system="standard")
    for part in parts:
        console.print(part)
    return out.getvalue()


def plain(*parts: object) -> str:
    out = io.StringIO()
    for part in parts:
        Console(file=out, width=220).print(part)
    return out.getvalue()


def test_control_characters_and_markup_stay_text() -> None:
    text = plain(flights_table([flight(callsign="\x1b]0;x\x07[red]A\rB")], ingested()))
    assert "\\x1b]0;x\\x07[red]A\\rB" in text
    assert not set("\x1b\x07\r") & set(text)


def test_legs_and_sightings_are_two_tables_with_local_times() -> None:
    legs = [leg(flight("a")), leg(flight("b"), possible=True)]
    tables = legs_table(legs, [one_ended()], ingested(), zones=ZONES, claims_of={"leg-a": ("c.x",)})
    assert len(tables) == 2
    text = plain(*tables)
    for said in ("2031-09-25 12:00Z", "09-25 15:00 Israel", "(possible leg)", "… → ovda", "c.x", "150 (−4)"):
        assert said in text, said
    assert len(legs_table(legs, [], ingested())) == 1


def test_the_number_under_the_legs_is_named_and_counts_flights() -> None:
    twice = leg(flight("a")), replace(leg(flight("a"), to="near-karabakh"), leg_id="other")
    tables = legs_table([*twice, leg(flight("b"), possible=True)], [one_ended(), one_ended()], ingested())
    text = plain(*tables)
    assert "1 leg and 1 possible leg (3 rows: a leg that joins several pairs" in text
    assert "1 one-ended sighting" in text
    assert "2 one-ended" not in text
    arabic = plain(*legs_table([*twice], [], ingested(), lang="ar"))
    assert "عدد الرحلات: 1" in arabic


def test_an_input_says_what_it_spans() -> None:
    rows = track(route())
    text = plain(inputs_table(replace(ingested([source(), source("none.csv")]), positions=rows)))
    assert "2031-09-25 12:00" in text
    assert "2031-09-25 14:29" in text
    assert "first position, UTC" in text


def test_simulated_tables_are_stamped() -> None:
    read = ingested([source(simulated=True)])
    simulated = weighed(simulated=True)
    for table in (flights_table([], read), *legs_table([], [], read), inputs_table(read), claims_table(simulated)):
        assert "SIMULATED: NOT EVIDENCE" in plain(table)
    assert "SIMULATED" not in plain(flights_table([flight()], ingested()))


def test_readings_that_differ_are_all_shown() -> None:
    case, _, _ = full_case()
    text = plain(claims_table(case))
    assert "partly corroborated × 1" in text
    assert "not observed, not covered × 1" in text
    assert "4 all readings agree" in text
    assert "يوم الخميس" in plain(claims_table(case, lang="ar"))


def test_a_case_can_be_listed_before_any_track_is_read() -> None:
    case, _, _ = full_case()
    text = plain(case_claims_table(case.case))
    assert "paper-2031.landing" in text
    assert "a statement leaves no track" in text


def test_inputs_show_their_accounting_and_what_failed() -> None:
    text = plain(inputs_table(ingested(failures=[InputError("bad", file="/home/canary/b.csv")])))
    assert "1,000" in text
    assert "940" in text
    assert "b.csv" in text
    assert "canary" not in text


def test_colour_is_a_matter_of_the_console() -> None:
    assert "\x1b[" in printed(claims_table(weighed()))
