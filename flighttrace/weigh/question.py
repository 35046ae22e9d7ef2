"""A claim under one reading, ready to be asked of flights."""

from __future__ import annotations

from dataclasses import dataclass

from flighttrace.weigh.expects import Expects
from flighttrace.weigh.matching import Sought
from flighttrace.weigh.model import Case
from flighttrace.weigh.windows import Window


@dataclass(frozen=True)
class Question:
    """What is sought, in which window: places and days are known."""

    expects: Expects
    sought: tuple[Sought, ...]
    window: Window
    case: Case

    @property
    def is_leg(self) -> bool:
        return any(s.event == "leg" for s in self.sought)
