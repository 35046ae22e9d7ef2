"""Every reason and flag that the match room gives a position or a flight has its Arabic."""

from __future__ import annotations

import pytest

from flighttrace.ingest.table import STALE as SOURCE_STALE
from flighttrace.match.cleaning import DISPUTED, JUMP
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.match.spoofing import DISPUTED_PREFIX, HARDLY_MOVING, NO_DESCENT, STALE, load_targets
from flighttrace.positions import DECLARED, IN_FILE, LINKED, LINKED_BY_ID, LINKED_BY_NAME, NOT_IN_FILE
from flighttrace.report.terms import term
from flighttrace.report.wording import IDENTITY_TEXTS

BLOCKS = [HARDLY_MOVING, NO_DESCENT, *(target.reason for target in load_targets())]


@pytest.mark.parametrize(
    "text",
    [
        *BLOCKS,
        *(reason.removeprefix(DISPUTED_PREFIX) for reason in BLOCKS),
        *(DISPUTED, JUMP, STALE, SOURCE_STALE, AT_ONCE, "position 0,0", "position 0,90", "position at a pole"),
    ],
)
def test_reasons_and_flags_are_said_in_both_languages(text: str) -> None:
    assert term(text, "en") == text
    assert term(text, "ar") != text
    assert any("\u0600" <= letter <= "\u06ff" for letter in term(text, "ar"))


def test_what_is_not_known_stands_as_it_is() -> None:
    assert term("something new", "ar") == "something new"


@pytest.mark.parametrize("identity", [IN_FILE, DECLARED, LINKED_BY_NAME, LINKED_BY_ID, NOT_IN_FILE])
def test_how_an_address_is_known_is_said_in_both_languages(identity: str) -> None:
    told = IDENTITY_TEXTS[identity]
    assert any("\u0600" <= letter <= "\u06ff" for letter in told["ar"])
    assert ("call sign" in told["en"]) == (identity in LINKED)
