"""How every output names an end: one field where its grade tells one, else the likeliest few."""

from __future__ import annotations

from typing import Final

from flighttrace.match.model import EndpointEstimate, Grade

LIKELIEST_NAMED: Final = 3
"""As many candidates stand in place of a field that is not told; all of them are in the JSON documents."""
NOT_TOLD: Final[frozenset[Grade]] = frozenset({"D", "X"})
"""At these grades no single field is named: a name beside a letter would be read as an answer."""


def told(end: EndpointEstimate) -> bool:
    """True where the grade lets one field be named."""
    return end.airport is not None and end.grade not in NOT_TOLD


def likeliest(end: EndpointEstimate, unknown: str = "UNKNOWN") -> tuple[str, ...]:
    """`LLOV 41%`, the first three candidates by `probability`, UNKNOWN among them under the name given."""
    ranked = sorted(end.candidates, key=lambda c: (-c.probability, c.airport or "~"))
    return tuple(f"{c.airport or unknown} {c.probability:.0%}" for c in ranked[:LIKELIEST_NAMED])
