"""The sieve's expressions as SQL for DuckDB, made ready by Ibis before: `flighttrace/data/sieve/NAME.sql`.

Importing Ibis and building an expression takes longer than asking the presence table of a day. What Ibis makes of an
expression depends on a question by nothing but numbers and small tables: the numbers stand in braces in the files, the
tables go by their names. `benchmarks/build_sieve_sql.py` writes the files; tests hold them against what Ibis makes
today, and their answers against those of the expressions.

A window that is open at an end is one that ends beyond any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from flighttrace.match.engines.asked import Asked, Asking, expression
from flighttrace.match.sieve import (
    ALIAS_TYPES,
    END_SLACK,
    END_TYPES,
    FENCE_TYPES,
    HOUR_MS,
    NEAR_TYPES,
    ONLY_TYPES,
    PRESENCE_TYPES,
    Question,
    SieveTables,
    box,
    end_rows,
    hours_needed,
    near_rows,
)

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER: Final = Path(__file__).resolve().parents[2] / "data" / "sieve"
_BY_AIRFRAME: Final[tuple[Asking, ...]] = ("legs", "ends", "doubted", "seen")
"""Forms that tell who flew: of these there is a file with aliases, too."""
PRESENCE, FENCES, ENDS, ALIASES, NEAR, ONLY = "presence", "fences", "ends", "aliases", "near", "only_these"
_ONE_MS: Final = timedelta(milliseconds=1)
_EARLIEST_HOUR, _LATEST_HOUR = -(2**31) + 1, 2**31 - 2
_EARLIEST_MS, _LATEST_MS = -(2**62), 2**62

STAND_IN: Final = Question(
    fences=(("A", -1777, -2777, 2778), ("B", 1778, -2776, 2777)),
    routes=(("A", "B"),),
    start_ms=1_000_000_007 * HOUR_MS,
    end_ms=1_000_005_003 * HOUR_MS,
)
"""Its numbers stand nowhere else in an expression, and are as wide as a question's can be."""


def numbers(question: Question) -> dict[str, int]:
    """The numbers that stand in the SQL, by the names that they have there."""
    south, north, west, east = box(question)
    first_hour, last_hour = hours_needed(question)
    slack_ms = END_SLACK // _ONE_MS + HOUR_MS
    start_ms, end_ms = question.start_ms, question.end_ms
    return {
        "south": south,
        "north": north,
        "west": west,
        "east": east,
        "first_hour": _EARLIEST_HOUR if first_hour is None else first_hour,
        "last_hour": _LATEST_HOUR if last_hour is None else last_hour,
        "departs_before_ms": _LATEST_MS if end_ms is None else end_ms + slack_ms,
        "arrives_from_ms": _EARLIEST_MS if start_ms is None else start_ms - slack_ms,
        "window_first_hour": _EARLIEST_HOUR if start_ms is None else start_ms // HOUR_MS,
        "window_last_hour": _LATEST_HOUR if end_ms is None else (end_ms - 1) // HOUR_MS,
    }


def sql_of(asked: Asked) -> str:
    """The SQL over tables called PRESENCE, FENCES, ENDS, ALIASES, NEAR and ONLY, as far as it needs them."""
    return _text(name_of(asked.form, aliased=bool(asked.question.aliases))).format(**numbers(asked.question))


def no_presence() -> pa.Table:
    """A presence table without a row."""
    return _schema(PRESENCE_TYPES).empty_table()


def tables_of(asked: Asked) -> dict[str, pa.Table]:
    """The question's small tables by their names; ALIASES only where there are any."""
    question = asked.question
    found = {FENCES: _table(question.fences, FENCE_TYPES), ENDS: _table(end_rows(question), END_TYPES)}
    if question.aliases:
        found[ALIASES] = _table(sorted(question.aliases.items()), ALIAS_TYPES)
    if asked.form == "ends":
        found[NEAR] = _table(near_rows(question), NEAR_TYPES)
    if asked.form == "doubted":
        found[ONLY] = _table(((key,) for key in asked.only), ONLY_TYPES)
    return found


def conformed(rows: pa.Table, form: Asking) -> pa.Table:
    """The answer with the types that the expression states: DuckDB's sums of whole numbers are wider."""
    if form in ("ends", "doubted"):
        types = {"key": "string", **PRESENCE_TYPES}
    elif form in ("hours", "days"):
        types = {**PRESENCE_TYPES, "day": "int32", "aircraft": "int64", "positions": "int64"}
    else:
        types = {"track_key": "string"}
    return rows.cast(_schema({name: types[name] for name in rows.column_names}))


def _table(rows: Iterable[tuple[object, ...]], types: Mapping[str, str]) -> pa.Table:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    return pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, _schema(types), strict=True)], list(types)
    )


def _schema(types: Mapping[str, str]) -> pa.Schema:
    import pyarrow as pa

    made = {"boolean": pa.bool_()}
    return pa.schema([(name, made.get(kind) or getattr(pa, kind)()) for name, kind in types.items()])


def compiled() -> dict[str, str]:
    """Name of each file → the text that Ibis makes for it today."""
    return {
        name_of(form, aliased=aliased): _compiled(form, aliased=aliased)
        for form in get_args(Asking)
        for aliased in ((False, True) if form in _BY_AIRFRAME else (False,))
    }


def name_of(form: Asking, *, aliased: bool) -> str:
    """The file of a form."""
    return f"{form}_aliased" if aliased and form in _BY_AIRFRAME else form


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text("utf-8")


def _compiled(form: Asking, *, aliased: bool) -> str:
    import ibis

    presence = ibis.table(dict(PRESENCE_TYPES), name=PRESENCE)
    tables = SieveTables(
        ibis.table(dict(FENCE_TYPES), name=FENCES),
        ibis.table(dict(END_TYPES), name=ENDS),
        ibis.table(dict(ALIAS_TYPES), name=ALIASES) if aliased else None,
        ibis.table(dict(NEAR_TYPES), name=NEAR),
        ibis.table(dict(ONLY_TYPES), name=ONLY) if form == "doubted" else None,
    )
    sql = str(ibis.to_sql(expression(form, STAND_IN, presence, tables), dialect="duckdb"))
    if set("{}") & set(sql):
        raise ValueError(f"{form}: the SQL has braces of its own")
    named = {number: name for name, number in numbers(STAND_IN).items()}
    if len(named) < len(numbers(STAND_IN)):
        raise ValueError("two numbers of the stand-in are the same")
    head = f"-- Made by benchmarks/build_sieve_sql.py with ibis {ibis.__version__}: not to be edited.\n"
    return head + re.sub(r"-?\b\d+\b", lambda m: _named(m[0], named), sql).rstrip() + "\n"


def _named(number: str, named: Mapping[int, str]) -> str:
    name = named.get(int(number))
    return number if name is None else f"{{{name}}}"
