"""Objects as `status` shows them: whole, or as the table that the API server makes of them for kubectl.

The step after `objects.build`, for commands that only look.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource

__all__ = ["pod_selector", "related_pods", "shown"]

_TABLE = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)
_WITH_MATCH_LABELS = frozenset(("ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job"))


def shown(client: Client, resource: Resource, *, table: bool) -> dict[str, Any]:
    """The object as it is on the server; with `table` a Table of one row, if the server makes one. Raises ApiError."""
    return _ask(client, resource.path, {}, table=table)


def pod_selector(resource: Resource) -> dict[str, str] | None:
    """The labels by which a workload's manifest picks its pods; None for objects that have no pods."""
    spec = resource.object.get("spec")
    selector = spec.get("selector") if isinstance(spec, dict) else None
    kind = resource.object.get("kind")
    if kind in _WITH_MATCH_LABELS:
        selector = selector.get("matchLabels") if isinstance(selector, dict) else None
    elif kind != "ReplicationController":
        return None
    if not isinstance(selector, dict) or not all(isinstance(value, str) for value in selector.values()):
        return None
    return selector


def related_pods(client: Client, namespace: str, labels: Mapping[str, str], *, table: bool) -> dict[str, Any]:
    """The pods with these labels, as a PodList; with `table` as one Table of them all. Raises ApiError."""
    selector = ",".join(f"{name}={labels[name]}" for name in sorted(labels))
    path = f"/api/v1/namespaces/{namespace or client.namespace}/pods"
    found = _ask(client, path, {"labelSelector": selector} if selector else {}, table=table)
    if found.get("kind") == "PodList":  # whose items the server leaves unnamed
        found["items"] = [{"apiVersion": "v1", "kind": "Pod", **pod} for pod in found.get("items") or []]
    return found


def _ask(client: Client, path: str, query: dict[str, str], *, table: bool) -> dict[str, Any]:
    if table:
        query["includeObject"] = "None"  # only the cells are shown
    accept = _TABLE if table else "application/json"
    found: dict[str, Any] = client.transport.request("GET", path, query=query, accept=accept).json()
    return found
