"""RESULTS.md and plots from the raw results; no number in them is typed by hand."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from typing import Any, Final

from workplace import rows_of

TITLES: Final = {
    "startup": "Start-up",
    "repeat": "Repeat query",
    "first": "First query, everything included",
    "traces": "readsb traces",
    "peers": "By hand with pandas, Polars, DuckDB",
    "traffic": "The `traffic` library",
    "rows": "Cost against rows",
    "days": "Cost against days in the archive",
}
NOTES: Final = {
    "startup": "`imports` is one process that imports ibis and pandas and runs one trivial query on DuckDB.",
    "repeat": (
        "The scans sum the columns `lat_deg` and `lon_deg` of the archive's positions on the days asked for. "
        "Net of start-up: less the same command on an archive without a row. In the generated days far more aircraft "
        "fly near both places of the case than in the real sky; sizes with `-few` hold fewer of them. In sizes with "
        "`-odd` one flight in 200 has a position two degrees off, and its airframe is asked in a second pass "
        "(`docs/engines.md`); in the other sizes no position is."
    ),
    "first": (
        "A fresh cache: hash, gzip check, parsing, accounting, sorting, positions, presence, and the answer. Polars "
        "checks and accounts for nothing, does not sort, and writes all 17 columns."
    ),
    "traces": "A tar of gzipped JSON, one file an aircraft, read as a stream.",
    "peers": (
        "Scripts in `benchmarks/peers`: bounding boxes, then visits and the nearest field in pandas. They name no "
        "probability, keep no account of rows, mark no false positions, and know nothing but these two places."
    ),
    "traffic": (
        "Version 2.13 with pandas below 3, in an environment of its own. Offline: the list of airports is the one "
        "that flighttrace ships (the same source, without heliports), put where `traffic` keeps its copy. "
        "`boxes first` keeps only aircraft that met both boxes before flights are made. The planted legs fly straight "
        "from runway to runway, so that the airport nearest to the first and the last position, which is what "
        "`traffic` infers, is the right one here; near Ovda with real approaches it often is not."
    ),
    "rows": "CSV.gz, a file an hour, of one UTC day up to 20 M rows, then of as many days as hold 20 M rows each.",
    "days": (
        "One generated day, dates shifted. **Presence is replicated whole; positions only of the ten planted "
        "aircraft**, so that the sieve works as in a real archive of that length, and the work after it has these "
        "aircraft alone. What the other candidates cost is seen under Repeat query."
    ),
}
_POSITIONS: Final = re.compile(r" (\S+)/positions/\S+\.parquet(?: (?:…|\1/positions/\S+\.parquet))*")
_COLUMNS: Final = ("n", "CPU s", "wall s", "peak MB, all processes", "largest process MB")


def _row(name: str, measured: dict[str, Any]) -> str:
    median = {key: statistics.median(measured[key]) for key in ("cpu_s", "wall_s", "peak_mb", "largest_process_mb")}
    return (
        f"| {name} | {measured['runs']} | {median['cpu_s']:.2f} | {median['wall_s']:.2f} | {median['peak_mb']:.0f} | "
        f"{median['largest_process_mb']:.0f} |"
    )


def _figure(ratio: dict[str, Any]) -> str:
    meant = "—"
    if ratio["at_most"] is not None:
        meant = f"≤ {ratio['at_most']:g}"
    elif ratio["at_least"] is not None:
        meant = f"≥ {ratio['at_least']:,.0f}"
    number = ratio["value"]
    value = f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
    if ratio["holds"] is False and float(value.replace(",", "")) in (ratio["at_most"], ratio["at_least"]):
        value = f"{number:.7g}"  # rounded it would look as if it held
    return f"| {ratio['what']} | {value} | {meant} | {({True: 'yes', False: '**no**'}).get(ratio['holds'], '')} |"


def _short(command: str) -> str:
    """The command with a list of an archive's positions files as one pattern."""
    return _POSITIONS.sub(lambda found: f" {found[1]}/positions/*/*.parquet", command)


def table_of(facts: dict[str, Any]) -> str:
    """One section at one size, as Markdown."""
    size = f", {facts['size']} rows" if facts["size"] else ""
    load = f", load average of the 15 minutes before {facts['load']}" if "load" in facts else ""
    note = f" {facts['note']}" if facts.get("note") else ""
    lines = [f"### {TITLES[facts['section']]}{size}", "", f"Measured {facts['measured_utc']} UTC{load}.{note}", ""]
    lines += [f"| command | {' | '.join(_COLUMNS)} |", f"|---|{'--:|' * len(_COLUMNS)}"]
    lines += [_row(name, measured) for name, measured in facts["measured"].items()]
    if facts["ratios"]:
        lines += ["", "| figure | measured | meant to be | holds |", "|---|--:|--:|---|"]
        lines += [_figure(ratio) for ratio in facts["ratios"]]
    legs = {key: value for key, value in facts["facts"].items() if key.startswith("legs")}
    if legs:
        words = [
            f"{key.removeprefix('legs').removeprefix(', ') or 'query'} {value['found']} of {value['planted']}"
            for key, value in legs.items()
        ]
        lines += ["", f"Planted legs found: {'; '.join(words)}."]
    if "positions_bytes" in facts["facts"]:
        held = facts["facts"]
        lines += [
            "",
            f"The archive: {held['positions']:,} positions in {held['positions_bytes'] / 1e6:,.0f} MB, presence "
            f"{held['presence_bytes'] / 1e6:,.1f} MB ({held['presence_bytes'] / held['positions_bytes']:.1%}).",
        ]
    if "cost" in facts["facts"]:
        shares = sorted(facts["facts"]["cost"].items(), key=lambda item: -item[1])
        lines += [
            "",
            "What limits it, by the profiler in a run of its own (`python benchmarks/trace_cost.py FILE.tar`): "
            + ", ".join(f"{part} {share:.0%}" for part, share in shares)
            + ".",
        ]
    lines += ["", *(f"- {name}: `{_short(measured['command'])}`" for name, measured in facts["measured"].items()), ""]
    return "\n".join(lines)


def write_report(results: Path, out: Path) -> None:
    """RESULTS.md and the plots into `out`."""
    found = sorted((json.loads(path.read_text()) for path in results.glob("*.json")), key=_order)
    lines = ["# Measured on large data", "", *_machines(found), ""]
    lines += [
        "All data are simulated (`generate.py`). Files are in the page cache. CPU is user and system time of a command",
        "and all its descendants. Memory is the highest sum of PSS over all processes, sampled every 50 ms, and never",
        "less than the largest single process (`ru_maxrss`), which stands beside it. Medians of n runs; commands of a",
        "section take turns. `DIR` is the work folder. Made by `python benchmarks/big_data.py --report DIR`; nothing",
        "here is typed by hand.",
        "",
    ]
    for name, draw in (("rows", _plot_rows), ("days", _plot_days)):
        chosen = [facts for facts in found if facts["section"] == name]
        if chosen:
            draw(chosen, out / f"cost_by_{name}.png")
    for section, title in TITLES.items():
        chosen = [facts for facts in found if facts["section"] == section]
        if not chosen:
            lines += [f"## {title}", "", "Not measured.", ""]
            continue
        lines += [f"## {title}", "", NOTES[section], ""]
        if section in ("rows", "days"):
            lines += [f"![{title}](cost_by_{section}.png)", ""]
        if section == "rows":
            lines += _growth(chosen)
        lines += [table_of(facts) for facts in chosen]
    (out / "RESULTS.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _order(facts: dict[str, Any]) -> tuple[int, str, float]:
    return list(TITLES).index(facts["section"]), facts["size"].partition("-")[2], _rows(facts)


def _rows(facts: dict[str, Any]) -> float:
    return float(rows_of(facts["size"]).rstrip("M") or 0) * 1e6


def _machines(found: list[dict[str, Any]]) -> list[str]:
    """The machine and versions; one line each if sections were measured under different ones."""
    lines = []
    for facts in found:
        m = facts["machine"]
        packages = ", ".join(f"{name} {number}" for name, number in m["packages"].items())
        line = (
            f"{m['cores']} cores ({m['model']}), {m['memory_gib']} GiB, {m['system']}, Python {m['python']}, "
            f"flighttrace {m['flighttrace']}; {packages}."
        )
        if line not in lines:
            lines.append(line)
    days = sorted({facts["measured_utc"][:10] for facts in found})
    return [*lines, "", f"Measured on {' and '.join(days)}."]


def _growth(chosen: list[dict[str, Any]]) -> list[str]:
    """How much more memory ten times the rows need."""
    by_size = {facts["size"]: facts for facts in chosen}
    if not {"10M", "100M"} <= set(by_size):
        return []
    rows = ["| figure | measured | meant to be | holds |", "|---|--:|--:|---|"]
    for name in ("ingest", "query"):
        ratio = _median(by_size["100M"], name, "peak_mb") / _median(by_size["10M"], name, "peak_mb")
        figure = {"what": f"peak memory of {name}, 100 M rows / 10 M rows", "value": ratio, "holds": ratio <= 1.2}
        rows.append(_figure({**figure, "at_most": 1.2, "at_least": None}))
    return [*rows, ""]


def _median(facts: dict[str, Any], name: str, what: str) -> float:
    return float(statistics.median(facts["measured"][name][what]))


def _plot_rows(chosen: list[dict[str, Any]], path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    x = [facts["facts"]["positions"] for facts in chosen]
    for name, label in (("ingest", "ingest"), ("query", "query"), ("scan-pyarrow", "scan of lat and lon")):
        axes[0].plot(x, [_median(facts, name, "cpu_s") for facts in chosen], "o-", label=label)
    net = [_median(facts, "query", "cpu_s") - _median(facts, "query, empty archive", "cpu_s") for facts in chosen]
    axes[0].plot(x, [max(value, 0.005) for value in net], "o--", label="query, net of start-up")
    axes[0].set(xscale="log", yscale="log", xlabel="positions", ylabel="CPU s", title="CPU against rows")
    for name in ("ingest", "query"):
        axes[1].plot(x, [_median(facts, name, "peak_mb") for facts in chosen], "o-", label=name)
    axes[1].axhline(1_500, color="grey", linestyle=":", label="limit: 1.5 GB")
    axes[1].set(xscale="log", ylim=(0, None), xlabel="positions", ylabel="MB", title="Peak memory of all processes")
    _finish(figure, axes, path)


def _plot_days(chosen: list[dict[str, Any]], path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    facts = chosen[-1]
    counts = sorted({int(name.split()[0]) for name in facts["measured"] if "days held" in name})
    start = _median(facts, "query, empty archive", "cpu_s")
    for asked in ("1", "all"):
        names = [f"{count} days held, {asked} asked" for count in counts]
        label = {"1": "one day asked", "all": "all days asked"}[asked]
        net = [max(_median(facts, name, "cpu_s") - start, 0.005) for name in names]
        axes[0].plot(counts, net, "o-", label=label)
        axes[1].plot(counts, [_median(facts, name, "peak_mb") for name in names], "o-", label=label)
    axes[0].set(xscale="log", yscale="log", xlabel="days in the archive", ylabel="CPU s, net of start-up", title="CPU")
    axes[1].set(xscale="log", ylim=(0, None), xlabel="days in the archive", ylabel="MB", title="Peak memory")
    figure.suptitle(f"Days of {facts['size']} rows: presence replicated whole, positions of ten aircraft", fontsize=10)
    _finish(figure, axes, path)


def _finish(figure: Any, axes: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    for axis in axes:
        axis.grid(alpha=0.3)
        axis.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)
