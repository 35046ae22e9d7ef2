"""The frozen shapes of the weigh room: articles, readings, claims, and what was found of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from flighttrace.language import Text
from flighttrace.match.model import Coverage, Leg, OneEnded, Place
from flighttrace.weigh.expects import Expects

Verdict = Literal[
    "not testable",
    "contradicted",
    "conflicting",
    "corroborated",
    "partly corroborated",
    "consistent",
    "not observed, though covered",
    "not observed, not covered",
]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "not testable",
    "contradicted",
    "conflicting",
    "corroborated",
    "partly corroborated",
    "consistent",
    "not observed, though covered",
    "not observed, not covered",
)
VERDICT_TEXTS: Final[Mapping[Verdict, Text]] = {
    "not testable": Text("not testable", "غير قابل للاختبار"),
    "contradicted": Text("contradicted", "تناقضه المسارات"),
    "conflicting": Text("conflicting", "المسارات متضاربة بشأنه"),
    "corroborated": Text("corroborated", "مؤيَّد"),
    "partly corroborated": Text("partly corroborated", "مؤيَّد جزئياً"),
    "consistent": Text("consistent", "متّسق مع المسارات"),
    "not observed, though covered": Text("not observed, though covered", "لم يُرصد رغم توفر التغطية"),
    "not observed, not covered": Text("not observed, not covered", "لم يُرصد، والتغطية غير متوفرة"),
}

ElementName = Literal["places", "direction", "window", "count", "airframes", "operator", "kind", "no stop"]
ElementState = Literal["met", "not met", "unknowable"]


@dataclass(frozen=True)
class Network:
    """A network that an article's claims rest on; `known` False where the article does not say."""

    names: tuple[str, ...]
    known: bool
    note: Text


@dataclass(frozen=True)
class Article:
    """One article: what it is, its hash, on whose tracks it rests. No sentence of it is stored."""

    id: str
    title: Text
    sha256: str
    language: str
    networks: Network
    note: Text


@dataclass(frozen=True)
class Reading:
    """One way to read what an article leaves open: a value on each axis, in the case's order. The first is `first`."""

    article: str
    label: str
    values: Mapping[str, str]
    """Axis → value key, for example {"base": "ovda", "place": "near-karabakh", "day": "A", "window": "4 weeks"}."""
    title: Text
    first: bool
    dates: Mapping[str, date] = field(default_factory=dict)
    """Every day that this reading dates: the article's own and those of its value on the day axis."""
    weeks: int | None = None
    """The reading's value on the window axis."""


@dataclass(frozen=True)
class Airframe:
    """An airframe of interest, with the source and date of the identity."""

    icao24: str
    registration: str
    operator: str
    kind: str
    """"cargo", "government", "executive" …"""
    typecode: str
    source: str
    as_of: date | None
    state: str
    """Of registry, for example "Azerbaijan"."""
    note: str = ""
    valid_from: date | None = None
    """First day for which the source states operator and kind; both None: the table carries no dates of validity."""
    valid_until: date | None = None
    """First day for which it no longer does."""


@dataclass(frozen=True)
class AddressBlock:
    """A state's block of addresses, both ends included. `wider`: a variant that only some tables give."""

    state: str
    first: str
    last: str
    source: str
    wider: bool = False


@dataclass(frozen=True)
class Claim:
    """One claim, in our own words. `expects` None: no track can test it, and `untestable` says why."""

    id: str
    article: str
    paragraph: str
    text: Text
    expects: Expects | None
    ceiling: Verdict | None
    tracks_show: Text
    tracks_cannot: Text
    untestable: Text | None = None


@dataclass(frozen=True)
class Element:
    """One thing that a claim states and tracks could show, and whether they do. `detail` names what was counted."""

    name: ElementName
    state: ElementState
    detail: Text


@dataclass(frozen=True)
class ReadingResult:
    """A claim under one reading."""

    reading: Reading
    verdict: Verdict
    elements: tuple[Element, ...]
    window_from_utc: datetime | None
    window_to_utc: datetime | None
    """The end is excluded."""
    counted: Text
    """The number and its name: "2 landings at Ovda by 1 airframe"."""
    legs: tuple[str, ...] = ()
    """leg_ids (or flight_ids of one-ended sightings) that match."""
    possible: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    """Tracks without an address of their own that are taken for a flight in `legs`, and so are not counted again."""
    rivals: tuple[str, ...] = ()
    """Legs and landings at rival fields within 40 km."""
    notes: tuple[Text, ...] = ()
    reasons: tuple[Text, ...] = ()
    coverage: Coverage | None = None


@dataclass(frozen=True)
class Finding:
    """A claim, its verdict (that of the first reading), and all readings beside it."""

    claim: Claim
    article: Article
    verdict: Verdict
    readings: tuple[ReadingResult, ...]
    readings_agree: bool
    legs: tuple[str, ...]
    """Every leg or sighting that matches under any reading; each reading lists its own."""
    reasons: tuple[Text, ...]
    """Those of the first reading."""


@dataclass(frozen=True)
class Case:
    """A case file, validated. `digest` is the sha256 of the file's bytes (of all of them, where it extends another)."""

    name: str
    title: Text
    digest: str
    places: Mapping[str, Place]
    routes: tuple[tuple[str, str], ...]
    """Pairs of place names; legs are looked for in both directions."""
    airframes: tuple[Airframe, ...]
    articles: tuple[Article, ...]
    claims: tuple[Claim, ...]
    readings: Mapping[str, tuple[Reading, ...]]
    """Article id → its readings in order, the first one first."""
    local_timezones: Mapping[str, str]
    """Label → zone, for example {"Israel": "Asia/Jerusalem", "Azerbaijan": "Asia/Baku"}; shown beside UTC."""
    file: str
    timezone: str = "UTC"
    """The zone whose local days the claims' windows are."""
    address_blocks: tuple[AddressBlock, ...] = ()
    shift_weeks: int = 0
    """By how much the dates taken from the case it extends were moved: not 0 in simulated cases only."""


@dataclass(frozen=True)
class Weighed:
    """All that weigh hands to report."""

    case: Case
    findings: tuple[Finding, ...]
    legs: tuple[Leg, ...]
    one_ended: tuple[OneEnded, ...]
    claims_of: Mapping[str, tuple[str, ...]]
    """leg_id or flight_id → claim ids it bears on."""
    simulated: bool
