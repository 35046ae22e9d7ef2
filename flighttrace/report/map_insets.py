"""The enlargements: the surroundings of one end of a flight, with the fields that compete for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import numpy as np

from flighttrace.geodesy import distance_km
from flighttrace.match.model import Airfield
from flighttrace.report import map_words as words
from flighttrace.report.labels import Box
from flighttrace.report.map_layers import (
    CIRCLE_INK,
    FENCE_INK,
    EndMark,
    draw_circle,
    draw_field,
    draw_fix,
    draw_track,
    draw_way_inferred,
)
from flighttrace.report.map_masked import draw_masked
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_scene import (
    CANDIDATE_SHOWN,
    INFERRED_KM,
    Route,
    Setting,
    fix_to_field_km,
    label_field,
    percent,
    visible_radii,
)
from flighttrace.report.map_sheet import Sheet
from flighttrace.report.projection import view_around

INSET_KM: Final = (32.0, 125.0)
"""Smallest and largest radius of an enlargement."""
NEIGHBOUR_KM: Final = {"A": 60.0, "B": 60.0, "C": 115.0, "D": 115.0, "X": 115.0}
"""Other fields this near are shown beside an end of that grade: the less sure, the wider one has to look."""
JET_RUNWAY_FT: Final = 5_500.0
"""Fields with a shorter runway are not added for orientation: an Il-76 or a 747 does not use them in service."""
NEIGHBOURS_ADDED: Final = 7


@runtime_checkable
class NearbyAirfields(Protocol):
    """What a full set of airfields can do besides: the fields round a point, nearest first."""

    def within(self, lat_deg: float, lon_deg: float, radius_km: float) -> tuple[Airfield, ...]: ...


def neighbours(end: EndMark, place: str | None, setting: Setting) -> list[tuple[Airfield, float | None]]:
    """Other fields near an end, with the probability of those among its candidates; the likeliest first."""
    lat, lon = end.at
    reach = NEIGHBOUR_KM[end.grade]
    day = end.estimate.fix_time_utc.date()
    chances = {c.airport: c.probability for c in end.estimate.candidates if c.airport is not None}
    names = [n for n, p in sorted(chances.items(), key=lambda item: (-item[1], item[0])) if p >= CANDIDATE_SHOWN]
    fields = [f for f in (setting.field(name) for name in names) if f is not None]
    for name in [place, *sorted(setting.places)]:
        fields += setting.fields_of(name, day)
    if isinstance(setting.airfields, NearbyAirfields):
        large = [f for f in setting.airfields.within(lat, lon, reach) if f.open_on(day) and _takes_jets(f)]
        fields += large[:NEIGHBOURS_ADDED]
    own = end.field.airport if end.field is not None else None
    unique = {f.airport: f for f in fields if f.airport != own}
    near = [f for f in unique.values() if float(distance_km(lat, lon, f.lat_deg, f.lon_deg)) <= reach]
    return [(f, chances.get(f.airport)) for f in near]


def _takes_jets(f: Airfield) -> bool:
    """True where a runway of JET_RUNWAY_FT is known."""
    return any(r.length_ft is not None and r.length_ft >= JET_RUNWAY_FT for r in f.runways)


def paint_inset(
    sheet: Sheet,
    box: Box,
    route: Route,
    end: EndMark,
    setting: Setting,
    *,
    ink: str,
    along: Sequence[tuple[Route, str]] = (),
) -> Panel:
    """The surroundings of one end: fences, runways, the fields that compete for it; `along` are further tracks."""
    lang, place = setting.lang, route.places[0 if end.kind == "departure" else 1]
    others = neighbours(end, place, setting)
    lat, lon = end.at
    reach = [float(distance_km(lat, lon, f.lat_deg, f.lon_deg)) for f, _ in others]
    fix_km = fix_to_field_km(end)
    if fix_km < INSET_KM[1] and end.grade not in ("A", "B"):
        reach.append(fix_km)
    radius = float(np.clip(1.18 * max(reach, default=0.0), *INSET_KM))
    view = view_around(lat, lon, radius, aspect=(box.x1 - box.x0) / (box.y1 - box.y0))
    panel = Panel(sheet.figure, sheet.lettering, box, view, highlight=(end.at,) if end.field and route.is_leg else ())
    radii = visible_radii(view, setting)
    for centre, kilometres in radii.items():
        for km in kilometres:
            draw_circle(panel, *centre, km, ink=CIRCLE_INK, filled=False, dashed=True)
    in_place = {f.airport for f in setting.fields_of(place, end.estimate.fix_time_utc.date())}
    for f, _ in others:
        if f.airport in in_place:
            draw_circle(panel, f.lat_deg, f.lon_deg, setting.fence_km, ink=FENCE_INK, filled=False, dashed=False)
    if end.field is not None:
        f = end.field
        draw_circle(panel, f.lat_deg, f.lon_deg, setting.fence_km, ink=FENCE_INK, filled=True, dashed=False)
    for other, other_ink in along:
        draw_track(panel, other.pieces, colour=other_ink, width=1.4, arrows=False, cased=False)
    draw_track(panel, route.pieces, colour=ink, width=2.0)
    if setting.show_masked:
        draw_masked(panel, [route.flight, *(other.flight for other, _ in along)])
    if fix_km > INFERRED_KM:
        draw_way_inferred(panel, end)
    elif end.field is None:
        draw_fix(panel, end.estimate)
    for f, _ in others:
        draw_field(panel, f, ink="#5b5b5b", size=5.0)
    if end.field is not None:
        draw_field(panel, end.field)
        own = next((c.probability for c in end.estimate.candidates if c.airport == end.field.airport), None)
        extra = "" if end.told else words.QUESTION[lang] if own is None else percent(own, lang)
        label_field(panel, end.field, lang, bold=end.told, extra=extra)
    for f, chance in others:
        extra = "" if chance is None or end.grade in ("A", "B") else percent(chance, lang)
        label_field(panel, f, lang, bold=False, extra=extra, clear_px=7.0, size=7.8)
    return panel
