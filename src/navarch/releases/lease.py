"""The Lease that a release is worked on under, so that two clients don't, and a client that was killed doesn't block.

Whoever changes a release holds the Lease `sh.helm.release.v1.NAME` beside its records, renews it, and deletes it at the
end. A Lease that nobody renews is taken over; it then tells what was cut off. Helm knows nothing of this and is
neither held up nor disturbed; without the right to Leases everything goes on as with Helm.
"""

from __future__ import annotations

from json import dumps
from threading import Event, Lock, Thread
from time import monotonic, sleep, time

from navarch.chart.notices import notice
from navarch.errors import ApiError, KubernetesError, LeaseHeldError, ReleaseError, UnreachableError
from navarch.releases.holder import AT_WORK, Holder, annotated, holder_of, is_dead, is_here, micro_time, ourselves, unix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

    from navarch.kube.client import Client
    from navarch.kube.transport import Transport

    Say = Callable[[str], None]
    Object = dict[str, Any]

__all__ = ["DURATION", "PERIOD", "Holder", "Lease"]

DURATION = 15.0
"""After how many seconds without a sign of life a Lease is free to take."""
PERIOD = 5.0
"""How many seconds lie between two signs of life."""

_PREFIX = "sh.helm.release.v1."
_POLL = 0.5
_PATIENCE = 4.0


class Lease:
    """A release's Lease, to be held with `with`.

    Entering it raises LeaseHeldError where somebody else holds it and lives; that takes up to `period` seconds to find
    out, and up to `duration` seconds until a dead one's Lease is free. `debug` is given lines on what happens. `held`
    says whether there is one at all; `abandoned` is whose work was cut off before us.
    """

    def __init__(
        self,
        client: Client,
        namespace: str,
        name: str,
        *,
        action: str = "",
        revision: int = 0,
        debug: Say | None = None,
        duration: float = DURATION,
        period: float = PERIOD,
    ) -> None:
        self.name = name
        self.held = False
        self.abandoned: Holder | None = None
        self._transport: Transport | None = getattr(client, "transport", None)
        self._folder = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._path = f"{self._folder}/{_PREFIX}{name}"
        self._action = action
        self._revision = revision
        self._debug = debug
        self._duration = duration
        self._period = period
        self._holder = Holder()
        self._object: Object = {}
        self._renewed = 0.0
        self._taken = ""
        self._left = False
        self._unheard = False
        self._ended = Event()
        self._lock = Lock()

    def __enter__(self) -> Self:
        if self._transport is None:
            return self
        self._holder = ourselves(self._action, self._revision)
        AT_WORK.add(self._holder.token)
        try:
            self._acquire(self._transport)
        except KubernetesError as error:
            self._say("going on without a lease", release=self.name, error=str(error))
            return self
        finally:
            if not self._object:
                AT_WORK.discard(self._holder.token)
        self.held = True
        Thread(target=self._keep, args=(self._transport,), name=f"lease {self.name}", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        AT_WORK.discard(self._holder.token)
        if not self.held or self._transport is None:
            return
        with self._lock:
            self.held = False
            if not self._taken and not self._left:
                self._release(self._transport)

    def leave(self) -> None:
        """At the end, leave the Lease behind: who takes it over then knows that something was cut off."""
        self._left = True

    @property
    def lost(self) -> bool:
        """Whether somebody else holds the Lease by now, or may: it couldn't be renewed in time."""
        return self.held and (bool(self._taken) or self._is_late())

    def check(self) -> None:
        """Raise ReleaseError where the Lease is lost; one that only couldn't be renewed is renewed first."""
        if self.held and not self._taken and self._is_late() and self._transport is not None:
            self._renew(self._transport)
        if self.lost:
            who = f" to {self._taken}" if self._taken else ""
            raise ReleaseError(
                f'the lease of release "{self.name}" was lost{who}; nothing more is done',
                hint="another client may be working on the release: look at its status before going on",
            )

    def _is_late(self) -> bool:
        return monotonic() - self._renewed > self._duration

    def _say(self, message: str, **attributes: str) -> None:
        if self._debug is not None:
            self._debug(notice("DEBUG", message, **attributes))

    # taking it

    def _acquire(self, transport: Transport) -> None:
        """Make the Lease, or take over one whose holder is gone. Raises LeaseHeldError, KubernetesError."""
        seen: Object = {}
        changed = monotonic()
        while True:
            current = self._create(transport)
            if current is None:
                return
            holder = holder_of(current)
            if holder.token == self._holder.token:  # ours, of a request whose answer was lost
                self._adopt(current)
                return
            if (seen and _version_of(current) != _version_of(seen)) or self._is_busy(current, holder):
                raise _held(self.name, holder)
            if not seen:
                seen, changed = current, monotonic()
            if self._is_free(current, holder, monotonic() - changed) and self._take(transport, current, holder):
                return
            sleep(min(_POLL, self._period / 4))

    def _create(self, transport: Transport) -> Object | None:
        """Make the Lease; where there is one already, that one."""
        body = self._body({"name": f"{_PREFIX}{self.name}", "labels": {"owner": "helm", "name": self.name}}, 0)
        try:
            self._adopt(transport.request("POST", self._folder, body=dumps(body).encode()).json())
        except ApiError as error:
            if not error.is_already_exists:
                raise
        except UnreachableError as error:
            if not error.sent or self._unheard:
                raise
            self._unheard = True
        else:
            return None
        try:
            current: Object = transport.request("GET", self._path).json()
        except ApiError as error:
            if error.is_not_found:  # gone in the meantime
                return self._create(transport)
            raise
        return current

    def _is_busy(self, current: Object, holder: Holder) -> bool:
        """Whether the holder is known to be alive: a process of this machine whose Lease has not run out."""
        return is_here(holder) and not self._is_old(current)

    def _is_old(self, current: Object) -> bool:
        """Whether a Lease has run out, by our clock."""
        spec = current.get("spec") or {}
        return time() - unix(spec.get("renewTime") or "") > float(spec.get("leaseDurationSeconds") or self._duration)

    def _is_free(self, current: Object, holder: Holder, silent: float) -> bool:
        """Whether nobody holds a Lease that hasn't changed for so many seconds.

        The clocks of two machines may differ: one that has run out by ours is watched for a while nevertheless.
        """
        if not (current.get("spec") or {}).get("holderIdentity") or is_dead(holder):
            return True
        return silent > self._period + _POLL and (self._is_old(current) or silent > self._duration)

    def _take(self, transport: Transport, current: Object, holder: Holder) -> bool:
        """Put ourselves in the place of a holder that is gone; false where somebody was quicker."""
        spec = current.get("spec") or {}
        body = self._body(current["metadata"], int(spec.get("leaseTransitions") or 0) + 1)
        self.abandoned = holder if spec.get("holderIdentity") else None
        try:
            self._adopt(transport.request("PUT", self._path, body=dumps(body).encode()).json())
        except ApiError as error:
            if error.is_conflict or error.is_not_found:
                return False
            raise
        if self.abandoned is not None:
            self._say("took over an abandoned lease", release=self.name, holder=str(holder))
        return True

    def _body(self, metadata: Object, transitions: int) -> Object:
        now = micro_time()
        annotations = annotated(metadata.get("annotations"), self._holder)
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {**metadata, "annotations": annotations},
            "spec": {
                "holderIdentity": str(self._holder),
                "leaseDurationSeconds": max(1, round(self._duration)),
                "acquireTime": now,
                "renewTime": now,
                "leaseTransitions": transitions,
            },
        }

    def _adopt(self, answer: Object) -> None:
        self._object = answer
        self._renewed = monotonic()

    # keeping it

    def _keep(self, transport: Transport) -> None:
        """Renew the Lease until the end; sooner again where that failed."""
        pause = self._period
        while not self._ended.wait(pause):
            renewed = self._renew(transport)
            if self._taken:
                return
            pause = self._period if renewed else self._period / 5

    def _renew(self, transport: Transport) -> bool:
        """Give a sign of life. Whoever has the Lease instead of us is noted in `_taken`."""
        with self._lock:
            if self._ended.is_set():
                return False
            self._object["spec"]["renewTime"] = micro_time()
            started = monotonic()
            try:
                body = dumps(self._object).encode()
                answer = transport.request("PUT", self._path, body=body, timeout=self._duration / 3).json()
            except ApiError as error:
                if error.is_conflict or error.is_not_found:
                    self._look(transport)
                return False
            except KubernetesError as error:
                self._say("failed to renew the lease", release=self.name, error=str(error))
                return False
            self._object = answer
            self._renewed = started
            return True

    def _look(self, transport: Transport) -> None:
        """See who has changed the Lease: another holder, or somebody who only labelled it."""
        try:
            current: Object = transport.request("GET", self._path, timeout=self._duration / 3).json()
        except ApiError as error:
            if error.is_not_found:
                self._taken = "somebody who deleted it"
            return
        except KubernetesError:
            return
        holder = holder_of(current)
        if holder.token == self._holder.token:
            if current["spec"].get("renewTime") == self._object["spec"]["renewTime"]:  # only the answer was lost
                self._renewed = monotonic()
            self._object = current
        else:
            self._taken = str(holder)

    def _release(self, transport: Transport) -> None:
        """Delete the Lease, unless it is not ours any more."""
        options = {"preconditions": {"uid": self._object["metadata"]["uid"]}}
        try:
            transport.request("DELETE", self._path, body=dumps(options).encode(), timeout=_PATIENCE)
        except KubernetesError as error:
            self._say("failed to delete the lease", release=self.name, error=str(error))


def _held(name: str, holder: Holder) -> LeaseHeldError:
    return LeaseHeldError(
        f"another operation (install/upgrade/rollback) is in progress: release {name} is held by {holder}",
        holder=str(holder),
        hint=f"wait until it is done; should it have died, its lease runs out {DURATION:.0f} seconds later",
    )


def _version_of(lease: Object) -> str:
    return str((lease.get("metadata") or {}).get("resourceVersion") or "")
