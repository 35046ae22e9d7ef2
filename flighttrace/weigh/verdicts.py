"""Every claim under every reading of its article, held against the flights: one of eight verdicts, and why.

The first rule that applies:

1. not testable: nothing that tracks could show, or the place or time is missing
2. contradicted: the airframe that the claim names was heard where the claimed flight cannot fit
3. conflicting: positions disagree, and the verdict depends on which are believed
4. corroborated: no ceiling, every element met by matches of grade A or B, each with an independent witness
5. partly corroborated: no ceiling, at least one such match, by an aircraft that is not known to be another than claimed
6. consistent: any other match
7. not observed, though covered   8. not observed, not covered: no match
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flighttrace.errors import LocatedError
from flighttrace.language import SIMULATED_STAMP, Text
from flighttrace.match.legs import end_time
from flighttrace.match.model import Coverage, Flight, Leg, OneEnded
from flighttrace.match.places import Airfields
from flighttrace.positions import Ingested
from flighttrace.weigh import reasons as words
from flighttrace.weigh.asked import Asked, Found, both_ways, claims_of
from flighttrace.weigh.contradiction import cannot_fit
from flighttrace.weigh.coverage import CoverageMeter, lossy_sources, own_airframes
from flighttrace.weigh.elements import all_met_together, counted, elements_of, is_another_aircraft
from flighttrace.weigh.expects import Expects
from flighttrace.weigh.folding import folded
from flighttrace.weigh.matching import Match, find_matches, resolve
from flighttrace.weigh.model import (
    Article,
    Case,
    Claim,
    ElementState,
    Finding,
    Network,
    Reading,
    ReadingResult,
    Verdict,
    Weighed,
)
from flighttrace.weigh.nulls import null_reasons
from flighttrace.weigh.question import Question
from flighttrace.weigh.windows import window_of
from flighttrace.weigh.witnesses import is_contested, is_strong, would_match_if_believed

NOTHING_COUNTED: Final = Text("nothing is counted", "لا شيء يُعدّ")


def weigh_claims(
    case: Case,
    flights: Sequence[Flight],
    ingested: Ingested,
    airfields: Airfields,
    *,
    failed_inputs: Sequence[LocatedError] = (),
) -> Weighed:
    """All findings of a case, in the case's order; the same for the same flights in any order.

    A claim that no track can test has no readings, for it is the same under each. `failed_inputs` are inputs that
    could not be read, beside those that `ingested` already lists.
    """
    return _Weigher(case, flights, ingested, airfields, failed_inputs).weighed()


class _Weigher:
    def __init__(
        self,
        case: Case,
        flights: Sequence[Flight],
        ingested: Ingested,
        airfields: Airfields,
        failed_inputs: Sequence[LocatedError],
    ) -> None:
        self.case, self.ingested, self.airfields = case, ingested, airfields
        self.asked = Asked(case, flights, airfields)
        self.sightings = self.asked.sightings
        self.flights = self.sightings.flights
        self.meter = CoverageMeter(ingested, self.flights, airfields)
        self.real_given = self.meter.real_given or any(
            len(f.track) and not f.track["simulated"].all() for f in self.flights
        )
        self.failed = len({str(error) for error in (*ingested.lacking, *failed_inputs)})
        self.lossy = lossy_sources(ingested.sources)
        self.simulated = ingested.simulated or any(f.simulated for f in self.flights)
        self.articles = {article.id: article for article in case.articles}
        self._results: dict[tuple[str, tuple[object, ...]], ReadingResult] = {}

    def weighed(self) -> Weighed:
        findings = [self._finding(claim) for claim in self.case.claims]
        legs, ids = self.asked.legs_and_ids()
        named = [(f.claim.id, f.legs, [name for r in f.readings for name in r.folded]) for f in findings]
        findings = [_renamed(finding, ids) for finding in findings]
        results = [result for finding in findings for result in finding.readings]
        referenced = {name for r in results for name in (*r.legs, *r.possible, *r.folded, *r.rivals)}
        return Weighed(
            case=self.case,
            findings=tuple(findings),
            legs=legs,
            one_ended=self._one_ended(legs, referenced),
            claims_of=claims_of(named, legs, ids),
            simulated=self.simulated,
        )

    def _finding(self, claim: Claim) -> Finding:
        article = self.articles[claim.article]
        if claim.expects is None:
            why = claim.untestable or words.missing_place_or_time()
            return Finding(claim, article, "not testable", (), True, (), (why,))
        results = tuple(
            self._result(claim, claim.expects, article, reading) for reading in self.case.readings[article.id]
        )
        first = results[0]
        agree = all(result.verdict == first.verdict for result in results)
        legs = tuple(dict.fromkeys(name for result in results for name in result.legs))
        questions = len({self._key(claim, claim.expects, result.reading) for result in results})
        reasons = (*first.reasons, words.readings_reason(len(results), questions=questions, agree=agree))
        return Finding(claim, article, first.verdict, results, agree, legs, reasons)

    def _result(self, claim: Claim, expects: Expects, article: Article, reading: Reading) -> ReadingResult:
        question = self.asked.question(expects, reading)
        if question is None:
            why = (words.missing_place_or_time(), words.cannot_show(claim))
            return ReadingResult(reading, "not testable", (), None, None, NOTHING_COUNTED, reasons=why)
        key = self._key(claim, expects, reading)
        if key not in self._results:  # a claim that does not use an axis comes out alike on all its values
            result = self._weighed(claim, article, question, reading)
            notes = (*result.notes, *self._beside(reading, question))
            self._results[key] = replace(result, notes=notes)
        return replace(self._results[key], reading=reading)

    def _key(self, claim: Claim, expects: Expects, reading: Reading) -> tuple[str, tuple[object, ...]]:
        """What a reading makes of a claim: readings with the same key ask one question."""
        if not expects.complete:
            return claim.id, ()
        window = None if expects.window is None else window_of(expects.window, reading, self.case.timezone)
        return claim.id, (
            self.asked.sought(expects.flights, reading),
            self.asked.sought(expects.beside, reading),
            window,
        )

    def _weighed(self, claim: Claim, article: Article, question: Question, reading: Reading) -> ReadingResult:
        found = self.asked.found(question)
        verdict, why = self._positive(claim, article.networks, question, found)
        coverage: Coverage | None = None
        if verdict is None:
            verdict, coverage, why = self._null(question, found)
        nothing: ElementState = "not met" if verdict == "not observed, though covered" else "unknowable"
        elements = elements_of(question, found.matches, nothing=nothing)
        why = [*why, *words.bare_events(question)]
        if self.simulated:
            why = [*why, SIMULATED_STAMP]
        notes = words.article_notes(article, self.case)
        notes += words.match_notes(question, found.matches, self.flights, self.case)
        if found.possible and coverage is None:  # a null names them among its reasons
            notes.append(words.possible_note(found.possible))
        if found.rivals:
            notes.append(words.rivals_note(found.rivals))
        return ReadingResult(
            reading=reading,
            verdict=verdict,
            elements=elements,
            window_from_utc=question.window.from_utc,
            window_to_utc=question.window.to_utc,
            counted=counted(question, found.matches, article.networks),
            legs=found.counted_ids,
            possible=tuple(m.flight.flight_id for m in found.possible),
            folded=found.folded_ids,
            rivals=tuple(s.flight.flight_id for s in found.rivals),
            notes=tuple(notes),
            reasons=(*why, words.cannot_show(claim)),
            coverage=coverage,
        )

    def _positive(
        self, claim: Claim, networks: Network, question: Question, found: Found
    ) -> tuple[Verdict | None, list[Text]]:
        """Rules 2 to 6; None where nothing matches."""
        airframe = question.expects.airframe
        if airframe is not None and all(
            cannot_fit(airframe, s, question.window, self.flights, self.airfields, simulated_count=not self.real_given)
            for s in question.sought
        ):
            return "contradicted", [words.contradicted_reason(airframe)]
        verdict = _by_matches(claim, networks, question, found.matches)
        contested = self._contested(claim, networks, question, found, verdict)
        why = words.witness_reasons(found.matches, networks, self.ingested.sources) if found.matches else []
        if contested:
            return "conflicting", [words.conflicting_reason(contested), *why]
        if verdict is None:
            return None, []
        if claim.ceiling is not None:
            why.append(words.ceiling_reason())
        missing = words.element_reasons(elements_of(question, found.matches, nothing="not met"))
        strong = any(is_strong(match, networks) for match in found.matches)
        if verdict == "partly corroborated" and strong and not missing:
            missing = [words.not_together()]
        if verdict == "consistent" and strong and claim.ceiling is None:
            why.append(words.another_aircraft())
        return verdict, [*why, *words.named_outside(found.matches), *missing]

    def _contested(
        self, claim: Claim, networks: Network, question: Question, found: Found, verdict: Verdict | None
    ) -> list[Flight]:
        """The disputed flights on whose belief the verdict depends."""
        contested = [match for match in found.heard if is_contested(match, self.flights)]
        if contested:
            rest = folded([match for match in found.heard if match not in contested])
            return [m.flight for m in contested] if _by_matches(claim, networks, question, rest) != verdict else []
        if verdict is not None:
            return []
        return [
            flight
            for flight in self.flights
            if any(self._would_match(flight, question, index) for index in range(len(question.sought)))
        ]

    def _would_match(self, flight: Flight, question: Question, index: int) -> bool:
        sought = question.sought[index]
        if not would_match_if_believed(flight, sought, question.window, self.airfields):
            return False
        if sought.origin is None or sought.destination is None or flight.departure.airport is None:
            return True
        return any(s.flight.flight_id == flight.flight_id for s in self.sightings.at(sought.origin, "departure"))

    def _null(self, question: Question, found: Found) -> tuple[Verdict, Coverage, list[Text]]:
        """Rules 7 and 8."""
        own = own_airframes(question.expects, self.case, self.meter.track_keys)
        coverage = self.meter.of(question, without=own | {m.flight.track_key for m in found.possible})
        spoiled = bool(found.possible) or self.failed > 0 or bool(self.lossy)
        covered = coverage.covered and not spoiled
        why = null_reasons(
            coverage,
            found.possible,
            self.failed,
            self.lossy,
            real_positions=self.meter.real_positions,
            covered=covered,
        )
        return ("not observed, though covered" if covered else "not observed, not covered"), coverage, why

    def _beside(self, reading: Reading, question: Question) -> list[Text]:
        """Flights reported apart: those the case asks for, and matching ones before the window."""
        notes = []
        for spec in question.expects.beside:
            sought = resolve(spec, reading.values, self.case.places)
            matches, _ = find_matches(sought, self.sightings, question.window)
            notes.append(words.listed_beside(sought, folded(matches)))
        if question.expects.list_earlier:
            for sought in question.sought:
                if sought.event != "leg":
                    continue
                at_any_time, _ = find_matches(sought, self.sightings, None)
                earlier = [m for m in at_any_time if end_time(m.flight.arrival) < question.window.from_utc]
                if earlier:
                    notes.append(words.earlier_note(sought, folded(earlier)))
        return notes

    def _one_ended(self, legs: Sequence[Leg], referenced: set[str]) -> tuple[OneEnded, ...]:
        """Sightings of one end in a route's place, and those that a result names; never of a flight that is a leg."""
        for origin, destination in both_ways(self.case):
            for sighting in self.sightings.at(self.case.places[origin], "departure"):
                self.asked.sight(sighting)
            for sighting in self.sightings.at(self.case.places[destination], "arrival"):
                self.asked.sight(sighting)
        flown = {leg.flight.flight_id for leg in legs}
        kept = [
            s
            for s in self.asked.sighted.values()
            if s.flight.flight_id not in flown or s.flight.flight_id in referenced
        ]
        return tuple(sorted(kept, key=lambda s: (s.flight.first_seen_utc, s.flight.flight_id, s.kind, s.place)))


def _by_matches(claim: Claim, networks: Network, question: Question, matches: Sequence[Match]) -> Verdict | None:
    """Rules 4 to 6."""
    if not matches:
        return None
    strong = [match for match in matches if is_strong(match, networks)]
    if claim.ceiling is None and strong:
        if all_met_together(question, strong):
            return "corroborated"
        if not all(is_another_aircraft(question, match) for match in strong):
            return "partly corroborated"
    return "consistent"


def _renamed(finding: Finding, ids: dict[str, str]) -> Finding:
    """The finding with flight ids replaced by the ids of their legs, where they are legs."""

    def named(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(ids.get(name, name) for name in names))

    readings = tuple(
        replace(
            result,
            legs=named(result.legs),
            possible=named(result.possible),
            folded=named(result.folded),
            rivals=named(result.rivals),
        )
        for result in finding.readings
    )
    return replace(finding, readings=readings, legs=named(finding.legs))
