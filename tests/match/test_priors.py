"""What a field is named by: the fitted features, nothing, or where other airframes were seen."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest

from flighttrace.match.candidates import fields_in_reach
from flighttrace.match.end_features import EVIDENCE, KIND_OF_FIELD, NOBODY
from flighttrace.match.end_track import EndState
from flighttrace.match.end_weights import load_weights
from flighttrace.match.flights import find_flights
from flighttrace.match.likelihood import scores
from flighttrace.match.model import Flight
from flighttrace.match.places import load_airfields
from flighttrace.match.priors import UNSEEN, with_prior
from flighttrace.match.splitting import Piece

from .builders import flight, ingested


def found() -> list[Flight]:
    lost = flight("UBBB", "LLOV", hide_arrival_below_ft=9_000.0)
    others = [flight("UBBB", "LLRM", icao24=f"f0000{i}", track_key=f"f0000{i}") for i in (2, 3)]
    return list(find_flights(ingested(lost, *others)))


def by_key(flights: list[Flight], key: str) -> Flight:
    return next(f for f in flights if f.track_key == key)


def test_the_feature_prior_changes_nothing() -> None:
    flights = found()
    assert with_prior(flights, "feature") == flights


def test_the_flat_prior_is_the_flat_probability() -> None:
    for f in with_prior(found(), "flat"):
        for end in (f.departure, f.arrival):
            assert [c.probability for c in end.candidates] == pytest.approx(
                [c.probability_flat for c in end.candidates]
            )


def test_the_learned_prior_counts_other_airframes_alone() -> None:
    before, after = by_key(found(), "f00001"), by_key(with_prior(found(), "learned"), "f00001")
    flat = {c.airport: c.probability_flat for c in before.arrival.candidates}
    told = {c.airport: c.probability for c in after.arrival.candidates}
    wanted = (UNSEEN + 2) / UNSEEN * flat["LLRM"] / flat["LLOV"]
    assert told["LLRM"] / told["LLOV"] == pytest.approx(wanted)
    own = by_key(with_prior(found(), "learned"), "f00002").arrival
    assert own.candidates[0].airport == "LLRM", "one other airframe, and its own ground fixes"


def test_probabilities_sum_to_one_by_every_prior() -> None:
    for prior in ("feature", "flat", "learned"):
        for f in with_prior(found(), prior):
            assert sum(c.probability for c in f.arrival.candidates) == pytest.approx(1.0)


def test_the_shipped_weights_name_every_feature_and_where_they_come_from() -> None:
    facts = json.loads((files("flighttrace") / "data" / "leg_ends" / "weights.json").read_text(encoding="utf-8"))
    assert facts["provenance"]["made_by"].startswith("python benchmarks/leg_end_fit.py")
    for kind, side in load_weights().items():
        assert len(side.evidence) == len(EVIDENCE) == len(facts[kind]["evidence"])
        assert len(side.kind_of_field) == len(KIND_OF_FIELD)
        assert len(side.nobody) == len(side.nobody_flat) == len(NOBODY)
        assert side.flat_scale > 0


def test_what_is_set_by_hand_for_a_low_and_near_fix_is_not_scaled_with_the_fit() -> None:
    (low,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=200.0)))
    piece, airfields = Piece.of(low.track), load_airfields()
    assert piece is not None
    track = piece.end("arrival", 3600.0)
    state = EndState(track)
    fields = fields_in_reach(track, state, airfields, track.end_time_utc.date())
    ovda = [airfields.airport(i) for i in fields.indexes.tolist()].index("LLOV")
    side = replace(load_weights()["arrival"], evidence=0.0 * load_weights()["arrival"].evidence)
    by_scale = [
        scores(track, state, fields, {"arrival": replace(side, flat_scale=scale)}).flat[ovda] for scale in (0.1, 1.0)
    ]
    assert by_scale[0] == by_scale[1] > 1.0
