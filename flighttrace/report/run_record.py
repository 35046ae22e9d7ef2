"""`run.json`: what was made from what, when and by which version, in the terms of W3C PROV (PROV-JSON serialisation).

It is the one file of a report that knows the clock. It names no machine, no user and no folder. `used` lists the
inputs and the case by their sha256, `wasGeneratedBy` every file of the report by its own.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Final

from flighttrace.language import SIMULATED_STAMP
from flighttrace.positions import Ingested, Source
from flighttrace.report.canonical import iso_ms, plain
from flighttrace.report.findings import failure_entry, source_names
from flighttrace.weigh.model import Case

RUN_SCHEMA: Final = "flighttrace/run/1"
LIBRARIES: Final = ("numpy", "pandas", "pyarrow", "pyproj", "shapely", "matplotlib")
"""Whose versions can change a number or a picture."""


def run_record(
    *,
    case: Case,
    ingested: Ingested,
    settings: Mapping[str, object],
    outputs: Mapping[str, bytes],
    started_utc: datetime,
    ended_utc: datetime,
    simulated: bool,
) -> dict[str, object]:
    """The record. `outputs` is every file written beside it, by its name within the report."""
    inputs = {f"input:{s.sha256}": s for s in ingested.sources}
    entities: dict[str, object] = {
        key: {
            "prov:label": source_names(source)[0],
            "ft:names": list(source_names(source)),
            "ft:sha256": source.sha256,
            "ft:size_bytes": source.size_bytes,
            "ft:reader": source.reader,
            "ft:network": source.network,
            "ft:simulated": source.simulated,
            **({"ft:origin": _origin(source)} if source.origin else {}),
        }
        for key, source in sorted(inputs.items())
    }
    case_key = f"case:{case.digest}"
    entities[case_key] = {"prov:label": case.name, "ft:sha256": case.digest}
    files = {f"report:{name}": digest(data) for name, data in sorted(outputs.items())}
    entities |= {key: {"prov:label": key.removeprefix("report:"), "ft:sha256": sha} for key, sha in files.items()}
    return {
        "schema": RUN_SCHEMA,
        "simulated": simulated,
        "stamp": SIMULATED_STAMP.en if simulated else None,
        "prefix": {"prov": "http://www.w3.org/ns/prov#", "ft": "urn:flighttrace:"},
        "entity": entities,
        "activity": {
            "ft:run": {
                "prov:startTime": iso_ms(started_utc),
                "prov:endTime": iso_ms(ended_utc),
                "ft:settings": plain(settings),
                "ft:failures": [failure_entry(f) for f in ingested.lacking],
            }
        },
        "agent": {
            "ft:software": {
                "prov:type": "prov:SoftwareAgent",
                "prov:label": "flighttrace",
                "ft:version": version("flighttrace"),
                "ft:python": platform.python_version(),
                "ft:libraries": {name: version(name) for name in LIBRARIES},
            }
        },
        "used": {
            f"_:u{n}": {"prov:activity": "ft:run", "prov:entity": key}
            for n, key in enumerate([*sorted(inputs), case_key], start=1)
        },
        "wasGeneratedBy": {
            f"_:g{n}": {"prov:entity": key, "prov:activity": "ft:run"} for n, key in enumerate(files, start=1)
        },
        "wasAssociatedWith": {"_:a1": {"prov:activity": "ft:run", "prov:agent": "ft:software"}},
    }


def _origin(source: Source) -> list[dict[str, str]]:
    """From where, and when, the input's files were fetched."""
    return [{"ft:address": url, "prov:time": utc, "ft:sha256": sha256} for url, utc, sha256 in source.origin]


def digest(data: bytes) -> str:
    """The sha256 of the bytes, in hex."""
    return hashlib.sha256(data).hexdigest()
