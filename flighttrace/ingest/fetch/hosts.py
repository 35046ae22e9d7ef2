"""Whether an address may be asked, and to which network addresses a connection to it may go.

    checked(url)       before anything is looked up: https, a known host, no user in the address
    addresses(host)    the look-up, once; the caller connects to what it returned and looks nothing up again

So a name cannot answer with a public address when it is checked and with a private one when it is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flighttrace.errors import shown
from flighttrace.ingest.fetch.faults import Refused
from flighttrace.ingest.fetch.rules import Rules

_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Place:
    """Where a request goes. `host` is lower case, without brackets and last dot."""

    scheme: str
    host: str
    port: int


def checked(url: str, rules: Rules) -> Place:
    """Where the address leads; Refused where the rules do not allow it. Nothing is looked up or opened."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Refused("is no address", url) from None
    if parts.scheme not in _PORTS:
        raise Refused(f"{shown(parts.scheme)!r} addresses are not followed (accepted: https)", url)
    if not host:
        raise Refused("is an address without a host", url)
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise Refused("an address with a user in it is not asked", url)
    by_https = _PORTS["https"] if parts.scheme == "http" and port == _PORTS["http"] else port
    if not is_known(host, by_https, rules):
        raise Refused(f"{_named(host, port)} is no known host (--allow-host {_named(host, port)} allows it)", url)
    if parts.scheme == "http" and not is_allowed(host, port, rules):
        raise Refused(f"http is not asked, only https (--allow-host {_named(host, port)} allows it)", url)
    return Place(parts.scheme, host, port)


def is_known(host: str, port: int, rules: Rules) -> bool:
    """Whether the rules name the host: known at https's port or the port named, or allowed."""
    known = {entry.lower() for entry in rules.hosts}
    return (port == _PORTS["https"] and host in known) or _with_port(host, port, known) or is_allowed(host, port, rules)


def is_allowed(host: str, port: int, rules: Rules) -> bool:
    """Whether `--allow-host` names it, with this port or with none."""
    allowed = {entry.lower() for entry in rules.allowed}
    return host in allowed or f"[{host}]" in allowed or _with_port(host, port, allowed)


def addresses(host: str, port: int, rules: Rules) -> list[str]:
    """Network addresses of a host to connect to, in the system's order. Raises socket.gaierror as the look-up does.

    Refused where one of them is not public and the host is not among the allowed: a name that answers with both kinds
    is not trusted at all.
    """
    if not is_known(host, port, rules):
        raise Refused(f"{_named(host, port)} is no known host")
    found = list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)))
    if not is_allowed(host, port, rules):
        for text in found:
            reason = not_public(text)
            if reason:
                where = f"{_named(host, port)} lies at {shown(text)}, {reason}"
                raise Refused(f"{where} (--allow-host {_named(host, port)} allows it)")
    return found


def not_public(text: str) -> str:
    """What kind of address it is where it is no public one; empty for a public one."""
    try:
        address: IPAddress = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "which is no network address"
    for one in _meant(address):
        kinds = (
            ("an unspecified address", one.is_unspecified),
            ("a loopback address", one.is_loopback),
            ("a link-local address", one.is_link_local),
            ("a multicast address", one.is_multicast),
            ("a private address", one.is_private),
            ("a reserved address", one.is_reserved),
            ("an address that is not public", not one.is_global),
        )
        for kind, applies in kinds:
            if applies:
                return kind
    return ""


def _meant(address: IPAddress) -> list[IPAddress]:
    """What a connection would reach: for an IPv6 address that stands for an IPv4 one, that one."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *([address.sixtofour] if address.sixtofour else ()), *(address.teredo or ())]


def _with_port(host: str, port: int, entries: set[str]) -> bool:
    return f"{host}:{port}" in entries or f"[{host}]:{port}" in entries


def _named(host: str, port: int) -> str:
    shown_host = f"[{host}]" if ":" in host else shown(host, 120)
    return shown_host if port in _PORTS.values() else f"{shown_host}:{port}"
