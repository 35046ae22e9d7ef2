"""The frozen shapes that travel from match to the right: airfields, places, ends, flights, legs.

Grades are those of an end (A to D, X) as the README defines them; `worse` orders them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

import pandas as pd

from flighttrace.language import Text

Grade = Literal["A", "B", "C", "D", "X"]
GRADES: Final[tuple[Grade, ...]] = ("A", "B", "C", "D", "X")
EndKind = Literal["departure", "arrival"]


def worse(first: Grade, second: Grade) -> Grade:
    """The worse of two grades."""
    return max(first, second, key=GRADES.index)


def at_least(grade: Grade, floor: Grade) -> bool:
    """True where `grade` is as good as `floor` or better."""
    return GRADES.index(grade) <= GRADES.index(floor)


@dataclass(frozen=True)
class RunwayEnd:
    """One threshold: its name, where it is, and the true direction of a landing over it."""

    ident: str
    lat_deg: float
    lon_deg: float
    elevation_ft: float | None
    heading_deg: float


@dataclass(frozen=True)
class Runway:
    """Length, surface and both ends; `ends` is empty where the source has no positions."""

    length_ft: float | None
    surface: str
    lighted: bool
    ends: tuple[RunwayEnd, ...]


@dataclass(frozen=True)
class Airfield:
    """One field. `airport` is its name in all outputs: the ICAO code (gps_code) where there is one, else the ident."""

    airport: str
    ident: str
    name: str
    kind: str
    lat_deg: float
    lon_deg: float
    elevation_ft: float
    iata: str
    country: str
    scheduled_service: bool
    runways: tuple[Runway, ...] = ()
    opened: date | None = None
    closed: date | None = None

    def open_on(self, day: date) -> bool:
        """True where nothing says that the field was closed on that day; `opened` is included, `closed` is not."""
        return (self.opened is None or self.opened <= day) and (self.closed is None or day < self.closed)


@dataclass(frozen=True)
class Place:
    """A named group of fields of a case, or the fields of a country within a radius of a point.

    `airports` are resolved names (Airfield.airport), all of them, opened or not; `fields_on` leaves out the closed.
    """

    name: str
    title: Text
    airports: tuple[str, ...]
    centre: tuple[float, float] | None = None
    """Latitude, longitude of a radius place."""
    radius_km: float | None = None
    note: Text | None = None


@dataclass(frozen=True)
class Candidate:
    """One possible field of an end; `airport` None is UNKNOWN. Probabilities sum to 1 over an end's candidates."""

    airport: str | None
    probability: float
    probability_flat: float
    log_likelihood: float
    distance_km: float | None
    """From the fix to the nearest runway, or to the reference point where the runway's ends are unknown."""
    height_ft: float | None
    """The fix's height above the field; None where no altitude was heard."""
    suitable: bool = True
    log_prior: float | None = None
    """What the feature prior adds for this field at this end, as a logarithm (`likelihood.Scores.prior`); None for
    UNKNOWN, and for a field that is listed for what a neighbouring flight says."""


@dataclass(frozen=True)
class Sighting:
    """One believed position of the same track beside a flight: the next after its arrival, the last before it left."""

    time_utc: datetime
    lat_deg: float
    lon_deg: float
    altitude_ft: float | None
    on_ground: bool


@dataclass(frozen=True)
class EndpointEstimate:
    """Where a flight began or ended, how sure that is, and why."""

    kind: EndKind
    airport: str | None
    probability: float
    probability_flat: float
    grade: Grade
    time_utc: datetime | None
    """The estimated take-off or landing."""
    not_before_utc: datetime | None
    not_after_utc: datetime | None
    candidates: tuple[Candidate, ...]
    fix_time_utc: datetime
    fix_lat_deg: float
    fix_lon_deg: float
    fix_altitude_ft: float | None
    on_ground: bool
    descending: bool
    """Descending at an arrival, climbing at a departure: the movement that belongs to this end."""
    came_down: bool = False
    """It came down to this end (at a departure: climbed away from it) by more than a change of level."""
    reasons: tuple[Text, ...] = ()
    continued_by: str | None = None
    """The airport where the same airframe's next (previous) flight begins (ended) at A or B, if that fits."""
    vertical_rate_ft_min: float | None = None
    """As flown over the last (first) minutes: positive climbing; None where it was not heard."""
    ground_speed_kt: float | None = None
    true_track_deg: float | None = None
    """The direction flown at the fix, at a departure too."""
    course_deg: float | None = None
    """As flown, of the straight way of the last (first) 20 minutes, or what was heard nearest to that (10 to 30): true,
    at the fix; None where nothing was."""
    probability_alone: float | None = None
    """Of the field that is likeliest with what the next (previous) flight's own end says of the stop between them, by
    this end alone: 0 where it is not among its candidates; None where nothing is counted in. By the feature prior."""
    neighbour: Sighting | None = None
    """Where the same track is next heard after an arrival (was last heard before a departure); None: not in what was
    read."""


@dataclass(frozen=True)
class ListedEnds:
    """What a flight list states of one flight. Shown beside ours, never taken as truth."""

    departure: str | None
    arrival: str | None
    source_id: str


@dataclass(frozen=True)
class Flight:
    """One airframe in the air once. `track` holds its rows of `positions`, the rejected ones too, in time order."""

    flight_id: str
    track_key: str
    icao24: str | None
    identity: str
    """How the airframe is known: one of the texts of `positions`, IN_FILE to NOT_IN_FILE."""
    callsigns: tuple[str, ...]
    first_seen_utc: datetime
    last_seen_utc: datetime
    departure: EndpointEstimate
    arrival: EndpointEstimate
    position_count: int
    rejected_count: int
    simulated: bool
    source_ids: tuple[str, ...]
    networks: tuple[str, ...]
    longest_gap_s: float
    network_of_source: tuple[tuple[str, str], ...] = ()
    """(source_id, network) of each of `source_ids`."""
    listed: tuple[ListedEnds, ...] = ()
    flags: tuple[str, ...] = ()
    """Such as "disputed positions", "not an ICAO address", "call sign changed in flight"."""
    rejected_by_reason: tuple[tuple[str, int], ...] = ()
    """(reason, number of positions) of the track's `rejected_because`, by reason; they sum to `rejected_count`."""
    track: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False, repr=False)

    def end(self, kind: EndKind) -> EndpointEstimate:
        return self.departure if kind == "departure" else self.arrival


@dataclass(frozen=True)
class Witness:
    """What one network alone would say of a leg's two ends (place grades by its positions only)."""

    network: str
    source_ids: tuple[str, ...]
    departure_place_grade: Grade | None
    arrival_place_grade: Grade | None


@dataclass(frozen=True)
class Leg:
    """A flight whose two ends are in two places of the query."""

    leg_id: str
    flight: Flight
    origin_place: str
    destination_place: str
    departure_place_grade: Grade
    arrival_place_grade: Grade
    possible: bool
    """The place is not the likeliest answer at one end at least: the leg is at most D and matches no claim."""
    witnesses: tuple[Witness, ...] = ()

    @property
    def grade(self) -> Grade:
        return worse(self.departure_place_grade, self.arrival_place_grade)


@dataclass(frozen=True)
class OneEnded:
    """A flight with one end in a place and the other unknown or elsewhere: listed, not a leg."""

    flight: Flight
    place: str
    kind: EndKind
    place_grade: Grade
    possible: bool
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True)
class DayCoverage:
    """What the archive heard low over one field on one UTC day, the claim's own airframes left out by the caller."""

    airport: str
    day: date
    aircraft: int
    """Distinct other aircraft below `LOW_FT` above the field within `NEAR_KM`."""
    positions: int
    lowest_ft: float | None
    """The lowest height above the field heard within NEAR_KM, of the aircraft that can be counted, low or not."""


@dataclass(frozen=True)
class Coverage:
    """Day by day, field by field, for one window and one set of fields."""

    days: tuple[DayCoverage, ...]
    covered: bool
    """Every field of every day heard at least one other aircraft low."""
    days_asked: int = 0
    """Days of the window."""
    days_heard: int = 0
    """Days of the window on which the files hold any believed position, anywhere."""
    silent: tuple[datetime, datetime] | None = None
    """The longest time of the window in which the files hold nothing of any track, where a whole flight may lie in it
    (UTC, to the quarter of an hour)."""
    first_heard_utc: datetime | None = None
    """The files' first believed position, in the window or not; None where they hold none."""
    last_heard_utc: datetime | None = None
