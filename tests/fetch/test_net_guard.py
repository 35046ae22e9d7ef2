"""The guard of these tests: nothing leaves the machine, and a test that tries fails."""

from __future__ import annotations

import socket

import pytest
import requests

from tests.fetch.conftest import Beyond, Making, Network


@pytest.mark.parametrize("address", [("93.184.216.34", 443), ("10.0.0.1", 80), ("169.254.169.254", 80)])
def test_a_connection_beyond_loopback_is_stopped(network: Network, address: tuple[str, int]) -> None:
    with socket.socket() as sock, pytest.raises(Beyond):
        sock.connect(address)
    with socket.socket() as sock, pytest.raises(Beyond):
        sock.connect_ex(address)
    assert len(network.beyond) == 2
    network.beyond.clear()


def test_a_look_up_is_stopped(network: Network) -> None:
    with pytest.raises(Beyond):
        socket.getaddrinfo("example.org", 443)
    with pytest.raises(Beyond):
        requests.get("https://example.org/", timeout=1)
    assert network.beyond == ["a look-up of example.org"] * 2
    network.beyond.clear()


def test_a_client_that_is_let_go_beyond_is_stopped(network: Network, client_of: Making) -> None:
    network.leads_to("mirror.test", "140.82.121.5")
    with pytest.raises(Beyond):
        client_of(hosts=frozenset({"mirror.test"})).ask("https://mirror.test/")
    assert network.beyond == ["a connection to 140.82.121.5"]
    network.beyond.clear()


def test_loopback_and_files_are_not(network: Network) -> None:
    assert socket.getaddrinfo("localhost", 443)[0][4][0] == "127.0.0.1"
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()):
        pass
    assert network.beyond == []
