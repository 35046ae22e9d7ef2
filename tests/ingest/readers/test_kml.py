"""KML: Flightradar24's two folders, gx:Track, timed placemarks, and hostile XML."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flighttrace.errors import DamagedFileError, InputError
from flighttrace.geodesy import FT_PER_M
from flighttrace.ingest.readers import kml_fr24, kml_gxtrack, kml_placemarks
from flighttrace.ingest.records import Content, Reader, Records
from flighttrace.ingest.table import Rows

Read = Callable[[Reader, Content], Records]
Convert = Callable[[Reader, Content], Rows]
AsText = Callable[[str], Content]

READERS: tuple[Reader, ...] = (kml_fr24, kml_gxtrack, kml_placemarks)
OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
    'xmlns:gx="http://www.google.com/kml/ext/2.2">'
)
SIMULATED = '<ExtendedData><Data name="simulated"><value>true</value></Data></ExtendedData>'


def fix(minute: int, coordinates: str = "35.117700,31.204500,10363.2") -> str:
    return (
        f"<Placemark><name>fix {minute}</name><TimeStamp><when>2022-03-15T10:{minute:02}:00+00:00</when></TimeStamp>"
        "<description><![CDATA[<a href='javascript:x()'>Speed: 450 kt</a><gx:Fake>]]></description>"
        f"<Point><altitudeMode>absolute</altitudeMode><coordinates>{coordinates}</coordinates></Point></Placemark>"
    )


LINE = "<Placemark><LineString><coordinates>35.1,31.2,9 35.2,31.3,9</coordinates></LineString></Placemark>"


def fr24(*fixes: str, lines: int = 2, name: str = "XX123/TST123", extra: str = "") -> str:
    return (
        f"{OPEN}<Document><name>{name}</name>{extra}<Folder><name>Route</name>{''.join(fixes)}</Folder>"
        f"<Folder><name>Trail</name>{LINE * lines}</Folder></Document></kml>"
    )


def gx_track(whens: list[str], coords: list[str], extra: str = "", folder: str = "X-TEST track") -> str:
    return (
        f"{OPEN}<Folder><Folder><name>{folder}</name>{extra}<Placemark><gx:Track ><altitudeMode>absolute</altitudeMode>"
        + "".join(f"<when >{when}</when >" for when in whens)
        + "".join(f"<gx:coord >{coord}</gx:coord >" for coord in coords)
        + "</gx:Track></Placemark></Folder></Folder></kml>"
    )


AIRPORT = "<Placemark><name>LLOV</name><Point><coordinates>34.9,29.9,0</coordinates></Point></Placemark>"
WHENS = ["2022-03-15T10:00:00.130Z", "2022-03-15T10:01:00Z"]
COORDS = ["35.117700 31.204500 10363", "35.2 31.3 10300.5"]


def test_the_route_is_read_once_and_the_trail_counted(rows: Convert, as_text: AsText) -> None:
    content = as_text(fr24(fix(0), fix(1, "35.2,31.3,335.28"), fix(2, "35.3,31.4,0")))
    result = rows(kml_fr24, content)
    assert result.accounting.accepted == result.accounting.records == 3
    assert dict(result.accounting.skipped) == {kml_fr24.TRAIL: 2}
    first = result.frame.iloc[0]
    assert (first["lat_deg"], first["lon_deg"]) == (31.2045, 35.1177)
    assert (first["callsign"], first["flight"]) == ("TST123", "XX123/TST123")
    assert result.frame["icao24"].isna().all()
    assert result.frame["ground_speed_kt"].isna().all()
    assert result.frame["baro_altitude_ft"].round(1).tolist() == [round(10363.2 * FT_PER_M, 1), 1100.0, 0.0]


@pytest.mark.parametrize(("name", "callsign"), [("XX123/", None), ("TST123", None), ("-/TST123", "TST123"), ("", None)])
def test_the_call_sign_is_what_follows_the_slash(read: Read, as_text: AsText, name: str, callsign: str | None) -> None:
    frame = read(kml_fr24, as_text(fr24(fix(0), name=name))).frame
    assert [None if value != value else value for value in frame["callsign"]] == [callsign]


@pytest.mark.parametrize("coordinates", ["", "35.1", "35.1 31.2 9", "1,2,3,4", ",31.2"])
def test_a_fix_without_coordinates_is_refused(rows: Convert, as_text: AsText, coordinates: str) -> None:
    result = rows(kml_fr24, as_text(fr24(fix(0), fix(1, coordinates), fix(2))))
    assert (result.accounting.records, result.accounting.accepted) == (3, 2)
    assert [fault.line for fault in result.quarantined] == [2]


def test_coordinates_that_are_no_numbers_are_quarantined(rows: Convert, as_text: AsText) -> None:
    assert rows(kml_fr24, as_text(fr24(fix(0), fix(1, "35.1,north,0")))).accounting.quarantined_count == 1


def test_a_route_fix_without_a_time_is_quarantined(rows: Convert, as_text: AsText) -> None:
    timeless = fix(1).replace("<TimeStamp>", "<TimeSpan>").replace("</TimeStamp>", "</TimeSpan>")
    accounting = rows(kml_fr24, as_text(fr24(fix(0), timeless))).accounting
    assert (accounting.accepted, accounting.quarantined_count) == (1, 1)


def test_a_track_pairs_times_and_positions(rows: Convert, as_text: AsText) -> None:
    result = rows(kml_gxtrack, as_text(gx_track(WHENS, COORDS, extra=AIRPORT * 2)))
    assert result.frame["time_utc"].astype("int64").tolist() == [1647338400130, 1647338460000]
    assert result.frame[["lat_deg", "lon_deg"]].values.tolist() == [[31.2045, 35.1177], [31.3, 35.2]]
    assert result.frame["flight"].unique().tolist() == ["X-TEST track"]
    assert result.frame["icao24"].isna().all()
    assert list(result.accounting.skipped.values()) == [2]


@pytest.mark.parametrize(("whens", "coords"), [(WHENS, COORDS[:1]), (WHENS[:1], COORDS), ([], COORDS)])
def test_unequal_counts_are_an_error(read: Read, as_text: AsText, whens: list[str], coords: list[str]) -> None:
    with pytest.raises(InputError, match=rf"{len(whens)} times and {len(coords)} positions"):
        read(kml_gxtrack, as_text(gx_track(whens, coords)))


@pytest.mark.parametrize("coord", ["", "35.1", "35.1,31.2,9", "1 2 3 4"])
def test_an_odd_coordinate_is_refused(rows: Convert, as_text: AsText, coord: str) -> None:
    accounting = rows(kml_gxtrack, as_text(gx_track(WHENS, [COORDS[0], coord]))).accounting
    assert (accounting.accepted, accounting.quarantined_count) == (1, 1)


def test_null_island_is_marked_not_dropped(rows: Convert, as_text: AsText) -> None:
    frame = rows(kml_gxtrack, as_text(gx_track(WHENS, ["0 0 0", COORDS[1]]))).frame
    assert frame["rejected_because"].notna().tolist() == [True, False]


def test_a_time_without_a_zone_is_an_error(rows: Convert, as_text: AsText) -> None:
    with pytest.raises(InputError, match="zone"):
        rows(kml_gxtrack, as_text(gx_track(["2022-03-15T10:00:00"], COORDS[:1])))


def test_timed_placemarks_of_an_unknown_export(rows: Convert, as_text: AsText) -> None:
    text = f"{OPEN}<Document><name>export</name>{AIRPORT}{fix(0)}{fix(1)}{LINE}</Document></kml>"
    result = rows(kml_placemarks, as_text(text))
    assert result.accounting.records == 2
    assert list(result.accounting.skipped.values()) == [2]
    assert result.frame["flight"].unique().tolist() == ["export"]


@pytest.mark.parametrize("body", [LINE, AIRPORT, "", f"<Folder><name>Route</name></Folder>{LINE}"])
def test_a_route_without_times_is_not_a_track(read: Read, as_text: AsText, body: str) -> None:
    with pytest.raises(InputError, match="without times"):
        read(kml_placemarks, as_text(f"{OPEN}<Document>{body}</Document></kml>"))


def test_flightradar24_folders_without_fixes_are_not_a_track(read: Read, as_text: AsText) -> None:
    with pytest.raises(InputError, match="without times"):
        read(kml_fr24, as_text(fr24()))


BOMB = '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE kml [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("prolog", [BOMB, OUTSIDE, "<!DOCTYPE kml>", '<!DOCTYPE kml SYSTEM "http://127.0.0.1/x.dtd">'])
def test_entities_and_document_types_are_refused(as_text: AsText, prolog: str) -> None:
    text = fr24(fix(0), name="&xxe;" if "xxe" in prolog else "n/c").replace("<kml", prolog + "<kml", 1)
    with pytest.raises(InputError, match="document type or entities"):
        kml_fr24.read(as_text(text), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.99])
def test_a_cut_file_is_damaged(read: Read, as_text: AsText, keep: float) -> None:
    text = gx_track(WHENS * 20, COORDS * 20)
    with pytest.raises(DamagedFileError) as caught:
        read(kml_gxtrack, as_text(text[: int(len(text) * keep)]))
    assert caught.value.line is not None


def test_broken_xml_has_line_and_column(read: Read, as_text: AsText) -> None:
    with pytest.raises(InputError) as caught:
        read(kml_gxtrack, as_text(gx_track(WHENS, COORDS).replace("</gx:Track>", "</gx:Trail>")))
    assert not isinstance(caught.value, DamagedFileError)
    assert (caught.value.line, type(caught.value.column)) == (2, int)


def test_deep_nesting_costs_no_stack(read: Read, as_text: AsText) -> None:
    deep = "<Folder>" * 50_000 + fix(0) + "</Folder>" * 50_000
    assert len(read(kml_placemarks, as_text(f"{OPEN}{deep}</kml>")).frame) == 1


@pytest.mark.parametrize(
    ("reader", "marked"),
    [
        (kml_fr24, fr24(fix(0), extra=SIMULATED)),
        (kml_gxtrack, gx_track(WHENS, COORDS, extra=SIMULATED)),
        (kml_placemarks, f"{OPEN}<Document>{fix(0).replace('<name>', SIMULATED + '<name>')}</Document></kml>"),
    ],
)
def test_the_mark_of_simulated_kml(rows: Convert, as_text: AsText, reader: Reader, marked: str) -> None:
    assert rows(reader, as_text(marked)).frame["simulated"].all()
    assert not rows(reader, as_text(marked.replace(SIMULATED, ""))).frame["simulated"].any()
    with pytest.raises(InputError, match="simulated"):
        rows(reader, as_text(marked.replace("<value>true", "<value>yes")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (fr24(fix(0)), kml_fr24),
        (gx_track(WHENS, COORDS), kml_gxtrack),
        (f"{OPEN}<Document>{fix(0)}</Document></kml>", kml_placemarks),
        ('<kml:kml xmlns:kml="http://www.opengis.net/kml/2.2"><kml:Document></kml:Document></kml:kml>', kml_placemarks),
        ('<gpx version="1.1"><name>Route</name><name>Trail</name></gpx>', None),
        ("time,<kml >", None),
    ],
)
def test_exactly_one_reader_recognises_each_layout(as_text: AsText, text: str, expected: Reader | None) -> None:
    assert [reader for reader in READERS if reader.recognises(as_text(text))] == ([expected] if expected else [])
