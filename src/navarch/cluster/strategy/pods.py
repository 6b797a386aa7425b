"""The strategy of pods: how sure they can be of their resources, and which parts other addresses write."""

from __future__ import annotations

from navarch.cluster.decode.quantity import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.decode.quantity import Quantity

    Object = dict[str, Any]
    Amounts = dict[str, Quantity]

__all__ = ["CREATE", "UPDATE", "quality"]

_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_COUNTED = ("cpu", "memory")
_AFFINITIES = ("podAffinity", "podAntiAffinity")


def _create(context: Context, obj: Object) -> None:
    spec = obj["spec"]
    obj["status"] = {"phase": "Pending", "qosClass": quality(spec)}
    if spec.get("schedulingGates"):
        obj["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": context.now,
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]
    _match_labels(spec, obj["metadata"].get("labels", {}))
    annotations = obj["metadata"].get("annotations", {})
    if any(name.startswith(_APP_ARMOR) for name in annotations) and spec.get("os", {}).get("name") != "windows":
        _take_profiles(context, spec, annotations)


def _take_profiles(context: Context, spec: Object, annotations: dict[str, str]) -> None:
    """AppArmor profiles that are annotations become fields, with a warning."""
    from navarch.cluster.strategy.podwarnings import app_armor_profile

    for container in (*spec.get("initContainers", ()), *(spec.get("containers") or ())):
        key = _APP_ARMOR + container["name"]
        if key not in annotations or "appArmorProfile" in container.get("securityContext", {}):
            continue
        profile = app_armor_profile(annotations[key])
        if profile is not None and profile == spec["securityContext"].get("appArmorProfile"):
            continue
        if profile is not None:
            container["securityContext"] = {**container.get("securityContext", {}), "appArmorProfile": profile}
        told = 'deprecated since v1.30; use the "appArmorProfile" field instead'
        context.warnings.append(f"metadata.annotations[{key}]: {told}")


def quality(spec: Object) -> str:
    """The quality of service: Guaranteed, Burstable or BestEffort."""
    requests: Amounts = {}
    limits: Amounts = {}
    sure = True
    if "resources" in spec:
        _add(requests, spec["resources"].get("requests", {}))
        _add(limits, spec["resources"].get("limits", {}))
        sure = not limits or len(limits) == len(_COUNTED)
    else:
        for container in (*(spec.get("containers") or ()), *spec.get("initContainers", ())):
            resources = container.get("resources", {})
            _add(requests, resources.get("requests", {}))
            if _add(limits, resources.get("limits", {})) < len(_COUNTED):
                sure = False
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if sure and requests == limits else "Burstable"


def _add(total: Amounts, amounts: dict[str, str]) -> int:
    """Add what counts and isn't zero; how many that were."""
    count = 0
    for name in _COUNTED:
        amount = parse(amounts[name]) if name in amounts else None
        if amount is not None and amount.unscaled > 0:
            total[name] = total[name] + amount if name in total else amount
            count += 1
    return count


def _match_labels(spec: Object, labels: dict[str, str]) -> None:
    """`matchLabelKeys` become requirements of the label selectors beside them."""
    affinity = spec.get("affinity", {})
    for name in _AFFINITIES:
        own = affinity.get(name, {})
        for preferred in own.get("preferredDuringSchedulingIgnoredDuringExecution", ()):
            _require(preferred["podAffinityTerm"], labels)
        for term in own.get("requiredDuringSchedulingIgnoredDuringExecution", ()):
            _require(term, labels)
    for constraint in spec.get("topologySpreadConstraints", ()):
        _require(constraint, labels)


def _require(term: Object, labels: dict[str, str]) -> None:
    selector = term.get("labelSelector")
    if selector is None:
        return
    wanted = [
        {"key": key, "operator": operator, "values": [labels[key]]}
        for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))
        for key in term.get(field, ())
        if key in labels
    ]
    if wanted:
        selector["matchExpressions"] = [*selector.get("matchExpressions", ()), *wanted]


def _update(context: Context, new: Object, old: Object, subresource: str) -> None:  # noqa: ARG001
    if subresource == "status":
        _keep_observed(new["status"], old["status"])
    elif subresource == "ephemeralcontainers":
        _keep_spec(new, old, {"ephemeralContainers": new["spec"].get("ephemeralContainers")})
    elif subresource == "resize":
        _keep_spec(new, old, _resized(new["spec"], old["spec"]))


def _keep_observed(status: Object, before: Object) -> None:
    if not status.get("qosClass") and before.get("qosClass"):
        status["qosClass"] = before["qosClass"]
    if not status.get("observedGeneration") and before.get("observedGeneration"):
        status["observedGeneration"] = before["observedGeneration"]
    seen = {one["type"]: one.get("observedGeneration") for one in reversed(before.get("conditions", ()))}
    for one in status.get("conditions", ()):
        if not one.get("observedGeneration") and seen.get(one["type"]):
            one["observedGeneration"] = seen[one["type"]]


def _keep_spec(new: Object, old: Object, changed: Object) -> None:
    """The old pod with these fields of its spec changed (None: without them)."""
    spec = {**old["spec"], **changed}
    new["spec"] = {name: value for name, value in spec.items() if value is not None}
    managed = new["metadata"].get("managedFields")
    new["metadata"] = {**old["metadata"], "resourceVersion": new["metadata"].get("resourceVersion", "")}
    if managed is not None:
        new["metadata"]["managedFields"] = managed
    if new["spec"] != old["spec"]:
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _resized(spec: Object, before: Object) -> Object:
    """The containers of the old spec with the new ones' resources."""
    found: Object = {"resources": spec["resources"]} if "resources" in spec else {}
    for field in ("containers", "initContainers"):
        wanted = {one["name"]: one for one in spec.get(field, ())}
        if field in before:
            found[field] = [_with_resources(one, wanted.get(one["name"], one)) for one in before[field]]
    return found


def _with_resources(container: Object, wanted: Object) -> Object:
    made = {**container, "resources": wanted.get("resources", {})}
    if "resizePolicy" in wanted:
        made["resizePolicy"] = wanted["resizePolicy"]
    return made


CREATE = {"Pod": _create}
UPDATE = {"Pod": _update}
