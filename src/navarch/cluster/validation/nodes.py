"""Nodes, and small kinds of the cluster: PriorityClass, RuntimeClass, Lease, Event."""

from __future__ import annotations

from re import compile as _compile

from navarch.cluster.validation.addresses import check_cidr, check_families
from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_labels, check_positive, check_update
from navarch.cluster.validation.names import add, config_key, dns_label, dns_subdomain, label_key, label_value
from navarch.cluster.validation.options import FOR_TEMPLATE
from navarch.cluster.validation.pods import check_preemption
from navarch.cluster.validation.resources import check_amount, check_requirements
from navarch.cluster.validation.scheduling import check_taint_effect, check_tolerations
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "creating",
    "creating_lease",
    "creating_priority",
    "creating_runtime",
    "updating",
    "updating_lease",
    "updating_priority",
    "updating_runtime",
    "updating_status",
]

_is_feature = _compile(r"[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*").fullmatch
_TAINTS = "scheduler.alpha.kubernetes.io/taints"
_SYSTEM = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_ONE_SOURCE = "exactly one reference subfield must be non-nil"
_POD_RANGES = 'node updates may not change podCIDR except from "" to valid'


def _parts(one: Object) -> tuple[Object, Object, Object]:
    return one.get("metadata") or {}, one.get("spec") or {}, one.get("status") or {}


def creating(errors: list[FieldError], node: Object) -> None:
    """ValidateNode."""
    meta, spec, status = _parts(node)
    check(errors, meta, False, dns_subdomain)
    _check_notes(errors, meta)
    _check_taints(errors, "metadata.taints", spec.get("taints") or [])
    _check_resources(errors, status)
    swap = ((status.get("nodeInfo") or {}).get("swap") or {}).get("capacity")
    if swap is not None:
        check_positive(errors, "metadata.nodeSwapStatus.capacity", swap)
    _check_features(errors, status.get("declaredFeatures") or [])
    ranges = spec.get("podCIDRs") or []
    for at, one in enumerate(ranges):
        check_cidr(errors, f"spec.podCIDRs[{at}]", one)
    check_families(errors, "spec.podCIDRs", ranges, ranges, ranges=True)


def _check_notes(errors: list[FieldError], meta: Object) -> None:
    text = (meta.get("annotations") or {}).get(_TAINTS)
    if not text:
        return
    from navarch.errors import JsonError
    from navarch.golang.json import loads

    try:
        found = loads(text)
    except JsonError as error:
        errors.append(invalid("metadata.annotations", _TAINTS, str(error)))
        return
    if isinstance(found, list):
        taints = [one for one in found if isinstance(one, dict)]
        _check_taints(errors, f"metadata.annotations.{_TAINTS}", taints)


def _check_taints(errors: list[FieldError], path: str, taints: list[Object]) -> None:
    seen: set[tuple[str, str]] = set()
    for at, one in enumerate(taints):
        where, key, value, effect = f"{path}[{at}]", one.get("key", ""), one.get("value", ""), one.get("effect", "")
        add(errors, f"{where}.key", key, label_key(key))
        if broken := label_value(value):
            errors.append(invalid(f"{where}.value", value, ";".join(broken)))
        if effect:
            check_taint_effect(errors, f"{where}.effect", effect)
        else:
            errors.append(required(f"{where}.effect"))
        if (effect, key) in seen:
            from navarch.cluster.validation.internal import show

            detail = "taints must be unique by key and effect pair"
            errors.append(duplicate(where, show("core.Taint", one), detail))
        seen.add((effect, key))


def _check_resources(errors: list[FieldError], status: Object) -> None:
    for side in ("capacity", "allocatable"):
        for name, amount in (status.get(side) or {}).items():
            check_amount(errors, f"status.{side}.{name}", name, amount)


def _check_features(errors: list[FieldError], features: list[str]) -> None:
    path = "status.declaredFeatures"
    for at, one in enumerate(features):
        if len(one) > 253:
            detail = f"invalid feature name {quote(one)}: must be no more than 253 characters"
            errors.append(invalid(f"{path}[{at}]", one, detail))
        elif not _is_feature(one):
            detail = (
                f"invalid feature name {quote(one)}: must start with an UpperCamelCase segment, with subsequent "
                "segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric "
                "characters and slashes"
            )
            errors.append(invalid(f"{path}[{at}]", one, detail))
        following = features[at + 1] if at + 1 < len(features) else None
        if following == one:
            errors.append(duplicate(f"{path}[{at + 1}]", following))
        elif following is not None and one > following:
            errors.append(invalid(f"{path}[{at + 1}]", following, "list must be sorted alphabetically"))


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateNode and ValidateNodeUpdate."""
    creating(errors, new)
    updating_status(errors, new, old)


def updating_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateNodeUpdate."""
    (meta, spec, status), (before, was, _) = _parts(new), _parts(old)
    check_update(errors, meta, before)
    _check_notes(errors, meta)
    _check_resources(errors, status)
    _check_features(errors, status.get("declaredFeatures") or [])
    addresses = status.get("addresses") or []
    for at, one in enumerate(addresses):
        if one in addresses[:at]:
            from navarch.cluster.validation.internal import show

            errors.append(duplicate(f"status.addresses[{at}]", show("core.NodeAddress", one)))
    ranges, earlier = spec.get("podCIDRs") or [], was.get("podCIDRs") or []
    if earlier and len(ranges) != len(earlier):
        errors.append(forbidden("spec.podCIDRs", _POD_RANGES))
    else:
        pairs = zip(ranges, earlier, strict=False)
        errors.extend([forbidden("spec.podCIDRs", _POD_RANGES) for one, two in pairs if one != two])
    if was.get("providerID") and spec.get("providerID") != was["providerID"]:
        detail = 'node updates may not change providerID except from "" to valid'
        errors.append(forbidden("spec.providerID", detail))
    if spec.get("configSource") is not None:
        _check_source(errors, "spec.configSource", spec["configSource"], stored=False)
    for key in ("assigned", "active", "lastKnownGood"):
        source = (status.get("config") or {}).get(key)
        if source is not None:
            _check_source(errors, f"status.config.{key}", source, stored=True)
    _check_taints(errors, "metadata.taints", spec.get("taints") or [])
    if spec.get("externalID", "") != was.get("externalID", ""):
        errors.append(forbidden("spec.externalID", "may not be updated"))


def _check_source(errors: list[FieldError], path: str, source: Object, *, stored: bool) -> None:
    """Where a kubelet's configuration comes from."""
    one, where = source.get("configMap"), f"{path}.configMap"
    if one is None:
        from navarch.cluster.validation.internal import show

        errors.append(invalid(path, show("core.NodeConfigSource", source), _ONE_SOURCE))
        return
    for key in ("uid", "resourceVersion"):
        if stored and not one.get(key):
            errors.append(required(f"{where}.{key}"))
        elif not stored and one.get(key):
            errors.append(forbidden(f"{where}.{key}", f"{key} must not be set in spec"))
    for key, rule in (("namespace", dns_label), ("name", dns_subdomain), ("kubeletConfigKey", config_key)):
        text = one.get(key)
        if text:
            add(errors, f"{where}.{key}", text, rule(text))
        else:
            errors.append(required(f"{where}.{key}"))


def creating_priority(errors: list[FieldError], one: Object) -> None:
    """ValidatePriorityClass."""
    meta = one.get("metadata") or {}
    check(errors, meta, False, dns_subdomain)
    name, value = meta.get("name", ""), one.get("value", 0)
    if name.startswith("system-"):
        why = _unknown_system(name, value, bool(one.get("globalDefault")))
        if why:
            detail = f"priority class names with 'system-' prefix are reserved for system use only. error: {why}"
            errors.append(forbidden("metadata.name", detail))
    elif value > 1000000000:
        detail = "maximum allowed value of a user defined priority is 1000000000"
        errors.append(forbidden("value", detail))
    if one.get("preemptionPolicy") is not None:
        check_preemption(errors, "preemptionPolicy", one["preemptionPolicy"])


def _unknown_system(name: str, value: int, default: bool) -> str:
    if name not in _SYSTEM:
        return f"{name} is not a known system priority class"
    if value != _SYSTEM[name]:
        return f"value of {name} PriorityClass must be {_SYSTEM[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if default else ""


def updating_priority(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePriorityClassUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    if new.get("value", 0) != old.get("value", 0):
        errors.append(forbidden("value", "may not be changed in an update."))
    policy = new.get("preemptionPolicy")
    if policy != old.get("preemptionPolicy"):
        errors.append(invalid("preemptionPolicy", as_json(policy), IMMUTABLE))


def creating_runtime(errors: list[FieldError], one: Object) -> None:
    """ValidateRuntimeClass."""
    check(errors, one.get("metadata") or {}, False, dns_subdomain, core=False)
    handler, overhead, places = one.get("handler", ""), one.get("overhead"), one.get("scheduling")
    if handler:
        add(errors, "handler", handler, dns_label(handler))
    else:
        errors.append(required("handler"))
    if overhead is not None:
        check_requirements(errors, "overhead", {"limits": overhead.get("podFixed") or {}})
    if places is not None:
        check_labels(errors, "scheduling.nodeSelector", places.get("nodeSelector"))
        _check_runtime_tolerations(errors, "scheduling.tolerations", places.get("tolerations") or [])


def _check_runtime_tolerations(errors: list[FieldError], path: str, tolerations: list[Object]) -> None:
    check_tolerations(errors, path, tolerations, FOR_TEMPLATE)
    seen: list[tuple[str, ...]] = []
    for at, one in enumerate(tolerations):
        key = tuple(one.get(name, "") for name in ("key", "operator", "value", "effect"))
        if key in seen:
            from navarch.cluster.validation.internal import show

            errors.append(duplicate(f"{path}[{at}]", show("core.Toleration", one)))
        seen.append(key)


def updating_runtime(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateRuntimeClassUpdate, after the rules for new ones."""
    creating_runtime(errors, new)
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {}, core=False)
    if new.get("handler", "") != old.get("handler", ""):
        errors.append(invalid("handler", new.get("handler", ""), IMMUTABLE))


def creating_lease(errors: list[FieldError], lease: Object) -> None:
    """ValidateLease."""
    check(errors, lease.get("metadata") or {}, True, dns_subdomain, core=False)
    _check_lease(errors, lease.get("spec") or {})


def updating_lease(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateLeaseUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {}, core=False)
    _check_lease(errors, new.get("spec") or {})


def _check_lease(errors: list[FieldError], spec: Object) -> None:
    seconds, changes, strategy = (spec.get(key) for key in ("leaseDurationSeconds", "leaseTransitions", "strategy"))
    if seconds is not None and seconds <= 0:
        errors.append(invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
    if changes is not None and changes < 0:
        errors.append(invalid("spec.leaseTransitions", changes, "must be greater than or equal to 0"))
    if strategy is not None:
        path = "spec.strategy.strategy"
        if "/" in strategy:
            errors.extend([invalid(path, as_json(strategy), one) for one in label_key(strategy)])
        elif strategy != "OldestEmulationVersion":
            errors.append(unsupported(path, as_json(strategy), ["OldestEmulationVersion"]))
    if spec.get("preferredHolder") and not strategy:
        detail = "may only be specified if `strategy` is defined"
        errors.append(forbidden("spec.preferredHolder", detail))
