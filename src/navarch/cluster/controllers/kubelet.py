"""Pods: given to the node, started as far as anyone can tell, and ended."""

from __future__ import annotations

from navarch.cluster.controllers import needs
from navarch.cluster.controllers.access import KUBELET, SCHEDULER
from navarch.cluster.controllers.addresses import Addresses
from navarch.cluster.controllers.containers import Situation, back_off
from navarch.cluster.controllers.faults import TIME_FACTOR, Faults, read
from navarch.cluster.controllers.index import Place
from navarch.cluster.controllers.manager import EVERYTHING, PODS, Change, Controller
from navarch.cluster.controllers.namespaces import NAMESPACES
from navarch.cluster.controllers.needs import CLAIMS
from navarch.cluster.controllers.nodes import NODE_ADDRESS, NODES, tolerates, wants_node
from navarch.cluster.controllers.objects import condition, key_of, owner_reference, seconds
from navarch.cluster.controllers.pod_events import container_events
from navarch.cluster.controllers.pod_status import pod_condition, pod_status
from navarch.cluster.controllers.promises import ROLES, Promises
from navarch.cluster.controllers.recorder import NODE
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.manager import Manager

    Object = dict[str, Any]

__all__ = ["Kubelet"]

_NO_NODE = (
    "0/1 nodes are available: {}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
)
_SOON = "soon"  # no obstacle: it goes by itself
_QUICK_RESTARTS = 10  # of pods that can fail for good: so many back-offs pass faster


class Kubelet(Controller):
    """The scheduler and the kubelet of the one node."""

    name = "pods"
    rank = 3
    kind = PODS
    watches = (EVERYTHING,)

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._addresses = Addresses()
        self._promises = Promises(self.access)
        self._waiting: dict[Place, dict[tuple[str, str], None]] = {}
        self._unscheduled: dict[tuple[str, str], None] = {}
        self._restart_at: dict[str, float] = {}
        self._started_at: dict[str, float] = {}  # to the fraction of a second, which objects don't say

    def observe(self, change: Change) -> None:
        """A pod, or something that pods wait for."""
        if change.kind == PODS:
            self._observe_pod(change)
        elif change.kind == NODES:
            for key in list(self._unscheduled):
                self.enqueue(*key)
        elif change.kind == NAMESPACES and change.type == "DELETED":
            self._promises.forget(change.object["metadata"]["name"])
        elif self._waiting:
            self._observe_need(change)

    def _stop_waiting(self, key: tuple[str, str]) -> None:
        for place in [one for one, keys in self._waiting.items() if key in keys]:
            del self._waiting[place][key]
            if not self._waiting[place]:
                del self._waiting[place]

    def _observe_need(self, change: Change) -> None:
        namespace, name = key_of(change.object)
        if change.kind in needs.KINDS:
            places = [Place(change.kind, namespace, name)]
        else:
            resource = self.access.resource(change.kind)
            if change.kind != ROLES and (resource is None or resource.custom is None):
                return
            places = [one for one in self._waiting if one.namespace == namespace]
        self._wake(places)

    def _wake(self, places: list[Place]) -> None:
        for place in places:
            for key in self._waiting.pop(place, ()):
                self.enqueue(*key)

    def _observe_pod(self, change: Change) -> None:
        pod, key = change.object, key_of(change.object)
        if change.type == "DELETED":
            self._addresses.free(pod["metadata"]["uid"])
            self._restart_at.pop(pod["metadata"]["uid"], None)
            self._started_at.pop(pod["metadata"]["uid"], None)
            self._unscheduled.pop(key, None)
            self._stop_waiting(key)
            return
        status = pod.get("status") or {}
        self._addresses.take(pod["metadata"]["uid"], status.get("podIP", ""))
        if status.get("phase") == "Succeeded":
            self._promises.learn(pod)
            self._wake([one for one in self._waiting if one.namespace == key[0]])
        self.enqueue(*key)

    def sync(self, namespace: str, name: str, /) -> None:
        """Bring a pod one step further."""
        pod = self.access.get(PODS, namespace, name)
        if pod is None:
            return
        spec = pod["spec"]
        if "deletionTimestamp" in pod["metadata"]:
            self._end(pod)
            return
        if not spec.get("nodeName"):
            bound = self._schedule(pod)
            if bound is None:
                return
            pod = bound
        if pod["spec"]["nodeName"] == NODE and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
            self._run(pod)

    def _end(self, pod: Object) -> None:
        """Let go of a pod at once, however long it may take."""
        if not pod["spec"].get("nodeName") or pod["metadata"].get("deletionGracePeriodSeconds"):
            for container in (pod.get("status") or {}).get("containerStatuses") or ():
                if "running" in container["state"]:
                    field = f"spec.containers{{{container['name']}}}"
                    self._event(pod, "Killing", f"Stopping container {container['name']}", field=field)
            self.access.delete(PODS, pod, grace=0)

    def _event(self, pod: Object, reason: str, message: str, *, type: str = "Normal", field: str = "") -> None:  # noqa: A002
        self.recorder.record(pod, reason, message, component="kubelet", type=type, field=field)

    def _schedule(self, pod: Object) -> Object | None:
        """Give a pod to the node; None if it has to wait."""
        spec, key = pod["spec"], key_of(pod)
        if spec.get("schedulingGates") or spec.get("schedulerName", "default-scheduler") != "default-scheduler":
            return None
        why = self._obstacle(pod)
        if why:
            self._unscheduled[key] = None
            self._refuse(pod, why)
            return None
        self._unscheduled.pop(key, None)
        bound = copy(pod)
        bound["spec"]["nodeName"] = NODE
        now = self.access.now()
        scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
        _set_scheduled(bound, scheduled)
        made = self.access.update(PODS, bound, subresource="binding", manager=SCHEDULER)
        text = f"Successfully assigned {key[0]}/{key[1]} to {NODE}"
        self.recorder.record(pod, "Scheduled", text, component="default-scheduler")
        return made

    def _obstacle(self, pod: Object) -> str:
        """Why no node takes a pod, in the scheduler's words; "" if the one does."""
        if read(pod["metadata"].get("annotations")).fail == "unschedulable":
            return _NO_NODE.format("1 Insufficient cpu")
        node = self.access.get(NODES, "", NODE)
        if node is None:
            return "no nodes available to schedule pods"
        if not wants_node(pod["spec"], node):
            return _NO_NODE.format("1 node(s) didn't match Pod's node affinity/selector")
        if not tolerates(pod["spec"], node):
            unusable = (node.get("spec") or {}).get("unschedulable")
            return _NO_NODE.format("1 node(s) were unschedulable" if unusable else "1 node(s) had untolerated taint(s)")
        return self._claim_obstacle(pod)

    def _claim_obstacle(self, pod: Object) -> str:
        namespace = pod["metadata"]["namespace"]
        for name, template in needs.claims(pod):
            claim = self.access.get(CLAIMS, namespace, name)
            if claim is not None and (claim.get("status") or {}).get("phase") == "Bound":
                continue
            self._waiting.setdefault(Place(CLAIMS, namespace, name), {})[key_of(pod)] = None
            if claim is not None:
                return _NO_NODE.format("pod has unbound immediate PersistentVolumeClaims")
            if template is None:
                return _NO_NODE.format(f'persistentvolumeclaim "{name}" not found')
            self._create_claim(pod, name, template)
            return _SOON
        return ""

    def _create_claim(self, pod: Object, name: str, template: Object) -> None:
        metadata = {**copy(template.get("metadata") or {}), "name": name, "namespace": pod["metadata"]["namespace"]}
        metadata["ownerReferences"] = [owner_reference(pod)]
        claim = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": metadata,
            "spec": template.get("spec") or {},
        }
        self.access.create(CLAIMS, claim)

    def _refuse(self, pod: Object, why: str) -> None:
        """Say why a pod isn't scheduled; nothing while its claim has only just been made."""
        if why == _SOON:
            return
        known = condition(pod.get("status"), "PodScheduled")
        if known is not None and known.get("message") == why:
            return
        changed = copy(pod)
        told = pod_condition(pod, "PodScheduled", "False", self.access.now(), "Unschedulable", why)
        _set_scheduled(changed, told)
        self.access.update(PODS, changed, subresource="status", manager=SCHEDULER)
        self.recorder.record(pod, "FailedScheduling", why, component="default-scheduler", type="Warning")

    def _run(self, pod: Object) -> None:
        """Report what the containers do now, and look again when that changes by itself."""
        faults = read(pod["metadata"].get("annotations"))
        situation, again = self._situation(pod, faults)
        host = pod["spec"].get("hostNetwork")
        address = NODE_ADDRESS if host else self._addresses.give(pod["metadata"]["uid"])
        status = pod_status(situation, address)
        old = pod.get("status") or {}
        if _without_times(status) != _without_times(old):
            for event in container_events(pod, old, status, faults):
                self._event(pod, event.reason, event.message, type=event.type, field=event.field)
            self.access.write_status(PODS, pod, status, manager=KUBELET)
        if again:
            self.enqueue(*key_of(pod), after=again, awaited=not situation.restarts)

    def _situation(self, pod: Object, faults: Faults) -> tuple[Situation, float]:
        """How things stand, and in how many seconds they change by themselves (0: they don't)."""
        now, key = self.access.time(), key_of(pod)
        missing = needs.Needs() if _has_begun(pod) else needs.look(self.access, pod, self._promises)
        for place in missing.places:
            self._waiting.setdefault(place, {})[key] = None
        if missing.volume and (pod.get("status") or {}).get("startTime") is None:
            self._event(pod, "FailedMount", missing.volume, type="Warning")
        blocked = bool(missing.volume) or faults.fail == "mount"
        started = self._started_at.setdefault(pod["metadata"]["uid"], _started(pod) or now)
        left = faults.slow - (now - started) if faults.slow else 0.0
        ready = blocked or left <= 0
        ends = pod["spec"].get("restartPolicy", "Always") != "Always" and not faults.ends_badly and not faults.fail
        restarts, again = self._restarts(pod, faults, now) if ready else (0, 0.0)
        situation = Situation(
            pod,
            faults,
            now,
            started,
            blocked=blocked,
            unset=missing.unset,
            ready=ready,
            done=ends and ready,
            restarts=restarts,
        )
        return situation, again if ready else left

    def _restarts(self, pod: Object, faults: Faults, now: float) -> tuple[int, float]:
        """How often a failing container has been started again by now, and the seconds until the next time."""
        policy = pod["spec"].get("restartPolicy", "Always")
        if not (faults.ends_badly or faults.fail == "init") or policy == "Never":
            return 0, 0.0
        status, uid = pod.get("status") or {}, pod["metadata"]["uid"]
        counts = [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]
        restarts = max((one.get("restartCount", 0) for one in counts), default=0)
        due = self._restart_at.get(uid)
        if restarts == 0 or (due is not None and due <= now):
            restarts += 1
            due = None
        if due is None:
            delay = float(back_off(restarts))
            if policy == "OnFailure" and restarts <= _QUICK_RESTARTS:
                delay /= TIME_FACTOR
            due = self._restart_at[uid] = now + delay
        return restarts, due - now


def _started(pod: Object) -> float:
    """When the containers were started: the pod's start, to the second."""
    return seconds((pod.get("status") or {}).get("startTime"))


def _has_begun(pod: Object) -> bool:
    """Whether containers run, or did: what they have read may go."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return any("waiting" not in one["state"] or one.get("lastState") for one in statuses)


def _set_scheduled(pod: Object, told: Object) -> None:
    status = pod.setdefault("status", {})
    status["conditions"] = [*(one for one in status.get("conditions") or () if one["type"] != "PodScheduled"), told]


def _without_times(status: Object) -> Object:
    """A status without what changes from second to second."""
    made = dict(status)
    for name in ("containerStatuses", "initContainerStatuses"):
        if name in made:
            made[name] = [_without_state_times(one) for one in made[name]]
    return made


def _without_state_times(container: Object) -> Object:
    made = dict(container)
    for name in ("state", "lastState"):
        made[name] = {
            kind: {key: value for key, value in detail.items() if key not in ("startedAt", "finishedAt")}
            for kind, detail in (container.get(name) or {}).items()
        }
    return made
