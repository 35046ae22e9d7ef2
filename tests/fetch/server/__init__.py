"""A real HTTPS server on loopback with a throw-away CA, for the tests of `fetch`.

with serving() as server:
    server.at("/a/day.tar", whole(data))                # path → what answers
    server.at("/b", in_turn(status(503), whole(data)))  # one answer after another, the last for ever
    ... server.url("/a/day.tar"), server.ca_file, server.asked("/b")
"""

from tests.fetch.server.faults import (
    bomb,
    cut_at,
    drips,
    gone_on_with,
    in_turn,
    page,
    redirect,
    status,
    token_for,
    whole,
)
from tests.fetch.server.https import Asked, Handler, Reply, Server, serving

__all__ = [
    "Asked",
    "Handler",
    "Reply",
    "Server",
    "bomb",
    "cut_at",
    "drips",
    "gone_on_with",
    "in_turn",
    "page",
    "redirect",
    "serving",
    "status",
    "token_for",
    "whole",
]
