"""Writers: one simulated track, or several, as the bytes of each input format, marked as simulated in the file itself.

The marks: a column `simulated` (CSV with a header, Parquet), a key `"simulated": true` (JSON), ExtendedData (KML),
session id SIM (SBS-1); and every call sign begins with SIM. Layouts follow the publishers' descriptions, thinned: the
OpenSky tables, for instance, have one row per aircraft and second in the original.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from physics import FT_MIN_PER_M_S, FT_PER_M, KM_PER_NM, KT_PER_M_S
from receivers import Fix


@dataclass(frozen=True)
class Track:
    """What one file holds of one aircraft: address (None where the format carries none), call sign, fixes."""

    icao24: str | None
    callsign: str
    fixes: tuple[Fix, ...]
    registration: str = ""
    typecode: str = "IL76"


def utc(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)


def iso_z(time_s: float) -> str:
    return utc(round(time_s)).strftime("%Y-%m-%dT%H:%M:%SZ")


def gzipped(data: bytes) -> bytes:
    """Gzip without a name and with time 0, so that equal data give equal bytes."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def tarred(members: Mapping[str, bytes]) -> bytes:
    """A plain ustar of the members, all dated 1970."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def as_json(document: Any, *, indent: int | None = None) -> bytes:
    return (json.dumps(document, indent=indent, ensure_ascii=False) + "\n").encode()


def lines_of(header: str, rows: Iterable[str]) -> bytes:
    """A header and its rows, each ended by a newline."""
    return ("\n".join([header, *rows]) + "\n").encode()


def _by_time(tracks: Sequence[Track]) -> list[tuple[Track, Fix]]:
    return sorted(((t, f) for t in tracks for f in t.fixes), key=lambda pair: (pair[1].time_s, pair[0].icao24 or ""))


def _m(feet: float) -> str:
    return f"{feet / FT_PER_M:.2f}"


# -- OpenSky --

STATES_HEADER: Final = (
    "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,"
    "baroaltitude,geoaltitude,lastposupdate,lastcontact,simulated"
)


def opensky_states(tracks: Sequence[Track]) -> bytes:
    """State-vector CSV: metres and metres a second, call signs padded to eight characters."""
    rows = []
    for track, fix in _by_time(tracks):
        second = int(fix.time_s) + 1
        rows.append(
            f"{second},{track.icao24},{fix.lat_deg:.6f},{fix.lon_deg:.6f},{fix.ground_speed_kt / KT_PER_M_S:.2f},"
            f"{fix.track_deg:.2f},{fix.vertical_rate_ft_min / FT_MIN_PER_M_S:.2f},{track.callsign:<8},"
            f"{fix.on_ground},False,False,2000,{_m(fix.baro_ft)},{_m(fix.geo_ft)},{fix.time_s:.3f},{fix.time_s:.3f},true"
        )
    return lines_of(STATES_HEADER, rows)


FLIGHT_LIST_HEADER: Final = (
    "callsign,number,icao24,registration,typecode,origin,destination,firstseen,lastseen,day,"
    "latitude_1,longitude_1,altitude_1,latitude_2,longitude_2,altitude_2,simulated"
)


def opensky_flight_list(flights: Sequence[tuple[Track, str, str]]) -> bytes:
    """Flight list CSV: first and last position, with the airports that the list states."""
    rows = []
    for track, origin, destination in flights:
        first, last = track.fixes[0], track.fixes[-1]
        rows.append(
            f"{track.callsign},,{track.icao24},{track.registration},{track.typecode},{origin},{destination},"
            f"{utc(int(first.time_s)):%Y-%m-%d %H:%M:%S+00:00},{utc(int(last.time_s)):%Y-%m-%d %H:%M:%S+00:00},"
            f"{utc(last.time_s):%Y-%m-%d 00:00:00+00:00},{first.lat_deg},{first.lon_deg},{_m(first.geo_ft)},"
            f"{last.lat_deg},{last.lon_deg},{_m(last.geo_ft)},true"
        )
    return lines_of(FLIGHT_LIST_HEADER, rows)


def opensky_track(track: Track) -> bytes:
    """REST /tracks: thinned to a waypoint a quarter of an hour, or a turn of 2.5 degrees, or 100 m of height."""
    kept: list[Fix] = []
    for fix in track.fixes:
        before = kept[-1] if kept else None
        if (
            before is None
            or fix is track.fixes[-1]
            or fix.time_s - before.time_s >= 870
            or abs((fix.track_deg - before.track_deg + 180) % 360 - 180) > 2.5
            or abs(fix.baro_ft - before.baro_ft) > 328
            or fix.on_ground != before.on_ground
        ):
            kept.append(fix)
    path = [
        [int(f.time_s), f.lat_deg, f.lon_deg, round(f.baro_ft / FT_PER_M, 2), f.track_deg, f.on_ground] for f in kept
    ]
    document = {
        "simulated": True,
        "icao24": track.icao24,
        "startTime": path[0][0],
        "endTime": path[-1][0],
        "callsign": f"{track.callsign:<8}",
        "path": path,
    }
    return as_json(document)


def opensky_states_all(tracks: Sequence[Track], *, at_s: float) -> bytes:
    """REST /states/all at one moment: the last fix of every track that was heard in the 15 s before."""
    states = []
    for track in tracks:
        near = [fix for fix in track.fixes if 0 <= at_s - fix.time_s <= 15]
        if not near:
            continue
        fix = near[-1]
        states.append(
            [
                track.icao24,
                f"{track.callsign:<8}",
                "Simulated",
                int(fix.time_s),
                int(fix.time_s),
                fix.lon_deg,
                fix.lat_deg,
                round(fix.baro_ft / FT_PER_M, 2),
                fix.on_ground,
                round(fix.ground_speed_kt / KT_PER_M_S, 2),
                fix.track_deg,
                round(fix.vertical_rate_ft_min / FT_MIN_PER_M_S, 2),
                None,
                round(fix.geo_ft / FT_PER_M, 2),
                "2000",
                False,
                0,
            ]
        )
    return as_json({"simulated": True, "time": int(at_s), "states": states})


def opensky_flights(flights: Sequence[tuple[Track, str | None, str | None]]) -> bytes:
    """REST /flights: what the nightly batch states; no positions."""
    return as_json(
        [
            {
                "simulated": True,
                "icao24": track.icao24,
                "firstSeen": int(track.fixes[0].time_s),
                "estDepartureAirport": departure,
                "lastSeen": int(track.fixes[-1].time_s),
                "estArrivalAirport": arrival,
                "callsign": f"{track.callsign:<8}",
                "estDepartureAirportHorizDistance": None,
                "estDepartureAirportVertDistance": None,
                "estArrivalAirportHorizDistance": None,
                "estArrivalAirportVertDistance": None,
                "departureAirportCandidatesCount": 0,
                "arrivalAirportCandidatesCount": 0,
            }
            for track, departure, arrival in flights
        ],
        indent=1,
    )


# -- readsb --


def readsb_trace(tracks: Sequence[Track], *, base_s: float) -> bytes:
    """trace_full JSON of one aircraft and UTC day (`tracks`: its flights), 14 entries a point, times from `base_s`."""
    points = []
    for track in tracks:
        before_s = 0.0
        for number, fix in enumerate(track.fixes):
            told = {"type": "adsb_icao", "flight": f"{track.callsign:<8}", "alt_geom": fix.geo_ft, "nic": 8, "nac_p": 9}
            flags = (1 if fix.time_s - before_s > 20 else 0) | (2 if number == 0 else 0)
            before_s = fix.time_s
            ground = fix.on_ground
            points.append(
                [
                    round(fix.time_s - base_s, 2),
                    fix.lat_deg,
                    fix.lon_deg,
                    "ground" if ground else fix.baro_ft,
                    fix.ground_speed_kt,
                    fix.track_deg,
                    flags,
                    None if ground else fix.vertical_rate_ft_min,
                    told if number % 8 == 0 else None,
                    "tisb_other" if (track.icao24 or "").startswith("~") else "adsb_icao",
                    None if ground else fix.geo_ft,
                    None,
                    None,
                    None,
                ]
            )
    document = {
        "icao": tracks[0].icao24,
        "r": tracks[0].registration,
        "t": tracks[0].typecode,
        "dbFlags": 0,
        "desc": "SIMULATED",
        "simulated": True,
        "timestamp": base_s,
        "trace": points,
    }
    return as_json(document)


def fr24_ft(fix: Fix) -> int:
    """Flightradar24 writes altitude 0 on the ground."""
    return 0 if fix.on_ground else fix.baro_ft


# -- KML --

KML_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
    'xmlns:gx="http://www.google.com/kml/ext/2.2">\n'
)
KML_MARK: Final = '<ExtendedData><Data name="simulated"><value>true</value></Data></ExtendedData>\n'


def metres(fix: Fix) -> str:
    """KML altitude: barometric, 0 on the ground."""
    return f"{0 if fix.on_ground else fix.baro_ft / FT_PER_M:.2f}"


def _gx_track(track: Track, *, blank: str = "", fraction: bool = False) -> str:
    def when(fix: Fix) -> str:
        moment = utc(fix.time_s if fraction else int(fix.time_s))
        tail = f".{moment.microsecond // 1000:03d}Z" if fraction else "Z"
        return f"<when{blank}>{moment:%Y-%m-%dT%H:%M:%S}{tail}</when>"

    coords = [f"<gx:coord{blank}>{f.lon_deg:.6f} {f.lat_deg:.6f} {metres(f)}</gx:coord>" for f in track.fixes]
    times = [when(f) for f in track.fixes]
    return (
        "<gx:Track><altitudeMode>absolute</altitudeMode>\n"
        + "\n".join(times)
        + "\n"
        + "\n".join(coords)
        + "\n</gx:Track>"
    )


def adsbx_kml(track: Track) -> bytes:
    """ADS-B Exchange's KML: folders, times with a fraction, a blank before `>`."""
    body = (
        f"<Folder><name>{track.registration} track</name>\n{KML_MARK}<Folder><name>{track.callsign} track</name>\n"
        f"<Placemark><name>{track.callsign}</name>\n{_gx_track(track, blank=' ', fraction=True)}\n</Placemark>\n"
        "</Folder></Folder>\n</kml>\n"
    )
    return (KML_HEAD + body).encode()


def flightaware_kml(track: Track, *, origin: tuple[str, float, float], destination: tuple[str, float, float]) -> bytes:
    """FlightAware's KML by its description: two airport points that nobody observed, then the track."""
    airports = "\n".join(
        f"<Placemark><name>{name} Airport</name><Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"
        for name, lat, lon in (origin, destination)
    )
    body = (
        f"<Document><name>FlightAware {track.callsign}</name>\n{KML_MARK}{airports}\n"
        f"<Placemark><name>{track.callsign}</name>\n{_gx_track(track)}\n</Placemark>\n</Document>\n</kml>\n"
    )
    return (KML_HEAD + body).encode()


# -- SBS-1 --


def sbs(track: Track, *, zone: str) -> bytes:
    """SBS-1 lines: the logger's local clock without a zone; call sign, position and speed in lines of their own."""
    lines = []
    clock = ZoneInfo(zone)
    for number, f in enumerate(track.fixes):
        local = utc(f.time_s).astimezone(clock)
        stamp = f"{local:%Y/%m/%d},{local:%H:%M:%S}.{local.microsecond // 1000:03d}"
        head = f"SIM,1,{(track.icao24 or '').upper()},1,{stamp},{stamp}"
        ground = "-1" if f.on_ground else "0"
        if number % 10 == 0:
            lines.append(f"MSG,1,{head},{track.callsign:<8},,,,,,,,,,,")
        if f.on_ground:
            position = f",,{f.ground_speed_kt:.0f},{f.track_deg:.0f},{f.lat_deg:.5f},{f.lon_deg:.5f},,,0,0,0,{ground}"
            lines.append(f"MSG,2,{head},{position}")
        else:
            lines.append(f"MSG,3,{head},,{f.baro_ft},,,{f.lat_deg:.5f},{f.lon_deg:.5f},,,0,0,0,{ground}")
            speed = f",,{f.ground_speed_kt:.0f},{f.track_deg:.0f},,,{f.vertical_rate_ft_min},,0,0,0,{ground}"
            lines.append(f"MSG,4,{head},{speed}")
    return ("\n".join(lines) + "\n").encode()


# -- tables of the traffic library, and other CSV --


def traffic_frame(tracks: Sequence[Track]) -> pd.DataFrame:
    """The columns and units of a `traffic` table, with the mark."""
    pairs = _by_time(tracks)
    fixes = [fix for _, fix in pairs]
    return pd.DataFrame(
        {
            "timestamp": pd.to_datetime([round(f.time_s * 1000) for f in fixes], unit="ms", utc=True),
            "icao24": [track.icao24 for track, _ in pairs],
            "callsign": [track.callsign for track, _ in pairs],
            "latitude": [f.lat_deg for f in fixes],
            "longitude": [f.lon_deg for f in fixes],
            "altitude": [float(f.baro_ft) for f in fixes],
            "groundspeed": [f.ground_speed_kt for f in fixes],
            "track": [f.track_deg for f in fixes],
            "vertical_rate": [float(f.vertical_rate_ft_min) for f in fixes],
            "geoaltitude": [float(f.geo_ft) for f in fixes],
            "onground": [f.on_ground for f in fixes],
            "simulated": [True] * len(fixes),
        }
    )


def traffic_csv(tracks: Sequence[Track], *, naive: bool = False) -> bytes:
    """A `traffic` table as CSV; `naive` leaves the offset out of the times."""
    frame = traffic_frame(tracks)
    form = "%Y-%m-%d %H:%M:%S" if naive else "%Y-%m-%d %H:%M:%S+00:00"
    frame["timestamp"] = frame["timestamp"].dt.strftime(form)
    return frame.to_csv(index=False, lineterminator="\n").encode()


def traffic_parquet(tracks: Sequence[Track]) -> bytes:
    """A `traffic` table as Parquet with page checksums."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    table = pa.Table.from_pandas(traffic_frame(tracks), preserve_index=False)
    pq.write_table(table, stream, compression="zstd", write_page_checksum=True)
    return stream.getvalue()


def traffic_json(tracks: Sequence[Track]) -> bytes:
    """A `traffic` table as pandas writes it: a list of records, times in milliseconds."""
    frame = traffic_frame(tracks)
    millis = [round(fix.time_s * 1000) for _, fix in _by_time(tracks)]
    frame["timestamp"] = millis
    return as_json(frame.to_dict(orient="records"))


def no_identity_csv(track: Track) -> bytes:
    """A third user's export of API tracks: no call sign, no address, nothing that names the aircraft."""
    rows = [
        f"{int(f.time_s)},{f.lat_deg:.5f},{f.lon_deg:.5f},{fr24_ft(f)},{f.ground_speed_kt:.0f},{f.track_deg:.0f},"
        f"{f.vertical_rate_ft_min},true"
        for f in track.fixes
    ]
    return lines_of("ts,lat,lon,alt,spd,hdg,vspd,simulated", rows)


def club_csv(tracks: Sequence[Track], *, zone: str) -> bytes:
    """An invented layout that only a mapping file explains: local times, decimal addresses, metres, km/h."""
    clock = ZoneInfo(zone)
    rows = [
        f"{utc(int(f.time_s)).astimezone(clock):%Y-%m-%d %H:%M:%S},{int(track.icao24 or '0', 16)},{track.callsign},"
        f"{f.lon_deg:.6f},{f.lat_deg:.6f},{f.baro_ft / FT_PER_M:.1f},{f.ground_speed_kt * KM_PER_NM:.1f},"
        f"{f.track_deg:.1f},{f.vertical_rate_ft_min / FT_MIN_PER_M_S:.2f},{int(f.on_ground)},true"
        for track, f in _by_time(tracks)
    ]
    return lines_of("local_time,address,ident,x,y,height,speed,course,climb,ground,simulated", rows)
