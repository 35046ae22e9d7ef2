"""The sentences under a null: what was looked for, what the files could have held, and what speaks against coverage."""

from __future__ import annotations

from collections.abc import Sequence

from flighttrace.language import NULL_NOTE, Text
from flighttrace.match.model import Coverage
from flighttrace.positions import Source
from flighttrace.weigh.matching import Match
from flighttrace.weigh.reasons import MOST_LISTED, with_reasons


def null_reasons(
    coverage: Coverage,
    possible: Sequence[Match],
    failed_inputs: int,
    lossy: Sequence[Source],
    *,
    real_positions: int,
    covered: bool,
) -> list[Text]:
    """Why nothing was found means so much or so little. `covered`: the verdict is "though covered"."""
    reasons = [
        Text(
            f"No flight in these files matches. {NULL_NOTE.en}",
            f"لا توجد في هذه الملفات رحلة مطابقة. {NULL_NOTE.ar}",
        )
    ]
    if not real_positions and not covered:
        reasons.append(
            Text(
                "These files hold no real track: not covered is the right answer, and nothing follows from it.",
                "لا تحوي هذه الملفات مساراً حقيقياً: «التغطية غير متوفرة» هو الجواب الصحيح، ولا يترتب عليه شيء.",
            )
        )
    reasons += [_span_reason(coverage), *_silence_reason(coverage), _coverage_reason(coverage)]
    if possible:
        reasons.append(
            Text(
                f'Possible, not counted, and so against "though covered": {with_reasons(possible, "en")}.',
                f"ممكنة غير محتسبة، وتمنع الحكم «رغم توفر التغطية»: {with_reasons(possible, 'ar')}.",
            )
        )
    if failed_inputs:
        reasons.append(
            Text(
                f"Inputs that could not be read: {failed_inputs}; what they held is not known.",
                f"ملفات تعذرت قراءتها: {failed_inputs}؛ وما فيها غير معروف.",
            )
        )
    if lossy:
        files = ", ".join(source.file for source in lossy[:MOST_LISTED])
        reasons.append(
            Text(
                f"More than 0.1 % of the records went to quarantine in: {files}.",
                f"عُزل أكثر من 0.1 % من السجلات في: {files}.",
            )
        )
    return reasons


def _span_reason(coverage: Coverage) -> Text:
    """What the files could have held: on how many of the window's days they hold anything, and from when to when."""
    first, last = coverage.first_heard_utc, coverage.last_heard_utc
    if first is None or last is None:
        return Text(
            f"The files hold no position at all: positions on 0 of {coverage.days_asked} days of the window.",
            f"لا تحوي الملفات أي موضع: الأيام التي فيها مواضع من أيام الفترة: 0 من {coverage.days_asked}.",
        )
    return Text(
        f"The files hold positions from {first:%Y-%m-%d %H:%M}Z to {last:%Y-%m-%d %H:%M}Z: positions on "
        f"{coverage.days_heard} of {coverage.days_asked} days of the window.",
        f"تحوي الملفات مواضع من {first:%Y-%m-%d %H:%M}Z إلى {last:%Y-%m-%d %H:%M}Z: الأيام التي فيها مواضع "
        f"من أيام الفترة: {coverage.days_heard} من {coverage.days_asked}.",
    )


def _silence_reason(coverage: Coverage) -> list[Text]:
    """Where the files hold something of the window: its longest time of which they hold nothing."""
    if coverage.silent is None or not coverage.days_heard:
        return []
    since, until = coverage.silent
    return [
        Text(
            f"They hold nothing of any track from {since:%Y-%m-%d %H:%M}Z to {until:%Y-%m-%d %H:%M}Z, the longest such "
            "time of the window: a flight may lie wholly in it.",
            f"ولا تحوي شيئاً من أي مسار من {since:%Y-%m-%d %H:%M}Z إلى {until:%Y-%m-%d %H:%M}Z، وهي أطول مدة كهذه في "
            "الفترة: قد تقع فيها رحلة كاملة.",
        )
    ]


def _coverage_reason(coverage: Coverage) -> Text:
    heard, asked = sum(day.aircraft > 0 for day in coverage.days), len(coverage.days)
    if coverage.covered:
        return Text(
            f"Other aircraft were heard low near every field on every day of the window ({heard} field-days).",
            f"سُمعت طائرات أخرى على ارتفاع منخفض قرب كل مطار في كل يوم من الفترة (مطار×يوم: {heard}).",
        )
    if asked and heard == asked:
        return Text(
            f"Other aircraft were heard below 5,000 ft within 20 km on all of {asked} field-days.",
            f"سُمعت طائرات أخرى دون 5000 قدم ضمن 20 كم في جميعها (مطار×يوم: {asked}).",
        )
    if asked:
        return Text(
            f"Other aircraft were heard below 5,000 ft within 20 km on {heard} of {asked} field-days only.",
            f"سُمعت طائرات أخرى دون 5000 قدم ضمن 20 كم في {heard} فقط من {asked} (مطار×يوم).",
        )
    return Text(
        "The files hold nothing, or not every day, of the window: not covered is the right answer for them.",
        "ليس في الملفات شيء من الفترة، أو ليست أيامها كلها فيها: «التغطية غير متوفرة» هو الجواب الصحيح لها.",
    )
