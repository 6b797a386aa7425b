"""Helm 4's way of waiting: watch the objects and tell their statuses by kstatus' rules until all are as they should be.

One list for each kind and namespace; where that shows all objects ready, nothing is watched. Otherwise one watch for
each of them, and every change is judged. The rules of what counts as done, and the words, are those of statusWaiter in
Helm's pkg/kube.
"""

from __future__ import annotations

import threading

from navarch.errors import ApiError, KubernetesError, WaitError
from navarch.kube.events import Failed
from navarch.kube.wait.board import UNSEEN
from navarch.kube.wait.fields import CURRENT, IN_PROGRESS, NOT_FOUND, TERMINATING, current
from navarch.kube.wait.judge import Judge
from navarch.kube.wait.kinds import completed_job, completed_pod
from navarch.kube.wait.report import Report, duration
from navarch.kube.wait.session import CANCELLED, TIMED_OUT, Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.wait.fields import Object, Rule, Status
    from navarch.kube.wait.judge import Verdict

__all__ = ["HookOnlyWaiter", "StatusWaiter"]

_DEFAULT_SECONDS = 30.0
_CHECK_SECONDS = 3.0
_JOB, _POD = ("batch", "Job"), ("", "Pod")
_DEPLOYMENT = ("apps", "Deployment")


class StatusWaiter:
    """Waits by watching. `readers` are rules of one's own by (group, kind); they come before all others."""

    def __init__(self, client: Client, report: Report, readers: Mapping[tuple[str, str], Rule] | None = None) -> None:
        self._client = client
        self._report = report
        self._readers = dict(readers or {})
        self._lock = threading.Lock()
        self._sessions: set[Session] = set()
        self._cancelled = False

    def wait(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until all objects are Current. Deployments that are paused are passed over."""
        self._ready(resources, timeout, Judge(self._client.transport, self._readers))

    def wait_with_jobs(self, resources: Sequence[Resource], timeout: float) -> None:
        """The same, but Jobs must have completed."""
        self._ready(resources, timeout, Judge(self._client.transport, {_JOB: completed_job, **self._readers}))

    def watch_until_ready(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until Jobs and Pods have ended well; other objects, readers apart, need only be there. For hooks."""
        rules = {_JOB: completed_job, _POD: completed_pod, **self._readers}
        self._ready(resources, timeout, Judge(self._client.transport, rules, other=_there))

    def wait_for_delete(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until none of the objects is there."""
        self._log("waiting for resources to be deleted", resources, timeout)
        self._until(NOT_FOUND, resources, timeout, Judge(self._client.transport, {}))

    def cancel(self) -> None:
        """End what is being waited for, and whatever will be, with the error "context canceled"."""
        with self._lock:
            self._cancelled = True
            sessions = list(self._sessions)
        for session in sessions:
            session.cancel()

    def _ready(self, resources: Sequence[Resource], timeout: float, judge: Judge) -> None:
        self._log("waiting for resources", resources, timeout)
        self._until(CURRENT, [one for one in resources if not _paused(one)], timeout, judge)

    def _log(self, message: str, resources: Sequence[Resource], timeout: float) -> None:
        if self._report.debugging:
            self._report.debug(message, count=len(resources), timeout=duration(timeout or _DEFAULT_SECONDS))

    def _until(self, desired: str, resources: Sequence[Resource], timeout: float, judge: Judge) -> None:
        """Raises WaitError for objects that didn't get there, KubernetesError where they may not be looked at."""
        session = Session(self._client, self._report, resources, desired, judge)
        with self._lock:
            self._sessions.add(session)
            if self._cancelled:
                session.cancel()
        try:
            ended = session.run(timeout or _DEFAULT_SECONDS)
        finally:
            with self._lock:
                self._sessions.discard(session)
        failures = session.board.failures()
        if failures or ended:
            raise self._error(desired, failures, ended, session.troubles)

    def _error(
        self, desired: str, failures: list[tuple[Resource, Verdict]], ended: str, troubles: list[str]
    ) -> WaitError:
        """The error with Helm's text, and with what explains it."""
        deleting = desired == NOT_FOUND
        if ended == TIMED_OUT:
            failures = [(one, self._whole(one, verdict)) for one, verdict in failures] if deleting else failures
        told = [] if deleting or ended != TIMED_OUT else self._as_told(failures)
        words = "still exists" if deleting else "not ready"
        lines = [_line(resource, verdict, words) for resource, verdict in told or failures]
        if ended:
            lines.append(ended)
        if ended == CANCELLED:
            return WaitError("\n".join(lines), objects=[(one, verdict.status.message) for one, verdict in failures])
        from navarch.kube.wait.explain import explain, hint

        objects = explain(self._client, failures, deleting=deleting)
        for resource, why in objects:
            self._report.tell(Failed(resource, why))
        plain = [verdict.status.message for _, verdict in failures]
        more = [one for one, said in zip(objects, plain, strict=True) if one[1] != said]
        return WaitError("\n".join(lines), objects=objects, hint=hint(more, troubles))

    def _whole(self, resource: Resource, verdict: Verdict) -> Verdict:
        """The verdict on the whole of an object of which only metadata has been seen, and which nothing deletes."""
        if verdict.status.status == TERMINATING:
            return verdict
        try:
            answer = self._client.transport.request("GET", resource.path, timeout=_CHECK_SECONDS).json()
        except KubernetesError:
            return verdict
        return Judge(self._client.transport, {}).verdict(resource.identity[:2], answer)

    def _as_told(self, failures: list[tuple[Resource, Verdict]]) -> list[tuple[Resource, Verdict]]:
        """What Helm tells: of a Deployment whose ReplicaSets may not be listed, that its status is Unknown."""
        hidden: dict[str, bool] = {}
        for resource, verdict in failures:
            if resource.identity[:2] == _DEPLOYMENT and verdict.status.status == IN_PROGRESS:
                hidden.setdefault(resource.namespace, False)
        for namespace in hidden:
            hidden[namespace] = self._replica_sets_hidden(namespace)
        return [
            (one, UNSEEN if one.identity[:2] == _DEPLOYMENT and hidden.get(one.namespace) else verdict)
            for one, verdict in failures
        ]

    def _replica_sets_hidden(self, namespace: str) -> bool:
        path = f"/apis/apps/v1/namespaces/{namespace}/replicasets"
        try:
            self._client.transport.request("GET", path, query=[("limit", "1")], timeout=_CHECK_SECONDS)
        except ApiError as error:
            return error.is_forbidden
        except KubernetesError:
            return False
        return False


class HookOnlyWaiter:
    """Waits for hooks, as StatusWaiter does, and for nothing else."""

    def __init__(self, waiter: StatusWaiter) -> None:
        self._waiter = waiter

    def wait(self, resources: Sequence[Resource], timeout: float) -> None:
        """Don't wait."""

    def wait_with_jobs(self, resources: Sequence[Resource], timeout: float) -> None:
        """Don't wait."""

    def wait_for_delete(self, resources: Sequence[Resource], timeout: float) -> None:
        """Don't wait."""

    def watch_until_ready(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until a hook's objects have done what they are for."""
        self._waiter.watch_until_ready(resources, timeout)

    def cancel(self) -> None:
        """End what is being waited for, with the error "context canceled"."""
        self._waiter.cancel()


def _there(_: Object) -> Status:
    return current("Resource is current")


def _paused(resource: Resource) -> bool:
    mapping = resource.mapping
    if (mapping.group, mapping.version, mapping.kind) != ("apps", "v1", "Deployment"):
        return False
    return (resource.object.get("spec") or {}).get("paused") is True


def _line(resource: Resource, verdict: Verdict, words: str) -> str:
    _, kind, namespace, name = resource.identity
    status = verdict.status
    return f"resource {kind}/{namespace}/{name} {words}. status: {status.status}, message: {status.message}"
