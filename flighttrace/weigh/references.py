"""What pydantic cannot know of a case: whether the things that its parts name exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flighttrace.errors import CaseError, UsageError, shown
from flighttrace.weigh.expects import AXES, PLACE_AXES
from flighttrace.weigh.schema import ArticleDoc, CaseDoc, ExpectsDoc, ReadingsDoc
from flighttrace.weigh.yamltree import Node

if TYPE_CHECKING:
    from flighttrace.match.places import Airfields


def reference_errors(root: Node, case: CaseDoc, airfields: Airfields) -> Iterator[CaseError]:
    """Every name in a case that names nothing, where it stands in the file."""
    yield from _zones(root, case)
    yield from _places(root, case, airfields)
    yield from _articles(root, case)
    yield from _claims(root, case)


def _at(root: Node, *path: str | int) -> Node:
    """The node on a path, or the deepest that is there."""
    node = root
    for part in path:
        if isinstance(part, int):
            if part >= len(node.items):
                break
            node = node.items[part]
        elif part in node.mapping:
            node = node.mapping[part]
        else:
            break
    return node


def _error(root: Node, path: tuple[str | int, ...], problem: str, accepted: str | None = None) -> CaseError:
    return _at(root, *path).error(problem, key=".".join(map(str, path)), accepted=accepted)


def _known(names: Iterable[str], wanted: str) -> str:
    """The accepted names in one line, the closest first, cut after a dozen."""
    listed = sorted(names)
    close = get_close_matches(wanted, listed, n=3)
    ordered = close + [name for name in listed if name not in close]
    return ", ".join(ordered[:12]) + (", …" if len(ordered) > 12 else "")


def _zones(root: Node, case: CaseDoc) -> Iterator[CaseError]:
    zones: list[tuple[tuple[str | int, ...], str]] = [(("timezone",), case.timezone)]
    zones += [(("local_timezones", label), zone) for label, zone in case.local_timezones.items()]
    for path, zone in zones:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            yield _error(root, path, f"no time zone {shown(zone)!r}", "an IANA name such as Asia/Jerusalem")


def _places(root: Node, case: CaseDoc, airfields: Airfields) -> Iterator[CaseError]:
    for name, place in case.places.items():
        if name in AXES:
            yield _error(root, ("places", name), "a place may not be called like an axis", "any other name")
        for number, airport in enumerate(place.airports or []):
            try:
                airfields.get(airport)
            except UsageError:
                yield _error(
                    root,
                    ("places", name, "airports", number),
                    f"no airfield {shown(airport)!r}",
                    "an ICAO code such as UBBB, or OurAirports' ident",
                )
        if place.country is not None and not airfields.in_country(place.country):
            yield _error(root, ("places", name, "country"), f"no airfield in {shown(place.country)!r}", "such as AZ")
    for number, route in enumerate(case.routes):
        for end, name in enumerate(route):
            if name not in case.places:
                yield _error(root, ("routes", number, end), f"no place {shown(name)!r}", _known(case.places, name))


def _articles(root: Node, case: CaseDoc) -> Iterator[CaseError]:
    for article_id, article in case.articles.items():
        readings = article.readings or ReadingsDoc()
        for axis, names in (("base", readings.base), ("place", readings.place)):
            for number, name in enumerate(names or []):
                if name not in case.places:
                    path = ("articles", article_id, "readings", axis, number)
                    yield _error(root, path, f"no place {shown(name)!r}", _known(case.places, name))
        days = readings.day or {}
        named = [set(value) for value in days.values()]
        for label, value in days.items():  # all labels have to date the same days
            if set(value) != named[0]:
                where = ("articles", article_id, "readings", "day", label)
                yield _error(root, where, "dates other days than the first value", ", ".join(sorted(named[0])))


def _claims(root: Node, case: CaseDoc) -> Iterator[CaseError]:
    for claim_id, claim in case.claims.items():
        article = case.articles.get(claim.article)
        path = ("claims", claim_id)
        if article is None:
            known = _known(case.articles, claim.article)
            yield _error(root, (*path, "article"), f"no article {shown(claim.article)!r}", known)
        elif claim.expects is not None:
            yield from _flights(root, case, article, claim.expects, (*path, "expects"))
            yield from _window(root, article, claim.expects, (*path, "expects", "window"))


def _flights(
    root: Node, case: CaseDoc, article: ArticleDoc, expects: ExpectsDoc, path: tuple[str | int, ...]
) -> Iterator[CaseError]:
    readings = article.readings or ReadingsDoc()
    for part, specs in (("flights", expects.flights), ("beside", expects.beside)):
        for number, spec in enumerate(specs):
            for key, name in (("at", spec.at), ("from", spec.from_), ("to", spec.to)):
                where = (*path, part, number, key)
                if name in PLACE_AXES:
                    if getattr(readings, name) is None:
                        yield _error(
                            root, where, f"the article has no axis {name!r}", "a place, or an axis it leaves open"
                        )
                elif name is not None and name not in case.places:
                    yield _error(root, where, f"no place {shown(name)!r}", _known(case.places, name))


def _window(root: Node, article: ArticleDoc, expects: ExpectsDoc, path: tuple[str | int, ...]) -> Iterator[CaseError]:
    if expects.window is None:
        return
    readings = article.readings or ReadingsDoc()
    names = set(article.dates) | set(next(iter((readings.day or {}).values()), {}))
    for key in ("day", "before"):
        value = getattr(expects.window, key)
        if isinstance(value, str) and value not in names:
            known = ", ".join(sorted(names)) + "; or YYYY-MM-DD"
            yield _error(root, (*path, key), f"no day is called {shown(value)!r}", known)
        if isinstance(value, date) and not date(1900, 1, 1) <= value <= date(2200, 1, 1):
            yield _error(root, (*path, key), "a day outside 1900 to 2200")
    if expects.window.weeks == "window" and readings.window is None:
        yield _error(root, (*path, "weeks"), "the article has no axis 'window'", "a number of weeks")
