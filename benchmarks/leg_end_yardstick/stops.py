"""Two ends told by each other: real arrivals beside real departures from the same field, as if of one airframe.

No set of real flights at hand has many airframes heard before and after a stop, each end hidden alike. So an arrival is
set beside the departure of another flight of the same class of aircraft (of the same kind of operator, where there is
one), an hour after it: that the two ends are one field is given, which one is not. Ends that are at A or B by
themselves are left out: nothing is told of them.

A departure may stand beside several arrivals, a pair is there at every cut that hides something of both, and the two
ends of a stop mostly say the same in the end: there are far fewer independent answers than n, and a perfect model's
error would spread wider than the column says. `PRIOR_TIMES` of `match/day.py` was chosen among the values below, by
log-loss, and on these ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from real_ends import RealEnd

from flighttrace.match import day
from flighttrace.match.day import Stop, linked
from flighttrace.match.end_track import EndTrack
from flighttrace.match.model import EndpointEstimate
from flighttrace.match.places import Airfields
from leg_end_yardstick.trials import CUTS_FT, OURS, Estimator, Trial, ours

SILENCE: Final = timedelta(hours=1)
TRIED: Final = (0.0, 0.5, 0.75, 1.0, 1.15, 1.3, 1.6)
"""Values of PRIOR_TIMES; with 0 the feature prior counts in full at both ends."""


@dataclass(frozen=True)
class StopTrials:
    """Ends that are told by another one: how many pairs of how many fields, each end alone, and told, by TRIED."""

    pairs: int
    fields: int
    about_paris: int
    alone: Sequence[Trial]
    told: Mapping[float, Sequence[Trial]]


def stop_trials(ends: Sequence[RealEnd], estimators: Mapping[str, Estimator], airfields: Airfields) -> StopTrials:
    """Every arrival in the track with its partner, at every cut that hides something of both."""
    paired = list(pairs(ends))
    alone: list[Trial] = []
    told: dict[float, list[Trial]] = {times: [] for times in TRIED}
    for pair in paired:
        for cut_ft in CUTS_FT[1:]:
            tracks = [track for end in pair if (track := end.hidden(cut_ft, airfields)) is not None]
            if len(tracks) == len(pair):
                down, up = (estimators[pair[0].region](track) for track in tracks)
                stop = Stop(down, replace(up, fix_time_utc=down.fix_time_utc + SILENCE))
                unsure = [i for i, end in enumerate((down, up)) if end.grade not in "AB"]
                alone += _trials(stop, pair, cut_ft, unsure)
                for times in TRIED:
                    with prior_taken_out(times):
                        told[times] += _trials(linked(stop, airfields), pair, cut_ft, unsure)
    return StopTrials(
        len(paired),
        len({arrival.true for arrival, _ in paired}),
        sum(arrival.region == "Paris" for arrival, _ in paired),
        alone,
        told,
    )


@contextmanager
def prior_taken_out(times: float) -> Iterator[None]:
    """Stops linked with that PRIOR_TIMES."""
    kept = day.PRIOR_TIMES
    vars(day).update(PRIOR_TIMES=times)
    try:
        yield
    finally:
        vars(day).update(PRIOR_TIMES=kept)


def pairs(ends: Sequence[RealEnd]) -> Iterator[tuple[RealEnd, RealEnd]]:
    """Each arrival in the track beside a departure of another airframe from its field, in turn of those that suit."""
    turns: dict[tuple[str, float, str | None], int] = {}
    known = [end for end in ends if end.in_track and end.true is not None]
    for arrival in (end for end in known if end.kind == "arrival"):
        track = arrival.shown()
        suit = [end for end in known if end.kind == "departure" and _suits(end, arrival, track)]
        suit = [end for end in suit if end.shown().operation == track.operation] or suit
        if suit and arrival.true is not None:
            key = arrival.true, track.shortest_runway_ft, track.operation
            turns[key] = turns.get(key, -1) + 1
            yield arrival, suit[turns[key] % len(suit)]


def _suits(departure: RealEnd, arrival: RealEnd, track: EndTrack) -> bool:
    return (
        departure.true == arrival.true
        and departure.flight.track_key != arrival.flight.track_key
        and departure.shown().shortest_runway_ft == track.shortest_runway_ft
    )


def _trials(stop: Stop, ends: Sequence[RealEnd], cut_ft: float, chosen: Sequence[int]) -> list[Trial]:
    estimates = stop.down, stop.up
    return [_trial(estimates[i], ends[i], cut_ft) for i in chosen]


def _trial(estimate: EndpointEstimate, end: RealEnd, cut_ft: float) -> Trial:
    answers = {OURS: ours(estimate)[OURS]}
    return Trial(end.name, end.collection, end.kind, cut_ft, end.true, answers)
