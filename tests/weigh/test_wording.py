"""No generated sentence proves, confirms or guesses, and none is left without its Arabic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flighttrace.language import LANGUAGES, Language, Text
from flighttrace.match.cleaning import DISPUTED
from flighttrace.weigh.case import load_case, new_case_text
from flighttrace.weigh.model import VERDICT_TEXTS, Weighed
from flighttrace.weigh.reasons import BANNED

from .builders import AIRFIELDS, flight, ingested, low_traffic, positions, small_case, source, weighed


def texts_of(result: Weighed) -> Iterator[Text]:
    """Every sentence that weighing wrote, and every one that the case gives it to write beside a verdict."""
    for finding in result.findings:
        claim = finding.claim
        yield from (claim.text, claim.tracks_show, claim.tracks_cannot, *finding.reasons)
        yield from (finding.article.title, finding.article.note, finding.article.networks.note)
        if claim.untestable is not None:
            yield claim.untestable
        for reading in finding.readings:
            yield from (reading.counted, reading.reading.title, *reading.reasons, *reading.notes)
            yield from (element.detail for element in reading.elements)


def results(folder: Path) -> Iterator[Weighed]:
    """One of every verdict."""
    case = load_case("ovda-karabakh", airfields=AIRFIELDS)
    yield weighed(case, [], ingested([low_traffic("LLOV", "2020-09-29", 1)], sources=[source(quarantined=900)]))
    for network in ("OpenSky", "Flightradar24", "unknown"):
        yield weighed(
            case,
            [
                flight("UBBB", "LLOV", "2020-09-29 10:00", network=network),
                flight("UBBB", "LLOV", "2020-09-24 10:00", network=network, icao24="613133"),
                flight("LLOV", "UBBG", "2023-09-02 10:00", network=network, simulated=True),
                flight("LLBG", "UBBB", "2023-07-13 08:00", network=network, identity="declared by the user"),
                flight("UBBB", "LLER", "2020-10-06 10:00", network=network),
                flight("LLOV", "UBBB", "2015-10-06 10:00", network=network),
            ],
        )
    yield weighed(case, [flight("UBBB", "LLOV", "2020-09-29 10:00", flags=("disputed positions",))])
    track = positions([("2020-09-29 08:00", 33.8, 35.5, 20000.0)], rejected=DISPUTED)
    yield weighed(case, [flight("UBBB", "LLOV", "2020-09-29 10:00", flags=("disputed positions",), track=track)])
    named = '{ flights: [{ event: landing, at: ovda }], window: { day: tuesday }, airframe: "600865" }'
    hours = [f"2020-09-{d} {h:02d}:00" for d in (28, 29) for h in range(24)]
    far = positions([(hour, 40.0, 116.0, 30000.0) for hour in hours])
    yield weighed(small_case(folder, named), [flight("ZBAA", "ZBAA", "2020-09-29 10:00", track=far)])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_holds_a_banned_word(tmp_path: Path, lang: Language) -> None:
    seen: set[str] = set()
    verdicts: set[str] = set()
    for result in results(tmp_path):
        seen |= {text[lang].casefold() for text in texts_of(result)}
        verdicts |= {reading.verdict for finding in result.findings for reading in finding.readings}
    assert {"contradicted", "conflicting", "corroborated", "partly corroborated", "consistent"} <= verdicts
    assert {"not observed, though covered", "not observed, not covered"} & verdicts
    for sentence in seen | {text[lang] for text in VERDICT_TEXTS.values()}:
        assert not [word for word in BANNED[lang] if word in sentence], sentence


def test_the_banned_list_would_be_noticed() -> None:
    assert any(word in "this probably proves it" for word in BANNED["en"])
    assert any(word in "وهذا يثبت ذلك" for word in BANNED["ar"])


def test_every_generated_sentence_has_its_arabic(tmp_path: Path) -> None:
    case = load_case("ovda-karabakh", airfields=AIRFIELDS).name
    for result in results(tmp_path):
        if result.case.name == case:
            for text in texts_of(result):
                assert text.en == text.ar == "" or any("؀" <= c <= "ۿ" for c in text.ar), text


def test_the_verdict_never_stands_without_what_no_track_can_show() -> None:
    case = load_case("ovda-karabakh", airfields=AIRFIELDS)
    for finding in weighed(case, [flight("UBBB", "LLOV", "2020-09-29 10:00")]).findings:
        for reading in finding.readings:
            assert any(finding.claim.tracks_cannot.en in reason.en for reason in reading.reasons)


def test_the_template_holds_no_banned_word() -> None:
    assert not [word for word in BANNED["en"] if word in new_case_text()]
