"""How many planted legs an answer holds.

A planted leg counts as found where the answer has a leg of the same address, between the same two places in the same
direction, that was under way at the middle of the true flight. Legs of the answer that match no planted one are counted
too: other traffic may fly such a leg, so they are not called wrong.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

PLACES: Final = {
    "LLOV": "ovda",
    **dict.fromkeys(("UBBB", "UBTT", "UB12", "UB18"), "baku"),
    **dict.fromkeys(("UBBG", "UBEE", "UBBF", "UBBZ", "UG11", "UB13"), "near-karabakh"),
}
"""The first case's places by airfield."""


@dataclass(frozen=True)
class Score:
    """Planted legs, how many of them were found, and how many other legs the answer holds."""

    planted: int
    found: int
    others: int


@dataclass(frozen=True)
class Found:
    """One leg of an answer."""

    icao24: str
    origin: str
    destination: str
    begins: datetime
    ends: datetime


def score(truth: Path, answer: Path, *, ours: bool, days_later: Iterable[int] = (0,)) -> Score:
    """`answer` is what `flighttrace query --csv` or one of the peers wrote; `truth` the generator's TRUTH.csv.

    days_later: in an archive that holds the truth's day again and again (`long_archive.py`), which of these are asked.
    """
    legs = [leg for row in _rows(answer) if (leg := (_ours(row) if ours else _peers(row))) is not None]
    planted = [(row, timedelta(days=later)) for later in days_later for row in _rows(truth)]
    taken: set[int] = set()
    for row, later in planted:
        begins, ends = (datetime.fromisoformat(row[key]) for key in ("take_off_utc", "landing_utc"))
        middle = begins + (ends - begins) / 2 + later
        wanted = (row["icao24"], PLACES[row["departure"]], PLACES[row["arrival"]])
        for i, leg in enumerate(legs):
            same = (leg.icao24, leg.origin, leg.destination) == wanted and leg.begins <= middle <= leg.ends
            if same and i not in taken:
                taken.add(i)
                break
    return Score(len(planted), len(taken), len(legs) - len(taken))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _ours(row: dict[str, str]) -> Found | None:
    if row["row_kind"] != "leg":
        return None
    first, last = datetime.fromisoformat(row["first_seen_utc"]), datetime.fromisoformat(row["last_seen_utc"])
    return Found(row["icao24"], row["origin_place"], row["destination_place"], first, last)


def _peers(row: dict[str, str]) -> Found | None:
    origin, destination = PLACES.get(row["departure"]), PLACES.get(row["arrival"])
    if origin is None or destination is None:
        return None
    begins, ends = datetime.fromisoformat(row["departure_utc"]), datetime.fromisoformat(row["arrival_utc"])
    return Found(row["icao24"], origin, destination, begins, ends)
