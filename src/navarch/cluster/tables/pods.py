"""Rows of Pods: what state the containers are in, in a word."""

from __future__ import annotations

from navarch.cluster.tables.shown import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.tables.shown import Age

__all__ = ["CONDITIONS", "PRINTERS"]

CONDITIONS = {
    "Succeeded": [
        {
            "type": "Completed",
            "status": "True",
            "reason": "Succeeded",
            "message": "The pod has completed successfully.",
        }
    ],
    "Failed": [{"type": "Completed", "status": "True", "reason": "Failed", "message": "The pod failed."}],
}
"""The conditions of a row by the Pod's phase."""


class _Tally:
    """What is counted on the way over the containers' statuses."""

    __slots__ = ("last", "reason", "restarts")

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.restarts = 0
        self.last = ""  # when a container stopped last

    def add(self, status: dict[str, Any]) -> None:
        self.restarts += status.get("restartCount", 0)
        terminated = status.get("lastState", {}).get("terminated") or {}
        self.last = max(self.last, terminated.get("finishedAt") or "")


def _pod(pod: dict[str, Any], age: Age) -> list[Any]:
    spec, status, metadata = pod.get("spec", {}), pod.get("status", {}), pod["metadata"]
    sidecars = {one["name"] for one in spec.get("initContainers", ()) if one.get("restartPolicy") == "Always"}
    tally = _Tally(_reason(status))
    of_sidecars = _Tally("")
    ready, initializing = _initial(spec, status, sidecars, tally, of_sidecars)
    conditions = {one.get("type"): one for one in reversed(status.get("conditions", ()))}
    if not initializing or conditions.get("Initialized", {}).get("status") == "True":
        of_sidecars.reason = tally.reason
        tally = of_sidecars
        ready += _running(status, tally)
    restarts = str(tally.restarts)
    if tally.restarts and tally.last:
        restarts = f"{restarts} ({age(tally.last)} ago)"
    total = len(spec.get("containers", ())) + len(sidecars)
    shown = _ending(tally.reason, status, metadata)
    cells = [name_of(pod), f"{ready}/{total}", shown, restarts, age(metadata.get("creationTimestamp"))]
    return cells + _wide(spec, status, conditions)


def _reason(status: dict[str, Any]) -> str:
    """The state as the Pod itself tells it."""
    gated = any(
        one.get("type") == "PodScheduled" and one.get("reason") == "SchedulingGated"
        for one in status.get("conditions", ())
    )
    return "SchedulingGated" if gated else status.get("reason") or status.get("phase", "")


def _initial(
    spec: dict[str, Any], status: dict[str, Any], sidecars: set[str], tally: _Tally, of_sidecars: _Tally
) -> tuple[int, bool]:
    """How many sidecars are ready, and whether an init container is yet to finish."""
    ready = 0
    for index, one in enumerate(status.get("initContainerStatuses", ())):
        sidecar = one.get("name") in sidecars
        tally.add(one)
        if sidecar:
            of_sidecars.add(one)
        state = one.get("state", {})
        terminated = state.get("terminated")
        if terminated is not None and not terminated.get("exitCode"):
            continue
        if sidecar and one.get("started"):
            ready += bool(one.get("ready"))
            continue
        waiting = (state.get("waiting") or {}).get("reason", "")
        if terminated is not None:
            tally.reason = "Init:" + _ended(terminated)
        elif waiting not in ("", "PodInitializing"):
            tally.reason = f"Init:{waiting}"
        else:
            tally.reason = f"Init:{index}/{len(spec.get('initContainers', ()))}"
        return ready, True
    return ready, False


def _ended(terminated: dict[str, Any]) -> str:
    """Why a container stopped."""
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _running(status: dict[str, Any], tally: _Tally) -> int:
    """How many containers are ready; the last state of the first one that isn't right is the Pod's."""
    ready = 0
    fault = ""
    for one in reversed(status.get("containerStatuses", ())):
        tally.add(one)
        state = one.get("state", {})
        terminated = state.get("terminated")
        if (state.get("waiting") or {}).get("reason"):
            tally.reason = state["waiting"]["reason"]
        elif terminated is not None:
            tally.reason = _ended(terminated)
            fault = tally.reason if terminated.get("exitCode") else fault
        elif one.get("ready") and state.get("running") is not None:
            ready += 1
    if tally.reason == "Completed":
        tally.reason = _still_running(status, ready > 0, fault)
    return ready


def _still_running(status: dict[str, Any], running: bool, fault: str) -> str:
    """What is said of a Pod of which a container has completed."""
    told = [one for one in status.get("conditions", ()) if (one.get("type"), one.get("status")) == ("Ready", "True")]
    if running and told:
        return "Running"
    return fault or ("NotReady" if running else "Completed")


def _ending(reason: str, status: dict[str, Any], metadata: dict[str, Any]) -> str:
    if metadata.get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            return "Unknown"
        if status.get("phase") not in ("Failed", "Succeeded"):
            return "Terminating"
    return reason


def _wide(spec: dict[str, Any], status: dict[str, Any], conditions: dict[Any, dict[str, Any]]) -> list[Any]:
    gates = spec.get("readinessGates", ())
    met = sum(conditions.get(one.get("conditionType"), {}).get("status") == "True" for one in gates)
    addresses = status.get("podIPs") or [{}]
    return [
        addresses[0].get("ip") or "<none>",
        spec.get("nodeName") or "<none>",
        status.get("nominatedNodeName") or "<none>",
        f"{met}/{len(gates)}" if gates else "<none>",
    ]


PRINTERS = {"/pods": _pod}
