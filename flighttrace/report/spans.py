"""From when to when each input holds positions: what a null result has to say of the files behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flighttrace.positions import Ingested

Span = tuple[datetime, datetime]


def position_spans(ingested: Ingested) -> Mapping[str, Span]:
    """source_id → times of its first and last position, UTC; an input without a position that was believed has none.

    Only what reading already rejected is left out, since a record with a wrong place often has a wrong time too.
    """
    if ingested.spans:
        return {
            source_id: (
                datetime.fromtimestamp(heard.first_ms / 1000, UTC),
                datetime.fromtimestamp(heard.last_ms / 1000, UTC),
            )
            for source_id, heard in ingested.spans.items()
        }
    rows = ingested.positions
    rows = rows.loc[rows["rejected_because"].isna(), ["source_id", "time_utc"]]
    times = rows.groupby("source_id")["time_utc"].agg(["min", "max"])
    return {
        str(source_id): (first.to_pydatetime().astimezone(UTC), last.to_pydatetime().astimezone(UTC))
        for source_id, first, last in times.itertuples()
    }


def whole_span(ingested: Ingested) -> Span | None:
    """The first and the last position of all inputs together; None where there is none."""
    spans = position_spans(ingested).values()
    return (min(a for a, _ in spans), max(b for _, b in spans)) if spans else None
