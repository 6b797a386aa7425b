"""Admission as a server has it without any configuration: what plugins change in objects, and what they refuse.

The ServiceAccount plugin is off: no tokens are mounted into pods. Webhooks and admission policies aren't called.
"""

from __future__ import annotations

from navarch.cluster.problems import Problem, forbidden, not_found
from navarch.cluster.strategy.presence import any_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Plugin = Callable[[Context, Resource, Object, Object | None], None]

__all__ = ["admit", "check_admission", "refuse"]

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_OLD_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class"
_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class"
_INGRESS_CLASS = "kubernetes.io/ingress.class"
_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
_FINALIZERS = {
    "persistentvolumes": "kubernetes.io/pv-protection",
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "volumeattributesclasses": "kubernetes.io/vac-protection",
}
_NOT_RESIZABLE = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)
_OWNERS = (
    ".metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner "
    "references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) "
    "observed: "
)
_REVIEWS = frozenset(("localsubjectaccessreviews",))


def refuse(resource: Resource, obj: Object, why: str) -> Problem:
    """403, as admission says it."""
    meta = obj["metadata"]
    return forbidden(resource.group, resource.plural, meta.get("name") or meta.get("generateName") or "Unknown", why)


def admit(context: Context, resource: Resource, new: Object, old: Object | None, subresource: str = "") -> None:
    """Change an object that is about to be created (`old` is None) or changed. Raises Problem (403, 404)."""
    if resource.namespaced:
        _check_namespace(context, resource, new, old)
    _drop_repeated_owners(context, new)
    if subresource:
        return
    for plugin in _MUTATING.get(resource.qualified, ()):
        plugin(context, resource, new, old)


def _drop_repeated_owners(context: Context, new: Object) -> None:
    """Keep each owner once: bodies were rid of others before, so that what comes here was patched."""
    owners = new["metadata"].get("ownerReferences", ())
    kept = [owner for index, owner in enumerate(owners) if owner not in owners[:index]] if len(owners) > 1 else owners
    if len(kept) < len(owners):
        repeated = ", ".join(owner["uid"] for index, owner in enumerate(owners) if owner in owners[:index])
        context.warnings.append(_OWNERS + repeated)
        new["metadata"]["ownerReferences"] = kept


def check_admission(
    context: Context, resource: Resource, new: Object, old: Object | None, subresource: str = ""
) -> None:
    """Refuse what is right in itself but not wanted here, after warning of what is unwise. Raises Problem (403)."""
    if subresource == "":
        from navarch.cluster.strategy.warnings import warnings

        context.warnings.extend(warnings(resource, new, old))
        for plugin in _CHECKING.get(resource.qualified, ()):
            plugin(context, resource, new, old)
    elif subresource == "ephemeralcontainers":
        _check_pod_security(context, resource, new, old)
    if resource.namespaced and subresource in ("", "resize") and any_of(context, "", "resourcequotas"):
        from navarch.cluster.strategy.quota import check_quotas

        check_quotas(context, resource, new, old)


def _check_namespace(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    """Nothing is made in a namespace that isn't there, or is about to go."""
    name = new["metadata"].get("namespace", "")
    if not name or resource.plural in _REVIEWS:
        return
    namespace = context.get("", "namespaces", "", name)
    if namespace is None:
        raise not_found("", "namespaces", name)
    if old is None and namespace.get("status", {}).get("phase") == "Terminating":
        why = f"unable to create new content in namespace {name} because it is being terminated"
        problem = refuse(resource, new, why)
        cause = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {name} is being terminated",
            "field": "metadata.namespace",
        }
        problem.details = {**(problem.details or {}), "causes": [cause]}
        raise problem


def _taint_node(context: Context, resource: Resource, new: Object, old: Object | None) -> None:  # noqa: ARG001
    if old is None:
        taints = new["spec"].get("taints", [])
        if not any((one["key"], one["effect"]) == tuple(_NOT_READY.values()) for one in taints):
            new["spec"]["taints"] = [*taints, dict(_NOT_READY)]


def _prioritize(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    """A pod's priority, by the name of its class or by the default one."""
    spec = new["spec"]
    if old is not None:
        for name in ("priority", "preemptionPolicy"):
            if name in old["spec"]:
                spec.setdefault(name, old["spec"][name])
        return
    name = spec.get("priorityClassName")
    if name:
        found = context.get("scheduling.k8s.io", "priorityclasses", "", name)
        if found is None:
            raise refuse(resource, new, f"no PriorityClass with name {name} was found")
    else:
        found = _default_priority(context)
    value, policy = _wanted_priority(found)
    if found is not None:
        spec["priorityClassName"] = found["metadata"]["name"]
    _set_computed(resource, new, "priority", value, f"the integer value of priority ({spec.get('priority')})")
    if policy is not None:
        told = f"the string value of PreemptionPolicy ({spec.get('preemptionPolicy')})"
        _set_computed(resource, new, "preemptionPolicy", policy, told)


def _wanted_priority(found: Object | None) -> tuple[int, str | None]:
    if found is None:
        return 0, "PreemptLowerPriority"
    return found["value"], found.get("preemptionPolicy")


def _set_computed(resource: Resource, pod: Object, name: str, value: Any, told: str) -> None:
    if pod["spec"].get(name, value) != value:
        computed = f"priority admission controller computed {value} from the given PriorityClass name"
        raise refuse(resource, pod, f"{told} must not be provided in pod spec; {computed}")
    pod["spec"][name] = value


def _default_priority(context: Context) -> Object | None:
    classes = context.list("scheduling.k8s.io", "priorityclasses")
    return min((one for one in classes if one.get("globalDefault")), key=lambda one: one["value"], default=None)


def _check_default_priority(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    if not new.get("globalDefault"):
        return
    found = _default_priority(context)
    if found is not None and (old is None or found["metadata"]["name"] != new["metadata"]["name"]):
        name = found["metadata"]["name"]
        raise refuse(resource, new, f"PriorityClass {name} is already marked as default. Only one default can exist")


def _tolerate(context: Context, resource: Resource, new: Object, old: Object | None) -> None:  # noqa: ARG001
    """Pods stay five minutes on a node that is gone, unless they say otherwise."""
    given = new["spec"].get("tolerations", [])
    added = []
    for name in ("not-ready", "unreachable"):
        key = f"node.kubernetes.io/{name}"
        if not any(one.get("key", "") in ("", key) and one.get("effect", "") in ("", "NoExecute") for one in given):
            added.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})
    if added:
        new["spec"]["tolerations"] = [*given, *added]


def _class_claim(context: Context, resource: Resource, new: Object, old: Object | None) -> None:  # noqa: ARG001
    """The default StorageClass for a claim that names none."""
    if old is None and "storageClassName" not in new["spec"] and _CLASS not in new["metadata"].get("annotations", {}):
        found = _newest(context.list("storage.k8s.io", "storageclasses"), (_DEFAULT_CLASS, _OLD_DEFAULT_CLASS))
        if found is not None:
            new["spec"]["storageClassName"] = found["metadata"]["name"]


def _class_ingress(context: Context, resource: Resource, new: Object, old: Object | None) -> None:  # noqa: ARG001
    """The default IngressClass for an Ingress that names none."""
    named = "ingressClassName" in new["spec"] or _INGRESS_CLASS in new["metadata"].get("annotations", {})
    if old is None and not named:
        found = _newest(context.list("networking.k8s.io", "ingressclasses"), (_DEFAULT_INGRESS_CLASS,))
        if found is not None:
            new["spec"]["ingressClassName"] = found["metadata"]["name"]


def _newest(classes: list[Object], annotations: tuple[str, ...]) -> Object | None:
    """The newest of the classes that are marked as default; of several, the first by name."""
    marked = [
        one
        for one in classes
        if any(one["metadata"].get("annotations", {}).get(name) == "true" for name in annotations)
    ]
    marked.sort(key=lambda one: str(one["metadata"]["name"]))
    return max(marked, key=lambda one: str(one["metadata"]["creationTimestamp"]), default=None)


def _protect(context: Context, resource: Resource, new: Object, old: Object | None) -> None:  # noqa: ARG001
    """Volumes and claims in use aren't deleted."""
    finalizer, meta = _FINALIZERS[resource.plural], new["metadata"]
    if old is None and finalizer not in meta.get("finalizers", ()):
        meta["finalizers"] = [*meta.get("finalizers", ()), finalizer]


def _check_resize(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    """Claims grow only when they are bound and their class lets them."""
    if old is None:
        return
    from navarch.cluster.decode.quantity import ZERO, parse

    sizes = [one["spec"]["resources"].get("requests", {}).get("storage") for one in (old, new)]
    before, after = [ZERO if size is None else parse(size) for size in sizes]
    if after.compare(before) <= 0:
        return
    if old.get("status", {}).get("phase") != "Bound":
        raise refuse(resource, new, "Only bound persistent volume claims can be expanded")
    names = [
        one["metadata"].get("annotations", {}).get(_CLASS) or one["spec"].get("storageClassName") for one in (old, new)
    ]
    found = context.get("storage.k8s.io", "storageclasses", "", names[0]) if names[0] and names[0] == names[1] else None
    if found is None or not found.get("allowVolumeExpansion"):
        raise refuse(resource, new, _NOT_RESIZABLE)


def _limit_pod(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    from navarch.cluster.strategy.limits import apply_defaults

    if old is None:
        apply_defaults(context, resource, new)


def _run_as(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    if old is None and "runtimeClassName" in new["spec"]:
        from navarch.cluster.strategy.runtimeclasses import apply_class

        apply_class(context, resource, new)


def _check_overhead(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    if old is None and ("runtimeClassName" in new["spec"] or "overhead" in new["spec"]):
        from navarch.cluster.strategy.runtimeclasses import check_overhead

        check_overhead(context, resource, new)


def _check_limits(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    from navarch.cluster.strategy.limits import check_limits

    if old is None or (resource.plural != "pods" and not old["metadata"].get("deletionTimestamp")):
        check_limits(context, resource, new)


def _has_standards(labels: dict[str, str]) -> bool:
    return any(label.startswith("pod-security.kubernetes.io/") for label in labels)


def _wants_safe_pods(context: Context, obj: Object) -> bool:
    namespace = context.get("", "namespaces", "", obj["metadata"].get("namespace", ""))
    return namespace is not None and _has_standards(namespace["metadata"].get("labels", {}))


def _check_pod_security(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    if _wants_safe_pods(context, new):
        from navarch.cluster.strategy.podsecurity import check_pod

        check_pod(context, resource, new, old)


def _check_template(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    if _wants_safe_pods(context, new):
        from navarch.cluster.strategy.podsecurity import check_template

        check_template(context, resource, new, old)


def _check_labels(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    if _has_standards(new["metadata"].get("labels", {})):
        from navarch.cluster.strategy.podsecurity import check_namespace

        check_namespace(context, resource, new, old)


_MUTATING: dict[str, tuple[Plugin, ...]] = {
    "nodes": (_taint_node,),
    "pods": (_limit_pod, _prioritize, _tolerate, _run_as),
    "persistentvolumeclaims": (_class_claim, _protect),
    "persistentvolumes": (_protect,),
    "volumeattributesclasses.storage.k8s.io": (_protect,),
    "ingresses.networking.k8s.io": (_class_ingress,),
}
_CHECKING: dict[str, tuple[Plugin, ...]] = {
    "pods": (_check_limits, _check_pod_security, _check_overhead),
    "namespaces": (_check_labels,),
    "persistentvolumeclaims": (_check_limits, _check_resize),
    "priorityclasses.scheduling.k8s.io": (_check_default_priority,),
    "replicationcontrollers": (_check_template,),
    "podtemplates": (_check_template,),
    "replicasets.apps": (_check_template,),
    "deployments.apps": (_check_template,),
    "statefulsets.apps": (_check_template,),
    "daemonsets.apps": (_check_template,),
    "jobs.batch": (_check_template,),
    "cronjobs.batch": (_check_template,),
}
