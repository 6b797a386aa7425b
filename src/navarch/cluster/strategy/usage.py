"""What an object takes of a ResourceQuota: counts, requests, limits, storage, node ports, by kind."""

from __future__ import annotations

from navarch.cluster.decode.quantity import Quantity, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Object = dict[str, Any]
    Amounts = dict[str, Quantity]

__all__ = ["IGNORED", "REQUIRED", "concerned", "in_scopes", "missing", "usage"]

IGNORED = frozenset(("bindings", "events", "events.events.k8s.io", "localsubjectaccessreviews.authorization.k8s.io"))
"""Resources that no quota counts."""
REQUIRED = ("cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory")
"""What every container must name if a quota limits it."""
_ALIASES = {
    "configmaps": "configmaps",
    "resourcequotas": "resourcequotas",
    "replicationcontrollers": "replicationcontrollers",
    "secrets": "secrets",
}
_POD_NAMES = frozenset(("pods", "count/pods", "ephemeral-storage", *REQUIRED))
_POD_STORAGE = frozenset(("requests.ephemeral-storage", "limits.ephemeral-storage"))
_SERVICE_NAMES = frozenset(("services", "services.nodeports", "services.loadbalancers"))
_CLAIM_NAMES = ("persistentvolumeclaims", "requests.storage")
_BY_CLASS = ".storageclass.storage.k8s.io/"
_CLASS = "volume.beta.kubernetes.io/storage-class"
_ONE = Quantity(1)
_AMOUNTS = ("cpu", "memory", "ephemeral-storage")
_HUGE = "hugepages-"


def concerned(qualified: str, names: Iterable[str]) -> list[str]:
    """Those of a quota's resource names that objects of a resource count for."""
    if qualified == "pods":
        return [name for name in names if name in _POD_NAMES or name in _POD_STORAGE or _is_request(name)]
    if qualified == "services":
        return [name for name in names if name in _SERVICE_NAMES]
    if qualified == "persistentvolumeclaims":
        return [
            name
            for name in names
            if name in _CLAIM_NAMES or name == "count/persistentvolumeclaims" or _BY_CLASS in name
        ]
    own = {f"count/{qualified}", _ALIASES.get(qualified, "")}
    return [name for name in names if name in own]


def _is_request(name: str) -> bool:
    """Whether it is a huge page, or the request of a resource that Kubernetes itself doesn't know."""
    rest = name.removeprefix("requests.")
    if rest.startswith(_HUGE):
        return True
    return rest is not name and "/" in rest and "kubernetes.io/" not in rest


def usage(qualified: str, obj: Object) -> Amounts:
    """What an object takes, by resource name."""
    if qualified == "pods":
        return _pod(obj)
    if qualified == "services":
        return _service(obj)
    if qualified == "persistentvolumeclaims":
        return _claim(obj)
    found = {f"count/{qualified}": _ONE}
    if qualified in _ALIASES:
        found[_ALIASES[qualified]] = _ONE
    return found


def _pod(obj: Object) -> Amounts:
    found = {"count/pods": _ONE}
    if obj.get("status", {}).get("phase") in ("Failed", "Succeeded"):
        return found
    return {**found, **_pod_amounts(obj["spec"])}


def _pod_amounts(spec: Object) -> Amounts:
    from navarch.cluster.defaults.podresources import aggregate

    requests, limits = aggregate(spec, "requests"), aggregate(spec, "limits")
    for which, amounts in (("requests", requests), ("limits", limits)):
        amounts.update({name: parse(text) for name, text in spec.get("resources", {}).get(which, {}).items()})
    for name, text in spec.get("overhead", {}).items():
        requests[name] = requests[name] + parse(text) if name in requests else parse(text)
        if name in limits:
            limits[name] = limits[name] + parse(text)
    return _named(requests, limits)


def _named(requests: Amounts, limits: Amounts) -> Amounts:
    """Requests and limits under the names that quotas have for them."""
    found = {"pods": _ONE}
    for name in _AMOUNTS:
        if name in requests:
            found[name] = found[f"requests.{name}"] = requests[name]
        if name in limits:
            found[f"limits.{name}"] = limits[name]
    for name, amount in requests.items():
        if name.startswith(_HUGE):
            found[name] = amount
        if _is_request(f"requests.{name}"):
            found[f"requests.{name}"] = amount
    return found


def missing(pod: Object, names: Iterable[str]) -> str:
    """What is wrong with a pod whose containers don't say how much they need of what is limited; "" for nothing."""
    spec = pod["spec"]
    if spec.get("resources"):
        return ""
    lacking: dict[str, list[str]] = {}
    wanted = sorted(set(names).intersection(REQUIRED))
    for container in (*(spec.get("containers") or ()), *spec.get("initContainers", ())):
        resources = container.get("resources", {})
        parsed = [
            {one: parse(text) for one, text in resources.get(which, {}).items()} for which in ("requests", "limits")
        ]
        given = _named(*parsed)
        for name in wanted:
            if name not in given:
                lacking.setdefault(name, []).append(container["name"])
    parts = [f"{name} for: {','.join(sorted(set(lacking[name])))}" for name in wanted if name in lacking]
    return f"must specify {'; '.join(parts)}" if parts else ""


def _service(obj: Object) -> Amounts:
    spec = obj["spec"]
    ports, kind = spec.get("ports", ()), spec["type"]
    node_ports = 0
    if kind == "NodePort" or (kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is not False):
        node_ports = len(ports)
    elif kind == "LoadBalancer":
        node_ports = sum(1 for port in ports if port.get("nodePort"))
    return {
        "services": _ONE,
        "services.loadbalancers": Quantity(int(kind == "LoadBalancer")),
        "services.nodeports": Quantity(node_ports),
        "count/services": _ONE,
    }


def _claim(obj: Object) -> Amounts:
    name = obj["metadata"].get("annotations", {}).get(_CLASS) or obj["spec"].get("storageClassName")
    found = {"persistentvolumeclaims": _ONE, "count/persistentvolumeclaims": _ONE}
    if name:
        found[f"{name}{_BY_CLASS}persistentvolumeclaims"] = _ONE
    asked = obj["spec"]["resources"].get("requests", {}).get("storage")
    if asked is not None:
        amount = parse(asked).rounded(0)
        granted = obj.get("status", {}).get("allocatedResources", {}).get("storage")
        if granted is not None and parse(granted).compare(amount) > 0:
            amount = parse(granted).rounded(0)
        found["requests.storage"] = amount
        if name:
            found[f"{name}{_BY_CLASS}requests.storage"] = amount
    return found


def in_scopes(qualified: str, quota: Object, obj: Object) -> bool:
    """Whether an object is one of those that a quota is about."""
    spec = quota["spec"]
    scopes = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes", ())]
    scopes += (spec.get("scopeSelector") or {}).get("matchExpressions", ())
    return all(_in_scope(qualified, scope, obj) for scope in scopes)


def _in_scope(qualified: str, scope: Object, obj: Object) -> bool:
    name, spec = scope["scopeName"], obj.get("spec", {})
    if qualified == "persistentvolumeclaims" and name == "VolumeAttributesClass":
        return _selects(scope, spec.get("volumeAttributesClassName") or "")
    if qualified != "pods":
        return False
    if name in ("Terminating", "NotTerminating"):
        return bool((spec.get("activeDeadlineSeconds") is not None) == (name == "Terminating"))
    if name in ("BestEffort", "NotBestEffort"):
        from navarch.cluster.strategy.pods import quality

        return bool((quality(spec) == "BestEffort") == (name == "BestEffort"))
    if name == "PriorityClass":
        return _selects(scope, spec.get("priorityClassName", ""))
    return name == "CrossNamespacePodAffinity" and _crosses(spec.get("affinity", {}))


def _selects(scope: Object, value: str) -> bool:
    operator = scope.get("operator")
    if operator == "Exists":
        return bool(value)
    if operator == "DoesNotExist":
        return not value
    return (value in scope.get("values", ())) == (operator == "In")


def _crosses(affinity: Object) -> bool:
    """Whether pods of other namespaces matter to where it runs."""
    for name in ("podAffinity", "podAntiAffinity"):
        own = affinity.get(name, {})
        terms = list(own.get("requiredDuringSchedulingIgnoredDuringExecution", ()))
        terms += [one["podAffinityTerm"] for one in own.get("preferredDuringSchedulingIgnoredDuringExecution", ())]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False
