"""The strategy of Services: addresses and node ports are given out and kept (pkg/registry/core/service/storage)."""

from __future__ import annotations

from navarch.cluster.problems import invalid as refused
from navarch.cluster.strategy.addresses import Allocator, RangeError
from navarch.cluster.validation.errors import as_json, invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.problems import Problem
    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["BEGIN", "CREATE", "UPDATE"]

_FAMILY, _OTHER_FAMILY = "IPv4", "IPv6"
_WITH_ADDRESS = ("ClusterIP", "NodePort", "LoadBalancer")
_NONE = "None"
_SINGLE, _PREFER, _REQUIRE = "SingleStack", "PreferDualStack", "RequireDualStack"
_RELEASE_ADDRESS = "must be 'SingleStack' to release the secondary cluster IP"
_RELEASE_FAMILY = "must be 'SingleStack' to release the secondary IP family"
_SEVERAL = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"


def _problem(obj: Object, errors: list[FieldError]) -> Problem:
    return refused("", "Service", obj["metadata"].get("name", ""), [error.cause() for error in errors])


def _create(context: Context, obj: Object) -> None:
    spec = obj["spec"]
    if spec.get("clusterIP") and "clusterIPs" not in spec:
        spec["clusterIPs"] = [spec["clusterIP"]]
    allocator = Allocator(context)
    _set_families(obj, None)
    _give_address(allocator, obj)
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _give_ports(allocator, obj)
    if _needs_health_port(spec):
        _give_health_port(allocator, spec)
    _forget_traffic(spec)


def _forget_traffic(spec: Object) -> None:
    """Names of others have no traffic to send anywhere: the policy isn't shown, even if it was given."""
    if spec["type"] == "ExternalName":
        spec.pop("internalTrafficPolicy", None)


def _begin_update(context: Context, new: Object, old: Object) -> None:
    """Keep what was given out where the new object says nothing, and give out what it needs more."""
    spec, before = new["spec"], old["spec"]
    _keep_allocated(spec, before)
    _follow_address(spec, before)
    allocator = Allocator(context)
    _set_families(new, old)
    if before["type"] == "ExternalName" and spec["type"] != "ExternalName":
        _give_address(allocator, new)
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _change_ports(allocator, new, old)
    if _needs_health_port(spec) and not _needs_health_port(before):
        _give_health_port(allocator, spec)


def _update(context: Context, new: Object, old: Object, subresource: str) -> None:  # noqa: ARG001
    if subresource == "":
        _drop_for_type(new, old)
        _forget_traffic(new["spec"])


def _keep_allocated(spec: Object, before: Object) -> None:
    if before["type"] != "ExternalName" and spec["type"] != "ExternalName":
        for name in ("clusterIP", "clusterIPs"):
            if not spec.get(name) and before.get(name):
                spec[name] = before[name]
    if _needs_ports(before) and _needs_ports(spec):
        numbers = {port["nodePort"] for port in before.get("ports", ()) if port.get("nodePort")}
        used = numbers & {port["nodePort"] for port in spec.get("ports", ()) if port.get("nodePort")}
        known = {port.get("name", ""): port.get("nodePort", 0) for port in before.get("ports", ())}
        for port in spec.get("ports", ()):
            number = known.get(port.get("name", ""), 0)
            if not port.get("nodePort") and number and number not in used:
                port["nodePort"] = number
    if _needs_health_port(before) and _needs_health_port(spec) and before.get("healthCheckNodePort"):
        spec.setdefault("healthCheckNodePort", before["healthCheckNodePort"])


def _follow_address(spec: Object, before: Object) -> None:
    """The two fields for addresses agree where a client knows only of the first."""
    first, old_first = spec.get("clusterIP", ""), before.get("clusterIP", "")
    if first == old_first:
        if before.get("clusterIPs") and not spec.get("clusterIPs"):
            spec["clusterIPs"] = before["clusterIPs"]
    elif spec.get("clusterIPs", []) == before.get("clusterIPs", []):
        if first:
            spec["clusterIPs"] = [first]
        elif old_first:
            spec.pop("clusterIPs", None)


def _set_families(obj: Object, old: Object | None) -> None:
    """Which families of addresses it has. Raises Problem (422)."""
    spec = obj["spec"]
    before = None if old is None else old["spec"]
    if spec["type"] == "ExternalName" or _is_settled(spec, before):
        return
    if spec.get("ipFamilyPolicy") is None:
        headless = spec.get("clusterIP") == _NONE and not spec.get("selector")
        known = None if before is None else before.get("ipFamilyPolicy")
        spec["ipFamilyPolicy"] = known or (_REQUIRE if headless else _SINGLE)
    _check_addresses(obj, before)
    errors = [] if before is None else _check_reduced(spec, before)
    errors += _check_single(spec)
    errors += _add_families(spec)
    if errors:
        raise _problem(obj, errors)
    if spec.get("clusterIP") == _NONE and not spec.get("selector"):
        families = spec.setdefault("ipFamilies", [_FAMILY])
        if len(families) < 2 and spec["ipFamilyPolicy"] != _SINGLE:
            spec["ipFamilies"] = [*families, _OTHER_FAMILY if families[0] == _FAMILY else _FAMILY]
        return
    errors = _check_configured(spec)
    if errors:
        raise _problem(obj, errors)
    spec.setdefault("ipFamilies", [_FAMILY])


def _is_settled(spec: Object, before: Object | None) -> bool:
    """Whether nothing changed for a service that takes both families where there are both."""
    if before is None or spec.get("ipFamilyPolicy") != _PREFER or spec["type"] not in _WITH_ADDRESS:
        return False
    names = ("clusterIPs", "ipFamilies")
    same = all(spec.get(name, []) == before.get(name, []) for name in names)
    return same and before["type"] == spec["type"] and before.get("ipFamilyPolicy") in (None, _PREFER)


def _check_addresses(obj: Object, before: Object | None) -> None:
    from navarch.cluster.validation.services import check_cluster_addresses

    errors: list[FieldError] = []
    check_cluster_addresses(errors, obj["spec"], before)
    if errors:
        raise _problem(obj, errors)


def _check_reduced(spec: Object, before: Object) -> list[FieldError]:
    """A second address or family goes only when the policy says so."""
    policy = spec["ipFamilyPolicy"]
    parts = (("clusterIPs", _RELEASE_ADDRESS), ("ipFamilies", _RELEASE_FAMILY))
    errors = []
    for name, text in parts:
        mine, others = spec.get(name, []), before.get(name, [])
        if policy == _SINGLE:
            if mine == others and len(mine) > 1:
                spec[name] = mine[:1]
        elif mine and len(mine) < len(others):
            errors.append(invalid("spec.ipFamilyPolicy", as_json(policy), text))
    return errors


def _check_single(spec: Object) -> list[FieldError]:
    policy = spec["ipFamilyPolicy"]
    if policy != _SINGLE:
        return []
    parts = (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families"))
    return [
        invalid("spec.ipFamilyPolicy", as_json(policy), _SEVERAL.format(what))
        for name, what in parts
        if len(spec.get(name, [])) == 2
    ]


def _add_families(spec: Object) -> list[FieldError]:
    """Families that follow from addresses."""
    errors = []
    addresses, families = spec.get("clusterIPs", []), spec.get("ipFamilies", [])
    for at, address in enumerate(addresses):
        if address == _NONE:
            break
        family = _OTHER_FAMILY if ":" in address else _FAMILY
        if at < len(families):
            continue
        if family == _FAMILY:
            families = spec["ipFamilies"] = [*families, family]
        else:
            text = f"{family} is not configured on this cluster"
            errors.append(invalid(f"spec.clusterIPs[{at}]", as_json(addresses), text))
    return errors


def _check_configured(spec: Object) -> list[FieldError]:
    errors = []
    if spec["ipFamilyPolicy"] == _REQUIRE:
        text = "this cluster is not configured for dual-stack services"
        errors.append(invalid("spec.ipFamilyPolicy", as_json(_REQUIRE), text))
    for at, family in enumerate(spec.get("ipFamilies", ())):
        if family != _FAMILY:
            errors.append(invalid(f"spec.ipFamilies[{at}]", as_json(family), "not configured on this cluster"))
    return errors


def _give_address(allocator: Allocator, obj: Object) -> None:
    """An address, the wanted one if there is one. Raises Problem."""
    spec = obj["spec"]
    addresses = spec.get("clusterIPs", [])
    if spec["type"] == "ExternalName" or addresses[:1] == [_NONE]:
        return
    wanted = addresses[0] if addresses else ""
    if not wanted:
        address = allocator.next_address()
    else:
        address = wanted
        try:
            allocator.take_address(wanted)
        except RangeError as error:
            text = f"failed to allocate IP {wanted}: {error}"
            raise _problem(obj, [invalid("spec.clusterIPs", as_json(addresses), text)]) from None
    spec["clusterIP"] = address
    spec["clusterIPs"] = [address, *addresses[1:]]


def _give_ports(allocator: Allocator, obj: Object) -> None:
    """Node ports for a new service: ports of the same number (TCP and UDP) share one. Raises Problem."""
    spec = obj["spec"]
    ports = spec.get("ports", ())
    given: dict[int, int] = {}
    for at, port in enumerate(ports):
        number, own = port["port"], port.get("nodePort", 0)
        if not own and not _allocates(spec):
            continue
        known = given.get(number, 0)
        if not known:
            wanted = next((one["nodePort"] for one in ports if one["port"] == number and one.get("nodePort")), 0)
            given[number] = port["nodePort"] = _take_port(allocator, obj, at, wanted)
        elif not own:
            port["nodePort"] = known
        elif own != known:
            _take_port(allocator, obj, at, own)


def _take_port(allocator: Allocator, obj: Object, at: int, wanted: int) -> int:
    if not wanted:
        return allocator.next_port()
    try:
        allocator.take_port(wanted)
    except RangeError as error:
        raise _problem(obj, [invalid(f"spec.ports[{at}].nodePort", wanted, str(error))]) from None
    return wanted


def _change_ports(allocator: Allocator, new: Object, old: Object) -> None:
    spec = new["spec"]
    known = {port["nodePort"] for port in old["spec"].get("ports", ()) if port.get("nodePort")}
    seen: set[tuple[str, int]] = set()
    for at, port in enumerate(spec.get("ports", ())):
        number = port.get("nodePort", 0)
        if not number and not _allocates(spec):
            continue
        if not number:
            port["nodePort"] = allocator.next_port()
        elif number not in known:
            _take_port(allocator, new, at, number)
            known.add(number)
        pair = (port["protocol"], port["nodePort"])
        if pair in seen:
            from navarch.cluster.problems import Problem

            raise Problem(500, "", f"duplicate nodePort: {{{pair[0]} {pair[1]}}}")
        seen.add(pair)


def _give_health_port(allocator: Allocator, spec: Object) -> None:
    wanted = spec.get("healthCheckNodePort", 0)
    if not wanted:
        spec["healthCheckNodePort"] = allocator.next_port()
        return
    try:
        allocator.take_port(wanted)
    except RangeError as error:
        from navarch.cluster.problems import Problem

        text = f"Internal error occurred: failed to allocate requested HealthCheck NodePort {wanted}: {error}"
        raise Problem(500, "InternalError", text, {"causes": [{"message": text.partition(": ")[2]}]}) from None


def _allocates(spec: Object) -> bool:
    return spec["type"] == "NodePort" or bool(spec.get("allocateLoadBalancerNodePorts"))


def _needs_ports(spec: Object) -> bool:
    if spec["type"] == "LoadBalancer":
        return spec.get("allocateLoadBalancerNodePorts") is not False
    return bool(spec["type"] == "NodePort")


def _needs_health_port(spec: Object) -> bool:
    return spec["type"] == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _is_external(spec: Object) -> bool:
    return spec["type"] in ("LoadBalancer", "NodePort") or (
        spec["type"] == "ClusterIP" and bool(spec.get("externalIPs"))
    )


def _drop_for_type(new: Object, old: Object) -> None:
    """Forget what the old type had and the new one can't have, unless the client set it anew."""
    spec, before = new["spec"], old["spec"]
    if before["type"] != "ExternalName" and spec["type"] == "ExternalName":
        if all(spec.get(name) == before.get(name) for name in ("clusterIP", "clusterIPs")):
            _drop(spec, "clusterIP", "clusterIPs")
        for name in ("ipFamilies", "ipFamilyPolicy"):
            _drop_same(spec, before, name)
    if _needs_ports(before) and not _needs_ports(spec) and _port_numbers(spec) == _port_numbers(before):
        for port in spec.get("ports", ()):
            port.pop("nodePort", None)
    if _needs_health_port(before) and not _needs_health_port(spec):
        _drop_same(spec, before, "healthCheckNodePort")
    if before["type"] == "LoadBalancer" and spec["type"] != "LoadBalancer":
        _drop_same(spec, before, "allocateLoadBalancerNodePorts")
        _drop_same(spec, before, "loadBalancerClass")
    if _is_external(before) and not _is_external(spec):
        _drop_same(spec, before, "externalTrafficPolicy")
    if spec["type"] != "LoadBalancer":
        new["status"] = {**new.get("status", {}), "loadBalancer": {}}


def _port_numbers(spec: Object) -> list[int]:
    return [port.get("nodePort", 0) for port in spec.get("ports", ())]


def _drop(spec: Object, *names: str) -> None:
    for name in names:
        spec.pop(name, None)


def _drop_same(spec: Object, before: Object, name: str) -> None:
    if spec.get(name) == before.get(name):
        spec.pop(name, None)


CREATE = {"Service": _create}
UPDATE = {"Service": _update}
BEGIN = {"Service": _begin_update}
