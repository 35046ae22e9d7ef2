"""What runs the sieve: DuckDB in this process, Spark on many machines, or Trino, for which only the SQL is written.

An engine takes an expression's builder and the presence files, and gives the rows back; the expression is the same on
all of them (`match/sieve.py`). The modules beside this one are imported by those who use them, since each brings its
engine in with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from flighttrace.errors import FlighttraceError
from flighttrace.match.engines.asked import Asked
from flighttrace.match.sieve import Question
from flighttrace.match.sieve_edges import doubts_of
from flighttrace.match.sieve_ends import CandidateTimes, times_of_all, times_with_ends

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

Build = Callable[["ir.Table"], "ir.Table"]
"""From the presence table to the table that is wanted."""
Progress = Callable[[float], None]
"""Called now and then with the share of the work that is done, 0 to 1."""
Form = Literal["legs", "seen"]
"""Airframes that may have a leg on one of the routes; or that were near any of the places at all."""


class EngineError(FlighttraceError):
    """An engine could not do its work: out of memory or disk, a damaged file, a cluster that is not there."""


class Engine(Protocol):
    """Runs an expression over presence files. Ctrl-C raises KeyboardInterrupt within a second or so."""

    name: str

    def rows(
        self, build: Build, files: Sequence[Path | str], *, progress: Progress | None = None
    ) -> pa.Table:  # pragma: no cover
        """The rows of the built table over exactly these files (at least one). EngineError where that fails."""
        ...

    def close(self) -> None:  # pragma: no cover
        """Gives back what the engine holds: temporary files, a session."""
        ...


def candidates(
    engine: Engine,
    question: Question,
    files: Sequence[Path | str],
    *,
    form: Form = "legs",
    progress: Progress | None = None,
) -> list[str]:
    """Sorted track keys that the question cannot rule out, by the presence files of its days. None without a file."""
    return list(candidate_times(engine, question, files, form=form, progress=progress))


def candidate_times(
    engine: Engine,
    question: Question,
    files: Sequence[Path | str],
    *,
    form: Form = "legs",
    progress: Progress | None = None,
    check_whole: Callable[[], object] = lambda: None,
) -> dict[str, CandidateTimes]:
    """The `candidates`, and of each when its legs may lie and when it was heard, as far as the form tells it.

    `files`: in the order of their times, which saves work. check_whole: called before more of the files is read than
    the groups with a reach, where `by_ends` holds.
    """
    if not question.fences or not question.routes:
        return {}
    if by_ends(question, form):
        return _by_ends(engine, question, files, progress, check_whole)
    rows = engine.rows(Asked(form, question), files, progress=progress)
    return {str(key): CandidateTimes() for key in rows["track_key"].to_pylist()}


def by_ends(question: Question, form: Form) -> bool:
    """Whether the groups with a reach tell most of the answer."""
    return form == "legs" and question.one_network


def _by_ends(
    engine: Engine,
    question: Question,
    files: Sequence[Path | str],
    progress: Progress | None,
    check_whole: Callable[[], object],
) -> dict[str, CandidateTimes]:
    """Of airframes of which nothing is doubted by the groups with a reach alone; of the others by all groups."""
    doubts = doubts_of(files, question.aliases)
    doubted = tuple(sorted(doubts.anywhere))

    def step(done: float) -> Progress | None:
        return progress and (lambda share: progress((done + share) / (2.0 if doubted else 1.0)))

    rows = engine.rows(Asked("ends", question), files, progress=step(0.0))
    found = times_with_ends(rows, question, doubts)
    if doubted:
        check_whole()
        rows = engine.rows(Asked("doubted", question, doubted), files, progress=step(1.0))
        found |= times_of_all(rows)
    return dict(sorted(found.items()))


def heard(
    engine: Engine,
    question: Question,
    files: Sequence[Path | str],
    *,
    by_day: bool = False,
    progress: Progress | None = None,
) -> pa.Table | None:
    """What was heard in the cells of the question's fences in its window (`sieve.heard_near`); None without a file."""
    if not files or not question.fences:
        return None
    return engine.rows(Asked("days" if by_day else "hours", question), files, progress=progress)
