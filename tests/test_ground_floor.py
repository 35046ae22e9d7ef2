"""Accounting, errors, names of networks, the public face."""

from __future__ import annotations

import pytest

import flighttrace
from flighttrace.accounting import Accounting
from flighttrace.errors import AccountingError, CaseError, InputError, shown
from flighttrace.positions import POSITION_DTYPES, conform, empty_positions, network_named


def test_an_account_that_adds_up_passes() -> None:
    Accounting(
        10, 6, {"no position": 1}, {"bad time": 2}, 1, physical_lines=12, header_lines=1, record_lines=10,
        blank_or_comment_lines=1,
    ).check("x")  # fmt: skip


@pytest.mark.parametrize(
    "account",
    [
        Accounting(10, 9),
        Accounting(10, 11),
        Accounting(1, 1, physical_lines=3, header_lines=1, record_lines=1),
        Accounting(1, 1, quarantined={"x": 1}),
    ],
)
def test_an_account_that_does_not_add_up_is_an_error(account: Accounting) -> None:
    with pytest.raises(AccountingError):
        account.check("x")


def test_errors_are_one_line_with_place_and_what_is_accepted() -> None:
    error = InputError("time is missing", file="a.csv", line=3, column="time", accepted="epoch seconds")
    assert str(error) == "a.csv:3:time: time is missing (epoch seconds)"
    case = CaseError("unknown key", file="c.yaml", line=2, column=5, key="places.x", accepted="title")
    assert str(case) == "c.yaml:2:5: places.x: unknown key (accepted: title)"


def test_values_from_outside_are_shown_escaped_and_cut() -> None:
    assert shown("a\x1b[31m\n") == "a\\x1b[31m\\n"
    assert "\u202e" not in shown("a\u202eb")
    assert len(shown("x" * 500)) == 80


def test_positions_have_their_columns_and_types() -> None:
    table = empty_positions()
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == dict(POSITION_DTYPES)
    with pytest.raises(KeyError):
        conform(table.drop(columns="lat_deg"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("FR24", "Flightradar24"),
        ("flight radar 24", "Flightradar24"),
        ("", "unknown"),
        ("UNKNOWN", "unknown"),
        ("x", "x"),
    ],
)
def test_network_names(text: str, name: str) -> None:
    assert network_named(text) == name


@pytest.mark.parametrize("name", [n for n in flighttrace.__all__ if n != "__version__"])
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert (getattr(flighttrace, name).__doc__ or "").strip()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = flighttrace.no_such_name  # type: ignore[attr-defined]
