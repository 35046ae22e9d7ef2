"""Plain YAML 1.2 as a tree of nodes, by ruamel.yaml's scanner; `yamltree` says what is accepted.

The text is scanned once, for that is what takes the time, and nothing is built before all of it is known to be plain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import ScalarNode

from flighttrace.errors import CaseError, shown
from flighttrace.weigh.yamltree import DEEPEST, Node, Scalar


def scanned(text: str, *, file: str) -> Node:
    """The tree of the text's one document; CaseError where it is not plain YAML 1.2."""
    try:
        events, kind_of = _plain_events(text, file)
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
    if not events:
        raise CaseError("the file is empty", file=file, line=1, column=1, accepted="a case; see `case new`")
    stream = iter(events)
    return _built(next(stream), stream, kind_of, file)


def _plain_events(text: str, file: str) -> tuple[list[Event], Callable[[ScalarEvent], str]]:
    """The one document's events, all of them plain; and what says which kind YAML takes an unquoted scalar for."""
    yaml = YAML(typ="safe", pure=True)
    events: list[Event] = []
    documents: list[Event] = []
    depth = 0
    for event in yaml.parse(text):
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        _refuse_what_is_not_plain(event, depth, file)
        if isinstance(event, ScalarEvent | CollectionStartEvent | CollectionEndEvent):
            events.append(event)
        elif isinstance(event, DocumentStartEvent):
            documents.append(event)
    if len(documents) > 1:
        mark = documents[1].start_mark
        problem = "expected a single document in the stream but found another document"
        raise CaseError(f"not valid YAML: {problem}", file=file, line=mark.line + 1, column=mark.column + 1)

    def kind_of(event: ScalarEvent) -> str:
        return str(yaml.resolver.resolve(ScalarNode, event.value, event.implicit)).rpartition(":")[2]

    return events, kind_of


def _refuse_what_is_not_plain(event: Event, depth: int, file: str) -> None:
    problem = accepted = None
    if depth > DEEPEST:
        problem, accepted = "nesting this deep", f"at most {DEEPEST} levels"
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


def _built(event: Event, rest: Iterator[Event], kind_of: Callable[[ScalarEvent], str], file: str) -> Node:
    """The node that begins with `event`; `rest` gives what follows it, and stands behind the node afterwards."""
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    if isinstance(event, ScalarEvent):
        quoted = bool(event.style)  # None where plain; ' " | > otherwise
        text = str(event.value)
        return Node(text if quoted else _scalar(text, kind_of(event)), file, line, column, quoted)
    if not isinstance(event, MappingStartEvent):
        items = [_built(item, rest, kind_of, file) for item in _until_end(rest)]
        return Node(items, file, line, column)
    entries: dict[str, Node] = {}
    keys: dict[str, Node] = {}
    for key_event in _until_end(rest):
        key = _built(key_event, rest, kind_of, file)
        if not isinstance(key_event, ScalarEvent):
            raise key.error("a key is a list or a mapping", accepted="a word")
        name = str(key_event.value)  # as it is written: an unquoted 600865 stays those six characters
        if name == "<<":
            raise key.error("merge key << is refused", accepted="values written out")
        if name in entries:
            raise key.error(f"key {shown(name)!r} stands twice", accepted="each key once")
        entries[name], keys[name] = _built(next(rest), rest, kind_of, file), key
    return Node(entries, file, line, column, keys=keys)


def _until_end(events: Iterator[Event]) -> Iterator[Event]:
    """The events up to the end of the collection; whoever takes one takes what belongs to it from `events` as well."""
    for event in events:
        if isinstance(event, CollectionEndEvent):
            return
        yield event


def _scalar(text: str, kind: str) -> Scalar:
    """What an unquoted text is, `kind` being what YAML 1.2 takes it for."""
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
