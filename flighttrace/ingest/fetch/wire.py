"""The session of `requests` that keeps to the rules: connections to checked addresses only, no redirect by itself.

Each connection looks its host up once, has the addresses checked and connects to one of them; TLS is then verified for
the name. A second handle on the socket lets a timer end a peer that drips its head; a handshake has Python's own limit.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO, Final, cast

import requests
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection
from urllib3.util.ssl_ import create_urllib3_context

from flighttrace.errors import UsageError
from flighttrace.ingest.fetch.hosts import addresses
from flighttrace.ingest.fetch.rules import MOST_CONNECTIONS, Rules
from flighttrace.version import VERSION

AGENT: Final = f"flighttrace/{VERSION} (brings public ADS-B tracks; honours Retry-After)"
_POOLS: Final = 16
"""Hosts that connections are held ready for."""
_CLOSE_S: Final = 0.5
"""How long a server, asked to close after its answer, is waited for, to see that nothing more comes."""


class Longer(http.client.HTTPException):
    """More bytes follow an answer's last one than its Content-Length told."""


class _Head:
    """Lines of an answer's head. http.client takes the end of the connection for the end of the head, so that a head
    that was cut would pass for a whole one, with a shorter Location perhaps."""

    def __init__(self, reader: BinaryIO) -> None:
        self._reader = reader

    def readline(self, limit: int = -1) -> bytes:
        line = self._reader.readline(limit)
        if not line.endswith(b"\n") and len(line) != limit:
            raise http.client.RemoteDisconnected("broke off in its head")
        return line


class _Response(http.client.HTTPResponse):
    """Takes no cut head, looks at the end of an answer whether that was the end, and leaves its connection to no other:
    bytes beyond an answer's end would pass for the next one's (urllib3 does not see those that TLS has undone)."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._peer = sock

    def begin(self, *args: Any, **kwargs: Any) -> None:
        reader: Any = self.fp
        self.fp = cast(Any, _Head(reader))
        try:
            super().begin(*args, **kwargs)
        finally:
            self.fp = reader
        self.will_close = True

    def read1(self, n: int = -1) -> bytes:
        data = super().read1(n)
        if data and self.length == 0 and self._more():
            raise Longer("more bytes follow than Content-Length tells")
        return data

    def _more(self) -> bool:
        reader: Any = self.fp
        with contextlib.suppress(OSError, ValueError):
            self._peer.settimeout(_CLOSE_S)
            return reader is not None and bool(reader.peek(1))
        return False


class _Careful:
    """What every connection has in common; mixed in before the kind."""

    rules: Rules
    response_class = _Response
    _cord: socket.socket | None = None
    """A second handle on the socket, for the timer."""

    def _new_conn(self: Any) -> socket.socket:
        sock: socket.socket = self._socket()
        self._cord = sock.dup()
        return sock

    def _socket(self: Any) -> socket.socket:
        return cast(socket.socket, super()._new_conn())  # type: ignore[misc]

    def getresponse(self: Any) -> Any:
        with self._within(self.rules.read_s):
            return super().getresponse()  # type: ignore[misc]

    def close(self: Any) -> None:
        cord, self._cord = self._cord, None
        if cord is not None:
            cord.close()
        super().close()  # type: ignore[misc]

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """The socket is shut once the time is over: what waits on it then fails."""
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        cord = self._cord
        if cord is not None:
            with contextlib.suppress(OSError):
                cord.shutdown(socket.SHUT_RDWR)


class _Checked(_Careful):
    """A connection to an address that was looked up and checked just now, and to no other."""

    def _socket(self: Any) -> socket.socket:
        try:
            found = addresses(self.host.lower(), self.port, self.rules)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        problem: Exception = NewConnectionError(self, "the name has no address")
        for address in found:
            try:
                to = (address, self.port)
                return create_connection(to, self.rules.connect_s, self.source_address, self.socket_options)
            except TimeoutError:
                problem = ConnectTimeoutError(self, f"no connection in {self.rules.connect_s:g} s")
            except OSError as error:
                problem = NewConnectionError(self, f"no connection: {error.strerror or error}")
        raise problem


def _pools(kind: type[_Careful], rules: Rules) -> dict[str, Any]:
    """Pools by scheme, as urllib3's managers have them, of connections of the kind."""
    plain = type("Plain", (kind, HTTPConnection), {"rules": rules})
    secure = type("Secure", (kind, HTTPSConnection), {"rules": rules})
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


class _Adapter(HTTPAdapter):
    """One per client. `requests` retries nothing here: `pace.Tries` counts and waits."""

    def __init__(self, rules: Rules) -> None:
        self._rules, self._context = rules, _trusting(rules)
        super().__init__(pool_connections=_POOLS, pool_maxsize=MOST_CONNECTIONS, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(_Checked, self._rules)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """A proxy of the environment, where the rules let it in: it looks the names up, so they cannot be here."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        manager.pool_classes_by_scheme = _pools(_Careful, self._rules)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """As `requests` has it, but that its authorities are in the context already: loading them takes 40 ms."""
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        if verify is True:
            conn.ca_certs = None


def _trusting(rules: Rules) -> ssl.SSLContext:
    """Verifies certificate and name by the authorities of `requests` and the rules' own."""
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if rules.ca_file is not None:
        try:
            context.load_verify_locations(rules.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{rules.ca_file.name}: holds no certificate of an authority") from error
    return context


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: redirects are followed by `exchange.py`, hop by hop, and no body of theirs is read."""


def session_of(rules: Rules) -> requests.Session:
    """A session for the rules: no cookies, nothing of the environment unless the rules ask for it."""
    session = _Session()
    session.trust_env = rules.trust_env
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers.update({"User-Agent": AGENT, "Connection": "close"})
    adapter = _Adapter(rules)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session
