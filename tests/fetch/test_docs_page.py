"""Every command of docs/from-nothing-to-an-answer.md, run in order against the loopback server."""

from __future__ import annotations

import re
import shlex

import pytest

from flighttrace.ingest.fetch.table import overlaid
from tests.fetch.server import serving
from tests.fetch.world import ROOT, World

PAGE = (ROOT / "docs" / "from-nothing-to-an-answer.md").read_text(encoding="utf-8")
INSTANCE = "https://tracks.example"
"""The page's own name for a user's instance, which leads nowhere."""


def commands() -> list[list[str]]:
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]


def test_every_line_in_a_console_block_is_a_command_of_ours() -> None:
    assert len(commands()) > 15
    assert {words[0] for words in commands()} == {"flighttrace"}
    fetched = {words[2] for words in commands() if words[1] == "fetch"}
    assert fetched >= {"adsblol", "flightlist", "opensky-flights", "opensky-states-sample", "readsb", "airframes"}


def test_the_files_of_sources_that_the_page_shows_are_right() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for block in blocks:
        assert overlaid(block.encode(), "sources.yaml").named()


def test_what_the_page_has_to_say_stands_in_it() -> None:
    flat = " ".join(PAGE.split())
    assert "The live sources could not be tried" in flat
    assert "No track is not no flight." in flat
    assert "ODbL" in flat


@pytest.mark.slow
def test_every_command_runs_in_the_order_of_the_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving() as server:
        world = World(server, tmp_path_factory.mktemp("nothing"))
        world.everything()
        for words in commands():
            own = ["--allow-host", server.host()] if any(INSTANCE in word for word in words) else []
            led = [word.replace(INSTANCE, server.url("")) for word in words[1:]]
            done = world.run(*led, *own)
            assert done.returncode == 0, (" ".join(words), done.stdout[-2000:], done.stderr[-2000:])
        assert (world.folder / "report-2020" / "report.html").is_file()
        assert len(list((world.folder / "originals-2023").glob("*.tar"))) == 3
        origins = (world.folder / "report-2020" / "run.json").read_text()
        assert "ft:origin" in origins
        assert "/api/flights/arrival" in origins
