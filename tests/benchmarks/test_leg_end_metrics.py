"""The yardstick's figures against published and hand-computed values."""

from __future__ import annotations

import math

import pytest
from leg_end_yardstick.metrics import (
    Answer,
    accuracy_against_share,
    at_share,
    brier,
    calibration,
    error_of_a_perfect_model,
    exact_interval,
    log_loss,
)

SURE = Answer((("UBBB", 0.7), (None, 0.2), ("UB18", 0.06), ("UBTT", 0.04)))


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),  # Clopper and Pearson: 1 - 0.025 ** (1 / 10)
        (10, 10, 0.6915, 1.0),
        (5, 10, 0.1871, 0.8129),
        (81, 263, 0.2527, 0.3676),  # Newcombe, Statistics in Medicine 17 (1998), table I: exact
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
        (0, 0, 0.0, 1.0),
    ],
)
def test_exact_interval(right: int, n: int, low: float, high: float) -> None:
    assert exact_interval(right, n) == pytest.approx((low, high), abs=5e-5)


def test_unknown_first_is_wrong_but_holds_where_the_truth_is_not_listed() -> None:
    unsure = Answer(((None, 0.6), ("UBBB", 0.4)))
    assert not unsure.first("UBBB")
    assert not unsure.first(None)
    assert unsure.hit("LLOV")
    assert not unsure.hit("UBBB")
    assert unsure.hit(None)


def test_unknown_takes_one_of_three_places() -> None:
    assert SURE.among_three("UB18")
    assert not SURE.among_three("UBTT")


def test_log_loss_and_brier() -> None:
    assert log_loss(SURE, "UBBB") == pytest.approx(-math.log(0.7))
    assert log_loss(SURE, "LLOV") == pytest.approx(-math.log(0.001))
    assert brier(SURE, "UBBB") == pytest.approx(0.09 + 0.04 + 0.0036 + 0.0016)
    assert brier(SURE, "LLOV") == pytest.approx(1.0 + 0.49 + 0.04 + 0.0036 + 0.0016)
    assert brier(Answer.of_rule("UBBB"), "LLOV") == 2.0


def test_calibration_of_two_bins() -> None:
    # lower half says 0.5 and holds in 1 of 4; upper half says 0.9 and always holds
    found = calibration([0.9, 0.5, 0.9, 0.5, 0.9, 0.5, 0.9, 0.5], [True, True, True, False] + [True, False] * 2, 2)
    assert [(b.n, b.confidence, b.share) for b in found.bins] == [
        (4, pytest.approx(0.5), 0.25),
        (4, pytest.approx(0.9), 1.0),
    ]
    assert found.error == pytest.approx((0.25 + 0.1) / 2)
    assert found.overconfident == pytest.approx(0.25 / 2)


def test_a_perfect_model_errs_less_with_more_ends() -> None:
    few, many = (error_of_a_perfect_model([0.8] * n, rounds=300) for n in (100, 2500))
    # |share - 0.8| of ten bins of ten: sd of a bin 0.126, mean of |normal| 0.8 sd, so about 0.1 in the mean
    assert 0.10 < few < 0.16
    assert many == pytest.approx(few / 5, rel=0.25)


def test_accuracy_against_share_answered() -> None:
    answers = [Answer((("D", 0.6),)), Answer((("A", 0.9),)), Answer(((None, 0.7),)), Answer((("B", 0.8),))]
    curve = accuracy_against_share(answers, ["X", "A", "C", "B"])
    assert curve == [(0.25, 1.0), (0.5, 1.0), (0.75, pytest.approx(2 / 3))]
    assert at_share(curve, 0.5) == 1.0
    assert at_share(curve, 0.9) is None
