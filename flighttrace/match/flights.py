"""Positions → flights: one airframe's track, cleaned, cut where it was on the ground or could have been.

A track is cut by gaps and ground time, never by call sign and never at midnight. A long gap between two cruise
heights is kept whole where the distance needs the time (a sea without receivers); it is cut where the aircraft could
have come down, stood and left again. The two positions of a flight-list row are a flight of their own, unless another
source heard the same airframe in that time: then they belong to that flight.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, cast

import numpy as np
import pandas as pd

from flighttrace.geodesy import KM_PER_NM, Floats, distance_km
from flighttrace.match.cleaning import (
    BETWEEN_NETWORKS_SLACK_KM,
    DISPUTED,
    JUMP,
    longest_chain,
    mark_unbelievable,
    seconds_of,
)
from flighttrace.match.endpoints import EndTrack, estimate_end, smallest_runway_ft, with_continuity
from flighttrace.match.model import EndKind, EndpointEstimate, Flight, ListedEnds
from flighttrace.match.places import Airfields, load_airfields
from flighttrace.match.reasons import continuity_reason
from flighttrace.positions import NETWORK_UNKNOWN, Ingested

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
UNSURE_SPEED_KT: Final = 250.0
SPECIAL_ADDRESSES: Final = frozenset({"000000", "000001", "ffffff"})


@dataclass(frozen=True)
class FlightSet:
    """The flights, and what was heard on the ground alone (parked, taxiing, vehicles): counted, never a flight."""

    flights: tuple[Flight, ...]
    ground_only: tuple[tuple[str, int], ...]
    """Track key and number of positions of each stretch that never left the ground."""

    def __iter__(self) -> Iterator[Flight]:
        return iter(self.flights)

    def __len__(self) -> int:
        return len(self.flights)


def find_flights(
    ingested: Ingested,
    *,
    airfields: Airfields | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FlightSet:
    """All flights in the ingested positions, sorted by first sighting, then track key.

    `progress` is called with the tracks done and the tracks in all.
    """
    fields = airfields or load_airfields()
    networks = {source.source_id: source.network for source in ingested.sources}
    readers = {source.source_id: source.reader for source in ingested.sources}
    flights: list[Flight] = []
    ground: list[tuple[str, int]] = []
    groups = ingested.positions.groupby("track_key", sort=True)
    for done, (key, rows) in enumerate(groups):
        cleaned = clean_track(rows, networks=networks, readers=readers)
        cut, idle = _flights_of_track(str(key), cleaned, ingested, networks, fields)
        flights += cut
        ground += idle
        if progress is not None:
            progress(done + 1, groups.ngroups)
    flights = _with_listed(flights, ingested)
    return FlightSet(tuple(sorted(flights, key=lambda f: (f.first_seen_utc, f.track_key, f.flight_id))), tuple(ground))


def clean_track(rows: pd.DataFrame, *, networks: Mapping[str, str], readers: Mapping[str, str]) -> pd.DataFrame:
    """The rows of one track key, sorted by time, with unbelievable positions marked.

    Each network is cleaned by itself (files of one unknown network: by reader); then networks are held against each
    other, and where they cannot both be right the shorter story is marked as disputed.
    """
    rows = rows.sort_values(["time_utc", "source_id", "source_row"], kind="stable")
    heard_by = rows["source_id"].map(
        lambda s: networks.get(s, "") if networks.get(s) not in (None, NETWORK_UNKNOWN) else readers.get(s, "")
    )
    parts = [mark_unbelievable(part) for _, part in rows.groupby(heard_by, sort=True)]
    if len(parts) == 1:
        return parts[0]
    merged = pd.concat(parts).sort_values(["time_utc", "source_id", "source_row"], kind="stable")
    believed = np.flatnonzero(merged["rejected_because"].isna())
    if len(believed) > 1:
        chosen = merged.iloc[believed]
        keep, _ = longest_chain(
            seconds_of(chosen["time_utc"]),
            chosen["lat_deg"].to_numpy(),
            chosen["lon_deg"].to_numpy(),
            slack_km=BETWEEN_NETWORKS_SLACK_KM,
        )
        reasons = (
            merged["rejected_because"].astype(object).where(merged["rejected_because"].notna(), None).to_numpy().copy()
        )
        reasons[believed[~keep]] = DISPUTED
        merged = merged.assign(rejected_because=pd.array(reasons, dtype="str"))
    return merged


def _flights_of_track(
    key: str, track: pd.DataFrame, ingested: Ingested, networks: Mapping[str, str], airfields: Airfields
) -> tuple[list[Flight], list[tuple[str, int]]]:
    listed = track["listed_flight"].notna()
    pieces = _cut_all(track[~listed])
    stand_alone = []
    for _, pair in track[listed].groupby("listed_flight", sort=True):
        inside = _piece_around(pieces, pair)
        if inside is None:
            stand_alone.append(pair)
        else:
            pieces[inside] = pd.concat([pieces[inside], pair]).sort_values("time_utc", kind="stable")
    pieces = sorted([*pieces, *stand_alone], key=lambda piece: piece["time_utc"].iloc[0])
    ground: list[tuple[str, int]] = []
    prepared: list[_Piece] = []
    for piece in pieces:
        accepted = _Piece.of(piece)
        if accepted is None or not (~accepted.on_ground).any():
            ground.append((key, len(piece)))
        else:
            prepared.append(accepted)
    flights = [
        _flight(
            key,
            piece,
            prepared[i - 1].last if i else None,
            prepared[i + 1].first if i + 1 < len(prepared) else None,
            ingested,
            networks,
            airfields,
        )
        for i, piece in enumerate(prepared)
    ]
    return _linked(flights, airfields), ground


def _piece_around(pieces: list[pd.DataFrame], pair: pd.DataFrame) -> int | None:
    first, last = pair["time_utc"].iloc[0], pair["time_utc"].iloc[-1]
    for i, piece in enumerate(pieces):
        if piece["time_utc"].iloc[0] <= last and piece["time_utc"].iloc[-1] >= first:
            return i
    return None


@dataclass
class _Piece:
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
    def of(cls, rows: pd.DataFrame) -> _Piece | None:
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
    """On the ground as the source says; where it says nothing: altitude 0 at taxi or landing speed, or standing low."""
    said = rows["on_ground"]
    altitude, speed = rows["baro_altitude_ft"].to_numpy(), rows["ground_speed_kt"].to_numpy()
    at_zero = (altitude == 0.0) & ~(speed > ROLLING_KT)
    lowest = float(np.nanmin(altitude)) if (~np.isnan(altitude)).any() else np.nan
    standing = (speed <= SLOW_KT) & ((altitude <= lowest + 300.0) | np.isnan(altitude))
    guessed = at_zero | standing
    return np.where(said.isna().to_numpy(), guessed, said.fillna(False).to_numpy(dtype=bool)).astype(bool)


def _cut_all(track: pd.DataFrame) -> list[pd.DataFrame]:
    """The track's rows, cut into flights; rejected rows go with the fix before them."""
    piece = _Piece.of(track)
    if piece is None:
        return [track] if len(track) else []
    cuts = sorted(set(_gap_cuts(piece)) | set(_ground_cuts(piece)))
    bounds = piece.time[np.array(cuts, dtype=int) + 1] if cuts else np.zeros(0)
    at = np.searchsorted(bounds, seconds_of(track["time_utc"]), side="right")
    return [part for _, part in track.groupby(at, sort=True)]


def _gap_cuts(p: _Piece) -> list[int]:
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


def _slack_needed_s(p: _Piece, i: int, j: int, gap_s: float) -> float:
    low_before = bool(p.altitude_ft[i] < LOW_FT) or bool(p.on_ground[i])
    low_after = bool(p.altitude_ft[j] < LOW_FT) or bool(p.on_ground[j])
    descending = _trend_ft_min(p, i, back=True) < -300.0
    climbing = _trend_ft_min(p, j, back=False) > 300.0
    if descending and climbing:
        return TURN_SLACK_S
    if low_before and low_after:
        return LOW_SLACK_S
    return CRUISE_SLACK_S + CRUISE_SLACK_SHARE * gap_s


def _trend_ft_min(p: _Piece, i: int, *, back: bool) -> float:
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


def _ground_cuts(p: _Piece) -> list[int]:
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


def _flight(
    key: str,
    piece: _Piece,
    before: float | None,
    after: float | None,
    ingested: Ingested,
    networks: Mapping[str, str],
    airfields: Airfields,
) -> Flight:
    rows = piece.rows
    first, last = (datetime.fromtimestamp(t, UTC) for t in (piece.first, piece.last))
    departure = estimate_end(piece.end("departure", piece.first - before if before is not None else np.inf), airfields)
    arrival = estimate_end(piece.end("arrival", after - piece.last if after is not None else np.inf), airfields)
    source_ids = tuple(sorted(rows["source_id"].unique()))
    icao24 = rows["icao24"].dropna()
    callsigns = tuple(dict.fromkeys(rows["callsign"].dropna()))
    gaps = np.diff(piece.time)
    return Flight(
        flight_id=flight_id(key, first),
        track_key=key,
        icao24=str(icao24.iloc[0]) if len(icao24) else None,
        identity=ingested.identities.get(key, "address in the file" if len(icao24) else "not in the file"),
        callsigns=callsigns,
        first_seen_utc=first,
        last_seen_utc=last,
        departure=departure,
        arrival=arrival,
        position_count=len(rows),
        rejected_count=int(rows["rejected_because"].notna().sum()),
        simulated=bool(rows["simulated"].any()),
        source_ids=source_ids,
        networks=tuple(sorted({networks[s] for s in source_ids if s in networks})),
        network_of_source=tuple((s, networks[s]) for s in source_ids if s in networks),
        longest_gap_s=float(gaps.max()) if len(gaps) else 0.0,
        flags=_flags(rows, key, callsigns),
        track=rows,
    )


def track_end(rows: pd.DataFrame, kind: EndKind) -> EndTrack:
    """The end of a part of a flight's rows (one network's, say), with nothing known of what came after or before.

    Raises ValueError where no position of the part is believed.
    """
    piece = _Piece.of(rows)
    if piece is None:
        raise ValueError("no position of these rows is believed")
    return piece.end(kind, np.inf)


def flight_id(track_key: str, first_seen_utc: datetime) -> str:
    """`f-` and ten digits of the sha256 of track key and first sighting in ms: the same for the same data, always."""
    text = f"{track_key}|{round(first_seen_utc.timestamp() * 1000)}"
    return "f-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def _flags(rows: pd.DataFrame, key: str, callsigns: tuple[str, ...]) -> tuple[str, ...]:
    flags = []
    reasons = set(rows["rejected_because"].dropna())
    if DISPUTED in reasons:
        flags.append("disputed positions")
    if JUMP in reasons:
        flags.append("impossible jumps marked")
    if key.startswith("~"):
        flags.append("not an ICAO address")
    if set(rows["icao24"].dropna()) & SPECIAL_ADDRESSES:
        flags.append("special address: no identity")
    if len(callsigns) > 1:
        flags.append("call sign changed in flight")
    if rows["listed_flight"].notna().all():
        flags.append("two positions of a flight list")
    return tuple(flags)


def _linked(flights: list[Flight], airfields: Airfields) -> list[Flight]:
    """Continuity: an end that was not heard low takes the airframe's neighbouring flight as evidence."""
    linked = list(flights)
    for i in range(len(flights) - 1):
        one, two = linked[i], linked[i + 1]
        gap = two.first_seen_utc - one.last_seen_utc
        if gap < timedelta(0):
            continue
        begins = flights[i + 1].departure
        ends = flights[i].arrival
        if begins.grade in "AB" and begins.airport and ends.grade in "CD":
            linked[i] = replace(one, arrival=_continued(ends, begins.airport, airfields, gap))
        if ends.grade in "AB" and ends.airport and begins.grade in "CD":
            linked[i + 1] = replace(two, departure=_continued(begins, ends.airport, airfields, gap))
    return linked


def _continued(end: EndpointEstimate, airport: str, airfields: Airfields, gap: timedelta) -> EndpointEstimate:
    changed = with_continuity(end, airport, airfields, gap)
    if changed is end:
        return end
    return replace(changed, reasons=(*end.reasons, continuity_reason(airport, end.kind)))


def _with_listed(flights: list[Flight], ingested: Ingested) -> list[Flight]:
    """Each flight with what flight lists state of it: same address (else same call sign), overlapping times."""
    table = ingested.listed_flights
    if not len(table):
        return flights
    rows = cast(list[dict[str, object]], table.to_dict("records"))
    by_address: dict[object, list[dict[str, object]]] = {}
    for row in rows:
        by_address.setdefault(row["icao24"] if isinstance(row["icao24"], str) else None, []).append(row)
    return [replace(f, listed=_listed_of(f, by_address.get(f.icao24, []))) for f in flights]


def _listed_of(flight: Flight, rows: list[dict[str, object]]) -> tuple[ListedEnds, ...]:
    found = set()
    for row in rows:
        if flight.icao24 is None and row["callsign"] not in flight.callsigns:
            continue
        first, last = row["first_seen_utc"], row["last_seen_utc"]
        if isinstance(first, pd.Timestamp) and not pd.isna(first) and first > pd.Timestamp(flight.last_seen_utc):
            continue
        if isinstance(last, pd.Timestamp) and not pd.isna(last) and last < pd.Timestamp(flight.first_seen_utc):
            continue
        departure, arrival = row["listed_departure"], row["listed_arrival"]
        found.add(
            (
                departure if isinstance(departure, str) else "",
                arrival if isinstance(arrival, str) else "",
                str(row["source_id"]),
            )
        )
    return tuple(ListedEnds(d or None, a or None, s) for d, a, s in sorted(found))
