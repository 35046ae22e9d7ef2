"""What all tests need: a cache of their own, so that none finds what the user has read before. They share it: what it
holds is known by its content."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run put into the background by a shell has Ctrl-C ignored, and so would all that tests start and then interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLIGHTTRACE_CACHE", str(tmp_path_factory.mktemp("cache") / "flighttrace"))
        yield
