"""What goes into the windows of a map: routes with their ends, fences, stated radii, enlargements, the key.

`Route` is a flight as a map draws it; `paint_main` and `paint_inset` fill a window. A field is named where an estimate
or a place of the case names it, or for orientation where it lies near an end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

import numpy as np

from flighttrace.errors import FlighttraceError, shown
from flighttrace.geodesy import Floats, circle, distance_km
from flighttrace.language import Language
from flighttrace.match.model import Airfield, EndpointEstimate, Flight, Grade, Leg, OneEnded, Place
from flighttrace.positions import Source
from flighttrace.report import map_words as words
from flighttrace.report.basemap import BORDER, LAND_OF_ENDS
from flighttrace.report.labels import Box, Line
from flighttrace.report.map_layers import (
    BADGE_PX,
    CIRCLE_INK,
    FENCE_INK,
    FIELD_INK,
    NOTE_INK,
    ONE_ENDED_INK,
    TRACK_INK,
    EndMark,
    draw_badge,
    draw_circle,
    draw_field,
    draw_fix,
    draw_track,
    draw_way_inferred,
    end_label,
    field_label,
    geodesic_points,
    label_gaps,
    label_radius,
    with_code,
)
from flighttrace.report.map_masked import blocks_of, draw_masked, masked_key
from flighttrace.report.map_panel import Panel
from flighttrace.report.map_sheet import KeyItem, Sheet, circle_symbol, line_symbol, marker_symbol
from flighttrace.report.placenames import FIELD_NAMES, field_name
from flighttrace.report.projection import View
from flighttrace.report.segments import Segment, segments

FAR_FIX_KM: Final = 15.0
"""A last fix farther from the field than this gets a label of its own."""
INFERRED_KM: Final = 3.0
"""From a fix nearer than this no dotted way is drawn: it would lie on the runway."""
LABEL_SHARE: Final = 0.5
"""A field's label wider than this share of its window is set in two rows."""
FIELDS_NAMED: Final = 40
"""On a map without flights; a radius place of a whole country has more fields than can be named."""
GAP_SEEN_KM: Final = 5.0
"""A silence on the apron is no stroke that the key would have to explain."""
CANDIDATE_SHOWN: Final = 0.005
"""A candidate below half a per cent is not shown."""


class AirfieldLookup(Protocol):
    """What the maps need of a set of airfields."""

    def get(self, name: str, /) -> Airfield | None: ...


@dataclass(frozen=True)
class Setting:
    """What every map is given: fields, places, language, sources, zones, radius of the fences."""

    airfields: AirfieldLookup
    places: Mapping[str, Place]
    lang: Language
    sources: Sequence[Source]
    zones: Mapping[str, str] = field(default_factory=dict)
    fence_km: float = 20.0
    show_masked: bool = False

    def field(self, name: str | None) -> Airfield | None:
        """The field of that name; None where there is none."""
        if name is None:
            return None
        try:
            return self.airfields.get(name)
        except (FlighttraceError, KeyError):
            return None

    def place_title(self, name: str) -> str:
        return shown(self.places[name].title[self.lang], 40) if name in self.places else shown(name, 40)

    def fields_of(self, place: str | None, day: date) -> list[Airfield]:
        """The fields of a place that were open that day."""
        if place is None or place not in self.places:
            return []
        found = (self.field(name) for name in self.places[place].airports)
        return [f for f in found if f is not None and f.open_on(day)]


@dataclass(frozen=True)
class Route:
    """One flight as it is drawn: its ends, its track in pieces, the places of a leg."""

    flight: Flight
    departure: EndMark
    arrival: EndMark
    pieces: tuple[Segment, ...]
    grade: Grade | None = None
    possible: bool = False
    places: tuple[str | None, str | None] = (None, None)

    @property
    def is_leg(self) -> bool:
        return self.grade is not None

    @property
    def ends(self) -> tuple[EndMark, EndMark]:
        return self.departure, self.arrival


def route_of_leg(leg: Leg, setting: Setting) -> Route:
    """A leg: each end is the likeliest field inside its place, with the place's grade."""
    f = leg.flight
    return Route(
        f,
        _mark(f.departure, leg.departure_place_grade, setting, leg.origin_place),
        _mark(f.arrival, leg.arrival_place_grade, setting, leg.destination_place),
        segments(f.track),
        leg.grade,
        leg.possible,
        (leg.origin_place, leg.destination_place),
    )


def route_of_flight(flight: Flight, setting: Setting, one_ended: OneEnded | None = None) -> Route:
    """Any flight: each end is its likeliest field, or unknown; of a one-ended sighting that end is the place's."""
    marks = {end.kind: _mark(end, end.grade, setting, None) for end in (flight.departure, flight.arrival)}
    if one_ended is not None:
        marks[one_ended.kind] = _mark(flight.end(one_ended.kind), one_ended.place_grade, setting, one_ended.place)
    return Route(flight, marks["departure"], marks["arrival"], segments(flight.track))


def _mark(estimate: EndpointEstimate, grade: Grade, setting: Setting, place: str | None) -> EndMark:
    inside = set(setting.places[place].airports) if place is not None and place in setting.places else set()
    ranked = sorted(
        (c for c in estimate.candidates if c.airport in inside), key=lambda c: (-c.probability, c.airport or "")
    )
    field = setting.field(ranked[0].airport if ranked else estimate.airport)
    return EndMark(estimate, grade, field, setting.place_title(place) if len(inside) > 1 and place else "")


def extent(routes: Sequence[Route], *, masked: bool = False) -> tuple[Floats, Floats]:
    """Latitudes and longitudes that a map of the routes has to show: tracks, gaps, ends, and on request what competes
    with the tracks."""
    blocks = blocks_of([route.flight for route in routes]) if masked else []
    lat: list[Floats] = [block[0] for block in blocks]
    lon: list[Floats] = [block[1] for block in blocks]
    for route in routes:
        for piece in route.pieces:
            both = (
                geodesic_points(piece.lat_deg, piece.lon_deg) if piece.kind == "gap" else (piece.lat_deg, piece.lon_deg)
            )
            lat.append(both[0])
            lon.append(both[1])
        for end in route.ends:
            lat.append(np.array([end.at[0], end.estimate.fix_lat_deg]))
            lon.append(np.array([end.at[1], end.estimate.fix_lon_deg]))
    return np.concatenate(lat), np.concatenate(lon)


def fix_to_field_km(end: EndMark) -> float:
    """From the last or first fix to the field; 0 where the field is unknown."""
    if end.field is None:
        return 0.0
    e = end.estimate
    return float(distance_km(e.fix_lat_deg, e.fix_lon_deg, end.field.lat_deg, end.field.lon_deg))


def paint_main(
    sheet: Sheet,
    box: Box,
    view: View,
    routes: Sequence[Route],
    setting: Setting,
    *,
    inks: Sequence[str],
    single: bool,
    fine: bool = False,
) -> Panel:
    """Everything but numbers: base, radii, fences, tracks, ends, labels.

    `single` gives ends badges and times; `fine` is for many tracks: thin lines, an arrow only on the first of an ink,
    gaps dashed without a label.
    """
    fields = {e.field.airport: e.field for r in routes for e in r.ends if e.field is not None}
    tinted = tuple(
        (e.field.lat_deg, e.field.lon_deg) for r in routes if r.is_leg for e in r.ends if e.field is not None
    )
    panel = Panel(sheet.figure, sheet.lettering, box, view, highlight=tinted)
    radii = visible_radii(view, setting)
    for centre, kilometres in radii.items():
        for km in kilometres:
            draw_circle(panel, *centre, km, ink=CIRCLE_INK, filled=False, dashed=True)
    for f in fields.values():
        draw_circle(panel, f.lat_deg, f.lon_deg, setting.fence_km, ink=FENCE_INK, filled=True, dashed=False)
    pointed: set[str] = set()
    for route, ink in zip(routes, inks, strict=True):
        first = ink not in pointed
        pointed.add(ink)
        draw_track(
            panel, route.pieces, colour=ink, width=1.1 if fine else 2.4, arrows=first or not fine, cased=not fine
        )
        for end in route.ends:
            if fix_to_field_km(end) > INFERRED_KM:
                draw_way_inferred(panel, end)
            elif end.field is None and not single:
                draw_fix(panel, end.estimate)
    if setting.show_masked:
        draw_masked(panel, [route.flight for route in routes])
    if single:
        for end in routes[0].ends:
            x, y = panel.pixels(*end.at)[0]
            panel.placer.block_mark(draw_badge(sheet.figure, float(x), float(y), end.badge))
        _label_ends(panel, routes[0], setting)
    else:
        for f in sorted(fields.values(), key=lambda f: f.airport):
            draw_field(panel, f)
        for f in sorted(fields.values(), key=lambda f: f.airport):
            label_field(panel, f, setting.lang, bold=True, clear_px=9.0)
    if single:
        label_gaps(panel, routes[0].pieces, setting.lang)
    elif not fine:
        label_gaps(panel, [p for r in routes if r.is_leg for p in r.pieces], setting.lang, most=3, short=True)
    for centre, kilometres in radii.items():
        label_radius(panel, centre, kilometres, centre_name(centre, setting), setting.lang)
    return panel


def paint_places(panel: Panel, setting: Setting) -> None:
    """The fields of all places, for a map without any flight."""
    names = sorted({name for place in setting.places.values() for name in place.airports})
    fields = [f for f in (setting.field(name) for name in names) if f is not None and panel.shows(f.lat_deg, f.lon_deg)]
    for f in fields:
        draw_field(panel, f, size=5.0)
    for f in fields[:FIELDS_NAMED]:
        label_field(panel, f, setting.lang, bold=False)


def finish(panel: Panel, lang: Language, *, simulated: bool, scale: float = 1.0) -> None:
    """The scale bar, the names of the ground, the watermark: what yields to everything else."""
    panel.scale_bar(lang, size_pt=8.5 * scale)
    panel.label_ground(lang, scale=scale)
    if simulated:
        panel.stamp(lang)


def visible_radii(view: View, setting: Setting) -> dict[tuple[float, float], list[float]]:
    """Stated radii by centre, of the case's places whose circle reaches into the window."""
    found: dict[tuple[float, float], list[float]] = {}
    for place in setting.places.values():
        if place.centre is None or place.radius_km is None:
            continue
        rim = circle(*place.centre, place.radius_km, points=36)
        if view.contains(*view.project(rim[:, 0], rim[:, 1])).mean() > 0.3:
            radii = found.setdefault(place.centre, [])
            if place.radius_km not in radii:
                radii.append(place.radius_km)
    return found


def centre_name(centre: tuple[float, float], setting: Setting) -> str:
    """ "Khojaly (Stepanakert, UB13)": the field at the centre of a stated radius, else its coordinates."""
    known = [setting.field(name) for name in FIELD_NAMES]
    for f in known:
        if f is not None and distance_km(f.lat_deg, f.lon_deg, *centre) < 2.0:
            return with_code(field_name(f, setting.lang), f.ident, setting.lang)
    return words.latin(f"{centre[0]:.4f} N {centre[1]:.4f} E", setting.lang)


def label_field(
    panel: Panel, f: Airfield, lang: Language, *, bold: bool, extra: str = "", clear_px: float = 8.0, size: float = 8.6
) -> None:
    """The name of a field beside it."""
    weight, size_pt = ("bold", 11.5) if bold else ("normal", size)
    whole = field_label(f, lang, extra=extra)
    rows = [whole]
    if panel.lettering.width_of(whole, size_pt, weight) > LABEL_SHARE * (panel.box.x1 - panel.box.x0):
        rows = [field_name(f, lang), whole.removeprefix(field_name(f, lang)).strip()]
    x, y = panel.pixels(f.lat_deg, f.lon_deg)[0]
    block = panel.lettering.block(
        [Line(words.line(lang, row, row), size_pt, FIELD_INK, weight) for row in rows],
        align="right" if lang == "ar" else "left",
    )
    panel.placer.place_at_point(block, float(x), float(y), clear_px=clear_px)


def _label_ends(panel: Panel, route: Route, setting: Setting) -> None:
    """Name and time beside each badge, and where an end is inferred, what was last heard and how far off."""
    lang = setting.lang
    align = "right" if lang == "ar" else "left"
    for end in route.ends:
        e = end.estimate
        if end.field is None:
            heard = words.fix_line(e.kind, e.fix_time_utc, e.fix_altitude_ft, None, None, lang)
            lines = [
                Line(words.line(lang, "field unknown", "مطار غير معروف"), 11.5, FIELD_INK, "bold"),
                Line(heard[0], 8.8, NOTE_INK),
            ]
        else:
            name = end_label(end, lang)
            lines = [Line(words.line(lang, name, name), 12.0, FIELD_INK, "bold")]
            time = end_time(end, lang)
            if time:
                lines.append(Line(words.line(lang, time, time), 8.8, NOTE_INK))
        x, y = panel.pixels(*end.at)[0]
        block = panel.lettering.block(lines, align=align)
        panel.placer.place_at_point(block, float(x), float(y), clear_px=BADGE_PX + 3)
    for end in route.ends:
        e = end.estimate
        if end.field is None or fix_to_field_km(end) < FAR_FIX_KM:
            continue
        km = float(distance_km(e.fix_lat_deg, e.fix_lon_deg, end.field.lat_deg, end.field.lon_deg))
        name = field_name(end.field, lang) + ("" if end.told else words.QUESTION[lang])
        heard = words.fix_line(e.kind, e.fix_time_utc, e.fix_altitude_ft, km, name, lang)
        x, y = panel.pixels(e.fix_lat_deg, e.fix_lon_deg)[0]
        block = panel.lettering.block([Line(text, 8.8, NOTE_INK) for text in heard], align=align)
        panel.placer.place_at_point(block, float(x), float(y), clear_px=8.0)


def end_time(end: EndMark, lang: Language) -> str:
    e = end.estimate
    return words.end_time(e.kind, e.time_utc, e.not_before_utc, e.not_after_utc, lang, sure=end.grade in ("A", "B"))


def percent(chance: float, lang: Language) -> str:
    """ "14%"; anything that rounds to nothing is "<1%"."""
    return words.latin("<1%" if chance < 0.01 else f"{chance:.0%}", lang)


def candidates_line(end: EndMark, setting: Setting) -> str:
    """The ranked candidates of an end with their probabilities, UNKNOWN among them."""
    lang = setting.lang
    parts = []
    for c in sorted(end.estimate.candidates, key=lambda c: (-c.probability, c.airport or "~"))[:5]:
        if c.probability < CANDIDATE_SHOWN:
            continue
        f = setting.field(c.airport)
        name = (
            field_name(f, lang) if f is not None else words.UNKNOWN[lang] if c.airport is None else shown(c.airport, 8)
        )
        parts.append(f"{name} {percent(c.probability, lang)}")
    return ("، " if lang == "ar" else ", ").join(parts)


def key_of(
    routes: Sequence[Route], view: View, setting: Setting, *, one_ended: bool = False
) -> tuple[tuple[KeyItem, ...], ...]:
    """The key: the four grades always, and whatever else the map shows."""
    lang = setting.lang

    def item(name: str, symbol: object) -> KeyItem:
        text = words.KEY[name]
        return KeyItem(words.line(lang, text.en, text.ar), symbol)  # type: ignore[arg-type]

    def badge(grade: Grade | None) -> object:
        return lambda figure, x, y: draw_badge(figure, x, y, grade, scale=0.92)

    grades = [item("grades", None)] if routes else []
    for grade in ("A", "B", "C", "D") if routes else ():
        text = words.GRADE_KEYS[grade]
        grades.append(KeyItem(words.line(lang, text.en, text.ar), badge(grade)))  # type: ignore[arg-type]
    ends = [e for r in routes for e in r.ends]
    if any(e.field is None for e in ends):
        grades.append(item("unknown", badge(None)))
    signs = [item("received", line_symbol(TRACK_INK, "solid", 2.4))] if routes else []
    if not routes:
        signs.append(item("field", marker_symbol("o", "white", FIELD_INK, 6)))
    if any(p.kind == "gap" and p.km >= GAP_SEEN_KM for r in routes for p in r.pieces):
        signs.append(item("gap", line_symbol(TRACK_INK, (0, (2.6, 1.9)), 2.0)))
    if any(fix_to_field_km(e) > INFERRED_KM for e in ends):
        signs.append(item("inferred", line_symbol(NOTE_INK, (0, (0.9, 1.8)), 1.7)))
    if one_ended:
        signs.append(item("one_ended", line_symbol(ONE_ENDED_INK, "solid", 2.4)))
    if any(r.is_leg and e.field is not None for r in routes for e in r.ends):
        signs.append(item("tint", marker_symbol("s", LAND_OF_ENDS, BORDER, 9)))
    if any(e.field is not None for e in ends):
        symbol = circle_symbol(FENCE_INK, filled=True, dashed=False)
        signs.append(KeyItem(words.fence_key(setting.fence_km, lang), symbol))
    if visible_radii(view, setting):
        signs.append(item("radius", circle_symbol(CIRCLE_INK, filled=False, dashed=True)))
    if setting.show_masked:
        signs += masked_key([r.flight for r in routes], view, lang)
    return tuple(grades), tuple(signs)
