"""Objects as other versions of their kind show them: owners that wrote through a version own that version's fields."""

from __future__ import annotations

from navarch.cluster.fields.owners import Owner, Owners
from navarch.cluster.fields.sets import LEAF, SELF, step_set, union
from navarch.cluster.fields.typed import MismatchError, check
from navarch.cluster.fields.types import type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.sets import Set
    from navarch.cluster.fields.types import Type
    from navarch.cluster.types.catalog import Catalog, Resource

    Object = dict[str, Any]

__all__ = ["ConversionError", "Versions"]


class ConversionError(MismatchError):
    """An object doesn't fit the type that another version gives it; the text says why."""


class Versions:
    """The versions of a kind, seen from one of them. Without a catalog they are all taken to look alike."""

    __slots__ = ("_catalog", "_kind", "_own", "_resource")

    def __init__(self, own: str, kind: Type, resource: Resource | None, catalog: Catalog | None) -> None:
        self._own = own
        self._kind = kind
        self._resource = resource
        self._catalog = catalog

    def _find(self, api_version: str) -> Resource | None:
        group, _, version = api_version.rpartition("/")
        if self._catalog is None or self._resource is None or group != self._resource.group:
            return None  # as Kubernetes has it, which keeps the types of each group apart
        return self._catalog.kind(group, version, self._resource.kind)

    def type_through(self, api_version: str) -> Type | None:
        """The type of objects in a version, None if there is no such version."""
        if api_version == self._own or self._catalog is None:
            return self._kind
        found = self._find(api_version)
        return None if found is None else type_of(found.schema)

    def through(self, api_version: str, obj: Object) -> tuple[Object, Type] | None:
        """An object as a version shows it, and the type it then has; None if there is no such version.

        Raises ConversionError for a custom object that has more than the version's schema declares.
        """
        kind = self.type_through(api_version)
        if kind is None:
            return None
        mine = obj.get("apiVersion") or self._own
        if mine == api_version:
            return obj, kind
        if self._catalog is None:
            return {**obj, "apiVersion": api_version}, kind
        source, target = self._find(mine), self._find(api_version)
        if source is None or target is None:
            return None
        if target.custom is not None:  # custom objects aren't pruned on this way
            made = {**obj, "apiVersion": api_version}
            _check(kind, made)
            return made, kind
        return _converted({**obj, "apiVersion": mine, "kind": source.kind}, source, target), kind

    def reconciled(self, owners: Owners, live: Object) -> Owners:
        """Owners whose sets fit today's types: what became one field is owned as one, gone versions are forgotten.

        Raises ConversionError.
        """
        out: Owners = {}
        for key, owner in owners.items():
            found = self.through(owner.api_version, live)
            if found is not None:
                fields = reconcile(found[1], owner.fields)
                out[key] = owner if fields == owner.fields else Owner(fields, owner.api_version, owner.time)
        return out


def _check(kind: Type, obj: Object) -> None:
    try:
        check(kind, obj)
    except MismatchError:
        from navarch.cluster.fields.messages import explain

        raise ConversionError(explain(kind, obj)) from None


def _converted(obj: Object, source: Resource, target: Resource) -> Object:
    """A built-in object, whole or not, in another version."""
    from navarch.cluster.conversion import from_storage, to_storage
    from navarch.cluster.decode import convert
    from navarch.cluster.problems import Problem

    try:
        whole, _ = convert(obj, source, validation="Ignore", source="apply")
    except Problem as problem:
        raise ConversionError(problem.message) from None
    return from_storage(to_storage(whole, source), target)


def reconcile(kind: Type, fields: Set) -> Set:
    """The set without fields inside of what is one field by now: whoever had some of them has the whole."""
    found = _grown(kind, fields, ())
    if not found:
        return fields
    from navarch.cluster.fields.sets import cut

    whole: Set = {}
    for path in found:
        whole = union(whole, step_set(path))
    return union(cut(fields, whole), whole)


def _grown(kind: Type, fields: Set, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Paths to lists and maps that are one field by now, but of which the set has parts."""
    if kind.children is not None:
        if kind.loose or (not kind.declared and kind.children["*"] is not None and kind.children["*"].loose):
            return []
        if kind.atomic_map:
            return [path] if fields else []
    elif kind.items is None:
        return []
    elif kind.atomic_list:
        return [path] if fields else []
    out = []
    for step, node in fields.items():
        child = _below(kind, step)
        if child is not None and node:
            out += _grown(child, {key: value for key, value in node.items() if key != SELF} or LEAF, (*path, step))
    return out


def _below(kind: Type, step: str) -> Type | None:
    if step == SELF:
        return None
    if kind.children is not None:
        return kind.children[step[2:]]
    return kind.items
