"""The world's airfields with their runways and dates, and which of them lie where.

Source: OurAirports as packaged in `flighttrace/data/airfields` (see SOURCE.md there); opening and closing dates of
the fields that matter to the first case, and of a few closed ones, from `dates.csv` beside it.

A field is called by its ICAO code (OurAirports' gps_code) where it has one, else by OurAirports' ident; `get` takes
either. Nothing is left out for want of an IATA code or of scheduled service.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Final

import numpy as np

from flighttrace.errors import UsageError, shown
from flighttrace.geodesy import Floats, bearing_deg, distance_km
from flighttrace.match.model import Airfield, Runway, RunwayEnd

SOFT_SURFACES: Final = ("TURF", "GRS", "GRASS", "GRE", "GVL", "GRAV", "DIRT", "EART", "WAT", "SAND", "CLAY", "SOIL")
"""Beginnings of OurAirports' surface codes that a jet transport does not use. Unknown surfaces are not among them."""
KM_PER_DEG_LAT: Final = 111.2


class Airfields:
    """A set of airfields, by name, by country, by distance."""

    def __init__(self, airfields: Iterable[Airfield]) -> None:
        self.all: tuple[Airfield, ...] = tuple(sorted(airfields, key=lambda field: field.airport))
        self._by_name = {field.ident: field for field in self.all}
        self._by_name.update({field.airport: field for field in self.all})

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Airfield]:
        return iter(self.all)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.upper() in self._by_name

    def get(self, name: str) -> Airfield:
        """The field of that ICAO code or OurAirports ident; UsageError where there is none."""
        try:
            return self._by_name[name.upper()]
        except KeyError:
            raise UsageError(
                f"no airfield is called {shown(name)!r} (accepted: an ICAO code such as UBBB, or OurAirports' ident)"
            ) from None

    def in_country(self, code: str) -> tuple[Airfield, ...]:
        """All fields of a country, by its ISO 3166 code of two letters."""
        return tuple(field for field in self.all if field.country == code.upper())

    def within(self, lat_deg: float, lon_deg: float, radius_km: float) -> tuple[Airfield, ...]:
        """All fields whose reference point lies within `radius_km` (the edge belongs to it), nearest first."""
        chosen = self.indexes_near(lat_deg, lon_deg, radius_km)
        d = distance_km(lat_deg, lon_deg, self.lat_deg[chosen], self.lon_deg[chosen])
        return tuple(self.all[chosen[i]] for i in np.argsort(d, kind="stable") if d[i] <= radius_km)

    def indexes_near(self, lat_deg: float, lon_deg: float, radius_km: float) -> np.ndarray:
        """Indexes into `all` of the fields in a box that holds the circle: a few too many, never too few."""
        lat_margin = radius_km / KM_PER_DEG_LAT + 0.1
        in_band = np.abs(self.lat_deg - lat_deg) <= lat_margin
        widest = min(abs(lat_deg) + lat_margin, 89.0)
        lon_margin = min(lat_margin / np.cos(np.radians(widest)), 180.0)
        across = np.abs((self.lon_deg - lon_deg + 180.0) % 360.0 - 180.0)
        return np.flatnonzero(in_band & (across <= lon_margin))

    @cached_property
    def lat_deg(self) -> Floats:
        return np.array([field.lat_deg for field in self.all])

    @cached_property
    def lon_deg(self) -> Floats:
        return np.array([field.lon_deg for field in self.all])

    @cached_property
    def elevation_ft(self) -> Floats:
        return np.array([field.elevation_ft for field in self.all])

    @cached_property
    def longest_hard_runway_ft(self) -> Floats:
        """Length of the longest runway that is not known to be soft; NaN where no length is known."""
        return np.array([longest_hard_runway_ft(field) for field in self.all])


def longest_hard_runway_ft(field: Airfield) -> float:
    """The longest runway with a hard or unknown surface in feet; 0 if all are soft; NaN if no length is known."""
    if not field.runways:
        return float("nan")
    hard = [r for r in field.runways if not r.surface.upper().startswith(SOFT_SURFACES)]
    if not hard:
        return 0.0
    lengths = [r.length_ft for r in hard if r.length_ft is not None]
    return max(lengths) if lengths else float("nan")


@lru_cache(maxsize=1)
def load_airfields() -> Airfields:
    """The shipped airfields (about 62,000), read once a process (some 0.6 s)."""
    data = files("flighttrace") / "data" / "airfields"
    runways: dict[str, list[Runway]] = {}
    rows = list(_rows((data / "runways.csv.gz").read_bytes()))
    for row, heading_deg in zip(rows, _headings_deg(rows), strict=True):
        runways.setdefault(row["airport_ident"], []).append(_runway(row, heading_deg))
    dates = {row["ident"]: row for row in csv.DictReader(io.StringIO((data / "dates.csv").read_text("utf-8")))}
    return Airfields(
        _airfield(row, tuple(runways.get(row["ident"], ())), dates.get(row["ident"]))
        for row in _rows((data / "airfields.csv.gz").read_bytes())
    )


def _rows(data: bytes) -> Iterator[dict[str, str]]:
    return iter(csv.DictReader(io.StringIO(gzip.decompress(data).decode("utf-8"))))


def _airfield(row: dict[str, str], runways: tuple[Runway, ...], dates: dict[str, str] | None) -> Airfield:
    opened = closed = None
    if dates is not None:
        opened = date.fromisoformat(dates["opened"]) if dates["opened"] else None
        closed = date.fromisoformat(dates["closed"]) if dates["closed"] else None
    elif row["kind"] == "closed":
        closed = date.min  # closed, nobody here knows since when: never a candidate
    return Airfield(
        airport=row["airport"],
        ident=row["ident"],
        name=row["name"],
        kind=row["kind"],
        lat_deg=float(row["latitude_deg"]),
        lon_deg=float(row["longitude_deg"]),
        elevation_ft=float(row["elevation_ft"]),
        iata=row["iata_code"],
        country=row["iso_country"],
        scheduled_service=row["scheduled_service"] == "yes",
        runways=runways,
        opened=opened,
        closed=closed,
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _headings_deg(rows: list[dict[str, str]]) -> list[float | None]:
    """True direction from the low to the high end of each runway; None where an end's position is not known."""
    points = [
        [_number(row[f"{end}_{axis}_deg"]) for end in ("le", "he") for axis in ("latitude", "longitude")]
        for row in rows
    ]
    known = [i for i, point in enumerate(points) if None not in point]
    lat_a, lon_a, lat_b, lon_b = np.array([points[i] for i in known], dtype=np.float64).T
    headings: list[float | None] = [None] * len(rows)
    for i, heading in zip(known, bearing_deg(lat_a, lon_a, lat_b, lon_b).tolist(), strict=True):
        headings[i] = heading
    return headings


def _runway(row: dict[str, str], heading_deg: float | None) -> Runway:
    ends: tuple[RunwayEnd, ...] = ()
    if heading_deg is not None:
        ends = (_runway_end(row, "le", heading_deg), _runway_end(row, "he", (heading_deg + 180.0) % 360.0))
    return Runway(_number(row["length_ft"]) or None, row["surface"], row["lighted"] == "1", ends)


def _runway_end(row: dict[str, str], end: str, heading_deg: float) -> RunwayEnd:
    return RunwayEnd(
        row[f"{end}_ident"],
        float(row[f"{end}_latitude_deg"]),
        float(row[f"{end}_longitude_deg"]),
        _number(row[f"{end}_elevation_ft"]),
        heading_deg,
    )
