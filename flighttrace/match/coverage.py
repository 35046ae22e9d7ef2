"""What was heard low over a field, day by day: what a null result may lean on.

This first measure is a plain one: were other aircraft heard, in the files given, below 5,000 ft above the field
within 20 km of it, on each day asked for? Rejected positions and flight-list rows do not count, nor do tracks without
an ICAO address of their own (one may be the claim's aircraft, or the same aircraft twice), nor, where any real position
is given, simulated ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.geodesy import distance_km
from flighttrace.match.flights import SPECIAL_ADDRESSES
from flighttrace.match.model import Airfield, Coverage, DayCoverage

LOW_FT: Final = 5000.0
NEAR_KM: Final = 20.0
BOX_DEG: Final = 0.4
ICAO_ADDRESS: Final = r"[0-9a-f]{6}"
"""What the track key of an aircraft with an ICAO address looks like: neither `~…` nor `#…`."""


def measure_coverage(
    positions: pd.DataFrame,
    airfields: Sequence[Airfield],
    days: Sequence[date],
    *,
    without: Collection[str] = (),
    timezone: str = "UTC",
) -> Coverage:
    """One entry for each field and day on which the field was in use; `covered` if all of them heard another aircraft.

    `days` are days of `timezone`. `without` are track keys that do not count as other aircraft (the claim's own).
    With no day or no open field nothing is covered.
    """
    entries: list[DayCoverage] = []
    low = countable(positions)
    local_day = low["time_utc"].dt.tz_convert(timezone).dt.date.to_numpy() if len(low) else np.zeros(0, dtype=object)
    wanted = set(days)
    keep = np.array([d in wanted for d in local_day], dtype=bool)
    low, local_day = low[keep], local_day[keep]
    for field in sorted(airfields, key=lambda f: f.airport):
        near = _near(low, field)
        rows, on_day = low[near], local_day[near]
        height = rows["altitude_ft"].to_numpy() - field.elevation_ft
        height = np.where(rows["on_ground"].fillna(False).to_numpy(dtype=bool), 0.0, height)
        for day in sorted(wanted):
            if field.open_on(day):
                entries.append(_entry(field, day, rows[on_day == day], height[on_day == day], without))
    return Coverage(tuple(entries), bool(entries) and all(entry.aircraft > 0 for entry in entries))


def countable(positions: pd.DataFrame) -> pd.DataFrame:
    """The rows that may show other aircraft: believed, heard, of an ICAO address; real ones alone where there are any.

    With a further column `altitude_ft`: barometric, else above the ellipsoid.
    """
    rows = positions[positions["rejected_because"].isna() & positions["listed_flight"].isna()]
    simulated = rows["simulated"].to_numpy(dtype=bool)
    if not positions["simulated"].all():
        rows = rows[~simulated]
    keys = rows["track_key"]
    rows = rows[keys.str.fullmatch(ICAO_ADDRESS).to_numpy(dtype=bool) & ~keys.isin(list(SPECIAL_ADDRESSES)).to_numpy()]
    return rows.assign(altitude_ft=rows["baro_altitude_ft"].fillna(rows["geo_altitude_ft"]))


def _near(rows: pd.DataFrame, field: Airfield) -> np.ndarray:
    lat, lon = rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
    box = (np.abs(lat - field.lat_deg) < BOX_DEG) & (np.abs(lon - field.lon_deg) < BOX_DEG * 2)
    index = np.flatnonzero(box)
    away = distance_km(lat[index], lon[index], field.lat_deg, field.lon_deg)
    near = np.zeros(len(rows), dtype=bool)
    near[index[away <= NEAR_KM]] = True
    return near


def _entry(
    field: Airfield, day: date, rows: pd.DataFrame, height_ft: np.ndarray, without: Collection[str]
) -> DayCoverage:
    other = ~rows["track_key"].isin(list(without)).to_numpy()
    known = height_ft[other & ~np.isnan(height_ft)]
    low = other & (height_ft < LOW_FT)
    return DayCoverage(
        airport=field.airport,
        day=day,
        aircraft=int(rows["track_key"][low].nunique()),
        positions=int(low.sum()),
        lowest_ft=float(known.min()) if len(known) else None,
    )
