"""The report says what the raw results say, and nothing of the machine's paths."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("polars", reason="polars is for the benchmarks only and not installed")
pytest.importorskip("isal", reason="isal is not installed")

import big_report
from measure import Measured
from sections import Ratio, Result
from workplace import Workplace

from tests.ingest.archive.builders import release

MACHINE = {
    "cores": 2,
    "model": "Test",
    "memory_gib": 1.0,
    "python": "3.11",
    "system": "Linux",
    "packages": {"polars": "2"},
    "flighttrace": "0",
}


def facts(place: Workplace, section: str = "repeat", size: str = "20M") -> dict[str, object]:
    command = place.query(place.root / "archives" / "states_20M", "2031-10-06", "2031-10-06")
    runs = Measured(command, [1.0, 3.0, 2.0], [4.0, 6.0, 5.0], [10.0, 30.0, 20.0], [7.0, 9.0, 8.0], [1, 1, 1])
    result = Result(section, size, {"query": runs, "ingest": runs})
    result.facts = {"legs": {"planted": 10, "found": 9, "others": 1}}
    result.ratios = [Ratio("small", 0.5, at_most=0.6), Ratio("few", 5.0, at_least=10), Ratio("free", 123_456.7)]
    return {**result.as_facts(place), "measured_utc": "2031-01-01 00:00", "machine": MACHINE}


def test_medians_ratios_and_commands(tmp_path: Path) -> None:
    text = big_report.table_of(facts(Workplace(tmp_path)))
    assert "| query | 3 | 2.00 | 5.00 | 20 | 8 |" in text
    assert "| small | 0.5 | ≤ 0.6 | yes |" in text
    assert "| few | 5 | ≥ 10 | **no** |" in text
    assert "| free | 123,457 | — |  |" in text
    assert "9 of 10" in text
    assert "`flighttrace query --archive DIR/archives/states_20M --case ovda-karabakh" in text
    assert str(tmp_path) not in text


def test_a_figure_missed_by_a_hair_is_not_rounded_to_one_that_holds(tmp_path: Path) -> None:
    missed = {**facts(Workplace(tmp_path)), "ratios": []}
    for ratio in (Ratio("more", 1.20368, at_most=1.2), Ratio("less", 199_999.6, at_least=200_000)):
        missed["ratios"] = [{**asdict(ratio), "holds": ratio.holds}]
        text = big_report.table_of(missed)
        assert f"| {ratio.value:.7g} |" in text
        assert "**no**" in text


def test_the_page_is_made_of_the_raw_results_alone(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "work")
    (place.results / "repeat-20M.json").write_text(json.dumps(facts(place)))
    big_report.write_report(place.results, tmp_path)
    text = (tmp_path / "RESULTS.md").read_text()
    assert "2 cores (Test)" in text
    assert "Measured on 2031-01-01." in text
    assert text.index("## Repeat query") < text.index("### Repeat query, 20M rows")
    assert text.count("Not measured.") == len(big_report.TITLES) - 1
    assert str(tmp_path) not in text


def test_memory_growth_is_stated_where_both_sizes_are_there(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    both = [facts(place, "rows", size) for size in ("10M", "100M")]
    both[1]["measured"]["ingest"]["peak_mb"] = [25.0]  # type: ignore[index]
    lines = [text for text in big_report._growth(both) if "100 M rows" in text]
    assert lines == [
        "| peak memory of ingest, 100 M rows / 10 M rows | 1.25 | ≤ 1.2 | **no** |",
        "| peak memory of query, 100 M rows / 10 M rows | 1 | ≤ 1.2 | yes |",
    ]
    assert big_report._growth(both[:1]) == []


def test_what_limits_an_ingest_of_traces_is_measured_and_told(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "work")
    tar = tmp_path / "v2031.10.06-planes-readsb-prod-0.tar"
    tar.write_bytes(release())
    shares = place.trace_cost(tar)
    assert sum(shares.values()) == pytest.approx(1)
    assert all(share >= 0 for share in shares.values())
    assert {"numbers read", "encode and write Parquet", "all else"} <= set(shares)
    assert shares["details read"] > 0
    told = facts(place, "traces", "10M")
    told["facts"] = {"cost": {"one part": 0.25, "another": 0.75}}
    assert "another 75%, one part 25%." in big_report.table_of(told)
