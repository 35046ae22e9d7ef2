"""The folder that the measurements work in: data made on demand, archives, and the commands measured.

| in DIR | what |
|---|---|
| data/states_20M/ | generated files of that size, with TRUTH.csv; for 20M-few, 20M-few-odd and 20M-hourly see below |
| archives/states_20M/ | our archive of the CSV.gz files there |
| results/ | raw results, one JSON file a section and size |
| traffic/ | the environment of the `traffic` library |
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from measure import Command

HERE: Final = Path(__file__).resolve().parent
CASE: Final = "ovda-karabakh"
ONE_STATE: Final = (
    "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,baroaltitude,geoaltitude,"
    "lastposupdate,lastcontact,simulated\n1893456000,d00001,10.0,-30.0,200.0,90.0,0.0,SIM00001,false,false,false,1000,10000.0,"
    "10000.0,1893456000.0,1893456000.0,True\n"
)
FEW: Final = "-few"
FEW_OPTIONS: Final = ("--corridor-share", "0.005", "--planted", "2")
"""Sizes such as 20M-few: data in which few aircraft fly near both places of the case, as on a day of the real sky."""
TRAFFIC: Final = ("traffic==2.13", "pandas<3")
HOURLY: Final = "-hourly"
"""Sizes such as 20M-hourly: a file an hour, as OpenSky publishes its states, in place of a file a day."""
ODD: Final = FEW + "-odd"
ODD_OPTIONS: Final = (*FEW_OPTIONS, "--jump-share", "0.005")
"""Sizes such as 20M-few-odd: the same, and one flight in 200 has a position far off."""
OPTIONS: Final = {FEW: FEW_OPTIONS, ODD: ODD_OPTIONS, HOURLY: ("--hourly",)}


def rows_of(size: str) -> str:
    """The number of rows in a size's name: 20M of 20M-few."""
    return size.partition("-")[0]


_DAY: Final = re.compile(r"(\d{4})[-.](\d\d)[-.](\d\d)")


class Workplace:
    """Paths, data on demand, and commands. `flighttrace` is that of the running Python's environment."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.results, self.scratch = self.root / "results", self.root / "scratch"
        for folder in (self.results, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)

    def data(self, size: str, *, kind: str = "states", form: str = "csv.gz") -> list[Path]:
        """The generated files of that size, made now if they are not there."""
        folder = self.root / "data" / f"{kind}_{size}"
        pattern = "v*.tar" if kind == "traces" else f"states_*.{form}"
        found = sorted(folder.glob(pattern))
        if not found:
            rows, _, how = size.partition("-")
            words = [sys.executable, str(HERE / "generate.py"), kind, "--rows", rows, "--out", str(folder)]
            words += ["--form", form] if kind == "states" else []
            subprocess.run([*words, *(OPTIONS[f"-{how}"] if how else ())], check=True)
            found = sorted(folder.glob(pattern))
        return found

    def truth(self, size: str, *, kind: str = "states") -> Path:
        return self.root / "data" / f"{kind}_{size}" / "TRUTH.csv"

    def days(self, files: list[Path]) -> tuple[str, str]:
        """First and last UTC day, from the names."""
        days = sorted("-".join(match.groups()) for f in files if (match := _DAY.search(f.name)))
        return days[0], days[-1]

    def archive(self, size: str) -> Path:
        """Our archive of the CSV.gz files of that size, made now if it is not there."""
        archive = self.root / "archives" / f"states_{size}"
        if not (archive / "archive.json").exists():
            subprocess.run(self.ingest(self.data(size), archive, afresh=False).words, check=True)
        return archive

    def empty_archive(self) -> Path:
        """An archive without a row on any day that is asked for: one position, simulated, of long before."""
        archive, file = self.root / "archives" / "empty", self.scratch / "before.csv"
        if not list(archive.glob("positions/date=*")):
            file.write_text(ONE_STATE, encoding="utf-8")
            command = [*FLIGHTTRACE, "ingest", str(file), "--archive", str(archive)]
            subprocess.run(command, check=True, capture_output=True)
        return archive

    def positions(self, archive: Path) -> list[Path]:
        return sorted(archive.glob("positions/date=*/*.parquet"))

    def ingest(self, files: list[Path], archive: Path, *, afresh: bool = True) -> Command:
        ready = ((("rm", "-rf", str(archive))),) if afresh else ()
        words = (*FLIGHTTRACE, "ingest", *map(str, files), "--archive", str(archive))
        return Command(words, ready=ready, output=self.scratch / "ingest.txt")

    def trace_cost(self, file: Path) -> dict[str, float]:
        """Part of an ingest of traces → its share of the CPU time (`trace_cost.py`)."""
        out = self.scratch / "trace_cost.json"
        words = [sys.executable, str(HERE / "trace_cost.py"), str(file), "--json", str(out)]
        subprocess.run(words, check=True, capture_output=True)
        shares: dict[str, float] = json.loads(out.read_text(encoding="utf-8"))
        return shares

    def query(self, archive: Path, first: str, last: str, *, output: Path | None = None) -> Command:
        words = (*FLIGHTTRACE, "query", "--archive", str(archive), *asked(first, last))
        return Command(words, output=output or self.scratch / "query.csv")

    def first_query(self, files: list[Path], *, output: Path | None = None, one_ended: bool = False) -> Command:
        """The files themselves, with nothing in the cache: hash, check, parse, account, sort, write, and answer.

        one_ended: as the command does by itself with files; else the question that an archive is asked.
        """
        cache = self.scratch / "cache"
        question = asked(*self.days(files))
        words = (*FLIGHTTRACE, "query", *map(str, files), *(question[:-1] if one_ended else question))
        return Command(
            words,
            environment={"FLIGHTTRACE_CACHE": str(cache)},
            ready=(("rm", "-rf", str(cache)),),
            output=output or self.scratch / "first.csv",
        )

    def floor(self, *words: object) -> Command:
        return Command((sys.executable, str(HERE / "floors.py"), *map(str, words)), output=self.scratch / "floor.txt")

    def peer(self, name: str, out: Path, files: list[Path]) -> Command:
        words = (sys.executable, str(HERE / "peers" / f"with_{name}.py"), str(out), *map(str, files))
        return Command(words, output=self.scratch / "peer.txt")

    def traffic(self, out: Path, file: Path, *options: str) -> Command:
        words = (self._traffic_python(), str(HERE / "peers" / "with_traffic.py"), str(out), str(file), *options)
        cache = str(self.root / "traffic" / "cache")
        return Command(tuple(map(str, words)), {"TRAFFIC_CACHE_PATH": cache}, output=self.scratch / "traffic.txt")

    def _traffic_python(self) -> Path:
        """The Python of `traffic`'s own environment, made on first use, its list of airports from ours."""
        folder = self.root / "traffic"
        python, cache = folder / "bin" / "python", folder / "cache"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *TRAFFIC], check=True)
        if not cache.exists():
            airfields = HERE.parent / "flighttrace" / "data" / "airfields" / "airfields.csv.gz"
            fill = [str(python), str(HERE / "peers" / "with_traffic.py"), "--airports", str(cache), str(airfields)]
            subprocess.run(fill, check=True, env={**os.environ, "TRAFFIC_CACHE_PATH": str(cache)})
        return python

    def shown(self, command: Command) -> str:
        """The command as a reader would type it: no path of this machine."""
        text = command.text.replace(f"{sys.executable} -m flighttrace", "flighttrace")
        return text.replace(str(self.root), "DIR").replace(str(HERE), "benchmarks").replace(sys.executable, "python")

    def size_bytes(self, folder: Path) -> int:
        return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())

    def remove(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)


FLIGHTTRACE: Final = (sys.executable, "-m", "flighttrace")


def asked(first: str, last: str) -> tuple[str, ...]:
    """What every query here asks: the first case's routes on those days, both ends; the last word says so."""
    return "--case", CASE, "--from", first, "--to", last, "--csv", "--no-one-ended"
