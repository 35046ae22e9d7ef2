from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from flighttrace.errors import InputError
from flighttrace.match.cleaning import JUMP
from flighttrace.match.spoofing import STALE
from flighttrace.positions import Ingested
from flighttrace.report.canonical import canonical_json
from flighttrace.report.findings import (
    DocumentName,
    findings_document,
    flights_document,
    legs_document,
    schema,
)
from flighttrace.weigh.model import VERDICTS

from .builders import accounting, end, flight, full_case, ingested, leg, one_ended, route, source, track, weighed

QUERY = {"from": "2031-08-01", "to": "2031-11-30", "tz": "UTC", "window": "either"}


def documents(simulated: bool = True) -> dict[str, dict[str, Any]]:
    case, flights, read = full_case(simulated=simulated)
    legs = legs_document(case.legs, case.one_ended, read, case.case, QUERY, claims_of=case.claims_of)
    found = {"flights": flights_document(flights, read), "legs": legs, "findings": findings_document(case, read)}
    return {name: json.loads(canonical_json(document)) for name, document in found.items()}


@pytest.mark.parametrize("name", ["flights", "legs", "findings"])
@pytest.mark.parametrize("simulated", [True, False])
def test_a_document_is_what_its_schema_says(name: DocumentName, simulated: bool) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    jsonschema.Draft202012Validator(schema(name)).validate(documents(simulated)[name])


@pytest.mark.parametrize("name", ["flights", "legs", "findings"])
def test_the_schema_refuses_a_simulated_document_without_its_stamp(name: DocumentName) -> None:
    document = documents()[name]
    document["stamp"] = None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema(name)).validate(document)


@pytest.mark.parametrize("name", ["flights", "legs", "findings"])
def test_the_schema_refuses_unaccounted_records(name: DocumentName) -> None:
    document = documents()[name]
    document["inputs"][0]["accounting"]["unaccounted"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema(name)).validate(document)


def test_a_flight_has_the_fields_that_others_script_against() -> None:
    found = documents()["flights"]["flights"][0]
    fixed = "flight_id track_key icao24 callsigns first_seen_utc last_seen_utc departure arrival position_count "
    fixed += "rejected_count rejected_by_reason simulated sources"
    assert set(fixed.split()) <= set(found)
    ends = "airport probability probability_flat grade time_utc not_before_utc not_after_utc candidates"
    assert set(ends.split()) <= set(found["departure"])
    assert set(found["sources"][0]) == {"file", "sha256"}
    extra = "leg_id origin_place destination_place departure_place_grade arrival_place_grade grade possible claims"
    assert set(fixed.split()) | set(extra.split()) <= set(documents()["legs"]["legs"][0])


@pytest.mark.parametrize("name", ["flights", "legs", "findings"])
def test_masked_positions_are_counted_by_reason(name: DocumentName) -> None:
    document = documents()[name]
    for entry in [*document.get("flights", ()), *document.get("legs", ()), *document.get("one_ended", ())]:
        assert set(entry["rejected_by_reason"]) == {JUMP, STALE}
        assert sum(entry["rejected_by_reason"].values()) == entry["rejected_count"] == 4
    del (document.get("flights") or document["legs"])[0]["rejected_by_reason"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema(name)).validate(document)


def test_printed_probabilities_sum_to_one_and_the_end_repeats_its_candidate() -> None:
    for entry in documents()["findings"]["legs"]:
        for kind in ("departure", "arrival"):
            candidates = entry[kind]["candidates"]
            for name in ("probability", "probability_flat"):
                assert sum(round(c[name] * 1_000_000) for c in candidates) == 1_000_000
                own = next(c for c in candidates if c["airport"] == entry[kind]["airport"])
                assert own[name] == entry[kind][name]


def test_unknown_is_null() -> None:
    found = flights_document([flight(departs=None)], ingested())["flights"]
    assert found[0]["departure"]["airport"] is None  # type: ignore[index]
    assert any(c["airport"] is None for c in found[0]["departure"]["candidates"])  # type: ignore[index]


def test_an_end_whose_probabilities_do_not_sum_is_a_fault_not_an_output() -> None:
    wrong = end("departure")
    wrong = replace(wrong, candidates=wrong.candidates[:1])
    with pytest.raises(ValueError, match="sums to 1"):
        flights_document([replace(flight(), departure=wrong)], ingested())


def test_the_order_of_inputs_changes_no_byte() -> None:
    case, flights, read = full_case()
    first = canonical_json(findings_document(case, read, settings=QUERY))
    for seed in range(5):
        shuffle = random.Random(seed)
        bears = shuffle.sample(list(case.claims_of.items()), len(case.claims_of))
        mixed = replace(
            case,
            legs=tuple(shuffle.sample(case.legs, len(case.legs))),
            one_ended=tuple(shuffle.sample(case.one_ended, len(case.one_ended))),
            claims_of={k: tuple(reversed(v)) for k, v in bears},
        )
        again = replace(
            read,
            sources=tuple(shuffle.sample(read.sources, len(read.sources))),
            failures=tuple(reversed(read.failures)),
            quarantined=tuple(reversed(read.quarantined)),
        )
        other = dict(shuffle.sample(list(QUERY.items()), len(QUERY)))
        assert canonical_json(findings_document(mixed, again, settings=other)) == first
    assert flights_document(flights, read) == flights_document(flights[::-1], read)


def test_the_same_bytes_under_two_names_are_one_input_whichever_came_first() -> None:
    a = source("a.csv", other_names=("b.csv",), source_id="s", sha256="0" * 64)
    b = replace(a, file="b.csv", other_names=("a.csv",))
    flown = [flight(source_ids=["s"])]
    assert flights_document(flown, ingested([a])) == flights_document(flown, ingested([b]))


def test_findings_carry_every_reading_and_name_what_was_counted() -> None:
    claims = documents()["findings"]["claims"]
    two = claims[0]
    assert two["verdict"] == two["readings"][0]["verdict"] == "partly corroborated"
    assert two["readings_agree"] is False
    assert [r["verdict"] for r in two["readings"]] == ["partly corroborated", "not observed, not covered"]
    assert all(r["counted"]["en"] and r["counted"]["ar"] for c in claims for r in c["readings"])
    assert {c["verdict"] for c in claims} <= set(VERDICTS)


def test_a_null_says_what_could_have_been_heard() -> None:
    document = documents()["findings"]
    missed = document["claims"][0]["readings"][1]["coverage"]
    assert (missed["covered"], missed["field_days"], missed["field_days_heard"]) == (False, 3, 2)
    assert missed["silent_utc"] == ["2031-09-26T02:15:00.000Z", "2031-09-26T09:00:00.000Z"]
    assert [d["aircraft"] for d in document["coverage"][missed["table"]]["days"]] == [4, 0, 4]


def test_every_leg_of_a_claim_is_in_the_document() -> None:
    document = documents()["findings"]
    known = {x["leg_id"] for x in document["legs"]} | {x["flight_id"] for x in document["one_ended"]}
    named = {i for c in document["claims"] for r in c["readings"] for i in (*r["legs"], *r["possible"], *r["rivals"])}
    assert named
    assert named <= known


def test_a_failed_input_is_told_without_its_folder() -> None:
    path = "/home/canaryuser/case/cut.csv"
    failed = ingested(failures=[InputError(f"cannot read {path}", file=path, line=3)])
    assert flights_document([], failed)["failures"] == [
        {
            "file": "cut.csv",
            "line": 3,
            "column": None,
            "kind": "InputError",
            "problem": "cannot read cut.csv",
            "accepted": None,
        }
    ]


def test_an_input_says_from_when_to_when_it_holds_positions() -> None:
    rows = track(route())
    rows.loc[0, "rejected_because"] = "time in the future"
    read = replace(ingested([source(), source("without.csv")]), positions=rows)
    document = findings_document(weighed(legs=()), read)
    jsonschema.validate(document, schema("findings"))
    spans = {i["file"]: (i["first_position_utc"], i["last_position_utc"]) for i in document["inputs"]}  # type: ignore
    assert spans["tracks.csv"] == ("2031-09-25T12:01:00.000Z", "2031-09-25T14:29:00.000Z")
    assert spans["without.csv"] == (None, None)


def test_nothing_found_is_a_whole_document() -> None:
    nothing = weighed(legs=(), findings=())
    document = findings_document(nothing, Ingested(*_tables(), sources=()))
    jsonschema.Draft202012Validator(schema("findings")).validate(json.loads(canonical_json(document)))
    assert document["legs"] == []


def _tables() -> tuple[Any, Any]:
    read = ingested()
    return read.positions, read.listed_flights


def test_the_accounting_is_given_for_every_input() -> None:
    read = ingested([source("a.csv"), source("b.csv", accounting=accounting(physical_lines=None, record_lines=None))])
    heard = [leg(flight(source_ids=["s:a.csv"]))], [one_ended(flight(source_ids=["s:b.csv"]))]
    inputs = legs_document(*heard, read, weighed().case, {})["inputs"]
    for entry in inputs:  # type: ignore[attr-defined]
        a = entry["accounting"]
        explained = a["accepted"] + sum(a["without_position"].values()) + sum(a["quarantined"].values())
        assert a["records"] == explained + a["exact_duplicates"]
        assert a["unaccounted"] == 0


def test_distance_is_geopys_geodesic_between_the_fixes() -> None:
    from geopy.distance import geodesic

    from flighttrace.report.findings import leg_distance_km

    true = geodesic((29.9403, 34.9358), (40.4675, 50.0467)).km
    assert leg_distance_km(flight()) == pytest.approx(true, abs=0.06)
