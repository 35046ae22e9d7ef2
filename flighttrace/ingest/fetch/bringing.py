"""One file brought: from what is there of it to the whole, over as many answers as it takes.

Each answer is one of these:

    200, nothing there yet     its body is the file
    206 that fits              its body goes on where the part ends
    200 to a Range, 416, a 206 that does not fit (another range, size, ETag)
                               the file changed, or the source does not know Range: started anew, and noted

What is wrong with the content (`Spoiled`) leaves nothing; what is wrong with the way (cut, silence, quota, Ctrl-C)
leaves the part, for the next run.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from flighttrace.errors import shown
from flighttrace.ingest.fetch.custody import Digest, blocks_of, compared, kept, read_record, write_record
from flighttrace.ingest.fetch.exchange import Again, Exchange, Opened
from flighttrace.ingest.fetch.faults import FetchError, NotThere, Spoiled, answered, told_address
from flighttrace.ingest.fetch.forms import HEAD_BYTES, not_of_form
from flighttrace.ingest.fetch.model import Custody, Wanted
from flighttrace.ingest.fetch.pace import Clock, Tries
from flighttrace.ingest.fetch.resume import Part, State, validator_of
from flighttrace.ingest.fetch.rules import Rules
from flighttrace.version import VERSION

_WORTH_A_TRY: Final = 64 * 1024
"""Bytes: an answer that brought so many does not count as a failed try."""
_MOST_ANEW: Final = 4
"""Begun anew more often than this, a file is not brought: it changes too fast, or the source cannot resume."""
_SENT_ALL: Final = "the source sent the whole file again: it changed, or cannot be gone on with"
_NO_VALIDATOR: Final = "the source gives nothing by which to tell that a rest is of the same file"
_LONGEST_URL: Final = 2000
_TOLD_EVERY_S: Final = 0.2

Told = Callable[[int, "int | None", int, str], None]
"""Bytes so far, bytes in all where known, bytes that were there before, a note."""
Bearer = Callable[[str], str]
"""The token to send, empty for none; given the one that was refused, another."""


@dataclass(frozen=True)
class Means:
    """What a client lends to the bringing of one file."""

    rules: Rules
    clock: Clock
    exchange: Exchange
    bearer: Bearer
    told: Told
    terms: str


class Bringing:
    """Of one file, into a folder in which its part is held."""

    def __init__(self, wanted: Wanted, asked: str, folder: Path, part: Part, means: Means) -> None:
        """asked: the whole address, with its query."""
        self._wanted, self._asked, self._folder, self._part, self._means = wanted, asked, folder, part, means
        self._limit = min(means.rules.most_bytes, wanted.most_bytes or means.rules.most_bytes)
        self._notes: list[str] = []
        self._anew = self._resumed = 0
        self._done = False
        self._told_at = 0.0

    def run(self) -> Custody:
        """The record of the file, which stands under its name by then."""
        Digest(self._wanted)  # one that cannot be compared is told of before anything is brought
        if (self._wanted.size_bytes or 0) > self._limit:
            raise Spoiled(f"the source lists {self._wanted.size_bytes} bytes, {_limit(self._limit)}", self._wanted.url)
        settled = self._settled()
        if settled is not None:
            return settled
        try:
            self._bring()
            return self._finish()
        except Spoiled:
            self._part.discard()
            raise
        except BaseException as error:
            if self._part.of_another and not self._part.state.asked:
                raise  # nothing came from here: what another address of the same file gave is left to it
            with contextlib.suppress(OSError):
                if self._part.state.validator and self._part.written and not isinstance(error, NotThere):
                    self._part.save()
                else:
                    self._part.discard()
            raise

    def _settled(self) -> Custody | None:
        """A part that is whole and has its record already: a run was killed just before it gave it its name."""
        record = read_record(self._folder, self._wanted.name)
        if record is None or record.source != self._wanted.source or record.size_bytes != self._part.size:
            return None
        if self._wanted.size_bytes not in (None, record.size_bytes) or record.url_asked != self._asked:
            return None
        digest = Digest(self._wanted).over(blocks_of(self._part.path))
        if digest.sha256 != record.sha256 or digest.agrees is False:
            return None
        self._part.finish()
        return record

    def _bring(self) -> None:
        means, part = self._means, self._part
        left_behind = part.size
        if part.begun(self._asked):
            self._resumed = part.written
            self._notes = list(part.state.notes)
        elif left_behind:
            self._note(f"started anew: of {left_behind} bytes that were there it is not known that they still fit")
        until = means.clock.monotonic() + means.rules.total_s
        tries = Tries(means.rules, means.clock, self._wanted.url, until, self._tell)
        while not self._done:
            tries.in_time()
            before = part.written
            try:
                self._ask_once(tries)
                if not self._done and part.written - before < _WORTH_A_TRY:
                    raise Again("the source sends less than was asked for")
            except Again as again:
                if part.written - before >= _WORTH_A_TRY:
                    tries.afresh()
                tries.failed(again.reason, asked_s=again.asked_s, quota=again.quota)

    def _ask_once(self, tries: Tries) -> None:
        """One answer taken; where the token is not taken any more, one more with the next token."""
        means, at, token = self._means, self._from(), self._means.bearer("")
        for renewed in (False, True):
            with means.exchange.open(self._asked, _asking(self._part.state, at), bearer=token) as opened:
                if opened.status != 401 or not token or renewed:
                    self._take(opened, at, tries)
                    return
            token = means.bearer(token)

    def _from(self) -> int:
        """The byte to go on at. Of a part that is whole the last byte is asked once more: its answer says whether the
        file is still the same."""
        state, written = self._part.state, self._part.written
        if not state.validator or not written:
            return 0
        return min(written, state.total - 1) if state.total else written

    # -- one answer ----------------------------------------------------------------------------------------------------

    def _take(self, opened: Opened, at: int, tries: Tries) -> None:
        status = opened.status
        if status in (404, 410):
            raise NotThere(f"the source does not hold it ({status})", self._wanted.url)
        end: int | None
        if status == 206 and at:
            end = self._further(opened, at)
        elif status == 416 and at:
            self._start_anew("the source holds no byte beyond the part that is there")
        elif status == 200:
            if at or self._part.written:
                self._count_anew(_SENT_ALL if at else _NO_VALIDATOR)
            end = self._first(opened)
        else:
            raise FetchError(answered(status), self._wanted.url)
        self._read(opened, end, tries)
        if self._part.state.total is None and end is None:
            self._note("the source told no length: an early end would not show")
        self._done = end is None or self._part.written == (self._part.state.total or end)

    def _first(self, opened: Opened) -> int | None:
        """A whole file begins. Returns its size, where it is known."""
        total = _length(opened, self._wanted.url)
        listed = self._wanted.size_bytes
        if total is not None and listed not in (None, total):
            raise Spoiled(f"the source lists {listed} bytes and sends {total}", self._wanted.url)
        total = listed if total is None else total
        if (total or 0) > self._limit:
            raise Spoiled(f"it is of {total} bytes, {_limit(self._limit)}", self._wanted.url)
        encoding = opened.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            self._note(f"sent with Content-Encoding {shown(encoding)}, and kept as sent")
        headers = kept(opened.headers)
        self._resumed = 0
        self._part.anew(
            State(
                asked=self._asked,
                answered=told_address(opened.url, _LONGEST_URL) if opened.redirects else opened.url,
                redirects=tuple(told_address(url, _LONGEST_URL) for url in opened.redirects),
                utc=self._now(),
                status=opened.status,
                headers=headers,
                validator=validator_of(headers),
                total=total,
                pieces=1,
                notes=tuple(self._notes),
            )
        )
        return total

    def _further(self, opened: Opened, at: int) -> int:
        """The rest of what is there, or a piece of it. Returns the byte before which it ends."""
        state = self._part.state
        found = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", opened.headers.get("Content-Range", ""))
        if found is None:
            self._start_anew("the source sent a part without saying which")
        first, last = int(found[1]), int(found[2])
        total = None if found[3] == "*" else int(found[3])
        length, headers = _length(opened, self._wanted.url), kept(opened.headers)
        if first != at or last < first or length not in (None, last - first + 1):
            self._start_anew("the source sent another part than was asked for")
        if total is None and state.total is None:
            self._start_anew("the source sent a part without saying how large the whole is")
        if total is not None and (state.total not in (None, total) or last >= total):
            self._start_anew("the file has another size by now")
        for name in ("ETag", "Last-Modified"):
            if name in headers and headers[name] != state.headers.get(name, headers[name]):
                self._start_anew("the file changed meanwhile")
        if headers.get("Content-Encoding") != state.headers.get("Content-Encoding"):
            self._start_anew("the rest is encoded otherwise than the part that is there")
        if (total or last + 1) > self._limit:
            raise Spoiled(f"it is of {total or last + 1} bytes, {_limit(self._limit)}", self._wanted.url)
        state.total = state.total if total is None else total
        state.utc_last = self._now()
        self._part.further(at)
        return last + 1

    def _now(self) -> str:
        return f"{self._means.clock.now_utc():%Y-%m-%dT%H:%M:%SZ}"

    def _read(self, opened: Opened, end: int | None, tries: Tries) -> None:
        """The body into the part; its first bytes are looked at before any is written."""
        part, head = self._part, b""
        looked = part.written > 0
        for data in self._means.exchange.chunks(opened):
            tries.in_time()
            if not looked:
                head += data
                if len(head) < HEAD_BYTES:
                    continue
                self._look(head, opened.headers)
                looked, data = True, head
            self._write(data, end)
        if not looked:
            if end is not None and len(head) < end:
                raise Again("the answer broke off")
            self._look(head, opened.headers)
            self._write(head, end)
        self._tell("", now=True)

    def _write(self, data: bytes, end: int | None) -> None:
        written = self._part.written + len(data)
        if end is not None and written > end:
            raise Spoiled(f"more came than the {end} bytes that were told", self._wanted.url)
        if written > self._limit:
            raise Spoiled(f"more than {self._limit} bytes came, {_limit(self._limit)}", self._wanted.url)
        self._part.write(data)
        self._tell("")

    def _look(self, head: bytes, headers: Mapping[str, str]) -> None:
        problem = not_of_form(head[:HEAD_BYTES], self._wanted.form, headers.get("Content-Encoding", ""))
        if problem:
            raise Spoiled(f"answered 200, but {problem}: nothing of it is kept", self._wanted.url)

    # -- its end -------------------------------------------------------------------------------------------------------

    def _finish(self) -> Custody:
        wanted, state = self._wanted, self._part.state
        self._part.save()
        digest = Digest(wanted).over(blocks_of(self._part.path))
        compared(wanted, digest, self._part.written)
        custody = Custody(
            source=wanted.source,
            name=wanted.name,
            url_asked=self._asked,
            url_answered=state.answered,
            redirects=state.redirects,
            utc=state.utc,
            status=state.status,
            headers=state.headers,
            size_bytes=self._part.written,
            sha256=digest.sha256,
            source_digest=wanted.digest,
            digest_agrees=digest.agrees,
            pieces=state.pieces,
            tool=f"flighttrace {VERSION}",
            terms=self._means.terms,
            day=wanted.day.isoformat() if wanted.day else "",
            notes=tuple(self._notes),
            utc_last=state.utc_last or state.utc,
        )
        write_record(self._folder, custody)
        self._part.finish()
        return custody

    def _start_anew(self, reason: str) -> NoReturn:
        self._count_anew(reason)
        self._part.forget()
        raise Again(reason)

    def _count_anew(self, reason: str) -> None:
        self._anew += 1
        if self._anew > _MOST_ANEW:
            raise Spoiled(f"{reason}; begun anew {_MOST_ANEW} times", self._wanted.url)
        self._note(f"started anew: {reason}")

    def _note(self, note: str) -> None:
        if note not in self._notes:
            self._notes.append(note)
        self._tell(note)

    def _tell(self, note: str, *, now: bool = False) -> None:
        at = self._means.clock.monotonic()
        if note or now or at - self._told_at >= _TOLD_EVERY_S:
            self._told_at = at
            self._means.told(self._part.written, self._part.state.total, self._resumed, note)


def _asking(state: State, at: int) -> dict[str, str]:
    """Headers: the bytes as they are, in one go or from `at` on as long as the file is still the same."""
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if at:
        headers |= {"Range": f"bytes={at}-", "If-Range": state.validator}
    return headers


def _length(opened: Opened, url: str) -> int | None:
    """Content-Length; None where the answer is in chunks or ends with its connection."""
    if "Transfer-Encoding" in opened.headers or "Content-Length" not in opened.headers:
        return None
    text = opened.headers["Content-Length"].strip()
    if not re.fullmatch(r"\d{1,18}", text):
        raise Spoiled(f"its Content-Length {shown(text)!r} is no length", url)
    return int(text)


def _limit(most: int) -> str:
    return f"more than the {most} that are taken"
