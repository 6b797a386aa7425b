"""DaemonSets: one pod on the one node, if the node will do."""

from __future__ import annotations

from navarch.cluster.controllers.children import Parent, pod_from
from navarch.cluster.controllers.history import REVISIONS, History
from navarch.cluster.controllers.manager import PODS, Change
from navarch.cluster.controllers.nodes import NODES, tolerates, wants_node
from navarch.cluster.controllers.objects import (
    is_active,
    is_available,
    is_ready,
    key_of,
    ready_since,
    scaled,
    seconds,
    without_empty,
)
from navarch.cluster.controllers.recorder import NODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["DaemonSets"]

_HASH = "controller-revision-hash"
_GENERATION = "pod-template-generation"
_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_PREFIX = "node.kubernetes.io/"
_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)


class DaemonSets(Parent):
    """Keeps each DaemonSet's pod."""

    name = "daemonsets"
    rank = 4
    kind = ("apps", "daemonsets")
    children = (PODS, REVISIONS)
    watches = (PODS, REVISIONS, NODES)
    component = "daemonset-controller"
    owner_kind = "DaemonSet"

    def observe(self, change: Change) -> None:
        """Also the node: it may have become one that pods go to, or may no longer be."""
        if change.kind != NODES:
            super().observe(change)
        elif change.old is None or _facts(change.old) != _facts(change.object):
            for namespace, name in self._selectors.names():
                self.enqueue(namespace, name)

    def sync(self, namespace: str, name: str, /) -> None:
        """Create, delete or replace the pod, then the status."""
        daemon_set = self.access.get(self.kind, namespace, name)
        if daemon_set is None:
            return
        if daemon_set["spec"].get("selector") == {}:
            text = "This daemon set is selecting all pods. A non-empty selector is required."
            self.event(daemon_set, "SelectingAll", text, "Warning")
            return
        pods = self.claim(daemon_set, PODS)
        history = History(self, daemon_set, label=_HASH)
        revision, _ = history.current()
        digest = revision["metadata"]["labels"][_HASH]
        wanted = self._is_wanted(daemon_set)
        if "deletionTimestamp" not in daemon_set["metadata"] and self._manage(daemon_set, pods, digest, wanted=wanted):
            return  # what happened to the pods leads here again
        self._write(daemon_set, pods, digest, wanted=wanted)
        hashes = {(pod["metadata"].get("labels") or {}).get(_HASH) for pod in pods} | {digest}
        history.truncate(
            {one["metadata"]["name"] for one in history.revisions if one["metadata"]["labels"].get(_HASH) in hashes}
        )

    def _is_wanted(self, daemon_set: Object) -> bool:
        node = self.access.get(NODES, "", NODE)
        if node is None:
            return False
        spec = _with_tolerations((daemon_set["spec"].get("template") or {}).get("spec") or {})
        return wants_node(spec, node) and tolerates(spec, node)

    def _manage(self, daemon_set: Object, pods: list[Object], digest: str, *, wanted: bool) -> bool:
        """Whether pods were created or deleted."""
        active = sorted((pod for pod in pods if is_active(pod)), key=_age)
        failed = [pod for pod in pods if (pod.get("status") or {}).get("phase") == "Failed" and _stays(pod)]
        for pod in failed:
            where = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
            text = f"Found failed daemon pod {where} on node {NODE}, will try to kill it"
            self.event(daemon_set, "FailedDaemonPod", text, "Warning")
            self.delete_reported(daemon_set, pod)
        if failed:
            return True
        if not wanted:
            return self._delete(daemon_set, active)
        if not active and not any("deletionTimestamp" in pod["metadata"] for pod in pods):
            self.create_reported(daemon_set, self._pod(daemon_set, digest))
            return True
        return self._update(daemon_set, active, digest)

    def _delete(self, daemon_set: Object, pods: list[Object]) -> bool:
        for pod in pods:
            self.delete_reported(daemon_set, pod)
        return bool(pods)

    def _update(self, daemon_set: Object, active: list[Object], digest: str) -> bool:
        """Replace a pod of an older template; with a surge the new one comes first."""
        old = [pod for pod in active if (pod["metadata"].get("labels") or {}).get(_HASH) != digest]
        new = [pod for pod in active if pod not in old]
        strategy = daemon_set["spec"].get("updateStrategy") or {}
        if strategy.get("type", "RollingUpdate") != "RollingUpdate" or not old:
            return self._delete(daemon_set, active[1:])
        if not scaled((strategy.get("rollingUpdate") or {}).get("maxSurge", 0), 1, up=True):
            return self._delete(daemon_set, old)
        min_ready = daemon_set["spec"].get("minReadySeconds", 0)
        if not new:
            self.create_reported(daemon_set, self._pod(daemon_set, digest))
            return True
        return self._delete(daemon_set, old) if is_available(new[0], min_ready, self.access.time()) else False

    def _pod(self, daemon_set: Object, digest: str) -> Object:
        pod = pod_from(daemon_set["spec"]["template"], daemon_set)
        labels = pod["metadata"].setdefault("labels", {})
        generation = (daemon_set["metadata"].get("annotations") or {}).get(_TEMPLATE_GENERATION)
        labels[_HASH] = digest
        if generation:
            labels[_GENERATION] = generation
        spec = pod["spec"] = _with_tolerations(pod["spec"])
        affinity = spec.setdefault("affinity", {}).setdefault("nodeAffinity", {})
        here = {"key": "metadata.name", "operator": "In", "values": [NODE]}
        affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": [{"matchFields": [here]}]}
        return pod

    def _write(self, daemon_set: Object, pods: list[Object], digest: str, *, wanted: bool) -> None:
        now, min_ready = self.access.time(), daemon_set["spec"].get("minReadySeconds", 0)
        pod = next(iter(sorted((one for one in pods if _stays(one)), key=_age)), None)
        scheduled = wanted and pod is not None
        ready = scheduled and pod is not None and is_ready(pod)
        available = ready and pod is not None and is_available(pod, min_ready, now)
        updated = scheduled and pod is not None and (pod["metadata"].get("labels") or {}).get(_HASH) == digest
        status = {
            "currentNumberScheduled": int(scheduled),
            "numberMisscheduled": int(pod is not None and not wanted),
            "desiredNumberScheduled": int(wanted),
            "numberReady": int(ready),
            "observedGeneration": daemon_set["metadata"].get("generation", 0),
            "updatedNumberScheduled": int(updated),
            "numberAvailable": int(available),
            "numberUnavailable": int(wanted) - int(available),
            "collisionCount": (daemon_set.get("status") or {}).get("collisionCount"),
        }
        always = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
        status = without_empty(status, always)
        if status != daemon_set.get("status"):
            self.access.write_status(self.kind, daemon_set, status)
        if ready and not available and pod is not None:
            self.enqueue(*key_of(daemon_set), after=max(ready_since(pod) + min_ready - now, 0.01), awaited=True)


def _facts(node: Object) -> tuple[Any, ...]:
    return node["metadata"].get("labels"), node.get("spec")


def _age(pod: Object) -> tuple[float, str]:
    return seconds(pod["metadata"].get("creationTimestamp")), pod["metadata"]["name"]


def _stays(pod: Object) -> bool:
    return "deletionTimestamp" not in pod["metadata"]


def _with_tolerations(spec: Object) -> Object:
    """A pod's spec that tolerates what every node may be tainted with."""
    wanted = list(_TOLERATED)
    if spec.get("hostNetwork"):
        wanted.append(("network-unavailable", "NoSchedule"))
    added = [{"key": _PREFIX + key, "operator": "Exists", "effect": effect} for key, effect in wanted]
    kept = [one for one in spec.get("tolerations") or () if one not in added]
    return {**spec, "tolerations": kept + added}
