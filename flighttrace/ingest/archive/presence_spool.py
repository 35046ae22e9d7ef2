"""The groups of presence of one input, in flat memory: by day and latitude on disk where there are many.

Ranges of keys come one after the other, and each has groups all over the world; a presence file is sorted by place. So
groups lie apart by day and degree of latitude, which are put in order one by one. What comes out depends on the groups
alone, not on whether they were on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from flighttrace.ingest.archive.disk import told
from flighttrace.ingest.archive.presence import GROUP, REST, SECTIONS, Groups, merged, section_of
from flighttrace.ingest.archive.rows import HOURS_PER_DAY

SPILL_GROUPS: Final = 300_000
"""Less than 40 MB of groups."""


class PresenceSpool:
    """`add` range by range, then `days` once. `folder` must exist; what is in it is the caller's to remove."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[Groups] = []
        self._count = 0
        self._files: dict[tuple[int, int], Path] = {}
        """(day since 1970, degree of latitude) → its groups, in no order."""

    def add(self, groups: Groups) -> None:
        """Take the groups of one range of keys; what two ranges have of one group comes together later."""
        if not len(groups):
            return
        self._held.append(groups)
        self._count += len(groups)
        if self._count > SPILL_GROUPS:
            self._spill()

    def days(self) -> Iterator[tuple[int, Iterator[tuple[int, Groups]]]]:
        """(day since 1970, its groups in parts), ascending. A part is (its section, groups): `presence.section_of`,
        ascending, and within it by cell, hour and key, a latitude after the other."""
        if not self._files:
            groups, self._held = merged(self._held), []
            day, section = groups["hour"] // HOURS_PER_DAY, section_of(groups)
            for number in np.unique(day).tolist():
                yield int(number), iter([(s, groups[(day == number) & (section == s)]) for s in SECTIONS])
            return
        self._spill()
        for number in sorted({day for day, _ in self._files}):
            yield number, self._of_day(number)

    def _of_day(self, number: int) -> Iterator[tuple[int, Groups]]:
        keys = sorted(key for key in self._files if key[0] == number)
        for section in SECTIONS:
            for key in keys:
                file = self._files[key]
                with told(self._folder, file):
                    groups = np.fromfile(file, dtype=GROUP)
                    groups = merged([groups]) if section == SECTIONS[0] else groups
                    here = section_of(groups) == section
                    if section < REST:
                        groups[~here].tofile(file)
                    else:
                        self._files.pop(key).unlink()
                yield section, groups[here]

    def _spill(self) -> None:
        if not self._held:
            return
        groups = np.concatenate(self._held)
        self._held, self._count = [], 0
        day = groups["hour"] // HOURS_PER_DAY
        order = np.lexsort((groups["lat_cell"], day))
        groups, day = groups[order], day[order]
        new = np.ones(len(groups), dtype=np.bool_)
        new[1:] = (day[1:] != day[:-1]) | (groups["lat_cell"][1:] != groups["lat_cell"][:-1])
        edges = [*np.flatnonzero(new).tolist(), len(groups)]
        for i, begin in enumerate(edges[:-1]):
            key = (int(day[begin]), int(groups["lat_cell"][begin]))
            file = self._files.setdefault(key, self._folder / f"presence-{key[0]}-{key[1]:+03d}.groups")
            with told(self._folder, file), open(file, "ab") as out:
                groups[begin : edges[i + 1]].tofile(out)
