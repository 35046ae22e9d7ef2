"""Faults of a whole file that no single row shows: swapped coordinates, speed or altitude in another unit.

A tar's members are judged one by one, each as the file it would be outside: a sound one never hides a bad one.

Each asks for enough straight, moving steps to be sure, and errs on the side of silence: what a check cannot judge it
lets pass. Measured on real files: the bearing between fixes lies a median 0.4 and 0.8 degrees off the reported track
as given, and 161 and 80 degrees with latitude and longitude swapped; position-derived over reported speed lies near 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from flighttrace.errors import InputError
from flighttrace.geodesy import FT_PER_M, KM_PER_NM, angle_between_deg
from flighttrace.ingest.values import Bools, Floats

Ints = npt.NDArray[np.int64]

_MEASURED_AT_ONCE: Final = 50_000
"""Steps: so that what is measured of a file of many members takes a few MB."""
_FEWEST_STEPS: Final = 10
"""Steps needed before a file is refused."""
_MOST_STEPS: Final = 600
"""Evenly taken from larger files; more would not change a median."""
_STEP_S: Final = (1.0, 180.0)
"""Over longer steps an aircraft turns."""
_SLOT_MS: Final = 10_000
"""One fix an aircraft in each slot of the clock: shorter steps drown in rounded times and repeated positions."""
_STEP_KM: Final = (0.5, 50.0)
_EARTH_KM: Final = 6371.0
_SWAPPED_AS_GIVEN_DEG: Final = 45.0
_SWAPPED_TURNED_DEG: Final = 10.0
_STRAIGHT_DEG: Final = 5.0
"""Track change along a step that still counts as straight flight."""
_STEADY: Final = 0.05
"""Speed change along a step, as a share, that still counts as steady."""
_FASTER_THAN_KT: Final = 50.0
_SPEED_STEP_S: Final = 8.0
_MS_AS_KT: Final = 3600 / 1852
_RATIO_TOLERANCE: Final = 0.05
_RATIO_SPREAD: Final = 1.15
"""Upper over lower quartile of the ratios; a wrong unit shifts them all alike."""
_HIGHEST_FT: Final = 60_000.0
_TOO_HIGH_SHARE: Final = 0.01
_TOO_HIGH_FEWEST: Final = 5
_METRES_LEVELS: Final = (5_000.0, 13_500.0)
"""Jets cruise between these heights in metres (16,000 to 44,000 ft). Read as feet, they are heights of the climb."""
_LEVEL_BAND: Final = 150.0
_LEVEL_S: Final = 600.0
_LEVEL_PAUSE_S: Final = 300.0
_LEVEL_FASTER_THAN_KT: Final = 350.0
"""Over ground. Below 10,000 ft aircraft are held to 250 kt by airspeed, and hardly one stays long below 13,500 ft."""


@dataclass(frozen=True)
class _Steps:
    """Consecutive fixes of one aircraft, as arrays of equal length."""

    lat1: Floats
    lon1: Floats
    lat2: Floats
    lon2: Floats
    track1: Floats
    track2: Floats
    speed1: Floats
    speed2: Floats
    seconds: Floats

    def part(self, members: slice) -> _Steps:
        return _Steps(*(getattr(self, name.name)[members] for name in fields(_Steps)))


@dataclass(frozen=True)
class _AllSteps:
    """Steps of which only some are looked at. `begins` (n,): the row where each begins; it ends in the next."""

    begins: Ints
    ms: Ints
    member: Ints
    """Of a row; never falls along the steps."""
    columns: Mapping[str, Floats]

    def some(self, at: Ints) -> _Steps:
        a = self.begins[at]
        b = a + 1
        lat, lon, track, speed = (self.columns[name] for name in _STEP_COLUMNS)
        seconds = (self.ms[b] - self.ms[a]) / 1000.0
        return _Steps(lat[a], lon[a], lat[b], lon[b], track[a], track[b], speed[a], speed[b], seconds)


def check_file(frame: pd.DataFrame, files: Sequence[str], *, feet_by_name_only: bool = False) -> None:
    """Raise InputError where the accepted rows (columns as in `positions`, and `member`, which counts in `files`) show
    a fault of a whole file. `feet_by_name_only`: see `Records`."""
    if not len(frame):
        return
    _check_altitude(frame, files)
    if feet_by_name_only:
        _check_levels(frame, files)
    if len(frame) <= _FEWEST_STEPS:
        return
    _check_steps(_steps_of_frame(frame), files)


def _check_steps(steps: _AllSteps, files: Sequence[str]) -> None:
    """Judge each member by its own steps, _MOST_STEPS of them at the most; many are measured at once."""
    member = steps.member[steps.begins]
    edges = np.flatnonzero(member[1:] != member[:-1]) + 1
    bounds = [(a, b) for a, b in pairwise([0, *edges.tolist(), len(member)]) if b - a >= _FEWEST_STEPS]
    if not bounds:
        return
    picked: list[Ints] = []
    held = 0
    for number, (a, b) in enumerate(bounds, start=1):
        picked.append(a + np.linspace(0, b - a - 1, min(b - a, _MOST_STEPS)).astype(np.intp))
        held += len(picked[-1])
        if number == len(bounds) or held >= _MEASURED_AT_ONCE:
            _check_picked(steps, picked, files)
            picked, held = [], 0


def _check_picked(steps: _AllSteps, picked: Sequence[Ints], files: Sequence[str]) -> None:
    """Judge some members. `picked`: the steps that are measured, an array a member."""
    looked_at = steps.some(np.concatenate(picked))
    measured = _Measured.of(looked_at)
    first = 0
    for some in picked:
        members, file = slice(first, first + len(some)), files[int(steps.member[steps.begins[some[0]]])]
        first += len(some)
        _check_order(looked_at, measured, members, file)
        _check_speed(measured, members, file)


def _check_altitude(frame: pd.DataFrame, files: Sequence[str]) -> None:
    member = frame["member"].to_numpy(dtype=np.intp)
    for name in _ALTITUDES:
        altitude = frame[name].to_numpy(dtype=np.float64)
        given = np.bincount(member[np.isfinite(altitude)], minlength=len(files))
        high = np.bincount(member[altitude > _HIGHEST_FT], minlength=len(files))
        _refuse_high(name, given, high, files)


def _refuse_high(name: str, given: Ints, high: Ints, files: Sequence[str]) -> None:
    for i in np.flatnonzero((high >= _TOO_HIGH_FEWEST) & (high > _TOO_HIGH_SHARE * given))[:1].tolist():
        raise InputError(
            f"{high[i]} of {given[i]} altitudes are above {_HIGHEST_FT:.0f} ft: probably feet taken for metres",
            file=files[i],
            column=name.removesuffix("_ft"),
            accepted="declare the unit with a mapping file",
        )


def _check_levels(frame: pd.DataFrame, files: Sequence[str]) -> None:
    """Metres under a name that promises feet: a jet's cruise, held fast and long at a height of the climb.

    A file with more than single heights above every cruise in metres is in feet, and is let pass whole.
    """
    member = frame["member"].to_numpy(dtype=np.intp)
    for name in ("baro_altitude_ft", "geo_altitude_ft"):
        altitude = frame[name].to_numpy(dtype=np.float64)
        higher = np.bincount(member[altitude > _METRES_LEVELS[1]], minlength=len(files))
        inside = np.bincount(member[altitude >= _METRES_LEVELS[0]], minlength=len(files))
        for number in np.flatnonzero((inside > 0) & (higher < _TOO_HIGH_FEWEST)).tolist():
            use = (member == number) & np.isfinite(altitude) & frame["rejected_because"].isna().to_numpy()
            use &= altitude <= _METRES_LEVELS[1]
            found = _fast_level(frame[use], name) if use.any() else None
            if found is not None:
                level, minutes, knots = found
                raise InputError(
                    f"altitude near {level:.0f} held for {minutes:.0f} min at {knots:.0f} kt: metres under a name that "
                    f"promises feet (then {level * FT_PER_M:.0f} ft), or a flight so fast at {level:.0f} ft",
                    file=files[number],
                    column=name.removesuffix("_ft"),
                    accepted="altitude in feet; declare the unit with a mapping file",
                )


def _fast_level(frame: pd.DataFrame, name: str) -> tuple[float, float, float] | None:
    """(altitude, minutes, ground speed in kt) of the longest level flight as in `_check_levels`; None without one."""
    codes, ms, order = _by_aircraft(frame)
    codes, seconds = codes[order], ms[order] / 1000.0
    altitude = frame[name].to_numpy()[order]
    lat, lon = frame["lat_deg"].to_numpy()[order], frame["lon_deg"].to_numpy()[order]
    reported = frame["ground_speed_kt"].to_numpy()[order]
    best: tuple[float, float, float] | None = None
    for shift in (0.0, _LEVEL_BAND / 2):  # two sets of bands, so that no level lies on an edge of both
        band = np.floor((altitude + shift) / _LEVEL_BAND)
        new = (np.diff(codes) != 0) | (np.diff(band) != 0) | (np.diff(seconds) > _LEVEL_PAUSE_S)
        for first, end in pairwise([0, *(np.flatnonzero(new) + 1).tolist(), len(band)]):
            lasts_s, level = seconds[end - 1] - seconds[first], float(np.median(altitude[first:end]))
            if lasts_s < _LEVEL_S or level < _METRES_LEVELS[0]:
                continue
            speeds = reported[first:end][np.isfinite(reported[first:end])]
            if len(speeds):
                knots = float(np.median(speeds))
            else:  # the straight way: at least so fast
                _, km = _on_the_sphere(lat[first], lon[first], lat[end - 1], lon[end - 1])
                knots = float(km) / KM_PER_NM / (lasts_s / 3600)
            if knots > _LEVEL_FASTER_THAN_KT and (best is None or lasts_s / 60 > best[1]):
                best = (level, float(lasts_s / 60), knots)
    return best


def _by_aircraft(frame: pd.DataFrame) -> tuple[Ints, Ints, npt.NDArray[np.intp]]:
    """(a number for each aircraft of each member, milliseconds, the order by both)."""
    member = frame["member"].to_numpy(dtype=np.int64)
    key = frame["icao24"].fillna("") + "/" + frame["flight"].fillna("") + "/" + frame["callsign"].fillna("")
    names = pd.factorize(key)[0].astype(np.int64)
    codes = member * (int(names.max(initial=0)) + 1) + names
    ms = frame["time_utc"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    return codes, ms, np.lexsort((ms, codes))


class WholeFileCheck:
    """`check_file` for records that come range by range, each sorted by key and time (see `archive/rows.py`).

    `files`: the label of each member. Altitudes are counted over all ranges; of the rest a range holds whole tracks
    and is judged by itself: a member's first WHOLE_TRACK_ROWS rows in it.
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self._given = {name: np.zeros(len(files), dtype=np.int64) for name in _ALTITUDES}
        self._high = {name: np.zeros(len(files), dtype=np.int64) for name in _ALTITUDES}

    def see(self, recs: npt.NDArray[np.void]) -> None:
        """Judge a range. Raises InputError as `check_file` does."""
        member = recs["member"].astype(np.int64)
        for name in _ALTITUDES:
            altitude = recs[name]
            self._given[name] += np.bincount(member[np.isfinite(altitude)], minlength=len(self._files))
            high = altitude > _HIGHEST_FT
            if high.any():
                self._high[name] += np.bincount(member[high], minlength=len(self._files))
        if len(self._files) == 1:
            recs, member = recs[:WHOLE_TRACK_ROWS], member[:WHOLE_TRACK_ROWS]
        key, ms = np.ascontiguousarray(recs["key"]), np.ascontiguousarray(recs["time_ms"])
        at = _one_a_slot(key, ms)
        columns = {name: recs[name][at] for name in _STEP_COLUMNS}
        believed = recs["rejected_because"][at] == 0
        _check_steps(_steps(key[at], ms[at], columns, believed, member[at]), self._files)

    def finish(self) -> None:
        """Judge the altitudes of all ranges. Raises InputError."""
        for name in _ALTITUDES:
            _refuse_high(name, self._given[name], self._high[name], self._files)


WHOLE_TRACK_ROWS: Final = 200_000
_ALTITUDES: Final = ("baro_altitude_ft", "geo_altitude_ft")
_STEP_COLUMNS: Final = ("lat_deg", "lon_deg", "true_track_deg", "ground_speed_kt")


def _steps_of_frame(frame: pd.DataFrame) -> _AllSteps:
    codes, ms, order = _by_aircraft(frame)
    at = order[_one_a_slot(codes[order], ms[order])]
    columns = {name: frame[name].to_numpy(dtype=np.float64)[at] for name in _STEP_COLUMNS}
    believed = frame["rejected_because"].isna().to_numpy()[at]
    return _steps(codes[at], ms[at], columns, believed, frame["member"].to_numpy(dtype=np.int64)[at])


def _one_a_slot(codes: Ints, ms: Ints) -> npt.NDArray[np.intp]:
    """Indexes of the first fix of each aircraft in each slot of the clock; rows sorted by aircraft and time."""
    slot = ms // _SLOT_MS
    new = np.ones(len(ms), dtype=np.bool_)
    new[1:] = (codes[1:] != codes[:-1]) | (slot[1:] != slot[:-1])
    return np.flatnonzero(new)


def _steps(codes: Ints, ms: Ints, columns: Mapping[str, Floats], believed: Bools, member: Ints) -> _AllSteps:
    """Steps of rows that are sorted by `codes` (one aircraft of one member each) and time."""
    lat, lon, track, _ = (columns[name] for name in _STEP_COLUMNS)
    lasts_ms = np.diff(ms)
    use = (codes[1:] == codes[:-1]) & (lasts_ms >= _STEP_S[0] * 1000) & (lasts_ms <= _STEP_S[1] * 1000)
    use &= believed[:-1] & believed[1:] & ((lat[:-1] != lat[1:]) | (lon[:-1] != lon[1:]))
    told = np.isfinite(track)
    use &= told[:-1] & told[1:]
    return _AllSteps(np.flatnonzero(use), ms, member, columns)


@dataclass(frozen=True)
class _Measured:
    """What the steps say, as arrays of equal length."""

    as_given_deg: Floats
    """How far the bearing between the fixes lies off the reported track (mean of both ends)."""
    km: Floats
    ratio: Floats
    """Speed between the fixes over the reported one; NaN where the step says nothing of it."""

    @classmethod
    def of(cls, s: _Steps) -> _Measured:
        bearing, km = _on_the_sphere(s.lat1, s.lon1, s.lat2, s.lon2)
        with np.errstate(invalid="ignore", divide="ignore"):
            usable = np.abs(s.speed1 - s.speed2) <= _STEADY * s.speed1
            usable &= (s.speed1 >= _FASTER_THAN_KT) & (s.seconds >= _SPEED_STEP_S)
            usable &= angle_between_deg(s.track1, s.track2) <= _STRAIGHT_DEG
            ratio = km / KM_PER_NM / (s.seconds / 3600) / ((s.speed1 + s.speed2) / 2)
        return cls(_off_deg(bearing, s), km, np.where(usable, ratio, np.nan))


def _turned(s: _Steps) -> tuple[Floats, Bools]:
    """How far the bearing lies off with latitude and longitude exchanged, and whether a step tells of that."""
    possible = (np.abs(s.lon1) <= 90) & (np.abs(s.lon2) <= 90)
    lat1, lat2 = np.where(possible, s.lon1, 0.0), np.where(possible, s.lon2, 0.0)
    bearing, km = _on_the_sphere(lat1, s.lat1, lat2, s.lat2)
    return _off_deg(bearing, s), possible & _far(km)


def _far(km: Floats) -> Bools:
    return np.asarray((km >= _STEP_KM[0]) & (km <= _STEP_KM[1]))


def _off_deg(bearing: Floats, s: _Steps) -> Floats:
    return np.asarray((angle_between_deg(bearing, s.track1) + angle_between_deg(bearing, s.track2)) / 2)


def _on_the_sphere(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> tuple[Floats, Floats]:
    """(bearing in degrees, km) on a sphere: within 0.6 % and 0.2° of the ellipsoid, far below what is judged here, and
    a twentieth of the time."""
    p1, p2, dl = np.radians(lat1), np.radians(lat2), np.radians(lon2 - lon1)
    c1, c2, s1, s2, cl = np.cos(p1), np.cos(p2), np.sin(p1), np.sin(p2), np.cos(dl)
    y, x = np.sin(dl) * c2, c1 * s2 - s1 * c2 * cl
    km = np.arctan2(np.hypot(x, y), s1 * s2 + c1 * c2 * cl) * _EARTH_KM
    return np.degrees(np.arctan2(y, x)) % 360.0, np.asarray(km)


def _check_order(steps: _Steps, measured: _Measured, members: slice, file: str) -> None:
    """Latitude and longitude swapped in the whole file: only the bearings tell, not the speeds."""
    given, far = measured.as_given_deg[members], _far(measured.km[members])
    if 2 * int(np.count_nonzero(far & (given > _SWAPPED_AS_GIVEN_DEG))) < _FEWEST_STEPS:
        return  # the median of any _FEWEST_STEPS of them is no larger
    turned, long_enough = _turned(steps.part(members))
    use = far & long_enough
    if int(use.sum()) < _FEWEST_STEPS:
        return
    given_deg = float(np.median(given[use]))
    if np.isnan(given_deg) or given_deg <= _SWAPPED_AS_GIVEN_DEG:
        return
    turned_deg = float(np.median(turned[use]))
    if turned_deg < _SWAPPED_TURNED_DEG:
        raise InputError(
            f"latitude and longitude are swapped: the bearing between fixes is {given_deg:.0f} degrees off the "
            f"reported track as given, {turned_deg:.0f} degrees when swapped",
            file=file,
            accepted="latitude as latitude; declare the columns with a mapping file",
        )


def _check_speed(measured: _Measured, members: slice, file: str) -> None:
    """Metres a second under a name that promises knots, or the reverse."""
    ratio = measured.ratio[members]
    ratio = ratio[~np.isnan(ratio)]
    if len(ratio) < _FEWEST_STEPS:
        return
    middle = float(np.median(ratio))
    for expected, words in ((1 / _MS_AS_KT, "knots taken for m/s"), (_MS_AS_KT, "m/s taken for knots")):
        if abs(middle / expected - 1) <= _RATIO_TOLERANCE and _spread(ratio) <= _RATIO_SPREAD:
            raise InputError(
                f"speeds do not fit the positions: {middle:.2f} times the reported speed, as with {words}",
                file=file,
                column="ground_speed",
                accepted="declare the unit with a mapping file",
            )


def _spread(ratio: Floats) -> float:
    """The upper quartile over the lower; infinite where that is none above 0."""
    low, high = (float(q) for q in np.percentile(ratio, [25, 75]))
    return high / low if low > 0 else np.inf
