"""EndpointSlices."""

from __future__ import annotations

from navarch.cluster.validation.addresses import (
    check_endpoint,
    check_ip,
    check_ip_strictly,
    parse_ip,
)
from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import (
    as_json,
    duplicate,
    internal,
    invalid,
    required,
    too_many,
    unsupported,
)
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_labels
from navarch.cluster.validation.names import (
    add,
    dns_label,
    dns_subdomain,
    label_key,
    label_value,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating_slice", "updating_slice"]

_PROTOCOLS = ("TCP", "UDP", "SCTP")


def creating_slice(errors: list[FieldError], one: Object) -> None:
    """ValidateEndpointSlice."""
    _check_slice(errors, one, None)


def _check_slice(errors: list[FieldError], one: Object, old: Object | None) -> None:
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    sort, families = one.get("addressType", ""), ("FQDN", "IPv4", "IPv6")
    if not sort:
        errors.append(required("addressType"))
    elif sort not in families:
        errors.append(unsupported("addressType", as_json(sort), families))
    _check_slice_ports(errors, one.get("ports") or [])
    if old is None or not same(one.get("endpoints"), old.get("endpoints")):
        _check_endpoints(errors, one.get("endpoints") or [], sort)


def _check_slice_ports(errors: list[FieldError], ports: list[Object]) -> None:
    if len(ports) > 20000:
        errors.append(too_many("ports", len(ports), 20000))
        return
    seen: set[str] = set()
    for at, one in enumerate(ports):
        name, protocol, application = one.get("name") or "", one.get("protocol"), one.get("appProtocol")
        if name:
            add(errors, f"ports[{at}].name", name, dns_label(name))
        if name in seen:
            errors.append(duplicate(f"ports[{at}].name", as_json(name)))
        seen.add(name)
        if protocol is None:
            errors.append(required(f"ports[{at}].protocol"))
        elif protocol not in _PROTOCOLS:
            errors.append(unsupported(f"ports[{at}].protocol", as_json(protocol), sorted(_PROTOCOLS)))
        if application is not None:
            add(errors, f"ports[{at}].appProtocol", application, label_key(application))


def _check_endpoints(errors: list[FieldError], endpoints: list[Object], sort: str) -> None:
    if len(endpoints) > 1000:
        errors.append(too_many("endpoints", len(endpoints), 1000))
        return
    for at, one in enumerate(endpoints):
        path, addresses = f"endpoints[{at}]", one.get("addresses") or []
        if not addresses:
            errors.append(required(f"{path}.addresses", "must contain at least 1 address"))
        elif len(addresses) > 100:
            errors.append(too_many(f"{path}.addresses", len(addresses), 100))
        for number, address in enumerate(addresses):
            _check_address(errors, f"{path}.addresses", number, address, sort)
        node, topology, host = one.get("nodeName"), one.get("deprecatedTopology") or {}, one.get("hostname")
        if node is not None:
            add(errors, f"{path}.nodeName", node, dns_subdomain(node))
        if len(topology) > 16:
            errors.append(too_many(f"{path}.deprecatedTopology", len(topology), 16))
        check_labels(errors, f"{path}.deprecatedTopology", topology)
        if "topology.kubernetes.io/zone" in topology:
            where = f"{path}.deprecatedTopology[topology.kubernetes.io/zone]"
            errors.append(internal(where, "reserved key was not removed in conversion"))
        if host is not None:
            add(errors, f"{path}.hostname", host, dns_label(host))
        hints = one.get("hints")
        if hints is not None:
            _check_hints(errors, f"{path}.hints", hints)


def _check_address(errors: list[FieldError], path: str, at: int, address: str, sort: str) -> None:
    where, before = f"{path}[{at}]", len(errors)
    if sort == "FQDN":
        _check_domain(errors, where, address)
    elif sort in {"IPv4", "IPv6"}:
        checked = check_ip if sort == "IPv4" else check_ip_strictly
        checked(errors, where, address)
        if len(errors) > before:
            return
        found = parse_ip(address)
        if found is not None and f"IPv{found.version}" != sort:
            errors.append(invalid(path, address, f"must be an {sort} address"))
        check_endpoint(errors, where, address)


def _check_domain(errors: list[FieldError], path: str, name: str) -> None:
    """IsFullyQualifiedDomainName."""
    if not name:
        errors.append(required(path))
        return
    plain = name.removesuffix(".")
    if broken := dns_subdomain(plain):
        errors.append(invalid(path, plain, ",".join(broken)))
        return
    labels = plain.split(".")
    if len(labels) < 2:
        detail = "should be a domain with at least two segments separated by dots"
        errors.append(invalid(path, plain, detail))
        return
    for one in labels:
        if broken := dns_label(one):
            errors.append(invalid(path, one, ",".join(broken)))
            return


def _check_hints(errors: list[FieldError], path: str, hints: Object) -> None:
    for key, rule in (("forZones", label_value), ("forNodes", dns_subdomain)):
        found = hints.get(key) or []
        if len(found) > 8:
            errors.append(too_many(f"{path}.{key}", len(found), 8))
            return
        seen: set[str] = set()
        for at, one in enumerate(found):
            name, where = one.get("name", ""), f"{path}.{key}[{at}].name"
            if name in seen:
                errors.append(duplicate(where, name))
            seen.add(name)
            add(errors, where, name, rule(name))


def updating_slice(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateEndpointSliceUpdate."""
    _check_slice(errors, new, old)
    if new.get("addressType") != old.get("addressType"):
        errors.append(invalid("addressType", as_json(new.get("addressType", "")), IMMUTABLE))
