"""A question to an archive is answered as from the same files, also by what presence does not tell of: positions that
were rejected at reading, and flight lists' words of other days."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from flighttrace.ingest.archive import manifest, store
from flighttrace.ingest.archive.view import open_archive
from flighttrace.match.places import load_airfields
from tests.ingest.archive.builders import HEADER, START_S, ingested

DAY_S = 86_400
LIST_HEADER = (
    "callsign,number,icao24,registration,typecode,origin,destination,firstseen,lastseen,day,latitude_1,longitude_1,"
    "altitude_1,latitude_2,longitude_2,altitude_2"
)


def row(time: float, icao24: str, lat: float, lon: float, sign: str, height_m: float = 9000.0) -> str:
    ground = height_m < 1.0
    speed = 5.0 if ground else 230.0
    return (
        f"{time:.0f},{icao24},{lat:.5f},{lon:.5f},{speed},30.0,0.0,{sign},{ground},False,False,1000,{height_m:.0f},"
        f"{height_m:.0f},{time - 0.5:.1f},{time - 0.2:.1f}"
    )


def leg(icao24: str = "d5b801", sign: str = "TST12") -> list[str]:
    """From runway to runway, LLOV to UBBB, at six on the first day."""
    here, there = (load_airfields().get(name) for name in ("LLOV", "UBBB"))
    rows = []
    for share in np.linspace(0.0, 1.0, 301):
        lat = here.lat_deg + share * (there.lat_deg - here.lat_deg)
        lon = here.lon_deg + share * (there.lon_deg - here.lon_deg)
        height = min(10_000.0, 90_000.0 * share, 90_000.0 * (1 - share))
        rows.append(row(START_S + 6 * 3600 + share * 11_000, icao24, lat, lon, sign, height))
    return rows


def at_nought(day: int, sign: str, icao24: str = "d5b801") -> list[str]:
    """Positions of 0, 0 at five on that day, which are rejected at reading, and another aircraft's beside them."""
    times = [START_S + day * DAY_S + 5 * 3600 + 10 * i for i in range(50)]
    beside = [row(t, "d5b999", 40 + 0.02 * i, 30.0, "TST99") for i, t in enumerate(times)]
    return [row(t, icao24, 0.0, 0.0, sign) for t in times] + beside


def ran(*words: str) -> str:
    """What the command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "flighttrace", *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(tmp_path: Path, files: dict[str, list[str]], *options: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The leg as told from the files, and from an archive of them."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, rows in files.items():
        head = LIST_HEADER if name.startswith("flightlist") else HEADER
        (folder / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    ran("ingest", str(folder), "--archive", str(tmp_path / "a"))
    told = []
    for where in ([str(folder), "--no-cache"], ["--archive", str(tmp_path / "a")]):
        words = ["query", *where, "--origin", "LLOV", "--destination", "UBBB", "--no-one-ended", "--json", *options]
        (found,) = json.loads(ran(*words))["legs"]
        told.append(found)
    return told[0], told[1]


def test_a_mark_on_rejected_positions_of_another_day_counts(tmp_path: Path) -> None:
    by_files, by_archive = answers(tmp_path, {"one.csv": leg(), "three.csv": at_nought(2, "SIM12")})
    assert by_files["simulated"]
    assert by_archive == by_files


def test_rejected_positions_of_another_day_are_counted_with_their_call_sign(tmp_path: Path) -> None:
    by_files, by_archive = answers(tmp_path, {"one.csv": leg(), "two.csv": at_nought(1, "OTH9")})
    assert by_files["rejected_count"] >= 50
    assert "OTH9" in by_files["callsigns"]
    assert by_archive == by_files


def test_a_list_that_was_heard_on_another_day_still_speaks(tmp_path: Path) -> None:
    def told(sign: str, origin: str, destination: str, day: int, last: str) -> str:
        begins, ends = (f"{datetime.fromtimestamp(t, UTC):%Y-%m-%d %H:%M:%S+00:00}" for t in times_of(day))
        return f"{sign},,d5b801,,,{origin},{destination},{begins},{ends},{begins[:10]} 00:00:00+00:00,{last}"

    def times_of(day: int) -> tuple[int, int]:
        begins = START_S + day * DAY_S + 6 * 3600
        return begins, begins + 11_000

    listed = [told("TST12", "LLOV", "UBBB", 0, ",,,,,"), told("TST77", "LSZH", "LSGG", 20, "47.4,8.5,900,46.2,6.1,900")]
    day = f"{datetime.fromtimestamp(START_S, UTC):%Y-%m-%d}"
    files = {"one.csv": leg(), "flightlist_20311001_20311031.csv": listed}
    by_files, by_archive = answers(tmp_path, files, "--from", day, "--to", day)
    assert [(ends["departure"], ends["arrival"]) for ends in by_files["listed"]] == [("LLOV", "UBBB")]
    assert by_archive == by_files


def test_a_file_names_the_keys_that_it_has_rejected_positions_of_alone(tmp_path: Path, monkeypatch: Any) -> None:
    for most, named in ((500, ("d5b801",)), (0, None)):
        monkeypatch.setattr(store, "MOST_NAMED", most)
        file, root = tmp_path / f"states_{most}.csv", tmp_path / f"a{most}"
        file.write_text("\n".join([HEADER, *at_nought(0, "TST1"), *leg("d5b802")]) + "\n", encoding="utf-8")
        ingested(root, file)
        (entry,) = manifest.entries(root)
        assert [f.only_rejected for f in entry.positions] == [named]
        view = open_archive(root)
        never = {key: [(0.0, 1.0)] for key in ("d5b801", "d5b802", "d5b999")}
        held = set(view.read(list(never), heard=never).positions["track_key"])
        assert held == ({"d5b801"} if named else set(never))
