"""Why objects are not ready: their conditions, their containers, what was last reported about them, their finalizers.

Asked for when a wait has failed, before anything is cleaned up. It takes a few seconds at most, and what can't be had
is left out: the error is Helm's in any case.
"""

from __future__ import annotations

import time

from navarch.errors import KubernetesError
from navarch.kube.wait.fields import StatusFault, conditions, integer, text
from navarch.kube.wait.selecting import label_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.wait.fields import Object
    from navarch.kube.wait.judge import Verdict

__all__ = ["explain", "hint"]

_SECONDS = 3.0
_MOST_OBJECTS = 10  # further ones are only named
_MOST_PODS = 3
_MOST_EVENTS = 3
_LOG_LINES = 3
_WITH_PODS = frozenset(("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"))
_GOOD = frozenset(
    (
        "Available",
        "Complete",
        "ContainersReady",
        "Established",
        "Initialized",
        "NamesAccepted",
        "PodReadyToStartContainers",
        "PodScheduled",
        "Progressing",
        "Ready",
        "SuccessCriteriaMet",
    )
)


def explain(
    client: Client, failures: Sequence[tuple[Resource, Verdict]], *, deleting: bool = False
) -> list[tuple[Resource, str]]:
    """Each object with what is known of it: a line, and further ones for details."""
    clues = _Clues(client)
    found = []
    for number, (resource, verdict) in enumerate(failures):
        lines = [_first(verdict, deleting=deleting)]
        if number < _MOST_OBJECTS and verdict.object is not None:
            lines += clues.of_deletion(verdict.object) if deleting else clues.of(resource, verdict.object)
        found.append((resource, "\n".join(lines)))
    return found


def hint(objects: Sequence[tuple[Resource, str]], troubles: Sequence[str]) -> str:
    """All of it as a text to be shown after the error."""
    lines = [f"could not look: {one}" for one in troubles]
    for resource, why in objects:
        first, *more = why.split("\n")
        lines += [f"{resource.kind} {resource.name}: {first}", *(f"  {line}" for line in more)]
    return "\n".join(lines)


def _first(verdict: Verdict, *, deleting: bool) -> str:
    status = verdict.status
    if verdict.object is None:
        return status.message or "has not been seen on the server"
    message = status.detail or status.message or status.status
    return "still exists" if deleting and not text(verdict.object, "metadata.deletionTimestamp") else message


class _Clues:
    """Looks for causes in a cluster, until its time is up."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._deadline = time.monotonic() + _SECONDS
        self._events: dict[str, list[Object]] = {}

    def _ask(self, path: str, query: list[tuple[str, str]]) -> Any:
        """The server's answer, None where there is none in time."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            return None
        try:
            return self._client.transport.request("GET", path, query=query, timeout=left)
        except KubernetesError:
            return None

    def _items(self, path: str, query: list[tuple[str, str]]) -> list[Object] | None:
        """What a list has; None where it can't be had."""
        answer = self._ask(path, query)
        try:
            return (answer.json().get("items") or []) if answer else None
        except KubernetesError:
            return None

    def of(self, resource: Resource, obj: Object) -> list[str]:
        """What speaks for itself: conditions, containers, events."""
        pods = [obj] if resource.kind == "Pod" else self._pods(resource, obj)
        lines = _bad_conditions(obj)
        if pods is None:
            return lines + self._reported(resource, obj, [])
        if not pods:
            lines.append("it has no Pods yet")
        shown = [lines_of for pod in pods if (lines_of := self._pod(pod))]
        for lines_of in shown[:_MOST_PODS]:
            lines += lines_of
        return lines + self._reported(resource, obj, pods)

    def of_deletion(self, obj: Object) -> list[str]:
        """What keeps an object that is marked for deletion."""
        since = text(obj, "metadata.deletionTimestamp")
        finalizers = (obj.get("metadata") or {}).get("finalizers") or []
        lines = []
        if since and finalizers:
            lines.append(f"deleted at {since}, waits for its finalizers: {', '.join(map(str, finalizers))}")
        elif since:
            lines.append(f"deleted at {since}")
        return lines + _bad_conditions(obj)

    def _pods(self, resource: Resource, obj: Object) -> list[Object] | None:
        """The Pods of an object; None where it has none by nature, or they can't be asked for."""
        query = label_query((obj.get("spec") or {}).get("selector"))
        if resource.kind not in _WITH_PODS or not query:
            return None
        return self._items(f"/api/v1/namespaces/{resource.namespace}/pods", [("labelSelector", query)])

    def _pod(self, pod: Object) -> list[str]:
        """What is wrong with a Pod's containers, or why it isn't scheduled."""
        name = text(pod, "metadata.name")
        status = pod.get("status") or {}
        statuses = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
        lines = [f"pod {name}: {line}" for one in statuses if (line := _container(one))]
        lines += [f"  {line}" for one in statuses if _container(one) for line in self._log(pod, one)]
        return lines or [f"pod {name}: {line}" for line in _bad_conditions(pod)]

    def _log(self, pod: Object, container: Object) -> list[str]:
        """The last words of a container that ended badly and left no message."""
        state, last = container.get("state") or {}, container.get("lastState") or {}
        ended = state.get("terminated") or last.get("terminated")
        if not ended or ended.get("message") or not ended.get("exitCode"):
            return []
        path = f"/api/v1/namespaces/{text(pod, 'metadata.namespace')}/pods/{text(pod, 'metadata.name')}/log"
        query = [("container", str(container.get("name"))), ("tailLines", str(_LOG_LINES)), ("limitBytes", "2048")]
        if not state.get("terminated"):
            query.append(("previous", "true"))
        answer = self._ask(path, query)
        return answer.body.decode("utf-8", "replace").splitlines() if answer else []

    def _reported(self, resource: Resource, obj: Object, pods: Sequence[Object]) -> list[str]:
        """The last warnings about an object, its Pods, and a Deployment's ReplicaSets."""
        namespace = resource.namespace or "default"
        if namespace not in self._events:
            path = f"/api/v1/namespaces/{namespace}/events"
            self._events[namespace] = self._items(path, [("fieldSelector", "type=Warning"), ("limit", "500")]) or []
        uids = {text(one, "metadata.uid") for one in (obj, *pods)}
        about = [one for one in self._events[namespace] if _is_about(one, resource, uids)]
        about.sort(key=_last_seen)
        return [_event(one) for one in about[-_MOST_EVENTS:]]


def _bad_conditions(obj: Object) -> list[str]:
    """Conditions that tell of something: not those that say that all is well."""
    try:
        listed = conditions(obj)
    except StatusFault:
        return []
    return [
        _joined(f"{one.type} is {one.status}", one.reason, one.message)
        for one in listed
        if (one.message or one.reason) and (one.type in _GOOD) != (one.status == "True")
    ]


def _container(one: Object) -> str:
    """What is wrong with a container, "" if nothing is."""
    state = one.get("state") or {}
    waiting, ended = state.get("waiting"), state.get("terminated")
    before = (one.get("lastState") or {}).get("terminated")
    name = f"container {one.get('name')}"
    if waiting and waiting.get("reason") not in {None, "ContainerCreating", "PodInitializing"}:
        told = _joined(f"{name} is waiting", waiting["reason"], waiting.get("message") or "")
        return f"{told} (it last ended with code {before.get('exitCode')})" if before else told
    ended = ended or (before if not one.get("ready") else None)
    if ended and ended.get("exitCode"):
        told = f"{name} ended with code {ended['exitCode']}"
        return _joined(told, ended.get("reason") or "", (ended.get("message") or "").strip())
    if "running" in state and one.get("ready") is False:
        return f"{name} is running, not ready"
    return ""


def _joined(what: str, reason: str, message: str) -> str:
    """As in: Ready is False, NotYet: give it time."""
    told = f"{what}, {reason}" if reason else what
    return f"{told}: {message}" if message else told


def _is_about(event: Object, resource: Resource, uids: set[str]) -> bool:
    about = event.get("involvedObject") or {}
    if about.get("uid") in uids:
        return True
    owner = resource.kind == "Deployment" and about.get("kind") == "ReplicaSet"
    return owner and str(about.get("name") or "").rpartition("-")[0] == resource.name


def _last_seen(event: Object) -> str:
    series = event.get("series") or {}
    return str(series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or "")


def _event(event: Object) -> str:
    times = integer(event.get("series") or event, "count", 1)
    seen = f" ({times} times)" if times > 1 else ""
    return _joined(f"event{seen}", str(event.get("reason") or ""), str(event.get("message") or "").strip())
