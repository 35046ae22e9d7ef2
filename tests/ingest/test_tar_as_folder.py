"""A tar is read as its unpacked folder is: same tracks, same identities, same faults, member by member."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from flighttrace.ingest import read_positions
from flighttrace.positions import Ingested
from tests.ingest.test_containers import tar_of
from tests.ingest.track_samples import (
    ADDRESS,
    ARCHIVE_LIST_HEADER,
    Fix,
    flight,
    fr24_archive,
    fr24_archive_list,
    fr24_web,
    mapped,
    opensky_states,
    text,
    traffic_csv,
)

FIXES = flight()
ARCHIVE = Path(__file__).parents[2] / "sample_tracks" / "tracks" / "fr24" / "archive"
COLUMNS = [
    *("track_key", "time_utc", "icao24", "callsign", "lat_deg", "lon_deg", "baro_altitude_ft", "simulated"),
    "source_row",
]


def moved(fixes: list[Fix], seconds: int, north_deg: float) -> list[Fix]:
    """Another aircraft's fixes: as many seconds later, as many degrees north."""
    return [Fix(f.epoch_s + seconds, f.lat_deg + north_deg, f.lon_deg, f.altitude_ft, f.track_deg) for f in fixes]


OTHER = moved(FIXES, 10, 3.0)


def both(members: dict[str, bytes], folder: Path) -> tuple[Ingested, Ingested]:
    """(the members in one tar, the members as files of a folder)"""
    (folder / "unpacked").mkdir()
    for name, data in members.items():
        path = folder / "unpacked" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "packed_20310314.tar").write_bytes(tar_of(members))
    return read_positions([folder / "packed_20310314.tar"]), read_positions([folder / "unpacked"])


def rows(result: Ingested) -> pd.DataFrame:
    return result.positions[COLUMNS].sort_values(COLUMNS, ignore_index=True)


LISTED = text(
    ARCHIVE_LIST_HEADER,
    f"111,{int(ADDRESS, 16)},XTEST,TEST,TST111,,TLV,ATH,NA,NA",
    f"222,{int(ADDRESS, 16) + 1},YTEST,TEST,TST222,,ATH,TLV,NA,NA",
)
NAMELESS = [
    {"p/20310314_111.csv": fr24_archive(FIXES), "p/20310314_222.csv": fr24_archive(OTHER), "l_flights.csv": LISTED},
    {"p/20310314_111.csv": fr24_archive(FIXES), "p/20310314_222.csv": fr24_archive(OTHER)},
    {"a.csv": fr24_archive(FIXES), "b.csv": fr24_archive(OTHER)},
    {"a.csv": fr24_web(FIXES).replace(b"TST123", b""), "b.csv": fr24_web(OTHER).replace(b"TST123", b"")},
    {"a.csv": fr24_web(FIXES), "b.csv": fr24_web(moved(FIXES, 3600, 5.0))},
    {"a.csv": mapped(FIXES, "7"), "b.csv": mapped(OTHER, "7")},
    {
        "a.csv": opensky_states(FIXES).replace(ADDRESS.encode(), b"000000"),
        "b.csv": opensky_states(OTHER).replace(ADDRESS.encode(), b"000000"),
    },
    {"a.csv.gz": gzip.compress(fr24_web(FIXES), mtime=0), "b.csv.gz": gzip.compress(fr24_web(OTHER), mtime=0)},
    {"20310314_111.csv": fr24_archive(FIXES), "flights.csv": LISTED, "x.csv": mapped(OTHER, "333")},
    {"a.csv": fr24_web(FIXES), "again.csv": fr24_web(FIXES), "part.csv": fr24_web(FIXES[:4])},
]


@pytest.mark.parametrize("members", NAMELESS, ids=range(len(NAMELESS)))
def test_members_are_the_tracks_they_are_as_files(members: dict[str, bytes], tmp_path: Path) -> None:
    packed, unpacked = both(members, tmp_path)
    assert not packed.failures
    pd.testing.assert_frame_equal(rows(packed), rows(unpacked))
    assert packed.identities == unpacked.identities
    assert packed.positions["track_key"].nunique() == 2


def test_a_tar_s_own_name_links_none_of_its_members(tmp_path: Path) -> None:
    (tmp_path / "day_299999999.tar").write_bytes(tar_of({"x.csv": fr24_archive(FIXES)}))
    (tmp_path / "list.csv").write_bytes(fr24_archive_list())
    assert read_positions([tmp_path]).positions["icao24"].isna().all()


def test_the_sample_archive_in_a_tar_is_the_sample_archive(tmp_path: Path) -> None:
    members = {str(p.relative_to(ARCHIVE)): p.read_bytes() for p in sorted(ARCHIVE.rglob("*.csv"))}
    assert len(members) == 3
    packed, unpacked = both(members, tmp_path)
    pd.testing.assert_frame_equal(rows(packed), rows(unpacked))
    assert packed.identities == unpacked.identities
    assert set(packed.identities.values()) == {"linked by file name"}
    listed = [name for name in packed.listed_flights if name not in ("source_id", "source_row")]
    assert packed.listed_flights[listed].equals(unpacked.listed_flights[listed])


def in_metres_a_second(fixes: list[Fix]) -> bytes:
    return traffic_csv(fixes).replace(b",450.0,", b",231.5,")


def swapped(fixes: list[Fix]) -> bytes:
    return traffic_csv([Fix(f.epoch_s, f.lon_deg, f.lat_deg, f.altitude_ft, f.track_deg) for f in fixes])


def eastern(fixes: list[Fix]) -> bytes:
    return traffic_csv([Fix(f.epoch_s, f.lat_deg, f.lon_deg + 300, f.altitude_ft, f.track_deg) for f in fixes])


def in_words_of_its_own(fixes: list[Fix]) -> bytes:
    return traffic_csv(fixes).replace(b"2031-03-14 12", b"noon")


@pytest.mark.parametrize("spoil", [in_metres_a_second, swapped, eastern, in_words_of_its_own])
def test_sound_members_do_not_hide_a_bad_one(spoil, tmp_path: Path) -> None:
    good = {f"{i}.csv": traffic_csv(moved(FIXES, 7 * i, i / 2)) for i in range(9)}
    packed, unpacked = both({**good, "bad.csv": spoil(FIXES)}, tmp_path)
    assert [error.file for error in unpacked.failures] == ["unpacked/bad.csv"]
    assert [str(e).split("!", 1)[1] for e in packed.failures] == [str(e).split("/", 1)[1] for e in unpacked.failures]
    pd.testing.assert_frame_equal(rows(packed), rows(unpacked))
