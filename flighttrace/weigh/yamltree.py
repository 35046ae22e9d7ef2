"""A YAML file as a tree of nodes that know their file, line and column, read without trusting it.

YAML 1.2, one document, nothing but mappings with text keys, lists and scalars. Tags, anchors, aliases, directives and
merge keys are refused before anything is built (an alias bomb never unfolds, a tag never names an object), and so is
a file over MOST_BYTES or nested deeper than DEEPEST. Every fault is a CaseError with line and column.

A scalar is text where it is quoted; unquoted it may be null, true or false, a whole number, a number or a day
(YYYY-MM-DD). `quoted` is kept, since an address such as 6008e4 is a number to YAML unless it is quoted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flighttrace.errors import CaseError

MOST_BYTES: Final = 1_000_000
"""The shipped case is about 40 kB; a file this large is not a case file."""
DEEPEST: Final = 20
"""The schema needs 7 levels; beyond this a file is built to exhaust the stack."""

Scalar = str | int | float | bool | date | None


@dataclass
class Node:
    """One value of the file and where it stands; lines and columns count from 1."""

    value: Scalar | dict[str, Node] | list[Node]
    file: str
    line: int
    column: int
    quoted: bool = False
    keys: dict[str, Node] = field(default_factory=dict)
    """Of a mapping: each key as a node, for its place in the file."""

    @property
    def mapping(self) -> dict[str, Node]:
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The entries of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> Any:
        """The value without its places: dict, list and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def error(self, problem: str, *, key: str = "", accepted: str | None = None) -> CaseError:
        """A CaseError at this node."""
        return CaseError(problem, file=self.file, line=self.line, column=self.column, key=key, accepted=accepted)


def parse_yaml(data: bytes, *, file: str) -> Node:
    """The tree of a case file's bytes; CaseError where it is not plain YAML 1.2 as described above."""
    if len(data) > MOST_BYTES:
        raise CaseError(f"the file has {len(data):,} bytes", file=file, accepted=f"at most {MOST_BYTES:,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CaseError("not UTF-8 text", file=file, line=line, accepted="UTF-8") from None
    from flighttrace.weigh.yamlscan import scanned  # the parser is not loaded where a shipped case is taken as read

    return scanned(text, file=file)
