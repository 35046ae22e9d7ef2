"""Where a flight began and ended: ranked airfields with UNKNOWN among them, a grade and a time.

`reasons.py` puts it into words once the flights of an airframe have been held against each other.

How well a field explains what was heard is `likelihood.py`'s business. `probability_flat` has a prior that is flat over
the fields whose runway suits the airframe's speed and height; `probability` adds a mild prior by kind of field,
scheduled service and runway. Grades rest on the flat one alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Final

import numpy as np

from flighttrace.geodesy import FT_PER_M, KM_PER_NM, Floats
from flighttrace.match.candidates import among, expected_km, fields_in_reach
from flighttrace.match.end_features import ON_PATH_KT
from flighttrace.match.end_track import EndState, EndTrack
from flighttrace.match.end_weights import Weights, load_weights
from flighttrace.match.likelihood import scores
from flighttrace.match.model import Candidate, EndpointEstimate, Grade
from flighttrace.match.places import Airfields

LOW_FT: Final = 1000.0
"""Grade A asks for less than this above the field, unless on the ground (DESIGN: leg ends)."""
LOW_KM: Final = 5.0
B_FT: Final = 4000.0
B_KM: Final = 8.0
"""Beyond the design's rule: farther out than a final approach (or first turn) the end itself was not heard, however
well one field explains it, and grade B would say more than the track shows."""
NEAR_GROUND_FT: Final = 6000.0
"""Altitude below which descending, or saying nothing of movement (a flight list's two positions), is coming down."""
B_RATIO: Final = 20.0
"""Over the best rival, and over all rivals together: many that are each a little likely are not unlikely."""
LANDS_FROM_DEG: Final = 7.0
"""An arrival at A or B could still land straight from its fix. It is no faster than a fast transport so far from the
runway (ON_PATH_KT); at B the straight way down is no steeper than about twice a glide path. An aircraft that is higher
or faster so near may as well be passing by."""
C_RATIO: Final = 5.0
LEAST_SHARE: Final = 0.5
"""At B and C, by the end's own fixes: likelier than all suitable fields and UNKNOWN together."""

APPROACH_KT: Final = 150.0
MAYBE_ROLLING_FT: Final = 500.0
"""Barometric height of an aircraft on a runway may read as much as this above the field."""
FEWEST_LISTED: Final = 12
LEAST_LISTED: Final = 0.002
"""Candidates with less probability by both priors, beyond the first dozen, are left out; the rest is rescaled."""
LEAST_KEPT: Final = 1e-4
"""A field that is asked about, or a military one, stays in the list down to this flat probability."""


def estimate_end(
    track: EndTrack, airfields: Airfields, *, weights: Weights | None = None, named: Collection[str] = ()
) -> EndpointEstimate:
    """The estimate of one end by its own fixes; what the airframe's other flights add is `day.py`'s.

    weights: the shipped ones where None. named: fields that are asked about; they are candidates wherever they are in
    reach, whatever their runways, and stay in the list.
    """
    state = EndState(track)
    day = track.end_time_utc.date()
    asked = airfields.indexes_of(named)
    fields = fields_in_reach(track, state, airfields, day, named=asked)
    is_named = among(fields.indexes, asked)
    seen = scores(track, state, fields, load_weights() if weights is None else weights, named=is_named)
    scored = _Scored(
        lambda chosen: airfields.airports(fields.indexes[chosen]),
        seen.flat,
        seen.informed - seen.flat,
        seen.nobody_flat,
        seen.nobody_informed - seen.nobody_flat,
        seen.prior,
        seen.distances_km,
        seen.heights_ft,
        is_named | airfields.military[fields.indexes],
        ~(airfields.longest_hard_runway_ft[fields.indexes] < track.shortest_runway_ft),
    )
    return _assemble(track, state, _normalised(scored))


@dataclass(frozen=True)
class _Scored:
    """Fields in competition, one entry each, and UNKNOWN beside them. `kept`: listed however unlikely."""

    airports: Callable[[np.ndarray], list[str]]
    log_likelihoods: Floats
    log_priors: Floats
    nobody: float
    nobody_log_prior: float
    fitted_priors: Floats
    distances_km: Floats
    heights_ft: Floats
    kept: np.ndarray
    suitable: np.ndarray


def _assemble(track: EndTrack, state: EndState, candidates: list[Candidate]) -> EndpointEstimate:
    altitude = None if math.isnan(state.altitude_ft) or state.on_ground else state.altitude_ft
    turned = 0.0 if track.kind == "arrival" else 180.0
    estimate = EndpointEstimate(
        kind=track.kind,
        airport=None,
        probability=0.0,
        probability_flat=0.0,
        grade="D",
        time_utc=None,
        not_before_utc=None,
        not_after_utc=None,
        candidates=tuple(candidates),
        fix_time_utc=track.end_time_utc,
        fix_lat_deg=float(track.lat_deg[0]),
        fix_lon_deg=float(track.lon_deg[0]),
        fix_altitude_ft=altitude,
        on_ground=state.on_ground,
        descending=state.descending,
        came_down=state.came_down or (not state.climbing and not state.level and state.altitude_ft < NEAR_GROUND_FT),
        vertical_rate_ft_min=_known((1.0 if track.kind == "arrival" else -1.0) * state.vertical_rate_ft_min),
        ground_speed_kt=_known(state.ground_speed_kt),
        true_track_deg=_known(state.true_track_deg + turned, most=360.0),
        course_deg=_known(state.course_deg + turned, most=360.0),
    )
    return _timed(_named(estimate), track, state)


def _known(value: float, most: float = math.inf) -> float | None:
    return None if math.isnan(value) else math.fmod(value, most)


def _normalised(scored: _Scored) -> list[Candidate]:
    lls = np.append(scored.log_likelihoods, scored.nobody)
    priors = np.append(scored.log_priors, scored.nobody_log_prior)
    nobody = len(scored.log_likelihoods)
    flat = _softmax(lls)
    informed = _softmax(lls + priors)
    rank = np.empty(len(lls), dtype=int)
    rank[np.argsort(-np.maximum(flat, informed), kind="stable")] = np.arange(len(lls))
    listed = (rank < FEWEST_LISTED) | (flat >= LEAST_LISTED) | (informed >= LEAST_LISTED)
    listed |= np.append(scored.kept & (flat[:nobody] >= LEAST_KEPT), True)
    kept = np.flatnonzero(listed)
    flat, informed = flat / flat[kept].sum(), informed / informed[kept].sum()
    fields = kept[:-1]
    named = zip(
        scored.airports(fields),
        informed[fields].tolist(),
        flat[fields].tolist(),
        lls[fields].tolist(),
        scored.distances_km[fields].tolist(),
        map(_known, scored.heights_ft[fields].tolist()),
        scored.suitable[fields].tolist(),
        scored.fitted_priors[fields].tolist(),
        strict=True,
    )
    result = [Candidate(*each) for each in named]
    result.append(Candidate(None, float(informed[nobody]), float(flat[nobody]), scored.nobody, None, None))
    return sorted(result, key=_likeliest_first)


def _likeliest_first(candidate: Candidate) -> tuple[float, float, str]:
    return -candidate.probability, -candidate.probability_flat, candidate.airport or "~"


def _softmax(values: Floats) -> Floats:
    weights = np.exp(values - values.max())
    return np.asarray(weights / weights.sum())


def regraded(estimate: EndpointEstimate, candidates: Sequence[Candidate]) -> EndpointEstimate:
    """The estimate with these candidates in place of its own: the likeliest named, the grade by its rule."""
    ranked = sorted(candidates, key=_likeliest_first)
    return _named(replace(estimate, candidates=tuple(ranked)), continued=True)


def _named(estimate: EndpointEstimate, *, continued: bool = False) -> EndpointEstimate:
    """`airport`, probabilities and grade filled in from the candidates."""
    top = estimate.candidates[0]
    grade = grade_of(estimate, {top.airport} if top.airport else set(), continued=continued)
    return replace(
        estimate, airport=top.airport, probability=top.probability, probability_flat=top.probability_flat, grade=grade
    )


def grade_of(estimate: EndpointEstimate, fields: set[str], *, continued: bool = False) -> Grade:
    """The grade of "this end is one of `fields`", by the rules of the module's constants (DESIGN: leg ends).

    The ratio is of likelihoods, the best field among `fields` over the best suitable one outside; without a rival it
    is infinite. For B it also holds for the fields on either side together, and one of `fields` that is so much better
    meets what B asks of height and distance. For B and C they have LEAST_SHARE (`own_share`), and there was a descent
    (`came_down`); C by continuity asks for neither. Where UNKNOWN is likeliest by `probability_flat` the grade is D;
    where no field is within reach it is X.
    """
    inside = [c for c in estimate.candidates if c.airport in fields]
    if not inside:
        return "X" if fields else "D"
    if max(estimate.candidates, key=lambda c: c.probability_flat).airport is None:
        return "D"
    rivals = [c for c in estimate.candidates if c.airport is not None and c.airport not in fields and c.suitable]
    strongest = max((c.log_likelihood for c in rivals), default=-math.inf)
    best = max(inside, key=lambda c: c.log_likelihood)
    if _at_field(estimate, best) and best.log_likelihood > strongest:
        return "A"
    likelier = (estimate.on_ground or estimate.came_down) and own_share(estimate, fields) >= LEAST_SHARE
    near = [c for c in inside if c.log_likelihood >= strongest + math.log(B_RATIO) and _about_to_land(estimate, c)]
    if likelier and near and _odds(inside, rivals) >= B_RATIO:
        return "B"
    if likelier and best.log_likelihood >= strongest + math.log(C_RATIO):
        return "C"
    return "C" if continued and estimate.continued_by in fields else "D"


def own_share(estimate: EndpointEstimate, fields: Collection[str]) -> float:
    """What these fields have of the likelihood of all suitable fields and UNKNOWN, by the end's own fixes: what the
    airframe's other flights say is not in it."""
    counted = [c for c in estimate.candidates if c.airport is None or c.airport in fields or c.suitable]
    best = max(c.log_likelihood for c in counted)
    worth = {c.airport: math.exp(c.log_likelihood - best) for c in counted}
    return sum(worth[name] for name in worth if name in fields) / sum(worth.values())


def _at_field(estimate: EndpointEstimate, field: Candidate) -> bool:
    """What A asks of height, distance, movement and speed."""
    low = field.height_ft is not None and field.height_ft < LOW_FT and estimate.descending
    near = field.distance_km is not None and field.distance_km <= LOW_KM
    return near and (estimate.on_ground or (low and _slow_enough(estimate, field)))


def _about_to_land(estimate: EndpointEstimate, field: Candidate) -> bool:
    """What B asks of height, distance and speed; of a departure, that it may just have taken off."""
    if field.distance_km is None or field.distance_km > B_KM:
        return False
    if estimate.on_ground:
        return True
    if field.height_ft is None or field.height_ft >= B_FT or not _slow_enough(estimate, field):
        return False
    steep_ft = math.tan(math.radians(LANDS_FROM_DEG)) * max(field.distance_km, 1.0) * 1000.0 * FT_PER_M
    return estimate.kind == "departure" or field.height_ft <= steep_ft


def _slow_enough(estimate: EndpointEstimate, field: Candidate) -> bool:
    """Whether an arrival is no faster than who lands at the field; departures always."""
    fastest_kt = ON_PATH_KT[0] + ON_PATH_KT[1] * (field.distance_km or 0.0)
    return estimate.kind == "departure" or not (estimate.ground_speed_kt or 0.0) > fastest_kt


def _odds(inside: Sequence[Candidate], outside: Sequence[Candidate]) -> float:
    """Likelihood of these fields together over that of those together; infinite without those."""
    if not outside:
        return math.inf
    best = max(c.log_likelihood for c in (*inside, *outside))
    ours, theirs = (sum(math.exp(c.log_likelihood - best) for c in side) for side in (inside, outside))
    return math.inf if theirs == 0.0 else ours / theirs


def _seconds_since_surely_airborne(track: EndTrack, state: EndState, likely: Candidate | None) -> float:
    """0, unless the end fix is so low that it may already stand on the runway and the source does not say."""
    if likely is None or likely.height_ft is None or track.ground_said[0] or likely.height_ft > MAYBE_ROLLING_FT:
        return 0.0
    field_ft = state.altitude_ft - likely.height_ft
    surely = np.flatnonzero((track.altitude_ft - field_ft > MAYBE_ROLLING_FT) | (track.ground_said & ~track.on_ground))
    return float(track.seconds[surely[0]]) if len(surely) else float(track.seconds[-1])


def _timed(estimate: EndpointEstimate, track: EndTrack, state: EndState) -> EndpointEstimate:
    """Take-off or landing time with its bracket: between fixes where both sides were heard, else by path and speed."""
    fix = track.end_time_utc
    sign = 1 if track.kind == "arrival" else -1
    beyond = None if math.isinf(track.silence_s) else fix + sign * timedelta(seconds=track.silence_s)
    if state.on_ground:
        airborne = np.flatnonzero(~track.on_ground)
        if not len(airborne):
            return estimate
        k = int(airborne[0])
        ground = fix - sign * timedelta(seconds=float(track.seconds[k - 1]))
        air = fix - sign * timedelta(seconds=float(track.seconds[k]))
        early, late = (air, ground) if track.kind == "arrival" else (ground, air)
        return replace(
            estimate, time_utc=ground if track.kind == "arrival" else air, not_before_utc=early, not_after_utc=late
        )
    likely = next((c for c in estimate.candidates if c.airport == estimate.airport), None)
    surely_airborne = fix - sign * timedelta(seconds=_seconds_since_surely_airborne(track, state, likely))
    bound = (surely_airborne, beyond) if track.kind == "arrival" else (beyond, surely_airborne)
    if estimate.airport is None or likely is None or likely.distance_km is None:
        return replace(estimate, not_before_utc=bound[0], not_after_utc=bound[1])
    height = 0.0 if likely.height_ft is None else likely.height_ft
    path_km = max(likely.distance_km, float(expected_km(np.array([height]), track.kind)[0]))
    speed = APPROACH_KT if math.isnan(state.ground_speed_kt) else max(min(state.ground_speed_kt, 400.0), 60.0)
    mean_kt = (speed + min(APPROACH_KT, speed)) / 2
    seconds = path_km / (mean_kt * KM_PER_NM) * 3600.0
    if math.isfinite(track.silence_s):
        seconds = min(seconds, track.silence_s)
    time = (fix + sign * timedelta(seconds=round(seconds))).astimezone(UTC)
    return replace(estimate, time_utc=time, not_before_utc=bound[0], not_after_utc=bound[1])
