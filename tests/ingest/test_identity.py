"""Whose track it is: addresses, declarations, links, and keys of the file's own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from flighttrace.errors import UsageError
from flighttrace.ingest import read_positions
from flighttrace.ingest.linking import with_signs
from tests.ingest.track_samples import (
    ADDRESS,
    API_HEADER,
    START_S,
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
EGLL_LIST = text(
    "flight_id,start_time,adep,ades,callsign,flight,reg,model,address",
    f"e999999,2031-03-14T11:59:00Z,TLV,LHR,TST123,TS123,XTEST,TEST,{ADDRESS.upper()}",
)


def test_an_archive_file_is_linked_by_its_name_where_a_list_names_it(read_files) -> None:
    result = read_files({"20310314_299999999.csv": fr24_archive(FIXES), "20310314_flights.csv": fr24_archive_list()})
    assert set(result.positions["icao24"]) == set(result.positions["track_key"]) == {ADDRESS}
    assert result.identities == {ADDRESS: "linked by file name"}
    listed = result.listed_flights.iloc[0]
    assert (listed["icao24"], listed["listed_departure"], listed["listed_arrival"]) == (ADDRESS, "TLV", "ATH")


@pytest.mark.parametrize("name", ["20310314_299999999.csv", "20310314_288888888.csv", "renamed.csv"])
def test_an_archive_file_that_no_list_names_stays_nobodys(name: str, read_files) -> None:
    files = {name: fr24_archive(FIXES)}
    if name != "20310314_299999999.csv":
        files["20310314_flights.csv"] = fr24_archive_list()
    result = read_files(files)
    assert result.positions["icao24"].isna().all()
    (key,) = set(result.positions["track_key"])
    assert result.identities == {key: "not in the file"}
    sha8 = next(s.sha256[:8] for s in result.sources if s.file == name)
    assert key == f"#{sha8}/{name.removesuffix('.csv').split('_')[-1] if name[0].isdigit() else ''}"


def test_a_flight_id_column_is_linked_by_flight_id(read_files) -> None:
    result = read_files({"positions.csv": mapped(FIXES), "list.csv": EGLL_LIST})
    assert set(result.positions["track_key"]) == {ADDRESS}
    assert result.identities == {ADDRESS: "linked by flight id"}
    alone = read_files({"positions.csv": mapped(FIXES)})
    assert set(alone.positions["track_key"]) == {f"#{alone.sources[0].sha256[:8]}/e999999"}


def test_links_stay_inside_their_own_kind_of_ids(read_files) -> None:
    rt = text(
        "flight_id,callsign,aircraft_reg,aircraft_type,aircraft_address,adep,ades,period_start,period_finish",
        f"e999999,TST123,NA,NA,0x{ADDRESS},LLBG,EGLL,2031-03-14T11:00:00Z,2031-03-14T14:00:00Z",
    )
    assert read_files({"positions.csv": mapped(FIXES), "rt.csv": rt}).positions["icao24"].isna().all()


def test_lists_that_disagree_link_nothing_and_are_reported(read_files) -> None:
    other = EGLL_LIST.replace(ADDRESS.upper().encode(), b"F0A1B3")
    result = read_files({"positions.csv": mapped(FIXES), "a.csv": EGLL_LIST, "b.csv": other})
    assert result.positions["icao24"].isna().all()
    assert [error.file for error in result.failures] == ["b.csv"]


def test_the_list_gives_the_call_sign_where_positions_have_none(read_files) -> None:
    bare = {"20310314_299999999.csv": fr24_archive(FIXES)}
    assert read_files(bare).positions["callsign"].isna().all()
    result = read_files({**bare, "20310314_flights.csv": fr24_archive_list()})
    assert set(result.positions["callsign"]) == {"TST123"}
    assert not result.positions["simulated"].any()


def test_a_call_sign_of_the_rows_wins_over_the_list_s() -> None:
    frame = pd.DataFrame({"callsign": pd.Series(["OWN1", None, None], dtype="str"), "simulated": [False, False, False]})
    told = with_signs(frame, pd.Series(["LST2", "SIM3", None], dtype="str"))
    assert told["callsign"].fillna("").tolist() == ["OWN1", "SIM3", ""]
    assert told["simulated"].tolist() == [False, True, False]


def test_lists_that_disagree_of_the_call_sign_give_none_and_are_reported(read_files) -> None:
    files = {"20310314_299999999.csv": fr24_archive(FIXES), "a.csv": fr24_archive_list()}
    result = read_files({**files, "b.csv": fr24_archive_list().replace(b"TST123", b"OTH9")})
    assert set(result.positions["icao24"]) == {ADDRESS}
    assert result.positions["callsign"].isna().all()
    assert [error.file for error in result.failures] == ["b.csv"]
    assert "call sign OTH9 here and TST123 elsewhere" in str(result.failures[0])


@pytest.mark.parametrize(
    ("second", "sign", "failures"), [("OTH9", "", 1), ("SIM9", "SIM9", 1), ("NA", "TST123", 0), (" NA ", "TST123", 0)]
)
def test_a_list_that_disagrees_with_itself(second: str, sign: str, failures: int, read_files) -> None:
    row = fr24_archive_list().splitlines()[1]
    twice = fr24_archive_list() + row.replace(b"TST123", second.encode()) + b"\n"
    result = read_files({"20310314_299999999.csv": fr24_archive(FIXES), "20310314_flights.csv": twice})
    assert set(result.positions["callsign"].fillna("")) == {sign}
    assert result.positions["simulated"].all() == sign.startswith("SIM")
    assert len(result.failures) == failures


def test_a_list_s_address_of_nobody_links_nothing(read_files) -> None:
    nobody = fr24_archive_list().replace(str(int(ADDRESS, 16)).encode(), b"0")
    result = read_files({"20310314_299999999.csv": fr24_archive(FIXES), "20310314_flights.csv": nobody})
    assert result.positions["icao24"].isna().all()


def test_a_declared_airframe_takes_no_call_sign_of_a_list(tmp_path: Path) -> None:
    for name, data in (("20310314_299999999.csv", fr24_archive(FIXES)), ("list.csv", fr24_archive_list())):
        (tmp_path / name).write_bytes(data)
    result = read_positions([tmp_path], airframes={str(tmp_path / "20310314_299999999.csv"): "f0a1b2"})
    assert result.positions["callsign"].isna().all()


def test_a_simulated_call_sign_of_a_list_marks_the_track(read_files) -> None:
    files = {"20310314_299999999.csv": fr24_archive(FIXES)}
    result = read_files({**files, "20310314_flights.csv": fr24_archive_list().replace(b"TST123", b"SIM123")})
    assert result.positions["simulated"].all()


def test_a_declared_airframe_is_shown_as_declared(tmp_path: Path) -> None:
    path = tmp_path / "web.csv"
    path.write_bytes(fr24_web(FIXES))
    for name in ("web.csv", str(path)):
        result = read_positions([path], airframes={name: "0xF0A1B2"})
        assert set(result.positions["track_key"]) == {ADDRESS}
        assert result.identities == {ADDRESS: "declared by the user"}
        assert result.sources[0].declared_icao24 == ADDRESS


def test_the_weakest_way_to_know_a_track_is_reported(read_files) -> None:
    files = {"positions.csv": mapped(FIXES), "list.csv": EGLL_LIST, "web.csv": fr24_web(FIXES)}
    for name in ("a_web.csv", "z_web.csv"):
        files[name] = files.pop("web.csv") if "web.csv" in files else files.pop("a_web.csv")
        assert read_files(dict(files), airframes={name: ADDRESS}).identities == {ADDRESS: "declared by the user"}


def test_lists_without_a_common_kind_of_ids_link_nothing(read_files, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "mapping: p\nkind: positions\nheader: [id, t, y, x]\ncolumns: {flight: id, time: t, lat: y, lon: x}\n"
    )
    (tmp_path / "l.yaml").write_text("mapping: l\nkind: flights\nheader: [id, a]\ncolumns: {flight: id, icao24: a}\n")
    files = {"p.csv": text("id,t,y,x", f"7,{FIXES[0].iso},31.0,41.0"), "l.csv": text("id,a", f"7,{ADDRESS}")}
    mappings = [tmp_path / "p.yaml", tmp_path / "l.yaml"]
    assert read_files(files, mappings=mappings).positions["icao24"].isna().all()
    for path in mappings:
        path.write_text(path.read_text() + "flight_ids: ours\n")
    assert set(read_files(files, mappings=mappings).positions["icao24"]) == {ADDRESS}


def test_a_declared_airframe_leaves_addresses_in_the_file_alone(read_files) -> None:
    result = read_files({"states.csv": opensky_states(FIXES)}, airframes={"states.csv": "f0a1b3"})
    assert set(result.positions["icao24"]) == {ADDRESS}
    assert result.identities == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"airframes": {"web.csv": "12345"}}, "six hex digits"),
        ({"airframes": {"other.csv": "f0a1b2"}}, "no such file among the inputs"),
        ({"networks": {"other.csv": "OpenSky"}}, "no such file among the inputs"),
        ({"networks": {"web.csv": " "}}, "name is missing"),
    ],
)
def test_declarations_that_mean_nothing_are_usage_errors(options, message: str, read_files) -> None:
    with pytest.raises(UsageError, match=message):
        read_files({"web.csv": fr24_web(FIXES)}, **options)


def test_networks_follow_the_reader_or_the_user(read_files) -> None:
    result = read_files(
        {"web.csv": fr24_web(FIXES), "table.csv": traffic_csv(FIXES)}, networks={"table.csv": "my receiver"}
    )
    assert [(s.network, s.network_declared) for s in result.sources] == [
        ("my receiver", True),
        ("Flightradar24", False),
    ]


def api(*signs: tuple[float, str], speed_factor: float = 1.0) -> bytes:
    """One aircraft's fixes at START + minutes, with the call sign given there."""
    rows = []
    for minutes, sign in signs:
        lat = 31.0 + minutes * 0.1 * speed_factor
        rows.append(f"{START_S + int(minutes * 60)},{lat:.4f},41.0,20000,360,0,0,1234,{sign},ADSB")
    return text(API_HEADER, *rows)


def test_a_call_sign_that_changes_in_flight_is_one_track(read_files) -> None:
    result = read_files({"data.csv": api((0, ""), (1, "TST1"), (2, "TST1"), (3, "TST2"), (4, ""), (5, "TST2"))})
    (key,) = set(result.positions["track_key"])
    assert key.endswith("/TST1")


def test_aircraft_that_fly_at_the_same_time_stay_apart(read_files) -> None:
    here = api((0, "TST1"), (1, "TST1"), (2, "TST1"), (3, "TST1")).decode()
    there = [row.replace(",41.0,", ",45.0,").replace("TST1", "TST2") for row in here.splitlines()[1:]]
    result = read_files({"data.csv": text(*here.splitlines(), *there)})
    assert {key.split("/")[1] for key in set(result.positions["track_key"])} == {"TST1", "TST2"}


def test_a_pause_with_a_new_call_sign_is_a_new_track(read_files) -> None:
    result = read_files({"data.csv": api((0, "TST1"), (1, "TST1"), (90, "TST2"), (91, "TST2"))})
    assert {key.split("/")[1] for key in set(result.positions["track_key"])} == {"TST1", "TST2"}


def test_the_simulated_mark_covers_the_whole_track_in_every_file(read_files) -> None:
    marked = opensky_states(FIXES[:3]).decode().splitlines()
    marked = [f"{marked[0]},simulated", f"{marked[1]},true", f"{marked[2]},", f"{marked[3]},false"]
    other = opensky_states(FIXES).replace(ADDRESS.encode(), b"f0a1b3")
    result = read_files({"a.csv": text(*marked), "b.csv": opensky_states(FIXES[5:]), "c.csv": other})
    by_track = result.positions.groupby("track_key")["simulated"].agg(["any", "all"])
    assert by_track.loc[ADDRESS].tolist() == [True, True]
    assert by_track.loc["f0a1b3"].tolist() == [False, False]
    assert [source.simulated for source in result.sources] == [True, True, False]
    assert result.simulated


def test_a_call_sign_that_begins_with_sim_marks_the_track(read_files) -> None:
    data = opensky_states(FIXES).replace(b"TST123", b"SIM123", 1)
    assert read_files({"a.csv": data}).positions["simulated"].all()


def test_the_order_of_files_has_no_effect(tmp_path: Path) -> None:
    files = {"20310314_299999999.csv": fr24_archive(FIXES), "20310314_flights.csv": fr24_archive_list()}
    files |= {"web.csv": fr24_web(FIXES), "a.csv": opensky_states(FIXES), "bad.csv": b"x\n"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    names = [tmp_path / name for name in files]
    first, second = read_positions(names), read_positions(names[::-1])
    assert first.positions.equals(second.positions)
    assert first.listed_flights.equals(second.listed_flights)
    assert (first.sources, first.identities, first.quarantined) == (
        second.sources,
        second.identities,
        second.quarantined,
    )
    assert [str(e) for e in first.failures] == [str(e) for e in second.failures]


def test_a_network_cannot_be_declared_over_the_one_that_the_format_names(read_files) -> None:
    for name in ("OpenSky", "my receiver"):
        with pytest.raises(UsageError, match="is of Flightradar24"):
            read_files({"web.csv": fr24_web(FIXES)}, networks={"web.csv": name})
    same = read_files({"web.csv": fr24_web(FIXES)}, networks={"web.csv": "FR 24"})
    assert [s.network for s in same.sources] == ["Flightradar24"]


def test_spellings_of_one_network_are_one_network_and_unknown_is_none(read_files) -> None:
    for word, name in [("fr24", "Flightradar24"), ("Open Sky", "OpenSky"), ("Unknown", "unknown"), ("Me", "Me")]:
        read = read_files({"table.csv": traffic_csv(FIXES)}, networks={"table.csv": word})
        assert [s.network for s in read.sources] == [name]
