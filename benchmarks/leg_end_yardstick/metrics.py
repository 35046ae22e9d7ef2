"""Figures of answers against truths: right at first or third place, probability scores, calibration, exact intervals.

An answer is a ranked list of airfields with probabilities, UNKNOWN (None) among them. Everywhere:

* right at first place: the first entry is the true airfield. UNKNOWN first counts as wrong, whatever the truth.
* right among three: the true airfield is one of the first three entries; UNKNOWN takes one of the places.
* UNKNOWN says "none of the airfields listed". So for calibration alone it is a hit where the truth is not listed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import beta

from flighttrace.match.model import Grade

LEAST_PROBABILITY: Final = 1e-3
"""What a true airfield that is not listed counts as having in the log-loss: our list ends at 0.002."""
BINS: Final = 10
CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Answer:
    """What a method says of one end. `ranked`: (airfield or None for UNKNOWN, probability), the likeliest first.

    A rule that names without a probability has one entry at 1 and `probabilistic` False.
    """

    ranked: tuple[tuple[str | None, float], ...]
    probabilistic: bool = True
    grade: Grade | None = None

    @classmethod
    def of_rule(cls, airport: str | None) -> Answer:
        return cls(((airport, 1.0),), probabilistic=False)

    @property
    def name(self) -> str | None:
        return self.ranked[0][0] if self.ranked else None

    @property
    def confidence(self) -> float:
        return self.ranked[0][1] if self.ranked else 0.0

    def lists(self, airport: str | None) -> bool:
        return airport is not None and any(name == airport for name, _ in self.ranked)

    def first(self, true: str | None) -> bool:
        return true is not None and self.name == true

    def among_three(self, true: str | None) -> bool:
        return true is not None and true in [name for name, _ in self.ranked[:3]]

    def hit(self, true: str | None) -> bool:
        """Whether the first entry holds: for UNKNOWN, that the truth is none of the airfields listed."""
        return self.first(true) if self.name is not None else not self.lists(true)


def log_loss(answer: Answer, true: str) -> float:
    """Minus the natural logarithm of the true airfield's probability, LEAST_PROBABILITY at the least."""
    return -math.log(max(dict(answer.ranked).get(true, 0.0), LEAST_PROBABILITY))


def brier(answer: Answer, true: str) -> float:
    """Sum of squared differences over all entries and the truth: 0 is perfect, 2 is sure and wrong."""
    chances = dict(answer.ranked)
    missed = 1.0 if true not in chances else 0.0
    return missed + sum((chance - (1.0 if name == true else 0.0)) ** 2 for name, chance in chances.items())


def exact_interval(right: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share (1934): the quantiles of two beta distributions; (0, 1) of nothing."""
    if n == 0:
        return 0.0, 1.0
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if right == 0 else float(beta.ppf(tail, right, n - right + 1))
    high = 1.0 if right == n else float(beta.ppf(1.0 - tail, right + 1, n - right))
    return low, high


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability diagram: how many, their mean confidence, the share that held."""

    n: int
    confidence: float
    share: float


@dataclass(frozen=True)
class Calibration:
    """Bins of equal mass, the expected calibration error, and its part from bins that say more than holds."""

    bins: tuple[Bin, ...]
    error: float
    overconfident: float


def calibration(confidences: Sequence[float], hits: Sequence[bool], bins: int = BINS) -> Calibration:
    """Calibration of first entries: sorted by confidence, cut into bins of equal mass (within one), weighted by n."""
    order = np.argsort(np.asarray(confidences, dtype=np.float64), kind="stable")
    said = np.asarray(confidences, dtype=np.float64)[order]
    held = np.asarray(hits, dtype=np.float64)[order]
    made = [
        Bin(len(part), float(said[part].mean()), float(held[part].mean()))
        for part in np.array_split(np.arange(len(said)), bins)
        if len(part)
    ]
    total = max(len(said), 1)
    error = sum(b.n * abs(b.share - b.confidence) for b in made) / total
    over = sum(b.n * max(b.confidence - b.share, 0.0) for b in made) / total
    return Calibration(tuple(made), error, over)


def error_of_a_perfect_model(
    confidences: Sequence[float], *, percentile: float = 95.0, rounds: int = 2000, seed: int = 1, bins: int = BINS
) -> float:
    """That percentile of the calibration error where each entry holds with exactly the probability that it states.

    Simulated, `rounds` times at the same confidences, each end by itself. Ends hidden at several heights are not
    independent, so a perfect model's error spreads wider than this: the limit is strict.
    """
    said = np.sort(np.asarray(confidences, dtype=np.float64))
    rng = np.random.default_rng(seed)
    errors = [calibration(said.tolist(), (rng.random(len(said)) < said).tolist(), bins).error for _ in range(rounds)]
    return float(np.percentile(errors, percentile)) if len(said) else 0.0


def accuracy_against_share(answers: Sequence[Answer], truths: Sequence[str | None]) -> list[tuple[float, float]]:
    """(share of the ends answered, share of those right), as ever less sure names are accepted.

    UNKNOWN is no answer, so the curve may end before 1.
    """
    named = [(a.confidence, a.first(true)) for a, true in zip(answers, truths, strict=True) if a.name is not None]
    named.sort(key=lambda pair: -pair[0])
    right, curve = 0, []
    for count, (_, ok) in enumerate(named, start=1):
        right += ok
        curve.append((count / len(answers), right / count))
    return curve


def at_share(curve: Sequence[tuple[float, float]], share: float) -> float | None:
    """Accuracy of the surest `share` of the ends; None where so many are not named."""
    reached = [accuracy for answered, accuracy in curve if answered >= share - 1e-9]
    return reached[0] if reached else None
