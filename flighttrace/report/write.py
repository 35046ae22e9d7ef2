"""A report on disk: every file of it, or none.

All files are written into a folder beside the target and the folder is then renamed into place, so that a killed run
leaves the former report, or nothing, under the name that was asked for. A folder that exists is replaced only where it
is empty or holds nothing but a former report: what its run.json lists. Anything else in it is a UsageError that names
the file: a report never deletes what it did not write.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flighttrace.errors import UsageError, shown
from flighttrace.language import Language
from flighttrace.match.model import GRADES, Flight
from flighttrace.positions import Ingested
from flighttrace.report.canonical import canonical_json
from flighttrace.report.exports import legs_csv, legs_geojson, quarantine_csv
from flighttrace.report.findings import findings_document
from flighttrace.report.legbook import AirfieldBook, Entry, number_legs
from flighttrace.report.markdown import report_markdown
from flighttrace.report.page import Picture, page_html
from flighttrace.report.run_record import RUN_SCHEMA, run_record
from flighttrace.report.segments import believed
from flighttrace.weigh.model import Verdict, Weighed

RUN_FILE: Final = "run.json"
MAP_OF_ALL: Final = "legs-all.png"
MOST_LEG_MAPS: Final = 24
"""One picture a leg, about a second and 300 kB each; beyond that `flighttrace map --id` draws the one wanted."""
STRONGEST_FIRST: Final[tuple[Verdict, ...]] = (
    "corroborated",
    "partly corroborated",
    "consistent",
    "conflicting",
    "contradicted",
)
"""Whose legs are drawn first where not all are; the claims of other verdicts come after them."""


def write_report(
    out_dir: str | os.PathLike[str],
    *,
    weighed: Weighed,
    flights: Sequence[Flight],
    ingested: Ingested,
    airfields: AirfieldBook,
    lang: Language = "en",
    settings: Mapping[str, object] | None = None,
    draw_maps: bool = True,
    show_masked: bool = False,
    started_utc: datetime | None = None,
) -> list[Path]:
    """The paths written, run.json last. `flights` is every flight found, for the number of them in the settings;
    `show_masked`: the maps show the positions that were not believed too.

    Raises UsageError where `out_dir` exists and is not empty, not a former report, or is the current folder.
    """
    started = started_utc or datetime.now(UTC)
    target = Path(out_dir).resolve()
    _check_target(target)
    facts = {**(settings or {}), "lang": lang, "flights_found": len({f.flight_id for f in flights})}
    simulated = weighed.simulated or ingested.simulated
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".report-", suffix=".partial", dir=target.parent))
    try:
        entries = number_legs(weighed.legs, weighed.claims_of, weighed.case)
        pictures = []
        if draw_maps:
            pictures = _draw(aside, entries, weighed, ingested, airfields, lang, show_masked=show_masked)
        outputs = {f"maps/{p.file}": p.png for p in pictures}
        texts = _texts(weighed, entries, ingested, airfields, lang, facts, pictures)
        outputs |= {name: text.encode("utf-8") for name, text in texts.items()}
        record = run_record(
            case=weighed.case,
            ingested=ingested,
            settings=facts,
            outputs=outputs,
            started_utc=started,
            ended_utc=datetime.now(UTC),
            simulated=simulated,
        )
        for name, text in {**texts, RUN_FILE: canonical_json(record)}.items():
            _write(aside / name, text)
        _rename(aside, target)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return [target / name for name in (*sorted(outputs), RUN_FILE)]


def _texts(
    weighed: Weighed,
    entries: Sequence[Entry],
    ingested: Ingested,
    airfields: AirfieldBook,
    lang: Language,
    settings: Mapping[str, object],
    pictures: Sequence[Picture],
) -> dict[str, str]:
    """File name → content of everything but the maps and the run record."""
    zones, claims = weighed.case.local_timezones, weighed.claims_of
    return {
        "findings.json": canonical_json(findings_document(weighed, ingested, settings=settings)),
        "legs.csv": legs_csv(weighed.legs, ingested, zones, claims_of=claims, one_ended=weighed.one_ended),
        "legs.geojson": canonical_json(legs_geojson(weighed.legs, weighed.one_ended, ingested, claims_of=claims)),
        "quarantine.csv": quarantine_csv(ingested.quarantined, simulated=weighed.simulated or ingested.simulated),
        "report.md": report_markdown(
            weighed=weighed, entries=entries, ingested=ingested, airfields=airfields, lang=lang, settings=settings
        ),
        "report.html": page_html(
            weighed=weighed,
            entries=entries,
            ingested=ingested,
            airfields=airfields,
            lang=lang,
            settings=settings,
            pictures=pictures,
        ),
    }


def _draw(
    folder: Path,
    entries: Sequence[Entry],
    weighed: Weighed,
    ingested: Ingested,
    airfields: AirfieldBook,
    lang: Language,
    *,
    show_masked: bool,
) -> list[Picture]:
    """The map of all legs and one of each, as PNG files in `maps/`; matplotlib is imported only here."""
    from flighttrace.report.maps import draw_leg_map, draw_legs_map

    maps, places = folder / "maps", weighed.case.places
    entries = [e for e in entries if not believed(e.flight.track).empty]
    if not entries:
        return []
    maps.mkdir()
    pictures: list[Picture] = []
    draw_legs_map(
        [leg for e in entries for leg in e.legs],
        maps / MAP_OF_ALL,
        airfields=airfields,
        places=places,
        sources=ingested.sources,
        lang=lang,
        one_ended=weighed.one_ended,
        local_timezones=weighed.case.local_timezones,
        routes_asked=weighed.case.routes,
        show_masked=show_masked,
    )
    pictures.append(Picture(None, MAP_OF_ALL, (maps / MAP_OF_ALL).read_bytes()))
    for entry in entries_to_draw(entries, weighed):
        path = maps / f"{entry.map_name}.png"
        draw_leg_map(
            entry.main,
            path,
            airfields=airfields,
            places=places,
            sources=ingested.sources,
            lang=lang,
            local_timezones=weighed.case.local_timezones,
            show_masked=show_masked,
        )
        pictures.append(Picture(entry.number, path.name, path.read_bytes()))
    return pictures


def entries_to_draw(entries: Sequence[Entry], weighed: Weighed) -> list[Entry]:
    """At most MOST_LEG_MAPS entries, listed by number; those of the strongest claims are taken first, then by grade."""
    ranks = {
        f.claim.id: STRONGEST_FIRST.index(f.verdict) if f.verdict in STRONGEST_FIRST else len(STRONGEST_FIRST)
        for f in weighed.findings
    }
    nothing = len(STRONGEST_FIRST) + 1

    def order(entry: Entry) -> tuple[int, int, int]:
        best = min((ranks.get(claim, nothing) for claim in entry.claims), default=nothing)
        return best, GRADES.index(entry.grade), entry.number

    return sorted(sorted(entries, key=order)[:MOST_LEG_MAPS], key=lambda e: e.number)


def _check_target(target: Path) -> None:
    """Raise UsageError unless the folder may be made or replaced."""
    if target == Path.cwd().resolve():
        raise UsageError("the report needs a folder of its own: the current folder cannot be replaced")
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise UsageError(f"{shown(target.name)}: is a file (accepted: a folder that is new, empty, or a former report)")
    present = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_symlink() or not p.is_dir()}
    alien = sorted(present - _files_of_former_report(target))
    if alien:
        raise UsageError(
            f"{shown(target.name)}: holds {shown(alien[0])}, which no report wrote "
            "(accepted: a folder that is new, empty, or holds nothing but a former report)"
        )


def _files_of_former_report(target: Path) -> set[str]:
    """The files that the folder's run.json lists, itself included; empty where it is none of ours."""
    try:
        record = json.loads((target / RUN_FILE).read_text("utf-8"))
        if record["schema"] != RUN_SCHEMA:
            return set()
        return {RUN_FILE, *(k.removeprefix("report:") for k in record["entity"] if k.startswith("report:"))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _rename(aside: Path, target: Path) -> None:
    """The finished folder under its name; the former report is deleted only after the new one stands."""
    mask = os.umask(0)
    os.umask(mask)
    aside.chmod(0o777 & ~mask)
    if not target.exists():
        aside.rename(target)
        return
    former = Path(tempfile.mkdtemp(prefix=".report-", suffix=".former", dir=target.parent))
    target.rename(former / "report")
    try:
        aside.rename(target)
    except OSError:
        (former / "report").rename(target)
        raise
    shutil.rmtree(former, ignore_errors=True)
