"""Where a client goes, and where it does not: refused before any connection, to the very address that was checked."""

from __future__ import annotations

import itertools
import os
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from flighttrace.errors import UsageError
from flighttrace.ingest.fetch import hosts
from flighttrace.ingest.fetch.client import FetchError, Refused
from flighttrace.ingest.fetch.model import Wanted
from flighttrace.ingest.fetch.rules import Rules
from tests.fetch.conftest import Making, Network
from tests.fetch.server import Server, redirect, serving, status, whole

RULES = Rules(hosts=frozenset({"api.github.com", "mirror.test:8443"}), allowed=frozenset({"10.1.2.3", "box.lan:8080"}))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.github.com/repos",
        "https://API.GitHub.com./repos",
        "https://mirror.test:8443/a",
        "http://10.1.2.3/a",
        "https://10.1.2.3:9000/a",
        "http://box.lan:8080/a",
    ],
)
def test_known_and_allowed_hosts(url: str) -> None:
    assert hosts.checked(url, RULES).host in ("api.github.com", "mirror.test", "10.1.2.3", "box.lan")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.github.com/repos", "http is not asked, only https"),
        ("https://api.github.com:8443/repos", "no known host"),
        ("https://api.github.com.evil.test/", "no known host"),
        ("https://evil.test/?api.github.com", "no known host"),
        ("https://api.github.com@evil.test/", "a user in it"),
        ("https://user:word@api.github.com/", "a user in it"),
        ("https://evil.test\\@api.github.com/", "a user in it"),
        ("https://mirror.test/a", "no known host"),
        ("http://mirror.test:8443/a", "http is not asked, only https"),
        ("https://box.lan/a", "no known host"),
        ("file:///etc/passwd", "addresses are not followed"),
        ("ftp://api.github.com/a", "addresses are not followed"),
        ("gopher://127.0.0.1:22/", "addresses are not followed"),
        ("https://2852039166/latest", "no known host"),
        ("https://[::1]/", "no known host"),
        ("https:///a", "without a host"),
        ("https://[::1", "is no address"),
        ("https://api.github.com:99999/", "is no address"),
        ("api.github.com", "addresses are not followed"),
    ],
)
def test_other_addresses_are_refused(url: str, reason: str, network: Network) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        hosts.checked(url, RULES)
    assert "\n" not in str(refused.value)
    assert "word" not in str(refused.value)
    assert network.looked_up == []


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("10.0.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("240.0.0.1", "private|reserved"),
        ("255.255.255.255", "private|reserved"),
        ("100.64.0.1", "not public"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("2002:7f00:1::", "loopback|private"),
        ("somewhere", "no network address"),
    ],
)
def test_what_is_not_public(address: str, kind: str) -> None:
    assert re.search(kind, hosts.not_public(address)), hosts.not_public(address)


@pytest.mark.parametrize("address", ["140.82.121.5", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_is_public(address: str) -> None:
    assert hosts.not_public(address) == ""


@pytest.mark.parametrize("bad", ["127.0.0.1", "169.254.169.254", "10.0.0.8", "fd00::8"])
def test_a_known_name_that_leads_inside_is_refused_before_a_connection(
    client_of: Making, network: Network, server: Server, bad: str
) -> None:
    network.leads_to("source.test", "140.82.121.5", bad)
    client = client_of(hosts=frozenset({server.host("source.test")}), allowed=frozenset())
    with pytest.raises(Refused, match=r"source\.test:\d+ lies at .*--allow-host"):
        client.ask(server.url("/a", "source.test"))
    assert network.connected == []
    assert server.seen == []


def test_a_name_is_looked_up_once_and_the_address_checked_is_the_one_connected_to(
    client_of: Making, network: Network, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that changes its mind between the check and the connection gains nothing."""
    answers = iter([["140.82.121.5"], ["169.254.169.254"], ["127.0.0.1"]])
    true, asked = socket.getaddrinfo, []

    def changing(host: str, port: int, *args: int, **kwargs: int) -> object:
        if host == "source.test":
            asked.append(host)
            network.leads["source.test"] = next(answers)
        return true(host, port, *args, **kwargs)

    connected = []

    def to(self: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError(111, "refused here")

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    monkeypatch.setattr(socket.socket, "connect", to)
    client = client_of(hosts=frozenset({server.host("source.test")}), allowed=frozenset(), tries=1)
    with pytest.raises(FetchError, match="no connection could be made"):
        client.ask(server.url("/a", "source.test"))
    assert (asked, connected) == (["source.test"], ["140.82.121.5"])


def test_tls_is_verified_for_the_name_and_not_for_the_address(client_of: Making, server: Server) -> None:
    server.at("/a", status(200, b"{}"))
    client = client_of(hosts=frozenset({server.host("source.test")}), allowed=frozenset({server.host("source.test")}))
    assert client.ask(server.url("/a", "source.test")).json() == {}


LEADING_AWAY = {
    "another host": ("https://evil.test/a", "no known host"),
    "http": ("http://evil.test/a", "no known host"),
    "http of a known host": ("http://source.test/a", "http is not asked"),
    "link-local": ("http://169.254.169.254/latest/meta-data/", "no known host"),
    "link-local by https": ("https://169.254.169.254/latest/", "no known host"),
    "loopback": ("http://127.0.0.1:22/", "no known host"),
    "a file": ("file:///etc/passwd", "addresses are not followed"),
    "a file without slashes": ("file:/etc/passwd", "addresses are not followed"),
    "no scheme": ("//evil.test/a", "no known host"),
    "a user": ("https://source.test@evil.test/", "a user in it"),
    "a script": ("javascript:alert(1)", "addresses are not followed"),
    "nonsense": ("https://[::1/", "no address"),
}


@pytest.mark.parametrize(
    ("name", "code"), list(zip(LEADING_AWAY, itertools.cycle([301, 302, 303, 307, 308]), strict=False))
)
def test_a_redirect_away_is_refused_before_any_connection(
    client_of: Making, server: Server, network: Network, tmp_path: Path, name: str, code: int
) -> None:
    to, reason = LEADING_AWAY[name]
    client = client_of(hosts=frozenset({server.host(), "source.test"}))
    url = server.at("/a", redirect(to, code))
    with pytest.raises(Refused, match=reason) as refused:
        client.bring(Wanted("test", url, "a"), tmp_path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(url)
    assert os.listdir(tmp_path) == []
    assert (network.looked_up, set(network.connected)) == (["localhost", "127.0.0.1"], {"127.0.0.1"})
    assert len(server.seen) == 1


def test_a_redirect_to_a_known_host_is_followed_and_recorded(client_of: Making, server: Server, tmp_path: Path) -> None:
    known = frozenset({server.host(), server.host("mirror.test")})
    client = client_of(hosts=known, allowed=known)
    url = server.at("/a", redirect(server.url("/b?sig=CANARY&x=1", "mirror.test")))
    server.at("/b", whole(b"data"))
    custody = client.bring(Wanted("test", url, "a"), tmp_path)
    answered = server.url("/b?sig=…&x=…", "mirror.test")
    assert (custody.url_asked, custody.url_answered, custody.redirects) == (url, answered, (answered,))
    assert b"CANARY" not in (tmp_path / "a.custody.json").read_bytes()
    assert (tmp_path / "a").read_bytes() == b"data"


@pytest.mark.parametrize(("others", "reason"), [(["/a"], "in a circle"), (["/b", "/a"], "in a circle")])
def test_a_circle(client_of: Making, server: Server, others: list[str], reason: str) -> None:
    for at, to in zip(["/a", *others], others, strict=False):
        server.at(at, redirect(to))
    with pytest.raises(Refused, match=reason):
        client_of().ask(server.url("/a"))
    assert len(server.seen) == len(others)


def test_too_many_hops(client_of: Making, server: Server) -> None:
    for n in range(9):
        server.at(f"/{n}", redirect(f"/{n + 1}"))
    with pytest.raises(Refused, match="more than 5 times"):
        client_of().ask(server.url("/0"))
    assert len(server.seen) == 6


def test_a_redirect_without_an_address(client_of: Making, server: Server) -> None:
    server.at("/a", status(302))
    with pytest.raises(FetchError, match="answered 302 without saying where to"):
        client_of().ask(server.url("/a"))


def test_a_redirect_without_an_end_is_not_read(client_of: Making, server: Server) -> None:
    """Its body is none of ours: not even begun."""

    def endless(asked: object, reply: object) -> None:
        reply.head(302, {"Location": "/b", "Content-Length": str(1 << 40)})  # type: ignore[attr-defined]
        reply.body(b"x" * 1000)  # type: ignore[attr-defined]

    server.at("/a", endless)
    server.at("/b", status(200, b"[]"))
    assert client_of().ask(server.url("/a")).json() == []


def test_http_is_asked_where_it_is_allowed(client_of: Making) -> None:
    with serving(tls=False) as plain:
        plain.at("/a", status(200, b"[1]"))
        client = client_of(allowed=frozenset({plain.host()}), rate_per_s={plain.host(): 1e6})
        assert client.ask(plain.url("/a")).json() == [1]


def test_a_certificate_of_an_unknown_authority(client_of: Making) -> None:
    with serving(authority=trustme.CA()) as other:
        client = client_of(allowed=frozenset({other.host()}), ca_file=other.ca_file)
        with pytest.raises(FetchError, match="its certificate is not accepted") as error:
            client.ask(other.url("/a"))
        assert other.seen == []
    assert "\n" not in str(error.value)


def test_a_certificate_for_another_name(client_of: Making) -> None:
    with serving(names=("elsewhere.test",)) as other:
        client = client_of(allowed=frozenset({other.host()}), ca_file=other.ca_file)
        with pytest.raises(FetchError, match="its certificate is not accepted"):
            client.ask(other.url("/a"))
        assert other.seen == []


def test_a_certificate_that_has_ended(client_of: Making) -> None:
    with serving(ends=datetime.now(UTC) - timedelta(days=1)) as other:
        client = client_of(allowed=frozenset({other.host()}), ca_file=other.ca_file)
        with pytest.raises(FetchError, match=r"its certificate is not accepted: .*expired"):
            client.ask(other.url("/a"))
        assert other.seen == []


def test_nothing_of_the_environment_is_used(
    client_of: Making, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password CANARY\n")
    netrc.chmod(0o600)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "none.pem"))
    monkeypatch.setenv("NETRC", str(netrc))
    server.at("/a", status(200, b"[]"))
    assert client_of().ask(server.url("/a")).json() == []
    assert server.seen[0].headers.get("Authorization") is None


def test_the_environment_is_used_where_it_is_asked_for(
    client_of: Making, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.at("/a", status(200, b"[]"))
    assert client_of(trust_env=True).ask(server.url("/a")).json() == []
    assert server.seen[0].headers["Authorization"].startswith("Basic ")


def test_no_cookie_is_kept(client_of: Making, server: Server) -> None:
    server.at("/a", status(200, b"[]", Set_Cookie="a=b; Path=/"))
    client = client_of()
    client.ask(server.url("/a"))
    client.ask(server.url("/a"))
    assert [asked.headers.get("Cookie") for asked in server.seen] == [None, None]


def test_what_a_source_says_is_shown_without_its_control_characters(
    client_of: Making, server: Server, tmp_path: Path
) -> None:
    url = server.at("/a", redirect("https://evil.test/\x1b[31mred"))
    with pytest.raises(Refused) as refused:
        client_of().bring(Wanted("test", url, "a"), tmp_path)
    assert "\x1b" not in str(refused.value)
    server.at("/b", whole(b"data", headers={"Server": "\x1b[31mred", "ETag": '"\x1b"', "Content-Encoding": "\x1b"}))
    client_of().bring(Wanted("test", server.url("/b"), "b"), tmp_path)
    assert b"\x1b" not in (tmp_path / "b.custody.json").read_bytes()
    assert b"\\u001b" not in (tmp_path / "b.custody.json").read_bytes()


def test_it_says_who_it_is(client_of: Making, server: Server) -> None:
    server.at("/a", status(200, b"[]"))
    client_of().ask(server.url("/a"))
    assert server.seen[0].headers["User-Agent"].startswith("flighttrace/")


def test_no_check_of_tls_is_ever_switched_off() -> None:
    folder = Path(hosts.__file__).parent
    for path in sorted(folder.glob("*.py")):
        text = path.read_text()
        assert "verify=False" not in text
        assert "CERT_NONE" not in text


def test_an_authority_that_is_none(client_of: Making, tmp_path: Path) -> None:
    for name, content in (("none.pem", None), ("empty.pem", b"no certificate")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match=rf"^{name}: holds no certificate"):
            client_of(ca_file=tmp_path / name)
