"""What is particular to one CSV or SBS format."""

from __future__ import annotations

import pytest

from tests.ingest.track_samples import (
    ADDRESS,
    ARCHIVE_LIST_HEADER,
    FLIGHTLIST_HEADER,
    GRANULAR_HEADER,
    TRAFFIC_HEADER,
    flight,
    fr24_web,
    opensky_flightlist,
    sbs,
    text,
    traffic_csv,
)

FIXES = flight()


def granular(*rows: str) -> bytes:
    return text(GRANULAR_HEADER, *(f"{row},234,450,14,200,A,4,ADS-B,P:8,GPSA:20100," for row in rows))


def test_granular_takes_the_receivers_clock_unless_it_is_wrong(read_files) -> None:
    data = granular(
        f"2031-03-14 12:00:01Z.515,2031-03-14 12:00:00Z.997,0x{ADDRESS},TST123,31.0,41.0,P,20000",
        f"2031-03-14 12:00:31Z.500,1970-01-01 00:00:00Z.000,0x{ADDRESS},TST123,31.1,41.0,P,20000",
        f"2031-03-14 12:01:01Z.500,2031-03-14 12:42:00Z.000,0x{ADDRESS},TST123,31.2,41.0,P,20000",
    )
    positions = read_files({"g.csv": data}).positions
    assert [t.strftime("%H:%M:%S.%f")[:12] for t in positions["time_utc"]] == [
        "12:00:00.997",
        "12:00:31.500",
        "12:01:01.500",
    ]
    assert list(positions["geo_altitude_ft"]) == [20100.0] * 3
    assert list(positions["on_ground"]) == [False] * 3
    assert set(positions["position_source"]) == {"adsb"}


def test_granular_messages_without_a_position(read_files) -> None:
    data = granular(
        f"2031-03-14 12:00:01Z.515,2031-03-14 12:00:00Z.997,0x{ADDRESS},TST123,0,0,N,20000",
        f"2031-03-14 12:00:02Z.515,2031-03-14 12:00:01Z.997,0x{ADDRESS},TST123,31.0,41.0,N,20000",
        f"2031-03-14 12:00:03Z.515,2031-03-14 12:00:02Z.997,0x{ADDRESS},TST123,0,0,P,20000",
    )
    result = read_files({"g.csv": data})
    assert result.sources[0].accounting.without_position == {"message without a position": 1}
    assert list(result.positions["rejected_because"]) == [
        "stale: the source marks the position as old",
        "position 0,0",
    ]


def test_granular_files_end_without_a_line_end(read_files) -> None:
    row = f"2031-03-14 12:00:01Z.515,2031-03-14 12:00:00Z.997,0x{ADDRESS},TST123,31.0,41.0,P,20000"
    result = read_files({"g.csv": granular(row)[:-1]})
    assert not result.quarantined  # the last column is nameless and empty: no value can have been cut
    assert result.sources[0].accounting.flags == ("last line has no line end: the file may be cut",)


def test_web_csv_with_two_clocks_that_differ(read_files) -> None:
    rows = fr24_web(FIXES).decode().splitlines()
    rows[3] = rows[3].replace("T12:01:00Z", "T13:01:00Z")
    result = read_files({"web.csv": text(*rows)})
    assert [(q.line, q.reason) for q in result.quarantined] == [(4, "Timestamp and UTC differ")]


def test_web_csv_of_the_older_layout(read_files) -> None:
    rows = [",".join(row.split(",")[:1] + row.split(",")[2:]) for row in fr24_web(FIXES).decode().splitlines()]
    assert len(read_files({"web.csv": text(*rows)}).positions) == len(FIXES)


def test_archive_list_with_padded_call_signs_and_missing_words(read_files) -> None:
    rows = [
        '207702848,15770033,X-GLID,GLID,"GLIDE1\0\0\0",,,,,',
        "207702849,15770034,XTEST,TEST,TST123,NA,TLV,ATH,NA,NA",
        '207702850,15770035,XTEST,TEST,"BA\0D",NA,TLV,ATH,LCA,NA',
        "207702851,99999999999,XTEST,TEST,TST123,NA,TLV,ATH,LCA,NA",
    ]
    result = read_files({"20310314_flights.csv": text(ARCHIVE_LIST_HEADER, *rows)})
    listed = result.listed_flights
    assert list(listed["callsign"]) == ["GLIDE1", "TST123"]
    assert list(listed["icao24"]) == ["f0a1b1", "f0a1b2"]
    assert listed["listed_departure"].isna().tolist() == [True, False]
    assert list(listed["listed_arrival"].fillna("")) == ["", "ATH"]
    assert [(q.line, q.column) for q in result.quarantined] == [(4, "callsign"), (5, "icao24")]


def test_repeated_rows_of_a_list_are_counted_and_dropped(read_files) -> None:
    row = "207702849,15770034,XTEST,TEST,TST123,NA,TLV,ATH,NA,NA"
    result = read_files({"20310314_flights.csv": text(ARCHIVE_LIST_HEADER, row, row)})
    accounting = result.sources[0].accounting
    assert (accounting.exact_duplicates, accounting.without_position_count) == (1, 1)
    assert len(result.listed_flights) == 1


def test_flight_list_rows_are_flights_of_two_positions(read_files) -> None:
    result = read_files({"list.csv": opensky_flightlist(FIXES[:4])})
    positions, listed = result.positions, result.listed_flights
    assert result.sources[0].accounting.records == 2
    assert positions.groupby("listed_flight").size().tolist() == [2, 2]
    assert set(listed["listed_flight"]) == set(positions["listed_flight"])
    assert list(listed["listed_arrival"]) == ["LCLK", "LCLK"]
    assert listed["first_seen_utc"].iloc[0] == positions["time_utc"].iloc[0]


def test_flight_list_rows_with_one_end_none_or_a_bad_one(read_files) -> None:
    good = opensky_flightlist(FIXES[:2]).decode().splitlines()[1]
    head, ends = good.split(",2031-03-14 00:00:00+00:00,")
    lat1, lon1, alt1, lat2, lon2, alt2 = ends.split(",")
    day = ",2031-03-14 00:00:00+00:00,"
    rows = [
        f"{head}{day},,,{lat2},{lon2},{alt2}",
        f"{head}{day},,,,,",
        f"{head}{day}{lat1},{lon1},{alt1},991,{lon2},{alt2}",
        f"{head.replace('+00:00', '+00:99', 1)}{day}{ends}",
        good,
        good,
    ]
    result = read_files({"list.csv": text(FLIGHTLIST_HEADER, *rows)})
    accounting = result.sources[0].accounting
    assert (accounting.records, accounting.accepted, accounting.exact_duplicates) == (6, 2, 1)
    assert accounting.without_position == {"a listed flight without end positions": 1}
    assert [(q.line, q.column) for q in result.quarantined] == [(4, "lat"), (5, "firstseen")]
    assert len(result.positions) == 3
    assert list(result.listed_flights["source_row"]) == [2, 3, 6]


@pytest.mark.parametrize("ends", [True, False])
def test_flight_lists_without_addresses_or_positions(ends: bool, read_files) -> None:
    table = [row.split(",") for row in opensky_flightlist(FIXES[:2]).decode().splitlines()]
    for row in table:
        row[2:4] = ["aircraft_uid" if row[0] == "callsign" else "uid-7"]
    data = text(*(",".join(row if ends else row[:-6]) for row in table))
    result = read_files({"list.csv": data})
    assert result.listed_flights["icao24"].isna().all()
    if ends:
        assert {key.split("/")[1] for key in result.positions["track_key"]} == {"uid-7"}
    else:
        assert result.sources[0].accounting.without_position == {"a listed flight without end positions": 1}


def message(
    kind: int, second: float, *, callsign: str = "", speed: str = "", where: str = ",", hexa: str = "F0A1B2"
) -> str:
    stamp = f"2031/03/14,12:00:{second:06.3f}"
    track, height = "14" if speed else "", "20000" if where != "," else ""
    return f"MSG,{kind},1,1,{hexa},1,{stamp},{stamp},{callsign},{height},{speed},{track},{where},,1234,0,0,0,"


def test_basestation_joins_what_one_aircraft_sends_apart(read_files) -> None:
    data = text(
        message(1, 0.5, callsign="TST123 "),
        message(3, 10, where="31.0,41.0"),
        message(4, 12, speed="450"),
        message(4, 13, speed="300", hexa="F0A1B3"),
        message(3, 25, where="31.1,41.0"),
        message(3, 40, where="31.2,41.0"),
        "STA,,1,1,F0A1B2,1,2031/03/14,12:00:41.000,2031/03/14,12:00:41.000,RM",
        "AIR,,1,1,F0A1B2,1,2031/03/14,12:00:41.000,2031/03/14,12:00:41.000",
    )
    result = read_files({"log.txt": data}, input_tz="UTC")
    rows = result.positions
    assert list(rows["ground_speed_kt"].fillna(-1)) == [450.0, -1, -1]
    assert list(rows["callsign"].fillna("")) == ["TST123", "TST123", ""]
    accounting = result.sources[0].accounting
    assert accounting.without_position == {
        "AIR message without a position": 1,
        "MSG message without a position": 3,
        "STA message without a position": 1,
    }


def test_basestation_needs_a_zone_and_knows_heights_ground_and_simulation(read_files) -> None:
    line = "MSG,2,SIM,1,F0A1B2,1,2031/03/14,15:00:00.000,,,,20000H,10,14,31.0,41.0,0,1234,0,0,0,-1"
    assert "have no zone" in str(read_files({"log.txt": text(line)}).failures[0])
    rows = read_files({"log.txt": text(line)}, input_tz="Asia/Baghdad").positions
    assert rows["time_utc"].iloc[0].isoformat() == "2031-03-14T12:00:00+00:00"
    assert rows[["geo_altitude_ft", "on_ground", "simulated"]].iloc[0].tolist() == [20000.0, True, True]
    assert rows["baro_altitude_ft"].isna().all()


def test_basestation_lines_that_do_not_fit_are_quarantined(read_files) -> None:
    lines = sbs(FIXES).decode().splitlines()
    lines[3] = lines[3] + ",more"
    lines[5] = "XXX" + lines[5][3:]
    result = read_files({"log.txt": text(*lines)}, input_tz="UTC")
    assert [q.line for q in result.quarantined] == [4, 6]
    assert result.sources[0].accounting.physical_lines == len(lines)


def test_traffic_tables_with_an_index_column_and_listed_airports(read_files) -> None:
    rows = traffic_csv(FIXES).decode().splitlines()
    rows = [f",{rows[0]},origin,destination", *(f"{i},{row},LTFM,ENGM" for i, row in enumerate(rows[1:]))]
    result = read_files({"table.csv": text(*rows)})
    assert len(result.positions) == len(FIXES)
    assert result.listed_flights[["listed_departure", "listed_arrival"]].to_numpy().tolist() == [["LTFM", "ENGM"]]


def test_traffic_tables_in_raw_units_are_refused(read_files) -> None:
    header = TRAFFIC_HEADER.replace("altitude,groundspeed", "baroaltitude,groundspeed")
    data = text(header, *traffic_csv(FIXES).decode().splitlines()[1:])
    assert "baroaltitude" in str(read_files({"table.csv": data}).failures[0])


def test_a_logger_s_leading_number_is_dropped(read_files) -> None:
    plain = sbs(FIXES)
    numbered = b"".join(b"%d,%s\n" % (i, line) for i, line in enumerate(plain.splitlines()))
    first, second = (read_files({"log.txt": data}, input_tz="UTC") for data in (plain, numbered))
    columns = [name for name in first.positions if name != "source_id"]
    assert second.positions[columns].equals(first.positions[columns])
    mixed = numbered.replace(b"\n3,", b"\n", 1)
    (bad,) = read_files({"log.txt": mixed}, input_tz="UTC").quarantined
    assert (bad.line, bad.reason) == (4, "the leading number is missing")


def test_an_sbs_log_cut_before_its_last_digit_loses_its_last_line(read_files) -> None:
    whole = sbs(FIXES)
    for cut in (1, 2, 3):
        result = read_files({"log.txt": whole[:-cut]}, input_tz="UTC")
        assert [q.line for q in result.quarantined] == [len(FIXES)]
        assert len(result.positions) == len(FIXES) - 1
