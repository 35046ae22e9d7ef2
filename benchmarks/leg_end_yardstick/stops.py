"""Two ends told by each other: real arrivals beside real departures from the same field, as if of one airframe.

No set of real flights at hand has many airframes heard before and after a stop, each end hidden alike. So an arrival is
set beside the departure of another flight of the same class of aircraft (of the same kind of operator, where there is
one), an hour after it, when nothing can lie between: that the two ends are one field is given, which one is not. A
departure may stand beside several arrivals, so there are fewer independent stops than n.
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


@dataclass(frozen=True)
class StopTrial:
    """One stop at one cut: each end alone, told by the other, and told by the other with the feature prior of both."""

    alone: tuple[Trial, Trial]
    told: tuple[Trial, Trial]
    twice: tuple[Trial, Trial]


def stop_trials(ends: Sequence[RealEnd], estimators: Mapping[str, Estimator], airfields: Airfields) -> list[StopTrial]:
    """Every arrival in the track with its partner, at every cut that hides something of both."""
    made = []
    for arrival, departure in pairs(ends):
        for cut_ft in CUTS_FT[1:]:
            tracks = arrival.hidden(cut_ft, airfields), departure.hidden(cut_ft, airfields)
            if tracks[0] is not None and tracks[1] is not None:
                down, up = (estimators[arrival.region](track) for track in tracks if track is not None)
                stop = Stop(down, replace(up, fix_time_utc=down.fix_time_utc + SILENCE))
                with as_if_both_priors_counted():
                    twice = linked(stop, airfields)
                made.append(
                    StopTrial(
                        *(
                            _trials(each, (arrival, departure), cut_ft)
                            for each in (stop, linked(stop, airfields), twice)
                        )
                    )
                )
    return made


@contextmanager
def as_if_both_priors_counted() -> Iterator[None]:
    """Stops linked as if the feature prior of either end were evidence of its own."""
    kept = day.PRIOR_TIMES
    vars(day).update(PRIOR_TIMES=0.0)
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


def _trials(stop: Stop, ends: tuple[RealEnd, RealEnd], cut_ft: float) -> tuple[Trial, Trial]:
    one, two = (_trial(each, end, cut_ft) for each, end in zip((stop.down, stop.up), ends, strict=True))
    return one, two


def _trial(estimate: EndpointEstimate, end: RealEnd, cut_ft: float) -> Trial:
    answers = {OURS: ours(estimate)[OURS]}
    return Trial(end.name, end.collection, end.kind, cut_ft, end.true, answers)
