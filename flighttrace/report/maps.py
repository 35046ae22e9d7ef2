"""PNG maps: one leg, all legs of a query, any flight.

    draw_leg_map(leg, "leg.png", airfields=load_airfields(), places=case.places, sources=ingested.sources)

Each picture says on its face what was received and what is inferred, how sure each end is, whose data it is and whose
borders. A picture of simulated data begins with the stamp and carries a watermark. The same input gives the same bytes.
Nothing is fetched: the base map ships with the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from flighttrace import __version__
from flighttrace.errors import UsageError, shown
from flighttrace.geodesy import circle
from flighttrace.language import CARGO_NOTE, NULL_NOTE, Language, Text
from flighttrace.match.model import GRADES, Flight, Leg, OneEnded, Place
from flighttrace.positions import Source
from flighttrace.report import map_words as words
from flighttrace.report.basemap import scale_of
from flighttrace.report.counts import Routes, count_airframes, count_legs
from flighttrace.report.labels import Box
from flighttrace.report.map_insets import neighbours, paint_inset
from flighttrace.report.map_layers import TRACK_INK, EndMark, end_name
from flighttrace.report.map_lists import (
    Strand,
    head_height,
    head_lines,
    inset_head,
    leg_list,
    number_tracks,
    strands_of,
)
from flighttrace.report.map_scene import (
    AirfieldLookup,
    Route,
    Setting,
    extent,
    finish,
    key_of,
    paint_main,
    paint_places,
    route_of_flight,
    route_of_leg,
)
from flighttrace.report.map_sheet import GUTTER_PX, MARGIN_PX, WIDTH_PX, Sheet, SheetTexts, own_settings
from flighttrace.report.projection import View, fit_view

FENCE_KM: Final = 20.0
"""The circle drawn round a field: the same 20 km within which coverage counts other aircraft."""
MAIN_HEIGHT_PX, WIDE_HEIGHT_PX, INSET_ROW_PX, SIDE_PX = 1090.0, 840.0, 480.0, 500.0
WIDE_ASPECT: Final = 1.8
"""A route wider than this gets its enlargements below the map, not beside it."""
CLOCKS_WITHIN: Final = timedelta(hours=36)
"""Over a longer time the clock of the first and last fix says nothing."""
LONE_INSET_SHARE: Final = 0.58
"""Of the column's height, for a single enlargement."""
LEAST_INSET_PX: Final = 360.0
"""Below this height an enlargement under the list of legs is left out."""


def draw_leg_map(
    leg: Leg,
    path: str | Path,
    *,
    airfields: AirfieldLookup,
    places: Mapping[str, Place],
    lang: Language = "en",
    sources: Sequence[Source] = (),
    local_timezones: Mapping[str, str] = {},
    show_masked: bool = False,
    fence_km: float = FENCE_KM,
) -> Path:
    """Write the map of one leg as a PNG of 1800 pixels' width and return its path.

    Args: `sources` are narrowed to those of the flight; `local_timezones` maps a label to a zone, shown beside UTC;
    `show_masked` marks the positions that were not believed, by reason; `fence_km` is the radius round the fields.
    Raises UsageError where the flight has no believed position, and what the file system raises.
    """
    setting = _setting(leg.flight, airfields, places, lang, sources, local_timezones, fence_km, show_masked)
    return _draw_one(route_of_leg(leg, setting), setting, Path(path))


def draw_flight_map(
    flight: Flight,
    path: str | Path,
    *,
    airfields: AirfieldLookup,
    places: Mapping[str, Place] = {},
    lang: Language = "en",
    sources: Sequence[Source] = (),
    local_timezones: Mapping[str, str] = {},
    show_masked: bool = False,
    fence_km: float = FENCE_KM,
) -> Path:
    """Write the map of any flight, anywhere on the globe; ends are named by their estimates. As `draw_leg_map`."""
    setting = _setting(flight, airfields, places, lang, sources, local_timezones, fence_km, show_masked)
    return _draw_one(route_of_flight(flight, setting), setting, Path(path))


def draw_legs_map(
    legs: Sequence[Leg],
    path: str | Path,
    *,
    airfields: AirfieldLookup,
    places: Mapping[str, Place],
    lang: Language = "en",
    sources: Sequence[Source] = (),
    title: Text | None = None,
    one_ended: Sequence[OneEnded] = (),
    local_timezones: Mapping[str, str] = {},
    show_masked: bool = False,
    fence_km: float = FENCE_KM,
    routes_asked: Routes | None = None,
) -> Path:
    """Write one map of all legs of a query, numbered as in the list beside it; one-ended sightings in grey.

    With `routes_asked` the headline tells the legs on them from those that only claims ask for.

    Without any leg or sighting the map shows the places and says that nothing was found, which proves no absence.
    """
    legs, one_ended = _one_a_flight(legs, routes_asked), _first_of_each(one_ended)
    flights = [*(leg.flight for leg in legs), *(sighting.flight for sighting in one_ended)]
    used = {source_id for flight in flights for source_id in flight.source_ids}
    named = [s for s in sources if s.source_id in used] if flights else list(sources)
    setting = Setting(airfields, places, lang, named, local_timezones, fence_km, show_masked)
    routes = [route_of_leg(leg, setting) for leg in legs]
    lone = [route_of_flight(sighting.flight, setting, sighting) for sighting in one_ended]
    simulated = any(f.simulated for f in flights) or any(s.simulated for s in sources)
    with own_settings():
        shown_routes = [*routes, *lone]
        side_px = SIDE_PX + GUTTER_PX if shown_routes else 0.0
        width, height = WIDTH_PX - 2 * MARGIN_PX - side_px, MAIN_HEIGHT_PX if shown_routes else WIDE_HEIGHT_PX
        view = fit_view(*_extent_of_all(shown_routes, setting), aspect=width / height)
        headline = shown(title[lang], 120) if title is not None else _legs_headline(legs, routes_asked, lang)
        texts = SheetTexts(
            title=_stamped(headline, simulated, lang),
            subtitles=_legs_subtitles(legs, one_ended, setting),
            key=key_of(shown_routes, view, setting, one_ended=bool(lone)),
            footer=_footer(view, setting),
            lang=lang,
        )
        sheet = Sheet(texts, body_height_px=height)
        main, side = sheet.beside(SIDE_PX) if shown_routes else (sheet.body, sheet.body)
        strands = strands_of(routes, lone)
        drawn = [(route, strand.ink) for strand in reversed(strands) for route in strand.routes]
        many = len(strands) < len(shown_routes)
        inks = [ink for _, ink in drawn]
        panel = paint_main(
            sheet, main, view, [route for route, _ in drawn], setting, inks=inks, single=False, fine=many
        )
        number_tracks(sheet, panel, strands)
        if not shown_routes:
            paint_places(panel, setting)
        finish(panel, lang, simulated=simulated)
        if not shown_routes:
            return sheet.save(Path(path), version=__version__, simulated=simulated)
        low = leg_list(sheet, side, strands, setting)
        room = Box(side.x0, side.y0, side.x1, low - GUTTER_PX)
        if routes and room.y1 - room.y0 > LEAST_INSET_PX:
            _inset_of_least_sure(sheet, room, strands, setting, simulated=simulated)
        return sheet.save(Path(path), version=__version__, simulated=simulated)


def _one_a_flight(legs: Sequence[Leg], routes: Routes | None) -> list[Leg]:
    """Of a flight that joins several pairs of places the leg that stands for it: sure, on a route, best graded."""
    asked = {frozenset(route) for route in routes or ()}

    def rank(leg: Leg) -> tuple[bool, bool, int]:
        off = frozenset((leg.origin_place, leg.destination_place)) not in asked
        return leg.possible, off, GRADES.index(leg.grade)

    best: dict[str, Leg] = {}
    for leg in legs:
        known = best.setdefault(leg.flight.flight_id, leg)
        if rank(leg) < rank(known):
            best[leg.flight.flight_id] = leg
    return list(best.values())


def _first_of_each(one_ended: Sequence[OneEnded]) -> list[OneEnded]:
    """One sighting a flight, the better graded end."""
    ordered = sorted(one_ended, key=lambda o: (o.possible, GRADES.index(o.place_grade)))
    first = {o.flight.flight_id: o for o in reversed(ordered)}
    return [first[flight_id] for flight_id in dict.fromkeys(o.flight.flight_id for o in one_ended)]


def _inset_of_least_sure(
    sheet: Sheet, box: Box, strands: Sequence[Strand], setting: Setting, *, simulated: bool
) -> None:
    """Where the list leaves room: the surroundings of a leg's end with the worst grade, with all tracks."""
    drawn = [(n, route, strand.ink) for n, strand in enumerate(strands, start=1) for route in strand.routes]
    ends = [(n, route, ink, e) for n, route, ink in drawn if route.is_leg for e in route.ends if e.field is not None]
    if not ends:
        return
    worst = max(item[3].grade for item in ends)
    number, route, ink, end = next(item for item in ends if item[3].grade == worst)
    lang = setting.lang
    lines = head_lines(sheet.lettering, end, setting, box.x1 - box.x0)
    title = f"{number} · {lines[0].text.lstrip(words.RIGHT_TO_LEFT_MARK)}"
    lines[0] = replace(lines[0], text=words.line(lang, title, title))
    inset_head(sheet, box, end, lines)
    window = Box(box.x0, box.y0, box.x1, box.y1 - head_height(lines))
    along = [(other, other_ink) for _, other, other_ink in drawn if other is not route]
    panel = paint_inset(sheet, window, route, end, setting, ink=ink, along=along)
    finish(panel, lang, simulated=simulated, scale=0.85)


def _setting(
    flight: Flight,
    airfields: AirfieldLookup,
    places: Mapping[str, Place],
    lang: Language,
    sources: Sequence[Source],
    zones: Mapping[str, str],
    fence_km: float,
    show_masked: bool,
) -> Setting:
    used = [s for s in sources if s.source_id in flight.source_ids]
    return Setting(airfields, places, lang, used, zones, fence_km, show_masked)


def _draw_one(route: Route, setting: Setting, path: Path) -> Path:
    if not route.pieces:
        raise UsageError(f"flight {shown(route.flight.flight_id)} has no believed position: there is nothing to draw")
    lang = setting.lang
    simulated = route.flight.simulated or any(s.simulated for s in setting.sources)
    with own_settings():
        ends = [e for e in route.ends if e.field is not None or neighbours(e, None, setting)]
        lat, lon = extent([route], masked=setting.show_masked)
        square = fit_view(lat, lon, aspect=1.0, margin=0.0)
        x, y = square.project(lat, lon)
        wide = float(np.ptp(x)) > WIDE_ASPECT * max(float(np.ptp(y)), 1.0) or not ends
        full = WIDTH_PX - 2 * MARGIN_PX
        row = INSET_ROW_PX + GUTTER_PX if ends else 0.0
        height = WIDE_HEIGHT_PX + row if wide else MAIN_HEIGHT_PX
        aspect = full / WIDE_HEIGHT_PX if wide else (full - SIDE_PX - GUTTER_PX) / MAIN_HEIGHT_PX
        view = fit_view(lat, lon, aspect=aspect)
        texts = SheetTexts(
            title=_stamped(_headline(route, setting), simulated, lang),
            subtitles=_subtitles(route, setting),
            key=key_of([route], view, setting),
            footer=_footer(view, setting),
            lang=lang,
        )
        sheet = Sheet(texts, body_height_px=height)
        main, insets = _windows(sheet, ends, wide=wide)
        panel = paint_main(sheet, main, view, [route], setting, inks=[TRACK_INK], single=True)
        finish(panel, lang, simulated=simulated)
        heads = [head_lines(sheet.lettering, e, setting, b.x1 - b.x0) for e, b in zip(ends, insets, strict=True)]
        head = max((head_height(lines) for lines in heads), default=0.0)
        for end, box, lines in zip(ends, insets, heads, strict=True):
            inset_head(sheet, box, end, lines)
            own_head = head if wide else head_height(lines)
            window = Box(box.x0, box.y0, box.x1, box.y1 - own_head)
            small = paint_inset(sheet, window, route, end, setting, ink=TRACK_INK)
            finish(small, lang, simulated=simulated, scale=0.85)
        return sheet.save(path, version=__version__, simulated=simulated)


def _windows(sheet: Sheet, ends: Sequence[EndMark], *, wide: bool) -> tuple[Box, list[Box]]:
    """The main window and a box (with its head) for each enlargement."""
    body, count = sheet.body, len(ends)
    if not wide:
        main, side = sheet.beside(SIDE_PX)
        each = (side.y1 - side.y0 - GUTTER_PX) / 2 if count == 2 else (side.y1 - side.y0) * LONE_INSET_SHARE
        tops = [side.y1 - i * (each + GUTTER_PX) for i in range(count)]
        return main, [Box(side.x0, top - each, side.x1, top) for top in tops]
    main = Box(body.x0, body.y1 - WIDE_HEIGHT_PX, body.x1, body.y1)
    if not ends:
        return main, []
    each = (body.x1 - body.x0 - GUTTER_PX) / 2
    lefts = [body.x0 + i * (each + GUTTER_PX) for i in range(2)]
    if sheet.lang == "ar":
        lefts.reverse()
    return main, [Box(left, body.y0, left + each, main.y0 - GUTTER_PX) for left in lefts[:count]]


def _stamped(title: str, simulated: bool, lang: Language) -> str:
    """The headline; of simulated data never without the stamp in front."""
    if not simulated:
        return words.line(lang, title, title)
    return words.line(lang, f"{words.STAMP.en}: {title}", f"{words.STAMP.ar}: {title}")


def _headline(route: Route, setting: Setting) -> str:
    """Who, from where to where, when; what is inferred or only possible is called so."""
    lang = setting.lang
    flight = route.flight
    who = words.latin(name_of(flight), lang)
    origin, destination = (end_name(e, lang) for e in route.ends)
    when = words.day(route.departure.estimate.time_utc or flight.first_seen_utc, lang)
    if route.possible:
        return words.plain(
            lang, f"{who}, possible leg {origin} to {destination}, {when}",
            f"{who}، رحلة ممكنة من {origin} إلى {destination}، {when}",
        )  # fmt: skip
    if all(e.field is None for e in route.ends):
        nowhere = words.BOTH_UNKNOWN[lang]
        return words.plain(lang, f"{who}, {nowhere}, {when}", f"{who}، {nowhere}، {when}")
    named = [e for e in route.ends if e.field is not None]
    inferred = tuple(e.kind for e in named if e.grade == "C")
    possible = tuple(e.kind for e in named if e.grade in ("D", "X"))
    notes = [words.NOT_SEEN[kinds][i][lang] for i, kinds in enumerate((inferred, possible)) if kinds]
    comma = "، " if lang == "ar" else ", "
    text = words.plain(
        lang, f"{who}, {origin} to {destination}, {when}", f"{who}، من {origin} إلى {destination}، {when}"
    )
    return comma.join([text, *notes])


def name_of(flight: Flight) -> str:
    """The call sign, else the address, else the track's own key; made safe and cut."""
    if flight.callsigns:
        return shown("/".join(flight.callsigns[:2]), 24)
    return shown(flight.icao24 or flight.track_key, 24)


def _subtitles(route: Route, setting: Setting) -> tuple[str, ...]:
    lang, flight = setting.lang, route.flight
    first, last = flight.first_seen_utc, flight.last_seen_utc
    heard = _heard(first, last, setting)
    count = words.plain(lang, f"{flight.position_count:,} positions", f"{flight.position_count:,} موضعاً")
    rejected = words.plain(lang, f"{flight.rejected_count:,} not believed", f"{flight.rejected_count:,} غير مصدَّق")
    silence = words.duration(flight.longest_gap_s, lang)
    facts = [
        words.plain(lang, "Address", "العنوان") + f" {words.latin(shown(flight.icao24 or '?', 12), lang)}",
        f"{count}{'، ' if lang == 'ar' else ', '}{rejected}",
        words.plain(lang, f"longest silence {silence}", f"أطول انقطاع {silence}"),
    ]
    if flight.icao24 is None:
        facts[0] = words.plain(lang, "Identity not in the file", "الهوية غير مذكورة في الملف")
    if route.grade is not None:
        grade = words.latin(route.grade, lang)
        facts.append(
            words.plain(
                lang, f"leg grade {grade}: the worse of its ends", f"درجة الرحلة {grade}: الأسوأ من درجتي طرفيها"
            )
        )
    return heard, words.line(lang, " · ".join(facts), " · ".join(facts))


def _heard(first: datetime, last: datetime, setting: Setting, *, how_long: bool = True) -> str:
    lang = setting.lang
    if last - first > CLOCKS_WITHIN:
        days = words.days(first, last, lang)
        return words.line(lang, f"Heard {days} (UTC days)", f"سُمعت {days} (أيام {words.latin('UTC', lang)})")
    span = words.latin(f"{first:%H:%M}–{last:%H:%M} UTC", lang)
    parts = [f"{words.days(first, last, lang)}، {span}" if lang == "ar" else f"{words.days(first, last, lang)}, {span}"]
    parts += words.local_spans(first, last, setting.zones, lang)
    if how_long:
        parts.append(words.duration((last - first).total_seconds(), lang))
    text = " · ".join(parts)
    return words.line(lang, f"Heard {text}", f"سُمعت {text}")


def _footer(view: View, setting: Setting) -> tuple[str, ...]:
    lang = setting.lang
    note = words.footer_note(scale_of(view), view.conic, __version__, lang)
    return (*words.source_lines(setting.sources, lang), note, words.line(lang, CARGO_NOTE.en, CARGO_NOTE.ar))


def _legs_headline(legs: Sequence[Leg], routes: Routes | None, lang: Language) -> str:
    if not legs:
        return words.plain(lang, "No leg found", "لم توجد أي رحلة")
    first, last = min(leg.flight.first_seen_utc for leg in legs), max(leg.flight.last_seen_utc for leg in legs)
    when = words.days(first, last, lang)
    return words.legs_counted(count_legs(legs, routes), when, lang, routes_known=routes is not None)


def _legs_subtitles(legs: Sequence[Leg], one_ended: Sequence[OneEnded], setting: Setting) -> tuple[str, ...]:
    lang = setting.lang
    if not legs and not one_ended:
        return (words.line(lang, NULL_NOTE.en, NULL_NOTE.ar),)
    airframes = count_airframes(leg.flight for leg in legs if not leg.possible)
    flights = [*(leg.flight for leg in legs), *(o.flight for o in one_ended)]
    heard = _heard(
        min(f.first_seen_utc for f in flights), max(f.last_seen_utc for f in flights), setting, how_long=False
    )
    return heard, words.legs_detail(airframes, len(one_ended), lang)


def _extent_of_all(routes: Sequence[Route], setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """What the common map shows: the routes, else the places asked for."""
    if routes:
        return extent(routes, masked=setting.show_masked)
    fields = [f for p in setting.places.values() for n in p.airports if (f := setting.field(n)) is not None]
    if not fields:
        raise UsageError("no leg, and no place with a known field: there is nothing to draw")
    rims = np.concatenate([circle(f.lat_deg, f.lon_deg, 60.0, points=12) for f in fields])
    return rims[:, 0], rims[:, 1]
