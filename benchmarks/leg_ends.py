"""The yardstick for leg ends: real flights with their low part hidden, against peers; then a hard case, simulated.

    python benchmarks/leg_ends.py ../shared/real_tracks

Writes LEG_ENDS.md and leg_ends_reliability.png beside this file and prints the figures that the project asks for. Exit
code 1 where one of them does not hold. Weights for the ends of a region are fitted on the other regions' ends alone,
where `leg_end_fit` is there; `--shipped` uses the shipped ones throughout.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from leg_end_fit import choices, fitted_without, without_the_hopeless
from leg_end_yardstick import hard_case, hard_tables, peers, stops, tables
from leg_end_yardstick.plot import save_reliability
from leg_end_yardstick.stops import StopTrials, stop_trials
from leg_end_yardstick.trials import (
    OURS,
    Clock,
    Estimator,
    HardTrial,
    Trial,
    as_where_fields_are_asked_about,
    hard_trials,
    real_trials,
    trials_in_cruise,
    trials_not_in_track,
)
from real_ends import RealEnd, real_ends

from flighttrace.match import day
from flighttrace.match.endpoints import estimate_end
from flighttrace.match.places import Airfields, load_airfields

HERE: Final = Path(__file__).resolve().parent
PACKAGES: Final = ("numpy", "scipy", "pandas", "pyproj", "matplotlib")
READ_FIRST: Final = """\
Made by `python benchmarks/leg_ends.py`; nothing here is typed by hand. UNKNOWN first counts as wrong and takes one of
three places. Intervals are Clopper and Pearson's, 95 %. The same end hidden at several heights is several trials, so
figures over all cuts have fewer independent ends than n. A flight that never was so high is not in that row."""
COLUMNS: Final = """\
"first" and "three" are under the feature prior (`probability`); "flat" ranks by `probability_flat`, "learned" weighs
that by the counts of the other airframes' ends in the same set; in brackets: among three. A row in which ours is all
right cannot be bettered. Peers:"""
MOST_CPU_S: Final = 60.0
"""For the ends of 10,000 flights."""


@dataclass(frozen=True)
class Measured:
    """Everything that the report is made of."""

    weights: str
    ends: Sequence[RealEnd]
    real: Sequence[Trial]
    asked: Sequence[Trial]
    """The same with the account that holds where fields that are asked about are in reach."""
    stops: StopTrials
    stops_asked: StopTrials
    not_in_track: Sequence[Trial]
    cruise: Sequence[Trial]
    hard: Sequence[HardTrial]
    clock: Clock


def estimators(ends: Sequence[RealEnd], airfields: Airfields, *, shipped: bool) -> tuple[str, Mapping[str, Estimator]]:
    """How the weights came about, and the estimator of each region: fitted without that region's ends."""
    regions = sorted({end.region for end in ends})
    if shipped:
        return "the shipped ones, for every region", dict.fromkeys(regions, shipped_estimator(airfields))
    chosen = without_the_hopeless(choices(ends, airfields))
    made: dict[str, Estimator] = {}
    for region in regions:
        weights = fitted_without(chosen, region)
        made[region] = lambda track, weights=weights: estimate_end(track, airfields, weights=weights)  # type: ignore
    return "fitted with the region of the end left out", made


def shipped_estimator(airfields: Airfields, *, named: Collection[str] = ()) -> Estimator:
    """The estimator as `find_flights` uses it; `named`: the fields that a case asks about."""
    return lambda track: estimate_end(track, airfields, named=named)


def measure(folder: Path, *, shipped: bool, simulated: int) -> Measured:
    """All trials, real and simulated."""
    airfields = load_airfields()
    ends = real_ends(folder)
    how, by_region = estimators(ends, airfields, shipped=shipped)
    for end in ends[:20]:
        by_region[end.region](end.shown())  # what is loaded on first use is not the estimator's time
    clock = Clock()
    real = real_trials(ends, by_region, airfields, clock)
    with as_where_fields_are_asked_about():
        asked = real_trials(ends, by_region, airfields, Clock())
        told_asked = stop_trials(ends, by_region, airfields)
    hidden = trials_not_in_track(ends, by_region, airfields, clock)
    cruise = trials_in_cruise(ends, by_region, airfields, clock)
    made = hard_case.simulated_ends(airfields, ends=simulated, others=max(simulated * 3 // 20, 1))
    hard = hard_trials(made, shipped_estimator(airfields, named=hard_case.FIELDS), airfields, clock)
    told = stop_trials(ends, by_region, airfields)
    return Measured(how, ends, real, asked, told, told_asked, hidden, cruise, hard, clock)


def figures(m: Measured) -> list[tuple[str, str, str, bool]]:
    """(figure, measured, meant to be, holds) of everything that the project asks for."""
    ab = sum(t.grade in "AB" for t in m.not_in_track)
    wrong_c = sum(t.grade == "C" and t.names() != "right" for t in m.not_in_track)
    over_ab, over_c = sum(t.grade in "AB" for t in m.cruise), sum(t.grade == "C" for t in m.cruise)
    cpu_s = m.clock.of_10000_flights_s()
    return [
        *tables.minimums(m.real),
        ("ends not in the track at A or B", f"{ab} of {len(m.not_in_track)}", "0", ab == 0),
        ("ends not in the track at C and not right", f"{wrong_c} of {len(m.not_in_track)}", "0", wrong_c == 0),
        ("real flights cut in level cruise at A or B", f"{over_ab} of {len(m.cruise)}", "0", over_ab == 0),
        ("real flights cut in level cruise at C", f"{over_c} of {len(m.cruise)}", "0", over_c == 0),
        *hard_tables.hard_minimums(m.hard),
        ("CPU s for the ends of 10,000 flights", f"{cpu_s:.1f}", f"≤ {MOST_CPU_S:g}", cpu_s <= MOST_CPU_S),
    ]


def report(m: Measured) -> str:
    """LEG_ENDS.md."""
    sets = {"truth": "TRUTH.csv alone", "quickstart": "quickstart alone"}
    overflights = sum(end.true is None for end in m.ends)
    parts = [
        "# Leg ends measured",
        *("", _machine(), "", f"Measured on {datetime.now(UTC):%Y-%m-%d}. Weights: {m.weights}.", ""),
        READ_FIRST,
        *("", "## What the project asks for", "", *tables.figures_table(figures(m))),
        f"CPU time is that of the estimator alone, over {m.clock.ends} ends of this run, for 20,000 ends.",
        *("", "## Real flights, both sets together", "", *tables.main_table(m.real)),
        COLUMNS,
        *("", peers.__doc__.split("\n\n", 1)[1] if peers.__doc__ else ""),
    ]
    for name, title in sets.items():
        chosen = [t for t in m.real if t.collection == name]
        parts += [f"### {title}", "", *tables.main_table(chosen)]
    parts += ["## Scores", "", *tables.scores_table(m.real), "## Calibration", "", *tables.calibration_table(m.real)]
    parts += [
        "UNKNOWN first holds where the true airfield is not listed. A perfect model's error is simulated at the same"
    ]
    parts += ["probabilities, each trial by itself. Bins of equal mass, feature prior:", ""]
    parts += [*tables.bins_table(m.real, OURS), "![Reliability](leg_ends_reliability.png)", ""]
    parts += [
        "No field is asked about in these trials. Where one that is asked about is in reach, as for the ends of a",
        "case's legs, one account holds in place of two (`match/likelihood.py`); of it over the same ends:",
        *("", *tables.bins_table(m.asked, OURS)),
        "Its calibration error is {:.4f}, the over-confident part {:.4f} (a perfect model's 95th percentile: "
        "{:.4f}).".format(*tables.calibrated(m.asked, OURS)),
        "",
    ]
    parts += ["## Ends told by the airframe's next or previous flight", ""]
    parts += [(stops.__doc__ or "").split("\n\n", 1)[1], *_stops(m)]
    parts += ["## Accuracy against share answered", "", *tables.shares_table(m.real)]
    parts += ["## Wrong at each grade", "", *tables.grades_table(m.real)]
    parts += ["## Ends that are not in the track", "", *tables.outcome_by_grade(m.not_in_track)]
    parts += ["## Overflights and cruise", ""]
    parts += [
        f"Overflights in the real sets: {overflights}. Beside them, real flights cut where they last (first) flew"
    ]
    parts += ["level above 25,000 ft for five minutes: nothing of a descent is heard.", ""]
    parts += [*tables.outcome_by_grade(m.cruise), *_hard(m.hard)]
    return "\n".join(parts).rstrip() + "\n"


def _stops(m: Measured) -> list[str]:
    """The tables of ends told by a neighbour: both accounts, and the bins of the shipped value."""
    shipped, told = day.PRIOR_TIMES, m.stops
    return [
        f"{told.pairs} pairs at {told.fields} fields, {told.about_paris} of them about Paris. Shipped: {shipped:g}.",
        *("", *tables.stops_table(told)),
        f"Bins of equal mass, prior taken out {shipped:g} times:",
        *("", *tables.bins_table(told.told[shipped], OURS)),
        "With the account that holds where fields that are asked about are in reach:",
        *("", *tables.stops_table(m.stops_asked)),
    ]


def _hard(hard: Sequence[HardTrial]) -> list[str]:
    """The hard case's chapter."""
    assumed = (hard_case.__doc__ or "").split("\n\n", 1)[1].rstrip()
    bad = hard_tables.told_too_well(hard)
    return [
        *("## The hard case (SIMULATED)", "", f"Fields: {hard_tables.groups()}.", "", assumed, ""),
        *("### By receiver floor (SIMULATED)", "", *hard_tables.floors_table(hard)),
        *("### By true field (SIMULATED)", "", *hard_tables.fields_table(hard)),
        *("### Calibration of the ends at these fields (SIMULATED)", ""),
        "Here every field is flown to as often as the others, neighbours 40 km apart among them; among real ends the",
        "larger field of two is the likelier one, and that is what the probabilities are fitted to.",
        *("", *tables.bins_table([t for t in hard if t.what == "end"], OURS)),
        *("### By the way flown, floors of 1,000 to 10,000 ft (SIMULATED)", "", *hard_tables.patterns_table(hard)),
        *("### Elsewhere, strips, overflights (SIMULATED)", "", *hard_tables.whats_table(hard)),
        *("### Where nobody could tell (SIMULATED)", ""),
        f"The last fix is higher than {hard_case.NOBODY_FT:,.0f} ft above, and farther than {hard_case.NOBODY_KM:g} km",
        "from, every field of the case.",
        *("", *hard_tables.nobody_table(hard)),
        *(("Wrong at A or B, or told where nobody could (at most 40):", "", *bad, "") if bad else ()),
    ]


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")] or ["unknown"]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    python = sys.version.split()[0]
    return f"{len(models)} cores ({models[0]}), Python {python}, flighttrace {version('flighttrace')}; {packages}."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/real_tracks"))
    parser.add_argument("--shipped", action="store_true", help="the shipped weights for every region")
    parser.add_argument("--simulated", type=int, default=2000, help="ends of the hard case")
    parser.add_argument("--out", type=Path, default=HERE, help="where LEG_ENDS.md and the plot go")
    options = parser.parse_args()
    measured = measure(options.folder, shipped=options.shipped, simulated=options.simulated)
    (options.out / "LEG_ENDS.md").write_text(report(measured), encoding="utf-8")
    save_reliability(measured.real, options.out / "leg_ends_reliability.png")
    found = figures(measured)
    for what, value, meant, holds in found:
        print(f"{'holds' if holds else 'FAILS'}  {what}: {value} (meant to be {meant})")
    return 0 if all(holds for *_, holds in found) else 1


if __name__ == "__main__":
    sys.exit(main())
