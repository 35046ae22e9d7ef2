"""The world's airfields with their runways and dates, and which of them lie where.

Source: OurAirports as packaged in `flighttrace/data/airfields` (see SOURCE.md there); opening and closing dates of
the fields that matter to the first case, and of a few closed ones, from `dates.csv` beside it. Read are the columns
that `benchmarks/build_airfields.py` packs of those tables; an Airfield is made when it is first asked for.

A field is called by its ICAO code (OurAirports' gps_code) where it has one, else by OurAirports' ident; `get` takes
either. Nothing is left out for want of an IATA code or of scheduled service.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Final, overload

import numpy as np

from flighttrace.end_reach import MOST_SLACK_KM
from flighttrace.errors import UsageError, shown
from flighttrace.geodesy import Floats, distance_km
from flighttrace.match.airfield_columns import Columns, airfield_at, longest_hard_runway_ft, pack, read_columns, text_of
from flighttrace.match.model import Airfield

__all__ = ["Airfields", "load_airfields", "longest_hard_runway_ft"]

KM_PER_DEG_LAT: Final = 111.2
LONG_FT: Final = 6000.0
"""A runway that any transport can use at its usual weights."""


class _Made(Sequence[Airfield]):
    """The airfields of the columns, in their order; each is made when it is first asked for, and kept."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._made: dict[int, Airfield] = {}

    def __len__(self) -> int:
        return len(self._columns["airport"])

    @overload
    def __getitem__(self, at: int) -> Airfield: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Airfield, ...]: ...
    def __getitem__(self, at: int | slice) -> Airfield | tuple[Airfield, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(len(self))))
        row = range(len(self))[at]
        made = self._made.get(row)
        if made is None:
            made = self._made[row] = airfield_at(self._columns, row)
        return made


class Airfields:
    """A set of airfields, by name, by country, by distance."""

    def __init__(self, airfields: Iterable[Airfield] | Columns) -> None:
        """`airfields`: the fields, or columns of them as `airfield_columns.pack` makes them."""
        self._columns: Columns = airfields if isinstance(airfields, Mapping) else pack(airfields)
        self.all: Sequence[Airfield] = _Made(self._columns)
        """In the order of their names."""
        self._found: dict[str, int | None] = {}
        self._open_among: dict[tuple[tuple[str, ...], date], frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Airfield]:
        return iter(self.all)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.index_of(name) is not None

    def get(self, name: str) -> Airfield:
        """The field of that ICAO code or OurAirports ident; UsageError where there is none."""
        index = self.index_of(name)
        if index is None:
            raise UsageError(
                f"no airfield is called {shown(name)!r} (accepted: an ICAO code such as UBBB, or OurAirports' ident)"
            )
        return self.all[index]

    def index_of(self, name: str) -> int | None:
        """The index of that field in `all`; None where there is none of that name."""
        wanted = name.upper()
        if wanted not in self._found:
            self._found[wanted] = self._searched(wanted)
        return self._found[wanted]

    def _searched(self, wanted: str) -> int | None:
        """The index of that name: by the name in outputs before the ident."""
        if not wanted.isascii() or "\0" in wanted:
            return None
        for names, order in ((self._columns["airport"], None), (self._columns["ident"], self._by_ident)):
            at = int(np.searchsorted(names, wanted.encode(), sorter=order))
            if at < len(names):
                index = at if order is None else int(order[at])
                if names[index] == wanted.encode():
                    return index
        return None

    def indexes_of(self, names: Iterable[str]) -> np.ndarray:
        """The indexes of these fields, sorted; UsageError for a name that no field has."""
        found = {name: self.index_of(name) for name in names}
        for name, index in found.items():
            if index is None:
                self.get(name)
        return np.unique(np.array([index for index in found.values() if index is not None], dtype=int))

    def airport(self, index: int) -> str:
        """The name of the field with that index, without making its Airfield."""
        name: bytes = self._columns["airport"][index]
        return name.decode()

    def airports(self, indexes: np.ndarray) -> list[str]:
        """The names of the fields with these indexes."""
        return [name.decode() for name in self._columns["airport"][indexes].tolist()]

    @cached_property
    def _by_ident(self) -> np.ndarray:
        return np.argsort(self._columns["ident"], kind="stable")

    def in_country(self, code: str) -> tuple[Airfield, ...]:
        """All fields of a country, by its ISO 3166 code of two letters."""
        wanted = code.upper()
        if not wanted.isascii() or "\0" in wanted:
            return ()
        return tuple(self.all[i] for i in np.flatnonzero(self._columns["country"] == wanted.encode()).tolist())

    def within(self, lat_deg: float, lon_deg: float, radius_km: float) -> tuple[Airfield, ...]:
        """All fields whose reference point lies within `radius_km` (the edge belongs to it), nearest first."""
        chosen = self.indexes_near(lat_deg, lon_deg, radius_km)
        d = distance_km(lat_deg, lon_deg, self.lat_deg[chosen], self.lon_deg[chosen])
        return tuple(self.all[chosen[i]] for i in np.argsort(d, kind="stable") if d[i] <= radius_km)

    def indexes_near(self, lat_deg: float, lon_deg: float, radius_km: float) -> np.ndarray:
        """Indexes into `all` of the fields in a box that holds the circle: a few too many, never too few."""
        lat_margin = radius_km / KM_PER_DEG_LAT + 0.1
        widest = min(abs(lat_deg) + lat_margin, 89.0)
        lon_margin = min(lat_margin / np.cos(np.radians(widest)), 180.0)
        northward, lat, lon = self._northward
        band = slice(*lat.searchsorted((lat_deg - lat_margin, lat_deg + lat_margin)))
        across = np.abs(lon[band] - lon_deg)
        return np.sort(northward[band][(across <= lon_margin) | (across >= 360.0 - lon_margin)])

    @cached_property
    def _northward(self) -> tuple[np.ndarray, Floats, Floats]:
        """The indexes by latitude, with the latitudes and longitudes in that order."""
        order = np.argsort(self.lat_deg, kind="stable")
        return order, self.lat_deg[order], self.lon_deg[order]

    @property
    def lat_deg(self) -> Floats:
        return self._columns["lat_deg"]

    @property
    def lon_deg(self) -> Floats:
        return self._columns["lon_deg"]

    @property
    def elevation_ft(self) -> Floats:
        return self._columns["elevation_ft"]

    @property
    def longest_hard_runway_ft(self) -> Floats:
        """Length of the longest runway that is not known to be soft; NaN where no length is known."""
        return self._columns["longest_hard_runway_ft"]

    @property
    def longest_runway_ft(self) -> Floats:
        """Length of the longest runway of any surface; 0 where no length is known."""
        return self._columns["longest_runway_ft"]

    @cached_property
    def _runway_owner(self) -> np.ndarray:
        """The index of the field that each runway belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self._columns["first_runway"]))

    @cached_property
    def long_runways(self) -> Floats:
        """How many runways of LONG_FT and more each field has."""
        long = np.asarray(self._columns["length_ft"] >= LONG_FT, dtype=np.float64)
        return np.asarray(np.bincount(self._runway_owner, weights=long, minlength=len(self)), dtype=np.float64)

    @cached_property
    def has_runway_ends(self) -> np.ndarray:
        """Which fields have a runway whose ends are known."""
        has = np.zeros(len(self), dtype=bool)
        has[self._runway_owner[self._columns["end_row"] >= 0]] = True
        return has

    @property
    def military(self) -> np.ndarray:
        """Which fields have a name that tells of a military one (`airfield_columns.MILITARY`)."""
        return self._columns["military"]

    @property
    def scheduled_service(self) -> np.ndarray:
        return self._columns["scheduled_service"]

    @property
    def kind(self) -> np.ndarray:
        """The number of each field's kind in `kinds`."""
        return self._columns["kind"]

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """OurAirports' kinds: large_airport, medium_airport, …"""
        return tuple(text_of(self._columns, "kind_words", i) for i in range(len(self._columns["kind_words_from"]) - 1))

    def runway_ends(self, indexes: np.ndarray) -> tuple[Floats, np.ndarray]:
        """Runways of these fields whose ends are known: (n, 2, 4) latitude, longitude, elevation in ft and direction of
        landing of both thresholds, and (n,) the place in `indexes` of the field that each belongs to."""
        first, places = self._ends_of
        begins = first[indexes]
        counts = first[indexes + 1] - begins
        owner = np.arange(len(indexes)).repeat(counts)
        rows = np.arange(len(owner)) + (begins - counts.cumsum() + counts)[owner]
        return places[rows], owner

    @cached_property
    def _ends_of(self) -> tuple[np.ndarray, Floats]:
        """(n + 1,): at which of its runways with known ends each field begins; and those, (m, 2, 4)."""
        row = self._columns["end_row"]
        known = row >= 0
        before = np.concatenate([[0], np.cumsum(known)])
        return before[self._columns["first_runway"]], self._columns["end_places"][row[known]]

    def open_among(self, names: tuple[str, ...], day: date) -> frozenset[str]:
        """Which of these fields were in use on that day; remembered, for a place is asked for at every end."""
        known = self._open_among.get((names, day))
        if known is None:
            known = frozenset(name for name in names if self.get(name).open_on(day))
            self._open_among[names, day] = known
        return known

    def slack_km(self, names: Sequence[str]) -> Floats:
        """(n,): how much farther than GROUND_PROBABLE_KM from their reference points the fields of a place may explain
        an end on the ground: of one field alone as far as its runways lie, of several MOST_SLACK_KM."""
        if len(names) != 1:
            return np.full(len(names), MOST_SLACK_KM)
        index = self.indexes_of(names)
        ends, owner = self.runway_ends(index)
        if not len(owner):
            return np.zeros(1)
        away = distance_km(self.lat_deg[index], self.lon_deg[index], ends[:, :, 0], ends[:, :, 1])
        return np.array([min(float(away.max()), MOST_SLACK_KM)])

    def open_on(self, day: date, indexes: np.ndarray) -> np.ndarray:
        """Which of these fields were in use on that day, as Airfield.open_on says it."""
        opened, closed = self._columns["opened_day"][indexes], self._columns["closed_day"][indexes]
        today = day.toordinal()
        return np.asarray((opened <= today) & ((closed == 0) | (today < closed)))


@lru_cache(maxsize=1)
def load_airfields() -> Airfields:
    """The shipped airfields (about 62,000), opened once a process; their columns are read when they are used."""
    packed = files("flighttrace") / "data" / "airfields" / "airfields.npz"
    return Airfields(read_columns(io.BytesIO(packed.read_bytes())))
