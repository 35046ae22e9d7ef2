"""From a claim's words on time, and a reading, to instants: local days, the end excluded, whatever the clocks did."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flighttrace.language import Text
from flighttrace.weigh.expects import WindowEnd, WindowSpec
from flighttrace.weigh.model import Reading


@dataclass(frozen=True)
class Window:
    """The local days from `first` up to, not including, `until`, and the instants at which they begin."""

    first: date
    until: date
    zone: str
    by: WindowEnd | None = None

    @property
    def from_utc(self) -> datetime:
        return start_of_day_utc(self.first, self.zone)

    @property
    def to_utc(self) -> datetime:
        """The first instant that no longer belongs to the window."""
        return start_of_day_utc(self.until, self.zone)

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=n) for n in range((self.until - self.first).days))

    @property
    def weeks(self) -> tuple[tuple[date, date], ...]:
        """The window's whole weeks, counted back from its end; a rest at the beginning is a shorter week."""
        starts: list[tuple[date, date]] = []
        until = self.until
        while until > self.first:
            starts.append((max(self.first, until - timedelta(weeks=1)), until))
            until = starts[-1][0]
        return tuple(reversed(starts))

    def holds(self, instant: datetime) -> bool:
        return self.from_utc <= instant < self.to_utc

    @property
    def title(self) -> Text:
        """The window in words, with its zone."""
        if len(self.days) == 1:
            return Text(f"on {self.first} ({self.zone})", f"يوم {self.first} ({self.zone})")
        return Text(
            f"from {self.first} until {self.until}, the end excluded ({self.zone})",
            f"من {self.first} حتى {self.until} دون يوم النهاية ({self.zone})",
        )


@lru_cache(maxsize=4096)
def start_of_day_utc(day: date, zone: str) -> datetime:
    """The instant at which a local day begins, aware, in UTC. Where midnight is skipped: the instant of the skip."""
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day on which an instant falls in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def window_of(spec: WindowSpec, reading: Reading, zone: str) -> Window | None:
    """The window under a reading; None where the reading leaves its day or length open."""
    if spec.day is not None:
        day = named_day(spec.day, reading)
        return None if day is None else Window(day, day + timedelta(days=1), zone, spec.by)
    if spec.first is not None and spec.until is not None:
        return Window(spec.first, spec.until, zone, spec.by)
    until = None if spec.before is None else named_day(spec.before, reading)
    if until is None:
        return None
    weeks = reading.weeks if spec.weeks_from_reading else spec.weeks
    if weeks is not None:
        return Window(until - timedelta(weeks=weeks), until, zone, spec.by)
    months = spec.months if spec.months is not None else 12 * spec.years if spec.years is not None else None
    return None if months is None else Window(months_before(until, months), until, zone, spec.by)


def named_day(name: str, reading: Reading) -> date | None:
    """A day by the name under which the article or the reading dates it, or as YYYY-MM-DD."""
    if name in reading.dates:
        return reading.dates[name]
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
