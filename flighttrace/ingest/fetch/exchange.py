"""One request and its redirects: each hop checked before anything is opened, nothing secret carried to another host.

`Again` says that what failed may be tried once more; whoever asked counts and waits (`pace.Tries`), with no connection
held meanwhile.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

import requests
from requests import exceptions as failures
from requests.auth import AuthBase
from urllib3 import exceptions as below

from flighttrace.errors import shown
from flighttrace.ingest.fetch.faults import FetchError, Refused, Spoiled
from flighttrace.ingest.fetch.hosts import Place, checked
from flighttrace.ingest.fetch.pace import RETRIED, Clock, Pace, asked_wait_s, credits_left, quota_reached
from flighttrace.ingest.fetch.rules import Rules
from flighttrace.ingest.fetch.wire import Longer, session_of

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_HOPS: Final = 5
"""GitHub needs one."""
_CHUNK: Final = 256 * 1024


class Again(Exception):
    """May be tried once more. `asked_s`: the wait that the source asks for; `quota`: for too much was asked."""

    def __init__(self, reason: str, *, asked_s: float | None = None, quota: bool = False) -> None:
        self.reason, self.asked_s, self.quota = reason, asked_s, quota
        super().__init__(reason)


@dataclass(frozen=True)
class Opened:
    """The head of an answer, its body unread. `redirects` are the addresses it went on to, in turn."""

    response: requests.Response
    place: Place
    url: str
    redirects: tuple[str, ...]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self.response.headers


class _Bearer(AuthBase):
    """Given as `auth`, so that a `.netrc` does not take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class Exchange:
    """Sends requests by the rules and the pace of one client. Thread-safe."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules, self._clock = rules, clock
        self._session = session_of(rules)
        self._pace = Pace(rules, clock)
        self.credits: dict[str, int] = {}
        """Host → what it said is left."""

    def close(self) -> None:
        self._session.close()

    @contextmanager
    def open(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str] | None = None,
        bearer: str = "",
        form: Mapping[str, str] | None = None,
    ) -> Iterator[Opened]:
        """The answer's head. A status that may pass, and a connection that fails, is Again.

        The connection is given back at the end. A form is never sent on to where a redirect points.
        """
        request = self._prepared(url, headers, params, bearer, form)
        origin = checked(request.url or "", self._rules)
        asked, hops = request.url or "", list[str]()
        while True:
            with ExitStack() as stack:
                place = checked(request.url or "", self._rules)
                if (bearer or form) and place.scheme != "https" and place == origin:
                    raise Refused("an account's token is sent by https only", url)
                stack.enter_context(self._pace.turn(place, url))
                response = self._sent(request, url)
                stack.callback(response.close)
                if response.status_code not in _REDIRECTS:
                    opened = Opened(response, place, request.url or "", tuple(hops))
                    self._judge(opened)
                    yield opened
                    return
                target = _target(response, request.url or "")
            if form is not None:
                raise Refused(f"the address of the token redirects ({response.status_code})", url)
            if target in (asked, *hops):
                raise Refused("redirects in a circle", url)
            if len(hops) == _MOST_HOPS:
                raise Refused(f"redirects more than {_MOST_HOPS} times", url)
            if _place_of(target, self._rules, url) != origin:
                bearer = ""  # and it stays away, even where the other host sends back here
            request = self._prepared(target, headers, None, bearer, None)
            hops.append(target)

    def chunks(self, opened: Opened) -> Iterator[bytes]:
        """The body as it comes, never decoded. Again where it breaks off or drips; Spoiled where it is too long."""
        rules, raw = self._rules, opened.response.raw
        since, got = self._clock.monotonic(), 0
        while data := _read(raw, opened.url):
            yield data
            got += len(data)
            now = self._clock.monotonic()
            if now - since >= rules.slow_s:
                if got < rules.slow_bytes:
                    raise Again(f"fewer than {rules.slow_bytes} bytes came in {rules.slow_s:g} s")
                since, got = now, 0

    def _prepared(
        self,
        url: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        bearer: str,
        form: Mapping[str, str] | None,
    ) -> requests.PreparedRequest:
        auth = _Bearer(bearer) if bearer or form else None
        request = requests.Request(
            "GET" if form is None else "POST", url, headers=dict(headers), params=params, data=form, auth=auth
        )
        try:
            return self._session.prepare_request(request)
        except (failures.RequestException, below.HTTPError, ValueError):
            raise Refused("is no address", url) from None

    def _sent(self, request: requests.PreparedRequest, url: str) -> requests.Response:
        settings = self._session.merge_environment_settings(request.url, {}, True, None, None)
        timeout = (self._rules.connect_s, self._rules.read_s)
        try:
            return self._session.send(request, timeout=timeout, allow_redirects=False, **settings)
        except Refused as refused:
            raise Refused(refused.problem, url) from None
        except (failures.RequestException, below.HTTPError) as error:
            raise _told(error, url) from None

    def _judge(self, opened: Opened) -> None:
        """Note what the answer says of waiting and credits. Again or QuotaReached where it is to be waited out."""
        wait, left = asked_wait_s(opened.headers, self._clock.now_utc()), credits_left(opened.headers)
        if left is not None:
            self.credits[opened.place.host] = left
        status = opened.status
        if status not in RETRIED:
            if left == 0 and wait:
                self._pace.hold(opened.place, wait)
            return
        quota = status == 429
        if wait is not None:
            self._pace.hold(opened.place, wait)
        if (wait or 0) > self._rules.longest_wait_s or (quota and wait is None and left == 0):
            raise quota_reached(f"answered {status}", opened.url, self._clock, wait)
        raise Again(f"answered {status}", asked_s=wait, quota=quota)


def _place_of(target: str, rules: Rules, url: str) -> Place:
    """Where a redirect leads; Refused, naming both addresses, where it may not."""
    try:
        return checked(target, rules)
    except Refused as refused:
        raise Refused(f"redirects to {refused}", url) from None


def _target(response: requests.Response, url: str) -> str:
    location = response.headers.get("Location", "")
    if not location:
        raise FetchError(f"answered {response.status_code} without saying where to", url)
    try:
        return urljoin(url, location).partition("#")[0]
    except ValueError:
        raise Refused(f"redirects to {shown(location)!r}, which is no address", url) from None


def _read(raw: Any, url: str) -> bytes:
    try:
        data: bytes = raw.read1(_CHUNK, decode_content=False)
    except (below.HTTPError, OSError, ValueError) as error:
        if any(isinstance(cause, Longer) for cause in _causes(error)):
            raise Spoiled("more came than Content-Length told", url) from None
        silent = isinstance(error, below.ReadTimeoutError)
        raise Again("the answer fell silent" if silent else "the answer broke off") from None
    return data


def _told(error: Exception, url: str) -> Exception:
    """What to raise for a failure of `requests`: in our words, as theirs repeat the address with its query."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchError(f"its certificate is not accepted: {shown(cause.verify_message)}", url)
    if any(isinstance(cause, below.NameResolutionError) for cause in causes):
        return Again("the host's name cannot be looked up")
    if any(isinstance(cause, failures.ProxyError) for cause in causes):
        return Again("the proxy cannot be reached")
    if any(
        isinstance(cause, below.ConnectTimeoutError) and not isinstance(cause, below.NewConnectionError)
        for cause in causes
    ):
        return Again("no connection in time")
    if any(isinstance(cause, below.NewConnectionError) for cause in causes):
        return Again("no connection could be made")
    if any(isinstance(cause, below.TimeoutError | failures.Timeout) for cause in causes):
        return Again("no answer in time")
    if isinstance(error, failures.ConnectionError | below.ProtocolError | below.SSLError):
        return Again("the connection broke off before an answer")
    return FetchError(f"the answer cannot be read ({type(error).__name__})", url)


def _causes(error: BaseException) -> list[BaseException]:
    """The error, what it was raised from, and the errors that `requests` and urllib3 carry as arguments."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 50:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and all(one is not known for known in found):
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found
