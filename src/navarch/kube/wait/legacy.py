"""Helm 3's way of waiting (`--wait=legacy`): ask for the objects one by one, every two seconds.

`checker` asks the server and `ready` has the rules. Words, order and patience are those of legacyWaiter in Helm's
pkg/kube: what is asked for may fail thirty times before that counts, except where the server's answer is final.
"""

from __future__ import annotations

import threading
import time

from navarch.errors import ApiError, KubernetesError, WaitError
from navarch.kube.events import Failed, Ready, Waiting
from navarch.kube.wait.checker import ReadyChecker
from navarch.kube.wait.fields import IN_PROGRESS, UNKNOWN, Status
from navarch.kube.wait.judge import Verdict
from navarch.kube.wait.report import Report, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource

__all__ = ["LegacyWaiter"]

_PAUSE = 2.0
_RETRIES = 30
_EXPLAIN_SECONDS = 3.0


class LegacyWaiter:
    """Waits by asking again and again."""

    def __init__(self, client: Client, report: Report) -> None:
        self._client = client
        self._report = report
        self._cancelled = threading.Event()

    def wait(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until all objects are ready. Raises WaitError, KubernetesError."""
        self._until_ready(resources, timeout, jobs=False)

    def wait_with_jobs(self, resources: Sequence[Resource], timeout: float) -> None:
        """The same, but Jobs must have completed."""
        self._until_ready(resources, timeout, jobs=True)

    def wait_for_delete(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until none of the objects is there. Raises WaitError, KubernetesError."""
        self._log("beginning wait for resources to be deleted", resources, timeout)
        began = time.monotonic()
        try:
            tell = _Teller(self._report)
            ended = self._poll(timeout, lambda: self._all_gone(resources, tell))
            if ended:
                raise self._still_there(ended, resources)
        except KubernetesError as error:
            elapsed = duration(round(time.monotonic() - began))
            self._report.debug("wait for resources failed", elapsed=elapsed, error=error)
            raise
        self._report.debug("wait for resources succeeded", elapsed=duration(round(time.monotonic() - began)))

    def watch_until_ready(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until Jobs and Pods have ended well; other objects aren't looked at. For hooks.

        Raises KubernetesError for those that ended badly, or didn't in time.
        """
        from navarch.kube.wait.hooks import watch_hooks

        watch_hooks(self._client, self._report, resources, timeout, self._cancelled)

    def cancel(self) -> None:
        """End what is being waited for, and whatever will be, with the error "context canceled"."""
        self._cancelled.set()

    def _log(self, message: str, resources: Sequence[Resource], timeout: float) -> None:
        if self._report.debugging:
            self._report.debug(message, count=len(resources), timeout=duration(timeout))

    def _poll(self, timeout: float, is_done: Callable[[], bool]) -> str:
        """Ask until something is so. What ended the wait instead, "" if nothing did. No `timeout` is for ever."""
        deadline = time.monotonic() + timeout if timeout > 0 else float("inf")
        while not is_done():
            left = deadline - time.monotonic()
            if self._cancelled.wait(max(0.0, min(_PAUSE, left))):
                return "context canceled"
            if left <= _PAUSE:
                return "context deadline exceeded"
        return ""

    def _until_ready(self, resources: Sequence[Resource], timeout: float, *, jobs: bool) -> None:
        self._log("beginning wait for resources", resources, timeout)
        rounds = _Rounds(resources, ReadyChecker(self._client, self._report, jobs=jobs), self._report)
        ended = self._poll(timeout, rounds.all_ready)
        if ended:
            checker = ReadyChecker(self._client, Report(), jobs=jobs)
            raise self._error(ended, resources, lambda one: "" if checker.is_ready(one) else checker.why)

    def _all_gone(self, resources: Sequence[Resource], tell: Callable[[Resource, str], None]) -> bool:
        for resource in resources:
            try:
                self._client.get(resource)
            except ApiError as error:
                if not error.is_not_found:
                    raise
            else:
                tell(resource, "still exists")
                return False
            tell(resource, "")
        return True

    def _still_there(self, ended: str, resources: Sequence[Resource]) -> WaitError:
        return self._error(ended, resources, lambda _: "still exists", deleting=True)

    def _error(
        self, ended: str, resources: Sequence[Resource], lack: Callable[[Resource], str], *, deleting: bool = False
    ) -> WaitError:
        """The error with Helm's text, which says no more than that time is up, and with what explains it.

        `lack` tells what an object lacks, "" for one that is ready.
        """
        from navarch.kube.wait.explain import explain, hint

        deadline = time.monotonic() + _EXPLAIN_SECONDS
        failures: list[tuple[Resource, Verdict]] = []
        for resource in resources:
            if time.monotonic() > deadline:
                break
            try:
                obj = self._client.get(resource)
                why = lack(resource)
            except ApiError as error:
                if not error.is_not_found or not deleting:
                    failures.append((resource, Verdict(Status(UNKNOWN, error.message), None)))
                continue
            except KubernetesError as error:
                failures.append((resource, Verdict(Status(UNKNOWN, error.message), None)))
                continue
            if why:
                failures.append((resource, Verdict(Status(IN_PROGRESS, why), obj)))
        objects = explain(self._client, failures, deleting=deleting)
        for resource, why in objects:
            self._report.tell(Failed(resource, why))
        return WaitError(ended, objects=objects, hint=hint(objects, ()))


class _Teller:
    """Tells listeners what an object lacks, "" for nothing, whenever that is news."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._told: dict[tuple[str, str, str, str], str] = {}

    def __call__(self, resource: Resource, lack: str) -> None:
        if self._told.get(resource.identity) != lack:
            self._told[resource.identity] = lack
            self._report.tell(Waiting(resource, lack) if lack else Ready(resource))


class _Rounds:
    """Goes through all objects again and again, each time as far as the first that isn't ready."""

    def __init__(self, resources: Sequence[Resource], checker: ReadyChecker, report: Report) -> None:
        self._resources = resources
        self._checker = checker
        self._report = report
        self._failed = [0] * len(resources)  # questions about each that failed, in a row
        self._tell = _Teller(report)

    def all_ready(self) -> bool:
        """Whether all are ready now. Raises KubernetesError for what won't get better by asking again."""
        return all(self._is_ready(i, resource) for i, resource in enumerate(self._resources))

    def _is_ready(self, i: int, resource: Resource) -> bool:
        try:
            ready = self._checker.is_ready(resource)
        except KubernetesError as error:
            self._failed[i] = self._failed[i] + 1 if self._is_passing(resource, error) else 0
            if not self._failed[i]:
                raise
            if self._failed[i] > _RETRIES:
                self._debug("max number of retries reached", resource, retries=self._failed[i])
                raise
            told = {"currentRetries": self._failed[i] - 1, "maxRetries": _RETRIES}
            self._debug("retrying resource readiness", resource, **told)
            self._tell(resource, error.message)
            return False
        self._failed[i] = 0
        self._tell(resource, "" if ready else self._checker.why or "not ready")
        return ready

    def _is_passing(self, resource: Resource, error: KubernetesError) -> bool:
        """Whether a failure may pass. All do but the server's own answers, of which only some."""
        self._debug("error received when checking resource status", resource, error=error)
        if not isinstance(error, ApiError):
            self._debug("retryable error assumed", resource)
            return True
        passing = error.code in {0, 429} or (error.code >= 500 and error.code != 501)
        self._debug("status code received", resource, statusCode=error.code, retryable=passing)
        return passing

    def _debug(self, message: str, resource: Resource, **attributes: object) -> None:
        self._report.debug(message, resource=resource.name, **attributes)
