"""The airfields that simulated traffic flies between: position, one runway, how much traffic, how low it is heard.

Positions and runways are those flighttrace ships (OurAirports). Weights and receivers are invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from flighttrace.geodesy import distance_km
from flighttrace.match.model import Airfield, RunwayEnd
from flighttrace.match.places import load_airfields

Array = np.ndarray[Any, Any]

EARTH_KM: Final = 6371.0088
HUBS: Final = ("LTFM", "LTAC", "LTAI", "OMDB")
LEVANT: Final = ("LLBG", "LCLK", "OJAI", "OLBA", "LLER")
CAUCASUS: Final = ("UBBB", "UGTB", "UDYZ")
CORRIDOR: Final = (*HUBS, *LEVANT, *CAUCASUS)
"""The first case's neighbourhood. Most of its aircraft fly between the hubs and one side, few between both sides."""
FAR_EAST_OF_CASPIAN: Final = ("UZTT", "UAAA", "UTAA", "UZSS", "ZWWW")
FAR_SOUTH_WEST: Final = ("HECA", "HESH", "OEJN", "HEGN", "LLBG")
"""Pairs of these two cross both regions without landing near either."""
CASE_SOUTH: Final = "LLOV"
CASE_NORTH: Final = ("UBBB", "UBBG", "UBBB", "UBBF")
"""Baku twice as often as Ganja and Fuzuli. All three have a known runway and were open in 2031."""

MEDIUM_FIELDS: Final = 700
SHORTEST_RUNWAY_FT: Final = 6_000.0
LARGE_WEIGHT: Final = 6.0
_COUNTRY_WEIGHT: Final = {"US": 2.0, "DE": 2.0, "GB": 2.0, "FR": 1.6, "ES": 1.6, "IT": 1.5, "TR": 2.5, "IL": 3.0}
"""Receivers are dense in Europe and North America, so their traffic is most of what an archive holds."""
NEVER_CLOSER_KM: Final = 180.0
HEARD_ON_GROUND: Final = -1.0
_FLOORS_FT: Final = (HEARD_ON_GROUND, 0.0, 700.0, 1_500.0, 3_000.0, 6_000.0, 10_000.0)
_FLOOR_SHARES: Final = (0.40, 0.12, 0.12, 0.12, 0.10, 0.08, 0.06)


@dataclass(frozen=True)
class Airports:
    """Parallel arrays over the fields in use; runway arrays are (fields, 2 directions)."""

    name: tuple[str, ...]
    lat_deg: Array
    lon_deg: Array
    elevation_ft: Array
    weight: Array
    floor_ft: Array
    """Lowest height above the field that is heard; HEARD_ON_GROUND where a receiver stands at the field."""
    threshold_lat_deg: Array
    threshold_lon_deg: Array
    heading_deg: Array
    length_km: Array

    def index(self, name: str) -> int:
        return self.name.index(name)

    def indexes(self, names: Iterable[str]) -> Array:
        return np.array([self.index(name) for name in names])

    @cached_property
    def destination_shares(self) -> Array:
        """Row i: cumulative shares of the destinations of flights from field i, by weight and nearness."""
        at = unit_vectors(self.lat_deg, self.lon_deg)
        away_km = EARTH_KM * np.arccos(np.clip(at @ at.T, -1.0, 1.0))
        pull = np.exp(-away_km / 700.0) + 0.04 * np.exp(-away_km / 4_000.0)
        pull[away_km < NEVER_CLOSER_KM] = 0.0
        shares = pull * self.weight[None, :]
        return np.asarray(np.cumsum(shares, axis=1) / shares.sum(axis=1, keepdims=True))


def unit_vectors(lat_deg: Array, lon_deg: Array) -> Array:
    """Points on the sphere as (..., 3)."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def choose_airports(seed: int) -> Airports:
    """Every large field with scheduled service, MEDIUM_FIELDS medium ones drawn by `seed`, and the case's own."""
    rng = np.random.default_rng([seed, 101])
    every = load_airfields()
    long_enough = np.flatnonzero(every.longest_hard_runway_ft >= SHORTEST_RUNWAY_FT)
    suits = [f for f in (every.all[int(i)] for i in long_enough) if f.scheduled_service and _ends(f)]
    large = [f for f in suits if f.kind == "large_airport"]
    medium = [f for f in suits if f.kind == "medium_airport"]
    drawn = [medium[i] for i in sorted(rng.choice(len(medium), MEDIUM_FIELDS, replace=False))]
    named = [every.get(n) for n in (*CORRIDOR, *FAR_EAST_OF_CASPIAN, *FAR_SOUTH_WEST, CASE_SOUTH, *CASE_NORTH)]
    fields = sorted({f.airport: f for f in (*large, *drawn, *named)}.values(), key=lambda f: f.airport)
    ends = [pair for f in fields if (pair := _ends(f)) is not None]
    is_case = np.array([f.airport == CASE_SOUTH or f.kind == "small_airport" for f in fields])
    weight = np.array([(LARGE_WEIGHT if f.kind == "large_airport" else 1.0) * _of_country(f) for f in fields])
    weight[is_case] = 0.0
    return Airports(
        name=tuple(f.airport for f in fields),
        lat_deg=np.array([f.lat_deg for f in fields]),
        lon_deg=np.array([f.lon_deg for f in fields]),
        elevation_ft=np.array([f.elevation_ft for f in fields]),
        weight=weight,
        floor_ft=rng.choice(_FLOORS_FT, len(fields), p=_FLOOR_SHARES),
        threshold_lat_deg=np.array([[e.lat_deg for e in pair] for pair in ends]),
        threshold_lon_deg=np.array([[e.lon_deg for e in pair] for pair in ends]),
        heading_deg=np.array([[e.heading_deg for e in pair] for pair in ends]),
        length_km=np.array([float(distance_km(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg)) for a, b in ends]),
    )


def _ends(field: Airfield) -> tuple[RunwayEnd, RunwayEnd] | None:
    """Both ends of the field's longest runway whose ends are known."""
    known = [r for r in field.runways if r.ends and (r.length_ft or 0.0) >= SHORTEST_RUNWAY_FT]
    if not known:
        return None
    best = max(known, key=lambda r: r.length_ft or 0.0)
    return best.ends[0], best.ends[1]


def _of_country(field: Airfield) -> float:
    return _COUNTRY_WEIGHT.get(field.country, 1.0)
