"""Records of any reader → rows of `positions`: units, times, addresses, ranges, quarantine, duplicates, accounting.

The one place where all of this happens, for every format alike. What a record becomes, first rule first:

    refused by the reader, or an address that is no address      → quarantined
    no position by the format's own rules, or both parts empty   → without position (by reason)
    one part missing, unreadable, infinite or out of range       → quarantined (column, reason, value)
    equal to an earlier record of the file in every column       → exact duplicate
    else accepted; (0,0) and what the source calls old is marked in `rejected_because`

Track keys come later (`identity.py`): they need all files of the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from flighttrace.accounting import Accounting, Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.geodesy import FT_MIN_PER_M_S, FT_PER_M, KM_PER_NM, KT_PER_M_S
from flighttrace.ingest.checks import check_file
from flighttrace.ingest.records import Records
from flighttrace.ingest.times import Locate, read_times, zone_of
from flighttrace.ingest.values import NO_IDENTITY, Bools, Floats, addresses, callsigns, numbers, texts, truths
from flighttrace.positions import LISTED_FLIGHT_DTYPES, POSITION_DTYPES

STALE: Final = "stale: the source marks the position as old"
NO_POSITION: Final = "position is empty"
TAXI_KT: Final = 100.0
"""At altitude 0 and up to this speed Flightradar24 means "on the ground"; one real file has 149 kt in the air."""
FASTEST_LANDING_KT: Final = 200.0
"""Above it altitude 0 cannot be a runway: the altitude is not known. Between the two it may be a landing roll, or the
last approach at a coastal field, and is kept as written."""
_BOGUS_DEG: Final = 0.01
"""readsb's bound for a position that was never set (track.c, bogus_lat_lon)."""

_SPEED_TO_KT: Final = {"kt": 1.0, "m/s": KT_PER_M_S, "km/h": 1 / KM_PER_NM}
_RATE_TO_FT_MIN: Final = {"ft/min": 1.0, "m/s": FT_MIN_PER_M_S}
_ALTITUDE_TO_FT: Final = {"ft": 1.0, "m": FT_PER_M}

_NOT_OURS: Final = ("track_key", "source_id")
ROW_COLUMNS: Final = (*(name for name in POSITION_DTYPES if name not in _NOT_OURS), "flight", "member")
"""Columns of `Rows.frame`: those of `positions` without key and source, and the file's own flight id."""
SAME: Final = tuple(name for name in ROW_COLUMNS if name not in ("source_row", "member"))
"""Equal in all of these: an exact duplicate."""


@dataclass(frozen=True)
class Part:
    """The records of one content; `file` is the label in messages and quarantine ("x.tar!member").

    `sha256` is of the content, decompressed.
    """

    file: str
    records: Records
    sha256: str = ""


@dataclass
class Rows:
    """One source's rows before track keys. `frame` has ROW_COLUMNS; `member` counts in the parts converted."""

    frame: pd.DataFrame
    listed: pd.DataFrame
    quarantined: list[Quarantined]
    accounting: Accounting


@dataclass
class _Work:
    """One column set under judgement. `state`: 0 undecided, 1 without position, 2 quarantined; reasons beside it."""

    frame: pd.DataFrame
    files: Sequence[str]
    state: npt.NDArray[np.int8] = field(init=False)
    reasons: dict[int, tuple[str, str, Any]] = field(default_factory=dict)
    without: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = np.zeros(len(self.frame), dtype=np.int8)

    def get(self, name: str) -> pd.Series[Any]:
        if name in self.frame:
            return self.frame[name]
        return pd.Series(np.full(len(self.frame), np.nan), index=self.frame.index)

    def quarantine(self, mask: Bools, column: str, reason: str, source_column: str | None = None) -> None:
        hits = np.flatnonzero(mask & (self.state == 0))
        if not len(hits):
            return
        values = self.get(source_column or column)
        for i in hits:
            self.reasons[int(i)] = (column, reason, values.iloc[i])
        self.state[hits] = 2

    def leave_out(self, mask: Bools, reasons: Sequence[str] | str) -> None:
        hits = np.flatnonzero(mask & (self.state == 0))
        for i in hits:
            self.without[int(i)] = reasons if isinstance(reasons, str) else reasons[int(i)]
        self.state[hits] = 1

    @property
    def open(self) -> Bools:
        return np.asarray(self.state == 0)

    def locate(self, subset: npt.NDArray[np.intp]) -> Locate:
        parts, rows = self.frame["part"].to_numpy(), self.frame["row"].to_numpy()

        def place(i: int) -> tuple[str, int]:
            at = int(subset[i])
            return self.files[int(parts[at])], int(rows[at])

        return place


def convert(parts: Sequence[Part], *, zone: ZoneInfo | None) -> Rows:
    """The rows of one source. All parts must agree in units and time form (see `alike`).

    Raises InputError for faults of the whole file: naive times without a zone, another unit, swapped coordinates.
    """
    first = parts[0].records
    files = [part.file for part in parts]
    work = _Work(_joined(parts), files)
    icao24, bad = addresses(work.get("icao24"))
    work.quarantine(bad, "icao24", "address is not six hex digits")
    if first.icao24_required:
        work.quarantine(icao24.isna().to_numpy(), "icao24", "address is missing")
    lat, lon = _position(work)
    time_ms = _time(work, first, zone_of(first.time_zone) or zone)
    canonical = _canonical(work, first)
    marked = np.asarray([part.records.simulated for part in parts], dtype=np.bool_)
    canonical["simulated"] |= marked[canonical["member"]]
    canonical.update(icao24=icao24, lat_deg=lat, lon_deg=lon)
    canonical["time_utc"] = pd.Series(time_ms.astype("datetime64[ms]")).dt.tz_localize("UTC")
    frame = pd.DataFrame(canonical)
    frame["rejected_because"] = _marks(work, lat, lon)
    return _accounted(work, frame, parts)


_AGREE: Final = (
    "time_form",
    "time_zone",
    "altitude_unit",
    "speed_unit",
    "vertical_rate_unit",
    "icao24_required",
    "zero_altitude_means_ground",
    "feet_by_name_only",
)


def alike(first: Records, second: Records) -> bool:
    """True where records of two members can be converted together."""
    return all(getattr(first, key) == getattr(second, key) for key in _AGREE)


def _joined(parts: Sequence[Part]) -> pd.DataFrame:
    frames = [part.records.frame.assign(part=i) for i, part in enumerate(parts)]
    frames = [f for f in frames if len(f)] or frames[:1]
    joined = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return joined.reset_index(drop=True)


def _position(work: _Work) -> tuple[Floats, Floats]:
    (lat, lat_bad), (lon, lon_bad) = numbers(work.get("lat")), numbers(work.get("lon"))
    if "no_position" in work.frame:
        reasons = texts(work.get("no_position"))
        work.leave_out(reasons.notna().to_numpy(), reasons.fillna("").tolist())
    lat_missing, lon_missing = np.isnan(lat) & ~lat_bad, np.isnan(lon) & ~lon_bad
    work.leave_out(lat_missing & lon_missing, NO_POSITION)
    for name, bad, missing, value, limit in (
        ("lat", lat_bad, lat_missing, lat, 90.0),
        ("lon", lon_bad, lon_missing, lon, 180.0),
    ):
        work.quarantine(bad, name, "not a finite number")
        work.quarantine(missing, name, "half of the position is missing")
        with np.errstate(invalid="ignore"):
            outside = np.abs(value) > limit
        if name == "lon":
            _refuse_0_to_360(work, lat, value)
        work.quarantine(outside, name, f"out of range: more than {limit:.0f} degrees")
    return lat, lon


_SHARE_FOR_0_TO_360: Final = 0.2
"""Of a file's rows. Fewer over 180 degrees are single faults, and are quarantined one by one."""


def _refuse_0_to_360(work: _Work, lat: Floats, lon: Floats) -> None:
    """Longitudes that run from 0 to 360 throughout a content are another convention, not single faults."""
    use = work.open & np.isfinite(lon) & np.isfinite(lat)
    part = work.frame["part"].to_numpy()
    for number in np.unique(part[use & (lon > 180)]).tolist():
        held = lon[use & (part == number)]
        beyond = (held > 180) & (held <= 360)
        if beyond.mean() >= _SHARE_FOR_0_TO_360 and bool((held >= 0).all() and (held <= 360).all()):
            raise InputError(
                f"longitudes run from 0 to 360 ({int(beyond.sum())} are over 180)",
                file=work.files[number],
                column="lon",
                accepted="-180 to 180 degrees",
            )


def _time(work: _Work, records: Records, zone: ZoneInfo | None) -> npt.NDArray[np.int64]:
    result = np.zeros(len(work.frame), dtype=np.int64)
    subset = np.flatnonzero(work.open)
    if not len(subset):
        return result
    times = read_times(
        work.get("time").iloc[subset].reset_index(drop=True), records.time_form, zone=zone, locate=work.locate(subset)
    )
    result[subset] = times.ms
    _refuse_part_without_time(work, subset, times.bad, times.missing)
    for mask, reason in ((times.missing, "time is missing"), (times.bad, "not a time between 2000 and 2099")):
        whole = np.zeros(len(work.frame), dtype=np.bool_)
        whole[subset] = mask
        work.quarantine(whole, "time", reason)
    return result


def _refuse_part_without_time(work: _Work, subset: npt.NDArray[np.intp], bad: Bools, missing: Bools) -> None:
    """One of several parts without a readable time: read by itself it is a fault of the whole file, and says which."""
    part = work.frame["part"].to_numpy()[subset]
    wrong = np.bincount(part[bad], minlength=len(work.files))
    given = np.bincount(part[~missing], minlength=len(work.files))
    hits = np.flatnonzero((wrong > 0) & (wrong == given))
    if len(work.files) > 1 and len(hits):
        raise InputError("not one time can be read", file=work.files[int(hits[0])], column="time")


def _canonical(work: _Work, records: Records) -> dict[str, Any]:
    """The columns that need no whole-file judgement."""
    columns: dict[str, Any] = {}
    for target, name, factor in (
        ("baro_altitude_ft", "baro_altitude", _ALTITUDE_TO_FT[records.altitude_unit]),
        ("geo_altitude_ft", "geo_altitude", _ALTITUDE_TO_FT[records.altitude_unit]),
        ("ground_speed_kt", "ground_speed", _SPEED_TO_KT[records.speed_unit]),
        ("true_track_deg", "true_track", 1.0),
        ("vertical_rate_ft_min", "vertical_rate", _RATE_TO_FT_MIN[records.vertical_rate_unit]),
    ):
        value, bad = numbers(work.get(name))
        if factor != 1.0:
            with np.errstate(over="ignore"):
                value = np.round(value * factor, 4)
        work.quarantine(bad | np.isinf(value), name, "not a finite number")
        columns[target] = value
    on_ground, bad = truths(work.get("on_ground"))
    work.quarantine(bad, "on_ground", "neither true nor false")
    simulated, bad = truths(work.get("simulated"))
    work.quarantine(bad, "simulated", "neither true nor false")
    if records.zero_altitude_means_ground:
        on_ground = _by_zero_altitude(columns, on_ground)
    callsign = callsigns(work.get("callsign"))
    parts = work.frame["part"].to_numpy()
    columns |= {
        "callsign": callsign,
        "on_ground": on_ground,
        "position_source": texts(work.get("position_source")),
        "listed_flight": texts(work.get("listed_flight")),
        "flight": texts(work.get("flight")),
        "simulated": simulated.to_numpy(dtype=np.bool_, na_value=False)
        | callsign.str.startswith("SIM").eq(True).to_numpy(dtype=np.bool_),
        "source_row": work.frame["row"].to_numpy(dtype=np.int64),
        "member": parts,
    }
    return columns


def _by_zero_altitude(columns: dict[str, Any], on_ground: pd.arrays.BooleanArray) -> pd.arrays.BooleanArray:
    """Altitude 0 at taxi speed: on the ground, altitude not known. Faster than any landing: altitude not known."""
    altitude, speed = columns["baro_altitude_ft"], columns["ground_speed_kt"]
    with np.errstate(invalid="ignore"):
        zero = altitude == 0
        slow, fast = zero & (speed <= TAXI_KT), zero & (speed > FASTEST_LANDING_KT)
    said = pd.isna(on_ground)
    columns["baro_altitude_ft"] = np.where(slow | fast, np.nan, altitude)
    ground, said_nothing = slow & said, np.asarray(said)
    held = on_ground.to_numpy(dtype=np.bool_, na_value=False)
    return pd.arrays.BooleanArray(np.where(ground, True, held), said_nothing & ~ground)


def _marks(work: _Work, lat: Floats, lon: Floats) -> pd.Series[Any]:
    """Readable but not believed: never set, at a pole, or old by the source's own word."""
    marks = np.full(len(lat), None, dtype=object)
    stale, _ = truths(work.get("stale"))
    marks[stale.to_numpy(dtype=np.bool_, na_value=False)] = STALE
    for mask, reason in unset_positions(lat, lon):
        marks[mask] = reason
    return pd.Series(marks, dtype="str")


def unset_positions(lat: Floats, lon: Floats) -> list[tuple[Bools, str]]:
    """Masks (n,) of positions that were never set, or lie at a pole, with the reason; a later one wins.

    The list may be empty where no position is.
    """
    from_equator = np.abs(lat)
    if len(lat) and from_equator.min() >= _BOGUS_DEG and from_equator.max() < 90:  # and none is NaN
        return []
    with np.errstate(invalid="ignore"):
        return [
            (from_equator >= 90, "position at a pole"),
            ((lat == 0) & (np.abs(lon) == 90), "position 0,90"),
            ((from_equator < _BOGUS_DEG) & (np.abs(lon) < _BOGUS_DEG), "position 0,0"),
        ]


def _accounted(work: _Work, frame: pd.DataFrame, parts: Sequence[Part]) -> Rows:
    quarantined = [q for part in parts for q in part.records.refused]
    by_reason = Counter(q.reason for q in quarantined)
    record = _record_numbers(work.frame, parts)
    if record is not None:
        _widen_to_records(work, record)
    seen: set[int] = set()
    part_of, row_of = work.frame["part"].to_numpy(), work.frame["row"].to_numpy()
    for i in sorted(work.reasons):
        column, reason, value = work.reasons[i]
        if record is not None and int(record[i]) in seen:
            continue
        seen.add(int(record[i]) if record is not None else i)
        file, line = work.files[int(part_of[i])], int(row_of[i])
        quarantined.append(Quarantined(file, line, column, reason, _seen(value)))
        by_reason[reason] += 1
    held = work.open
    check_file(frame[held], work.files, feet_by_name_only=parts[0].records.feet_by_name_only)
    duplicate = np.zeros(len(frame), dtype=np.bool_)
    duplicate[held] = _duplicates(frame[held], [part.sha256 for part in parts])
    accepted_rows = held & ~duplicate
    listed, repeated = _listed(parts, work, accepted_rows | (work.state == 1))
    duplicate |= repeated & (work.state == 1)
    without, accepted, duplicates = _counts(work, accepted_rows, duplicate, record)
    rows = frame.loc[accepted_rows, list(ROW_COLUMNS)].reset_index(drop=True)
    accounting = _accounting(parts, record, accepted, without, by_reason, duplicates)
    quarantined.sort(key=lambda q: (q.file, q.line))
    return Rows(rows, listed, quarantined, accounting)


def _seen(value: Any) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else shown(value)


def _record_numbers(frame: pd.DataFrame, parts: Sequence[Part]) -> npt.NDArray[np.int64] | None:
    """A number a record, equal for the rows of one record; None where every row is a record of its own."""
    if all(part.records.record_count is None for part in parts):
        return None
    codes = frame.groupby(["part", "row"], sort=False).ngroup().to_numpy(dtype=np.int64)
    return np.asarray(codes)


def _widen_to_records(work: _Work, record: npt.NDArray[np.int64]) -> None:
    """A record of several rows is quarantined whole."""
    hit = np.isin(record, record[work.state == 2])
    work.state[hit] = 2


def _duplicates(frame: pd.DataFrame, contents: Sequence[str]) -> Bools:
    """True for rows equal to an earlier one. Looks at time and place first: few rows need the long comparison.

    Rows without an address belong to their content alone: equal ones in two different contents are two aircraft's.
    """
    suspects = frame.duplicated(["time_utc", "lat_deg", "lon_deg"], keep=False).to_numpy()
    result = np.zeros(len(frame), dtype=np.bool_)
    if suspects.any():
        few = frame.loc[suspects, [*SAME, "member"]]
        nameless = (few["icao24"].isna() | few["icao24"].isin(NO_IDENTITY)).to_numpy()
        content = np.asarray(contents, dtype=object)[few["member"].to_numpy()]
        few = few.drop(columns="member").assign(content=np.where(nameless, content, ""))
        result[suspects] = few.duplicated(keep="first").to_numpy()
    return result


def _counts(
    work: _Work, accepted: Bools, duplicate: Bools, record: npt.NDArray[np.int64] | None
) -> tuple[Counter[str], int, int]:
    """(without position by reason, accepted, exact duplicates), in records."""
    if record is None:
        left = Counter(reason for i, reason in work.without.items() if work.state[i] == 1 and not duplicate[i])
        return left, int(accepted.sum()), int(duplicate.sum())
    has_accepted = np.unique(record[accepted])
    has_duplicate = np.setdiff1d(record[duplicate], has_accepted)
    neither: dict[int, str] = {}
    decided = set(has_accepted.tolist()) | set(has_duplicate.tolist())
    for i, reason in work.without.items():
        if work.state[i] == 1 and int(record[i]) not in decided:
            neither.setdefault(int(record[i]), reason)
    return Counter(neither.values()), len(has_accepted), len(has_duplicate)


def _listed(parts: Sequence[Part], work: _Work, kept: Bools) -> tuple[pd.DataFrame, Bools]:
    """The list rows whose record was not quarantined, each once, and a mask of the records that repeat one of them."""
    names = [name for name in LISTED_FLIGHT_DTYPES if name != "source_id"]
    tables: list[pd.DataFrame] = []
    part_of, row_of = work.frame["part"].to_numpy(), work.frame["row"].to_numpy()
    for i, part in enumerate(parts):
        listed = part.records.listed_flights
        if listed is not None and len(listed):
            alive = np.unique(row_of[kept & (part_of == i)])
            table = listed.reindex(columns=names)
            by_callsign = table["callsign"].astype("str").str.startswith("SIM").eq(True)
            table["simulated"] = table["simulated"].eq(True) | by_callsign | part.records.simulated
            tables.append(table[table["source_row"].isin(alive)].assign(part=i))
    repeated = np.zeros(len(work.frame), dtype=np.bool_)
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=LISTED_FLIGHT_DTYPES[name]) for name in names}), repeated
    table = pd.concat(tables, ignore_index=True).astype({name: LISTED_FLIGHT_DTYPES[name] for name in names})
    again = table.duplicated([name for name in names if name != "source_row"]).to_numpy()
    if again.any():
        rows = pd.MultiIndex.from_arrays([part_of, row_of])
        repeated = rows.isin(pd.MultiIndex.from_frame(table.loc[again, ["part", "source_row"]]))
    return table.loc[~again, names].reset_index(drop=True), repeated


def _accounting(
    parts: Sequence[Part],
    record: npt.NDArray[np.int64] | None,
    accepted: int,
    without: Counter[str],
    quarantined: Counter[str],
    duplicates: int,
) -> Accounting:
    counted = 0
    for part in parts:
        r = part.records
        counted += r.record_count if r.record_count is not None else len(r.frame) + len(r.refused)
    with_lines = [part.records for part in parts if part.records.physical_lines is not None]
    skipped: Counter[str] = Counter()
    for part in parts:
        skipped.update(part.records.skipped)
    return Accounting(
        records=counted,
        accepted=accepted,
        without_position=dict(sorted(without.items())),
        quarantined=dict(sorted(quarantined.items())),
        exact_duplicates=duplicates,
        physical_lines=sum(r.physical_lines or 0 for r in with_lines) if with_lines else None,
        header_lines=sum(r.header_lines for r in with_lines),
        record_lines=sum(r.record_lines or 0 for r in with_lines) if with_lines else None,
        blank_or_comment_lines=sum(r.blank_or_comment_lines for r in with_lines),
        skipped=dict(sorted(skipped.items())),
        flags=tuple(sorted({flag for part in parts for flag in part.records.flags})),
    )
