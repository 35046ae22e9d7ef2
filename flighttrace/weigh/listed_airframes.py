"""Where a case's own airframes and the tables of airframes in an archive do not say the same. They decide nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from flighttrace.errors import DamagedFileError
from flighttrace.ingest.archive.airframe_tables import Listed, listed_airframes
from flighttrace.match.model import Flight
from flighttrace.weigh.model import Case

_UNSTATED: Final = frozenset({"", "not stated", "not listed"})


def beside_the_case(
    archive: str | Path | None, case: Case, flights: Iterable[Flight]
) -> tuple[dict[str, str], list[str]]:
    """Address → what an archive's tables of airframes say of it, to be printed beside it; and, in sentences, where the
    case says otherwise or a table cannot be read."""
    if archive is None:
        return {}, []
    try:
        listed = listed_airframes(Path(archive), {f.icao24 for f in flights if f.icao24 is not None})
    except DamagedFileError as error:
        return {}, [str(error)]
    texts = {icao24: "; ".join(row.text for row in rows) for icao24, rows in listed.items()}
    return texts, disagreements(case, listed)


def disagreements(case: Case, listed: Mapping[str, Sequence[Listed]]) -> list[str]:
    """A sentence for each address whose registration or type the case and a table state differently, in their order."""
    lines: list[str] = []
    for airframe in case.airframes:
        for row in listed.get(airframe.icao24, ()):
            ours = {"registration": airframe.registration, "type": airframe.typecode}
            theirs = {"registration": row.registration, "type": row.typecode}
            for what in ours:
                if not {ours[what], theirs[what]} & _UNSTATED and _bare(ours[what]) != _bare(theirs[what]):
                    lines.append(
                        f"airframe {airframe.icao24}: the case states {what} {ours[what]} ({airframe.source}), "
                        f"the table {row.source} of {row.day} {theirs[what]}; neither is proof for the flight's day"
                    )
    return lines


def _bare(text: str) -> str:
    """Tables write one registration with and without its dash."""
    return text.replace("-", "").strip().upper()
