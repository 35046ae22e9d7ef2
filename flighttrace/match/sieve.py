"""Which airframes could have flown between two places: Ibis expressions over the presence table.

The sieve comes before the careful work and may return too many airframes, never too few. It asks of a presence table
(one row a track key, UTC hour and 1° cell: first and last time, count, lowest altitude) who was in the fence of one
place and later in that of another, a flight's length apart at most, midnight or not (`leg_candidates`). Where nothing
of an airframe is doubted, the rows where a flight may begin or end are enough (`leg_candidates_ends`).

A fence is every cell that a fix may lie in for which the match room still takes one of the place's fields as a
candidate. Only whole numbers and text are compared, so that every engine gives the same rows.

Ibis is imported when an expression is built; `Question`, fences and days need none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flighttrace.match.fences import REACH_KM, fence, least_reach_km
from flighttrace.match.model import Airfield, Place
from flighttrace.match.places import Airfields

if TYPE_CHECKING:
    import ibis.expr.types as ir

LONGEST_FLIGHT: Final = timedelta(hours=24)
"""The longest scheduled flights take 19 h; the rest is for what is heard long after landing or before take-off."""
END_SLACK: Final = timedelta(hours=7)
"""An estimated take-off or landing lies this near to the last or first fix in the air: endpoints.py gives it the path
at 60 kt or more, and no path is longer than the descent from the highest codable altitude, 126,700 ft: 737 km."""

SHORTEST_CUT_MS: Final = 600_000
"""As SHORTEST_CUT_S of splitting.py: no shorter silence ends a flight."""

HOUR_MS: Final = 3_600_000
PRESENCE_TYPES: Final[Mapping[str, str]] = {
    "track_key": "string",
    "hour": "int32",
    "lat_cell": "int16",
    "lon_cell": "int16",
    "positions": "int32",
    "first_ms": "int64",
    "last_ms": "int64",
    "lowest_altitude_ft": "float64",
    "highest_altitude_ft": "float64",
    "on_ground": "int32",
    "simulated": "boolean",
    "silence_ms": "int32",
    "near_ground": "boolean",
    "odd": "boolean",
    "begins": "int16",
    "stops": "boolean",
    "cut_from_ms": "int64",
    "cut_to_ms": "int64",
    "first_lat_mdeg": "int32",
    "first_lon_mdeg": "int32",
    "last_lat_mdeg": "int32",
    "last_lon_mdeg": "int32",
    "reach_km": "int16",
    "end_parts": "int64",
    "ends_from_lat": "int16",
    "ends_from_lon": "int16",
    "ends_to_lat": "int16",
    "ends_to_lon": "int16",
    "gone": "boolean",
    "strays": "int16",
    "blocks": "int16",
}
"""The presence table by Ibis type: hours and ms since 1970 UTC; a cell is called by its south-west corner."""

END_ROWS: Final = (
    "key",
    "lat_cell",
    "lon_cell",
    "first_ms",
    "last_ms",
    "silence_ms",
    "near_ground",
    "begins",
    "stops",
    "cut_from_ms",
    "cut_to_ms",
    "reach_km",
    "end_parts",
    "ends_from_lat",
    "ends_from_lon",
    "ends_to_lat",
    "ends_to_lon",
)

FENCE_TYPES: Final[Mapping[str, str]] = {
    "place": "string",
    "fence_lat_cell": "int16",
    "from_lon_cell": "int16",
    "to_lon_cell": "int16",
}
END_TYPES: Final[Mapping[str, str]] = {"end_place": "string", "route": "int32", "is_arrival": "int16"}
ALIAS_TYPES: Final[Mapping[str, str]] = {"alias_of": "string", "alias_key": "string"}
NEAR_TYPES: Final[Mapping[str, str]] = {
    "near_place": "string",
    "near_lat_cell": "int16",
    "near_lon_cell": "int16",
    "from_km": "int16",
}
ONLY_TYPES: Final[Mapping[str, str]] = {"only_key": "string"}

FenceRow = tuple[str, int, int, int]
"""Place, latitude cell, first and last longitude cell, both included; a fence over 180° has two rows."""


@dataclass(frozen=True)
class Question:
    """Routes (origin, destination) between fenced places, and the window [start, end) in ms since 1970; None is open.

    `aliases` maps a track key to the key it counts as: an address declared by the user or linked by a list. The sieve
    answers with the key on the right.

    `one_network`: all files of the days say what one network heard (of unknown networks: one reader), so that no track
    is cleaned by holding two stories against each other. Only then are airframes left out that were near both places
    and could have begun or ended no flight there (`match/sieve_ends.py`).
    """

    fences: tuple[FenceRow, ...]
    routes: tuple[tuple[str, str], ...]
    start_ms: int | None = None
    end_ms: int | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    one_network: bool = False
    fields: tuple[tuple[str, float, float, float], ...] = ()
    """(Place, latitude, longitude, `slack_km`) of each field. Of a place without one, any end reaches all of its
    fence."""

    @classmethod
    def between(
        cls,
        routes: Sequence[tuple[Place, Place]],
        airfields: Airfields,
        *,
        start_utc: datetime | None = None,
        end_utc: datetime | None = None,
        aliases: Mapping[str, str] | None = None,
        reach_km: float = REACH_KM,
        one_network: bool = False,
    ) -> Question:
        """The question of a case's routes; places of one name are one place. All fields of a place count, also closed
        ones."""
        fields: dict[str, dict[str, Airfield]] = {}
        for place in (place for route in routes for place in route):
            fields.setdefault(place.name, {}).update({name: airfields.get(name) for name in place.airports})
        fences = [
            (name, *row)
            for name in sorted(fields)
            for row in fence([(f.lat_deg, f.lon_deg) for f in fields[name].values()], reach_km)
        ]
        return cls(
            tuple(fences),
            tuple(dict.fromkeys((origin.name, destination.name) for origin, destination in routes)),
            None if start_utc is None else milliseconds(start_utc),
            None if end_utc is None else milliseconds(end_utc),
            dict(aliases or {}),
            one_network,
            tuple(_located(fields, airfields)),
        )

    @property
    def days(self) -> tuple[date | None, date | None]:
        """First and last UTC day whose partitions the sieve needs, both included; None is open."""
        return days_needed(self.start_ms, self.end_ms)


def _located(
    fields: Mapping[str, Mapping[str, Airfield]], airfields: Airfields
) -> Iterator[tuple[str, float, float, float]]:
    for name in sorted(fields):
        slack = airfields.slack_km(list(fields[name])).tolist()
        for held, km in zip(fields[name].values(), slack, strict=True):
            yield name, held.lat_deg, held.lon_deg, km


@dataclass(frozen=True)
class SieveTables:
    """The question's small tables as Ibis tables (FENCE_TYPES, END_TYPES, ALIAS_TYPES, NEAR_TYPES, ONLY_TYPES): in
    memory, or only named."""

    fences: ir.Table
    ends: ir.Table
    aliases: ir.Table | None
    near: ir.Table | None = None
    """Of `near_rows`; None where they are not needed."""
    only: ir.Table | None = None
    """The keys that are asked about; None: all."""


def milliseconds(time: datetime) -> int:
    """Whole ms since 1970 UTC of an aware time."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def days_needed(start_ms: int | None, end_ms: int | None) -> tuple[date | None, date | None]:
    """First and last UTC day, both included, that a flight with an end in [start, end) may be heard on; None is open.

    The other end lies within LONGEST_FLIGHT: nothing before start - 24 h, nothing from end + 24 h on.
    """
    first, last = _scope_ms(start_ms, end_ms)
    return (
        None if first is None else datetime.fromtimestamp(first // 1000, UTC).date(),
        None if last is None else datetime.fromtimestamp((last - 1) // 1000, UTC).date(),
    )


def memory_tables(question: Question, only: Sequence[str] | None = None) -> SieveTables:
    """The question's small tables as Ibis tables in memory, for an engine that runs the expression itself."""
    import ibis

    fences = [dict(zip(FENCE_TYPES, row, strict=True)) for row in question.fences]
    ends = [dict(zip(END_TYPES, row, strict=True)) for row in end_rows(question)]
    aliases = [dict(zip(ALIAS_TYPES, row, strict=True)) for row in sorted(question.aliases.items())]
    near = [dict(zip(NEAR_TYPES, row, strict=True)) for row in near_rows(question)]
    return SieveTables(
        ibis.memtable(fences, schema=ibis.schema(dict(FENCE_TYPES))),
        ibis.memtable(ends, schema=ibis.schema(dict(END_TYPES))),
        ibis.memtable(aliases, schema=ibis.schema(dict(ALIAS_TYPES))) if aliases else None,
        ibis.memtable(near, schema=ibis.schema(dict(NEAR_TYPES))),
        None if only is None else ibis.memtable({"only_key": list(only)}, schema=ibis.schema(dict(ONLY_TYPES))),
    )


def end_rows(question: Question) -> list[tuple[str, int, int]]:
    """Rows (place, number of the route, 1 for its arrival and 0 for its departure)."""
    return [
        (place, number, is_arrival)
        for number, route in enumerate(question.routes)
        for is_arrival, place in enumerate(route)
    ]


def near_rows(question: Question) -> list[tuple[str, int, int, int]]:
    """Rows (place, latitude cell, longitude cell, km): of each cell of a place's fence the reach that an end in it has
    to have at least, so that a field of the place is within it. Cells that no reach is long enough for are left out."""
    rows: list[tuple[str, int, int, int]] = []
    for place in sorted({row[0] for row in question.fences}):
        from_km = least_reach_km([field for name, *field in question.fields if name == place])
        for name, lat, west, east in question.fences:
            if name == place:
                told = zip(range(west, east + 1), from_km[lat + 90, west + 180 : east + 181].tolist(), strict=True)
                rows += [(place, lat, lon, int(km)) for lon, km in told if km <= REACH_KM]
    return rows


def leg_candidates(presence: ir.Table, tables: SieveTables, question: Question) -> ir.Table:
    """Sorted track keys that may have a leg on one of the routes with an end in the window.

    That is: a visit to the origin's fence, and one to the destination's that ends no earlier than the first begins and
    begins LONGEST_FLIGHT after it ends at most, with the window between them, END_SLACK allowed on either side.
    """
    import ibis

    visits = _visits(presence, tables, question)
    ends = tables.ends
    at = visits.inner_join(ends, visits.place == ends.end_place)
    departs = at.is_arrival == 0
    slack_ms = END_SLACK // timedelta(milliseconds=1) + HOUR_MS  # a visit lasts an hour at most
    if question.end_ms is not None:
        at = at.filter(~departs | (at.first_ms < question.end_ms + slack_ms))
    if question.start_ms is not None:
        at = at.filter(departs | (at.last_ms >= question.start_ms - slack_ms))
    # Of the visits to the origin that begin before an arrival visit ends, the one that ended last decides: a running
    # maximum instead of a self-join, so that no airframe that stays at both places can blow it up.
    at = at.mutate(
        moment=ibis.ifelse(departs, at.first_ms, at.last_ms),
        left_ms=ibis.ifelse(departs, at.last_ms, ibis.null("int64")),
    )
    so_far = ibis.cumulative_window(group_by=[at.key, at.route], order_by=[at.moment, at.is_arrival])
    at = at.mutate(last_left_ms=at.left_ms.max().over(so_far))
    longest_ms = LONGEST_FLIGHT // timedelta(milliseconds=1)
    arrived = at.filter((at.is_arrival == 1) & (at.first_ms - at.last_left_ms <= longest_ms))
    return _keys(arrived)


def leg_candidates_ends(presence: ir.Table, tables: SieveTables, question: Question) -> ir.Table:
    """Rows of presence (END_ROWS) that `sieve_ends.py` needs, in no order: those where a flight may begin or end, or is
    surely cut. All of them have a reach, and a track has one at its first and last position of a day.

    Of airframes of which nothing is doubted: no flight of theirs begins or ends elsewhere, and of an end at a place
    that end itself, or its neighbour's, has a field of the place within its reach. Who never has one of a route's
    origin, or never one of its destination, has flown no leg of the route.
    """
    assert tables.near is not None
    ends = presence.filter(presence.reach_km > 0)
    near, cells = keyed(_in_box(ends, question), tables), tables.near
    here = [near.lat_cell == cells.near_lat_cell, near.lon_cell == cells.near_lon_cell, near.reach_km >= cells.from_km]
    places = near.inner_join(cells, here).group_by(["key", "near_place"]).aggregate(groups=lambda t: t.count())
    at = places.inner_join(tables.ends, places.near_place == tables.ends.end_place)
    routes = at.group_by(["key", "route"]).aggregate(first=at.is_arrival.min(), last=at.is_arrival.max())
    return _rows_of(ends, _keys(routes.filter((routes.first == 0) & (routes.last == 1))), tables)


def leg_candidates_doubted(presence: ir.Table, tables: SieveTables, question: Question) -> ir.Table:
    """The same of the airframes in `tables.only`, of which a flight may turn out to begin or end anywhere: their
    `leg_candidates` by all rows. With the rows that are gone by one day alone: all days together may believe them."""
    ends = presence.filter((presence.reach_km > 0) | presence.gone)
    return _rows_of(ends, leg_candidates(presence, tables, question), tables)


def _rows_of(presence: ir.Table, candidates: ir.Table, tables: SieveTables) -> ir.Table:
    rows = keyed(presence, tables)
    return rows.semi_join(candidates, rows.key == candidates.track_key).select(*END_ROWS)


def seen_candidates(presence: ir.Table, tables: SieveTables, question: Question) -> ir.Table:
    """Sorted track keys that were in the fence of any of the places, in the window or LONGEST_FLIGHT around it.

    So wide, because an end that was not heard may be put at a place by a fix as long before or after it: the last on
    the ground, or the next flight's first. For sightings of one end, and claims of landings.
    """
    visits = _visits(presence, tables, question)
    return _keys(visits)


def heard_near(presence: ir.Table, fences: ir.Table, question: Question, *, by_day: bool = False) -> ir.Table:
    """What was heard in the fences' cells in the window's hours: sorted rows (lat_cell, lon_cell, hour or day) with
    `aircraft` (track keys), `positions` and `lowest_altitude_ft` (missing where no altitude was heard).

    `day` counts from 1970-01-01 UTC. A cell in several fences is one row.
    """
    near = _in_box(presence, question)
    if question.start_ms is not None:
        near = near.filter(near.hour >= question.start_ms // HOUR_MS)
    if question.end_ms is not None:
        near = near.filter(near.hour <= (question.end_ms - 1) // HOUR_MS)
    near = near.semi_join(fences, _in_fence(near, fences))
    unit = "day" if by_day else "hour"
    if by_day:
        near = near.mutate(day=(near.hour // 24).cast("int32"))
    keys = ["lat_cell", "lon_cell", unit]
    heard = near.group_by(keys).aggregate(
        aircraft=near.track_key.nunique(),
        positions=near.positions.sum().cast("int64"),
        lowest_altitude_ft=near.lowest_altitude_ft.min(),
    )
    return heard.order_by(keys)


def box(question: Question) -> tuple[int, int, int, int]:
    """South, north, west, east: the least and greatest cells of all fences, both included."""
    if not question.fences:
        return 0, -1, 0, -1
    _, lat, west, east = zip(*question.fences, strict=True)
    return min(lat), max(lat), min(west), max(east)


def hours_needed(question: Question) -> tuple[int | None, int | None]:
    """First and last hour since 1970 UTC, both included, that the sieve looks at; None is open."""
    first, last = _scope_ms(question.start_ms, question.end_ms)
    return (None if first is None else first // HOUR_MS), (None if last is None else (last - 1) // HOUR_MS)


def _scope_ms(start_ms: int | None, end_ms: int | None) -> tuple[int | None, int | None]:
    longest_ms = LONGEST_FLIGHT // timedelta(milliseconds=1)
    return (
        None if start_ms is None else start_ms - longest_ms,
        None if end_ms is None else end_ms + longest_ms,
    )


def _visits(presence: ir.Table, tables: SieveTables, question: Question) -> ir.Table:
    """One row a key, place and hour: when it was first and last heard in the place's fence in that hour."""
    near = keyed(_in_box(presence, question), tables)
    first, last = hours_needed(question)
    if first is not None:
        near = near.filter(near.hour >= first)
    if last is not None:
        near = near.filter(near.hour <= last)
    if tables.only is not None:
        near = near.semi_join(tables.only, near.key == tables.only.only_key)
    inside = near.inner_join(tables.fences, _in_fence(near, tables.fences))
    return inside.group_by(["key", "place", "hour"]).aggregate(
        first_ms=inside.first_ms.min(), last_ms=inside.last_ms.max()
    )


def keyed(presence: ir.Table, tables: SieveTables) -> ir.Table:
    """Presence with `key`, what the track key counts as."""
    if tables.aliases is None:
        return presence.mutate(key=presence.track_key)
    linked = presence.left_join(tables.aliases, presence.track_key == tables.aliases.alias_of)
    return linked.mutate(key=linked.alias_key.coalesce(linked.track_key))


def _keys(rows: ir.Table) -> ir.Table:
    """Each key once, sorted. By grouping: as DISTINCT on a filtered window it is compiled wrongly for Trino."""
    return rows.group_by(track_key=rows.key).aggregate(rows=rows.count()).select("track_key").order_by("track_key")


def _in_box(presence: ir.Table, question: Question) -> ir.Table:
    """The rows in the box of all fences: bounds as plain numbers, by which row groups are skipped."""
    south, north, west, east = box(question)
    return presence.filter(presence.lat_cell.between(south, north), presence.lon_cell.between(west, east))


def _in_fence(near: ir.Table, fences: ir.Table) -> list[ir.BooleanValue]:
    return [
        near.lat_cell == fences.fence_lat_cell,
        near.lon_cell >= fences.from_lon_cell,
        near.lon_cell <= fences.to_lon_cell,
    ]
