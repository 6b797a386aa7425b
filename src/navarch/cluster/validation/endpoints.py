"""Endpoints."""

from __future__ import annotations

from navarch.cluster.validation.addresses import (
    check_endpoint,
    check_ip,
)
from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import required
from navarch.cluster.validation.metadata import check, check_update
from navarch.cluster.validation.names import add, dns_label, dns_subdomain, label_key
from navarch.cluster.validation.services import check_number_and_protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating_endpoints", "updating_endpoints"]


def creating_endpoints(errors: list[FieldError], endpoints: Object) -> None:
    """ValidateEndpoints."""
    check(errors, endpoints.get("metadata") or {}, True, dns_subdomain)
    _check_subsets(errors, endpoints)


def updating_endpoints(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateEndpointsUpdate: subsets that were there before pass."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    check(errors, new.get("metadata") or {}, True, dns_subdomain)
    if not same(new.get("subsets"), old.get("subsets")):
        _check_subsets(errors, new)


def _check_subsets(errors: list[FieldError], endpoints: Object) -> None:
    for at, one in enumerate(endpoints.get("subsets") or ()):
        path = f"subsets[{at}]"
        ports = one.get("ports") or ()
        if not one.get("addresses") and not one.get("notReadyAddresses"):
            errors.append(required(path, "must specify `addresses` or `notReadyAddresses`"))
        for key in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(one.get(key) or ()):
                _check_address(errors, f"{path}.{key}[{number}]", address)
        for number, port in enumerate(ports):
            _check_endpoint_port(errors, f"{path}.ports[{number}]", port, len(ports) > 1)


def _check_address(errors: list[FieldError], path: str, one: Object) -> None:
    address, name, node = one.get("ip", ""), one.get("hostname"), one.get("nodeName")
    check_ip(errors, f"{path}.ip", address)
    if name:
        add(errors, f"{path}.hostname", name, dns_label(name))
    if node is not None:
        add(errors, f"{path}.nodeName", node, dns_subdomain(node))
    check_endpoint(errors, f"{path}.ip", address)


def _check_endpoint_port(errors: list[FieldError], path: str, port: Object, named: bool) -> None:
    name, application = port.get("name"), port.get("appProtocol")
    if named and not name:
        errors.append(required(f"{path}.name"))
    elif name:
        add(errors, f"{path}.name", name, dns_label(name))
    check_number_and_protocol(errors, path, port, port.get("protocol", ""))
    if application is not None:
        add(errors, f"{path}.appProtocol", application, label_key(application))
