"""What answers: whole files by every rule of HTTP ranges, and each fault that a source may show."""

from __future__ import annotations

import hashlib
import itertools
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from tests.fetch.server.https import Asked, Handler, Reply

DAY_S = 86400
Sending = Callable[[Reply, bytes], None]


def etag_of(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:16]}"'


def whole(
    data: bytes,
    *,
    etag: str | None = None,
    changed: str = "",
    ranges: bool = True,
    headers: Mapping[str, str] | None = None,
    sending: Sending | None = None,
) -> Handler:
    """A file, with Range and If-Range as RFC 9110 has them. etag: its own by default, empty for none.

    ranges: False ignores Range. sending: how a body goes out, for faults in it.
    """
    tag = etag_of(data) if etag is None else etag
    stands = {"Accept-Ranges": "bytes", "ETag": tag, "Last-Modified": changed, **(headers or {})}
    send: Sending = sending or (lambda reply, body: reply.body(body))

    def answer(asked: Asked, reply: Reply) -> None:
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("Range", ""))
        if_range = asked.headers.get("If-Range")
        same = if_range is None or if_range in (tag, changed)
        if not ranges or found is None or not same:
            reply.head(200, {"Content-Length": str(len(data)), **stands})
            send(reply, data)
            return
        first = int(found[1])
        if first >= len(data):
            reply.send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        part = data[first : int(found[2]) + 1 if found[2] else None]
        end = first + len(part)
        told = {"Content-Length": str(len(part)), "Content-Range": f"bytes {first}-{end - 1}/{len(data)}"}
        reply.head(206, {**told, **stands})
        send(reply, part)

    return answer


def cut_at(n: int) -> Sending:
    """The connection ends after `n` bytes of the body."""

    def send(reply: Reply, body: bytes) -> None:
        reply.body(body[:n])
        reply.cut()

    return send


def drips(every_s: float, *, after: int = 0, size: int = 1) -> Sending:
    """`size` bytes at a time, `every_s` apart, after the first `after`."""

    def send(reply: Reply, body: bytes) -> None:
        reply.body(body[:after])
        for start in range(after, len(body), size):
            time.sleep(every_s)
            reply.body(body[start : start + size])

    return send


def gone_on_with(data: bytes, *cuts: int, **options: Any) -> Handler:
    """The file, cut after so many bytes of the first, second … body, then whole."""
    return in_turn(*(whole(data, sending=cut_at(n), **options) for n in cuts), whole(data, **options))


def in_turn(*handlers: Handler) -> Handler:
    """One after another; the last for ever."""
    lock = threading.Lock()
    turns: Iterator[Handler] = itertools.chain(handlers, itertools.repeat(handlers[-1]))

    def answer(asked: Asked, reply: Reply) -> None:
        with lock:
            handler = next(turns)
        handler(asked, reply)

    return answer


def status(code: int, data: bytes = b"", **headers: str) -> Handler:
    """An answer with that status; `retry_after="3"` is the header Retry-After."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked, reply: reply.send(code, data, given)


def redirect(to: str, code: int = 302) -> Handler:
    return lambda asked, reply: reply.send(code, b"", {"Location": to})


def page(text: str = "<!DOCTYPE html><html><body>Rate limit exceeded</body></html>") -> Handler:
    """A page for people with status 200."""
    return status(200, text.encode(), Content_Type="text/html")


def bomb(size_bytes: int) -> Handler:
    """Zeros of that size in gzip by Content-Encoding: a thousandth of it goes over the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(size_bytes >> 20)) + packer.flush()
    return status(200, packed, Content_Encoding="gzip", Content_Type="application/json")


def token_for(client_id: str, secret: str, *tokens: str, lasts_s: int = 1800) -> Handler:
    """The account's address: one token after another for the right id and secret; 401 for others."""
    turns = itertools.chain(tokens, itertools.repeat(tokens[-1]))
    right = {"grant_type": ["client_credentials"], "client_id": [client_id], "client_secret": [secret]}

    def answer(asked: Asked, reply: Reply) -> None:
        if asked.method != "POST" or parse_qs(asked.body.decode()) != right:
            reply.send(401, b'{"error": "unauthorized_client"}')
            return
        body = f'{{"access_token": "{next(turns)}", "expires_in": {lasts_s}, "token_type": "Bearer"}}'
        reply.send(200, body.encode(), {"Content-Type": "application/json"})

    return answer


def long_ago() -> str:
    """A Last-Modified that is a strong one."""
    return formatdate(time.time() - 30 * DAY_S, usegmt=True)
