"""A YAML file as a tree of nodes that know their file, line and column, read without trusting it.

YAML 1.2, one document, nothing but mappings with text keys, lists and scalars. Tags, anchors, aliases, directives and
merge keys are refused before anything is built (an alias bomb never unfolds, a tag never names an object), and so is
a file over MOST_BYTES or nested deeper than DEEPEST. Every fault is a CaseError with line and column.

A scalar is text where it is quoted; unquoted it may be null, true or false, a whole number, a number or a day
(YYYY-MM-DD). `quoted` is kept, since an address such as 6008e4 is a number to YAML unless it is quoted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from flighttrace.errors import CaseError, shown

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
    try:
        _refuse_what_is_not_plain(text, file)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise CaseError(
            f"not valid YAML: {shown(problem)}",
            file=file,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from None
    except (YAMLError, ValueError) as error:
        raise CaseError(f"not valid YAML: {shown(error)}", file=file) from None
    if root is None:
        raise CaseError("the file is empty", file=file, line=1, column=1, accepted="a case; see `case new`")
    return _built(root, file)


def _refuse_what_is_not_plain(text: str, file: str) -> None:
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        problem = accepted = None
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                problem, accepted = "nesting this deep", f"at most {DEEPEST} levels"
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            depth -= 1
        if isinstance(event, AliasEvent):
            problem, accepted = f"alias *{shown(event.anchor)}", "the value itself, written out"
        elif isinstance(event, NodeEvent) and event.anchor is not None:
            problem, accepted = f"anchor &{shown(event.anchor)}", "values written out, no anchors"
        elif isinstance(event, ScalarEvent | CollectionStartEvent) and event.ctag is not None and str(event.tag):
            problem, accepted = f"tag {shown(event.tag)}", "plain values, no tags"
        elif isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            problem, accepted = "a directive before the document", "plain YAML 1.2"
        if problem:
            mark = event.start_mark
            raise CaseError(
                f"{problem} is refused", file=file, line=mark.line + 1, column=mark.column + 1, accepted=accepted
            )


def _built(node: YamlNode, file: str) -> Node:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, ScalarNode):
        quoted = bool(node.style)  # None where plain; ' " | > otherwise
        return Node(_scalar(node), file, line, column, quoted)
    if isinstance(node, SequenceNode):
        return Node([_built(item, file) for item in node.value], file, line, column)
    assert isinstance(node, MappingNode)
    entries: dict[str, Node] = {}
    keys: dict[str, Node] = {}
    for key_node, value_node in node.value:
        key = _built(key_node, file)
        if isinstance(key.value, dict | list):
            raise key.error("a key is a list or a mapping", accepted="a word")
        name = str(key_node.value)  # as it is written: an unquoted 600865 stays those six characters
        if name == "<<":
            raise key.error("merge key << is refused", accepted="values written out")
        if name in entries:
            raise key.error(f"key {shown(name)!r} stands twice", accepted="each key once")
        entries[name], keys[name] = _built(value_node, file), key
    return Node(entries, file, line, column, keys=keys)


def _scalar(node: ScalarNode) -> Scalar:
    text = str(node.value)
    kind = str(node.tag).rpartition(":")[2]
    if node.style:
        return text
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            digits = text.replace("_", "")
            return int(digits, 0) if digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else int(digits)
        if kind == "float":
            number = float(text.replace("_", ""))
            return number if math.isfinite(number) else text
        if kind == "timestamp":
            return date.fromisoformat(text)
    except ValueError:
        pass
    return text
