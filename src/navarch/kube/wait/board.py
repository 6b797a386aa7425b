"""What is known of the objects that are waited for, and whether that is enough: statusObserver in Helm's pkg/kube."""

from __future__ import annotations

from navarch.kube.events import Ready, Waiting
from navarch.kube.wait.fields import FAILED, NOT_FOUND, TERMINATING, UNKNOWN, Status
from navarch.kube.wait.judge import GONE, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from navarch.kube.objects import Resource
    from navarch.kube.wait.report import Report

    Identity = tuple[str, str, str, str]

__all__ = ["UNSEEN", "Board"]

UNSEEN = Verdict(Status(UNKNOWN, ""), None)
_WORDS = {UNKNOWN: "not there yet"}


class Board:
    """The latest verdict on each of `resources`, and which of them don't have the status `desired` yet.

    An object that has failed is no longer waited for, nor, where `desired` is NotFound, one that was never seen.
    """

    def __init__(self, resources: Sequence[Resource], desired: str, report: Report) -> None:
        self.resources = {one.identity: one for one in resources}
        self.desired = desired
        self._order = resources
        self._report = report
        self._verdicts = dict.fromkeys(self.resources, UNSEEN)
        self._told: dict[Identity, str] = {}
        self._unwaited = UNKNOWN if desired == NOT_FOUND else FAILED
        self._lagging = set() if desired == NOT_FOUND else set(self.resources)

    def verdict(self, identity: Identity) -> Verdict:
        return self._verdicts[identity]

    def is_desired(self, identity: Identity) -> bool:
        return self._verdicts[identity].status.status == self.desired

    def note(self, identity: Identity, verdict: Verdict) -> None:
        """An object has this status now."""
        self._verdicts[identity] = verdict
        if verdict.status.status in {self.desired, self._unwaited}:
            self._lagging.discard(identity)
        else:
            self._lagging.add(identity)
        self._tell(identity, verdict)

    def note_absent(self, identity: Identity) -> None:
        """A list of the object's kind doesn't have it."""
        if self._verdicts[identity].object is None:
            self._tell(identity, self._verdicts[identity])
        else:
            self.note(identity, Verdict(GONE, None))

    def _tell(self, identity: Identity, verdict: Verdict) -> None:
        """Pass on what is news to listeners."""
        lack = self._lack(verdict)
        if self._told.get(identity) != lack:
            self._told[identity] = lack
            resource = self.resources[identity]
            self._report.tell(Waiting(resource, lack) if lack else Ready(resource))

    def _lack(self, verdict: Verdict) -> str:
        """Why an object is still waited for, in a few words; "" if it isn't."""
        status = verdict.status
        if self.desired != NOT_FOUND:
            return "" if status.status == self.desired else status.message or _WORDS.get(status.status, status.status)
        if verdict.object is None:
            return ""
        finalizers = (verdict.object.get("metadata") or {}).get("finalizers")
        if status.status != TERMINATING:
            return "still exists"
        return f"waits for its finalizers: {', '.join(finalizers)}" if finalizers else "is being deleted"

    def done(self, *, all_looked_at: bool) -> bool:
        """Whether nothing lags, as far as that can be told before all kinds have been looked at. Logs what it finds."""
        if self._lagging:
            if self._report.debugging:
                self._log_first_lagging()
            return False
        if all_looked_at:
            counted = sum(1 for one in self._verdicts.values() if one.status.status != self._unwaited)
            message = "all resources achieved desired status"
            self._report.debug(message, desiredStatus=self.desired, resourceCount=counted)
        return all_looked_at

    def _log_first_lagging(self) -> None:
        identity = min(self._lagging, key=lambda one: one[3])
        _, kind, namespace, name = identity
        self._report.debug(
            "waiting for resource",
            namespace=namespace,
            name=name,
            kind=kind,
            expectedStatus=self.desired,
            actualStatus=self._verdicts[identity].status.status,
        )

    def failures(self) -> list[tuple[Resource, Verdict]]:
        """The objects without the desired status, in the order they were given in, and what they have instead."""
        found = [(one, self._verdicts[one.identity]) for one in self._order]
        missed = [(one, verdict) for one, verdict in found if verdict.status.status != self.desired]
        if self.desired == NOT_FOUND:
            missed = [(one, verdict) for one, verdict in missed if verdict.status.status != UNKNOWN]
        return missed
