"""Jobs: pods until enough of them have succeeded, or too many have failed."""

from __future__ import annotations

from navarch.cluster.controllers.children import Parent
from navarch.cluster.controllers.job_step import FINALIZER, JobStep
from navarch.cluster.controllers.manager import PODS
from navarch.cluster.controllers.objects import condition, key_of, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["Jobs", "is_finished"]

_MANAGED_BY = "kubernetes.io/job-controller"


def is_finished(job: Object) -> bool:
    """Whether a Job has come to its end."""
    found = (condition(job.get("status"), kind) for kind in ("Complete", "Failed"))
    return any(one is not None and one.get("status") == "True" for one in found)


class Jobs(Parent):
    """Runs each Job's pods and counts them."""

    name = "jobs"
    rank = 4
    kind = ("batch", "jobs")
    watches = (PODS,)
    component = "job-controller"
    owner_kind = "Job"

    def adopt(self, owner: Object, obj: Object) -> None:
        """Pods are counted before they may go."""
        super().adopt(owner, obj)
        obj["metadata"].setdefault("finalizers", []).append(FINALIZER)

    def sync(self, namespace: str, name: str, /) -> None:
        """Count the pods, create or delete some, and say how far it is."""
        job = self.access.get(self.kind, namespace, name)
        if job is None:
            for place in self.owners.free(PODS, namespace):
                self.let_go(self.access.get(*place))
            return
        if job["spec"].get("managedBy", _MANAGED_BY) != _MANAGED_BY:
            return
        pods = self.claim(job, PODS)
        if is_finished(job):
            for pod in pods:
                self.let_go(pod)
            self.expire(job)
            return
        JobStep(self, job, pods).run()

    def let_go(self, pod: Object | None) -> None:
        """Take the finalizer from a pod that is counted, or that nobody counts."""
        if pod is not None and FINALIZER in (pod["metadata"].get("finalizers") or ()):
            self.access.edit(PODS, pod, _without_finalizer)

    def expire(self, job: Object) -> None:
        """Delete a finished Job when its time is over."""
        limit = job["spec"].get("ttlSecondsAfterFinished")
        if limit is None or "deletionTimestamp" in job["metadata"]:
            return
        ends = [one for one in job["status"].get("conditions") or () if one["type"] in ("Complete", "Failed")]
        left = max(seconds(one["lastTransitionTime"]) for one in ends) + limit - self.access.time()
        if left <= 0:
            self.access.delete(self.kind, job, propagation="Foreground")
        else:
            self.enqueue(*key_of(job), after=left)


def _without_finalizer(pod: Object) -> None:
    left = [one for one in pod["metadata"]["finalizers"] if one != FINALIZER]
    if left:
        pod["metadata"]["finalizers"] = left
    else:
        del pod["metadata"]["finalizers"]
