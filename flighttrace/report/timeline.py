"""The timeline of the page: legs by day and direction, the claims' windows below, as shapes for an inline SVG.

Years may lie between the legs and the claims of one case. The axis is therefore cut into panels where nothing stands
for QUIET_DAYS; within a panel it is linear. All sizes are SVG units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from flighttrace.language import Language

QUIET_DAYS: Final = 60
"""A longer stretch without a leg or a short window is left out between two panels."""
LONG_WINDOW: Final = timedelta(days=120)
"""A longer window (two years of landings) does not set the scale: it is drawn across the panels it touches."""
MOST_PANELS: Final = 4
"""More stretches than this are joined over their shortest pauses."""
MOST_WINDOW_ROWS: Final = 12
WIDTH: Final = 1100.0
LEFT: Final = 232.0
RIGHT: Final = 16.0
LANE: Final = 34.0
WINDOW_ROW: Final = 17.0
TITLE: Final = 24.0
AXIS: Final = 26.0
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Mark:
    """A leg on the timeline: the number it has on the page, when it left, its lane, whether it is only possible."""

    number: int
    at_utc: datetime
    lane: int
    possible: bool
    title: str


@dataclass(frozen=True)
class Window:
    """A claim's window of time (the end excluded) and what it is called on the page."""

    from_utc: datetime
    to_utc: datetime
    title: str


@dataclass(frozen=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True)
class MarkShape:
    mark: Mark
    x: float
    y: float
    seconds: int


@dataclass(frozen=True)
class WindowShape:
    window: Window
    x: float
    width: float
    y: float
    text_x: float
    text_y: float
    """Top of the label's row: the bar's own, or the one above where there is room on neither side of the bar."""
    anchor: str
    goes_on: bool


@dataclass(frozen=True)
class Panel:
    """One stretch of time, drawn as one SVG."""

    title: str
    height: float
    lanes_bottom: float
    from_s: int
    to_s: int
    ticks: tuple[Tick, ...]
    lanes: tuple[tuple[int, float], ...]
    """Number of each lane that has a mark here, and its y."""
    marks: tuple[MarkShape, ...]
    windows: tuple[WindowShape, ...]
    windows_left_out: int
    all_inside: tuple[str, ...]
    """Titles of the windows that hold the whole panel: told, not drawn."""


def panels(marks: Sequence[Mark], windows: Sequence[Window], *, lang: Language) -> tuple[Panel, ...]:
    """The panels in time order; empty where there is neither a leg nor a window."""
    spans = [(m.at_utc, m.at_utc) for m in marks]
    spans += [(w.from_utc, w.to_utc) for w in windows if w.to_utc - w.from_utc <= LONG_WINDOW]
    spans = spans or [(w.from_utc, w.to_utc) for w in windows]
    stretches: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if stretches and start - stretches[-1][1] <= timedelta(days=QUIET_DAYS):
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], end))
        else:
            stretches.append((start, end))
    while len(stretches) > MOST_PANELS:
        n = min(range(1, len(stretches)), key=lambda n: stretches[n][0] - stretches[n - 1][1])
        stretches[n - 1 : n + 1] = [(stretches[n - 1][0], stretches[n][1])]
    return tuple(_panel(a, b, marks, windows, lang) for a, b in stretches)


def _panel(first: datetime, last: datetime, marks: Sequence[Mark], windows: Sequence[Window], lang: Language) -> Panel:
    pad = max(timedelta(days=2), (last - first) * 0.03)
    start, end = _midnight(first - pad), _midnight(last + pad + timedelta(days=1))
    scale = (WIDTH - LEFT - RIGHT) / (end - start).total_seconds()

    def x_of(moment: datetime) -> float:
        return round(LEFT + (moment - start).total_seconds() * scale, 1)

    here = [m for m in marks if start <= m.at_utc < end]
    lanes = {lane: TITLE + n * LANE for n, lane in enumerate(sorted({m.lane for m in here}))}
    lanes_bottom = TITLE + max(len(lanes), 1) * LANE
    shown = tuple(MarkShape(m, x_of(m.at_utc), lanes[m.lane], int(m.at_utc.timestamp())) for m in here)
    around = [w for w in windows if w.from_utc <= start and w.to_utc >= end]
    inside = [w for w in windows if w.from_utc < end and w.to_utc > start and w not in around]
    bars, left_out = _packed(inside, start, end, x_of, lanes_bottom + AXIS)
    rows_bottom = max((b.y for b in bars), default=lanes_bottom + AXIS - WINDOW_ROW) + WINDOW_ROW
    left_out_y = WINDOW_ROW if left_out else 0
    return Panel(
        title=_span_title(first, last),
        height=rows_bottom + left_out_y + (WINDOW_ROW if around else 0) + 4,
        lanes_bottom=lanes_bottom,
        from_s=int(start.timestamp()),
        to_s=int(end.timestamp()),
        ticks=tuple(Tick(x_of(day), _tick_text(day, end - start, lang)) for day in _tick_days(start, end)),
        lanes=tuple(lanes.items()),
        marks=shown,
        windows=bars,
        windows_left_out=left_out,
        all_inside=tuple(sorted(dict.fromkeys(w.title for w in around))),
    )


def _packed(
    windows: Sequence[Window], start: datetime, end: datetime, x_of: object, top: float
) -> tuple[tuple[WindowShape, ...], int]:
    """The windows in as few rows as their bars and labels allow; how many did not fit."""
    assert callable(x_of)
    free_from: list[float] = []
    shapes: list[WindowShape] = []
    left_out = 0
    for w in sorted(windows, key=lambda w: (w.from_utc, w.to_utc, w.title)):
        x, right = x_of(max(w.from_utc, start)), x_of(min(w.to_utc, end))
        width, needed = max(right - x, 3.0), 6.4 * len(w.title) + 12
        after = x + width + needed <= WIDTH
        before = x - needed >= LEFT and not after
        from_x, to_x = (x - needed if before else x), max(x + width, x + needed)
        if after or before:
            to_x = x + width + (needed if after else 0)
        rows = 1 if after or before else 2
        free_from += [LEFT] * (MOST_WINDOW_ROWS - len(free_from))
        fits = (n for n in range(MOST_WINDOW_ROWS - rows + 1) if max(free_from[n : n + rows]) <= from_x)
        row = next(fits, None)
        if row is None:
            left_out += 1
            continue
        free_from[row : row + rows] = [to_x] * rows
        text_x, anchor = (x + width + 5, "start") if after else (x - 5, "end") if before else (x, "start")
        goes_on = w.from_utc < start or w.to_utc > end
        text_y, y = top + row * WINDOW_ROW, top + (row + rows - 1) * WINDOW_ROW
        shapes.append(WindowShape(w, x, round(width, 1), y, round(text_x, 1), text_y, anchor, goes_on))
    return tuple(shapes), left_out


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _tick_days(start: datetime, end: datetime) -> list[datetime]:
    days = (end - start).days
    step = next((s for s in (1, 2, 7, 14) if days / s <= 14), None)
    if step is not None:
        return [start + timedelta(days=n) for n in range(0, days, step)]
    months = next((m for m in (1, 3, 6, 12, 24, 60) if days / 30.4 / m <= 14), 120)
    found, year, month = [], start.year, start.month
    while (day := datetime(year, month, 1, tzinfo=UTC)) < end:
        if day >= start and (year * 12 + month - 1) % months == 0:
            found.append(day)
        year, month = (year + month // 12, month % 12 + 1)
    return found


def _tick_text(day: datetime, span: timedelta, lang: Language) -> str:
    if span.days > 14 * 14:
        return f"{day.year}-{day.month:02d}"
    return f"{day.day}/{day.month}" if lang == "ar" else f"{day.day} {MONTHS[day.month - 1]}"


def _span_title(first: datetime, last: datetime) -> str:
    a, b = f"{first:%Y-%m}", f"{last:%Y-%m}"
    return a if a == b else f"{a} – {b}"
