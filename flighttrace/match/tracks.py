"""The rows of one track key → one track an aircraft, in time order, with what is not to be believed marked.

An address means one airframe: what competes under it is disputed, unless two aircraft were surely heard at once
(`shared_address.py`). A file's own flight id or call sign, or an address such as 000000, may be used by two aircraft at
once; a second one that hangs together is then not disbelieved but kept as a track of its own. Each row is in one track.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.match.cleaning import (
    BETWEEN_NETWORKS_SLACK_KM,
    DISPUTED,
    disputed,
    mark_stale,
    mark_unbelievable,
    seconds_of,
    tracks_that_jump,
    with_reasons,
)
from flighttrace.match.places import Airfields
from flighttrace.match.shared_address import second_aircraft
from flighttrace.match.splitting import ALL_ROWS, Fixes
from flighttrace.positions import NETWORK_UNKNOWN
from flighttrace.speed_chain import SLACK_KM, longest_chain

MOST_APART: Final = 200
"""Aircraft told apart under one name; what is left after that many stays disputed."""


@dataclass(frozen=True)
class Track:
    """One aircraft's cleaned rows in time order: those `within` the table."""

    name: str
    """`key`, or of one of several aircraft under it `key/2` and so on."""
    table: pd.DataFrame
    within: slice
    fixes: Fixes
    """Columns of the rows."""

    @property
    def rows(self) -> pd.DataFrame:
        return self.table.iloc[self.within]


def cleaned_tracks(
    positions: pd.DataFrame,
    *,
    networks: Mapping[str, str],
    readers: Mapping[str, str],
    airfields: Airfields,
    signs_heard: Callable[[str], bool] = lambda key: True,
) -> Iterator[tuple[str, list[Track]]]:
    """(track key, its aircraft) of all rows, in the order of the keys: as `aircraft_apart` gives it for each.

    Of what one network heard, the tracks without an impossible step need no look of their own: their stale repeats are
    marked all at once. signs_heard: whether a key's call signs were heard; by default all.
    """
    number, keys = pd.factorize(positions["track_key"], sort=True)
    if (np.diff(number) < 0).any():
        order = np.argsort(number, kind="stable")
        positions, number = positions.iloc[order], number[order]
    bounds = np.searchsorted(number, np.arange(len(keys) + 1)).tolist()
    marked, fixes, jump = positions, None, frozenset[int]()
    if len(set(_heard_by(positions, networks, readers).values())) == 1 and _in_time_order(positions, number):
        marked = mark_stale(positions, number)
        fixes, jump = Fixes.of(marked), frozenset(tracks_that_jump(marked, number).tolist())
    for at, (key, part) in enumerate(zip(keys, starmap(slice, pairwise(bounds)), strict=True)):
        if fixes is not None and at not in jump:
            yield key, [Track(key, marked, part, fixes.at(part))]
            continue
        told = {"networks": networks, "readers": readers}
        aircraft = aircraft_apart(key, positions.iloc[part], **told, airfields=airfields, signs_heard=signs_heard(key))
        yield key, [Track(name, rows, ALL_ROWS, Fixes.of(rows)) for name, rows in aircraft]


def _in_time_order(rows: pd.DataFrame, number: np.ndarray) -> bool:
    """Whether each track's rows are in the order that `in_time_order` gives them."""
    time = rows["time_utc"].to_numpy(dtype="datetime64[ns]")
    if ((time[1:] > time[:-1]) | (number[1:] != number[:-1])).all():
        return True
    sources, _ = pd.factorize(rows["source_id"], sort=True)
    return bool((np.diff(np.lexsort((rows["source_row"].to_numpy(), sources, time, number))) == 1).all())


def clean_track(
    rows: pd.DataFrame,
    *,
    networks: Mapping[str, str],
    readers: Mapping[str, str],
    airfields: Airfields | None = None,
) -> pd.DataFrame:
    """The rows of one track key, sorted by time, with unbelievable positions marked.

    Each network is cleaned by itself (files of one unknown network: by reader); then networks are held against each
    other, and where they cannot both be right the shorter story is marked as disputed.
    """
    rows = in_time_order(rows)
    by = _heard_by(rows, networks, readers)
    if len(set(by.values())) == 1:
        return mark_unbelievable(rows, airfields=airfields)
    heard = rows.groupby(rows["source_id"].map(by), sort=True)
    parts = [mark_unbelievable(part, airfields=airfields) for _, part in heard]
    merged = in_time_order(pd.concat(parts))
    believed = np.flatnonzero(merged["rejected_because"].isna())
    if len(believed) > 1:
        chosen = merged.iloc[believed]
        keep, *_ = longest_chain(
            seconds_of(chosen["time_utc"]),
            chosen["lat_deg"].to_numpy(),
            chosen["lon_deg"].to_numpy(),
            slack_km=BETWEEN_NETWORKS_SLACK_KM,
        )
        merged = with_reasons(merged, [(believed[~keep], DISPUTED)])
    return merged


def aircraft_apart(
    key: str,
    rows: pd.DataFrame,
    *,
    networks: Mapping[str, str],
    readers: Mapping[str, str],
    airfields: Airfields,
    signs_heard: bool = True,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The cleaned rows of a track; several, named `key/2` and so on, where the key holds several aircraft.

    signs_heard: False where call signs may be a list's, which no transmitter sent: they tell no two aircraft apart.
    """
    if not key.startswith("#"):
        yield from _of_one_address(key, rows, networks, readers, airfields, signs_heard)
        return
    for number in range(1, MOST_APART + 1):
        cleaned = clean_track(rows, networks=networks, readers=readers, airfields=airfields)
        other = cleaned["rejected_because"] == DISPUTED
        if not other.any() or number == MOST_APART:
            yield (key if number == 1 else f"{key}/{number}"), cleaned
            return
        yield (key if number == 1 else f"{key}/{number}"), cleaned[~other]
        rows = rows.loc[cleaned.index[other]]


def _of_one_address(
    key: str,
    rows: pd.DataFrame,
    networks: Mapping[str, str],
    readers: Mapping[str, str],
    airfields: Airfields,
    signs_heard: bool,
) -> Iterator[tuple[str, pd.DataFrame]]:
    cleaned = clean_track(rows, networks=networks, readers=readers, airfields=airfields)
    aircraft = None
    if disputed(cleaned["rejected_because"]).any():
        by = _heard_by(rows, networks, readers)
        slack_km = SLACK_KM if len(set(by.values())) == 1 else BETWEEN_NETWORKS_SLACK_KM
        told = cleaned if signs_heard else cleaned.assign(callsign=None)
        aircraft = second_aircraft(told, cleaned["source_id"].map(by), slack_km=slack_km)
    if aircraft is None:
        yield key, cleaned
        return
    for number in range(int(aircraft.max()) + 1):
        own = rows.loc[cleaned.index[aircraft == number]]
        again = clean_track(own, networks=networks, readers=readers, airfields=airfields)
        yield (key if number == 0 else f"{key}/{number + 1}"), again


def _heard_by(rows: pd.DataFrame, networks: Mapping[str, str], readers: Mapping[str, str]) -> dict[str, str]:
    """Source id → whose receivers heard it: the network, or where that is unknown what its reader is called."""
    return {
        s: networks.get(s, "") if networks.get(s) not in (None, NETWORK_UNKNOWN) else readers.get(s, "")
        for s in rows["source_id"].unique()
    }


def in_time_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows sorted by time, source and row in it."""
    time = rows["time_utc"].to_numpy(dtype="datetime64[ns]")
    if (time[1:] > time[:-1]).all():
        return rows
    sources, _ = pd.factorize(rows["source_id"], sort=True)
    number = rows["source_row"].to_numpy()
    order = np.lexsort((number, sources, time))
    return rows if (np.diff(order) == 1).all() else rows.iloc[order]
