"""Mapping files: any CSV by description, errors to the line."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from flighttrace.errors import InputError
from flighttrace.ingest import read_positions
from flighttrace.ingest.mapping import EXAMPLE, load_mapping, parse_mapping, shipped_mappings
from tests.ingest.track_samples import ADDRESS, flight, mapped, text, traffic_csv

FIXES = flight()
SIMPLE = """\
mapping: mine
kind: positions
header: [when, where_lat, where_lon, hex]
columns:
  time: when
  lat: where_lat
  lon: where_lon
  icao24: hex
"""


def given(tmp_path: Path, mapping: str, data: bytes) -> tuple[Path, Path]:
    (tmp_path / "mine.yaml").write_text(mapping)
    (tmp_path / "mine.csv").write_bytes(data)
    return tmp_path / "mine.csv", tmp_path / "mine.yaml"


def rows(*, address: str = ADDRESS) -> bytes:
    return text("when,where_lat,where_lon,hex", *(f"{f.iso},{f.lat_deg},{f.lon_deg},{address}" for f in FIXES))


def test_a_mapping_reads_an_unknown_layout(tmp_path: Path) -> None:
    path, mapping = given(tmp_path, SIMPLE, rows())
    assert read_positions([path]).failures
    result = read_positions([path], mappings=[mapping])
    assert len(result.positions) == len(FIXES)
    assert result.sources[0].reader == "mapped-csv (mine)"
    assert result.sources[0].network == "unknown"


def test_decimal_addresses(tmp_path: Path) -> None:
    path, mapping = given(tmp_path, SIMPLE + "address_base: 10\n", rows(address=str(int(ADDRESS, 16))))
    assert set(read_positions([path], mappings=[mapping]).positions["icao24"]) == {ADDRESS}
    path, mapping = given(tmp_path, SIMPLE + "address_base: 10\n", rows(address="16777216"))
    assert len(read_positions([path], mappings=[mapping]).quarantined) == len(FIXES)


def test_the_shipped_example_works_as_it_stands(tmp_path: Path) -> None:
    example = resources.files("flighttrace.ingest").joinpath("mappings", EXAMPLE).read_text("utf-8")
    comma = [f"{f.lat_deg};{f.lon_deg};{f.altitude_ft * 0.3048:.3f};833,4;14".replace(".", ",") for f in FIXES]
    lines = [f"{ADDRESS};TST123;14.03.2031;13:{f.iso[14:19]};{row}" for f, row in zip(FIXES, comma, strict=True)]
    header = "Hex;Flight;Day;Clock;Latitude;Longitude;Height_m;Speed_kmh;Course"
    path, mapping = given(tmp_path, example, text("# a remark", header, *lines))
    result = read_positions([path], mappings=[mapping])
    assert not result.failures
    first = result.positions.iloc[0]
    assert first["time_utc"].isoformat() == "2031-03-14T12:00:00+00:00"  # Paris, winter
    assert first["ground_speed_kt"] == pytest.approx(450, abs=0.01)
    assert first["geo_altitude_ft"] == pytest.approx(20_000, abs=0.01)
    assert result.sources[0].accounting.blank_or_comment_lines == 1


def test_a_users_mapping_wins_over_a_built_in_reader(tmp_path: Path) -> None:
    header = traffic_csv(FIXES).decode().splitlines()[0]
    mapping = f"mapping: metric\nkind: positions\nheader: [{header}]\nunits: {{altitude: m}}\n"
    mapping += "columns: {time: timestamp, lat: latitude, lon: longitude, baro_altitude: altitude}\n"
    data = traffic_csv(FIXES)
    for f in FIXES:
        data = data.replace(f",{f.altitude_ft},".encode(), f",{f.altitude_ft * 0.3048:.2f},".encode())
    path, file = given(tmp_path, mapping, data)
    result = read_positions([path], mappings=[file])
    assert result.sources[0].reader == "mapped-csv (metric)"
    assert result.positions["baro_altitude_ft"].iloc[0] == pytest.approx(20_000)


def test_shipped_mappings_hold_and_the_simulated_column_is_always_allowed(read_files) -> None:
    assert [m.mapping for m in shipped_mappings()] == ["egll-flights-fr24", "egll-flights-rt", "egll-positions-fr24"]
    lines = mapped(FIXES).decode().splitlines()
    marked = text(f"{lines[0]},simulated", *(f"{line},true" for line in lines[1:]))
    assert read_files({"egll.csv": marked}).positions["simulated"].all()


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (SIMPLE.replace("kind: positions", "kind: tracks"), "mine.yaml:2: kind:"),
        (SIMPLE.replace("  lat: where_lat\n", ""), "lat missing"),
        (SIMPLE.replace("icao24: hex", "icao24: hexcode"), "hexcode is not in the header"),
        (SIMPLE.replace("icao24: hex", "icoa24: hex"), "icoa24 is not one of"),
        (SIMPLE + "unit: {altitude: m}\n", "mine.yaml:9: unit:"),
        (SIMPLE + "units:\n  altitude: yards\n", "mine.yaml:10: units.altitude:"),
        (SIMPLE + "time_zone: Mars/Base\n", "Mars/Base"),
        (SIMPLE + "address_base: '16'\n", "mine.yaml:9: address_base:"),
        (SIMPLE + "mapping: again\n", "mine.yaml:9: is not YAML"),
        ("[1, 2", "is not YAML"),
        ("just text", "is not a mapping file"),
        (SIMPLE.replace("[when, where_lat", "[1234, where_lat"), "mine.yaml:3: header.0:"),
    ],
)
def test_a_mapping_that_does_not_hold_names_file_and_line(mapping: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_mapping(mapping.encode(), "mine.yaml")
    assert message in str(caught.value)


def test_yaml_tags_run_nothing() -> None:
    with pytest.raises(InputError):
        parse_mapping(b'!!python/object/apply:os.system ["true"]', "mine.yaml")


def test_a_mapping_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_mapping(tmp_path / "nowhere.yaml")
