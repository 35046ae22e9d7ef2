"""Every byte of an archive held against its manifest."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flighttrace.errors import DamagedFileError, LocatedError, shown
from flighttrace.ingest.archive import manifest
from flighttrace.ingest.archive.about import check_format
from flighttrace.ingest.archive.disk import sha256_of
from flighttrace.ingest.archive.manifest import DataFile

_FOLDERS = ("positions", "presence", "listed", "quarantine")


def verify_archive(root: Path) -> tuple[list[LocatedError], int, list[str]]:
    """(faults, data files checked, files that no entry names) of the archive at `root`.

    A fault names the file: an entry that was changed, a data file that is missing, cut or changed, or one whose rows
    are not as many as the manifest says. Files that no entry names are what a killed run left, and are never read.
    """
    check_format(root)
    faults: list[LocatedError] = []
    named: set[str] = set()
    for item in manifest.listed(root):
        try:
            entry = manifest.load_if_there(item.path)
        except LocatedError as error:
            faults.append(error)
            continue
        for file in () if entry is None else entry.files:
            if file.path not in named:
                named.add(file.path)
                faults += _faults(root, file)
    kept = {f.path for path in (root / manifest.FOLDER / manifest.SUPERSEDED).glob("*.json") for f in _files_of(path)}
    found = (p.relative_to(root).as_posix() for folder in _FOLDERS for p in (root / folder).rglob("*") if p.is_file())
    return faults, len(named), sorted(set(found) - named - kept)


def _files_of(path: Path) -> tuple[DataFile, ...]:
    return manifest.Entry.from_json(path.read_bytes(), f"{manifest.FOLDER}/{manifest.SUPERSEDED}/{path.name}").files


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
