"""A proxy of the environment: used where the rules let the environment in, by name, with TLS to the source itself."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flighttrace.ingest.fetch.client import FetchError, Refused
from flighttrace.ingest.fetch.model import Wanted
from tests.fetch.conftest import Making, Network
from tests.fetch.server import Server, cut_at, in_turn, status, whole

DATA = b"0123456789" * 20_000


class Proxy:
    """Takes CONNECT, and joins every caller with one server, whatever name it is asked for. `asked`: those names."""

    def __init__(self, server: Server) -> None:
        self.asked: list[str] = []
        self._to = ("127.0.0.1", server.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._join, args=(connection,), daemon=True).start()

    def _join(self, caller: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += caller.recv(1000)
        self.asked.append(head.split()[1].decode())
        caller.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with socket.create_connection(self._to) as called:
            back = threading.Thread(target=_pass_on, args=(called, caller), daemon=True)
            back.start()
            _pass_on(caller, called)
            back.join(5)
        caller.close()

    def close(self) -> None:
        self._listening.close()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    proxy = Proxy(server)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy.address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield proxy
    proxy.close()


def test_a_file_by_a_proxy(client_of: Making, server: Server, proxy: Proxy, network: Network, tmp_path: Path) -> None:
    known = frozenset({"source.test"})
    client = client_of(hosts=known, allowed=frozenset(), trust_env=True, rate_per_s={"source.test": 1e6})
    server.at("/a", in_turn(whole(DATA, sending=cut_at(90_000)), whole(DATA)))
    custody = client.bring(Wanted("test", "https://source.test/a", "a"), tmp_path)
    assert (tmp_path / "a").read_bytes() == DATA
    assert custody.pieces == 2
    assert proxy.asked == ["source.test:443"] * 2
    assert "source.test" not in network.looked_up


def test_a_proxy_does_not_let_in_other_hosts(client_of: Making, proxy: Proxy) -> None:
    with pytest.raises(Refused, match="no known host"):
        client_of(trust_env=True).ask("https://evil.test/a")
    assert proxy.asked == []


def test_tls_goes_through_a_proxy_to_the_source(client_of: Making, server: Server, proxy: Proxy) -> None:
    """A proxy that answers itself, or joins with another host, has no certificate for the name."""
    server.at("/a", status(200, b"[]"))
    client = client_of(hosts=frozenset({"api.github.com"}), trust_env=True, rate_per_s={"api.github.com": 1e6})
    with pytest.raises(FetchError, match="its certificate is not accepted"):
        client.ask("https://api.github.com/a")
    assert proxy.asked == ["api.github.com:443"]
    assert server.seen == []


def test_a_proxy_is_not_used_unasked(client_of: Making, server: Server, proxy: Proxy) -> None:
    url = server.at("/a", status(200, b"[]"))
    assert client_of().ask(url).json() == []
    assert proxy.asked == []
