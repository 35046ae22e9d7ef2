"""Flight ids that list files give addresses and call signs to: gathered from all inputs, held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from flighttrace.errors import InputError, LocatedError, shown


class Linked(NamedTuple):
    """What a list says of a flight id: the airframe's address, and the call sign where it gives one."""

    icao24: str
    callsign: str = ""


Links = Mapping[str, Mapping[str, Linked]]
"""Space of flight ids → flight id → what a list says of it."""


def links_of(ids: pd.Series, icao24: pd.Series, callsign: pd.Series | None = None) -> dict[str, Linked]:
    """Flight id → what the list says of it, of the rows that have an id and an address; of two, the last."""
    signs = pd.Series("", index=ids.index) if callsign is None else callsign.fillna("")
    rows = zip(ids, icao24, signs, strict=True)
    return {flight: Linked(str(address), str(sign)) for flight, address, sign in rows if _both(flight, address)}


def _both(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def linked_flights(
    lists: Iterable[tuple[str, Iterable[tuple[str, str, Linked]]]],
) -> tuple[dict[str, dict[str, Linked]], list[LocatedError]]:
    """(links, what disagrees) of (label of a list, its (space, flight id, what it says)).

    An id that lists give two addresses links nothing; one that they give two call signs, no call sign. Both are
    reported. A list that is silent of the call sign disagrees with none.
    """
    links: dict[str, dict[str, Linked]] = {}
    failures: list[LocatedError] = []
    disputed: set[tuple[str, str, str]] = set()
    for label, found in sorted(lists, key=lambda item: item[0]):
        for space, flight, here in found:
            held = links.setdefault(space, {})
            known = held.setdefault(flight, here)
            if known.callsign == "":
                held[flight] = Linked(known.icao24, here.callsign)
            for what, one, other, of_neither in (
                ("", known.icao24, here.icao24, "linked to neither"),
                ("call sign ", known.callsign, here.callsign, "neither is taken"),
            ):
                if one and other and one != other and (space, flight, what) not in disputed:
                    disputed.add((space, flight, what))
                    problem = f"flight id {shown(flight)} is {what}{shown(other)} here and {shown(one)} in another list"
                    failures.append(InputError(f"{problem}: {of_neither}", file=label))
    for space, flight, what in sorted(disputed, reverse=True):
        if what:
            links[space][flight] = Linked(links[space][flight].icao24)
        else:
            del links[space][flight]
    return links, failures


def with_signs(frame: pd.DataFrame, signs: np.ndarray) -> pd.DataFrame:
    """The rows with these call signs (objects, None where none is known) where they have none of their own.

    As in a file of positions, one that begins with SIM marks what is simulated.
    """
    given = frame["callsign"].isna().to_numpy() & np.array([sign is not None for sign in signs], dtype=np.bool_)
    if not given.any():
        return frame
    callsign = frame["callsign"].astype(object).to_numpy().copy()
    callsign[given] = signs[given]
    marked = np.array([str(sign).startswith("SIM") for sign in signs[given]], dtype=np.bool_)
    simulated = frame["simulated"].to_numpy(dtype=np.bool_).copy()
    simulated[given] |= marked
    return frame.assign(callsign=pd.Series(callsign, index=frame.index, dtype="str"), simulated=simulated)
