"""Who owns what after a write: metadata.managedFields of objects that are created, updated, patched or applied.

Facts are those of Kubernetes' FieldManager (apimachinery, util/managedfields) and of structured-merge-diff's Updater.
"""

from __future__ import annotations

from navarch.cluster.fields.compare import compare
from navarch.cluster.fields.given import as_given
from navarch.cluster.fields.owners import Key, Owner, Owners, cap, decode, decode_foreign, encode, is_reset, key_of
from navarch.cluster.fields.reset import reset_of
from navarch.cluster.fields.sets import LEAF, difference, intersection, union
from navarch.cluster.fields.typed import MismatchError
from navarch.cluster.fields.types import type_of, zero
from navarch.cluster.fields.versions import ConversionError, Versions
from navarch.golang.recursion import call_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.compare import Comparison
    from navarch.cluster.fields.reset import Reset
    from navarch.cluster.fields.sets import Set
    from navarch.cluster.fields.types import Type
    from navarch.cluster.types.catalog import Catalog, Resource
    from navarch.cluster.types.schema import Schema

    Object = dict[str, Any]

__all__ = ["STRIPPED", "Target", "after_update", "bare", "taken", "updated"]

STRIPPED: dict[str, Any] = {
    "f:apiVersion": LEAF,
    "f:kind": LEAF,
    "f:metadata": {
        ".": LEAF,
        "f:name": LEAF,
        "f:namespace": LEAF,
        "f:creationTimestamp": LEAF,
        "f:selfLink": LEAF,
        "f:uid": LEAF,
        "f:clusterName": LEAF,
        "f:generation": LEAF,
        "f:managedFields": LEAF,
        "f:resourceVersion": LEAF,
    },
}
"""What nobody owns."""

_zeros: dict[Schema, Object] = {}


class Target:
    """What is written to: a version of a resource, or a subresource of it."""

    __slots__ = ("api_version", "kind", "reset", "resource", "schema", "subresource", "versions")

    def __init__(
        self, api_version: str, schema: Schema, subresource: str, resource: Resource | None, catalog: Catalog | None
    ) -> None:
        self.api_version = api_version
        self.schema = schema
        self.subresource = subresource
        self.resource = resource
        self.kind: Type = type_of(schema)
        self.reset: Reset = reset_of(resource, subresource)
        self.versions = Versions(api_version, self.kind, resource, catalog)

    @property
    def custom(self) -> bool:
        """Whether objects have no Go type, and so no fields that are there though empty."""
        return self.resource is not None and self.resource.custom is not None

    def empty(self) -> Object:
        """What an object is before it is created."""
        if self.custom:
            return {"apiVersion": self.api_version, "kind": self.resource.kind if self.resource else ""}
        found = _zeros.get(self.schema)
        if found is None:
            found = _zeros[self.schema] = zero(self.schema)
        return found

    def reset_for(self, api_version: str) -> Reset | None:
        """What doesn't count in a comparison through a version."""
        if api_version != self.api_version and self.custom and self.subresource != "status":
            return None
        return self.reset


def bare(obj: Object) -> Object:
    """An object without its managedFields, else the same."""
    meta = obj.get("metadata")
    if not meta or "managedFields" not in meta:
        return obj
    return {**obj, "metadata": {name: value for name, value in meta.items() if name != "managedFields"}}


def updated(
    live: Object | None,
    new: Object,
    *,
    manager: str,
    api_version: str,
    schema: Schema,
    now: str,
    subresource: str = "",
    resource: Resource | None = None,
    catalog: Catalog | None = None,
    given: Any = None,
) -> None:
    """Set `new`'s managedFields, after a create, update or patch made it of `live` (None: it is created).

    Both are read and filled in, and seen through `api_version`; `new`'s own managedFields are what the client sent.
    Without `catalog` all versions are taken to look alike. `given` is `new` before it was read: see `given.py`.
    """
    target = Target(api_version, schema, subresource, resource, catalog)
    meta = new.setdefault("metadata", {})
    sent = meta.pop("managedFields", None)
    owners, foreign = _owners(live, sent, target)
    if live is not None and not owners:
        return
    try:
        if foreign or target.custom:
            owners = target.versions.reconciled(owners, target.empty() if live is None else live)
        seen = new
        if live is not None and given is not None and not target.custom:
            seen = call_deep(as_given, target.kind, given, new)
        owners = call_deep(after_update, owners, manager, live, seen, target, now)
    except MismatchError:
        return
    if owners:
        meta["managedFields"] = encode(owners, alphabetical=target.custom)


def _owners(live: Object | None, sent: Any, target: Target) -> tuple[Owners, bool]:
    """Whom an update begins with: those that the client names, if it may and does, else those of the live object.

    And whether the client named them.
    """
    own = live["metadata"].get("managedFields") if live is not None else None
    if target.subresource or sent is None or sent == own:
        return decode(own), False
    if is_reset(sent):
        return {}, False
    named = decode_foreign(sent)
    return (named, True) if named else (decode(own), False)


def after_update(owners: Owners, manager: str, live: Object | None, new: Object, target: Target, now: str) -> Owners:
    """The owners after an update from `live` to `new`. Raises MismatchError."""
    old = target.empty() if live is None else bare(live)
    comparison = _comparison(target, target.kind, old, bare(new), target.api_version)
    left, _ = taken(owners, None, old, new, target, comparison)
    changed = difference(target.reset.left(comparison.changed), STRIPPED)
    if changed:
        key = key_of(manager or "unknown", "Update", target.api_version, target.subresource)
        before = left.get(key)
        fields = changed if before is None else union(changed, before.fields)
        left[key] = Owner(fields, target.api_version, now)
    return cap(left)


def _comparison(target: Target, kind: Type, old: Object, new: Object, api_version: str) -> Comparison:
    return compare(kind, old, new).without(target.reset_for(api_version))


def taken(
    owners: Owners, applier: Key | None, old: Object, new: Object, target: Target, first: Comparison | None
) -> tuple[Owners, dict[Key, Set]]:
    """What is left to everyone but the applier after a change, and what was taken from whom.

    `first` is the comparison through the target's own version, if there is one already. Raises MismatchError.
    """
    comparisons = {} if first is None else {target.api_version: first}
    left: Owners = {}
    lost: dict[Key, Set] = {}
    for key, owner in owners.items():
        if key == applier:
            left[key] = owner
            continue
        found = comparisons.get(owner.api_version)
        if found is None:
            found = _compare_through(owner.api_version, old, new, target)
            if found is None:
                continue
            comparisons[owner.api_version] = found
        conflict = intersection(owner.fields, found.changed) if found.modified or found.added else LEAF
        if conflict:
            lost[key] = conflict
        fields = difference(owner.fields, conflict) if conflict else owner.fields
        if found.removed:
            fields = difference(fields, found.removed)
        if fields is owner.fields:
            left[key] = owner
        elif fields:
            left[key] = owner if fields == owner.fields else Owner(fields, owner.api_version, owner.time)
    return left, lost


def _compare_through(api_version: str, old: Object, new: Object, target: Target) -> Comparison | None:
    """The comparison of a change as another version shows it, None if there is no such version."""
    if api_version == target.api_version:
        return _comparison(target, target.kind, old, bare(new), api_version)
    before, after = _seen(target, api_version, old, "old"), _seen(target, api_version, new, "new")
    if before is None or after is None:
        return None
    return _comparison(target, before[1], bare(before[0]), bare(after[0]), api_version)


def _seen(target: Target, api_version: str, obj: Object, which: str) -> tuple[Object, Type] | None:
    try:
        return target.versions.through(api_version, obj)
    except ConversionError as error:
        raise ConversionError(f"failed to convert {which} object: {error}") from None
