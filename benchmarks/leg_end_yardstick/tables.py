"""Markdown tables of the real flights: right at first and third place, scores, grades, calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import fmean
from typing import Final

from flighttrace.match.model import EndKind
from leg_end_yardstick.metrics import (
    accuracy_against_share,
    at_share,
    brier,
    calibration,
    error_of_a_perfect_model,
    exact_interval,
    log_loss,
)
from leg_end_yardstick.peers import RULES
from leg_end_yardstick.stops import StopTrials
from leg_end_yardstick.trials import CUTS_FT, FLAT, LEARNED, OURS, PEERS, PRIOR, PROBABILISTIC, Trial

KINDS: Final[tuple[EndKind, EndKind]] = ("arrival", "departure")
MEANT: Final = {
    "arrival": {0.0: (99, 100), 2_000.0: (95, 98), 4_000.0: (88, 98), 10_000.0: (70, 94)},
    "departure": {0.0: (99, 100), 2_000.0: (96, 98), 4_000.0: (95, 98), 10_000.0: (89, 95)},
}
"""Kind → cut → per cent right at first place, and among three, that the project asks for."""
GRADES: Final = ("A", "B", "C", "D")
SHARES: Final = (0.25, 0.5, 0.75, 0.9, 1.0)
OVERCONFIDENT_AT_MOST: Final = 0.02


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> list[str]:
    """A Markdown table; the first `words` columns hold text, the others figures."""
    rule = "|" + "---|" * words + "--:|" * (len(head) - words)
    return [f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(row)} |" for row in rows), ""]


def hidden(cut_ft: float) -> str:
    return "as heard" if cut_ft == 0.0 else f"{cut_ft:,.0f} ft"


def below(cut_ft: float) -> str:
    return f"{hidden(cut_ft)} hidden" if cut_ft else hidden(cut_ft)


def share(right: int, n: int) -> str:
    """Per cent with its exact interval."""
    if not n:
        return "–"
    low, high = exact_interval(right, n)
    return f"{100 * right / n:.1f} [{100 * low:.1f}–{100 * high:.1f}]"


def per_cent(right: int, n: int) -> str:
    return f"{100 * right / n:.1f}" if n else "–"


def rows_of(trials: Sequence[Trial]) -> Iterator[tuple[EndKind, float, list[Trial]]]:
    """(kind, cut, its trials) of every row that has any."""
    for kind in KINDS:
        for cut_ft in CUTS_FT:
            row = [t for t in trials if t.kind == kind and t.cut_ft == cut_ft]
            if row:
                yield kind, cut_ft, row


def first(row: Sequence[Trial], method: str) -> int:
    return sum(t.answers[method].first(t.true) for t in row)


def three(row: Sequence[Trial], method: str) -> int:
    return sum(t.answers[method].among_three(t.true) for t in row)


def better(row: Sequence[Trial], peers: Iterable[str], method: str = OURS) -> str:
    """ "yes" where ours is right more often than each of these, "all right" where none can be; else the best's name."""
    best = max(peers, key=lambda peer: first(row, peer))
    gap = first(row, method) - first(row, best)
    if gap > 0:
        return "yes"
    if gap == 0 and first(row, method) == len(row):
        return "all right"
    return f"{'equal' if gap == 0 else '**no**'} ({best})"


def main_table(trials: Sequence[Trial]) -> list[str]:
    """Right at first place and among three, by kind and cut, of ours under three priors and of every peer."""
    head = ["end", "hidden below", "n", "first, %", "three, %", "flat", "learned", *PEERS]
    head += ["better than every rule", "than the prior alone"]
    rows = []
    for kind, cut_ft, row in rows_of(trials):
        n = len(row)
        both = [f"{per_cent(first(row, m), n)} ({per_cent(three(row, m), n)})" for m in (FLAT, LEARNED, PRIOR)]
        rules = [per_cent(first(row, peer), n) for peer in PEERS[1:]]
        ours = [share(first(row, OURS), n), share(three(row, OURS), n)]
        rows.append([kind, hidden(cut_ft), str(n), *ours, *both, *rules, better(row, RULES), better(row, [PRIOR])])
    return table(head, rows, words=2)


def minimums(trials: Sequence[Trial]) -> list[tuple[str, str, str, bool]]:
    """(figure, measured, meant to be, holds) of the rows that have a minimum."""
    found = []
    for kind, cut_ft, row in rows_of(trials):
        if cut_ft not in MEANT[kind]:
            continue
        one, many = MEANT[kind][cut_ft]
        n, right, listed = len(row), first(row, OURS), three(row, OURS)
        named = first(row, "nearest with a code")
        found.append(
            (
                f"{kind}s, {below(cut_ft)}: right first (among three); nearest with a code",
                f"{per_cent(right, n)} ({per_cent(listed, n)}); {per_cent(named, n)} % of {n}",
                f"≥ {one} ({many})",
                100 * right >= one * n and 100 * listed >= many * n,
            )
        )
    asked = (("every peer's rule", tuple(RULES), OURS), ("the prior alone", (PRIOR,), OURS))
    for what, against, method in (*asked, ("the prior alone, with that prior", (PRIOR,), LEARNED)):
        words = [better(row, against, method) for _, _, row in rows_of(trials)]
        ahead = sum(word in ("yes", "all right") for word in words)
        found.append(
            (f"rows in which ours is better than {what}", f"{ahead} of {len(words)}", "all", ahead == len(words))
        )
    error, over, limit = calibrated(trials, OURS)
    found.append(("calibration error, all cuts together", f"{error:.4f}", f"≤ {limit:.4f}", error <= limit))
    found.append(
        ("its over-confident part", f"{over:.4f}", f"≤ {OVERCONFIDENT_AT_MOST}", over <= OVERCONFIDENT_AT_MOST)
    )
    for grade in ("A", "B"):
        graded = [t for t in trials if t.grade == grade]
        wrong = sum(t.names() == "wrong" for t in graded)
        found.append((f"wrong at grade {grade}", f"{wrong} of {len(graded)}", "0", wrong == 0))
    return found


def calibrated(trials: Sequence[Trial], method: str) -> tuple[float, float, float]:
    """Calibration error, its over-confident part, and the 95th percentile of a perfect model's error."""
    confidences = [t.answers[method].confidence for t in trials]
    made = calibration(confidences, [t.answers[method].hit(t.true) for t in trials])
    return made.error, made.overconfident, error_of_a_perfect_model(confidences)


def scores_table(trials: Sequence[Trial]) -> list[str]:
    """Log-loss and Brier score by kind and cut; the rules name without a probability, so only their Brier score."""
    loss = [f"log-loss: {method}" for method in PROBABILISTIC]
    scored = (*PROBABILISTIC, *PEERS[1:])
    rows = []
    for kind, cut_ft, row in rows_of(trials):
        cells = [f"{_mean(row, method, log_loss):.3f}" for method in PROBABILISTIC]
        cells += [f"{_mean(row, method, brier):.3f}" for method in scored]
        rows.append([kind, hidden(cut_ft), str(len(row)), *cells])
    return table(["end", "hidden below", "n", *loss, *(f"Brier: {m}" for m in scored)], rows, words=2)


def _mean(row: Sequence[Trial], method: str, score: Callable[..., float]) -> float:
    return fmean(score(t.answers[method], t.true) for t in row)


def calibration_table(trials: Sequence[Trial]) -> list[str]:
    """Calibration error of each method that states probabilities, by kind and together, beside a perfect model's."""
    groups = [(kind, [t for t in trials if t.kind == kind]) for kind in KINDS]
    rows = []
    for method in PROBABILISTIC:
        named = [t for t in trials if t.answers[method].name is not None]
        for what, chosen in (*groups, ("both", trials), ("both, named alone", named)):
            error, over, limit = calibrated(chosen, method)
            holds = "yes" if error <= limit else "**no**"
            rows.append([method, what, str(len(chosen)), f"{error:.4f}", f"{over:.4f}", f"{limit:.4f}", holds])
    head = ["method", "end", "n", "ECE", "over-confident part", "perfect model, 95th percentile", "within"]
    return table(head, rows, words=2)


def bins_table(trials: Sequence[Trial], method: str) -> list[str]:
    """The bins of the reliability diagram."""
    made = calibration([t.answers[method].confidence for t in trials], [t.answers[method].hit(t.true) for t in trials])
    rows = [
        [str(i), str(b.n), f"{b.confidence:.3f}", share(round(b.share * b.n), b.n)]
        for i, b in enumerate(made.bins, start=1)
    ]
    return table(["bin", "n", "mean probability of the first entry", "it holds, %"], rows)


def stops_table(found: StopTrials) -> list[str]:
    """The ends of all stops: alone, and told by the other end, by how much of the feature prior is taken out."""
    rows = []
    ways = [(f"told, prior taken out {times:g} times", trials) for times, trials in found.told.items()]
    for name, trials in (("by itself", found.alone), *ways):
        error, over, limit = calibrated(trials, OURS)
        cells = [per_cent(first(trials, OURS), len(trials))]
        cells += [f"{_mean(trials, OURS, score):.4f}" for score in (log_loss, brier)]
        rows.append([name, str(len(trials)), *cells, f"{error:.4f}", f"{over:.4f}", f"{limit:.4f}"])
    head = ["end", "n", "first", "log-loss", "Brier", "calibration error", "over-confident", "a perfect model's 95 %"]
    return table(head, rows)


def grades_table(trials: Sequence[Trial]) -> list[str]:
    """How many ends have each grade and how many of those are named wrong, by cut; for all with exact intervals."""
    rows = []
    for cut_ft in (*CUTS_FT, None):
        row = [t for t in trials if cut_ft in (None, t.cut_ft)]
        if not row:
            continue
        cells = []
        for grade in GRADES:
            graded = [t for t in row if t.grade == grade]
            wrong = sum(t.names() == "wrong" for t in graded)
            unknown = sum(t.names() == "unknown" for t in graded)
            cells.append(f"{wrong} of {len(graded)}" + (f", {unknown} unknown" if grade == "D" else ""))
            if grade != "D":
                cells.append(share(wrong, len(graded)))
        rows.append(["all" if cut_ft is None else hidden(cut_ft), str(len(row)), *cells])
    head = ["hidden below", "n"]
    for grade in GRADES:
        head += [f"wrong at {grade}"] + ([f"% at {grade}"] if grade != "D" else [])
    return table(head, rows)


def shares_table(trials: Sequence[Trial]) -> list[str]:
    """Accuracy of the surest part of the ends, by cut and prior; – where so many ends are not named at all."""
    rows = []
    for cut_ft in (*CUTS_FT, None):
        row = [t for t in trials if cut_ft in (None, t.cut_ft)]
        for method in (OURS, FLAT, LEARNED):
            curve = accuracy_against_share([t.answers[method] for t in row], [t.true for t in row])
            cells = [at_share(curve, part) for part in SHARES]
            named = curve[-1] if curve else (0.0, 0.0)
            rows.append(
                ["all" if cut_ft is None else hidden(cut_ft), method, str(len(row))]
                + ["–" if cell is None else f"{100 * cell:.1f}" for cell in cells]
                + [f"{100 * named[0]:.1f}", f"{100 * named[1]:.1f}"]
            )
    head = [
        "hidden below",
        "prior",
        "n",
        *(f"surest {100 * part:.0f} %" for part in SHARES),
        "named, %",
        "right of named",
    ]
    return table(head, rows, words=2)


def outcome_by_grade(trials: Sequence[Trial]) -> list[str]:
    """Right, wrong and UNKNOWN at each grade."""
    found = Counter((t.grade, t.names()) for t in trials)
    rows = [
        [grade, *(str(found[grade, outcome]) for outcome in ("right", "wrong", "unknown"))] for grade in (*GRADES, "X")
    ]
    return table(["grade", "right", "wrong", "UNKNOWN"], rows)


def figures_table(found: Sequence[tuple[str, str, str, bool]]) -> list[str]:
    """The figures that the project asks for, each with whether it holds."""
    rows = [[what, measured, meant, "yes" if holds else "**no**"] for what, measured, meant, holds in found]
    return table(["figure", "measured", "meant to be", "holds"], rows)
