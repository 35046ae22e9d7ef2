"""What can go wrong in bringing, each as one line that names the address and never a token.

FlighttraceError
└── FetchError          cannot be brought: why, and the address
    ├── NotReached      no answer that can be used, after all tries
    ├── NotThere        the source does not hold it (404, 410)
    ├── NotAccepted     the account's id and secret are wrong
    ├── QuotaReached    not now: `again_utc` says when to go on
    └── Refused         scheme, host, address or redirect not allowed: no connection to it was opened
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from flighttrace.errors import FlighttraceError, shown


class FetchError(FlighttraceError):
    """A document or file that cannot be brought. `address` is without the values of its query."""

    def __init__(self, problem: str, address: str = "") -> None:
        self.problem, self.address = problem, told_address(address)
        super().__init__(problem, address)

    def __str__(self) -> str:
        return f"{self.address}: {self.problem}" if self.address else self.problem


class NotReached(FetchError):
    """No answer that can be used, after all tries: the source may be down."""


class NotThere(FetchError):
    """The source answers that it has no such thing."""


class QuotaReached(FetchError):
    """The source asks for a longer wait than a run takes. `again_utc` is when to go on."""

    def __init__(self, problem: str, address: str, again_utc: datetime) -> None:
        self.again_utc = again_utc
        super().__init__(f"{problem}; run the same command again from {again_utc:%Y-%m-%d %H:%M:%S}Z on", address)


class NotAccepted(FetchError):
    """The account's id and secret are wrong: asking again with them changes nothing."""


class Refused(FetchError):
    """Not allowed, and therefore not tried."""


class Spoiled(FetchError):
    """What came is not what was asked for: nothing of it is kept."""


def answered(status: int) -> str:
    """What is said of a status that is no success."""
    account = ": it asks for an account (OpenSky's: OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET)"
    return f"answered {status}" + (account if status == 401 else "")


def told_address(url: str, longest: int = 200) -> str:
    """The address for people: without user, fragment and the values of the query, which may be signatures."""
    try:
        parts = urlsplit(url)
        names = [item.partition("=")[0] for item in parts.query.split("&") if item]
    except ValueError:
        return shown(url.partition("?")[0], longest)
    host = parts.netloc.rpartition("@")[2]
    query = "?" + "&".join(f"{name}=…" for name in names) if names else ""
    return shown(f"{parts.scheme}://{host}{parts.path}{query}" if host else url.partition("?")[0], longest)
