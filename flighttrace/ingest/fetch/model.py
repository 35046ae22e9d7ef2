"""What is wanted of a source, what came of it, and what it is known not to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Wanted:
    """One file to be brought. `name` is ours: never a header's, a redirect's or a listing's text as it stands."""

    source: str
    """Key of the source in `sources.SOURCES`."""
    url: str
    name: str
    """Plain file name, without a folder: letters, digits, `.`, `-`, `_`."""
    size_bytes: int | None = None
    """As the source told it before; None where it does not."""
    digest: str = ""
    """As the source gave it: `sha256:<hex>` or `md5:<hex>`; empty where it gives none."""
    day: date | None = None
    """UTC day that the file is of, where it is of one."""
    group: str = ""
    """Files that are only whole together (parts of a split archive, hours of a day) share one."""
    form: str = ""
    """What its first bytes have to be: `gzip`, `tar`, `json` or `csv`; a page with status 200 is refused by it."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Of the query, kept apart from the address; they never hold a secret."""
    with_token: bool = False
    most_bytes: int = 0
    """More than this is not taken; 0: the source's own limit."""
    elsewhere: tuple[str, ...] = ()
    """Further addresses of the same file at the same source, asked in turn where the one before answers 404."""
    until: date | None = None
    """Last UTC day that the file is of, where the source gives it before that day is over: it then grows."""


@dataclass(frozen=True)
class Missing:
    """What a source is known not to hold, or could not give: it goes into the archive's lacks and into every null."""

    source: str
    what: str
    """A stable label, as `adsblol 2023-09-14`."""
    reason: str
    day: date | None = None
    never_held: bool = False
    """The source never held it: said to the user, and no lack of an archive, whose days say it already."""


@dataclass(frozen=True)
class Plan:
    """What would be brought, in the order in which it would."""

    files: tuple[Wanted, ...] = ()
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()
    """What the user has to know before: terms, a source that covers no day of the window."""


@dataclass(frozen=True)
class Custody:
    """The record of one file as it was received; written beside it as `<name>.custody.json`.

    `sha256` is of the bytes as received. `digest_agrees` is None where the source gave no digest.
    """

    source: str
    name: str
    url_asked: str
    url_answered: str
    redirects: tuple[str, ...]
    utc: str
    status: int
    headers: Mapping[str, str]
    size_bytes: int
    sha256: str
    source_digest: str
    digest_agrees: bool | None
    pieces: int
    """Answers that the file was put together from; 1 where it came in one go."""
    tool: str
    terms: str
    day: str = ""
    notes: tuple[str, ...] = ()
    utc_last: str = ""
    """When the last of the pieces was answered; `utc` is of the first, and of one that came in one go."""
