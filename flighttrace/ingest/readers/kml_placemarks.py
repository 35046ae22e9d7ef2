"""KML whose placemarks each have a time and a point: an export in no known publisher's layout.

`Placemark` with `TimeStamp/when` and `Point/coordinates` (`lon,lat,alt`, metres). Placemarks without a time (airports,
lines, areas) are not observations: skipped and counted. A KML without any time is a route, and an error. No address is
taken from a name; the innermost named folder, else document, names the flight.
"""

from __future__ import annotations

from typing import Any, Final

from flighttrace.accounting import Quarantined
from flighttrace.errors import shown
from flighttrace.ingest import kml
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.positions import NETWORK_UNKNOWN

NAME: Final = "kml-placemarks"
DESCRIPTION: Final = "KML with a TimeStamp and a Point in each placemark"
NETWORK: Final = NETWORK_UNKNOWN


def recognises(content: Content) -> bool:
    """True for any KML that neither has a gx:Track nor Flightradar24's two folders."""
    return kml.is_kml(content) and not kml.has_track(content) and not kml.has_route_and_trail(content)


def read(content: Content, options: ReadOptions) -> Records:
    """One record a timed placemark. Without one: InputError."""
    root = kml.parse(content)
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    without_time = 0
    row = 0
    for placemark in kml.placemarks(root):
        when = placemark.time
        if not when:
            without_time += 1
            continue
        row += 1
        fix = kml.point_fix(placemark)
        if isinstance(fix, str):
            refused.append(Quarantined(content.file, row, "coordinates", fix, shown(placemark.name)))
            continue
        longitude, latitude, altitude = fix
        flight = placemark.folders[-1] if placemark.folders else None
        rows.append((row, when, latitude, longitude, altitude, None, flight))
    if not row:
        raise kml.route_without_times(content)
    return kml.fix_records(
        rows, refused, simulated=kml.is_simulated(root, content), skipped={kml.WITHOUT_TIME: without_time}
    )
