"""A client without a network, and the sources' documents at their real shapes."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from flighttrace.ingest.fetch.faults import NotThere
from flighttrace.ingest.fetch.model import Custody, Wanted
from tests.ingest.archive.builders import tar_of

ADSBLOL = "https://api.github.com/repos/adsblol/globe_history_2023/releases"


@dataclass(frozen=True)
class FakeAnswer:
    status: int
    content: bytes = b""

    def json(self) -> Any:
        return orjson.loads(self.content)


@dataclass
class FakeClient:
    """`documents` and `files` by address with its query; what is in neither is answered 404. `errors`: raised once."""

    documents: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    brought: list[str] = field(default_factory=list)
    utc: str = "2031-10-07T00:00:00Z"

    def ask(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        with_token: bool = False,
        most_bytes: int = 0,
        first_bytes: int = 0,
    ) -> FakeAnswer:
        whole = _whole(url, params or {})
        self.asked.append(whole)
        if whole in self.errors:
            raise self.errors.pop(whole)
        if whole not in self.documents:
            return FakeAnswer(404)
        held = self.documents[whole]
        data = held if isinstance(held, bytes) else orjson.dumps(held)
        return FakeAnswer(200, data[: first_bytes or None])

    def bring(self, wanted: Wanted, folder: Path) -> Custody:
        whole = _whole(wanted.url, wanted.params)
        self.brought.append(whole)
        if whole in self.errors:
            raise self.errors.pop(whole)
        if whole not in self.files:
            raise NotThere("answered 404", address=whole)
        data = self.files[whole]
        (folder / wanted.name).write_bytes(data)
        custody = replace(custody_of(wanted, data), utc=self.utc)
        (folder / f"{wanted.name}.custody.json").write_bytes(orjson.dumps(custody))
        return custody


def _whole(url: str, params: Mapping[str, str]) -> str:
    return url + ("?" + "&".join(f"{k}={v}" for k, v in params.items()) if params else "")


def custody_of(wanted: Wanted, data: bytes) -> Custody:
    return Custody(
        source=wanted.source,
        name=wanted.name,
        url_asked=wanted.url,
        url_answered=wanted.url,
        redirects=(),
        utc="2031-10-07T00:00:00Z",
        status=200,
        headers={},
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        source_digest=wanted.digest,
        digest_agrees=None,
        pieces=1,
        tool="flighttrace",
        terms="those of the test",
        day=str(wanted.day or ""),
    )


def release(day: date, sizes: Mapping[str, int], *, variant: str = "prod", **more: Any) -> dict[str, Any]:
    """A release as GitHub's API lists it; `sizes` by the ending of the tar's name ("" or ".aa")."""
    tag = f"v{day:%Y.%m.%d}-planes-readsb-{variant}-0"
    assets = [
        {
            "name": f"{tag}.tar{ending}",
            "state": "uploaded",
            "size": size,
            "digest": None,
            "browser_download_url": f"https://elsewhere.example/{tag}.tar{ending}",
            **more,
        }
        for ending, size in sizes.items()
    ]
    return {"tag_name": tag, "name": tag, "assets": assets}


def a_day(day_s: int, folders: int = 256) -> bytes:
    """A tar as adsb.lol releases it: one trace of a few points in each of so many folders."""
    return tar_of(
        {f"./traces/{n:02x}/trace_full_d5b0{n:02x}.json": _trace(f"d5b0{n:02x}", day_s) for n in range(folders)}
    )


def _trace(icao24: str, start_s: int) -> bytes:
    points = [
        [
            60.0 * i,
            30.0 + 0.1 * i,
            35.0,
            30000,
            430.0,
            0.0,
            0,
            0,
            {"flight": "SIM001  "},
            "adsb_icao",
            30400,
            0,
            280,
            0.0,
        ]
        for i in range(3)
    ]
    document = {"icao": icao24, "timestamp": start_s, "simulated": True, "trace": points}
    return gzip.compress(orjson.dumps(document), mtime=0)


def zenodo(names: Mapping[str, int], number: int = 7923702) -> dict[str, Any]:
    """A Zenodo record: name → size."""
    files = [
        {
            "key": name,
            "size": size,
            "checksum": "md5:" + "0" * 32,
            "links": {"self": f"https://elsewhere.example/{name}"},
        }
        for name, size in names.items()
    ]
    return {"id": number, "conceptrecid": "3931948", "files": files}
