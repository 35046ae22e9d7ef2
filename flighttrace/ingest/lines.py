"""Lines of delimited text → columns of text, with the physical line of every record.

All columns are text first. A line is a record; quotes are read only where the format needs them, and a quote that does
not close never swallows the lines after it. What does not fit is handed back as a refused record with its line.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from flighttrace.accounting import Quarantined
from flighttrace.errors import AccountingError, DamagedFileError, InputError, shown
from flighttrace.ingest.records import Content, Records, TimeForm

HEADER_ONLY: Final = "header only: the file holds no records"
NO_LINE_END: Final = "last line has no line end: the file may be cut"
_LONGEST_LINE: Final = 100_000
"""Characters. The longest real line seen has under 2,000; a line of megabytes is another file in disguise."""
_LONGEST_HEADER: Final = 65_536
_LONGEST_QUOTED: Final = 5
"""Lines that one quoted field may span."""


@dataclass
class Lines:
    """`columns` has one text column a header name and `row`, the physical line; the rest goes into Records."""

    columns: pd.DataFrame
    refused: list[Quarantined] = field(default_factory=list)
    physical_lines: int = 0
    header_lines: int = 0
    record_lines: int = 0
    blank_lines: int = 0
    flags: list[str] = field(default_factory=list)

    def column(self, name: str) -> pd.Series[Any]:
        """The column, or one of missing values where the file has none of that name."""
        if name in self.columns:
            return self.columns[name]
        return pd.Series([None] * len(self.columns), dtype="str", index=self.columns.index)

    def has(self, name: str) -> bool:
        return name in self.columns

    def refuse(self, mask: npt.NDArray[np.bool_], *, file: str, column: str, reason: str) -> None:
        """Take the rows out of `columns` and hand them back as refused, with the value of `column` (a header name)."""
        values, rows = self.column(column).fillna("").to_list(), self.columns["row"].to_list()
        for i in np.flatnonzero(mask).tolist():
            self.refused.append(Quarantined(file, rows[i], column, reason, shown(values[i])))
        if mask.any():
            self.columns = self.columns[~mask].reset_index(drop=True)

    def unnamed(self) -> pd.Series[Any]:
        """The columns without a name (kept with `unnamed=True`), joined by commas."""
        names = [name for name in map(str, self.columns) if name.startswith("\0")]
        if not names:
            return pd.Series([""] * len(self.columns), dtype="str", index=self.columns.index)
        return self.columns[names[0]].str.cat(self.columns[names[1:]], sep=",")

    def records(self, frame: pd.DataFrame, time_form: TimeForm, **more: Any) -> Records:
        """Records with this file's lines accounted for. `simulated` and `row` are added to the frame."""
        frame = frame.assign(row=self.columns["row"].to_numpy()) if "row" not in frame else frame
        if "simulated" in self.columns and "simulated" not in frame:
            frame = frame.assign(simulated=self.columns["simulated"])
        return Records(
            frame,
            time_form,
            refused=self.refused,
            physical_lines=self.physical_lines,
            header_lines=self.header_lines,
            record_lines=self.record_lines,
            blank_or_comment_lines=self.blank_lines,
            flags=tuple(self.flags),
            **more,
        )


def text_of(content: Content, *, nul_padding: bool = False) -> str:
    """The content as text with `\\n` line ends. Not UTF-8, or a NUL byte, is an error with its line.

    `nul_padding`: NUL bytes at the end of a field are padding in this format and are left for the caller.
    """
    data = content.data.removeprefix(b"\xef\xbb\xbf")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DamagedFileError("is UTF-16 text", file=content.file, line=1, accepted="UTF-8")
    nul = data.find(b"\0")
    if nul >= 0 and not nul_padding:
        raise DamagedFileError("holds a NUL byte", file=content.file, line=_line_at(data, nul), accepted="UTF-8 text")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line_at(data, error.start)
        raise DamagedFileError(
            f"is not UTF-8 text (byte 0x{data[error.start]:02x})", file=content.file, line=line, accepted="UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _line_at(data: bytes, position: int) -> int:
    before = data[:position]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def header_of(content: Content, delimiter: str = ",") -> list[str]:
    """The first line's fields, stripped, for recognition. Empty where the content is no text, or JSON or XML."""
    start = content.data[:_LONGEST_HEADER].removeprefix(b"\xef\xbb\xbf")
    if start[:1] in (b"{", b"[", b"<") or b"\0" in start[:64]:
        return []
    first = start.split(b"\n", 1)[0].split(b"\r", 1)[0]
    return split_header(first.decode("utf-8", errors="replace"), delimiter)


def split_header(line: str, delimiter: str) -> list[str]:
    fields = next(csv.reader([line], delimiter=delimiter), []) if '"' in line else line.split(delimiter)
    return [name.strip() for name in fields]


def read_lines(
    content: Content,
    *,
    needed: Sequence[str],
    delimiter: str = ",",
    quoting: bool = False,
    names: Sequence[str] = (),
    wanted: Sequence[str] = (),
    nul_padding: bool = False,
    text: str | None = None,
    unnamed: bool = False,
    comment: str = "",
) -> Lines:
    """The file's records as text columns.

    `needed`: header names that must be there; `wanted`: further ones to keep where they are (`simulated` always is).
    `names`: the columns of a format without a header. `unnamed`: keep the columns without a name too.
    `comment`: lines that begin so are counted, not read.
    """
    if text is None:
        text = text_of(content, nul_padding=nul_padding)
    lines = text.split("\n")
    complete = lines[-1] == ""
    if complete:
        lines.pop()
    result = Lines(pd.DataFrame(), physical_lines=len(lines))
    start = 0
    if not names:
        while start < len(lines) and (not lines[start].strip() or (comment and lines[start].startswith(comment))):
            start += 1
        result.blank_lines = start
        if start == len(lines):
            raise InputError("the file is empty", file=content.file)
        names = split_header(lines[start], delimiter)
        _check_header(names, needed, content.file, start + 1)
        start, result.header_lines = start + 1, 1
    rows = _Rows(content.file, names, delimiter, quoting)
    if not rows.take_all(lines, start, result):
        rows.sort_out(lines, start, result, comment)
    if not complete:
        result.flags.append(NO_LINE_END)
        rows.drop_cut_end(len(lines), result)
    keep = {*needed, *wanted, "simulated"} if needed or wanted else set(names)
    result.columns = rows.table(keep, unnamed)
    if not len(result.columns) and not result.refused:
        result.flags.append(HEADER_ONLY)
    return result


def _check_header(names: Sequence[str], needed: Sequence[str], file: str, line: int) -> None:
    for name in needed:
        if name not in names:
            seen = shown(", ".join(names), 200)
            raise InputError(f"column {name} is missing", file=file, line=line, accepted=f"columns seen: {seen}")
    for name in set(names):
        if name and names.count(name) > 1:
            raise InputError(f"column {shown(name)} appears twice", file=file, line=line)


@dataclass
class _Rows:
    """The records of one file on their way to columns: lines without quotes whole, lines with quotes split."""

    file: str
    names: Sequence[str]
    delimiter: str
    quoting: bool
    plain: list[str] = field(default_factory=list)
    plain_at: list[int] = field(default_factory=list)
    quoted: list[list[str]] = field(default_factory=list)
    quoted_at: list[int] = field(default_factory=list)

    def take_all(self, lines: list[str], start: int, result: Lines) -> bool:
        """Take every line at once where all are plain and whole: the usual case, and the fast one."""
        delimiters = len(self.names) - 1
        body = lines[start:] if start else lines
        if delimiters < 1 or not body or {line.count(self.delimiter) for line in body} != {delimiters}:
            return False
        if max(map(len, body)) > _LONGEST_LINE or (self.quoting and any('"' in line for line in body)):
            return False
        self.plain, self.plain_at = list(body), list(range(start + 1, len(lines) + 1))
        result.record_lines += len(body)
        return True

    def sort_out(self, lines: list[str], start: int, result: Lines, comment: str) -> None:
        """Take line by line; blank ones and comments are counted, misfits refused."""
        delimiters, at = len(self.names) - 1, start
        while at < len(lines):
            line, number = lines[at], at + 1
            at += 1
            if not line or line.isspace() or (comment and line.startswith(comment)):
                result.blank_lines += 1
            elif len(line) > _LONGEST_LINE:
                raise InputError(f"a line of {len(line)} characters", file=self.file, line=number)
            elif self.quoting and '"' in line:
                taken = self._take_quoted(lines, at - 1, result)
                at += taken - 1
                result.record_lines += taken
            else:
                result.record_lines += 1
                if line.count(self.delimiter) == delimiters:
                    self.plain.append(line)
                    self.plain_at.append(number)
                else:
                    self._refuse(number, line, line.count(self.delimiter) + 1, result)

    def _take_quoted(self, lines: list[str], at: int, result: Lines) -> int:
        """Take the record that begins at lines[at]; return its number of physical lines."""
        number, line = at + 1, lines[at]
        fields = _fields(line, self.delimiter)
        if fields is not None:
            if len(fields) == len(self.names):
                self.quoted.append(fields)
                self.quoted_at.append(number)
            else:
                self._refuse(number, line, len(fields), result)
            return 1
        for more in range(2, _LONGEST_QUOTED + 1):
            if at + more > len(lines) or lines[at + more - 1].count(self.delimiter) >= len(self.names) - 1:
                break  # a line that could be a whole record is never swallowed
            fields = _fields("\n".join(lines[at : at + more]), self.delimiter)
            if fields is not None and len(fields) == len(self.names):
                self.quoted.append(fields)
                self.quoted_at.append(number)
                return more
        result.refused.append(Quarantined(self.file, number, "", "quotes do not balance", shown(line)))
        return 1

    def _refuse(self, number: int, line: str, found: int, result: Lines) -> None:
        reason = f"wrong number of columns: expected {len(self.names)}, found {found}"
        result.refused.append(Quarantined(self.file, number, "", reason, shown(line)))

    def drop_cut_end(self, last: int, result: Lines) -> None:
        """Quarantine the last record where its last value may have been cut: the line has no end."""
        if self.plain_at and self.plain_at[-1] == last:
            line = self.plain[-1]
            if self.names[-1] or not line.endswith(self.delimiter):
                result.refused.append(Quarantined(self.file, last, "", NO_LINE_END, shown(line)))
                del self.plain[-1], self.plain_at[-1]
        elif self.quoted_at and self.quoted_at[-1] == last:
            line = self.delimiter.join(self.quoted[-1])
            result.refused.append(Quarantined(self.file, last, "", NO_LINE_END, shown(line)))
            del self.quoted[-1], self.quoted_at[-1]

    def table(self, keep: set[str], unnamed: bool) -> pd.DataFrame:
        """The kept columns as text, and `row`, in the order of lines."""
        named = [name or f"\0{i}" for i, name in enumerate(self.names)]
        kept = [name for name in named if name in keep or (unnamed and name.startswith("\0"))]
        frame = _split(self.plain, named, kept, self.delimiter, self.file)
        rows: npt.NDArray[np.int64] = np.asarray(self.plain_at, dtype=np.int64)
        if self.quoted:
            index = [named.index(name) for name in kept]
            more = {name: [fields[i] for fields in self.quoted] for name, i in zip(kept, index, strict=True)}
            frame = pd.concat([frame, pd.DataFrame(more, dtype="str")], ignore_index=True)
            rows = np.concatenate([rows, np.asarray(self.quoted_at, dtype=np.int64)])
        frame["row"] = rows
        return frame.sort_values("row", kind="stable", ignore_index=True) if self.quoted and self.plain else frame


def _fields(line: str, delimiter: str) -> list[str] | None:
    """The fields of a record with quotes, None where they do not balance."""
    try:
        found = list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _split(lines: list[str], named: list[str], kept: list[str], delimiter: str, file: str) -> pd.DataFrame:
    """Lines that are known to have the right number of delimiters, split by Arrow without any guess."""
    if not lines or not kept:
        return pd.DataFrame({name: pd.Series([], dtype="str") for name in kept})
    data = "\n".join([*lines, ""]).encode()
    table = pa_csv.read_csv(
        pa.BufferReader(data),
        read_options=pa_csv.ReadOptions(column_names=named, block_size=max(1 << 22, 2 * _LONGEST_LINE)),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter, quote_char=False, escape_char=False, newlines_in_values=False, ignore_empty_lines=False
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: pa.large_string() for name in named},
            include_columns=kept,
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    )
    if table.num_rows != len(lines):
        raise AccountingError(f"{file}: {len(lines)} lines became {table.num_rows} rows")
    return pd.DataFrame({name: pd.Series(table[name].to_pandas(), dtype="str") for name in kept})
