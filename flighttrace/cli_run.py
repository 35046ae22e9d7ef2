"""What the verbs share: where their positions come from, and what is said of the inputs.

Positions come from an archive (`--archive DIR`), or from files, which go through the cache archive. Of an archive, and
of files with many rows, only the tracks that the sieve lets through are read.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from flighttrace.cli_asked import days_needed, engine_of, query_of, refuse_with_archive
from flighttrace.cli_say import keep_inputs, progress, put, reading_progress, say
from flighttrace.errors import DamagedFileError, FlighttraceError, UsageError, shown

if TYPE_CHECKING:
    from flighttrace.ingest.archive.view import View
    from flighttrace.match.flights import FlightSet
    from flighttrace.match.model import Flight, Place
    from flighttrace.match.places import Airfields
    from flighttrace.match.sieve import Question
    from flighttrace.match.sieve_ends import CandidateTimes, Spans
    from flighttrace.positions import Ingested
    from flighttrace.weigh.model import Case
    from flighttrace.weigh.query import Query

Scope = Literal["legs", "seen", "all"]
"""Which airframes a verb needs: those that may have flown a leg, those that were near a place at all, or every one."""

SIEVED_FROM_ROWS: Final = 300_000
"""Files with fewer rows in the days asked for are read whole: that is sooner done than starting an engine."""
MOST_ROWS: Final = 12_000_000
"""Rows that the careful work holds in memory at once: about 5 GB."""
BATCH_ROWS: Final = 80_000
"""About so many rows are read and judged at once where only legs are asked for: some 60 MB."""
ROWS_A_DAY: Final = 3_000
"""Of an airframe, for the size of a batch: a busy one in OpenSky's states has 3,000 to 5,000."""


class Run:
    """Inputs read, flights found, the case loaded: what every verb starts from. Faults of inputs are said at once."""

    def __init__(
        self,
        paths: Sequence[str],
        options: Mapping[str, Any],
        case_name: str | None,
        *,
        scope: Scope = "all",
        whole_case: bool = False,
    ) -> None:
        from flighttrace.match.places import load_airfields
        from flighttrace.weigh.case import load_case

        self.query: Query = query_of(options)
        self._whole_case = whole_case
        self.heard: Ingested
        self.flights: FlightSet
        self._unread: tuple[View, dict[str, CandidateTimes], Sequence[tuple[Place, Place]]] | None = None
        archive = options.get("archive")
        if bool(archive) == bool(paths):
            raise UsageError("name files or folders (PATH...), or an archive (--archive DIR): one of the two")
        if archive:
            refuse_with_archive(options)
        self.airfields: Airfields = load_airfields()
        self.case: Case | None = load_case(case_name, airfields=self.airfields) if case_name else None
        self.zones: dict[str, str] = dict(self.case.local_timezones) if self.case else {}
        if self.query.tz not in ("UTC", *self.zones.values()):
            self.zones[self.query.tz] = self.query.tz
        written = [options.get(name) for name in ("output", "quarantine", "picture")]
        inputs = [*([archive] if archive else []), *paths, *options.get("mappings", ())]
        keep_inputs([*inputs, *([case_name] if case_name else [])], written)
        self._options = options
        with ExitStack() as stack:
            view = self._open(paths, archive, stack)
            with _told_of_the_cache(cached=not archive):
                self._read(view, scope, stack, always=bool(archive))
            self._say_inputs(options.get("quarantine"))
            if self.heard.failures and not self.heard.sources:
                raise FlighttraceError("none of the inputs could be read: there is nothing to answer from")
            if self._unread is not None:
                with _told_of_the_cache(cached=not archive):
                    self._find_in_batches(*self._unread)
        if self._unread is None:
            self._find()
        prior = options.get("prior", "feature")
        if prior != "feature":
            from flighttrace.match.priors import with_prior

            self.flights = replace(self.flights, flights=tuple(with_prior(self.flights, prior)))

    def _find(self) -> None:
        from flighttrace.match.flights import find_flights

        with progress("finding flights") as step:
            self.flights = find_flights(self.heard, airfields=self.airfields, named=self._named(), progress=step)

    def _named(self) -> list[str]:
        """The fields that the case and the question name."""
        from flighttrace.weigh.query import named_fields

        places = self.case.places.values() if self.case else ()
        return named_fields([*places, *(place for route in self._routes() for place in route)])

    def _find_in_batches(
        self, view: View, times: dict[str, CandidateTimes], routes: Sequence[tuple[Place, Place]]
    ) -> None:
        """Flights that may be legs of the routes, some airframes at a time: so memory does not grow with the days.

        Of each airframe the files are read of the times that matter; a flight beyond its spans was not read whole.
        """
        import pyarrow as pa

        from flighttrace.match.flights import FlightSet, find_flights
        from flighttrace.positions import apart, joined

        first, last = days_needed(self.query)
        held = [date.fromisoformat(day) for day in view.days(first, last)]
        legs = {key: known.legs for key, known in times.items()}
        heard = {key: known.heard for key, known in times.items()}
        on = {key: known.days(held[0], held[-1]) for key, known in times.items()} if held else {}
        named = self._named()
        flights: list[Flight] = []
        ground: list[tuple[str, int]] = []
        done = 0
        with progress("finding flights") as step:
            for keys in _batches({key: max(len(days), 1) * ROWS_A_DAY for key, days in on.items()}, BATCH_ROWS):
                part = view.read(keys, first=first, last=last, most_rows=MOST_ROWS, within=legs, heard=heard)
                found = find_flights(part, airfields=self.airfields, between=routes, named=named)
                kept = [flight for flight in found if _within(flight, legs)]
                tracks = apart([flight.track for flight in kept])
                flights += [replace(flight, track=track) for flight, track in zip(kept, tracks, strict=True)]
                ground += found.ground_only
                self.heard = joined(self.heard, part)
                del part, found, kept
                pa.default_memory_pool().release_unused()  # else the next batch comes on top of this one
                done += len(keys)
                step(done, len(times))
        order = sorted(flights, key=lambda f: (f.first_seen_utc, f.track_key, f.flight_id))
        self.flights = FlightSet(tuple(order), tuple(ground))

    # -- reading -------------------------------------------------------------------------------------------------------

    def _open(self, paths: Sequence[str], archive: str | None, stack: ExitStack) -> View:
        if archive:
            from flighttrace.ingest.archive.view import open_archive

            view = open_archive(archive)
            if not view.members and not view.damaged:
                for lack in view.lacking():
                    say(f"the archive lacks: {lack}")
                raise FlighttraceError(f"{shown(Path(archive).name)}: the archive is empty: nothing was taken in yet")
            return view
        from flighttrace.ingest.archive.cache import cache_folder, view_of_paths
        from flighttrace.ingest.archive.disk import ArchiveWriteError

        options = self._options
        root = cache_folder()
        if options.get("no_cache"):
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flighttrace-"))) / "archive"
        try:
            with reading_progress() as told:
                return stack.enter_context(
                    view_of_paths(
                        paths,
                        root=root,
                        input_tz=options.get("input_tz"),
                        mappings=options.get("mappings", ()),
                        airframes=dict(options.get("airframes", ())),
                        networks=dict(options.get("networks", ())),
                        progress=told,
                    )
                )
        except ArchiveWriteError as error:
            if options.get("no_cache"):
                raise
            raise FlighttraceError(
                f"the cache {root}: {error} (FLIGHTTRACE_CACHE names another folder; --no-cache does without)"
            ) from error

    def _read(self, view: View, scope: Scope, stack: ExitStack, *, always: bool) -> None:
        """`heard`: the rows, and what is known of the inputs; for a sieved question of legs only the latter yet."""
        routes = self._routes()
        question = self._question(view, routes)
        if self._options.get("prior") == "learned":
            scope = "all"  # other airframes' ends are what it is learned from
        first, last = question.days
        if always:
            view = view.on_days(first, last)
        self.beyond = view.beyond
        keys: list[str] | None = None
        if scope != "all" and (always or view.rows(first, last) >= SIEVED_FROM_ROWS):
            times = self._sieved(view, question, scope, stack)
            keys = list(times)
            if scope == "legs":
                self._unread, keys = (view, times, routes), []
        elif self.query.icao24:
            keys = list(self.query.icao24)
        from flighttrace.ingest.archive.view import TooManyRowsError

        try:
            self.heard = view.read(
                keys,
                first=first,
                last=last,
                with_times=self._whole_case and keys is not None,
                most_rows=MOST_ROWS,
            )
        except TooManyRowsError as error:
            raise FlighttraceError(
                f"{error}: ask for fewer days (--from, --to), fewer places (--origin, --destination) or one airframe "
                "(--icao24)"
            ) from error

    def _routes(self) -> list[tuple[Place, Place]]:
        from flighttrace.weigh.query import place_named, routes_of

        query, case = self.query, self.case
        named = [name for name in (query.origin, query.destination) if name is not None]
        if case is not None and self._whole_case:
            routes = [(place, place) for place in case.places.values()]
        elif case is not None and case.routes:
            routes = routes_of(case, self.airfields, query)
        else:
            places = [place_named(name, case.places if case else {}, self.airfields) for name in named]
            routes = [(place, place) for place in places]
        return routes

    def _question(self, view: View, routes: Sequence[tuple[Place, Place]]) -> Question:
        from flighttrace.match.sieve import Question

        return Question.between(
            routes,
            self.airfields,
            start_utc=self.query.start_utc,
            end_utc=self.query.end_utc,
            aliases=dict(view.aliases),
            one_network=len(view.heard_by(*days_needed(self.query))) <= 1,
        )

    def _sieved(self, view: View, question: Question, scope: Scope, stack: ExitStack) -> dict[str, CandidateTimes]:
        from flighttrace.match.engines import Form, by_ends, candidate_times
        from flighttrace.match.sieve_ends import CandidateTimes

        form: Form = "legs" if scope == "legs" else "seen"
        files = view.presence_files(*question.days, head_alone=by_ends(question, form))
        engine = engine_of(self._options)
        stack.callback(engine.close)
        with progress("sieving") as step:
            times = candidate_times(
                engine,
                question,
                files,
                form=form,
                progress=lambda share: step(int(share * 100), 100),
                check_whole=lambda: view.presence_files(*question.days),
            )
        if scope == "seen" and self.case is not None:
            times = {**times, **{airframe.icao24: CandidateTimes() for airframe in self.case.airframes}}
        asked = set(self.query.icao24)
        return {key: times[key] for key in sorted(times) if not asked or key in asked}

    # -- results -------------------------------------------------------------------------------------------------------

    @property
    def exit_code(self) -> int:
        return 1 if self.heard.failures else 0

    def weighed(self) -> Any:
        from flighttrace.weigh.verdicts import weigh_claims

        assert self.case is not None
        with progress("weighing claims"):
            return weigh_claims(self.case, self.flights.flights, self.heard, self.airfields)

    def _say_inputs(self, quarantine: str | None) -> None:
        for failure in self.heard.failures:
            say(f"flighttrace: {failure}")
            if failure.__cause__ is not None and "--debug" in sys.argv:
                traceback.print_exception(failure.__cause__)
        for name in self.heard.skipped:
            say(f"skipped: {shown(name, 200)}")
        for lack in self.heard.standing:
            say(f"the archive lacks: {lack}")
        if self.beyond:
            say(f"{self.beyond:,} further inputs of the archive hold nothing of these days")
        accounts = [source.accounting for source in self.heard.sources]
        quarantined = sum(a.quarantined_count for a in accounts)
        say(
            f"{len(accounts)} files, {sum(a.records for a in accounts):,} records: "
            f"{sum(a.accepted for a in accounts):,} accepted, "
            f"{sum(a.without_position_count for a in accounts):,} without position, "
            f"{quarantined:,} quarantined, {sum(a.exact_duplicates for a in accounts):,} exact duplicates"
        )
        if quarantine is not None:
            from flighttrace.report.exports import quarantine_csv

            put(quarantine_csv(self.heard.quarantined, simulated=self.heard.simulated), quarantine)
        elif quarantined:
            first = self.heard.quarantined[0]
            say(
                f"quarantined, the first: {shown(first.file)}:{first.line}:{first.column}: {first.reason} "
                "(all: --quarantine FILE)"
            )


def _batches(sizes: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """The keys in their order, as many together as hold `most` in all; one at least."""
    batch: list[str] = []
    held = 0
    for key, size in sizes.items():
        if batch and held + size > most:
            yield batch
            batch, held = [], 0
        batch.append(key)
        held += size
    if batch:
        yield batch


def _within(flight: Flight, times: Mapping[str, Spans]) -> bool:
    """Whether all of the flight is in one stretch of its airframe's times; True where none are known of it."""
    from flighttrace.match.sieve import milliseconds
    from flighttrace.match.sieve_ends import EVER, lies_in

    begins, ends = milliseconds(flight.first_seen_utc), milliseconds(flight.last_seen_utc)
    return lies_in(times.get(flight.track_key, EVER), begins, ends)


@contextmanager
def _told_of_the_cache(*, cached: bool) -> Iterator[None]:
    """Who named files alone has no archive to ingest into again: the error speaks of the cache."""
    try:
        yield
    except DamagedFileError as error:
        if not cached:
            raise
        raise FlighttraceError(
            f"in the cache: {error.where}: {error.problem} "
            "(`flighttrace cache clear` removes it; --no-cache does without)"
        ) from error


def write_the_report(run: Run, out: str, lang: Any, *, draw_maps: bool, show_masked: bool) -> int:
    """The whole report into `out`; the paths written go to stdout."""
    from flighttrace.report.write import write_report

    weighed = run.weighed()
    with progress("writing the report"):
        written = write_report(
            out,
            weighed=weighed,
            flights=run.flights.flights,
            ingested=run.heard,
            airfields=run.airfields,
            lang=lang,
            settings={"command": "report", "lang": lang, "show_masked": show_masked},
            draw_maps=draw_maps,
            show_masked=show_masked,
        )
    for path in written:
        click.echo(path)
    return run.exit_code
