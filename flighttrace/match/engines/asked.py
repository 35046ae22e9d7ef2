"""What is asked of a presence table: one of the sieve's expressions by its form, with the question it is of.

An engine that runs Ibis expressions calls it with the presence table; one that has SQL of the same expressions at hand
(`ready.py`) looks at the form and the question alone, and Ibis is never imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flighttrace.match.sieve import (
    Question,
    SieveTables,
    heard_near,
    leg_candidates,
    leg_candidates_doubted,
    leg_candidates_ends,
    memory_tables,
    seen_candidates,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

Asking = Literal["legs", "ends", "doubted", "seen", "hours", "days"]
"""`leg_candidates`, `leg_candidates_ends`, `leg_candidates_doubted`, `seen_candidates`; and `heard_near` by hour and by
day."""


@dataclass(frozen=True)
class Asked:
    """From the presence table to the table that is wanted."""

    form: Asking
    question: Question
    only: tuple[str, ...] = ()
    """The keys that "doubted" asks about."""

    def __call__(self, presence: ir.Table) -> ir.Table:
        tables = memory_tables(self.question, self.only if self.form == "doubted" else None)
        return expression(self.form, self.question, presence, tables)


def expression(form: Asking, question: Question, presence: ir.Table, tables: SieveTables) -> ir.Table:
    """The form's expression, over small tables in memory or only named."""
    if form == "legs":
        return leg_candidates(presence, tables, question)
    if form == "ends":
        return leg_candidates_ends(presence, tables, question)
    if form == "doubted":
        return leg_candidates_doubted(presence, tables, question)
    if form == "seen":
        return seen_candidates(presence, tables, question)
    return heard_near(presence, tables.fences, question, by_day=form == "days")
