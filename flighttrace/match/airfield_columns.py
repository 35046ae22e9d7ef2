"""The airfields as columns: what `places` searches in bulk, and what a single Airfield is made from on demand.

    columns = pack(airfields)           objects → columns, sorted by name
    columns = read_columns(stream)      the shipped file, each column read when it is first used
    airfield_at(columns, 17)            the object of one row

One row a field, in the order of `airport`; one row a runway, those of a field together (`first_runway[i]` to
`first_runway[i + 1]`); one row a runway with both ends known (`end_row` of the runway, -1 where they are not). Text is
held as ASCII bytes of fixed width, or as UTF-8 behind offsets; a day as its ordinal, 0 where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import IO, Any, Final

import numpy as np

from flighttrace.match.model import Airfield, Runway, RunwayEnd

Columns = Mapping[str, np.ndarray]

SOFT_SURFACES: Final = ("TURF", "GRS", "GRASS", "GRE", "GVL", "GRAV", "DIRT", "EART", "WAT", "SAND", "CLAY", "SOIL")
"""Beginnings of OurAirports' surface codes that a jet transport does not use. Unknown surfaces are not among them."""

MILITARY: Final = re.compile(
    r"\b(air ?base|air force|afb|raf|army|naval|navy|military|marine corps|base a[eé]re|fliegerhorst)", re.IGNORECASE
)
"""What the names of air bases hold, in OurAirports. Ovda is "Ovda Airport / Ovda Air Force Base" there."""


def longest_hard_runway_ft(field: Airfield) -> float:
    """The longest runway with a hard or unknown surface in feet; 0 if all are soft; NaN if no length is known."""
    if not field.runways:
        return float("nan")
    hard = [r for r in field.runways if not r.surface.upper().startswith(SOFT_SURFACES)]
    if not hard:
        return 0.0
    lengths = [r.length_ft for r in hard if r.length_ft is not None]
    return max(lengths) if lengths else float("nan")


def pack(airfields: Iterable[Airfield]) -> dict[str, np.ndarray]:
    """The columns of these airfields, sorted by `airport`; `airfield_at` gives every field back as it was."""
    fields = sorted(airfields, key=lambda field: field.airport)
    runways = [runway for field in fields for runway in field.runways]
    ends = [runway.ends for runway in runways if runway.ends]
    has_ends = np.array([bool(runway.ends) for runway in runways], dtype=bool)
    columns = {
        "airport": _ascii(f.airport for f in fields),
        "ident": _ascii(f.ident for f in fields),
        "iata": _ascii(f.iata for f in fields),
        "country": _ascii(f.country for f in fields),
        "lat_deg": _numbers(f.lat_deg for f in fields),
        "lon_deg": _numbers(f.lon_deg for f in fields),
        "elevation_ft": _numbers(f.elevation_ft for f in fields),
        "longest_hard_runway_ft": _numbers(longest_hard_runway_ft(f) for f in fields),
        "longest_runway_ft": _numbers(max((r.length_ft or 0.0 for r in f.runways), default=0.0) for f in fields),
        "scheduled_service": np.array([f.scheduled_service for f in fields], dtype=bool),
        "military": np.array([MILITARY.search(f.name) is not None for f in fields], dtype=bool),
        "opened_day": np.array([f.opened.toordinal() if f.opened else 0 for f in fields], dtype=np.int32),
        "closed_day": np.array([f.closed.toordinal() if f.closed else 0 for f in fields], dtype=np.int32),
        "first_runway": np.cumsum([0, *(len(f.runways) for f in fields)], dtype=np.int32),
        "length_ft": _numbers(r.length_ft for r in runways),
        "lighted": np.array([r.lighted for r in runways], dtype=bool),
        "end_row": np.where(has_ends, np.cumsum(has_ends) - 1, -1).astype(np.int32),
        "end_ident": _ascii(e.ident for pair in ends for e in pair).reshape(-1, 2),
        "end_places": np.array(
            [[[e.lat_deg, e.lon_deg, _or_nan(e.elevation_ft), e.heading_deg] for e in pair] for pair in ends],
            dtype=np.float64,
        ).reshape(-1, 2, 4),
    }
    for name, texts in (("kind", [f.kind for f in fields]), ("surface", [r.surface for r in runways])):
        words = sorted(set(texts))
        number = {word: i for i, word in enumerate(words)}
        columns[name] = np.array([number[text] for text in texts], dtype=np.int16)
        columns |= _utf8(f"{name}_words", words)
    return columns | _utf8("name", [f.name for f in fields])


def _ascii(texts: Iterable[str]) -> np.ndarray:
    return np.array([text.encode("ascii") for text in texts], dtype=np.bytes_)


def _numbers(values: Iterable[float | None]) -> np.ndarray:
    return np.array([_or_nan(value) for value in values], dtype=np.float64)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _utf8(name: str, texts: Sequence[str]) -> dict[str, np.ndarray]:
    data = [text.encode() for text in texts]
    return {
        f"{name}_bytes": np.frombuffer(b"".join(data), dtype=np.uint8),
        f"{name}_from": np.cumsum([0, *map(len, data)], dtype=np.int32),
    }


class _Read(Mapping[str, np.ndarray]):
    """The columns of an open .npz file, each read once, when it is first used."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._file: Any = np.load(stream, allow_pickle=False)
        self._held: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._held:
            self._held[name] = self._file[name]
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._file)

    def __len__(self) -> int:
        return len(self._file.files)


def read_columns(stream: IO[bytes]) -> Columns:
    """The columns of a file that `numpy.savez_compressed` wrote; the stream has to stay open."""
    return _Read(stream)


def text_of(columns: Columns, name: str, row: int) -> str:
    """One text of a column that is held as UTF-8."""
    at = columns[f"{name}_from"]
    return columns[f"{name}_bytes"][at[row] : at[row + 1]].tobytes().decode()


def airfield_at(columns: Columns, row: int) -> Airfield:
    """The airfield of one row."""
    opened, closed = int(columns["opened_day"][row]), int(columns["closed_day"][row])
    first = columns["first_runway"]
    return Airfield(
        airport=columns["airport"][row].decode(),
        ident=columns["ident"][row].decode(),
        name=text_of(columns, "name", row),
        kind=text_of(columns, "kind_words", int(columns["kind"][row])),
        lat_deg=float(columns["lat_deg"][row]),
        lon_deg=float(columns["lon_deg"][row]),
        elevation_ft=float(columns["elevation_ft"][row]),
        iata=columns["iata"][row].decode(),
        country=columns["country"][row].decode(),
        scheduled_service=bool(columns["scheduled_service"][row]),
        runways=tuple(_runway_at(columns, r) for r in range(int(first[row]), int(first[row + 1]))),
        opened=date.fromordinal(opened) if opened else None,
        closed=date.fromordinal(closed) if closed else None,
    )


def _runway_at(columns: Columns, row: int) -> Runway:
    at = int(columns["end_row"][row])
    ends: tuple[RunwayEnd, ...] = ()
    if at >= 0:
        idents = columns["end_ident"][at].tolist()
        places = columns["end_places"][at].tolist()
        ends = tuple(
            RunwayEnd(ident.decode(), lat, lon, _or_none(elevation), heading)
            for ident, (lat, lon, elevation, heading) in zip(idents, places, strict=True)
        )
    return Runway(
        _or_none(float(columns["length_ft"][row])),
        text_of(columns, "surface_words", int(columns["surface"][row])),
        bool(columns["lighted"][row]),
        ends,
    )


def _or_none(number: float) -> float | None:
    return None if number != number else number  # NaN is not equal to itself
