"""What is wrong with a case's tree, each fault with file, line, column, key and what would be accepted.

Addresses are quoted text; unquoted, YAML would read 6008e4 and 001234 as numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel, ValidationError

from flighttrace.errors import CaseError, shown
from flighttrace.weigh.references import reference_errors
from flighttrace.weigh.schema import CaseDoc
from flighttrace.weigh.yamltree import Node

if TYPE_CHECKING:
    from flighttrace.match.places import Airfields

ADDRESS_HINT: Final = 'six hex digits in quotes, such as "600865": unquoted, some addresses are numbers to YAML'


def validated(root: Node, airfields: Airfields) -> tuple[CaseDoc | None, list[CaseError]]:
    """The document, None where its shape is wrong; and every fault, in the order of the file."""
    errors = list(_unquoted_addresses(root))
    document = None
    try:
        document = CaseDoc.model_validate(root.plain())
    except ValidationError as problem:
        seen = {(error.file, error.line, error.column) for error in errors}
        for entry in problem.errors(include_url=False):
            error = _as_case_error(root, entry)
            if (error.file, error.line, error.column) not in seen or entry["type"] in ("missing", "extra_forbidden"):
                seen.add((error.file, error.line, error.column))
                errors.append(error)
    if document is not None and not errors:
        errors = list(reference_errors(root, document, airfields))
    return document, sorted(errors, key=lambda e: (e.file, e.line or 0, int(e.column or 0), e.key))


def _unquoted_addresses(root: Node) -> Iterator[CaseError]:
    """Addresses that stand in the file without quotes, in every place where the schema has one."""
    airframes = root.mapping.get("airframes")
    if airframes is not None:
        for name, key in airframes.keys.items():
            if name in airframes.mapping and not key.quoted:
                yield _unquoted(key, name, f"airframes.{name}")
    for claim_id, claim in _entries(root, "claims"):
        expects = claim.mapping.get("expects")
        address = expects.mapping.get("airframe") if expects else None
        if address is not None and not address.quoted:
            yield _unquoted(address, address.value, f"claims.{claim_id}.expects.airframe")
    for state, blocks in _entries(root, "address_blocks"):
        for number, block in enumerate(blocks.items):
            for end in ("first", "last"):
                address = block.mapping.get(end)
                if address is not None and not address.quoted:
                    yield _unquoted(address, address.value, f"address_blocks.{state}.{number}.{end}")


def _entries(root: Node, key: str) -> Iterator[tuple[str, Node]]:
    node = root.mapping.get(key)
    if node is not None:
        yield from node.mapping.items()


def _unquoted(node: Node, value: object, key: str) -> CaseError:
    return node.error(f"address {shown(value)} is not in quotes", key=key, accepted=ADDRESS_HINT)


def _as_case_error(root: Node, entry: Any) -> CaseError:
    """One of pydantic's errors as a CaseError at the place in the file."""
    node, path, rest = _walk(root, entry["loc"])
    kind, context = entry["type"], entry.get("ctx", {})
    key = ".".join(path)
    if kind == "missing":
        name = str(rest[0]) if rest else "?"
        return node.error(f"key {name!r} is missing", key=key, accepted=_keys_accepted(path))
    if kind == "extra_forbidden":
        owner = _owner(root, path)
        return owner.error("unknown key", key=key, accepted=_keys_accepted(path[:-1]))
    if (rest and rest[-1] == "[key]") or (kind == "string_pattern_mismatch" and "[key]" in entry["loc"]):
        node = _owner(root, path)
        return node.error(f"{shown(path[-1])!r} does not do as a name here", key=key, accepted=_pattern(context))
    value = "" if isinstance(node.value, dict | list) else f", not {shown(node.value)!r}"
    if kind == "string_type":
        return node.error(f"text is expected{value}", key=key, accepted="text; in quotes where it looks like a number")
    if kind == "string_pattern_mismatch":
        return node.error(f"{shown(node.value)!r} has not the form expected", key=key, accepted=_pattern(context))
    if kind == "literal_error":
        return node.error(f"unknown word{value}", key=key, accepted=str(context.get("expected", "")))
    if kind in ("date_type", "is_instance_of"):
        return node.error(f"a day is expected{value}", key=key, accepted="YYYY-MM-DD, not in quotes")
    message = entry["msg"].removeprefix("Value error, ")
    return node.error(message[:1].lower() + message[1:], key=key)


def _walk(root: Node, location: tuple[int | str, ...]) -> tuple[Node, list[str], list[int | str]]:
    """The deepest node on a pydantic location, the path to it, and what of the location is not in the file."""
    node = root
    path: list[str] = []
    for number, part in enumerate(location):
        if isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        elif isinstance(part, str) and part in node.mapping:
            node = node.mapping[part]
        else:
            return node, path, list(location[number:])
        path.append(str(part))
    return node, path, []


def _owner(root: Node, path: list[str]) -> Node:
    """The key (as a node) under which the last part of `path` stands."""
    node = root
    for part in path[:-1]:
        node = node.items[int(part)] if node.items else node.mapping[part]
    return node.keys.get(path[-1], node)


def _pattern(context: dict[str, Any]) -> str:
    forms = {
        "^[a-z0-9][a-z0-9._-]{0,79}$": "small letters, digits, dots, dashes and underscores",
        "^[0-9A-Fa-f]{6}$": ADDRESS_HINT,
        "^[A-Za-z0-9-]{2,8}$": "an ICAO code such as UBBB, or OurAirports' ident",
        "^[A-Z]{2}$": "two capital letters, such as AZ",
        "^[0-9a-f]{64}$": "a sha256: 64 small hex digits",
        "^[a-z]{2,3}$": "a language code such as ar",
        r"^\d{4}-(0[1-9]|1[0-2])$": "YYYY-MM",
    }
    pattern = str(context.get("pattern", ""))
    return forms.get(pattern, pattern)


def _keys_accepted(path: list[str]) -> str:
    """The keys that the part of the schema at `path` has, as one line."""
    part: Any = CaseDoc
    for name in path:
        part = _inner(part, name)
        if part is None:
            return "see `case schema`"
    if isinstance(part, type) and issubclass(part, BaseModel):
        return ", ".join(info.alias or name for name, info in part.model_fields.items())
    return "see `case schema`"


def _inner(part: Any, name: str) -> Any:
    """The type one step further in: a field of a model, the values of a mapping, the items of a list."""
    if isinstance(part, type) and issubclass(part, BaseModel):
        for field, info in part.model_fields.items():
            if name == (info.alias or field):
                return _bare(info.annotation)
        return None
    arguments = [argument for argument in get_args(part) if argument is not type(None)]
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: Any) -> Any:
    """`X` of `X | None`; mappings and lists stay as they are."""
    arguments = [argument for argument in get_args(annotation) if argument is not type(None)]
    optional = len(arguments) < len(get_args(annotation))
    return arguments[0] if optional and len(arguments) == 1 else annotation
