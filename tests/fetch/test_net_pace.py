"""Waiting: as the source asks, with jitter where it does not, not longer than a run takes; two connections a host."""

from __future__ import annotations

import random
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from flighttrace.ingest.fetch import pace
from flighttrace.ingest.fetch.client import Client, FetchError, Progress, QuotaReached
from flighttrace.ingest.fetch.model import Wanted
from flighttrace.ingest.fetch.pace import asked_wait_s, credits_left
from tests.fetch.conftest import Making, Slept
from tests.fetch.server import Asked, Reply, Server, cut_at, in_turn, serving, status, whole

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
DATA = random.Random(2).randbytes(5000)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "Wed, 25 Nov 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Wed, 25 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "Wed, 25 Nov 2026 15:00:30 GMT", "Date": "Wed, 25 Nov 2026 15:00:00 GMT"}, 30),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 299}, 366 * 86400),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 366 * 86400),
        ({"X-Rate-Limit-Retry-After-Seconds": "90"}, 90),
        ({"X-Rate-Limit-Retry-After-Seconds": "90", "Retry-After": "5"}, 90),
        ({"X-Rate-Limit-Retry-After-Seconds": "much", "Retry-After": "5"}, 5),
    ],
)
def test_the_wait_that_is_asked_for(headers: dict[str, str], wait: float | None) -> None:
    assert asked_wait_s(headers, NOW) == wait


@pytest.mark.parametrize(("text", "left"), [("12", 12), ("0", 0), ("many", None), ("-1", None), ("", None)])
def test_credits(text: str, left: int | None) -> None:
    assert credits_left({"X-Rate-Limit-Remaining": text}) == left


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_retry_after_in_seconds_is_waited(
    client_of: Making, server: Server, slept: Slept, tmp_path: Path, code: int
) -> None:
    url = server.at("/a", in_turn(status(code, Retry_After="40"), whole(DATA)))
    notes: list[Progress] = []
    client_of(told=notes.append).bring(Wanted("test", url, "a"), tmp_path)
    assert (tmp_path / "a").read_bytes() == DATA
    assert sum(slept.waits) == pytest.approx(40, abs=1)
    assert f"answered {code}: asked again in 40 s" in [progress.note for progress in notes]


def test_retry_after_as_a_date_is_waited(client_of: Making, server: Server, slept: Slept) -> None:
    def busy(asked: Asked, reply: Reply) -> None:
        now = datetime.now(UTC)
        told = {"Date": format_datetime(now, usegmt=True)}
        reply.send(503, b"", told | {"Retry-After": format_datetime(now + timedelta(seconds=25), usegmt=True)})

    url = server.at("/a", in_turn(busy, status(200, b"[]")))
    assert client_of().ask(url).json() == []
    assert sum(slept.waits) == pytest.approx(25, abs=1)


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_without_retry_after_it_backs_off_with_jitter(
    client_of: Making, server: Server, slept: Slept, code: int
) -> None:
    url = server.at("/a", in_turn(*[status(code)] * 5, status(200, b"[]")))
    assert client_of().ask(url).json() == []
    least = [0, 1, 2, 4, 8]
    assert len(slept.waits) == 5
    assert all(low <= wait <= low + pace.JITTER_S for low, wait in zip(least, slept.waits, strict=True))
    assert len({wait % 1 for wait in slept.waits}) == 5


def test_the_jitter_is_of_the_seed(client_of: Making, server: Server) -> None:
    def waits(seed: int) -> list[float]:
        slept = Slept(seed)
        url = server.at("/a", in_turn(*[status(503)] * 5, status(200, b"[]")))
        client = client_of(clock=slept.clock)
        client.ask(url)
        return slept.waits

    assert waits(3) == waits(3) != waits(4)


def test_a_server_that_stays_broken(client_of: Making, server: Server, tmp_path: Path) -> None:
    url = server.at("/a", status(503))
    with pytest.raises(FetchError, match=r"^https://localhost:\d+/a: answered 503 \(tried 6 times\)$"):
        client_of().bring(Wanted("test", url, "a"), tmp_path)
    assert len(server.seen) == 6
    assert list(tmp_path.iterdir()) == []


def test_a_quota_that_stays_reached_says_when_to_go_on(client_of: Making, server: Server, slept: Slept) -> None:
    url = server.at("/a", status(429))
    with pytest.raises(QuotaReached, match=r"does not say for how long; run the same command again from") as error:
        client_of().ask(url)
    assert len(server.seen) == 6
    assert (error.value.again_utc - slept.clock.now_utc()).total_seconds() == pytest.approx(3600, abs=5)


@pytest.mark.parametrize("code", [429, 503])
def test_a_longer_wait_than_a_run_takes_ends_it(client_of: Making, server: Server, slept: Slept, code: int) -> None:
    url = server.at("/a", status(code, Retry_After="7200"))
    client = client_of()
    with pytest.raises(QuotaReached, match=rf"answered {code}; run the same command again from") as error:
        client.ask(url)
    assert (error.value.again_utc - datetime.now(UTC)).total_seconds() == pytest.approx(7200, abs=5)
    assert f"{error.value.again_utc:%Y-%m-%d %H:%M:%S}Z" in str(error.value)
    assert (len(server.seen), slept.waits) == (1, [])
    with pytest.raises(QuotaReached):  # and the host is left alone until then
        client.ask(server.url("/b"))
    assert len(server.seen) == 1


def test_the_credits_header_says_how_long(client_of: Making, server: Server) -> None:
    headers = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Retry-After-Seconds": "5000"}
    url = server.at("/a", lambda asked, reply: reply.send(429, b"", headers))
    client = client_of()
    with pytest.raises(QuotaReached) as error:
        client.ask(url)
    assert (error.value.again_utc - datetime.now(UTC)).total_seconds() == pytest.approx(5000, abs=5)
    assert dict(client.credits) == {"localhost": 0}


def test_no_credits_and_no_wait_told_is_not_tried_again(client_of: Making, server: Server) -> None:
    url = server.at("/a", lambda asked, reply: reply.send(429, b"", {"X-Rate-Limit-Remaining": "0"}))
    with pytest.raises(QuotaReached, match="does not say for how long"):
        client_of().ask(url)
    assert len(server.seen) == 1


def test_the_last_credit_stops_before_the_next_question(client_of: Making, server: Server) -> None:
    headers = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Retry-After-Seconds": "5000"}
    url = server.at("/a", lambda asked, reply: reply.send(200, b"[]", headers))
    client = client_of()
    assert client.ask(url).json() == []
    with pytest.raises(QuotaReached, match="asked to be left alone"):
        client.ask(url)
    assert len(server.seen) == 1


def test_a_quota_in_mid_run_keeps_the_part(client_of: Making, server: Server, tmp_path: Path) -> None:
    cut = whole(DATA, sending=cut_at(2000))
    url = server.at("/a", in_turn(cut, status(429, Retry_After="7200"), whole(DATA)))
    with pytest.raises(QuotaReached):
        client_of().bring(Wanted("test", url, "a"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.part", "a.part.json"]
    custody = client_of().bring(Wanted("test", url, "a"), tmp_path)
    assert (tmp_path / "a").read_bytes() == DATA
    assert custody.pieces == 2
    assert server.seen[-1].headers["Range"] == "bytes=2000-"


def test_the_rate_is_kept(client_of: Making, server: Server, slept: Slept) -> None:
    url = server.at("/a", status(200, b"[]"))
    client = client_of(rate_per_s={server.host(): 0.1})
    for _ in range(3):
        client.ask(url)
    assert len(slept.waits) == 2
    assert sum(slept.waits) == pytest.approx(20, abs=2)


def test_a_host_without_a_rate_is_asked_once_a_second(client_of: Making, server: Server, slept: Slept) -> None:
    url = server.at("/a", status(200, b"[]"))
    client = client_of(rate_per_s={})
    for _ in range(4):
        client.ask(url)
    assert sum(slept.waits) == pytest.approx(3, abs=1)


def ask_at_once(client: Client, urls: list[str], full: threading.Semaphore, open_now: threading.Event) -> None:
    """A thread an address; the answers are held until two are asked for, and a moment more."""
    threads = [threading.Thread(target=client.ask, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    assert full.acquire(timeout=10)
    assert full.acquire(timeout=10)
    time.sleep(0.1)  # a third would come now
    open_now.set()
    for thread in threads:
        thread.join(10)


def test_two_connections_a_host_over_all_threads(client_of: Making, server: Server) -> None:
    full, open_now = threading.Semaphore(0), threading.Event()

    def held(asked: Asked, reply: Reply) -> None:
        full.release()
        open_now.wait(10)
        reply.send(200, b"[]")

    url, client = server.at("/a", held), client_of()
    ask_at_once(client, [url] * 6, full, open_now)
    assert len(server.seen) == 6
    assert server.most_at_once == 2


def test_two_connections_a_host_over_all_its_ports(client_of: Making, server: Server) -> None:
    """A source and its mirror on one machine are one host."""
    full, open_now, lock, at_once = threading.Semaphore(0), threading.Event(), threading.Lock(), [0, 0]

    def held(asked: Asked, reply: Reply) -> None:
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once)
        full.release()
        open_now.wait(10)
        with lock:
            at_once[0] -= 1
        reply.send(200, b"[]")

    with serving(authority=server.authority) as other:
        hosts = {server.host(), other.host()}
        client = client_of(allowed=frozenset(hosts), rate_per_s=dict.fromkeys(hosts, 1e6))
        urls = [one.at("/a", held) for one in (server, other)] * 3
        ask_at_once(client, urls, full, open_now)
        assert len(server.seen) + len(other.seen) == 6
    assert at_once == [0, 2]


def test_a_name_that_cannot_be_looked_up_is_tried_again(
    client_of: Making, server: Server, slept: Slept, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, failing = socket.getaddrinfo, iter([True, True])

    def at_times(*args: object, **kwargs: object) -> object:
        if next(failing, False):
            raise socket.gaierror(-3, "try again")
        return true(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", at_times)
    url = server.at("/a", status(200, b"[]"))
    assert client_of().ask(url).json() == []
    assert len(slept.waits) == 2


def test_nobody_listens(client_of: Making, server: Server) -> None:
    client = client_of(allowed=frozenset({"localhost:1"}), rate_per_s={"localhost:1": 1e6})
    with pytest.raises(FetchError, match=r"^https://localhost:1/a: no connection could be made \(tried 6 times\)$"):
        client.ask("https://localhost:1/a")


def test_the_total_time_ends_the_waiting(client_of: Making, server: Server, slept: Slept, tmp_path: Path) -> None:
    url = server.at("/a", status(503, Retry_After="50"))
    with pytest.raises(FetchError, match="answered 503; not done in the 120 s that a file may take"):
        client_of(total_s=120).bring(Wanted("test", url, "a"), tmp_path)
    assert len(server.seen) == 3
