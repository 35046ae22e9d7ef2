"""What a null result may lean on: whether the files could have shown the claimed flight, and what speaks against it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd

from flighttrace.match.coverage import measure_coverage
from flighttrace.match.model import Airfield, Coverage, Flight
from flighttrace.match.places import Airfields
from flighttrace.positions import Ingested, Source
from flighttrace.weigh.elements import Question
from flighttrace.weigh.expects import Expects
from flighttrace.weigh.model import Case
from flighttrace.weigh.windows import Window, local_day

MOST_LOST: Final = 0.001
"""A file that lost a larger share of its records to quarantine cannot carry "though covered" (DESIGN: weighing)."""
LONG_WINDOW_DAYS: Final = 62
"""Windows longer than this are measured field by field only where every one of their days has positions at all."""
NOTHING_HEARD: Final = Coverage((), covered=False)


class CoverageMeter:
    """Coverage of windows and places by the positions that the match room did not reject; measured once each."""

    def __init__(self, ingested: Ingested, flights: Sequence[Flight], airfields: Airfields) -> None:
        self._positions = _believed(ingested.positions, flights)
        self._airfields = airfields
        self._known: dict[tuple[tuple[str, ...], Window, frozenset[str]], Coverage] = {}

    @property
    def real_positions(self) -> int:
        """How many believed positions are not simulated."""
        return int((~self._positions["simulated"]).sum())

    def of(self, question: Question, *, without: Collection[str]) -> Coverage:
        """Coverage of every field of every place that the claim names, over the window's local days."""
        places = [p for s in question.sought for p in (s.origin, s.destination) if p is not None]
        names = tuple(sorted({name for place in places for name in place.airports}))
        key = (names, question.window, frozenset(without))
        if key not in self._known:
            fields = [self._airfields.get(name) for name in names]
            self._known[key] = self._measured(fields, question.window, without)
        return self._known[key]

    def _measured(self, fields: Sequence[Airfield], window: Window, without: Collection[str]) -> Coverage:
        times = self._positions["time_utc"]
        rows = self._positions[(times >= window.from_utc) & (times < window.to_utc)]
        if not len(rows):
            return NOTHING_HEARD
        if len(window.days) > LONG_WINDOW_DAYS:
            heard = {local_day(hour.to_pydatetime(), window.zone) for hour in rows["time_utc"].dt.floor("h").unique()}
            if len(heard) < len(window.days):
                return NOTHING_HEARD
        return measure_coverage(rows, fields, window.days, without=without, timezone=window.zone)


def _believed(positions: pd.DataFrame, flights: Sequence[Flight]) -> pd.DataFrame:
    """Positions without those that the flights' tracks mark as rejected (spoofed or stale ones cover nothing)."""
    rows = positions[positions["rejected_because"].isna()]
    parts = [f.track for f in flights if f.rejected_count and len(f.track)]
    if not parts or not len(rows):
        return rows
    marked = pd.concat([part.loc[part["rejected_because"].notna(), ["source_id", "source_row"]] for part in parts])
    keys = pd.MultiIndex.from_frame(rows[["source_id", "source_row"]])
    return rows[~keys.isin(pd.MultiIndex.from_frame(marked))]


def own_airframes(expects: Expects, case: Case) -> frozenset[str]:
    """Track keys that may be the claim's own aircraft and so are no "other aircraft": the named one, or its kind."""
    own = {expects.airframe} if expects.airframe else set()
    if expects.operator or expects.state or expects.kind:
        for airframe in case.airframes:
            by_operator = not expects.operator or airframe.operator in expects.operator
            by_state = not expects.state or airframe.state in expects.state
            by_kind = not expects.kind or airframe.kind in expects.kind
            if by_operator and by_state and by_kind:
                own.add(airframe.icao24)
    return frozenset(own)


def lossy_sources(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Files that lost more than MOST_LOST of their records to quarantine."""
    return tuple(s for s in sources if s.accounting.quarantined_count > MOST_LOST * s.accounting.records)
