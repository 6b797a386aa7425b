"""Fields of features that are off by default: dropped, unless the object used them before."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Drop = Callable[[Object, Object | None], None]

__all__ = ["drop_disabled"]

_TEMPLATE = ("spec", "template", "spec")
_POD_SPECS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", *_TEMPLATE),
}
_SOURCES = ("clusterTrustBundle", "podCertificate")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_LEADER_FIELDS = ("strategy", "preferredHolder")


def drop_disabled(resource: Resource, new: Object, old: Object | None) -> None:
    """Drop them from a new object, or from one that comes in the place of `old`."""
    kind = (resource.group, resource.kind)
    path = _POD_SPECS.get(kind)
    if path is not None:
        spec = _at(new, path)
        if spec is not None:
            _drop_of_pods(spec, None if old is None else _at(old, path))
    drop = _OTHERS.get(kind)
    if drop is not None:
        drop(new, old)


def _at(obj: Object, path: tuple[str, ...]) -> Object | None:
    found: Object | None = obj
    for name in path:
        found = found.get(name) if found is not None else None
    return found


def _drop_of_pods(spec: Object, old: Object | None) -> None:
    if "schedulingGroup" in spec and "schedulingGroup" not in (old or {}):
        del spec["schedulingGroup"]
    signalled = [one for one in _containers(spec) if "stopSignal" in one.get("lifecycle", {})]
    if signalled and not any("stopSignal" in one.get("lifecycle", {}) for one in _containers(old or {})):
        for container in signalled:
            del container["lifecycle"]["stopSignal"]
            if not container["lifecycle"]:
                del container["lifecycle"]
    for name in _SOURCES:
        using = [source for source in _projections(spec) if name in source]
        if using and not any(name in source for source in _projections(old or {})):
            for source in using:
                del source[name]


def _containers(spec: Object) -> Iterator[Object]:
    for field in _CONTAINERS:
        yield from spec.get(field) or ()


def _projections(spec: Object) -> Iterator[Object]:
    for volume in spec.get("volumes", ()):
        if "projected" in volume:
            yield from volume["projected"].get("sources") or ()


def _stateful_set(new: Object, old: Object | None) -> None:
    before = {} if old is None else old["spec"]["updateStrategy"].get("rollingUpdate", {})
    if "maxUnavailable" not in before:
        new["spec"]["updateStrategy"].get("rollingUpdate", {}).pop("maxUnavailable", None)


def _claim(new: Object, old: Object | None) -> None:
    """References to other namespaces."""
    reference = new["spec"].get("dataSourceRef") or {}
    if reference.get("namespace") and (old is None or "dataSourceRef" not in old["spec"]):
        del new["spec"]["dataSourceRef"]


def _csi_driver(new: Object, old: Object | None) -> None:
    if old is None or "preventPodSchedulingIfMissing" not in old["spec"]:
        new["spec"].pop("preventPodSchedulingIfMissing", None)


def _node(new: Object, old: Object | None) -> None:
    if old is None or "configSource" not in old["spec"]:
        new["spec"].pop("configSource", None)
    if old is None:
        new["status"].pop("config", None)


def _lease(new: Object, old: Object | None) -> None:
    for name in _LEADER_FIELDS:
        if old is None or name not in old["spec"]:
            new["spec"].pop(name, None)


_OTHERS: dict[tuple[str, str], Drop] = {
    ("apps", "StatefulSet"): _stateful_set,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Node"): _node,
    ("storage.k8s.io", "CSIDriver"): _csi_driver,
    ("coordination.k8s.io", "Lease"): _lease,
}
