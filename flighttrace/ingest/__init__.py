"""Bytes → positions: `read_positions` into memory, `archive` for what is too large for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flighttrace.ingest.read import read_positions

__all__ = ["read_positions"]


def __getattr__(name: str) -> Any:
    if name == "read_positions":  # the readers are loaded when something is to be read
        from flighttrace.ingest.read import read_positions

        return read_positions
    raise AttributeError(f"module 'flighttrace.ingest' has no attribute {name!r}")
