"""What a claim says that tracks could show: which flights, in which window, how many, of which airframes.

A place is named outright or by an axis ("base", "place") that the article leaves open and a reading fixes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from flighttrace.language import Text

Event = Literal["landing", "take-off", "leg"]
WindowEnd = Literal["departure", "arrival", "either"]
PLACE_AXES: Final = ("base", "place")
AXES: Final = ("base", "place", "day", "window")
"""The axes of readings, in the order in which readings are enumerated."""


@dataclass(frozen=True)
class FlightSpec:
    """The flights meant: landings at `destination`, take-offs from `origin`, or legs between the two."""

    event: Event
    origin: str | None = None
    destination: str | None = None
    either_direction: bool = False
    note: Text | None = None
    """Why these flights are listed beside the verdict, where they are."""

    @property
    def complete(self) -> bool:
        """False where a place is missing: then no track can test the claim."""
        needed = {"landing": (self.destination,), "take-off": (self.origin,), "leg": (self.origin, self.destination)}
        return all(needed[self.event])


@dataclass(frozen=True)
class WindowSpec:
    """The local days meant, in exactly one of these forms; the end is never included.

    `day` alone: that day. `first` and `until`: from one day to another. `before` with one of `weeks`,
    `weeks_from_reading`, `months`, `years`: so much time before that day. A day is a name that the article or the
    reading dates, or YYYY-MM-DD.
    """

    day: str | None = None
    first: date | None = None
    until: date | None = None
    before: str | None = None
    weeks: int | None = None
    weeks_from_reading: bool = False
    months: int | None = None
    years: int | None = None
    by: WindowEnd | None = None
    """Which end of a leg has to lie in the window; None is the event's own: a landing's arrival, for a leg either."""


@dataclass(frozen=True)
class Expects:
    """A claim's elements. `flights` are alternatives: a flight that fits one of them matches."""

    flights: tuple[FlightSpec, ...]
    window: WindowSpec | None
    at_least: int = 1
    count_note: Text | None = None
    distinct_airframes: int = 0
    distinct_months: int = 0
    distinct_years: int = 0
    every_week: bool = False
    round_trip: bool = False
    """Out by the claim's direction and back afterwards, by one airframe."""
    operator: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    no_stop: bool = False
    airframe: str | None = None
    """The one airframe that the claim names; only such a claim can be contradicted."""
    beside: tuple[FlightSpec, ...] = ()
    """Flights that are listed apart and bear on no element."""
    list_earlier: bool = False
    """Also list such flights before the window, as a note."""

    @property
    def complete(self) -> bool:
        """False where the claim's place or time is missing."""
        return self.window is not None and bool(self.flights) and all(spec.complete for spec in self.flights)
