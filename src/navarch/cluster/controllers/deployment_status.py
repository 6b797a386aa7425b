"""What a Deployment's status says: counts, whether it is available, and whether it gets on."""

from __future__ import annotations

from navarch.cluster.controllers import rollout
from navarch.cluster.controllers.objects import condition, most, seconds, without_empty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["new_status", "progress", "set_condition"]


def set_condition(status: Object, kind: str, state: str, reason: str, message: str, now: str) -> None:
    """Set a condition in place. One with the same state and reason stays as it is."""
    known = condition(status, kind)
    if known is not None and (known["status"], known.get("reason")) == (state, reason):
        return
    _put(status, kind, state, reason, message, now)


def _put(status: Object, kind: str, state: str, reason: str, message: str, now: str) -> None:
    known = condition(status, kind)
    since = known["lastTransitionTime"] if known is not None and known["status"] == state else now
    made = {
        "type": kind,
        "status": state,
        "lastUpdateTime": now,
        "lastTransitionTime": since,
        "reason": reason,
        "message": message,
    }
    status["conditions"] = [*_others(status, kind), made]


def _others(status: Object, kind: str) -> list[Object]:
    return [one for one in status.get("conditions") or () if one["type"] != kind]


def _sum(sets: list[Object], name: str) -> int:
    return sum((one.get("status") or {}).get(name, 0) for one in sets)


def new_status(deployment: Object, sets: rollout.Sets, now: str) -> Object:
    """The status by what the sets say; the condition Progressing stays as it was."""
    everything, old = sets.all, deployment["status"]
    available = _sum(everything, "availableReplicas")
    status: Object = {
        "observedGeneration": deployment["metadata"].get("generation", 0),
        "replicas": _sum(everything, "replicas"),
        "updatedReplicas": _sum([sets.new] if sets.new else [], "replicas"),
        "readyReplicas": _sum(everything, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, sum(rollout.size(one) for one in everything) - available),
        "terminatingReplicas": _sum(everything, "terminatingReplicas"),
        "collisionCount": old.get("collisionCount"),
        "conditions": list(old.get("conditions") or ()),
    }
    if available >= rollout.size(deployment) - rollout.max_unavailable(deployment):
        told = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        told = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    set_condition(status, "Available", *told, now)
    return without_empty(status, ("terminatingReplicas",))


def progress(deployment: Object, status: Object, sets: rollout.Sets, now: str, deadline: float) -> None:
    """Bring the conditions Progressing and ReplicaFailure up to date, in place. A `deadline` of 0 is none."""
    old = condition(deployment["status"], "Progressing")
    if deployment["spec"].get("progressDeadlineSeconds", most) == most:
        status["conditions"] = _others(status, "Progressing")
    elif not _was_complete(status, old):
        _tell(deployment, status, sets, now, deadline)
    failures = [found for one in reversed(sets.all) if (found := condition(one.get("status"), "ReplicaFailure"))]
    if failures:
        first = failures[0]
        told = (first["status"], first.get("reason", ""), first.get("message", ""))
        set_condition(status, "ReplicaFailure", *told, first["lastTransitionTime"])
    else:
        status["conditions"] = _others(status, "ReplicaFailure")


def _was_complete(status: Object, old: Object | None) -> bool:
    same = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    return same and old is not None and old.get("reason") == "NewReplicaSetAvailable"


def _tell(deployment: Object, status: Object, sets: rollout.Sets, now: str, deadline: float) -> None:
    who = (
        f'ReplicaSet "{sets.new["metadata"]["name"]}"' if sets.new else f'Deployment "{deployment["metadata"]["name"]}"'
    )
    if rollout.is_complete(deployment, status):
        set_condition(
            status, "Progressing", "True", "NewReplicaSetAvailable", f"{who} has successfully progressed.", now
        )
    elif _gets_on(deployment["status"], status):
        _put(status, "Progressing", "True", "ReplicaSetUpdated", f"{who} is progressing.", now)
    elif _timed_out(status, now, deadline):
        told = ("False", "ProgressDeadlineExceeded", f"{who} has timed out progressing.")
        set_condition(status, "Progressing", *told, now)


def _gets_on(old: Object, new: Object) -> bool:
    def count(status: Object, name: str) -> int:
        return int(status.get(name, 0))

    old_left = count(old, "replicas") - count(old, "updatedReplicas")
    new_left = count(new, "replicas") - count(new, "updatedReplicas")
    more = any(
        count(new, name) > count(old, name) for name in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    return more or new_left < old_left


def _timed_out(status: Object, now: str, deadline: float) -> bool:
    found = condition(status, "Progressing")
    if found is None or found.get("reason") == "NewReplicaSetAvailable":
        return False
    if found.get("reason") == "ProgressDeadlineExceeded":
        return True
    return seconds(found["lastUpdateTime"]) + deadline < seconds(now)
