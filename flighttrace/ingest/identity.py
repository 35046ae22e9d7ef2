"""Whose track a row belongs to: the address in the file, a declared one, a linked one, or a key of the file's own.

A row without an address is never given one by guess. The user may declare it (`--airframe FILE=HEX`), or a list file of
the same run may name the flight's id; both are told apart in `Ingested.identities`. All other rows get a key that
begins with `#` and the hash of the content it came from, and joins nothing outside that content. A tar's members are
contents of their own: an archive and its unpacked folder give the same keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from flighttrace.geodesy import KM_PER_NM, distance_km
from flighttrace.ingest.linking import Links, with_signs
from flighttrace.ingest.values import NO_IDENTITY
from flighttrace.positions import DECLARED, LINKED_BY_ID, LINKED_BY_NAME, NOT_IN_FILE

STRENGTH: Final = (NOT_IN_FILE, DECLARED, LINKED_BY_NAME, LINKED_BY_ID)
"""Weakest first: where files know one track in different ways, the weakest is reported."""

_SAME_AIRCRAFT_S: Final = 300.0
"""Over a longer pause a change of call sign may be a change of aircraft."""
_SAME_AIRCRAFT_KT: Final = 900.0
"""Ground speed of the fastest airliners with the jet stream is about 700 kt; the rest is for rounded times."""
_SAME_PLACE_KM: Final = 1.0
_SAME_STAND_S: Final = 3600.0
"""An aircraft that did not move may fall silent for longer: the crew sets the call sign while it is parked."""


@dataclass(frozen=True)
class Member:
    """One content of a source (the file itself, or a member of a tar): what its rows' keys and links hang on."""

    sha256: str
    """Of the content, decompressed."""
    link_space: str = ""
    flight_in_name: str | None = None
    """The flight id that the content's name bears, where the format keeps it nowhere else; empty: the name bears none.
    None for formats that do not keep it there."""


def identified(
    frame: pd.DataFrame,
    *,
    members: Sequence[Member],
    declared: str | None,
    links: Links,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows with `icao24` and `track_key`, and track key → how that is known where the file itself does not say.

    The frame's column `member` counts in `members`. `links` are of the `flight` column. A declared address wins over a
    linked one; both are used only for rows without an address of their own. Rows that a list gives their address get
    its call sign too, where they have none.
    """
    member = frame["member"].to_numpy(dtype=np.intp)
    in_name = np.asarray([m.flight_in_name or "" for m in members], dtype=object)[member]
    flight = frame["flight"].where(frame["flight"].notna(), pd.Series(in_name, index=frame.index, dtype="str"))
    frame = frame.assign(flight=flight.where(flight != "").astype("str"))
    icao24, own = frame["icao24"].copy(), frame["icao24"].isna().to_numpy()
    given = pd.Series(pd.NA, index=frame.index, dtype="str")
    if declared is not None:
        icao24 = icao24.where(~own, declared)
        how = np.where(own, DECLARED, "")
    else:
        linked, signs = _linked(frame["flight"], [m.link_space for m in members], member, links)
        linked_here = own & linked.notna().to_numpy()
        icao24 = icao24.where(~linked_here, linked)
        given = signs.where(linked_here)
        ways = np.asarray([LINKED_BY_ID if m.flight_in_name is None else LINKED_BY_NAME for m in members], dtype=object)
        how = np.where(linked_here, ways[member], "")
    nameless = (icao24.isna() | icao24.isin(NO_IDENTITY)).to_numpy()
    key = icao24.astype("object").copy()
    if nameless.any():
        names = own_names(frame[nameless])
        hashes = [members[number].sha256[:8] for number in member[nameless]]
        key[nameless] = [f"#{sha8}/{name}" for sha8, name in zip(hashes, names, strict=True)]
        how = np.where(nameless, NOT_IN_FILE, how)
    frame = with_signs(frame, given)  # after the keys: they do not hang on a list
    result = frame.assign(icao24=icao24.astype("str"), track_key=pd.Series(key, index=frame.index, dtype="str"))
    pairs = pd.DataFrame({"key": result["track_key"].to_numpy(), "how": how}).drop_duplicates()
    identities: dict[str, str] = {}
    for track_key, known in pairs.itertuples(index=False):
        if known:
            identities[track_key] = weakest(identities.get(track_key), known)
    return result, identities


def _linked(
    flight: pd.Series[Any],
    spaces: Sequence[str],
    member: npt.NDArray[np.intp],
    links: Links,
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """(address, call sign) that the lists name for each row's flight id, in the space of the row's own member."""
    linked, signs = (pd.Series(pd.NA, index=flight.index, dtype="str") for _ in range(2))
    space_of = np.asarray(spaces, dtype=object)[member]
    for space in sorted(set(spaces)):
        if space and links.get(space):
            here, held = space_of == space, links[space]
            linked = linked.where(~here, flight.map({f: at.icao24 for f, at in held.items()}).astype("str"))
            signs = signs.where(~here, flight.map({f: at.callsign or None for f, at in held.items()}).astype("str"))
    return linked, signs


def weakest(first: str | None, second: str) -> str:
    """The weaker of two ways to know an identity."""
    return second if first is None else min(first, second, key=STRENGTH.index)


def own_names(frame: pd.DataFrame) -> list[str]:
    """The part of the key after the content's hash: the content's own flight id, else a call sign.

    Rows of different members never share a name's resolution: two members are two tracks whatever their call signs.

    Call signs that change, or fall silent, between two fixes that one aircraft can have made within minutes are one
    track under the first of them (flights are never split by call sign); aircraft that fly at the same time stay apart.
    """
    flight = frame["flight"].fillna("").to_numpy(dtype=object)
    address = frame["icao24"].fillna("").to_numpy(dtype=object)
    names = np.where(flight != "", flight, "").astype(object)
    by_callsign = np.flatnonzero(flight == "")
    groups = pd.DataFrame({"member": frame["member"].to_numpy()[by_callsign], "address": address[by_callsign]})
    for at in groups.groupby(["member", "address"], sort=True).indices.values():
        rows = by_callsign[at]
        names[rows] = _names_by_callsign(frame.iloc[rows])
    return [str(name) for name in names]


def _names_by_callsign(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    callsigns = frame["callsign"].fillna("").to_numpy(dtype=object)
    if len(set(callsigns)) <= 1:
        return callsigns
    ms = frame["time_utc"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    lat, lon = frame["lat_deg"].to_numpy(), frame["lon_deg"].to_numpy()
    order = np.lexsort((frame["source_row"].to_numpy(), ms))
    a, b = order[:-1], order[1:]
    seconds = (ms[b] - ms[a]) / 1000.0
    km = distance_km(lat[a], lon[a], lat[b], lon[b])
    fits = (seconds <= _SAME_AIRCRAFT_S) & (km <= _SAME_PLACE_KM + _SAME_AIRCRAFT_KT * KM_PER_NM * seconds / 3600)
    fits |= (seconds <= _SAME_STAND_S) & (km <= _SAME_PLACE_KM)
    run = np.concatenate([[0], np.cumsum(callsigns[a] != callsigns[b])])
    starts = np.flatnonzero(np.concatenate([[True], np.diff(run) != 0]))
    sign_of_run = [callsigns[order[i]] for i in starts]
    joins = [bool(fits[i - 1]) for i in starts[1:]]
    resolved = _resolve(sign_of_run, joins)
    names = np.empty(len(frame), dtype=object)
    names[order] = np.asarray(resolved, dtype=object)[run]
    return names


def _resolve(signs: list[str], joins: list[bool]) -> list[str]:
    """One name a run of equal call signs. `joins[i]`: run i and run i + 1 may be one aircraft."""
    signs = list(signs)
    for i in range(1, len(signs)):  # a silent run belongs to the run before it, else to the one after
        if signs[i] == "" and joins[i - 1]:
            signs[i] = signs[i - 1]
    for i in range(len(signs) - 2, -1, -1):
        if signs[i] == "" and joins[i]:
            signs[i] = signs[i + 1]
    changes: dict[frozenset[str], bool] = {}
    for i, (before, after) in enumerate(pairwise(signs)):
        if before != after and before and after:
            pair = frozenset((before, after))
            changes[pair] = changes.get(pair, True) and joins[i]
    parent = {sign: sign for sign in signs}

    def root(sign: str) -> str:
        while parent[sign] != sign:
            sign = parent[sign]
        return sign

    order = {sign: i for i, sign in reversed(list(enumerate(signs)))}
    for pair, one in changes.items():
        if one:
            first, second = sorted((root(sign) for sign in pair), key=order.__getitem__)
            parent[second] = first
    return [root(sign) for sign in signs]
