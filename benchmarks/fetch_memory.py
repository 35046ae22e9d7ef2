"""How much memory a day of adsb.lol takes from the network into an archive, all processes together.

    python benchmarks/fetch_memory.py --size 2G --work DIR

Makes the day's tar in parts with the generator (kept in DIR for the next run), serves it over https on loopback with
the server of the tests, runs `flighttrace fetch adsblol --archive` as a user would, and measures its tree of processes
from outside (`measure.py`): peak memory, wall time, CPU. The server is in the process that watches, not measured.

Measured 2026-11-26 (2 shared cores, other work beside it): a day of 1,967 MB in two parts, 87,456,088 positions, took
578 MB at its peak, 926 s wall, 777 s CPU.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from measure import Command, measure_together  # noqa: E402

from tests.fetch.server import Asked, Handler, Reply, Server, serving  # noqa: E402

BYTES_A_ROW: Final = 22.8
"""Of the generated tars: points of a quarter of which the details are told."""
MOST_MB: Final = 600
"""The figure to keep to."""
DAY: Final = "2031-10-06"
_CHUNK: Final = 1 << 20


def parts_of(work: Path, size_bytes: int, part_mb: float) -> list[Path]:
    """The day's parts, made now if they are not there."""
    folder = work / f"day_{size_bytes}"
    if not (folder / "TRUTH.csv").exists():
        rows = str(round(size_bytes / BYTES_A_ROW))
        words = [sys.executable, str(ROOT / "benchmarks" / "generate.py"), "traces", "--rows", rows, "--days", "1"]
        subprocess.run([*words, "--out", str(folder), "--split-mb", str(part_mb)], check=True)
    return sorted(folder.glob("v*.tar*"))


def from_disk(path: Path) -> Handler:
    """The file, or the rest of it, read as it is sent."""
    size = path.stat().st_size

    def answer(asked: Asked, reply: Reply) -> None:
        found = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("Range", ""))
        first = int(found[1]) if found else 0
        told = {"Content-Length": str(size - first), "ETag": f'"{size}"', "Accept-Ranges": "bytes"}
        if found:
            told["Content-Range"] = f"bytes {first}-{size - 1}/{size}"
        reply.head(206 if found else 200, told)
        with open(path, "rb") as file:
            file.seek(first)
            while block := file.read(_CHUNK):
                reply.body(block)

    return answer


def serve(server: Server, parts: list[Path], sources: Path) -> None:
    """adsb.lol's layout for the one day, and the file that leads the command to it."""
    tag, repository = parts[0].name.partition(".tar")[0], f"adsblol/globe_history_{DAY[:4]}"
    assets = [{"name": part.name, "size": part.stat().st_size, "state": "uploaded"} for part in parts]
    release = json.dumps({"tag_name": tag, "assets": assets}).encode()
    server.at(f"/repos/{repository}/releases/tags/{tag}", lambda asked, reply: reply.send(200, release))
    for part in parts:
        server.at(f"/{repository}/releases/download/{tag}/{part.name}", from_disk(part))
    url = server.url("")
    sources.write_text(
        f'adsblol:\n  rate_per_s: 100\n  release: "{url}/repos/{{repository}}/releases/tags/{{tag}}"\n'
        f'  asset: "{url}/{{repository}}/releases/download/{{tag}}/{{name}}"\n'
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--size", default="2G", help="of the day's tar, about; from 200M on all its trace folders are there"
    )
    parser.add_argument("--part-mb", type=float, default=1000)
    parser.add_argument("--work", type=Path, required=True, metavar="DIR")
    given = parser.parse_args()
    size = float(given.size[:-1]) * {"M": 1e6, "G": 1e9}[given.size[-1].upper()]
    parts = parts_of(given.work, int(size), given.part_mb)
    archive = given.work / "archive"
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        serve(server, parts, Path(folder, "sources.yaml"))
        words = (sys.executable, "-m", "flighttrace", "fetch", "adsblol", "--from", DAY, "--archive", str(archive))
        environment = {
            "PYTHONPATH": str(ROOT),
            "FLIGHTTRACE_SOURCES": str(Path(folder, "sources.yaml")),
            "FLIGHTTRACE_CA_FILE": str(server.ca_file),
        }
        command = Command(words, environment, output=given.work / "said.txt")
        shutil.rmtree(archive, ignore_errors=True)
        measured = measure_together({"fetch": command}, 1)["fetch"]
    brought = sum(part.stat().st_size for part in parts)
    left = [path for path in (archive / "incoming").rglob("*") if path.is_file()]
    print((given.work / "said.err").read_text().strip())
    print(f"{len(parts)} parts, {brought / 1e6:,.0f} MB; left in the work folder: {len(left)} files")
    print(f"peak of all processes together {measured.peak_mb[0]:,.0f} MB (to keep to: {MOST_MB})")
    print(f"largest process {measured.largest_process_mb[0]:,.0f} MB, {measured.samples[0]} samples")
    print(f"wall {measured.wall_s[0]:,.0f} s, CPU {measured.cpu_s[0]:,.0f} s")
    shutil.rmtree(archive, ignore_errors=True)
    return 1 if measured.peak_mb[0] > MOST_MB or left else 0


if __name__ == "__main__":
    sys.exit(main())
