"""Waiting for hooks as Helm 3 did: watch each Job and Pod until it has ended; other kinds aren't looked at.

The objects of a kind are watched side by side, kinds one after the other.
"""

from __future__ import annotations

import queue
import threading
import time

from navarch.errors import KubernetesError
from navarch.kube.events import Failed, Ready, Waiting
from navarch.kube.wait.fields import conditions, integer, text
from navarch.kube.wait.follow import Changed, Deleted, Follower, Listed
from navarch.kube.wait.report import Report, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.wait.fields import Object
    from navarch.kube.wait.follow import Unserved

__all__ = ["watch_hooks"]

_TIMED_OUT = "timed out waiting for the condition"
_NAP = 0.5  # seconds between looks whether somebody has cancelled
_GO_TYPES = {"Job": "*batch.Job", "Pod": "*v1.Pod"}
_KNOWN = {"Job": ("batch", "v1"), "Pod": ("", "v1")}


def watch_hooks(
    client: Client, report: Report, resources: Sequence[Resource], timeout: float, cancelled: threading.Event
) -> None:
    """Wait until the objects of a hook have ended well, each no longer than `timeout` seconds (0: for ever).

    Raises KubernetesError with the errors of all that didn't, a line each.
    """
    if not resources:
        raise KubernetesError("no objects visited")
    errors: list[KubernetesError] = []
    for same_kind in _by_kind(resources):
        errors += _watch_all(client, report, same_kind, timeout, cancelled)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise KubernetesError("\n".join(error.message for error in errors), hint=_hints(errors))


def _hints(errors: Sequence[KubernetesError]) -> str:
    return "\n".join(error.hint for error in errors if error.hint)


def _by_kind(resources: Sequence[Resource]) -> Iterator[list[Resource]]:
    """Neighbours of one kind together."""
    group: list[Resource] = []
    for one in resources:
        if group and group[0].kind != one.kind:
            yield group
            group = []
        group.append(one)
    yield group


def _watch_all(
    client: Client, report: Report, resources: Sequence[Resource], timeout: float, cancelled: threading.Event
) -> list[KubernetesError]:
    """The errors of those that didn't end well."""
    outcomes: queue.SimpleQueue[tuple[_Hook, Any]] = queue.SimpleQueue()
    hooks = [_Hook(client, report, one) for one in resources if one.kind in _KNOWN]
    waiting = set(hooks)
    deadline = time.monotonic() + timeout if timeout > 0 else float("inf")
    errors: list[KubernetesError] = []
    for hook in hooks:
        report.debug("watching for resource changes", kind=hook.kind, resource=hook.name, timeout=duration(timeout))
        threading.Thread(target=hook.run, args=(outcomes,), daemon=True).start()
    try:
        while waiting and time.monotonic() < deadline and not cancelled.is_set():
            try:
                hook, outcome = outcomes.get(timeout=max(0.0, min(_NAP, deadline - time.monotonic())))
            except queue.Empty:
                continue
            waiting.discard(hook)
            errors += hook.error(client, outcome)
    finally:
        for hook in hooks:
            hook.follower.close()
    for hook in hooks:
        if hook in waiting:
            errors += hook.error(client, KubernetesError(_TIMED_OUT))
    return errors


class _Hook:
    """A Job or Pod of a hook, watched until it has ended."""

    def __init__(self, client: Client, report: Report, resource: Resource) -> None:
        names = frozenset((resource.name,))
        self.kind = resource.kind
        self.name = resource.name
        self.follower = Follower(client.transport, resource.mapping, resource.namespace, names, stubborn=True)
        self.follower.watching.set()
        self._resource = resource
        self._report = report
        self._last: Object | None = None

    def run(self, outcomes: queue.SimpleQueue[tuple[_Hook, Any]]) -> None:
        """Watch, and put the outcome: None where all went well, else an error."""
        try:
            for change in self.follower:
                if self._ended(change):
                    outcomes.put((self, None))
                    return
        except BaseException as error:  # noqa: BLE001 - judged by the thread that waits
            outcomes.put((self, error))

    def _ended(self, change: Listed | Changed | Deleted | Unserved) -> bool:
        """Whether the object has ended well, or is gone. Raises KubernetesError if it has ended badly."""
        if isinstance(change, Changed):
            return self._changed(change.object)
        if isinstance(change, Listed) and change.objects:
            return self._changed(change.objects[0])
        gone = isinstance(change, Deleted) or (isinstance(change, Listed) and self._last is not None)
        if gone:
            self._report.debug("deleted event received", resource=self.name)
        return gone

    def _changed(self, obj: Object) -> bool:
        kind = "ADDED" if self._last is None else "MODIFIED"
        self._last = obj
        self._report.debug("add/modify event received", resource=self.name, eventType=kind)
        mapping = self._resource.mapping
        if (mapping.group, mapping.version) != _KNOWN[self.kind]:
            wanted = _GO_TYPES[self.kind]
            raise KubernetesError(f"expected {self.name} to be a {wanted}, got *unstructured.Unstructured")
        return self._job(obj) if self.kind == "Job" else self._pod(obj)

    def _job(self, job: Object) -> bool:
        for one in conditions(job):
            if one.type == "Complete" and one.status == "True":
                return True
            if one.type == "Failed" and one.status == "True":
                self._report.error("job failed", job=self.name, reason=one.reason)
                raise KubernetesError(f"job {self.name} failed: {one.reason}")
        counts = {name: integer(job, f"status.{name}", 0) for name in ("active", "failed", "succeeded")}
        self._report.debug("job status update", job=self.name, **counts)
        self._report.tell(Waiting(self._resource, "Job in progress"))
        return False

    def _pod(self, pod: Object) -> bool:
        phase = text(pod, "status.phase")
        if phase == "Succeeded":
            self._report.debug("pod succeeded", pod=self.name)
            return True
        if phase == "Failed":
            self._report.error("pod failed", pod=self.name)
            raise KubernetesError(f"pod {self.name} failed")
        if phase in {"Pending", "Running", "Unknown"}:
            self._report.debug(f"pod {phase.lower()}", pod=self.name)
        self._report.tell(Waiting(self._resource, f"pod {phase.lower()}"))
        return False

    def error(self, client: Client, outcome: BaseException | None) -> list[KubernetesError]:
        """The error that an outcome stands for, with what explains it. Raises what nobody foresaw."""
        if outcome is None:
            self._report.tell(Ready(self._resource))
            return []
        if not isinstance(outcome, KubernetesError):
            raise outcome
        from navarch.kube.wait.explain import explain, hint
        from navarch.kube.wait.fields import IN_PROGRESS, Status
        from navarch.kube.wait.judge import Verdict

        verdict = Verdict(Status(IN_PROGRESS, outcome.message), self._last)
        objects = explain(client, [(self._resource, verdict)])
        self._report.tell(Failed(*objects[0]))
        outcome.hint = outcome.hint or hint(objects, [self.follower.trouble] if self.follower.trouble else [])
        return [outcome]
