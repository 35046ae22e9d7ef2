"""Every method asked about every end, real and simulated: the same track, cut in the same way, for all of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from real_ends import RealEnd

from flighttrace.match import likelihood
from flighttrace.match.end_track import EndTrack
from flighttrace.match.model import EndKind, EndpointEstimate, Grade
from flighttrace.match.places import Airfields
from leg_end_yardstick.hard_case import SimulatedEnd, nobody_could_tell
from leg_end_yardstick.metrics import Answer
from leg_end_yardstick.peers import RULES, learned, prior_alone

Estimator = Callable[[EndTrack], EndpointEstimate]

CUTS_FT: Final = (0.0, 2_000.0, 4_000.0, 10_000.0, 20_000.0)
"""Hidden below this above the true field; 0 is as heard."""
OURS, FLAT, LEARNED, PRIOR = "ours", "ours, flat", "ours, learned", "prior alone"
PEERS: Final = (PRIOR, *RULES)
PROBABILISTIC: Final = (OURS, FLAT, LEARNED, PRIOR)
CRUISE_FT: Final = 25_000.0
LEVEL_FT: Final = 300.0
LEVEL_S: Final = 300.0


@dataclass(frozen=True)
class Trial:
    """One end at one cut, and what each method says. `true` None: no field that any table has."""

    name: str
    collection: str
    kind: EndKind
    cut_ft: float
    true: str | None
    answers: Mapping[str, Answer]

    @property
    def grade(self) -> Grade:
        grade = self.answers[OURS].grade
        assert grade is not None
        return grade

    def names(self, method: str = OURS) -> str:
        """ "right", "wrong" or "unknown"."""
        answer = self.answers[method]
        return "right" if answer.first(self.true) else "unknown" if answer.name is None else "wrong"


@dataclass(frozen=True)
class HardTrial(Trial):
    """One simulated end. `cut_ft` is the receiver's floor."""

    what: str
    pattern: str
    nobody: bool


@dataclass
class Clock:
    """CPU time of the estimator alone."""

    ends: int = 0
    cpu_s: float = 0.0

    def timed(self, estimator: Estimator, track: EndTrack) -> EndpointEstimate:
        begun = time.process_time()
        estimate = estimator(track)
        self.cpu_s += time.process_time() - begun
        self.ends += 1
        return estimate

    def of_10000_flights_s(self) -> float:
        return self.cpu_s / max(self.ends, 1) * 20_000


def ours(estimate: EndpointEstimate) -> dict[str, Answer]:
    """Our answer under the feature prior, and under the flat one."""
    found = {}
    for method, column in ((OURS, "probability"), (FLAT, "probability_flat")):
        entries = [(c.airport, float(getattr(c, column))) for c in estimate.candidates]
        entries.sort(key=lambda entry: (-entry[1], entry[0] or "~"))
        found[method] = Answer(tuple(entries), grade=estimate.grade)
    return found


def real_trials(
    ends: Sequence[RealEnd], estimators: Mapping[str, Estimator], airfields: Airfields, clock: Clock
) -> list[Trial]:
    """Ends in the track, at every cut at which something is left of them."""
    made = []
    for end in ends:
        if not end.in_track or end.true is None:
            continue
        counts = counts_of_others(end, ends)
        for cut_ft in CUTS_FT:
            track = end.shown() if cut_ft == 0.0 else end.hidden(cut_ft, airfields)
            if track is not None:
                made.append(_trial(end, track, cut_ft, estimators, airfields, counts, clock))
    return made


@contextmanager
def as_where_fields_are_asked_about() -> Iterator[None]:
    """The probabilities by the one account that holds where fields that are asked about are in reach, of all ends."""
    kept = likelihood.SURE_TIMES, likelihood.DOUBTFUL_TIMES
    vars(likelihood).update(SURE_TIMES=likelihood.ASKED_TIMES, DOUBTFUL_TIMES=likelihood.ASKED_TIMES)
    try:
        yield
    finally:
        vars(likelihood).update(SURE_TIMES=kept[0], DOUBTFUL_TIMES=kept[1])


def trials_not_in_track(
    ends: Sequence[RealEnd], estimators: Mapping[str, Estimator], airfields: Airfields, clock: Clock
) -> list[Trial]:
    """Ends that the track does not hold, as heard."""
    return [
        _trial(end, end.shown(), 0.0, estimators, airfields, counts_of_others(end, ends), clock)
        for end in ends
        if not end.in_track
    ]


def trials_in_cruise(
    ends: Sequence[RealEnd], estimators: Mapping[str, Estimator], airfields: Airfields, clock: Clock
) -> list[Trial]:
    """Real flights cut where they were last (first) heard in level cruise, and overflights as heard."""
    made = []
    for end in ends:
        track = end.shown() if end.true is None else cut_in_cruise(end)
        if track is not None:
            made.append(_trial(end, track, CRUISE_FT, estimators, airfields, counts_of_others(end, ends), clock))
    return made


def cut_in_cruise(end: RealEnd) -> EndTrack | None:
    """The end cut after the last (before the first) fix above CRUISE_FT with LEVEL_S of level flight before (after) it.

    None where there is none, or where the track as heard ends there by itself.
    """
    piece, arrival = end.piece, end.kind == "arrival"
    order = range(len(piece.time) - 1, -1, -1) if arrival else range(len(piece.time))
    for i in order:
        near = np.abs(piece.time - piece.time[i]) <= LEVEL_S
        near &= piece.time <= piece.time[i] if arrival else piece.time >= piece.time[i]
        heights = piece.altitude_ft[near]
        heights = heights[~np.isnan(heights)]
        if len(heights) >= 3 and heights.min() > CRUISE_FT and np.ptp(heights) < LEVEL_FT and not piece.on_ground[i]:
            if np.ptp(piece.time[near]) < LEVEL_S / 2:
                continue
            kept = slice(0, i + 1) if arrival else slice(i, None)
            whole = i == len(piece.time) - 1 if arrival else i == 0
            return None if whole else piece.part(kept).end(end.kind, np.inf)
    return None


def hard_trials(
    simulated: Iterable[SimulatedEnd], estimator: Estimator, airfields: Airfields, clock: Clock
) -> list[HardTrial]:
    """Every simulated end; the learned prior and the prior alone have nothing to count here."""
    made = []
    for end in simulated:
        answers = ours(clock.timed(estimator, end.track))
        answers |= {name: rule(end.track, airfields) for name, rule in RULES.items()}
        nobody = nobody_could_tell(end.track, airfields)
        made.append(
            HardTrial(end.name, "SIM", end.kind, end.floor_ft, end.true, answers, end.what, end.pattern, nobody)
        )
    return made


def counts_of_others(end: RealEnd, ends: Iterable[RealEnd]) -> Counter[str]:
    """How often each field is the true end of another airframe of the same collection, among ends in the track."""
    return Counter(
        other.true
        for other in ends
        if other.collection == end.collection
        and other.true is not None
        and other.in_track
        and _airframe(other) != _airframe(end)
    )


def _airframe(end: RealEnd) -> str:
    return end.flight.icao24 or end.flight.track_key


def _trial(
    end: RealEnd,
    track: EndTrack,
    cut_ft: float,
    estimators: Mapping[str, Estimator],
    airfields: Airfields,
    counts: Counter[str],
    clock: Clock,
) -> Trial:
    answers = ours(clock.timed(estimators[end.region], track))
    answers[LEARNED] = learned(answers[FLAT], counts)
    answers[PRIOR] = prior_alone(track, airfields, counts)
    answers |= {name: rule(track, airfields) for name, rule in RULES.items()}
    return Trial(end.name, end.collection, end.kind, cut_ft, end.true, answers)
