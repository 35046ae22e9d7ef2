"""The shipped airfields: every field of the case where it is, with its runways and dates."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from datetime import date
from importlib.resources import files

import numpy as np
import pytest

from flighttrace.errors import UsageError
from flighttrace.geodesy import bearing_deg, distance_km
from flighttrace.match.airfield_columns import pack
from flighttrace.match.model import Airfield, Runway, RunwayEnd
from flighttrace.match.places import Airfields, load_airfields, longest_hard_runway_ft

TABLES = files("flighttrace") / "data" / "airfields"

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


def table(name: str) -> list[dict[str, str]]:
    data = (TABLES / name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))


def test_every_field_is_what_the_tables_say() -> None:
    dates = {row["ident"]: row for row in table("dates.csv")}
    runways: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in table("runways.csv.gz"):
        runways[row["airport_ident"]].append(row)
    rows = table("airfields.csv.gz")
    fields = load_airfields()
    assert [f.airport for f in fields] == [row["airport"] for row in rows]
    for row, f in zip(rows, fields, strict=True):
        assert (f.ident, f.name, f.kind) == (row["ident"], row["name"], row["kind"])
        assert (f.iata, f.country) == (row["iata_code"], row["iso_country"])
        assert (f.lat_deg, f.lon_deg) == (float(row["latitude_deg"]), float(row["longitude_deg"]))
        assert f.elevation_ft == float(row["elevation_ft"])
        assert f.scheduled_service is (row["scheduled_service"] == "yes")
        stated = dates.get(row["ident"], {"opened": "", "closed": "0001-01-01" if row["kind"] == "closed" else ""})
        assert [d.isoformat() if d else "" for d in (f.opened, f.closed)] == [stated["opened"], stated["closed"]]
        assert [one_runway(r) for r in f.runways] == [stated_runway(r) for r in runways[row["ident"]]], f.airport


def one_runway(runway: Runway) -> list[object]:
    ends = [(e.ident, e.lat_deg, e.lon_deg, e.elevation_ft) for e in runway.ends]
    return [runway.length_ft, runway.surface, runway.lighted, ends]


def stated_runway(row: dict[str, str]) -> list[object]:
    ends = [[row[f"{e}_{c}"] for c in ("ident", "latitude_deg", "longitude_deg", "elevation_ft")] for e in ("le", "he")]
    known = all(text for end in ends for text in end[1:3])
    numbers = [(e[0], float(e[1]), float(e[2]), float(e[3]) if e[3] else None) for e in ends] if known else []
    return [float(row["length_ft"] or 0) or None, row["surface"], row["lighted"] == "1", numbers]


def test_directions_of_runways_are_those_between_their_ends() -> None:
    pairs = [runway.ends for field in load_airfields() for runway in field.runways if runway.ends]
    assert len(pairs) > 14_000
    low, high = (np.array([[p[i].lat_deg, p[i].lon_deg, p[i].heading_deg] for p in pairs]).T for i in (0, 1))
    worked_out = bearing_deg(low[0], low[1], high[0], high[1])
    assert np.allclose(low[2], worked_out, rtol=0, atol=1e-9)
    assert np.allclose(high[2], (worked_out + 180.0) % 360.0, rtol=0, atol=1e-9)


def made_up() -> list[Airfield]:
    ends = (RunwayEnd("01", 1.5, 2.25, None, 10.5), RunwayEnd("19", 1.6, 2.3, 12.0, 190.5))
    hard, soft = Runway(5000.0, "ASP", True, ends), Runway(None, "Gras \u00e9", False, ())
    return [
        Airfield(
            "ZZZZ", "ZZ-1", "N\u00e1me", "closed", -1.25, 179.5, -3.0, "", "FJ", False, (soft,), None, date(2020, 2, 2)
        ),
        Airfield(
            "AAAA", "ZZ-0", "", "large_airport", 1.5, 2.25, 7.0, "AAA", "AZ", True, (hard, soft), date(2019, 1, 1)
        ),
        Airfield("MMMM", "MMMM", "M", "small_airport", 0.0, 0.0, 0.0, "", "IL", False),
    ]


def test_columns_give_every_field_back() -> None:
    fields = Airfields(made_up())
    assert list(fields) == sorted(made_up(), key=lambda f: f.airport)
    assert fields.all[1:] == tuple(fields)[1:]
    assert fields.all[-1] is fields.all[2] is fields.get("zz-1") is fields.get("ZZZZ")
    assert "ZZ-0" in fields
    assert [name for name in ("ZZ-2", "", "\u00e9", "AAAA\0", "ZZZZZ") if name in fields] == []
    assert [f.airport for f in fields.in_country("fj")] == ["ZZZZ"]
    one, two = pack(made_up()), pack(made_up()[::-1])
    assert all(np.array_equal(one[name], two[name], equal_nan=one[name].dtype.kind == "f") for name in one)


def test_bulk_columns_say_what_the_objects_say() -> None:
    fields = load_airfields()
    some = np.r_[0 : len(fields) : 97, [i for i, f in enumerate(fields) if f.opened or f.closed]]
    objects = [fields.all[i] for i in some.tolist()]
    assert fields.lat_deg[some].tolist() == [f.lat_deg for f in objects]
    assert fields.elevation_ft[some].tolist() == [f.elevation_ft for f in objects]
    hard = [longest_hard_runway_ft(f) for f in objects]
    assert np.array_equal(fields.longest_hard_runway_ft[some], hard, equal_nan=True)
    longest = [max((r.length_ft or 0.0 for r in f.runways), default=0.0) for f in objects]
    assert fields.longest_runway_ft[some].tolist() == longest
    assert [fields.kinds[k] for k in fields.kind[some]] == [f.kind for f in objects]
    for day in (date(2018, 12, 31), date(2019, 3, 18), date(2020, 11, 8), date(2022, 1, 1), date.min):
        assert fields.open_on(day, some).tolist() == [f.open_on(day) for f in objects]


def test_indexes_near_miss_no_field() -> None:
    fields = load_airfields()
    for lat, lon, radius in ((29.9, 34.9, 300.0), (-16.7, 179.9, 600.0), (89.5, 10.0, 900.0), (-77.0, -180.0, 500.0)):
        near = np.flatnonzero(distance_km(lat, lon, fields.lat_deg, fields.lon_deg) <= radius)
        found = fields.indexes_near(lat, lon, radius)
        assert np.all(np.diff(found) > 0)
        assert set(near.tolist()) <= set(found.tolist())
