"""The inputs of an archive as a run sees them: each content once, with all that is declared of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flighttrace.errors import UsageError, shown
from flighttrace.ingest.archive.manifest import Entry
from flighttrace.ingest.archive.replacing import differs
from flighttrace.ingest.declarations import network_declared
from flighttrace.positions import source_id_of


@dataclass(frozen=True)
class Member:
    """An entry as this run sees it: under its own label, with what this run declares of it."""

    entry: Entry
    label: str
    other_names: tuple[str, ...] = ()
    icao24: str = ""
    network: str = ""

    @property
    def source_id(self) -> str:
        return source_id_of(self.entry.sha256)

    @property
    def declared_icao24(self) -> str:
        """Now, or when it was taken in."""
        return self.icao24 or self.entry.declared_icao24

    @property
    def declared_network(self) -> str | None:
        """The network that is declared for the input, now or when it was taken in."""
        said = self.network or self.entry.declared_network
        return network_declared(said, network=self.entry.network, label=self.label)


def once(members: Iterable[Member]) -> list[Member]:
    """Each content once, under the first of its labels; the others are its other names. In the order of labels.

    What is declared of a content under any name holds for it. UsageError where that is two different things, or where
    other options made other rows of it.
    """
    kept: dict[str, Member] = {}
    for member in sorted(members, key=lambda m: (m.label, m.entry.sha256)):
        held = kept.setdefault(member.entry.content_sha256, member)
        if held is member:
            continue
        if differs(held.entry, member.entry):
            raise UsageError(
                f"{held.label} and {member.label} are one content, read with other options (--input-tz, --mapping): "
                "ingest one of them again with --replace, and the options that are right"
            )
        names = tuple(sorted({*held.other_names, member.label} - {held.label}))
        icao24 = _one_of("--airframe", held, held.declared_icao24, member.declared_icao24)
        network = _one_of(
            "--network",
            held,
            held.network or held.entry.declared_network,
            member.network or member.entry.declared_network,
        )
        kept[member.entry.content_sha256] = replace(held, other_names=names, icao24=icao24, network=network)
    return list(kept.values())


def _one_of(option: str, member: Member, one: str, other: str) -> str:
    if one and other and one != other:
        raise UsageError(
            f"{option}: {member.label} is one content, declared as different things: {shown(one)}, {shown(other)}"
        )
    return one or other
