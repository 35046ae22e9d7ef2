"""What comes out of an archive is what reading into memory gives: rows, sources, quarantine, failures, identities."""

from __future__ import annotations

import gzip
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flighttrace.ingest.archive import fast_states, fast_traces, feed, intake, json_columns, positions_table, spool
from flighttrace.ingest.archive.cache import view_of_paths
from flighttrace.ingest.archive.rows import Lexicon
from flighttrace.ingest.read import read_positions
from flighttrace.ingest.records import Content
from flighttrace.positions import Ingested
from tests.ingest.archive.builders import SAMPLES, START_S, release, states, tar_of, trace
from tests.ingest.track_samples import flight, fr24_archive, fr24_archive_list

ROOT = SAMPLES.parents[1]
REAL = ROOT.parent / "shared" / "real_tracks"


def from_archive(folder: Path, paths: list[Path], **options: Any) -> Ingested:
    with view_of_paths(paths, root=folder / "cache", **options) as view:
        return view.read()


def assert_same(archive: Ingested, memory: Ingested) -> None:
    pd.testing.assert_frame_equal(archive.positions, memory.positions)
    pd.testing.assert_frame_equal(archive.listed_flights, memory.listed_flights)
    for field in fields(Ingested):
        if field.name in ("failures", "standing"):
            assert [str(e) for e in getattr(archive, field.name)] == [str(e) for e in getattr(memory, field.name)]
        elif field.name not in ("positions", "listed_flights", "spans", "times"):
            assert getattr(archive, field.name) == getattr(memory, field.name), field.name


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that large inputs go through, on small ones."""
    monkeypatch.setattr(feed, "PIECE_BYTES", 4096)
    monkeypatch.setattr(spool, "SPILL_ROWS", 100)
    monkeypatch.setattr(spool, "RANGE_ROWS", 60)
    monkeypatch.setattr(spool, "LARGEST_RANGE_ROWS", 90)
    monkeypatch.setattr(positions_table, "ROW_GROUP_ROWS", 16)
    monkeypatch.setattr(intake, "_BATCH_MEMBERS", 3)
    monkeypatch.setattr(fast_traces, "_COUNTED_AT_ONCE", 7)


def test_all_samples_at_once_and_again(tmp_path: Path) -> None:
    memory = read_positions([SAMPLES])
    assert_same(from_archive(tmp_path, [SAMPLES]), memory)
    assert_same(from_archive(tmp_path, [SAMPLES]), memory)


def test_all_samples_in_small_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PIECE_BYTES", 20_000)
    monkeypatch.setattr(spool, "SPILL_ROWS", 400)
    monkeypatch.setattr(spool, "RANGE_ROWS", 250)
    monkeypatch.setattr(spool, "LARGEST_RANGE_ROWS", 300)
    monkeypatch.setattr(positions_table, "ROW_GROUP_ROWS", 64)
    assert_same(from_archive(tmp_path, [SAMPLES]), read_positions([SAMPLES]))


@pytest.mark.skipif(not REAL.is_dir(), reason="no real tracks beside this checkout")
@pytest.mark.parametrize("folder", ["adsb_actions", "sbs_node_sbs1", "stiles_pyfr24", "trrrj", "traffic_repo_tests"])
def test_real_tracks(folder: str, tmp_path: Path) -> None:
    assert_same(from_archive(tmp_path, [REAL / folder]), read_positions([REAL / folder]))


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_of_many_pieces(end: str, tmp_path: Path) -> None:
    file = tmp_path / "states.csv"
    file.write_bytes(states(1000).replace("\n", end).encode())
    archive = from_archive(tmp_path, [file])
    assert_same(archive, read_positions([file]))
    assert archive.sources[0].accounting.physical_lines == 1001


@pytest.mark.usefixtures("small_pieces")
def test_one_aircraft_with_nearly_all_rows(tmp_path: Path) -> None:
    file = tmp_path / "states.csv"
    file.write_text(states(1000, aircraft=1) + states(50, aircraft=9).partition("\n")[2])
    assert_same(from_archive(tmp_path, [file]), read_positions([file]))


@pytest.mark.usefixtures("small_pieces")
def test_repeats_that_lie_in_different_pieces_count_once(tmp_path: Path) -> None:
    text = states(600)
    file = tmp_path / "states.csv"
    file.write_text(text + text.partition("\n")[2])
    archive = from_archive(tmp_path, [file])
    assert_same(archive, read_positions([file]))
    assert archive.sources[0].accounting.exact_duplicates == archive.sources[0].accounting.accepted


def test_plain_gzip_and_gzip_of_several_members_are_one(tmp_path: Path) -> None:
    text = states().encode()
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text, mtime=0))
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(text[:999], mtime=0) + gzip.compress(text[999:], mtime=0))
    files = [tmp_path / name for name in ("a.csv", "b.csv.gz", "c.csv.gz")]
    archive = from_archive(tmp_path, files)
    assert_same(archive, read_positions(files))
    assert archive.sources[0].other_names == ("b.csv.gz", "c.csv.gz")


@pytest.mark.usefixtures("small_pieces")
def test_a_release_and_its_folder(tmp_path: Path) -> None:
    tar = tmp_path / "v2031.10.04-planes-readsb-prod-0.tar"
    tar.write_bytes(release())
    assert_same(from_archive(tmp_path, [tar]), read_positions([tar]))


def test_declarations_links_and_zones(tmp_path: Path) -> None:
    needs = SAMPLES.parent / "needs_options"
    options: dict[str, Any] = {"airframes": {str(needs / "no_identity.csv"): "d5a1ff"}, "input_tz": "Asia/Baku"}
    options |= {"mappings": [needs / "club_mapping.yaml", needs / "nameless_mapping.yaml"]}
    files = sorted(needs.glob("*.csv")) + sorted(needs.glob("*.txt"))
    assert_same(from_archive(tmp_path, files, **options), read_positions(files, **options))
    options = {"networks": {str(needs / "no_identity.csv"): "my own"}}
    assert_same(from_archive(tmp_path, files, **options), read_positions(files, **options))


@pytest.mark.parametrize("sign", ["TST123", "SIM123", "NA"])
def test_call_signs_of_a_list(sign: str, tmp_path: Path) -> None:
    (tmp_path / "20310314_299999999.csv").write_bytes(fr24_archive(flight()))
    (tmp_path / "20310314_flights.csv").write_bytes(fr24_archive_list().replace(b"TST123", sign.encode()))
    files = sorted(tmp_path.glob("*.csv"))
    archive = from_archive(tmp_path, files)
    assert_same(archive, read_positions(files))
    assert set(archive.positions["callsign"].fillna("")) == {"" if sign == "NA" else sign}
    assert archive.positions["simulated"].all() == (sign == "SIM123")


@pytest.mark.parametrize("second", ["TST123", "OTH9", "SIM9", "NA"])
def test_two_lists_in_one_tar(second: str, tmp_path: Path) -> None:
    held = {"a_flights.csv": fr24_archive_list(), "20310314_299999999.csv": fr24_archive(flight())}
    held["b_flights.csv"] = fr24_archive_list().replace(b"TST123", second.encode())
    (tmp_path / "day.tar").write_bytes(tar_of(held))
    archive, memory = from_archive(tmp_path, [tmp_path / "day.tar"]), read_positions([tmp_path / "day.tar"])
    assert_same(archive, memory)
    assert [str(e) for e in archive.failures] == [str(e) for e in memory.failures]
    assert len(archive.failures) == (second in ("OTH9", "SIM9"))


ODD = (
    """|nan|NaN|null|NA|inf|-inf|1e400|0|-0.0|90|-90|91|180|181|12.5| 7.25 |+3|1_0|0x10|abc|"8"|٣|999999999|1e5|True"""
)
VALUE = st.sampled_from([*ODD.split("|"), "false", "@@@@@@@@", "SIM1", "N A"])
ADDRESSES = "d5b001|D5B002| d5b003|0xd5b004|~d5b005|000000|ffffff||xyz|d5b00"
ADDRESS = st.sampled_from(ADDRESSES.split("|"))


@st.composite
def odd_states(draw: st.DrawFn) -> str:
    """State vectors in which some cells, lines and line ends are odd."""
    lines = states(draw(st.integers(0, 30)), seed=3).splitlines()
    for _ in range(draw(st.integers(0, 6))):
        if len(lines) < 2:
            break
        at = draw(st.integers(1, len(lines) - 1))
        cells = lines[at].split(",")
        where = draw(st.integers(0, len(cells) - 1))
        cells[where] = draw(ADDRESS if where == 1 else VALUE)
        lines[at] = ",".join(cells)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(1, len(lines)))
        lines.insert(at, draw(st.sampled_from(["", "  ", "a,b", lines[-1] + ",x", lines[-1], "x" * 60_000])))
    return "\n".join(lines) + draw(st.sampled_from(["\n", "\n", ""]))


@pytest.mark.parametrize("mark", ["inf", "-inf", "nan", "1e400", "-1e400", ""])
def test_a_mark_of_time_that_is_no_number_makes_nothing_stale(mark: str, tmp_path: Path) -> None:
    head, *rows = states(4, seed=3).splitlines()
    rows = [",".join([*row.split(",")[:-2], mark, mark]) for row in rows]
    (tmp_path / "states.csv").write_text("\n".join([head, *rows]) + "\n")
    archive = from_archive(tmp_path, [tmp_path / "states.csv"])
    assert_same(archive, read_positions([tmp_path / "states.csv"]))
    assert archive.positions["rejected_because"].isna().all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=odd_states())
def test_odd_state_vectors(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("odd")
    file = folder / "states.csv"
    file.write_text(text)
    assert_same(from_archive(folder, [file]), read_positions([file]))


POINT_VALUE = st.sampled_from([None, 0, 1, -1.5, "ground", "7", True, 200.0, [], {}])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 14), POINT_VALUE), max_size=4), short=st.booleans()
)
def test_odd_traces(changes: list[tuple[int, int, Any]], short: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    document = orjson.loads(trace("d5c001", 20))
    for at, where, value in changes:
        point = document["trace"][at]
        point[where:] = [value] if where == len(point) else [value, *point[where + 1 :]]
    if short:
        document["trace"] = [point[:9] for point in document["trace"]]
    folder = tmp_path_factory.mktemp("odd")
    tar = folder / "day.tar"
    tar.write_bytes(tar_of({"traces/01/trace_full_d5c001.json": orjson.dumps(document)}))
    assert_same(from_archive(folder, [tar]), read_positions([tar]))


_POINT = b'[%d.03,51.1332%02d,20.310336,35000,409.5,153.4,3,0,%s,"adsb_icao",35625,0,254,-0.7]'
_DETAIL = b'{"type":"adsb_icao","flight":"SIM0007 ","nav_modes":["autopilot"],"alt_geom":35625}'
NO_JSON = {
    "a zero in front": (b",35000,", b",035000,"),
    "no digit before the point": (b",409.5,", b",.5,"),
    "no digit after the point": (b",409.5,", b",409.,"),
    "nan": (b",409.5,", b",nan,"),
    "infinity": (b",409.5,", b",inf,"),
    "a sign in front": (b",409.5,", b",+409.5,"),
    "hexadecimal": (b",3,0,", b",0x3,0,"),
    "two signs": (b",409.5,", b",--409.5,"),
    "nothing": (b",409.5,", b",,"),
    "a word without quotes": (b'"adsb_icao",', b"adsb_icao,"),
    "a brace alone": (b",null,", b",{,"),
    "a break in a number": (b",35000,", b",35\n000,"),
    "a break instead of a comma": (b",409.5,", b",409.5\n"),
    "a bracket too few": (
        b"],",
        b",",
    ),
    "a control character": (b",null,", b",\x01,"),
    "a control character in a word": (b'"adsb_icao",', b'"adsb\x01icao",'),
    "what stands for ground": (b",35000,", b",infinity,"),
    "ground below": (b",35000,", b',-"ground",'),
    "ground within a word": (
        b',35000,409.5,153.4,3,0,null,"adsb_icao",',
        b',infinity,409.5,153.4,3,0,null,""ground"",',
    ),
    "a blank that is none of JSON's": (b'"trace":[', b'"trace":\x0b['),
    "another within": (b'"trace":[', b'"trace":[\x0c'),
    "a colon first in a text, and deep": (_DETAIL, b'{"a":":","n":%s}' % (b"[" * 1000 + b"]" * 1000)),
    "details too deep": (_DETAIL, b'{"a":%s}' % (b"[" * 1021 + b"]" * 1021)),
    "a key twice before the points": (b'"r":"SIM",', b'"r" :"SIM","r":"SIM",'),
    "points elsewhere": (b'"trace":', b'"year" :{"trace":'),
    "a digit before null": (b",null,", b",5null,"),
    "a digit after null": (b",null,", b",null5,"),
    "a sign before null": (b",null,", b",-null,"),
    "null twice": (b",null,", b",nullnull,"),
    "a digit before a word": (b',"adsb_icao",', b',5"adsb_icao",'),
    "a digit after a word": (b'"adsb_icao",', b'"adsb_icao"5,'),
    "a digit before details": (b",3,0,{", b",3,0,5{"),
    "a digit after details": (b'},"adsb_icao"', b'}5,"adsb_icao"'),
    "a word between words": (b'"adsb_icao",', b'"adsb_icao"adsb_icao"adsb_icao",'),
    "a word out of turn": (b'"adsb_icao",', b'"mlat"adsb_icao"mlat",'),
    "two words": (b'"adsb_icao",', b'"adsb_icao""adsb_icao",'),
    "a bracket too many": (b"],", b"]],"),
    "no comma between points": (b"],\n[", b"]\n["),
    "another break between points": (b"],\n[", b"]\n,["),
}
ODD_JSON = {
    "blanks": (b",409.5,", b", 409.5 ,"),
    "a break": (b",409.5,", b",\n409.5,"),
    "a return": (b"],", b"],\r\n"),
    "an exponent": (b",409.5,", b",4.095e2,"),
    "a large number": (b",409.5,", b",409500000000000000000000,"),
    "minus zero": (b",409.5,", b",-0,"),
    "a truth": (b",409.5,", b",true,"),
    "a word for a number": (b",409.5,", b',"ground",'),
    "no number can be so large": (b",35000,", b",1e999,"),
    "a colon in a text": (b'"flight":"', b'"flight":":'),
    "a bracket in a word": (b'"adsb_icao",', b'"adsb[icao",'),
    "an escaped word": (b'"adsb_icao",', b'"adsb\\u005ficao",'),
    "a number for a word": (b'"adsb_icao",', b"7,"),
    "a word with a comma": (b'"adsb_icao",', b'"adsb,icao",'),
    "a key twice": (b'"flight":', b'"flight":"X","flight":'),
    "an object in an object": (b'"flight":', b'"more":{"a":1},"flight":'),
    "a brace in a text": (b'"flight":"', b'"flight":"{'),
    "a closing brace in a text": (b'"flight":"', b'"flight":"}'),
    "an object elsewhere": (b",409.5,", b',{"a":1},'),
    "what stands for null": (b",409.5,", b",1E9,"),
    "the same written out": (b",409.5,", b",1000000000,"),
    "and with an exponent": (b",409.5,", b",1e9,"),
    "what stands for details": (b",3,0,null,", b",3,0,2E9,"),
    "what stands for a word": (b'"adsb_icao",', b"3E9,"),
    "a word with what marks a stand-in": (b'"adsb_icao",', b'"ADSE",'),
    "256 values more": (b",409.5,", b",409.5" + b",1" * 256 + b","),
    "a value more": (b",409.5,", b",409.5,1,"),
    "a value fewer": (b",409.5,", b","),
    "a list in the list": (b",409.5,", b",[409.5],"),
    "a point outside": (b"],\n[", b"],1,\n["),
    "an empty point": (b"],\n[", b"],[],\n["),
    "points in pairs": (b"],\n[", b"]],[["),
    "flags as a decimal": (b",3,0,", b",3.0,0,"),
    "half a flag": (b",3,0,", b",3.5,0,"),
    "flags without end": (b",3,0,", b",9007199254740993,0,"),
    "no flags": (b",3,0,", b",null,0,"),
    "no time": (b"[60.03,", b"[null,"),
    "no height": (b",35000,", b",null,"),
    "on the ground": (b",35000,", b',"ground",'),
    "no source": (b'"adsb_icao",', b"null,"),
    "another source": (b'"adsb_icao",', b'"tisb_other",'),
    "ground for a source": (b'"adsb_icao",', b'"ground",'),
    "details for a source": (b'"adsb_icao",', b"{},"),
    "a source for details": (b",3,0,null,", b',3,0,"adsb_icao",'),
    "a call sign that is a list": (b'"flight":"SIM0007 "', b'"flight":["SIM0007 "]'),
    "a call sign that is a number": (b'"flight":"SIM0007 "', b'"flight":7'),
    "no call sign": (b'"flight":"SIM0007 ",', b""),
    "keys that differ in a digit": (b'"alt_geom":', b'"a1":1,"a2":2,"alt_geom":'),
    "no details in the braces": (_DETAIL, b"{}"),
    "no text but UTF-8": (b'"SIM0007 "', '"SIM0007é"'.encode()),
    "no UTF-8": (b'"SIM0007 "', b'"SIM0007\xe9"'),
    "no UTF-8 in a source": (b'"adsb_icao",', b'"adsb_\xe9",'),
}


PLAIN_TRACE = (
    b'{"icao":"d5c001","r":"SIM","timestamp":%d.000,"trace":[' % START_S
    + b",\n".join(_POINT % (60 * i, i, _DETAIL if i % 4 == 1 else b"null") for i in range(12))
    + b"]}\n"
)


@pytest.mark.parametrize(("name", "all_of_it"), [(n, a) for n in {**NO_JSON, **ODD_JSON} for a in (False, True)])
def test_traces_that_are_odd_or_no_json(name: str, all_of_it: bool, tmp_path: Path) -> None:
    plain = PLAIN_TRACE
    old, new = {**NO_JSON, **ODD_JSON}[name]
    assert old in plain
    odd = plain.replace(old, new) if all_of_it else plain.replace(old, new, 1)
    assert odd != plain
    if name in NO_JSON:
        assert fast_traces.read_trace(Content("t", odd), Lexicon(), 0) is None
    tar = tmp_path / "day.tar"
    tar.write_bytes(tar_of({"traces/01/trace_full_d5c001.json": odd, "traces/02/trace_full_d5c002.json": plain}))
    assert_same(from_archive(tmp_path, [tar]), read_positions([tar]))


@pytest.mark.parametrize("at_once", range(1, 12))
def test_what_stands_in_is_counted_in_pieces_of_any_length(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_traces, "_COUNTED_AT_ONCE", at_once)
    assert fast_traces.read_trace(Content("t", PLAIN_TRACE), Lexicon(), 0) is not None
    for old, new in NO_JSON.values():
        odd = PLAIN_TRACE.replace(old, new, 1)
        assert fast_traces.read_trace(Content("t", odd), Lexicon(), 0) is None


@pytest.mark.parametrize("inside", [b"[" * 10**6, b"{" * 10**6, b"{}" * 10**6, b"[" + b"{}," * 10**6 + b"{}]", b"[],"])
def test_more_braces_and_brackets_than_points_can_have_are_refused_at_once(
    inside: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_reached(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(fast_traces, "numbers_of", not_reached)
    monkeypatch.setattr(fast_traces, "values_of", not_reached)
    document = b'{"icao":"d5c001","timestamp":%d,"trace":[%s]}' % (START_S, inside)
    assert fast_traces.read_trace(Content("t", document), Lexicon(), 0) is None


def json_reader(monkeypatch: pytest.MonkeyPatch, *, with_simdjson: bool) -> None:
    if not with_simdjson:
        monkeypatch.setattr(json_columns, "simdjson", None)
    elif json_columns.simdjson is None:
        pytest.skip("simdjson is not installed: it has no wheel for this Python")


@pytest.mark.parametrize("name", [*NO_JSON, *ODD_JSON])
def test_odd_traces_are_the_same_to_both_json_readers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = {**NO_JSON, **ODD_JSON}[name]
    for count in (1, -1):
        odd = PLAIN_TRACE.replace(old, new, count)
        json_reader(monkeypatch, with_simdjson=True)
        one = fast_traces.read_trace(Content("t", odd), Lexicon(), 0)
        json_reader(monkeypatch, with_simdjson=False)
        other = fast_traces.read_trace(Content("t", odd), Lexicon(), 0)
        monkeypatch.undo()
        if name == "keys that differ in a digit":
            assert one is None
        else:
            assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one[0].tobytes() == other[0].tobytes()
            assert one[1] == other[1]


@pytest.mark.parametrize("with_simdjson", [True, False])
def test_the_columnar_paths_are_taken_where_nothing_is_odd(
    with_simdjson: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    json_reader(monkeypatch, with_simdjson=with_simdjson)
    header, _, body = states(200).partition("\n")
    made = fast_states.read_states((header + "\n").encode(), body.encode(), Lexicon())
    assert made is not None
    assert made[1].records == 200
    assert fast_traces.read_trace(Content("t", trace("d5c001")), Lexicon(), 0) is not None
    assert fast_traces.read_trace(Content("t", PLAIN_TRACE), Lexicon(), 0) is not None
    for rolls in (PLAIN_TRACE.replace(b"-0.7", b"null"), PLAIN_TRACE.replace(b"-0.7", b"null", 3)):
        assert fast_traces.read_trace(Content("t", rolls), Lexicon(), 0) is not None
    assert fast_traces.read_trace(Content("t", b'{"icao":"d5c001","timestamp":1,"trace":[ ]}'), Lexicon(), 0) is None
    for point in (b"[0,1,2,3,4,5,0,7,null]", b"[0,1,2,3,4,5,0,7,{}]", b"[0,1,2,3,4,5,0,7,{}],[0,1,2,3,4,5,0,7,{}]"):
        least = b'{"icao":"d5c001","timestamp":%d,"trace":[%s]}' % (START_S, point)
        assert fast_traces.read_trace(Content("t", least), Lexicon(), 0) is not None
    short = PLAIN_TRACE.replace(b',"adsb_icao",35625,0,254,-0.7]', b"]")
    for details in (short, short.replace(b"3,0,null]", b"3,0,%s]" % _DETAIL)):
        assert fast_traces.read_trace(Content("t", details), Lexicon(), 0) is not None
    assert START_S * 1000 in made[0]["time_ms"]
