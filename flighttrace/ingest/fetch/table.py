"""The one table of sources: addresses, hosts, rate, terms, the days that each holds. A file of the user's overrides it.

    adsblol:
      release: https://mirror.example/repos/{repository}/releases/tags/{tag}
      rate_per_s: 0.5

Such a file is named by `--sources FILE` or by the environment's FLIGHTTRACE_SOURCES. The host of an address that it
gives is allowed as by `--allow-host`, http and private addresses included: who writes the file answers for it.
What is said of the sources is from their own pages; none of it could be tried live.
"""

from __future__ import annotations

import os
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from flighttrace.errors import InputError, UsageError, shown
from flighttrace.ingest.yaml_file import bytes_of, place_of, plain, read_yaml

SOURCES_FILE: Final = "FLIGHTTRACE_SOURCES"
_SCHEMES: Final = ("https", "http")


@dataclass(frozen=True)
class Source:
    """One source. `addresses` are templates; the names in braces are filled with values of ours alone."""

    key: str
    title: str
    holds: str
    """For which days, in words."""
    addresses: Mapping[str, str]
    hosts: tuple[str, ...]
    """That answer, or that an answer redirects to."""
    terms: str
    account: str
    size: str
    """As the source tells it."""
    rate_per_s: float = 1.0
    """Requests a second, where the source names no rate: ours, meant to be polite."""
    first_day: date | None = None
    last_day: date | None = None


_GITHUB: Final = (
    "api.github.com",
    "github.com",
    "objects.githubusercontent.com",
    "release-assets.githubusercontent.com",
)
_OPENSKY_TERMS: Final = "OpenSky's terms of use (opensky-network.org/about/terms-of-use)"
_OPENSKY_API: Final = "https://opensky-network.org/api"
_SAMPLES: Final = "https://s3.opensky-network.org/data-samples/states"

SHIPPED: Final[Mapping[str, Source]] = MappingProxyType(
    {
        source.key: source
        for source in (
            Source(
                "adsblol",
                "adsb.lol history: all traces of a UTC day",
                "every UTC day from 16 Feb 2023 on, but for a few (318 of 319 days of 2023)",
                {
                    "release": "https://api.github.com/repos/{repository}/releases/tags/{tag}",
                    "releases": "https://api.github.com/repos/{repository}/releases",
                    "asset": "https://github.com/{repository}/releases/download/{tag}/{name}",
                    "repository": "adsblol/globe_history_{year}",
                },
                _GITHUB,
                "ODbL 1.0: credit adsb.lol; a database made from it is shared alike",
                "none (without one GitHub answers 60 questions an hour)",
                "1.5 to 3 GB a day",
                rate_per_s=1.0,
                first_day=date(2023, 2, 16),
            ),
            Source(
                "readsb",
                "a readsb or tar1090 instance with history: one airframe, one UTC day a file",
                "what the instance keeps",
                {"trace": "{base}/globe_history/{year}/{month}/{dom}/traces/{last_two}/trace_full_{icao24}.json"},
                (),
                "those of the instance; aggregators refuse scripted bulk use",
                "as the instance wants it",
                "not told before",
                rate_per_s=0.5,
            ),
            Source(
                "opensky-flights",
                "OpenSky REST: flights of an airframe or an airport, with estimated airports and no positions",
                "2016 on, as far as OpenSky heard; the last night's batch at the latest",
                {
                    "aircraft": _OPENSKY_API + "/flights/aircraft",
                    "arrival": _OPENSKY_API + "/flights/arrival",
                    "departure": _OPENSKY_API + "/flights/departure",
                },
                ("opensky-network.org",),
                _OPENSKY_TERMS,
                "better with one: 4,000 credits a day, 400 without, 8,000 for those who feed",
                "small",
                rate_per_s=0.5,
                first_day=date(2016, 1, 1),
            ),
            Source(
                "opensky-tracks",
                "OpenSky REST: the waypoints of one airframe's flights, thinned by OpenSky",
                "the last 30 days only",
                {
                    "aircraft": _OPENSKY_API + "/flights/aircraft",
                    "track": _OPENSKY_API + "/tracks/all",
                },
                ("opensky-network.org",),
                _OPENSKY_TERMS,
                "needed: 4,000 credits a day, 8,000 for those who feed",
                "small",
                rate_per_s=0.5,
            ),
            Source(
                "opensky-states-sample",
                "OpenSky state vectors, public samples: all aircraft, an hour a file",
                "Mondays only; other pages name 25 May 2020 as the first and 27 Jun 2022 as the last of them",
                {
                    "hour": _SAMPLES + "/.{day}/{hour}/states_{day}-{hour}.csv.tar",
                    "hour_undotted": _SAMPLES + "/{day}/{hour}/states_{day}-{hour}.csv.tar",
                    "hour_at_site": "https://opensky-network.org/datasets/states/{day}/{hour}/states_{day}-{hour}.csv.tar",
                    "about": _SAMPLES + "/README.txt",
                },
                ("s3.opensky-network.org", "opensky-network.org"),
                _OPENSKY_TERMS + "; the samples bear a LICENSE.txt of their own",
                "none",
                "about 130 MB an hour, as others who use them write",
                rate_per_s=0.5,
            ),
            Source(
                "flightlist",
                "OpenSky's flight lists of 2019 to 2022: address, first and last position of each flight",
                "January 2019 to December 2022, a month a file",
                {
                    "record": "https://zenodo.org/api/records/3931948",
                    "file": "https://zenodo.org/api/records/{record}/files/{name}/content",
                },
                ("zenodo.org",),
                "the record's own licence; OpenSky's terms of use. Origin and destination are estimates",
                "none",
                "the source lists each file's: --plan prints them",
                rate_per_s=0.5,
                first_day=date(2019, 1, 1),
                last_day=date(2022, 12, 31),
            ),
            Source(
                "airframes",
                "tables of airframes: address to registration, type and operator; undated rows",
                "as of the day of bringing",
                {
                    "opensky": "https://opensky-network.org/datasets/metadata/aircraftDatabase.csv",
                    "tar1090-db": "https://raw.githubusercontent.com/wiedehopf/tar1090-db/csv/aircraft.csv.gz",
                },
                ("opensky-network.org", "s3.opensky-network.org", "raw.githubusercontent.com"),
                "OpenSky's terms of use; tar1090-db bears no licence file: not to be passed on",
                "none",
                "not told before",
                rate_per_s=0.5,
            ),
            Source(
                "opensky-account",
                "where OpenSky gives a token to an account's client (OAuth2, client credentials)",
                "-",
                {"token": "https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token"},
                ("auth.opensky-network.org",),
                _OPENSKY_TERMS,
                "an API client made in the account's page",
                "-",
            ),
        )
    }
)  # fmt: skip

AGGREGATORS: Final = (
    "adsbexchange.com",
    "adsb.lol",
    "adsb.fi",
    "adsb.one",
    "airplanes.live",
    "theairtraffic.com",
    "flyitalyadsb.com",
)
"""Sites that gather from many feeders and refuse scripted bulk use: `fetch readsb` asks none of them unless
`--allow-host` names it, which says that its owner agreed."""


@dataclass(frozen=True)
class Table:
    """The sources of a run: those shipped, with what a file of the user's puts in place of them."""

    sources: Mapping[str, Source] = field(default_factory=lambda: SHIPPED)
    named_hosts: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """Source → hosts of the addresses that the user's file gives it: allowed as by --allow-host."""

    def __getitem__(self, key: str) -> Source:
        return self.sources[key]

    def hosts(self, *keys: str) -> frozenset[str]:
        """Known hosts of these sources; of all where none is named."""
        return frozenset(host for key in keys or self.sources for host in self.sources[key].hosts)

    def named(self, *keys: str) -> frozenset[str]:
        """Hosts that the user's file gives these sources; or all, where none is named."""
        return frozenset(host for key in keys or self.sources for host in self.named_hosts.get(key, ()))

    @property
    def rates(self) -> dict[str, float]:
        """Host → requests a second: the lowest of the sources that share it."""
        rates: dict[str, float] = {}
        for source in self.sources.values():
            for host in {*source.hosts, *(host_of(a) for a in source.addresses.values())} - {""}:
                rates[host] = min(source.rate_per_s, rates.get(host, source.rate_per_s))
        return rates

    def address(self, key: str, which: str, /, **values: object) -> str:
        """The address `which` of a source with its braces filled."""
        return self.sources[key].addresses[which].format(**{k: str(v) for k, v in values.items()})


def load_table(file: str | Path | None = None) -> Table:
    """The table, with `file` or the file that FLIGHTTRACE_SOURCES names over it. InputError names file and line."""
    named = str(file) if file is not None else os.environ.get(SOURCES_FILE, "")
    if not named:
        return Table()
    path = Path(named)
    return overlaid(bytes_of(path, "file of sources"), path.name)


def overlaid(data: bytes, file: str) -> Table:
    """The shipped table with a YAML text laid over it."""
    value = read_yaml(data, file)
    if value is None:
        return Table()
    if not isinstance(value, dict):
        raise InputError("is not a file of sources", file=file, accepted="keys such as adsblol, flightlist")
    sources, hosts = dict(SHIPPED), dict[str, frozenset[str]]()
    for key, given in plain(value).items():
        source = sources.get(key)
        if source is None:
            _refuse(value, (key,), f"there is no source {shown(key)!r}", ", ".join(sorted(SHIPPED)), file)
        if not isinstance(given, dict):
            _refuse(value, (key,), "is no list of addresses", "name: address", file)
        for name, to in given.items():
            source, host = _overridden(source, name, to, value, file)
            hosts[key] = hosts.get(key, frozenset()) | ({host} - {""})
        sources[key] = source
    return Table(MappingProxyType(sources), MappingProxyType(hosts))


def _overridden(source: Source, name: str, to: Any, value: Any, file: str) -> tuple[Source, str]:
    at = (source.key, name)
    if name == "rate_per_s":
        if isinstance(to, bool) or not isinstance(to, int | float) or not 0 < to <= 100:
            _refuse(value, at, f"{shown(to)} is no rate", "requests a second, more than 0 and at most 100", file)
        return replace(source, rate_per_s=float(to)), ""
    if name == "terms":
        return replace(source, terms=shown(to, 300)), ""
    if name not in source.addresses:
        known = ", ".join([*source.addresses, "rate_per_s", "terms"])
        _refuse(value, at, f"{source.key} has no address {shown(name)!r}", known, file)
    shipped = source.addresses[name]
    if not isinstance(to, str):
        _refuse(value, at, "is no text", "an address", file)
    try:
        more = _fields(to) - _fields(shipped)
    except ValueError:
        more = {"{"}
    if more:
        known = ", ".join(sorted(_fields(shipped))) or "none"
        _refuse(value, at, f"the address has {shown(', '.join(sorted(more)))} in braces", f"of these: {known}", file)
    is_path = not shipped.startswith(_SCHEMES) and not shipped.startswith("{base}")
    if not is_path and not to.startswith("{base}") and not host_of(to):
        _refuse(value, at, f"{shown(to, 200)!r} is no address", "https://host/path, without user and password", file)
    if urlsplit(to).query and not urlsplit(shipped).query:
        _refuse(value, at, "the address has a query, and addresses are written down", "https://host/path alone", file)
    return replace(source, addresses={**source.addresses, name: to}), "" if is_path else host_of(to)


def _fields(template: str) -> set[str]:
    found: set[str] = set()
    for _, name, form, conversion in string.Formatter().parse(template):
        if form or conversion:
            raise ValueError("a name in braces stands alone")
        found |= {name} if name is not None else set()
    return found


def _refuse(value: Any, at: tuple[str, ...], problem: str, accepted: str, file: str) -> NoReturn:
    line, key = place_of(value, at)
    raise InputError(f"{key}: {problem}", file=file, line=line, accepted=accepted)


def host_of(address: str) -> str:
    """`host` or `host:port` of an http or https address; empty where it is none, or one with a user in it."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme not in _SCHEMES or not host or "@" in parts.netloc or set("{}") & set(parts.netloc):
        return ""
    return host if port is None else f"{host}:{port}"


def checked_base(base: str, allowed: frozenset[str]) -> str:
    """The address of a readsb instance without its last slash. UsageError for none, or for an aggregator's."""
    host = host_of(base)
    if not host or urlsplit(base).query:
        raise UsageError(f"--base {shown(base.partition('?')[0], 200)!r} … is no address (accepted: https://host/path)")
    name = host.partition(":")[0]
    if any(name == one or name.endswith(f".{one}") for one in AGGREGATORS) and not {host, name} & allowed:
        raise UsageError(
            f"{name} is an aggregator, and those refuse scripted bulk use: ask its owner first; "
            f"--allow-host {name} then says that you may"
        )
    return base.rstrip("/").removesuffix("/globe_history")
