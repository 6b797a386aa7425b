"""What an object's controller makes and owns: finding it, taking and giving it up, and pods out of a template."""

from __future__ import annotations

from navarch.cluster.controllers.index import SelectorIndex
from navarch.cluster.controllers.manager import PODS, Change, Controller
from navarch.cluster.controllers.objects import (
    controller_of,
    is_ready,
    key_of,
    owner_reference,
    ready_since,
    seconds,
    suffix,
)
from navarch.cluster.problems import Problem, forbidden
from navarch.kube.patch.values import copy
from navarch.kube.selectors import object_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind
    from navarch.cluster.controllers.manager import Manager
    from navarch.kube.selectors import Selector

    Object = dict[str, Any]

__all__ = ["Parent", "deletion_order", "is_terminating_namespace", "pod_from"]

_ACCOUNTS: Kind = ("", "serviceaccounts")
_LONGEST_PREFIX = 58  # so that a name of 63 letters has room for five more
_TRIES = 20  # names that are taken, before giving up


class Parent(Controller):
    """A controller of objects that own others, found by a selector.

    `component` signs its events; `children` are the kinds that it makes, the first one by its selector.
    """

    component = ""
    owner_kind = ""
    children: tuple[Kind, ...] = (PODS,)

    def __init__(self, manager: Manager) -> None:
        super().__init__(manager)
        self._selectors = SelectorIndex()
        self._made: dict[str, int] = {}

    def observe(self, change: Change) -> None:
        """An object of its own, one that it made, or one that has no owner and is selected."""
        if change.kind == self.kind:
            self._know(change)
            self.enqueue(*key_of(change.object))
        elif change.kind in self.children:
            for obj in (change.object, change.old):
                if obj is not None:
                    self._notify(obj, change.kind)

    def _know(self, change: Change) -> None:
        namespace, name = key_of(change.object)
        if change.type == "DELETED":
            self._selectors.remove(namespace, name)
            self._made.pop(change.object["metadata"].get("uid", ""), None)
        else:
            self._selectors.put(namespace, name, self.selector(change.object))

    def _notify(self, obj: Object, kind: Kind) -> None:
        owner = controller_of(obj)
        namespace = obj["metadata"].get("namespace", "")
        if owner is not None:
            if owner.get("kind") == self.owner_kind:
                self.enqueue(namespace, owner.get("name", ""))
        elif kind == self.children[0]:
            for name in self._selectors.selecting(namespace, obj["metadata"].get("labels")):
                self.enqueue(namespace, name)

    def selector(self, obj: Object, /) -> Object | None:
        """What selects the children of an object."""
        found: Object | None = (obj.get("spec") or {}).get("selector")
        return found

    def event(self, obj: Object, reason: str, message: str, type: str = "Normal") -> None:  # noqa: A002
        """Record that something happened to an object."""
        self.recorder.record(obj, reason, message, component=self.component, type=type)

    def claim(self, owner: Object, kind: Kind) -> list[Object]:
        """The children of a kind. Those that aren't selected any more are let go, those without owner taken."""
        uid = owner["metadata"]["uid"]
        given = self.selector(owner)
        selector = None if given is None else object_selector(given)
        going = "deletionTimestamp" in owner["metadata"]
        found = []
        for place in self.owners.owned(uid, kind):
            obj = self.access.get(*place)
            if obj is None or (controller_of(obj) or {}).get("uid") != uid:
                continue
            if selector is not None and selector.matches(obj["metadata"].get("labels") or {}):
                found.append(obj)
            elif not going:
                self._release(kind, obj, uid)
        if selector is not None and not going:
            found.extend(self._adopt(owner, kind, selector))
        return found

    def _release(self, kind: Kind, obj: Object, uid: str) -> None:
        def change(edited: Object) -> None:
            left = [one for one in edited["metadata"].get("ownerReferences") or () if one.get("uid") != uid]
            edited["metadata"]["ownerReferences"] = left

        self.access.edit(kind, obj, change)

    def _adopt(self, owner: Object, kind: Kind, selector: Selector) -> list[Object]:
        adopted = []
        for place in self.owners.free(kind, owner["metadata"].get("namespace", "")):
            obj = self.access.get(*place)
            if obj is None or "deletionTimestamp" in obj["metadata"] or controller_of(obj) is not None:
                continue
            if selector.matches(obj["metadata"].get("labels") or {}):
                adopted.append(self.access.edit(kind, obj, lambda edited: self.adopt(owner, edited)))
        return adopted

    def adopt(self, owner: Object, obj: Object) -> None:
        """Make an object one of `owner`'s, in place."""
        obj["metadata"].setdefault("ownerReferences", []).append(owner_reference(owner))

    def check_account(self, pod: Object) -> None:
        """Raise the Problem (403) that admission has with a pod whose account isn't there."""
        account = pod["spec"].get("serviceAccountName") or "default"
        metadata = pod["metadata"]
        namespace = metadata["namespace"]
        if account != "default" and self.access.get(_ACCOUNTS, namespace, account) is None:
            why = f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
            raise forbidden("", "pods", metadata.get("name") or metadata["generateName"], why)

    def create_pod(self, owner: Object, pod: Object) -> Object:
        """Create a pod under a name that follows from the owner's and from how many it has made. Raises Problem."""
        self.check_account(pod)
        uid = owner["metadata"]["uid"]
        prefix = pod["metadata"]["generateName"][:_LONGEST_PREFIX]
        for _ in range(_TRIES):
            number = self._made[uid] = self._made.get(uid, 0) + 1
            pod["metadata"]["name"] = prefix + suffix(f"{owner['metadata'].get('namespace')}/{prefix}", number)
            try:
                made = self.access.create(PODS, pod)
            except Problem as problem:
                if problem.reason != "AlreadyExists":
                    raise
            else:
                return made
        raise Problem(500, "InternalError", f"no free name for a pod of {owner['metadata']['name']}")

    def create_reported(self, owner: Object, pod: Object) -> Object:
        """Create a pod, with the events that most controllers record about it. Raises Problem."""
        try:
            made = self.create_pod(owner, pod)
        except Problem as problem:
            if not is_terminating_namespace(problem):
                self.event(owner, "FailedCreate", f"Error creating: {problem.message}", "Warning")
            raise
        self.event(owner, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        return made

    def delete_reported(self, owner: Object, pod: Object) -> None:
        """Delete a pod, with the event about it."""
        if self.access.delete(PODS, pod):
            self.event(owner, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")


def is_terminating_namespace(problem: Problem) -> bool:
    """Whether nothing can be created because the namespace goes away."""
    causes = (problem.details or {}).get("causes") or ()
    return any(one.get("reason") == "NamespaceTerminating" for one in causes)


def pod_from(template: Object, owner: Object) -> Object:
    """A pod as a template has it, owned by `owner`; without a name."""
    metadata = template.get("metadata") or {}
    name = owner["metadata"]["name"]
    made: Object = {"generateName": f"{name}-", "namespace": owner["metadata"].get("namespace", "")}
    for key in ("labels", "annotations", "finalizers"):
        if metadata.get(key):
            made[key] = copy(metadata[key])
    made["ownerReferences"] = [owner_reference(owner)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": made, "spec": copy(template.get("spec") or {})}


_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def deletion_order(pods: list[Object]) -> list[Object]:
    """Pods in the order in which a controller with too many of them deletes them (ActivePodsWithRanks).

    Without a node first, then pending, not ready, cheap, ready for a short time, often restarted, young.
    """

    def rank(pod: Object) -> tuple[Any, ...]:
        metadata, status = pod["metadata"], pod.get("status") or {}
        ready = is_ready(pod)
        restarts = max((one.get("restartCount", 0) for one in status.get("containerStatuses") or ()), default=0)
        return (
            bool((pod.get("spec") or {}).get("nodeName")),
            _PHASES.get(status.get("phase", ""), 1),
            ready,
            _cost(metadata),
            -ready_since(pod) if ready else 0,
            -restarts,
            -seconds(metadata.get("creationTimestamp")),
        )

    return sorted(pods, key=rank)


def _cost(metadata: Object) -> int:
    text = (metadata.get("annotations") or {}).get("controller.kubernetes.io/pod-deletion-cost", "0")
    return int(text) if text.lstrip("-").isdecimal() else 0
