"""Markdown tables of the simulated ends. Nothing here is pooled with real flights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from leg_end_yardstick.hard_case import EAST, FIELDS, FLOORS_FT, SOUTH
from leg_end_yardstick.peers import RULES
from leg_end_yardstick.tables import GRADES, first, per_cent, share, table, three
from leg_end_yardstick.trials import FLAT, OURS, HardTrial

LISTED_AT_LEAST: Final = 98.0
WRONG_AT_B_AT_MOST: Final = 0.5
WHATS: Final = ("end", "elsewhere", "strip", "overflight")


def listed(row: Sequence[HardTrial]) -> int:
    return sum(t.answers[OURS].lists(t.true) for t in row)


def _graded(row: Sequence[HardTrial], grades: str) -> list[HardTrial]:
    return [t for t in row if t.grade in grades]


def _wrong(row: Sequence[HardTrial]) -> int:
    return sum(t.names() == "wrong" for t in row)


def _by_what(row: Sequence[HardTrial]) -> str:
    """ "3 of 569 (end 1 of 492, …)"."""
    parts = [(what, [t for t in row if t.what == what]) for what in WHATS]
    words = ", ".join(f"{what} {_wrong(part)} of {len(part)}" for what, part in parts)
    return f"{_wrong(row)} of {len(row)} ({words})"


def _told_too_well(row: Sequence[HardTrial]) -> list[HardTrial]:
    """Ends that nobody could tell and that are named at C or better."""
    return [t for t in row if t.nobody and t.names() != "unknown" and t.grade in "ABC"]


def hard_minimums(trials: Sequence[HardTrial]) -> list[tuple[str, str, str, bool]]:
    """(figure, measured, meant to be, holds) of the hard case."""
    ends = [t for t in trials if t.what == "end"]
    low = _graded(trials, "AB")
    at_b = _graded(trials, "B")
    nobody = [t for t in trials if t.nobody]
    over = [t for t in trials if t.what == "overflight"]
    over_ab, over_c = len(_graded(over, "AB")), len(_graded(over, "C"))
    too_well = len(_told_too_well(trials))
    share_b = 100 * _wrong(at_b) / max(len(at_b), 1)
    return [
        (
            "SIM: true field among the listed candidates",
            f"{share(listed(ends), len(ends))} % of {len(ends)}",
            f"≥ {LISTED_AT_LEAST:g} %",
            100 * listed(ends) >= LISTED_AT_LEAST * len(ends),
        ),
        ("SIM: another field named at A or B", _by_what(low), "0", _wrong(low) == 0),
        ("SIM: wrong at B", _by_what(at_b), f"≤ {WRONG_AT_B_AT_MOST:g} %", share_b <= WRONG_AT_B_AT_MOST),
        ("SIM: overflights at A or B", f"{over_ab} of {len(over)}", "0", over_ab == 0),
        ("SIM: overflights at C (no next flight is known)", f"{over_c} of {len(over)}", "0", over_c == 0),
        (
            "SIM: named at C or better where nobody could tell",
            f"{too_well} of {len(nobody)}",
            "0",
            too_well == 0,
        ),
    ]


def floors_table(trials: Sequence[HardTrial]) -> list[str]:
    """Ends at the fields of the case by the receiver's floor: right, listed, UNKNOWN, wrong at each grade, peers."""
    ends = [t for t in trials if t.what == "end"]
    rows = []
    for floor_ft in (*FLOORS_FT, None):
        row = [t for t in ends if floor_ft in (None, t.cut_ft)]
        n = len(row)
        unknown = sum(t.names() == "unknown" for t in row)
        cells = [f"{_wrong(_graded(row, grade))} of {len(_graded(row, grade))}" for grade in GRADES]
        rows.append(
            ["all" if floor_ft is None else f"{floor_ft:,.0f} ft", str(n)]
            + [share(first(row, OURS), n), share(three(row, OURS), n), share(listed(row), n)]
            + [per_cent(first(row, FLAT), n), per_cent(unknown, n), *cells]
            + [per_cent(first(row, rule), n) for rule in RULES]
        )
    head = ["floor", "n", "first, %", "three, %", "listed, %", "flat, %", "UNKNOWN, %"]
    head += [f"wrong at {grade}" for grade in GRADES]
    return table([*head, *RULES], rows)


def fields_table(trials: Sequence[HardTrial]) -> list[str]:
    """By true field: right at first place, and what is named instead, the commonest first."""
    rows = []
    for name in FIELDS:
        row = [t for t in trials if t.what == "end" and t.true == name]
        instead = Counter(t.answers[OURS].name or "UNKNOWN" for t in row if t.names() != "right")
        graded = _graded(row, "ABC")
        worst = ", ".join(f"{field} {n}" for field, n in instead.most_common(4))
        rows.append(
            [name, worst, str(len(row)), share(first(row, OURS), len(row)), f"{_wrong(graded)} of {len(graded)}"]
        )
    return table(["true field", "named instead", "n", "first, %", "wrong at A to C"], rows, words=2)


def patterns_table(trials: Sequence[HardTrial]) -> list[str]:
    """By the way that the end was flown, floors from 1,000 to 10,000 ft alone."""
    ends = [t for t in trials if t.what == "end" and 1_000.0 <= t.cut_ft <= 10_000.0]
    rows = []
    for kind, pattern in sorted({(t.kind, t.pattern) for t in ends}):
        row = [t for t in ends if (t.kind, t.pattern) == (kind, pattern)]
        n, graded = len(row), _graded(row, "ABC")
        right, listed_three = share(first(row, OURS), n), share(three(row, OURS), n)
        rows.append([kind, pattern, str(n), right, listed_three, f"{_wrong(graded)} of {len(graded)}"])
    return table(["end", "flown", "n", "first, %", "three, %", "wrong at A to C"], rows, words=2)


def whats_table(trials: Sequence[HardTrial]) -> list[str]:
    """Ends of the case, elsewhere, at strips that no table has, and overflights: named wrong at each grade."""
    rows = []
    for what in WHATS:
        row = [t for t in trials if t.what == what]
        unknown = sum(t.names() == "unknown" for t in row)
        cells = [f"{_wrong(_graded(row, grade))} of {len(_graded(row, grade))}" for grade in GRADES]
        right = share(first(row, OURS), len(row)) if what in ("end", "elsewhere") else "–"
        rows.append([what, str(len(row)), right, str(unknown), *cells])
    return table(["what", "n", "first, %", "UNKNOWN", *(f"wrong at {grade}" for grade in GRADES)], rows)


def nobody_table(trials: Sequence[HardTrial]) -> list[str]:
    """Ends that nobody could tell, by what they are: how many get which answer."""
    rows = []
    for what in WHATS:
        row = [t for t in trials if t.nobody and t.what == what]
        unknown = [t for t in row if t.names() == "unknown"]
        named = [t for t in row if t.names() != "unknown"]
        rows.append(
            [what, str(len(row)), str(len(unknown)), str(len(_graded(named, "D"))), str(len(_told_too_well(row)))]
        )
    return table(["what", "n", "UNKNOWN", "named at D", "named at C or better"], rows)


def told_too_well(trials: Sequence[HardTrial]) -> list[str]:
    """One line each of what a reader should see: wrong at A or B, and named at C or better where nobody could tell."""
    bad = [t for t in trials if t.grade in "AB" and t.names() == "wrong"] + _told_too_well(trials)
    return [f"- {t.name}, {t.kind}: {t.answers[OURS].name} at {t.grade} ({t.true or 'no field'})" for t in bad[:40]]


def groups() -> str:
    return f"{', '.join(SOUTH)}; {', '.join(EAST)}"
