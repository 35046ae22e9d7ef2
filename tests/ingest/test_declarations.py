"""What the user declares of a file: one thing a content, and only where it has an effect."""

from __future__ import annotations

import pytest

from flighttrace.errors import UsageError
from flighttrace.ingest.read import WITHOUT_EFFECT
from tests.ingest.track_samples import ADDRESS, flight, fr24_web, traffic_csv

FIXES = flight()
WEB, TABLE = fr24_web(FIXES), traffic_csv(FIXES)


def test_copies_of_one_content_cannot_be_two_aircraft(read_files) -> None:
    with pytest.raises(UsageError, match=r"a.csv=f0a1b2, b.csv=f0a1b3"):
        read_files({"a.csv": WEB, "b.csv": WEB}, airframes={"a.csv": ADDRESS, "b.csv": "f0a1b3"})
    same = read_files({"a.csv": WEB, "b.csv": WEB}, airframes={"a.csv": ADDRESS, "b.csv": f"0x{ADDRESS.upper()}"})
    assert same.sources[0].declared_icao24 == ADDRESS


def test_copies_of_one_content_cannot_be_of_two_networks(read_files) -> None:
    with pytest.raises(UsageError, match="--network"):
        read_files({"a.csv": TABLE, "b.csv": TABLE}, networks={"a.csv": "OpenSky", "b.csv": "adsb.lol"})
    same = read_files({"a.csv": TABLE, "b.csv": TABLE}, networks={"a.csv": "OpenSky", "b.csv": "open sky"})
    assert same.sources[0].network == "OpenSky"


def test_an_airframe_declared_where_every_row_has_an_address_is_said_to_have_no_effect(read_files) -> None:
    result = read_files({"a.csv": TABLE}, airframes={"a.csv": "f0a1b3"})
    (source,) = result.sources
    assert source.declared_icao24 is None
    assert source.accounting.flags == (WITHOUT_EFFECT,)
    assert set(result.positions["icao24"]) == {ADDRESS}
    assert result.identities == {}
