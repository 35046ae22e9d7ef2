"""The verbs of archives: ingest, archive info | list | verify | forget, cache info | clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flighttrace.cli_options import declaration_options
from flighttrace.cli_say import put, reading_progress, say
from flighttrace.errors import shown


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
    from flighttrace.ingest.archive.lacks import end_failures_of_names, keep_failure
    from flighttrace.ingest.archive.origins import put_origins_beside
    from flighttrace.ingest.archive.runs import create, inputs_of, take_in
    from flighttrace.ingest.declarations import check_named, checked_declarations, meant, names_of
    from flighttrace.ingest.files import find_files

    airframes, networks = checked_declarations(dict(options["airframes"]), dict(options["networks"]))
    found = find_files(paths, globs=True)
    _leave_out_itself(found, Path(archive))
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
    put_origins_beside(root, (f.path for f in found.files), [o.entry for o in report.outcomes if o.entry is not None])
    for outcome in report.outcomes:
        _say_outcome(outcome)
    for missing in found.failures:
        keep_failure(root, missing.file, missing)
    names = {*paths, *(Path(path).name for path in paths)}
    failed = {failure.file for failure in (*found.failures, *report.failures)}
    end_failures_of_names(root, names, {file.label for file in found.files}, failed)
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


def _leave_out_itself(found: Any, root: Path) -> None:
    """Take the archive's own files out of what was found in a folder that it lies in, and say so once."""
    own = root.resolve()
    inside = [file for file in found.files if own in file.path.resolve().parents]
    if inside:
        found.files = [file for file in found.files if file not in inside]
        found.skipped = [*found.skipped, f"{root.name}: the archive itself"]


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
    from flighttrace.ingest.archive.lacks import forgotten
    from flighttrace.ingest.archive.view import open_archive

    view = open_archive(folder)
    entries = [member.entry for member in view.members]
    days = sorted({day for entry in entries for day in entry.days})
    every = [entry for _, entry in manifest.loaded(Path(folder), damaged=[])]
    held = {file.path: file.size_bytes for e in every for file in e.files}
    presence = {file.path: file.size_bytes for e in every for file in e.presence}
    lines = [
        f"inputs: {len(every)} ({len(entries)} different contents)",
        f"positions: {sum(file.rows for e in entries for file in e.positions):,}",
        f"days: {len(days)}" + (f", {days[0]} to {days[-1]} (UTC)" if days else ""),
        f"size: {sum(held.values()) / 1e6:,.1f} MB, of it presence {sum(presence.values()) / 1e6:,.1f} MB",
        f"simulated inputs: {sum(e.simulated for e in entries)}",
        f"superseded: {len(list((Path(folder) / manifest.FOLDER / manifest.SUPERSEDED).glob('*.json')))}",
        f"runs at work or left behind: {len(runs_in(Path(folder)))}",
        *(f"lacks: {lack}" for lack in view.lacking()),
        *(f"lacked, withdrawn by hand: {lack}" for lack in forgotten(Path(folder))),
    ]
    put("\n".join(lines) + "\n", None)
    return 0


@archive_group.command("list")
@_folder
@click.option("--json", "form", flag_value="json", help="JSON on stdout.")
def list_entries(folder: str, form: str | None) -> int:
    """Every input: its days, positions, reader and hash; with --json also where it was fetched from (custody).

    Example: flighttrace archive list my-archive
    """
    from flighttrace.ingest.archive import manifest
    from flighttrace.ingest.archive.about import check_format
    from flighttrace.ingest.archive.origins import origins_of

    check_format(Path(folder))
    damaged: list[Any] = []
    held = [entry for _, entry in manifest.loaded(Path(folder), damaged=damaged)]
    entries = sorted(held, key=lambda e: (e.label, e.sha256))
    for _, error in damaged:
        say(f"flighttrace: {error}")
    if form == "json":
        import orjson

        listed = [{**orjson.loads(e.to_json()), "custody": origins_of(Path(folder), e)} for e in entries]
        put("[" + ",\n".join(orjson.dumps(one).decode() for one in listed) + "]\n", None)
        return 1 if damaged else 0
    for e in entries:
        days = f"{e.days[0]} to {e.days[-1]}" if e.days else "no positions"
        marks = ("  SIMULATED" if e.simulated else "") + (f"  INCOMPLETE: {e.incomplete}" if e.incomplete else "")
        put(f"{days}  {e.accounting.accepted:>12,}  {e.reader}  {e.sha256[:12]}  {shown(e.label, 200)}{marks}\n", None)
    return 1 if damaged else 0


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
        say(f"left by a run that was killed or is at work, and not used: {shown(orphan, 200)}")
    say(f"{counted} data files checked, {len(faults)} faults")
    return 1 if faults else 0


@archive_group.command()
@_folder
@click.argument("label", metavar="LABEL")
def forget(folder: str, label: str) -> int:
    """Withdraw what the archive says it lacks: failed inputs of this label, or those that a quoted glob fits.

    For inputs that were never to be in it, such as a mistyped name. `archive info` keeps saying what was withdrawn.

    Example: flighttrace archive forget my-archive 'mistyped-*.csv'
    """
    from flighttrace.ingest.archive.about import check_format
    from flighttrace.ingest.archive.lacks import forget as withdraw

    check_format(Path(folder))
    labels = withdraw(Path(folder), label)
    for name in labels:
        say(f"withdrawn: {shown(name, 200)}")
    if not labels:
        say(f"no failed input is called {shown(label, 200)!r} (`flighttrace archive info` lists them)")
    return 0


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
    gone = clear(root)
    say(f"removed {gone.inputs} inputs, {gone.size_bytes / 1e6:,.1f} MB")
    for path in gone.left[:3]:
        say(f"flighttrace: {root}: could not be removed: {shown(path, 200)}")
    if gone.left:
        say(f"flighttrace: {len(gone.left)} files are still there")
    return 1 if gone.left else 0
