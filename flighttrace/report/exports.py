"""CSV and GeoJSON: the same legs for a spreadsheet and for a map.

CSV: every text cell is quoted, and one that a spreadsheet would take for a formula begins with an apostrophe; numbers
stay numbers; control characters are written out. GeoJSON is RFC 7946: longitude before latitude, lines cut where they
cross the antimeridian; a gap is a feature of its own, so that nobody takes a dashed line for a received one.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from flighttrace.accounting import Quarantined
from flighttrace.errors import shown
from flighttrace.geodesy import Floats
from flighttrace.language import CARGO_NOTE, NULL_NOTE, SIMULATED_STAMP
from flighttrace.match.model import EndpointEstimate, Flight, Leg, OneEnded
from flighttrace.positions import Ingested
from flighttrace.report.canonical import iso_ms, label, number
from flighttrace.report.ends import likeliest
from flighttrace.report.findings import (
    SourceNames,
    flight_order,
    leg_distance_km,
    leg_order,
    one_ended_order,
)
from flighttrace.report.segments import Segment, segments

Cell = str | int | float | None
Row = Mapping[str, Cell]

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes Excel, LibreOffice and Google Sheets evaluate a text cell (OWASP, "CSV injection")."""
LONGEST_CELL: Final = 32_000
"""Excel cuts a cell at 32,767 characters without a word."""


def safe_cell(value: Cell) -> Cell:
    """Text that no spreadsheet evaluates; numbers as they are; None as an empty cell."""
    if not isinstance(value, str):
        return "" if value is None else value
    folded = unicodedata.normalize("NFKC", value).lstrip(" ")
    text = shown(value, LONGEST_CELL)
    return f"'{text}" if value.startswith(FORMULA_STARTS) or folded.startswith(FORMULA_STARTS) else text


def csv_text(rows: Iterable[Row], columns: Sequence[str], *, simulated: bool) -> str:
    """The rows as CSV: text quoted, numbers not, LF. Simulated: one more column, whose name is the stamp."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    stamp = [SIMULATED_STAMP.en] if simulated else []
    writer.writerow([*(safe_cell(c) for c in columns), *stamp])
    for row in rows:
        writer.writerow([*(safe_cell(row[c]) for c in columns), *stamp])
    return out.getvalue()


def local_time(moment: datetime | None, zone: str) -> str | None:
    """The moment in a zone as `2031-09-25T15:00:00+03:00`, or None."""
    return None if moment is None else moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def flights_csv(flights: Sequence[Flight], ingested: Ingested, zones: Mapping[str, str] | None = None) -> str:
    """A flight a row."""
    names, ordered = SourceNames(ingested), sorted(flights, key=flight_order)
    rows = [_flight_cells(f, names, zones or {}) for f in ordered]
    simulated = ingested.simulated or any(f.simulated for f in flights)
    return csv_text(rows, _columns(rows, list(_flight_columns(zones or {}))), simulated=simulated)


def legs_csv(
    legs: Sequence[Leg],
    ingested: Ingested,
    zones: Mapping[str, str],
    *,
    claims_of: Mapping[str, Sequence[str]] | None = None,
    one_ended: Sequence[OneEnded] = (),
) -> str:
    """A leg a row, then a one-ended sighting a row; `row_kind` tells legs, possible legs and sightings apart."""
    names, claims = SourceNames(ingested), claims_of or {}
    rows: list[dict[str, Cell]] = []
    for leg in sorted(legs, key=leg_order):
        rows.append(
            {
                "row_kind": "possible leg" if leg.possible else "leg",
                "leg_id": leg.leg_id,
                "origin_place": leg.origin_place,
                "destination_place": leg.destination_place,
                "leg_grade": leg.grade,
                "departure_place_grade": leg.departure_place_grade,
                "arrival_place_grade": leg.arrival_place_grade,
                "claims": " ".join(sorted(claims.get(leg.leg_id, ()))),
                **_flight_cells(leg.flight, names, zones),
            }
        )
    for sighting in sorted(one_ended, key=one_ended_order):
        departed = sighting.kind == "departure"
        rows.append(
            {
                "row_kind": "one-ended sighting",
                "leg_id": None,
                "origin_place": sighting.place if departed else None,
                "destination_place": None if departed else sighting.place,
                "leg_grade": None,
                "departure_place_grade": sighting.place_grade if departed else None,
                "arrival_place_grade": None if departed else sighting.place_grade,
                "claims": " ".join(sorted(claims.get(sighting.flight.flight_id, ()))),
                **_flight_cells(sighting.flight, names, zones),
            }
        )
    simulated = ingested.simulated or any(f.simulated for f in _flown(legs, one_ended))
    return csv_text(rows, _columns(rows, [*_LEG_COLUMNS, *_flight_columns(zones)]), simulated=simulated)


def quarantine_csv(quarantined: Sequence[Quarantined], *, simulated: bool) -> str:
    """Every record that could not become a row: file, line, column, reason, value; sorted."""
    rows: list[dict[str, Cell]] = [
        {"file": label(q.file), "line": q.line, "column": q.column, "reason": q.reason, "value": q.value}
        for q in sorted(quarantined, key=lambda q: (label(q.file), q.line, q.column, q.reason, q.value))
    ]
    return csv_text(rows, ["file", "line", "column", "reason", "value"], simulated=simulated)


_LEG_COLUMNS: Final = (
    "row_kind",
    "leg_id",
    "origin_place",
    "destination_place",
    "leg_grade",
    "departure_place_grade",
    "arrival_place_grade",
    "claims",
)


def _columns(rows: Sequence[Row], expected: list[str]) -> list[str]:
    """The expected columns; a row that has others is a fault of ours."""
    if any(list(row) != expected for row in rows):
        raise ValueError("a row's cells differ from the header")
    return expected


def _flight_columns(zones: Mapping[str, str]) -> Iterable[str]:
    yield from ("flight_id", "track_key", "icao24", "identity", "callsigns")
    for kind in ("departure", "arrival"):
        yield from (f"{kind}_airport", f"{kind}_grade", f"{kind}_probability", f"{kind}_probability_flat")
        yield f"{kind}_likeliest"
        yield f"{kind}_time_utc"
        yield from (f"{kind}_time_local_{zone}" for zone in sorted(zones.values()))
        yield from (f"{kind}_not_before_utc", f"{kind}_not_after_utc")
        yield from (f"{kind}_fix_time_utc", f"{kind}_fix_lat_deg", f"{kind}_fix_lon_deg", f"{kind}_fix_altitude_ft")
    yield from ("listed_departure", "listed_arrival", "first_seen_utc", "last_seen_utc")
    yield from (
        "position_count",
        "rejected_count",
        "rejected_by_reason",
        "longest_gap_s",
        "first_to_last_fix_distance_km",
    )
    yield from ("networks", "flags", "simulated", "source_files", "source_sha256")


def _flight_cells(flight: Flight, names: SourceNames, zones: Mapping[str, str]) -> dict[str, Cell]:
    sources = names.of(flight.source_ids)
    cells: dict[str, Cell] = {
        "flight_id": flight.flight_id,
        "track_key": flight.track_key,
        "icao24": flight.icao24,
        "identity": flight.identity,
        "callsigns": " ".join(flight.callsigns),
    }
    for kind, end in (("departure", flight.departure), ("arrival", flight.arrival)):
        cells |= _end_cells(kind, end, zones)
    return cells | {
        "listed_departure": " ".join(x.departure or "?" for x in flight.listed),
        "listed_arrival": " ".join(x.arrival or "?" for x in flight.listed),
        "first_seen_utc": iso_ms(flight.first_seen_utc),
        "last_seen_utc": iso_ms(flight.last_seen_utc),
        "position_count": flight.position_count,
        "rejected_count": flight.rejected_count,
        "rejected_by_reason": "; ".join(f"{count} {reason}" for reason, count in flight.rejected_by_reason),
        "longest_gap_s": number(flight.longest_gap_s, 1),
        "first_to_last_fix_distance_km": leg_distance_km(flight),
        "networks": " ".join(sorted(flight.networks)),
        "flags": "; ".join(flight.flags),
        "simulated": "true" if flight.simulated else "false",
        "source_files": "; ".join(str(s["file"]) for s in sources),
        "source_sha256": " ".join(str(s["sha256"]) for s in sources),
    }


def _end_cells(kind: str, end: EndpointEstimate, zones: Mapping[str, str]) -> dict[str, Cell]:
    return {
        f"{kind}_airport": end.airport or "UNKNOWN",
        f"{kind}_grade": end.grade,
        f"{kind}_probability": number(end.probability, 6),
        f"{kind}_probability_flat": number(end.probability_flat, 6),
        f"{kind}_likeliest": "; ".join(likeliest(end)),
        f"{kind}_time_utc": iso_ms(end.time_utc),
        **{f"{kind}_time_local_{zone}": local_time(end.time_utc, zone) for zone in sorted(zones.values())},
        f"{kind}_not_before_utc": iso_ms(end.not_before_utc),
        f"{kind}_not_after_utc": iso_ms(end.not_after_utc),
        f"{kind}_fix_time_utc": iso_ms(end.fix_time_utc),
        f"{kind}_fix_lat_deg": number(end.fix_lat_deg, 6),
        f"{kind}_fix_lon_deg": number(end.fix_lon_deg, 6),
        f"{kind}_fix_altitude_ft": number(end.fix_altitude_ft, 0),
    }


def flights_geojson(flights: Sequence[Flight], ingested: Ingested) -> dict[str, object]:
    """A FeatureCollection: every flight's received stretches and gaps as separate lines, and its two fixes."""
    simulated = ingested.simulated or any(f.simulated for f in flights)
    features: list[object] = []
    for flight in sorted(flights, key=flight_order):
        features += _flight_features(flight, {"flight_id": flight.flight_id}, SourceNames(ingested), simulated)
    return _collection(features, simulated)


def legs_geojson(
    legs: Sequence[Leg],
    one_ended: Sequence[OneEnded],
    ingested: Ingested,
    *,
    claims_of: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, object]:
    """The same for the legs and one-ended sightings of a query, each feature with its places, grades and claims."""
    claims, names = claims_of or {}, SourceNames(ingested)
    simulated = ingested.simulated or any(x.simulated for x in _flown(legs, one_ended))
    features: list[object] = []
    for leg in sorted(legs, key=leg_order):
        about: dict[str, object] = {
            "kind": "possible leg" if leg.possible else "leg",
            "leg_id": leg.leg_id,
            "flight_id": leg.flight.flight_id,
            "origin_place": leg.origin_place,
            "destination_place": leg.destination_place,
            "grade": leg.grade,
            "claims": sorted(claims.get(leg.leg_id, ())),
        }
        features += _flight_features(leg.flight, about, names, simulated)
    for sighting in sorted(one_ended, key=one_ended_order):
        about = {
            "kind": "one-ended sighting",
            "flight_id": sighting.flight.flight_id,
            "place": sighting.place,
            "end": sighting.kind,
            "grade": sighting.place_grade,
            "claims": sorted(claims.get(sighting.flight.flight_id, ())),
        }
        features += _flight_features(sighting.flight, about, names, simulated)
    return _collection(features, simulated)


def _flown(legs: Sequence[Leg], one_ended: Sequence[OneEnded]) -> list[Flight]:
    return [leg.flight for leg in legs] + [sighting.flight for sighting in one_ended]


def _collection(features: list[object], simulated: bool) -> dict[str, object]:
    return {
        "type": "FeatureCollection",
        "flighttrace": {
            "simulated": simulated,
            "stamp": SIMULATED_STAMP.en if simulated else None,
            "notes": [CARGO_NOTE.en, NULL_NOTE.en],
        },
        "features": features,
    }


def _flight_features(
    flight: Flight, about: Mapping[str, object], names: SourceNames, simulated: bool
) -> Iterable[object]:
    shared: dict[str, object] = {
        **about,
        "icao24": flight.icao24,
        "callsigns": list(flight.callsigns),
        "simulated": flight.simulated,
        **({"stamp": SIMULATED_STAMP.en} if simulated else {}),
        "sources": names.of(flight.source_ids),
    }
    for segment in segments(flight.track):
        if len(segment.lat_deg) > 1:
            yield {"type": "Feature", "geometry": _line(segment), "properties": {**shared, **_segment_facts(segment)}}
    for end in (flight.departure, flight.arrival):
        facts = {
            "part": f"{end.kind} fix",
            "airport": end.airport,
            "airport_grade": end.grade,
            "time_utc": iso_ms(end.fix_time_utc),
            "altitude_ft": number(end.fix_altitude_ft, 0),
        }
        point = {"type": "Point", "coordinates": [number(end.fix_lon_deg, 6), number(end.fix_lat_deg, 6)]}
        yield {"type": "Feature", "geometry": point, "properties": {**shared, **facts}}


def _segment_facts(segment: Segment) -> dict[str, object]:
    return {
        "part": segment.kind,
        "from_utc": iso_ms(segment.from_utc),
        "to_utc": iso_ms(segment.to_utc),
        "duration_s": number(segment.duration_s, 3),
        "distance_km": number(segment.km, 1),
        "positions": len(segment.lat_deg) if segment.kind == "received" else 0,
        **({"note": "nothing was received here; the line only joins its two ends"} if segment.kind == "gap" else {}),
    }


def _line(segment: Segment) -> dict[str, object]:
    parts = cut_at_antimeridian(segment.lat_deg, segment.lon_deg)
    if len(parts) == 1:
        return {"type": "LineString", "coordinates": parts[0]}
    return {"type": "MultiLineString", "coordinates": parts}


def cut_at_antimeridian(lat_deg: Floats, lon_deg: Floats) -> list[list[list[float]]]:
    """The line as lists of [longitude, latitude], cut where it crosses 180° (RFC 7946, 3.1.9).

    A step of more than 180° of longitude is taken the short way round; the latitude of the cut is interpolated.
    """
    parts: list[list[list[float]]] = [[]]
    unwrapped = np.unwrap(lon_deg, period=360.0)
    for n, (lat, lon) in enumerate(zip(lat_deg.tolist(), lon_deg.tolist(), strict=True)):
        if n and abs(lon - lon_deg[n - 1]) > 180.0:
            edge = 180.0 if lon_deg[n - 1] > 0 else -180.0
            step = float(unwrapped[n] - unwrapped[n - 1])
            share = (edge - float(lon_deg[n - 1])) / step if step else 0.0
            crossing = round(float(lat_deg[n - 1]) + share * (lat - float(lat_deg[n - 1])), 6)
            parts[-1].append([edge, crossing])
            parts.append([[-edge, crossing]])
        parts[-1].append([round(lon, 6), round(lat, 6)])
    return parts
