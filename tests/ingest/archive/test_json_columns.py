"""JSON text as columns: what is refused, and that both parsers give the same."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flighttrace.ingest.archive import json_columns

NOT_NUMBERS = [
    b"",
    b"5",
    b" [1]",
    b"\xef\xbb\xbf[1]",
    b"[1,2",
    b"[1,]",
    b"[,1]",
    b"[1,null]",
    b"[true]",
    b'["1"]',
    b"[{}]",
    b'{"a":1}',
    b"[1,[2,3]]",
    b"[[1]]",
    b"[1][2]",
    b"[1] x",
    b"[1]\x00",
    b"[1\x00]",
    b"[\x0b1]",
    b"[1\xff]",
    b"[01]",
    b"[.5]",
    b"[5.]",
    b"[+5]",
    b"[0x5]",
    b"[NaN]",
    b"[Infinity]",
    b"[1e999]",
    b"[1.7976931348623159e308]",
]
NUMBERS = {
    b"[]": [],
    b"[1,2.5,-3e2]": [1, 2.5, -300],
    b"[ 1 ,\r\n\t2 ] \n": [1, 2],
    b"[-0]": [0],
    b"[18446744073709551615]": [18446744073709551616.0],
    b"[9007199254740993]": [9007199254740992],
    b"[2.2250738585072012e-308,0.1e-400]": [2.2250738585072014e-308, 0],
}


@pytest.fixture(params=["simdjson", "orjson"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    if name == "orjson":
        monkeypatch.setattr(json_columns, "simdjson", None)
    elif json_columns.simdjson is None:
        pytest.skip("simdjson is not installed: it has no wheel for this Python")
    return name


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_no_list_of_numbers(text: bytes) -> None:
    assert json_columns.numbers_of(text) is None
    good = json_columns.numbers_of(b"[1]")  # and the parser goes on
    assert good is not None
    assert good.tolist() == [1]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: bytes) -> None:
    numbers = json_columns.numbers_of(text)
    assert numbers is not None
    assert numbers.dtype == np.float64
    assert numbers.tolist() == NUMBERS[text]
    assert not np.signbit(numbers[numbers == 0]).any()


@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1), min_size=1, max_size=40
    )
)
def test_any_numbers_come_back(values: list[float]) -> None:
    text = orjson.dumps(values)
    for name in (json_columns.simdjson, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_columns, "simdjson", name)
            numbers = json_columns.numbers_of(text)
        assert numbers is not None
        assert numbers.tolist() == [float(value) for value in values]


def test_a_long_list_leaves_nothing_in_the_parser() -> None:
    count = json_columns._LARGE // 5 + 1
    long = b"[" + b"1.25," * count + b"2]"
    assert len(long) > json_columns._LARGE
    for text in (long, b"[1]", long):
        numbers = json_columns.numbers_of(text)
        assert numbers is not None
        assert float(numbers.sum()) == (1 if text == b"[1]" else 1.25 * count + 2)


def values_of(*objects: bytes, names: tuple[str, ...] = ("a", "b")) -> list[list[object]] | None:
    return json_columns.values_of(objects, names, depth=3)


def test_values_by_name() -> None:
    assert values_of(b'"a":1,"c":[1,2]', b"", b'"b":"x","a":null', b' "a" : 1.5 ') == [
        [1, None, None, 1.5],
        [None, None, "x", None],
    ]
    assert values_of() == [[], []]
    assert values_of(b"") == [[None], [None]]


@pytest.mark.parametrize(
    "inside",
    [
        b'"a":1,"a":2',
        b'"c":1,"d":2,"c":3',
        b'"c" :1,"c"\n:3',
        b'"a":[1]',
        b'"a":1,',
        b'"a"',
        b'"a":01',
        b'"a":"\x01"',
        b'"a":"\xff"',
        b'"a":"x:y"',
        b'"a":":"',
        b'"a":nul',
        b'"a":1]',
        b'"c":[1',
        b'"c":"x"y"z"',
        b'"c":' + b"[" * 1021 + b"]" * 1021,
    ],
)
def test_objects_that_are_none_or_not_plain(inside: bytes) -> None:
    assert values_of(inside) is None
    assert values_of(b'"a":1', inside) is None
    assert values_of(inside, b'"a":1') is None
    assert values_of(b'"a":1') == [[1], [None]]


def test_brackets_that_close_in_another_object() -> None:
    assert values_of(b'"c":[1', b"2]") is None
    assert values_of(b'"c":1}]]],[[[{"c":2') is None


def test_what_the_parsers_may_leave_to_others(parser: str) -> None:
    assert values_of(b'"a1":1,"a2":2', names=("a1",)) == (None if parser == "simdjson" else [[1]])
    assert json_columns.numbers_of(b"[18446744073709551616]") is None or parser == "orjson"
