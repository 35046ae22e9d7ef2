"""The case file: what is refused, and where exactly; what the shipped case holds; how one case extends another."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from flighttrace.errors import CaseError
from flighttrace.weigh.case import case_schema, check_case, load_case, new_case_text, shipped_cases
from flighttrace.weigh.casecheck import validated
from flighttrace.weigh.casefile import read_case_tree
from flighttrace.weigh.shipped import read_before
from flighttrace.weigh.yamltree import parse_yaml

from .builders import AIRFIELDS, CASE_HEAD

GOOD = CASE_HEAD + "    expects: { flights: [{ event: landing, at: ovda }], window: { day: tuesday } }\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "case.yaml"
    path.write_text(text, "utf-8")
    return path


def place_of(text: str, part: str) -> tuple[int, int]:
    """Line and column, from 1, of a part that stands once in the text."""
    assert text.count(part) == 1, part
    before = text[: text.index(part)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def errors_of(folder: Path, text: str) -> list[CaseError]:
    return check_case(written(folder, text), airfields=AIRFIELDS)


def test_a_good_file_has_no_errors(tmp_path: Path) -> None:
    assert errors_of(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "marked", "key", "says"),
    [
        ('"600866":', "600866:", "600866:", "airframes.600866", "not in quotes"),
        ('"613133":', "6008e4:", "6008e4:", "airframes.6008e4", "not in quotes"),
        ('"613133":', "001234:", "001234:", "airframes.001234", "not in quotes"),
        ('"613133":', "600b20:", "600b20:", "airframes.600b20", "not in quotes"),
        ('"613133":', '"60o865":', '"60o865":', "airframes.60o865", "six hex digits"),
        (
            'first: "600800", last: "600bff"',
            'first: 600800, last: "600bff"',
            '600800, last: "600bff"',
            "address_blocks.Azerbaijan.0.first",
            "not in quotes",
        ),
        ("airports: [LLOV]", "airports: [LLXX]", "LLXX", "places.ovda.airports.0", "no airfield"),
        ("airports: [LLOV]", "airport: [LLOV]", "airport: [LLOV]", "places.ovda.airport", "unknown key"),
        ("airports: [LLOV]", "country: az", "az }", "places.ovda.country", "two capital letters"),
        ("routes: [[ovda, baku]]", "routes: [[ovda, bakuu]]", "bakuu", "routes.0.1", "baku"),
        ("event: landing", "event: lands", "lands,", "claims.art.it.expects.flights.0.event", "landing"),
        ("at: ovda }", "at: base }", "base }", "claims.art.it.expects.flights.0.at", "no axis"),
        ("day: tuesday }", "day: friday }", "friday", "claims.art.it.expects.window.day", "tuesday"),
        ("day: tuesday }", "week: 3 }", "week: 3", "claims.art.it.expects.window.week", "unknown key"),
        ("2020-10-06", "6 October", "6 October", "articles.art.readings.day.B.tuesday", "YYYY-MM-DD"),
        ('paragraph: "1"', "paragraph: 1", "1\n    text", "claims.art.it.paragraph", "quotes"),
        ("article: art\n", "article: at\n", "at\n    paragraph", "claims.art.it.article", "art"),
        ("Asia/Jerusalem", "Asia/Jerusalm", "Asia/Jerusalm", "timezone", "IANA"),
        (
            "known: true, names: [Flightradar24]",
            "known: maybe, names: [Flightradar24]",
            "maybe",
            "articles.art.networks.known",
            "boolean",
        ),
        ("language: en", "language: english", "english", "articles.art.language", "language code"),
    ],
)
def test_each_fault_is_named_at_its_line_and_column(
    tmp_path: Path, old: str, new: str, marked: str, key: str, says: str
) -> None:
    text = GOOD.replace(old, new)
    assert text != GOOD
    errors = errors_of(tmp_path, text)
    assert errors, "the fault went unnoticed"
    error = next((e for e in errors if e.key == key), None)
    assert error is not None, [str(e) for e in errors]
    assert (error.line, error.column) == place_of(text, marked)
    assert says in str(error)
    assert error.file.endswith("case.yaml")


def test_a_missing_key_names_what_is_missing_and_what_there_is(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, GOOD.replace('    text: { en: "A claim." }\n', ""))
    assert error.key == "claims.art.it"
    assert "'text' is missing" in str(error)
    assert "tracks_cannot" in str(error)


def test_all_faults_are_reported_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        GOOD.replace('"600866":', "600866:").replace("event: landing", "event: lands").replace("name: small", "name: 7")
    )
    errors = errors_of(tmp_path, text)
    assert [e.key for e in errors] == ["name", "airframes.600866", "claims.art.it.expects.flights.0.event"]
    with pytest.raises(CaseError) as raised:
        load_case(written(tmp_path, text), airfields=AIRFIELDS)
    assert raised.value.key == "name"


def test_an_unquoted_address_that_a_claim_names_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("window: {", "airframe: 600865, window: {")
    (error,) = errors_of(tmp_path, text)
    assert error.key == "claims.art.it.expects.airframe"
    assert "quotes" in str(error)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ('a: !!python/object/apply:os.system ["id"]', 1, 4, "tag"),
        ("a: !other 1", 1, 4, "tag"),
        ("a: &x [1]\nb: *x", 1, 4, "anchor"),
        ("a: 1\nb: 2\na: 3", 3, 1, "twice"),
        ("%YAML 1.1\n---\na: yes", 2, 1, "directive"),
        ("[" * 5000, 1, 21, "nesting"),
        ("a: 1\n---\nb: 2", 2, 1, "YAML"),
        ("<<: { a: 1 }", 1, 1, "merge"),
        ("a: [1,\n", 2, 1, "YAML"),
        ("", 1, 1, "empty"),
    ],
)
def test_yaml_that_is_not_plain_is_refused(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(CaseError, match=says) as raised:
        parse_yaml(text.encode(), file="case.yaml")
    assert raised.value.line == line
    if says != "YAML":
        assert raised.value.column == column


def test_an_alias_bomb_is_refused_before_it_unfolds() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a, *a, *a]\n" for n in range(50))
    with pytest.raises(CaseError, match="anchor"):
        parse_yaml(bomb.encode(), file="case.yaml")


def test_size_and_encoding_limits() -> None:
    with pytest.raises(CaseError, match="at most"):
        parse_yaml(b"a: " + b"x" * 1_000_001, file="case.yaml")
    with pytest.raises(CaseError, match="UTF-8"):
        parse_yaml(b"a: \xff\xfe", file="case.yaml")


def test_a_file_that_does_not_exist_names_the_shipped_cases() -> None:
    (error,) = check_case("nowhere.yaml", airfields=AIRFIELDS)
    assert "ovda-karabakh" in str(error)


def test_the_new_case_passes_and_meets_the_schema(tmp_path: Path) -> None:
    assert errors_of(tmp_path, new_case_text()) == []
    validator = Draft202012Validator(case_schema())
    Draft202012Validator.check_schema(case_schema())
    plain = _json_like(parse_yaml(new_case_text().encode(), file="new").plain())
    assert not list(validator.iter_errors(plain))
    plain["places"]["ovda"]["airport"] = ["LLOV"]
    assert list(validator.iter_errors(plain))


def _json_like(value: object) -> object:
    if isinstance(value, dict):
        return {key: _json_like(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json_like(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


# ---- the shipped case


def test_the_shipped_case_holds_every_claim_under_its_article() -> None:
    case = load_case("ovda-karabakh", airfields=AIRFIELDS)
    assert shipped_cases() == ("ovda-karabakh",)
    testable = [c for c in case.claims if c.expects is not None]
    assert (len(testable), len(case.claims)) == (8, 28)
    assert all(c.id.startswith(c.article + ".") for c in case.claims)
    assert all(c.untestable is not None for c in case.claims if c.expects is None)
    assert {c.id for c in case.claims if c.ceiling} == {
        "ap-2023.gallant-july-visit",
        "ap-2023.first-deliveries-2016",
        "ap-2023.buying-for-years",
    }
    assert {a.id: a.sha256[:12] for a in case.articles} == {"arab48-2020": "5b92881ade87", "ap-2023": "ec79aadb5ebc"}


def test_every_text_of_the_shipped_case_stands_in_both_languages() -> None:
    case = load_case("ovda-karabakh", airfields=AIRFIELDS)
    texts = [case.title, *(p.title for p in case.places.values() if p.radius_km is None)]
    texts += [t for a in case.articles for t in (a.title, a.note, a.networks.note)]
    for claim in case.claims:
        texts += [claim.text, claim.untestable or claim.tracks_cannot]
        if claim.expects is not None:
            texts.append(claim.tracks_show)
    for text in texts:
        assert text.en != text.ar
        assert any("؀" <= c <= "ۿ" for c in text.ar), text.ar
        assert not any("؀" <= c <= "ۿ" for c in text.en), text.en


def test_places_are_the_fields_that_the_case_means() -> None:
    places = load_case("ovda-karabakh", airfields=AIRFIELDS).places
    assert places["south-israel-bases"].airports == ("LLOV", "LLNV", "LLRM")
    assert set(places["baku"].airports) == {"UBBB", "UBTT", "UBBI", "UB18"}
    assert set(places["near-karabakh"].airports) == {"UBBG", "UBEE", "UBBF", "UBBZ", "UG11", "UBBS"}
    assert "UBBG" in places["karabakh-radius-110"].airports  # 101 km
    assert "UBBG" not in places["karabakh-radius-75"].airports
    assert "UG11" in places["karabakh-radius-150"].airports
    assert not any(AIRFIELDS.get(a).country != "AZ" for a in places["karabakh-radius-150"].airports)
    assert {"LLBG", "LLOV", "LLER"} <= set(places["israel"].airports)


def test_the_ministry_airframe_outside_its_block_is_named() -> None:
    case = load_case("ovda-karabakh", airfields=AIRFIELDS)
    (airframe,) = [a for a in case.airframes if a.icao24 == "613133"]
    assert "outside" in airframe.note
    assert not any(b.first <= "613133" <= b.last for b in case.address_blocks if b.state == "Azerbaijan")


# ---- extending

EXTENDING = """\
schema: flighttrace/case/1
extends: ovda-karabakh
name: later
title: { en: "later" }
shift_weeks: 574
airframes:
  "d5a101": { registration: SIM, operator: invented, kind: cargo, state: Azerbaijan, source: invented }
  "600865": null
articles:
  ap-2023: { networks: { known: false, names: null, note: { en: "not known" } } }
claims:
  ap-2023.gallant-july-visit: null
  arab48-2020.tuesday-landing: { expects: { at_least: 2 } }
"""


def test_a_case_extends_another_as_a_patch_with_shifted_dates(tmp_path: Path) -> None:
    base = load_case("ovda-karabakh", airfields=AIRFIELDS)
    case = load_case(written(tmp_path, EXTENDING), airfields=AIRFIELDS)
    assert case.shift_weeks == 574
    first = case.readings["arab48-2020"][0]
    assert first.dates["tuesday"] == date(2031, 9, 30)
    assert first.dates["tuesday"].weekday() == base.readings["arab48-2020"][0].dates["tuesday"].weekday() == 1
    assert case.readings["ap-2023"][0].dates["operation"] == date(2034, 9, 19)
    ids = {a.icao24 for a in case.airframes}
    assert "d5a101" in ids
    assert "600865" not in ids
    assert "613133" in ids
    assert len(case.claims) == len(base.claims) - 1
    claims = {c.id: c for c in case.claims}
    assert claims["arab48-2020.tuesday-landing"].expects.at_least == 2  # type: ignore[union-attr]
    year = claims["ap-2023.first-deliveries-2016"].expects.window  # type: ignore[union-attr]
    assert year is not None
    assert (year.first, year.until) == (date(2027, 1, 1), date(2028, 1, 2))
    assert next(a for a in case.articles if a.id == "ap-2023").networks.known is False


def test_the_digest_covers_the_file_and_what_it_extends(tmp_path: Path) -> None:
    alone = load_case(written(tmp_path, GOOD), airfields=AIRFIELDS)
    assert alone.digest == hashlib.sha256(GOOD.encode()).hexdigest()
    own = hashlib.sha256(EXTENDING.encode()).hexdigest()
    base = load_case("ovda-karabakh", airfields=AIRFIELDS).digest
    assert read_case_tree(written(tmp_path, EXTENDING)).digest == hashlib.sha256((base + own).encode()).hexdigest()


def test_a_fault_in_the_patch_is_named_in_the_patch(tmp_path: Path) -> None:
    text = EXTENDING.replace("at_least: 2", "at_least: two")
    (error,) = errors_of(tmp_path, text)
    assert error.file.endswith("case.yaml")
    assert (error.line, error.column) == place_of(text, "two }")


def test_cases_that_extend_one_another_end_in_an_error(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, "schema: flighttrace/case/1\nextends: case.yaml\n")
    assert "extend" in str(error)
    (error,) = errors_of(tmp_path, "schema: flighttrace/case/1\nextends: nothing-like-it\n")
    assert error.line == 2
    assert error.key == "extends"


def shipped_yaml(name: str) -> bytes:
    return (files("flighttrace") / "cases" / f"{name}.yaml").read_bytes()


def plain(part: Any) -> Any:
    """A document, or the namespaces that stand for one, as dicts and lists."""
    if isinstance(part, BaseModel):
        return {name: plain(getattr(part, name)) for name in type(part).model_fields}
    if isinstance(part, SimpleNamespace):
        return {name: plain(value) for name, value in vars(part).items()}
    if isinstance(part, dict):
        return {name: plain(value) for name, value in part.items()}
    return [plain(value) for value in part] if isinstance(part, list) else part


@pytest.mark.parametrize("name", shipped_cases())
def test_a_shipped_case_is_packed_as_it_reads(name: str) -> None:
    packed = read_before(name)
    assert packed is not None, "run benchmarks/build_cases.py"
    tree = parse_yaml(shipped_yaml(name), file=f"{name}.yaml")
    assert packed.tree() == tree
    assert repr(packed.tree()) == repr(tree), "1 and 1.0 and True are equal, and not the same"
    document, errors = validated(tree, AIRFIELDS)
    assert errors == []
    assert repr(plain(packed.document())) == repr(plain(document))
    assert packed.digest == hashlib.sha256(shipped_yaml(name)).hexdigest()


@pytest.mark.parametrize("name", shipped_cases())
def test_a_shipped_case_and_a_copy_of_it_are_one_case(tmp_path: Path, name: str) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_bytes(shipped_yaml(name))
    read = load_case(copy, airfields=AIRFIELDS)
    assert repr(replace(read, file=f"{name}.yaml")) == repr(load_case(name, airfields=AIRFIELDS))


def test_a_pack_of_another_text_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    for suffix in (".yaml", ".read.json"):
        data = (files("flighttrace") / "cases" / f"ovda-karabakh{suffix}").read_bytes()
        (tmp_path / "cases" / f"ovda-karabakh{suffix}").write_bytes(data)
    monkeypatch.setattr("flighttrace.weigh.shipped.files", lambda _: tmp_path)
    assert read_before("ovda-karabakh") is not None
    with (tmp_path / "cases" / "ovda-karabakh.yaml").open("ab") as stream:
        stream.write(b"# changed\n")
    assert read_before("ovda-karabakh") is None


@pytest.mark.parametrize("name", ["", "no-such-case", "../cases/ovda-karabakh", "new-case", "ovda-karabakh.yaml"])
def test_other_names_are_no_shipped_case(name: str) -> None:
    assert read_before(name) is None


def test_faults_come_in_the_order_of_reading() -> None:
    two = b"a: 1\na: 2\nb: *x\n"
    with pytest.raises(CaseError, match="alias") as caught:
        parse_yaml(two, file="f")
    assert (caught.value.line, caught.value.column) == (3, 4)
    with pytest.raises(CaseError, match="expected a single document in the stream") as caught:
        parse_yaml(b"a: 1\n---\nb: 2\n", file="f")
    assert (caught.value.line, caught.value.column) == (2, 1)


def test_a_shipped_case_needs_no_yaml_scanner() -> None:
    code = (
        "import sys; from flighttrace.weigh.case import load_case; load_case('ovda-karabakh');"
        "print([m for m in ('ruamel',) if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
