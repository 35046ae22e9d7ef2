"""Which rows receivers pass on: one an aircraft and STEP_S while it is heard, nothing over the oceans, some late.

A row's position is that of the moment when it was last updated, as in OpenSky's tables; after an aircraft falls silent
its last state is repeated for a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from generator.airports import EARTH_KM, Airports, Array, unit_vectors
from generator.fleet import Flights
from generator.paths import States, states_at

STEP_S: Final = 10
"""OpenSky's public sample days hold one state an aircraft and ten seconds."""
HEARD_WITHIN_KM: Final = 330.0
LATE_SHARE: Final = 0.02
LATEST_S: Final = 25.0
USUAL_AGE_S: Final = 0.7
LOST_POSITION_SHARE: Final = 0.006
JUMP_DEG: Final = 2.0
"""How far off in latitude the one position of a flight is that jumps: out of reach of those before and after."""


def land_cells(airports: Airports) -> Array:
    """(180, 360) cells of one degree, south to north: True within HEARD_WITHIN_KM of an airfield in use."""
    lat, lon = np.meshgrid(np.arange(-89.5, 90.0), np.arange(-179.5, 180.0), indexing="ij")
    cell, field = unit_vectors(lat.ravel(), lon.ravel()), unit_vectors(airports.lat_deg, airports.lon_deg)
    nearest = np.concatenate([(part @ field.T).max(axis=1) for part in np.array_split(cell, 60)])
    return np.asarray(nearest >= np.cos(HEARD_WITHIN_KM / EARTH_KM)).reshape(180, 360)


@dataclass(frozen=True)
class Rows:
    """State rows in order of time, then address."""

    flight: Array
    time_s: Array
    position_s: Array
    contact_s: Array
    has_position: Array
    states: States

    def __len__(self) -> int:
        return len(self.flight)


def blocks(begin_s: float, end_s: float, block_s: int) -> Iterator[tuple[float, float]]:
    for start in np.arange(begin_s, end_s, block_s):
        yield float(start), float(min(start + block_s, end_s))


def _ticks(flights: Flights, begin_s: float, end_s: float, step_s: int) -> tuple[Array, Array]:
    """(flight, time) of every multiple of `step_s` in the block at which a flight is shown, by time, then flight."""
    active = np.flatnonzero((flights.first_s < end_s) & (flights.shown_until_s >= begin_s))
    first = np.ceil(np.maximum(flights.first_s[active], begin_s) / step_s).astype(np.int64)
    last = np.floor(np.minimum(flights.shown_until_s[active], end_s - 1e-6) / step_s).astype(np.int64)
    counts = np.maximum(last - first + 1, 0)
    flight = np.repeat(active, counts)
    tick = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    base = int(begin_s // step_s)
    order = np.argsort((tick - base).astype(np.int16), kind="stable")
    return flight[order], (tick[order] * step_s).astype(np.float64)


def state_rows(
    flights: Flights,
    cells: Array,
    begin_s: float,
    end_s: float,
    *,
    seed: int,
    step_s: int = STEP_S,
    jump_share: float = 0.0,
) -> Rows:
    """All rows of a stretch of time. jump_share: of the flights, those of which one position jumps and comes back."""
    flight, time_s = _ticks(flights, begin_s, end_s, step_s)
    rng = np.random.default_rng([seed, 301, int(begin_s)])
    n = len(flight)
    draw = rng.random((3, n), dtype=np.float32)
    age = USUAL_AGE_S * -np.log1p(-draw[0].astype(np.float64))
    late = draw[1] < LATE_SHARE
    age[late] += LATEST_S * (draw[1][late] / LATE_SHARE)
    last, first = flights.last_s[flight], flights.first_s[flight]
    contact = np.minimum(time_s - age * draw[2], last)
    position = np.maximum(np.minimum(time_s - age, last), first)
    position, contact = np.round(position, 3), np.round(np.maximum(contact, position), 3)
    states = states_at(flights.paths, flight, position)
    known = ~flights.no_position[flight] & (draw[1] < 1 - LOST_POSITION_SHARE)
    kept = cells[_cell(states.lat_deg, 90, 179), _cell(states.lon_deg, 180, 359)]
    if jump_share:
        jumps = _jumps(flights, flight, time_s, step_s, jump_share)
        states.lat_deg[jumps] += np.where(states.lat_deg[jumps] > 0, -JUMP_DEG, JUMP_DEG)
    if kept.all():
        return Rows(flight, time_s, position, contact, known, states)
    rows = np.flatnonzero(kept)
    parts = {name: values[rows] for name, values in vars(states).items()}
    return Rows(flight[rows], time_s[rows], position[rows], contact[rows], known[rows], States(**parts))


def _jumps(flights: Flights, flight: Array, time_s: Array, step_s: int, share: float) -> Array:
    """Which rows are the first at or after the moment at which their flight jumps, if it does."""
    chance, when = (
        (flights.seed.astype(np.uint64) * np.uint64(factor) % np.uint64(2**32)) / 2**32
        for factor in (2_654_435_761, 2_246_822_519)
    )
    moment_s = flights.first_s + when * (flights.last_s - flights.first_s)
    moment_s[chance >= share] = np.inf
    own_s = moment_s[flight]
    return np.flatnonzero((own_s <= time_s) & (time_s - step_s < own_s))


def _cell(degrees: Array, offset: int, highest: int) -> Array:
    return np.minimum((degrees + offset).astype(np.int64), highest)


def count_rows(flights: Flights, cells: Array, begin_s: float, end_s: float) -> float:
    """About how many rows that stretch will hold, from every 60th moment."""
    step_s = 60 * STEP_S
    return 60.0 * sum(
        len(state_rows(flights, cells, a, b, seed=0, step_s=step_s)) for a, b in blocks(begin_s, end_s, 4 * 3600)
    )
