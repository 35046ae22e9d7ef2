"""KML with `gx:Track`: ADS-B Exchange and tar1090 (folder `<registration> track`), FlightAware's track log.

A track is two parallel lists, `when` (ISO, a fraction allowed) and `gx:coord` (`lon lat alt`, blanks between, metres);
their counts have to be equal, or no time belongs to any position. The airports that FlightAware adds as points without
a time are not observations: skipped and counted. Identity is only in names: the innermost named folder, else the
placemark, names the flight, and no address is taken from either.
FlightAware's layout is known from descriptions alone: it has not been tried on a real file.
Source: Google, KML reference, gx:Track.
"""

from __future__ import annotations

from typing import Any, Final
from xml.etree.ElementTree import Element

from flighttrace.accounting import Quarantined
from flighttrace.errors import InputError, shown
from flighttrace.ingest import kml
from flighttrace.ingest.records import Content, ReadOptions, Records
from flighttrace.positions import NETWORK_UNKNOWN

NAME: Final = "kml-gx-track"
DESCRIPTION: Final = "KML with gx:Track (ADS-B Exchange, tar1090; FlightAware: untested on a real file)"
NETWORK: Final = NETWORK_UNKNOWN


def recognises(content: Content) -> bool:
    """True for a KML with a gx:Track."""
    return kml.is_kml(content) and kml.has_track(content)


def read(content: Content, options: ReadOptions) -> Records:
    """One record a pair of `when` and `gx:coord`, numbered through all tracks. Unequal counts raise InputError."""
    root = kml.parse(content)
    rows: list[tuple[Any, ...]] = []
    refused: list[Quarantined] = []
    skipped = {kml.WITHOUT_TIME: 0}
    row = tracks = 0
    for placemark in kml.placemarks(root):
        found = placemark.all("Track")
        skipped[kml.WITHOUT_TIME] += not found
        for track in found:
            tracks += 1
            for when, coord in _pairs(track, placemark.name, content):
                row += 1
                fix = kml.coordinates(coord, None)
                if fix is None:
                    refused.append(
                        Quarantined(content.file, row, "gx:coord", "not lon lat or lon lat alt", shown(coord))
                    )
                    continue
                flight = (placemark.folders or (placemark.name or None,))[-1]
                rows.append((row, when, fix[1], fix[0], fix[2], None, flight))
    if not tracks:
        raise kml.route_without_times(content)
    return kml.fix_records(rows, refused, simulated=kml.is_simulated(root, content), skipped=skipped)


def _pairs(track: Element, name: str, content: Content) -> list[tuple[str, str]]:
    whens = [(inner.text or "").strip() for inner in track if kml.local(inner) == "when"]
    coords = [(inner.text or "").strip() for inner in track if kml.local(inner) == "coord"]
    if len(whens) != len(coords):
        raise InputError(
            f"the track {shown(name) or 'without a name'} has {len(whens)} times and {len(coords)} positions",
            file=content.file,
            accepted="as many when as gx:coord",
        )
    return list(zip(whens, coords, strict=True))
