"""The table of sources, and a user's file laid over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flighttrace.errors import InputError, UsageError
from flighttrace.ingest.fetch.table import (
    AGGREGATORS,
    SHIPPED,
    SOURCES_FILE,
    checked_base,
    host_of,
    load_table,
    overlaid,
)


def test_every_shipped_address_is_https_on_a_host_of_its_source() -> None:
    for source in SHIPPED.values():
        for name, address in source.addresses.items():
            if name != "repository" and not address.startswith("{base}"):
                assert address.startswith("https://"), (source.key, name)
                assert host_of(address) in source.hosts, (source.key, name)


def test_every_source_says_what_a_user_has_to_know() -> None:
    for key, source in SHIPPED.items():
        assert source.key == key
        assert source.terms
        assert source.account
        assert source.holds
        assert 0 < source.rate_per_s <= 2


def test_an_address_laid_over_is_used_and_its_host_allowed_as_by_allow_host() -> None:
    table = overlaid(b"flightlist:\n  record: http://127.0.0.1:8443/api/records/1\n  rate_per_s: 20\n", "s.yaml")
    assert table.address("flightlist", "record") == "http://127.0.0.1:8443/api/records/1"
    assert table.named() == table.named("flightlist") == {"127.0.0.1:8443"}
    assert table.named("adsblol") == frozenset()
    assert "127.0.0.1:8443" not in table.hosts()
    assert table.rates["127.0.0.1:8443"] == 20
    assert table.address("flightlist", "file", record=3, name="x").startswith("https://zenodo.org/")


def test_the_shipped_table_allows_nothing_beyond_itself() -> None:
    assert load_table().named() == frozenset()


def test_the_environment_names_a_file_and_the_option_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("flightlist:\n  record: https://one.example/r\n")
    other.write_text("flightlist:\n  record: https://other.example/r\n")
    monkeypatch.setenv(SOURCES_FILE, str(one))
    assert load_table().address("flightlist", "record") == "https://one.example/r"
    assert load_table(other).address("flightlist", "record") == "https://other.example/r"


def test_an_empty_file_changes_nothing() -> None:
    assert overlaid(b"# nothing\n", "s.yaml").sources is SHIPPED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("adsbloll:\n  release: https://x.example/\n", "s.yaml:1: adsbloll: there is no source 'adsbloll'"),
        ("adsblol:\n  relase: https://x.example/\n", "s.yaml:2: adsblol.relase: adsblol has no address 'relase'"),
        ("adsblol:\n  release: ftp://x.example/\n", "s.yaml:2: adsblol.release: 'ftp://x.example/' is no address"),
        ("adsblol:\n  release: https://me:secret@x.example/\n", "s.yaml:2: adsblol.release:"),
        ("adsblol:\n  release: https://{tag}/\n", "s.yaml:2: adsblol.release:"),
        ("adsblol:\n  release: https://x.example/{tag.__class__}\n", "has tag.__class__ in braces"),
        ("adsblol:\n  release: https://x.example/{tag:>99999999}\n", "in braces"),
        ("adsblol:\n  release: https://x.example/{\n", "in braces"),
        ("adsblol:\n  release: [1]\n", "s.yaml:2: adsblol.release: is no text"),
        ("adsblol:\n  rate_per_s: 0\n", "s.yaml:2: adsblol.rate_per_s: 0 is no rate"),
        ("adsblol:\n  rate_per_s: yes\n", "is no rate"),
        ("adsblol: 3\n", "s.yaml:1: adsblol: is no list of addresses"),
        ("- 1\n", "is not a file of sources"),
        ("a: [\n", "is not YAML"),
    ],
)
def test_what_does_not_hold_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        overlaid(text.encode(), "s.yaml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_in_an_address_is_refused_since_addresses_are_written_down() -> None:
    with pytest.raises(InputError, match="has a query") as caught:
        overlaid(b"airframes:\n  opensky: https://mirror.example/a.csv?apikey=FT_CANARY_9f3\n", "s.yaml")
    assert "FT_CANARY" not in str(caught.value)
    with pytest.raises(UsageError, match="is no address") as refused:
        checked_base("https://t.example/tar1090?key=FT_CANARY_9f3", frozenset())
    assert "FT_CANARY" not in str(refused.value)


def test_a_tag_of_yaml_makes_no_object() -> None:
    with pytest.raises(InputError):
        overlaid(b"adsblol:\n  release: !!python/object/apply:os.system ['true']\n", "s.yaml")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: the file of sources cannot be read"):
        load_table(tmp_path / "none.yaml")


@pytest.mark.parametrize("name", AGGREGATORS)
def test_an_aggregator_is_asked_only_where_its_owner_agreed(name: str) -> None:
    base = f"https://globe.{name}"
    with pytest.raises(UsageError, match="refuse scripted bulk use"):
        checked_base(base, frozenset())
    assert checked_base(f"{base}/", frozenset({f"globe.{name}"})) == base


def test_the_base_of_an_instance() -> None:
    assert checked_base("https://t.example/tar1090/globe_history/", frozenset()) == "https://t.example/tar1090"
    for bad in ("t.example", "file:///etc", "https://u:p@t.example", "https://t.example:x"):
        with pytest.raises(UsageError, match="is no address"):
            checked_base(bad, frozenset())
