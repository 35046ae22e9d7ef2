"""Where the CPU time of an ingest of readsb traces goes, by Python's profiler in one process.

    python benchmarks/trace_cost.py FILE.tar [--json OUT]

The archive is made in a folder of its own and removed. The profiler costs a few per cent, most of it where calls are
short; `benchmarks/big_data.py --only traces` measures the whole without it.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from pathlib import Path

from flighttrace.cli import main as flighttrace

PARTS = {
    "gunzip, tar, hash of the input": [("feed.py", "pieces")],
    "points cut from the text, words made numbers": [("fast_traces.py", "_points")],
    "numbers read": [("json_columns.py", "numbers_of")],
    "details read": [("json_columns.py", "values_of")],
    "numbers to rows": [("fast_traces.py", "_rows")],
    "spool to disk and back": [("spool.py", "add"), ("spool.py", "ranges")],
    "sort": [("sorting.py", "sorted_once")],
    "checks of each file": [("checks.py", "see")],
    "presence": [("presence.py", "presence_of"), ("presence_spool.py", "add"), ("store.py", "finish_presence")],
    "encode and write Parquet": [("positions_table.py", "write_positions")],
    "hash and fsync of what was written": [("store.py", "_finished")],
}
"""Name of a part → the functions that do it, with all they call that is no part of its own."""
WITHIN = {"points cut from the text, words made numbers": ("numbers read", "details read")}
REST = "all else"


def shares_of(profile: cProfile.Profile) -> dict[str, float]:
    """Part → its share of all CPU time, the rest last."""
    found: dict[tuple[str, str], float] = {}
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, name), (_, _, _, cumulative, _) in stats.items():
        if "flighttrace" in file:
            key = (Path(file).name, name)
            found[key] = found.get(key, 0.0) + cumulative
    total = sum(own for _, _, own, _, _ in stats.values())
    shares = {part: sum(found[key] for key in keys) / total for part, keys in PARTS.items()}
    for part, others in WITHIN.items():
        shares[part] -= sum(shares[other] for other in others)
    return {**shares, REST: 1 - sum(shares.values())}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    profile = cProfile.Profile(time.process_time)
    with tempfile.TemporaryDirectory() as folder:
        words = ["ingest", str(given.file), "--archive", str(Path(folder) / "archive")]
        try:
            profile.runcall(flighttrace, words)
        except SystemExit as stopped:
            if stopped.code:
                raise
    shares = shares_of(profile)
    for part, share in shares.items():
        print(f"{part:46} {share:6.1%}")
    if given.json:
        given.json.write_text(json.dumps(shares, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
