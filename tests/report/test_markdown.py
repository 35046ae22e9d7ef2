from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flighttrace.language import SIMULATED_STAMP, Text
from flighttrace.report.legbook import number_legs
from flighttrace.report.markdown import escaped, report_markdown

from .builders import FIELDS, claim, finding, flight, ingested, leg, result, source, weighed
from .conftest import Case

PAYLOADS = [
    "![](http://evil.example/t.png)",
    "[x](javascript:1)",
    "<script>alert(1)</script>",
    "a | b `c` | d",
    "``` \n# heading",
    "http://evil.example www.evil.example a@evil.example",
    "&lt;img&gt;",
    "- [ ] x",
    "1. x",
]


def unescaped(text: str) -> str:
    """What CommonMark shows of text that holds nothing but backslash escapes and entities."""
    return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_value_makes_markup(payload: str) -> None:
    text = escaped(payload)
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)
    assert not re.search(r"[<>|`\[\]*_!]|://|www\.|@|\n", bare)
    assert not re.match(r"\s*([-+=#]|\d+[.)])", text)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=40))
def test_escaped_text_reads_as_it_was(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_a_poisoned_case_keeps_its_tables_and_has_no_picture() -> None:
    nasty = "x | ![](http://evil.example/t.png) <script> `"
    text = Text(nasty, nasty)
    flown = flight(callsign=nasty, source_ids=[f"s:{nasty}"])
    case = weighed(legs=[leg(flown)], findings=[finding(claim(nasty, text), [result(legs=["leg-f1"])])])
    read = ingested([source(nasty)])
    entries = number_legs(case.legs, {}, case.case)
    made = report_markdown(
        weighed=case, entries=entries, ingested=read, airfields=FIELDS, lang="en", settings={nasty: nasty}
    )
    assert "![" not in made
    assert "<script" not in made
    tables = [line for line in made.splitlines() if line.startswith("|")]
    for line in tables:
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert cells in {4, 10, 12}, line


def test_the_report_has_its_parts(simulated: Case) -> None:
    text = simulated.text("report.md")
    assert text.startswith(f"# {SIMULATED_STAMP.en}: ")
    assert text.count(SIMULATED_STAMP.en.upper()) == 2
    for said in (
        "- **22** legs on the routes asked",
        "No track is not no flight.",
        "rests on: leg 5",
        "LLOV 2 of 3",
        "the gzip data end early",
    ):
        assert said in text, said


def test_arabic_markdown(arabic: Case) -> None:
    text = arabic.text("report.md")
    assert SIMULATED_STAMP.ar in text
    assert "## الادعاءات التي يمكن للمسارات أن تقول فيها شيئاً" in text


def test_an_agreeing_claim_says_so() -> None:
    a = result()
    found = finding(claim(), [a, replace(a, reading=replace(a.reading, label="B", first=False))])
    case = weighed(findings=[found])
    made = report_markdown(
        weighed=case,
        entries=number_legs(case.legs, {}, case.case),
        ingested=ingested(),
        airfields=FIELDS,
        lang="en",
        settings={},
    )
    assert "**consistent**: all readings agree (readings tried: 2)" in made
