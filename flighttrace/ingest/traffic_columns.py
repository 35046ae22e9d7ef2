"""Tables of the `traffic` library, and OpenSky's raw columns beside them: names → the reader's columns.

The library's own names promise feet, knots and ft/min. OpenSky's raw tables (`time`, `lat`, `lon`, `velocity`, ...) are
in metres and m/s. The library's loader renames raw columns without converting, so a table that mixes the two sets of
names can be in either unit: it is refused where a value is held under a raw name only. A table renamed whole is for
the unit check that every file passes later.
Source: xoolive/traffic, `Traffic.from_file` (synonyms), OpenSky's description of its state vectors (units).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest.listed_flights import listed_flights
from flighttrace.ingest.records import Content, ReadOptions, Records, TimeForm
from flighttrace.ingest.times import read_times, zone_of
from flighttrace.ingest.values import truths

LONGEST_REUSE_S: Final = 15
"""OpenSky repeats a position for up to 15 s; an older one is stale."""
WITHOUT_POSITION: Final = "a row without a position"
LIST_COLUMNS: Final = ("departure", "arrival", "registration", "typecode")
POSITION_TIME: Final = "position_time"
CONTACT_TIME: Final = "contact_time"

_SHARED: Final[dict[str, tuple[str, ...]]] = {
    "icao24": ("icao24",),
    "callsign": ("callsign",),
    "on_ground": ("onground", "on_ground"),
    "flight": ("flight_id",),
    "simulated": ("simulated",),
    "departure": ("origin", "departure"),
    "arrival": ("destination", "arrival"),
    "registration": ("registration",),
    "typecode": ("typecode",),
}
TRAFFIC: Final[dict[str, tuple[str, ...]]] = {
    "time": ("timestamp",),
    "lat": ("latitude",),
    "lon": ("longitude",),
    "baro_altitude": ("altitude",),
    "geo_altitude": ("geoaltitude", "geo_altitude"),
    "ground_speed": ("groundspeed", "ground_speed"),
    "true_track": ("track",),
    "vertical_rate": ("vertical_rate", "vertical_speed", "roc"),
    POSITION_TIME: ("last_position",),
    **_SHARED,
}
"""`heading` is not among them: in these tables it is the magnetic heading that the aircraft answered, no track."""
OPENSKY_RAW: Final[dict[str, tuple[str, ...]]] = {
    "time": ("time",),
    "lat": ("lat",),
    "lon": ("lon",),
    "baro_altitude": ("baroaltitude",),
    "geo_altitude": ("geoaltitude",),
    "ground_speed": ("velocity",),
    "true_track": ("heading",),
    "vertical_rate": ("vertrate",),
    POSITION_TIME: ("lastposupdate",),
    CONTACT_TIME: ("lastcontact",),
    **{name: _SHARED[name] for name in ("icao24", "callsign", "on_ground", "simulated")},
}
_RAW_ONLY: Final = {
    "baro_altitude": ("baroaltitude", "baro_altitude"),
    "ground_speed": ("velocity",),
    "vertical_rate": ("vertrate",),
}


@dataclass(frozen=True)
class Layout:
    """Which of the two sets of names a table has, and which of its columns stand for which of ours."""

    kind: Literal["traffic", "opensky"]
    columns: dict[str, tuple[str, ...]]

    @property
    def wanted(self) -> list[str]:
        """The table's columns that are read."""
        return [name for names in self.columns.values() for name in names]


def layout_of(names: list[str], content: Content) -> Layout:
    """The layout by column names. Names of neither set, or speeds and heights of both, raise InputError."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"column {shown(twice[0])} stands twice", file=content.file, accepted="each column once")
    known: Layout | None = None
    if {"timestamp", "latitude", "longitude"} <= set(names):
        known = Layout("traffic", _present(TRAFFIC, names))
        for ours, raw in _RAW_ONLY.items():
            odd = [name for name in raw if name in names]
            if odd and ours not in known.columns:
                raise InputError(
                    f"column {odd[0]} is OpenSky's raw name in a table with the library's names: metres and m/s, or "
                    "feet and knots?",
                    file=content.file,
                    column=odd[0],
                    accepted="altitude in ft, groundspeed in kt, vertical_rate in ft/min",
                )
    elif is_opensky_raw(names):
        known = Layout("opensky", _present(OPENSKY_RAW, names))
    if known is None:
        raise InputError(
            f"unknown layout, columns seen: {shown(', '.join(names), 300)}",
            file=content.file,
            accepted="timestamp, latitude, longitude (traffic) or time, lat, lon, icao24, velocity (OpenSky)",
        )
    return known


def is_opensky_raw(names: list[str]) -> bool:
    """True for the names of OpenSky's raw tables. `velocity` is one that no other known layout has."""
    return {"time", "lat", "lon", "icao24", "velocity"} <= set(names) and "timestamp" not in names


def _present(columns: dict[str, tuple[str, ...]], names: list[str]) -> dict[str, tuple[str, ...]]:
    found = {ours: tuple(name for name in theirs if name in names) for ours, theirs in columns.items()}
    return {ours: theirs for ours, theirs in found.items() if theirs}


def renamed(table: pd.DataFrame, layout: Layout, content: Content) -> pd.DataFrame:
    """The table with our column names and `row`. Two columns for one thing that differ in a row raise InputError."""
    frame = pd.DataFrame({"row": np.arange(1, len(table) + 1, dtype=np.int64)})
    for ours, theirs in layout.columns.items():
        first, *others = theirs
        frame[ours] = table[first].reset_index(drop=True)
        for other in others:
            same = (table[first] == table[other]) | (table[first].isna() & table[other].isna())
            if not bool(same.all()):
                row = int(np.argmin(same.to_numpy(dtype=bool))) + 1
                raise InputError(
                    f"columns {first} and {other} differ in row {row}",
                    file=content.file,
                    line=row,
                    accepted="one column for one thing, or equal values",
                )
    return frame


def records(
    frame: pd.DataFrame,
    layout: Layout,
    time_form: TimeForm,
    content: Content,
    options: ReadOptions,
    *,
    refused: tuple[Quarantined, ...] = (),
) -> Records:
    """The renamed frame as Records: stale positions and rows without one marked, listed airports gathered."""
    listed = _listed(frame, time_form, content, options)
    frame["stale"] = _stale(frame, layout)
    without = frame["lat"].isna() & frame["lon"].isna()
    frame["no_position"] = without.map({True: WITHOUT_POSITION, False: None}).astype("str")
    is_raw = layout.kind == "opensky"
    return Records(
        frame=frame.drop(columns=[POSITION_TIME, CONTACT_TIME, *LIST_COLUMNS], errors="ignore"),
        time_form=time_form,
        altitude_unit="m" if is_raw else "ft",
        speed_unit="m/s" if is_raw else "kt",
        vertical_rate_unit="m/s" if is_raw else "ft/min",
        icao24_required="icao24" in frame,
        refused=refused,
        listed_flights=listed,
        feet_by_name_only=not is_raw,
    )


def _stale(frame: pd.DataFrame, layout: Layout) -> pd.Series[Any]:
    """True where position or contact is dated more than LONGEST_REUSE_S before the row."""
    stale = np.zeros(len(frame), dtype=bool)
    for name in (POSITION_TIME, CONTACT_TIME):
        if name in frame and _is_naive(frame["time"]) == _is_naive(frame[name]):
            age_s = _seconds(frame["time"], layout) - _seconds(frame[name], layout)
            stale |= (age_s > LONGEST_REUSE_S).to_numpy(dtype=bool)  # NaN, where a time is missing, is not greater
    return pd.Series(stale)


def _is_naive(times: pd.Series[Any]) -> bool:
    """True for datetimes without a zone: they cannot be compared with times that have one."""
    return times.dtype.kind == "M" and not isinstance(times.dtype, pd.DatetimeTZDtype)


def _seconds(times: pd.Series[Any], layout: Layout) -> pd.Series[Any]:
    """Datetimes or numbers as seconds, for differences only; text and anything unreadable as NaN."""
    if times.dtype.kind == "M":
        zone = None if _is_naive(times) else "UTC"
        return (times - pd.Timestamp("1970-01-01", tz=zone)).dt.total_seconds()
    if times.dtype == object:
        times = times.map(lambda value: value if isinstance(value, int | float) else None)
    numbers = pd.to_numeric(times, errors="coerce").astype("float64")
    return numbers if layout.kind == "opensky" else numbers / 1000.0


def _listed(frame: pd.DataFrame, time_form: TimeForm, content: Content, options: ReadOptions) -> pd.DataFrame | None:
    """One row for each address, call sign and pair of airports that the table states; None where it states none."""
    ends = [name for name in ("departure", "arrival") if name in frame]
    if not ends or not len(frame):
        return None
    named = frame[ends].map(lambda value: value if isinstance(value, str) and value.strip() else None)
    stated = named.notna().any(axis=1)
    if not bool(stated.any()):
        return None
    times = read_times(
        frame["time"],
        time_form,
        zone=zone_of(options.input_tz),
        locate=lambda at: (content.file, int(frame["row"][at])),
    )
    dated = frame.assign(ms=np.where(times.missing | times.bad, np.nan, times.ms), **named)[stated]
    if "simulated" in dated:
        dated["simulated"] = truths(dated["simulated"])[0].to_numpy(dtype=bool, na_value=False)
    keys = [name for name in ("icao24", "callsign", "departure", "arrival") if name in frame]
    rows: list[dict[str, Any]] = []
    for values, group in dated.groupby(keys, dropna=False, sort=False):
        row: dict[str, Any] = {name: _first_text(group, name) for name in ("registration", "typecode")}
        row.update(zip(keys, values if isinstance(values, tuple) else (values,), strict=True))
        low, high = group["ms"].min(), group["ms"].max()
        sound = group[group["ms"].notna() & group["lat"].notna() & group["lon"].notna()]
        row.update(
            row=int((sound if len(sound) else group)["row"].iloc[0]),  # a quarantined row would take its listing along
            first_seen_ms=None if np.isnan(low) else float(low),
            last_seen_ms=None if np.isnan(high) else float(high),
            simulated="simulated" in group and bool(group["simulated"].any()),
        )
        rows.append(row)
    return listed_flights(rows)


def _first_text(group: pd.DataFrame, name: str) -> str | None:
    values = group[name].dropna() if name in group else ()
    return next((value for value in values if isinstance(value, str)), None)
