"""What each claim asks under each reading, and which flights answer: the half of weighing that needs no verdict.

    claims_of_legs(case, flights, airfields)    leg_id and flight_id → the claims they match

`verdicts` builds on this; a query, which only labels its legs, stops here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flighttrace.match.model import GRADES, Flight, Leg, OneEnded
from flighttrace.match.places import Airfields
from flighttrace.weigh.expects import Expects, FlightSpec
from flighttrace.weigh.folding import folded
from flighttrace.weigh.matching import Match, Sightings, Sought, find_matches, find_rivals, resolve
from flighttrace.weigh.model import Case, Reading
from flighttrace.weigh.question import Question
from flighttrace.weigh.windows import window_of


def claims_of_legs(case: Case, flights: Sequence[Flight], airfields: Airfields) -> dict[str, tuple[str, ...]]:
    """leg_id and flight_id → ids of the claims that it matches under any reading, in the case's order.

    The same as `weigh_claims(...).claims_of`, without verdicts, coverage and reasons.
    """
    asked = Asked(case, flights, airfields)
    answers: dict[tuple[object, ...], Found] = {}
    named = []
    for claim in case.claims:
        if claim.expects is None:
            continue
        found = []
        for reading in case.readings[claim.article]:
            question = asked.question(claim.expects, reading)
            if question is None:
                continue
            key = (question.sought, question.window, question.expects.round_trip)
            if key not in answers:
                answers[key] = asked.found(question, rivals=False)
            found.append(answers[key])
        named.append(
            (claim.id, [name for f in found for name in f.counted_ids], [n for f in found for n in f.folded_ids])
        )
    return claims_of(named, *asked.legs_and_ids())


def claims_of(
    named: Iterable[tuple[str, Sequence[str], Sequence[str]]], legs: Sequence[Leg], ids: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """leg_id and flight_id → claim ids, from each claim's id, the flights counted and those folded into them."""
    flight_of = {leg.leg_id: leg.flight.flight_id for leg in legs}
    found: dict[str, list[str]] = {}
    for claim_id, counted, folded_ids in named:
        names = dict.fromkeys(ids.get(name, name) for name in counted)
        for name in (*names, *(ids.get(name, name) for name in folded_ids)):
            for key in dict.fromkeys((name, flight_of.get(name, name))):
                found.setdefault(key, []).append(claim_id)
    return {key: tuple(value) for key, value in sorted(found.items())}


@dataclass(frozen=True)
class Found:
    """What the tracks hold for one question."""

    heard: tuple[Match, ...]
    """Every match, track by track."""
    matches: tuple[Match, ...]
    """The same with each flight once: what is counted."""
    possible: tuple[Match, ...]
    rivals: tuple[OneEnded, ...]

    @property
    def counted_ids(self) -> tuple[str, ...]:
        return tuple(match.flight.flight_id for match in self.matches)

    @property
    def folded_ids(self) -> tuple[str, ...]:
        return tuple(match.flight.flight_id for lead in self.matches for match in lead.folded)


class Asked:
    """The flights, asked a case's questions; the legs and sightings that answers name are remembered."""

    def __init__(self, case: Case, flights: Sequence[Flight], airfields: Airfields) -> None:
        self.case = case
        self.sightings = Sightings(flights, airfields)
        self.sighted: dict[tuple[str, str, str], OneEnded] = {}
        self._claim_legs: dict[str, Leg] = {}

    def question(self, expects: Expects, reading: Reading) -> Question | None:
        """What is sought under a reading, and when; None where the claim lacks the place or the time."""
        window = None if expects.window is None else window_of(expects.window, reading, self.case.timezone)
        if not expects.complete or window is None:
            return None
        return Question(expects, self.sought(expects.flights, reading), window, self.case)

    def sought(self, specs: Sequence[FlightSpec], reading: Reading) -> tuple[Sought, ...]:
        return tuple(resolve(spec, reading.values, self.case.places) for spec in specs)

    def found(self, question: Question, *, rivals: bool = True) -> Found:
        """The answer, remembered. `rivals` False leaves out the flights at rival fields: no label depends on them."""
        matches: dict[str, Match] = {}
        possible: dict[str, Match] = {}
        others: dict[str, OneEnded] = {}
        for sought in question.sought:
            sure, open_ = find_matches(sought, self.sightings, question.window, round_trip=question.expects.round_trip)
            for match in sure:
                matches.setdefault(match.flight.flight_id, match)
            for match in open_:
                possible.setdefault(match.flight.flight_id, match)
            for sighting in find_rivals(sought, self.sightings, question.window) if rivals else ():
                others.setdefault(sighting.flight.flight_id, sighting)
        heard = sorted(matches.values(), key=lambda m: (m.time_utc, m.flight.flight_id))
        found = Found(
            tuple(heard),
            tuple(folded(heard)),
            tuple(m for name, m in possible.items() if name not in matches),
            tuple(s for name, s in others.items() if name not in matches),
        )
        self._remember(found)
        return found

    def _remember(self, found: Found) -> None:
        """Legs and sightings that a result names have to stand in the lists that go to the report."""
        for match in (*found.heard, *found.possible):
            if match.leg is not None and (not match.leg.possible or match.flight.flight_id not in self._claim_legs):
                known = self._claim_legs.get(match.flight.flight_id)
                if known is None or known.possible:
                    self._claim_legs[match.flight.flight_id] = match.leg
            if match.sighting is not None:
                self.sight(match.sighting)
        for sighting in found.rivals:
            airport = sighting.flight.end(sighting.kind).airport
            self.sight(replace(sighting, place=airport or sighting.place))

    def sight(self, sighting: OneEnded) -> None:
        self.sighted.setdefault((sighting.flight.flight_id, sighting.kind, sighting.place), sighting)

    def legs_and_ids(self) -> tuple[tuple[Leg, ...], dict[str, str]]:
        """One leg for each flight that is a leg of a route or of a claim; flight_id → that leg's id.

        Of a flight's routes the best grade, then the first, as in a query; a claim's places where no route fits it.
        """
        legs: dict[str, Leg] = {}
        for origin, destination in both_ways(self.case):
            for leg in self.sightings.legs(self.case.places[origin], self.case.places[destination]):
                held = legs.get(leg.flight.flight_id)
                if held is None or _rank(leg) < _rank(held):
                    legs[leg.flight.flight_id] = leg
        for flight_id, leg in self._claim_legs.items():
            held = legs.get(flight_id)
            if held is None or (held.possible and not leg.possible):
                legs[flight_id] = leg
        seen_alone = {key[0] for key in self.sighted}
        ids = {name: leg.leg_id for name, leg in legs.items() if not (leg.possible and name in seen_alone)}
        ordered = sorted(legs.values(), key=lambda leg: (leg.flight.first_seen_utc, leg.flight.flight_id, leg.leg_id))
        return tuple(ordered), ids


def _rank(leg: Leg) -> tuple[bool, int]:
    return leg.possible, GRADES.index(leg.grade)


def both_ways(case: Case) -> list[tuple[str, str]]:
    """The case's routes in both directions, each once."""
    return list(dict.fromkeys(pair for a, b in case.routes for pair in ((a, b), (b, a))))
