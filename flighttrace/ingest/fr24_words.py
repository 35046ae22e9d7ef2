"""Flightradar24's words for where a position came from, in its API answers and in exports made from them.

The publisher documents ADSB, MLAT and ESTIMATED among others. Counted in one public set of 210,204 points: ADSB 89 %,
OTHER_DATA_SOURCE and MLAT 5 % each, FAA and AUS (radar feeds of two states) the rest. A word that is none of the
known ones is `other`, never missing: the source did say something.
"""

from __future__ import annotations

from typing import Final

POSITION_SOURCES: Final = {"ADSB": "adsb", "ADS-B": "adsb", "MLAT": "mlat", "ESTIMATED": "estimated"}


def position_source(word: object) -> str | None:
    """The word of `positions.position_source`; None where nothing is said."""
    if not isinstance(word, str) or not word.strip():
        return None
    return POSITION_SOURCES.get(word.strip().upper(), "other")
