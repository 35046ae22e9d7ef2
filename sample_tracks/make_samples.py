"""Writes the sample tracks and their truth: `python sample_tracks/make_samples.py [FOLDER]`.

A pure function of the seed: no clock, no network, no data but the numbers in these files. Another run gives the same
bytes (gzip and Parquet: with the same versions of zlib and pyarrow; their content in any case).
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import formats as f
import formats_fr24 as fr24
from expectations import expected_verdicts
from physics import RUNWAYS, Flown, distance_km, fly
from receivers import Air, Fix, listen, spoofed
from story import BEIRUT, FLIGHTS, LEVELS, PLACES, REGISTRATIONS, SHIFT_WEEKS, Planted

SEED: Final = 20310925
HERE: Final = Path(__file__).parent
DAY_S: Final = 86_400
PATROL_DENSITY: Final = 0.5
"""Kept of what is heard of them: a fix a minute or so says that the files hold something of that hour."""


def epoch_s(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def rng_of(*names: str) -> np.random.Generator:
    """A stream of its own for each flight and source, so that a new flight changes no other."""
    return np.random.default_rng([SEED, *(crc32(name.encode()) for name in names)])


class Samples:
    """All planted flights flown, and what each file has heard of them."""

    def __init__(self) -> None:
        self.flights = {flight.id: flight for flight in FLIGHTS}
        self.flown: dict[str, Flown] = {}
        self.begin_s: dict[str, float] = {}
        self.air: dict[str, Air] = {}
        for flight in FLIGHTS:
            self._fly(flight)
        self.heard: dict[str, dict[str, list[Fix]]] = {}
        """Flight id → file → the fixes that this file holds."""

    def _fly(self, flight: Planted) -> None:
        rng = rng_of(flight.id, "weather")
        via = tuple((lat + rng.normal(0, 0.02), lon + rng.normal(0, 0.02)) for lat, lon in flight.plan.via)
        wind, pace = float(rng.uniform(10, 45)), float(rng.uniform(0.92, 1.08))
        direction = float(rng.uniform(240, 310))
        air = Air(qnh_hpa=float(rng.uniform(1008, 1019)), warmth=float(rng.uniform(0.0, 0.03)))
        northwards = flight.plan.departure is not None and flight.plan.departure[0].startswith("L")
        level_ft = float(flight.plan.cruise_ft or rng.choice(LEVELS["north" if northwards else "south"]))
        plan = replace(flight.plan, via=via, wind_kt=wind, wind_from_deg=direction, pace=pace)
        flown = fly(replace(plan, cruise_ft=air.altitude_ft(level_ft)))
        self.air[flight.id] = air
        self.flown[flight.id] = flown
        if flight.landing_utc:
            assert flown.landing_s is not None
            self.begin_s[flight.id] = epoch_s(flight.landing_utc) - flown.landing_s
        else:
            assert flown.take_off_s is not None
            self.begin_s[flight.id] = epoch_s(flight.take_off_utc) - flown.take_off_s

    def track(
        self, flight_id: str, file: str, *, density: float = 1.0, from_s: float = 0, to_s: float = 1e12
    ) -> f.Track:
        """The track of one flight as this file holds it; noted for the truth."""
        flight = self.flights[flight_id]
        fixes = listen(
            self.flown[flight_id],
            flight.sites,
            rng_of(flight_id, file),
            begin_s=self.begin_s[flight_id],
            air=self.air[flight_id],
            density=density,
        )
        if flight.spoofed is not None:
            start, end, radius_km = flight.spoofed
            fixes = spoofed(fixes, BEIRUT, from_s=epoch_s(start), to_s=epoch_s(end), radius_km=radius_km)
        fixes = [fix for fix in fixes if from_s <= fix.time_s < to_s]
        self.heard.setdefault(flight_id, {})[file] = fixes
        registration = REGISTRATIONS.get(flight.icao24 or "", "SIM-REG")
        typecode = "IL76" if (flight.icao24 or "d5a").startswith("d5a") else "A320"
        typecode = "GLF5" if flight.icao24 == "d5e001" else typecode
        return f.Track(flight.icao24, flight.callsign, tuple(fixes), registration, typecode)

    def tracks(self, file: str, *flight_ids: str) -> list[f.Track]:
        return [self.track(flight_id, file) for flight_id in flight_ids]


def both(name: str) -> tuple[str, str]:
    return f"{name}-in", f"{name}-out"


def opensky_files(s: Samples) -> dict[str, bytes]:
    folder = "tracks/opensky"
    plain = {"states_2031-09-24_2231.csv": both("thursday-a-first")}
    packed: dict[str, tuple[str, ...]] = {
        "states_2031-09-25.csv.gz": (*both("thursday-a-second"), "overflight"),
        "states_2031-09-30.csv.gz": both("tuesday-a"),
        "states_2031-10-02.csv.gz": (*both("thursday-b-first"), *both("thursday-b-again")),
        "states_2031-10-05.csv.gz": both("arava"),
        "states_2031-10-09.csv.gz": both("ramon"),
        "states_2031-10-12.csv.gz": (*both("spoofed-cargo"), "spoofed-1", "spoofed-2", "spoofed-3"),
        "states_2031-10_other_traffic.csv.gz": (
            *(f"low-ovda-{n}" for n in (1, 2, 3, 4)),
            *(f"low-baku-{n}" for n in (1, 2)),
        ),
        "states_2031-03-04.csv.gz": both("ministry-2031-03"),
        "states_2034-08-24.csv.gz": both("ganja-0"),
        "states_2034-09.csv.gz": ("ganja-1-in", *both("nevatim"), *both("baku-1"), *both("baku-2")),
    }
    files: dict[str, bytes] = {}
    for name, pair in plain.items():
        files[f"{folder}/{name}"] = f.opensky_states(s.tracks(f"{folder}/{name}", *pair))
    for name, ids in packed.items():
        files[f"{folder}/{name}"] = f.gzipped(f.opensky_states(s.tracks(f"{folder}/{name}", *ids)))
    patrols = f"{folder}/states_2031-10_patrols.csv.gz"
    seldom = [s.track(f"patrol-{n}", patrols, density=PATROL_DENSITY) for n in (1, 2, 3, 4)]
    files[patrols] = f.gzipped(f.opensky_states(seldom))
    tar = f"{folder}/states_2029_2030.csv.tar"
    december, may = (s.tracks(tar, *both(name)) for name in ("ministry-2029-12", "ministry-2030-05"))
    files[tar] = f.tarred(
        {
            "states_2029-12-11.csv": f.opensky_states(december),
            "states_2030-05-14.csv.gz": f.gzipped(f.opensky_states(may)),
        }
    )
    return files | opensky_lists(s, folder)


def opensky_lists(s: Samples, folder: str) -> dict[str, bytes]:
    """REST tracks, states and flights, and the flight list."""
    files: dict[str, bytes] = {}
    for way in ("in", "out"):
        name = f"{folder}/tracks_d5a104_2030-11-19_{way}.json"
        files[name] = f.opensky_track(s.track(f"ministry-2030-11-{way}", name, density=1.5))
    listing = f"{folder}/flightlist_20310301_20310331.csv.gz"
    ministry = [s.track(name, listing) for name in both("ministry-2031-03")]
    ankara = [s.track(name, listing) for name in both("listed")]
    rows = [
        (ministry[0], "UBBB", "LLER"),
        (ministry[1], "", "UBBB"),
        (ankara[0], "UBBB", "LTAC"),
        (ankara[1], "LTAC", "UBBB"),
    ]
    files[listing] = f.gzipped(f.opensky_flight_list(rows))
    for flight_id in (*both("ministry-2031-03"), *both("listed")):
        held = s.heard[flight_id][listing]
        s.heard[flight_id][listing] = [held[0], held[-1]]
    name = f"{folder}/flights_d5a104_2031-03.json"
    files[name] = f.opensky_flights([(ministry[0], "UBBB", "LLER"), (ministry[1], None, "UBBB")])
    name = f"{folder}/states_all_2031-10-09.json"
    at_s = epoch_s("2031-10-09 11:50")
    live = [s.track(flight_id, name, density=6) for flight_id in ("low-ovda-4", "low-baku-2")]
    files[name] = f.opensky_states_all(live, at_s=at_s)
    for flight_id in ("low-ovda-4", "low-baku-2"):
        s.heard[flight_id][name] = [x for x in s.heard[flight_id][name] if 0 <= at_s - x.time_s <= 15][-1:]
    return files


def readsb_files(s: Samples) -> dict[str, bytes]:
    """Day files in folders (gzip without a .gz name), and the same layout in a tar."""
    files: dict[str, bytes] = {}
    midnight = epoch_s("2031-10-28 00:00")
    path = "tracks/readsb/2031/10/{}/traces/05/trace_full_d5a105.json"
    first = s.track("midnight-in", path.format(27), to_s=midnight)
    files[path.format(27)] = f.gzipped(f.readsb_trace([first], base_s=midnight - DAY_S))
    second = [s.track("midnight-in", path.format(28), from_s=midnight), s.track("midnight-out", path.format(28))]
    files[path.format(28)] = f.gzipped(f.readsb_trace(second, base_s=round(second[0].fixes[0].time_s, 2)))
    path = "tracks/readsb/2034/09/14/traces/01/trace_full_d5a101.json"
    twice = [s.track("baku-2-out", path, density=0.8)]
    files[path] = f.gzipped(f.readsb_trace(twice, base_s=epoch_s("2034-09-14 00:00")))
    tar = "tracks/readsb/v2031.10.30-planes-readsb-prod-0.tar"
    day = epoch_s("2031-10-30 00:00")
    files[tar] = f.tarred(
        {
            "./traces/05/trace_full_d5a105.json": f.gzipped(
                f.readsb_trace(s.tracks(tar, *both("thursday-f")), base_s=day)
            ),
            "./traces/aa/trace_full_~d5b2aa.json": f.gzipped(f.readsb_trace(s.tracks(tar, "low-baku-9"), base_s=day)),
        }
    )
    return files


def fr24_files(s: Samples) -> dict[str, bytes]:
    folder = "tracks/fr24"
    web, granular = f"{folder}/SIM152_5a0f1c2d.csv", f"{folder}/SIM119_granular.csv"
    api_csv, api_json = f"{folder}/SIM158_api.csv", f"{folder}/flight_tracks_2031-11-09.json"
    playback, kml = f"{folder}/SIM184_playback.json", f"{folder}/SIM153.kml"
    there, back = s.tracks(granular, *both("aqaba"))
    in_json, out_json = s.tracks(api_json, *both("api"))
    files = {
        web: fr24.web_csv(s.track("web-out", web)),
        granular: _two_callsigns(fr24.granular(there), fr24.granular(back)),
        api_csv: fr24.api_csv(s.track("api-csv", api_csv)),
        api_json: fr24.api_json([("5a0f2001", in_json), ("5a0f2002", out_json)]),
        playback: fr24.playback(s.track("ganja-1-out", playback), fr24_id="5a0f3001", origin="VDA", destination="UBBG"),
        kml: fr24.kml(s.track("kml-in", kml)),
    }
    listing = f"{folder}/archive/20340713_flights.csv"
    rows = []
    for number, (flight_id, origin, destination) in enumerate(
        (("state-out", "TLV", "GYD"), ("state-back", "GYD", "TLV"))
    ):
        fr24_id = str(999000101 + number)
        name = f"{folder}/archive/20340713_positions/20340713_{fr24_id}.csv"
        track = s.track(flight_id, name)
        files[name] = fr24.archive_positions(track)
        rows.append((fr24_id, track, origin, destination))
    files[listing] = fr24.archive_list(rows)
    return files


def _two_callsigns(first: bytes, second: bytes) -> bytes:
    """Two CSV exports of one layout in one file, as users merge them."""
    return first + second.split(b"\n", 1)[1]


def other_files(s: Samples) -> dict[str, bytes]:
    """KML of other publishers, and tables of the traffic library."""
    adsbx, aware = "tracks/kml/SIM154-track-EGM96.kml", "tracks/kml/FlightAware_SIM155.kml"
    table, parquet, listing = (
        "tracks/traffic/ankara_2031-10-11.csv",
        "tracks/traffic/ben_gurion_2031-10-16.parquet",
        "tracks/traffic/ankara_2031-10-18.json.gz",
    )
    return {
        adsbx: f.adsbx_kml(s.track("kml-out", adsbx)),
        aware: f.flightaware_kml(
            s.track("flightaware", aware), origin=("LLOV", 29.9403, 34.9358), destination=("UBBG", 40.7389, 46.3201)
        ),
        table: f.traffic_csv(s.tracks(table, *both("ankara-contractor"))),
        parquet: f.traffic_parquet(s.tracks(parquet, *both("ben-gurion"))),
        listing: f.gzipped(f.traffic_json(s.tracks(listing, *both("ankara-ministry")))),
    }


def option_files(s: Samples) -> dict[str, bytes]:
    """Files that cannot be read without a word from the user."""
    sbs, club = "needs_options/SIM161_port30003.txt", "needs_options/club_log.csv"
    naive, nameless = "needs_options/naive_times.csv", "needs_options/no_identity.csv"
    return {
        sbs: f.sbs(s.track("sbs", sbs), zone="Asia/Jerusalem"),
        club: f.club_csv([s.track("club", club)], zone="Asia/Jerusalem"),
        naive: f.traffic_csv([s.track("naive", naive)], naive=True),
        nameless: f.no_identity_csv(s.track("nameless", nameless)),
    }


NEEDS: Final = {
    "needs_options/SIM161_port30003.txt": "--input-tz Asia/Jerusalem",
    "needs_options/club_log.csv": "--mapping sample_tracks/needs_options/club_mapping.yaml",
    "needs_options/naive_times.csv": "--input-tz UTC",
    "needs_options/no_identity.csv": (
        "--mapping sample_tracks/needs_options/nameless_mapping.yaml --airframe no_identity.csv=d5a109"
    ),
}


def end_of(fixes: Sequence[Fix], runway: tuple[str, str] | None, *, first: bool) -> dict[str, Any]:
    """How near the truth the first or last fix of a track is, and whether the end was seen."""
    fix = fixes[0] if first else fixes[-1]
    state = {"time_utc": f.iso_z(fix.time_s), "lat_deg": fix.lat_deg, "lon_deg": fix.lon_deg}
    state |= {"altitude_ft": None if fix.on_ground else fix.geo_ft, "on_ground": fix.on_ground}
    if runway is None:
        return {"seen": "there is no such end: the flight begins in cruise", "fix": state}
    end = RUNWAYS[runway]
    away_km = distance_km(
        (fix.lat_deg, fix.lon_deg), ((end.lat_deg + end.far_lat_deg) / 2, (end.lon_deg + end.far_lon_deg) / 2)
    )
    height_ft = 0.0 if fix.on_ground else fix.geo_ft - end.elevation_ft
    seen = (
        "on the ground" if fix.on_ground and away_km < 5 else "low" if height_ft < 1000 and away_km < 5 else "not seen"
    )
    return {"seen": seen, "distance_km": round(away_km, 1), "height_ft": round(height_ft), "fix": state}


def flight_truth(s: Samples, flight: Planted) -> dict[str, Any]:
    files = {name: fixes for name, fixes in s.heard[flight.id].items() if fixes}
    joined = sorted((fix for fixes in files.values() for fix in fixes), key=lambda fix: fix.time_s)
    flown, begin_s, plan = s.flown[flight.id], s.begin_s[flight.id], flight.plan
    departure = plan.departure[0] if plan.departure else None
    arrival = plan.arrival[0] if plan.arrival else None
    take_off = None if flown.take_off_s is None else f.iso_z(begin_s + flown.take_off_s)
    landing = None if flown.landing_s is None else f.iso_z(begin_s + flown.landing_s)
    ends = end_of(joined, plan.departure, first=True), end_of(joined, plan.arrival, first=False)
    both_seen = all(end["seen"] in ("on the ground", "low") for end in ends)
    truth: dict[str, Any] = {
        "id": flight.id,
        "icao24": flight.icao24,
        "callsign": flight.callsign,
        "departure": departure,
        "arrival": arrival,
        "departure_places": [place for place, fields in PLACES.items() if departure in fields],
        "arrival_places": [place for place, fields in PLACES.items() if arrival in fields],
        "take_off_utc": take_off,
        "landing_utc": landing,
        "departure_end": ends[0],
        "arrival_end": ends[1],
        "grade": "A at both ends" if both_seen else "not better than the ends seen allow; never A or B where not seen",
        "decoy": flight.decoy or None,
        "spoofed": None,
        "note": flight.note,
        "files": {name: len(fixes) for name, fixes in files.items()},
        "simulated": True,
    }
    if flight.spoofed:
        start, end = (f.iso_z(epoch_s(text)) for text in flight.spoofed[:2])
        inside = [x for x in joined if epoch_s(flight.spoofed[0]) <= x.time_s < epoch_s(flight.spoofed[1])]
        truth["spoofed"] = {"from_utc": start, "to_utc": end, "at": "OLBA", "positions": len(inside)}
    return truth


def truth_files(s: Samples) -> dict[str, bytes]:
    flights = sorted(
        (flight_truth(s, flight) for flight in FLIGHTS), key=lambda t: t["take_off_utc"] or t["landing_utc"]
    )
    verdicts = {
        claim: {
            label: {"verdict": verdict, "matches": list(ids), "why": why}
            for label, (verdict, ids, why) in readings.items()
        }
        for claim, readings in expected_verdicts().items()
    }
    document = {
        "schema": "flighttrace/sample-truth/1",
        "simulated": True,
        "seed": SEED,
        "shift_weeks": SHIFT_WEEKS,
        "needs_options": NEEDS,
        "flights": flights,
        "verdicts": verdicts,
    }
    return {"truth.json": f.as_json(document, indent=1), "TRUTH.csv": _truth_table(flights)}


def _truth_table(flights: Sequence[Mapping[str, Any]]) -> bytes:
    stream = io.StringIO()
    columns = ["id", "icao24", "callsign", "departure", "arrival", "take_off_utc", "landing_utc"]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*columns, "departure_seen", "arrival_seen", "decoy", "files", "note", "simulated"])
    for flight in flights:
        ends = flight["departure_end"]["seen"], flight["arrival_end"]["seen"]
        values = [flight[name] or "" for name in columns]
        files = " ".join(flight["files"])
        writer.writerow([*values, *ends, flight["decoy"] or "", files, flight["note"], "true"])
    return stream.getvalue().encode()


def make(samples: Samples | None = None) -> dict[str, bytes]:
    """Every generated file: path relative to this folder → bytes. `samples`: flights flown already."""
    samples = samples or Samples()
    files = opensky_files(samples) | readsb_files(samples) | fr24_files(samples) | other_files(samples)
    files |= option_files(samples)
    return files | truth_files(samples)


def main(folder: Path) -> None:
    for name, data in make().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
