"""Texts about data, which lie beside it in folders and archives: told by name and content together.

Only what no reader recognises is asked. A name alone proves nothing, as a damaged track file may bear any: what is
passed over has a name of the few that such texts bear, and reads as such a text. All else is a failure.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

_TEXT_NAME: Final = re.compile(
    r"^(readme|licen[cs]e|copying|copyright|notice|sources?|change(log|s)|authors|contributors|citation)"
    r"(\.(md|txt|rst))?$",
    re.IGNORECASE,
)
_JSON_NAME: Final = re.compile(r"^(package|package-lock|datapackage|index|manifest|metadata)\.json$", re.IGNORECASE)
_PAGE_NAME: Final = re.compile(r"^(index|readme)\.html?$", re.IGNORECASE)
_SUMS_NAME: Final = re.compile(r"^(sha\d+|md5)sums?(\.txt)?$|\.(sha256|md5)$", re.IGNORECASE)
_SUMS_LINE: Final = re.compile(r"^[0-9a-f]{32,128}( [ *]\S.*)?$", re.IGNORECASE)
_TRACK_KEYS: Final = frozenset(
    {
        *("lat", "lon", "lng", "latitude", "longitude", "position", "positions", "coordinates", "geometry"),
        *("trace", "track", "tracks", "states", "aircraft", "flight", "flights", "icao", "icao24", "hex"),
        *("callsign", "altitude", "timestamp", "firstseen"),
    }
)
_DELIMITERS: Final = ",;\t"
_FEWEST_DELIMITERS: Final = 3
"""Of one kind in a line; a position with its time has as many."""
_WORD: Final = re.compile(r"(?:(?<=\s)|^)[a-z]{2,}(?=[\s.,;:)]|$)")
_FEWEST_WORDS: Final = 5
"""Lower-case words between blanks in a line with commas: a sentence. Rows hold none, or a name."""
_DIGITS_SHARE: Final = 0.5
"""Of a line's visible characters. Rows of numbers have more, whatever stands between them."""


def is_prose(name: str, data: bytes) -> bool:
    """True where the content, which no reader recognises, is a text about data by its name and by what it holds."""
    name = name.replace("!", "/").rsplit("/", 1)[-1]
    if b"\0" in data:
        return False
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return False
    if _TEXT_NAME.search(name):
        return not _is_structured(text) and not _has_rows(text)
    if _PAGE_NAME.search(name):
        return text[:15].lower().startswith(("<!doctype html", "<html")) and not _has_rows(text)
    if _JSON_NAME.search(name):
        return _is_metadata(data)
    return bool(_SUMS_NAME.search(name)) and all(_SUMS_LINE.match(line) for line in text.splitlines() if line.strip())


def _is_structured(text: str) -> bool:
    """JSON or XML, whole or broken. A badge or a picture at the head of a text is neither."""
    return re.match(r"\{|\[\s*[\[{\"\d]|<\?xml|<kml|<gpx", text) is not None


def _has_rows(text: str) -> bool:
    """True where most lines look like rows of a table of positions."""
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(map(_is_row, lines)) * 2 > len(lines)


def _is_row(line: str) -> bool:
    visible = "".join(line.split())
    many = max(line.count(delimiter) for delimiter in _DELIMITERS) >= _FEWEST_DELIMITERS
    many = many and len(_WORD.findall(line)) < _FEWEST_WORDS
    return many or sum(c.isdigit() for c in visible) > _DIGITS_SHARE * len(visible)


def _is_metadata(data: bytes) -> bool:
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return False
    return isinstance(value, dict) and not _holds_track_keys(value)


def _holds_track_keys(value: Any) -> bool:
    waiting = [value]
    while waiting:
        held = waiting.pop()
        if isinstance(held, dict):
            if any(key.casefold() in _TRACK_KEYS for key in held):
                return True
            waiting += held.values()
        elif isinstance(held, list):
            waiting += held
    return False
