"""What is filled in for the kinds of the core group (pkg/apis/core/v1)."""

from __future__ import annotations

from navarch.cluster.defaults.pods import claim_spec, pod, template, volume_source
from navarch.cluster.defaults.quantities import round_up, round_up_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["FILLS", "claim"]

_THREE_HOURS = 10800
_NAME_LABEL = "kubernetes.io/metadata.name"
_WITH_ADDRESS = ("NodePort", "LoadBalancer", "ClusterIP")


def _service(obj: Object) -> None:
    spec = obj["spec"]
    _affinity(spec)
    kind = spec.setdefault("type", "ClusterIP")
    for port in spec.get("ports", ()):
        port.setdefault("protocol", "TCP")
        if port["targetPort"] in (0, ""):
            port["targetPort"] = port["port"]
    if kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and "externalIPs" in spec):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind in _WITH_ADDRESS:
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for entry in obj["status"]["loadBalancer"].get("ingress", ()):
            if entry.get("ip"):
                entry.setdefault("ipMode", "VIP")


def _affinity(spec: Object) -> None:
    """Which client goes to which pod, and for how long."""
    affinity = spec.setdefault("sessionAffinity", "None")
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP":
        config = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if "timeoutSeconds" not in config:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": _THREE_HOURS}}


def _secret(obj: Object) -> None:
    obj.setdefault("type", "Opaque")


def _replication_controller(obj: Object) -> None:
    spec = obj["spec"]
    labels = spec.get("template", {}).get("metadata", {}).get("labels")
    if labels:
        spec.setdefault("selector", dict(labels))
        if not obj["metadata"].get("labels"):
            obj["metadata"]["labels"] = dict(labels)
    spec.setdefault("replicas", 1)
    if "template" in spec:
        template(spec)


def _persistent_volume(obj: Object) -> None:
    obj["status"].setdefault("phase", "Pending")
    spec = obj["spec"]
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    spec.setdefault("volumeMode", "Filesystem")
    round_up(spec.get("capacity"))
    volume_source(spec)


def claim(obj: Object) -> None:
    """A PersistentVolumeClaim."""
    obj["status"].setdefault("phase", "Pending")
    claim_spec(obj["spec"])
    round_up_at(obj["status"], ("capacity", "allocatedResources"))


def _namespace(obj: Object) -> None:
    meta = obj["metadata"]
    if meta.get("name"):
        meta.setdefault("labels", {})[_NAME_LABEL] = meta["name"]
    obj["status"].setdefault("phase", "Active")


def _node(obj: Object) -> None:
    status = obj["status"]
    if "capacity" in status:
        status.setdefault("allocatable", dict(status["capacity"]))
    round_up_at(status, ("capacity", "allocatable"))


def _limit_range(obj: Object) -> None:
    for item in obj["spec"]["limits"] or ():
        if item["type"] == "Container":
            _container_limits(item)
        round_up_at(item, ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"))


def _container_limits(item: Object) -> None:
    """Containers get the most as their limit, their limit as their request, and else the least."""
    limits = {**item.get("max", {}), **item.get("default", {})}
    requests = {**item.get("min", {}), **limits, **item.get("defaultRequest", {})}
    if limits:
        item["default"] = limits
    if requests:
        item["defaultRequest"] = requests


def _resource_quota(obj: Object) -> None:
    round_up(obj["spec"].get("hard"))
    round_up_at(obj["status"], ("hard", "used"))


def _endpoints(obj: Object) -> None:
    for subset in obj.get("subsets", ()):
        for port in subset.get("ports", ()):
            port.setdefault("protocol", "TCP")


def _pod_template(obj: Object) -> None:
    template(obj)


FILLS = {
    "Pod": pod,
    "Service": _service,
    "Secret": _secret,
    "ReplicationController": _replication_controller,
    "PersistentVolume": _persistent_volume,
    "PersistentVolumeClaim": claim,
    "Namespace": _namespace,
    "Node": _node,
    "LimitRange": _limit_range,
    "ResourceQuota": _resource_quota,
    "Endpoints": _endpoints,
    "PodTemplate": _pod_template,
}
