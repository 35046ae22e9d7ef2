"""The verdict that each claim should get under each reading, with the reason, thought out from the rules.

Written before any run over the sample tracks. The rules are the README's: first rule that applies, grade A or B with an
independent witness to corroborate, Flightradar24 never independent for ap-2023, a network that nobody declared never
independent at all. Claims that no track can test are not listed: they are `not testable` under every reading.
"""

from __future__ import annotations

from itertools import product
from typing import Final

CORROBORATED: Final = "corroborated"
PARTLY: Final = "partly corroborated"
CONSISTENT: Final = "consistent"
COVERED: Final = "not observed, though covered"
NOT_COVERED: Final = "not observed, not covered"

BASES: Final = ("ovda", "south-israel-bases")
OTHER_ENDS: Final = ("near-karabakh", "karabakh-radius-110", "karabakh-radius-75", "karabakh-radius-150")
WINDOWS: Final = ("4 weeks", "3 weeks", "6 weeks", "8 weeks")

Expected = tuple[str, tuple[str, ...], str]
"""Verdict, matching flights (ids of the planted flights), why."""

_NOTHING: Final = "no flight to Ovda is planted on that day, and no other traffic near it"

TUESDAY: Final[dict[str, Expected]] = {
    "A": (CORROBORATED, ("tuesday-a-in",), "on the ground at Ovda, OpenSky, cargo aircraft of the registry"),
    "B": (COVERED, (), "no landing at Ovda; other traffic is heard low beside it on both UTC days of the local day"),
    "C": (NOT_COVERED, (), "a landing at Aqaba, 37 km away, is listed as a rival; no other traffic near Ovda"),
    "D": (NOT_COVERED, (), _NOTHING),
    "E": (CONSISTENT, ("midnight-in",), "on the ground at Ovda, but a trace file whose network is not declared"),
    "F": (NOT_COVERED, (), _NOTHING),
}
THURSDAY: Final[dict[str, Expected]] = {
    "A": (
        CORROBORATED,
        ("thursday-a-first-in", "thursday-a-second-in"),
        "two airframes from Baku, on the ground at both ends, OpenSky, no gap that could hold a stop; the first "
        "landing, at 22:30 UTC on Wednesday, is Thursday in Israel",
    ),
    "B": (
        PARTLY,
        ("thursday-b-first-in", "thursday-b-again-in"),
        "two landings by one airframe: the two different airframes are missing",
    ),
    "C": (COVERED, (), "the flight from Baku lands at Ramon; other traffic is heard low at every field of both places"),
    "D": (NOT_COVERED, (), "the flight from Baku lands at Ben Gurion; no other traffic near Ovda"),
    "E": (NOT_COVERED, (), _NOTHING),
    "F": (CONSISTENT, ("thursday-f-in",), "one landing, in a trace file whose network is not declared"),
}

_MINISTRY: Final = ("ministry-2029-12-in", "ministry-2030-05-in", "ministry-2030-11-in", "ministry-2031-03-in")
_PATTERN: Final[Expected] = (
    CORROBORATED,
    _MINISTRY,
    "the (invented) ministry's own aircraft landed in 4 different months of the 24, on the ground at Ovda, OpenSky; "
    "the contractor's landings are told apart from them. Only the ministry's are named here",
)

_THREE: Final = ("ganja-1-in", "ganja-1-out")
_FOUR: Final = ("ganja-0-out", *_THREE)


def _repeated(base: str, other_end: str, window: str) -> Expected:
    if other_end == "karabakh-radius-75":
        return NOT_COVERED, (), "Ganja, 101 km from Khojaly, is outside; no other traffic at the fields inside"
    legs = _THREE if window == "3 weeks" else _FOUR
    if base == "south-israel-bases":
        return (
            CORROBORATED,
            (*legs, "nevatim-out"),
            "two legs or more of grade A that OpenSky heard, Nevatim among them",
        )
    if window == "3 weeks":
        return PARTLY, legs, "two legs, but only one has a witness other than Flightradar24: 1 of 2"
    return CORROBORATED, legs, "two legs of grade A that OpenSky heard, and one that only Flightradar24 heard"


_OUT: Final = ("ganja-1-out", "baku-1-out", "baku-2-out")


def _supply(base: str, other_end: str, window: str) -> Expected:
    legs = _OUT if window == "3 weeks" else ("ganja-0-out", *_OUT)
    if base == "south-israel-bases":
        legs = (*legs, "nevatim-out")
    if window in ("6 weeks", "8 weeks"):
        return PARTLY, legs, "the last four weeks have a leg each, the earlier ones have none"
    if base == "south-israel-bases":
        return CORROBORATED, legs, "a leg of grade A that OpenSky heard in each week, one of them from Nevatim"
    return PARTLY, legs, "a leg in each week, but that of 2 September was heard by Flightradar24 alone"


def expected_verdicts() -> dict[str, dict[str, Expected]]:
    """Claim id → reading's label → expected verdict, matching flights, reason."""
    readings = list(product(BASES, OTHER_ENDS, WINDOWS))
    every = [", ".join(reading) for reading in readings]
    visit = (CONSISTENT, ("state-out", "state-back"), "an executive aircraft to Baku and back; ceiling `consistent`")
    first = (NOT_COVERED, (), "2016 becomes 2027, and nothing is planted in it")
    years = (CONSISTENT, (), "legs from Ovda to Azerbaijan in 2029, 2030, 2031 and 2034; ceiling `consistent`")
    return {
        "arab48-2020.tuesday-landing": TUESDAY,
        "arab48-2020.thursday-two-direct": THURSDAY,
        "arab48-2020.two-year-pattern": dict.fromkeys("ABCDEF", _PATTERN),
        "ap-2023.repeated-before-operation": {", ".join(r): _repeated(*r) for r in readings},
        "ap-2023.weeks-of-supply": {", ".join(r): _supply(*r) for r in readings},
        "ap-2023.gallant-july-visit": dict.fromkeys(every, visit),
        "ap-2023.first-deliveries-2016": dict.fromkeys(every, first),
        "ap-2023.buying-for-years": dict.fromkeys(every, years),
    }
