"""How well each airfield explains an end: fitted weights on what was heard, and three priors kept apart.

The airfield nearest to the last position is the wrong answer wherever the low part of a track is missing. For an end in
the air each field in reach gets the sum of its features (`end_features.py`) times fitted weights (`end_weights.py`),
and so does "none of these": a conditional logit. Departures and arrivals have weights of their own, each drawn to what
both say.

* flat prior: `flat`, of evidence alone, over all fields whose runways suit. It decides the grade.
* feature prior: `informed`, with kind of field, runway and service. The default for `probability`. Ends differ in how
  far what was heard of them can be trusted: it is a mixture of two accounts of one fit, a sure and a doubtful one.
* learned prior: `learned` counts of where an archive's other aircraft were seen to land; only on request.

For an end on the ground the distance decides, and the last fix in the air helps between neighbours; that part is set
by hand, since a fix on the ground leaves nothing to fit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from flighttrace.geodesy import Floats
from flighttrace.match.candidates import InReach
from flighttrace.match.end_features import Evidence, evidence, kind_of_field, nobody
from flighttrace.match.end_track import EndState, EndTrack
from flighttrace.match.end_weights import Weights
from flighttrace.match.plane import clipped
from flighttrace.match.runways import runways_about

GROUND_KM: Final = 1.5
"""Spread of ground positions about a field's runways (aprons, taxiways; its reference point where ends are unknown)."""
GROUND_UNKNOWN: Final = -4.0
GROUND_KIND_SHARE: Final = 0.325
"""Of the feature prior, for an end on the ground: the place says nearly all."""
LOW_AND_NEAR: Final = 5.0
LOW_FT: Final = 1000.0
NEAR_KM: Final = 4.0
"""Set by hand: real approaches are lined up so low, so that a fit learns nothing of those that are not. The same under
both priors: a new fit of `flat_scale` does not change what is not fitted."""
SURE_TIMES: Final = 2.6
DOUBTFUL_TIMES: Final = 0.9
DOUBTFUL_SHARE: Final = 0.35
"""The fitted weights are those of an average end. Where all speaks for one field they say too much, as some tracks
mislead; where little tells fields apart they say too little, as penalties draw them to 0. So the feature prior's
probability is that of weights SURE_TIMES as large, but for DOUBTFUL_SHARE of it, which weights DOUBTFUL_TIMES as large
give. Chosen by calibration on real ends with the region left out (`benchmarks/leg_end_fit.py` says among what)."""
ASKED_TIMES: Final = 1.3
"""Where fields that are asked about are in reach, which are all as good as large ones with service, less tells fields
apart than the fit knew, and the sure account says too much: one account, so many times the fitted weights. Chosen by
calibration in the hard case, which is simulated (`benchmarks/leg_ends.py`); on real ends it is on the cautious side. So
a probability depends on whether a field that is asked about is in reach; grades do not."""
BEFORE_GROUND_S: Final = 1800.0
LINED_UP_BONUS: Final = 1.25


@dataclass(frozen=True)
class Scores:
    """Of the fields in reach, (n,) each, and of "none of them": log-likelihoods for the flat prior, and logarithms of
    what is proportional to the probability by the feature prior.

    prior: what the fitted weights add for each field by the feature prior, before the times of an account.
    distances_km: from the fix to the nearest runway; heights_ft: of the fix above the field, NaN where not heard.
    """

    flat: Floats
    informed: Floats
    nobody_flat: float
    nobody_informed: float
    prior: Floats
    distances_km: Floats
    heights_ft: Floats


def scores(
    track: EndTrack, state: EndState, fields: InReach, weights: Weights, *, named: np.ndarray | None = None
) -> Scores:
    """The scores of these fields for this end. `named` (n,): which of them are asked about (`kind_of_field`)."""
    if state.on_ground:
        return _on_ground(track, state, fields, weights, named)
    side = weights[track.kind]
    seen = evidence(track, state, fields)
    told, low_and_near = seen.matrix @ side.evidence, _low_and_near(seen)
    none = nobody(track, state, seen)
    prior = kind_of_field(track, state, fields, named) @ side.kind_of_field
    fitted = np.append(told + prior, none @ side.nobody)
    one_account = ASKED_TIMES * fitted + np.append(low_and_near, 0.0)
    asked = named is not None and bool(named.any())
    informed = _log_softmax(one_account) if asked else _sure_or_doubtful(one_account)
    return Scores(
        side.flat_scale * told + low_and_near,
        informed[:-1],
        float(none @ side.nobody_flat),
        float(informed[-1]),
        prior,
        seen.distances_km,
        seen.heights_ft,
    )


def _sure_or_doubtful(one_account: Floats) -> Floats:
    """Logarithms of the probabilities (n,) by both accounts together. What is set by hand keeps its weight against what
    is fitted: else a sure account would outvote a fix just above the runway."""
    sure, doubtful = (_log_softmax(times / ASKED_TIMES * one_account) for times in (SURE_TIMES, DOUBTFUL_TIMES))
    return np.logaddexp(math.log(1.0 - DOUBTFUL_SHARE) + sure, math.log(DOUBTFUL_SHARE) + doubtful)


def _log_softmax(values: Floats) -> Floats:
    return np.asarray(values - np.logaddexp.reduce(values))


def _low_and_near(seen: Evidence) -> Floats:
    """Up to LOW_AND_NEAR for a fix so low and so near that little else can be meant, whatever way it came."""
    low = clipped(
        1.0 - np.where(np.isnan(seen.heights_ft), np.inf, np.maximum(seen.heights_ft, 0.0)) / LOW_FT, 0.0, 1.0
    )
    return np.asarray(LOW_AND_NEAR * low * clipped(1.0 - seen.distances_km / NEAR_KM, 0.0, 1.0))


def _on_ground(track: EndTrack, state: EndState, fields: InReach, weights: Weights, named: np.ndarray | None) -> Scores:
    n = len(fields)
    lat, lon = float(track.lat_deg[0]), float(track.lon_deg[0])
    to_runway = runways_about(fields.airfields, fields.indexes, lat, lon).nearest_km(n)
    distances = np.where(np.isfinite(to_runway), to_runway, fields.away_km)
    ll = np.log(np.exp(-0.5 * (distances / GROUND_KM) ** 2) + 1e-3 * np.exp(-distances / 10.0) + 1e-30)
    ll = ll + LINED_UP_BONUS * _lined_up_before_ground(track, fields)
    prior = GROUND_KIND_SHARE * (kind_of_field(track, state, fields, named) @ weights[track.kind].kind_of_field)
    prior -= prior.max(initial=-math.inf) if n else 0.0
    prior = clipped(prior, -2.0, 0.0)
    return Scores(ll, ll + prior, GROUND_UNKNOWN, GROUND_UNKNOWN, prior, distances, np.zeros(n))


def _lined_up_before_ground(track: EndTrack, fields: InReach) -> Floats:
    """How well the fix next to the ground lies on a runway's centre line, to tell neighbouring fields apart: 0 to 1."""
    bonus = np.zeros(len(fields))
    airborne = np.flatnonzero(~track.on_ground & (track.seconds < BEFORE_GROUND_S))
    if not len(airborne) or math.isnan(track.true_track_deg[airborne[0]]):
        return bonus
    k = int(airborne[0])
    about = runways_about(fields.airfields, fields.indexes, float(track.lat_deg[k]), float(track.lon_deg[k]))
    off_deg, before, across = about.lined_up(float(track.true_track_deg[k]))
    here = (before > -4.0) & (before < 30.0) & (off_deg <= 20.0)
    width = 0.4 + 0.03 * np.maximum(before[here], 0.0)
    score = np.exp(-0.5 * (off_deg[here] / 8.0) ** 2 - 0.5 * (across[here] / width) ** 2)
    np.maximum.at(bonus, about.field[here], score)
    return bonus
