"""Positions → flights: one airframe's track, cleaned, cut where it was on the ground or could have been.

A track is cut by gaps and ground time, never by call sign and never at midnight. A long gap between two cruise
heights is kept whole where the distance needs the time (a sea without receivers); it is cut where the aircraft could
have come down, stood and left again. The two positions of a flight-list row are a flight of their own, unless another
source heard the same airframe in that time: then they belong to that flight.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, cast

import numpy as np
import pandas as pd

from flighttrace.match.between import Fields, pieces_between, probable
from flighttrace.match.cleaning import JUMP, missing
from flighttrace.match.day import Stop, linked
from flighttrace.match.end_track import EndTrack
from flighttrace.match.endpoints import estimate_end
from flighttrace.match.model import EndKind, EndpointEstimate, Flight, ListedEnds, Place, Sighting
from flighttrace.match.places import Airfields, load_airfields
from flighttrace.match.reasons import explained
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.match.splitting import Piece, cut_into_pieces
from flighttrace.match.spoofing import AT_TARGET, DISPUTED_PREFIX, HARDLY_MOVING, NO_DESCENT
from flighttrace.match.tracks import Track, cleaned_tracks
from flighttrace.positions import IN_FILE, LINKED, NOT_IN_FILE, Ingested

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
    between: Sequence[tuple[Place, Place]] | None = None,
    named: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> FlightSet:
    """All flights in the ingested positions, sorted by first sighting, then track key.

    `between`: routes (origin, destination); flights that cannot be a leg of any of them are left out, which saves the
    work on their ends. `named`: fields that are asked about, candidates of every end in reach of them. `progress` is
    called with the tracks done and the tracks in all.
    """
    fields = load_airfields() if airfields is None else airfields
    networks = {source.source_id: source.network for source in ingested.sources}
    readers = {source.source_id: source.reader for source in ingested.sources}
    flights: list[Flight] = []
    ground: list[tuple[str, int]] = []
    sought = None if between is None else Fields.of(between, fields)
    tracks = cleaned_tracks(
        ingested.positions,
        networks=networks,
        readers=readers,
        airfields=fields,
        signs_heard=lambda key: not _linked(key, ingested),
    )
    count = ingested.positions["track_key"].nunique() if progress is not None else 0
    for done, (key, aircraft) in enumerate(tracks):
        for track in aircraft:
            cut, idle = _flights_of_track(track, ingested, networks, fields, sought, named)
            flights += cut if len(aircraft) == 1 else [_one_of_several(f, key, ingested.identities) for f in cut]
            ground += idle
        if progress is not None:
            progress(done + 1, count)
    flights = _with_listed(flights, ingested)
    return FlightSet(tuple(sorted(flights, key=lambda f: (f.first_seen_utc, f.track_key, f.flight_id))), tuple(ground))


def _linked(key: str, ingested: Ingested) -> bool:
    """Whether a list gave the track (`HEX` or `HEX/2`) its address, and perhaps its call sign: written, not heard."""
    return ingested.identities.get(key.partition("/")[0], "") in LINKED


def _one_of_several(flight: Flight, key: str, identities: Mapping[str, str]) -> Flight:
    """The flight of one of several aircraft under a key: how the key's identity is known holds for each of them."""
    flags = flight.flags if key.startswith("#") else (*flight.flags, AT_ONCE)
    return replace(flight, flags=flags, identity=identities.get(key, flight.identity))


def _flights_of_track(
    track: Track,
    ingested: Ingested,
    networks: Mapping[str, str],
    airfields: Airfields,
    sought: Fields | None,
    named: Collection[str],
) -> tuple[list[Flight], list[tuple[str, int]]]:
    ground: list[tuple[str, int]] = []
    heard: list[Piece] = []
    for part in _parts_of(track):
        piece = part if isinstance(part, Piece) else Piece.of(part)
        if piece is not None:
            heard.append(piece)
        if piece is None or piece.on_ground.all():
            ground.append((track.name, part.row_count if isinstance(part, Piece) else len(part)))
    wanted = range(len(heard)) if sought is None else pieces_between(heard, sought).tolist()
    ends = _Ends(heard, airfields, named)
    flights = []
    for h in wanted:
        if heard[h].on_ground.all() or (sought is not None and not _may_be_leg(ends, h, sought)):
            continue
        flight = _flight(track.name, heard[h], ends.told(h, "departure"), ends.told(h, "arrival"), ingested, networks)
        flights.append(explained(flight, *ends.beside(h), airfields))
    return flights, ground


def _may_be_leg(ends: _Ends, h: int, sought: Fields) -> bool:
    """Whether both ends of piece h are probable enough for one of the routes; the arrival is looked at if need be."""
    destinations = sought.departed(ends.told(h, "departure"))
    return bool(destinations) and any(probable(ends.told(h, "arrival"), airports) for airports in destinations)


class _Ends:
    """The ends of one track's pieces, in the order of time: each estimated once, and only where it is asked for.

    What is told of an end is its own estimate and what the end beyond the silence says of it: that of the neighbouring
    flight, or of a stretch heard on the ground alone.
    """

    def __init__(self, heard: Sequence[Piece], airfields: Airfields, named: Collection[str]) -> None:
        self._heard, self._airfields, self._named = heard, airfields, named
        self._own: dict[tuple[int, EndKind], EndpointEstimate] = {}
        self._stops: dict[int, Stop] = {}
        self._sightings: dict[int, tuple[Sighting | None, Sighting | None]] = {}

    def beside(self, h: int) -> tuple[Sighting | None, Sighting | None]:
        """The track's last believed position before piece h and the next after it."""
        if h not in self._sightings:
            self._sightings[h] = _beside(self._heard[h], self._heard)
        return self._sightings[h]

    def told(self, h: int, kind: EndKind) -> EndpointEstimate:
        """The end of piece h with what its neighbour says of it: to an end graded A or B, nothing."""
        own = self._estimate(h, kind)
        if own.grade in "AB":
            return own
        if kind == "departure":
            return self._stop(h - 1).up if h else own
        return self._stop(h).down if h + 1 < len(self._heard) else own

    def _stop(self, h: int) -> Stop:
        """Between piece h and the next."""
        if h not in self._stops:
            own = Stop(self._estimate(h, "arrival"), self._estimate(h + 1, "departure"))
            self._stops[h] = linked(own, self._airfields)
        return self._stops[h]

    def _estimate(self, h: int, kind: EndKind) -> EndpointEstimate:
        if (h, kind) not in self._own:
            piece = self._heard[h]
            silence_s = np.inf if piece.on_ground.all() else _silence_s(piece, self.beside(h), kind)
            self._own[h, kind] = estimate_end(piece.end(kind, silence_s), self._airfields, named=self._named)
        return self._own[h, kind]


def _silence_s(piece: Piece, beside: tuple[Sighting | None, Sighting | None], kind: EndKind) -> float:
    """From the piece's end to what was heard next, or before; infinite where nothing was."""
    before, after = beside
    if kind == "departure":
        first = datetime.fromtimestamp(piece.first, UTC)
        return np.inf if before is None else (first - before.time_utc).total_seconds()
    last = datetime.fromtimestamp(piece.last, UTC)
    return np.inf if after is None else (after.time_utc - last).total_seconds()


def _beside(piece: Piece, heard: Sequence[Piece]) -> tuple[Sighting | None, Sighting | None]:
    """The track's last believed position before a piece and the next after it, those on the ground alone included."""
    before = max((p for p in heard if p.last < piece.first), key=lambda p: p.last, default=None)
    after = min((p for p in heard if p.first > piece.last), key=lambda p: p.first, default=None)
    return (None if before is None else before.sighting(-1)), (None if after is None else after.sighting(0))


def _parts_of(track: Track) -> list[Piece | pd.DataFrame]:
    """The track cut into flights, with the positions of flight lists in the flights that they belong to."""
    listed = track.fixes.listed
    if not listed.any():
        return cut_into_pieces(track.table, track.fixes, track.within)
    rows = track.rows
    pieces = [part.rows if isinstance(part, Piece) else part for part in cut_into_pieces(rows[~listed])]
    stand_alone = []
    for _, pair in rows[listed].groupby("listed_flight", sort=True):
        inside = _piece_around(pieces, pair)
        if inside is None:
            stand_alone.append(pair)
        else:
            pieces[inside] = pd.concat([pieces[inside], pair]).sort_values("time_utc", kind="stable")
    return [*sorted([*pieces, *stand_alone], key=lambda piece: piece["time_utc"].iloc[0])]


def _piece_around(pieces: list[pd.DataFrame], pair: pd.DataFrame) -> int | None:
    first, last = pair["time_utc"].iloc[0], pair["time_utc"].iloc[-1]
    for i, piece in enumerate(pieces):
        if piece["time_utc"].iloc[0] <= last and piece["time_utc"].iloc[-1] >= first:
            return i
    return None


def _flight(
    key: str,
    piece: Piece,
    departure: EndpointEstimate,
    arrival: EndpointEstimate,
    ingested: Ingested,
    networks: Mapping[str, str],
) -> Flight:
    rows = piece.rows
    first, last = (datetime.fromtimestamp(t, UTC) for t in (piece.first, piece.last))
    source_ids = tuple(sorted(rows["source_id"].unique()))
    icao24 = _said(rows["icao24"])
    callsigns = _said(rows["callsign"])
    gaps = np.diff(piece.time)
    rejected = Counter(rows["rejected_because"].array[~missing(rows["rejected_because"])].tolist())
    return Flight(
        flight_id=flight_id(key, first),
        track_key=key,
        icao24=icao24[0] if icao24 else None,
        identity=ingested.identities.get(key, IN_FILE if icao24 else NOT_IN_FILE),
        callsigns=callsigns,
        first_seen_utc=first,
        last_seen_utc=last,
        departure=departure,
        arrival=arrival,
        position_count=len(rows),
        rejected_count=rejected.total(),
        simulated=bool(rows["simulated"].any()),
        source_ids=source_ids,
        networks=tuple(sorted({networks[s] for s in source_ids if s in networks})),
        network_of_source=tuple((s, networks[s]) for s in source_ids if s in networks),
        longest_gap_s=float(gaps.max()) if len(gaps) else 0.0,
        flags=_flags(rows, key, icao24, callsigns, signs_heard=not _linked(key, ingested)),
        rejected_by_reason=tuple(sorted(rejected.items())),
        track=rows,
    )


def _said(texts: pd.Series) -> tuple[str, ...]:
    """Each text of a column once, in the order of first mention."""
    return tuple(str(text) for text in texts.unique() if isinstance(text, str))


def track_end(rows: pd.DataFrame, kind: EndKind) -> EndTrack:
    """The end of a part of a flight's rows (one network's, say), with nothing known of what came after or before.

    Raises ValueError where no position of the part is believed.
    """
    piece = Piece.of(rows)
    if piece is None:
        raise ValueError("no position of these rows is believed")
    return piece.end(kind, np.inf)


def flight_id(track_key: str, first_seen_utc: datetime) -> str:
    """`f-` and ten digits of the sha256 of track key and first sighting in ms: the same for the same data, always."""
    text = f"{track_key}|{round(first_seen_utc.timestamp() * 1000)}"
    return "f-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def _flags(
    rows: pd.DataFrame, key: str, icao24: tuple[str, ...], callsigns: tuple[str, ...], *, signs_heard: bool
) -> tuple[str, ...]:
    flags = []
    reasons = _said(rows["rejected_because"])
    if any(reason.startswith(DISPUTED_PREFIX) for reason in reasons):
        flags.append("disputed positions")
    flags += sorted(reason.removeprefix(DISPUTED_PREFIX) for reason in reasons if reason.startswith(AT_TARGET))
    flags += [rule.removeprefix(DISPUTED_PREFIX) for rule in (HARDLY_MOVING, NO_DESCENT) if rule in reasons]
    if JUMP in reasons:
        flags.append("impossible jumps marked")
    if key.startswith("~"):
        flags.append("not an ICAO address")
    if SPECIAL_ADDRESSES.intersection(icao24):
        flags.append("special address: no identity")
    if len(callsigns) > 1 and signs_heard:
        flags.append("call sign changed in flight")
    if not missing(rows["listed_flight"]).any():
        flags.append("two positions of a flight list")
    return tuple(flags)


def _with_listed(flights: list[Flight], ingested: Ingested) -> list[Flight]:
    """Each flight with what flight lists state of it: same address (else same call sign), overlapping times.

    A row without times is another flight of the airframe where it bears another call sign.
    """
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
        sign, first, last = row["callsign"], _time(row["first_seen_utc"]), _time(row["last_seen_utc"])
        if first is not None and first > pd.Timestamp(flight.last_seen_utc):
            continue
        if last is not None and last < pd.Timestamp(flight.first_seen_utc):
            continue
        timed = first is not None or last is not None
        if not timed and flight.callsigns and isinstance(sign, str) and sign not in flight.callsigns:
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


def _time(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
