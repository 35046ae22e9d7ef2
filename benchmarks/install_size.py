"""Size of the installed packages of this environment, in MB with byte-code: all of it, and each over 20 MB.

    python benchmarks/install_size.py

Run it in an environment that holds the core install alone; pip, setuptools and wheel are left out.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib.metadata import distributions
from pathlib import Path

LEFT_OUT = {"pip", "setuptools", "wheel"}
MB = 1e6


def main() -> int:
    sizes: dict[str, int] = defaultdict(int)
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name.lower() in LEFT_OUT:
            continue
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                sizes[name] += path.stat().st_size
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if size > 20 * MB:
            print(f"{name:24} {size / MB:7.0f} MB")
    total = sum(sizes.values()) / MB
    print(f"{'all ' + str(len(sizes)) + ' packages':24} {total:7.0f} MB")
    return 0 if total <= 700 else 1


if __name__ == "__main__":
    sys.exit(main())
