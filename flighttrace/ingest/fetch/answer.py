"""A small document in memory, as `Client.ask` returns it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flighttrace.ingest.fetch.faults import FetchError, NotThere


@dataclass(frozen=True)
class Answer:
    """`content` is decoded (gzip, deflate); `url` is the address that answered, after redirects.

    `status` is 200 to 299, or 404 or 410, for which the source holds nothing: `json` then raises NotThere.
    """

    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    content: bytes
    url: str

    def json(self) -> Any:
        """The document. FetchError where it is none: a page that says that too much was asked, perhaps."""
        if self.status in (404, 410):
            raise NotThere(f"the source does not hold it ({self.status})", self.url)
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            kind = "a page" if self.content.lstrip()[:1] == b"<" else "no JSON"
            raise FetchError(f"answered {self.status} with {kind} where JSON was expected", self.url) from None
