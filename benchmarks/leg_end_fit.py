"""Fits the weights of leg ends on real flights and writes the file that flighttrace ships.

    python benchmarks/leg_end_fit.py ../shared/real_tracks            # fits and writes the weights
    python benchmarks/leg_end_fit.py ../shared/real_tracks --check    # fits, and compares with what is shipped

A conditional logit: of the fields in reach and "nobody", which one was it? Each end counts at several cuts: its low
part hidden below CUTS_FT, and its last minutes hidden (CUTS_MINUTES), so that level flight far from anything is learned
as what it is. Where the true field is not among the fields in reach, "nobody" is the answer.
An end's cuts share a weight of 1, and the ends of one airport MOST_AN_AIRPORT at most.

Three fits. First both sides together: there are few ends of either, an aircraft climbs out much as it comes in, and
where one lands it takes off again. Then departures and arrivals apart, evidence and nobody drawn to the weights of
both; the kind of field stays common. Then, with the kind of field left out (the flat prior), one factor on the
evidence and the weights of nobody again.

Penalties are constants below: of standardised features, but for the kind of field, whose features all lie between 0
and about 2, of these as they are. Standardised among all choices, what counts for a class of aircraft with few ends
varies little, so that its penalty would be next to nothing: the less was seen of a class, the less was held back.

Penalties, what is expected and FLAT_CAUTION were chosen among some hundred and eighty settings, the last hundred about
the kind of field's units, by log-loss, calibration and wrong grades with the regions left out that `leg_ends.py`
reports, and by its hard case; how probabilities are made of the weights (three numbers in `match/likelihood.py`) among
some hundred and eighty, and JETS_OF_BUSINESS (`match/end_features.py`) among seven, by log-loss and calibration there:
its figures are a little kinder for that than other flights' would be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
from real_ends import KINDS, RealEnd, real_ends

from flighttrace.geodesy import Floats
from flighttrace.match.candidates import fields_in_reach
from flighttrace.match.end_features import EVIDENCE, KIND_OF_FIELD, NOBODY, evidence, kind_of_field, nobody
from flighttrace.match.end_track import EndState, EndTrack
from flighttrace.match.end_weights import SideWeights, Weights, load_weights
from flighttrace.match.places import Airfields, load_airfields

CUTS_FT: Final = (300.0, 1_000.0, 2_000.0, 3_000.0, 4_000.0, 6_000.0, 8_000.0, 10_000.0, 15_000.0, 20_000.0, 28_000.0)
CUTS_MINUTES: Final = (20.0, 40.0, 80.0)
MOST_AN_AIRPORT: Final = 10.0
PENALTY: Final = 0.125
NOBODY_PENALTY: Final = 0.5
KIND_PENALTY: Final = 0.1
UNKNOWN_RUNWAY_PENALTY: Final = 0.03
"""That no table has a field's runways says less of its kind than of how far its evidence can be trusted."""
SIDE_TIMES: Final = 160.0
NOBODY_SIDE_TIMES: Final = 4.0
"""So much larger is the penalty of one side's distance from the weights of both, for evidence and for nobody."""
SHARED: Final = 1e6
"""Penalty of a weight that both sides have in common."""
FLAT_CAUTION: Final = 0.8
"""The flat prior decides grades, and evidence is fitted to the ends it is weighed on: elsewhere it is less sure."""
RARE: Final = {"log distance, height unknown", "heading off, height unknown"}
"""Features that few ends have: their penalty is RARE_TIMES as large."""
RARE_TIMES: Final = 300.0
ARBITRARY: Final = ("large airport,", "scheduled service,")
"""Between large and medium, served and not, OurAirports' words say little of where a transport lands (Le Bourget is
medium, Ovda small): ARBITRARY_PENALTY holds these near 0, so that evidence decides between such neighbours."""
ARBITRARY_PENALTY: Final = 10.0
EXPECTED: Final = {
    "below the field": -3.0,
    "served, airline": 2.0,
    "long runway, business": -0.75,
    "large or medium, business": 1.5,
    "large, business": -2.5,
    "served, business": -2.5,
    "runways, business": -0.7,
}
"""What is taken before any flight is seen, in log-odds; other weights are drawn to 0. Nobody flies below the runway he
goes to: 500 ft more of it than a barometric height may be off are twenty to one against a field.

Who flies: an airline hardly ever lands where none has its service. Where a city has a hub for airlines and another
airport for business flying, a business flight hardly uses the hub: Newark had 14,414 flights of general aviation in the
year to June 2007, Teterboro beside it more than 200,000 movements in 2006 (a page of aero.cn of 22 September 2011, the
first after the Port Authority), 1 to 14. Against the account of jets at large, which the shipped weights have at +1.5
for Newark, these make it -1.5: 1 to 4 in the doubtful account of a probability, 1 to 44 in the sure one
(`match/likelihood.py`). Where a city has no such airport, they use its hub and not a strip beside it: hence "large or
medium". They are assumptions (all but the one ratio have no count behind them), not a fit."""
EXPECTED_PENALTY: Final = 4.0
"""Of the weights of who flies: a class with few ends stays at what is expected."""
_OF_OPERATION: Final = frozenset(KIND_OF_FIELD[23:])
_UNKNOWN_RUNWAY: Final = [i for i, name in enumerate(KIND_OF_FIELD) if name.startswith("runway unknown")]
MOST_STEPS: Final = 60
ENOUGH: Final = 1e-6
NEGLIGIBLE: Final = 1e-12
ROUGH_EVERY: Final = 6
HOPELESS: Final = 10.0
"""In log-odds: one in twenty thousand."""
OUT: Final = Path(__file__).resolve().parent.parent / "flighttrace" / "data" / "leg_ends" / "weights.json"


@dataclass(frozen=True)
class Choice:
    """One end at one cut: its fields' features, those of nobody, and which field it was (-1: none of them)."""

    end: RealEnd
    evidence: Floats
    kind: Floats
    nobody: Floats
    true: int
    weight: float


def choices(ends: Sequence[RealEnd], airfields: Airfields) -> list[Choice]:
    """All cuts of all ends in the air, with their weights."""
    of_airport = Counter((end.kind, end.true) for end in ends)
    found = []
    for end in ends:
        cuts = [made for track in _cuts(end, airfields) if (made := _choice(end, track, airfields)) is not None]
        share = min(1.0, MOST_AN_AIRPORT / of_airport[end.kind, end.true]) / max(len(cuts), 1)
        found += [Choice(end, *made, share) for made in cuts]
    return found


def _cuts(end: RealEnd, airfields: Airfields) -> Iterator[EndTrack]:
    """Each different end of the cuts. An end that is not in the track is taken as it is."""
    tracks = [end.shown()] if not end.in_track else []
    if end.in_track:
        tracks += [t for feet in CUTS_FT if (t := end.hidden(feet, airfields)) is not None]
        tracks += [t for minutes in CUTS_MINUTES if (t := end.cut_short(minutes)) is not None]
    seen = set()
    for track in tracks:
        if track.end_time_utc not in seen and not track.on_ground[0]:
            seen.add(track.end_time_utc)
            yield track


def _choice(end: RealEnd, track: EndTrack, airfields: Airfields) -> tuple[Floats, Floats, Floats, int] | None:
    state = EndState(track)
    fields = fields_in_reach(track, state, airfields, track.end_time_utc.date())
    if not len(fields):
        return None
    seen = evidence(track, state, fields)
    names = [airfields.airport(i) for i in fields.indexes.tolist()]
    true = names.index(end.true) if end.true in names else -1
    return seen.matrix, kind_of_field(track, state, fields), nobody(track, state, seen), true


class Logit:
    """A conditional logit over choices of different size."""

    def __init__(self, chosen: Sequence[Choice], features: Callable[[Choice], Floats]) -> None:
        blocks = [features(choice) for choice in chosen]
        self._x = np.concatenate(blocks)
        sizes = np.array([len(block) for block in blocks])
        self._starts = np.cumsum(sizes) - sizes
        self._owner = np.repeat(np.arange(len(sizes)), sizes)
        last = self._starts + sizes - 1
        self._true = np.array([last[i] if c.true < 0 else self._starts[i] + c.true for i, c in enumerate(chosen)])
        self._weight = np.array([c.weight for c in chosen])
        self.scale = np.maximum(self._x.std(axis=0), 1e-6)
        self._x /= self.scale

    def fit(self, penalty: Floats, expected: Floats | None = None) -> Floats:
        """The weights of least loss, by Newton's method: the loss is convex, and one minimum is all there is.

        `penalty` of standardised weights' distance from `expected` (0 where None).
        """
        centre = np.zeros(len(self.scale)) if expected is None else expected * self.scale
        self._given = self._x @ centre
        w = np.zeros(len(self.scale))
        loss, gradient, hessian = self._at(w, penalty)
        for _ in range(MOST_STEPS):
            step = np.linalg.solve(hessian, gradient)
            length = 1.0
            while (moved := self._at(w - length * step, penalty))[0] > loss - 1e-4 * length * float(gradient @ step):
                length /= 2
                if length < 1e-6:
                    return (w + centre) / self.scale
            w = w - length * step
            done = loss - moved[0] < ENOUGH
            loss, gradient, hessian = moved
            if done:
                break
        return (w + centre) / self.scale

    def _at(self, w: Floats, penalty: Floats) -> tuple[float, Floats, Floats]:
        """Loss, gradient and Hessian at weights of the standardised features, taken from the expected ones."""
        u = self._x @ w + self._given
        u -= np.maximum.reduceat(u, self._starts)[self._owner]
        e = np.exp(u)
        total = np.add.reduceat(e, self._starts)
        loss = -float(self._weight @ (u[self._true] - np.log(total))) + 0.5 * float(penalty @ w**2)
        p = e / total[self._owner]
        means = np.add.reduceat(self._x * p[:, None], self._starts)
        gradient = self._weight @ (means - self._x[self._true]) + penalty * w
        weighted = p * self._weight[self._owner]
        heavy = weighted > NEGLIGIBLE
        x = self._x[heavy]
        hessian = (x * weighted[heavy, None]).T @ x - (means * self._weight[:, None]).T @ means
        return loss, gradient, hessian + np.diag(penalty + 1e-6)


def _joint(choice: Choice) -> Floats:
    """(n + 1, all features): the fields, and nobody last."""
    n, a, b = len(choice.evidence), len(EVIDENCE), len(EVIDENCE) + len(KIND_OF_FIELD)
    x = np.zeros((n + 1, b + len(NOBODY)))
    x[:n, :a], x[:n, a:b], x[n, b:] = choice.evidence, choice.kind, choice.nobody
    return x


_NAMES: Final = (*EVIDENCE, *KIND_OF_FIELD, *NOBODY)


def _penalty(name: str) -> float:
    """Of a standardised feature; of one of the kind of field as it is."""
    if name in NOBODY:
        return NOBODY_PENALTY
    if name in EVIDENCE:
        return PENALTY * (RARE_TIMES if name in RARE else 1.0)
    if name in _OF_OPERATION:
        return EXPECTED_PENALTY
    if name.startswith("runway unknown"):
        return UNKNOWN_RUNWAY_PENALTY
    return ARBITRARY_PENALTY if name.startswith(ARBITRARY) else KIND_PENALTY


def _side_penalty(name: str) -> float:
    """Of the distance of one side's weight from that of both."""
    if name in KIND_OF_FIELD:
        return SHARED
    return _penalty(name) * (NOBODY_SIDE_TIMES if name in NOBODY else SIDE_TIMES)


def _joint_fit(chosen: Sequence[Choice]) -> Floats:
    logit = Logit(chosen, _joint)
    penalty = np.array([_penalty(name) for name in _NAMES])
    as_they_are = np.array([name in KIND_OF_FIELD for name in _NAMES])
    expected = np.array([EXPECTED.get(name, 0.0) for name in _NAMES])
    return logit.fit(np.where(as_they_are, penalty / logit.scale**2, penalty), expected)


def without_the_hopeless(chosen: Sequence[Choice]) -> list[Choice]:
    """The choices without fields that a fit on every ROUGH_EVERY-th of them puts HOPELESS below the best.

    They are most of all fields and weigh nothing in a fit; answers are always given among all of them.
    """
    kept = []
    for kind in KINDS:
        side = [choice for choice in chosen if choice.end.kind == kind]
        w = _joint_fit(side[::ROUGH_EVERY])
        for choice in side:
            u = _joint(choice)[:-1] @ w
            good = u >= u.max() - HOPELESS
            if choice.true >= 0:
                good[choice.true] = True
            true = -1 if choice.true < 0 else int(np.count_nonzero(good[: choice.true]))
            kept.append(replace(choice, evidence=choice.evidence[good], kind=choice.kind[good], true=true))
    return kept


def _runways_known(choice: Choice) -> Choice:
    """The choice among fields with known runways (and the true one): what the flat prior is fitted on.

    Strips whose runways no table has are hardly ever the true field in these sets, which says nothing of a flat prior.
    """
    good = ~choice.kind[:, _UNKNOWN_RUNWAY].any(axis=1)
    if choice.true >= 0:
        good[choice.true] = True
    true = -1 if choice.true < 0 else int(np.count_nonzero(good[: choice.true]))
    return replace(choice, evidence=choice.evidence[good], kind=choice.kind[good], true=true)


def fitted(chosen: Sequence[Choice], shared: Floats) -> SideWeights:
    """The weights of one side, near those of both."""
    a, b = len(EVIDENCE), len(EVIDENCE) + len(KIND_OF_FIELD)
    w = Logit(chosen, _joint).fit(np.array([_side_penalty(name) for name in _NAMES]), shared)

    def flat(choice: Choice) -> Floats:
        n = len(choice.evidence)
        x = np.zeros((n + 1, 1 + len(NOBODY)))
        x[:n, 0], x[n, 1:] = choice.evidence @ w[:a], choice.nobody
        return x

    known = [_runways_known(choice) for choice in chosen]
    f = Logit(known, flat).fit(np.array([0.0, *(_penalty(name) for name in NOBODY)]))
    return SideWeights(w[:a], w[a:b], w[b:], FLAT_CAUTION * float(f[0]), f[1:])


def fitted_without(chosen: Sequence[Choice], region: str | None) -> Weights:
    """The weights of both sides from all choices but those of one region; of all where None."""
    kept = [choice for choice in chosen if region is None or choice.end.region != region]
    shared = _joint_fit(kept)
    return {kind: fitted([choice for choice in kept if choice.end.kind == kind], shared) for kind in KINDS}


def provenance(ends: Sequence[RealEnd], chosen: Sequence[Choice]) -> dict[str, object]:
    count = Counter((choice.end.kind, choice.end.collection) for choice in chosen)
    return {
        "made_by": "python benchmarks/leg_end_fit.py ../shared/real_tracks",
        "data": "public ADS-B tracks: samples of traffic 2.13 (MIT), trrrj, pyfr24, adsb_actions; not shipped",
        "ends": {f"{c}, {k}": n for (k, c), n in sorted(Counter((e.kind, e.collection) for e in ends).items())},
        "choices": {f"{c}, {k}": n for (k, c), n in sorted(count.items())},
        "airports": len({e.true for e in ends}),
        "penalty": PENALTY,
        "nobody_penalty": NOBODY_PENALTY,
        "kind_penalty": KIND_PENALTY,
        "unknown_runway_penalty": UNKNOWN_RUNWAY_PENALTY,
        "arbitrary_penalty": ARBITRARY_PENALTY,
        "expected_penalty": EXPECTED_PENALTY,
        "side_times": SIDE_TIMES,
        "nobody_side_times": NOBODY_SIDE_TIMES,
        "flat_caution": FLAT_CAUTION,
        "numpy": version("numpy"),
    }


def _make_sure_of_some() -> None:
    """After a change of the features: weights of zero under every name, for tracks are split by a library that loads
    them. What is fitted does not depend on them."""
    try:
        load_weights()
    except (KeyError, FileNotFoundError):
        sizes = (len(EVIDENCE), len(KIND_OF_FIELD), len(NOBODY))
        none = SideWeights(*(np.zeros(n) for n in sizes), 1.0, np.zeros(sizes[2]))
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(json.dumps({kind: none.as_facts() for kind in KINDS}) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="compare with the shipped file instead of writing it")
    given = parser.parse_args()
    _make_sure_of_some()
    ends = real_ends(given.folder)
    chosen = without_the_hopeless(choices(ends, load_airfields()))
    weights = fitted_without(chosen, None)
    facts = {"provenance": provenance(ends, chosen), **{kind: weights[kind].as_facts() for kind in KINDS}}
    text = json.dumps(facts, indent=1) + "\n"
    if given.check:
        return 0 if OUT.read_text(encoding="utf-8") == text else 1
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text, encoding="utf-8")
    print(f"{len(ends)} ends, {len(chosen)} choices")
    return 0


if __name__ == "__main__":
    sys.exit(main())
