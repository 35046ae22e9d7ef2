"""Other priors than the shipped one, on request: what `probability` and the named field are with each.

* `feature` (the default): runway, kind and service of the field, fitted (`end_weights.py`);
* `flat`: every field whose runway suits counts the same; `probability` is then `probability_flat`;
* `learned`: how many other airframes of the same inputs were seen to begin or end there at A or B. The airframe's own
  flights never count, so that nothing is its own evidence. It leans to where others fly: an air base that no other
  airframe was seen at is all but ruled out, and so it is never the default.

The grade's rule does not change; a grade may, since it is that of the field which is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from flighttrace.match.endpoints import regraded
from flighttrace.match.model import EndpointEstimate, Flight

Prior = Literal["feature", "flat", "learned"]
UNSEEN: Final = 0.5
"""Airframes that a field counts for without any; half of one, so that what was seen once weighs three times as much."""
UNKNOWN_AS: Final = 1.0


def with_prior(flights: Iterable[Flight], prior: Prior) -> list[Flight]:
    """The flights with `probability`, the named field and its grade by that prior; unchanged for `feature`."""
    given = list(flights)
    if prior == "feature":
        return given
    seen = _seen_at(given) if prior == "learned" else {}
    return [
        replace(
            flight,
            departure=_by(flight.departure, seen, airframe_of(flight)),
            arrival=_by(flight.arrival, seen, airframe_of(flight)),
        )
        for flight in given
    ]


def airframe_of(flight: Flight) -> str:
    """The airframe's key: that of the track, also where an address is shared by several."""
    return flight.track_key if flight.track_key.startswith("#") else flight.track_key.partition("/")[0]


def _seen_at(flights: Sequence[Flight]) -> dict[str, set[str]]:
    """Field → the airframes that were seen to begin or end a flight there, at A or B."""
    seen: dict[str, set[str]] = {}
    for flight in flights:
        for end in (flight.departure, flight.arrival):
            if end.airport is not None and end.grade in "AB":
                seen.setdefault(end.airport, set()).add(airframe_of(flight))
    return seen


def _by(end: EndpointEstimate, seen: Mapping[str, set[str]], airframe: str) -> EndpointEstimate:
    weights = [
        1.0 if not seen else UNKNOWN_AS if c.airport is None else UNSEEN + len(seen.get(c.airport, set()) - {airframe})
        for c in end.candidates
    ]
    worth = [c.probability_flat * weight for c, weight in zip(end.candidates, weights, strict=True)]
    total = sum(worth)
    return regraded(end, [replace(c, probability=w / total) for c, w in zip(end.candidates, worth, strict=True)])
