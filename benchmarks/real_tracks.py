"""How many ends of real flights are named right: TRUTH.csv of a folder of real tracks against `find_flights`.

    python benchmarks/real_tracks.py ../shared/real_tracks

Each file is read by itself (with the flight lists beside it, which name the airframes of some). Prints one line a miss,
then the table by grade, apart for ends that TRUTH's notes call "not in the track". Exit code 1 where a minimum of the
project is not met: 95 flights read, 97 % of the ends in the track named right, no wrong airfield at A or B, and ends
that are not in the track never at A or B, at C only if right.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flighttrace.ingest.read import read_positions
from flighttrace.match.flights import FlightSet, find_flights
from flighttrace.match.model import EndpointEstimate, Flight

LISTS = {
    "trrrj/inst/extdata": ("trrrj/inst/extdata/20170205_flights.csv", "trrrj/inst/extdata/20170206_flights.csv"),
    "trrrj/data-raw": ("trrrj/data-raw/egll-flights-fr24.csv",),
}


@dataclass(frozen=True)
class End:
    """One end of one true flight against ours."""

    row: dict[str, str]
    kind: str
    true: str
    in_track: bool
    ours: EndpointEstimate | None

    @property
    def right(self) -> bool:
        return self.ours is not None and self.ours.airport == self.true

    def line(self) -> str:
        if self.ours is None:
            return f"{self.row['callsign']:9} {self.kind:9} {self.true}: no flight found in {self.row['file']}"
        listed = ", ".join(f"{c.airport or 'UNKNOWN'} {c.probability_flat:.2f}" for c in self.ours.candidates[:3])
        return f"{self.row['callsign']:9} {self.kind:9} {self.true}: grade {self.ours.grade}, {listed}"


def flight_of(row: dict[str, str], found: FlightSet, kind: str) -> Flight | None:
    """The flight that the row's selector means: the first (departure) or last (arrival) of its airframe."""
    value = row["selector"].partition("=")[2]
    chosen = [
        f
        for f in found
        if (f.icao24 or row["icao24"]) == row["icao24"]
        and (not value or value in f.callsigns or value in f.track_key or f.icao24 == row["icao24"])
    ]
    if not chosen:
        return None
    return chosen[0] if kind == "departure" else chosen[-1]


def ends(folder: Path) -> list[End]:
    @lru_cache(maxsize=4)
    def flights(file: str) -> FlightSet:
        lists = next((paths for prefix, paths in LISTS.items() if file.startswith(prefix)), ())
        return find_flights(read_positions([folder / file, *(folder / name for name in lists)]))

    found = []
    with (folder / "TRUTH.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for kind in ("departure", "arrival"):
                true = row[f"{kind}_icao"]
                if true:
                    flight = flight_of(row, flights(row["file"]), kind)
                    ours = None if flight is None else flight.end("departure" if kind == "departure" else "arrival")
                    found.append(End(row, kind, true, f"{kind} not in the track" not in row["note"], ours))
    return found


def main(folder: Path) -> int:
    all_ends = ends(folder)
    rows = {(e.row["file"], e.row["selector"]) for e in all_ends}
    unread = {(e.row["file"], e.row["selector"]) for e in all_ends if e.ours is None}
    seen = [e for e in all_ends if e.in_track]
    hidden = [e for e in all_ends if not e.in_track]
    right = sum(e.right for e in seen)
    wrong_ab = [e for e in all_ends if e.ours and e.ours.grade in "AB" and not e.right]
    hidden_bad = [e for e in hidden if e.ours and (e.ours.grade in "AB" or (e.ours.grade == "C" and not e.right))]
    print("ends in the track that are not named right:")
    for end in seen:
        if not end.right:
            print("  " + end.line())
    print("ends not in the track, graded too well:")
    for end in hidden_bad:
        print("  " + end.line())
    print("\ngrade   in the track: right / wrong / unknown    not in the track: right / wrong / unknown")
    for grade in "ABCD":
        cells = []
        for group in (seen, hidden):
            count = Counter(
                "right" if e.right else "unknown" if e.ours.airport is None else "wrong"
                for e in group
                if e.ours and e.ours.grade == grade
            )
            cells.append(f"{count['right']:5} / {count['wrong']:5} / {count['unknown']:5}")
        print(f"{grade:7} {cells[0]:>40} {cells[1]:>45}")
    print(f"\nflights of TRUTH.csv read: {len(rows) - len(unread)} of {len(rows)}")
    print(f"ends in the track named right: {right} of {len(seen)} ({right / len(seen):.1%})")
    print(f"wrong airfield at A or B: {len(wrong_ab)}; ends not in the track graded too well: {len(hidden_bad)}")
    met = len(rows) - len(unread) >= 95 and right / len(seen) >= 0.97 and not wrong_ab and not hidden_bad
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/real_tracks")))
