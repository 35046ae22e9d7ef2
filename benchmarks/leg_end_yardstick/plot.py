"""The reliability plot: what the first entry states against how often it holds, and accuracy against share answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leg_end_yardstick.metrics import accuracy_against_share, calibration, exact_interval
from leg_end_yardstick.tables import below
from leg_end_yardstick.trials import CUTS_FT, OURS, Trial

INK, PAPER, GREY = "#1b2a3a", "#ffffff", "#8a94a0"
CUT_COLOURS = ("#08306b", "#2171b5", "#41ab5d", "#f29c1f", "#c0392b")


def save_reliability(trials: Sequence[Trial], out: Path) -> None:
    """Two panels into one PNG."""
    figure = Figure(figsize=(12.0, 5.6), dpi=110, facecolor=PAPER, layout="constrained")
    left, right = figure.subplots(1, 2)
    _reliability(left, trials)
    _shares(right, trials)
    figure.savefig(out, metadata={"Software": ""})


def _reliability(axes: Axes, trials: Sequence[Trial]) -> None:
    made = calibration([t.answers[OURS].confidence for t in trials], [t.answers[OURS].hit(t.true) for t in trials])
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", zorder=1, label="holds as often as stated")
    last = (-1.0, -1.0)
    for b in made.bins:
        low, high = exact_interval(round(b.share * b.n), b.n)
        axes.plot([b.confidence] * 2, [low, high], color=INK, linewidth=1.2, zorder=2)
        axes.plot(b.confidence, b.share, "o", color=INK, markersize=6, zorder=3)
        if abs(b.confidence - last[0]) > 0.035:
            axes.annotate(f"n {b.n}", (b.confidence, low), xytext=(4, -2), textcoords="offset points", fontsize=8)
            last = (b.confidence, b.share)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="stated probability of the first entry (mean of a bin)")
    axes.set_ylabel("share that holds, with exact 95 % interval")
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    axes.set_title(
        f"Reliability, all cuts: n {len(trials)}, ECE {made.error:.3f}, over-confident part {made.overconfident:.3f}",
        fontsize=10,
        loc="left",
    )
    _plain(axes)


def _shares(axes: Axes, trials: Sequence[Trial]) -> None:
    lowest = 1.0
    for cut_ft, colour in zip(CUTS_FT, CUT_COLOURS, strict=True):
        row = [t for t in trials if t.cut_ft == cut_ft]
        curve = accuracy_against_share([t.answers[OURS] for t in row], [t.true for t in row])
        label = f"{below(cut_ft)}, n {len(row)}{'' if curve else ': none named'}"
        if not curve:
            axes.plot([], [], color=colour, label=label)
        else:
            lowest = min(lowest, *(accuracy for _, accuracy in curve))
            axes.plot(*zip(*curve, strict=True), color=colour, linewidth=1.6, label=label)
    axes.set(
        xlim=(0, 1.02), ylim=(max(lowest - 0.05, 0.0), 1.01), xlabel="share of the ends answered, the surest first"
    )
    axes.set_ylabel("share of the answers that is right")
    axes.set_title("Accuracy against share answered", fontsize=10, loc="left")
    axes.legend(frameon=False, fontsize=9, loc="lower left")
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e4e7eb", linewidth=0.7)
    axes.set_axisbelow(True)
