"""Bytes → positions."""

from flighttrace.ingest.read import read_positions

__all__ = ["read_positions"]
