"""KML as input: a hardened parse, placemarks with the names of what they stand in, fixes, and the mark.

Parsed with defusedxml: a document type, an entity or an external reference is refused, and nothing is fetched. Tags are
told by their local name, so that the namespace of an older KML, or none, does not matter. HTML in descriptions is not
looked at: it holds remote images and script links, and speeds only as text for a balloon.
KML writes longitude first and metres.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

import pandas as pd
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from flighttrace.accounting import Quarantined
from flighttrace.errors import DamagedFileError, InputError, shown
from flighttrace.ingest.records import Content, Records

HEAD_BYTES: Final = 65536
HEIGHT_REFERENCE: Final = "the height reference of KML altitudes is not in the file: read as barometric"
WITHOUT_TIME: Final = "placemarks without a time"
FIX_COLUMNS: Final = ("row", "time", "lat", "lon", "baro_altitude", "callsign", "flight")

_ROOT: Final = re.compile(rb"<(?:\w+:)?kml[\s>]")
_TRACK: Final = re.compile(rb"<(?:\w+:)?Track[\s>]")
_ROUTE: Final = re.compile(rb"<name\s*>\s*(?:<!\[CDATA\[)?\s*Route\s*(?:\]\]>)?\s*</name\s*>")
_TRAIL: Final = re.compile(rb"<name\s*>\s*(?:<!\[CDATA\[)?\s*Trail\s*(?:\]\]>)?\s*</name\s*>")


def is_kml(content: Content) -> bool:
    """True where a `kml` element opens within the first 64 KiB."""
    return content.data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and bool(
        _ROOT.search(content.data[:HEAD_BYTES])
    )


def has_track(content: Content) -> bool:
    """True where a `gx:Track` (or KML 2.3 `Track`) opens anywhere."""
    return bool(_TRACK.search(content.data))


def has_route_and_trail(content: Content) -> bool:
    """True where something is named Route and something Trail: Flightradar24's two folders."""
    return bool(_ROUTE.search(content.data)) and bool(_TRAIL.search(content.data))


@dataclass(frozen=True)
class Placemark:
    """One placemark; `folders` are the non-empty names of the documents and folders around it, outermost first."""

    element: Element
    folders: tuple[str, ...]

    @property
    def name(self) -> str:
        return child_text(self.element, "name")

    @property
    def time(self) -> str:
        """The text of TimeStamp/when, empty where there is none."""
        stamp = child(self.element, "TimeStamp")
        return "" if stamp is None else child_text(stamp, "when")

    def all(self, name: str) -> list[Element]:
        """Every element of that local name inside, in document order."""
        return [element for element in self.element.iter() if local(element) == name]


def parse(content: Content) -> Element:
    """The root element.

    Raises DamagedFileError where the file ends early, InputError (line, column) where it is not well-formed, and
    InputError where it holds a document type, entities or external references.
    """
    try:
        root = fromstring(content.data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise InputError(
            f"the XML defines a document type or entities ({type(error).__name__})",
            file=content.file,
            accepted="KML without <!DOCTYPE> and <!ENTITY>",
        ) from None
    except ParseError as error:
        line, column = error.position
        ended = error.code in _ENDED_EARLY
        raise (DamagedFileError if ended else InputError)(
            "the XML ends too early, the file may be cut" if ended else f"not well-formed XML: {error.msg}",
            file=content.file,
            line=line,
            column=column + 1,
            accepted="a whole KML file",
        ) from None
    except (LookupError, ValueError) as error:
        raise DamagedFileError(
            f"the text cannot be decoded: {shown(error)}", file=content.file, accepted="UTF-8"
        ) from None
    if not isinstance(root, Element):
        raise InputError("the XML has no root element", file=content.file, accepted="a kml element")
    return root


_ENDED_EARLY: Final = (3, 5)
"""expat: XML_ERROR_NO_ELEMENTS, XML_ERROR_UNCLOSED_TOKEN."""


def local(element: Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element, name: str) -> Element | None:
    """The first child of that local name."""
    return next((inner for inner in element if local(inner) == name), None)


def child_text(element: Element, name: str) -> str:
    """The trimmed text of the first child of that name, empty where there is none."""
    found = child(element, name)
    return "" if found is None or found.text is None else found.text.strip()


def placemarks(root: Element) -> Iterator[Placemark]:
    """Every placemark in document order. Iterative: nesting costs no stack."""
    waiting: list[tuple[Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, folders = waiting.pop()
        if local(element) == "Placemark":
            yield Placemark(element, folders)
            continue
        if local(element) in ("Document", "Folder"):
            name = child_text(element, "name")
            folders = (*folders, name) if name else folders
        waiting.extend((inner, folders) for inner in reversed(element))


def is_simulated(root: Element, content: Content) -> bool:
    """True where an ExtendedData/Data named `simulated` says true. Another word than true or false: InputError."""
    marked = False
    for data in root.iter():
        if local(data) == "Data" and data.get("name") == "simulated":
            value = child_text(data, "value").lower()
            if value not in ("true", "false"):
                raise InputError(
                    f"the Data named simulated is {shown(value)}", file=content.file, accepted="true or false"
                )
            marked = marked or value == "true"
    return marked


def coordinates(text: str, separator: str | None) -> tuple[str, str, str | None] | None:
    """(longitude, latitude, altitude or None) as written; None where there are not two or three parts."""
    parts = [part.strip() for part in text.split(separator)]
    if len(parts) not in (2, 3) or not all(parts[:2]):
        return None
    return parts[0], parts[1], parts[2] if len(parts) == 3 and parts[2] else None


def point_fix(placemark: Placemark) -> tuple[str, str, str | None] | str:
    """The placemark's one position as written, or why there is none."""
    points = placemark.all("Point")
    if len(points) != 1:
        return f"a timed placemark with {len(points)} points"
    fix = coordinates(child_text(points[0], "coordinates"), ",")
    return "the coordinates are not lon,lat or lon,lat,alt" if fix is None else fix


def fix_records(
    rows: Sequence[tuple[Any, ...]], refused: Sequence[Quarantined], *, simulated: bool, skipped: dict[str, int]
) -> Records:
    """Records of fixes with FIX_COLUMNS, altitudes in metres; counts of 0 are left out of `skipped`."""
    frame = pd.DataFrame(list(rows), columns=list(FIX_COLUMNS))
    return Records(
        frame=frame,
        time_form="iso",
        altitude_unit="m",
        refused=refused,
        simulated=simulated,
        skipped={name: count for name, count in skipped.items() if count},
        flags=(HEIGHT_REFERENCE,),
    )


def route_without_times(content: Content) -> InputError:
    """The error for a KML that holds lines or places and no time."""
    return InputError(
        "a route without times is not a track",
        file=content.file,
        accepted="KML with gx:Track, or with placemarks that have a TimeStamp",
    )
