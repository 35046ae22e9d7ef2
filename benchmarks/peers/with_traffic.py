"""The `traffic` library in its usual way: read the file, iterate over flights, infer both airports, keep the pairs.

python with_traffic.py OUT.csv FILE [--boxes-first]   (in an environment of its own: traffic 2.13 with pandas<3)

`--boxes-first` is what a user does who knows pandas: only the aircraft that met a box round southern Israel and one
round Baku and Ganja become flights.

`traffic` fetches OurAirports' list on first use. `--airports CACHE_FOLDER AIRFIELDS.csv.gz` puts the list that
flighttrace ships (the same source, without heliports) where it looks for its copy; run the job with
TRAFFIC_CACHE_PATH=CACHE_FOLDER.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from by_hand import NORTH as NORTH_BOX
from by_hand import SOUTH as SOUTH_BOX
from by_hand import in_box

AIRPORTS_FILE = "airports_ourairports.parquet"
"""`traffic.data.basic.airports.Airports.src_dict`: what it looks for in its cache folder."""
SOUTH = {"LLOV"}
NORTH = {"UBBB", "UBTT", "UB12", "UB18", "UBBG", "UBEE", "UBBF", "UBBZ", "UG11", "UB13"}
METRES_TO_FEET, M_S_TO_KT, M_S_TO_FT_MIN = 1 / 0.3048, 3600 / 1852, 60 / 0.3048


def fill_cache(folder: Path, airfields: Path) -> None:
    """The columns that `download_airports` would have written."""
    table = pd.read_csv(airfields, keep_default_na=False)
    table = table[table["kind"] != "closed"]
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(
        {
            "name": table["name"],
            "iata": table["iata_code"],
            "icao": table["ident"],
            "latitude": table["latitude_deg"].astype(float),
            "longitude": table["longitude_deg"].astype(float),
            "country": table["iso_country"],
            "altitude": pd.to_numeric(table["elevation_ft"], errors="coerce"),
            "type": table["kind"],
            "municipality": "",
        }
    ).to_parquet(folder / AIRPORTS_FILE)


def main(out: str, path: str, *, boxes_first: bool) -> None:
    from traffic.core import Traffic

    flights = Traffic(_frame(path, boxes_first=boxes_first))
    found = []
    for flight in flights:
        departure, arrival = flight.infer_airport("takeoff").icao, flight.infer_airport("landing").icao
        if (departure in SOUTH and arrival in NORTH) or (departure in NORTH and arrival in SOUTH):
            found.append((flight.icao24, departure, arrival, flight.start, flight.stop))
    columns = ["icao24", "departure", "arrival", "departure_utc", "arrival_utc"]
    pd.DataFrame(found, columns=columns).to_csv(out, index=False)


def _frame(path: str, *, boxes_first: bool) -> pd.DataFrame:
    """The file with `traffic`'s column names, units and times."""
    frame = (
        pd.read_parquet(path)
        if path.endswith(".parquet")
        else pd.read_csv(path, dtype={"icao24": str, "callsign": str, "squawk": str})
    )
    frame = frame.dropna(subset=["lat", "lon"]).rename(
        columns={
            "time": "timestamp",
            "lat": "latitude",
            "lon": "longitude",
            "velocity": "groundspeed",
            "heading": "track",
            "vertrate": "vertical_rate",
            "baroaltitude": "altitude",
            "geoaltitude": "geoaltitude",
        }
    )
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], unit="s", utc=True)
    frame["callsign"] = frame["callsign"].str.strip()
    for column, factor in (
        ("altitude", METRES_TO_FEET),
        ("geoaltitude", METRES_TO_FEET),
        ("groundspeed", M_S_TO_KT),
        ("vertical_rate", M_S_TO_FT_MIN),
    ):
        frame[column] *= factor
    if not boxes_first:
        return frame
    lat, lon = frame["latitude"], frame["longitude"]
    south, north = (set(frame.loc[in_box(lat, lon, box), "icao24"]) for box in (SOUTH_BOX, NORTH_BOX))
    return frame[frame["icao24"].isin(south & north)]


if __name__ == "__main__":
    if sys.argv[1] == "--airports":
        fill_cache(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(sys.argv[1], sys.argv[2], boxes_first="--boxes-first" in sys.argv)
