"""Every error that flighttrace raises on purpose.

    FlighttraceError
    ├── InputError            a file that cannot be taken as evidence: file, line, column, what would do
    │   ├── UnknownFormatError    no reader, or more than one, recognises the content
    │   └── DamagedFileError      cut, bad CRC, not decodable
    ├── AccountingError       records in do not equal records out: a fault of ours, never of the file
    ├── CaseError             a case file that does not hold: file, line, column, key
    └── UsageError            arguments that contradict each other or name nothing known

An error keeps its facts as attributes; its text is one line: where, what is wrong, what would be accepted.
"""

from __future__ import annotations


def shown(value: object, longest: int = 80) -> str:
    """A value from outside as safe one-line text: control characters escaped, cut at `longest` characters."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"


class FlighttraceError(Exception):
    """The base of all of them."""


class UsageError(FlighttraceError):
    """Arguments that contradict each other, or name something that does not exist."""


class LocatedError(FlighttraceError):
    """Something wrong at a place in a file; `line` and `column` count from 1, None where they mean nothing."""

    def __init__(
        self,
        problem: str,
        *,
        file: str,
        line: int | None = None,
        column: int | str | None = None,
        accepted: str | None = None,
    ) -> None:
        self.problem, self.file, self.line, self.column, self.accepted = problem, file, line, column, accepted
        super().__init__(problem, file, line, column, accepted)

    @property
    def where(self) -> str:
        """`file:line:column`, as far as known."""
        parts = [shown(self.file, 200)]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(shown(self.column))
        return ":".join(parts)

    def __str__(self) -> str:
        accepted = f" ({self.accepted})" if self.accepted else ""
        return f"{self.where}: {self.problem}{accepted}"


class InputError(LocatedError):
    """An input file that cannot be read as it stands."""


class UnknownFormatError(InputError):
    """No reader recognises the content, or more than one does."""


class DamagedFileError(InputError):
    """The bytes themselves are broken: cut, flipped, not decodable."""


class CaseError(LocatedError):
    """A case file that does not hold; `key` is the dotted path of the entry."""

    def __init__(
        self,
        problem: str,
        *,
        file: str,
        line: int | None = None,
        column: int | None = None,
        key: str = "",
        accepted: str | None = None,
    ) -> None:
        self.key = key
        super().__init__(problem, file=file, line=line, column=column, accepted=accepted)

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        accepted = f" (accepted: {self.accepted})" if self.accepted else ""
        return f"{self.where}:{key} {self.problem}{accepted}"


class AccountingError(FlighttraceError):
    """Records read do not equal records accounted for. No result is given."""
