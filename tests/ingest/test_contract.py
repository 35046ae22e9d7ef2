"""What every reader has to keep, whatever its format."""

from __future__ import annotations

import numpy as np
import pytest

from flighttrace.ingest.readers import READERS
from flighttrace.ingest.records import Content, Reader
from flighttrace.positions import POSITION_DTYPES
from tests.ingest.track_samples import ADDRESS, LINE_FORMATS, LISTS, WRITERS, Fix, flight

FIXES = flight()
POSITION_READERS = [reader for reader in READERS if reader.NAME not in LISTS]


def name_of(reader: Reader) -> str:
    return reader.NAME


def test_names_are_unique_and_every_reader_has_a_sample() -> None:
    assert len({reader.NAME for reader in READERS}) == len(READERS)
    assert {reader.NAME for reader in READERS} == set(WRITERS)
    assert all(reader.DESCRIPTION and reader.NETWORK for reader in READERS)


@pytest.mark.parametrize("reader", READERS, ids=name_of)
def test_exactly_one_reader_recognises_each_sample(reader: Reader) -> None:
    content = Content("sample", WRITERS[reader.NAME](FIXES))
    assert [other.NAME for other in READERS if other.recognises(content)] == [reader.NAME]


@pytest.mark.parametrize("reader", READERS, ids=name_of)
@pytest.mark.parametrize("data", [b"", b"\0\xff\xfe", b"{", b"[", b"<kml", b"PAR1", b"a,b\n1,2\n", b"\xef\xbb\xbf\n\n"])
def test_recognising_never_raises(reader: Reader, data: bytes) -> None:
    assert reader.recognises(Content("odd", data)) in (True, False)


@pytest.mark.parametrize("reader", POSITION_READERS, ids=name_of)
def test_reads_the_flight_in_canonical_units(reader: Reader, read_files) -> None:
    result = read_files({"sample": WRITERS[reader.NAME](FIXES)}, input_tz="UTC")
    assert not result.failures
    (source,) = result.sources
    assert source.reader.split(" ")[0] == reader.NAME
    assert source.accounting.unaccounted == 0
    assert dict(result.positions.dtypes.astype(str)) == POSITION_DTYPES
    rows = result.positions.sort_values("time_utc")
    assert len(rows) == len(FIXES)
    np.testing.assert_allclose(rows["lat_deg"], [f.lat_deg for f in FIXES], atol=1e-7)
    np.testing.assert_allclose(rows["lon_deg"], [f.lon_deg for f in FIXES], atol=1e-7)
    seconds = rows["time_utc"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64) / 1000
    np.testing.assert_allclose(seconds, [f.epoch_s for f in FIXES], atol=0.11)  # granular: receiver's fraction
    altitude = rows["baro_altitude_ft"].fillna(rows["geo_altitude_ft"])
    np.testing.assert_allclose(altitude, [f.altitude_ft for f in FIXES], atol=0.01)
    if rows["ground_speed_kt"].notna().any():
        np.testing.assert_allclose(rows["ground_speed_kt"], 450.0, atol=0.01)
    assert not rows["simulated"].any()
    assert rows["rejected_because"].isna().all()
    assert set(rows["icao24"].dropna()) <= {ADDRESS}
    assert rows["track_key"].str.startswith("#").eq(rows["icao24"].isna()).all()


@pytest.mark.parametrize("reader", POSITION_READERS, ids=name_of)
def test_a_spoiled_record_is_quarantined_with_its_line(reader: Reader, read_files) -> None:
    wrong = [
        Fix(f.epoch_s, 991.25 if i == 2 else f.lat_deg, f.lon_deg, f.altitude_ft, 14.0) for i, f in enumerate(FIXES)
    ]
    result = read_files({"sample": WRITERS[reader.NAME](wrong)}, input_tz="UTC")
    assert not result.failures
    (bad,) = result.quarantined
    if reader.NAME == "opensky-flightlist-csv":
        expected, kept = 3, len(FIXES) - 2  # two ends a line
    elif reader.NAME == "sbs-basestation":
        expected, kept = 3, len(FIXES) - 1
    else:
        expected, kept = 4 if reader.NAME in LINE_FORMATS else 3, len(FIXES) - 1
    assert (bad.line, bad.column, bad.value) == (expected, "lat", "991.25")
    assert len(result.positions) == kept
    assert result.sources[0].accounting.unaccounted == 0


@pytest.mark.parametrize("reader", POSITION_READERS, ids=name_of)
def test_repeated_records_are_counted_and_dropped(reader: Reader, read_files) -> None:
    once = read_files({"once": WRITERS[reader.NAME](FIXES)}, input_tz="UTC")
    repeated = FIXES[:2] + FIXES
    twice = read_files({"twice": WRITERS[reader.NAME](repeated)}, input_tz="UTC")
    accounting = twice.sources[0].accounting
    assert accounting.exact_duplicates == (1 if reader.NAME == "opensky-flightlist-csv" else 2)
    columns = ["time_utc", "lat_deg", "lon_deg", "baro_altitude_ft", "geo_altitude_ft", "icao24"]
    assert twice.positions[columns].equals(once.positions[columns])


@pytest.mark.parametrize("reader", [r for r in POSITION_READERS if r.NAME != "readsb-trace-json"], ids=name_of)
def test_order_of_records_does_not_matter(reader: Reader, read_files) -> None:
    shuffled = [FIXES[i] for i in (3, 2, 9, 8, 1, 0, 13, 12, 5, 4, 7, 6, 11, 10)]
    if reader.NAME == "opensky-flightlist-csv":
        shuffled = [FIXES[i] for i in (2, 3, 8, 9, 0, 1, 12, 13, 4, 5, 6, 7, 10, 11)]
    columns = ["time_utc", "lat_deg", "lon_deg", "icao24", "callsign"]
    straight = read_files({"a": WRITERS[reader.NAME](FIXES)}, input_tz="UTC")
    mixed = read_files({"b": WRITERS[reader.NAME](shuffled)}, input_tz="UTC")
    assert len(mixed.positions) == len(FIXES)
    assert mixed.positions[columns].equals(straight.positions[columns])


def test_lists_are_listed_and_hold_no_position(read_files) -> None:
    result = read_files({"list": WRITERS["opensky-flights-json"](FIXES)})
    assert len(result.positions) == 0
    assert len(result.listed_flights) == len(FIXES)
    assert result.sources[0].accounting.unaccounted == 0
