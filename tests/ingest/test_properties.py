"""Whatever happens to the bytes: an error, or every record accounted for. Never a quiet half."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flighttrace.errors import shown
from flighttrace.ingest import read_positions
from flighttrace.ingest.readers import READERS
from flighttrace.positions import Ingested
from tests.ingest.track_samples import ADDRESS, OPENSKY_HEADER, WRITERS, flight, opensky_row, text

FIXES = flight(10)
SAMPLES = {reader.NAME: WRITERS[reader.NAME](FIXES) for reader in READERS}
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
COLUMNS = ["time_utc", "icao24", "lat_deg", "lon_deg", "baro_altitude_ft", "ground_speed_kt", "callsign"]


def read(data: bytes) -> Ingested:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample"
        path.write_bytes(data)
        return read_positions([path], input_tz="UTC")


def check_whole(result: Ingested) -> None:
    """One error of one printable line, or one source without an unaccounted record."""
    assert len(result.failures) + len(result.sources) == 1
    for error in result.failures:
        assert str(error) == shown(error, 10_000)
    for source in result.sources:
        source.accounting.check(source.file)
        assert source.accounting.unaccounted == 0
        assert source.accounting.quarantined_count == len(result.quarantined)


@pytest.mark.parametrize("name", sorted(SAMPLES))
@QUICK
@given(data=st.data())
def test_cut_anywhere(name: str, data: st.DataObject) -> None:
    sample = SAMPLES[name]
    cut = data.draw(st.integers(0, len(sample) - 1))
    result = read(sample[:cut])
    check_whole(result)
    if result.sources:  # only what has lines can be cut and still be read
        assert len(result.positions) < len(FIXES) or cut == len(sample) - 1 or not sample[cut:].strip()


@pytest.mark.parametrize("name", sorted(SAMPLES))
@QUICK
@given(data=st.data())
def test_any_byte_flipped(name: str, data: st.DataObject) -> None:
    sample = SAMPLES[name]
    at = data.draw(st.integers(0, len(sample) - 1))
    flip = data.draw(st.integers(1, 255))
    check_whole(read(sample[:at] + bytes([sample[at] ^ flip]) + sample[at + 1 :]))


@pytest.mark.parametrize("name", sorted(SAMPLES))
@QUICK
@given(data=st.data())
def test_bytes_put_in_anywhere(name: str, data: st.DataObject) -> None:
    sample = SAMPLES[name]
    at = data.draw(st.integers(0, len(sample)))
    more = data.draw(st.sampled_from([b"\n", b",", b'"', b"\r", b"\0", b"NaN", b"}", b"<", b"\xc3", b"-", b" "]))
    check_whole(read(sample[:at] + more + sample[at:]))


ROWS = [opensky_row(fix) for fix in FIXES]


@QUICK
@given(order=st.permutations(range(10)), again=st.lists(st.integers(0, 9), max_size=10))
def test_shuffled_and_repeated_rows_give_the_same_positions(order: list[int], again: list[int]) -> None:
    plain = read(text(OPENSKY_HEADER, *ROWS))
    mixed = read(text(OPENSKY_HEADER, *(ROWS[i] for i in [*order, *again])))
    assert mixed.sources[0].accounting.exact_duplicates == len(again)
    pd.testing.assert_frame_equal(mixed.positions[COLUMNS], plain.positions[COLUMNS])


FIELD = st.one_of(
    st.sampled_from(
        ["", "NaN", "null", "inf", "-inf", "1e400", "0", "-0.0", "91", "1931256000", "True", "ground", '"']
    ),
    st.text(alphabet=st.characters(exclude_characters=",\n\r\0", exclude_categories=("Cs",)), max_size=8),
    st.floats(allow_nan=True).map(repr),
)


@settings(max_examples=60, deadline=None)
@given(spoiled=st.dictionaries(st.integers(0, 9), st.dictionaries(st.integers(0, 15), FIELD, min_size=1), min_size=1))
def test_spoiled_rows_touch_no_other_row(spoiled: dict[int, dict[int, str]]) -> None:
    rows = []
    for i, row in enumerate(ROWS):
        fields = row.split(",")
        for at, value in spoiled.get(i, {}).items():
            fields[at] = value
        rows.append(",".join(fields))
    result = read(text(OPENSKY_HEADER, *rows))
    check_whole(result)
    if result.sources:
        good = {i + 2 for i in range(10) if i not in spoiled}
        kept = result.positions[result.positions["source_row"].isin(good)]
        plain = read(text(OPENSKY_HEADER, *ROWS)).positions
        expected = plain[plain["source_row"].isin(good)]
        pd.testing.assert_frame_equal(
            kept[kept["icao24"] == ADDRESS][COLUMNS].reset_index(drop=True), expected[COLUMNS].reset_index(drop=True)
        )
