"""The rules of each kind that Kubernetes brings along: when is a Deployment, a Job, a Pod as it should be?

`RULES` is what `status.compute` looks kinds up in, after the signs that any object may carry. `completed_job` and
`completed_pod` are the two that Helm has of its own, for hooks and --wait-for-jobs: there a Job or Pod is done when
it has ended, not when it runs.
"""

from __future__ import annotations

from navarch.kube.wait.fields import (
    Condition,
    StatusFault,
    conditions,
    current,
    failed,
    in_progress,
    integer,
    kind_of,
    sequence,
    text,
    whole_number,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.wait.fields import Object, Rule, Status

__all__ = ["RULES", "STATIC", "completed_job", "completed_pod", "is_unschedulable"]

SCHEDULE_SECONDS = 15.0  # how long a Pod may be unschedulable before that counts as failure
_NO_DEADLINE = (1 << 31) - 1  # progressDeadlineSeconds of a Deployment that has none


def _always_ready(_: Object) -> Status:
    return current("Resource is always ready")


def _stateful_set(obj: Object) -> Status:
    if text(obj, "spec.updateStrategy.type") == "OnDelete":
        return current("StatefulSet is using the ondelete update strategy")
    wanted = integer(obj, "spec.replicas", 1)
    ready = integer(obj, "status.readyReplicas", 0)
    there = integer(obj, "status.replicas", 0)
    if wanted > there:
        return in_progress("LessReplicas", f"Replicas: {there}/{wanted}")
    if wanted > ready:
        return in_progress("LessReady", f"Ready: {ready}/{wanted}")
    if there > wanted:
        return in_progress("ExtraPods", f"Pending termination: {there - wanted}")
    return _stateful_set_rollout(obj, wanted, there)


def _stateful_set_rollout(obj: Object, wanted: int, there: int) -> Status:
    partition = integer(obj, "spec.updateStrategy.rollingUpdate.partition", -1)
    updated = integer(obj, "status.updatedReplicas", 0)
    if partition != -1:
        if updated < wanted - partition:
            return in_progress("PartitionRollout", f"updated: {updated}/{wanted - partition}")
        return current(f"Partition rollout complete. updated: {updated}")
    now = integer(obj, "status.currentReplicas", 0)
    if wanted > now:
        return in_progress("LessCurrent", f"current: {now}/{wanted}")
    if text(obj, "status.currentRevision") != text(obj, "status.updateRevision"):
        return in_progress("RevisionMismatch", "Waiting for updated revision to match current")
    return current(f"All replicas scheduled as expected. Replicas: {there}")


def _deployment(obj: Object) -> Status:
    # Without a deadline the controller sets no Progressing condition: such a Deployment counts as progressing.
    progressing = integer(obj, "spec.progressDeadlineSeconds", _NO_DEADLINE) == _NO_DEADLINE
    available = False
    for condition in conditions(obj):
        if condition.type == "Progressing":
            if condition.reason == "ProgressDeadlineExceeded":
                return failed(condition.reason, "Progress deadline exceeded", condition.message)
            if condition.status == "True" and condition.reason == "NewReplicaSetAvailable":
                progressing = True
        elif condition.type == "Available" and condition.status == "True":
            available = True
    short = _deployment_replicas(obj)
    if short:
        return short
    if not progressing:
        return in_progress("ReplicaSetNotAvailable", "ReplicaSet not Available")
    if not available:
        return in_progress("DeploymentNotAvailable", "Deployment not Available")
    return current(f"Deployment is available. Replicas: {integer(obj, 'status.replicas', 0)}")


def _deployment_replicas(obj: Object) -> Status | None:
    """What lacks or exceeds among a Deployment's replicas."""
    wanted = integer(obj, "spec.replicas", 1)
    there = integer(obj, "status.replicas", 0)
    updated = integer(obj, "status.updatedReplicas", 0)
    available = integer(obj, "status.availableReplicas", 0)
    ready = integer(obj, "status.readyReplicas", 0)
    if wanted > there:
        return in_progress("LessReplicas", f"Replicas: {there}/{wanted}")
    if wanted > updated:
        return in_progress("LessUpdated", f"Updated: {updated}/{wanted}")
    if there > wanted:
        return in_progress("ExtraPods", f"Pending termination: {there - wanted}")
    if updated > available:
        return in_progress("LessAvailable", f"Available: {available}/{updated}")
    if wanted > ready:
        return in_progress("LessReady", f"Ready: {ready}/{wanted}")
    return None


def _replica_set(obj: Object) -> Status:
    if _find(conditions(obj), "ReplicaFailure", "True"):
        return in_progress("ReplicaFailure", "Replica Failure condition. Check Pods")
    wanted = integer(obj, "spec.replicas", 1)
    there = integer(obj, "status.replicas", 0)
    labelled = integer(obj, "status.fullyLabeledReplicas", 0)
    available = integer(obj, "status.availableReplicas", 0)
    ready = integer(obj, "status.readyReplicas", 0)
    if wanted > labelled:
        return in_progress("LessLabelled", f"Labelled: {labelled}/{wanted}")
    if wanted > available:
        return in_progress("LessAvailable", f"Available: {available}/{wanted}")
    if wanted > ready:
        return in_progress("LessReady", f"Ready: {ready}/{wanted}")
    if there > wanted:
        return in_progress("ExtraPods", f"Pending termination: {there - wanted}")
    return current(f"ReplicaSet is available. Replicas: {there}")


def _daemon_set(obj: Object) -> Status:
    unobserved = _unobserved(obj)
    if unobserved:
        return unobserved
    wanted = integer(obj, "status.desiredNumberScheduled", -1)
    if wanted == -1:
        return in_progress("NoDesiredNumber", "Missing .status.desiredNumberScheduled")
    for name, reason, word in (
        ("currentNumberScheduled", "LessCurrent", "Current"),
        ("updatedNumberScheduled", "LessUpdated", "Updated"),
        ("numberAvailable", "LessAvailable", "Available"),
        ("numberReady", "LessReady", "Ready"),
    ):
        there = integer(obj, f"status.{name}", 0)
        if wanted > there:
            return in_progress(reason, f"{word}: {there}/{wanted}")
    return current(f"All replicas scheduled as expected. Replicas: {wanted}")


def _unobserved(obj: Object) -> Status | None:
    """Which of the two generations is missing: the controller sets both as soon as it has seen the object."""
    if whole_number(obj, "metadata", "generation") is None:
        return in_progress("NoGeneration", f"{kind_of(obj)} metadata.generation not found")
    if whole_number(obj, "status", "observedGeneration") is None:
        return in_progress("NoObservedGeneration", f"{kind_of(obj)} status.observedGeneration not found")
    return None


def _claim(obj: Object) -> Status:
    phase = text(obj, "status.phase", "unknown")
    if phase != "Bound":
        return in_progress("NotBound", f"PVC is not Bound. phase: {phase}")
    return current("PVC is Bound")


def _pod(obj: Object) -> Status:
    listed = conditions(obj)
    phase = text(obj, "status.phase")
    if phase == "Succeeded":
        return current("Pod has completed successfully")
    if phase == "Failed":
        return current("Pod has completed, but not successfully")
    if phase == "Running":
        return _running_pod(obj, listed)
    if phase == "Pending":
        return _pending_pod(obj, listed)
    if phase:
        raise StatusFault(f"unknown phase {phase}")
    return in_progress("PodNotObserved", "Pod phase not available")


def _running_pod(obj: Object, listed: list[Condition]) -> Status:
    if _find(listed, "Ready", "True"):
        return current("Pod is Ready")
    looping = _crash_looping(obj)
    if looping:
        return failed("ContainerCrashLooping", f"Containers in CrashLoop state: {','.join(looping)}")
    return in_progress("PodRunningNotReady", "Pod is running but is not Ready")


def _pending_pod(obj: Object, listed: list[Condition]) -> Status:
    unscheduled = _find(listed, "PodScheduled", "False")
    if not unscheduled or unscheduled.reason != "Unschedulable":
        return in_progress("PodPending", "Pod is in the Pending phase")
    if _age(obj) < SCHEDULE_SECONDS:
        return in_progress("PodNotScheduled", "Pod has not been scheduled")
    return failed("PodUnschedulable", "Pod could not be scheduled")


def _age(obj: Object) -> float:
    """Seconds since the object was created; very many where the object doesn't say."""
    import calendar
    import time

    try:
        created = time.strptime(text(obj, "metadata.creationTimestamp"), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return float("inf")
    return time.time() - calendar.timegm(created)


def _crash_looping(obj: Object) -> list[str]:
    """The names of containers that Kubernetes has stopped restarting for now, because they keep ending."""
    return [
        text(container, "name")
        for container in sequence(obj, "status", "containerStatuses")
        if text(container, "state.waiting.reason") == "CrashLoopBackOff" and "name" in container
    ]


def is_unschedulable(pod: Object) -> bool:
    """Whether the scheduler has said that it finds no node for this Pod."""
    try:
        return any(
            condition.type == "PodScheduled" and condition.status == "False" and condition.reason == "Unschedulable"
            for condition in conditions(pod)
        )
    except StatusFault:
        return False


def _disruption_budget(_: Object) -> Status:
    return current("AllowedDisruptions has been computed.")


def _job(obj: Object) -> Status:
    ended = _ended_job(obj)
    if ended:
        return ended
    if not text(obj, "status.startTime"):
        return in_progress("JobNotStarted", "Job not started")
    succeeded, active, lost = (integer(obj, f"status.{name}", 0) for name in ("succeeded", "active", "failed"))
    return current(f"Job in progress. success:{succeeded}, active: {active}, failed: {lost}")


def _ended_job(obj: Object) -> Status | None:
    completions = integer(obj, "spec.completions", integer(obj, "spec.parallelism", 1))
    for condition in conditions(obj):
        if condition.status == "True" and condition.type == "Complete":
            return current(f"Job Completed. succeeded: {integer(obj, 'status.succeeded', 0)}/{completions}")
        if condition.status == "True" and condition.type == "Failed":
            told = f"Job Failed. failed: {integer(obj, 'status.failed', 0)}/{completions}"
            return failed("JobFailed", told)
    return None


def completed_job(obj: Object) -> Status:
    """A Job is done when it has ended."""
    return _ended_job(obj) or in_progress("JobInProgress", "Job in progress")


def completed_pod(obj: Object) -> Status:
    """A Pod is done when it has ended."""
    phase = text(obj, "status.phase")
    if phase == "Succeeded":
        return current(f"pod {text(obj, 'metadata.name')} succeeded")
    if phase == "Failed":
        return failed("PodFailed", f"pod {text(obj, 'metadata.name')} failed")
    return in_progress("PodInProgress", "Pod in progress")


def _service(obj: Object) -> Status:
    if text(obj, "spec.type", "ClusterIP") == "LoadBalancer" and not text(obj, "spec.clusterIP"):
        return in_progress("NoIPAssigned", "ClusterIP not set. Service type: LoadBalancer")
    return current("Service is ready")


def _definition(obj: Object) -> Status:
    for condition in conditions(obj):
        if condition.type == "NamesAccepted" and condition.status == "False":
            return failed(condition.reason, condition.message)
        if condition.type == "Established":
            if condition.status == "False" and condition.reason != "Installing":
                return failed(condition.reason, condition.message)
            if condition.status == "True":
                return current("CRD is established")
    return in_progress("Installing", "Install in progress")


def _find(listed: list[Condition], kind: str, status: str) -> Condition | None:
    return next((one for one in listed if one.type == kind and one.status == status), None)


RULES: dict[tuple[str, str], Rule] = {
    ("", "ConfigMap"): _always_ready,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Secret"): _always_ready,
    ("", "Service"): _service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "CronJob"): _always_ready,
    ("batch", "Job"): _job,
    ("extensions", "DaemonSet"): _daemon_set,
    ("extensions", "Deployment"): _deployment,
    ("extensions", "ReplicaSet"): _replica_set,
    ("policy", "PodDisruptionBudget"): _disruption_budget,
}

_RBAC = "rbac.authorization.k8s.io"

# Kinds without a status: once there, and not marked for deletion, they are Current and stay so. Of these nothing but
# metadata is asked for, and nothing is watched.
STATIC: frozenset[tuple[str, str]] = frozenset(
    (
        ("", "ConfigMap"),
        ("", "Endpoints"),
        ("", "LimitRange"),
        ("", "PodTemplate"),
        ("", "Secret"),
        ("", "ServiceAccount"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("coordination.k8s.io", "Lease"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("node.k8s.io", "RuntimeClass"),
        (_RBAC, "ClusterRole"),
        (_RBAC, "ClusterRoleBinding"),
        (_RBAC, "Role"),
        (_RBAC, "RoleBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "StorageClass"),
    )
)
