"""The sieve as SQL for Trino, over the OpenSky Network's own archive of state vectors; nothing is connected to.

`state_vectors_data4` has no presence table, so one is made of it in the same statement: grouped by aircraft, hour and
1° cell. The sieve over it is the very same expression as on the other engines. Then the candidates' state vectors are
selected, with the columns that the reader `opensky-states-csv` takes. Every scan of the table names the `hour`s it
needs as plain numbers: the table is partitioned by them, and OpenSky refuses queries that do not.

Columns and rules: the OpenSky Network's page on historical data (Trino), section "State Vectors". docs/engines.md says
how to run it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flighttrace.errors import UsageError
from flighttrace.match.engines import Form
from flighttrace.match.sieve import (
    END_TYPES,
    FENCE_TYPES,
    Question,
    SieveTables,
    box,
    end_rows,
    hours_needed,
    leg_candidates,
    seen_candidates,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

STATES_TABLE: Final = "state_vectors_data4"
STATES_TYPES: Final[Mapping[str, str]] = {
    "time": "int32",
    "icao24": "string",
    "lat": "float64",
    "lon": "float64",
    "velocity": "float64",
    "heading": "float64",
    "vertrate": "float64",
    "callsign": "string",
    "onground": "boolean",
    "alert": "boolean",
    "spi": "boolean",
    "squawk": "string",
    "baroaltitude": "float64",
    "geoaltitude": "float64",
    "lastposupdate": "float64",
    "lastcontact": "float64",
    "serials": "array<int32>",
    "hour": "int32",
}
WANTED: Final = tuple(name for name in STATES_TYPES if name not in ("serials", "hour"))
"""A list of receivers with commas in it has no place in a CSV."""
HOUR_S: Final = 3600
FENCES, ENDS = "flighttrace_fences", "flighttrace_ends"


def trino_sql(question: Question, *, form: Form = "legs") -> str:
    """One SELECT for Trino: the state vectors of all candidates, in the hours that the question needs.

    UsageError for a window that is open at either end: it would scan the whole archive. Aliases do not count here:
    OpenSky's rows have an address each.
    """
    import ibis
    import sqlglot

    if None in hours_needed(question):
        raise UsageError("for Trino the window needs both ends (accepted: --from and --to)")
    if not question.fences or not question.routes:
        raise UsageError("no place of the question has an airfield")
    states = ibis.table(dict(STATES_TYPES), name=STATES_TABLE)
    tables = SieveTables(
        ibis.table(dict(FENCE_TYPES), name=FENCES),
        ibis.table(dict(END_TYPES), name=ENDS),
        None,
    )
    sql = ibis.to_sql(states_of_candidates(states, tables, question, form=form), dialect="trino")
    rows: dict[str, tuple[tuple[str, ...], list[Any]]] = {
        FENCES: (tuple(FENCE_TYPES), list(question.fences)),
        ENDS: (tuple(END_TYPES), end_rows(question)),
    }
    tree = sqlglot.parse_one(str(sql), read="trino").transform(lambda node: _with_values(node, rows))
    return str(tree.sql(dialect="trino", pretty=True)) + "\n"


def states_of_candidates(states: ir.Table, tables: SieveTables, question: Question, *, form: Form = "legs") -> ir.Table:
    """The WANTED columns of the state vectors, with a position, of all candidates in the hours that are needed."""
    presence = presence_of_states(states, question)
    sieve = leg_candidates if form == "legs" else seen_candidates
    candidates = sieve(presence, tables, question)
    wanted = _in_hours(states, question)
    wanted = wanted.filter(wanted.lat.notnull(), wanted.lon.notnull(), wanted.icao24.isin(candidates.track_key))
    return wanted.select(*WANTED)


def presence_of_states(states: ir.Table, question: Question) -> ir.Table:
    """What the sieve needs of a presence table, made of state vectors in the hours and the box of the question."""
    south, north, west, east = box(question)
    near = _in_hours(states, question)
    in_box = near.lon.between(west, east + 1)
    if west == -180:
        in_box = in_box | (near.lon >= 180)  # 180 counts as -180
    near = near.filter(near.lat.between(south, north + 1), in_box)
    celled = near.select(
        track_key=near.icao24,
        hour=(near.hour // HOUR_S).cast("int32"),
        lat_cell=_least(near.lat.floor().cast("int16"), 89),
        lon_cell=_wrapped(near.lon.floor().cast("int16")),
        time_ms=near.time.cast("int64") * 1000,
    )
    return celled.group_by(["track_key", "hour", "lat_cell", "lon_cell"]).aggregate(
        first_ms=celled.time_ms.min(), last_ms=celled.time_ms.max()
    )


def _in_hours(states: ir.Table, question: Question) -> ir.Table:
    first, last = hours_needed(question)
    if first is not None:
        states = states.filter(states.hour >= first * HOUR_S)
    if last is not None:
        states = states.filter(states.hour <= last * HOUR_S)
    return states


def _least(cell: ir.IntegerColumn, most: int) -> ir.IntegerColumn:
    import ibis

    return ibis.ifelse(cell > most, most, cell)


def _wrapped(cell: ir.IntegerColumn) -> ir.IntegerColumn:
    import ibis

    return ibis.ifelse(cell >= 180, -180, cell)


def _with_values(node: Any, rows: Mapping[str, tuple[tuple[str, ...], list[Any]]]) -> Any:
    """A named small table replaced by its rows as VALUES; all else unchanged."""
    from sqlglot import exp

    if not isinstance(node, exp.Table) or node.name not in rows:
        return node
    columns, values = rows[node.name]
    return exp.values(values, alias=node.alias or node.name, columns=columns)
