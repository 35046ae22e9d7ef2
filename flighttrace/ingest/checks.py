"""Faults of a whole file that no single row shows: swapped coordinates, speed or altitude in another unit.

A tar's members are judged one by one, each as the file it would be outside: a sound one never hides a bad one.

Each asks for enough straight, moving steps to be sure, and errs on the side of silence: what a check cannot judge it
lets pass. Measured on real files: the bearing between fixes lies a median 0.4 and 0.8 degrees off the reported track
as given, and 161 and 80 degrees with latitude and longitude swapped; position-derived over reported speed lies near 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from flighttrace.errors import InputError
from flighttrace.geodesy import FT_PER_M, KM_PER_NM, angle_between_deg, bearing_deg, distance_km
from flighttrace.ingest.values import Bools, Floats

Ints = npt.NDArray[np.int64]

_FEWEST_STEPS: Final = 10
"""Steps needed before a file is refused."""
_MOST_STEPS: Final = 5_000
"""Evenly taken from larger files; more would not change a median."""
_STEP_S: Final = (1.0, 180.0)
"""Over longer steps an aircraft turns."""
_SLOT_MS: Final = 10_000
"""One fix an aircraft in each slot of the clock: shorter steps drown in rounded times and repeated positions."""
_STEP_KM: Final = (0.5, 50.0)
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
    """Consecutive fixes of one aircraft, as arrays of equal length. `member` never falls."""

    member: Ints
    lat1: Floats
    lon1: Floats
    lat2: Floats
    lon2: Floats
    track1: Floats
    track2: Floats
    speed1: Floats
    speed2: Floats
    seconds: Floats


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
    steps = _steps(frame)
    edges = np.flatnonzero(np.diff(steps.member)) + 1
    for first, end in pairwise([0, *edges.tolist(), len(steps.member)]):
        if end - first >= _FEWEST_STEPS:
            of_member, file = _thinned(steps, first, end), files[int(steps.member[first])]
            _check_order(of_member, file)
            _check_speed(of_member, file)


def _check_altitude(frame: pd.DataFrame, files: Sequence[str]) -> None:
    member = frame["member"].to_numpy(dtype=np.intp)
    for name in ("baro_altitude_ft", "geo_altitude_ft"):
        altitude = frame[name].to_numpy(dtype=np.float64)
        given = np.bincount(member[np.isfinite(altitude)], minlength=len(files))
        high = np.bincount(member[altitude > _HIGHEST_FT], minlength=len(files))
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
                km = float(distance_km(lat[first], lon[first], lat[end - 1], lon[end - 1]))
                knots = km / KM_PER_NM / (lasts_s / 3600)
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


def _steps(frame: pd.DataFrame) -> _Steps:
    codes, ms, order = _by_aircraft(frame)
    slot = ms[order] // _SLOT_MS
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(codes[order]) != 0) | (np.diff(slot) != 0)
    order = order[new]
    first, second = order[:-1], order[1:]
    lat, lon = frame["lat_deg"].to_numpy(), frame["lon_deg"].to_numpy()
    track, speed = frame["true_track_deg"].to_numpy(), frame["ground_speed_kt"].to_numpy()
    believed = frame["rejected_because"].isna().to_numpy()
    seconds = (ms[second] - ms[first]) / 1000.0
    use = (codes[first] == codes[second]) & (seconds >= _STEP_S[0]) & (seconds <= _STEP_S[1])
    use &= believed[first] & believed[second] & ((lat[first] != lat[second]) | (lon[first] != lon[second]))
    use &= np.isfinite(track[first]) & np.isfinite(track[second])
    hits = np.flatnonzero(use)
    a, b = first[hits], second[hits]
    member = frame["member"].to_numpy(dtype=np.int64)[a]
    return _Steps(member, lat[a], lon[a], lat[b], lon[b], track[a], track[b], speed[a], speed[b], seconds[hits])


def _thinned(steps: _Steps, first: int, end: int) -> _Steps:
    """The steps from first to end, or _MOST_STEPS of them evenly taken."""
    count = min(end - first, _MOST_STEPS)
    at = first + np.linspace(0, end - first - 1, count).astype(np.intp)
    return _Steps(*(getattr(steps, name.name)[at] for name in fields(_Steps)))


def _check_order(steps: _Steps, file: str) -> None:
    """Latitude and longitude swapped in the whole file: only the bearings tell, not the speeds."""
    as_given, far = _bearing_errors(steps.lat1, steps.lon1, steps.lat2, steps.lon2, steps)
    possible = (np.abs(steps.lon1) <= 90) & (np.abs(steps.lon2) <= 90)
    turned, far_turned = _bearing_errors(
        np.where(possible, steps.lon1, 0.0), steps.lat1, np.where(possible, steps.lon2, 0.0), steps.lat2, steps
    )
    use = far & far_turned & possible
    if int(use.sum()) < _FEWEST_STEPS:
        return
    given_deg, turned_deg = float(np.median(as_given[use])), float(np.median(turned[use]))
    if given_deg > _SWAPPED_AS_GIVEN_DEG and turned_deg < _SWAPPED_TURNED_DEG:
        raise InputError(
            f"latitude and longitude are swapped: the bearing between fixes is {given_deg:.0f} degrees off the "
            f"reported track as given, {turned_deg:.0f} degrees when swapped",
            file=file,
            accepted="latitude as latitude; declare the columns with a mapping file",
        )


def _bearing_errors(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats, steps: _Steps) -> tuple[Floats, Bools]:
    """How far each step's bearing lies off the reported track (mean of both ends), and whether it is long enough."""
    bearing = bearing_deg(lat1, lon1, lat2, lon2)
    km = distance_km(lat1, lon1, lat2, lon2)
    error = (angle_between_deg(bearing, steps.track1) + angle_between_deg(bearing, steps.track2)) / 2
    return error, (km >= _STEP_KM[0]) & (km <= _STEP_KM[1])


def _check_speed(steps: _Steps, file: str) -> None:
    """Metres a second under a name that promises knots, or the reverse."""
    with np.errstate(invalid="ignore", divide="ignore"):
        steady = np.abs(steps.speed1 - steps.speed2) <= _STEADY * steps.speed1
        use = steady & (steps.speed1 >= _FASTER_THAN_KT) & (steps.seconds >= _SPEED_STEP_S)
        use &= angle_between_deg(steps.track1, steps.track2) <= _STRAIGHT_DEG
    if int(use.sum()) < _FEWEST_STEPS:
        return
    km = distance_km(steps.lat1[use], steps.lon1[use], steps.lat2[use], steps.lon2[use])
    ratio = km / KM_PER_NM / (steps.seconds[use] / 3600) / ((steps.speed1[use] + steps.speed2[use]) / 2)
    low, middle, high = (float(q) for q in np.percentile(ratio, [25, 50, 75]))
    if low <= 0 or high / low > _RATIO_SPREAD:
        return
    for expected, words in ((1 / _MS_AS_KT, "knots taken for m/s"), (_MS_AS_KT, "m/s taken for knots")):
        if abs(middle / expected - 1) <= _RATIO_TOLERANCE:
            raise InputError(
                f"speeds do not fit the positions: {middle:.2f} times the reported speed, as with {words}",
                file=file,
                column="ground_speed",
                accepted="declare the unit with a mapping file",
            )
