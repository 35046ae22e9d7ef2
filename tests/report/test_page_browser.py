"""The page in a real browser: our script runs under the page's own policy, and nothing else does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Case
from .test_page import PAYLOADS, Read, poisoned

BROWSER = next(filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=2000",
    "--dump-dom",
]


def rendered(text: str, folder: Path) -> Read:
    """The page's elements after the browser has loaded it and run what it allows."""
    page = folder / "page.html"
    page.write_text(text, encoding="utf-8")
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={folder / 'profile'}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return Read(done.stdout)


def test_our_script_runs_and_shows_what_needs_it(simulated: Case, tmp_path: Path) -> None:
    text = simulated.text("report.html")
    before, after = Read(text), rendered(text, tmp_path)

    def hidden(read: Read, name: str) -> list[bool]:
        return ["hidden" in a for _, a in read.tags if name in (a.get("class") or "").split()]

    assert hidden(before, "script-only")
    assert all(hidden(before, "script-only"))
    assert not any(hidden(after, "script-only"))
    assert all(hidden(after, "no-script"))


@pytest.mark.parametrize("payload", PAYLOADS[:3])
def test_hostile_text_stays_text(payload: str, tmp_path: Path) -> None:
    after = rendered(poisoned(payload), tmp_path)
    harmless = Read(poisoned("harmless"))
    assert [tag for tag, _ in after.tags if tag in ("script", "img", "svg", "base", "iframe")] == [
        tag for tag, _ in harmless.tags if tag in ("script", "img", "svg", "base", "iframe")
    ]
    assert not [name for _, attributes in after.tags for name in attributes if name.startswith("on")]
