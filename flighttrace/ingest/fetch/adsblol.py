"""adsb.lol's history: a release a UTC day in a GitHub repository a year, its tar whole or in parts.

    adsblol/globe_history_2023, tag v2023.09.14-planes-readsb-prod-0:
        v2023.09.14-planes-readsb-prod-0.tar      or      ….tar.aa, ….tar.ab, …

The last day of a year may stand in the next year's repository. `staging` is a replica of `prod`, from the same
receivers: never a second witness. Names of files are made here and only looked for in the listing.
Source: the repositories' own pages; GitHub REST API, "Releases" (assets: name, size, state; newer ones: digest).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from flighttrace.errors import FlighttraceError, UsageError, shown
from flighttrace.ingest.archive.feed import missing_parts
from flighttrace.ingest.fetch.faults import FetchError
from flighttrace.ingest.fetch.model import Missing, Plan, Wanted
from flighttrace.ingest.fetch.sources import Answered, Asker, Request, in_words, is_gone, needed, spans
from flighttrace.ingest.fetch.table import Table

KEY: Final = "adsblol"
VARIANTS: Final = ("prod", "staging")
TRACE_FOLDERS: Final = 256
MOST_BY_TAG: Final = 20
"""So many days of one year are asked one by one; more, and the year's list is read: GitHub answers 60 questions an
hour without a token, and a year's list is some eight pages."""
_PAGE: Final = 100
_MOST_PAGES: Final = 40
_MOST_PART_BYTES: Final = 8 * 1024**3
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_STAGING: Final = "staging is a replica of prod: the same receivers, one witness; do not hold both in one archive"


def plan(request: Request, table: Table, asker: Asker) -> Plan:
    """The tars, or parts, of the days; days without a release, and parts that are not there, as missing."""
    needed(request.days, "days (--from, --to)")
    variant = request.variant or VARIANTS[0]
    if variant not in VARIANTS:
        raise UsageError(f"--variant {shown(variant)} (accepted: {', '.join(VARIANTS)})")
    source = table[KEY]
    assert source.first_day is not None
    files: list[Wanted] = []
    missing = [
        Missing(KEY, f"{KEY} {in_words(*span)}", f"the source begins on {source.first_day}", never_held=True)
        for span in spans([day for day in request.days if day < source.first_day])
    ]
    for day, release in _releases([d for d in request.days if d >= source.first_day], variant, table, asker):
        if release is None:
            missing.append(Missing(KEY, label(day, variant), f"there is no release of this day ({variant})", day))
            continue
        some, gone = _of_release(day, variant, release, table)
        files += some
        missing += gone
    notes = (f"terms: {source.terms}", *((_STAGING,) if variant == "staging" else ()))
    return Plan(tuple(files), tuple(missing), notes)


def label(day: date, variant: str) -> str:
    """What the archive calls the day, for what it lacks."""
    return f"{KEY} {day}" + ("" if variant == VARIANTS[0] else f" {variant}")


def tag_of(day: date, variant: str) -> str:
    """The release's name, which its files' names begin with."""
    return f"v{day:%Y.%m.%d}-planes-readsb-{variant}-0"


class _Release:
    """The assets of a release by name, and the repository it was found in."""

    def __init__(self, held: Any, repository: str, tag: str) -> None:
        assets = held.get("assets") if isinstance(held, dict) else None
        if not isinstance(assets, list) or not all(isinstance(one, dict) for one in assets):
            raise FlighttraceError(f"{KEY}: the answer for {tag} is no release with assets (`fetch --self-test`)")
        self.repository = repository
        self.assets: dict[str, Mapping[str, Any]] = {str(one.get("name", "")): one for one in assets}


def _releases(days: Sequence[date], variant: str, table: Table, asker: Asker) -> Iterator[tuple[date, _Release | None]]:
    for year in sorted({day.year for day in days}):
        of_year = [day for day in days if day.year == year]
        listed = _year(year, table, asker) if len(of_year) > MOST_BY_TAG else None
        for day in of_year:
            tag = tag_of(day, variant)
            found = _by_tag(year, tag, table, asker) if listed is None else listed.get(tag)
            if found is None and (day.month, day.day) == (12, 31):
                found = _by_tag(year + 1, tag, table, asker)
            yield day, found


def _ask(asker: Asker, url: str, params: Mapping[str, str] | None = None) -> Answered:
    """The answer; GitHub's 403 is in truth a quota, and said to be."""
    try:
        return asker.ask(url, params=params)
    except FetchError as error:
        if error.problem != "answered 403":
            raise
        problem = "answered 403: GitHub answers 60 questions an hour; run the same command again in an hour"
        raise FetchError(problem, url) from error


def _by_tag(year: int, tag: str, table: Table, asker: Asker) -> _Release | None:
    repository = table.address(KEY, "repository", year=year)
    answer = _ask(asker, table.address(KEY, "release", repository=repository, tag=tag))
    return None if is_gone(answer) else _Release(answer.json(), repository, tag)


def _year(year: int, table: Table, asker: Asker) -> dict[str, _Release]:
    """All releases of a year's repository by tag; none where there is no such repository."""
    repository = table.address(KEY, "repository", year=year)
    url = table.address(KEY, "releases", repository=repository)
    found: dict[str, _Release] = {}
    for page in range(1, _MOST_PAGES + 1):
        answer = _ask(asker, url, {"per_page": str(_PAGE), "page": str(page)})
        if is_gone(answer) and page == 1:
            return found
        held = answer.json()
        if not isinstance(held, list):
            raise FlighttraceError(f"{KEY}: the answer for {repository} is no list of releases (`fetch --self-test`)")
        for one in held:
            tag = one.get("tag_name") if isinstance(one, dict) else None
            if isinstance(tag, str):
                found.setdefault(tag, _Release(one, repository, shown(tag)))
        if not held:  # a page may hold fewer than were asked for and not be the last
            return found
    raise FlighttraceError(f"{KEY}: the list of releases of {repository} has no end: ask for fewer days")


def _of_release(day: date, variant: str, release: _Release, table: Table) -> tuple[list[Wanted], list[Missing]]:
    whole = tag_of(day, variant) + ".tar"
    if _uploaded(release.assets.get(whole)):
        return [_wanted(whole, day, variant, release, table, first=True)], []
    pattern = re.compile(re.escape(whole) + r"\.([a-z]{2})")
    parts = sorted(
        match[1] for name, asset in release.assets.items() if _uploaded(asset) and (match := pattern.fullmatch(name))
    )
    what = label(day, variant)
    if not parts:
        return [], [Missing(KEY, what, "the release holds no tar", day)]
    gone = missing_parts(parts)
    usable = [part for part in parts if not gone or part < gone[0]]
    files = [_wanted(f"{whole}.{part}", day, variant, release, table, first=part == "aa") for part in usable]
    if gone:
        reason = f"the release lacks part {', '.join(gone)} of the tar; what comes after it cannot be read and is left"
        return files, [Missing(KEY, what, reason, day)]
    return files, []


def _uploaded(asset: Mapping[str, Any] | None) -> bool:
    return asset is not None and asset.get("state", "uploaded") == "uploaded"


def _wanted(name: str, day: date, variant: str, release: _Release, table: Table, *, first: bool) -> Wanted:
    asset = release.assets[name]
    size, digest = asset.get("size"), asset.get("digest")
    return Wanted(
        source=KEY,
        url=table.address(KEY, "asset", repository=release.repository, tag=tag_of(day, variant), name=name),
        name=name,
        size_bytes=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
        digest=digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else "",
        day=day,
        group=label(day, variant).removeprefix(f"{KEY} "),
        form="tar" if first else "",
        most_bytes=_MOST_PART_BYTES,
    )
