"""The PNG map of one end of a flight: last fixes with heights, the fields that compete for it, the reachable set.

    draw_end_map(flight, "arrival", "end.png", airfields=load_airfields(), sources=ingested.sources)

Beside the map stand the candidates with both probabilities, and the reasons in words. What is drawn as reachable says
in the key what it is. Stamp, watermark, base map and bytes as for the other maps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from flighttrace import __version__
from flighttrace.errors import UsageError, shown
from flighttrace.geodesy import Floats, distance_km
from flighttrace.language import CARGO_NOTE, Language
from flighttrace.match.model import Candidate, EndKind, EndpointEstimate, Flight
from flighttrace.match.reach import Reach, reachable
from flighttrace.match.reasons import grade_reason
from flighttrace.positions import Source
from flighttrace.report import end_words
from flighttrace.report import map_words as words
from flighttrace.report.basemap import scale_of
from flighttrace.report.end_layers import (
    draw_beside,
    draw_fixes,
    draw_reach,
    draw_rings,
    draw_runways,
    label_fix,
    label_heights,
    label_rings,
)
from flighttrace.report.end_list import list_of_end, percent
from flighttrace.report.end_words import OnMap
from flighttrace.report.map_layers import TRACK_INK, EndMark, draw_badge, draw_field, draw_track, draw_way_inferred
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_scene import (
    INFERRED_KM,
    AirfieldLookup,
    Setting,
    finish,
    fix_to_field_km,
    label_field,
)
from flighttrace.report.map_sheet import GUTTER_PX, MARGIN_PX, WIDTH_PX, Sheet, SheetTexts, own_settings
from flighttrace.report.maps import name_of
from flighttrace.report.projection import View, fit_view, view_around
from flighttrace.report.segments import believed, segments

HEIGHT_PX: Final = 1130.0
SIDE_PX: Final = 560.0
LEAST_SHOWN: Final = 0.005
"""A candidate below half a per cent by both priors is on the list alone."""
LAST_S: Final = 1200.0
"""Fixes of the last (first) twenty minutes are dots; older ones are the line alone."""
CLOSE_KM: Final = 12.0
"""Where all that has to be shown lies this near, the map shows the airfield itself."""
CLOSE_RADIUS_KM: Final = 4.0
FAR_TIMES: Final = 1.6
"""The next sighting and the rim of the reachable set widen the map by this much at most."""


def draw_end_map(
    flight: Flight,
    kind: EndKind,
    path: str | Path,
    *,
    airfields: AirfieldLookup,
    lang: Language = "en",
    sources: Sequence[Source] = (),
    local_timezones: Mapping[str, str] = {},
) -> Path:
    """Write the map of one end as a PNG of 1800 pixels' width and return its path.

    Args: `sources` are narrowed to those of the flight; `local_timezones` maps a label to a zone, shown beside UTC.
    Raises UsageError where the flight has no believed position, and what the file system raises.
    """
    rows = believed(flight.track)
    if rows.empty:
        raise UsageError(f"flight {shown(flight.flight_id)} has no believed position: there is nothing to draw")
    used = [s for s in sources if s.source_id in flight.source_ids]
    setting = Setting(airfields, {}, lang, used, local_timezones)
    end = flight.end(kind)
    mark = EndMark(end, end.grade, setting.field(end.airport))
    reach = reachable(end)
    simulated = flight.simulated or any(s.simulated for s in used)
    with own_settings():
        width = WIDTH_PX - 2 * MARGIN_PX - SIDE_PX - GUTTER_PX
        view = view_of(end, rows_near(flight, end), reach, setting, aspect=width / HEIGHT_PX)
        beside_shown = end.neighbour is not None and bool(
            view.contains(*view.project(end.neighbour.lat_deg, end.neighbour.lon_deg))
        )
        grade = grade_reason(end)
        title = end_words.title(name_of(flight), mark, lang)
        texts = SheetTexts(
            title=words.line(lang, f"{words.STAMP.en}: {title}", f"{words.STAMP.ar}: {title}")
            if simulated
            else words.line(lang, title, title),
            subtitles=(
                words.line(lang, *(end_words.when(end, local_timezones, lang),) * 2),
                words.line(lang, f"Grade {grade.en}", f"الدرجة {grade.ar}"),
            ),
            key=end_words.key(
                mark, reach, lang, beside=beside_shown, gaps=_gaps(flight, view), on_map=_on_map(reach, view)
            ),
            footer=(
                *words.source_lines(used, lang),
                words.footer_note(scale_of(view), view.conic, __version__, lang),
                words.line(lang, CARGO_NOTE.en, CARGO_NOTE.ar),
            ),
            lang=lang,
        )
        sheet = Sheet(texts, body_height_px=HEIGHT_PX)
        main, side = sheet.beside(SIDE_PX)
        panel = Panel(sheet.figure, sheet.lettering, main, view)
        _paint(panel, flight, mark, reach, setting, beside=beside_shown)
        finish(panel, lang, simulated=simulated)
        list_of_end(sheet, side, mark, setting)
        return sheet.save(Path(path), version=__version__, simulated=simulated)


def rows_near(flight: Flight, end: EndpointEstimate) -> tuple[Floats, Floats, Floats, Floats]:
    """Latitude, longitude, altitude and seconds from the end fix of the believed fixes within LAST_S of it."""
    rows = believed(flight.track)
    seconds = (rows["time_utc"] - end.fix_time_utc).dt.total_seconds().abs().to_numpy(np.float64)
    near = rows[seconds <= LAST_S]
    altitude = near["baro_altitude_ft"].fillna(near["geo_altitude_ft"])
    return (
        np.asarray(near["lat_deg"], dtype=np.float64),
        np.asarray(near["lon_deg"], dtype=np.float64),
        np.asarray(altitude, dtype=np.float64),
        np.asarray(seconds[seconds <= LAST_S], dtype=np.float64),
    )


def shown_candidates(end: EndpointEstimate) -> list[Candidate]:
    """The named candidates that the map shows, the likeliest first."""
    named = [c for c in end.candidates if c.airport is not None]
    seen = [c for c in named if max(c.probability, c.probability_flat) >= LEAST_SHOWN]
    return sorted(seen or named[:1], key=lambda c: (-c.probability, c.airport or ""))


def view_of(
    end: EndpointEstimate,
    rows: tuple[Floats, Floats, Floats, Floats],
    reach: Reach | None,
    setting: Setting,
    *,
    aspect: float,
) -> View:
    """The window: the fix and the candidates, and as much of the track, the next sighting and the set as is near."""
    fields = [f for c in shown_candidates(end) if (f := setting.field(c.airport)) is not None]
    lat = np.array([end.fix_lat_deg, *(f.lat_deg for f in fields)])
    lon = np.array([end.fix_lon_deg, *(f.lon_deg for f in fields)])
    farthest = float(distance_km(end.fix_lat_deg, end.fix_lon_deg, lat, lon).max())
    if farthest <= CLOSE_KM and end.on_ground:
        middle = fields[0] if fields else None
        centre = (end.fix_lat_deg, end.fix_lon_deg) if middle is None else (middle.lat_deg, middle.lon_deg)
        radius = max(float(distance_km(*centre, lat, lon).max()) * 1.25, CLOSE_RADIUS_KM)
        return view_around(*centre, radius, aspect=aspect)
    also = [np.column_stack([rows[0], rows[1]])]
    if reach is not None and reach.rim is not None:
        also.append(reach.rim)
    if end.neighbour is not None:
        also.append(np.array([[end.neighbour.lat_deg, end.neighbour.lon_deg]]))
    widest = max(farthest, 15.0) * FAR_TIMES
    for points in also:
        away = distance_km(end.fix_lat_deg, end.fix_lon_deg, points[:, 0], points[:, 1])
        # a set is shown whole or not for its own sake; of a track, what is near
        kept = points if away.max() <= widest else points[away <= farthest] if points is also[0] else points[:0]
        lat, lon = np.concatenate([lat, kept[:, 0]]), np.concatenate([lon, kept[:, 1]])
    return fit_view(lat, lon, aspect=aspect)


def _on_map(reach: Reach | None, view: View) -> OnMap:
    """How much of the set the window shows; "all": the window lies inside it."""
    if reach is None or reach.rim is None:
        return "whole"
    inside = view.contains(*view.project(*reach.rim.T))
    # the fix is in the window and in the set: no rim in sight means that the set holds all of the window
    return "whole" if inside.all() else "part" if inside.any() else "all"


def _gaps(flight: Flight, view: View) -> bool:
    return any(
        s.kind == "gap" and s.km >= 1.0 and view.contains(*view.project(s.lat_deg, s.lon_deg)).any()
        for s in segments(flight.track)
    )


def _paint(panel: Panel, flight: Flight, mark: EndMark, reach: Reach | None, setting: Setting, *, beside: bool) -> None:
    """Back to front: the set, rings, track, fixes, fields; then labels, the important ones first."""
    end, lang = mark.estimate, setting.lang
    if reach is not None and reach.rim is not None and _on_map(reach, panel.view) != "all":
        draw_reach(panel, reach.rim)
    rings = draw_rings(panel, end)
    draw_track(panel, segments(flight.track), colour=TRACK_INK, width=2.0)
    if mark.told and fix_to_field_km(mark) > INFERRED_KM:
        draw_way_inferred(panel, mark)
    rows = rows_near(flight, end)
    draw_fixes(panel, rows[0], rows[1])
    if beside and end.neighbour is not None:
        draw_beside(panel, end.neighbour)
    fields = [(c, f) for c in shown_candidates(end) if (f := setting.field(c.airport)) is not None]
    own = mark.field.airport if mark.told and mark.field is not None else None
    for _, f in fields:
        draw_field(panel, f, ink="#1c1c1c" if f.airport == own else "#5b5b5b", size=6.0 if f.airport == own else 5.0)
    for _, f in fields:
        draw_runways(panel, f)
    x, y = panel.pixels(end.fix_lat_deg, end.fix_lon_deg)[0]
    panel.placer.block_mark(draw_badge(panel.figure, float(x), float(y), end.grade))
    label_fix(panel, end, lang)
    for c, f in fields:
        label_field(panel, f, lang, bold=f.airport == own, extra=percent(c.probability, lang), size=8.4)
    if beside and end.neighbour is not None:
        end_words.label_beside(panel, end, lang)
    label_heights(panel, rows, lang)
    label_rings(panel, end, rings, lang)
