"""Cuts in cruise, counts of others, and the tables' words, on hand-made flights and answers."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from leg_end_yardstick.metrics import Answer
from leg_end_yardstick.tables import better, grades_table, main_table, minimums
from leg_end_yardstick.trials import FLAT, LEARNED, OURS, PEERS, PRIOR, Trial, counts_of_others, cut_in_cruise
from real_ends import RealEnd

from flighttrace.match.model import EndKind
from flighttrace.match.splitting import Piece


def piece(minutes: list[float], altitudes_ft: list[float]) -> Piece:
    """Northward from the equator, one fix a minute between the corners of that profile."""
    time = np.arange(minutes[0], minutes[-1] + 0.5, 1.0)
    n = len(time)
    nothing, no = np.full(n, np.nan), np.zeros(n, dtype=bool)
    altitude = np.interp(time, minutes, altitudes_ft)
    return Piece(pd.DataFrame(), time * 60.0, time / 10.0, np.zeros(n), altitude, nothing, nothing, nothing, no, no)


def real_end(kind: EndKind, made: Piece, *, true: str = "UBBB", icao24: str = "d00001", seen: bool = True) -> RealEnd:
    flight: Any = SimpleNamespace(icao24=icao24, track_key=icao24)
    return RealEnd("one", "truth", kind, true, seen, "Paris", flight, made)


CLIMB_CRUISE_DESCEND = piece([0, 20, 60, 80], [0, 33_000, 33_000, 0])


def test_an_arrival_is_cut_at_the_end_of_its_cruise_and_a_departure_at_its_start() -> None:
    arrival = cut_in_cruise(real_end("arrival", CLIMB_CRUISE_DESCEND))
    departure = cut_in_cruise(real_end("departure", CLIMB_CRUISE_DESCEND))
    assert arrival is not None
    assert departure is not None
    assert arrival.end_time_utc == datetime(1970, 1, 1, 1, 0, tzinfo=UTC)
    assert departure.end_time_utc == datetime(1970, 1, 1, 0, 20, tzinfo=UTC)


@pytest.mark.parametrize("made", [piece([0, 20, 40], [0, 24_000, 0]), piece([0, 20, 60], [0, 33_000, 33_000])])
def test_no_cut_without_cruise_or_where_the_track_ends_in_it(made: Piece) -> None:
    assert cut_in_cruise(real_end("arrival", made)) is None


def test_counts_leave_out_the_airframe_itself_and_ends_not_in_the_track() -> None:
    own = real_end("arrival", CLIMB_CRUISE_DESCEND)
    others = [
        own,
        real_end("departure", CLIMB_CRUISE_DESCEND, true="LLOV"),
        real_end("arrival", CLIMB_CRUISE_DESCEND, icao24="d00002"),
        real_end("departure", CLIMB_CRUISE_DESCEND, icao24="d00002"),
        real_end("arrival", CLIMB_CRUISE_DESCEND, icao24="d00003", true="UB18", seen=False),
    ]
    assert counts_of_others(own, others) == {"UBBB": 2}


def trial(ours: str | None, grade: str, peer: str | None, *, kind: EndKind = "arrival", cut_ft: float = 0.0) -> Trial:
    sure: Any = grade
    answers = {method: Answer(((ours, 0.9), ("XXXX", 0.1)), grade=sure) for method in (OURS, FLAT, LEARNED)}
    answers |= {name: Answer.of_rule(peer) for name in PEERS}
    return Trial("one", "truth", kind, cut_ft, "UBBB", answers)


RIGHT, WRONG, UNKNOWN = trial("UBBB", "A", None), trial("UB18", "B", "UBBB"), trial(None, "D", None)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ([RIGHT, UNKNOWN], "yes"),
        ([RIGHT, WRONG], f"equal ({PRIOR})"),
        ([WRONG, UNKNOWN], f"**no** ({PRIOR})"),
        ([trial("UBBB", "A", "UBBB")], "all right"),
    ],
)
def test_better_than_peers(row: list[Trial], word: str) -> None:
    assert better(row, PEERS) == word


def test_wrong_at_a_grade_counts_names_and_not_unknown() -> None:
    text = "\n".join(grades_table([RIGHT, WRONG, UNKNOWN]))
    assert (
        "| as heard | 3 | 0 of 1 | 0.0 [0.0–97.5] | 1 of 1 | 100.0 [2.5–100.0] | 0 of 0 | – | 0 of 1, 1 unknown |"
        in text
    )
    found = {what: (value, holds) for what, value, _, holds in minimums([RIGHT, WRONG, UNKNOWN])}
    assert found["wrong at grade A"] == ("0 of 1", True)
    assert found["wrong at grade B"] == ("1 of 1", False)
    assert found["arrivals, as heard: right first (among three); nearest with a code"] == (
        "33.3 (33.3); 33.3 % of 3",
        False,
    )


def test_rows_are_by_end_and_cut() -> None:
    text = main_table([RIGHT, trial("UBBB", "C", None, cut_ft=4_000.0), trial("UBBB", "A", None, kind="departure")])
    rows = [line.split(" | ")[:3] for line in text[2:] if line]
    assert rows == [
        ["| arrival", "as heard", "1"],
        ["| arrival", "4,000 ft", "1"],
        ["| departure", "as heard", "1"],
    ]
