"""One invented flight written in every format that a reader takes. The address is in no state's block."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.geodesy import FT_MIN_PER_M_S, FT_PER_M, KT_PER_M_S, wgs84

ADDRESS = "f0a1b2"
CALLSIGN = "TST123"
START_S = 1_931_256_000  # 2031-03-14 12:00 UTC
TRACK_DEG, SPEED_KT, STEP_S = 14.0, 450.0, 30


@dataclass(frozen=True)
class Fix:
    """One fix of the invented flight, in broadcast units."""

    epoch_s: int
    lat_deg: float
    lon_deg: float
    altitude_ft: float
    track_deg: float

    @property
    def iso(self) -> str:
        return datetime.fromtimestamp(self.epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def flight(count: int = 14) -> list[Fix]:
    """A straight climb at constant speed over no place in particular."""
    lat, lon, fixes = 31.0, 41.0, []
    for i in range(count):
        fixes.append(Fix(START_S + i * STEP_S, round(lat, 5), round(lon, 5), 20_000.0 + 100 * i, TRACK_DEG))
        lon, lat, _ = wgs84().fwd(lon, lat, TRACK_DEG, SPEED_KT / 3600 * 1852 * STEP_S)
    return fixes


def text(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


OPENSKY_HEADER = (
    "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,"
    "baroaltitude,geoaltitude,lastposupdate,lastcontact"
)


def opensky_row(fix: Fix, address: str = ADDRESS, callsign: str = CALLSIGN) -> str:
    metres = fix.altitude_ft / FT_PER_M
    return (
        f"{fix.epoch_s},{address},{fix.lat_deg},{fix.lon_deg},{SPEED_KT / KT_PER_M_S:.4f},{fix.track_deg},"
        f"{200 / FT_MIN_PER_M_S:.5f},{callsign:8},False,False,False,1234,{metres:.4f},{metres:.4f},"
        f"{fix.epoch_s - 0.5},{fix.epoch_s - 0.1}"
    )


def opensky_states(fixes: Sequence[Fix]) -> bytes:
    return text(OPENSKY_HEADER, *map(opensky_row, fixes))


FLIGHTLIST_HEADER = (
    "callsign,number,icao24,registration,typecode,origin,destination,firstseen,lastseen,day,"
    "latitude_1,longitude_1,altitude_1,latitude_2,longitude_2,altitude_2"
)


def spaced(iso: str) -> str:
    return iso.replace("T", " ").replace("Z", "+00:00")


def opensky_flightlist(fixes: Sequence[Fix]) -> bytes:
    rows = []
    for first, last in zip(fixes[::2], fixes[1::2], strict=True):
        ends = f"{first.lat_deg},{first.lon_deg},{first.altitude_ft / FT_PER_M:.4f},"
        ends += f"{last.lat_deg},{last.lon_deg},{last.altitude_ft / FT_PER_M:.4f}"
        times = f"{spaced(first.iso)},{spaced(last.iso)},2031-03-14 00:00:00+00:00"
        rows.append(f"{CALLSIGN},,{ADDRESS},X-TEST,TEST,,LCLK,{times},{ends}")
    return text(FLIGHTLIST_HEADER, *rows)


def fr24_web(fixes: Sequence[Fix]) -> bytes:
    return text(
        "Timestamp,UTC,Callsign,Position,Altitude,Speed,Direction",
        *(f'{f.epoch_s},{f.iso},{CALLSIGN},"{f.lat_deg},{f.lon_deg}",{f.altitude_ft:.0f},450,14' for f in fixes),
    )


GRANULAR_HEADER = (
    "network_time,receiver_time,hex,callsign,latitude,longitude,no_position,altitude,squawk,speed,track,vspeed,"
    "on_ground,flags,position_class,,,"
)


def granular_time(fix: Fix, fraction: str) -> str:
    return fix.iso.replace("T", " ") + fraction


def fr24_granular(fixes: Sequence[Fix]) -> bytes:
    return text(
        GRANULAR_HEADER,
        *(
            f"{granular_time(f, '.515')},{granular_time(f, '.100')},0x{ADDRESS},{CALLSIGN},{f.lat_deg},{f.lon_deg},P,"
            f"{f.altitude_ft:.0f},234,450,14,200,A,4,ADS-B,P:8,GPSA:{f.altitude_ft:.0f},"
            for f in fixes
        ),
    )


ARCHIVE_HEADER = "snapshot_id,altitude,heading,latitude,longitude,radar_id,speed,squawk"
ARCHIVE_LIST_HEADER = "flight_id,aircraft_id,reg,equip,callsign,flight,schd_from,schd_to,real_to,reserved"


def fr24_archive(fixes: Sequence[Fix]) -> bytes:
    return text(
        ARCHIVE_HEADER,
        *(f"{f.epoch_s},{f.altitude_ft:.0f},14,{f.lat_deg},{f.lon_deg},9999,450,1234" for f in fixes),
    )


def fr24_archive_list(flight_id: str = "299999999", address: str = ADDRESS) -> bytes:
    return text(ARCHIVE_LIST_HEADER, f"{flight_id},{int(address, 16)},XTEST,TEST,{CALLSIGN},,TLV,ATH,NA,NA")


API_HEADER = "timestamp,lat,lon,alt,gspeed,vspeed,track,squawk,callsign,source"


def fr24_api(fixes: Sequence[Fix]) -> bytes:
    return text(
        API_HEADER,
        *(f"{f.iso},{f.lat_deg},{f.lon_deg},{f.altitude_ft:.0f},450,200,14,1234,{CALLSIGN},ADSB" for f in fixes),
    )


def sbs(fixes: Sequence[Fix]) -> bytes:
    lines = []
    for f in fixes:
        day, clock = f.iso[:10].replace("-", "/"), f.iso[11:19]
        stamp = f"{day},{clock}.000,{day},{clock}.100"
        lines.append(f"MSG,3,1,1,{ADDRESS.upper()},1,{stamp},,{f.altitude_ft:.0f},,,{f.lat_deg},{f.lon_deg},,,0,0,0,0")
    return text(*lines)


TRAFFIC_HEADER = "timestamp,icao24,callsign,latitude,longitude,altitude,groundspeed,track,vertical_rate,onground"


def traffic_csv(fixes: Sequence[Fix]) -> bytes:
    return text(
        TRAFFIC_HEADER,
        *(
            f"{spaced(f.iso)},{ADDRESS},{CALLSIGN},{f.lat_deg},{f.lon_deg},{f.altitude_ft},450.0,14.0,200.0,False"
            for f in fixes
        ),
    )


EGLL_HEADER = "flight_id,event_time,longitude,latitude,altitude,speed,on_ground,vert_speed"


def mapped(fixes: Sequence[Fix], flight_id: str = "e999999") -> bytes:
    return text(
        EGLL_HEADER,
        *(f"{flight_id},{f.iso},{f.lon_deg},{f.lat_deg},{f.altitude_ft:.0f},450,0,200" for f in fixes),
    )


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def opensky_states_json(fixes: Sequence[Fix]) -> bytes:
    rows = []
    for f in fixes:
        metres = f.altitude_ft / FT_PER_M
        rows.append(
            [
                *(ADDRESS, f"{CALLSIGN}  ", "Nowhere", f.epoch_s, f.epoch_s, f.lon_deg, f.lat_deg, metres, False),
                *(SPEED_KT / KT_PER_M_S, f.track_deg, 1.016, None, metres, "1234", False, 0),
            ]
        )
    return _json({"time": fixes[0].epoch_s, "states": rows})


def opensky_tracks_json(fixes: Sequence[Fix]) -> bytes:
    path = [[f.epoch_s, f.lat_deg, f.lon_deg, f.altitude_ft / FT_PER_M, f.track_deg, False] for f in fixes]
    ends = {"startTime": fixes[0].epoch_s, "endTime": fixes[-1].epoch_s}
    return _json({"icao24": ADDRESS, **ends, "callsign": CALLSIGN, "path": path})


def opensky_flights_json(fixes: Sequence[Fix]) -> bytes:
    rows = [
        {
            "icao24": ADDRESS,
            "firstSeen": f.epoch_s,
            "estDepartureAirport": None,
            "lastSeen": f.epoch_s + 600,
            "estArrivalAirport": "LCLK",
            "callsign": f"{CALLSIGN}  ",
            "estDepartureAirportHorizDistance": None,
            "estDepartureAirportVertDistance": None,
            "estArrivalAirportHorizDistance": 2140,
            "estArrivalAirportVertDistance": 85,
            "departureAirportCandidatesCount": 0,
            "arrivalAirportCandidatesCount": 2,
        }
        for f in fixes
    ]
    return _json(rows)


def readsb(fixes: Sequence[Fix]) -> bytes:
    base = START_S - 100
    trace = [
        [
            *(f.epoch_s - base, f.lat_deg, f.lon_deg, f.altitude_ft, SPEED_KT, f.track_deg, 0, 200),
            *({"flight": f"{CALLSIGN}  ", "nic": 8} if i == 0 else None, "adsb_icao", f.altitude_ft, 200, 160, 0.4),
        ]
        for i, f in enumerate(fixes)
    ]
    return _json({"icao": ADDRESS, "r": "X-TEST", "t": "TEST", "dbFlags": 0, "timestamp": float(base), "trace": trace})


def fr24_playback(fixes: Sequence[Fix]) -> bytes:
    track = [
        {
            "latitude": f.lat_deg,
            "longitude": f.lon_deg,
            "altitude": {"feet": f.altitude_ft, "meters": f.altitude_ft / FT_PER_M},
            "speed": {"kmh": 833, "kts": SPEED_KT, "mph": 518},
            "verticalSpeed": {"fpm": 200, "ms": 1},
            "heading": f.track_deg,
            "squawk": "1234",
            "timestamp": f.epoch_s,
            "ems": None,
        }
        for f in fixes
    ]
    data = {
        "identification": {"id": "39aaaaaa", "callsign": CALLSIGN, "number": {"default": None}},
        "aircraft": {"model": {"code": "TEST"}, "identification": {"modes": ADDRESS.upper(), "registration": "X-TEST"}},
        "airport": {"origin": None, "destination": None},
        "track": track,
    }
    return _json({"result": {"response": {"data": {"flight": data}}}})


def _api_point(f: Fix) -> dict[str, Any]:
    return {
        "timestamp": f.iso,
        "lat": f.lat_deg,
        "lon": f.lon_deg,
        "alt": f.altitude_ft,
        "gspeed": SPEED_KT,
        "vspeed": 200,
        "track": f.track_deg,
        "squawk": "1234",
        "callsign": CALLSIGN,
        "source": "ADSB",
    }


def fr24_api_json(fixes: Sequence[Fix]) -> bytes:
    return _json([{"fr24_id": "39aaaaaa", "tracks": [_api_point(f) for f in fixes]}])


def geojson(fixes: Sequence[Fix]) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [f.lon_deg, f.lat_deg]},
            "properties": _api_point(f),
        }
        for f in fixes
    ]
    return _json({"type": "FeatureCollection", "features": features})


def _kml(inside: str) -> bytes:
    spaces = 'xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"'
    return f'<?xml version="1.0" encoding="UTF-8"?><kml {spaces}><Document>{inside}</Document></kml>'.encode()


def _timed_placemarks(fixes: Sequence[Fix]) -> str:
    return "".join(
        f"<Placemark><name>fix</name><TimeStamp><when>{f.iso}</when></TimeStamp><Point><altitudeMode>absolute"
        f"</altitudeMode><coordinates>{f.lon_deg},{f.lat_deg},{f.altitude_ft / FT_PER_M}</coordinates></Point>"
        "</Placemark>"
        for f in fixes
    )


def kml_placemarks(fixes: Sequence[Fix]) -> bytes:
    return _kml(_timed_placemarks(fixes))


def kml_fr24(fixes: Sequence[Fix]) -> bytes:
    lines = "".join(
        "<Placemark><LineString><coordinates>41,31,0 41.1,31.1,0</coordinates></LineString></Placemark>"
        for _ in fixes[1:]
    )
    route = f"<Folder><name>Route</name>{_timed_placemarks(fixes)}</Folder>"
    return _kml(f"<name>TS123/{CALLSIGN}</name>{route}<Folder><name>Trail</name>{lines}</Folder>")


def kml_gxtrack(fixes: Sequence[Fix]) -> bytes:
    when = "".join(f"<when>{f.iso}</when>" for f in fixes)
    where = "".join(f"<gx:coord>{f.lon_deg} {f.lat_deg} {f.altitude_ft / FT_PER_M}</gx:coord>" for f in fixes)
    mode = "<altitudeMode>absolute</altitudeMode>"
    return _kml(
        f"<Folder><name>X-TEST track</name><Placemark><gx:Track>{mode}{when}{where}</gx:Track></Placemark></Folder>"
    )


def _traffic_columns(fixes: Sequence[Fix]) -> dict[str, list[Any]]:
    return {
        "timestamp": [f.epoch_s * 1000 for f in fixes],
        "icao24": [ADDRESS] * len(fixes),
        "callsign": [CALLSIGN] * len(fixes),
        "latitude": [f.lat_deg for f in fixes],
        "longitude": [f.lon_deg for f in fixes],
        "altitude": [f.altitude_ft for f in fixes],
        "groundspeed": [SPEED_KT] * len(fixes),
        "track": [f.track_deg for f in fixes],
        "vertical_rate": [200.0] * len(fixes),
    }


def traffic_json(fixes: Sequence[Fix]) -> bytes:
    columns = _traffic_columns(fixes)
    return _json([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


def _parquet(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame), sink, write_page_checksum=True)
    return sink.getvalue()


def traffic_parquet(fixes: Sequence[Fix]) -> bytes:
    frame = pd.DataFrame(_traffic_columns(fixes))
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], unit="ms", utc=True)
    return _parquet(frame)


def opensky_parquet(fixes: Sequence[Fix]) -> bytes:
    metres = [f.altitude_ft / FT_PER_M for f in fixes]
    times = pd.to_datetime([f.epoch_s for f in fixes], unit="s", utc=True)
    frame = pd.DataFrame({"time": times, "icao24": ADDRESS, "lat": [f.lat_deg for f in fixes]})
    frame["lon"] = [f.lon_deg for f in fixes]
    frame = frame.assign(velocity=SPEED_KT / KT_PER_M_S, heading=TRACK_DEG, vertrate=1.016, callsign=CALLSIGN)
    frame = frame.assign(onground=False, baroaltitude=metres, geoaltitude=metres)
    return _parquet(frame.assign(lastposupdate=times, lastcontact=times))


WRITERS: Mapping[str, Callable[[Sequence[Fix]], bytes]] = {
    "opensky-states-csv": opensky_states,
    "opensky-states-json": opensky_states_json,
    "opensky-states-parquet": opensky_parquet,
    "opensky-tracks-json": opensky_tracks_json,
    "opensky-flights-json": opensky_flights_json,
    "opensky-flightlist-csv": opensky_flightlist,
    "readsb-trace-json": readsb,
    "fr24-web-csv": fr24_web,
    "fr24-granular-csv": fr24_granular,
    "fr24-archive-csv": fr24_archive,
    "fr24-api-csv": fr24_api,
    "fr24-api-json": fr24_api_json,
    "fr24-playback-json": fr24_playback,
    "fr24-kml": kml_fr24,
    "fr24-pyfr24-geojson": geojson,
    "kml-gx-track": kml_gxtrack,
    "kml-placemarks": kml_placemarks,
    "sbs-basestation": sbs,
    "traffic-csv": traffic_csv,
    "traffic-json": traffic_json,
    "traffic-parquet": traffic_parquet,
    "mapped-csv": mapped,
}
"""A writer for every reader, by the reader's NAME."""

LINE_FORMATS = {
    "opensky-states-csv",
    "opensky-flightlist-csv",
    "fr24-web-csv",
    "fr24-granular-csv",
    "fr24-archive-csv",
    "fr24-api-csv",
    "sbs-basestation",
    "traffic-csv",
    "mapped-csv",
}
LISTS = {"opensky-flights-json"}
"""Formats that state flights and hold no position."""
