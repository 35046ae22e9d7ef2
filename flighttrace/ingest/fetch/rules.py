"""What a client may do: hosts, limits, rates. Data only; `hosts.py` and `client.py` keep to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

DEFAULT_RATE_PER_S: Final = 1.0
"""Requests a second to a host for which no rate is given: what a person who clicks quickly would do."""
MOST_CONNECTIONS: Final = 2
"""To one host at a time, over all threads of a client."""


@dataclass(frozen=True)
class Rules:
    """Times in seconds. `hosts` and `allowed` hold `host` or `host:port`.

    A known host without a port is meant with https's own; an allowed one (`--allow-host`) with any. The allowed ones
    may also be asked by http, and may lie at private, loopback or link-local addresses.
    """

    hosts: frozenset[str]
    allowed: frozenset[str] = frozenset()
    trust_env: bool = False
    """Proxies, `.netrc` and REQUESTS_CA_BUNDLE of the environment. A proxy looks the names up itself: the addresses
    behind them are then not checked, the names are."""
    ca_file: Path | None = None
    """One more authority, beside those that `requests` trusts."""
    connect_s: float = 10
    """A connection opened; and again for its TLS."""
    read_s: float = 30
    """The head of an answer whole; and the longest silence in its body."""
    total_s: float = 6 * 3600
    """A file, waits and all further tries included."""
    slow_bytes: int = 16 * 1024
    slow_s: float = 60
    """An answer that brings fewer than `slow_bytes` in `slow_s` counts as broken off."""
    most_bytes: int = 8 * 1024**3
    tries: int = 6
    """Of one request. A piece that brought 64 KiB begins the count anew."""
    longest_wait_s: float = 120
    """A source that asks for more ends the run: `QuotaReached`."""
    rate_per_s: Mapping[str, float] = field(default_factory=dict)
    """Host → requests a second; `DEFAULT_RATE_PER_S` for the rest."""
