"""What a field is named by: the fitted features, nothing, or where other airframes were seen."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from flighttrace.match.candidates import InReach, fields_in_reach
from flighttrace.match.end_features import EVIDENCE, KIND_OF_FIELD, NOBODY, evidence, kind_of_field, nobody
from flighttrace.match.end_track import EndState, EndTrack
from flighttrace.match.end_weights import load_weights
from flighttrace.match.endpoints import estimate_end
from flighttrace.match.flights import find_flights
from flighttrace.match.likelihood import ASKED_TIMES, DOUBTFUL_SHARE, DOUBTFUL_TIMES, SURE_TIMES, scores
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


def arrival_of(flown: Flight) -> tuple[EndTrack, EndState, InReach]:
    piece = Piece.of(flown.track)
    assert piece is not None
    track = piece.end("arrival", 3600.0)
    state = EndState(track)
    return track, state, fields_in_reach(track, state, load_airfields(), track.end_time_utc.date())


def test_the_feature_prior_is_of_a_sure_and_a_doubtful_account() -> None:
    (lost,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=9_000.0)))
    track, state, fields = arrival_of(lost)
    side = load_weights()["arrival"]
    seen = evidence(track, state, fields)
    none = nobody(track, state, seen) @ side.nobody
    fitted = np.append(seen.matrix @ side.evidence + kind_of_field(track, state, fields) @ side.kind_of_field, none)
    sure, doubtful = (np.exp(k * fitted) / np.exp(k * fitted).sum() for k in (SURE_TIMES, DOUBTFUL_TIMES))
    expected = (1 - DOUBTFUL_SHARE) * sure + DOUBTFUL_SHARE * doubtful
    told = scores(track, state, fields, load_weights())
    np.testing.assert_allclose(np.exp([*told.informed, told.nobody_informed]), expected, rtol=1e-9)
    assert sure.max() > expected.max() > doubtful.max()
    listed = {c.airport: c.probability for c in estimate_end(track, load_airfields()).candidates}
    best = int(np.argmax(expected))
    assert listed[fields.airfields.airport(fields.indexes[best])] == pytest.approx(expected[best], rel=0.05)


def test_where_fields_are_asked_about_one_account_is_taken() -> None:
    (lost,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=9_000.0)))
    track, state, fields = arrival_of(lost)
    named = np.isin(fields.indexes, fields.airfields.indexes_of(["LLOV"]))
    assert named.any()
    side = load_weights()["arrival"]
    seen = evidence(track, state, fields)
    kinds = kind_of_field(track, state, fields, named)
    fitted = np.append(
        seen.matrix @ side.evidence + kinds @ side.kind_of_field, nobody(track, state, seen) @ side.nobody
    )
    once = np.exp(ASKED_TIMES * fitted) / np.exp(ASKED_TIMES * fitted).sum()
    told = scores(track, state, fields, load_weights(), named=named)
    np.testing.assert_allclose(np.exp([*told.informed, told.nobody_informed]), once, rtol=1e-9)
    far = scores(track, state, fields, load_weights(), named=np.zeros(len(fields), dtype=bool))
    np.testing.assert_array_equal(far.informed, scores(track, state, fields, load_weights()).informed)


def test_what_is_set_by_hand_for_a_low_and_near_fix_is_not_scaled_with_the_fit() -> None:
    (low,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=200.0)))
    track, state, fields = arrival_of(low)
    ovda = [fields.airfields.airport(i) for i in fields.indexes.tolist()].index("LLOV")
    side = replace(load_weights()["arrival"], evidence=0.0 * load_weights()["arrival"].evidence)
    by_scale = [
        scores(track, state, fields, {"arrival": replace(side, flat_scale=scale)}).flat[ovda] for scale in (0.1, 1.0)
    ]
    assert by_scale[0] == by_scale[1] > 1.0


def test_a_sure_account_does_not_outvote_a_fix_just_above_the_runway() -> None:
    (low,) = find_flights(ingested(flight("UBBB", "LLOV", hide_arrival_below_ft=100.0)))
    track, state, fields = arrival_of(low)
    ovda = [fields.airfields.airport(i) for i in fields.indexes.tolist()].index("LLOV")
    shipped = load_weights()["arrival"]
    bare = replace(shipped, evidence=0.0 * shipped.evidence, kind_of_field=0.0 * shipped.kind_of_field)
    by_hand = float(scores(track, state, fields, {"arrival": bare}).flat[ovda])
    none = np.array([0.9 * by_hand / ASKED_TIMES if name == "one" else 0.0 for name in NOBODY])
    told = scores(track, state, fields, {"arrival": replace(bare, nobody=none)})
    assert by_hand > 2.0
    assert told.informed[ovda] > told.nobody_informed
