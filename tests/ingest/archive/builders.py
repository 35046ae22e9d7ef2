"""Small inputs for the archive's tests, and trees to compare."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from flighttrace.ingest.archive.intake import Settings
from flighttrace.ingest.archive.manifest import DataFile
from flighttrace.ingest.archive.runs import Report, create, inputs_of, take_in
from flighttrace.ingest.archive.view import open_archive
from flighttrace.ingest.files import find_files

HEADER = (
    "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,"
    "baroaltitude,geoaltitude,lastposupdate,lastcontact"
)
START_S = 1_948_838_400  # 2031-10-04
MARKS = "manifest/begun/"
SAMPLES = Path(__file__).resolve().parents[3] / "sample_tracks" / "tracks"


def states(rows: int = 400, *, aircraft: int = 7, start_s: int = START_S, seed: int = 1) -> str:
    """State vectors of some aircraft that fly straight on, in order of time; a few without a position."""
    chance = random.Random(seed)
    lines = [HEADER]
    for i in range(rows):
        n, step = i % aircraft, i // aircraft
        time = start_s + 10 * step
        lat, lon = 30.0 + n + 0.02 * step, 35.0 + n / 3
        place = "," if chance.random() < 0.02 else f"{lat:.5f},{lon:.5f}"
        height = 3000.0 + 10 * n
        lines.append(
            f"{time},d5b{n:03x},{place},222.0,0.0,0.0,SIM{n:03d}  ,False,False,False,1000,{height},{height + 90},"
            f"{time - 0.5:.3f},{time - 0.2:.3f}"
        )
    return "\n".join(lines) + "\n"


def trace(icao24: str, points: int = 60, *, start_s: int = START_S) -> bytes:
    """A readsb trace of one aircraft."""
    extra = {"flight": f"SIM{icao24[-2:]}  "}
    track = [
        [
            10.0 * i,
            30 + 0.02 * i,
            35.0,
            30000,
            430.0,
            0.0,
            0,
            0,
            None if i % 4 else extra,
            "adsb_icao",
            30400,
            0,
            280,
            0.0,
        ]
        for i in range(points)
    ]
    return orjson.dumps({"icao": icao24, "timestamp": start_s, "simulated": True, "trace": track})


def tar_of(members: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return data.getvalue()


def release(aircraft: int = 12) -> bytes:
    """A day as adsb.lol releases it."""
    names = [f"d5c{n:03x}" for n in range(aircraft)]
    return tar_of({f"traces/{n[-2:]}/trace_full_{n}.json": gzip.compress(trace(n), mtime=0) for n in names})


def ingested(
    root: Path,
    *paths: Path,
    replace: bool = False,
    processes: int = 1,
    settings: Settings | None = None,
    kind: str = "",
) -> Report:
    create(root, kind=kind)
    found = find_files(paths)
    return take_in(root, inputs_of(found.files), settings or Settings(), replace_changed=replace, processes=processes)


def stored_states(folder: Path, rows: int, *, aircraft: int) -> tuple[DataFile, ...]:
    """The positions files of a new archive `a` in the folder, of one file of such states."""
    file = folder / "states.csv"
    file.write_text(states(rows, aircraft=aircraft), encoding="utf-8")
    ingested(folder / "a", file)
    return open_archive(folder / "a").members[0].entry.positions


def tree(root: Path, *, without: Sequence[str] = ("incoming",)) -> dict[str, bytes]:
    """Path below the archive → bytes of every file."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    named = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    return {
        name: data
        for name, data in named.items()
        if name.split("/")[0] not in without and not name.startswith(MARKS)  # a killed run leaves them
    }
