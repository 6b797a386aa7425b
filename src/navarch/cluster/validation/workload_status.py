"""The status of workloads, as controllers report it."""

from __future__ import annotations

from navarch.cluster.validation.errors import OMITTED, as_json, duplicate, invalid, required
from navarch.cluster.validation.job_policies import read_indexes, read_interval
from navarch.cluster.validation.jobs import is_true
from navarch.cluster.validation.metadata import check_nonnegative, check_update

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "updating_controller",
    "updating_daemons",
    "updating_deployment",
    "updating_job",
    "updating_replicas",
    "updating_stateful",
]

_BELOW = "cannot be greater than status.replicas"


def _check_counts(errors: list[FieldError], status: Object, keys: str) -> None:
    for key in keys.split():
        check_nonnegative(errors, f"status.{key}", status.get(key))


def _check_below(errors: list[FieldError], status: Object, keys: str, ready: str) -> None:
    """None of them above the replicas, nor more available than ready; `ready` is how that is named."""
    errors.extend(
        [
            invalid(f"status.{key}", status.get(key, 0), _BELOW)
            for key in keys.split()
            if status.get(key, 0) > status.get("replicas", 0)
        ]
    )
    available = status.get("availableReplicas", 0)
    if available > status.get("readyReplicas", 0):
        errors.append(invalid("status.availableReplicas", available, f"cannot be greater than {ready}"))


def _check_meta(errors: list[FieldError], new: Object, old: Object) -> None:
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})


def _check_collisions(errors: list[FieldError], status: Object, old: Object) -> None:
    count, before = status.get("collisionCount"), (old.get("status") or {}).get("collisionCount")
    if before is not None and (count is None or count < before):
        errors.append(invalid("status.collisionCount", count or 0, "cannot be decremented"))


def updating_deployment(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateDeploymentStatusUpdate."""
    _check_meta(errors, new, old)
    status = new.get("status") or {}
    keys = (
        "observedGeneration replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas "
        "terminatingReplicas collisionCount"
    )
    _check_counts(errors, status, keys)
    _check_below(errors, status, "updatedReplicas readyReplicas availableReplicas", "readyReplicas")
    _check_collisions(errors, status, old)


def updating_replicas(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateReplicaSetStatusUpdate."""
    updating_controller(errors, new, old, "terminatingReplicas")


def updating_controller(errors: list[FieldError], new: Object, old: Object, more: str = "") -> None:
    """ValidateReplicationControllerStatusUpdate."""
    _check_meta(errors, new, old)
    status = new.get("status") or {}
    keys = "replicas fullyLabeledReplicas readyReplicas availableReplicas observedGeneration "
    _check_counts(errors, status, keys + more)
    _check_below(errors, status, "fullyLabeledReplicas readyReplicas availableReplicas", "readyReplicas")


def updating_stateful(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateStatefulSetStatusUpdate."""
    status = new.get("status") or {}
    keys = "replicas readyReplicas currentReplicas updatedReplicas availableReplicas observedGeneration collisionCount"
    _check_counts(errors, status, keys)
    below = "readyReplicas currentReplicas updatedReplicas availableReplicas"
    _check_below(errors, status, below, "status.readyReplicas")
    _check_meta(errors, new, old)
    _check_collisions(errors, status, old)


def updating_daemons(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateDaemonSetStatusUpdate."""
    _check_meta(errors, new, old)
    status = new.get("status") or {}
    keys = (
        "currentNumberScheduled numberMisscheduled desiredNumberScheduled numberReady observedGeneration "
        "updatedNumberScheduled numberAvailable numberUnavailable collisionCount"
    )
    _check_counts(errors, status, keys)
    _check_collisions(errors, status, old)


class _Job:
    """A Job before or after, as its status tells."""

    __slots__ = ("complete", "failed", "failing", "finished", "met", "status")

    def __init__(self, job: Object) -> None:
        self.status: Object = job.get("status") or {}
        self.complete = is_true(job, "Complete")
        self.failed = is_true(job, "Failed")
        self.failing = is_true(job, "FailureTarget")
        self.met = is_true(job, "SuccessCriteriaMet")
        self.finished = self.complete or self.failed


def updating_job(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateJobUpdateStatus; much is looked at only where it has changed."""
    _check_meta(errors, new, old)
    now, before, spec = _Job(new), _Job(old), new.get("spec") or {}
    status, was = now.status, before.status
    _check_counts(errors, status, "active succeeded failed ready terminating")
    _check_uncounted(errors, status.get("uncountedTerminatedPods"))
    changed = {key for key in {*status, *was} if status.get(key) != was.get(key)}
    done = now.finished != before.finished
    _check_completion(errors, now, before, changed)
    resumed = now.failed != before.failed or "failedIndexes" in changed
    if resumed and now.failed and not now.failing:
        _conditions(errors, "cannot set Failed=True condition without the FailureTarget=true condition")
    met = now.complete != before.complete or now.met != before.met
    if met and now.complete and not now.met:
        _conditions(errors, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition")
    _check_finished(errors, now, changed, done, spec)
    _check_indexes(errors, spec, status, changed)
    terminating, ready, active = status.get("terminating") or 0, status.get("ready"), status.get("active", 0)
    if (done or "terminating" in changed) and terminating > 0 and now.finished:
        errors.append(invalid("status.terminating", terminating, "terminating>0 is invalid for finished job"))
    if changed & {"ready", "active"} and ready is not None and ready > active:
        errors.append(invalid("status.ready", ready, "cannot set more ready pods than active"))
    _check_criteria(errors, now, spec)
    _check_kept(errors, new, now, before, changed, _is_resuming(new, old))


def _conditions(errors: list[FieldError], detail: str) -> None:
    errors.append(invalid("status.conditions", OMITTED, detail))


def _check_uncounted(errors: list[FieldError], uncounted: Object | None) -> None:
    seen: set[str] = set()
    for key in ("succeeded", "failed"):
        for at, one in enumerate((uncounted or {}).get(key) or ()):
            path = f"status.uncountedTerminatedPods.{key}[{at}]"
            if not one:
                errors.append(invalid(path, as_json(one), "must not be empty"))
            elif one in seen:
                errors.append(duplicate(path, as_json(one)))
            seen.add(one)


def _check_completion(errors: list[FieldError], now: _Job, before: _Job, changed: set[str]) -> None:
    status = now.status
    ended, started, path = status.get("completionTime"), status.get("startTime"), "status.completionTime"
    completed = now.complete != before.complete
    if (completed or now.failed != before.failed) and now.complete and now.failed:
        _conditions(errors, "cannot set Complete=True and Failed=true conditions")
    if (completed or now.failing != before.failing) and now.complete and now.failing:
        _conditions(errors, "cannot set Complete=True and FailureTarget=true conditions")
    if completed or "completionTime" in changed:
        if ended is not None and not now.complete:
            detail = "cannot set completionTime when there is no Complete=True condition"
            errors.append(invalid(path, as_json(ended), detail))
        if ended is None and now.complete:
            errors.append(required(path, "completionTime is required for Complete jobs"))
    if changed & {"startTime", "completionTime"} and started and ended and ended < started:
        errors.append(invalid(path, as_json(ended), "must be equal to or after `startTime`"))


def _check_finished(errors: list[FieldError], now: _Job, changed: set[str], done: bool, spec: Object) -> None:
    status = now.status
    if not now.finished:
        return
    if (done or "active" in changed) and status.get("active", 0) > 0:
        errors.append(invalid("status.active", status["active"], "active>0 is invalid for finished job"))
    empty = spec.get("suspend") is True and spec.get("completions") == 0
    if (done or "startTime" in changed) and not empty and status.get("startTime") is None:
        errors.append(required("status.startTime", "startTime is required for finished job"))
    uncounted = status.get("uncountedTerminatedPods")
    if (done or "uncountedTerminatedPods" in changed) and any((uncounted or {}).values()):
        from navarch.cluster.validation.internal import show

        shown = show("batch.UncountedTerminatedPods", uncounted)
        errors.append(invalid("status.uncountedTerminatedPods", shown, "must be empty for finished job"))


def _check_indexes(errors: list[FieldError], spec: Object, status: Object, changed: set[str]) -> None:
    count, limit = spec.get("completions"), spec.get("backoffLimitPerIndex")
    completed, failed = status.get("completedIndexes", ""), status.get("failedIndexes")
    done, lost = "status.completedIndexes", "status.failedIndexes"
    if "completedIndexes" in changed and count is not None:
        why = read_indexes(completed, count)[1]
        if why:
            errors.append(invalid(done, completed, f"error parsing completedIndexes: {why}"))
    if "failedIndexes" in changed and count is not None and limit is not None and failed is not None:
        why = read_indexes(failed, count)[1]
        if why:
            errors.append(invalid(lost, as_json(failed), f"error parsing failedIndexes: {why}"))
    if "completedIndexes" in changed and completed and spec.get("completionMode") != "Indexed":
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        errors.append(invalid(done, completed, detail))
    if "failedIndexes" in changed and limit is None and failed is not None:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        errors.append(invalid(lost, failed, detail))
    if changed & {"failedIndexes", "completedIndexes"} and count is not None and failed:
        place = _overlap(completed, failed, count)
        if place is not None:
            detail = f"failedIndexes and completedIndexes overlap at index: {place}"
            errors.append(invalid(lost, failed, detail))


def _overlap(one: str, two: str, count: int) -> int | None:
    """`validateFailedIndexesNotOverlapCompleted`: the first index that is in both; unreadable parts are passed over."""
    left, right = [
        [(first, end) for first, end, why in [read_interval(part, count) for part in text.split(",")] if not why]
        for text in (one, two)
    ]
    while left and right:
        (a, b), (c, d) = left[0], right[0]
        if a <= d and c <= b:
            return max(a, c)
        (left if a <= c else right).pop(0)
    return None


def _check_criteria(errors: list[FieldError], now: _Job, spec: Object) -> None:
    if now.met and now.failed:
        _conditions(errors, "cannot set SuccessCriteriaMet=True and Failed=true conditions")
    if now.met and now.failing:
        _conditions(errors, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
    if spec.get("successPolicy") is not None and not now.met and now.complete:
        detail = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
        _conditions(errors, detail)


def _is_resuming(new: Object, old: Object) -> bool:
    conditions = (new.get("status") or {}).get("conditions") or ()
    awake = any(one.get("type") == "Suspended" and one.get("status") == "False" for one in conditions)
    return awake and is_true(old, "Suspended")


def _check_kept(
    errors: list[FieldError], new: Object, now: _Job, before: _Job, changed: set[str], resuming: bool
) -> None:
    status, was, spec = now.status, before.status, new.get("spec") or {}
    for name, earlier, later in (
        ("Failed", before.failed, now.failed),
        ("Complete", before.complete, now.complete),
        ("FailureTarget", before.failing, now.failing),
    ):
        if earlier and not later:
            _conditions(errors, f"cannot disable the terminal {name}=True condition")
    elastic = spec.get("completionMode") == "Indexed" and spec.get("completions") == spec.get("parallelism")
    errors.extend(
        [
            invalid(f"status.{key}", status.get(key, 0), f"cannot decrease the {key} counter")
            for key in ("failed", "succeeded")
            if status.get(key, 0) < was.get(key, 0) and (key == "failed" or not elastic)
        ]
    )
    ended = status.get("completionTime")
    if ended is not None and was.get("completionTime") not in {None, ended}:
        errors.append(invalid("status.completionTime", as_json(ended), "field is immutable"))
    if "startTime" in changed and was.get("startTime") is not None and not resuming and not spec.get("suspend"):
        detail = "field is immutable for unsuspended job once set"
        errors.append(invalid("status.startTime", as_json(status.get("startTime")), detail))
    if before.met and not now.met:
        _conditions(errors, "cannot disable the SuccessCriteriaMet=True condition")
    if before.complete and not before.met and now.met:
        _conditions(errors, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions")
