"""Candidates of an end in words: where each lies, and what its numbers say for it and against it.

Only what follows from the estimate is said: its fix, movement and candidates, and the runways of the fields. Nothing is
weighed here: the weights are `likelihood.py`'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from flighttrace.geodesy import angle_between_deg, bearing_deg
from flighttrace.language import Text
from flighttrace.match.end_track import COURSE_MIN
from flighttrace.match.model import Airfield, Candidate, EndpointEstimate

KM_PER_FT: Final = 0.0003048
APPROACH_DEG: Final = 3.0
"""The usual glide path (ICAO Doc 8168: 3° is the standard of an approach)."""
STRAIGHT_IN_DEG: Final = {"arrival": (1.5, 4.5), "departure": (1.5, 10.0)}
"""A straight line between fix and field that is flatter or steeper than this is no plain descent, or climb."""
BEARING_FROM_KM: Final = 5.0
"""Nearer than this the direction of a field says nothing of where an aircraft is going."""
TOWARDS_DEG: Final = 30.0
AWAY_DEG: Final = 90.0
LINED_UP_FT: Final = 3000.0
LINED_UP_KM: Final = 30.0
"""Lower and nearer than this an aircraft is in line with the runway it uses, or about to be."""
IN_LINE_DEG: Final = 15.0
MOST_TIMES: Final = 1000
"""Beyond this a ratio of hand-set likelihoods is no number to print."""
COMPASS: Final = (
    Text("north", "شمالاً"),
    Text("north-northeast", "شمالاً بميل إلى الشمال الشرقي"),
    Text("northeast", "شمالاً شرقياً"),
    Text("east-northeast", "شرقاً بميل إلى الشمال الشرقي"),
    Text("east", "شرقاً"),
    Text("east-southeast", "شرقاً بميل إلى الجنوب الشرقي"),
    Text("southeast", "جنوباً شرقياً"),
    Text("south-southeast", "جنوباً بميل إلى الجنوب الشرقي"),
    Text("south", "جنوباً"),
    Text("south-southwest", "جنوباً بميل إلى الجنوب الغربي"),
    Text("southwest", "جنوباً غربياً"),
    Text("west-southwest", "غرباً بميل إلى الجنوب الغربي"),
    Text("west", "غرباً"),
    Text("west-northwest", "غرباً بميل إلى الشمال الغربي"),
    Text("northwest", "شمالاً غربياً"),
    Text("north-northwest", "شمالاً بميل إلى الشمال الغربي"),
)


class Fields(Protocol):
    """What is asked of a set of airfields."""

    def get(self, name: str, /) -> Airfield | None: ...


@dataclass(frozen=True)
class Standing:
    """Where one candidate stands to the fix. None: not known, or says nothing this near or this high."""

    bearing_deg: float | None
    """From the fix to the field's reference point."""
    off_deg: float | None
    """Between the direction flown and the straight way to the field (at a departure: from it)."""
    slope_deg: float | None
    """Of the straight line between the fix and the field's height."""
    runway_off_deg: float | None
    """Between the direction flown and the nearest runway direction; infinite where no runway's ends are known."""
    runway: str = ""
    """The runway of `runway_off_deg`."""
    beside_km: float | None = None
    """Between the field and the straight line on from the course of the last 20 minutes or so (at a departure: back
    from that of the first); None where the field lies behind it."""


def compass(direction_deg: float) -> Text:
    """ "south-southwest": one of sixteen points."""
    return COMPASS[round(direction_deg / 22.5) % 16]


def direction(direction_deg: float) -> Text:
    """ "203° true (south-southwest)"."""
    point, degrees = compass(direction_deg), f"{round(direction_deg) % 360:03d}"
    return Text(f"{degrees}° true ({point.en})", f"{degrees}° من الشمال الحقيقي ({point.ar})")


def percent(share: float) -> Text:
    """ "14%"; what would round to nothing or to everything is "less than 1%", "more than 99%"."""
    if share < 0.01:
        return Text("less than 1%", "أقل من 1%")
    return Text("more than 99%", "أكثر من 99%") if 0.995 <= share < 1.0 else Text(f"{share:.0%}", f"{share:.0%}")


def as_well_as(one: Candidate, other: Candidate) -> Text:
    """ "LLOV explains it 37 times as well as LLER": the ratio of likelihoods that the grades compare."""
    ratio = math.exp(min(one.log_likelihood - other.log_likelihood, 50.0))
    if ratio > MOST_TIMES:
        much = Text(f"more than {MOST_TIMES:,}", f"أكثر من {MOST_TIMES:,}")
    else:
        # cut, not rounded: 4.97 must not read as the 5 that a grade asks for
        digits = f"{math.floor(ratio * 10) / 10:.1f}" if ratio < 100 else f"{ratio:,.0f}"
        much = Text(digits, digits)
    return Text(
        f"{one.airport} explains it {much.en} times as well as {other.airport}",
        f"نسبة تفسير {one.airport} إلى تفسير {other.airport}: {much.ar}",
    )


def distance(km: float) -> str:
    """ "0.4", "12", "1,204"."""
    return f"{km:.1f}" if km < 10 else f"{km:,.0f}"


def by_flat(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The named candidates, the strongest first by `probability_flat`, then by name."""
    named = [c for c in candidates if c.airport is not None]
    return sorted(named, key=lambda c: (-c.probability_flat, c.airport or ""))


def standing(end: EndpointEstimate, candidate: Candidate, airfields: Fields) -> Standing:
    """How a named candidate stands to the fix of the end."""
    field = airfields.get(candidate.airport or "")
    km, height_ft = candidate.distance_km, candidate.height_ft
    slope = None
    if km is not None and height_ft is not None and km >= 1.0 and not end.on_ground:
        slope = math.degrees(math.atan2(height_ft * KM_PER_FT, km))
    if field is None or km is None or km < BEARING_FROM_KM:
        towards = None
    else:
        towards = float(bearing_deg(end.fix_lat_deg, end.fix_lon_deg, field.lat_deg, field.lon_deg))
    flown = end.true_track_deg if not end.on_ground else None
    off = None
    if flown is not None and towards is not None:
        off = float(angle_between_deg(flown if end.kind == "arrival" else flown + 180.0, towards))
    beside = None if towards is None or km is None else _beside_km(end, towards, km)
    low = height_ft is not None and height_ft < LINED_UP_FT and km is not None and km < LINED_UP_KM
    if field is None or flown is None or not low:
        return Standing(towards, off, slope, None, beside_km=beside)
    runways = [(float(angle_between_deg(flown, e.heading_deg)), e.ident) for r in field.runways for e in r.ends]
    lined, name = min(runways, default=(math.inf, ""))
    return Standing(towards, off, slope, lined, name, beside)


def _beside_km(end: EndpointEstimate, towards_deg: float, km: float) -> float | None:
    if end.course_deg is None or end.on_ground:
        return None
    off = float(angle_between_deg(end.course_deg + (0.0 if end.kind == "arrival" else 180.0), towards_deg))
    return km * math.sin(math.radians(off)) if off < AWAY_DEG else None


def placed(end: EndpointEstimate, candidate: Candidate, airfields: Fields) -> Text:
    """ "LLOV 41%, 98 km off, 201° true (south-southwest) of the fix, 10,808 ft below it"."""
    stands = standing(end, candidate, airfields)
    share = percent(candidate.probability_flat)
    en, ar = f"{candidate.airport} {share.en}", f"{candidate.airport} {share.ar}"
    if candidate.distance_km is not None:
        km = distance(candidate.distance_km)
        en, ar = f"{en}, {km} km off", f"{ar}، على بعد {km} كم"
    if stands.bearing_deg is not None:
        to = direction(stands.bearing_deg)
        en, ar = f"{en}, {to.en} of the fix", f"{ar}، باتجاه {to.ar} من الموضع"
    if candidate.height_ft is not None and not end.on_ground:
        height = f"{abs(candidate.height_ft):,.0f}"
        above = candidate.height_ft >= 0
        en += f", {height} ft {'below' if above else 'above'} it"
        ar += f"، {'أخفض' if above else 'أعلى'} منه بـ{height} قدم"
    return Text(en, ar)


def remarks(end: EndpointEstimate, candidate: Candidate, airfields: Fields) -> tuple[Text, ...]:
    """What speaks for or against a named candidate: height, direction, course, runway, in that order; nothing of the
    ground."""
    if end.on_ground:
        return ()
    stands = standing(end, candidate, airfields)
    found = (
        _of_height(end, candidate, stands),
        _of_direction(end, stands),
        _of_course(end, stands),
        _of_runway(stands),
    )
    return tuple(remark for remark in found if remark is not None)


def _of_height(end: EndpointEstimate, candidate: Candidate, stands: Standing) -> Text | None:
    if candidate.height_ft is None and end.fix_altitude_ft is not None:
        return Text(
            "the height of the field is not known, so height says nothing of it",
            "ارتفاع المطار غير معروف، فلا يدل الارتفاع عليه بشيء",
        )
    if candidate.height_ft is None:
        return Text("no height was heard, so height says nothing of it", "لم يُعرف الارتفاع، فلا يدل عليه بشيء")
    if stands.slope_deg is None or candidate.distance_km is None:
        return None
    if candidate.height_ft <= 0:
        return Text("the field lies higher than the fix", "المطار أعلى من الموضع")
    flattest, steepest = STRAIGHT_IN_DEG[end.kind]
    slope = f"{stands.slope_deg:.1f}"
    arrival = end.kind == "arrival"
    if stands.slope_deg > steepest:
        if not arrival:
            return Text(
                f"a straight line up from it rises {slope}°, steeper than a climb-out",
                f"الخط المستقيم منه يرتفع {slope}°، وهذا أشد من صعود معتاد",
            )
        path = distance(candidate.height_ft * KM_PER_FT / math.tan(math.radians(APPROACH_DEG)))
        return Text(
            f"a straight line down to it falls {slope}°: at {APPROACH_DEG:g}° the height takes {path} km, "
            "a longer path",
            f"الخط المستقيم إليه ينحدر {slope}°: بزاوية {APPROACH_DEG:g}° يحتاج الارتفاع إلى {path} كم، وهذا طريق أطول",
        )
    line = Text("a straight line down to it", "الخط المستقيم إليه")
    if not arrival:
        line = Text("a straight line up from it", "الخط المستقيم منه")
    if stands.slope_deg < flattest:
        return Text(
            f"{line.en} is {slope}° only: part of the way would be level",
            f"{line.ar} بزاوية {slope}° فقط: جزء من الطريق يكون أفقياً",
        )
    return Text(f"its height fits: {line.en} is {slope}°", f"الارتفاع يناسبه: {line.ar} بزاوية {slope}°")


def _of_direction(end: EndpointEstimate, stands: Standing) -> Text | None:
    if stands.off_deg is None:
        return None
    off = f"{stands.off_deg:.0f}"
    arrival = end.kind == "arrival"
    if stands.off_deg > AWAY_DEG:
        if arrival:
            return Text(f"heading away from it, {off}° off", f"الطائرة مبتعدة عنه بزاوية {off}°")
        return Text(f"flying back towards its side, {off}° off", f"الطائرة متجهة نحو جهته، بفارق {off}°")
    if stands.off_deg > TOWARDS_DEG:
        if arrival:
            return Text(f"heading {off}° off the way to it", f"الاتجاه منحرف {off}° عن الطريق إليه")
        return Text(f"heading {off}° off the way out of it", f"الاتجاه منحرف {off}° عن الطريق منه")
    if arrival:
        return Text(f"heading towards it, {off}° off", f"الطائرة متجهة إليه، بفارق {off}°")
    return Text(f"flying away from it, {off}° off", f"الطائرة آتية من جهته، بفارق {off}°")


def _of_course(end: EndpointEstimate, stands: Standing) -> Text | None:
    if stands.beside_km is None:
        return None
    km = distance(stands.beside_km)
    if end.kind == "arrival":
        return Text(
            f"the course of the last {COURSE_MIN:.0f} minutes or so, drawn on, passes {km} km beside it",
            f"مسار آخر {COURSE_MIN:.0f} دقيقة تقريباً، إذا مُدّ إلى الأمام، يمر على بعد {km} كم منه",
        )
    return Text(
        f"the course of the first {COURSE_MIN:.0f} minutes or so, drawn back, passes {km} km beside it",
        f"مسار أول {COURSE_MIN:.0f} دقيقة تقريباً، إذا مُدّ إلى الوراء، يمر على بعد {km} كم منه",
    )


def _of_runway(stands: Standing) -> Text | None:
    if stands.runway_off_deg is None:
        return None
    if math.isinf(stands.runway_off_deg):
        return Text(
            "the direction of its runway is not known, so it is not excluded by it",
            "اتجاه مدرجه غير معروف، فلا يُعرف هل الطائرة مصطفة معه، ولا يُستبعد",
        )
    off = f"{stands.runway_off_deg:.0f}"
    if stands.runway_off_deg > IN_LINE_DEG:
        return Text(
            f"flying {off}° off the direction of its runway ({stands.runway})",
            f"الاتجاه منحرف {off}° عن أقرب اتجاهات مدارجه ({stands.runway})",
        )
    return Text(
        f"flying in the direction of its runway {stands.runway}, {off}° off",
        f"الطائرة باتجاه مدرجه {stands.runway}، بفارق {off}°",
    )
