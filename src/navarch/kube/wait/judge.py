"""The status of an object with what it stands on: a StatefulSet is told by its Pods too.

Between the rules of single objects (`status.compute`) and the waiter: picks the rule of a kind, asks the cluster for
Pods where the rule wants them, and says when an object that doesn't change has to be looked at again.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import ApiError, KubernetesError
from navarch.kube.wait.fields import FAILED, IN_PROGRESS, NOT_FOUND, UNKNOWN, Status, StatusFault, marked_for_deletion
from navarch.kube.wait.kinds import SCHEDULE_SECONDS, is_unschedulable
from navarch.kube.wait.selecting import label_query
from navarch.kube.wait.status import compute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from navarch.kube.transport import Transport
    from navarch.kube.wait.fields import Object, Rule

__all__ = ["GONE", "Judge", "Verdict"]

GONE = Status(NOT_FOUND, "Resource not found")
_RESYNC_SECONDS = 180.0
_WITH_PODS = frozenset((("apps", "ReplicaSet"), ("apps", "StatefulSet")))


class Verdict(NamedTuple):
    """An object's status; the object, None where it is gone; seconds after which to judge again (0.0: never)."""

    status: Status
    object: Object | None
    again: float = 0.0


class Judge:
    """Tells statuses. `rules` come before those that kinds have, `other` is for all kinds without one."""

    __slots__ = ("_other", "_rules", "_transport")

    def __init__(self, transport: Transport, rules: Mapping[tuple[str, str], Rule], other: Rule | None = None) -> None:
        self._transport = transport
        self._rules = rules
        self._other = other

    def own_rule(self, kind: tuple[str, str]) -> bool:
        """Whether a kind is told by something else than kstatus' rules."""
        return self._other is not None or kind in self._rules

    def verdict(self, kind: tuple[str, str], obj: Object) -> Verdict:
        """How far an object of a kind (group, kind) is. What a caller's own rule raises comes out as it is."""
        rule = self._rules.get(kind) or self._other
        if rule:
            return Verdict(_status(rule, obj), obj)
        status = _status(compute, obj)
        if kind in _WITH_PODS and status.status == IN_PROGRESS:
            return self._by_pods(status, obj)
        if kind == ("", "Pod") and status.status == IN_PROGRESS and is_unschedulable(obj):
            return Verdict(status, obj, SCHEDULE_SECONDS)
        return Verdict(status, obj)

    def _by_pods(self, status: Status, obj: Object) -> Verdict:
        """An object on its way has failed if one of its Pods has, other than for want of a node."""
        try:
            pods = self._pods(obj)
        except ApiError as error:
            return Verdict(GONE if error.is_not_found else Status(UNKNOWN, "", error.reason, error.message), obj)
        except KubernetesError as error:
            return Verdict(Status(UNKNOWN, "", "", error.message), obj)
        lost = sum(1 for pod in pods if _has_failed(pod))
        if lost:
            return Verdict(Status(FAILED, f"{lost} pods have failed"), obj, _RESYNC_SECONDS)
        waiting = any(map(is_unschedulable, pods))
        return Verdict(status, obj, SCHEDULE_SECONDS if waiting else _RESYNC_SECONDS)

    def _pods(self, obj: Object) -> list[dict[str, Any]]:
        metadata, query = obj["metadata"], label_query((obj.get("spec") or {}).get("selector"))
        path = f"/api/v1/namespaces/{metadata.get('namespace')}/pods"
        answer = self._transport.request("GET", path, query=[("labelSelector", query)] if query else []).json()
        return [{**pod, "apiVersion": "v1", "kind": "Pod"} for pod in answer.get("items") or []]


def _status(rule: Rule, obj: Object) -> Status:
    try:
        return rule(obj)
    except StatusFault as fault:
        return Status(UNKNOWN, "", "", str(fault))


def _has_failed(pod: Object) -> bool:
    status = _status(compute, pod)
    return status.status == FAILED and not marked_for_deletion(pod) and not is_unschedulable(pod)
