from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flighttrace.language import CARGO_NOTE, NULL_NOTE, SIMULATED_STAMP, Language, Text
from flighttrace.match.endpoints import B_FT, B_KM, B_RATIO, C_RATIO, LOW_FT, LOW_KM
from flighttrace.report import page
from flighttrace.report.cards import claim_cards
from flighttrace.report.legbook import number_legs
from flighttrace.report.page import Picture, linked, page_html
from flighttrace.report.placenames import FIELD_NAMES
from flighttrace.report.terms import isolated
from flighttrace.report.wording import ELEMENT_TEXTS, GRADE_MEANINGS, WORDS
from flighttrace.weigh.expects import Expects, FlightSpec, WindowSpec
from flighttrace.weigh.model import Airframe, Weighed

from .builders import (
    ARTICLE,
    FIELDS,
    claim,
    finding,
    flight,
    full_case,
    ingested,
    leg,
    reading,
    result,
    source,
    weighed,
)
from .conftest import Case

PAYLOADS = [
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "{{7*7}}",
    "x onmouseover=alert(1)",
    "'\"><svg onload=alert(3)>",
    "</style><style>*{background:url(http://evil.example/x)}</style>",
    "\u2028</title><base href=//evil.example>",
]


class Read(HTMLParser):
    """Tags, attributes and text of a page as a browser would take them apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside: list[str] = []
        self.blocks: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.blocks:
            self.inside.append(tag)
            self.blocks[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.blocks[self.inside[-1]][-1] += data
        else:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def made(case: Weighed, read: object = None, lang: Language = "en", **changes: object) -> str:
    entries = number_legs(case.legs, case.claims_of, case.case)
    values: dict[str, object] = {
        "weighed": case,
        "entries": entries,
        "ingested": read or ingested(),
        "airfields": FIELDS,
        "lang": lang,
        "settings": {},
    }
    return page_html(**{**values, **changes})  # type: ignore[arg-type]


def poisoned(payload: str) -> str:
    """A page with the payload as call sign, flag, file name, reader, network, claim, reason, case title, setting."""
    text = Text(payload, payload)
    flown = replace(
        flight(callsign=payload, flags=[payload], source_ids=[f"s:{payload}"]), icao24=payload, identity=payload
    )
    told = replace(result(legs=["leg-f1"]), counted=text, reasons=(text,), notes=(text,))
    found = finding(replace(claim(payload, text), paragraph=payload, tracks_show=text, tracks_cannot=text), [told])
    case = weighed(legs=[leg(flown)], findings=[found])
    airframe = Airframe(payload, payload, payload, "cargo", payload, payload, None, payload)
    case = replace(case, case=replace(case.case, title=text, name=payload, airframes=(airframe,)))
    read = ingested([source(payload, reader=payload, network=payload)])
    return made(case, read, settings={payload: payload})


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_from_outside_becomes_markup(payload: str) -> None:
    read = Read(poisoned(payload))
    allowed = Read(poisoned("harmless"))
    assert [tag for tag, _ in read.tags] == [tag for tag, _ in allowed.tags]
    assert not [a for _, attributes in read.tags for a in attributes if a.startswith("on")]
    assert len(read.all("script")) == len(read.all("style")) == 1
    assert " ".join(payload.split()) in " ".join(read.text.split())


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "\\\\evil\\share", "//evil.example", "http:x"]
)
def test_only_http_addresses_become_links(url: str) -> None:
    assert "<a" not in linked(url)


def test_a_link_says_nothing_of_us() -> None:
    assert linked("https://example.org/a?b=1&c=2") == (
        '<a href="https://example.org/a?b=1&amp;c=2" rel="noreferrer noopener">https://example.org/a?b=1&amp;c=2</a>'
    )
    assert "<a" not in linked("https://example.org/'onclick=x")


@pytest.mark.parametrize("fixture", ["simulated", "real", "arabic"])
def test_the_page_loads_nothing_and_runs_only_our_script(fixture: str, request: pytest.FixtureRequest) -> None:
    text = request.getfixturevalue(fixture).text("report.html")
    read = Read(text)
    for tag, attributes in read.tags:
        for name in ("src", "href", "xlink:href", "action", "poster", "srcset", "background"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/png;base64,")), (tag, name, value)
        assert "style" not in attributes
    assert not {"link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in read.tags}
    assert not re.search(r"url\(|@import", read.blocks["style"][0])
    policy = next(m["content"] for m in read.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    for kind in ("script", "style"):
        (block,) = read.blocks[kind]
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_every_link_inside_the_page_has_its_target(simulated: Case) -> None:
    read = Read(simulated.text("report.html"))
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a["href"] for a in read.all("a")}
    assert {t.removeprefix("#") for t in targets if t} <= set(ids)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_notes_of_truth_stand_on_every_page(lang: Language) -> None:
    text = Read(made(weighed(), lang=lang)).text
    assert CARGO_NOTE[lang] in text
    assert NULL_NOTE[lang] in text


def test_a_simulated_page_is_stamped_in_title_banner_headline_and_print(simulated: Case, real: Case) -> None:
    text = simulated.text("report.html")
    title = text[text.index("<title>") : text.index("</title>")]
    headline = text[text.index("<h1>") : text.index("</h1>")]
    assert SIMULATED_STAMP.en in title
    assert SIMULATED_STAMP.en in headline
    assert text.index('class="stamp"') < text.index("<h1>")
    assert text.count('class="stamp again"') >= 4
    assert '<body class="simulated">' in text
    assert SIMULATED_STAMP.en not in Read(real.text("report.html")).text


def test_the_arabic_page_runs_from_right_to_left_and_keeps_the_english_beside_it(arabic: Case) -> None:
    read = Read(arabic.text("report.html"))
    assert read.all("html")[0] == {"lang": "ar", "dir": "rtl"}
    assert arabic.weighed.findings[0].claim.text.ar in read.text
    assert arabic.weighed.findings[0].claim.text.en in read.text
    assert "الادعاءات" in read.text


def test_readings_that_differ_stand_at_equal_size(simulated: Case) -> None:
    text = simulated.text("report.html")
    card = text[text.index('<article class="card"') : text.index("</article>")]
    assert "The readings do not agree" in card
    badges = re.findall(r'<p><span class="(badge [^"]+)">([^<]+)</span></p>', card)
    assert [verdict for _, verdict in badges] == ["partly corroborated", "not observed, not covered"]
    before = card[: card.index('<div class="groups">')]
    assert "badge" not in before


def test_the_answer_is_in_numbers_that_are_named(simulated: Case) -> None:
    text = re.sub(r"\s+", " ", Read(simulated.text("report.html")).text)
    for said in (
        "22legs on the routes asked",
        "2airframes by address on these legs",
        "1possible leg, in no count",
        "1one-ended sighting",
        "2input files read",
    ):
        assert said in text
    assert "22 of 22 legs" in text


def test_a_flight_that_joins_two_pairs_of_places_is_one_leg() -> None:
    flown = flight()
    twice = weighed(legs=[leg(flown), replace(leg(flown, to="near-karabakh"), leg_id="leg-other")])
    entries = number_legs(twice.legs, {}, twice.case)
    assert len(entries) == 1
    assert "<b>1</b><span>leg on the routes asked</span>" in made(twice)


def test_legs_that_only_claims_ask_for_and_legs_without_an_address_are_named_apart() -> None:
    known = leg(flight("a"))
    nameless = replace(leg(flight("b", icao24=None)), leg_id="leg-b")
    tilde = leg(flight("c", icao24="~a0b0c9"))
    elsewhere = replace(leg(flight("d", icao24="a0b0c7"), to="karabakh-radius"), leg_id="leg-d")
    case = weighed(legs=[known, nameless, tilde, elsewhere])
    text = re.sub(r"\s+", " ", Read(made(case)).text)
    for said in (
        "3legs on the routes asked",
        "1more that only claims ask for",
        "2airframes by address on these legs",
        "2of these legs without an address",
        "4 of 4 legs",
    ):
        assert said in text, said


def test_a_declared_address_is_no_airframe_of_the_file() -> None:
    declared = replace(flight("a"), identity="declared by the user")
    text = Read(made(weighed(legs=[leg(declared)]))).text
    assert "0airframes by address" in text
    assert "1more by an address that the user declared" in text


def test_an_end_of_grade_d_is_the_likeliest_few_and_no_field() -> None:
    flown = replace(flight(), arrival=replace(flight().arrival, grade="D"))
    text = made(weighed(legs=[replace(leg(flown), arrival_place_grade="D")]))
    end = text[text.index('<td data-label="arrival">') :]
    end = end[: end.index("</td>")]
    assert "field not told; the likeliest: <b><bdi>UBBB 90%, UBBG 7%, unknown 3%</bdi></b>" in end
    assert "Heydar" not in end
    assert "Baku?" in text


def test_a_claim_that_no_reading_changes_is_said_once() -> None:
    expects = Expects(flights=(FlightSpec("landing", destination="ovda"),), window=WindowSpec(day="2031-09-25"))
    readings = [reading(f"R{n}", first=n == 0, base=f"b{n}") for n in range(32)]
    alike = [result(r) for r in readings]
    (card,) = claim_cards(weighed(findings=[finding(claim(expects=expects), alike)]), (), "en")
    assert card.unchanged
    text = made(weighed(findings=[finding(claim(expects=expects), alike)]))
    assert "the article&#39;s 32 readings do not change this claim" in text
    assert "reading R7" not in text
    open_axis = Expects(flights=(FlightSpec("landing", destination="base"),), window=WindowSpec(day="2031-09-25"))
    assert "reading R7" in made(weighed(findings=[finding(claim(expects=open_axis), alike)]))
    unlike = [*alike[:-1], replace(alike[-1], verdict="conflicting")]
    assert "reading R7" in made(weighed(findings=[finding(claim(expects=expects), unlike)]))


def test_the_page_says_how_many_maps_are_drawn_where_not_all_are() -> None:
    case, _, read = full_case()
    text = made(case, read, pictures=[Picture(None, "legs-all.png", b"1"), Picture(3, "leg-3-a.png", b"2")])
    assert "1 of 23 leg maps are drawn" in text
    assert "flighttrace map --id" in text


@pytest.mark.parametrize(
    "words", ["ساق", "محتمل", "نافذة", "مختلق", "مُختلَق", "المعدود", "قره باغ", "نفاطيم", "كنجه", "زنكيلان"]
)
def test_arabic_keeps_to_one_word_for_one_thing(words: str, arabic: Case) -> None:
    ours = [text.ar for table in (WORDS, GRADE_MEANINGS, ELEMENT_TEXTS, FIELD_NAMES) for text in table.values()]
    assert not [text for text in ours if words in text]
    assert " ،" not in "".join(ours)


def test_a_date_in_an_arabic_sentence_keeps_its_order(arabic: Case) -> None:
    assert isolated("النشر 2031-09-30؛", "ar") == "النشر \u20662031-09-30\u2069؛"
    assert isolated("published 2031-09-30", "en") == "published 2031-09-30"
    text = arabic.text("report.html")
    windows = re.findall(r'<span class="win"><bdi([^>]*)>([^<]*)</bdi>', text)
    assert windows
    assert all(direction == ' dir="ltr"' and "(\u2068إسرائيل\u2069)" in said for direction, said in windows)


def test_the_grades_on_the_page_are_those_of_the_match_room(arabic: Case) -> None:
    assert f"below {B_FT:,.0f} ft above the field and within {B_KM:g} km" in GRADE_MEANINGS["B"].en
    assert f"at least {B_RATIO:g} times" in GRADE_MEANINGS["B"].en
    assert f"below {LOW_FT:,.0f} ft above the field, within {LOW_KM:g} km" in GRADE_MEANINGS["A"].en
    assert f"at least {C_RATIO:g} times" in GRADE_MEANINGS["C"].en
    assert "دون 4000 قدم فوق مستوى المطار وضمن 8 كم" in Read(arabic.text("report.html")).text


def test_nothing_found_says_that_it_proves_nothing() -> None:
    text = made(weighed(legs=(), findings=()), ingested([]))
    assert "No leg was found in these files. No track is not no flight." in text
    assert "<svg" not in text


def test_failures_and_accounting_are_on_the_page(simulated: Case) -> None:
    text = Read(simulated.text("report.html")).text
    assert "cut.csv" in text
    assert "the gzip data end early" in text
    assert "latitude out of range" in text
    assert all(s.sha256 in text for s in simulated.ingested.sources)


def test_what_is_too_much_for_the_page_is_counted_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_LEGS", 3)
    case, _, read = full_case()
    text = made(case, read)
    assert "<b>22</b><span>legs on the routes asked</span>" in text
    assert "not listed on this page, but in legs.csv and findings.json: 20" in text
    monkeypatch.setattr(page, "MOST_EMBEDDED_BYTES", 5)
    text = made(weighed(), pictures=[Picture(None, "legs-all.png", b"12345"), Picture(1, "leg-1-abc.png", b"6")])
    assert text.count("data:image/png;base64") == 1
    assert "maps/leg-1-abc.png" in text


def test_the_words_are_there_in_both_languages_and_the_page_knows_all_it_names() -> None:
    assert all(text.en.strip() and text.ar.strip() for text in WORDS.values())
    assert all(re.search(r"[\u0600-\u06ff]", text.ar) for text in WORDS.values())
    template = (Path(page.__file__).parent / "templates" / "report.html.j2").read_text("utf-8")
    assert set(re.findall(r"\bw\.([a-z_]+)", template)) <= set(WORDS)


def test_the_page_asserts_no_likelihood(simulated: Case) -> None:
    text = Read(simulated.text("report.html")).text.lower()
    for word in ("probably", "likely that", "proves", "confirmed", "proven"):
        assert word not in text


def test_the_same_case_is_the_same_page() -> None:
    case, _, read = full_case()
    assert made(case, read) == made(replace(case, legs=case.legs[::-1]), replace(read, sources=read.sources[::-1]))


def test_many_outcomes_are_first_a_table_of_all_readings_and_none_is_lost() -> None:
    readings = [reading(f"R{n}", first=n == 0) for n in range(20)]
    results = [replace(result(r), counted=Text(f"{n % 9} landings", f"هبوط {n % 9}")) for n, r in enumerate(readings)]
    results[3] = replace(results[3], verdict="not observed, not covered")
    text = made(weighed(findings=[finding(claim(), results)]))
    table = text[text.index('<table class="stack readings"') : text.index("<details>")]
    assert re.findall(r"reading (R\d+):", table) == [f"R{n}" for n in range(20)]
    assert table.count('class="badge') == 20
    assert len(set(re.findall(r'<span class="badge [^"]+"', table))) == 2


def test_readings_of_one_title_are_all_counted() -> None:
    same = [result(replace(reading(), label=str(n))) for n in range(3)]
    card = claim_cards(weighed(findings=[finding(claim(), same)]), (), "en")[0]
    assert [title.number for title, _ in card.rows] == [0, 1, 2]
    assert len(card.groups) == 1


def test_what_all_readings_note_is_said_once_and_the_articles_note_only_above() -> None:
    shared, own = Text("shared note", "ملاحظة"), Text("own note", "أخرى")
    a = replace(result(reading("A")), notes=(ARTICLE.note, shared, own))
    b = replace(result(reading("B", first=False), "conflicting"), notes=(ARTICLE.note, shared))
    (card,) = claim_cards(weighed(findings=[finding(claim(), [a, b])]), (), "en")
    assert card.notes == ("shared note",)
    assert [g.notes for g in card.groups] == [("own note",), ()]
