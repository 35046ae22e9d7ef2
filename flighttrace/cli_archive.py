"""The verbs of archives: ingest, archive info | list | verify, cache info | clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flighttrace.cli_options import declaration_options
from flighttrace.cli_run import put, reading_progress, say
from flighttrace.errors import UsageError, shown


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@click.option("--archive", required=True, type=click.Path(file_okay=False), metavar="DIR", help="Made where it is not.")
@click.option(
    "--replace", "replace_changed", is_flag=True, help="Take a changed file in the place of its older content."
)
@click.option("--processes", type=click.IntRange(1, 64), help="Files side by side (default: one a core, 4 at most).")
@declaration_options
def ingest(paths: tuple[str, ...], archive: str, replace_changed: bool, processes: int | None, **options: Any) -> int:
    """Files, folders, quoted globs and tars into an archive; run it again to go on after a stop.

    Each input goes in whole or not at all, and the same content once. Parts of a split archive (x.tar.aa, x.tar.ab …)
    are joined as they are read; what is missing of it marks its days as incomplete.

    Example: flighttrace ingest sample_tracks/tracks --archive my-archive
    """
    from dataclasses import replace

    from flighttrace.ingest.archive.intake import Settings
    from flighttrace.ingest.archive.runs import create, inputs_of, take_in
    from flighttrace.ingest.declarations import check_named, checked_declarations, meant, names_of
    from flighttrace.ingest.files import find_files

    airframes, networks = checked_declarations(dict(options["airframes"]), dict(options["networks"]))
    found = find_files(paths, globs=True)
    check_named(found.files, airframes, networks)
    root = Path(archive)
    create(root)
    inputs = []
    for given in inputs_of(found.files):
        names = {given.label}.union(*(names_of(f) for f in found.files if f.path in {*given.parts, given.path}))
        inputs.append(
            replace(
                given,
                declared_icao24=meant(names, airframes, "--airframe", given.label) or "",
                declared_network=meant(names, networks, "--network", given.label) or "",
            )
        )
    settings = Settings(options["input_tz"], tuple(options["mappings"]))
    with reading_progress() as told:
        report = take_in(root, inputs, settings, replace_changed=replace_changed, processes=processes, progress=told)
    for outcome in report.outcomes:
        _say_outcome(outcome)
    failures = [*found.failures, *report.failures]
    for problem in failures:
        say(f"flighttrace: {problem}")
    for skipped in (*found.skipped, *(o.skipped for o in report.outcomes if o.skipped)):
        say(f"skipped: {shown(skipped, 200)}")
    new = [o.entry for o in report.outcomes if o.entry is not None and not o.was_there]
    there = sum(1 for o in report.outcomes if o.was_there)
    rows = sum(entry.accounting.accepted for entry in new)
    say(f"{len(new)} inputs taken in ({rows:,} positions), {there} were there, {len(failures)} failures")
    return 1 if failures else 0


def _say_outcome(outcome: Any) -> None:
    entry = outcome.entry
    if entry is None or (outcome.was_there and not outcome.superseded):
        return
    a = entry.accounting
    say(
        f"{shown(entry.label, 200)}: {a.records:,} records: {a.accepted:,} accepted, "
        f"{a.without_position_count:,} without position, {a.quarantined_count:,} quarantined, "
        f"{a.exact_duplicates:,} exact duplicates" + (f"; INCOMPLETE: {entry.incomplete}" if entry.incomplete else "")
    )
    if outcome.superseded:
        say(f"{shown(entry.label, 200)}: took the place of an older content, which stays in the manifest as superseded")


@click.group("archive")
def archive_group() -> None:
    """What an archive holds, and whether it is what was written.

    Example: flighttrace archive info my-archive
    """


_folder = click.argument("folder", type=click.Path(file_okay=False), metavar="DIR")


@archive_group.command()
@_folder
def info(folder: str) -> int:
    """Inputs, positions, days and size, and what is known to be missing.

    Example: flighttrace archive info my-archive
    """
    from flighttrace.ingest.archive import manifest
    from flighttrace.ingest.archive.disk import runs_in
    from flighttrace.ingest.archive.view import open_archive

    view = open_archive(folder)
    entries = [member.entry for member in view.members]
    days = sorted({day for entry in entries for day in entry.days})
    every = list(manifest.entries(Path(folder)))
    lines = [
        f"inputs: {len(every)} ({len(entries)} different contents)",
        f"positions: {sum(file.rows for e in entries for file in e.positions):,}",
        f"days: {len(days)}" + (f", {days[0]} to {days[-1]} (UTC)" if days else ""),
        f"size: {sum(file.size_bytes for e in every for file in e.files) / 1e6:,.1f} MB, of it presence "
        f"{sum(file.size_bytes for e in every for file in e.presence) / 1e6:,.1f} MB",
        f"simulated inputs: {sum(e.simulated for e in entries)}",
        f"superseded: {len(list((Path(folder) / manifest.FOLDER / manifest.SUPERSEDED).glob('*.json')))}",
        f"runs at work or left behind: {len(runs_in(Path(folder)))}",
        *(f"lacks: {lack}" for lack in view.lacking()),
    ]
    put("\n".join(lines) + "\n", None)
    return 0


@archive_group.command("list")
@_folder
@click.option("--json", "form", flag_value="json", help="JSON on stdout.")
def list_entries(folder: str, form: str | None) -> int:
    """Every input: its days, positions, reader and hash.

    Example: flighttrace archive list my-archive
    """
    from flighttrace.ingest.archive import manifest
    from flighttrace.ingest.archive.about import check_format

    check_format(Path(folder))
    entries = sorted(manifest.entries(Path(folder)), key=lambda e: (e.label, e.sha256))
    if form == "json":
        import orjson

        put("[" + ",\n".join(orjson.dumps(orjson.loads(e.to_json())).decode() for e in entries) + "]\n", None)
        return 0
    for e in entries:
        days = f"{e.days[0]} to {e.days[-1]}" if e.days else "no positions"
        marks = ("  SIMULATED" if e.simulated else "") + (f"  INCOMPLETE: {e.incomplete}" if e.incomplete else "")
        put(f"{days}  {e.accounting.accepted:>12,}  {e.reader}  {e.sha256[:12]}  {shown(e.label, 200)}{marks}\n", None)
    return 0


@archive_group.command()
@_folder
def verify(folder: str) -> int:
    """Read every byte and hold it against the manifest. Exit 1 where anything is not as it was written.

    Example: flighttrace archive verify my-archive
    """
    from flighttrace.ingest.archive.verify import verify_archive

    faults, counted, orphans = verify_archive(Path(folder))
    for fault in faults:
        say(f"flighttrace: {fault}")
    for orphan in orphans:
        say(f"not in the manifest, and so not used: {shown(orphan, 200)}")
    say(f"{counted} data files checked, {len(faults)} faults")
    return 1 if faults else 0


@click.group("cache")
def cache_group() -> None:
    """The archive behind files that are named on the command line.

    Example: flighttrace cache info
    """


@cache_group.command("info")
def cache_info() -> int:
    """Its folder, what it holds, its limit.

    Example: flighttrace cache info
    """
    from flighttrace.ingest.archive.cache import cache_folder, cache_limit_bytes, cache_size

    entries, size = cache_size(cache_folder())
    put(f"{cache_folder()}: {entries} inputs, {size / 1e6:,.1f} MB of {cache_limit_bytes() / 1e6:,.0f} MB\n", None)
    return 0


@cache_group.command("clear")
def cache_clear() -> int:
    """Remove all of it.

    Example: flighttrace cache clear
    """
    from flighttrace.ingest.archive.cache import cache_folder, clear

    root = cache_folder()
    if root.exists() and not (root / "archive.json").exists() and any(root.iterdir()):
        raise UsageError(f"{root} is not flighttrace's cache: nothing was removed")
    entries, size = clear(root)
    say(f"removed {entries} inputs, {size / 1e6:,.1f} MB")
    return 0
