"""One look at one Job that isn't finished: count its pods, decide, act, report."""

from __future__ import annotations

from navarch.cluster.controllers.children import deletion_order, is_terminating_namespace, pod_from
from navarch.cluster.controllers.faults import TIME_FACTOR, is_hopeless
from navarch.cluster.controllers.job_indexes import INDEX, failed_count, format_indexes, index_of, parse_indexes
from navarch.cluster.controllers.job_policies import failed_by_policy, is_counted, succeeded_by_policy
from navarch.cluster.controllers.manager import PODS
from navarch.cluster.controllers.objects import condition, is_active, is_ready, key_of, seconds
from navarch.cluster.problems import Problem
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.jobs import Jobs

    Object = dict[str, Any]

__all__ = ["FINALIZER", "JobStep"]

FINALIZER = "batch.kubernetes.io/job-tracking"  # keeps a pod until it is counted
_FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count"
_BACK_OFF, _LONGEST_BACK_OFF = 10.0, 600.0  # seconds between a failed pod and the next one


class JobStep:
    """One look at one Job that isn't finished."""

    def __init__(self, controller: Jobs, job: Object, pods: list[Object]) -> None:
        self._controller = controller
        self._job = job
        self._spec = job["spec"]
        self._status: Object = copy(job.get("status") or {})
        self._now = controller.access.now()
        self._pods = pods
        self._active = [pod for pod in pods if is_active(pod)]
        self._indexed = self._spec.get("completionMode") == "Indexed"
        self._completed = parse_indexes(self._status.get("completedIndexes", ""))
        self._failed_indexes = parse_indexes(self._status.get("failedIndexes", ""))
        self._ended: Object | None = None

    def run(self) -> None:
        """Count, decide, act, report."""
        if not self._spec.get("suspend") and "startTime" not in self._status:
            self._status["startTime"] = self._now
        counted = self._count()
        self._ended = self._verdict()
        problem = None
        if self._ended is not None:
            self._delete(self._active, "")
        elif "deletionTimestamp" not in self._job["metadata"]:
            problem = self._manage()
            if self._ended is None and self._is_complete():
                self._ended = self._condition(
                    "SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods"
                )
        self._suspension()
        self._report(counted)
        if problem is not None:
            raise problem

    def _condition(self, kind: str, reason: str, message: str, status: str = "True") -> Object:
        return {
            "type": kind,
            "status": status,
            "lastProbeTime": self._now,
            "lastTransitionTime": self._now,
            "reason": reason,
            "message": message,
        }

    def _count(self) -> list[Object]:
        """Add the pods that have ended since to the counts; these pods."""
        counted = []
        for pod in self._pods:
            if FINALIZER not in (pod["metadata"].get("finalizers") or ()):
                continue
            phase = (pod.get("status") or {}).get("phase")
            if phase == "Succeeded":
                self._count_success(pod)
            elif phase == "Failed" or "deletionTimestamp" in pod["metadata"]:
                self._count_failure(pod)
            else:
                continue
            counted.append(pod)
        return counted

    def _count_success(self, pod: Object) -> None:
        if self._indexed:
            index = index_of(pod)
            if index is not None and index < self._spec.get("completions", 1):
                self._completed.add(index)
            self._status["succeeded"] = len(self._completed)
        else:
            self._status["succeeded"] = self._status.get("succeeded", 0) + 1

    def _count_failure(self, pod: Object) -> None:
        if not is_counted(self._spec, pod):
            return
        self._status["failed"] = self._status.get("failed", 0) + 1
        limit, index = self._spec.get("backoffLimitPerIndex"), index_of(pod)
        if limit is not None and index is not None and failed_count(pod) >= limit:
            self._failed_indexes.add(index)

    def _verdict(self) -> Object | None:
        """The condition of the end, if it has come."""
        for kind in ("SuccessCriteriaMet", "FailureTarget"):
            known = condition(self._status, kind)
            if known is not None and known["status"] == "True":
                return known
        text = failed_by_policy(self._spec, self._pods)
        if text:
            return self._condition("FailureTarget", "PodFailurePolicy", text)
        if self._status.get("failed", 0) > self._spec.get("backoffLimit", 6) or self._is_restarted_too_often():
            return self._condition(
                "FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit"
            )
        if self._is_too_late():
            return self._condition("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline")
        return self._verdict_by_index() if self._indexed else None

    def _verdict_by_index(self) -> Object | None:
        failed, limit = len(self._failed_indexes), self._spec.get("maxFailedIndexes")
        if limit is not None and failed > limit:
            text = "Job has exceeded the specified maximal number of failed indexes"
            return self._condition("FailureTarget", "MaxFailedIndexesExceeded", text)
        if failed and failed + len(self._completed) >= self._spec.get("completions", 1):
            return self._condition("FailureTarget", "FailedIndexes", "Job has failed indexes")
        text = succeeded_by_policy(self._spec, self._completed)
        return self._condition("SuccessCriteriaMet", "SuccessPolicy", text) if text else None

    def _is_restarted_too_often(self) -> bool:
        if (self._spec["template"].get("spec") or {}).get("restartPolicy") != "OnFailure":
            return False
        restarts = 0
        for pod in self._active:
            status = pod.get("status") or {}
            for name in ("initContainerStatuses", "containerStatuses"):
                restarts += sum(one.get("restartCount", 0) for one in status.get(name) or ())
        limit = self._spec.get("backoffLimit", 6)
        return bool(restarts > 0 if limit == 0 else restarts >= limit)

    def _is_too_late(self) -> bool:
        limit = self._spec.get("activeDeadlineSeconds")
        if limit is None or self._spec.get("suspend") or "startTime" not in self._status:
            return False
        left = seconds(self._status["startTime"]) + limit - self._controller.access.time()
        if left > 0:
            self._controller.enqueue(*key_of(self._job), after=left)
        return bool(left <= 0)

    def _wanted(self) -> int:
        """How many pods should be running."""
        parallel, succeeded = self._spec.get("parallelism", 1), self._status.get("succeeded", 0)
        completions = self._spec.get("completions")
        if completions is None:
            return len(self._active) if succeeded else parallel
        left = completions - succeeded - (len(self._failed_indexes) if self._indexed else 0)
        return int(max(0, min(parallel, left)))

    def _manage(self) -> Problem | None:
        """Create or delete pods; what kept them from being created."""
        if self._spec.get("suspend"):
            self._delete(self._active, "suspended")
            self._active = []
            return None
        missing = self._wanted() - len(self._active)
        if missing < 0:
            surplus = deletion_order(self._active)[:-missing]
            self._delete(surplus, "surplus")
            self._active = [pod for pod in self._active if pod not in surplus]
        wait = self._back_off() if missing > 0 else 0.0
        if wait > 0:
            self._controller.enqueue(*key_of(self._job), after=wait, awaited=wait < 10)
            return None
        try:
            for index in self._next_indexes(missing):
                self._active.append(self._controller.create_reported(self._job, self._pod(index)))
        except Problem as problem:
            return None if is_terminating_namespace(problem) else problem
        return None

    def _back_off(self) -> float:
        """Seconds until the pod after a failed one may be created."""
        failed = [pod for pod in self._pods if (pod.get("status") or {}).get("phase") == "Failed"]
        count = self._status.get("failed", 0)
        if not failed or not count:
            return 0.0
        delay = min(_BACK_OFF * 2 ** (min(count, 10) - 1), _LONGEST_BACK_OFF)
        if is_hopeless(self._spec["template"]):
            delay /= TIME_FACTOR
        return float(max(map(_finished_at, failed)) + delay - self._controller.access.time())

    def _next_indexes(self, missing: int) -> list[int | None]:
        if missing <= 0:
            return []
        if not self._indexed:
            return [None] * missing
        used = {index_of(pod) for pod in self._active} | self._completed | self._failed_indexes
        free = (index for index in range(self._spec.get("completions", 1)) if index not in used)
        return [index for index, _ in zip(free, range(missing), strict=False)]

    def _pod(self, index: int | None) -> Object:
        pod = pod_from(self._spec["template"], self._job)
        metadata = pod["metadata"]
        metadata["finalizers"] = [*(metadata.get("finalizers") or ()), FINALIZER]
        if index is None:
            return pod
        name = self._job["metadata"]["name"]
        metadata.setdefault("annotations", {})[INDEX] = str(index)
        metadata.setdefault("labels", {})[INDEX] = str(index)
        metadata["generateName"] = f"{name}-{index}-"
        pod["spec"]["hostname"] = f"{name}-{index}"
        if self._spec.get("backoffLimitPerIndex") is not None:
            failures = [failed_count(pod) + 1 for pod in self._pods if index_of(pod) == index]
            metadata["annotations"][_FAILURE_COUNT] = str(max(failures, default=0))
        source = {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}}
        for container in (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]):
            if all(one["name"] != "JOB_COMPLETION_INDEX" for one in container.get("env") or ()):
                container.setdefault("env", []).append({"name": "JOB_COMPLETION_INDEX", "valueFrom": source})
        return pod

    def _delete(self, pods: list[Object], why: str) -> None:
        for pod in pods:
            if why:
                self._controller.let_go(pod)
            self._controller.delete_reported(self._job, pod)

    def _is_complete(self) -> bool:
        succeeded, completions = self._status.get("succeeded", 0), self._spec.get("completions")
        if self._active:
            return False
        return bool(succeeded > 0 if completions is None else succeeded >= completions)

    def _suspension(self) -> None:
        """The condition Suspended, and the event when it changes."""
        if self._ended is not None:
            return
        known, suspended = condition(self._status, "Suspended"), bool(self._spec.get("suspend"))
        if (known is None and not suspended) or (known is not None and (known["status"] == "True") == suspended):
            return
        told = ("True", "JobSuspended", "Job suspended") if suspended else ("False", "JobResumed", "Job resumed")
        self._put(self._condition("Suspended", told[1], told[2], told[0]))
        self._controller.event(self._job, "Suspended" if suspended else "Resumed", told[2])
        if suspended:
            self._status.pop("startTime", None)
        else:
            self._status["startTime"] = self._now

    def _put(self, made: Object) -> None:
        conditions = self._status.setdefault("conditions", [])
        for at, one in enumerate(conditions):
            if one["type"] == made["type"]:
                conditions[at] = made
                return
        conditions.append(made)

    def _report(self, counted: list[Object]) -> None:
        """Write the status, let go of the pods that were counted, and end the Job when none is left."""
        terminating = [
            pod
            for pod in self._pods
            if "deletionTimestamp" in pod["metadata"]
            and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        ]
        if self._ended is not None:
            self._put(self._ended)
            self._status.pop("active", None)
            self._status["ready"] = 0
        else:
            self._number("active", len(self._active))
            self._status["ready"] = sum(map(is_ready, self._active))
        self._status["terminating"] = len(terminating)
        self._status["uncountedTerminatedPods"] = {}
        if self._indexed:
            self._text("completedIndexes", format_indexes(self._completed))
        if self._spec.get("backoffLimitPerIndex") is not None:
            self._status["failedIndexes"] = format_indexes(self._failed_indexes)
        over = self._ended is not None and not terminating
        over = over and not any(self._still_there(pod) for pod in self._active)
        if over and self._ended is not None:
            self._finish(self._ended)
        written = self._job
        if self._status != self._job.get("status"):
            written = self._controller.access.write_status(self._controller.kind, self._job, self._status)
        for pod in counted:
            self._controller.let_go(self._controller.access.get(PODS, *key_of(pod)))
        if over:
            self._controller.expire(written)

    def _still_there(self, pod: Object) -> bool:
        """Whether a pod that was deleted still has to be counted."""
        found = self._controller.access.get(PODS, *key_of(pod))
        return found is not None and FINALIZER in (found["metadata"].get("finalizers") or ())

    def _number(self, name: str, number: int) -> None:
        if number:
            self._status[name] = number
        else:
            self._status.pop(name, None)

    def _text(self, name: str, text: str) -> None:
        if text:
            self._status[name] = text
        else:
            self._status.pop(name, None)

    def _finish(self, ended: Object) -> None:
        success = ended["type"] == "SuccessCriteriaMet"
        self._put(self._condition("Complete" if success else "Failed", ended["reason"], ended["message"]))
        if not success:
            self._controller.event(self._job, ended["reason"], ended["message"], "Warning")
            return
        self._status["completionTime"] = self._now
        completions = self._spec.get("completions")
        if completions is not None and self._status.get("succeeded", 0) > completions:
            text = "Too many succeeded pods running after completion count reached"
            self._controller.event(self._job, "TooManySucceededPods", text, "Warning")
        self._controller.event(self._job, "Completed", "Job completed")


def _finished_at(pod: Object) -> float:
    ends = [
        (one["state"].get("terminated") or {}).get("finishedAt") for one in pod["status"].get("containerStatuses") or ()
    ]
    return max((seconds(one) for one in ends), default=0.0) or seconds(pod["metadata"].get("creationTimestamp"))
