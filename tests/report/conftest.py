from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from flighttrace.language import Language
from flighttrace.match.model import Flight
from flighttrace.positions import Ingested
from flighttrace.report.write import write_report
from flighttrace.weigh.model import Weighed

from .builders import FIELDS, full_case


@dataclass(frozen=True)
class Case:
    """What write_report is given, and the folder it wrote."""

    weighed: Weighed
    flights: list[Flight]
    ingested: Ingested
    folder: Path

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")


def written(folder: Path, *, simulated: bool, lang: Language = "en") -> Case:
    weighed, flights, ingested = full_case(simulated=simulated)
    settings = {"from": "2031-08-01", "to": "2031-11-30", "tz": "UTC"}
    write_report(
        folder,
        weighed=weighed,
        flights=flights,
        ingested=ingested,
        airfields=FIELDS,
        lang=lang,
        settings=settings,
        draw_maps=False,
    )
    return Case(weighed, flights, ingested, folder)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return written(tmp_path_factory.mktemp("simulated") / "report", simulated=True)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return written(tmp_path_factory.mktemp("real") / "report", simulated=False)


@pytest.fixture(scope="session")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return written(tmp_path_factory.mktemp("arabic") / "report", simulated=True, lang="ar")


def renamed(ingested: Ingested, **names: str) -> Ingested:
    """The same inputs under other file names."""
    return replace(ingested, sources=tuple(replace(s, file=names.get(s.file, s.file)) for s in ingested.sources))
