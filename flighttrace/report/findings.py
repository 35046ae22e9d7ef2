"""The documents that others script against: flights/1, legs/1 and findings/1, as plain data.

Nothing here knows the clock or the machine, and nothing depends on the order of the inputs: the same inputs and
settings give the same bytes. The JSON Schemas beside this module (`schema`) describe each document to the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Final, Literal

from flighttrace.accounting import Accounting
from flighttrace.errors import LocatedError
from flighttrace.geodesy import distance_km
from flighttrace.language import CARGO_NOTE, NULL_NOTE, SIMULATED_STAMP
from flighttrace.match.model import (
    Candidate,
    EndpointEstimate,
    Flight,
    Leg,
    OneEnded,
    Witness,
)
from flighttrace.positions import Ingested, Source
from flighttrace.report.canonical import Plain, bilingual, iso_ms, label, number, plain, rounded_to_one, without_paths
from flighttrace.report.case_entries import CoverageTables, article_entry, case_entry, claim_entry
from flighttrace.report.spans import Span, position_spans
from flighttrace.weigh.model import Case, Weighed

DocumentName = Literal["flights", "legs", "findings", "explanation"]

FLIGHTS_SCHEMA: Final = "flighttrace/flights/1"
LEGS_SCHEMA: Final = "flighttrace/legs/1"
FINDINGS_SCHEMA: Final = "flighttrace/findings/1"


def schema(name: DocumentName) -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of a document."""
    text = files("flighttrace.report").joinpath("schemas", f"{name}.schema.json").read_text("utf-8")
    return dict(json.loads(text))


def flights_document(flights: Sequence[Flight], ingested: Ingested) -> Plain:
    """`flighttrace/flights/1`: every flight with its two ends, and every input with its accounting."""
    names = SourceNames(ingested)
    return {
        **head_entry(FLIGHTS_SCHEMA, ingested.simulated or any(f.simulated for f in flights), ingested),
        "flights": [flight_entry(f, names) for f in sorted(flights, key=flight_order)],
    }


def legs_document(
    legs: Sequence[Leg],
    one_ended: Sequence[OneEnded],
    ingested: Ingested,
    case: Case,
    query: Mapping[str, object],
    *,
    claims_of: Mapping[str, Sequence[str]] | None = None,
) -> Plain:
    """`flighttrace/legs/1`: the legs of a query, and the one-ended sightings.

    `claims_of` is leg_id or flight_id → the claims it bears on.
    """
    names, claims = SourceNames(ingested), claims_of or {}
    simulated = ingested.simulated or any(f.simulated for f in _flown(legs, one_ended))
    return {
        **head_entry(LEGS_SCHEMA, simulated, ingested),
        "case": case_entry(case),
        "query": plain(query),
        "legs": [leg_entry(leg, names, claims) for leg in sorted(legs, key=leg_order)],
        "one_ended": [one_ended_entry(o, names, claims) for o in sorted(one_ended, key=one_ended_order)],
    }


def findings_document(weighed: Weighed, ingested: Ingested, *, settings: Mapping[str, object] | None = None) -> Plain:
    """`flighttrace/findings/1`: every claim under every reading, the legs they rest on, what could have been heard."""
    names, tables = SourceNames(ingested), CoverageTables()
    return {
        **head_entry(FINDINGS_SCHEMA, weighed.simulated or ingested.simulated, ingested),
        "case": case_entry(weighed.case),
        "settings": plain(settings or {}),
        "articles": [article_entry(article) for article in weighed.case.articles],
        "claims": [claim_entry(finding, tables) for finding in weighed.findings],
        "legs": [leg_entry(leg, names, weighed.claims_of) for leg in sorted(weighed.legs, key=leg_order)],
        "one_ended": [
            one_ended_entry(o, names, weighed.claims_of) for o in sorted(weighed.one_ended, key=one_ended_order)
        ],
        "networks": _networks(ingested),
        "coverage": tables.entries(),
    }


class SourceNames:
    """source_id → label and sha256; of several names for the same content the first in the alphabet, in any order."""

    def __init__(self, ingested: Ingested) -> None:
        self._by_id = {source.source_id: source for source in ingested.sources}

    def of(self, source_ids: Iterable[str]) -> list[Plain]:
        """`file` and `sha256` of each, sorted. A source_id that no input bears raises KeyError."""
        found = {(source_names(self._by_id[i])[0], self._by_id[i].sha256) for i in source_ids}
        return [{"file": file, "sha256": sha256} for file, sha256 in sorted(found)]


def source_names(source: Source) -> tuple[str, ...]:
    """All labels of the content, in alphabetical order."""
    return tuple(sorted({label(name) for name in (source.file, *source.other_names)}))


def flight_order(flight: Flight) -> tuple[object, ...]:
    """The order of flights in every output: by time, then by id."""
    return (flight.first_seen_utc, flight.flight_id)


def leg_order(leg: Leg) -> tuple[object, ...]:
    """The order of legs in every output: by time, then by id."""
    return (*flight_order(leg.flight), leg.leg_id)


def one_ended_order(sighting: OneEnded) -> tuple[object, ...]:
    """The order of one-ended sightings in every output."""
    return (*flight_order(sighting.flight), sighting.place, sighting.kind)


def leg_distance_km(flight: Flight) -> float:
    """Geodesic km between the first and the last believed position: what was heard, not what was inferred."""
    a, b = flight.departure, flight.arrival
    return round(float(distance_km(a.fix_lat_deg, a.fix_lon_deg, b.fix_lat_deg, b.fix_lon_deg)), 1)


def flight_entry(flight: Flight, names: SourceNames) -> Plain:
    """A flight as the documents give it."""
    return {
        "flight_id": flight.flight_id,
        "track_key": flight.track_key,
        "icao24": flight.icao24,
        "identity": flight.identity,
        "callsigns": list(flight.callsigns),
        "first_seen_utc": iso_ms(flight.first_seen_utc),
        "last_seen_utc": iso_ms(flight.last_seen_utc),
        "departure": _end(flight.departure),
        "arrival": _end(flight.arrival),
        "listed": sorted(
            (
                {"departure": ends.departure, "arrival": ends.arrival, **names.of([ends.source_id])[0]}
                for ends in flight.listed
            ),
            key=lambda entry: [str(v) for v in entry.values()],
        ),
        "position_count": flight.position_count,
        "rejected_count": flight.rejected_count,
        "rejected_by_reason": dict(flight.rejected_by_reason),
        "longest_gap_s": number(flight.longest_gap_s, 3),
        "networks": sorted(flight.networks),
        "flags": list(flight.flags),
        "simulated": flight.simulated,
        "sources": names.of(flight.source_ids),
    }


def leg_entry(leg: Leg, names: SourceNames, claims_of: Mapping[str, Sequence[str]]) -> Plain:
    """A leg: its flight's fields, and what makes it a leg."""
    return {
        "leg_id": leg.leg_id,
        "origin_place": leg.origin_place,
        "destination_place": leg.destination_place,
        "grade": leg.grade,
        "departure_place_grade": leg.departure_place_grade,
        "arrival_place_grade": leg.arrival_place_grade,
        "possible": leg.possible,
        "claims": sorted(claims_of.get(leg.leg_id, ())),
        "distance_km": leg_distance_km(leg.flight),
        "witnesses": [_witness(w, names) for w in sorted(leg.witnesses, key=lambda w: w.network)],
        **flight_entry(leg.flight, names),
    }


def one_ended_entry(sighting: OneEnded, names: SourceNames, claims_of: Mapping[str, Sequence[str]]) -> Plain:
    """A one-ended sighting: its flight's fields, and the end that is in a place."""
    return {
        "place": sighting.place,
        "end": sighting.kind,
        "place_grade": sighting.place_grade,
        "possible": sighting.possible,
        "claims": sorted(claims_of.get(sighting.flight.flight_id, ())),
        "witnesses": [_witness(w, names) for w in sorted(sighting.witnesses, key=lambda w: w.network)],
        **flight_entry(sighting.flight, names),
    }


def _flown(legs: Sequence[Leg], one_ended: Sequence[OneEnded]) -> list[Flight]:
    return [leg.flight for leg in legs] + [sighting.flight for sighting in one_ended]


def _end(end: EndpointEstimate) -> Plain:
    candidates = _candidates(end.candidates)
    own = next((c for c in candidates if c["airport"] == end.airport), None)
    return {
        "airport": end.airport,
        "probability": own["probability"] if own else number(end.probability, 6),
        "probability_flat": own["probability_flat"] if own else number(end.probability_flat, 6),
        "grade": end.grade,
        "time_utc": iso_ms(end.time_utc),
        "not_before_utc": iso_ms(end.not_before_utc),
        "not_after_utc": iso_ms(end.not_after_utc),
        "fix": {
            "time_utc": iso_ms(end.fix_time_utc),
            "lat_deg": number(end.fix_lat_deg, 6),
            "lon_deg": number(end.fix_lon_deg, 6),
            "altitude_ft": number(end.fix_altitude_ft, 1),
            "on_ground": bool(end.on_ground),
            "climbing_or_descending": bool(end.descending),
        },
        "continued_by": end.continued_by,
        "reasons": [bilingual(reason) for reason in end.reasons],
        "candidates": candidates,
    }


def _candidates(candidates: Sequence[Candidate]) -> list[Plain]:
    probabilities = rounded_to_one([c.probability for c in candidates])
    flats = rounded_to_one([c.probability_flat for c in candidates])
    return [
        {
            "airport": c.airport,
            "probability": p,
            "probability_flat": flat,
            "distance_km": number(c.distance_km, 1),
            "height_ft": number(c.height_ft, 0),
            "runway_suits": bool(c.suitable),
        }
        for c, p, flat in zip(candidates, probabilities, flats, strict=True)
    ]


def _witness(witness: Witness, names: SourceNames) -> Plain:
    return {
        "network": witness.network,
        "departure_place_grade": witness.departure_place_grade,
        "arrival_place_grade": witness.arrival_place_grade,
        "sources": names.of(witness.source_ids),
    }


def head_entry(name: str, simulated: bool, ingested: Ingested) -> Plain:
    """What every document begins with: its form, the stamp, the inputs with their accounting, what failed."""
    spans = position_spans(ingested)
    ordered = sorted(ingested.sources, key=lambda s: (source_names(s), s.sha256))
    return {
        "schema": name,
        "simulated": simulated,
        "stamp": SIMULATED_STAMP.en if simulated else None,
        "notes": [bilingual(CARGO_NOTE), bilingual(NULL_NOTE)],
        "inputs": [source_entry(s, spans.get(s.source_id)) for s in ordered],
        "failures": sorted(
            (failure_entry(f) for f in ingested.lacking), key=lambda f: tuple(str(v) for v in f.values())
        ),
        "skipped_files": sorted(ingested.skipped),
    }


def source_entry(source: Source, span: Span | None) -> Plain:
    """One input: what it is, whose receivers heard it, from when to when, and what became of every record."""
    first, *others = source_names(source)
    return {
        "file": first,
        "other_names": others,
        "sha256": source.sha256,
        "size_bytes": source.size_bytes,
        "reader": source.reader,
        "network": source.network,
        "network_declared": source.network_declared,
        "declared_icao24": source.declared_icao24,
        "simulated": source.simulated,
        "first_position_utc": iso_ms(span[0]) if span else None,
        "last_position_utc": iso_ms(span[1]) if span else None,
        "accounting": _accounting(source.accounting),
    }


def failure_entry(failure: LocatedError) -> Plain:
    """An input that gave nothing, and why."""
    return {
        "file": label(failure.file),
        "line": failure.line,
        "column": None if failure.column is None else str(failure.column),
        "kind": type(failure).__name__,
        "problem": without_paths(failure.problem, failure.file),
        "accepted": failure.accepted,
    }


def _accounting(a: Accounting) -> Plain:
    return {
        "records": a.records,
        "accepted": a.accepted,
        "without_position": dict(sorted(a.without_position.items())),
        "quarantined": dict(sorted(a.quarantined.items())),
        "exact_duplicates": a.exact_duplicates,
        "unaccounted": a.unaccounted,
        "physical_lines": a.physical_lines,
        "header_lines": a.header_lines,
        "record_lines": a.record_lines,
        "blank_or_comment_lines": a.blank_or_comment_lines,
        "skipped": dict(sorted(a.skipped.items())),
        "flags": list(a.flags),
    }


def _networks(ingested: Ingested) -> list[Plain]:
    """Which inputs were heard by whose receivers; several inputs of one network are one witness."""
    found: dict[str, list[Source]] = {}
    for source in ingested.sources:
        found.setdefault(source.network, []).append(source)
    return [
        {
            "network": network,
            "declared": any(s.network_declared for s in sources),
            "inputs": sorted(source_names(s)[0] for s in sources),
        }
        for network, sources in sorted(found.items())
    ]
