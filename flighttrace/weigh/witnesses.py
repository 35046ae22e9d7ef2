"""Which matches are strong enough to corroborate, and which rest on positions that are disputed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import numpy as np

from flighttrace.geodesy import distance_km
from flighttrace.match.cleaning import disputed
from flighttrace.match.model import EndKind, Flight, at_least
from flighttrace.match.places import Airfields
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.positions import NETWORK_UNKNOWN
from flighttrace.weigh.matching import Match, Sought
from flighttrace.weigh.model import Network
from flighttrace.weigh.windows import Window

DISPUTED_FLAG: Final = "disputed positions"
"""`match.flights` sets it on a flight part of whose positions is a competing story."""
NEAR_END: Final = timedelta(minutes=15)
"""A disputed run this near to an end's fix, or beyond it, tells another story of that end."""
NEAR_PLACE_KM: Final = 20.0
NEAR_PLACE_FT: Final = 5000.0
"""Disputed positions within this of a field, and below this above it, would make an end there if they were believed."""


def has_independent_witness(match: Match, networks: Network) -> bool:
    """True where every end that the claim needs is graded A or B by a known network the article does not rest on."""
    return all(
        any(
            grade is not None and at_least(grade, "B")
            for witness in match.witnesses
            if _independent(witness.network, networks)
            for grade in (witness.departure_place_grade if kind == "departure" else witness.arrival_place_grade,)
        )
        for kind, _ in match.ends
    )


def _independent(network: str, networks: Network) -> bool:
    same = {name.casefold() for name in networks.names}
    return network not in ("", NETWORK_UNKNOWN) and network.casefold() not in same


def is_strong(match: Match, networks: Network) -> bool:
    """Grade A or B with an independent witness, no disputed position, and no end whose named field is elsewhere."""
    return (
        at_least(match.grade, "B")
        and has_independent_witness(match, networks)
        and not is_disputed(match.flight)
        and not match.outside
    )


def is_disputed(flight: Flight) -> bool:
    """True where part of the positions is disputed, or the address was heard in two places at once."""
    return DISPUTED_FLAG in flight.flags or AT_ONCE in flight.flags


def is_contested(match: Match, flights: Iterable[Flight] = ()) -> bool:
    """True where a competing story of the address reaches one of the ends that the claim needs.

    That is a disputed run in the flight's own track; or, of an address that was heard in two places at once, a flight
    of the other track. `flights`: all that were found.
    """
    flight = match.flight
    if DISPUTED_FLAG in flight.flags and any(_end_disputed(flight, kind) for kind, _ in match.ends):
        return True
    if AT_ONCE not in flight.flags:
        return False
    others = [f for f in flights if f.icao24 == flight.icao24 and f.track_key != flight.track_key]
    fixes = [flight.end(kind).fix_time_utc for kind, _ in match.ends]
    return any(f.first_seen_utc - NEAR_END <= fix <= f.last_seen_utc + NEAR_END for f in others for fix in fixes)


def _end_disputed(flight: Flight, kind: EndKind) -> bool:
    if not len(flight.track):
        return True  # flagged, and nothing here that says where
    track = flight.track
    times = track.loc[disputed(track["rejected_because"]), "time_utc"]
    fix = flight.end(kind).fix_time_utc
    if kind == "arrival":
        return bool((times >= fix - NEAR_END).any())
    return bool((times <= fix + NEAR_END).any())


def would_match_if_believed(flight: Flight, sought: Sought, window: Window, airfields: Airfields) -> bool:
    """True where the disputed positions of a flight, were they believed, would put it at the claim's place in time.

    Asked of the destination's end (the origin's for take-offs): a low disputed position near one of its fields.
    """
    if DISPUTED_FLAG not in flight.flags or not len(flight.track):
        return False
    place = sought.destination or sought.origin
    assert place is not None
    rows = flight.track[disputed(flight.track["rejected_because"])]
    rows = rows[(rows["time_utc"] >= window.from_utc) & (rows["time_utc"] < window.to_utc)]
    altitude = rows["baro_altitude_ft"].fillna(rows["geo_altitude_ft"]).to_numpy()
    grounded = rows["on_ground"].fillna(False).to_numpy(dtype=bool)
    for name in place.airports:
        field = airfields.get(name)
        away = distance_km(rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy(), field.lat_deg, field.lon_deg)
        low = grounded | (altitude - field.elevation_ft < NEAR_PLACE_FT)
        if bool(np.any((away <= NEAR_PLACE_KM) & low)):
            return True
    return False
