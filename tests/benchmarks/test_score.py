"""Which legs of an answer count as planted ones found."""

from __future__ import annotations

from pathlib import Path

import pytest
from score import Score, score

TRUTH = (
    "icao24,departure,arrival,take_off_utc,landing_utc\n"
    "d00001,LLOV,UBBB,2031-10-06T10:00:00Z,2031-10-06T12:30:00Z\n"
    "d00002,UBBG,LLOV,2031-10-06T10:00:00Z,2031-10-06T12:30:00Z\n"
)
HEAD = "icao24,departure,arrival,departure_utc,arrival_utc\n"
RIGHT = "d00001,LLOV,UBBB,2031-10-06 10:20:00+00:00,2031-10-06 12:10:00+00:00\n"


def scored(tmp_path: Path, answer: str, *, ours: bool = False) -> Score:
    (tmp_path / "truth.csv").write_text(TRUTH)
    (tmp_path / "answer.csv").write_text(answer)
    return score(tmp_path / "truth.csv", tmp_path / "answer.csv", ours=ours)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (RIGHT, Score(2, 1, 0)),
        (RIGHT + RIGHT, Score(2, 1, 1)),
        (RIGHT.replace("d00001", "d00003"), Score(2, 0, 1)),
        (RIGHT.replace("LLOV,UBBB", "UBBB,LLOV"), Score(2, 0, 1)),
        (RIGHT.replace("UBBB", "UBBG"), Score(2, 0, 1)),
        (RIGHT.replace("UBBB", "UBTT"), Score(2, 1, 0)),
        (RIGHT.replace("LLOV", "LLER"), Score(2, 0, 0)),
        (RIGHT.replace(" 12:10", " 11:00"), Score(2, 0, 1)),
        ("", Score(2, 0, 0)),
    ],
)
def test_a_peers_answer(tmp_path: Path, rows: str, expected: Score) -> None:
    assert scored(tmp_path, HEAD + rows) == expected


def test_our_answer(tmp_path: Path) -> None:
    head = "row_kind,icao24,origin_place,destination_place,first_seen_utc,last_seen_utc\n"
    row = "leg,d00002,near-karabakh,ovda,2031-10-06T10:01:00.000Z,2031-10-06T12:31:00.000Z\n"
    assert scored(tmp_path, head + row + row.replace("leg", "one-ended sighting"), ours=True) == Score(2, 1, 0)


def test_an_answer_of_days_that_hold_the_same_again(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(TRUTH)
    rows = [RIGHT.replace("-06", day) for day in ("-07", "-08")]
    (tmp_path / "answer.csv").write_text(HEAD + "".join(rows))
    found = [
        score(tmp_path / "truth.csv", tmp_path / "answer.csv", ours=False, days_later=days)
        for days in (range(1), range(1, 2), range(3))
    ]
    assert found == [Score(2, 0, 2), Score(2, 1, 1), Score(6, 2, 0)]
