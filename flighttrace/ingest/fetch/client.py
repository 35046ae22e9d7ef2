"""The client: small documents asked for, files brought. Polite, safe, resumable; all of it on `requests`.

    with Client(Rules(hosts=frozenset({"api.github.com"}))) as client:
        release = client.ask("https://api.github.com/repos/…").json()
        custody = client.bring(wanted, folder)

A run may end at any moment, by Ctrl-C or a kill: the folder then holds whole files with their records, and parts that
the next run goes on with.
"""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import requests

from flighttrace.errors import shown
from flighttrace.ingest.fetch.answer import Answer
from flighttrace.ingest.fetch.bringing import Bringing, Means
from flighttrace.ingest.fetch.custody import whole
from flighttrace.ingest.fetch.exchange import Again, Exchange, Opened
from flighttrace.ingest.fetch.faults import FetchError, NotAccepted, NotThere, QuotaReached, Refused, answered
from flighttrace.ingest.fetch.forms import FORMS
from flighttrace.ingest.fetch.model import Custody, Wanted
from flighttrace.ingest.fetch.pace import Clock, Tries
from flighttrace.ingest.fetch.resume import Part
from flighttrace.ingest.fetch.rules import Rules
from flighttrace.ingest.fetch.tokens import Tokens

__all__ = ["Client", "FetchError", "NotThere", "Progress", "QuotaReached", "Refused"]

DOCUMENT_BYTES: Final = 64 * 1024**2
_DOCUMENT_S: Final = 600.0
"""A document, waits and all tries included; a file has `Rules.total_s`."""
_TOKEN_BYTES: Final = 64 * 1024
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_OURS: Final = (".part", ".part.json", ".custody.json", ".new")


@dataclass(frozen=True)
class Progress:
    """Of one file. `note` is empty but where something is worth saying: a wait, a new beginning."""

    name: str
    bytes_done: int
    bytes_all: int | None
    resumed_from: int
    note: str


class Client:
    """Asks and brings by `rules`. Thread-safe; one at a time for a file in a folder."""

    def __init__(
        self,
        rules: Rules,
        *,
        tokens: Tokens | None = None,
        told: Callable[[Progress], None] | None = None,
        terms: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """terms: key of a source → its terms, for the custody records. clock: for tests."""
        self.rules, self._tokens, self._told = rules, tokens, told
        self._terms = dict(terms or {})
        self._clock = clock or Clock()
        self._exchange = Exchange(rules, self._clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._exchange.close()

    @property
    def credits(self) -> Mapping[str, int]:
        """Host → what it last said is left of the day's credits (`X-Rate-Limit-Remaining`)."""
        return dict(self._exchange.credits)

    def ask(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        with_token: bool = False,
        most_bytes: int = DOCUMENT_BYTES,
        first_bytes: int = 0,
    ) -> Answer:
        """A document of at most `most_bytes`, as sent and as decoded. 404 and 410 are returned.

        first_bytes: of a file of any size its beginning alone, so many bytes at most as they lie at the source; a
        source that sends all of it is cut off there.

        FetchError for every other status beyond 299 and for what cannot be read; QuotaReached; Refused.
        """
        until = self._clock.monotonic() + min(self.rules.total_s, _DOCUMENT_S)
        tries = Tries(self.rules, self._clock, url, until, self._waits(url))
        while True:
            tries.in_time()
            try:
                return self._ask_once(url, params, with_token, most_bytes, first_bytes, tries)
            except Again as again:
                tries.failed(again.reason, asked_s=again.asked_s, quota=again.quota)

    def bring(self, wanted: Wanted, folder: Path) -> Custody:
        """The record of the file, which is in `folder` under `wanted.name`, with `<name>.custody.json` beside it.

        One that is there whole is not brought again. FetchError and its kinds in one line; nothing stands under the
        name then. After an error of the way (`FetchError`, `QuotaReached`, Ctrl-C) the part stays, and the next call
        goes on with it; after one of the content (another digest, size or form) nothing stays.
        """
        self._check(wanted)
        asked = requests.Request("GET", wanted.url, params=dict(wanted.params))
        try:
            address = asked.prepare().url or wanted.url
        except (requests.RequestException, ValueError):
            raise Refused("is no address", wanted.url) from None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with Part.held(folder, wanted.name, wanted.url) as part:
                there = whole(folder, wanted)
                if there is not None:
                    part.discard()
                    return there
                return Bringing(wanted, address, folder, part, self._means(wanted)).run()
        except OSError as error:
            raise FetchError(f"{wanted.name} cannot be written: {error.strerror or type(error).__name__}") from error

    def _check(self, wanted: Wanted) -> None:
        if not _NAME.fullmatch(wanted.name) or wanted.name.endswith(_OURS):
            raise Refused(f"{shown(wanted.name)!r} is no plain file name", wanted.url)
        if wanted.form and wanted.form not in FORMS:
            raise Refused(f"{shown(wanted.form)!r} is no form (known: {', '.join(sorted(FORMS))})", wanted.url)

    def _means(self, wanted: Wanted) -> Means:
        def told(done: int, of_all: int | None, resumed: int, note: str) -> None:
            if self._told is not None:
                self._told(Progress(wanted.name, done, of_all, resumed, note))

        return Means(
            self.rules,
            self._clock,
            self._exchange,
            lambda refused: self._bearer(wanted.with_token, refused),
            told,
            self._terms.get(wanted.source, ""),
        )

    def _waits(self, url: str) -> Callable[[str], None]:
        name = shown(url.partition("?")[0].rstrip("/").rpartition("/")[2])

        def told(note: str) -> None:
            if self._told is not None:
                self._told(Progress(name, 0, None, 0, note))

        return told

    # -- the account ---------------------------------------------------------------------------------------------------

    def _bearer(self, wanted: bool, refused: str) -> str:
        """The token, where one is wanted and there is an account; another than the one that was refused."""
        if not wanted or self._tokens is None or not self._tokens.given:
            return ""
        if refused:
            self._tokens.refused(refused)
        return self._tokens.bearer(self._post, self._clock.monotonic())

    def _post(self, url: str, form: Mapping[str, str]) -> Any:
        until = self._clock.monotonic() + min(self.rules.total_s, _DOCUMENT_S)
        tries = Tries(self.rules, self._clock, url, until, self._waits(url))
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        while True:
            try:
                with self._exchange.open(url, headers, form=form) as opened:
                    if opened.status in (400, 401, 403):
                        raise NotAccepted(f"the account's id and secret are not accepted ({opened.status})", url)
                    content = self._document(opened, url, _TOKEN_BYTES, tries).content
                try:
                    return json.loads(content)
                except (ValueError, RecursionError):
                    raise FetchError("the answer holds no token", url) from None
            except Again as again:
                tries.failed(again.reason, asked_s=again.asked_s, quota=again.quota)

    # -- a document ----------------------------------------------------------------------------------------------------

    def _ask_once(
        self,
        url: str,
        params: Mapping[str, str] | None,
        with_token: bool,
        most_bytes: int,
        first_bytes: int,
        tries: Tries,
    ) -> Answer:
        """One answer; where the token is not taken any more, one more with the next token."""
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip"}
        if first_bytes:
            headers = {"Accept": "*/*", "Accept-Encoding": "identity", "Range": f"bytes=0-{first_bytes - 1}"}
        token = self._bearer(with_token, "")
        if token:
            with self._exchange.open(url, headers, params=params, bearer=token) as opened:
                if opened.status != 401:
                    return self._document(opened, url, most_bytes, tries, first_bytes=first_bytes)
            token = self._bearer(with_token, token)
        with self._exchange.open(url, headers, params=params, bearer=token) as opened:
            return self._document(opened, url, most_bytes, tries, first_bytes=first_bytes)

    def _document(self, opened: Opened, url: str, most_bytes: int, tries: Tries, *, first_bytes: int = 0) -> Answer:
        status = opened.status
        if not 200 <= status < 300 and status not in (404, 410):
            raise FetchError(answered(status), url)
        with contextlib.suppress(ValueError):
            if not first_bytes and int(opened.headers.get("Content-Length", "0")) > most_bytes:
                raise FetchError(_too_large(most_bytes), url)
        came = bytearray()
        for data in self._exchange.chunks(opened):
            tries.in_time()
            came += data
            if first_bytes and len(came) >= first_bytes:
                del came[first_bytes:]
                break
            if len(came) > most_bytes:
                raise FetchError(_too_large(most_bytes), url)
        encoding = opened.headers.get("Content-Encoding", "identity").strip().lower()
        if first_bytes:
            content = bytes(came)  # as it lies there: the end that a decoding needs was not asked for
        elif encoding in ("gzip", "x-gzip"):
            content = _inflated(bytes(came), most_bytes, url)
        elif encoding in ("identity", ""):
            content = bytes(came)
        else:
            raise FetchError(f"its Content-Encoding {shown(encoding)} was not asked for", url)
        return Answer(status, opened.headers, content, opened.url)


def _inflated(data: bytes, most_bytes: int, url: str) -> bytes:
    """Undone gzip of at most `most_bytes`; no more than that is ever made."""
    found = bytearray()
    while data:
        member = zlib.decompressobj(31)
        try:
            found += member.decompress(data, most_bytes + 1 - len(found))
        except zlib.error:
            raise FetchError("its gzip is damaged", url) from None
        if len(found) > most_bytes:
            raise FetchError(_too_large(most_bytes), url)
        if not member.eof:
            raise Again("the answer broke off")
        data = member.unused_data
    return bytes(found)


def _too_large(most_bytes: int) -> str:
    return f"more than the {most_bytes} bytes that a document may have"
