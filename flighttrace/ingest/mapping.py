"""Mapping files: small YAML files that describe a CSV layout, checked to the line.

`mappings/example.yaml` explains every key.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from flighttrace.errors import InputError, shown
from flighttrace.ingest.yaml_file import bytes_of, place_of, plain, read_yaml
from flighttrace.positions import NETWORK_UNKNOWN

EXAMPLE: Final = "example.yaml"
_POSITION_COLUMNS: Final = frozenset(
    {
        "time",
        "lat",
        "lon",
        "icao24",
        "callsign",
        "flight",
        "baro_altitude",
        "geo_altitude",
        "ground_speed",
        "true_track",
        "vertical_rate",
        "on_ground",
        "position_source",
    }
)
_FLIGHT_COLUMNS: Final = frozenset(
    {
        "flight",
        "icao24",
        "callsign",
        "registration",
        "typecode",
        "first_seen",
        "last_seen",
        "listed_departure",
        "listed_arrival",
    }
)
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Units(BaseModel):
    """Units of the file's numbers."""

    model_config = ConfigDict(extra="forbid", strict=True)
    altitude: Literal["ft", "m"] = "ft"
    speed: Literal["kt", "m/s", "km/h"] = "kt"
    vertical_rate: Literal["ft/min", "m/s"] = "ft/min"


class Mapping(BaseModel):
    """One CSV layout: to which header it applies, and what its columns are."""

    model_config = ConfigDict(extra="forbid", strict=True)
    mapping: Name
    description: str = ""
    kind: Literal["positions", "flights"]
    network: Name = NETWORK_UNKNOWN
    header: Annotated[list[str], Field(min_length=2)]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    quoting: bool = True
    comment: str = ""
    time_form: Literal["iso", "epoch_s", "epoch_ms"] = "iso"
    time_pattern: str | None = None
    time_zone: str | None = None
    units: Units = Units()
    address_base: Literal[10, 16] = 16
    missing: list[str] = []
    zero_altitude_means_ground: bool = False
    flight_ids: str = ""
    columns: dict[str, str | list[str]]

    @field_validator("columns")
    @classmethod
    def _shape(cls, columns: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        for ours, theirs in columns.items():
            if isinstance(theirs, list) and (ours != "time" or len(theirs) != 2):
                raise ValueError(f"{ours}: one column name; only time may be two")
        return columns

    @model_validator(mode="after")
    def _fits(self) -> Mapping:
        allowed = _POSITION_COLUMNS if self.kind == "positions" else _FLIGHT_COLUMNS
        unknown = sorted(set(self.columns) - allowed)
        if unknown:
            raise ValueError(f"columns: {unknown[0]} is not one of {', '.join(sorted(allowed))}")
        needed = {"time", "lat", "lon"} if self.kind == "positions" else set()
        if needed - set(self.columns):
            raise ValueError(f"columns: {', '.join(sorted(needed - set(self.columns)))} missing")
        for theirs in self.columns.values():
            for name in [theirs] if isinstance(theirs, str) else theirs:
                if name not in self.header:
                    raise ValueError(f"columns: {name} is not in the header")
        if len(set(self.header)) < len(self.header):
            raise ValueError("header: a name appears twice")
        if self.decimal == self.delimiter:
            raise ValueError("decimal: the same as the delimiter")
        if "time_zone" in self.model_fields_set and self.time_zone is not None:
            from zoneinfo import ZoneInfo

            try:
                ZoneInfo(self.time_zone)
            except (KeyError, ValueError, OSError) as error:
                raise ValueError(f"time_zone: {shown(self.time_zone)} is not an IANA time zone") from error
        return self

    def source_column(self, ours: str) -> str | None:
        """The file's column for one of ours, None where it has none."""
        theirs = self.columns.get(ours)
        return theirs if isinstance(theirs, str) else None


def load_mapping(path: str | Path) -> Mapping:
    """The mapping in a file of the user's. Raises InputError with file and line where it does not hold."""
    path = Path(path)
    return parse_mapping(bytes_of(path, "mapping file"), path.name)


def shipped_mappings() -> list[Mapping]:
    """The mappings that flighttrace ships, in the order of their names."""
    folder = resources.files("flighttrace.ingest").joinpath("mappings")
    files: list[Traversable] = [f for f in folder.iterdir() if f.name.endswith(".yaml") and f.name != EXAMPLE]
    return [parse_mapping(file.read_bytes(), file.name) for file in sorted(files, key=lambda file: file.name)]


def parse_mapping(data: bytes, file: str) -> Mapping:
    """The mapping in a YAML 1.2 text. Raises InputError with the line and the key of what does not hold."""
    value = read_yaml(data, file)
    if not isinstance(value, dict):
        raise InputError("is not a mapping file", file=file, accepted="keys such as mapping, kind, header, columns")
    try:
        return Mapping.model_validate(plain(value))
    except ValidationError as error:
        first = error.errors()[0]
        line, key = place_of(value, first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{key + ': ' if key else ''}{shown(problem, 300)}", file=file, line=line) from error
