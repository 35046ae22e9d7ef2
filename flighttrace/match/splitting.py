"""One track's fixes → pieces: cut where the aircraft was on the ground, or could have been.

A long gap between two cruise heights is kept whole where the distance needs the time (a sea without receivers); it is
cut where the aircraft could have come down, stood and left again. Never by call sign, never at midnight.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.match.cleaning import missing, seconds_of
from flighttrace.match.end_track import EndTrack, smallest_runway_ft
from flighttrace.match.model import EndKind, Sighting
from flighttrace.match.operations import Operation, operation_of

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
SILENT_ON_GROUND_S: Final = 60.0
SILENT_TIMES: Final = 2.0
"""A silence on the ground as long as this, and so many times the stay's median step, is where the flight is cut;
without one, the middle of the stay is: equal steps tell nothing."""
SLOW_KT: Final = 30.0
ROLLING_KT: Final = 160.0
"""Altitude 0 at up to this speed is a runway (Flightradar24 writes 0 on the ground); faster is an altitude of 0."""
HIGHEST_GROUND_FT: Final = 16_000.0
"""Above every airfield (Daocheng Yading has 14,472 ft): what drifts slowly up there is a balloon."""
STANDING_KT: Final = 10.0
STANDING_KM: Final = 3.0
SAME_HEIGHT_FT: Final = 300.0
"""Pressure changes by less than this during a stop of some hours."""
UNSURE_SPEED_KT: Final = 250.0
ALL_ROWS: Final = slice(None)


@dataclass(frozen=True)
class Fixes:
    """Columns of a track's rows as arrays of shape (n,): what a cut and an end are judged by."""

    time: Floats
    lat: Floats
    lon: Floats
    baro_ft: Floats
    geo_ft: Floats
    speed_kt: Floats
    track_deg: Floats
    rate_ft_min: Floats
    ground: np.ndarray
    """On the ground as the source says; False where it says nothing."""
    ground_said: np.ndarray
    believed: np.ndarray
    listed: np.ndarray
    """Rows of a flight list."""

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Fixes:
        said = rows["on_ground"]
        return cls(
            seconds_of(rows["time_utc"]),
            rows["lat_deg"].to_numpy(),
            rows["lon_deg"].to_numpy(),
            rows["baro_altitude_ft"].to_numpy(),
            rows["geo_altitude_ft"].to_numpy(),
            rows["ground_speed_kt"].to_numpy(),
            rows["true_track_deg"].to_numpy(),
            rows["vertical_rate_ft_min"].to_numpy(),
            said.to_numpy(dtype=bool, na_value=False),
            ~missing(said),
            missing(rows["rejected_because"]),
            ~missing(rows["listed_flight"]),
        )

    def __len__(self) -> int:
        return len(self.time)

    def at(self, chosen: slice | np.ndarray) -> Fixes:
        """The fixes of a slice, or those that a mask chooses."""
        return Fixes(**{column.name: getattr(self, column.name)[chosen] for column in fields(self)})

    @property
    def altitude_ft(self) -> Floats:
        """Barometric altitude, else the geometric one (which may differ by some hundred feet)."""
        return np.where(np.isnan(self.baro_ft), self.geo_ft, self.baro_ft)


@dataclass
class Piece:
    """One flight's rows with its believed fixes as arrays of shape (n,), in time order."""

    table: pd.DataFrame
    """Its rows are those `within` the table."""
    time: Floats
    lat: Floats
    lon: Floats
    altitude_ft: Floats
    speed_kt: Floats
    track_deg: Floats
    rate_ft_min: Floats
    on_ground: np.ndarray
    ground_said: np.ndarray
    within: slice = field(default_factory=lambda: ALL_ROWS)

    @classmethod
    def of(cls, table: pd.DataFrame, fixes: Fixes | None = None, within: slice = ALL_ROWS) -> Piece | None:
        """Of the rows `within` the table. None where no position is believed. `fixes`: their columns, if at hand."""
        every = Fixes.of(table.iloc[within]) if fixes is None else fixes
        use = _without_list_rows(every)
        if not use.any():
            return None
        believed = every if use.all() else every.at(use)
        return cls(
            table,
            believed.time,
            believed.lat,
            believed.lon,
            believed.altitude_ft,
            believed.speed_kt,
            believed.track_deg,
            believed.rate_ft_min,
            _on_ground(believed),
            believed.ground_said,
            within,
        )

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The piece's rows, those rejected among them. Made when they are asked for: of most pieces they are not."""
        return self.table.iloc[self.within]

    @property
    def row_count(self) -> int:
        return len(range(*self.within.indices(len(self.table))))

    @property
    def first(self) -> float:
        return float(self.time[0])

    @property
    def last(self) -> float:
        return float(self.time[-1])

    @cached_property
    def shortest_runway_ft(self) -> float:
        fast = self.speed_kt[~np.isnan(self.speed_kt)]
        high = self.altitude_ft[~np.isnan(self.altitude_ft)]
        return smallest_runway_ft(
            float(np.quantile(fast, 0.95)) if len(fast) else 0.0, float(high.max()) if len(high) else 0.0
        )

    @cached_property
    def operation(self) -> Operation | None:
        """Who flies, by the first call sign of the rows."""
        if "callsign" not in self.table:
            return None
        return operation_of(sign for sign in self.rows["callsign"].unique() if isinstance(sign, str))

    def part(self, kept: slice) -> Piece:
        """The piece of these believed fixes alone; its rows stay the whole piece's."""
        names = [column.name for column in fields(self) if column.name not in ("table", "within")]
        return Piece(self.table, **{name: getattr(self, name)[kept] for name in names}, within=self.within)

    def sighting(self, i: int) -> Sighting:
        """The i-th believed fix."""
        altitude = float(self.altitude_ft[i])
        return Sighting(
            datetime.fromtimestamp(float(self.time[i]), UTC),
            float(self.lat[i]),
            float(self.lon[i]),
            None if np.isnan(altitude) else altitude,
            bool(self.on_ground[i]),
        )

    def end(self, kind: EndKind, silence_s: float) -> EndTrack:
        order = slice(None, None, -1) if kind == "arrival" else slice(None)
        at = self.time[order][0]
        arriving = kind == "arrival"
        return EndTrack(
            kind=kind,
            seconds=np.abs(self.time[order] - at),
            lat_deg=self.lat[order].copy(),
            lon_deg=self.lon[order].copy(),
            altitude_ft=self.altitude_ft[order].copy(),
            ground_speed_kt=self.speed_kt[order].copy(),
            true_track_deg=self.track_deg[order].copy() if arriving else (self.track_deg[order] + 180.0) % 360.0,
            vertical_rate_ft_min=(1.0 if arriving else -1.0) * self.rate_ft_min[order],
            on_ground=self.on_ground[order].copy(),
            ground_said=self.ground_said[order].copy(),
            end_time_utc=datetime.fromtimestamp(at, UTC),
            silence_s=silence_s,
            shortest_runway_ft=self.shortest_runway_ft,
            operation=self.operation,
        )


def _without_list_rows(fixes: Fixes) -> np.ndarray:
    """The fixes that ends are judged by: a flight list's two positions only where nothing else was heard.

    They stay in the flight's rows and witness for their network, but beside a track they say less than it does (no
    ground flag, and the first and last message may be sent long after landing).
    """
    heard = fixes.believed & ~fixes.listed
    return heard if heard.any() else fixes.believed


def _on_ground(fixes: Fixes) -> np.ndarray:
    """On the ground as the source says. Where it says nothing: altitude 0 at taxi or landing speed; slow at the track's
    lowest height where it begins or ends; or standing: hardly moving, sideways or up, for as long as a stop takes."""
    if fixes.ground_said.all():
        return fixes.ground
    altitude, speed = fixes.baro_ft, fixes.speed_kt
    at_zero = (altitude == 0.0) & ~(speed > ROLLING_KT)
    lowest = float(np.nanmin(altitude)) if (~np.isnan(altitude)).any() else np.nan
    slow = (speed <= SLOW_KT) & ((altitude <= lowest + SAME_HEIGHT_FT) | np.isnan(altitude))
    guessed = (at_zero | _from_the_ends(slow) | _standing(fixes)) & ~(fixes.altitude_ft > HIGHEST_GROUND_FT)
    return np.where(fixes.ground_said, fixes.ground, guessed)


def _from_the_ends(flags: np.ndarray) -> np.ndarray:
    """The flags that hold without a break from the first fix on, or up to the last: a slow glider's are not."""
    return np.logical_and.accumulate(flags) | np.logical_and.accumulate(flags[::-1])[::-1]


def _standing(fixes: Fixes) -> np.ndarray:
    """Stretches of GROUND_STAY_S and more at STANDING_KT at most and at one height, with the slow fixes beside them."""
    time, lat, lon, altitude = fixes.time, fixes.lat, fixes.lon, fixes.altitude_ft
    speed = _speed_kt(fixes)
    standing = np.zeros(len(fixes), dtype=bool)
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
        while b < len(fixes) and beside[b]:
            b += 1
        standing[a:b] = True
    return standing


def _speed_kt(fixes: Fixes) -> Floats:
    """Reported ground speed; where there is none, that between the fixes around, if they are within two minutes."""
    unknown = np.flatnonzero(np.isnan(fixes.speed_kt))
    if not len(unknown):
        return fixes.speed_kt
    speed = fixes.speed_kt.copy()
    before, after = np.maximum(unknown - 1, 0), np.minimum(unknown + 1, len(speed) - 1)
    seconds = fixes.time[after] - fixes.time[before]
    near = (seconds > 0) & (seconds <= 120.0)
    a, b = before[near], after[near]
    away_km = distance_km(fixes.lat[a], fixes.lon[a], fixes.lat[b], fixes.lon[b])
    speed[unknown[near]] = away_km / KM_PER_NM * 3600.0 / seconds[near]
    return speed


def cut_into_pieces(
    table: pd.DataFrame, fixes: Fixes | None = None, within: slice = ALL_ROWS
) -> list[Piece | pd.DataFrame]:
    """The track of the rows `within` the table cut into flights; rejected rows go with the fix before them. Rows where
    no position is believed. `fixes`: the track's columns, if they are at hand."""
    fixes = Fixes.of(table.iloc[within]) if fixes is None else fixes
    whole = Piece.of(table, fixes, within)
    if whole is None:
        return [table.iloc[within]] if len(fixes) else []
    cuts = sorted(set(_gap_cuts(whole)) | set(_ground_cuts(whole)))
    if not cuts:
        return [whole]
    bounds = whole.time[np.array(cuts, dtype=int) + 1]
    at = np.searchsorted(bounds, fixes.time, side="right")
    starts = [0, *(np.flatnonzero(np.diff(at)) + 1).tolist(), len(fixes)]
    first = within.start or 0
    parts = [(slice(a, b), slice(first + a, first + b)) for a, b in pairwise(starts)]
    return [Piece.of(table, fixes.at(own), of_table) or table.iloc[of_table] for own, of_table in parts]


def _gap_cuts(p: Piece) -> list[int]:
    """Indexes i where the flight ends at fix i and another begins at i + 1, because a landing fits between."""
    gap_s = np.diff(p.time)
    long = np.flatnonzero(gap_s >= SHORTEST_CUT_S)
    if not len(long):
        return []
    cuts = []
    long_km = distance_km(p.lat[long], p.lon[long], p.lat[long + 1], p.lon[long + 1])
    for i, away_km in zip(long.tolist(), long_km, strict=True):
        j = i + 1
        if p.on_ground[i] and p.on_ground[j]:
            if away_km > 10.0:
                cuts.append(int(i))
            continue
        speeds = [s for s in (p.speed_kt[i], p.speed_kt[j]) if not np.isnan(s) and s > 60.0]
        speed_kt = max(speeds) if speeds else UNSURE_SPEED_KT
        slack_s = gap_s[i] - away_km / (speed_kt * KM_PER_NM) * 3600.0
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
    """Cuts inside stretches on the ground of some length: at the longest silence, the middle if there is none. No cut
    stands beside a fix in the air but across a step of SILENT_ON_GROUND_S: presence relies on it."""
    change = np.flatnonzero(np.diff(p.on_ground.astype(int)))
    bounds = [0, *(change + 1), len(p.on_ground)]
    cuts = []
    for a, b in pairwise(bounds):
        if not p.on_ground[a] or a == 0 or b == len(p.on_ground):
            continue
        if p.time[b] - p.time[a - 1] < GROUND_STAY_S:
            continue
        stay = p.time[a - 1 : b + 1]
        gaps = np.diff(stay)
        silent = gaps.max() >= max(SILENT_ON_GROUND_S, SILENT_TIMES * float(np.median(gaps)))
        at = np.argmax(gaps) if silent else np.searchsorted(stay, (stay[0] + stay[-1]) / 2, side="right") - 1
        cuts.append(a - 1 + int(at))
    return cuts
