"""Every byte of an archive held against its manifest."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.errors import DamagedFileError, LocatedError, shown
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.about import check_format
from flighttrace.ingest.archive.disk import sha256_of
from flighttrace.ingest.archive.lacks import begun, damaged_records
from flighttrace.ingest.archive.manifest import DataFile
from flighttrace.ingest.archive.origins import damaged_origins

_FOLDERS = ("positions", "presence", "listed", "quarantine")


def verify_archive(root: Path) -> tuple[list[LocatedError], int, list[str]]:
    """(faults, data files checked, leftovers) of the archive at `root`.

    A fault names the file: an entry or a record that was changed, a data file that is missing, cut or changed, one
    whose rows are not as many as the manifest says, and one that no entry names: its entry is gone. Leftovers are files
    that no entry names since a run was killed while it put them there, or is at it now; they are never read.
    """
    check_format(root)
    present = [p.relative_to(root).as_posix() for f in _FOLDERS for p in (root / f).rglob("*") if p.is_file()]
    marked = begun(root)
    faults: list[LocatedError] = []
    named: set[str] = set()
    known: set[str] = set()
    for item in manifest.listed(root):
        try:
            entry = manifest.load_if_there(item.path)
        except LocatedError as error:
            faults.append(error)
            known.add(item.entry)
            continue
        for file in () if entry is None else entry.files:
            if file.path not in named:
                named.add(file.path)
                faults += _faults(root, file)
    faults += [*damaged_records(root), *manifest.damaged_superseded(root), *damaged_origins(root)]
    superseded = sorted((root / manifest.FOLDER / manifest.SUPERSEDED).glob("*.json"))
    kept = {file.path for path in superseded for file in _files_of(path)}
    unnamed = sorted(set(present) - named - kept)
    left = [path for path in unnamed if _entry_of(path) in marked]
    faults += [
        DamagedFileError("no entry of the manifest names it: its entry is gone", file=path, accepted=_AGAIN)
        for path in unnamed
        if _entry_of(path) not in marked | known
    ]
    return faults, len(named), left


_AGAIN = "ingest its input again; a file of something else is to be moved away"


def _entry_of(path: str) -> str:
    return path.rpartition("/")[2][: manifest.ENTRY_DIGITS]


def _files_of(path: Path) -> tuple[DataFile, ...]:
    with contextlib.suppress(OSError, LocatedError):
        name = f"{manifest.FOLDER}/{manifest.SUPERSEDED}/{path.name}"
        return manifest.Entry.from_json(path.read_bytes(), name).files
    return ()


def _faults(root: Path, file: DataFile) -> list[LocatedError]:
    path = root / file.path
    try:
        if path.stat().st_size != file.size_bytes or sha256_of(path) != file.sha256:
            return [DamagedFileError("its bytes are not those that were written", file=file.path)]
        rows = pq.ParquetFile(path, page_checksum_verification=True).metadata.num_rows
    except FileNotFoundError:
        return [DamagedFileError("is not there", file=file.path)]
    except (pa.ArrowException, OSError) as error:
        return [DamagedFileError(f"cannot be read: {shown(error)}", file=file.path)]
    if rows != file.rows:
        return [DamagedFileError(f"holds {rows} rows, not {file.rows}", file=file.path)]
    return []
