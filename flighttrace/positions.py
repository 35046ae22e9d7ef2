"""The one wide table, and where its rows came from.

`positions` is a pandas DataFrame: one row a position report, in the units that aircraft broadcast, so that a number
can be found again in the source.

| column | dtype | meaning |
|---|---|---|
| time_utc | datetime64[ms, UTC] | when the aircraft was there |
| track_key | str | icao24, or `#` + 8 digits of the decompressed content's sha256 + `/` + flight id or call sign |
| icao24 | str, missing | lower-case hex, six digits; a leading `~` is kept: not an ICAO address |
| callsign | str, missing | stripped; placeholders are missing, `NA` is text; else of the list that gives the address |
| lat_deg, lon_deg | float64 | WGS 84 |
| baro_altitude_ft, geo_altitude_ft | float64, NaN | barometric; above the ellipsoid |
| ground_speed_kt, true_track_deg, vertical_rate_ft_min | float64, NaN | as broadcast |
| on_ground | boolean, missing | as the source says it; missing where it says nothing |
| position_source | str, missing | adsb, mlat, adsr, tisb, adsc, flarm, asterix, other, estimated |
| simulated | bool | marked so in the file, or by a call sign that begins with SIM |
| listed_flight | str, missing | set on the two end positions of a flight-list row: a flight of its own, never split |
| source_id | str | `Source.source_id` |
| source_row | int64 | line (from 1) in a line format, else the record's number (from 1) |
| rejected_because | str, missing | readable but not believed: the reason |

`listed_flights` is the small second table: what a flight list states of departures and arrivals. Listed ends are
shown beside ours and never taken as truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from flighttrace.accounting import Accounting, Quarantined
from flighttrace.errors import LocatedError

IN_FILE: Final = "address in the file"
DECLARED: Final = "declared by the user"
LINKED_BY_NAME: Final = "linked by file name"
LINKED_BY_ID: Final = "linked by flight id"
NOT_IN_FILE: Final = "not in the file"
LINKED: Final = frozenset({LINKED_BY_NAME, LINKED_BY_ID})
"""How a track's address is known. Linked ones have it of a list, and their call sign too where they give none."""

POSITION_DTYPES: Final[Mapping[str, str]] = {
    "time_utc": "datetime64[ms, UTC]",
    "track_key": "str",
    "icao24": "str",
    "callsign": "str",
    "lat_deg": "float64",
    "lon_deg": "float64",
    "baro_altitude_ft": "float64",
    "geo_altitude_ft": "float64",
    "ground_speed_kt": "float64",
    "true_track_deg": "float64",
    "vertical_rate_ft_min": "float64",
    "on_ground": "boolean",
    "position_source": "str",
    "simulated": "bool",
    "listed_flight": "str",
    "source_id": "str",
    "source_row": "int64",
    "rejected_because": "str",
}

LISTED_FLIGHT_DTYPES: Final[Mapping[str, str]] = {
    "icao24": "str",
    "callsign": "str",
    "registration": "str",
    "typecode": "str",
    "first_seen_utc": "datetime64[ms, UTC]",
    "last_seen_utc": "datetime64[ms, UTC]",
    "listed_departure": "str",
    "listed_arrival": "str",
    "listed_flight": "str",
    "simulated": "bool",
    "source_id": "str",
    "source_row": "int64",
}

NETWORK_UNKNOWN: Final = "unknown"
NETWORK_NAMES: Final[Mapping[str, str]] = {
    "fr24": "Flightradar24",
    "flightradar": "Flightradar24",
    "flightradar24": "Flightradar24",
    "opensky": "OpenSky",
    "openskynetwork": "OpenSky",
    "adsbx": "ADS-B Exchange",
    "adsbexchange": "ADS-B Exchange",
    "adsblol": "adsb.lol",
    "flightaware": "FlightAware",
}
"""Letters and digits of a network's usual names → the one name used here, so that no spelling makes a witness."""


def network_named(text: str) -> str:
    """The network that `text` means: its usual name where that is known, else the text; NETWORK_UNKNOWN for none."""
    letters = "".join(c for c in text.casefold() if c.isalnum())
    if letters in ("", NETWORK_UNKNOWN, "none", "na"):
        return NETWORK_UNKNOWN
    return NETWORK_NAMES.get(letters, text.strip())


_SOURCE_ID_DIGITS: Final = 12
"""Hex digits of the sha256 that name a source: 48 bits, no collision among any number of files a person holds."""


def source_id_of(sha256: str) -> str:
    """The name of the input with that hash in all tables."""
    return sha256[:_SOURCE_ID_DIGITS]


@dataclass(frozen=True)
class Source:
    """One input file: what it is called in outputs, its hash, which reader took it, whose receivers heard it.

    `file` is a label relative to what the user named, never an absolute path. `other_names` lists further files with
    the same content, which count once. `network` follows the reader (OpenSky, Flightradar24) or is declared by the
    user; else it is "unknown".
    """

    source_id: str
    file: str
    sha256: str
    size_bytes: int
    reader: str
    network: str
    network_declared: bool
    accounting: Accounting
    other_names: tuple[str, ...] = ()
    simulated: bool = False
    declared_icao24: str | None = None
    origin: tuple[tuple[str, str, str], ...] = ()
    """(address, UTC time, sha256) of the files it was fetched as; empty where it was given by hand."""


@dataclass(frozen=True)
class Heard:
    """The first and the last position of an input, in ms since 1970 UTC."""

    first_ms: int
    last_ms: int


@dataclass(frozen=True)
class Times:
    """When an archive heard anything, of real aircraft where it heard any.

    `quarters_utc`: starts of the quarters of an hour with the first or the last position of some track and cell in an
    hour. No day of any zone that holds a position is without one.
    """

    first_utc: datetime
    last_utc: datetime
    quarters_utc: tuple[datetime, ...]
    real: bool
    tracked_utc: tuple[datetime, ...]
    """The same of the inputs that list no flights: a list's two positions a flight are not what receivers heard."""


@dataclass(frozen=True)
class Ingested:
    """All that was read: the two tables, the sources with their accounting, what was refused and why."""

    positions: pd.DataFrame
    listed_flights: pd.DataFrame
    sources: tuple[Source, ...]
    quarantined: tuple[Quarantined, ...] = ()
    failures: tuple[LocatedError, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)
    """track_key → how its identity is known (DECLARED, LINKED_BY_NAME, LINKED_BY_ID, NOT_IN_FILE), where that is not
    the address in the file itself. Where files differ, the weakest of theirs."""
    skipped: tuple[str, ...] = ()
    """Files of a named folder that are not tracks and were not read: "NAME: why"."""
    standing: tuple[LocatedError, ...] = ()
    """What an archive is known to lack: inputs that failed when they were given to it, and those that are not whole."""
    spans: Mapping[str, Heard] = field(default_factory=dict)
    """source_id → when it holds positions, of an archive from which only some rows were read. Empty: see the rows."""
    times: Times | None = None
    """When anything at all was heard, where only some rows were read. None: see the rows."""

    @property
    def lacking(self) -> tuple[LocatedError, ...]:
        """All that is known not to be there: what could not be read now, and what the archive lacks."""
        return (*self.failures, *self.standing)

    @property
    def simulated(self) -> bool:
        """True where any input is marked as simulated: every output is then stamped."""
        return any(source.simulated for source in self.sources)


def joined(heard: Ingested, part: Ingested) -> Ingested:
    """`heard` with what a further read of the same inputs tells of them: identities, and which are simulated.

    The rows stay those of `heard`.
    """
    simulated = {source.source_id for source in part.sources if source.simulated}
    sources = tuple(replace(s, simulated=s.simulated or s.source_id in simulated) for s in heard.sources)
    return replace(heard, sources=sources, identities=dict(sorted({**heard.identities, **part.identities}.items())))


def apart(parts: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Copies that hold these rows alone: `copy` of a part keeps the text of all the rows it was cut from in memory."""
    if not parts:
        return []
    rows = pd.concat(parts)
    texts = [name for name, dtype in rows.dtypes.items() if isinstance(dtype, pd.StringDtype)]
    rows = rows.assign(**{str(name): rows[name].array.take(np.arange(len(rows))) for name in texts})
    ends = np.cumsum([len(part) for part in parts]).tolist()
    return [rows.iloc[end - len(part) : end] for part, end in zip(parts, ends, strict=True)]


def empty_positions() -> pd.DataFrame:
    """A positions table without rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in POSITION_DTYPES.items()})


def empty_listed_flights() -> pd.DataFrame:
    """A listed-flights table without rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in LISTED_FLIGHT_DTYPES.items()})


def conform(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with exactly the columns and dtypes of `positions`, in order. A missing column raises KeyError."""
    frame = frame[list(POSITION_DTYPES)]
    had = frame.dtypes.to_dict()
    other = {name: dtype for name, dtype in POSITION_DTYPES.items() if had[name] != dtype}
    return frame.astype(other) if other else frame
