"""Peers' rules on ends whose answer can be worked out by hand. Five made-up fields lie along the equator."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from leg_end_yardstick.metrics import Answer
from leg_end_yardstick.peers import RULES, learned, prior_alone

from flighttrace.match.likelihood import EndTrack
from flighttrace.match.model import Airfield, EndKind, Runway
from flighttrace.match.places import Airfields

KM_PER_DEG = 111.32


def field(name: str, east_km: float, kind: str, *, iata: str = "", service: bool = False) -> Airfield:
    runways = (Runway(8000.0, "ASP", True, ()),)
    return Airfield(name, name, name, kind, 0.0, east_km / KM_PER_DEG, 0.0, iata, "XX", service, runways)


FIELDS = Airfields(
    [
        field("XBAS", 12.0, "small_airport"),
        field("XCIV", 20.0, "large_airport", iata="CIV", service=True),
        field("XFAR", 60.0, "medium_airport", iata="FAR", service=True),
        field("XGON", 3.0, "closed"),
        field("XSEA", 6.0, "seaplane_base", iata="SEA"),
    ]
)


def end(kind: EndKind, east_km: float, altitude_ft: float, *, sink_ft_min: float = 0.0, kt: float = 240.0) -> EndTrack:
    """Two minutes eastward along the equator, ending at that point and height."""
    seconds = np.arange(0.0, 130.0, 10.0)
    n = len(seconds)
    east = east_km - kt * 1.852 / 3600.0 * seconds
    return EndTrack(
        kind=kind,
        seconds=seconds,
        lat_deg=np.zeros(n),
        lon_deg=east / KM_PER_DEG,
        altitude_ft=altitude_ft + sink_ft_min * seconds / 60.0,
        ground_speed_kt=np.full(n, kt),
        true_track_deg=np.full(n, 90.0),
        vertical_rate_ft_min=np.full(n, -sink_ft_min),
        on_ground=np.zeros(n, dtype=bool),
        ground_said=np.ones(n, dtype=bool),
        end_time_utc=datetime(2031, 10, 6, 10, tzinfo=UTC),
        silence_s=np.inf,
        shortest_runway_ft=4500.0,
    )


LOW, HIGH = end("arrival", 0.0, 3000.0), end("arrival", 0.0, 9000.0)


@pytest.mark.parametrize(
    ("rule", "track", "named"),
    [
        ("traffic", LOW, "XGON"),
        ("traffic", HIGH, "XGON"),
        ("nearest with a code", LOW, "XSEA"),
        ("OpenSky", LOW, "XBAS"),
        ("OpenSky", HIGH, None),  # 9,000 ft are 2,743 m
        ("OpenSky", end("arrival", 0.0, 8000.0), "XBAS"),  # 2,438 m
        ("OpenSky", end("departure", 0.0, 8000.0), None),
        ("OpenSky", end("departure", 0.0, 6000.0), "XBAS"),
        ("OpenSky", end("departure", -4.0, 6000.0), None),  # 16 km away
        ("OpenSky", end("arrival", -4.0, 6000.0), "XBAS"),
        ("OPDI endpoint", LOW, "XCIV"),  # 12 km + 10 NM is more than 20 km
        ("OPDI endpoint", end("arrival", 0.0, 16_000.0), None),
        ("OPDI endpoint", end("arrival", -40.0, 3000.0), None),  # 60 km to XCIV, 52 km + 10 NM to XBAS: over 30 NM
        # 9,000 ft at 1,200 ft/min are 7.5 min: 55.6 km at 240 kt, next to XFAR
        ("OPDI projected", end("arrival", 0.0, 9000.0, sink_ft_min=1200.0), "XFAR"),
        ("OPDI projected", end("arrival", 0.0, 3000.0, sink_ft_min=1200.0), "XCIV"),  # 18.5 km
        ("OPDI projected", end("arrival", 0.0, 30_000.0, sink_ft_min=1200.0), None),  # 185 km
        ("OPDI projected", LOW, "XCIV"),  # level: as the endpoint rule
    ],
)
def test_a_peers_rule(rule: str, track: EndTrack, named: str | None) -> None:
    assert RULES[rule](track, FIELDS).name == named


def test_prior_alone_goes_by_counts() -> None:
    found = dict(prior_alone(HIGH, FIELDS, {"XFAR": 3, "XCIV": 1}).ranked)
    # 3.5 + 1.5 + three fields at 0.5
    assert found["XFAR"] == pytest.approx(3.5 / 6.5)
    assert found["XCIV"] == pytest.approx(1.5 / 6.5)
    assert sum(found.values()) == pytest.approx(1.0)


def test_learned_multiplies_and_keeps_unknown() -> None:
    flat = Answer((("XBAS", 0.5), ("XCIV", 0.3), (None, 0.2)))
    found = learned(flat, {"XCIV": 2})
    # 0.5 * 0.5 against 0.3 * 2.5: a quarter of the known mass against three
    assert found.ranked == (("XCIV", pytest.approx(0.6)), ("XBAS", pytest.approx(0.2)), (None, 0.2))
