"""What the tests of `fetch` share: no socket beyond loopback, a server, a client whose waits take no time."""

from __future__ import annotations

import ipaddress
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flighttrace.ingest.fetch.client import Client
from flighttrace.ingest.fetch.pace import Clock
from flighttrace.ingest.fetch.rules import Rules
from tests.fetch.server import Server, serving
from tests.fetch.server.https import NAMES


class Beyond(BaseException):
    """A test tried to leave this machine. Not an Exception: no code under test takes it for a failed connection."""


class Network:
    """Names that lead somewhere in a test, the look-ups and the connections that were tried."""

    def __init__(self) -> None:
        self.leads = {name: ["127.0.0.1"] for name in NAMES}
        self.looked_up: list[str] = []
        self.connected: list[str] = []
        self.beyond: list[str] = []

    def leads_to(self, name: str, *addresses: str) -> None:
        self.leads[name] = list(addresses)


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Every connection beyond loopback, and every look-up that would ask a name server, ends the test."""
    network, look_up = Network(), socket.getaddrinfo
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def stopped(what: str) -> None:
        network.beyond.append(what)
        raise Beyond(what)

    def checked(address: Any) -> None:
        if not isinstance(address, tuple):
            return  # a socket of this machine's file system
        network.connected.append(str(address[0]))
        if not _is_loopback(str(address[0])):
            stopped(f"a connection to {address[0]}")

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        network.looked_up.append(name)
        if name in network.leads:
            found = [look_up(address, port, *args, **kwargs) for address in network.leads[name]]
            return [entry for entries in found for entry in entries]
        if not _is_address(name):
            stopped(f"a look-up of {name}")
        return look_up(host, port, *args, **kwargs)

    def connected(self: socket.socket, address: Any) -> None:
        checked(address)
        connect(self, address)

    def connected_ex(self: socket.socket, address: Any) -> int:
        checked(address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connected)
    monkeypatch.setattr(socket.socket, "connect_ex", connected_ex)
    yield network
    assert network.beyond == []


def _is_loopback(text: str) -> bool:
    return _is_address(text) and ipaddress.ip_address(text).is_loopback


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class Slept:
    """A clock that goes on by itself and jumps where a wait is asked for; `waits` are the seconds of each."""

    def __init__(self, seed: int = 1) -> None:
        self.waits: list[float] = []
        self._ahead = 0.0
        self._lock = threading.Lock()
        self.clock = Clock(self._monotonic, self._sleep, self._now, random.Random(seed))

    def _monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def _sleep(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self._ahead += seconds

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


Making = Callable[..., Client]


@pytest.fixture
def client_of(server: Server, slept: Slept) -> Iterator[Making]:
    """Makes clients of the server: `localhost` is allowed and known, quick, without waits. Arguments are of Rules,
    but for those of Client."""
    made: list[Client] = []

    def make(**options: Any) -> Client:
        of_client = {"clock": slept.clock} | {
            name: options.pop(name) for name in ("tokens", "told", "terms", "clock") if name in options
        }
        given = {
            "hosts": frozenset({server.host()}),
            "allowed": frozenset({server.host()}),
            "ca_file": server.ca_file,
            "rate_per_s": {server.host(name): 1e6 for name in NAMES},
            "connect_s": 5.0,
            "read_s": 5.0,
        }
        client = Client(Rules(**(given | options)), **of_client)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(client_of: Making) -> Client:
    return client_of()
