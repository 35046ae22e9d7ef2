"""Who an airframe is: by its address, by the state's address block, by tables of airframes that carry no dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flighttrace.language import Text
from flighttrace.match.model import Flight
from flighttrace.weigh.expects import Expects
from flighttrace.weigh.model import Airframe, Case, ElementState
from flighttrace.weigh.windows import local_day

NOT_STATED: Final = "not stated"
NO_IDENTITY_FLAGS: Final = frozenset({"not an ICAO address", "special address: no identity"})
DECLARED: Final = "declared by the user"
NOT_IN_FILE: Final = "not in the file"


def address_is_known(flight: Flight) -> bool:
    """False where the address is missing, declared by the user, or no aircraft's (`~`, 000000, ffffff)."""
    return (
        flight.icao24 is not None
        and not flight.icao24.startswith("~")
        and flight.identity not in (DECLARED, NOT_IN_FILE)
        and not NO_IDENTITY_FLAGS & set(flight.flags)
    )


def address_is_its_own(flight: Flight) -> bool:
    """True where the very records bear the address: neither declared nor linked by a file name."""
    return address_is_known(flight) and flight.identity == "address in the file"


@dataclass(frozen=True)
class Judged:
    """Whether one flight meets one element, and by what."""

    state: ElementState
    basis: Text


BY_UNDATED_TABLE: Final = Text("by an undated table", "بحسب جدول بلا تواريخ")
BY_DATED_TABLE: Final = Text("by a source that dates it", "بحسب مصدر مؤرَّخ")
BY_BLOCK: Final = Text("by the state's address block", "بحسب نطاق عناوين الدولة")
BY_WIDER_BLOCK: Final = Text(
    "by the wider variant of the address block only", "بحسب الصيغة الأوسع وحدها لنطاق العناوين"
)
OUTSIDE: Final = Text("address outside the block, in no table", "العنوان خارج النطاق وليس في أي جدول")
NOT_IN_TABLE: Final = Text("airframe in no table of the case", "الطائرة ليست في جداول القضية")
NO_IDENTITY: Final = Text(
    "identity not in the file or declared by the user", "الهوية ليست في الملف أو صرّح بها المستخدم"
)
NOT_VALID_THEN: Final = Text("the table's dates do not cover the day", "تواريخ الجدول لا تشمل ذلك اليوم")


def airframe_of(flight: Flight, case: Case) -> Airframe | None:
    """The case's entry for the flight's airframe; None where the address is not known or in no table."""
    if not address_is_known(flight):
        return None
    return next((airframe for airframe in case.airframes if airframe.icao24 == flight.icao24), None)


def judge_operator(flight: Flight, expects: Expects, case: Case) -> Judged:
    """Operator or registry: one of the claim's operators, or of its states of registry."""
    if not address_is_known(flight):
        return Judged("unknowable", NO_IDENTITY)
    airframe = airframe_of(flight, case)
    if airframe is not None and _valid(airframe, flight, case):
        known = [(expects.operator, airframe.operator), (expects.state, airframe.state)]
        if any(value in wanted for wanted, value in known):
            return Judged("met", _table_basis(airframe))
        if any(wanted and value == NOT_STATED for wanted, value in known):
            return Judged("unknowable", NOT_IN_TABLE)
        return Judged("not met", _table_basis(airframe))
    if expects.state:
        judged = _by_block(str(flight.icao24), expects.state, case)
        if judged is not None:
            return judged
    if airframe is not None:
        return Judged("unknowable", NOT_VALID_THEN)
    if expects.state and not expects.operator:
        return Judged("not met", OUTSIDE)
    return Judged("unknowable", NOT_IN_TABLE)


def judge_kind(flight: Flight, expects: Expects, case: Case) -> Judged:
    """Kind of aircraft, which only a table can tell."""
    if not address_is_known(flight):
        return Judged("unknowable", NO_IDENTITY)
    airframe = airframe_of(flight, case)
    if airframe is None or airframe.kind == NOT_STATED:
        return Judged("unknowable", NOT_IN_TABLE)
    if not _valid(airframe, flight, case):
        return Judged("unknowable", NOT_VALID_THEN)
    return Judged("met" if airframe.kind in expects.kind else "not met", _table_basis(airframe))


def _by_block(address: str, states: tuple[str, ...], case: Case) -> Judged | None:
    """Met by a block of one of the states, the narrow variants first; None where the address is in none of them."""
    inside = [b for b in case.address_blocks if b.state in states and b.first <= address <= b.last]
    if any(not block.wider for block in inside):
        return Judged("met", BY_BLOCK)
    return Judged("met", BY_WIDER_BLOCK) if inside else None


def outside_every_block(flight: Flight, case: Case) -> bool:
    """True where a table gives the airframe to a state whose address blocks, in every variant, do not hold it."""
    airframe = airframe_of(flight, case)
    if airframe is None:
        return False
    blocks = [b for b in case.address_blocks if b.state == airframe.state]
    return bool(blocks) and not any(b.first <= airframe.icao24 <= b.last for b in blocks)


def _valid(airframe: Airframe, flight: Flight, case: Case) -> bool:
    day = local_day(flight.first_seen_utc, case.timezone)
    return (airframe.valid_from is None or airframe.valid_from <= day) and (
        airframe.valid_until is None or day < airframe.valid_until
    )


def _table_basis(airframe: Airframe) -> Text:
    dated = airframe.valid_from is not None or airframe.valid_until is not None
    return BY_DATED_TABLE if dated else BY_UNDATED_TABLE
