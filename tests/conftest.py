"""What all tests need: a cache of their own, so that none finds what another, or the user, has read before."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache") / "flighttrace"
    monkeypatch.setenv("FLIGHTTRACE_CACHE", str(folder))
    return folder
