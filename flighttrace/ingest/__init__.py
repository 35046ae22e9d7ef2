"""Bytes → positions: `read.read_positions` into memory, `archive` for what is too large for that."""
