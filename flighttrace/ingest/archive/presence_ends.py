"""Where of a track's records a flight could begin or end: what presence tells of its groups beside their counts.

By the rules of `match/splitting.py`: where a track begins or ends, beside a silence, beside the ground. What these
columns cannot rule out they let pass.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from flighttrace.end_reach import GROUND_PROBABLE_KM, MOST_DISTANT_KM, PARTS, reach_km
from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.ingest.archive.rows import InOrder, Ints, Mask, Recs
from flighttrace.speed_chain import STANDING_KT

ROLLING_KT: Final = 160.0
SHORTEST_CUT_MS: Final = 600_000
GROUND_STAY_MS: Final = 300_000
SILENT_ON_GROUND_MS: Final = 60_000
LOW_FT: Final = 15_000.0
LOW_SLACK_S: Final = 1200.0
TURN_SLACK_S: Final = 600.0
CRUISE_SLACK_S: Final = 3600.0
CRUISE_SLACK_SHARE: Final = 0.15
FLYING_KT: Final = 60.0
UNSURE_SPEED_KT: Final = 250.0
"""How splitting.py cuts at a gap and at a stay on the ground (a test holds these numbers together)."""
ALMOST_90_DEG: Final = float(np.nextafter(90.0, 0.0))
"""The pole lies in the cell below it."""

BOX: Final = ("ends_from_lat", "ends_from_lon", "ends_to_lat", "ends_to_lon")
NO_BOX: Final = (1000, 1000, 0, 0)


def put_ends(groups: Any, start: Ints, rows: InOrder, altitude_ft: Floats, odd: Mask, kept: Mask) -> None:
    """Fill in where a flight could begin or end.

    groups (m,): of `presence.GROUP`, and `start` (m,) the first record of each. altitude_ft, odd, kept (n,): of each
    record its height, whether cleaning might disbelieve it, and whether it does not take it for a repeat.
    """
    recs, time, lat, lon, heads, moved = rows.recs, rows.time_ms, rows.lat_deg, rows.lon_deg, rows.heads, rows.moved
    changes = np.flatnonzero(moved)
    stay = np.cumsum(moved) - 1  # records of one place in a row are one stay; its first is never stale
    head_of = heads[changes]
    maybe = _maybe_on_ground(recs)
    gaps, slack_s = _gaps(recs, time, changes, head_of)
    # of a stay the first position alone is believed, unless a repeat is kept
    single = ~np.logical_or.reduceat(kept & ~moved, changes)[gaps]
    both = maybe[changes[gaps]] & maybe[changes[gaps + 1]]
    no_cut = gaps[single & ~both & (slack_s <= TURN_SLACK_S)]
    silences = _silences_ms(time, changes, head_of, no_cut)
    groups["silence_ms"] = np.maximum.reduceat(silences[stay], start)
    ground = np.logical_or.reduceat(maybe, changes)
    near = ground.copy()
    silent = ~head_of[1:] & (np.diff(time[changes]) >= SILENT_ON_GROUND_MS)
    near[1:] |= ground[:-1] & silent
    near[:-1] |= ground[1:] & silent
    groups["near_ground"] = np.logical_or.reduceat(near[stay], start)
    first = np.flatnonzero(heads)
    standing = (recs["on_ground"][first] == 1) | (recs["ground_speed_kt"][first] <= STANDING_KT)
    begins = np.zeros(len(changes), dtype=np.int16)
    begins[head_of] = np.where(standing, 1, 2)
    second = ~head_of & np.append(False, begins[:-1] == 2)  # the first one, if that before is a repeat
    may_end = near | head_of | np.append(head_of[1:], True) | (silences >= SHORTEST_CUT_MS) | second
    groups["odd"] = np.logical_or.reduceat(odd, start)
    at = np.flatnonzero(may_end[stay] | odd)
    reach, parts = np.zeros(len(recs), dtype=np.int16), np.zeros(len(recs), dtype=np.int64)
    own_km = reach_km(altitude_ft[at], np.asarray(recs["on_ground"][at] == 1), ground_km=GROUND_PROBABLE_KM)
    reach[at] = np.where(odd[at], MOST_DISTANT_KM, np.ceil(own_km))
    parts[at] = np.int64(1) << (PARTS * _part_of(np.minimum(lat[at], ALMOST_90_DEG)) + _part_of(lon[at]))
    groups["reach_km"] = np.maximum.reduceat(reach, start)
    groups["end_parts"] = np.bitwise_or.reduceat(parts, start)
    _put_box(groups, np.searchsorted(start, at, side="right") - 1, np.minimum(lat[at], ALMOST_90_DEG), lon[at])
    sure = gaps[single & (slack_s > _most_slack_needed_s(recs, time, changes, gaps))]
    for begin, end in ((changes[sure], changes[sure + 1]), _stays_on_ground(recs, time, heads, moved)):
        run = np.searchsorted(start, begin, side="right") - 1
        np.maximum.at(groups["cut_from_ms"], run, time[begin])
        np.maximum.at(groups["cut_to_ms"], run, time[end])
    last = np.append(first[1:], len(recs)) - 1
    of_first, of_last = (np.searchsorted(start, at, side="right") - 1 for at in (first, last))
    groups["begins"][of_first], groups["stops"][of_last] = begins[head_of], True
    for name, group, at in (("first", of_first, first), ("last", of_last, last)):
        groups[f"{name}_lat_mdeg"][group] = np.floor(lat[at] * 1000.0)
        groups[f"{name}_lon_mdeg"][group] = np.floor(lon[at] * 1000.0)


def _put_box(groups: Any, run: Any, lat: Any, lon: Any) -> None:
    """The box of the positions (lat, lon) of these groups, ascending."""
    if not len(run):
        return
    first = np.flatnonzero(np.append(True, run[1:] != run[:-1]))
    for axis, deg in (("lat", lat), ("lon", lon)):
        low = np.minimum((deg - np.floor(deg)) * 1000.0, 999.0).astype(np.int16)
        groups[f"ends_from_{axis}"][run[first]] = np.minimum.reduceat(low, first)
        groups[f"ends_to_{axis}"][run[first]] = np.maximum.reduceat(low, first) + 1


def _part_of(deg: Any) -> Any:
    """In which of a degree's PARTS, 0 to PARTS - 1."""
    return np.minimum((deg - np.floor(deg)) * PARTS, PARTS - 1).astype(np.int64)  # just below a degree it rounds up


def _gaps(recs: Recs, time: Any, changes: Any, head_of: Any) -> tuple[Any, Any]:
    """Stays that are followed by a silence in which a flight may be cut, and the time to spare in it, in s, as
    splitting.py reckons it."""
    gaps = np.flatnonzero((np.diff(time[changes]) >= SHORTEST_CUT_MS) & ~head_of[1:])
    one, two = changes[gaps], changes[gaps + 1]
    away_km = distance_km(*(recs[name][at] for at in (one, two) for name in ("lat_deg", "lon_deg")))
    speeds = np.stack([recs["ground_speed_kt"][one], recs["ground_speed_kt"][two]])
    flying = np.where(speeds > FLYING_KT, speeds, 0.0).max(axis=0)
    speed_kt = np.where(flying > 0.0, flying, UNSURE_SPEED_KT)
    return gaps, (time[two] - time[one]) / 1000.0 - away_km / (speed_kt * KM_PER_NM) * 3600.0


def _most_slack_needed_s(recs: Recs, time: Any, changes: Any, gaps: Any) -> Any:
    """More time to spare than this is surely a cut: infinite unless one side is said to be in the air."""
    sides = (changes[gaps], changes[gaps + 1])
    airborne = (recs["on_ground"][sides[0]] == 0) | (recs["on_ground"][sides[1]] == 0)
    low = np.ones(len(gaps), dtype=np.bool_)
    for at in sides:
        baro = recs["baro_altitude_ft"][at]
        low &= np.where(np.isnan(baro), recs["geo_altitude_ft"][at], baro) < LOW_FT
    cruise = CRUISE_SLACK_S + CRUISE_SLACK_SHARE * (time[sides[1]] - time[sides[0]]) / 1000.0
    return np.where(airborne, np.where(low, LOW_SLACK_S, cruise), np.inf)


def _stays_on_ground(recs: Recs, time: Any, heads: Any, moved: Any) -> tuple[Any, Any]:
    """First and last record of each stretch said to be on the ground, GROUND_STAY_MS and more, between two records of
    the same day said to be in the air, which cleaning keeps because they moved."""
    said = np.ascontiguousarray(recs["on_ground"])
    new = heads.copy()
    new[1:] |= said[1:] != said[:-1]
    first = np.flatnonzero(new)
    after = np.append(first[1:], len(recs))
    flies = (said == 0) & moved
    begins = flies[first - 1] & ~heads[first]
    ends = np.append(flies & ~heads, False)[after]
    stays = (said[first] == 1) & begins & ends & (time[after - 1] - time[first] >= GROUND_STAY_MS)
    return first[stays], after[stays] - 1


def _silences_ms(time: Any, changes: Any, head_of: Any, no_cut: Any) -> Any:
    """For each stay the longer of the times from the change before it, and to the change after it (the last record of
    the day where none comes). `no_cut`: stays after which no flight is cut, however long the silence."""
    ends = np.append(changes[1:], len(time))
    whole = np.append(~head_of[1:], False)
    until = np.where(whole, time[np.minimum(ends, len(time) - 1)], time[ends - 1]) - time[changes]
    until[no_cut] = 0
    silences = until.copy()
    silences[1:] = np.where(head_of[1:], until[1:], np.maximum(until[1:], until[:-1]))
    return silences


def _maybe_on_ground(recs: Recs) -> Any:
    """Said to be on the ground; where nothing is said: altitude 0 and not fast, or slow, or of unknown speed."""
    said = np.ascontiguousarray(recs["on_ground"])
    ground = said == 1
    silent = np.flatnonzero(said < 0)
    if len(silent):
        speed, baro = recs["ground_speed_kt"][silent], recs["baro_altitude_ft"][silent]
        ground[silent] = ~(speed > STANDING_KT) | ((baro == 0.0) & ~(speed > ROLLING_KT))
    return ground
