"""Flightradar24's KML of one flight.

`Document/name` is `<flight>/<callsign>`. Folder `Route` has one placemark a fix, with `TimeStamp/when` and
`Point/coordinates` (`lon,lat,alt`, metres). Folder `Trail` draws the same fixes again as lines: its placemarks are
skipped and counted, as reading both would count every fix twice. There is no address in the file, and speed stands only
in the HTML of a balloon, which is not read.
"""

from __future__ import annotations

from typing import Any, Final

from flighttrace.accounting import Quarantined
from flighttrace.errors import shown
from flighttrace.ingest import kml
from flighttrace.ingest.records import Content, ReadOptions, Records

NAME: Final = "fr24-kml"
DESCRIPTION: Final = "Flightradar24 KML (folders Route and Trail)"
NETWORK: Final = "Flightradar24"

TRAIL: Final = "KML trail lines, which repeat the route's fixes"


def recognises(content: Content) -> bool:
    """True for a KML with something named Route and something named Trail, and no gx:Track."""
    return kml.is_kml(content) and not kml.has_track(content) and kml.has_route_and_trail(content)


def read(content: Content, options: ReadOptions) -> Records:
    """One record a fix of the route. Without a single timed fix: InputError."""
    root = kml.parse(content)
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    skipped = {TRAIL: 0, kml.WITHOUT_TIME: 0}
    row = 0
    for placemark in kml.placemarks(root):
        if "Trail" in placemark.folders:
            skipped[TRAIL] += 1
            continue
        when = placemark.time
        if not when and "Route" not in placemark.folders:
            skipped[kml.WITHOUT_TIME] += 1
            continue
        row += 1
        fix = kml.point_fix(placemark)
        if isinstance(fix, str):
            refused.append(Quarantined(content.file, row, "coordinates", fix, shown(placemark.name)))
            continue
        longitude, latitude, altitude = fix
        rows.append((row, when, latitude, longitude, altitude, *_identity(placemark.folders)))
    if not any(values[1] for values in rows):
        raise kml.route_without_times(content)
    simulated = kml.is_simulated(root, content)
    records = kml.fix_records(rows, refused, simulated=simulated, skipped=skipped)
    records.zero_altitude_means_ground = True
    return records


def _identity(folders: tuple[str, ...]) -> tuple[str | None, str | None]:
    """(call sign, flight) from the document's name; the call sign is what follows the last slash."""
    name = next((folder for folder in folders if folder not in ("Route", "Trail")), None)
    callsign = name.rpartition("/")[2].strip() if name and "/" in name else ""
    return callsign or None, name
