"""NetworkPolicies."""

from __future__ import annotations

from navarch.cluster.validation.addresses import (
    check_cidr,
    parse_cidr,
)
from navarch.cluster.validation.errors import (
    as_json,
    forbidden,
    invalid,
    required,
    unsupported,
)
from navarch.cluster.validation.metadata import check, check_update, parts
from navarch.cluster.validation.names import (
    add,
    dns_subdomain,
    port_name,
    port_number,
)
from navarch.cluster.validation.selectors import check_label_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating_policy", "updating_policy"]

_PROTOCOLS = ("TCP", "UDP", "SCTP")


def creating_policy(errors: list[FieldError], policy: Object) -> None:
    """ValidateNetworkPolicy."""
    meta, spec = parts(policy)
    check(errors, meta, True, dns_subdomain)
    _check_policy(errors, spec, False, ())


def updating_policy(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateNetworkPolicyUpdate: what is odd in the old one may stay."""
    (meta, spec), (before, was) = parts(new), parts(old)
    check_update(errors, meta, before)
    found: list[FieldError] = []
    check_label_selector(found, "", was.get("podSelector"))
    known = []
    for key, side in (("ingress", "from"), ("egress", "to")):
        for rule in was.get(key) or ():
            blocks = [one["ipBlock"] for one in rule.get(side) or () if one.get("ipBlock") is not None]
            known += [text for one in blocks for text in (one.get("cidr", ""), *(one.get("except") or ()))]
    _check_policy(errors, spec, bool(found), known)


def _check_policy(errors: list[FieldError], spec: Object, bad_values: bool, known: Container[str]) -> None:
    check_label_selector(errors, "spec.podSelector", spec.get("podSelector"), bad_values=bad_values)
    for key, side in (("ingress", "from"), ("egress", "to")):
        for at, rule in enumerate(spec.get(key) or ()):
            path = f"spec.{key}[{at}]"
            for number, port in enumerate(rule.get("ports") or ()):
                _check_port(errors, f"{path}.ports[{number}]", port)
            for number, peer in enumerate(rule.get(side) or ()):
                _check_peer(errors, f"{path}.{side}[{number}]", peer, bad_values, known)
    sorts = spec.get("policyTypes") or []
    if len(sorts) > 2:
        detail = "may not specify more than two policyTypes"
        errors.append(invalid("spec.policyTypes", sorts, detail))
        return
    for at, one in enumerate(sorts):
        if one not in {"Ingress", "Egress"}:
            errors.append(unsupported(f"spec.policyTypes[{at}]", as_json(one), ["Ingress", "Egress"]))


def _check_port(errors: list[FieldError], path: str, port: Object) -> None:
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol is not None and protocol not in _PROTOCOLS:
        errors.append(unsupported(f"{path}.protocol", as_json(protocol), _PROTOCOLS))
    if number is None:
        if end is not None:
            errors.append(invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified"))
    elif isinstance(number, str):
        if end is not None:
            errors.append(invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric"))
        add(errors, f"{path}.port", number, port_name(number))
    else:
        add(errors, f"{path}.port", number, port_number(number))
        if end is None:
            return
        if end < number:
            errors.append(invalid(f"{path}.endPort", number, "must be greater than or equal to `port`"))
        add(errors, f"{path}.endPort", end, port_number(end))


def _check_peer(errors: list[FieldError], path: str, peer: Object, bad_values: bool, known: Container[str]) -> None:
    found = 0
    for key in ("podSelector", "namespaceSelector"):
        if peer.get(key) is not None:
            found += 1
            check_label_selector(errors, f"{path}.{key}", peer[key], bad_values=bad_values)
    block = peer.get("ipBlock")
    if block is not None:
        found += 1
        _check_block(errors, f"{path}.ipBlock", block, known)
    if not found:
        errors.append(required(path, "must specify a peer"))
    elif found > 1 and block is not None:
        errors.append(forbidden(path, "may not specify both ipBlock and another peer"))


def _check_block(errors: list[FieldError], path: str, block: Object, known: Container[str]) -> None:
    text = block.get("cidr")
    if not text:
        errors.append(required(f"{path}.cidr"))
        return
    check_cidr(errors, f"{path}.cidr", text, known)
    whole = parse_cidr(text)
    for at, one in enumerate(block.get("except") or ()) if whole else ():
        where = f"{path}.except[{at}]"
        check_cidr(errors, where, one, known)
        part = parse_cidr(one)
        if whole is None or part is None:
            continue
        inside = part[0].version == whole[0].version and part[0].network_address in whole[0]
        if not inside or whole[0].prefixlen >= part[0].prefixlen:
            errors.append(invalid(where, one, "must be a strict subset of `cidr`"))
