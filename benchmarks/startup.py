"""How long `flighttrace --version` and `--help` take, and what they import.

    python benchmarks/startup.py

Prints the median of 15 whole processes beside that of a bare interpreter, and fails if a heavy package is imported.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

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


def seconds(*command: str) -> float:
    times = []
    for _ in range(15):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> int:
    print(f"python -c pass           {seconds('-c', 'pass'):.3f} s")
    for option in ("--version", "--help"):
        print(f"flighttrace {option:12} {seconds('-m', 'flighttrace', option):.3f} s")
    probe = (
        "import sys, click\nfrom flighttrace.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    loaded = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True).stderr.strip()
    print(f"heavy packages imported: {loaded}")
    return 0 if loaded == "[]" else 1


if __name__ == "__main__":
    sys.exit(main())
