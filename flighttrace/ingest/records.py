"""What a reader hands over: one row a record, still in the source's words and units.

A reader is a module in `ingest/readers/` with

    NAME: str                     such as "opensky-states-csv"; appears in outputs
    DESCRIPTION: str              one line for the list of accepted formats
    NETWORK: str                  "OpenSky", "Flightradar24" or NETWORK_UNKNOWN
    def recognises(content: Content) -> bool        cheap, by content alone, never raises
    def read(content: Content, options: ReadOptions) -> Records

and it stands in the explicit tuple READERS. It parses and renames, and nothing else: units, ranges, time, addresses,
quarantine, duplicates and accounting are done once for all of them in `ingest/table.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pandas as pd

from flighttrace.accounting import Quarantined
from flighttrace.ingest.linking import Linked

TimeForm = Literal["epoch_s", "epoch_ms", "iso", "datetime"]
"""How `time` is written: numbers since 1970 UTC, ISO 8601 text (an offset or Z, else naive), or a datetime column.
"iso" takes `T` or a blank between date and time, `,` or `.` before the fraction, and Z, UTC, +03, +0300 or +03:00."""


@dataclass(frozen=True)
class Content:
    """The decompressed bytes of one input, or of one member of a tar or folder."""

    file: str
    data: bytes
    member: str = ""

    @property
    def head(self) -> bytes:
        """The first 4 KiB, for recognition."""
        return self.data[:4096]

    def first_lines(self, count: int = 3) -> list[str]:
        """The first lines as text (UTF-8, a byte order mark dropped, undecodable bytes replaced), without line ends."""
        text = self.data[:65536].decode("utf-8-sig", errors="replace")
        return text.splitlines()[:count]


@dataclass(frozen=True)
class ReadOptions:
    """What the user declares: zone of naive times, mapping files, identities, networks."""

    input_tz: str | None = None
    mappings: tuple[str, ...] = ()
    airframes: Mapping[str, str] = field(default_factory=dict)
    """FILE → address, from --airframe FILE=HEX; FILE is matched against the label or the path as given."""
    networks: Mapping[str, str] = field(default_factory=dict)
    """FILE → network name, from --network FILE=NAME."""


@dataclass
class Records:
    """The records of one content.

    `frame` has one row a record, any subset of the columns below, values still text or numbers as in the source;
    missing is None, NaN or empty text. `row` (int) is required: the line, or the record's number from 1.

        time            in `time_form`
        icao24          text as in the file (upper case, 0x prefix allowed)
        callsign        text as in the file
        lat, lon        degrees
        baro_altitude, geo_altitude      in `altitude_unit`
        ground_speed    in `speed_unit`
        true_track      degrees
        vertical_rate   in `vertical_rate_unit`
        on_ground       True, False or missing
        position_source one of the words of `positions.position_source`, or missing
        flight          the file's own flight id, used for the track key where there is no address
        simulated       True where the record itself is marked
        stale           True where the source itself says that the position is old: marked, not dropped
        no_position     text: the reason why this record bears no position by the format's own rules (not a fault)
        listed_flight   for flight-list rows, see positions.py

    `icao24_required`: an empty address is then quarantined ("address is not six hex digits").
    `refused` are records that never became a row (wrong column count, unparsable object); they count as records.
    Two or more frame rows with one `row` (a flight-list row's two ends) are one record: it is quarantined whole.
    """

    frame: pd.DataFrame
    time_form: TimeForm
    altitude_unit: Literal["ft", "m"] = "ft"
    speed_unit: Literal["kt", "m/s", "km/h"] = "kt"
    vertical_rate_unit: Literal["ft/min", "m/s"] = "ft/min"
    icao24_required: bool = False
    refused: Sequence[Quarantined] = ()
    physical_lines: int | None = None
    header_lines: int = 0
    record_lines: int | None = None
    blank_or_comment_lines: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    listed_flights: pd.DataFrame | None = None
    """Rows for the `listed_flights` table (columns of LISTED_FLIGHT_DTYPES without source_id), where the format states
    departures and arrivals. A list row that bears no positions counts as one record "without position"."""
    links: Sequence[Linked] = ()
    """Flight ids with address and call sign, where a list file names its position files' flights."""
    simulated: bool = False
    """The whole file is marked as simulated."""
    record_count: int | None = None
    """Records of the file, the refused ones included, where it is not one row of `frame` a record (a flight-list row
    has two positions)."""
    zero_altitude_means_ground: bool = False
    """Flightradar24 writes barometric altitude 0 for "on the ground" and sometimes for "not known". With this set,
    `ingest/table.py` turns it into the on-ground flag, or into a missing altitude, by the speed beside it."""
    feet_by_name_only: bool = False
    """The columns' names promise feet and nothing else does: a level that only metres explain is refused."""
    link_space: str = ""
    """Flight ids are linked to the addresses of a list file (`links`) only where both name the same space."""
    time_zone: str | None = None
    """The zone of this content's naive times, where the format or a mapping file declares it; wins over --input-tz."""
    network: str | None = None
    """Whose receivers heard it, where that hangs on the content and not on the reader alone."""
    layout: str = ""
    """The variant of the format, shown behind the reader's name (the mapping's name, for instance)."""
    flight_in_file_name: bool = False
    """The flight's id stands only in the file's name (Flightradar24's archive): its trailing digits are looked up."""


class Reader(Protocol):
    """The shape of a reader: a module in `ingest/readers/`, or a mapping file's reader."""

    @property
    def NAME(self) -> str: ...

    @property
    def DESCRIPTION(self) -> str: ...

    @property
    def NETWORK(self) -> str: ...

    def recognises(self, content: Content) -> bool: ...

    def read(self, content: Content, options: ReadOptions) -> Records: ...
