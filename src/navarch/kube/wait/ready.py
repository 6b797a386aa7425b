"""Whether an object is ready by the rules of Helm 3, which `--wait=legacy` still follows: the rules alone.

Each rule takes an object as the server returned it (a Deployment's also the ReplicaSet that runs it) and gives an
Answer with the line that Helm writes with --debug. They are those of ReadyChecker in Helm's pkg/kube; `legacy` asks
the server and applies them.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.kube.wait.fields import integer, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.kube.wait.fields import Object

__all__ = ["RULES", "Answer", "deployment_ready", "generation_observed", "newest_replica_set", "pod_ready"]

_HASH = "pod-template-hash"  # the label by which a Deployment tells its ReplicaSets apart


class Answer(NamedTuple):
    """Ready or not, and what Helm logs about it: a message ("": nothing) and its attributes.

    `fault` is why the object can't become ready any more.
    """

    ready: bool
    message: str = ""
    attributes: dict[str, object] = {}  # noqa: RUF012 - never changed
    fault: str = ""


def generation_observed(kind: str, obj: Object, word: str = "actualGeneration") -> Answer:
    """Whether an object's controller has seen its latest generation."""
    seen = integer(obj, "status.observedGeneration", 0)
    wanted = integer(obj, "metadata.generation", 0)
    if seen == wanted:
        return Answer(True)
    message = f"{kind} is not ready, observedGeneration does not match spec generation"
    return Answer(False, message, {word: seen, "expectedGeneration": wanted})


def pod_ready(pod: Object) -> Answer:
    if ("Ready", "True") in _conditions(pod):
        return Answer(True)
    return Answer(False, "Pod is not ready")


def _job(job: Object) -> Answer:
    """Whether a Job has completed."""
    if integer(job, "status.failed", 0) > integer(job, "spec.backoffLimit", 6):
        fault = f"job is failed: {text(job, 'metadata.namespace')}/{text(job, 'metadata.name')}"
        return Answer(False, "Job is failed", fault=fault)
    if integer(job, "status.succeeded", 0) < integer(job, "spec.completions", 0):
        return Answer(False, "Job is not completed")
    return Answer(True, "Job is completed")


def _service(service: Object) -> Answer:
    kind = text(service, "spec.type")
    if kind == "ExternalName":
        return Answer(True)
    address = text(service, "spec.clusterIP")
    if not address:
        return Answer(False, "Service does not have cluster IP address")
    external = _under(service, "spec").get("externalIPs") or []
    if kind == "LoadBalancer":
        if external:
            return Answer(True, "Service has external IP addresses", {"externalIPs": external})
        if _under(service, "status", "loadBalancer").get("ingress") is None:
            return Answer(False, "Service does not have load balancer ingress IP address")
    return Answer(True, "Service is ready", {"clusterIP": address, "externalIPs": external})


def _claim(claim: Object) -> Answer:
    phase = text(claim, "status.phase")
    if phase != "Bound":
        return Answer(False, "PersistentVolumeClaim is not bound")
    return Answer(True, "PersistentVolumeClaim is bound", {"phase": phase})


def deployment_ready(deployment: Object, replica_set: Object) -> Answer:
    """Whether enough Pods of a Deployment's newest ReplicaSet are ready."""
    unobserved = generation_observed("Deployment", deployment)
    if not unobserved.ready:
        return unobserved
    wanted = integer(deployment, "spec.replicas", 0) - _may_be_unavailable(deployment)
    ready = integer(replica_set, "status.readyReplicas", 0)
    counts: dict[str, object] = {"readyPods": ready, "totalPods": wanted}
    if ready < wanted:
        return Answer(False, "Deployment does not have enough pods ready", counts)
    return Answer(True, "Deployment is ready", counts)


def newest_replica_set(deployment: Object, replica_sets: Iterable[Object]) -> Object | None:
    """The ReplicaSet that a Deployment owns and that has its template; the oldest of several."""
    uid = text(deployment, "metadata.uid")
    template = _template(deployment)
    found = [one for one in replica_sets if _controller(one) == uid and _template(one) == template]
    return min(
        found, key=lambda one: (text(one, "metadata.creationTimestamp"), text(one, "metadata.name")), default=None
    )


def _daemon_set(daemon_set: Object) -> Answer:
    unobserved = generation_observed("DaemonSet", daemon_set, "observedGeneration")
    if not unobserved.ready or text(daemon_set, "spec.updateStrategy.type") != "RollingUpdate":
        return unobserved
    updated = integer(daemon_set, "status.updatedNumberScheduled", 0)
    total = integer(daemon_set, "status.desiredNumberScheduled", 0)
    if updated != total:
        counts: dict[str, object] = {"scheduledPods": updated, "totalPods": total}
        return Answer(False, "DaemonSet does not have enough Pods scheduled", counts)
    absent = _scaled(_under(daemon_set, "spec", "updateStrategy", "rollingUpdate").get("maxUnavailable"), total)
    wanted = total - (total if absent is None else absent)
    ready = integer(daemon_set, "status.numberReady", 0)
    counts = {"readyPods": ready, "totalPods": wanted}
    if ready < wanted:
        return Answer(False, "DaemonSet does not have enough Pods ready", counts)
    return Answer(True, "DaemonSet is ready", counts)


def _definition(definition: Object) -> Answer:
    """Established; or refused for its names, which waiting won't mend."""
    found = _conditions(definition)
    return Answer(("Established", "True") in found or ("NamesAccepted", "False") in found)


def _stateful_set(stateful_set: Object) -> Answer:
    unobserved = generation_observed("StatefulSet", stateful_set)
    if not unobserved.ready:
        return unobserved
    strategy = text(stateful_set, "spec.updateStrategy.type")
    if strategy != "RollingUpdate":
        return Answer(True, "StatefulSet skipped ready check", {"updateStrategy": strategy})
    partition = integer(stateful_set, "spec.updateStrategy.rollingUpdate.partition", 0)
    replicas = integer(stateful_set, "spec.replicas", 1)
    updated = integer(stateful_set, "status.updatedReplicas", 0)
    ready = integer(stateful_set, "status.readyReplicas", 0)
    if updated < replicas - partition:
        counts: dict[str, object] = {"readyPods": updated, "totalPods": replicas - partition}
        return Answer(False, "StatefulSet does not have enough Pods scheduled", counts)
    counts = {"readyPods": ready, "totalPods": replicas}
    if ready != replicas:
        return Answer(False, "StatefulSet does not have enough Pods ready", counts)
    now, newest = (text(stateful_set, f"status.{name}Revision") for name in ("current", "update"))
    if partition == 0 and now != newest:
        message = "StatefulSet is not ready, currentRevision does not match updateRevision"
        return Answer(False, message, {"currentRevision": now, "updateRevision": newest})
    return Answer(True, "StatefulSet is ready", counts)


def _conditions(obj: Object) -> list[tuple[Any, Any]]:
    return [(one.get("type"), one.get("status")) for one in _under(obj, "status").get("conditions") or []]


def _under(obj: Object, *path: str) -> dict[str, Any]:
    """The object at a path, empty where there is none."""
    for name in path:
        obj = obj.get(name) or {}
    return obj


def _controller(obj: Object) -> str | None:
    """The uid of the object that manages this one."""
    owners = _under(obj, "metadata").get("ownerReferences") or []
    return next((owner.get("uid") for owner in owners if owner.get("controller")), None)


def _template(obj: Object) -> Object:
    """The Pod template of a Deployment or ReplicaSet, without the label that tells ReplicaSets apart."""
    template = dict(_under(obj, "spec", "template"))
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {key: value for key, value in (metadata.get("labels") or {}).items() if key != _HASH}
    template["metadata"] = {key: value for key, value in metadata.items() if value}
    return template


def _may_be_unavailable(deployment: Object) -> int:
    """How many Pods of a Deployment may lack while it rolls out."""
    replicas = integer(deployment, "spec.replicas", 0)
    if text(deployment, "spec.strategy.type") != "RollingUpdate" or replicas == 0:
        return 0
    rolling = _under(deployment, "spec", "strategy", "rollingUpdate")
    surge = _scaled(rolling.get("maxSurge", 0), replicas)
    absent = _scaled(rolling.get("maxUnavailable", 0), replicas, up=False)
    if surge is None or absent is None:
        return 0
    if surge == 0 and absent == 0:
        return 1  # neither more nor fewer could never roll out
    return min(absent, replicas)


def _scaled(value: Any, total: int, *, up: bool = True) -> int | None:
    """A number, or a percentage of `total`; None for what is neither."""
    if type(value) is int:
        return value
    if type(value) is not str or not value.endswith("%"):
        return None
    try:
        share = int(value[:-1]) * total
    except ValueError:
        return None
    return -(-share // 100) if up else share // 100


# By the group, version and kind that Helm knows; of a Deployment, ReplicaSet or ReplicationController more is asked.
RULES: dict[tuple[str, str, str], Callable[[Object], Answer]] = {
    ("", "v1", "PersistentVolumeClaim"): _claim,
    ("", "v1", "Pod"): pod_ready,
    ("", "v1", "Service"): _service,
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition"): _definition,
    ("apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition"): _definition,
    ("apps", "v1", "DaemonSet"): _daemon_set,
    ("apps", "v1", "StatefulSet"): _stateful_set,
    ("batch", "v1", "Job"): _job,
}
