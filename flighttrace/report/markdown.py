"""`report.md`: the findings as Markdown that reads well as plain text.

Every value from outside is escaped: no link, no picture, no HTML and no table cell can be made from a call sign, a
file name or a claim.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flighttrace.errors import shown
from flighttrace.language import CARGO_NOTE, NULL_NOTE, SIMULATED_STAMP, Language
from flighttrace.positions import Ingested
from flighttrace.report.cards import Card, Group, Reference, claim_cards
from flighttrace.report.findings import failure_entry
from flighttrace.report.legbook import AirfieldBook, Entry
from flighttrace.report.page_parts import (
    EndRow,
    EntryRow,
    answer,
    entry_rows,
    input_rows,
    minute,
    plain_settings,
    sighting_rows,
)
from flighttrace.report.terms import term
from flighttrace.report.wording import ELEMENT_TEXTS, GRADE_MEANINGS, STATE_TEXTS, Words
from flighttrace.weigh.model import VERDICT_TEXTS, Finding, Weighed

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~#!$^])")
_LINKS = re.compile(r"(?i)(:)(?=//)|(?<=\bwww)(\.)|(@)")
_LIST_START = re.compile(r"^(\s*\d+)([.)])|^(\s*)([-+=])")
LONGEST_TEXT = 4000
MOST_GROUPS = 6
"""More kinds of outcome than this get a table of all readings before their details."""


def escaped(value: object) -> str:
    """The value as text that Markdown (CommonMark and GitHub's) shows as it is, on one line."""
    text = shown(" ".join(str(value).split()), LONGEST_TEXT) if not str(value).isprintable() else str(value)
    text = _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    text = _LINKS.sub(lambda m: "\\" + m.group(0), text)
    return _LIST_START.sub(lambda m: f"{m.group(1) or m.group(3) or ''}\\{m.group(2) or m.group(4)}", text)


def report_markdown(
    *,
    weighed: Weighed,
    entries: Sequence[Entry],
    ingested: Ingested,
    airfields: AirfieldBook,
    lang: Language,
    settings: Mapping[str, object],
) -> str:
    """The whole report as Markdown."""
    w, simulated = Words(lang), weighed.simulated or ingested.simulated
    stamp = [f"> **{SIMULATED_STAMP[lang].upper()}** {w.simulated_banner}", ""] if simulated else []
    rows = entry_rows(weighed, entries, ingested, airfields, lang)
    sure, maybe = [r for r in rows if not r.possible], [r for r in rows if r.possible]
    title = escaped(weighed.case.title[lang])
    lines = [f"# {SIMULATED_STAMP[lang] + ': ' if simulated else ''}{title}", "", *stamp]
    lines += _answer(weighed, entries, ingested, lang)
    lines += [f"> **{CARGO_NOTE[lang]}**", f"> **{NULL_NOTE[lang]}**", ""]
    lines += [f"## {w.claims_testable}", "", w.claim_note, ""]
    for card in claim_cards(weighed, entries, lang):
        lines += _card(card, lang)
    lines += _untestable([f for f in weighed.findings if not f.readings], lang)
    lines += _grades(lang)
    lines += _flights(w.leg_list, "", sure, "", w)
    lines += _flights(w.possible_title, w.possible_note, maybe, "", w)
    sightings = sighting_rows(weighed, ingested, airfields, lang)
    lines += _flights(w.sightings_title, w.sightings_note, sightings, "S", w)
    lines += _inputs(ingested, w)
    lines += [
        f"## {w.settings}",
        "",
        f"- {w.case}: {escaped(weighed.case.name)}, sha256 {escaped(weighed.case.digest)}",
    ]
    lines += [f"- {escaped(name)}: {escaped(value)}" for name, value in plain_settings(settings)]
    lines += ["", f"## {w.not_shown}", "", f"- {CARGO_NOTE[lang]} {w.not_shown_split}"]
    lines += [f"- {NULL_NOTE[lang]} {w.not_shown_absent}", f"- {w.not_shown_trust}", f"- {w.not_shown_maps}", ""]
    return "\n".join([*lines, *stamp, w.run_note, ""])


def _answer(weighed: Weighed, entries: Sequence[Entry], ingested: Ingested, lang: Language) -> list[str]:
    w, headline = Words(lang), answer(weighed, entries, ingested, lang)
    joint = " و" if lang == "ar" else " and "
    routes = _semicolon(w).join(f"{escaped(a)}{joint}{escaped(b)}" for a, b in headline.routes)
    lines = [f"**{w.asked}:** {w.routes_between} {routes}.", "", f"**{w.found}:**", ""]
    lines += [f"- {name}: **{n:,}**" if lang == "ar" else f"- **{n:,}** {name}" for n, name in headline.numbers]
    lines += ["", *([w.nothing_found, ""] if headline.nothing else [])]
    lines += [*([f"{w.files_span}: {headline.span}", ""] if headline.span else []), f"{w.verdicts_count}:", ""]
    return [*lines, *(f"- {n} × {VERDICT_TEXTS[v][lang]}" for v, n in headline.verdicts), ""]


def _card(card: Card, lang: Language) -> list[str]:
    w, finding = Words(lang), card.finding
    claim, other = finding.claim, "en" if lang == "ar" else "ar"
    lines = [
        f"### {escaped(claim.text[lang])}",
        "",
        f"{escaped(claim.text[other])}",  # type: ignore[index]
        "",
        f"{escaped(claim.id)} · {w.article} {escaped(claim.article)}{_comma(w)}"
        f"{w.paragraph} {escaped(claim.paragraph)}",
        "",
    ]
    tried = f"{w.readings_tried}: {len(finding.readings)}"
    if card.unchanged:
        lines += [f"{w.readings_same.format(n=len(finding.readings))}.", ""]
    elif finding.readings_agree and len(finding.readings) > 1:
        lines += [f"**{VERDICT_TEXTS[finding.verdict][lang]}**: {w.readings_agree} ({tried})", ""]
    elif not finding.readings_agree:
        lines += [f"{w.readings_differ} ({tried}).", ""]
    if len(card.groups) > MOST_GROUPS:
        lines += [
            f"| {w.reading} | {w.window} | {w.verdict} | {w.counted} | {w.legs_it_rests_on} |",
            "|---|---|---|---|---|",
        ]
        for title, group in card.rows:
            name = title.text + (f" ({w.first_reading})" if title.first else "")
            verdict, number = VERDICT_TEXTS[group.result.verdict][lang], group.result.counted[lang]
            cells = (escaped(name), escaped(title.window), verdict, escaped(number), _references(group.legs, w) or "–")
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    for group in card.groups:
        lines += _group(group, lang, several=len(finding.readings) > 1, unchanged=card.unchanged)
    lines += [f"- {escaped(note)}" for note in card.notes]
    lines += [f"- {w.tracks_show}: {escaped(claim.tracks_show[lang])}"]
    lines += [f"- {w.tracks_cannot}: {escaped(claim.tracks_cannot[lang])}"]
    if claim.ceiling:
        lines += [f"- {w.ceiling}: {VERDICT_TEXTS[claim.ceiling][lang]}"]
    return [*lines, ""]


def _group(group: Group, lang: Language, *, several: bool, unchanged: bool) -> list[str]:
    w, result = Words(lang), group.result
    lines = [f"**{VERDICT_TEXTS[result.verdict][lang]}**", ""]
    if unchanged and group.titles[0].window:
        lines.append(f"- {w.window}: {escaped(group.titles[0].window)}")
    for title in () if unchanged else group.titles:
        mark = f" ({w.first_reading})" if title.first and several else ""
        lines.append(f"- {escaped(title.text)}{mark}{_semicolon(w) + escaped(title.window) if title.window else ''}")
    lines.append(f"- {w.counted}: {escaped(result.counted[lang])}")
    for name, state, detail in group.elements:
        lines.append(f"- {ELEMENT_TEXTS[name][lang]}: {STATE_TEXTS[state][lang]}. {escaped(detail)}".rstrip())
    lines += [f"- {w.why}: {escaped(reason[lang])}" for reason in result.reasons]
    lines += [f"- {escaped(note)}" for note in group.notes]
    for kind, found in ((w.legs_it_rests_on, group.legs), (w.possible, group.possible), (w.rivals, group.rivals)):
        if found:
            lines.append(f"- {kind}: {_references(found, w)}")
    if group.heard:
        heard = _comma(w).join(f"{escaped(airport)} {n} {w.of} {days}" for airport, n, days in group.heard)
        lines.append(f"- {w.coverage}: {heard} ({w.field_days})")
    return [*lines, ""]


def _references(found: Sequence[Reference], w: Words) -> str:
    return _comma(w).join(f"{w.leg} {escaped(r.text)}" if r.anchor else escaped(r.text) for r in found)


def _untestable(findings: Sequence[Finding], lang: Language) -> list[str]:
    w = Words(lang)
    if not findings:
        return []
    lines = [f"## {w.claims_untestable}", "", w.claims_untestable_note, "", f"| {w.claim} | {w.paragraph} | {w.why} |"]
    lines.append("|---|---|---|")
    for f in findings:
        why = f.claim.untestable[lang] if f.claim.untestable else " ".join(r[lang] for r in f.reasons)
        cells = (f"{f.claim.text[lang]} ({f.claim.id})", f.claim.paragraph, why)
        lines.append("| " + " | ".join(escaped(c) for c in cells) + " |")
    return [*lines, ""]


def _grades(lang: Language) -> list[str]:
    w = Words(lang)
    lines = [f"## {w.grades_legend}", "", *(f"- **{g}**: {text[lang]}" for g, text in GRADE_MEANINGS.items())]
    return [*lines, "", f"{w.grade_note} {w.times_note}", ""]


def _flights(title: str, note: str, rows: Sequence[EntryRow], letter: str, w: Words) -> list[str]:
    if not rows:
        return []
    heads = (w.number, w.grade, w.route, w.callsign, w.address, w.departure, w.arrival, w.positions, w.sources)
    lines = [f"## {title}", "", *([note, ""] if note else [])]
    lines += ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for r in rows:
        arrow = "←" if w.lang == "ar" else "→"
        way = _semicolon(w).join(f"{o or '…'} {arrow} {d or '…'}" for o, d, _, _ in r.routes)
        cells = (f"{letter}{r.number}", r.grade, way, r.callsigns, r.icao24, _end(r.departure, w), _end(r.arrival, w))
        because = _semicolon(w).join(f"{count} × {reason}" for reason, count in r.rejected_because)
        rejected = f"{w.rejected}: {r.rejected}" + (f" = {because}" if because else "")
        files = f"{r.positions} ({rejected})", _semicolon(w).join(r.sources)
        lines.append("| " + " | ".join(escaped(c) for c in (*cells, *files)) + " |")
    return [*lines, ""]


def _end(end: EndRow, w: Words) -> str:
    """`LLOV A, 2031-09-25 12:00 UTC; …`; where the field is not told, the likeliest few in its place."""
    name = f"{end.airport or end.name} {end.grade}"
    if end.likeliest:
        name = f"{end.grade}: {end.name}{_comma(w)}{w.likeliest} {_comma(w).join(end.likeliest)}"
    if end.time is None:
        return name
    local = "".join(f"{_semicolon(w)}{at} {zone}" for zone, at in end.time.local)
    return f"{name}{_comma(w)}{end.time.utc} UTC{local}"


def _comma(w: Words) -> str:
    return "، " if w.lang == "ar" else ", "


def _semicolon(w: Words) -> str:
    return "؛ " if w.lang == "ar" else "; "


def _inputs(ingested: Ingested, w: Words) -> list[str]:
    spans = (w.first_position, w.last_position)
    heads = (
        w.file,
        w.reader,
        w.network,
        *spans,
        w.records,
        w.accepted,
        w.without_position,
        w.quarantined,
        w.duplicates,
    )
    lines = [f"## {w.inputs}", "", w.inputs_note, ""]
    rows = input_rows(ingested)
    if rows:
        lines += ["| " + " | ".join((*heads, "sha256")) + " |", "|" + "---|" * (len(heads) + 1)]
    for s in rows:
        a = s["accounting"]
        assert isinstance(a, dict)
        counts = (sum(a["without_position"].values()), sum(a["quarantined"].values()), a["exact_duplicates"])
        times = [minute(None if at is None else str(at)) for at in (s["first_position_utc"], s["last_position_utc"])]
        named = (s["file"], s["reader"], term(str(s["network"]), w.lang), *times)
        cells = (*named, a["records"], a["accepted"], *counts, s["sha256"])
        lines.append("| " + " | ".join(escaped(c) for c in cells) + " |")
    lines.append("")
    if ingested.lacking:
        lines += [f"### {w.failures}", "", w.failures_note, ""]
        for failure in map(failure_entry, ingested.lacking):
            lines.append(f"- {escaped(failure['file'])}: {escaped(failure['problem'])}")
        lines.append("")
    if ingested.skipped:
        lines += [f"### {w.skipped_files}", "", *(f"- {escaped(line)}" for line in sorted(ingested.skipped)), ""]
    return lines
