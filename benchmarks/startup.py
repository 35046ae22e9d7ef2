"""How long `flighttrace` takes before it does anything, and what it imports for that.

    python benchmarks/startup.py

Prints the median of 15 whole processes for `--version` and `--help` beside a bare interpreter; then, in CPU seconds,
interleaved over 7 runs, importing ibis and pandas with one trivial query on duckdb, and `flighttrace query --json` on
an archive that holds nothing of the days asked for (before there are archives: the imports, airfields and case that a
query needs). Fails if --help imports a heavy package, or the query one for drawing or statistics.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAVY = (
    "numpy",
    "pandas",
    "pyarrow",
    "matplotlib",
    "shapely",
    "pyproj",
    "pydantic",
    "ruamel",
    "rich",
    "jinja2",
    "geopy",
)
NEVER_IN_A_QUERY = ("ibis", "matplotlib", "scipy", "jinja2", "PIL", "requests")
WATCHED_IN_A_QUERY = ("pydantic", "ruamel", "rich", "geopy", "shapely", "defusedxml")
"""Loaded only where a query needs them: printed, not a fault."""
MOST_TIMES = 1.5
"""The figure to reach: a query's start over importing ibis and pandas with one trivial query."""
RUNS = 7
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An installed package has its byte-code."""
SAMPLE = Path(__file__).resolve().parent.parent / "sample_tracks" / "tracks" / "fr24" / "SIM158_api.csv"

TRIVIAL = "import ibis, pandas; ibis.duckdb.connect().execute(ibis.memtable({'a': [1, 2]}).a.sum())"
PARTS = (
    TRIVIAL + "\n"
    "import click, pyarrow.parquet\n"
    "import flighttrace.match.flights, flighttrace.weigh.asked, flighttrace.weigh.query, flighttrace.report.findings\n"
    "from flighttrace.match.places import load_airfields\n"
    "from flighttrace.weigh.case import load_case\n"
    "load_case('ovda-karabakh', airfields=load_airfields())"
)


def seconds(*command: str) -> float:
    times = []
    for _ in range(15):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def cpu_seconds(code: str) -> float:
    """User and system time of one interpreter that runs the code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=ENVIRONMENT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def command(*arguments: str) -> str:
    """Code that runs the command line and then goes on."""
    call = f"main({list(arguments)!r})"
    return f"from flighttrace.cli import main\ntry: {call}\nexcept SystemExit as end: assert not end.code, end"


def loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Those of the packages that are loaded once the code has run."""
    probe = f"import sys\n{code}\nprint('\\n', *[m for m in {names!r} if m in sys.modules], file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return ran.stderr.splitlines()[-1].split()


def the_query(folder: str) -> tuple[str, str]:
    """What is measured, in words and as code."""
    told = subprocess.run(
        [sys.executable, "-m", "flighttrace", "query", "--help"], check=True, capture_output=True, text=True
    )
    if "--archive" not in told.stdout:
        return "imports, airfields and case of a query", PARTS
    archive = str(Path(folder) / "archive")
    subprocess.run(
        [sys.executable, "-m", "flighttrace", "ingest", str(SAMPLE), "--archive", archive],
        check=True,
        capture_output=True,
    )
    days = ("--from", "2000-01-01", "--to", "2000-01-01")
    return "flighttrace query, nothing found", command(
        "query", "--archive", archive, "--case", "ovda-karabakh", *days, "--json"
    )


def start_of_a_query() -> list[str]:
    """The packages that a query should not have loaded; prints what its start costs."""
    with tempfile.TemporaryDirectory() as folder:
        name, code = the_query(folder)
        runs = [(cpu_seconds(TRIVIAL), cpu_seconds(code)) for _ in range(RUNS)]
        faults = loaded(code, NEVER_IN_A_QUERY)
        watched = loaded(code, WATCHED_IN_A_QUERY)
    trivial, ours = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"ibis, pandas, one trivial query           {trivial:.2f} CPU s (median of {RUNS}, interleaved)")
    print(f"{name:41} {ours:.2f} CPU s")
    ratio = statistics.median(b / a for a, b in runs)
    print(f"ratio {ratio:.2f} (to reach: {MOST_TIMES} at most); also loaded: {' '.join(watched) or 'nothing else'}")
    print(f"packages for drawing, pages or statistics: {' '.join(faults) or 'none'}")
    return faults


def main() -> int:
    print(f"python -c pass           {seconds('-c', 'pass'):.3f} s")
    for option in ("--version", "--help"):
        print(f"flighttrace {option:12} {seconds('-m', 'flighttrace', option):.3f} s")
    heavy = loaded(command("--help"), HEAVY)
    print(f"heavy packages imported: {' '.join(heavy) or 'none'}")
    return 1 if start_of_a_query() or heavy else 0


if __name__ == "__main__":
    sys.exit(main())
