"""Build flighttrace/cases/NAME.read.json from each shipped case NAME.yaml; `flighttrace/weigh/shipped.py` reads it.

    python benchmarks/build_cases.py      after any change of a shipped case, or of the schema

Same YAML, same bytes. A case with a fault is not packed: the fault is printed.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from flighttrace.match.places import load_airfields
from flighttrace.weigh.casecheck import validated
from flighttrace.weigh.casefile import shipped_cases
from flighttrace.weigh.shipped import PACKED_SUFFIX
from flighttrace.weigh.yamltree import Node, parse_yaml

CASES = Path(__file__).resolve().parent.parent / "flighttrace" / "cases"


def main() -> int:
    failed = 0
    for name in shipped_cases():
        data = (CASES / f"{name}.yaml").read_bytes()
        root = parse_yaml(data, file=f"{name}.yaml")
        document, faults = validated(root, load_airfields())
        if document is None or faults:
            failed += 1
            print(*faults, sep="\n")
            continue
        content = {"sha256": hashlib.sha256(data).hexdigest(), "document": packed(document), "tree": packed_node(root)}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (CASES / f"{name}{PACKED_SUFFIX}").write_text(text + "\n", "utf-8")
        print(f"{name}: {len(text):,} characters")
    return 1 if failed else 0


def packed(value: Any) -> Any:
    """A part of the document as `shipped` expects it."""
    if isinstance(value, BaseModel):
        return {"part": {name: packed(getattr(value, name)) for name in type(value).model_fields}}
    if isinstance(value, dict):
        return {"map": {name: packed(entry) for name, entry in value.items()}}
    if isinstance(value, list):
        return [packed(item) for item in value]
    return {"day": value.isoformat()} if isinstance(value, date) else value


def packed_node(node: Node) -> list[Any]:
    """A node of the tree as `shipped` expects it."""
    value: Any = node.value
    if isinstance(value, dict):
        value = {"entries": [[name, packed_node(node.keys[name]), packed_node(value[name])] for name in value]}
    elif isinstance(value, list):
        value = {"items": [packed_node(item) for item in value]}
    elif isinstance(value, date):
        value = {"day": value.isoformat()}
    return [node.line, node.column, value, node.quoted]


if __name__ == "__main__":
    sys.exit(main())
