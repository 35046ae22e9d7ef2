"""Who flies where, day by day: invented aircraft with turn-rounds, and the planted legs between the case's places.

Addresses are d00000-d7ffff: ICAO's table (Annex 10, volume III, appendix to chapter 9) gives D00000-DFFFFF to no
state and no region. d5a000-d5ffff stay free, since the sample tracks use them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from generator.airports import (
    CASE_NORTH,
    CASE_SOUTH,
    CAUCASUS,
    CORRIDOR,
    FAR_EAST_OF_CASPIAN,
    FAR_SOUTH_WEST,
    HEARD_ON_GROUND,
    HUBS,
    LEVANT,
    Airports,
    Array,
)
from generator.paths import CLIMB, DESCENT, Paths, moment_above, plan

DAY_S: Final = 86_400
WARM_UP_S: Final = 14 * 3600
"""Traffic starts this long before the first day, so that its first midnight is crossed by flights like any other."""
ADDRESSES: Final = (0xD00000, 0xD80000)
KEPT_FREE: Final = (0xD5A000, 0xD60000)
CORRIDOR_SHARE: Final = 0.06
SIDE_SHARES: Final = (0.55, 0.33, 0.12)
"""Of the corridor's aircraft: those that fly to the Levant, to the Caucasus, to both. With the overflights some 3 % of
all aircraft come near Ovda and near Baku on one day."""
OVERFLIGHT_SHARE: Final = 0.005
NO_POSITION_SHARE: Final = 0.02
"""Aircraft whose transponder sends no position: OpenSky lists them with empty coordinates."""
ORDINARY, ON_CORRIDOR, OVERFLYING = range(3)
HELD_S: Final = 300.0
"""OpenSky repeats a state for up to 300 s after an aircraft falls silent."""

HIDDEN_BELOW_FT: Final = (
    (HEARD_ON_GROUND, HEARD_ON_GROUND),
    (0.0, 500.0),
    (1_000.0, HEARD_ON_GROUND),
    (HEARD_ON_GROUND, 2_000.0),
    (3_000.0, 0.0),
    (2_000.0, 3_000.0),
    (HEARD_ON_GROUND, 1_500.0),
    (6_000.0, HEARD_ON_GROUND),
    (10_000.0, 1_000.0),
    (0.0, HEARD_ON_GROUND),
)
"""Planted legs in turn: nothing is heard below these heights above the fields of departure and arrival."""


@dataclass(frozen=True)
class Flights:
    """A table of flights, sorted by address and time of departure."""

    paths: Paths
    icao24: Array
    callsign: Array
    squawk: Array
    first_s: Array
    last_s: Array
    """Heard from, heard until: epoch seconds."""
    shown_until_s: Array
    """Repeated until then by OpenSky."""
    no_position: Array
    planted: Array
    """Number of the planted leg, -1 for other traffic."""
    seed: Array
    """A number of the flight's own, for whatever is drawn of it later."""

    def __len__(self) -> int:
        return len(self.icao24)

    def take(self, rows: Array) -> Flights:
        rest = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "paths"}
        return Flights(paths=self.paths.take(rows), **rest)

    @staticmethod
    def joined(parts: list[Flights]) -> Flights:
        rest = {
            f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Flights) if f.name != "paths"
        }
        return Flights(paths=Paths.joined([p.paths for p in parts]), **rest)


@dataclass(frozen=True)
class PlantedLeg:
    """The truth of one planted leg."""

    number: int
    icao24: str
    callsign: str
    departure: str
    arrival: str
    take_off_s: float
    landing_s: float
    departure_hidden_below_ft: float
    arrival_hidden_below_ft: float
    first_heard_s: float
    last_heard_s: float


class Fleet:
    """Aircraft and where they are; `next_day` moves on. Memory grows with aircraft, not with days."""

    def __init__(
        self,
        airports: Airports,
        aircraft: int,
        *,
        start_s: float,
        days: int,
        planted_a_day: int,
        seed: int,
        corridor_share: float = CORRIDOR_SHARE,
    ) -> None:
        overflying = OVERFLIGHT_SHARE * corridor_share / CORRIDOR_SHARE
        rng = np.random.default_rng([seed, 201])
        self._airports, self._seed, self._day, self._days = airports, seed, 0, days
        self._start_s, self._planted_a_day = start_s, planted_a_day
        low, high = ADDRESSES
        free = np.r_[low : KEPT_FREE[0], KEPT_FREE[1] : high]
        drawn = rng.choice(free, aircraft + planted_a_day * days, replace=False)
        names = np.array([f"{a:06x}" for a in drawn])
        self._icao24, self._planted_icao24 = names[:aircraft], names[aircraft:]
        self._kind = rng.choice(3, aircraft, p=(1 - corridor_share - overflying, corridor_share, overflying))
        shares = airports.weight / airports.weight.sum()
        self._base = rng.choice(len(airports.name), aircraft, p=shares)
        sides = (airports.indexes((*HUBS, *LEVANT)), airports.indexes((*HUBS, *CAUCASUS)), airports.indexes(CORRIDOR))
        self._sides, self._side = sides, rng.choice(len(sides), aircraft, p=SIDE_SHARES)
        self._east, self._south_west = airports.indexes(FAR_EAST_OF_CASPIAN), airports.indexes(FAR_SOUTH_WEST)
        on_corridor = np.flatnonzero(self._kind == ON_CORRIDOR)
        self._base[on_corridor] = self._along_corridor(on_corridor, rng)
        self._base[self._kind == OVERFLYING] = rng.choice(self._east, int((self._kind == OVERFLYING).sum()))
        self._here = self._base.copy()
        self._next_s = start_s - WARM_UP_S + rng.uniform(0, WARM_UP_S, aircraft)
        self._no_position = rng.random(aircraft) < NO_POSITION_SHARE
        self._destinations = airports.destination_shares
        self._carried: list[Flights] = []
        self.legs: list[PlantedLeg] = []
        self._numbers = 0

    def next_day(self) -> Flights:
        """All flights of which something is shown on the next day, sorted by address, then time."""
        rng = np.random.default_rng([self._seed, 202, self._day])
        begin = self._start_s + self._day * DAY_S
        parts = [*self._carried, *self._ordinary(begin + DAY_S, rng)]
        if self._planted_a_day:
            parts.append(self._planted(begin, rng))
        flights = Flights.joined(parts)
        flights = flights.take(np.flatnonzero(flights.shown_until_s > begin))
        flights = flights.take(np.lexsort((flights.paths.begins_s[:, 0], flights.icao24)))
        self._carried = [flights.take(np.flatnonzero(flights.shown_until_s >= begin + DAY_S))]
        self._day += 1
        return flights

    def _ordinary(self, until_s: float, rng: np.random.Generator) -> list[Flights]:
        parts = []
        while len(who := np.flatnonzero(self._next_s < until_s)):
            origin, destination = self._here[who], self._whereto(who, rng)
            paths = plan(
                self._airports,
                origin,
                destination,
                self._next_s[who],
                rng.uniform(400, 490, len(who)),
                rng.integers(28, 41, len(who)) * 1_000.0,
                rng.uniform(180, 540, len(who)),
            )
            floors = self._airports.floor_ft[origin], self._airports.floor_ft[destination]
            parts.append(
                self._heard(paths, self._icao24[who], origin, destination, floors, self._no_position[who], rng)
            )
            rests = rng.random(len(who)) < 0.42
            wait = np.where(rests, rng.uniform(5, 13, len(who)) * 3600, rng.lognormal(8.0, 0.35, len(who)))
            self._next_s[who] = paths.begins_s[:, 7] + wait
            self._here[who] = destination
        return parts

    def _whereto(self, who: Array, rng: np.random.Generator) -> Array:
        """Mostly back to base; else by weight and nearness; corridor and overflying aircraft stay on their routes."""
        here, base, kind = self._here[who], self._base[who], self._kind[who]
        drawn = (self._destinations[here] < rng.random(len(who))[:, None]).sum(axis=1)
        drawn = np.minimum(drawn, len(self._airports.name) - 1)
        near = self._along_corridor(who, rng)
        drawn = np.where((kind == ON_CORRIDOR) & (near != here) & (rng.random(len(who)) < 0.7), near, drawn)
        back = (here != base) & (rng.random(len(who)) < 0.75)
        drawn = np.where(back, base, drawn)
        across = np.where(
            np.isin(here, self._east), rng.choice(self._south_west, len(who)), rng.choice(self._east, len(who))
        )
        return np.asarray(np.where(kind == OVERFLYING, across, drawn))

    def _along_corridor(self, who: Array, rng: np.random.Generator) -> Array:
        """A field of each aircraft's own side of the corridor, or a hub."""
        drawn = rng.random(len(who))
        fields = np.stack([side[(drawn * len(side)).astype(np.int64)] for side in self._sides])
        return np.asarray(fields[self._side[who], np.arange(len(who))])

    def _planted(self, begin_s: float, rng: np.random.Generator) -> Flights:
        """This day's planted legs, each of an airframe of its own; the last crosses midnight if a day follows."""
        n, day = self._planted_a_day, self._day
        number = day * n + np.arange(n)
        south = np.full(n, self._airports.index(CASE_SOUTH))
        north = self._airports.indexes(CASE_NORTH[i % len(CASE_NORTH)] for i in number)
        northward = number // len(CASE_NORTH) % 2 == 0
        origin, destination = np.where(northward, south, north), np.where(northward, north, south)
        off_s = begin_s + rng.uniform(0.5, 18.0, n) * 3600
        if day + 1 < self._days:
            off_s[-1] = begin_s + rng.uniform(21.8, 23.0) * 3600
        hidden = np.array([HIDDEN_BELOW_FT[i % len(HIDDEN_BELOW_FT)] for i in number])
        names = self._planted_icao24[number]
        paths = plan(
            self._airports,
            origin,
            destination,
            off_s,
            rng.uniform(400, 450, n),
            np.where(northward, 33_000.0, 34_000.0),
            rng.uniform(240, 420, n),
        )
        no = np.zeros(n, dtype=bool)
        flights = self._heard(paths, names, origin, destination, (hidden[:, 0], hidden[:, 1]), no, rng)
        flights = replace(flights, planted=number)
        for i in range(n):
            self.legs.append(
                PlantedLeg(
                    int(number[i]),
                    str(names[i]),
                    str(flights.callsign[i]).strip(),
                    self._airports.name[origin[i]],
                    self._airports.name[destination[i]],
                    float(paths.begins_s[i, CLIMB]),
                    float(paths.begins_s[i, DESCENT + 1]),
                    float(hidden[i, 0]),
                    float(hidden[i, 1]),
                    float(flights.first_s[i]),
                    float(flights.last_s[i]),
                )
            )
        return flights

    def _heard(
        self,
        paths: Paths,
        icao24: Array,
        origin: Array,
        destination: Array,
        floors_ft: tuple[Array, Array],
        no_position: Array,
        rng: np.random.Generator,
    ) -> Flights:
        """The flights, with when they come above what hides them, and call signs that begin with SIM."""
        n, elevation = len(icao24), self._airports.elevation_ft
        rises = moment_above(paths, CLIMB, elevation[origin] + floors_ft[0])
        sinks = moment_above(paths, DESCENT, elevation[destination] + floors_ft[1])
        first = np.where(floors_ft[0] <= HEARD_ON_GROUND, paths.begins_s[:, 0], rises)
        last = np.where(floors_ft[1] <= HEARD_ON_GROUND, paths.begins_s[:, 7], sinks)
        numbers = self._numbers + np.arange(n)
        self._numbers += n
        signs = np.array([f"SIM{_base36(int(i)):>05}" for i in numbers])
        return Flights(
            paths=paths,
            icao24=icao24,
            callsign=signs,
            squawk=np.array([f"{i:04o}" for i in rng.integers(0o1000, 0o7500, n)]),
            first_s=first,
            last_s=last,
            shown_until_s=last + rng.uniform(0.0, HELD_S, n),
            no_position=no_position,
            planted=np.full(n, -1),
            seed=rng.integers(0, 2**31, n),
        )


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, rest = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest] + digits
    return digits
