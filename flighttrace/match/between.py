"""Which pieces of a track could be flights between given places, by where they begin and end alone.

An end takes a field as a candidate only within reach of its fix (`end_reach`), and on the ground a place of one field
is improbable without a runway near; and by continuity the field where the neighbouring piece ends or begins (day.py),
be it heard on the ground alone, which lies in reach of that piece's own fix. So a piece that has no field of a route's
places in reach of its own ends or its neighbours' is no leg of the route; nor is a flight whose estimated end is too
improbable for any of the place's fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flighttrace.end_reach import GROUND_PROBABLE_KM, ROUNDING_KM, reach_km
from flighttrace.geodesy import Floats, distance_km
from flighttrace.match.model import EndpointEstimate, Place
from flighttrace.match.places import Airfields
from flighttrace.match.splitting import Piece

LEAST_PROBABILITY: Final = 0.05
"""Below this a place is not worth a line as an end of a leg (DESIGN: a leg)."""


@dataclass(frozen=True)
class Fields:
    """Where the fields of some routes lie, `Airfields.slack_km` (n,), and the indexes among them of each route's origin
    and destination."""

    lat_deg: Floats
    lon_deg: Floats
    slack_km: Floats
    routes: tuple[tuple[np.ndarray, np.ndarray], ...]
    airports: tuple[tuple[frozenset[str], frozenset[str]], ...]
    """Each route's origin and destination by name."""

    @classmethod
    def of(cls, routes: Iterable[tuple[Place, Place]], airfields: Airfields) -> Fields:
        """The fields of these (origin, destination), closed ones among them."""
        listed = list(routes)
        names = sorted({name for pair in listed for place in pair for name in place.airports})
        fields = [airfields.get(name) for name in names]
        return cls(
            np.array([f.lat_deg for f in fields], dtype=np.float64),
            np.array([f.lon_deg for f in fields], dtype=np.float64),
            _slack_km(listed, names, airfields),
            tuple(
                (_indexes(names, origin.airports), _indexes(names, destination.airports))
                for origin, destination in listed
            ),
            tuple((frozenset(origin.airports), frozenset(destination.airports)) for origin, destination in listed),
        )

    def departed(self, end: EndpointEstimate) -> list[frozenset[str]]:
        """The destinations of the routes whose origin the flight may have left, by this estimate of its departure."""
        return [destination for origin, destination in self.airports if probable(end, origin)]


def probable(end: EndpointEstimate, airports: Collection[str]) -> bool:
    """Whether the end is at one of the airports by LEAST_PROBABILITY: else no leg has it there."""
    return sum(c.probability_flat for c in end.candidates if c.airport in airports) >= LEAST_PROBABILITY


def _slack_km(routes: Sequence[tuple[Place, Place]], names: Sequence[str], airfields: Airfields) -> Floats:
    """(names,): what the places of the routes allow at most (`Airfields.slack_km`)."""
    slack = dict.fromkeys(names, 0.0)
    for place in {place.airports: place for pair in routes for place in pair}.values():
        for name, km in zip(place.airports, airfields.slack_km(place.airports).tolist(), strict=True):
            slack[name] = max(slack[name], km)
    return np.array(list(slack.values()), dtype=np.float64)


def _indexes(names: Sequence[str], wanted: Iterable[str]) -> np.ndarray:
    return np.array([names.index(name) for name in wanted], dtype=np.intp)


def pieces_between(pieces: Sequence[Piece], fields: Fields) -> np.ndarray:
    """Indexes of the pieces of one track that could be a leg of one of the routes.

    `pieces`: all that was heard of the track, in time order, stretches on the ground alone among them.
    """
    if not len(pieces) or not len(fields.lat_deg):
        return np.zeros(0, dtype=np.intp)
    begins, ends = _near(pieces, 0, fields), _near(pieces, -1, fields)
    from_here, to_here = begins.copy(), ends.copy()
    from_here[1:] |= ends[:-1]
    to_here[:-1] |= begins[1:]
    could = np.zeros(len(pieces), dtype=bool)
    for origin, destination in fields.routes:
        could |= from_here[:, origin].any(axis=1) & to_here[:, destination].any(axis=1)
    return np.flatnonzero(could)


def _near(pieces: Sequence[Piece], at: int, fields: Fields) -> np.ndarray:
    """Shape (pieces, fields): whether the field is within reach of the piece's first (0) or last (-1) fix."""
    lat, lon, altitude = (np.array([getattr(p, name)[at] for p in pieces]) for name in ("lat", "lon", "altitude_ft"))
    ground = np.array([p.on_ground[at] for p in pieces])
    reach = reach_km(altitude, ground, ground_km=GROUND_PROBABLE_KM) + ROUNDING_KM
    away_km = distance_km(lat[:, None], lon[:, None], fields.lat_deg[None, :], fields.lon_deg[None, :])
    return np.asarray(away_km <= reach[:, None] + fields.slack_km)
