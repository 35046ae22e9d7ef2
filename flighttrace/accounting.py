"""What became of every record of an input: the identity that has to hold before any result is given.

    records        = accepted + without position (by reason) + quarantined (by reason) + exact duplicates
    physical lines = header + the records' lines + blank or comment          (line formats only)

A record is a CSV row, an SBS line, a trace point, a KML fix, a Parquet row. Containers that hold no records of
their own (tar members of other kinds, KML trails) are listed in `skipped` with a count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flighttrace.errors import AccountingError


@dataclass(frozen=True)
class Quarantined:
    """One record that could not become a row: where it stands, which column, why, and the value seen (escaped, cut)."""

    file: str
    line: int
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class Accounting:
    """Counts of one input file. `check()` raises AccountingError where they do not add up."""

    records: int
    accepted: int
    without_position: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    exact_duplicates: int = 0
    physical_lines: int | None = None
    header_lines: int = 0
    record_lines: int | None = None
    blank_or_comment_lines: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    """Plain words on the file as a whole, such as "last line has no line end: the file may be cut"."""

    @property
    def quarantined_count(self) -> int:
        return sum(self.quarantined.values())

    @property
    def without_position_count(self) -> int:
        return sum(self.without_position.values())

    @property
    def unaccounted(self) -> int:
        """Records that nothing explains; anything but 0 is a fault of ours."""
        return self.records - (
            self.accepted + self.without_position_count + self.quarantined_count + self.exact_duplicates
        )

    def check(self, file: str) -> None:
        """Raise AccountingError unless every record and every physical line is explained."""
        if self.unaccounted:
            raise AccountingError(f"{file}: {self.unaccounted} of {self.records} records are not accounted for")
        if self.physical_lines is not None:
            explained = self.header_lines + (self.record_lines or 0) + self.blank_or_comment_lines
            if explained != self.physical_lines:
                raise AccountingError(
                    f"{file}: {self.physical_lines} physical lines, but {explained} are explained "
                    f"(header {self.header_lines}, records {self.record_lines}, blank or comment "
                    f"{self.blank_or_comment_lines})"
                )
