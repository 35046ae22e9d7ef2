"""Ends of real flights whose airfield is known, and the same ends with their low part hidden.

Two sets, read from a folder of real tracks:

* `truth`: the flights of TRUTH.csv, whose airfields are known from something other than the track. An end that
  TRUTH's notes call "not in the track" is kept apart (`in_track` False): nobody can name it from what was heard.
* `quickstart`: flights about Paris, named by their own well-seen ends: the first or last fix is below WELL_SEEN_FT
  above the airfield and within WELL_SEEN_KM of its runways, and no other airfield that suits is half as near again.
  Ends that leave the box in level flight above OVERFLIGHT_FT are overflights: no airfield at all (`true` is None).

An end is hidden below H feet: everything after (before) the last (first) fix at least H feet above the true airfield is
taken away. So a go-around stays as it was, and a flight that was never so high has no end at that cut.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from real_tracks import LISTS, flight_of

from flighttrace.geodesy import distance_km
from flighttrace.ingest.read import read_positions
from flighttrace.match.end_track import EndTrack
from flighttrace.match.flights import FlightSet, find_flights
from flighttrace.match.model import EndKind, Flight
from flighttrace.match.places import Airfields, load_airfields
from flighttrace.match.runways import runway_distance_km
from flighttrace.match.splitting import Piece

QUICKSTART: Final = "traffic_samples/collections/quickstart.json.gz"
KINDS: Final[tuple[EndKind, EndKind]] = ("departure", "arrival")
WELL_SEEN_FT: Final = 1_000.0
WELL_SEEN_KM: Final = 3.0
CLEAR_OF_RIVALS: Final = 1.5
OVERFLIGHT_FT: Final = 25_000.0
LEVEL_FT: Final = 300.0
"""Change of height in the last five minutes of level flight."""
REGIONS: Final = {
    "Paris": (48.75, 2.4, 150.0),
    "London": (51.4, -0.3, 120.0),
    "Frankfurt": (50.05, 8.5, 120.0),
    "Amsterdam": (52.3, 4.8, 90.0),
    "Zürich": (47.45, 8.55, 90.0),
}
"""Name → latitude, longitude, km: neighbourhoods with many ends of their own; else the continent's part."""


@dataclass(frozen=True)
class RealEnd:
    """One end of one real flight. `true`: its airfield; None for an overflight."""

    name: str
    collection: str
    kind: EndKind
    true: str | None
    in_track: bool
    region: str
    flight: Flight
    piece: Piece

    def shown(self) -> EndTrack:
        """The end as it was heard."""
        return self.piece.end(self.kind, np.inf)

    def hidden(self, below_ft: float, airfields: Airfields) -> EndTrack | None:
        """The end without what was heard lower than that above the true airfield; None where nothing is left."""
        if self.true is None:
            return None
        high = self.piece.altitude_ft - airfields.get(self.true).elevation_ft >= below_ft
        return self._without(high & ~self.piece.on_ground)

    def cut_short(self, minutes: float) -> EndTrack | None:
        """The end without its last (first) minutes in the air; None where nothing is left."""
        time = self.piece.time
        airborne = np.flatnonzero(~self.piece.on_ground)
        if not len(airborne):
            return None
        last, first = time[airborne[-1]], time[airborne[0]]
        kept = time <= last - minutes * 60 if self.kind == "arrival" else time >= first + minutes * 60
        return self._without(kept & ~self.piece.on_ground)

    def _without(self, reached: np.ndarray) -> EndTrack | None:
        """The end of what lies before the last (after the first) fix that `reached` marks."""
        at = np.flatnonzero(reached)
        if not len(at):
            return None
        kept = slice(0, at[-1] + 1) if self.kind == "arrival" else slice(at[0], None)
        if len(self.piece.time[kept]) < 2:
            return None
        return self.piece.part(kept).end(self.kind, np.inf)


def real_ends(folder: Path) -> list[RealEnd]:
    """All ends of both sets, in the order of their names."""
    return sorted([*_of_truth(folder), *_of_quickstart(folder)], key=lambda end: end.name)


def _of_truth(folder: Path) -> Iterator[RealEnd]:
    @lru_cache(maxsize=8)
    def flights(file: str) -> FlightSet:
        lists = next((paths for prefix, paths in LISTS.items() if file.startswith(prefix)), ())
        return find_flights(read_positions([folder / file, *(folder / name for name in lists)]))

    airfields = load_airfields()
    with (folder / "TRUTH.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for kind in KINDS:
                true = row[f"{kind}_icao"]
                flight = flight_of(row, flights(row["file"]), kind) if true else None
                piece = None if flight is None else Piece.of(flight.track)
                if flight is not None and piece is not None:
                    name = f"{row['file']} {row['selector']} {row['callsign']} {kind}"
                    seen = f"{kind} not in the track" not in row["note"]
                    yield RealEnd(name, "truth", kind, true, seen, _region(true, airfields), flight, piece)


def _of_quickstart(folder: Path) -> Iterator[RealEnd]:
    airfields = load_airfields()
    for flight in find_flights(read_positions([folder / QUICKSTART])):
        piece = Piece.of(flight.track)
        for kind in KINDS if piece is not None else ():
            assert piece is not None
            track = piece.end(kind, np.inf)
            true = _well_seen(track, airfields)
            if true is not None or _leaves_in_cruise(track):
                region = "Paris" if true is None else _region(true, airfields)
                yield RealEnd(f"{flight.flight_id} {kind}", "quickstart", kind, true, True, region, flight, piece)


def _well_seen(track: EndTrack, airfields: Airfields) -> str | None:
    """The airfield of an end that was heard down to the runway; None where it was not, or where two would do."""
    lat, lon = float(track.lat_deg[0]), float(track.lon_deg[0])
    near = []
    for i in airfields.indexes_near(lat, lon, 15.0).tolist():
        length = airfields.longest_hard_runway_ft[i]
        if not (length < track.shortest_runway_ft) and airfields.open_on(track.end_time_utc.date(), np.array([i]))[0]:
            near.append((runway_distance_km(lat, lon, airfields.all[i]), i))
    near.sort()
    if not near or near[0][0] > WELL_SEEN_KM:
        return None
    away_km, i = near[0]
    if len(near) > 1 and near[1][0] < max(away_km * CLEAR_OF_RIVALS, 1.0):
        return None
    height_ft = track.altitude_ft[0] - airfields.elevation_ft[i]
    return airfields.airport(i) if track.on_ground[0] or height_ft < WELL_SEEN_FT else None


def _leaves_in_cruise(track: EndTrack) -> bool:
    last = track.altitude_ft[track.seconds <= 300.0]
    last = last[~np.isnan(last)]
    return len(last) > 1 and float(last.min()) > OVERFLIGHT_FT and float(np.ptp(last)) < LEVEL_FT


def _region(airport: str, airfields: Airfields) -> str:
    field = airfields.get(airport)
    for name, (lat, lon, radius_km) in REGIONS.items():
        if float(distance_km(lat, lon, field.lat_deg, field.lon_deg)) <= radius_km:
            return name
    if field.lon_deg < -30.0:
        return "Americas"
    if field.lat_deg > 35.0 and field.lon_deg < 35.0:
        return "rest of Europe"
    return "Asia, Africa and Pacific"
