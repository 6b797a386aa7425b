"""The cluster's own addresses: IPAddress and ServiceCIDR."""

from __future__ import annotations

from navarch.cluster.validation.addresses import (
    check_cidr_strictly,
    check_ip_strictly,
    parse_cidr,
)
from navarch.cluster.validation.errors import (
    as_json,
    invalid,
    required,
)
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_update, parts
from navarch.cluster.validation.names import (
    add,
    dns_subdomain,
    path_segment,
)
from navarch.cluster.validation.networking import check_segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating_address", "creating_range", "updating_address", "updating_range", "updating_range_status"]


_FAMILIES = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"


def creating_address(errors: list[FieldError], one: Object) -> None:
    """ValidateIPAddress."""
    meta, spec = parts(one)
    check(errors, meta, False, _broken_address)
    reference, path = spec.get("parentRef"), "spec.parentRef"
    if reference is None:
        errors.append(required(path))
        return
    group, namespace = reference.get("group"), reference.get("namespace")
    if group:
        add(errors, f"{path}.group", group, dns_subdomain(group))
    for key in ("resource", "name"):
        check_segment(errors, f"{path}.{key}", reference.get(key))
    if namespace:
        add(errors, f"{path}.namespace", namespace, path_segment(namespace))


def _broken_address(name: str) -> list[str]:
    found: list[FieldError] = []
    check_ip_strictly(found, "", name)
    return [one.detail for one in found]


def updating_address(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateIPAddressUpdate, after the rules for new ones."""
    creating_address(errors, new)
    (meta, spec), (before, was) = parts(new), parts(old)
    check_update(errors, meta, before)
    if spec.get("parentRef") != was.get("parentRef"):
        from navarch.cluster.validation.internal import show_pointer

        shown = show_pointer("networking.ParentReference", spec.get("parentRef"))
        errors.append(invalid("spec.parentRef", shown, IMMUTABLE))


def creating_range(errors: list[FieldError], one: Object) -> None:
    """ValidateServiceCIDR."""
    meta, spec = parts(one)
    check(errors, meta, False, dns_subdomain)
    _check_ranges(errors, spec)


def _check_ranges(errors: list[FieldError], spec: Object) -> None:
    ranges, path = spec.get("cidrs") or [], "spec.cidrs"
    if not ranges:
        errors.append(required(path, "at least one CIDR required"))
        return
    if len(ranges) > 2:
        from navarch.cluster.validation.internal import show

        shown = show("networking.ServiceCIDRSpec", spec)
        errors.append(invalid(path, shown, "may only hold up to 2 values"))
        return
    for at, one in enumerate(ranges):
        check_cidr_strictly(errors, f"{path}[{at}]", one)
    parsed = [parse_cidr(one) for one in ranges]
    versions = [one[0].version for one in parsed if one is not None]
    if len(versions) == 2 and versions[0] == versions[1]:
        errors.append(invalid(path, ranges, _FAMILIES))


def updating_range(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateServiceCIDRUpdate: a second range may be added."""
    (meta, spec), (before, was) = parts(new), parts(old)
    check_update(errors, meta, before)
    ranges, earlier, path = spec.get("cidrs") or [], was.get("cidrs") or [], "spec.cidrs"
    if len(ranges) == len(earlier):
        for at, (one, two) in enumerate(zip(ranges, earlier, strict=True)):
            if one != two:
                errors.append(invalid(f"{path}[{at}]", one, IMMUTABLE))
    elif (len(earlier), len(ranges)) == (1, 2):
        if ranges[0] != earlier[0]:
            errors.append(invalid(f"{path}[0]", ranges[0], IMMUTABLE))
        _check_ranges(errors, spec)
    else:
        errors.append(invalid(path, as_json(spec.get("cidrs")), IMMUTABLE))


def updating_range_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateServiceCIDRStatusUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
