"""OpenSky's account: id and secret from the environment or a 0600 file, never from an argument, never in a text.

    OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET
    FLIGHTTRACE_OPENSKY_CREDENTIALS=FILE     JSON with clientId and clientSecret, as OpenSky gives it; mode 0600

They are exchanged for a token that lasts about half an hour (OAuth2, client credentials).
"""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from flighttrace.errors import UsageError
from flighttrace.ingest.fetch.faults import FetchError, NotAccepted

ID: Final = "OPENSKY_CLIENT_ID"
SECRET: Final = "OPENSKY_CLIENT_SECRET"  # noqa: S105 (a name)
FILE: Final = "FLIGHTTRACE_OPENSKY_CREDENTIALS"
_EARLIER_S: Final = 30.0
"""So long before its end a token is not used any more."""
_USUAL_S: Final = 1800.0
"""Of a token that does not say how long it lasts."""
_LARGEST_BYTES: Final = 64 * 1024

Post = Callable[[str, Mapping[str, str]], Any]
"""Sends a form to an address; returns the JSON document of the answer."""


class Tokens:
    """The account, if the environment names one. Thread-safe; no text of it shows a value."""

    def __init__(self, address: str, *, environ: Mapping[str, str] | None = None) -> None:
        """address: where the token is asked for. Nothing is read before a token is needed."""
        self.address = address
        self._environ = os.environ if environ is None else environ
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0
        self._refusal = ""
        """Kept, so that a wrong secret is sent once and not for every file."""

    def __repr__(self) -> str:
        return f"Tokens({self.address!r}, given={self.given})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an account is not written down")

    @property
    def given(self) -> bool:
        """Whether the environment names an account, or half of one."""
        return any(self._environ.get(name) for name in (ID, SECRET, FILE))

    def bearer(self, post: Post, now: float) -> str:
        """The token; asked for by `post` where there is none that lasts. `now` is of a monotonic clock."""
        with self._lock:
            if not self._token or now >= self._until:
                self._token = ""
                if self._refusal:
                    raise NotAccepted(self._refusal, self.address)
                try:
                    self._token, self._until = self._asked(post, now)
                except NotAccepted as error:
                    self._refusal = error.problem
                    raise
            return self._token

    def refused(self, token: str) -> None:
        """The source took this one no more: the next is asked for anew."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _asked(self, post: Post, now: float) -> tuple[str, float]:
        client_id, secret = self._account()
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        answer = post(self.address, form)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
            raise FetchError("the answer holds no token", self.address)
        lasts = answer.get("expires_in")
        known = isinstance(lasts, int | float) and not isinstance(lasts, bool) and 0 < lasts < 1e9
        return token, now + (float(lasts) if known else _USUAL_S) - _EARLIER_S

    def _account(self) -> tuple[str, str]:
        client_id, secret = self._environ.get(ID, ""), self._environ.get(SECRET, "")
        if client_id and secret:
            return client_id, secret
        if client_id or secret:
            raise UsageError(f"{ID} and {SECRET} go together: one of them is not set")
        return _from_file(Path(self._environ.get(FILE, "")))


def _from_file(path: Path) -> tuple[str, str]:
    """Id and secret in the file; UsageError, without a word of its content, where it is not as it has to be."""
    try:
        with open(path, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise UsageError(f"{FILE}: names no regular file")
            if stat.S_IMODE(about.st_mode) & 0o077:
                raise UsageError(f"{FILE}: others than its owner can read the file (accepted: chmod 600)")
            data = file.read(_LARGEST_BYTES)
    except OSError as error:
        raise UsageError(f"{FILE}: the file cannot be opened: {error.strerror}") from None
    try:
        value = json.loads(data)
        client_id, secret = value["clientId"], value["clientSecret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        client_id = secret = None
    if not (isinstance(client_id, str) and isinstance(secret, str) and client_id and secret):
        raise UsageError(f"{FILE}: the file does not hold an account (accepted: JSON with clientId and clientSecret)")
    return client_id, secret
