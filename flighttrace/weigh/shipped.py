"""The shipped cases as they were read and validated when they were packed, so that a command need not do it again.

    packed = read_before("ovda-karabakh")    None where there is no such case, or its YAML is another than was packed
    packed.tree(), packed.document()         what yamltree.parse_yaml and schema.CaseDoc make of the YAML

Scanning the YAML of the first case and validating it takes half a second of CPU. `benchmarks/build_cases.py` writes
`cases/NAME.read.json`: the sha256 of the YAML, its nodes with their places, and the document with every default.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from flighttrace.weigh.yamltree import Node, Scalar

if TYPE_CHECKING:
    from flighttrace.weigh.schema import CaseDoc

PACKED_SUFFIX: Final = ".read.json"


@dataclass(frozen=True)
class Packed:
    """A shipped case as it was packed: `digest` is the sha256 of its YAML, `file` what messages call it."""

    digest: str
    file: str
    content: dict[str, Any]

    def tree(self) -> Node:
        """The nodes of the YAML, each with its line and column."""
        return _node(self.content["tree"], self.file)

    def document(self) -> CaseDoc:
        """The validated document: namespaces with the attributes of schema's models, read-only by custom."""
        return cast("CaseDoc", _part(self.content["document"]))


def read_before(name: str) -> Packed | None:
    """The packed form of a shipped case; None where there is none, or where it was not made from the YAML beside it."""
    folder = files("flighttrace") / "cases"
    packed = folder / f"{name}{PACKED_SUFFIX}"
    if "/" in name or "\\" in name or not packed.is_file():
        return None
    digest = hashlib.sha256((folder / f"{name}.yaml").read_bytes()).hexdigest()
    content = json.loads(packed.read_bytes())
    return Packed(digest, f"{name}.yaml", content) if content["sha256"] == digest else None


def _node(packed: list[Any], file: str) -> Node:
    """A node from [line, column, value, quoted]; value is a scalar, {"day"}, {"items"} or {"entries"}."""
    line, column, value, quoted = packed
    if not isinstance(value, dict):
        return Node(value, file, line, column, quoted)
    if "items" in value:
        return Node([_node(item, file) for item in value["items"]], file, line, column)
    if "entries" in value:
        entries = {name: _node(entry, file) for name, _, entry in value["entries"]}
        keys = {name: _node(key, file) for name, key, _ in value["entries"]}
        return Node(entries, file, line, column, keys=keys)
    return Node(cast(Scalar, date.fromisoformat(value["day"])), file, line, column, quoted)


def _part(packed: Any) -> Any:
    """A value from a scalar, a list, {"day"}, {"part": the attributes of a model} or {"map": a mapping}."""
    if isinstance(packed, list):
        return [_part(item) for item in packed]
    if not isinstance(packed, dict):
        return packed
    if "part" in packed:
        return SimpleNamespace(**{name: _part(value) for name, value in packed["part"].items()})
    if "map" in packed:
        return {name: _part(value) for name, value in packed["map"].items()}
    return date.fromisoformat(packed["day"])
