"""Which resources a server has: the built-in ones and those that CustomResourceDefinitions add."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.cluster.types.schema import Schema

__all__ = ["Catalog", "Resource", "Subresource"]


class Subresource(NamedTuple):
    """A part of a resource that has its own address: status, scale, log."""

    name: str
    group: str  # of the objects that go in and out; "" both for core and for "the resource's own"
    version: str
    kind: str
    verbs: tuple[str, ...]


class Resource(NamedTuple):
    """A kind as one version of a group serves it.

    `storage` is the version in which objects are kept: one object is seen through all versions of its group. `custom`
    is the CustomResourceDefinition's version (`spec.versions[…]`) for custom resources, None for built-in ones.
    """

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool
    verbs: tuple[str, ...]
    schema: Schema
    storage: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    custom: dict[str, Any] | None = None
    list_kind: str = ""

    @property
    def api_version(self) -> str:
        """As objects say it: "v1", "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As messages name it: "pods", "deployments.apps"."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def subresource(self, name: str) -> Subresource | None:
        """The subresource of that name, None if there is none."""
        return next((one for one in self.subresources if one.name == name), None)


class Catalog:
    """All resources of a server; safe to read while custom ones come and go (tables are replaced, never changed)."""

    def __init__(self, builtin: list[Resource]) -> None:
        self._builtin = builtin
        self._custom: dict[str, list[Resource]] = {}
        self.claims: dict[str, dict[str, Any]] = {}  # of each CustomResourceDefinition: its group and names
        self.made: dict[str, Any] = {}  # what others made of the whole catalog; forgotten with every change
        self.generation = 0  # counts up with every change, for what is made of the whole catalog
        self._index()

    def _index(self) -> None:
        everything = [*self._builtin, *(one for many in self._custom.values() for one in many)]
        self._all = everything
        self._by_path = {(one.group, one.version, one.plural): one for one in everything}
        self._by_kind = {(one.group, one.version, one.kind): one for one in everything}
        self._stored = {(one.group, one.plural): one for one in everything if one.version == one.storage}
        self.made = {}  # last: who began with the old tables must not leave anything in the new one
        self.generation += 1

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._all)

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource behind a path."""
        return self._by_path.get((group, version, plural))

    def kind(self, group: str, version: str, kind: str) -> Resource | None:
        """The resource whose objects have that kind."""
        return self._by_kind.get((group, version, kind))

    def stored(self, group: str, plural: str) -> Resource | None:
        """The resource in the version that is stored."""
        return self._stored.get((group, plural))

    def put_custom(self, name: str, resources: list[Resource]) -> None:
        """What the CustomResourceDefinition of that name serves from now on."""
        self._custom = {**self._custom, name: resources}
        self._index()

    def remove_custom(self, name: str) -> None:
        """Forget what a CustomResourceDefinition served."""
        self._custom = {key: value for key, value in self._custom.items() if key != name}
        self._index()
