"""One track's fixes → pieces: cut where the aircraft was on the ground, or could have been.

A long gap between two cruise heights is kept whole where the distance needs the time (a sea without receivers); it is
cut where the aircraft could have come down, stood and left again. Never by call sign, never at midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.match.cleaning import seconds_of
from flighttrace.match.likelihood import EndTrack, smallest_runway_ft
from flighttrace.match.model import EndKind

SHORTEST_CUT_S: Final = 600.0
"""A gap shorter than this is never a landing: ten minutes do not hold an approach, a stop and a departure."""
GROUND_STAY_S: Final = 300.0
"""On the ground for longer than this between two airborne parts is the end of one flight and the start of another."""
LOW_FT: Final = 15_000.0
"""Below this on both sides of a gap a landing in the gap needs little extra time."""
LOW_SLACK_S: Final = 1200.0
TURN_SLACK_S: Final = 600.0
"""Spare time that cuts a gap with descent before and climb after it."""
CRUISE_SLACK_S: Final = 3600.0
CRUISE_SLACK_SHARE: Final = 0.15
"""Between two cruise heights: descent, stop and climb need an hour beyond the direct way; winds stretch long gaps."""
SLOW_KT: Final = 30.0
ROLLING_KT: Final = 160.0
"""Altitude 0 at up to this speed is a runway (Flightradar24 writes 0 on the ground); faster is an altitude of 0."""
STANDING_KT: Final = 10.0
STANDING_KM: Final = 3.0
SAME_HEIGHT_FT: Final = 300.0
"""Pressure changes by less than this during a stop of some hours."""
UNSURE_SPEED_KT: Final = 250.0


@dataclass
class Piece:
    """One flight's rows with its believed fixes as arrays of shape (n,), in time order."""

    rows: pd.DataFrame
    time: Floats
    lat: Floats
    lon: Floats
    altitude_ft: Floats
    speed_kt: Floats
    track_deg: Floats
    rate_ft_min: Floats
    on_ground: np.ndarray
    ground_said: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Piece | None:
        """None where no position of the piece is believed."""
        believed = _without_list_rows(rows[rows["rejected_because"].isna()])
        if not len(believed):
            return None
        return cls(
            rows,
            seconds_of(believed["time_utc"]),
            believed["lat_deg"].to_numpy(),
            believed["lon_deg"].to_numpy(),
            _altitude_ft(believed),
            believed["ground_speed_kt"].to_numpy(),
            believed["true_track_deg"].to_numpy(),
            believed["vertical_rate_ft_min"].to_numpy(),
            _on_ground(believed),
            believed["on_ground"].notna().to_numpy(),
        )

    @property
    def first(self) -> float:
        return float(self.time[0])

    @property
    def last(self) -> float:
        return float(self.time[-1])

    def end(self, kind: EndKind, silence_s: float) -> EndTrack:
        order = slice(None, None, -1) if kind == "arrival" else slice(None)
        index = np.arange(len(self.time))[order]
        sign = 1.0 if kind == "arrival" else -1.0
        at = self.time[index[0]]
        fast = self.speed_kt[~np.isnan(self.speed_kt)]
        high = self.altitude_ft[~np.isnan(self.altitude_ft)]
        return EndTrack(
            kind=kind,
            seconds=np.abs(self.time[index] - at),
            lat_deg=self.lat[index],
            lon_deg=self.lon[index],
            altitude_ft=self.altitude_ft[index],
            ground_speed_kt=self.speed_kt[index],
            true_track_deg=self.track_deg[index] if sign > 0 else (self.track_deg[index] + 180.0) % 360.0,
            vertical_rate_ft_min=sign * self.rate_ft_min[index],
            on_ground=self.on_ground[index],
            ground_said=self.ground_said[index],
            end_time_utc=datetime.fromtimestamp(at, UTC),
            silence_s=silence_s,
            shortest_runway_ft=smallest_runway_ft(
                float(np.quantile(fast, 0.95)) if len(fast) else 0.0, float(high.max()) if len(high) else 0.0
            ),
        )


def _without_list_rows(believed: pd.DataFrame) -> pd.DataFrame:
    """The fixes that ends are judged by: a flight list's two positions only where nothing else was heard.

    They stay in the flight's rows and witness for their network, but beside a track they say less than it does (no
    ground flag, and the first and last message may be sent long after landing).
    """
    heard = believed["listed_flight"].isna()
    return believed[heard] if heard.any() else believed


def _altitude_ft(rows: pd.DataFrame) -> Floats:
    """Barometric altitude, else the geometric one (which may differ by some hundred feet)."""
    baro = rows["baro_altitude_ft"].to_numpy()
    return np.where(np.isnan(baro), rows["geo_altitude_ft"].to_numpy(), baro)


def _on_ground(rows: pd.DataFrame) -> np.ndarray:
    """On the ground as the source says. Where it says nothing: altitude 0 at taxi or landing speed; slow at the track's
    lowest height where it begins or ends; or standing: hardly moving, sideways or up, for as long as a stop takes."""
    said = rows["on_ground"]
    altitude, speed = rows["baro_altitude_ft"].to_numpy(), rows["ground_speed_kt"].to_numpy()
    at_zero = (altitude == 0.0) & ~(speed > ROLLING_KT)
    lowest = float(np.nanmin(altitude)) if (~np.isnan(altitude)).any() else np.nan
    slow = (speed <= SLOW_KT) & ((altitude <= lowest + SAME_HEIGHT_FT) | np.isnan(altitude))
    guessed = at_zero | _from_the_ends(slow) | _standing(rows)
    return np.where(said.isna().to_numpy(), guessed, said.fillna(False).to_numpy(dtype=bool)).astype(bool)


def _from_the_ends(flags: np.ndarray) -> np.ndarray:
    """The flags that hold without a break from the first fix on, or up to the last: a slow glider's are not."""
    return np.logical_and.accumulate(flags) | np.logical_and.accumulate(flags[::-1])[::-1]


def _standing(rows: pd.DataFrame) -> np.ndarray:
    """Stretches of GROUND_STAY_S and more at STANDING_KT at most and at one height, with the slow fixes beside them."""
    time, altitude = seconds_of(rows["time_utc"]), _altitude_ft(rows)
    speed = _speed_kt(rows, time)
    lat, lon = rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
    standing = np.zeros(len(rows), dtype=bool)
    still = np.concatenate([[False], speed <= STANDING_KT, [False]]).astype(int)
    for a, b in zip(np.flatnonzero(np.diff(still) == 1), np.flatnonzero(np.diff(still) == -1), strict=True):
        heights = altitude[a:b][~np.isnan(altitude[a:b])]
        if time[b - 1] - time[a] < GROUND_STAY_S or (len(heights) and np.ptp(heights) > SAME_HEIGHT_FT):
            continue
        if float(distance_km(lat[a], lon[a], lat[a:b], lon[a:b]).max()) > STANDING_KM:
            continue
        height = float(np.median(heights)) if len(heights) else np.nan
        beside = (speed <= SLOW_KT) & ~(np.abs(altitude - height) > SAME_HEIGHT_FT)
        while a > 0 and beside[a - 1]:
            a -= 1
        while b < len(rows) and beside[b]:
            b += 1
        standing[a:b] = True
    return standing


def _speed_kt(rows: pd.DataFrame, time: Floats) -> Floats:
    """Reported ground speed; where there is none, that between the fixes around, if they are within two minutes."""
    speed: Floats = np.array(rows["ground_speed_kt"], dtype=np.float64)
    lat, lon = rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
    for i in np.flatnonzero(np.isnan(speed)).tolist():
        a, b = max(i - 1, 0), min(i + 1, len(speed) - 1)
        seconds = time[b] - time[a]
        if 0 < seconds <= 120.0:
            speed[i] = float(distance_km(lat[a], lon[a], lat[b], lon[b])) / KM_PER_NM * 3600.0 / seconds
    return speed


def cut_into_pieces(track: pd.DataFrame) -> list[pd.DataFrame]:
    """The track's rows, cut into flights; rejected rows go with the fix before them."""
    piece = Piece.of(track)
    if piece is None:
        return [track] if len(track) else []
    cuts = sorted(set(_gap_cuts(piece)) | set(_ground_cuts(piece)))
    bounds = piece.time[np.array(cuts, dtype=int) + 1] if cuts else np.zeros(0)
    at = np.searchsorted(bounds, seconds_of(track["time_utc"]), side="right")
    return [part for _, part in track.groupby(at, sort=True)]


def _gap_cuts(p: Piece) -> list[int]:
    """Indexes i where the flight ends at fix i and another begins at i + 1, because a landing fits between."""
    gap_s = np.diff(p.time)
    away_km = distance_km(p.lat[:-1], p.lon[:-1], p.lat[1:], p.lon[1:])
    cuts = []
    for i in np.flatnonzero(gap_s >= SHORTEST_CUT_S).tolist():
        j = i + 1
        if p.on_ground[i] and p.on_ground[j]:
            if away_km[i] > 10.0:
                cuts.append(int(i))
            continue
        speeds = [s for s in (p.speed_kt[i], p.speed_kt[j]) if not np.isnan(s) and s > 60.0]
        speed_kt = max(speeds) if speeds else UNSURE_SPEED_KT
        slack_s = gap_s[i] - away_km[i] / (speed_kt * KM_PER_NM) * 3600.0
        if slack_s > _slack_needed_s(p, int(i), j, float(gap_s[i])):
            cuts.append(int(i))
    return cuts


def _slack_needed_s(p: Piece, i: int, j: int, gap_s: float) -> float:
    low_before = bool(p.altitude_ft[i] < LOW_FT) or bool(p.on_ground[i])
    low_after = bool(p.altitude_ft[j] < LOW_FT) or bool(p.on_ground[j])
    descending = _trend_ft_min(p, i, back=True) < -300.0
    climbing = _trend_ft_min(p, j, back=False) > 300.0
    if descending and climbing:
        return TURN_SLACK_S
    if low_before and low_after:
        return LOW_SLACK_S
    return CRUISE_SLACK_S + CRUISE_SLACK_SHARE * gap_s


def _trend_ft_min(p: Piece, i: int, *, back: bool) -> float:
    """Vertical speed about fix i on its own side of the gap: from altitudes, else as reported; 0 where unknown."""
    window = (
        (p.time >= p.time[i] - 180.0) & (p.time <= p.time[i])
        if back
        else ((p.time >= p.time[i]) & (p.time <= p.time[i] + 180.0))
    )
    window &= ~np.isnan(p.altitude_ft)
    t, a = p.time[window], p.altitude_ft[window]
    if len(t) > 1 and t[-1] - t[0] >= 20.0:
        return float((a[-1] - a[0]) / (t[-1] - t[0]) * 60.0)
    return 0.0 if np.isnan(p.rate_ft_min[i]) else float(p.rate_ft_min[i])


def _ground_cuts(p: Piece) -> list[int]:
    """Cuts inside stretches on the ground of some length: at the longest silence, the middle if there is none."""
    change = np.flatnonzero(np.diff(p.on_ground.astype(int)))
    bounds = [0, *(change + 1), len(p.on_ground)]
    cuts = []
    for a, b in pairwise(bounds):
        if not p.on_ground[a] or a == 0 or b == len(p.on_ground):
            continue
        if p.time[b] - p.time[a - 1] < GROUND_STAY_S:
            continue
        gaps = np.diff(p.time[a - 1 : b + 1])
        cuts.append(a - 1 + int(np.argmax(gaps)))
    return cuts
