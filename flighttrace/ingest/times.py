"""Times as a source writes them → milliseconds since 1970 UTC.

A time without a zone is an error unless the user names one; local times that do not exist or exist twice are errors
too. A whole file in another unit (milliseconds for seconds, spreadsheet days) is an error that names it. The machine's
clock and time zone are never consulted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flighttrace.errors import InputError, UsageError, shown
from flighttrace.ingest.records import TimeForm
from flighttrace.ingest.values import Bools, numbers, text_array

Ints = npt.NDArray[np.int64]
Locate = Callable[[int], tuple[str, int]]
"""Position in the column → (file, line), for messages."""

EARLIEST_MS: Final = 946_684_800_000
"""2000-01-01: before it there were no public ADS-B tracks."""
LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01, excluded."""
_ISO: Final = (
    r"^(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ](?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?\s?(?P<zone>Z|z|UTC|[+-]\d\d(?::?\d\d)?)?$"
)
_MAX_OFFSET_HOURS: Final = 15
"""No civil zone is further from UTC (Line Islands: 14 h)."""
_OTHER_UNITS: Final = (
    ("milliseconds", 1.0),
    ("microseconds", 1e-3),
    ("nanoseconds", 1e-6),
    ("seconds", 1e3),
)
_SPREADSHEET_DAYS: Final = (36_526.0, 73_051.0)
"""Days since 1899-12-30 from 2000 to 2099, as spreadsheets store dates."""


@dataclass(frozen=True)
class Times:
    """`ms` since 1970 UTC (0 where unusable), `missing`, and `bad`: present but no time or out of 2000-2099."""

    ms: Ints
    missing: Bools
    bad: Bools


def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone by its IANA name. An unknown one raises UsageError."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f"{shown(name)} is not a time zone; use an IANA name such as UTC or Asia/Jerusalem") from error


def read_times(values: pd.Series[Any], form: TimeForm, *, zone: ZoneInfo | None, locate: Locate) -> Times:
    """The column in milliseconds UTC. Faults of the whole file raise InputError; single bad values are masked."""
    if form == "datetime" or isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
        times = _from_datetimes(values, zone, locate)
    elif form == "iso":
        times = _from_iso(values, zone, locate)
    else:
        times = _from_epoch(values, form, locate)
    out = ~times.missing & ~times.bad & ((times.ms < EARLIEST_MS) | (times.ms >= LATEST_MS))
    return Times(np.where(out, 0, times.ms), times.missing, times.bad | out)


def _from_epoch(values: pd.Series[Any], form: TimeForm, locate: Locate) -> Times:
    found, bad = numbers(values)
    missing = np.isnan(found) & ~bad
    usable = ~bad & ~missing
    to_ms = 1000.0 if form == "epoch_s" else 1.0
    in_ms = np.where(usable, found, 0.0) * to_ms
    inside = usable & (in_ms >= EARLIEST_MS) & (in_ms < LATEST_MS)
    if usable.any() and not inside.any():
        _refuse_other_unit(found[usable], form, locate, int(np.argmax(usable)))
    with np.errstate(invalid="ignore"):
        ms = np.where(np.abs(in_ms) < 9e18, np.rint(np.clip(in_ms, -9e18, 9e18)), 0).astype(np.int64)
    return Times(ms, missing, bad)


def _refuse_other_unit(found: npt.NDArray[np.float64], form: TimeForm, locate: Locate, first: int) -> None:
    """Raise where every number would be a date of 2000-2099 in one other unit."""
    expected = "seconds" if form == "epoch_s" else "milliseconds"
    file, line = locate(first)
    for unit, to_ms in _OTHER_UNITS:
        if unit != expected and bool(((found * to_ms >= EARLIEST_MS) & (found * to_ms < LATEST_MS)).all()):
            raise InputError(
                f"times are in {unit}: {shown(repr(float(found[0])))}",
                file=file,
                line=line,
                accepted=f"{expected} since 1970 UTC, or declare the unit with a mapping file",
            )
    low, high = _SPREADSHEET_DAYS
    if bool(((found >= low) & (found < high)).all()):
        raise InputError(
            f"times look like spreadsheet days: {shown(repr(float(found[0])))}",
            file=file,
            line=line,
            accepted=f"{expected} since 1970 UTC",
        )


def _from_iso(values: pd.Series[Any], zone: ZoneInfo | None, locate: Locate) -> Times:
    text = text_array(values)
    missing = np.asarray(pc.fill_null(pc.equal(text, ""), True).to_numpy(zero_copy_only=False), dtype=np.bool_)
    parts = pc.extract_regex(text, _ISO)
    matched = np.asarray(parts.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    if len(matched) and not matched.any() and not missing.all():
        first = int(np.argmax(~missing))
        file, line = locate(first)
        raise InputError(
            f"not one time can be read, such as {shown(text[first].as_py())}",
            file=file,
            line=line,
            column="time",
            accepted="ISO 8601 such as 2022-03-15T10:00:00Z; any other form is declared with a mapping file",
        )

    def part(name: str) -> Ints:
        field = pc.struct_field(parts, name)
        filled = pc.if_else(pc.or_(pc.equal(pc.fill_null(field, ""), ""), pc.is_null(field)), "0", field)
        return np.asarray(pc.fill_null(filled, "0").cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)

    year, month, day = part("year"), part("month"), part("day")
    hour, minute, second = part("hour"), part("minute"), part("second")
    digits = pc.fill_null(pc.struct_field(parts, "fraction"), "")
    nanoseconds = np.asarray(pc.utf8_rpad(digits, 9, "0").cast(pa.int64()).to_numpy(zero_copy_only=False))
    month_ok = (month >= 1) & (month <= 12) & (year >= 1)
    months = (year - 1970) * 12 + np.where(month_ok, month, 1) - 1
    start = months.astype("datetime64[M]").astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[M]").astype("datetime64[D]") - start).astype(np.int64)
    midnight_24 = (hour == 24) & (minute == 0) & (second == 0) & (nanoseconds == 0)
    legal = month_ok & (day >= 1) & (day <= length) & ((hour < 24) | midnight_24) & (minute < 60) & (second < 60)
    seconds = (start.astype(np.int64) + day - 1) * 86_400 + hour * 3600 + minute * 60 + second
    local_ms = seconds * 1000 + (nanoseconds + 500_000) // 1_000_000
    zones = pc.fill_null(pc.struct_field(parts, "zone"), "")
    offset_s, offset_ok = _offsets(zones)
    usable = matched & legal & offset_ok
    naive = usable & np.asarray(pc.equal(zones, "").to_numpy(zero_copy_only=False), dtype=np.bool_)
    ms = np.where(usable, local_ms - offset_s * 1000, 0)
    if naive.any():
        if (usable & ~naive).any():
            _raise_mixed(naive, usable, locate)
        ms[naive] = _localised(local_ms[naive], zone, locate, np.flatnonzero(naive))
    return Times(ms, missing, ~missing & ~usable)


def _offsets(zones: pa.Array) -> tuple[Ints, Bools]:
    """Seconds east of UTC of each zone text, and whether it is one."""
    seconds, good = np.zeros(len(zones), dtype=np.int64), np.ones(len(zones), dtype=np.bool_)
    codes = zones.dictionary_encode()
    indices = np.asarray(codes.indices.to_numpy(zero_copy_only=False))
    for code, zone in enumerate(codes.dictionary.to_pylist()):
        if zone in ("", "Z", "z", "UTC"):
            continue
        hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
        offset = (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
        seconds[indices == code] = offset
        good[indices == code] = hours <= _MAX_OFFSET_HOURS and minutes < 60
    return seconds, good


def _raise_mixed(naive: Bools, usable: Bools, locate: Locate) -> None:
    rarer = naive if int(naive.sum()) * 2 <= int(usable.sum()) else usable & ~naive
    file, line = locate(int(np.argmax(rarer)))
    raise InputError(
        "times with and without a zone are mixed", file=file, line=line, accepted="one form throughout the file"
    )


def _localised(local_ms: Ints, zone: ZoneInfo | None, locate: Locate, where: npt.NDArray[np.intp]) -> Ints:
    if zone is None:
        file, line = locate(int(where[0]))
        raise InputError(
            "times have no zone", file=file, line=line, column="time", accepted="declare theirs with --input-tz ZONE"
        )
    local = pd.DatetimeIndex(local_ms.astype("datetime64[ms]"))
    placed = local.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    lost = placed.isna()
    if lost.any():
        first = int(np.argmax(lost))
        file, line = locate(int(where[first]))
        raise InputError(
            f"{local[first]} does not exist or exists twice in {zone.key} (clocks changed)",
            file=file,
            line=line,
            column="time",
            accepted="times with an offset, or in UTC",
        )
    return np.asarray(placed.tz_convert("UTC").tz_localize(None).astype("datetime64[ms]").astype(np.int64))


def _from_datetimes(values: pd.Series[Any], zone: ZoneInfo | None, locate: Locate) -> Times:
    if values.dtype == object:
        values = pd.to_datetime(values)
    missing = values.isna().to_numpy(dtype=np.bool_)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        utc = values.dt.tz_convert("UTC").dt.tz_localize(None)
        rounded = utc.dt.as_unit("ns") if utc.dt.unit == "ns" else utc
        ms = rounded.dt.round("ms").dt.as_unit("ms").to_numpy().astype(np.int64)
        return Times(np.where(missing, 0, ms), missing, np.zeros(len(ms), dtype=np.bool_))
    if values.dtype.kind != "M":
        return _from_iso(values, zone, locate)
    local = values.dt.round("ms").dt.as_unit("ms").to_numpy().astype(np.int64)
    ms = np.zeros(len(local), dtype=np.int64)
    if not missing.all():
        ms[~missing] = _localised(local[~missing], zone, locate, np.flatnonzero(~missing))
    return Times(ms, missing, np.zeros(len(ms), dtype=np.bool_))
