"""What came is what was wanted: length, form, digest, size; else one line, and nothing half-kept."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import random
import re
import socket
import tarfile
import threading
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from flighttrace.ingest.fetch.client import Client, FetchError
from flighttrace.ingest.fetch.faults import answered
from flighttrace.ingest.fetch.forms import not_of_form
from flighttrace.ingest.fetch.model import Wanted
from tests.fetch.conftest import Making
from tests.fetch.server import (
    Asked,
    Handler,
    Reply,
    Server,
    bomb,
    cut_at,
    drips,
    in_turn,
    page,
    status,
    whole,
)
from tests.fetch.server.faults import etag_of

DATA = random.Random(5).randbytes(100_000)
MIB = 1 << 20


def wanted(url: str, **more: object) -> Wanted:
    return Wanted("test", url, "a.bin", **more)  # type: ignore[arg-type]


def refused(client: Client, url: str, folder: Path, reason: str, **more: object) -> None:
    """One line that names the address, and an empty folder."""
    with pytest.raises(FetchError, match=reason) as error:
        client.bring(wanted(url, **more), folder)
    assert str(error.value).startswith(f"{url}: ")
    assert "\n" not in str(error.value)
    assert os.listdir(folder) == []


# -- lengths -----------------------------------------------------------------------------------------------------------


def lying(told: int | str, *, etag: str | None = None) -> Handler:
    def answer(asked: Asked, reply: Reply) -> None:
        reply.head(200, {"Content-Length": str(told), "ETag": etag_of(DATA) if etag is None else etag})
        reply.body(DATA)

    return answer


def test_more_told_than_sent_is_gone_on_with(client: Client, server: Server, tmp_path: Path) -> None:
    """By the length told the rest is missing; the source then says that there is none, and is asked anew."""
    url = server.at("/a.bin", in_turn(lying(len(DATA) + 5), whole(DATA)))
    custody = client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert server.seen[1].headers["Range"] == f"bytes={len(DATA)}-"
    assert len(custody.notes) == 1


def test_more_told_than_sent_for_ever(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", lying(len(DATA) + 5, etag=""))
    refused(client, url, tmp_path, "begun anew 4 times")


def test_less_told_than_sent(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", lying(len(DATA) - 5))
    refused(client, url, tmp_path, "more came than Content-Length told")


def test_less_told_than_sent_by_far(client: Client, server: Server, tmp_path: Path) -> None:
    refused(client, server.at("/a.bin", lying(600)), tmp_path, "more came than Content-Length told")


@pytest.mark.parametrize("told", [99_000, 100_001])
def test_another_size_than_the_source_lists(client: Client, server: Server, tmp_path: Path, told: int) -> None:
    url = server.at("/a.bin", whole(DATA))
    refused(client, url, tmp_path, f"the source lists {told} bytes and sends 100000", size_bytes=told)


@pytest.mark.parametrize("told", ["many", "-5", "+5", "1e3", "0x10", "5, 6"])
def test_a_length_that_is_none(client: Client, server: Server, tmp_path: Path, told: str) -> None:
    with pytest.raises(FetchError, match=r"is no length|cannot be read"):
        client.bring(wanted(server.at("/a.bin", lying(told))), tmp_path)
    assert os.listdir(tmp_path) == []


def in_chunks(data: bytes, *, end: bool = True) -> Handler:
    def answer(asked: Asked, reply: Reply) -> None:
        reply.head(200, {"Transfer-Encoding": "chunked", "ETag": etag_of(data)})
        for start in range(0, len(data), 30_000):
            block = data[start : start + 30_000]
            reply.body(b"%x\r\n%b\r\n" % (len(block), block))
        if end:
            reply.body(b"0\r\n\r\n")

    return answer


def test_chunks_are_put_together(client: Client, server: Server, tmp_path: Path) -> None:
    custody = client.bring(wanted(server.at("/a.bin", in_chunks(DATA))), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert custody.notes == ("the source told no length: an early end would not show",)


def test_chunks_of_a_file_whose_size_is_listed(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", in_chunks(DATA))
    assert client.bring(wanted(url, size_bytes=len(DATA)), tmp_path).notes == ()


def test_chunks_without_their_end_are_gone_on_with(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", in_turn(in_chunks(DATA[:60_000], end=False), whole(DATA[:60_000])))
    client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA[:60_000]


def test_chunks_beyond_the_listed_size(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", in_chunks(DATA))
    refused(client, url, tmp_path, "more came than the 50000 bytes that were told", size_bytes=50_000)


def to_the_end_of_the_connection(data: bytes) -> Handler:
    def answer(asked: Asked, reply: Reply) -> None:
        reply.head(200, {"ETag": etag_of(DATA)})
        reply.body(data)
        reply.cut()

    return answer


def test_an_end_of_the_connection_before_the_listed_size(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", in_turn(to_the_end_of_the_connection(DATA[:60_000]), whole(DATA)))
    assert client.bring(wanted(url, size_bytes=len(DATA)), tmp_path).pieces == 2
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_a_length_that_nobody_told_is_noted(client: Client, server: Server, tmp_path: Path) -> None:
    custody = client.bring(wanted(server.at("/a.bin", to_the_end_of_the_connection(DATA))), tmp_path)
    assert custody.notes == ("the source told no length: an early end would not show",)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_a_listed_size_beyond_the_limit_is_not_asked_for(client_of: Making, server: Server, tmp_path: Path) -> None:
    client = client_of(most_bytes=1000)
    refused(client, server.at("/a.bin", whole(DATA)), tmp_path, "the source lists 1001 bytes", size_bytes=1001)
    assert server.seen == []


@pytest.mark.parametrize("of", ["rules", "wanted"])
def test_a_told_size_beyond_the_limit_is_not_read(client_of: Making, server: Server, tmp_path: Path, of: str) -> None:
    client = client_of(most_bytes=99_999) if of == "rules" else client_of()
    more = {"most_bytes": 99_999} if of == "wanted" else {}
    reason = "it is of 100000 bytes, more than the 99999 that are taken"
    refused(client, server.at("/a.bin", whole(DATA)), tmp_path, reason, **more)


def test_a_size_beyond_the_limit_that_nobody_told(client_of: Making, server: Server, tmp_path: Path) -> None:
    client = client_of(most_bytes=99_999)
    refused(client, server.at("/a.bin", in_chunks(DATA)), tmp_path, "more than 99999 bytes came")


def test_a_body_without_an_end(client_of: Making, server: Server, tmp_path: Path) -> None:
    def endless(asked: Asked, reply: Reply) -> None:
        reply.head(200)
        while True:
            reply.body(b"x" * 10_000)

    refused(client_of(most_bytes=MIB), server.at("/a.bin", endless), tmp_path, f"more than {MIB} bytes came")


def test_a_file_of_exactly_the_limit(client_of: Making, server: Server, tmp_path: Path) -> None:
    client_of(most_bytes=len(DATA)).bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA


# -- digests -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sha256", "md5", "sha1", "sha512"])
def test_the_sources_own_digest(client: Client, server: Server, tmp_path: Path, kind: str) -> None:
    digest = f"{kind}:{hashlib.new(kind, DATA).hexdigest().upper()}"
    custody = client.bring(wanted(server.at("/a.bin", whole(DATA)), digest=digest), tmp_path)
    assert (custody.source_digest, custody.digest_agrees) == (digest, True)
    assert custody.sha256 == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("digest", ["sha256:" + "0" * 64, "md5:" + "0" * 32])
def test_a_wrong_digest(client: Client, server: Server, tmp_path: Path, digest: str) -> None:
    reason = f"the {digest.partition(':')[0]} of what came is not the source's own"
    refused(client, server.at("/a.bin", whole(DATA)), tmp_path, reason, digest=digest)
    assert len(server.seen) == 1


def test_a_digest_is_of_the_whole_and_not_of_the_last_piece(client: Client, server: Server, tmp_path: Path) -> None:
    """A part that someone changed between two runs is found out."""
    url = server.at("/a.bin", in_turn(whole(DATA, sending=cut_at(60_000)), status(403)))
    digest = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
    with pytest.raises(FetchError, match="answered 403"):
        client.bring(wanted(url, digest=digest), tmp_path)
    with open(tmp_path / "a.bin.part", "r+b") as file:
        file.write(b"changed")
    server.at("/a.bin", whole(DATA))
    refused(client, url, tmp_path, "the sha256 of what came is not the source's own", digest=digest)


@pytest.mark.parametrize("digest", ["sha256:", "sha256:12", "crc32:00000000", "0" * 64, "sha256:" + "g" * 64])
def test_a_digest_that_cannot_be_compared(client: Client, server: Server, tmp_path: Path, digest: str) -> None:
    refused(client, server.at("/a.bin", whole(DATA)), tmp_path, "is none that can be compared", digest=digest)
    assert server.seen == []


# -- forms -------------------------------------------------------------------------------------------------------------


def a_tar(kind: int) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=kind) as tar:
        member = tarfile.TarInfo("traces/00/trace_full_000000.json")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"hello"))
    return made.getvalue()


GOOD = [
    ("gzip", gzip.compress(b"{}", mtime=0)),
    ("tar", a_tar(tarfile.USTAR_FORMAT)),
    ("tar", a_tar(tarfile.GNU_FORMAT)),
    ("tar", a_tar(tarfile.PAX_FORMAT)),
    ("tar", bytes(10240)),
    ("json", b'{"a": 1}'),
    ("json", b"\xef\xbb\xbf \r\n[]"),
    ("csv", b"time,icao24\n1,4ca1fa\n"),
    ("csv", b"a;b\n"),
    ("", b"any"),
    ("", bytes(600)),
]
PAGE = b"<!DOCTYPE html><html><body>Rate limit exceeded, please wait</body></html>"
BAD = [
    *[(form, body) for form in ("gzip", "tar", "json", "csv", "") for body in (PAGE, b"\n <HTML>" + PAGE, b"")],
    ("gzip", b"PK\x03\x04"),
    ("gzip", b"\x1f"),
    ("tar", gzip.compress(b"x" * 600, mtime=0)),
    ("tar", b"x" * 600),
    ("tar", a_tar(tarfile.USTAR_FORMAT)[:100]),
    ("tar", b"T" + a_tar(tarfile.USTAR_FORMAT)[1:]),
    ("json", b"null"),
    ("json", b"too many requests"),
    ("json", b"<error>no</error>"),
    ("csv", b"too many requests\n"),
    ("csv", b'{"error": "a, b"}'),
    ("csv", b"\0,\0,"),
    ("csv", b"<error>a, b</error>"),
]


@pytest.mark.parametrize(("form", "body"), GOOD)
def test_the_form_that_is_wanted(client: Client, server: Server, tmp_path: Path, form: str, body: bytes) -> None:
    client.bring(wanted(server.at("/a.bin", whole(body)), form=form), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == body


@pytest.mark.parametrize(("form", "body"), BAD)
def test_another_form(client: Client, server: Server, tmp_path: Path, form: str, body: bytes) -> None:
    refused(client, server.at("/a.bin", whole(body)), tmp_path, "answered 200, but .*nothing of it is kept", form=form)


def test_a_page_with_status_200(client: Client, server: Server, tmp_path: Path) -> None:
    refused(client, server.at("/a.bin", page()), tmp_path, "a page came where json was expected", form="json")


def test_a_large_page_is_not_read_to_its_end(client: Client, server: Server, tmp_path: Path) -> None:
    def huge(asked: Asked, reply: Reply) -> None:
        reply.head(200, {"Content-Length": str(1 << 32)})
        while True:
            reply.body(b"<html>" + b" " * 10_000)

    refused(client, server.at("/a.bin", huge), tmp_path, "a page came where tar was expected", form="tar")


def test_a_form_that_is_none(client: Client, server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"'zip' is no form \(known: csv, gzip, json, tar\)"):
        client.bring(wanted(server.url("/a.bin"), form="zip"), tmp_path)


def test_json_in_gzip_by_its_encoding_is_looked_at_as_sent() -> None:
    assert not_of_form(gzip.compress(b"{}", mtime=0), "json", "gzip") == ""
    assert "is not" in not_of_form(b"{}", "json", "gzip")


@pytest.mark.parametrize("code", [400, 401, 403, 405, 418, 451, 501, 505, 204, 202, 304])
def test_other_statuses(client: Client, server: Server, tmp_path: Path, code: int) -> None:
    refused(client, server.at("/a.bin", status(code)), tmp_path, rf"{re.escape(answered(code))}$")
    assert len(server.seen) == 1


# -- encodings and bombs -----------------------------------------------------------------------------------------------


def test_bytes_are_kept_as_they_were_sent(client: Client, server: Server, tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a": 1}' * 1000, mtime=0)
    url = server.at("/a.bin", whole(packed, headers={"Content-Encoding": "gzip"}))
    custody = client.bring(wanted(url, form="json"), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == packed
    assert server.seen[0].headers["Accept-Encoding"] == "identity"
    assert custody.notes == ("sent with Content-Encoding gzip, and kept as sent",)
    assert custody.headers["Content-Encoding"] == "gzip"


def test_a_bomb_is_brought_as_the_small_file_that_it_is(client: Client, server: Server, tmp_path: Path) -> None:
    """It goes off nowhere: nothing is undone on the way; the readers have limits of their own."""
    tracemalloc.start()
    try:
        url = server.at("/a.bin", bomb(64 * MIB))
        client.bring(wanted(url, form="json"), tmp_path)
    finally:
        tracemalloc.stop()
    assert (tmp_path / "a.bin").stat().st_size < MIB


def test_a_bomb_that_is_asked_for(client: Client, server: Server) -> None:
    url = server.at("/a", bomb(256 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match=f"more than the {4 * MIB} bytes that a document may have"):
            client.ask(url, most_bytes=4 * MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * MIB
    assert len(server.seen) == 1


def test_a_document_of_several_gzip_members(client: Client, server: Server) -> None:
    body = gzip.compress(b'{"a":', mtime=0) + gzip.compress(b" 1}", mtime=0)
    url = server.at("/a", status(200, body, Content_Encoding="gzip"))
    assert client.ask(url).json() == {"a": 1}
    assert server.seen[0].headers["Accept-Encoding"] == "gzip"


def test_a_document_of_many_members_that_are_a_bomb_together(client: Client, server: Server) -> None:
    url = server.at("/a", status(200, gzip.compress(bytes(MIB), mtime=0) * 10, Content_Encoding="gzip"))
    with pytest.raises(FetchError, match="that a document may have"):
        client.ask(url, most_bytes=4 * MIB)


def test_a_document_whose_gzip_is_cut_is_asked_for_again(client: Client, server: Server) -> None:
    body = gzip.compress(json.dumps(list(range(1000))).encode(), mtime=0)
    cut = status(200, body[:-9], Content_Encoding="gzip")
    url = server.at("/a", in_turn(cut, status(200, body, Content_Encoding="gzip")))
    assert client.ask(url).json() == list(range(1000))
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"not gzip at all", "gzip", "its gzip is damaged"),
        (zlib.compress(b"{}"), "deflate", "'deflate'|deflate was not asked for"),
        (b"{}", "br", "br was not asked for"),
        (b"{}", "gzip, gzip", "was not asked for"),
    ],
)
def test_documents_that_cannot_be_decoded(
    client: Client, server: Server, body: bytes, encoding: str, reason: str
) -> None:
    url = server.at("/a", status(200, body, Content_Encoding=encoding))
    with pytest.raises(FetchError, match=reason):
        client.ask(url)


@pytest.mark.parametrize("told", [True, False])
def test_a_document_that_is_too_large(client: Client, server: Server, told: bool) -> None:
    url = server.at("/a", status(200, DATA) if told else in_chunks(DATA))
    with pytest.raises(FetchError, match="more than the 99999 bytes that a document may have"):
        client.ask(url, most_bytes=99_999)


def test_a_document_cut_in_mid_body_is_asked_for_again(client: Client, server: Server) -> None:
    body = json.dumps(list(range(1000))).encode()
    url = server.at("/a", in_turn(whole(body, sending=cut_at(500)), whole(body)))
    assert client.ask(url).json() == list(range(1000))


@pytest.mark.parametrize(("body", "reason"), [(PAGE, "answered 200 with a page"), (b"{", "with no JSON")])
def test_a_document_that_is_no_json(client: Client, server: Server, body: bytes, reason: str) -> None:
    with pytest.raises(FetchError, match=reason):
        client.ask(server.at("/a", status(200, body))).json()


def test_a_document_that_is_not_there(client: Client, server: Server) -> None:
    answer = client.ask(server.at("/a", status(404, b"[]")))
    assert (answer.status, answer.content) == (404, b"[]")
    with pytest.raises(FetchError, match="does not hold it"):
        answer.json()


def test_the_query_of_a_document(client: Client, server: Server) -> None:
    url = server.at("/a", status(200, b"[]"))
    answer = client.ask(url, params={"airport": "LLOV", "x": "a&b=c"})
    assert server.seen[0].query == {"airport": ["LLOV"], "x": ["a&b=c"]}
    assert answer.url == f"{url}?airport=LLOV&x=a%26b%3Dc"


# -- dripping ----------------------------------------------------------------------------------------------------------

SLOWLY = {"slow_s": 0.15, "slow_bytes": 1000, "tries": 2}
SHORT = DATA[:5200]
"""Its last 200 bytes drip, for two seconds where nothing ends it."""


def test_a_drip_in_the_body(client_of: Making, server: Server, tmp_path: Path) -> None:
    first, rest = (whole(SHORT, sending=drips(0.01, after=after)) for after in (5000, 0))
    url = server.at("/a.bin", in_turn(first, rest))
    with pytest.raises(FetchError, match=r"fewer than 1000 bytes came in 0.15 s \(tried 2 times\)$"):
        client_of(**SLOWLY).bring(wanted(url), tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["a.bin.part", "a.bin.part.json"]
    server.at("/a.bin", whole(SHORT))
    assert client_of().bring(wanted(url), tmp_path).pieces == 3
    assert (tmp_path / "a.bin").read_bytes() == SHORT


def test_a_drip_that_ends_is_gone_on_with(client_of: Making, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", in_turn(whole(SHORT, sending=drips(0.01, after=5000)), whole(SHORT)))
    client_of(**SLOWLY).bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == SHORT
    assert len(server.seen) == 2


def test_a_drip_in_a_document(client_of: Making, server: Server) -> None:
    url = server.at("/a", whole(b"[" + b" " * 200 + b"]", sending=drips(0.01)))
    with pytest.raises(FetchError, match="fewer than 1000 bytes came"):
        client_of(**SLOWLY).ask(url)


def test_a_drip_that_is_quick_enough_ends_with_the_total_time(
    client_of: Making, server: Server, tmp_path: Path
) -> None:
    url = server.at("/a.bin", whole(DATA, sending=drips(0.01, size=600)))
    client = client_of(slow_s=0.1, slow_bytes=1, total_s=0.5)
    with pytest.raises(FetchError, match=r"not done in the 0\.5 s that a file may take"):
        client.bring(wanted(url), tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["a.bin.part", "a.bin.part.json"]


def test_silence_in_the_body(client_of: Making, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA, sending=drips(0.6, after=5000)))
    with pytest.raises(FetchError, match="the answer fell silent"):
        client_of(read_s=0.2, tries=1).bring(wanted(url), tmp_path)


def test_silence_before_the_head(client_of: Making, server: Server) -> None:
    url = server.at("/a", lambda asked, reply: time.sleep(0.6))
    with pytest.raises(FetchError, match=r"no answer in time|broke off before an answer"):
        client_of(read_s=0.2, tries=1).ask(url)


def test_a_drip_in_the_head(client_of: Making, server: Server) -> None:
    """Each byte comes before a read would be over: the whole head has its time, too."""

    def dripping(asked: Asked, reply: Reply) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]":
            reply.body(bytes([byte]))
            time.sleep(0.02)

    url = server.at("/a", dripping)
    with pytest.raises(FetchError, match="broke off before an answer"):
        client_of(read_s=0.2, tries=1).ask(url)


def test_a_drip_in_the_handshake(client_of: Making, server: Server) -> None:
    """Between the server and the client, who passes on a byte every two thousandths of a second."""
    server.at("/a", status(200, b"[]"))

    def pass_on(source: socket.socket, to: socket.socket, every_s: float) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 if every_s else 65536):
                time.sleep(every_s)
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)

    def between(listening: socket.socket) -> None:
        caller, _ = listening.accept()
        with caller, socket.create_connection(("127.0.0.1", server.port)) as called:
            forth = threading.Thread(target=pass_on, args=(caller, called, 0), daemon=True)
            forth.start()
            pass_on(called, caller, 0.002)
            forth.join(5)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=between, args=(listening,), daemon=True).start()
        place = f"localhost:{listening.getsockname()[1]}"
        client = client_of(allowed=frozenset({place}), rate_per_s={place: 1e6}, connect_s=0.1, tries=1)
        with pytest.raises(FetchError, match="no answer in time"):
            client.ask(f"https://{place}/a")
    assert server.seen == []


def test_what_follows_an_answer_is_no_second_answer(client: Client, server: Server) -> None:
    """Bytes beyond an answer's end never pass for the next one's, even where the server keeps the connection."""
    extra = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"b": 1}'

    def smuggling(asked: Asked, reply: Reply) -> None:
        reply.head(200, {"Content-Length": "2", "Connection": ""})
        reply.body(b"[]" + extra)
        reply.keep()

    first, second = server.at("/a", smuggling), server.at("/b", status(200, b"[2]"))
    with pytest.raises(FetchError, match="more came than Content-Length told"):
        client.ask(first)
    assert client.ask(second).json() == [2]


def test_what_follows_an_answer_in_chunks_is_no_second_answer(client: Client, server: Server) -> None:
    extra = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"b": 1}'

    def smuggling(asked: Asked, reply: Reply) -> None:
        reply.head(200, {"Transfer-Encoding": "chunked", "Connection": ""})
        end = b"2\r\n[]\r\n0\r\n\r\n"  # and beyond what http.client reads at a time, in one record of TLS
        reply.body(end + b" " * (io.DEFAULT_BUFFER_SIZE - len(end)) + extra)
        reply.keep()

    first, second = server.at("/a", smuggling), server.at("/b", status(200, b"[2]"))
    assert client.ask(first).json() == []
    assert client.ask(second).json() == [2]


def test_a_server_that_keeps_the_connection(client: Client, server: Server, tmp_path: Path) -> None:
    def kept(asked: Asked, reply: Reply) -> None:
        whole(DATA, headers={"Connection": "keep-alive"})(asked, reply)
        reply.keep()

    url = server.at("/a.bin", kept)
    client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA


# -- a beginning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranges", [True, False])
def test_of_a_large_file_its_beginning_alone_is_asked_for_and_taken(
    client: Client, server: Server, ranges: bool
) -> None:
    data = random.Random(7).randbytes(3 * MIB)
    url = server.at("/a.bin", whole(data, ranges=ranges))
    answer = client.ask(url, most_bytes=MIB, first_bytes=70_000)
    assert answer.content == data[:70_000]
    assert server.seen[0].headers["Range"] == "bytes=0-69999"
    assert server.seen[0].headers["Accept-Encoding"] == "identity"
    assert client.ask(url, first_bytes=4 * MIB).content == data  # shorter than what was asked for


def test_a_beginning_is_never_decoded(client: Client, server: Server) -> None:
    packed = gzip.compress(random.Random(8).randbytes(100_000), mtime=0)
    url = server.at("/a.bin", whole(packed, headers={"Content-Encoding": "gzip"}))
    assert client.ask(url, first_bytes=1000).content == packed[:1000]


def test_a_beginning_that_breaks_off_is_asked_for_again(client: Client, server: Server) -> None:
    data = random.Random(9).randbytes(100_000)
    url = server.at("/a.bin", in_turn(whole(data, sending=cut_at(500)), whole(data)))
    assert client.ask(url, first_bytes=50_000).content == data[:50_000]
    assert len(server.seen) == 2
