"""What was read apart, put together: groups of members to one account, files to one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from flighttrace.accounting import Accounting
from flighttrace.positions import LISTED_FLIGHT_DTYPES, conform, empty_listed_flights, empty_positions


def summed(accounts: Sequence[Accounting], *, skipped: Mapping[str, int], flags: Sequence[str]) -> Accounting:
    """One accounting of a file's groups of members."""
    without: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    passed_over: Counter[str] = Counter(skipped)
    for account in accounts:
        without.update(account.without_position)
        quarantined.update(account.quarantined)
        passed_over.update(account.skipped)
    lined = [account for account in accounts if account.physical_lines is not None]
    return Accounting(
        records=sum(account.records for account in accounts),
        accepted=sum(account.accepted for account in accounts),
        without_position=dict(sorted(without.items())),
        quarantined=dict(sorted(quarantined.items())),
        exact_duplicates=sum(account.exact_duplicates for account in accounts),
        physical_lines=sum(account.physical_lines or 0 for account in lined) if lined else None,
        header_lines=sum(account.header_lines for account in lined),
        record_lines=sum(account.record_lines or 0 for account in lined) if lined else None,
        blank_or_comment_lines=sum(account.blank_or_comment_lines for account in lined),
        skipped=dict(sorted(passed_over.items())),
        flags=tuple(sorted({flag for account in accounts for flag in account.flags} | set(flags))),
    )


def positions_together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows in canonical order; a simulated mark spreads over the record's whole track."""
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return empty_positions()
    table = pd.concat(frames, ignore_index=True)
    if table["simulated"].any() and not table["simulated"].all():
        table["simulated"] = table["track_key"].isin(table.loc[table["simulated"], "track_key"].unique())
    order = canonical_order(table)
    if (np.diff(order) != 1).any():
        table = table.take(order)
        table.index = pd.RangeIndex(len(table))
    return conform(table)


def canonical_order(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Row numbers by track key, time, source, row and member; a missing member last, what is alike as it comes."""
    keys, sources = (pd.factorize(rows[name], sort=True)[0] for name in ("track_key", "source_id"))
    time = rows["time_utc"].to_numpy(dtype="datetime64[ns]")
    member = pd.factorize(rows["member"], sort=True)[0]
    last = np.where(member < 0, len(rows), member)
    return np.asarray(np.lexsort((last, rows["source_row"].to_numpy(), sources, time, keys)), dtype=np.int64)


def listed_together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All listed flights, in the order of their sources."""
    tables = [table for table in tables if len(table)]
    if not tables:
        return empty_listed_flights()
    table = pd.concat(tables, ignore_index=True)
    order = ["source_id", "source_row"]
    names = list(LISTED_FLIGHT_DTYPES)
    return table.sort_values(order, kind="stable", ignore_index=True)[names].astype(dict(LISTED_FLIGHT_DTYPES))
