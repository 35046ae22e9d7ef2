"""Flight ids that list files give addresses and call signs to: gathered from all inputs, held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from flighttrace.errors import InputError, LocatedError, shown
from flighttrace.ingest.values import NO_IDENTITY


class Linked(NamedTuple):
    """What a row of a list says: of which flight id, the airframe's address, and the call sign where it gives one."""

    flight: str
    icao24: str
    callsign: str = ""


Links = Mapping[str, Mapping[str, Linked]]
"""Space of flight ids → flight id → what the lists say of it."""


def links_of(ids: pd.Series[str], icao24: pd.Series[str], callsign: pd.Series[str] | None = None) -> tuple[Linked, ...]:
    """Each different statement of the rows that have an id and an address that is one, in their order."""
    rows = pd.DataFrame({"flight": ids.astype(object), "icao24": icao24.astype(object)})
    rows["callsign"] = "" if callsign is None else callsign.astype(object).fillna("")
    rows = rows[rows["flight"].notna() & rows["icao24"].notna() & ~rows["icao24"].isin(NO_IDENTITY)]
    return tuple(Linked(*map(str, row)) for row in rows.drop_duplicates().itertuples(index=False))


def linked_flights(
    lists: Iterable[tuple[str, Iterable[tuple[str, Linked]]]],
) -> tuple[dict[str, dict[str, Linked]], list[LocatedError]]:
    """(links, what disagrees) of (label of a list, its (space, what a row says)).

    An id that is given two addresses links nothing; one that is given two call signs gets none, but one of a simulation
    is kept: what one list calls simulated is no evidence. Both are reported, call signs in one error a list. A row that
    is silent of the call sign disagrees with none.
    """
    links: dict[str, dict[str, Linked]] = {}
    failures: list[LocatedError] = []
    addresses: set[tuple[str, str]] = set()
    signs: dict[tuple[str, str], str] = {}
    for label, found in sorted(lists, key=lambda item: item[0]):
        other_signs: list[str] = []
        for space, here in sorted(set(found)):
            held = links.setdefault(space, {})
            known = held.setdefault(here.flight, here)
            at, what = (space, here.flight), f"flight id {shown(here.flight)} is"
            if known.icao24 != here.icao24 and at not in addresses:
                addresses.add(at)
                problem = f"{what} {here.icao24} here and {known.icao24} in another list: linked to neither"
                failures.append(InputError(problem, file=label))
            if not known.callsign:
                held[here.flight] = known._replace(callsign=here.callsign)
            elif here.callsign and here.callsign != known.callsign:
                simulated = [sign for sign in (known.callsign, here.callsign) if sign.startswith("SIM")]
                if at not in signs:
                    other_signs.append(
                        f"{what} call sign {shown(here.callsign)} here and {shown(known.callsign)} elsewhere"
                    )
                signs[at] = simulated[0] if simulated else signs.get(at, "")
        if other_signs:
            more = f"; {len(other_signs) - 1:,} more are two as well" if len(other_signs) > 1 else ""
            failures.append(
                InputError(f"{other_signs[0]}: no call sign is taken but of a simulation{more}", file=label)
            )
    for (space, flight), sign in signs.items():
        links[space][flight] = links[space][flight]._replace(callsign=sign)
    for space, flight in addresses:
        del links[space][flight]
    return links, failures


def with_signs(frame: pd.DataFrame, signs: pd.Series[str]) -> pd.DataFrame:
    """The rows with these call signs (of the same index, missing where none is known) where they have none themselves.

    As in a file of positions, one that begins with SIM marks what is simulated, whatever the row calls itself.
    """
    if not signs.notna().any():
        return frame
    marked = signs.str.startswith("SIM").eq(True).to_numpy(dtype=np.bool_)
    return frame.assign(
        callsign=frame["callsign"].where(frame["callsign"].notna(), signs).astype("str"),
        simulated=frame["simulated"].to_numpy(dtype=np.bool_) | marked,
    )
