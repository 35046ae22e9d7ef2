"""Who an airframe is: by its address, by the state's address block, by tables of airframes that carry no dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flighttrace.language import Text
from flighttrace.match.model import Flight
from flighttrace.match.shared_address import AT_ONCE
from flighttrace.positions import DECLARED, IN_FILE, NOT_IN_FILE
from flighttrace.weigh.expects import Expects
from flighttrace.weigh.model import Airframe, Case, ElementState
from flighttrace.weigh.windows import local_day

NOT_STATED: Final = "not stated"
NO_IDENTITY_FLAGS: Final = frozenset({"not an ICAO address", "special address: no identity"})


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
    return address_is_known(flight) and flight.identity == IN_FILE


@dataclass(frozen=True)
class Judged:
    """Whether one flight meets one element, and by what."""

    state: ElementState
    basis: Text


BY_UNDATED_TABLE: Final = Text("by an undated table", "بحسب جدول بلا تواريخ")
BY_DATED_TABLE: Final = Text("by a source that dates it", "بحسب مصدر مؤرَّخ")
BY_BLOCK: Final = Text("by the state's address block", "بحسب نطاق عناوين الدولة")
IN_WIDER_BLOCK: Final = Text(
    "in the wider variant of the state's address block only, on which tables disagree",
    "في الصيغة الأوسع وحدها لنطاق عناوين الدولة، والجداول مختلفة عليها",
)
OUTSIDE: Final = Text("address outside the block, in no table", "العنوان خارج النطاق وليس في أي جدول")
NOT_IN_TABLE: Final = Text("airframe in no table of the case", "الطائرة ليست في جداول القضية")
NO_BLOCK: Final = Text("the case names no address block of the state", "لا تذكر القضية نطاق عناوين للدولة")
OPERATOR_NOT_STATED: Final = Text(
    "the airframe is in the table, which does not state its operator", "الطائرة في الجدول، ومشغّلها غير مذكور فيه"
)
STATE_NOT_STATED: Final = Text(
    "the airframe is in the table, which does not state its registry", "الطائرة في الجدول، ودولة تسجيلها غير مذكورة فيه"
)
KIND_NOT_STATED: Final = Text(
    "the airframe is in the table, which does not state its kind", "الطائرة في الجدول، ونوعها غير مذكور فيه"
)
NO_IDENTITY: Final = Text(
    "identity not in the file or declared by the user", "الهوية ليست في الملف أو صرّح بها المستخدم"
)
SHARED: Final = Text("the address was heard in two places at once", "بُثّ العنوان من مكانين في آن واحد")
NOT_VALID_THEN: Final = Text("the table's dates do not cover the day", "تواريخ الجدول لا تشمل ذلك اليوم")


def airframe_of(flight: Flight, case: Case) -> Airframe | None:
    """The case's entry for the flight's airframe; None where the address is not known or in no table."""
    if not address_is_known(flight):
        return None
    return next((airframe for airframe in case.airframes if airframe.icao24 == flight.icao24), None)


def judge_operator(flight: Flight, expects: Expects, case: Case) -> Judged:
    """Operator and registry: one of the claim's operators and one of its states, each where the claim names any.

    Only a table can tell the operator; the registry also follows from the state's address block.
    """
    if not address_is_known(flight):
        return Judged("unknowable", NO_IDENTITY)
    if AT_ONCE in flight.flags:
        return Judged("unknowable", SHARED)
    parts = []
    if expects.operator:
        parts.append(_by_table(flight, "operator", expects.operator, case))
    if expects.state:
        parts.append(_by_registry(flight, expects.state, case))
    worst: ElementState = max((part.state for part in parts), key=("met", "unknowable", "not met").index)
    bases = list(dict.fromkeys(part.basis for part in parts if part.state == worst))
    return Judged(worst, Text("; ".join(b.en for b in bases), "؛ ".join(b.ar for b in bases)))


def _by_table(flight: Flight, column: str, wanted: tuple[str, ...], case: Case) -> Judged:
    """One column of the tables of airframes: "operator", "state" or "kind"."""
    airframe = airframe_of(flight, case)
    if airframe is None:
        return Judged("unknowable", NOT_IN_TABLE)
    value = {"operator": airframe.operator, "state": airframe.state, "kind": airframe.kind}[column]
    if value == NOT_STATED:
        words = {"operator": OPERATOR_NOT_STATED, "state": STATE_NOT_STATED, "kind": KIND_NOT_STATED}
        return Judged("unknowable", words[column])
    if not _valid(airframe, flight, case):
        return Judged("unknowable", NOT_VALID_THEN)
    return Judged("met" if value in wanted else "not met", _table_basis(airframe))


def _by_registry(flight: Flight, states: tuple[str, ...], case: Case) -> Judged:
    by_table = _by_table(flight, "state", states, case)
    if by_table.state != "unknowable":
        return by_table
    blocks = [b for b in case.address_blocks if b.state in states]
    inside = [b for b in blocks if b.first <= str(flight.icao24) <= b.last]
    if any(not block.wider for block in inside):
        return Judged("met", BY_BLOCK)
    if inside:
        return Judged("unknowable", IN_WIDER_BLOCK)
    if by_table.basis != NOT_IN_TABLE:
        return by_table
    return Judged("not met", OUTSIDE) if blocks else Judged("unknowable", NO_BLOCK)


def judge_kind(flight: Flight, expects: Expects, case: Case) -> Judged:
    """Kind of aircraft, which only a table can tell."""
    if not address_is_known(flight):
        return Judged("unknowable", NO_IDENTITY)
    if AT_ONCE in flight.flags:
        return Judged("unknowable", SHARED)
    return _by_table(flight, "kind", expects.kind, case)


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
