"""Any CSV through a small mapping file: columns, units, time form, address base.

The mappings that ship are recognised by their exact header without any option; one of the user's is given with
`--mapping FILE`, applies where the header is exactly its own, and wins there over every built-in reader.
`mappings/example.yaml` explains every key. A further last column `simulated` is always allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from flighttrace.ingest.lines import Lines, header_of, read_lines
from flighttrace.ingest.linking import links_of
from flighttrace.ingest.listing import listed_times
from flighttrace.ingest.records import Content, Reader, ReadOptions, Records, TimeForm
from flighttrace.ingest.values import addresses, callsigns, texts
from flighttrace.positions import NETWORK_UNKNOWN

if TYPE_CHECKING:
    from flighttrace.ingest.mapping import Mapping

NAME: Final = "mapped-csv"
DESCRIPTION: Final = "CSV of a known layout, described by a mapping file (shipped: the EUROCONTROL trrrj layouts)"
NETWORK: Final = NETWORK_UNKNOWN

LIST_ROW: Final = "a list of flights, without positions"
_NUMBERS: Final = (
    "lat",
    "lon",
    "baro_altitude",
    "geo_altitude",
    "ground_speed",
    "true_track",
    "vertical_rate",
)


@cache
def _shipped() -> tuple[MappedReader, ...]:
    from flighttrace.ingest.mapping import shipped_mappings  # loads pydantic, which an ingest of traces does without

    return tuple(MappedReader(mapping) for mapping in shipped_mappings())


def recognises(content: Content) -> bool:
    return any(reader.recognises(content) for reader in _shipped())


def read(content: Content, options: ReadOptions) -> Records:
    return next(reader for reader in _shipped() if reader.recognises(content)).read(content, options)


def readers_of(paths: Sequence[str]) -> tuple[Reader, ...]:
    """One reader for each mapping file of the user's."""
    if not paths:
        return ()
    from flighttrace.ingest.mapping import load_mapping

    return tuple(MappedReader(load_mapping(path)) for path in paths)


@dataclass(frozen=True)
class MappedReader:
    """A reader for one layout."""

    mapping: Mapping

    @property
    def NAME(self) -> str:
        return NAME

    @property
    def DESCRIPTION(self) -> str:
        return self.mapping.description or f"CSV as in the mapping {self.mapping.mapping}"

    @property
    def NETWORK(self) -> str:
        return self.mapping.network

    def recognises(self, content: Content) -> bool:
        """True where the first line is the mapping's header, with or without a last column `simulated`."""
        skipped = 0
        comment = self.mapping.comment
        lines = content.first_lines(50)
        while comment and skipped < len(lines) and lines[skipped].startswith(comment):
            skipped += 1
        if skipped:
            content = Content(content.file, "\n".join(lines[skipped : skipped + 1]).encode())
        header = header_of(content, self.mapping.delimiter)
        return header in (self.mapping.header, [*self.mapping.header, "simulated"])

    def read(self, content: Content, options: ReadOptions) -> Records:
        m = self.mapping
        lines = read_lines(content, needed=m.header, delimiter=m.delimiter, quoting=m.quoting, comment=m.comment)
        if m.missing:
            for name in m.header:
                lines.columns[name] = lines.columns[name].mask(lines.columns[name].str.strip().isin(m.missing))
        return self._positions(lines) if m.kind == "positions" else self._flights(lines, content, options)

    def _column(self, lines: Lines, ours: str) -> pd.Series[Any]:
        theirs = self.mapping.columns[ours]
        if isinstance(theirs, list):
            return lines.columns[theirs[0]].str.strip() + " " + lines.columns[theirs[1]].str.strip()
        column = lines.columns[theirs]
        if self.mapping.decimal != "." and ours in _NUMBERS:
            column = column.str.replace(self.mapping.decimal, ".", regex=False)
        return column

    def _times(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Times by the mapping's own pattern as ISO text; what does not fit it stays as it is, to be quarantined."""
        pattern = self.mapping.time_pattern
        if pattern is None:
            return column
        parsed = pd.to_datetime(column.str.strip(), format=pattern, errors="coerce", utc="%z" in pattern)
        iso = parsed.dt.strftime("%Y-%m-%dT%H:%M:%S.%f" + ("+00:00" if "%z" in pattern else ""))
        return iso.where(parsed.notna(), column)

    def _positions(self, lines: Lines) -> Records:
        m = self.mapping
        frame = pd.DataFrame({ours: self._column(lines, ours) for ours in m.columns}, index=lines.columns.index)
        if m.address_base == 10 and "icao24" in frame:
            frame["icao24"] = from_decimal(frame["icao24"])
        frame["time"] = self._times(frame["time"])
        return lines.records(
            frame,
            "iso" if m.time_pattern else m.time_form,
            altitude_unit=m.units.altitude,
            speed_unit=m.units.speed,
            vertical_rate_unit=m.units.vertical_rate,
            zero_altitude_means_ground=m.zero_altitude_means_ground,
            link_space=m.flight_ids,
            time_zone=m.time_zone,
            network=m.network,
            layout=m.mapping,
        )

    def _flights(self, lines: Lines, content: Content, options: ReadOptions) -> Records:
        m = self.mapping
        theirs = {ours: name for ours in m.columns if (name := m.source_column(ours)) is not None}
        seen = {ours: theirs[ours] for ours in ("first_seen", "last_seen") if ours in theirs}
        for name in seen.values():
            lines.columns[name] = self._times(lines.columns[name])
        form: TimeForm = "iso" if m.time_pattern else m.time_form
        zone = m.time_zone or options.input_tz
        times = listed_times(lines, list(seen.values()), form, zone_name=zone, file=content.file)
        frame = pd.DataFrame({ours: self._column(lines, ours) for ours in theirs if ours not in seen})
        if "icao24" not in frame:
            frame["icao24"] = None
        elif m.address_base == 10:
            frame["icao24"] = from_decimal(frame["icao24"])
        icao24, _ = addresses(frame["icao24"])
        listed = pd.DataFrame({"source_row": lines.columns["row"], "icao24": icao24})
        for name in ("callsign", "registration", "typecode", "listed_departure", "listed_arrival"):
            if name in frame:
                listed[name] = texts(frame[name])
        for ours, name in seen.items():
            listed[f"{ours}_utc"] = times[name]
        ids = texts(frame["flight"]) if "flight" in frame else pd.Series([None] * len(frame), dtype="str")
        frame["no_position"] = LIST_ROW
        return lines.records(
            frame[[name for name in ("icao24", "callsign", "no_position") if name in frame]],
            form,
            listed_flights=listed,
            links=links_of(ids, icao24, callsigns(frame["callsign"]) if "callsign" in frame else None),
            link_space=m.flight_ids,
            network=m.network,
            layout=m.mapping,
        )


def from_decimal(column: pd.Series[Any]) -> pd.Series[Any]:
    """Addresses written as decimal numbers → six hex digits; what is no such number is left, to be quarantined."""

    def one(text: Any) -> Any:
        plain = text.strip() if isinstance(text, str) else ""
        if not plain:
            return None
        known = plain.isascii() and plain.isdigit() and len(plain) <= 8 and int(plain) < 1 << 24
        return f"{int(plain):06x}" if known else f"not an address: {plain}"

    return pd.Series([one(text) for text in column], index=column.index, dtype="str")
