"""One-line builders of what weigh hands to report: small, frozen, and dated where no real case is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from flighttrace.accounting import Accounting, Quarantined
from flighttrace.errors import DamagedFileError, LocatedError
from flighttrace.language import Text
from flighttrace.match.cleaning import JUMP
from flighttrace.match.model import (
    Airfield,
    Candidate,
    Coverage,
    DayCoverage,
    EndKind,
    EndpointEstimate,
    Flight,
    Grade,
    Leg,
    ListedEnds,
    OneEnded,
    Place,
    Witness,
)
from flighttrace.match.spoofing import STALE
from flighttrace.positions import Ingested, Source, conform, empty_listed_flights, empty_positions
from flighttrace.weigh.model import (
    Article,
    Case,
    Claim,
    Element,
    Finding,
    Network,
    Reading,
    ReadingResult,
    Verdict,
    Weighed,
)

NOON = datetime(2031, 9, 25, 12, tzinfo=UTC)

FIELDS: Mapping[str, Airfield] = {
    name: Airfield(name, name, title, "medium_airport", lat, lon, elevation, "", country, False)
    for name, title, lat, lon, elevation, country in (
        ("LLOV", "Ovda", 29.9403, 34.9358, 1492.0, "IL"),
        ("LLER", "Ramon", 29.7270, 35.0141, 288.0, "IL"),
        ("UBBB", "Heydar Aliyev", 40.4675, 50.0467, 10.0, "AZ"),
        ("UBBG", "Ganja", 40.7377, 46.3176, 1083.0, "AZ"),
    )
}
PLACES = {
    "ovda": Place("ovda", Text("Ovda", "عوفدا"), ("LLOV",)),
    "baku": Place("baku", Text("Baku", "باكو"), ("UBBB",)),
    "near-karabakh": Place("near-karabakh", Text("near Karabakh", "قرب قره باغ"), ("UBBG",)),
    "karabakh-radius": Place(
        "karabakh-radius", Text("within 110 km of Karabakh", "ضمن 110 كم"), ("UBBG",), (39.9014, 46.7870), 110.0
    ),
}


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def accounting(**changes: object) -> Accounting:
    values: dict[str, object] = {
        "records": 1000,
        "accepted": 940,
        "without_position": {"no position in the message": 50},
        "quarantined": {"latitude out of range": 3},
        "exact_duplicates": 7,
        "physical_lines": 1001,
        "header_lines": 1,
        "record_lines": 1000,
    }
    return Accounting(**{**values, **changes})  # type: ignore[arg-type]


def source(file: str = "tracks.csv", *, network: str = "OpenSky", simulated: bool = False, **changes: object) -> Source:
    values: dict[str, object] = {
        "source_id": f"s:{file}",
        "file": file,
        "sha256": sha(file),
        "size_bytes": 81_234,
        "reader": "opensky-states-csv",
        "network": network,
        "network_declared": False,
        "accounting": accounting(),
        "simulated": simulated,
    }
    return Source(**{**values, **changes})  # type: ignore[arg-type]


def ingested(
    sources: Sequence[Source] | None = None,
    *,
    quarantined: Sequence[Quarantined] = (),
    failures: Sequence[LocatedError] = (),
) -> Ingested:
    found = tuple(sources) if sources is not None else (source(),)
    return Ingested(empty_positions(), empty_listed_flights(), found, tuple(quarantined), tuple(failures))


def track(
    points: Sequence[tuple[float, float]],
    *,
    start: datetime = NOON,
    step_s: float = 60.0,
    gap_after: int | None = None,
    gap_s: float = 3600.0,
    icao24: str = "a0b0c0",
    callsign: str = "EXA105",
    source_id: str = "s:tracks.csv",
) -> pd.DataFrame:
    """Positions at `step_s`, with one gap after the point `gap_after`."""
    seconds = np.arange(len(points), dtype=np.float64) * step_s
    if gap_after is not None:
        seconds[gap_after + 1 :] += gap_s
    lat, lon = np.array(points, dtype=float).T
    count = len(points)
    nothing = [None] * count
    return conform(
        pd.DataFrame(
            {
                "time_utc": pd.to_datetime(start.timestamp() * 1000 + seconds * 1000, unit="ms", utc=True),
                "track_key": icao24,
                "icao24": icao24,
                "callsign": callsign,
                "lat_deg": lat,
                "lon_deg": lon,
                "baro_altitude_ft": 31_000.0,
                "geo_altitude_ft": np.nan,
                "ground_speed_kt": 430.0,
                "true_track_deg": np.nan,
                "vertical_rate_ft_min": np.nan,
                "on_ground": pd.array(nothing, dtype="boolean"),
                "position_source": "adsb",
                "simulated": False,
                "listed_flight": pd.array(nothing, dtype="str"),
                "source_id": source_id,
                "source_row": np.arange(count) + 2,
                "rejected_because": pd.array(nothing, dtype="str"),
            }
        )
    )


def route(reverse: bool = False, points: int = 150, shift: float = 0.0) -> list[tuple[float, float]]:
    """Ovda over Cyprus' east, Turkey and Georgia to Baku: the way the press describes, as a polyline."""
    corners = [
        (29.94, 34.94), (31.2, 34.45), (33.4, 34.25), (36.4, 35.6), (39.2, 39.6), (41.2, 42.2), (41.9, 44.2),
        (41.2, 47.3), (40.47, 50.05),
    ]  # fmt: skip
    lat, lon = np.array(corners).T
    at = np.linspace(0, len(corners) - 1, points)
    where = np.arange(len(corners))
    bend = shift * np.sin(np.pi * at / (len(corners) - 1))
    found = [
        (float(a), float(o)) for a, o in zip(np.interp(at, where, lat) + bend, np.interp(at, where, lon), strict=True)
    ]
    return found[::-1] if reverse else found


def end(
    kind: EndKind,
    airport: str | None = "LLOV",
    *,
    grade: Grade = "A",
    at: datetime = NOON,
    probability: float = 0.9,
    reasons: Sequence[Text] = (Text("on the ground, 0.4 km from the runway", "على الأرض، على بعد 0.4 كم من المدرج"),),
    rival: str = "LLER",
) -> EndpointEstimate:
    rest = (1 - probability) / 3
    field = FIELDS.get(airport or "LLOV", FIELDS["LLOV"])
    candidates = (
        Candidate(airport, probability, probability, -1.0, 0.4, 120.0),
        Candidate(rival, 2 * rest, 2 * rest, -4.0, 25.0, 1324.0),
        Candidate(None if airport else "UBBG", rest, rest, -6.0, None, None),
    )
    return EndpointEstimate(
        kind=kind,
        airport=airport,
        probability=probability,
        probability_flat=probability,
        grade=grade,
        time_utc=at,
        not_before_utc=at - timedelta(minutes=2),
        not_after_utc=at + timedelta(minutes=2),
        candidates=candidates,
        fix_time_utc=at,
        fix_lat_deg=field.lat_deg,
        fix_lon_deg=field.lon_deg,
        fix_altitude_ft=1500.0,
        on_ground=grade == "A",
        descending=True,
        reasons=tuple(reasons),
    )


def flight(
    name: str = "f1",
    *,
    departs: str | None = "LLOV",
    arrives: str | None = "UBBB",
    at: datetime = NOON,
    grade: Grade = "A",
    callsign: str = "EXA105",
    icao24: str | None = "a0b0c0",
    simulated: bool = False,
    source_ids: Sequence[str] = ("s:tracks.csv",),
    gap_after: int | None = None,
    listed: Sequence[ListedEnds] = (),
    flags: Sequence[str] = (),
    shift: float = 0.0,
) -> Flight:
    rows = track(
        route(reverse=departs == "UBBB", shift=shift), start=at, gap_after=gap_after, gap_s=3000, callsign=callsign
    )
    lands = at + timedelta(hours=3, minutes=10)
    return Flight(
        flight_id=name,
        track_key=icao24 or "#01234567/x",
        icao24=icao24,
        identity="address in the file" if icao24 else "not in the file",
        callsigns=(callsign,) if callsign else (),
        first_seen_utc=at,
        last_seen_utc=lands,
        departure=end("departure", departs, at=at, grade=grade),
        arrival=end("arrival", arrives, at=lands, grade=grade, rival="UBBG"),
        position_count=len(rows),
        rejected_count=4,
        rejected_by_reason=((JUMP, 1), (STALE, 3)),
        simulated=simulated,
        source_ids=tuple(source_ids),
        networks=("OpenSky",),
        longest_gap_s=3000.0 if gap_after else 60.0,
        listed=tuple(listed),
        flags=tuple(flags),
        track=rows,
    )


def leg(of: Flight | None = None, *, origin: str = "ovda", to: str = "baku", possible: bool = False) -> Leg:
    flown = of or flight()
    grade: Grade = "D" if possible else flown.departure.grade
    return Leg(
        leg_id=f"leg-{flown.flight_id}",
        flight=flown,
        origin_place=origin,
        destination_place=to,
        departure_place_grade=grade,
        arrival_place_grade=flown.arrival.grade,
        possible=possible,
        witnesses=(Witness("OpenSky", flown.source_ids, grade, flown.arrival.grade),),
    )


def one_ended(of: Flight | None = None, *, place: str = "ovda", kind: EndKind = "arrival") -> OneEnded:
    return OneEnded(of or flight("f-one", departs=None), place, kind, "B", False)


ARTICLE = Article(
    "paper-2031",
    Text("A news item of the simulated case", "خبر من القضية المُحاكاة"),
    sha("article"),
    "ar",
    Network(("flightradar24",), True, Text("the item cites Flightradar24", "يستند الخبر إلى فلايترادار24")),
    Text("undated", "بلا تاريخ"),
)


def reading(label: str = "A", *, first: bool = True, **values: str) -> Reading:
    return Reading(
        ARTICLE.id,
        label,
        values or {"base": "ovda", "day": label},
        Text(f"reading {label}: published on day {label}", f"القراءة {label}: نُشر في اليوم {label}"),
        first,
    )


def coverage(covered: bool = False, days: int = 3, airport: str = "LLOV") -> Coverage:
    first = date(2031, 9, 25)
    heard = [0 if not covered and n == 1 else 4 for n in range(days)]
    return Coverage(
        tuple(
            DayCoverage(airport, first + timedelta(days=n), h, h * 40, 900.0 if h else None)
            for n, h in enumerate(heard)
        ),
        covered,
        silent=None if covered else (datetime(2031, 9, 26, 2, 15, tzinfo=UTC), datetime(2031, 9, 26, 9, tzinfo=UTC)),
    )


def result(
    of: Reading | None = None,
    verdict: Verdict = "consistent",
    *,
    legs: Sequence[str] = (),
    possible: Sequence[str] = (),
    rivals: Sequence[str] = (),
    cover: Coverage | None = None,
    day: datetime = NOON,
    days: int = 1,
) -> ReadingResult:
    met = verdict in ("consistent", "corroborated", "partly corroborated")
    start = day.replace(hour=0) - timedelta(hours=3)
    return ReadingResult(
        reading=of or reading(),
        verdict=verdict,
        elements=(
            Element("places", "met" if met else "not met", Text("both ends in the places", "الطرفان في المكانين")),
            Element("count", "not met", Text("1 of 2 landings", "هبوط واحد من اثنين")),
            Element("operator", "unknowable", Text("identity declared by the user", "الهوية من المستخدم")),
        ),
        window_from_utc=start,
        window_to_utc=start + timedelta(days=days),
        counted=Text(f"{len(legs)} landings at Ovda", f"عدد الهبوط في عوفدا: {len(legs)}"),
        legs=tuple(legs),
        possible=tuple(possible),
        rivals=tuple(rivals),
        notes=(Text("one feed only", "مصدر واحد فقط"),),
        reasons=(Text("the match has no independent witness", "لا شاهد مستقل على المطابقة"),),
        coverage=cover,
    )


def claim(name: str = "paper-2031.landing", text: Text | None = None, **changes: object) -> Claim:
    values: dict[str, object] = {
        "id": name,
        "article": ARTICLE.id,
        "paragraph": "1",
        "text": text
        or Text("on the Thursday two cargo aircraft landed at Ovda", "يوم الخميس هبطت طائرتا شحن في عوفدا"),
        "expects": {"count": 2},
        "ceiling": None,
        "tracks_show": Text("landings at Ovda on that local day", "الهبوط في عوفدا في ذلك اليوم"),
        "tracks_cannot": Text("what was loaded", "ما الذي حُمّل"),
    }
    return Claim(**{**values, **changes})  # type: ignore[arg-type]


def untestable_claim(name: str = "paper-2031.statement") -> Claim:
    return claim(
        name,
        Text("an ambassador made a statement", "أدلى سفير بتصريح"),
        expects=None,
        untestable=Text("a statement leaves no track", "التصريح لا يترك مساراً"),
    )


def finding(of: Claim | None = None, results: Sequence[ReadingResult] | None = None) -> Finding:
    shown = tuple(results) if results is not None else (result(),)
    verdicts = {r.verdict for r in shown}
    return Finding(
        claim=of or claim(),
        article=ARTICLE,
        verdict=shown[0].verdict if shown else "not testable",
        readings=shown,
        readings_agree=len(verdicts) <= 1,
        legs=shown[0].legs if shown else (),
        reasons=shown[0].reasons if shown else (Text("no track can show it", "لا مسار يُظهره"),),
    )


def case(findings: Sequence[Finding] = ()) -> Case:
    readings = {r.reading.label: r.reading for f in findings for r in f.readings}
    return Case(
        name="test-case",
        title=Text("Flights between Ovda and Baku", "رحلات بين عوفدا وباكو"),
        digest=sha("case"),
        places=PLACES,
        routes=(("ovda", "baku"), ("ovda", "near-karabakh")),
        airframes=(),
        articles=(ARTICLE,),
        claims=tuple(f.claim for f in findings),
        readings={ARTICLE.id: tuple(readings.values())},
        local_timezones={"Israel": "Asia/Jerusalem", "Azerbaijan": "Asia/Baku"},
        file="test-case.yaml",
    )


def weighed(
    *,
    legs: Sequence[Leg] | None = None,
    sightings: Sequence[OneEnded] = (),
    findings: Sequence[Finding] | None = None,
    simulated: bool = False,
) -> Weighed:
    flown = tuple(legs) if legs is not None else (leg(),)
    found = (
        tuple(findings)
        if findings is not None
        else (
            finding(results=[result(legs=[x.leg_id for x in flown if not x.possible])]),
            finding(untestable_claim(), ()),
        )
    )
    bears = {x.leg_id: ("paper-2031.landing",) for x in flown if not x.possible}
    return Weighed(case(found), found, flown, tuple(sightings), bears, simulated)


def full_case(*, simulated: bool = True) -> tuple[Weighed, list[Flight], Ingested]:
    """A case with everything a page shows: 22 legs both ways, a possible one, readings that differ, a failed file."""
    rng = np.random.default_rng(7)
    files = [
        source("opensky/day-1.csv.gz", simulated=simulated),
        source("exports/EXA105.kml", network="Flightradar24", reader="kml", simulated=simulated),
    ]
    ids = [s.source_id for s in files]
    day, legs, flights = datetime(2031, 8, 21, 6, tzinfo=UTC), [], []
    for n in range(22):
        out = n % 2 == 0
        flown = flight(
            f"f{n:02}",
            departs="LLOV" if out else "UBBB",
            arrives="UBBB" if out else "LLOV",
            at=day + timedelta(hours=float(rng.integers(0, 12))),
            grade=("A", "B", "C")[n % 3],
            callsign=f"SIM{100 + n}",
            icao24="f0000a" if n % 3 else "f0000b",
            simulated=simulated,
            source_ids=ids if n % 4 == 0 else ids[:1],
            gap_after=60 if n % 5 == 0 else None,
            flags=("call sign changed in flight",) if n == 3 else (),
            listed=(ListedEnds("LLER", "UBBB", ids[0]),) if n == 2 else (),
            shift=float(rng.normal(0, 0.15)),
        )
        flights.append(flown)
        legs.append(leg(flown, origin="ovda" if out else "baku", to="baku" if out else "ovda"))
        day += timedelta(days=float(rng.integers(1, 8)))
    maybe = flight("f90", at=datetime(2031, 9, 20, 4, tzinfo=UTC), grade="D", callsign="SIM190", simulated=simulated)
    lost = flight("f91", departs=None, arrives="LLOV", at=datetime(2031, 10, 2, 7, tzinfo=UTC), simulated=simulated)
    maybe = Flight(**{**maybe.__dict__, "source_ids": tuple(ids[:1])})
    lost = Flight(**{**lost.__dict__, "source_ids": tuple(ids[:1])})
    legs.append(leg(maybe, possible=True))
    sightings = [one_ended(lost)]
    a, b = reading("A"), reading("B", first=False)
    later = NOON + timedelta(days=7)
    two = finding(
        claim(),
        [
            result(a, "partly corroborated", legs=[legs[4].leg_id], rivals=[legs[5].leg_id], day=NOON),
            result(b, "not observed, not covered", day=later, possible=[legs[-1].leg_id], cover=coverage()),
        ],
    )
    weeks = [
        reading(f"{w} weeks", first=w == 4, base="ovda", place="near-karabakh", window=f"{w} weeks")
        for w in (4, 3, 6, 8)
    ]
    supply = finding(
        claim(
            "paper-2031.weeks-of-supply",
            Text(
                "flights are offered as evidence of several weeks of supply", "تُقدَّم الرحلات دليلاً على أسابيع من الإمداد"
            ),
            paragraph="4",
            ceiling="consistent",
        ),
        [
            result(w, "consistent", legs=[x.leg_id for x in legs[:4]], day=NOON - timedelta(weeks=n), days=7 * n)
            for n, w in zip((4, 3, 6, 8), weeks, strict=True)
        ],
    )
    null = finding(
        claim(
            "paper-2031.ganja",
            Text("flights to the field near Karabakh", "رحلات إلى المطار قرب قره باغ"),
            paragraph="5",
        ),
        [result(a, "not observed, though covered", cover=coverage(True), day=NOON + timedelta(days=20), days=3)],
    )
    findings = (two, supply, null, finding(untestable_claim(), ()), finding(untestable_claim("paper-2031.oil"), ()))
    bears = {i: (f.claim.id,) for f in findings for i in f.legs}
    read = ingested(
        files,
        quarantined=[Quarantined("opensky/day-1.csv.gz", 17, "lat", "latitude out of range", "95.1")] * 3,
        failures=[DamagedFileError("the gzip data end early", file="cut.csv.gz", accepted="a whole file")],
    )
    return (
        Weighed(case(findings), findings, tuple(legs), tuple(sightings), bears, simulated),
        [*flights, maybe, lost],
        read,
    )
