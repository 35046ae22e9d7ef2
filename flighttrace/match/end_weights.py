"""The fitted weights of leg ends: what `benchmarks/leg_end_fit.py` wrote, shipped as data with where they came from.

For departures and arrivals apart: a weight for each feature of `end_features.py`, and two accounts of "nobody"
(UNKNOWN), one beside the feature prior and one beside the flat prior, whose evidence is `flat_scale` times as sharp.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from flighttrace.geodesy import Floats
from flighttrace.match.end_features import EVIDENCE, KIND_OF_FIELD, NOBODY
from flighttrace.match.model import EndKind

FILE: Final = "weights.json"


@dataclass(frozen=True)
class SideWeights:
    """Weights of one side: (len(EVIDENCE),), (len(KIND_OF_FIELD),), (len(NOBODY),) twice, and a number."""

    evidence: Floats
    kind_of_field: Floats
    nobody: Floats
    flat_scale: float
    nobody_flat: Floats

    def as_facts(self) -> dict[str, Any]:
        """As the weights file holds it: each weight under its feature's name."""
        return {
            "evidence": dict(zip(EVIDENCE, np.round(self.evidence, 5).tolist(), strict=True)),
            "kind_of_field": dict(zip(KIND_OF_FIELD, np.round(self.kind_of_field, 5).tolist(), strict=True)),
            "nobody": dict(zip(NOBODY, np.round(self.nobody, 5).tolist(), strict=True)),
            "flat_scale": round(self.flat_scale, 5),
            "nobody_flat": dict(zip(NOBODY, np.round(self.nobody_flat, 5).tolist(), strict=True)),
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> SideWeights:
        """Raises KeyError where a feature has no weight."""
        return cls(
            np.array([facts["evidence"][name] for name in EVIDENCE], dtype=np.float64),
            np.array([facts["kind_of_field"][name] for name in KIND_OF_FIELD], dtype=np.float64),
            np.array([facts["nobody"][name] for name in NOBODY], dtype=np.float64),
            float(facts["flat_scale"]),
            np.array([facts["nobody_flat"][name] for name in NOBODY], dtype=np.float64),
        )


Weights = Mapping[EndKind, SideWeights]


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The shipped weights, read once a process."""
    text = (files("flighttrace") / "data" / "leg_ends" / FILE).read_text(encoding="utf-8")
    facts = json.loads(text)
    return {"departure": SideWeights.of_facts(facts["departure"]), "arrival": SideWeights.of_facts(facts["arrival"])}
