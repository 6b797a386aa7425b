"""The API without HTTP: what the server, the controllers and tests do to a cluster's objects.

Objects are plain dicts, in the version of the resource they are asked for by. What comes out must not be changed.
Everything that a request gets wrong is raised as Problem.
"""

from __future__ import annotations

import time

from navarch.cluster.context import Context
from navarch.cluster.conversion import from_storage, storage_key
from navarch.cluster.options import Deletion, Options
from navarch.cluster.problems import not_found
from navarch.cluster.selecting import select
from navarch.cluster.types.catalog import Catalog
from navarch.golang.calendar import stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.store import Event, Store
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]
    Listener = Callable[[str, Resource, Object, Object | None], None]

__all__ = ["Api"]

_OPTIONS = Options()
_DELETION = Deletion()


class Api:
    """A cluster. `clock` gives the seconds since 1970; `logs` is asked for a pod's log lines."""

    def __init__(self, store: Store, catalog: Catalog | None = None, *, clock: Callable[[], float] = time.time) -> None:
        from navarch.cluster.types.builtin import builtin

        self.store = store
        self.catalog = catalog or Catalog(builtin())
        self.clock = clock
        self.logs: Callable[..., str] | None = None
        from navarch.cluster.begin import begin

        begin(self)

    def now(self) -> str:
        """The time as objects carry it, to the second."""
        return stamp(self.clock())

    def context(self, options: Options = _OPTIONS) -> Context:
        """What rules may ask."""
        return Context(self.store, self.catalog, now=self.now(), user=options.user, dry_run=options.dry_run)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(type, resource, object, old)` after each change, under the lock: it must be quick.

        Objects are in stored form. What comes back ends the subscription.
        """

        def hear(event: Event) -> None:
            resource = self.catalog.stored(event.key.group, event.key.plural)
            if resource is not None:
                listener(event.type, resource, event.object, event.old)

        self.store.listen(hear)
        return lambda: self.store.unlisten(hear)

    def create(
        self,
        resource: Resource,
        obj: Object,
        *,
        namespace: str | None = None,
        options: Options = _OPTIONS,
        duplicates: tuple[str, ...] = (),
    ) -> Object:
        """Create an object, in `namespace` if the resource has namespaces (default: the one that it names)."""
        from navarch.cluster.verbs.create import create

        where = namespace if namespace is not None else obj.get("metadata", {}).get("namespace", "")
        return create(self, resource, obj, where, options, duplicates)

    def get(self, resource: Resource, namespace: str, name: str) -> Object:
        """One object. Raises Problem (404)."""
        found = self.store.get(storage_key(resource, namespace, name))
        if found is None:
            raise not_found(resource.group, resource.plural, name)
        return from_storage(found, resource)

    def find(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """One object, None if there is none."""
        found = self.store.get(storage_key(resource, namespace, name))
        return None if found is None else from_storage(found, resource)

    def list(
        self, resource: Resource, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> list[Object]:
        """Objects of a resource, in one namespace or in all, ordered by namespace and name."""
        selection = select(resource, labels, fields)
        key = storage_key(resource, "", "")
        found = self.store.list(key.group, key.plural, namespace)
        return [from_storage(one, resource) for one in found if selection.matches(one)]

    def update(
        self,
        resource: Resource,
        obj: Object,
        *,
        subresource: str = "",
        options: Options = _OPTIONS,
        duplicates: tuple[str, ...] = (),
    ) -> Object:
        """Put an object in place of the one of its name; a resourceVersion in it must be the present one."""
        from navarch.cluster.verbs.update import update

        meta = obj.get("metadata", {})
        namespace, name = meta.get("namespace", ""), meta.get("name", "")
        return update(self, resource, namespace, name, obj, subresource, options, duplicates)[0]

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        patch: Any,
        content_type: str,
        *,
        subresource: str = "",
        options: Options = _OPTIONS,
    ) -> tuple[Object, bool]:
        """Change an object by a patch; the object after it, and whether it was created (only applying creates)."""
        from navarch.cluster.verbs.patch import patch as change

        return change(self, resource, namespace, name, patch, content_type, subresource, options)

    def delete(
        self, resource: Resource, namespace: str, name: str, deletion: Deletion = _DELETION
    ) -> tuple[Object, bool]:
        """Delete an object, or begin to; the object as it was left, and whether it is gone."""
        from navarch.cluster.verbs.delete import delete

        return delete(self, resource, namespace, name, deletion)
