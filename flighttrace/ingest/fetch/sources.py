"""What is asked for, and which module turns it into a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from flighttrace.errors import UsageError


@dataclass(frozen=True)
class Request:
    """What a user asks of a source. Days are UTC days, each once, ascending; a source takes of it what it knows."""

    days: tuple[date, ...] = ()
    icao24: tuple[str, ...] = ()
    airports: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    """YYYY-MM"""
    hours: tuple[int, ...] = ()
    """UTC hours of each day; none: all."""
    variant: str = ""
    base: str = ""
    today: date = date.max
    """UTC day on which it is asked: some sources keep the last days only."""


class Answered(Protocol):
    """The part of an answer that a plan is made from."""

    @property
    def status(self) -> int: ...

    def json(self) -> Any: ...


class Asker(Protocol):
    """Who brings small documents: the client, or what stands for it in tests."""

    def ask(
        self, url: str, *, params: Mapping[str, str] | None = None, with_token: bool = False, most_bytes: int = ...
    ) -> Answered: ...


def is_gone(answer: Answered) -> bool:
    """Whether the source says that it holds no such thing."""
    return answer.status in (404, 410)


def days_of(first: date, last: date) -> tuple[date, ...]:
    """All days from the first to the last, both included. UsageError where they are in the wrong order."""
    if last < first:
        raise UsageError(f"--to {last} lies before --from {first}")
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def spans(days: Sequence[date]) -> list[tuple[date, date]]:
    """Runs of days that follow one another, as (first, last)."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and found[-1][1] + timedelta(days=1) == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def in_words(first: date, last: date) -> str:
    """ "2023-09-01", or "2023-09-01 to 2023-09-03"."""
    return f"{first}" if first == last else f"{first} to {last}"


def months_of(days: Sequence[date]) -> tuple[str, ...]:
    """The months that the days lie in."""
    return tuple(sorted({f"{day:%Y-%m}" for day in days}))


def needed(given: Sequence[object], what: str) -> None:
    """UsageError where something a source needs was not given."""
    if not given:
        raise UsageError(f"this source needs {what}, or a case that names it (--case)")


def two_at_most(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Spans of one or two UTC days: the longest that OpenSky answers in one call."""
    for first, last in spans(days):
        at = first
        while at <= last:
            end = min(at + timedelta(days=1), last)
            yield at, end
            at = end + timedelta(days=1)
