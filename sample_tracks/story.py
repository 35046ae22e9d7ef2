"""What is planted: which simulated aircraft flew from where to where, when, and whose receivers could hear it.

Dates are the case's, moved by 574 weeks (2020 → 2031, 2023 → 2034). Every aircraft, operator and call sign is
invented; the airfields are real. The file layout is in `make_samples.py`, the expected answers in `expectations.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from physics import AIRLINER, Plan, Point
from receivers import NORTH

SHIFT_WEEKS: Final = 574
"""11 years and a day or two: the weekday stays, and no simulated track lies on a day that an article speaks of."""

# Ways, from south to north.
ARAVA: Final[tuple[Point, ...]] = ((30.77, 35.24), (31.50, 35.42), (32.05, 35.25), (32.30, 34.60))
"""Ovda, up the Arava past Hatzeva, the Jordan valley, past Ben Gurion to the sea."""
COAST: Final[tuple[Point, ...]] = ((30.55, 34.85), (31.20, 34.62), (31.85, 34.35))
SEA: Final[tuple[Point, ...]] = ((33.60, 33.60), (35.20, 33.30))
TURKEY: Final[tuple[Point, ...]] = ((36.90, 34.60), (38.30, 38.20), (39.90, 41.20))
GEORGIA: Final[tuple[Point, ...]] = ((41.40, 43.60), (41.75, 44.80), (41.45, 45.50))
BAKU: Final[tuple[Point, ...]] = ((40.95, 46.40), (40.75, 47.20), (40.70, 48.60))
ANKARA: Final[tuple[Point, ...]] = ((40.30, 34.60), (39.90, 37.00), (39.90, 41.20), *GEORGIA, *BAKU)
RAMON: Final[tuple[Point, ...]] = ((30.20, 35.12),)

ANY_LEVEL: Final = 0.0
"""The flight level is drawn from LEVELS, by direction."""
LEVELS: Final = {"north": (31_000, 33_000, 35_000), "south": (32_000, 34_000)}
"""Odd levels eastwards, even ones westwards (ICAO Annex 2, appendix 3)."""

SOUTH: Final = ("ovda", "ramon", "tel aviv")
EVERYWHERE: Final = (*SOUTH, *NORTH, "ganja")


@dataclass(frozen=True)
class Planted:
    """One flight. Exactly one of `take_off_utc` and `landing_utc` fixes its time ("YYYY-MM-DD HH:MM")."""

    id: str
    icao24: str | None
    callsign: str
    plan: Plan
    take_off_utc: str = ""
    landing_utc: str = ""
    sites: tuple[str, ...] = EVERYWHERE
    decoy: str = ""
    """What a hasty reader would take it for, and why it is not that."""
    note: str = ""
    spoofed: tuple[str, str, float] | None = None
    """From, to (UTC), radius in km round Beirut's airport."""

    def shifted(self, **changes: object) -> Planted:
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class SimulatedAirframe:
    """An invented aircraft."""

    icao24: str
    registration: str
    operator: str
    kind: str
    typecode: str
    state: str


CONTRACTOR: Final = "Simulated Cargo (invented)"
MINISTRY: Final = "Simulated Ministry of Defence (invented)"
AIRFRAMES: Final = (
    SimulatedAirframe("d5a101", "SIM-C1", CONTRACTOR, "cargo", "IL76", "Azerbaijan"),
    SimulatedAirframe("d5a102", "SIM-C2", CONTRACTOR, "cargo", "IL76", "Azerbaijan"),
    SimulatedAirframe("d5a103", "SIM-C3", CONTRACTOR, "cargo", "IL76", "Azerbaijan"),
    SimulatedAirframe("d5a104", "SIM-M1", MINISTRY, "military transport", "IL76", "Azerbaijan"),
    SimulatedAirframe("d5a105", "SIM-C5", CONTRACTOR, "cargo", "IL76", "Azerbaijan"),
    SimulatedAirframe("d5e001", "SIM-E1", "Simulated State Flight (invented)", "executive", "GLF5", "Israel"),
)
REGISTRATIONS: Final = {frame.icao24: frame.registration for frame in AIRFRAMES}

_HEADS: Final = {"LLOV": "02R", "LLER": "01", "LLBG": "26", "LLNV": "26C", "OJAQ": "01", "UBBB": "34", "UBBG": "30"}
_TAILS: Final = {"LLOV": "20L", "LLER": "19", "LLBG": "12", "LLNV": "26C", "OJAQ": "19", "UBBB": "16", "UBBG": "12"}


def _south_of(airport: str, *, coast: bool) -> tuple[Point, ...]:
    """The way between a southern field and the sea."""
    if airport == "LLBG":
        return ()
    if airport == "LLNV":
        return ARAVA[1:] if not coast else COAST[1:]
    return (*(RAMON if airport in ("LLER", "OJAQ") else ()), *(COAST if coast else ARAVA))


def north(start: str, end: str, *, cruise_ft: float = ANY_LEVEL, coast: bool = False, runway: str = "") -> Plan:
    """A plan from a southern field to Baku or Ganja."""
    via = (*_south_of(start, coast=coast), *SEA, *TURKEY, *GEORGIA, *(BAKU if end == "UBBB" else ()))
    return Plan((start, runway or _HEADS[start]), via, (end, _TAILS[end]), cruise_ft)


def south(start: str, end: str, *, cruise_ft: float = ANY_LEVEL, coast: bool = False, runway: str = "") -> Plan:
    """A plan from Baku or Ganja to a southern field."""
    via = (*_south_of(end, coast=coast), *SEA, *TURKEY, *GEORGIA, *(BAKU if start == "UBBB" else ()))
    return Plan(
        (start, _HEADS[start]),
        tuple(reversed(via)),
        (end, runway or _TAILS[end]),
        cruise_ft,
    )


def _trip(
    name: str,
    icao24: str | None,
    callsigns: tuple[str, str],
    inbound: Plan,
    outbound: Plan,
    landing_utc: str,
    *,
    hours: float,
    sites: tuple[str, ...] = EVERYWHERE,
    decoy: str = "",
    note: str = "",
) -> tuple[Planted, Planted]:
    """There and back: the landing fixes the time, the turn-round the take-off of the way back."""
    leaves = datetime.fromisoformat(landing_utc) + timedelta(hours=hours)
    first = Planted(f"{name}-in", icao24, callsigns[0], inbound, "", landing_utc, sites, decoy, note)
    second = Planted(f"{name}-out", icao24, callsigns[1], outbound, f"{leaves:%Y-%m-%d %H:%M}", "", sites, decoy, note)
    return first, second


def _ankara() -> tuple[Plan, Plan]:
    there = Plan(("UBBB", "34"), tuple(reversed(ANKARA)), ("LTAC", "21L"), 34_000)
    return there, Plan(("LTAC", "03R"), ANKARA, ("UBBB", "16"), 33_000)


ANKARA_SITES: Final = (*NORTH, "ankara")
ANKARA_DECOY: Final = "a Turkey leg of the same airframe: not a leg to Israel"

MINISTRY_TRIPS: Final = (
    *_trip(
        "ministry-2029-12",
        "d5a104",
        ("SIM141", "SIM142"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB"),
        "2029-12-11 09:10",
        hours=2.5,
    ),
    *_trip(
        "ministry-2030-05",
        "d5a104",
        ("SIM143", "SIM144"),
        south("UBBB", "LLOV", coast=True, runway="20R"),
        north("LLOV", "UBBB", coast=True),
        "2030-05-14 08:40",
        hours=2.2,
    ),
    *_trip(
        "ministry-2030-11",
        "d5a104",
        ("SIM145", "SIM146"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB", runway="02L"),
        "2030-11-19 10:05",
        hours=2.8,
    ),
    *_trip(
        "ministry-2031-03",
        "d5a104",
        ("SIM147", "SIM148"),
        south("UBBB", "LLOV", coast=True),
        north("LLOV", "UBBB"),
        "2031-03-04 09:30",
        hours=2.4,
        note="also in the flight list and the REST flights, which state another southern field",
    ),
)

AUTUMN_2031: Final = (
    *_trip(
        "thursday-a-first",
        "d5a101",
        ("SIM101", "SIM102"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB"),
        "2031-09-24 22:30",
        hours=2.5,
        note="22:30 UTC is Thursday 25 September, 01:30, in Israel",
    ),
    *_trip(
        "thursday-a-second",
        "d5a102",
        ("SIM103", "SIM104"),
        south("UBBB", "LLOV", coast=True, runway="20R"),
        north("LLOV", "UBBB"),
        "2031-09-25 08:50",
        hours=2.1,
    ),
    Planted(
        "overflight",
        "d5b201",
        "SIM201",
        Plan(
            None,
            ((40.20, 55.20), (40.35, 52.50), (40.47, 50.05), (40.90, 47.00), *reversed((*SEA, *TURKEY, *GEORGIA))),
            ("LLBG", "12"),
            34_000,
            AIRLINER,
        ),
        landing_utc="2031-09-25 12:20",
        sites=(*EVERYWHERE, "krasnovodsk"),
        decoy="passes over Baku at FL340 on the way from the east to Ben Gurion: no departure from Baku",
    ),
    *_trip(
        "tuesday-a",
        "d5a101",
        ("SIM105", "SIM106"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB", coast=True),
        "2031-09-30 09:20",
        hours=2.5,
    ),
    *_trip(
        "thursday-b-first",
        "d5a103",
        ("SIM107", "SIM108"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB"),
        "2031-10-01 21:40",
        hours=2.2,
        note="21:40 UTC is Thursday 2 October, 00:40, in Israel",
    ),
    *_trip(
        "thursday-b-again",
        "d5a103",
        ("SIM109", "SIM110"),
        south("UBBB", "LLOV", coast=True),
        north("LLOV", "UBBB"),
        "2031-10-02 09:45",
        hours=2.6,
        note="the same airframe again: two landings, one airframe",
    ),
    *_trip(
        "arava",
        "d5a103",
        ("SIM111", "SIM112"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB"),
        "2031-10-05 10:00",
        hours=1.75,
        sites=("tel aviv", *NORTH),
        note="no receiver in the south: lost descending over the Arava, heard again climbing out two hours later",
    ),
    *_trip(
        "ankara-contractor",
        "d5a101",
        ("SIM113", "SIM114"),
        *_ankara(),
        "2031-10-11 09:00",
        hours=2.5,
        sites=ANKARA_SITES,
        decoy=ANKARA_DECOY,
    ),
    *_trip(
        "ankara-ministry",
        "d5a104",
        ("SIM115", "SIM116"),
        *_ankara(),
        "2031-10-18 13:00",
        hours=3.0,
        sites=ANKARA_SITES,
        decoy=ANKARA_DECOY,
    ),
    *_trip(
        "ramon",
        "d5a102",
        ("SIM117", "SIM118"),
        south("UBBB", "LLER"),
        north("LLER", "UBBB"),
        "2031-10-09 08:30",
        hours=2.3,
        decoy="Ramon, 25 km from Ovda",
    ),
    *_trip(
        "aqaba",
        "d5a105",
        ("SIM119", "SIM120"),
        south("UBBB", "OJAQ"),
        north("OJAQ", "UBBB"),
        "2031-10-14 11:15",
        hours=2.4,
        sites=(*EVERYWHERE, "aqaba"),
        decoy="Aqaba in Jordan, 37 km from Ovda",
    ),
    *_trip(
        "ben-gurion",
        "d5a101",
        ("SIM121", "SIM122"),
        south("UBBB", "LLBG"),
        north("LLBG", "UBBB"),
        "2031-10-16 10:30",
        hours=2.7,
        decoy="Ben Gurion, 230 km from Ovda",
    ),
    *_trip(
        "midnight",
        "d5a105",
        ("SIM123", "SIM124"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB"),
        "2031-10-28 00:25",
        hours=2.5,
        note="over UTC midnight, in two day files",
    ),
    *_trip(
        "thursday-f",
        "d5a105",
        ("SIM125", "SIM126"),
        south("UBBB", "LLOV", coast=True),
        north("LLOV", "UBBB"),
        "2031-10-30 09:40",
        hours=2.0,
    ),
)

SPOOFED_FROM, SPOOFED_TO = "2031-10-12 10:20:00", "2031-10-12 10:32:00"
_LARNACA: Final[tuple[Point, ...]] = ((34.20, 33.70), (33.20, 34.00))


def _larnaca(number: int, take_off: str, radius_km: float) -> Planted:
    plan = Plan(("LCLK", "22"), _LARNACA, ("LLBG", "12"), 21_000, AIRLINER)
    return Planted(
        f"spoofed-{number}",
        f"d5b30{number}",
        f"SIM30{number}",
        plan,
        take_off,
        sites=("larnaca", "tel aviv"),
        spoofed=(SPOOFED_FROM, SPOOFED_TO, radius_km),
        note="false positions at Beirut between 10:20 and 10:32 UTC",
    )


_spoofed_trip = _trip(
    "spoofed-cargo",
    "d5a103",
    ("SIM127", "SIM128"),
    south("UBBB", "LLOV"),
    north("LLOV", "UBBB"),
    "2031-10-12 11:05",
    hours=2.2,
    note="false positions at Beirut between 10:20 and 10:32 UTC",
)
SPOOFED: Final = (
    _spoofed_trip[0].shifted(spoofed=(SPOOFED_FROM, SPOOFED_TO, 0.7)),
    _spoofed_trip[1].shifted(note=""),
    _larnaca(1, "2031-10-12 10:06", 0.5),
    _larnaca(2, "2031-10-12 10:10", 0.5),
    _larnaca(3, "2031-10-12 10:08", 0.0),
)


def _to_ramon(number: int, landing_utc: str) -> Planted:
    way = ((31.75, 34.55), (31.20, 34.75), (30.60, 34.95), (30.25, 35.09))
    plan = Plan(("LLBG", "30"), way, ("LLER", "19"), 17_000, AIRLINER, platform_ft=3500, platform_km=10)
    return Planted(
        f"low-ovda-{number}",
        f"d5b10{number}",
        f"SIM90{number}",
        plan,
        "",
        landing_utc,
        ("ramon", "tel aviv", "nevatim"),
        note="other traffic: on the way to Ramon it is heard low beside Ovda",
    )


def _to_baku(number: int, landing_utc: str, icao24: str = "") -> Planted:
    way = ((40.65, 47.20), (40.62, 48.60), (40.60, 49.45))
    plan = Plan(("UBBG", "12"), way, ("UBBB", "16"), 21_000, AIRLINER, platform_ft=3500, platform_km=50)
    return Planted(
        f"low-baku-{number}",
        icao24 or f"d5b11{number}",
        f"SIM91{number}",
        plan,
        "",
        landing_utc,
        ("ganja", "kurdamir", "baku"),
        note="other traffic: heard low at Ganja, and past Nasosnaya to Baku",
    )


def _patrol(number: int, take_off_utc: str) -> Planted:
    """Half a day of going to and fro south of Ankara: something is heard in every hour, nothing near any place."""
    way = ((39.20, 32.60), (39.20, 34.60)) * 30
    return Planted(
        f"patrol-{number}",
        f"d5b12{number}",
        f"SIM92{number}",
        Plan(("LTAC", "21L"), way, ("LTAC", "03R"), 27_000, AIRLINER),
        take_off_utc,
        sites=ANKARA_SITES,
        note="other traffic: goes to and fro near Ankara, so that the files hold something of every hour",
    )


PATROLS: Final = (
    _patrol(1, "2031-10-06 20:40"),
    _patrol(2, "2031-10-07 08:40"),
    _patrol(3, "2031-10-08 20:40"),
    _patrol(4, "2031-10-09 08:40"),
)
OTHER_TRAFFIC: Final = (
    _to_ramon(1, "2031-10-06 22:20"),
    _to_ramon(2, "2031-10-07 10:15"),
    _to_ramon(3, "2031-10-08 22:05"),
    _to_ramon(4, "2031-10-09 12:00"),
    _to_baku(1, "2031-10-08 22:10"),
    _to_baku(2, "2031-10-09 12:00"),
)
NOT_ICAO: Final = _to_baku(9, "2031-10-30 15:00", "~d5b2aa").shifted(note="an address that is no ICAO address")

_web = _trip(
    "web", None, ("SIM151", "SIM152"), south("UBBB", "LLOV"), north("LLOV", "UBBB"), "2031-10-19 08:00", hours=2.6
)
_kml = _trip(
    "kml",
    None,
    ("SIM153", "SIM154"),
    south("UBBB", "LLOV", coast=True),
    north("LLOV", "UBBB"),
    "2031-10-26 09:15",
    hours=24.0,
)
_api = _trip(
    "api", None, ("SIM156", "SIM157"), south("UBBB", "LLOV"), north("LLOV", "UBBB"), "2031-11-09 08:20", hours=2.3
)
NO_ADDRESS: Final = (
    _web[1],
    *_kml,
    Planted(
        "flightaware",
        None,
        "SIM155",
        north("LLOV", "UBBG"),
        "2031-11-02 07:40",
        sites=(*SOUTH, *NORTH),
        note="no receiver near Ganja: the arrival is not in the track",
    ),
    Planted("api-csv", None, "SIM158", south("UBBG", "LLOV"), "", "2031-11-05 10:10"),
    *_api,
)

LISTED_ONLY: Final = _trip(
    "listed",
    "d5a105",
    ("SIM149", "SIM150"),
    *_ankara(),
    "2031-03-10 09:00",
    hours=3.0,
    sites=ANKARA_SITES,
    decoy=ANKARA_DECOY,
    note="in the flight list only: two positions a flight",
)


def _jet(plan: Plan) -> Plan:
    return replace(plan, kind=AIRLINER)


SUMMER_2034: Final = (
    Planted("state-out", "d5e001", "SIM171", _jet(north("LLBG", "UBBB", cruise_ft=39_000)), "2034-07-13 04:30"),
    Planted("state-back", "d5e001", "SIM172", _jet(south("UBBB", "LLBG", cruise_ft=38_000)), "2034-07-13 14:00"),
    Planted("ganja-0-in", "d5a102", "SIM181", south("UBBB", "LLOV"), "", "2034-08-24 07:50"),
    Planted("ganja-0-out", "d5a102", "SIM182", north("LLOV", "UBBG"), "2034-08-24 10:20"),
    *_trip(
        "ganja-1",
        "d5a102",
        ("SIM183", "SIM184"),
        south("UBBG", "LLOV", coast=True),
        north("LLOV", "UBBG"),
        "2034-09-02 09:30",
        hours=2.5,
    ),
    *_trip(
        "nevatim",
        "d5a103",
        ("SIM185", "SIM186"),
        south("UBBB", "LLNV"),
        north("LLNV", "UBBG", coast=True),
        "2034-09-03 09:00",
        hours=2.8,
        sites=(*EVERYWHERE, "nevatim"),
        note="Nevatim: in the second reading of the base, not in the first",
    ),
    *_trip(
        "baku-1",
        "d5a101",
        ("SIM187", "SIM188"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB", coast=True),
        "2034-09-07 08:15",
        hours=2.5,
    ),
    *_trip(
        "baku-2",
        "d5a101",
        ("SIM189", "SIM190"),
        south("UBBB", "LLOV"),
        north("LLOV", "UBBB"),
        "2034-09-14 10:45",
        hours=2.0,
        note="the way back is in two sources",
    ),
)

NEEDS_OPTIONS: Final = (
    Planted(
        "sbs",
        "d5a106",
        "SIM161",
        south("UBBB", "LLOV"),
        "",
        "2031-11-16 09:00",
        sites=("ovda", "ramon"),
        note="one receiver at Ovda: the departure is not in the track",
    ),
    Planted("club", "d5a107", "SIM162", north("LLOV", "UBBB"), "2031-11-17 08:00"),
    Planted("naive", "d5a108", "SIM163", north("LLOV", "UBBB", coast=True), "2031-11-18 08:30"),
    Planted("nameless", None, "SIM164", south("UBBB", "LLOV", coast=True), "", "2031-11-19 10:00"),
)

FLIGHTS: Final = (
    *MINISTRY_TRIPS,
    *LISTED_ONLY,
    *AUTUMN_2031,
    *SPOOFED,
    *OTHER_TRAFFIC,
    *PATROLS,
    NOT_ICAO,
    *NO_ADDRESS,
    *SUMMER_2034,
    *NEEDS_OPTIONS,
)
BEIRUT: Final[Point] = (33.820899, 35.488399)
"""OLBA's reference point (OurAirports)."""

PLACES: Final = {
    "ovda": ("LLOV",),
    "south-israel-bases": ("LLOV", "LLNV", "LLRM"),
    "israel": ("LLOV", "LLNV", "LLRM", "LLBG", "LLER"),
    "baku": ("UBBB",),
    "near-karabakh": ("UBBG",),
    "azerbaijan": ("UBBB", "UBBG"),
}
"""Places of the case, as far as the airfields flown to here belong to them."""
