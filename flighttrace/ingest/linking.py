"""Flight ids that list files give addresses to: gathered from all inputs of a run, held against each other."""

from __future__ import annotations

from collections.abc import Iterable

from flighttrace.errors import InputError, LocatedError, shown


def linked_flights(
    lists: Iterable[tuple[str, Iterable[tuple[str, str, str]]]],
) -> tuple[dict[str, dict[str, str]], list[LocatedError]]:
    """(space → flight id → address, what disagrees) of (label of a list, its (space, flight id, address)).

    An id that lists give two addresses links nothing and is reported.
    """
    links: dict[str, dict[str, str]] = {}
    failures: list[LocatedError] = []
    disputed: set[tuple[str, str]] = set()
    for label, found in sorted(lists, key=lambda item: item[0]):
        for space, flight, address in found:
            known = links.setdefault(space, {}).setdefault(flight, address)
            if known != address and (space, flight) not in disputed:
                disputed.add((space, flight))
                problem = f"flight id {shown(flight)} is {address} here and {known} in another list: linked to neither"
                failures.append(InputError(problem, file=label))
    for space, flight in disputed:
        del links[space][flight]
    return links, failures
