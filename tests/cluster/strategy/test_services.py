"""Addresses and ports of Services: given out once, kept, given back. What is refused is told in stories."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.problems import Problem

if TYPE_CHECKING:
    from .conftest import Place

NETWORK = IPv4Network("10.0.0.0/16")


def service(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}


def test_everyone_gets_an_address_and_ports_of_their_own(place: Place) -> None:
    made = [place.create("v1", "Service", service(f"s{number}", type="NodePort")) for number in range(50)]
    addresses = {one["spec"]["clusterIP"] for one in made}
    ports = {one["spec"]["ports"][0]["nodePort"] for one in made}
    assert len(addresses) == len(ports) == 50
    assert all(IPv4Address(address) in NETWORK for address in addresses)
    assert all(30000 <= port <= 32767 for port in ports)
    assert all(one["spec"]["clusterIPs"] == [one["spec"]["clusterIP"]] for one in made)


def test_what_a_deleted_service_had_can_be_had_again(place: Place) -> None:
    wanted = {"type": "NodePort", "clusterIP": "10.0.0.9", "ports": [{"port": 80, "nodePort": 30007}]}
    first = place.create("v1", "Service", service("first", **wanted))
    with pytest.raises(Problem) as caught:
        place.create("v1", "Service", service("second", **wanted))
    assert "failed to allocate IP 10.0.0.9: provided IP is already allocated" in caught.value.message
    place.remove(first)
    assert place.create("v1", "Service", service("second", **wanted))["spec"]["clusterIP"] == "10.0.0.9"


def test_a_service_that_was_refused_holds_nothing(place: Place) -> None:
    taken = {"port": 81, "name": "b", "nodePort": 30008}
    place.create("v1", "Service", service("holder", type="NodePort", ports=[taken]))
    ports = [{"port": 80, "name": "a", "nodePort": 30009}, taken]
    with pytest.raises(Problem):
        place.create("v1", "Service", service("refused", type="NodePort", ports=ports))
    made = place.create("v1", "Service", service("next", type="NodePort", ports=[{"port": 80, "nodePort": 30009}]))
    assert made["spec"]["ports"][0]["nodePort"] == 30009


def test_all_ports_can_be_given_out(place: Place) -> None:
    count = 32767 - 30000 + 1
    ports = [{"port": 1 + number, "name": f"p{number}"} for number in range(count)]
    made = place.create("v1", "Service", service("all", type="NodePort", ports=ports))
    assert len({port["nodePort"] for port in made["spec"]["ports"]}) == count


def test_two_stores_know_nothing_of_each_other(place: Place) -> None:
    from .conftest import Place

    other = Place()
    wanted = service("same", clusterIP="10.0.0.77")
    assert place.create("v1", "Service", wanted)["spec"]["clusterIP"] == "10.0.0.77"
    assert other.create("v1", "Service", wanted)["spec"]["clusterIP"] == "10.0.0.77"
