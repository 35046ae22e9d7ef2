"""Strict JSON, and keys seen without a valid document."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from flighttrace.errors import DamagedFileError, InputError
from flighttrace.ingest import json_text
from flighttrace.ingest.records import Content


def of(text: str | bytes) -> Content:
    return Content("x.json", text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"trace": [1,\n 2, NaN]}', 2, 5),
        ('{"a": Infinity}', 1, 7),
        ('{"a": 1e999}', 1, 7),
        ('{"a": ' + "9" * 5000 + "}", 1, 7),
        ('{"a": tru}', 1, 11),
        ('{"a": 1} {', 1, 10),
    ],
)
def test_what_is_not_strict_json_is_located(text: str, line: int, column: int) -> None:
    with pytest.raises(InputError) as caught:
        json_text.parse(of(text))
    assert not isinstance(caught.value, DamagedFileError)
    assert caught.value.line == line
    assert abs(int(caught.value.column or 0) - column) <= 5


def test_the_path_of_a_fault_is_told() -> None:
    with pytest.raises(InputError, match=r"\$\.trace\[1\]\[2\]"):
        json_text.parse(of('{"icao": "a,[{", "trace": [[0, 1], [5, 6, NaN]]}'))


def test_deep_nesting_is_refused_without_a_crash() -> None:
    with pytest.raises(InputError, match="depth"):
        json_text.parse(of('{"icao": "x", "trace": ' + "[" * 100_000))
    assert not json_text.has_keys(of("[" * 100_000 + '"icao": 1'), ("icao",))


@pytest.mark.parametrize("text", ['{"a": [1, 2', '{"a": "b', "[", '{"a"'])
def test_a_cut_file_is_damaged(text: str) -> None:
    with pytest.raises(DamagedFileError, match="cut"):
        json_text.parse(of(text))


def test_bytes_that_are_not_utf8_are_damage_with_their_place() -> None:
    with pytest.raises(DamagedFileError) as caught:
        json_text.parse(of(b'{"a": 1,\n "b": "\xff"}'))
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_a_byte_order_mark_is_passed_over() -> None:
    content = of(b'\xef\xbb\xbf {"icao": "600bff"}')
    assert json_text.starts_with(content, b"{")
    assert json_text.parse(content) == {"icao": "600bff"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"icao": "600bff", "icao": "4b1804"}', r"at \$ "),
        ('{"trace": [[1, {"flight": "A", "flight" : "B"}]]}', r"\$\.trace\[0\]\[1\]"),
        ('[{"a": 1}, {"a": 1, "b": 2, "\\u0061": 3}]', r"\$\[1\]"),
    ],
)
def test_a_repeated_key_is_refused_with_its_path(text: str, place: str) -> None:
    with pytest.raises(InputError, match="twice") as caught:
        json_text.parse(of(text))
    assert caught.match(place)


@pytest.mark.parametrize(
    "text",
    ['{"a": ":", "b": "x\\":", "c\\"": [":", {"d" :\n 1}]}', '{"": "", ":": ":"}', '{"a": {"a": {"a": 1}}}', "[]"],
)
def test_colons_in_strings_are_no_repeated_keys(text: str) -> None:
    assert json_text.parse(of(text)) == json.loads(text)


def test_keys_are_seen_in_a_broken_document_and_by_their_place_only() -> None:
    broken = of('{"icao": "600bff", "trace": [[1, {"flight": "icao"}, NaN')
    assert json_text.has_keys(broken, ("icao",), ("trace",))
    assert json_text.has_keys(broken, ("trace", "[]", "[]", "flight"))
    assert not json_text.has_keys(broken, ("flight",))
    assert not json_text.has_keys(of('{"a": {"icao": 1, "trace": 2}}'), ("icao",), ("trace",))
    assert not json_text.has_keys(of('{"a": "\\"icao\\": 1", "trace": 2}'), ("icao",), ("trace",))


def test_a_top_level_key_behind_a_long_list_is_seen() -> None:
    text = '{"trace": [' + ",".join(["[1.5, 2.5, 3.5]"] * 10_000) + '], "icao": "600bff"}'
    assert len(text) > 2 * json_text.HEAD_BYTES
    assert json_text.has_keys(of(text), ("icao",), ("trace",))
    assert not json_text.has_keys(of(text), ("icao",), ("states",))


@pytest.mark.parametrize(("mark", "expected"), [(True, True), (False, False)])
def test_the_simulated_mark_is_true_or_false(mark: bool, expected: bool) -> None:
    assert json_text.simulated_mark({"simulated": mark}, of("{}")) is expected
    assert json_text.simulated_mark({}, of("{}")) is False


@pytest.mark.parametrize("mark", ["true", 1, None])
def test_any_other_simulated_mark_is_an_error(mark: object) -> None:
    with pytest.raises(InputError, match="simulated"):
        json_text.simulated_mark({"simulated": mark}, of("{}"))


def test_values_of_the_wrong_kind_are_refused_one_by_one() -> None:
    frame = pd.DataFrame(
        {
            "row": [1, 2, 3, 4, 5],
            "lat": [1.0, True, [1], "2.5", None],
            "icao24": ["600bff", "600bff", "600bff", "600bff", 400123],
            "on_ground": [True, None, False, "true", True],
        }
    )
    kept, refused = json_text.settle(frame, of("{}"))
    assert kept["row"].tolist() == [1, 4]
    assert [(fault.line, fault.column, fault.value) for fault in refused] == [
        (2, "lat", "True"),
        (3, "lat", "[1]"),
        (5, "icao24", "400123"),
    ]
