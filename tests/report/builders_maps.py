"""Believable flights for the map tests: tracks along given points, legs, ends, sources, and a few airfields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from flighttrace.accounting import Accounting
from flighttrace.errors import UsageError
from flighttrace.geodesy import distance_km, wgs84
from flighttrace.language import Text
from flighttrace.match.model import (
    Airfield,
    Candidate,
    EndKind,
    EndpointEstimate,
    Flight,
    Grade,
    Leg,
    OneEnded,
    Place,
    Runway,
    RunwayEnd,
)
from flighttrace.positions import Source, conform

START = datetime(2031, 10, 5, 7, 2, tzinfo=UTC)
ZONES = {"Israel": "Asia/Jerusalem", "Azerbaijan": "Asia/Baku"}

_RUNWAYS: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "LLOV": ((29.9272, 34.9317), (29.9522, 34.9433)),
    "LLER": ((29.7133, 35.0030), (29.7408, 35.0253)),
    "OJAQ": ((29.5995, 35.0150), (29.6236, 35.0212)),
    "UBBB": ((40.4583, 50.0242), (40.4760, 50.0690)),
    "UBBI": ((40.5860, 49.5430), (40.5972, 49.5718)),
    "UB18": ((40.4080, 50.1860), (40.4088, 50.2146)),
}
_FIELDS: Sequence[tuple[str, str, str, float, float, float, str]] = (
    ("LLOV", "LLOV", "Ovda Airport", 29.9403, 34.9358, 1492, "IL"),
    ("LLER", "LLER", "Ramon International Airport", 29.7270, 35.0141, 288, "IL"),
    ("LLYT", "LLYT", "Yotvata Airfield", 29.9011, 35.0675, 249, "IL"),
    ("LLRM", "LLRM", "Ramon Air Base", 30.7761, 34.6667, 2126, "IL"),
    ("LLEY", "LLEY", "Ein Yahav Airfield", 30.6217, 35.2033, -164, "IL"),
    ("LLNV", "LLNV", "Nevatim Air Base", 31.2083, 35.0123, 1330, "IL"),
    ("OJAQ", "OJAQ", "Aqaba King Hussein International Airport", 29.6116, 35.0181, 175, "JO"),
    ("UBBB", "UBBB", "Heydar Aliyev International Airport", 40.4675, 50.0467, 10, "AZ"),
    ("UBTT", "AZ-0001", "Zabrat Airport", 40.4949, 49.9771, 20, "AZ"),
    ("UBBI", "UB12", "Nasosnaya Air Base", 40.5916, 49.5574, -13, "AZ"),
    ("UB18", "UB18", "Baku Kala Air Base", 40.4084, 50.2003, 40, "AZ"),
    ("UBBG", "UBBG", "Ganja International Airport", 40.7389, 46.3201, 1083, "AZ"),
    ("UBBS", "UB13", "Khojaly Airport", 39.9014, 46.7870, 2001, "AZ"),
)


class FewAirfields:
    """A handful of fields with `get`, as the loaded ones have it."""

    def __init__(self) -> None:
        self.fields = {airport: _field(airport, *rest) for airport, *rest in _FIELDS}

    def get(self, name: str) -> Airfield:
        for field in self.fields.values():
            if name in (field.airport, field.ident):
                return field
        raise UsageError(f"no airfield is called {name!r}")


def _field(airport: str, ident: str, name: str, lat: float, lon: float, elevation_ft: float, country: str) -> Airfield:
    ends = _RUNWAYS.get(airport)
    runways = ()
    if ends:
        heading = float(wgs84().inv(ends[0][1], ends[0][0], ends[1][1], ends[1][0])[0]) % 360
        runways = (
            Runway(
                9800.0,
                "ASP",
                True,
                (
                    RunwayEnd("a", *ends[0], elevation_ft, heading),
                    RunwayEnd("b", *ends[1], elevation_ft, (heading + 180) % 360),
                ),
            ),
        )
    return Airfield(airport, ident, name, "medium_airport", lat, lon, elevation_ft, "", country, False, runways)


PLACES: Mapping[str, Place] = {
    "ovda": Place("ovda", Text("Ovda", "عوفدا"), ("LLOV",)),
    "baku": Place("baku", Text("Baku", "باكو"), ("UBBB", "UBTT", "UBBI", "UB18")),
    "karabakh-radius": Place(
        "karabakh-radius",
        Text("within 110 km of Stepanakert", "ضمن 110 كم من ستيباناكيرت"),
        ("UBBG", "UBBS"),
        centre=(39.9014, 46.7870),
        radius_km=110.0,
    ),
}

ROUTE: Sequence[tuple[float, float]] = (
    (29.9403, 34.9358),
    (30.9, 34.55),
    (32.4, 34.1),
    (34.6, 34.3),
    (36.3, 35.5),
    (37.6, 38.4),
    (39.0, 41.2),
    (40.6, 43.6),
    (41.0, 44.9),
    (40.75, 47.3),
    (40.4675, 50.0467),
)


def track(
    points: Sequence[tuple[float, float]] = ROUTE,
    *,
    start_utc: datetime = START,
    speed_kt: float = 420.0,
    gaps: Sequence[tuple[float, float]] = (),
    step_s: float = 20.0,
    callsign: str | None = "SIM101",
    icao24: str = "f00101",
    simulated: bool = True,
    fields_ft: tuple[float, float] = (1492.0, 10.0),
) -> pd.DataFrame:
    """Positions along a smoothed path; `gaps` are pairs of shares (0 to 1) of the flight's time without reception."""
    lat, lon = _smooth(np.array(points))
    legs = distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:])
    along = np.concatenate([[0.0], np.cumsum(legs)])
    seconds = along[-1] / (speed_kt * 1.852) * 3600 + 900
    at_s = np.arange(0.0, seconds, step_s)
    share = at_s / seconds
    eased = np.interp(share, [0, 0.08, 0.92, 1], [0, 0.05, 0.95, 1])
    keep = np.ones(len(at_s), dtype=bool)
    for begin, end in gaps:
        keep &= ~((share > begin) & (share < end))
    altitude = np.interp(share, [0, 0.01, 0.15, 0.86, 0.995, 1], [0, 0, 34000, 34000, 0, 0])
    altitude += np.interp(share, [0, 1], fields_ft)
    count = len(at_s)
    frame = pd.DataFrame(
        {
            "time_utc": pd.to_datetime([start_utc + timedelta(seconds=float(s)) for s in at_s]),
            "track_key": [icao24] * count,
            "icao24": [icao24] * count,
            "callsign": [callsign] * count,
            "lat_deg": np.interp(eased * along[-1], along, lat),
            "lon_deg": np.interp(eased * along[-1], along, lon),
            "baro_altitude_ft": np.round(altitude / 25) * 25,
            "geo_altitude_ft": np.nan,
            "ground_speed_kt": speed_kt,
            "true_track_deg": np.nan,
            "vertical_rate_ft_min": np.nan,
            "on_ground": (share < 0.01) | (share > 0.995),
            "position_source": ["adsb"] * count,
            "simulated": simulated,
            "listed_flight": [None] * count,
            "source_id": ["s1"] * count,
            "source_row": np.arange(2, count + 2),
            "rejected_because": [None] * count,
        }
    )
    return conform(frame[keep].reset_index(drop=True))


def _smooth(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners cut four times (Chaikin), ends kept: turns as an aircraft flies them. Longitudes may pass 180."""
    path = points.astype(float)
    for _ in range(4):
        a, b = path[:-1] * 0.75 + path[1:] * 0.25, path[:-1] * 0.25 + path[1:] * 0.75
        path = np.concatenate([path[:1], np.stack([a, b], axis=1).reshape(-1, 2), path[-1:]])
    return path[:, 0], (path[:, 1] + 180) % 360 - 180


def end(
    kind: EndKind,
    rows: pd.DataFrame,
    airport: str | None,
    grade: Grade,
    *,
    others: Mapping[str, float] = {},
) -> EndpointEstimate:
    """An end at the first or last believed row; `others` are further candidates with their probabilities."""
    rows = rows[rows["rejected_because"].isna()]
    row = rows.iloc[0 if kind == "departure" else -1]
    moment = row["time_utc"].to_pydatetime()
    known = dict(others)
    best = 1.0 - sum(known.values())
    fields = FewAirfields()

    def candidate(name: str | None, p: float) -> Candidate:
        km = None
        if name is not None:
            f = fields.get(name)
            km = float(distance_km(f.lat_deg, f.lon_deg, row["lat_deg"], row["lon_deg"]))
        return Candidate(name, p, p, 0.0, km, None)

    candidates = [candidate(airport, best), *(candidate(name or None, p) for name, p in known.items())]
    return EndpointEstimate(
        kind=kind,
        airport=airport,
        probability=best,
        probability_flat=best,
        grade=grade,
        time_utc=moment,
        not_before_utc=moment - timedelta(minutes=2),
        not_after_utc=moment + timedelta(minutes=2),
        candidates=tuple(candidates),
        fix_time_utc=moment,
        fix_lat_deg=float(row["lat_deg"]),
        fix_lon_deg=float(row["lon_deg"]),
        fix_altitude_ft=float(row["baro_altitude_ft"]),
        on_ground=grade == "A",
        descending=True,
    )


def flight(rows: pd.DataFrame, departure: EndpointEstimate, arrival: EndpointEstimate, name: str = "f1") -> Flight:
    """A flight over those rows."""
    believed = rows[rows["rejected_because"].isna()]
    calls = tuple(dict.fromkeys(c for c in rows["callsign"] if isinstance(c, str)))
    steps = believed["time_utc"].diff().dt.total_seconds().max()
    return Flight(
        flight_id=name,
        track_key=str(rows["track_key"].iloc[0]),
        icao24=str(rows["icao24"].iloc[0]),
        identity="address in the file",
        callsigns=calls,
        first_seen_utc=believed["time_utc"].iloc[0].to_pydatetime(),
        last_seen_utc=believed["time_utc"].iloc[-1].to_pydatetime(),
        departure=departure,
        arrival=arrival,
        position_count=len(believed),
        rejected_count=len(rows) - len(believed),
        simulated=bool(rows["simulated"].any()),
        source_ids=("s1",),
        networks=("unknown",),
        longest_gap_s=float(steps),
        track=rows,
    )


def leg(of: Flight, origin: str, destination: str, grades: tuple[Grade, Grade], *, possible: bool = False) -> Leg:
    return Leg(f"leg-{of.flight_id}", of, origin, destination, grades[0], grades[1], possible)


def source(file: str = "simulated_states.csv.gz", *, simulated: bool = True, source_id: str = "s1") -> Source:
    return Source(
        source_id=source_id,
        file=file,
        sha256="0f3c9a7be1d2",
        size_bytes=1,
        reader="opensky-states-csv",
        network="OpenSky",
        network_declared=False,
        accounting=Accounting(records=1, accepted=1),
        simulated=simulated,
    )


def ovda_baku(**changes: object) -> Leg:
    """The simulated leg of the picture to beat: Ovda to Baku with a stretch of 23 minutes unheard."""
    rows = track(gaps=[(0.50, 0.623)], **changes)  # type: ignore[arg-type]
    return leg(
        flight(rows, end("departure", rows, "LLOV", "A"), end("arrival", rows, "UBBB", "A")), "ovda", "baku", ("A", "A")
    )


def lost_over_the_arava() -> Leg:
    """Baku to Ovda, last heard about 100 km before the field: inferred from what the airframe does next."""
    rows = track(list(reversed(ROUTE)), callsign="SIM202", icao24="f00202", fields_ft=(10.0, 1492.0))
    rows = rows[rows["lat_deg"] > 30.78].reset_index(drop=True)
    others = {"LLRM": 0.14, "LLER": 0.08, "LLNV": 0.05, "LLEY": 0.01, "OJAQ": 0.02, "": 0.09}
    arrival = end("arrival", rows, "LLOV", "C", others=others)
    return leg(flight(rows, end("departure", rows, "UBBB", "A"), arrival, "f2"), "baku", "ovda", ("A", "C"))


def four_legs() -> tuple[list[Leg], list[OneEnded]]:
    """Two round trips of one day, one of them lost over the Arava, and a flight from Ovda with an unknown end."""
    legs = []
    for number, (hour, back) in enumerate([(2, False), (6, True), (11, False), (16, True)]):
        points = [(lat + 0.12 * number, lon - 0.1 * number) for lat, lon in ROUTE]
        points[0], points[-1] = ROUTE[0], ROUTE[-1]
        rows = track(
            list(reversed(points)) if back else points,
            start_utc=datetime(2031, 10, 5, hour, 10, tzinfo=UTC),
            callsign=f"SIM{101 + number}",
            icao24=f"f0010{number // 2}",
            gaps=[(0.4, 0.47)] if number == 2 else (),
        )
        lost = number == 3
        if lost:
            rows = rows[rows["lat_deg"] > 30.78].reset_index(drop=True)
        first, last = ("UBBB", "LLOV") if back else ("LLOV", "UBBB")
        arrival = end("arrival", rows, last, "C" if lost else "B" if number == 1 else "A",
                      others={"LLRM": 0.2, "": 0.1} if lost else {})  # fmt: skip
        names = ("baku", "ovda") if back else ("ovda", "baku")
        made = flight(rows, end("departure", rows, first, "A"), arrival, f"f{number}")
        legs.append(leg(made, *names, ("A", arrival.grade)))
    rows = track([ROUTE[0], (31.5, 34.3), (33.3, 33.9)], callsign="SIM900", icao24="f00900",
                 start_utc=datetime(2031, 10, 5, 20, 0, tzinfo=UTC))  # fmt: skip
    rows = rows[rows.index < len(rows) * 0.8]
    lone = flight(rows, end("departure", rows, "LLOV", "A"), end("arrival", rows, None, "D"), "f9")
    return legs, [OneEnded(lone, "ovda", "departure", "A", False)]


__all__ = ["PLACES", "ROUTE", "START", "ZONES", "FewAirfields", "date"]
