"""Deployments: a ReplicaSet for each template, and how one takes over from another."""

from __future__ import annotations

from navarch.cluster.controllers import rollout
from navarch.cluster.controllers.children import Parent, is_terminating_namespace
from navarch.cluster.controllers.deployment_status import new_status, progress, set_condition
from navarch.cluster.controllers.faults import TIME_FACTOR, is_hopeless
from navarch.cluster.controllers.manager import PODS, Change
from navarch.cluster.controllers.objects import (
    condition,
    controller_of,
    hash_of,
    is_active,
    key_of,
    most,
    owner_reference,
    seconds,
)
from navarch.cluster.problems import Problem
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["Deployments"]

_REPLICA_SETS = ("apps", "replicasets")
_HASH = "pod-template-hash"
_LONGEST = 253


class Deployments(Parent):
    """Rolls out each Deployment's template."""

    name = "deployments"
    rank = 5
    kind = ("apps", "deployments")
    children = (_REPLICA_SETS,)
    watches = (_REPLICA_SETS, PODS)
    component = "deployment-controller"
    owner_kind = "Deployment"

    def observe(self, change: Change) -> None:
        """Pods matter only when they end: a Recreate deployment waits for that."""
        if change.kind != PODS:
            super().observe(change)
        elif change.type == "DELETED":
            for place in self.owners.owners_of((controller_of(change.object) or {}).get("uid", "")):
                if place.kind == self.kind:
                    self.enqueue(place.namespace, place.name)

    def sync(self, namespace: str, name: str, /) -> None:
        """One step of the rollout, or of scaling; then the status."""
        live = self.access.get(self.kind, namespace, name)
        if live is None:
            return
        deployment = copy(live)
        deployment.setdefault("status", {})
        spec = deployment["spec"]
        if spec.get("selector") == {}:
            self.event(
                live,
                "SelectingAll",
                "This deployment is selecting all pods. A non-empty selector is required.",
                "Warning",
            )
            return
        sets = rollout.Sets(deployment, self.claim(live, _REPLICA_SETS))
        if "deletionTimestamp" not in deployment["metadata"]:
            self._pause(deployment)
            self._revise(deployment, sets)
            if not self._step(deployment, sets) or (sets.changed and not sets.begun):
                return  # nothing to say yet: what the sets make of it leads here again
        self._finish(live, deployment, sets)

    def _pause(self, deployment: Object) -> None:
        """Say that it was paused or goes on: neither counts as a lack of progress."""
        if not has_deadline(deployment):
            return
        reason = (condition(deployment["status"], "Progressing") or {}).get("reason")
        paused = bool(deployment["spec"].get("paused"))
        if reason == "ProgressDeadlineExceeded" or paused == (reason == "DeploymentPaused"):
            return
        word = "Paused" if paused else "Resumed"
        self._condition(deployment, "Unknown", f"Deployment{word}", f"Deployment is {word.lower()}")

    def _condition(self, deployment: Object, status: str, reason: str, message: str) -> None:
        set_condition(deployment["status"], "Progressing", status, reason, message, self.access.now())

    def _revise(self, deployment: Object, sets: rollout.Sets) -> None:
        """Keep the newest set's revision and annotations, and the deployment's revision, as they should be."""
        if sets.new is None:
            return
        changed = copy(sets.new)
        rollout.annotate(deployment, changed, sets.next_revision(), exists=True)
        changed["spec"]["minReadySeconds"] = deployment["spec"].get("minReadySeconds", 0)
        if not changed["spec"]["minReadySeconds"] and "minReadySeconds" not in sets.new["spec"]:
            del changed["spec"]["minReadySeconds"]
        if changed != sets.new:
            sets.begun = rollout.revision(changed) != rollout.revision(sets.new)
            sets.replace(sets.new, self.access.update(_REPLICA_SETS, changed))
        annotations = deployment["metadata"].setdefault("annotations", {})
        annotations[rollout.REVISION] = sets.new["metadata"].get("annotations", {}).get(rollout.REVISION, "")
        if has_deadline(deployment) and (sets.begun or condition(deployment["status"], "Progressing") is None):
            # Going back to a set begins anew: a failure of the set that it replaces says nothing about it.
            name = sets.new["metadata"]["name"]
            self._condition(deployment, "True", "FoundNewReplicaSet", f'Found new replica set "{name}"')

    def _step(self, deployment: Object, sets: rollout.Sets) -> bool:
        """Scale or go on with the rollout; False if nothing can be said about it yet."""
        spec = deployment["spec"]
        if spec.get("paused") or rollout.is_scaling(deployment, sets):
            self._scale_all(deployment, sets, rollout.scaling(deployment, sets))
            if spec.get("paused"):
                self._clean(deployment, sets)
            return True
        if (spec.get("strategy") or {}).get("type") == "Recreate":
            return self._recreate(deployment, sets)
        return self._roll(deployment, sets)

    def _roll(self, deployment: Object, sets: rollout.Sets) -> bool:
        if sets.new is None and not self._create(deployment, sets):
            return False
        wanted = rollout.new_size(deployment, sets)
        if self._scale(deployment, sets, sets.new, wanted):
            return True
        if not self._scale_all(deployment, sets, rollout.old_sizes(deployment, sets)):
            self._clean_finished(deployment, sets)
        return True

    def _recreate(self, deployment: Object, sets: rollout.Sets) -> bool:
        stopping = [(one, 0) for one in sets.old if rollout.size(one)]
        if self._scale_all(deployment, sets, stopping) or self._old_pods_run(sets):
            return True
        if sets.new is None and not self._create(deployment, sets):
            return False
        self._scale(deployment, sets, sets.new, rollout.size(deployment))
        self._clean_finished(deployment, sets)
        return True

    def _old_pods_run(self, sets: rollout.Sets) -> bool:
        if any((one.get("status") or {}).get("replicas") for one in sets.old):
            return True
        places = (place for one in sets.old for place in self.owners.owned(one["metadata"]["uid"], PODS))
        pods = (self.access.get(*place) for place in places)
        return any(is_active(pod) or "deletionTimestamp" in pod["metadata"] for pod in pods if pod is not None)

    def _create(self, deployment: Object, sets: rollout.Sets) -> bool:
        """Create the ReplicaSet of the deployment's template; False if it can't be for now."""
        made = self._replica_set(deployment, sets)
        name, revision = made["metadata"]["name"], sets.next_revision()
        try:
            created = self.access.create(_REPLICA_SETS, made)
        except Problem as problem:
            self._refused(deployment, name, problem)
            return False
        sets.new, sets.begun = created, True
        if rollout.size(created):
            self.event(
                deployment, "ScalingReplicaSet", f"Scaled up replica set {name} from 0 to {rollout.size(created)}"
            )
        deployment["metadata"].setdefault("annotations", {})[rollout.REVISION] = str(revision)
        if has_deadline(deployment):
            self._condition(deployment, "True", "NewReplicaSetCreated", f'Created new replica set "{name}"')
        return True

    def _replica_set(self, deployment: Object, sets: rollout.Sets) -> Object:
        spec, metadata = deployment["spec"], deployment["metadata"]
        template = copy(spec["template"])
        digest = hash_of(template, deployment["status"].get("collisionCount"))
        labels = template.setdefault("metadata", {}).setdefault("labels", {})
        labels[_HASH] = digest
        selector = copy(spec["selector"])
        selector.setdefault("matchLabels", {})[_HASH] = digest
        made: Object = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{metadata['name'][: _LONGEST - 1 - len(digest)]}-{digest}",
                "namespace": metadata["namespace"],
                "labels": dict(labels),
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        }
        if spec.get("minReadySeconds"):
            made["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        rollout.annotate(deployment, made, sets.next_revision(), exists=False)
        made["spec"]["replicas"] = rollout.new_size(deployment, sets, made)
        return made

    def _refused(self, deployment: Object, name: str, problem: Problem) -> None:
        """The new set couldn't be created: another one has its name, or the cluster doesn't take it."""
        live = self.access.get(self.kind, *key_of(deployment))
        if live is None or is_terminating_namespace(problem):
            return
        status = deployment["status"]
        if problem.reason == "AlreadyExists":
            status["collisionCount"] = status.get("collisionCount", 0) + 1
        else:
            message = f'Failed to create new replica set "{name}": {problem.message}'
            if has_deadline(deployment):
                self._condition(deployment, "False", "ReplicaSetCreateError", message)
            self.event(deployment, "ReplicaSetCreateError", message, "Warning")
        self.access.write_status(self.kind, live, status)
        raise problem

    def _scale(
        self, deployment: Object, sets: rollout.Sets, one: Object | None, wanted: int, *, annotate: bool = False
    ) -> bool:
        """Give one ReplicaSet another size; whether that was needed."""
        if one is None or (rollout.size(one) == wanted and not annotate):
            return False
        before = rollout.size(one)
        changed = copy(one)
        changed["spec"]["replicas"] = wanted
        rollout.annotate_sizes(deployment, changed)
        if changed == one:
            return False
        sets.replace(one, self.access.update(_REPLICA_SETS, changed))
        if before == wanted:
            return False
        way = "up" if before < wanted else "down"
        name = one["metadata"]["name"]
        self.event(deployment, "ScalingReplicaSet", f"Scaled {way} replica set {name} from {before} to {wanted}")
        return True

    def _scale_all(self, deployment: Object, sets: rollout.Sets, sizes: list[tuple[Object, int]]) -> bool:
        annotate = rollout.is_scaling(deployment, sets)
        scaled = [self._scale(deployment, sets, one, wanted, annotate=annotate) for one, wanted in sizes]
        return any(scaled)

    def _clean_finished(self, deployment: Object, sets: rollout.Sets) -> None:
        if rollout.is_complete(deployment, deployment["status"]):
            self._clean(deployment, sets)

    def _clean(self, deployment: Object, sets: rollout.Sets) -> None:
        """Delete old sets beyond the history limit."""
        limit = deployment["spec"].get("revisionHistoryLimit", most)
        old = [one for one in sets.old if "deletionTimestamp" not in one["metadata"]]
        if limit == most or len(old) <= limit:
            return
        for one in sorted(old, key=rollout.revision_order)[: len(old) - limit]:
            status = one.get("status") or {}
            seen = one["metadata"].get("generation", 0) <= status.get("observedGeneration", 0)
            if seen and not status.get("replicas") and not rollout.size(one):
                self.access.delete(_REPLICA_SETS, one)

    def _finish(self, live: Object, deployment: Object, sets: rollout.Sets) -> None:
        """Write the status, and look again when the deadline has passed."""
        status = new_status(deployment, sets, self.access.now())
        if not deployment["spec"].get("paused"):
            progress(deployment, status, sets, self.access.now(), self._deadline(deployment))
        if status != live.get("status") or deployment["metadata"] != live["metadata"]:
            written = {**live, "metadata": deployment["metadata"]}
            self.access.write_status(self.kind, written, status)
        self._look_again(deployment, status)

    def _deadline(self, deployment: Object) -> float:
        """Seconds without progress after which it has failed; 0 for never. Hopeless pods take less time."""
        if not has_deadline(deployment):
            return 0.0
        limit = float(deployment["spec"]["progressDeadlineSeconds"])
        return max(limit / TIME_FACTOR, 1.0) if is_hopeless(deployment["spec"]["template"]) else limit

    def _look_again(self, deployment: Object, status: Object) -> None:
        found = condition(status, "Progressing")
        if found is None or not has_deadline(deployment) or rollout.is_complete(deployment, status):
            return
        if found["reason"] not in ("ProgressDeadlineExceeded", "NewReplicaSetAvailable", "DeploymentPaused"):
            left = seconds(found["lastUpdateTime"]) + self._deadline(deployment) - self.access.time()
            self.enqueue(*key_of(deployment), after=max(left, 0.0) + 1.0)


def has_deadline(deployment: Object) -> bool:
    """Whether lack of progress is ever called that."""
    return bool(deployment["spec"].get("progressDeadlineSeconds", most) != most)
