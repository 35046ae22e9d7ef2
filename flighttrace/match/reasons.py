"""Why an end is what it is, in words: last heard where, how high, moving how, and which rivals remain."""

from __future__ import annotations

import math

from flighttrace.language import Text
from flighttrace.match.model import EndpointEstimate


def end_reasons(end: EndpointEstimate, vertical_rate_ft_min: float, ground_speed_kt: float) -> tuple[Text, ...]:
    """The sentences of one end, in English and Arabic, in a fixed order."""
    return tuple(
        text for text in (_heard(end), _movement(end, vertical_rate_ft_min, ground_speed_kt), _rivals(end)) if text
    )


def continuity_reason(airport: str, kind: str) -> Text:
    """The sentence that the airframe's own next or previous flight adds."""
    if kind == "arrival":
        return Text(
            f"the same airframe next takes off from {airport}, and no flight between fits into the silence",
            f"الطائرة نفسها تقلع بعد ذلك من {airport}، ولا تتسع فترة الصمت لرحلة بينهما",
        )
    return Text(
        f"the same airframe last landed at {airport}, and no flight between fits into the silence",
        f"الطائرة نفسها هبطت قبل ذلك في {airport}، ولا تتسع فترة الصمت لرحلة بينهما",
    )


def _heard(end: EndpointEstimate) -> Text:
    time = end.fix_time_utc.strftime("%H:%M:%S UTC")
    first = "last" if end.kind == "arrival" else "first"
    first_ar = "آخر" if end.kind == "arrival" else "أول"
    place = f"{end.fix_lat_deg:.4f}, {end.fix_lon_deg:.4f}"
    if end.on_ground:
        return Text(f"{first} heard {time} on the ground at {place}", f"{first_ar} رصد {time} على الأرض عند {place}")
    if end.fix_altitude_ft is None:
        return Text(
            f"{first} heard {time} at {place}, height not heard",
            f"{first_ar} رصد {time} عند {place}، والارتفاع غير معروف",
        )
    height = f"{end.fix_altitude_ft:,.0f}"
    return Text(
        f"{first} heard {time} at {place} at {height} ft", f"{first_ar} رصد {time} عند {place} على ارتفاع {height} قدم"
    )


def _movement(end: EndpointEstimate, rate_ft_min: float, speed_kt: float) -> Text | None:
    if end.on_ground:
        return None
    speed = "" if math.isnan(speed_kt) else f", {speed_kt:.0f} kt"
    speed_ar = "" if math.isnan(speed_kt) else f"، {speed_kt:.0f} عقدة"
    if math.isnan(rate_ft_min):
        return Text(f"climb or descent not heard{speed}", f"الصعود أو النزول غير معروف{speed_ar}")
    rate = f"{abs(rate_ft_min):,.0f}"
    if end.descending:
        return (
            Text(f"descending {rate} ft/min{speed}", f"في نزول {rate} قدم/د{speed_ar}")
            if end.kind == "arrival"
            else Text(f"climbing {rate} ft/min{speed}", f"في صعود {rate} قدم/د{speed_ar}")
        )
    return Text(
        f"neither climbing nor descending as this end needs it{speed}",
        f"لا صعود ولا نزول كما يقتضيه هذا الطرف{speed_ar}",
    )


def _rivals(end: EndpointEstimate) -> Text:
    shown = [
        (f"{c.airport} {c.probability_flat:.0%}", c.distance_km)
        for c in sorted(end.candidates, key=lambda c: -c.probability_flat)
        if c.airport is not None and c.probability_flat >= 0.02
    ][:5]
    unknown = next((c.probability_flat for c in end.candidates if c.airport is None), 0.0)
    listed = ", ".join(name + ("" if km is None else f" ({km:.0f} km)") for name, km in shown) or "-"
    listed_ar = "، ".join(name + ("" if km is None else f" ({km:.0f} كم)") for name, km in shown) or "-"
    return Text(
        f"fields that explain it, flat over suitable ones: {listed}; unknown {unknown:.0%}",
        f"المطارات التي تفسّره، بلا تفضيل بين المناسب منها: {listed_ar}؛ غير معروف {unknown:.0%}",
    )
