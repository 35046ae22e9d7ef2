"""The airframe's whole day: where one flight ended, the next began, unless a flight that nobody heard lies between.

The two ends of one flight are independent given its fixes, so the best path over a day falls apart at every flight:
each stop is a pair (where it came down, where it went up again), and the joint probability of that pair is all there
is to find. A stretch heard on the ground alone is a stop of its own between two flights.

Of a pair of fields, by the silence between the two sightings:

* the same field: it has to be reached and left in that time;
* two fields: a flight between has to fit too, with its turn-round, and the longer the silence, the likelier one is;
* a field that cannot be reached in time is as good as excluded.

How often an airframe flies unheard was not fitted: no set of real flights at hand tells. `LIKELY_UNHEARD` is a choice,
and it moves probabilities only. Grades rest on an end's own fixes, and on the rule for C: the neighbour's field is
known at A or B and no flight between fits. A neighbour without that rule never raises a grade; it lowers one to D where
UNKNOWN comes to be likeliest.

What was heard at both ends is evidence of its own; what the feature prior says of a field, both have from one table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.match.endpoints import regraded
from flighttrace.match.model import Candidate, EndpointEstimate, worse
from flighttrace.match.places import Airfields
from flighttrace.match.plane import great_circle_km

CRUISE_KT: Final = 480.0
"""Ground speed on the way to a field and from it, and on a flight between: a jet transport's."""
TURN_ROUND_S: Final = 2400.0
"""Landing, stop and take-off of a flight between two fields, beyond the direct way."""
LATE_S: Final = 300.0
"""Clocks and the way round to a runway: so much too little time is not held against a field."""
LIKELY_UNHEARD: Final = 0.5
UNHEARD_S: Final = 86_400.0
"""After so long a silence an unheard flight between is about a third as likely as not; after days, LIKELY_UNHEARD."""
FIELDS_ABOUT: Final = 50.0
"""Among so many fields an unheard flight could have ended: what the same field is worth over any one other."""
EXCLUDED: Final = 1e-6
PRIOR_TIMES: Final = 1.0
"""`probability` has the feature prior of a field at both ends, and of one stop it should count once. So many times the
fitted prior is taken out. An account counts it 0.9 to 2.6 times (`likelihood.py`), beside what was heard, so that no
value is exact; chosen among those of `benchmarks/leg_end_yardstick/stops.py`, by log-loss on real ends."""
LONGEST_WITHOUT_A_FLIGHT_BETWEEN: Final = timedelta(minutes=100)
"""In more spare time than this the airframe could have landed elsewhere, turned round, and flown on to the field."""
SLOW_KT: Final = 300.0


@dataclass(frozen=True)
class Stop:
    """Between two sightings: the end before the silence and the one after it."""

    down: EndpointEstimate
    up: EndpointEstimate

    @property
    def silence_s(self) -> float:
        return (self.up.fix_time_utc - self.down.fix_time_utc).total_seconds()


def linked(stop: Stop, airfields: Airfields) -> Stop:
    """Both ends with what the other one says of them. An end graded A or B stays as it is."""
    if stop.silence_s < 0 or (stop.down.grade in "AB" and stop.up.grade in "AB"):
        return stop
    down = _with_field_of(stop.down, stop.up, airfields)
    up = _with_field_of(stop.up, stop.down, airfields)
    fits = _fits(Stop(down, up), airfields)
    informed = _counted_once(down, up, fits)
    told_down, told_up = stop.down, stop.up
    if told_down.grade not in "AB":
        told_down = _compared(_told(down, up, fits, informed, stop.silence_s, airfields), stop.down)
    if told_up.grade not in "AB":
        told_up = _compared(_told(up, down, fits.T, informed.T, stop.silence_s, airfields), stop.up)
    return Stop(told_down, told_up)


def _with_field_of(end: EndpointEstimate, other: EndpointEstimate, airfields: Airfields) -> EndpointEstimate:
    """The end with the field where the other is known to be among its candidates, if it is not on the list.

    Until then UNKNOWN stood for it, as for FIELDS_ABOUT fields.
    """
    airport = other.airport
    if other.grade not in "AB" or airport is None or any(c.airport == airport for c in end.candidates):
        return end
    field = airfields.get(airport)
    away_km = float(distance_km(end.fix_lat_deg, end.fix_lon_deg, field.lat_deg, field.lon_deg))
    height = None if end.fix_altitude_ft is None else end.fix_altitude_ft - field.elevation_ft
    unknown = next(c for c in end.candidates if c.airport is None)
    added = Candidate(
        airport,
        unknown.probability / FIELDS_ABOUT,
        unknown.probability_flat / FIELDS_ABOUT,
        unknown.log_likelihood - math.log(FIELDS_ABOUT),
        away_km,
        height,
    )
    return replace(end, candidates=(*end.candidates, added))


def _fits(stop: Stop, airfields: Airfields) -> Floats:
    """(candidates of `down`, of `up`): the worth of each pair against two fields that know nothing of each other."""
    one, two = (_where(end, airfields) for end in (stop.down, stop.up))
    to_km = _apart_km(one, np.array([[stop.down.fix_lat_deg, stop.down.fix_lon_deg]]))[:, 0]
    from_km = _apart_km(two, np.array([[stop.up.fix_lat_deg, stop.up.fix_lon_deg]]))[:, 0]
    km_per_s = CRUISE_KT * KM_PER_NM / 3600.0
    spare_s = stop.silence_s - (to_km[:, None] + from_km[None, :]) / km_per_s
    between_s = spare_s - TURN_ROUND_S - _apart_km(one, two) / km_per_s
    unheard = np.where(between_s > 0, LIKELY_UNHEARD * -np.expm1(-np.maximum(between_s, 0.0) / UNHEARD_S), EXCLUDED)
    same = np.array([[a.airport == b.airport for b in stop.up.candidates] for a in stop.down.candidates])
    stays = np.where(spare_s >= -LATE_S, (1.0 - np.maximum(unheard, EXCLUDED)) * FIELDS_ABOUT, EXCLUDED)
    worth = np.where(same, stays, np.maximum(unheard, EXCLUDED))
    nobody = np.array([[a.airport is None for a in stop.down.candidates]]).T | np.array(
        [[b.airport is None for b in stop.up.candidates]]
    )
    return np.where(nobody & same, 1.0, np.where(nobody, _against_nobody(stop, unheard), worth))


def _against_nobody(stop: Stop, unheard: Floats) -> Floats:
    """A listed field against UNKNOWN on the other side: a flight between if the other side lists that field, too."""
    listed = [{c.airport for c in end.candidates if c.airport is not None} for end in (stop.down, stop.up)]
    in_both = listed[0] & listed[1]
    rows = np.array([c.airport in in_both for c in stop.down.candidates])[:, None]
    columns = np.array([c.airport in in_both for c in stop.up.candidates])[None, :]
    return np.where(rows | columns, np.maximum(np.nanmax(unheard), EXCLUDED), 1.0)


def _counted_once(down: EndpointEstimate, up: EndpointEstimate, fits: Floats) -> Floats:
    """`fits` for `probability`, which has the feature prior at either end: taken out once of the pairs that are one
    field, of which it speaks at both. Between these it moves probability; against UNKNOWN and pairs of two fields they
    keep together what they had."""
    column = {c.airport: i for i, c in enumerate(up.candidates)}
    pairs = [
        (row, column[one.airport], one.log_prior + other)
        for row, one in enumerate(down.candidates)
        if one.log_prior is not None
        and one.airport in column
        and (other := up.candidates[column[one.airport]].log_prior) is not None
    ]
    if not pairs:
        return fits
    rows, columns, priors = (np.array(each) for each in zip(*pairs, strict=True))
    had = fits[rows, columns]
    twice = PRIOR_TIMES * priors / 2
    has = had * np.exp(twice.min() - twice)
    mass = np.array([down.candidates[r].probability * up.candidates[c].probability for r, c, _ in pairs])
    before, after = float(mass @ had), float(mass @ has)
    if not after > 0.0:
        return fits
    once = fits.copy()
    once[rows, columns] = has * (before / after)
    return once


def _where(end: EndpointEstimate, airfields: Airfields) -> Floats:
    """(candidates, 2): latitude and longitude of each; NaN for UNKNOWN."""
    index = [-1 if c.airport is None else int(airfields.indexes_of([c.airport])[0]) for c in end.candidates]
    at = np.array(index)
    places = np.column_stack([airfields.lat_deg[at], airfields.lon_deg[at]])
    places[at < 0] = np.nan
    return places


def _apart_km(one: Floats, two: Floats) -> Floats:
    """(n, m): great-circle distances; 0 where either is not known. For times alone: within half a per cent."""
    return np.nan_to_num(great_circle_km(one[:, :1], one[:, 1:], two[None, :, 0], two[None, :, 1]))


def _told(
    end: EndpointEstimate,
    other: EndpointEstimate,
    fits: Floats,
    informed_fits: Floats,
    silence_s: float,
    airfields: Airfields,
) -> EndpointEstimate:
    """The end's marginal of the pair, graded anew. `informed_fits`: the worth of pairs under the feature prior."""
    flat = np.array([c.probability_flat for c in end.candidates]) * (
        fits @ np.array([c.probability_flat for c in other.candidates])
    )
    informed = np.array([c.probability for c in end.candidates]) * (
        informed_fits @ np.array([c.probability for c in other.candidates])
    )
    flat, informed = flat / flat.sum(), informed / informed.sum()
    told = [
        replace(c, probability=float(p), probability_flat=float(q))
        for c, p, q in zip(end.candidates, informed, flat, strict=True)
    ]
    known = other.airport if other.grade in "AB" else None
    continues = known is not None and _nothing_between(end, known, silence_s, airfields)
    graded = regraded(replace(end, continued_by=known if continues else end.continued_by), told)
    return graded if continues else replace(graded, grade=worse(graded.grade, end.grade))


def _compared(both: EndpointEstimate, own: EndpointEstimate) -> EndpointEstimate:
    """`both` with what the end alone gives the field that is likeliest once its neighbour is counted in."""
    likeliest = next((c.airport for c in both.candidates if c.airport is not None), None)
    if likeliest is None:
        return both
    alone = next((c.probability for c in own.candidates if c.airport == likeliest), 0.0)
    return replace(both, probability_alone=alone)


def _nothing_between(end: EndpointEstimate, airport: str, silence_s: float, airfields: Airfields) -> bool:
    """Whether the airframe can have been at the airport in the silence, and had no time for another flight."""
    field = airfields.get(airport)
    away_km = float(distance_km(end.fix_lat_deg, end.fix_lon_deg, field.lat_deg, field.lon_deg))
    spare = timedelta(seconds=silence_s - away_km / (SLOW_KT * KM_PER_NM) * 3600.0)
    return timedelta(seconds=-LATE_S) <= spare <= LONGEST_WITHOUT_A_FLIGHT_BETWEEN
