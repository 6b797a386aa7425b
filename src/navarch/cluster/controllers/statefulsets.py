"""StatefulSets: numbered pods with claims of their own, created, changed and deleted in order."""

from __future__ import annotations

from navarch.cluster.controllers.children import Parent, pod_from
from navarch.cluster.controllers.history import REVISIONS, History
from navarch.cluster.controllers.manager import PODS
from navarch.cluster.controllers.objects import (
    is_available,
    is_ready,
    key_of,
    owner_reference,
    ready_since,
    without_empty,
)
from navarch.cluster.problems import Problem
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["StatefulSets"]

_CLAIMS = ("", "persistentvolumeclaims")
_HASH = "controller-revision-hash"
_POD_NAME = "statefulset.kubernetes.io/pod-name"
_POD_INDEX = "apps.kubernetes.io/pod-index"


class StatefulSets(Parent):
    """Keeps each StatefulSet's pods in order."""

    name = "statefulsets"
    rank = 4
    kind = ("apps", "statefulsets")
    children = (PODS, REVISIONS)
    watches = (PODS, REVISIONS)
    component = "statefulset-controller"
    owner_kind = "StatefulSet"

    def sync(self, namespace: str, name: str, /) -> None:
        """One step: create, delete or replace what is next; then the status."""
        stateful_set = self.access.get(self.kind, namespace, name)
        if stateful_set is None:
            return
        pods = [pod for pod in self.claim(stateful_set, PODS) if _ordinal(stateful_set, pod) is not None]
        history = History(self, stateful_set, label="controller.kubernetes.io/hash")
        collisions = (stateful_set.get("status") or {}).get("collisionCount", 0)
        update, collisions = history.current(collisions)
        current = history.find((stateful_set.get("status") or {}).get("currentRevision", "")) or update
        step = _Step(self, stateful_set, pods, history, current, update)
        if "deletionTimestamp" not in stateful_set["metadata"] and step.run():
            return  # what happened to the pods leads here again
        step.write(collisions)
        live = {current["metadata"]["name"], update["metadata"]["name"]}
        history.truncate(live | {(pod["metadata"].get("labels") or {}).get(_HASH, "") for pod in pods})


def _ordinal(stateful_set: Object, pod: Object) -> int | None:
    prefix, _, number = pod["metadata"]["name"].rpartition("-")
    if prefix != stateful_set["metadata"]["name"] or not number.isdecimal():
        return None
    return int(number)


class _Step:
    """One look at one StatefulSet."""

    def __init__(
        self,
        controller: StatefulSets,
        stateful_set: Object,
        pods: list[Object],
        history: History,
        current: Object,
        update: Object,
    ) -> None:
        self._controller = controller
        self._set = stateful_set
        self._spec = stateful_set["spec"]
        self._pods = {_ordinal(stateful_set, pod) or 0: pod for pod in pods}
        self._history = history
        self._current = current
        self._update = update
        self._now = controller.access.time()
        self._first = (self._spec.get("ordinals") or {}).get("start", 0)
        self._size = self._spec.get("replicas", 1)
        self._in_order = self._spec.get("podManagementPolicy", "OrderedReady") == "OrderedReady"

    def run(self) -> bool:
        """Do what is next; whether pods were created or deleted."""
        wanted = range(self._first, self._first + self._size)
        changed = False
        for ordinal in wanted:
            done = self._keep(ordinal)
            changed = changed or done is True
            if done is not None and self._in_order:
                return changed
        if changed:
            return True
        surplus = sorted((one for one in self._pods if one not in wanted), reverse=True)
        return self._shrink(surplus) or self._replace(wanted)

    def _keep(self, ordinal: int) -> bool | None:
        """See to one pod: True if something was done, False if it must be waited for, None if all is well."""
        pod = self._pods.get(ordinal)
        if pod is None:
            self._create(ordinal)
            return True
        phase = (pod.get("status") or {}).get("phase")
        if phase in ("Failed", "Succeeded") and "deletionTimestamp" not in pod["metadata"]:
            return self._delete(pod)
        if phase == "Pending":
            self._create_claims(ordinal)
        if "deletionTimestamp" in pod["metadata"] or not self._is_available(pod):
            return False
        return None

    def _is_available(self, pod: Object) -> bool:
        running = (pod.get("status") or {}).get("phase") == "Running"
        return running and is_available(pod, self._spec.get("minReadySeconds", 0), self._now)

    def _shrink(self, surplus: list[int]) -> bool:
        for ordinal in surplus:
            pod = self._pods[ordinal]
            going = "deletionTimestamp" in pod["metadata"]
            if not going:
                self._leave_claims(pod, ordinal)
            changed = not going and self._delete(pod)
            if self._in_order:
                return changed
        return False

    def _leave_claims(self, pod: Object, ordinal: int) -> None:
        """Let the claims of a pod go with it, if the set wants that when it gets smaller."""
        if (self._spec.get("persistentVolumeClaimRetentionPolicy") or {}).get("whenScaled") != "Delete":
            return

        def give(claim: Object) -> None:
            claim["metadata"]["ownerReferences"] = [owner_reference(pod)]

        for template in self._spec.get("volumeClaimTemplates") or ():
            name = self._claim_name(template["metadata"]["name"], ordinal)
            claim = self._controller.access.get(_CLAIMS, self._set["metadata"]["namespace"], name)
            if claim is not None:
                self._controller.access.edit(_CLAIMS, claim, give)

    def _replace(self, wanted: range) -> bool:
        """Delete the last pod that isn't of the newest revision, one at a time."""
        strategy = self._spec.get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return False
        partition = (strategy.get("rollingUpdate") or {}).get("partition", 0)
        for ordinal in reversed(wanted):
            if ordinal - self._first < partition:
                break
            pod = self._pods.get(ordinal)
            if pod is None:
                return False
            if _revision(pod) != self._update["metadata"]["name"] and "deletionTimestamp" not in pod["metadata"]:
                return self._delete(pod)
            if not self._is_available(pod):
                return False
        return False

    def _delete(self, pod: Object) -> bool:
        name = pod["metadata"]["name"]
        if self._controller.access.delete(PODS, pod):
            text = f"Delete Pod {name} in StatefulSet {self._set['metadata']['name']} successful"
            self._controller.event(self._set, "SuccessfulDelete", text)
        return True

    def _create(self, ordinal: int) -> None:
        name, owner = f"{self._set['metadata']['name']}-{ordinal}", self._set["metadata"]["name"]
        try:
            self._create_claims(ordinal)
            pod = self._pod(ordinal, name)
            self._controller.check_account(pod)
            self._controller.access.create(PODS, pod)
        except Problem as problem:
            text = f"Create Pod {name} in StatefulSet {owner} failed error: {problem.message}"
            self._controller.event(self._set, "FailedCreate", text, "Warning")
            raise
        self._controller.event(self._set, "SuccessfulCreate", f"Create Pod {name} in StatefulSet {owner} successful")

    def _pod(self, ordinal: int, name: str) -> Object:
        revision = self._current if self._is_of_old_revision(ordinal) else self._update
        template = self._history.template(revision)
        pod = pod_from(template, self._set)
        pod["metadata"]["name"] = name
        labels = pod["metadata"].setdefault("labels", {})
        labels.update({_POD_NAME: name, _POD_INDEX: str(ordinal), _HASH: revision["metadata"]["name"]})
        spec = pod["spec"]
        spec["hostname"] = name
        if self._spec.get("serviceName"):
            spec["subdomain"] = self._spec["serviceName"]
        templates = {one["metadata"]["name"] for one in self._spec.get("volumeClaimTemplates") or ()}
        claimed = [
            {"name": one, "persistentVolumeClaim": {"claimName": self._claim_name(one, ordinal)}}
            for one in sorted(templates)
        ]
        volumes = claimed + [one for one in spec.get("volumes") or () if one["name"] not in templates]
        if volumes:
            spec["volumes"] = volumes
        return pod

    def _is_of_old_revision(self, ordinal: int) -> bool:
        strategy = self._spec.get("updateStrategy") or {}
        if strategy.get("type") != "RollingUpdate":
            return False
        rolling = strategy.get("rollingUpdate")
        limit = (
            (self._set.get("status") or {}).get("currentReplicas", 0)
            if rolling is None
            else rolling.get("partition", 0)
        )
        return bool(ordinal < self._first + limit)

    def _claim_name(self, volume: str, ordinal: int) -> str:
        return f"{volume}-{self._set['metadata']['name']}-{ordinal}"

    def _create_claims(self, ordinal: int) -> None:
        namespace, owner = self._set["metadata"]["namespace"], self._set["metadata"]["name"]
        for template in self._spec.get("volumeClaimTemplates") or ():
            name = self._claim_name(template["metadata"]["name"], ordinal)
            if self._controller.access.get(_CLAIMS, namespace, name) is not None:
                continue
            claim = copy(template)
            claim.pop("status", None)
            metadata = claim["metadata"]
            metadata.update(name=name, namespace=namespace)
            selected = (self._spec.get("selector") or {}).get("matchLabels") or {}
            if selected or metadata.get("labels"):
                metadata["labels"] = {**(metadata.get("labels") or {}), **selected}
            if (self._spec.get("persistentVolumeClaimRetentionPolicy") or {}).get("whenDeleted") == "Delete":
                metadata["ownerReferences"] = [owner_reference(self._set)]
            self._controller.access.create(_CLAIMS, {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim})
            pod = f"{owner}-{ordinal}"
            text = f"Create Claim {name} Pod {pod} in StatefulSet {owner} success"
            self._controller.event(self._set, "SuccessfulCreate", text)

    def write(self, collisions: int) -> None:
        """Say how far it is."""
        pods = list(self._pods.values())
        ready = [pod for pod in pods if (pod.get("status") or {}).get("phase") == "Running" and is_ready(pod)]
        staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        current, update = self._current["metadata"]["name"], self._update["metadata"]["name"]
        available = [pod for pod in ready if self._is_available(pod)]
        status: Object = {
            "observedGeneration": self._set["metadata"].get("generation", 0),
            "replicas": len(pods),
            "readyReplicas": len(ready),
            "currentReplicas": sum(_revision(pod) == current for pod in staying),
            "updatedReplicas": sum(_revision(pod) == update for pod in staying),
            "currentRevision": current,
            "updateRevision": update,
            "collisionCount": collisions,
            "availableReplicas": len(available),
        }
        self._complete(status)
        status = without_empty(status, ("replicas", "collisionCount", "availableReplicas"))
        if status != self._set.get("status"):
            self._controller.access.write_status(self._controller.kind, self._set, status)
        if len(available) < len(ready):
            first = min(ready_since(pod) for pod in ready if pod not in available)
            left = first + self._spec.get("minReadySeconds", 0) - self._now
            self._controller.enqueue(*key_of(self._set), after=max(left, 0.01), awaited=True)

    def _complete(self, status: Object) -> None:
        """When all pods are of the newest revision, that is the current one."""
        counts = (status[name] for name in ("updatedReplicas", "readyReplicas", "replicas"))
        rolling = (self._spec.get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate"
        if rolling and all(one == self._size for one in counts):
            status["currentReplicas"] = status["updatedReplicas"]
            status["currentRevision"] = status["updateRevision"]


def _revision(pod: Object) -> str:
    return str((pod["metadata"].get("labels") or {}).get(_HASH, ""))
