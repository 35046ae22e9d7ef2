"""Writers of Flightradar24's formats: web, granular and API CSV, API and playback JSON, archive, KML."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from formats import KML_HEAD, KML_MARK, Track, as_json, fr24_ft, iso_z, lines_of, metres, utc
from physics import FT_MIN_PER_M_S, FT_PER_M, KM_PER_NM
from receivers import Fix


def web_csv(track: Track) -> bytes:
    """The web CSV: one quoted position column, call sign only."""
    rows = [
        f'{int(f.time_s)},{iso_z(int(f.time_s))},{track.callsign},"{f.lat_deg:.6f},{f.lon_deg:.6f}",'
        f"{fr24_ft(f)},{f.ground_speed_kt:.0f},{f.track_deg:.0f},true"
        for f in track.fixes
    ]
    return lines_of("Timestamp,UTC,Callsign,Position,Altitude,Speed,Direction,simulated", rows)


def granular(track: Track) -> bytes:
    """The granular CSV: the fraction of the second stands after the Z; unnamed key:value fields at the end."""
    header = (
        "network_time,receiver_time,hex,callsign,latitude,longitude,no_position,altitude,squawk,speed,track,vspeed,"
        "on_ground,flags,position_class,simulated,,,"
    )

    def odd(time_s: float) -> str:
        moment = utc(time_s)
        return f"{moment:%Y-%m-%d %H:%M:%S}Z.{moment.microsecond // 1000:03d}"

    rows = [
        f"{odd(f.time_s)},{odd(f.time_s - 0.25)},0x{track.icao24},{track.callsign},{f.lat_deg:.5f},{f.lon_deg:.5f},P,"
        f"{fr24_ft(f)},2000,{f.ground_speed_kt:.0f},{f.track_deg:.0f},{f.vertical_rate_ft_min},"
        f"{'G' if f.on_ground else 'A'},4,ADS-B,true,P:8,S:ADS-B,C:7"
        for f in track.fixes
    ]
    return lines_of(header, rows)


def _fr24_point(track: Track, fix: Fix) -> dict[str, Any]:
    return {
        "timestamp": iso_z(fix.time_s),
        "lat": round(fix.lat_deg, 5),
        "lon": round(fix.lon_deg, 5),
        "alt": fr24_ft(fix),
        "gspeed": int(fix.ground_speed_kt),
        "vspeed": fix.vertical_rate_ft_min,
        "track": round(fix.track_deg) % 360,
        "squawk": "2000",
        "callsign": track.callsign,
        "source": "ADSB",
    }


def api_csv(track: Track) -> bytes:
    """API tracks flattened to CSV, in the column order of the pyfr24 package."""
    points = [_fr24_point(track, fix) for fix in track.fixes]
    return lines_of(",".join([*points[0], "simulated"]), [",".join([*map(str, p.values()), "true"]) for p in points])


def api_json(tracks: Sequence[tuple[str, Track]]) -> bytes:
    """API flight-tracks JSON: no address, only the publisher's flight id."""
    return as_json(
        [
            {"fr24_id": fr24_id, "simulated": True, "tracks": [_fr24_point(track, fix) for fix in track.fixes]}
            for fr24_id, track in tracks
        ]
    )


def playback(track: Track, *, fr24_id: str, origin: str, destination: str) -> bytes:
    """Playback JSON: heights in feet and metres, speeds in three units, the listed route."""
    points = [
        {
            "latitude": round(f.lat_deg, 6),
            "longitude": round(f.lon_deg, 6),
            "altitude": {"feet": fr24_ft(f), "meters": round(fr24_ft(f) / FT_PER_M)},
            "speed": {
                "kmh": round(f.ground_speed_kt * KM_PER_NM, 1),
                "kts": int(f.ground_speed_kt),
                "mph": round(f.ground_speed_kt * 1.150779, 1),
            },
            "verticalSpeed": {"fpm": f.vertical_rate_ft_min, "ms": round(f.vertical_rate_ft_min / FT_MIN_PER_M_S)},
            "heading": round(f.track_deg) % 360,
            "squawk": "2000",
            "timestamp": int(f.time_s),
            "ems": None,
        }
        for f in track.fixes
    ]
    flight = {
        "identification": {"id": fr24_id, "number": {"default": None}, "callsign": track.callsign},
        "aircraft": {
            "model": {"code": track.typecode, "text": "SIMULATED"},
            "identification": {"modes": (track.icao24 or "").upper(), "registration": track.registration},
        },
        "airport": {"origin": {"code": {"icao": origin}}, "destination": {"code": {"icao": destination}}},
        "track": points,
    }
    return as_json({"simulated": True, "result": {"request": {}, "response": {"data": {"flight": flight}}}})


def archive_list(flights: Sequence[tuple[str, Track, str, str]]) -> bytes:
    """The archive's day list: the address as a decimal number, airports as IATA codes."""
    rows = [
        f"{flight_id},{int(track.icao24 or '0', 16)},{track.registration},{track.typecode},{track.callsign},,"
        f"{origin},{destination},NA,NA,true"
        for flight_id, track, origin, destination in flights
    ]
    header = "flight_id,aircraft_id,reg,equip,callsign,flight,schd_from,schd_to,real_to,reserved,simulated"
    return lines_of(header, rows)


def archive_positions(track: Track) -> bytes:
    """The archive's position file of one flight; its identity stands only in the list and the file name."""
    rows = [
        f"{int(f.time_s)},{fr24_ft(f)},{f.track_deg:.0f},{f.lat_deg:.5f},{f.lon_deg:.5f},9999,"
        f"{f.ground_speed_kt:.0f},2000,true"
        for f in track.fixes
    ]
    return lines_of("snapshot_id,altitude,heading,latitude,longitude,radar_id,speed,squawk,simulated", rows)


def kml(track: Track) -> bytes:
    """Flightradar24's KML: a Route of timed points, and a Trail of line strings that repeats them."""
    route, trail = [], []
    for f in track.fixes:
        when = utc(int(f.time_s)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
        mode = "clampToGround" if f.on_ground else "absolute"
        route.append(
            f"<Placemark><name>{utc(int(f.time_s)):%Y-%m-%d %H:%M:%S} UTC</name>"
            f"<TimeStamp><when>{when}</when></TimeStamp>"
            f"<Style><IconStyle><heading>{f.track_deg:.0f}</heading></IconStyle></Style>"
            f"<Point><altitudeMode>{mode}</altitudeMode>"
            f"<coordinates>{f.lon_deg:.6f},{f.lat_deg:.6f},{metres(f)}</coordinates></Point></Placemark>"
        )
    for a, b in pairwise(track.fixes):
        trail.append(
            "<Placemark><LineString><altitudeMode>absolute</altitudeMode><coordinates>"
            f"{a.lon_deg:.6f},{a.lat_deg:.6f},{metres(a)} {b.lon_deg:.6f},{b.lat_deg:.6f},{metres(b)}"
            "</coordinates></LineString></Placemark>"
        )
    body = (
        f"<Document>\n<name>/{track.callsign}</name>\n"
        "<description><![CDATA[SIMULATED: no real flight]]></description>\n"
        + KML_MARK
        + "<Folder><name>Route</name>\n"
        + "\n".join(route)
        + "\n</Folder>\n<Folder><name>Trail</name>\n"
        + "\n".join(trail)
        + "\n</Folder>\n</Document>\n</kml>\n"
    )
    return (KML_HEAD + body).encode()
