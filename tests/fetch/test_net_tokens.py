"""An account's id, secret and token go to the account's own host and the source's, by https, and into no text."""

from __future__ import annotations

import json
import logging
import os
import pickle
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from flighttrace.errors import FlighttraceError, UsageError
from flighttrace.ingest.fetch.client import Client, FetchError, Progress, QuotaReached, Refused
from flighttrace.ingest.fetch.model import Wanted
from flighttrace.ingest.fetch.tokens import FILE, ID, SECRET, Tokens
from tests.fetch.conftest import Making
from tests.fetch.server import (
    Asked,
    Handler,
    Reply,
    Server,
    cut_at,
    in_turn,
    page,
    redirect,
    serving,
    status,
    token_for,
    whole,
)

SECRETS = ("FT_CANARY_id", "FT_CANARY_secret", "FT_CANARY_token_1", "FT_CANARY_token_2")
CLIENT, WORD, TOKEN, NEXT = SECRETS
ACCOUNT = {ID: CLIENT, SECRET: WORD}
DATA = b"data" * 50_000


@pytest.fixture
def account(server: Server) -> Tokens:
    return Tokens(server.at("/token", token_for(CLIENT, WORD, TOKEN, NEXT)), environ=ACCOUNT)


def needs_token(handler: Handler, *good: str) -> Handler:
    def answer(asked: Asked, reply: Reply) -> None:
        if asked.headers.get("Authorization") in {f"Bearer {token}" for token in good}:
            handler(asked, reply)
        else:
            reply.send(401, b"unauthorized")

    return answer


def sent(server: Server, path: str) -> list[str | None]:
    return [asked.headers.get("Authorization") for asked in server.asked(path)]


def test_a_token_is_got_once_and_sent(client_of: Making, server: Server, account: Tokens, tmp_path: Path) -> None:
    url = server.at("/a", needs_token(whole(b"[]"), TOKEN))
    client = client_of(tokens=account)
    assert client.ask(url, with_token=True).json() == []
    client.bring(Wanted("test", url, "a", with_token=True), tmp_path)
    assert len(server.asked("/token")) == 1
    assert sent(server, "/a") == [f"Bearer {TOKEN}"] * 2


def test_no_token_where_none_is_wanted(client_of: Making, server: Server, account: Tokens) -> None:
    client_of(tokens=account).ask(server.at("/a", status(200, b"[]")))
    assert (sent(server, "/a"), server.asked("/token")) == ([None], [])


@pytest.mark.parametrize("tokens", [None, Tokens("https://account.test/token", environ={})])
def test_without_an_account_it_asks_as_anybody(client_of: Making, server: Server, tokens: Tokens | None) -> None:
    client_of(tokens=tokens).ask(server.at("/a", status(200, b"[]")), with_token=True)
    assert sent(server, "/a") == [None]


def test_a_token_that_ends_in_mid_run_is_renewed_once(
    client_of: Making, server: Server, account: Tokens, tmp_path: Path
) -> None:
    client = client_of(tokens=account)
    url = server.at("/a", needs_token(whole(DATA, sending=cut_at(90_000)), TOKEN))
    asked = in_turn(needs_token(whole(DATA, sending=cut_at(90_000)), TOKEN), needs_token(whole(DATA), NEXT))
    server.at("/a", asked)
    custody = client.bring(Wanted("test", url, "a", with_token=True), tmp_path)
    assert (tmp_path / "a").read_bytes() == DATA
    assert custody.pieces == 2
    assert sent(server, "/a") == [f"Bearer {TOKEN}", f"Bearer {TOKEN}", f"Bearer {NEXT}"]
    assert [asked.headers.get("Range") for asked in server.asked("/a")] == [None, "bytes=90000-", "bytes=90000-"]


def test_a_token_that_ends_twice_in_one_file(client_of: Making, server: Server, tmp_path: Path) -> None:
    """A day takes longer than a token lasts."""
    last = "FT_CANARY_token_3"
    tokens = Tokens(server.at("/token", token_for(CLIENT, WORD, TOKEN, NEXT, last)), environ=ACCOUNT)
    cut = whole(DATA, sending=cut_at(70_000))
    answers = [needs_token(cut, token) for token in (TOKEN, NEXT, NEXT, last)]
    url = server.at("/a", in_turn(*answers, needs_token(whole(DATA), last)))
    in_all = [TOKEN, TOKEN, NEXT, NEXT, last]
    client_of(tokens=tokens).bring(Wanted("test", url, "a", with_token=True), tmp_path)
    assert (tmp_path / "a").read_bytes() == DATA
    assert sent(server, "/a") == [f"Bearer {token}" for token in in_all]


def test_a_token_that_ends_between_two_questions(client_of: Making, server: Server, account: Tokens) -> None:
    client = client_of(tokens=account)
    url = server.at("/a", in_turn(needs_token(status(200, b"[1]"), TOKEN), needs_token(status(200, b"[2]"), NEXT)))
    assert [client.ask(url, with_token=True).json() for _ in range(2)] == [[1], [2]]
    assert len(server.asked("/token")) == 2


def test_a_token_is_renewed_before_its_end(client_of: Making, server: Server) -> None:
    tokens = Tokens(server.at("/token", token_for(CLIENT, WORD, TOKEN, NEXT, lasts_s=20)), environ=ACCOUNT)
    client = client_of(tokens=tokens)
    url = server.at("/a", status(200, b"[]"))
    for _ in range(2):
        client.ask(url, with_token=True)
    assert sent(server, "/a") == [f"Bearer {TOKEN}", f"Bearer {NEXT}"]


def test_a_token_that_is_never_taken(client_of: Making, server: Server, account: Tokens, tmp_path: Path) -> None:
    client, url = client_of(tokens=account), server.at("/a", status(401))
    with pytest.raises(FetchError, match=r"/a: answered 401: it asks for an account .*OPENSKY_CLIENT_ID"):
        client.ask(url, with_token=True)
    with pytest.raises(FetchError, match=r"/a: answered 401: it asks for an account .*OPENSKY_CLIENT_ID"):
        client.bring(Wanted("test", url, "a", with_token=True), tmp_path)
    assert len(server.asked("/a")) == 4
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("code", [400, 401, 403])
def test_an_account_that_is_not_accepted(client_of: Making, server: Server, code: int) -> None:
    tokens = Tokens(server.at("/token", status(code, WORD.encode())), environ=ACCOUNT)
    with pytest.raises(FetchError, match=rf"/token: the account's id and secret are not accepted \({code}\)$"):
        client_of(tokens=tokens).ask(server.url("/a"), with_token=True)
    with pytest.raises(FetchError, match="are not accepted"):  # said again, and not sent again
        client_of(tokens=tokens).ask(server.url("/b"), with_token=True)
    assert len(server.asked("/token")) == 1
    assert server.asked("/a") == server.asked("/b") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"access_token": 5}',
        b'{"access_token": ""}',
        b'{"access_token": "a\\nX: b"}',
        b"<",
    ],
)
def test_an_answer_without_a_token(client_of: Making, server: Server, body: bytes) -> None:
    tokens = Tokens(server.at("/token", status(200, body)), environ=ACCOUNT)
    with pytest.raises(FetchError, match=r"/token: the answer holds no token$"):
        client_of(tokens=tokens).ask(server.url("/a"), with_token=True)


def test_the_account_is_asked_again_where_it_is_busy(client_of: Making, server: Server) -> None:
    handler = in_turn(status(503), status(429, Retry_After="2"), token_for(CLIENT, WORD, TOKEN))
    tokens = Tokens(server.at("/token", handler), environ=ACCOUNT)
    assert client_of(tokens=tokens).ask(server.at("/a", status(200, b"[]")), with_token=True).json() == []


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_the_account_is_sent_on_to_nobody(client_of: Making, server: Server, code: int) -> None:
    tokens = Tokens(server.at("/token", redirect("/other", code)), environ=ACCOUNT)
    with pytest.raises(Refused, match="the address of the token redirects"):
        client_of(tokens=tokens).ask(server.url("/a"), with_token=True)
    assert [asked.path for asked in server.seen] == ["/token"]


def test_the_account_is_sent_to_no_unknown_host(client_of: Making, server: Server) -> None:
    tokens = Tokens("https://evil.test/token", environ=ACCOUNT)
    with pytest.raises(Refused, match=r"evil\.test is no known host"):
        client_of(tokens=tokens).ask(server.url("/a"), with_token=True)


def test_nothing_secret_goes_by_http(client_of: Making, server: Server, account: Tokens) -> None:
    with serving(tls=False) as plain:
        allowed = frozenset({plain.host(), server.host()})
        rates = {plain.host(): 1e6, server.host(): 1e6}
        with pytest.raises(Refused, match="by https only"):
            client_of(allowed=allowed, tokens=account, rate_per_s=rates).ask(plain.url("/a"), with_token=True)
        by_http = Tokens(plain.url("/token"), environ=ACCOUNT)
        with pytest.raises(Refused, match="by https only"):
            client_of(allowed=allowed, tokens=by_http, rate_per_s=rates).ask(server.url("/a"), with_token=True)
        assert plain.seen == []


def test_the_token_goes_to_no_other_host(client_of: Making, server: Server, account: Tokens) -> None:
    """Nor to the same host again once another one has said where to."""
    both = frozenset({server.host(), server.host("mirror.test")})
    client = client_of(hosts=both, allowed=both, tokens=account)
    server.at("/a", redirect(server.url("/b", "mirror.test")))
    server.at("/b", redirect(server.url("/c")))
    server.at("/c", status(200, b"[]"))
    assert client.ask(server.url("/a"), with_token=True).json() == []
    assert [sent(server, path) for path in ("/a", "/b", "/c")] == [[f"Bearer {TOKEN}"], [None], [None]]


def test_the_token_stays_on_one_host(client_of: Making, server: Server, account: Tokens) -> None:
    server.at("/a", redirect("/b"))
    url = server.at("/b", status(200, b"[]"))
    assert client_of(tokens=account).ask(server.url("/a"), with_token=True).url == url
    assert sent(server, "/b") == [f"Bearer {TOKEN}"]


def test_a_range_is_carried_to_another_host_without_the_token(
    client_of: Making, server: Server, account: Tokens, tmp_path: Path
) -> None:
    both = frozenset({server.host(), server.host("mirror.test")})
    client = client_of(hosts=both, allowed=both, tokens=account)
    server.at("/a", redirect(server.url("/b", "mirror.test")))
    server.at("/b", in_turn(whole(DATA, sending=cut_at(90_000)), whole(DATA)))
    assert client.bring(Wanted("test", server.url("/a"), "a", with_token=True), tmp_path).pieces == 2
    assert sent(server, "/b") == [None, None]
    assert server.asked("/b")[1].headers["Range"] == "bytes=90000-"


# -- where the account comes from --------------------------------------------------------------------------------------


def post_of(seen: list[Mapping[str, str]]) -> Callable[[str, Mapping[str, str]], object]:
    def post(url: str, form: Mapping[str, str]) -> object:
        seen.append(form)
        return {"access_token": TOKEN}

    return post


def credentials(folder: Path, content: object, mode: int = 0o600) -> dict[str, str]:
    path = folder / "credentials.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)
    return {FILE: str(path)}


def test_an_account_from_a_file(tmp_path: Path) -> None:
    environ, seen = credentials(tmp_path, {"clientId": CLIENT, "clientSecret": WORD}), list[Mapping[str, str]]()
    tokens = Tokens("https://account.test/token", environ=environ)
    assert tokens.given
    assert tokens.bearer(post_of(seen), 0.0) == TOKEN
    assert seen == [{"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": WORD}]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_a_file_that_others_can_read(tmp_path: Path, mode: int) -> None:
    environ = credentials(tmp_path, {"clientId": CLIENT, "clientSecret": WORD}, mode)
    with pytest.raises(UsageError, match=r"others than its owner can read the file \(accepted: chmod 600\)"):
        Tokens("https://account.test/token", environ=environ).bearer(post_of([]), 0.0)


@pytest.mark.parametrize(
    "content",
    [
        "",
        WORD,
        [WORD],
        {"clientId": CLIENT},
        {"clientId": CLIENT, "clientSecret": ""},
        {"clientId": 5, "clientSecret": WORD},
    ],
)
def test_a_file_that_holds_no_account(tmp_path: Path, content: object) -> None:
    tokens = Tokens("https://account.test/token", environ=credentials(tmp_path, content))
    with pytest.raises(UsageError, match="the file does not hold an account") as error:
        tokens.bearer(post_of([]), 0.0)
    assert not any(secret in "".join(traceback.format_exception(error.value)) for secret in SECRETS)


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({ID: CLIENT}, "go together"),
        ({SECRET: WORD}, "go together"),
        ({FILE: "/nowhere/at/all"}, "cannot be opened"),
        ({FILE: os.curdir}, "cannot be opened"),
    ],
)
def test_half_an_account(environ: dict[str, str], reason: str) -> None:
    tokens = Tokens("https://account.test/token", environ=environ)
    assert tokens.given
    with pytest.raises(UsageError, match=reason):
        tokens.bearer(post_of([]), 0.0)


# -- the canary --------------------------------------------------------------------------------------------------------


def echoing(asked: Asked, reply: Reply) -> None:
    """A server that says back what it was sent, in a body that is an error's."""
    reply.send(403, str(asked.headers).encode() + asked.body)


ENDINGS: dict[str, Handler] = {
    "whole": whole(DATA),
    "cut": whole(DATA, sending=cut_at(90_000)),
    "refused": status(401),
    "echoed": echoing,
    "quota": status(429, Retry_After="9999"),
    "broken": status(503),
    "page": page(),
    "away": redirect("https://evil.test/a"),
    "circle": redirect("/a"),
    "silent": lambda asked, reply: reply.cut(),
    "gone": status(404),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_the_canary_is_in_nothing(
    client_of: Making, server: Server, account: Tokens, tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    """Whatever the end: not in a file, an error with all that led to it, a log at DEBUG, progress, repr."""
    caplog.set_level(logging.DEBUG)
    told: list[Progress] = []
    client = client_of(tokens=account, told=told.append)
    url = server.at("/a", ENDINGS[how])
    texts = [repr(account), str(account), repr(client), repr(vars(account).keys())]
    for act in (
        lambda: client.bring(Wanted("test", url, "a", with_token=True), tmp_path),
        lambda: client.ask(url, with_token=True),
    ):
        try:
            texts.append(repr(act()))
        except FlighttraceError as error:
            texts += ["".join(traceback.format_exception(error)), repr(error), repr(error.__dict__)]
    assert TOKEN in str(sent(server, "/a"))  # it was at work
    assert any("urllib3" in record.name for record in caplog.records)
    texts += [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    texts += [repr(progress) for progress in told]
    texts += [path.read_bytes().decode("latin-1") + path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert [secret for secret in SECRETS for text in texts if secret in text] == []


def test_an_account_is_not_written_down(account: Tokens) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(account)


def test_a_quota_of_the_account_ends_the_run(client_of: Making, server: Server) -> None:
    tokens = Tokens(server.at("/token", status(429, Retry_After="9999")), environ=ACCOUNT)
    with pytest.raises(QuotaReached):
        client_of(tokens=tokens).ask(server.url("/a"), with_token=True)


def test_a_client_without_an_account_needs_none(client: Client, server: Server) -> None:
    assert client.ask(server.at("/a", status(200, b"[]")), with_token=True).json() == []
