"""Every real file at hand is read, and the counts are those its collection states."""

from __future__ import annotations

from pathlib import Path

import pytest

from flighttrace.ingest import read_positions
from flighttrace.positions import Ingested

REAL_TRACKS = Path(__file__).parents[3] / "shared" / "real_tracks"
pytestmark = pytest.mark.skipif(not REAL_TRACKS.is_dir(), reason="../shared/real_tracks is not there")

REFUSED = {
    "real_tracks/TRUTH.csv": "columns seen: file,selector",  # the truth table, no track
    "real_tracks/sbs_node_sbs1/msgs.txt": "no usable times",
    "real_tracks/traffic_samples/dump1090/sample_dump1090.bin": "binary data",
}
POINTS = {
    ("trrrj/inst/extdata",): 9_750,
    ("trrrj/data-raw",): 12_483,
    ("traffic_samples/fr24",): 3_059,
    ("traffic_samples/featured", "traffic_samples/surveillance", "traffic_samples/tv_relay"): 49_021,
    ("traffic_samples/noisy",): 19_466,
    ("adsb_actions", "traffic_samples/readsb"): 6_430,
    (
        "traffic_samples/calibration",
        "traffic_samples/gliders",
        "traffic_samples/military",
        "traffic_samples/ambulances",
        "traffic_samples/firefighting",
        "traffic_samples/surveys",
        "traffic_samples/onground",
    ): 59_756,
    ("traffic_samples/collections",): 284_505,
    ("traffic_repo_tests/JL516_3376ab31",): 305,
    ("traffic_repo_tests/JL516_Flightradar24",): 12_384,
    ("stiles_pyfr24",): 2 * 5_402,  # each flight in two formats
}
"""Positions, exact duplicates included, as the collection's own page counts them."""


@pytest.fixture(scope="module")
def everything() -> Ingested:
    return read_positions([REAL_TRACKS])


def test_only_what_is_no_track_or_has_no_times_is_refused(everything: Ingested) -> None:
    refused = {error.file: str(error) for error in everything.failures}
    assert set(refused) == set(REFUSED)
    assert all(REFUSED[file] in message for file, message in refused.items())
    assert len(everything.quarantined) == 0


def test_every_record_is_accounted_for(everything: Ingested) -> None:
    assert sum(source.accounting.unaccounted for source in everything.sources) == 0
    assert sum(source.accounting.accepted for source in everything.sources) == len(everything.positions)


@pytest.mark.parametrize("folders", sorted(POINTS))
def test_points_are_as_many_as_stated(folders: tuple[str, ...], everything: Ingested) -> None:
    prefixes = tuple(f"real_tracks/{folder}" for folder in folders)
    accounts = [source.accounting for source in everything.sources if source.file.startswith(prefixes)]
    assert sum(account.accepted + account.exact_duplicates for account in accounts) == POINTS[folders]


def test_archive_files_are_linked_to_their_addresses(everything: Ingested) -> None:
    archive = {s.source_id for s in everything.sources if "inst/extdata" in s.file and "_positions/" in s.file}
    rows = everything.positions[everything.positions["source_id"].isin(archive)]
    assert rows["icao24"].notna().all()
    assert rows["icao24"].nunique() == 45
    assert all(
        everything.identities[key] in ("linked by file name", "linked by flight id") for key in set(rows["track_key"])
    )


def test_one_flight_in_several_formats_is_one_place_in_time(everything: Ingested) -> None:
    names = ("fr24/3376ab31.json", "JL516_3376ab31.csv")
    tables = []
    for name in names:
        (source,) = [s for s in everything.sources if s.file.endswith(name)]
        rows = everything.positions[everything.positions["source_id"] == source.source_id]
        places = rows[["lat_deg", "lon_deg"]].round(4).assign(time_utc=rows["time_utc"])
        tables.append(places.reset_index(drop=True))
    assert tables[0].equals(tables[1])
