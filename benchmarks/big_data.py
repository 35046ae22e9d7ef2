"""One command that measures flighttrace on large data, its floors, and what a user would pick instead.

    python benchmarks/big_data.py --work DIR                                  # everything: hours, and some 60 GB
    python benchmarks/big_data.py --work DIR --only startup,repeat --rows 1M  # minutes
    python benchmarks/big_data.py --report DIR                                # RESULTS.md and plots from raw results
    python benchmarks/big_data.py --report benchmarks                         # the same from the results kept here

Data are generated in DIR when first needed. Every section prints its table and keeps its raw results in DIR/results;
the report is made from these alone. Commands of seconds are run --runs times, those of minutes --long-runs times;
figures are medians, and all commands of a section take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from big_report import table_of, write_report
from sections import SECTIONS, Runs
from workplace import Workplace

PACKAGES: Final = ("duckdb", "ibis-framework", "isal", "numpy", "orjson", "pandas", "polars", "pyarrow")


def machine() -> dict[str, Any]:
    """Cores, model, memory and system of this machine, and the versions that matter."""
    cpu = [
        line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cores": len(cpu),
        "model": cpu[0],
        "memory_gib": round(memory_kib / 2**20, 1),
        "python": sys.version.split()[0],
        "system": Path("/proc/sys/kernel/ostype").read_text().strip()
        + " "
        + Path("/proc/sys/kernel/osrelease").read_text().split("-")[0].strip(),
        "packages": {name: version(name) for name in PACKAGES},
        "flighttrace": version("flighttrace"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, metavar="DIR", help="where data, archives and raw results go")
    parser.add_argument("--only", metavar="SECTION,…", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--rows", metavar="SIZE,…", help="sizes in place of each section's own, such as 1M,20M")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--long-runs", type=int, default=1)
    parser.add_argument("--note", default="", help="printed with the results, such as what else ran on the machine")
    parser.add_argument("--report", type=Path, metavar="DIR", help="make RESULTS.md and plots from DIR's raw results")
    given = parser.parse_args()
    if given.report is not None:
        write_report(given.report / "results", Path(__file__).resolve().parent)
        return 0
    if given.work is None:
        parser.error("--work DIR or --report DIR")
    place = Workplace(given.work)
    wanted = given.only.split(",") if given.only else list(SECTIONS)
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    failed = False
    for name in wanted:
        run, sizes = SECTIONS[name]
        for size in given.rows.split(",") if given.rows and sizes != ("",) else sizes:
            facts = run(place, size, Runs(given.runs, given.long_runs)).as_facts(place)
            facts |= {"measured_utc": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "machine": machine()}
            facts |= {"load": round(os.getloadavg()[2], 1), "note": given.note}
            (place.results / f"{name}{'-' if size else ''}{size}.json").write_text(json.dumps(facts, indent=1) + "\n")
            print(table_of(facts), flush=True)
            failed |= any(ratio["holds"] is False for ratio in facts["ratios"])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
