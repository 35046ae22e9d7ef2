"""The shipped airfields: every field of the case where it is, with its runways and dates."""

from __future__ import annotations

from datetime import date

import pytest

from flighttrace.errors import UsageError
from flighttrace.geodesy import distance_km
from flighttrace.match.places import load_airfields, longest_hard_runway_ft

# position, elevation and number of runways as OurAirports states them (2026); read off the source, not off our file
CASE_FIELDS = [
    ("LLOV", "LLOV", 29.9403, 34.9358, 1492, 2),
    ("LLER", "LLER", 29.7270, 35.0141, 288, 1),
    ("LLEY", "LLEY", 30.6217, 35.2033, -164, 1),
    ("LLYT", "LLYT", 29.9011, 35.0675, 249, 1),
    ("LLRM", "LLRM", 30.7761, 34.6667, 2126, 2),
    ("LLNV", "LLNV", 31.2083, 35.0123, 1330, 4),
    ("LLBG", "LLBG", 32.0114, 34.8867, 135, 3),
    ("OJAQ", "OJAQ", 29.6116, 35.0181, 175, 1),
    ("LLET", "LLET", 29.5599, 34.9596, 42, 1),
    ("UBBB", "UBBB", 40.4675, 50.0467, 10, 2),
    ("UBTT", "UBTT", 40.4949, 49.9771, 36, 0),
    ("UBBG", "UBBG", 40.7389, 46.3201, 1083, 1),
    ("UBEE", "UBEE", 40.6319, 47.1419, 49, 0),
    ("UBBF", "UBBF", 39.5946, 47.1961, 1247, 1),
    ("UBBZ", "UBBZ", 39.1144, 46.7439, 1320, 1),
    ("UBBQ", "UBBQ", 40.8086, 47.7254, 935, 1),
    ("UBBL", "UBBL", 38.7579, 48.8070, 30, 1),
    ("UBBN", "UBBN", 39.1888, 45.4584, 2863, 2),
    ("UB12", "UBBI", 40.5916, 49.5574, -13, 1),
    ("UG11", "UG11", 40.8876, 45.9570, 1099, 1),
    ("UB14", "UB14", 40.2736, 48.1636, -35, 1),
    ("UB18", "UB18", 40.4084, 50.2003, 40, 1),
    ("UB13", "UBBS", 39.9014, 46.7870, 2001, 1),
]


@pytest.mark.parametrize(("asked", "name", "lat", "lon", "elevation", "runways"), CASE_FIELDS)
def test_fields_of_the_case(asked: str, name: str, lat: float, lon: float, elevation: float, runways: int) -> None:
    field = load_airfields().get(asked)
    assert field.airport == name
    assert float(distance_km(field.lat_deg, field.lon_deg, lat, lon)) < 0.1
    assert field.elevation_ft == elevation
    assert len(field.runways) == runways


def test_runway_lengths_and_directions() -> None:
    ovda = load_airfields().get("LLOV")
    assert longest_hard_runway_ft(ovda) == 9843
    headings = sorted(round(end.heading_deg) for runway in ovda.runways for end in runway.ends)
    assert headings == [22, 22, 202, 202]


@pytest.mark.parametrize(
    ("name", "day", "is_open"),
    [
        ("LLER", date(2018, 12, 31), False),
        ("LLER", date(2019, 6, 1), True),
        ("LLET", date(2018, 6, 1), True),
        ("LLET", date(2020, 9, 24), False),
        ("UBBF", date(2020, 9, 24), False),
        ("UBBF", date(2023, 9, 1), True),
        ("UBBZ", date(2021, 12, 31), False),
        ("UBBZ", date(2023, 9, 1), True),
        ("LLOV", date(2016, 4, 4), True),
        ("EDDT", date(2017, 2, 6), True),
        ("EDDT", date(2021, 1, 1), False),
        ("AZ-0012", date(2020, 9, 24), False),
    ],
)
def test_open_on(name: str, day: date, is_open: bool) -> None:
    assert load_airfields().get(name).open_on(day) is is_open


def test_small_and_military_fields_are_there() -> None:
    fields = load_airfields()
    assert len(fields) > 55_000
    near_baku = {f.airport for f in fields.within(40.4675, 50.0467, 50.0)}
    assert {"UBBB", "UBTT", "UBBI", "UB18"} <= near_baku


def test_within_includes_the_edge_and_crosses_the_antimeridian() -> None:
    fields = load_airfields()
    fiji = {f.airport for f in fields.within(-16.69, 179.99, 120.0)}
    assert "NFNM" in fiji, "Matei, Taveuni, at 179.88 W"
    field = fields.get("UBBG")
    away = float(distance_km(39.9014, 46.7870, field.lat_deg, field.lon_deg))
    assert field in fields.within(39.9014, 46.7870, away)
    assert field not in fields.within(39.9014, 46.7870, away - 0.001)


def test_unknown_name() -> None:
    with pytest.raises(UsageError, match="no airfield is called 'XXXX'"):
        load_airfields().get("XXXX")


def test_no_duplicate_rows_and_no_heliports() -> None:
    fields = load_airfields()
    assert len({f.airport for f in fields}) == len(fields)
    assert not [f for f in fields if "(duplicate)" in f.name.lower() or f.kind == "heliport"]
