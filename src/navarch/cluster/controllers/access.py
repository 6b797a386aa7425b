"""The cluster as controllers see it: reads and writes by kind, in the name of a component."""

from __future__ import annotations

from navarch.cluster.options import Deletion, Options
from navarch.cluster.problems import Problem
from navarch.golang.calendar import stamp
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = [
    "CONTROLLER_MANAGER",
    "KUBELET",
    "SCHEDULER",
    "Access",
    "Kind",
]

Kind = tuple[str, str]  # group and plural, as ("apps", "deployments")

CONTROLLER_MANAGER = "kube-controller-manager"
KUBELET = "kubelet"
SCHEDULER = "kube-scheduler"


class Access:
    """Reads and writes. What is read must not be changed; what is written is copied on the way."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._resources: dict[Kind, Resource | None] = {}
        self._generation = -1

    def time(self) -> float:
        """Seconds since 1970."""
        return self.api.clock()

    def now(self) -> str:
        """The time as objects have it."""
        return stamp(self.api.clock())

    def resource(self, kind: Kind) -> Resource | None:
        """The resource in its stored version; None if the server has no such kind."""
        catalog = self.api.catalog
        if catalog.generation != self._generation:
            self._generation = catalog.generation
            self._resources = {}
        if kind not in self._resources:
            self._resources[kind] = catalog.stored(*kind)
        return self._resources[kind]

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, None if there is none."""
        resource = self.resource(kind)
        return None if resource is None else self.api.find(resource, namespace, name)

    def list(self, kind: Kind, namespace: str | None = None) -> list[Object]:
        """All objects of a kind, in one namespace or in all."""
        resource = self.resource(kind)
        return [] if resource is None else self.api.list(resource, namespace)

    def create(self, kind: Kind, obj: Object, *, manager: str = CONTROLLER_MANAGER) -> Object:
        """Create an object. Raises Problem."""
        namespace = obj["metadata"].get("namespace", "")
        return self.api.create(self._known(kind), obj, namespace=namespace, options=Options(manager=manager))

    def update(self, kind: Kind, obj: Object, *, subresource: str = "", manager: str = CONTROLLER_MANAGER) -> Object:
        """Write an object that was read and changed. Raises Problem, a conflict if it changed meanwhile."""
        options = Options(manager=manager)
        return self.api.update(self._known(kind), obj, subresource=subresource, options=options)

    def write_status(self, kind: Kind, obj: Object, status: Object, *, manager: str = CONTROLLER_MANAGER) -> Object:
        """Give an object another status."""
        return self.update(kind, {**obj, "status": status}, subresource="status", manager=manager)

    def edit(
        self, kind: Kind, obj: Object, change: Callable[[Object], Any], *, manager: str = CONTROLLER_MANAGER
    ) -> Object:
        """Write an object as a function leaves its copy; nothing is written if that changes nothing."""
        edited: Object = copy(obj)
        change(edited)
        if edited == obj:
            return obj
        return self.api.update(self._known(kind), edited, options=Options(manager=manager))

    def delete(self, kind: Kind, obj: Object, *, propagation: str = "", grace: int | None = None) -> bool:
        """Delete this very object; False if it is gone already, or is another one by now."""
        metadata = obj["metadata"]
        deletion = Deletion(propagation=propagation, grace=grace, uid=metadata["uid"])
        try:
            self.api.delete(self._known(kind), metadata.get("namespace", ""), metadata["name"], deletion)
        except Problem as problem:
            if problem.code in (404, 409):
                return False
            raise
        return True

    def _known(self, kind: Kind) -> Resource:
        found = self.resource(kind)
        if found is None:
            raise Problem(404, "NotFound", f"the server could not find the requested resource: {kind[1]}")
        return found
