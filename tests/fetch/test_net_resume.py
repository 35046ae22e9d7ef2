"""Files that come in pieces: byte-identical in the end, or nothing at all."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from email.utils import formatdate
from pathlib import Path

import pytest

from flighttrace.ingest.fetch import resume
from flighttrace.ingest.fetch.client import Client, FetchError, NotThere, Progress, Refused
from flighttrace.ingest.fetch.custody import read_record
from flighttrace.ingest.fetch.model import Wanted
from flighttrace.version import VERSION
from tests.fetch.conftest import Making, Slept
from tests.fetch.server import Asked, Handler, Reply, Server, cut_at, gone_on_with, in_turn, redirect, status, whole
from tests.fetch.server.faults import etag_of, long_ago

DATA = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(250_000)


def wanted(url: str, **more: object) -> Wanted:
    return Wanted("test", url, "a.bin", **more)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def interrupted(client: Client, server: Server, folder: Path, handler: Handler, *, at: int = 100_000) -> str:
    """A run that ends for good after `at` bytes, and leaves its part. Returns the address."""
    url = server.at("/a.bin", in_turn(handler, status(403)))
    with pytest.raises(FetchError, match="answered 403"):
        client.bring(wanted(url), folder)
    return url


def test_the_record(client_of: Making, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA, headers={"Content-Type": "application/x-tar", "X-Secret": "no"}))
    client = client_of(terms={"test": "ODbL"})
    digest = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
    asked = wanted(url, params={"b": "2", "a": "x y"}, digest=digest, day=date(2023, 9, 14), size_bytes=len(DATA))
    custody = client.bring(asked, tmp_path / "new" / "folder")
    assert json.loads((tmp_path / "new/folder/a.bin.custody.json").read_bytes()) == json.loads(
        json.dumps(asdict(custody))
    )
    assert read_record(tmp_path / "new" / "folder", "a.bin") == custody
    assert custody.headers.keys() == {"Content-Length", "Content-Type", "Date", "ETag"}
    assert custody.utc[:2] == "20"
    assert custody.utc.endswith("Z")
    assert custody.utc_last == custody.utc
    assert (custody.url_asked, custody.url_answered, custody.redirects) == (f"{url}?b=2&a=x+y",) * 2 + ((),)
    assert (custody.source, custody.name, custody.status, custody.size_bytes) == ("test", "a.bin", 200, len(DATA))
    assert (custody.sha256, custody.source_digest, custody.digest_agrees) == (digest[7:], digest, True)
    assert (custody.pieces, custody.tool, custody.terms) == (1, f"flighttrace {VERSION}", "ODbL")
    assert (custody.day, custody.notes) == ("2023-09-14", ())


@pytest.mark.parametrize("cut", [0, 1, 511, 512, 513, 65_535, 65_536, 150_000, 299_999])
@pytest.mark.parametrize("told", [True, False])
def test_cut_at_any_byte(client: Client, server: Server, tmp_path: Path, cut: int, told: bool) -> None:
    """With a length that was told, and in chunks, where none is."""
    if told:
        first = whole(DATA, sending=cut_at(cut))
    else:

        def first(asked: Asked, reply: Reply) -> None:
            reply.head(200, {"Transfer-Encoding": "chunked", "ETag": etag_of(DATA)})
            reply.body(b"%x\r\n" % len(DATA) + DATA[:cut])
            reply.cut()

    url = server.at("/a.bin", in_turn(first, whole(DATA)))
    custody = client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert names(tmp_path) == ["a.bin", "a.bin.custody.json"]
    assert custody.sha256 == hashlib.sha256(DATA).hexdigest()
    kept = cut if cut >= 512 else 0
    assert server.seen[1].headers.get("Range") == (f"bytes={kept}-" if kept else None)
    assert server.seen[1].headers.get("If-Range") == (etag_of(DATA) if kept else None)
    assert (custody.pieces, custody.notes) == (2 if kept else 1, ())


def test_cut_in_the_head_of_the_answer(client_of: Making, server: Server, tmp_path: Path) -> None:
    """At every byte: in a name, in a value, between two lines, before the empty one."""
    head = b"HTTP/1.1 302 Found\r\nLocation: /b.bin\r\nContent-Length: 0\r\n\r\n"

    def cut(asked: Asked, reply: Reply) -> None:
        reply.body(head[: next(at)])
        reply.cut()

    at = iter(range(len(head)))
    server.at("/b.bin", whole(DATA))
    url = server.at("/a.bin", in_turn(*[cut] * len(head), redirect("/b.bin")))
    client = client_of(tries=len(head) + 1)
    assert client.bring(wanted(url), tmp_path).pieces == 1
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_cut_again_and_again_with_something_gained(client: Client, server: Server, tmp_path: Path) -> None:
    """Twelve cuts, twice as many as tries: each piece is worth one."""
    data = random.Random(3).randbytes(70_000 * 13)
    url = server.at("/a.bin", gone_on_with(data, *[70_000] * 12))
    assert client.bring(wanted(url), tmp_path).pieces == 13
    assert (tmp_path / "a.bin").read_bytes() == data


def test_cut_again_and_again_with_little_gained(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA, sending=cut_at(1000)))
    with pytest.raises(FetchError, match=r"/a.bin: the answer broke off \(tried 6 times\)$"):
        client.bring(wanted(url), tmp_path)
    assert names(tmp_path) == ["a.bin.part", "a.bin.part.json"]
    assert (tmp_path / "a.bin.part").read_bytes() == DATA[:6000]


def test_the_record_tells_when_the_first_and_when_the_last_piece_came(
    client_of: Making, server: Server, slept: Slept, tmp_path: Path
) -> None:
    then, later = datetime(2031, 1, 1, tzinfo=UTC), datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
    interrupted(
        client_of(clock=replace(slept.clock, now_utc=lambda: then)),
        server,
        tmp_path,
        whole(DATA, sending=cut_at(100_000)),
    )
    url = server.at("/a.bin", whole(DATA))
    custody = client_of(clock=replace(slept.clock, now_utc=lambda: later)).bring(wanted(url), tmp_path)
    assert (custody.utc, custody.utc_last) == ("2031-01-01T00:00:00Z", "2031-02-03T04:05:06Z")
    assert read_record(tmp_path, "a.bin") == custody


def test_the_next_run_goes_on(client_of: Making, server: Server, tmp_path: Path) -> None:
    interrupted(client_of(), server, tmp_path, whole(DATA, sending=cut_at(100_000)))
    assert (tmp_path / "a.bin.part").read_bytes() == DATA[:100_000]
    url, told = server.at("/a.bin", whole(DATA)), list[Progress]()
    custody = client_of(told=told.append).bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert names(tmp_path) == ["a.bin", "a.bin.custody.json"]
    assert (custody.pieces, custody.status, custody.notes) == (2, 200, ())
    assert server.seen[-1].headers["Range"] == "bytes=100000-"
    assert told[-1] == Progress("a.bin", len(DATA), len(DATA), 100_000, "")


def test_gone_on_with_by_last_modified(client: Client, server: Server, tmp_path: Path) -> None:
    changed = long_ago()
    url = server.at("/a.bin", gone_on_with(DATA, 100_000, etag="", changed=changed))
    assert client.bring(wanted(url), tmp_path).pieces == 2
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert server.seen[1].headers["If-Range"] == changed


@pytest.mark.parametrize(
    "options",
    [
        {"etag": ""},
        {"etag": 'W/"1"'},
        {"etag": "1"},
        {"etag": "", "changed": formatdate(time.time() + 600, usegmt=True)},
        {"etag": "", "changed": "yesterday"},
    ],
    ids=["none", "weak", "unquoted", "changed just now", "no date"],
)
def test_without_a_strong_validator_it_starts_anew(
    client: Client, server: Server, tmp_path: Path, options: dict[str, str]
) -> None:
    url = server.at("/a.bin", gone_on_with(DATA, 100_000, **options))
    custody = client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert [asked.headers.get("Range") for asked in server.seen] == [None, None]
    assert custody.pieces == 1
    assert custody.notes == ("started anew: the source gives nothing by which to tell that a rest is of the same file",)


def test_a_part_of_another_run_without_a_strong_validator(client: Client, server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(DATA[:5000])
    custody = client.bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert custody.notes == ("started anew: of 5000 bytes that were there it is not known that they still fit",)


def test_range_ignored(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", gone_on_with(DATA, 100_000, ranges=False))
    custody = client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert server.seen[1].headers["Range"] == "bytes=100000-"
    assert custody.pieces == 1
    assert custody.notes == (
        "started anew: the source sent the whole file again: it changed, or cannot be gone on with",
    )


def test_range_ignored_for_ever(client: Client, server: Server, tmp_path: Path) -> None:
    """A source that cannot resume and never gets through is not asked without end."""
    url = server.at("/a.bin", whole(DATA, ranges=False, sending=cut_at(200_000)))
    with pytest.raises(FetchError, match="begun anew 4 times"):
        client.bring(wanted(url), tmp_path)
    assert len(server.seen) == 6
    assert names(tmp_path) == []


def test_the_file_changes_between_two_ranges(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", in_turn(whole(DATA, sending=cut_at(100_000)), whole(OTHER)))
    custody = client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == OTHER
    assert custody.headers["ETag"] == etag_of(OTHER)
    assert (custody.sha256, custody.pieces) == (hashlib.sha256(OTHER).hexdigest(), 1)
    assert custody.notes == (
        "started anew: the source sent the whole file again: it changed, or cannot be gone on with",
    )


def test_the_file_changes_between_two_runs(client: Client, server: Server, tmp_path: Path) -> None:
    interrupted(client, server, tmp_path, whole(DATA, sending=cut_at(100_000)))
    custody = client.bring(wanted(server.at("/a.bin", whole(OTHER))), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == OTHER
    assert len(custody.notes) == 1


def part(code: int, content_range: str, data: bytes, **headers: str) -> Handler:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked, reply: reply.send(code, data, {"Content-Range": content_range, **given})


N = len(DATA)


@pytest.mark.parametrize(
    ("handler", "note"),
    [
        (part(206, f"bytes 100000-{N - 1}/{N}", DATA[100_000:], ETag='"other"'), "the file changed meanwhile"),
        (part(206, f"bytes 0-{N - 1}/{N}", DATA), "sent another part than was asked for"),
        (part(206, f"bytes 100001-{N - 1}/{N}", DATA[100_001:]), "sent another part than was asked for"),
        (part(206, f"bytes 100000-{N - 1}/{N}", DATA[100_001:]), "sent another part than was asked for"),
        (part(206, f"bytes 100000-{N}/{N + 1}", DATA[100_000:] + b"x"), "the file has another size by now"),
        (part(206, f"bytes 100000-{N}/{N}", DATA[100_000:] + b"x"), "the file has another size by now"),
        (part(206, "bytes 100000-99999/*", b""), "sent another part than was asked for"),
        (part(206, "lines 1-2/3", DATA[100_000:]), "sent a part without saying which"),
        (status(206, DATA[100_000:]), "sent a part without saying which"),
        (part(206, f"bytes 100000-{N - 1}/{N}", DATA[100_000:], Content_Encoding="gzip"), "encoded otherwise"),
        (part(416, "bytes */5", b""), "holds no byte beyond the part"),
        (status(416), "holds no byte beyond the part"),
    ],
)
def test_a_part_that_does_not_fit_starts_anew(
    client: Client, server: Server, tmp_path: Path, handler: Handler, note: str
) -> None:
    url = server.at("/a.bin", in_turn(whole(DATA, sending=cut_at(100_000)), handler, whole(DATA)))
    custody = client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert [asked.headers.get("Range") for asked in server.seen] == [None, "bytes=100000-", None]
    assert len(custody.notes) == 1
    assert custody.notes[0].startswith("started anew: ")
    assert note in custody.notes[0]


def test_a_part_of_unknown_whole_is_never_taken_for_the_end(client: Client, server: Server, tmp_path: Path) -> None:
    def chunked(asked: Asked, reply: Reply) -> None:
        reply.head(200, {"Transfer-Encoding": "chunked", "ETag": etag_of(DATA)})
        reply.body(b"%x\r\n" % len(DATA) + DATA[:100_000])
        reply.cut()

    piece = part(206, "bytes 100000-199999/*", DATA[100_000:200_000], ETag=etag_of(DATA))
    custody = client.bring(wanted(server.at("/a.bin", in_turn(chunked, piece, whole(DATA)))), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert "without saying how large the whole is" in custody.notes[0]


def test_smaller_pieces_than_asked_for_are_put_together(client: Client, server: Server, tmp_path: Path) -> None:
    tag = etag_of(DATA)
    pieces = [part(206, f"bytes {a}-{b - 1}/{N}", DATA[a:b], ETag=tag) for a, b in ((70_000, 140_000), (140_000, N))]
    url = server.at("/a.bin", in_turn(whole(DATA, sending=cut_at(70_000)), *pieces))
    custody = client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert (custody.pieces, custody.notes) == (3, ())


def test_a_part_that_nobody_asked_for(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", part(206, f"bytes 0-9/{N}", DATA[:10]))
    with pytest.raises(FetchError, match="answered 206"):
        client.bring(wanted(url), tmp_path)
    assert names(tmp_path) == []


def test_a_part_that_is_whole_and_has_no_record_asks_for_its_last_byte(
    client: Client, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the last byte: whether it is still the same file is asked all the same."""
    interrupted(client, server, tmp_path, whole(DATA, sending=cut_at(100_000)))
    (tmp_path / "a.bin.part").write_bytes(DATA)
    state = json.loads((tmp_path / "a.bin.part.json").read_bytes())
    (tmp_path / "a.bin.part.json").write_text(json.dumps(state | {"bytes": N}))
    custody = client.bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path)
    assert server.seen[-1].headers["Range"] == f"bytes={N - 1}-"
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert custody.notes == ()


def test_a_part_that_is_whole_and_has_its_record_is_only_named(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA))
    custody = client.bring(wanted(url), tmp_path)
    os.rename(tmp_path / "a.bin", tmp_path / "a.bin.part")
    assert client.bring(wanted(url), tmp_path) == custody
    assert len(server.seen) == 1
    assert names(tmp_path) == ["a.bin", "a.bin.custody.json"]


def test_only_bytes_known_to_be_on_the_disk_are_gone_on_from(client: Client, server: Server, tmp_path: Path) -> None:
    """What lies beyond them may be a hole that a power cut left."""
    interrupted(client, server, tmp_path, whole(DATA, sending=cut_at(100_000)))
    with open(tmp_path / "a.bin.part", "ab") as file:
        file.write(bytes(50_000))
    client.bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path)
    assert server.seen[-1].headers["Range"] == "bytes=100000-"
    assert (tmp_path / "a.bin").read_bytes() == DATA


CHANGED = '{"asked": "", "validator": "x", "bytes": 5, "total": %s}'


@pytest.mark.parametrize(
    "state",
    [
        "",
        "[]",
        "{}",
        '{"bytes": 5}',
        '{"asked": 1, "more": 2}',
        "[" * 9000,
        "\x00\xff",
        CHANGED % '"many"',
        CHANGED % "-1",
    ],
)
def test_a_damaged_state_starts_anew(client: Client, server: Server, tmp_path: Path, state: str) -> None:
    interrupted(client, server, tmp_path, whole(DATA, sending=cut_at(100_000)))
    (tmp_path / "a.bin.part.json").write_text(state)
    client.bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path)
    assert server.seen[-1].headers.get("Range") is None
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_a_shorter_part_than_its_state_starts_anew(client: Client, server: Server, tmp_path: Path) -> None:
    interrupted(client, server, tmp_path, whole(DATA, sending=cut_at(100_000)))
    os.truncate(tmp_path / "a.bin.part", 99_999)
    client.bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path)
    assert server.seen[-1].headers.get("Range") is None
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_ctrl_c_keeps_the_part(client_of: Making, server: Server, tmp_path: Path) -> None:
    def told(progress: Progress) -> None:
        if progress.bytes_done >= 512:
            raise KeyboardInterrupt

    url = server.at("/a.bin", whole(DATA))
    with pytest.raises(KeyboardInterrupt):
        client_of(told=told).bring(wanted(url), tmp_path)
    assert names(tmp_path) == ["a.bin.part", "a.bin.part.json"]
    came = (tmp_path / "a.bin.part").stat().st_size
    assert 0 < came <= N
    custody = client_of().bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert custody.pieces == 2
    assert server.seen[-1].headers["Range"] == f"bytes={min(came, N - 1)}-"


# -- what is there -----------------------------------------------------------------------------------------------------


def test_a_whole_file_is_not_brought_again(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA))
    custody = client.bring(wanted(url), tmp_path)
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in names(tmp_path)}
    assert client.bring(wanted(url), tmp_path) == custody
    assert len(server.seen) == 1
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in names(tmp_path)} == before


def test_what_a_kill_leaves_beside_a_whole_file_is_cleared_away(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA))
    client.bring(wanted(url), tmp_path)
    (tmp_path / "a.bin.part.json").write_text("{}")
    client.bring(wanted(url), tmp_path)
    assert names(tmp_path) == ["a.bin", "a.bin.custody.json"]


def test_a_file_from_another_address_is_not_taken_for_this_one(client: Client, server: Server, tmp_path: Path) -> None:
    client.bring(wanted(server.at("/one/a.bin", whole(DATA))), tmp_path)
    with pytest.raises(FetchError, match=r"is there from another address, .*/one/a\.bin: name another folder"):
        client.bring(wanted(server.at("/two/a.bin", whole(OTHER))), tmp_path)
    assert server.asked("/two/a.bin") == []
    assert (tmp_path / "a.bin").read_bytes() == DATA


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: (folder / "a.bin").write_bytes(OTHER), "is not what its record says"),
        (lambda folder: (folder / "a.bin").write_bytes(DATA[:-1] + b"x"), "is not what its record says"),
        (lambda folder: (folder / "a.bin.custody.json").unlink(), "is there without its record"),
        (lambda folder: (folder / "a.bin.custody.json").write_text("{}"), "is there without its record"),
    ],
)
def test_what_stands_there_is_never_written_over(
    client: Client, server: Server, tmp_path: Path, change: object, reason: str
) -> None:
    url = server.at("/a.bin", whole(DATA))
    client.bring(wanted(url), tmp_path)
    change(tmp_path)  # type: ignore[operator]
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    with pytest.raises(FetchError, match=reason):
        client.bring(wanted(url), tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before
    assert len(server.seen) == 1


@pytest.mark.parametrize("told", [{"digest": "md5:" + "0" * 32}, {"size_bytes": 5}])
def test_a_source_that_lists_another_file_by_now(
    client: Client, server: Server, tmp_path: Path, told: dict[str, object]
) -> None:
    url = server.at("/a.bin", whole(DATA))
    client.bring(wanted(url), tmp_path)
    with pytest.raises(FetchError, match=r"the source has another a\.bin by now"):
        client.bring(wanted(url, **told), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_the_same_name_of_another_source(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA))
    client.bring(wanted(url), tmp_path)
    with pytest.raises(FetchError, match=r"a\.bin is there from test"):
        client.bring(Wanted("other", url, "a.bin"), tmp_path)


def test_two_at_the_same_file(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", whole(DATA))
    with open(tmp_path / "a.bin.part", "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match=r"another run is bringing a\.bin into this folder"):
            client.bring(wanted(url), tmp_path)
    assert server.seen == []
    client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_another_address_of_the_same_file_keeps_the_first_ones_part(
    client: Client, server: Server, tmp_path: Path
) -> None:
    """A source whose first address answers 404 is asked there again, before the one that the part is of."""
    url = interrupted(client, server, tmp_path, whole(DATA, sending=cut_at(100_000)))
    with pytest.raises(NotThere):
        client.bring(wanted(server.url("/elsewhere")), tmp_path)
    server.at("/a.bin", whole(DATA))
    assert client.bring(wanted(url), tmp_path).pieces == 2


@pytest.mark.parametrize("code", [404, 410])
def test_not_there(client: Client, server: Server, tmp_path: Path, code: int) -> None:
    with pytest.raises(NotThere, match=rf"/a.bin: the source does not hold it \({code}\)$"):
        client.bring(wanted(server.at("/a.bin", status(code, b"<html>"))), tmp_path)
    assert names(tmp_path) == []


def test_gone_in_mid_run(client: Client, server: Server, tmp_path: Path) -> None:
    url = server.at("/a.bin", in_turn(whole(DATA, sending=cut_at(100_000)), status(404)))
    with pytest.raises(NotThere):
        client.bring(wanted(url), tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/b", "/etc/passwd", ".hidden", "a\0b", "a\nb", "a b", "ä", "x" * 201, "-rf", "a.part"],
)
def test_names_that_are_no_plain_names(client: Client, server: Server, tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="is no plain file name"):
        client.bring(Wanted("test", server.url("/a"), name), tmp_path)
    assert server.seen == []
    assert names(tmp_path) == []


def test_no_name_comes_from_a_header(client: Client, server: Server, tmp_path: Path) -> None:
    told = {"Content-Disposition": 'attachment; filename="../../evil"', "Content-Location": "/tmp/evil"}
    server.at("/a.bin", redirect("/evil.bin"))
    server.at("/evil.bin", whole(DATA, headers=told))
    client.bring(wanted(server.url("/a.bin")), tmp_path / "folder")
    assert names(tmp_path) == ["folder"]
    assert names(tmp_path / "folder") == ["a.bin", "a.bin.custody.json"]


def test_a_folder_that_cannot_be_written(client: Client, server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FetchError, match=r"^a\.bin cannot be written: "):
        client.bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path / "file")
    assert server.seen == []


def test_a_full_disk(client: Client, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: resume.Part, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    url = server.at("/a.bin", whole(DATA))
    with monkeypatch.context() as patch:
        patch.setattr(resume.Part, "write", full)
        with pytest.raises(FetchError, match=r"^a\.bin cannot be written: No space left on device$"):
            client.bring(wanted(url), tmp_path)
    assert names(tmp_path) == []
    client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_what_is_on_the_disk_is_named_step_by_step(
    client_of: Making, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state never names a byte that is not in the part."""
    monkeypatch.setattr(resume, "SYNC_BYTES", 4096)
    seen = []

    def told(progress: Progress) -> None:
        if (tmp_path / "a.bin.part.json").exists():
            seen.append(json.loads((tmp_path / "a.bin.part.json").read_bytes())["bytes"])
            assert seen[-1] <= (tmp_path / "a.bin.part").stat().st_size

    client_of(told=told, slow_s=60).bring(wanted(server.at("/a.bin", whole(DATA))), tmp_path)
    assert seen[-1] == N


def test_tiny_pieces_for_ever_are_not_taken_for_progress(client: Client, server: Server, tmp_path: Path) -> None:
    """A source that gives a byte at a time, each in a good answer of its own."""

    def a_byte(asked: Asked, reply: Reply) -> None:
        first = int(asked.headers["Range"][6:-1])
        part(206, f"bytes {first}-{first}/{N}", DATA[first : first + 1], ETag=etag_of(DATA))(asked, reply)

    url = server.at("/a.bin", in_turn(whole(DATA, sending=cut_at(1000)), a_byte))
    with pytest.raises(FetchError, match=r"sends less than was asked for \(tried 6 times\)$"):
        client.bring(wanted(url), tmp_path)
    assert (tmp_path / "a.bin.part").read_bytes() == DATA[:1005]


def test_threads_bring_different_files(client: Client, server: Server, tmp_path: Path) -> None:
    files = {f"{n}.bin": random.Random(n).randbytes(50_000 + n) for n in range(6)}
    for name, data in files.items():
        server.at(f"/{name}", gone_on_with(data, 20_000))
    jobs = [Wanted("test", server.url(f"/{name}"), name) for name in files]
    with ThreadPoolExecutor(6) as threads:
        brought = list(threads.map(lambda job: client.bring(job, tmp_path), jobs))
    assert [record.pieces for record in brought] == [2] * 6
    assert all((tmp_path / name).read_bytes() == data for name, data in files.items())
    assert server.most_at_once <= 2


def test_threads_at_the_same_file(client: Client, server: Server, tmp_path: Path) -> None:
    """One brings it; the others are told so, or find it there."""
    url = server.at("/a.bin", whole(DATA))

    def bring(_: int) -> str:
        try:
            return client.bring(wanted(url), tmp_path).sha256
        except FetchError as error:
            return error.problem

    with ThreadPoolExecutor(6) as threads:
        ends = set(threads.map(bring, range(6)))
    assert hashlib.sha256(DATA).hexdigest() in ends
    assert ends <= {hashlib.sha256(DATA).hexdigest(), "another run is bringing a.bin into this folder"}
    assert names(tmp_path) == ["a.bin", "a.bin.custody.json"]
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert len(server.seen) == 1
