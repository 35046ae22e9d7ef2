"""The session of `requests` that keeps to the rules: connections to checked addresses only, no redirect by itself.

Each connection looks its host up once, has the addresses checked and connects to one of them; TLS is then verified for
the name. A second handle on the socket lets a timer end a peer that drips its handshake or its head.
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

    def begin(self) -> None:
        reader: Any = self.fp
        self.fp = cast(Any, _Head(reader))
        try:
            super().begin()
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


class _Checked:
    """What both kinds of connection have in common; mixed in before them."""

    rules: Rules
    response_class = _Response
    _cord: socket.socket | None = None

    def _new_conn(self: Any) -> socket.socket:
        try:
            found = addresses(self.host.lower(), self.port, self.rules)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        for address in found:
            try:
                sock = create_connection(
                    (address, self.port), self.rules.connect_s, self.source_address, self.socket_options
                )
            except TimeoutError as error:
                problem: Exception = ConnectTimeoutError(self, f"no connection in {self.rules.connect_s:g} s")
                problem.__cause__ = error
            except OSError as error:
                problem = NewConnectionError(self, f"no connection: {error.strerror or error}")
                problem.__cause__ = error
            else:
                self._cord = sock.dup()
                return sock
        raise problem if found else NewConnectionError(self, "the name has no address")

    def connect(self: Any) -> None:
        with self._within(2 * self.rules.connect_s):
            super().connect()  # type: ignore[misc]

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
        if self._cord is not None:
            with contextlib.suppress(OSError):
                self._cord.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """One per client. `requests` retries nothing here: `pace.Tries` counts and waits."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        super().__init__(pool_connections=_POOLS, pool_maxsize=MOST_CONNECTIONS, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_trusting(self._rules), **kwargs)
        plain = type("CheckedHTTP", (_Checked, HTTPConnection), {"rules": self._rules})
        secure = type("CheckedHTTPS", (_Checked, HTTPSConnection), {"rules": self._rules})
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

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
