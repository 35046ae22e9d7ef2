"""What the user declares of a file by its name: whose aircraft it tracks, whose receivers heard it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Final

from flighttrace.errors import UsageError, shown
from flighttrace.ingest.files import InputFile
from flighttrace.ingest.values import ADDRESS
from flighttrace.positions import NETWORK_UNKNOWN, network_named

WITHOUT_EFFECT: Final = "declaration without effect: every row bears an address of its own"


def checked_declarations(
    airframes: Mapping[str, str], networks: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """FILE → address and FILE → network as declared, in canonical form. UsageError for what is none."""
    declared = {}
    for file, address in airframes.items():
        declared[str(file)] = address.strip().lower().removeprefix("0x")
        if not re.fullmatch(ADDRESS, declared[str(file)]):
            raise UsageError(f"--airframe {shown(file)}={shown(address)}: an address is six hex digits, such as 4b1804")
    for file, network in networks.items():
        if not network.strip():
            raise UsageError(f"--network {shown(file)}=: the network's name is missing")
    return declared, {str(file): network_named(name) for file, name in networks.items()}


def names_of(file: InputFile) -> set[str]:
    """All names by which the user may mean a file."""
    return {file.label, str(file.path), os.path.abspath(file.path)}


def meant(names: set[str], declared: Mapping[str, str], option: str, label: str) -> str | None:
    """What is declared for a file under any of its names. Two different things raise UsageError."""
    found = {key: declared[key] for key in sorted(declared) if key in names or os.path.abspath(key) in names}
    if len(set(found.values())) > 1:
        said = ", ".join(f"{shown(os.path.basename(key))}={shown(value)}" for key, value in found.items())
        raise UsageError(f"{option}: {label} is one content, declared as different things: {said}")
    return next(iter(found.values()), None)


def check_named(files: Sequence[InputFile], airframes: Mapping[str, str], networks: Mapping[str, str]) -> None:
    """UsageError where a declaration names a file that is not among the inputs."""
    known = set().union(*(names_of(file) for file in files)) if files else set()
    for option, declared in (("--airframe", airframes), ("--network", networks)):
        for key in declared:
            if key not in known and os.path.abspath(key) not in known:
                raise UsageError(f"{option} {shown(key, 200)}: no such file among the inputs")


def network_declared(said: str | None, *, network: str, label: str) -> str | None:
    """The network that the user declares for a file, None if none; UsageError where its format itself names another.

    A Flightradar24 export stays one whatever its owner calls it: otherwise a claim's own source could be declared
    into an independent witness of that claim.
    """
    if not said:
        return None
    if network not in (NETWORK_UNKNOWN, said):
        raise UsageError(
            f"--network {label}={shown(said)}: the file's format is of {network} "
            "(accepted: a network for files whose format names none)"
        )
    return None if said == NETWORK_UNKNOWN else said
