"""The page `report.html`: one file, no remote resource, readable without JavaScript and on paper.

Everything from outside (call signs, file names, claim texts, URLs) goes through Jinja's autoescape, which is always
on; only http and https addresses become links; scripts and styles are ours alone and admitted by their hash, so that
an injected one would not run even if it were written. `page_html` returns text; `write` puts it on disk.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from flighttrace.language import CARGO_NOTE, NULL_NOTE, SIMULATED_STAMP, Language
from flighttrace.positions import Ingested
from flighttrace.report.cards import claim_cards
from flighttrace.report.ends import told
from flighttrace.report.findings import failure_entry
from flighttrace.report.legbook import AirfieldBook, Entry
from flighttrace.report.page_parts import (
    Headline,
    answer,
    entry_rows,
    input_rows,
    lanes_of,
    minute,
    plain_settings,
    sighting_rows,
    timeline_of,
)
from flighttrace.report.route_map import route_map
from flighttrace.report.terms import isolated, term
from flighttrace.report.wording import ELEMENT_TEXTS, GRADE_MEANINGS, STATE_TEXTS, Words
from flighttrace.weigh.model import VERDICT_TEXTS, Weighed

MOST_LEGS: Final = 2_000
"""Shown on the page, about 4 kB each; the counts are of all, and all are in legs.csv."""
MOST_EMBEDDED_BYTES: Final = 9_000_000
"""Of PNG maps inside the page; further maps are named by file. The page stays one that a browser opens at once."""


@dataclass(frozen=True)
class Picture:
    """A finished PNG map: which entry it shows (None: all of them), its name in `maps/`, its bytes."""

    number: int | None
    file: str
    png: bytes


def page_html(
    *,
    weighed: Weighed,
    entries: Sequence[Entry],
    ingested: Ingested,
    airfields: AirfieldBook,
    lang: Language,
    settings: Mapping[str, object],
    pictures: Sequence[Picture] = (),
) -> str:
    """The whole page as text. Deterministic: no clock, no path."""
    words, simulated = Words(lang), weighed.simulated or ingested.simulated
    headline: Headline = answer(weighed, entries, ingested, lang)
    total, entries = len(entries), entries[:MOST_LEGS]
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            w=words,
            lang=lang,
            other="en" if lang == "ar" else "ar",
            direction="rtl" if lang == "ar" else "ltr",
            policy=_policy(style, script),
            style=Markup(style),  # noqa: S704 (our own file)
            script=Markup(script),  # noqa: S704 (our own file)
            simulated=simulated,
            stamp=SIMULATED_STAMP,
            cargo_note=CARGO_NOTE[lang],
            null_note=NULL_NOTE[lang],
            case=weighed.case,
            headline=headline,
            left_out=total - len(entries),
            cards=claim_cards(weighed, entries, lang),
            untestable=[f for f in weighed.findings if not f.readings],
            lanes=lanes_of(weighed, entries, lang),
            timeline=timeline_of(weighed, entries, lang),
            map=route_map(
                [(e.number, e.flight) for e in entries],
                airfields,
                airports=_airports(entries),
                places=[p for p in weighed.case.places.values() if p.name in _radius_places(entries, weighed)],
                lang=lang,
            ),
            rows=entry_rows(weighed, entries, ingested, airfields, lang),
            sightings=sighting_rows(weighed, ingested, airfields, lang),
            pictures=_embedded(pictures),
            leg_maps_drawn=sum(p.number is not None for p in pictures),
            leg_maps_all=total,
            inputs=input_rows(ingested),
            failures=[failure_entry(f) for f in ingested.lacking],
            skipped=sorted(ingested.skipped),
            settings=plain_settings(settings),
            grades=GRADE_MEANINGS,
            states=STATE_TEXTS,
            element_names=ELEMENT_TEXTS,
            verdicts=VERDICT_TEXTS,
        )
    )


def _asset(name: str) -> str:
    return files("flighttrace.report").joinpath("templates", name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """A content security policy that admits this one style, this one script and embedded pictures, and nothing else."""

    def source(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {source(style)}; script-src {source(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _environment() -> Environment:
    """Jinja with autoescape for every template, whatever its name ends in, and an error for every missing value."""
    made = Environment(
        loader=PackageLoader("flighttrace.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["links"] = linked
    made.filters["slug"] = slug
    made.filters["term"] = term
    made.filters["isolated"] = isolated
    made.filters["minute"] = minute
    made.filters["thousands"] = lambda value: f"{value:,}"
    return made


def linked(text: str) -> Markup:
    """The text escaped; where the whole of it is an http or https address, as a link that tells nothing of us."""
    safe = escape(text)
    try:
        parts = urlsplit(text)
    except ValueError:
        return safe
    if parts.scheme in ("http", "https") and parts.netloc and not re.search(r"[\s\\\"'<>]", text):
        return Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(text, text)
    return safe


def slug(text: str) -> str:
    """An id for a claim within the page: of a digest, so that no text becomes markup or collides."""
    return "c-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def _embedded(pictures: Sequence[Picture]) -> list[dict[str, object]]:
    left = MOST_EMBEDDED_BYTES
    shown: list[dict[str, object]] = []
    for picture in pictures:
        fits = len(picture.png) <= left
        left -= len(picture.png) if fits else 0
        data = base64.b64encode(picture.png).decode() if fits else None
        shown.append({"number": picture.number, "file": picture.file, "data": data})
    return shown


def _airports(entries: Sequence[Entry]) -> list[str]:
    named = [x.airport for e in entries for x in (e.flight.departure, e.flight.arrival) if x.airport and told(x)]
    return sorted(set(named), key=lambda a: (-named.count(a), a))


def _radius_places(entries: Sequence[Entry], weighed: Weighed) -> set[str]:
    used = {p for e in entries for leg in e.legs for p in (leg.origin_place, leg.destination_place)}
    used |= {value for f in weighed.findings for r in f.readings for value in r.reading.values.values()}
    return {name for name in used if name in weighed.case.places and weighed.case.places[name].centre}
