"""The quarantined records as a CSV file that a spreadsheet may open: file, line, column, reason, value."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from flighttrace.accounting import Quarantined
from flighttrace.errors import shown

COLUMNS: Final = ("file", "line", "column", "reason", "value")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_quarantine(path: Path, quarantined: Iterable[Quarantined]) -> None:
    """Write one row a record, header first. Text that a spreadsheet would run as a formula gets a leading `'`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for record in quarantined:
            texts = (record.file, record.line, record.column, record.reason, record.value)
            writer.writerow([_plain(shown(text, 200)) if isinstance(text, str) else text for text in texts])


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
