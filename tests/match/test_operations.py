"""Who flies, by the call sign; and what it does to the fields beside each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from flighttrace.match.candidates import InReach, fields_in_reach
from flighttrace.match.end_features import JETS_OF_BUSINESS, KIND_OF_FIELD, OTHER_AS_BUSINESS, kind_of_field
from flighttrace.match.end_track import JET_RUNWAY_FT, TURBOPROP_RUNWAY_FT, EndState, EndTrack
from flighttrace.match.endpoints import estimate_end
from flighttrace.match.operations import AIRLINES, BUSINESS, FREIGHT, Operation, operation_of
from flighttrace.match.places import load_airfields


@pytest.mark.parametrize(
    ("signs", "who"),
    [
        (["DLH4AB"], "airline"),
        (["nje612f "], "business"),
        (["ZZZ12"], "other"),
        (["RCH871"], "other"),
        (["CPN12"], "airline"),
        (["AZQ4101"], "freight"),
        (["DUKE58"], "other"),
        (["N518JA"], "business"),
        (["DCARO"], "business"),
        (["", "BAW1"], "airline"),
        (["SIM101"], None),
        ([], None),
    ],
)
def test_who_flies(signs: list[str], who: str | None) -> None:
    assert operation_of(signs) == who


def test_no_operator_is_in_two_tables() -> None:
    assert len(AIRLINES | BUSINESS | FREIGHT) == len(AIRLINES) + len(BUSINESS) + len(FREIGHT)


def test_of_freight_nothing_is_claimed() -> None:
    track = over_new_york()
    told = [kind_of_field(replace(track, operation=who), EndState(track), in_reach(track)) for who in ("freight", None)]
    assert np.array_equal(*told)


def over_new_york() -> EndTrack:
    """A jet at 8,000 ft, 30 km south-west of Newark and Teterboro, descending north-eastward."""
    seconds = np.arange(0.0, 310.0, 10.0)
    n = len(seconds)
    return EndTrack(
        kind="arrival",
        seconds=seconds,
        lat_deg=40.50 - 0.0008 * seconds,
        lon_deg=-74.40 - 0.0010 * seconds,
        altitude_ft=8000.0 + 25.0 * seconds,
        ground_speed_kt=np.full(n, 260.0),
        true_track_deg=np.full(n, 43.0),
        vertical_rate_ft_min=np.full(n, -1500.0),
        on_ground=np.zeros(n, dtype=bool),
        ground_said=np.ones(n, dtype=bool),
        end_time_utc=datetime(2025, 10, 6, 10, tzinfo=UTC),
        silence_s=np.inf,
        shortest_runway_ft=4500.0,
    )


def in_reach(track: EndTrack) -> InReach:
    return fields_in_reach(track, EndState(track), load_airfields(), track.end_time_utc.date())


def test_an_operator_in_no_table_counts_half() -> None:
    track = over_new_york()
    own = [i for i, name in enumerate(KIND_OF_FIELD) if name.endswith(", business")]
    half, whole = (
        kind_of_field(replace(track, operation=who), EndState(track), in_reach(track))[:, own]
        for who in ("other", "business")
    )
    assert np.any(whole > 0)
    assert half == pytest.approx(OTHER_AS_BUSINESS * whole)


def test_who_flies_moves_the_named_field_and_never_the_flat_prior() -> None:
    told = {
        who: {c.airport: c for c in estimate_end(replace(over_new_york(), operation=who), load_airfields()).candidates}
        for who in ("airline", "business")
    }
    ratio = {who: found["KTEB"].probability / found["KEWR"].probability for who, found in told.items()}
    assert ratio["business"] > 5 * ratio["airline"]
    flat = [found["KTEB"].log_likelihood - found["KEWR"].log_likelihood for found in told.values()]
    assert flat[0] == pytest.approx(flat[1])


@pytest.mark.parametrize("who", ["airline", "business", "other"])
def test_a_field_that_is_asked_about_is_no_better_and_no_worse_than_a_large_one_with_service(who: Operation) -> None:
    """What an operator changes it changes for both alike: the question must not lean on the answer."""
    track, fields, airfields = replace(over_new_york(), operation=who), in_reach(over_new_york()), load_airfields()
    (asked, large) = (np.flatnonzero(fields.indexes == airfields.indexes_of([name])[0]) for name in ("KTEB", "KEWR"))
    named = np.isin(fields.indexes, airfields.indexes_of(["KTEB"]))
    columns = kind_of_field(track, EndState(track), fields, named)
    for what in ("large", "served"):
        at = KIND_OF_FIELD.index(f"{what}, {'airline' if who == 'airline' else 'business'}")
        assert columns[asked, at] == columns[large, at] != 0


@pytest.mark.parametrize(
    ("who", "runway_ft", "jets"),
    [
        ("business", TURBOPROP_RUNWAY_FT, JETS_OF_BUSINESS),
        ("other", TURBOPROP_RUNWAY_FT, JETS_OF_BUSINESS * OTHER_AS_BUSINESS),
        ("airline", TURBOPROP_RUNWAY_FT, 0.0),
        (None, TURBOPROP_RUNWAY_FT, 0.0),
        ("business", JET_RUNWAY_FT, 1.0),
    ],
)
def test_a_business_flight_as_slow_as_a_turboprop_may_be_a_jets(
    who: Operation | None, runway_ft: float, jets: float
) -> None:
    track = replace(over_new_york(), operation=who, shortest_runway_ft=runway_ft)
    fields = in_reach(track)
    columns = kind_of_field(track, EndState(track), fields)
    whole = kind_of_field(replace(track, shortest_runway_ft=JET_RUNWAY_FT), EndState(track), fields)
    of_jets, of_turboprops = [*range(7), 21], [*range(7, 14), 22]
    np.testing.assert_allclose(columns[:, of_jets], jets * whole[:, of_jets])
    np.testing.assert_allclose(columns[:, of_turboprops], (1 - jets) * whole[:, of_jets])
    np.testing.assert_array_equal(columns[:, 23:], whole[:, 23:])
    assert whole[:, of_jets].any()
