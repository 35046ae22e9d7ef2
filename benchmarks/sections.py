"""What is measured: each section runs its commands in turn, in one go, and states the ratios that it is for."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from generate import number
from measure import Command, Measured, measure_together
from score import score
from workplace import HOURLY, Workplace, rows_of

SCANS: Final = ("scan-pyarrow", "scan-duckdb", "scan-polars")
SCAN_LIMITS: Final = {20_000_000: 0.6, 200_000_000: 0.1}
"""What a repeat query may cost, net of start-up, as a share of a scan of the same days."""
MOST_ROWS_FOR_TRAFFIC: Final = 20_000_000
"""Its plain way takes half an hour for so many: larger files are read by it with the boxes first alone."""
LONG_DAYS: Final = (1, 10, 100, 365)
ROW_SIZES: Final = ("1M", "3M", "10M", "30M", "100M")


@dataclass(frozen=True)
class Ratio:
    """One figure of the section: its value, and what it is meant to be (None: nothing is promised)."""

    what: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool | None:
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least


@dataclass
class Result:
    """What a section found."""

    section: str
    size: str
    measured: dict[str, Measured] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    ratios: list[Ratio] = field(default_factory=list)

    def cpu(self, name: str) -> float:
        return self.measured[name].median("cpu_s")

    def peak(self, name: str) -> float:
        return self.measured[name].median("peak_mb")

    def as_facts(self, place: Workplace) -> dict[str, Any]:
        measured = {
            name: {**asdict(m), "command": place.shown(m.command), "runs": m.runs} for name, m in self.measured.items()
        }
        ratios = [{**asdict(r), "holds": r.holds} for r in self.ratios]
        return {
            "section": self.section,
            "size": self.size,
            "measured": measured,
            "facts": self.facts,
            "ratios": ratios,
        }


@dataclass(frozen=True)
class Runs:
    """How often: commands of seconds, and commands of minutes."""

    short: int = 5
    long: int = 1


def startup(place: Workplace, size: str, runs: Runs) -> Result:
    """`query` on an archive without a row, against importing ibis and pandas with one trivial query."""
    empty = place.query(place.empty_archive(), *place.days(place.data("1M")))
    result = Result("startup", "")
    result.measured = measure_together(
        {"imports": place.floor("imports"), "query, empty archive": empty}, runs.short, unmeasured=1
    )
    result.ratios = [
        Ratio(
            "start-up: query / importing ibis and pandas, CPU",
            result.cpu("query, empty archive") / result.cpu("imports"),
            1.5,
        )
    ]
    return result


def repeat(place: Workplace, size: str, runs: Runs) -> Result:
    """A query on an archive that is there, net of start-up, against the cheapest two-column scan of the same days."""
    archive, files = place.archive(size), place.data(size)
    first, last = place.days(files)
    answer = place.scratch / f"repeat_{size}.csv"
    commands = {name: place.floor(name, *place.positions(archive)) for name in SCANS}
    commands["query"] = place.query(archive, first, last, output=answer)
    commands["query, empty archive"] = place.query(place.empty_archive(), first, last)
    result = Result("repeat", size, measure_together(commands, runs.short, unmeasured=1))
    result.facts = {"legs": asdict(score(place.truth(size), answer, ours=True)), **_archive_facts(place, archive)}
    result.ratios = _net_ratios(result, SCAN_LIMITS.get(number(rows_of(size))))
    return result


def _net_ratios(result: Result, at_most: float | None) -> list[Ratio]:
    scan = min(SCANS, key=result.cpu)
    net = result.cpu("query") - result.cpu("query, empty archive")
    return [
        Ratio(f"repeat query net of start-up / {scan}, CPU", net / result.cpu(scan), at_most),
        Ratio("the same, CPU s", net),
    ]


def first_query(place: Workplace, size: str, runs: Runs) -> Result:
    """The first query on files, everything included, against Polars alone turning the same file into Parquet."""
    result = Result("first", size)
    commands: dict[str, Command] = {}
    for form in ("csv.gz", "csv"):
        files = place.data(size, form=form)
        out = place.scratch / "polars.parquet"
        commands[f"polars {form} to parquet"] = place.floor("polars-to-parquet", out, *files)
        commands[f"first query, {form}"] = place.first_query(files, output=place.scratch / f"first_{form}.csv")
    commands["first query, csv.gz, one-ended too"] = place.first_query(place.data(size), one_ended=True)
    commands["igzip"] = place.floor("igzip", *place.data(size)[:1])
    commands["wc -l"] = Command(("wc", "-l", *map(str, place.data(size, form="csv"))), output=place.scratch / "wc.txt")
    result.measured = measure_together(commands, runs.long)
    for form in ("csv.gz", "csv"):
        ratio = result.cpu(f"first query, {form}") / result.cpu(f"polars {form} to parquet")
        result.ratios.append(Ratio(f"first query on {form} / Polars to Parquet, CPU", ratio, 2.5))
        legs = score(place.truth(size), place.scratch / f"first_{form}.csv", ours=True)
        result.facts[f"legs, {form}"] = asdict(legs)
    return result


def traces(place: Workplace, size: str, runs: Runs) -> Result:
    """A day's tar of traces into a new archive, everything included, and by hand into Parquet with nothing checked."""
    files = place.data(size, kind="traces")
    archive, answer = place.root / "archives" / f"traces_{size}", place.scratch / "traces.csv"
    both = {"ingest": place.ingest(files, archive)}
    both["by hand"] = place.floor("traces-to-parquet", place.scratch / "traces.parquet", *files)
    result = Result("traces", size, measure_together(both, runs.long))
    result.measured |= measure_together({"query": place.query(archive, *place.days(files), output=answer)}, runs.short)
    result.facts = {**_archive_facts(place, archive)}
    result.facts["legs"] = asdict(score(place.truth(size, kind="traces"), answer, ours=True))
    result.facts["cost"] = place.trace_cost(files[0])
    result.ratios = [
        Ratio("positions per CPU second of ingest", result.facts["positions"] / result.cpu("ingest"), at_least=200_000),
        Ratio("positions per CPU second by hand", result.facts["positions"] / result.cpu("by hand")),
        Ratio("ingest / by hand with nothing checked, CPU", result.cpu("ingest") / result.cpu("by hand")),
    ]
    return result


def peers(place: Workplace, size: str, runs: Runs) -> Result:
    """The same job by hand with pandas, Polars and DuckDB, from CSV.gz and from Parquet of the same rows."""
    commands: dict[str, Command] = {}
    answers: dict[str, Path] = {}
    for form in ("csv.gz", "parquet"):
        for name in ("pandas", "polars", "duckdb"):
            label = f"{name}, {form}"
            answers[label] = place.scratch / f"{name}_{form}_{size}.csv"
            commands[label] = place.peer(name, answers[label], place.data(size, form=form))
    return _against_ours(place, size, Result("peers", size), commands, answers, runs.long)


def traffic(place: Workplace, size: str, runs: Runs) -> Result:
    """The whole job against the `traffic` library on the same file; its plain way on small files alone."""
    out = {"traffic": place.scratch / "traffic.csv", "traffic, boxes first": place.scratch / "traffic_boxes.csv"}
    file = place.data(size)[0]
    commands = {"traffic, boxes first": place.traffic(out["traffic, boxes first"], file, "--boxes-first")}
    if number(size) <= MOST_ROWS_FOR_TRAFFIC:
        commands["traffic"] = place.traffic(out["traffic"], file)
    answers = {name: out[name] for name in commands}
    result = _against_ours(place, size, Result("traffic", size), commands, answers, runs.long)
    ours, first = "ours, archive", "ours, first query"
    for name in sorted(commands):
        meant = (100.0, 10.0) if name == "traffic" else (None, None)
        result.ratios += [
            Ratio(f"{name} / ours from the archive, CPU", result.cpu(name) / result.cpu(ours), at_least=meant[0]),
            Ratio(f"{name} / ours with ingest, CPU", result.cpu(name) / result.cpu(first), at_least=meant[1]),
            Ratio(f"{name} / ours from the archive, memory", result.peak(name) / result.peak(ours), at_least=10.0),
            Ratio(f"{name} / ours with ingest, memory", result.peak(name) / result.peak(first), at_least=10.0),
        ]
    return result


def _against_ours(
    place: Workplace, size: str, result: Result, commands: Mapping[str, Command], answers: Mapping[str, Path], runs: int
) -> Result:
    """Adds our first and repeat query on the same file, measures all, and scores every answer."""
    files = place.data(size)
    ours = {name: place.scratch / f"{name.replace(' ', '_')}.csv" for name in ("ours, archive", "ours, first query")}
    both = {
        **commands,
        "ours, first query": place.first_query(files, output=ours["ours, first query"]),
        "ours, archive": place.query(place.archive(size), *place.days(files), output=ours["ours, archive"]),
    }
    result.measured = measure_together(both, runs)
    for name, path in answers.items():
        result.facts[f"legs, {name}"] = asdict(score(place.truth(size), path, ours=False))
    for name, path in ours.items():
        result.facts[f"legs, {name}"] = asdict(score(place.truth(size), path, ours=True))
    return result


def rows(place: Workplace, size: str, runs: Runs) -> Result:
    """Ingest of hourly CSV.gz files and a query over all of it, at one size."""
    data = size + HOURLY
    files = place.data(data)
    archive, answer = place.root / "archives" / f"states_{data}", place.scratch / f"rows_{size}.csv"
    result = Result("rows", size, measure_together({"ingest": place.ingest(files, archive)}, runs.long))
    first, last = place.days(files)
    queries = {"query": place.query(archive, first, last, output=answer)}
    queries["query, empty archive"] = place.query(place.empty_archive(), first, last)
    queries |= {"scan-pyarrow": place.floor("scan-pyarrow", *place.positions(archive))}
    result.measured |= measure_together(queries, runs.short, unmeasured=1)
    result.facts = {"legs": asdict(score(place.truth(data), answer, ours=True)), **_archive_facts(place, archive)}
    wall = result.measured["ingest"].median("wall_s") + result.measured["query"].median("wall_s")
    large = number(size) >= 100_000_000
    result.ratios = [
        Ratio("ingest and query, wall s", wall, 600 if large else None),
        Ratio("peak memory of all processes, ingest, MB", result.peak("ingest"), 1_500),
        Ratio("rows per CPU second of ingest", result.facts["positions"] / result.cpu("ingest")),
    ]
    return result


def days(place: Workplace, size: str, runs: Runs) -> Result:
    """Archives of 1, 10, 100 and 365 days: presence whole, positions of the planted aircraft."""
    import long_archive

    base = place.archive(size)
    first = place.days(place.data(size))[0]
    archives = {count: place.root / "archives" / f"days_{count}_of_{size}" for count in LONG_DAYS}
    most = archives[LONG_DAYS[-1]]
    result = Result("days", size)
    for count, archive in reversed(archives.items()):
        if not (archive / long_archive.MARKER).exists():
            if archive == most:
                planted = planted_aircraft(place.truth(size))
                result.facts["positions a day"] = long_archive.replicate(base, archive, count, planted)
            else:
                long_archive.first_days(most, archive, count)
    commands = {"query, empty archive": place.query(place.empty_archive(), first, first)}
    slow: dict[str, Command] = {}
    asked: dict[str, tuple[Path, range]] = {}
    for count, archive in archives.items():
        for what, later in (("1", range(count // 2, count // 2 + 1)), ("all", range(count))):
            name = f"{count} days held, {what} asked"
            asked[name] = place.scratch / f"days_{count}_{what}.csv", later
            begin, end = (long_archive.day_after(first, day) for day in (later[0], later[-1]))
            large = what == "all" and count > 10
            (slow if large else commands)[name] = place.query(archive, begin, end, output=asked[name][0])
    result.measured = measure_together(commands, runs.short, unmeasured=1) | measure_together(slow, runs.long)
    for name, (answer, later) in asked.items():
        result.facts[f"legs, {name}"] = asdict(score(place.truth(size), answer, ours=True, days_later=later))
    result.ratios = _days_ratios(result)
    return result


def _days_ratios(result: Result) -> list[Ratio]:
    start, most = result.cpu("query, empty archive"), LONG_DAYS[-1]
    one, everything = (result.cpu(f"{most} days held, {asked} asked") - start for asked in ("1", "all"))
    return [
        Ratio(f"one day of {most} / all {most}, CPU net of start-up", one / everything, 0.01),
        Ratio("one day asked: 365 days held less 1 held, CPU s", one - (result.cpu("1 days held, 1 asked") - start)),
    ]


def _archive_facts(place: Workplace, archive: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    positions = sum(pq.read_metadata(path).num_rows for path in place.positions(archive))
    sizes = {f"{table}_bytes": place.size_bytes(archive / table) for table in ("positions", "presence")}
    return {"positions": positions, **sizes}


def planted_aircraft(truth: Path) -> list[str]:
    with truth.open(encoding="utf-8") as file:
        return [row["icao24"] for row in csv.DictReader(file)]


SECTIONS: Final[dict[str, tuple[Callable[[Workplace, str, Runs], Result], tuple[str, ...]]]] = {
    "startup": (startup, ("",)),
    "repeat": (repeat, ("20M", "20M-few", "200M-few", "200M-few-odd")),
    "first": (first_query, ("20M",)),
    "traces": (traces, ("10M",)),
    "peers": (peers, ("20M",)),
    "traffic": (traffic, ("1M", "20M")),
    "rows": (rows, ROW_SIZES),
    "days": (days, ("20M",)),
}
"""Section → (what runs it, its sizes unless others are asked for)."""
