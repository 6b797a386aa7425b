"""What a cluster holds from its beginning: its namespaces, its own service, the priorities of the system."""

from __future__ import annotations

from navarch.cluster.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api

    Object = dict[str, Any]

__all__ = ["begin"]

_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_PRIORITIES = (
    ("system-cluster-critical", 2_000_000_000, "For what a cluster can't do without, on whichever node it runs."),
    ("system-node-critical", 2_000_001_000, "For what a node can't do without."),
)


def begin(api: Api) -> None:
    """Restore what custom resource definitions define, and create what is missing."""
    from navarch.cluster.definitions import restore

    restore(api)
    for group, version, plural, obj in _objects():
        resource = api.catalog.find(group, version, plural)
        meta = obj["metadata"]
        if resource is not None and api.find(resource, meta.get("namespace", ""), meta["name"]) is None:
            api.create(resource, obj, options=Options(manager="kube-apiserver"))


def _objects() -> list[tuple[str, str, str, Object]]:
    found: list[tuple[str, str, str, Object]] = [
        ("", "v1", "namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for name in _NAMESPACES
    ]
    for name, value, description in _PRIORITIES:
        made: Object = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}}
        made |= {"value": value, "description": description}
        found.append(("scheduling.k8s.io", "v1", "priorityclasses", made))
    labels = {"component": "apiserver", "provider": "kubernetes"}
    spec = {
        "clusterIP": "10.0.0.1",
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        "type": "ClusterIP",
    }
    meta = {"name": "kubernetes", "namespace": "default", "labels": labels}
    found.append(("", "v1", "services", {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}))
    return found
