"""The server itself: sockets, TLS, threads; what answers is registered by path; every request is written down."""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

NAMES = ("localhost", "127.0.0.1", "source.test", "mirror.test", "account.test")
"""That the certificate is for; `tests/fetch/conftest.py` lets those in `.test` lead to loopback."""


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Message
    body: bytes


class Reply:
    """What a handler answers with. Nothing is sent but what it says."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler

    def head(self, code: int, headers: Mapping[str, str] | None = None) -> None:
        """The status line and the headers, a Date and `Connection: close` among them unless given as empty."""
        handler = self._handler
        given = {"Date": handler.date_time_string(), "Connection": "close", **(headers or {})}
        handler.send_response_only(code)
        for name, value in given.items():
            if value:
                handler.send_header(name, value)
        handler.end_headers()

    def body(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def send(self, code: int, data: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """A whole answer, its length told."""
        self.head(code, {"Content-Length": str(len(data)), **(headers or {})})
        self.body(data)

    def keep(self) -> None:
        """Leave the connection open, whatever the request asked for."""
        self._handler.close_connection = False

    def cut(self) -> None:
        """End the connection where it is, without TLS's good-bye."""
        self._handler.close_connection = True
        with contextlib.suppress(OSError):
            self._handler.connection.shutdown(socket.SHUT_RDWR)


Handler = Callable[[Asked, Reply], None]


@dataclass
class Server:
    """`seen`: all requests, in order. `most_at_once`: connections that were being answered at one time."""

    port: int
    ca_file: Path
    scheme: str
    authority: trustme.CA
    seen: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    _paths: dict[str, Handler] = field(default_factory=dict)
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, path: str, handler: Handler) -> str:
        """Let `handler` answer at the path. Returns the address."""
        self._paths[path] = handler
        return self.url(path)

    def url(self, path: str, name: str = "localhost") -> str:
        return f"{self.scheme}://{name}:{self.port}{path}"

    def host(self, name: str = "localhost") -> str:
        """As `Rules.hosts` and `Rules.allowed` have it."""
        return f"{name}:{self.port}"

    def asked(self, path: str) -> list[Asked]:
        """The requests to one path, in order."""
        return [asked for asked in self.seen if asked.path == path]

    def answer(self, asked: Asked, reply: Reply) -> None:
        with self._lock:
            self.seen.append(asked)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            self._paths.get(asked.path, lambda asked, reply: reply.send(404, b"nothing here"))(asked, reply)
        finally:
            with self._lock:
                self._now -= 1


@contextmanager
def serving(
    *,
    tls: bool = True,
    names: tuple[str, ...] = NAMES,
    authority: trustme.CA | None = None,
    ends: datetime | None = None,
) -> Iterator[Server]:
    """A server until the end of the block. authority: another than its own signs; `ca_file` is its own all the same.

    names: that the certificate is for. ends: when the certificate ends.
    """
    own = trustme.CA()
    with tempfile.TemporaryDirectory() as folder:
        ca_file = Path(folder, "ca.pem")
        own.cert_pem.write_to_path(str(ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (authority or own).issue_cert(*names, not_after=ends).configure_cert(context)
        server = Server(0, ca_file, "https" if tls else "http", authority or own)
        listening = _Listening(server, context if tls else None)
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            listening.server_close()
            thread.join()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, server: Server, context: ssl.SSLContext | None) -> None:
        self.scripted, self._context = server, context
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: the handshake stops no other one."""
        if self._context is not None:
            request = self._context.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            with contextlib.suppress(OSError):
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients break off on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listening
    timeout = 20

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        asked = Asked(self.command, parts.path, parse_qs(parts.query), self.headers, body)
        self.server.scripted.answer(asked, Reply(self))

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        """Nothing on stderr."""
