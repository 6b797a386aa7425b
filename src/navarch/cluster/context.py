"""What rules about one object may ask of the others."""

from __future__ import annotations

from navarch.cluster.store import Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.store import Store
    from navarch.cluster.types.catalog import Catalog

    Object = dict[str, Any]

__all__ = ["Context"]


class Context:
    """The cluster as one request sees it. Objects are in stored form and must not be changed."""

    __slots__ = ("catalog", "dry_run", "now", "store", "user", "warnings")

    def __init__(self, store: Store, catalog: Catalog, *, now: str, user: str, dry_run: bool = False) -> None:
        self.store = store
        self.catalog = catalog
        self.now = now
        self.user = user
        self.dry_run = dry_run
        self.warnings: list[str] = []

    def get(self, group: str, plural: str, namespace: str, name: str) -> Object | None:
        """One object, None if there is none."""
        return self.store.get(Key(group, plural, namespace, name))

    def list(self, group: str, plural: str, namespace: str | None = None) -> list[Object]:
        """The objects of a resource, in one namespace or in all."""
        return self.store.list(group, plural, namespace)
