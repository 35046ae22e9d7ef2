"""Files that come in pieces: byte-identical in the end, or nothing at all."""

from __future__ import annotations

import os
import random
from pathlib import Path

from flighttrace.ingest.fetch.client import Client
from flighttrace.ingest.fetch.model import Wanted
from tests.fetch.server import Server, gone_on_with


def test_a_file_cut_three_times_is_gone_on_with(client: Client, server: Server, tmp_path: Path) -> None:
    data = random.Random(1).randbytes(300_000)
    url = server.at("/a.bin", gone_on_with(data, 100, 5000, 200_000))
    custody = client.bring(Wanted("test", url, "a.bin"), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == data
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "a.bin.custody.json"]
    assert (custody.pieces, custody.notes) == (3, ())
    assert [asked.headers.get("Range") for asked in server.seen] == [None, None, "bytes=5000-", "bytes=205000-"]
