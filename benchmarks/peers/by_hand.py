"""What the peers share: the places, and the second, small step that anyone would write by hand in pandas.

Stage one (each peer's own engine) keeps the rows of aircraft that have a position in a box round southern Israel and
one in a box round Baku and Ganja. Stage two, here: visits to the two boxes, a field for each visit, and legs.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

SOUTH = (29.0, 31.6, 34.2, 35.8)
NORTH = (38.9, 41.6, 45.5, 51.0)
"""South, north, west, east in degrees."""
FIELDS = {
    "south": {"LLOV": (29.940, 34.936), "LLER": (29.727, 35.014), "OJAQ": (29.612, 35.018), "LLNV": (31.208, 35.012)},
    "north": {"UBBB": (40.467, 50.047), "UBBG": (40.739, 46.320), "UBBF": (39.595, 47.196), "UBEE": (40.632, 47.142)},
}
LOW_M = 4_000.0
NEAR_KM = 60.0
NEW_VISIT_S = 3_600.0
LONGEST_LEG_S = 6 * 3_600.0
COLUMNS = ["time", "icao24", "lat", "lon", "baroaltitude", "onground"]


def in_box(lat: object, lon: object, box: tuple[float, float, float, float]) -> object:
    """A condition over columns of any library that overloads the operators."""
    south, north, west, east = box
    return (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)  # type: ignore[operator]


def legs(rows: pd.DataFrame) -> pd.DataFrame:
    """Legs of the aircraft in `rows` (COLUMNS): icao24, departure, arrival, departure_utc, arrival_utc."""
    rows = rows.dropna(subset=["lat", "lon"]).sort_values(["icao24", "time"])
    south = np.asarray(in_box(rows["lat"], rows["lon"], SOUTH), dtype=bool)
    north = np.asarray(in_box(rows["lat"], rows["lon"], NORTH), dtype=bool)
    rows = rows[south | north].assign(side=np.where(south, "south", "north")[south | north])
    found = []
    for icao24, track in rows.groupby("icao24", sort=True):
        new = (track["time"].diff() > NEW_VISIT_S) | (track["side"] != track["side"].shift())
        visits = [_visit(visit) for _, visit in track.groupby(new.cumsum())]
        for before, after in pairwise(visits):
            wanted = before["side"] != after["side"] and after["begins"] - before["ends"] <= LONGEST_LEG_S
            if wanted and before["field"] and after["field"]:
                found.append((icao24, before["field"], after["field"], before["ends"], after["begins"]))
    return pd.DataFrame(found, columns=["icao24", "departure", "arrival", "departure_utc", "arrival_utc"])


def _visit(rows: pd.DataFrame) -> dict[str, object]:
    """One stay in a box: its side, when, and the field nearest to its lowest position, None if none is near and low."""
    height = rows["baroaltitude"].astype(float).where(~rows["onground"].astype(bool), -1_000.0)
    side = str(rows["side"].iloc[0])
    field = None
    if height.notna().any() and height.min() <= LOW_M:
        lowest = rows.loc[height.idxmin()]
        away = {
            name: 111.2 * np.hypot(lowest["lat"] - lat, (lowest["lon"] - lon) * np.cos(np.radians(lat)))
            for name, (lat, lon) in FIELDS[side].items()
        }
        nearest = min(away, key=lambda name: float(away[name]))
        field = nearest if away[nearest] <= NEAR_KM else None
    return {"side": side, "field": field, "begins": rows["time"].iloc[0], "ends": rows["time"].iloc[-1]}


def write(found: pd.DataFrame, out: str | Path) -> None:
    """The legs that touch Ovda as CSV with times in UTC."""
    found = found[(found["departure"] == "LLOV") | (found["arrival"] == "LLOV")].copy()
    for column in ("departure_utc", "arrival_utc"):
        found[column] = pd.to_datetime(found[column], unit="s", utc=True)
    found.to_csv(out, index=False)
