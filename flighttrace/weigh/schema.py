"""The shape of a case file, for pydantic and as JSON Schema. What the keys mean stands in their descriptions.

Strict: no value is converted, no unknown key is let through. References between parts (does that place exist?) are
checked in `case.py`, which knows where in the file they stand.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

SCHEMA_NAME: Final = "flighttrace/case/1"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Address = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{6}$")]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Positive = Annotated[int, Field(ge=1, le=10_000)]


class Part(BaseModel):
    """What every part of a case shares."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Words(Part):
    """A sentence in English and, if it can be had, in Arabic (else the English stands in both)."""

    en: Line
    ar: Line | None = None


class PlaceDoc(Part):
    """A named group of airfields: a list of them, all of a country, or those of a country within a radius."""

    title: Words
    airports: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{2,8}$")]] | None = Field(
        None, min_length=1, description="ICAO codes, or OurAirports idents"
    )
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        None, description="ISO 3166 code of two letters: all the country's airfields"
    )
    centre: list[float] | None = Field(None, min_length=2, max_length=2, description="latitude, longitude in degrees")
    radius_km: Annotated[float, Field(gt=0, le=5000)] | None = None
    note: Words | None = None

    @model_validator(mode="after")
    def _one_form(self) -> PlaceDoc:
        if (self.airports is None) == (self.country is None):
            raise PydanticCustomError("form", "a place needs exactly one of 'airports' and 'country'")
        if (self.centre is None) != (self.radius_km is None):
            raise PydanticCustomError("form", "'centre' and 'radius_km' go together")
        if self.centre is not None:
            if self.country is None:
                raise PydanticCustomError("form", "a radius needs a 'country' whose airfields are meant")
            if not (-90 <= self.centre[0] <= 90 and -180 <= self.centre[1] <= 180):
                raise PydanticCustomError("form", "'centre' is latitude, then longitude, in degrees")
        return self


class BlockDoc(Part):
    """A state's block of addresses, both ends included."""

    first: Address
    last: Address
    source: Line
    wider: bool = Field(False, description="a variant that only some tables give")


class AirframeDoc(Part):
    """An airframe of interest under its address, with the source of the identity."""

    registration: Line
    operator: Line = Field("not stated", description="as the source names it")
    kind: Line = Field(description="cargo, military transport, government, executive, …; claims name the same words")
    typecode: str = ""
    state: Line = Field(description="state of registry; claims and address_blocks name the same words")
    source: Line
    as_of: date | None = Field(None, description="the day of the table or report; not a day of validity")
    valid_from: date | None = Field(None, description="first day for which the source states operator and kind")
    valid_until: date | None = Field(None, description="first day for which it no longer does")
    note: str = ""


class NetworksDoc(Part):
    """The networks that the article's claims rest on: they cannot be independent witnesses of them."""

    known: bool = Field(description="false: the article does not say")
    names: list[Line] = Field(default_factory=list)
    note: Words

    @model_validator(mode="after")
    def _known_or_not(self) -> NetworksDoc:
        if self.known != bool(self.names):
            raise PydanticCustomError("form", "'names' are given exactly where 'known' is true")
        return self


class ReadingsDoc(Part):
    """The axes that the article leaves open, each with its values in order: the first is the first reading's."""

    base: list[Name] | None = Field(None, min_length=1, max_length=20, description="names of places")
    place: list[Name] | None = Field(None, min_length=1, max_length=20, description="names of places")
    day: dict[str, dict[str, date]] | None = Field(
        None, min_length=1, max_length=20, description="label → the days that this reading dates, under their names"
    )
    window: list[Positive] | None = Field(None, min_length=1, max_length=20, description="weeks")


class ArticleDoc(Part):
    """An article: what it is, the hash of its text, on whose tracks it rests. No sentence of it."""

    title: Words
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    networks: NetworksDoc
    note: Words
    dates: dict[str, date] = Field(default_factory=dict, description="days that the article fixes, under names")
    readings: ReadingsDoc | None = None


class FlightDoc(Part):
    """Which flights are meant. A leg has `from` and `to`, another event `at`; what is left out the claim lacks."""

    event: Literal["landing", "take-off", "leg"]
    at: Name | None = Field(None, description="a place, or the axis 'base' or 'place'")
    from_: Name | None = Field(None, alias="from", description="a place, or the axis 'base' or 'place'")
    to: Name | None = Field(None, description="a place, or the axis 'base' or 'place'")
    either_direction: bool = False
    note: Words | None = None

    @model_validator(mode="after")
    def _places_of_event(self) -> FlightDoc:
        if self.event == "leg" and self.at is not None:
            raise PydanticCustomError("form", "a leg has 'from' and 'to', not 'at'")
        if self.event != "leg" and (self.from_ is not None or self.to is not None):
            raise PydanticCustomError("form", "a landing or take-off has 'at', not 'from' or 'to'")
        if self.event != "leg" and self.either_direction:
            raise PydanticCustomError("form", "'either_direction' is for legs")
        return self


WINDOW_FORMS: Final = "one of: day; month; year; from + until; before + weeks, months or years"


class WindowDoc(Part):
    """The local days meant, the end excluded, in one form. A day is a name from the article's dates, or YYYY-MM-DD."""

    day: Line | date | None = None
    month: Month | None = Field(None, description="YYYY-MM")
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    from_: date | None = Field(None, alias="from")
    until: date | None = Field(None, description="the first day that no longer belongs to the window")
    before: Line | date | None = None
    weeks: Positive | Literal["window"] | None = Field(None, description="a number, or the axis 'window'")
    months: Positive | None = None
    years: Annotated[int, Field(ge=1, le=200)] | None = None
    by: Literal["departure", "arrival", "either"] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> WindowDoc:
        lengths = sum(value is not None for value in (self.weeks, self.months, self.years))
        forms = (
            self.day is not None,
            self.month is not None,
            self.year is not None,
            self.from_ is not None and self.until is not None,
            self.before is not None and lengths == 1,
        )
        loose = (self.from_ is None) != (self.until is None) or (self.before is None) != (lengths == 0)
        if sum(forms) != 1 or loose or lengths > 1:
            raise PydanticCustomError("form", "a window is given in exactly one form: " + WINDOW_FORMS)
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise PydanticCustomError("form", "'until' has to be later than 'from'")
        return self


class ExpectsDoc(Part):
    """What the claim says that tracks could show. Left-out places or window make the claim not testable."""

    flights: list[FlightDoc] = Field(min_length=1, max_length=10, description="a flight that fits one of them matches")
    window: WindowDoc | None = None
    at_least: Positive = 1
    count_note: Words | None = Field(None, description="where a number is not the article's own, whose it is")
    distinct_airframes: Positive | None = None
    distinct_months: Positive | None = None
    distinct_years: Positive | None = None
    every_week: bool = False
    round_trip: bool = False
    operator: list[Line] = Field(default_factory=list, description="any of these operators, as in `airframes`")
    state: list[Line] = Field(default_factory=list, description="any of these states of registry")
    kind: list[Line] = Field(default_factory=list, description="any of these kinds, as in `airframes`")
    no_stop: bool = False
    airframe: Address | None = Field(None, description="the airframe that the claim names, in quotes")
    beside: list[FlightDoc] = Field(default_factory=list, max_length=10, description="listed apart, never counted")
    list_earlier: bool = False


class ClaimDoc(Part):
    """One claim, in your own words: what tracks could show of it, or why they can show nothing."""

    article: Name
    paragraph: Line = Field(description="counted over the non-empty lines, from 1; in quotes")
    text: Words
    expects: ExpectsDoc | None = None
    ceiling: Literal["consistent"] | None = Field(None, description="the best verdict that tracks can give it")
    tracks_show: Words | None = None
    tracks_cannot: Words | None = None
    untestable: Words | None = Field(None, description="why no track can test it")

    @model_validator(mode="after")
    def _testable_or_not(self) -> ClaimDoc:
        if (self.expects is None) == (self.untestable is None):
            raise PydanticCustomError("form", "a claim has exactly one of 'expects' and 'untestable'")
        if self.expects is not None and (self.tracks_show is None or self.tracks_cannot is None):
            raise PydanticCustomError("form", "a claim with 'expects' needs 'tracks_show' and 'tracks_cannot'")
        return self


class CaseDoc(Part):
    """A case: articles and their claims, the places and airframes they speak of, and how open dates are read."""

    schema_: Literal["flighttrace/case/1"] = Field(alias="schema")
    name: Name
    title: Words
    extends: Line | None = Field(
        None,
        description="a shipped case, or a file beside this one; this file is then a patch of it: mappings are merged "
        "key by key, lists and values replaced, a key set to null removed (RFC 7396)",
    )
    shift_weeks: Annotated[int, Field(ge=-5000, le=5000)] | None = Field(
        None, description="moves every date of the extended case's articles and claims, before the patch"
    )
    timezone: Line = Field(description="the zone whose local days the windows are, such as Asia/Jerusalem")
    local_timezones: dict[str, Line] = Field(default_factory=dict, description="label → zone, shown beside UTC")
    address_blocks: dict[str, list[BlockDoc]] = Field(default_factory=dict, description="state → its address blocks")
    places: dict[Name, PlaceDoc] = Field(min_length=1)
    routes: list[Annotated[list[Name], Field(min_length=2, max_length=2)]] = Field(
        min_length=1, description="pairs of places; legs are looked for in both directions"
    )
    airframes: dict[Address, AirframeDoc] = Field(default_factory=dict)
    articles: dict[Name, ArticleDoc] = Field(default_factory=dict)
    claims: dict[Name, ClaimDoc] = Field(default_factory=dict)


def case_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a case file; a file that `extends` another is a patch and checked after merging."""
    full = CaseDoc.model_json_schema(by_alias=True)
    definitions = full.pop("$defs")
    description = full.pop("description")
    head = ("schema", "name", "title", "extends", "shift_weeks")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "flighttrace case",
        "description": description,
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {
            "properties": {key: full["properties"][key] for key in head},
            "required": ["schema", "name", "extends"],
        },
        "else": full,
        "$defs": definitions,
    }
