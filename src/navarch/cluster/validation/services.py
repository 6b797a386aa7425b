"""Services, Endpoints and the addresses in their status."""

from __future__ import annotations

from navarch.cluster.validation.addresses import (
    check_cidr,
    check_endpoint,
    check_ip,
    is_ipv6,
    parse_ip,
)
from navarch.cluster.validation.containers import check_port
from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import check, check_labels, check_update
from navarch.cluster.validation.names import add, dns_label, dns_subdomain, label_key, port_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_cluster_addresses", "check_number_and_protocol", "creating", "updating", "updating_status"]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_HINTS = "service.kubernetes.io/topology-aware-hints"
_MODE = "service.kubernetes.io/topology-mode"
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_ONLY_BALANCER = "may only be used when `type` is 'LoadBalancer'"
_ONE_PER_FAMILY = "may specify no more than one IP for each IP family"
_ONCE = "may not change once set"


def _is_headless(spec: Object) -> bool:
    return spec.get("clusterIPs") == ["None"]


def creating(errors: list[FieldError], service: Object) -> None:
    """ValidateServiceCreate."""
    check(errors, service.get("metadata") or {}, True, dns_label)
    _check_service(errors, service, None)


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateServiceUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    _check_addresses_kept(errors, spec, before)
    _check_families_kept(errors, spec, before)
    _check_class(errors, spec, before)
    kept = spec.get("healthCheckNodePort", 0) == before.get("healthCheckNodePort", 0)
    if _needs_health_check(before) and _needs_health_check(spec) and not kept:
        errors.append(forbidden("spec.healthCheckNodePort", "field is immutable"))
    _check_service(errors, new, before, old)


def _check_service(errors: list[FieldError], service: Object, before: Object | None, old: Object | None = None) -> None:
    spec = service.get("spec") or {}
    notes = (service.get("metadata") or {}).get("annotations") or {}
    sort, ports, headless = spec.get("type", ""), spec.get("ports") or [], _is_headless(spec)
    if _MODE in notes and _HINTS in notes and notes[_MODE] != notes[_HINTS]:
        detail = f"must match annotations[{_HINTS}] when both are specified"
        errors.append(invalid(f"metadata.annotations[{_MODE}]", notes[_MODE], detail))
    if not ports and not headless and sort != "ExternalName":
        errors.append(required("spec.ports"))
    _check_type(errors, spec, sort, headless)
    names: set[str] = set()
    for at, one in enumerate(ports):
        _check_port(errors, f"spec.ports[{at}]", one, len(ports) > 1, names)
    check_labels(errors, "spec.selector", spec.get("selector"))
    _check_affinity(errors, spec)
    if sort != "ExternalName":
        check_cluster_addresses(errors, spec, before)
    known = (before or {}).get("externalIPs") or ()
    for at, one in enumerate(spec.get("externalIPs") or ()):
        if check_ip(errors, f"spec.externalIPs[{at}]", one, known):
            check_endpoint(errors, f"spec.externalIPs[{at}]", one)
    if not sort:
        errors.append(required("spec.type"))
    elif sort not in _TYPES:
        errors.append(unsupported("spec.type", as_json(sort), _TYPES))
    _check_port_numbers(errors, ports, sort)
    _check_ranges(errors, spec, notes, before, old)
    allocate = spec.get("allocateLoadBalancerNodePorts")
    if allocate is not None and sort != "LoadBalancer":
        errors.append(forbidden("spec.allocateLoadBalancerNodePorts", _ONLY_BALANCER))
    if allocate is None and sort == "LoadBalancer":
        errors.append(required("allocateLoadBalancerNodePorts"))
    _check_class(errors, spec, None)
    _check_traffic(errors, spec, sort)


def _check_type(errors: list[FieldError], spec: Object, sort: str, headless: bool) -> None:
    if sort in {"LoadBalancer", "NodePort"} and headless:
        errors.append(invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {sort} services"))
    if sort != "ExternalName":
        return
    for key, empty in (("clusterIPs", False), ("ipFamilies", False), ("ipFamilyPolicy", True)):
        value = spec.get(key)
        if value is not None and (empty or value):
            errors.append(forbidden(f"spec.{key}", "may not be set for ExternalName services"))
    name = spec.get("externalName", "").removesuffix(".")
    if name:
        add(errors, "spec.externalName", name, dns_subdomain(name))
    else:
        errors.append(required("spec.externalName"))


def _check_port(errors: list[FieldError], path: str, port: Object, named: bool, names: set[str]) -> None:
    name, protocol = port.get("name", ""), port.get("protocol", "")
    if named and not name:
        errors.append(required(f"{path}.name"))
    elif name:
        add(errors, f"{path}.name", name, dns_label(name))
        if name in names:
            errors.append(duplicate(f"{path}.name", name))
        names.add(name)
    check_number_and_protocol(errors, path, port, protocol)
    check_port(errors, f"{path}.targetPort", port.get("targetPort"))
    application = port.get("appProtocol")
    if application is not None:
        add(errors, f"{path}.appProtocol", application, label_key(application))


def check_number_and_protocol(errors: list[FieldError], path: str, port: Object, protocol: str) -> None:
    number = port.get("port", 0)
    add(errors, f"{path}.port", number, port_number(number))
    if not protocol:
        errors.append(required(f"{path}.protocol"))
    elif protocol not in _PROTOCOLS:
        errors.append(unsupported(f"{path}.protocol", as_json(protocol), _PROTOCOLS))


def _check_affinity(errors: list[FieldError], spec: Object) -> None:
    affinity, config = spec.get("sessionAffinity", ""), spec.get("sessionAffinityConfig")
    path, detail = "spec.sessionAffinityConfig", "when session affinity type is ClientIP"
    if not affinity:
        errors.append(required("spec.sessionAffinity"))
    elif affinity not in {"ClientIP", "None"}:
        errors.append(unsupported("spec.sessionAffinity", as_json(affinity), ["ClientIP", "None"]))
    elif affinity == "None":
        if config is not None:
            errors.append(forbidden(path, "must not be set when session affinity is None"))
    elif config is None:
        errors.append(required(path, detail))
    elif config.get("clientIP") is None:
        errors.append(required(f"{path}.clientIP", detail))
    else:
        seconds = config["clientIP"].get("timeoutSeconds")
        where = f"{path}.clientIP.timeoutSeconds"
        if seconds is None:
            errors.append(required(where, detail))
        elif not 0 < seconds <= 86400:
            errors.append(invalid(where, seconds, "must be greater than 0 and less than 86400"))


def check_cluster_addresses(errors: list[FieldError], spec: Object, before: Object | None) -> None:
    """ValidateServiceClusterIPsRelatedFields."""
    first, addresses = spec.get("clusterIP", ""), spec.get("clusterIPs") or []
    families, policy = spec.get("ipFamilies") or [], spec.get("ipFamilyPolicy")
    path = "spec.clusterIPs"
    if first and not addresses:
        errors.append(required(path))
    elif first and addresses[0] != first:
        errors.append(invalid(path, addresses, "first value must match `clusterIP`"))
    elif not first and addresses:
        errors.append(invalid(path, addresses, "must be empty when `clusterIP` is not specified"))
    seen: set[str] = set()
    for at, one in enumerate(families):
        if one not in {"IPv4", "IPv6"}:
            errors.append(unsupported(f"spec.ipFamilies[{at}]", as_json(one), ["IPv4", "IPv6"]))
        if one in seen:
            errors.append(duplicate(f"spec.ipFamilies[{at}]", as_json(one)))
        seen.add(one)
    if policy is not None and policy not in _POLICIES:
        errors.append(unsupported("spec.ipFamilyPolicy", as_json(policy), _POLICIES))
    known = (before or {}).get("clusterIPs") or ()
    if _check_addresses(errors, path, addresses, known) and not _is_headless(spec):
        for at, (one, family) in enumerate(zip(addresses, families, strict=False)):
            if family in {"IPv4", "IPv6"} and is_ipv6(one) != (family == "IPv6"):
                detail = f"expected an {family} value as indicated by `ipFamilies[{at}]`"
                errors.append(invalid(f"{path}[{at}]", one, detail))


def _check_addresses(errors: list[FieldError], path: str, addresses: list[str], known: Container[str]) -> bool:
    """Whether all of them are addresses."""
    good = True
    for at, one in enumerate(addresses):
        if at == 0 and one == "None":
            if len(addresses) > 1:
                good = False
                errors.append(invalid(path, addresses, "'None' must be the first and only value"))
            continue
        good = check_ip(errors, f"{path}[{at}]", one, known) and good
    if len(addresses) > 2:
        errors.append(invalid(path, addresses, "may only hold up to 2 values"))
    if good and len({6 if is_ipv6(one) else 4 for one in addresses}) < min(len(addresses), 2):
        errors.append(invalid(path, addresses, _ONE_PER_FAMILY))
    return good


def _check_port_numbers(errors: list[FieldError], ports: list[Object], sort: str) -> None:
    if sort == "ClusterIP":
        for at, one in enumerate(ports):
            if one.get("nodePort"):
                detail = "may not be used when `type` is 'ClusterIP'"
                errors.append(forbidden(f"spec.ports[{at}].nodePort", detail))
    seen: set[tuple[str, str, int]] = set()
    for key in ("nodePort", "port"):
        for at, one in enumerate(ports):
            number, protocol = one.get(key, 0), one.get("protocol", "")
            if key == "nodePort" and not number:
                continue
            if (key, protocol, number) in seen and key == "port":
                from navarch.cluster.validation.internal import show

                shown = show("core.ServicePort", {"protocol": protocol, "port": number})
                errors.append(duplicate(f"spec.ports[{at}]", shown))
            elif (key, protocol, number) in seen:
                errors.append(duplicate(f"spec.ports[{at}].nodePort", number))
            seen.add((key, protocol, number))


def _check_ranges(
    errors: list[FieldError], spec: Object, notes: dict[str, str], before: Object | None, old: Object | None
) -> None:
    ranges, balancer = spec.get("loadBalancerSourceRanges"), spec.get("type") == "LoadBalancer"
    if ranges:
        path = "spec.LoadBalancerSourceRanges"
        if not balancer:
            errors.append(forbidden(path, _ONLY_BALANCER))
        known = [one.strip() for one in (before or {}).get("loadBalancerSourceRanges") or ()]
        for at, one in enumerate(ranges):
            check_cidr(errors, f"{path}[{at}]", one.strip(), known)
    elif _RANGES in notes:
        path, text = f"metadata.annotations[{_RANGES}]", notes[_RANGES]
        if not balancer:
            errors.append(forbidden(path, _ONLY_BALANCER))
        noted = ((old or {}).get("metadata") or {}).get("annotations") or {}
        if old is None or noted.get(_RANGES, "") != text:
            for one in text.strip().split(",") if text.strip() else ():
                check_cidr(errors, path, one.strip())


def _check_class(errors: list[FieldError], spec: Object, before: Object | None) -> None:
    """`validateLoadBalancerClassField`."""
    name, path = spec.get("loadBalancerClass"), "spec.loadBalancerClass"
    balancer = spec.get("type") == "LoadBalancer"
    was = before is not None and balancer and before.get("type") == "LoadBalancer"
    if before is not None and was and name != before.get("loadBalancerClass"):
        errors.append(invalid(path, as_json(name), _ONCE))
    if name is None:
        return
    if balancer:
        add(errors, path, name, label_key(name))
    else:
        errors.append(forbidden(path, _ONLY_BALANCER))


def _is_external(spec: Object) -> bool:
    sort = spec.get("type")
    return sort in {"LoadBalancer", "NodePort"} or (sort == "ClusterIP" and bool(spec.get("externalIPs")))


def _needs_health_check(spec: Object) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _check_traffic(errors: list[FieldError], spec: Object, sort: str) -> None:
    outside, port = spec.get("externalTrafficPolicy", ""), spec.get("healthCheckNodePort", 0)
    path = "spec.externalTrafficPolicy"
    if not _is_external(spec):
        if outside:
            detail = "may only be set for externally-accessible services"
            errors.append(invalid(path, as_json(outside), detail))
    elif not outside:
        errors.append(required(path))
    elif outside not in {"Cluster", "Local"}:
        errors.append(unsupported(path, as_json(outside), ["Cluster", "Local"]))
    path = "spec.healthCheckNodePort"
    if not _needs_health_check(spec):
        if port:
            detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            errors.append(invalid(path, port, detail))
    elif not port:
        errors.append(required(path))
    else:
        add(errors, path, port, port_number(port))
    inside = spec.get("internalTrafficPolicy")
    if inside is None and sort in {"NodePort", "LoadBalancer", "ClusterIP"}:
        errors.append(required("spec.internalTrafficPolicy"))
    elif inside not in {None, "Cluster", "Local"}:
        errors.append(unsupported("spec.internalTrafficPolicy", as_json(inside), ["Cluster", "Local"]))
    spread, supported = spec.get("trafficDistribution"), ("PreferClose", "PreferSameZone", "PreferSameNode")
    if spread is not None and spread not in supported:
        errors.append(unsupported("spec.trafficDistribution", spread, supported))


def _check_addresses_kept(errors: list[FieldError], spec: Object, before: Object) -> None:
    """`validateUpgradeDowngradeClusterIPs`."""
    if "ExternalName" in {spec.get("type"), before.get("type")} or (_is_headless(spec) and _is_headless(before)):
        return
    new, old, path = spec.get("clusterIPs") or [], before.get("clusterIPs") or [], "spec.clusterIPs"
    shown = as_json(spec.get("clusterIPs"))
    if len(old) == len(new):
        for at, one in enumerate(old):
            if one != new[at]:
                errors.append(invalid(f"{path}[{at}]", shown, _ONCE))
        return
    if len(old) > len(new) and not new:
        errors.append(invalid(f"{path}[0]", shown, "primary clusterIP can not be unset"))
    if old and new and new[0] != old[0]:
        errors.append(invalid(f"{path}[0]", shown, _ONCE))
    if len(old) > len(new) == 1:
        _check_released(errors, spec, "clusterIP")


def _check_released(errors: list[FieldError], spec: Object, what: str) -> None:
    policy = spec.get("ipFamilyPolicy")
    if policy != "SingleStack":
        detail = f"must be set to 'SingleStack' when releasing the secondary {what}"
        errors.append(invalid("spec.ipFamilyPolicy", as_json(policy), detail))


def _check_families_kept(errors: list[FieldError], spec: Object, before: Object) -> None:
    """`validateUpgradeDowngradeIPFamilies`, with the values that it shows."""
    if "ExternalName" in {spec.get("type"), before.get("type")} or _is_headless(spec) or _is_headless(before):
        return
    new, old, path = spec.get("ipFamilies") or [], before.get("ipFamilies") or [], "spec.ipFamilies[0]"
    if len(old) == len(new):
        for at, one in enumerate(old):
            if one != new[at]:
                errors.append(invalid(path, as_json(new), _ONCE))
        return
    if len(old) > len(new) and not spec.get("clusterIPs"):
        errors.append(invalid(path, as_json(spec.get("ipFamilies")), "primary ipFamily can not be unset"))
    if old and new and new[0] != old[0]:
        errors.append(invalid(path, as_json(spec.get("clusterIPs")), _ONCE))
    if len(old) > len(new) == 1:
        _check_released(errors, spec, "ipFamily")


def updating_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateServiceStatusUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    status, path = (new.get("status") or {}).get("loadBalancer") or {}, "status.loadBalancer.ingress"
    ingress = status.get("ingress") or ()
    if ingress and (new.get("spec") or {}).get("type") != "LoadBalancer":
        errors.append(forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"))
        return
    known = ingress_addresses(old)
    for at, one in enumerate(ingress):
        check_ingress(errors, f"{path}[{at}]", one, known)
        mode, where = one.get("ipMode"), f"{path}[{at}].ipMode"
        if mode is None:
            if one.get("ip"):
                errors.append(required(where, "must be specified when `ip` is set"))
        elif not one.get("ip"):
            errors.append(forbidden(where, "may not be specified when `ip` is not set"))
        elif mode not in {"Proxy", "VIP"}:
            errors.append(unsupported(where, as_json(mode), ["Proxy", "VIP"]))
        check_ingress_name(errors, f"{path}[{at}].hostname", one.get("hostname"))


def ingress_addresses(old: Object) -> list[str]:
    """The addresses that the status had before."""
    status = (old.get("status") or {}).get("loadBalancer") or {}
    return [one["ip"] for one in status.get("ingress") or () if one.get("ip")]


def check_ingress(errors: list[FieldError], path: str, one: Object, known: list[str]) -> None:
    """The address of a load balancer."""
    if one.get("ip"):
        check_ip(errors, f"{path}.ip", one["ip"], known)


def check_ingress_name(errors: list[FieldError], path: str, name: str | None) -> None:
    """The name of a load balancer."""
    if name:
        add(errors, path, name, dns_subdomain(name))
        if parse_ip(name) is not None:
            errors.append(invalid(path, name, "must be a DNS name, not an IP address"))
