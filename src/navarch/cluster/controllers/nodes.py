"""The one node: what it is, and which pods it takes."""

from __future__ import annotations

from navarch.cluster.controllers.access import KUBELET
from navarch.cluster.controllers.manager import Controller
from navarch.cluster.controllers.recorder import NODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["NODES", "NODE_ADDRESS", "Nodes", "tolerates", "wants_node"]

NODES: Kind = ("", "nodes")
NODE_ADDRESS = "172.18.0.2"
_NOT_READY = "node.kubernetes.io/not-ready"
_UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
_VERSION = "v1.36.3"
_CAPACITY = {
    "cpu": "64",
    "ephemeral-storage": "1Ti",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    "memory": "256Gi",
    "pods": "10k",
}
_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
_LABELS = {
    "beta.kubernetes.io/arch": "amd64",
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": NODE,
    "kubernetes.io/os": "linux",
    "node-role.kubernetes.io/control-plane": "",
}


class Nodes(Controller):
    """Makes the node and keeps it ready."""

    name = "nodes"
    rank = 0
    kind = NODES

    def begin(self) -> None:
        """The node has to be there."""
        self.enqueue("", NODE)

    def sync(self, _namespace: str, name: str, /) -> None:
        """Create the node if it isn't there, and say that it is ready."""
        if name != NODE:
            return
        node = self.access.get(NODES, "", NODE)
        if node is None:
            node = self.access.create(NODES, _node(), manager=KUBELET)
        if not (node.get("status") or {}).get("conditions"):
            node = self.access.write_status(NODES, node, _status(self.access.now()), manager=KUBELET)
        self.access.edit(NODES, node, _set_taints)


def _set_taints(node: Object) -> None:
    """The taints that say how the node is: it is ready, and takes pods unless it is cordoned."""
    spec = node.setdefault("spec", {})
    taints = [one for one in spec.get("taints") or () if one.get("key") not in (_NOT_READY, _UNSCHEDULABLE)]
    if spec.get("unschedulable"):
        known = [one for one in spec.get("taints") or () if one.get("key") == _UNSCHEDULABLE]
        taints.extend(known or [{"key": _UNSCHEDULABLE, "effect": "NoSchedule"}])
    if taints:
        spec["taints"] = taints
    else:
        spec.pop("taints", None)


def _node() -> Object:
    annotations = {
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": dict(_LABELS), "annotations": annotations},
        "spec": {"podCIDR": "10.244.0.0/16", "podCIDRs": ["10.244.0.0/16"]},
    }


def _status(now: str) -> Object:
    return {
        "capacity": dict(_CAPACITY),
        "allocatable": dict(_CAPACITY),
        "conditions": [
            {
                "type": kind,
                "status": status,
                "lastHeartbeatTime": now,
                "lastTransitionTime": now,
                "reason": reason,
                "message": message,
            }
            for kind, status, reason, message in _CONDITIONS
        ],
        "addresses": [{"type": "InternalIP", "address": NODE_ADDRESS}, {"type": "Hostname", "address": NODE}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "machineID": "6e617661726368",
            "systemUUID": "6e617661-7263-6800-0000-000000000000",
            "bootID": "6e617661-7263-6800-0000-000000000001",
            "kernelVersion": "simulated",
            "osImage": "Navarch (simulated)",
            "containerRuntimeVersion": "navarch://0",
            "kubeletVersion": _VERSION,
            "kubeProxyVersion": "",
            "operatingSystem": "linux",
            "architecture": "amd64",
        },
    }


def wants_node(spec: Object, node: Object) -> bool:
    """Whether a pod's nodeSelector and required node affinity let it run on the node."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return True
    fields = {"metadata.name": node["metadata"]["name"]}
    return any(_fits(term, labels, fields) for term in required.get("nodeSelectorTerms") or ())


def _fits(term: Object, labels: Mapping[str, str], fields: Mapping[str, str]) -> bool:
    expressions, on_fields = term.get("matchExpressions") or [], term.get("matchFields") or []
    if not expressions and not on_fields:
        return False
    return all(_holds(one, labels) for one in expressions) and all(_holds(one, fields) for one in on_fields)


def _holds(requirement: Object, have: Mapping[str, str]) -> bool:
    value, values = have.get(requirement.get("key", "")), requirement.get("values") or []
    operator = requirement.get("operator")
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    if value is None or not value.lstrip("-").isdecimal() or not values or not values[0].lstrip("-").isdecimal():
        return False
    return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])


def tolerates(spec: Object, node: Object) -> bool:
    """Whether a pod puts up with what keeps others away from the node."""
    node_spec = node.get("spec") or {}
    taints = [one for one in node_spec.get("taints") or () if one.get("effect") in ("NoSchedule", "NoExecute")]
    if node_spec.get("unschedulable"):
        taints.append({"key": _UNSCHEDULABLE, "effect": "NoSchedule"})
    return all(any(_tolerates(one, taint) for one in spec.get("tolerations") or ()) for taint in taints)


def _tolerates(toleration: Object, taint: Object) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("key") and toleration["key"] != taint.get("key"):
        return False
    if toleration.get("operator") == "Exists":
        return True
    return bool(toleration.get("key")) and toleration.get("value", "") == taint.get("value", "")
