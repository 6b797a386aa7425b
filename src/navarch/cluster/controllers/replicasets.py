"""ReplicaSets and ReplicationControllers: as many pods as are asked for."""

from __future__ import annotations

from navarch.cluster.controllers.children import Parent, deletion_order, is_terminating_namespace, pod_from
from navarch.cluster.controllers.manager import PODS
from navarch.cluster.controllers.objects import (
    condition,
    is_active,
    is_available,
    is_ready,
    key_of,
    ready_since,
    without_empty,
)
from navarch.cluster.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["ReplicaSets", "ReplicationControllers"]

_FAILURE = "ReplicaFailure"
_BURST = 500  # the most pods that are created or deleted at once


class ReplicaSets(Parent):
    """Keeps the number of pods of each ReplicaSet."""

    name = "replicasets"
    rank = 4
    kind = ("apps", "replicasets")
    watches = (PODS,)
    component = "replicaset-controller"
    owner_kind = "ReplicaSet"
    counts_terminating = True

    def sync(self, namespace: str, name: str, /) -> None:
        """Create or delete pods, then say how many there are. Raises the Problem that kept pods from being created."""
        replica_set = self.access.get(self.kind, namespace, name)
        if replica_set is None:
            return
        pods = self.claim(replica_set, PODS)
        active = [pod for pod in pods if is_active(pod)]
        excess = len(active) - replica_set["spec"].get("replicas", 1)
        problem = None
        if excess and "deletionTimestamp" not in replica_set["metadata"]:
            problem = self._manage(replica_set, active, excess)
            if problem is None:
                return  # what happened to the pods leads here again
        self._write(replica_set, active, pods, problem)
        if problem is not None:
            raise problem

    def _manage(self, replica_set: Object, active: list[Object], excess: int) -> Problem | None:
        """Make the pods as many as they should be; what kept that from being done. New pods are added to `active`."""
        if excess > 0:
            for pod in deletion_order(active)[: min(excess, _BURST)]:
                self.delete_reported(replica_set, pod)
        try:
            for _ in range(min(-excess, _BURST)):
                pod = pod_from(replica_set["spec"].get("template") or {}, replica_set)
                active.append(self.create_reported(replica_set, pod))
        except Problem as problem:
            return None if is_terminating_namespace(problem) else problem
        return None

    def _write(self, replica_set: Object, active: list[Object], pods: list[Object], problem: Problem | None) -> None:
        spec, old = replica_set["spec"], replica_set.get("status") or {}
        now, min_ready = self.access.time(), spec.get("minReadySeconds", 0)
        labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
        full = [pod for pod in active if labels.items() <= (pod["metadata"].get("labels") or {}).items()]
        ready = [pod for pod in active if is_ready(pod)]
        available = [pod for pod in ready if is_available(pod, min_ready, now)]
        terminating = [pod for pod in pods if _is_terminating(pod)]
        status = {
            "replicas": len(active),
            "fullyLabeledReplicas": len(full),
            "readyReplicas": len(ready),
            "availableReplicas": len(available),
            "observedGeneration": replica_set["metadata"].get("generation", 0),
            "conditions": self._conditions(replica_set, len(active), problem),
        }
        if self.counts_terminating:
            status["terminatingReplicas"] = len(terminating)
        status = without_empty(status, ("replicas", "terminatingReplicas"))
        if status != old:
            self.access.write_status(self.kind, replica_set, status)
        if len(available) < len(ready):
            first = min(ready_since(pod) for pod in ready if pod not in available)
            self.enqueue(*key_of(replica_set), after=max(first + min_ready - now, 0.01), awaited=True)

    def _conditions(self, replica_set: Object, have: int, problem: Problem | None) -> list[Object]:
        old = replica_set.get("status") or {}
        conditions = list(old.get("conditions") or ())
        known = condition(old, _FAILURE)
        if problem is None:
            return [one for one in conditions if one is not known]
        if known is None:
            reason = "FailedCreate" if have < replica_set["spec"].get("replicas", 1) else "FailedDelete"
            conditions.append(
                {
                    "type": _FAILURE,
                    "status": "True",
                    "lastTransitionTime": self.access.now(),
                    "reason": reason,
                    "message": problem.message,
                }
            )
        return conditions


class ReplicationControllers(ReplicaSets):
    """Keeps the number of pods of each ReplicationController."""

    name = "replicationcontrollers"
    kind = ("", "replicationcontrollers")
    component = "replication-controller"
    owner_kind = "ReplicationController"
    counts_terminating = False

    def selector(self, obj: Object, /) -> Object | None:
        """The plain labels of its selector."""
        labels = (obj.get("spec") or {}).get("selector")
        return {"matchLabels": labels} if labels else None


def _is_terminating(pod: Object) -> bool:
    phase = (pod.get("status") or {}).get("phase")
    return "deletionTimestamp" in pod["metadata"] and phase not in ("Succeeded", "Failed")
