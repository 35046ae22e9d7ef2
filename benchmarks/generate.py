"""Simulated archives of any size with planted legs: OpenSky's state vectors or adsb.lol's daily tars.

    python benchmarks/generate.py states --rows 20M --out DIR --form csv.gz --form parquet
    python benchmarks/generate.py traces --rows 10M --out DIR --split-mb 200

Writes the files and TRUTH.csv (the planted legs) into DIR and prints one line a file. Same options, same versions of
numpy, polars and isal: same bytes. Memory does not grow with rows, only (a little) with aircraft.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl
from generator.airports import Airports, Array, choose_airports
from generator.fleet import CORRIDOR_SHARE, DAY_S, Fleet, Flights, PlantedLeg
from generator.heard import Rows, blocks, count_rows, land_cells, state_rows
from generator.opensky import WRITERS, Writer, table_of, text_of
from generator.traces import TarWriter, trace_files

FIRST_DAY: Final = "2031-10-06"
"""A Monday, as OpenSky's public sample days are; 2031, like the sample tracks: nothing real can lie on it."""
ROWS_A_DAY: Final = 20_000_000
ROWS_AN_AIRCRAFT: Final = 2_600
"""First guess; the number of aircraft is then set by counting."""
BLOCK_ROWS: Final = 250_000
BLOCK_LENGTHS_S: Final = (3600, 1800, 1200, 600, 300, 120, 60)
TRACE_POINTS_A_STATE_ROW: Final = 0.965
"""Trace files leave out repeated states and aircraft without a position."""
TRUTH_NAME: Final = "TRUTH.csv"


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    rows: int
    days: int
    planted_a_day: int
    seed: int
    start_s: float
    corridor_share: float
    jump_share: float = 0.0


def number(text: str) -> int:
    """20M, 500k or plain digits."""
    scale = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}.get(text[-1].lower(), 1)
    return round(float(text[:-1] if scale > 1 else text) * scale)


def build(order: Order) -> tuple[Fleet, Array]:
    """A fleet as large as the rows need, and the cells of the earth that are heard."""
    airports = choose_airports(order.seed)
    cells = land_cells(airports)
    wanted = order.rows / order.days
    aircraft = max(round(wanted / ROWS_AN_AIRCRAFT), 12)
    for _ in range(3):
        fleet = _fleet(airports, aircraft, order)
        counted = count_rows(fleet.next_day(), cells, order.start_s, order.start_s + DAY_S)
        if abs(counted / wanted - 1) < 0.01:
            break
        aircraft = max(round(aircraft * wanted / counted), 1)
    return _fleet(airports, aircraft, order), cells


def _fleet(airports: Airports, aircraft: int, order: Order) -> Fleet:
    return Fleet(
        airports,
        aircraft,
        start_s=order.start_s,
        days=order.days,
        planted_a_day=order.planted_a_day,
        seed=order.seed,
        corridor_share=order.corridor_share,
    )


def write_states(order: Order, out: Path, forms: list[str], *, hourly: bool) -> Iterator[tuple[str, int]]:
    """Yields (file stem, rows) as files are finished."""
    fleet, cells = build(order)
    per_day = order.rows / order.days
    block_s = next((s for s in BLOCK_LENGTHS_S if per_day * s / DAY_S <= BLOCK_ROWS), BLOCK_LENGTHS_S[-1])
    for day in range(order.days):
        begin = order.start_s + day * DAY_S
        flights = fleet.next_day()
        for start, end in blocks(begin, begin + DAY_S, 3600 if hourly else DAY_S):
            stem = f"states_{datetime.fromtimestamp(start, UTC):{'%Y-%m-%d-%H' if hourly else '%Y-%m-%d'}}"
            writers = [WRITERS[form](out / f"{stem}.{form}") for form in forms]
            parts = (
                (flights, state_rows(flights, cells, a, b, seed=order.seed, jump_share=order.jump_share))
                for a, b in blocks(start, end, block_s)
            )
            yield stem, _write_file(parts, writers, text="csv" in " ".join(forms))
    write_truth(fleet.legs, out)


def _write_file(parts: Iterator[tuple[Flights, Rows]], writers: list[Writer], *, text: bool) -> int:
    """Rows written. One block is flown while the one before is made into text and that before it written."""
    rows = 0
    pending: deque[Future[None]] = deque()

    def made(flights: Flights, block: Rows) -> tuple[pl.DataFrame, bytes]:
        table = table_of(flights, block)
        return table, text_of(table) if text else b""

    def put(block: Future[tuple[pl.DataFrame, bytes]]) -> None:
        for writer in writers:
            writer.write(*block.result())

    with ThreadPoolExecutor(1) as making, ThreadPoolExecutor(1) as putting:
        for flights, block in parts:
            rows += len(block)
            pending.append(putting.submit(put, making.submit(made, flights, block)))
            if len(pending) > 2:
                pending.popleft().result()
        for future in pending:
            future.result()
    for writer in writers:
        writer.close()
    return rows


def write_traces(order: Order, out: Path, *, part_bytes: int | None) -> Iterator[tuple[str, int]]:
    """Yields (file name, points) as tars are finished."""
    fleet, cells = build(order)
    for day in range(order.days):
        begin = order.start_s + day * DAY_S
        path = out / f"v{datetime.fromtimestamp(begin, UTC):%Y.%m.%d}-planes-readsb-prod-0.tar"
        tar, points = TarWriter(path, part_bytes), 0
        for name, data, count in trace_files(fleet.next_day(), cells, begin, begin + DAY_S, seed=order.seed):
            tar.add(name, data)
            points += count
        yield " ".join(part.name for part in tar.close()), points
    write_truth(fleet.legs, out)


def write_truth(legs: list[PlantedLeg], out: Path) -> None:
    """TRUTH.csv: one row a planted leg; -1 feet: heard on the ground as well."""
    with (out / TRUTH_NAME).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for i, leg in enumerate(legs):
            facts = {
                key.removesuffix("_s") + "_utc" if key.endswith("_s") else key: value
                for key, value in asdict(leg).items()
            }
            facts = {k: _iso(v) if k.endswith("_utc") else v for k, v in facts.items()}
            facts |= {"crosses_midnight": int(leg.first_heard_s // DAY_S) != int(leg.last_heard_s // DAY_S)}
            facts |= {"simulated": True}
            if i == 0:
                writer.writerow(facts)
            writer.writerow(facts.values())


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(round(time_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("states", "traces"))
    parser.add_argument("--rows", type=number, required=True, help="about so many rows (points) in all, such as 20M")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--days", type=int, help=f"default: as many as hold {ROWS_A_DAY:,} rows a day")
    parser.add_argument("--form", action="append", choices=sorted(WRITERS), help="states only; default csv.gz")
    parser.add_argument("--hourly", action="store_true", help="states only: a file an hour, as OpenSky publishes them")
    parser.add_argument("--split-mb", type=float, help="traces only: cut the tar into .aa, .ab, … of this size")
    parser.add_argument("--planted", type=int, default=10, help="legs a day")
    parser.add_argument(
        "--corridor-share",
        type=float,
        default=CORRIDOR_SHARE,
        help="of all aircraft, those of the first case's neighbourhood (default %(default)s: far more than fly there)",
    )
    parser.add_argument(
        "--jump-share", type=float, default=0.0, help="states only: of all flights, those with one position far off"
    )
    parser.add_argument("--start", default=FIRST_DAY, metavar="YYYY-MM-DD")
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    days = given.days or max(1, -(-given.rows // ROWS_A_DAY))
    start_s = datetime.fromisoformat(given.start).replace(tzinfo=UTC).timestamp()
    rows = given.rows if given.kind == "states" else round(given.rows / TRACE_POINTS_A_STATE_ROW)
    order = Order(rows, days, given.planted, given.seed, start_s, given.corridor_share, given.jump_share)
    began, total = time.perf_counter(), 0
    if given.kind == "states":
        written = write_states(order, given.out, given.form or ["csv.gz"], hourly=given.hourly)
    else:
        written = write_traces(order, given.out, part_bytes=given.split_mb and int(given.split_mb * 1e6))
    for name, count in written:
        total += count
        print(f"{name}: {count:,} rows", flush=True)
    seconds = time.perf_counter() - began
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    print(f"{total:,} rows, {seconds:.1f} s wall, {cpu:.1f} s CPU, {usage.ru_maxrss / 1024:.0f} MB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
