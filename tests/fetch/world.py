"""All sources on one loopback server, at their own layouts, and the command line led to them.

What they serve is simulated, marked as such in every file, and of invented airframes.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import orjson

from tests.fetch.fakes import a_day, release, zenodo
from tests.fetch.server import Asked, Handler, Reply, Server, status, whole
from tests.ingest.archive.builders import states, tar_of, trace

ROOT = Path(__file__).resolve().parents[2]
BLOCKED = Path(__file__).resolve().parent / "blocked"
AIRFRAMES = '"icao24","registration","typecode","operator"\n"d5b000","X-TEST","TEST","Nobody"\n'
FLIGHTLIST = (
    "callsign,number,icao24,registration,typecode,origin,destination,firstseen,lastseen,day,latitude_1,longitude_1,"
    "altitude_1,latitude_2,longitude_2,altitude_2,simulated\n"
    "SIM001,,d5b0{n},X-TEST,TEST,,,{day} 05:10:00+00:00,{day} 08:02:11+00:00,{day} 00:00:00+00:00,31.20,35.11,3352.80,"
    "34.88,33.62,300.0,true\n"
)


def start_s(day: date) -> int:
    return int(datetime.combine(day, time(0), UTC).timestamp())


def tag_of(day: date) -> str:
    return f"v{day:%Y.%m.%d}-planes-readsb-prod-0"


@dataclass
class World:
    """`run` runs a command as a user would; the environment leads it to the server."""

    server: Server
    folder: Path
    releases: dict[date, dict[str, object]] = field(default_factory=dict)
    months: dict[str, bytes] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources_file = self.folder / "sources.yaml"
        url = self.server.url("")
        lines = {
            "adsblol": {
                "release": url + "/repos/{repository}/releases/tags/{tag}",
                "releases": url + "/repos/{repository}/releases",
                "asset": url + "/{repository}/releases/download/{tag}/{name}",
            },
            "opensky-flights": {kind: f"{url}/api/flights/{kind}" for kind in ("aircraft", "arrival", "departure")},
            "opensky-tracks": {"aircraft": f"{url}/api/flights/aircraft", "track": f"{url}/api/tracks/all"},
            "opensky-states-sample": {
                "hour": url + "/data-samples/states/.{day}/{hour}/states_{day}-{hour}.csv.tar",
                "hour_undotted": url + "/data-samples/states/{day}/{hour}/states_{day}-{hour}.csv.tar",
                "hour_at_site": url + "/datasets/states/{day}/{hour}/states_{day}-{hour}.csv.tar",
                "about": f"{url}/data-samples/states/README.txt",
            },
            "flightlist": {
                "record": f"{url}/api/records/3931948",
                "file": url + "/api/records/{record}/files/{name}/content",
            },
            "airframes": {"opensky": f"{url}/aircraftDatabase.csv", "tar1090-db": f"{url}/aircraft.csv.gz"},
            "opensky-account": {"token": f"{url}/token"},
        }
        text = "".join(
            f"{key}:\n  rate_per_s: 100\n" + "".join(f'  {name}: "{to}"\n' for name, to in of.items())
            for key, of in lines.items()
        )
        self.sources_file.write_text(text)

    # -- what the sources serve

    def adsblol(
        self, day: date, data: bytes, *cuts: int, handlers: dict[str, Handler] | None = None, sizes: bool = True
    ) -> list[str]:
        """A release of the day: a whole tar, or cut into parts at these bytes. Returns the addresses of its files."""
        tag, repository = tag_of(day), f"adsblol/globe_history_{day.year}"
        edges = [0, *cuts, len(data)]
        pieces = {f".a{chr(97 + n)}" if cuts else "": data[a:b] for n, (a, b) in enumerate(pairwise(edges))}
        held = release(day, {ending: len(piece) for ending, piece in pieces.items()})
        for asset in held["assets"] if not sizes else ():
            asset["size"] = None
        self.releases[day] = held
        self.server.at(f"/repos/{repository}/releases/tags/{tag}", status(200, orjson.dumps(held)))
        self.server.at(f"/repos/{repository}/releases", self._listed(day.year))
        paths = []
        for ending, piece in pieces.items():
            path = f"/{repository}/releases/download/{tag}/{tag}.tar{ending}"
            self.server.at(path, (handlers or {}).get(ending, whole(piece)))
            paths.append(path)
        return paths

    def _listed(self, year: int) -> Handler:
        def answer(asked: Asked, reply: Reply) -> None:
            held = [one for day, one in sorted(self.releases.items()) if day.year == year]
            size, page = int(asked.query["per_page"][0]), int(asked.query["page"][0])
            reply.send(200, orjson.dumps(held[size * (page - 1) : size * page]))

        return answer

    def flightlists(self, months: Iterable[str]) -> None:
        """The Zenodo record with these months (YYYY-MM), and their files."""
        for n, month in enumerate(months):
            first = date.fromisoformat(f"{month}-01")
            last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            data = gzip.compress(FLIGHTLIST.format(day=first, n=f"{n:02x}").encode(), mtime=0)
            self.months[f"flightlist_{first:%Y%m%d}_{last:%Y%m%d}.csv.gz"] = data
        record = zenodo({name: len(data) for name, data in self.months.items()})
        for one in record["files"]:
            one["checksum"] = "md5:" + hashlib.md5(self.months[one["key"]]).hexdigest()
        self.server.at("/api/records/3931948", status(200, orjson.dumps(record)))
        for name, data in self.months.items():
            self.server.at(f"/api/records/7923702/files/{name}/content", whole(data))

    def hour(self, day: date, hour: int, text: str | None = None) -> str:
        """An hour of state vectors; returns its path."""
        name = f"states_{day}-{hour:02d}.csv"
        text = states(start_s=start_s(day) + 3600 * hour) if text is None else text
        marked = "\n".join(line + (",simulated" if n == 0 else ",true") for n, line in enumerate(text.splitlines()))
        data = tar_of({f"{name}.gz": gzip.compress(f"{marked}\n".encode(), mtime=0)})
        path = f"/data-samples/states/.{day}/{hour:02d}/{name}.tar"
        self.server.at(path, whole(data))
        return path

    def opensky(self, *, readme: bool = True) -> None:
        """The REST interface: a flight an airframe or airport and call; and the samples' README."""

        def flights(asked: Asked, reply: Reply) -> None:
            begin = int(asked.query["begin"][0])
            flight = {
                "icao24": asked.query.get("icao24", ["d5b0aa"])[0],
                "firstSeen": begin + 3600,
                "lastSeen": begin + 9000,
                "callsign": "SIM009  ",
                "estDepartureAirport": None,
                "estArrivalAirport": "LLOV",
                "simulated": True,
            }
            reply.send(200, orjson.dumps([{**flight, "path": asked.path.rpartition("/")[2]}]))

        def track(asked: Asked, reply: Reply) -> None:
            at = int(asked.query["time"][0])
            path = [[at + 600 * n, 30.0 + n, 35.0, 9000, 0, False] for n in range(4)]
            held = {"icao24": asked.query["icao24"][0], "startTime": at, "endTime": at + 1800, "callsign": "SIM009"}
            reply.send(200, orjson.dumps({**held, "path": path, "simulated": True}))

        for kind in ("aircraft", "arrival", "departure"):
            self.server.at(f"/api/flights/{kind}", flights)
        self.server.at("/api/tracks/all", track)
        if readme:
            text = b"State vectors: time, icao24, lat, lon, lastposupdate, lastcontact\n"
            self.server.at("/data-samples/states/README.txt", status(200, text))

    def airframes(self) -> None:
        self.server.at("/aircraftDatabase.csv", whole(AIRFRAMES.encode()))
        self.server.at("/aircraft.csv.gz", whole(gzip.compress(b"d5b000;X-TEST;TEST;00;;;\n", mtime=0)))

    def instance(self, icao24: str, day: date) -> str:
        """A trace of a readsb instance below /tar1090; returns its path."""
        path = f"/tar1090/globe_history/{day:%Y/%m/%d}/traces/{icao24[-2:]}/trace_full_{icao24}.json"
        self.server.at(path, whole(gzip.compress(trace(icao24, start_s=start_s(day)), mtime=0)))
        self.server.at("/tar1090/data/receiver.json", status(200, b'{"version": "3.14", "refresh": 1000}'))
        return path

    def everything(self) -> None:
        """What the page "from nothing to an answer" asks for."""
        day = date(2023, 6, 30)
        while day <= date(2023, 9, 18):
            whole_day = day in (date(2023, 9, 14), *(date(2023, 9, n) for n in (1, 2, 3)))
            data = a_day(start_s(day)) if whole_day else b"not asked for"
            self.adsblol(day, data, *((len(data) // 2,) if day == date(2023, 9, 14) else ()))
            day += timedelta(days=1)
        self.flightlists(["2020-09", "2020-10", "2020-11"])
        for hour in (6, 7, 8, 9):
            self.hour(date(2020, 9, 28), hour)
        self.opensky()
        self.airframes()
        self.instance("600864", date(2023, 9, 14))

    # -- the command line

    def environment(self) -> dict[str, str]:
        python = os.pathsep.join([str(BLOCKED), str(ROOT)])
        own = {
            "PYTHONPATH": python,
            "FLIGHTTRACE_SOURCES": str(self.sources_file),
            "FLIGHTTRACE_CA_FILE": str(self.server.ca_file),
        }
        return {**os.environ, **own, **self.more}

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "flighttrace", *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command, in the world's folder; it reaches loopback and nothing else."""
        done = subprocess.run(
            self.words(*words), cwd=self.folder, capture_output=True, text=True, timeout=300, env=self.environment()
        )
        assert "BEYOND LOOPBACK" not in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """The command, going on. It heeds Ctrl-C, even where the tests run in a shell's background, which does not."""
        return subprocess.Popen(
            self.words(*words),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self.environment(),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
