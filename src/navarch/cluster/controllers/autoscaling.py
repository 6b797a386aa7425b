"""HorizontalPodAutoscalers: nothing measures pods here, so a size is only brought within its bounds."""

from __future__ import annotations

from navarch.cluster.controllers.manager import Change, Controller
from navarch.cluster.controllers.objects import condition, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["Autoscalers"]

_TARGETS: dict[tuple[str, str], Kind] = {
    ("apps", "Deployment"): ("apps", "deployments"),
    ("apps", "StatefulSet"): ("apps", "statefulsets"),
    ("apps", "ReplicaSet"): ("apps", "replicasets"),
    ("", "ReplicationController"): ("", "replicationcontrollers"),
}
_COMPONENT = "horizontal-pod-autoscaler"
_NO_METRICS = (
    "unable to get metrics for resource {0}: unable to fetch metrics from resource metrics API: "
    "the server could not find the requested resource (get pods.metrics.k8s.io)"
)
_NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"


class Autoscalers(Controller):
    """Says what can be said about each autoscaler."""

    name = "autoscalers"
    rank = 7
    kind = ("autoscaling", "horizontalpodautoscalers")
    watches = tuple(_TARGETS.values())

    def __init__(self, manager: Any) -> None:
        super().__init__(manager)
        self._targets: dict[tuple[Kind, str, str], dict[str, None]] = {}

    def observe(self, change: Change) -> None:
        """Autoscalers, and the sizes of their targets."""
        namespace, name = key_of(change.object)
        if change.kind != self.kind:
            for one in self._targets.get((change.kind, namespace, name), ()):
                self.enqueue(namespace, one)
            return
        reference = change.object["spec"].get("scaleTargetRef") or {}
        kind = _target_kind(reference)
        if kind is not None:
            scalers = self._targets.setdefault((kind, namespace, reference.get("name", "")), {})
            if change.type == "DELETED":
                scalers.pop(name, None)
            else:
                scalers[name] = None
        self.enqueue(namespace, name)

    def sync(self, namespace: str, name: str, /) -> None:
        """Scale if the size is out of bounds, and write the status."""
        scaler = self.access.get(self.kind, namespace, name)
        if scaler is None:
            return
        reference = scaler["spec"]["scaleTargetRef"]
        kind = _target_kind(reference)
        target = None if kind is None else self.access.get(kind, namespace, reference["name"])
        conditions = [dict(one) for one in (scaler.get("status") or {}).get("conditions") or ()]
        status: Object = {**(scaler.get("status") or {}), "conditions": conditions}
        status.setdefault("desiredReplicas", 0)
        if kind is None or target is None:
            self._lost(scaler, status, reference, kind)
        else:
            self._look(scaler, status, kind, target)
        if scaler["metadata"].get("generation"):
            status["observedGeneration"] = scaler["metadata"]["generation"]
        if status != scaler.get("status"):
            self.access.write_status(self.kind, scaler, status)

    def _lost(self, scaler: Object, status: Object, reference: Object, kind: Kind | None) -> None:
        group = reference.get("apiVersion", "").rpartition("/")[0]
        if kind is None:
            why = f'no matches for kind "{reference.get("kind")}" in group "{group}"'
        else:
            why = (
                f'{kind[1]}.{group} "{reference.get("name")}" not found'
                if group
                else f'{kind[1]} "{reference.get("name")}" not found'
            )
        text = f"the HPA controller was unable to get the target's current scale: {why}"
        if self._set(status, "AbleToScale", "False", "FailedGetScale", text):
            self._event(scaler, "FailedGetScale", why)

    def _look(self, scaler: Object, status: Object, kind: Kind, target: Object) -> None:
        self._set(
            status,
            "AbleToScale",
            "True",
            "SucceededGetScale",
            "the HPA controller was able to get the target's current scale",
        )
        size = target["spec"].get("replicas", 1)
        status["currentReplicas"] = (target.get("status") or {}).get("replicas", size)
        least, most = scaler["spec"].get("minReplicas", 1), scaler["spec"]["maxReplicas"]
        if not size:
            text = "scaling is disabled since the replica count of the target is zero"
            self._set(status, "ScalingActive", "False", "ScalingDisabled", text)
        elif least <= size <= most:
            self._unmeasured(scaler, status)
        else:
            wanted = most if size > most else least
            bound = "above Spec.MaxReplicas" if size > most else "below Spec.MinReplicas"
            self.access.update(kind, {**target, "spec": {**target["spec"], "replicas": wanted}})
            text = f"the HPA controller was able to update the target scale to {wanted}"
            self._set(status, "AbleToScale", "True", "SucceededRescale", text)
            reason = f"Current number of replicas {bound}"
            self._event(scaler, "SuccessfulRescale", f"New size: {wanted}; reason: {reason}", "Normal")
            status.update(desiredReplicas=wanted, lastScaleTime=self.access.now())

    def _unmeasured(self, scaler: Object, status: Object) -> None:
        metrics = scaler["spec"].get("metrics") or [{"type": "Resource", "resource": {"name": "cpu"}}]
        reason, why = _failure(metrics[0])
        text = f"the HPA was unable to compute the replica count: {why}"
        if self._set(status, "ScalingActive", "False", reason, text):
            self._event(scaler, reason, why)

    def _event(self, scaler: Object, reason: str, message: str, type: str = "Warning") -> None:  # noqa: A002
        self.recorder.record(scaler, reason, message, component=_COMPONENT, type=type)

    def _set(self, status: Object, kind: str, state: str, reason: str, message: str) -> bool:
        """Set a condition in place; whether it says something new."""
        known = condition(status, kind)
        if known is None:
            known = {"type": kind}
            status["conditions"].append(known)
        new = (known.get("status"), known.get("reason"), known.get("message")) != (state, reason, message)
        since = known["lastTransitionTime"] if known.get("status") == state else self.access.now()
        known.update(status=state, lastTransitionTime=since, reason=reason, message=message)
        return new


def _target_kind(reference: Object) -> Kind | None:
    group = (reference.get("apiVersion") or "").rpartition("/")[0]
    return _TARGETS.get((group, reference.get("kind", "")))


def _failure(metric: Object) -> tuple[str, str]:
    """Reason and words when a metric can't be had."""
    kind = metric.get("type", "Resource")
    name = (metric.get("resource") or metric.get("containerResource") or {}).get("name", "cpu")
    if kind in ("Resource", "ContainerResource"):
        what = (
            "utilization" if "averageUtilization" in ((metric.get("resource") or {}).get("target") or {}) else "usage"
        )
        first = f"failed to get {name} {what}: {_NO_METRICS.format(name)}"
        return "FailedGetResourceMetric" if kind == "Resource" else "FailedGetContainerResourceMetric", first
    return f"FailedGet{kind}Metric", f"failed to get {kind.lower()} metric value: {_NO_CUSTOM}"
