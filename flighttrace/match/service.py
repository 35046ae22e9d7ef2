"""Which airfields had scheduled service once and have none today, and what kind of airport they were then.

OurAirports tells of the day it was made: Istanbul Atatürk is a medium airport without service there, Tegel closed. A
flight of 2016 is weighed against the fields of 2016. The table (`data/airfields/service.csv`, each row with its source
or its closing day of `dates.csv`) is not complete; a field in no row stays what OurAirports calls it.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from flighttrace.match.places import Airfields


class Served(NamedTuple):
    """A field's row: what it was before `until`. `field` is its index in the airfields."""

    field: int
    large: bool
    until: date


@lru_cache(maxsize=4)
def _table(airfields: Airfields) -> tuple[Served, ...]:
    """The rows whose field is among the airfields."""
    text = (files("flighttrace") / "data" / "airfields" / "service.csv").read_text(encoding="utf-8")
    found = []
    for row in csv.DictReader(text.splitlines()):
        index = airfields.index_of(row["ident"])
        if index is not None:
            until = date.fromisoformat(row["served_until"]) if row["served_until"] else airfields.all[index].closed
            found.append(Served(index, row["kind"] == "large_airport", until or date.max))
    return tuple(sorted(found))


def served_then(airfields: Airfields, day: date) -> tuple[Served, ...]:
    """The fields with scheduled service on that day that today's table does not know of, by their place in `all`."""
    return tuple(row for row in _table(airfields) if day < row.until)
