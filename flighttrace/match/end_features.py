"""What speaks for and against each airfield of an end, as numbers that fitted weights multiply.

`evidence` is of the fix and the last 40 minutes against one field: height, distance, heading, runway, movement.
`kind_of_field` is of the field, the class of aircraft and who flies it (the feature prior). `nobody` is of the end
alone: how well "none of these fields" would explain it. The names below are those of the weights file, in its order.

Of the path: an aircraft that heads away has to turn; `runways.py` gives the way to the threshold. A path that is too
short for the height ("steep") can be drawn out, one that is too long ("shallow") cannot be shortened: they are apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from flighttrace.geodesy import Floats
from flighttrace.match.candidates import InReach, expected_km
from flighttrace.match.end_track import HARDLY_KM, JET_RUNWAY_FT, TURBOPROP_RUNWAY_FT, EndState, EndTrack
from flighttrace.match.operations import Operation
from flighttrace.match.places import Airfields
from flighttrace.match.plane import clipped, great_circle_km, plane_km
from flighttrace.match.runways import RunwaysAbout, runways_about
from flighttrace.match.service import served_then

EVIDENCE: Final = (
    "shallow",
    "shallow squared",
    "steep",
    "steep squared",
    "shallow, high",
    "shallow squared, high",
    "steep, high",
    "steep squared, high",
    "steep, heading away",
    "heading off, far",
    "heading off, far and high",
    "heading off, near",
    "not closing in 5 min, far",
    "not closing in 10 min, far",
    "not closing in 30 min, far",
    "beside the way ahead",
    "beside the course of 20 min",
    "detour since 40 min",
    "turning towards it",
    "in line with a runway, closely",
    "in line with a runway, loosely",
    "in line with a runway, far out",
    "on a downwind",
    "on a base leg",
    "sinks faster than the path needs",
    "sinks slower than the path needs",
    "too fast for so near",
    "distance when low",
    "log distance when low",
    "below the field",
    "distance",
    "log distance",
    "log distance, height unknown",
    "heading off, height unknown",
)
KIND_OF_FIELD: Final = (
    *(
        f"{what}, {group}"
        for group in ("jet", "turboprop", "small")
        for what in (
            "short runway",
            "long runway",
            "runway unknown",
            "runway unknown, low",
            "large or medium airport",
            "large airport",
            "scheduled service",
        )
    ),
    "runways, jet",
    "runways, turboprop",
    "served, airline",
    "large, airline",
    "long runway, business",
    "short runway, business",
    "large or medium, business",
    "large, business",
    "served, business",
    "runways, business",
)
NOBODY: Final = (
    "one",
    "height",
    "height squared",
    "descending",
    "climbing",
    "climbing, high",
    "level",
    "level, high",
    "log distance of the nearest field",
    "log distance of the nearest field, low",
    "log number of fields",
)

NEAR_ENOUGH_KM: Final = 2.0
"""Added to path and expected path: barometric height is a few hundred feet off, and airports have a size."""
BANK_DEG: Final = 25.0
TURN_SPEEDS_KT: Final = (120.0, 260.0)
ON_PATH_KT: Final = (165.0, 4.0)
"""Fast for a transport at the runway, and what it may fly more for each km of path before it."""
DETOUR_MIN: Final = 40.0
DETOUR_KM: Final = 20.0
SHARP_TURN_DEG: Final = 45.0
"""In the last minutes (`EndState.turn_deg`)."""
BESIDE_KM: Final = 10.0
LINED_UP_KM: Final = 30.0
FAR_OUT_KM: Final = 70.0
DOWNWIND_KM: Final = 7.0
BASE_KM: Final = 16.0
RUNWAY_UNKNOWN: Final = (0.3, 0.5, 0.3, 0.1, 0.1)
"""Where transports fly downwind beside a runway, and cross its line before they turn in. RUNWAY_UNKNOWN: what the five
scores of being lined up are taken to be at a field whose runways no table has; about half of a true field's."""
LOW_FT: Final = 6000.0
LOW_AND_NEAR_KM: Final = 6.0
LONG_RUNWAY_FT: Final = 8000.0
KIND_COUNTS: Final = (0.5, 10_000.0)
"""Share of the feature prior near the ground, and the altitude in ft from which it counts in full."""

OTHER_AS_BUSINESS: Final = 0.8
"""What no table of operators has is taken for a business flight four times of five: there are hundreds of these with a
few aircraft each, while few carriers with scheduled service are missing. An assumption, no count. Carriers of freight
have a table of their own, and nothing is claimed of them."""
JETS_OF_BUSINESS: Final = 0.5
"""A business flight that flew no higher and no faster than a turboprop while it was heard is as often a jet's. An
assumption without a count, chosen among seven by log-loss on real ends with the region left out; of an operator that no
table has, OTHER_AS_BUSINESS of it."""
NAMED_RUNWAYS: Final = 2.0
"""So many long runways a field that is asked about is given at least, as it is taken for a large one."""


@dataclass(frozen=True)
class Evidence:
    """`matrix` (n, len(EVIDENCE)) of the fields in reach; the fix's distance to the nearest runway and height above."""

    matrix: Floats
    distances_km: Floats
    heights_ft: Floats
    about: RunwaysAbout


def evidence(track: EndTrack, state: EndState, fields: InReach) -> Evidence:
    """What speaks for and against each of the fields. For an end in the air."""
    n = len(fields)
    about = runways_about(fields.airfields, fields.indexes, float(track.lat_deg[0]), float(track.lon_deg[0]))
    to_runway = about.nearest_km(n)
    known = np.isfinite(to_runway)
    d = np.where(known, to_runway, fields.away_km)
    h = state.altitude_ft - fields.airfields.elevation_ft[fields.indexes]
    known_h = np.where(np.isnan(h), 0.0, h)
    very_low = _share((2000.0 - h) / 2000.0)
    high = clipped(known_h / 10_000.0, 0.0, 2.5)
    blind = math.isnan(state.altitude_ft)
    ahead = _Ahead(state.true_track_deg, fields.bearings_deg)
    off = np.full(n, 0.5) if math.isnan(state.true_track_deg) else (1.0 - ahead.cosine) / 2
    path = _path_km(state, about, d, off)
    shallow, steep = _slopes(path, h, track, blind)
    far = clipped((d - 5.0) / 20.0, 0.0, 1.0)
    log_d = np.log1p(d)
    lined_up = _lined_up(about, state, h, known)
    faster, slower = _sinking(state, h, path)
    fast = 0.0 if math.isnan(state.ground_speed_kt) else state.ground_speed_kt
    columns = (
        shallow,
        shallow**2,
        steep,
        steep**2,
        shallow * high,
        shallow**2 * high,
        steep * high,
        steep**2 * high,
        steep * off,
        far * off,
        far * off * high,
        (1.0 - far) * off,
        *(far * _not_closing(track, state, minutes, d, fields) for minutes in (5.0, 10.0, 30.0)),
        _beside(ahead, d),
        _beside(_Ahead(state.course_deg, fields.bearings_deg), d),
        _detour(track, state, d, fields),
        _turning(state, ahead),
        *lined_up,
        faster,
        slower,
        clipped(fast - ON_PATH_KT[0] - ON_PATH_KT[1] * path, 0.0, 300.0) / 100.0,
        very_low * np.minimum(d, 20.0) / 5.0,
        very_low * log_d,
        clipped((-known_h - 200.0) / 500.0, 0.0, 4.0),
        d / 100.0,
        log_d,
        blind * log_d,
        blind * off * far,
    )
    matrix = np.empty((len(EVIDENCE), n))
    for row, column in zip(matrix, columns, strict=True):
        row[:] = column
    return Evidence(matrix.T, d, h, about)


def _path_km(state: EndState, about: RunwaysAbout, d: Floats, off: Floats) -> Floats:
    """The way to the runway, turns included; the straight distance where direction or runway are unknown."""
    if math.isnan(state.true_track_deg):
        return d
    speed = clipped(200.0 if math.isnan(state.ground_speed_kt) else state.ground_speed_kt, *TURN_SPEEDS_KT)
    radius_km = float((speed * 0.514444) ** 2 / (9.80665 * math.tan(math.radians(BANK_DEG))) / 1000.0)
    path = about.paths_km(state.true_track_deg, radius_km, len(d))
    turned = d + radius_km * math.pi * off * clipped(d / 3.0, 0.0, 1.0)
    path = np.where(np.isfinite(path), np.maximum(path, d), turned)
    return np.where(d < LOW_AND_NEAR_KM, np.minimum(path, turned), path)  # so near, nobody goes round again


def _slopes(path: Floats, h: Floats, track: EndTrack, blind: bool) -> tuple[Floats, Floats]:
    """Log of path over the path that the height implies, above and below zero apart."""
    if blind:
        return np.zeros(len(path)), np.zeros(len(path))
    ratio = np.log((path + NEAR_ENOUGH_KM) / (expected_km(h, track.kind) + NEAR_ENOUGH_KM))
    return clipped(ratio, 0.0, 3.0), clipped(-ratio, 0.0, 3.0)


def _not_closing(track: EndTrack, state: EndState, minutes: float, d: Floats, fields: InReach) -> Floats:
    """0 where the aircraft flew straight at the field for so many minutes, 1 where it came no nearer, 2 straight away.

    0.5 where the track does not reach back so far.
    """
    at = state.before(track, minutes * 60.0)
    if at is None or not state.flown_km[at] >= 2.0:
        return np.full(len(d), 0.5)
    east, north = plane_km(fields.lat_deg, fields.lon_deg, float(track.lat_deg[at]), float(track.lon_deg[at]))
    won = np.hypot(east, north) - fields.away_km
    return np.asarray(clipped(1.0 - won / state.flown_km[at], 0.0, 2.0))


class _Ahead:
    """Sine and cosine of the angle between a direction and those in which the fields lie, (n,) each; NaN where the
    direction is."""

    def __init__(self, direction_deg: float, bearings_deg: Floats) -> None:
        angle = np.radians(bearings_deg - direction_deg)
        self.known = not math.isnan(direction_deg)
        self.sine, self.cosine = np.sin(angle), np.cos(angle)


def _beside(ahead: _Ahead, d: Floats) -> Floats:
    """How far beside the straight line ahead a field lies, as log of km over BESIDE_KM; the distance where it lies
    behind, half of that score where the direction is not known."""
    if not ahead.known:
        return np.asarray(0.5 * np.log1p(d / BESIDE_KM))
    return np.log1p(np.where(ahead.cosine > 0.0, np.abs(d * ahead.sine), d) / BESIDE_KM)


def _detour(track: EndTrack, state: EndState, d: Floats, fields: InReach) -> Floats:
    """How much longer the way by the end is than the straight one to the field from where the aircraft was DETOUR_MIN
    before, as log of km over DETOUR_KM; half of the distance's score where it was not heard there or hardly moved."""
    at = state.before(track, DETOUR_MIN * 60.0)
    if at is not None:
        there = float(track.lat_deg[at]), float(track.lon_deg[at])
        come = float(great_circle_km(*there, float(track.lat_deg[0]), float(track.lon_deg[0])))
        if come >= HARDLY_KM:
            straight = great_circle_km(*there, fields.lat_deg, fields.lon_deg)
            return np.log1p(np.maximum(come + fields.away_km - straight, 0.0) / DETOUR_KM)
    return np.asarray(0.5 * np.log1p(d / DETOUR_KM))


def _turning(state: EndState, ahead: _Ahead) -> Floats:
    """1 where the aircraft turned by SHARP_TURN_DEG or more to the side where the field lies abeam, -1 where it turned
    to the other side."""
    turn = min(max(state.turn_deg / SHARP_TURN_DEG, -1.0), 1.0)
    return np.asarray(turn * ahead.sine) if ahead.known else np.zeros(len(ahead.sine))


def _lined_up(about: RunwaysAbout, state: EndState, h: Floats, known: np.ndarray) -> tuple[Floats, ...]:
    """Five scores of each field, 0 to 1: on a runway's extended centre line and flying along it, narrowly, loosely and
    far out; beside a runway flying against it; and across its line before it.

    A field without known runways gets RUNWAY_UNKNOWN: its runway may lie as well as not.
    """
    scores = tuple(np.where(known, 0.0, share) for share in RUNWAY_UNKNOWN)
    if math.isnan(state.true_track_deg):
        return tuple(np.zeros(len(known)) for _ in scores)
    off_deg, before, across = about.lined_up(state.true_track_deg)
    here = (before > -25.0) & (before < FAR_OUT_KM) & (across < FAR_OUT_KM)
    before, across, off_deg, field = before[here], across[here], off_deg[here], about.field[here]
    ahead = (before > -4.0) & (before < LINED_UP_KM)
    parts = (
        ahead * _near(off_deg, 6.0) * _near(across, 0.3 + 0.02 * np.maximum(before, 0.0)),
        ahead * _near(off_deg, 20.0) * _near(across, 1.0 + 0.08 * np.maximum(before, 0.0)),
        (before > 8.0) * _near(off_deg, 15.0) * _near(across, 2.0 + 0.10 * np.maximum(before, 0.0)),
        _near(180.0 - off_deg, 20.0) * _near(across - DOWNWIND_KM, 4.0) * _near(before - 5.0, 12.0),
        _near(90.0 - off_deg, 25.0) * _near(before - BASE_KM, 8.0) * _near(across, 8.0),
    )
    low, high, pattern = (_share((limit - h) / limit) for limit in (LOW_FT, 18_000.0, 9000.0))
    for score, part, gate in zip(scores, parts, (low, low, high, pattern, pattern), strict=True):
        np.maximum.at(score, field, part)
        score *= gate
    return scores


def _share(value: Floats) -> Floats:
    """Between 0 and 1; 0 where it is not known."""
    return np.asarray(np.fmin(np.fmax(value, 0.0), 1.0))


def _near(value: Floats, width: Floats | float) -> Floats:
    return np.asarray(np.exp(-0.5 * (value / width) ** 2))


def _sinking(state: EndState, h: Floats, path: Floats) -> tuple[Floats, Floats]:
    """Log of the rate of descent over the rate that height and path need, above and below zero apart."""
    if math.isnan(state.vertical_rate_ft_min) or math.isnan(state.altitude_ft):
        return np.zeros(len(path)), np.zeros(len(path))
    speed = 200.0 if math.isnan(state.ground_speed_kt) else min(max(state.ground_speed_kt, 80.0), 500.0)
    needed = np.maximum(h, 0.0) / ((path + NEAR_ENOUGH_KM) / (speed * 1.852 / 60.0))
    ratio = np.log((max(-state.vertical_rate_ft_min, 0.0) + 400.0) / (clipped(needed, 0.0, 6000.0) + 400.0))
    return clipped(ratio, 0.0, 3.0), clipped(-ratio, 0.0, 3.0)


def kind_of_field(track: EndTrack, state: EndState, fields: InReach, named: np.ndarray | None = None) -> Floats:
    """(n, len(KIND_OF_FIELD)): runway, kind and service of each field, in the columns of the airframe's class,
    and, for transports, in those of who flies it.

    `named` (n,): fields that are asked about are taken for large ones with service and known runways, or a question
    about an air base would be answered by the airport beside it before a track is read; their length still counts.
    The lower the fix, the less these count (KIND_COUNTS): near the ground what was heard says more than a field's fame.
    """
    known, at = fields.airfields, fields.indexes
    block = _of_fields(known)[at]
    served = served_then(known, track.end_time_utc.date())
    for then, row in zip(served, at.searchsorted([then.field for then in served]).tolist(), strict=True):
        if row < len(at) and at[row] == then.field:
            block[row, 4:] = 1.0, then.large, 1.0
    group = (
        0 if track.shortest_runway_ft >= JET_RUNWAY_FT else 1 if track.shortest_runway_ft >= TURBOPROP_RUNWAY_FT else 2
    )
    matrix = np.zeros((len(at), len(KIND_OF_FIELD)))
    height = KIND_COUNTS[1] if math.isnan(state.altitude_ft) else state.altitude_ft
    if named is not None:
        block[named, 2], block[named, 4:] = 0.0, 1.0
    share = min(max(height / KIND_COUNTS[1], KIND_COUNTS[0]), 1.0)
    block *= share
    without_ends = 1.0 - known.has_runway_ends[at]
    block[:, 3] = without_ends * _share((LOW_FT - state.altitude_ft + known.elevation_ft[at]) / LOW_FT)
    if named is not None:
        block[named, 3] = 0.0
    shares = _shares_of_classes(group, track.operation)
    for of, part in shares.items():
        matrix[:, 7 * of : 7 * of + 7] = part * block
    if group < 2:
        many = np.log1p(known.long_runways[at]) * share
        if named is not None:
            many[named] = np.maximum(many[named], math.log1p(NAMED_RUNWAYS) * share)
        for of, part in shares.items():
            matrix[:, 21 + of] = part * many
        _of_operation(matrix[:, 23:], track, block, many)
    return matrix


def _shares_of_classes(group: int, operation: Operation | None) -> dict[int, float]:
    """Whose account of fields counts how much (0 jets, 1 turboprops, 2 small), by the track's class and operation."""
    jets = 0.0
    if group == 1 and operation in ("business", "other"):
        jets = JETS_OF_BUSINESS * (1.0 if operation == "business" else OTHER_AS_BUSINESS)
    return {0: jets, group: 1.0 - jets} if jets else {group: 1.0}


@lru_cache(maxsize=4)
def _of_fields(known: Airfields) -> Floats:
    """(n, 7): the columns of a class (KIND_OF_FIELD) for every field, without the one that the fix's height decides."""
    length = known.longest_runway_ft
    kinds = np.array(known.kinds)[known.kind] if len(known) else np.zeros(0, dtype=str)
    ratio = np.log(clipped(length, 1000.0, 16_000.0) / LONG_RUNWAY_FT)
    has = length > 0
    columns = (
        np.where(has, np.maximum(-ratio, 0.0), 0.0),
        np.where(has, np.maximum(ratio, 0.0), 0.0),
        ~has,
        np.zeros(len(known)),
        np.isin(kinds, ("large_airport", "medium_airport")),
        kinds == "large_airport",
        known.scheduled_service,
    )
    return np.column_stack([np.asarray(c, dtype=np.float64) for c in columns])


def _of_operation(out: Floats, track: EndTrack, block: Floats, many: Floats) -> None:
    """Fills the columns of the track's operation (`operations`): what it changes in the account of its class.

    An operator that no table has counts OTHER_AS_BUSINESS; freight changes nothing.
    Fields that are asked about stay as good as large ones with service: no operator moves them past these.
    """
    if track.operation == "airline":
        out[:, 0], out[:, 1] = block[:, 6], block[:, 5]
    elif track.operation in ("business", "other"):
        columns = np.column_stack([block[:, 1], block[:, 0], block[:, 4], block[:, 5], block[:, 6], many])
        out[:, 2:] = columns * (1.0 if track.operation == "business" else OTHER_AS_BUSINESS)


def nobody(track: EndTrack, state: EndState, seen: Evidence) -> Floats:
    """(len(NOBODY),): what speaks for "none of these fields"."""
    blind = math.isnan(state.altitude_ft)
    height = 0.0 if blind else min(max(state.altitude_ft, 0.0) / 10_000.0, 4.5)
    nearest = float(np.log1p(seen.distances_km.min())) if len(seen.distances_km) else math.log1p(300.0)
    low = 0.0 if blind else min(max(1.0 - height / 0.6, 0.0), 1.0)
    return np.array(
        [
            1.0,
            height,
            height**2,
            state.descending,
            state.climbing,
            state.climbing * height,
            state.level,
            state.level * height,
            nearest,
            nearest * low,
            math.log1p(len(seen.distances_km)),
        ],
        dtype=np.float64,
    )
