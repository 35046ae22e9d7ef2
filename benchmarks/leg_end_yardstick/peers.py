"""What others would say of the same end, from their published rules, each as track and airfields → Answer.

* `traffic`: the airport nearest to the first or last position (`infer_airport`, version 2.13: no height, heading or
  time; the whole OurAirports table, closed ones too). Our table has no heliports, which helps it.
* nearest with a code: the same over the fields with an IATA code, which is what users of `traffic` fall back to.
* OpenSky, by its staff's answer in its forum (thread 231; may not be today's rule): a departure from the nearest within
  15 km and below 2,000 m, an arrival at the nearest within 30 km and below 2,500 m, else none. Altitude as broadcast.
* OPDI's endpoint rule (benchmarks of euctrl-pru/OPDI, 2026: `endpoint`): least distance plus 10 NM where a field has no
  scheduled service; none beyond 30 NM or above 15,000 ft over the field.
* OPDI's projected descent: course, speed and vertical rate of the last two minutes are drawn out to the ground, and the
  nearest field to that point within 30 NM is named; without a descent as the endpoint rule. OPDI's benchmarks name the
  variant without its code, so the window and the limit are ours, the endpoint rule's penalty kept.
* prior alone: the count of the other airframes' ends at each field within 300 km whose runway suits; no track at all.

OPDI knows large, medium and small airports. A departure is the same track backwards (`EndTrack`), so one rule serves
both ends; where a rule has two limits they follow the end's kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from flighttrace.geodesy import KM_PER_NM, distance_km, wgs84
from flighttrace.match.likelihood import EndTrack
from flighttrace.match.places import Airfields
from leg_end_yardstick.metrics import Answer

Peer = Callable[[EndTrack, Airfields], Answer]

OPENSKY: Final = {"departure": (15.0, 2000.0), "arrival": (30.0, 2500.0)}
"""Kind → km, m."""
OPDI_KINDS: Final = ("large_airport", "medium_airport", "small_airport")
OPDI_NM: Final = 30.0
OPDI_FT: Final = 15_000.0
OPDI_PENALTY_NM: Final = 10.0
PROJECTED_OVER_S: Final = 120.0
LEAST_DESCENT_FT_MIN: Final = 100.0
"""Slower than this is not drawn out: the point would lie beyond the horizon."""
PRIOR_KM: Final = 300.0
UNCOUNTED: Final = 0.5
"""What a field without a counted end weighs beside one with n (Jeffreys' half)."""
M_PER_FT: Final = 0.3048


def traffic_nearest(track: EndTrack, airfields: Airfields) -> Answer:
    """The field nearest to the end, of any kind, open or closed."""
    return Answer.of_rule(_nearest(airfields, *_position(track), lambda i: True))


def nearest_with_code(track: EndTrack, airfields: Airfields) -> Answer:
    """The nearest field that has an IATA code."""
    return Answer.of_rule(_nearest(airfields, *_position(track), lambda i: bool(airfields.all[i].iata)))


def opensky(track: EndTrack, airfields: Airfields) -> Answer:
    """The nearest open field, if the end is near and low enough for its kind; else none."""
    most_km, most_m = OPENSKY[track.kind]
    altitude_m = 0.0 if track.on_ground[0] else _altitude_ft(track) * M_PER_FT
    if not altitude_m < most_m:
        return Answer.of_rule(None)
    for away_km, i in _by_distance(airfields, *_position(track), most_km):
        if airfields.kinds[airfields.kind[i]] in OPDI_KINDS:
            return Answer.of_rule(airfields.airport(i) if away_km <= most_km else None)
    return Answer.of_rule(None)


def opdi_endpoint(track: EndTrack, airfields: Airfields) -> Answer:
    """OPDI's endpoint rule at the end itself."""
    return Answer.of_rule(_opdi_at(airfields, *_position(track), track))


def opdi_projected(track: EndTrack, airfields: Airfields) -> Answer:
    """OPDI's endpoint rule at the point where the last two minutes' descent, drawn out, meets the ground."""
    touch_down = _touch_down(track, airfields)
    if touch_down is None:
        return opdi_endpoint(track, airfields)
    return Answer.of_rule(_opdi_at(airfields, *touch_down, None))


RULES: Final[Mapping[str, Peer]] = {
    "traffic": traffic_nearest,
    "nearest with a code": nearest_with_code,
    "OpenSky": opensky,
    "OPDI endpoint": opdi_endpoint,
    "OPDI projected": opdi_projected,
}


def prior_alone(track: EndTrack, airfields: Airfields, counts: Mapping[str, int]) -> Answer:
    """Fields within PRIOR_KM whose runway suits, by `counts` of ends; fields without any share UNCOUNTED's mass."""
    lat, lon = _position(track)
    near = [i for away, i in _by_distance(airfields, lat, lon, PRIOR_KM) if away <= PRIOR_KM]
    length = airfields.longest_hard_runway_ft
    day = track.end_time_utc.date()
    open_now = airfields.open_on(day, np.array(near, dtype=int)).tolist()
    suitable = [i for i, o in zip(near, open_now, strict=True) if o and not length[i] < track.shortest_runway_ft]
    weights = {airfields.airport(i): counts.get(airfields.airport(i), 0) + UNCOUNTED for i in sorted(suitable)}
    return _normalised(weights)


def learned(answer: Answer, counts: Mapping[str, int]) -> Answer:
    """The answer with each field's probability multiplied by its count (plus UNCOUNTED) and normalised.

    UNKNOWN keeps its probability: counts of known ends say nothing of unknown ones.
    """
    unknown = dict(answer.ranked).get(None, 0.0)
    weights = {name: p * (counts.get(name, 0) + UNCOUNTED) for name, p in answer.ranked if name is not None}
    total = sum(weights.values())
    if total <= 0.0:
        return answer
    entries: list[tuple[str | None, float]] = [(n, w / total * (1.0 - unknown)) for n, w in weights.items()]
    entries.append((None, unknown))
    return Answer(tuple(sorted(entries, key=lambda entry: (-entry[1], entry[0] or "~"))))


def _normalised(weights: Mapping[str, float]) -> Answer:
    total = sum(weights.values())
    if total <= 0.0:
        return Answer(((None, 1.0),))
    ordered = sorted(weights.items(), key=lambda entry: (-entry[1], entry[0]))
    return Answer(tuple((name, weight / total) for name, weight in ordered))


def _position(track: EndTrack) -> tuple[float, float]:
    return float(track.lat_deg[0]), float(track.lon_deg[0])


def _altitude_ft(track: EndTrack) -> float:
    """The altitude nearest to the end; NaN where none was heard."""
    known = np.flatnonzero(~np.isnan(track.altitude_ft))
    return float(track.altitude_ft[known[0]]) if len(known) else math.nan


def _by_distance(airfields: Airfields, lat: float, lon: float, radius_km: float) -> Iterator[tuple[float, int]]:
    """(km, index) of the fields about a point, nearest first; some lie beyond the radius."""
    chosen = airfields.indexes_near(lat, lon, radius_km)
    away = np.asarray(distance_km(lat, lon, airfields.lat_deg[chosen], airfields.lon_deg[chosen]), dtype=np.float64)
    for at in np.argsort(away, kind="stable").tolist():
        yield float(away[at]), int(chosen[at])


def _nearest(airfields: Airfields, lat: float, lon: float, wanted: Callable[[int], bool]) -> str | None:
    for radius_km in (30.0, 120.0, 500.0, 2000.0, 8000.0):
        for away_km, i in _by_distance(airfields, lat, lon, radius_km):
            if away_km > radius_km:
                break
            if wanted(i):
                return airfields.airport(i)
    return None


def _opdi_at(airfields: Airfields, lat: float, lon: float, track: EndTrack | None) -> str | None:
    """The field that OPDI's rule names at a point; `track` is asked for its height, a point on the ground is not."""
    best: tuple[float, float, int] | None = None
    reach_km = (OPDI_NM + OPDI_PENALTY_NM) * KM_PER_NM
    for away_km, i in _by_distance(airfields, lat, lon, reach_km):
        if airfields.kinds[airfields.kind[i]] in OPDI_KINDS:
            penalty_nm = 0.0 if airfields.scheduled_service[i] else OPDI_PENALTY_NM
            ranked = (away_km / KM_PER_NM + penalty_nm, away_km, i)
            best = ranked if best is None else min(best, ranked)
    if best is None or best[1] > OPDI_NM * KM_PER_NM:
        return None
    height_ft = _altitude_ft(track) - airfields.elevation_ft[best[2]] if track is not None else 0.0
    low = height_ft <= OPDI_FT or (track is not None and bool(track.on_ground[0]))
    return airfields.airport(best[2]) if low else None


def _touch_down(track: EndTrack, airfields: Airfields) -> tuple[float, float] | None:
    """Where the last PROJECTED_OVER_S of descent meet the height of the nearest field; None without a descent."""
    use = np.flatnonzero((track.seconds <= PROJECTED_OVER_S) & ~np.isnan(track.altitude_ft) & ~track.on_ground)
    if track.on_ground[0] or len(use) < 2 or track.seconds[use[-1]] <= track.seconds[use[0]]:
        return None
    near, far = use[0], use[-1]
    seconds = float(track.seconds[far] - track.seconds[near])
    sunk_ft = float(track.altitude_ft[far] - track.altitude_ft[near])
    forward, _, moved_m = wgs84().inv(track.lon_deg[far], track.lat_deg[far], track.lon_deg[near], track.lat_deg[near])
    if sunk_ft / seconds * 60.0 < LEAST_DESCENT_FT_MIN:
        return None
    lat, lon = float(track.lat_deg[near]), float(track.lon_deg[near])
    ground_ft = next((airfields.elevation_ft[i] for _, i in _by_distance(airfields, lat, lon, 500.0)), 0.0)
    left_ft = max(float(track.altitude_ft[near]) - float(ground_ft), 0.0)
    lon_there, lat_there, _ = wgs84().fwd(lon, lat, forward, moved_m * left_ft / sunk_ft)
    return float(lat_there), float(lon_there)
