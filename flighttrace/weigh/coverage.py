"""What a null result may lean on: whether the files could have shown the claimed flight, and what speaks against it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from flighttrace.match.coverage import measure_coverage
from flighttrace.match.model import Airfield, Coverage, Flight
from flighttrace.match.places import Airfields
from flighttrace.positions import DECLARED, NOT_IN_FILE, Ingested, Source
from flighttrace.weigh.expects import Expects
from flighttrace.weigh.identity import NOT_STATED
from flighttrace.weigh.model import Case
from flighttrace.weigh.question import Question
from flighttrace.weigh.windows import Window, local_day

MOST_LOST: Final = 0.001
"""A file that lost a larger share of its records to quarantine cannot carry "though covered" (DESIGN: weighing)."""
LONG_WINDOW_DAYS: Final = 62
"""Windows longer than this are measured field by field only where every one of their days has positions at all."""
MOST_SILENT: Final = timedelta(hours=2)
"""A window in which the files hold nothing of any track, anywhere, for longer than this is not covered: some hours of a
day are no day, and a flight of 1,500 km lies wholly in such a silence. Flight lists do not count: their two positions a
flight are not what receivers heard."""
QUARTER: Final = timedelta(minutes=15)
"""So exactly is it known when something was heard: between two quarters up to two more may be silent."""
NO_OTHER_AIRCRAFT: Final = frozenset({DECLARED, NOT_IN_FILE})
"""Identities that no file states: such a track may be the claim's own aircraft."""


class CoverageMeter:
    """Coverage of windows and places by the positions that the match room did not reject; measured once each.

    Where any real position was given, simulated ones count for nothing.
    """

    def __init__(self, ingested: Ingested, flights: Sequence[Flight], airfields: Airfields) -> None:
        heard = ingested.times
        self.real_given = bool((~ingested.positions["simulated"]).any()) if heard is None else heard.real
        believed = _believed(ingested.positions, flights)
        self._positions = believed[~believed["simulated"]] if self.real_given else believed
        self._airfields = airfields
        self._declared = {key for key, identity in ingested.identities.items() if identity in NO_OTHER_AIRCRAFT}
        times = self._positions["time_utc"]
        self._span = (times.min().to_pydatetime(), times.max().to_pydatetime()) if len(times) else (None, None)
        self._quarters = sorted(time.to_pydatetime() for time in times.dt.floor("15min").unique())
        tracked = times[self._positions["listed_flight"].isna()]
        self._tracked = sorted(time.to_pydatetime() for time in tracked.dt.floor("15min").unique())
        if heard is not None:
            self._span, self._quarters = (heard.first_utc, heard.last_utc), list(heard.quarters_utc)
            self._tracked = list(heard.tracked_utc)
        self.track_keys = frozenset(self._positions["track_key"].unique())
        self._known: dict[tuple[tuple[str, ...], Window, frozenset[str]], Coverage] = {}

    @property
    def real_positions(self) -> int:
        """How many believed positions are not simulated."""
        return int((~self._positions["simulated"]).sum())

    def of(self, question: Question, *, without: Collection[str]) -> Coverage:
        """Coverage of every field of every place that the claim names, over the window's local days."""
        places = [p for s in question.sought for p in (s.origin, s.destination) if p is not None]
        names = tuple(sorted({name for place in places for name in place.airports}))
        left_out = frozenset(self.track_keys & {*without, *self._declared})
        key = (names, question.window, left_out)
        if key not in self._known:
            fields = [self._airfields.get(name) for name in names]
            self._known[key] = self._measured(fields, question.window, left_out)
        return self._known[key]

    def _measured(self, fields: Sequence[Airfield], window: Window, without: Collection[str]) -> Coverage:
        asked = len(window.days)
        start, end = (bisect_left(self._quarters, instant) for instant in (window.from_utc, window.to_utc))
        heard = len({local_day(instant, window.zone) for instant in self._quarters[start:end]})
        measured = Coverage((), covered=False)
        if heard and (asked <= LONG_WINDOW_DAYS or heard == asked):
            times = self._positions["time_utc"]
            rows = self._positions[(times >= window.from_utc) & (times < window.to_utc)]
            measured = measure_coverage(rows, fields, window.days, without=without, timezone=window.zone)
        first, last = self._span
        start, end = (bisect_left(self._tracked, instant) for instant in (window.from_utc, window.to_utc))
        silent = _silence(self._tracked[start:end], window)
        return replace(
            measured,
            covered=measured.covered and silent is None,
            days_asked=asked,
            days_heard=heard,
            silent=silent,
            first_heard_utc=first,
            last_heard_utc=last,
        )


def _silence(quarters: Sequence[datetime], window: Window) -> tuple[datetime, datetime] | None:
    """The longest time of the window without a heard quarter of an hour, where it may be longer than MOST_SILENT."""
    edges = [window.from_utc, *(quarter + QUARTER for quarter in quarters)]
    longest = max(zip(edges, [*quarters, window.to_utc], strict=True), key=lambda span: span[1] - span[0])
    return longest if longest[1] - longest[0] > MOST_SILENT - 2 * QUARTER else None


def _believed(positions: pd.DataFrame, flights: Sequence[Flight]) -> pd.DataFrame:
    """Positions without those that the flights' tracks mark as rejected (spoofed or stale ones cover nothing)."""
    rows = positions[positions["rejected_because"].isna()]
    parts = [f.track for f in flights if f.rejected_count and len(f.track)]
    if not parts or not len(rows):
        return rows
    marked = pd.concat([part.loc[part["rejected_because"].notna(), ["source_id", "source_row"]] for part in parts])
    keys = pd.MultiIndex.from_frame(rows[["source_id", "source_row"]])
    return rows[~keys.isin(pd.MultiIndex.from_frame(marked))]


def own_airframes(expects: Expects, case: Case, heard: Collection[str]) -> frozenset[str]:
    """Track keys that may be the claim's own aircraft and so are no "other aircraft".

    The named one; those of the tables that fit the claim's operator, state and kind, or of which the tables do not
    state it; whatever of `heard` lies in an address block, in any variant, of the states that the claim means. Where
    it says none of these: every airframe of the case.
    """
    named = frozenset({expects.airframe} if expects.airframe else ())
    if not (expects.operator or expects.state or expects.kind):
        return named | {airframe.icao24 for airframe in case.airframes}
    columns = [(expects.operator, "operator"), (expects.state, "state"), (expects.kind, "kind")]
    own = {
        airframe.icao24
        for airframe in case.airframes
        if all(not wanted or getattr(airframe, name) in (*wanted, NOT_STATED) for wanted, name in columns)
    }
    states = {*expects.state, *(a.state for a in case.airframes if a.operator in expects.operator)}
    blocks = [block for block in case.address_blocks if block.state in states]
    own |= {key for key in heard if len(key) == 6 and any(b.first <= key <= b.last for b in blocks)}
    return named | own


def lossy_sources(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Files that lost more than MOST_LOST of their records to quarantine."""
    return tuple(s for s in sources if s.accounting.quarantined_count > MOST_LOST * s.accounting.records)
