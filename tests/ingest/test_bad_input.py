"""The bad inputs that a user will sooner or later hold: refused or accounted for, never half read in silence."""

from __future__ import annotations

import gzip

import pytest

from flighttrace.errors import InputError, UnknownFormatError, UsageError
from flighttrace.ingest.readers import sbs_basestation
from tests.ingest.track_samples import (
    ADDRESS,
    API_HEADER,
    OPENSKY_HEADER,
    TRAFFIC_HEADER,
    Fix,
    flight,
    fr24_api,
    fr24_web,
    opensky_row,
    opensky_states,
    sbs,
    text,
    traffic_csv,
)

FIXES = flight()
ROWS = opensky_states(FIXES).decode().splitlines()


def states(*rows: str) -> bytes:
    return text(OPENSKY_HEADER, *rows)


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n \n", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_an_error(data: bytes, read_files) -> None:
    (error,) = read_files({"empty.csv": data}).failures
    assert "the file is empty" in str(error)


def test_header_only_is_no_error_and_says_so(read_files) -> None:
    result = read_files({"header.csv": text(OPENSKY_HEADER)})
    (source,) = result.sources
    assert not result.failures
    assert (source.accounting.records, source.accounting.header_lines) == (0, 1)
    assert source.accounting.flags == ("header only: the file holds no records",)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (bytes(range(256)) * 4, "binary data that begins 00 01"),
        (b"\x1a\x32\x00\x00\x15\xa8" * 20, "binary data"),
        (b"<!DOCTYPE html><html><body>rate limit</body></html>", "a web page"),
        (b'{"rows": [1, 2], "kind": "x"}', "JSON with the keys rows, kind"),
        (b'[{"a": 1}]', "a JSON list of 1 with the keys a"),
        (b'{"rows": [1, 2', "cut or damaged"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"ts,lat,lon,alt,spd,hdg,vspd\n1,2,3,4,5,6,7\n", "columns seen: ts,lat,lon,alt,spd,hdg,vspd"),
        (b"\x1b]0;x\x07,evil\n1,2\n", "\\x1b]0;x\\x07,evil"),
    ],
)
def test_an_unknown_format_says_what_was_seen_and_what_is_accepted(data: bytes, seen: str, read_files) -> None:
    (error,) = read_files({"odd.bin": data}).failures
    assert isinstance(error, UnknownFormatError)
    message = str(error)
    assert seen in message
    assert "accepted: OpenSky CSV/JSON/Parquet" in message
    assert len(message) < 400
    assert "--mapping" in message
    assert message.isprintable()


def test_no_header_line_is_never_eaten_as_one(read_files) -> None:
    (error,) = read_files({"states.csv": text(*ROWS[1:])}).failures
    assert isinstance(error, UnknownFormatError)


@pytest.mark.parametrize("change", [lambda row: row + ",extra", lambda row: row.rsplit(",", 3)[0]])
def test_a_wrong_column_count_is_quarantined_with_both_counts(change, read_files) -> None:
    rows = [*ROWS[1:5], change(ROWS[5]), *ROWS[6:]]
    result = read_files({"states.csv": states(*rows)})
    (bad,) = result.quarantined
    assert (bad.file, bad.line) == ("states.csv", 6)
    assert "expected 16, found" in bad.reason
    assert len(result.positions) == len(FIXES) - 1


def test_a_stray_quote_swallows_nothing(read_files) -> None:
    rows = fr24_web(FIXES).decode().splitlines()
    rows[4] = rows[4].replace('"', "", 1)
    rows[7] = rows[7].replace("TST123", '"TST123')
    result = read_files({"web.csv": text(*rows)})
    assert [q.line for q in result.quarantined] == [5, 8]
    assert len(result.positions) == len(FIXES) - 2
    assert result.sources[0].accounting.unaccounted == 0


def test_two_stray_quotes_do_not_swallow_the_lines_between(read_files) -> None:
    rows = traffic_csv(FIXES).decode().splitlines()
    rows[2] = rows[2].replace("TST123", '"TST123')
    rows[4] = rows[4].replace("TST123", 'TST123"')
    result = read_files({"table.csv": text(*rows)})
    assert [q.line for q in result.quarantined] == [3]
    assert list(result.positions["source_row"]) == [2, *range(4, 16)]


def test_quotes_mean_nothing_where_the_format_has_none(read_files) -> None:
    rows = [ROWS[1].replace("TST123  ", '"TST123 '), *ROWS[2:]]
    result = read_files({"states.csv": states(*rows)})
    assert len(result.positions) == len(FIXES)
    assert result.positions["callsign"].iloc[0] == '"TST123'


def test_a_line_break_inside_quotes_is_one_record_of_two_lines(read_files) -> None:
    rows = traffic_csv(FIXES).decode().splitlines()
    rows[2] = rows[2].replace("TST123", '"TST\n123"')  # neither half could be a record
    result = read_files({"table.csv": text(*rows)})
    accounting = result.sources[0].accounting
    assert (accounting.records, accounting.record_lines, accounting.unaccounted) == (14, 15, 0)
    assert list(result.positions["source_row"]) == [2, 3, *range(5, 17)]


@pytest.mark.parametrize("end", ["\r\n", "\r", "mixed"])
def test_line_ends_and_byte_order_marks_mean_nothing(end: str, read_files) -> None:
    lines = opensky_states(FIXES).decode().splitlines()
    joined = "".join(line + (("\n", "\r\n", "\r")[i % 3] if end == "mixed" else end) for i, line in enumerate(lines))
    plain = read_files({"plain.csv": opensky_states(FIXES)})
    other = read_files({"other.csv": b"\xef\xbb\xbf" + joined.encode()})
    columns = ["time_utc", "icao24", "lat_deg", "source_row"]
    assert other.positions[columns].equals(plain.positions[columns])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: d.replace(b"TST123", b"TST\xff23", 1), "2: is not UTF-8 text (byte 0xff)"),
        (lambda d: d.replace(b"TST123", b"TST\x0023", 1), "2: holds a NUL byte"),
        (lambda d: d.decode().encode("utf-16"), "UTF-16"),
        (lambda d: d + b"x" * 200_000 + b"\n", "16: a line of 200000 characters"),
    ],
)
def test_what_is_no_text_is_an_error_with_its_line(damage, message: str, read_files) -> None:
    (error,) = read_files({"states.csv": damage(opensky_states(FIXES))}).failures
    assert message in str(error)


def test_a_column_twice_is_an_error(read_files) -> None:
    header = OPENSKY_HEADER.replace("velocity", "lat")
    (error,) = read_files({"states.csv": text(header, *ROWS[1:])}).failures
    assert "column lat appears twice" in str(error)


def test_columns_may_come_in_any_order_and_more_of_them(read_files) -> None:
    names = OPENSKY_HEADER.split(",")
    order = [*reversed(range(16))]
    rows = [",".join([row.split(",")[i] for i in order] + ["1930000000"]) for row in ROWS[1:]]
    header = ",".join([names[i] for i in order] + ["hour"])
    plain, turned = read_files({"a.csv": states(*ROWS[1:])}), read_files({"b.csv": text(header, *rows)})
    columns = [name for name in plain.positions if name not in ("source_id",)]
    assert turned.positions[columns].equals(plain.positions[columns])


@pytest.mark.parametrize("cut", [5, 1])
def test_a_last_line_without_an_end_is_quarantined_and_flagged(cut: int, read_files) -> None:
    result = read_files({"states.csv": opensky_states(FIXES)[:-cut]})
    (bad,) = result.quarantined
    assert (bad.line, bad.reason) == (15, "last line has no line end: the file may be cut")
    assert result.sources[0].accounting.flags == ("last line has no line end: the file may be cut",)
    assert len(result.positions) == len(FIXES) - 1


@pytest.mark.parametrize("address", ["4e1234", "001234", "600865", "6008e4", "000123", "400123", "3e8000"])
def test_addresses_are_text_from_the_first_byte(address: str, read_files) -> None:
    rows = [opensky_row(f, address) for f in FIXES]
    result = read_files({"states.csv": states(*rows)})
    assert set(result.positions["icao24"]) == {address}
    assert set(result.positions["track_key"]) == {address}


@pytest.mark.parametrize("written", ["F0A1B2", " f0a1b2 ", "0xF0A1B2", "0Xf0a1b2"])
def test_addresses_are_trimmed_and_lower_case(written: str, read_files) -> None:
    result = read_files({"states.csv": states(*(opensky_row(f, written) for f in FIXES))})
    assert set(result.positions["icao24"]) == {"f0a1b2"}


@pytest.mark.parametrize("address", ["12345", "1234567", "12345g", "", "nan", "f0a1b2.0", "~f0a1b"])
def test_what_is_no_address_is_quarantined(address: str, read_files) -> None:
    rows = [opensky_row(FIXES[0], address), *ROWS[2:]]
    result = read_files({"states.csv": states(*rows)})
    (bad,) = result.quarantined
    assert (bad.line, bad.column, bad.value) == (2, "icao24", address)


@pytest.mark.parametrize("address", ["000000", "FFFFFF", "000001"])
def test_addresses_that_many_share_are_kept_and_identify_nobody(address: str, read_files) -> None:
    result = read_files({"states.csv": states(*(opensky_row(f, address) for f in FIXES))})
    sha8 = result.sources[0].sha256[:8]
    assert set(result.positions["icao24"]) == {address.lower()}
    assert set(result.positions["track_key"]) == {f"#{sha8}/TST123"}
    assert result.identities == {f"#{sha8}/TST123": "not in the file"}


def test_addresses_with_a_tilde_are_a_namespace_of_their_own(read_files) -> None:
    result = read_files({"states.csv": states(*(opensky_row(f, "~F0A1B2") for f in FIXES), *ROWS[1:])})
    assert set(result.positions["track_key"]) == {"~f0a1b2", "f0a1b2"}
    assert len(result.positions) == 2 * len(FIXES)


@pytest.mark.parametrize(
    ("written", "read"),
    [("NA", "NA"), ("NULL", "NULL"), ("nan", "nan"), ("  TST ", "TST"), ("@@@@@@@@", None), ("", None), ("   ", None)],
)
def test_call_signs(written: str, read: str | None, read_files) -> None:
    result = read_files({"states.csv": states(*(opensky_row(f, callsign=written) for f in FIXES))})
    assert set(result.positions["callsign"].astype(object).where(lambda s: s.notna(), None)) == {read}


def test_naive_times_are_an_error_without_a_zone(read_files) -> None:
    naive = traffic_csv(FIXES).replace(b"+00:00", b"")
    (error,) = read_files({"table.csv": naive}).failures
    assert str(error).startswith("table.csv:2:time: times have no zone")
    assert "--input-tz" in str(error)
    result = read_files({"table.csv": naive}, input_tz="Asia/Jerusalem")
    assert result.positions["time_utc"].iloc[0].isoformat() == "2031-03-14T10:00:00+00:00"


def test_mixed_times_are_an_error_with_the_line(read_files) -> None:
    rows = traffic_csv(FIXES).decode().splitlines()
    rows[5] = rows[5].replace("+00:00", "")
    (error,) = read_files({"table.csv": text(*rows)}, input_tz="UTC").failures
    assert (error.line, "mixed" in str(error)) == (6, True)


@pytest.mark.parametrize("local", ["2024-03-31 00:30:00", "2024-10-26 23:30:00"])
def test_local_times_that_do_not_exist_or_exist_twice_are_errors(local: str, read_files) -> None:
    row = f"{local},{ADDRESS},TST123,31.0,41.0,20000,450,14,200,False"
    (error,) = read_files({"table.csv": text(TRAFFIC_HEADER, row)}, input_tz="Asia/Beirut").failures
    assert "does not exist or exists twice in Asia/Beirut" in str(error)


def test_an_unknown_zone_is_a_usage_error(read_files) -> None:
    with pytest.raises(UsageError, match="Mars/Base"):
        read_files({"x.csv": b""}, input_tz="Mars/Base")


@pytest.mark.parametrize(("factor", "unit"), [(1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds")])
def test_a_whole_file_in_another_unit_of_time_is_an_error_that_names_it(factor: float, unit: str, read_files) -> None:
    rows = [row.replace(row.split(",")[0], str(int(int(row.split(",")[0]) * factor)), 1) for row in ROWS[1:]]
    (error,) = read_files({"states.csv": states(*rows)}).failures
    assert f"times are in {unit}" in str(error)


def test_spreadsheet_days_are_named(read_files) -> None:
    rows = ["47921.5," + row.split(",", 1)[1] for row in ROWS[1:]]
    (error,) = read_files({"states.csv": states(*rows)}).failures
    assert "spreadsheet days" in str(error)


@pytest.mark.parametrize("time", ["915148800", "4102444800", "", "inf", "soon", "1931256000000"])
def test_single_times_that_are_none_are_quarantined(time: str, read_files) -> None:
    rows = [f"{time},{ROWS[1].split(',', 1)[1]}", *ROWS[2:]]
    (bad,) = read_files({"states.csv": states(*rows)}).quarantined
    assert (bad.line, bad.column) == (2, "time")


def test_times_in_the_form_of_a_country_have_to_be_declared(read_files) -> None:
    row = f"03/04/2024 10:00,{ADDRESS},TST123,31.0,41.0,20000,450,14,200,False"
    (error,) = read_files({"table.csv": text(TRAFFIC_HEADER, row)}).failures
    assert "03/04/2024 10:00" in str(error)
    assert "mapping" in str(error)


@pytest.mark.parametrize(
    ("lat", "lon", "column"),
    [
        ("", "41.0", "lat"),
        ("31.0", "NaN", "lon"),
        ("91", "41.0", "lat"),
        ("31.0", "-180.5", "lon"),
        ("inf", "41.0", "lat"),
        ("31,0", "41.0", None),
        ("1_0", "41.0", "lat"),
        ("0x1F", "41.0", "lat"),
    ],
)
def test_bad_positions_are_quarantined(lat: str, lon: str, column: str | None, read_files) -> None:
    fields = ROWS[1].split(",")
    fields[2:4] = [lat, lon]
    (bad,) = read_files({"states.csv": states(",".join(fields), *ROWS[2:])}).quarantined
    assert bad.line == 2
    assert column is None or bad.column == column


def test_a_record_without_any_position_is_no_fault(read_files) -> None:
    fields = ROWS[1].split(",")
    fields[2:4] = ["", "NaN"]
    accounting = read_files({"states.csv": states(",".join(fields), *ROWS[2:])}).sources[0].accounting
    assert accounting.without_position == {"position is empty": 1}


@pytest.mark.parametrize(
    ("lat", "lon", "reason"),
    [
        ("0", "0.0", "position 0,0"),
        ("0.005", "-0.009", "position 0,0"),
        ("90", "10", "position at a pole"),
        ("0", "90", "position 0,90"),
    ],
)
def test_positions_that_were_never_set_are_kept_and_marked(lat: str, lon: str, reason: str, read_files) -> None:
    fields = ROWS[1].split(",")
    fields[2:4] = [lat, lon]
    positions = read_files({"states.csv": states(",".join(fields), *ROWS[2:])}).positions
    assert list(positions["rejected_because"].dropna()) == [reason]


def test_the_date_line_is_legal(read_files) -> None:
    fields = ROWS[1].split(",")
    fields[2:4] = ["10", "-180"]
    assert not read_files({"states.csv": states(",".join(fields), *ROWS[2:])}).quarantined


def test_longitudes_from_0_to_360_are_named(read_files) -> None:
    moved = [Fix(f.epoch_s, f.lat_deg, f.lon_deg + 200, f.altitude_ft, f.track_deg) for f in FIXES]
    (error,) = read_files({"states.csv": opensky_states(moved)}).failures
    assert "from 0 to 360" in str(error)


def test_swapped_coordinates_are_refused(read_files) -> None:
    swapped = [Fix(f.epoch_s, f.lon_deg, f.lat_deg, f.altitude_ft, f.track_deg) for f in FIXES]
    (error,) = read_files({"states.csv": opensky_states(swapped)}).failures
    assert "latitude and longitude are swapped" in str(error)


@pytest.mark.parametrize(("factor", "words"), [(1.943844, "knots taken for m/s"), (0.514444, "m/s taken for knots")])
def test_speeds_in_another_unit_are_refused(factor: float, words: str, read_files) -> None:
    data = traffic_csv(FIXES).replace(b",450.0,", f",{450 * factor:.3f},".encode())
    (error,) = read_files({"table.csv": data}).failures
    assert words in str(error)


def test_altitudes_in_another_unit_are_refused(read_files) -> None:
    high = [Fix(f.epoch_s, f.lat_deg, f.lon_deg, f.altitude_ft * 3.28084, f.track_deg) for f in FIXES]
    (error,) = read_files({"states.csv": opensky_states(high)}).failures
    assert "above 60000 ft" in str(error)


def test_duplicated_and_shuffled_rows_change_nothing_but_the_count(read_files) -> None:
    rows = [ROWS[1:][i] for i in (5, 3, 3, 0, 1, 2, 4, 13, 12, 11, 10, 9, 8, 7, 6, 5)]
    plain, mixed = read_files({"a.csv": states(*ROWS[1:])}), read_files({"b.csv": states(*rows)})
    columns = [name for name in plain.positions if name not in ("source_id", "source_row")]
    assert mixed.positions[columns].equals(plain.positions[columns])
    assert mixed.sources[0].accounting.exact_duplicates == 2


def test_stale_states_are_kept_and_marked(read_files) -> None:
    def aged(row: str, position_s: float, contact_s: float) -> str:
        fields = row.split(",")
        fields[14:16] = [str(int(fields[0]) - position_s), str(int(fields[0]) - contact_s)]
        return ",".join(fields)

    rows = [aged(ROWS[1], 15, 15), aged(ROWS[2], 15.1, 1), aged(ROWS[3], 16, 16), *ROWS[4:]]
    positions = read_files({"states.csv": states(*rows)}).positions
    assert list(positions["rejected_because"].notna())[:4] == [False, True, True, False]
    assert set(positions["rejected_because"].dropna()) == {"stale: the source marks the position as old"}


def test_tabs_a_query_line_and_lists_in_a_column(read_files) -> None:
    tabbed = opensky_states(FIXES).decode().replace(",", "\t").splitlines()
    result = read_files({"raw.tsv": text(tabbed[0], "select * from state_vectors_data4", *tabbed[1:])})
    assert len(result.positions) == len(FIXES)
    assert result.quarantined == ()
    assert result.sources[0].accounting.blank_or_comment_lines == 1
    assert list(result.positions["source_row"]) == list(range(3, 3 + len(FIXES)))
    listed = [f'{row},"[1, 2, 3]"' for row in ROWS[1:-1]] + [f"{ROWS[-1]},[7]"]
    assert len(read_files({"trino.csv": text(f"{OPENSKY_HEADER},serials", *listed)}).positions) == len(FIXES)


def test_an_empty_clock_in_a_basestation_log_is_refused(read_files) -> None:
    lines = [
        ",".join(p if i not in (6, 7, 8, 9) else "" for i, p in enumerate(line.split(",")))
        for line in sbs(FIXES).decode().splitlines()
    ]
    (error,) = read_files({"log.txt": text(*lines)}, input_tz="UTC").failures
    assert str(error) == "log.txt:1: no usable times: date and time are empty"


def test_blank_lines_are_counted(read_files) -> None:
    data = opensky_states(FIXES).replace(b"\n", b"\n\n")
    accounting = read_files({"states.csv": data}).sources[0].accounting
    assert (accounting.physical_lines, accounting.blank_or_comment_lines, accounting.records) == (30, 15, 14)


def test_values_in_errors_and_quarantine_are_escaped(read_files) -> None:
    fields = ROWS[1].split(",")
    fields[2] = "\x1b]0;owned\x07"
    (bad,) = read_files({"states.csv": states(",".join(fields), *ROWS[2:])}).quarantined
    assert bad.value == "\\x1b]0;owned\\x07"


def test_flightradar24_zero_altitude(read_files) -> None:
    rows = [
        f"2031-03-14T12:0{i}:00Z,31.0,41.0{i},{alt},{speed},0,90,1234,TST123,ADSB"
        for i, (alt, speed) in enumerate([(0, 12), (0, 100), (0, 140), (0, 260), (100, 140)])
    ]
    positions = read_files({"data.csv": text(API_HEADER, *rows)}).positions
    assert list(positions["on_ground"].fillna(False)) == [True, True, False, False, False]
    assert list(positions["baro_altitude_ft"].fillna(-1)) == [-1, -1, 0, -1, 100]
    assert positions["on_ground"].isna().tolist() == [False, False, True, True, True]


@pytest.mark.parametrize("height", ["inf", "1.7e308", "ground", "20_000"])
def test_numbers_that_are_none_are_quarantined_in_any_column(height: str, read_files) -> None:
    fields = ROWS[1].split(",")
    fields[12] = height
    (bad,) = read_files({"states.csv": states(",".join(fields), *ROWS[2:])}).quarantined
    assert (bad.line, bad.column, bad.value) == (2, "baro_altitude", height)


def test_one_bad_file_of_three(read_files) -> None:
    result = read_files({"a.csv": opensky_states(FIXES), "b.csv": b"x,y\n", "c.csv": fr24_api(FIXES)})
    assert [source.file for source in result.sources] == ["a.csv", "c.csv"]
    assert [error.file for error in result.failures] == ["b.csv"]
    assert all(isinstance(error, InputError) for error in result.failures)


def test_a_reader_that_trips_is_called_a_fault_of_ours(read_files, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(*_: object) -> None:
        raise KeyError(0)

    monkeypatch.setattr(sbs_basestation, "read", trip)
    result = read_files({"log.txt": sbs(FIXES), "states.csv": opensky_states(FIXES)}, input_tz="UTC")
    (error,) = result.failures
    assert "a fault of flighttrace in reader sbs-basestation (KeyError: 0); run with --debug and report it" in str(
        error
    )
    assert len(result.positions) == len(FIXES)
