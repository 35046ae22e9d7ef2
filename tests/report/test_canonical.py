from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flighttrace.report.canonical import canonical_json, iso_ms, label, number, plain, rounded_to_one, without_paths


def test_a_time_is_utc_with_milliseconds() -> None:
    local = datetime(2031, 9, 25, 1, 30, 15, 987_654, tzinfo=timezone(timedelta(hours=3)))
    assert iso_ms(local) == "2031-09-24T22:30:15.987Z"
    assert iso_ms(None) is None


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        iso_ms(datetime(2031, 9, 25))  # noqa: DTZ001


def test_a_number_that_is_not_finite_is_missing() -> None:
    assert [number(v, 2) for v in (math.nan, math.inf, None)] == [None, None, None]
    assert math.copysign(1, number(-0.001, 2) or 0.0) == 1.0


@given(st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=60))
def test_rounded_probabilities_sum_to_one_and_stay_near(weights: list[float]) -> None:
    true = [w / math.fsum(weights) for w in weights]
    found = rounded_to_one(true)
    assert sum(round(p * 1_000_000) for p in found) == 1_000_000
    assert all(abs(a - b) <= 1.001e-6 for a, b in zip(true, found, strict=True))


def test_a_third_three_times_sums_to_one() -> None:
    assert rounded_to_one([1 / 3] * 3) == [0.333334, 0.333333, 0.333333]


@pytest.mark.parametrize("bad", [[], [0.5, 0.4], [1.5, -0.5], [math.nan, 1.0]])
def test_what_is_no_distribution_is_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="sums to 1"):
        rounded_to_one(bad)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/canaryuser/Sources/NAME/a.csv", "a.csv"),
        ("C:\\Users\\canaryuser\\a.csv", "a.csv"),
        ("\\\\canaryhost\\share\\a.csv", "a.csv"),
        ("../canaryuser/a.csv", "a.csv"),
        ("~/a.csv", "a.csv"),
        ("day/a.csv", "day/a.csv"),
        ("a..b.csv", "a..b.csv"),
    ],
)
def test_a_path_loses_the_folders_of_its_machine(path: str, shown: str) -> None:
    assert label(path) == shown


def test_a_problem_does_not_repeat_the_path() -> None:
    path = "/home/canaryuser/a.csv"
    assert without_paths(f"[Errno 2] No such file: '{path}'", path) == "[Errno 2] No such file: 'a.csv'"


def test_settings_become_data_in_one_order() -> None:
    settings = {"b": {"y", "x"}, "a": timedelta(hours=1), "c": datetime(2031, 1, 1, tzinfo=UTC), "p": "/home/canary/x"}
    assert list(plain(settings).items()) == [  # type: ignore[attr-defined]
        ("a", 3600.0),
        ("b", ["x", "y"]),
        ("c", "2031-01-01T00:00:00.000Z"),
        ("p", "x"),
    ]


def test_json_never_holds_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": math.nan})
    assert json.loads(canonical_json({"x": "باكو"})) == {"x": "باكو"}
    assert canonical_json({"x": 1}).endswith("}\n")
