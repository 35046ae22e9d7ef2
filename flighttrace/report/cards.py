"""The claims as a report shows them: a card a claim, its readings side by side, alike ones together.

Nothing is ranked or left out: readings share a group only where they came out the same in everything but the days of
their windows, and every reading is named with its window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flighttrace.language import Language, Text
from flighttrace.report.findings import one_ended_order
from flighttrace.report.legbook import Entry
from flighttrace.report.terms import term
from flighttrace.weigh.expects import PLACE_AXES, Expects
from flighttrace.weigh.model import ElementName, ElementState, Finding, ReadingResult, Weighed


@dataclass(frozen=True)
class Title:
    """A reading as the page names it: its title, whether it is the first, its window."""

    number: int
    """Its rank among the article's readings."""
    text: str
    first: bool
    window: str


@dataclass(frozen=True)
class Group:
    """Readings of a claim that came out the same but for the days of their windows, and what they say."""

    result: ReadingResult
    titles: tuple[Title, ...]
    elements: tuple[tuple[ElementName, ElementState, str], ...]
    """Name, state, detail; no detail of the window where the readings' windows differ: they stand with the titles."""
    legs: tuple[Reference, ...]
    possible: tuple[Reference, ...]
    rivals: tuple[Reference, ...]
    notes: tuple[str, ...]
    heard: tuple[tuple[str, int, int], ...]
    """Where nothing matched: field, days on which others were heard low, days of the window."""


@dataclass(frozen=True)
class Reference:
    """A leg or sighting that a reading names: where it stands on the page (None: nowhere) and what it is called."""

    anchor: str | None
    text: str


@dataclass(frozen=True)
class Card:
    """One claim that tracks can speak to. `notes` are those that all of its readings share."""

    finding: Finding
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    unchanged: bool = False
    """The claim uses nothing that the article's readings vary: one group without titles, not as many readings."""

    @property
    def rows(self) -> list[tuple[Title, Group]]:
        """Every reading with the group that it fell in, in the order of the article's readings."""
        return sorted(((t, g) for g in self.groups for t in g.titles), key=lambda row: row[0].number)


def window_text(start: datetime | None, end: datetime | None, zones: Mapping[str, str], lang: Language = "en") -> str:
    """The window in the first local zone (its days are local days) and in UTC."""
    if start is None or end is None:
        return ""
    label, zone = next(iter(zones.items()), ("UTC", "UTC"))
    a, b = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    utc = f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M} UTC"
    whole_days = (a.hour, a.minute, b.hour, b.minute) == (0, 0, 0, 0)
    if not whole_days:
        return utc
    last = b - timedelta(days=1)
    days = f"{a:%Y-%m-%d}" if last.date() <= a.date() else f"{a:%Y-%m-%d} – {last:%Y-%m-%d}"
    named = term(label, lang) if lang == "en" else f"\u2068{term(label, lang)}\u2069"
    return f"{days} ({named}) = {utc}"


def claim_cards(weighed: Weighed, entries: Sequence[Entry], lang: Language) -> list[Card]:
    """A card for every claim with readings; readings that came out alike share one group."""
    return [_card(f, weighed, entries, lang) for f in weighed.findings if f.readings]


def _card(finding: Finding, weighed: Weighed, entries: Sequence[Entry], lang: Language) -> Card:
    results = finding.readings
    shared = [n for n in results[0].notes if len(results) > 1 and all(n in r.notes for r in results)]
    above = {finding.article.note, *shared}
    alike: dict[object, list[tuple[int, ReadingResult]]] = {}
    for number, r in enumerate(results):
        elements = tuple((e.name, e.state, e.detail if e.name != "window" else None) for e in r.elements)
        key = (r.verdict, r.counted, elements, r.legs, r.possible, r.rivals, r.notes, r.reasons, _heard(r))
        alike.setdefault(key, []).append((number, r))
    groups = tuple(_group(same, above, weighed, entries, lang) for same in alike.values())
    notes = tuple(n[lang] for n in shared if n != finding.article.note)
    return Card(finding, groups, notes, unchanged=len(groups) == 1 and unchanged_by_readings(finding))


def unchanged_by_readings(finding: Finding) -> bool:
    """True where the article has several readings, the claim uses no axis on which they differ, and all came out alike.

    Alike alone is not enough: readings that differ may come out the same, and then each was tried.
    """
    expects, results = finding.claim.expects, finding.readings
    if len(results) < 2 or not isinstance(expects, Expects):
        return False
    readings = [r.reading for r in results]
    specs = (*expects.flights, *expects.beside)
    used = {place for s in specs for place in (s.origin, s.destination) if place in PLACE_AXES}
    if any(len({r.values.get(str(axis)) for r in readings}) > 1 for axis in used):
        return False
    window = expects.window
    if window is not None:
        if window.weeks_from_reading and len({r.weeks for r in readings}) > 1:
            return False
        days = {day for day in (window.day, window.before) if day is not None}
        if any(len({r.dates.get(day) for r in readings}) > 1 for day in days):
            return False
    return all(replace(r, reading=readings[0]) == results[0] for r in results)


def _group(
    results: Sequence[tuple[int, ReadingResult]],
    above: set[Text],
    weighed: Weighed,
    entries: Sequence[Entry],
    lang: Language,
) -> Group:
    first, zones = results[0][1], weighed.case.local_timezones
    windows = len({(r.window_from_utc, r.window_to_utc) for _, r in results})
    return Group(
        result=first,
        titles=tuple(
            Title(
                n, r.reading.title[lang], r.reading.first, window_text(r.window_from_utc, r.window_to_utc, zones, lang)
            )
            for n, r in results
        ),
        elements=tuple(
            (e.name, e.state, "" if e.name == "window" and windows > 1 else e.detail[lang]) for e in first.elements
        ),
        legs=references(first.legs, weighed, entries),
        possible=references(first.possible, weighed, entries),
        rivals=references(first.rivals, weighed, entries),
        notes=tuple(n[lang] for n in first.notes if n not in above),
        heard=_heard(first),
    )


def _heard(result: ReadingResult) -> tuple[tuple[str, int, int], ...]:
    if result.coverage is None or not result.verdict.startswith("not observed"):
        return ()
    days: Counter[str] = Counter(d.airport for d in result.coverage.days)
    heard = Counter(d.airport for d in result.coverage.days if d.aircraft)
    return tuple((airport, heard[airport], n) for airport, n in sorted(days.items()))


def references(ids: Sequence[str], weighed: Weighed, entries: Sequence[Entry]) -> tuple[Reference, ...]:
    """Leg and flight ids as what the page calls them; one flight once, an unknown id as it stands."""
    by_id = {leg.leg_id: e.number for e in entries for leg in e.legs}
    by_id |= {e.flight.flight_id: e.number for e in entries}
    alone = [s.flight.flight_id for s in sorted(weighed.one_ended, key=one_ended_order)]
    letters = {flight_id: n for n, flight_id in enumerate(dict.fromkeys(alone), start=1)}
    found: dict[Reference, None] = {}
    for name in ids:
        if name in by_id:
            found[Reference(f"leg-{by_id[name]}", str(by_id[name]))] = None
        elif name in letters:
            found[Reference(f"sighting-{letters[name]}", f"S{letters[name]}")] = None
        else:
            found[Reference(None, name)] = None
    return tuple(found)
