"""A case file and what it extends, as one tree whose every node still knows its file and line.

`extends: NAME_OR_FILE` makes a file a patch of another case, by RFC 7396 (JSON Merge Patch): mappings are merged key
by key, lists and single values are replaced, and a key that is set to null is removed. `shift_weeks: N` first moves
every date in the `articles` and `claims` of the extended case by N weeks (weekdays stay); dates in the patch itself
stand as they are written. Months and years become the shifted days that they had.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from flighttrace.errors import CaseError, shown
from flighttrace.weigh.shipped import read_before
from flighttrace.weigh.yamltree import MOST_BYTES, Node, parse_yaml

LONGEST_CHAIN: Final = 4
"""Cases that extend one another; more than that is a circle or a mistake."""


@dataclass(frozen=True)
class CaseTree:
    """The merged tree; `digest` is the sha256 of the file's bytes, or of the digests of all of them, base first."""

    root: Node
    digest: str
    file: str


def shipped_cases() -> tuple[str, ...]:
    """The names of the cases that come with the package."""
    folder = files("flighttrace") / "cases"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def read_case_tree(name_or_path: str | Path) -> CaseTree:
    """The tree of a shipped case (by its name) or of a case file, with what it extends merged in."""
    digests: list[str] = []
    root, label = _read(str(name_or_path), None, digests)
    digest = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    return CaseTree(root, digest, label)


def _read(name: str, beside: Path | None, digests: list[str], depth: int = 1) -> tuple[Node, str]:
    data, label, folder = _bytes_of(name, beside)
    packed = read_before(name) if folder is None else None
    root = parse_yaml(data, file=label) if packed is None else packed.tree()
    if not isinstance(root.value, dict):
        raise root.error("the file holds no mapping", accepted="keys such as schema, name, title, places")
    extends = root.mapping.get("extends")
    if extends is not None and extends.value is not None:
        if depth >= LONGEST_CHAIN:
            raise extends.error("too many cases extend one another", key="extends", accepted=f"{LONGEST_CHAIN} at most")
        if not isinstance(extends.value, str):
            raise extends.error(
                "not a name", key="extends", accepted="a shipped case's name, or a file beside this one"
            )
        try:
            base, _ = _read(extends.value, folder, digests, depth + 1)
        except CaseError as error:
            if error.line is None and error.key == "":  # not found: the fault is in this line
                raise extends.error(error.problem, key="extends", accepted=error.accepted) from None
            raise
        for key in ("extends", "shift_weeks"):
            base.mapping.pop(key, None)
        root = _merged(_shifted(base, root), root)
    digests.append(hashlib.sha256(data).hexdigest())
    return root, label


def _bytes_of(name: str, beside: Path | None) -> tuple[bytes, str, Path | None]:
    """The bytes, the label for messages, and the folder that a further `extends` is relative to."""
    if name in shipped_cases():
        resource = files("flighttrace") / "cases" / f"{name}.yaml"
        return resource.read_bytes(), f"{name}.yaml", None
    path = Path(name) if beside is None else beside / name
    accepted = "a file, or a shipped case: " + ", ".join(shipped_cases())
    if not path.is_file():
        raise CaseError(f"no case file or shipped case {shown(name)!r}", file=name, accepted=accepted)
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1), str(name), path.parent
    except OSError as error:
        raise CaseError(f"cannot be read: {error.strerror}", file=name) from None


def _merged(base: Node, patch: Node) -> Node:
    if not isinstance(base.value, dict) or not isinstance(patch.value, dict):
        return patch
    entries, keys = dict(base.value), dict(base.keys)
    for key, value in patch.value.items():
        if value.value is None:
            entries.pop(key, None)
        else:
            entries[key] = _merged(entries[key], value) if key in entries else value
            keys[key] = patch.keys[key]
    return Node(entries, patch.file, patch.line, patch.column, keys=keys)


def _shifted(base: Node, patch: Node) -> Node:
    weeks_node = patch.mapping.get("shift_weeks")
    if weeks_node is None or not isinstance(weeks_node.value, int) or isinstance(weeks_node.value, bool):
        return base  # absent, or an error that the schema will name
    shift = timedelta(weeks=weeks_node.value)
    try:
        for part in ("articles", "claims"):
            if part in base.mapping:
                base.mapping[part] = _moved(base.mapping[part], shift)
    except OverflowError:
        raise weeks_node.error("moves a date out of the calendar", key="shift_weeks") from None
    return base


def _moved(node: Node, shift: timedelta) -> Node:
    if isinstance(node.value, date):
        return Node(node.value + shift, node.file, node.line, node.column)
    if isinstance(node.value, list):
        return Node([_moved(item, shift) for item in node.value], node.file, node.line, node.column)
    if isinstance(node.value, dict):
        entries = _without_months_and_years(node)
        moved = {key: _moved(value, shift) for key, value in entries.items()}
        return Node(moved, node.file, node.line, node.column, keys=node.keys)
    return node


def _without_months_and_years(node: Node) -> dict[str, Node]:
    """The entries of a mapping; a window's `month` or `year` written as `from` and `until`."""
    entries = dict(node.mapping)
    for key in ("month", "year"):
        value = entries.get(key)
        if value is None:
            continue
        first, until = _days_of(value.value)
        if first is None:
            continue
        entries = {k: v for k, v in entries.items() if k != key}
        for name, day in (("from", first), ("until", until)):
            entries[name] = Node(day, value.file, value.line, value.column)
            node.keys[name] = node.keys[key]
    return entries


def _days_of(value: object) -> tuple[date, date] | tuple[None, None]:
    """First day and first day after of a year (a number) or a month ("YYYY-MM"); None where it is neither."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return date(value, 1, 1), date(value + 1, 1, 1)
        if isinstance(value, str) and len(value) == 7:
            first = date.fromisoformat(f"{value}-01")
            return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError:
        pass
    return None, None
