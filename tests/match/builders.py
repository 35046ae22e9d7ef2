"""Made-up tracks for the match room: straight flights between fields with a plain climb, cruise and descent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from flighttrace.accounting import Accounting
from flighttrace.geodesy import wgs84
from flighttrace.match.places import load_airfields
from flighttrace.positions import POSITION_DTYPES, Ingested, Source, conform, empty_listed_flights

START = datetime(2031, 9, 25, 6, 0, tzinfo=UTC)


def positions(
    seconds: Sequence[float] | np.ndarray,
    lat: Sequence[float] | np.ndarray,
    lon: Sequence[float] | np.ndarray,
    altitude: Sequence[float] | np.ndarray | float = 35_000.0,
    *,
    speed: Sequence[float] | np.ndarray | float = 430.0,
    ground: Sequence[bool] | np.ndarray | None = None,
    icao24: str | None = "f00001",
    track_key: str | None = None,
    callsign: str | None = "SIM101",
    source_id: str = "s1",
    start: datetime = START,
) -> pd.DataFrame:
    """Rows of `positions`; `seconds` after `start`."""
    n = len(seconds)
    frame = pd.DataFrame(index=range(n))
    for name, dtype in POSITION_DTYPES.items():
        frame[name] = pd.Series([None] * n) if dtype in ("str", "boolean") else (False if dtype == "bool" else np.nan)
    frame["time_utc"] = pd.to_datetime([round((start.timestamp() + s) * 1000) for s in seconds], unit="ms", utc=True)
    frame["track_key"], frame["icao24"], frame["callsign"] = track_key or icao24, icao24, callsign
    frame["lat_deg"], frame["lon_deg"] = np.asarray(lat, float), np.asarray(lon, float)
    frame["baro_altitude_ft"], frame["ground_speed_kt"] = altitude, speed
    if ground is not None:
        frame["on_ground"] = pd.array(np.asarray(ground, dtype=bool), dtype="boolean")
    frame["simulated"], frame["source_id"], frame["source_row"] = True, source_id, np.arange(1, n + 1)
    return conform(frame)


def flight(
    origin: str,
    destination: str,
    *,
    start: datetime = START,
    cruise_ft: float = 33_000.0,
    step_s: float = 20.0,
    hide_below_ft: float | None = None,
    hide_arrival_below_ft: float | None = None,
    **named: object,
) -> pd.DataFrame:
    """A flight from the middle of one field to that of the other: on the ground at both ends, 3° down, 4° up.

    `hide_below_ft` leaves out what is lower than that above either field; `hide_arrival_below_ft` at the arrival only.
    """
    fields = load_airfields()
    a, b = fields.get(origin), fields.get(destination)
    azimuth, _, metres = wgs84().inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)
    total_km = metres / 1000.0
    km = np.arange(0.0, total_km, 0.2)
    height = np.minimum.reduce(
        [
            np.full(len(km), cruise_ft),
            a.elevation_ft + km * np.tan(np.radians(4.0)) / 0.0003048,
            b.elevation_ft + (total_km - km) * np.tan(np.radians(3.0)) / 0.0003048,
        ]
    )
    speed = np.clip(140.0 + (height - 1000.0) * 0.012, 130.0, 440.0)
    seconds = np.concatenate([[0.0], np.cumsum(0.2 / (speed[1:] * 1.852) * 3600.0)])
    at = np.arange(0.0, seconds[-1], step_s)
    flown = np.interp(at, seconds, km)
    lon, lat, _ = wgs84().fwd(
        np.full(len(at), a.lon_deg), np.full(len(at), a.lat_deg), np.full(len(at), azimuth), flown * 1000.0
    )
    alt, kt = np.interp(at, seconds, height), np.interp(at, seconds, speed)
    stand = 6
    at = np.concatenate([np.arange(-stand, 0) * 60.0, at, at[-1] + step_s + np.arange(stand) * 60.0])
    lat = np.concatenate([np.full(stand, a.lat_deg), lat, np.full(stand, b.lat_deg)])
    lon = np.concatenate([np.full(stand, a.lon_deg), lon, np.full(stand, b.lon_deg)])
    alt = np.concatenate([np.full(stand, a.elevation_ft), alt, np.full(stand, b.elevation_ft)])
    kt = np.concatenate([np.zeros(stand), kt, np.zeros(stand)])
    ground = np.concatenate([np.ones(stand, bool), np.zeros(len(kt) - 2 * stand, bool), np.ones(stand, bool)])
    middle = np.arange(len(at)) < len(at) // 2
    keep = np.ones(len(at), dtype=bool)
    if hide_below_ft is not None:
        keep &= np.where(middle, alt - a.elevation_ft, alt - b.elevation_ft) >= hide_below_ft
    if hide_arrival_below_ft is not None:
        keep &= middle | (alt - b.elevation_ft >= hide_arrival_below_ft)
    return positions(
        at[keep],
        lat[keep],
        lon[keep],
        alt[keep],
        speed=kt[keep],
        ground=ground[keep],
        start=start,
        **named,  # type: ignore[arg-type]
    )


def source(source_id: str = "s1", network: str = "unknown", reader: str = "made-up") -> Source:
    """A source of that network with an empty account."""
    return Source(
        source_id,
        f"{source_id}.csv",
        source_id.ljust(64, "0"),
        1,
        reader,
        network,
        False,
        Accounting(0, 0),
        simulated=True,
    )


def ingested(*frames: pd.DataFrame, sources: Sequence[Source] = ()) -> Ingested:
    """The frames as one ingest result, sorted as ingest sorts."""
    together = pd.concat(frames, ignore_index=True)
    together = together.sort_values(["track_key", "time_utc", "source_id", "source_row"], kind="stable")
    named = tuple(sources) or tuple(source(i) for i in sorted(together["source_id"].unique()))
    return Ingested(together.reset_index(drop=True), empty_listed_flights(), named)
