"""Loading and checking a case: articles, claims, places, airframes, and the readings of what is left open.

    load_case("ovda-karabakh")      a shipped case by its name, or a file by its path → Case
    check_case(path)                every fault of a file, each with file, line, column and key → list of CaseError
    case_schema(), new_case_text()  the JSON Schema, and a commented start that passes the check

Rules of the file: `schema.py` (keys), `casefile.py` (extending another case), `yamltree.py` (which YAML is accepted),
`casecheck.py` (what is wrong, and where). A shipped case was checked when it was packed (`shipped.py`).
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from flighttrace.errors import CaseError
from flighttrace.match.places import Airfields, load_airfields
from flighttrace.weigh.build import build_case
from flighttrace.weigh.casefile import read_case_tree, shipped_cases
from flighttrace.weigh.model import Case
from flighttrace.weigh.shipped import read_before

__all__ = ["case_schema", "check_case", "load_case", "new_case_text", "shipped_cases"]

TEMPLATE: Final = "new-case.yaml.txt"


def load_case(name_or_path: str | Path, *, airfields: Airfields | None = None) -> Case:
    """The validated case of that shipped name or path. The first fault in the file is raised as CaseError.

    `airfields`: where places look up their fields; the shipped ones (match.places.load_airfields) if not given.
    """
    known = load_airfields() if airfields is None else airfields
    packed = read_before(str(name_or_path)) if known is load_airfields() else None
    if packed is not None:
        return build_case(packed.document(), known, digest=packed.digest, file=packed.file)
    from flighttrace.weigh.casecheck import validated

    tree = read_case_tree(name_or_path)
    document, errors = validated(tree.root, known)
    if errors or document is None:
        raise errors[0]
    return build_case(document, known, digest=tree.digest, file=tree.file)


def check_case(name_or_path: str | Path, *, airfields: Airfields | None = None) -> list[CaseError]:
    """Every fault of a case file, in the order of the file; empty where it holds."""
    from flighttrace.weigh.casecheck import validated

    try:
        tree = read_case_tree(name_or_path)
    except CaseError as error:
        return [error]
    return validated(tree.root, load_airfields() if airfields is None else airfields)[1]


def case_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a case file; a file that `extends` another is a patch and checked after merging."""
    from flighttrace.weigh import schema

    return schema.case_schema()


def new_case_text() -> str:
    """A commented start for a case of one's own; it passes check_case as it stands."""
    return (files("flighttrace") / "cases" / TEMPLATE).read_text("utf-8")
