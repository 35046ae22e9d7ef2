"""A flight's track cut into what was received and what was not.

A stretch between two believed positions further apart than GAP_S is a gap: drawn dashed, exported as a line of its
own, and never part of the received line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np
import pandas as pd

from flighttrace.geodesy import Floats, distance_km

GAP_S: Final = 300.0
"""Five minutes. Feeds thin a straight cruise to about a point a minute; in five minutes a jet flies 70 km unheard."""


@dataclass(frozen=True)
class Segment:
    """A stretch of track: received (any number of positions) or a gap (its two ends)."""

    kind: Literal["received", "gap"]
    from_utc: datetime
    to_utc: datetime
    lat_deg: Floats
    lon_deg: Floats
    km: float

    @property
    def duration_s(self) -> float:
        return (self.to_utc - self.from_utc).total_seconds()


def believed(track: pd.DataFrame) -> pd.DataFrame:
    """The rows of the track that nothing rejected, in time order."""
    if track.empty:
        return track
    return track[track["rejected_because"].isna()].sort_values("time_utc", kind="stable")


def segments(track: pd.DataFrame, *, longest_gap_s: float = GAP_S) -> tuple[Segment, ...]:
    """The track as alternating received stretches and gaps, in time order; empty where nothing is believed."""
    rows = believed(track)
    if rows.empty:
        return ()
    times = rows["time_utc"].dt.as_unit("ms")
    seconds = times.astype("int64").to_numpy() / 1000.0
    lat, lon = rows["lat_deg"].to_numpy(np.float64), rows["lon_deg"].to_numpy(np.float64)
    moments = [moment.to_pydatetime() for moment in times]
    breaks = np.flatnonzero(np.diff(seconds) > longest_gap_s)
    found: list[Segment] = []
    start = 0
    for last in [*breaks.tolist(), len(rows) - 1]:
        part = slice(start, last + 1)
        steps = distance_km(lat[part][:-1], lon[part][:-1], lat[part][1:], lon[part][1:])
        found.append(Segment("received", moments[start], moments[last], lat[part], lon[part], float(steps.sum())))
        if last + 1 < len(rows):
            gap = slice(last, last + 2)
            km = float(distance_km(lat[last], lon[last], lat[last + 1], lon[last + 1]))
            found.append(Segment("gap", moments[last], moments[last + 1], lat[gap], lon[gap], km))
        start = last + 1
    return tuple(found)
