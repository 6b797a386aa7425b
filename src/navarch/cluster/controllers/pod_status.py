"""What a kubelet says of a pod: phase, conditions, addresses, made of its containers' states."""

from __future__ import annotations

from navarch.cluster.controllers.containers import Situation, init_statuses, is_sidecar, main_statuses
from navarch.cluster.controllers.nodes import NODE_ADDRESS
from navarch.cluster.controllers.objects import condition
from navarch.golang.calendar import stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["pod_condition", "pod_status"]

_OWN = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def pod_condition(pod: Object, kind: str, status: str, now: str, reason: str = "", message: str = "") -> Object:
    """A condition of a pod; it keeps the time of its last change if it says what it said."""
    known = condition(pod.get("status"), kind)
    since = known["lastTransitionTime"] if known is not None and known.get("status") == status else now
    made: Object = {"type": kind}
    generation = pod["metadata"].get("generation")
    if generation:
        made["observedGeneration"] = generation
    made.update(status=status, lastProbeTime=None, lastTransitionTime=since)
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made


def pod_status(situation: Situation, address: str) -> Object:
    """The whole status."""
    pod, now = situation.pod, stamp(situation.now)
    initial, initialized = init_statuses(situation)
    main = main_statuses(situation, initialized=initialized)
    phase = _phase(situation, initial, main)
    old = pod.get("status") or {}
    status: Object = {}
    if pod["metadata"].get("generation"):
        status["observedGeneration"] = pod["metadata"]["generation"]
    status["phase"] = phase
    status["conditions"] = _conditions(situation, phase, initial, main, now)
    status.update(hostIP=NODE_ADDRESS, hostIPs=[{"ip": NODE_ADDRESS}])
    if address and not situation.blocked:
        status.update(podIP=address, podIPs=[{"ip": address}])
    status["startTime"] = old.get("startTime") or stamp(situation.started)
    if initial:
        status["initContainerStatuses"] = initial
    status["containerStatuses"] = main
    if old.get("qosClass"):
        status["qosClass"] = old["qosClass"]
    return status


def _phase(situation: Situation, initial: list[Object], main: list[Object]) -> str:
    """Pending until a container has started; an end only if none is started again (kubelet's getPhase)."""
    if any("terminated" in one["state"] and one["state"]["terminated"]["exitCode"] for one in initial):
        return "Failed"
    if any("waiting" in one["state"] for one in initial):
        return "Pending"
    waiting = [one for one in main if "waiting" in one["state"] and not one["lastState"]]
    if waiting:
        return "Pending"
    if situation.restart_policy == "Always" or any("terminated" not in one["state"] for one in main):
        return "Running"
    return "Failed" if any(one["state"]["terminated"]["exitCode"] for one in main) else "Succeeded"


def _conditions(situation: Situation, phase: str, initial: list[Object], main: list[Object], now: str) -> list[Object]:
    pod = situation.pod
    ended = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase, "")
    sandbox = "False" if situation.blocked or ended else "True"
    initialized = _initialized(pod, phase, initial)
    containers = ("False", ended, "") if ended else _unready([*_sidecars(pod, initial), *main])
    ready = _gates(pod) if containers[0] == "True" else containers
    told = ((sandbox, "", ""), initialized, ready, containers, ("True", "", ""))
    own = [pod_condition(pod, kind, status, now, *why) for kind, (status, *why) in zip(_OWN, told, strict=True)]
    foreign = [one for one in (pod.get("status") or {}).get("conditions") or () if one["type"] not in _OWN]
    return own + foreign


def _sidecars(pod: Object, initial: list[Object]) -> list[Object]:
    names = {one["name"] for one in pod["spec"].get("initContainers") or () if is_sidecar(one)}
    return [one for one in initial if one["name"] in names]


def _initialized(pod: Object, phase: str, initial: list[Object]) -> tuple[str, str, str]:
    if phase == "Succeeded":
        return "True", "PodCompleted", ""
    sidecars = {one["name"] for one in _sidecars(pod, initial)}
    left = [one["name"] for one in initial if not (one["started"] if one["name"] in sidecars else one["ready"])]
    if not left:
        return "True", "", ""
    return "False", "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(left)}]"


def _unready(statuses: list[Object]) -> tuple[str, str, str]:
    left = [one["name"] for one in statuses if not one["ready"]]
    if not left:
        return "True", "", ""
    return "False", "ContainersNotReady", f"containers with unready status: [{' '.join(left)}]"


def _gates(pod: Object) -> tuple[str, str, str]:
    """Whether all conditions hold that others are to set before the pod counts as ready."""
    missing = []
    for gate in pod["spec"].get("readinessGates") or ():
        kind = gate["conditionType"]
        found = condition(pod.get("status"), kind)
        if found is None:
            missing.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif found.get("status") != "True":
            missing.append(f'the status of pod readiness gate "{kind}" is not "True", but {found.get("status")}')
    return ("False", "ReadinessGatesNotReady", ", ".join(missing)) if missing else ("True", "", "")
