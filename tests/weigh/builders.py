"""One-line builders of flights with chosen ends, of cases from YAML text, and of ingested inputs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from flighttrace.accounting import Accounting
from flighttrace.errors import LocatedError
from flighttrace.match.flights import flight_id
from flighttrace.match.model import Candidate, EndKind, EndpointEstimate, Flight, Grade
from flighttrace.match.places import load_airfields
from flighttrace.positions import Ingested, Source, conform, empty_listed_flights, empty_positions
from flighttrace.weigh.case import load_case
from flighttrace.weigh.model import Case, Finding, ReadingResult, Verdict, Weighed
from flighttrace.weigh.verdicts import weigh_claims

AIRFIELDS = load_airfields()
HEIGHT_FT = {"A": 0.0, "B": 2000.0, "C": 9000.0, "D": 9000.0}
DISTANCE_KM = {"A": 0.3, "B": 6.0, "C": 40.0, "D": 60.0}
SHARE = {"A": 0.99, "B": 0.99, "C": 0.9, "D": 0.6}


def utc(text: str) -> datetime:
    """`2020-09-29 10:00` as an aware time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def end(
    kind: EndKind, airport: str | None, at: datetime, grade: Grade = "A", *, slack_min: float = 5.0
) -> EndpointEstimate:
    """An end at one field with that grade; the rest of the probability is UNKNOWN's."""
    share = SHARE[grade] if airport else 0.0
    height, distance = HEIGHT_FT[grade], DISTANCE_KM[grade]
    candidates = [Candidate(None, 1 - share, 1 - share, 0.0, None, None)]
    if airport is not None:
        candidates.insert(0, Candidate(airport, share, share, 0.0, distance, height))
    field = AIRFIELDS.get(airport) if airport else AIRFIELDS.get("LLOV")
    return EndpointEstimate(
        kind=kind,
        airport=airport,
        probability=share,
        probability_flat=share,
        grade=grade if airport else "D",
        time_utc=at if airport else None,
        not_before_utc=at - timedelta(minutes=slack_min) if airport else None,
        not_after_utc=at + timedelta(minutes=slack_min) if airport else None,
        candidates=tuple(candidates),
        fix_time_utc=at,
        fix_lat_deg=field.lat_deg,
        fix_lon_deg=field.lon_deg,
        fix_altitude_ft=height,
        on_ground=grade == "A",
        descending=True,
        came_down=True,
    )


def flight(
    origin: str | None,
    destination: str | None,
    arrives: str,
    *,
    icao24: str = "600865",
    grade: Grade = "A",
    departure_grade: Grade = "A",
    network: str = "OpenSky",
    hours: float = 3.0,
    identity: str = "address in the file",
    flags: Sequence[str] = (),
    longest_gap_s: float = 20.0,
    slack_min: float = 5.0,
    simulated: bool = False,
    track: pd.DataFrame | None = None,
) -> Flight:
    """A flight that one network heard; `arrives` is UTC."""
    landed = utc(arrives)
    left = landed - timedelta(hours=hours)
    source = f"s:{network}"
    return Flight(
        flight_id=flight_id(icao24, left),
        track_key=icao24,
        icao24=icao24,
        identity=identity,
        callsigns=("AZQ101",),
        first_seen_utc=left,
        last_seen_utc=landed,
        departure=end("departure", origin, left, departure_grade, slack_min=slack_min),
        arrival=end("arrival", destination, landed, grade, slack_min=slack_min),
        position_count=100,
        rejected_count=0,
        simulated=simulated,
        source_ids=(source,),
        networks=(network,),
        network_of_source=((source, network),),
        longest_gap_s=longest_gap_s,
        flags=tuple(flags),
        track=pd.DataFrame() if track is None else track,
    )


def positions(
    points: Sequence[tuple[str, float, float, float]], *, icao24: str = "600865", rejected: str | None = None
) -> pd.DataFrame:
    """Positions from (UTC time, latitude, longitude, altitude in ft)."""
    n = len(points)
    nothing = pd.array([None] * n, dtype="str")
    return conform(
        pd.DataFrame(
            {
                "time_utc": pd.to_datetime([p[0] for p in points], utc=True),
                "track_key": icao24,
                "icao24": icao24,
                "callsign": nothing,
                "lat_deg": [p[1] for p in points],
                "lon_deg": [p[2] for p in points],
                "baro_altitude_ft": [p[3] for p in points],
                "geo_altitude_ft": np.nan,
                "ground_speed_kt": np.nan,
                "true_track_deg": np.nan,
                "vertical_rate_ft_min": np.nan,
                "on_ground": pd.array([None] * n, dtype="boolean"),
                "position_source": nothing,
                "simulated": False,
                "listed_flight": nothing,
                "source_id": "s:OpenSky",
                "source_row": np.arange(n) + 2,
                "rejected_because": pd.array([rejected] * n, dtype="str"),
            }
        )
    )


def low_traffic(airport: str, first_day: str, days: int, *, icao24: str = "4b1234") -> pd.DataFrame:
    """Another aircraft low over a field at 09:00 UTC of each day, and heard far away in every hour of the local one."""
    field = AIRFIELDS.get(airport)
    at = [utc(first_day) + timedelta(days=n, hours=9) for n in range(days)]
    low = [(t.isoformat(), field.lat_deg, field.lon_deg, field.elevation_ft + 1000) for t in at]
    every_hour = [utc(first_day) + timedelta(hours=n - 3, minutes=30) for n in range(24 * days)]
    far = [(t.isoformat(), 50.0, 10.0, 36_000.0) for t in every_hour]
    return positions(sorted([*low, *far]), icao24=icao24)


def source(network: str = "OpenSky", *, quarantined: int = 0, file: str | None = None) -> Source:
    lost = {"latitude out of range": quarantined} if quarantined else {}
    books = Accounting(1000, 1000 - quarantined, quarantined=lost)
    return Source(
        f"s:{network}", file or f"{network.lower()}.csv", "0" * 64, 1, "opensky-states-csv", network, False, books
    )


def ingested(
    rows: Sequence[pd.DataFrame] = (),
    *,
    sources: Sequence[Source] | None = None,
    failures: Sequence[LocatedError] = (),
) -> Ingested:
    table = conform(pd.concat(list(rows), ignore_index=True)) if rows else empty_positions()
    chosen = tuple(sources) if sources is not None else (source(), source("Flightradar24"), source("unknown"))
    return Ingested(table, empty_listed_flights(), chosen, failures=tuple(failures))


def weighed(case: Case, flights: Sequence[Flight], heard: Ingested | None = None) -> Weighed:
    return weigh_claims(case, flights, heard or ingested(), AIRFIELDS)


def finding(result: Weighed, claim: str) -> Finding:
    return next(f for f in result.findings if f.claim.id == claim)


def first(result: Weighed, claim: str) -> ReadingResult:
    return finding(result, claim).readings[0]


def verdicts(result: Weighed) -> dict[str, tuple[Verdict, ...]]:
    return {f.claim.id: tuple(r.verdict for r in f.readings) or (f.verdict,) for f in result.findings}


CASE_HEAD = """\
schema: flighttrace/case/1
name: small
title: { en: "small" }
timezone: Asia/Jerusalem
address_blocks:
  Azerbaijan:
    - { first: "600800", last: "600bff", source: a }
    - { first: "600800", last: "600fff", source: b, wider: true }
places:
  ovda: { title: { en: Ovda }, airports: [LLOV] }
  baku: { title: { en: Baku }, airports: [UBBB, UB18] }
routes: [[ovda, baku]]
airframes:
  "600865": { registration: a, operator: Silk Way Airlines, kind: cargo, state: Azerbaijan, source: a table }
  "600866": { registration: b, operator: Silk Way Airlines, kind: cargo, state: Azerbaijan, source: a table }
  "613133": { registration: c, operator: Ministry, kind: military transport, state: Azerbaijan, source: a table }
  "738041": { registration: d, operator: El Al, kind: airliner, state: Israel, source: a table }
articles:
  art:
    title: { en: article }
    sha256: "0000000000000000000000000000000000000000000000000000000000000000"
    language: en
    networks: { known: true, names: [Flightradar24], note: { en: read there } }
    note: { en: Undated. }
    readings: { day: { A: { tuesday: 2020-09-29 }, B: { tuesday: 2020-10-06 } } }
claims:
  art.it:
    article: art
    paragraph: "1"
    text: { en: "A claim." }
    tracks_show: { en: "a flight" }
    tracks_cannot: { en: "what it carried" }
"""


def small_case(folder: Path, expects: str, *, ceiling: bool = False) -> Case:
    """A case of one claim `art.it` with these `expects` (YAML, flow style)."""
    path = folder / "case.yaml"
    path.write_text(CASE_HEAD + f"    expects: {expects}\n" + ("    ceiling: consistent\n" if ceiling else ""), "utf-8")
    return load_case(path, airfields=AIRFIELDS)
