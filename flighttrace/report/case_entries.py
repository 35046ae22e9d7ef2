"""What the findings document holds of a case: places, articles, claims under every reading, and what could have been
heard."""

from __future__ import annotations

import hashlib
import json

from flighttrace.match.model import Coverage, Place
from flighttrace.report.canonical import Plain, bilingual, iso_ms, number
from flighttrace.weigh.model import Article, Case, Finding, ReadingResult


def case_entry(case: Case) -> Plain:
    """A case's name, digest, routes and places."""
    return {
        "name": case.name,
        "title": bilingual(case.title),
        "sha256": case.digest,
        "routes": [list(route) for route in case.routes],
        "local_timezones": dict(sorted(case.local_timezones.items())),
        "places": [_place(case.places[name]) for name in sorted(case.places)],
    }


def _place(place: Place) -> Plain:
    return {
        "name": place.name,
        "title": bilingual(place.title),
        "airports": list(place.airports),
        "centre_lat_deg": number(place.centre[0], 6) if place.centre else None,
        "centre_lon_deg": number(place.centre[1], 6) if place.centre else None,
        "radius_km": number(place.radius_km, 3),
    }


def article_entry(article: Article) -> Plain:
    """An article, and the networks that it names."""
    return {
        "id": article.id,
        "title": bilingual(article.title),
        "sha256": article.sha256,
        "language": article.language,
        "networks": list(article.networks.names),
        "networks_known": article.networks.known,
        "networks_note": bilingual(article.networks.note),
        "note": bilingual(article.note),
    }


def claim_entry(finding: Finding, tables: CoverageTables) -> Plain:
    """A claim with its verdict under every reading; coverage goes into `tables`."""
    claim = finding.claim
    return {
        "id": claim.id,
        "article": claim.article,
        "paragraph": claim.paragraph,
        "text": bilingual(claim.text),
        "verdict": finding.verdict,
        "readings_agree": finding.readings_agree,
        "ceiling": claim.ceiling,
        "reasons": [bilingual(r) for r in finding.reasons],
        "tracks_show": bilingual(claim.tracks_show),
        "tracks_cannot": bilingual(claim.tracks_cannot),
        "untestable": bilingual(claim.untestable) if claim.untestable else None,
        "legs": list(finding.legs),
        "readings": [_reading(result, tables) for result in finding.readings],
    }


def _reading(result: ReadingResult, tables: CoverageTables) -> Plain:
    reading = result.reading
    return {
        "label": reading.label,
        "title": bilingual(reading.title),
        "values": dict(reading.values),
        "first": reading.first,
        "verdict": result.verdict,
        "counted": bilingual(result.counted),
        "window_from_utc": iso_ms(result.window_from_utc),
        "window_to_utc": iso_ms(result.window_to_utc),
        "elements": [{"name": e.name, "state": e.state, "detail": bilingual(e.detail)} for e in result.elements],
        "legs": list(result.legs),
        "possible": list(result.possible),
        "rivals": list(result.rivals),
        "reasons": [bilingual(r) for r in result.reasons],
        "notes": [bilingual(n) for n in result.notes],
        "coverage": tables.reference(result.coverage),
    }


class CoverageTables:
    """Coverage day by day, each table once however many readings share it; its key is a digest of its content."""

    def __init__(self) -> None:
        self._tables: dict[str, Plain] = {}

    def reference(self, coverage: Coverage | None) -> Plain | None:
        """What a reading prints: the answer, how much of the window was heard, and the key of the table."""
        if coverage is None:
            return None
        days = sorted(coverage.days, key=lambda d: (d.day, d.airport))
        rows = [
            {
                "day": d.day.isoformat(),
                "airport": d.airport,
                "aircraft": d.aircraft,
                "positions": d.positions,
                "lowest_ft": number(d.lowest_ft, 0),
            }
            for d in days
        ]
        table = {"covered": coverage.covered, "days": rows}
        key = hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:12]
        self._tables[key] = table
        heard = sum(d.aircraft > 0 for d in days)
        return {
            "covered": coverage.covered,
            "field_days": len(days),
            "field_days_heard": heard,
            "silent_utc": None if coverage.silent is None else [iso_ms(time) for time in coverage.silent],
            "table": key,
        }

    def entries(self) -> Plain:
        """All tables by key, sorted."""
        return dict(sorted(self._tables.items()))
