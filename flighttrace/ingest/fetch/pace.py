"""Manners: a rate and two connections a host, waits that the source asks for, back-off with jitter between tries."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from urllib3.exceptions import MaxRetryError, ProtocolError
from urllib3.util import Retry

from flighttrace.ingest.fetch.faults import NotReached, QuotaReached
from flighttrace.ingest.fetch.hosts import Place
from flighttrace.ingest.fetch.rules import DEFAULT_RATE_PER_S, MOST_CONNECTIONS, Rules

BACKOFF_S: Final = 0.5
"""urllib3's factor: nothing, 1, 2, 4, 8 … before the tries after the first; the jitter comes on top."""
LONGEST_BACKOFF_S: Final = 30.0
JITTER_S: Final = 1.0
UNTOLD_WAIT_S: Final = 3600.0
"""Until when to wait where a source refuses for its quota and does not say how long."""
_LONGEST_TOLD_S: Final = 366 * 86400.0
"""A longer wait than this is taken as this: it is to be a date."""

RETRIED: Final = frozenset({429, 500, 502, 503, 504})
CREDITS: Final = "X-Rate-Limit-Remaining"
CREDITS_AGAIN: Final = "X-Rate-Limit-Retry-After-Seconds"


@dataclass(frozen=True)
class Clock:
    """Time and chance, so that tests need neither. `jitter` is seeded by them."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now_utc: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: random.Random = field(default_factory=random.Random)


def asked_wait_s(headers: Mapping[str, str], now_utc: datetime) -> float | None:
    """Seconds that the answer asks to wait, by Retry-After (seconds or a date) or by the credits' header, the longer.

    A date is held against the answer's own Date where it has one, so that a clock that is wrong here does no harm.
    None where nothing is asked or nothing can be read.
    """
    found = [_seconds(headers.get(CREDITS_AGAIN, ""))]
    told = headers.get("Retry-After", "").strip()
    found.append(_seconds(told))
    if found[-1] is None and told:
        until, since = _date(told), _date(headers.get("Date", "")) or now_utc
        if until is not None:
            found.append(max(0.0, (until - since).total_seconds()))
    waits = [min(one, _LONGEST_TOLD_S) for one in found if one is not None]
    return max(waits) if waits else None


def credits_left(headers: Mapping[str, str]) -> int | None:
    """What the source says is left of the day's credits."""
    text = headers.get(CREDITS, "").strip()
    return int(text) if re.fullmatch(r"\d{1,12}", text) else None


def _seconds(text: str) -> float | None:
    return min(float(text), _LONGEST_TOLD_S) if re.fullmatch(r"\s*\d{1,300}\s*", text) else None


def _date(text: str) -> datetime | None:
    try:
        value = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


class Pace:
    """Turns to ask a host. Thread-safe."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules, self._clock = rules, clock
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._seats: dict[str, threading.BoundedSemaphore] = {}

    @contextmanager
    def turn(self, place: Place, url: str) -> Iterator[None]:
        """One of the host's two connections, from the moment on at which it may be asked. May raise QuotaReached."""
        with self._lock:
            seat = self._seats.setdefault(place.host, threading.BoundedSemaphore(MOST_CONNECTIONS))
        with seat:
            self._wait(place, url)
            yield

    def hold(self, place: Place, seconds: float) -> None:
        """The host is asked nothing for so long, by no thread."""
        with self._lock:
            until = self._clock.monotonic() + seconds
            self._next[place.host] = max(self._next.get(place.host, 0.0), until)

    def _wait(self, place: Place, url: str) -> None:
        every = 1.0 / self._rate(place)
        with self._lock:
            now = self._clock.monotonic()
            at = max(now, self._next.get(place.host, now))
            if at - now > self._rules.longest_wait_s + MOST_CONNECTIONS * every:
                again = self._clock.now_utc() + timedelta(seconds=at - now)
                raise QuotaReached("the source has asked to be left alone", url, again)
            self._next[place.host] = at + every
        if at > now:
            self._clock.sleep(at - now)

    def _rate(self, place: Place) -> float:
        rates = self._rules.rate_per_s
        return rates.get(f"{place.host}:{place.port}", rates.get(place.host, DEFAULT_RATE_PER_S))


class Tries:
    """Counts the tries of one request by urllib3's `Retry`, and waits between them."""

    def __init__(self, rules: Rules, clock: Clock, url: str, until: float, told: Callable[[str], None]) -> None:
        """until: the clock's time at which the file's total time is over. told: what is waited for, for people."""
        self._rules, self._clock, self._url, self._until, self._told = rules, clock, url, until, told
        self.afresh()

    def afresh(self) -> None:
        """What came was worth a try: the count begins anew."""
        self._retry = Retry(
            total=self._rules.tries - 1, allowed_methods=None, backoff_factor=BACKOFF_S, backoff_max=LONGEST_BACKOFF_S
        )

    def failed(self, reason: str, *, asked_s: float | None = None, quota: bool = False) -> None:
        """Wait for the next try; NotReached that tells the reason where there is none left, or no time.

        quota: the reason is that too much was asked: QuotaReached where there is no try left.
        """
        try:
            self._retry = self._retry.increment("GET", self._url, error=ProtocolError(reason))
        except MaxRetryError:
            reason += f" (tried {self._rules.tries} times)" if self._rules.tries > 1 else ""
            if quota:
                raise quota_reached(reason, self._url, self._clock, asked_s) from None
            raise NotReached(reason, self._url) from None
        wait_s = self._retry.get_backoff_time() + self._clock.jitter.uniform(0, JITTER_S)
        wait_s = max(wait_s, asked_s or 0.0)
        if self._clock.monotonic() + wait_s >= self._until:
            raise NotReached(f"{reason}; {_over(self._rules)}", self._url)
        self._told(f"{reason}: asked again in {wait_s:.0f} s")
        self._clock.sleep(wait_s)

    def in_time(self) -> None:
        """NotReached where the total time is over."""
        if self._clock.monotonic() >= self._until:
            raise NotReached(_over(self._rules), self._url)


def quota_reached(reason: str, url: str, clock: Clock, asked_s: float | None) -> QuotaReached:
    """The error that ends a run, with the time to go on: the source's, or an hour where it tells none."""
    untold = "" if asked_s is not None else ", and the source does not say for how long"
    wait = timedelta(seconds=UNTOLD_WAIT_S if asked_s is None else asked_s)
    return QuotaReached(reason + untold, url, clock.now_utc() + wait)


def _over(rules: Rules) -> str:
    return f"not done in the {rules.total_s:g} s that a file may take"
