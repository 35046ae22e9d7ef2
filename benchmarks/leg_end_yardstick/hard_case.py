"""Simulated ends at fields that lie close together, heard down to receiver floors from 0 to 25,000 ft. Seeded.

Everything here is simulated (names begin with SIM, days lie in 2031); no figure of it says how often anything happens.
It asks what an estimator says where the answer is known and the fields are hard to tell apart. What is assumed:

* Fields: Ovda, Ramon, Aqaba, Ramon AB, Nevatim; Baku, Zabrat, Nasosnaya, Kala; Ganja, Dollyar, each as often as the
  others, arrivals and departures alike, with OurAirports' runways of 4,500 ft and more. Zabrat's runway is in no
  table: simulated about its reference point, parallel to Baku's 16/34.
* Aircraft: half Il-76-like, half 737-like: calibrated speeds, Mach number, climb rates and cruise heights of
  `hard_paths.Performance`, each flight's scattered by 5 % (climb by 15 %); standard atmosphere; 20-25° of bank.
* Wind on the ground from any direction, Rayleigh with mean 10 kt, picks the runway with most head wind; aloft from
  270° ± 40° with 10-80 kt at 35,000 ft, linear between.
* Ways in and out: 60 % within 20° (one sigma) of the great circle to the case's other end (Baku, or Ovda), 40 % from
  anywhere; a bend of 12° (sigma) 60-130 km out. Landing direction against the way in: straight-in within 60°, base to
  120°, downwind beyond; final 9-20 km. One arrival in eight holds, one to three rounds 35-80 km out.
* Descent: glide path 3.0° ± 0.1° from a platform 1,500-4,000 ft up (60 % fly 0-10 km of it level); above it
  3.0° ± 0.45° (sigma, within 1.8-4.8°), drawn anew at 10,000 ft; 0.8 level parts (Poisson) of
  5-25 km, 30-150 km from landing.
* Departures: straight on for 2.5-14 km, then a turn on course, by a downwind leg where it is more than 120°; one in ten
  climbs in a racetrack near the field; half level off once for 5-25 km between 4,000 and 16,000 ft.
* Heard: a fix every 5-15 s (one pace a flight, 20 % jitter), one in twenty lost, and Poisson(1) holes of 20-180 s in
  the 20 minutes next to the end; nothing below the floor, which is above the true field; position ± 30 m; barometric
  altitude off by up to ± 300 ft for the flight, in steps of 25 ft; vertical rate in steps of 64 ft/min, missing in
  30 %; half the sources say what is on the ground and pass on ground positions, half do neither. 45 minutes are kept.
* Besides: overflights at cruise height within 60 km of these fields that go on, cut where reception ends (one in five
  changed its level by 2,000 ft, done three minutes before); ends at other fields of the two regions; ends at an
  airstrip that no table has, at least 15 km from every field whose runway would do.

Not simulated: go-arounds, spoofed positions, terrain that hides some directions, and what the airframe does next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.geodesy import Floats, bearing_deg, distance_km, wgs84
from flighttrace.match.likelihood import EndTrack
from flighttrace.match.model import EndKind
from flighttrace.match.places import Airfields
from flighttrace.match.splitting import Piece
from leg_end_yardstick.hard_paths import (
    B737,
    IL76,
    STEP_KM,
    Flown,
    Performance,
    Wind,
    calibrated_kt,
    climb_ft,
    descent_ft,
    flown_along,
    joined,
    on_the_runway,
    path_along,
    turn_radius_km,
    unit,
    with_racetrack,
)

SOUTH: Final = ("LLOV", "LLER", "OJAQ", "LLRM", "LLNV")
EAST: Final = ("UBBB", "UBTT", "UBBI", "UB18", "UBBG", "UG11")
FIELDS: Final = SOUTH + EAST
ELSEWHERE: Final = ("LLBG", "HEAR", "OJAI", "UBBN", "UBBL", "UGTB", "UBBF")
FLOORS_FT: Final = (0.0, 1_000.0, 2_000.0, 4_000.0, 7_000.0, 10_000.0, 15_000.0, 20_000.0, 25_000.0)
KINDS: Final[tuple[EndKind, EndKind]] = ("arrival", "departure")
SHORTEST_FT: Final = 4_500.0
KEPT_S: Final = 2_700.0
NOBODY_FT: Final = 20_000.0
NOBODY_KM: Final = 90.0
"""The rule of "nobody could tell": the last fix is higher than NOBODY_FT above, and farther than NOBODY_KM from, every
field of FIELDS. From 20,000 ft a descent of 3.0° ± 0.45° ends 116 ± 20 km on, level parts left out; the rivals lie 7 to
44 km apart. METHODS section 1 says the same: 90 km out near cruise height nobody can name the base."""


@dataclass(frozen=True)
class SimulatedEnd:
    """One simulated end. `what`: "end", "elsewhere"; "strip" (in no table), "overflight" without `true`."""

    name: str
    what: str
    kind: EndKind
    true: str | None
    floor_ft: float
    pattern: str
    track: EndTrack


@dataclass(frozen=True)
class Site:
    """Where a flight lands or takes off: thresholds on the plane in km with their landing directions."""

    name: str | None
    lat_deg: float
    lon_deg: float
    elevation_ft: float
    ends: tuple[tuple[float, float, float], ...]


def simulated_ends(
    airfields: Airfields, *, ends: int = 2000, others: int = 300, seed: int = 20310
) -> list[SimulatedEnd]:
    """`ends` at FIELDS, evenly over fields, floors and kinds; `others` each of overflights, elsewhere and strips."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(ends):
        name = FIELDS[i % len(FIELDS)]
        floor = FLOORS_FT[i // len(FIELDS) % len(FLOORS_FT)]
        kind = KINDS[i // (len(FIELDS) * len(FLOORS_FT)) % 2]
        made.append(_end(f"SIM-END-{i:04}", "end", _site(airfields, name), kind, floor, rng))
    for i in range(others):
        name, floor = ELSEWHERE[i % len(ELSEWHERE)], FLOORS_FT[i // len(ELSEWHERE) % len(FLOORS_FT)]
        made.append(_end(f"SIM-ELSEWHERE-{i:04}", "elsewhere", _site(airfields, name), KINDS[i // 63 % 2], floor, rng))
    for i in range(others):
        strip = _strip(airfields, FIELDS[i % len(FIELDS)], rng)
        floor = FLOORS_FT[i // len(FIELDS) % len(FLOORS_FT)]
        made.append(_end(f"SIM-STRIP-{i:04}", "strip", strip, KINDS[i // 99 % 2], floor, rng))
    made.extend(_overflight(f"SIM-OVER-{i:04}", airfields, KINDS[i % 2], rng) for i in range(others))
    return made


def nobody_could_tell(track: EndTrack, airfields: Airfields) -> bool:
    """By the rule of NOBODY_FT and NOBODY_KM."""
    known = track.altitude_ft[~np.isnan(track.altitude_ft)]
    fields = [airfields.get(name) for name in FIELDS]
    away = distance_km(
        float(track.lat_deg[0]),
        float(track.lon_deg[0]),
        np.array([f.lat_deg for f in fields]),
        np.array([f.lon_deg for f in fields]),
    )
    high = len(known) > 0 and known[0] - max(f.elevation_ft for f in fields) > NOBODY_FT
    return bool(high and not track.on_ground[0] and away.min() > NOBODY_KM)


def _site(airfields: Airfields, name: str) -> Site:
    field = airfields.get(name)
    ends = [e for r in field.runways if (r.length_ft or 0.0) >= SHORTEST_FT for e in r.ends]
    places = []
    for end in ends:
        az, _, metres = wgs84().inv(field.lon_deg, field.lat_deg, end.lon_deg, end.lat_deg)
        east, north = unit(az) * metres / 1000.0
        places.append((float(east), float(north), end.heading_deg))
    if not places:
        heading = airfields.get("UBBB").runways[0].ends[0].heading_deg
        for direction in (heading, heading + 180.0):
            east, north = -1.2 * unit(direction)
            places.append((float(east), float(north), direction % 360.0))
    return Site(field.airport, field.lat_deg, field.lon_deg, field.elevation_ft, tuple(places))


def _strip(airfields: Airfields, about: str, rng: np.random.Generator) -> Site:
    """An airstrip in no table, 20-100 km from that field, at its elevation, 15 km from every runway that would do."""
    centre = airfields.get(about)
    while True:
        lon, lat, _ = wgs84().fwd(centre.lon_deg, centre.lat_deg, rng.uniform(0, 360), rng.uniform(20e3, 100e3))
        near = airfields.indexes_near(lat, lon, 15.0)
        away = distance_km(lat, lon, airfields.lat_deg[near], airfields.lon_deg[near])
        if not (~(airfields.longest_hard_runway_ft[near] < SHORTEST_FT) & (np.asarray(away) < 15.0)).any():
            break
    heading = float(rng.uniform(0, 360))
    ends = tuple((*(-1.2 * unit(h)).tolist(), h % 360.0) for h in (heading, heading + 180.0))
    return Site(None, float(lat), float(lon), centre.elevation_ft, ends)


def _end(name: str, what: str, site: Site, kind: EndKind, floor_ft: float, rng: np.random.Generator) -> SimulatedEnd:
    while True:
        made = _scattered(IL76 if rng.random() < 0.5 else B737, rng)
        wind = _wind(rng)
        x, y, heading = max(site.ends, key=lambda end: float(-np.array(wind.ground_kt) @ unit(end[2])))
        start = np.array([x, y])
        far_deg = _way(site, rng)
        fly = _arrival if kind == "arrival" else _departure
        pattern, flown = fly(site, start, heading, far_deg, made, wind, rng)
        piece = _heard(flown, site, kind, floor_ft, rng)
        if piece is not None:
            label = f"{name} {made.name} {pattern} {site.name or 'strip'}"
            return SimulatedEnd(label, what, kind, site.name, floor_ft, pattern, piece.end(kind, np.inf))


def _scattered(made: Performance, rng: np.random.Generator) -> Performance:
    slow, low, high = rng.normal(1.0, 0.05, 3).clip(0.9, 1.1)
    climb = float(np.clip(rng.normal(1.0, 0.15), 0.65, 1.35))
    return replace(
        made,
        approach_kt=made.approach_kt * float(slow),
        below_10000_kt=min(made.below_10000_kt * float(low), 255.0),
        above_10000_kt=made.above_10000_kt * float(high),
        climb_ft_min=made.climb_ft_min * climb,
        climb_at_top_ft_min=made.climb_at_top_ft_min * climb,
    )


def _wind(rng: np.random.Generator) -> Wind:
    ground = rng.rayleigh(10.0 / np.sqrt(np.pi / 2)) * unit(float(rng.uniform(0, 360)))
    aloft = rng.uniform(10.0, 80.0) * unit(90.0 + float(rng.normal(0, 40)))
    return Wind((float(ground[0]), float(ground[1])), (float(aloft[0]), float(aloft[1])))


def _way(site: Site, rng: np.random.Generator) -> float:
    """The direction in which the flight's other end lies."""
    if rng.random() < 0.4:
        return float(rng.uniform(0, 360))
    lat, lon = (40.4675, 50.0467) if site.lon_deg < 40.0 else (29.9403, 34.9358)
    return float(bearing_deg(site.lat_deg, site.lon_deg, lat, lon)) + float(rng.normal(0, 20))


def _cruise_ft(made: Performance, rng: np.random.Generator) -> float:
    return round(float(rng.uniform(*made.cruise_ft)) / 1000.0) * 1000.0


def _side(heading_deg: float, towards_deg: float) -> float:
    """1 where that direction lies to the right of the heading, -1 to the left."""
    return 1.0 if np.sin(np.radians(towards_deg - heading_deg)) >= 0 else -1.0


def _arrival(
    site: Site,
    threshold: Floats,
    heading: float,
    far_deg: float,
    made: Performance,
    wind: Wind,
    rng: np.random.Generator,
) -> tuple[str, Flown]:
    touch = threshold + 0.3 * unit(heading)
    inbound = far_deg + 180.0
    off = abs((inbound - heading + 180.0) % 360.0 - 180.0)
    side = _side(heading, far_deg)
    final_km = float(rng.uniform(9.0, 20.0))
    back = [touch, threshold - final_km * unit(heading)]
    pattern = "straight-in" if off < 60 else "base" if off < 120 else "downwind"
    if pattern != "straight-in":
        back.append(back[-1] + float(rng.uniform(6.0, 12.0)) * unit(heading + side * 90.0))
    if pattern == "downwind":
        back.append(back[-1] + (final_km + float(rng.uniform(0.0, 8.0))) * unit(heading))
    bend_km = float(rng.uniform(60.0, 130.0))
    back.append(bend_km * unit(far_deg + float(rng.normal(0, 12))))
    back.append(float(rng.uniform(320.0, 420.0)) * unit(far_deg))
    path = path_along(back[::-1], turn_radius_km(200.0, made.bank_deg))
    level_km: list[tuple[float, float]] = []
    if rng.random() < 0.125:
        total, before = len(path) * STEP_KM, float(rng.uniform(35.0, 80.0))
        rounds, leg = int(rng.integers(1, 4)), float(rng.uniform(6.0, 10.0))
        path = with_racetrack(path, total - before, turn_radius_km(280.0, made.bank_deg), leg, rounds, 1.0)
        level_km.append((before, before + len(path) * STEP_KM - total))
        pattern = "holding, " + pattern
    to_go = (len(path) - 1 - np.arange(len(path)))[::-1] * STEP_KM
    for _ in range(rng.poisson(0.8)):
        begin = float(rng.uniform(30.0, 150.0))
        level_km.append((begin, begin + float(rng.uniform(5.0, 25.0))))
    platform = float(rng.uniform(1500.0, 4000.0))
    if rng.random() < 0.6:
        begin = platform / 3280.84 / np.tan(np.radians(3.0))
        level_km.append((begin, begin + float(rng.uniform(0.0, 10.0))))
    slopes = (float(rng.normal(3.0, 0.1)), *rng.normal(3.0, 0.45, 2).clip(1.8, 4.8).tolist())
    height = descent_ft(to_go, slopes, platform, _marked(to_go, level_km))
    height = np.minimum(height, _cruise_ft(made, rng) - site.elevation_ft)
    calibrated = calibrated_kt(made, to_go, height + site.elevation_ft, (8.0, 35.0))
    flown = flown_along(path, height[::-1], calibrated[::-1], site.elevation_ft, made.mach, wind)
    return pattern, joined(flown, on_the_runway(heading, path[-1], made.approach_kt, landing=True))


def _departure(
    site: Site,
    threshold: Floats,
    heading: float,
    far_deg: float,
    made: Performance,
    wind: Wind,
    rng: np.random.Generator,
) -> tuple[str, Flown]:
    lift_off = threshold + float(rng.uniform(1.5, 2.4)) * unit(heading)
    turn = abs((far_deg - heading + 180.0) % 360.0 - 180.0)
    way = [lift_off, lift_off + float(rng.uniform(2.5, 14.0)) * unit(heading)]
    pattern = "straight out" if turn < 60 else "turn" if turn < 120 else "turn back"
    if turn >= 120:
        way.append(way[-1] + float(rng.uniform(6.0, 12.0)) * unit(heading + _side(heading, far_deg) * 90.0))
    way.append(float(rng.uniform(60.0, 130.0)) * unit(far_deg + float(rng.normal(0, 12))))
    way.append(float(rng.uniform(320.0, 420.0)) * unit(far_deg))
    path = path_along(way, turn_radius_km(210.0, made.bank_deg))
    if rng.random() < 0.1:
        radius = turn_radius_km(230.0, made.bank_deg)
        path = with_racetrack(path, float(rng.uniform(12.0, 25.0)), radius, 6.0, int(rng.integers(1, 3)), -1.0)
        pattern = "racetrack, " + pattern
    along = np.arange(len(path)) * STEP_KM
    level_km = []
    if rng.random() < 0.5:
        begin = float(rng.uniform(15.0, 60.0))
        level_km.append((begin, begin + float(rng.uniform(5.0, 25.0))))
    rates = np.array([(0.0, made.climb_ft_min), (made.top_ft, made.climb_at_top_ft_min)])
    # speed and height depend on each other: heights are worked out at the speeds of a straight climb, speeds at heights
    guess = np.minimum(along * 330.0, 30_000.0)
    speed = calibrated_kt(made, along, guess, (2.0, 18.0)) / (1.0 - 6.8756e-6 * guess) ** 2.128
    height = np.minimum(
        climb_ft(along, speed, rates, _marked(along, level_km)), _cruise_ft(made, rng) - site.elevation_ft
    )
    calibrated = calibrated_kt(made, along, height + site.elevation_ft, (2.0, 18.0))
    flown = flown_along(path, height, calibrated, site.elevation_ft, made.mach, wind)
    return pattern, joined(on_the_runway(heading, path[0], made.approach_kt, landing=False), flown)


def _marked(at_km: Floats, spans: list[tuple[float, float]]) -> np.ndarray:
    marks = np.zeros(len(at_km), dtype=bool)
    for begin, end in spans:
        marks |= (at_km >= begin) & (at_km <= end)
    return marks


def _overflight(name: str, airfields: Airfields, kind: EndKind, rng: np.random.Generator) -> SimulatedEnd:
    """Level at cruise height past one of FIELDS, heard up to (from) a point within 150 km of being abeam."""
    site = _site(airfields, FIELDS[int(rng.integers(len(FIELDS)))])
    made, wind, course = _scattered(IL76 if rng.random() < 0.5 else B737, rng), _wind(rng), _way(site, rng)
    aside = float(rng.uniform(-60.0, 60.0)) * unit(course + 90.0)
    bend = aside + float(rng.uniform(-150.0, 0.0)) * unit(course)
    later = course + float(rng.normal(0, 10))
    path = path_along([aside - 400.0 * unit(course), bend, bend + 500.0 * unit(later)], 20.0)
    height = np.full(len(path), _cruise_ft(made, rng) - site.elevation_ft)
    calibrated = np.full(len(path), made.above_10000_kt)
    seen_km = 400.0 + float(rng.uniform(-150.0, 150.0))
    sign = 1 if kind == "arrival" else -1
    if rng.random() < 0.2:
        changed_km = seen_km - sign * float(rng.uniform(60.0, 200.0))
        share = np.clip((np.arange(len(path)) * STEP_KM - changed_km) / 25.0 + 0.5, 0.0, 1.0)
        height = height - float(rng.choice([-2000.0, 2000.0])) * share
    flown = flown_along(path, height, calibrated, site.elevation_ft, made.mach, wind)
    at = min(int(seen_km / STEP_KM), len(path) - 2)
    kept = slice(0, at) if kind == "arrival" else slice(at, None)
    columns = {key: value[kept] for key, value in vars(flown).items()}
    piece = _heard(Flown(**columns), site, kind, 0.0, rng)
    assert piece is not None
    return SimulatedEnd(f"{name} {made.name}", "overflight", kind, None, 0.0, "overflight", piece.end(kind, np.inf))


def _heard(flown: Flown, site: Site, kind: EndKind, floor_ft: float, rng: np.random.Generator) -> Piece | None:
    """What a source passes on of the flight; None where fewer than two fixes are left."""
    pace = float(rng.uniform(5.0, 15.0))
    first, last = float(flown.seconds[0]), float(flown.seconds[-1])
    count = int((last - first) / (0.8 * pace)) + 2
    time = first + float(rng.uniform(0, pace)) + np.cumsum(pace * rng.uniform(0.8, 1.2, count))
    time = time[time <= last]
    near = flown.seconds
    at = np.clip(np.searchsorted(near, time), 0, len(near) - 1)
    height, ground = np.interp(time, near, flown.height_ft), flown.ground[at]
    says_ground = bool(rng.random() < 0.5)
    kept = (height >= floor_ft) & (rng.random(len(time)) >= 0.05) & (says_ground | ~ground)
    if kept.any():
        edge = time[kept][-1] if kind == "arrival" else time[kept][0]
        inward = (edge - time) if kind == "arrival" else (time - edge)
        for _ in range(rng.poisson(1.0)):
            begin = float(rng.uniform(0.0, 1200.0))
            kept &= ~((inward >= begin) & (inward <= begin + float(rng.uniform(20.0, 180.0))))
        kept &= inward <= KEPT_S
    if kept.sum() < 2:
        return None
    time, at, height, ground = time[kept], at[kept], height[kept], ground[kept]
    x = np.interp(time, near, flown.x_km) + rng.normal(0, 0.03, len(time))
    y = np.interp(time, near, flown.y_km) + rng.normal(0, 0.03, len(time))
    n = len(time)
    origin = np.full(n, site.lon_deg), np.full(n, site.lat_deg)
    lon, lat, _ = wgs84().fwd(*origin, np.degrees(np.arctan2(x, y)), np.hypot(x, y) * 1000.0)
    barometric = height + site.elevation_ft + float(rng.uniform(-300.0, 300.0))
    rate = np.full(n, np.nan) if rng.random() < 0.3 else np.round(flown.rate_ft_min[at] / 64.0) * 64.0
    begun = datetime(2031, 10, 6, tzinfo=UTC).timestamp() + float(rng.uniform(0, 28 * 86400.0))
    return Piece(
        table=pd.DataFrame(),
        time=begun + time,
        lat=np.asarray(lat),
        lon=np.asarray(lon),
        altitude_ft=np.round(barometric / 25.0) * 25.0,
        speed_kt=np.round(flown.ground_speed_kt[at]),
        track_deg=flown.track_deg[at],
        rate_ft_min=rate,
        on_ground=ground,
        ground_said=np.full(n, says_ground),
    )
