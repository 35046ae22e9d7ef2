"""The version, where every room can read it."""

from typing import Final

VERSION: Final = "0.2.0"
