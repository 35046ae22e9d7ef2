"""Whether the first bytes of what comes are of the form that is wanted: pages come with status 200, too."""

from __future__ import annotations

from typing import Final

HEAD_BYTES: Final = 512
"""What is looked at: the header block of a tar."""
_PAGE: Final = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


def not_of_form(head: bytes, form: str, encoding: str = "") -> str:
    """What is wrong with the first bytes, for people; empty where nothing is.

    encoding: the answer's Content-Encoding: bytes are kept as sent, so JSON sent in gzip is looked at as gzip.
    """
    text = head.removeprefix(_BOM).lstrip()
    if text[:16].lower().startswith(_PAGE):
        return f"a page came where {form or 'a file'} was expected"
    if not head:
        return f"nothing came where {form or 'a file'} was expected"
    if not form:
        return ""
    if "gzip" in encoding.lower():
        return "" if head.startswith(_GZIP) else "it is said to be sent in gzip, and is not"
    return "" if _FITS[form](head) else f"its first bytes are not those of {form}"


def _is_tar(head: bytes) -> bool:
    """The header's checksum holds, as in every tar (POSIX.1-1988), or the block is the zeros of an empty one."""
    if len(head) < HEAD_BYTES:
        return False
    if not any(head):
        return True
    try:
        told = int(head[148:156].split(b"\0")[0].strip() or b"x", 8)
    except ValueError:
        return False
    return told == sum(head[:148]) + sum(head[156:HEAD_BYTES]) + 8 * ord(" ")


def _is_csv(head: bytes) -> bool:
    line = head.removeprefix(_BOM).splitlines()[0] if head.removeprefix(_BOM) else b""
    return b"\0" not in head and not line.lstrip().startswith((b"<", b"{", b"[")) and any(c in line for c in b",;\t|")


_FITS: Final = {
    "gzip": lambda head: head.startswith(_GZIP),
    "tar": _is_tar,
    "json": lambda head: head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"["),
    "csv": _is_csv,
}
FORMS: Final = frozenset(_FITS)
